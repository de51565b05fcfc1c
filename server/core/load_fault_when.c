/*
 * When a fault acts: on which turns, between which instants, in which states, after what has happened.
 */
#include "core/load_fault.h"

#include "core/names.h"

#include <stdio.h>
#include <string.h>

#define NAMES (FIELD_TEXT | FIELD_LIST)

const struct field load_fault_when_fields[] = {
	{ "on", NAMES, false },
	{ "server_name", FIELD_TEXT, false },
	{ "calls", FIELD_TEXT | FIELD_NUMBER, false },
	{ "every", FIELD_NUMBER, false },
	{ "succeed_first", FIELD_NUMBER, false },
	{ "succeedFirst", FIELD_NUMBER, false },
	{ "fail_count", FIELD_NUMBER, false },
	{ "failRequestCount", FIELD_NUMBER, false },
	{ "once", FIELD_BOOL, false },
	{ "probability", FIELD_NUMBER, false },
	{ "between", FIELD_TEXT, false },
	{ "for", FIELD_TEXT, false },
	{ "while", NAMES, false },
	{ "after", NAMES, false },
	{ "until", NAMES, false },
	{ "retry_within", FIELD_TEXT, false },
	{ 0 },
};

static void load_names(struct loading *loading, const cJSON *names, struct event_set *set)
{
	const bool many = cJSON_IsArray(names);

	if (many && !names->child)
		reader_problem(&loading->reader, names, NULL, "\"%s\" must name at least one event", names->string);
	for (const cJSON *item = many ? names->child : names; item; item = many ? item->next : NULL)
		load_event_or_group(loading, item, set);
}

/* A number by either of its names. */
static bool load_number(struct loading *loading, const cJSON *object, const char *name, const char *alias,
                        int64_t *number)
{
	const cJSON *plain = json_member(object, name);
	const cJSON *other = alias ? json_member(object, alias) : NULL;
	const cJSON *item = plain ? plain : other;
	char what[NAME_LENGTH_MAX + 3];

	if (!item)
		return false;
	if (plain && other)
		reader_key_problem(&loading->reader, other, NULL, "\"%s\" and \"%s\" are the same", name, alias);
	snprintf(what, sizeof what, "\"%s\"", item->string);
	return reader_integer(&loading->reader, item, what, 1, INT32_MAX, number);
}

/* "succeed_first": 3, "fail_count": 2 is "calls": "4..5". */
static void load_turns(struct loading *loading, const cJSON *item, struct fault *fault)
{
	const cJSON *calls = json_member(item, "calls");
	struct guard guard = { 0 };
	int64_t succeed = 0;
	int64_t fail = 0;
	int64_t every = 0;
	const bool has_succeed = load_number(loading, item, "succeed_first", "succeedFirst", &succeed);
	const bool has_fail = load_number(loading, item, "fail_count", "failRequestCount", &fail);

	if (load_number(loading, item, "every", NULL, &every))
		fault->every = (uint32_t)every;
	if (calls && (has_succeed || has_fail)) {
		reader_key_problem(&loading->reader, calls, NULL,
		                   "\"calls\" says the same as \"succeed_first\" and \"fail_count\": have one of them");
		return;
	}
	if (calls)
		load_calls(loading, calls, &guard);
	if (has_succeed || has_fail) {
		guard.calls_from = (uint32_t)succeed + 1;
		guard.calls_to = has_fail ? (uint32_t)(succeed + fail) : 0;
	}
	fault->calls_from = guard.calls_from;
	fault->calls_to = guard.calls_to;
}

/* RFC 6066 section 3: a host name, in any case. */
static void load_server_name(struct loading *loading, const cJSON *item, struct fault *fault)
{
	static const char allowed[] = "-.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	const cJSON *name = json_member(item, "server_name");

	if (!name)
		return;
	if (name->valuestring[0] && name->valuestring[strspn(name->valuestring, allowed)] == '\0')
		fault->server_name = reader_copy(&loading->reader, name->valuestring);
	else
		reader_problem(&loading->reader, name, NULL, "\"server_name\" must be the name of a host, found \"%s\"",
		               name->valuestring);
}

void load_fault_when(struct loading *loading, const cJSON *item, struct fault *fault)
{
	const cJSON *between = json_member(item, "between");
	const cJSON *span = json_member(item, "for");
	const cJSON *probability = json_member(item, "probability");
	const cJSON *after = json_member(item, "after");
	const cJSON *until = json_member(item, "until");
	const cJSON *retry = json_member(item, "retry_within");
	struct guard guard = { 0 };
	int64_t threshold = FAULT_DRAWS;

	load_turns(loading, item, fault);
	fault->once = reader_flag(item, "once", false);
	if (probability)
		load_fraction(loading, probability, FAULT_DRAWS, 1, FAULT_DRAWS, &threshold);
	fault->threshold = (uint32_t)threshold;
	if (between)
		load_between(loading, between, &guard);
	fault->from_ms = guard.from_ms;
	fault->to_ms = guard.to_ms;
	if (span)
		reader_duration(&loading->reader, span, 1, &fault->for_ms);
	if (retry)
		reader_duration(&loading->reader, retry, 1, &fault->retry_ms);
	fault->when = load_state_set(loading, json_member(item, "while"));
	load_server_name(loading, item, fault);
	fault->has_after = after != NULL;
	if (after)
		load_names(loading, after, &fault->after);
	if (until)
		load_names(loading, until, &fault->until);
}
