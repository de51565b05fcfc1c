/* Why: scenario authors choose seeds by what they see happen; another version of us must draw the same. */
#include "core/draw.h"

#include <criterion/criterion.h>

/* The values are those of an independent SplitMix64. */
Test(draw, gives_these_values_for_ever)
{
	static const struct {
		uint64_t seed, who, ordinal, drawn;
	} cases[] = {
		{ 0, 0, 0, 0x238275BC38FCBE91ULL },
		{ 0, 0, 1, 0x2F32A78496C67C60ULL },
		{ 1, 0, 0, 0xB18A02F46D8D86C3ULL },
		{ 7, 3, 41, 0x5555612FD28549B5ULL },
		{ UINT64_MAX, UINT64_MAX, UINT64_MAX, 0x595B17F487C0E71BULL },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		cr_expect_eq(draw(cases[i].seed, cases[i].who, cases[i].ordinal), cases[i].drawn, "case %zu", i);
}

Test(draw, depends_on_each_of_its_three_arguments)
{
	const uint64_t reference = draw(1, 2, 3);

	cr_expect_neq(draw(2, 2, 3), reference);
	cr_expect_neq(draw(1, 3, 3), reference);
	cr_expect_neq(draw(1, 2, 4), reference);
	cr_expect_neq(draw(2, 1, 3), reference);
	cr_expect_eq(draw(1, 2, 3), reference, "and on nothing else");
}

/* "probability": p compares the draw modulo 1000: over many calls the share must be near p. */
Test(draw, is_even_enough_for_probabilities)
{
	for (uint64_t rule = 0; rule < 5; rule++) {
		int below = 0;

		for (uint64_t call = 1; call <= 10000; call++)
			below += draw(42, rule, call) % 1000 < 300;
		cr_expect(below > 2800 && below < 3200, "%d of 10000", below);
	}
}
