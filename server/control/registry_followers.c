/*
 * Who follows the journals of a registry's gateways, and what they are told.
 */
#include "control/registry_inside.h"

void registry_follow(struct registry *registry, struct follower *follower)
{
	struct follower **place = &registry->followers;

	while (*place)
		place = &(*place)->next;
	follower->next = NULL;
	*place = follower;
}

void registry_unfollow(struct registry *registry, struct follower *follower)
{
	struct follower **place = &registry->followers;

	while (*place && *place != follower)
		place = &(*place)->next;
	if (*place)
		*place = follower->next;
}

void followers_tell_gone(struct entry *entry, bool begins_anew)
{
	for (struct follower *follower = entry->registry->followers; follower; follower = follower->next)
		if (follower->gone)
			follower->gone(follower, entry, begins_anew);
}

void followers_tell_ending(struct entry *entry)
{
	for (struct follower *follower = entry->registry->followers; follower; follower = follower->next)
		if (follower->ending)
			follower->ending(follower, entry);
}

static void tell_missed(struct entry *entry, uint64_t count)
{
	for (struct follower *follower = entry->registry->followers; follower; follower = follower->next)
		if (follower->missed)
			follower->missed(follower, entry, count);
}

void registry_observe(void *context, struct gateway *gateway)
{
	const struct journal *journal = &gateway->emulator.journal;
	struct entry *entry = context;

	entry->gateway = gateway; /* which may have something to tell before server_add_gateway() returns */
	while (entry->followed < journal->written) {
		struct journal_walk walk = journal_walk_from(journal, entry->followed);
		uint64_t index = journal->written;
		const struct record *record = journal_walk_next(&walk, &index);

		if (index > entry->followed) {
			const uint64_t count = index - entry->followed;

			entry->followed = index;
			tell_missed(entry, count);
		}
		if (!record)
			break;
		entry->followed = index + 1;
		for (struct follower *follower = entry->registry->followers; follower; follower = follower->next)
			if (follower->record)
				follower->record(follower, entry, index, record);
	}
}
