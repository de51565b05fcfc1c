/*
 * Who is due when: many sleepers, of whom few have anything to do in one turn. A binary heap by due time, and a list
 * of those whose time must be reckoned anew before anybody looks. A turn costs what is due and what has changed, however
 * many sleep.
 */
#ifndef CPGW_WIRE_SCHEDULE_H
#define CPGW_WIRE_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One sleeper; embedded in its owner. Zeroed, it is in no schedule. */
struct scheduled {
	struct scheduled *next_stale, *previous_stale;
	bool is_stale;
	size_t place; /* in the heap, from 1; 0: not there */
	int64_t due_ms;
};

struct schedule {
	struct scheduled **heap; /* owned; [0] is not used */
	size_t count;
	size_t capacity;
	struct scheduled *stale;
	/* When the sleeper is due, INT64_MAX: not by itself. */
	int64_t (*reckon)(const struct scheduled *sleeper);
};

void schedule_release(struct schedule *schedule);

/* It is stale at once. False when memory ran out. */
bool schedule_add(struct schedule *schedule, struct scheduled *sleeper);
/* Works on one that is not there. */
void schedule_remove(struct schedule *schedule, struct scheduled *sleeper);

/* What it said when it was last asked may no longer be so. Works on one that is not there. */
void schedule_touch(struct schedule *schedule, struct scheduled *sleeper);

/* When the first is due; INT64_MAX: nobody is. */
int64_t schedule_first_ms(struct schedule *schedule);

/* Takes one that is due at `now_ms`, or NULL. It is asked again once it was touched, no earlier. */
struct scheduled *schedule_take_due(struct schedule *schedule, int64_t now_ms);

#endif
