/*
 * What streams say by themselves: greetings, repetitions, subscriptions, and what has changed. All of it is scripts, which a
 * stream goes through on the gateway's clock.
 */
#include "core/stream_parts.h"

#include "core/emulator_parts.h"
#include "core/met.h"
#include "core/render.h"
#include "core/utf8.h"

#include <stdlib.h>
#include <string.h>

/* ---- frames ---- */

static enum stream_opcode opcode_of(const struct emulator *emulator)
{
	const int16_t setting = emulator->machine->websocket_frames;
	const struct value *value = setting == INDEX_NONE ? NULL : &emulator->settings[setting];

	return value && value->kind == VALUE_TEXT && strcmp(value->text, "text") == 0 ? STREAM_TEXT : STREAM_BINARY;
}

/* The head of a frame from a server (RFC 6455 section 5.2), and the first `cut` bytes of what it announces. */
static void queue_half(struct stream *stream, enum stream_opcode opcode, struct span payload, size_t cut)
{
	struct buffer half = { 0 };
	const size_t length = payload.length;
	const char head[] = {
		(char)(0x80 | opcode),
		(char)(length < 126 ? length : 126), /* STREAM_FRAME_MAX */
		(char)(length >> 8 & 0xff),
		(char)(length & 0xff),
	};

	buffer_add(&half, head, length < 126 ? 2 : 4);
	buffer_add(&half, payload.at, cut < length ? cut : length);
	if (!buffer_failed(&half))
		stream_queue(stream, STREAM_RAW, 0, (struct span){ half.data, half.length }, false, false);
	buffer_release(&half);
	stream->over = true;
}

static void send_template(struct stream *stream, int16_t index, const struct frame_context *frame, int64_t cut,
                          const struct run *run)
{
	const struct emulator *emulator = stream->emulator;
	const struct frame_template *template = &emulator->machine->websocket->templates[index];
	const struct render_context context = { .emulator = emulator, .path = span_of(""), .frame = frame };
	struct buffer text = { 0 };
	struct span payload;

	render_text(&context, &template->body, &text);
	payload = (struct span){ text.data ? text.data : "", text.length };
	if (buffer_failed(&text))
		; /* out of memory: it does not come */
	else if (cut >= 0)
		queue_half(stream, opcode_of(emulator), payload, (size_t)cut);
	else
		stream_queue(stream, template->raw ? STREAM_RAW : opcode_of(emulator), 0, payload,
		             run && run->kind >= RUN_REPEAT, run && run->repeat && run->repeat->quiet);
	buffer_release(&text);
	if (emulator->machine->catalogue.met_count > 0)
		met_frame(stream->emulator, index);
}

/* ---- one step ---- */

static struct frame_context frame_context_of(const struct stream *stream, const struct run *run)
{
	const struct span text = { run->text, run->text_length };
	struct frame_context frame = { .topic = span_of(""), .argument = span_of(""), .notice = span_of("") };

	frame.changed_name = "";
	if (run->kind == RUN_NOTICE)
		frame.notice = text;
	else
		frame.argument = text;
	if (run->topic != INDEX_NONE)
		frame.topic = span_of(stream->emulator->machine->websocket->topics[run->topic].name);
	else if (run->kind == RUN_ONCE)
		frame.topic = text;
	return frame;
}

static uint32_t times_of(const struct emulator *emulator, const struct stream_step *step)
{
	int64_t times = step->count;

	if (step->times != INDEX_NONE && emulator->settings[step->times].kind == VALUE_INT)
		times = emulator->settings[step->times].number;
	if (times < 0)
		times = 0;
	return times > STREAM_TIMES_MAX ? STREAM_TIMES_MAX : (uint32_t)times;
}

static void do_step(struct stream *stream, const struct run *run, const struct stream_step *step)
{
	const struct frame_context frame = frame_context_of(stream, run);

	switch (step->kind) {
	case STEP_FRAME:
		for (uint32_t left = times_of(stream->emulator, step); left > 0; left--)
			send_template(stream, step->frame, &frame, step->cut, run);
		break;
	case STEP_CLOSE:
		stream_queue(stream, STREAM_CLOSE, step->close_code, span_of(step->close_reason), false, false);
		break;
	case STEP_DROP:
		stream_queue(stream, STREAM_DROP, 0, span_of(""), false, false);
		break;
	case STEP_RESET:
		stream_queue(stream, STREAM_RESET, 0, span_of(""), false, false);
		break;
	}
}

/* ---- runs ---- */

static int64_t wait_of(const struct stream *stream, const struct run *run)
{
	return emulator_amount_ms(stream->emulator, &run->script->steps[run->step].after);
}

static int64_t period_of(const struct stream *stream, const struct run *run)
{
	if (run->repeat)
		return emulator_amount_ms(stream->emulator, &run->repeat->every);
	return run->subscription ? emulator_amount_ms(stream->emulator, &run->subscription->every) : 0;
}

struct run *stream_add_run(struct stream *stream, enum run_kind kind, const struct stream_script *script,
                           struct span text)
{
	struct run **end = &stream->runs;
	struct run *run;

	if (script->count == 0 && kind != RUN_SUBSCRIPTION)
		return NULL;
	if (stream->run_count >= STREAM_RUNS_MAX)
		return NULL;
	run = calloc(1, sizeof *run + text.length);
	if (!run)
		return NULL;
	run->kind = kind;
	run->script = script;
	run->topic = INDEX_NONE;
	run->round_ms = stream->emulator->now_ms;
	run->due_ms = script->count > 0 ? run->round_ms + wait_of(stream, run) : EMULATOR_NEVER;
	run->text_length = text.length;
	if (text.length > 0)
		memcpy(run->text, text.at, text.length);
	utf8_mend(run->text, text.length); /* a topic's three bytes may end within a letter */
	while (*end)
		end = &(*end)->next;
	*end = run;
	stream->run_count++;
	stream->subscription_count += kind == RUN_SUBSCRIPTION;
	return run;
}

void stream_remove_run(struct stream *stream, struct run *run)
{
	struct run **place = &stream->runs;

	while (*place != run)
		place = &(*place)->next;
	*place = run->next;
	stream->run_count--;
	stream->subscription_count -= run->kind == RUN_SUBSCRIPTION;
	free(run);
}

bool stream_is_subscribed(const struct stream *stream, const struct run *run)
{
	const struct stream_mode *mode =
	    stream->mode == INDEX_NONE ? NULL : &stream->emulator->machine->websocket->modes[stream->mode];

	return mode && !mode->silent && !stream->refused &&
	       state_set_holds(run->subscription->when, stream->emulator->active);
}

static bool is_off(const struct stream *stream, const struct run *run)
{
	return run->repeat && run->repeat->off != (stream->switched >> run->repeat->bit & 1U);
}

/* The next round begins a period after this one did, or as soon as it is over. What would find no room, once that has been
 * noted, need not be said, or one long jump of the clock would be endless work. */
static void next_round(struct stream *stream, struct run *run, int64_t period_ms)
{
	const int64_t ended_ms = run->due_ms;

	run->step = 0;
	run->round_ms += period_ms;
	if (run->round_ms < ended_ms)
		run->round_ms = ended_ms;
	if (((stream->drops && stream_is_full(stream)) || stream->over) &&
	    run->round_ms <= stream->emulator->streams.until_ms)
		run->round_ms += ((stream->emulator->streams.until_ms - run->round_ms) / period_ms + 1) * period_ms;
	run->due_ms = run->round_ms + wait_of(stream, run);
}

/* Goes on with one run as far as its time has come. False: it is over. */
static bool go_on(struct stream *stream, struct run *run)
{
	while (run->due_ms <= stream->emulator->now_ms) {
		const int64_t period_ms = period_of(stream, run);

		if (!is_off(stream, run))
			do_step(stream, run, &run->script->steps[run->step]);
		if (++run->step < run->script->count) {
			run->due_ms += wait_of(stream, run);
		} else if (period_ms > 0) {
			next_round(stream, run, period_ms);
		} else if (run->kind == RUN_SUBSCRIPTION) {
			run->step = 0;
			run->due_ms = EMULATOR_NEVER;
		} else {
			return false;
		}
	}
	return true;
}

void stream_find_due(struct stream *stream)
{
	int64_t due_ms = EMULATOR_NEVER;

	for (const struct run *run = stream->runs; run; run = run->next)
		if (run->due_ms < due_ms)
			due_ms = run->due_ms;
	stream_set_due(stream, due_ms);
}

static struct run *first_due(const struct stream *stream)
{
	struct run *first = NULL;

	for (struct run *run = stream->runs; run; run = run->next)
		if (run->due_ms <= stream->emulator->now_ms && (!first || run->due_ms < first->due_ms))
			first = run;
	return first;
}

void stream_run(struct stream *stream)
{
	struct run *run;

	while ((run = first_due(stream)))
		if (!go_on(stream, run))
			stream_remove_run(stream, run);
	/* Nothing that it could say would be heard. */
	while (stream->over && stream->runs)
		stream_remove_run(stream, stream->runs);
	stream_find_due(stream);
}

void streams_due(struct emulator *emulator, int64_t to_ms)
{
	emulator->streams.until_ms = to_ms;
	while (streams_due_ms(emulator) <= emulator->now_ms)
		stream_run(emulator->streams.due);
}

/* ---- what has changed ---- */

static uint64_t hash_of(const struct value *value)
{
	struct buffer text = { 0 };
	uint64_t hash = 0xcbf29ce484222325ULL;

	value_add_json(value, &text);
	for (size_t i = 0; i < text.length; i++)
		hash = (hash ^ (unsigned char)text.data[i]) * 0x100000001b3ULL;
	buffer_release(&text);
	return hash;
}

/* Tells nothing, but takes it for known. */
static void learn(struct stream *stream)
{
	const struct websocket *websocket = stream->emulator->machine->websocket;

	for (size_t i = 0; i < websocket->told_count; i++) {
		const struct value value = render_named(stream->emulator, &websocket->told[i].variable);

		stream->told[i] = hash_of(&value);
	}
}

static void tell_change(struct stream *stream, const struct told *told)
{
	struct frame_context frame = { .topic = span_of(""), .argument = span_of(""), .notice = span_of("") };

	frame.changed_name = told->name;
	frame.changed_value = render_named(stream->emulator, &told->variable);
	send_template(stream, stream->emulator->machine->websocket->delta, &frame, -1, NULL);
}

/* One frame for each that has changed. */
static void tell_changes(struct stream *stream)
{
	const struct websocket *websocket = stream->emulator->machine->websocket;
	uint32_t changed = 0;

	for (size_t i = 0; i < websocket->told_count; i++) {
		const struct value value = render_named(stream->emulator, &websocket->told[i].variable);
		const uint64_t hash = hash_of(&value);

		changed |= (uint32_t)(hash != stream->told[i]) << i;
		stream->told[i] = hash;
	}
	for (size_t i = 0; changed && i < websocket->told_count; i++)
		if ((changed >> i & 1U) || websocket->told[i].along)
			tell_change(stream, &websocket->told[i]);
}

/* ---- modes ---- */

static int16_t mode_now(const struct emulator *emulator)
{
	const struct machine *machine = emulator->machine;

	for (size_t i = 0; i < machine->region_count && machine->websocket; i++)
		if (machine->states[emulator->state[i]].stream_mode != INDEX_NONE)
			return machine->states[emulator->state[i]].stream_mode;
	return INDEX_NONE;
}

static const struct stream_mode *mode_at(const struct emulator *emulator, int16_t index)
{
	return index == INDEX_NONE ? NULL : &emulator->machine->websocket->modes[index];
}

const struct stream_mode *stream_mode_now(const struct emulator *emulator)
{
	return mode_at(emulator, mode_now(emulator));
}

static struct run *find_repeat(const struct stream *stream, const char *name)
{
	for (struct run *run = stream->runs; run; run = run->next)
		if (run->repeat && strcmp(run->repeat->name, name) == 0)
			return run;
	return NULL;
}

static void begin_repeat(struct stream *stream, const struct stream_repeat *repeat)
{
	struct run *run = stream_add_run(stream, RUN_REPEAT, &repeat->script, span_of(""));

	if (!run)
		return;
	run->repeat = repeat;
	if (!repeat->at_once) {
		run->round_ms += period_of(stream, run);
		run->due_ms = run->round_ms + wait_of(stream, run);
	}
}

/* What is repeated in both modes goes on in its rhythm. */
static void change_repeats(struct stream *stream, const struct stream_mode *mode)
{
	bool kept[STREAM_REPEATS_MAX] = { false };
	struct run *next;

	for (struct run *run = stream->runs; run; run = next) {
		size_t i = 0;

		next = run->next;
		if (run->kind != RUN_REPEAT)
			continue;
		while (mode && i < mode->repeat_count && strcmp(mode->repeats[i].name, run->repeat->name) != 0)
			i++;
		if (!mode || i == mode->repeat_count) {
			stream_remove_run(stream, run);
			continue;
		}
		kept[i] = true;
		run->repeat = &mode->repeats[i];
		run->script = &mode->repeats[i].script;
		if (run->step >= run->script->count)
			run->step = 0;
	}
	for (size_t i = 0; mode && i < mode->repeat_count; i++)
		if (!kept[i] && !find_repeat(stream, mode->repeats[i].name))
			begin_repeat(stream, &mode->repeats[i]);
}

/* Data of a subscription rests while there is none to be had, and begins afresh with it. */
static void change_subscriptions(struct stream *stream)
{
	for (struct run *run = stream->runs; run; run = run->next) {
		if (run->kind != RUN_SUBSCRIPTION)
			continue;
		if (!stream_is_subscribed(stream, run)) {
			run->step = 0;
			run->due_ms = EMULATOR_NEVER;
		} else if (run->due_ms == EMULATOR_NEVER && period_of(stream, run) > 0) {
			run->round_ms = stream->emulator->now_ms + period_of(stream, run);
			run->due_ms = run->round_ms + wait_of(stream, run);
		}
	}
}

static void greet(struct stream *stream, const struct stream_mode *mode)
{
	stream->greeted = true;
	learn(stream);
	stream_add_run(stream, RUN_ONCE, &mode->greet, span_of(""));
}

void stream_begin(struct stream *stream)
{
	const struct stream_mode *mode = stream_mode_now(stream->emulator);

	stream->mode = mode_now(stream->emulator);
	stream->refused = !mode || mode->refuses;
	if (stream->refused)
		return;
	if (mode->greet.count > 0)
		greet(stream, mode);
	change_repeats(stream, mode);
	stream_run(stream);
}

static void change_mode(struct stream *stream, int16_t index)
{
	const struct stream_mode *mode = mode_at(stream->emulator, index);

	stream->mode = index;
	change_repeats(stream, mode);
	if (!mode || mode->silent)
		return;
	if (!stream->greeted && mode->greet.count > 0) {
		greet(stream, mode);
		return;
	}
	if (stream->greeted && mode->deltas)
		tell_changes(stream);
	stream_add_run(stream, RUN_ONCE, &mode->enter, span_of(""));
}

void streams_changed(struct emulator *emulator)
{
	const int16_t index = mode_now(emulator);
	const struct stream_mode *mode = mode_at(emulator, index);

	for (struct stream *stream = emulator->streams.all; stream; stream = stream->next) {
		if (stream->refused || stream->over)
			continue;
		if (stream->mode != index)
			change_mode(stream, index);
		else if (mode && !mode->silent && mode->deltas && stream->greeted)
			tell_changes(stream);
		change_subscriptions(stream);
		stream_run(stream);
	}
}

/* ---- what actions send ---- */

void streams_send(struct emulator *emulator, const struct stream_script *script, struct span text)
{
	for (struct stream *stream = emulator->streams.all; stream; stream = stream->next) {
		if (stream->refused || stream->over)
			continue;
		if (!script) {
			stream_queue(stream, opcode_of(emulator), 0, text, false, false);
			continue;
		}
		stream_add_run(stream, RUN_NOTICE, script, text);
		stream_run(stream);
	}
}
