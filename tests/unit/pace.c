/* Why: an answer that leaves in steps must leave whole, in order, on time, and in a number of steps that ends. */
#include "core/pace.h"
#include "core/limits.h"

#include <criterion/criterion.h>

struct walk {
	uint32_t steps;
	int64_t ms; /* until the last byte */
	int64_t rest_ms;
};

/* From step to step; bytes only ever grow. */
static struct walk walk(const struct pace *pace, size_t head, size_t length)
{
	struct walk walk = { 0 };
	size_t open = 0;

	for (;;) {
		const struct pace_step step = pace_at(pace, head, length, walk.steps++);

		cr_assert_geq(step.open, open);
		cr_assert_leq(step.open, length);
		open = step.open;
		cr_assert_geq(step.wait_ms, 0);
		if (step.is_last || step.wait_ms == PACE_NEVER)
			break;
		if (open < length)
			walk.ms += step.wait_ms;
		else
			walk.rest_ms += step.wait_ms;
		cr_assert_lt(walk.steps, 1000000U);
	}
	cr_assert_eq(open, length);
	cr_assert_eq(pace_length_ms(pace, head, length), walk.ms);
	return walk;
}

Test(pace, at_once_is_one_step)
{
	const struct pace_step step = pace_at(&(struct pace){ 0 }, 10, 100, 0);

	cr_expect_eq(step.open, 100U);
	cr_expect_eq(step.wait_ms, 0);
}

Test(pace, the_head_then_the_rest)
{
	const struct pace pace = { .kind = PACE_AFTER_HEAD, .ms = 700 };

	cr_expect_eq(pace_at(&pace, 10, 100, 0).open, 10U);
	cr_expect_eq(pace_at(&pace, 10, 100, 0).wait_ms, 700);
	cr_expect_eq(pace_at(&pace, 10, 100, 1).open, 100U);
	cr_expect_eq(pace_at(&pace, 10, 100, 1).wait_ms, 0);
}

Test(pace, pieces_are_equal_and_the_last_is_on_time)
{
	const struct pace pace = { .kind = PACE_PIECES, .pieces = 4, .ms = 1000 };
	static const size_t open[] = { 32, 55, 77, 100 };
	static const int64_t wait_ms[] = { 333, 333, 334, 0 };

	for (uint32_t i = 0; i < 4; i++) {
		cr_expect_eq(pace_at(&pace, 10, 100, i).open, open[i], "step %u", i);
		cr_expect_eq(pace_at(&pace, 10, 100, i).wait_ms, wait_ms[i], "step %u", i);
	}
}

Test(pace, the_head_is_a_part_like_others_where_it_is_to_be)
{
	const struct pace pace = { .kind = PACE_PIECES, .pieces = 4, .ms = 1000, .with_head = true };

	cr_expect_eq(pace_at(&pace, 10, 100, 0).open, 25U);
}

Test(pace, a_rate_is_kept)
{
	const struct pace pace = { .kind = PACE_RATE, .rate = 1000 };

	cr_expect_eq(pace_at(&pace, 10, 1000, 0).open, 100U);
	cr_expect_eq(pace_at(&pace, 10, 1000, 0).wait_ms, 100);
	cr_expect_eq(walk(&pace, 10, 1000).ms, 900);
	cr_expect_eq(pace_at(&pace, 10, 100, 0).wait_ms, 0);
	cr_expect_eq(pace_at(&pace, 10, 101, 0).wait_ms, 100);
	cr_expect_eq(pace_at(&pace, 0, 0, 0).wait_ms, 0);
}

Test(pace, after_the_last_byte_comes_the_rest)
{
	const struct pace slow = { .rest_ms = 5000 };
	const struct pace never = { .kind = PACE_PIECES, .pieces = 3, .ms = 30, .rest_ms = PACE_NEVER };

	cr_expect_eq(walk(&slow, 5, 10).rest_ms, 5000);
	cr_expect_eq(walk(&never, 5, 10).ms, 30);
	cr_expect_eq(pace_at(&never, 5, 10, 2).wait_ms, PACE_NEVER);
}

Test(pace, whatever_the_numbers_it_comes_to_an_end)
{
	static const size_t lengths[] = { 0, 1, 2, 99, 4096, REPLY_SIZE_MAX };

	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		for (uint32_t pieces = 2; pieces <= 1000; pieces += 499)
			walk(&(struct pace){ .kind = PACE_PIECES, .pieces = pieces, .ms = 1 }, lengths[i] / 2,
			     lengths[i]);
		walk(&(struct pace){ .kind = PACE_RATE, .rate = 10 }, lengths[i] / 2, lengths[i]);
		walk(&(struct pace){ .kind = PACE_RATE, .rate = INT64_MAX / 4 }, lengths[i] / 2, lengths[i]);
		walk(&(struct pace){ .kind = PACE_AFTER_HEAD, .ms = 1, .rest_ms = 1 }, 0, lengths[i]);
	}
}

Test(pace, slices_vary_as_far_as_they_may)
{
	struct pace pace = { .kind = PACE_SLICES, .slice = 60, .varies = 30, .random = 7, .ms = 10 };
	size_t before = 0;

	for (uint32_t step = 0;; step++) {
		const struct pace_step at = pace_at(&pace, 100, 5000, step);

		if (step > 0 && at.open < 5000) {
			cr_expect_geq(at.open - before, 30U);
			cr_expect_leq(at.open - before, 90U);
		}
		before = at.open;
		if (at.is_last)
			break;
		cr_expect_eq(at.wait_ms, 10);
	}
	cr_expect_eq(before, 5000U);
	pace.ms = 0;
	cr_expect_eq(pace_at(&pace, 100, 5000, 0).wait_ms, 0);
	cr_expect_not(pace_at(&pace, 100, 5000, 0).is_last);
}

Test(pace, slices_of_one_byte_and_of_more_than_all)
{
	struct pace pace = { .kind = PACE_SLICES, .slice = 1 };

	cr_expect_eq(pace_at(&pace, 0, 3, 0).open, 1U);
	cr_expect_eq(pace_at(&pace, 0, 3, 2).open, 3U);
	cr_expect(pace_at(&pace, 0, 3, 2).is_last);
	pace.slice = 500000;
	cr_expect(pace_at(&pace, 10, 300, 0).is_last);
	cr_expect(pace_at(&pace, 0, 0, 0).is_last);
}
