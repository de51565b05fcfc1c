/* Why: the address filter decides who gets 403; its patterns are the gateway's own odd ones. */
#include "core/peers.h"

#include <criterion/criterion.h>

Test(peers, fit_exactly_or_by_a_star)
{
	static const struct {
		const char *list;
		const char *address;
		bool fits;
	} cases[] = {
		{ "127.0.0.1", "127.0.0.1", true },
		{ "127.0.0.1", "127.0.0.10", false },
		{ "127.0.0.10", "127.0.0.1", false },
		{ "192.*", "192.168.0.7", true },
		{ "192.*", "192.", true },
		{ "192.*", "193.168.0.7", false },
		{ "*.7", "192.168.0.7", true },
		{ "*.7", "192.168.7.0", false },
		{ "10.*.*.1", "10.20.30.1", true },
		{ "10.*.1.*", "10.1.1.1.1", true }, /* a star must be able to try again further on */
		{ "10.*.1", "10.1", false },
		{ "10.**1", "10.1", true },
		{ "::1", "::1", true },
		{ "fe80:*", "fe80::1", true },
		{ "*", "10.0.0.1", true },
		{ "", "10.0.0.1", false },
		{ "", "", false },
		{ "1", "", false },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		cr_expect_eq(peers_match(cases[i].list, cases[i].address), cases[i].fits, "\"%s\" and %s",
		             cases[i].list, cases[i].address);
}

Test(peers, are_listed_with_commas_and_blanks_in_any_number)
{
	static const char list[] = " , 127.0.0.1,,::1 , 192.*  131.216.*,";

	cr_expect(peers_match(list, "127.0.0.1"));
	cr_expect(peers_match(list, "::1"));
	cr_expect(peers_match(list, "192.0.2.1"));
	cr_expect(peers_match(list, "131.216.1.1"));
	cr_expect_not(peers_match(list, "131.217.1.1"));
	cr_expect_not(peers_match(" , ,", ""), "a gap between commas is no pattern");
}

Test(peers, break_the_filter_with_a_lone_star_only)
{
	cr_expect(peers_are_broken("*"));
	cr_expect(peers_are_broken("127.0.0.1, *"));
	cr_expect(peers_are_broken("*,127.0.0.1"));
	cr_expect_not(peers_are_broken("192.*, *.1"));
	cr_expect_not(peers_are_broken("**"));
	cr_expect_not(peers_are_broken(""));
}
