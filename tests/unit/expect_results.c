/* Why: what is told of broken expectations is all that somebody has whose CI has failed: how many, which first, what led to
 * it, and whether it counts. */
#include "core/expect.h"

#include "core/expect_report.h"
#include "support/expect_story.h"

#include <criterion/criterion.h>

/* ---- results ---- */

Test(expect_results, warnings_fail_only_where_it_is_strict)
{
	struct telling telling;

	begin(&telling, "{'a':{'call':'init','at_most':0,'severity':'warning'},'b':{'call':'status','at_most':0},"
	                "'c':{'call':'logout','at_most':0}}");
	play(&telling, "init status");
	cr_expect_eq(expect_failed(&telling.emulator, false), 1);
	cr_expect_eq(expect_failed(&telling.emulator, true), 2);
	end(&telling);
}

Test(expect_results, keeps_the_first_violations_and_counts_all)
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

Test(expect_results, a_machine_that_expects_nothing_has_nothing_to_judge)
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

Test(expect_results, a_deadline_is_where_the_violation_is_found)
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

Test(expect_results, is_reported_as_a_timeline)
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

Test(expect_results, says_so_when_the_journal_no_longer_has_what_led_to_it)
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

Test(expect_results, is_reported_as_json)
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
