/* Why: a head comes from anybody. However it is cut, the same is found; its plain form is no longer than it was, is plain,
 * and is all that the express lane or a body's end are told of. */
#include "wire/extent.h"
#include "wire/intake.h"
#include "wire/quick.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static enum intake_result look(struct intake *intake, const char *head, size_t length, size_t piece)
{
	enum intake_result result = INTAKE_MORE;

	intake_clear(intake);
	for (size_t here = 0; here < length && result == INTAKE_MORE;) {
		here = piece < length - here ? here + piece : length;
		result = intake_look(intake, head, here);
	}
	return result;
}

/* How far the body reaches, in pieces of that size. */
static size_t reach(const struct exchange *exchange, const char *bytes, size_t length, size_t piece)
{
	struct extent extent;
	size_t taken = 0;

	extent_begin(&extent, exchange);
	while (taken < length) {
		const size_t offered = piece < length - taken ? piece : length - taken;
		const size_t took = extent_take(&extent, bytes + taken, offered);

		taken += took;
		if (took < offered)
			break;
	}
	return taken;
}

static void take_whole(struct intake *intake, char *head, size_t length, size_t piece)
{
	const size_t was = intake->length;
	const size_t gap = intake_rewrite(intake, head);
	struct exchange exchange = { 0 };
	struct intake again;
	struct quick quick;

	assert(gap + intake->length == was);
	head += gap;
	length -= gap;
	assert(look(&again, head, length, length) == INTAKE_WHOLE && again.is_plain);
	assert(again.length == intake->length && again.headers_start == intake->headers_start);
	exchange_note_lines(&exchange, intake_headers(intake, head));
	assert(reach(&exchange, head + intake->length, length - intake->length, piece) ==
	       reach(&exchange, head + intake->length, length - intake->length, length));
	if (quick_recognize(head, length, &quick))
		assert(quick.length == intake->length + quick.content_length && quick.length <= length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says how the rest is cut. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct intake whole;
	struct intake cut;
	enum intake_result result;
	size_t piece;
	char *head;

	if (size < 2)
		return 0;
	piece = 1 + data[0] % 64U;
	size--;
	head = malloc(size);
	assert(head);
	memcpy(head, data + 1, size);
	result = look(&whole, head, size, size);
	assert(look(&cut, head, size, piece) == result);
	if (result == INTAKE_WHOLE) {
		assert(cut.length == whole.length && cut.is_plain == whole.is_plain);
		take_whole(&whole, head, size, piece);
	}
	free(head);
	return 0;
}
