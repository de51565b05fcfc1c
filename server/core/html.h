/*
 * Text in pages.
 */
#ifndef CPGW_CORE_HTML_H
#define CPGW_CORE_HTML_H

#include "core/buffer.h"

/* Adds `text` so that a page shows it as it is, in its text or in the value of an attribute in quotes of either kind. */
void html_add(struct buffer *out, struct span text);

#endif
