#include "cli/library.h"

#include "cli/assets.h"
#include "core/catalogue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Room for the name of an asset. */
#define NAME_SIZE 256

static const struct {
	const char *before; /* of an asset's name */
	const char *after;
} shapes[] = {
	[SOURCE_SCENARIO] = { "scenarios/", ".json" },
	[SOURCE_FIXTURE] = { "fixtures/", ".json" },
	[SOURCE_PACK] = { "fixtures/", "/pack.json" },
	[SOURCE_PAGE] = { "fixtures/", "" },
};

/* Scenarios that are known failures are beside the others: their names have ids. */
#define CATALOGUE "scenarios/catalogue/"

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static bool ends_with(const char *text, const char *end)
{
	const size_t length = strlen(text);
	const size_t wanted = strlen(end);

	return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

static bool is_path(enum source_kind kind, const char *name)
{
	return name[0] == '/' || starts_with(name, "./") || starts_with(name, "../") ||
	       (kind == SOURCE_SCENARIO && ends_with(name, ".json"));
}

static const struct asset *find_asset(const char *name)
{
	size_t low = 0;
	size_t high = asset_count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const int order = strcmp(assets[middle].name, name);

		if (order == 0)
			return &assets[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* The name of an asset without what all of its kind have; NULL when it is of another kind, or too long. */
static const char *name_of(const struct asset *asset, const char *before, const char *after, char *shorter, size_t room)
{
	size_t length;

	if (!starts_with(asset->name, before) || !ends_with(asset->name, after))
		return NULL;
	length = strlen(asset->name) - strlen(before) - strlen(after);
	if (length >= room)
		return NULL;
	memcpy(shorter, asset->name + strlen(before), length);
	shorter[length] = '\0';
	return shorter;
}

/* A scenario of the catalogue, by its name or its id. */
static const struct asset *find_in_catalogue(const char *name)
{
	char known[NAME_SIZE];

	for (size_t i = 0; i < asset_count; i++)
		if (name_of(&assets[i], CATALOGUE, ".json", known, sizeof known) && catalogue_is_called(known, name))
			return &assets[i];
	return NULL;
}

/* ---- disk ---- */

/* Reads a whole file into malloc'ed memory. False, with errno's reason in `why` unless the file is not there. */
static bool read_file(const char *path, struct source_text *result, struct error *why)
{
	/* A pipe that nobody writes to must not keep us. */
	const int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "rb");
	struct stat status;
	bool fine = false;

	if (!file) {
		if (errno != ENOENT)
			error_set(why, "cannot read %s: %s", path, strerror(errno));
		if (descriptor >= 0)
			close(descriptor);
		return false;
	}
	result->text = NULL;
	if (fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode)) {
		error_set(why, "cannot read %s: it is %s", path,
		          S_ISDIR(status.st_mode) ? "a folder" : "a device or a pipe, not a file");
		goto out;
	}
	/* One byte more than is allowed, so that the reader can say that it is too much. */
	result->text = malloc(DOCUMENT_SIZE_MAX + 2);
	if (!result->text) {
		error_set(why, "out of memory");
		goto out;
	}
	result->length = fread(result->text, 1, DOCUMENT_SIZE_MAX + 1, file);
	if (ferror(file)) {
		error_set(why, "cannot read %s: %s", path, strerror(errno));
		goto out;
	}
	result->text[result->length] = '\0';
	fine = true;
out:
	fclose(file);
	if (!fine)
		free(result->text);
	return fine;
}

/* "./a.json" beside "dir/b.json" is "dir/a.json". */
static bool path_beside(enum source_kind kind, const char *name, const char *beside, struct buffer *path)
{
	const char *slash = beside && name[0] != '/' ? strrchr(beside, '/') : NULL;

	if (slash)
		buffer_add(path, beside, (size_t)(slash + 1 - beside));
	if (slash && starts_with(name, "./"))
		name += 2;
	buffer_add_text(path, name);
	if (kind == SOURCE_PACK)
		buffer_add_text(path, "/pack.json");
	else if (kind != SOURCE_PAGE && !ends_with(name, ".json"))
		buffer_add_text(path, ".json");
	return !buffer_failed(path);
}

/* The file that a path means has ".json" behind it, and is not there. Something of the path's own name may be. */
static void explain_path(const char *path, struct error *why)
{
	struct buffer bare = { 0 };
	struct stat status;

	buffer_add(&bare, path, strlen(path) - strlen(".json"));
	if (!buffer_failed(&bare) && stat(bare.data, &status) == 0)
		error_set(why, "there is no file %s; %s is %s", path, bare.data,
		          S_ISDIR(status.st_mode)   ? "a folder"
		          : S_ISREG(status.st_mode) ? "there, but a scenario's name ends in \".json\""
		                                    : "a device or a pipe, not a file");
	else
		error_set(why, "there is no file %s", path);
	buffer_release(&bare);
}

/* A name is that of a built-in one. A file that is called so may have been meant. */
static void explain_name(const char *name, const char *beside, struct error *why)
{
	struct buffer path = { 0 };
	struct stat status;

	if (!name[0] || (beside && find_asset(beside)) || !path_beside(SOURCE_SCENARIO, name, beside, &path))
		goto out;
	if (stat(path.data, &status) == 0 && S_ISREG(status.st_mode)) {
		error_set(why, "there is no built-in scenario of this name; \"./%s\" means the file %s", name,
		          path.data);
		goto out;
	}
	path.data[path.length - strlen(".json")] = '\0';
	if (stat(path.data, &status) == 0 && S_ISREG(status.st_mode))
		error_set(why,
		          "there is no built-in scenario of this name; %s is a file, but a scenario's name ends in "
		          "\".json\"",
		          path.data);
out:
	buffer_release(&path);
}

/* ---- both ---- */

static bool lend_asset(const struct asset *asset, struct source_text *result)
{
	result->text = (char *)(uintptr_t)asset->data;
	result->length = asset->size;
	result->is_lent = true;
	return true;
}

static bool library_read(void *context, enum source_kind kind, const char *name, const char *beside,
                         struct source_text *result, struct error *why)
{
	struct buffer path = { 0 };
	const struct asset *asset;
	bool fine = false;

	(void)context;
	if (is_path(kind, name)) {
		if (!path_beside(kind, name, beside, &path))
			goto out;
	} else {
		buffer_add_text(&path, shapes[kind].before);
		buffer_add_text(&path, name);
		buffer_add_text(&path, shapes[kind].after);
	}
	if (buffer_failed(&path)) {
		error_set(why, "out of memory");
		goto out;
	}
	asset = find_asset(path.data);
	if (!asset && kind == SOURCE_SCENARIO && catalogue_id_length(name) > 0) {
		asset = find_in_catalogue(name);
		buffer_clear(&path);
		buffer_add_text(&path, asset ? asset->name : name);
	}
	/* A built-in file may name one beside it; on disk the same path would be somebody else's. */
	if (asset && (!is_path(kind, name) || (beside && find_asset(beside))))
		fine = lend_asset(asset, result);
	else if (is_path(kind, name))
		fine = read_file(path.data, result, why);
	/* Somebody who named a path meant a file: it is said why there is none. */
	if (!fine && !why->text[0] && kind == SOURCE_SCENARIO)
		is_path(kind, name) ? explain_path(path.data, why) : explain_name(name, beside, why);
	if (fine) {
		result->file = path.data;
		return true;
	}
out:
	buffer_release(&path);
	return false;
}

void library_list(enum source_kind kind, void (*each)(void *context, const char *name), void *context)
{
	char name[NAME_SIZE];

	for (size_t i = 0; i < asset_count; i++)
		if (name_of(&assets[i], shapes[kind].before, shapes[kind].after, name, sizeof name) &&
		    !(kind == SOURCE_SCENARIO && (strchr(name, '/') || ends_with(name, ".schema"))) &&
		    !(kind == SOURCE_FIXTURE && ends_with(name, "/pack")))
			each(context, name);
	for (size_t i = 0; kind == SOURCE_SCENARIO && i < asset_count; i++)
		if (name_of(&assets[i], CATALOGUE, ".json", name, sizeof name))
			each(context, name);
}

static void library_list_all(void *context, enum source_kind kind, void (*each)(void *each_context, const char *name),
                             void *each_context)
{
	(void)context;
	library_list(kind, each, each_context);
}

const struct source *library_source(void)
{
	static const struct source source = { .read = library_read, .list = library_list_all };

	return &source;
}
