/* Why: as in load_reports.c, for what happens by itself: timers, rate limits, the timeline, the clock. */
#include "support/bad_file.h"

#include <criterion/criterion.h>

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
