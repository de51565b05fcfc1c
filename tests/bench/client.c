/*
 * What script/bench does to a server that wrk cannot do:
 *
 *   client fetch PORT                          asks for one answer and prints its bytes
 *   client start PORT COMMAND...               runs a server twice; of the second life: ms from exec to its first answer,
 *                                              from SIGTERM to its end
 *   client handshakes PORT full|resumed COUNT  so many connections, one after the other: seconds
 *   client ask PORT COUNT                      asks so often, on one connection
 *   client hold PORT COUNT                     opens so many, asks once on each, says "held", waits for its input's end
 *   client late PORT COUNT DELAY_MS            opens so many, asks on all at once; the answers are to come so much later:
 *                                              how many came early, and by how much the others were late (late.c)
 */
#include "late.h"
#include "tls.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 100000
#define START_MAX_MS 15000.0
#define STOP_MAX_MS 15000
#define DELAY_MAX_MS 10000
/* Between two attempts to reach a server that does not listen yet. */
#define ATTEMPT_PAUSE_NS 100000

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void pause_a_little(void)
{
	const struct timespec pause = { .tv_nsec = ATTEMPT_PAUSE_NS };

	nanosleep(&pause, NULL);
}

static bool complain(const char *what)
{
	fprintf(stderr, "client: %s\n", what);
	return false;
}

static bool read_number(const char *text, unsigned long max, unsigned long *number)
{
	char *end;
	const unsigned long read = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || read == 0 || read > max)
		return complain("not a number that will do");
	*number = read;
	return true;
}

static bool ask_once(struct client *client, uint16_t port, char *answer, size_t *length)
{
	struct connection connection;

	if (!connection_open(client, port, NULL, &connection))
		return complain("no connection");
	*length = connection_ask(&connection, answer);
	connection_close(&connection);
	return *length > 0 || complain("no answer");
}

/* ---- fetch ---- */

static bool fetch(struct client *client, uint16_t port, char *const arguments[])
{
	static char answer[ANSWER_SIZE_MAX];
	size_t length;

	(void)arguments;
	return ask_once(client, port, answer, &length) && fwrite(answer, 1, length, stdout) == length;
}

/* ---- start ---- */

/* What the server says goes where errors go: script/bench has made that its log file. */
static pid_t launch(char *const command[])
{
	const pid_t parent = getpid();
	const pid_t child = fork();

	if (child != 0)
		return child;
	/* Does not outlive us, whatever becomes of us. */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid() == parent && dup2(STDERR_FILENO, STDOUT_FILENO) >= 0)
		execvp(command[0], command);
	_exit(127);
}

static bool await_first_answer(struct client *client, uint16_t port, pid_t server, bool *has_ended, double *answered_ms)
{
	static char answer[ANSWER_SIZE_MAX];
	const double deadline_ms = now_ms() + START_MAX_MS;
	struct connection connection;
	bool answered;

	while (!connection_open(client, port, NULL, &connection)) {
		*has_ended = waitpid(server, NULL, WNOHANG) != 0;
		if (*has_ended || now_ms() >= deadline_ms)
			return complain("the server does not come up");
		pause_a_little();
	}
	answered = connection_ask(&connection, answer) > 0;
	*answered_ms = now_ms();
	connection_close(&connection);
	return answered || complain("no first answer");
}

/* Waits on the process itself: looking every now and then would cost more than some servers need. */
static bool await_end(pid_t server, int descriptor)
{
	struct pollfd end = { .fd = descriptor, .events = POLLIN };
	const bool ended = poll(&end, 1, STOP_MAX_MS) == 1;

	if (!ended)
		kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	return ended || complain("the server does not end");
}

struct life {
	double start_ms;
	double stop_ms;
};

static bool live_once(struct client *client, uint16_t port, char *const command[], struct life *life)
{
	const double begun_ms = now_ms();
	const pid_t server = launch(command);
	bool has_ended = false;
	double answered_ms = 0;
	double told_ms;
	int descriptor;
	bool well;

	if (server < 0 || (descriptor = (int)syscall(SYS_pidfd_open, server, 0)) < 0)
		return complain("cannot start a process");
	well = await_first_answer(client, port, server, &has_ended, &answered_ms);
	if (has_ended)
		return false;
	/* The server has seen the client leave by now: an end with nothing to do. */
	pause_a_little();
	told_ms = now_ms();
	kill(server, SIGTERM);
	well &= await_end(server, descriptor);
	*life = (struct life){ .start_ms = answered_ms - begun_ms, .stop_ms = now_ms() - told_ms };
	close(descriptor);
	return well;
}

/* Our own first handshake takes a millisecond longer than the next, which would be counted against the server. */
static bool start(struct client *client, uint16_t port, char *const command[])
{
	struct life life;

	if (!live_once(client, port, command, &life) || !live_once(client, port, command, &life))
		return false;
	printf("{\"start_ms\": %.3f, \"stop_ms\": %.3f}\n", life.start_ms, life.stop_ms);
	return true;
}

/* ---- handshakes ---- */

/* One connection, up to the ticket that the server gives last: by then it has done all of its work. */
static bool shake_hands(struct client *client, uint16_t port, bool resume)
{
	const uint64_t tickets_before = client->tickets;
	struct connection connection;
	bool resumed;

	if (!connection_open(client, port, resume ? client->ticket : NULL, &connection))
		return complain("no handshake");
	resumed = SSL_session_reused(connection.session) == 1;
	if (!connection_await_ticket(&connection, client, tickets_before))
		resumed = !resume;
	connection_close(&connection);
	if (resumed != resume)
		return complain(resume ? "not resumed, or no ticket" : "resumed, or no ticket");
	return true;
}

static bool handshakes(struct client *client, uint16_t port, char *const arguments[])
{
	unsigned long count;
	bool resume;
	double begun_ms;

	if (!arguments[0] || !arguments[1] || !read_number(arguments[1], CONNECTIONS_MAX, &count))
		return complain("wanted: full|resumed COUNT");
	resume = strcmp(arguments[0], "resumed") == 0;
	/* The first one brings the ticket. Neither kind counts it. */
	if (!shake_hands(client, port, false))
		return false;
	begun_ms = now_ms();
	for (unsigned long i = 0; i < count; i++)
		if (!shake_hands(client, port, resume))
			return false;
	printf("{\"count\": %lu, \"seconds\": %.6f}\n", count, (now_ms() - begun_ms) / 1e3);
	return true;
}

/* ---- ask ---- */

static bool ask(struct client *client, uint16_t port, char *const arguments[])
{
	static char answer[ANSWER_SIZE_MAX];
	struct connection connection;
	unsigned long count;
	bool well;

	if (!arguments[0] || !read_number(arguments[0], CONNECTIONS_MAX, &count))
		return complain("wanted: COUNT");
	well = connection_open(client, port, NULL, &connection);
	if (!well)
		return complain("no connection");
	for (unsigned long i = 0; i < count && well; i++)
		well = connection_ask(&connection, answer) > 0;
	connection_close(&connection);
	return well || complain("no answer");
}

/* ---- late ---- */

static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static bool late(struct client *client, uint16_t port, char *const arguments[])
{
	unsigned long count;
	unsigned long delay_ms;

	if (!arguments[0] || !arguments[1] || !read_number(arguments[0], CONNECTIONS_MAX, &count) ||
	    !read_number(arguments[1], DELAY_MAX_MS, &delay_ms))
		return complain("wanted: COUNT DELAY_MS");
	raise_descriptor_limit();
	return measure_lateness(client, port, count, (double)delay_ms) ||
	       complain("a connection or its answer did not come");
}

/* ---- hold ---- */

static bool hold(struct client *client, uint16_t port, char *const arguments[])
{
	static char answer[ANSWER_SIZE_MAX];
	unsigned long count;

	if (!arguments[0] || !read_number(arguments[0], CONNECTIONS_MAX, &count))
		return complain("wanted: COUNT");
	raise_descriptor_limit();
	for (unsigned long i = 0; i < count; i++) {
		struct connection connection;

		/* Never closed: the end of this process does that. */
		if (!connection_open(client, port, NULL, &connection) || connection_ask(&connection, answer) == 0)
			return complain("a connection or its answer did not come");
	}
	printf("held\n");
	fflush(stdout);
	return getchar() == EOF;
}

/* ---- */

static const struct command {
	const char *name;
	bool (*run)(struct client *client, uint16_t port, char *const arguments[]);
} COMMANDS[] = {
	{ "fetch", fetch }, { "start", start }, { "handshakes", handshakes },
	{ "ask", ask },     { "hold", hold },   { "late", late },
};

int main(int argc, char *argv[])
{
	struct client client;
	unsigned long port;
	bool well = false;

	if (argc < 3 || !read_number(argv[2], UINT16_MAX, &port))
		return 2;
	signal(SIGPIPE, SIG_IGN);
	if (!client_init(&client))
		return 1;
	for (size_t i = 0; i < sizeof COMMANDS / sizeof *COMMANDS; i++)
		if (strcmp(argv[1], COMMANDS[i].name) == 0)
			well = COMMANDS[i].run(&client, (uint16_t)port, argv + 3);
	client_release(&client);
	return well ? 0 : 1;
}
