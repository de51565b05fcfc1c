#include "core/calendar.h"

#include "core/limits.h"

#include <string.h>

#define MS_PER_MINUTE 60000LL
#define MS_PER_HOUR 3600000LL
#define MS_PER_DAY 86400000LL

/* ---- durations ---- */

static const struct {
	const char *name;
	int64_t ms;
} units[] = { { "d", MS_PER_DAY }, { "h", MS_PER_HOUR }, { "m", MS_PER_MINUTE }, { "s", 1000 }, { "ms", 1 } };

#define UNIT_COUNT ((int)(sizeof units / sizeof *units))

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool duration_parse(const char *text, int64_t *ms)
{
	int64_t total = 0;
	int next_unit = 0;

	if (!is_digit(*text))
		return false;
	while (*text) {
		int64_t number = 0;
		size_t letters = 0;
		int unit;

		if (!is_digit(*text))
			return false;
		for (; is_digit(*text); text++) {
			number = number * 10 + (*text - '0');
			if (number > DURATION_MAX_MS)
				return false;
		}
		while (text[letters] >= 'a' && text[letters] <= 'z')
			letters++;
		for (unit = next_unit; unit < UNIT_COUNT; unit++)
			if (strlen(units[unit].name) == letters && memcmp(units[unit].name, text, letters) == 0)
				break;
		if (unit == UNIT_COUNT || number > DURATION_MAX_MS / units[unit].ms)
			return false;
		total += number * units[unit].ms;
		if (total > DURATION_MAX_MS)
			return false;
		next_unit = unit + 1;
		text += letters;
	}
	*ms = total;
	return true;
}

void duration_add(struct buffer *out, int64_t ms)
{
	if (ms == 0) {
		buffer_add_text(out, "0s");
		return;
	}
	for (int unit = 0; unit < UNIT_COUNT; unit++) {
		if (ms < units[unit].ms)
			continue;
		buffer_add_int(out, ms / units[unit].ms);
		buffer_add_text(out, units[unit].name);
		ms %= units[unit].ms;
	}
}

/* ---- dates: the proleptic Gregorian calendar, days counted from 1970-01-01 ---- */

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static bool is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int64_t year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Days from 1970-01-01 to January 1st of a year. */
static int64_t days_before_year(int64_t year)
{
	const int64_t last = year - 1;
	const int64_t since_year_1 = last * 365 + floor_div(last, 4) - floor_div(last, 100) + floor_div(last, 400);
	return since_year_1 - 719162; /* days before 1970 */
}

static int64_t days_of_date(int64_t year, int month, int day)
{
	int64_t days = days_before_year(year) + day - 1;

	for (int m = 1; m < month; m++)
		days += days_in_month(year, m);
	return days;
}

struct date {
	int64_t year;
	int month, day;
	int weekday; /* 0 is Sunday */
	int hour, minute, second, millisecond;
};

static struct date date_of(int64_t ms)
{
	struct date date = { 0 };
	const int64_t days = floor_div(ms, MS_PER_DAY);
	const int64_t rest = ms - days * MS_PER_DAY;
	int64_t left;

	date.year = 1970 + floor_div(days * 400, 146097);
	while (days_before_year(date.year) > days)
		date.year--;
	while (days_before_year(date.year + 1) <= days)
		date.year++;
	left = days - days_before_year(date.year);
	for (date.month = 1; left >= days_in_month(date.year, date.month); date.month++)
		left -= days_in_month(date.year, date.month);
	date.day = (int)left + 1;
	date.weekday = (int)(((days + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
	date.hour = (int)(rest / MS_PER_HOUR);
	date.minute = (int)(rest / MS_PER_MINUTE % 60);
	date.second = (int)(rest / 1000 % 60);
	date.millisecond = (int)(rest % 1000);
	return date;
}

/* Reads exactly `width` digits and moves on. */
static bool take_number(const char **text, int width, int *number)
{
	int result = 0;

	for (int i = 0; i < width; i++) {
		if (!is_digit(**text))
			return false;
		result = result * 10 + (*(*text)++ - '0');
	}
	*number = result;
	return true;
}

static bool take_char(const char **text, char c)
{
	if (**text != c)
		return false;
	(*text)++;
	return true;
}

/* Of a second, one to nine digits: clients' libraries write micro- or nanoseconds. What is less than a millisecond goes. */
static bool take_fraction(const char **text, int *millisecond)
{
	int weight = 100;
	int digits = 0;

	for (; is_digit(**text); (*text)++, digits++) {
		*millisecond += weight * (**text - '0');
		weight /= 10;
	}
	return digits >= 1 && digits <= 9;
}

bool instant_parse(const char *text, int64_t *ms)
{
	int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, millisecond = 0;
	int zone_hour = 0, zone_minute = 0;
	int64_t result;

	if (!take_number(&text, 4, &year) || !take_char(&text, '-') || !take_number(&text, 2, &month) ||
	    !take_char(&text, '-') || !take_number(&text, 2, &day) || !take_char(&text, 'T') ||
	    !take_number(&text, 2, &hour) || !take_char(&text, ':') || !take_number(&text, 2, &minute) ||
	    !take_char(&text, ':') || !take_number(&text, 2, &second))
		return false;
	if (take_char(&text, '.') && !take_fraction(&text, &millisecond))
		return false;
	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) || hour > 23 ||
	    minute > 59 || second > 59)
		return false;
	result = days_of_date(year, month, day) * MS_PER_DAY + hour * MS_PER_HOUR + minute * MS_PER_MINUTE +
	         second * 1000LL + millisecond;
	if (*text == 'Z') {
		text++;
	} else {
		const char sign = *text++;

		if ((sign != '+' && sign != '-') || !take_number(&text, 2, &zone_hour) || !take_char(&text, ':') ||
		    !take_number(&text, 2, &zone_minute) || zone_hour > 14 || zone_minute > 59)
			return false;
		result -= (sign == '-' ? -1 : 1) * (zone_hour * MS_PER_HOUR + zone_minute * MS_PER_MINUTE);
	}
	if (*text || result < 0)
		return false;
	*ms = result;
	return true;
}

static void put_digits(char *at, int width, int64_t number)
{
	for (int i = width - 1; i >= 0; i--) {
		at[i] = (char)('0' + number % 10);
		number /= 10;
	}
}

void instant_add(struct buffer *out, int64_t ms)
{
	const struct date date = date_of(ms);
	char text[] = "0000-00-00T00:00:00.000Z";

	put_digits(text, 4, date.year);
	put_digits(text + 5, 2, date.month);
	put_digits(text + 8, 2, date.day);
	put_digits(text + 11, 2, date.hour);
	put_digits(text + 14, 2, date.minute);
	put_digits(text + 17, 2, date.second);
	put_digits(text + 20, 3, date.millisecond);
	buffer_add(out, text, sizeof text - 1);
}

void http_date_add(struct buffer *out, int64_t ms)
{
	static const char weekdays[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const struct date date = date_of(ms);
	char text[] = "Sun, 00 Jan 0000 00:00:00 GMT";

	memcpy(text, weekdays + date.weekday * 3, 3);
	put_digits(text + 5, 2, date.day);
	memcpy(text + 8, months + (date.month - 1) * 3, 3);
	put_digits(text + 12, 4, date.year);
	put_digits(text + 17, 2, date.hour);
	put_digits(text + 20, 2, date.minute);
	put_digits(text + 23, 2, date.second);
	buffer_add(out, text, sizeof text - 1);
}

/* ---- zones ---- */

enum daylight_rule { DAYLIGHT_NONE, DAYLIGHT_US, DAYLIGHT_EU };

static const struct {
	const char *name;
	int32_t offset_minutes; /* in winter */
	enum daylight_rule rule;
} zones[] = {
	{ "UTC", 0, DAYLIGHT_NONE },
	{ "America/New_York", -5 * 60, DAYLIGHT_US },
	{ "America/Chicago", -6 * 60, DAYLIGHT_US },
	{ "Europe/London", 0, DAYLIGHT_EU },
	{ "Europe/Zurich", 60, DAYLIGHT_EU },
	{ "Asia/Hong_Kong", 8 * 60, DAYLIGHT_NONE },
	{ "Asia/Tokyo", 9 * 60, DAYLIGHT_NONE },
};

#define ZONE_COUNT ((int)(sizeof zones / sizeof *zones))

int zone_find(const char *name)
{
	for (int i = 0; i < ZONE_COUNT; i++)
		if (strcmp(zones[i].name, name) == 0)
			return i;
	return -1;
}

const char *zone_name(int zone)
{
	return zone >= 0 && zone < ZONE_COUNT ? zones[zone].name : NULL;
}

/* Day number of the nth Sunday of a month; n counts from 1, or from the end when negative. */
static int64_t sunday(int64_t year, int month, int n)
{
	const int64_t first = days_of_date(year, month, 1);
	const int64_t last = first + days_in_month(year, month) - 1;
	const int64_t first_sunday = first + (7 - ((first + 4) % 7 + 7) % 7) % 7;
	const int64_t last_sunday = last - ((last + 4) % 7 + 7) % 7;

	return n > 0 ? first_sunday + (n - 1) * 7 : last_sunday + (n + 1) * 7;
}

int32_t zone_offset_minutes(int zone, int64_t ms)
{
	const int64_t year = date_of(ms).year;
	const int32_t winter = zones[zone].offset_minutes;
	int64_t begins = 0;
	int64_t ends = 0;

	switch (zones[zone].rule) {
	case DAYLIGHT_NONE:
		return winter;
	case DAYLIGHT_US: /* 02:00 local time, second Sunday of March to first Sunday of November */
		begins = sunday(year, 3, 2) * MS_PER_DAY + 2 * MS_PER_HOUR - winter * MS_PER_MINUTE;
		ends = sunday(year, 11, 1) * MS_PER_DAY + 1 * MS_PER_HOUR - winter * MS_PER_MINUTE;
		break;
	case DAYLIGHT_EU: /* 01:00 UTC, last Sunday of March to last Sunday of October */
		begins = sunday(year, 3, -1) * MS_PER_DAY + MS_PER_HOUR;
		ends = sunday(year, 10, -1) * MS_PER_DAY + MS_PER_HOUR;
		break;
	}
	return ms >= begins && ms < ends ? winter + 60 : winter;
}

bool time_of_day_parse(const char *text, int32_t *minute)
{
	int hour = 0;
	int rest = 0;

	if (!take_number(&text, 2, &hour) || !take_char(&text, ':') || !take_number(&text, 2, &rest) || *text ||
	    hour > 23 || rest > 59)
		return false;
	*minute = hour * 60 + rest;
	return true;
}

int64_t zone_next_time_of_day(int zone, int32_t minute, int64_t ms)
{
	const int64_t local = ms + zone_offset_minutes(zone, ms) * MS_PER_MINUTE;
	int64_t day = floor_div(local, MS_PER_DAY);

	/* The offset is that of an hour before: of what clocks show twice it gives the first, and what they skip comes
	 * as if they had not been put forward yet. Today's may have passed. */
	for (;; day++) {
		const int64_t wanted = day * MS_PER_DAY + minute * MS_PER_MINUTE;
		const int64_t guess = wanted - zones[zone].offset_minutes * MS_PER_MINUTE;
		const int64_t at = wanted - zone_offset_minutes(zone, guess - MS_PER_HOUR) * MS_PER_MINUTE;

		if (at > ms)
			return at;
	}
}
