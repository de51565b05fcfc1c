/* Why: the log is read by people in a hurry and by programs, and neither a reader who sleeps nor one who leaves may stop
 * the gateway or make it keep quiet about what was lost. */
#include "cli/log.h"

#include "core/json.h"
#include "support/small_machine.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define START_MS 1772461800000LL /* 2026-03-02T14:30:00Z */

static struct machine machine;
static struct gateway gateway;
static struct entry entry;
static struct log logger;
static int ends[2];

static void begin_with(const char *scenario, enum output_format format, bool verbose)
{
	struct error error = { 0 };

	signal(SIGPIPE, SIG_IGN);
	machine = small_machine_load(scenario);
	cr_assert(emulator_init(&gateway.emulator,
	                        &(struct emulator_options){ .machine = &machine,
	                                                    .seed = 1,
	                                                    .start_ms = START_MS,
	                                                    .journal_size = JOURNAL_RECORDS_DEFAULT },
	                        &error),
	          "%s", error.text);
	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	cr_assert(log_init(&logger, ends[1], format, verbose, &error), "%s", error.text);
	entry = (struct entry){ .name = "default", .gateway = &gateway };
}

/* As the registry tells it. */
static void follow(void)
{
	const struct journal *journal = &gateway.emulator.journal;

	for (; entry.followed < journal->written; entry.followed++)
		logger.follower.record(&logger.follower, &entry, entry.followed, journal_at(journal, entry.followed));
}

static void end(void)
{
	log_release(&logger);
	close(ends[1]);
	if (ends[0] >= 0)
		close(ends[0]);
	emulator_release(&gateway.emulator);
	machine_release(&machine);
}

/* What an event would make of one loop turn: time, a request, the observer. */
static void request_bytes(int64_t after_ms, enum http_method method, const char *target, size_t length)
{
	const struct request request = {
		.method = method,
		.method_text = method_name(method),
		.target = { .at = target, .length = length },
		.body = span_of(""),
		.peer = "127.0.0.1",
		.has_user_agent = true,
		.has_content_length = true,
	};
	struct reply reply = { 0 };

	emulator_advance(&gateway.emulator, START_MS + after_ms);
	emulator_handle(&gateway.emulator, &request, &reply);
	reply_release(&reply);
	follow();
}

static void request(int64_t after_ms, enum http_method method, const char *target)
{
	request_bytes(after_ms, method, target, strlen(target));
}

/* All that the log has written until now. */
static struct buffer read_log(void)
{
	struct buffer text = { 0 };
	char bytes[4096];
	ssize_t got;

	log_flush(&logger);
	cr_assert_eq(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	buffer_add_text(&text, "");
	while ((got = read(ends[0], bytes, sizeof bytes)) > 0)
		buffer_add(&text, bytes, (size_t)got);
	return text;
}

static void logged(const char *expected)
{
	struct buffer text = read_log();

	cr_assert_str_eq(text.data, expected);
	buffer_release(&text);
}

/* ---- lines for people ---- */

Test(cli_log, a_request_is_one_line_with_the_state_or_both_states)
{
	begin_with(NULL, FORMAT_TEXT, false);
	request(0, METHOD_GET, "/api/status?a=b");
	request(5120, METHOD_GET, "/sso/login");
	request(6000, METHOD_GET, "/api/status");
	logged("2026-03-02T14:30:00.000Z GET /api/status?a=b out 401\n"
	       "2026-03-02T14:30:05.120Z GET /sso/login out -> in 200\n"
	       "2026-03-02T14:30:06.000Z GET /api/status in 200\n");
	end();
}

Test(cli_log, an_answer_that_is_held_says_how_long_and_one_that_never_comes_says_so)
{
	begin_with("{ 'extends': 'gateway', 'initial': ['in', 'ill'],\n"
	           "  'endpoints': { 'front': { 'path': '/', 'answer': { 'reply': 'page', 'after': '1m30s' } } } }",
	           FORMAT_TEXT, false);
	request(0, METHOD_GET, "/");
	request(0, METHOD_GET, "/api/status");
	request(0, METHOD_GET, "%%");
	logged("2026-03-02T14:30:00.000Z GET / in+ill 200 after 1m30s\n"
	       "2026-03-02T14:30:00.000Z GET /api/status in+ill never\n"
	       "2026-03-02T14:30:00.000Z GET %% in+ill never\n");
	end();
}

Test(cli_log, what_a_client_sends_cannot_make_a_line_of_its_own)
{
	static const char target[] = "/a\n2026 b\x1b[2J\\c\xc3\xa4\x7f\0d";

	begin_with(NULL, FORMAT_TEXT, false);
	request_bytes(0, METHOD_GET, target, sizeof target - 1);
	logged("2026-03-02T14:30:00.000Z GET /a\\x0a2026\\x20b\\x1b[2J\\x5cc\\xc3\\xa4\\x7f\\x00d out 404\n");
	end();
}

Test(cli_log, a_long_target_is_cut)
{
	char target[JOURNAL_TARGET_MAX + 2];
	char expected[JOURNAL_TARGET_MAX + 64];

	begin_with(NULL, FORMAT_TEXT, false);
	memset(target, 'a', sizeof target);
	target[0] = '/';
	request_bytes(0, METHOD_GET, target, JOURNAL_TARGET_MAX);
	request_bytes(0, METHOD_GET, target, JOURNAL_TARGET_MAX + 1);
	snprintf(expected, sizeof expected, " GET %.*s out 404\n", JOURNAL_TARGET_MAX, target);
	struct buffer text = read_log();
	cr_assert_not_null(strstr(text.data, expected), "%s", text.data);
	snprintf(expected, sizeof expected, " GET %.*s… out 404\n", JOURNAL_TARGET_MAX, target);
	cr_assert_not_null(strstr(text.data, expected), "%s", text.data);
	buffer_release(&text);
	end();
}

Test(cli_log, verbose_tells_everything_else_that_happens)
{
	begin_with("{ 'extends': 'gateway', 'initial': ['in', 'well'], 'timers': { 'beat': null },\n"
	           "  'timeline': [{ 'at': '1m', 'event': 'fall_ill' }, { 'at': '2m', 'enter': 'well' },\n"
	           "               { 'at': '3m', 'set': { 'who': 'nobody' } }] }",
	           FORMAT_TEXT, true);
	emulator_advance(&gateway.emulator, START_MS + 5 * 60000);
	follow();
	logged("2026-03-02T14:31:00.000Z cue fall_ill\n"
	       "2026-03-02T14:31:00.000Z transition fall_ill in -> in+ill\n"
	       "2026-03-02T14:32:00.000Z cue well in+ill -> in\n"
	       "2026-03-02T14:33:00.000Z cue who\n"
	       "2026-03-02T14:35:00.000Z timer idle\n"
	       "2026-03-02T14:35:00.000Z transition went_idle in -> out\n");
	end();
}

Test(cli_log, without_it_only_requests_are_told)
{
	begin_with("{ 'extends': 'gateway', 'initial': ['in', 'well'] }", FORMAT_TEXT, false);
	emulator_advance(&gateway.emulator, START_MS + 5 * 60000);
	follow();
	request(5 * 60000, METHOD_GET, "/");
	logged("2026-03-02T14:35:00.000Z GET / out 200\n");
	end();
}

/* ---- lines for programs ---- */

Test(cli_log, json_is_one_object_a_line)
{
	begin_with("{ 'extends': 'gateway', 'initial': ['out', 'ill'] }", FORMAT_JSON, true);
	request(0, METHOD_GET, "/sso/\"\\\n");
	request(0, METHOD_GET, "/api/status");
	logged("{\"id\":1,\"time\":\"2026-03-02T14:30:00.000Z\",\"wall_time\":null,\"kind\":\"transition\",\"name\":"
	       "\"login\",\"before\":\"out+ill\","
	       "\"after\":\"in+ill\"}\n"
	       "{\"id\":2,\"time\":\"2026-03-02T14:30:00.000Z\",\"wall_time\":null,\"kind\":\"request\",\"method\":"
	       "\"GET\","
	       "\"target\":\"/sso/"
	       "\\\"\\\\x5c\\\\x0a\",\"cut\":false,\"endpoint\":\"login\",\"matched\":true,\"before\":\"out+ill\","
	       "\"after\":\"in+ill\",\"status\":200,\"delay_ms\":0}\n"
	       "{\"id\":3,\"time\":\"2026-03-02T14:30:00.000Z\",\"wall_time\":null,\"kind\":\"request\",\"method\":"
	       "\"GET\","
	       "\"target\":\"/api/"
	       "status\",\"cut\":false,\"endpoint\":\"status\",\"matched\":true,\"before\":\"in+ill\",\"after\":\"in+"
	       "ill\",\"status\":null,"
	       "\"delay_ms\":null}\n");
	end();
}

Test(cli_log, json_can_be_read_whatever_a_client_sends)
{
	char every_byte[256];

	begin_with(NULL, FORMAT_JSON, true);
	for (size_t i = 0; i < sizeof every_byte; i++)
		every_byte[i] = (char)i;
	for (size_t i = 0; i < sizeof every_byte; i += 64) {
		struct json_places places = { 0 };
		struct problems problems = { 0 };
		struct buffer text;
		cJSON *tree;

		request_bytes(0, METHOD_OTHER, every_byte + i, 64);
		text = read_log();
		tree = json_read(&places, "log", text.data, text.length, &problems);
		cr_assert_not_null(tree, "%s", text.data);
		json_places_release(&places);
		problems_release(&problems);
		buffer_release(&text);
	}
	end();
}

/* ---- several gateways ---- */

Test(cli_log, lines_of_other_gateways_than_the_first_say_whose_they_are)
{
	begin_with(NULL, FORMAT_TEXT, false);
	request(0, METHOD_GET, "/");
	entry.name = "other";
	entry.ordinal = 1;
	request(5, METHOD_GET, "/a[b]");
	entry.ordinal = 0;
	request(6, METHOD_GET, "/");
	logged("2026-03-02T14:30:00.000Z GET / out 200\n"
	       "2026-03-02T14:30:00.005Z [other] GET /a[b] out 404\n"
	       "2026-03-02T14:30:00.006Z GET / out 200\n");
	end();
}

static void begins(const struct buffer *text, const char *start)
{
	cr_assert_eq(strncmp(text->data, start, strlen(start)), 0, "%s", text->data);
}

Test(cli_log, as_json_too)
{
	struct buffer text;

	begin_with(NULL, FORMAT_JSON, false);
	entry = (struct entry){ .name = "other", .gateway = &gateway, .ordinal = 1 };
	request(0, METHOD_GET, "/");
	text = read_log();
	begins(&text, "{\"gateway\":\"other\",\"id\":1,\"time\":\"2026-03-02T14:30:00.000Z\",");
	buffer_release(&text);
	logger.names_first = true;
	entry.ordinal = 0;
	request(0, METHOD_GET, "/");
	text = read_log();
	begins(&text, "{\"gateway\":\"other\",\"id\":2,");
	buffer_release(&text);
	end();
}

/* ---- what no one asks for and everyone should know ---- */

Test(cli_log, what_is_wrong_with_a_client_is_told_without_being_verbose)
{
	begin_with(NULL, FORMAT_TEXT, false);
	emulator_note(&gateway.emulator, RECORD_CONNECTION, "handshake", "client does not trust the CA");
	emulator_note(&gateway.emulator, RECORD_CLOCK, "advance", "by 5m");
	follow();
	logged("2026-03-02T14:30:00.000Z connection handshake: client does not trust the CA\n");
	end();
}

Test(cli_log, a_sentence_about_no_record)
{
	begin_with(NULL, FORMAT_TEXT, false);
	log_say(&logger, START_MS + 7, "cannot write \"x\"");
	logged("cpgw-mock: cannot write \"x\"\n");
	logger.format = FORMAT_JSON;
	log_say(&logger, START_MS + 7, "cannot write \"x\"");
	logged("{\"time\":\"2026-03-02T14:30:00.007Z\",\"kind\":\"problem\",\"text\":\"cannot write \\\"x\\\"\"}\n");
	end();
}

/* ---- what is lost ---- */

Test(cli_log, records_that_were_overwritten_are_counted)
{
	begin_with(NULL, FORMAT_TEXT, false);
	request(44, METHOD_GET, "/");
	entry.followed = 0;
	buffer_clear(&logger.waiting);
	logger.follower.missed(&logger.follower, &entry, 43);
	follow();
	logged("2026-03-02T14:30:00.044Z lost records: 43 (the journal had no room)\n"
	       "2026-03-02T14:30:00.044Z GET / out 200\n");
	end();
}

Test(cli_log, a_reader_who_sleeps_stops_nobody_and_is_told_what_was_dropped)
{
	const int many = 20000;
	size_t lines = 0;
	unsigned dropped = 0;

	begin_with(NULL, FORMAT_TEXT, false);
	for (int i = 0; i < many; i++) {
		request(i, METHOD_GET, "/");
		log_flush(&logger);
		cr_assert_leq(logger.waiting.length, LOG_WAITING_MAX);
	}
	for (int last = 0; last < 2; last++) {
		struct buffer text = { 0 };

		/* The reader wakes up. */
		for (bool more = true; more;) {
			struct buffer part = read_log();

			more = part.length > 0;
			buffer_add(&text, part.data, part.length);
			buffer_release(&part);
		}
		for (const char *at = strchr(text.data, '\n'); at; at = strchr(at + 1, '\n'))
			lines++;
		if (last == 0) {
			cr_assert_null(strstr(text.data, "lost"), "nothing says so yet: nothing came after it");
			request(many, METHOD_GET, "/");
		} else {
			cr_assert_eq(
			    sscanf(text.data, "2026-03-02T14:30:20.000Z lost lines: %u (nobody read them)\n", &dropped),
			    1, "%s", text.data);
			cr_assert_not_null(strstr(text.data, "them)\n2026-03-02T14:30:20.000Z GET / out 200\n"), "%s",
			                   text.data);
		}
		buffer_release(&text);
	}
	cr_assert_gt(dropped, 0);
	cr_assert_eq(lines + dropped, (size_t)many + 2, "every line was written or counted");
	end();
}

Test(cli_log, a_reader_who_has_left_is_no_reason_to_stop)
{
	begin_with(NULL, FORMAT_TEXT, false);
	close(ends[0]);
	ends[0] = -1;
	for (int i = 0; i < 20000; i++) {
		request(i, METHOD_GET, "/");
		log_flush(&logger);
		cr_assert_leq(logger.waiting.length, LOG_WAITING_MAX);
	}
	cr_assert_gt(logger.dropped, 0);
	end();
}

Test(cli_log, a_full_disk_is_no_reason_either_and_what_could_not_be_written_is_later)
{
	const int full = open("/dev/full", O_WRONLY);

	if (full < 0)
		cr_skip("there is no /dev/full here");
	begin_with(NULL, FORMAT_TEXT, false);
	logger.fd = full;
	request(0, METHOD_GET, "/");
	log_flush(&logger);
	request(1, METHOD_GET, "/");
	log_flush(&logger);
	logger.fd = ends[1];
	logged("2026-03-02T14:30:00.000Z GET / out 200\n2026-03-02T14:30:00.001Z GET / out 200\n");
	close(full);
	end();
}

static int failures;
static int failure;

static void count_failure(struct log *log, int reason)
{
	(void)log;
	failures++;
	failure = reason;
}

Test(cli_log, what_cannot_be_written_is_told_once_until_it_can_be)
{
	const int full = open("/dev/full", O_WRONLY);

	if (full < 0)
		cr_skip("there is no /dev/full here");
	begin_with(NULL, FORMAT_TEXT, false);
	logger.failed = count_failure;
	for (int i = 1; i <= 2; i++) {
		logger.fd = full;
		for (int j = 0; j < 3; j++) {
			request(0, METHOD_GET, "/");
			log_flush(&logger);
		}
		cr_assert_eq(failures, i);
		cr_assert_eq(failure, ENOSPC);
		logger.fd = ends[1];
		log_flush(&logger);
	}
	close(full);
	end();
}

Test(cli_log, release_works_on_what_was_never_begun)
{
	struct log nothing = { 0 };

	log_release(&nothing);
}
