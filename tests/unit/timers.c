/* Why: the gateway's own work is told by timers: what it tries at once and then again, how often, what comes of each try, and
 * when it gives up. Each thing that a timer may say of that, at its exact instants; then what is wrong with a file that says
 * it wrongly. time.c has the other timers. */
#include "core/calendar.h"
#include "core/expect.h"
#include "core/expect_report.h"
#include "core/record_json.h"

#include "support/small_machine.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* ---- stories ---- */

/* The small machine, with a region that seeks something, and finds it while all is "well". */
#define SEEKS(members)                                                                                                 \
	"{'extends':'gateway','regions':['health','session','search'],'initial':['still'],'timeline':[],"              \
	"'states':{'still':{'region':'search','quiet':true,'on':{'set_out':'seeking','missed':'still'}},"              \
	"'seeking':{'region':'search','on':{'found':'still','missed_all':'still','stop':'still'}},"                    \
	"'ill':{'on':{'fall_ill':'ill'}}},"                                                                            \
	"'timers':{'beat':null,'seek':{'while':['seeking']," members "}}}"
#define FIVE_TIMES "'every':'3s','at_once':true,'times':5,'then':'missed_all'"
#define FOUND_OR_MISSED "'event':[{'while':['well'],'event':'found'},'missed'],'restart_on':['set_out']"

struct telling {
	struct machine machine;
	struct emulator emulator;
	struct buffer told;
	uint64_t seen;
};

static void begin(struct telling *telling, const char *top)
{
	*telling = (struct telling){ .machine = small_machine_load(top) };
	small_machine_start(&telling->machine, 1, &telling->emulator);
	buffer_add_text(&telling->told, "");
}

static void end(struct telling *telling)
{
	emulator_release(&telling->emulator);
	machine_release(&telling->machine);
	buffer_release(&telling->told);
}

/* "3s timer seek: missed", a line for each record since the last time; not what was done from outside. */
static void tell(struct telling *telling)
{
	const struct journal *journal = &telling->emulator.journal;

	for (; telling->seen < journal->written; telling->seen++) {
		const struct record *record = journal_at(journal, telling->seen);
		struct buffer line = { 0 };

		if (!record || record->kind == RECORD_ACTION)
			continue;
		record_add_line(&telling->emulator, record, &line);
		duration_add(&telling->told, record->at_ms - telling->emulator.start_ms);
		buffer_add_format(&telling->told, "%s\n", strchr(line.data, ' '));
		buffer_release(&line);
	}
}

/* "+5m" waits, "!event" happens. */
static void play(struct telling *telling, const char *steps)
{
	char step[80];
	int length = 0;

	for (; sscanf(steps, "%79s%n", step, &length) == 1; steps += length) {
		const struct action action = { .kind = ACTION_EVENT, .name = step + 1 };
		struct error error = { 0 };
		int64_t ms = 0;

		if (*step == '!') {
			cr_assert(emulator_apply(&telling->emulator, &action, &error), "%s", error.text);
		} else {
			cr_assert(duration_parse(step + 1, &ms), "%s", step);
			emulator_advance(&telling->emulator, telling->emulator.now_ms + ms);
		}
		tell(telling);
	}
}

static void expect_story(const char *top, const char *steps, const char *expected)
{
	struct telling telling;

	begin(&telling, top);
	play(&telling, steps);
	cr_expect_str_eq(telling.told.data, expected, "%s\nwanted:\n%s\nfound:\n%s", steps, expected,
	                 telling.told.data);
	end(&telling);
}

Test(timers, the_last_time_is_followed_by_its_event_at_the_same_instant)
{
	expect_story(SEEKS(FIVE_TIMES "," FOUND_OR_MISSED), "!fall_ill !set_out +0s +11999ms +1ms +1h",
	             "0s transition fall_ill out -> out+ill\n"
	             "0s transition set_out out+ill -> out+ill+seeking\n"
	             "0s timer seek: missed\n"
	             "3s timer seek: missed\n"
	             "6s timer seek: missed\n"
	             "9s timer seek: missed\n"
	             "12s timer seek: missed\n"
	             "12s timer seek: missed_all\n"
	             "12s transition missed_all out+ill+seeking -> out+ill\n");
}

Test(timers, what_comes_of_it_is_decided_by_the_states_of_that_instant)
{
	expect_story(SEEKS(FIVE_TIMES "," FOUND_OR_MISSED), "!set_out +0s",
	             "0s transition set_out out -> out+seeking\n"
	             "0s timer seek: found\n"
	             "0s transition found out+seeking -> out\n");
	/* At the fifth time, and so not in vain. */
	expect_story(SEEKS(FIVE_TIMES "," FOUND_OR_MISSED), "!fall_ill !set_out +11s !recover +1h",
	             "0s transition fall_ill out -> out+ill\n"
	             "0s transition set_out out+ill -> out+ill+seeking\n"
	             "0s timer seek: missed\n"
	             "3s timer seek: missed\n"
	             "6s timer seek: missed\n"
	             "9s timer seek: missed\n"
	             "11s transition recover out+ill+seeking -> out+seeking\n"
	             "12s timer seek: found\n"
	             "12s transition found out+seeking -> out\n");
}

Test(timers, the_times_are_counted_from_each_start)
{
	/* It is started afresh by an event, then by its states. */
	expect_story(SEEKS("'every':'3s','at_once':true,'times':2,'then':'missed_all'," FOUND_OR_MISSED),
	             "!fall_ill !set_out +1s !set_out +1s !set_out +0s !stop +1s !set_out +1h",
	             "0s transition fall_ill out -> out+ill\n"
	             "0s transition set_out out+ill -> out+ill+seeking\n"
	             "0s timer seek: missed\n"
	             "1s timer seek: missed\n"
	             "2s timer seek: missed\n"
	             "2s transition stop out+ill+seeking -> out+ill\n"
	             "3s transition set_out out+ill -> out+ill+seeking\n"
	             "3s timer seek: missed\n"
	             "6s timer seek: missed\n"
	             "6s timer seek: missed_all\n"
	             "6s transition missed_all out+ill+seeking -> out+ill\n");
}

/* It would never come to an end, were it not for the rest that all timers have. */
Test(timers, one_that_starts_itself_afresh_at_the_last_time_has_not_come_to_an_end)
{
	struct telling telling;

	begin(&telling, SEEKS("'every':'3s','at_once':true,'times':1,'then':'missed_all','event':'missed',"
	                      "'restart_on':['missed']"));
	play(&telling, "!set_out +299ms");
	cr_expect_str_eq(telling.told.data, "0s transition set_out out -> out+seeking\n"
	                                    "0s timer seek: missed\n"
	                                    "100ms timer seek: missed\n"
	                                    "200ms timer seek: missed\n");
	cr_expect_eq(emulator_deadline_ms(&telling.emulator), telling.emulator.start_ms + 300);
	end(&telling);
}

Test(timers, each_part_stands_by_itself)
{
	/* Not at once, and nothing then. */
	expect_story(SEEKS("'every':'3s','times':2,'event':'missed'"), "!set_out +1h",
	             "0s transition set_out out -> out+seeking\n"
	             "3s timer seek\n"
	             "6s timer seek\n");
	expect_story(SEEKS("'every':'3s','at_once':true,'event':'missed'"), "!set_out +7s",
	             "0s transition set_out out -> out+seeking\n"
	             "0s timer seek\n"
	             "3s timer seek\n"
	             "6s timer seek\n");
	expect_story(SEEKS("'after':'3s'," FOUND_OR_MISSED), "!set_out +7s",
	             "0s transition set_out out -> out+seeking\n"
	             "3s timer seek: found\n"
	             "3s transition found out+seeking -> out\n");
	/* No event may fit. */
	expect_story(
	    SEEKS("'every':'3s','event':[{'while':['ill'],'event':'missed'},{'while':['in'],'event':'found'}]"),
	    "!set_out +3s !login +3s",
	    "0s transition set_out out -> out+seeking\n"
	    "3s timer seek\n"
	    "3s transition login out+seeking -> in+seeking\n"
	    "6s timer seek: found\n"
	    "6s transition found in+seeking -> in\n");
}

/* Whoever waits for the next thing to happen must find that it is now. */
Test(timers, what_is_to_happen_at_once_is_due_now)
{
	struct telling telling;

	begin(&telling, SEEKS(FIVE_TIMES "," FOUND_OR_MISSED));
	play(&telling, "!fall_ill +1s !set_out");
	cr_expect_eq(emulator_deadline_ms(&telling.emulator), telling.emulator.now_ms);
	play(&telling, "+0s");
	cr_expect_eq(emulator_deadline_ms(&telling.emulator), telling.emulator.now_ms + 3000);
	play(&telling, "+12s");
	cr_expect_eq(emulator_deadline_ms(&telling.emulator), EMULATOR_NEVER, "it has given up");
	end(&telling);
}

/* ---- what is expected of clients may be about one of its events ---- */

Test(timers, a_report_shows_the_times_that_it_is_about)
{
	struct telling telling;
	struct buffer report = { 0 };

	begin(&telling,
	      "{'extends':'gateway','regions':['health','session','search'],'initial':['still'],'timeline':[],"
	      "'states':{'still':{'region':'search','on':{'set_out':'seeking','missed':'still'}},"
	      "'seeking':{'region':'search','on':{'missed_all':'still'}},'ill':{'on':{'fall_ill':'ill'}}},"
	      "'timers':{'beat':null,'seek':{'while':['seeking'],'every':'3s','times':3,'then':'missed_all','event':'"
	      "missed'}},"
	      "'expect':{'finds':{'event':'missed_all','at_most':0}}}");
	play(&telling, "!set_out +9s");
	expect_report_one(&telling.emulator, 0, false, &report);
	cr_expect_str_eq(report.data,
	                 "broken: finds\n"
	                 "  expected: no event missed_all\n"
	                 "  2026-03-02T14:30:00.000Z action set_out\n"
	                 "  2026-03-02T14:30:09.000Z timer seek: missed_all\n"
	                 "  2026-03-02T14:30:09.000Z missed_all came\n",
	                 "%s", report.data);
	buffer_release(&report);
	end(&telling);
}

/* ---- files that say it wrongly ---- */

static void expect_report_of(const char *members, const char *expected)
{
	struct memory_source memory = { 0 };
	struct machine machine = { 0 };
	struct buffer top = { 0 };
	struct buffer report = { 0 };

	small_machine_add(&memory);
	buffer_add_format(&top, "{'extends':'gateway','timers':{'t':{'while':['in'],%s}}}", members);
	memory_source_add_quoted(&memory, "top.json", top.data);
	buffer_add_text(&report, "");
	load_with_report(&memory, "top", &machine, &report);
	cr_expect_str_eq(report.data, expected, "%s\nwanted:\n%s\nfound:\n%s", members, expected, report.data);
	buffer_release(&report);
	buffer_release(&top);
	memory_source_release(&memory);
	machine_release(&machine);
}

Test(timers, what_goes_with_every_goes_with_nothing_else)
{
	expect_report_of("'after':'1s','at_once':true,'event':'went_idle'",
	                 "top.json:1:65: \"at_once\" goes with \"every\"\n");
	expect_report_of("'daily':{'at':'00:00','zone':'UTC'},'times':2,'then':'logout','event':'went_idle'",
	                 "top.json:1:88: \"times\" goes with \"every\"\n"
	                 "top.json:1:98: \"then\" goes with \"every\"\n");
	expect_report_of("'every':'1s','then':'logout','event':'went_idle'",
	                 "top.json:1:65: \"then\" goes with \"times\": it comes after the last of them\n");
	expect_report_of("'every':'1s','at_once':'yes','event':'went_idle'",
	                 "top.json:1:75: \"at_once\" must be true or false, found a text\n");
	expect_report_of("'every':'1s','atonce':true,'event':'went_idle'",
	                 "top.json:1:65: a timer has no \"atonce\" (at_once)\n");
	expect_report_of("'every':'1s','time':5,'event':'went_idle'",
	                 "top.json:1:65: a timer has no \"time\" (times)\n");
}

Test(timers, how_often_has_its_bounds)
{
	expect_report_of("'every':'1s','times':1,'event':'went_idle'", "");
	expect_report_of("'every':'1s','times':1000,'event':'went_idle'", "");
	expect_report_of("'every':'1s','times':0,'event':'went_idle'",
	                 "top.json:1:73: \"times\" must be a whole number from 1 to 1000\n");
	expect_report_of("'every':'1s','times':1001,'event':'went_idle'",
	                 "top.json:1:73: \"times\" must be a whole number from 1 to 1000\n");
	expect_report_of("'every':'1s','times':'5','event':'went_idle'",
	                 "top.json:1:73: \"times\" must be a number, found a text\n");
}

Test(timers, lists_of_events_are_looked_through)
{
	static const char one[] = "{'while':['well'],'event':'logout'},";
	struct buffer list = { 0 };

	expect_report_of("'after':'1s','event':[{'while':['well'],'event':'went_idle'},'logout']", "");
	expect_report_of("'after':'1s','event':[]", "top.json:1:73: a timer's list of events has 1 to 8 of them\n");
	buffer_add_text(&list, "'after':'1s','event':[");
	for (int i = 0; i < TIMER_EVENTS_MAX - 1; i++)
		buffer_add_text(&list, one);
	buffer_add_text(&list, "'logout']");
	expect_report_of(list.data, "");
	list.length -= sizeof "'logout']" - 1;
	buffer_add_text(&list, one);
	buffer_add_text(&list, "'logout']");
	expect_report_of(list.data, "top.json:1:73: a timer's list of events has 1 to 8 of them\n");
	buffer_release(&list);
	expect_report_of("'after':'1s','event':{'while':['well'],'event':'logout'}",
	                 "top.json:1:73: \"event\" must be a text or a list, found an object\n");
	expect_report_of("'after':'1s','event':[{'event':'logout'}]",
	                 "top.json:1:74: an event of a timer must have \"while\"\n");
	expect_report_of("'after':'1s','event':[{'while':['well']}]",
	                 "top.json:1:74: an event of a timer must have \"event\"\n");
	expect_report_of("'after':'1s','event':[{'while':['wel'],'event':'logout'}]",
	                 "top.json:1:84: there is no state \"wel\" (well)\n");
	expect_report_of("'after':'1s','event':[{'whale':['well'],'while':['well'],'event':'logout'}]",
	                 "top.json:1:75: an event of a timer has no \"whale\" (while)\n");
	expect_report_of("'after':'1s','event':[7]",
	                 "top.json:1:74: an event of a timer must be a text or an object, found a number\n");
	expect_report_of("'after':'1s','event':['logout','went_idle']",
	                 "top.json:1:83: this event is never raised: the one before it always is\n");
	expect_report_of("'after':'1s','event':['Log out']",
	                 "top.json:1:74: the name of an event has 1 to 64 lower-case letters, digits, \"_\", \"-\" or "
	                 "\".\"\n");
}

Test(timers, what_nobody_hears_and_what_can_never_be_is_told)
{
	expect_report_of("'every':'1s','event':[{'while':['well'],'event':'went_idle'},'went_idel']",
	                 "top.json:1:113: timer \"t\" raises \"went_idel\", but no state listens for it\n");
	expect_report_of("'every':'1s','times':2,'then':'logou','event':'went_idle'",
	                 "top.json:1:82: timer \"t\" raises \"logou\", but no state listens for it\n");
	expect_report_of("'every':'1s','event':[{'while':['well'],'event':'logou'},'went_idle']",
	                 "top.json:1:100: timer \"t\" raises \"logou\", but no state listens for it\n");
	/* It runs in "in" alone. */
	expect_report_of(
	    "'every':'1s','event':[{'while':['out'],'event':'logout'},'went_idle']",
	    "top.json:1:74: this event is never raised: its states are never active while the timer runs\n");
}
