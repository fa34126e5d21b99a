/* SPDX-License-Identifier: MIT */
/* test_pci_source.c - configuration space of functions that nobody has opened. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_pcid.h"
#include "pci/pci_private.h"

#define EDU   0x10u
#define FAR   0x10010u /* in segment 1 */
#define THERE 0x11e81234u

static int open_server(void **state)
{
	struct fake_pcid *p = pcid_open();

	pcid_set(pcid_add(p, "0000--00--02.0", EDU, THERE, 0x00ff0010), 0x100, 0x12345678);
	pcid_add(p, "0001--00--02.0", FAR, 0x56781234, 0x00ff0010);
	*state = p;
	return 0;
}

static int close_server(void **state)
{
	struct fake_pcid *p = *state;

	assert_false(p->fns[0].enabled);
	assert_false(p->fns[1].enabled);
	pcid_close(p);
	return 0;
}

static int open_source(struct fake_pcid *p, uint32_t sbdf, struct rbi_pci_source *from)
{
	return rbi_pci_source_open(p->ctx->os, (struct rb_pci_addr){ sbdf }, from);
}

/* What every way to a function has to do and to refuse. */
static void read_edu(struct fake_pcid *p)
{
	struct rbi_pci_source from;
	uint32_t val;

	assert_int_equal(open_source(p, EDU, &from), 0);
	assert_int_equal(rbi_pci_source_read(&from, 0, &val), 0);
	assert_int_equal(val, THERE);
	assert_int_equal(rbi_pci_source_read(&from, 2, &val), -EINVAL);
	assert_int_equal(rbi_pci_source_read(&from, 256, &val), -ERANGE);
	assert_int_equal(val, UINT32_MAX);
	rbi_pci_source_allow_extended(&from);
	assert_int_equal(rbi_pci_source_read(&from, 256, &val), 0);
	assert_int_equal(val, 0x12345678);
	assert_int_equal(rbi_pci_source_read(&from, 4096, &val), -ERANGE);
	p->short_write = true;
	assert_int_equal(rbi_pci_source_read(&from, 0, &val), -EPROTO);
	assert_int_equal(val, UINT32_MAX);
	p->short_write = false;
	pcid_fail(p, 1, EINTR);
	assert_int_equal(rbi_pci_source_read(&from, 0, &val), 0);
	pcid_fail(p, 1, ENODEV);
	assert_int_equal(rbi_pci_source_read(&from, 0, &val), -ENODEV);
	pcid_fail(p, 0, 0);
	rbi_pci_source_close(&from);
	assert_int_equal(pcid_open_fds(p), 0);
}

static void the_access_endpoint_is_read_dword_by_dword(void **state)
{
	read_edu(*state);
}

static void without_an_access_endpoint_the_config_file_is_read(void **state)
{
	struct fake_pcid *p = *state;

	p->no_access = true;
	p->config_file = true;

	read_edu(p);
}

static void a_function_that_is_not_there_reads_all_ones_or_is_refused(void **state)
{
	struct fake_pcid *p = *state;
	struct rbi_pci_source from;
	uint32_t val;

	/* pcid lists no bridges, but lets anybody with the right read them */
	assert_int_equal(open_source(p, 0x18, &from), 0);
	assert_int_equal(rbi_pci_source_read(&from, 0, &val), 0);
	assert_int_equal(val, UINT32_MAX);
	rbi_pci_source_close(&from);

	p->no_access = true;
	p->config_file = true;
	assert_int_equal(open_source(p, 0x18, &from), -ENOENT);
}

static void a_segment_is_asked_for_only_where_pcid_lists_it(void **state)
{
	struct fake_pcid *p = *state;
	struct rbi_pci_source from;
	uint32_t val;

	assert_int_equal(open_source(p, FAR, &from), 0);
	assert_int_equal(rbi_pci_source_read(&from, 0, &val), 0);
	assert_int_equal(val, 0x56781234);
	rbi_pci_source_close(&from);

	assert_int_equal(open_source(p, 0x20010, &from), -ENOENT);
	assert_int_equal(pcid_open_fds(p), 0);
}

static void who_may_not_or_cannot_read_is_told_so(void **state)
{
	struct fake_pcid *p = *state;
	struct rbi_pci_source from;

	p->user = true;
	assert_int_equal(open_source(p, EDU, &from), -EACCES);
	p->no_access = true;
	p->config_file = true;
	assert_int_equal(open_source(p, EDU, &from), -EACCES);
	p->user = false;
	p->config_file = false;
	assert_int_equal(open_source(p, EDU, &from), -ENOTSUP);
	p->absent = true;
	assert_int_equal(open_source(p, EDU, &from), -ENOTSUP);
	rbi_pci_source_close(&from);
}

int main(void)
{
#define with_server(f) cmocka_unit_test_setup_teardown(f, open_server, close_server)
	const struct CMUnitTest tests[] = {
		with_server(the_access_endpoint_is_read_dword_by_dword),
		with_server(without_an_access_endpoint_the_config_file_is_read),
		with_server(a_function_that_is_not_there_reads_all_ones_or_is_refused),
		with_server(a_segment_is_asked_for_only_where_pcid_lists_it),
		with_server(who_may_not_or_cannot_read_is_told_so),
	};

	return cmocka_run_group_tests_name("pci source", tests, NULL, NULL);
}
