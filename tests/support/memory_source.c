#include "support/memory_source.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void file_release(struct memory_file *file)
{
	free(file->name);
	free(file->text);
}

void memory_source_release(struct memory_source *memory)
{
	for (size_t i = 0; i < memory->count; i++)
		file_release(&memory->files[i]);
	free(memory->files);
	*memory = (struct memory_source){ 0 };
}

static struct memory_file *find_file(const struct memory_source *memory, const char *name)
{
	for (size_t i = 0; i < memory->count; i++)
		if (strcmp(memory->files[i].name, name) == 0)
			return &memory->files[i];
	return NULL;
}

/* Zero-terminated, in a block of exactly that size: a read past its end is found. */
static char *copy_bytes(const void *bytes, size_t length)
{
	char *copy = malloc(length + 1);

	assert(copy);
	if (length)
		memcpy(copy, bytes, length);
	copy[length] = '\0';
	return copy;
}

void memory_source_add_bytes(struct memory_source *memory, const char *name, const void *bytes, size_t length)
{
	struct memory_file *file = find_file(memory, name);

	if (file) {
		file_release(file);
	} else {
		struct memory_file *files = realloc(memory->files, (memory->count + 1) * sizeof *files);

		assert(files);
		memory->files = files;
		file = &files[memory->count++];
	}
	*file = (struct memory_file){ .name = copy_bytes(name, strlen(name)),
		                      .text = copy_bytes(bytes, length),
		                      .length = length };
}

void memory_source_add(struct memory_source *memory, const char *name, const char *text)
{
	memory_source_add_bytes(memory, name, text, strlen(text));
}

void memory_source_add_quoted(struct memory_source *memory, const char *name, const char *text)
{
	char *at;

	memory_source_add(memory, name, text);
	for (at = find_file(memory, name)->text; *at; at++)
		if (*at == '\'')
			*at = '"';
}

void memory_source_add_broken(struct memory_source *memory, const char *name, const char *why)
{
	memory_source_add(memory, name, "");
	find_file(memory, name)->broken = why;
}

/* ---- as a source ---- */

static const char *ending_of(enum source_kind kind)
{
	return kind == SOURCE_PACK ? "/pack.json" : ".json";
}

static bool ends_with(const char *text, const char *end)
{
	const size_t length = strlen(text);

	return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

/* "./a" beside "folder/b.json" is "folder/a.json". */
static void name_of(enum source_kind kind, const char *name, const char *beside, struct buffer *result)
{
	const char *slash = beside ? strrchr(beside, '/') : NULL;

	if (strncmp(name, "./", 2) == 0) {
		if (slash)
			buffer_add(result, beside, (size_t)(slash + 1 - beside));
		name += 2;
	}
	buffer_add_text(result, name);
	if (kind != SOURCE_PAGE && !ends_with(name, ".json"))
		buffer_add_text(result, ending_of(kind));
}

static bool read_file(void *context, enum source_kind kind, const char *name, const char *beside,
                      struct source_text *result, struct error *why)
{
	struct buffer path = { 0 };
	const struct memory_file *file;

	name_of(kind, name, beside, &path);
	file = find_file(context, path.data);
	if (!file || file->broken) {
		if (file)
			error_set(why, "%s", file->broken);
		buffer_release(&path);
		return false;
	}
	*result = (struct source_text){ .file = path.data,
		                        .text = copy_bytes(file->text, file->length),
		                        .length = file->length };
	return true;
}

static enum source_kind kind_of(const char *name)
{
	if (ends_with(name, "/pack.json"))
		return SOURCE_PACK;
	return strchr(name, '/') ? SOURCE_FIXTURE : SOURCE_SCENARIO;
}

static void list_files(void *context, enum source_kind kind, void (*each)(void *each_context, const char *name),
                       void *each_context)
{
	const struct memory_source *memory = context;

	for (size_t i = 0; i < memory->count; i++) {
		const char *name = memory->files[i].name;
		char *shorter;

		if (memory->files[i].broken || kind_of(name) != kind || !ends_with(name, ending_of(kind)))
			continue;
		shorter = copy_bytes(name, strlen(name) - strlen(ending_of(kind)));
		each(each_context, shorter);
		free(shorter);
	}
}

struct source memory_source_of(struct memory_source *memory)
{
	return (struct source){ .read = read_file, .list = list_files, .context = memory };
}
