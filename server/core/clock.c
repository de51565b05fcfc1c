#include "core/clock.h"

#include <string.h>

bool clock_parse(struct clock *clock, const char *text, struct error *error)
{
	static const char scaled[] = "scaled:";
	int64_t scale = 0;
	const char *digit;

	if (strcmp(text, "real") == 0 || strcmp(text, "manual") == 0) {
		clock->mode = text[0] == 'r' ? CLOCK_REAL : CLOCK_MANUAL;
		clock->scale = 1;
		return true;
	}
	if (strncmp(text, scaled, sizeof scaled - 1) != 0) {
		error_set(error, "clock is \"%s\"; wanted \"real\", \"manual\" or \"scaled:N\", such as \"scaled:60\"",
		          text);
		return false;
	}
	for (digit = text + sizeof scaled - 1; *digit >= '0' && *digit <= '9' && scale <= CLOCK_SCALE_MAX; digit++)
		scale = scale * 10 + (*digit - '0');
	if (*digit || scale < 1 || scale > CLOCK_SCALE_MAX) {
		error_set(error, "clock is \"%s\"; wanted a whole number from 1 to %d after \"scaled:\"", text,
		          CLOCK_SCALE_MAX);
		return false;
	}
	clock->mode = CLOCK_SCALED;
	clock->scale = scale;
	return true;
}

void clock_start(struct clock *clock, int64_t start_ms, int64_t monotonic_ms)
{
	clock->origin_ms = start_ms;
	clock->monotonic_ms = monotonic_ms;
}

int64_t clock_now_ms(const struct clock *clock, int64_t monotonic_ms)
{
	switch (clock->mode) {
	case CLOCK_MANUAL:
		break;
	case CLOCK_REAL:
	case CLOCK_SCALED:
		return clock->origin_ms + (monotonic_ms - clock->monotonic_ms) * clock->scale;
	}
	return clock->origin_ms;
}

int64_t clock_wait_ms(const struct clock *clock, int64_t deadline_ms, int64_t monotonic_ms)
{
	const int64_t now_ms = clock_now_ms(clock, monotonic_ms);

	if (deadline_ms <= now_ms)
		return 0;
	if (clock->mode == CLOCK_MANUAL || deadline_ms == INT64_MAX)
		return CLOCK_FOREVER;
	return (deadline_ms - now_ms + clock->scale - 1) / clock->scale;
}

bool clock_set(struct clock *clock, int64_t to_ms, int64_t monotonic_ms)
{
	if (to_ms < clock_now_ms(clock, monotonic_ms))
		return false;
	clock_start(clock, to_ms, monotonic_ms);
	return true;
}

void clock_change(struct clock *clock, enum clock_mode mode, int64_t scale, int64_t monotonic_ms)
{
	clock_start(clock, clock_now_ms(clock, monotonic_ms), monotonic_ms);
	clock->mode = mode;
	clock->scale = scale;
}

void clock_describe(const struct clock *clock, struct buffer *out)
{
	switch (clock->mode) {
	case CLOCK_REAL:
		buffer_add_text(out, "real");
		break;
	case CLOCK_MANUAL:
		buffer_add_text(out, "manual");
		break;
	case CLOCK_SCALED:
		buffer_add_text(out, "scaled:");
		buffer_add_int(out, clock->scale);
		break;
	}
}
