/*
 * What a setting may hold. One rule for all who give it a value: the scenario, its fixture pack, a cue, and whoever
 * changes it while the gateway runs.
 */
#ifndef CPGW_CORE_SETTING_H
#define CPGW_CORE_SETTING_H

#include "core/error.h"
#include "core/machine.h"
#include "core/names.h"

#include <stdbool.h>

/* False, with a sentence, when it may not; `nearest` then has the allowed word that may have been meant, if any. */
bool setting_allows(const struct setting *setting, const struct value *value, struct nearest *nearest,
                    struct error *why);

/* Whether a text fits into a setting: its length, and no control characters. */
bool setting_text_is_fine(const char *text);

#endif
