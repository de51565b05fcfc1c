/*
 * A command that is run beside the gateway: in a process group of its own, which has the terminal for as long as it runs if
 * we had it, and which does not outlive us.
 */
#ifndef CPGW_CLI_CHILD_H
#define CPGW_CLI_CHILD_H

#include "cli/keeper.h"
#include "core/error.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

/* How the program was started, as far as a child must not notice that we are between: to be noted first of all. */
struct inheritance {
	sigset_t mask;
	struct sigaction pipe;
	struct sigaction ended;   /* of SIGCHLD: who ignores it is not told how children ended */
	struct rlimit files;      /* the server raises it; programs that close every descriptor would take long */
	struct ca_bundle *bundle; /* what its variables name, to be removed should we be killed; NULL: nothing */
};

void inheritance_note(struct inheritance *inheritance);

struct child {
	pid_t pid;    /* and its group; 0: there is none */
	int terminal; /* the one that we were started at, if any; else -1 */
	struct keeper keeper;
	bool has_ended;
	int status; /* as waitpid() gives it, once it has ended */
};

enum child_outcome {
	CHILD_STARTED,
	CHILD_NOT_FOUND,      /* there is no such command */
	CHILD_NOT_EXECUTABLE, /* it is there, and cannot be run */
	CHILD_FAILED,         /* the machine would not */
};

/* Starts `command`, looked up in PATH, with our environment. The error says why there is none. SIGCHLD must be blocked. */
enum child_outcome child_start(struct child *child, char *const *command, const struct inheritance *inheritance,
                               struct error *error);

/* To be called upon SIGCHLD: whether it has ended. One that was stopped at the terminal stops us too, until we go on. */
bool child_look(struct child *child);

/* To be called upon SIGCONT: somebody let us go on, perhaps in the foreground. */
void child_continue(const struct child *child);

/* Passes a signal on to the whole group. */
void child_signal(const struct child *child, int number);

/* Ends what is left of its group: asks, and a second later does not ask. Takes the terminal back. */
void child_end(struct child *child);

/* After that: ends those, too, who have left the group. They came to us when they had lost their parents. */
void child_end_strays(void);

/* As shells say it: its own exit status, or 128 and the signal that ended it. */
int child_exit_code(const struct child *child);

#endif
