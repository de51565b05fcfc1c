/*
 * Faults. Each has one kind, which the table in fault_kinds.c describes; the rest says which calls it looks at, and when.
 */
#include "core/fault_read.h"
#include "core/loading.h"
#include "core/names.h"
#include "core/setting.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NAMES (FIELD_TEXT | FIELD_LIST)

static const struct field when_fields[] = {
	{ "on", NAMES, false },
	{ "server_name", FIELD_TEXT, false },
	{ "calls", FIELD_TEXT | FIELD_NUMBER, false },
	{ "every", FIELD_NUMBER, false },
	{ "succeed_first", FIELD_NUMBER, false },
	{ "succeedFirst", FIELD_NUMBER, false },
	{ "fail_count", FIELD_NUMBER, false },
	{ "failRequestCount", FIELD_NUMBER, false },
	{ "once", FIELD_BOOL, false },
	{ "probability", FIELD_NUMBER, false },
	{ "between", FIELD_TEXT, false },
	{ "for", FIELD_TEXT, false },
	{ "while", NAMES, false },
	{ "after", NAMES, false },
	{ "until", NAMES, false },
	{ "retry_within", FIELD_TEXT, false },
	{ 0 },
};

#define FIELDS_MAX 160

/* ---- what a kind's parameters are ---- */

static const unsigned parameter_types[] = {
	[PARAMETER_INTEGER] = FIELD_NUMBER,
	[PARAMETER_FRACTION] = FIELD_NUMBER,
	[PARAMETER_DURATION] = FIELD_TEXT,
	[PARAMETER_TEXT] = FIELD_TEXT,
	[PARAMETER_BODY] = FIELD_TEXT | FIELD_OBJECT | FIELD_LIST,
	[PARAMETER_FLAG] = FIELD_BOOL,
	[PARAMETER_REPLY] = FIELD_TEXT,
	[PARAMETER_CHANGES] = FIELD_OBJECT,
	[PARAMETER_PLACE] = FIELD_TEXT,
	[PARAMETER_SCOPE] = FIELD_TEXT,
	[PARAMETER_ENDING] = FIELD_TEXT,
	[PARAMETER_VERSION] = FIELD_TEXT,
	[PARAMETER_ALERT] = FIELD_TEXT | FIELD_NUMBER,
};

static void *place_of(struct fault_values *values, const struct fault_parameter *parameter)
{
	return (char *)values + parameter->field;
}

static void set_number(struct fault_values *values, const struct fault_parameter *parameter, int64_t number)
{
	memcpy(place_of(values, parameter), &number, sizeof number);
}

/* "0.07" as so many `parts`; a problem when it is out of bounds. */
static bool load_fraction(struct loading *loading, const cJSON *item, int64_t parts, int64_t least, int64_t most,
                          int64_t *result)
{
	const double number = item->valuedouble * (double)parts;
	/* Half a part more or less is how a double says the same. */
	if (number < (double)least - 0.5 || number > (double)most + 0.5) {
		reader_problem(&loading->reader, item, NULL, "\"%s\" must be from %g to %g", item->string,
		               (double)least / (double)parts, (double)most / (double)parts);
		return false;
	}
	*result = (int64_t)(number + 0.5);
	return true;
}

static void load_text(struct loading *loading, const cJSON *item, const char **result)
{
	if (setting_text_is_fine(item->valuestring))
		*result = reader_copy(&loading->reader, item->valuestring);
	else
		reader_problem(&loading->reader, item, NULL,
		               "a text here has at most %d bytes and no control characters", SETTING_TEXT_MAX);
}

static void load_body(struct loading *loading, const cJSON *item, struct span *body)
{
	char *printed = cJSON_IsString(item) ? NULL : cJSON_PrintUnformatted(item);
	const char *text = printed ? printed : cJSON_IsString(item) ? item->valuestring : "";
	const size_t length = strlen(text);

	if (length <= FAULT_BODY_MAX)
		*body = (struct span){ .at = reader_copy(&loading->reader, text), .length = length };
	else
		reader_problem(&loading->reader, item, NULL, "a body here has at most %d bytes, found %zu",
		               FAULT_BODY_MAX, length);
	cJSON_free(printed);
}

static void load_choice(struct loading *loading, const cJSON *item, const struct fault_choice *choices, int64_t *result)
{
	struct buffer wanted = { 0 };
	struct nearest nearest;

	nearest_begin(&nearest, item->valuestring);
	for (const struct fault_choice *choice = choices; choice->name; choice++) {
		if (strcmp(choice->name, item->valuestring) == 0) {
			*result = choice->value;
			buffer_release(&wanted);
			return;
		}
		nearest_offer(&nearest, choice->name);
		buffer_add_format(&wanted, "%s\"%s\"",
		                  choice == choices ? ""
		                  : choice[1].name  ? ", "
		                                    : " or ",
		                  choice->name);
	}
	reader_problem(&loading->reader, item, nearest.best, "\"%s\" must be %s, found \"%s\"", item->string,
	               wanted.data ? wanted.data : "", item->valuestring);
	buffer_release(&wanted);
}

static void load_alert(struct loading *loading, const cJSON *item, int64_t *number)
{
	struct nearest nearest;

	nearest_begin(&nearest, item->valuestring);
	for (const struct fault_choice *alert = fault_choices(PARAMETER_ALERT); alert->name; alert++) {
		if (strcmp(alert->name, item->valuestring) == 0) {
			*number = alert->value;
			return;
		}
		nearest_offer(&nearest, alert->name);
	}
	reader_problem(&loading->reader, item, nearest.best,
	               "\"%s\" must be the name of an alert of TLS, such as \"handshake_failure\", or its number, "
	               "found \"%s\"",
	               item->string, item->valuestring);
}

/* While a gateway runs there are no files to be read: what the machine already uses can be named. */
static void load_reply_of(struct loading *loading, const cJSON *item, int64_t *reply)
{
	struct nearest nearest;

	if (loading->source) {
		*reply = load_reply(loading, item, item->valuestring);
		return;
	}
	nearest_begin(&nearest, item->valuestring);
	for (size_t i = 0; i < loading->machine->reply_count; i++) {
		nearest_offer(&nearest, loading->machine->replies[i].name);
		if (strcmp(loading->machine->replies[i].name, item->valuestring) == 0)
			*reply = (int64_t)i;
	}
	if (*reply == INDEX_NONE)
		reader_problem(&loading->reader, item, nearest.best,
		               "the scenario uses no reply \"%s\", and a gateway that runs can only be given these",
		               item->valuestring);
}

/* RFC 9110 section 5.6.2. */
static bool is_header_name(const char *name)
{
	static const char allowed[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	const size_t length = strlen(name);

	return length > 0 && length <= NAME_LENGTH_MAX && strspn(name, allowed) == length;
}

static void load_change(struct loading *loading, const cJSON *item, struct header_change *change)
{
	if (!is_header_name(item->string)) {
		reader_key_problem(&loading->reader, item, NULL, "this is no name of a header");
		return;
	}
	if (!reader_type(&loading->reader, item, "a header", FIELD_TEXT | FIELD_NULL))
		return;
	change->name = reader_copy(&loading->reader, item->string);
	if (cJSON_IsString(item))
		load_text(loading, item, &change->value);
}

static void load_changes(struct loading *loading, const cJSON *item, struct fault_values *values)
{
	const size_t count = load_count(loading, item, "headers", FAULT_CHANGES_MAX);
	struct header_change *changes = arena_alloc(loading->reader.arena, (count + 1) * sizeof *changes);

	values->changes = changes;
	for (const cJSON *each = count ? item->child : NULL; each; each = each->next)
		load_change(loading, each, &changes[values->change_count++]);
	if (!item->child)
		reader_problem(&loading->reader, item, NULL, "\"%s\" must name at least one header", item->string);
}

static void load_parameter(struct loading *loading, const cJSON *item, const struct fault_parameter *parameter,
                           struct fault_values *values)
{
	void *place = place_of(values, parameter);
	char what[NAME_LENGTH_MAX + 3];
	int64_t number = 0;

	snprintf(what, sizeof what, "\"%s\"", item->string);
	switch (parameter->type) {
	case PARAMETER_INTEGER:
		if (reader_integer(&loading->reader, item, what, parameter->least, parameter->most, &number))
			set_number(values, parameter, number);
		break;
	case PARAMETER_FRACTION:
		if (load_fraction(loading, item, 1000, parameter->least, parameter->most, &number))
			set_number(values, parameter, number);
		break;
	case PARAMETER_DURATION:
		if (!reader_duration(&loading->reader, item, parameter->least, &number))
			break;
		if (number > parameter->most)
			reader_problem(&loading->reader, item, NULL, "%s must be at most %" PRId64 " ms", what,
			               parameter->most);
		set_number(values, parameter, number);
		break;
	case PARAMETER_TEXT:
		load_text(loading, item, place);
		break;
	case PARAMETER_BODY:
		load_body(loading, item, place);
		break;
	case PARAMETER_FLAG:
		set_number(values, parameter, cJSON_IsTrue(item) != 0);
		break;
	case PARAMETER_REPLY:
		load_reply_of(loading, item, place);
		break;
	case PARAMETER_CHANGES:
		load_changes(loading, item, values);
		break;
	case PARAMETER_PLACE:
	case PARAMETER_SCOPE:
	case PARAMETER_ENDING:
	case PARAMETER_VERSION:
		load_choice(loading, item, fault_choices(parameter->type), place);
		break;
	case PARAMETER_ALERT:
		if (cJSON_IsString(item))
			load_alert(loading, item, place);
		else if (reader_integer(&loading->reader, item, what, parameter->least, parameter->most, &number))
			set_number(values, parameter, number);
		break;
	case PARAMETER_TYPE_COUNT:
		break;
	}
}

/* ---- the kind ---- */

static bool is_changes(const struct fault_kind *kind)
{
	return kind->parameters[0].name && kind->parameters[0].type == PARAMETER_CHANGES;
}

/* An object of parameters, each by its name or by what other programs call it. */
static void load_parameters(struct loading *loading, const cJSON *item, const struct fault_kind *kind,
                            struct fault_values *values)
{
	struct field fields[2 * FAULT_PARAMETERS_MAX + 1] = { 0 };
	char what[NAME_LENGTH_MAX + 3];
	size_t count = 0;

	for (const struct fault_parameter *parameter = kind->parameters; parameter->name; parameter++) {
		fields[count++] = (struct field){ parameter->name, parameter_types[parameter->type], false };
		if (parameter->alias)
			fields[count++] = (struct field){ parameter->alias, parameter_types[parameter->type], false };
	}
	snprintf(what, sizeof what, "\"%s\"", kind->name);
	if (!reader_object(&loading->reader, item, what, fields))
		return;
	for (const struct fault_parameter *parameter = kind->parameters; parameter->name; parameter++) {
		const cJSON *plain = json_member(item, parameter->name);
		const cJSON *other = parameter->alias ? json_member(item, parameter->alias) : NULL;

		if (plain && other)
			reader_key_problem(&loading->reader, other, NULL, "\"%s\" and \"%s\" are the same",
			                   parameter->name, parameter->alias);
		else if (plain || other)
			load_parameter(loading, plain ? plain : other, parameter, values);
		else if (parameter->required)
			reader_problem(&loading->reader, item, NULL, "%s must have \"%s\": %s", what, parameter->name,
			               parameter->says);
	}
}

/* true, the first parameter, or an object of parameters. */
static void load_kind_value(struct loading *loading, const cJSON *item, const struct fault_kind *kind,
                            struct fault_values *values)
{
	const struct fault_parameter *first = &kind->parameters[0];
	char what[NAME_LENGTH_MAX + 3];

	if (cJSON_IsTrue(item) && !(first->name && first->required))
		return;
	if (cJSON_IsFalse(item)) {
		reader_problem(&loading->reader, item, NULL,
		               "false is no fault; null instead of the whole takes one away that is inherited");
		return;
	}
	if (cJSON_IsObject(item) && !is_changes(kind)) {
		load_parameters(loading, item, kind, values);
		return;
	}
	snprintf(what, sizeof what, "\"%s\"", item->string);
	if (first->name && reader_type(&loading->reader, item, what,
	                               parameter_types[first->type] | (is_changes(kind) ? 0U : FIELD_OBJECT)))
		load_parameter(loading, item, first, values);
	else if (!first->name)
		reader_problem(&loading->reader, item, NULL, "\"%s\" has no parameters: wanted true", item->string);
}

static void load_defaults(const struct fault_kind *kind, struct fault_values *values)
{
	*values = (struct fault_values){ .reply = INDEX_NONE };
	for (const struct fault_parameter *parameter = kind->parameters; parameter->name; parameter++)
		if (parameter->otherwise != 0)
			set_number(values, parameter, parameter->otherwise);
}

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

static const cJSON *find_kind(struct loading *loading, const cJSON *item)
{
	const cJSON *found = NULL;

	for (const cJSON *member = item->child; member; member = member->next) {
		if (!fault_kind_find(member->string))
			continue;
		if (found) {
			reader_key_problem(&loading->reader, member, NULL,
			                   "\"%s\" and \"%s\" are two faults: say each by itself", found->string,
			                   member->string);
			return NULL;
		}
		found = member;
	}
	if (!found)
		reader_key_problem(
		    &loading->reader, item, NULL,
		    "a fault must say what goes wrong: \"upstream_status\", \"fixed\", \"empty_response\" …; "
		    "'cpgw-mock list faults' has them all");
	return found;
}

/* ---- conditions that cannot be meant ---- */

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

/* ---- when ---- */

static void load_names(struct loading *loading, const cJSON *names, struct event_set *set)
{
	const bool many = cJSON_IsArray(names);

	if (many && !names->child)
		reader_problem(&loading->reader, names, NULL, "\"%s\" must name at least one event", names->string);
	for (const cJSON *item = many ? names->child : names; item; item = many ? item->next : NULL)
		load_event_or_group(loading, item, set);
}

/* A number by either of its names. */
static bool load_number(struct loading *loading, const cJSON *object, const char *name, const char *alias,
                        int64_t *number)
{
	const cJSON *item = json_member(object, name);
	char what[NAME_LENGTH_MAX + 3];

	if (!item && alias)
		item = json_member(object, alias);
	if (!item)
		return false;
	snprintf(what, sizeof what, "\"%s\"", item->string);
	return reader_integer(&loading->reader, item, what, 1, INT32_MAX, number);
}

/* "succeed_first": 3, "fail_count": 2 is "calls": "4..5". */
static void load_turns(struct loading *loading, const cJSON *item, struct fault *fault)
{
	const cJSON *calls = json_member(item, "calls");
	struct guard guard = { 0 };
	int64_t succeed = 0;
	int64_t fail = 0;
	int64_t every = 0;
	const bool has_succeed = load_number(loading, item, "succeed_first", "succeedFirst", &succeed);
	const bool has_fail = load_number(loading, item, "fail_count", "failRequestCount", &fail);

	if (load_number(loading, item, "every", NULL, &every))
		fault->every = (uint32_t)every;
	if (calls && (has_succeed || has_fail)) {
		reader_key_problem(&loading->reader, calls, NULL,
		                   "\"calls\" says the same as \"succeed_first\" and \"fail_count\": have one of them");
		return;
	}
	if (calls)
		load_calls(loading, calls, &guard);
	if (has_succeed || has_fail) {
		guard.calls_from = (uint32_t)succeed + 1;
		guard.calls_to = has_fail ? (uint32_t)(succeed + fail) : 0;
	}
	fault->calls_from = guard.calls_from;
	fault->calls_to = guard.calls_to;
}

/* RFC 6066 section 3: a host name, in any case. */
static void load_server_name(struct loading *loading, const cJSON *item, struct fault *fault)
{
	static const char allowed[] = "-.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	const cJSON *name = json_member(item, "server_name");

	if (!name)
		return;
	if (name->valuestring[0] && name->valuestring[strspn(name->valuestring, allowed)] == '\0')
		fault->server_name = reader_copy(&loading->reader, name->valuestring);
	else
		reader_problem(&loading->reader, name, NULL, "\"server_name\" must be the name of a host, found \"%s\"",
		               name->valuestring);
}

static void load_when(struct loading *loading, const cJSON *item, struct fault *fault)
{
	const cJSON *between = json_member(item, "between");
	const cJSON *span = json_member(item, "for");
	const cJSON *probability = json_member(item, "probability");
	const cJSON *after = json_member(item, "after");
	const cJSON *until = json_member(item, "until");
	const cJSON *retry = json_member(item, "retry_within");
	struct guard guard = { 0 };
	int64_t threshold = FAULT_DRAWS;

	load_turns(loading, item, fault);
	fault->once = reader_flag(item, "once", false);
	if (probability)
		load_fraction(loading, probability, FAULT_DRAWS, 1, FAULT_DRAWS, &threshold);
	fault->threshold = (uint32_t)threshold;
	if (between)
		load_between(loading, between, &guard);
	fault->from_ms = guard.from_ms;
	fault->to_ms = guard.to_ms;
	if (span)
		reader_duration(&loading->reader, span, 1, &fault->for_ms);
	if (retry)
		reader_duration(&loading->reader, retry, 1, &fault->retry_ms);
	fault->when = load_state_set(loading, json_member(item, "while"));
	load_server_name(loading, item, fault);
	fault->has_after = after != NULL;
	if (after)
		load_names(loading, after, &fault->after);
	if (until)
		load_names(loading, until, &fault->until);
}

/* ---- where ---- */

static void keep_proxied(const struct machine *machine, struct endpoint_set *set)
{
	for (size_t i = 0; i < machine->endpoint_count; i++)
		if (!machine->endpoints[i].proxied)
			set->bits[i / 64] &= ~(1ULL << (i % 64));
}

static bool is_empty(const struct endpoint_set *set)
{
	uint64_t any = 0;

	for (size_t i = 0; i < ENDPOINTS_MAX / 64; i++)
		any |= set->bits[i];
	return any == 0;
}

static void load_one_place(struct loading *loading, const cJSON *item, struct fault *fault)
{
	struct endpoint_set one = { 0 };

	if (!reader_type(&loading->reader, item, "an endpoint", FIELD_TEXT) ||
	    !load_endpoint_set(loading, item, item->valuestring, &one))
		return;
	if (fault->kind->layer == LAYER_UPSTREAM) {
		keep_proxied(loading->machine, &one);
		if (is_empty(&one))
			reader_problem(
			    &loading->reader, item, NULL,
			    "\"%s\" cannot act on \"%s\": the gateway answers it itself, without the upstream",
			    fault->kind->name, item->valuestring);
	}
	for (size_t i = 0; i < ENDPOINTS_MAX / 64; i++)
		fault->on.bits[i] |= one.bits[i];
}

static void load_places(struct loading *loading, const cJSON *fault_item, struct fault *fault)
{
	const cJSON *on = json_member(fault_item, "on");
	const bool many = cJSON_IsArray(on);

	if (fault->kind->moment != MOMENT_CALL)
		return;
	if (!on) {
		reader_key_problem(&loading->reader, fault_item, NULL,
		                   "\"%s\" must have \"on\": the calls that it acts on", fault->kind->name);
		return;
	}
	if (many && !on->child)
		reader_problem(&loading->reader, on, NULL, "\"on\" must name at least one endpoint");
	for (const cJSON *item = many ? on->child : on; item; item = many ? item->next : NULL)
		load_one_place(loading, item, fault);
}

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

/* A fault at a byte that no answer has would never be seen. */
static void check_bytes(struct loading *loading, const cJSON *kind, const struct fault *fault)
{
	const cJSON *bytes = cJSON_IsObject(kind) ? json_member(kind, "bytes") : kind;
	const bool is_cut = strcmp(fault->kind->name, "upstream_truncated") == 0;
	const bool is_less = strcmp(fault->kind->name, "content_length_too_short") == 0;
	const bool is_break =
	    strcmp(fault->kind->name, "reset_peer") == 0 || strcmp(fault->kind->name, "limit_data") == 0;
	const bool with_head = is_break && !fault->values.at_body;
	size_t longest;

	if (!cJSON_IsNumber(bytes) || (!is_cut && !is_less && !is_break) || is_empty(&fault->on))
		return;
	longest = longest_answer(loading->machine, &fault->on, with_head) + (is_break ? CHUNKS_MOST : 0);
	if (fault->values.bytes < (int64_t)longest || (is_less && fault->values.bytes == (int64_t)longest))
		return;
	reader_problem(&loading->reader, bytes, NULL,
	               "\"%s\" would never be seen: no answer here has %s of more than %zu bytes", fault->kind->name,
	               with_head ? "head and body" : "a body", longest);
}

/* ---- the whole ---- */

static bool load_fault(struct loading *loading, const cJSON *item, struct fault *fault)
{
	const size_t before = loading->reader.problems->total;
	struct field fields[FIELDS_MAX] = { 0 };
	size_t count = 0;
	const cJSON *kind;
	char *text;

	*fault = (struct fault){ 0 };
	if (!reader_name(&loading->reader, item, "a fault"))
		return false;
	for (const struct field *field = when_fields; field->name; field++)
		fields[count++] = *field;
	for (const struct fault_kind *each = fault_kinds; each->name; each++) {
		fields[count++] = (struct field){ each->name, FIELD_ANY, false };
		if (each->alias)
			fields[count++] = (struct field){ each->alias, FIELD_ANY, false };
	}
	if (!reader_object(&loading->reader, item, "a fault", fields))
		return false;
	kind = find_kind(loading, item);
	if (!kind)
		return false;
	fault->name = reader_copy(&loading->reader, item->string);
	fault->kind = fault_kind_find(kind->string);
	load_defaults(fault->kind, &fault->values);
	load_kind_value(loading, kind, fault->kind, &fault->values);
	check_order(loading, kind, fault);
	check_together(loading, kind, fault, before);
	check_meaning(loading, item, fault->kind);
	load_when(loading, item, fault);
	load_places(loading, item, fault);
	check_bytes(loading, kind, fault);
	text = cJSON_PrintUnformatted(item);
	fault->text = reader_copy(&loading->reader, text ? text : "{}");
	cJSON_free(text);
	return loading->reader.problems->total == before;
}

void load_faults(struct loading *loading)
{
	struct machine *machine = loading->machine;
	const cJSON *faults = json_member(loading->tree, "faults");
	const size_t count = faults ? load_count(loading, faults, "faults", FAULTS_MAX) : 0;

	if (count == 0)
		return;
	machine->faults = arena_alloc(machine->arena, count * sizeof *machine->faults);
	for (const cJSON *item = faults->child; item; item = item->next)
		if (load_fault(loading, item, &machine->faults[machine->fault_count]))
			machine->fault_count++;
}

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

bool fault_read(const struct reader *reader, const struct machine *machine, const cJSON *item, struct fault *fault)
{
	/* Nothing that a fault says changes the machine. */
	struct loading loading = { .reader = *reader, .machine = (struct machine *)(uintptr_t)machine };

	loading.group_count = machine->group_count;
	for (size_t i = 0; i < machine->group_count; i++)
		loading.groups[i] = machine->groups[i];
	return load_fault(&loading, item, fault);
}
