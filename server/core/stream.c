#include "core/stream_parts.h"

#include "core/emulator_parts.h"
#include "core/redact.h"

#include <stdlib.h>
#include <string.h>

/* ---- the journal ---- */

static void add_record(struct stream *stream, enum record_kind kind, const char *name, struct span text, bool is_quiet)
{
	struct emulator *emulator = stream->emulator;
	struct record *record = is_quiet ? emulator_write_tick(emulator, kind, name)
	                                 : emulator_write_record(emulator, kind, name, emulator->active);

	record->stream = stream->number;
	journal_add_text(&stream->emulator->journal, record, text);
}

static void note(struct stream *stream, const char *name, const char *text)
{
	add_record(stream, RECORD_STREAM, name, span_of(text), false);
}

static void record_opened(struct stream *stream, const struct request *request)
{
	char path[JOURNAL_TARGET_MAX];
	const size_t length = request->target.length < sizeof path ? request->target.length : sizeof path;

	memcpy(path, request->target.at, length);
	redact_query(path, length);
	add_record(stream, RECORD_STREAM, "opened", (struct span){ path, length }, false);
}

static void record_closed(struct stream *stream, int code, const char *why)
{
	struct buffer text = { 0 };

	buffer_add_text(&text, why ? why : "");
	if (code)
		buffer_add_format(&text, "%scode %d", text.length > 0 ? ", " : "", code);
	add_record(stream, RECORD_STREAM, "closed", (struct span){ text.data ? text.data : "", text.length }, false);
	buffer_release(&text);
}

void stream_record_frame(struct stream *stream, const char *name, struct span text, bool is_quiet)
{
	char kept[JOURNAL_TARGET_MAX + 1]; /* one more: so that it is seen to be cut */
	const size_t length = text.length < sizeof kept ? text.length : sizeof kept;

	if (length > 0)
		memcpy(kept, text.at, length);
	redact_frame(kept, length);
	add_record(stream, RECORD_FRAME, name, (struct span){ kept, length }, is_quiet);
}

static void record_queued(struct stream *stream, const struct queued_frame *frame, bool is_quiet)
{
	const struct span payload = { frame->bytes, frame->length };
	struct buffer text = { 0 };

	switch (frame->opcode) {
	case STREAM_TEXT:
	case STREAM_BINARY:
		stream_record_frame(stream, "frame_out", payload, is_quiet);
		break;
	case STREAM_RAW:
		buffer_add_format(&text, "%zu raw bytes", payload.length);
		break;
	case STREAM_CLOSE:
		buffer_add_format(&text, "close %u", frame->close_code);
		break;
	case STREAM_DROP:
		buffer_add_text(&text, "end without a close");
		break;
	case STREAM_RESET:
		buffer_add_text(&text, "reset");
		break;
	}
	if (text.length > 0)
		add_record(stream, RECORD_FRAME, "frame_out", (struct span){ text.data, text.length }, is_quiet);
	buffer_release(&text);
}

/* ---- the backlog ---- */

static bool ends_stream(enum stream_opcode opcode)
{
	return opcode == STREAM_CLOSE || opcode == STREAM_DROP || opcode == STREAM_RESET;
}

static void make_ready(struct stream *stream)
{
	struct streams *streams = &stream->emulator->streams;

	if (stream->is_ready)
		return;
	stream->is_ready = true;
	stream->next_ready = NULL;
	if (streams->last_ready)
		streams->last_ready->next_ready = stream;
	else
		streams->ready = stream;
	streams->last_ready = stream;
}

static void leave_ready(struct stream *stream)
{
	struct streams *streams = &stream->emulator->streams;
	struct stream *before = NULL;

	if (!stream->is_ready)
		return;
	for (struct stream *each = streams->ready; each != stream; each = each->next_ready)
		before = each;
	if (before)
		before->next_ready = stream->next_ready;
	else
		streams->ready = stream->next_ready;
	if (streams->last_ready == stream)
		streams->last_ready = before;
	stream->is_ready = false;
}

bool stream_is_full(const struct stream *stream)
{
	return stream->queued >= STREAM_BACKLOG_FRAMES_MAX / 2 || stream->queued_bytes >= STREAM_BACKLOG_MAX / 2;
}

static bool has_room(struct stream *stream, size_t length, bool is_repeated)
{
	if (is_repeated
	        ? !stream_is_full(stream)
	        : stream->queued < STREAM_BACKLOG_FRAMES_MAX && stream->queued_bytes + length <= STREAM_BACKLOG_MAX)
		return true;
	if (!stream->drops)
		note(stream, "dropped", "further frames, until the client has taken some");
	stream->drops = true;
	return false;
}

static void append(struct stream *stream, struct queued_frame *frame)
{
	if (stream->last)
		stream->last->next = frame;
	else
		stream->first = frame;
	stream->last = frame;
	stream->queued++;
	stream->queued_bytes += frame->length;
	make_ready(stream);
}

void stream_queue(struct stream *stream, enum stream_opcode opcode, uint16_t close_code, struct span payload,
                  bool is_repeated, bool is_quiet)
{
	struct queued_frame *frame;

	if (stream->over || (!ends_stream(opcode) && !has_room(stream, payload.length, is_repeated)))
		return;
	stream->over = ends_stream(opcode);
	frame = malloc(sizeof *frame + payload.length);
	if (!frame)
		return;
	*frame = (struct queued_frame){ .opcode = opcode, .close_code = close_code, .length = payload.length };
	if (payload.length > 0)
		memcpy(frame->bytes, payload.at, payload.length);
	append(stream, frame);
	if (!ends_stream(opcode))
		stream->emulator->streams.frames++;
	record_queued(stream, frame, is_quiet);
}

struct stream *streams_ready(struct emulator *emulator)
{
	struct stream *stream = emulator->streams.ready;

	if (stream)
		leave_ready(stream);
	return stream;
}

bool stream_next(struct stream *stream, struct stream_frame *frame)
{
	free(stream->taken);
	stream->taken = stream->first;
	if (!stream->taken)
		return false;
	stream->first = stream->taken->next;
	if (!stream->first)
		stream->last = NULL;
	stream->queued--;
	stream->queued_bytes -= stream->taken->length;
	stream->drops = stream->drops && stream_is_full(stream);
	*frame = (struct stream_frame){
		.opcode = stream->taken->opcode,
		.payload = { .at = stream->taken->bytes, .length = stream->taken->length },
		.close_code = stream->taken->close_code,
	};
	return true;
}

void *stream_owner(const struct stream *stream)
{
	return stream->owner;
}

/* ---- by the time at which they say something ---- */

static void leave_due(struct stream *stream)
{
	struct streams *streams = &stream->emulator->streams;

	if (stream->due_ms == EMULATOR_NEVER)
		return;
	if (stream->previous_due)
		stream->previous_due->next_due = stream->next_due;
	else
		streams->due = stream->next_due;
	if (stream->next_due)
		stream->next_due->previous_due = stream->previous_due;
	else
		streams->last_due = stream->previous_due;
	stream->due_ms = EMULATOR_NEVER;
}

/* Most say the same as often as the others: the place is near the end. */
void stream_set_due(struct stream *stream, int64_t due_ms)
{
	struct streams *streams = &stream->emulator->streams;
	struct stream *before;

	if (stream->due_ms == due_ms)
		return;
	leave_due(stream);
	if (due_ms == EMULATOR_NEVER)
		return;
	stream->due_ms = due_ms;
	for (before = streams->last_due; before && before->due_ms > due_ms;)
		before = before->previous_due;
	stream->previous_due = before;
	stream->next_due = before ? before->next_due : streams->due;
	if (stream->next_due)
		stream->next_due->previous_due = stream;
	else
		streams->last_due = stream;
	if (before)
		before->next_due = stream;
	else
		streams->due = stream;
}

/* ---- beginning and end ---- */

static void raise_if_any(struct emulator *emulator, int event)
{
	if (event != INDEX_NONE)
		emulator_raise(emulator, event);
}

struct stream *stream_open(struct emulator *emulator, const struct request *request, void *owner)
{
	struct streams *streams = &emulator->streams;
	struct stream *stream = streams->count < STREAMS_MAX ? calloc(1, sizeof *stream) : NULL;
	const struct websocket *websocket = emulator->machine->websocket;

	if (!stream)
		return NULL;
	*stream = (struct stream){
		.emulator = emulator,
		.owner = owner,
		.number = ++streams->opened,
		.mode = INDEX_NONE,
		.due_ms = EMULATOR_NEVER,
		.previous = streams->last,
	};
	if (streams->last)
		streams->last->next = stream;
	else
		streams->all = stream;
	streams->last = stream;
	streams->count++;
	record_opened(stream, request);
	stream_begin(stream);
	if (streams->count == 1 && websocket)
		raise_if_any(emulator, websocket->opened);
	return stream;
}

static void free_stream(struct stream *stream)
{
	struct streams *streams = &stream->emulator->streams;
	struct queued_frame *next;

	leave_ready(stream);
	leave_due(stream);
	if (stream->next)
		stream->next->previous = stream->previous;
	else
		streams->last = stream->previous;
	if (stream->previous)
		stream->previous->next = stream->next;
	else
		streams->all = stream->next;
	streams->count--;
	for (struct queued_frame *frame = stream->first; frame; frame = next) {
		next = frame->next;
		free(frame);
	}
	free(stream->taken);
	while (stream->runs)
		stream_remove_run(stream, stream->runs);
	free(stream);
}

void stream_closed(struct emulator *emulator, struct stream *stream, int code, const char *why)
{
	const struct websocket *websocket = emulator->machine->websocket;

	record_closed(stream, code, why);
	free_stream(stream);
	if (emulator->streams.count == 0 && websocket)
		raise_if_any(emulator, websocket->closed);
}

void streams_release(struct emulator *emulator)
{
	struct stream *next;

	for (struct stream *stream = emulator->streams.all; stream; stream = next) {
		next = stream->next;
		free_stream(stream);
	}
}
