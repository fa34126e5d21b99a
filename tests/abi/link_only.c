/* SPDX-License-Identifier: MIT */
/*
 * Takes the address of every function that the public headers offer, exported
 * or inline, so that a name without a body does not link. check-symbols.sh
 * writes the two lists.
 */
#include <stddef.h>

#include "every_header.inc"

typedef void (*function)(void);

static const function every_function[] = {
#define NAME(f) (function)f,
#include "every_function.inc"
#undef NAME
};

int main(void)
{
	size_t i;

	for (i = 0; i < sizeof(every_function) / sizeof(every_function[0]); i++)
		if (!every_function[i])
			return 1;
	return 0;
}
