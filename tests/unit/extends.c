/* Why: scenarios say only how they differ from a base; what wins over what must be sure, member by member. */
#include "support/small_machine.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct state *find_state(const struct machine *machine, const char *name)
{
	const int state = machine_find_state(machine, name);

	return state == INDEX_NONE ? NULL : &machine->states[state];
}

static const struct value *setting(const struct machine *machine, const char *name)
{
	return &machine->settings[machine_find_setting(machine, name)].value;
}

static int find_endpoint(const struct machine *machine, const char *name)
{
	for (size_t i = 0; i < machine->endpoint_count; i++)
		if (strcmp(machine->endpoints[i].name, name) == 0)
			return (int)i;
	return INDEX_NONE;
}

/* What a state answers for an endpoint: "reply, reply …", "" when it has no answer. */
static const char *answers_of(const struct machine *machine, const char *state, const char *endpoint)
{
	static char text[200];
	const size_t row = state ? (size_t)machine_find_state(machine, state) : machine->state_count;
	const struct answer_list *list =
	    &machine->answers[row * machine->endpoint_count + (size_t)find_endpoint(machine, endpoint)];

	text[0] = '\0';
	for (size_t i = 0; i < list->count; i++) {
		strcat(text, i ? ", " : "");
		strcat(text, list->items[i].reply == INDEX_NONE ? "hang" : machine->replies[list->items[i].reply].name);
	}
	return text;
}

/* Where an event leads from a state, by its first transition; "" when nowhere. */
static const char *leads_to(const struct machine *machine, const char *state, const char *event)
{
	const int index = machine_find_event(machine, event);
	const struct transition_list *list;

	if (index == INDEX_NONE)
		return "";
	list = &machine->transitions[(size_t)machine_find_state(machine, state) * machine->event_count + (size_t)index];
	return list->count ? machine->states[list->items[0].to].name : "";
}

static const char *initial_of(const struct machine *machine, const char *region)
{
	for (size_t i = 0; i < machine->region_count; i++)
		if (strcmp(machine->regions[i].name, region) == 0)
			return machine->states[machine->regions[i].initial].name;
	return "";
}

static const struct timer *find_timer(const struct machine *machine, const char *name)
{
	for (size_t i = 0; i < machine->timer_count; i++)
		if (strcmp(machine->timers[i].name, name) == 0)
			return &machine->timers[i];
	return NULL;
}

/* Loads scenarios "top", "middle" (or NULL) and the small machine below them; expects this report. */
static struct machine load(const char *top, const char *middle, const char *expected)
{
	struct memory_source memory = { 0 };
	struct machine machine = { 0 };
	struct buffer report = { 0 };

	small_machine_add(&memory);
	memory_source_add_quoted(&memory, "top.json", top);
	if (middle)
		memory_source_add_quoted(&memory, "middle.json", middle);
	buffer_add_text(&report, "");
	load_with_report(&memory, "top", &machine, &report);
	cr_expect_str_eq(report.data, expected, "wanted:\n%s\nfound:\n%s", expected, report.data);
	buffer_release(&report);
	memory_source_release(&memory);
	return machine;
}

Test(extends, changes_nothing_where_nothing_is_said)
{
	struct machine machine = load("{'extends':'gateway'}", NULL, "");

	cr_expect_str_eq(machine.name, "top", "a scenario without a name is called as it was asked for");
	cr_expect_null(machine.title, "a title is its own file's");
	cr_expect_str_eq(machine.clock_text, "manual");
	cr_expect_eq(machine.start_ms, 1772461800000);
	cr_expect(machine.has_seed && machine.seed == 7);
	cr_expect_str_eq(initial_of(&machine, "session"), "out");
	machine_release(&machine);
}

Test(extends, takes_settings_one_by_one_and_null_as_a_value)
{
	struct machine machine = load("{'extends':'gateway','settings':{'number':13,'motto':null}}", NULL, "");

	cr_expect_eq(setting(&machine, "number")->number, 13);
	cr_expect_eq(setting(&machine, "motto")->kind, VALUE_NULL);
	cr_expect_str_eq(setting(&machine, "pacing")->text, "observed");
	machine_release(&machine);
}

Test(extends, overrides_where_a_region_starts_and_leaves_the_others)
{
	struct machine machine = load("{'extends':'gateway','initial':['in']}", NULL, "");

	cr_expect_str_eq(initial_of(&machine, "session"), "in");
	cr_expect_str_eq(initial_of(&machine, "health"), "well");
	machine_release(&machine);
}

Test(extends, merges_answers_and_transitions_of_a_state)
{
	struct machine machine =
	    load("{'extends':'gateway','states':{'in':{"
	         "'answers':{'status':'page'},'on':{'logout':null,'slept':'out','midnight':'in'}}}}",
	         NULL, "");

	cr_expect_str_eq(answers_of(&machine, "in", "status"), "page");
	cr_expect_str_eq(answers_of(&machine, "in", "init"), "refused, ok, ok, status, ok", "inherited");
	cr_expect_str_eq(leads_to(&machine, "in", "logout"), "", "null takes it away");
	cr_expect_str_eq(leads_to(&machine, "in", "slept"), "out");
	cr_expect_str_eq(leads_to(&machine, "in", "midnight"), "in");
	cr_expect_str_eq(leads_to(&machine, "in", "went_idle"), "out");
	machine_release(&machine);
}

Test(extends, lets_an_answer_take_the_place_of_a_whole_list)
{
	struct machine machine = load("{'extends':'gateway','states':{'in':{'answers':{'init':'page'}}}}", NULL, "");

	cr_expect_str_eq(answers_of(&machine, "in", "init"), "page");
	machine_release(&machine);
}

Test(extends, takes_away_by_null)
{
	struct machine machine =
	    load("{'extends':'gateway',"
	         "'states':{'ill':{'answers':{'status':null}}},"
	         "'endpoints':{'front':null,'logout':{'group':null}},"
	         "'timers':{'night':null},'rate_limits':{'one':null},'aliases':null,'clock':{'start':null}}",
	         NULL, "");

	cr_expect_str_eq(answers_of(&machine, "ill", "status"), "");
	cr_expect_eq(find_endpoint(&machine, "front"), INDEX_NONE);
	cr_expect_not(machine.endpoints[find_endpoint(&machine, "logout")].proxied);
	cr_expect_null(find_timer(&machine, "night"));
	cr_expect_not_null(find_timer(&machine, "idle"));
	cr_expect_eq(machine.rate_limit_count, 1);
	cr_expect_eq(machine.alias_count, 0);
	cr_expect_not(machine.has_start);
	cr_expect_str_eq(machine.clock_text, "manual");
	machine_release(&machine);
}

Test(extends, takes_away_a_state_that_nothing_needs)
{
	struct machine machine = load("{'extends':'gateway','states':{'ill':null,'well':{'on':null}},"
	                              "'timers':{'beat':null},'timeline':[]}",
	                              NULL, "");

	cr_expect_null(find_state(&machine, "ill"));
	cr_expect_not_null(find_state(&machine, "well"));
	machine_release(&machine);
}

Test(extends, replaces_a_timer_s_kind_of_time)
{
	struct machine machine = load("{'extends':'gateway','timers':{'idle':{'after':null,'every':'2s'}}}", NULL, "");

	cr_expect_eq(find_timer(&machine, "idle")->kind, TIMER_EVERY);
	cr_expect_eq(find_timer(&machine, "idle")->amount.ms, 2000);
	machine_release(&machine);
}

Test(extends, changes_an_expectation_or_takes_it_away)
{
	struct machine machine = load("{'extends':'middle','expect':{"
	                              "'a':{'severity':'failure','within':null},'b':null,'d':{'state':'in'}}}",
	                              "{'extends':'gateway','expect':{"
	                              "'a':{'call':'init','at_most':2,'within':'1m','severity':'warning'},"
	                              "'b':{'call':'init','at_most':0},'c':{'call':'init','at_least':1}}}",
	                              "");

	cr_assert_eq(machine.expectation_count, 3);
	cr_expect_str_eq(machine.expectations[0].wanted, "at most 2 calls of init");
	cr_expect_not(machine.expectations[0].is_warning);
	cr_expect_str_eq(machine.expectations[1].wanted, "at least 1 call of init");
	cr_expect_str_eq(machine.expectations[2].wanted, "state in at the end");
	machine_release(&machine);
	machine =
	    load("{'extends':'middle','expect':{'b':null}}", "{'extends':'gateway','expect':{'a':{'state':'in'}}}",
	         "top.json:1:31: null takes \"b\" away, but what this file extends has none (a)\n");
	machine_release(&machine);
}

Test(extends, replaces_lists_whole)
{
	struct machine machine =
	    load("{'extends':'gateway','timeline':[{'at':'5s','event':'login'}],'new_session_on':[],"
	         "'groups':{'upstream':['api']},'endpoints':{'login':{'group':null}}}",
	         NULL, "");

	cr_expect_eq(machine.cue_count, 1);
	cr_expect_eq(machine.cues[0].at_ms, 5000);
	cr_expect_not(event_set_has(&machine.new_session, machine_find_event(&machine, "login")));
	machine_release(&machine);
}

Test(extends, goes_through_several_files_the_nearest_winning)
{
	struct machine machine =
	    load("{'extends':'middle','name':'mine','title':'a story','settings':{'number':2}}",
	         "{'extends':'gateway','name':'between','settings':{'number':1,'who':'middle'},'initial':['in']}", "");

	cr_expect_str_eq(machine.name, "mine");
	cr_expect_str_eq(machine.title, "a story");
	cr_expect_eq(setting(&machine, "number")->number, 2);
	cr_expect_str_eq(setting(&machine, "who")->text, "middle");
	cr_expect_str_eq(initial_of(&machine, "session"), "in");
	machine_release(&machine);
}

Test(extends, does_not_hand_down_names_and_titles)
{
	struct machine machine =
	    load("{'extends':'middle'}", "{'extends':'gateway','name':'between','title':'not mine'}", "");

	cr_expect_str_eq(machine.name, "top");
	cr_expect_null(machine.title);
	machine_release(&machine);
}

Test(extends, lets_several_files_of_a_chain_start_the_same_region)
{
	struct machine machine =
	    load("{'extends':'middle','initial':['out']}", "{'extends':'gateway','initial':['in','ill']}", "");

	cr_expect_str_eq(initial_of(&machine, "session"), "out");
	cr_expect_str_eq(initial_of(&machine, "health"), "ill");
	machine_release(&machine);
}

Test(extends, says_when_null_takes_away_what_is_not_there)
{
	load("{'extends':'gateway','states':{'inn':null}}", NULL,
	     "top.json:1:32: null takes \"inn\" away, but what this file extends has none (in)\n");
	load("{'extends':'gateway','states':{'in':{'on':{'loguot':null}}}}", NULL,
	     "top.json:1:44: null takes \"loguot\" away, but what this file extends has none (logout)\n");
	load("{'extends':'gateway','endpoints':{'front':{'group':null}}}", NULL,
	     "top.json:1:44: null takes \"group\" away, but what this file extends has none\n");
	load("{'extends':'gateway','title':null}", NULL,
	     "top.json:1:22: null takes \"title\" away, but what this file extends has none\n");
}

Test(extends, ends_in_a_circle_with_the_file_that_closes_it)
{
	load("{'extends':'middle'}", "{'extends':'top'}",
	     "middle.json:1:12: \"extends\" goes round in a circle: it leads back to top.json\n");
}

Test(extends, names_a_base_that_is_missing_or_broken)
{
	load("{'extends':'midle'}", "{'extends':'gateway'}",
	     "top.json:1:12: there is no scenario \"midle\" (middle)\n");
	load("{'extends':'middle'}", "{'extends':'gatewy'}",
	     "middle.json:1:12: there is no scenario \"gatewy\" (gateway)\n");
	load("{'extends':'middle'}", "[]", "middle.json:1:1: a scenario must be an object, found a list\n");
	load("{'extends':'middle'}", "{'extends':'gateway',}", "middle.json:1:22: a comma before } is not allowed\n");
	load("{'extends':'./away.json'}", NULL, "top.json:1:12: there is no scenario \"./away.json\"\n");
}

Test(extends, looks_beside_the_file_that_names_another)
{
	struct machine machine = load("{'extends':'./middle.json'}", "{'extends':'./gateway.json','seed':9}", "");

	cr_expect_eq(machine.seed, 9);
	machine_release(&machine);
}

Test(extends, tells_a_file_that_cannot_be_read_from_one_that_is_not_there)
{
	struct memory_source memory = { 0 };
	struct machine machine = { 0 };
	struct buffer report = { 0 };

	memory_source_add_quoted(&memory, "top.json", "{'extends':'./secret.json'}");
	memory_source_add_broken(&memory, "secret.json", "permission denied");
	load_with_report(&memory, "top", &machine, &report);
	cr_expect_str_eq(report.data, "top.json:1:12: cannot read scenario \"./secret.json\": permission denied\n");
	buffer_clear(&report);
	load_with_report(&memory, "secret", &machine, &report);
	cr_expect_str_eq(report.data, "secret: permission denied\n");
	buffer_clear(&report);
	load_with_report(&memory, "topp", &machine, &report);
	cr_expect_str_eq(report.data,
	                 "topp: there is no such scenario: wanted a built-in one's name, or a file's, such as "
	                 "\"./mine.json\" (top)\n");
	buffer_release(&report);
	memory_source_release(&memory);
}

Test(extends, blames_the_file_that_says_it_not_the_one_that_inherits_it)
{
	load("{'extends':'middle','initial':['in']}", "{'extends':'gateway','initial':['inn'],\n'seed':'x'}",
	     "middle.json:2:8: \"seed\" must be a number, found a text\n");
	load("{'extends':'middle','initial':['in']}", "{'extends':'gateway','initial':['inn'],\n'seed':-1}",
	     "middle.json:1:33: there is no state \"inn\" (in)\n"
	     "middle.json:2:8: \"seed\" must be a whole number from 0 to 999999999999999\n");
}

/* What a setting is, the file that brings it says. */
Test(extends, keeps_the_kinds_of_settings)
{
	struct machine machine =
	    load("{'extends':'gateway','settings':{'who':'5m','motto':null,'absent':7,'idle':'90s'}}", NULL, "");

	/* A text that looks like a duration is still a text: tomorrow it may be another. */
	cr_expect_eq(setting(&machine, "who")->kind, VALUE_TEXT);
	cr_expect_eq(setting(&machine, "motto")->kind, VALUE_NULL);
	cr_expect_eq(setting(&machine, "absent")->kind, VALUE_INT);
	cr_expect_eq(setting(&machine, "idle")->number, 90000);
	machine_release(&machine);
	/* Over two files, the first one's kind counts, and the mistake is the second's. */
	machine =
	    load("{'extends':'middle','settings':{'who':'6m'}}", "{'extends':'gateway','settings':{'who':'5m'}}", "");
	cr_expect_eq(setting(&machine, "who")->kind, VALUE_TEXT);
	machine_release(&machine);
	load("{'extends':'middle','settings':{'motto':'here'}}", "{'extends':'gateway','settings':{'idle':'soon'}}",
	     "middle.json:1:41: setting \"idle\" must be a duration such as \"90s\", found \"soon\"\n");
	load("{'extends':'middle','settings':{'idle':7}}", "{'extends':'gateway','settings':{'idle':'1m'}}",
	     "top.json:1:40: setting \"idle\" must be a duration, found a number\n");
}

Test(extends, leaves_unused_what_is_inherited_but_not_what_a_file_brings_itself)
{
	struct machine machine;

	/* Nothing leads to "ill" any more: that is the base's affair. */
	machine = load("{'extends':'gateway','states':{'well':{'on':{'fall_ill':null}}},'timeline':[]}", NULL, "");
	machine_release(&machine);
	load("{'extends':'gateway','states':{'worse':{'region':'health'}}}", NULL,
	     "top.json:1:32: nothing leads to state \"worse\"\n");
}

/* ---- packs ---- */

Test(packs, extend_each_other_reply_by_reply)
{
	struct memory_source memory = { 0 };
	struct machine machine = { 0 };
	struct buffer report = { 0 };

	small_machine_add(&memory);
	memory_source_add_quoted(&memory, "own/pack.json", "{'name':'own','extends':'2026'}");
	memory_source_add_quoted(&memory, "own/replies/page.json", "{'status':299,'headers':'json'}");
	memory_source_add_quoted(&memory, "top.json", "{'extends':'gateway','fixtures':'own'}");
	load_with_report(&memory, "top", &machine, &report);
	cr_assert_eq(report.length, 0, "%s", report.data);
	cr_expect_str_eq(machine.pack, "own");
	for (size_t i = 0; i < machine.reply_count; i++) {
		if (strcmp(machine.replies[i].name, "page") == 0)
			cr_expect_eq(machine.replies[i].status, 299);
		if (strcmp(machine.replies[i].name, "sick") == 0)
			cr_expect_eq(machine.replies[i].status, 503, "from two packs further down");
	}
	machine_release(&machine);
	memory_source_release(&memory);
	buffer_release(&report);
}

Test(packs, bring_settings_that_only_the_scenario_itself_overrides)
{
	struct memory_source memory = { 0 };
	struct machine machine = { 0 };
	struct buffer report = { 0 };

	small_machine_add(&memory);
	memory_source_add_quoted(&memory, "own/pack.json",
	                         "{'name':'own','extends':'2026','settings':{'number':1,'who':'own'}}");
	memory_source_add_quoted(&memory, "top.json", "{'extends':'gateway','fixtures':'own','settings':{'number':2}}");
	load_with_report(&memory, "top", &machine, &report);
	cr_assert_eq(report.length, 0, "%s", report.data);
	cr_expect_eq(setting(&machine, "number")->number, 2);
	cr_expect_str_eq(setting(&machine, "who")->text, "own");
	machine_release(&machine);
	memory_source_release(&memory);
	buffer_release(&report);
}

Test(packs, are_chosen_by_whoever_asks)
{
	struct memory_source memory = { 0 };
	struct machine machine = { 0 };
	struct problems problems = { 0 };
	struct source source;

	small_machine_add(&memory);
	memory_source_add_quoted(&memory, "own/pack.json", "{'name':'own','extends':'2026'}");
	source = memory_source_of(&memory);
	cr_assert(scenario_load(&source, &(struct scenario_request){ "gateway", "own" }, &machine, &problems));
	cr_expect_str_eq(machine.pack, "own");
	machine_release(&machine);
	cr_assert_not(scenario_load(&source, &(struct scenario_request){ "gateway", "owm" }, &machine, &problems));
	cr_expect_str_eq(problems.items[0].file, "owm");
	cr_expect_str_eq(problems.items[0].message, "there is no such fixture pack");
	cr_expect_str_eq(problems.items[0].nearest, "own");
	problems_release(&problems);
	memory_source_release(&memory);
}
