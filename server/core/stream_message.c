/*
 * What clients say: a topic of three letters, then "+", its argument and what else there is. The real upstream's complaint
 * shows that it looks at three letters: docs/gateway.md#websocket.
 */
#include "core/stream_parts.h"

#include "core/emulator_parts.h"
#include "core/expect.h"
#include "core/frame_topic.h"
#include "core/names.h"

#include <string.h>

#define TOPIC_LENGTH 3

struct message {
	struct span topic; /* fewer letters where there are not as many */
	struct span argument;
	bool is_whole; /* nothing but "+" follows the topic */
};

static struct message parse(struct span text)
{
	const size_t length = text.length < TOPIC_LENGTH ? text.length : TOPIC_LENGTH;
	struct message message = { .topic = { text.at, length }, .argument = { "", 0 } };
	const char *end;

	message.is_whole = frame_topic_in(text).length <= TOPIC_LENGTH;
	if (text.length <= TOPIC_LENGTH + 1)
		return message;
	message.argument = (struct span){ text.at + TOPIC_LENGTH + 1, text.length - TOPIC_LENGTH - 1 };
	end = memchr(message.argument.at, '+', message.argument.length);
	if (end)
		message.argument.length = (size_t)(end - message.argument.at);
	if (message.argument.length > STREAM_ARGUMENT_MAX)
		message.argument.length = STREAM_ARGUMENT_MAX;
	return message;
}

static bool is_object(struct span text)
{
	return text.length > 0 && text.at[0] == '{';
}

/* ---- subscriptions ---- */

static struct run *find_subscription(const struct stream *stream, int16_t topic, struct span argument)
{
	for (struct run *run = stream->runs; run; run = run->next)
		if (run->kind == RUN_SUBSCRIPTION && run->topic == topic && run->text_length == argument.length &&
		    memcmp(run->text, argument.at, argument.length) == 0)
			return run;
	return NULL;
}

static void subscribe(struct stream *stream, const struct topic_answer *answer, int16_t topic, struct span argument)
{
	struct run *run = find_subscription(stream, topic, argument);

	if (run)
		stream_remove_run(stream, run);
	if (stream->subscription_count == STREAM_SUBSCRIPTIONS_MAX)
		return;
	run = stream_add_run(stream, RUN_SUBSCRIPTION, &answer->send, argument);
	if (!run)
		return;
	run->topic = topic;
	run->subscription = answer;
}

/* ---- answers ---- */

static const struct topic_answer *find_answer(const struct emulator *emulator, const struct topic *topic,
                                              struct span argument)
{
	for (size_t i = 0; i < topic->answer_count; i++) {
		const struct topic_answer *answer = &topic->answers[i];

		if (state_set_holds(answer->when, emulator->active) &&
		    (!answer->argument || span_equals(argument, answer->argument)))
			return answer;
	}
	return NULL;
}

static void toggle(struct stream *stream, const char *name)
{
	const struct websocket *websocket = stream->emulator->machine->websocket;

	for (size_t i = 0; i < websocket->mode_count; i++)
		for (size_t j = 0; j < websocket->modes[i].repeat_count; j++)
			if (strcmp(websocket->modes[i].repeats[j].name, name) == 0) {
				stream->switched ^= 1U << websocket->modes[i].repeats[j].bit;
				return;
			}
}

static void reply(struct stream *stream, const struct topic_answer *answer, int16_t topic, struct span argument)
{
	struct run *run;

	if (answer->unsubscribes != INDEX_NONE) {
		run = find_subscription(stream, answer->unsubscribes, argument);
		if (run)
			stream_remove_run(stream, run);
	}
	if (answer->switches)
		toggle(stream, answer->switches);
	if (answer->subscribes) {
		subscribe(stream, answer, topic, argument);
		return;
	}
	run = stream_add_run(stream, RUN_ONCE, &answer->send, argument);
	if (run)
		run->topic = topic;
}

static void answer_topic(struct stream *stream, int16_t index, struct span argument)
{
	struct emulator *emulator = stream->emulator;
	const struct topic *topic = &emulator->machine->websocket->topics[index];
	const struct topic_answer *answer = find_answer(emulator, topic, argument);

	if (!answer)
		return;
	if (answer->event != INDEX_NONE)
		emulator_raise(emulator, answer->event);
	reply(stream, answer, index, argument);
}

static int topic_of(const struct emulator *emulator, const struct message *message)
{
	const struct websocket *websocket = emulator->machine->websocket;

	return websocket && message->is_whole ? websocket_find_topic(websocket, message->topic) : INDEX_NONE;
}

static void answer(struct stream *stream, const struct message *message, int topic, bool is_json)
{
	const struct websocket *websocket = stream->emulator->machine->websocket;

	if (topic != INDEX_NONE)
		answer_topic(stream, (int16_t)topic, message->argument);
	else if (is_json && websocket->has_object)
		stream_add_run(stream, RUN_ONCE, &websocket->object, message->topic);
	else
		stream_add_run(stream, RUN_ONCE, &websocket->unknown, message->topic);
}

void stream_message(struct emulator *emulator, struct stream *stream, bool is_text, struct span message)
{
	const struct stream_mode *mode = stream_mode_now(emulator);
	const struct message parsed = parse(message);
	const int topic = topic_of(emulator, &parsed);

	(void)is_text; /* the upstream takes both alike, as far as anybody has seen */
	stream_record_frame(stream, "frame_in", message, false);
	/* The client has said it, whether it gets through or not. */
	if (emulator->expect && topic != INDEX_NONE)
		expect_frame(emulator, topic);
	if (stream->refused || stream->over || !mode || mode->silent)
		return;
	answer(stream, &parsed, topic, is_object(message));
	stream_run(stream);
}

/* ---- names ---- */

int websocket_find_topic(const struct websocket *websocket, struct span name)
{
	for (size_t i = 0; i < websocket->topic_count; i++)
		if (span_equals(name, websocket->topics[i].name))
			return (int)i;
	return INDEX_NONE;
}

int websocket_find_script(const struct websocket *websocket, const char *name)
{
	for (size_t i = 0; i < websocket->script_count; i++)
		if (strcmp(websocket->scripts[i].name, name) == 0)
			return (int)i;
	return INDEX_NONE;
}
