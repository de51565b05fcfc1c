/*
 * What an expectation names, one or a list: calls, events, topics of messages; and the same in words, for its report.
 */
#include "core/load_expect.h"

#include "core/names.h"
#include "core/websocket.h"

const char *expect_text(struct loading *loading, struct buffer *text)
{
	const char *copy = reader_copy(&loading->reader, text->data ? text->data : "");

	buffer_release(text);
	return copy;
}

const char *names_in_words(struct loading *loading, const cJSON *names)
{
	struct buffer text = { 0 };

	if (cJSON_IsString(names))
		return reader_copy(&loading->reader, names->valuestring);
	for (const cJSON *item = names->child; item; item = item->next) {
		if (item != names->child)
			buffer_add_text(&text, item->next ? ", " : " or ");
		buffer_add_text(&text, cJSON_IsString(item) ? item->valuestring : "?");
	}
	return expect_text(loading, &text);
}

const char *states_in_words(struct loading *loading, const cJSON *names)
{
	struct buffer text = { 0 };
	int before = INDEX_NONE;

	if (!cJSON_IsArray(names))
		return names_in_words(loading, names);
	for (const cJSON *item = names->child; item; item = item->next) {
		const int state =
		    cJSON_IsString(item) ? machine_find_state(loading->machine, item->valuestring) : INDEX_NONE;
		const int region = state == INDEX_NONE ? INDEX_NONE : loading->machine->states[state].region;

		if (item != names->child)
			buffer_add_text(&text, region == before ? " or " : " and ");
		buffer_add_text(&text, cJSON_IsString(item) ? item->valuestring : "?");
		before = region;
	}
	return expect_text(loading, &text);
}

static bool is_empty(struct loading *loading, const cJSON *names, const char *what)
{
	if (!cJSON_IsArray(names) || names->child)
		return false;
	reader_problem(&loading->reader, names, NULL, "\"%s\" must name at least one %s", names->string, what);
	return true;
}

bool load_expect_calls(struct loading *loading, const cJSON *names, struct endpoint_set *set)
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

bool load_expect_events(struct loading *loading, const cJSON *names, struct event_set *set)
{
	const bool many = cJSON_IsArray(names);
	bool fine = !is_empty(loading, names, "event");

	for (const cJSON *item = many ? names->child : names; item; item = many ? item->next : NULL)
		fine = load_event_or_group(loading, item, set) && fine;
	return fine;
}

uint64_t load_expect_topics(struct loading *loading, const cJSON *names)
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
