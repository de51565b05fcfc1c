#include "core/buffer.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_FIRST_CAPACITY 256

struct span span_of(const char *text)
{
	return (struct span){ .at = text, .length = strlen(text) };
}

bool span_equals(struct span span, const char *text)
{
	return strlen(text) == span.length && memcmp(span.at, text, span.length) == 0;
}

bool span_starts_with(struct span span, const char *prefix)
{
	const size_t length = strlen(prefix);
	return span.length >= length && memcmp(span.at, prefix, length) == 0;
}

int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void buffer_release(struct buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct buffer){ .size_max = buffer->size_max };
}

void buffer_clear(struct buffer *buffer)
{
	buffer->length = 0;
	buffer->failed = false;
	if (buffer->data)
		buffer->data[0] = '\0';
}

/* Room for `more` bytes and the terminating zero, where there is none: never for more than may be. */
static bool buffer_grow(struct buffer *buffer, size_t more)
{
	const size_t ceiling = buffer->size_max ? buffer->size_max : BUFFER_SIZE_MAX;
	size_t capacity = buffer->capacity ? buffer->capacity : BUFFER_FIRST_CAPACITY;
	char *data;

	if (buffer->failed)
		return false;
	if (more > ceiling || buffer->length > ceiling - more) {
		buffer->failed = true;
		return false;
	}
	while (capacity <= buffer->length + more)
		capacity *= 2;
	if (capacity > ceiling + 1)
		capacity = ceiling + 1;
	data = realloc(buffer->data, capacity);
	if (!data) {
		buffer->failed = true;
		return false;
	}
	buffer->data = data;
	buffer->capacity = capacity;
	return true;
}

static bool buffer_reserve(struct buffer *buffer, size_t more)
{
	return (!buffer->failed && more < buffer->capacity - buffer->length) || buffer_grow(buffer, more);
}

void buffer_add(struct buffer *buffer, const void *bytes, size_t length)
{
	if (!buffer_reserve(buffer, length))
		return;
	if (length)
		memcpy(buffer->data + buffer->length, bytes, length);
	buffer->length += length;
	buffer->data[buffer->length] = '\0';
}

void buffer_add_text(struct buffer *buffer, const char *text)
{
	buffer_add(buffer, text, strlen(text));
}

void buffer_add_int(struct buffer *buffer, int64_t value)
{
	char digits[24];
	char *at = digits + sizeof digits;
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	do {
		*--at = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (value < 0)
		*--at = '-';
	buffer_add(buffer, at, (size_t)(digits + sizeof digits - at));
}

void buffer_add_format(struct buffer *buffer, const char *format, ...)
{
	char small[512];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(small, sizeof small, format, arguments);
	va_end(arguments);
	if (length < 0) {
		buffer->failed = true;
		return;
	}
	if ((size_t)length < sizeof small) {
		buffer_add(buffer, small, (size_t)length);
		return;
	}
	if (!buffer_reserve(buffer, (size_t)length))
		return;
	va_start(arguments, format);
	vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, arguments);
	va_end(arguments);
	buffer->length += (size_t)length;
}

void buffer_add_json_text(struct buffer *buffer, const char *text, size_t length)
{
	size_t start = 0;

	for (size_t i = 0; i < length; i++) {
		const unsigned char c = (unsigned char)text[i];
		char escape[8] = { '\\', (char)c, '\0' };

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		if (c == '\n')
			escape[1] = 'n';
		else if (c == '\r')
			escape[1] = 'r';
		else if (c == '\t')
			escape[1] = 't';
		else if (c < 0x20)
			snprintf(escape, sizeof escape, "\\u%04x", c);
		buffer_add(buffer, text + start, i - start);
		buffer_add_text(buffer, escape);
		start = i + 1;
	}
	buffer_add(buffer, text + start, length - start);
}

void buffer_add_quoted(struct buffer *buffer, const char *text, size_t length)
{
	buffer_add_text(buffer, "\"");
	buffer_add_json_text(buffer, text, length);
	buffer_add_text(buffer, "\"");
}

bool buffer_failed(const struct buffer *buffer)
{
	return buffer->failed;
}

void buffer_add_member(struct buffer *buffer, const char *name, const char *text)
{
	buffer_add_format(buffer, "\"%s\":", name);
	if (text)
		buffer_add_quoted(buffer, text, strlen(text));
	else
		buffer_add_text(buffer, "null");
}
