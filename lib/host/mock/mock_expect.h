/* SPDX-License-Identifier: MIT */
/*
 * mock_expect.h - expectations: what the file that takes lists and the one that
 * compares accesses share.
 */
#ifndef RBI_MOCK_EXPECT_H
#define RBI_MOCK_EXPECT_H

#include "host/mock/mock_regs.h"

#define MOCK_EXPECT_MAX	 65536 /* of one device */
#define MOCK_EXPECT_NAME 32 /* bytes of a name, with the NUL; longer ones are cut */
#define MOCK_ACCESS_TEXT 224 /* bytes of one in words */

struct mock_expectation {
	struct rb_mock_access a; /* its name is in the field below */
	char name[MOCK_EXPECT_NAME];
	bool ordered;
	uint32_t count; /* how often it has come */
	bool late; /* told as missing when a later one came */
	bool done; /* no access is taken for it any more */
};

#endif
