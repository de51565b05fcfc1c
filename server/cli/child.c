#include "cli/child.h"

#include "wire/hub.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How long those who are left behind have to end by themselves. */
#define PATIENCE_MS 1000

void inheritance_note(struct inheritance *inheritance)
{
	const struct sigaction usual = { .sa_handler = SIG_DFL };

	inheritance->bundle = NULL;
	sigprocmask(SIG_BLOCK, NULL, &inheritance->mask);
	sigaction(SIGPIPE, NULL, &inheritance->pipe);
	sigaction(SIGCHLD, &usual, &inheritance->ended);
	getrlimit(RLIMIT_NOFILE, &inheritance->files);
}

/* ---- the terminal ---- */

/* A background group that sets the terminal's group is stopped unless it ignores this. */
static void give_terminal(int terminal, pid_t group)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction before;

	sigaction(SIGTTOU, &ignore, &before);
	tcsetpgrp(terminal, group);
	sigaction(SIGTTOU, &before, NULL);
}

/* Ours to give: we are what is in the foreground. */
static bool owns_terminal(const struct child *child)
{
	return child->terminal >= 0 && tcgetpgrp(child->terminal) == getpgrp();
}

/* It has it, unless a shell took it meanwhile. Others in our group may have wanted it, and wait. */
static void take_terminal_back(const struct child *child)
{
	if (child->terminal < 0 || tcgetpgrp(child->terminal) != child->pid)
		return;
	give_terminal(child->terminal, getpgrp());
	kill(0, SIGCONT);
}

/* ---- starting ---- */

/* In the new process. Comes back only when the command could not be run. */
static void become(const struct child *child, char *const *command, const struct inheritance *inheritance, pid_t parent,
                   bool in_foreground)
{
	setpgid(0, 0);
	if (in_foreground)
		give_terminal(child->terminal, getpid());
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* We may have gone before that was set. */
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	keeper_tell(&child->keeper, getpid());
	sigaction(SIGPIPE, &inheritance->pipe, NULL);
	sigaction(SIGCHLD, &inheritance->ended, NULL);
	setrlimit(RLIMIT_NOFILE, &inheritance->files);
	sigprocmask(SIG_SETMASK, &inheritance->mask, NULL);
	execvp(command[0], command);
}

static enum child_outcome outcome_of(int number)
{
	return number == ENOENT || number == ENOTDIR ? CHILD_NOT_FOUND : CHILD_NOT_EXECUTABLE;
}

/* What the new process says before it becomes the command; nothing when it has become it. */
static int read_failure(int fd)
{
	int number = 0;
	ssize_t got;

	do
		got = read(fd, &number, sizeof number);
	while (got < 0 && errno == EINTR);
	return got == (ssize_t)sizeof number ? number : 0;
}

static enum child_outcome fail(struct child *child, const char *what, struct error *error)
{
	error_set(error, "cannot %s: %s", what, strerror(errno));
	child->pid = 0;
	child_end(child);
	return CHILD_FAILED;
}

enum child_outcome child_start(struct child *child, char *const *command, const struct inheritance *inheritance,
                               struct error *error)
{
	const pid_t parent = getpid();
	int failure[2];
	bool in_foreground;
	int number;

	*child = (struct child){ .terminal = open("/dev/tty", O_RDWR | O_CLOEXEC), .keeper.alive = -1 };
	/* What reads from elsewhere leaves the terminal to the others of our pipeline, until it asks for it. */
	in_foreground = isatty(STDIN_FILENO) && owns_terminal(child);
	if (pipe2(failure, O_CLOEXEC) != 0)
		return fail(child, "make a pipe", error);
	/* Orphans of the command come to us, so that none is left behind. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	keeper_start(&child->keeper, inheritance->bundle);
	child->pid = fork();
	if (child->pid == 0) {
		become(child, command, inheritance, parent, in_foreground);
		number = errno;
		if (write(failure[1], &number, sizeof number) < 0)
			_exit(EXIT_FAILURE);
		_exit(EXIT_FAILURE);
	}
	close(failure[1]);
	if (child->pid < 0) {
		close(failure[0]);
		return fail(child, "start a process", error);
	}
	setpgid(child->pid, child->pid); /* whoever of the two comes first */
	number = read_failure(failure[0]);
	close(failure[0]);
	if (number == 0)
		return CHILD_STARTED;
	waitpid(child->pid, NULL, 0);
	child_end(child);
	error_set(error, "cannot run \"%s\": %s", command[0], strerror(number));
	return outcome_of(number);
}

/* ---- while it runs ---- */

void child_continue(const struct child *child)
{
	if (isatty(STDIN_FILENO) && owns_terminal(child))
		give_terminal(child->terminal, child->pid);
	child_signal(child, SIGCONT);
}

/* A signal that is blocked, because the loop reads it, has its usual effect on us. The kernel does not stop a group that
 * nobody could let go on. */
static void stop_our_group(void)
{
	const struct sigaction usual = { .sa_handler = SIG_DFL };
	struct sigaction before;
	sigset_t stop;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	sigaction(SIGTSTP, &usual, &before);
	kill(0, SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, NULL);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	sigaction(SIGTSTP, &before, NULL);
}

/* It was stopped by Ctrl-Z, or because it asked for a terminal that it does not have. The shell waits for us: stop too;
 * whoever lets us go on means the command. */
static void stop_along(const struct child *child, int reason)
{
	const bool asks = reason == SIGTTIN || reason == SIGTTOU;

	if (child->terminal < 0)
		return;
	if (asks && owns_terminal(child)) {
		give_terminal(child->terminal, child->pid);
		child_signal(child, SIGCONT);
		return;
	}
	if (tcgetpgrp(child->terminal) == child->pid)
		give_terminal(child->terminal, getpgrp());
	stop_our_group();
	/* Who asks would ask again at once if nothing has changed: SIGCONT says when it has. */
	if (!asks)
		child_continue(child);
}

bool child_look(struct child *child)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		if (pid != child->pid)
			continue; /* an orphan of the command */
		if (WIFSTOPPED(status)) {
			stop_along(child, WSTOPSIG(status));
			continue;
		}
		child->has_ended = true;
		child->status = status;
	}
	return child->has_ended;
}

void child_signal(const struct child *child, int number)
{
	if (child->pid > 0)
		kill(-child->pid, number);
}

/* ---- the end ---- */

/* Whether nobody is left in the group. Those who have ended are taken note of, or they would still count. */
static bool is_empty(struct child *child)
{
	child_look(child);
	return kill(-child->pid, 0) != 0 && errno == ESRCH;
}

static bool empties_within(struct child *child, int64_t patience_ms)
{
	const int64_t until_ms = monotonic_ms() + patience_ms;
	sigset_t ended;

	sigemptyset(&ended);
	sigaddset(&ended, SIGCHLD);
	while (!is_empty(child)) {
		const struct timespec wait = { .tv_nsec = 20 * 1000000 };

		if (monotonic_ms() >= until_ms)
			return false;
		sigtimedwait(&ended, NULL, &wait);
	}
	return true;
}

static void end_group(struct child *child)
{
	if (is_empty(child))
		return;
	child_signal(child, SIGTERM);
	child_signal(child, SIGCONT);
	if (empties_within(child, PATIENCE_MS))
		return;
	child_signal(child, SIGKILL);
	empties_within(child, PATIENCE_MS);
}

void child_end(struct child *child)
{
	if (child->pid > 0)
		end_group(child);
	keeper_dismiss(&child->keeper);
	take_terminal_back(child);
	if (child->terminal >= 0)
		close(child->terminal);
	child->terminal = -1;
	child->pid = 0;
}

/* All that have us for a parent. False when the kernel does not tell. */
static bool signal_strays(int number)
{
	char path[64];
	FILE *file;
	int pid;

	snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
	file = fopen(path, "re");
	if (!file)
		return false;
	while (fscanf(file, "%d", &pid) == 1)
		kill(pid, number);
	fclose(file);
	return true;
}

/* Whether nobody is left. */
static bool reap_strays(void)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		;
	return pid < 0;
}

/* Each that ends may leave us its own children: they are looked for again and again. */
static bool strays_go_within(int number, int64_t patience_ms)
{
	const struct timespec wait = { .tv_nsec = 20 * 1000000 };
	const int64_t until_ms = monotonic_ms() + patience_ms;
	sigset_t ended;

	sigemptyset(&ended);
	sigaddset(&ended, SIGCHLD);
	while (!reap_strays()) {
		if (monotonic_ms() >= until_ms || !signal_strays(number))
			return false;
		sigtimedwait(&ended, NULL, &wait);
	}
	return true;
}

void child_end_strays(void)
{
	if (!strays_go_within(SIGTERM, PATIENCE_MS))
		strays_go_within(SIGKILL, PATIENCE_MS);
}

int child_exit_code(const struct child *child)
{
	if (!child->has_ended)
		return 128 + SIGKILL; /* it did not even go when it was killed */
	return WIFSIGNALED(child->status) ? 128 + WTERMSIG(child->status) : WEXITSTATUS(child->status);
}
