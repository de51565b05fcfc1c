#include "core/json.h"

#include "core/json_scan.h"
#include "core/names.h"

#include <stdlib.h>
#include <string.h>

/* ---- names that are there twice ---- */

/* Up to so many, comparing each with each costs less than sorting. */
#define MEMBERS_FEW 12

struct member {
	const cJSON *item;
	const cJSON *first; /* the first member of that name */
};

static int compare_names(const void *left, const void *right)
{
	const struct member *a = left;
	const struct member *b = right;
	const int order = strcmp(a->item->string, b->item->string);

	return order ? order : a->item->valueint - b->item->valueint;
}

static int compare_places(const void *left, const void *right)
{
	return ((const struct member *)left)->item->valueint - ((const struct member *)right)->item->valueint;
}

/* Reports the members that an object has twice, in their order. Sorting finds them: one object may have thousands. */
static bool check_names(const struct json_places *places, const cJSON *object, size_t count, struct problems *problems)
{
	struct member *members = calloc(count, sizeof *members);
	size_t i = 0;
	bool fine = true;

	if (!members) {
		const struct place place = json_place_of(places, object);

		problems_add(problems, &place, NULL, "out of memory");
		return false;
	}
	for (const cJSON *child = object->child; child; child = child->next)
		members[i++].item = child;
	qsort(members, count, sizeof *members, compare_names);
	for (i = 0; i < count; i++) {
		const bool again = i > 0 && strcmp(members[i].item->string, members[i - 1].item->string) == 0;

		members[i].first = again ? members[i - 1].first : members[i].item;
		fine = fine && !again;
	}
	if (!fine)
		qsort(members, count, sizeof *members, compare_places);
	for (i = 0; i < count && !fine; i++) {
		if (members[i].first != members[i].item) {
			const struct place first = json_key_place_of(places, members[i].first);
			const struct place place = json_key_place_of(places, members[i].item);

			problems_add(problems, &place, NULL, "\"%s\" is here twice; the first is on line %d",
			             members[i].item->string, first.line);
		}
	}
	free(members);
	return fine;
}

/* The same for few members, which need no sorting to be told apart. */
static bool are_all_different(const cJSON *object)
{
	for (const cJSON *child = object->child; child; child = child->next)
		for (const cJSON *other = child->next; other; other = other->next)
			if (name_is(other->string, child->string))
				return false;
	return true;
}

static bool check_duplicates(const struct json_places *places, const cJSON *item, struct problems *problems)
{
	const size_t count = cJSON_IsObject(item) ? (size_t)cJSON_GetArraySize(item) : 0;
	bool fine = (count <= MEMBERS_FEW && (count == 0 || are_all_different(item))) ||
	            check_names(places, item, count, problems);

	for (const cJSON *child = item->child; child; child = child->next)
		fine = check_duplicates(places, child, problems) && fine;
	return fine;
}

/* ---- the whole ---- */

cJSON *json_read(struct json_places *places, const char *file, const char *text, size_t length,
                 struct problems *problems)
{
	const struct place whole = { .file = file };
	struct json_document *document;
	char *copy;
	cJSON *tree;

	if (length > DOCUMENT_SIZE_MAX) {
		problems_add(problems, &whole, NULL, "the file has more than %d bytes: no more are read",
		             DOCUMENT_SIZE_MAX);
		return NULL;
	}
	if (!places->arena)
		places->arena = arena_new();
	if (!places->arena) {
		problems_add(problems, &whole, NULL, "out of memory");
		return NULL;
	}
	document = arena_alloc(places->arena, sizeof *document);
	*document = (struct json_document){ .file = file, .source = text };
	copy = arena_text(places->arena, text, length);
	tree = json_scan(places, document, copy, length, problems);
	return tree && check_duplicates(places, tree, problems) ? tree : NULL;
}

void json_places_release(struct json_places *places)
{
	arena_free(places->arena);
	free(places->items);
	*places = (struct json_places){ 0 };
}

static struct place place_at(const struct json_place *at, int line, int column)
{
	return (
	    struct place){ .file = at->document->file, .source = at->document->source, .line = line, .column = column };
}

struct place json_place_of(const struct json_places *places, const cJSON *item)
{
	const struct json_place *at = &places->items[item->valueint];

	return place_at(at, at->line, at->column);
}

struct place json_key_place_of(const struct json_places *places, const cJSON *item)
{
	const struct json_place *at = &places->items[item->valueint];

	return place_at(at, at->key_line, at->key_column);
}

const char *json_kind(const cJSON *item)
{
	if (cJSON_IsObject(item))
		return "an object";
	if (cJSON_IsArray(item))
		return "a list";
	if (cJSON_IsString(item))
		return "a text";
	if (cJSON_IsNumber(item))
		return "a number";
	if (cJSON_IsBool(item))
		return cJSON_IsTrue(item) ? "true" : "false";
	return "null";
}

cJSON *json_member(const cJSON *object, const char *name)
{
	cJSON *member = cJSON_IsObject(object) ? object->child : NULL;

	while (member && !name_is(member->string, name))
		member = member->next;
	return member;
}
