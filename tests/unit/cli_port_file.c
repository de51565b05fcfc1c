/* Why: scripts trust that a port file which is there is whole, and that the gateway which wrote it is there as well. */
#include "cli/port_file.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static char path[96];

static void begin(void)
{
	snprintf(folder, sizeof folder, "/tmp/cpgw-port-file-XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/port", folder);
}

static void end(void)
{
	unlink(path);
	rmdir(folder);
}

static void write_text(const char *text)
{
	FILE *file = fopen(path, "w");

	cr_assert_not_null(file);
	fputs(text, file);
	fclose(file);
}

static size_t count_files(void)
{
	DIR *open_folder = opendir(folder);
	size_t count = 0;

	cr_assert_not_null(open_folder);
	for (const struct dirent *entry = readdir(open_folder); entry; entry = readdir(open_folder))
		count += entry->d_name[0] != '.';
	closedir(open_folder);
	return count;
}

TestSuite(cli_port_file, .init = begin, .fini = end);

Test(cli_port_file, appears_when_it_is_published_and_goes_when_it_is_removed)
{
	struct port_file file;
	struct error error = { 0 };
	uint16_t port = 0;

	cr_assert(port_file_prepare(path, &file, &error), "%s", error.text);
	cr_assert_eq(port_file_read(path, &port, &error), PORT_FILE_ABSENT);
	cr_assert(port_file_publish(&file, 7, &error), "%s", error.text);
	cr_assert_eq(port_file_read(path, &port, &error), PORT_FILE_FINE);
	cr_assert_eq(port, 7, "nothing is left of the longer number that held the place");
	cr_assert_eq(count_files(), 1);
	port_file_remove(&file);
	cr_assert_eq(count_files(), 0);
}

Test(cli_port_file, leaves_nothing_when_it_is_never_published)
{
	struct port_file file;
	struct error error = { 0 };

	cr_assert(port_file_prepare(path, &file, &error));
	port_file_remove(&file);
	cr_assert_eq(count_files(), 0);
}

Test(cli_port_file, takes_the_place_of_one_that_a_killed_process_left)
{
	struct port_file file;
	struct error error = { 0 };
	uint16_t port;

	write_text("1234\n");
	cr_assert(port_file_prepare(path, &file, &error));
	cr_assert_eq(port_file_read(path, &port, &error), PORT_FILE_FINE);
	cr_assert_eq(port, 1234, "until it is published the old one stands");
	cr_assert(port_file_publish(&file, 65535, &error));
	cr_assert_eq(port_file_read(path, &port, &error), PORT_FILE_FINE);
	cr_assert_eq(port, 65535);
	port_file_remove(&file);
}

Test(cli_port_file, leaves_alone_what_somebody_else_has_put_there_since)
{
	struct port_file ours;
	struct port_file theirs;
	struct error error = { 0 };
	uint16_t port;

	cr_assert(port_file_prepare(path, &ours, &error));
	cr_assert(port_file_publish(&ours, 1, &error));
	cr_assert(port_file_prepare(path, &theirs, &error));
	cr_assert(port_file_publish(&theirs, 2, &error));
	port_file_remove(&ours);
	cr_assert_eq(port_file_read(path, &port, &error), PORT_FILE_FINE);
	cr_assert_eq(port, 2);
	port_file_remove(&theirs);
	cr_assert_eq(count_files(), 0);
}

Test(cli_port_file, does_not_mind_that_it_was_taken_away)
{
	struct port_file file;
	struct error error = { 0 };

	cr_assert(port_file_prepare(path, &file, &error));
	cr_assert(port_file_publish(&file, 1, &error));
	unlink(path);
	port_file_remove(&file);
	cr_assert_eq(count_files(), 0);
}

Test(cli_port_file, never_takes_the_place_of_a_folder_or_device)
{
	struct port_file file;
	struct error error = { 0 };

	cr_assert_not(port_file_prepare(folder, &file, &error));
	cr_assert_not_null(strstr(error.text, "it is a folder"));
	cr_assert_not(port_file_prepare("/dev/null", &file, &error));
	cr_assert_not_null(strstr(error.text, "is not a file"));
	port_file_remove(&file);
}

Test(cli_port_file, says_which_file_cannot_be_written)
{
	struct port_file file;
	struct error error = { 0 };

	cr_assert_not(port_file_prepare("/nonexistent/port", &file, &error));
	cr_assert_str_eq(error.text, "cannot write the port file /nonexistent/port: No such file or directory");
}

Test(cli_port_file, reads_a_number_and_at_most_one_newline)
{
	static const char *const fine[] = { "1\n", "5000\n", "65535\n", "5000" };
	static const char *const bad[] = { "",        "\n",   "0\n", "65536\n", "5000\n\n",
		                           "5000 \n", "-1\n", "x\n", "5000x",   "99999999999" };
	struct error error = { 0 };
	uint16_t port;

	for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
		write_text(fine[i]);
		cr_assert_eq(port_file_read(path, &port, &error), PORT_FILE_FINE, "%s", fine[i]);
		cr_assert_eq(port, atoi(fine[i]));
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		write_text(bad[i]);
		cr_assert_eq(port_file_read(path, &port, &error), PORT_FILE_BAD, "%s", bad[i]);
		cr_assert_not_null(strstr(error.text, "holds no port"), "%s", error.text);
	}
	cr_assert_eq(port_file_read(folder, &port, &error), PORT_FILE_BAD);
	cr_assert_not_null(strstr(error.text, "cannot read"), "%s", error.text);
}
