/* Why: clients have been written against the real gateway's very bytes; what decides them is a table of few cases. */
#include "wire/head.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define GIVEN "Content-Length: 2\r\n"
#define RELAYED "X-A: 1\r\nConnection: close\r\nX-B: 2\r\n"

struct sample {
	const char *what;
	struct head_request request;
	int status;
	const char *reason; /* NULL: the canonical one */
	const char *headers;
	const char *body;
	enum framing framing;
	bool body_on_head;
	const char *expected;
};

static const struct sample samples[] = {
	{ "chunked",
	  { "HTTP/1.1", true, false },
	  200,
	  NULL,
	  RELAYED,
	  "{}",
	  FRAMING_CHUNKED,
	  false,
	  "HTTP/1.1 200 OK\r\n" RELAYED "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" },
	{ "chunked and empty",
	  { "HTTP/1.1", true, false },
	  401,
	  NULL,
	  "",
	  "",
	  FRAMING_CHUNKED,
	  false,
	  "HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
	{ "chunks count in hexadecimal",
	  { "HTTP/1.1", true, false },
	  200,
	  NULL,
	  "",
	  "0123456789abcdefghi",
	  FRAMING_CHUNKED,
	  false,
	  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n13\r\n0123456789abcdefghi\r\n0\r\n\r\n" },
	{ "as given",
	  { "HTTP/1.1", true, false },
	  200,
	  NULL,
	  GIVEN,
	  "{}",
	  FRAMING_AS_GIVEN,
	  false,
	  "HTTP/1.1 200 OK\r\n" GIVEN "\r\n{}" },
	{ "a reason of its own",
	  { "HTTP/1.1", true, false },
	  404,
	  "Access Denied",
	  GIVEN,
	  "no",
	  FRAMING_AS_GIVEN,
	  false,
	  "HTTP/1.1 404 Access Denied\r\n" GIVEN "\r\nno" },
	{ "HEAD of what is chunked",
	  { "HTTP/1.1", true, true },
	  200,
	  NULL,
	  RELAYED,
	  "{}",
	  FRAMING_CHUNKED,
	  false,
	  "HTTP/1.1 200 OK\r\n" RELAYED "\r\n" },
	{ "HEAD of what has a length",
	  { "HTTP/1.1", true, true },
	  200,
	  NULL,
	  GIVEN,
	  "{}",
	  FRAMING_AS_GIVEN,
	  false,
	  "HTTP/1.1 200 OK\r\n" GIVEN "\r\n" },
	{ "HEAD that the filter answers",
	  { "HTTP/1.1", true, true },
	  404,
	  NULL,
	  GIVEN,
	  "no",
	  FRAMING_AS_GIVEN,
	  true,
	  "HTTP/1.1 404 Not Found\r\n" GIVEN "\r\nno" },
	{ "no content",
	  { "HTTP/1.1", true, false },
	  204,
	  NULL,
	  "Content-Length: 0\r\n",
	  "",
	  FRAMING_AS_GIVEN,
	  false,
	  "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n" },
	{ "no content cannot be chunked",
	  { "HTTP/1.1", true, false },
	  204,
	  NULL,
	  "",
	  "",
	  FRAMING_CHUNKED,
	  false,
	  "HTTP/1.1 204 No Content\r\n\r\n" },
	{ "an old client gets a length",
	  { "HTTP/1.0", false, false },
	  200,
	  NULL,
	  "X-A: 1\r\n",
	  "{}",
	  FRAMING_CHUNKED,
	  false,
	  "HTTP/1.0 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\n{}" },
	{ "an old client that leaves is told nothing of it",
	  { "HTTP/1.0", false, false },
	  200,
	  NULL,
	  RELAYED,
	  "",
	  FRAMING_CHUNKED,
	  false,
	  "HTTP/1.0 200 OK\r\n" RELAYED "Content-Length: 0\r\n\r\n" },
	{ "an old client that stays is told so",
	  { "HTTP/1.0", true, false },
	  200,
	  NULL,
	  GIVEN,
	  "{}",
	  FRAMING_AS_GIVEN,
	  false,
	  "HTTP/1.0 200 OK\r\n" GIVEN "Connection: keep-alive\r\n\r\n{}" },
	{ "an old client that stays is told so behind the length",
	  { "HTTP/1.0", true, false },
	  200,
	  NULL,
	  RELAYED,
	  "{}",
	  FRAMING_CHUNKED,
	  false,
	  "HTTP/1.0 200 OK\r\nX-A: 1\r\nX-B: 2\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\n{}" },
	{ "a client that leaves is told so before the framing",
	  { "HTTP/1.1", false, false },
	  200,
	  NULL,
	  RELAYED,
	  "{}",
	  FRAMING_CHUNKED,
	  false,
	  "HTTP/1.1 200 OK\r\nX-A: 1\r\nX-B: 2\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
	  "2\r\n{}\r\n0\r\n\r\n" },
	{ "a client that leaves is told so",
	  { "HTTP/1.1", false, false },
	  200,
	  NULL,
	  GIVEN,
	  "{}",
	  FRAMING_AS_GIVEN,
	  false,
	  "HTTP/1.1 200 OK\r\n" GIVEN "Connection: close\r\n\r\n{}" },
	{ "the client's wish takes the place of what was relayed, in any case",
	  { "HTTP/1.1", false, true },
	  200,
	  NULL,
	  "A: 1\r\nconnection: keep-alive\r\nB: 2\r\nConnection-Id: 3\r\n",
	  "",
	  FRAMING_AS_GIVEN,
	  false,
	  "HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\nConnection-Id: 3\r\nConnection: close\r\n\r\n" },
	{ "an unknown version is echoed and told nothing",
	  { "HTTP/9.9", false, false },
	  302,
	  NULL,
	  RELAYED,
	  "",
	  FRAMING_CHUNKED,
	  false,
	  "HTTP/9.9 302 Found\r\n" RELAYED "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
};

Test(wire_head, composes_every_case)
{
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		const struct sample *sample = &samples[i];
		struct reply reply = {
			.status = sample->status,
			.reason = sample->reason,
			.framing = sample->framing,
			.body_on_head = sample->body_on_head,
		};
		struct buffer out = { 0 };

		buffer_add_text(&reply.headers, sample->headers);
		buffer_add_text(&reply.body, sample->body);
		head_compose(&sample->request, &reply, &out);
		cr_expect_not(buffer_failed(&out));
		cr_expect_str_eq(out.data, sample->expected, "%s:\n%s\nwanted:\n%s", sample->what, out.data,
		                 sample->expected);
		cr_expect_eq(out.length, strlen(sample->expected));
		buffer_release(&out);
		reply_release(&reply);
	}
}

Test(wire_head, appends_to_what_is_there)
{
	const struct head_request request = { .version = "HTTP/1.1", .keep_alive = true };
	struct reply reply = { .status = 204, .framing = FRAMING_AS_GIVEN };
	struct buffer out = { 0 };

	head_compose(&request, &reply, &out);
	head_compose(&request, &reply, &out);
	cr_expect_str_eq(out.data, "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
	buffer_release(&out);
	reply_release(&reply);
}

Test(wire_head, remembers_that_an_answer_did_not_fit)
{
	const struct head_request request = { .version = "HTTP/1.1", .keep_alive = true };
	struct reply reply = { .status = 200, .framing = FRAMING_CHUNKED };
	struct buffer out = { .size_max = 100 };

	for (int i = 0; i < 100; i++)
		buffer_add_text(&reply.body, "{}");
	head_compose(&request, &reply, &out);
	cr_expect(buffer_failed(&out));
	buffer_release(&out);
	reply_release(&reply);
}

Test(wire_head, knows_who_stays)
{
	static const struct {
		const char *version;
		bool said_close;
		bool said_keep_alive;
		bool stays;
	} clients[] = {
		{ "HTTP/1.1", false, false, true },  { "HTTP/1.1", true, false, false },
		{ "HTTP/1.1", false, true, true },   { "HTTP/1.1", true, true, false },
		{ "HTTP/1.0", false, false, false }, { "HTTP/1.0", true, false, false },
		{ "HTTP/1.0", false, true, true },   { "HTTP/1.0", true, true, false },
		{ "HTTP/9.9", false, false, false }, { "HTTP/9.9", false, true, false },
		{ "HTTP/2.0", false, false, false },
	};

	for (size_t i = 0; i < sizeof clients / sizeof *clients; i++)
		cr_expect_eq(head_keeps_alive(clients[i].version, clients[i].said_close, clients[i].said_keep_alive),
		             clients[i].stays, "client %zu", i);
}

Test(wire_head, refuses_what_is_too_long_without_a_header)
{
	cr_expect_str_eq(HEAD_LINE_TOO_LONG, "HTTP/1.0 414 Request-URI Too Long\r\n\r\n");
	cr_expect_str_eq(HEAD_HEADERS_TOO_LARGE, " 400 Bad Request\r\n\r\n");
}
