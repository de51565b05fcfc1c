#include "cli/catalogue_waiting.h"

#include "core/catalogue.h"

#define WEBSOCKET "the session websocket"
#define LOGIN_PAGE "a login page for browsers"
#define FAULTS "faults on the connection"

const struct waiting catalogue_waiting[] = {
	{ "GW-012-second-host-unbound", "session", "one host is logged in, another at the same gateway is not",
	  "answers by the client's address" },
	{ "GW-019-ws-silent-reconnect", "websocket", "the websocket reconnects and then stays silent for hours",
	  WEBSOCKET },
	{ "GW-020-ws-close-1000-loop", "websocket",
	  "the websocket connects, closes with 1000 after seconds, again and again", WEBSOCKET },
	{ "GW-021-ws-sts-delta-storm", "websocket",
	  "sts frames with one member each, while REST still says that all is well", WEBSOCKET },
	{ "GW-022-ws-topic-unknown", "websocket", "the session frame is answered with \"Topic unknown\"", WEBSOCKET },
	{ "GW-023-ws-auth-false-ignored", "websocket",
	  "the websocket says that it is not authenticated, and sends no data", WEBSOCKET },
	{ "GW-024-ws-bad-utf8", "websocket", "a frame has a byte that is not UTF-8", WEBSOCKET },
	{ "GW-025-ws-no-accounts", "websocket", "authenticated, no server name, and the websocket says \"No accounts\"",
	  WEBSOCKET },
	{ "GW-039-bad-credentials-flap", "login", "the right password is refused once", LOGIN_PAGE },
	{ "GW-040-login-page-drift", "login", "the fields of the login page have other names", LOGIN_PAGE },
	{ "GW-041-paper-live-mismatch", "login", "the login page wants the other of paper and live first", LOGIN_PAGE },
	{ "GW-043-gateway-not-up", "connection", "connections are refused for the first seconds", FAULTS },
	{ 0 },
};

void catalogue_waits(const char *name, struct error *why)
{
	for (const struct waiting *row = catalogue_waiting; row->name; row++)
		if (catalogue_is_called(row->name, name))
			error_set(why, "%s is known, but cannot be played yet: it needs %s", row->name, row->waits_for);
}
