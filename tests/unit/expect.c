/* Why: what a scenario expects of a client decides whether somebody's CI fails. Each form, as a little story on the
 * small machine: kept, broken at the exact instant, and at its boundary. */
#include "core/expect.h"
#include "core/calendar.h"
#include "core/expect_report.h"

#include "support/small_machine.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- telling a story ---- */

struct telling {
	struct machine machine;
	struct emulator emulator;
	struct reply reply;
	struct buffer told;
	uint64_t seen;
};

static void begin(struct telling *telling, const char *expect)
{
	struct buffer top = { 0 };

	*telling = (struct telling){ 0 };
	buffer_add_format(&top, "{'extends':'gateway','timeline':[],'expect':%s}", expect);
	telling->machine = small_machine_load(top.data);
	small_machine_start(&telling->machine, 1, &telling->emulator);
	buffer_add_text(&telling->told, "");
	buffer_release(&top);
}

static void end(struct telling *telling)
{
	emulator_release(&telling->emulator);
	reply_release(&telling->reply);
	machine_release(&telling->machine);
	buffer_release(&telling->told);
}

/* "5m: NAME: TEXT", a line for each violation since the last time */
static void tell(struct telling *telling)
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

static void call(struct telling *telling, const char *path)
{
	const struct request request = { .method = METHOD_POST,
		                         .method_text = "POST",
		                         .target = span_of(path),
		                         .peer = "127.0.0.1",
		                         .has_user_agent = true,
		                         .has_content_length = true };

	emulator_handle(&telling->emulator, &request, &telling->reply);
}

static void visit(struct telling *telling, const char *path)
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
static void take(struct telling *telling, const char *step)
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

static void play(struct telling *telling, const char *steps)
{
	char step[80];
	int length = 0;

	for (; sscanf(steps, "%79s%n", step, &length) == 1; steps += length)
		take(telling, step);
}

/* Each expectation and what came of it: "NAME met", "NAME broken 2" */
static void tell_outcomes(struct telling *telling)
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

static void expect_stories(const struct story *stories, size_t count)
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

/* ---- at least ---- */

Test(expect, calls_at_least_so_often_within_a_time)
{
	static const char two[] = "{'x':{'call':'status','at_least':2,'within':'1m'}}";
	static const struct story stories[] = {
		{ two, "status +59s status", "x met\n" },
		{ two, "status +1m status", "x met\n" }, /* at the very last instant */
		{ two, "status +1m", "x pending\n" },
		{ two, "status +1m .", "x pending\n" }, /* its time has not run out */
		{ two, "status +60001ms status", "1m: x: 1 of 2 calls of status within 1m\nx broken 1\n" },
		{ two, "+1h init", "1m: x: no call of status within 1m\nx broken 1\n" },
		{ two, "status status +2h", "x met\n" },
	};

	STORIES(stories);
}

Test(expect, calls_at_least_so_often_after_an_event)
{
	static const char after[] = "{'x':{'call':'status','at_least':1,'within':'1m','after':'login'}}";
	static const struct story stories[] = {
		{ after, "+10m .", "x met\n" }, /* it never came to it */
		{ after, "+10m login +30s status +10m", "x met\n" },
		{ after, "+10m login +30s", "x pending\n" },
		{ after, "login +2m", "1m: x: no call of status within 1m after login (at 14:30:00)\nx broken 1\n" },
		/* Until it is decided, the same event changes nothing; then it begins anew. */
		{ after, "login +30s login +2m login +1m status +5m",
		  "1m: x: no call of status within 1m after login (at 14:30:00)\nx broken 1\n" },
		{ after, "login +30s status login +2m",
		  "1m30s: x: no call of status within 1m after login (at 14:30:30)\nx broken 1\n" },
	};

	STORIES(stories);
}

Test(expect, calls_at_least_so_often_without_a_time_by_the_end_of_the_span)
{
	static const char in[] = "{'x':{'call':'init','at_least':1,'while':'in'}}";
	static const char until[] = "{'x':{'call':'init','at_least':2,'after':'login','until':'logout'}}";
	static const struct story stories[] = {
		{ in, "+1m .", "x met\n" },
		{ in, "login +1m", "x pending\n" },
		{ in, "login +1m .", "1m: x: no call of init while in\nx broken 1\n" },
		{ in, "login +1m . . logout .", "1m: x: no call of init while in\nx broken 1\n" },
		{ in, "login init +1m .", "x met\n" },
		{ in, "login +1m logout", "1m: x: no call of init while in\nx broken 1\n" },
		{ in, "login +1m logout login +1m init logout", "1m: x: no call of init while in\nx broken 1\n" },
		{ until, "login init logout", "0s: x: 1 of 2 calls of init after login (at 14:30:00)\nx broken 1\n" },
		{ until, "login init init logout", "x met\n" },
		/* With a time, the span's end ends it undecided. */
		{ "{'x':{'call':'init','at_least':1,'within':'1m','while':'in'}}", "login +30s logout +10m .",
		  "x met\n" },
	};

	STORIES(stories);
}

/* ---- at most ---- */

Test(expect, calls_at_most_so_often)
{
	static const struct story stories[] = {
		{ "{'x':{'call':['status','init'],'at_most':2}}", "status init +1h .", "x met\n" },
		/* A record as it begins, and all of them counted. */
		{ "{'x':{'call':['status','init'],'at_most':2}}", "status init status +1m init",
		  "0s: x: status was call 3, at most 2 are expected\nx broken 2\n" },
		{ "{'x':{'call':'@api','at_most':0}}", "login nowhere", "x met\n" },
		{ "{'x':{'call':'@api','at_most':0}}", "+5s logout", "5s: x: logout was called\nx broken 1\n" },
		{ "{'x':{'call':'*','at_most':0,'after':'logout'}}", "status logout", "x met\n" },
		{ "{'x':{'call':'*','at_most':0,'after':'logout'}}", "logout +2m nowhere",
		  "2m: x: unknown was called, 2m after logout (at 14:30:00)\nx broken 1\n" },
		{ "{'x':{'call':'status','at_most':0,'after':'logout','until':'login'}}", "logout login status",
		  "x met\n" },
		{ "{'x':{'call':'status','at_most':0,'after':'logout','until':'login'}}",
		  "logout login status logout +1s status",
		  "1s: x: status was called, 1s after logout (at 14:30:00)\nx broken 1\n" },
		{ "{'x':{'call':'status','at_most':0,'until':'login'}}", "login status logout status", "x met\n" },
		{ "{'x':{'call':'status','at_most':1,'while':'in'}}", "status status login status logout login status",
		  "x met\n" }, /* afresh in each span */
		{ "{'x':{'call':'status','at_most':1,'while':'in'}}", "login status +1s status",
		  "1s: x: status was call 2, at most 1 is expected, while in\nx broken 1\n" },
	};

	STORIES(stories);
}

Test(expect, calls_at_most_so_often_within_any_time)
{
	static const char two[] = "{'x':{'call':'status','at_most':2,'within':'1m'}}";
	static const struct story stories[] = {
		{ two, "status +30s status +30s status +30s status", "x met\n" },
		{ two, "status +30s status +29999ms status",
		  "59s999ms: x: status was call 3 within 1m, at most 2 are expected\nx broken 1\n" },
		/* It has to stop before it can begin again. */
		{ two, "status status status status +2m status status +59s status",
		  "0s: x: status was call 3 within 1m, at most 2 are expected\n"
		  "2m59s: x: status was call 3 within 1m, at most 2 are expected\nx broken 3\n" },
		/* The window goes on over spans, and so does an excess. */
		{ "{'x':{'call':'status','at_most':1,'within':'1m','while':'in'}}",
		  "login status status logout login status",
		  "0s: x: status was call 2 within 1m, at most 1 is expected, while in\nx broken 2\n" },
		{ "{'x':{'call':'status','at_most':1,'within':'1m','while':'in'}}",
		  "login status logout login +30s status",
		  "30s: x: status was call 2 within 1m, at most 1 is expected, while in\nx broken 1\n" },
	};

	STORIES(stories);
}

/* ---- every ---- */

Test(expect, calls_no_further_apart_than_that)
{
	static const char every[] = "{'x':{'call':'status','every':'1m','while':['in']}}";
	static const struct story stories[] = {
		{ every, "+1h .", "x met\n" },
		{ every, "login +1m status +1m status +1m logout +1h .", "x met\n" },
		{ every, "login +60001ms", "1m: x: no call of status for 1m, since 14:30:00, while in\nx broken 1\n" },
		{ every, "login +30s status +61s status +1m status",
		  "1m30s: x: no call of status for 1m, the last was at 14:30:30, while in\nx broken 1\n" },
		/* Once for a pause, however long; and again for the next. */
		{ every, "login +4m status +2m status",
		  "1m: x: no call of status for 1m, since 14:30:00, while in\n"
		  "5m: x: no call of status for 1m, the last was at 14:34:00, while in\nx broken 2\n" },
		/* A setting's value counts. */
		{ "{'x':{'call':'status','every':'pause'}}", "+200ms status +1s",
		  "450ms: x: no call of status for 250ms, the last was at 14:30:00\nx broken 1\n" },
	};

	STORIES(stories);
}

/* ---- events ---- */

Test(expect, events_not_more_often_than_that)
{
	static const struct story stories[] = {
		{ "{'x':{'event':'went_idle','at_most':0}}", "login +5m", "5m: x: went_idle came\nx broken 1\n" },
		{ "{'x':{'event':'went_idle','at_most':0}}", "login +4m status +4m status .", "x met\n" },
		{ "{'x':{'event':'went_idle','at_most':0,'last':'@api','says':'it let the session die'}}",
		  "login +3m status +1m status +5m",
		  "9m: x: it let the session die: last status 5m before (at 14:34:00)\nx broken 1\n" },
		{ "{'x':{'event':'went_idle','at_most':0,'last':['init','logout']}}", "login +5m",
		  "5m: x: went_idle came, without any init or logout before\nx broken 1\n" },
		{ "{'x':{'event':'login','at_most':1}}", "login login +1m login",
		  "0s: x: login was event 2, at most 1 is expected\nx broken 2\n" },
		{ "{'x':{'event':['login','logout'],'at_least':2,'within':'1m'}}", "login logout +2m", "x met\n" },
		{ "{'x':{'event':['login','logout'],'at_least':2,'within':'1m'}}", "login +2m",
		  "1m: x: 1 of 2 events login or logout within 1m\nx broken 1\n" },
		{ "{'x':{'event':'fall_ill','at_most':0,'after':'login'}}", "!fall_ill login !recover", "x met\n" },
	};

	STORIES(stories);
}

/* ---- pacing ---- */

#define TEN "init +1ms init +1ms init +1ms init +1ms init +1ms init +1ms init +1ms init +1ms init +1ms init "

Test(expect, calls_beyond_the_documented_rates_are_counted_though_nobody_enforces_them)
{
	static const char none[] = "{'x':{'pacing':true,'at_most':0}}";
	static const char one[] = "{'x':{'pacing':true,'at_most':1,'within':'1m'}}";
	static const struct story stories[] = {
		{ none, "status +1ms status +1ms status", "x met\n" }, /* a POST: the limit is for GET */
		{ none, TEN "+1ms init", "10ms: x: the API was called more than 10 times in 1s\nx broken 1\n" },
		{ none, TEN "+991ms init", "x met\n" },
		{ none, TEN "+990ms init", "999ms: x: the API was called more than 10 times in 1s\nx broken 1\n" },
		{ one, TEN "+1ms init +2s init", "x met\n" },
		{ one, TEN "+1ms init +1ms init",
		  "11ms: x: the API was called more than 10 times in 1s, and is call 2 too many within 1m\nx broken "
		  "1\n" },
		/* On a clock that stands still nobody is too fast. */
		{ none, "init init init init init init init init init init init init", "x met\n" },
		{ none, TEN "+1ms init init init",
		  "10ms: x: the API was called more than 10 times in 1s\nx broken 1\n" },
	};

	STORIES(stories);
}

/* They are enforced, so each counts, and is answered so. */
Test(expect, calls_beyond_rates_that_are_enforced_are_those_that_are_refused)
{
	struct telling telling;

	begin(&telling, "{'x':{'pacing':true,'at_most':0}}");
	cr_assert(emulator_apply(&telling.emulator,
	                         &(struct action){ ACTION_SET, "pacing", { VALUE_TEXT, 0, "documented" } },
	                         &(struct error){ 0 }));
	play(&telling, "login init init init init init init init init init init init");
	tell_outcomes(&telling);
	cr_expect_str_eq(telling.told.data, "0s: x: the API was called more than 10 times in 1s\nx broken 2\n");
	end(&telling);
}

Test(expect, counting_against_the_rates_changes_no_answer)
{
	struct telling with;
	struct telling without;

	begin(&with, "{'x':{'pacing':true,'at_most':0}}");
	begin(&without, "{}");
	for (int i = 0; i < 40; i++) {
		call(&with, "/api/init");
		call(&without, "/api/init");
		cr_expect_eq(with.reply.status, without.reply.status);
	}
	cr_expect_eq(with.emulator.active, without.emulator.active);
	end(&with);
	end(&without);
}

/* ---- order ---- */

Test(expect, calls_in_an_order)
{
	static const char order[] = "{'x':{'order':['login',['status','init'],'logout']}}";
	static const char within[] = "{'x':{'order':['status','init'],'within':'1m','after':'login'}}";
	static const struct story stories[] = {
		{ order, "login login status nowhere logout .", "x met\n" },
		{ order, "login init status logout status login .", "x met\n" },
		{ order, "login +1m logout", "1m: x: logout was called before status or init\nx broken 1\n" },
		{ order, "status login status logout .", "0s: x: status was called before login\nx broken 1\n" },
		{ order, "login status", "x pending\n" },
		{ order, "login status +1m .", "1m: x: logout was not called after status or init\nx broken 1\n" },
		{ order, "+1m .", "1m: x: login was not called\nx broken 1\n" },
		{ within, "login status +1m init +10m .", "x met\n" },
		{ within, "login status +61s init", "1m: x: init was not called after status within 1m\nx broken 1\n" },
		{ "{'x':{'order':['status','init','status']}}", "status status init status .", "x met\n" },
		{ "{'x':{'order':['status','init','status']}}", "status init .",
		  "0s: x: status was not called after init\nx broken 1\n" },
		/* Of calls and events: an event that a call is comes after the call itself. */
		{ "{'x':{'order':['status',{'event':'login'},{'call':'init'}]}}", "status login init .", "x met\n" },
		{ "{'x':{'order':['status',{'event':'login'},{'call':'init'}]}}", "status init .",
		  "0s: x: init was called before event login\nx broken 1\n" },
		{ "{'x':{'order':[{'event':'login'},{'event':'logout'}]}}", "logout .",
		  "0s: x: event logout came before event login\nx broken 1\n" },
		{ "{'x':{'order':[{'event':'login'},{'event':'logout'}],'within':'1m'}}", "login +61s",
		  "1m: x: event logout did not come after event login within 1m\nx broken 1\n" },
	};

	STORIES(stories);
}

/* ---- states ---- */

Test(expect, a_state_within_a_time)
{
	static const char back[] = "{'x':{'state':'in','within':'2m','after':'logout'}}";
	static const struct story stories[] = {
		{ back, "login +1m .", "x met\n" },
		{ back, "login logout +2m login +1m .", "x met\n" },
		{ back, "login logout +1m .", "x pending\n" },
		{ back, "login logout +120001ms login",
		  "2m: x: still out 2m after logout (at 14:30:00), not in\nx broken 1\n" },
		/* It need not last. */
		{ back, "login logout +1m login +1s @out +10m", "x met\n" },
		/* The event that leaves it in the state is fulfilled at once. */
		{ "{'x':{'state':'in','within':'2m','after':'login'}}", "login @out +10m", "x met\n" },
		{ "{'x':{'state':['in'],'within':'1m'}}", "+2m",
		  "1m: x: still out 1m after the start (at 14:30:00), not in\nx broken 1\n" },
		{ "{'x':{'state':['in'],'within':'1m'}}", "@in +2m", "x met\n" },
		{ "{'x':{'state':['in','well'],'within':'1m','while':'out'}}", "!fall_ill +90s",
		  "1m: x: still out+ill 1m after out (at 14:30:00), not in and well\nx broken 1\n" },
	};

	STORIES(stories);
}

Test(expect, a_state_at_the_end)
{
	static const char in[] = "{'x':{'state':'in'}}";
	static const struct story stories[] = {
		{ in, "login +1m", "x pending\n" },
		{ in, "login +1m .", "x met\n" },
		{ in, "+1m .", "1m: x: still out at the end, not in\nx broken 1\n" },
		{ in, "+1m . . login .", "1m: x: still out at the end, not in\nx broken 1\n" },
		{ in, "login . +1m logout .", "1m: x: still out at the end, not in\nx broken 1\n" },
	};

	STORIES(stories);
}

/* ---- spans ---- */

Test(expect, after_and_while_together_need_both)
{
	static const char both[] = "{'x':{'call':'status','at_most':0,'after':'recover','while':'in'}}";
	static const struct story stories[] = {
		{ both, "login status", "x met\n" },
		{ both, "!recover status", "x met\n" },
		{ both, "!recover +1m login +1s status",
		  "1m1s: x: status was called, 1m1s after recover (at 14:30:00)\nx broken 1\n" },
		/* What has ended needs its event again. */
		{ both, "login !recover logout @out login status", "x met\n" },
	};

	STORIES(stories);
}

Test(expect, many_at_once_each_by_itself)
{
	static const struct story stories[] = {
		{ "{'a':{'call':'status','every':'1m'},'b':{'call':'status','at_least':1,'within':'1m'},"
		  "'c':{'state':'in'},'d':{'call':'init','at_most':0}}",
		  "+2m init .",
		  "1m: a: no call of status for 1m, since 14:30:00\n1m: b: no call of status within 1m\n"
		  "2m: d: init was called\n2m: c: still out at the end, not in\n"
		  "a broken 1\nb broken 1\nc broken 1\nd broken 1\n" },
	};

	STORIES(stories);
}

/* ---- results ---- */

Test(expect, warnings_fail_only_where_it_is_strict)
{
	struct telling telling;

	begin(&telling, "{'a':{'call':'init','at_most':0,'severity':'warning'},'b':{'call':'status','at_most':0},"
	                "'c':{'call':'logout','at_most':0}}");
	play(&telling, "init status");
	cr_expect_eq(expect_failed(&telling.emulator, false), 1);
	cr_expect_eq(expect_failed(&telling.emulator, true), 2);
	end(&telling);
}

Test(expect, keeps_the_first_violations_and_counts_all)
{
	struct telling telling;
	struct expectation_result result;

	begin(&telling, "{'x':{'call':'status','every':'1s'}}");
	for (int i = 0; i < 10; i++)
		play(&telling, "status +2s");
	cr_assert(expect_result(&telling.emulator, 0, &result));
	cr_expect_eq(result.count, 10);
	cr_expect_eq(result.violation_count, EXPECTATION_KEPT_MAX);
	cr_expect_eq(result.first_ms, telling.emulator.start_ms + 1000);
	cr_expect_eq(result.violations[3].at_ms, telling.emulator.start_ms + 7000);
	cr_expect_not(expect_result(&telling.emulator, 1, &result));
	end(&telling);
}

Test(expect, a_machine_that_expects_nothing_has_nothing_to_judge)
{
	struct telling telling;
	struct expectation_result result;

	begin(&telling, "{}");
	play(&telling, "login status +1h .");
	cr_expect_null(telling.emulator.expect);
	cr_expect_eq(expect_failed(&telling.emulator, true), 0);
	cr_expect_not(expect_result(&telling.emulator, 0, &result));
	end(&telling);
}

Test(expect, a_deadline_is_where_the_violation_is_found)
{
	struct telling telling;

	begin(&telling, "{'x':{'call':'status','every':'1m'}}");
	cr_expect_eq(emulator_deadline_ms(&telling.emulator), telling.emulator.start_ms + 60001);
	play(&telling, "+30s status");
	cr_expect_eq(emulator_deadline_ms(&telling.emulator), telling.emulator.start_ms + 90001);
	emulator_advance(&telling.emulator, telling.emulator.start_ms + 90000);
	tell(&telling);
	cr_expect_str_eq(telling.told.data, "");
	emulator_advance(&telling.emulator, telling.emulator.start_ms + 90001);
	tell(&telling);
	cr_expect_str_eq(telling.told.data, "1m30s: x: no call of status for 1m, the last was at 14:30:30\n");
	cr_expect_eq(telling.emulator.now_ms, telling.emulator.start_ms + 90001);
	cr_expect_eq(emulator_deadline_ms(&telling.emulator), EMULATOR_NEVER);
	end(&telling);
}

/* ---- reports ---- */

static void expect_text(const struct buffer *found, const char *wanted)
{
	cr_expect_str_eq(found->data ? found->data : "", wanted, "wanted:\n%s\nfound:\n%s", wanted,
	                 found->data ? found->data : "");
}

Test(expect, is_reported_as_a_timeline)
{
	struct telling telling;
	struct buffer text = { 0 };

	begin(&telling, "{'busy':{'call':'init','at_most':0,'severity':'warning','because':'init is not for you'},"
	                "'late':{'call':'status','every':'1m','after':'login'},'ends':{'state':'in'}}");
	play(&telling, "login +30s status init +1s init +2m");
	expect_report(&telling.emulator, false, &text);
	expect_text(&text, "broken: late\n"
	                   "  expected: a call of status every 1m after login\n"
	                   "  2026-03-02T14:30:30.000Z POST /api/status in 200\n"
	                   "  2026-03-02T14:31:30.000Z no call of status for 1m, the last was at 14:30:30\n"
	                   "\n"
	                   "broken: busy (warning)\n"
	                   "  expected: no call of init\n"
	                   "  2026-03-02T14:30:00.000Z GET /sso/x out -> in 200\n"
	                   "  2026-03-02T14:30:30.000Z POST /api/init in 200\n"
	                   "  2026-03-02T14:30:30.000Z init was called\n"
	                   "  in all 2 times\n"
	                   "  to do: init is not for you\n"
	                   "pending: ends: state in at the end\n");
	buffer_release(&text);
	end(&telling);
}

Test(expect, says_so_when_the_journal_no_longer_has_what_led_to_it)
{
	struct telling telling;
	struct buffer text = { 0 };

	begin(&telling, "{'x':{'call':'init','at_most':0}}");
	play(&telling, "init");
	for (int i = 0; i < JOURNAL_RECORDS_DEFAULT + 10; i++)
		call(&telling, "/api/status");
	expect_report(&telling.emulator, false, &text);
	expect_text(&text, "broken: x\n"
	                   "  expected: no call of init\n"
	                   "  (the journal no longer has what led to it)\n"
	                   "  2026-03-02T14:30:00.000Z init was called\n");
	buffer_release(&text);
	end(&telling);
}

Test(expect, is_reported_as_json)
{
	struct telling telling;
	struct buffer text = { 0 };

	begin(&telling, "{'a':{'call':'init','at_most':0,'severity':'warning','because':'a \\u0022 mark'},"
	                "'b':{'state':'in'}}");
	play(&telling, "+1m init");
	expect_report_json(&telling.emulator, true, &text);
	expect_text(
	    &text, "[{\"id\":\"a\",\"severity\":\"warning\",\"outcome\":\"broken\",\"failed\":true,\"count\":1,"
		   "\"expected\":\"no call of init\",\"text\":\"init was called\",\"because\":\"a \\\" mark\","
		   "\"first_time\":\"2026-03-02T14:31:00.000Z\",\"violations\":[{\"time\":\"2026-03-02T14:31:00.000Z\","
		   "\"text\":\"init was called\",\"record\":1}]},"
		   "{\"id\":\"b\",\"severity\":\"failure\",\"outcome\":\"pending\",\"failed\":false,\"count\":0,"
		   "\"expected\":\"state in at the end\",\"text\":null,\"because\":null,\"first_time\":null,"
		   "\"violations\":[]}]");
	buffer_release(&text);
	end(&telling);
}
