/*
 * What an expectation is about: calls, events, messages, pacing, an order of these, a state.
 */
#include "core/load_expect.h"

#define NAMES (FIELD_TEXT | FIELD_LIST)

/* ---- orders ---- */

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

	buffer_add_format(&text, "%s%s", kind, names_in_words(loading, names));
	return expect_text(loading, &text);
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
		load_expect_events(loading, names, &step->events);
		step->text = step_in_words(loading, "event ", names);
	} else if (json_member(item, "frame")) {
		step->frames = load_expect_topics(loading, names);
		step->text = step_in_words(loading, "message ", names);
	} else {
		load_expect_calls(loading, names, &step->calls);
		step->text = names_in_words(loading, names);
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

/* ---- any of them ---- */

void load_expect_subject(struct loading *loading, const cJSON *item, struct expectation *expectation)
{
	const cJSON *call = json_member(item, "call");
	const cJSON *event = json_member(item, "event");
	const cJSON *frame = json_member(item, "frame");
	const cJSON *last = json_member(item, "last");
	const cJSON *pacing = json_member(item, "pacing");
	const cJSON *order = json_member(item, "order");
	const cJSON *state = json_member(item, "state");

	if (call) {
		load_expect_calls(loading, call, &expectation->calls);
		expectation->subject_text = names_in_words(loading, call);
	} else if (event) {
		expectation->subject = SUBJECT_EVENTS;
		load_expect_events(loading, event, &expectation->events);
		expectation->subject_text = names_in_words(loading, event);
	} else if (frame) {
		expectation->subject = SUBJECT_FRAMES;
		expectation->frames = load_expect_topics(loading, frame);
		expectation->subject_text = names_in_words(loading, frame);
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
		load_expect_calls(loading, last, &expectation->last);
		expectation->last_text = names_in_words(loading, last);
	}
}
