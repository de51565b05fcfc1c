/*
 * Any bytes as what the control API is asked for: a pattern, a verification or a sequence as JSON, or a pattern as the query of
 * a URL; the first letter says which ("p", "v", "s", "u"). What is accepted is held against a journal that has one of
 * everything in it. After "n" comes a target that a client asks for, whose near misses are looked for.
 */
#include "support/check.h"

#include "core/near_miss.h"
#include "core/query_text.h"
#include "core/stream.h"
#include "core/verify.h"
#include "support/base_gateway.h"

#include <string.h>

/* One that says something, is told something, and goes. */
static void open_stream(struct base_gateway *gateway, int i)
{
	static const char *const messages[] = { "tic", "smd+1+{}", "{\"session\":\"x\"}", "\x01\xff", "", "ech+hb" };
	const struct request request = { .target = span_of("/v1/api/ws?a=1"),
		                         .headers = span_of(""),
		                         .body = span_of("") };
	struct stream *stream = stream_open(&gateway->emulator, &request, NULL);
	struct stream_frame frame;

	CHECK(stream);
	for (size_t each = 0; each < sizeof messages / sizeof *messages; each++)
		stream_message(&gateway->emulator, stream, true, span_of(messages[each]));
	emulator_advance(&gateway->emulator, gateway->emulator.now_ms + 30000);
	while (stream_next(stream, &frame))
		;
	stream_closed(&gateway->emulator, stream, i % 2 ? 1000 : 0, i % 3 ? "a test" : "");
}

/* The gateway that all inputs share: nothing here changes it. */
static const struct base_gateway *shared_gateway(void)
{
	static struct base_gateway gateway;

	if (gateway.machine.arena)
		return &gateway;
	base_gateway_start(&gateway, "gateway", JOURNAL_RECORDS_MIN);
	for (int i = 0; i < 20; i++) {
		base_gateway_ask(&gateway, "GET", "/v1/api/tickle?a=1", NULL, NULL);
		base_gateway_ask(&gateway, "POST", "/v1/api/iserver/auth/ssodh/init",
		                 "Cookie: a=b\r\nContent-Length: 9\r\n",
		                 "{\"publish\":true,\"compete\":[1,{\"a\":null}]}");
		base_gateway_ask(&gateway, "PATCH", "/tickle\x01\xff", NULL, "\xff");
		base_gateway_ask(&gateway, "GET", "/v1/api/%zz", NULL, NULL);
		emulator_note(&gateway.emulator, RECORD_CONNECTION, "plain_http", "plain HTTP on the TLS port");
		base_gateway_raise(&gateway, i % 2 ? "logout" : "login");
		base_gateway_ask(&gateway, "POST", "/sso/Dispatcher", NULL, "user_name=any\"&password=secret");
		open_stream(&gateway, i);
	}
	return &gateway;
}

static void check_record(const struct query *query, const struct emulator *emulator, const struct record *record)
{
	struct buffer words = { 0 };
	const size_t count = query_explain(query, emulator, record, &words);

	CHECK(count == query_explain(query, emulator, record, NULL));
	CHECK((count == 0) == query_matches(query, emulator, record));
	CHECK((count == 0) == (words.length == 0));
	CHECK(count > 0 || record->kind == query->about);
	for (size_t i = 0; i < words.length; i++)
		CHECK((unsigned char)words.data[i] >= ' ' && words.data[i] != 0x7f);
	buffer_release(&words);
}

static void run_query(const struct base_gateway *gateway, const struct query *query)
{
	const struct journal *journal = &gateway->emulator.journal;

	for (uint64_t index = query_first(query, journal); index < journal->written; index++) {
		const struct record *record = journal_at(journal, index);

		if (!record)
			continue;
		check_record(query, &gateway->emulator, record);
	}
}

static void check_report(bool passed, struct buffer *report)
{
	CHECK(passed == (report->length == 0));
	CHECK(report->length <= VERIFY_REPORT_MAX + 100);
	buffer_release(report);
}

static void run(char kind, const struct reader *reader, const cJSON *tree)
{
	static struct verify_sequence sequence;
	const struct base_gateway *gateway = shared_gateway();
	struct buffer report = { 0 };
	struct verify verify;
	struct query query;

	if (kind == 'v') {
		if (verify_read(reader, &gateway->machine, tree, &verify))
			check_report(verify_run(&verify, &gateway->emulator, &report), &report);
	} else if (kind == 's') {
		if (verify_sequence_read(reader, &gateway->machine, tree, &sequence))
			check_report(verify_sequence_run(&sequence, &gateway->emulator, &report), &report);
	} else if (query_read(reader, &gateway->machine, tree, &query)) {
		run_query(gateway, &query);
	}
}

static void run_target(const char *target)
{
	static struct base_gateway gateway;
	struct buffer out = { 0 };

	if (!gateway.machine.arena)
		base_gateway_start(&gateway, "gateway", JOURNAL_RECORDS_MIN);
	for (int method = 0; method < METHOD_COUNT; method++) {
		struct near_miss misses[NEAR_MISSES_MAX];
		const struct record *record =
		    base_gateway_ask(&gateway, method_name((enum http_method)method), target, NULL, NULL);
		const size_t count = near_misses(&gateway.emulator, record, misses);
		cJSON *tree;

		CHECK((count == 0) == record->matched);
		for (size_t i = 0; i < count; i++)
			for (const char *at = misses[i].text; *at; at++)
				CHECK(*at >= ' ' && *at <= '~');
		buffer_clear(&out);
		near_miss_add_json(&gateway.emulator, 0, record, &out);
		tree = cJSON_Parse(out.data);
		CHECK(tree);
		cJSON_Delete(tree);
	}
	buffer_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const others[] = { "limit", NULL };
	struct json_places places = { 0 };
	struct problems problems = { 0 };
	const struct reader reader = { .places = &places, .problems = &problems };
	struct buffer text = { 0 };
	cJSON *tree = NULL;

	if (size == 0 || !memchr("pvsun", data[0], 5))
		return 0;
	buffer_add_text(&text, "");
	if (data[0] == 'n') {
		buffer_add(&text, data + 1, size - 1);
		run_target(text.data);
		buffer_release(&text);
		return 0;
	}
	if (data[0] != 'u') {
		buffer_add(&text, data + 1, size - 1);
	} else if (!query_text_to_json((struct span){ (const char *)data + 1, size - 1 }, others, &text, &problems)) {
		CHECK(problems.total > 0);
		buffer_clear(&text);
	}
	tree = json_read(&places, "(query)", text.data, text.length, &problems);
	if (tree)
		run((char)data[0], &reader, tree);
	CHECK(tree || problems.total > 0);
	json_places_release(&places);
	problems_release(&problems);
	buffer_release(&text);
	return 0;
}
