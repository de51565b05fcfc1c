/*
 * Memory that is released all at once: a loaded machine lives in one. Loading a scenario
 * takes some hundred kilobytes; a process that cannot have them ends here.
 */
#ifndef CPGW_CORE_ARENA_H
#define CPGW_CORE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct arena *arena_new(void); /* NULL when memory ran out */
/* For what is gone soon: it comes in blocks so large that they go back to the machine, and leave no holes. */
struct arena *arena_new_passing(void);
void arena_free(struct arena *arena);

/* Zeroed; never NULL. */
void *arena_alloc(struct arena *arena, size_t size);
char *arena_text(struct arena *arena, const char *text, size_t length);

#endif
