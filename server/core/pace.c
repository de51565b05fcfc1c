#include "core/pace.h"

#include "core/draw.h"

/* Bytes of a second leave in so many portions. */
#define PORTIONS 10

static size_t portion_of(const struct pace *pace)
{
	return pace->rate > PORTIONS ? (size_t)(pace->rate / PORTIONS) : 1;
}

/* Where slice number `step` ends: each end lies off its place by less than a slice, so each slice is as much longer or
 * shorter. */
static size_t slice_end(const struct pace *pace, uint32_t step)
{
	return pace->slice * (step + 1) + (size_t)(draw(pace->random, 0, step) % (pace->varies + 1));
}

static uint32_t last_slice(const struct pace *pace, size_t length)
{
	uint32_t step = (uint32_t)(length / pace->slice);

	while (step > 0 && slice_end(pace, step - 1) >= length)
		step--;
	return step;
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
	case PACE_SLICES:
		return last_slice(pace, length);
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
	case PACE_SLICES:
		return slice_end(pace, step);
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
	case PACE_SLICES:
		return (int64_t)step * pace->ms;
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
		/* A step takes a millisecond at the least; slices that are not to wait do not. */
		if (result.wait_ms == 0 && pace->kind != PACE_SLICES)
			result.wait_ms = 1;
	} else {
		result.wait_ms = step == last ? pace->rest_ms : 0;
		result.is_last = result.wait_ms == 0;
	}
	return result;
}

int64_t pace_length_ms(const struct pace *pace, size_t head, size_t length)
{
	int64_t total_ms = 0;

	for (uint32_t step = 0;; step++) {
		const struct pace_step at = pace_at(pace, head, length, step);

		if (at.is_last || at.open >= length || at.wait_ms == PACE_NEVER)
			return total_ms;
		total_ms += at.wait_ms;
	}
}
