#include "cli/verdict.h"

#include "core/expect.h"
#include "core/expect_report.h"
#include "core/near_miss.h"
#include "core/record_json.h"
#include "wire/write_all.h"

#include <inttypes.h>
#include <unistd.h>

/* Calls, and connections without one, that are named one by one at each gateway; the rest is counted. */
#define LISTED_MAX 20

/* "cpgw-mock: ", and whose it is unless it is the first gateway's: as in the log. */
static void begin_line(const struct entry *entry, struct buffer *report)
{
	buffer_add_text(report, "cpgw-mock: ");
	if (entry->ordinal > 0)
		buffer_add_format(report, "[%s] ", entry->name);
}

/* ---- expectations ---- */

static void add_warning(const struct expectation_result *result, struct buffer *report)
{
	buffer_add_format(report, "warning: %s: %s", result->name, result->text);
	if (result->count > 1)
		buffer_add_format(report, "; in all %" PRIu64 " times", result->count);
	buffer_add_text(report, "\n");
}

static void add_name(struct buffer *names, const char *name)
{
	buffer_add_format(names, "%s%s", names->length > 0 ? ", " : "", name);
}

static void judge_expectations(struct verdict *verdict, const struct entry *entry, struct buffer *report)
{
	const struct emulator *emulator = &entry->gateway->emulator;
	struct expectation_result result;

	for (size_t i = 0; expect_result(emulator, i, &result); i++) {
		const bool fails = verdict->strict || !result.is_warning;

		if (result.outcome != EXPECTATION_BROKEN)
			continue;
		begin_line(entry, report);
		if (fails)
			expect_report_one(emulator, i, verdict->strict, report);
		else
			add_warning(&result, report);
		verdict->broken += fails;
		verdict->warned += !fails;
		add_name(fails ? &verdict->broken_names : &verdict->warned_names, result.name);
	}
}

/* ---- calls ---- */

static void add_misses(const struct emulator *emulator, const struct record *record, struct buffer *out)
{
	struct near_miss misses[NEAR_MISSES_MAX];
	const size_t count = record->kind == RECORD_REQUEST ? near_misses(emulator, record, misses) : 0;

	for (size_t i = 0; i < count; i++)
		buffer_add_format(out, "  %s\n", misses[i].text);
}

struct listing {
	const struct entry *entry;
	const char *before; /* of each line */
	uint64_t shown;
	struct buffer report; /* for people */
	struct buffer calls;  /* the calls alone, for JUnit */
};

static void list(struct listing *listing, const struct record *record)
{
	const struct emulator *emulator = &listing->entry->gateway->emulator;
	struct buffer line = { 0 };

	if (++listing->shown > LISTED_MAX)
		return;
	record_add_line(emulator, record, &line);
	buffer_add_text(&line, "\n");
	add_misses(emulator, record, &line);
	begin_line(listing->entry, &listing->report);
	buffer_add_text(&listing->report, listing->before);
	buffer_add(&listing->report, line.data, line.length);
	if (record->kind == RECORD_REQUEST)
		buffer_add(&listing->calls, line.data, line.length);
	buffer_release(&line);
}

static void list_kind(struct listing *listing, enum record_kind kind)
{
	struct journal_walk walk = journal_walk_from(&listing->entry->gateway->emulator.journal, 0);
	const struct record *record;

	listing->shown = 0;
	while ((record = journal_walk_next(&walk, NULL)))
		if (record->kind == kind && near_miss_is_due(record))
			list(listing, record);
}

static void add_rest(const struct listing *listing, uint64_t count, const char *one, const char *many,
                     struct buffer *out)
{
	const uint64_t shown = listing->shown < LISTED_MAX ? listing->shown : LISTED_MAX;

	if (count <= shown)
		return;
	begin_line(listing->entry, out);
	buffer_add_format(out, "%sand %" PRIu64 " more %s\n", listing->before, count - shown,
	                  count - shown == 1 ? one : many);
}

/* Calls that nothing was meant for, all of which count though the journal forgets; and connections without any, which
 * are told because they may be why a client does nothing. */
static void judge_calls(struct verdict *verdict, struct listing *listing)
{
	const uint64_t unmatched = listing->entry->gateway->emulator.tally.unmatched;

	listing->before = verdict->strict ? "unmatched: " : "warning: unmatched: ";
	list_kind(listing, RECORD_REQUEST);
	add_rest(listing, unmatched, "call that nothing was meant for", "calls that nothing was meant for",
	         &listing->report);
	add_rest(listing, unmatched, "call that nothing was meant for", "calls that nothing was meant for",
	         &listing->calls);
	verdict->unmatched += unmatched;
	listing->before = "warning: ";
	list_kind(listing, RECORD_CONNECTION);
	add_rest(listing, listing->shown, "connection without a call", "connections without a call", &listing->report);
}

/* ---- the whole ---- */

static void say(struct buffer *report)
{
	if (report->length > 0)
		write_all(STDERR_FILENO, report->data, report->length);
	buffer_release(report);
}

static void judge(void *context, struct entry *entry)
{
	struct verdict *verdict = context;
	struct listing listing = { .entry = entry };

	gateway_conclude(entry->gateway);
	judge_expectations(verdict, entry, &listing.report);
	judge_calls(verdict, &listing);
	junit_add_gateway(verdict->junit, entry, &listing.calls);
	say(&listing.report);
	buffer_release(&listing.calls);
}

/* What a test resets before anybody has called it has not been tested. */
static void judge_ending(struct follower *follower, struct entry *entry)
{
	struct verdict *verdict = (struct verdict *)(void *)follower;
	const uint64_t *records = entry->gateway->emulator.tally.records;

	if (records[RECORD_REQUEST] + records[RECORD_EXPECTATION] > 0)
		judge(verdict, entry);
}

static void add_count(uint64_t count, const char *one, const char *many, struct buffer *out)
{
	if (count > 0)
		buffer_add_format(out, "%s %" PRIu64 " %s", out->length ? "," : "cpgw-mock: in all", count,
		                  count == 1 ? one : many);
}

/* One thing needs no sum. */
static void sum_up(const struct verdict *verdict)
{
	struct buffer sum = { 0 };

	if (verdict->broken + verdict->unmatched + verdict->warned < 2)
		return;
	add_count(verdict->broken, "broken expectation", "broken expectations", &sum);
	add_count(verdict->unmatched, "call that nothing was meant for", "calls that nothing was meant for", &sum);
	add_count(verdict->warned, "warning (--strict makes it a failure)", "warnings (--strict makes them failures)",
	          &sum);
	if (sum.length > 0)
		buffer_add_text(&sum, "\n");
	say(&sum);
}

void verdict_begin(struct verdict *verdict, const struct stage *stage, struct junit *junit)
{
	*verdict = (struct verdict){
		.follower = { .ending = judge_ending },
		.registry = stage->registry,
		.strict = stage->options->strict,
		.junit = junit,
	};
	registry_follow(stage->registry, &verdict->follower);
}

enum exit_code verdict_reach(struct verdict *verdict)
{
	registry_unfollow(verdict->registry, &verdict->follower);
	registry_each(verdict->registry, judge, verdict);
	sum_up(verdict);
	if (verdict->broken > 0)
		return EXIT_BROKEN;
	return verdict->strict && verdict->unmatched > 0 ? EXIT_UNMATCHED : EXIT_FINE;
}

void verdict_release(struct verdict *verdict)
{
	buffer_release(&verdict->broken_names);
	buffer_release(&verdict->warned_names);
}
