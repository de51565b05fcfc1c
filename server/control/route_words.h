/*
 * What the table of routes says to those who document it: do_openapi.c and do_docs.c.
 */
#ifndef CPGW_CONTROL_ROUTE_WORDS_H
#define CPGW_CONTROL_ROUTE_WORDS_H

#include "control/route.h"

#include <stdbool.h>

/* Where a route can be called: behind the root, behind a gateway's name, or both. */
bool route_has_form(const struct control_route *route, bool named);

/* The whole path, with "{name}" where a gateway is named. */
void route_add_path(const struct control_route *route, bool named, struct buffer *out);

/* "GET /requests/{id}" of a named gateway: "get_gateway_requests_id". */
void route_add_id(const struct control_route *route, bool named, struct buffer *out);

/* The next of "200 an object; 404 there is none": its status and its words. False when there is none. */
bool route_next_answer(const char **rest, int *status, struct span *words);

#endif
