/*
 * A registry of gateways on a stage of its own: the small machine as what is built in, "mine" as what lies on a disk. Included
 * by the tests of the registry, which are a program each.
 */
#ifndef CPGW_TESTS_REGISTRY_STAGE_H
#define CPGW_TESTS_REGISTRY_STAGE_H

#include "control/registry.h"
#include "support/small_machine.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* Extends the small machine; "on disk": it is not listed, and so not built in. */
static const char MINE[] = "{ 'name': 'my own', 'extends': 'gateway', 'initial': ['in'], 'seed': 42 }";

static struct memory_source memory;
static struct source files;
static struct source source;
static struct server server;
static struct registry *registry;
static struct problems problems;
static struct error failure;
static size_t paths_read;

/* ---- a source with built-in files and others ---- */

static inline bool read_any(void *context, enum source_kind kind, const char *name, const char *beside,
                            struct source_text *result, struct error *why)
{
	(void)context;
	paths_read += name[0] == '.' || name[0] == '/';
	return files.read(files.context, kind, name, beside, result, why);
}

struct listing {
	void (*each)(void *context, const char *name);
	void *context;
};

static inline void list_one(void *context, const char *name)
{
	const struct listing *listing = context;

	if (strstr(name, "mine") == NULL)
		listing->each(listing->context, name);
}

static inline void list_built_in(void *context, enum source_kind kind,
                                 void (*each)(void *each_context, const char *name), void *each_context)
{
	struct listing listing = { each, each_context };

	(void)context;
	files.list(files.context, kind, list_one, &listing);
}

/* ---- the stage ---- */

static inline struct registry_options options_for(const char *scenario)
{
	return (struct registry_options){
		.server = &server,
		.source = &source,
		.first_scenario = scenario,
		.base = { .address = "127.0.0.1", .seed = 1, .journal_size = JOURNAL_RECORDS_DEFAULT },
	};
}

static inline void begin_server(void)
{
	small_machine_add(&memory);
	memory_source_add_quoted(&memory, "mine.json", MINE);
	memory_source_add_quoted(&memory, "mine/pack.json", "{ 'name': 'mine', 'extends': '2026' }");
	memory_source_add_quoted(&memory, "other.json", "{ 'extends': 'gateway', 'initial': ['in'] }");
	memory_source_add_quoted(&memory, "2027/pack.json", "{ 'name': '2027', 'extends': '2026' }");
	files = memory_source_of(&memory);
	source = (struct source){ .read = read_any, .list = list_built_in };
	cr_assert(server_init(&server, &failure), "%s", failure.text);
}

static inline struct entry *add(const struct entry_request *request)
{
	struct entry *entry = NULL;
	const enum registry_outcome outcome = registry_add(registry, request, &entry, &problems, &failure);

	cr_assert_eq(outcome, REGISTRY_OK, "%s%s", failure.text, problems.count ? problems.items[0].message : "");
	cr_assert_not_null(entry);
	return entry;
}

static inline struct entry *begin_with(const struct registry_options *options)
{
	begin_server();
	registry = registry_new(options, &problems, &failure);
	cr_assert_not_null(registry, "%s", problems.count ? problems.items[0].message : failure.text);
	return add(&(struct entry_request){ 0 });
}

static inline struct entry *begin(const char *scenario)
{
	const struct registry_options options = options_for(scenario);

	return begin_with(&options);
}

static inline void end(void)
{
	registry_free(registry);
	server_release(&server);
	memory_source_release(&memory);
	problems_release(&problems);
}

static inline void refuses(const struct entry_request *request, enum registry_outcome expected)
{
	struct entry *entry = NULL;
	const size_t before = registry_count(registry);

	failure.text[0] = '\0';
	problems_release(&problems);
	cr_assert_eq(registry_add(registry, request, &entry, &problems, &failure), expected);
	cr_assert_null(entry);
	cr_assert((problems.total > 0) != (failure.text[0] != '\0'), "either says why, and not both");
	cr_assert_eq(registry_count(registry), before);
}

static inline const char *state_of(const struct entry *entry)
{
	static char text[64];
	struct buffer buffer = { 0 };

	emulator_describe(&entry->gateway->emulator, entry->gateway->emulator.active, &buffer);
	snprintf(text, sizeof text, "%s", buffer.data);
	buffer_release(&buffer);
	return text;
}

static inline void raise_event(struct entry *entry, const char *name)
{
	const struct action action = { .kind = ACTION_EVENT, .name = name };

	cr_assert(gateway_apply(entry->gateway, &action, &failure), "%s", failure.text);
}

#endif
