/*
 * Rate limits, the timeline, the clock and the seed.
 */
#include "core/loading.h"

#include "core/action_send.h"
#include "core/calendar.h"
#include "core/clock.h"
#include "core/names.h"
#include "core/pacing.h"

#include <stdlib.h>
#include <string.h>

/* ---- rate limits ---- */

static const struct field rate_fields[] = {
	{ "path", FIELD_TEXT, true },
	{ "methods", FIELD_TEXT | FIELD_LIST, false },
	{ "limit", FIELD_TEXT, true },
	{ 0 },
};

/* "10/1s", "1/15m": so many calls in so long. */
static bool parse_limit(const char *text, struct rate_limit *limit)
{
	char *end;
	const unsigned long count = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || count < 1 || count > RATE_COUNT_MAX || *end != '/')
		return false;
	limit->count = (uint16_t)count;
	return duration_parse(end + 1, &limit->window_ms) && limit->window_ms > 0;
}

static void load_rate_limit(struct loading *loading, const cJSON *item, struct rate_limit *limit)
{
	const char *path;

	limit->match = span_of(""); /* one that cannot be read has a path all the same */
	if (!reader_name(&loading->reader, item, "a rate limit") ||
	    !reader_object(&loading->reader, item, "a rate limit", rate_fields))
		return;
	path = reader_text(item, "path");
	limit->path = reader_copy(&loading->reader, path);
	limit->match = span_of(limit->path);
	limit->all = strcmp(path, "*") == 0;
	if (!limit->all && !load_path_is_fine(path))
		reader_problem(&loading->reader, json_member(item, "path"), NULL,
		               "a path is \"*\", \"/…\", or \"/…/*\"; found \"%s\"", path);
	if (!limit->all && limit->match.length > 1 && path[limit->match.length - 1] == '*') {
		limit->prefix = true;
		limit->match.length--;
	}
	limit->methods = load_methods(loading, json_member(item, "methods"), 1U << METHOD_GET);
	if (!parse_limit(reader_text(item, "limit"), limit))
		reader_problem(&loading->reader, json_member(item, "limit"), NULL,
		               "a limit is a count of 1 to %d and a duration, such as \"10/1s\" or \"1/15m\"",
		               RATE_COUNT_MAX);
}

void load_rate_limits(struct loading *loading)
{
	struct machine *machine = loading->machine;
	const cJSON *limits = json_member(loading->tree, "rate_limits");
	const int count = limits ? cJSON_GetArraySize(limits) : 0;

	if (count == 0)
		return;
	if (count > RATE_LIMITS_MAX) {
		reader_key_problem(&loading->reader, limits, NULL, "too many rate limits; at most %d are allowed",
		                   RATE_LIMITS_MAX);
		return;
	}
	if (machine->rate_exceeded_event == INDEX_NONE)
		reader_key_problem(&loading->reader, limits, NULL,
		                   "\"rate_limits\" need \"rate_exceeded\": the event that a call too many raises");
	machine->rate_limits = arena_alloc(machine->arena, (size_t)count * sizeof *machine->rate_limits);
	for (const cJSON *item = limits->child; item; item = item->next)
		load_rate_limit(loading, item, &machine->rate_limits[machine->rate_limit_count++]);
	for (size_t i = 0; i < machine->endpoint_count; i++) {
		struct endpoint *endpoint = &machine->endpoints[i];

		/* What no path tells apart may have any. */
		endpoint->limits = endpoint->match == MATCH_PATH
		                       ? pacing_limits_of(machine, endpoint->paths, endpoint->path_count)
		                       : UINT64_MAX >> (64 - machine->rate_limit_count);
	}
}

/* ---- the timeline ---- */

static const struct field cue_fields[] = {
	{ "at", FIELD_TEXT, true },
	{ "event", FIELD_TEXT, false },
	{ "enter", FIELD_TEXT, false },
	{ "set", FIELD_OBJECT, false },
	{ "send", FIELD_TEXT | FIELD_OBJECT, false },
	{ "notify", FIELD_TEXT, false },
	{ "bulletin", FIELD_TEXT, false },
	{ 0 },
};

static void load_set(struct loading *loading, const cJSON *set, struct action *action)
{
	const struct machine *machine = loading->machine;
	const cJSON *item = set->child;
	struct nearest nearest;
	int setting;

	if (!item || item->next) {
		reader_problem(&loading->reader, set, NULL, "\"set\" changes one setting: {\"name\": value}");
		return;
	}
	setting = machine_find_setting(machine, item->string);
	if (setting == INDEX_NONE) {
		machine_nearest_setting(machine, item->string, &nearest);
		reader_key_problem(&loading->reader, item, nearest.best, "there is no setting \"%s\"", item->string);
		return;
	}
	action->name = machine->settings[setting].name;
	load_setting_value(loading, item, &machine->settings[setting], &action->value);
}

static void load_cue(struct loading *loading, const cJSON *item, struct cue *cue)
{
	const cJSON *event = json_member(item, "event");
	const cJSON *enter = json_member(item, "enter");
	const cJSON *set = json_member(item, "set");

	if (!reader_object(&loading->reader, item, "a cue", cue_fields))
		return;
	reader_duration(&loading->reader, json_member(item, "at"), 0, &cue->at_ms);
	if ((event != NULL) + (enter != NULL) + (set != NULL) + action_count_sends(item) != 1) {
		reader_problem(&loading->reader, item, NULL,
		               "a cue must have one of \"event\", \"enter\", \"set\", \"send\", \"notify\" and "
		               "\"bulletin\"");
		return;
	}
	if (event) {
		const int found = load_event(loading, event, event->valuestring);

		cue->action.kind = ACTION_EVENT;
		cue->action.name = found == INDEX_NONE ? NULL : loading->machine->events[found];
	} else if (enter) {
		const int found = load_state_name(loading, enter);

		cue->action.kind = ACTION_ENTER;
		if (found != INDEX_NONE)
			cue->action.name = loading->machine->states[found].name;
	} else if (!set) {
		action_read_send(&loading->reader, loading->machine, item, &cue->action);
	} else {
		cue->action.kind = ACTION_SET;
		load_set(loading, set, &cue->action);
	}
}

void load_timeline(struct loading *loading)
{
	struct machine *machine = loading->machine;
	const cJSON *timeline = json_member(loading->tree, "timeline");
	const int count = timeline ? cJSON_GetArraySize(timeline) : 0;

	if (count == 0)
		return;
	if (count > CUES_MAX) {
		reader_key_problem(&loading->reader, timeline, NULL, "too many cues; at most %d are allowed", CUES_MAX);
		return;
	}
	machine->cues = arena_alloc(machine->arena, (size_t)count * sizeof *machine->cues);
	for (const cJSON *item = timeline->child; item; item = item->next) {
		struct cue cue = { 0 };
		size_t at = machine->cue_count;

		load_cue(loading, item, &cue);
		/* Sorted by time; cues of one time keep their order. */
		for (; at > 0 && machine->cues[at - 1].at_ms > cue.at_ms; at--)
			machine->cues[at] = machine->cues[at - 1];
		machine->cues[at] = cue;
		machine->cue_count++;
	}
}

/* ---- the clock ---- */

static const struct field clock_fields[] = {
	{ "mode", FIELD_TEXT, false },
	{ "start", FIELD_TEXT, false },
	{ 0 },
};

void load_clock(struct loading *loading)
{
	struct machine *machine = loading->machine;
	const cJSON *clock = json_member(loading->tree, "clock");
	const cJSON *seed = json_member(loading->tree, "seed");
	const cJSON *start;
	const cJSON *mode;
	int64_t number = 0;

	if (seed && reader_integer(&loading->reader, seed, "\"seed\"", 0, SETTING_NUMBER_MAX, &number)) {
		machine->has_seed = true;
		machine->seed = (uint64_t)number;
	}
	if (!clock || !reader_object(&loading->reader, clock, "\"clock\"", clock_fields))
		return;
	mode = json_member(clock, "mode");
	if (mode) {
		struct clock unused = { 0 };
		struct error why = { 0 };

		if (!clock_parse(&unused, mode->valuestring, &why))
			reader_problem(&loading->reader, mode, NULL, "%s", why.text);
		machine->clock_text = reader_copy(&loading->reader, mode->valuestring);
	}
	start = json_member(clock, "start");
	if (start) {
		machine->has_start = instant_parse(start->valuestring, &machine->start_ms);
		if (!machine->has_start)
			reader_problem(
			    &loading->reader, start, NULL,
			    "wanted an instant with a zone, such as \"2026-03-02T09:30:00-05:00\"; found \"%s\"",
			    start->valuestring);
	}
}
