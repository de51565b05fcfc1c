#include "wire/delivery.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct delivery *delivery_queue_add(struct delivery_queue *queue, const void *bytes, size_t length, bool held)
{
	struct delivery *delivery = malloc(sizeof *delivery + length);

	if (!delivery)
		return NULL;
	*delivery = (struct delivery){ .start = queue->queued, .held = held, .length = length };
	if (length > 0)
		memcpy(delivery->bytes, bytes, length);
	if (queue->last)
		queue->last->next = delivery;
	else
		queue->first = delivery;
	queue->last = delivery;
	queue->waiting += length;
	queue->queued += length;
	return delivery;
}

/* How many of its bytes may have left by now. */
static size_t open_of(const struct delivery *delivery)
{
	return delivery->held ? delivery->open : delivery->length;
}

struct span delivery_queue_next(const struct delivery_queue *queue)
{
	const struct delivery *first = queue->first;

	if (!first || first->sent >= open_of(first))
		return (struct span){ 0 };
	return (struct span){ .at = first->bytes + first->sent, .length = open_of(first) - first->sent };
}

static void drop_sent(struct delivery_queue *queue)
{
	struct delivery *first;

	while ((first = queue->first) && !first->held && first->sent == first->length) {
		queue->first = first->next;
		if (!queue->first)
			queue->last = NULL;
		free(first);
	}
}

void delivery_queue_let_go(struct delivery_queue *queue, struct delivery *delivery)
{
	delivery->held = false;
	drop_sent(queue);
}

void delivery_queue_took(struct delivery_queue *queue, size_t length)
{
	struct delivery *first = queue->first;

	assert(first && length <= open_of(first) - first->sent);
	first->sent += length;
	queue->waiting -= length;
	drop_sent(queue);
}

void delivery_queue_release(struct delivery_queue *queue)
{
	while (queue->first) {
		struct delivery *first = queue->first;

		queue->first = first->next;
		free(first);
	}
	*queue = (struct delivery_queue){ .queued = queue->queued };
}
