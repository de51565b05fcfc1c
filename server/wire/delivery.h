/*
 * What is to leave on one connection, in order: a first-in first-out list of deliveries, one per answer. Every plain
 * byte that goes out passes through here; a delivery keeps an answer's bytes apart from its neighbours', so that
 * whatever is done to one answer is done to no other, even when requests are pipelined.
 */
#ifndef CPGW_WIRE_DELIVERY_H
#define CPGW_WIRE_DELIVERY_H

#include "core/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct delivery {
	struct delivery *next;
	uint64_t start; /* where it begins in the connection's plain stream */
	bool held;      /* no byte may leave yet beyond the first `open` */
	size_t open;
	size_t sent;
	size_t length;
	char bytes[];
};

struct delivery_queue {
	struct delivery *first; /* owned */
	struct delivery *last;
	size_t waiting;  /* bytes that have not left */
	uint64_t queued; /* bytes ever queued: the next delivery's start */
};

/* Appends a copy of the bytes. NULL when memory ran out; the queue is as before then. It owns what it returns. */
struct delivery *delivery_queue_add(struct delivery_queue *queue, const void *bytes, size_t length, bool held);

/* The bytes that may leave next; empty when there are none or the first delivery is held. */
struct span delivery_queue_next(const struct delivery_queue *queue);

/* Holds one back no longer; one whose bytes have all left is gone after it. */
void delivery_queue_let_go(struct delivery_queue *queue, struct delivery *delivery);

/* Says that so many of them have left. */
void delivery_queue_took(struct delivery_queue *queue, size_t length);

void delivery_queue_release(struct delivery_queue *queue);

#endif
