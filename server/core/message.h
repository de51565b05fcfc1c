/*
 * What crosses the border between wire and core: a request as it came, and a reply with its delivery as data.
 */
#ifndef CPGW_CORE_MESSAGE_H
#define CPGW_CORE_MESSAGE_H

#include "core/buffer.h"
#include "core/holders.h"
#include "core/pace.h"

#include <stdbool.h>
#include <stdint.h>

enum http_method {
	METHOD_GET,
	METHOD_HEAD,
	METHOD_POST,
	METHOD_PUT,
	METHOD_DELETE,
	METHOD_OPTIONS,
	METHOD_PATCH,
	METHOD_OTHER,
	METHOD_COUNT
};

/* "GET" …; METHOD_OTHER gives "OTHER". */
const char *method_name(enum http_method method);
/* Exact, upper case, as HTTP has it; anything else is METHOD_OTHER. */
enum http_method method_of(const char *name);

/* One request. All spans belong to the caller and live until emulator_handle() returns. */
struct request {
	enum http_method method;
	const char *method_text; /* as sent */
	struct span target;      /* as sent: raw path and query, nothing decoded */
	struct span headers;     /* whole lines as sent, "Name: value\r\n" each: for the journal; may be empty */
	struct span body;        /* the first REQUEST_BODY_KEPT_MAX bytes */
	const char *peer;        /* numeric address of the client: "127.0.0.1", "::1" */
	bool has_user_agent;     /* present and not empty */
	bool has_content_length;
	bool has_transfer_encoding;
	bool is_form;            /* Content-Type: application/x-www-form-urlencoded */
	bool is_preflight;       /* OPTIONS with Origin and Access-Control-Request-Method */
	bool is_upgrade;         /* GET with "Upgrade: websocket", which "Connection" names too */
	bool upgrade_version_ok; /* Sec-WebSocket-Version: 13 */
	const char
	    *websocket_accept; /* the value of Sec-WebSocket-Accept that fits the client's key; "" or NULL: none */
};

/* How the body's length is told to the client. */
enum framing {
	FRAMING_CHUNKED,  /* HTTP/1.1: "Transfer-Encoding: chunked" comes last; HTTP/1.0: Content-Length instead */
	FRAMING_AS_GIVEN, /* `headers` already has what the gateway sends, Content-Length included */
};

/* "Never" for release_ms: the client waits for as long as it likes. */
#define REPLY_NEVER INT64_MAX

/* What is wrong with an answer's form. */
enum answer_form {
	FORM_SOUND,
	FORM_UNFINISHED, /* the body ends before its length or its last chunk says so; `missing` bytes did not come */
	FORM_NO_CHUNKS,  /* "Transfer-Encoding: chunked", and then the body as it is */
	FORM_BARE,       /* the body alone: not even a status line */
};

/* What becomes of the connection once the answer has left. */
enum answer_end {
	END_AS_USUAL,
	END_CLOSE, /* in good order, whatever the head promised */
	END_CUT,   /* a FIN, without TLS's close_notify */
	END_RESET,
	/* It stays, until the first byte of another request has come. */
	END_CLOSE_ON_REUSE,
	END_RESET_ON_REUSE,
};

/* What faults do to an answer on its way out, for the wire to perform. Zeroed: nothing. */
struct fault_plan {
	enum answer_form form;
	size_t missing;
	struct pace pace;
	enum answer_end end;
	size_t limit;     /* only so many of its bytes leave; 0: all */
	bool limits_body; /* these are counted from the body's first */
	bool says_close;  /* the head says that the connection ends */
	struct holders held_by;
	uint32_t ended_by; /* serial of the fault that says how it ends; 0: none */
};

/*
 * One reply. reply_clear() before each use keeps the memory; reply_release() at the end.
 * `headers` holds whole lines, "Name: value\r\n" each, in the order in which they leave.
 */
struct reply {
	int status;
	const char *reason; /* canonical phrase; static or owned by the machine */
	struct buffer headers;
	struct buffer body;
	enum framing framing;
	bool body_on_head;  /* the body also follows a HEAD request (the IP filter does that) */
	int64_t release_ms; /* gateway time before which no byte leaves; REPLY_NEVER */
	struct fault_plan plan;
	uint64_t record; /* number of the request's record in the journal */
};

void reply_clear(struct reply *reply);
void reply_release(struct reply *reply);

/* The canonical reason phrase, "Unknown Status" when there is none. */
const char *status_reason(int status);

#endif
