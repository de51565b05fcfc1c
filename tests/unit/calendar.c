/* Why: sessions end at midnight somewhere else, and twice a year midnight moves. Expected instants come from the time
 * zone database, not from this code. */
#include "core/calendar.h"

#include "core/limits.h"

#include <criterion/criterion.h>
#include <string.h>

#define HOUR_MS 3600000LL
#define DAY_MS (24 * HOUR_MS)

/* ---- durations ---- */

Test(duration, is_read_in_every_unit)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{ "0s", 0 },
		{ "0ms", 0 },
		{ "250ms", 250 },
		{ "90s", 90000 },
		{ "5m", 300000 },
		{ "1h30m", 5400000 },
		{ "2d", 2 * DAY_MS },
		{ "1d2h3m4s5ms", DAY_MS + 2 * HOUR_MS + 3 * 60000 + 4000 + 5 },
		{ "007s", 7000 },
		{ "1h0m", HOUR_MS },
		{ "3650d", DURATION_MAX_MS },
		{ "315360000000ms", DURATION_MAX_MS },
		{ "3649d24h", DURATION_MAX_MS },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t ms = -1;

		cr_expect(duration_parse(cases[i].text, &ms), "%s", cases[i].text);
		cr_expect_eq(ms, cases[i].ms, "%s", cases[i].text);
	}
}

Test(duration, is_refused_when_it_is_anything_else)
{
	static const char *const texts[] = {
		"",
		"5",
		"s",
		"-5s",
		"+5s",
		"5 s",
		" 5s",
		"5s ",
		"1.5h",
		"5sec",
		"5S",
		"5m5m",
		"5s5m",
		"5ms1s",
		"1h30",
		"h1",
		"5µs",
		"5w",
		"1e3s",
		"0x10s",
		"3651d",
		"315360000001ms",
		"3650d1ms",
		"87601h",
		"99999999999999999999s",
		"9223372036854775807ms",
		"5m\n",
		"infinite",
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		int64_t ms = -1;

		cr_expect_not(duration_parse(texts[i], &ms), "%s", texts[i]);
		cr_expect_eq(ms, -1, "%s: untouched on failure", texts[i]);
	}
}

Test(duration, is_written_so_that_it_reads_back_as_the_same)
{
	static const struct {
		int64_t ms;
		const char *text;
	} cases[] = {
		{ 0, "0s" },
		{ 1, "1ms" },
		{ 999, "999ms" },
		{ 1000, "1s" },
		{ 90000, "1m30s" },
		{ 330000, "5m30s" },
		{ HOUR_MS + 1, "1h1ms" },
		{ DAY_MS, "1d" },
		{ DURATION_MAX_MS - 1, "3649d23h59m59s999ms" },
		{ DURATION_MAX_MS, "3650d" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buffer out = { 0 };
		int64_t back = -1;

		duration_add(&out, cases[i].ms);
		cr_expect_str_eq(out.data, cases[i].text);
		cr_expect(duration_parse(out.data, &back) && back == cases[i].ms);
		buffer_release(&out);
	}
}

/* ---- instants ---- */

Test(instant, is_read_with_its_zone)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2026-03-02T14:30:00Z", 1772461800000 },
		{ "2026-03-02T09:30:00-05:00", 1772461800000 },
		{ "2026-03-02T20:00:00+05:30", 1772461800000 },
		{ "2026-03-02T14:30:00.250Z", 1772461800250 },
		{ "2026-03-02T14:30:00.25Z", 1772461800250 },
		{ "2026-03-02T14:30:00.250999+00:00", 1772461800250 },
		{ "2026-03-02T14:30:00.000000001Z", 1772461800000 },
		{ "2024-02-29T23:59:59.999Z", 1709251199999 },
		{ "2000-02-29T00:00:00Z", 951782400000 },
		{ "9999-12-31T23:59:59.999Z", 253402300799999 },
		{ "1970-01-01T02:00:00+02:00", 0 },
		{ "1970-01-01T00:00:00-00:00", 0 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t ms = -1;

		cr_expect(instant_parse(cases[i].text, &ms), "%s", cases[i].text);
		cr_expect_eq(ms, cases[i].ms, "%s", cases[i].text);
	}
}

Test(instant, is_refused_when_there_is_no_such_one_or_it_has_no_zone)
{
	static const char *const texts[] = {
		"",
		"2026-03-02",
		"2026-03-02T14:30:00",
		"2026-03-02T14:30Z",
		"2026-03-02 14:30:00Z",
		"2026-3-2T14:30:00Z",
		"2026-03-02T14:30:00z",
		"2026-03-02T14:30:00Zulu",
		"2026-03-02T14:30:00.Z",
		"2026-03-02T14:30:00.0123456789Z",
		"2026-03-02T14:30:00+0500",
		"2026-03-02T14:30:00+05",
		"2026-03-02T14:30:00+15:00",
		"2026-03-02T14:30:00+05:60",
		"2026-00-02T14:30:00Z",
		"2026-13-02T14:30:00Z",
		"2026-04-31T14:30:00Z",
		"2026-02-29T14:30:00Z",
		"2100-02-29T14:30:00Z",
		"2026-03-00T14:30:00Z",
		"2026-03-02T24:00:00Z",
		"2026-03-02T14:60:00Z",
		"2026-03-02T23:59:60Z",
		"1969-12-31T23:59:59Z",
		"1970-01-01T00:00:00+00:01",
		"-026-03-02T14:30:00Z",
		"12026-03-02T14:30:00Z",
		"tomorrow",
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		int64_t ms = -1;

		cr_expect_not(instant_parse(texts[i], &ms), "%s", texts[i]);
		cr_expect_eq(ms, -1, "%s: untouched on failure", texts[i]);
	}
}

Test(instant, cut_short_anywhere_is_refused)
{
	static const char whole[] = "2026-03-02T09:30:00.250-05:00";
	char part[sizeof whole];
	int64_t ms = 0;

	for (size_t length = 0; length < sizeof whole - 1; length++) {
		memcpy(part, whole, length);
		part[length] = '\0';
		cr_expect_not(instant_parse(part, &ms), "%s", part);
	}
	cr_expect(instant_parse(whole, &ms));
}

/* Every day of a century and a bit, leap years and the year 2000 among them. */
Test(instant, is_written_so_that_it_reads_back_as_the_same)
{
	for (int64_t ms = 123; ms < 131 * 366 * DAY_MS; ms += DAY_MS + 1001) {
		struct buffer out = { 0 };
		int64_t back = -1;

		instant_add(&out, ms);
		cr_assert(instant_parse(out.data, &back), "%s", out.data);
		cr_assert_eq(back, ms, "%s", out.data);
		buffer_release(&out);
	}
}

Test(instant, before_1970_is_written_too)
{
	struct buffer out = { 0 };

	instant_add(&out, -1);
	cr_assert_str_eq(out.data, "1969-12-31T23:59:59.999Z");
	buffer_release(&out);
}

Test(http_date, has_weekday_month_and_leading_zeros)
{
	static const struct {
		int64_t ms;
		const char *text;
	} cases[] = {
		{ 0, "Thu, 01 Jan 1970 00:00:00 GMT" },
		{ 784111777000, "Sun, 06 Nov 1994 08:49:37 GMT" }, /* RFC 9110's own example */
		{ 1772461800999, "Mon, 02 Mar 2026 14:30:00 GMT" },
		{ 1709164800000, "Thu, 29 Feb 2024 00:00:00 GMT" },
		{ 1798761599000, "Thu, 31 Dec 2026 23:59:59 GMT" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buffer out = { 0 };

		http_date_add(&out, cases[i].ms);
		cr_expect_str_eq(out.data, cases[i].text);
		buffer_release(&out);
	}
}

/* ---- zones ---- */

static int64_t instant(const char *text)
{
	int64_t ms = 0;

	cr_assert(instant_parse(text, &ms), "%s", text);
	return ms;
}

Test(zone, is_found_by_its_exact_name)
{
	cr_expect_eq(zone_find("Europe/Berlin"), -1);
	cr_expect_eq(zone_find("america/new_york"), -1);
	cr_expect_eq(zone_find(""), -1);
	for (int zone = 0; zone_name(zone); zone++)
		cr_expect_eq(zone_find(zone_name(zone)), zone);
	cr_expect_null(zone_name(-1));
	cr_expect_null(zone_name(1000));
}

Test(zone, changes_its_clocks_to_the_millisecond)
{
	static const struct {
		const char *zone;
		const char *at; /* from here on … */
		int32_t before, after;
	} changes[] = {
		{ "America/New_York", "2026-03-08T07:00:00Z", -300, -240 }, /* second Sunday of March */
		{ "America/New_York", "2026-11-01T06:00:00Z", -240, -300 }, /* first Sunday of November */
		{ "America/New_York", "2027-03-14T07:00:00Z", -300, -240 }, /* as late as it can be */
		{ "America/New_York", "2027-11-07T06:00:00Z", -240, -300 },
		{ "America/New_York", "2015-03-08T07:00:00Z", -300, -240 }, /* March 1st is a Sunday itself */
		{ "America/Chicago", "2026-03-08T08:00:00Z", -360, -300 },
		{ "America/Chicago", "2026-11-01T07:00:00Z", -300, -360 },
		{ "Europe/Zurich", "2026-03-29T01:00:00Z", 60, 120 }, /* last Sundays, at one o'clock UTC everywhere */
		{ "Europe/Zurich", "2026-10-25T01:00:00Z", 120, 60 },
		{ "Europe/Zurich", "2024-03-31T01:00:00Z", 60, 120 }, /* March 31st is a Sunday itself */
		{ "Europe/London", "2026-03-29T01:00:00Z", 0, 60 },
		{ "Europe/London", "2027-10-31T01:00:00Z", 60, 0 },
	};

	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		const int zone = zone_find(changes[i].zone);
		const int64_t at = instant(changes[i].at);

		cr_expect_eq(zone_offset_minutes(zone, at - 1), changes[i].before, "%s before %s", changes[i].zone,
		             changes[i].at);
		cr_expect_eq(zone_offset_minutes(zone, at), changes[i].after, "%s at %s", changes[i].zone,
		             changes[i].at);
	}
}

Test(zone, without_daylight_saving_never_changes)
{
	for (int month = 0; month < 24; month++) {
		const int64_t ms = instant("2026-01-01T00:00:00Z") + month * 30 * DAY_MS;

		cr_expect_eq(zone_offset_minutes(zone_find("UTC"), ms), 0);
		cr_expect_eq(zone_offset_minutes(zone_find("Asia/Hong_Kong"), ms), 480);
		cr_expect_eq(zone_offset_minutes(zone_find("Asia/Tokyo"), ms), 540);
	}
}

Test(time_of_day, is_two_digits_twice)
{
	int32_t minute = -1;

	cr_expect(time_of_day_parse("00:00", &minute) && minute == 0);
	cr_expect(time_of_day_parse("09:05", &minute) && minute == 545);
	cr_expect(time_of_day_parse("23:59", &minute) && minute == 1439);
	minute = -1;
	cr_expect_not(time_of_day_parse("24:00", &minute));
	cr_expect_not(time_of_day_parse("23:60", &minute));
	cr_expect_not(time_of_day_parse("9:05", &minute));
	cr_expect_not(time_of_day_parse("09:05:00", &minute));
	cr_expect_not(time_of_day_parse("0905", &minute));
	cr_expect_not(time_of_day_parse("", &minute));
	cr_expect_eq(minute, -1);
}

Test(time_of_day, comes_next_on_the_clocks_of_its_zone)
{
	static const struct {
		const char *zone;
		const char *time;
		const char *after;
		const char *next;
	} cases[] = {
		{ "UTC", "00:00", "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z" }, /* now is not next */
		{ "UTC", "00:00", "2026-03-02T23:59:59.999Z", "2026-03-03T00:00:00Z" },
		{ "UTC", "12:00", "2026-12-31T12:00:00Z", "2027-01-01T12:00:00Z" },
		{ "America/New_York", "00:00", "2026-03-02T14:30:00Z", "2026-03-03T05:00:00Z" },
		{ "America/New_York", "23:59", "2026-03-03T04:58:59Z", "2026-03-03T04:59:00Z" },
		{ "Asia/Hong_Kong", "00:00", "2026-03-02T15:59:59Z", "2026-03-02T16:00:00Z" },
		{ "Asia/Tokyo", "08:00", "2026-03-02T22:59:59Z", "2026-03-02T23:00:00Z" },
		/* the day on which clocks go forward has 23 hours … */
		{ "America/New_York", "00:00", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z" },
		{ "America/New_York", "01:59", "2026-03-08T05:00:00Z", "2026-03-08T06:59:00Z" },
		{ "America/New_York", "03:00", "2026-03-08T05:00:00Z", "2026-03-08T07:00:00Z" },
		{ "Europe/Zurich", "00:00", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z" },
		/* … and a time that they skip comes as late as if they had not */
		{ "America/New_York", "02:30", "2026-03-08T05:00:00Z", "2026-03-08T07:30:00Z" },
		{ "Europe/London", "01:30", "2026-03-29T00:00:00Z", "2026-03-29T01:30:00Z" },
		{ "Europe/Zurich", "02:00", "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z" },
		/* the day on which they go back has 25 hours … */
		{ "America/New_York", "00:00", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z" },
		{ "America/New_York", "00:59", "2026-11-01T04:00:00Z", "2026-11-01T04:59:00Z" },
		{ "America/New_York", "02:00", "2026-11-01T04:00:00Z", "2026-11-01T07:00:00Z" },
		{ "Europe/Zurich", "03:00", "2026-10-24T22:00:00Z", "2026-10-25T02:00:00Z" },
		/* … and a time that they show twice counts once, the first time */
		{ "America/New_York", "01:30", "2026-11-01T04:00:00Z", "2026-11-01T05:30:00Z" },
		{ "America/New_York", "01:30", "2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z" },
		{ "Europe/London", "01:30", "2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z" },
		{ "Europe/Zurich", "02:30", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buffer out = { 0 };
		struct buffer wanted = { 0 };
		int32_t minute = 0;

		cr_assert(time_of_day_parse(cases[i].time, &minute));
		instant_add(&out, zone_next_time_of_day(zone_find(cases[i].zone), minute, instant(cases[i].after)));
		instant_add(&wanted, instant(cases[i].next));
		cr_expect_str_eq(out.data, wanted.data, "%s %s after %s: wanted %s, got %s", cases[i].zone,
		                 cases[i].time, cases[i].after, wanted.data, out.data);
		buffer_release(&out);
		buffer_release(&wanted);
	}
}

/* Whatever the clocks do: it lies ahead, at most a day of 25 hours, and there is one for each day. */
Test(time_of_day, comes_once_a_day_in_every_zone_all_year)
{
	const int64_t begin = instant("2026-01-01T12:07:00Z");

	for (int zone = 0; zone_name(zone); zone++) {
		for (int32_t minute = 0; minute < 24 * 60; minute += 15) {
			int64_t at = begin;
			int count = 0;

			while (at < begin + 365 * DAY_MS) {
				const int64_t next = zone_next_time_of_day(zone, minute, at);

				cr_assert(next > at && next <= at + 25 * HOUR_MS, "%s, minute %d", zone_name(zone),
				          minute);
				at = next;
				count++;
			}
			cr_assert_eq(count, 366, "%s, minute %d: %d", zone_name(zone), minute, count);
		}
	}
}
