#include "core/utf8.h"

#include <stdbool.h>

static size_t length_by_first(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xC2 && first <= 0xDF)
		return 2;
	if ((first & 0xF0) == 0xE0)
		return 3;
	return first >= 0xF0 && first <= 0xF4 ? 4 : 0;
}

/* Longer than need be, half of a surrogate pair, or beyond the last character. */
static bool is_barred(const unsigned char *c)
{
	return (c[0] == 0xE0 && c[1] < 0xA0) || (c[0] == 0xED && c[1] > 0x9F) || (c[0] == 0xF0 && c[1] < 0x90) ||
	       (c[0] == 0xF4 && c[1] > 0x8F);
}

size_t utf8_length(const char *text, size_t left)
{
	const unsigned char *c = (const unsigned char *)text;
	const size_t length = length_by_first(c[0]);

	if (length > left)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((c[i] & 0xC0) != 0x80)
			return 0;
	return length > 1 && is_barred(c) ? 0 : length;
}

size_t utf8_put(char *text, unsigned character)
{
	static const unsigned firsts[] = { 0, 0x00, 0xC0, 0xE0, 0xF0 };
	const size_t length = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;

	for (size_t i = length - 1; i > 0; i--) {
		text[i] = (char)(0x80 | (character & 0x3F));
		character >>= 6;
	}
	text[0] = (char)(firsts[length] | character);
	return length;
}

void utf8_mend(char *text, size_t length)
{
	size_t at = 0;

	while (at < length) {
		const size_t character = utf8_length(text + at, length - at);

		if (character == 0)
			text[at] = '?';
		at += character ? character : 1;
	}
}
