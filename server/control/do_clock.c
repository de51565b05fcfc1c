/*
 * A gateway's clock: shown, stopped, set going, moved.
 */
#include "control/answer.h"
#include "control/handlers.h"
#include "control/records.h"
#include "core/calendar.h"
#include "core/reader.h"

/* ---- showing ---- */

static void answer_clock(struct call *call, uint64_t from)
{
	struct gateway *gateway = call->entry->gateway;
	const int64_t next_ms = gateway_deadline_ms(gateway);
	struct buffer *out = call_answer_json(call, MHD_HTTP_OK);

	buffer_add_text(out, "{\"clock\":");
	answer_add_clock(out, gateway);
	buffer_add_text(out, ",\"next\":");
	if (next_ms == EMULATOR_NEVER)
		buffer_add_text(out, "null");
	else
		answer_add_instant(out, next_ms);
	buffer_add_text(out, ",");
	records_add_fired(&gateway->emulator, from, out);
	buffer_add_text(out, "}\n");
}

void do_clock_show(struct call *call)
{
	struct gateway *gateway = call->entry->gateway;

	gateway_advance(gateway);
	answer_clock(call, gateway->emulator.journal.written);
}

/* ---- how it goes ---- */

static uint64_t written(const struct call *call)
{
	return call->entry->gateway->emulator.journal.written;
}

void do_clock_freeze(struct call *call)
{
	const uint64_t from = written(call);

	gateway_clock_freeze(call->entry->gateway);
	answer_clock(call, from);
}

/* As it was started, or, where it was started by hand, as the machine's own. */
void do_clock_resume(struct call *call)
{
	const uint64_t from = written(call);

	gateway_clock_resume(call->entry->gateway);
	answer_clock(call, from);
}

static const struct field scale_fields[] = {
	{ "scale", FIELD_NUMBER, true },
	{ NULL, 0, false },
};

void do_clock_scale(struct call *call)
{
	const uint64_t from = written(call);
	struct call_json json;
	int64_t scale = 1;

	if (call_json_begin(call, false, &json)) {
		const struct reader reader = { .places = &json.places, .problems = &json.problems };

		if (reader_object(&reader, json.tree, "a clock's speed", scale_fields))
			reader_integer(&reader, json_member(json.tree, "scale"), "how many times faster", 1,
			               CLOCK_SCALE_MAX, &scale);
		if (call_json_passed(call, &json)) {
			gateway_clock_scale(call->entry->gateway, scale);
			answer_clock(call, from);
		}
	}
	call_json_end(&json);
}

/* ---- where it is ---- */

static void answer_move(struct call *call, bool has_moved, uint64_t from)
{
	if (has_moved)
		answer_clock(call, from);
	else
		call_problem(call, MHD_HTTP_CONFLICT,
		             "a gateway's clock never goes backwards, nor ten years at once: wanted no less than the "
		             "present time; /reset starts it anew");
}

static const struct field set_fields[] = {
	{ "to", FIELD_TEXT, true },
	{ NULL, 0, false },
};

void do_clock_set(struct call *call)
{
	const uint64_t from = written(call);
	struct call_json json;
	int64_t to_ms = 0;

	if (call_json_begin(call, false, &json)) {
		const struct reader reader = { .places = &json.places, .problems = &json.problems };
		const cJSON *to = json_member(json.tree, "to");

		if (reader_object(&reader, json.tree, "an instant", set_fields) &&
		    !instant_parse(to->valuestring, &to_ms))
			reader_problem(&reader, to, NULL,
			               "wanted an instant such as \"2026-03-02T14:30:00Z\", found \"%s\"",
			               to->valuestring);
		if (call_json_passed(call, &json))
			answer_move(call, gateway_clock_set(call->entry->gateway, to_ms), from);
	}
	call_json_end(&json);
}

static const struct field advance_fields[] = {
	{ "by", FIELD_TEXT, true },
	{ NULL, 0, false },
};

void do_clock_advance(struct call *call)
{
	const uint64_t from = written(call);
	struct call_json json;
	int64_t by_ms = 0;

	if (call_json_begin(call, false, &json)) {
		const struct reader reader = { .places = &json.places, .problems = &json.problems };

		if (reader_object(&reader, json.tree, "a step", advance_fields))
			reader_duration(&reader, json_member(json.tree, "by"), 0, &by_ms);
		if (call_json_passed(call, &json))
			answer_move(call, gateway_clock_advance(call->entry->gateway, by_ms), from);
	}
	call_json_end(&json);
}

void do_clock_advance_to_next(struct call *call)
{
	const uint64_t from = written(call);

	if (gateway_clock_advance_to_next(call->entry->gateway))
		answer_clock(call, from);
	else
		call_problem(call, MHD_HTTP_CONFLICT, "nothing will happen by itself: there is no next instant");
}
