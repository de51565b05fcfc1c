#include "wire/hub.h"

#include "core/limits.h"
#include "wire/tls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

bool hub_init(struct hub *hub, struct error *error)
{
	*hub = (struct hub){ 0 };
	hub_read_clocks(hub);
	hub->epoll = epoll_create1(EPOLL_CLOEXEC);
	hub->plain = malloc(READ_CHUNK_SIZE);
	hub->transport = tls_transport_new();
	if (hub->epoll >= 0 && hub->plain && hub->transport)
		return true;
	error_set(error, "cannot set up the event loop: %s", strerror(errno));
	hub_release(hub);
	return false;
}

void hub_release(struct hub *hub)
{
	if (hub->epoll >= 0)
		close(hub->epoll);
	free(hub->plain);
	buffer_release(&hub->cipher);
	reply_release(&hub->reply);
	buffer_release(&hub->answer);
	BIO_meth_free(hub->transport);
	*hub = (struct hub){ .epoll = -1 };
}

bool hub_watch(struct hub *hub, int fd, uint32_t events, struct watch *watch)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };

	return epoll_ctl(hub->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

bool hub_watch_change(struct hub *hub, int fd, uint32_t events, struct watch *watch)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };

	return epoll_ctl(hub->epoll, EPOLL_CTL_MOD, fd, &event) == 0;
}

void hub_unwatch(struct hub *hub, int fd)
{
	epoll_ctl(hub->epoll, EPOLL_CTL_DEL, fd, NULL);
}

static int64_t read_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t monotonic_ms(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t wall_clock_ms(void)
{
	return read_clock(CLOCK_REALTIME);
}

void hub_read_clocks(struct hub *hub)
{
	hub->now_ms = monotonic_ms();
	hub->wall_ms = wall_clock_ms();
}
