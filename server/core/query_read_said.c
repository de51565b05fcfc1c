/*
 * Patterns of frames, websockets and logins. A name that can never come is a mistake: "at most" would hold for ever.
 */
#include "core/query_read.h"

#include "core/frame_topic.h"
#include "core/names.h"

#include <string.h>

/* ---- which members go with what ---- */

enum about { REQUESTS = 1, FRAMES = 2, STREAMS = 4, LOGINS = 8 };

/* Whoever is not here goes with all. */
static const struct {
	const char *name;
	unsigned with; /* enum about */
} members[] = {
	{ "method", REQUESTS },         { "url", REQUESTS },
	{ "url_path", REQUESTS },       { "urlPath", REQUESTS },
	{ "path", REQUESTS },           { "url_path_prefix", REQUESTS },
	{ "urlPathPrefix", REQUESTS },  { "url_path_glob", REQUESTS },
	{ "endpoint", REQUESTS },       { "status", REQUESTS },
	{ "matched", REQUESTS },        { "headers", REQUESTS },
	{ "body", REQUESTS },           { "direction", FRAMES },
	{ "number", FRAMES | STREAMS }, { "text", FRAMES | STREAMS | LOGINS },
};

#define MEMBERS (sizeof members / sizeof *members)

static void refuse_member(const struct reading *reading, const cJSON *member, const char *subject, unsigned with)
{
	if (subject)
		reader_key_problem(reading->reader, member, NULL, "\"%s\" does not go with \"%s\"", member->string,
		                   subject);
	else
		reader_key_problem(reading->reader, member, NULL,
		                   "\"%s\" goes with %s, and a request has none of these", member->string,
		                   with == FRAMES               ? "\"frame\""
		                   : with == (FRAMES | STREAMS) ? "\"frame\" and \"stream\""
		                                                : "\"frame\", \"stream\" and \"login\"");
}

static void check_members(const struct reading *reading, const cJSON *item, const char *subject, enum about about)
{
	for (size_t i = 0; i < MEMBERS; i++) {
		const cJSON *member = json_member(item, members[i].name);

		if (member && !(members[i].with & about))
			refuse_member(reading, member, subject, members[i].with);
	}
}

/* ---- names ---- */

static bool is_any(const cJSON *item)
{
	return strcmp(item->valuestring, "*") == 0;
}

/* What clients say that the scenario knows, and what the gateway sends, as far as it is asked for. */
static void read_topic(const struct reading *reading, const cJSON *item)
{
	const struct websocket *websocket = reading->machine->websocket;
	const struct span name = span_of(item->valuestring);
	const bool said = websocket && websocket_find_topic(websocket, name) != INDEX_NONE;
	const bool sent = websocket && frame_topic_is_sent(websocket, name);
	struct nearest nearest;

	if (is_any(item) || (reading->query->in && said) || (reading->query->out && sent))
		return;
	nearest_begin(&nearest, item->valuestring);
	for (size_t i = 0; websocket && i < websocket->topic_count; i++)
		nearest_offer(&nearest, websocket->topics[i].name);
	if (sent)
		reader_problem(reading->reader, item, NULL,
		               "clients say no \"%s\", the gateway does: add \"direction\": \"out\"",
		               item->valuestring);
	else
		reader_problem(reading->reader, item, nearest.best, "\"websocket\" has no topic \"%s\"",
		               item->valuestring);
}

static void read_stream(const struct reading *reading, const cJSON *item)
{
	static const char *const names[] = { "opened", "closed", "dropped" };
	struct nearest nearest;

	if (is_any(item))
		return;
	nearest_begin(&nearest, item->valuestring);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcmp(names[i], item->valuestring) == 0)
			return;
		nearest_offer(&nearest, names[i]);
	}
	reader_problem(reading->reader, item, nearest.best,
	               "wanted \"opened\", \"closed\", \"dropped\" or \"*\", found \"%s\"", item->valuestring);
}

static void read_login(const struct reading *reading, const cJSON *item)
{
	const struct machine *machine = reading->machine;
	struct nearest nearest;

	if (is_any(item))
		return;
	nearest_begin(&nearest, item->valuestring);
	for (size_t i = 0; i < machine->event_count; i++) {
		if (strcmp(machine->events[i], item->valuestring) == 0)
			return;
		nearest_offer(&nearest, machine->events[i]);
	}
	reader_problem(reading->reader, item, nearest.best, "there is no event \"%s\"", item->valuestring);
}

static bool has_any(const cJSON *names)
{
	const bool many = cJSON_IsArray(names);

	for (const cJSON *item = many ? names->child : names; item; item = many ? item->next : NULL)
		if (!cJSON_IsString(item) || is_any(item))
			return true;
	return false;
}

/* ---- the rest ---- */

static void read_direction(const struct reading *reading, const cJSON *item)
{
	struct nearest nearest;

	reading->query->in |= strcmp(item->valuestring, "in") == 0;
	reading->query->out |= strcmp(item->valuestring, "out") == 0;
	if (strcmp(item->valuestring, "in") == 0 || strcmp(item->valuestring, "out") == 0)
		return;
	nearest_begin(&nearest, item->valuestring);
	nearest_offer(&nearest, "in");
	nearest_offer(&nearest, "out");
	reader_problem(reading->reader, item, nearest.best,
	               "wanted \"in\", what the client says, or \"out\", what the gateway does; found \"%s\"",
	               item->valuestring);
}

static void read_number(const struct reading *reading, const cJSON *item)
{
	int64_t number = 0;

	if (reader_integer(reading->reader, item, "a stream's number", 1, UINT32_MAX, &number))
		reading->query->number = (uint32_t)number;
}

/* ---- what it is about ---- */

static const struct subject {
	const char *name;
	enum record_kind kind;
	enum about about;
	const char *what;
	void (*read)(const struct reading *reading, const cJSON *item);
} subjects[] = {
	{ "frame", RECORD_FRAME, FRAMES, "a topic", read_topic },
	{ "stream", RECORD_STREAM, STREAMS, "what became of a websocket", read_stream },
	{ "login", RECORD_LOGIN, LOGINS, "a login's event", read_login },
};

/* NULL: requests. */
static const struct subject *find_subject(const struct reading *reading, const cJSON *item)
{
	const struct subject *found = NULL;

	for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) {
		const cJSON *member = json_member(item, subjects[i].name);

		if (member && found)
			reader_key_problem(reading->reader, member, NULL,
			                   "\"%s\" and \"%s\" are two patterns: say each by itself", found->name,
			                   member->string);
		else if (member)
			found = &subjects[i];
	}
	return found;
}

void query_read_said(const struct reading *reading, const cJSON *item)
{
	const struct subject *subject = find_subject(reading, item);
	const cJSON *direction = json_member(item, "direction");
	const cJSON *number = json_member(item, "number");
	const cJSON *text = json_member(item, "text");
	const cJSON *names;

	check_members(reading, item, subject ? subject->name : NULL, subject ? subject->about : REQUESTS);
	if (!subject)
		return;
	reading->query->about = subject->kind;
	if (direction)
		query_read_texts(reading, direction, "a direction", read_direction);
	reading->query->in |= !reading->query->out;
	names = json_member(item, subject->name);
	query_read_texts(reading, names, subject->what, subject->read);
	if (!has_any(names))
		reading->query->names = names;
	if (number)
		read_number(reading, number);
	if (text)
		query_read_text(reading->reader, text, "a text", JOURNAL_TARGET_MAX, &reading->query->body);
}
