/*
 * `catalogue`: the real gateway's known failures. Those that are scenarios tell about themselves; those that cannot be
 * played yet are rows of catalogue_waiting.h.
 */
#include "core/catalogue.h"
#include "cli/catalogue_waiting.h"
#include "cli/command.h"
#include "cli/library.h"
#include "cli/say.h"
#include "cli/table.h"
#include "cli/wrap.h"
#include "core/arena.h"
#include "core/names.h"
#include "core/scenario.h"
#include "wire/write_all.h"

#include <string.h>
#include <unistd.h>

#define ENTRIES_MAX 256
/* Where what `show` says begins. */
#define INDENT 10

struct entry {
	const char *name;
	const char *title;
	struct catalogue_entry facts; /* only id and layer of those that wait */
	const char *waits_for;        /* NULL: it can be played */
};

struct catalogue {
	struct entry items[ENTRIES_MAX]; /* by name */
	size_t count;
	bool failed;
	struct arena *arena; /* owns the texts */
};

/* ---- gathering ---- */

static const char *keep(struct catalogue *catalogue, const char *text)
{
	return text ? arena_text(catalogue->arena, text, strlen(text)) : NULL;
}

static void add(struct catalogue *catalogue, const struct entry *entry)
{
	size_t at = catalogue->count;

	if (catalogue->count == ENTRIES_MAX) {
		catalogue->failed = true;
		return;
	}
	for (; at > 0 && strcmp(catalogue->items[at - 1].name, entry->name) > 0; at--)
		catalogue->items[at] = catalogue->items[at - 1];
	catalogue->items[at] = *entry;
	catalogue->count++;
}

static void add_machine(struct catalogue *catalogue, const char *name, const struct machine *machine)
{
	const struct catalogue_entry *facts = &machine->catalogue;
	const struct entry entry = {
		.name = keep(catalogue, name),
		.title = keep(catalogue, machine->title),
		.facts = { keep(catalogue, facts->id), keep(catalogue, facts->layer), keep(catalogue, facts->symptom),
		           keep(catalogue, facts->remedy), keep(catalogue, facts->evidence) },
	};

	if (facts->id)
		add(catalogue, &entry);
}

/* What goes wrong with a built-in file, which is not to happen, is said. */
static void add_scenario(void *context, const char *name)
{
	const struct scenario_request request = { .name = name };
	struct catalogue *catalogue = context;
	struct problems problems = { 0 };
	struct buffer report = { 0 };
	struct machine machine;

	if (catalogue_id_length(name) == 0)
		return;
	if (scenario_load(library_source(), &request, &machine, &problems)) {
		add_machine(catalogue, name, &machine);
		machine_release(&machine);
		return;
	}
	catalogue->failed = true;
	problems_render_text(&problems, &report);
	if (report.data)
		write_all(STDERR_FILENO, report.data, report.length);
	buffer_release(&report);
	problems_release(&problems);
}

static void add_waiting(struct catalogue *catalogue, const struct waiting *row)
{
	const struct entry entry = {
		.name = row->name,
		.title = row->title,
		.facts = { .id = arena_text(catalogue->arena, row->name, catalogue_id_length(row->name)),
		           .layer = row->layer,
		           .evidence = "docs/gateway.md#failures" },
		.waits_for = row->waits_for,
	};

	add(catalogue, &entry);
}

static void gather(struct catalogue *catalogue)
{
	library_list(SOURCE_SCENARIO, add_scenario, catalogue);
	for (const struct waiting *row = catalogue_waiting; row->name; row++)
		add_waiting(catalogue, row);
}

/* ---- as JSON ---- */

static void add_member(struct buffer *out, const char *name, const char *text)
{
	buffer_add_format(out, ",\"%s\":", name);
	if (!text) {
		buffer_add_text(out, "null");
		return;
	}
	buffer_add_quoted(out, text, strlen(text));
}

static void add_entry_json(const struct entry *entry, struct buffer *out)
{
	buffer_add_format(out, "{\"id\":\"%s\"", entry->facts.id);
	add_member(out, "name", entry->name);
	add_member(out, "title", entry->title);
	add_member(out, "layer", entry->facts.layer);
	buffer_add_format(out, ",\"available\":%s", entry->waits_for ? "false" : "true");
	add_member(out, "waits_for", entry->waits_for);
	add_member(out, "symptom", entry->facts.symptom);
	add_member(out, "evidence", entry->facts.evidence);
	add_member(out, "remedy", entry->facts.remedy);
	buffer_add_text(out, "}");
}

static void list_json(const struct catalogue *catalogue, struct buffer *out)
{
	buffer_add_text(out, "[");
	for (size_t i = 0; i < catalogue->count; i++) {
		buffer_add_text(out, i == 0 ? "\n" : ",\n");
		add_entry_json(&catalogue->items[i], out);
	}
	buffer_add_text(out, "\n]\n");
}

/* ---- for people ---- */

static void list_text(const struct catalogue *catalogue, struct buffer *out)
{
	static const char *const columns[] = { "id", "layer", "available", "title", NULL };
	struct table table = { .columns = columns };

	for (size_t i = 0; i < catalogue->count; i++) {
		const struct entry *entry = &catalogue->items[i];

		table_add(&table, entry->facts.id);
		table_add(&table, entry->facts.layer);
		table_add(&table, entry->waits_for ? "not yet" : "yes");
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

static void show_text(const struct entry *entry, struct buffer *out)
{
	struct buffer why = { 0 };

	buffer_add_format(out, "%s\n", entry->name);
	wrap_add(out, 0, 0, entry->title);
	buffer_add_text(out, "\n");
	add_fact(out, "Layer", entry->facts.layer);
	if (entry->facts.symptom)
		add_fact(out, "Symptom", entry->facts.symptom);
	add_fact(out, "Evidence", entry->facts.evidence);
	if (entry->facts.remedy)
		add_fact(out, "Remedy", entry->facts.remedy);
	if (entry->waits_for) {
		buffer_add_format(&why, "it cannot be played before there is %s", entry->waits_for);
		if (why.data)
			add_fact(out, "Not yet", why.data);
		buffer_release(&why);
		return;
	}
	buffer_add_format(out, "%-*scpgw-mock serve --scenario %s\n", INDENT, "Run", entry->name);
	buffer_add_format(out, "%*scpgw-mock exec --scenario %s -- COMMAND\n", INDENT, "", entry->facts.id);
}

/* ---- the whole ---- */

static const struct entry *find(const struct catalogue *catalogue, const char *wanted)
{
	struct nearest nearest;
	struct error error;

	nearest_begin(&nearest, wanted);
	for (size_t i = 0; i < catalogue->count; i++) {
		const struct entry *entry = &catalogue->items[i];

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

static bool render(const struct options *options, const struct catalogue *catalogue, const char *wanted,
                   struct buffer *out)
{
	const struct entry *entry = wanted ? find(catalogue, wanted) : NULL;

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
	struct catalogue catalogue = { .arena = arena_new() };
	struct buffer out = { 0 };
	enum exit_code code = EXIT_INTERNAL;

	if (catalogue.arena)
		gather(&catalogue);
	if (catalogue.failed)
		code = EXIT_SCENARIO;
	else if (catalogue.arena)
		code = render(options, &catalogue, wanted, &out) ? say_result(&out) : EXIT_USAGE;
	buffer_release(&out);
	arena_free(catalogue.arena);
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
