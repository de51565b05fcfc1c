#include "control/registry_inside.h"

#include "core/limits.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static bool out_of_memory(struct error *error)
{
	error_set(error, "memory ran out");
	return false;
}

/* ---- names ---- */

static struct entry **bucket_of(const struct registry *registry, const char *name)
{
	uint32_t hash = 2166136261U; /* FNV-1a */

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619U;
	return (struct entry **)&registry->buckets[hash & (BUCKETS - 1)];
}

struct entry *registry_find(const struct registry *registry, const char *name)
{
	for (struct entry *entry = *bucket_of(registry, name); entry; entry = entry->next_in_bucket)
		if (strcmp(entry->name, name) == 0)
			return entry;
	return NULL;
}

/* What stands in a path as it is, and is nobody's parent folder. */
static bool is_name(const char *name)
{
	const size_t length = strlen(name);

	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)name[i]) && (i == 0 || !strchr("-_.", name[i])))
			return false;
	return length > 0 && length <= NAME_LENGTH_MAX;
}

static enum registry_outcome check_name(const struct registry *registry, const char *name, struct error *error)
{
	if (!is_name(name)) {
		error_set(error,
		          "\"%.80s\" is no name for a gateway; wanted up to %d letters, digits, \"-\", \"_\" and "
		          "\".\", a letter or digit first",
		          name, NAME_LENGTH_MAX);
		return REGISTRY_BAD_NAME;
	}
	if (registry_find(registry, name)) {
		error_set(error, "there is a gateway \"%s\" already", name);
		return REGISTRY_NAME_TAKEN;
	}
	return REGISTRY_OK;
}

/* NULL when memory ran out. */
static char *make_name(const struct registry *registry)
{
	struct buffer name = { 0 };

	if (registry->ordinals == 0)
		return strdup(REGISTRY_FIRST_NAME);
	/* Somebody may have chosen a name that looks like ours. */
	for (uint64_t i = registry->ordinals;; i++) {
		buffer_clear(&name);
		buffer_add_text(&name, "gateway-");
		buffer_add_int(&name, (int64_t)i);
		if (buffer_failed(&name) || !registry_find(registry, name.data))
			break;
	}
	if (!buffer_failed(&name))
		return name.data;
	buffer_release(&name);
	return NULL;
}

/* ---- entries ---- */

static void link_entry(struct registry *registry, struct entry *entry)
{
	struct entry **bucket = bucket_of(registry, entry->name);

	entry->next_in_bucket = *bucket;
	*bucket = entry;
	entry->previous = registry->last;
	if (registry->last)
		registry->last->next = entry;
	else
		registry->first = entry;
	registry->last = entry;
	registry->count++;
}

static void unlink_entry(struct registry *registry, struct entry *entry)
{
	struct entry **place = bucket_of(registry, entry->name);

	while (*place != entry)
		place = &(*place)->next_in_bucket;
	*place = entry->next_in_bucket;
	if (entry->previous)
		entry->previous->next = entry->next;
	else
		registry->first = entry->next;
	if (entry->next)
		entry->next->previous = entry->previous;
	else
		registry->last = entry->previous;
	registry->count--;
}

static void free_entry(struct entry *entry)
{
	machines_leave(&entry->registry->machines, entry->present.machine);
	machines_leave(&entry->registry->machines, entry->first.machine);
	free(entry->name);
	free(entry);
}

static enum registry_outcome outcome_of(enum listen_outcome outcome)
{
	switch (outcome) {
	case LISTEN_OK:
		return REGISTRY_OK;
	case LISTEN_PORT_TAKEN:
	case LISTEN_PORT_DENIED:
	case LISTEN_BAD_ADDRESS:
		return REGISTRY_CANNOT_LISTEN;
	case LISTEN_FAILED:
		break;
	}
	return REGISTRY_FAILED;
}

/* Starts a gateway that runs `machine`. */
static enum registry_outcome start(struct registry *registry, const struct entry_request *request,
                                   struct stage_machine *machine, struct entry **added, struct error *error)
{
	struct entry *entry = calloc(1, sizeof *entry);
	struct gateway_options options;
	enum registry_outcome outcome;

	if (!entry) {
		out_of_memory(error);
		return REGISTRY_FAILED;
	}
	entry->registry = registry;
	entry->ordinal = registry->ordinals;
	entry->machine = machine;
	entry->first = entry->present = setup_asked(machine, request, &entry->first);
	machines_use(machine);
	machines_use(machine);
	entry->name = request->name ? strdup(request->name) : make_name(registry);
	if (!entry->name) {
		out_of_memory(error);
		free_entry(entry);
		return REGISTRY_FAILED;
	}
	options = setup_options(registry, &entry->present, entry);
	if (registry->ordinals > 0)
		options.port = request->port;
	outcome = outcome_of(server_add_gateway(registry->options.server, &options, &entry->gateway, error));
	if (outcome != REGISTRY_OK) {
		free_entry(entry);
		return outcome;
	}
	registry->ordinals++;
	link_entry(registry, entry);
	*added = entry;
	return REGISTRY_OK;
}

/* For one more user. NULL with problems and an outcome. */
static struct stage_machine *find_machine(struct registry *registry, const struct entry_request *request,
                                          enum registry_outcome *outcome, struct problems *problems)
{
	const struct machine_wanted wanted = { request->scenario, request->body, request->pack };
	bool is_there;
	struct stage_machine *machine = machines_get(&registry->machines, &wanted, &is_there, problems);

	*outcome = is_there ? REGISTRY_BAD_SCENARIO : REGISTRY_NO_SCENARIO;
	return machine;
}

enum registry_outcome registry_add(struct registry *registry, const struct entry_request *request, struct entry **added,
                                   struct problems *problems, struct error *error)
{
	enum registry_outcome outcome = request->name ? check_name(registry, request->name, error) : REGISTRY_OK;
	struct stage_machine *machine;

	if (outcome != REGISTRY_OK)
		return outcome;
	if (registry->count >= GATEWAYS_MAX) {
		error_set(error, "there are %d gateways in this process, and no more fit", GATEWAYS_MAX);
		return REGISTRY_FULL;
	}
	machine = find_machine(registry, request, &outcome, problems);
	if (!machine)
		return outcome;
	outcome = start(registry, request, machine, added, error);
	machines_leave(&registry->machines, machine);
	return outcome;
}

static void end_entry(struct entry *entry)
{
	struct registry *registry = entry->registry;

	followers_tell_ending(entry);
	/* Connections that end may have a last word for the journal. */
	server_remove_gateway(registry->options.server, entry->gateway);
	followers_tell_gone(entry, false);
	unlink_entry(registry, entry);
	free_entry(entry);
}

void registry_remove(struct registry *registry, struct entry *entry)
{
	assert(entry != registry->first);
	end_entry(entry);
}

struct entry *registry_first(const struct registry *registry)
{
	return registry->first;
}

size_t registry_count(const struct registry *registry)
{
	return registry->count;
}

void registry_list(const struct registry *registry, enum source_kind kind,
                   void (*each)(void *context, const char *name), void *context)
{
	const struct source *source = registry->options.source;

	source->list(source->context, kind, each, context);
}

void registry_each(const struct registry *registry, void (*each)(void *context, struct entry *entry), void *context)
{
	struct entry *next;

	for (struct entry *entry = registry->first; entry; entry = next) {
		next = entry->next;
		each(context, entry);
	}
}

/* ---- beginning anew ---- */

static bool begin_anew(struct registry *registry, struct entry *entry, const struct entry_setup *setup,
                       struct error *error)
{
	struct stage_machine *before = entry->machine;
	const struct gateway_options options = setup_options(registry, setup, entry);

	followers_tell_ending(entry);
	followers_tell_gone(entry, true);
	if (!gateway_restart(entry->gateway, options.machine, options.seed, &options.clock, options.start_ms, error))
		return false;
	entry->present = *setup;
	entry->machine = setup->machine;
	machines_use(setup->machine);
	machines_leave(&registry->machines, before);
	return true;
}

bool registry_reset(struct registry *registry, struct entry *entry, struct error *error)
{
	return begin_anew(registry, entry, &entry->first, error);
}

bool registry_restart(struct registry *registry, struct entry *entry, struct error *error)
{
	return begin_anew(registry, entry, &entry->present, error);
}

enum registry_outcome registry_load(struct registry *registry, struct entry *entry, const struct entry_request *request,
                                    struct problems *problems, struct error *error)
{
	enum registry_outcome outcome;
	struct stage_machine *machine = find_machine(registry, request, &outcome, problems);
	struct entry_setup setup;
	bool began;

	if (!machine)
		return outcome;
	setup = setup_asked(machine, request, &entry->present);
	began = begin_anew(registry, entry, &setup, error);
	machines_leave(&registry->machines, machine);
	return began ? REGISTRY_OK : REGISTRY_FAILED;
}

/* ---- the whole ---- */

struct registry *registry_new(const struct registry_options *options, struct problems *problems, struct error *error)
{
	struct registry *registry = calloc(1, sizeof *registry);

	if (!registry) {
		out_of_memory(error);
		return NULL;
	}
	registry->options = *options;
	if (machines_init(&registry->machines, options->source, options->first_scenario, options->first_pack, problems))
		return registry;
	free(registry);
	return NULL;
}

void registry_set_tls(struct registry *registry, SSL_CTX *tls)
{
	registry->options.base.tls = tls;
}

static void end_one(void *context, struct entry *entry)
{
	(void)context;
	end_entry(entry);
}

void registry_free(struct registry *registry)
{
	if (!registry)
		return;
	registry_each(registry, end_one, NULL);
	machines_release(&registry->machines);
	free(registry);
}
