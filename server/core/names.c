#include "core/names.h"

#include <stdint.h>
#include <string.h>

static size_t smallest(size_t a, size_t b, size_t c)
{
	const size_t least = a < b ? a : b;
	return least < c ? least : c;
}

static char lower(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return c == '-' ? '_' : c;
}

/* Edits that turn one name into the other; swapped neighbours count as one. Case and "-" for "_" cost nothing. */
static size_t edit_distance(const char *a, const char *b)
{
	size_t rows[3][2 * NAME_LENGTH_MAX + 1];
	const size_t a_length = strlen(a);
	const size_t b_length = strlen(b);
	size_t *before = rows[0];
	size_t *last = rows[1];
	size_t *row = rows[2];

	if (a_length > 2 * NAME_LENGTH_MAX || b_length > 2 * NAME_LENGTH_MAX)
		return SIZE_MAX;
	memset(rows, 0, sizeof rows);
	for (size_t j = 0; j <= b_length; j++)
		last[j] = j;
	for (size_t i = 1; i <= a_length; i++) {
		size_t *spare;

		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			const size_t change = lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1;

			row[j] = smallest(last[j] + 1, row[j - 1] + 1, last[j - 1] + change);
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
			    lower(a[i - 2]) == lower(b[j - 1]) && before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		spare = before;
		before = last;
		last = row;
		row = spare;
	}
	return last[b_length];
}

void nearest_begin(struct nearest *nearest, const char *wanted)
{
	/* A third of the letters may be wrong; beyond that a suggestion only confuses. */
	*nearest = (struct nearest){ .wanted = wanted, .distance = strlen(wanted) / 3 + 2 };
}

void nearest_offer(struct nearest *nearest, const char *known)
{
	const size_t wanted = strlen(nearest->wanted);
	const size_t length = strlen(known);
	size_t distance;

	/* Each letter too many is an edit. */
	if ((wanted > length ? wanted - length : length - wanted) >= nearest->distance)
		return;
	distance = edit_distance(nearest->wanted, known);

	if (distance < nearest->distance) {
		nearest->distance = distance;
		nearest->best = nearest->copy;
		memcpy(nearest->copy, known, length + 1); /* short: a longer one is never near */
	}
}
