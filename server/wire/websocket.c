#include "wire/websocket.h"

#include "core/limits.h"

#include <openssl/evp.h>
#include <sys/types.h>
#include <wslay/wslay.h>

/* A buffer larger than this is not kept for the next message. */
#define MESSAGE_KEPT 1024
#define REASON_MAX (WEBSOCKET_CONTROL_MAX - 2)
#define ACCEPT_UUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

void websocket_accept(struct span key, char accept[WEBSOCKET_ACCEPT_SIZE])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	struct buffer text = { 0 };

	accept[0] = '\0';
	buffer_add(&text, key.at, key.length);
	buffer_add_text(&text, ACCEPT_UUID);
	if (!buffer_failed(&text) && EVP_Digest(text.data, text.length, digest, NULL, EVP_sha1(), NULL) == 1)
		EVP_EncodeBlock((unsigned char *)accept, digest, 20);
	buffer_release(&text);
}

/* ---- wslay: bytes from `input`, bytes to `out` ---- */

/* A header a byte at a time, so that nothing behind a frame is taken with it: who has no room for an answer can stop
 * after any frame. */
static ssize_t give(uint8_t *bytes, size_t room, int flags, void *context)
{
	struct websocket_framer *websocket = context;
	size_t length = websocket->frame_left > 0 ? room : 1;

	(void)flags;
	if (websocket->frame_left > 0 && websocket->frame_left < length)
		length = (size_t)websocket->frame_left;
	if (length > websocket->input.length)
		length = websocket->input.length;
	if (length == 0)
		return -1;
	memcpy(bytes, websocket->input.at, length);
	websocket->input.at += length;
	websocket->input.length -= length;
	return (ssize_t)length;
}

static ssize_t take(const uint8_t *bytes, size_t length, int flags, void *context)
{
	struct websocket_framer *websocket = context;

	(void)flags;
	buffer_add(websocket->out, bytes, length);
	return (ssize_t)length;
}

static void say(struct websocket_framer *websocket, uint8_t opcode, struct span payload, struct buffer *out)
{
	struct wslay_frame_iocb frame = {
		.fin = 1,
		.opcode = opcode,
		.payload_length = payload.length,
		.data = (const uint8_t *)payload.at,
		.data_length = payload.length,
	};

	websocket->out = out;
	wslay_frame_send(websocket->frames, &frame);
}

bool websocket_init(struct websocket_framer *websocket)
{
	const struct wslay_frame_callbacks callbacks = { .send_callback = take, .recv_callback = give };

	*websocket = (struct websocket_framer){ 0 };
	return wslay_frame_context_init(&websocket->frames, &callbacks, websocket) == 0;
}

void websocket_release(struct websocket_framer *websocket)
{
	if (websocket->frames)
		wslay_frame_context_free(websocket->frames);
	buffer_release(&websocket->message);
	*websocket = (struct websocket_framer){ .has_ended = true };
}

void websocket_say(struct websocket_framer *websocket, bool is_text, struct span message, struct buffer *out)
{
	if (!websocket->has_ended)
		say(websocket, is_text ? WSLAY_TEXT_FRAME : WSLAY_BINARY_FRAME, message, out);
}

void websocket_close(struct websocket_framer *websocket, int code, struct span reason, struct buffer *out)
{
	char payload[WEBSOCKET_CONTROL_MAX] = { (char)(code >> 8), (char)(code & 0xff) };
	const size_t length = reason.length < REASON_MAX ? reason.length : REASON_MAX;

	if (websocket->has_ended)
		return;
	websocket->has_ended = true;
	websocket->close_code = code ? code : WEBSOCKET_NO_CODE;
	websocket->why = "closed by the gateway";
	if (length > 0)
		memcpy(payload + 2, reason.at, length);
	say(websocket, WSLAY_CONNECTION_CLOSE, (struct span){ .at = payload, .length = code ? length + 2 : 0 }, out);
}

static enum websocket_event fail(struct websocket_framer *websocket, int code, const char *why)
{
	websocket_close(websocket, code, (struct span){ 0 }, websocket->out);
	websocket->why = why;
	return WEBSOCKET_ENDED;
}

/* ---- text ---- */

/* Well-formed means: the shortest form, no halves of surrogate pairs, nothing beyond the last character. */
static bool begins_character(struct websocket_utf8 *utf8, uint8_t c)
{
	*utf8 = (struct websocket_utf8){ .low = 0x80, .high = 0xbf };
	if (c < 0x80)
		return true;
	if (c < 0xc2 || c > 0xf4)
		return false;
	utf8->missing = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
	if (c == 0xe0)
		utf8->low = 0xa0;
	else if (c == 0xed)
		utf8->high = 0x9f;
	else if (c == 0xf0)
		utf8->low = 0x90;
	else if (c == 0xf4)
		utf8->high = 0x8f;
	return true;
}

/* False at the first byte that no text can have there. */
static bool reads_as_text(struct websocket_utf8 *utf8, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		const uint8_t c = (uint8_t)bytes[i];

		if (utf8->missing == 0) {
			if (!begins_character(utf8, c))
				return false;
			continue;
		}
		if (c < utf8->low || c > utf8->high)
			return false;
		utf8->low = 0x80;
		utf8->high = 0xbf;
		utf8->missing--;
	}
	return true;
}

static bool is_text(const char *bytes, size_t length)
{
	struct websocket_utf8 utf8 = { 0 };

	return reads_as_text(&utf8, bytes, length) && utf8.missing == 0;
}

/* ---- control frames ---- */

/* RFC 6455, 7.4; those that were registered after it included. */
static bool may_be_sent(int code)
{
	return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

static enum websocket_event end_close(struct websocket_framer *websocket)
{
	const struct span payload = { .at = websocket->control, .length = websocket->control_length };
	struct span reason = { 0 };
	int code = 0;

	if (payload.length == 1)
		return fail(websocket, WEBSOCKET_WRONG, "the client's close frame has half a code");
	if (payload.length >= 2) {
		code = (uint8_t)payload.at[0] << 8 | (uint8_t)payload.at[1];
		reason = (struct span){ .at = payload.at + 2, .length = payload.length - 2 };
		if (!may_be_sent(code))
			return fail(websocket, WEBSOCKET_WRONG,
			            "the client's close frame has a code that none may have");
		if (!is_text(reason.at, reason.length))
			return fail(websocket, WEBSOCKET_NOT_UTF8,
			            "the reason in the client's close frame is not UTF-8");
	}
	websocket_close(websocket, code, reason, websocket->out);
	websocket->why = "closed by the client";
	websocket->by_client = true;
	return WEBSOCKET_ENDED;
}

static enum websocket_event end_control(struct websocket_framer *websocket, uint8_t opcode)
{
	if (opcode == WSLAY_CONNECTION_CLOSE)
		return end_close(websocket);
	if (opcode == WSLAY_PING)
		say(websocket, WSLAY_PONG,
		    (struct span){ .at = websocket->control, .length = websocket->control_length }, websocket->out);
	return WEBSOCKET_MORE;
}

/* ---- frames ---- */

static bool is_data(uint8_t opcode)
{
	return opcode == WSLAY_CONTINUATION_FRAME || opcode == WSLAY_TEXT_FRAME || opcode == WSLAY_BINARY_FRAME;
}

static enum websocket_event begin_data(struct websocket_framer *websocket, const struct wslay_frame_iocb *frame)
{
	const bool goes_on = frame->opcode == WSLAY_CONTINUATION_FRAME;

	if (goes_on && !websocket->is_gathering)
		return fail(websocket, WEBSOCKET_WRONG, "a frame goes on with a message that has not begun");
	if (!goes_on && websocket->is_gathering)
		return fail(websocket, WEBSOCKET_WRONG, "a message begins within another");
	if (!goes_on) {
		websocket->is_gathering = true;
		websocket->is_text = frame->opcode == WSLAY_TEXT_FRAME;
		websocket->utf8 = (struct websocket_utf8){ 0 };
	}
	if (frame->payload_length > WEBSOCKET_MESSAGE_MAX - websocket->message.length)
		return fail(websocket, WEBSOCKET_TOO_BIG, "a message is too long");
	return WEBSOCKET_MORE;
}

static enum websocket_event begin_frame(struct websocket_framer *websocket, const struct wslay_frame_iocb *frame)
{
	if (frame->rsv != 0)
		return fail(websocket, WEBSOCKET_WRONG,
		            "a frame has a reserved bit set, though no extension was agreed on");
	if (!frame->mask)
		return fail(websocket, WEBSOCKET_WRONG, "a frame is not masked");
	if (is_data(frame->opcode))
		return begin_data(websocket, frame);
	if (frame->opcode != WSLAY_CONNECTION_CLOSE && frame->opcode != WSLAY_PING && frame->opcode != WSLAY_PONG)
		return fail(websocket, WEBSOCKET_WRONG, "a frame has an opcode that is none");
	websocket->control_length = 0; /* wslay has held it to WEBSOCKET_CONTROL_MAX */
	return WEBSOCKET_MORE;
}

static enum websocket_event end_frame(struct websocket_framer *websocket, const struct wslay_frame_iocb *frame)
{
	if (!is_data(frame->opcode))
		return end_control(websocket, frame->opcode);
	if (!frame->fin)
		return WEBSOCKET_MORE;
	if (websocket->is_text && websocket->utf8.missing > 0)
		return fail(websocket, WEBSOCKET_NOT_UTF8, "a text ends within a character");
	websocket->is_gathering = false;
	websocket->is_told = true;
	return WEBSOCKET_MESSAGE;
}

/* Some of a frame's payload, or all of it; empty when it has none. */
static enum websocket_event take_piece(struct websocket_framer *websocket, const struct wslay_frame_iocb *piece)
{
	const char *bytes = (const char *)piece->data;

	if (websocket->frame_left == 0) {
		if (begin_frame(websocket, piece) != WEBSOCKET_MORE)
			return WEBSOCKET_ENDED;
		websocket->frame_left = piece->payload_length;
	}
	websocket->frame_left -= piece->data_length;
	if (!is_data(piece->opcode)) {
		if (piece->data_length > 0)
			memcpy(websocket->control + websocket->control_length, bytes, piece->data_length);
		websocket->control_length += piece->data_length;
	} else if (piece->data_length > 0) {
		buffer_add(&websocket->message, bytes, piece->data_length);
		if (buffer_failed(&websocket->message))
			return fail(websocket, WEBSOCKET_TOO_BIG, "memory ran out");
		if (websocket->is_text && !reads_as_text(&websocket->utf8, bytes, piece->data_length))
			return fail(websocket, WEBSOCKET_NOT_UTF8, "a text is not UTF-8");
	}
	return websocket->frame_left == 0 ? end_frame(websocket, piece) : WEBSOCKET_MORE;
}

static enum websocket_event read_frames(struct websocket_framer *websocket)
{
	for (;;) {
		struct wslay_frame_iocb piece = { 0 };
		const ssize_t got = wslay_frame_recv(websocket->frames, &piece);

		if (got >= 0) {
			const enum websocket_event event = take_piece(websocket, &piece);

			if (event != WEBSOCKET_MORE)
				return event;
		} else if (got != WSLAY_ERR_WANT_READ) {
			return fail(
			    websocket, WEBSOCKET_WRONG,
			    "a frame's head is wrong: a control frame in fragments or too long, or a length not in "
			    "its shortest form");
		} else if (websocket->input.length == 0) {
			return WEBSOCKET_MORE;
		}
	}
}

static void forget_message(struct websocket_framer *websocket)
{
	websocket->is_told = false;
	if (websocket->message.capacity > MESSAGE_KEPT)
		buffer_release(&websocket->message);
	else
		buffer_clear(&websocket->message);
}

enum websocket_event websocket_take(struct websocket_framer *websocket, const char *bytes, size_t length, size_t *taken,
                                    struct buffer *out)
{
	enum websocket_event event;

	*taken = 0;
	if (websocket->has_ended)
		return WEBSOCKET_ENDED;
	if (websocket->is_told)
		forget_message(websocket);
	websocket->input = (struct span){ .at = bytes, .length = length };
	websocket->out = out;
	event = read_frames(websocket);
	*taken = length - websocket->input.length;
	websocket->input = (struct span){ 0 };
	return event;
}
