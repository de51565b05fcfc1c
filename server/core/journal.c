#include "core/journal.h"

#include <stdlib.h>

void journal_release(struct journal *journal)
{
	free(journal->ring);
	*journal = (struct journal){ 0 };
}

bool journal_init(struct journal *journal)
{
	*journal = (struct journal){ .ring = calloc(JOURNAL_RECORDS_MAX, sizeof *journal->ring) };
	return journal->ring != NULL;
}

struct record *journal_next(struct journal *journal)
{
	return &journal->ring[journal->written++ % JOURNAL_RECORDS_MAX];
}

const struct record *journal_at(const struct journal *journal, uint64_t index)
{
	if (index >= journal->written || journal->written - index > JOURNAL_RECORDS_MAX)
		return NULL;
	return &journal->ring[index % JOURNAL_RECORDS_MAX];
}
