/*
 * One fault while it is being loaded: shared by the load_fault….c files and by nothing else.
 */
#ifndef CPGW_CORE_LOAD_FAULT_H
#define CPGW_CORE_LOAD_FAULT_H

#include "core/fault.h"
#include "core/loading.h"

/* load_fault_kind.c: the kind's parameters; `item` is true, the first of them, or an object of them. */
void load_fault_kind(struct loading *loading, const cJSON *item, const struct fault_kind *kind,
                     struct fault_values *values);
/* "0.07" as so many `parts`; a problem when it is out of bounds. */
bool load_fraction(struct loading *loading, const cJSON *item, int64_t parts, int64_t least, int64_t most,
                   int64_t *result);

/* load_fault_when.c: what a fault may say of when, ended by one without a name. */
extern const struct field load_fault_when_fields[];
void load_fault_when(struct loading *loading, const cJSON *item, struct fault *fault);

/* load_fault_checks.c: `before` are the problems that there were when the fault began. */
void check_fault(struct loading *loading, const cJSON *item, const cJSON *kind, const struct fault *fault,
                 size_t before);
/* A fault at a byte that no answer has would never be seen. `item` is the fault, beside its neighbours. */
void check_fault_bytes(struct loading *loading, const cJSON *item, const cJSON *kind, const struct fault *fault);

#endif
