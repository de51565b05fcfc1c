/*
 * Every maximum in one place. Whatever can grow, grows to one of these and no further; what happens then is
 * said beside each. Numbers that come from the real gateway name the section of docs/gateway.md they come from.
 */
#ifndef CPGW_CORE_LIMITS_H
#define CPGW_CORE_LIMITS_H

/* Scenario files and fixtures: a larger one is refused, and how much larger it is, nobody looks. */
#define DOCUMENT_SIZE_MAX (1024 * 1024)
#define DOCUMENT_DEPTH_MAX 32
#define DOCUMENT_VALUES_MAX 20000
/* `extends` may go this deep: base, story, variation and one to spare. */
#define EXTENDS_DEPTH_MAX 8
/* Problems reported for one `check`; the rest are counted. */
#define PROBLEMS_MAX 100
/* Letters of one number in a file: 15 digits, a point and a fraction, and a double still has them all. */
#define NUMBER_LENGTH_MAX 24
/* Fixture packs that extend each other. */
#define PACKS_DEEP_MAX 4
/* What a buffer grows to when nobody has said less. */
#define BUFFER_SIZE_MAX (16U * 1024 * 1024)

/* One machine. States are bits of a uint64_t, which is what sets their number. */
#define STATES_MAX 64
#define REGIONS_MAX 8
#define EVENTS_MAX 128
#define ENDPOINTS_MAX 128
#define GROUPS_MAX 32
/* Names that states show. Each state has a place for every one of them. */
#define SHOWN_MAX 256
#define TIMERS_MAX 32
#define SETTINGS_MAX 96
#define RATE_LIMITS_MAX 64
#define CUES_MAX 256
#define ALIASES_MAX 8
#define REPLIES_MAX 256
/* Answers that one endpoint has in one state; ways out of a state for one event. */
#define ANSWERS_LIST_MAX 32
#define TRANSITIONS_LIST_MAX 255
/* Expectations about the client: bits of a uint64_t. */
#define EXPECTATIONS_MAX 64
/* Calls in one "order"; what one may count; calls that one may remember the times of, as "at_most" in a time must. */
#define EXPECTATION_ORDER_MAX 16
#define EXPECTATION_COUNT_MAX 1000000
#define EXPECTATION_WINDOW_MAX 256
/* Violations of one expectation that are kept with their words; further ones are counted. */
#define EXPECTATION_KEPT_MAX 4
/* What a client has met, one after the other, before it has met a failure of the catalogue. */
#define MET_STEPS_MAX 8
/* Forms: pairs that are looked at, and bytes of a value that are kept. Login pages send a handful, and nothing as long. */
#define FORM_PAIRS_MAX 64
#define FORM_VALUE_MAX 256
/* Who may log in; bytes of a user's name. */
#define ACCOUNTS_MAX 32
#define LOGIN_USER_MAX 64
/* Settings that choose between sets of shown values; sets of one; HTML and other files that make up one body. */
#define VARIANTS_MAX 8
#define VARIANT_SETS_MAX 16
#define BODY_FILES_MAX 16
/* Faults in force in one gateway; names of faults that were added to it while it ran; text of one that a fault puts into
 * an answer; headers that one fault changes. */
#define FAULTS_MAX 64
#define FAULT_NAMES_MAX 1024
#define FAULT_BODY_MAX (64 * 1024)
#define FAULT_CHANGES_MAX 32
/* Calls that can be foreseen of each fault. */
#define PLAN_REQUESTS_MAX 10000
#define NAME_LENGTH_MAX 64
#define PATH_LENGTH_MAX 512
#define SETTING_TEXT_MAX 256
/* Numbers in settings and seeds, and the negative: what a double, and so JSON, keeps whole. */
#define SETTING_NUMBER_MAX 999999999999999
/* A "10/s" rate keeps this many times. */
#define RATE_COUNT_MAX 32

/* A timer that repeats faster than this could make one long clock jump endless work. Whatever starts a timer again, it
 * fires no sooner than this after it last fired. */
#define TIMER_PERIOD_MIN_MS 100
/* How often one fires that counts, and the events that one has to choose from. */
#define TIMER_TIMES_MAX 1000
#define TIMER_EVENTS_MAX 8
/* Longest duration that a scenario may name: ten years. */
#define DURATION_MAX_MS (3650LL * 24 * 3600 * 1000)

/* Websockets of one gateway. What waits in one of them for a client that does not read, in frames and in bytes: what is
 * beyond that is dropped, and what is said again and again has half of it. */
#define STREAMS_MAX 8192
#define STREAM_BACKLOG_FRAMES_MAX 512
#define STREAM_BACKLOG_MAX (256 * 1024)
/* Subscriptions of one stream; scripts that go on in it at once, these included: further ones are dropped. */
#define STREAM_SUBSCRIPTIONS_MAX 128
#define STREAM_RUNS_MAX 192
/* Of a client's message, the topic's argument. */
#define STREAM_ARGUMENT_MAX 256
/* One frame: a scenario whose values could make a larger one is refused. */
#define STREAM_FRAME_MAX (64 * 1024)
/* In one scenario. */
#define FRAMES_MAX 128
#define STREAM_MODES_MAX 32
#define STREAM_REPEATS_MAX 8
#define STREAM_TOPICS_MAX 64
#define STREAM_SCRIPTS_MAX 64
#define STREAM_STEPS_MAX 64
#define STREAM_TIMES_MAX 100
#define STREAM_TOLD_MAX 16

/* One message of a websocket's client, in however many frames: beyond this the connection is closed with 1009. Sessions
 * and subscriptions are lines of text. */
#define WEBSOCKET_MESSAGE_MAX (64 * 1024)

/* The real gateway's own limits (docs/gateway.md#http): beyond the first it answers 414, beyond the second 400. */
#define REQUEST_LINE_MAX 4096
#define REQUEST_HEADERS_MAX 8192
/* Body bytes that are kept for the machine to look at; the rest is read and dropped. Session calls carry < 100. */
#define REQUEST_BODY_KEPT_MAX 16384
/* A rendered reply, head and body. One that some value of a setting could make larger is refused when it is loaded. */
#define REPLY_SIZE_MAX (512 * 1024)

/* Journal records kept per gateway, unless --journal-size says otherwise; the oldest go first. At least one call's records are
 * always kept, for the log. */
#define JOURNAL_RECORDS_DEFAULT 4096
#define JOURNAL_RECORDS_MIN 256
#define JOURNAL_RECORDS_MAX (1024 * 1024)
/* Bytes that the journal of a gateway takes which a test made for itself, unless somebody said how many records it is to
 * keep: more than 500 requests of a usual client. With them such a gateway stays below 64 KiB. */
#define JOURNAL_BYTES_OF_ADDED (54 * 1024)
/* Text kept for that many records, on the average; and of one request at the most. */
#define JOURNAL_TEXT_PER_RECORD 512
#define JOURNAL_TARGET_MAX 1024
#define JOURNAL_HEADERS_MAX 2048
#define JOURNAL_BODY_MAX 2048

/* Patterns that requests are held against: headers in one; patterns in one sequence. A text in one may be as long as what the
 * journal keeps of its kind: a longer one would never fit. */
#define QUERY_HEADERS_MAX 16
#define VERIFY_SEQUENCE_MAX 64
#define VERIFY_TIMES_MAX 1000000000
/* A report about what did not come; what is beyond it is left out. */
#define VERIFY_REPORT_MAX (64 * 1024)

/* Log lines that wait for who reads them, in bytes, some three thousand requests: beyond this they are dropped, and
 * counted. */
#define LOG_WAITING_MAX (256 * 1024)

/* "scaled:N": so many times as fast as the machine's clock. A day passes in less than a second. */
#define CLOCK_SCALE_MAX 100000

/* Things that happen in one go while somebody moves a gateway's clock; then others have their turn, some milliseconds later. */
#define CLOCK_STEPS_MAX 20000

/* Connections: beyond this the listener stops accepting until one ends. */
#define CONNECTIONS_MAX 16384
/* Gateways in one process. */
#define GATEWAYS_MAX 1024
/* Plaintext read from TLS in one go; one TLS record holds no more. */
#define READ_CHUNK_SIZE 16384
/* Answer bytes waiting for a client that does not read: more than one full reply never waits. */
#define LINK_BACKLOG_MAX (REPLY_SIZE_MAX + 64 * 1024)

/* The control API: bytes of one request's body; more is answered 413. As much as a scenario. */
#define CONTROL_BODY_MAX DOCUMENT_SIZE_MAX
/* Connections to it; then one that comes ends the one which has been quiet for longest. More than calls that wait. */
#define CONTROL_CONNECTIONS_MAX 512
/* Calls that wait at once, over all gateways; more are answered 429. */
#define CONTROL_WAITS_MAX 256
/* The longest wait, in real time. */
#define CONTROL_WAIT_MAX_MS (10 * 60 * 1000)
#define CONTROL_WAIT_DEFAULT_MS (30 * 1000)
/* Records in one answer; what is left out is counted. */
#define CONTROL_RECORDS_MAX 1000

#endif
