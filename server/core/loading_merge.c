/*
 * What "extends" means: how the extending file's members meet those of its base.
 */
#include "core/loading.h"

#include <stdlib.h>
#include <string.h>

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
		return;
	}
	/* The base's value stays where it is: what uses it has nothing to complain about. */
	if (rule == MERGE_SETTING && old && !load_setting_override(loading, old, over)) {
		return;
	}
	if (removes && rule != MERGE_REPLACE && rule != MERGE_SETTING) {
		if (old)
			cJSON_DetachItemViaPointer(base, old);
		else
			report_nothing_to_remove(loading, base, over);
		return;
	}
	if (old) {
		cJSON_DetachItemViaPointer(base, old);
		over->type |= JSON_OVERRIDES;
	}
	/* The item keeps its name and its place: add_item_to_object would copy the former. */
	cJSON_AddItemToArray(base, over);
}

/* ---- objects ---- */

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

cJSON *loading_merge(struct loading *loading, cJSON *base, cJSON *over)
{
	for (const struct merge_member *member = top_members; member->name; member++)
		if (member->rule == MERGE_OWN)
			cJSON_DetachItemFromObjectCaseSensitive(base, member->name);
	merge_object(loading, base, over, top_members, MERGE_REPLACE);
	/* Its place becomes that of the file that was asked for. */
	base->valueint = over->valueint;
	return base;
}
