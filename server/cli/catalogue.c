/*
 * `catalogue`: the real gateway's known failures, as the scenarios that play them tell about themselves.
 */
#include "core/catalogue.h"
#include "cli/command.h"
#include "cli/known_failures.h"
#include "cli/say.h"
#include "cli/table.h"
#include "cli/wrap.h"
#include "core/names.h"

#include <string.h>

/* Where what `show` says begins. */
#define INDENT 10

/* ---- as JSON ---- */

static void add_member(struct buffer *out, const char *name, const char *text)
{
	buffer_add_text(out, ",");
	buffer_add_member(out, name, text);
}

static void add_entry_json(const struct known_failure *entry, struct buffer *out)
{
	buffer_add_format(out, "{\"id\":\"%s\"", entry->facts.id);
	add_member(out, "name", entry->name);
	add_member(out, "title", entry->title);
	add_member(out, "layer", entry->facts.layer);
	add_member(out, "symptom", entry->facts.symptom);
	add_member(out, "evidence", entry->facts.evidence);
	add_member(out, "remedy", entry->facts.remedy);
	add_member(out, "clock", entry->facts.clock);
	add_member(out, "met", entry->met);
	buffer_add_text(out, "}");
}

static void list_json(const struct known_failures *catalogue, struct buffer *out)
{
	buffer_add_text(out, "[");
	for (size_t i = 0; i < catalogue->count; i++) {
		buffer_add_text(out, i == 0 ? "\n" : ",\n");
		add_entry_json(&catalogue->items[i], out);
	}
	buffer_add_text(out, "\n]\n");
}

/* ---- for people ---- */

static void list_text(const struct known_failures *catalogue, struct buffer *out)
{
	static const char *const columns[] = { "id", "layer", "title", NULL };
	struct table table = { .columns = columns };

	for (size_t i = 0; i < catalogue->count; i++) {
		const struct known_failure *entry = &catalogue->items[i];

		table_add(&table, entry->facts.id);
		table_add(&table, entry->facts.layer);
		table_add(&table, entry->title);
	}
	table_render_text(&table, out);
	out->failed |= buffer_failed(&table.cells);
	table_release(&table);
}

static void add_fact(struct buffer *out, const char *name, const char *text)
{
	buffer_add_format(out, "%-*s", INDENT, name);
	wrap_add(out, INDENT, INDENT, text);
}

static void show_text(const struct known_failure *entry, struct buffer *out)
{
	buffer_add_format(out, "%s\n", entry->name);
	wrap_add(out, 0, 0, entry->title);
	buffer_add_text(out, "\n");
	add_fact(out, "Layer", entry->facts.layer);
	add_fact(out, "Symptom", entry->facts.symptom);
	add_fact(out, "Evidence", entry->facts.evidence);
	add_fact(out, "Remedy", entry->facts.remedy);
	if (entry->met)
		add_fact(out, "Met by", entry->met);
	buffer_add_format(out, "%-*scpgw-mock serve --scenario %s\n", INDENT, "Run", entry->name);
	buffer_add_format(out, "%*scpgw-mock exec --scenario %s -- COMMAND\n", INDENT, "", entry->facts.id);
}

/* ---- the whole ---- */

static const struct known_failure *find(const struct known_failures *catalogue, const char *wanted)
{
	struct nearest nearest;
	struct error error;

	nearest_begin(&nearest, wanted);
	for (size_t i = 0; i < catalogue->count; i++) {
		const struct known_failure *entry = &catalogue->items[i];

		if (catalogue_is_called(entry->name, wanted))
			return entry;
		nearest_offer(&nearest, entry->name);
		nearest_offer(&nearest, entry->facts.id);
	}
	error_set(&error, "the catalogue has no \"%.80s\"; 'cpgw-mock catalogue' lists it%s%s%s", wanted,
	          nearest.best ? "; did you mean \"" : "", nearest.best ? nearest.best : "", nearest.best ? "\"?" : "");
	say_usage("catalogue", &error);
	return NULL;
}

static bool render(const struct options *options, const struct known_failures *catalogue, const char *wanted,
                   struct buffer *out)
{
	const struct known_failure *entry = wanted ? find(catalogue, wanted) : NULL;

	if (wanted && !entry)
		return false;
	if (options->format == FORMAT_TEXT && entry) {
		show_text(entry, out);
	} else if (entry) {
		add_entry_json(entry, out);
		buffer_add_text(out, "\n");
	} else if (options->format == FORMAT_TEXT) {
		list_text(catalogue, out);
	} else {
		list_json(catalogue, out);
	}
	return true;
}

static enum exit_code run(const struct options *options, const char *wanted)
{
	struct known_failures catalogue;
	struct buffer out = { 0 };
	enum exit_code code = EXIT_INTERNAL;

	if (known_failures_gather(&catalogue))
		code = render(options, &catalogue, wanted, &out) ? say_result(&out) : EXIT_USAGE;
	else if (catalogue.failed)
		code = EXIT_SCENARIO;
	buffer_release(&out);
	known_failures_release(&catalogue);
	return code;
}

static enum exit_code catalogue_run(const struct options *options)
{
	const char *verb = options->operand_count > 0 ? options->operands[0] : "list";
	const bool shows = strcmp(verb, "show") == 0;
	struct error error;

	if (!shows && strcmp(verb, "list") != 0)
		error_set(&error, "catalogue wants list, or show and an id; found \"%.80s\"", verb);
	else if (shows && options->operand_count == 1)
		error_set(&error, "\"catalogue show\" wants an id, such as GW-001; found nothing more");
	else if (!shows && options->operand_count == 2)
		error_set(&error, "\"catalogue list\" wants nothing after it, found \"%.80s\"", options->operands[1]);
	else
		return run(options, shows ? options->operands[1] : NULL);
	return say_usage("catalogue", &error);
}

const struct command command_catalogue = {
	.name = "catalogue",
	.bit = FOR_CATALOGUE,
	.operands = "[list|show ID]",
	.operands_max = 2,
	.summary = "list the real gateway's known failures, or tell about one",
	.about =
	    "Lists how the real gateway has failed its users; or shows one of these failures: what a client meets, "
	    "where it is known from, what the client should do, and how to play it here.\n"
	    "Each has an id that is kept for ever. Most are built-in scenarios, which --scenario takes by name or by "
	    "id: GW-001-tickle-no-session or GW-001.",
	.run = catalogue_run,
};
