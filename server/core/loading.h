/*
 * A scenario while it is being loaded: shared by the load_….c files and by nothing else.
 *
 * loading_read.c reads the files, loading_merge.c merges them; then scenario.c has the parts compiled in this order,
 * because each uses the names that the ones before it have made: settings, states, endpoints, timers' names, replies on
 * demand, answers, transitions, time, expectations. load_checks.c looks at the whole.
 */
#ifndef CPGW_CORE_LOADING_H
#define CPGW_CORE_LOADING_H

#include "core/names.h"
#include "core/reader.h"
#include "core/scenario.h"

struct loading {
	struct reader reader;
	const struct source *source;
	struct machine *machine;
	cJSON *tree;          /* the merged scenario; all trees live with the reader's places */
	const char *top_file; /* the file that was asked for */

	struct source_text *texts; /* owned: all that was read */
	size_t text_count;

	const char *packs[PACKS_DEEP_MAX]; /* the pack, then what it extends … */
	const cJSON *pack_trees[PACKS_DEEP_MAX];
	size_t pack_count;

	struct group groups[GROUPS_MAX];
	size_t group_count;
	uint32_t rules; /* answers with a probability, counted */

	bool in_frame; /* what is compiled is a websocket's frame */

	/* What something uses; a name that nothing does has been mistyped. */
	bool setting_used[SETTINGS_MAX];
	bool *shown_used; /* one per shown name */
};

/* loading_read.c */
/* Reads one file and remembers its text; false when there is none or it cannot be read, and `why` says which. */
bool loading_read(struct loading *loading, enum source_kind kind, const char *name, const char *beside,
                  struct source_text *result, struct error *why);

/* Reads a fixture or pack; NULL when it is not there, or not valid (`reported` then). */
cJSON *loading_read_tree(struct loading *loading, enum source_kind kind, const char *name, const char *beside,
                         bool *reported);

/* The name of that kind, of all that there are, that is nearest to `name`. */
void loading_nearest(const struct loading *loading, enum source_kind kind, const char *name, struct nearest *nearest);

/* The scenario with all that it extends, merged. NULL, and mostly a problem, when one file cannot be had. */
cJSON *loading_read_scenario(struct loading *loading, const char *name);

/* loading_merge.c. Puts the extending file over the base; both trees are used up. */
cJSON *loading_merge(struct loading *loading, cJSON *base, cJSON *over);

/* load_machine.c */
void load_settings(struct loading *loading);
void load_states(struct loading *loading);
/* The index of a name among those that are shown; INDEX_NONE. */
int load_find_shown(const struct machine *machine, const char *name);
/* A list of states, or one; NULL holds always. */
struct state_set load_state_set(struct loading *loading, const cJSON *list);
struct amount load_amount(struct loading *loading, const cJSON *item, int64_t least_ms);
/* The state that a text names; INDEX_NONE, and a problem, when there is none. */
int load_state_name(struct loading *loading, const cJSON *item);
/* A plain value. Texts that are durations become so only where `durations` is set. */
bool load_value(struct loading *loading, const cJSON *item, bool durations, struct value *value);
/* How many members may be taken: a problem, and none, when there are too many. */
size_t load_count(const struct loading *loading, const cJSON *object, const char *what, size_t most);
bool load_has_control_character(const char *text);
/* Whether a setting's value may take the place of the one that it extends; a problem when not. */
bool load_setting_override(struct loading *loading, const cJSON *base, cJSON *over);
/* A new value for a setting that is there. */
bool load_setting_value(struct loading *loading, const cJSON *item, const struct setting *setting, struct value *value);

/* load_endpoints.c */
void load_endpoints(struct loading *loading);
uint32_t load_methods(struct loading *loading, const cJSON *item, uint32_t otherwise);
bool load_path_is_fine(const char *path);

/* load_events.c */
void load_events(struct loading *loading);
int load_event(struct loading *loading, const cJSON *item, const char *name);
/* A list of events and "@groups" of endpoints. */
bool load_event_set(struct loading *loading, const cJSON *list, struct event_set *set);
/* One of these. */
bool load_event_or_group(struct loading *loading, const cJSON *item, struct event_set *set);
void load_transitions(struct loading *loading);

/* load_answers.c */
void load_answers(struct loading *loading);
/* Whether an answer is always given where it is reached: those after it never are. */
bool guard_is_open(const struct guard *guard);
bool load_endpoint_set(struct loading *loading, const cJSON *item, const char *name, struct endpoint_set *set);
void load_calls(struct loading *loading, const cJSON *calls, struct guard *guard);
void load_between(struct loading *loading, const cJSON *between, struct guard *guard);

/* load_login.c */
void load_accounts(struct loading *loading);
uint32_t load_login_outcomes(struct loading *loading, const cJSON *item);

/* load_variants.c */
void load_variants(struct loading *loading);

/* load_pack.c */
bool load_pack(struct loading *loading); /* false when there is no such pack */
/* Names of replies, header sets and pages become file names. */
bool load_is_fixture_name(const char *name);
/* A file of the pack, or of what it extends; NULL when none has it (`reported` when it is not valid). */
cJSON *load_fixture_file(struct loading *loading, const char *folder, const char *name, bool *reported);
/* Whether this names a fixture or a file beside `item`'s; a problem when not. */
bool load_fixture_name(struct loading *loading, const cJSON *item, const char *name, const char *what);
/* What such a name means, in that folder of the pack or as a file beside; NULL, and a problem. */
const cJSON *load_fixture_tree(struct loading *loading, const cJSON *item, const char *name, const char *folder,
                               const char *what);
/* Both, of the name that `item` is. */
const cJSON *load_fixture(struct loading *loading, const cJSON *item, const char *folder, const char *what);

/* load_variables.c */
/* What states show, or a setting, of that name; false, and a problem, when there is neither. */
bool load_named_variable(struct loading *loading, const cJSON *item, struct variable *variable);

/* load_replies.c */
int load_reply(struct loading *loading, const cJSON *item, const char *name);
/* The "body", "text" … of a fixture. */
struct text_template load_fixture_body(struct loading *loading, const cJSON *tree);

/* load_stream.c */
void load_websocket(struct loading *loading);

/* load_timers.c */
void load_timer_names(struct loading *loading);
void load_timers(struct loading *loading);

/* load_time.c */
void load_rate_limits(struct loading *loading);
void load_timeline(struct loading *loading);
void load_clock(struct loading *loading);

/* load_catalogue.c */
void load_catalogue(struct loading *loading);

/* load_expect.c */
void load_expectations(struct loading *loading);
/* load_expect_checks.c */
/* What only the whole machine shows: `reached` are the states that something leads to. */
void load_expectation_checks(struct loading *loading, uint64_t reached);

/* load_faults.c */
void load_faults(struct loading *loading);
/* load_fault_checks.c */
void load_fault_checks(struct loading *loading, uint64_t reached);

/* load_met.c, once the faults are there */
void load_met(struct loading *loading);

/* load_checks.c */
void load_checks(struct loading *loading);
/* True when the file that was asked for says this itself. What it inherits, it may leave unused. */
bool load_is_own(const struct loading *loading, const cJSON *item);
/* Every region that a set of states mentions must have one of them within reach. */
bool load_set_is_reachable(const struct machine *machine, struct state_set set, uint64_t reached);

static inline void endpoint_set_add(struct endpoint_set *set, size_t endpoint)
{
	set->bits[endpoint / 64] |= 1ULL << (endpoint % 64);
}

static inline bool endpoint_set_is_empty(const struct endpoint_set *set)
{
	uint64_t any = 0;

	for (size_t i = 0; i < ENDPOINTS_MAX / 64; i++)
		any |= set->bits[i];
	return any == 0;
}

static inline void event_set_add(struct event_set *set, int event)
{
	set->bits[event / 64] |= 1ULL << (event % 64);
}

#endif
