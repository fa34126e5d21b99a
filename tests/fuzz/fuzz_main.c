/* SPDX-License-Identifier: MIT */
/*
 * fuzz_main.c - a fuzz target as a test: over the files it is given, or over all of its
 * seeds, reported in TAP.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "fuzz.h"

#define INPUT_MAX (1 << 21)

static int run_file(const char *path, int n)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data, *exact;
	size_t size;

	if (!file) {
		printf("not ok %d - %s cannot be read\n", n, path);
		return 1;
	}
	data = malloc(INPUT_MAX);
	require(data != NULL);
	size = fread(data, 1, INPUT_MAX, file);
	fclose(file);
	exact = malloc(size ? size : 1); /* memory checkers see a read past its end */
	require(exact != NULL);
	memcpy(exact, data, size);
	free(data);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
	printf("ok %d - %s: %s\n", n, fuzz_sentence, path);
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

	snprintf(dir, sizeof(dir), "%s/tests/fuzz/seeds/%s", top ? top : ".", fuzz_seeds);
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
