/*
 * A gateway's port as clients find it: open, or in one of the states that faults put it into. Its listening sockets stay
 * the same all the while, so that nobody can take the port by chance. Who takes it on purpose while it refuses keeps it; each
 * time that something is written into the journal it is tried for again.
 *
 * While it refuses, the sockets do not listen: the kernel answers for us. While its backlog is full, they listen and nobody
 * accepts; who is in the queue when that ends is served.
 */
#ifndef CPGW_WIRE_PORT_H
#define CPGW_WIRE_PORT_H

struct gateway;

/* Puts the port into the state that the emulator says. */
void port_follow(struct gateway *gateway);

/* Registers its sockets for what is wanted of them now: connections, while the port is open and the hub has room for
 * them. */
void port_watch(struct gateway *gateway);

#endif
