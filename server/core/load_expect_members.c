/*
 * Which members an expectation may have: one subject, and what goes with it.
 */
#include "core/load_expect.h"

enum member {
	MEMBER_AT_LEAST = 1,
	MEMBER_AT_MOST = 2,
	MEMBER_EVERY = 4,
	MEMBER_WITHIN = 8,
	MEMBER_LAST = 16,
	MEMBER_SPAN = 32,
};

static const struct {
	const char *name;
	unsigned counts;  /* enum member: it must have one of these */
	unsigned allowed; /* and may have these */
	const char *wanted;
} subjects[] = {
	{ "call", MEMBER_AT_LEAST | MEMBER_AT_MOST | MEMBER_EVERY, MEMBER_WITHIN | MEMBER_SPAN,
	  "\"at_least\", \"at_most\" and \"every\"" },
	{ "event", MEMBER_AT_LEAST | MEMBER_AT_MOST, MEMBER_WITHIN | MEMBER_LAST | MEMBER_SPAN,
	  "\"at_least\" and \"at_most\"" },
	{ "frame", MEMBER_AT_LEAST | MEMBER_AT_MOST | MEMBER_EVERY, MEMBER_WITHIN | MEMBER_SPAN,
	  "\"at_least\", \"at_most\" and \"every\"" },
	{ "pacing", MEMBER_AT_MOST, MEMBER_WITHIN | MEMBER_SPAN, "\"at_most\"" },
	{ "order", 0, MEMBER_WITHIN | MEMBER_SPAN, NULL },
	{ "state", 0, MEMBER_WITHIN | MEMBER_SPAN, NULL },
};

static const struct {
	const char *name;
	enum member member;
} members[] = {
	{ "at_least", MEMBER_AT_LEAST }, { "at_most", MEMBER_AT_MOST }, { "every", MEMBER_EVERY },
	{ "within", MEMBER_WITHIN },     { "last", MEMBER_LAST },       { "after", MEMBER_SPAN },
	{ "until", MEMBER_SPAN },        { "while", MEMBER_SPAN },
};

#define SUBJECT_COUNT (sizeof subjects / sizeof *subjects)
#define MEMBER_COUNT (sizeof members / sizeof *members)

/* The row of the one subject that an expectation has; -1, and a problem. */
int find_expect_subject(struct loading *loading, const cJSON *item)
{
	int found = -1;

	for (size_t i = 0; i < SUBJECT_COUNT; i++) {
		const cJSON *member = json_member(item, subjects[i].name);

		if (member && found >= 0) {
			reader_key_problem(&loading->reader, member, NULL,
			                   "\"%s\" and \"%s\" are two expectations: say each by itself",
			                   subjects[found].name, subjects[i].name);
			return -1;
		}
		if (member)
			found = (int)i;
	}
	if (found < 0)
		reader_key_problem(&loading->reader, item, NULL,
		                   "an expectation must have one of \"call\", \"event\", \"frame\", \"pacing\", "
		                   "\"order\" and \"state\"");
	return found;
}

/* Whether its members go together; each that does not is a problem. */
bool expect_members_fit(struct loading *loading, const cJSON *item, int subject)
{
	const cJSON *counted = NULL;
	bool fine = true;

	for (size_t i = 0; i < MEMBER_COUNT; i++) {
		const cJSON *member = json_member(item, members[i].name);

		if (!member)
			continue;
		if (!((subjects[subject].counts | subjects[subject].allowed) & members[i].member)) {
			reader_key_problem(&loading->reader, member, NULL, "\"%s\" does not go with \"%s\"",
			                   members[i].name, subjects[subject].name);
			fine = false;
		} else if ((subjects[subject].counts & members[i].member) && counted) {
			reader_key_problem(&loading->reader, member, NULL,
			                   "\"%s\" and \"%s\" are two expectations: say each by itself",
			                   counted->string, members[i].name);
			fine = false;
		} else if (subjects[subject].counts & members[i].member) {
			counted = member;
		}
	}
	if (subjects[subject].counts && !counted && fine) {
		reader_key_problem(&loading->reader, item, NULL, "an expectation of \"%s\" must have %s%s",
		                   subjects[subject].name, subjects[subject].counts == MEMBER_AT_MOST ? "" : "one of ",
		                   subjects[subject].wanted);
		fine = false;
	}
	return fine;
}
