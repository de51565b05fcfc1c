/* Why: method names and reason phrases are seen by clients letter by letter, and a reply's memory is used again. */
#include "core/message.h"

#include <criterion/criterion.h>

Test(message, knows_each_method_by_its_exact_name)
{
	static const char *const names[] = { "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		cr_expect_str_eq(method_name(method_of(names[i])), names[i]);
}

Test(message, takes_any_other_method_for_other)
{
	static const char *const names[] = { "get", "Get", "", "GETS", "GE", "OTHER", "TRACE", "CONNECT", " GET" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		cr_expect_eq(method_of(names[i]), METHOD_OTHER, "%s", names[i]);
	cr_expect_str_eq(method_name(METHOD_OTHER), "OTHER");
}

Test(message, spells_reasons_as_clients_expect_them)
{
	static const struct {
		int status;
		const char *reason;
	} cases[] = { { 200, "OK" },
		      { 302, "Found" },
		      { 401, "Unauthorized" },
		      { 413, "Request Entity Too Large" },
		      { 414, "Request-URI Too Long" },
		      { 429, "Too Many Requests" },
		      { 500, "Internal Server Error" },
		      { 503, "Service Unavailable" },
		      { 299, "Unknown Status" },
		      { 0, "Unknown Status" },
		      { -1, "Unknown Status" } };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		cr_expect_str_eq(status_reason(cases[i].status), cases[i].reason);
}

Test(message, clears_a_reply_but_keeps_its_memory_and_ceiling)
{
	struct reply reply = { .status = 500,
		               .body_on_head = true,
		               .framing = FRAMING_AS_GIVEN,
		               .release_ms = 5,
		               .body = { .size_max = 100 } };
	const char *memory;

	buffer_add_text(&reply.body, "body");
	buffer_add_text(&reply.headers, "A: b\r\n");
	memory = reply.body.data;
	reply_clear(&reply);
	cr_assert_eq(reply.status, 0);
	cr_assert_str_eq(reply.reason, "");
	cr_assert_eq(reply.framing, FRAMING_CHUNKED);
	cr_assert_not(reply.body_on_head);
	cr_assert_eq(reply.release_ms, 0);
	cr_assert_eq(reply.body.length, 0);
	cr_assert_eq(reply.headers.length, 0);
	cr_assert_eq(reply.body.data, memory);
	cr_assert_eq(reply.body.size_max, 100);
	reply_release(&reply);
	cr_assert_null(reply.body.data);
}
