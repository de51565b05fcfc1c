/*
 * The control API: plain HTTP with JSON on a port of its own, so that nothing that is done to a gateway can cut a tester
 * off. docs/control.md is its reference; routes.c is the table behind both.
 *
 * It lives in the server's loop: no thread, and no request that waits stops another.
 */
#ifndef CPGW_CONTROL_CONTROL_H
#define CPGW_CONTROL_CONTROL_H

#include "control/registry.h"
#include "core/error.h"
#include "wire/listener.h"
#include "wire/server.h"

#include <stdbool.h>
#include <stdint.h>

/* Where it listens unless somebody says otherwise. */
#define CONTROL_PORT_DEFAULT 5050

struct control_options {
	struct server *server;     /* outlives it */
	struct registry *registry; /* likewise; has its first gateway */
	const char *address;       /* numeric; NULL: 127.0.0.1 and ::1 */
	uint16_t port;             /* 0: any that is free */
	const char *token;         /* what requests must carry; NULL: nothing */
	const char *version;
	const char *gateway_host;        /* by which clients reach the gateways: "localhost" */
	const char *ca_file;             /* the authority that clients are to trust; NULL: none that we know */
	bool strict;                     /* warnings count as failures */
	void (*shutdown)(void *context); /* somebody asked for the end; the answer has been sent */
	void *context;
};

struct control;

/* Listens and takes its place in the server's loop. What the options point to must outlive it. */
enum listen_outcome control_start(struct control **control, const struct control_options *options, struct error *error);
uint16_t control_port(const struct control *control);
/* Ends it: whoever still waits is sent away. NULL is none. */
void control_stop(struct control *control);

#endif
