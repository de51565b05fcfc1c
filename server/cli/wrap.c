#include "cli/wrap.h"

#include <stdbool.h>
#include <string.h>

void wrap_add_within(struct buffer *out, size_t columns, size_t at, size_t from, const char *text)
{
	bool is_first = true;

	while (*text) {
		const size_t length = strcspn(text, " ");

		if (!is_first && at + 1 + length > columns) {
			buffer_add_text(out, "\n");
			at = 0;
			is_first = true;
		}
		if (at < from) {
			buffer_add_format(out, "%*s", (int)(from - at), "");
			at = from;
		}
		buffer_add_format(out, "%s%.*s", is_first ? "" : " ", (int)length, text);
		at += length + (is_first ? 0 : 1);
		is_first = false;
		text += length;
		text += strspn(text, " ");
	}
	buffer_add_text(out, "\n");
}

void wrap_add(struct buffer *out, size_t at, size_t from, const char *text)
{
	wrap_add_within(out, COLUMNS, at, from, text);
}
