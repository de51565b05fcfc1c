/*
 * Every maximum in one place. Whatever can grow, grows to one of these and no further; what happens then is
 * said beside each. Numbers that come from the real gateway name the section of docs/gateway.md they come from.
 */
#ifndef CPGW_CORE_LIMITS_H
#define CPGW_CORE_LIMITS_H

/* Scenario files and fixtures: a larger one is refused with its size. */
#define DOCUMENT_SIZE_MAX (1024 * 1024)
#define DOCUMENT_DEPTH_MAX 32
#define DOCUMENT_VALUES_MAX 20000
/* `extends` may go this deep: base, story, variation and one to spare. */
#define EXTENDS_DEPTH_MAX 8
/* Problems reported for one `check`; the rest are counted. */
#define PROBLEMS_MAX 100

/* One machine. States are bits of a uint64_t, which is what sets their number. */
#define STATES_MAX 64
#define REGIONS_MAX 8
#define EVENTS_MAX 128
#define ENDPOINTS_MAX 128
#define TIMERS_MAX 32
#define SETTINGS_MAX 96
#define RATE_LIMITS_MAX 64
#define CUES_MAX 256
#define ALIASES_MAX 8
#define REPLIES_MAX 256
#define NAME_LENGTH_MAX 64
#define PATH_LENGTH_MAX 512
#define SETTING_TEXT_MAX 256
/* A "10/s" rate keeps this many times. */
#define RATE_COUNT_MAX 32

/* A timer that repeats faster than this could make one long clock jump endless work. */
#define TIMER_PERIOD_MIN_MS 100
/* Longest duration that a scenario may name: ten years. */
#define DURATION_MAX_MS (3650LL * 24 * 3600 * 1000)

/* The real gateway's own limits (docs/gateway.md#http): beyond the first it answers 414, beyond the second 400. */
#define REQUEST_LINE_MAX 4096
#define REQUEST_HEADERS_MAX 8192
/* Body bytes that are kept for the machine to look at; the rest is read and dropped. Session calls carry < 100. */
#define REQUEST_BODY_KEPT_MAX 16384
/* A rendered reply, head and body. */
#define REPLY_SIZE_MAX (512 * 1024)


/* Journal records kept per gateway, unless --journal-size says otherwise; the oldest go first. At least one call's records are
 * always kept, for the log. */
#define JOURNAL_RECORDS_DEFAULT 4096
#define JOURNAL_RECORDS_MIN 256
#define JOURNAL_RECORDS_MAX (1024 * 1024)
/* Text kept for that many records, on the average; and of one request at the most. */
#define JOURNAL_TEXT_PER_RECORD 512
#define JOURNAL_TARGET_MAX 1024
#define JOURNAL_HEADERS_MAX 2048
#define JOURNAL_BODY_MAX 2048

/* Connections: beyond this the listener stops accepting until one ends. */
#define CONNECTIONS_MAX 16384
/* Gateways in one process. */
#define GATEWAYS_MAX 1024
/* Plaintext read from TLS in one go; one TLS record holds no more. */
#define READ_CHUNK_SIZE 16384
/* Answer bytes waiting for a client that does not read: more than one full reply never waits. */
#define LINK_BACKLOG_MAX (REPLY_SIZE_MAX + 64 * 1024)

#endif
