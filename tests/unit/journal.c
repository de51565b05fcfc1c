/* Why: the journal is how a test sees what happened; when it is full it must drop the oldest, and say so. */
#include "core/journal.h"

#include <criterion/criterion.h>
#include <string.h>

static void write_one(struct journal *journal, int64_t at_ms)
{
	struct record *record = journal_next(journal);

	record->kind = RECORD_CUE;
	record->at_ms = at_ms;
}

Test(journal, is_empty_at_first)
{
	struct journal journal;

	journal_init(&journal, JOURNAL_RECORDS_MIN, 0);
	cr_assert_eq(journal.written, 0);
	cr_assert_null(journal_at(&journal, 0));
	journal_release(&journal);
	cr_assert_eq(journal.bytes, 0);
}

/* Its memory is taken as it fills: the largest costs nothing at first. */
Test(journal, has_at_most_so_many_records_however_many_are_asked_for)
{
	struct journal journal;

	journal_init(&journal, UINT32_MAX, 0);
	cr_assert_eq(journal.most, JOURNAL_RECORDS_MAX);
	cr_assert_eq(journal.bytes, 0);
	journal_release(&journal);
}

Test(journal, numbers_records_from_zero_in_the_order_of_writing)
{
	struct journal journal;

	journal_init(&journal, JOURNAL_RECORDS_MIN, 0);
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

	journal_init(&journal, JOURNAL_RECORDS_MIN, 0);
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

	journal_init(&journal, JOURNAL_RECORDS_MIN, 0);
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

	journal_init(&journal, 300, 0);
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

	journal_init(&journal, 300, 0);
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

/* Bytes for some forty of them: whatever is lost is lost from the front, and what is kept is whole. */
Test(journal, has_at_most_so_many_bytes_and_what_it_keeps_is_whole)
{
	const size_t most = 64 * 1024;
	struct journal journal;
	uint64_t kept = 0;

	journal_init(&journal, JOURNAL_RECORDS_MIN, most);
	for (int i = 0; i < 3000; i++) {
		char target[JOURNAL_TARGET_MAX];
		struct record *record = journal_next(&journal);

		memset(target, 'a' + i % 26, sizeof target);
		record->at_ms = i;
		journal_add_text(&journal, record, (struct span){ target, (size_t)(i * 37 % JOURNAL_TARGET_MAX) });
		cr_assert_leq(journal.bytes, most);
	}
	for (uint64_t i = 0; i < journal.written; i++) {
		const struct record *record = journal_at(&journal, i);
		struct span text;

		cr_assert_eq(record != NULL, i >= journal.oldest);
		if (!record)
			continue;
		kept++;
		text = record_text(&journal, record);
		cr_assert_eq(record->at_ms, (int64_t)i);
		cr_assert_eq(text.length, i * 37 % JOURNAL_TARGET_MAX);
		for (size_t at = 0; at < text.length; at++)
			cr_assert_eq(text.at[at], (char)('a' + i % 26));
	}
	cr_expect_gt(kept, 32);
	cr_expect_eq(kept, journal_kept(&journal));
	cr_expect_eq(journal_lost_since(&journal, 0), 3000 - kept);
	journal_release(&journal);
}

/* What a test's client does in one test fits into what a test's gateway has. */
Test(journal, what_requests_say_alike_is_kept_once)
{
	struct journal journal;
	struct request request = request_of("/v1/api/iserver/auth/status",
	                                    "Host: localhost:5000\r\nUser-Agent: python-requests/2.31.0\r\n"
	                                    "Accept-Encoding: gzip, deflate\r\nAccept: */*\r\n"
	                                    "Connection: keep-alive\r\nCookie: a=b\r\nContent-Length: 0\r\n",
	                                    "");

	journal_init(&journal, JOURNAL_RECORDS_DEFAULT, 0);
	for (int i = 0; i < 500; i++)
		journal_add_request(&journal, journal_next(&journal), &request);
	cr_expect_lt(journal.bytes, 500 * 100);
	for (uint64_t i = 0; i < 500; i++) {
		const struct record *record = journal_at(&journal, i);

		cr_assert(is_text(record_text(&journal, record), "/v1/api/iserver/auth/status"));
		cr_assert(is_text(record_header(&journal, record, "cookie"), "***"));
		cr_assert_eq(record_body(&journal, record).length, 0);
	}
	journal_release(&journal);
}

Test(journal, takes_a_text_for_another_only_where_it_is_the_same)
{
	static const char *const targets[] = { "/a", "/b", "/ab", "/a" };
	static const char *const headers[] = { "A: 1\r\n", "A: 2\r\n", "A: 12\r\n", "A: 2\r\n" };
	static const char *const bodies[] = { "", "/a", "{}", "{}" };
	struct journal journal;

	journal_init(&journal, 300, 0);
	for (size_t i = 0; i < 64; i++) {
		const struct request request = request_of(targets[i % 4], headers[i / 4 % 4], bodies[i / 16]);

		journal_add_request(&journal, journal_next(&journal), &request);
	}
	for (size_t i = 0; i < 64; i++) {
		const struct record *record = journal_at(&journal, i);

		cr_assert(is_text(record_text(&journal, record), targets[i % 4]));
		cr_assert(is_text(record_headers(&journal, record), headers[i / 4 % 4]));
		cr_assert(is_text(record_body(&journal, record), bodies[i / 16]));
	}
	journal_release(&journal);
}

/* ---- timers that change nothing ---- */

static uint64_t walk_all(const struct journal *journal, uint64_t since)
{
	struct journal_walk walk = journal_walk_from(journal, since);
	struct journal_walk back = journal_walk_back_from(journal, UINT64_MAX);
	uint64_t numbers[2 * JOURNAL_RECORDS_MIN];
	const struct record *record;
	uint64_t count = 0;
	uint64_t number;

	while ((record = journal_walk_next(&walk, &number))) {
		cr_assert_eq(record, journal_at(journal, number));
		cr_assert(number >= since && (count == 0 || number > numbers[count - 1]), "in order");
		numbers[count++] = number;
	}
	for (uint64_t i = count; i-- > 0;) {
		cr_assert_eq(journal_walk_back(&back, &number), journal_at(journal, numbers[i]));
		cr_assert_eq(number, numbers[i]);
	}
	return count;
}

Test(journal, timers_that_change_nothing_give_way_before_anything_else)
{
	struct journal journal;

	journal_init(&journal, JOURNAL_RECORDS_MIN, 0);
	for (int i = 0; i < 10; i++) {
		write_one(&journal, i);
		journal_next_tick(&journal)->kind = RECORD_TIMER;
	}
	for (int i = 0; i < 100000; i++)
		journal_next_tick(&journal)->kind = RECORD_TIMER;
	for (uint64_t i = 0; i < 20; i += 2)
		cr_assert_eq(journal_at(&journal, i)->kind, RECORD_CUE, "what happened before is still there");
	cr_assert_null(journal_at(&journal, 1));
	cr_assert_eq(journal_kept(&journal), JOURNAL_RECORDS_MIN);
	cr_assert_eq(walk_all(&journal, 0), JOURNAL_RECORDS_MIN);
	cr_assert_eq(walk_all(&journal, 5), JOURNAL_RECORDS_MIN - 3);
	cr_assert_eq(journal_lost_since(&journal, 0), 100020 - JOURNAL_RECORDS_MIN);
	cr_assert_eq(journal_lost_since(&journal, 100000), 0);
	cr_assert_eq(journal_events_lost_since(&journal, 0), 0);
	for (int i = 0; i < 2 * JOURNAL_RECORDS_MIN; i++)
		write_one(&journal, i);
	cr_assert_eq(journal_kept(&journal), JOURNAL_RECORDS_MIN);
	cr_assert_gt(journal_events_lost_since(&journal, 0), 10);
	cr_assert_eq(journal_events_lost_since(&journal, journal.written - 1), 0);
	walk_all(&journal, 0);
	journal_release(&journal);
}

Test(journal, goes_on_counting_when_it_is_cleared)
{
	struct journal journal;

	journal_init(&journal, JOURNAL_RECORDS_MIN, 0);
	for (int i = 0; i < JOURNAL_RECORDS_MIN + 5; i++)
		write_one(&journal, i);
	cr_assert_eq(journal_events_lost_since(&journal, 0), 5);
	journal_clear(&journal);
	cr_assert_eq(journal.bytes, 0);
	cr_assert_eq(journal_kept(&journal), 0);
	cr_assert_eq(journal_lost_since(&journal, 0), 0);
	cr_assert_eq(journal_events_lost_since(&journal, 0), 0);
	write_one(&journal, 7);
	cr_assert_eq(journal_at(&journal, JOURNAL_RECORDS_MIN + 5)->at_ms, 7);
	cr_assert_null(journal_at(&journal, JOURNAL_RECORDS_MIN + 4));
	for (int i = 0; i < JOURNAL_RECORDS_MIN; i++)
		write_one(&journal, i);
	cr_assert_eq(journal_events_lost_since(&journal, 0), 1);
	cr_assert_eq(journal_lost_since(&journal, 0), 1);
	journal_release(&journal);
}

Test(journal, can_be_walked_from_any_number_both_ways)
{
	struct journal journal;

	journal_init(&journal, JOURNAL_RECORDS_MIN, 0);
	cr_assert_eq(walk_all(&journal, 0), 0);
	for (int i = 0; i < 300; i++) {
		if (i % 3 == 0)
			write_one(&journal, i);
		else
			journal_next_tick(&journal)->kind = RECORD_TIMER;
	}
	for (uint64_t since = 0; since < 305; since++) {
		struct journal_walk back = journal_walk_back_from(&journal, since);
		uint64_t count = 0;
		uint64_t number;

		while (journal_walk_back(&back, &number)) {
			cr_assert_lt(number, since);
			count++;
		}
		cr_assert_eq(count + walk_all(&journal, since), journal_kept(&journal));
		cr_assert_eq(journal_lost_since(&journal, since),
		             (since < 300 ? 300 - since : 0) - walk_all(&journal, since));
	}
	journal_release(&journal);
}

Test(journal, that_keeps_no_text_still_counts)
{
	struct journal journal;
	struct request request = request_of("/a", "B: c\r\n", "d");

	journal_init(&journal, 0, 0);
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
