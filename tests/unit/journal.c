/* Why: the journal is how a test sees what happened; when it is full it must drop the oldest, and say so. */
#include "core/journal.h"

#include <criterion/criterion.h>

static void write_one(struct journal *journal, int64_t at_ms)
{
	*journal_next(journal) = (struct record){ .kind = RECORD_CUE, .at_ms = at_ms };
}

Test(journal, is_empty_at_first)
{
	struct journal journal;

	cr_assert(journal_init(&journal));
	cr_assert_eq(journal.written, 0);
	cr_assert_null(journal_at(&journal, 0));
	journal_release(&journal);
	cr_assert_null(journal.ring);
}

Test(journal, numbers_records_from_zero_in_the_order_of_writing)
{
	struct journal journal;

	cr_assert(journal_init(&journal));
	for (int i = 0; i < 3; i++)
		write_one(&journal, 10 * i);
	for (uint64_t i = 0; i < 3; i++)
		cr_assert_eq(journal_at(&journal, i)->at_ms, 10 * (int64_t)i);
	cr_assert_null(journal_at(&journal, 3), "yet to come");
	journal_release(&journal);
}

Test(journal, keeps_the_newest_records_when_it_wraps)
{
	struct journal journal;

	cr_assert(journal_init(&journal));
	for (int i = 0; i < JOURNAL_RECORDS_MAX; i++)
		write_one(&journal, i);
	cr_assert_eq(journal_at(&journal, 0)->at_ms, 0, "just full");
	write_one(&journal, JOURNAL_RECORDS_MAX);
	cr_assert_null(journal_at(&journal, 0), "the oldest has given way");
	cr_assert_eq(journal_at(&journal, 1)->at_ms, 1);
	cr_assert_eq(journal_at(&journal, JOURNAL_RECORDS_MAX)->at_ms, JOURNAL_RECORDS_MAX);
	for (int i = JOURNAL_RECORDS_MAX + 1; i < 5 * JOURNAL_RECORDS_MAX + 7; i++)
		write_one(&journal, i);
	cr_assert_eq(journal.written, 5 * JOURNAL_RECORDS_MAX + 7, "what was lost is still counted");
	for (uint64_t i = 0; i < journal.written; i++) {
		const struct record *record = journal_at(&journal, i);

		cr_assert_eq(record != NULL, i + JOURNAL_RECORDS_MAX >= journal.written);
		cr_assert(!record || record->at_ms == (int64_t)i);
	}
	journal_release(&journal);
}

Test(journal, answers_for_no_number_that_was_never_written)
{
	struct journal journal;

	cr_assert(journal_init(&journal));
	write_one(&journal, 1);
	cr_assert_null(journal_at(&journal, 1));
	cr_assert_null(journal_at(&journal, UINT64_MAX));
	journal_release(&journal);
}
