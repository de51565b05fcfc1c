/* Why: what a scenario expects of a client decides whether somebody's CI fails. Each form, as a little story on the
 * small machine: kept, broken at the exact instant, and at its boundary. */
#include "core/expect.h"

#include "support/expect_story.h"

#include <criterion/criterion.h>

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
