/* Why: tests that run side by side share one process and nothing else. What one gateway is, is named, is given or loses
 * must not reach another; and whoever can reach the control API must not reach the disk. */
#include "control/registry.h"

#include "support/registry_stage.h"

#include <criterion/criterion.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

TestSuite(control_registry, .timeout = 300);

/* ---- names ---- */

Test(control_registry, the_first_is_there_by_its_usual_name)
{
	struct entry *first = begin("gateway");

	cr_assert_str_eq(first->name, REGISTRY_FIRST_NAME);
	cr_assert_eq(registry_first(registry), first);
	cr_assert_eq(registry_find(registry, "default"), first);
	cr_assert_null(registry_find(registry, "defaul"));
	cr_assert_null(registry_find(registry, ""));
	cr_assert_eq(first->ordinal, 0);
	cr_assert_neq(first->gateway->port, 0);
	end();
}

Test(control_registry, others_are_found_by_name_and_have_ports_of_their_own)
{
	struct entry *first = begin("gateway");
	struct entry *a = add(&(struct entry_request){ .name = "a" });
	struct entry *b = add(&(struct entry_request){ .name = "B-2_x.y" });

	cr_assert_eq(registry_find(registry, "a"), a);
	cr_assert_eq(registry_find(registry, "B-2_x.y"), b);
	cr_assert_neq(a->gateway->port, b->gateway->port);
	cr_assert_neq(a->gateway->port, first->gateway->port);
	cr_assert_eq(registry_count(registry), 3);
	end();
}

Test(control_registry, one_without_a_name_gets_one_that_nobody_has)
{
	begin("gateway");
	add(&(struct entry_request){ .name = "gateway-2" });
	cr_assert_str_eq(add(&(struct entry_request){ 0 })->name, "gateway-3");
	cr_assert_str_eq(add(&(struct entry_request){ .name = "gateway-5" })->name, "gateway-5");
	cr_assert_str_eq(add(&(struct entry_request){ 0 })->name, "gateway-4");
	cr_assert_str_eq(add(&(struct entry_request){ 0 })->name, "gateway-6");
	end();
}

static const char *const no_names[] = { "", ".", "..", ".a", "-a", "a/b", "a b", "a%", "\xc3\xa4", "a\n" };

Test(control_registry, what_is_no_name_is_refused)
{
	char name[NAME_LENGTH_MAX + 2];

	begin("gateway");
	for (size_t i = 0; i < COUNT(no_names); i++)
		refuses(&(struct entry_request){ .name = no_names[i] }, REGISTRY_BAD_NAME);
	memset(name, 'x', sizeof name);
	name[NAME_LENGTH_MAX + 1] = '\0';
	refuses(&(struct entry_request){ .name = name }, REGISTRY_BAD_NAME);
	name[NAME_LENGTH_MAX] = '\0';
	add(&(struct entry_request){ .name = name });
	end();
}

Test(control_registry, a_name_is_had_once_and_may_be_had_again)
{
	struct entry *entry;

	begin("gateway");
	entry = add(&(struct entry_request){ .name = "a" });
	refuses(&(struct entry_request){ .name = "a" }, REGISTRY_NAME_TAKEN);
	refuses(&(struct entry_request){ .name = "default" }, REGISTRY_NAME_TAKEN);
	registry_remove(registry, entry);
	cr_assert_null(registry_find(registry, "a"));
	add(&(struct entry_request){ .name = "a" });
	end();
}

static void add_number(void *context, struct entry *entry)
{
	struct buffer *out = context;

	buffer_add_format(out, "%s ", entry->name);
	if (strcmp(entry->name, "b") == 0)
		registry_remove(registry, entry);
}

Test(control_registry, they_are_told_in_the_order_of_their_making_even_while_one_is_removed)
{
	struct buffer names = { 0 };

	begin("gateway");
	add(&(struct entry_request){ .name = "b" });
	add(&(struct entry_request){ .name = "a" });
	registry_each(registry, add_number, &names);
	cr_assert_str_eq(names.data, "default b a ");
	buffer_clear(&names);
	add(&(struct entry_request){ .name = "c" });
	registry_each(registry, add_number, &names);
	cr_assert_str_eq(names.data, "default a c ");
	buffer_release(&names);
	end();
}

Test(control_registry, there_is_an_end_to_their_number)
{
	struct entry *last = NULL;

	begin("gateway");
	while (registry_count(registry) < GATEWAYS_MAX) {
		if (registry_add(registry, &(struct entry_request){ 0 }, &last, &problems, &failure) == REGISTRY_OK)
			continue;
		end();
		cr_skip("this machine gives too few descriptors");
	}
	refuses(&(struct entry_request){ .name = "one-more" }, REGISTRY_FULL);
	registry_remove(registry, last);
	last = add(&(struct entry_request){ .name = "one-more" });
	cr_assert_eq(registry_find(registry, "one-more"), last);
	end();
}

/* ---- scenarios ---- */

Test(control_registry, a_scenario_is_compiled_once)
{
	struct entry *first = begin("gateway");
	struct entry *a = add(&(struct entry_request){ .scenario = "other" });
	const struct stage_machine *other = a->machine;

	cr_assert_eq(add(&(struct entry_request){ 0 })->machine, first->machine);
	cr_assert_eq(add(&(struct entry_request){ .scenario = "gateway" })->machine, first->machine);
	cr_assert_neq(other, first->machine);
	registry_remove(registry, a);
	/* Its file may go: it is not read again. */
	memory_source_add(&memory, "other.json", "nonsense");
	cr_assert_eq(add(&(struct entry_request){ .scenario = "other" })->machine, other);
	end();
}

Test(control_registry, with_another_pack_it_is_another)
{
	struct entry *first = begin("gateway");
	struct entry *other = add(&(struct entry_request){ .pack = "2027" });

	cr_assert_neq(other->machine, first->machine);
	cr_assert_str_eq(other->machine->machine.pack, "2027");
	cr_assert_eq(add(&(struct entry_request){ .scenario = "gateway", .pack = "2027" })->machine, other->machine);
	end();
}

Test(control_registry, a_scenario_that_is_not_there_names_the_nearest)
{
	begin("gateway");
	refuses(&(struct entry_request){ .scenario = "gatewy" }, REGISTRY_NO_SCENARIO);
	cr_assert_str_eq(problems.items[0].nearest, "gateway");
	refuses(&(struct entry_request){ .pack = "2026x" }, REGISTRY_NO_SCENARIO);
	cr_assert_eq(strncmp(problems.items[0].nearest, "202", 3), 0);
	end();
}

Test(control_registry, a_whole_scenario_belongs_to_who_sent_it)
{
	struct entry *a;
	struct entry *b;

	begin("gateway");
	a = add(&(struct entry_request){ .body = span_of("{ \"extends\": \"gateway\", \"initial\": [\"in\"] }") });
	b = add(&(struct entry_request){ .body = span_of("{ \"extends\": \"gateway\", \"initial\": [\"in\"] }") });
	cr_assert_neq(a->machine, b->machine);
	cr_assert_str_eq(a->machine->machine.name, MACHINES_BODY_NAME);
	cr_assert_str_eq(state_of(a), "in");
	registry_remove(registry, a);
	raise_event(b, "logout");
	cr_assert_str_eq(state_of(b), "out");
	end();
}

static size_t machine_count(const struct machines *machines)
{
	size_t count = 0;

	for (const struct stage_machine *machine = machines->list; machine; machine = machine->next)
		count++;
	return count;
}

Test(control_registry, and_goes_with_the_last_who_runs_it_while_the_rest_is_kept)
{
	const struct machine_wanted body = { .body = span_of("{ \"extends\": \"gateway\" }") };
	const struct machine_wanted named = { .scenario = "other" };
	struct machines machines;
	struct stage_machine *machine;
	bool is_there;

	begin_server();
	cr_assert(machines_init(&machines, &source, "gateway", NULL, &problems));
	machine = machines_use(machines_get(&machines, &body, &is_there, &problems));
	cr_assert_eq(machine_count(&machines), 2);
	machines_leave(&machines, machine);
	cr_assert_eq(machine_count(&machines), 2);
	machines_leave(&machines, machine);
	cr_assert_eq(machine_count(&machines), 1);
	machines_leave(&machines, machines_get(&machines, &named, &is_there, &problems));
	cr_assert_eq(machine_count(&machines), 2);
	machines_release(&machines);
	end();
}

Test(control_registry, what_is_wrong_with_it_is_told_with_its_place)
{
	begin("gateway");
	refuses(&(struct entry_request){ .body = span_of("{ \"extends\": \"gateway\", \"initial\": [\"inn\"] }") },
	        REGISTRY_BAD_SCENARIO);
	cr_assert_str_eq(problems.items[0].file, MACHINES_BODY_NAME);
	cr_assert_eq(problems.items[0].line, 1);
	cr_assert_str_eq(problems.items[0].nearest, "in");
	refuses(&(struct entry_request){ .body = span_of("") }, REGISTRY_BAD_SCENARIO);
	refuses(&(struct entry_request){ .body = span_of("{ \"extends\": \"(body)\" }") }, REGISTRY_BAD_SCENARIO);
	end();
}

/* ---- the disk ---- */

static const struct {
	const char *scenario;
	const char *pack;
	const char *body;
} reaches[] = {
	{ "./mine", NULL, NULL },
	{ "./mine.json", NULL, NULL },
	{ "mine.json", NULL, NULL },
	{ "mine", NULL, NULL },
	{ "../mine.json", NULL, NULL },
	{ "/etc/passwd", NULL, NULL },
	{ "/proc/self/environ.json", NULL, NULL },
	{ "other/../mine", NULL, NULL },
	{ "gateway.json", NULL, NULL },
	{ "gateway\n2027", NULL, NULL },
	{ "", NULL, NULL },
	{ MACHINES_BODY_NAME, NULL, NULL },
	{ NULL, "./mine", NULL },
	{ NULL, "mine", NULL },
	{ NULL, "/mine", NULL },
	{ NULL, "", NULL },
	{ NULL, NULL, "{ \"extends\": \"./mine\" }" },
	{ NULL, NULL, "{ \"extends\": \"mine.json\" }" },
	{ NULL, NULL, "{ \"extends\": \"/mine.json\" }" },
	{ NULL, NULL, "{ \"extends\": \"gateway\", \"fixtures\": \"./mine\" }" },
	{ NULL, NULL, "{ \"extends\": \"gateway\", \"fixtures\": \"mine\" }" },
	{ NULL, NULL, "{ \"extends\": \"gateway\", \"endpoints\": { \"front\": { \"answer\": \"./mine.json\" } } }" },
	{ NULL, NULL, "{ \"extends\": \"gateway\", \"endpoints\": { \"front\": { \"answer\": \"/mine.json\" } } }" },
};

static void reach(size_t i, struct entry *first)
{
	const struct entry_request request = {
		.scenario = reaches[i].scenario,
		.pack = reaches[i].pack,
		.body = reaches[i].body ? span_of(reaches[i].body) : (struct span){ 0 },
	};
	struct entry *entry;
	enum registry_outcome outcome;

	problems_release(&problems);
	paths_read = 0;
	outcome = registry_add(registry, &request, &entry, &problems, &failure);
	cr_assert(outcome == REGISTRY_NO_SCENARIO || outcome == REGISTRY_BAD_SCENARIO, "row %zu", i);
	cr_assert_gt(problems.total, 0, "row %zu", i);
	outcome = registry_load(registry, first, &request, &problems, &failure);
	cr_assert(outcome == REGISTRY_NO_SCENARIO || outcome == REGISTRY_BAD_SCENARIO, "row %zu", i);
	cr_assert_eq(paths_read, 0, "row %zu", i);
}

Test(control_registry, no_request_reaches_a_file)
{
	struct entry *first = begin("gateway");

	for (size_t i = 0; i < COUNT(reaches); i++)
		reach(i, first);
	refuses(&(struct entry_request){ .scenario = "./mine" }, REGISTRY_NO_SCENARIO);
	cr_assert_str_eq(problems.items[0].message, "no file can be named here, only what is built in");
	end();
}

Test(control_registry, but_the_first_gateways_own_by_its_name)
{
	struct entry *first = begin("./mine.json");
	struct entry *packed;

	cr_assert_str_eq(first->machine->machine.name, "my own");
	cr_assert_eq(add(&(struct entry_request){ .scenario = "./mine.json" })->machine, first->machine);
	cr_assert_eq(add(&(struct entry_request){ .scenario = "my own" })->machine, first->machine);
	cr_assert_neq(add(&(struct entry_request){ .scenario = "gateway" })->machine, first->machine);
	packed = add(&(struct entry_request){ .scenario = "my own", .pack = "2027" });
	cr_assert_str_eq(packed->machine->machine.pack, "2027");
	refuses(&(struct entry_request){ .scenario = "./mine" }, REGISTRY_NO_SCENARIO);
	refuses(&(struct entry_request){ .pack = "./mine" }, REGISTRY_NO_SCENARIO);
	end();
}

Test(control_registry, without_a_first_scenario_there_is_nothing)
{
	struct registry_options options = options_for("gatewy");

	begin_server();
	cr_assert_null(registry_new(&options, &problems, &failure));
	cr_assert_eq(problems.count, 1);
	cr_assert_str_eq(problems.items[0].nearest, "gateway");
	registry = NULL;
	end();
}
