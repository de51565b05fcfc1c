/* Why: the loader refuses much; here is what looks like one of its mistakes and is none. */
#include "support/small_machine.h"

#include <criterion/criterion.h>
#include <string.h>

/* Loads without a problem. */
static void expect_fine(const char *text)
{
	struct memory_source memory = { 0 };
	struct machine machine = { 0 };
	struct buffer report = { 0 };

	small_machine_add(&memory);
	memory_source_add_quoted(&memory, "top.json", text);
	load_with_report(&memory, "top", &machine, &report);
	cr_expect_eq(report.length, 0, "%s\n%s", text, report.data);
	machine_release(&machine);
	memory_source_release(&memory);
	buffer_release(&report);
}

/* An answer with a condition, in every state of a region that comes first, does not hide those of later regions. */
static void expect_not_hiding(const char *condition)
{
	struct buffer text = { 0 };

	buffer_add_text(&text, "{'extends':'gateway','states':{");
	buffer_add_format(&text, "'well':{'answers':{'status':{'reply':'ok',%s}}},", condition);
	buffer_add_text(&text, "'ill':{'answers':{'status':'ok'}},'in':{'answers':{'status':'refused'}}}}");
	expect_fine(text.data);
	buffer_release(&text);
}

Test(accepts, answers_behind_one_that_is_not_always_given)
{
	static const char *const conditions[] = { "'calls':'1..3'",   "'every':2",         "'between':'0s..1m'",
		                                  "'between':'1m..'", "'probability':0.5", "'publish':true",
		                                  "'compete':false",  "'methods':['GET']", "'while':['in']" };

	for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++)
		expect_not_hiding(conditions[i]);
}

Test(accepts, one_path_for_several_endpoints_with_methods_of_their_own)
{
	expect_fine("{'extends':'gateway','endpoints':{"
	            "'a':{'path':'/x','methods':['GET'],'answer':'ok'},"
	            "'b':{'path':'/x','methods':['PUT'],'answer':'ok'},"
	            "'c':{'path':'/x','methods':['POST'],'answer':'ok'}}}");
}

Test(accepts, texts_that_look_like_durations_where_the_core_wants_a_text)
{
	expect_fine("{'extends':'gateway','settings':{'ips_deny':'5m'}}");
}

Test(accepts, a_group_that_has_lost_its_endpoints)
{
	expect_fine("{'extends':'gateway','endpoints':{'login':null},'initial':['in'],"
	            "'states':{'out':{'on':{'login':null,'front':'in'}}},'new_session_on':[]}");
}

Test(accepts, endpoints_as_members_of_groups)
{
	struct machine machine = small_machine_load("{'extends':'gateway','groups':{'some':['front','pages']},"
	                                            "'states':{'in':{'answers':{'@some':'missing'}}}}");
	const size_t in = (size_t)machine_find_state(&machine, "in");

	for (size_t i = 0; i < machine.endpoint_count; i++) {
		const char *name = machine.endpoints[i].name;
		const bool wanted = strcmp(name, "front") == 0 || strcmp(name, "login") == 0;
		const struct answer_list *list = &machine.answers[in * machine.endpoint_count + i];

		cr_expect_eq(list->count && strcmp(machine.replies[list->items[0].reply].name, "missing") == 0, wanted,
		             "%s", name);
	}
	machine_release(&machine);
}

/* Problems that were there before the scenario are none of its own. */
Test(accepts, to_add_to_problems_that_there_are_already)
{
	struct memory_source memory = { 0 };
	struct source source;
	struct machine machine = { 0 };
	struct problems problems = { 0 };

	small_machine_add(&memory);
	memory_source_add_quoted(&memory, "top.json",
	                         "{'extends':'gateway','states':{'lost':{'region':'session','on':{'login':'in'}}}}");
	source = memory_source_of(&memory);
	problems_add(&problems, &(struct place){ .file = "other.json" }, NULL, "something else");
	cr_expect_not(scenario_load(&source, &(struct scenario_request){ .name = "top" }, &machine, &problems));
	cr_expect_eq(problems.total, 2, "found %zu", problems.total);
	problems_release(&problems);
	machine_release(&machine);
	memory_source_release(&memory);
}
