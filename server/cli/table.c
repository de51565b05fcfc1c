#include "cli/table.h"

#include <ctype.h>
#include <string.h>

#define COLUMNS_MAX 8

void table_add(struct table *table, const char *cell)
{
	buffer_add(&table->cells, cell, strlen(cell) + 1);
}

void table_take(struct table *table, struct buffer *cell)
{
	table_add(table, cell->data ? cell->data : "");
	buffer_release(cell);
}

void table_release(struct table *table)
{
	buffer_release(&table->cells);
}

static size_t count_columns(const struct table *table)
{
	size_t count = 1; /* there is one at least */

	while (count < COLUMNS_MAX && table->columns[count])
		count++;
	return count;
}

/* The cell after `cell`, or the first; NULL past the last. */
static const char *next_cell(const struct table *table, const char *cell)
{
	const char *next = cell ? cell + strlen(cell) + 1 : table->cells.data;

	return next && next < table->cells.data + table->cells.length ? next : NULL;
}

static size_t column_after(size_t column, size_t count)
{
	return column + 1 < count ? column + 1 : 0;
}

static void measure(const struct table *table, size_t count, size_t widths[COLUMNS_MAX])
{
	const char *cell = NULL;

	for (size_t i = 0; i < count; i++)
		widths[i] = strlen(table->columns[i]);
	for (size_t i = 0; (cell = next_cell(table, cell)); i = column_after(i, count))
		if (strlen(cell) > widths[i])
			widths[i] = strlen(cell);
}

static void add_heading(const char *name, struct buffer *out)
{
	for (; *name; name++) {
		const char letter = *name == '_' ? ' ' : (char)toupper((unsigned char)*name);

		buffer_add(out, &letter, 1);
	}
}

void table_render_text(const struct table *table, struct buffer *out)
{
	const size_t count = count_columns(table);
	size_t widths[COLUMNS_MAX] = { 0 };
	const char *cell = NULL;

	measure(table, count, widths);
	for (size_t i = 0; i < count; i++) {
		add_heading(table->columns[i], out);
		if (i + 1 < count)
			buffer_add_format(out, "%*s", (int)(widths[i] - strlen(table->columns[i]) + 2), "");
	}
	buffer_add_text(out, "\n");
	for (size_t i = 0; (cell = next_cell(table, cell)); i = column_after(i, count)) {
		if (i + 1 < count)
			buffer_add_format(out, "%-*s  ", (int)widths[i], cell);
		else
			buffer_add_format(out, "%s\n", cell);
	}
}

void table_render_json(const struct table *table, struct buffer *out)
{
	const size_t count = count_columns(table);
	const char *cell = NULL;

	buffer_add_text(out, "[");
	for (size_t i = 0; (cell = next_cell(table, cell)); i = column_after(i, count)) {
		if (i == 0)
			buffer_add_text(out, cell == table->cells.data ? "\n{" : ",\n{");
		buffer_add_format(out, "%s\"%s\":\"", i == 0 ? "" : ",", table->columns[i]);
		buffer_add_json_text(out, cell, strlen(cell));
		buffer_add_text(out, i + 1 == count ? "\"}" : "\"");
	}
	buffer_add_text(out, "\n]\n");
}
