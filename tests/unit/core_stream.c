/* Why: what a stream says, and when, must depend on the gateway's clock and on nothing else: not on how often somebody looks,
 * not on other streams, not on whether the client reads. And all that can grow must end somewhere. */
#include "core/draw.h"
#include "core/stream.h"

#include "support/base_gateway.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static const struct request upgrade = {
	.method_text = "GET",
	.target = { "/v1/api/ws", 10 },
	.headers = { "", 0 },
	.body = { "", 0 },
	.peer = "127.0.0.1",
	.is_upgrade = true,
	.upgrade_version_ok = true,
	.websocket_accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
};

static void add_frame(const struct stream_frame *frame, struct buffer *out)
{
	buffer_add_format(out, "%d %u ", (int)frame->opcode, frame->close_code);
	buffer_add(out, frame->payload.at, frame->payload.length);
	buffer_add_text(out, "\n");
}

/* All that the stream has to send, a line each. */
static size_t drain(struct stream *stream, struct buffer *out)
{
	struct stream_frame frame;
	size_t count = 0;

	while (stream_next(stream, &frame)) {
		add_frame(&frame, out);
		count++;
	}
	return count;
}

static void wait(struct base_gateway *gateway, int64_t ms)
{
	emulator_advance(&gateway->emulator, gateway->emulator.now_ms + ms);
}

static void say(struct base_gateway *gateway, struct stream *stream, const char *text)
{
	stream_message(&gateway->emulator, stream, true, span_of(text));
}

static size_t count_of(const struct buffer *text, const char *part)
{
	size_t count = 0;

	for (const char *at = text->data; at && (at = strstr(at, part)); at++)
		count++;
	return count;
}

Test(stream, greets_in_order_and_beats_on_the_clock)
{
	struct base_gateway gateway;
	struct buffer out = { 0 };
	struct stream *stream;

	base_gateway_start(&gateway, "authenticated", 0);
	stream = stream_open(&gateway.emulator, &upgrade, &gateway);
	cr_assert(stream);
	cr_expect_eq(stream_owner(stream), &gateway);
	cr_expect_null(streams_ready(&gateway.emulator), "nothing is said at once");
	cr_expect_eq(emulator_deadline_ms(&gateway.emulator), gateway.emulator.now_ms + 60);
	wait(&gateway, 200);
	cr_expect_eq(streams_ready(&gateway.emulator), stream);
	cr_expect_null(streams_ready(&gateway.emulator), "it is handed out once");
	cr_expect_eq(drain(stream, &out), 3);
	cr_expect(strstr(out.data, "\"topic\":\"system\"") < strstr(out.data, "\"topic\":\"act\""));
	cr_expect(strstr(out.data, "\"topic\":\"act\"") < strstr(out.data, "\"topic\":\"sts\""));
	buffer_clear(&out);
	wait(&gateway, 60000 - 200);
	cr_expect_eq(drain(stream, &out), 6, "%s", out.data);
	stream_closed(&gateway.emulator, stream, 1000, "test");
	cr_expect_eq(gateway.emulator.streams.count, 0);
	buffer_release(&out);
	base_gateway_stop(&gateway);
}

/* ibind resets a connection whose heartbeat is 300 s off the machine's clock. */
Test(stream, the_heartbeat_tells_the_machines_time_where_there_is_one)
{
	struct base_gateway gateway;
	struct buffer out = { 0 };
	struct stream *stream;

	base_gateway_start(&gateway, "authenticated", 0);
	stream = stream_open(&gateway.emulator, &upgrade, NULL);
	wait(&gateway, 9000);
	drain(stream, &out);
	buffer_clear(&out);
	gateway.emulator.journal.wall_ms = 1777415611502;
	wait(&gateway, 1000);
	drain(stream, &out);
	cr_expect_str_eq(out.data, "2 0 {\"topic\":\"system\",\"hb\":1777415611502}\n");
	buffer_release(&out);
	base_gateway_stop(&gateway);
}

/* ---- one jump, many steps ---- */

#define STORIES 24
#define MOVES 40

static const char *const events[] = { "competing_login", "competing_end", "brokerage_drop",   "logout",
	                              "login",           "sso_expire",    "upstream_die",     "upstream_sicken",
	                              "brokerage_init",  "take_over",     "upstream_recover", "nightly_reset" };
static const char *const messages[] = { "tic", "ech+hb", "smd+1+{}", "umd+1", "sor", "{\"session\":\"x\"}", "xyz", "" };

struct told {
	struct base_gateway gateway;
	struct stream *streams[4];
	struct buffer out;
};

static void do_move(struct told *told, uint64_t dice)
{
	struct stream **stream = &told->streams[dice % 4];

	dice /= 4;
	if (dice % 4 == 0) {
		base_gateway_raise(&told->gateway, events[dice / 4 % (sizeof events / sizeof *events)]);
	} else if (!*stream) {
		*stream = stream_open(&told->gateway.emulator, &upgrade, NULL);
	} else if (dice % 16 == 1) {
		stream_closed(&told->gateway.emulator, *stream, 1000, "");
		*stream = NULL;
	} else {
		say(&told->gateway, *stream, messages[dice / 16 % (sizeof messages / sizeof *messages)]);
	}
}

static void take(struct told *told)
{
	for (size_t i = 0; i < 4; i++) {
		if (!told->streams[i])
			continue;
		buffer_add_format(&told->out, "stream %zu\n", i);
		drain(told->streams[i], &told->out);
	}
}

Test(stream, one_jump_says_what_many_steps_say)
{
	for (uint64_t seed = 1; seed <= STORIES; seed++) {
		struct told jump = { 0 };
		struct told steps = { 0 };

		base_gateway_start(&jump.gateway, "authenticated", 0);
		base_gateway_start(&steps.gateway, "authenticated", 0);
		for (uint64_t move = 0; move < MOVES; move++) {
			const uint64_t dice = draw(seed, 1, move);
			const int64_t ms = (int64_t)(draw(seed, 2, move) % (move % 5 == 0 ? 1800000 : 20000));
			int64_t left_ms = ms;

			do_move(&jump, dice);
			do_move(&steps, dice);
			wait(&jump.gateway, ms);
			for (uint64_t i = 0; left_ms > 0; i++) {
				const int64_t step_ms = 1 + (int64_t)(draw(seed, 3 + move, i) % 9000);

				wait(&steps.gateway, step_ms < left_ms ? step_ms : left_ms);
				left_ms -= step_ms;
			}
			take(&jump);
			take(&steps);
		}
		cr_expect_eq(jump.gateway.emulator.streams.frames, steps.gateway.emulator.streams.frames);
		cr_expect_str_eq(jump.out.data, steps.out.data, "seed %llu", (unsigned long long)seed);
		buffer_release(&jump.out);
		buffer_release(&steps.out);
		base_gateway_stop(&jump.gateway);
		base_gateway_stop(&steps.gateway);
	}
}

/* ---- what can grow ---- */

Test(stream, a_backlog_is_bounded_and_keeps_room_for_what_matters)
{
	struct base_gateway gateway;
	struct buffer out = { 0 };
	struct stream *stream;
	uint64_t before;

	base_gateway_start(&gateway, "brokerage_lost", 0);
	stream = stream_open(&gateway.emulator, &upgrade, NULL);
	wait(&gateway, 8 * 3600000LL);
	before = gateway.emulator.tally.records[RECORD_STREAM];
	cr_expect_eq(before, 2, "opened, and dropped once: %llu", (unsigned long long)before);
	cr_expect_eq(emulator_deadline_ms(&gateway.emulator) > gateway.emulator.now_ms, true);
	base_gateway_raise(&gateway, "brokerage_init");
	base_gateway_raise(&gateway, "sso_expire");
	cr_expect_eq(drain(stream, &out), STREAM_BACKLOG_FRAMES_MAX / 2 + 5);
	cr_expect_eq(count_of(&out, "{\"authenticated\":true}"), 1);
	cr_expect(strstr(out.data, "8 1000 \n"), "the close is there");
	buffer_release(&out);
	base_gateway_stop(&gateway);
}

/* A year of heartbeats that nobody takes must not take long. */
Test(stream, a_long_jump_is_no_endless_work)
{
	struct base_gateway gateway;

	base_gateway_start(&gateway, "brokerage_lost", 0);
	stream_open(&gateway.emulator, &upgrade, NULL);
	wait(&gateway, 365 * 24 * 3600000LL);
	cr_expect_lt(gateway.emulator.streams.frames, 2 * STREAM_BACKLOG_FRAMES_MAX);
	base_gateway_stop(&gateway);
}

Test(stream, so_many_streams_and_no_more)
{
	struct base_gateway gateway;
	struct stream *last = NULL;

	base_gateway_start(&gateway, "fresh", 0);
	for (size_t i = 0; i < STREAMS_MAX; i++) {
		last = stream_open(&gateway.emulator, &upgrade, NULL);
		cr_assert(last);
	}
	cr_expect_null(stream_open(&gateway.emulator, &upgrade, NULL));
	stream_closed(&gateway.emulator, last, 1000, "");
	cr_expect(stream_open(&gateway.emulator, &upgrade, NULL));
	base_gateway_stop(&gateway);
}

Test(stream, so_many_subscriptions_and_no_more)
{
	struct base_gateway gateway;
	struct buffer out = { 0 };
	struct stream *stream;
	char text[32];

	base_gateway_start(&gateway, "authenticated", 0);
	stream = stream_open(&gateway.emulator, &upgrade, NULL);
	for (int i = 0; i < STREAM_SUBSCRIPTIONS_MAX + 1; i++) {
		snprintf(text, sizeof text, "smd+%d+{}", 1000 + i);
		say(&gateway, stream, text);
	}
	drain(stream, &out);
	cr_expect_eq(count_of(&out, "\"topic\":\"smd+"), STREAM_SUBSCRIPTIONS_MAX);
	buffer_clear(&out);
	say(&gateway, stream, "umd+1000+{}");
	say(&gateway, stream, "smd+7+{}");
	drain(stream, &out);
	cr_expect_eq(count_of(&out, "\"conid\":7,"), 1);
	buffer_release(&out);
	base_gateway_stop(&gateway);
}

Test(stream, frames_in_the_backlog_go_with_their_stream)
{
	struct base_gateway gateway;
	struct stream *streams[3];

	base_gateway_start(&gateway, "authenticated", 0);
	for (size_t i = 0; i < 3; i++)
		streams[i] = stream_open(&gateway.emulator, &upgrade, NULL);
	wait(&gateway, 1000);
	stream_closed(&gateway.emulator, streams[1], 1006, "reset");
	cr_expect_eq(streams_ready(&gateway.emulator), streams[0]);
	cr_expect_eq(streams_ready(&gateway.emulator), streams[2]);
	cr_expect_null(streams_ready(&gateway.emulator));
	wait(&gateway, 10000);
	cr_expect_eq(streams_ready(&gateway.emulator), streams[0], "it has more");
	base_gateway_stop(&gateway);
}

/* ---- messages ---- */

Test(stream, any_message_may_come)
{
	static const struct {
		const char *text;
		size_t length;
		const char *answer;
	} rows[] = {
		{ "", 0, "Topic unknown ''" },
		{ "t", 1, "Topic unknown 't'" },
		{ "ti\0", 3, "Topic unknown 'ti\\u0000'" },
		{ "tics", 4, "Topic unknown 'tic'" },
		{ "TIC", 3, "Topic unknown 'TIC'" },
		{ "a\xc3\xa9\xc3\xa9", 5, "Topic unknown 'a\xc3\xa9'" },
		{ "ab\xc3\xa9", 4, "Topic unknown 'ab?'" },
		{ "\xff\xfe\xfd", 3, "Topic unknown '?\?\?'" },
		{ "tic+", 4, "\"alive\":true" },
		{ "tic+a+b+c", 9, "\"alive\":true" },
		{ "smd+\"\\+{}", 9, "\"topic\":\"smd+\\\"\\\\\"" },
		{ "umd", 3, NULL },
		{ "{}", 2, NULL },
	};
	struct base_gateway gateway;
	struct stream *stream;

	base_gateway_start(&gateway, "authenticated", 0);
	stream = stream_open(&gateway.emulator, &upgrade, NULL);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buffer out = { 0 };

		stream_message(&gateway.emulator, stream, false, (struct span){ rows[i].text, rows[i].length });
		drain(stream, &out);
		if (rows[i].answer)
			cr_expect(out.data && strstr(out.data, rows[i].answer), "%zu: %s", i, out.data);
		else
			cr_expect_eq(out.length, 0, "%zu: %s", i, out.data);
		buffer_release(&out);
	}
	base_gateway_stop(&gateway);
}

Test(stream, an_argument_is_cut)
{
	struct base_gateway gateway;
	struct buffer out = { 0 };
	char text[4 * STREAM_ARGUMENT_MAX];
	struct stream *stream;

	base_gateway_start(&gateway, "authenticated", 0);
	stream = stream_open(&gateway.emulator, &upgrade, NULL);
	memset(text, '9', sizeof text);
	memcpy(text, "smd+", 4);
	stream_message(&gateway.emulator, stream, true, (struct span){ text, sizeof text });
	drain(stream, &out);
	cr_expect_lt(out.length, 3 * STREAM_ARGUMENT_MAX + 200);
	cr_expect_eq(count_of(&out, "\"topic\":\"smd+9"), 1);
	buffer_release(&out);
	base_gateway_stop(&gateway);
}

/* ---- the journal ---- */

Test(stream, the_journal_has_frames_without_session_ids)
{
	struct base_gateway gateway;
	struct buffer seen = { 0 };
	struct stream *stream;

	base_gateway_start(&gateway, "authenticated", 0);
	stream = stream_open(&gateway.emulator, &upgrade, NULL);
	say(&gateway, stream, "{\"session\":\"0123456789abcdef0123456789abcdef\"}");
	say(&gateway, stream, "tic");
	stream_closed(&gateway.emulator, stream, 1001, "going away");
	for (uint64_t i = 0; i < gateway.emulator.journal.written; i++) {
		const struct record *record = journal_at(&gateway.emulator.journal, i);

		if (!record || (record->kind != RECORD_STREAM && record->kind != RECORD_FRAME))
			continue;
		cr_expect_eq(record->stream, 1);
		buffer_add_format(&seen, "%s: ", record->name);
		buffer_add(&seen, record_text(&gateway.emulator.journal, record).at,
		           record_text(&gateway.emulator.journal, record).length);
		buffer_add_text(&seen, "\n");
	}
	cr_expect_str_eq(seen.data,
	                 "opened: /v1/api/ws\n"
	                 "frame_in: {\"session\":\"********************************\"}\n"
	                 "frame_in: tic\n"
	                 "frame_out: {\"topic\":\"tic\",\"alive\":true,\"id\":\"********************************\","
	                 "\"lastAccessed\":1772461800000}\n"
	                 "closed: going away, code 1001\n");
	buffer_release(&seen);
	base_gateway_stop(&gateway);
}
