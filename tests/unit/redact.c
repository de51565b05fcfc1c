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

static const char *in_frame(const char *message)
{
	static char text[512];

	snprintf(text, sizeof text, "%s", message);
	redact_frame(text, strlen(text));
	return text;
}

Test(redact, frames_are_json_or_words)
{
	cr_expect_str_eq(in_frame("{\"session\":\"ab\"}"), "{\"session\":\"**\"}");
	cr_expect_str_eq(in_frame("session=ab"), "session=**");
	cr_expect_str_eq(in_frame("smd+1+{\"token\":\"ab\"}"), "smd+1+{\"token\":\"****");
	cr_expect_str_eq(in_frame("smd+1+{\"fields\":[\"31\"]}"), "smd+1+{\"fields\":[\"31\"]}");
	cr_expect_str_eq(in_frame("tic"), "tic");
	cr_expect_str_eq(in_frame(""), "");
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
	cr_expect_str_eq(in_body("[{\"a\":\"otp=3\",\"otp\":2}]"), "[{\"a\":\"otp=*\",\"otp\":*}]");
	cr_expect_str_eq(in_body("a=\"{&password=x"), "a=\"{&password=*");
	cr_expect_str_eq(in_body("  "), "  ");
	cr_expect_str_eq(in_body(""), "");
}

Test(redact, some_names_are_secret_only_as_a_whole)
{
	cr_expect_str_eq(in_target("/a?pass=12&pin=34&auth=56&passive=78&pinned=9&author=0"),
	                 "/a?pass=**&pin=**&auth=**&passive=78&pinned=9&author=0");
	cr_expect_str_eq(in_body("{\"pin\":1234,\"spin\":5}"), "{\"pin\":****,\"spin\":5}");
}

Test(redact, what_is_written_otherwise_is_secret_to_its_end)
{
	cr_expect_str_eq(in_body("--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nabc\r\n--b--"),
	                 "--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n**********");
	cr_expect_str_eq(in_body("{'user':'me','password':'abc'}"), "{'user':'me','password':'*****");
	cr_expect_str_eq(in_body("<a><password>abc</password></a>"), "<a><password>******************");
	cr_expect_str_eq(in_body("user: me\npassword: abc\n"), "user: me\npassword: ****");
	cr_expect_str_eq(in_body("{\"data\":\"{\\\"password\\\":\\\"abc\\\"}\",\"b\":\"c\"}"),
	                 "{\"data\":\"{\\\"password\\\":\\\"******\",\"b\":\"c\"}");
	cr_expect_str_eq(in_body("session"), "session");
	cr_expect_str_eq(in_body("{\"error\":\"session expired: no\"}"), "{\"error\":\"session expired: no\"}");
	cr_expect_str_eq(in_body("the session is over, tokens too"), "the session is over, tokens too");
}

Test(redact, pairs_are_found_behind_other_pairs)
{
	cr_expect_str_eq(in_target("/a?b=1;password=a;b=c&d=e"), "/a?b=1;password=*****&d=e");
	cr_expect_str_eq(in_target("/a?next=/b?password=abc&d=e"), "/a?next=/b?password=***&d=e");
	cr_expect_str_eq(in_headers("Referer: https://a/b?c=d&session=12\r\nX: a?session=12\r\n"),
	                 "Referer: https://a/b?c=d&session=**\r\nX: a?session=12\r\n");
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
