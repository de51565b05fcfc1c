/*
 * The gateway's address filter (docs/gateway.md#ip-filter): lists such as "127.0.0.1, 192.*".
 */
#ifndef CPGW_CORE_PEERS_H
#define CPGW_CORE_PEERS_H

#include <stdbool.h>

/* True when a pattern of the list fits the address. "*" stands for any run of characters, but not alone. */
bool peers_match(const char *list, const char *address);

/* True when the list holds a pattern on which the real filter fails: a lone "*" is no regular expression. */
bool peers_are_broken(const char *list);

#endif
