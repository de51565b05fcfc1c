/*
 * What the clients of a gateway did: its requests, and the whole journal.
 */
#include "control/answer.h"
#include "control/handlers.h"
#include "control/records.h"
#include "control/route.h"
#include "control/wait.h"
#include "core/names.h"
#include "core/near_miss.h"
#include "core/query.h"
#include "core/query_text.h"
#include "core/record_json.h"
#include "core/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_MAX 1000000

/* ---- patterns ---- */

/* A pattern and the JSON that it points into. */
struct asked {
	struct query query;
	struct call_json json;
	struct buffer text;
	uint32_t kinds; /* of records, one bit each; 0: all */
	int64_t wanted; /* a wait's: so many */
	int64_t count;  /* and so many of them have yet to come */
	bool requests_only;
};

static void asked_release(void *context)
{
	struct asked *asked = context;

	call_json_end(&asked->json);
	buffer_release(&asked->text);
	free(asked);
}

/* What the query of a call can have, the members of a pattern and its own. */
static void list_arguments(const struct control_route *route, const char *names[ROUTE_ARGUMENTS_MAX])
{
	for (size_t i = 0; i < ROUTE_ARGUMENTS_MAX; i++)
		names[i] = route->arguments[i].name;
}

static bool read_query(struct call *call, struct asked *asked)
{
	const char *names[ROUTE_ARGUMENTS_MAX];
	const struct reader reader = { .places = &asked->json.places, .problems = &asked->json.problems };

	list_arguments(call->route, names);
	if (query_text_to_json(call->query, names, &asked->text, &asked->json.problems))
		asked->json.tree = json_read(&asked->json.places, "(query)", asked->text.data, asked->text.length,
		                             &asked->json.problems);
	if (asked->json.tree)
		query_read(&reader, &call->entry->machine->machine, asked->json.tree, &asked->query);
	if (asked->json.problems.total == 0)
		return true;
	call_problems(call, MHD_HTTP_BAD_REQUEST, "the query is not what is wanted", &asked->json.problems);
	return false;
}

static bool take_kind(struct call *call, struct asked *asked, const char *name)
{
	struct nearest nearest;

	nearest_begin(&nearest, name);
	for (unsigned kind = 0; kind < RECORD_KIND_COUNT; kind++) {
		nearest_offer(&nearest, record_kind_names[kind]);
		if (strcmp(name, record_kind_names[kind]) != 0)
			continue;
		asked->kinds |= 1U << kind;
		return true;
	}
	call_unknown(call, MHD_HTTP_BAD_REQUEST, "there is no kind of record", name, &nearest);
	return false;
}

static bool read_kinds(struct call *call, struct asked *asked)
{
	struct buffer names = { 0 };
	bool good = true;
	char *rest;

	if (!asked->requests_only && call_argument(call, "kind", &names)) {
		good = strspn(names.data, ",") < names.length;
		if (!good)
			call_problem(call, MHD_HTTP_BAD_REQUEST,
			             "wanted a kind of record, or several with commas between them, found \"\"");
		for (char *name = strtok_r(names.data, ",", &rest); name && good; name = strtok_r(NULL, ",", &rest))
			good = take_kind(call, asked, name);
	}
	buffer_release(&names);
	return good;
}

/* NULL, and the answer says why, when something is wrong. */
static struct asked *asked_new(struct call *call, bool requests_only)
{
	struct asked *asked = calloc(1, sizeof *asked);

	if (!asked) {
		call_problem(call, MHD_HTTP_INTERNAL_SERVER_ERROR, "memory ran out");
		return NULL;
	}
	asked->requests_only = requests_only;
	if (read_query(call, asked) && read_kinds(call, asked))
		return asked;
	asked_release(asked);
	return NULL;
}

static bool fits(void *context, const struct emulator *emulator, uint64_t index, const struct record *record)
{
	const struct asked *asked = context;

	(void)index;
	if (asked->kinds && !(asked->kinds >> record->kind & 1U))
		return false;
	if (!asked->requests_only && record->kind != asked->query.about)
		return true;
	return query_matches(&asked->query, emulator, record);
}

static int64_t count_fitting(const struct call *call, struct asked *asked)
{
	const struct emulator *emulator = &call->entry->gateway->emulator;
	struct journal_walk walk = journal_walk_from(&emulator->journal, asked->query.since);
	const struct record *record;
	int64_t count = 0;
	uint64_t index;

	while ((record = journal_walk_next(&walk, &index)))
		count += fits(asked, emulator, index, record);
	return count;
}

/* ---- lists ---- */

static void answer_list(struct call *call, struct asked *asked, size_t limit)
{
	const struct record_listing listing = { asked->query.since, limit, asked->requests_only && !asked->query.out,
		                                fits, asked };
	const bool is_of_requests = asked->requests_only && asked->query.about == RECORD_REQUEST;
	struct buffer *out = call_answer_json(call, MHD_HTTP_OK);

	buffer_add_text(out, "{");
	records_add_list(&call->entry->gateway->emulator, &listing, is_of_requests ? "requests" : "records", out);
	buffer_add_text(out, "}\n");
}

static void list(struct call *call, bool requests_only)
{
	int64_t limit = CONTROL_RECORDS_MAX;
	struct asked *asked;

	if (!call_integer(call, "limit", 0, CONTROL_RECORDS_MAX, limit, &limit))
		return;
	asked = asked_new(call, requests_only);
	if (!asked)
		return;
	gateway_advance(call->entry->gateway);
	answer_list(call, asked, (size_t)limit);
	asked_release(asked);
}

void do_requests_list(struct call *call)
{
	list(call, true);
}

void do_journal(struct call *call)
{
	list(call, false);
}

/* States, expectations and what metrics count stay: nothing but the past is gone. */
void do_requests_clear(struct call *call)
{
	gateway_journal_clear(call->entry->gateway);
	call_answer_text(call, MHD_HTTP_NO_CONTENT, TYPE_TEXT, "");
}

/* ---- patterns in the body ---- */

static struct asked *asked_of_body(struct call *call)
{
	struct asked *asked = calloc(1, sizeof *asked);

	if (asked && call_json_begin(call, true, &asked->json)) {
		const struct reader reader = { .places = &asked->json.places, .problems = &asked->json.problems };

		asked->requests_only = true;
		query_read(&reader, &call->entry->machine->machine, asked->json.tree, &asked->query);
		if (call_json_passed(call, &asked->json))
			return asked;
	}
	if (asked)
		asked_release(asked);
	return NULL;
}

void do_requests_find(struct call *call)
{
	struct asked *asked = asked_of_body(call);

	if (!asked)
		return;
	answer_list(call, asked, CONTROL_RECORDS_MAX);
	asked_release(asked);
}

static void answer_count(struct call *call, struct asked *asked)
{
	if (!asked)
		return;
	buffer_add_format(call_answer_json(call, MHD_HTTP_OK), "{\"count\":%lld,\"lost\":%llu}\n",
	                  (long long)count_fitting(call, asked),
	                  (unsigned long long)query_lost(&asked->query, &call->entry->gateway->emulator.journal));
	asked_release(asked);
}

void do_requests_count(struct call *call)
{
	answer_count(call, asked_new(call, true));
}

void do_requests_count_body(struct call *call)
{
	answer_count(call, asked_of_body(call));
}

/* ---- one ---- */

static void refuse_id(struct call *call, const struct journal *journal)
{
	const int length = (int)(call->parameter.length < 40 ? call->parameter.length : 40);

	if (journal_kept(journal) == 0)
		call_problem(call, MHD_HTTP_NOT_FOUND, "there is no record \"%.*s\": the journal has none yet", length,
		             call->parameter.at);
	else
		call_problem(call, MHD_HTTP_NOT_FOUND, "there is no record \"%.*s\": wanted an id from %llu to %llu",
		             length, call->parameter.at, (unsigned long long)journal->oldest + 1,
		             (unsigned long long)journal->written);
}

void do_requests_one(struct call *call)
{
	const struct emulator *emulator = &call->entry->gateway->emulator;
	const struct record *record = NULL;
	char digits[20] = { 0 };
	uint64_t id = 0;

	if (call->parameter.length < sizeof digits) {
		memcpy(digits, call->parameter.at, call->parameter.length);
		id = strspn(digits, "0123456789") == strlen(digits) ? strtoull(digits, NULL, 10) : 0;
	}
	if (id > 0)
		record = journal_at(&emulator->journal, id - 1);
	if (record) {
		record_add_json(emulator, id - 1, record, RECORD_WHOLE, call_answer_json(call, MHD_HTTP_OK));
		buffer_add_text(&call->answer, "\n");
		return;
	}
	refuse_id(call, &emulator->journal);
}

/* ---- what nothing was meant for ---- */

static bool is_unmatched(void *context, const struct emulator *emulator, uint64_t index, const struct record *record)
{
	(void)context;
	(void)emulator;
	(void)index;
	return record->kind == RECORD_REQUEST && !record->matched;
}

void do_unmatched(struct call *call)
{
	struct record_listing listing = { 0, CONTROL_RECORDS_MAX, true, is_unmatched, NULL };
	struct buffer *out = call_answer_json(call, MHD_HTTP_OK);

	buffer_add_text(out, "{");
	records_add_list(&call->entry->gateway->emulator, &listing, "requests", out);
	buffer_add_text(out, "}\n");
}

/* Connections that never came to a request are misses too: their words say why. */
void do_near_misses(struct call *call)
{
	const struct emulator *emulator = &call->entry->gateway->emulator;
	const struct journal *journal = &emulator->journal;
	struct journal_walk walk = journal_walk_from(journal, 0);
	struct buffer *out = call_answer_json(call, MHD_HTTP_OK);
	const struct record *record;
	uint64_t index;
	size_t count = 0;

	buffer_add_text(out, "{\"near_misses\":[");
	while (count < CONTROL_RECORDS_MAX && (record = journal_walk_next(&walk, &index))) {
		if (!near_miss_is_due(record))
			continue;
		buffer_add_text(out, count++ > 0 ? "," : "");
		near_miss_add_json(emulator, index, record, out);
	}
	buffer_add_format(out, "],\"lost\":%llu}\n", (unsigned long long)journal_events_lost_since(journal, 0));
}

/* ---- waiting ---- */

static bool has_come(struct call *call, uint64_t index, const struct record *record)
{
	struct asked *asked = call->wait->context;

	if (index < asked->query.since || !fits(asked, &call->entry->gateway->emulator, index, record))
		return false;
	return --asked->count <= 0;
}

/* The time is over: a tester wants to know what came instead. */
static void answer_what_came(struct call *call, const struct asked *asked)
{
	const struct verify verify = { asked->query, asked->json.tree, asked->wanted, INT64_MAX };
	struct buffer report = { 0 };

	verify_run(&verify, &call->entry->gateway->emulator, &report);
	call_long_problem(call, MHD_HTTP_GATEWAY_TIMEOUT, report.data ? report.data : "");
	buffer_release(&report);
}

static void finish(struct call *call, enum wait_end end)
{
	struct asked *asked = call->wait->context;
	char what[40];

	if (end == WAIT_FITS)
		answer_list(call, asked, CONTROL_RECORDS_MAX);
	else if (end == WAIT_TIMED_OUT && asked->requests_only)
		answer_what_came(call, asked);
	else if (asked->requests_only && snprintf(what, sizeof what, "such a %s", query_noun(&asked->query)) > 0)
		wait_answer_end(call, end, what);
	else
		wait_answer_end(call, end, "a record");
}

static void wait_for(struct call *call, bool requests_only)
{
	int64_t count = 1;
	int64_t timeout_ms = 0;
	struct asked *asked;

	if (!call_integer(call, "count", 1, COUNT_MAX, 1, &count) ||
	    !call_duration(call, "timeout", CONTROL_WAIT_MAX_MS, CONTROL_WAIT_DEFAULT_MS, &timeout_ms))
		return;
	asked = asked_new(call, requests_only);
	if (!asked)
		return;
	gateway_advance(call->entry->gateway);
	asked->wanted = count;
	asked->count = count - count_fitting(call, asked);
	if (asked->count <= 0) {
		answer_list(call, asked, CONTROL_RECORDS_MAX);
		asked_release(asked);
		return;
	}
	wait_begin(call, timeout_ms, has_come, finish, asked, asked_release);
}

void do_requests_wait(struct call *call)
{
	wait_for(call, true);
}

void do_journal_wait(struct call *call)
{
	wait_for(call, false);
}
