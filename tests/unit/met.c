/* Why: a client that never asked for what fails must not be said to have survived it; nor may one that did be denied it. */
#include "core/met.h"

#include "support/small_machine.h"

#include <criterion/criterion.h>
#include <string.h>

#define TOP "'name':'GW-001-a','extends':'gateway','title':'it fails','evidence':'recorded'"
#define FACTS "'id':'GW-001','layer':'session','symptom':'it fails','remedy':'wait'"

struct telling {
	struct machine machine;
	struct emulator emulator;
	struct reply reply;
};

static void begin(struct telling *telling, const char *met)
{
	struct buffer top = { 0 };

	*telling = (struct telling){ 0 };
	buffer_add_format(&top,
	                  "{" TOP ",'timeline':[],'initial':['in'],'settings':{'idle':'24h'},"
	                  "'faults':{'f':{'on':'status','calls':2,'status':599}},'catalogue':{" FACTS "%s%s}}",
	                  *met ? ",'met':" : "", met);
	telling->machine = small_machine_load(top.data);
	small_machine_start(&telling->machine, 1, &telling->emulator);
	buffer_release(&top);
}

static void end(struct telling *telling)
{
	emulator_release(&telling->emulator);
	reply_release(&telling->reply);
	machine_release(&telling->machine);
}

static void call(struct telling *telling, const char *path)
{
	const struct request request = { .method = METHOD_POST,
		                         .method_text = "POST",
		                         .target = span_of(path),
		                         .peer = "127.0.0.1",
		                         .has_user_agent = true,
		                         .has_content_length = true };

	emulator_handle(&telling->emulator, &request, &telling->reply);
}

static void raise_event(struct telling *telling, const char *name)
{
	struct error error = { 0 };

	cr_assert(emulator_apply(&telling->emulator, &(struct action){ .kind = ACTION_EVENT, .name = name }, &error),
	          "%s", error.text);
}

static void expect_missing(struct telling *telling, const char *wanted)
{
	const char *missing = met_missing(&telling->emulator);

	cr_expect_eq(met_is_whole(&telling->emulator), wanted == NULL);
	if (wanted)
		cr_expect_str_eq(missing ? missing : "(nothing)", wanted);
	else
		cr_expect_null(missing, "%s", missing);
}

Test(met, without_a_word_any_call_will_do)
{
	struct telling telling;

	begin(&telling, "");
	expect_missing(&telling, "any call");
	call(&telling, "/api/status");
	expect_missing(&telling, NULL);
	end(&telling);
}

Test(met, by_endpoint_and_group)
{
	struct telling telling;

	begin(&telling, "[{'on':['init','logout']},{'on':'@api'}]");
	call(&telling, "/api/status");
	expect_missing(&telling, "init or logout");
	call(&telling, "/api/logout");
	call(&telling, "/nowhere");
	expect_missing(&telling, "@api");
	call(&telling, "/api/status");
	expect_missing(&telling, NULL);
	end(&telling);
}

/* The states are those in which the call came: "logout" leaves "in". */
Test(met, by_state)
{
	struct telling telling;

	begin(&telling, "{'while':['out','ill'],'on':'@api'}");
	call(&telling, "/api/logout");
	expect_missing(&telling, "@api while out or ill");
	call(&telling, "/api/status");
	expect_missing(&telling, "@api while out or ill");
	raise_event(&telling, "fall_ill");
	call(&telling, "/sso/x");
	expect_missing(&telling, "@api while out or ill");
	call(&telling, "/api/status");
	expect_missing(&telling, NULL);
	end(&telling);
}

Test(met, by_reply)
{
	struct telling telling;

	begin(&telling, "{'reply':['missing','refused']}");
	call(&telling, "/api/status");
	expect_missing(&telling, "any call, answered with missing or refused");
	raise_event(&telling, "logout");
	call(&telling, "/api/status");
	expect_missing(&telling, NULL);
	end(&telling);
}

/* An answer that never comes is later than any; it has no reply. */
Test(met, by_how_long_it_is_held)
{
	struct telling telling;

	begin(&telling, "[{'held':'250ms'},{'on':'status','reply':'status'}]");
	call(&telling, "/api/status");
	expect_missing(&telling, "any call, answered after 250ms or more");
	raise_event(&telling, "fall_ill");
	call(&telling, "/api/status");
	expect_missing(&telling, "status, answered with status");
	call(&telling, "/api/status");
	expect_missing(&telling, "status, answered with status");
	end(&telling);
}

/* One call is one step at most, and a step that has come stays. */
Test(met, step_after_step)
{
	struct telling telling;

	begin(&telling, "[{'on':'init'},{'on':'*'},{'on':'logout'}]");
	call(&telling, "/api/logout");
	expect_missing(&telling, "init");
	call(&telling, "/api/init");
	expect_missing(&telling, "*");
	call(&telling, "/api/logout");
	expect_missing(&telling, "logout");
	call(&telling, "/api/logout");
	expect_missing(&telling, NULL);
	call(&telling, "/api/init");
	expect_missing(&telling, NULL);
	end(&telling);
}

/* The fault looks at the second call alone. That a fault looked on is not enough. */
Test(met, by_a_fault_that_acts)
{
	struct telling telling;

	begin(&telling, "[{'fault':'f'},{'on':'init'}]");
	call(&telling, "/api/init");
	call(&telling, "/api/status");
	expect_missing(&telling, "the fault f");
	call(&telling, "/api/status");
	expect_missing(&telling, "init");
	call(&telling, "/api/init");
	expect_missing(&telling, NULL);
	end(&telling);
}

static void expect_report(const char *met, const char *wanted)
{
	struct memory_source memory = { 0 };
	struct machine machine = { 0 };
	struct buffer report = { 0 };
	struct buffer top = { 0 };

	small_machine_add(&memory);
	buffer_add_format(&top, "{" TOP ",'catalogue':{" FACTS ",%s}}", met);
	memory_source_add_quoted(&memory, "top.json", top.data);
	buffer_add_text(&report, "");
	load_with_report(&memory, "top", &machine, &report);
	cr_expect_str_eq(report.data, wanted, "%s\nwanted:\n%s\nfound:\n%s", top.data, wanted, report.data);
	machine_release(&machine);
	memory_source_release(&memory);
	buffer_release(&report);
	buffer_release(&top);
}

Test(met, says_what_is_wrong)
{
	expect_report("'met':{'on':'stats'}", "top.json:1:175: there is no endpoint \"stats\" (status)\n");
	expect_report("'met':{'on':['@apy']}", "top.json:1:176: there is no group \"apy\" (api)\n");
	expect_report("'met':{'while':'inn'}", "top.json:1:178: there is no state \"inn\" (in)\n");
	expect_report("'met':{'reply':'refuse'}",
	              "top.json:1:178: no answer of this scenario gives the reply \"refuse\" (refused)\n");
	expect_report("'met':{'fault':'f'}", "top.json:1:178: there is no fault \"f\" in this scenario\n");
	expect_report("'met':{'fault':'f','on':'*'}",
	              "top.json:1:169: \"fault\" stands for itself: a step of \"met\" has it alone\n");
	expect_report("'met':{}", "top.json:1:169: a step of \"met\" must have \"on\", \"while\", \"reply\", \"held\", "
	                          "\"fault\" or \"frame\"\n");
	expect_report("'met':[]", "top.json:1:169: \"met\" must have 1 to 8 steps\n");
	expect_report("'met':[{'on':5}]", "top.json:1:176: \"on\" must be a text or a list, found a number\n");
	expect_report("'met':{'on':[5]}", "top.json:1:176: a name here must be a text, found a number\n");
	expect_report("'met':{'of':'init'}", "top.json:1:170: a step of \"met\" has no \"of\" (on)\n");
	expect_report("'met':7", "top.json:1:169: \"met\" must be an object or a list, found a number\n");
	expect_report(
	    "'clock':'scaled:0'",
	    "top.json:1:171: clock is \"scaled:0\"; wanted a whole number from 1 to 100000 after \"scaled:\"\n");
}
