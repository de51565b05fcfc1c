#include "support/story_streams.h"

#include "core/frame_topic.h"
#include "core/json.h"
#include "core/limits.h"
#include "core/render.h"
#include "core/same_json.h"
#include "core/stream_parts.h"
#include "core/utf8.h"
#include "support/check.h"

#include <string.h>

static const struct request upgrade = {
	.method_text = "GET",
	.target = { "/v1/api/ws?a=1", 14 },
	.headers = { "", 0 },
	.body = { "", 0 },
	.peer = "127.0.0.1",
};

static bool is_called(const struct emulator *emulator, const char *prefix)
{
	return strncmp(emulator->machine->name, prefix, strlen(prefix)) == 0;
}

/* ---- what one hears ---- */

/* A bad byte is what that story is about. */
static bool has_bad_bytes(const struct emulator *emulator)
{
	return is_called(emulator, "GW-024");
}

/* There it is told something else than what is so. */
static bool is_lied_to(const struct emulator *emulator)
{
	return is_called(emulator, "GW-");
}

static bool is_utf8(struct span text)
{
	for (size_t at = 0; at < text.length;) {
		const size_t length = utf8_length(text.at + at, text.length - at);

		if (length == 0)
			return false;
		at += length;
	}
	return true;
}

static void forget(struct story_stream *client)
{
	cJSON_Delete(client->knows);
	client->knows = NULL;
}

/* Several members at once are the whole; one is a change. */
static void learn(struct story_stream *client, const cJSON *args)
{
	const bool is_whole = args->child && args->child->next;

	if (is_whole) {
		forget(client);
		client->knows = cJSON_Duplicate(args, true);
	}
	for (const cJSON *item = args->child; client->knows && !is_whole && item; item = item->next) {
		CHECK(json_member(client->knows, item->string));
		cJSON_ReplaceItemInObjectCaseSensitive(client->knows, item->string, cJSON_Duplicate(item, true));
	}
}

static void check_message(struct story_stream *client, const struct emulator *emulator, struct span text)
{
	const struct span topic = frame_topic_out(text);
	cJSON *tree;

	if (has_bad_bytes(emulator))
		return;
	tree = parse_json(text);
	CHECK(tree);
	CHECK(is_utf8(text));
	CHECK(text.length <= STREAM_FRAME_MAX);
	CHECK(topic.length == 0 || frame_topic_is_sent(emulator->machine->websocket, topic));
	CHECK(topic.length > 0 || json_member(tree, "message") || json_member(tree, "result"));
	if (span_equals(topic, "sts"))
		learn(client, json_member(tree, "args"));
	cJSON_Delete(tree);
}

static void hear(struct story_stream *client, const struct emulator *emulator, const struct stream_frame *frame)
{
	CHECK(!client->over);
	switch (frame->opcode) {
	case STREAM_TEXT:
	case STREAM_BINARY:
		check_message(client, emulator, frame->payload);
		break;
	case STREAM_CLOSE:
		CHECK(frame->close_code == 1000 && frame->payload.length == 0);
		client->over = true;
		break;
	case STREAM_RAW: /* half a frame: nothing can follow */
	case STREAM_DROP:
	case STREAM_RESET:
		client->over = true;
		break;
	}
}

/* ---- what it knows then ---- */

static void check_told(const struct story_stream *client, const struct emulator *emulator, const struct told *told)
{
	const cJSON *known = json_member(client->knows, told->name);
	const struct value value = render_named(emulator, &told->variable);
	struct buffer text = { 0 };
	cJSON *now;

	value_add_json(&value, &text);
	now = cJSON_Parse(text.data);
	if (!known || !now || !is_same_json(known, now))
		fprintf(stderr, "%s of %s: it is %s\n", told->name, emulator->machine->name, text.data);
	CHECK(known && now && is_same_json(known, now));
	cJSON_Delete(now);
	buffer_release(&text);
}

static void check_knowledge(struct story_stream *client, const struct emulator *emulator)
{
	const struct websocket *websocket = emulator->machine->websocket;
	const struct stream_mode *mode = stream_mode_now(emulator);

	if (!client->knows || client->over || !mode || mode->silent || !mode->deltas || is_lied_to(emulator))
		return;
	for (size_t i = 0; i < websocket->told_count; i++)
		check_told(client, emulator, &websocket->told[i]);
}

/* ---- what one does ---- */

static void check_backlog(const struct stream *stream)
{
	size_t frames = 0;
	size_t bytes = 0;

	for (const struct queued_frame *frame = stream->first; frame; frame = frame->next) {
		frames++;
		bytes += frame->length;
	}
	CHECK(frames == stream->queued && bytes == stream->queued_bytes);
	CHECK(frames <= STREAM_BACKLOG_FRAMES_MAX + 1 && bytes <= STREAM_BACKLOG_MAX);
	CHECK(stream->run_count <= STREAM_RUNS_MAX && stream->subscription_count <= STREAM_SUBSCRIPTIONS_MAX);
}

void story_streams_open(struct story_streams *streams, struct emulator *emulator, size_t which)
{
	struct story_stream *client = &streams->items[which];

	if (client->stream)
		return;
	*client = (struct story_stream){ .stream = stream_open(emulator, &upgrade, client) };
	CHECK(client->stream && stream_owner(client->stream) == client);
}

void story_streams_say(struct story_streams *streams, struct emulator *emulator, size_t which, struct span message)
{
	if (streams->items[which].stream)
		stream_message(emulator, streams->items[which].stream, true, message);
}

void story_streams_close(struct story_streams *streams, struct emulator *emulator, size_t which)
{
	struct story_stream *client = &streams->items[which];
	const uint32_t before = emulator->streams.count;

	if (!client->stream)
		return;
	check_backlog(client->stream);
	stream_closed(emulator, client->stream, which % 2 ? 1000 : 0, "it closed");
	CHECK(emulator->streams.count == before - 1);
	forget(client);
	client->stream = NULL;
}

static void read_one(struct story_stream *client, const struct emulator *emulator, struct buffer *log)
{
	const bool was_full = client->stream->queued >= STREAM_BACKLOG_FRAMES_MAX - STREAM_TOLD_MAX;
	struct stream_frame frame;

	check_backlog(client->stream);
	while (stream_next(client->stream, &frame)) {
		hear(client, emulator, &frame);
		buffer_add_format(log, "%u: %d %u ", client->stream->number, (int)frame.opcode, frame.close_code);
		buffer_add(log, frame.payload.at, frame.payload.length);
		buffer_add_text(log, "\n");
	}
	CHECK(client->stream->queued == 0 && client->stream->queued_bytes == 0);
	if (was_full)
		forget(client); /* a change may have found no room */
	check_knowledge(client, emulator);
}

void story_streams_read(struct story_streams *streams, const struct emulator *emulator, struct buffer *log)
{
	for (size_t i = 0; i < STORY_STREAMS; i++)
		if (streams->items[i].stream)
			read_one(&streams->items[i], emulator, log);
}

void story_streams_end(struct story_streams *streams, struct emulator *emulator)
{
	for (size_t i = 0; i < STORY_STREAMS; i++)
		story_streams_close(streams, emulator, i);
	CHECK(emulator->streams.count == 0 && !emulator->streams.due && !emulator->streams.ready);
}
