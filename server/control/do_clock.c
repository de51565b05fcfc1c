/*
 * A gateway's clock: shown, stopped, set going, moved. A move is answered when it is over, however long it takes: others
 * have their turn meanwhile.
 */
#include "control/answer.h"
#include "control/handlers.h"
#include "control/records.h"
#include "control/wait.h"
#include "core/calendar.h"
#include "core/reader.h"

#include <stdlib.h>

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

static uint64_t written(const struct call *call)
{
	return call->entry->gateway->emulator.journal.written;
}

/* ---- a move that takes its time ---- */

static bool no_record_ends_it(struct call *call, uint64_t index, const struct record *record)
{
	(void)call;
	(void)index;
	(void)record;
	return false;
}

static bool go_on(struct call *call)
{
	return gateway_clock_go_on(call->entry->gateway);
}

static void finish_move(struct call *call, enum wait_end end)
{
	const uint64_t *from = call->wait->context;

	if (end == WAIT_FITS)
		answer_clock(call, *from);
	else
		wait_answer_end(call, end,
		                "the end of the clock's move, which stops where it is, so much happens on the way,");
	if (call->entry)
		gateway_clock_stay(call->entry->gateway);
}

static void wait_for_move(struct call *call, uint64_t from)
{
	uint64_t *remembered = malloc(sizeof *remembered);

	if (remembered)
		*remembered = from;
	if (remembered && wait_begin(call, CONTROL_WAIT_MAX_MS, no_record_ends_it, finish_move, remembered, free))
		wait_works(call, go_on);
	else
		gateway_clock_stay(call->entry->gateway);
}

static void refuse_move(struct call *call)
{
	struct buffer words = { 0 };

	buffer_add_text(&words, "a gateway's clock never goes backwards, nor more than ten years at once: it shows ");
	instant_add(&words, gateway_now_ms(call->entry->gateway));
	buffer_add_text(&words, "; /reset starts it anew");
	call_long_problem(call, MHD_HTTP_CONFLICT, words.data ? words.data : "");
	buffer_release(&words);
}

static void answer_move(struct call *call, bool has_moved, uint64_t from)
{
	if (!has_moved)
		refuse_move(call);
	else if (call->entry->gateway->is_moving)
		wait_for_move(call, from);
	else
		answer_clock(call, from);
}

/* Whoever has sent it ends the move by going away; a change in the middle of it would be half of each. */
static bool refuse_while_moving(struct call *call)
{
	struct buffer words = { 0 };

	if (!call->entry->gateway->is_moving)
		return false;
	buffer_add_text(&words, "the clock is on its way to ");
	instant_add(&words, call->entry->gateway->moves_to_ms);
	buffer_add_text(&words, ", where another call has sent it");
	call_long_problem(call, MHD_HTTP_CONFLICT, words.data ? words.data : "");
	buffer_release(&words);
	return true;
}

/* ---- how it goes ---- */

static void change(struct call *call, void (*change_clock)(struct gateway *gateway))
{
	const uint64_t from = written(call);

	if (refuse_while_moving(call))
		return;
	change_clock(call->entry->gateway);
	answer_clock(call, from);
}

void do_clock_freeze(struct call *call)
{
	change(call, gateway_clock_freeze);
}

/* As it was started, or, where it was started by hand, as the machine's own. */
void do_clock_resume(struct call *call)
{
	change(call, gateway_clock_resume);
}

/* ---- where it is, and how fast: calls that want to know one thing ---- */

struct asking {
	const char *what;
	struct field fields[2];
	/* Reads the value, or adds a problem. */
	void (*read)(const struct reader *reader, const cJSON *item, int64_t *value);
	bool (*act)(struct gateway *gateway, int64_t value);
};

static void read_scale(const struct reader *reader, const cJSON *item, int64_t *value)
{
	reader_integer(reader, item, "how many times faster", 1, CLOCK_SCALE_MAX, value);
}

static void read_instant(const struct reader *reader, const cJSON *item, int64_t *value)
{
	if (!instant_parse(item->valuestring, value))
		reader_problem(reader, item, NULL, "wanted an instant such as \"2026-03-02T14:30:00Z\", found \"%s\"",
		               item->valuestring);
}

static void read_step(const struct reader *reader, const cJSON *item, int64_t *value)
{
	if (!duration_parse(item->valuestring, value))
		reader_problem(
		    reader, item, NULL,
		    "wanted a duration such as \"90s\", \"5m30s\" or \"24h\", ten years at the most; found \"%s\"",
		    item->valuestring);
}

static void ask(struct call *call, const struct asking *asking)
{
	const uint64_t from = written(call);
	struct call_json json;
	int64_t value = 0;

	if (refuse_while_moving(call))
		return;
	if (call_json_begin(call, false, &json)) {
		const struct reader reader = { .places = &json.places, .problems = &json.problems };

		if (reader_object(&reader, json.tree, asking->what, asking->fields))
			asking->read(&reader, json_member(json.tree, asking->fields[0].name), &value);
		if (call_json_passed(call, &json))
			answer_move(call, asking->act(call->entry->gateway, value), from);
	}
	call_json_end(&json);
}

void do_clock_scale(struct call *call)
{
	static const struct asking asking = { "a clock's speed",
		                              { { "scale", FIELD_NUMBER, true }, { NULL, 0, false } },
		                              read_scale,
		                              gateway_clock_scale };

	ask(call, &asking);
}

void do_clock_set(struct call *call)
{
	static const struct asking asking = {
		"an instant", { { "to", FIELD_TEXT, true }, { NULL, 0, false } }, read_instant, gateway_clock_set
	};

	ask(call, &asking);
}

void do_clock_advance(struct call *call)
{
	static const struct asking asking = {
		"a step", { { "by", FIELD_TEXT, true }, { NULL, 0, false } }, read_step, gateway_clock_advance
	};

	ask(call, &asking);
}

void do_clock_advance_to_next(struct call *call)
{
	const uint64_t from = written(call);

	if (refuse_while_moving(call))
		return;
	if (gateway_clock_advance_to_next(call->entry->gateway))
		answer_move(call, true, from);
	else
		call_problem(call, MHD_HTTP_CONFLICT, "nothing will happen by itself: there is no next instant");
}
