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

/* What is said to it: a group; or this. */
#define DISMISSED ((pid_t)0)

static void keep(int fd, struct ca_bundle *bundle)
{
	pid_t group = 0;
	pid_t word;
	ssize_t got;

	/* What ends us all at the terminal does not end this one first. */
	setsid();
	prctl(PR_SET_NAME, "cpgw-mock keep");
	close_all_but(fd);
	while ((got = read(fd, &word, sizeof word)) == (ssize_t)sizeof word || (got < 0 && errno == EINTR)) {
		if (got > 0 && word == DISMISSED)
			_exit(EXIT_SUCCESS);
		if (got > 0)
			group = word;
	}
	if (group > 0)
		kill(-group, SIGKILL);
	if (bundle)
		ca_bundle_remove(bundle);
	_exit(EXIT_SUCCESS);
}

void keeper_start(struct keeper *keeper, struct ca_bundle *bundle)
{
	int ends[2];
	pid_t pid;

	keeper->alive = -1;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return;
	pid = fork();
	if (pid == 0)
		keep(ends[0], bundle);
	close(ends[0]);
	if (pid > 0)
		keeper->alive = ends[1];
	else
		close(ends[1]);
}

void keeper_tell(const struct keeper *keeper, pid_t group)
{
	/* Where nobody reads it any more there is nobody to tell. */
	if (keeper->alive >= 0)
		(void)!write(keeper->alive, &group, sizeof group);
}

void keeper_dismiss(struct keeper *keeper)
{
	if (keeper->alive < 0)
		return;
	keeper_tell(keeper, DISMISSED);
	close(keeper->alive);
	keeper->alive = -1;
}
