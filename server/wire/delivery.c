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

/* Faults on plain bytes hook in here: a delivery that is to be cut, slowed or sliced offers fewer bytes than it has. */
struct span delivery_queue_next(const struct delivery_queue *queue)
{
	const struct delivery *first = queue->first;

	if (!first || first->held)
		return (struct span){ 0 };
	return (struct span){ .at = first->bytes + first->sent, .length = first->length - first->sent };
}

void delivery_queue_took(struct delivery_queue *queue, size_t length)
{
	struct delivery *first = queue->first;

	assert(first && !first->held && length <= first->length - first->sent);
	first->sent += length;
	queue->waiting -= length;
	if (first->sent < first->length)
		return;
	queue->first = first->next;
	if (!queue->first)
		queue->last = NULL;
	free(first);
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
