/* SPDX-License-Identifier: MIT */
/*
 * fuzz_dump.c - text of any bytes, read as a dump of a PCI bus.
 *
 * What is read must be within its limits, and a mock bus made of it must show the bytes
 * of the text and survive that its BARs are sized. Built by itself the program runs over
 * the files it is given, or over all files of seeds/dump beside its source, and reports
 * in TAP; with a fuzzing engine it is a target.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/machine.h"
#include "host/mock/mock_dump.h"
#include "host/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
	if (!holds)
		abort();
}

static void check(const struct rbi_dump *dump)
{
	size_t i;

	require(dump->count >= 1 && dump->count <= RBI_DUMP_FUNCTIONS);
	for (i = 0; i < dump->count; i++) {
		const struct rbi_dump_function *fn = &dump->fns[i];

		require(fn->bytes && fn->len >= 64 && fn->len <= 4096 && fn->len % 16 == 0);
		require(fn->nloose <= RBI_DUMP_BARS);
	}
}

static uint32_t config(struct rbi_machine *m, struct rb_pci_addr fn, unsigned int off,
		       unsigned int width)
{
	uint32_t val;

	require(m->ops->cfg_read(m, fn, off, width, &val) == 0);
	return val;
}

static void check_function(struct rbi_machine *m, const struct rbi_dump_function *fn)
{
	unsigned int i;

	for (i = 0; i < fn->len; i++)
		require(config(m, fn->addr, i, 1) == fn->bytes[i]);
	for (i = 0; i < 4096; i += 4)
		m->ops->cfg_write(m, fn->addr, i, 4, UINT32_MAX);
	for (i = 0; i < 4096; i += 4)
		m->ops->cfg_write(m, fn->addr, i, 4, 0);
}

static void check_bus(const struct rbi_dump *dump)
{
	static const char *const none[] = { NULL };
	struct rbi_machine *m;
	struct rbi_spec *spec;
	size_t i;

	require(rbi_spec_parse("mock", none, &spec) == 0);
	require(rbi_mock_machine_new(spec, &m) == 0);
	if (rbi_mock_dump_plug((struct mock *)m, dump) == 0) {
		uint64_t val;

		require(m->ops->functions(m, NULL, 0) == (int)dump->count);
		for (i = 0; i < dump->count; i++)
			check_function(m, &dump->fns[i]);
		m->ops->mem_read(m, 0xc0000000, 4, &val);
	}
	m->ops->destroy(m, false);
	rbi_spec_free(spec);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rbi_dump *dump;
	char *text = malloc(size + 1); /* of its own, so that a step too far is seen */

	require(text != NULL);
	memcpy(text, data, size);
	if (rbi_dump_parse(text, size, &dump) == 0) {
		check(dump);
		check_bus(dump);
	} else {
		require(dump == NULL);
	}
	rbi_dump_free(dump);
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
	printf("ok %d - any bytes are a bus or refused: %s\n", n, path);
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

	snprintf(dir, sizeof(dir), "%s/tests/fuzz/seeds/dump", top ? top : ".");
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
