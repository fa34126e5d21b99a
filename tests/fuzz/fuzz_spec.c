/* SPDX-License-Identifier: MIT */
/*
 * fuzz_spec.c - machine strings of any bytes.
 *
 * What is parsed must be whole: no NULL name, within its limits, and every number
 * readable. Built by itself the program runs over the files it is given, or over
 * all files of seeds/spec beside its source, and reports in TAP; with a fuzzing
 * engine it is a target.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/profile.h"
#include "host/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const known[] = { "profile",	      "uid",	     "config",
				     "event_timeout", "zeroed_type", "tick",
				     "net.",	      "drive.",	     NULL };

static void require(int holds)
{
	if (!holds)
		abort();
}

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

#ifndef RBDRV_FUZZ_ENGINE

/* One case: a breach ends the program, and the test's driver misses the line. */
static int run_file(const char *path, int n)
{
	static uint8_t data[1 << 21];
	FILE *file = fopen(path, "rb");
	size_t size;

	if (!file) {
		printf("not ok %d - %s cannot be read\n", n, path);
		return 1;
	}
	size = fread(data, 1, sizeof(data), file);
	fclose(file);
	LLVMFuzzerTestOneInput(data, size);
	printf("ok %d - any bytes are parsed or refused: %s\n", n, path);
	fflush(stdout);
	return 0;
}

static int run_seeds(void)
{
	const char *top = getenv("top_srcdir");
	char dir[4096], path[8192];
	struct dirent *entry;
	int bad = 0, n = 0;
	DIR *seeds;

	snprintf(dir, sizeof(dir), "%s/tests/fuzz/seeds/spec", top ? top : ".");
	seeds = opendir(dir);
	if (!seeds) {
		printf("not ok 1 - %s cannot be read\n", dir);
		return 1;
	}
	while ((entry = readdir(seeds)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		bad |= run_file(path, ++n);
	}
	closedir(seeds);
	printf("1..%d\n", n);
	return bad || n == 0;
}

int main(int argc, char **argv)
{
	int i, bad = 0;

	for (i = 1; i < argc; i++)
		bad |= run_file(argv[i], i);
	return argc > 1 ? bad : run_seeds();
}

#endif
