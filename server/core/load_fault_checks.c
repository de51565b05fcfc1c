/*
 * What a fault says and cannot mean: parameters that exclude each other, conditions that its kind never comes to know,
 * bytes that no answer has, states that nothing leads to.
 */
#include "core/load_fault.h"

#include <inttypes.h>
#include <string.h>

/* ---- parameters ---- */

static const cJSON *parameter_of(const cJSON *kind, const char *name)
{
	return cJSON_IsObject(kind) ? json_member(kind, name) : NULL;
}

static const char *version_name(int64_t version)
{
	const struct fault_choice *choice = fault_choices(PARAMETER_VERSION);

	while (choice->name && choice->value != version)
		choice++;
	return choice->name ? choice->name : "none";
}

/* item: the kind's value, an object or "min" alone */
static void check_versions(struct loading *loading, const cJSON *item, const struct fault_values *values)
{
	if (!values->version_floor && !values->version_ceiling)
		reader_problem(&loading->reader, item, NULL, "\"%s\" must have \"min\", \"max\", or both",
		               item->string);
	else if (values->version_ceiling && values->version_floor > values->version_ceiling)
		reader_problem(&loading->reader, item, NULL,
		               "\"%s\" has \"min\" %s above \"max\" %s: no version is between them", item->string,
		               version_name(values->version_floor), version_name(values->version_ceiling));
}

/* Parameters that cannot all be meant. */
static void check_together(struct loading *loading, const cJSON *item, const struct fault *fault, size_t before)
{
	const struct fault_values *values = &fault->values;
	const cJSON *place = parameter_of(item, "of");

	if (place && values->bytes == 0)
		reader_key_problem(&loading->reader, place, NULL,
		                   "\"of\" says of what \"bytes\" are counted, and there are none");
	if (parameter_of(item, "at") && values->bytes > 0)
		reader_key_problem(&loading->reader, parameter_of(item, "at"), NULL,
		                   "\"at\" and \"bytes\" both say where: have one of them");
	if (values->average_size > 0 && values->size_variation >= values->average_size)
		reader_problem(&loading->reader, parameter_of(item, "size_variation"), NULL,
		               "\"size_variation\" must be less than \"average_size\", %" PRId64 ", found %" PRId64,
		               values->average_size, values->size_variation);
	if (fault->kind->parts == PART_VERSION && loading->reader.problems->total == before)
		check_versions(loading, item, values);
}

static void check_order(struct loading *loading, const cJSON *item, const struct fault *fault)
{
	if (fault->kind->parts & PART_WAIT && fault->values.upper_ms && fault->values.upper_ms < fault->values.lower_ms)
		reader_problem(&loading->reader, item, NULL, "\"%s\" has a least time above its greatest",
		               item->string);
}

/* ---- conditions ---- */

/* By what a kind looks at, which conditions have no meaning, and why. */
static const struct {
	const char *name;
	unsigned moments; /* one bit each */
	const char *why;
} meaningless[] = {
	{ "on", 1U << MOMENT_ACCEPT | 1U << MOMENT_HANDSHAKE | 1U << MOMENT_PORT,
	  "it acts on connections, before any of them has asked for an endpoint" },
	{ "server_name", 1U << MOMENT_CALL,
	  "a server's name is said in the handshake, and this acts on the calls that come after it" },
	{ "server_name", 1U << MOMENT_ACCEPT | 1U << MOMENT_PORT,
	  "it acts before the handshake, in which the server's name is said" },
	{ "retry_within", 1U << MOMENT_ACCEPT | 1U << MOMENT_HANDSHAKE | 1U << MOMENT_PORT,
	  "only a call can be told to be another's retry" },
	{ "calls", 1U << MOMENT_PORT, NULL },
	{ "every", 1U << MOMENT_PORT, NULL },
	{ "succeed_first", 1U << MOMENT_PORT, NULL },
	{ "succeedFirst", 1U << MOMENT_PORT, NULL },
	{ "fail_count", 1U << MOMENT_PORT, NULL },
	{ "failRequestCount", 1U << MOMENT_PORT, NULL },
	{ "once", 1U << MOMENT_PORT, NULL },
	{ "probability", 1U << MOMENT_PORT, NULL },
};

#define NOT_COUNTED                                                                                                    \
	"the port is so for all who come while the fault is in force, and nobody can count whom it never hears of; "   \
	"\"between\", \"for\", \"while\", \"after\" and \"until\" say when"

static void check_meaning(struct loading *loading, const cJSON *item, const struct fault_kind *kind)
{
	for (size_t i = 0; i < sizeof meaningless / sizeof *meaningless; i++) {
		const cJSON *condition = json_member(item, meaningless[i].name);

		if (condition && meaningless[i].moments >> kind->moment & 1U)
			reader_key_problem(&loading->reader, condition, NULL, "\"%s\" cannot have \"%s\": %s",
			                   kind->name, condition->string,
			                   meaningless[i].why ? meaningless[i].why : NOT_COUNTED);
	}
}

void check_fault(struct loading *loading, const cJSON *item, const cJSON *kind, const struct fault *fault,
                 size_t before)
{
	check_order(loading, kind, fault);
	check_together(loading, kind, fault, before);
	check_meaning(loading, item, fault->kind);
}

/* ---- bytes ---- */

/* What the wire adds at the most: to a body what frames chunks, to headers the status line, Connection and
 * Transfer-Encoding. */
#define CHUNKS_MOST 16
#define HEAD_MOST 176

/* The most bytes that an answer to one of these calls can have: of its body, or of all of it. */
static size_t longest_answer(const struct machine *machine, const struct endpoint_set *on, bool with_head)
{
	size_t longest = 0;

	for (size_t s = 0; s <= machine->state_count; s++) {
		for (size_t e = 0; e < machine->endpoint_count; e++) {
			const struct answer_list *list = &machine->answers[s * machine->endpoint_count + e];

			for (size_t i = 0; endpoint_set_has(on, e) && i < list->count; i++) {
				const struct reply_template *reply =
				    list->items[i].reply == INDEX_NONE ? NULL : &machine->replies[list->items[i].reply];
				const size_t length =
				    reply ? reply->body.size_most + (with_head ? reply->headers.size_most : 0) : 0;

				longest = length > longest ? length : longest;
			}
		}
	}
	return longest + (with_head ? HEAD_MOST : 0);
}

static bool gives_body(const struct fault_kind *kind)
{
	return kind && kind->parts & (PART_REPLY | PART_BODY);
}

/* Whether another fault, beside this one or in the scenario, gives answers a body of its own: of what length is not asked. */
static bool others_give_bodies(const struct machine *machine, const cJSON *item)
{
	const cJSON *other = item;

	for (size_t i = 0; i < machine->fault_count; i++)
		if (gives_body(machine->faults[i].kind))
			return true;
	while (other->prev && other->prev->next) /* the first one's prev is the last */
		other = other->prev;
	for (; other; other = other->next)
		for (const cJSON *member = other == item ? NULL : other->child; member; member = member->next)
			if (member->string && gives_body(fault_kind_find(member->string)))
				return true;
	return false;
}

void check_fault_bytes(struct loading *loading, const cJSON *item, const cJSON *kind, const struct fault *fault)
{
	const cJSON *bytes = cJSON_IsObject(kind) ? json_member(kind, "bytes") : kind;
	const bool is_cut = strcmp(fault->kind->name, "upstream_truncated") == 0;
	const bool is_less = strcmp(fault->kind->name, "content_length_too_short") == 0;
	const bool is_break =
	    strcmp(fault->kind->name, "reset_peer") == 0 || strcmp(fault->kind->name, "limit_data") == 0;
	const bool with_head = is_break && !fault->values.at_body;
	size_t longest;

	if (!cJSON_IsNumber(bytes) || (!is_cut && !is_less && !is_break) || endpoint_set_is_empty(&fault->on))
		return;
	longest = longest_answer(loading->machine, &fault->on, with_head) + (is_break ? CHUNKS_MOST : 0);
	if (fault->values.bytes < (int64_t)longest || (is_less && fault->values.bytes == (int64_t)longest) ||
	    others_give_bodies(loading->machine, item))
		return;
	reader_problem(&loading->reader, bytes, NULL,
	               "\"%s\" would never be seen: no answer here has %s of more than %zu bytes", fault->kind->name,
	               with_head ? "head and body" : "a body", longest);
}

/* ---- once the machine is whole ---- */

void load_fault_checks(struct loading *loading, uint64_t reached)
{
	const cJSON *faults = json_member(loading->tree, "faults");

	for (size_t i = 0; i < loading->machine->fault_count; i++) {
		const struct fault *fault = &loading->machine->faults[i];
		const cJSON *item = json_member(faults, fault->name);

		if (load_is_own(loading, item) && !load_set_is_reachable(loading->machine, fault->when, reached))
			reader_key_problem(&loading->reader, item, NULL,
			                   "fault \"%s\" can never act: nothing leads to the states in its \"while\"",
			                   fault->name);
	}
}
