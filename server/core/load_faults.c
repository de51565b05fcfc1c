/*
 * Faults. Each has one kind (load_fault_kind.c), calls or connections that it looks at, and says when (load_fault_when.c).
 */
#include "core/fault_read.h"
#include "core/load_fault.h"

#include <stdint.h>

#define FIELDS_MAX 160

/* `before` are the problems that there were when the fault began: a name that was misspelt has been named already. */
static const cJSON *find_kind(struct loading *loading, const cJSON *item, size_t before)
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
	if (!found && loading->reader.problems->total == before)
		reader_key_problem(
		    &loading->reader, item, NULL,
		    "a fault must say what goes wrong: \"upstream_status\", \"fixed\", \"empty_response\" …; "
		    "'cpgw-mock list faults' has them all");
	return found;
}

/* ---- where ---- */

static void keep_proxied(const struct machine *machine, struct endpoint_set *set)
{
	for (size_t i = 0; i < machine->endpoint_count; i++)
		if (!machine->endpoints[i].proxied)
			set->bits[i / 64] &= ~(1ULL << (i % 64));
}

static void load_one_place(struct loading *loading, const cJSON *item, struct fault *fault)
{
	struct endpoint_set one = { 0 };

	if (!reader_type(&loading->reader, item, "an endpoint", FIELD_TEXT) ||
	    !load_endpoint_set(loading, item, item->valuestring, &one))
		return;
	if (fault->kind->layer == LAYER_UPSTREAM) {
		keep_proxied(loading->machine, &one);
		if (endpoint_set_is_empty(&one))
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
	for (const struct field *field = load_fault_when_fields; field->name; field++)
		fields[count++] = *field;
	for (const struct fault_kind *each = fault_kinds; each->name; each++) {
		fields[count++] = (struct field){ each->name, FIELD_ANY, false };
		if (each->alias)
			fields[count++] = (struct field){ each->alias, FIELD_ANY, false };
	}
	if (!reader_object(&loading->reader, item, "a fault", fields))
		return false;
	kind = find_kind(loading, item, before);
	if (!kind)
		return false;
	fault->name = reader_copy(&loading->reader, item->string);
	fault->kind = fault_kind_find(kind->string);
	load_fault_kind(loading, kind, fault->kind, &fault->values);
	check_fault(loading, item, kind, fault, before);
	load_fault_when(loading, item, fault);
	load_places(loading, item, fault);
	check_fault_bytes(loading, item, kind, fault);
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

bool fault_read(const struct reader *reader, const struct machine *machine, const cJSON *item, struct fault *fault)
{
	/* Nothing that a fault says changes the machine. */
	struct loading loading = { .reader = *reader, .machine = (struct machine *)(uintptr_t)machine };

	loading.group_count = machine->group_count;
	for (size_t i = 0; i < machine->group_count; i++)
		loading.groups[i] = machine->groups[i];
	return load_fault(&loading, item, fault);
}
