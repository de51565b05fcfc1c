/*
 * What must hold whatever the input: the fuzz targets' own assertions, which no build switches off.
 */
#ifndef CPGW_TESTS_CHECK_H
#define CPGW_TESTS_CHECK_H

#include "core/emulator.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(condition)                                                                                               \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

/* Either there is a machine, or there are problems, whose reports can be made; then false. Problems are released. */
bool check_loaded(bool loaded, struct problems *problems);

/* A reply that may leave: whole header lines, a status with a reason, or no answer at all. */
void check_reply(const struct emulator *emulator, const struct reply *reply);

/* The emulator agrees with itself: one active state a region, and after an advance nothing that is still due. */
void check_emulator(const struct emulator *emulator);

/* Judges what is expected of the client, and that it can be told. */
void check_expectations(struct emulator *emulator);

#endif
