#include "support/random_story.h"

#include "core/draw.h"
#include "support/story_streams.h"

/* Draws for stories count from here, apart from those of gateways. */
#define DRAW_STORY 0xD1CE

size_t dice_throw(struct dice *dice, size_t sides)
{
	return (size_t)(draw(dice->seed, DRAW_STORY, dice->thrown++) % sides);
}

static const char *const targets[] = {
	"/v1/api/iserver/auth/status",
	"/v1/portal/iserver/auth/status",
	"/v1/api/tickle",
	"/v1/portal/tickle",
	"/v1/api/iserver/auth/ssodh/init",
	"/v1/api/iserver/auth/ssodh/init?publish=true&compete=true",
	"/v1/api/logout",
	"/v1/api/sso/validate",
	"/v1/api/iserver/reauthenticate?force=true",
	"/v1/portal/iserver/reauthenticate",
	"/v1/api/iserver/accounts",
	"/v1/api/portfolio/accounts",
	"/v1/api/one/user",
	"/v1/api/nosuch",
	"/sso/Login?forwardTo=22&RL=1&ip2loc=US",
	"/sso/Dispatcher",
	"/sso/ping",
	"/",
	"//",
	"/demo/",
	"/favicon.ico",
	"/%zz",
	"*",
	"",
	"https://localhost/v1/api/tickle",
	"/v1/api/tickle?\"\\\x01\x7F\xFF",
	"/nosuch/\"\\\xFF",
};

static const char *const bodies[] = {
	"",
	"{}",
	"{\"publish\":true,\"compete\":true}",
	"{\"publish\":true,\"compete\":false}",
	"{\"publish\":false}",
	"[[[",
	"compete=true&publish=true",
	"compete=false&publish=",
};

static const char *const peers[] = { "127.0.0.1", "127.0.0.1", "127.0.0.1", "192.168.1.1", "10.0.0.1", "::1", "" };

static const char *const messages[] = { "tic",
	                                "ech+hb",
	                                "smd+265598+{\"fields\":[\"31\"]}",
	                                "umd+265598",
	                                "smh+1+{}",
	                                "umh+1",
	                                "sor",
	                                "spl+{}",
	                                "ssd+DU1+{}",
	                                "usd+DU1",
	                                "{\"session\":\"0123456789abcdef0123456789abcdef\"}",
	                                "xyz+1",
	                                "smd+\"\\\x01\xFF\xC3",
	                                "ticket",
	                                "\xFF\xFE",
	                                "" };

/* More of what one does more often. */
static const enum story_step streaming[] = { STORY_OPEN, STORY_SAY, STORY_SAY, STORY_READ, STORY_READ, STORY_CLOSE };

static const int64_t waits_ms[] = { 0,     1,           999,    1000,         3000,         4000,      20000,
	                            60000, 5 * 60000LL, 330000, 10 * 60000LL, 15 * 60000LL, 3600000LL, 86400000LL };

#define PICK(dice, list) ((list)[dice_throw(dice, sizeof(list) / sizeof *(list))])

struct request random_request(struct dice *dice)
{
	const enum http_method method = (enum http_method)dice_throw(dice, METHOD_COUNT);

	return (struct request){ .method = method,
		                 .method_text = method_name(method),
		                 .target = span_of(PICK(dice, targets)),
		                 .body = span_of(PICK(dice, bodies)),
		                 .peer = PICK(dice, peers),
		                 .has_user_agent = dice_throw(dice, 10) != 0,
		                 .has_content_length = dice_throw(dice, 10) != 0,
		                 .has_transfer_encoding = dice_throw(dice, 20) == 0,
		                 .is_form = dice_throw(dice, 4) == 0,
		                 .is_preflight = method == METHOD_OPTIONS && dice_throw(dice, 2) == 0 };
}

/* A value of the right kind, sensible or not. */
static struct value random_value(struct dice *dice, const struct value *now)
{
	static const char *const texts[] = { "", "documented", "observed", "*", "127.0.0.1", "\"\\\xC3\xA4" };
	const bool forget = dice_throw(dice, 5) == 0 && value_may_become(now->kind, VALUE_NULL);
	struct value value = { .kind = forget ? VALUE_NULL : now->kind };

	if (value.kind == VALUE_TEXT)
		value.text = PICK(dice, texts);
	else if (value.kind == VALUE_DURATION)
		value = (struct value){ VALUE_DURATION, PICK(dice, waits_ms), "1s" };
	else if (value.kind != VALUE_NULL)
		value.number = (int64_t)dice_throw(dice, 2);
	return value;
}

struct step random_step(struct dice *dice, const struct machine *machine)
{
	struct step step = { .kind = STORY_REQUEST, .wait_ms = PICK(dice, waits_ms) };
	const size_t roll = dice_throw(dice, 26);
	const struct setting *setting = &machine->settings[dice_throw(dice, machine->setting_count)];

	if (roll < 8) {
		step.kind = STORY_WAIT;
	} else if (roll < 16) {
		step.request = random_request(dice);
	} else if (roll < 18) {
		step.kind = STORY_EVENT;
		step.action =
		    (struct action){ ACTION_EVENT, machine->events[dice_throw(dice, machine->event_count)], { 0 } };
	} else if (roll < 19) {
		step.kind = STORY_ENTER;
		step.action = (struct action){ ACTION_ENTER,
			                       machine->states[dice_throw(dice, machine->state_count)].name,
			                       { 0 } };
	} else if (roll >= 20) {
		step.kind = streaming[roll - 20];
		step.which = dice_throw(dice, STORY_STREAMS);
		step.message = span_of(PICK(dice, messages));
	} else {
		step.kind = STORY_SET;
		step.action = (struct action){ ACTION_SET, setting->name, random_value(dice, &setting->value) };
	}
	return step;
}
