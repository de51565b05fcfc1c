/* Why: frames come from anybody. However the bytes are cut, the same is made of them; what is told is within its limits, text
 * where it says so, and whatever ends a websocket ends it with one close frame, behind which nothing is read or said.
 *
 * The first byte says how the rest is cut. */
#include "core/limits.h"
#include "core/utf8.h"
#include "wire/websocket.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_message(const struct websocket_framer *websocket)
{
	const struct buffer *message = &websocket->message;

	assert(message->length <= WEBSOCKET_MESSAGE_MAX);
	for (size_t at = 0; websocket->is_text && at < message->length;) {
		const size_t length = utf8_length(message->data + at, message->length - at);

		assert(length > 0);
		at += length;
	}
}

/* An echo; what it said and what it was told are in `out`. */
static void play(const char *bytes, size_t length, size_t piece, struct buffer *out)
{
	struct websocket_framer websocket;
	size_t given = 0;

	if (!websocket_init(&websocket))
		abort();
	while (given < length && !websocket.has_ended) {
		const size_t offered = piece < length - given ? piece : length - given;
		size_t taken = 0;
		const enum websocket_event event = websocket_take(&websocket, bytes + given, offered, &taken, out);

		assert(taken <= offered && (taken > 0 || event != WEBSOCKET_MORE));
		given += taken;
		if (event == WEBSOCKET_MESSAGE) {
			check_message(&websocket);
			websocket_say(&websocket, websocket.is_text,
			              (struct span){ .at = websocket.message.data, .length = websocket.message.length },
			              out);
		}
		assert((event == WEBSOCKET_ENDED) == websocket.has_ended);
	}
	if (websocket.has_ended) {
		const size_t said = out->length;
		size_t taken = 0;

		assert(said >= 2 && websocket.close_code > 0 && websocket.why);
		websocket_say(&websocket, false, span_of("more"), out);
		assert(websocket_take(&websocket, bytes, length, &taken, out) == WEBSOCKET_ENDED);
		assert(taken == 0 && out->length == said);
	}
	websocket_release(&websocket);
}

/* All that leaves is whole frames of a server's; a close frame is the last. */
static void check_said(const struct buffer *out)
{
	const uint8_t *at = (const uint8_t *)out->data;
	const uint8_t *end = at + out->length;

	while (at < end) {
		const uint8_t head = at[0];
		size_t length = at[1];

		assert((head & 0x70) == 0 && (head & 0x80) && length < 128);
		at += 2;
		if (length == 126) {
			length = (size_t)at[0] << 8 | at[1];
			at += 2;
		} else if (length == 127) {
			length = (size_t)at[5] << 16 | (size_t)at[6] << 8 | at[7];
			at += 8;
		}
		assert(length <= (size_t)(end - at));
		at += length;
		assert((head & 0x0f) != 8 || at == end);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buffer whole = { 0 };
	struct buffer cut = { 0 };

	if (size == 0)
		return 0;
	play((const char *)data + 1, size - 1, size, &whole);
	play((const char *)data + 1, size - 1, (size_t)data[0] % 16 + 1, &cut);
	assert(whole.length == cut.length && (whole.length == 0 || memcmp(whole.data, cut.data, whole.length) == 0));
	if (whole.length > 0)
		check_said(&whole);
	buffer_release(&whole);
	buffer_release(&cut);
	return 0;
}
