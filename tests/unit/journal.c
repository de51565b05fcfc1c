/* Why: the journal is how a test sees what happened; when it is full it must drop the oldest, and say so. */
#include "core/journal.h"

#include <criterion/criterion.h>
#include <string.h>

static void write_one(struct journal *journal, int64_t at_ms)
{
	*journal_next(journal) = (struct record){ .kind = RECORD_CUE, .at_ms = at_ms };
}

Test(journal, is_empty_at_first)
{
	struct journal journal;

	journal_init(&journal, JOURNAL_RECORDS_MIN);
	cr_assert_eq(journal.written, 0);
	cr_assert_null(journal_at(&journal, 0));
	journal_release(&journal);
	cr_assert_null(journal.ring);
}

/* Its memory is taken as it fills: the largest costs nothing at first. */
Test(journal, has_at_most_so_many_records_however_many_are_asked_for)
{
	struct journal journal;

	journal_init(&journal, UINT32_MAX);
	cr_assert_eq(journal.most, JOURNAL_RECORDS_MAX);
	cr_assert_eq(journal.text_most, (size_t)JOURNAL_RECORDS_MAX * JOURNAL_TEXT_PER_RECORD);
	journal_release(&journal);
}

Test(journal, numbers_records_from_zero_in_the_order_of_writing)
{
	struct journal journal;

	journal_init(&journal, JOURNAL_RECORDS_MIN);
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

	journal_init(&journal, JOURNAL_RECORDS_MIN);
	for (int i = 0; i < JOURNAL_RECORDS_MIN; i++)
		write_one(&journal, i);
	cr_assert_eq(journal_at(&journal, 0)->at_ms, 0, "just full");
	write_one(&journal, JOURNAL_RECORDS_MIN);
	cr_assert_null(journal_at(&journal, 0), "the oldest has given way");
	cr_assert_eq(journal_at(&journal, 1)->at_ms, 1);
	cr_assert_eq(journal_at(&journal, JOURNAL_RECORDS_MIN)->at_ms, JOURNAL_RECORDS_MIN);
	for (int i = JOURNAL_RECORDS_MIN + 1; i < 5 * JOURNAL_RECORDS_MIN + 7; i++)
		write_one(&journal, i);
	cr_assert_eq(journal.written, 5 * JOURNAL_RECORDS_MIN + 7, "what was lost is still counted");
	for (uint64_t i = 0; i < journal.written; i++) {
		const struct record *record = journal_at(&journal, i);

		cr_assert_eq(record != NULL, i + JOURNAL_RECORDS_MIN >= journal.written);
		cr_assert(!record || record->at_ms == (int64_t)i);
	}
	journal_release(&journal);
}

Test(journal, answers_for_no_number_that_was_never_written)
{
	struct journal journal;

	journal_init(&journal, JOURNAL_RECORDS_MIN);
	write_one(&journal, 1);
	cr_assert_null(journal_at(&journal, 1));
	cr_assert_null(journal_at(&journal, UINT64_MAX));
	journal_release(&journal);
}

/* ---- text ---- */

static struct request request_of(const char *target, const char *headers, const char *body)
{
	return (struct request){
		.target = span_of(target), .headers = span_of(headers), .body = span_of(body), .method = METHOD_POST
	};
}

static bool is_text(struct span span, const char *expected)
{
	return span_equals(span, expected);
}

Test(journal, keeps_what_a_request_said_without_its_secrets)
{
	struct journal journal;
	struct request request = request_of("/v1/api/tickle?token=t", "Host: h\r\nCookie: c\r\n", "{\"pwd\":\"p\"}");
	struct record *record;

	journal_init(&journal, 300);
	record = journal_next(&journal);
	journal_add_request(&journal, record, &request);
	cr_expect(is_text(record_text(&journal, record), "/v1/api/tickle?token=*"));
	cr_expect(is_text(record_headers(&journal, record), "Host: h\r\nCookie: *\r\n"));
	cr_expect(is_text(record_body(&journal, record), "{\"pwd\":\"*\"}"));
	cr_expect(is_text(record_header(&journal, record, "HOST"), "h"));
	cr_expect_null(record_header(&journal, record, "Accept").at);
	cr_expect_not(record->cut);
	journal_release(&journal);
}

Test(journal, cuts_what_is_too_long_and_says_so)
{
	struct journal journal;
	static char target[JOURNAL_TARGET_MAX + 2];
	struct request request;
	struct record *record;

	journal_init(&journal, 300);
	memset(target, 'a', JOURNAL_TARGET_MAX + 1);
	request = request_of(target, "", "");
	record = journal_next(&journal);
	journal_add_request(&journal, record, &request);
	cr_expect_eq(record_text(&journal, record).length, JOURNAL_TARGET_MAX);
	cr_expect(record->cut);
	request.target.length--;
	record = journal_next(&journal);
	journal_add_request(&journal, record, &request);
	cr_expect_eq(record_text(&journal, record).length, JOURNAL_TARGET_MAX);
	cr_expect_not(record->cut);
	journal_release(&journal);
}

Test(journal, a_record_is_whole_or_gone_when_the_text_goes_round)
{
	struct journal journal;
	uint64_t whole = 0;

	journal_init(&journal, JOURNAL_RECORDS_MIN);
	for (int i = 0; i < 3000; i++) {
		char target[JOURNAL_TARGET_MAX];
		struct record *record = journal_next(&journal);

		memset(target, 'a' + i % 26, sizeof target);
		record->at_ms = i;
		journal_add_text(&journal, record, (struct span){ target, (size_t)(i * 37 % JOURNAL_TARGET_MAX) });
	}
	for (uint64_t i = 0; i < journal.written; i++) {
		const struct record *record = journal_at(&journal, i);
		struct span text;

		if (!record)
			continue;
		whole++;
		text = record_text(&journal, record);
		cr_assert_eq(record->at_ms, (int64_t)i);
		cr_assert_eq(text.length, i * 37 % JOURNAL_TARGET_MAX);
		for (size_t at = 0; at < text.length; at++)
			cr_assert_eq(text.at[at], (char)('a' + i % 26));
	}
	cr_expect_gt(whole, JOURNAL_RECORDS_MIN / 2);
	cr_expect_leq(whole, JOURNAL_RECORDS_MIN);
	journal_release(&journal);
}

Test(journal, that_keeps_no_text_still_counts)
{
	struct journal journal;
	struct request request = request_of("/a", "B: c\r\n", "d");

	journal_init(&journal, 0);
	for (int i = 0; i < 1000; i++) {
		struct record *record = journal_next(&journal);

		journal_add_request(&journal, record, &request);
		cr_assert_eq(record_text(&journal, record).length, 0);
		cr_assert(record->cut);
	}
	cr_expect_eq(journal.written, 1000);
	cr_expect_not_null(journal_at(&journal, 1000 - JOURNAL_RECORDS_MIN));
	cr_expect_null(journal_at(&journal, 999 - JOURNAL_RECORDS_MIN));
	journal_release(&journal);
}
