#include "core/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE 16384
/* Above what C libraries keep in their heaps. */
#define PASSING_BLOCK_SIZE (256 * 1024)
#define ALIGNMENT 16

struct block {
	struct block *next;
	size_t used;
	size_t size;
	_Alignas(ALIGNMENT) unsigned char bytes[];
};

struct arena {
	struct block *blocks;
	size_t block_size;
};

static struct arena *new_of(size_t block_size)
{
	struct arena *arena = calloc(1, sizeof *arena);

	if (arena)
		arena->block_size = block_size;
	return arena;
}

struct arena *arena_new(void)
{
	return new_of(BLOCK_SIZE);
}

struct arena *arena_new_passing(void)
{
	return new_of(PASSING_BLOCK_SIZE);
}

void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	while (arena->blocks) {
		struct block *block = arena->blocks;

		arena->blocks = block->next;
		free(block);
	}
	free(arena);
}

void *arena_alloc(struct arena *arena, size_t size)
{
	const size_t wanted = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	struct block *block = arena->blocks;

	if (size > SIZE_MAX / 2)
		abort();
	if (!block || block->size - block->used < wanted) {
		const size_t room = wanted > arena->block_size ? wanted : arena->block_size;

		block = calloc(1, sizeof *block + room);
		if (!block)
			abort();
		block->size = room;
		block->next = arena->blocks;
		arena->blocks = block;
	}
	block->used += wanted;
	return block->bytes + block->used - wanted;
}

char *arena_text(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_alloc(arena, length + 1);

	memcpy(copy, text, length);
	return copy;
}
