/*
 * Any requests, at any time, against the base machine. The input is lines, so that a corpus file can be read and written:
 *
 *   POST:ft /v1/api/tickle body     a request; letters after ":" say what is odd about it
 *   +5m30s                          time passes
 *   !login                          an event
 *   @fresh                          a state is entered
 *   =pacing documented              a setting is changed
 *
 * Lines that make no sense are skipped. The machine is loaded once: loading it is what fuzz_scenario is for.
 */
#include "support/check.h"

#include "core/calendar.h"
#include "support/memory_source.h"
#include "support/repository.h"

#include <string.h>

/* In one input: more than any timer of the base machine, and little enough when a setting has made one of them short. */
#define LIFETIME_MAX_MS (30 * 3600 * 1000LL)
#define LINES_MAX 60

static void load(struct machine *machine)
{
	struct memory_source memory = { 0 };
	struct source source;
	struct problems problems = { 0 };
	struct buffer report = { 0 };

	repository_add(&memory);
	source = memory_source_of(&memory);
	if (!scenario_load(&source, &(struct scenario_request){ .name = "gateway" }, machine, &problems)) {
		problems_render_text(&problems, &report);
		fputs(report.data, stderr);
		abort();
	}
	memory_source_release(&memory);
}

/* The constant machine that all inputs share. */
static const struct machine *base_machine(void)
{
	static struct machine machine;

	if (!machine.arena)
		load(&machine);
	return &machine;
}

/* Cuts the next word off; an empty one at the end. */
static char *next_word(char **rest)
{
	char *word = *rest;

	*rest += strcspn(*rest, " ");
	if (**rest)
		*(*rest)++ = '\0';
	return word;
}

/* Copies a span into a block of its own size, so that a read past its end is found. */
static struct span exact(const char *text, char **owner)
{
	const size_t length = strlen(text);

	*owner = malloc(length ? length : 1);
	CHECK(*owner);
	memcpy(*owner, text, length);
	return (struct span){ *owner, length };
}

static void handle(struct emulator *emulator, char *line)
{
	char *first = next_word(&line);
	const char *target = next_word(&line);
	const char *odd = "";
	char *colon = strchr(first, ':');
	struct request request = { .method_text = first };
	struct reply reply = { 0 };
	char *owned_target;
	char *owned_body;

	if (colon) {
		*colon = '\0';
		odd = colon + 1;
	}
	request.method = method_of(first);
	request.target = exact(target, &owned_target);
	request.body = exact(line, &owned_body);
	request.peer = strchr(odd, 'x') ? "10.0.0.1" : "127.0.0.1";
	request.has_user_agent = !strchr(odd, 'u');
	request.has_content_length = !strchr(odd, 'l');
	request.has_transfer_encoding = strchr(odd, 't') != NULL;
	request.is_form = strchr(odd, 'f') != NULL;
	request.is_preflight = strchr(odd, 'p') != NULL;
	emulator_handle(emulator, &request, &reply);
	check_reply(emulator, &reply);
	reply_release(&reply);
	free(owned_target);
	free(owned_body);
}

/* A text as a value of the setting's own kind; null where it cannot be one. */
static struct value value_of(const struct machine *machine, const char *name, const char *text)
{
	const int setting = machine_find_setting(machine, name);
	struct value value = { .kind = VALUE_NULL };

	if (setting == INDEX_NONE)
		return value;
	switch (machine->settings[setting].value.kind) {
	case VALUE_NONE:
	case VALUE_NULL:
		break;
	case VALUE_BOOL:
		value = (struct value){ .kind = VALUE_BOOL, .number = strcmp(text, "true") == 0 };
		break;
	case VALUE_INT:
		value = (struct value){ .kind = VALUE_INT, .number = strtoll(text, NULL, 10) };
		break;
	case VALUE_TEXT:
		value = (struct value){ .kind = VALUE_TEXT, .text = text };
		break;
	case VALUE_DURATION:
		if (duration_parse(text, &value.number))
			value = (struct value){ .kind = VALUE_DURATION, .number = value.number, .text = text };
		break;
	}
	return value;
}

static void apply(struct emulator *emulator, char *line)
{
	struct error error = { 0 };
	struct action action = { .kind = ACTION_EVENT };
	const char kind = *line++;

	action.name = next_word(&line);
	if (kind == '@')
		action.kind = ACTION_ENTER;
	if (kind == '=') {
		action.kind = ACTION_SET;
		action.value = value_of(emulator->machine, action.name, line);
	}
	CHECK(emulator_apply(emulator, &action, &error) == (error.text[0] == '\0'));
}

static void act(struct emulator *emulator, char *line)
{
	const int64_t before_ms = emulator->now_ms;
	int64_t ms = 0;

	if (*line == '+') {
		if (duration_parse(line + 1, &ms) && ms <= emulator->start_ms + LIFETIME_MAX_MS - before_ms) {
			emulator_advance(emulator, before_ms + ms);
			CHECK(emulator->now_ms == before_ms + ms);
		}
	} else if (*line == '!' || *line == '@' || *line == '=') {
		apply(emulator, line);
	} else if (*line) {
		handle(emulator, line);
	}
	emulator_advance(emulator, emulator->now_ms); /* what is to happen at once */
	check_emulator(emulator);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct emulator emulator;
	struct error error = { 0 };
	char *text = malloc(size + 1);
	char *line = text;

	CHECK(text);
	/* Control characters never come this far: the wire refuses them, and so do those who set settings. */
	for (size_t i = 0; i < size; i++)
		text[i] = data[i] < 0x20 && data[i] != '\n' ? ' ' : (char)data[i];
	text[size] = '\0';
	CHECK(emulator_init(&emulator,
	                    &(struct emulator_options){ .machine = base_machine(),
	                                                .seed = 1,
	                                                .start_ms = 1772461800000,
	                                                .journal_size = JOURNAL_RECORDS_DEFAULT },
	                    &error));
	for (int count = 0; line && count < LINES_MAX; count++) {
		char *end = strchr(line, '\n');

		if (end)
			*end++ = '\0';
		act(&emulator, line);
		line = end;
	}
	emulator_release(&emulator);
	free(text);
	return 0;
}
