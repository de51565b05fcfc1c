#include "control/machines.h"

#include "core/catalogue.h"

#include <stdlib.h>
#include <string.h>

/* ---- what may be read for whom ---- */

/* The source as one request sees it. */
struct allowed {
	const struct source *all;
	struct span body;  /* of the request; `at` NULL: it has none */
	bool has_own_file; /* it asks for the first's scenario, which may be a file and name files */
};

struct looking {
	const char *name;
	bool found;
};

static void look(void *context, const char *name)
{
	struct looking *looking = context;

	looking->found = looking->found || catalogue_is_called(name, looking->name);
}

static bool is_built_in(const struct source *source, enum source_kind kind, const char *name)
{
	struct looking looking = { .name = name };

	source->list(source->context, kind, look, &looking);
	return looking.found;
}

static bool is_path(const char *name)
{
	const size_t length = strlen(name);

	return name[0] == '/' || name[0] == '.' || (length >= 5 && strcmp(name + length - 5, ".json") == 0);
}

static bool copy_body(struct span body, struct source_text *result, struct error *why)
{
	char *text = malloc(body.length + 1);
	char *file = strdup(MACHINES_BODY_NAME);

	if (!text || !file) {
		free(text);
		free(file);
		error_set(why, "out of memory");
		return false;
	}
	memcpy(text, body.at, body.length);
	text[body.length] = '\0';
	*result = (struct source_text){ .file = file, .text = text, .length = body.length };
	return true;
}

static bool read_allowed(void *context, enum source_kind kind, const char *name, const char *beside,
                         struct source_text *result, struct error *why)
{
	const struct allowed *allowed = context;

	if (allowed->body.at && kind == SOURCE_SCENARIO && !beside)
		return copy_body(allowed->body, result, why);
	if ((allowed->has_own_file && kind != SOURCE_PACK) || is_built_in(allowed->all, kind, name))
		return allowed->all->read(allowed->all->context, kind, name, beside, result, why);
	if (is_path(name))
		error_set(why, "no file can be named here, only what is built in");
	return false;
}

static void list_allowed(void *context, enum source_kind kind, void (*each)(void *each_context, const char *name),
                         void *each_context)
{
	const struct allowed *allowed = context;

	allowed->all->list(allowed->all->context, kind, each, each_context);
}

/* ---- compiling ---- */

static bool is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static struct stage_machine *find(const struct machines *machines, const struct scenario_request *request)
{
	for (struct stage_machine *machine = machines->list; machine; machine = machine->next)
		if (machine->scenario && is_same(machine->scenario, request->name) &&
		    is_same(machine->pack, request->pack))
			return machine;
	return NULL;
}

static void free_parts(struct stage_machine *machine)
{
	if (!machine)
		return;
	free(machine->scenario);
	free(machine->pack);
	free(machine);
}

/* NULL when memory ran out. What comes as a body has no name by which it could be found. */
static struct stage_machine *new_machine(const struct scenario_request *request, bool is_body)
{
	struct stage_machine *made = calloc(1, sizeof *made);

	if (!made || is_body)
		return made;
	made->scenario = strdup(request->name);
	made->pack = request->pack ? strdup(request->pack) : NULL;
	if (made->scenario && (made->pack || !request->pack))
		return made;
	free_parts(made);
	return NULL;
}

/* NULL with problems. */
static struct stage_machine *compile(struct machines *machines, const struct source *source,
                                     const struct scenario_request *request, bool is_body, struct problems *problems)
{
	struct stage_machine *made = new_machine(request, is_body);

	if (!made) {
		const struct place place = { .file = request->name };

		problems_add(problems, &place, NULL, "out of memory");
	} else if (scenario_load(source, request, &made->machine, problems)) {
		made->next = machines->list;
		machines->list = made;
		return made;
	}
	free_parts(made);
	return NULL;
}

static void free_machine(struct machines *machines, struct stage_machine *machine)
{
	struct stage_machine **place = &machines->list;

	while (*place != machine)
		place = &(*place)->next;
	*place = machine->next;
	machine_release(&machine->machine);
	free_parts(machine);
}

/* ---- who runs them ---- */

struct stage_machine *machines_use(struct stage_machine *machine)
{
	machine->users++;
	return machine;
}

void machines_leave(struct machines *machines, struct stage_machine *machine)
{
	if (machine && --machine->users == 0 && !machine->scenario)
		free_machine(machines, machine);
}

/* ---- which one ---- */

/* Whether that is the first's: as it was written, or by the scenario's own name where that is no built-in one's. */
static bool is_first(const struct machines *machines, const struct machine_wanted *wanted)
{
	const struct stage_machine *first = machines->first;

	if (wanted->body.at)
		return false;
	if (!wanted->scenario || strcmp(wanted->scenario, first->scenario) == 0)
		return true;
	return strcmp(wanted->scenario, first->machine.name) == 0 &&
	       !is_built_in(machines->source, SOURCE_SCENARIO, wanted->scenario);
}

struct stage_machine *machines_get(struct machines *machines, const struct machine_wanted *wanted, bool *is_there,
                                   struct problems *problems)
{
	const bool is_firsts = is_first(machines, wanted);
	const bool is_body = wanted->body.at != NULL;
	struct allowed allowed = { .all = machines->source, .body = wanted->body, .has_own_file = is_firsts };
	const struct source source = {
		.read = read_allowed, .list = list_allowed, .context = &allowed, .has_no_files = true
	};
	struct scenario_request request = { .name = wanted->scenario, .pack = wanted->pack };
	struct stage_machine *found = NULL;

	*is_there = true;
	if (is_firsts && !wanted->pack)
		return machines_use(machines->first);
	if (is_firsts)
		request.name = machines->first->scenario;
	if (is_body)
		request.name = MACHINES_BODY_NAME;
	else
		found = find(machines, &request);
	if (!found)
		found = compile(machines, &source, &request, is_body, problems);
	if (found)
		return machines_use(found);
	*is_there = (is_firsts || is_body || is_built_in(machines->source, SOURCE_SCENARIO, request.name)) &&
	            (!request.pack || is_built_in(machines->source, SOURCE_PACK, request.pack));
	return NULL;
}

/* ---- the whole ---- */

bool machines_init(struct machines *machines, const struct source *source, const char *scenario, const char *pack,
                   struct problems *problems)
{
	const struct scenario_request first = { .name = scenario, .pack = pack };

	*machines = (struct machines){ .source = source };
	machines->first = compile(machines, source, &first, false, problems);
	return machines->first != NULL;
}

void machines_release(struct machines *machines)
{
	while (machines->list)
		free_machine(machines, machines->list);
}
