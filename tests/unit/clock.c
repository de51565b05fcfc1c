/* Why: everything a gateway does happens on its clock; a scaled one must not drift, and none may run backwards. */
#include "core/clock.h"

#include <criterion/criterion.h>

#define START_MS 1772461800000

/* A clock of that mode which showed START_MS when the machine's monotonic clock stood at 1,000. */
static struct clock started(const char *mode)
{
	struct clock clock = { 0 };
	struct error error = { 0 };

	cr_assert(clock_parse(&clock, mode, &error), "%s", error.text);
	clock_start(&clock, START_MS, 1000);
	return clock;
}

Test(clock, real_goes_as_the_machine_goes)
{
	const struct clock clock = started("real");

	cr_assert_eq(clock_now_ms(&clock, 1000), START_MS);
	cr_assert_eq(clock_now_ms(&clock, 1001), START_MS + 1);
	cr_assert_eq(clock_wait_ms(&clock, START_MS + 500, 1100), 400);
}

Test(clock, scaled_goes_so_many_times_faster)
{
	const struct clock clock = started("scaled:60");

	cr_assert_eq(clock_now_ms(&clock, 2000), START_MS + 60000);
	cr_assert_eq(clock_now_ms(&clock, 1000 + 86400000), START_MS + 60LL * 86400000);
}

Test(clock, scaled_waits_until_the_deadline_has_come_and_not_a_moment_less)
{
	const struct clock clock = started("scaled:60");

	for (int64_t after = 0; after < 200; after++) {
		const int64_t wait = clock_wait_ms(&clock, START_MS + after, 1000);

		cr_assert_geq(clock_now_ms(&clock, 1000 + wait), START_MS + after);
		cr_assert(wait == 0 || clock_now_ms(&clock, 1000 + wait - 1) < START_MS + after);
	}
}

Test(clock, manual_stands_until_it_is_set)
{
	struct clock clock = started("manual");

	cr_assert_eq(clock_now_ms(&clock, 99999), START_MS);
	cr_assert_eq(clock_wait_ms(&clock, START_MS + 1, 1000), CLOCK_FOREVER, "it will not come by itself");
	cr_assert_eq(clock_wait_ms(&clock, START_MS, 1000), 0);
	cr_assert(clock_set(&clock, START_MS + 10, 99999));
	cr_assert_eq(clock_now_ms(&clock, 99999), START_MS + 10);
	cr_assert_eq(clock_wait_ms(&clock, START_MS + 10, 99999), 0);
}

Test(clock, never_runs_backwards)
{
	static const char *const modes[] = { "real", "scaled:60", "manual" };

	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		struct clock clock = started(modes[i]);
		const int64_t now = clock_now_ms(&clock, 5000);

		cr_expect_not(clock_set(&clock, now - 1, 5000), "%s", modes[i]);
		cr_expect_eq(clock_now_ms(&clock, 5000), now, "a refused jump changes nothing");
		cr_expect(clock_set(&clock, now, 5000), "to where it stands is no jump");
	}
}

Test(clock, goes_on_in_its_mode_after_a_jump)
{
	struct clock clock = started("scaled:10");

	cr_assert(clock_set(&clock, START_MS + 3600000, 2000));
	cr_assert_eq(clock_now_ms(&clock, 2000), START_MS + 3600000);
	cr_assert_eq(clock_now_ms(&clock, 2100), START_MS + 3600000 + 1000);
}

Test(clock, waits_for_ever_when_nothing_will_happen)
{
	const struct clock clock = started("scaled:60");

	cr_assert_eq(clock_wait_ms(&clock, INT64_MAX, 1000), CLOCK_FOREVER);
}

Test(clock, reads_its_three_modes)
{
	struct clock clock = { 0 };
	struct error error = { 0 };

	cr_assert(clock_parse(&clock, "real", &error));
	cr_assert_eq(clock.mode, CLOCK_REAL);
	cr_assert_eq(clock.scale, 1);
	cr_assert(clock_parse(&clock, "scaled:100000", &error));
	cr_assert_eq(clock.mode, CLOCK_SCALED);
	cr_assert_eq(clock.scale, 100000);
	cr_assert(clock_parse(&clock, "manual", &error));
	cr_assert_eq(clock.mode, CLOCK_MANUAL);
	cr_assert_eq(clock.scale, 1);
}

Test(clock, says_what_is_wrong_with_a_mode_and_leaves_the_clock_alone)
{
	static const struct {
		const char *text;
		const char *error;
	} cases[] = {
		{ "fast", "clock is \"fast\"; wanted \"real\", \"manual\" or \"scaled:N\", such as \"scaled:60\"" },
		{ "", "clock is \"\"; wanted \"real\", \"manual\" or \"scaled:N\", such as \"scaled:60\"" },
		{ "Real", "clock is \"Real\"; wanted \"real\", \"manual\" or \"scaled:N\", such as \"scaled:60\"" },
		{ "scaled:", "clock is \"scaled:\"; wanted a whole number from 1 to 100000 after \"scaled:\"" },
		{ "scaled:0", "clock is \"scaled:0\"; wanted a whole number from 1 to 100000 after \"scaled:\"" },
		{ "scaled:-1", "clock is \"scaled:-1\"; wanted a whole number from 1 to 100000 after \"scaled:\"" },
		{ "scaled:1.5", "clock is \"scaled:1.5\"; wanted a whole number from 1 to 100000 after \"scaled:\"" },
		{ "scaled:100001",
		  "clock is \"scaled:100001\"; wanted a whole number from 1 to 100000 after \"scaled:\"" },
		{ "scaled:99999999999999999999", "clock is \"scaled:99999999999999999999\"; wanted a whole number from "
		                                 "1 to 100000 after \"scaled:\"" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct clock clock = { .mode = CLOCK_MANUAL, .scale = 3 };
		struct error error = { 0 };

		cr_expect_not(clock_parse(&clock, cases[i].text, &error));
		cr_expect_str_eq(error.text, cases[i].error);
		cr_expect(clock.mode == CLOCK_MANUAL && clock.scale == 3);
	}
}

Test(clock, goes_on_from_what_it_shows_when_its_mode_changes)
{
	static const struct {
		enum clock_mode mode;
		int64_t scale;
		const char *text;
		int64_t after_a_second_ms;
	} steps[] = {
		{ CLOCK_MANUAL, 1, "manual", 0 },         { CLOCK_REAL, 1, "real", 1000 },
		{ CLOCK_SCALED, 60, "scaled:60", 60000 }, { CLOCK_MANUAL, 1, "manual", 0 },
		{ CLOCK_SCALED, 7, "scaled:7", 7000 },    { CLOCK_REAL, 1, "real", 1000 },
	};
	struct clock clock = started("scaled:10");
	int64_t monotonic_ms = 1500;
	int64_t shown_ms = START_MS + 5000;

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		struct buffer text = { 0 };

		clock_change(&clock, steps[i].mode, steps[i].scale, monotonic_ms);
		cr_expect_eq(clock_now_ms(&clock, monotonic_ms), shown_ms, "%s", steps[i].text);
		clock_describe(&clock, &text);
		cr_expect_str_eq(text.data, steps[i].text);
		buffer_release(&text);
		monotonic_ms += 1000;
		shown_ms += steps[i].after_a_second_ms;
		cr_expect_eq(clock_now_ms(&clock, monotonic_ms), shown_ms, "%s", steps[i].text);
	}
}
