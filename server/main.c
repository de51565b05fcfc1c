/*
 * Picks the command. The rest is in cli/.
 */
#include "cli/command.h"
#include "cli/help.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* With one of these closed, the next file or socket would get its number, and what is printed would go there. */
static void keep_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static enum exit_code run(int count, char **arguments)
{
	const struct command *command;

	if (count > 0 && strcmp(arguments[0], "--help") == 0)
		return help_show(NULL);
	if (count > 0 && strcmp(arguments[0], "--version") == 0)
		return help_show_version();
	if (count == 0 || arguments[0][0] == '-')
		return command_run(&command_serve, count, arguments);
	command = command_find(arguments[0]);
	if (!command)
		return command_unknown(arguments[0]);
	return command_run(command, count - 1, arguments + 1);
}

int main(int argc, char **argv)
{
	keep_standard_descriptors();
	return (int)run(argc > 0 ? argc - 1 : 0, argv + 1);
}
