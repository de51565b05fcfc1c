#include "late.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_MAX 64
/* Longer than any delay and its answers take together. */
#define PATIENCE_MS 30000

struct asked {
	struct connection connection;
	double sent_ms;
	double came_ms;
};

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Up to the ticket, so that the next that comes is the answer. */
static bool open_one(struct client *client, uint16_t port, int poll, struct asked *asked)
{
	const uint64_t tickets_before = client->tickets;
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = asked };

	if (!connection_open(client, port, NULL, &asked->connection))
		return false;
	return connection_await_ticket(&asked->connection, client, tickets_before) &&
	       epoll_ctl(poll, EPOLL_CTL_ADD, asked->connection.fd, &event) == 0;
}

/* All that has come is noted before any of it is read: reading takes time, too. */
static bool take_some(int poll, size_t *left)
{
	static char answer[ANSWER_SIZE_MAX];
	struct epoll_event events[EVENTS_MAX];
	const int count = epoll_wait(poll, events, EVENTS_MAX, PATIENCE_MS);
	const double came_ms = now_ms();

	if (count <= 0)
		return false;
	for (int i = 0; i < count; i++) {
		struct asked *asked = events[i].data.ptr;

		asked->came_ms = came_ms;
		if (connection_take_answer(&asked->connection, answer) == 0)
			return false;
		epoll_ctl(poll, EPOLL_CTL_DEL, asked->connection.fd, NULL);
	}
	*left -= (size_t)count;
	return true;
}

static int compare(const void *a, const void *b)
{
	const double left = *(const double *)a;
	const double right = *(const double *)b;

	return (left > right) - (left < right);
}

static void report(const struct asked *asked, size_t count, double delay_ms, double *late_ms)
{
	size_t early = 0;

	for (size_t i = 0; i < count; i++) {
		late_ms[i] = asked[i].came_ms - asked[i].sent_ms - delay_ms;
		early += late_ms[i] < 0;
	}
	qsort(late_ms, count, sizeof *late_ms, compare);
	printf("{\"count\": %zu, \"early\": %zu, \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f}\n", count, early,
	       late_ms[count / 2], late_ms[count * 99 / 100], late_ms[count - 1]);
}

bool measure_lateness(struct client *client, uint16_t port, size_t count, double delay_ms)
{
	struct asked *asked = calloc(count, sizeof *asked);
	double *late_ms = calloc(count, sizeof *late_ms);
	const int poll = epoll_create1(EPOLL_CLOEXEC);
	size_t left = count;
	bool well = asked && late_ms && poll >= 0;

	for (size_t i = 0; i < count && well; i++)
		well = open_one(client, port, poll, &asked[i]);
	for (size_t i = 0; i < count && well; i++) {
		asked[i].sent_ms = now_ms();
		well = connection_request(&asked[i].connection);
	}
	while (left > 0 && well)
		well = take_some(poll, &left);
	if (well)
		report(asked, count, delay_ms, late_ms);
	/* The connections end with this process. */
	if (poll >= 0)
		close(poll);
	free(late_ms);
	free(asked);
	return well;
}
