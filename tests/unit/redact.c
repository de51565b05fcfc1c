/* Why: a journal is shown, saved and attached to bug reports. A password or cookie that a client under test sends must not be
 * in it, whatever form it comes in and wherever it is cut. */
#include "core/redact.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static const char *in_headers(const char *lines)
{
	static char text[512];

	snprintf(text, sizeof text, "%s", lines);
	redact_headers(text, strlen(text));
	return text;
}

static const char *in_target(const char *target)
{
	static char text[512];

	snprintf(text, sizeof text, "%s", target);
	redact_query(text, strlen(text));
	return text;
}

static const char *in_body(const char *body)
{
	static char text[512];

	snprintf(text, sizeof text, "%s", body);
	redact_body(text, strlen(text));
	return text;
}

Test(redact, headers_keep_their_names_and_lose_their_secrets)
{
	cr_expect_str_eq(in_headers("Host: a\r\ncookie:  x-sess=1\r\nAuthorization: Bearer q\r\nX-Auth-Token:t\r\n"),
	                 "Host: a\r\ncookie:  ********\r\nAuthorization: ********\r\nX-Auth-Token:*\r\n");
	cr_expect_str_eq(in_headers("Set-Cookie:\r\nno colon\r\n"), "Set-Cookie:\r\nno colon\r\n");
	cr_expect_str_eq(in_headers(""), "");
}

Test(redact, a_query_and_a_form_lose_the_values_of_secret_fields)
{
	cr_expect_str_eq(in_target("/a?user=me&password=abc&x"), "/a?user=me&password=***&x");
	cr_expect_str_eq(in_target("/token=1"), "/token=1", "a path is no query");
	cr_expect_str_eq(in_target("/a?session=12&JSESSIONID=3&x-sess-uuid=4&api_key=56&b=7"),
	                 "/a?session=**&JSESSIONID=*&x-sess-uuid=*&api_key=**&b=7");
	cr_expect_str_eq(in_target("/a?ACCESS_TOKEN=a=b&"), "/a?ACCESS_TOKEN=***&");
	cr_expect_str_eq(in_body("user_name=me&passwd=a%26b&chlginput=123456"),
	                 "user_name=me&passwd=*****&chlginput=******");
	cr_expect_str_eq(in_body("password"), "password");
}

Test(redact, json_loses_the_values_of_secret_members)
{
	cr_expect_str_eq(in_body("{\"publish\":true,\"compete\":true}"), "{\"publish\":true,\"compete\":true}");
	cr_expect_str_eq(in_body("{\"a\":{\"Password\" : \"x\\\"y\", \"otp\":123456 },\"b\":\"c\"}"),
	                 "{\"a\":{\"Password\" : \"****\", \"otp\":****** },\"b\":\"c\"}");
	cr_expect_str_eq(in_body("{\"a\":{\"n\":\"kept\",\"token\":\"gone\"}}"),
	                 "{\"a\":{\"n\":\"kept\",\"token\":\"****\"}}");
}

Test(redact, what_is_nested_under_a_secret_name_is_secret_too)
{
	cr_expect_str_eq(in_body("{\"PASSWORD\":[\"x\",12,{\"a\":true}],\"b\":\"c\"}"),
	                 "{\"PASSWORD\":[\"*\",**,{\"*\":****}],\"b\":\"c\"}");
	cr_expect_str_eq(in_body("{\"tokens\":{\"n\":\"x"), "{\"tokens\":{\"*\":\"*");
}

Test(redact, a_name_with_escapes_may_hide_anything)
{
	cr_expect_str_eq(in_body("{\"pass\\u0077ord\":\"x\"}"), "{\"pass\\u0077ord\":\"*\"}");
	cr_expect_str_eq(in_target("/a?p%61ssword=x&b=c"), "/a?p%61ssword=*&b=c");
}

Test(redact, a_body_is_what_it_looks_like)
{
	cr_expect_str_eq(in_body(" \r\n{\"password\":\"abc\"}"), " \r\n{\"password\":\"***\"}");
	cr_expect_str_eq(in_body("[{\"a\":\"otp=3\",\"otp\":2}]"), "[{\"a\":\"otp=3\",\"otp\":*}]");
	cr_expect_str_eq(in_body("a=\"{&password=x"), "a=\"{&password=*");
	cr_expect_str_eq(in_body("  "), "  ");
	cr_expect_str_eq(in_body(""), "");
}

Test(redact, what_was_cut_off_stays_secret)
{
	cr_expect_str_eq(in_body("{\"password\":\"abc"), "{\"password\":\"***");
	cr_expect_str_eq(in_body("{\"password\":"), "{\"password\":");
	cr_expect_str_eq(in_body("{\"password\""), "{\"password\"");
	cr_expect_str_eq(in_body("{\"password\":\"a\\"), "{\"password\":\"**");
	cr_expect_str_eq(in_body("\""), "\"");
}

Test(redact, lines_are_kept_whole_or_not_at_all)
{
	const struct span lines = span_of("A: 1\r\nB: 22\r\n");

	cr_expect_eq(redact_whole_lines(lines, 100), 13);
	cr_expect_eq(redact_whole_lines(lines, 12), 6);
	cr_expect_eq(redact_whole_lines(lines, 6), 6);
	cr_expect_eq(redact_whole_lines(lines, 5), 0);
	cr_expect_eq(redact_whole_lines((struct span){ 0 }, 5), 0);
}
