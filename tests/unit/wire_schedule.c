/* Why: with a thousand gateways in one process a turn must cost what is due and no more, and must miss nobody. What the
 * schedule says is compared with what a look at every sleeper says, over long random stories. */
#include "wire/schedule.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define SLEEPERS 100
#define STEPS 20000

struct sleeper {
	struct scheduled scheduled; /* first */
	int64_t due_ms;
	bool is_there;
};

static uint64_t asked;

static int64_t due_of(const struct scheduled *scheduled)
{
	asked++;
	return ((const struct sleeper *)(const void *)scheduled)->due_ms;
}

static uint32_t dice(uint32_t sides)
{
	static uint64_t state = 88172645463325252;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state % sides);
}

static int64_t first_of(const struct sleeper sleepers[SLEEPERS])
{
	int64_t first_ms = INT64_MAX;

	for (size_t i = 0; i < SLEEPERS; i++)
		if (sleepers[i].is_there && sleepers[i].due_ms < first_ms)
			first_ms = sleepers[i].due_ms;
	return first_ms;
}

static void change_one(struct schedule *schedule, struct sleeper *sleeper)
{
	switch (dice(4)) {
	case 0:
		if (sleeper->is_there)
			schedule_remove(schedule, &sleeper->scheduled);
		else
			cr_assert(schedule_add(schedule, &sleeper->scheduled));
		sleeper->is_there = !sleeper->is_there;
		break;
	case 1:
		sleeper->due_ms = INT64_MAX;
		schedule_touch(schedule, &sleeper->scheduled);
		break;
	default:
		sleeper->due_ms = dice(1000);
		schedule_touch(schedule, &sleeper->scheduled);
		break;
	}
}

Test(wire_schedule, says_what_a_look_at_everybody_says)
{
	static struct sleeper sleepers[SLEEPERS];
	struct schedule schedule = { .reckon = due_of };

	cr_assert_eq(schedule_first_ms(&schedule), INT64_MAX, "nobody is there");
	for (int step = 0; step < STEPS; step++) {
		const int64_t now_ms = dice(1000);
		struct scheduled *due;

		change_one(&schedule, &sleepers[dice(SLEEPERS)]);
		cr_assert_eq(schedule_first_ms(&schedule), first_of(sleepers));
		if (dice(20) > 0)
			continue;
		while ((due = schedule_take_due(&schedule, now_ms))) {
			struct sleeper *sleeper = (struct sleeper *)(void *)due;

			cr_assert_eq(sleeper->due_ms, first_of(sleepers), "in their order");
			sleeper->due_ms = now_ms + 1 + dice(1000);
			schedule_touch(&schedule, due);
		}
		cr_assert_gt(schedule_first_ms(&schedule), now_ms);
	}
	schedule_release(&schedule);
}

Test(wire_schedule, asks_only_those_that_were_touched)
{
	static struct sleeper sleepers[SLEEPERS];
	struct schedule schedule = { .reckon = due_of };

	for (size_t i = 0; i < SLEEPERS; i++) {
		sleepers[i].due_ms = (int64_t)i + 1;
		cr_assert(schedule_add(&schedule, &sleepers[i].scheduled));
	}
	schedule_first_ms(&schedule);
	asked = 0;
	schedule_touch(&schedule, &sleepers[7].scheduled);
	schedule_touch(&schedule, &sleepers[7].scheduled);
	for (int turn = 0; turn < 10; turn++)
		cr_assert_eq(schedule_first_ms(&schedule), 1);
	cr_expect_eq(asked, 1);
	schedule_release(&schedule);
}

Test(wire_schedule, who_is_taken_comes_back_when_it_is_touched)
{
	struct sleeper sleeper = { .due_ms = 5 };
	struct schedule schedule = { .reckon = due_of };

	cr_assert(schedule_add(&schedule, &sleeper.scheduled));
	cr_expect_null(schedule_take_due(&schedule, 4));
	cr_expect_eq(schedule_take_due(&schedule, 5), &sleeper.scheduled);
	cr_expect_null(schedule_take_due(&schedule, 5));
	schedule_touch(&schedule, &sleeper.scheduled);
	cr_expect_eq(schedule_take_due(&schedule, 5), &sleeper.scheduled);
	schedule_release(&schedule);
}

Test(wire_schedule, who_is_not_there_may_be_touched_and_removed)
{
	struct sleeper sleeper = { 0 };
	struct schedule schedule = { .reckon = due_of };

	schedule_touch(&schedule, &sleeper.scheduled);
	schedule_remove(&schedule, &sleeper.scheduled);
	cr_expect_eq(schedule_first_ms(&schedule), INT64_MAX);
	schedule_release(&schedule);
}
