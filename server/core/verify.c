#include "core/verify.h"

#include "core/record_json.h"

#include <inttypes.h>
#include <string.h>

/* Requests that a report names one by one, of each kind. */
#define REQUESTS_SHOWN 5
/* Bytes of one wanted pattern that a report shows. */
#define PATTERN_SHOWN 400

/* ---- reading ---- */

static const struct field times_fields[] = {
	{ "at_least", FIELD_NUMBER, false },
	{ "atLeast", FIELD_NUMBER, false },
	{ "at_most", FIELD_NUMBER, false },
	{ "atMost", FIELD_NUMBER, false },
	{ NULL, 0, false },
};

static const struct field verify_fields[] = {
	{ "request", FIELD_OBJECT, false },     { "record", FIELD_OBJECT, false },
	{ "httpRequest", FIELD_OBJECT, false }, { "times", FIELD_NUMBER | FIELD_OBJECT, false },
	{ "since", FIELD_NUMBER, false },       { NULL, 0, false },
};

static const struct field sequence_fields[] = {
	{ "requests", FIELD_LIST, false },
	{ "records", FIELD_LIST, false },
	{ "httpRequests", FIELD_LIST, false },
	{ "since", FIELD_NUMBER, false },
	{ NULL, 0, false },
};

/* An id counts from 1; a record's number from 0. */
static uint64_t read_since(const struct reader *reader, const cJSON *item)
{
	int64_t id = 1;

	if (item)
		reader_integer(reader, item, "an id", 0, SETTING_NUMBER_MAX, &id);
	return id > 0 ? (uint64_t)id - 1 : 0;
}

static void read_bounds(const struct reader *reader, const cJSON *item, struct verify *verify)
{
	const cJSON *least = reader_either(reader, item, "at_least", "atLeast");
	const cJSON *most = reader_either(reader, item, "at_most", "atMost");

	verify->at_least = 0;
	if (!least && !most)
		reader_problem(reader, item, NULL, "wanted \"at_least\", \"at_most\" or both");
	if (least)
		reader_integer(reader, least, "\"at_least\"", 0, VERIFY_TIMES_MAX, &verify->at_least);
	if (most)
		reader_integer(reader, most, "\"at_most\"", 0, VERIFY_TIMES_MAX, &verify->at_most);
	if (verify->at_most < verify->at_least)
		reader_problem(reader, most, NULL, "\"at_most\" is less than \"at_least\": nothing could ever be so");
}

static void read_times(const struct reader *reader, const cJSON *item, struct verify *verify)
{
	verify->at_least = 1;
	verify->at_most = INT64_MAX;
	if (cJSON_IsNumber(item)) {
		if (reader_integer(reader, item, "\"times\"", 0, VERIFY_TIMES_MAX, &verify->at_least))
			verify->at_most = verify->at_least;
	} else if (item && reader_object(reader, item, "\"times\"", times_fields)) {
		read_bounds(reader, item, verify);
	}
}

/* The one of these members that there is. */
static const cJSON *pattern_of(const struct reader *reader, const cJSON *item, const char *name, const char *other,
                               const char *foreign)
{
	const cJSON *pattern = reader_either(reader, item, name, foreign);
	const cJSON *also = json_member(item, other);

	if (pattern && also)
		reader_key_problem(reader, also, NULL, "\"%s\" is \"%s\" in other words: wanted one of them", other,
		                   pattern->string);
	return pattern ? pattern : also;
}

bool verify_read(const struct reader *reader, const struct machine *machine, const cJSON *item, struct verify *verify)
{
	const size_t before = reader->problems->total;

	*verify = (struct verify){ 0 };
	if (!reader_object(reader, item, "a verification", verify_fields))
		return false;
	verify->pattern = pattern_of(reader, item, "request", "record", "httpRequest");
	if (!verify->pattern)
		reader_problem(reader, item, NULL,
		               "a verification must have \"request\": what the client is to have asked, or \"record\": "
		               "what else is to have happened");
	query_read(reader, machine, verify->pattern, &verify->query);
	read_times(reader, json_member(item, "times"), verify);
	if (!json_member(verify->pattern, "since"))
		verify->query.since = read_since(reader, json_member(item, "since"));
	return reader->problems->total == before;
}

static void read_patterns(const struct reader *reader, const struct machine *machine, uint64_t since,
                          struct verify_sequence *sequence)
{
	for (const cJSON *pattern = sequence->patterns->child; pattern; pattern = pattern->next) {
		if (sequence->count == VERIFY_SEQUENCE_MAX) {
			reader_problem(reader, pattern, NULL,
			               "too many patterns in one sequence; at most %d are allowed",
			               VERIFY_SEQUENCE_MAX);
			return;
		}
		query_read(reader, machine, pattern, &sequence->queries[sequence->count]);
		if (!json_member(pattern, "since"))
			sequence->queries[sequence->count].since = since;
		sequence->count++;
	}
}

bool verify_sequence_read(const struct reader *reader, const struct machine *machine, const cJSON *item,
                          struct verify_sequence *sequence)
{
	const size_t before = reader->problems->total;

	sequence->count = 0;
	if (!reader_object(reader, item, "a verification", sequence_fields))
		return false;
	sequence->patterns = pattern_of(reader, item, "requests", "records", "httpRequests");
	if (!sequence->patterns || !sequence->patterns->child)
		reader_problem(reader, sequence->patterns ? sequence->patterns : item, NULL,
		               "a verification must have \"requests\": what the client is to have asked, in order, or "
		               "\"records\": what else is to have happened among it");
	else
		read_patterns(reader, machine, read_since(reader, json_member(item, "since")), sequence);
	return reader->problems->total == before;
}

/* ---- parts of reports ---- */

/* Cuts between characters. */
static void add_pattern(const cJSON *pattern, struct buffer *report)
{
	char *text = cJSON_PrintUnformatted(pattern);
	size_t length = text ? strlen(text) : 0;
	const bool is_long = length > PATTERN_SHOWN;

	for (length = is_long ? PATTERN_SHOWN : length; is_long && length > 0; length--)
		if (((unsigned char)text[length] & 0xC0) != 0x80)
			break;
	if (length > 0)
		buffer_add(report, text, length);
	if (is_long)
		buffer_add_text(report, "…");
	cJSON_free(text);
}

/* "1,204" */
static void add_count(uint64_t count, struct buffer *out)
{
	if (count >= 1000) {
		add_count(count / 1000, out);
		buffer_add_format(out, ",%03d", (int)(count % 1000));
	} else {
		buffer_add_int(out, (int64_t)count);
	}
}

static void add_lost(uint64_t lost, const char *what_follows, struct buffer *report)
{
	if (lost == 0)
		return;
	add_count(lost, report);
	buffer_add_format(report, " older %s no longer kept: %s\n", lost == 1 ? "record is" : "records are",
	                  what_follows);
}

static void add_record(const struct emulator *emulator, uint64_t index, struct buffer *report)
{
	buffer_add_format(report, "  %" PRIu64 "  ", index + 1);
	record_add_line(emulator, journal_at(&emulator->journal, index), report);
	buffer_add_text(report, "\n");
}

/* Requests with the fewest members that do not fit; among those the newest. */
struct nearest_requests {
	uint64_t index[REQUESTS_SHOWN];
	size_t misfits[REQUESTS_SHOWN];
	size_t count;
};

static void offer_request(struct nearest_requests *nearest, uint64_t index, size_t misfits)
{
	size_t at = nearest->count;

	while (at > 0 && nearest->misfits[at - 1] >= misfits)
		at--;
	if (at == REQUESTS_SHOWN)
		return;
	if (nearest->count < REQUESTS_SHOWN)
		nearest->count++;
	for (size_t i = nearest->count - 1; i > at; i--) {
		nearest->index[i] = nearest->index[i - 1];
		nearest->misfits[i] = nearest->misfits[i - 1];
	}
	nearest->index[at] = index;
	nearest->misfits[at] = misfits;
}

static bool goes_one_way(const struct query *query)
{
	return query->about == RECORD_FRAME && query->in != query->out;
}

static void add_nearest(const struct query *query, const struct emulator *emulator, uint64_t from,
                        struct buffer *report)
{
	const struct journal *journal = &emulator->journal;
	struct journal_walk walk = journal_walk_from(journal, from);
	struct nearest_requests nearest = { .count = 0 };
	const struct record *record;
	uint64_t index;

	while ((record = journal_walk_next(&walk, &index))) {
		const size_t misfits = query_is_about(query, record) ? query_explain(query, emulator, record, NULL) : 0;

		if (misfits > 0)
			offer_request(&nearest, index, misfits);
	}
	if (nearest.count > 0)
		buffer_add_text(report, "The nearest that came:\n");
	else
		buffer_add_format(report, "No other %s came.\n",
		                  goes_one_way(query) ? "frame that way" : query_noun(query));
	for (size_t i = 0; i < nearest.count; i++) {
		add_record(emulator, nearest.index[i], report);
		buffer_add_text(report, "     ");
		query_explain(query, emulator, journal_at(journal, nearest.index[i]), report);
		buffer_add_text(report, "\n");
	}
}

/* A report of its own size, so that nothing can make it grow without end. */
static struct buffer report_begin(void)
{
	return (struct buffer){ .size_max = VERIFY_REPORT_MAX };
}

static void report_end(struct buffer *whole, struct buffer *report)
{
	if (whole->data)
		buffer_add(report, whole->data, whole->length);
	if (buffer_failed(whole))
		buffer_add_text(report, "\n… and more\n");
	buffer_release(whole);
}

/* ---- one pattern ---- */

static void add_times(const struct verify *verify, struct buffer *report)
{
	const char *word = "at least";
	int64_t count = verify->at_least;

	if (verify->at_most == verify->at_least) {
		word = "exactly";
	} else if (verify->at_least == 0) {
		word = "at most";
		count = verify->at_most;
	} else if (verify->at_most != INT64_MAX) {
		buffer_add_format(report, "%" PRId64 " to %" PRId64 " times", verify->at_least, verify->at_most);
		return;
	}
	buffer_add_format(report, "%s %" PRId64 " %s", word, count, count == 1 ? "time" : "times");
}

/* The latest of those that fit: where there are too many, it is the last that are one too many. */
static void add_found(const struct verify *verify, const struct emulator *emulator, int64_t found,
                      struct buffer *report)
{
	struct journal_walk walk = journal_walk_back_from(&emulator->journal, UINT64_MAX);
	const struct record *record;
	int64_t shown = 0;
	uint64_t index;

	buffer_add_text(report, found > REQUESTS_SHOWN ? "The latest of them:\n" : "They are, the latest first:\n");
	while (shown < REQUESTS_SHOWN && (record = journal_walk_back(&walk, &index)) && index >= verify->query.since) {
		if (!query_matches(&verify->query, emulator, record))
			continue;
		add_record(emulator, index, report);
		shown++;
	}
}

static void explain(const struct verify *verify, const struct emulator *emulator, int64_t found, uint64_t lost,
                    struct buffer *report)
{
	buffer_add_text(report, "Wanted ");
	add_times(verify, report);
	buffer_add_text(report, ": ");
	add_pattern(verify->pattern, report);
	buffer_add_format(report, "\nFound %s%" PRId64 ".\n", lost > 0 ? "at least " : "", found);
	if (found < verify->at_least)
		add_lost(lost, "whether the rest was among them is not known", report);
	else if (found <= verify->at_most)
		add_lost(lost,
		         "so it is not proven that there were no more. Keep more with --journal-size, or count from a "
		         "later record with \"since\"",
		         report);
	if (found > 0)
		add_found(verify, emulator, found, report);
	if (found < verify->at_least)
		add_nearest(&verify->query, emulator, query_first(&verify->query, &emulator->journal), report);
}

bool verify_run(const struct verify *verify, const struct emulator *emulator, struct buffer *report)
{
	const struct journal *journal = &emulator->journal;
	const uint64_t lost = query_lost(&verify->query, journal);
	struct journal_walk walk = journal_walk_from(journal, verify->query.since);
	const struct record *record;
	struct buffer whole = report_begin();
	int64_t found = 0;

	while ((record = journal_walk_next(&walk, NULL)))
		found += query_matches(&verify->query, emulator, record);
	if (found >= verify->at_least && found <= verify->at_most && (lost == 0 || verify->at_most == INT64_MAX))
		return true;
	explain(verify, emulator, found, lost, &whole);
	report_end(&whole, report);
	return false;
}

/* ---- a sequence ---- */

/* What each of the first patterns was found to be. */
struct progress {
	uint64_t index[VERIFY_SEQUENCE_MAX];
	size_t count;
};

/* What all of them are about. */
static const char *noun_of(const struct verify_sequence *sequence)
{
	for (size_t i = 1; i < sequence->count; i++)
		if (sequence->queries[i].about != sequence->queries[0].about)
			return "record";
	return query_noun(&sequence->queries[0]);
}

static bool is_of_kind(const struct verify_sequence *sequence, const struct record *record)
{
	for (size_t i = 0; i < sequence->count; i++)
		if (query_is_about(&sequence->queries[i], record))
			return true;
	return false;
}

static void add_progress(const struct verify_sequence *sequence, const struct emulator *emulator,
                         const struct progress *progress, struct buffer *report)
{
	const cJSON *pattern = sequence->patterns->child;

	buffer_add_format(report, "Wanted %zu %s%s in this order, found the first %zu:\n", sequence->count,
	                  noun_of(sequence), sequence->count == 1 ? "" : "s", progress->count);
	for (size_t i = 0; i < sequence->count; i++, pattern = pattern->next) {
		buffer_add_format(report, "%s %zu. ", i < progress->count ? "+" : "-", i + 1);
		add_pattern(pattern, report);
		buffer_add_text(report, "\n");
		if (i < progress->count)
			add_record(emulator, progress->index[i], report);
	}
}

static void add_instead(const struct verify_sequence *sequence, const struct emulator *emulator, uint64_t from,
                        struct buffer *report)
{
	struct journal_walk walk = journal_walk_from(&emulator->journal, from);
	const struct record *record;
	size_t shown = 0;
	uint64_t index;

	while (shown < REQUESTS_SHOWN && (record = journal_walk_next(&walk, &index))) {
		if (!is_of_kind(sequence, record))
			continue;
		if (shown++ == 0)
			buffer_add_text(report, "What came instead:\n");
		add_record(emulator, index, report);
	}
}

static bool is_used(const struct progress *progress, uint64_t index)
{
	for (size_t i = 0; i < progress->count; i++)
		if (progress->index[i] == index)
			return true;
	return false;
}

/* It may have come, but too early. */
static void add_too_early(const struct query *query, const struct emulator *emulator, const struct progress *progress,
                          uint64_t until, struct buffer *report)
{
	struct journal_walk walk = journal_walk_back_from(&emulator->journal, until);
	const struct record *record;
	uint64_t index;

	while ((record = journal_walk_back(&walk, &index)) && index >= query->since) {
		if (is_used(progress, index) || !query_matches(query, emulator, record))
			continue;
		buffer_add_text(report, "It came before that:\n");
		add_record(emulator, index, report);
		return;
	}
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void explain_stop(const struct verify_sequence *sequence, const struct emulator *emulator,
                         const struct progress *progress, struct buffer *report)
{
	const struct query *query = &sequence->queries[progress->count];
	const uint64_t reached = progress->count > 0 ? progress->index[progress->count - 1] + 1 : 0;
	const uint64_t from = later(reached, query_first(query, &emulator->journal));

	add_progress(sequence, emulator, progress, report);
	add_lost(query_lost(query, &emulator->journal), "whether what is missing was among them is not known", report);
	buffer_add_format(report, "It stopped at %s %zu.\n", noun_of(sequence), progress->count + 1);
	add_too_early(query, emulator, progress, reached, report);
	add_instead(sequence, emulator, from, report);
	add_nearest(query, emulator, from, report);
}

bool verify_sequence_run(const struct verify_sequence *sequence, const struct emulator *emulator, struct buffer *report)
{
	struct journal_walk walk = journal_walk_from(&emulator->journal, 0);
	struct progress progress = { .count = 0 };
	struct buffer whole = report_begin();
	const struct record *record;
	uint64_t index;

	/* The earliest that fits leaves most room for those that follow. */
	while (progress.count < sequence->count && (record = journal_walk_next(&walk, &index))) {
		const struct query *query = &sequence->queries[progress.count];

		if (index >= query->since && query_matches(query, emulator, record))
			progress.index[progress.count++] = index;
	}
	if (progress.count == sequence->count)
		return true;
	explain_stop(sequence, emulator, &progress, &whole);
	report_end(&whole, report);
	return false;
}
