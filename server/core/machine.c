#include "core/machine.h"

#include "core/arena.h"
#include "core/names.h"

#include <string.h>

void machine_release(struct machine *machine)
{
	arena_free(machine->arena);
	*machine = (struct machine){ 0 };
}

const char *value_kind_name(enum value_kind kind)
{
	switch (kind) {
	case VALUE_NONE:
	case VALUE_NULL:
		return "null";
	case VALUE_BOOL:
		return "true or false";
	case VALUE_INT:
		return "a whole number";
	case VALUE_TEXT:
		return "a text";
	case VALUE_DURATION:
		return "a duration";
	}
	return "?";
}

void value_add_json(const struct value *value, struct buffer *out)
{
	switch (value->kind) {
	case VALUE_NONE:
	case VALUE_NULL:
		buffer_add_text(out, "null");
		break;
	case VALUE_BOOL:
		buffer_add_text(out, value->number ? "true" : "false");
		break;
	case VALUE_INT:
		buffer_add_int(out, value->number);
		break;
	case VALUE_TEXT:
	case VALUE_DURATION:
		buffer_add_quoted(out, value->text, strlen(value->text));
		break;
	}
}

bool timer_raises(const struct timer *timer, int event)
{
	for (size_t i = 0; i < timer->event_count; i++)
		if (timer->events[i].event == event)
			return true;
	return timer->then == event;
}

int machine_find_event(const struct machine *machine, const char *name)
{
	for (size_t i = 0; i < machine->event_count; i++)
		if (name_is(machine->events[i], name))
			return (int)i;
	return INDEX_NONE;
}

int machine_find_state(const struct machine *machine, const char *name)
{
	for (size_t i = 0; i < machine->state_count; i++)
		if (name_is(machine->states[i].name, name))
			return (int)i;
	return INDEX_NONE;
}

int machine_find_setting(const struct machine *machine, const char *name)
{
	for (size_t i = 0; i < machine->setting_count; i++)
		if (name_is(machine->settings[i].name, name))
			return (int)i;
	return INDEX_NONE;
}

void machine_nearest_event(const struct machine *machine, const char *name, struct nearest *nearest)
{
	nearest_begin(nearest, name);
	for (size_t i = 0; i < machine->event_count; i++)
		nearest_offer(nearest, machine->events[i]);
}

void machine_nearest_state(const struct machine *machine, const char *name, struct nearest *nearest)
{
	nearest_begin(nearest, name);
	for (size_t i = 0; i < machine->state_count; i++)
		nearest_offer(nearest, machine->states[i].name);
}

void machine_nearest_setting(const struct machine *machine, const char *name, struct nearest *nearest)
{
	nearest_begin(nearest, name);
	for (size_t i = 0; i < machine->setting_count; i++)
		nearest_offer(nearest, machine->settings[i].name);
}

static int compare_spans(struct span a, struct span b)
{
	const int order = memcmp(a.at, b.at, a.length < b.length ? a.length : b.length);

	if (order)
		return order;
	return (a.length > b.length) - (a.length < b.length);
}

/* The first exact route with this path, or exact_count. */
static size_t find_exact(const struct machine *machine, struct span path)
{
	size_t low = 0;
	size_t high = machine->exact_count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (compare_spans(machine->routes[middle].path, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < machine->exact_count && compare_spans(machine->routes[low].path, path) == 0)
		return low;
	return machine->exact_count;
}

static bool prefix_matches(const struct route *route, struct span path)
{
	return path.length >= route->path.length && memcmp(path.at, route->path.at, route->path.length) == 0;
}

int machine_route(const struct machine *machine, struct span path, enum http_method method)
{
	const struct route *route = NULL;
	size_t index = find_exact(machine, path);

	/* An exact path may have several endpoints, told apart by method. */
	for (; index < machine->exact_count && compare_spans(machine->routes[index].path, path) == 0; index++) {
		route = &machine->routes[index];
		if (machine->endpoints[route->endpoint].methods & (1U << method))
			break;
	}
	for (index = machine->exact_count; !route && index < machine->route_count; index++)
		if (prefix_matches(&machine->routes[index], path))
			route = &machine->routes[index];
	if (!route)
		return machine->special[MATCH_UNKNOWN_PATH];
	if (machine->endpoints[route->endpoint].methods & (1U << method))
		return route->endpoint;
	if (machine->endpoints[route->endpoint].proxied && machine->special[MATCH_WRONG_METHOD] != INDEX_NONE)
		return machine->special[MATCH_WRONG_METHOD];
	return machine->special[MATCH_UNKNOWN_PATH];
}
