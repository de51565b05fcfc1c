/*
 * A fault from JSON, for a gateway that runs already: the same object as in a scenario file, checked in the same way.
 */
#ifndef CPGW_CORE_FAULT_READ_H
#define CPGW_CORE_FAULT_READ_H

#include "core/fault.h"
#include "core/reader.h"

/* `item` is the member of an object: its name is the fault's. All that the fault has lives in the reader's arena and in the
 * machine. False, with problems, when it is not good. */
bool fault_read(const struct reader *reader, const struct machine *machine, const cJSON *item, struct fault *fault);

#endif
