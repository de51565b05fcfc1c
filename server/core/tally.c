#include "core/tally.h"

void tally_reply(struct tally *tally, int status)
{
	for (size_t i = 0; i < tally->status_count; i++) {
		if (tally->statuses[i].status != status)
			continue;
		tally->statuses[i].count++;
		return;
	}
	if (tally->status_count == TALLY_STATUSES_MAX)
		tally->other_statuses++;
	else
		tally->statuses[tally->status_count++] = (struct tally_status){ status, 1 };
}
