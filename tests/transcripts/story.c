#include "story.h"

#include "sockets.h"

#include "cli/library.h"
#include "core/calendar.h"
#include "core/scenario.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Monday morning in New York: no reset is near. */
#define START_MS 1772461800000LL

/* ---- lines ---- */

static char *read_whole(const char *path, size_t *length, struct error *error)
{
	FILE *file = fopen(path, "rb");
	struct buffer text = { 0 };
	char chunk[4096];
	size_t got;

	if (!file) {
		error_set(error, "%s: %s", path, strerror(errno));
		return NULL;
	}
	while ((got = fread(chunk, 1, sizeof chunk, file)) > 0)
		buffer_add(&text, chunk, got);
	fclose(file);
	if (buffer_failed(&text) || !text.data) {
		error_set(error, "%s: empty, or too large", path);
		buffer_release(&text);
		return NULL;
	}
	*length = text.length;
	return text.data;
}

static bool cut_lines(struct story *story, size_t length, struct error *error)
{
	size_t count = 1;
	char *at;

	for (size_t i = 0; i < length; i++)
		count += story->text[i] == '\n';
	story->cut = malloc(length + 1);
	story->lines = calloc(count, sizeof *story->lines);
	if (!story->cut || !story->lines) {
		error_set(error, "%s: out of memory", story->path);
		return false;
	}
	memcpy(story->cut, story->text, length + 1);
	for (at = story->cut; *at;) {
		char *end = strchr(at, '\n');

		story->lines[story->line_count++] = at;
		if (!end)
			break;
		*end = '\0';
		at = end + 1;
	}
	return true;
}

/* ---- the first part ---- */

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static bool is_step(const char *line)
{
	return line[0] && (strchr(">+!=?", line[0]) || sockets_is_step(line));
}

/* Takes "NAME {" … "}" as a file. `brace` points at the "{" in line number `line`, which moves to the "}". */
static bool take_block(struct story *story, const char *name, size_t name_length, const char *brace, size_t *line,
                       struct error *error)
{
	struct story_file *file = &story->files[story->file_count];
	struct buffer text = { 0 };
	struct buffer copy = { 0 };
	const size_t first = *line;

	if (story->file_count == STORY_FILES_MAX) {
		error_set(error, "%s:%zu: more than %d files", story->path, first + 1, STORY_FILES_MAX);
		return false;
	}
	for (size_t i = 0; i < first; i++)
		buffer_add_text(&text, "\n");
	for (const char *at = story->lines[first]; at < brace; at++)
		buffer_add_text(&text, " ");
	buffer_add_text(&text, brace);
	while (++*line < story->line_count) {
		assert(story->lines[*line]);
		buffer_add_text(&text, "\n");
		buffer_add_text(&text, story->lines[*line]);
		if (strcmp(story->lines[*line], "}") == 0)
			break;
	}
	buffer_add(&copy, name, name_length);
	*file = (struct story_file){ .name = copy.data, .text = text.data };
	story->file_count++;
	if (*line < story->line_count)
		return true;
	error_set(error, "%s:%zu: this { has no line that is a } and nothing else", story->path, first + 1);
	return false;
}

static bool take_seed(struct story *story, const char *text)
{
	char *end;

	story->seed = strtoull(text, &end, 10);
	story->has_seed = end != text && *end == '\0';
	return story->has_seed;
}

static bool take_directive(struct story *story, size_t *line, struct error *error)
{
	const char *text = story->lines[*line];
	const char *brace = strchr(text, '{');
	const size_t number = *line + 1;

	if (text[0] == '\0' || text[0] == '#' || text[0] == '*')
		return true;
	if (starts_with(text, "scenario {")) {
		story->scenario = story->path;
		return take_block(story, story->path, strlen(story->path), brace, line, error);
	}
	if (starts_with(text, "file ./") && brace && brace[-1] == ' ')
		return take_block(story, text + 5, (size_t)(brace - 1 - (text + 5)), brace, line, error);
	if (starts_with(text, "scenario ")) {
		story->scenario = text + 9;
		return true;
	}
	if (starts_with(text, "fixtures ")) {
		story->pack = text + 9;
		return true;
	}
	if (starts_with(text, "start ")) {
		story->has_start = instant_parse(text + 6, &story->start_ms);
		if (story->has_start)
			return true;
	} else if (starts_with(text, "seed ") && take_seed(story, text + 5)) {
		return true;
	}
	error_set(error, "%s:%zu: wanted scenario, file, fixtures, seed, start, or a step; found \"%s\"", story->path,
	          number, text);
	return false;
}

bool story_read(struct story *story, const char *path, struct error *error)
{
	size_t length = 0;

	*story = (struct story){ .path = path };
	story->text = read_whole(path, &length, error);
	if (!story->text || !cut_lines(story, length, error))
		return false;
	for (; story->first_step < story->line_count; story->first_step++) {
		if (is_step(story->lines[story->first_step]))
			break;
		if (!take_directive(story, &story->first_step, error))
			return false;
	}
	if (story->scenario)
		return true;
	error_set(error, "%s:1: a story names its scenario before its first step", path);
	return false;
}

void story_release(struct story *story)
{
	for (size_t i = 0; i < story->file_count; i++) {
		free(story->files[i].name);
		free(story->files[i].text);
	}
	free(story->lines);
	free(story->cut);
	free(story->text);
	*story = (struct story){ 0 };
}

/* ---- its machine ---- */

static char *copy_of(const char *text)
{
	const size_t size = strlen(text) + 1;
	char *copy = malloc(size);

	if (copy)
		memcpy(copy, text, size);
	return copy;
}

/* The story's own files first, then what is built in. */
static bool read_source(void *context, enum source_kind kind, const char *name, const char *beside,
                        struct source_text *result, struct error *why)
{
	const struct story *story = context;

	for (size_t i = 0; i < story->file_count; i++) {
		if (kind == SOURCE_PACK || strcmp(story->files[i].name, name) != 0)
			continue;
		*result = (struct source_text){ .file = copy_of(story->path),
			                        .text = copy_of(story->files[i].text),
			                        .length = strlen(story->files[i].text) };
		if (result->file && result->text)
			return true;
		free(result->file);
		free(result->text);
		error_set(why, "out of memory");
		return false;
	}
	return library_source()->read(library_source()->context, kind, name, beside, result, why);
}

static void list_source(void *context, enum source_kind kind, void (*each)(void *each_context, const char *name),
                        void *each_context)
{
	(void)context;
	library_list(kind, each, each_context);
}

bool story_load(const struct story *story, struct machine *machine, struct problems *problems)
{
	const struct source source = { .read = read_source, .list = list_source, .context = (void *)story };
	const struct scenario_request request = { .name = story->scenario, .pack = story->pack };

	return scenario_load(&source, &request, machine, problems);
}

uint64_t story_seed(const struct story *story, const struct machine *machine)
{
	if (story->has_seed)
		return story->seed;
	return machine->has_seed ? machine->seed : 1;
}

int64_t story_start_ms(const struct story *story, const struct machine *machine)
{
	if (story->has_start)
		return story->start_ms;
	return machine->has_start ? machine->start_ms : START_MS;
}
