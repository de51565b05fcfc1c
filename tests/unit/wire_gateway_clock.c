/* Why: everything that a gateway does by itself, held answers included, happens on its own clock: one that tests turn by
 * hand, one that runs a thousand times faster, or the real one. Here real sockets live by each of them. */
#include "support/small_machine.h"
#include "wire/link.h"
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
#define HELD_MS (1000 * 1000LL)
#define HOUR_MS (3600 * 1000LL)
#define CLIENTS_MAX 8

/* "/" is answered so late that no machine is slow enough to see it happen by the real clock, "/elsewhere" at once, "/%"
 * never. */
static const char LATE_ANSWERS[] = "{ 'extends': 'gateway', 'endpoints': { 'front': { 'path': '/', 'answer': { "
				   "'reply': 'page', 'after': '1000s' } } } }";
static const char LATE[] = "1000000 ms late";

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

/* Nothing here waits for long. A machine that is busy with other things may. */
TestSuite(wire_gateway_clock, .timeout = 300);

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
	const struct journal *journal = &gateway->emulator.journal;
	struct stage *stage = context;
	char byte;

	stage->told++;
	if (journal_at(journal, journal->written - 1)->kind == RECORD_REQUEST)
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

/* Runs the loop until a client has something, or the bell rings. */
static void run(struct stage *stage)
{
	struct error error = { 0 };

	cr_assert(server_run(&stage->server, &error), "%s", error.text);
}

static void turn(struct stage *stage)
{
	const uint64_t one = 1;

	cr_assert_eq(write(stage->bell_fd, &one, sizeof one), (ssize_t)sizeof one);
	run(stage);
}

/* For what is not to happen: what is sent over loopback is mostly there at once, but nobody promises that. */
static void run_turns(struct stage *stage)
{
	for (int i = 0; i < 5; i++)
		turn(stage);
}

static size_t held_count(const struct gateway *gateway)
{
	size_t count = 0;

	for (const struct link *link = gateway->first_held; link; link = link->next_held)
		count++;
	return count;
}

static void run_until_held(struct stage *stage, const struct gateway *gateway, size_t count)
{
	while (held_count(gateway) < count)
		turn(stage);
}

static void run_until_told(struct stage *stage, size_t told)
{
	while (stage->told < told)
		turn(stage);
}

static void run_until_answered(struct stage *stage, const struct client *client)
{
	while (client->length == 0) {
		cr_assert_not(client->ended);
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
	run_until_held(&stage, gateway, 1);
	cr_expect_eq(stage.told, 1, "asked, and known to be answered later");
	cr_expect_eq(gateway_due_ms(gateway), INT64_MAX, "nothing comes by itself");

	cr_assert(gateway_clock_set(gateway, START_MS + HELD_MS - 1));
	run_turns(&stage);
	cr_expect_eq(client->length, 0, "%s", client->got);
	cr_assert(gateway_clock_set(gateway, START_MS + HELD_MS));
	run_until_answered(&stage, client);
	cr_expect(strstr(client->got, "200 OK"), "%s", client->got);
	cr_expect(strstr(client->got, LATE), "%s", client->got);
	cr_expect_not(client->ended);
	stage_end(&stage);
}

Test(wire_gateway_clock, by_hand_what_is_not_held_leaves_at_once)
{
	struct stage stage;
	struct client *client;

	stage_begin(&stage);
	client = ask(&stage, add_gateway(&stage, "manual"), "/elsewhere");
	run_until_answered(&stage, client);
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
		run_until_held(&stage, gateway, (size_t)i + 1);
		cr_assert(gateway_clock_set(gateway, START_MS + 100 * (i + 1)));
	}
	for (int i = 0; i < 3; i++) {
		cr_expect_eq(clients[i]->length, 0);
		cr_assert(gateway_clock_set(gateway, START_MS + 100 * i + HELD_MS));
		run_until_answered(&stage, clients[i]);
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
	run_until_held(&stage, gateway, 2);
	cr_expect_eq(stage.server.hub.link_count, 2);
	shutdown(leaving->fd, SHUT_RDWR);
	while (stage.server.hub.link_count > 1)
		turn(&stage);
	cr_assert(gateway_clock_set(gateway, START_MS + HELD_MS));
	run_until_answered(&stage, staying);
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
	run_until_held(&stage, removed, 1);
	run_until_held(&stage, kept, 1);
	server_remove_gateway(&stage.server, removed);
	while (!client->ended)
		run(&stage);
	cr_expect_eq(client->length, 0, "%s", client->got);
	epoll_ctl(stage.server.hub.epoll, EPOLL_CTL_DEL, client->fd, NULL); /* or it says so for ever */
	cr_assert(gateway_clock_set(kept, START_MS + HELD_MS));
	run_until_answered(&stage, other);
	stage_end(&stage);
}

/* ---- by themselves ---- */

/* How long the loop may sleep at most until something is due by this clock. */
static int64_t wait_ms(const struct stage *stage, const struct gateway *gateway)
{
	return gateway_due_ms(gateway) - stage->server.hub.now_ms;
}

Test(wire_gateway_clock, a_fast_clock_brings_an_answer_so_many_times_sooner)
{
	struct stage stage;
	struct gateway *gateway;
	struct client *client;
	int64_t began_ms;

	stage_begin(&stage);
	gateway = add_gateway(&stage, "scaled:100000");
	began_ms = monotonic_ms();
	client = ask(&stage, gateway, "/");
	run_until_answered(&stage, client);
	cr_expect(strstr(client->got, LATE), "%s", client->got);
	cr_expect_geq(monotonic_ms() - began_ms, HELD_MS / 100000 - 1);
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
	run_until_held(&stage, gateway, 1);
	cr_expect_leq(wait_ms(&stage, gateway), HELD_MS / 2);
	run_turns(&stage);
	cr_expect_eq(client->length, 0, "%s", client->got);
	cr_assert(gateway_clock_advance(gateway, HELD_MS));
	run_until_answered(&stage, client);
	stage_end(&stage);
}

/* Login starts a timer of five minutes, and after an hour more happens: a slow machine may have come to that, too. */
Test(wire_gateway_clock, a_fast_clock_fires_timers_with_nobody_there)
{
	struct stage stage;
	struct gateway *gateway;
	struct buffer words = { 0 };

	stage_begin(&stage);
	gateway = add_gateway(&stage, "scaled:10000");
	event(gateway, "login");
	run_until_told(&stage, stage.told + 1);
	cr_expect_geq(gateway_now_ms(gateway), START_MS + 5 * 60 * 1000);
	emulator_describe(&gateway->emulator, gateway->emulator.active, &words);
	cr_expect_eq(strncmp(words.data, "out", 3), 0, "%s", words.data);
	buffer_release(&words);
	stage_end(&stage);
}

Test(wire_gateway_clock, a_fast_clock_is_waited_for_so_many_times_less)
{
	struct stage stage;
	struct gateway *gateway;

	stage_begin(&stage);
	gateway = add_gateway(&stage, "scaled:1000");
	event(gateway, "login");
	cr_expect_eq(wait_ms(&stage, gateway), 5 * 60);
	stage_end(&stage);
}

Test(wire_gateway_clock, the_real_clock_is_the_machines)
{
	struct stage stage;
	struct gateway *gateway;
	struct client *client;
	int64_t began_ms;
	int64_t moved_ms;

	stage_begin(&stage);
	gateway = add_gateway(&stage, "real");
	began_ms = monotonic_ms();
	client = ask(&stage, gateway, "/");
	run_until_held(&stage, gateway, 1);
	cr_expect_geq(gateway_due_ms(gateway), began_ms + HELD_MS);
	cr_expect_leq(gateway_due_ms(gateway), stage.server.hub.now_ms + HELD_MS);
	run_turns(&stage);
	cr_expect_eq(client->length, 0, "%s", client->got);
	/* Nobody wants to wait a quarter of an hour. What the machine needs to get here counts, too. */
	moved_ms = monotonic_ms();
	cr_assert(gateway_clock_set(gateway, gateway_deadline_ms(gateway) - 20));
	run_until_answered(&stage, client);
	cr_expect_geq(monotonic_ms() - moved_ms, 19);
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
	fast = add_gateway(&stage, "scaled:100000");
	waiting = ask(&stage, standing, "/");
	answered = ask(&stage, fast, "/");
	run_until_answered(&stage, answered);
	run_until_held(&stage, standing, 1);
	cr_expect_eq(waiting->length, 0, "%s", waiting->got);
	cr_expect_eq(gateway_now_ms(standing), START_MS);
	cr_assert(gateway_clock_set(standing, START_MS + HELD_MS));
	run_until_answered(&stage, waiting);
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
	run_until_told(&stage, 1);
	for (int64_t hours = 1; hours < 100; hours += 10) {
		cr_assert(gateway_clock_set(gateway, START_MS + hours * HOUR_MS));
		run_turns(&stage);
	}
	cr_expect_eq(client->length, 0, "%s", client->got);
	cr_expect_not(client->ended);
	stage_end(&stage);
}
