#include "cli/known_failures.h"

#include "cli/library.h"
#include "core/catalogue.h"
#include "core/scenario.h"
#include "wire/write_all.h"

#include <string.h>
#include <unistd.h>

static const char *keep(struct known_failures *failures, const char *text)
{
	return text ? arena_text(failures->arena, text, strlen(text)) : NULL;
}

static void add(struct known_failures *failures, const struct known_failure *entry)
{
	size_t at = failures->count;

	if (failures->count == KNOWN_FAILURES_MAX) {
		failures->failed = true;
		return;
	}
	for (; at > 0 && strcmp(failures->items[at - 1].name, entry->name) > 0; at--)
		failures->items[at] = failures->items[at - 1];
	failures->items[at] = *entry;
	failures->count++;
}

/* Its steps: "sso_dispatcher, then @api while sso_expired" */
static const char *met_in_words(struct known_failures *failures, const struct catalogue_entry *facts)
{
	struct buffer text = { 0 };
	const char *kept = NULL;

	for (size_t i = 0; i < facts->met_count; i++)
		buffer_add_format(&text, "%s%s", i > 0 ? ", then " : "", facts->met[i].says);
	if (text.length > 0)
		kept = keep(failures, text.data);
	buffer_release(&text);
	return kept;
}

static void add_machine(struct known_failures *failures, const char *name, const struct machine *machine)
{
	const struct catalogue_entry *facts = &machine->catalogue;
	const struct known_failure entry = {
		.name = arena_text(failures->arena, name, strlen(name)),
		.title = keep(failures, machine->title),
		.facts = { .id = keep(failures, facts->id),
		           .layer = keep(failures, facts->layer),
		           .symptom = keep(failures, facts->symptom),
		           .remedy = keep(failures, facts->remedy),
		           .evidence = keep(failures, facts->evidence),
		           .clock = keep(failures, facts->clock) },
		.met = met_in_words(failures, facts),
	};

	if (facts->id)
		add(failures, &entry);
}

/* What goes wrong with a built-in file, which is not to happen, is said. */
static void add_scenario(void *context, const char *name)
{
	const struct scenario_request request = { .name = name };
	struct known_failures *failures = context;
	struct problems problems = { 0 };
	struct buffer report = { 0 };
	struct machine machine;

	if (catalogue_id_length(name) == 0)
		return;
	if (scenario_load(library_source(), &request, &machine, &problems)) {
		add_machine(failures, name, &machine);
		machine_release(&machine);
		return;
	}
	failures->failed = true;
	problems_render_text(&problems, &report);
	if (report.data)
		write_all(STDERR_FILENO, report.data, report.length);
	buffer_release(&report);
	problems_release(&problems);
}

bool known_failures_gather(struct known_failures *failures)
{
	*failures = (struct known_failures){ .arena = arena_new() };
	if (!failures->arena)
		return false;
	library_list(SOURCE_SCENARIO, add_scenario, failures);
	return !failures->failed;
}

void known_failures_release(struct known_failures *failures)
{
	arena_free(failures->arena);
	failures->arena = NULL;
}
