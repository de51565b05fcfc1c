/*
 * A small process that ends a process group should we go without having done so: killed, out of memory, crashed. The kernel
 * then kills our child, not what that has started. What we have lying about on disk for it goes then too.
 */
#ifndef CPGW_CLI_KEEPER_H
#define CPGW_CLI_KEEPER_H

#include "cli/ca_bundle.h"

#include <sys/types.h>

struct keeper {
	int alive; /* it reads from this, until we have gone. -1: there is none */
};

/* Before there is a group, so that the group is not without one for a moment. When the machine would not, all works
 * without. `bundle` is removed should we go; NULL: there is none. */
void keeper_start(struct keeper *keeper, struct ca_bundle *bundle);

/* Tells it which group; the group's first process does so itself, before it becomes another program. */
void keeper_tell(const struct keeper *keeper, pid_t group);

/* The group has been ended by others: it has nothing to do. It ends as a child of ours. Works on one without a keeper. */
void keeper_dismiss(struct keeper *keeper);

#endif
