/*
 * transcript_runner [--update] STORY…: plays stories against the core, in virtual time, and says where one no longer
 * tells what happens. They exist so that whoever changes the machine, the fixtures or the core sees, as text, what
 * clients will see. --update writes what happens now into the files.
 */
#include "diff.h"
#include "replay.h"
#include "story.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum outcome { FITS = 0, DIFFERS = 1, IS_BROKEN = 2 };

static bool write_story(const char *path, const struct buffer *text)
{
	FILE *file = fopen(path, "wb");

	if (file && fwrite(text->data, 1, text->length, file) == text->length && fclose(file) == 0)
		return true;
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	return false;
}

/* Compares, or brings up to date. */
static enum outcome judge(const struct story *story, const struct buffer *told, bool update)
{
	struct buffer differences = { 0 };
	const size_t line = diff_add(story->text, told->data, &differences);

	if (line && update) {
		printf("%s: brought up to date from line %zu\n", story->path, line);
	} else if (line) {
		printf("%s:%zu: the story (-) is not what happens (+)\n", story->path, line);
		fwrite(differences.data, 1, differences.length, stdout);
	}
	buffer_release(&differences);
	if (!line)
		return FITS;
	if (update)
		return write_story(story->path, told) ? FITS : IS_BROKEN;
	return DIFFERS;
}

static void print_problems(struct problems *problems)
{
	struct buffer report = { 0 };

	problems_render_text(problems, &report);
	fputs(report.data, stderr);
	buffer_release(&report);
	problems_release(problems);
}

static enum outcome run(const char *path, bool update)
{
	enum outcome outcome = IS_BROKEN;
	struct story story;
	struct machine machine = { 0 };
	struct problems problems = { 0 };
	struct buffer told = { 0 };
	struct error error = { 0 };

	if (!story_read(&story, path, &error)) {
		fprintf(stderr, "%s\n", error.text);
	} else if (!story_load(&story, &machine, &problems)) {
		print_problems(&problems);
	} else {
		if (replay(&story, &machine, &told, &error))
			outcome = judge(&story, &told, update);
		else
			fprintf(stderr, "%s\n", error.text);
		machine_release(&machine);
	}
	buffer_release(&told);
	story_release(&story);
	return outcome;
}

int main(int argc, char **argv)
{
	const bool update = argc > 1 && strcmp(argv[1], "--update") == 0;
	enum outcome worst = FITS;

	if (argc < 2 + update) {
		fprintf(stderr, "usage: %s [--update] STORY...\n", argv[0]);
		return IS_BROKEN;
	}
	for (int i = 1 + update; i < argc; i++) {
		const enum outcome outcome = run(argv[i], update);

		worst = outcome > worst ? outcome : worst;
	}
	return (int)worst;
}
