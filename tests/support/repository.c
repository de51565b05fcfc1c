#include "support/repository.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void fail(const char *path)
{
	perror(path);
	exit(1);
}

static void add_file(struct memory_source *memory, const char *path, const char *name, size_t size)
{
	char *text = malloc(size + 1);
	FILE *file = fopen(path, "rb");

	if (!text || !file || fread(text, 1, size, file) != size)
		fail(path);
	fclose(file);
	memory_source_add_bytes(memory, name, text, size);
	free(text);
}

/* Adds all JSON and HTML files below a folder, under their paths from `root` characters on. */
static void add_folder(struct memory_source *memory, const char *folder, size_t root)
{
	DIR *directory = opendir(folder);
	const struct dirent *entry;

	if (!directory)
		fail(folder);
	while ((entry = readdir(directory)) != NULL) {
		const char *dot = strrchr(entry->d_name, '.');
		struct stat status;
		char path[1024];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		if (stat(path, &status) != 0)
			fail(path);
		if (S_ISDIR(status.st_mode))
			add_folder(memory, path, root);
		else if (dot && (strcmp(dot, ".json") == 0 || strcmp(dot, ".html") == 0))
			add_file(memory, path, path + root, (size_t)status.st_size);
	}
	closedir(directory);
}

void repository_add(struct memory_source *memory)
{
	add_folder(memory, "scenarios", strlen("scenarios/"));
	add_folder(memory, "fixtures", strlen("fixtures/"));
}
