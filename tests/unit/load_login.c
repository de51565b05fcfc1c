/* Why: who may log in, what an answer asks of a login and which names a page has are typed by people: each mistake has its
 * place and the nearest name, as all others do (load_reports.c). And pages keep what is put into them where it belongs. */
#include "core/emulator.h"
#include "support/bad_file.h"

#include <criterion/criterion.h>
#include <string.h>

#define EXTENDS "{'extends':'gateway',"

static const struct bad bad[] = {
	{ EXTENDS "'accounts':{'a':{'passwort':'x'}}}", "top.json:1:39: an account has no \"passwort\" (password)\n" },
	{ EXTENDS "'accounts':{'a':{'mode':'papers'}}}",
	  "top.json:1:46: wanted one of \"any\", \"live\", \"paper\"; found \"papers\" (paper)\n" },
	{ EXTENDS "'accounts':{'a':{'second_factor':'codes'}}}",
	  "top.json:1:55: wanted one of \"none\", \"code\", \"notification\", \"choice\"; found \"codes\" (code)\n" },
	{ EXTENDS "'accounts':{'a':{'code':'1'}}}",
	  "top.json:1:46: nobody asks for a code where \"second_factor\" is neither \"code\" nor \"choice\"\n" },
	{ EXTENDS "'accounts':{'':{}}}", "top.json:1:34: a user's name has 1 to 64 bytes and no control characters\n" },
	{ EXTENDS "'endpoints':{'x':{'path':'/x','answer':{'login':'refuse','reply':'ok'}}}}",
	  "top.json:1:70: a login never amounts to \"refuse\" (refused)\n" },
	{ EXTENDS "'endpoints':{'x':{'path':'/x','answer':{'login':[],'reply':'ok'}}}}",
	  "top.json:1:70: \"login\" must name at least one outcome\n" },
	{ EXTENDS "'variants':{'whom':{'a':{'x':1}}}}",
	  "top.json:1:34: there is no setting \"whom\" to choose a variant by (who)\n" },
	{ EXTENDS "'settings':{'year':'c'},'variants':{'year':{'a':{'x':1},'b':{'x':2}}}}",
	  "top.json:1:41: \"variants\" has no \"c\" of setting \"year\" (a)\n" },
	{ EXTENDS "'variants':{'who':{'a':{'who':'b'}}}}",
	  "top.json:1:46: \"who\" chooses a variant, and cannot be part of one\n" },
};

Test(load_login, says_what_is_wrong)
{
	EXPECT_REPORTS(bad);
}

/* A machine whose one page shows a variant's value, and a setting that anybody may change. */
static const char story[] = EXTENDS "'settings':{'year':'one','text':'a'},"
				    "'variants':{'year':{'one':{'shown':'first'},'two':{'shown':'<2>'}}},"
				    "'endpoints':{'page':{'path':'/page','answer':'./page.json'}}}";
static const char page[] = "{'status':200,'headers':'json','body_files':['./one.html','./two.html'],"
			   "'values':{'own':'a & b'}}";

static void ask(struct emulator *emulator, struct reply *reply)
{
	const struct request request = { .method = METHOD_GET,
		                         .method_text = "GET",
		                         .target = span_of("/page"),
		                         .peer = "127.0.0.1",
		                         .has_user_agent = true };

	emulator_handle(emulator, &request, reply);
}

static void set(struct emulator *emulator, const char *name, const char *text)
{
	const struct action action = { .kind = ACTION_SET,
		                       .name = name,
		                       .value = { .kind = VALUE_TEXT, .text = text } };
	struct error error = { 0 };

	cr_assert(emulator_apply(emulator, &action, &error), "%s", error.text);
}

Test(load_login, puts_pages_together)
{
	struct memory_source memory = { 0 };
	struct machine machine = { 0 };
	struct emulator emulator;
	struct reply reply = { 0 };
	struct buffer report = { 0 };
	struct error error = { 0 };
	const struct action wrong = { .kind = ACTION_SET,
		                      .name = "year",
		                      .value = { .kind = VALUE_TEXT, .text = "tow" } };

	small_machine_add(&memory);
	memory_source_add_quoted(&memory, "top.json", story);
	memory_source_add_quoted(&memory, "page.json", page);
	memory_source_add(&memory, "one.html", "<p title=\"{{text}}\">{{shown}}, ");
	memory_source_add(&memory, "two.html", "{{own}}, {{now_s}}</p>\n");
	buffer_add_text(&report, "");
	load_with_report(&memory, "top", &machine, &report);
	cr_assert_str_eq(report.data, "");
	cr_assert(emulator_init(&emulator,
	                        &(struct emulator_options){ .machine = &machine, .seed = 1, .start_ms = 1772461800000 },
	                        &error));
	ask(&emulator, &reply);
	cr_expect_str_eq(reply.body.data, "<p title=\"a\">first, a &amp; b, 1772461800</p>\n");
	set(&emulator, "year", "two");
	set(&emulator, "text", "\"'><script>&");
	ask(&emulator, &reply);
	cr_expect_str_eq(reply.body.data,
	                 "<p title=\"&quot;&#39;&gt;&lt;script&gt;&amp;\">&lt;2&gt;, a &amp; b, 1772461800</p>\n");
	cr_expect_not(emulator_apply(&emulator, &wrong, &error));
	cr_expect(strstr(error.text, "\"two\""), "%s", error.text);
	reply_release(&reply);
	emulator_release(&emulator);
	machine_release(&machine);
	memory_source_release(&memory);
	buffer_release(&report);
}
