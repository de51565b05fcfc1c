/* Why: a person who has written a scenario learns from these reports what is wrong with it. For each mistake that the
 * loader knows: the smallest file that makes it, and the whole report with the exact place and the nearest name. */
#include "support/small_machine.h"

#include <criterion/criterion.h>

struct bad {
	const char *top;    /* "top.json", with ' for " */
	const char *report; /* "file:line:column: message (nearest name)", one a line */
	struct {
		const char *name;
		const char *text;
	} files[2]; /* what the small machine has besides */
};

static void expect_reports(const struct bad *bad, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct memory_source memory = { 0 };
		struct machine machine = { 0 };
		struct buffer report = { 0 };

		small_machine_add(&memory);
		memory_source_add_quoted(&memory, "top.json", bad[i].top);
		for (size_t j = 0; j < 2 && bad[i].files[j].name; j++)
			memory_source_add_quoted(&memory, bad[i].files[j].name, bad[i].files[j].text);
		buffer_add_text(&report, "");
		load_with_report(&memory, "top", &machine, &report);
		cr_expect_str_eq(report.data, bad[i].report, "%s\nwanted:\n%s\nfound:\n%s", bad[i].top, bad[i].report,
		                 report.data);
		machine_release(&machine);
		memory_source_release(&memory);
		buffer_release(&report);
	}
}

#define EXPECT_REPORTS(bad) expect_reports(bad, sizeof(bad) / sizeof *(bad))

Test(loading, says_what_is_wrong_with_settings)
{
	static const struct bad bad[] = {
		{ "{'extends':'gateway','settings':{'who':['x']}}",
		  "top.json:1:40: a value must be a text or a number or true or false or null, found a list\n" },
		{ "{'extends':'gateway','settings':{'number':1.5}}",
		  "top.json:1:43: a number here must be a whole number from -999999999999999 to 999999999999999\n" },
		{ "{'extends':'gateway','settings':{'who':'a\\u0007'}}",
		  "top.json:1:40: a text here has at most 256 bytes and no control characters\n" },
		{ "{'extends':'gateway','settings':{'Bad Name':1}}",
		  "top.json:1:34: the name of a setting has 1 to 64 lower-case letters, digits, \"_\", \"-\" or "
		  "\".\"\n" },
		{ "{'extends':'gateway','settings':[]}",
		  "top.json:1:33: \"settings\" must be an object, found a list\n" },
		{ "{'extends':'gateway','settings':{'strict_http':'yes'}}",
		  "top.json:1:48: setting \"strict_http\" must be true or false, found a text\n" },
		{ "{'extends':'gateway','settings':{'ips_allow':1,'ips_deny':null}}",
		  "top.json:1:46: setting \"ips_allow\" must be a text, found a number\n"
		  "top.json:1:59: setting \"ips_deny\" must be a text, found null\n" },
		{ "{'extends':'gateway','settings':{'pacing':'obseved'}}",
		  "top.json:1:43: \"pacing\" must be \"observed\" or \"documented\", found \"obseved\" (observed)\n" },
		{ "{'extends':'gateway','settings':{'pause':'soon'}}",
		  "top.json:1:42: setting \"pause\" must be a duration such as \"90s\", found \"soon\"\n" },
		{ "{'extends':'gateway','settings':{'pause':null,'who':7,'number':'x','absent':[],'strict_http':1}}",
		  "top.json:1:42: setting \"pause\" must be a duration, found null\n"
		  "top.json:1:53: setting \"who\" must be a text, found a number\n"
		  "top.json:1:64: setting \"number\" must be a whole number, found a text\n"
		  "top.json:1:77: a value must be a text or a number or true or false or null, found a list\n"
		  "top.json:1:94: setting \"strict_http\" must be true or false, found a number\n" },
		/* What is wrong is there all the same, for all who name it: one mistake, one sentence. */
		{ "{'extends':'gateway','settings':{'lag':{},'pacing':true},"
		  "'endpoints':{'init':{'answer':{'reply':'ok','after':'lag'}}},'timeline':[{'at':'1s','set':{'lag':'"
		  "2s'}}]}",
		  "top.json:1:52: setting \"pacing\" must be a text, found true\n"
		  "top.json:1:40: a value must be a text or a number or true or false or null, found an object\n" },
		/* One level too high. */
		{ "{'extends':'gateway','strict_http':false,'whom':'x'}",
		  "top.json:1:22: \"strict_http\" is a setting: it belongs into \"settings\": { \"strict_http\": … }\n"
		  "top.json:1:42: a scenario has no \"whom\"\n" },
		{ "{'extends':'gateway','settings':{'beat':'50ms'}}",
		  "top.json:1:41: this duration must be at least 100 ms\n" },
		{ "{'extends':'gateway','settings':{'whom':'x'}}",
		  "top.json:1:34: nothing uses setting \"whom\" (who)\n" },
	};

	EXPECT_REPORTS(bad);
}

Test(loading, says_what_is_wrong_with_regions)
{
	static const struct bad bad[] = {
		{ "{'extends':'gateway','regions':[]}", "top.json:1:32: \"regions\" must name at least one region\n" },
		{ "{'extends':'gateway','regions':['health',7,'session']}",
		  "top.json:1:42: a region must be a text, found a number\n" },
		{ "{'extends':'gateway','regions':['health','session','a b']}",
		  "top.json:1:52: the name of a region has 1 to 64 lower-case letters, digits, \"_\", \"-\" or "
		  "\".\"\n" },
		{ "{'extends':'gateway','regions':['health','session','weather']}",
		  "gateway.json:11:3: region \"weather\" has no states\n" },
		{ "{'extends':'gateway','states':{'well':{'region':'helth'}}}",
		  "top.json:1:49: there is no region \"helth\" (health)\n" },
		{ "{'extends':'gateway','states':{'in':{'region':'health'}}}",
		  "gateway.json:25:24: \"in\" is of region \"health\"; from \"out\" one can only go to states of "
		  "\"session\"\n"
		  "gateway.json:34:28: \"out\" is of region \"session\"; from \"in\" one can only go to states of "
		  "\"health\"\n"
		  "gateway.json:34:53: \"out\" is of region \"session\"; from \"in\" one can only go to states of "
		  "\"health\"\n"
		  "gateway.json:35:27: \"out\" is of region \"session\"; from \"in\" one can only go to states of "
		  "\"health\"\n"
		  "gateway.json:35:46: \"out\" is of region \"session\"; from \"in\" one can only go to states of "
		  "\"health\"\n" },
	};

	EXPECT_REPORTS(bad);
}

Test(loading, says_what_is_wrong_with_states)
{
	static const struct bad bad[] = {
		{ "{'initial':[],'states':{},'endpoints':{}}", "top.json:1:15: a machine must have at least one state\n"
		                                               "top.json:1:2: region \"session\" has no states\n" },
		{ "{'extends':'gateway','states':{'In':{}}}", "top.json:1:32: the name of a state has 1 to 64 "
		                                              "lower-case letters, digits, \"_\", \"-\" or \".\"\n" },
		{ "{'extends':'gateway','states':{'tired':{'region':'session','show':{}}}}",
		  "top.json:1:60: a state has no \"show\" (shows)\n" },
		{ "{'extends':'gateway','states':{'tired':7}}",
		  "top.json:1:40: a state must be an object, found a number\n" },
		{ "{'extends':'gateway','states':{'inn':{'region':'session'}}}",
		  "top.json:1:32: nothing leads to state \"inn\" (in)\n" },
		{ "{'extends':'gateway','states':{'in':{'shows':{'ready':{}}}}}",
		  "top.json:1:55: a value must be a text or a number or true or false or null, found an object\n" },
		{ "{'extends':'gateway','states':{'in':{'shows':{'reddy':true}}}}",
		  "top.json:1:47: no reply uses \"reddy\" (ready)\n" },
		{ "{'extends':'gateway','states':{'in':{'quiet':'yes'}}}",
		  "top.json:1:46: \"quiet\" must be true or false, found a text\n"
		  "gateway.json:20:73: there is no state \"in\"\n"
		  "gateway.json:25:24: there is no state \"in\"\n"
		  "gateway.json:54:25: there is no state \"in\"\n"
		  "gateway.json:56:26: there is no state \"in\"\n" },
	};

	EXPECT_REPORTS(bad);
}

Test(loading, says_what_is_wrong_with_initial)
{
	static const struct bad bad[] = {
		{ "{'extends':'gateway','initial':['inn']}", "top.json:1:33: there is no state \"inn\" (in)\n" },
		{ "{'extends':'gateway','initial':['in','out']}",
		  "top.json:1:38: \"in\" and \"out\" are both of region \"session\": it starts in one\n" },
		{ "{'extends':'gateway','initial':[1]}",
		  "top.json:1:33: a state's name must be a text, found a number\n" },
		{ "{'extends':'gateway','initial':'in'}", "top.json:1:32: \"initial\" must be a list, found a text\n" },
		{ "{'initial':['a'],'regions':['one','two'],'states':{'a':{},'b':{'region':'two'}},'endpoints':{}}",
		  "top.json:1:2: \"initial\" must name a state of region \"two\"\n" },
	};

	EXPECT_REPORTS(bad);
}

Test(loading, says_what_is_wrong_with_groups)
{
	static const struct bad bad[] = {
		{ "{'extends':'gateway','groups':{'Up':[]}}", "top.json:1:32: the name of a group has 1 to 64 "
		                                              "lower-case letters, digits, \"_\", \"-\" or \".\"\n" },
		{ "{'extends':'gateway','groups':{'upstream':'api'}}",
		  "top.json:1:43: a group must be a list, found a text\n"
		  "gateway.json:39:77: there is no group \"api\"\n"
		  "gateway.json:40:66: there is no group \"api\"\n"
		  "gateway.json:41:81: there is no group \"api\"\n"
		  "gateway.json:42:43: there is no group \"pages\"\n"
		  "gateway.json:24:20: there is no group \"api\"\n"
		  "gateway.json:54:64: there is no group \"api\"\n" },
		{ "{'extends':'gateway','groups':{'upstream':[7]}}",
		  "top.json:1:44: a group's member must be a text, found a number\n"
		  "gateway.json:39:77: there is no group \"api\"\n"
		  "gateway.json:40:66: there is no group \"api\"\n"
		  "gateway.json:41:81: there is no group \"api\"\n"
		  "gateway.json:42:43: there is no group \"pages\"\n"
		  "gateway.json:24:20: there is no group \"api\"\n"
		  "gateway.json:54:64: there is no group \"api\"\n" },
		{ "{'extends':'gateway','groups':{'some':['init','statsu','pagse']}}",
		  "top.json:1:47: there is no group or endpoint \"statsu\" (status)\n"
		  "top.json:1:56: there is no group or endpoint \"pagse\" (pages)\n" },
		{ "{'initial':['a'],'states':{'a':{}},'endpoints':{'x':{'path':'/x','group':'My "
		  "Group','answer':{'hang':true}}}}",
		  "top.json:1:74: the name of a group has 1 to 64 lower-case letters, digits, \"_\", \"-\" or "
		  "\".\"\n" },
		{ "{'extends':'gateway','endpoints':{'front':{'group':'aip'}}}",
		  "top.json:1:52: there is no group \"aip\" (api)\n" },
	};

	EXPECT_REPORTS(bad);
}

Test(loading, says_what_is_wrong_with_methods)
{
	static const struct bad bad[] = {
		{ "{'extends':'gateway','endpoints':{'front':{'methods':'all'}}}",
		  "top.json:1:54: \"methods\" must be \"any\" or a list such as [\"GET\"] (any)\n" },
		{ "{'extends':'gateway','endpoints':{'front':{'methods':[]}}}",
		  "top.json:1:54: \"methods\" must name at least one\n" },
		{ "{'extends':'gateway','endpoints':{'front':{'methods':['get','FETCH',1]}}}",
		  "top.json:1:55: \"get\" is not one of GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH\n"
		  "top.json:1:61: \"FETCH\" is not one of GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH\n"
		  "top.json:1:69: a method must be a text, found a number\n" },
	};

	EXPECT_REPORTS(bad);
}

Test(loading, says_what_is_wrong_with_endpoints)
{
	static const struct bad bad[] = {
		{ "{'extends':'gateway','endpoints':{'Front':{'path':'/x','answer':'ok'}}}",
		  "top.json:1:35: the name of an endpoint has 1 to 64 lower-case letters, digits, \"_\", \"-\" or "
		  "\".\"\n" },
		{ "{'extends':'gateway','endpoints':{'x':{'answer':'ok'}}}",
		  "top.json:1:39: an endpoint must have one of \"path\", \"paths\" and \"match\"\n" },
		{ "{'extends':'gateway','endpoints':{'front':{'paths':['/x']}}}",
		  "gateway.json:43:14: an endpoint must have one of \"path\", \"paths\" and \"match\"\n" },
		{ "{'extends':'gateway','endpoints':{'x':{'match':'unknown_pth','answer':'ok'}}}",
		  "top.json:1:48: there is no match \"unknown_pth\" (unknown_path)\n" },
		{ "{'extends':'gateway','endpoints':{'x':{'match':'unknown_path','answer':'ok'}}}",
		  "top.json:1:48: \"unknown_path\" has an endpoint already: \"unknown\"\n" },
		{ "{'extends':'gateway','endpoints':{'x':{'pth':'/x','path':'/x','answer':'ok'}}}",
		  "top.json:1:40: an endpoint has no \"pth\" (path)\n" },
		{ "{'extends':'gateway','endpoints':{'x':{'path':'/api/status','answer':'ok'}}}",
		  "top.json:1:35: endpoints \"status\" and \"x\" both claim /api/status with the same method\n"
		  "top.json:1:35: endpoints \"status\" and \"x\" both claim /old/status with the same method\n" },
		{ "{'extends':'gateway','endpoints':{'a':{'path':'/x','methods':['GET'],'answer':'ok'},"
		  "'b':{'path':'/x','methods':['PUT'],'answer':'ok'},'c':{'path':'/"
		  "x','methods':['GET'],'answer':'ok'}}}",
		  "top.json:1:135: endpoints \"a\" and \"c\" both claim /x with the same method\n" },
		{ "{'extends':'gateway','endpoints':{'x':{'paths':[],'answer':'ok'}}}",
		  "top.json:1:48: \"paths\" must name at least one path\n" },
		{ "{'extends':'gateway','endpoints':{'x':{'path':'/sso/*','answer':'ok'}}}",
		  "top.json:1:35: endpoints \"login\" and \"x\" both claim /sso/ with the same method\n" },
		{ "{'extends':'gateway','endpoints':7}",
		  "top.json:1:34: \"endpoints\" must be an object, found a number\n" },
	};

	EXPECT_REPORTS(bad);
}

Test(loading, says_what_is_wrong_with_paths)
{
	static const struct bad bad[] = {
		{ "{'extends':'gateway','endpoints':{'front':{'path':'x'}}}",
		  "top.json:1:51: a path starts with \"/\", has no \"?\", and a \"*\" only after its last \"/\"; found "
		  "\"x\"\n" },
		{ "{'extends':'gateway','endpoints':{'front':{'path':''}}}",
		  "top.json:1:51: a path starts with \"/\", has no \"?\", and a \"*\" only after its last \"/\"; found "
		  "\"\"\n" },
		{ "{'extends':'gateway','endpoints':{'front':{'path':'/x?y'}}}",
		  "top.json:1:51: a path starts with \"/\", has no \"?\", and a \"*\" only after its last \"/\"; found "
		  "\"/x?y\"\n" },
		{ "{'extends':'gateway','endpoints':{'front':{'path':'/x*'}}}",
		  "top.json:1:51: a path starts with \"/\", has no \"?\", and a \"*\" only after its last \"/\"; found "
		  "\"/x*\"\n" },
		{ "{'extends':'gateway','endpoints':{'front':{'path':'/x/*/y'}}}",
		  "top.json:1:51: a path starts with \"/\", has no \"?\", and a \"*\" only after its last \"/\"; found "
		  "\"/x/*/y\"\n" },
		{ "{'extends':'gateway','endpoints':{'front':{'path':'/x y'}}}",
		  "top.json:1:51: a path starts with \"/\", has no \"?\", and a \"*\" only after its last \"/\"; found "
		  "\"/x y\"\n" },
		{ "{'extends':'gateway','endpoints':{'x':{'paths':['/x',7],'answer':'ok'}}}",
		  "top.json:1:54: a path must be a text, found a number\n" },
		{ "{'extends':'gateway','aliases':{'old':'/api/'}}",
		  "top.json:1:33: an alias and its target are paths, without \"?\" and \"*\": \"/old/\": \"/new/\"\n" },
		{ "{'extends':'gateway','aliases':{'/old/':'api'}}",
		  "top.json:1:33: an alias and its target are paths, without \"?\" and \"*\": \"/old/\": \"/new/\"\n" },
		{ "{'extends':'gateway','aliases':{'/o?/':'/api/'}}",
		  "top.json:1:33: an alias and its target are paths, without \"?\" and \"*\": \"/old/\": \"/new/\"\n" },
		{ "{'extends':'gateway','aliases':{'/old/':'/a b/'}}",
		  "top.json:1:33: an alias and its target are paths, without \"?\" and \"*\": \"/old/\": \"/new/\"\n" },
		{ "{'extends':'gateway','aliases':{'/o?*/':'/api/'}}",
		  "top.json:1:33: an alias and its target are paths, without \"?\" and \"*\": \"/old/\": \"/new/\"\n" },
		{ "{'extends':'gateway','aliases':{'/new/':'/api/*'}}",
		  "top.json:1:33: an alias and its target are paths, without \"?\" and \"*\": \"/old/\": \"/new/\"\n" },
		{ "{'extends':'gateway','aliases':{'/old/':7}}",
		  "top.json:1:41: an alias must be a text, found a number\n" },
	};

	EXPECT_REPORTS(bad);
}

Test(loading, says_what_is_wrong_with_events)
{
	static const struct bad bad[] = {
		{ "{'extends':'gateway','states':{'in':{'on':{'Tick':'out'}}}}",
		  "top.json:1:44: the name of an event has 1 to 64 lower-case letters, digits, \"_\", \"-\" or "
		  "\".\"\n" },
		{ "{'extends':'gateway','new_session_on':['logn']}",
		  "top.json:1:40: no state listens for an event \"logn\" (login)\n" },
		{ "{'extends':'gateway','new_session_on':[7]}",
		  "top.json:1:40: an event must be a text, found a number\n" },
		{ "{'extends':'gateway','new_session_on':['@aip']}",
		  "top.json:1:40: there is no group \"aip\" (api)\n" },
		{ "{'extends':'gateway','rate_exceeded':'too_mny'}",
		  "top.json:1:38: no state listens for an event \"too_mny\" (too_many)\n"
		  "gateway.json:59:3: \"rate_limits\" need \"rate_exceeded\": the event that a call too many "
		  "raises\n" },
	};

	EXPECT_REPORTS(bad);
}

/* A state may wait for what only somebody outside can raise, and then nothing seems to raise it either. */
Test(loading, tells_a_slip_in_an_events_name_from_an_event_of_ones_own)
{
	static const struct bad bad[] = {
		{ "{'extends':'gateway','states':{'in':{'on':{'midnigth':'out'}},'ill':{'on':{'midnigth':'well'}}}}",
		  "top.json:1:76: nothing raises the event \"midnigth\" (midnight)\n"
		  "top.json:1:44: nothing raises the event \"midnigth\" (midnight)\n" },
		/* Another state of the base listens for it, and somebody outside raises it. */
		{ "{'extends':'gateway','states':{'ill':{'on':{'recovr':'well'}}}}",
		  "top.json:1:45: nothing raises the event \"recovr\" (recover)\n" },
		{ "{'extends':'gateway','states':{'ill':{'on':{'loggin':'well'}}}}",
		  "top.json:1:45: nothing raises the event \"loggin\" (login)\n" },
		{ "{'extends':'gateway','states':{'in':{'on':{'earthquake':'out'}}}}", "" },
		{ "{'extends':'gateway','states':{'in':{'on':{'phase_1':'out','phase_2':'out'}}}}", "" },
		{ "{'extends':'gateway','states':{'in':{'on':{'midnigh':'out'}}},"
		  "'timeline':[{'at':'1s','event':'midnigh'}]}",
		  "" },
		{ "{'extends':'gateway','states':{'in':{'on':{'logot':'out'}}},"
		  "'endpoints':{'init':{'answer':{'reply':'ok','event':'logot'}}}}",
		  "" },
		{ "{'extends':'gateway','states':{'in':{'on':{'beet':'out'}}},"
		  "'timers':{'beet':{'while':['in'],'after':'1s','event':'beet'}}}",
		  "" },
		{ "{'initial':['a'],'states':{'a':{'on':{'goo':'b','go':'b'}},'b':{}},"
		  "'endpoints':{'go':{'path':'/','answer':{'hang':true}}}}",
		  "" },
	};

	EXPECT_REPORTS(bad);
}

Test(loading, says_what_is_wrong_with_transitions)
{
	static const struct bad bad[] = {
		{ "{'extends':'gateway','states':{'in':{'on':{'tick':'ot'}}}}",
		  "top.json:1:51: there is no state \"ot\" (out)\n" },
		{ "{'extends':'gateway','states':{'in':{'on':{'tick':'ill'}}}}",
		  "top.json:1:51: \"ill\" is of region \"health\"; from \"in\" one can only go to states of "
		  "\"session\"\n" },
		{ "{'extends':'gateway','states':{'in':{'on':{'tick':7}}}}",
		  "top.json:1:51: a transition must be a text or an object, found a number\n" },
		{ "{'extends':'gateway','states':{'in':{'on':{'tick':[]}}}}",
		  "top.json:1:51: a list of transitions has 1 to 255 of them\n" },
		{ "{'extends':'gateway','states':{'in':{'on':{'tick':{'while':['ill']}}}}}",
		  "top.json:1:51: a transition must have \"to\"\n" },
		{ "{'extends':'gateway','states':{'in':{'on':{'tick':{'to':'out','when':['ill']}}}}}",
		  "top.json:1:63: a transition has no \"when\"\n" },
		{ "{'extends':'gateway','states':{'in':{'on':{'tick':['out',{'to':'out','while':['ill']}]}}}}",
		  "top.json:1:58: this transition is never taken: the one before it always is\n" },
		{ "{'extends':'gateway','states':{'in':{'on':{'tick':{'to':'out','while':[]}}}}}",
		  "top.json:1:71: \"while\" must name at least one state\n" },
		{ "{'extends':'gateway','states':{'in':{'on':{'tick':{'to':'out','while':['il']}}}}}",
		  "top.json:1:72: there is no state \"il\" (ill)\n" },
	};

	EXPECT_REPORTS(bad);
}

Test(loading, says_what_is_wrong_with_answers)
{
	static const struct bad bad[] = {
		{ "{'extends':'gateway','states':{'in':{'answers':{'statsu':'ok'}}}}",
		  "top.json:1:49: there is no endpoint \"statsu\" (status)\n" },
		{ "{'extends':'gateway','states':{'in':{'answers':{'@pags':'ok'}}}}",
		  "top.json:1:49: there is no group \"pags\" (pages)\n" },
		{ "{'extends':'gateway','states':{'in':{'answers':{'status':7}}}}",
		  "top.json:1:58: an answer must be a text or an object or a list, found a number\n" },
		{ "{'extends':'gateway','states':{'in':{'answers':{'status':['ok',7]}}}}",
		  "top.json:1:64: this answer is never given: the one before it always is\n"
		  "top.json:1:64: an answer must be a text or an object, found a number\n" },
		{ "{'extends':'gateway','states':{'in':{'answers':{'status':{}}}}}",
		  "top.json:1:58: an answer must have either \"reply\" or \"hang\": true\n" },
		{ "{'extends':'gateway','states':{'in':{'answers':{'status':{'reply':'ok','hang':true}}}}}",
		  "top.json:1:58: an answer must have either \"reply\" or \"hang\": true\n" },
		{ "{'extends':'gateway','states':{'in':{'answers':{'status':{'hang':false}}}}}",
		  "top.json:1:58: an answer must have either \"reply\" or \"hang\": true\n" },
		{ "{'extends':'gateway','states':{'in':{'answers':{'status':[]}}}}",
		  "top.json:1:58: a list of answers has 1 to 32 of them\n" },
		{ "{'extends':'gateway','states':{'in':{'answers':{'status':{'replay':'ok'}}}}}",
		  "top.json:1:59: an answer has no \"replay\" (reply)\n"
		  "top.json:1:58: an answer must have either \"reply\" or \"hang\": true\n" },
		{ "{'extends':'gateway','states':{'in':{'answers':{'status':['ok','refused']}}}}",
		  "top.json:1:64: this answer is never given: the one before it always is\n" },
		{ "{'extends':'gateway','states':{'in':{'answers':{'status':{'reply':'ok','after':'pase'}}}}}",
		  "top.json:1:80: wanted a duration such as \"90s\", or a setting that is one; found \"pase\" "
		  "(pause)\n" },
		{ "{'extends':'gateway','states':{'in':{'answers':{'status':{'reply':'ok','after':'number'}}}}}",
		  "top.json:1:80: wanted a duration such as \"90s\", or a setting that is one; found \"number\"\n" },
		{ "{'extends':'gateway','states':{'in':{'answers':{'status':{'reply':'ok','after':'5 s'}}}}}",
		  "top.json:1:80: wanted a duration such as \"90s\", \"5m30s\" or \"24h\", found \"5 s\"\n" },
		{ "{'extends':'gateway','states':{'in':{'answers':{'status':{'reply':'ok','event':'lgin'}}}}}",
		  "top.json:1:80: no state listens for an event \"lgin\" (login)\n" },
	};

	EXPECT_REPORTS(bad);
}

Test(loading, says_what_is_wrong_with_guards)
{
	static const struct bad bad[] = {
		{ "{'extends':'gateway','states':{'in':{'answers':{'status':{'reply':'ok','calls':0}}}}}",
		  "top.json:1:80: \"calls\" must be a whole number from 1 to 4294967295\n" },
		{ "{'extends':'gateway','states':{'in':{'answers':{'status':{'reply':'ok','calls':'0'}}}}}",
		  "top.json:1:80: \"calls\" counts from 1: \"3\", \"2..5\" or \"4..\"; found \"0\"\n" },
		{ "{'extends':'gateway','states':{'in':{'answers':{'status':{'reply':'ok','calls':'5..2'}}}}}",
		  "top.json:1:80: \"calls\" counts from 1: \"3\", \"2..5\" or \"4..\"; found \"5..2\"\n" },
		{ "{'extends':'gateway','states':{'in':{'answers':{'status':{'reply':'ok','calls':'2-5'}}}}}",
		  "top.json:1:80: \"calls\" counts from 1: \"3\", \"2..5\" or \"4..\"; found \"2-5\"\n" },
		{ "{'extends':'gateway','states':{'in':{'answers':{'status':{'reply':'ok','calls':'4294967296'}}}}}",
		  "top.json:1:80: \"calls\" counts from 1: \"3\", \"2..5\" or \"4..\"; found \"4294967296\"\n" },
		{ "{'extends':'gateway','states':{'in':{'answers':{'status':{'reply':'ok','calls':true}}}}}",
		  "top.json:1:80: \"calls\" must be a text or a number, found true\n" },
		{ "{'extends':'gateway','states':{'in':{'answers':{'status':{'reply':'ok','every':0}}}}}",
		  "top.json:1:80: \"every\" must be a whole number from 1 to 4294967295\n" },
		{ "{'extends':'gateway','states':{'in':{'answers':{'status':{'reply':'ok','between':'60s'}}}}}",
		  "top.json:1:82: \"between\" is two durations since the start, such as \"60s..90s\" or \"5m..\"; "
		  "found \"60s\"\n" },
		{ "{'extends':'gateway','states':{'in':{'answers':{'status':{'reply':'ok','between':'90s..60s'}}}}}",
		  "top.json:1:82: \"between\" is two durations since the start, such as \"60s..90s\" or \"5m..\"; "
		  "found \"90s..60s\"\n" },
		{ "{'extends':'gateway','states':{'in':{'answers':{'status':{'reply':'ok','between':'..60s'}}}}}",
		  "top.json:1:82: \"between\" is two durations since the start, such as \"60s..90s\" or \"5m..\"; "
		  "found \"..60s\"\n" },
		{ "{'extends':'gateway','states':{'in':{'answers':{'status':{'reply':'ok','probability':0}}}}}",
		  "top.json:1:86: \"probability\" must be from 0.001 to 1\n" },
		{ "{'extends':'gateway','states':{'in':{'answers':{'status':{'reply':'ok','probability':1.001}}}}}",
		  "top.json:1:86: \"probability\" must be from 0.001 to 1\n" },
		{ "{'extends':'gateway','states':{'in':{'answers':{'status':{'reply':'ok','publish':'true'}}}}}",
		  "top.json:1:82: \"publish\" must be true or false, found a text\n" },
		{ "{'extends':'gateway','states':{'in':{'answers':{'status':{'reply':'ok','methods':['get']}}}}}",
		  "top.json:1:83: \"get\" is not one of GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH\n" },
		{ "{'extends':'gateway','states':{'in':{'answers':{'status':{'reply':'ok','while':['wel']}}}}}",
		  "top.json:1:81: there is no state \"wel\" (well)\n" },
	};

	EXPECT_REPORTS(bad);
}

Test(loading, says_what_is_wrong_with_timers)
{
	static const struct bad bad[] = {
		{ "{'extends':'gateway','timers':{'t':{'while':['in'],'after':'1s','event':'Went Idle'}}}",
		  "top.json:1:73: the name of an event has 1 to 64 lower-case letters, digits, \"_\", \"-\" or "
		  "\".\"\n" },
		{ "{'extends':'gateway','timers':{'T':{'while':['in'],'after':'1s','event':'went_idle'}}}",
		  "top.json:1:32: the name of a timer has 1 to 64 lower-case letters, digits, \"_\", \"-\" or "
		  "\".\"\n" },
		{ "{'extends':'gateway','timers':{'t':{'while':['in'],'event':'went_idle'}}}",
		  "top.json:1:32: a timer must have one of \"after\", \"every\" and \"daily\"\n" },
		{ "{'extends':'gateway','timers':{'t':{'while':['in'],'after':'1s','every':'1s','event':'went_idle'}}}",
		  "top.json:1:32: a timer must have one of \"after\", \"every\" and \"daily\"\n" },
		{ "{'extends':'gateway','timers':{'t':{'after':'1s','event':'went_idle'}}}",
		  "top.json:1:36: a timer must have \"while\"\n" },
		{ "{'extends':'gateway','timers':{'t':{'while':['in'],'after':'1s'}}}",
		  "top.json:1:36: a timer must have \"event\"\n" },
		{ "{'extends':'gateway','timers':{'t':{'while':['in'],'after':'0s','event':'went_idle'}}}",
		  "top.json:1:60: this duration must be at least 1 ms\n" },
		{ "{'extends':'gateway','timers':{'t':{'while':['in'],'every':'99ms','event':'went_idle'}}}",
		  "top.json:1:60: this duration must be at least 100 ms\n" },
		{ "{'extends':'gateway','timers':{'t':{'while':['in'],'after':'idel','event':'went_idle'}}}",
		  "top.json:1:60: wanted a duration such as \"90s\", or a setting that is one; found \"idel\" "
		  "(idle)\n" },
		{ "{'extends':'gateway','timers':{'t':{'while':['in'],'after':5,'event':'went_idle'}}}",
		  "top.json:1:60: \"after\" must be a text, found a number\n" },
		{ "{'extends':'gateway','timers':{'t':{'while':['inn'],'after':'1s','event':'went_idle'}}}",
		  "top.json:1:46: there is no state \"inn\" (in)\n" },
		{ "{'extends':'gateway','timers':{'t':{'while':['in'],'after':'1s','event':'went_idle','restart_on':['"
		  "statos']}}}",
		  "top.json:1:99: no state listens for an event \"statos\" (status)\n" },
		{ "{'extends':'gateway','timers':{'t':{'while':['in'],'daily':{'at':'24:00','zone':'UTC'},'event':'"
		  "went_idle'}}}",
		  "top.json:1:66: wanted a time of day such as \"00:00\", found \"24:00\"\n" },
		{ "{'extends':'gateway','timers':{'t':{'while':['in'],'daily':{'at':'00:00','zone':'America/"
		  "NewYork'},'event':'went_idle'}}}",
		  "top.json:1:81: there is no zone \"America/NewYork\" (America/New_York)\n" },
		{ "{'extends':'gateway','timers':{'t':{'while':['in'],'daily':{'at':'00:00'},'event':'went_idle'}}}",
		  "top.json:1:60: \"daily\" must have \"zone\"\n" },
	};

	EXPECT_REPORTS(bad);
}

Test(loading, says_what_is_wrong_with_rate_limits)
{
	static const struct bad bad[] = {
		{ "{'extends':'gateway','rate_limits':{'x':{'path':'/a?b','limit':'1/1s'}}}",
		  "top.json:1:49: a path is \"*\", \"/…\", or \"/…/*\"; found \"/a?b\"\n" },
		{ "{'extends':'gateway','rate_limits':{'x':{'path':'api','limit':'1/1s'}}}",
		  "top.json:1:49: a path is \"*\", \"/…\", or \"/…/*\"; found \"api\"\n" },
		{ "{'extends':'gateway','rate_limits':{'x':{'path':'/api*','limit':'1/1s'}}}",
		  "top.json:1:49: a path is \"*\", \"/…\", or \"/…/*\"; found \"/api*\"\n" },
		{ "{'extends':'gateway','rate_limits':{'x':{'path':'/api','limit':'0/1s'}}}",
		  "top.json:1:64: a limit is a count of 1 to 32 and a duration, such as \"10/1s\" or \"1/15m\"\n" },
		{ "{'extends':'gateway','rate_limits':{'x':{'path':'/api','limit':'33/1s'}}}",
		  "top.json:1:64: a limit is a count of 1 to 32 and a duration, such as \"10/1s\" or \"1/15m\"\n" },
		{ "{'extends':'gateway','rate_limits':{'x':{'path':'/api','limit':'10 per 1s'}}}",
		  "top.json:1:64: a limit is a count of 1 to 32 and a duration, such as \"10/1s\" or \"1/15m\"\n" },
		{ "{'extends':'gateway','rate_limits':{'x':{'path':'/api','limit':'1/0s'}}}",
		  "top.json:1:64: a limit is a count of 1 to 32 and a duration, such as \"10/1s\" or \"1/15m\"\n" },
		{ "{'extends':'gateway','rate_limits':{'x':{'path':'/api'}}}",
		  "top.json:1:41: a rate limit must have \"limit\"\n" },
		{ "{'extends':'gateway','rate_limits':{'X':{'path':'/api','limit':'1/1s'}}}",
		  "top.json:1:37: the name of a rate limit has 1 to 64 lower-case letters, digits, \"_\", \"-\" or "
		  "\".\"\n" },
		{ "{'extends':'gateway','rate_exceeded':null}",
		  "top.json:1:38: \"rate_exceeded\" must be a text, found null\n" },
	};

	EXPECT_REPORTS(bad);
}

Test(loading, says_what_is_wrong_with_timeline)
{
	static const struct bad bad[] = {
		{ "{'extends':'gateway','timeline':[{'at':'1h','set':{'pacing':'obseved'}}]}",
		  "top.json:1:61: \"pacing\" must be \"observed\" or \"documented\", found \"obseved\" (observed)\n" },
		{ "{'extends':'gateway','timeline':[{'at':'1h','set':{'pacing':null}}]}",
		  "top.json:1:61: setting \"pacing\" must be a text, found null\n" },
		{ "{'extends':'gateway','timeline':[{'at':'1h','set':{'beat':'99ms'}}]}",
		  "top.json:1:59: setting \"beat\" must be from 100 ms to 3650 days, found \"99ms\"\n" },
		{ "{'extends':'gateway','timeline':[7]}", "top.json:1:34: a cue must be an object, found a number\n" },
		{ "{'extends':'gateway','timeline':[{'event':'login'}]}", "top.json:1:34: a cue must have \"at\"\n" },
		{ "{'extends':'gateway','timeline':[{'at':'1 h','event':'login'}]}",
		  "top.json:1:40: wanted a duration such as \"90s\", \"5m30s\" or \"24h\", found \"1 h\"\n" },
		{ "{'extends':'gateway','timeline':[{'at':'1h'}]}",
		  "top.json:1:34: a cue must have one of \"event\", \"enter\", \"set\", \"send\", \"notify\" and "
		  "\"bulletin\"\n" },
		{ "{'extends':'gateway','timeline':[{'at':'1h','event':'login','enter':'in'}]}",
		  "top.json:1:34: a cue must have one of \"event\", \"enter\", \"set\", \"send\", \"notify\" and "
		  "\"bulletin\"\n" },
		{ "{'extends':'gateway','timeline':[{'at':'1h','event':'lgin'}]}",
		  "top.json:1:53: no state listens for an event \"lgin\" (login)\n" },
		{ "{'extends':'gateway','timeline':[{'at':'1h','enter':'inn'}]}",
		  "top.json:1:53: there is no state \"inn\" (in)\n" },
		{ "{'extends':'gateway','timeline':[{'at':'1h','set':{}}]}",
		  "top.json:1:51: \"set\" changes one setting: {\"name\": value}\n" },
		{ "{'extends':'gateway','timeline':[{'at':'1h','set':{'who':'x','number':1}}]}",
		  "top.json:1:51: \"set\" changes one setting: {\"name\": value}\n" },
		{ "{'extends':'gateway','timeline':[{'at':'1h','set':{'numbr':1}}]}",
		  "top.json:1:52: there is no setting \"numbr\" (number)\n" },
		{ "{'extends':'gateway','timeline':[{'at':'1h','set':{'number':'1'}}]}",
		  "top.json:1:61: setting \"number\" must be a whole number, found a text\n" },
		{ "{'extends':'gateway','timeline':[{'at':'1h','set':{'number':1.5}}]}",
		  "top.json:1:61: a number here must be a whole number from -999999999999999 to 999999999999999\n" },
		{ "{'extends':'gateway','timeline':[{'at':'1h','set':{'who':'a\\r\\nX-Evil: 1'}}]}",
		  "top.json:1:58: a text here has at most 256 bytes and no control characters\n" },
		{ "{'extends':'gateway','timeline':[{'at':'1h','set':{'who':[1]}}]}",
		  "top.json:1:58: a value must be a text or a number or true or false or null, found a list\n" },
		{ "{'extends':'gateway','timeline':[{'at':'1h','set':{'idle':'soon'}}]}",
		  "top.json:1:59: setting \"idle\" must be a duration such as \"90s\", found \"soon\"\n" },
	};

	EXPECT_REPORTS(bad);
}

Test(loading, says_what_is_wrong_with_clock_and_seed)
{
	static const struct bad bad[] = {
		{ "{'extends':'gateway','clock':{'mode':'fast'}}",
		  "top.json:1:38: clock is \"fast\"; wanted \"real\", \"manual\" or \"scaled:N\", such as "
		  "\"scaled:60\"\n" },
		{ "{'extends':'gateway','clock':{'mode':'scaled:0'}}",
		  "top.json:1:38: clock is \"scaled:0\"; wanted a whole number from 1 to 100000 after \"scaled:\"\n" },
		{ "{'extends':'gateway','clock':{'start':'2026-03-02'}}",
		  "top.json:1:39: wanted an instant with a zone, such as \"2026-03-02T09:30:00-05:00\"; found "
		  "\"2026-03-02\"\n" },
		{ "{'extends':'gateway','clock':{'speed':2}}", "top.json:1:31: \"clock\" has no \"speed\"\n" },
		{ "{'extends':'gateway','clock':'manual'}",
		  "top.json:1:30: \"clock\" must be an object, found a text\n" },
		{ "{'extends':'gateway','seed':-1}",
		  "top.json:1:29: \"seed\" must be a whole number from 0 to 999999999999999\n" },
		{ "{'extends':'gateway','seed':0.5}",
		  "top.json:1:29: \"seed\" must be a whole number from 0 to 999999999999999\n" },
	};

	EXPECT_REPORTS(bad);
}

Test(loading, says_what_is_wrong_with_packs)
{
	static const struct bad bad[] = {
		{ "{'extends':'gateway','fixtures':'2025'}",
		  "top.json:1:33: there is no fixture pack \"2025\" (2026)\n" },
		{ "{'extends':'gateway','fixtures':'./mine'}", "top.json:1:33: there is no fixture pack \"./mine\"\n" },
		{ "{'extends':'gateway','fixtures':'own'}",
		  "own/pack.json:1:1: a fixture pack must have \"name\"\n",
		  { { "own/pack.json", "{'title':'no name'}" } } },
		{ "{'extends':'gateway','fixtures':'own'}",
		  "own/pack.json:1:25: there is no fixture pack \"2021\" (2026)\n",
		  { { "own/pack.json", "{'name':'own','extends':'2021'}" } } },
		{ "{'extends':'gateway','fixtures':'own'}",
		  "own: fixture packs extend each other in a circle, or more than 4 deep\n",
		  { { "own/pack.json", "{'name':'own','extends':'own'}" } } },
		{ "{'extends':'gateway','fixtures':'own'}",
		  "own/pack.json:1:15: a comma before } is not allowed\n",
		  { { "own/pack.json", "{'name':'own',}" } } },
		{ "{'extends':'gateway','fixtures':'own'}",
		  "own/pack.json:1:53: \"pacing\" must be \"observed\" or \"documented\", found \"no\"\n",
		  { { "own/pack.json", "{'name':'own','extends':'2026','settings':{'pacing':'no'}}" } } },
		{ "{'extends':'gateway','fixtures':'own'}",
		  "own/pack.json:1:44: the scenario has no setting \"whi\" (who)\n"
		  "own/pack.json:1:63: setting \"number\" must be a whole number, found a text\n"
		  "own/pack.json:1:75: a value must be a text or a number or true or false or null, found a list\n",
		  { { "own/pack.json",
		      "{'name':'own','extends':'2026','settings':{'whi':'x','number':'12','idle':[]}}" } } },
	};

	EXPECT_REPORTS(bad);
}

Test(loading, says_what_is_wrong_with_replies)
{
	static const struct bad bad[] = {
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'pag'}}}",
		  "top.json:1:53: fixture pack \"2026\" has no reply \"pag\" (page)\n" },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'missing_page'}}}",
		  "top.json:1:53: fixture pack \"2026\" has no reply \"missing_page\" (missing)\n" },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'a/b'}}}",
		  "top.json:1:53: a reply is a fixture's name, or a file: \"./my_reply.json\"\n" },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./none.json'}}}",
		  "top.json:1:53: there is no file \"./none.json\" beside this one\n" },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':''}}}",
		  "top.json:1:53: a reply is a fixture's name, or a file: \"./my_reply.json\"\n" },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "mine.json:1:1: a reply must be an object, found a list\n",
		  { { "mine.json", "[]" } } },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "mine.json:1:1: a reply must have \"headers\"\n",
		  { { "mine.json", "{'status':200}" } } },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "mine.json:1:25: fixture pack \"2026\" has no header set \"jsn\"\n",
		  { { "mine.json", "{'status':200,'headers':'jsn'}" } } },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "mine.json:1:11: \"status\" must be a whole number from 200 to 599\n",
		  { { "mine.json", "{'status':199,'headers':'json'}" } } },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "mine.json:1:11: \"status\" must be a number, found a text\n",
		  { { "mine.json", "{'status':'200','headers':'json'}" } } },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "mine.json:1:41: a reason has no control characters\n",
		  { { "mine.json", "{'status':200,'headers':'json','reason':'O\\nK'}" } } },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "mine.json:1:48: a reply has \"body\" or \"text\", not both\n",
		  { { "mine.json", "{'status':200,'headers':'json','body':1,'text':'1'}" } } },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "mine.json:1:44: a line must be a text, found a number\n",
		  { { "mine.json", "{'status':200,'headers':'json','text':['a',1]}" } } },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "mine.json:1:32: a reply has no \"bdy\" (body)\n",
		  { { "mine.json", "{'status':200,'headers':'json','bdy':1}" } } },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "mine.json:1:46: \"a\" is here twice; the first is on line 1\n",
		  { { "mine.json", "{'status':200,'headers':'json','body':{'a':1,'a':2}}" } } },
	};

	EXPECT_REPORTS(bad);
}

Test(loading, says_what_is_wrong_with_variables)
{
	static const struct bad bad[] = {
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "mine.json:1:39: nothing shows or sets \"whom\", named between {{ and }} (who)\n",
		  { { "mine.json", "{'status':200,'headers':'json','body':'{{whom}}'}" } } },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "mine.json:1:39: {{ has no }}\n",
		  { { "mine.json", "{'status':200,'headers':'json','body':{'a':['{{who']}}" } } },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "mine.json:1:47: nothing shows or sets \"now_msec\", named between {{ and }} (now_ms)\n",
		  { { "mine.json", "{'status':200,'headers':'json','text':['fine','{{now_msec}}']}" } } },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "mine.json:1:39: nothing shows or sets \"remaining_ms.idel\", named between {{ and }} (idle)\n",
		  { { "mine.json", "{'status':200,'headers':'json','body':'{{remaining_ms.idel}}'}" } } },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "mine.json:1:39: nothing shows or sets \"remaining_ms\", named between {{ and }} (remaining_ms)\n",
		  { { "mine.json", "{'status':200,'headers':'json','body':'{{remaining_ms}}'}" } } },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "mine.json:1:39: nothing shows or sets \"\", named between {{ and }}\n",
		  { { "mine.json", "{'status':200,'headers':'json','body':'{{}}'}" } } },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "mine.json:1:39: nothing shows or sets \" who \", named between {{ and }} (who)\n",
		  { { "mine.json", "{'status':200,'headers':'json','body':'{{ who }}'}" } } },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "mine.json:1:39: the name between {{ and }} is too long\n",
		  { { "mine.json", "{'status':200,'headers':'json','body':'{{"
		                   "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		                   "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}}'}" } } },
	};

	EXPECT_REPORTS(bad);
}

Test(loading, says_what_is_wrong_with_header_sets)
{
	static const struct bad bad[] = {
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "mine.json:1:25: \"headers\" is the name of a header set: 1 to 64 lower-case letters, digits, \"_\", "
		  "\"-\" or "
		  "\".\"\n",
		  { { "mine.json", "{'status':200,'headers':'../headers/json'}" } } },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "mine.json:1:25: \"headers\" is the name of a header set: 1 to 64 lower-case letters, digits, \"_\", "
		  "\"-\" or "
		  "\".\"\n",
		  { { "mine.json", "{'status':200,'headers':'..'}" } } },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "2026/headers/mine.json:1:33: a header is [\"Name\", \"value\"]\n",
		  { { "mine.json", "{'status':200,'headers':'mine'}" },
		    { "2026/headers/mine.json", "{'framing':'chunked','headers':[{'a':'X','b':'y'}]}" } } },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "2026/headers/mine.json:1:1: a header set must have \"framing\"\n",
		  { { "mine.json", "{'status':200,'headers':'mine'}" },
		    { "2026/headers/mine.json", "{'headers':[]}" } } },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "2026/headers/mine.json:1:12: \"framing\" must be \"chunked\" or \"as_given\"\n",
		  { { "mine.json", "{'status':200,'headers':'mine'}" },
		    { "2026/headers/mine.json", "{'framing':'sized','headers':[]}" } } },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "2026/headers/mine.json:1:33: a header is [\"Name\", \"value\"]\n",
		  { { "mine.json", "{'status':200,'headers':'mine'}" },
		    { "2026/headers/mine.json", "{'framing':'chunked','headers':[['A']]}" } } },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "2026/headers/mine.json:1:33: a header is [\"Name\", \"value\"]\n",
		  { { "mine.json", "{'status':200,'headers':'mine'}" },
		    { "2026/headers/mine.json", "{'framing':'chunked','headers':[['A','b','c']]}" } } },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "2026/headers/mine.json:1:33: a header is [\"Name\", \"value\"]\n",
		  { { "mine.json", "{'status':200,'headers':'mine'}" },
		    { "2026/headers/mine.json", "{'framing':'chunked','headers':[['A',1]]}" } } },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "2026/headers/mine.json:1:33: a header is [\"Name\", \"value\"]\n",
		  { { "mine.json", "{'status':200,'headers':'mine'}" },
		    { "2026/headers/mine.json", "{'framing':'chunked','headers':['A: b']}" } } },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "2026/headers/mine.json:1:34: \"A B\" cannot be a header's name (RFC 9110 section 5.1)\n",
		  { { "mine.json", "{'status':200,'headers':'mine'}" },
		    { "2026/headers/mine.json", "{'framing':'chunked','headers':[['A B','c']]}" } } },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "2026/headers/mine.json:1:34: \"\" cannot be a header's name (RFC 9110 section 5.1)\n",
		  { { "mine.json", "{'status':200,'headers':'mine'}" },
		    { "2026/headers/mine.json", "{'framing':'chunked','headers':[['','c']]}" } } },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "2026/headers/mine.json:1:34: \"A:\" cannot be a header's name (RFC 9110 section 5.1)\n",
		  { { "mine.json", "{'status':200,'headers':'mine'}" },
		    { "2026/headers/mine.json", "{'framing':'chunked','headers':[['A:','c']]}" } } },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "2026/headers/mine.json:1:38: a header's value has no control characters\n",
		  { { "mine.json", "{'status':200,'headers':'mine'}" },
		    { "2026/headers/mine.json", "{'framing':'chunked','headers':[['A','b\\r\\nC: d']]}" } } },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}",
		  "2026/headers/mine.json:1:38: nothing shows or sets \"whom\", named between {{ and }} (who)\n",
		  { { "mine.json", "{'status':200,'headers':'mine'}" },
		    { "2026/headers/mine.json", "{'framing':'chunked','headers':[['A','{{whom}}']]}" } } },
	};

	EXPECT_REPORTS(bad);
}

Test(loading, says_what_is_wrong_with_the_whole)
{
	static const struct bad bad[] = {
		{ "{'extends':'gateway','states':{'lost':{'region':'session','on':{'login':'in'}}}}",
		  "top.json:1:32: nothing leads to state \"lost\" (out)\n" },
		{ "{'extends':'gateway','states':{'well':{'answers':{'status':'ok'}},'ill':{'answers':{'status':'ok'}},"
		  "'in':{'answers':{'status':'refused'}}}}",
		  "top.json:1:118: this answer is never given: a region that comes first always answers\n" },
		{ "{'extends':'gateway','endpoints':{'front':{'answer':null}}}",
		  "gateway.json:43:5: endpoint \"front\" has no \"answer\", and not every state has one for it\n" },
		{ "{'extends':'gateway','states':{'in':{'answers':{'front':'ok'}}},'endpoints':{'front':{'answer':null}"
		  "}}",
		  "gateway.json:43:5: endpoint \"front\" has no \"answer\", and not every state has one for it\n" },
		{ "{'extends':'gateway','timers':{'t':{'while':['in'],'after':'1s','event':'nobody_hears'}}}",
		  "top.json:1:73: timer \"t\" raises \"nobody_hears\", but no state listens for it\n" },
		{ "{'extends':'gateway','states':{'in':{'on':{'fall_asleep':'asleep'}},'asleep':{'region':'session','"
		  "on':{'wake':'in'}},'dead':{'region':'session'}},'timers':{'t':{'while':['dead'],'after':'1s','event'"
		  ":'login'}}}",
		  "top.json:1:118: nothing leads to state \"dead\"\n"
		  "top.json:1:157: timer \"t\" can never fire: nothing leads to the states in its \"while\"\n" },
		{ "{'extends':'gateway','timeline':[{'at':'1h','event':'front'}]}",
		  "top.json:1:53: no state listens for an event \"front\"\n" },
	};

	EXPECT_REPORTS(bad);
}

Test(loading, says_what_is_wrong_with_scenario_members)
{
	static const struct bad bad[] = {
		{ "{}", "top.json:1:1: a scenario must have \"initial\"\n"
		        "top.json:1:1: a scenario must have \"states\"\n"
		        "top.json:1:1: a scenario must have \"endpoints\"\n" },
		{ "[]", "top.json:1:1: a scenario must be an object, found a list\n" },
		{ "7", "top.json:1:1: a scenario must be an object, found a number\n" },
		{ "{'extends':'gateway','stats':{}}", "top.json:1:22: a scenario has no \"stats\" (states)\n" },
		{ "{'extends':'gateway','extends':'gateway'}",
		  "top.json:1:22: \"extends\" is here twice; the first is on line 1\n" },
		{ "{'extends':'gatway'}", "top.json:1:12: there is no scenario \"gatway\" (gateway)\n" },
		{ "{'extends':7}", "top.json:1:12: \"extends\" must be a text, found a number\n" },
		{ "{'extends':null}", "top.json:1:12: \"extends\" must be a text, found null\n" },
		{ "{'extends':'top'}",
		  "top.json:1:12: \"extends\" goes round in a circle: it leads back to top.json\n" },
		{ "{'extends':'gateway','title':'a\\u001bb'}",
		  "top.json:1:30: \"title\" has at most 256 bytes and no control characters\n" },
		{ "{'extends':'gateway','regions':'session'}",
		  "top.json:1:32: \"regions\" must be a list, found a text\n" },
	};

	EXPECT_REPORTS(bad);
}

#define TOP_EXPECT(text) "{'extends':'gateway','expect':{" text "}}"

Test(loading, says_what_is_wrong_with_expectations)
{
	static const struct bad bad[] = {
		{ "{'extends':'gateway','expect':[]}", "top.json:1:31: \"expect\" must be an object, found a list\n" },
		{ TOP_EXPECT("'x':7"), "top.json:1:36: an expectation must be an object, found a number\n" },
		{ TOP_EXPECT("'X':{'state':'in'}"), "top.json:1:32: the name of an expectation has 1 to 64 lower-case "
		                                    "letters, digits, \"_\", \"-\" or \".\"\n" },
		{ TOP_EXPECT("'x':{}"), "top.json:1:32: an expectation must have one of \"call\", \"event\", "
		                        "\"frame\", \"pacing\", \"order\" and \"state\"\n" },
		{ TOP_EXPECT("'x':{'cal':'init'}"), "top.json:1:37: an expectation has no \"cal\" (call)\n"
		                                    "top.json:1:32: an expectation must have one of \"call\", "
		                                    "\"event\", \"frame\", \"pacing\", \"order\" and \"state\"\n" },
		{ TOP_EXPECT("'x':{'call':'init','state':'in','at_most':1}"),
		  "top.json:1:51: \"call\" and \"state\" are two expectations: say each by itself\n" },
		{ TOP_EXPECT("'x':{'call':'init'}"), "top.json:1:32: an expectation of \"call\" must have one of "
		                                     "\"at_least\", \"at_most\" and \"every\"\n" },
		{ TOP_EXPECT("'x':{'event':'login'}"),
		  "top.json:1:32: an expectation of \"event\" must have one of \"at_least\" and \"at_most\"\n" },
		{ TOP_EXPECT("'x':{'pacing':true}"),
		  "top.json:1:32: an expectation of \"pacing\" must have \"at_most\"\n" },
		{ TOP_EXPECT("'x':{'call':'init','at_least':1,'at_most':2}"),
		  "top.json:1:64: \"at_least\" and \"at_most\" are two expectations: say each by itself\n" },
		{ TOP_EXPECT("'x':{'call':'init','every':'1m','within':'2m'}"),
		  "top.json:1:64: \"within\" does not go with \"every\"\n" },
		{ TOP_EXPECT("'x':{'state':'in','at_least':1,'last':'init'}"),
		  "top.json:1:50: \"at_least\" does not go with \"state\"\n"
		  "top.json:1:63: \"last\" does not go with \"state\"\n" },
		{ TOP_EXPECT("'x':{'order':['init','login'],'every':'1m'}"),
		  "top.json:1:62: \"every\" does not go with \"order\"\n" },
	};

	EXPECT_REPORTS(bad);
}

Test(loading, says_what_is_wrong_with_the_names_in_expectations)
{
	static const struct bad bad[] = {
		{ TOP_EXPECT("'x':{'call':'int','at_most':1}"),
		  "top.json:1:44: there is no endpoint \"int\" (init)\n" },
		{ TOP_EXPECT("'x':{'call':['init','@apis'],'at_most':1}"),
		  "top.json:1:52: there is no group \"apis\" (api)\n" },
		{ TOP_EXPECT("'x':{'call':[],'at_most':1}"),
		  "top.json:1:44: \"call\" must name at least one endpoint\n" },
		{ TOP_EXPECT("'x':{'call':[7],'at_most':1}"),
		  "top.json:1:45: a call must be a text, found a number\n" },
		{ TOP_EXPECT("'x':{'event':'went_idel','at_most':0}"),
		  "top.json:1:45: no state listens for an event \"went_idel\" (went_idle)\n" },
		{ TOP_EXPECT("'x':{'event':'login','at_most':0,'last':'logn'}"),
		  "top.json:1:72: there is no endpoint \"logn\" (login)\n" },
		{ TOP_EXPECT("'x':{'call':'init','at_most':0,'after':'logn','until':['logot'],'while':'inn'}"),
		  "top.json:1:71: no state listens for an event \"logn\" (login)\n"
		  "top.json:1:87: no state listens for an event \"logot\" (logout)\n"
		  "top.json:1:104: there is no state \"inn\" "
		  "(in)\n" },
		{ TOP_EXPECT("'x':{'call':'init','at_most':0,'while':[]}"),
		  "top.json:1:71: \"while\" must name at least one state\n" },
		{ TOP_EXPECT("'x':{'state':['in','oud']}"), "top.json:1:51: there is no state \"oud\" (out)\n" },
		{ TOP_EXPECT("'x':{'order':['init']}"), "top.json:1:45: \"order\" has 2 to 16 calls\n" },
		{ TOP_EXPECT("'x':{'order':['init',['login','logot']]}"),
		  "top.json:1:62: there is no endpoint \"logot\" (logout)\n" },
		{ TOP_EXPECT("'x':{'state':'in','severity':'warn'}"),
		  "top.json:1:61: \"severity\" must be \"failure\" or \"warning\", found \"warn\"\n" },
		{ TOP_EXPECT("'x':{'state':'in','severity':'warnings'}"),
		  "top.json:1:61: \"severity\" must be \"failure\" or \"warning\", found \"warnings\" (warning)\n" },
	};

	EXPECT_REPORTS(bad);
}

Test(loading, says_what_is_wrong_with_the_values_in_expectations)
{
	static const struct bad bad[] = {
		{ TOP_EXPECT("'x':{'call':'init','at_least':0}"),
		  "top.json:1:62: \"at_least\" must be a whole number from 1 to 1000000\n" },
		{ TOP_EXPECT("'x':{'call':'init','at_most':1.5}"),
		  "top.json:1:61: \"at_most\" must be a whole number from 0 to 1000000\n" },
		{ TOP_EXPECT("'x':{'call':'init','at_most':0,'within':'1m'}"),
		  "top.json:1:63: \"at_most\": 0 allows none at any time: it has no \"within\"\n" },
		{ TOP_EXPECT("'x':{'call':'init','at_most':257,'within':'1m'}"),
		  "top.json:1:51: within a time, \"at_most\" counts up to 256\n" },
		{ TOP_EXPECT("'x':{'call':'init','at_least':1,'within':'0s'}"),
		  "top.json:1:73: this duration must be at least 1 ms\n" },
		{ TOP_EXPECT("'x':{'call':'init','every':'99ms'}"),
		  "top.json:1:59: this duration must be at least 100 ms\n" },
		{ TOP_EXPECT("'x':{'call':'init','every':'iddle'}"),
		  "top.json:1:59: wanted a duration such as \"90s\", or a setting that is one; found \"iddle\" "
		  "(idle)\n" },
		{ TOP_EXPECT("'x':{'pacing':false,'at_most':1}"),
		  "top.json:1:46: \"pacing\" must be true; null takes an expectation away\n" },
		{ "{'extends':'gateway','rate_limits':{'all':null,'one':null},'expect':{'x':{'pacing':true,'at_most':0}"
		  "}}",
		  "top.json:1:75: the scenario has no \"rate_limits\"\n" },
		{ TOP_EXPECT("'x':{'state':'in','says':''}"),
		  "top.json:1:57: \"says\" has 1 to 256 bytes and no control characters\n" },
		{ TOP_EXPECT("'x':{'state':'in','because':'a\\u0007'}"),
		  "top.json:1:60: \"because\" has 1 to 256 bytes and no control characters\n" },
	};

	EXPECT_REPORTS(bad);
}

Test(loading, says_which_expectations_can_never_be_judged)
{
	static const struct bad bad[] = {
		{ TOP_EXPECT("'x':{'state':'in','after':'login'}"),
		  "top.json:1:50: a state with \"after\" needs \"within\"; without it, the end counts\n" },
		{ TOP_EXPECT("'x':{'call':'init','at_most':0,'after':'login','until':['logout','login']}"),
		  "top.json:1:79: an event is in \"after\" and in \"until\": it cannot begin and end the same\n" },
		{ "{'extends':'gateway','groups':{'empty':[]},'expect':{'x':{'call':'@empty','at_most':0}}}",
		  "top.json:1:66: expectation \"x\" can never count a call: no endpoint is in @empty\n" },
		{ "{'extends':'gateway','states':{'adrift':{'region':'session'}},"
		  "'expect':{'x':{'call':'init','at_most':0,'while':'adrift'},'y':{'state':['adrift']}}}",
		  "top.json:1:32: nothing leads to state \"adrift\"\n"
		  "top.json:1:112: expectation \"x\" is never judged: nothing leads to the states in its "
		  "\"while\"\n"
		  "top.json:1:135: expectation \"y\" is never met: nothing leads to the states "
		  "in its \"state\"\n" },
	};

	EXPECT_REPORTS(bad);
}
