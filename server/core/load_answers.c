/*
 * What each endpoint answers in each state. A state's "answers" name endpoints, "@groups" or "*"; the narrower name
 * wins.
 */
#include "core/loading.h"

#include "core/calendar.h"
#include "core/names.h"
#include "core/peers.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct field answer_fields[] = {
	{ "reply", FIELD_TEXT, false },
	{ "hang", FIELD_BOOL, false },
	{ "event", FIELD_TEXT | FIELD_NULL, false },
	{ "after", FIELD_TEXT, false },
	{ "calls", FIELD_TEXT | FIELD_NUMBER, false },
	{ "every", FIELD_NUMBER, false },
	{ "between", FIELD_TEXT, false },
	{ "probability", FIELD_NUMBER, false },
	{ "publish", FIELD_BOOL, false },
	{ "compete", FIELD_BOOL, false },
	{ "methods", FIELD_LIST, false },
	{ "peers", FIELD_TEXT, false },
	{ "login", FIELD_TEXT | FIELD_LIST, false },
	{ "while", FIELD_LIST, false },
	{ 0 },
};

/* ---- guards ---- */

/* "3", "2..5", "4..": reads the two sides; an open end is 0. */
static bool parse_calls(const char *text, uint32_t *from, uint32_t *to)
{
	char *end;
	unsigned long first = 0;
	unsigned long last = 0;

	if (*text < '1' || *text > '9')
		return false;
	first = strtoul(text, &end, 10);
	if (*end == '\0') {
		last = first;
	} else {
		if (strncmp(end, "..", 2) != 0)
			return false;
		text = end + 2;
		if (*text) {
			if (*text < '1' || *text > '9')
				return false;
			last = strtoul(text, &end, 10);
			if (*end || last < first)
				return false;
		}
	}
	if (first > UINT32_MAX || last > UINT32_MAX)
		return false;
	*from = (uint32_t)first;
	*to = (uint32_t)last;
	return true;
}

void load_calls(struct loading *loading, const cJSON *calls, struct guard *guard)
{
	int64_t number = 0;

	if (cJSON_IsNumber(calls)) {
		if (reader_integer(&loading->reader, calls, "\"calls\"", 1, UINT32_MAX, &number))
			guard->calls_from = guard->calls_to = (uint32_t)number;
	} else if (!parse_calls(calls->valuestring, &guard->calls_from, &guard->calls_to)) {
		reader_problem(&loading->reader, calls, NULL,
		               "\"calls\" counts from 1: \"3\", \"2..5\" or \"4..\"; found \"%s\"", calls->valuestring);
	}
}

static bool parse_between(const char *text, int64_t *from, int64_t *to)
{
	const char *dots = strstr(text, "..");
	char first[40];

	if (!dots || (size_t)(dots - text) >= sizeof first)
		return false;
	memcpy(first, text, (size_t)(dots - text));
	first[dots - text] = '\0';
	if (!duration_parse(first, from))
		return false;
	*to = 0;
	return dots[2] == '\0' || (duration_parse(dots + 2, to) && *to > *from);
}

void load_between(struct loading *loading, const cJSON *between, struct guard *guard)
{
	if (!parse_between(between->valuestring, &guard->from_ms, &guard->to_ms))
		reader_problem(
		    &loading->reader, between, NULL,
		    "\"between\" is two durations since the start, such as \"60s..90s\" or \"5m..\"; found \"%s\"",
		    between->valuestring);
}

static enum tristate load_tristate(const cJSON *item)
{
	if (!item)
		return TRISTATE_ANY;
	return cJSON_IsTrue(item) ? TRISTATE_TRUE : TRISTATE_FALSE;
}

static const char *load_peers(struct loading *loading, const cJSON *item)
{
	if (!item)
		return NULL;
	if (!item->valuestring[strspn(item->valuestring, ", ")] || peers_are_broken(item->valuestring)) {
		reader_problem(&loading->reader, item, NULL,
		               "\"peers\" must be addresses such as \"192.*, ::1\"; a lone \"*\" is none");
		return NULL;
	}
	return arena_text(loading->machine->arena, item->valuestring, strlen(item->valuestring));
}

static void load_guard(struct loading *loading, const cJSON *item, struct guard *guard)
{
	const cJSON *calls = json_member(item, "calls");
	const cJSON *every = json_member(item, "every");
	const cJSON *between = json_member(item, "between");
	const cJSON *probability = json_member(item, "probability");
	int64_t number = 0;

	guard->permille = 1000;
	if (calls)
		load_calls(loading, calls, guard);
	if (every && reader_integer(&loading->reader, every, "\"every\"", 1, UINT32_MAX, &number))
		guard->every = (uint32_t)number;
	if (between)
		load_between(loading, between, guard);
	if (probability) {
		if (probability->valuedouble < 0.001 || probability->valuedouble > 1)
			reader_problem(&loading->reader, probability, NULL, "\"probability\" must be from 0.001 to 1");
		else
			guard->permille = (uint32_t)(probability->valuedouble * 1000 + 0.5);
		guard->rule = loading->rules++;
	}
	guard->publish = load_tristate(json_member(item, "publish"));
	guard->compete = load_tristate(json_member(item, "compete"));
	guard->methods = load_methods(loading, json_member(item, "methods"), 0);
	guard->peers = load_peers(loading, json_member(item, "peers"));
	guard->logins = load_login_outcomes(loading, json_member(item, "login"));
	guard->when = load_state_set(loading, json_member(item, "while"));
}

bool guard_is_open(const struct guard *guard)
{
	return !guard->calls_from && !guard->every && !guard->from_ms && !guard->to_ms && guard->permille == 1000 &&
	       guard->publish == TRISTATE_ANY && guard->compete == TRISTATE_ANY && !guard->methods && !guard->peers &&
	       !guard->logins && !guard->when.breaks;
}

/* ---- answers ---- */

/* One answer: the name of a reply, or an object. */
static bool load_answer(struct loading *loading, const cJSON *item, struct answer *answer)
{
	const cJSON *reply = cJSON_IsString(item) ? item : NULL;
	const cJSON *event;
	const cJSON *after;
	bool hang = false;

	*answer = (struct answer){ .reply = INDEX_NONE,
		                   .event = INDEX_NONE,
		                   .seen = true,
		                   .after = { .setting = INDEX_NONE },
		                   .guard = { .permille = 1000 } };
	if (!reader_type(&loading->reader, item, "an answer", FIELD_TEXT | FIELD_OBJECT))
		return false;
	if (cJSON_IsObject(item)) {
		if (!reader_object(&loading->reader, item, "an answer", answer_fields))
			return false;
		reply = json_member(item, "reply");
		hang = reader_flag(item, "hang", false);
		event = json_member(item, "event");
		after = json_member(item, "after");
		if ((reply != NULL) == hang) {
			reader_problem(&loading->reader, item, NULL,
			               "an answer must have either \"reply\" or \"hang\": true");
			return false;
		}
		answer->seen = !cJSON_IsNull(event);
		if (cJSON_IsString(event))
			answer->event = (int16_t)load_event(loading, event, event->valuestring);
		if (after)
			answer->after = load_amount(loading, after, 0);
		load_guard(loading, item, &answer->guard);
	}
	if (reply)
		answer->reply = (int16_t)load_reply(loading, reply, reply->valuestring);
	return true;
}

/* One answer or a list of them; of a list the first whose guard holds is given. */
static struct answer_list load_answer_list(struct loading *loading, const cJSON *item)
{
	struct answer_list list = { 0 };
	const bool many = cJSON_IsArray(item);
	const size_t count = many ? (size_t)cJSON_GetArraySize(item) : 1;
	struct answer *items;

	if (count == 0 || count > ANSWERS_LIST_MAX) {
		reader_problem(&loading->reader, item, NULL, "a list of answers has 1 to %d of them", ANSWERS_LIST_MAX);
		return list;
	}
	items = arena_alloc(loading->machine->arena, count * sizeof *items);
	for (const cJSON *each = many ? item->child : item; each; each = many ? each->next : NULL) {
		if (list.count && guard_is_open(&items[list.count - 1].guard))
			reader_problem(&loading->reader, each, NULL,
			               "this answer is never given: the one before it always is");
		if (load_answer(loading, each, &items[list.count]))
			list.count++;
	}
	list.items = items;
	return list;
}

static void report_unknown_set(struct loading *loading, const cJSON *item, const char *name)
{
	const bool is_group = name[0] == '@';
	struct nearest nearest;

	nearest_begin(&nearest, is_group ? name + 1 : name);
	for (size_t i = 0; i < loading->machine->endpoint_count && !is_group; i++)
		nearest_offer(&nearest, loading->machine->endpoints[i].name);
	for (size_t i = 0; i < loading->group_count && is_group; i++)
		nearest_offer(&nearest, loading->groups[i].name);
	/* The name is the member's own, or its value. */
	(item->string == name ? reader_key_problem
	                      : reader_problem)(&loading->reader, item, nearest.best, "there is no %s \"%s\"",
	                                        is_group ? "group" : "endpoint", is_group ? name + 1 : name);
}

bool load_endpoint_set(struct loading *loading, const cJSON *item, const char *name, struct endpoint_set *set)
{
	const struct machine *machine = loading->machine;
	const bool is_group = name[0] == '@';
	const bool is_all = strcmp(name, "*") == 0;
	bool found = is_all;

	for (size_t i = 0; i < machine->endpoint_count && !is_group; i++) {
		if (is_all || name_is(machine->endpoints[i].name, name)) {
			endpoint_set_add(set, i);
			found = true;
		}
	}
	for (size_t i = 0; i < loading->group_count && is_group; i++) {
		if (strcmp(name + 1, loading->groups[i].name) == 0) {
			*set = loading->groups[i].members;
			found = true;
		}
	}
	if (!found)
		report_unknown_set(loading, item, name);
	return found;
}

static int set_size(const struct endpoint_set *set)
{
	int size = 0;

	for (size_t i = 0; i < ENDPOINTS_MAX; i++)
		size += endpoint_set_has(set, i);
	return size;
}

/* A state's answers: wider names first, so that the narrower ones overwrite them. */
static void load_state_answers(struct loading *loading, const cJSON *answers, size_t state)
{
	struct machine *machine = loading->machine;
	struct answer_list *row = &machine->answers[state * machine->endpoint_count];
	int width[ENDPOINTS_MAX] = { 0 };

	for (const cJSON *item = answers->child; item; item = item->next) {
		struct endpoint_set set = { 0 };
		struct answer_list list;
		int size;

		if (!load_endpoint_set(loading, item, item->string, &set))
			continue;
		if (!reader_type(&loading->reader, item, "an answer", FIELD_TEXT | FIELD_OBJECT | FIELD_LIST))
			continue;
		list = load_answer_list(loading, item);
		size = set_size(&set);
		for (size_t i = 0; i < machine->endpoint_count; i++) {
			if (!endpoint_set_has(&set, i) || (width[i] && width[i] < size))
				continue;
			row[i] = list;
			width[i] = size;
		}
	}
}

void load_answers(struct loading *loading)
{
	struct machine *machine = loading->machine;
	const cJSON *states = json_member(loading->tree, "states");
	const cJSON *endpoints = json_member(loading->tree, "endpoints");

	machine->answers = arena_alloc(machine->arena, ((machine->state_count + 1) * machine->endpoint_count + 1) *
	                                                   sizeof *machine->answers);
	for (size_t i = 0; i < machine->state_count; i++) {
		const cJSON *answers = json_member(json_member(states, machine->states[i].name), "answers");

		if (answers)
			load_state_answers(loading, answers, i);
	}
	/* After the states comes a row for none of them: what the endpoints themselves say. */
	for (size_t i = 0; i < machine->endpoint_count; i++) {
		const cJSON *answer = json_member(json_member(endpoints, machine->endpoints[i].name), "answer");

		if (answer)
			machine->answers[machine->state_count * machine->endpoint_count + i] =
			    load_answer_list(loading, answer);
	}
}
