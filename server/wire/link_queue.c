#include "wire/link_parts.h"

#include <stddef.h>

void link_queue_leave(struct link *link)
{
	struct link_queue *queue = link->queue;

	if (!queue)
		return;
	if (link->queue_previous)
		link->queue_previous->queue_next = link->queue_next;
	else
		queue->first = link->queue_next;
	if (link->queue_next)
		link->queue_next->queue_previous = link->queue_previous;
	else
		queue->last = link->queue_previous;
	link->queue = NULL;
}

void link_queue_join(struct link *link, struct link_queue *queue)
{
	link_queue_leave(link);
	link->queue = queue;
	link->queued_ms = link->hub->now_ms;
	link->queue_next = NULL;
	link->queue_previous = queue->last;
	if (queue->last)
		queue->last->queue_next = link;
	else
		queue->first = link;
	queue->last = link;
}

static void retire_parser(struct link *link)
{
	link_drop_parser(link);
	link->hub->parsers_retired = true;
}

static bool has_idle_parser(const struct link *link)
{
	return link->phase == LINK_OPEN && !link->is_parsing && !link->reading;
}

static int64_t expire_quiet(struct hub *hub)
{
	struct link *link;

	while ((link = hub->quiet.first) && link->queued_ms + QUIET_MS <= hub->now_ms) {
		link_queue_leave(link);
		if (link->active_ms + QUIET_MS > hub->now_ms)
			link_queue_join(link, &hub->quiet);
		else if (has_idle_parser(link))
			retire_parser(link);
	}
	return link ? link->queued_ms + QUIET_MS : -1;
}

static int64_t expire_lingering(struct hub *hub)
{
	struct link *link;

	while ((link = hub->lingering.first) && link->queued_ms + LINGER_MS <= hub->now_ms)
		link_close(link);
	return link ? link->queued_ms + LINGER_MS : -1;
}

int64_t link_queues_expire(struct hub *hub)
{
	const int64_t quiet_ms = expire_quiet(hub);
	const int64_t lingering_ms = expire_lingering(hub);

	if (quiet_ms < 0 || (lingering_ms >= 0 && lingering_ms < quiet_ms))
		return lingering_ms;
	return quiet_ms;
}
