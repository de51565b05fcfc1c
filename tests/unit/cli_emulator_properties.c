/*
 * What holds for any story: random ones, made from a seed, are played on the built-in scenarios. Whoever waits for a
 * timer in one jump, in steps, or in the middle of other requests must see the same gateway; nothing else in the
 * process may matter; and no request may bring it down.
 */
#include "cli/library.h"
#include "core/emulator.h"
#include "core/expect_report.h"
#include "core/scenario.h"

#include "support/random_story.h"
#include "support/story_streams.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define STORIES 36
#define STEPS 80
#define START_MS 1772461800000LL

/* ---- machines ---- */

#define MACHINES_MAX 64

struct machines {
	struct machine items[MACHINES_MAX];
	size_t count;
	const char *pack;
};

static void load_one(void *context, const char *name)
{
	struct machines *machines = context;
	const struct scenario_request request = { .name = name, .pack = machines->pack };
	struct problems problems = { 0 };

	cr_assert_lt(machines->count, MACHINES_MAX);
	cr_assert(scenario_load(library_source(), &request, &machines->items[machines->count], &problems), "%s", name);
	machines->count++;
	problems_release(&problems);
}

/* The base machine with expectations of every form, on a source that has this one file more. */
static const char expectations[] =
    "{'extends':'gateway','initial':['authenticated','logged_in_once'],'expect':{"
    "'a':{'call':'tickle','every':'1m','while':['authenticated']},"
    "'b':{'call':'@iserver','at_least':2,'within':'idle_timeout','after':['login','brokerage_init']},"
    "'c':{'call':'@api','at_least':1,'while':['upstream_up','authenticated']},"
    "'d':{'call':'*','at_most':3,'within':'4s'},"
    "'e':{'call':['@session','root'],'at_most':1,'after':'logout','until':'login'},"
    "'f':{'event':['idle','sso_expire','chain_failed'],'at_most':0,'last':'@session'},"
    "'g':{'event':'gateway_ping','at_least':3,'within':'10m'},"
    "'h':{'pacing':true,'at_most':0},"
    "'i':{'order':['tickle',['accounts','@portfolio'],'logout'],'within':'20m','after':'login'},"
    "'j':{'state':'authenticated','within':'20s','after':['brokerage_drop','competing_login','idle']},"
    "'k':{'state':['authenticated','upstream_up']},"
    "'l':{'call':'auth_status','every':'100ms','until':'logout'},"
    "'m':{'state':'bridged','within':'1s','while':'bridging'}},"
    /* Some of the time something goes wrong, too. */
    "'faults':{"
    "'a':{'on':'*','probability':0.1,'status':500},"
    "'b':{'on':'@iserver','every':3,'lognormal':'2s','while':['authenticated','upstream_up']},"
    "'c':{'on':'tickle','after':['login','brokerage_init'],'until':'logout','calls':'2..5','upstream_hang':true},"
    "'d':{'on':['tickle','accounts'],'between':'1m..2h','probability':0.3,'retry_within':'5s','empty_response':true},"
    "'e':{'on':'*','for':'1h','every':7,'content_length_twice':true},"
    "'f':{'on':'@api','once':true,'upstream_truncated':3}}}";

static bool read_expectations(void *context, enum source_kind kind, const char *name, const char *beside,
                              struct source_text *result, struct error *why)
{
	const struct source *library = library_source();

	(void)context;
	if (kind != SOURCE_SCENARIO || strcmp(name, "expectations") != 0)
		return library->read(library->context, kind, name, beside, result, why);
	result->file = strdup("expectations");
	result->text = strdup(expectations);
	result->length = strlen(expectations);
	for (char *at = result->text; *at; at++)
		if (*at == '\'')
			*at = '"';
	return true;
}

static void load_expectations(struct machines *machines)
{
	const struct source source = { .read = read_expectations, .list = library_source()->list };
	const struct scenario_request request = { .name = "expectations", .pack = machines->pack };
	struct problems problems = { 0 };
	struct buffer report = { 0 };
	const bool loaded = scenario_load(&source, &request, &machines->items[machines->count++], &problems);

	problems_render_text(&problems, &report);
	cr_assert(loaded, "%s", report.data);
	buffer_release(&report);
	problems_release(&problems);
}

/* Every built-in scenario, with the bodies of a pack, and one that expects a lot. */
static void machines_load(struct machines *machines, const char *pack)
{
	*machines = (struct machines){ .pack = pack };
	library_list(SOURCE_SCENARIO, load_one, machines);
	cr_assert_gt(machines->count, 0);
	load_expectations(machines);
}

static void machines_release(struct machines *machines)
{
	for (size_t i = 0; i < machines->count; i++)
		machine_release(&machines->items[i]);
}

/* ---- gateways that write down all that happens to them ---- */

/* Answers that are held back at once. */
#define HELD_MAX 16

struct gateway {
	struct emulator emulator;
	struct reply reply;
	struct buffer log; /* every journal record and every reply, byte for byte */
	uint64_t seen;
	struct departure departures[HELD_MAX]; /* as the wire has them beside its connections */
	struct story_streams streams;
	struct buffer heard; /* on all of them, frame by frame */
};

static void gateway_start(struct gateway *gateway, const struct machine *machine, uint64_t seed)
{
	struct error error = { 0 };

	*gateway = (struct gateway){ 0 };
	cr_assert(emulator_init(&gateway->emulator,
	                        &(struct emulator_options){ .machine = machine,
	                                                    .seed = seed,
	                                                    .start_ms = START_MS,
	                                                    .journal_size = JOURNAL_RECORDS_DEFAULT },
	                        &error),
	          "%s", error.text);
}

static void gateway_stop(struct gateway *gateway)
{
	story_streams_end(&gateway->streams, &gateway->emulator);
	emulator_release(&gateway->emulator);
	buffer_release(&gateway->heard);
	reply_release(&gateway->reply);
	buffer_release(&gateway->log);
}

static void write_record(const struct journal *journal, const struct record *record, struct buffer *log)
{
	buffer_add_format(log, "%d %lld %llx %llx %s %d %d %lld %u ", (int)record->kind, (long long)record->at_ms,
	                  (unsigned long long)record->before, (unsigned long long)record->after, record->name,
	                  (int)record->method, record->status, (long long)record->delay_ms, record->target_length);
	buffer_add(log, record_text(journal, record).at, record_text(journal, record).length);
	buffer_add_text(log, "\n");
}

/* What is still there of the journal since the last time. */
static void write_journal(struct gateway *gateway)
{
	for (; gateway->seen < gateway->emulator.journal.written; gateway->seen++) {
		const struct record *record = journal_at(&gateway->emulator.journal, gateway->seen);

		if (record)
			write_record(&gateway->emulator.journal, record, &gateway->log);
	}
}

static bool same_text(const struct buffer *a, const struct buffer *b)
{
	return a->length == b->length && (a->length == 0 || memcmp(a->data, b->data, a->length) == 0);
}

/* A reply that HTTP can carry: a known status, whole header lines, no stray control characters in them. */
static void check_reply(const struct reply *reply, int64_t now_ms)
{
	if (reply->release_ms == REPLY_NEVER)
		return;
	cr_assert(reply->status >= 200 && reply->status <= 599, "status %d", reply->status);
	cr_assert_geq(reply->release_ms, now_ms);
	cr_assert(reply->reason && reply->reason[0]);
	cr_assert(!buffer_failed(&reply->headers) && !buffer_failed(&reply->body));
	for (size_t i = 0; i < reply->headers.length; i++) {
		const unsigned char c = (unsigned char)reply->headers.data[i];

		if (c == '\r')
			cr_assert_eq(reply->headers.data[++i], '\n');
		else
			cr_assert(c >= 0x20 && c != 0x7F, "byte %d in a header", c);
	}
	if (reply->headers.length)
		cr_assert_eq(reply->headers.data[reply->headers.length - 1], '\n');
}

/* Clients wait for all their answers. */
static void hold(struct gateway *gateway)
{
	if (gateway->reply.release_ms == REPLY_NEVER)
		return;
	for (size_t i = 0; i < HELD_MAX; i++) {
		struct departure *departure = &gateway->departures[i];

		if (departure->is_waiting)
			continue;
		departure_wait(&gateway->emulator, departure, gateway->reply.record, gateway->reply.release_ms);
		return;
	}
}

static void ask(struct gateway *gateway, const struct request *request)
{
	emulator_handle(&gateway->emulator, request, &gateway->reply);
	check_reply(&gateway->reply, gateway->emulator.now_ms);
	buffer_add_format(&gateway->log, "%d %lld %d\n", gateway->reply.status, (long long)gateway->reply.release_ms,
	                  (int)gateway->reply.framing);
	buffer_add(&gateway->log, gateway->reply.headers.data, gateway->reply.headers.length);
	buffer_add(&gateway->log, gateway->reply.body.data, gateway->reply.body.length);
	write_journal(gateway);
	hold(gateway);
}

/* How a gateway gets from one instant to a later one. All ways must be the same way. */
enum stride { IN_ONE_JUMP, IN_STEPS, FROM_DEADLINE_TO_DEADLINE };

static void wait(struct gateway *gateway, int64_t ms, enum stride stride, struct dice *dice)
{
	const int64_t to_ms = gateway->emulator.now_ms + ms;

	while (stride != IN_ONE_JUMP && gateway->emulator.now_ms < to_ms) {
		int64_t next_ms = emulator_deadline_ms(&gateway->emulator);

		if (stride == IN_STEPS)
			next_ms = gateway->emulator.now_ms + 1 + (int64_t)dice_throw(dice, (size_t)(ms / 50 + 1));
		if (next_ms > to_ms)
			break;
		emulator_advance(&gateway->emulator, next_ms);
		write_journal(gateway);
	}
	emulator_advance(&gateway->emulator, to_ms);
	write_journal(gateway);
}

static void stream_step(struct gateway *gateway, const struct step *step)
{
	if (step->kind == STORY_OPEN)
		story_streams_open(&gateway->streams, &gateway->emulator, step->which);
	else if (step->kind == STORY_SAY)
		story_streams_say(&gateway->streams, &gateway->emulator, step->which, step->message);
	else if (step->kind == STORY_READ)
		story_streams_read(&gateway->streams, &gateway->emulator, &gateway->heard);
	else
		story_streams_close(&gateway->streams, &gateway->emulator, step->which);
}

static void take_step(struct gateway *gateway, const struct step *step, enum stride stride, struct dice *dice)
{
	struct error error = { 0 };

	switch (step->kind) {
	case STORY_WAIT:
		wait(gateway, step->wait_ms, stride, dice);
		break;
	case STORY_REQUEST:
		ask(gateway, &step->request);
		break;
	case STORY_SET:
		/* Any value: one that the setting may not have changes nothing, and every gateway refuses it alike. */
		if (!emulator_apply(&gateway->emulator, &step->action, &error))
			buffer_add_text(&gateway->log, error.text);
		write_journal(gateway);
		break;
	case STORY_EVENT:
	case STORY_ENTER:
		cr_assert(emulator_apply(&gateway->emulator, &step->action, &error), "%s", error.text);
		write_journal(gateway);
		break;
	case STORY_OPEN:
	case STORY_SAY:
	case STORY_READ:
	case STORY_CLOSE:
		stream_step(gateway, step);
		write_journal(gateway);
		break;
	}
}

/* ---- the properties ---- */

static void write_whole_journal(const struct gateway *gateway, struct buffer *text)
{
	const struct journal *journal = &gateway->emulator.journal;

	buffer_clear(text);
	for (uint64_t i = 0; i < journal->written; i++)
		if (journal_at(journal, i))
			write_record(journal, journal_at(journal, i), text);
}

/* What was expected must have come out the same, and be due at the same instant. */
static void compare_expectations(const struct emulator *left, const struct emulator *right, uint64_t story)
{
	struct buffer one = { 0 };
	struct buffer other = { 0 };

	cr_assert_eq(emulator_deadline_ms(left), emulator_deadline_ms(right), "%s, story %llu", left->machine->name,
	             (unsigned long long)story);
	expect_report_json(left, true, &one);
	expect_report_json(right, true, &other);
	cr_assert(same_text(&one, &other), "%s, story %llu:\n%s\n%s", left->machine->name, (unsigned long long)story,
	          one.data, other.data);
	buffer_release(&one);
	buffer_release(&other);
}

/* Two gateways that have been through the same must have the same past and the same future. */
static void compare(const struct gateway *a, const struct gateway *b, uint64_t story)
{
	const struct emulator *left = &a->emulator;
	const struct emulator *right = &b->emulator;
	const char *name = left->machine->name;
	struct buffer one = { 0 };
	struct buffer other = { 0 };

	cr_assert_eq(left->now_ms, right->now_ms);
	cr_assert_eq(left->active, right->active, "%s, story %llu", name, (unsigned long long)story);
	cr_assert_eq(left->journal.written, right->journal.written, "%s, story %llu", name, (unsigned long long)story);
	cr_assert_arr_eq(left->timer_due_ms, right->timer_due_ms, sizeof left->timer_due_ms);
	cr_assert_arr_eq(left->timer_fired, right->timer_fired, sizeof left->timer_fired);
	write_whole_journal(a, &one);
	write_whole_journal(b, &other);
	compare_expectations(left, right, story);
	cr_assert(same_text(&one, &other), "%s, story %llu", name, (unsigned long long)story);
	cr_assert(same_text(&a->heard, &b->heard), "%s, story %llu", name, (unsigned long long)story);
	buffer_release(&one);
	buffer_release(&other);
}

static void play_at_three_paces(const struct machine *machine, uint64_t seed)
{
	struct dice dice = { .seed = seed };
	struct dice paces = { .seed = seed + 1000000 };
	struct gateway jump;
	struct gateway steps;
	struct gateway deadlines;

	gateway_start(&jump, machine, seed);
	gateway_start(&steps, machine, seed);
	gateway_start(&deadlines, machine, seed);
	for (int i = 0; i < STEPS; i++) {
		const struct step step = random_step(&dice, machine);

		take_step(&jump, &step, IN_ONE_JUMP, &paces);
		take_step(&steps, &step, IN_STEPS, &paces);
		take_step(&deadlines, &step, FROM_DEADLINE_TO_DEADLINE, &paces);
		compare(&jump, &steps, seed);
		compare(&jump, &deadlines, seed);
	}
	expect_conclude(&jump.emulator);
	expect_conclude(&steps.emulator);
	expect_conclude(&steps.emulator); /* once more changes nothing */
	expect_conclude(&deadlines.emulator);
	compare(&jump, &steps, seed);
	compare(&jump, &deadlines, seed);
	gateway_stop(&jump);
	gateway_stop(&steps);
	gateway_stop(&deadlines);
}

Test(properties, one_jump_is_as_good_as_many_steps)
{
	struct machines machines;

	machines_load(&machines, NULL);
	for (uint64_t seed = 0; seed < STORIES; seed++)
		play_at_three_paces(&machines.items[seed % machines.count], seed);
	machines_release(&machines);
}

/* The last machine is the one that expects a lot. */
Test(properties, one_jump_breaks_what_many_steps_break)
{
	struct machines machines;

	machines_load(&machines, NULL);
	for (uint64_t seed = 0; seed < STORIES; seed++)
		play_at_three_paces(&machines.items[machines.count - 1], seed);
	machines_release(&machines);
}

Test(properties, the_same_seed_and_requests_give_the_same_bytes)
{
	struct machines once;
	struct machines again;

	machines_load(&once, "2022");
	machines_load(&again, "2022");
	for (uint64_t seed = 0; seed < STORIES; seed++) {
		struct dice dice = { .seed = seed };
		struct gateway first;
		struct gateway second;

		gateway_start(&first, &once.items[seed % once.count], seed);
		gateway_start(&second, &again.items[seed % once.count], seed);
		for (int i = 0; i < STEPS; i++) {
			const struct step step = random_step(&dice, first.emulator.machine);

			take_step(&first, &step, IN_ONE_JUMP, &dice);
			take_step(&second, &step, IN_ONE_JUMP, &dice);
		}
		cr_assert(same_text(&first.log, &second.log), "story %llu", (unsigned long long)seed);
		cr_assert(same_text(&first.heard, &second.heard), "story %llu", (unsigned long long)seed);
		gateway_stop(&first);
		gateway_stop(&second);
	}
	machines_release(&once);
	machines_release(&again);
}

/* Only the gateway's own chain may start: that is what reauthenticate does. */
Test(properties, a_dead_upstream_is_not_moved_by_requests)
{
	struct machines machines;
	const struct action die = { ACTION_ENTER, "upstream_dead", { 0 } };

	machines_load(&machines, NULL);
	for (uint64_t seed = 0; seed < STORIES; seed++) {
		const struct machine *machine = &machines.items[seed % machines.count];
		const int dead = machine_find_state(machine, "upstream_dead");
		const int running = machine_find_state(machine, "chain_validating");
		struct dice dice = { .seed = seed };
		struct gateway gateway;
		struct error error = { 0 };

		cr_assert(dead != INDEX_NONE && running != INDEX_NONE);
		gateway_start(&gateway, machine, seed);
		for (int i = 0; i < STEPS; i++) {
			const uint64_t chain = machine->regions[machine->states[running].region].states;
			const struct step step = random_step(&dice, machine);
			const struct request request = random_request(&dice);
			uint64_t before;

			take_step(&gateway, &step, IN_ONE_JUMP, &dice);
			cr_assert(emulator_apply(&gateway.emulator, &die, &error));
			before = gateway.emulator.active;
			emulator_handle(&gateway.emulator, &request, &gateway.reply);
			cr_assert_eq(before & ~chain, gateway.emulator.active & ~chain, "%s, story %llu: %s %.*s",
			             machine->name, (unsigned long long)seed, request.method_text,
			             (int)request.target.length, request.target.at);
		}
		gateway_stop(&gateway);
	}
	machines_release(&machines);
}

/* Each scenario, each pack, each state, each path of each endpoint, each method, with and without what a request can
 * have. */
static void ask_everything(struct gateway *gateway, const char *path)
{
	for (int method = 0; method < METHOD_COUNT; method++) {
		for (unsigned flags = 0; flags < 4; flags++) {
			struct request request = { .method = (enum http_method)method,
				                   .method_text = method_name((enum http_method)method),
				                   .target = span_of(path),
				                   .body =
				                       span_of(flags & 1U ? "{\"publish\":true,\"compete\":true}" : ""),
				                   .peer = flags == 3 ? "10.0.0.1" : "127.0.0.1",
				                   .has_user_agent = flags != 2,
				                   .has_content_length = true,
				                   .is_preflight = method == METHOD_OPTIONS && flags == 1 };

			emulator_handle(&gateway->emulator, &request, &gateway->reply);
			check_reply(&gateway->reply, gateway->emulator.now_ms);
		}
	}
}

static void ask_in_state(const struct machine *machine, const char *state)
{
	const struct action enter = { ACTION_ENTER, state, { 0 } };
	struct gateway gateway;
	struct error error = { 0 };

	gateway_start(&gateway, machine, 1);
	for (size_t i = 0; i < machine->endpoint_count; i++) {
		for (size_t j = 0; j < machine->endpoints[i].path_count; j++) {
			cr_assert(emulator_apply(&gateway.emulator, &enter, &error));
			ask_everything(&gateway, machine->endpoints[i].paths[j]);
		}
	}
	ask_everything(&gateway, "/nowhere");
	ask_everything(&gateway, "/%zz");
	gateway_stop(&gateway);
}

Test(properties, every_request_in_every_state_has_a_valid_reply)
{
	static const char *const packs[] = { "2026", "2022", "swagger-2019" };

	for (size_t p = 0; p < sizeof packs / sizeof *packs; p++) {
		struct machines machines;

		machines_load(&machines, packs[p]);
		for (size_t m = 0; m < machines.count; m++)
			for (size_t s = 0; s < machines.items[m].state_count; s++)
				ask_in_state(&machines.items[m], machines.items[m].states[s].name);
		machines_release(&machines);
	}
}

/* Many gateways share one machine, in turns; each must be as if it were alone. */
Test(properties, gateways_of_one_machine_do_not_hear_of_each_other)
{
	enum { GATEWAYS = 8 };
	struct machines machines;

	machines_load(&machines, NULL);
	for (size_t m = 0; m < machines.count; m++) {
		const struct machine *machine = &machines.items[m];
		struct gateway together[GATEWAYS];
		struct dice dice[GATEWAYS];

		for (size_t g = 0; g < GATEWAYS; g++) {
			gateway_start(&together[g], machine, g);
			dice[g] = (struct dice){ .seed = 77 + g };
		}
		for (int i = 0; i < STEPS; i++) {
			for (size_t g = 0; g < GATEWAYS; g++) {
				const struct step step = random_step(&dice[g], machine);

				take_step(&together[g], &step, IN_ONE_JUMP, NULL);
			}
		}
		for (size_t g = 0; g < GATEWAYS; g++) {
			struct dice own = { .seed = 77 + g };
			struct gateway alone;

			gateway_start(&alone, machine, g);
			for (int i = 0; i < STEPS; i++) {
				const struct step step = random_step(&own, machine);

				take_step(&alone, &step, IN_ONE_JUMP, NULL);
			}
			cr_assert(same_text(&together[g].log, &alone.log), "%s, gateway %zu", machine->name, g);
			cr_assert(same_text(&together[g].heard, &alone.heard), "%s, gateway %zu", machine->name, g);
			gateway_stop(&alone);
			gateway_stop(&together[g]);
		}
	}
	machines_release(&machines);
}
