#include "core/pace.h"

/* Bytes of a second leave in so many portions. */
#define PORTIONS 10

static size_t portion_of(const struct pace *pace)
{
	return pace->rate > PORTIONS ? (size_t)(pace->rate / PORTIONS) : 1;
}

/* The step with which the last byte leaves. */
static uint32_t last_step(const struct pace *pace, size_t length)
{
	switch (pace->kind) {
	case PACE_AT_ONCE:
		break;
	case PACE_AFTER_HEAD:
		return 1;
	case PACE_PIECES:
		return pace->pieces - 1;
	case PACE_RATE:
		return length == 0 ? 0 : (uint32_t)((length - 1) / portion_of(pace));
	}
	return 0;
}

static size_t open_at(const struct pace *pace, size_t head, size_t length, uint32_t step)
{
	const size_t first = pace->with_head ? 0 : head;

	switch (pace->kind) {
	case PACE_AT_ONCE:
		break;
	case PACE_AFTER_HEAD:
		return head;
	case PACE_PIECES:
		return first + (length - first) * (step + 1) / pace->pieces;
	case PACE_RATE:
		return portion_of(pace) * (step + 1);
	}
	return length;
}

/* When a step comes, since the first. */
static int64_t time_of(const struct pace *pace, uint32_t step)
{
	switch (pace->kind) {
	case PACE_AT_ONCE:
		break;
	case PACE_AFTER_HEAD:
		return step * pace->ms;
	case PACE_PIECES:
		return pace->ms * step / (pace->pieces - 1);
	case PACE_RATE:
		return (int64_t)step * (1000 / PORTIONS);
	}
	return 0;
}

struct pace_step pace_at(const struct pace *pace, size_t head, size_t length, uint32_t step)
{
	const uint32_t last = last_step(pace, length);
	struct pace_step result = { .open = length };

	if (step < last) {
		result.open = open_at(pace, head, length, step);
		result.wait_ms = time_of(pace, step + 1) - time_of(pace, step);
		/* A step takes a millisecond at the least. */
		if (result.wait_ms == 0)
			result.wait_ms = 1;
	} else if (step == last) {
		result.wait_ms = pace->rest_ms;
	}
	return result;
}
