/*
 * The registry from inside: shared by the registry….c files and by nothing else.
 */
#ifndef CPGW_CONTROL_REGISTRY_INSIDE_H
#define CPGW_CONTROL_REGISTRY_INSIDE_H

#include "control/registry.h"

/* A power of two. */
#define BUCKETS 1024

struct registry {
	struct registry_options options;
	struct machines machines;
	struct entry *first;
	struct entry *last;
	struct entry *buckets[BUCKETS];
	size_t count;
	uint64_t ordinals;
	struct follower *followers;
};

/* registry_setup.c. What a gateway is given that is started so. */
struct gateway_options setup_options(const struct registry *registry, const struct entry_setup *setup,
                                     struct entry *entry);
/* What a request asks for, over what was asked for before. */
struct entry_setup setup_asked(struct stage_machine *machine, const struct entry_request *request,
                               const struct entry_setup *before);

/* registry_followers.c */
void followers_tell_ending(struct entry *entry);
void followers_tell_gone(struct entry *entry, bool begins_anew);

#endif
