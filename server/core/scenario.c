#include "core/scenario.h"

#include "core/catalogue.h"
#include "core/loading.h"
#include "core/names.h"
#include "core/setting.h"

#include <stdlib.h>
#include <string.h>

/* ---- reading ---- */

bool loading_read(struct loading *loading, enum source_kind kind, const char *name, const char *beside,
                  struct source_text *result, struct error *why)
{
	struct source_text *texts;

	*why = (struct error){ 0 };
	if (!loading->source->read(loading->source->context, kind, name, beside, result, why))
		return false;
	texts = realloc(loading->texts, (loading->text_count + 1) * sizeof *texts);
	if (!texts) {
		free(result->file);
		free(result->text);
		error_set(why, "out of memory");
		return false;
	}
	loading->texts = texts;
	texts[loading->text_count++] = *result;
	return true;
}

static bool keep_tree(struct loading *loading, cJSON *tree)
{
	cJSON **trees = realloc(loading->trees, (loading->tree_count + 1) * sizeof *trees);

	if (!trees)
		return false;
	loading->trees = trees;
	trees[loading->tree_count++] = tree;
	return true;
}

cJSON *loading_read_tree(struct loading *loading, enum source_kind kind, const char *name, const char *beside,
                         bool *reported)
{
	struct source_text text;
	struct error why;
	cJSON *tree;

	*reported = false;
	if (!loading_read(loading, kind, name, beside, &text, &why)) {
		if (why.text[0]) {
			const struct place place = { .file = name };

			problems_add(loading->reader.problems, &place, NULL, "%s", why.text);
			*reported = true;
		}
		return NULL;
	}
	tree = json_read((struct json_places *)loading->reader.places, text.file, text.text, text.length,
	                 loading->reader.problems);
	*reported = tree == NULL;
	if (tree && !keep_tree(loading, tree)) {
		cJSON_Delete(tree);
		tree = NULL;
	}
	return tree;
}

/* What is in the catalogue may have been meant by its id. */
static void offer(void *context, const char *name)
{
	char id[CATALOGUE_ID_MAX + 1];
	const size_t length = catalogue_id_length(name);

	nearest_offer(context, name);
	if (length > 0) {
		memcpy(id, name, length);
		id[length] = '\0';
		nearest_offer(context, id);
	}
}

void loading_nearest(const struct loading *loading, enum source_kind kind, const char *name, struct nearest *nearest)
{
	nearest_begin(nearest, name);
	loading->source->list(loading->source->context, kind, offer, nearest);
}

/* ---- merging: what "extends" means ---- */

/* How a member of the extending file meets the same member of the base. */
enum merge_rule {
	MERGE_REPLACE,  /* it takes its place; null stays null */
	MERGE_VALUES,   /* objects: member by member, each takes its place */
	MERGE_SETTINGS, /* the same, as MERGE_SETTING */
	MERGE_SETTING,  /* it takes its place if it is of its kind */
	MERGE_NAMED,    /* objects: member by member, as MERGE_ENTRY */
	MERGE_ENTRIES,  /* objects of objects: the inner ones merge as MERGE_NAMED */
	MERGE_STATES,   /* the inner ones merge as states do */
	MERGE_STATE,
	MERGE_WEBSOCKET,
	MERGE_ENTRY,  /* it takes its place; null takes the base's away */
	MERGE_APPEND, /* lists: the base's entries, then these */
	MERGE_OWN,    /* says something about its own file alone: the base's is dropped */
};

struct merge_member {
	const char *name;
	enum merge_rule rule;
};

static const struct merge_member top_members[] = {
	{ "settings", MERGE_SETTINGS }, { "states", MERGE_STATES },
	{ "endpoints", MERGE_ENTRIES }, { "timers", MERGE_ENTRIES },
	{ "groups", MERGE_NAMED },      { "rate_limits", MERGE_ENTRIES },
	{ "expect", MERGE_ENTRIES },    { "faults", MERGE_ENTRIES },
	{ "aliases", MERGE_NAMED },     { "websocket", MERGE_WEBSOCKET },
	{ "variants", MERGE_ENTRIES },  { "accounts", MERGE_NAMED },
	{ "clock", MERGE_NAMED },       { "initial", MERGE_APPEND },
	{ "extends", MERGE_OWN },       { "name", MERGE_OWN },
	{ "title", MERGE_OWN },         { "evidence", MERGE_OWN },
	{ "note", MERGE_OWN },          { "catalogue", MERGE_OWN },
	{ NULL, MERGE_REPLACE },
};

static const struct merge_member websocket_members[] = {
	{ "modes", MERGE_ENTRIES },
	{ "topics", MERGE_NAMED },
	{ "scripts", MERGE_NAMED },
	{ NULL, MERGE_ENTRY },
};

static const struct merge_member state_members[] = {
	{ "shows", MERGE_VALUES },
	{ "answers", MERGE_NAMED },
	{ "on", MERGE_NAMED },
	{ NULL, MERGE_REPLACE },
};

static enum merge_rule merge_rule_of(const struct merge_member *members, const char *name)
{
	while (members->name && strcmp(members->name, name) != 0)
		members++;
	return members->rule;
}

static bool merges_inside(enum merge_rule rule)
{
	return rule == MERGE_VALUES || rule == MERGE_SETTINGS || rule == MERGE_NAMED || rule == MERGE_ENTRIES ||
	       rule == MERGE_STATES || rule == MERGE_STATE || rule == MERGE_WEBSOCKET;
}

static void merge_object(struct loading *loading, cJSON *base, cJSON *over, const struct merge_member *members,
                         enum merge_rule otherwise);

static void report_nothing_to_remove(const struct loading *loading, const cJSON *base, const cJSON *over)
{
	struct nearest nearest;

	nearest_begin(&nearest, over->string);
	/* Of thousands such mistakes only the first are shown. */
	for (const cJSON *known = base->child; known && loading->reader.problems->total < PROBLEMS_MAX;
	     known = known->next)
		nearest_offer(&nearest, known->string);
	reader_key_problem(&loading->reader, over, nearest.best,
	                   "null takes \"%s\" away, but what this file extends has none", over->string);
}

/* Merges `over`, which the caller has taken from its tree, into `base`, whose member of that name is `old`, or NULL. */
static void merge_member(struct loading *loading, cJSON *base, cJSON *old, cJSON *over, enum merge_rule rule)
{
	const bool removes = cJSON_IsNull(over);
	const bool both_objects = cJSON_IsObject(old) && cJSON_IsObject(over);

	if (rule == MERGE_APPEND && cJSON_IsArray(old) && cJSON_IsArray(over)) {
		while (over->child)
			cJSON_AddItemToArray(old, cJSON_DetachItemViaPointer(over, over->child));
		cJSON_Delete(over);
		return;
	}
	if (both_objects && merges_inside(rule)) {
		switch (rule) {
		case MERGE_VALUES:
			merge_object(loading, old, over, NULL, MERGE_REPLACE);
			break;
		case MERGE_SETTINGS:
			merge_object(loading, old, over, NULL, MERGE_SETTING);
			break;
		case MERGE_NAMED:
			merge_object(loading, old, over, NULL, MERGE_ENTRY);
			break;
		case MERGE_ENTRIES:
			merge_object(loading, old, over, NULL, MERGE_NAMED);
			break;
		case MERGE_STATES:
			merge_object(loading, old, over, NULL, MERGE_STATE);
			break;
		case MERGE_STATE:
			merge_object(loading, old, over, state_members, MERGE_REPLACE);
			break;
		case MERGE_WEBSOCKET:
			merge_object(loading, old, over, websocket_members, MERGE_ENTRY);
			break;
		case MERGE_REPLACE:
		case MERGE_SETTING:
		case MERGE_ENTRY:
		case MERGE_APPEND:
		case MERGE_OWN:
			break;
		}
		cJSON_Delete(over);
		return;
	}
	/* The base's value stays where it is: what uses it has nothing to complain about. */
	if (rule == MERGE_SETTING && old && !load_setting_override(loading, old, over)) {
		cJSON_Delete(over);
		return;
	}
	if (removes && rule != MERGE_REPLACE && rule != MERGE_SETTING) {
		if (old)
			cJSON_Delete(cJSON_DetachItemViaPointer(base, old));
		else
			report_nothing_to_remove(loading, base, over);
		cJSON_Delete(over);
		return;
	}
	if (old) {
		cJSON_Delete(cJSON_DetachItemViaPointer(base, old));
		over->type |= JSON_OVERRIDES;
	}
	/* The item keeps its name and its place: add_item_to_object would copy the former. */
	cJSON_AddItemToArray(base, over);
}

static int compare_members(const void *left, const void *right)
{
	return strcmp((*(cJSON *const *)left)->string, (*(cJSON *const *)right)->string);
}

static int compare_to_member(const void *name, const void *member)
{
	return strcmp(name, (*(cJSON *const *)member)->string);
}

/* For each member of `over`, in order: the one of the same name in `base`, or NULL. Both may have thousands. */
static cJSON **find_old_members(const cJSON *base, const cJSON *over)
{
	const size_t count = (size_t)cJSON_GetArraySize(base);
	cJSON **sorted = calloc(count + 1, sizeof *sorted);
	cJSON **found = calloc((size_t)cJSON_GetArraySize(over) + 1, sizeof *found);
	size_t i = 0;

	if (!sorted || !found) {
		free(sorted);
		free(found);
		return NULL;
	}
	for (cJSON *member = base->child; member; member = member->next)
		sorted[i++] = member;
	qsort(sorted, count, sizeof *sorted, compare_members);
	i = 0;
	for (const cJSON *member = over->child; member; member = member->next) {
		cJSON *const *old = bsearch(member->string, sorted, count, sizeof *sorted, compare_to_member);

		found[i++] = old ? *old : NULL;
	}
	free(sorted);
	return found;
}

/* Moves every member of `over` into `base`. */
static void merge_object(struct loading *loading, cJSON *base, cJSON *over, const struct merge_member *members,
                         enum merge_rule otherwise)
{
	cJSON **old = find_old_members(base, over);
	size_t i = 0;

	if (!old)
		reader_problem(&loading->reader, over, NULL, "out of memory");
	while (old && over->child) {
		cJSON *member = cJSON_DetachItemViaPointer(over, over->child);

		merge_member(loading, base, old[i++], member,
		             members ? merge_rule_of(members, member->string) : otherwise);
	}
	free(old);
}

/* Puts the extending file over the base; both trees are used up. */
static cJSON *merge(struct loading *loading, cJSON *base, cJSON *over)
{
	for (const struct merge_member *member = top_members; member->name; member++)
		if (member->rule == MERGE_OWN)
			cJSON_DeleteItemFromObjectCaseSensitive(base, member->name);
	merge_object(loading, base, over, top_members, MERGE_REPLACE);
	/* Its place becomes that of the file that was asked for. */
	base->valueint = over->valueint;
	cJSON_Delete(over);
	return base;
}

/* Reads one scenario file; NULL when it cannot be had. `asker` is the "extends" that names it, or NULL. */
static cJSON *read_scenario(struct loading *loading, const char *name, const char *beside, const cJSON *asker)
{
	struct source_text text;
	struct error why;
	struct nearest nearest;
	cJSON *tree;

	if (loading_read(loading, SOURCE_SCENARIO, name, beside, &text, &why)) {
		tree = json_read((struct json_places *)loading->reader.places, text.file, text.text, text.length,
		                 loading->reader.problems);
		if (tree && !reader_type(&loading->reader, tree, "a scenario", FIELD_OBJECT)) {
			cJSON_Delete(tree);
			tree = NULL;
		}
		if (!loading->top_file)
			loading->top_file = text.file;
		return tree;
	}
	loading_nearest(loading, SOURCE_SCENARIO, name, &nearest);
	if (asker) {
		reader_problem(&loading->reader, asker, nearest.best, "%s \"%s\"%s%s",
		               why.text[0] ? "cannot read scenario" : "there is no scenario", name,
		               why.text[0] ? ": " : "", why.text);
	} else {
		const struct place place = { .file = name };

		/* Where it is said why, it was the right name. */
		problems_add(
		    loading->reader.problems, &place, why.text[0] ? NULL : nearest.best, "%s",
		    why.text[0] ? why.text
		    : loading->source->has_no_files
			? "there is no such scenario: wanted a built-in one's name, or a whole one as an object"
			: "there is no such scenario: wanted a built-in one's name, or a file's, such as "
			  "\"./mine.json\"");
	}
	return NULL;
}

/* A file whose base is being read. */
struct chain {
	const char *file;
	const struct chain *extends_it; /* NULL: it is the one that was asked for */
	int depth;
};

static bool is_in_chain(const struct chain *chain, const char *file)
{
	for (; chain; chain = chain->extends_it)
		if (strcmp(chain->file, file) == 0)
			return true;
	return false;
}

/* Reads the scenario and all that it extends, and merges them. NULL when one could not be had. */
static cJSON *read_chain(struct loading *loading, const char *name, const char *beside, const cJSON *asker,
                         const struct chain *above)
{
	cJSON *over = read_scenario(loading, name, beside, asker);
	const cJSON *extends = over ? json_member(over, "extends") : NULL;
	struct chain chain = { .extends_it = above, .depth = above ? above->depth + 1 : 0 };
	cJSON *base;

	if (!extends)
		return over;
	chain.file = json_place_of(loading->reader.places, over).file;
	if (is_in_chain(above, chain.file)) {
		reader_problem(&loading->reader, asker, NULL, "\"extends\" goes round in a circle: it leads back to %s",
		               chain.file);
		goto fail;
	}
	if (!cJSON_IsString(extends)) {
		reader_problem(&loading->reader, extends, NULL, "\"extends\" must be a text, found %s",
		               json_kind(extends));
		goto fail;
	}
	if (chain.depth == EXTENDS_DEPTH_MAX) {
		reader_problem(&loading->reader, extends, NULL, "\"extends\" goes more than %d files deep",
		               EXTENDS_DEPTH_MAX);
		goto fail;
	}
	base = read_chain(loading, extends->valuestring, chain.file, extends, &chain);
	if (!base)
		goto fail;
	return merge(loading, base, over);
fail:
	cJSON_Delete(over);
	return NULL;
}

/* ---- the whole ---- */

static const struct field scenario_fields[] = {
	{ "$schema", FIELD_TEXT, false },       { "name", FIELD_TEXT, false },
	{ "title", FIELD_TEXT, false },         { "extends", FIELD_TEXT, false },
	{ "catalogue", FIELD_OBJECT, false },   { "seed", FIELD_NUMBER, false },
	{ "clock", FIELD_OBJECT, false },       { "fixtures", FIELD_TEXT, false },
	{ "settings", FIELD_OBJECT, false },    { "regions", FIELD_LIST, false },
	{ "initial", FIELD_LIST, true },        { "new_session_on", FIELD_LIST, false },
	{ "groups", FIELD_OBJECT, false },      { "states", FIELD_OBJECT, true },
	{ "aliases", FIELD_OBJECT, false },     { "websocket", FIELD_OBJECT, false },
	{ "variants", FIELD_OBJECT, false },    { "accounts", FIELD_OBJECT, false },
	{ "endpoints", FIELD_OBJECT, true },    { "timers", FIELD_OBJECT, false },
	{ "rate_exceeded", FIELD_TEXT, false }, { "rate_limits", FIELD_OBJECT, false },
	{ "timeline", FIELD_LIST, false },      { "expect", FIELD_OBJECT, false },
	{ "faults", FIELD_OBJECT, false },      { 0 },
};

static bool is_scenario_field(const char *name)
{
	for (const struct field *field = scenario_fields; field->name; field++)
		if (strcmp(field->name, name) == 0)
			return true;
	return false;
}

/* A setting at the top of the file is one level too high: it is taken for what it is, and out of the way. */
static void check_stray_settings(struct loading *loading)
{
	const cJSON *settings = json_member(loading->tree, "settings");
	cJSON *next;

	for (cJSON *item = loading->tree->child; item; item = next) {
		next = item->next;
		if (is_scenario_field(item->string) || !json_member(settings, item->string))
			continue;
		reader_key_problem(&loading->reader, item, NULL,
		                   "\"%s\" is a setting: it belongs into \"settings\": { \"%s\": … }", item->string,
		                   item->string);
		cJSON_Delete(cJSON_DetachItemViaPointer(loading->tree, item));
	}
}

/* What it is called goes into logs and lists. */
static void check_title(const struct loading *loading, const char *member)
{
	const cJSON *item = json_member(loading->tree, member);

	if (item && !setting_text_is_fine(item->valuestring))
		reader_problem(&loading->reader, item, NULL, "\"%s\" has at most %d bytes and no control characters",
		               member, SETTING_TEXT_MAX);
}

static void compile(struct loading *loading, const struct scenario_request *request, size_t before)
{
	struct machine *machine = loading->machine;
	const char *name = reader_text(loading->tree, "name");
	const char *pack = request->pack ? request->pack : reader_text(loading->tree, "fixtures");

	check_title(loading, "name");
	check_title(loading, "title");
	machine->name = reader_copy(&loading->reader, name ? name : request->name);
	machine->title = reader_copy(&loading->reader, reader_text(loading->tree, "title"));
	machine->pack = reader_copy(&loading->reader, pack ? pack : "2026");
	for (int i = 0; i < MATCH_COUNT; i++)
		machine->special[i] = INDEX_NONE;
	machine->rate_exceeded_event = INDEX_NONE;
	if (!load_pack(loading))
		return; /* every reply would be missing */
	load_settings(loading);
	load_states(loading);
	load_variants(loading);
	load_accounts(loading);
	load_endpoints(loading);
	if (machine->state_count == 0 || machine->region_count == 0)
		return; /* said already, and what follows would only repeat it */
	load_events(loading);
	load_timer_names(loading);
	load_answers(loading);
	load_transitions(loading);
	load_timers(loading);
	load_rate_limits(loading);
	load_websocket(loading);
	load_timeline(loading);
	load_clock(loading);
	load_catalogue(loading);
	load_expectations(loading);
	load_faults(loading);
	load_met(loading);
	if (loading->reader.problems->total == before)
		load_checks(loading);
}

static void loading_release(struct loading *loading)
{
	cJSON_Delete(loading->tree);
	for (size_t i = 0; i < loading->tree_count; i++)
		cJSON_Delete(loading->trees[i]);
	free(loading->trees);
	for (size_t i = 0; i < loading->text_count; i++) {
		free(loading->texts[i].file);
		free(loading->texts[i].text);
	}
	free(loading->texts);
}

bool scenario_load(const struct source *source, const struct scenario_request *request, struct machine *machine,
                   struct problems *problems)
{
	struct json_places places = { 0 };
	struct machine made = { .arena = arena_new() };
	struct loading loading = { .reader = { .places = &places, .problems = problems, .arena = made.arena },
		                   .source = source,
		                   .machine = &made };
	const size_t before = problems->total;

	if (!made.arena) {
		const struct place place = { .file = request->name };

		problems_add(problems, &place, NULL, "out of memory");
		return false;
	}
	loading.tree = read_chain(&loading, request->name, NULL, NULL, NULL);
	if (loading.tree)
		check_stray_settings(&loading);
	if (loading.tree && reader_object(&loading.reader, loading.tree, "a scenario", scenario_fields))
		compile(&loading, request, before);
	if (!loading.tree && problems->total == before) {
		const struct place place = { .file = request->name };

		problems_add(problems, &place, NULL, "out of memory");
	}
	loading_release(&loading);
	json_places_release(&places);
	if (problems->total != before) {
		machine_release(&made);
		return false;
	}
	*machine = made;
	return true;
}
