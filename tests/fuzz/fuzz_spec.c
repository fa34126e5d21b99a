/* SPDX-License-Identifier: MIT */
/*
 * fuzz_spec.c - machine strings of any bytes: what is parsed must be whole, with no NULL name,
 * within its limits, and every number readable.
 */
#include <string.h>

#include "fuzz.h"
#include "host/profile.h"
#include "host/spec.h"

const char fuzz_seeds[] = "spec";
const char fuzz_sentence[] = "any bytes are parsed or refused";

static const char *const known[] = { "profile",	      "uid",	     "config",
				     "event_timeout", "zeroed_type", "tick",
				     "net.",	      "drive.",	     NULL };

static void check(const struct rbi_spec *spec)
{
	struct rbi_profile profile;
	uint64_t n = 0;
	size_t i, j;

	require(spec->machine && spec->machine[0] != '\0');
	require(!spec->decorator == !spec->decorator_args);
	require(spec->noptions + spec->ndevices <= RBI_SPEC_ITEMS);
	for (i = 0; i < spec->noptions; i++) {
		require(spec->options[i].key && spec->options[i].value);
		require(rbi_spec_option(spec, spec->options[i].key) == spec->options[i].value);
		rbi_spec_number(spec, spec->options[i].key, 3, 1000, &n);
		require(n == 0 || (n >= 3 && n <= 1000));
	}
	for (i = 0; i < spec->ndevices; i++) {
		require(spec->devices[i].model && spec->devices[i].model[0] != '\0');
		require(spec->devices[i].nargs <= RBI_SPEC_ARGS);
		for (j = 0; j < spec->devices[i].nargs; j++)
			require(spec->devices[i].args[j].key && spec->devices[i].args[j].value);
	}
	(void)rbi_profile_from_spec(spec, &profile);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rbi_spec *spec;
	char *text = malloc(size + 1);

	require(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	if (rbi_spec_parse(text, known, &spec) == 0)
		check(spec);
	else
		require(spec == NULL);
	rbi_spec_free(spec);
	free(text);
	return 0;
}
