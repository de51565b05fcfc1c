/* Why: tests that run side by side share one process and nothing else. What one gateway is, is named, is given or loses
 * must not reach another; and whoever can reach the control API must not reach the disk. */
#include "control/registry.h"

#include "support/small_machine.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* Extends the small machine; "on disk": it is not listed, and so not built in. */
static const char MINE[] = "{ 'name': 'my own', 'extends': 'gateway', 'initial': ['in'], 'seed': 42 }";

static struct memory_source memory;
static struct source files;
static struct source source;
static struct server server;
static struct registry *registry;
static struct problems problems;
static struct error failure;
static size_t paths_read;

TestSuite(control_registry, .timeout = 300);

/* ---- a source with built-in files and others ---- */

static bool read_any(void *context, enum source_kind kind, const char *name, const char *beside,
                     struct source_text *result, struct error *why)
{
	(void)context;
	paths_read += name[0] == '.' || name[0] == '/';
	return files.read(files.context, kind, name, beside, result, why);
}

struct listing {
	void (*each)(void *context, const char *name);
	void *context;
};

static void list_one(void *context, const char *name)
{
	const struct listing *listing = context;

	if (strstr(name, "mine") == NULL)
		listing->each(listing->context, name);
}

static void list_built_in(void *context, enum source_kind kind, void (*each)(void *each_context, const char *name),
                          void *each_context)
{
	struct listing listing = { each, each_context };

	(void)context;
	files.list(files.context, kind, list_one, &listing);
}

/* ---- the stage ---- */

static struct registry_options options_for(const char *scenario)
{
	return (struct registry_options){
		.server = &server,
		.source = &source,
		.first_scenario = scenario,
		.base = { .address = "127.0.0.1", .seed = 1, .journal_size = JOURNAL_RECORDS_DEFAULT },
	};
}

static void begin_server(void)
{
	small_machine_add(&memory);
	memory_source_add_quoted(&memory, "mine.json", MINE);
	memory_source_add_quoted(&memory, "mine/pack.json", "{ 'name': 'mine', 'extends': '2026' }");
	memory_source_add_quoted(&memory, "other.json", "{ 'extends': 'gateway', 'initial': ['in'] }");
	memory_source_add_quoted(&memory, "2027/pack.json", "{ 'name': '2027', 'extends': '2026' }");
	files = memory_source_of(&memory);
	source = (struct source){ .read = read_any, .list = list_built_in };
	cr_assert(server_init(&server, &failure), "%s", failure.text);
}

static struct entry *add(const struct entry_request *request)
{
	struct entry *entry = NULL;
	const enum registry_outcome outcome = registry_add(registry, request, &entry, &problems, &failure);

	cr_assert_eq(outcome, REGISTRY_OK, "%s%s", failure.text, problems.count ? problems.items[0].message : "");
	cr_assert_not_null(entry);
	return entry;
}

static struct entry *begin_with(const struct registry_options *options)
{
	begin_server();
	registry = registry_new(options, &problems, &failure);
	cr_assert_not_null(registry, "%s", problems.count ? problems.items[0].message : failure.text);
	return add(&(struct entry_request){ 0 });
}

static struct entry *begin(const char *scenario)
{
	const struct registry_options options = options_for(scenario);

	return begin_with(&options);
}

static void end(void)
{
	registry_free(registry);
	server_release(&server);
	memory_source_release(&memory);
	problems_release(&problems);
}

static void refuses(const struct entry_request *request, enum registry_outcome expected)
{
	struct entry *entry = NULL;
	const size_t before = registry_count(registry);

	failure.text[0] = '\0';
	problems_release(&problems);
	cr_assert_eq(registry_add(registry, request, &entry, &problems, &failure), expected);
	cr_assert_null(entry);
	cr_assert((problems.total > 0) != (failure.text[0] != '\0'), "either says why, and not both");
	cr_assert_eq(registry_count(registry), before);
}

static const char *state_of(const struct entry *entry)
{
	static char text[64];
	struct buffer buffer = { 0 };

	emulator_describe(&entry->gateway->emulator, entry->gateway->emulator.active, &buffer);
	snprintf(text, sizeof text, "%s", buffer.data);
	buffer_release(&buffer);
	return text;
}

static void raise_event(struct entry *entry, const char *name)
{
	const struct action action = { .kind = ACTION_EVENT, .name = name };

	cr_assert(gateway_apply(entry->gateway, &action, &failure), "%s", failure.text);
}

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

/* ---- how they start ---- */

Test(control_registry, the_request_goes_before_the_command_line_and_that_before_the_scenario)
{
	const struct clock scaled = { .mode = CLOCK_SCALED, .scale = 60 };
	struct registry_options options = options_for("gateway"); /* which has a seed of 7 and a manual clock */
	struct entry *first = begin_with(&options);

	cr_assert_eq(first->gateway->emulator.seed, 7);
	cr_assert_eq(first->gateway->clock.mode, CLOCK_MANUAL);
	cr_assert_eq(gateway_now_ms(first->gateway), 1772461800000LL, "the scenario's start");
	end();

	options.has_seed = options.has_clock = true;
	options.base.seed = 8;
	options.base.clock = (struct clock){ .mode = CLOCK_REAL, .scale = 1 };
	first = begin_with(&options);
	cr_assert_eq(first->gateway->emulator.seed, 8);
	cr_assert_eq(first->gateway->clock.mode, CLOCK_REAL);
	first = add(
	    &(struct entry_request){ .has_seed = true, .seed = 9, .clock = &scaled, .has_start = true, .start_ms = 5 });
	cr_assert_eq(first->gateway->emulator.seed, 9);
	cr_assert_eq(first->gateway->clock.scale, 60);
	cr_assert_eq(first->gateway->emulator.start_ms, 5);
	end();
}

Test(control_registry, a_port_can_be_asked_for_and_may_be_taken)
{
	struct entry *first = begin("gateway");
	const uint16_t port = add(&(struct entry_request){ .name = "a" })->gateway->port;

	registry_remove(registry, registry_find(registry, "a"));
	cr_assert_eq(add(&(struct entry_request){ .port = port })->gateway->port, port);
	refuses(&(struct entry_request){ .port = first->gateway->port }, REGISTRY_CANNOT_LISTEN);
	cr_assert_not_null(strstr(failure.text, "in use"), "%s", failure.text);
	end();
}

/* ---- apart from each other ---- */

Test(control_registry, what_happens_to_one_does_not_happen_to_another)
{
	struct entry *first = begin("gateway");
	struct entry *other = add(&(struct entry_request){ .name = "other" });

	raise_event(other, "login");
	cr_assert(gateway_clock_set(other->gateway, gateway_now_ms(other->gateway) + 1000));
	cr_assert_str_eq(state_of(first), "out");
	cr_assert_str_eq(state_of(other), "in");
	cr_assert_eq(first->gateway->emulator.journal.written, 0);
	cr_assert_eq(gateway_now_ms(other->gateway), gateway_now_ms(first->gateway) + 1000);
	end();
}

/* ---- beginning anew ---- */

Test(control_registry, a_reset_goes_back_to_how_it_was_started)
{
	const struct entry_request loaded = { .scenario = "other", .has_seed = true, .seed = 5 };
	struct entry *first = begin("gateway");
	const uint16_t port = first->gateway->port;

	cr_assert_eq(registry_load(registry, first, &loaded, &problems, &failure), REGISTRY_OK);
	cr_assert_str_eq(state_of(first), "in");
	cr_assert_eq(first->gateway->emulator.seed, 5);
	cr_assert(gateway_clock_set(first->gateway, gateway_now_ms(first->gateway) + 1000));
	cr_assert(registry_reset(registry, first, &failure), "%s", failure.text);
	cr_assert_str_eq(first->machine->machine.name, "gateway");
	cr_assert_str_eq(state_of(first), "out");
	cr_assert_eq(first->gateway->emulator.seed, 7);
	cr_assert_eq(gateway_now_ms(first->gateway), 1772461800000LL);
	cr_assert_eq(first->gateway->port, port);
	end();
}

Test(control_registry, a_restart_keeps_the_scenario_and_a_load_what_was_asked_for_before)
{
	const struct entry_request body = {
		.body = span_of("{ \"extends\": \"gateway\", \"initial\": [\"in\"], \"seed\": 3 }"),
	};
	struct entry *entry;

	begin("gateway");
	entry = add(&(struct entry_request){ .has_seed = true, .seed = 5 });
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(registry_load(registry, entry, &body, &problems, &failure), REGISTRY_OK);
		raise_event(entry, "logout");
		cr_assert(registry_restart(registry, entry, &failure));
		cr_assert_str_eq(state_of(entry), "in");
		cr_assert_eq(entry->gateway->emulator.seed, 5);
	}
	cr_assert(registry_reset(registry, entry, &failure));
	cr_assert_str_eq(state_of(entry), "out");
	cr_assert(registry_reset(registry, entry, &failure));
	end();
}

/* ---- followers ---- */

struct listener_of {
	struct follower follower;
	struct buffer *out;
	const char *name;
};

static void tell_record(struct follower *follower, struct entry *entry, uint64_t index, const struct record *record)
{
	const struct listener_of *listener = (struct listener_of *)follower;

	cr_assert_eq(record, journal_at(&entry->gateway->emulator.journal, index));
	buffer_add_format(listener->out, "%s:%s/%s:%s ", listener->name, entry->name, record_kind_names[record->kind],
	                  record->name);
}

static void tell_missed(struct follower *follower, struct entry *entry, uint64_t count)
{
	const struct listener_of *listener = (struct listener_of *)follower;

	buffer_add_format(listener->out, "%s:%s/missed:%llu ", listener->name, entry->name, (unsigned long long)count);
}

static void tell_gone(struct follower *follower, struct entry *entry, bool begins_anew)
{
	const struct listener_of *listener = (struct listener_of *)follower;

	buffer_add_format(listener->out, "%s:%s/%s ", listener->name, entry->name, begins_anew ? "anew" : "gone");
}

static void heard(struct buffer *out, const char *expected)
{
	cr_assert_str_eq(out->data ? out->data : "", expected);
	buffer_clear(out);
}

Test(control_registry, followers_are_told_of_each_record_once_and_in_order)
{
	struct buffer out = { 0 };
	struct listener_of one = { { .record = tell_record }, &out, "1" };
	struct listener_of two = { { .record = tell_record, .missed = tell_missed, .gone = tell_gone }, &out, "2" };
	struct entry *first = begin("gateway");
	struct entry *other = add(&(struct entry_request){ .name = "a" });

	registry_follow(registry, &one.follower);
	registry_follow(registry, &two.follower);
	raise_event(other, "login");
	heard(&out, "1:a/action:login 2:a/action:login 1:a/transition:login 2:a/transition:login ");
	raise_event(first, "recover");
	heard(&out, "1:default/action:recover 2:default/action:recover ");
	registry_unfollow(registry, &one.follower);
	cr_assert(registry_reset(registry, first, &failure));
	heard(&out, "2:default/anew ");
	raise_event(first, "login");
	heard(&out, "2:default/action:login 2:default/transition:login ");
	registry_remove(registry, other);
	heard(&out, "2:a/gone ");
	registry_unfollow(registry, &two.follower);
	buffer_release(&out);
	end();
}

Test(control_registry, they_are_told_how_much_they_have_missed)
{
	struct buffer out = { 0 };
	struct listener_of one = { { .record = tell_record, .missed = tell_missed }, &out, "1" };
	struct registry_options options = options_for("gateway");
	struct entry *first;
	uint64_t oldest;

	options.base.journal_size = JOURNAL_RECORDS_MIN;
	first = begin_with(&options);
	registry_follow(registry, &one.follower);
	for (int i = 0; i < JOURNAL_RECORDS_MIN + 10; i++)
		emulator_note(&first->gateway->emulator, RECORD_CLOCK, "x", "");
	oldest = first->gateway->emulator.journal.oldest;
	cr_assert_gt(oldest, 0);
	registry_observe(first, first->gateway);
	cr_assert_eq(strtoull(out.data + strlen("1:default/missed:"), NULL, 10), oldest);
	cr_assert_eq(first->followed, JOURNAL_RECORDS_MIN + 10);
	buffer_release(&out);
	end();
}

Test(control_registry, nothing_can_be_freed)
{
	registry_free(NULL);
}
