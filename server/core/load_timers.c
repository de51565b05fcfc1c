/*
 * Timers. Their names come first, because replies may speak of them.
 */
#include "core/loading.h"

#include "core/calendar.h"
#include "core/names.h"

static const struct field timer_fields[] = {
	{ "while", FIELD_LIST, true },       { "after", FIELD_TEXT, false },
	{ "every", FIELD_TEXT, false },      { "daily", FIELD_OBJECT, false },
	{ "at_once", FIELD_BOOL, false },    { "times", FIELD_NUMBER, false },
	{ "restart_on", FIELD_LIST, false }, { "event", FIELD_TEXT | FIELD_LIST, true },
	{ "then", FIELD_TEXT, false },       { 0 },
};

static const struct field event_fields[] = {
	{ "event", FIELD_TEXT, true },
	{ "while", FIELD_LIST, true },
	{ 0 },
};

static const struct field daily_fields[] = {
	{ "at", FIELD_TEXT, true },
	{ "zone", FIELD_TEXT, true },
	{ 0 },
};

void load_timer_names(struct loading *loading)
{
	struct machine *machine = loading->machine;
	const cJSON *timers = json_member(loading->tree, "timers");

	if (timers && cJSON_GetArraySize(timers) > TIMERS_MAX) {
		reader_key_problem(&loading->reader, timers, NULL, "too many timers; at most %d are allowed",
		                   TIMERS_MAX);
		return;
	}
	machine->timers = arena_alloc(machine->arena, TIMERS_MAX * sizeof *machine->timers);
	for (const cJSON *item = timers ? timers->child : NULL; item; item = item->next)
		if (reader_name(&loading->reader, item, "a timer"))
			machine->timers[machine->timer_count++] =
			    (struct timer){ .name = reader_copy(&loading->reader, item->string), .then = INDEX_NONE };
}

static void load_daily(struct loading *loading, const cJSON *daily, struct timer *timer)
{
	struct nearest nearest;
	const char *zone;
	int found;

	if (!reader_object(&loading->reader, daily, "\"daily\"", daily_fields))
		return;
	if (!time_of_day_parse(reader_text(daily, "at"), &timer->minute_of_day))
		reader_problem(&loading->reader, json_member(daily, "at"), NULL,
		               "wanted a time of day such as \"00:00\", found \"%s\"", reader_text(daily, "at"));
	zone = reader_text(daily, "zone");
	found = zone_find(zone);
	if (found >= 0) {
		timer->zone = (uint8_t)found;
		return;
	}
	nearest_begin(&nearest, zone);
	for (int i = 0; zone_name(i); i++)
		nearest_offer(&nearest, zone_name(i));
	reader_problem(&loading->reader, json_member(daily, "zone"), nearest.best, "there is no zone \"%s\"", zone);
}

/* One of a list: the name of an event, or an object that says while which states. */
static bool load_timer_event(struct loading *loading, const cJSON *item, struct timer_event *event)
{
	const cJSON *name = cJSON_IsObject(item) ? json_member(item, "event") : item;

	*event = (struct timer_event){ .event = INDEX_NONE };
	if (!reader_type(&loading->reader, item, "an event of a timer", FIELD_TEXT | FIELD_OBJECT))
		return false;
	if (cJSON_IsObject(item)) {
		if (!reader_object(&loading->reader, item, "an event of a timer", event_fields))
			return false;
		event->when = load_state_set(loading, json_member(item, "while"));
	}
	event->event = (int16_t)load_event(loading, name, name->valuestring);
	return event->event != INDEX_NONE;
}

static void load_timer_events(struct loading *loading, const cJSON *item, struct timer *timer)
{
	const bool many = cJSON_IsArray(item);
	const size_t count = many ? (size_t)cJSON_GetArraySize(item) : 1;

	if (count == 0 || count > TIMER_EVENTS_MAX) {
		reader_problem(&loading->reader, item, NULL, "a timer's list of events has 1 to %d of them",
		               TIMER_EVENTS_MAX);
		return;
	}
	timer->events = arena_alloc(loading->machine->arena, count * sizeof *timer->events);
	for (const cJSON *each = many ? item->child : item; each; each = many ? each->next : NULL) {
		if (timer->event_count && !timer->events[timer->event_count - 1].when.breaks)
			reader_problem(&loading->reader, each, NULL,
			               "this event is never raised: the one before it always is");
		if (load_timer_event(loading, each, &timer->events[timer->event_count]))
			timer->event_count++;
	}
}

/* How often, and what comes after the last time. */
static void load_times(struct loading *loading, const cJSON *item, struct timer *timer)
{
	static const char *const members[] = { "at_once", "times", "then" };
	const cJSON *times = json_member(item, "times");
	const cJSON *then = json_member(item, "then");
	int64_t count = 0;

	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		if (timer->kind != TIMER_EVERY && json_member(item, members[i]))
			reader_key_problem(&loading->reader, json_member(item, members[i]), NULL,
			                   "\"%s\" goes with \"every\"", members[i]);
	timer->at_once = reader_flag(item, "at_once", false);
	if (times && reader_integer(&loading->reader, times, "\"times\"", 1, TIMER_TIMES_MAX, &count))
		timer->times = (uint16_t)count;
	if (!then)
		return;
	if (!times && timer->kind == TIMER_EVERY)
		reader_key_problem(&loading->reader, then, NULL,
		                   "\"then\" goes with \"times\": it comes after the last of them");
	timer->then = (int16_t)load_event(loading, then, then->valuestring);
}

static void load_timer(struct loading *loading, const cJSON *item, struct timer *timer)
{
	const cJSON *after = json_member(item, "after");
	const cJSON *every = json_member(item, "every");
	const cJSON *daily = json_member(item, "daily");

	if (!reader_object(&loading->reader, item, "a timer", timer_fields))
		return;
	if ((after != NULL) + (every != NULL) + (daily != NULL) != 1) {
		reader_key_problem(&loading->reader, item, NULL,
		                   "a timer must have one of \"after\", \"every\" and \"daily\"");
		return;
	}
	timer->when = load_state_set(loading, json_member(item, "while"));
	load_timer_events(loading, json_member(item, "event"), timer);
	if (after) {
		timer->kind = TIMER_AFTER;
		timer->amount = load_amount(loading, after, 1);
	} else if (every) {
		timer->kind = TIMER_EVERY;
		timer->amount = load_amount(loading, every, TIMER_PERIOD_MIN_MS);
	} else {
		timer->kind = TIMER_DAILY;
		load_daily(loading, daily, timer);
	}
	load_times(loading, item, timer);
	if (json_member(item, "restart_on"))
		load_event_set(loading, json_member(item, "restart_on"), &timer->restart);
}

void load_timers(struct loading *loading)
{
	const cJSON *timers = json_member(loading->tree, "timers");

	for (size_t i = 0; i < loading->machine->timer_count; i++)
		load_timer(loading, json_member(timers, loading->machine->timers[i].name),
		           &loading->machine->timers[i]);
}
