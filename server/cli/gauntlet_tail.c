#include "cli/gauntlet.h"

#include "core/utf8.h"

#include <stdlib.h>
#include <string.h>

/* Kept of what a command writes, from its end; of a line that is shown, columns. */
#define TAIL_SIZE ((size_t)32 * 1024)
#define LINE_SHOWN_MAX 160

void gauntlet_tail_add(struct gauntlet_tail *tail, const char *bytes, size_t length)
{
	tail->written += length;
	if (!tail->bytes)
		tail->bytes = malloc(TAIL_SIZE);
	if (!tail->bytes)
		return;
	if (length > TAIL_SIZE) {
		bytes += length - TAIL_SIZE;
		length = TAIL_SIZE;
	}
	while (length > 0) {
		const size_t room = TAIL_SIZE - tail->next;
		const size_t part = length < room ? length : room;

		memcpy(tail->bytes + tail->next, bytes, part);
		tail->next = (tail->next + part) % TAIL_SIZE;
		tail->used = tail->used + part < TAIL_SIZE ? tail->used + part : TAIL_SIZE;
		bytes += part;
		length -= part;
	}
}

void gauntlet_tail_release(struct gauntlet_tail *tail)
{
	free(tail->bytes);
	*tail = (struct gauntlet_tail){ 0 };
}

/* ---- showing it ---- */

/* In one piece, from the oldest. What was cut off in the middle of a line goes to that line's end. */
static void unroll(const struct gauntlet_tail *tail, struct buffer *out)
{
	const size_t from = tail->used < TAIL_SIZE ? 0 : tail->next;
	const char *cut;

	if (!tail->bytes)
		return;
	buffer_add(out, tail->bytes + from, tail->used - from);
	buffer_add(out, tail->bytes, from);
	cut = tail->written > tail->used && !buffer_failed(out) ? memchr(out->data, '\n', out->length) : NULL;
	if (cut) {
		const size_t left = out->length - (size_t)(cut + 1 - out->data);

		memmove(out->data, cut + 1, left);
		out->length = left;
		out->data[left] = '\0';
	}
}

/* The length of a colour or another order to a terminal; 0 when there is none. */
static size_t escape_length(const char *text, size_t left)
{
	size_t length = 2;

	if (left < 2 || text[0] != '\x1b' || text[1] != '[')
		return 0;
	while (length < left && (unsigned char)text[length] >= 0x20 && (unsigned char)text[length] <= 0x3f)
		length++;
	return length < left ? length + 1 : 0;
}

/* C1 controls are two bytes of UTF-8. */
static bool is_shown(const char *text, size_t length)
{
	if (length == 1)
		return (unsigned char)*text >= 0x20 && *text != 0x7f;
	return length > 2 || (length == 2 && !((unsigned char)text[0] == 0xc2 && (unsigned char)text[1] < 0xa0));
}

static void add_line(struct buffer *out, const char *text, size_t length)
{
	size_t columns = 0;

	while (length > 0 && columns < LINE_SHOWN_MAX) {
		const size_t escape = escape_length(text, length);
		size_t step = escape ? escape : utf8_length(text, length);

		if (*text == '\t') {
			buffer_add_text(out, "  ");
		} else if (!escape && is_shown(text, step)) {
			buffer_add(out, text, step);
		} else if (!escape) {
			step = 1;
			buffer_add_format(out, "\\x%02X", (unsigned char)*text);
		}
		columns += escape == 0;
		text += step;
		length -= step;
	}
	if (length > 0)
		buffer_add_text(out, " ...");
	buffer_add_text(out, "\n");
}

/* A line's end, or where a program went back to write over it. */
static size_t line_length(const char *text, const char *end)
{
	const char *at = text;

	while (at < end && *at != '\n' && *at != '\r')
		at++;
	return (size_t)(at - text);
}

/* Calls add_line() for lines from number `from` on, unless it is not to; returns how many there are. Empty ones do not
 * count. */
static size_t each_line(const struct buffer *text, size_t from, const char *before, struct buffer *out)
{
	const char *end = text->data + text->length;
	size_t count = 0;

	for (const char *at = text->data; at < end;) {
		const size_t length = line_length(at, end);

		if (length > 0) {
			if (out && count >= from) {
				buffer_add_text(out, before);
				add_line(out, at, length);
			}
			count++;
		}
		at += length + 1;
	}
	return count;
}

size_t gauntlet_tail_show(const struct gauntlet_tail *tail, size_t lines_max, const char *before, struct buffer *out)
{
	struct buffer text = { 0 };
	size_t count = 0;
	size_t from = 0;

	unroll(tail, &text);
	if (!buffer_failed(&text) && text.length > 0) {
		count = each_line(&text, 0, before, NULL);
		from = count > lines_max ? count - lines_max : 0;
		each_line(&text, from, before, out);
	}
	buffer_release(&text);
	return from;
}
