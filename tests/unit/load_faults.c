/* Why: a fault that can never act, or means something else than its author thinks, is worse than none. Each mistake that
 * the loader knows, with the whole report. */
#include "core/fault.h"

#include "support/small_machine.h"

#include <criterion/criterion.h>
#include <string.h>

struct bad {
	const char *faults; /* with ' for " */
	const char *report; /* "line:column: message (nearest)", one a line; columns from behind "faults" */
};

#define BEFORE "{'extends':'gateway','faults':"

/* What the file before the faults takes is left out of the columns. */
static void add_report(const struct problem *problem, struct buffer *out)
{
	buffer_add_format(out, "%d: %s", problem->column - (int)strlen(BEFORE), problem->message);
	if (problem->nearest[0])
		buffer_add_format(out, " (%s)", problem->nearest);
	buffer_add_text(out, "\n");
}

static void expect_report(const struct bad *bad)
{
	struct memory_source memory = { 0 };
	const struct source source = memory_source_of(&memory);
	struct problems problems = { 0 };
	struct machine machine = { 0 };
	struct buffer top = { 0 };
	struct buffer report = { 0 };

	small_machine_add(&memory);
	buffer_add_format(&top, BEFORE "%s}", bad->faults);
	memory_source_add_quoted(&memory, "top.json", top.data);
	buffer_add_text(&report, "");
	if (scenario_load(&source, &(struct scenario_request){ .name = "top" }, &machine, &problems))
		machine_release(&machine);
	for (size_t i = 0; i < problems.count; i++)
		add_report(&problems.items[i], &report);
	cr_expect_str_eq(report.data, bad->report, "%s\nwanted:\n%s\nfound:\n%s", bad->faults, bad->report,
	                 report.data);
	problems_release(&problems);
	memory_source_release(&memory);
	buffer_release(&top);
	buffer_release(&report);
}

#define EXPECT_REPORTS(bad)                                                                                            \
	for (size_t i = 0; i < sizeof(bad) / sizeof *(bad); i++)                                                       \
	expect_report(&(bad)[i])

Test(load_faults, says_what_is_wrong_with_kinds)
{
	static const struct bad bad[] = {
		{ "[]", "1: \"faults\" must be an object, found a list\n" },
		{ "{'F':{}}",
		  "2: the name of a fault has 1 to 64 lower-case letters, digits, \"_\", \"-\" or \".\"\n" },
		{ "{'f':7}", "6: a fault must be an object, found a number\n" },
		{ "{'f':{'on':'status'}}", "2: a fault must say what goes wrong: \"upstream_status\", \"fixed\", "
		                           "\"empty_response\" …; 'cpgw-mock list faults' has them all\n" },
		{ "{'f':{'on':'status','fixd':'1s'}}", "21: a fault has no \"fixd\" (fixed)\n" },
		{ "{'f':{'status':500}}", "2: \"status\" must have \"on\": the calls that it acts on\n" },
		{ "{'f':{'on':'status','fixed':'1s','status':500}}",
		  "34: \"fixed\" and \"status\" are two faults: say each by itself\n" },
	};

	EXPECT_REPORTS(bad);
}

Test(load_faults, says_what_is_wrong_with_parameters)
{
	static const struct bad bad[] = {
		{ "{'f':{'on':'status','status':99}}", "30: \"status\" must be a whole number from 200 to 599\n" },
		{ "{'f':{'on':'status','status':'500'}}",
		  "30: \"status\" must be a number or an object, found a text\n" },
		{ "{'f':{'on':'status','status':true}}", "30: \"status\" must be a number or an object, found true\n" },
		{ "{'f':{'on':'status','status':{'reason':'x'}}}",
		  "30: \"status\" must have \"status\": the status\n" },
		{ "{'f':{'on':'status','status':{'status':500,'raeson':'x'}}}",
		  "44: \"status\" has no \"raeson\" (reason)\n" },
		{ "{'f':{'on':'status','status':{'status':500,'reason':'a\\nb'}}}",
		  "53: a text here has at most 256 bytes and no control characters\n" },
		{ "{'f':{'on':'status','empty_body':false}}",
		  "34: false is no fault; null instead of the whole takes one away that is inherited\n" },
		{ "{'f':{'on':'status','empty_body':'x'}}", "34: \"empty_body\" has no parameters: wanted true\n" },
		{ "{'f':{'on':'status','fixed':500}}", "29: \"fixed\" must be a text or an object, found a number\n" },
		{ "{'f':{'on':'status','fixed':'0s'}}", "29: this duration must be at least 1 ms\n" },
		{ "{'f':{'on':'status','fixed':'25h'}}", "29: \"fixed\" must be at most 1d\n" },
		{ "{'f':{'on':'status','fixed':{'delay':'1s','before':'bdoy'}}}",
		  "52: \"before\" must be \"headers\" or \"body\", found \"bdoy\" (body)\n" },
		{ "{'f':{'on':'status','uniform':{'lower':'2s','upper':'1s'}}}",
		  "31: \"uniform\" has a least time above its greatest\n" },
		{ "{'f':{'on':'status','lognormal':{'median':'2s','sigma':4}}}",
		  "56: \"sigma\" must be from 0.01 to 3\n" },
		{ "{'f':{'on':'status','chunked_dribble':{'totalDuration':'1s','total_duration':'1s'}}}",
		  "40: \"total_duration\" and \"totalDuration\" are the same\n" },
		{ "{'f':{'on':'status','headers':{'A B':'x','C':7,'D':null}}}",
		  "32: this is no name of a header\n46: a header must be a text or null, found a number\n" },
		{ "{'f':{'on':'status','headers':{}}}", "31: \"headers\" must name at least one header\n" },
		{ "{'f':{'on':'status','upstream_reply':'nope'}}",
		  "38: fixture pack \"2026\" has no reply \"nope\"\n" },
	};

	EXPECT_REPORTS(bad);
}

Test(load_faults, says_what_is_wrong_with_when)
{
	static const struct bad bad[] = {
		{ "{'f':{'on':'status','status':500,'calls':'0'}}",
		  "42: \"calls\" counts from 1: \"3\", \"2..5\" or \"4..\"; found \"0\"\n" },
		{ "{'f':{'on':'status','status':500,'calls':1,'failRequestCount':2}}",
		  "34: \"calls\" says the same as \"succeed_first\" and \"fail_count\": have one of them\n" },
		{ "{'f':{'on':'status','status':500,'succeedFirst':1,'succeed_first':2}}",
		  "34: \"succeed_first\" and \"succeedFirst\" are the same\n" },
		{ "{'f':{'on':'status','status':500,'succeed_first':0}}",
		  "50: \"succeed_first\" must be a whole number from 1 to 2147483647\n" },
		{ "{'f':{'on':'status','status':500,'every':1.5}}",
		  "42: \"every\" must be a whole number from 1 to 2147483647\n" },
		{ "{'f':{'on':'status','status':500,'probability':0}}",
		  "48: \"probability\" must be from 0.000001 to 1\n" },
		{ "{'f':{'on':'status','status':500,'between':'2s..1s'}}",
		  "44: \"between\" is two durations since the start, such as \"60s..90s\" or \"5m..\"; found "
		  "\"2s..1s\"\n" },
		{ "{'f':{'on':'status','status':500,'while':'inn'}}", "42: there is no state \"inn\" (in)\n" },
		{ "{'f':{'on':'status','status':500,'after':'midnigt'}}",
		  "42: no state listens for an event \"midnigt\" (midnight)\n" },
		{ "{'f':{'on':'status','status':500,'until':[]}}", "42: \"until\" must name at least one event\n" },
		{ "{'f':{'on':'status','status':500,'for':'0s'}}", "40: this duration must be at least 1 ms\n" },
	};

	EXPECT_REPORTS(bad);
}

Test(load_faults, says_where_a_fault_cannot_act)
{
	static const struct bad bad[] = {
		{ "{'f':{'on':'sttus','status':500}}", "12: there is no endpoint \"sttus\" (status)\n" },
		{ "{'f':{'on':['status','@ap'],'status':500}}", "22: there is no group \"ap\" (api)\n" },
		{ "{'f':{'on':[],'status':500}}", "12: \"on\" must name at least one endpoint\n" },
		{ "{'f':{'on':'front','upstream_hang':true}}", "12: \"upstream_hang\" cannot act on \"front\": the "
		                                               "gateway answers it itself, without the upstream\n" },
		{ "{'f':{'on':['status','front'],'upstream_status':500}}",
		  "22: \"upstream_status\" cannot act on \"front\": the gateway answers it itself, without the "
		  "upstream\n" },
		/* Where another gives bodies, of any length, it may be seen; not where it gives none. */
		{ "{'f':{'on':'login','limit_data':60000},'g':{'on':'login','body':'long'}}", "" },
		{ "{'g':{'on':'login','upstream_reply':'page'},'f':{'on':'login','upstream_truncated':5000}}", "" },
		{ "{'f':{'on':'login','upstream_truncated':5000},'g':{'on':'login','fixed':'1s'}}",
		  "41: \"upstream_truncated\" would never be seen: no answer here has a body of more than 40 bytes\n" },
		{ "{'f':{'on':'login','upstream_truncated':5000}}",
		  "41: \"upstream_truncated\" would never be seen: no answer here has a body of more than 40 bytes\n" },
		{ "{'f':{'on':'login','content_length_too_short':{'bytes':5000}}}",
		  "56: \"content_length_too_short\" would never be seen: no answer here has a body of more than 40 "
		  "bytes\n" },
	};

	EXPECT_REPORTS(bad);
}

Test(load_faults, a_condition_that_cannot_be_meant_says_why)
{
#define NO_ENDPOINT "it acts on connections, before any of them has asked for an endpoint\n"
#define NO_COUNT                                                                                                       \
	"the port is so for all who come while the fault is in force, and nobody can count whom it never hears of; "   \
	"\"between\", \"for\", \"while\", \"after\" and \"until\" say when\n"
	static const struct bad bad[] = {
		{ "{'f':{'on':'status','refuse':true}}", "7: \"refuse\" cannot have \"on\": " NO_ENDPOINT },
		{ "{'f':{'on':'status','accept_stall':true}}", "7: \"accept_stall\" cannot have \"on\": " NO_ENDPOINT },
		{ "{'f':{'refuse':true,'calls':2}}", "21: \"refuse\" cannot have \"calls\": " NO_COUNT },
		{ "{'f':{'backlog_full':true,'every':2}}", "27: \"backlog_full\" cannot have \"every\": " NO_COUNT },
		{ "{'f':{'backlog_full':true,'once':true}}", "27: \"backlog_full\" cannot have \"once\": " NO_COUNT },
		{ "{'f':{'refuse':true,'probability':0.5}}", "21: \"refuse\" cannot have \"probability\": " NO_COUNT },
		{ "{'f':{'refuse':true,'succeedFirst':1}}", "21: \"refuse\" cannot have \"succeedFirst\": " NO_COUNT },
		{ "{'f':{'accept_reset':true,'retry_within':'1s'}}",
		  "27: \"accept_reset\" cannot have \"retry_within\": only a call can be told to be another's "
		  "retry\n" },
		{ "{'f':{'accept_reset':true,'server_name':'a'}}",
		  "27: \"accept_reset\" cannot have \"server_name\": it acts before the handshake, in which the "
		  "server's "
		  "name is said\n" },
		{ "{'f':{'on':'status','reset_peer':true,'server_name':'a'}}",
		  "39: \"reset_peer\" cannot have \"server_name\": a server's name is said in the handshake, and this "
		  "acts on "
		  "the calls that come after it\n" },
		{ "{'f':{'reset_peer':true}}", "2: \"reset_peer\" must have \"on\": the calls that it acts on\n" },
		{ "{'f':{'on':'status','reset_peer':{'bytes':9,'at':'end'}}}",
		  "45: \"at\" and \"bytes\" both say where: have one of them\n" },
		{ "{'f':{'on':'status','reset_peer':{'of':'body'}}}",
		  "35: \"of\" says of what \"bytes\" are counted, and there are none\n" },
		{ "{'f':{'on':'status','reset_peer':{'at':'edn'}}}",
		  "40: \"at\" must be \"start\" or \"end\", found \"edn\" (end)\n" },
		{ "{'f':{'on':'status','slicer':{'average_size':9,'size_variation':9}}}",
		  "65: \"size_variation\" must be less than \"average_size\", 9, found 9\n" },
		{ "{'f':{'on':'login','limit_data':{'bytes':5000,'of':'body'}}}",
		  "42: \"limit_data\" would never be seen: no answer here has a body of more than 56 bytes\n" },
		{ "{'f':{'on':'login','reset_peer':{'bytes':50000}}}",
		  "42: \"reset_peer\" would never be seen: no answer here has head and body of more than 797 bytes\n" },
	};

	EXPECT_REPORTS(bad);
}

Test(load_faults, what_acts_on_all_leaves_out_what_it_cannot_act_on)
{
	struct machine machine =
	    small_machine_load("{'extends':'gateway','faults':{'f':{'on':'*','upstream_hang':true}}}");

	for (size_t i = 0; i < machine.endpoint_count; i++)
		cr_expect_eq(endpoint_set_has(&machine.faults[0].on, i), machine.endpoints[i].proxied, "%s",
		             machine.endpoints[i].name);
	machine_release(&machine);
}

Test(load_faults, a_file_changes_and_takes_away_what_it_extends)
{
	struct memory_source memory = { 0 };
	struct machine machine = { 0 };
	struct buffer report = { 0 };

	small_machine_add(&memory);
	memory_source_add_quoted(&memory, "base.json",
	                         "{'extends':'gateway','faults':{'a':{'on':'status','calls':2,'status':500},"
	                         "'b':{'on':'status','status':501}}}");
	memory_source_add_quoted(&memory, "top.json",
	                         "{'extends':'base','faults':{'a':{'calls':3,'status':null,'fixed':'1s'},'b':null,"
	                         "'c':{'on':'init','MALFORMED_RESPONSE_CHUNK':true}}}");
	load_with_report(&memory, "top", &machine, &report);
	cr_assert_eq(report.length, 0U, "%s", report.data);
	cr_assert_eq(machine.fault_count, 2U);
	cr_expect_str_eq(machine.faults[0].name, "a");
	cr_expect_str_eq(machine.faults[0].kind->name, "fixed");
	cr_expect_eq(machine.faults[0].calls_from, 3U);
	cr_expect_str_eq(machine.faults[1].name, "c");
	cr_expect_str_eq(machine.faults[1].kind->name, "malformed_response_chunk");
	cr_expect_eq(machine.faults[1].values.bytes, 64);
	machine_release(&machine);
	memory_source_release(&memory);
	buffer_release(&report);
}

Test(load_faults, there_may_be_so_many)
{
	struct buffer faults = { 0 };
	struct bad bad = { .report = "-8: 65 faults; at most 64 are allowed\n" };

	for (int i = 0; i <= FAULTS_MAX; i++)
		buffer_add_format(&faults, "%c'f%d':{'on':'status','status':500}", i ? ',' : '{', i);
	buffer_add_text(&faults, "}");
	bad.faults = faults.data;
	expect_report(&bad);
	buffer_release(&faults);
}
