/* Why: metrics must add up even when more happens than is told apart. */
#include "core/tally.h"

#include <criterion/criterion.h>

Test(tally, statuses_are_told_apart_up_to_a_bound)
{
	struct tally tally = { 0 };

	for (int round = 0; round < 2; round++)
		for (int status = 0; status < TALLY_STATUSES_MAX + 3; status++)
			tally_reply(&tally, status);
	cr_expect_eq(tally.status_count, TALLY_STATUSES_MAX);
	cr_expect_eq(tally.statuses[0].status, 0);
	cr_expect_eq(tally.statuses[TALLY_STATUSES_MAX - 1].count, 2);
	cr_expect_eq(tally.other_statuses, 6);
}
