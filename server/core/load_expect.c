/*
 * What is expected of the client. Each expectation has one subject (calls, events, pacing, an order, a state) and says of
 * it how often, or by when; the rest says in which spans.
 */
#include "core/loading.h"

#include "core/calendar.h"
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

/* ---- which members go with which subject ---- */

enum member {
	MEMBER_AT_LEAST = 1,
	MEMBER_AT_MOST = 2,
	MEMBER_EVERY = 4,
	MEMBER_WITHIN = 8,
	MEMBER_LAST = 16,
	MEMBER_SPAN = 32,
};

static const struct {
	const char *name;
	unsigned counts;  /* enum member: it must have one of these */
	unsigned allowed; /* and may have these */
	const char *wanted;
} subjects[] = {
	{ "call", MEMBER_AT_LEAST | MEMBER_AT_MOST | MEMBER_EVERY, MEMBER_WITHIN | MEMBER_SPAN,
	  "\"at_least\", \"at_most\" and \"every\"" },
	{ "event", MEMBER_AT_LEAST | MEMBER_AT_MOST, MEMBER_WITHIN | MEMBER_LAST | MEMBER_SPAN,
	  "\"at_least\" and \"at_most\"" },
	{ "frame", MEMBER_AT_LEAST | MEMBER_AT_MOST | MEMBER_EVERY, MEMBER_WITHIN | MEMBER_SPAN,
	  "\"at_least\", \"at_most\" and \"every\"" },
	{ "pacing", MEMBER_AT_MOST, MEMBER_WITHIN | MEMBER_SPAN, "\"at_most\"" },
	{ "order", 0, MEMBER_WITHIN | MEMBER_SPAN, NULL },
	{ "state", 0, MEMBER_WITHIN | MEMBER_SPAN, NULL },
};

static const struct {
	const char *name;
	enum member member;
} members[] = {
	{ "at_least", MEMBER_AT_LEAST }, { "at_most", MEMBER_AT_MOST }, { "every", MEMBER_EVERY },
	{ "within", MEMBER_WITHIN },     { "last", MEMBER_LAST },       { "after", MEMBER_SPAN },
	{ "until", MEMBER_SPAN },        { "while", MEMBER_SPAN },
};

#define SUBJECT_COUNT (sizeof subjects / sizeof *subjects)
#define MEMBER_COUNT (sizeof members / sizeof *members)

/* The row of the one subject that an expectation has; -1, and a problem. */
static int find_subject(struct loading *loading, const cJSON *item)
{
	int found = -1;

	for (size_t i = 0; i < SUBJECT_COUNT; i++) {
		const cJSON *member = json_member(item, subjects[i].name);

		if (member && found >= 0) {
			reader_key_problem(&loading->reader, member, NULL,
			                   "\"%s\" and \"%s\" are two expectations: say each by itself",
			                   subjects[found].name, subjects[i].name);
			return -1;
		}
		if (member)
			found = (int)i;
	}
	if (found < 0)
		reader_key_problem(&loading->reader, item, NULL,
		                   "an expectation must have one of \"call\", \"event\", \"frame\", \"pacing\", "
		                   "\"order\" and \"state\"");
	return found;
}

/* Whether its members go together; each that does not is a problem. */
static bool members_fit(struct loading *loading, const cJSON *item, int subject)
{
	const cJSON *counted = NULL;
	bool fine = true;

	for (size_t i = 0; i < MEMBER_COUNT; i++) {
		const cJSON *member = json_member(item, members[i].name);

		if (!member)
			continue;
		if (!((subjects[subject].counts | subjects[subject].allowed) & members[i].member)) {
			reader_key_problem(&loading->reader, member, NULL, "\"%s\" does not go with \"%s\"",
			                   members[i].name, subjects[subject].name);
			fine = false;
		} else if ((subjects[subject].counts & members[i].member) && counted) {
			reader_key_problem(&loading->reader, member, NULL,
			                   "\"%s\" and \"%s\" are two expectations: say each by itself",
			                   counted->string, members[i].name);
			fine = false;
		} else if (subjects[subject].counts & members[i].member) {
			counted = member;
		}
	}
	if (subjects[subject].counts && !counted && fine) {
		reader_key_problem(&loading->reader, item, NULL, "an expectation of \"%s\" must have %s%s",
		                   subjects[subject].name, subjects[subject].counts == MEMBER_AT_MOST ? "" : "one of ",
		                   subjects[subject].wanted);
		fine = false;
	}
	return fine;
}

/* ---- names, and the same in words ---- */

static const char *copy_of(struct loading *loading, struct buffer *text)
{
	const char *copy = reader_copy(&loading->reader, text->data ? text->data : "");

	buffer_release(text);
	return copy;
}

/* "a", "a or b", "a, b or c" */
static const char *in_words(struct loading *loading, const cJSON *names)
{
	struct buffer text = { 0 };

	if (cJSON_IsString(names))
		return reader_copy(&loading->reader, names->valuestring);
	for (const cJSON *item = names->child; item; item = item->next) {
		if (item != names->child)
			buffer_add_text(&text, item->next ? ", " : " or ");
		buffer_add_text(&text, cJSON_IsString(item) ? item->valuestring : "?");
	}
	return copy_of(loading, &text);
}

/* The same of states: "a or b" of one region, "and" between regions. */
static const char *states_in_words(struct loading *loading, const cJSON *names)
{
	struct buffer text = { 0 };
	int before = INDEX_NONE;

	if (!cJSON_IsArray(names))
		return in_words(loading, names);
	for (const cJSON *item = names->child; item; item = item->next) {
		const int state =
		    cJSON_IsString(item) ? machine_find_state(loading->machine, item->valuestring) : INDEX_NONE;
		const int region = state == INDEX_NONE ? INDEX_NONE : loading->machine->states[state].region;

		if (item != names->child)
			buffer_add_text(&text, region == before ? " or " : " and ");
		buffer_add_text(&text, cJSON_IsString(item) ? item->valuestring : "?");
		before = region;
	}
	return copy_of(loading, &text);
}

static bool is_empty(struct loading *loading, const cJSON *names, const char *what)
{
	if (!cJSON_IsArray(names) || names->child)
		return false;
	reader_problem(&loading->reader, names, NULL, "\"%s\" must name at least one %s", names->string, what);
	return true;
}

/* Endpoints and "@groups", one or a list. */
static bool load_calls_of(struct loading *loading, const cJSON *names, struct endpoint_set *set)
{
	const bool many = cJSON_IsArray(names);
	bool fine = !is_empty(loading, names, "endpoint");

	for (const cJSON *item = many ? names->child : names; item; item = many ? item->next : NULL) {
		struct endpoint_set one = { 0 };

		if (!reader_type(&loading->reader, item, "a call", FIELD_TEXT) ||
		    !load_endpoint_set(loading, item, item->valuestring, &one)) {
			fine = false;
			continue;
		}
		for (size_t i = 0; i < ENDPOINTS_MAX / 64; i++)
			set->bits[i] |= one.bits[i];
	}
	return fine;
}

static bool load_events_of(struct loading *loading, const cJSON *names, struct event_set *set)
{
	const bool many = cJSON_IsArray(names);
	bool fine = !is_empty(loading, names, "event");

	for (const cJSON *item = many ? names->child : names; item; item = many ? item->next : NULL)
		fine = load_event_or_group(loading, item, set) && fine;
	return fine;
}

/* Topics of the websocket's messages, one or a list: one bit each. */
static uint64_t load_topics_of(struct loading *loading, const cJSON *names)
{
	const struct websocket *websocket = loading->machine->websocket;
	const bool many = cJSON_IsArray(names);
	uint64_t topics = 0;

	is_empty(loading, names, "topic");
	for (const cJSON *item = many ? names->child : names; item; item = many ? item->next : NULL) {
		struct nearest nearest;
		int topic;

		if (!reader_type(&loading->reader, item, "a topic", FIELD_TEXT))
			continue;
		topic = websocket ? websocket_find_topic(websocket, span_of(item->valuestring)) : INDEX_NONE;
		if (topic != INDEX_NONE) {
			topics |= 1ULL << topic;
			continue;
		}
		nearest_begin(&nearest, item->valuestring);
		for (size_t i = 0; websocket && i < websocket->topic_count; i++)
			nearest_offer(&nearest, websocket->topics[i].name);
		reader_problem(&loading->reader, item, nearest.best, "\"websocket\" has no topic \"%s\"",
		               item->valuestring);
	}
	return topics;
}

/* ---- parts ---- */

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

static const struct field step_fields[] = {
	{ "call", NAMES, false },
	{ "event", NAMES, false },
	{ "frame", NAMES, false },
	{ 0 },
};

/* "event login", "message tic or smd" */
static const char *step_in_words(struct loading *loading, const char *kind, const cJSON *names)
{
	struct buffer text = { 0 };

	buffer_add_format(&text, "%s%s", kind, in_words(loading, names));
	return copy_of(loading, &text);
}

/* Calls, or {"call": …}, {"event": …}, {"frame": …}: any of these. */
static bool load_step(struct loading *loading, const cJSON *item, struct order_step *step)
{
	const size_t before = loading->reader.problems->total;
	const cJSON *names = cJSON_IsObject(item) ? item->child : item;

	*step = (struct order_step){ 0 };
	if (!reader_type(&loading->reader, item, "a step", NAMES | FIELD_OBJECT))
		return false;
	if (cJSON_IsObject(item) && !reader_object(&loading->reader, item, "a step", step_fields))
		return false;
	if (cJSON_IsObject(item) && (!names || names->next)) {
		reader_problem(&loading->reader, item, NULL,
		               "a step of \"order\" is one of \"call\", \"event\" and \"frame\"");
		return false;
	}
	if (json_member(item, "event")) {
		load_events_of(loading, names, &step->events);
		step->text = step_in_words(loading, "event ", names);
	} else if (json_member(item, "frame")) {
		step->frames = load_topics_of(loading, names);
		step->text = step_in_words(loading, "message ", names);
	} else {
		load_calls_of(loading, names, &step->calls);
		step->text = in_words(loading, names);
	}
	return loading->reader.problems->total == before;
}

static bool is_empty_events(const struct event_set *set)
{
	for (size_t i = 0; i < EVENTS_MAX / 64; i++)
		if (set->bits[i])
			return false;
	return true;
}

static void add_step(struct expectation *expectation, const struct order_step *step)
{
	for (size_t i = 0; i < ENDPOINTS_MAX / 64; i++)
		expectation->calls.bits[i] |= step->calls.bits[i];
	for (size_t i = 0; i < EVENTS_MAX / 64; i++)
		expectation->events.bits[i] |= step->events.bits[i];
	expectation->frames |= step->frames;
	expectation->order_is_of_calls &= is_empty_events(&step->events) && step->frames == 0;
}

static void load_order(struct loading *loading, const cJSON *order, struct expectation *expectation)
{
	const int count = cJSON_GetArraySize(order);

	if (count < 2 || count > EXPECTATION_ORDER_MAX) {
		reader_problem(&loading->reader, order, NULL, "\"order\" has 2 to %d steps", EXPECTATION_ORDER_MAX);
		return;
	}
	expectation->order = arena_alloc(loading->machine->arena, (size_t)count * sizeof *expectation->order);
	expectation->order_is_of_calls = true;
	for (const cJSON *item = order->child; item; item = item->next)
		if (load_step(loading, item, &expectation->order[expectation->order_count]))
			add_step(expectation, &expectation->order[expectation->order_count++]);
}

static void load_subject(struct loading *loading, const cJSON *item, struct expectation *expectation)
{
	const cJSON *call = json_member(item, "call");
	const cJSON *event = json_member(item, "event");
	const cJSON *frame = json_member(item, "frame");
	const cJSON *last = json_member(item, "last");
	const cJSON *pacing = json_member(item, "pacing");
	const cJSON *order = json_member(item, "order");
	const cJSON *state = json_member(item, "state");

	if (call) {
		load_calls_of(loading, call, &expectation->calls);
		expectation->subject_text = in_words(loading, call);
	} else if (event) {
		expectation->subject = SUBJECT_EVENTS;
		load_events_of(loading, event, &expectation->events);
		expectation->subject_text = in_words(loading, event);
	} else if (frame) {
		expectation->subject = SUBJECT_FRAMES;
		expectation->frames = load_topics_of(loading, frame);
		expectation->subject_text = in_words(loading, frame);
	} else if (pacing) {
		expectation->subject = SUBJECT_PACING;
		if (!cJSON_IsTrue(pacing))
			reader_problem(&loading->reader, pacing, NULL,
			               "\"pacing\" must be true; null takes an expectation away");
		else if (loading->machine->rate_limit_count == 0)
			reader_key_problem(&loading->reader, pacing, NULL, "the scenario has no \"rate_limits\"");
	} else if (order) {
		expectation->kind = EXPECT_ORDER;
		load_order(loading, order, expectation);
	} else if (state) {
		expectation->kind = json_member(item, "within") ? EXPECT_STATE : EXPECT_FINAL_STATE;
		expectation->state = load_state_set(loading, state);
		expectation->state_text = states_in_words(loading, state);
	}
	if (last) {
		load_calls_of(loading, last, &expectation->last);
		expectation->last_text = in_words(loading, last);
	}
}

static void load_span(struct loading *loading, const cJSON *item, struct expectation *expectation)
{
	const cJSON *after = json_member(item, "after");
	const cJSON *until = json_member(item, "until");
	const cJSON *when = json_member(item, "while");

	if (after) {
		expectation->has_after = true;
		load_events_of(loading, after, &expectation->after);
		expectation->after_text = in_words(loading, after);
	}
	if (until)
		load_events_of(loading, until, &expectation->until);
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

/* ---- the whole in words ---- */

static void add_amount(const struct loading *loading, const struct amount *amount, struct buffer *out)
{
	if (amount->setting == INDEX_NONE)
		duration_add(out, amount->ms);
	else
		buffer_add_text(out, loading->machine->settings[amount->setting].name);
}

static void add_counted(const struct expectation *expectation, struct buffer *out)
{
	const char *of = expectation->subject == SUBJECT_EVENTS   ? "event"
	                 : expectation->subject == SUBJECT_FRAMES ? "message"
	                                                          : "call";

	if (expectation->count == 0)
		buffer_add_text(out, "no");
	else
		buffer_add_format(out, "%s %u", expectation->kind == EXPECT_AT_LEAST ? "at least" : "at most",
		                  expectation->count);
	buffer_add_format(out, " %s%s", of, expectation->count > 1 ? "s" : "");
	if (expectation->subject == SUBJECT_PACING)
		buffer_add_text(out, " beyond the documented rate limits");
	else
		buffer_add_format(out, " %s%s", expectation->subject == SUBJECT_CALLS ? "of " : "",
		                  expectation->subject_text);
}

static void add_subject(const struct loading *loading, const struct expectation *expectation, struct buffer *out)
{
	switch (expectation->kind) {
	case EXPECT_AT_LEAST:
	case EXPECT_AT_MOST:
		add_counted(expectation, out);
		break;
	case EXPECT_EVERY:
		buffer_add_format(out, "a %s %s every ", expectation->subject == SUBJECT_FRAMES ? "message" : "call of",
		                  expectation->subject_text);
		add_amount(loading, &expectation->within, out);
		return;
	case EXPECT_ORDER:
		buffer_add_text(out, expectation->order_is_of_calls ? "calls in this order: " : "in this order: ");
		for (size_t i = 0; i < expectation->order_count; i++)
			buffer_add_format(out, "%s%s", i ? ", " : "", expectation->order[i].text);
		break;
	case EXPECT_STATE:
		buffer_add_format(out, "state %s", expectation->state_text);
		break;
	case EXPECT_FINAL_STATE:
		buffer_add_format(out, "state %s at the end", expectation->state_text);
		break;
	}
	if (expectation->has_within) {
		buffer_add_text(out, expectation->kind == EXPECT_AT_MOST ? " within any " : " within ");
		add_amount(loading, &expectation->within, out);
	}
}

static const char *wanted(struct loading *loading, const cJSON *item, const struct expectation *expectation)
{
	struct buffer text = { 0 };

	add_subject(loading, expectation, &text);
	if (expectation->has_after)
		buffer_add_format(&text, " after %s", expectation->after_text);
	if (json_member(item, "until"))
		buffer_add_format(&text, " until %s", in_words(loading, json_member(item, "until")));
	if (expectation->when_text)
		buffer_add_format(&text, " while %s", expectation->when_text);
	return copy_of(loading, &text);
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

static bool load_expectation(struct loading *loading, const cJSON *item, struct expectation *expectation)
{
	const size_t before = loading->reader.problems->total;
	int subject;

	*expectation = (struct expectation){ .within = { .setting = INDEX_NONE } };
	if (!reader_name(&loading->reader, item, "an expectation") ||
	    !reader_object(&loading->reader, item, "an expectation", expect_fields))
		return false;
	subject = find_subject(loading, item);
	if (subject < 0 || !members_fit(loading, item, subject))
		return false;
	expectation->name = reader_copy(&loading->reader, item->string);
	load_subject(loading, item, expectation);
	load_counts(loading, item, expectation);
	load_span(loading, item, expectation);
	load_severity(loading, item, expectation);
	expectation->says = load_sentence(loading, item, "says");
	expectation->because = load_sentence(loading, item, "because");
	expectation->wanted = wanted(loading, item, expectation);
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

/* ---- what can never be ---- */

static bool is_empty_set(const struct machine *machine, const struct endpoint_set *set)
{
	for (size_t i = 0; i < machine->endpoint_count; i++)
		if (endpoint_set_has(set, i))
			return false;
	return true;
}

void load_expectation_checks(struct loading *loading, uint64_t reached)
{
	const struct machine *machine = loading->machine;
	const cJSON *expect = json_member(loading->tree, "expect");

	for (size_t i = 0; i < machine->expectation_count; i++) {
		const struct expectation *expectation = &machine->expectations[i];
		const cJSON *item = json_member(expect, expectation->name);

		if (load_is_own(loading, json_member(item, "call")) && is_empty_set(machine, &expectation->calls))
			reader_problem(&loading->reader, json_member(item, "call"), NULL,
			               "expectation \"%s\" can never count a call: no endpoint is in %s",
			               expectation->name, expectation->subject_text);
		if (load_is_own(loading, json_member(item, "while")) &&
		    !load_set_is_reachable(machine, expectation->when, reached))
			reader_problem(
			    &loading->reader, json_member(item, "while"), NULL,
			    "expectation \"%s\" is never judged: nothing leads to the states in its \"while\"",
			    expectation->name);
		if (load_is_own(loading, json_member(item, "state")) &&
		    !load_set_is_reachable(machine, expectation->state, reached))
			reader_problem(&loading->reader, json_member(item, "state"), NULL,
			               "expectation \"%s\" is never met: nothing leads to the states in its \"state\"",
			               expectation->name);
	}
}
