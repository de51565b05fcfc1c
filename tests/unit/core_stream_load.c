/* Why: whoever writes "websocket" into a scenario and slips must be told where, and what was meant. */
#include "support/small_machine.h"

#include <criterion/criterion.h>
#include <string.h>

static const char frame[] = "{'body':{'topic':'sts','now':'{{now_ms}}'}}";

static void expect_report(const char *websocket, const char *report)
{
	struct memory_source memory = { 0 };
	struct machine machine = { 0 };
	struct buffer top = { 0 };
	struct buffer found = { 0 };

	small_machine_add(&memory);
	memory_source_add_quoted(&memory, "2026/frames/sts.json", frame);
	memory_source_add_quoted(&memory, "2026/frames/told.json", "{'body':{'x':'{{changed.value}}'}}");
	buffer_add_format(&top, "{'extends':'gateway','states':{'in':{'websocket':'live'}},'websocket':%s}", websocket);
	memory_source_add_quoted(&memory, "top.json", top.data);
	load_with_report(&memory, "top.json", &machine, &found);
	if (report)
		cr_expect(found.data && strstr(found.data, report), "%s\nwanted %s\nfound  %s", websocket, report,
		          found.data ? found.data : "nothing");
	else
		cr_expect_eq(found.length, 0, "%s\n%s", websocket, found.data);
	if (found.length == 0)
		machine_release(&machine);
	buffer_release(&found);
	buffer_release(&top);
	memory_source_release(&memory);
}

#define LIVE(more) "{'modes':{'live':{" more "}}}"

Test(loading_streams, takes_what_is_right)
{
	expect_report(LIVE("'greet':['sts',{'frame':'sts','after':'1s','times':3},{'close':1000}]"), NULL);
	expect_report(LIVE("'repeat':{'beat':{'every':'1s','send':{'frame':'sts','cut':3}}}"), NULL);
	expect_report("{'modes':{'live':{'deltas':true}},'deltas':{'frame':'told','of':['beat'],'names':{'beat':'b'}},"
	              "'topics':{'abc':[{'argument':'x','send':'sts'},{'subscribe':true,'send':'sts','every':'1s'}],"
	              "'uab':{'unsubscribe':'abc'}},'unknown':'sts','scripts':{'s':{'drop':true}}}",
	              NULL);
}

Test(loading_streams, says_what_is_wrong)
{
	static const struct {
		const char *websocket;
		const char *report;
	} rows[] = {
		{ "{}", "\"websocket\" must have \"modes\"" },
		{ "{'modes':{'liv':{}}}", "there is no mode \"live\" in \"websocket\" (liv)" },
		{ "{'modes':{'live':{},'other':{}}}", "no state has the mode \"other\"" },
		{ LIVE("'gret':'sts'"), "a mode has no \"gret\" (greet)" },
		{ LIVE("'greet':'stss'"), "has no frame \"stss\" (sts)" },
		{ LIVE("'greet':{'frame':'sts','close':1000}"), "a step must have one of" },
		{ LIVE("'greet':{'close':999}"), "\"close\"" },
		{ LIVE("'greet':{'close':1005}"), "a close frame never carries 1005" },
		{ LIVE("'greet':{'drop':false}"), "\"drop\" must be true" },
		{ LIVE("'greet':{'close':1000,'times':2}"), "\"times\" and \"cut\" go with \"frame\"" },
		{ LIVE("'greet':{'frame':'sts','times':101}"), "\"times\"" },
		{ LIVE("'greet':{'frame':'sts','times':'bea'}"), "wanted a number, or a setting that is one" },
		{ LIVE("'silent':true,'greet':'sts'"), "says nothing else" },
		{ LIVE("'refuses':true,'greet':'sts'"), "has nobody to \"greet\"" },
		{ LIVE("'deltas':true"), "needs \"deltas\" in \"websocket\"" },
		{ LIVE("'repeat':{'beat':{'every':'99ms','send':'sts'}}"), "at least 100 ms" },
		{ LIVE("'repeat':{'beat':{'every':'1s','send':[]}}"), "at least one frame" },
		{ "{'modes':{'live':{}},'topics':{'tick':'sts'}}", "a topic has three letters" },
		{ "{'modes':{'live':{}},'topics':{'tic':{'unsubscribe':'tac'}}}", "there is no topic \"tac\" (tic)" },
		{ "{'modes':{'live':{}},'topics':{'tic':{'switch':'beat'}}}",
		  "no mode repeats anything named \"beat\"" },
		{ "{'modes':{'live':{}},'topics':{'tic':{'every':'1s','send':'sts'}}}", "goes with \"subscribe\"" },
		{ "{'modes':{'live':{}},'deltas':{'frame':'told','of':['nothing']}}",
		  "nothing shows or sets \"nothing\"" },
		{ "{'modes':{'live':{}},'deltas':{'frame':'told','of':[],'along':['beat']}}", "must be in \"of\" too" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		expect_report(rows[i].websocket, rows[i].report);
}
