/* Why: as in load_reports.c, for fixture packs: what is in them, what a reply of theirs names, and what names them. */
#include "support/bad_file.h"

#include <criterion/criterion.h>

/* A pack that is not asked has a reply of the very name, or a nearer one: neither would do. */
Test(loading, says_in_which_pack_a_reply_is)
{
	static const struct bad bad[] = {
		{ "{'extends':'gateway','endpoints':{'e':{'path':'/e','answer':{'reply':'odd'}}}}",
		  "top.json:1:70: fixture pack \"2026\" has no reply \"odd\"; pack \"own\" has one\n",
		  { { "own/pack.json", "{'name':'own'}" }, { "own/replies/odd.json", "{}" } } },
		{ "{'extends':'gateway','endpoints':{'e':{'path':'/e','answer':{'reply':'oks'}}}}",
		  "top.json:1:70: fixture pack \"2026\" has no reply \"oks\" (ok)\n",
		  { { "own/pack.json", "{'name':'own'}" }, { "own/replies/okss.json", "{}" } } },
		{ "{'extends':'gateway','fixtures':'own','endpoints':{'e':{'path':'/e','answer':{'reply':'okst'}}}}",
		  "top.json:1:87: fixture pack \"own\" has no reply \"okst\" (okss)\n",
		  { { "own/pack.json", "{'name':'own','extends':'2026'}" }, { "own/replies/okss.json", "{}" } } },
		{ "{'extends':'gateway','endpoints':{'e':{'path':'/e','answer':{'reply':'nowhere'}}}}",
		  "top.json:1:70: fixture pack \"2026\" has no reply \"nowhere\"\n" },
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
