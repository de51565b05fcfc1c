/*
 * The gateways of one process by name, and the machines that they run. The first one is there from the start and is
 * what the control API means when no name is given.
 */
#ifndef CPGW_CONTROL_REGISTRY_H
#define CPGW_CONTROL_REGISTRY_H

#include "control/machines.h"
#include "wire/server.h"

#include <stdbool.h>
#include <stdint.h>

/* What the first gateway is called unless somebody says otherwise. */
#define REGISTRY_FIRST_NAME "default"
/* What a gateway's clock shows at the start when it is not the real one and the scenario does not say:
 * 2026-03-02T14:30:00Z, a Monday morning in New York, with the markets open. */
#define REGISTRY_START_DEFAULT_MS 1772461800000LL

struct registry;

/* How a gateway is started: what was asked for. The rest is the command line's, else the scenario's, else usual. */
struct entry_setup {
	struct stage_machine *machine;
	bool has_seed;
	uint64_t seed;
	bool has_clock;
	struct clock clock; /* mode and scale */
	bool has_start;
	int64_t start_ms;
	uint32_t journal_size; /* records; 0: as is usual */
};

struct entry {
	char *name;                    /* owned */
	struct stage_machine *machine; /* what it runs now */
	struct gateway *gateway;       /* the server's */
	struct registry *registry;
	uint64_t ordinal;           /* counts the entries of this registry: the first gateway has 0, and nobody else */
	uint64_t followed;          /* journal records that the followers were told of */
	struct entry_setup present; /* how it was last started */
	struct entry_setup first;   /* how it was started at first: what registry_reset() goes back to */
	struct entry *previous;
	struct entry *next; /* in the order of their making */
	struct entry *next_in_bucket;
};

/* Somebody who is told of each record of each gateway, in order, before the answer's last byte leaves. It may read the
 * gateway, not change it. */
struct follower {
	/* May be NULL. */
	void (*record)(struct follower *follower, struct entry *entry, uint64_t index, const struct record *record);
	/* `count` records before number entry->followed were overwritten before they were told of; may be NULL. */
	void (*missed)(struct follower *follower, struct entry *entry, uint64_t count);
	/* The entry is about to go, or to begin anew, and its gateway is still whole: the last moment to judge it. It may
	 * conclude the gateway; may be NULL. */
	void (*ending)(struct follower *follower, struct entry *entry);
	/* The entry goes, its gateway has gone; or it begins anew, its journal is about to be emptied: forget what was
	 * remembered of it. May be NULL. */
	void (*gone)(struct follower *follower, struct entry *entry, bool begins_anew);
	struct follower *next;
};

struct registry_options {
	struct server *server; /* outlives the registry; not used before the first registry_add() */
	const struct source
	    *source; /* all scenarios and packs, files too: for the first gateway. What it lists is built in */
	const char *first_scenario; /* name or file; this and the pack outlive the registry */
	const char *first_pack;     /* or NULL: the scenario's */
	bool has_seed;              /* base.seed goes before the scenario's */
	bool has_clock;             /* base.clock goes before the scenario's */
	size_t
	    added_journal_bytes; /* what the journal of a gateway takes that says nothing, and is not the first; 0: as the first's */
	/* Address, TLS, journal size, seed and clock of all; the port is the first gateway's. Machine, start and observer are
	 * the registry's to fill. `tls` and `address` outlive the registry. */
	struct gateway_options base;
};

/* Compiles the first gateway's scenario. NULL with problems when it is not valid, else with an error. */
struct registry *registry_new(const struct registry_options *options, struct problems *problems, struct error *error);
/* Ends all gateways. Works on NULL. */
void registry_free(struct registry *registry);
/* What all gateways have, once it is known: before the first registry_add(). */
void registry_set_tls(struct registry *registry, SSL_CTX *tls);

/* They are told in the order in which they came. A follower that does not outlive the registry leaves it before it goes,
 * though not from within a follower. */
void registry_follow(struct registry *registry, struct follower *follower);
void registry_unfollow(struct registry *registry, struct follower *follower);

/* What a new gateway, or a loaded scenario, is to be. NULL or 0: as the first gateway was started. */
struct entry_request {
	const char *name;     /* NULL: one is made up, "gateway-7" */
	const char *scenario; /* a built-in name; or the first gateway's, as it was named then or by its own name */
	struct span body;     /* or a whole scenario as JSON text: what it extends must be built in */
	const char *pack;     /* fixture pack, built in */
	bool has_seed;
	uint64_t seed;
	const struct clock *clock; /* mode and scale */
	bool has_start;
	int64_t start_ms;
	uint16_t port;         /* 0: any that is free */
	uint32_t journal_size; /* records that are kept */
};

enum registry_outcome {
	REGISTRY_OK,
	REGISTRY_BAD_NAME,      /* the error says what a name is */
	REGISTRY_NAME_TAKEN,    /* likewise */
	REGISTRY_FULL,          /* GATEWAYS_MAX; likewise */
	REGISTRY_NO_SCENARIO,   /* no scenario or pack of that name is to be had; `problems` has the nearest */
	REGISTRY_BAD_SCENARIO,  /* `problems` say why */
	REGISTRY_CANNOT_LISTEN, /* the port or address cannot be had; the error says why */
	REGISTRY_FAILED,        /* the machine would not; the error says why */
};

/* Starts a gateway. The first call makes the first one, which takes base's port and is REGISTRY_FIRST_NAME unless the
 * request has a name. Either `problems` or `error` is filled when it fails. */
enum registry_outcome registry_add(struct registry *registry, const struct entry_request *request, struct entry **added,
                                   struct problems *problems, struct error *error);
/* Ends one with all its connections. Not the first, and not from within a follower. */
void registry_remove(struct registry *registry, struct entry *entry);

struct entry *registry_first(const struct registry *registry);
struct entry *registry_find(const struct registry *registry, const char *name);
size_t registry_count(const struct registry *registry);
/* Calls `each` for all, the first first, in the order of their making; it may remove the one that it is called with. */
void registry_each(const struct registry *registry, void (*each)(void *context, struct entry *entry), void *context);

/* Calls `each` with all built-in names of a kind, sorted. */
void registry_list(const struct registry *registry, enum source_kind kind,
                   void (*each)(void *context, const char *name), void *context);

/* Back to how it was started at first: scenario, state, clock, settings, an empty journal; connections are closed, its
 * port stays. */
bool registry_reset(struct registry *registry, struct entry *entry, struct error *error);
/* The same, but with the scenario that it runs now. */
bool registry_restart(struct registry *registry, struct entry *entry, struct error *error);
/* The same, with another scenario. Name and port are not looked at; what else the request leaves out stays as it was
 * asked for before. */
enum registry_outcome registry_load(struct registry *registry, struct entry *entry, const struct entry_request *request,
                                    struct problems *problems, struct error *error);

/* Tells the followers what they have not been told yet: a gateway's observer, with the entry as its context. */
void registry_observe(void *context, struct gateway *gateway);

#endif
