/* SPDX-License-Identifier: MIT */
/*
 * fuzz_dump.c - text of any bytes, read as a dump of a PCI bus.
 *
 * What is read must be within its limits, and a mock bus made of it must show the bytes
 * of the text and survive that its BARs are sized.
 */
#include <string.h>

#include "fuzz.h"
#include "host/machine.h"
#include "host/mock/mock_dump.h"
#include "host/spec.h"

const char fuzz_seeds[] = "dump";
const char fuzz_sentence[] = "any bytes are a bus or refused";

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
