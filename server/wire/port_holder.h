/*
 * Who listens on a TCP port, as far as /proc tells. Only for error messages: a wrong guess does no harm.
 */
#ifndef CPGW_WIRE_PORT_HOLDER_H
#define CPGW_WIRE_PORT_HOLDER_H

#include <stdbool.h>
#include <stdint.h>

struct port_holder {
	long pid;
	char name[32]; /* of the program, as the kernel keeps it */
};

/* False when nobody listens or it cannot be known, for instance because the process is another user's. */
bool port_holder_find(uint16_t port, struct port_holder *holder);

#endif
