#include "wire/link_parts.h"

#include "core/limits.h"
#include "core/stream.h"
#include "wire/gateway.h"
#include "wire/websocket.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/socket.h>

/* Frames are handed over when so many bytes of them have gathered: a TLS record's worth. */
#define BATCH_SIZE READ_CHUNK_SIZE

struct link_stream {
	struct websocket_framer websocket;
	struct stream *stream;       /* NULL: not begun, or over */
	struct request request;      /* what it begins with */
	struct buffer request_bytes; /* owned: those of the request */
	bool has_begun;
};

/* ---- what the stream says ---- */

static void hand_over(struct link *link, struct buffer *out)
{
	link->is_broken |= buffer_failed(out);
	link_deliver(link, out->data, out->length, false);
	buffer_clear(out);
}

/* The emulator forgets the stream; what it has not said by now it does not say. */
static void end(struct link *link, int code, const char *why)
{
	struct stream *stream = link->stream->stream;

	link->close_after = true;
	link->stream->stream = NULL;
	link_touch(link);
	if (stream)
		gateway_stream_closed(link->gateway, stream, code, why);
}

static void reset(struct link *link)
{
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	link_flush(link);
	setsockopt(link->ends.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	link->is_broken = true;
	end(link, 0, "reset by the gateway");
}

static void say(struct link *link, const struct stream_frame *frame, struct buffer *out)
{
	struct websocket_framer *websocket = &link->stream->websocket;

	switch (frame->opcode) {
	case STREAM_TEXT:
	case STREAM_BINARY:
		websocket_say(websocket, frame->opcode == STREAM_TEXT, frame->payload, out);
		break;
	case STREAM_RAW:
		buffer_add(out, frame->payload.at, frame->payload.length);
		break;
	case STREAM_CLOSE:
		websocket_close(websocket, frame->close_code, frame->payload, out);
		hand_over(link, out);
		end(link, 0, "closed by the gateway");
		break;
	case STREAM_DROP:
		hand_over(link, out);
		end(link, 0, "dropped by the gateway");
		break;
	case STREAM_RESET:
		hand_over(link, out);
		reset(link);
		break;
	}
}

/* All that there is room for: what a client does not read waits in the stream, which has limits of its own. */
static void speak(struct link *link)
{
	struct buffer *out = &link->hub->answer;
	struct stream_frame frame;
	bool has_said = false;

	buffer_clear(out);
	while (link->stream->stream && !link->is_broken && !link_is_full(link) &&
	       stream_next(link->stream->stream, &frame)) {
		has_said = true;
		say(link, &frame, out);
		if (out->length >= BATCH_SIZE)
			hand_over(link, out);
	}
	if (out->length > 0)
		hand_over(link, out);
	if (has_said)
		gateway_touch(link->gateway);
}

/* ---- beginning and end ---- */

static void forget_request(struct link_stream *stream)
{
	buffer_release(&stream->request_bytes);
	stream->request = (struct request){ 0 };
}

/* The request outlives its bytes, because the answer may be held back. */
static bool keep_request(struct link_stream *stream, const struct request *request)
{
	struct buffer *bytes = &stream->request_bytes;

	buffer_add(bytes, request->target.at, request->target.length);
	if (request->headers.length > 0)
		buffer_add(bytes, request->headers.at, request->headers.length);
	stream->request = *request;
	stream->request.method_text = "GET";
	stream->request.websocket_accept = "";
	stream->request.body = (struct span){ 0 };
	stream->request.target.at = bytes->data;
	stream->request.headers.at = bytes->data ? bytes->data + request->target.length : NULL;
	return !buffer_failed(bytes);
}

void link_upgrade(struct link *link, const struct request *request)
{
	assert(!link->stream);
	link_touch(link);
	link->stream = calloc(1, sizeof *link->stream);
	if (!link->stream || !websocket_init(&link->stream->websocket) || !keep_request(link->stream, request))
		link->is_broken = true;
}

/* Once the answer may leave; there is nothing for libmicrohttpd to do from then on. */
static void begin(struct link *link)
{
	struct link_stream *stream = link->stream;

	stream->has_begun = true;
	link_drop_parser(link);
	stream->stream = gateway_stream_open(link->gateway, &stream->request, link);
	forget_request(stream);
	if (!stream->stream)
		link->close_after = true;
}

static bool may_begin(const struct link *link)
{
	return !link->stream->has_begun && !link->held && !link->is_broken && !link->close_after;
}

static const char *why_it_ends(const struct link *link)
{
	if (link->client_ended || link->hung_up || link->is_broken)
		return "the client has gone, without a close frame";
	return "the gateway has ended the connection";
}

void link_end_stream(struct link *link)
{
	if (!link->stream)
		return;
	end(link, 0, why_it_ends(link));
	forget_request(link->stream);
	websocket_release(&link->stream->websocket);
	free(link->stream);
	link->stream = NULL;
}

/* ---- what the client says ---- */

size_t link_take_frames(struct link *link, const char *bytes, size_t length)
{
	struct link_stream *stream = link->stream;
	struct websocket_framer *websocket = &stream->websocket;
	struct buffer *out = &link->hub->answer;
	enum websocket_event event;
	size_t taken;

	if (may_begin(link))
		begin(link);
	if (!stream->stream)
		return 0;
	buffer_clear(out);
	event = websocket_take(websocket, bytes, length, &taken, out);
	link->has_more = taken < length;
	if (out->length > 0)
		hand_over(link, out);
	switch (event) {
	case WEBSOCKET_MORE:
		break;
	case WEBSOCKET_MESSAGE:
		gateway_stream_message(link->gateway, stream->stream, websocket->is_text,
		                       (struct span){ .at = websocket->message.data ? websocket->message.data : "",
		                                      .length = websocket->message.length });
		speak(link);
		break;
	case WEBSOCKET_ENDED:
		end(link, websocket->by_client ? websocket->close_code : 0, websocket->why);
		break;
	}
	return taken;
}

/* ---- turns ---- */

void link_speak(struct link *link)
{
	link_touch(link);
	if (link->phase == LINK_OPEN && link->stream)
		speak(link);
}

void link_settle_stream(struct link *link)
{
	if (!link->stream)
		return;
	if (may_begin(link))
		begin(link);
	if (link->client_ended && !link->input.data && link->stream->has_begun)
		end(link, 0, why_it_ends(link));
	speak(link);
}
