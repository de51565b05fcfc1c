/* Why: which limits a call falls under is worked out once, when the scenario is loaded, so that a call looks at those
 * alone. A limit that were forgotten there would never be enforced. */
#include "core/emulator.h"

#include "support/small_machine.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define TOP                                                                                                            \
	"{'extends':'gateway','rate_limits':{'all':null,'one':null,"                                                   \
	"'0':{'path':'*','limit':'1/1s'},'1':{'path':'/api/status','limit':'1/1s'},"                                   \
	"'2':{'path':'/old/status','limit':'1/1s'},'3':{'path':'/api/*','limit':'1/1s'},"                              \
	"'4':{'path':'/sso/a','limit':'1/1s'},'5':{'path':'/sso/b/*','limit':'1/1s'},"                                 \
	"'6':{'path':'/stat','limit':'1/1s'},'7':{'path':'/api/statuses','limit':'1/1s'},"                             \
	"'8':{'path':'/api/a/b','limit':'1/1s'}},"                                                                     \
	"'endpoints':{'wide':{'path':'/ap/*','answer':'ok'},'rest':{'path':'/api/*','answer':'ok'},"                   \
	"'aged':{'path':'/old/a/b','answer':'ok'},'top':{'path':'/*','answer':'ok'}}}"

static void expect_limits(const struct machine *machine, const char *name, const char *wanted)
{
	char found[RATE_LIMITS_MAX + 1] = "";

	for (size_t e = 0; e < machine->endpoint_count; e++)
		for (size_t i = 0; i < machine->rate_limit_count && strcmp(machine->endpoints[e].name, name) == 0; i++)
			if (machine->endpoints[e].limits >> i & 1U)
				strcat(found, (char[]){ (char)('0' + i), '\0' });
	cr_expect_str_eq(found, wanted, "%s: wanted %s, found %s", name, wanted, found);
}

Test(pacing, limits_of_an_endpoint)
{
	struct machine machine = small_machine_load(TOP);

	cr_assert_eq(machine.rate_limit_count, 9);
	expect_limits(&machine, "status", "0123");
	expect_limits(&machine, "init", "03");
	expect_limits(&machine, "login", "045");
	expect_limits(&machine, "front", "0");
	expect_limits(&machine, "rest", "012378"); /* /old/status is /api/status by another name */
	expect_limits(&machine, "wide", "0");
	expect_limits(&machine, "aged", "038"); /* written by its old name */
	expect_limits(&machine, "top", "012345678");
	expect_limits(&machine, "anonymous", "012345678"); /* may have any path */
	machine_release(&machine);
}

/* The same once more as calls: whatever path they come by, nothing that applies is left out. */
Test(pacing, a_call_counts_under_all_that_apply)
{
	static const char *const paths[] = { "/api/status", "/old/status", "/api/statuses", "/old/statuses", "/api/a/b",
		                             "/old/a/b",    "/sso/a",      "/sso/b/c",      "/sso/c",        "/",
		                             "/ap/i",       "/stat",       "/nowhere" };
	struct machine machine = small_machine_load(TOP);
	struct endpoint any = { .limits = UINT64_MAX >> (64 - machine.rate_limit_count) };

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		const struct request request = { .method = METHOD_GET, .target = span_of(paths[i]) };
		const int endpoint = machine_route(&machine, request.target, METHOD_GET);
		struct rate_window *own = pacing_windows_new(&machine);
		struct rate_window *all = pacing_windows_new(&machine);
		int exceeded = INDEX_NONE;

		cr_assert(endpoint != INDEX_NONE && own && all);
		cr_expect(pacing_count(&machine, own, &machine.endpoints[endpoint], &request, request.target, 1000,
		                       false, &exceeded));
		cr_expect(pacing_count(&machine, all, &any, &request, request.target, 1000, false, &exceeded));
		for (size_t l = 0; l < machine.rate_limit_count; l++)
			cr_expect_eq(own[l].used, all[l].used, "%s, limit %zu", paths[i], l);
		cr_expect_not(pacing_count(&machine, own, &machine.endpoints[endpoint], &request, request.target, 1999,
		                           false, &exceeded));
		cr_expect_eq(exceeded, 0);
		free(own);
		free(all);
	}
	machine_release(&machine);
}
