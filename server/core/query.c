#include "core/query_parts.h"

#include "core/calendar.h"
#include "core/redact.h"
#include "core/same_json.h"

#include <string.h>

/* Bytes of one thing, sent or wanted, that an explanation shows. */
#define PIECE_MAX 80

/* ---- what fits ---- */

uint64_t query_first(const struct query *query, const struct journal *journal)
{
	return query->since > journal->oldest ? query->since : journal->oldest;
}

uint64_t query_lost(const struct query *query, const struct journal *journal)
{
	/* Heartbeats are given up as timers are. */
	return query->about == RECORD_FRAME && query->out ? journal_lost_since(journal, query->since)
	                                                  : journal_events_lost_since(journal, query->since);
}

const char *query_noun(const struct query *query)
{
	return record_kind_names[query->about];
}

/* A request as the journal keeps it. */
struct kept {
	const struct emulator *emulator;
	const struct record *record;
	struct span target;
	struct span path;
	struct span body;
	bool target_is_cut;
	bool path_is_cut;
	bool body_is_cut;
};

static struct kept keep(const struct emulator *emulator, const struct record *record)
{
	struct kept kept = { .emulator = emulator, .record = record };
	/* Either it is cut where the journal cuts, or there was no memory for any of it. */
	const bool all_gone = record->cut && record->target_length == 0;
	const char *mark;

	kept.target = record_text(&emulator->journal, record);
	mark = kept.target.length > 0 ? memchr(kept.target.at, '?', kept.target.length) : NULL;
	kept.path = (struct span){ kept.target.at, mark ? (size_t)(mark - kept.target.at) : kept.target.length };
	kept.body = record_body(&emulator->journal, record);
	kept.target_is_cut = all_gone || (record->cut && record->target_length == JOURNAL_TARGET_MAX);
	kept.path_is_cut = kept.target_is_cut && !mark;
	kept.body_is_cut = all_gone || (record->cut && record->body_length == JOURNAL_BODY_MAX);
	return kept;
}

/* "*" stands for any number of characters. Goes back to the last star only: no pattern takes longer than its length times
 * the text's. */
static bool fits_glob(const char *pattern, struct span text)
{
	const char *star = NULL;
	size_t at = 0;
	size_t after_star = 0;

	while (at < text.length) {
		if (*pattern == '*') {
			star = pattern++;
			after_star = at;
		} else if (*pattern && *pattern == text.at[at]) {
			pattern++;
			at++;
		} else if (star) {
			pattern = star + 1;
			at = ++after_star;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

static bool contains(struct span text, const char *part)
{
	const size_t length = strlen(part);

	for (size_t at = 0; at + length <= text.length; at++)
		if (memcmp(text.at + at, part, length) == 0)
			return true;
	return false;
}

static bool fits_json(const struct text_pattern *pattern, struct span text)
{
	cJSON *found = parse_json(text);
	cJSON *wanted = found && pattern->text ? parse_json(span_of(pattern->text)) : NULL;
	const bool same = found && (pattern->how == TEXT_HAS ? has_same_json(found, pattern->json)
	                                                     : is_same_json(wanted ? wanted : pattern->json, found));

	cJSON_Delete(wanted);
	cJSON_Delete(found);
	return same;
}

/* `text.at` is NULL when there is none. */
bool query_fits_text(const struct text_pattern *pattern, struct span text, bool is_cut)
{
	switch (pattern->how) {
	case TEXT_ANY:
		break;
	case TEXT_EQUALS:
		return text.at && !is_cut && span_equals(text, pattern->text);
	case TEXT_CONTAINS:
		return text.at && contains(text, pattern->text);
	case TEXT_ABSENT:
		return !text.at && !is_cut;
	case TEXT_JSON:
	case TEXT_HAS:
		return text.at && !is_cut && fits_json(pattern, text);
	}
	return true;
}

/* ---- what does not fit, in words ---- */

/* Clients send anything, and this goes to terminals and into JSON. */
static void add_shown(struct span text, struct buffer *out)
{
	const size_t shown = text.length < PIECE_MAX ? text.length : PIECE_MAX;

	for (size_t i = 0; i < shown; i++) {
		const unsigned char byte = (unsigned char)text.at[i];

		if (byte < ' ' || byte >= 0x7f)
			buffer_add_format(out, "\\x%02x", byte);
		else
			buffer_add(out, &text.at[i], 1);
	}
	if (shown < text.length)
		buffer_add_text(out, "…");
}

void query_begin_misfit(struct explaining *explaining, const char *what)
{
	if (explaining->out && explaining->count > 0)
		buffer_add_text(explaining->out, "; ");
	if (explaining->out)
		add_shown(span_of(what), explaining->out);
	if (explaining->out)
		buffer_add_text(explaining->out, ": wanted ");
	explaining->count++;
}

void query_misfit(struct explaining *explaining, const char *what, const char *wanted, struct span found)
{
	query_begin_misfit(explaining, what);
	if (!explaining->out)
		return;
	add_shown(span_of(wanted), explaining->out);
	buffer_add_text(explaining->out, ", was ");
	add_shown(found, explaining->out);
}

static void add_cut(const struct explaining *explaining, bool is_cut)
{
	if (explaining->out && is_cut)
		buffer_add_text(explaining->out, " (longer than what the journal keeps)");
}

static void explain_method(struct explaining *explaining, const struct query *query, const struct kept *kept)
{
	const char *between = "";

	if (query->methods == 0 || (query->methods >> kept->record->method & 1U))
		return;
	query_begin_misfit(explaining, "method");
	if (!explaining->out)
		return;
	for (int i = 0; i < METHOD_COUNT; i++) {
		if (!(query->methods >> i & 1U))
			continue;
		buffer_add_format(explaining->out, "%s%s", between, method_name((enum http_method)i));
		between = " or ";
	}
	buffer_add_format(explaining->out, ", was %s", method_name(kept->record->method));
}

static void explain_paths(struct explaining *explaining, const struct query *query, const struct kept *kept)
{
	if (query->url && (kept->target_is_cut || !span_equals(kept->target, query->url))) {
		query_misfit(explaining, "url", query->url, kept->target);
		add_cut(explaining, kept->target_is_cut);
	}
	if (query->url_path && (kept->path_is_cut || !span_equals(kept->path, query->url_path))) {
		query_misfit(explaining, "url_path", query->url_path, kept->path);
		add_cut(explaining, kept->path_is_cut);
	}
	if (query->url_path_prefix && !span_starts_with(kept->path, query->url_path_prefix))
		query_misfit(explaining, "url_path_prefix", query->url_path_prefix, kept->path);
	if (query->url_path_glob && (kept->path_is_cut || !fits_glob(query->url_path_glob, kept->path))) {
		query_misfit(explaining, "url_path_glob", query->url_path_glob, kept->path);
		add_cut(explaining, kept->path_is_cut);
	}
}

void query_add_alternative(struct alternatives *alternatives, const char *name)
{
	if (alternatives->count++ < 3)
		buffer_add_format(alternatives->out, "%s%s", alternatives->count > 1 ? " or " : "", name);
}

void query_end_alternatives(const struct alternatives *alternatives)
{
	if (alternatives->count > 3)
		buffer_add_format(alternatives->out, " or %zu more", alternatives->count - 3);
}

static void explain_endpoint(struct explaining *explaining, const struct query *query, const struct kept *kept)
{
	const struct machine *machine = kept->emulator->machine;
	const int endpoint = kept->record->endpoint;
	struct alternatives alternatives = { .out = explaining->out };

	if (!query->has_endpoints || (endpoint >= 0 && endpoint_set_has(&query->endpoints, (size_t)endpoint)))
		return;
	query_begin_misfit(explaining, "endpoint");
	if (!explaining->out)
		return;
	for (size_t i = 0; i < machine->endpoint_count; i++)
		if (endpoint_set_has(&query->endpoints, i))
			query_add_alternative(&alternatives, machine->endpoints[i].name);
	query_end_alternatives(&alternatives);
	buffer_add_format(explaining->out, ", was %s", kept->record->name);
}

static void explain_state(struct explaining *explaining, const struct query *query, const struct emulator *emulator,
                          const struct record *record)
{
	const struct machine *machine = emulator->machine;
	struct alternatives alternatives = { .out = explaining->out };

	if (query->states == 0 || (query->states & record->before))
		return;
	query_begin_misfit(explaining, "state");
	if (!explaining->out)
		return;
	for (size_t i = 0; i < machine->state_count; i++)
		if (query->states >> i & 1U)
			query_add_alternative(&alternatives, machine->states[i].name);
	query_end_alternatives(&alternatives);
	buffer_add_text(explaining->out, ", was ");
	emulator_describe(emulator, record->before, explaining->out);
}

static void add_status(int status, struct buffer *out)
{
	if (status)
		buffer_add_int(out, status);
	else
		buffer_add_text(out, "never");
}

static void explain_outcome(struct explaining *explaining, const struct query *query, const struct kept *kept)
{
	const bool matched = kept->record->matched;

	if (query->has_status && query->status != kept->record->status) {
		query_begin_misfit(explaining, "status");
		if (explaining->out) {
			add_status(query->status, explaining->out);
			buffer_add_text(explaining->out, ", was ");
			add_status(kept->record->status, explaining->out);
		}
	}
	if (query->matched != TRISTATE_ANY && matched != (query->matched == TRISTATE_TRUE))
		query_misfit(explaining, "matched", matched ? "false" : "true", span_of(matched ? "true" : "false"));
}

static void explain_time(struct explaining *explaining, const struct query *query, const struct record *record)
{
	const int64_t at_ms = record->at_ms;
	const bool is_early = at_ms < query->from_ms;

	if (!is_early && at_ms < query->to_ms)
		return;
	query_begin_misfit(explaining, is_early ? "from" : "to");
	if (!explaining->out)
		return;
	instant_add(explaining->out, is_early ? query->from_ms : query->to_ms);
	buffer_add_text(explaining->out, is_early ? " or later, was " : " not yet reached, was ");
	instant_add(explaining->out, at_ms);
}

static void add_wanted(const struct text_pattern *pattern, struct buffer *out)
{
	char *json = NULL;

	switch (pattern->how) {
	case TEXT_ANY:
		break;
	case TEXT_ABSENT:
		buffer_add_text(out, "none");
		break;
	case TEXT_CONTAINS:
	case TEXT_EQUALS:
		buffer_add_text(out, pattern->how == TEXT_CONTAINS ? "a text with \"" : "\"");
		add_shown(span_of(pattern->text), out);
		buffer_add_text(out, "\"");
		break;
	case TEXT_JSON:
	case TEXT_HAS:
		json = pattern->text ? NULL : cJSON_PrintUnformatted(pattern->json);
		buffer_add_text(out, pattern->how == TEXT_HAS ? "JSON that has " : "the JSON ");
		add_shown(span_of(pattern->text ? pattern->text : json ? json : ""), out);
		cJSON_free(json);
		break;
	}
}

static bool is_redacted(struct span text)
{
	for (size_t i = 0; text.at && i < text.length; i++)
		if (text.at[i] != '*')
			return false;
	return text.length > 0;
}

void query_explain_text(struct explaining *explaining, const char *what, const struct text_pattern *pattern,
                        struct span text, bool is_cut)
{
	query_begin_misfit(explaining, what);
	if (!explaining->out)
		return;
	add_wanted(pattern, explaining->out);
	buffer_add_text(explaining->out, text.at ? ", was \"" : ", was absent");
	if (text.at) {
		add_shown(text, explaining->out);
		buffer_add_text(explaining->out, "\"");
	}
	if (is_redacted(text))
		buffer_add_text(explaining->out, " (the journal keeps no secrets)");
	add_cut(explaining, is_cut);
}

/* Any of several of that name will do; `shown` is the first of them. */
static bool fits_header(const struct header_pattern *header, const struct kept *kept, struct span *shown)
{
	struct span rest = record_headers(&kept->emulator->journal, kept->record);
	struct span line;
	struct span value;

	*shown = (struct span){ 0 };
	while (header_line_next(&rest, &line)) {
		if (!header_line_is(line, header->name, &value))
			continue;
		if (!shown->at)
			*shown = value;
		if (query_fits_text(&header->value, value, false))
			return true;
	}
	return !shown->at && query_fits_text(&header->value, *shown, kept->record->cut);
}

static void explain_headers(struct explaining *explaining, const struct query *query, const struct kept *kept)
{
	for (size_t i = 0; i < query->header_count; i++) {
		const struct header_pattern *header = &query->headers[i];
		struct span shown;

		if (!fits_header(header, kept, &shown))
			query_explain_text(explaining, header->name, &header->value, shown,
			                   kept->record->cut && !shown.at);
	}
}

static void explain_body(struct explaining *explaining, const struct query *query, const struct kept *kept)
{
	const bool is_empty = kept->body.length == 0;
	/* None and an empty one are the same. */
	const bool wants_empty = query->body.how == TEXT_EQUALS && query->body.text[0] == '\0';
	const struct span body = is_empty && !wants_empty ? (struct span){ 0 } : kept->body;

	if (!query_fits_text(&query->body, body, kept->body_is_cut))
		query_explain_text(explaining, "body", &query->body, body, kept->body_is_cut);
}

static void explain_request(struct explaining *explaining, const struct query *query, const struct emulator *emulator,
                            const struct record *record)
{
	const struct kept kept = keep(emulator, record);

	explain_method(explaining, query, &kept);
	explain_paths(explaining, query, &kept);
	explain_endpoint(explaining, query, &kept);
	explain_state(explaining, query, emulator, record);
	explain_outcome(explaining, query, &kept);
	explain_time(explaining, query, record);
	explain_headers(explaining, query, &kept);
	explain_body(explaining, query, &kept);
}

size_t query_explain(const struct query *query, const struct emulator *emulator, const struct record *record,
                     struct buffer *out)
{
	struct explaining explaining = { .out = out };

	if (record->kind != query->about) {
		query_misfit(&explaining, "kind", query_noun(query), span_of(record_kind_names[record->kind]));
	} else if (query->about == RECORD_REQUEST) {
		explain_request(&explaining, query, emulator, record);
	} else {
		query_explain_name(&explaining, query, emulator, record);
		explain_state(&explaining, query, emulator, record);
		explain_time(&explaining, query, record);
		query_explain_said(&explaining, query, emulator, record);
	}
	return explaining.count;
}

bool query_matches(const struct query *query, const struct emulator *emulator, const struct record *record)
{
	return record->kind == query->about && query_explain(query, emulator, record, NULL) == 0;
}
