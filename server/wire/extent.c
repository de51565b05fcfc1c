#include "wire/extent.h"

#include "wire/exchange.h"

void extent_begin(struct extent *extent, const struct exchange *exchange)
{
	*extent = (struct extent){ .part = EXTENT_ENDED };
	if (exchange->request.has_transfer_encoding) {
		extent->part = exchange->is_chunked ? EXTENT_CHUNK_SIZE : EXTENT_UNKNOWN;
	} else if (exchange->content_length > 0) {
		extent->part = EXTENT_BODY;
		extent->left = exchange->content_length;
	}
}

static size_t take_counted(struct extent *extent, size_t length)
{
	const size_t taken = extent->left < length ? (size_t)extent->left : length;

	extent->left -= taken;
	if (extent->left == 0)
		extent->part = extent->part == EXTENT_CHUNK ? EXTENT_CHUNK_END : EXTENT_ENDED;
	return taken;
}

static void take_size(struct extent *extent, char c)
{
	const int digit = hex_value(c);

	if (c == '\n') {
		extent->part = extent->left > 0 ? EXTENT_CHUNK : EXTENT_TRAILER;
		extent->digits_ended = false;
	} else if (digit < 0 || extent->digits_ended) {
		extent->digits_ended = true;
	} else {
		extent->left = extent->left > UINT64_MAX / 16 ? UINT64_MAX : extent->left * 16 + (uint64_t)digit;
	}
}

static void take_trailer(struct extent *extent, char c)
{
	if (c == '\n' && !extent->line_has_something)
		extent->part = EXTENT_ENDED;
	else if (c != '\r')
		extent->line_has_something = c != '\n';
}

size_t extent_take(struct extent *extent, const char *bytes, size_t length)
{
	size_t taken = 0;

	while (taken < length) {
		switch (extent->part) {
		case EXTENT_BODY:
		case EXTENT_CHUNK:
			taken += take_counted(extent, length - taken);
			break;
		case EXTENT_CHUNK_SIZE:
			take_size(extent, bytes[taken++]);
			break;
		case EXTENT_CHUNK_END:
			if (bytes[taken++] == '\n')
				extent->part = EXTENT_CHUNK_SIZE;
			break;
		case EXTENT_TRAILER:
			take_trailer(extent, bytes[taken++]);
			break;
		case EXTENT_ENDED:
			return taken;
		case EXTENT_UNKNOWN:
			return length;
		}
	}
	return taken;
}
