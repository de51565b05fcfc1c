/*
 * Time as people write it: durations ("90s", "5m30s"), instants (ISO 8601 with a zone), HTTP dates, and the time of
 * day in the three places where the brokerage resets its sessions. Inside, time is int64_t milliseconds since 1970.
 */
#ifndef CPGW_CORE_CALENDAR_H
#define CPGW_CORE_CALENDAR_H

#include "core/buffer.h"

#include <stdbool.h>
#include <stdint.h>

/* "250ms", "90s", "5m", "1h30m", "2d"; whole numbers, units falling, at most DURATION_MAX_MS. False otherwise. */
bool duration_parse(const char *text, int64_t *ms);

/* Such a text, each unit as often as it goes: 90000 is "1m30s", 0 is "0s". `ms` is not negative. */
void duration_add(struct buffer *out, int64_t ms);

/* "2026-03-02T09:30:00-05:00", "2026-03-02T14:30:00.250Z": date, time to the second or a fraction of it, zone. */
bool instant_parse(const char *text, int64_t *ms);

/* "2026-03-02T14:30:00.250Z" */
void instant_add(struct buffer *out, int64_t ms);

/* RFC 9110 section 5.6.7: "Mon, 02 Mar 2026 14:30:00 GMT" */
void http_date_add(struct buffer *out, int64_t ms);

/* Zones by name ("America/New_York"), with their daylight-saving rules; "UTC" as well. INDEX_NONE-like -1 if unknown.
 * The rules are today's: the United States' since 2007, the European Union's since 1996. */
int zone_find(const char *name);
const char *zone_name(int zone); /* NULL past the last */
int32_t zone_offset_minutes(int zone, int64_t ms);

/* "HH:MM" as minutes since midnight. */
bool time_of_day_parse(const char *text, int32_t *minute);

/* The next time after `ms` that it is `minute` of the day in `zone`, once a day: the first time where clocks that are put
 * back show it twice; as long after midnight as ever where clocks that are put forward never show it. */
int64_t zone_next_time_of_day(int zone, int32_t minute, int64_t ms);

#endif
