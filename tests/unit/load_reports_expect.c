/* Why: as in load_reports.c, for expectations: one that is mistaken would be kept by every client. */
#include "support/bad_file.h"

#include <criterion/criterion.h>

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
		{ TOP_EXPECT("'x':{'order':['init',{}]}"),
		  "top.json:1:53: a step of \"order\" is one of \"call\", \"event\" and \"frame\"\n" },
		{ TOP_EXPECT("'x':{'order':['init',{'event':'login','call':'init'}]}"),
		  "top.json:1:53: a step of \"order\" is one of \"call\", \"event\" and \"frame\"\n" },
		{ TOP_EXPECT("'x':{'order':['init',{'events':'login'}]}"),
		  "top.json:1:54: a step has no \"events\" (event)\n" },
		{ TOP_EXPECT("'x':{'order':['init',{'event':'logn'}]}"),
		  "top.json:1:62: no state listens for an event \"logn\" (login)\n" },
		{ TOP_EXPECT("'x':{'order':['init',{'frame':'tic'}]}"),
		  "top.json:1:62: \"websocket\" has no topic \"tic\"\n" },
		{ TOP_EXPECT("'x':{'order':['init',5]}"),
		  "top.json:1:53: a step must be a text or an object or a list, found a number\n" },
		{ TOP_EXPECT("'x':{'order':['init']}"), "top.json:1:45: \"order\" has 2 to 16 steps\n" },
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
