/* Why: a mistyped name should bring the right suggestion, and a hopeless one none at all. */
#include "core/names.h"

#include <criterion/criterion.h>
#include <string.h>

static const char *const known[] = {
	"authenticated", "brokerage_lost", "competing", "fresh", "logged_out", "sso_only"
};

/* The known name nearest to what was written, or "" when none is near. */
static const char *nearest_to(const char *wanted)
{
	static struct nearest nearest;

	nearest_begin(&nearest, wanted);
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		nearest_offer(&nearest, known[i]);
	return nearest.best ? nearest.best : "";
}

Test(names, finds_the_name_behind_a_slip_of_the_finger)
{
	static const struct {
		const char *wanted;
		const char *found;
	} cases[] = {
		{ "authenticatd", "authenticated" },    /* a letter left out */
		{ "authentiicated", "authenticated" },  /* one too many */
		{ "authenticayed", "authenticated" },   /* a wrong one */
		{ "authneticated", "authenticated" },   /* two swapped */
		{ "Brokerage-Lost", "brokerage_lost" }, /* another way to write it */
		{ "sso only", "sso_only" },
		{ "compting", "competing" },
		{ "fersh", "fresh" },
		{ "fresh", "fresh" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		cr_expect_str_eq(nearest_to(cases[i].wanted), cases[i].found, "%s: %s", cases[i].wanted,
		                 nearest_to(cases[i].wanted));
}

Test(names, stays_silent_when_nothing_is_near)
{
	cr_expect_str_eq(nearest_to("portfolio"), "");
	cr_expect_str_eq(nearest_to(""), "");
	cr_expect_str_eq(nearest_to("x"), "");
	cr_expect_str_eq(nearest_to("auth"), "");
}

Test(names, counts_swapped_neighbours_as_one_edit)
{
	struct nearest nearest;

	nearest_begin(&nearest, "tickel");
	nearest_offer(&nearest, "tickle");
	cr_assert_eq(nearest.distance, 1);
}

Test(names, counts_case_and_dashes_as_no_edit)
{
	struct nearest nearest;

	nearest_begin(&nearest, "SSO-Only");
	nearest_offer(&nearest, "sso_only");
	cr_assert_eq(nearest.distance, 0);
}

Test(names, prefers_the_first_of_two_that_are_equally_near)
{
	struct nearest nearest;

	nearest_begin(&nearest, "state_c");
	nearest_offer(&nearest, "state_a");
	nearest_offer(&nearest, "state_b");
	cr_assert_str_eq(nearest.best, "state_a");
}

Test(names, keeps_its_suggestion_when_the_offered_text_is_gone)
{
	struct nearest nearest;
	char passing[] = "tickle";

	nearest_begin(&nearest, "tickel");
	nearest_offer(&nearest, passing);
	memset(passing, 'x', sizeof passing - 1);
	cr_assert_str_eq(nearest.best, "tickle");
}

Test(names, passes_over_names_longer_than_any_can_be)
{
	char wanted[4 * NAME_LENGTH_MAX];
	struct nearest nearest;

	memset(wanted, 'a', sizeof wanted);
	wanted[sizeof wanted - 1] = '\0';
	nearest_begin(&nearest, wanted);
	nearest_offer(&nearest, "aaa");
	nearest_offer(&nearest, wanted);
	cr_assert_null(nearest.best);

	wanted[2 * NAME_LENGTH_MAX] = '\0';
	nearest_begin(&nearest, wanted);
	nearest_offer(&nearest, wanted + 1);
	cr_assert_eq(nearest.distance, 1, "the longest that is looked at");
}
