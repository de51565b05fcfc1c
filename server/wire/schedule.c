#include "wire/schedule.h"

#include <stdlib.h>

#define CAPACITY_FIRST 16

void schedule_release(struct schedule *schedule)
{
	free(schedule->heap);
	*schedule = (struct schedule){ 0 };
}

/* ---- the heap ---- */

static void put(struct schedule *schedule, size_t place, struct scheduled *sleeper)
{
	schedule->heap[place] = sleeper;
	sleeper->place = place;
}

static void sift(struct schedule *schedule, struct scheduled *sleeper)
{
	size_t place = sleeper->place;

	while (place > 1 && schedule->heap[place / 2]->due_ms > sleeper->due_ms) {
		put(schedule, place, schedule->heap[place / 2]);
		place /= 2;
	}
	for (;;) {
		size_t child = 2 * place;

		if (child < schedule->count && schedule->heap[child + 1]->due_ms < schedule->heap[child]->due_ms)
			child++;
		if (child > schedule->count || schedule->heap[child]->due_ms >= sleeper->due_ms)
			break;
		put(schedule, place, schedule->heap[child]);
		place = child;
	}
	put(schedule, place, sleeper);
}

static void set_due(struct schedule *schedule, struct scheduled *sleeper, int64_t due_ms)
{
	if (sleeper->due_ms == due_ms)
		return;
	sleeper->due_ms = due_ms;
	sift(schedule, sleeper);
}

/* ---- who must be asked again ---- */

void schedule_touch(struct schedule *schedule, struct scheduled *sleeper)
{
	if (sleeper->is_stale || sleeper->place == 0)
		return;
	sleeper->is_stale = true;
	sleeper->previous_stale = NULL;
	sleeper->next_stale = schedule->stale;
	if (schedule->stale)
		schedule->stale->previous_stale = sleeper;
	schedule->stale = sleeper;
}

static void forget_stale(struct schedule *schedule, struct scheduled *sleeper)
{
	if (!sleeper->is_stale)
		return;
	sleeper->is_stale = false;
	if (sleeper->previous_stale)
		sleeper->previous_stale->next_stale = sleeper->next_stale;
	else
		schedule->stale = sleeper->next_stale;
	if (sleeper->next_stale)
		sleeper->next_stale->previous_stale = sleeper->previous_stale;
}

static void ask_stale(struct schedule *schedule)
{
	while (schedule->stale) {
		struct scheduled *sleeper = schedule->stale;

		forget_stale(schedule, sleeper);
		set_due(schedule, sleeper, schedule->reckon(sleeper));
	}
}

/* ---- coming and going ---- */

static bool make_room(struct schedule *schedule)
{
	const size_t capacity = schedule->capacity ? schedule->capacity * 2 : CAPACITY_FIRST;
	struct scheduled **heap;

	if (schedule->count + 1 < schedule->capacity)
		return true;
	heap = realloc(schedule->heap, capacity * sizeof *heap);
	if (!heap)
		return false;
	schedule->heap = heap;
	schedule->capacity = capacity;
	return true;
}

bool schedule_add(struct schedule *schedule, struct scheduled *sleeper)
{
	if (!make_room(schedule))
		return false;
	sleeper->due_ms = INT64_MAX;
	put(schedule, ++schedule->count, sleeper);
	schedule_touch(schedule, sleeper);
	return true;
}

void schedule_remove(struct schedule *schedule, struct scheduled *sleeper)
{
	const size_t place = sleeper->place;
	struct scheduled *last;

	if (place == 0)
		return;
	forget_stale(schedule, sleeper);
	last = schedule->heap[schedule->count--];
	sleeper->place = 0;
	if (last == sleeper)
		return;
	put(schedule, place, last);
	sift(schedule, last);
}

/* ---- who is due ---- */

int64_t schedule_first_ms(struct schedule *schedule)
{
	ask_stale(schedule);
	return schedule->count > 0 ? schedule->heap[1]->due_ms : INT64_MAX;
}

struct scheduled *schedule_take_due(struct schedule *schedule, int64_t now_ms)
{
	struct scheduled *first;

	if (schedule_first_ms(schedule) > now_ms)
		return NULL;
	first = schedule->heap[1];
	set_due(schedule, first, INT64_MAX);
	return first;
}
