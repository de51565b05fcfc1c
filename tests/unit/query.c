/* Why: a pattern that fits too much lets a broken client pass, one that fits too little fails a good one. How patterns are
 * read: query_read.c. */
#include "core/query.h"

#include "support/base_gateway.h"

#include <criterion/criterion.h>
#include <string.h>

static void start(struct base_gateway *gateway)
{
	base_gateway_start(gateway, "gateway", 0);
}

/* ---- what fits ---- */

/* Holds the latest request against a pattern. */
static bool fits(const struct base_gateway *gateway, const struct record *record, const char *pattern)
{
	struct quoted_json json = quoted_json_read(pattern);
	const struct reader reader = { .places = json.places, .problems = json.problems };
	struct buffer report = { 0 };
	struct query query;
	bool fit;

	query_read(&reader, &gateway->machine, json.tree, &query);
	problem_lines(json.problems, &report);
	cr_assert_str_empty(report.data, "%s: %s", pattern, report.data);
	fit = query_matches(&query, &gateway->emulator, record);
	cr_assert_eq(query_explain(&query, &gateway->emulator, record, NULL) == 0, fit);
	buffer_release(&report);
	quoted_json_release(&json);
	return fit;
}

struct fitting {
	const char *pattern;
	bool fits;
};

static void assert_all(const struct base_gateway *gateway, const struct record *record, const struct fitting *items,
                       size_t count)
{
	for (size_t i = 0; i < count; i++)
		cr_expect_eq(fits(gateway, record, items[i].pattern), items[i].fits, "%s", items[i].pattern);
}

#define ASSERT_ALL(gateway, record, items) assert_all(gateway, record, items, sizeof(items) / sizeof *(items))

Test(query, has_a_say_in_every_member)
{
	static const struct fitting items[] = {
		{ "{}", true },
		{ "{'method':'POST'}", true },
		{ "{'method':'GET'}", false },
		{ "{'method':'ANY'}", true },
		{ "{'method':['GET','POST']}", true },
		{ "{'method':['GET','PUT']}", false },
		{ "{'method':'OTHER'}", false },
		{ "{'url':'/v1/api/tickle?a=1'}", true },
		{ "{'url':'/v1/api/tickle'}", false },
		{ "{'url_path':'/v1/api/tickle'}", true },
		{ "{'url_path':'/v1/api/*'}", false },
		{ "{'urlPath':'/v1/api/tickle'}", true },
		{ "{'urlPath':'/v1/api/tickl'}", false },
		{ "{'url_path_prefix':'/v1/api/'}", true },
		{ "{'url_path_prefix':'/v1/portal/'}", false },
		{ "{'urlPathPrefix':'/v1/api/tickle'}", true },
		{ "{'url_path_glob':'/v1/api/*'}", true },
		{ "{'url_path_glob':'*'}", true },
		{ "{'url_path_glob':'*tick*e'}", true },
		{ "{'url_path_glob':'/v1/*/tickle'}", true },
		{ "{'url_path_glob':'/v1/*/tickl'}", false },
		{ "{'url_path_glob':'/v1/api/tickle*'}", true },
		{ "{'url_path_glob':'/v1/api/*tickle?a=1'}", false },
		{ "{'url_path_glob':''}", false },
		{ "{'endpoint':'tickle'}", true },
		{ "{'endpoint':'logout'}", false },
		{ "{'endpoint':['logout','tickle']}", true },
		{ "{'endpoint':'@session'}", true },
		{ "{'endpoint':'@upstream'}", true },
		{ "{'endpoint':'@sso'}", false },
		{ "{'endpoint':['@sso','tickle']}", true },
		{ "{'state':'fresh'}", true },
		{ "{'state':'authenticated'}", false },
		{ "{'state':['authenticated','fresh']}", true },
		{ "{'state':'upstream_up'}", true },
		{ "{'status':401}", true },
		{ "{'status':200}", false },
		{ "{'status':'never'}", false },
		{ "{'matched':true}", true },
		{ "{'matched':false}", false },
		{ "{'headers':{'user-agent':'tester/2'}}", true },
		{ "{'headers':{'User-Agent':'tester'}}", false },
		{ "{'headers':{'User-Agent':{'contains':'ester'}}}", true },
		{ "{'headers':{'User-Agent':{'contains':'Ester'}}}", false },
		{ "{'headers':{'User-Agent':{'equals':'tester/2'}}}", true },
		{ "{'headers':{'User-Agent':{'equalTo':'tester/2'}}}", true },
		{ "{'headers':{'User-Agent':{'absent':true}}}", false },
		{ "{'headers':{'Origin':{'absent':true}}}", true },
		{ "{'headers':{'Origin':''}}", false },
		{ "{'headers':{'X-Twice':'one'}}", true },
		{ "{'headers':{'X-Twice':'two'}}", true },
		{ "{'headers':{'X-Twice':'three'}}", false },
		{ "{'headers':{'X-JSON':{'json':[1]}}}", true },
		{ "{'headers':{'X-Twice':'one','User-Agent':'no'}}", false },
		{ "{'body':{'contains':'\\'a\\''}}", true },
		{ "{'body':{'contains':'nowhere'}}", false },
		{ "{'body':{'absent':true}}", false },
		{ "{'body':''}", false },
		{ "{'body':{'json':{'b':[true,null],'a':1.5}}}", true },
		{ "{'body':{'json':{'b':[null,true],'a':1.5}}}", false },
		{ "{'body':{'json':{'b':[true,null],'a':1.5,'c':1}}}", false },
		{ "{'body':{'json':{'b':[true],'a':1.5}}}", false },
		{ "{'body':{'json':{'b':[true,null,1],'a':1.5}}}", false },
		{ "{'body':{'json':{'a':1.5}}}", false },
		{ "{'body':{'json':{'b':[true,null],'a':'1.5'}}}", false },
		{ "{'body':{'equalToJson':{'b':[true,null],'a':1.5}}}", true },
		{ "{'body':{'equalToJson':'{\\'b\\':[true,null],\\'a\\':1.5}'}}", true },
		{ "{'body':{'json':'{\\'b\\':[true,null],\\'a\\':1.5}'}}", false },
		{ "{'from':'2026-03-02T14:30:00Z'}", true },
		{ "{'from':'2026-03-02T14:30:00.001Z'}", false },
		{ "{'to':'2026-03-02T14:30:00.001Z'}", true },
		{ "{'to':'2026-03-02T14:30:00Z'}", false },
		{ "{'method':'POST','status':200}", false },
	};
	struct base_gateway gateway;
	const struct record *record;

	start(&gateway);
	record = base_gateway_ask(&gateway, "POST", "/v1/api/tickle?a=1",
	                          "user-AGENT:  tester/2 \r\nX-Twice: one\r\nx-twice: two\r\nX-Json: [1]\r\n"
	                          "Content-Length: 1\r\n",
	                          " {\"a\" : 1.5, \"b\":[true, null]}\n");
	ASSERT_ALL(&gateway, record, items);
	base_gateway_stop(&gateway);
}

Test(query, tells_what_was_never_answered_and_what_nobody_meant)
{
	static const struct fitting items[] = {
		{ "{'status':'never'}", true },       { "{'status':200}", false },
		{ "{'matched':false}", true },        { "{'matched':true}", false },
		{ "{'body':{'absent':true}}", true }, { "{'body':''}", true },
		{ "{'body':{'equals':''}}", true },   { "{'body':{'contains':''}}", false },
		{ "{'body':{'json':{}}}", false },
	};
	struct base_gateway gateway;

	start(&gateway);
	ASSERT_ALL(&gateway, base_gateway_ask(&gateway, "GET", "/v1/api/%zz", NULL, NULL), items);
	base_gateway_stop(&gateway);
}

Test(query, is_about_the_states_before_the_call)
{
	static const struct fitting items[] = { { "{'state':'sso_only'}", true },
		                                { "{'state':'authenticated'}", false } };
	struct base_gateway gateway;
	const struct record *record;

	start(&gateway);
	base_gateway_raise(&gateway, "login");
	record = base_gateway_ask(&gateway, "POST", "/v1/api/iserver/auth/ssodh/init", NULL,
	                          "{\"publish\":true,\"compete\":true}");
	cr_assert_neq(record->before, record->after);
	ASSERT_ALL(&gateway, record, items);
	base_gateway_stop(&gateway);
}

Test(query, fits_no_record_but_requests)
{
	struct base_gateway gateway;

	start(&gateway);
	base_gateway_raise(&gateway, "login");
	for (uint64_t index = 0; index < gateway.emulator.journal.written; index++)
		cr_assert_not(fits(&gateway, journal_at(&gateway.emulator.journal, index), "{}"));
	cr_assert_gt(gateway.emulator.journal.written, 0);
	base_gateway_stop(&gateway);
}

/* One name twice is no other object's equal, from either side. */
Test(query, compares_json_whatever_its_names)
{
	struct base_gateway gateway;
	const struct record *record;

	start(&gateway);
	record = base_gateway_ask(&gateway, "POST", "/v1/api/tickle", NULL, "{\"a\":1,\"a\":1}");
	cr_assert_not(fits(&gateway, record, "{'body':{'json':{'a':1,'b':1}}}"));
	record = base_gateway_ask(&gateway, "POST", "/v1/api/tickle", NULL, "{\"a\":1,\"A\":2}");
	cr_assert(fits(&gateway, record, "{'body':{'json':{'A':2,'a':1}}}"));
	cr_assert_not(fits(&gateway, record, "{'body':{'json':{'A':1,'a':2}}}"));
	record = base_gateway_ask(&gateway, "POST", "/v1/api/tickle", NULL, "{\"a\":1,\"b\":1}");
	cr_assert_not(fits(&gateway, record, "{'body':{'equalToJson':'{\\'a\\':1,\\'a\\':1}'}}"));
	record = base_gateway_ask(&gateway, "POST", "/v1/api/tickle", NULL, "{\"a\":1,\"a\":1}");
	cr_assert_not(fits(&gateway, record, "{'body':{'json':{'a':1}}}"));
	record = base_gateway_ask(&gateway, "POST", "/v1/api/tickle", NULL, "{\"a\":1} and more");
	cr_assert_not(fits(&gateway, record, "{'body':{'json':{'a':1}}}"));
	base_gateway_stop(&gateway);
}

/* A comparison that looks at each member twice would take longer than anybody waits. */
Test(query, compares_deep_json_in_time, .timeout = 30)
{
	struct base_gateway gateway;
	struct buffer pattern = { 0 };
	struct buffer body = { 0 };

	start(&gateway);
	for (int i = 0; i < 25; i++)
		buffer_add_text(&body, "{\"a\":");
	buffer_add_text(&body, "1");
	for (int i = 0; i < 25; i++)
		buffer_add_text(&body, "}");
	buffer_add_format(&pattern, "{'body':{'json':%s}}", body.data);
	cr_assert(fits(&gateway, base_gateway_ask(&gateway, "POST", "/v1/api/tickle", NULL, body.data), pattern.data));
	buffer_clear(&pattern);
	buffer_clear(&body);
	for (int i = 0; i < 300; i++)
		buffer_add_text(&body, "{\\'a\\':");
	buffer_add_text(&body, "1");
	for (int i = 0; i < 300; i++)
		buffer_add_text(&body, "}");
	buffer_add_format(&pattern, "{'body':{'equalToJson':'%s'}}", body.data);
	buffer_clear(&body);
	for (int i = 0; i < 300; i++)
		buffer_add_text(&body, "{\"a\":");
	buffer_add_text(&body, "1");
	for (int i = 0; i < 300; i++)
		buffer_add_text(&body, "}");
	cr_assert(fits(&gateway, base_gateway_ask(&gateway, "POST", "/v1/api/tickle", NULL, body.data), pattern.data));
	buffer_release(&pattern);
	buffer_release(&body);
	base_gateway_stop(&gateway);
}

/* ---- what the journal does not keep ---- */

Test(query, does_not_guess_what_was_cut)
{
	static const struct fitting items[] = {
		{ "{'body':{'contains':'xxx'}}", true },
		{ "{'body':{'absent':true}}", false },
		{ "{'headers':{'User-Agent':{'contains':'tester'}}}", true },
		{ "{'headers':{'Origin':{'absent':true}}}", false },
		{ "{'url_path':'/v1/api/tickle'}", true },
	};
	struct base_gateway gateway;
	const struct record *record;
	struct buffer pattern = { 0 };
	char body[JOURNAL_BODY_MAX + 2];

	start(&gateway);
	memset(body, 'x', sizeof body - 1);
	body[sizeof body - 1] = '\0';
	record = base_gateway_ask(&gateway, "POST", "/v1/api/tickle", NULL, body);
	cr_assert(record->cut);
	ASSERT_ALL(&gateway, record, items);
	buffer_add_format(&pattern, "{'body':'%.*s'}", JOURNAL_BODY_MAX, body);
	cr_assert_not(fits(&gateway, record, pattern.data), "it begins like that");
	memset(body, ' ', sizeof body - 1);
	body[0] = '1';
	record = base_gateway_ask(&gateway, "POST", "/v1/api/tickle", NULL, body);
	cr_assert_not(fits(&gateway, record, "{'body':{'json':1}}"), "more may follow");
	memset(body, 'x', sizeof body - 1);
	record = base_gateway_ask(&gateway, "POST", "/v1/api/tickle", NULL, body + 1);
	cr_assert_not(record->cut);
	cr_assert(fits(&gateway, record, pattern.data), "it is that");
	buffer_release(&pattern);
	base_gateway_stop(&gateway);
}

Test(query, does_not_guess_the_end_of_a_path)
{
	struct base_gateway gateway;
	const struct record *record;
	struct buffer pattern = { 0 };
	char target[JOURNAL_TARGET_MAX + 2];

	start(&gateway);
	memset(target, 'a', sizeof target - 1);
	target[0] = '/';
	target[sizeof target - 1] = '\0';
	record = base_gateway_ask(&gateway, "GET", target, NULL, NULL);
	cr_assert(record->cut);
	cr_assert(fits(&gateway, record, "{'url_path_prefix':'/aaa'}"));
	cr_assert_not(fits(&gateway, record, "{'url_path_glob':'/aaa*'}"));
	buffer_add_format(&pattern, "{'url_path':'%.*s'}", JOURNAL_TARGET_MAX, target);
	cr_assert_not(fits(&gateway, record, pattern.data));
	target[40] = '?';
	record = base_gateway_ask(&gateway, "GET", target, NULL, NULL);
	cr_assert(fits(&gateway, record, "{'url_path_glob':'/aaa*'}"), "the path is whole");
	buffer_release(&pattern);
	base_gateway_stop(&gateway);
}

/* ---- in words ---- */

static void assert_explained(const struct base_gateway *gateway, const struct record *record, const char *pattern,
                             const char *expected)
{
	struct quoted_json json = quoted_json_read(pattern);
	const struct reader reader = { .places = json.places, .problems = json.problems };
	struct buffer words = { 0 };
	struct query query;

	cr_assert(query_read(&reader, &gateway->machine, json.tree, &query), "%s", pattern);
	query_explain(&query, &gateway->emulator, record, &words);
	cr_expect_str_eq(words.data ? words.data : "", expected, "%s\n%s", words.data, expected);
	buffer_release(&words);
	quoted_json_release(&json);
}

Test(query, says_what_does_not_fit)
{
	static const struct {
		const char *pattern;
		const char *words;
	} items[] = {
		{ "{'method':'POST'}", "" },
		{ "{'method':'GET'}", "method: wanted GET, was POST" },
		{ "{'method':['GET','PUT'],'status':200}",
		  "method: wanted GET or PUT, was POST; status: wanted 200, was 401" },
		{ "{'status':'never'}", "status: wanted never, was 401" },
		{ "{'url':'/x'}", "url: wanted /x, was /v1/api/tickle?t=\\xc3\\xa9" },
		{ "{'url_path':'/x'}", "url_path: wanted /x, was /v1/api/tickle" },
		{ "{'url_path_prefix':'/x'}", "url_path_prefix: wanted /x, was /v1/api/tickle" },
		{ "{'url_path_glob':'/x*'}", "url_path_glob: wanted /x*, was /v1/api/tickle" },
		{ "{'endpoint':['logout','root']}", "endpoint: wanted logout or root, was tickle" },
		{ "{'endpoint':'@portfolio'}", "endpoint: wanted portfolio_accounts or one_user, was tickle" },
		{ "{'endpoint':'@pages'}",
		  "endpoint: wanted sso_login or sso_dispatcher or sso_authenticator or 1 more, was tickle" },
		{ "{'state':'authenticated'}", "state: wanted authenticated, was fresh" },
		{ "{'state':['sso_only','competing','logged_out','authenticated','sso_expired']}",
		  "state: wanted sso_only or authenticated or competing or 2 more, was fresh" },
		{ "{'matched':false}", "matched: wanted false, was true" },
		{ "{'from':'2026-03-02T15:30:00+00:00'}",
		  "from: wanted 2026-03-02T15:30:00.000Z or later, was 2026-03-02T14:30:00.000Z" },
		{ "{'to':'2026-03-02T14:30:00Z'}",
		  "to: wanted 2026-03-02T14:30:00.000Z not yet reached, was 2026-03-02T14:30:00.000Z" },
		{ "{'headers':{'X-A':'b'}}", "X-A: wanted \"b\", was absent" },
		{ "{'headers':{'user-agent':{'absent':true}}}", "user-agent: wanted none, was \"tester/1\"" },
		{ "{'headers':{'Cookie':'***'}}",
		  "Cookie: wanted \"***\", was \"********\" (the journal keeps no secrets)" },
		{ "{'body':{'contains':'x'}}", "body: wanted a text with \"x\", was \"{\\x0a}\"" },
		{ "{'body':{'json':{'a':[1]}}}", "body: wanted the JSON {\"a\":[1]}, was \"{\\x0a}\"" },
		{ "{'body':{'equalToJson':'[]'}}", "body: wanted the JSON [], was \"{\\x0a}\"" },
	};
	struct base_gateway gateway;
	const struct record *record;

	start(&gateway);
	record = base_gateway_ask(&gateway, "POST", "/v1/api/tickle?t=\xc3\xa9",
	                          "User-Agent: tester/1\r\nCookie: api=1234\r\nContent-Length: 3\r\n", "{\n}");
	for (size_t i = 0; i < sizeof items / sizeof *items; i++)
		assert_explained(&gateway, record, items[i].pattern, items[i].words);
	base_gateway_stop(&gateway);
}

Test(query, says_that_something_was_cut)
{
	struct base_gateway gateway;
	char body[JOURNAL_BODY_MAX + 2];

	start(&gateway);
	memset(body, 'x', sizeof body - 1);
	body[sizeof body - 1] = '\0';
	assert_explained(&gateway, base_gateway_ask(&gateway, "POST", "/v1/api/tickle", NULL, body), "{'body':'y'}",
	                 "body: wanted \"y\", was "
	                 "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…\" "
	                 "(longer than what the journal keeps)");
	base_gateway_stop(&gateway);
}
