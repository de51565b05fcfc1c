/*
 * A small process that ends a process group should we go without having done so: killed, out of memory, crashed. The kernel
 * then kills our child, not what that has started.
 */
#ifndef CPGW_CLI_KEEPER_H
#define CPGW_CLI_KEEPER_H

#include <sys/types.h>

struct keeper {
	int alive; /* it reads from this: nothing, as long as we live. -1: there is none */
};

/* For a group that is there. Without one, when the machine would not, all else works. */
void keeper_start(struct keeper *keeper, pid_t group);

/* The group has been ended by others: it has nothing to do. It ends as a child of ours. Works on one without a keeper. */
void keeper_dismiss(struct keeper *keeper);

#endif
