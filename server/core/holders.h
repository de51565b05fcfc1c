/*
 * Which faults hold an answer or a handshake back: when one of them is taken away, what it holds ends. Several may at once,
 * each in a part of its own (enum fault_part): what the upstream says, how long that waits, at what pace it leaves, how it
 * ends.
 */
#ifndef CPGW_CORE_HOLDERS_H
#define CPGW_CORE_HOLDERS_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#define HOLDERS_MAX 4

struct holders {
	uint32_t rules[HOLDERS_MAX]; /* serials of faults; 0: none, and none behind it */
};

static inline void holders_add(struct holders *holders, uint32_t rule)
{
	int i = 0;

	while (i < HOLDERS_MAX && holders->rules[i])
		i++;
	assert(i < HOLDERS_MAX);
	holders->rules[i] = rule;
}

static inline bool holders_have(const struct holders *holders, uint32_t rule)
{
	for (int i = 0; i < HOLDERS_MAX; i++)
		if (holders->rules[i] == rule)
			return true;
	return false;
}

#endif
