/* Why: answers leave in order and whole, whatever one of them waits for; all faults on answers will hook in here. */
#include "wire/delivery.h"

#include <criterion/criterion.h>
#include <string.h>

static struct delivery *add(struct delivery_queue *queue, const char *text, bool held)
{
	struct delivery *delivery = delivery_queue_add(queue, text, strlen(text), held);

	cr_assert_not_null(delivery);
	return delivery;
}

static void expect_next(const struct delivery_queue *queue, const char *text)
{
	const struct span next = delivery_queue_next(queue);

	cr_expect(span_equals(next, text), "\"%.*s\" instead of \"%s\"", (int)next.length, next.at, text);
}

Test(wire_delivery, an_empty_queue_has_nothing_to_send)
{
	struct delivery_queue queue = { 0 };

	cr_expect_eq(delivery_queue_next(&queue).length, 0);
	delivery_queue_release(&queue);
	cr_expect_eq(queue.queued, 0);
}

Test(wire_delivery, first_in_is_first_out)
{
	struct delivery_queue queue = { 0 };

	add(&queue, "one", false);
	add(&queue, "two", false);
	expect_next(&queue, "one");
	delivery_queue_took(&queue, 3);
	expect_next(&queue, "two");
	delivery_queue_took(&queue, 3);
	cr_expect_eq(delivery_queue_next(&queue).length, 0);
	cr_expect_null(queue.first);
	cr_expect_null(queue.last);
	add(&queue, "three", false);
	expect_next(&queue, "three");
	delivery_queue_release(&queue);
}

Test(wire_delivery, keeps_a_copy)
{
	struct delivery_queue queue = { 0 };
	char text[] = "before";

	cr_assert(delivery_queue_add(&queue, text, strlen(text), false));
	memcpy(text, "after!", sizeof text);
	expect_next(&queue, "before");
	delivery_queue_release(&queue);
}

Test(wire_delivery, leaves_in_pieces)
{
	struct delivery_queue queue = { 0 };

	add(&queue, "abcdef", false);
	add(&queue, "g", false);
	delivery_queue_took(&queue, 2);
	expect_next(&queue, "cdef");
	delivery_queue_took(&queue, 3);
	expect_next(&queue, "f");
	delivery_queue_took(&queue, 1);
	expect_next(&queue, "g");
	delivery_queue_release(&queue);
}

Test(wire_delivery, what_is_held_holds_all_behind_it)
{
	struct delivery_queue queue = { 0 };
	struct delivery *held;

	add(&queue, "now", false);
	held = add(&queue, "later", true);
	add(&queue, "behind", false);
	expect_next(&queue, "now");
	delivery_queue_took(&queue, 3);
	cr_expect_eq(delivery_queue_next(&queue).length, 0);
	held->held = false;
	expect_next(&queue, "later");
	delivery_queue_took(&queue, 5);
	expect_next(&queue, "behind");
	delivery_queue_release(&queue);
}

Test(wire_delivery, counts_what_waits_and_what_ever_was)
{
	struct delivery_queue queue = { 0 };

	cr_expect_eq(add(&queue, "12345", false)->start, 0);
	cr_expect_eq(add(&queue, "67", true)->start, 5);
	cr_expect_eq(queue.waiting, 7);
	delivery_queue_took(&queue, 4);
	cr_expect_eq(queue.waiting, 3);
	delivery_queue_took(&queue, 1);
	cr_expect_eq(queue.waiting, 2);
	cr_expect_eq(queue.queued, 7);
	delivery_queue_release(&queue);
	cr_expect_eq(queue.waiting, 0);
	cr_expect_eq(queue.queued, 7, "the stream goes on where it was");
	cr_expect_eq(add(&queue, "8", false)->start, 7);
	delivery_queue_release(&queue);
}

Test(wire_delivery, bytes_may_be_of_any_value)
{
	struct delivery_queue queue = { 0 };

	cr_assert(delivery_queue_add(&queue, "\0\r\n\xff", 4, false));
	cr_expect_eq(delivery_queue_next(&queue).length, 4);
	cr_expect_arr_eq(delivery_queue_next(&queue).at, "\0\r\n\xff", 4);
	delivery_queue_release(&queue);
}
