/*
 * What is expected of the client. Each expectation has one subject (load_expect_subject.c) and says of it how often, or by
 * when; the rest says in which spans.
 */
#include "core/load_expect.h"

#include "core/names.h"
#include "core/setting.h"
#include "core/websocket.h"

#include <string.h>

#define NAMES (FIELD_TEXT | FIELD_LIST)

static const struct field expect_fields[] = {
	{ "call", NAMES, false },
	{ "event", NAMES, false },
	{ "frame", NAMES, false },
	{ "pacing", FIELD_BOOL, false },
	{ "order", FIELD_LIST, false },
	{ "state", NAMES, false },
	{ "at_least", FIELD_NUMBER, false },
	{ "at_most", FIELD_NUMBER, false },
	{ "every", FIELD_TEXT, false },
	{ "within", FIELD_TEXT, false },
	{ "after", NAMES, false },
	{ "until", NAMES, false },
	{ "while", NAMES, false },
	{ "last", NAMES, false },
	{ "severity", FIELD_TEXT, false },
	{ "says", FIELD_TEXT, false },
	{ "because", FIELD_TEXT, false },
	{ 0 },
};

/* ---- how often, and by when ---- */

static void load_number(struct loading *loading, const cJSON *number, const char *what, int64_t least,
                        struct expectation *expectation)
{
	int64_t count = 0;

	if (reader_integer(&loading->reader, number, what, least, EXPECTATION_COUNT_MAX, &count))
		expectation->count = (uint32_t)count;
}

static void load_within(struct loading *loading, const cJSON *item, struct expectation *expectation)
{
	const cJSON *within = json_member(item, "within");

	if (!within)
		return;
	expectation->has_within = true;
	expectation->within = load_amount(loading, within, 1);
	if (expectation->kind != EXPECT_AT_MOST)
		return;
	if (expectation->count == 0)
		reader_key_problem(&loading->reader, within, NULL,
		                   "\"at_most\": 0 allows none at any time: it has no \"within\"");
	else if (expectation->count > EXPECTATION_WINDOW_MAX)
		reader_key_problem(&loading->reader, json_member(item, "at_most"), NULL,
		                   "within a time, \"at_most\" counts up to %d", EXPECTATION_WINDOW_MAX);
}

static void load_counts(struct loading *loading, const cJSON *item, struct expectation *expectation)
{
	const cJSON *at_least = json_member(item, "at_least");
	const cJSON *at_most = json_member(item, "at_most");
	const cJSON *every = json_member(item, "every");

	if (at_least) {
		expectation->kind = EXPECT_AT_LEAST;
		load_number(loading, at_least, "\"at_least\"", 1, expectation);
	} else if (at_most) {
		expectation->kind = EXPECT_AT_MOST;
		load_number(loading, at_most, "\"at_most\"", 0, expectation);
	} else if (every) {
		expectation->kind = EXPECT_EVERY;
		expectation->has_within = true;
		expectation->within = load_amount(loading, every, TIMER_PERIOD_MIN_MS);
		if (json_member(item, "within"))
			reader_key_problem(&loading->reader, json_member(item, "within"), NULL,
			                   "\"within\" does not go with \"every\"");
		return;
	}
	load_within(loading, item, expectation);
}

/* ---- in which spans ---- */

static void load_span(struct loading *loading, const cJSON *item, struct expectation *expectation)
{
	const cJSON *after = json_member(item, "after");
	const cJSON *until = json_member(item, "until");
	const cJSON *when = json_member(item, "while");

	if (after) {
		expectation->has_after = true;
		load_expect_events(loading, after, &expectation->after);
		expectation->after_text = names_in_words(loading, after);
	}
	if (until)
		load_expect_events(loading, until, &expectation->until);
	for (size_t i = 0; i < EVENTS_MAX / 64 && after && until; i++) {
		if (!(expectation->after.bits[i] & expectation->until.bits[i]))
			continue;
		reader_key_problem(&loading->reader, until, NULL,
		                   "an event is in \"after\" and in \"until\": it cannot begin and end the same");
		break;
	}
	if (when) {
		expectation->when = load_state_set(loading, when);
		expectation->when_text = states_in_words(loading, when);
	}
	if (expectation->kind == EXPECT_FINAL_STATE && (after || until || when))
		reader_key_problem(&loading->reader,
		                   after   ? after
		                   : until ? until
		                           : when,
		                   NULL, "a state with \"%s\" needs \"within\"; without it, the end counts",
		                   (after   ? after
		                    : until ? until
		                            : when)
		                       ->string);
}

/* ---- what breaking it means ---- */

static void load_severity(struct loading *loading, const cJSON *item, struct expectation *expectation)
{
	const cJSON *severity = json_member(item, "severity");
	struct nearest nearest;

	if (!severity || strcmp(severity->valuestring, "failure") == 0)
		return;
	expectation->is_warning = true;
	if (strcmp(severity->valuestring, "warning") == 0)
		return;
	nearest_begin(&nearest, severity->valuestring);
	nearest_offer(&nearest, "failure");
	nearest_offer(&nearest, "warning");
	reader_problem(&loading->reader, severity, nearest.best,
	               "\"severity\" must be \"failure\" or \"warning\", found \"%s\"", severity->valuestring);
}

static const char *load_sentence(struct loading *loading, const cJSON *item, const char *name)
{
	const cJSON *member = json_member(item, name);

	if (!member)
		return NULL;
	if (!setting_text_is_fine(member->valuestring) || !member->valuestring[0])
		reader_problem(&loading->reader, member, NULL, "\"%s\" has 1 to %d bytes and no control characters",
		               name, SETTING_TEXT_MAX);
	return reader_copy(&loading->reader, member->valuestring);
}

/* ---- who looks at what ---- */

static void index_expectation(struct machine *machine, size_t index)
{
	const struct expectation *expectation = &machine->expectations[index];
	const uint64_t bit = 1ULL << index;

	for (size_t i = 0; i < machine->endpoint_count; i++)
		if (endpoint_set_has(&expectation->calls, i) || endpoint_set_has(&expectation->last, i))
			machine->expects_call[i] |= bit;
	for (size_t i = 0; i < machine->event_count; i++)
		if (event_set_has(&expectation->events, (int)i) || event_set_has(&expectation->after, (int)i) ||
		    event_set_has(&expectation->until, (int)i))
			machine->expects_event[i] |= bit;
	if (expectation->when.breaks || expectation->kind == EXPECT_STATE)
		machine->expects_states |= bit;
	if (expectation->subject == SUBJECT_PACING)
		machine->expects_pacing |= bit;
	for (size_t i = 0; expectation->frames && i < machine->websocket->topic_count; i++)
		if (expectation->frames >> i & 1U)
			machine->websocket->topics[i].expectations |= bit;
}

/* ---- the whole ---- */

static bool load_expectation(struct loading *loading, const cJSON *item, struct expectation *expectation)
{
	const size_t before = loading->reader.problems->total;
	int subject;

	*expectation = (struct expectation){ .within = { .setting = INDEX_NONE } };
	if (!reader_name(&loading->reader, item, "an expectation") ||
	    !reader_object(&loading->reader, item, "an expectation", expect_fields))
		return false;
	subject = find_expect_subject(loading, item);
	if (subject < 0 || !expect_members_fit(loading, item, subject))
		return false;
	expectation->name = reader_copy(&loading->reader, item->string);
	load_expect_subject(loading, item, expectation);
	load_counts(loading, item, expectation);
	load_span(loading, item, expectation);
	load_severity(loading, item, expectation);
	expectation->says = load_sentence(loading, item, "says");
	expectation->because = load_sentence(loading, item, "because");
	expectation->wanted = expectation_in_words(loading, item, expectation);
	return loading->reader.problems->total == before;
}

void load_expectations(struct loading *loading)
{
	struct machine *machine = loading->machine;
	const cJSON *expect = json_member(loading->tree, "expect");
	const size_t count = expect ? load_count(loading, expect, "expectations", EXPECTATIONS_MAX) : 0;

	if (count == 0)
		return;
	machine->expectations = arena_alloc(machine->arena, count * sizeof *machine->expectations);
	machine->expects_call =
	    arena_alloc(machine->arena, (machine->endpoint_count + 1) * sizeof *machine->expects_call);
	machine->expects_event =
	    arena_alloc(machine->arena, (machine->event_count + 1) * sizeof *machine->expects_event);
	for (const cJSON *item = expect->child; item; item = item->next) {
		if (!load_expectation(loading, item, &machine->expectations[machine->expectation_count]))
			continue;
		index_expectation(machine, machine->expectation_count++);
	}
}
