#include "diff.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CONTEXT 2

struct lines {
	struct span *items; /* owned */
	size_t count;
};

static struct lines lines_of(const char *text)
{
	struct lines lines = { 0 };
	size_t most = 1;

	for (const char *at = text; *at; at++)
		most += *at == '\n';
	lines.items = calloc(most, sizeof *lines.items);
	while (lines.items && *text) {
		const size_t length = strcspn(text, "\n");

		lines.items[lines.count++] = (struct span){ text, length };
		text += length + (text[length] == '\n');
	}
	return lines;
}

static bool same(struct span a, struct span b)
{
	return a.length == b.length && memcmp(a.at, b.at, a.length) == 0;
}

static void add_line(struct buffer *out, char mark, struct span line)
{
	buffer_add(out, &mark, 1);
	buffer_add(out, line.at, line.length);
	buffer_add_text(out, "\n");
}

/* common[i * width + j]: how many lines can be kept of those from i and from j on. */
static uint32_t *count_common(const struct lines *a, const struct lines *b, size_t width)
{
	uint32_t *common = calloc((a->count + 1) * width, sizeof *common);

	for (size_t i = a->count; common && i-- > 0;) {
		for (size_t j = b->count; j-- > 0;) {
			const uint32_t down = common[(i + 1) * width + j];
			const uint32_t right = common[i * width + j + 1];

			if (same(a->items[i], b->items[j]))
				common[i * width + j] = common[(i + 1) * width + j + 1] + 1;
			else
				common[i * width + j] = down > right ? down : right;
		}
	}
	return common;
}

size_t diff_add(const char *before, const char *after, struct buffer *out)
{
	struct lines a = lines_of(before);
	struct lines b = lines_of(after);
	const size_t width = b.count + 1;
	uint32_t *common = a.items && b.items ? count_common(&a, &b, width) : NULL;
	size_t first = 0;
	size_t kept = 0; /* equal lines since the last difference that are not shown yet */
	size_t i = 0;
	size_t j = 0;

	while (common && (i < a.count || j < b.count)) {
		if (i < a.count && j < b.count && same(a.items[i], b.items[j])) {
			if (first && kept < CONTEXT)
				add_line(out, ' ', a.items[i]);
			kept++;
			i++;
			j++;
			continue;
		}
		if (!first || kept > CONTEXT) {
			const size_t shown = first && kept < 2 * CONTEXT ? kept - CONTEXT
			                     : kept < CONTEXT            ? kept
			                                                 : CONTEXT;

			if (!first || kept > 2 * CONTEXT)
				buffer_add_format(out, "@@ line %zu @@\n", i - shown + 1);
			for (size_t k = i - shown; k < i; k++)
				add_line(out, ' ', a.items[k]);
		}
		kept = 0;
		if (!first)
			first = i + 1;
		if (j == b.count || (i < a.count && common[(i + 1) * width + j] >= common[i * width + j + 1]))
			add_line(out, '-', a.items[i++]);
		else
			add_line(out, '+', b.items[j++]);
	}
	free(common);
	free(a.items);
	free(b.items);
	return first;
}
