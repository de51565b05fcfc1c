/* Why: a member that was mistyped and passed over would make a pattern fit too much. Each mistake is told at its place, and no
 * pattern is longer than what the journal keeps. */
#include "core/query.h"

#include "core/query_text.h"
#include "support/base_gateway.h"

#include <criterion/criterion.h>
#include <string.h>

static void start(struct base_gateway *gateway)
{
	base_gateway_start(gateway, "gateway", 0);
}

/* ---- mistakes ---- */

static const struct {
	const char *pattern;
	const char *report;
} mistakes[] = {
	{ "[]", "1:1: a pattern must be an object, found a list\n" },
	{ "{'methd':'GET'}", "1:2: a pattern has no \"methd\" (method)\n" },
	{ "{'methd':'GET','state':'frehs'}",
	  "1:2: a pattern has no \"methd\" (method)\n1:24: there is no state \"frehs\" (fresh)\n" },
	{ "{'method':'POTS'}", "1:11: wanted a method such as \"GET\", \"ANY\", or \"OTHER\" for those that have no "
	                       "name here; found \"POTS\" "
	                       "(POST)\n" },
	{ "{'method':1}", "1:11: \"method\" must be a text or a list, found a number\n" },
	{ "{'method':[]}", "1:11: an empty list: nothing would ever fit\n" },
	{ "{'method':['GET',1]}", "1:18: a method must be a text, found a number\n" },
	{ "{'url':['/']}", "1:8: \"url\" must be a text, found a list\n" },
	{ "{'url_path':'/a','urlPath':'/b'}",
	  "1:18: \"urlPath\" is \"url_path\" in other words: wanted one of them\n" },
	{ "{'urlPathPattern':'.*'}", "1:2: a pattern has no \"urlPathPattern\"\n" },
	{ "{'endpoint':'tikle'}", "1:13: there is no endpoint \"tikle\" (tickle)\n" },
	{ "{'endpoint':'@sesion'}", "1:13: there is no group \"sesion\" (session)\n" },
	{ "{'state':'competng'}", "1:10: there is no state \"competng\" (competing)\n" },
	{ "{'status':20}", "1:11: a status must be a whole number from 100 to 999\n" },
	{ "{'status':200.5}", "1:11: a status must be a whole number from 100 to 999\n" },
	{ "{'status':'nevr'}", "1:11: wanted a status such as 200, or \"never\"; found \"nevr\" (never)\n" },
	{ "{'status':null}", "1:11: \"status\" must be a text or a number, found null\n" },
	{ "{'matched':'no'}", "1:12: \"matched\" must be true or false, found a text\n" },
	{ "{'headers':{'A':1}}", "1:17: a header's value must be a text or an object, found a number\n" },
	{ "{'headers':{'A':{'equal':'b'}}}", "1:18: a header's value has no \"equal\" (equals)\n" },
	{ "{'headers':{'A':{}}}",
	  "1:17: a header's value says one thing: \"equals\", \"contains\", \"json\", \"has\" or \"absent\"\n" },
	{ "{'headers':{'A':{'equals':'a','contains':'b'}}}",
	  "1:17: a header's value says one thing: \"equals\", \"contains\", \"json\", \"has\" or \"absent\"\n" },
	{ "{'headers':{'A':{'note':'a'}}}",
	  "1:25: a pattern for a text says one thing: \"equals\", \"contains\", \"json\", \"has\" or \"absent\"\n" },
	{ "{'headers':{'A':{'absent':false}}}", "1:27: \"absent\" can only be true: leave it out otherwise\n" },
	{ "{'headers':{'A':{'matches':'.*'}}}", "1:18: a header's value has no \"matches\"\n" },
	{ "{'body':{'equalToJson':'{'}}", "1:24: wanted JSON, or a text that holds JSON\n" },
	{ "{'body':{'equalToJson':'{} x'}}", "1:24: wanted JSON, or a text that holds JSON\n" },
	{ "{'body':5}", "1:9: \"body\" must be a text or an object, found a number\n" },
	{ "{'from':'yesterday'}", "1:9: wanted an instant such as \"2026-03-02T14:30:00Z\", found \"yesterday\"\n" },
	{ "{'url':'/v1/api/tickle?token=1'}", "1:8: the journal keeps no secrets: nothing would ever fit\n" },
	{ "{'headers':{'Cookie':{'contains':'api='}}}",
	  "1:34: the journal keeps no secrets: nothing would ever fit; {\"contains\": \"*\"} fits any\n" },
	{ "{'headers':{'authorization':'Bearer x'}}",
	  "1:29: the journal keeps no secrets: nothing would ever fit; {\"contains\": \"*\"} fits any\n" },
	{ "{'body':{'json':{'password':'x'}}}", "1:17: the journal keeps no secrets: nothing would ever fit\n" },
	{ "{'body':{'contains':'password=x'}}", "1:21: the journal keeps no secrets: nothing would ever fit\n" },
	{ "{'since':-1}", "1:10: an id must be a whole number from 0 to 999999999999999\n" },
};

Test(query_read, reports_each_mistake_at_its_place)
{
	struct base_gateway gateway;

	start(&gateway);
	for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
		struct quoted_json json = quoted_json_read(mistakes[i].pattern);
		const struct reader reader = { .places = json.places, .problems = json.problems };
		struct buffer report = { 0 };
		struct query query;

		cr_expect_not(query_read(&reader, &gateway.machine, json.tree, &query), "%s", mistakes[i].pattern);
		problem_lines(json.problems, &report);
		cr_expect_str_eq(report.data, mistakes[i].report, "%s\n%s%s", mistakes[i].pattern, report.data,
		                 mistakes[i].report);
		buffer_release(&report);
		quoted_json_release(&json);
	}
	base_gateway_stop(&gateway);
}

static bool reads(const struct base_gateway *gateway, const char *pattern, const char *part_of_report)
{
	struct quoted_json json = quoted_json_read(pattern);
	const struct reader reader = { .places = json.places, .problems = json.problems };
	struct buffer report = { 0 };
	struct query query;
	const bool good = query_read(&reader, &gateway->machine, json.tree, &query);

	problem_lines(json.problems, &report);
	cr_assert_eq(good, report.length == 0);
	cr_assert(good || strstr(report.data, part_of_report), "%s", report.data);
	buffer_release(&report);
	quoted_json_release(&json);
	return good;
}

static void assert_longest(const struct base_gateway *gateway, const char *format, size_t most)
{
	struct buffer pattern = { 0 };
	char text[JOURNAL_HEADERS_MAX + JOURNAL_BODY_MAX + 2];

	memset(text, 'a', sizeof text);
	for (size_t more = 0; more < 2; more++) {
		text[most + more] = '\0';
		buffer_clear(&pattern);
		buffer_add_format(&pattern, "{'%s%s'%s", format, text, strchr(format, '{') ? "}}" : "}");
		cr_expect_eq(reads(gateway, pattern.data, "would never fit"), more == 0, "%s", format);
		text[most + more] = 'a';
	}
	buffer_release(&pattern);
}

Test(query_read, is_no_longer_than_what_is_kept)
{
	struct base_gateway gateway;
	struct buffer pattern = { 0 };

	start(&gateway);
	assert_longest(&gateway, "url':'", JOURNAL_TARGET_MAX);
	assert_longest(&gateway, "url_path':'", JOURNAL_TARGET_MAX);
	assert_longest(&gateway, "url_path_prefix':'", JOURNAL_TARGET_MAX);
	assert_longest(&gateway, "url_path_glob':'", JOURNAL_TARGET_MAX);
	assert_longest(&gateway, "headers':{'A':'", JOURNAL_HEADERS_MAX);
	assert_longest(&gateway, "body':'", JOURNAL_BODY_MAX);
	assert_longest(&gateway, "body':{'contains':'", JOURNAL_BODY_MAX);
	for (int more = 0; more < 2; more++) {
		buffer_clear(&pattern);
		buffer_add_text(&pattern, "{'body':{'json':[1");
		for (int i = 2; i < JOURNAL_BODY_MAX + more; i++)
			buffer_add_text(&pattern, ",1");
		buffer_add_text(&pattern, "]}}");
		cr_expect_eq(reads(&gateway, pattern.data, "would never fit"), more == 0);
	}
	buffer_release(&pattern);
	base_gateway_stop(&gateway);
}

Test(query_read, has_no_more_headers_than_it_may)
{
	struct base_gateway gateway;
	struct buffer pattern = { 0 };

	start(&gateway);
	for (int count = QUERY_HEADERS_MAX; count <= QUERY_HEADERS_MAX + 1; count++) {
		buffer_clear(&pattern);
		buffer_add_text(&pattern, "{'headers':{'A0':'b'");
		for (int i = 1; i < count; i++)
			buffer_add_format(&pattern, ",'A%d':'b'", i);
		buffer_add_text(&pattern, "}}");
		cr_expect_eq(reads(&gateway, pattern.data, "too many headers; at most 16"), count == QUERY_HEADERS_MAX);
	}
	buffer_release(&pattern);
	base_gateway_stop(&gateway);
}

Test(query_read, begins_at_its_id_or_at_what_is_left)
{
	struct base_gateway gateway;
	struct quoted_json json = quoted_json_read("{'since':3}");
	const struct reader reader = { .places = json.places, .problems = json.problems };
	struct journal journal = { .oldest = 0, .written = 9 };
	struct query query;

	start(&gateway);
	cr_assert(query_read(&reader, &gateway.machine, json.tree, &query));
	cr_assert_eq(query_first(&query, &journal), 2);
	journal.oldest = 5;
	cr_assert_eq(query_first(&query, &journal), 5);
	cr_assert(query_read(&reader, &gateway.machine, NULL, &query), "no pattern fits all");
	cr_assert_eq(query_first(&query, &journal), 5);
	quoted_json_release(&json);
	base_gateway_stop(&gateway);
}

/* ---- as a URL's query ---- */

static const char *const others[] = { "limit", "timeout", NULL };

static const struct {
	const char *text;
	const char *json; /* or what is wrong */
} texts[] = {
	{ "", "{}" },
	{ "&&", "{}" },
	{ "endpoint=tickle&method=POST&status=200&since=12",
	  "{\"method\":\"POST\",\"endpoint\":\"tickle\",\"status\":200,\"since\":12}" },
	{ "state=fresh&state=sso_only", "{\"state\":[\"fresh\",\"sso_only\"]}" },
	{ "state=fresh,sso_only", "{\"state\":[\"fresh\",\"sso_only\"]}" },
	{ "endpoint=@sso%2Clogout", "{\"endpoint\":[\"@sso\",\"logout\"]}" },
	{ "method=", "{\"method\":\"\"}" },
	{ "method=GET,", "{\"method\":[\"GET\",\"\"]}" },
	{ "status=never&matched=false", "{\"status\":\"never\",\"matched\":false}" },
	{ "matched=yes&status=0200&since=", "{\"status\":\"0200\",\"matched\":\"yes\",\"since\":\"\"}" },
	{ "since=1234567890123456", "{\"since\":\"1234567890123456\"}" },
	{ "url=%2Fa%3fb%3D%22+c,d", "{\"url\":\"/a?b=\\\" c,d\"}" },
	{ "url_path=/a&urlPath=/b&url_path_prefix=/c&urlPathPrefix=/d&url_path_glob=/e",
	  "{\"url_path\":\"/a\",\"urlPath\":\"/b\",\"url_path_prefix\":\"/c\",\"urlPathPrefix\":\"/d\","
	  "\"url_path_glob\":\"/e\"}" },
	{ "b%6Fdy=x%0ay", "{\"body\":\"x\\ny\"}" },
	{ "from=2026-03-02T14:30:00Z&to=2026-03-02T14:31:00%2B01:00",
	  "{\"from\":\"2026-03-02T14:30:00Z\",\"to\":\"2026-03-02T14:31:00+01:00\"}" },
	{ "frame=tic,smd&direction=out&number=3&text_contains=a%22b",
	  "{\"frame\":[\"tic\",\"smd\"],\"direction\":\"out\",\"number\":3,\"text\":{\"contains\":\"a\\\"b\"}}" },
	{ "stream=closed&text=1000", "{\"stream\":\"closed\",\"text\":\"1000\"}" },
	{ "login=*&text_contains=1&text_contains=2", "0:0: \"text_contains\" is there twice: wanted it once\n" },
	{ "limit=3&timeout=5s", "{}" },
	{ "endpont=tickle", "0:0: a query has no \"endpont\" (endpoint)\n" },
	{ "limt=5", "0:0: a query has no \"limt\" (limit)\n" },
	{ "headers=x", "0:0: a query has no \"headers\": that can only be asked for as JSON\n" },
	{ "=x", "0:0: a query has no \"\"\n" },
	{ "status=200&status=401", "0:0: \"status\" is there twice: wanted it once\n" },
	{ "url=%zz", "0:0: the value of \"url\" has a \"%\" that is not followed by two hex digits, or a zero byte\n" },
	{ "url=%4", "0:0: the value of \"url\" has a \"%\" that is not followed by two hex digits, or a zero byte\n" },
	{ "url=a%00b",
	  "0:0: the value of \"url\" has a \"%\" that is not followed by two hex digits, or a zero byte\n" },
};

Test(query_read, can_be_the_query_of_a_url)
{
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct problems problems = { 0 };
		struct buffer json = { 0 };
		struct buffer report = { 0 };
		const bool good = query_text_to_json(span_of(texts[i].text), others, &json, &problems);

		problem_lines(&problems, &report);
		cr_expect_str_eq(good ? json.data : report.data, texts[i].json, "%s\n%s\n%s", texts[i].text, json.data,
		                 report.data);
		cr_expect_eq(good, problems.total == 0);
		buffer_release(&json);
		buffer_release(&report);
		problems_release(&problems);
	}
}
