/* Why: a person who has written a scenario learns from these reports what is wrong with it. For each mistake that the
 * loader knows: the smallest file that makes it, and the whole report with the exact place and the nearest name. */
#include "support/bad_file.h"

#include <criterion/criterion.h>

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
