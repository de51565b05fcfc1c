/*
 * What the control API offers: one table, from which routing, its errors and the documentation come.
 */
#ifndef CPGW_CONTROL_ROUTE_H
#define CPGW_CONTROL_ROUTE_H

#include "control/call.h"

/* All paths begin so. */
#define CONTROL_ROOT "/__admin"
/* Behind this and a gateway's name come the routes of that gateway. */
#define CONTROL_GATEWAYS "/gateways/"

enum route_scope {
	SCOPE_PROCESS, /* one for all */
	SCOPE_GATEWAY, /* of the gateway that is named, else of the first */
	SCOPE_NAMED,   /* only of a gateway that is named */
};

struct route_argument {
	const char *name;
	const char *text; /* what it is and how it is written */
};

#define ROUTE_ARGUMENTS_MAX 28

struct control_route {
	enum http_method method; /* GET answers HEAD too; POST and PUT mean the same */
	enum route_scope scope;
	const char *path; /* behind the root or the gateway's name; may end in "/{id}" */
	void (*handle)(struct call *call);
	const char *summary;
	const char *answers; /* "200 the state; 404 …": status, words; ";" between them */
	struct route_argument arguments[ROUTE_ARGUMENTS_MAX]; /* of the query; ended by a NULL name */
	const char *needs;                                    /* the argument that must be there, or NULL */
	const char *example;                                  /* a body, as JSON; NULL: it takes none */
	const char *type;      /* of the answer when all is well; NULL: JSON. For the documentation: handlers set it */
	bool body_is_optional; /* likewise for the documentation */
	bool takes_pattern;    /* the query may have what core/query_text.h reads */
};

/* Ended by a row without a path. */
extern const struct control_route route_table[];

/* Finds the route and the gateway that a call means; else the answer says what is wrong. */
bool route_find(struct call *call);

#endif
