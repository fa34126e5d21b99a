/* SPDX-License-Identifier: MIT */
/*
 * fuzz.h - what a fuzz target is: one file with LLVMFuzzerTestOneInput() and the name of its
 * folder of seeds. With fuzz_main.c it is a test that runs over them; with a fuzzing engine
 * instead, see `make fuzz`.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The folder in tests/fuzz/seeds, and the sentence that each seed shows. */
extern const char fuzz_seeds[];
extern const char fuzz_sentence[];

/* A breach ends the program: an engine keeps the input, and a test misses its line. */
static inline void require(int holds)
{
	if (!holds)
		abort();
}

#endif
