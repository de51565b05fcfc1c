/*
 * Who logs in, and how far: the part of a login that is not in the machine's states. A call of a login page is judged
 * by its form and by the accounts that the scenario names; answers ask for the verdict ("login": "refused"), and the
 * events that they raise move the machine. Sources: docs/gateway.md#login-pages.
 *
 * Without accounts anybody may log in, with any password; the settings "login_mode" and "second_factor" say what else is asked for.
 */
#ifndef CPGW_CORE_LOGIN_H
#define CPGW_CORE_LOGIN_H

#include "core/limits.h"
#include "core/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct emulator;

/* What a call amounts to. */
enum login_outcome {
	LOGIN_NOTHING,           /* it brings nothing to log in with, and nobody need be anybody */
	LOGIN_NOBODY,            /* likewise, but the scenario names accounts */
	LOGIN_ACCEPTED,          /* all that is needed has been said */
	LOGIN_REFUSED,           /* unknown user, or wrong password */
	LOGIN_WANTS_PAPER,       /* right, but a paper trading user in live mode */
	LOGIN_WANTS_LIVE,        /* right, but a live user in paper mode */
	LOGIN_ASKS_METHOD,       /* right, and next comes a choice between second factors */
	LOGIN_ASKS_CODE,         /* right, and next comes a code */
	LOGIN_ASKS_NOTIFICATION, /* right, and next a phone must say yes */
	LOGIN_ASKS_AGAIN,        /* right so far, and the phone is to be asked once more */
	LOGIN_WRONG_METHOD,      /* a second factor that there is not */
	LOGIN_WRONG_CODE,
	LOGIN_INIT, /* the first call of the page's own script, with the user alone */
	LOGIN_OUTCOME_COUNT
};

/* "nothing" …: as scenario files name them. */
extern const char *const login_outcome_names[LOGIN_OUTCOME_COUNT];

enum login_mode { LOGIN_ANY_MODE, LOGIN_LIVE, LOGIN_PAPER, LOGIN_MODE_COUNT };

/* "any" …, and a NULL after the last: words of the setting, too. */
extern const char *const login_mode_names[LOGIN_MODE_COUNT + 1];

enum second_factor { FACTOR_NONE, FACTOR_CODE, FACTOR_NOTIFICATION, FACTOR_CHOICE, FACTOR_COUNT };

/* "none" …, and a NULL after the last: words of the setting, too. */
extern const char *const second_factor_names[FACTOR_COUNT + 1];

/* One that the scenario names. */
struct account {
	const char *user;
	const char *password; /* NULL: any */
	const char *code;     /* NULL: any that is not empty */
	enum login_mode mode;
	enum second_factor factor;
};

/* What a gateway remembers between the calls of one login. The real one has one session for all clients, and so one
 * login at a time. */
struct login {
	char user[LOGIN_USER_MAX + 1]; /* who tries; "" when nobody does */
	bool known;                    /* what was said was right, as far as it went */
	bool keeps_password;           /* only the mode was wrong: the page still has what was typed */
	bool is_paper;                 /* the mode that was chosen last */
};

struct login_verdict {
	enum login_outcome outcome;
	enum login_mode mode; /* that was chosen; LOGIN_ANY_MODE: none was */
	struct login after;   /* what is remembered once it has been answered */
};

/* Judges a call at an endpoint that asks for it. Changes nothing. */
struct login_verdict login_judge(const struct emulator *emulator, const struct request *request);

/* The call is being answered, which raises `event` (INDEX_NONE: none): remembers what came of it, and writes the attempt
 * down. Passwords and codes go nowhere. */
void login_answered(struct emulator *emulator, const struct login_verdict *verdict, int event);

#endif
