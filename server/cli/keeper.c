#include "cli/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Keeps nobody's port or pipe open. */
static void close_all_but(int fd)
{
	if (fd > 0)
		syscall(SYS_close_range, 0U, (unsigned)fd - 1, 0U);
	syscall(SYS_close_range, (unsigned)fd + 1, ~0U, 0U);
}

static void keep(int fd, pid_t group)
{
	char word;
	ssize_t got;

	/* What ends us all at the terminal does not end this one first. */
	setsid();
	prctl(PR_SET_NAME, "cpgw-mock keep");
	close_all_but(fd);
	do
		got = read(fd, &word, sizeof word);
	while (got < 0 && errno == EINTR);
	if (got == 0)
		kill(-group, SIGKILL);
	_exit(EXIT_SUCCESS);
}

void keeper_start(struct keeper *keeper, pid_t group)
{
	int ends[2];
	pid_t pid;

	keeper->alive = -1;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return;
	pid = fork();
	if (pid == 0)
		keep(ends[0], group);
	close(ends[0]);
	if (pid > 0)
		keeper->alive = ends[1];
	else
		close(ends[1]);
}

void keeper_dismiss(struct keeper *keeper)
{
	if (keeper->alive < 0)
		return;
	/* Where nobody reads it any more there is nobody to dismiss. */
	(void)!write(keeper->alive, "", 1);
	close(keeper->alive);
	keeper->alive = -1;
}
