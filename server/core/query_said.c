/*
 * Frames, websockets and logins against a pattern.
 */
#include "core/query_parts.h"

#include "core/frame_topic.h"

#include <string.h>

static bool is_out(const struct record *record)
{
	return strcmp(record->name, "frame_out") == 0;
}

bool query_is_about(const struct query *query, const struct record *record)
{
	return record->kind == query->about &&
	       (record->kind != RECORD_FRAME || (is_out(record) ? query->out : query->in));
}

/* By what a pattern calls it. */
static struct span name_of(const struct emulator *emulator, const struct record *record)
{
	const struct span text = record_text(&emulator->journal, record);

	if (record->kind != RECORD_FRAME)
		return span_of(record->name);
	return is_out(record) ? frame_topic_out(text) : frame_topic_in(text);
}

static bool is_one_of(const cJSON *names, struct span name)
{
	const bool many = cJSON_IsArray(names);

	for (const cJSON *item = many ? names->child : names; item; item = many ? item->next : NULL)
		if (span_equals(name, item->valuestring))
			return true;
	return false;
}

static void add_names(const cJSON *names, struct buffer *out)
{
	const bool many = cJSON_IsArray(names);
	struct alternatives alternatives = { .out = out };

	for (const cJSON *item = many ? names->child : names; item; item = many ? item->next : NULL)
		query_add_alternative(&alternatives, item->valuestring);
	query_end_alternatives(&alternatives);
}

static void explain_direction(struct explaining *explaining, const struct query *query, const struct record *record)
{
	const bool out = is_out(record);

	if (!query_is_about(query, record))
		query_misfit(explaining, "direction", out ? "in" : "out", span_of(out ? "out" : "in"));
}

void query_explain_name(struct explaining *explaining, const struct query *query, const struct emulator *emulator,
                        const struct record *record)
{
	const struct span name = name_of(emulator, record);

	if (record->kind == RECORD_FRAME)
		explain_direction(explaining, query, record);
	if (query->names && !is_one_of(query->names, name)) {
		struct buffer wanted = { 0 };

		add_names(query->names, &wanted);
		query_misfit(explaining, query_noun(query), wanted.data ? wanted.data : "",
		             name.length > 0 ? name : span_of("one without a topic"));
		buffer_release(&wanted);
	}
}

static void explain_number(struct explaining *explaining, const struct query *query, const struct record *record)
{
	if (query->number == 0 || query->number == record->stream)
		return;
	query_begin_misfit(explaining, "number");
	if (explaining->out)
		buffer_add_format(explaining->out, "%u, was %u", query->number, record->stream);
}

void query_explain_said(struct explaining *explaining, const struct query *query, const struct emulator *emulator,
                        const struct record *record)
{
	const bool is_empty = record->target_length == 0;
	/* None and an empty one are the same. */
	const bool wants_empty = query->body.how == TEXT_EQUALS && query->body.text[0] == '\0';
	const struct span text =
	    is_empty && !wants_empty ? (struct span){ 0 } : record_text(&emulator->journal, record);

	if (record->kind != RECORD_LOGIN)
		explain_number(explaining, query, record);
	if (!query_fits_text(&query->body, text, record->cut))
		query_explain_text(explaining, "text", &query->body, text, record->cut);
}
