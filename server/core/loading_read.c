/*
 * The files of a scenario as they are read: what was asked for, what it extends, and fixtures.
 */
#include "core/catalogue.h"
#include "core/loading.h"

#include <stdlib.h>
#include <string.h>

void source_text_release(struct source_text *text)
{
	free(text->file);
	if (!text->is_lent)
		free(text->text);
	*text = (struct source_text){ 0 };
}

bool loading_read(struct loading *loading, enum source_kind kind, const char *name, const char *beside,
                  struct source_text *result, struct error *why)
{
	struct source_text *texts;

	*why = (struct error){ 0 };
	*result = (struct source_text){ 0 };
	if (!loading->source->read(loading->source->context, kind, name, beside, result, why))
		return false;
	texts = realloc(loading->texts, (loading->text_count + 1) * sizeof *texts);
	if (!texts) {
		source_text_release(result);
		error_set(why, "out of memory");
		return false;
	}
	loading->texts = texts;
	texts[loading->text_count++] = *result;
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
	return tree;
}

/* ---- names ---- */

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

/* ---- scenarios ---- */

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
		if (tree && !reader_type(&loading->reader, tree, "a scenario", FIELD_OBJECT))
			tree = NULL;
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
		return NULL;
	}
	if (!cJSON_IsString(extends)) {
		reader_problem(&loading->reader, extends, NULL, "\"extends\" must be a text, found %s",
		               json_kind(extends));
		return NULL;
	}
	if (chain.depth == EXTENDS_DEPTH_MAX) {
		reader_problem(&loading->reader, extends, NULL, "\"extends\" goes more than %d files deep",
		               EXTENDS_DEPTH_MAX);
		return NULL;
	}
	base = read_chain(loading, extends->valuestring, chain.file, extends, &chain);
	if (!base)
		return NULL;
	return loading_merge(loading, base, over);
}

cJSON *loading_read_scenario(struct loading *loading, const char *name)
{
	return read_chain(loading, name, NULL, NULL, NULL);
}
