/* Why: tests jump whole days in one step; whatever a scenario or a test has done to timers, a jump must end, and what
 * was due must have happened in its order. */
#include "core/emulator.h"

#include "support/small_machine.h"

#include <criterion/criterion.h>

#define START_MS 1772461800000
#define DAY_MS (24LL * 3600 * 1000)

struct stage {
	struct machine machine;
	struct emulator emulator;
};

static void stage_begin(struct stage *stage, const char *top)
{
	struct error error = { 0 };

	*stage = (struct stage){ .machine = small_machine_load(top) };
	cr_assert(emulator_init(&stage->emulator,
	                        &(struct emulator_options){ .machine = &stage->machine,
	                                                    .seed = 7,
	                                                    .start_ms = START_MS,
	                                                    .journal_size = JOURNAL_RECORDS_DEFAULT },
	                        &error),
	          "%s", error.text);
}

static void stage_end(struct stage *stage)
{
	emulator_release(&stage->emulator);
	machine_release(&stage->machine);
}

static void act(struct stage *stage, struct action action)
{
	struct error error = { 0 };

	cr_assert(emulator_apply(&stage->emulator, &action, &error), "%s", error.text);
}

static void expect_states(const struct stage *stage, const char *expected)
{
	struct buffer words = { 0 };

	emulator_describe(&stage->emulator, stage->emulator.active, &words);
	cr_expect_str_eq(words.data, expected);
	buffer_release(&words);
}

Test(time, shows_what_is_due_next)
{
	struct stage stage;

	stage_begin(&stage, NULL);
	cr_expect_eq(emulator_deadline_ms(&stage.emulator), START_MS + 3600000, "the first cue");
	act(&stage, (struct action){ ACTION_EVENT, "login", { 0 } });
	cr_expect_eq(emulator_deadline_ms(&stage.emulator), START_MS + 300000, "the idle timer");
	emulator_advance(&stage.emulator, START_MS + 299999);
	expect_states(&stage, "in");
	emulator_advance(&stage.emulator, START_MS + 300000);
	expect_states(&stage, "out");
	stage_end(&stage);
}

Test(time, does_what_the_timeline_has_at_the_very_start)
{
	struct stage stage;

	stage_begin(&stage, "{'extends':'gateway','timeline':[{'at':'0s','event':'fall_ill'}]}");
	expect_states(&stage, "out");
	emulator_advance(&stage.emulator, START_MS);
	expect_states(&stage, "out+ill");
	cr_expect_gt(emulator_deadline_ms(&stage.emulator), START_MS);
	stage_end(&stage);
}

Test(time, never_runs_backwards)
{
	struct stage stage;

	stage_begin(&stage, NULL);
	emulator_advance(&stage.emulator, START_MS + 10);
	emulator_advance(&stage.emulator, START_MS + 5);
	cr_expect_eq(stage.emulator.now_ms, START_MS + 10);
	stage_end(&stage);
}

static uint64_t fired(const struct stage *stage)
{
	uint64_t count = 0;

	for (uint64_t i = 0; i < stage->emulator.journal.written; i++) {
		const struct record *record = journal_at(&stage->emulator.journal, i);

		count += record && record->kind == RECORD_TIMER;
	}
	return count;
}

/* However short, and whatever starts it again: else a jump of a day would be 86,400,000 steps. */
Test(time, lets_a_timer_that_starts_itself_again_rest)
{
	struct stage stage;

	stage_begin(&stage, "{'extends':'gateway','timers':{'idle':{'restart_on':['went_idle'],'after':'1ms'}},"
	                    "'states':{'in':{'on':{'went_idle':'in'}}},'timeline':[]}");
	act(&stage, (struct action){ ACTION_ENTER, "in", { 0 } });
	emulator_advance(&stage.emulator, START_MS + 1);
	cr_expect_eq(fired(&stage), 1, "the first time it is as short as it says");
	cr_expect_eq(emulator_deadline_ms(&stage.emulator), START_MS + 1 + TIMER_PERIOD_MIN_MS);
	emulator_advance(&stage.emulator, START_MS + 60000);
	cr_expect_eq(stage.emulator.now_ms, START_MS + 60000);
	cr_expect_eq(fired(&stage), 600);
	stage_end(&stage);
}

Test(time, lets_timers_that_start_each_other_rest)
{
	struct stage stage;

	stage_begin(&stage,
	            "{'extends':'gateway','states':{'in':{'on':{'went_idle':'out'}},'out':{'on':{'back':'in'}}},"
	            "'timers':{'idle':{'after':'1ms'},"
	            "'return':{'while':['out'],'after':'1ms','event':'back'}},'timeline':[]}");
	emulator_advance(&stage.emulator, START_MS + 60000);
	cr_expect_eq(stage.emulator.now_ms, START_MS + 60000);
	cr_expect_eq(fired(&stage), 1200, "each 600 times, found %llu", (unsigned long long)fired(&stage));
	stage_end(&stage);
}

Test(time, leaves_timers_alone_that_do_not_fire_so_often)
{
	struct stage stage;

	stage_begin(&stage, "{'extends':'gateway','timers':{'idle':{'after':'1ms'}},'timeline':[]}");
	for (int64_t i = 0; i < 3; i++) {
		emulator_advance(&stage.emulator, START_MS + i * TIMER_PERIOD_MIN_MS);
		act(&stage, (struct action){ ACTION_ENTER, "in", { 0 } });
		cr_expect_eq(emulator_deadline_ms(&stage.emulator), START_MS + i * TIMER_PERIOD_MIN_MS + 1);
		emulator_advance(&stage.emulator, START_MS + i * TIMER_PERIOD_MIN_MS + 1);
		expect_states(&stage, "out");
	}
	stage_end(&stage);
}

Test(time, fires_a_daily_timer_once_a_day)
{
	struct stage stage;

	stage_begin(&stage, "{'extends':'gateway','states':{'in':{'on':{'midnight':'in'}}},'initial':['in'],"
	                    "'timers':{'idle':{'after':'3650d'}},'timeline':[]}");
	emulator_advance(&stage.emulator, START_MS + 30 * DAY_MS);
	cr_expect_eq(fired(&stage), 30, "the clocks go forward on March 8th in between");
	stage_end(&stage);
}
