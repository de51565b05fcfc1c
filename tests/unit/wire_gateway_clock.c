/* Why: everything that a gateway does by itself, held answers included, happens on its own clock: one that tests turn by
 * hand, one that runs a thousand times faster, or the real one. Here real sockets live by each of them. */
#include "support/small_machine.h"
#include "wire/server.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define START_MS 1772461800000
#define HELD_MS 10000
#define HOUR_MS (3600 * 1000LL)
#define CLIENTS_MAX 8

/* "/" is answered ten seconds late, "/elsewhere" at once, "/%" never. */
static const char LATE_ANSWERS[] = "{ 'extends': 'gateway', 'endpoints': { 'front': { 'path': '/', 'answer': { "
				   "'reply': 'page', 'after': '10s' } } } }";

struct stage;

struct client {
	struct watch watch;
	struct stage *stage;
	int fd;
	char got[1024];
	size_t length;
	bool ended;
};

struct stage {
	struct machine machine;
	struct server server;
	struct client clients[CLIENTS_MAX];
	size_t client_count;
	struct watch bell; /* stops the loop after a turn */
	int bell_fd;
	bool bell_rings;
	size_t told; /* how often the observer was called */
};

TestSuite(wire_gateway_clock, .timeout = 30);

/* ---- the stage ---- */

static void bell_ready(struct watch *watch, uint32_t events)
{
	struct stage *stage = (struct stage *)(void *)((char *)watch - offsetof(struct stage, bell));
	uint64_t count;

	(void)events;
	cr_assert_eq(read(stage->bell_fd, &count, sizeof count), (ssize_t)sizeof count);
	server_stop(&stage->server);
}

static void stage_begin(struct stage *stage)
{
	struct error error = { 0 };

	*stage = (struct stage){ .machine = small_machine_load(LATE_ANSWERS) };
	cr_assert(server_init(&stage->server, &error), "%s", error.text);
	stage->bell_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	stage->bell.ready = bell_ready;
	cr_assert(server_watch(&stage->server, stage->bell_fd, EPOLLIN, &stage->bell));
}

static void stage_end(struct stage *stage)
{
	for (size_t i = 0; i < stage->client_count; i++)
		close(stage->clients[i].fd);
	server_release(&stage->server);
	close(stage->bell_fd);
	machine_release(&stage->machine);
}

/* Not a byte of the newest client's answer may be on its way when the observer is told of it. */
static void observe(void *context, struct gateway *gateway)
{
	struct stage *stage = context;
	char byte;

	(void)gateway;
	stage->told++;
	if (stage->client_count > 0)
		cr_expect_lt(recv(stage->clients[stage->client_count - 1].fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK), 0);
}

static struct gateway *add_gateway(struct stage *stage, const char *clock)
{
	struct gateway_options options = {
		.machine = &stage->machine,
		.seed = 1,
		.start_ms = START_MS,
		.observe = observe,
		.context = stage,
	};
	struct error error = { 0 };
	struct gateway *gateway = NULL;

	cr_assert(clock_parse(&options.clock, clock, &error), "%s", error.text);
	cr_assert_eq(server_add_gateway(&stage->server, &options, &gateway, &error), LISTEN_OK, "%s", error.text);
	return gateway;
}

/* ---- clients: in the same loop, since it is the only thread ---- */

static void client_ready(struct watch *watch, uint32_t events)
{
	struct client *client = (struct client *)(void *)watch;
	const ssize_t got = recv(client->fd, client->got + client->length, sizeof client->got - 1 - client->length, 0);

	(void)events;
	if (got > 0)
		client->length += (size_t)got;
	client->ended = got == 0 || (got < 0 && errno != EAGAIN);
	server_stop(&client->stage->server);
}

static struct client *ask(struct stage *stage, const struct gateway *gateway, const char *target)
{
	struct client *client = &stage->clients[stage->client_count++];
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(gateway->port) };
	char request[128];
	const int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nUser-Agent: x\r\n\r\n", target);

	cr_assert_leq(stage->client_count, CLIENTS_MAX);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	client->watch.ready = client_ready;
	client->stage = stage;
	client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert_eq(connect(client->fd, (struct sockaddr *)&address, sizeof address), 0);
	cr_assert_eq(send(client->fd, request, (size_t)length, 0), length);
	cr_assert(server_watch(&stage->server, client->fd, EPOLLIN, &client->watch));
	return client;
}

/* Runs the loop until a client has something, or, when nobody is to have anything, for a few turns. */
static void run(struct stage *stage)
{
	struct error error = { 0 };

	cr_assert(server_run(&stage->server, &error), "%s", error.text);
}

static void run_turns(struct stage *stage)
{
	for (int turn = 0; turn < 5; turn++) {
		const uint64_t one = 1;

		cr_assert_eq(write(stage->bell_fd, &one, sizeof one), (ssize_t)sizeof one);
		run(stage);
	}
}

static void expect_states(const struct gateway *gateway, const char *expected)
{
	struct buffer words = { 0 };

	emulator_describe(&gateway->emulator, gateway->emulator.active, &words);
	cr_expect_str_eq(words.data, expected);
	buffer_release(&words);
}

static void event(struct gateway *gateway, const char *name)
{
	const struct action action = { ACTION_EVENT, name, { 0 } };
	struct error error = { 0 };

	cr_assert(gateway_apply(gateway, &action, &error), "%s", error.text);
}

/* ---- by hand ---- */

Test(wire_gateway_clock, by_hand_an_answer_is_held_until_the_very_millisecond)
{
	struct stage stage;
	struct gateway *gateway;
	struct client *client;

	stage_begin(&stage);
	gateway = add_gateway(&stage, "manual");
	client = ask(&stage, gateway, "/");
	run_turns(&stage);
	cr_expect_eq(stage.told, 1, "asked, and known to be answered later");
	cr_expect_eq(gateway_due_ms(gateway), INT64_MAX, "nothing comes by itself");

	cr_assert(gateway_clock_set(gateway, START_MS + HELD_MS - 1));
	run_turns(&stage);
	cr_expect_eq(client->length, 0, "%s", client->got);
	cr_assert(gateway_clock_set(gateway, START_MS + HELD_MS));
	run_turns(&stage);
	cr_expect(strstr(client->got, "200 OK"), "%s", client->got);
	cr_expect(strstr(client->got, "10000 ms late"), "%s", client->got);
	cr_expect_not(client->ended);
	stage_end(&stage);
}

Test(wire_gateway_clock, by_hand_what_is_not_held_leaves_at_once)
{
	struct stage stage;
	struct client *client;

	stage_begin(&stage);
	client = ask(&stage, add_gateway(&stage, "manual"), "/elsewhere");
	run(&stage);
	cr_expect(strstr(client->got, "404 Not Found"), "%s", client->got);
	cr_expect_eq(stage.told, 1, "and the observer was told first");
	stage_end(&stage);
}

Test(wire_gateway_clock, by_hand_answers_leave_in_the_order_of_their_times)
{
	struct stage stage;
	struct gateway *gateway;
	struct client *clients[3];

	stage_begin(&stage);
	gateway = add_gateway(&stage, "manual");
	for (int i = 0; i < 3; i++) {
		clients[i] = ask(&stage, gateway, "/");
		run_turns(&stage);
		cr_assert(gateway_clock_set(gateway, START_MS + 100 * (i + 1)));
	}
	for (int i = 0; i < 3; i++) {
		cr_expect_eq(clients[i]->length, 0);
		cr_assert(gateway_clock_set(gateway, START_MS + 100 * i + HELD_MS));
		run_turns(&stage);
		cr_expect_gt(clients[i]->length, 0);
	}
	stage_end(&stage);
}

Test(wire_gateway_clock, by_hand_timers_and_cues_fire_on_the_way)
{
	struct stage stage;
	struct gateway *gateway;

	stage_begin(&stage);
	gateway = add_gateway(&stage, "manual");
	event(gateway, "login");
	expect_states(gateway, "in");
	cr_assert(gateway_clock_set(gateway, START_MS + 5 * 60 * 1000 - 1));
	expect_states(gateway, "in");
	cr_assert(gateway_clock_set(gateway, START_MS + 5 * 60 * 1000));
	expect_states(gateway, "out");
	cr_assert(gateway_clock_set(gateway, START_MS + HOUR_MS));
	expect_states(gateway, "out+ill");
	stage_end(&stage);
}

Test(wire_gateway_clock, never_goes_backwards)
{
	struct stage stage;
	struct gateway *gateway;

	stage_begin(&stage);
	gateway = add_gateway(&stage, "manual");
	cr_assert(gateway_clock_set(gateway, START_MS + 1000));
	cr_expect_not(gateway_clock_set(gateway, START_MS + 999));
	cr_expect_eq(gateway_now_ms(gateway), START_MS + 1000);
	cr_expect(gateway_clock_set(gateway, START_MS + 1000));
	stage_end(&stage);
}

Test(wire_gateway_clock, a_client_that_has_left_is_not_missed)
{
	struct stage stage;
	struct gateway *gateway;
	struct client *leaving;
	struct client *staying;

	stage_begin(&stage);
	gateway = add_gateway(&stage, "manual");
	leaving = ask(&stage, gateway, "/");
	staying = ask(&stage, gateway, "/");
	run_turns(&stage);
	cr_expect_eq(stage.server.hub.link_count, 2);
	shutdown(leaving->fd, SHUT_RDWR);
	run_turns(&stage);
	cr_expect_eq(stage.server.hub.link_count, 1);
	cr_assert(gateway_clock_set(gateway, START_MS + HELD_MS));
	run_turns(&stage);
	cr_expect_gt(staying->length, 0);
	stage_end(&stage);
}

Test(wire_gateway_clock, a_gateway_that_is_removed_takes_its_held_answers_along)
{
	struct stage stage;
	struct gateway *removed;
	struct gateway *kept;
	struct client *client;
	struct client *other;

	stage_begin(&stage);
	removed = add_gateway(&stage, "manual");
	kept = add_gateway(&stage, "manual");
	client = ask(&stage, removed, "/");
	other = ask(&stage, kept, "/");
	run_turns(&stage);
	server_remove_gateway(&stage.server, removed);
	while (!client->ended)
		run(&stage);
	cr_expect_eq(client->length, 0, "%s", client->got);
	epoll_ctl(stage.server.hub.epoll, EPOLL_CTL_DEL, client->fd, NULL); /* or it says so for ever */
	cr_assert(gateway_clock_set(kept, START_MS + HELD_MS));
	run_turns(&stage);
	cr_expect_gt(other->length, 0);
	stage_end(&stage);
}

/* ---- by themselves ---- */

Test(wire_gateway_clock, a_fast_clock_brings_an_answer_a_thousand_times_sooner)
{
	struct stage stage;
	struct gateway *gateway;
	struct client *client;
	int64_t began_ms;

	stage_begin(&stage);
	gateway = add_gateway(&stage, "scaled:1000");
	began_ms = monotonic_ms();
	client = ask(&stage, gateway, "/");
	run(&stage);
	cr_expect_gt(client->length, 0);
	cr_expect(strstr(client->got, "10000 ms late"), "%s", client->got);
	cr_expect_geq(monotonic_ms() - began_ms, HELD_MS / 1000 - 1);
	cr_expect_lt(monotonic_ms() - began_ms, HELD_MS);
	cr_expect_geq(gateway_now_ms(gateway), START_MS + HELD_MS);
	stage_end(&stage);
}

Test(wire_gateway_clock, a_fast_clock_may_be_helped_along)
{
	struct stage stage;
	struct gateway *gateway;
	struct client *client;

	stage_begin(&stage);
	gateway = add_gateway(&stage, "scaled:2");
	client = ask(&stage, gateway, "/");
	run_turns(&stage);
	cr_expect_eq(client->length, 0, "%s", client->got);
	cr_expect_leq(gateway_due_ms(gateway), monotonic_ms() + HELD_MS / 2);
	cr_assert(gateway_clock_set(gateway, START_MS + HELD_MS + 1));
	run_turns(&stage);
	cr_expect_gt(client->length, 0);
	stage_end(&stage);
}

Test(wire_gateway_clock, a_fast_clock_fires_timers_with_nobody_there)
{
	struct stage stage;
	struct gateway *gateway;

	stage_begin(&stage);
	gateway = add_gateway(&stage, "scaled:10000");
	event(gateway, "login");
	stage.told = 0;
	while (gateway_now_ms(gateway) < START_MS + 5 * 60 * 1000) {
		const int64_t due_ms = gateway_due_ms(gateway);

		cr_assert_leq(due_ms, monotonic_ms() + 5 * 60 * 1000 / 10000);
		while (monotonic_ms() < due_ms)
			run_turns(&stage);
		run_turns(&stage);
	}
	expect_states(gateway, "out");
	cr_expect_gt(stage.told, 0);
	stage_end(&stage);
}

Test(wire_gateway_clock, the_real_clock_is_the_machines)
{
	struct stage stage;
	struct gateway *gateway;
	struct client *client;

	stage_begin(&stage);
	gateway = add_gateway(&stage, "real");
	client = ask(&stage, gateway, "/");
	run_turns(&stage);
	cr_expect_eq(client->length, 0, "%s", client->got);
	cr_expect_geq(gateway_due_ms(gateway), stage.server.hub.now_ms + HELD_MS - 1000);
	cr_expect_leq(gateway_due_ms(gateway), stage.server.hub.now_ms + HELD_MS);
	cr_assert(gateway_clock_set(gateway, START_MS + HELD_MS - 20)); /* nobody wants to wait ten seconds */
	run_turns(&stage);
	cr_expect_eq(client->length, 0, "%s", client->got);
	run(&stage);
	cr_expect_gt(client->length, 0);
	stage_end(&stage);
}

Test(wire_gateway_clock, each_gateway_of_a_process_has_its_own)
{
	struct stage stage;
	struct gateway *standing;
	struct gateway *fast;
	struct client *waiting;
	struct client *answered;

	stage_begin(&stage);
	standing = add_gateway(&stage, "manual");
	fast = add_gateway(&stage, "scaled:1000");
	waiting = ask(&stage, standing, "/");
	answered = ask(&stage, fast, "/");
	run(&stage);
	cr_expect_gt(answered->length, 0);
	cr_expect_eq(waiting->length, 0, "%s", waiting->got);
	cr_expect_eq(gateway_now_ms(standing), START_MS);
	cr_assert(gateway_clock_set(standing, START_MS + HELD_MS));
	run_turns(&stage);
	cr_expect_gt(waiting->length, 0);
	stage_end(&stage);
}

Test(wire_gateway_clock, what_hangs_hangs_for_ever)
{
	struct stage stage;
	struct gateway *gateway;
	struct client *client;

	stage_begin(&stage);
	gateway = add_gateway(&stage, "manual");
	client = ask(&stage, gateway, "/%");
	run_turns(&stage);
	for (int64_t hours = 1; hours < 100; hours += 10) {
		cr_assert(gateway_clock_set(gateway, START_MS + hours * HOUR_MS));
		run_turns(&stage);
	}
	cr_expect_eq(client->length, 0, "%s", client->got);
	cr_expect_not(client->ended);
	stage_end(&stage);
}
