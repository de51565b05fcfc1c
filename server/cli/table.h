/*
 * A small table of texts, for people or as JSON.
 */
#ifndef CPGW_CLI_TABLE_H
#define CPGW_CLI_TABLE_H

#include "core/buffer.h"

#include <stddef.h>

struct table {
	const char *const *columns; /* lower-case names, ended by NULL; not owned */
	struct buffer cells;        /* row after row, each ended by a zero byte */
};

/* Adds the next cell, row after row. */
void table_add(struct table *table, const char *cell);
/* The same with what a buffer holds, which is empty and without memory then. */
void table_take(struct table *table, struct buffer *cell);
void table_release(struct table *table);

/* A heading, then a line a row; the last column is as wide as it likes. */
void table_render_text(const struct table *table, struct buffer *out);

/* A list of objects, one a line. */
void table_render_json(const struct table *table, struct buffer *out);

#endif
