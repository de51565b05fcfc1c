/*
 * How an expectation was broken: the sentence, the journal's record, the violation that is kept. Shared by expect.c and
 * by nothing else, which decides when. Each is called at its instant, while the span is as it was.
 */
#ifndef CPGW_CORE_EXPECT_BROKEN_H
#define CPGW_CORE_EXPECT_BROKEN_H

#include "core/expect.h"

/* What comes that an order speaks of. */
struct order_event {
	enum expectation_subject subject;
	int which; /* endpoint, event or topic */
	const char *name;
};

/* These count as well. */
void broken_too_few(struct emulator *emulator, size_t index);
void broken_too_late(struct emulator *emulator, size_t index);
void broken_not_called(struct emulator *emulator, size_t index);
void broken_too_early(struct emulator *emulator, size_t index, const struct order_event *event);
void broken_not_there(struct emulator *emulator, size_t index);

/* These have been counted: not each of them is written down. */
void broken_too_many_calls(struct emulator *emulator, size_t index, int endpoint);
void broken_too_many_events(struct emulator *emulator, size_t index, const char *event);
void broken_too_fast(struct emulator *emulator, size_t index, const struct rate_limit *rate);

static inline const struct expectation *expectation_at(const struct emulator *emulator, size_t index)
{
	return &emulator->machine->expectations[index];
}

static inline struct expect_state *state_at(const struct emulator *emulator, size_t index)
{
	return &emulator->expect->items[index];
}

/* "At most" in any such time: it remembers when calls came. */
static inline bool has_ring(const struct expectation *expectation)
{
	return expectation->kind == EXPECT_AT_MOST && expectation->has_within;
}

static inline int64_t within_ms(const struct emulator *emulator, const struct expectation *expectation)
{
	const struct amount *amount = &expectation->within;

	return amount->setting == INDEX_NONE ? amount->ms : emulator->settings[amount->setting].number;
}

#endif
