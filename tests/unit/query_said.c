/* Why: who streams is to be held to what was said on the wire as much as who asks. A pattern of frames that fits too much, or one whose
 * topic can never come, lets a broken client pass. */
#include "core/frame_topic.h"
#include "core/query.h"
#include "core/stream.h"

#include "support/base_gateway.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct request upgrade = {
	.method_text = "GET",
	.target = { "/v1/api/ws", 10 },
	.headers = { "", 0 },
	.body = { "", 0 },
	.peer = "127.0.0.1",
};

/* Two websockets and a login: their records are found below by what the journal calls them. */
static void play(struct base_gateway *gateway)
{
	struct stream *first;
	struct stream *second;

	base_gateway_start(gateway, "authenticated", 0);
	first = stream_open(&gateway->emulator, &upgrade, NULL);
	second = stream_open(&gateway->emulator, &upgrade, NULL);
	emulator_advance(&gateway->emulator, gateway->emulator.now_ms + 1000);
	stream_message(&gateway->emulator, second, true, span_of("tic"));
	stream_message(&gateway->emulator, second, true, span_of("smd+265598+{\"fields\":[\"31\"]}"));
	stream_message(&gateway->emulator, second, true, span_of("ticket"));
	base_gateway_raise(gateway, "brokerage_drop");
	stream_closed(&gateway->emulator, second, 1000, "the client closed");
	stream_closed(&gateway->emulator, first, 0, "the connection broke");
	base_gateway_ask(gateway, "POST", "/sso/Dispatcher", NULL, "user_name=somebody&password=secret");
}

/* The n-th record, from 1, of a name, of which a part of the text is known. */
static const struct record *find(const struct base_gateway *gateway, const char *name, const char *part)
{
	struct journal_walk walk = journal_walk_from(&gateway->emulator.journal, 0);
	const struct record *record;

	while ((record = journal_walk_next(&walk, NULL))) {
		const struct span text = record_text(&gateway->emulator.journal, record);

		if (strcmp(record->name, name) == 0 && record->kind != RECORD_TRANSITION &&
		    (!*part || (text.length > 0 && memmem(text.at, text.length, part, strlen(part)))))
			return record;
	}
	cr_assert_fail("no %s with %s", name, part);
	return NULL;
}

/* What does not fit, in words; what is wrong with the pattern, where something is. */
static void expect(const struct base_gateway *gateway, const struct record *record, const char *pattern,
                   const char *expected)
{
	struct quoted_json json = quoted_json_read(pattern);
	const struct reader reader = { .places = json.places, .problems = json.problems };
	struct buffer words = { 0 };
	struct query query;

	if (query_read(&reader, &gateway->machine, json.tree, &query)) {
		const size_t count = query_explain(&query, &gateway->emulator, record, &words);

		cr_assert_eq(count == 0, query_matches(&query, &gateway->emulator, record));
	} else {
		problem_lines(json.problems, &words);
	}
	cr_expect_str_eq(words.data ? words.data : "", expected, "%s\n%s\n%s", pattern, words.data, expected);
	buffer_release(&words);
	quoted_json_release(&json);
}

struct pattern {
	const char *pattern;
	const char *misfits;
};

static void expect_all(const struct base_gateway *gateway, const struct record *record, const struct pattern *patterns,
                       size_t count)
{
	for (size_t i = 0; i < count; i++)
		expect(gateway, record, patterns[i].pattern, patterns[i].misfits);
}

#define EXPECT_ALL(gateway, record, patterns)                                                                          \
	expect_all(gateway, record, patterns, sizeof(patterns) / sizeof *(patterns))

Test(query_said, clients_messages_by_topic_and_text)
{
	static const struct pattern patterns[] = {
		{ "{'frame':'smd'}", "" },
		{ "{'frame':['tic','smd']}", "" },
		{ "{'frame':'*'}", "" },
		{ "{'frame':['tic','*']}", "" },
		{ "{'frame':'tic'}", "frame: wanted tic, was smd" },
		{ "{'frame':['tic','smh','sor','spl']}", "frame: wanted tic or smh or sor or 1 more, was smd" },
		{ "{'frame':'smd','direction':'in'}", "" },
		{ "{'frame':'smd','direction':['in','out']}", "" },
		{ "{'frame':'smd','direction':'out'}", "direction: wanted out, was in" },
		{ "{'frame':'smd','number':2}", "" },
		{ "{'frame':'smd','number':1}", "number: wanted 1, was 2" },
		{ "{'frame':'smd','text':{'contains':'+265598+'}}", "" },
		{ "{'frame':'smd','text':{'contains':'+265599+'}}",
		  "text: wanted a text with \"+265599+\", was \"smd+265598+{\"fields\":[\"31\"]}\"" },
		{ "{'frame':'smd','text':'smd+265598'}",
		  "text: wanted \"smd+265598\", was \"smd+265598+{\"fields\":[\"31\"]}\"" },
		{ "{'frame':'smd','text':{'json':{}}}",
		  "text: wanted the JSON {}, was \"smd+265598+{\"fields\":[\"31\"]}\"" },
		{ "{'frame':'smd','state':'authenticated'}", "" },
		{ "{'frame':'smd','state':'competing'}", "state: wanted competing, was authenticated" },
		{ "{'frame':'smd','from':'2026-03-02T14:30:01Z','to':'2026-03-02T14:30:02Z'}", "" },
		{ "{'frame':'smd','from':'2026-03-02T14:30:02Z'}",
		  "from: wanted 2026-03-02T14:30:02.000Z or later, was 2026-03-02T14:30:01.000Z" },
		{ "{'stream':'opened'}", "kind: wanted stream, was frame" },
		{ "{}", "kind: wanted request, was frame" },
		{ "{'login':'*'}", "kind: wanted login, was frame" },
	};
	static const struct pattern ticket[] = {
		{ "{'frame':'tic'}", "frame: wanted tic, was ticket" },
		{ "{'frame':'*','text':'ticket'}", "" },
	};
	struct base_gateway gateway;

	play(&gateway);
	EXPECT_ALL(&gateway, find(&gateway, "frame_in", "smd"), patterns);
	EXPECT_ALL(&gateway, find(&gateway, "frame_in", "ticket"), ticket);
	base_gateway_stop(&gateway);
}

Test(query_said, the_gateways_frames_by_topic_and_members)
{
	static const struct pattern change[] = {
		{ "{'frame':'sts','direction':'out'}", "" },
		{ "{'frame':'*','direction':'out','text':{'has':{'topic':'sts'}}}", "" },
		{ "{'frame':'sts','direction':'out','text':{'has':{'args':{'authenticated':false}}}}", "" },
		{ "{'frame':'sts','direction':'out','text':{'json':{'args':{'authenticated':false},'topic':'sts'}}}",
		  "" },
		{ "{'frame':'sts','direction':'out','text':{'has':{'args':{'authenticated':true}}}}",
		  "text: wanted JSON that has {\"args\":{\"authenticated\":true}}, was "
		  "\"{\"topic\":\"sts\",\"args\":{\"authenticated\":false}}\"" },
		{ "{'frame':'system','direction':'out'}", "frame: wanted system, was sts" },
		{ "{'frame':'*'}", "direction: wanted in, was out" },
	};
	/* Longer than what the journal keeps: its beginning is known, the whole is not. */
	static const struct pattern accounts[] = {
		{ "{'frame':'act','direction':'out','text':{'contains':'DU1234567'}}", "" },
		{ "{'frame':'act','direction':'out','number':2}", "number: wanted 2, was 1" },
	};
	struct base_gateway gateway;
	struct buffer words = { 0 };

	play(&gateway);
	EXPECT_ALL(&gateway, find(&gateway, "frame_out", "\"authenticated\":false"), change);
	EXPECT_ALL(&gateway, find(&gateway, "frame_out", "\"act\""), accounts);
	cr_assert(find(&gateway, "frame_out", "\"act\"")->cut);
	buffer_release(&words);
	base_gateway_stop(&gateway);
}

Test(query_said, websockets_and_logins)
{
	static const struct pattern opened[] = {
		{ "{'stream':'opened'}", "" },
		{ "{'stream':'*','number':1}", "" },
		{ "{'stream':'opened','text':'/v1/api/ws'}", "" },
		{ "{'stream':['closed','dropped']}", "stream: wanted closed or dropped, was opened" },
	};
	static const struct pattern closed[] = {
		{ "{'stream':'closed','text':{'contains':'code 1000'},'number':2}", "" },
		{ "{'stream':'closed','text':{'absent':true}}",
		  "text: wanted none, was \"the client closed, code 1000\"" },
	};
	static const struct pattern login[] = {
		{ "{'login':'login'}", "" },
		{ "{'login':'*','text':{'contains':'somebody'}}", "" },
		{ "{'login':'login_refused'}", "login: wanted login_refused, was login" },
		{ "{'login':'login','text':{'contains':'secret'}}",
		  "text: wanted a text with \"secret\", was \"somebody, live\"" },
	};
	struct base_gateway gateway;

	play(&gateway);
	EXPECT_ALL(&gateway, find(&gateway, "opened", ""), opened);
	EXPECT_ALL(&gateway, find(&gateway, "closed", "1000"), closed);
	EXPECT_ALL(&gateway, find(&gateway, "login", "somebody"), login);
	base_gateway_stop(&gateway);
}

Test(query_said, reports_each_mistake_at_its_place)
{
	static const struct pattern mistakes[] = {
		{ "{'frame':'tci'}", "1:10: \"websocket\" has no topic \"tci\" (tic)\n" },
		{ "{'frame':['tic','sts']}",
		  "1:17: clients say no \"sts\", the gateway does: add \"direction\": \"out\"\n" },
		{ "{'frame':'nosuch','direction':'out'}", "1:10: \"websocket\" has no topic \"nosuch\"\n" },
		{ "{'frame':[]}", "1:10: an empty list: nothing would ever fit\n" },
		{ "{'frame':1}", "1:10: \"frame\" must be a text or a list, found a number\n" },
		{ "{'frame':'tic','direction':'inn'}", "1:28: wanted \"in\", what the client says, or \"out\", what "
		                                       "the gateway does; found \"inn\" (in)\n" },
		{ "{'frame':'tic','number':0}",
		  "1:25: a stream's number must be a whole number from 1 to 4294967295\n" },
		{ "{'frame':'tic','text':{}}",
		  "1:23: a text says one thing: \"equals\", \"contains\", \"json\", \"has\" or \"absent\"\n" },
		{ "{'frame':'tic','method':'GET'}", "1:16: \"method\" does not go with \"frame\"\n" },
		{ "{'frame':'tic','stream':'opened'}",
		  "1:16: \"frame\" and \"stream\" are two patterns: say each by itself\n" },
		{ "{'stream':'open'}",
		  "1:11: wanted \"opened\", \"closed\", \"dropped\" or \"*\", found \"open\" (opened)\n" },
		{ "{'stream':'closed','direction':'in'}", "1:20: \"direction\" does not go with \"stream\"\n" },
		{ "{'login':'login_refusd'}", "1:10: there is no event \"login_refusd\" (login_refused)\n" },
		{ "{'login':'login','body':'x'}", "1:18: \"body\" does not go with \"login\"\n" },
		{ "{'login':'login','number':1}", "1:18: \"number\" does not go with \"login\"\n" },
		{ "{'text':'x'}",
		  "1:2: \"text\" goes with \"frame\", \"stream\" and \"login\", and a request has none of these\n" },
		{ "{'number':1}",
		  "1:2: \"number\" goes with \"frame\" and \"stream\", and a request has none of these\n" },
		{ "{'direction':'in'}", "1:2: \"direction\" goes with \"frame\", and a request has none of these\n" },
	};
	struct base_gateway gateway;

	play(&gateway);
	EXPECT_ALL(&gateway, find(&gateway, "opened", ""), mistakes);
	base_gateway_stop(&gateway);
}

Test(query_said, knows_what_a_message_is_about)
{
	static const struct {
		const char *message;
		const char *in;
		const char *out;
	} topics[] = {
		{ "tic", "tic", "" },
		{ "smd+1+{\"topic\":\"x\"}", "smd", "x" },
		{ "", "", "" },
		{ "{\"session\":\"a+b\"}", "", "" },
		{ "{\"topic\":\"smd+265598\",\"31\":\"1\"}", "", "smd" },
		{ "{\"error\":\"No accounts\",\"code\":500,\"topic\":\"smd\"}", "", "smd" },
		{ "{\"args\":{\"topic\":\"no\"},\"topic\":\"sts\"}", "", "sts" },
		{ "{\"args\":[{\"topic\":\"no\"}]}", "", "" },
		{ "{\"a\":\"topic\",\"b\":\"\\\"topic\\\":\\\"no\\\"\",\"topic\":\"ntf\"}", "", "ntf" },
		{ "{\"topic\":1}", "", "" },
		{ "{\"topic\":\"ac", "", "ac" }, /* cut */
		{ "{\"topic\":\"", "", "" },
		{ "{\"topic\"", "", "" },
		{ "{\"topi", "", "" },
		{ "{\"a\":\"\\", "", "" },
		{ "\"", "\"", "" },
	};

	for (size_t i = 0; i < sizeof topics / sizeof *topics; i++) {
		char *exact = strdup(topics[i].message); /* so that a byte beyond it would be seen */
		const struct span message = { exact, strlen(exact) };

		cr_expect(span_equals(frame_topic_in(message), topics[i].in), "%s", exact);
		cr_expect(span_equals(frame_topic_out(message), topics[i].out), "%s", exact);
		free(exact);
	}
}
