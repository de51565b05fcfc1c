/*
 * Any bytes as a form: what is decoded keeps to its room, ends, and says what the bytes say. What a login makes of forms is
 * fuzz_login.c's.
 */
#include "support/check.h"

#include "core/form.h"

#include <string.h>

static void check_pairs(struct span bytes)
{
	struct form form = form_of(bytes);
	struct form_pair pair;
	unsigned count = 0;

	while (form_next(&form, &pair)) {
		CHECK(++count <= FORM_PAIRS_MAX);
		CHECK(pair.name_length <= NAME_LENGTH_MAX && pair.value_length <= FORM_VALUE_MAX);
		CHECK(pair.name[pair.name_length] == '\0' && pair.value[pair.value_length] == '\0');
		CHECK(pair.name_length + pair.value_length <= bytes.length);
		CHECK(form_pair_is(&pair, pair.name) == (strlen(pair.name) == pair.name_length));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_pairs((struct span){ (const char *)data, size });
	return 0;
}
