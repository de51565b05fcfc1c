#include "core/query_read.h"

#include "core/calendar.h"
#include "core/names.h"
#include "core/same_json.h"

#include <string.h>

static const struct field query_fields[] = {
	{ "method", FIELD_TEXT | FIELD_LIST, false },
	{ "url", FIELD_TEXT, false },
	{ "url_path", FIELD_TEXT, false },
	{ "urlPath", FIELD_TEXT, false },
	{ "path", FIELD_TEXT, false },
	{ "url_path_prefix", FIELD_TEXT, false },
	{ "urlPathPrefix", FIELD_TEXT, false },
	{ "url_path_glob", FIELD_TEXT, false },
	{ "endpoint", FIELD_TEXT | FIELD_LIST, false },
	{ "frame", FIELD_TEXT | FIELD_LIST, false },
	{ "stream", FIELD_TEXT | FIELD_LIST, false },
	{ "login", FIELD_TEXT | FIELD_LIST, false },
	{ "direction", FIELD_TEXT | FIELD_LIST, false },
	{ "number", FIELD_NUMBER, false },
	{ "text", FIELD_TEXT | FIELD_OBJECT, false },
	{ "state", FIELD_TEXT | FIELD_LIST, false },
	{ "status", FIELD_TEXT | FIELD_NUMBER, false },
	{ "matched", FIELD_BOOL, false },
	{ "headers", FIELD_OBJECT, false },
	{ "body", FIELD_TEXT | FIELD_OBJECT, false },
	{ "from", FIELD_TEXT, false },
	{ "to", FIELD_TEXT, false },
	{ "since", FIELD_NUMBER, false },
	{ NULL, 0, false },
};

/* ---- reading: names ---- */

static void read_method(const struct reading *reading, const cJSON *item)
{
	enum http_method method = method_of(item->valuestring);
	struct nearest nearest;

	if (method != METHOD_OTHER || strcmp(item->valuestring, method_name(METHOD_OTHER)) == 0) {
		reading->query->methods |= 1U << method;
	} else if (strcmp(item->valuestring, "ANY") == 0) {
		reading->query->methods = (1U << METHOD_COUNT) - 1;
	} else {
		nearest_begin(&nearest, item->valuestring);
		for (int i = 0; i < METHOD_COUNT; i++)
			nearest_offer(&nearest, method_name((enum http_method)i));
		nearest_offer(&nearest, "ANY");
		reader_problem(
		    reading->reader, item, nearest.best,
		    "wanted a method such as \"GET\", \"ANY\", or \"OTHER\" for those that have no name here; "
		    "found \"%s\"",
		    item->valuestring);
	}
}

static void read_group(const struct reading *reading, const cJSON *item)
{
	const struct machine *machine = reading->machine;
	const char *name = item->valuestring + 1;
	struct nearest nearest;

	nearest_begin(&nearest, name);
	for (size_t i = 0; i < machine->group_count; i++) {
		nearest_offer(&nearest, machine->groups[i].name);
		if (strcmp(machine->groups[i].name, name) != 0)
			continue;
		for (size_t j = 0; j < ENDPOINTS_MAX / 64; j++)
			reading->query->endpoints.bits[j] |= machine->groups[i].members.bits[j];
		return;
	}
	reader_problem(reading->reader, item, nearest.best, "there is no group \"%s\"", name);
}

static void read_endpoint(const struct reading *reading, const cJSON *item)
{
	const struct machine *machine = reading->machine;
	struct nearest nearest;

	reading->query->has_endpoints = true;
	if (item->valuestring[0] == '@') {
		read_group(reading, item);
		return;
	}
	nearest_begin(&nearest, item->valuestring);
	for (size_t i = 0; i < machine->endpoint_count; i++) {
		nearest_offer(&nearest, machine->endpoints[i].name);
		if (strcmp(machine->endpoints[i].name, item->valuestring) != 0)
			continue;
		reading->query->endpoints.bits[i / 64] |= 1ULL << (i % 64);
		return;
	}
	reader_problem(reading->reader, item, nearest.best, "there is no endpoint \"%s\"", item->valuestring);
}

static void read_state(const struct reading *reading, const cJSON *item)
{
	const struct machine *machine = reading->machine;
	const int state = machine_find_state(machine, item->valuestring);
	struct nearest nearest;

	if (state != INDEX_NONE) {
		reading->query->states |= 1ULL << state;
		return;
	}
	machine_nearest_state(machine, item->valuestring, &nearest);
	reader_problem(reading->reader, item, nearest.best, "there is no state \"%s\"", item->valuestring);
}

void query_read_texts(const struct reading *reading, const cJSON *item, const char *what,
                      void (*read)(const struct reading *reading, const cJSON *item))
{
	const bool is_list = cJSON_IsArray(item);

	if (is_list && !item->child)
		reader_problem(reading->reader, item, NULL, "an empty list: nothing would ever fit");
	for (const cJSON *text = is_list ? item->child : item; text; text = is_list ? text->next : NULL)
		if (reader_type(reading->reader, text, what, FIELD_TEXT))
			read(reading, text);
}

/* ---- reading: the rest ---- */

/* What the journal keeps is never longer. */
static const char *read_kept(const struct reader *reader, const cJSON *item, size_t most)
{
	if (!item)
		return NULL;
	if (strlen(item->valuestring) > most) {
		reader_problem(reader, item, NULL,
		               "this text is longer than the %zu bytes that the journal keeps: it would "
		               "never fit",
		               most);
		return NULL;
	}
	return item->valuestring;
}

static void read_status(const struct reading *reading, const cJSON *item)
{
	int64_t status = 0;

	reading->query->has_status = true;
	if (cJSON_IsNumber(item)) {
		if (reader_integer(reading->reader, item, "a status", 100, 999, &status))
			reading->query->status = (int)status;
	} else if (strcmp(item->valuestring, "never") != 0) {
		reader_problem(reading->reader, item, strncmp(item->valuestring, "nev", 3) == 0 ? "never" : NULL,
		               "wanted a status such as 200, or \"never\"; found \"%s\"", item->valuestring);
	}
}

static void read_instant(const struct reader *reader, const cJSON *item, int64_t *ms)
{
	if (item && !instant_parse(item->valuestring, ms))
		reader_problem(reader, item, NULL, "wanted an instant such as \"2026-03-02T14:30:00Z\", found \"%s\"",
		               item->valuestring);
}

static const struct field text_fields[] = {
	{ "equals", FIELD_TEXT, false },     { "equalTo", FIELD_TEXT, false },
	{ "contains", FIELD_TEXT, false },   { "absent", FIELD_BOOL, false },
	{ "json", FIELD_ANY, false },        { "has", FIELD_ANY, false },
	{ "equalToJson", FIELD_ANY, false }, { NULL, 0, false },
};

static size_t count_values(const cJSON *tree)
{
	size_t count = 1;

	for (const cJSON *child = tree->child; child; child = child->next)
		count += count_values(child);
	return count;
}

static void read_json(const struct reader *reader, const cJSON *item, bool may_be_text, size_t most,
                      struct text_pattern *pattern)
{
	pattern->json = item;
	if (may_be_text && cJSON_IsString(item)) {
		cJSON *tree = parse_json(span_of(item->valuestring));

		pattern->text = read_kept(reader, item, most);
		if (!tree)
			reader_problem(reader, item, NULL, "wanted JSON, or a text that holds JSON");
		cJSON_Delete(tree);
	} else if (count_values(item) > most) {
		reader_problem(reader, item, NULL,
		               "this has more values than the journal keeps bytes, %zu: it would never fit", most);
	}
}

static void refuse_many(const struct reader *reader, const cJSON *item, const char *what)
{
	reader_problem(reader, item, NULL,
	               "%s says one thing: \"equals\", \"contains\", \"json\", \"has\" or \"absent\"", what);
}

/* The one thing that a text is held against. */
static void read_one_match(const struct reader *reader, const cJSON *item, size_t most, struct text_pattern *pattern)
{
	const char *how = item->string;

	if (strcmp(how, "json") == 0 || strcmp(how, "equalToJson") == 0 || strcmp(how, "has") == 0) {
		read_json(reader, item, strcmp(how, "equalToJson") == 0, most, pattern);
		pattern->how = strcmp(how, "has") == 0 ? TEXT_HAS : TEXT_JSON;
	} else if (strcmp(how, "absent") == 0) {
		pattern->how = TEXT_ABSENT;
		if (!cJSON_IsTrue(item))
			reader_problem(reader, item, NULL, "\"absent\" can only be true: leave it out otherwise");
	} else if (strcmp(how, "contains") == 0 || strcmp(how, "equals") == 0 || strcmp(how, "equalTo") == 0) {
		pattern->how = strcmp(how, "contains") == 0 ? TEXT_CONTAINS : TEXT_EQUALS;
		pattern->text = read_kept(reader, item, most);
	} else {
		refuse_many(reader, item, "a pattern for a text");
	}
}

void query_read_text(const struct reader *reader, const cJSON *item, const char *what, size_t most,
                     struct text_pattern *pattern)
{
	const size_t before = reader->problems->total;

	if (cJSON_IsString(item)) {
		*pattern = (struct text_pattern){ .how = TEXT_EQUALS, .text = read_kept(reader, item, most) };
		return;
	}
	if (!reader_type(reader, item, what, FIELD_TEXT | FIELD_OBJECT) ||
	    !reader_object(reader, item, what, text_fields) || reader->problems->total > before)
		return;
	if (!item->child || item->child->next)
		refuse_many(reader, item, what);
	else
		read_one_match(reader, item->child, most, pattern);
}

static void read_headers(const struct reading *reading, const cJSON *headers)
{
	struct query *query = reading->query;

	for (const cJSON *item = headers->child; item; item = item->next) {
		struct header_pattern *header = &query->headers[query->header_count];

		if (query->header_count == QUERY_HEADERS_MAX) {
			reader_key_problem(reading->reader, item, NULL, "too many headers; at most %d are allowed",
			                   QUERY_HEADERS_MAX);
			return;
		}
		header->name = item->string;
		query_read_text(reading->reader, item, "a header's value", JOURNAL_HEADERS_MAX, &header->value);
		query->header_count++;
	}
}

static void read_paths(const struct reading *reading, const cJSON *item)
{
	const struct reader *reader = reading->reader;
	struct query *query = reading->query;
	const cJSON *path = reader_either(reader, item, "url_path", "urlPath");

	path = reader_either(reader, item, path ? path->string : "url_path", "path");
	query->url = read_kept(reader, json_member(item, "url"), JOURNAL_TARGET_MAX);
	query->url_path = read_kept(reader, path, JOURNAL_TARGET_MAX);
	query->url_path_prefix =
	    read_kept(reader, reader_either(reader, item, "url_path_prefix", "urlPathPrefix"), JOURNAL_TARGET_MAX);
	query->url_path_glob = read_kept(reader, json_member(item, "url_path_glob"), JOURNAL_TARGET_MAX);
}

static void read_times(const struct reading *reading, const cJSON *item)
{
	struct query *query = reading->query;
	const cJSON *since = json_member(item, "since");
	int64_t id = 1;

	read_instant(reading->reader, json_member(item, "from"), &query->from_ms);
	read_instant(reading->reader, json_member(item, "to"), &query->to_ms);
	/* An id counts from 1; a record's number from 0. Who starts with 0 means all. */
	if (since && reader_integer(reading->reader, since, "an id", 0, SETTING_NUMBER_MAX, &id) && id > 0)
		query->since = (uint64_t)id - 1;
}

static void read_members(const struct reading *reading, const cJSON *item)
{
	static const struct {
		const char *name;
		const char *what;
		void (*read)(const struct reading *reading, const cJSON *item);
	} texts[] = { { "method", "a method", read_method },
		      { "endpoint", "an endpoint", read_endpoint },
		      { "state", "a state", read_state } };
	const cJSON *status = json_member(item, "status");
	const cJSON *matched = json_member(item, "matched");
	const cJSON *headers = json_member(item, "headers");
	const cJSON *body = json_member(item, "body");

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (json_member(item, texts[i].name))
			query_read_texts(reading, json_member(item, texts[i].name), texts[i].what, texts[i].read);
	read_paths(reading, item);
	if (status)
		read_status(reading, status);
	if (matched)
		reading->query->matched = cJSON_IsTrue(matched) ? TRISTATE_TRUE : TRISTATE_FALSE;
	if (headers)
		read_headers(reading, headers);
	if (body)
		query_read_text(reading->reader, body, "a body", JOURNAL_BODY_MAX, &reading->query->body);
	read_times(reading, item);
	query_read_said(reading, item);
	query_refuse_secrets(reading->reader, item);
}

bool query_read(const struct reader *reader, const struct machine *machine, const cJSON *item, struct query *query)
{
	const struct reading reading = { reader, machine, query };
	const size_t before = reader->problems->total;

	*query = (struct query){ .to_ms = INT64_MAX };
	if (item && reader_object(reader, item, "a pattern", query_fields))
		read_members(&reading, item);
	return reader->problems->total == before;
}
