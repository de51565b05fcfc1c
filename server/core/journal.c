#include "core/journal_parts.h"

#include <stdlib.h>

/* Ticks that are kept, however full it is: a reader who follows each of them does not miss one. */
#define TICKS_LEAST 32

const char *const record_kind_names[RECORD_KIND_COUNT] = {
	[RECORD_REQUEST] = "request",
	[RECORD_ANSWER] = "answer",
	[RECORD_TRANSITION] = "transition",
	[RECORD_TIMER] = "timer",
	[RECORD_CUE] = "cue",
	[RECORD_ACTION] = "action",
	[RECORD_CLOCK] = "clock",
	[RECORD_CONNECTION] = "connection",
	[RECORD_EXPECTATION] = "expectation",
	[RECORD_FAULT] = "fault",
	[RECORD_LOGIN] = "login",
	[RECORD_STREAM] = "stream",
	[RECORD_FRAME] = "frame",
};

void journal_init(struct journal *journal, uint32_t most, size_t bytes_most)
{
	if (most > JOURNAL_RECORDS_MAX)
		most = JOURNAL_RECORDS_MAX;
	*journal = (struct journal){
		.most = most < JOURNAL_RECORDS_MIN ? JOURNAL_RECORDS_MIN : most,
		.keeps_text = most > 0,
	};
	journal->bytes_most =
	    bytes_most ? bytes_most : (size_t)journal->most * (sizeof(struct record) + JOURNAL_TEXT_PER_RECORD);
}

static void release_lane(struct lane *lane)
{
	while (lane->first) {
		struct segment *first = lane->first;

		lane->first = first->next;
		free(first->text);
		free(first);
	}
}

void journal_release(struct journal *journal)
{
	release_lane(&journal->events);
	release_lane(&journal->ticks);
	*journal = (struct journal){ 0 };
}

void journal_count_from(struct journal *journal, uint64_t first)
{
	journal->first = journal->oldest = journal->written = first;
}

void journal_clear(struct journal *journal)
{
	release_lane(&journal->events);
	release_lane(&journal->ticks);
	journal->events = journal->ticks = (struct lane){ 0 };
	journal->bytes = 0;
	journal->events_lost = journal->events_lost_end = 0;
	journal_count_from(journal, journal->written);
}

static uint64_t number_of(const struct segment *segment, unsigned place)
{
	return segment->first + segment->records[place].ordinal;
}

/* ---- giving way ---- */

static uint64_t oldest_of(const struct journal *journal, const struct lane *lane)
{
	return lane->kept > 0 ? number_of(lane->first, lane->first->begin) : journal->written;
}

static void note_oldest(struct journal *journal)
{
	const uint64_t event = oldest_of(journal, &journal->events);
	const uint64_t tick = oldest_of(journal, &journal->ticks);

	journal->oldest = event < tick ? event : tick;
}

static void drop_first_segment(struct journal *journal, struct lane *lane)
{
	struct segment *first = lane->first;

	lane->first = first->next;
	if (lane->first)
		lane->first->previous = NULL;
	else
		lane->last = NULL;
	journal->bytes -= sizeof *first + first->text_size;
	free(first->text);
	free(first);
}

static void give_up_oldest(struct journal *journal, struct lane *lane)
{
	struct segment *first = lane->first;

	if (lane == &journal->events) {
		journal->events_lost++;
		journal->events_lost_end = number_of(first, first->begin) + 1;
	}
	lane->kept--;
	if (++first->begin == first->end)
		drop_first_segment(journal, lane);
}

static struct lane *lane_to_shorten(struct journal *journal)
{
	if (journal->ticks.kept > TICKS_LEAST || journal->events.kept == 0)
		return &journal->ticks;
	return &journal->events;
}

/* Gives up the rest of the lane's oldest segment. False when that is the only one, which is being written. */
static bool give_up_segment(struct journal *journal, struct lane *lane)
{
	const struct segment *first = lane->first;

	if (!first || first == lane->last)
		return false;
	while (lane->first == first)
		give_up_oldest(journal, lane);
	return true;
}

void journal_make_room(struct journal *journal, size_t bytes)
{
	while (journal->bytes + bytes > journal->bytes_most)
		if (!give_up_segment(journal, lane_to_shorten(journal)) &&
		    !give_up_segment(journal, &journal->events) && !give_up_segment(journal, &journal->ticks))
			break;
	note_oldest(journal);
}

/* ---- records ---- */

/* A segment that is written no more keeps no more room than it needs. */
static void close_segment(struct journal *journal, struct segment *segment)
{
	char *text = segment->text_used > 0 ? realloc(segment->text, segment->text_used) : NULL;

	if (!text)
		return;
	journal->bytes -= segment->text_size - segment->text_used;
	segment->text = text;
	segment->text_size = segment->text_used;
}

/* Long texts make segments of fewer records, so that there are several to give up. */
static size_t text_most(const struct journal *journal)
{
	const size_t most = journal->bytes_most / 4;

	return most < TEXT_MOST ? most : TEXT_MOST;
}

static bool has_room(const struct journal *journal, const struct segment *segment)
{
	return segment && segment->end < SEGMENT_RECORDS && journal->written - segment->first <= UINT32_MAX &&
	       (segment->text_used == 0 || segment->text_used + RECORD_TEXT_MAX <= text_most(journal));
}

static struct segment *add_segment(struct journal *journal, struct lane *lane)
{
	struct segment *segment;

	if (lane->last)
		close_segment(journal, lane->last);
	journal_make_room(journal, sizeof *segment);
	segment = calloc(1, sizeof *segment);
	if (!segment && give_up_segment(journal, lane_to_shorten(journal)))
		segment = calloc(1, sizeof *segment);
	if (!segment)
		return NULL;
	segment->first = journal->written;
	segment->previous = lane->last;
	if (lane->last)
		lane->last->next = segment;
	else
		lane->first = segment;
	lane->last = segment;
	journal->bytes += sizeof *segment;
	return segment;
}

/* Where memory ran out, the record is not kept, and counts as one that gave way. */
static struct record *take_spare(struct journal *journal, const struct lane *lane)
{
	journal->spare = (struct record){ .wall_ms = journal->wall_ms };
	journal->written++;
	if (lane == &journal->events) {
		journal->events_lost++;
		journal->events_lost_end = journal->written;
	}
	note_oldest(journal);
	return &journal->spare;
}

static struct record *next_of(struct journal *journal, struct lane *lane)
{
	struct segment *segment;
	struct record *record;

	while (journal_kept(journal) >= journal->most)
		give_up_oldest(journal, lane_to_shorten(journal));
	segment = has_room(journal, lane->last) ? lane->last : add_segment(journal, lane);
	if (!segment)
		return take_spare(journal, lane);
	record = &segment->records[segment->end];
	*record = (struct record){
		.wall_ms = journal->wall_ms,
		.place = segment->end,
		.ordinal = (uint32_t)(journal->written - segment->first),
	};
	segment->end++;
	lane->kept++;
	journal->written++;
	note_oldest(journal);
	return record;
}

struct record *journal_next(struct journal *journal)
{
	return next_of(journal, &journal->events);
}

struct record *journal_next_tick(struct journal *journal)
{
	return next_of(journal, &journal->ticks);
}

uint64_t journal_kept(const struct journal *journal)
{
	return (uint64_t)journal->events.kept + journal->ticks.kept;
}

/* ---- finding them ---- */

/* The place of the first record in the segment whose number is not below `number`. */
static unsigned place_from(const struct segment *segment, uint64_t number)
{
	unsigned low = segment->begin;
	unsigned high = segment->end;

	while (low < high) {
		const unsigned middle = (low + high) / 2;

		if (number_of(segment, middle) < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The segment that the number would be in. */
static const struct segment *segment_of(const struct lane *lane, uint64_t number)
{
	const struct segment *segment = lane->last;

	while (segment && segment->previous && segment->first > number)
		segment = segment->previous;
	return segment;
}

static const struct record *find(const struct lane *lane, uint64_t number)
{
	const struct segment *segment = segment_of(lane, number);
	const unsigned place = segment ? place_from(segment, number) : 0;

	return segment && place < segment->end && number_of(segment, place) == number ? &segment->records[place] : NULL;
}

const struct record *journal_at(const struct journal *journal, uint64_t index)
{
	const struct record *record;

	if (index < journal->oldest || index >= journal->written)
		return NULL;
	record = find(&journal->events, index);
	return record ? record : find(&journal->ticks, index);
}

struct journal_walk journal_walk_from(const struct journal *journal, uint64_t since)
{
	const struct lane *const lanes[] = { &journal->events, &journal->ticks };
	struct journal_walk walk = { 0 };

	for (size_t i = 0; i < 2; i++) {
		const struct segment *segment = segment_of(lanes[i], since);

		walk.lane[i].place = segment ? place_from(segment, since) : 0;
		if (segment && walk.lane[i].place == segment->end) {
			segment = segment->next;
			walk.lane[i].place = segment ? segment->begin : 0;
		}
		walk.lane[i].segment = segment;
	}
	return walk;
}

const struct record *journal_walk_next(struct journal_walk *walk, uint64_t *number)
{
	const struct segment *segment;
	uint64_t least = UINT64_MAX;
	unsigned place;
	size_t lane = 0;

	for (size_t i = 0; i < 2; i++) {
		if (!walk->lane[i].segment || number_of(walk->lane[i].segment, walk->lane[i].place) >= least)
			continue;
		least = number_of(walk->lane[i].segment, walk->lane[i].place);
		lane = i;
	}
	segment = walk->lane[lane].segment;
	if (!segment)
		return NULL;
	if (number)
		*number = least;
	place = walk->lane[lane].place++;
	if (walk->lane[lane].place == segment->end) {
		walk->lane[lane].segment = segment->next;
		walk->lane[lane].place = segment->next ? segment->next->begin : 0;
	}
	return &segment->records[place];
}

/* Here `place` is one more than that of the record which comes next. */
struct journal_walk journal_walk_back_from(const struct journal *journal, uint64_t until)
{
	const struct lane *const lanes[] = { &journal->events, &journal->ticks };
	struct journal_walk walk = { 0 };

	for (size_t i = 0; i < 2; i++) {
		const struct segment *segment = segment_of(lanes[i], until);

		walk.lane[i].place = segment ? place_from(segment, until) : 0;
		if (segment && walk.lane[i].place == segment->begin) {
			segment = segment->previous;
			walk.lane[i].place = segment ? segment->end : 0;
		}
		walk.lane[i].segment = segment;
	}
	return walk;
}

const struct record *journal_walk_back(struct journal_walk *walk, uint64_t *number)
{
	const struct segment *segment = NULL;
	uint64_t most = 0;
	unsigned place;
	size_t lane = 0;

	for (size_t i = 0; i < 2; i++) {
		const struct segment *other = walk->lane[i].segment;

		if (!other || (segment && number_of(other, walk->lane[i].place - 1) < most))
			continue;
		segment = other;
		most = number_of(other, walk->lane[i].place - 1);
		lane = i;
	}
	if (!segment)
		return NULL;
	if (number)
		*number = most;
	place = --walk->lane[lane].place;
	if (place == segment->begin) {
		walk->lane[lane].segment = segment->previous;
		walk->lane[lane].place = segment->previous ? segment->previous->end : 0;
	}
	return &segment->records[place];
}

/* ---- what is lost ---- */

static uint64_t kept_since(const struct lane *lane, uint64_t number)
{
	uint64_t kept = 0;

	for (const struct segment *segment = lane->last; segment; segment = segment->previous) {
		kept += segment->end - place_from(segment, number);
		if (segment->first < number)
			break;
	}
	return kept;
}

uint64_t journal_lost_since(const struct journal *journal, uint64_t since)
{
	const uint64_t from = since > journal->first ? since : journal->first;

	if (from >= journal->written)
		return 0;
	return journal->written - from - kept_since(&journal->events, from) - kept_since(&journal->ticks, from);
}

uint64_t journal_events_lost_since(const struct journal *journal, uint64_t since)
{
	const uint64_t from = since > journal->first ? since : journal->first;
	const uint64_t numbers = journal->events_lost_end > from ? journal->events_lost_end - from : 0;

	return numbers < journal->events_lost ? numbers : journal->events_lost;
}
