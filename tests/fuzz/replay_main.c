/*
 * Runs a fuzz target over its corpus without libFuzzer, so that every build and compiler replays what fuzzing found.
 * Arguments are files, or folders whose files are meant. A run that met no input fails: it would prove nothing.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t replayed;

static void fail(const char *path)
{
	perror(path);
	exit(1);
}

static void replay_file(const char *path, size_t size)
{
	/* Exactly as large as the input, so that the sanitizer sees a read past its end. */
	uint8_t *data = malloc(size);
	FILE *file = fopen(path, "rb");
	if (!file || (size > 0 && (!data || fread(data, 1, size, file) != size))) {
		fail(path);
	}
	fclose(file);
	printf("%s\n", path);
	fflush(stdout); /* the last line names the culprit */
	LLVMFuzzerTestOneInput(data, size);
	replayed++;
	free(data);
}

static void replay(const char *path)
{
	struct stat status;
	if (stat(path, &status) != 0) {
		fail(path);
	}
	if (!S_ISDIR(status.st_mode)) {
		replay_file(path, (size_t)status.st_size);
		return;
	}
	struct dirent **entries;
	int count = scandir(path, &entries, NULL, alphasort);
	if (count < 0) {
		fail(path);
	}
	for (int i = 0; i < count; i++) {
		if (entries[i]->d_name[0] != '.') {
			char inside[4096];
			snprintf(inside, sizeof(inside), "%s/%s", path, entries[i]->d_name);
			replay(inside);
		}
		free(entries[i]);
	}
	free(entries);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		replay(argv[i]);
	}
	printf("%zu inputs\n", replayed);
	return replayed > 0 ? 0 : 1;
}
