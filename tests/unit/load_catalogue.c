/* Why: what is in the catalogue is found by an id that is kept for ever, and shown to people: a scenario that says it is
 * in there is held to all of it. */
#include "core/catalogue.h"
#include "support/small_machine.h"

#include <criterion/criterion.h>
#include <string.h>

#define ENTRY(id) "'catalogue':{'id':'" id "','layer':'session','symptom':'it fails','remedy':'wait'}"
#define TOP "'extends':'gateway','title':'it fails','evidence':'recorded'"

Test(catalogue, names_and_ids)
{
	cr_expect_eq(catalogue_id_length("GW-001-tickle-no-session"), 6);
	cr_expect_eq(catalogue_id_length("GW-001"), 6);
	cr_expect_eq(catalogue_id_length("ABCDEFGH-999-x"), CATALOGUE_ID_MAX);
	static const char *const none[] = { "",          "G-001-x",       "ABCDEFGHI-001-x", "GW-01-x",
		                            "GW-0001-x", "gw-001-x",      "GW001-x",         "GW-001x",
		                            "GW-001/x",  "authenticated", "GW-001.json" };

	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		cr_expect_eq(catalogue_id_length(none[i]), 0, "%s", none[i]);
	cr_expect(catalogue_is_called("GW-001-a", "GW-001"));
	cr_expect(catalogue_is_called("GW-001-a", "GW-001-a"));
	cr_expect(catalogue_is_called("fresh", "fresh"));
	cr_expect_not(catalogue_is_called("GW-001-a", "GW-002"));
	cr_expect_not(catalogue_is_called("GW-001-a", "GW-00"));
	cr_expect_not(catalogue_is_called("GW-001-a", "GW-001-"));
	cr_expect_not(catalogue_is_called("fresh", ""));
}

Test(catalogue, an_entry_is_kept)
{
	struct machine machine = small_machine_load("{" TOP ",'name':'GW-001-a'," ENTRY("GW-001") "}");

	cr_expect_str_eq(machine.catalogue.id, "GW-001");
	cr_expect_str_eq(machine.catalogue.layer, "session");
	cr_expect_str_eq(machine.catalogue.symptom, "it fails");
	cr_expect_str_eq(machine.catalogue.remedy, "wait");
	cr_expect_str_eq(machine.catalogue.evidence, "recorded");
	machine_release(&machine);
}

/* Who extends an entry is none. */
Test(catalogue, an_entry_is_its_files_own)
{
	struct memory_source memory = { 0 };
	struct machine machine = { 0 };
	struct buffer report = { 0 };

	small_machine_add(&memory);
	memory_source_add_quoted(&memory, "GW-001-a.json", "{" TOP ",'name':'GW-001-a'," ENTRY("GW-001") "}");
	memory_source_add_quoted(&memory, "top.json", "{'extends':'GW-001-a'}");
	load_with_report(&memory, "top", &machine, &report);
	cr_expect_eq(report.length, 0, "%s", report.data);
	cr_expect_null(machine.catalogue.id);
	machine_release(&machine);
	memory_source_release(&memory);
	buffer_release(&report);
}

static void expect_report(const char *top, const char *wanted)
{
	struct memory_source memory = { 0 };
	struct machine machine = { 0 };
	struct buffer report = { 0 };

	small_machine_add(&memory);
	memory_source_add_quoted(&memory, "top.json", top);
	buffer_add_text(&report, "");
	load_with_report(&memory, "top", &machine, &report);
	cr_expect_str_eq(report.data, wanted, "%s\nwanted:\n%s\nfound:\n%s", top, wanted, report.data);
	machine_release(&machine);
	memory_source_release(&memory);
	buffer_release(&report);
}

Test(catalogue, says_what_is_wrong_with_an_entry)
{
	expect_report(
	    "{" TOP ",'name':'GW-001-a'," ENTRY("GW-1") "}",
	    "top.json:1:99: an id has two to eight capitals, \"-\" and three digits, such as \"GW-001\"; found "
	    "\"GW-1\"\n");
	expect_report("{" TOP ",'name':'GW-002-a'," ENTRY("GW-001") "}",
	              "top.json:1:99: the scenario's name must begin with its id: wanted \"GW-001-some-words\", found "
	              "\"GW-002-a\"\n");
	expect_report("{" TOP ",'name':'GW-001-'," ENTRY("GW-001") "}",
	              "top.json:1:98: the scenario's name must begin with its id: wanted \"GW-001-some-words\", found "
	              "\"GW-001-\"\n");
	expect_report("{" TOP "," ENTRY("GW-001") "}",
	              "top.json:1:81: the scenario's name must begin with its id: wanted \"GW-001-some-words\", found "
	              "\"top\"\n");
	expect_report("{'extends':'gateway','name':'GW-001-a'," ENTRY("GW-001") "}",
	              "top.json:1:40: what is in the catalogue must have \"title\"\n"
	              "top.json:1:40: what is in the catalogue must have \"evidence\"\n");
	expect_report("{'extends':'gateway','name':'GW-001-a','title':'t','evidence':'a\\n'," ENTRY("GW-001") "}",
	              "top.json:1:63: \"evidence\" may not have control characters here\n");
	expect_report("{" TOP ",'name':'GW-001-a',"
	              "'catalogue':{'id':'GW-001','layer':'sesion','symptom':'','remedy':'a\\u0007'}}",
	              "top.json:1:116: \"layer\" must be gateway, session, upstream, edge, login, websocket or "
	              "connection; found \"sesion\" (session)\n"
	              "top.json:1:135: \"symptom\" must be a sentence of 1 to 256 bytes, without control characters\n"
	              "top.json:1:147: \"remedy\" must be a sentence of 1 to 256 bytes, without control characters\n");
	expect_report("{" TOP ",'name':'GW-001-a','catalogue':{'id':'GW-001','layers':'session','remedy':5}}",
	              "top.json:1:108: an entry in the catalogue has no \"layers\" (layer)\n"
	              "top.json:1:136: \"remedy\" must be a text, found a number\n"
	              "top.json:1:93: an entry in the catalogue must have \"layer\"\n"
	              "top.json:1:93: an entry in the catalogue must have \"symptom\"\n");
	expect_report("{" TOP ",'catalogue':'GW-001'}",
	              "top.json:1:75: \"catalogue\" must be an object, found a text\n");
}
