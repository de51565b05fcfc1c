#include "core/html.h"

static const char *entity_of(char byte)
{
	switch (byte) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default: /* all other bytes */
		return NULL;
	}
}

void html_add(struct buffer *out, struct span text)
{
	size_t plain = 0; /* so many bytes before this one are as they are, and not added yet */

	for (size_t i = 0; i < text.length; i++) {
		const char *entity = entity_of(text.at[i]);

		plain++;
		if (!entity)
			continue;
		buffer_add(out, text.at + i + 1 - plain, plain - 1);
		buffer_add_text(out, entity);
		plain = 0;
	}
	buffer_add(out, text.at + text.length - plain, plain);
}
