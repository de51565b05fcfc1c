#include "sockets.h"

#include "core/calendar.h"
#include "core/utf8.h"

#include <stdlib.h>
#include <string.h>

/* ---- lines ---- */

/* The word after "WS" and a number; NULL when the line has another form. */
static const char *after_name(const char *line, unsigned *number)
{
	*number = 1;
	if (strncmp(line, "WS", 2) != 0)
		return NULL;
	line += 2;
	if (*line >= '2' && *line <= '9')
		*number = (unsigned)(*line++ - '0');
	return line;
}

bool sockets_is_step(const char *line)
{
	unsigned number;

	return after_name(line, &number) != NULL && !sockets_is_frame(line);
}

bool sockets_is_frame(const char *line)
{
	unsigned number;
	const char *rest = after_name(line, &number);

	return rest && *rest == '<';
}

/* ---- frames ---- */

static void add_bytes(struct span text, struct buffer *out)
{
	for (size_t i = 0; i < text.length;) {
		const size_t step = utf8_length(text.at + i, text.length - i);

		if (step == 0 || (step == 1 && ((unsigned char)text.at[i] < ' ' || text.at[i] == 0x7f)))
			buffer_add_format(out, "\\x%02x", (unsigned char)text.at[i]);
		else
			buffer_add(out, text.at + i, step);
		i += step ? step : 1;
	}
}

static void add_frame(const struct stream_frame *frame, struct buffer *out)
{
	switch (frame->opcode) {
	case STREAM_TEXT:
		buffer_add_text(out, "text ");
		add_bytes(frame->payload, out);
		break;
	case STREAM_BINARY:
		add_bytes(frame->payload, out);
		break;
	case STREAM_RAW:
		buffer_add_text(out, "raw ");
		add_bytes(frame->payload, out);
		break;
	case STREAM_CLOSE:
		buffer_add_format(out, "close %u", frame->close_code);
		if (frame->payload.length > 0) {
			buffer_add_text(out, " ");
			add_bytes(frame->payload, out);
		}
		break;
	case STREAM_DROP:
		buffer_add_text(out, "end");
		break;
	case STREAM_RESET:
		buffer_add_text(out, "reset");
		break;
	}
}

static bool is_hidden(const struct sockets *sockets, const struct stream_frame *frame)
{
	for (unsigned i = 0; i < sockets->hidden_count; i++)
		if (memmem(frame->payload.at, frame->payload.length, sockets->hidden[i], strlen(sockets->hidden[i])))
			return true;
	return false;
}

static void add_frames_of(struct sockets *sockets, unsigned index, bool tells_time, struct buffer *out)
{
	const struct emulator *emulator = sockets->emulator;
	struct stream_frame frame;
	bool over = false;

	while (stream_next(sockets->streams[index], &frame)) {
		over = frame.opcode == STREAM_CLOSE || frame.opcode == STREAM_DROP || frame.opcode == STREAM_RESET;
		if (is_hidden(sockets, &frame))
			continue;
		buffer_add_text(out, "WS");
		if (index > 0)
			buffer_add_int(out, index + 1);
		buffer_add_text(out, "< ");
		if (tells_time) {
			buffer_add_text(out, "at ");
			duration_add(out, emulator->now_ms - emulator->start_ms);
			buffer_add_text(out, " ");
		}
		add_frame(&frame, out);
		buffer_add_text(out, "\n");
	}
	if (!over)
		return;
	stream_closed(sockets->emulator, sockets->streams[index], 0, "ended");
	sockets->streams[index] = NULL;
}

void sockets_add(struct sockets *sockets, bool tells_time, struct buffer *out)
{
	struct stream *stream;

	while ((stream = streams_ready(sockets->emulator)))
		for (unsigned i = 0; i < sockets->count; i++)
			if (sockets->streams[i] == stream)
				add_frames_of(sockets, i, tells_time, out);
}

/* ---- steps ---- */

static const char *open_socket(struct sockets *sockets, const char *target, struct buffer *out)
{
	const struct request request = {
		.method_text = "GET",
		.target = span_of(target),
		.headers = span_of(""),
		.body = span_of(""),
		.peer = "127.0.0.1",
		.has_user_agent = true,
		.is_upgrade = true,
		.upgrade_version_ok = true,
		.websocket_accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
	};
	struct reply reply = { 0 };
	const char *wanted = NULL;

	emulator_handle(sockets->emulator, &request, &reply);
	if (reply.release_ms == REPLY_NEVER || reply.status != 101) {
		if (reply.release_ms == REPLY_NEVER)
			buffer_add_text(out, "< never\n");
		else
			buffer_add_format(out, "< %d\n", reply.status);
	} else if (sockets->count == SOCKETS_MAX) {
		wanted = "no more websockets in one story";
	} else {
		sockets->streams[sockets->count] = stream_open(sockets->emulator, &request, NULL);
		buffer_add_text(out, "< 101\n");
		if (sockets->streams[sockets->count])
			sockets->count++;
		else
			wanted = "memory";
	}
	reply_release(&reply);
	return wanted;
}

/* Nobody is left to send to. */
static const char *use_ended(struct buffer *out)
{
	buffer_add_text(out, "* refused: this websocket has ended\n");
	return NULL;
}

const char *sockets_do(struct sockets *sockets, const char *line, struct buffer *out)
{
	static const char wanted[] = "\"WS open\", \"WS> …\", \"WS close\" or \"WS hide …\"";
	unsigned number;
	const char *rest = after_name(line, &number);
	struct stream **stream = &sockets->streams[number - 1];

	if (strncmp(rest, " open", 5) == 0 && number == sockets->count + 1)
		return open_socket(sockets, rest[5] == ' ' ? rest + 6 : "/v1/api/ws", out);
	if (strncmp(rest, " hide ", 6) == 0 && sockets->hidden_count < HIDDEN_MAX) {
		sockets->hidden[sockets->hidden_count++] = rest + 6;
		return NULL;
	}
	if (number > sockets->count)
		return wanted;
	if (strncmp(rest, "> ", 2) == 0) {
		if (!*stream)
			return use_ended(out);
		stream_message(sockets->emulator, *stream, true, span_of(rest + 2));
		return NULL;
	}
	if (strncmp(rest, " close", 6) == 0) {
		if (!*stream)
			return use_ended(out);
		stream_closed(sockets->emulator, *stream, rest[6] ? atoi(rest + 6) : 1000, "the client closed it");
		*stream = NULL;
		return NULL;
	}
	return wanted;
}
