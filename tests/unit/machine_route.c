/* Why: which endpoint a request reaches decides everything else; paths overlap, and each way must have one winner. */
#include "core/machine.h"

#include "support/small_machine.h"

#include <criterion/criterion.h>

static const char *route(const struct machine *machine, enum http_method method, const char *path)
{
	const int endpoint = machine_route(machine, span_of(path), method);

	return endpoint == INDEX_NONE ? "none" : machine->endpoints[endpoint].name;
}

struct sample {
	enum http_method method;
	const char *path;
	const char *endpoint;
};

static void expect_routes(const char *top, const struct sample *samples, size_t count)
{
	struct machine machine = small_machine_load(top);

	for (size_t i = 0; i < count; i++)
		cr_expect_str_eq(route(&machine, samples[i].method, samples[i].path), samples[i].endpoint,
		                 "%s %s went to %s", method_name(samples[i].method), samples[i].path,
		                 route(&machine, samples[i].method, samples[i].path));
	machine_release(&machine);
}

#define EXPECT_ROUTES(top, samples) expect_routes(top, samples, sizeof(samples) / sizeof *(samples))

Test(route, follows_an_exact_path_letter_by_letter)
{
	static const struct sample samples[] = {
		{ METHOD_GET, "/api/status", "status" },
		{ METHOD_GET, "/api/status/", "unknown" },
		{ METHOD_GET, "/api/statu", "unknown" },
		{ METHOD_GET, "/api/statusx", "unknown" },
		{ METHOD_GET, "/API/status", "unknown" },
		{ METHOD_GET, "/api/%73tatus", "unknown" },
		{ METHOD_GET, "//api/status", "unknown" },
		{ METHOD_GET, "/", "front" },
		{ METHOD_GET, "", "unknown" },
		{ METHOD_GET, "*", "unknown" },
	};

	EXPECT_ROUTES(NULL, samples);
}

Test(route, reaches_one_endpoint_by_several_paths)
{
	static const struct sample samples[] = {
		{ METHOD_POST, "/api/logout", "logout" },
		{ METHOD_DELETE, "/logout", "logout" },
		{ METHOD_OTHER, "/logout", "logout" }, /* "any" is any */
	};

	EXPECT_ROUTES(NULL, samples);
}

Test(route, finds_behind_an_alias_what_lies_below_its_target)
{
	static const struct sample samples[] = {
		{ METHOD_GET, "/old/status", "status" },    { METHOD_POST, "/old/logout", "logout" },
		{ METHOD_GET, "/old/sso/x", "unknown" },    { METHOD_GET, "/old/", "unknown" },
		{ METHOD_GET, "/older/status", "unknown" },
	};

	EXPECT_ROUTES(NULL, samples);
}

Test(route, matches_all_below_a_prefix)
{
	static const struct sample samples[] = {
		{ METHOD_GET, "/sso/", "login" },
		{ METHOD_GET, "/sso/a/b/c", "login" },
		{ METHOD_GET, "/sso", "unknown" },
		{ METHOD_GET, "/ssoo/", "unknown" },
	};

	EXPECT_ROUTES(NULL, samples);
}

Test(route, prefers_exact_paths_then_longer_prefixes)
{
	static const char top[] = "{ 'extends': 'gateway', 'endpoints': {"
				  "  'all': { 'path': '/*', 'answer': 'ok' },"
				  "  'deep': { 'path': '/sso/deep/*', 'answer': 'ok' },"
				  "  'leaf': { 'path': '/sso/deep/leaf', 'answer': 'ok' } } }";
	static const struct sample samples[] = {
		{ METHOD_GET, "/anything", "all" },
		{ METHOD_GET, "/sso", "all" },
		{ METHOD_GET, "/sso/x", "login" },
		{ METHOD_GET, "/sso/deep", "login" },
		{ METHOD_GET, "/sso/deep/", "deep" },
		{ METHOD_GET, "/sso/deep/leaf", "leaf" },
		{ METHOD_GET, "/sso/deep/leaf/x", "deep" },
		{ METHOD_GET, "/", "front" },
		{ METHOD_GET, "", "unknown" },
	};

	EXPECT_ROUTES(top, samples);
}

Test(route, tells_endpoints_of_one_path_apart_by_method)
{
	static const char top[] = "{ 'extends': 'gateway', 'endpoints': {"
				  "  'change': { 'path': '/api/status', 'methods': ['PUT'], 'answer': 'ok' },"
				  "  'drop': { 'path': '/api/status', 'methods': ['DELETE'], 'answer': 'ok' } } }";
	static const struct sample samples[] = {
		{ METHOD_GET, "/api/status", "status" },  { METHOD_HEAD, "/api/status", "status" },
		{ METHOD_POST, "/api/status", "status" }, { METHOD_PUT, "/api/status", "change" },
		{ METHOD_PUT, "/old/status", "change" },  { METHOD_DELETE, "/api/status", "drop" },
	};

	EXPECT_ROUTES(top, samples);
}

Test(route, counts_head_as_get_where_nothing_else_is_said)
{
	static const struct sample samples[] = {
		{ METHOD_HEAD, "/", "front" },
		{ METHOD_HEAD, "/api/status", "status" },
		{ METHOD_HEAD, "/api/init", "wrong_method" },
	};

	EXPECT_ROUTES(NULL, samples);
}

/* The upstream refuses a wrong method; the gateway itself takes the path for unknown. */
Test(route, knows_a_wrong_method_from_a_wrong_path)
{
	static const struct sample samples[] = {
		{ METHOD_GET, "/api/init", "wrong_method" }, { METHOD_OTHER, "/api/status", "wrong_method" },
		{ METHOD_POST, "/sso/x", "wrong_method" },   { METHOD_POST, "/", "unknown" },
		{ METHOD_POST, "/nowhere", "unknown" },
	};

	EXPECT_ROUTES(NULL, samples);
}

Test(route, may_end_nowhere_in_a_machine_of_ones_own)
{
	static const char top[] = "{ 'initial': ['a'], 'states': { 'a': {} },"
				  "  'endpoints': { 'one': { 'path': '/one', 'answer': 'ok' } } }";
	struct memory_source memory = { 0 };
	struct machine machine = { 0 };
	struct buffer report = { 0 };

	memory_source_add_quoted(&memory, "own.json", top);
	memory_source_add_quoted(&memory, "2026/pack.json", "{ 'name': '2026' }");
	memory_source_add_quoted(&memory, "2026/headers/none.json", "{ 'framing': 'chunked', 'headers': [] }");
	memory_source_add_quoted(&memory, "2026/replies/ok.json", "{ 'status': 200, 'headers': 'none' }");
	load_with_report(&memory, "own", &machine, &report);
	cr_assert_eq(report.length, 0, "%s", report.data);
	cr_expect_str_eq(route(&machine, METHOD_GET, "/one"), "one");
	cr_expect_str_eq(route(&machine, METHOD_POST, "/one"), "none");
	cr_expect_str_eq(route(&machine, METHOD_GET, "/two"), "none");
	machine_release(&machine);
	memory_source_release(&memory);
	buffer_release(&report);
}
