/*
 * Fixture packs: folders with replies, header sets, frames and pages. What a pack lacks, the one that it extends has.
 */
#include "core/loading.h"

#include <stdio.h>
#include <string.h>

static const struct field pack_fields[] = {
	{ "name", FIELD_TEXT, true },
	{ "title", FIELD_TEXT, false },
	{ "extends", FIELD_TEXT, false },
	{ "settings", FIELD_OBJECT, false },
	{ 0 },
};

/* A pack on disk is known by its folder from here on: "./mine" beside "stories/a.json" is "./stories/mine". */
static const char *pack_folder(const struct loading *loading, const cJSON *pack, const char *name)
{
	const char *file = json_place_of(loading->reader.places, pack).file;
	const char *slash = strrchr(file, '/');
	struct buffer folder = { 0 };
	const char *copy;

	if (name[0] != '.' && name[0] != '/')
		return name;
	if (file[0] != '/' && file[0] != '.')
		buffer_add_text(&folder, "./");
	buffer_add(&folder, file, slash ? (size_t)(slash - file) : 0);
	copy = reader_copy(&loading->reader, folder.data);
	buffer_release(&folder);
	return copy;
}

bool load_pack(struct loading *loading)
{
	const char *name = loading->machine->pack;
	const cJSON *asker = json_member(loading->tree, "fixtures");

	if (asker && strcmp(asker->valuestring, name) != 0)
		asker = NULL; /* the command line has chosen another */
	while (name) {
		const struct place nowhere = { .file = name };
		struct nearest nearest;
		bool reported = false;
		const cJSON *pack;

		if (loading->pack_count == PACKS_DEEP_MAX) {
			problems_add(loading->reader.problems, &nowhere, NULL,
			             "fixture packs extend each other in a circle, or more than %d deep",
			             PACKS_DEEP_MAX);
			return false;
		}
		pack = loading_read_tree(loading, SOURCE_PACK, name,
		                         asker ? json_place_of(loading->reader.places, asker).file : NULL, &reported);
		if (!pack && !reported) {
			loading_nearest(loading, SOURCE_PACK, name, &nearest);
			if (asker)
				reader_problem(&loading->reader, asker, nearest.best, "there is no fixture pack \"%s\"",
				               name);
			else
				problems_add(loading->reader.problems, &nowhere, nearest.best,
				             "there is no such fixture pack");
			return false;
		}
		if (!pack || !reader_object(&loading->reader, pack, "a fixture pack", pack_fields))
			return false;
		loading->pack_trees[loading->pack_count] = pack;
		loading->packs[loading->pack_count++] = pack_folder(loading, pack, name);
		asker = json_member(pack, "extends");
		name = reader_text(pack, "extends");
	}
	return true;
}

/* ---- what is in them ---- */

bool load_is_fixture_name(const char *name)
{
	return reader_is_name(name) && !strstr(name, "..");
}

cJSON *load_fixture_file(struct loading *loading, const char *folder, const char *name, bool *reported)
{
	*reported = false;
	for (size_t i = 0; i < loading->pack_count; i++) {
		char path[PATH_LENGTH_MAX + 2 * NAME_LENGTH_MAX];
		const int length = snprintf(path, sizeof path, "%s/%s/%s", loading->packs[i], folder, name);
		cJSON *tree;

		if (length < 0 || (size_t)length >= sizeof path) {
			const struct place place = { .file = loading->packs[i] };

			problems_add(loading->reader.problems, &place, NULL,
			             "the path of \"%s\" in this fixture pack has %d bytes; at most %d are allowed",
			             name, length, (int)sizeof path - 1);
			*reported = true;
			return NULL;
		}
		tree = loading_read_tree(loading, SOURCE_FIXTURE, path, NULL, reported);
		if (tree || *reported)
			return tree;
	}
	return NULL;
}

/* A fixture that is not there: what might have been meant, and where it would have been. */
struct missing {
	const struct loading *loading;
	const char *folder;
	const char *name;
	struct nearest nearest;
	char elsewhere[NAME_LENGTH_MAX + 1]; /* a built-in pack that has it; "": none does */
};

static bool is_ours(const struct loading *loading, const char *pack)
{
	for (size_t i = 0; i < loading->pack_count; i++)
		if (strcmp(loading->packs[i], pack) == 0)
			return true;
	return false;
}

/* Fixtures are listed as "2026/replies/name". */
static void look(void *context, const char *fixture)
{
	struct missing *missing = context;
	const size_t pack_length = strcspn(fixture, "/");
	const size_t folder_length = strlen(missing->folder);
	const char *folder = fixture + pack_length + 1;
	char pack[NAME_LENGTH_MAX + 1];

	if (pack_length >= sizeof pack || fixture[pack_length] == '\0' ||
	    strncmp(folder, missing->folder, folder_length) != 0 || folder[folder_length] != '/')
		return;
	memcpy(pack, fixture, pack_length);
	pack[pack_length] = '\0';
	if (is_ours(missing->loading, pack))
		nearest_offer(&missing->nearest, folder + folder_length + 1);
	else if (!missing->elsewhere[0] && strcmp(folder + folder_length + 1, missing->name) == 0)
		memcpy(missing->elsewhere, pack, pack_length + 1);
}

static void report_missing(struct loading *loading, const cJSON *item, const char *folder, const char *what,
                           const char *name)
{
	struct missing missing = { .loading = loading, .folder = folder, .name = name };

	nearest_begin(&missing.nearest, name);
	loading->source->list(loading->source->context, SOURCE_FIXTURE, look, &missing);
	if (missing.elsewhere[0])
		reader_problem(&loading->reader, item, NULL,
		               "fixture pack \"%s\" has no %s \"%s\"; pack \"%s\" has one", loading->machine->pack,
		               what, name, missing.elsewhere);
	else
		reader_problem(&loading->reader, item, missing.nearest.best, "fixture pack \"%s\" has no %s \"%s\"",
		               loading->machine->pack, what, name);
}

/* A fixture's name, or a file beside the one that names it. */
static bool is_own_file(const char *name)
{
	return strncmp(name, "./", 2) == 0;
}

bool load_fixture_name(struct loading *loading, const cJSON *item, const char *name, const char *what)
{
	const bool is_fine = is_own_file(name) ? strlen(name) <= PATH_LENGTH_MAX && !load_has_control_character(name)
	                                       : load_is_fixture_name(name);

	if (!is_fine)
		reader_problem(&loading->reader, item, NULL, "a %s is a fixture's name, or a file: \"./my_%s.json\"",
		               what, what);
	return is_fine;
}

const cJSON *load_fixture_tree(struct loading *loading, const cJSON *item, const char *name, const char *folder,
                               const char *what)
{
	bool reported = false;
	const cJSON *tree;

	if (is_own_file(name))
		tree = loading_read_tree(loading, SOURCE_FIXTURE, name,
		                         json_place_of(loading->reader.places, item).file, &reported);
	else
		tree = load_fixture_file(loading, folder, name, &reported);
	if (!tree && !reported && is_own_file(name))
		reader_problem(&loading->reader, item, NULL, "there is no file \"%s\" beside this one", name);
	else if (!tree && !reported)
		report_missing(loading, item, folder, what, name);
	return tree;
}

const cJSON *load_fixture(struct loading *loading, const cJSON *item, const char *folder, const char *what)
{
	return load_fixture_name(loading, item, item->valuestring, what)
	           ? load_fixture_tree(loading, item, item->valuestring, folder, what)
	           : NULL;
}
