/* Why: a call that hits nothing is the commonest mistake of a new client. Whoever made it should read what was meant, in one
 * sentence, not guess; and a guess that is wrong is worse than none. */
#include "core/near_miss.h"

#include "support/base_gateway.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define NO_AGENT "Content-Length: 0\r\n"
#define NO_LENGTH "User-Agent: x\r\n"

/* One request, and all that is said about it, a line each: "message|endpoint|path". */
static const struct {
	const char *method;
	const char *target;
	const char *headers;
	const char *said;
} stories[] = {
	/* the prefix */
	{ "POST", "/tickle", NULL,
	  "POST /tickle has no /v1/api prefix: did you mean /v1/api/tickle?|tickle|/v1/api/tickle\n" },
	{ "POST", "/tickle?_=1", NULL,
	  "POST /tickle has no /v1/api prefix: did you mean /v1/api/tickle?|tickle|/v1/api/tickle\n" },
	{ "GET", "/iserver/auth/ssodh/init", NULL,
	  "GET /iserver/auth/ssodh/init has no /v1/api prefix: did you mean POST "
	  "/v1/api/iserver/auth/ssodh/init?|ssodh_init|/v1/api/iserver/auth/ssodh/init\n" },
	{ "GET", "/v1/api/v1/api/tickle", NULL,
	  "GET /v1/api/v1/api/tickle has the prefix twice: did you mean /v1/api/tickle?|tickle|/v1/api/tickle\n" },
	{ "GET", "/v1/portal/v1/api/v1/api/tickle", NULL,
	  "GET /v1/portal/v1/api/v1/api/tickle has the prefix twice: did you mean "
	  "/v1/api/tickle?|tickle|/v1/api/tickle\n" },
	/* slashes and case */
	{ "GET", "/v1/api/tickle/", NULL,
	  "GET /v1/api/tickle/ ends in a slash: did you mean /v1/api/tickle?|tickle|/v1/api/tickle\n" },
	{ "GET", "/v1/api//tickle", NULL,
	  "GET /v1/api//tickle has two slashes in a row: did you mean /v1/api/tickle?|tickle|/v1/api/tickle\n" },
	{ "GET", "/v1/api/Tickle", NULL,
	  "GET /v1/api/Tickle is in the wrong case: did you mean /v1/api/tickle?|tickle|/v1/api/tickle\n" },
	{ "GET", "/sso/login", NULL,
	  "GET /sso/login is in the wrong case: did you mean /sso/Login?|sso_login|/sso/Login\n" },
	{ "GET", "/Tickle//", NULL,
	  "GET /Tickle// has two slashes in a row and ends in a slash and has no /v1/api prefix and is in the wrong "
	  "case: "
	  "did you mean /v1/api/tickle?|tickle|/v1/api/tickle\n" },
	/* spelling */
	{ "GET", "/v1/api/iserver/auth/stauts", NULL,
	  "GET /v1/api/iserver/auth/stauts: the nearest path is "
	  "/v1/api/iserver/auth/status|auth_status|/v1/api/iserver/auth/status\n" },
	{ "GET", "/v1/portal/iserver/auth/stauts", NULL,
	  "GET /v1/portal/iserver/auth/stauts: the nearest path is "
	  "/v1/portal/iserver/auth/status|auth_status|/v1/portal/iserver/auth/status\n" },
	{ "GET", "/v1/api/logot", NULL,
	  "GET /v1/api/logot: the nearest path is POST /v1/api/logout|logout|/v1/api/logout\n" },
	{ "GET", "/tikcle", NULL,
	  "GET /tikcle has no /v1/api prefix: the nearest path is /v1/api/tickle|tickle|/v1/api/tickle\n" },
	{ "GET", "/v1/api/auth/status", NULL,
	  "GET /v1/api/auth/status: the nearest path is "
	  "/v1/api/iserver/auth/status|auth_status|/v1/api/iserver/auth/status\n" },
	{ "GET", "/v1/api/accounts", NULL,
	  "GET /v1/api/accounts: the nearest path is /v1/api/iserver/accounts|accounts|/v1/api/iserver/accounts\n"
	  "GET /v1/api/accounts: the nearest path is "
	  "/v1/api/portfolio/accounts|portfolio_accounts|/v1/api/portfolio/accounts\n" },
	{ "GET", "/v1/api/iserver/marketdata/snapshot?conids=1", NULL,
	  "GET /v1/api/iserver/marketdata/snapshot: the gateway has /v1/api/iserver/marketdata/snapshot, but this "
	  "scenario "
	  "has no answer for it||\n" },
	{ "GET", "/portfolio/subaccounts", NULL,
	  "GET /portfolio/subaccounts has no /v1/api prefix: the gateway has /v1/api/portfolio/subaccounts, but this "
	  "scenario has no answer for it||/v1/api/portfolio/subaccounts\n" },
	{ "GET", "/v1/api/zzz", NULL, "GET /v1/api/zzz: no path that this scenario answers is near it||\n" },
	{ "GET", "/demos", NULL, "GET /demos: the nearest path is /demo|demo|/demo\n" },
	{ "GET", "/x", NULL, "GET /x: no path that this scenario answers is near it||\n" },
	{ "GET", "/favicon.ico", NULL, "GET /favicon.ico: no path that this scenario answers is near it||\n" },
	{ "GET", "/%C3%A9?x", NULL, "GET /%C3%A9: no path that this scenario answers is near it||\n" },
	/* the method */
	{ "GET", "/v1/api/iserver/auth/ssodh/init", NULL,
	  "GET /v1/api/iserver/auth/ssodh/init: only POST is answered there|ssodh_init|\n" },
	{ "DELETE", "/v1/api/tickle", NULL, "DELETE /v1/api/tickle: only GET and POST are answered there|tickle|\n" },
	{ "POST", "/demo", NULL, "POST /demo: only GET is answered there|demo|\n" },
	/* what the upstream refuses; what else is wrong is said too */
	{ "GET", "/v1/api/tickle", NO_AGENT,
	  "GET /v1/api/tickle has no User-Agent header: the real upstream answers 403||\n" },
	{ "POST", "/v1/api/tickle", NO_LENGTH,
	  "POST /v1/api/tickle without a Content-Length: the real upstream answers 411||\n" },
	{ "GET", "/v1/api/tikcle", NO_AGENT,
	  "GET /v1/api/tikcle has no User-Agent header: the real upstream answers 403||\n"
	  "GET /v1/api/tikcle: the nearest path is /v1/api/tickle|tickle|/v1/api/tickle\n" },
	{ "GET", "/v1/api/logout", NO_AGENT,
	  "GET /v1/api/logout has no User-Agent header: the real upstream answers 403||\n"
	  "GET /v1/api/logout: only POST is answered there|logout|\n" },
	/* what the gateway hangs on */
	{ "GET", "/v1/api/%zz", NULL, "GET /v1/api/%zz: bad percent escape \"%zz\", and the gateway hangs on it||\n" },
	{ "GET", "/v1/api/tickle%2", NULL,
	  "GET /v1/api/tickle%2: bad percent escape \"%2\", and the gateway hangs on it||\n" },
	{ "GET", "https://localhost:5000/v1/api/tickle?a", NULL,
	  "GET https://localhost:5000/v1/api/tickle: the target is a whole URL, as for a proxy (absolute form), and "
	  "the "
	  "gateway hangs on it: send /v1/api/tickle|tickle|/v1/api/tickle\n" },
	{ "GET", "http://localhost", NULL,
	  "GET http://localhost: the target is a whole URL, as for a proxy (absolute form), and the gateway hangs on "
	  "it: "
	  "send /|root|/\n" },
	{ "GET", "v1/api/tickle", NULL,
	  "GET v1/api/tickle: the target does not begin with \"/\", and the gateway hangs on it||\n" },
	/* nothing is wrong */
	{ "GET", "/v1/api/tickle", NULL, "" },
	{ "GET", "/demo/", NULL, "" },
};

static void add_said(const struct emulator *emulator, const struct record *record, struct buffer *said)
{
	struct near_miss misses[NEAR_MISSES_MAX];
	const size_t count = near_misses(emulator, record, misses);

	buffer_add_text(said, "");
	for (size_t i = 0; i < count; i++)
		buffer_add_format(said, "%s|%s|%s\n", misses[i].text, misses[i].endpoint ? misses[i].endpoint : "",
		                  misses[i].path);
}

Test(near_miss, says_what_was_meant)
{
	struct base_gateway gateway;

	base_gateway_start(&gateway, "gateway", 0);
	for (size_t i = 0; i < sizeof stories / sizeof *stories; i++) {
		const struct record *record =
		    base_gateway_ask(&gateway, stories[i].method, stories[i].target, stories[i].headers, NULL);
		struct buffer said = { 0 };

		add_said(&gateway.emulator, record, &said);
		cr_expect_str_eq(said.data, stories[i].said, "%s %s\nsaid:\n%swanted:\n%s", stories[i].method,
		                 stories[i].target, said.data, stories[i].said);
		buffer_release(&said);
	}
	base_gateway_stop(&gateway);
}

/* A suggestion that leads nowhere would send the client's author on a second search. */
Test(near_miss, suggests_only_what_is_answered)
{
	struct base_gateway gateway;

	base_gateway_start(&gateway, "gateway", 0);
	for (size_t i = 0; i < sizeof stories / sizeof *stories; i++) {
		struct near_miss misses[NEAR_MISSES_MAX];
		const size_t count = near_misses(
		    &gateway.emulator,
		    base_gateway_ask(&gateway, stories[i].method, stories[i].target, stories[i].headers, NULL), misses);

		for (size_t j = 0; j < count; j++) {
			bool matched = false;

			for (int method = 0; method < METHOD_OTHER && misses[j].endpoint && misses[j].path[0];
			     method++) {
				const struct record *record = base_gateway_ask(
				    &gateway, method_name((enum http_method)method), misses[j].path, NULL, NULL);

				matched = matched || (record->matched && strcmp(record->name, misses[j].endpoint) == 0);
			}
			cr_expect(matched || !misses[j].endpoint || !misses[j].path[0], "%s", misses[j].text);
		}
	}
	base_gateway_stop(&gateway);
}

/* The commonest slip of all. */
Test(near_miss, finds_every_endpoint_with_two_letters_swapped)
{
	struct base_gateway gateway;
	size_t tried = 0;

	base_gateway_start(&gateway, "gateway", 0);
	for (size_t i = 0; i < gateway.machine.exact_count; i++) {
		const struct route *route = &gateway.machine.routes[i];
		struct near_miss misses[NEAR_MISSES_MAX];
		char target[PATH_LENGTH_MAX];
		const size_t length = route->path.length;
		const char swapped = route->path.at[length - 1];

		if (length < 6 || route->path.at[length - 2] == '/' || swapped == '/' ||
		    gateway.machine.endpoints[route->endpoint].catch_all)
			continue;
		snprintf(target, sizeof target, "%.*s", (int)length, route->path.at);
		target[length - 1] = target[length - 2];
		target[length - 2] = swapped;
		cr_assert_gt(
		    near_misses(&gateway.emulator, base_gateway_ask(&gateway, "POST", target, NULL, NULL), misses), 0,
		    "%s", target);
		cr_expect_str_eq(misses[0].endpoint ? misses[0].endpoint : "none",
		                 gateway.machine.endpoints[route->endpoint].name, "%s", target);
		tried++;
	}
	cr_assert_gt(tried, 10);
	base_gateway_stop(&gateway);
}

/* Whatever a client sends, the sentence can be shown. */
Test(near_miss, shows_nothing_that_a_terminal_acts_on)
{
	static const char *const targets[] = { "/\x1b[2J", "/a\xff\xfe", "\xc3\xa9", "/v1/api/\x7f" };
	struct base_gateway gateway;
	char longest[PATH_LENGTH_MAX * 3];

	base_gateway_start(&gateway, "gateway", 0);
	memset(longest, 'a', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	memcpy(longest, "/v1/api/", 8);
	for (size_t i = 0; i <= sizeof targets / sizeof *targets; i++) {
		const char *target = i < sizeof targets / sizeof *targets ? targets[i] : longest;
		struct near_miss misses[NEAR_MISSES_MAX];
		const size_t count =
		    near_misses(&gateway.emulator, base_gateway_ask(&gateway, "GET", target, NULL, NULL), misses);

		cr_assert_gt(count, 0);
		for (size_t j = 0; j < count; j++)
			for (const char *at = misses[j].text; *at; at++)
				cr_assert(*at >= ' ' && *at <= '~', "%s", misses[j].text);
	}
	base_gateway_stop(&gateway);
}

/* Bases that hold each other would have the search for a doubled prefix go round for ever. */
Test(near_miss, ends_whatever_the_aliases)
{
	static const char *const targets[] = { "/", "//", "/a/a/a/status", "/api/api/api/", "/a/api/a/api/status" };
	struct base_gateway gateway;
	struct alias aliases[] = { { "/", "/a/" }, { "/a/", "/" }, { "/a", "/api" }, { "/a/a/", "/a/" } };

	base_gateway_start(&gateway, "gateway", 0);
	gateway.machine.aliases = aliases;
	gateway.machine.alias_count = sizeof aliases / sizeof *aliases;
	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
		struct near_miss misses[NEAR_MISSES_MAX];

		near_misses(&gateway.emulator, base_gateway_ask(&gateway, "PATCH", targets[i], NULL, NULL), misses);
	}
	base_gateway_stop(&gateway);
}

/* ---- JSON ---- */

static cJSON *json_of(const struct emulator *emulator, uint64_t index)
{
	struct buffer out = { 0 };
	cJSON *tree;

	near_miss_add_json(emulator, index, journal_at(&emulator->journal, index), &out);
	tree = cJSON_Parse(out.data);
	cr_assert(tree, "%s", out.data);
	buffer_release(&out);
	return tree;
}

static void assert_member(const cJSON *object, const char *name, const char *expected)
{
	const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);

	cr_assert(member, "%s", name);
	if (expected)
		cr_assert_str_eq(cJSON_GetStringValue(member), expected);
	else
		cr_assert(cJSON_IsNull(member), "%s", name);
}

Test(near_miss, is_an_object_with_the_request)
{
	struct base_gateway gateway;
	const cJSON *first;
	cJSON *tree;

	base_gateway_start(&gateway, "gateway", 0);
	base_gateway_ask(&gateway, "POST", "/tickle", NULL, NULL);
	tree = json_of(&gateway.emulator, 0);
	assert_member(cJSON_GetObjectItemCaseSensitive(tree, "request"), "target", "/tickle");
	first = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(tree, "near_misses"), 0);
	assert_member(first, "message", "POST /tickle has no /v1/api prefix: did you mean /v1/api/tickle?");
	assert_member(first, "endpoint", "tickle");
	assert_member(first, "path", "/v1/api/tickle");
	cJSON_Delete(tree);
	base_gateway_ask(&gateway, "GET", "/v1/api/%zz", NULL, NULL);
	tree = json_of(&gateway.emulator, 1);
	first = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(tree, "near_misses"), 0);
	assert_member(first, "endpoint", NULL);
	assert_member(first, "path", NULL);
	cJSON_Delete(tree);
	base_gateway_stop(&gateway);
}

Test(near_miss, of_a_connection_is_its_own_text)
{
	struct base_gateway gateway;
	const cJSON *misses;
	cJSON *tree;

	base_gateway_start(&gateway, "gateway", 0);
	emulator_note(&gateway.emulator, RECORD_CONNECTION, "plain_http", "plain HTTP arrived on the TLS port");
	cr_assert(near_miss_is_due(journal_at(&gateway.emulator.journal, 0)));
	tree = json_of(&gateway.emulator, 0);
	misses = cJSON_GetObjectItemCaseSensitive(tree, "near_misses");
	cr_assert_eq(cJSON_GetArraySize(misses), 1);
	assert_member(misses->child, "message", "plain HTTP arrived on the TLS port");
	assert_member(misses->child, "endpoint", NULL);
	cJSON_Delete(tree);
	base_gateway_stop(&gateway);
}

Test(near_miss, is_due_for_what_was_not_matched_alone)
{
	struct base_gateway gateway;

	base_gateway_start(&gateway, "gateway", 0);
	cr_assert(near_miss_is_due(base_gateway_ask(&gateway, "GET", "/nowhere", NULL, NULL)));
	cr_assert_not(near_miss_is_due(base_gateway_ask(&gateway, "GET", "/v1/api/tickle", NULL, NULL)));
	base_gateway_raise(&gateway, "login");
	for (uint64_t index = 2; index < gateway.emulator.journal.written; index++) {
		struct near_miss misses[NEAR_MISSES_MAX];
		const struct record *record = journal_at(&gateway.emulator.journal, index);

		cr_assert_not(near_miss_is_due(record));
		cr_assert_eq(near_misses(&gateway.emulator, record, misses), 0);
	}
	base_gateway_stop(&gateway);
}
