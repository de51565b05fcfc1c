/* Why: settings are changed while a gateway runs, by people and over the network. What a scenario may not say, they may
 * not either; a refusal says why and changes nothing. */
#include "core/emulator.h"

#include "support/small_machine.h"

#include <criterion/criterion.h>
#include <string.h>

struct stage {
	struct machine machine;
	struct emulator emulator;
};

static void stage_begin(struct stage *stage)
{
	struct emulator_options options = { .seed = 7, .start_ms = 1772461800000, .journal_size = JOURNAL_RECORDS_MIN };
	struct error error = { 0 };

	*stage = (struct stage){ .machine = small_machine_load(NULL) };
	options.machine = &stage->machine;
	cr_assert(emulator_init(&stage->emulator, &options, &error), "%s", error.text);
}

static void stage_end(struct stage *stage)
{
	emulator_release(&stage->emulator);
	machine_release(&stage->machine);
}

static const struct value *value_of(const struct stage *stage, const char *name)
{
	return &stage->emulator.settings[machine_find_setting(&stage->machine, name)];
}

/* Sets; expects this sentence, or none and the value. */
static void expect(struct stage *stage, const char *name, struct value value, const char *sentence)
{
	const uint64_t written = stage->emulator.journal.written;
	struct error error = { 0 };
	const bool done = emulator_apply(&stage->emulator, &(struct action){ ACTION_SET, name, value }, &error);

	cr_expect_str_eq(error.text, sentence, "wanted: %s\nfound:  %s", sentence, error.text);
	cr_expect_eq(done, sentence[0] == '\0');
	cr_expect_eq(stage->emulator.journal.written, written + done);
	if (!done)
		return;
	cr_expect_eq(value_of(stage, name)->kind, value.kind);
	cr_expect_eq(value_of(stage, name)->number, value.number);
	if (value.text)
		cr_expect_str_eq(value_of(stage, name)->text, value.text);
}

#define TEXT(words) ((struct value){ .kind = VALUE_TEXT, .text = (words) })
#define INT(n) ((struct value){ .kind = VALUE_INT, .number = (n) })
#define DURATION(ms, words) ((struct value){ .kind = VALUE_DURATION, .number = (ms), .text = (words) })
#define NULL_VALUE ((struct value){ .kind = VALUE_NULL })

Test(setting, takes_what_the_loader_takes)
{
	struct stage stage;

	stage_begin(&stage);
	expect(&stage, "who", TEXT("nobody, \"caf\xc3\xa9\""), "");
	expect(&stage, "who", NULL_VALUE, "");
	expect(&stage, "who", TEXT("again"), "");
	expect(&stage, "absent", INT(3), "");
	expect(&stage, "absent", TEXT("there"), "");
	expect(&stage, "number", INT(-SETTING_NUMBER_MAX), "");
	expect(&stage, "number", INT(SETTING_NUMBER_MAX), "");
	expect(&stage, "strict_http", ((struct value){ .kind = VALUE_BOOL }), "");
	expect(&stage, "pacing", TEXT("documented"), "");
	expect(&stage, "pacing", TEXT("observed"), "");
	expect(&stage, "beat", DURATION(TIMER_PERIOD_MIN_MS, "100ms"), "");
	expect(&stage, "idle", DURATION(1, "1ms"), "");
	expect(&stage, "pause", DURATION(0, "0s"), "");
	expect(&stage, "pause", DURATION(DURATION_MAX_MS, "3650d"), "");
	stage_end(&stage);
}

Test(setting, keeps_its_kind)
{
	struct stage stage;

	stage_begin(&stage);
	expect(&stage, "who", INT(1), "setting \"who\" must be a text, found a number");
	expect(&stage, "who", ((struct value){ 0 }), "setting \"who\" must be a text, found null");
	expect(&stage, "number", TEXT("12"), "setting \"number\" must be a whole number, found a text");
	expect(&stage, "idle", TEXT("5 minutes"),
	       "setting \"idle\" must be a duration such as \"90s\", found \"5 minutes\"");
	expect(&stage, "strict_http", TEXT("true"), "setting \"strict_http\" must be true or false, found a text");
	expect(&stage, "who", ((struct value){ .kind = VALUE_BOOL, .number = 1 }),
	       "setting \"who\" must be a text, found true");
	/* The core looks at these for itself. */
	expect(&stage, "ips_allow", NULL_VALUE, "setting \"ips_allow\" must be a text, found null");
	expect(&stage, "pacing", NULL_VALUE, "setting \"pacing\" must be a text, found null");
	stage_end(&stage);
}

Test(setting, holds_texts_of_a_certain_length_without_control_characters)
{
	static const char too_much[] = "setting \"who\" has at most 256 bytes and no control characters";
	char text[SETTING_TEXT_MAX + 2];
	struct stage stage;

	stage_begin(&stage);
	memset(text, 'x', sizeof text);
	text[SETTING_TEXT_MAX + 1] = '\0';
	expect(&stage, "who", TEXT(text), too_much);
	text[SETTING_TEXT_MAX] = '\0';
	expect(&stage, "who", TEXT(text), "");
	expect(&stage, "who", TEXT("a\r\nSet-Cookie: b"), too_much);
	expect(&stage, "who", TEXT("\x1b[2J"), too_much);
	expect(&stage, "who", TEXT("\x7f"), too_much);
	memset(text, '0', sizeof text);
	memcpy(text + SETTING_TEXT_MAX - 1, "1s", 3);
	expect(&stage, "pause", DURATION(1000, text),
	       "setting \"pause\" has at most 256 bytes and no control characters");
	stage_end(&stage);
}

Test(setting, holds_numbers_within_their_range)
{
	struct stage stage;

	stage_begin(&stage);
	expect(&stage, "number", INT(SETTING_NUMBER_MAX + 1),
	       "setting \"number\" must be a whole number from -999999999999999 to 999999999999999");
	expect(&stage, "number", INT(INT64_MIN),
	       "setting \"number\" must be a whole number from -999999999999999 to 999999999999999");
	expect(&stage, "pause", DURATION(-1, "-1ms"),
	       "setting \"pause\" must be from 0 ms to 3650 days, found \"-1ms\"");
	expect(&stage, "pause", DURATION(DURATION_MAX_MS + 1, "3650d1ms"),
	       "setting \"pause\" must be from 0 ms to 3650 days, found \"3650d1ms\"");
	/* What timers need, so that time goes on. */
	expect(&stage, "beat", DURATION(99, "99ms"),
	       "setting \"beat\" must be from 100 ms to 3650 days, found \"99ms\"");
	expect(&stage, "idle", DURATION(0, "0s"), "setting \"idle\" must be from 1 ms to 3650 days, found \"0s\"");
	stage_end(&stage);
}

Test(setting, takes_only_its_words_where_it_has_some)
{
	struct stage stage;

	stage_begin(&stage);
	expect(&stage, "pacing", TEXT("obseved"),
	       "\"pacing\" must be \"observed\" or \"documented\", found \"obseved\"; did you mean \"observed\"?");
	expect(&stage, "pacing", TEXT(""), "\"pacing\" must be \"observed\" or \"documented\", found \"\"");
	stage_end(&stage);
}

static void refused(struct stage *stage, enum action_kind kind, const char *name, const char *sentence)
{
	struct error error = { 0 };

	cr_expect_not(emulator_apply(&stage->emulator, &(struct action){ kind, name, { 0 } }, &error));
	cr_expect_str_eq(error.text, sentence, "wanted: %s\nfound:  %s", sentence, error.text);
}

Test(action, names_what_may_have_been_meant)
{
	struct stage stage;

	stage_begin(&stage);
	refused(&stage, ACTION_SET, "pacng", "there is no setting \"pacng\"; did you mean \"pacing\"?");
	refused(&stage, ACTION_SET, "something_else", "there is no setting \"something_else\"");
	refused(&stage, ACTION_ENTER, "il", "there is no state \"il\"; did you mean \"ill\"?");
	refused(&stage, ACTION_EVENT, "log_in", "no state listens for an event \"log_in\"; did you mean \"login\"?");
	refused(&stage, ACTION_EVENT, "\x1b[2J", "no state listens for an event \"?[2J\"");
	stage_end(&stage);
}
