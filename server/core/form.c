#include "core/form.h"

#include <string.h>

struct form form_of(struct span bytes)
{
	return (struct form){ .rest = bytes };
}

/* Decodes as much as there is room for, and a zero. True when something was left out. */
static bool decode(struct span text, char *out, size_t room, size_t *length)
{
	size_t from = 0;
	size_t to = 0;

	while (from < text.length && to < room) {
		const char c = text.at[from];
		const int high = c == '%' && from + 2 < text.length ? hex_value(text.at[from + 1]) : -1;
		const int low = high >= 0 ? hex_value(text.at[from + 2]) : -1;

		if (low >= 0) {
			out[to++] = (char)(unsigned char)(high * 16 + low);
			from += 3;
		} else {
			out[to++] = c == '+' ? ' ' : c;
			from++;
		}
	}
	out[to] = '\0';
	*length = to;
	return from < text.length;
}

bool form_next(struct form *form, struct form_pair *pair)
{
	while (form->rest.length > 0 && form->seen < FORM_PAIRS_MAX) {
		const char *end = memchr(form->rest.at, '&', form->rest.length);
		const size_t length = end ? (size_t)(end - form->rest.at) : form->rest.length;
		const struct span whole = { .at = form->rest.at, .length = length };
		const char *equals = length > 0 ? memchr(whole.at, '=', length) : NULL;
		const struct span name = { .at = whole.at, .length = equals ? (size_t)(equals - whole.at) : length };
		const struct span value = { .at = equals ? equals + 1 : whole.at + length,
			                    .length = equals ? length - name.length - 1 : 0 };

		form->rest.at += length + (end != NULL);
		form->rest.length -= length + (end != NULL);
		if (length == 0)
			continue;
		form->seen++;
		pair->cut = decode(name, pair->name, sizeof pair->name - 1, &pair->name_length);
		pair->cut |= decode(value, pair->value, sizeof pair->value - 1, &pair->value_length);
		return true;
	}
	return false;
}

bool form_pair_is(const struct form_pair *pair, const char *name)
{
	return pair->name_length == strlen(name) && memcmp(pair->name, name, pair->name_length) == 0;
}
