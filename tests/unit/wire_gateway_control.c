/* Why: what a test does to a gateway from outside: it stops its clock, sets it going, moves it, starts the whole anew.
 * No time may be lost or repeated on the way, and each step stands in the journal before what came of it. */
#include "core/calendar.h"
#include "support/small_machine.h"
#include "wire/server.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define START_MS 1772461800000
#define HELD_MS 10000
#define MINUTE_MS (60 * 1000LL)

/* "/" is answered ten seconds late, "/elsewhere" at once. */
static const char LATE_ANSWERS[] = "{ 'extends': 'gateway', 'endpoints': { 'front': { 'path': '/', 'answer': { "
				   "'reply': 'page', 'after': '10s' } } } }";

struct bell {
	struct watch watch;
	struct server *server;
	int fd;
};

struct stage {
	struct machine machine;
	struct server server;
	struct bell bell; /* stops the loop after a turn */
	uint64_t told;    /* journal records, when the observer was last called */
};

TestSuite(wire_gateway_control, .timeout = 300);

/* ---- the stage ---- */

static void bell_ready(struct watch *watch, uint32_t events)
{
	struct bell *bell = (struct bell *)(void *)watch;
	uint64_t count;

	(void)events;
	cr_assert_eq(read(bell->fd, &count, sizeof count), (ssize_t)sizeof count);
	server_stop(bell->server);
}

static void bell_hang(struct bell *bell, struct server *server)
{
	*bell = (struct bell){ { bell_ready }, server, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
	cr_assert(server_watch(server, bell->fd, EPOLLIN, &bell->watch));
}

static void bell_ring(const struct bell *bell)
{
	const uint64_t one = 1;

	cr_assert_eq(write(bell->fd, &one, sizeof one), (ssize_t)sizeof one);
}

static void stage_begin(struct stage *stage)
{
	struct error error = { 0 };

	*stage = (struct stage){ .machine = small_machine_load(LATE_ANSWERS) };
	cr_assert(server_init(&stage->server, &error), "%s", error.text);
	bell_hang(&stage->bell, &stage->server);
}

static void stage_end(struct stage *stage)
{
	server_release(&stage->server);
	close(stage->bell.fd);
	machine_release(&stage->machine);
}

static void observe(void *context, struct gateway *gateway)
{
	((struct stage *)context)->told = gateway->emulator.journal.written;
}

static struct gateway *add_gateway(struct stage *stage, const char *clock)
{
	struct gateway_options options = {
		.machine = &stage->machine,
		.seed = 1,
		.start_ms = START_MS,
		.journal_size = JOURNAL_RECORDS_DEFAULT,
		.observe = observe,
		.context = stage,
	};
	struct error error = { 0 };
	struct gateway *gateway = NULL;

	cr_assert(clock_parse(&options.clock, clock, &error), "%s", error.text);
	cr_assert_eq(server_add_gateway(&stage->server, &options, &gateway, &error), LISTEN_OK, "%s", error.text);
	return gateway;
}

static void run_turn(struct stage *stage)
{
	struct error error = { 0 };

	bell_ring(&stage->bell);
	cr_assert(server_run(&stage->server, &error), "%s", error.text);
}

/* ---- clients: in the same thread, so that they never block ---- */

static int ask(const struct gateway *gateway, const char *target)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(gateway->port) };
	char request[128];
	const int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nUser-Agent: x\r\n\r\n", target);
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	cr_assert_eq(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	cr_assert_eq(send(fd, request, (size_t)length, 0), length);
	return fd;
}

/* Turns until the client has something, or its end; how much it got. */
static ssize_t wait_for(struct stage *stage, int fd, char *got, size_t size)
{
	ssize_t length;

	while ((length = recv(fd, got, size - 1, MSG_DONTWAIT)) < 0 && errno == EAGAIN)
		run_turn(stage);
	got[length < 0 ? 0 : length] = '\0';
	return length;
}

static void wait_for_records(struct stage *stage, const struct gateway *gateway, uint64_t count)
{
	while (gateway->emulator.journal.written < count)
		run_turn(stage);
}

static void event(struct gateway *gateway, const char *name)
{
	const struct action action = { ACTION_EVENT, name, { 0 } };
	struct error error = { 0 };

	cr_assert(gateway_apply(gateway, &action, &error), "%s", error.text);
}

/* The journal from a record on: "clock advance by 5m, to …; timer idle; …" */
static void expect_journal(const struct gateway *gateway, uint64_t from, const char *expected)
{
	const struct journal *journal = &gateway->emulator.journal;
	struct buffer words = { 0 };

	for (uint64_t i = from; i < journal->written; i++) {
		const struct record *record = journal_at(journal, i);
		const struct span text = record_text(journal, record);

		buffer_add_format(&words, "%s%s %s", i > from ? "; " : "", record_kind_names[record->kind],
		                  record->name);
		if (text.length > 0)
			buffer_add_format(&words, " %.*s", (int)text.length, text.at);
	}
	cr_expect_str_eq(words.data ? words.data : "", expected);
	buffer_release(&words);
}

/* ---- moving the clock ---- */

Test(wire_gateway_control, a_move_is_written_down_before_what_comes_of_it)
{
	struct stage stage;
	struct gateway *gateway;
	uint64_t from;

	stage_begin(&stage);
	gateway = add_gateway(&stage, "manual");
	event(gateway, "login");
	from = gateway->emulator.journal.written;
	cr_assert(gateway_clock_advance(gateway, 5 * MINUTE_MS));
	expect_journal(gateway, from,
	               "clock advance by 5m, to 2026-03-02T14:35:00.000Z; timer idle; transition went_idle");
	cr_expect_eq(journal_at(&gateway->emulator.journal, from)->at_ms, START_MS, "when it was moved");
	cr_expect_eq(journal_at(&gateway->emulator.journal, from + 1)->at_ms, START_MS + 5 * MINUTE_MS);
	cr_expect_eq(stage.told, gateway->emulator.journal.written);

	from = gateway->emulator.journal.written;
	cr_assert(gateway_clock_set(gateway, START_MS + 6 * MINUTE_MS));
	expect_journal(gateway, from, "clock set to 2026-03-02T14:36:00.000Z");
	stage_end(&stage);
}

Test(wire_gateway_control, a_move_that_cannot_be_changes_nothing)
{
	struct stage stage;
	struct gateway *gateway;

	stage_begin(&stage);
	gateway = add_gateway(&stage, "manual");
	cr_expect_not(gateway_clock_set(gateway, START_MS - 1));
	cr_expect_not(gateway_clock_advance(gateway, -1));
	cr_expect_not(gateway_clock_set(gateway, INT64_MAX));
	cr_expect_not(gateway_clock_advance(gateway, INT64_MAX));
	cr_expect_not(gateway_clock_advance(gateway, DURATION_MAX_MS + 1));
	cr_expect_not(gateway_clock_scale(gateway, 0));
	cr_expect_not(gateway_clock_scale(gateway, CLOCK_SCALE_MAX + 1));
	cr_expect_eq(gateway_now_ms(gateway), START_MS);
	expect_journal(gateway, 0, "");
	cr_expect(gateway_clock_advance(gateway, 0), "to where it stands is no step back");
	stage_end(&stage);
}

Test(wire_gateway_control, the_next_instant_is_a_timers_a_cues_or_a_held_answers)
{
	struct stage stage;
	struct gateway *gateway;
	char got[1024];
	int client;

	stage_begin(&stage);
	gateway = add_gateway(&stage, "manual");
	event(gateway, "login");
	client = ask(gateway, "/");
	wait_for_records(&stage, gateway, 3);
	cr_expect_eq(gateway_deadline_ms(gateway), START_MS + HELD_MS, "the answer");
	cr_assert(gateway_clock_advance_to_next(gateway));
	cr_expect_eq(gateway_now_ms(gateway), START_MS + HELD_MS);
	cr_expect_gt(wait_for(&stage, client, got, sizeof got), 0);
	close(client);

	cr_expect_eq(gateway_deadline_ms(gateway), START_MS + 5 * MINUTE_MS, "the timer");
	cr_assert(gateway_clock_advance_to_next(gateway));
	cr_expect_eq(gateway_now_ms(gateway), START_MS + 5 * MINUTE_MS);
	cr_expect_eq(gateway_deadline_ms(gateway), START_MS + 60 * MINUTE_MS, "a cue");
	cr_assert(gateway_clock_set(gateway, START_MS + 24 * 60 * MINUTE_MS));
	cr_expect_eq(gateway_deadline_ms(gateway), EMULATOR_NEVER);
	cr_expect_not(gateway_clock_advance_to_next(gateway));
	stage_end(&stage);
}

Test(wire_gateway_control, what_was_held_has_left_when_a_move_is_done)
{
	struct stage stage;
	struct gateway *gateway;
	struct pollfd client = { .events = POLLIN };

	stage_begin(&stage);
	gateway = add_gateway(&stage, "manual");
	client.fd = ask(gateway, "/");
	wait_for_records(&stage, gateway, 1);
	cr_expect_eq(poll(&client, 1, 0), 0);
	cr_assert(gateway_clock_advance(gateway, HELD_MS));
	cr_expect_eq(poll(&client, 1, 60000), 1, "without a turn of the loop");
	close(client.fd);
	stage_end(&stage);
}

/* ---- how it goes ---- */

Test(wire_gateway_control, the_clock_never_jumps_however_it_is_changed)
{
	struct stage stage;
	struct gateway *gateway;
	int64_t shown_ms = START_MS;
	int64_t fastest = 1;

	stage_begin(&stage);
	gateway = add_gateway(&stage, "real");
	for (int i = 0; i < 3000; i++) {
		const int64_t before_ms = gateway->clock.monotonic_ms;

		switch (i % 3) {
		case 0:
			gateway_clock_freeze(gateway);
			break;
		case 1:
			gateway_clock_resume(gateway);
			break;
		case 2:
			cr_assert(gateway_clock_scale(gateway, 1 + i % 100));
			break;
		}
		cr_assert_geq(gateway_now_ms(gateway), shown_ms);
		cr_assert_leq(gateway_now_ms(gateway) - shown_ms, (stage.server.hub.now_ms - before_ms) * fastest);
		shown_ms = gateway_now_ms(gateway);
		fastest = gateway->clock.mode == CLOCK_MANUAL ? 0 : gateway->clock.scale;
	}
	stage_end(&stage);
}

Test(wire_gateway_control, a_clock_that_is_stopped_stands_and_one_that_is_resumed_goes)
{
	struct stage stage;
	struct gateway *gateway;
	int64_t stopped_ms;
	int64_t began_ms;

	stage_begin(&stage);
	gateway = add_gateway(&stage, "scaled:1000");
	gateway_clock_freeze(gateway);
	expect_journal(gateway, 0, "clock freeze now manual");
	stopped_ms = gateway_now_ms(gateway);
	began_ms = monotonic_ms();
	while (monotonic_ms() < began_ms + 5)
		run_turn(&stage);
	gateway_advance(gateway);
	cr_expect_eq(gateway_now_ms(gateway), stopped_ms);
	cr_expect_eq(gateway_due_ms(gateway), INT64_MAX);

	gateway_clock_resume(gateway);
	expect_journal(gateway, 1, "clock resume now scaled:1000");
	while (gateway_now_ms(gateway) < stopped_ms + 1000) {
		run_turn(&stage);
		gateway_advance(gateway);
	}
	cr_assert(gateway_clock_scale(gateway, 60));
	expect_journal(gateway, 2, "clock scale now scaled:60");
	stage_end(&stage);
}

Test(wire_gateway_control, a_clock_that_was_started_by_hand_resumes_as_the_machines)
{
	struct stage stage;
	struct gateway *gateway;

	stage_begin(&stage);
	gateway = add_gateway(&stage, "manual");
	gateway_clock_resume(gateway);
	expect_journal(gateway, 0, "clock resume now real");
	cr_expect_lt(gateway_due_ms(gateway), INT64_MAX, "its cues come by themselves now");
	stage_end(&stage);
}

Test(wire_gateway_control, the_loop_keeps_to_a_clock_that_was_set_going)
{
	struct stage stage;
	struct gateway *gateway;
	char got[1024];
	int client;

	stage_begin(&stage);
	gateway = add_gateway(&stage, "manual");
	client = ask(gateway, "/");
	wait_for_records(&stage, gateway, 1);
	cr_expect_eq(schedule_first_ms(&stage.server.schedule), INT64_MAX);
	cr_assert(gateway_clock_scale(gateway, 10000));
	cr_expect_leq(schedule_first_ms(&stage.server.schedule), stage.server.hub.now_ms + HELD_MS / 10000);
	cr_expect_gt(wait_for(&stage, client, got, sizeof got), 0);
	close(client);
	stage_end(&stage);
}

/* ---- the journal ---- */

Test(wire_gateway_control, records_have_the_machines_time_too)
{
	struct stage stage;
	struct gateway *gateway;
	struct timespec before;
	struct timespec after;
	int64_t wall_ms;

	stage_begin(&stage);
	gateway = add_gateway(&stage, "manual");
	clock_gettime(CLOCK_REALTIME, &before);
	event(gateway, "login");
	clock_gettime(CLOCK_REALTIME, &after);
	wall_ms = journal_at(&gateway->emulator.journal, 0)->wall_ms;
	cr_expect_geq(wall_ms, (int64_t)before.tv_sec * 1000 + before.tv_nsec / 1000000);
	cr_expect_leq(wall_ms, (int64_t)after.tv_sec * 1000 + after.tv_nsec / 1000000);
	cr_expect_eq(journal_at(&gateway->emulator.journal, 0)->at_ms, START_MS);
	stage_end(&stage);
}

Test(wire_gateway_control, a_note_is_told_at_once)
{
	struct stage stage;
	struct gateway *gateway;

	stage_begin(&stage);
	gateway = add_gateway(&stage, "manual");
	gateway_note(gateway, RECORD_CONNECTION, "unknown_ca", "the client does not trust the CA");
	cr_expect_eq(stage.told, 1);
	expect_journal(gateway, 0, "connection unknown_ca the client does not trust the CA");
	stage_end(&stage);
}

Test(wire_gateway_control, a_client_that_does_not_wait_is_told_of_in_the_gateways_time)
{
	struct stage stage;
	struct gateway *gateway;
	int client;

	stage_begin(&stage);
	gateway = add_gateway(&stage, "manual");
	client = ask(gateway, "/");
	wait_for_records(&stage, gateway, 1);
	cr_assert(gateway_clock_advance(gateway, 4000));
	close(client);
	wait_for_records(&stage, gateway, 3);
	expect_journal(gateway, 2, "connection client_left the client left after 4s without waiting for the answer");
	cr_expect_eq(stage.told, 3);
	stage_end(&stage);
}

/* ---- beginning anew ---- */

Test(wire_gateway_control, a_restart_leaves_nothing_but_the_port_and_the_count)
{
	const struct clock clock = { .mode = CLOCK_MANUAL, .scale = 1 };
	struct error error = { 0 };
	struct stage stage;
	struct gateway *gateway;
	uint16_t port;
	uint64_t written;
	char got[1024];
	int held;
	int client;

	stage_begin(&stage);
	gateway = add_gateway(&stage, "scaled:60");
	port = gateway->port;
	event(gateway, "login");
	held = ask(gateway, "/");
	wait_for_records(&stage, gateway, 3);
	written = gateway->emulator.journal.written;
	cr_assert(gateway_restart(gateway, &stage.machine, 2, &clock, START_MS, &error), "%s", error.text);
	cr_expect_leq(wait_for(&stage, held, got, sizeof got), 0, "its connections have ended");
	close(held);

	cr_expect_eq(gateway->port, port);
	cr_expect_geq(gateway->emulator.journal.oldest, written, "nothing of before is there");
	cr_expect_eq(gateway->emulator.journal.written, gateway->emulator.journal.oldest);
	cr_expect_eq(gateway_now_ms(gateway), START_MS);
	cr_expect_eq(gateway_due_ms(gateway), INT64_MAX);
	cr_expect_eq(schedule_first_ms(&stage.server.schedule), INT64_MAX);

	written = gateway->emulator.journal.written;
	client = ask(gateway, "/api/status");
	cr_expect_gt(wait_for(&stage, client, got, sizeof got), 0);
	cr_expect(strstr(got, "401 Access Denied"), "the session is as at first: %s", got);
	close(client);
	expect_journal(gateway, written, "request status /api/status");
	cr_expect_eq(stage.told, written + 1);
	stage_end(&stage);
}

Test(wire_gateway_control, numbers_go_on_however_often_it_is_restarted)
{
	const struct clock clock = { .mode = CLOCK_MANUAL, .scale = 1 };
	struct error error = { 0 };
	struct stage stage;
	struct gateway *gateway;
	uint64_t count = 0;

	stage_begin(&stage);
	gateway = add_gateway(&stage, "manual");
	for (int round = 0; round < 20; round++) {
		cr_assert_eq(gateway->emulator.journal.written, count);
		for (int i = 0; i < 7 * round; i++) {
			cr_assert(gateway_clock_advance(gateway, 1));
			cr_assert_eq(journal_at(&gateway->emulator.journal, count)->at_ms, START_MS + i);
			count++;
		}
		cr_assert(gateway_restart(gateway, &stage.machine, 1, &clock, START_MS, &error));
		cr_assert_null(journal_at(&gateway->emulator.journal, count - 1));
	}
	stage_end(&stage);
}

/* ---- many ---- */

Test(wire_gateway_control, what_is_due_comes_in_its_order_among_many_gateways)
{
	enum { COUNT = 100 };
	struct stage stage;
	struct gateway *gateways[COUNT];
	size_t links_before;

	stage_begin(&stage);
	links_before = stage.server.link_max;
	for (int i = 0; i < COUNT; i++)
		gateways[i] = add_gateway(&stage, "manual");
	cr_expect_lt(stage.server.link_max, CONNECTIONS_MAX + 1);
	cr_expect(stage.server.link_max < links_before || stage.server.link_max == CONNECTIONS_MAX ||
	          stage.server.link_max == 1);
	cr_expect_eq(schedule_first_ms(&stage.server.schedule), INT64_MAX);
	for (int i = 0; i < COUNT; i++)
		cr_assert(gateway_clock_scale(gateways[i], 1 + (i * 37) % COUNT));
	for (int i = 0; i < COUNT; i += 2)
		server_remove_gateway(&stage.server, gateways[i]);
	for (int i = 1; i < COUNT; i += 2)
		cr_expect_leq(schedule_first_ms(&stage.server.schedule), gateway_due_ms(gateways[i]));
	run_turn(&stage);
	stage_end(&stage);
}

/* ---- watching ---- */

struct jealous {
	struct bell bell;
	struct jealous *other;
	int calls;
};

/* Whoever comes first has the other forgotten, of which the loop has heard already. */
static void jealous_ready(struct watch *watch, uint32_t events)
{
	struct jealous *self = (struct jealous *)(void *)watch;

	(void)events;
	self->calls++;
	server_unwatch(self->bell.server, self->other->bell.fd, &self->other->bell.watch);
	server_unwatch(self->bell.server, self->bell.fd, &self->bell.watch);
	server_stop(self->bell.server);
}

Test(wire_gateway_control, who_is_not_watched_any_more_hears_nothing_of_this_turn)
{
	struct stage stage;
	struct error error = { 0 };
	struct jealous two[2] = { 0 };

	stage_begin(&stage);
	for (int i = 0; i < 2; i++) {
		bell_hang(&two[i].bell, &stage.server);
		two[i].bell.watch.ready = jealous_ready;
		two[i].other = &two[1 - i];
	}
	for (int i = 0; i < 2; i++)
		bell_ring(&two[i].bell);
	cr_assert(server_run(&stage.server, &error), "%s", error.text);
	run_turn(&stage);
	cr_expect_eq(two[0].calls + two[1].calls, 1);
	for (int i = 0; i < 2; i++)
		close(two[i].bell.fd);
	stage_end(&stage);
}

Test(wire_gateway_control, what_is_watched_for_may_change)
{
	struct stage stage;

	stage_begin(&stage);
	bell_ring(&stage.bell);
	cr_assert(server_watch_change(&stage.server, stage.bell.fd, 0, &stage.bell.watch));
	cr_assert(server_watch_change(&stage.server, stage.bell.fd, EPOLLIN, &stage.bell.watch));
	run_turn(&stage);
	stage_end(&stage);
}
