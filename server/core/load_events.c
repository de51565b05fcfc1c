/*
 * Events and transitions. An event is known when a state listens for it, a timer raises it, or an endpoint has its
 * name; whoever names another one has mistyped it. A state may listen for what nothing in the file raises, because
 * somebody outside may: load_checks.c reports it where it looks like a slip.
 */
#include "core/loading.h"
#include "core/names.h"

#include <string.h>

static void add_event(struct loading *loading, const cJSON *item, const char *name)
{
	struct machine *machine = loading->machine;

	if (machine_find_event(machine, name) != INDEX_NONE)
		return;
	if (machine->event_count == EVENTS_MAX) {
		reader_problem(&loading->reader, item, NULL, "too many events; at most %d are allowed", EVENTS_MAX);
		return;
	}
	machine->events[machine->event_count++] = reader_copy(&loading->reader, name);
}

/* A name that is wrong is added all the same: said once is enough. */
static void add_timer_event(struct loading *loading, const cJSON *event)
{
	reader_text_name(&loading->reader, event, "an event");
	add_event(loading, event, event->valuestring);
}

/* What a timer raises: one, or a list of names and of objects with one; and what it raises then. */
static void add_timer_events(struct loading *loading, const cJSON *timer)
{
	const cJSON *events = json_member(timer, "event");
	const cJSON *then = json_member(timer, "then");

	if (cJSON_IsString(events))
		add_timer_event(loading, events);
	for (const cJSON *item = cJSON_IsArray(events) ? events->child : NULL; item; item = item->next) {
		const cJSON *event = cJSON_IsObject(item) ? json_member(item, "event") : item;

		if (cJSON_IsString(event))
			add_timer_event(loading, event);
	}
	if (cJSON_IsString(then))
		add_timer_event(loading, then);
}

void load_events(struct loading *loading)
{
	struct machine *machine = loading->machine;
	const cJSON *states = json_member(loading->tree, "states");
	const cJSON *timers = json_member(loading->tree, "timers");
	const cJSON *sessions = json_member(loading->tree, "new_session_on");
	const cJSON *exceeded = json_member(loading->tree, "rate_exceeded");
	const cJSON *websocket = json_member(loading->tree, "websocket");
	static const char *const streams[] = { "opened", "closed" };

	_Static_assert(EVENTS_MAX >= ENDPOINTS_MAX, "each endpoint is an event of its own");
	machine->events = arena_alloc(machine->arena, EVENTS_MAX * sizeof *machine->events);
	for (size_t i = 0; i < machine->endpoint_count; i++) {
		add_event(loading, loading->tree, machine->endpoints[i].name);
		machine->endpoints[i].event = (int16_t)machine_find_event(machine, machine->endpoints[i].name);
	}
	for (const cJSON *state = states->child; state; state = state->next) {
		const cJSON *on = cJSON_IsObject(state) ? json_member(state, "on") : NULL;

		for (const cJSON *event = on && cJSON_IsObject(on) ? on->child : NULL; event; event = event->next)
			if (reader_name(&loading->reader, event, "an event"))
				add_event(loading, event, event->string);
	}
	for (const cJSON *timer = timers ? timers->child : NULL; timer; timer = timer->next)
		if (cJSON_IsObject(timer))
			add_timer_events(loading, timer);
	for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
		if (cJSON_IsObject(websocket) && reader_text(websocket, streams[i]))
			add_timer_event(loading, json_member(websocket, streams[i]));
	if (sessions)
		load_event_set(loading, sessions, &machine->new_session);
	if (exceeded)
		machine->rate_exceeded_event = (int16_t)load_event(loading, exceeded, exceeded->valuestring);
}

int load_event(struct loading *loading, const cJSON *item, const char *name)
{
	const struct machine *machine = loading->machine;
	const int event = machine_find_event(machine, name);
	struct nearest nearest;

	if (event != INDEX_NONE)
		return event;
	machine_nearest_event(machine, name, &nearest);
	reader_problem(&loading->reader, item, nearest.best, "no state listens for an event \"%s\"", name);
	return INDEX_NONE;
}

bool load_event_or_group(struct loading *loading, const cJSON *item, struct event_set *set)
{
	struct endpoint_set endpoints = { 0 };
	int event;

	if (!reader_type(&loading->reader, item, "an event", FIELD_TEXT))
		return false;
	if (item->valuestring[0] != '@') {
		event = load_event(loading, item, item->valuestring);
		if (event != INDEX_NONE)
			event_set_add(set, event);
		return event != INDEX_NONE;
	}
	if (!load_endpoint_set(loading, item, item->valuestring, &endpoints))
		return false;
	for (size_t i = 0; i < loading->machine->endpoint_count; i++)
		if (endpoint_set_has(&endpoints, i))
			event_set_add(set, loading->machine->endpoints[i].event);
	return true;
}

bool load_event_set(struct loading *loading, const cJSON *list, struct event_set *set)
{
	for (const cJSON *item = list->child; item; item = item->next)
		if (!load_event_or_group(loading, item, set))
			return false;
	return true;
}

static const struct field transition_fields[] = {
	{ "to", FIELD_TEXT, true },
	{ "while", FIELD_LIST, false },
	{ 0 },
};

/* One way out of a state: "name", or {"to": "name", "while": […]}. */
static bool load_transition(struct loading *loading, const cJSON *item, size_t from, struct transition *transition)
{
	const struct machine *machine = loading->machine;
	const cJSON *name = cJSON_IsObject(item) ? json_member(item, "to") : item;
	struct nearest nearest;
	int to;

	if (!reader_type(&loading->reader, item, "a transition", FIELD_TEXT | FIELD_OBJECT))
		return false;
	if (cJSON_IsObject(item) && !reader_object(&loading->reader, item, "a transition", transition_fields))
		return false;
	to = machine_find_state(machine, name->valuestring);
	if (to == INDEX_NONE) {
		nearest_begin(&nearest, name->valuestring);
		for (size_t i = 0; i < machine->state_count; i++)
			if (machine->states[i].region == machine->states[from].region)
				nearest_offer(&nearest, machine->states[i].name);
		reader_problem(&loading->reader, name, nearest.best, "there is no state \"%s\"", name->valuestring);
		return false;
	}
	if (machine->states[to].region != machine->states[from].region) {
		reader_problem(&loading->reader, name, NULL,
		               "\"%s\" is of region \"%s\"; from \"%s\" one can only go to states of \"%s\"",
		               name->valuestring, machine->regions[machine->states[to].region].name,
		               machine->states[from].name, machine->regions[machine->states[from].region].name);
		return false;
	}
	transition->to = (uint8_t)to;
	if (cJSON_IsObject(item))
		transition->when = load_state_set(loading, json_member(item, "while"));
	return true;
}

static void load_transition_list(struct loading *loading, const cJSON *on, size_t from, struct transition_list *list)
{
	const bool many = cJSON_IsArray(on);
	const size_t count = many ? (size_t)cJSON_GetArraySize(on) : 1;
	struct transition *items;

	if (count == 0 || count > TRANSITIONS_LIST_MAX) {
		reader_problem(&loading->reader, on, NULL, "a list of transitions has 1 to %d of them",
		               TRANSITIONS_LIST_MAX);
		return;
	}
	items = arena_alloc(loading->machine->arena, count * sizeof *items);
	for (const cJSON *item = many ? on->child : on; item; item = many ? item->next : NULL) {
		if (list->count && items[list->count - 1].when.breaks == 0)
			reader_problem(&loading->reader, item, NULL,
			               "this transition is never taken: the one before it always is");
		if (load_transition(loading, item, from, &items[list->count]))
			list->count++;
	}
	list->items = items;
}

void load_transitions(struct loading *loading)
{
	struct machine *machine = loading->machine;
	const cJSON *states = json_member(loading->tree, "states");

	machine->transitions = arena_alloc(machine->arena, (machine->state_count * machine->event_count + 1) *
	                                                       sizeof *machine->transitions);
	for (size_t i = 0; i < machine->state_count; i++) {
		const cJSON *on = json_member(json_member(states, machine->states[i].name), "on");

		for (const cJSON *item = on ? on->child : NULL; item; item = item->next) {
			const int event = machine_find_event(machine, item->string);

			if (event != INDEX_NONE)
				load_transition_list(loading, item, i,
				                     &machine->transitions[i * machine->event_count + (size_t)event]);
		}
	}
}
