/*
 * UTF-8 (RFC 3629), for texts that may come from anybody.
 */
#ifndef CPGW_CORE_UTF8_H
#define CPGW_CORE_UTF8_H

#include <stddef.h>

/* How many bytes the character at `text` has; 0 when it is not well-formed. `left` bytes are there, at least one. */
size_t utf8_length(const char *text, size_t left);

/* Writes the bytes of a character, which is one; how many, at most 4. */
size_t utf8_put(char *text, unsigned character);

/* Puts a question mark in the place of each byte that belongs to no character. */
void utf8_mend(char *text, size_t length);

#endif
