/* Why: whatever can grow has a maximum in core/limits.h. Here each is reached, and the next step refused in words. Those
 * of documents (size, depth, values) are in json.c, of problems in error.c, of the journal in journal.c. */
#include "support/small_machine.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* Loads a scenario; expects this report. */
static void expect(const char *text, const char *expected)
{
	struct memory_source memory = { 0 };
	struct machine machine = { 0 };
	struct buffer report = { 0 };

	small_machine_add(&memory);
	memory_source_add_quoted(&memory, "top.json", text);
	buffer_add_text(&report, "");
	load_with_report(&memory, "top", &machine, &report);
	cr_expect_str_eq(report.data, expected, "wanted:\n%s\nfound:\n%s", expected, report.data);
	buffer_release(&report);
	memory_source_release(&memory);
	machine_release(&machine);
}

/* `before`, then `each` with every number from 1 to `count`, commas between, then `after`. "%d" in `each` may stand
 * several times. */
static void add_numbered(struct buffer *out, const char *before, const char *each, int count, const char *after)
{
	buffer_add_text(out, before);
	for (int i = 1; i <= count; i++) {
		const char *rest = each;
		const char *mark;

		buffer_add_text(out, i > 1 ? "," : "");
		while ((mark = strstr(rest, "%d")) != NULL) {
			buffer_add(out, rest, (size_t)(mark - rest));
			buffer_add_int(out, i);
			rest = mark + 2;
		}
		buffer_add_text(out, rest);
	}
	buffer_add_text(out, after);
}

static void expect_numbered(const char *before, const char *each, int count, const char *after, const char *expected)
{
	struct buffer text = { 0 };

	add_numbered(&text, before, each, count, after);
	expect(text.data, expected);
	buffer_release(&text);
}

/* A machine of states that lead to each other round and round. */
static void expect_states(int count, const char *expected)
{
	struct buffer text = { 0 };

	buffer_add_text(&text, "{'initial':['s1'],'endpoints':{},'states':{");
	for (int i = 1; i <= count; i++)
		buffer_add_format(&text, "%s's%d':{'on':{'next':'s%d'}}", i > 1 ? "," : "", i, i % count + 1);
	buffer_add_text(&text, "}}");
	expect(text.data, expected);
	buffer_release(&text);
}

Test(limits, of_states)
{
	expect_states(STATES_MAX, "");
	expect_states(STATES_MAX + 1, "top.json:1:34: 65 states; at most 64 are allowed\n"
	                              "top.json:1:13: there is no state \"s1\"\n"
	                              "top.json:1:2: region \"session\" has no states\n");
}

Test(limits, of_regions)
{
	struct buffer text = { 0 };

	add_numbered(&text, "{'endpoints':{},'regions':[", "'r%d'", REGIONS_MAX, "],");
	add_numbered(&text, "'initial':[", "'s%d'", REGIONS_MAX, "],");
	add_numbered(&text, "'states':{", "'s%d':{'region':'r%d'}", REGIONS_MAX, "}}");
	expect(text.data, "");
	buffer_release(&text);
	expect_numbered("{'initial':[],'states':{},'endpoints':{},'regions':[", "'r%d'", REGIONS_MAX + 1, "]}",
	                "top.json:1:42: 9 regions; at most 8 are allowed\n"
	                "top.json:1:52: \"regions\" must name at least one region\n");
}

#define ONE_STATE "'initial':['a'],'states':{'a':{}}"

Test(limits, of_endpoints)
{
	expect_numbered("{" ONE_STATE ",'endpoints':{", "'e%d':{'path':'/%d','answer':{'hang':true}}", ENDPOINTS_MAX,
	                "}}", "");
	expect_numbered("{" ONE_STATE ",'endpoints':{", "'e%d':{'path':'/%d','answer':{'hang':true}}",
	                ENDPOINTS_MAX + 1, "}}", "top.json:1:36: 129 endpoints; at most 128 are allowed\n");
}

Test(limits, of_events_that_endpoints_and_states_make_together)
{
	struct buffer text = { 0 };

	add_numbered(&text, "{'initial':['a'],'endpoints':{", "'e%d':{'path':'/%d','answer':{'hang':true}}", 100, "},");
	add_numbered(&text, "'states':{'a':{'on':{", "'x%d':'a'", EVENTS_MAX - 100, "}}}}");
	expect(text.data, "");
	buffer_clear(&text);
	add_numbered(&text, "{'initial':['a'],'endpoints':{", "'e%d':{'path':'/%d','answer':{'hang':true}}", 100,
	             "},\n");
	add_numbered(&text, "'states':{'a':{'on':{", "'x%d':'a'", EVENTS_MAX - 99, "}}}}");
	expect(text.data, "top.json:2:299: too many events; at most 128 are allowed\n");
	buffer_release(&text);
}

Test(limits, of_timers)
{
	static const char each[] = "'t%d':{'while':['a'],'after':'1s','event':'next'}";
	static const char before[] = "{'initial':['a'],'states':{'a':{'on':{'next':'a'}}},'endpoints':{},'timers':{";

	expect_numbered(before, each, TIMERS_MAX, "}}", "");
	expect_numbered(before, each, TIMERS_MAX + 1, "}}", "top.json:1:68: too many timers; at most 32 are allowed\n");
}

Test(limits, of_expectations)
{
	static const char before[] = "{" ONE_STATE ",'endpoints':{'e':{'path':'/','answer':{'hang':true}}},'expect':{";

	expect_numbered(before, "'x%d':{'call':'e','at_most':%d}", EXPECTATIONS_MAX, "}}", "");
	expect_numbered(before, "'x%d':{'call':'e','at_most':%d}", EXPECTATIONS_MAX + 1, "}}",
	                "top.json:1:90: 65 expectations; at most 64 are allowed\n");
}

Test(limits, of_steps_in_an_order)
{
	static const char before[] =
	    "{" ONE_STATE ",'endpoints':{'e':{'path':'/','answer':{'hang':true}}},'expect':{'x':{'order':[";

	expect_numbered(before, "'e'", EXPECTATION_ORDER_MAX, "]}}}", "");
	expect_numbered(before, "'e'", EXPECTATION_ORDER_MAX + 1, "]}}}",
	                "top.json:1:113: \"order\" has 2 to 16 steps\n");
}

Test(limits, of_calls_that_an_expectation_counts_within_a_time)
{
	_Static_assert(EXPECTATION_WINDOW_MAX == 256, "the texts below say so");
	expect("{'extends':'gateway','expect':{'x':{'call':'init','at_most':256,'within':'1m'}}}", "");
	expect("{'extends':'gateway','expect':{'x':{'call':'init','at_most':257,'within':'1m'}}}",
	       "top.json:1:51: within a time, \"at_most\" counts up to 256\n");
}

Test(limits, of_settings)
{
	struct memory_source memory = { 0 };
	struct machine machine = { 0 };
	struct buffer text = { 0 };
	struct buffer report = { 0 };

	/* Settings that nothing uses are a mistake of the file itself, but not of one that it extends. */
	small_machine_add(&memory);
	memory_source_add_quoted(&memory, "top.json", "{'extends':'base'}");
	add_numbered(&text, "{" ONE_STATE ",'endpoints':{},'settings':{", "'s%d':%d", SETTINGS_MAX, "}}");
	memory_source_add_quoted(&memory, "base.json", text.data);
	load_with_report(&memory, "top", &machine, &report);
	cr_expect_eq(report.length, 0, "%s", report.data);
	machine_release(&machine);
	memory_source_release(&memory);
	buffer_release(&report);
	buffer_release(&text);
	expect_numbered("{" ONE_STATE ",'endpoints':{},'settings':{", "'s%d':%d", SETTINGS_MAX + 1, "}}",
	                "top.json:1:51: 97 settings; at most 96 are allowed\n");
}

Test(limits, of_rate_limits)
{
	static const char before[] = "{'initial':['a'],'states':{'a':{'on':{'stop':'a'}}},'endpoints':{},"
				     "'rate_exceeded':'stop','rate_limits':{";

	expect_numbered(before, "'l%d':{'path':'/%d','limit':'1/1s'}", RATE_LIMITS_MAX, "}}", "");
	expect_numbered(before, "'l%d':{'path':'/%d','limit':'1/1s'}", RATE_LIMITS_MAX + 1, "}}",
	                "top.json:1:91: too many rate limits; at most 64 are allowed\n");
}

Test(limits, of_calls_that_a_rate_counts)
{
	_Static_assert(RATE_COUNT_MAX == 32, "the texts below say so");
	expect("{'extends':'gateway','rate_limits':{'x':{'path':'/api','limit':'32/1s'}}}", "");
	expect("{'extends':'gateway','rate_limits':{'x':{'path':'/api','limit':'33/1s'}}}",
	       "top.json:1:64: a limit is a count of 1 to 32 and a duration, such as \"10/1s\" or \"1/15m\"\n");
}

Test(limits, of_cues)
{
	expect_numbered("{'extends':'gateway','timeline':[", "{'at':'%ds','event':'login'}", CUES_MAX, "]}", "");
	expect_numbered("{'extends':'gateway','timeline':[", "{'at':'%ds','event':'login'}", CUES_MAX + 1, "]}",
	                "top.json:1:22: too many cues; at most 256 are allowed\n");
}

Test(limits, of_aliases)
{
	expect_numbered("{'extends':'gateway','aliases':{", "'/a%d/':'/api/'", ALIASES_MAX - 1, "}}", "");
	expect_numbered("{'extends':'gateway','aliases':{", "'/a%d/':'/api/'", ALIASES_MAX, "}}",
	                "gateway.json:14:3: 9 aliases; at most 8 are allowed\n");
}

Test(limits, of_groups)
{
	static const char each[] = "'e%d':{'path':'/%d','group':'g%d','answer':{'hang':true}}";

	expect_numbered("{" ONE_STATE ",'endpoints':{},'groups':{", "'g%d':[]", GROUPS_MAX, "}}", "");
	expect_numbered("{" ONE_STATE ",'endpoints':{},'groups':{", "'g%d':[]", GROUPS_MAX + 1, "}}",
	                "top.json:1:346: too many groups; at most 32 are allowed\n");
	/* Groups that endpoints make by naming them count as well. */
	expect_numbered("{" ONE_STATE ",'endpoints':{", each, GROUPS_MAX, "}}", "");
	expect_numbered("{" ONE_STATE ",'endpoints':{", each, GROUPS_MAX + 1, "}}",
	                "top.json:1:1884: too many groups; at most 32 are allowed\n");
}

Test(limits, of_members_of_a_group)
{
	static const char before[] = "{'extends':'gateway','groups':{'some':[";

	expect_numbered(before, "'front'", ENDPOINTS_MAX, "]}}", "");
	expect_numbered(before, "'front'", ENDPOINTS_MAX + 1, "]}}",
	                "top.json:1:32: 129 members; at most 128 are allowed\n");
}

/* Names that states show: what is inherited need not be used. */
static void expect_shown(int count, const char *expected)
{
	struct memory_source memory = { 0 };
	struct machine machine = { 0 };
	struct buffer text = { 0 };
	struct buffer report = { 0 };

	small_machine_add(&memory);
	add_numbered(&text, "{'extends':'gateway','states':{'in':{'shows':{", "'s%d':%d", count, "}}}}");
	memory_source_add_quoted(&memory, "base.json", text.data);
	memory_source_add_quoted(&memory, "top.json", "{'extends':'base'}");
	buffer_add_text(&report, "");
	load_with_report(&memory, "top", &machine, &report);
	cr_expect_str_eq(report.data, expected, "wanted:\n%s\nfound:\n%s", expected, report.data);
	machine_release(&machine);
	memory_source_release(&memory);
	buffer_release(&report);
	buffer_release(&text);
}

Test(limits, of_names_that_states_show)
{
	/* The small machine's states show two. */
	expect_shown(SHOWN_MAX - 2, "");
	expect_shown(SHOWN_MAX - 1, "base.json:1:2625: too many shown names; at most 256 are allowed\n");
}

/* As many names as a file can hold must not take the square of that. */
Test(limits, of_names_that_states_show_are_found_at_once, .timeout = 300)
{
	expect_shown(DOCUMENT_VALUES_MAX - 10, "base.json:1:2625: too many shown names; at most 256 are allowed\n");
}

static void expect_packs(int count, const char *expected)
{
	struct memory_source memory = { 0 };
	struct machine machine = { 0 };
	struct buffer report = { 0 };

	small_machine_add(&memory);
	/* "2026" and what it extends are the last two. */
	for (int i = 1; i <= count - 2; i++) {
		char name[40];
		char text[80];

		snprintf(name, sizeof name, "p%d/pack.json", i);
		snprintf(text, sizeof text,
		         i == count - 2 ? "{'name':'p','extends':'2026'}" : "{'name':'p','extends':'p%d'}", i + 1);
		memory_source_add_quoted(&memory, name, text);
	}
	memory_source_add_quoted(&memory, "top.json", "{'extends':'gateway','fixtures':'p1'}");
	buffer_add_text(&report, "");
	load_with_report(&memory, "top", &machine, &report);
	cr_expect_str_eq(report.data, expected, "wanted:\n%s\nfound:\n%s", expected, report.data);
	machine_release(&machine);
	memory_source_release(&memory);
	buffer_release(&report);
}

Test(limits, of_packs_that_extend_each_other)
{
	expect_packs(PACKS_DEEP_MAX, "");
	expect_packs(PACKS_DEEP_MAX + 1, "2022: fixture packs extend each other in a circle, or more than 4 deep\n");
}

/* Answers that each name another reply, all of which there are. */
static void expect_replies(int count, const char *expected)
{
	struct memory_source memory = { 0 };
	struct machine machine = { 0 };
	struct buffer report = { 0 };
	struct buffer text = { 0 };

	small_machine_add(&memory);
	for (int i = 1; i <= count; i++) {
		buffer_clear(&text);
		buffer_add_format(&text, "2026/replies/r%d.json", i);
		memory_source_add_quoted(&memory, text.data, "{'status':200,'headers':'json'}");
	}
	buffer_clear(&text);
	buffer_add_text(&text, "{" ONE_STATE ",'endpoints':{");
	for (int e = 0, reply = 1; reply <= count; e++) {
		buffer_add_format(&text, "%s\n'e%d':{'path':'/%d','answer':[", e ? "," : "", e, e);
		for (int i = 0; i < 30 && reply <= count; i++, reply++)
			buffer_add_format(&text, "%s{'reply':'r%d','every':2}", i ? "," : "", reply);
		buffer_add_text(&text, "]}");
	}
	buffer_add_text(&text, "}}");
	memory_source_add_quoted(&memory, "top.json", text.data);
	buffer_add_text(&report, "");
	load_with_report(&memory, "top", &machine, &report);
	cr_expect_str_eq(report.data, expected, "wanted:\n%s\nfound:\n%s", expected, report.data);
	machine_release(&machine);
	memory_source_release(&memory);
	buffer_release(&report);
	buffer_release(&text);
}

Test(limits, of_replies)
{
	expect_replies(REPLIES_MAX, "");
	expect_replies(REPLIES_MAX + 1, "top.json:10:470: too many replies; at most 256 are allowed\n");
}

Test(limits, of_answers_in_one_list)
{
	static const char after[] = ",'ok']}}}}";

	expect_numbered("{'extends':'gateway','states':{'in':{'answers':{'status':[", "{'reply':'ok','calls':%d}",
	                ANSWERS_LIST_MAX - 1, after, "");
	expect_numbered("{'extends':'gateway','states':{'in':{'answers':{'status':[", "{'reply':'ok','calls':%d}",
	                ANSWERS_LIST_MAX, after, "top.json:1:58: a list of answers has 1 to 32 of them\n");
}

Test(limits, of_transitions_in_one_list)
{
	static const char before[] = "{'extends':'gateway','states':{'in':{'on':{'tick':[";

	expect_numbered(before, "{'to':'out','while':['ill']}", TRANSITIONS_LIST_MAX, "]}}}}", "");
	expect_numbered(before, "{'to':'out','while':['ill']}", TRANSITIONS_LIST_MAX + 1, "]}}}}",
	                "top.json:1:51: a list of transitions has 1 to 255 of them\n");
}

static void expect_chain(int files, const char *expected)
{
	struct memory_source memory = { 0 };
	struct machine machine = { 0 };
	struct buffer report = { 0 };
	struct buffer text = { 0 };

	small_machine_add(&memory);
	for (int i = 1; i <= files; i++) {
		char name[20] = "top.json";

		if (i > 1)
			snprintf(name, sizeof name, "f%d.json", i);
		buffer_clear(&text);
		buffer_add_format(&text, i == files ? "{'extends':'gateway'}" : "{'extends':'f%d'}", i + 1);
		memory_source_add_quoted(&memory, name, text.data);
	}
	buffer_add_text(&report, "");
	load_with_report(&memory, "top", &machine, &report);
	cr_expect_str_eq(report.data, expected, "wanted:\n%s\nfound:\n%s", expected, report.data);
	machine_release(&machine);
	memory_source_release(&memory);
	buffer_release(&report);
	buffer_release(&text);
}

Test(limits, of_files_that_extend_each_other)
{
	expect_chain(EXTENDS_DEPTH_MAX, "");
	expect_chain(EXTENDS_DEPTH_MAX + 1, "f9.json:1:12: \"extends\" goes more than 8 files deep\n");
}

/* A text of `length` letters. */
static const char *letters(int length)
{
	static char text[2000];

	memset(text, 'x', sizeof text);
	text[length] = '\0';
	return text;
}

static void expect_with_letters(const char *before, int length, const char *after, const char *expected)
{
	struct buffer text = { 0 };

	buffer_add_text(&text, before);
	buffer_add_text(&text, letters(length));
	buffer_add_text(&text, after);
	expect(text.data, expected);
	buffer_release(&text);
}

Test(limits, of_names)
{
	expect_with_letters("{'extends':'gateway','states':{'in':{'on':{'", NAME_LENGTH_MAX, "':'out'}}}}", "");
	expect_with_letters(
	    "{'extends':'gateway','states':{'in':{'on':{'", NAME_LENGTH_MAX + 1, "':'out'}}}}",
	    "top.json:1:44: the name of an event has 1 to 64 lower-case letters, digits, \"_\", \"-\" or "
	    "\".\"\n");
	expect_with_letters("{'extends':'gateway','endpoints':{'front':{'answer':'", NAME_LENGTH_MAX + 1, "'}}}",
	                    "top.json:1:53: a reply is a fixture's name, or a file: \"./my_reply.json\"\n");
	expect_with_letters("{'extends':'gateway','endpoints':{'front':{'answer':'./", PATH_LENGTH_MAX - 1, "'}}}",
	                    "top.json:1:53: a reply is a fixture's name, or a file: \"./my_reply.json\"\n");
}

/* One name too long, at this place and called so. */
static void expect_name_too_long(const char *before, const char *after, const char *place, const char *what)
{
	struct buffer expected = { 0 };

	buffer_add_format(&expected,
	                  "top.json:%s: the name of %s has 1 to 64 lower-case letters, digits, \"_\", \"-\" or \".\"\n",
	                  place, what);
	expect_with_letters(before, NAME_LENGTH_MAX + 1, after, expected.data);
	buffer_release(&expected);
}

Test(limits, of_names_wherever_they_stand)
{
	expect_name_too_long("{" ONE_STATE ",'endpoints':{},'settings':{'", "':1}}", "1:63", "a setting");
	expect_name_too_long("{'extends':'gateway','states':{'", "':{'region':'session'}}}", "1:32", "a state");
	expect_name_too_long("{'extends':'gateway','states':{'in':{'shows':{'", "':1}}}}", "1:47", "a shown value");
	expect_name_too_long("{'extends':'gateway','regions':['health','session','", "']}", "1:52", "a region");
	expect_name_too_long("{'extends':'gateway','groups':{'", "':[]}}", "1:32", "a group");
	expect_name_too_long("{'extends':'gateway','endpoints':{'", "':{'path':'/x','answer':'ok'}}}", "1:35",
	                     "an endpoint");
	expect_name_too_long("{" ONE_STATE ",'endpoints':{'e':{'path':'/e','answer':{'hang':true},'group':'", "'}}}",
	                     "1:97", "a group");
	expect_name_too_long("{'extends':'gateway','timers':{'", "':{'while':['in'],'after':'1s','event':'login'}}}",
	                     "1:32", "a timer");
	expect_name_too_long("{'extends':'gateway','timers':{'t':{'while':['in'],'after':'1s','event':'", "'}}}",
	                     "1:73", "an event");
	expect_name_too_long("{'extends':'gateway','rate_limits':{'", "':{'path':'/api','limit':'1/1s'}}}", "1:37",
	                     "a rate limit");
}

Test(limits, of_paths)
{
	struct buffer expected = { 0 };

	expect_with_letters("{'extends':'gateway','endpoints':{'front':{'path':'/", PATH_LENGTH_MAX - 1, "'}}}", "");
	buffer_add_format(&expected,
	                  "top.json:1:51: a path starts with \"/\", has no \"?\", and a \"*\" only after its last "
	                  "\"/\"; found \"/%s",
	                  letters(PATH_LENGTH_MAX));
	/* A problem keeps 319 bytes of its sentence. */
	expected.data[strlen("top.json:1:51: ") + 319] = '\n';
	expected.data[strlen("top.json:1:51: ") + 320] = '\0';
	expect_with_letters("{'extends':'gateway','endpoints':{'front':{'path':'/", PATH_LENGTH_MAX, "'}}}",
	                    expected.data);
	buffer_release(&expected);
}

Test(limits, of_paths_hold_for_aliases_and_rate_limits)
{
	static const char before[] =
	    "{'extends':'gateway','aliases':{'/older/':'/api/'},'endpoints':{'front':{'path':'/api/";
	static const char alias[] =
	    "an alias and its target are paths, without \"?\" and \"*\": \"/old/\": \"/new/\"\n";
	struct buffer expected = { 0 };

	expect_with_letters(before, PATH_LENGTH_MAX - (int)strlen("/older/"), "'}}}", "");
	expect_with_letters(
	    before, PATH_LENGTH_MAX - (int)strlen("/older/") + 1, "'}}}",
	    "top.json:1:81: below alias \"/older/\" this path has 513 bytes; at most 512 are allowed\n");
	buffer_add_format(&expected, "top.json:1:33: %s", alias);
	expect_with_letters("{'extends':'gateway','aliases':{'/", PATH_LENGTH_MAX, "':'/api/'}}", expected.data);
	expect_with_letters("{'extends':'gateway','aliases':{'/x/':'/", PATH_LENGTH_MAX - 1, "'}}", "");
	expect_with_letters("{'extends':'gateway','aliases':{'/x/':'/", PATH_LENGTH_MAX, "'}}", expected.data);
	expect_with_letters("{'extends':'gateway','rate_limits':{'x':{'limit':'1/1s','path':'/", PATH_LENGTH_MAX - 1,
	                    "'}}}", "");
	buffer_release(&expected);
}

Test(limits, of_texts_in_settings)
{
	expect_with_letters("{'extends':'gateway','settings':{'who':'", SETTING_TEXT_MAX, "'}}", "");
	expect_with_letters("{'extends':'gateway','settings':{'ips_deny':'", SETTING_TEXT_MAX + 1, "'}}",
	                    "top.json:1:45: a text here has at most 256 bytes and no control characters\n");
}

Test(limits, of_durations_and_timer_periods)
{
	expect("{'extends':'gateway','settings':{'idle':'3650d'}}", "");
	expect("{'extends':'gateway','timers':{'idle':{'after':'3651d'}}}",
	       "top.json:1:48: wanted a duration such as \"90s\", \"5m30s\" or \"24h\", found \"3651d\"\n");
	expect("{'extends':'gateway','timers':{'beat':{'every':'100ms'}}}", "");
	expect("{'extends':'gateway','timers':{'beat':{'every':'99ms'}}}",
	       "top.json:1:48: this duration must be at least 100 ms\n");
}

Test(limits, of_a_document_hold_for_scenarios_too)
{
	struct buffer text = { 0 };

	add_numbered(&text, "{'extends':'gateway','note':[", "%d", DOCUMENT_VALUES_MAX, "]}");
	expect(text.data, "top.json:1:108906: the file has too many values\n");
	buffer_clear(&text);
	buffer_add_format(&text, "{'extends':'gateway'%*s}", DOCUMENT_SIZE_MAX, "");
	expect(text.data, "top.json: the file has more than 1048576 bytes: no more are read\n");
	buffer_release(&text);
}

/* Its memory must grow with the file, not with the file's square: this is half a megabyte. */
Test(limits, of_a_document_are_within_reach_of_one_reply)
{
	struct memory_source memory = { 0 };
	struct machine machine = { 0 };
	struct buffer report = { 0 };
	struct buffer text = { 0 };

	small_machine_add(&memory);
	memory_source_add_quoted(&memory, "top.json",
	                         "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}");
	add_numbered(&text, "{'status':200,'headers':'json','text':[", "'a line of thirty letters or so'", 16000, "]}");
	memory_source_add_quoted(&memory, "mine.json", text.data);
	load_with_report(&memory, "top", &machine, &report);
	cr_expect_eq(report.length, 0, "%s", report.data);
	machine_release(&machine);
	memory_source_release(&memory);
	buffer_release(&report);
	buffer_release(&text);
}

/* A reply whose text is `letters_count` letters and then `count` times `each`. */
static void expect_reply(int letters_count, const char *each, int count, const char *expected)
{
	struct memory_source memory = { 0 };
	struct machine machine = { 0 };
	struct buffer report = { 0 };
	struct buffer text = { 0 };

	small_machine_add(&memory);
	memory_source_add_quoted(&memory, "top.json",
	                         "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}");
	memory_source_add_quoted(&memory, "2026/headers/none.json", "{'framing':'chunked','headers':[]}");
	buffer_add_text(&text, "{'status':200,'headers':'none','text':'");
	buffer_add_format(&text, "%*s", letters_count, "");
	for (int i = 0; i < count; i++)
		buffer_add_text(&text, each);
	buffer_add_text(&text, "'}");
	memory_source_add_quoted(&memory, "mine.json", text.data);
	buffer_add_text(&report, "");
	load_with_report(&memory, "top", &machine, &report);
	cr_expect_str_eq(report.data, expected, "wanted:\n%s\nfound:\n%s", expected, report.data);
	machine_release(&machine);
	memory_source_release(&memory);
	buffer_release(&report);
	buffer_release(&text);
}

Test(limits, of_replies_as_they_leave)
{
	expect_reply(REPLY_SIZE_MAX, "", 0, "");
	expect_reply(REPLY_SIZE_MAX + 1, "", 0,
	             "mine.json:1:1: this reply can become 524289 bytes; at most 524288 are allowed\n");
	/* A text may become one of 256 letters, a number has 24 at the most; a path is whatever a client sends. */
	expect_reply(REPLY_SIZE_MAX - 10 * 514, "{{motto}}", 10, "");
	expect_reply(REPLY_SIZE_MAX - 10 * 514, "{{motto}}", 11,
	             "mine.json:1:1: this reply can become 524802 bytes; at most 524288 are allowed\n");
	expect_reply(REPLY_SIZE_MAX - 10 * 24, "{{number}}", 10, "");
	expect_reply(REPLY_SIZE_MAX - 10 * 24, "{{now_ms}}", 11,
	             "mine.json:1:1: this reply can become 524312 bytes; at most 524288 are allowed\n");
	expect_reply(REPLY_SIZE_MAX - 24578, "{{path}}", 1, "");
	expect_reply(REPLY_SIZE_MAX - 24577, "{{path}}", 1,
	             "mine.json:1:1: this reply can become 524289 bytes; at most 524288 are allowed\n");
}

/* Fixtures lie at "pack/replies/name.json": a path that does not fit is refused, not cut. */
Test(limits, of_paths_of_fixtures)
{
	struct memory_source memory = { 0 };
	struct machine machine = { 0 };
	struct buffer report = { 0 };
	struct buffer text = { 0 };

	small_machine_add(&memory);
	buffer_add_format(&text, "{'extends':'gateway','fixtures':'%s'}", letters(640));
	memory_source_add_quoted(&memory, "top.json", text.data);
	buffer_clear(&text);
	buffer_add_format(&text, "%s/pack.json", letters(640));
	memory_source_add_quoted(&memory, text.data, "{'name':'own','extends':'2026'}");
	load_with_report(&memory, "top", &machine, &report);
	cr_expect_not_null(report.data);
	cr_expect_not_null(
	    strstr(report.data, ": the path of \"sick\" in this fixture pack has 653 bytes; at most 639 are allowed\n"),
	    "%s", report.data);
	machine_release(&machine);
	memory_source_release(&memory);
	buffer_release(&report);
	buffer_release(&text);
}
