/*
 * What is expected of a client, as little stories on the small machine: steps, and what was said of them. Included by the
 * tests of expectations.
 */
#ifndef CPGW_TESTS_EXPECT_STORY_H
#define CPGW_TESTS_EXPECT_STORY_H

#include "core/calendar.h"
#include "core/expect.h"
#include "support/small_machine.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* ---- telling a story ---- */

struct telling {
	struct machine machine;
	struct emulator emulator;
	struct reply reply;
	struct buffer told;
	uint64_t seen;
};

static inline void begin(struct telling *telling, const char *expect)
{
	struct buffer top = { 0 };

	*telling = (struct telling){ 0 };
	buffer_add_format(&top, "{'extends':'gateway','timeline':[],'expect':%s}", expect);
	telling->machine = small_machine_load(top.data);
	small_machine_start(&telling->machine, 1, &telling->emulator);
	buffer_add_text(&telling->told, "");
	buffer_release(&top);
}

static inline void end(struct telling *telling)
{
	emulator_release(&telling->emulator);
	reply_release(&telling->reply);
	machine_release(&telling->machine);
	buffer_release(&telling->told);
}

/* "5m: NAME: TEXT", a line for each violation since the last time */
static inline void tell(struct telling *telling)
{
	const struct journal *journal = &telling->emulator.journal;

	for (; telling->seen < journal->written; telling->seen++) {
		const struct record *record = journal_at(journal, telling->seen);

		if (record->kind != RECORD_EXPECTATION)
			continue;
		duration_add(&telling->told, record->at_ms - telling->emulator.start_ms);
		buffer_add_format(&telling->told, ": %s: %.*s\n", record->name, (int)record->target_length,
		                  record_text(journal, record).at);
	}
}

static inline void call(struct telling *telling, const char *path)
{
	const struct request request = { .method = METHOD_POST,
		                         .method_text = "POST",
		                         .target = span_of(path),
		                         .peer = "127.0.0.1",
		                         .has_user_agent = true,
		                         .has_content_length = true };

	emulator_handle(&telling->emulator, &request, &telling->reply);
}

static inline void visit(struct telling *telling, const char *path)
{
	const struct request request = { .method = METHOD_GET,
		                         .method_text = "GET",
		                         .target = span_of(path),
		                         .peer = "127.0.0.1",
		                         .has_user_agent = true };

	emulator_handle(&telling->emulator, &request, &telling->reply);
}

/* "+5m" waits, "!event", "@state" enters, "=setting value" sets a duration, "status", "init", "logout" call, "login" visits,
 * "." concludes. */
static inline void take(struct telling *telling, const char *step)
{
	struct action action = { .name = step + 1 };
	struct error error = { 0 };
	char path[90];
	int64_t ms = 0;

	if (*step == '+') {
		cr_assert(duration_parse(step + 1, &ms), "%s", step);
		emulator_advance(&telling->emulator, telling->emulator.now_ms + ms);
	} else if (*step == '!' || *step == '@') {
		action.kind = *step == '!' ? ACTION_EVENT : ACTION_ENTER;
		cr_assert(emulator_apply(&telling->emulator, &action, &error), "%s", error.text);
	} else if (strcmp(step, "login") == 0) {
		visit(telling, "/sso/x");
	} else if (strcmp(step, "nowhere") == 0) {
		visit(telling, "/nowhere");
	} else if (*step == '.') {
		expect_conclude(&telling->emulator);
	} else {
		snprintf(path, sizeof path, "/api/%s", step);
		call(telling, path);
	}
	tell(telling);
}

static inline void play(struct telling *telling, const char *steps)
{
	char step[80];
	int length = 0;

	for (; sscanf(steps, "%79s%n", step, &length) == 1; steps += length)
		take(telling, step);
}

/* Each expectation and what came of it: "NAME met", "NAME broken 2" */
static inline void tell_outcomes(struct telling *telling)
{
	struct expectation_result result;

	for (size_t i = 0; expect_result(&telling->emulator, i, &result); i++) {
		buffer_add_format(&telling->told, "%s %s", result.name, expectation_outcome_names[result.outcome]);
		if (result.count)
			buffer_add_format(&telling->told, " %llu", (unsigned long long)result.count);
		buffer_add_text(&telling->told, "\n");
	}
}

struct story {
	const char *expect;
	const char *steps;
	const char *told;
};

static inline void expect_stories(const struct story *stories, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct telling telling;

		begin(&telling, stories[i].expect);
		play(&telling, stories[i].steps);
		tell_outcomes(&telling);
		cr_expect_str_eq(telling.told.data, stories[i].told, "%s\n%s\nwanted:\n%s\nfound:\n%s",
		                 stories[i].expect, stories[i].steps, stories[i].told, telling.told.data);
		end(&telling);
	}
}

#define STORIES(stories) expect_stories(stories, sizeof(stories) / sizeof *(stories))

#endif
