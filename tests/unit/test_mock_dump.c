/* SPDX-License-Identifier: MIT */
/*
 * test_mock_dump.c - mock:dump=FILE: what the text says is what the bus shows, and what
 * it does not say is not made up.
 *
 * seeds/dump/q35.txt holds bytes of devices that QEMU plays.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mock_fixture.h"

#include "host/mock/mock_dump.h"
#include "host/spec.h"

static char path[4096];

static const char *seed(const char *name)
{
	const char *top = getenv("top_srcdir");

	snprintf(path, sizeof(path), "%s/tests/fuzz/seeds/dump/%s", top ? top : ".", name);
	return path;
}

/* A file of this process, gone with remove_text(). */
static const char *write_text(const char *text)
{
	const char *dir = getenv("TMPDIR");
	FILE *file;

	snprintf(path, sizeof(path), "%s/rbdrv-dump-%ld", dir ? dir : "/tmp", (long)getpid());
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
	return path;
}

static void rig_of(struct rig *rig, const char *file, const char *more)
{
	char machine[8192];

	snprintf(machine, sizeof(machine), "mock:dump=%s%s", file, more);
	rig_open(rig, machine);
}

/* The bytes of a seed, read by another reader than the library's: q35.txt is known to be
 * well formed. */
static size_t bytes_of(const char *slot, uint8_t bytes[4096])
{
	FILE *file = fopen(seed("q35.txt"), "r");
	char line[512];
	size_t len = 0;
	int in = 0, skip;
	unsigned int off, byte;
	char *s;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		if (strchr(line, '.') && line[0] != '\t')
			in = strncmp(line, slot, strlen(slot)) == 0;
		if (!in || line[0] == '\t' || sscanf(line, "%x:%n", &off, &skip) != 1 ||
		    line[skip] != ' ' || off != len)
			continue;
		for (s = line + skip; sscanf(s, " %2x%n", &byte, &skip) == 1; s += skip)
			bytes[len++] = (uint8_t)byte;
	}
	fclose(file);
	return len;
}

/* --- what it shows ----------------------------------------------------------------------- */

static void each_function_shows_the_bytes_of_the_text(void **state)
{
	static const struct {
		const char *slot;
		struct rb_pci_addr fn;
		size_t len;
		unsigned int size;
	} known[] = {
		{ "00:1f.2", { 0x00fa }, 256, 256 },
		{ "02:00.0", { 0x0200 }, 4096, 4096 },
		{ "03:00.0", { 0x0300 }, 64, 256 },
	};
	uint8_t bytes[4096];
	struct rig rig;
	size_t i;
	unsigned int off;

	(void)state;
	rig_of(&rig, seed("q35.txt"), "");

	assert_int_equal(rig.m->ops->functions(rig.m, NULL, 0), 3);
	for (i = 0; i < 3; i++) {
		assert_int_equal(bytes_of(known[i].slot, bytes), known[i].len);
		assert_int_equal(rig.m->ops->cfg_size(rig.m, known[i].fn), known[i].size);
		for (off = 0; off < known[i].len; off++)
			assert_int_equal(cfg_read(&rig, known[i].fn, off, 1), bytes[off]);
		for (; off < 4096; off += 4)
			assert_int_equal(cfg_read(&rig, known[i].fn, off, 4), 0xffffffff);
	}
	rig_close_clean(&rig);
}

static void a_driver_finds_and_opens_what_was_dumped(void **state)
{
	struct rb_pci_list *list;
	struct rb_pci_dev *dev;
	struct rig rig;
	unsigned int cap;

	(void)state;
	rig_of(&rig, seed("q35.txt"), "");
	assert_int_equal(rb_pci_scan(rig.ctx, NULL, &list), 0);
	assert_int_equal(rb_pci_list_count(list), 3);
	assert_int_equal(rb_pci_info_vendor(rb_pci_list_get(list, 1)), 0x8086);
	assert_int_equal(rb_pci_info_device(rb_pci_list_get(list, 1)), 0x10d3);
	rb_pci_list_close(list);

	assert_int_equal(rb_pci_open(rig.ctx, rb_pci_addr_make(0, 2, 0, 0), &dev), 0);

	assert_int_equal(rb_pci_bar_size(dev, 0), 128 << 10);
	assert_int_equal(rb_pci_bar_phys(dev, 0).value, 0xc0300000);
	assert_int_equal(rb_pci_bar_size(dev, 3), 16 << 10);
	assert_int_equal(rb_pci_find_cap(dev, 0x11, &cap), 0);
	assert_int_equal(cap, 0xa0);
	rb_pci_unref(dev);
	assert_int_equal(rb_pci_open(rig.ctx, rb_pci_addr_make(0, 3, 0, 0), &dev), 0);
	rb_pci_unref(dev);
	rig_close_clean(&rig);
}

static void messages_can_be_enabled_and_other_bits_cannot_be_changed(void **state)
{
	struct rb_pci_addr fn = rb_pci_addr_make(0, 2, 0, 0);
	struct rig rig;

	(void)state;
	rig_of(&rig, seed("q35.txt"), "");

	cfg_write(&rig, fn, 0xd0, 4, 0xffffffff);
	cfg_write(&rig, fn, 0xd4, 4, 0xfee00000);
	cfg_write(&rig, fn, 0xa0, 4, 0xffffffff);
	cfg_write(&rig, fn, 0x00, 4, 0);
	cfg_write(&rig, fn, 0x100, 4, 0);

	assert_int_equal(cfg_read(&rig, fn, 0xd0, 4), 0x00f1e005);
	assert_int_equal(cfg_read(&rig, fn, 0xd4, 4), 0xfee00000);
	assert_int_equal(cfg_read(&rig, fn, 0xa0, 4), 0xc0040011);
	assert_int_equal(cfg_read(&rig, fn, 0x00, 4), 0x10d38086);
	assert_int_equal(cfg_read(&rig, fn, 0x100, 4), 0x14020001);
	rig_close_clean(&rig);
}

static void a_register_is_a_violation_and_reads_0(void **state)
{
	struct rig rig;

	(void)state;
	rig_of(&rig, seed("q35.txt"), "");

	assert_int_equal(mem_read(&rig, 0xc0300010, 4), 0);
	assert_violation(&rig, "dump at 02:00.0: read of 4 bytes at 0x10 of BAR0: the dump holds no "
			       "registers");
	mem_write(&rig, 0xc0a02000, 4, 1);
	assert_violation(&rig, "write of 0x1, 4 bytes, at 0 of BAR5: the dump holds no registers");
	rig_close_clean(&rig);
}

/* --- sizes ------------------------------------------------------------------------------- */

static uint64_t sized(struct rig *rig, struct rb_pci_addr fn, unsigned int bar)
{
	unsigned int reg = 0x10 + bar * 4;
	uint32_t was = cfg_read(rig, fn, reg, 4), bits;

	cfg_write(rig, fn, reg, 4, 0xffffffff);
	bits = cfg_read(rig, fn, reg, 4) & (was & 1 ? ~3u : ~0xfu);
	cfg_write(rig, fn, reg, 4, was);
	return bits ? (uint64_t)(bits & -bits) : 0;
}

static void sizes_of_the_text_are_taken_and_others_guessed(void **state)
{
	struct rb_pci_addr disk = rb_pci_addr_make(0, 0, 0x1f, 2);
	struct rig rig;

	(void)state;
	rig_of(&rig, seed("q35.txt"), "");

	assert_int_equal(sized(&rig, disk, 4), 32);
	assert_int_equal(sized(&rig, disk, 5), 4096);
	/* c0500000, and nothing told: its lowest bit */
	assert_int_equal(sized(&rig, rb_pci_addr_make(0, 3, 0, 0), 0), 0x100000);
	rig_close_clean(&rig);
}

#define REST_OF_HEADER                                                     \
	"20: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n"            \
	"30: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n"
#define FIRST_LINE "00: 34 12 78 56 07 00 00 00 00 00 00 ff 00 00 00 00\n"

static void a_guess_ends_where_the_next_bar_begins(void **state)
{
	static const char text[] =
		"00:01.0 a\n" FIRST_LINE "10: 00 00 00 e0 01 e0 00 00 0c 00 00 c0 01 00 00 00\n"
		REST_OF_HEADER "00:02.0 b\n" FIRST_LINE
		"10: 00 30 00 e0 00 00 00 00 00 00 00 00 00 00 00 00\n" REST_OF_HEADER;
	struct rb_pci_addr a = rb_pci_addr_make(0, 0, 1, 0), b = rb_pci_addr_make(0, 0, 2, 0);
	struct rig rig;

	(void)state;
	rig_of(&rig, write_text(text), "");
	assert_int_equal(unlink(path), 0);

	assert_int_equal(sized(&rig, a, 0), 0x2000); /* not to e0004000: b begins at e0003000 */
	assert_int_equal(sized(&rig, a, 1), 256);
	assert_int_equal(sized(&rig, a, 2), 0x40000000);
	assert_int_equal(cfg_read(&rig, a, 0x1c, 4), 1);
	assert_int_equal(sized(&rig, b, 0), 0x1000);
	rig_close_clean(&rig);
}

static void lines_of_lspci_v_tell_sizes_by_address(void **state)
{
	struct rb_pci_addr fn = rb_pci_addr_make(0, 0, 0x1f, 2);
	struct rig rig;

	(void)state;
	rig_of(&rig, seed("domains.txt"), "");

	assert_int_equal(rig.m->ops->functions(rig.m, NULL, 0), 2); /* not domain 10000 */
	assert_int_equal(sized(&rig, fn, 4), 32);
	assert_int_equal(sized(&rig, fn, 5), 2048);
	assert_int_equal(cfg_read(&rig, rb_pci_addr_make(1, 2, 0, 0), 0, 4), 0x10d38086);
	rig_close_clean(&rig);
}

/* --- besides other devices --------------------------------------------------------------- */

static void devices_of_the_string_come_besides(void **state)
{
	struct rb_pci_addr edu;
	uint64_t bar;
	struct rig rig;

	(void)state;
	rig_of(&rig, seed("q35.txt"), ";edu;edu,addr=00:1f.5");
	edu = rb_mock_addr(rb_mock_find(rig.ctx, "edu", 0));
	assert_int_equal(edu.sbdf, 0x0008);

	enable(&rig, edu);

	bar = bar_of(&rig, edu, 0);
	assert_true(bar + 0x100000 <= 0xc0300000 || bar >= 0xc0344000);
	assert_int_equal(mem_read(&rig, bar, 4), 0x010000ed);
	assert_non_null(rb_mock_find(rig.ctx, "dump", 2));
	assert_null(rb_mock_find(rig.ctx, "dump", 3));
	rig_close_clean(&rig);
}

static void a_place_that_is_taken_is_refused(void **state)
{
	char machine[8192];
	struct rb_ctx *ctx;

	(void)state;
	snprintf(machine, sizeof(machine), "mock:dump=%s;edu,addr=02:00.0", seed("q35.txt"));

	assert_int_equal(rb_ctx_new(machine, &ctx), -EINVAL);

	assert_non_null(strstr(rb_last_error(), "02:00.0"));
}

static void a_reset_leaves_what_nobody_has_written(void **state)
{
	static const char text[] =
		"00:01.0 a\n"
		"00: 34 12 78 56 07 00 10 00 00 00 00 ff 00 00 00 00\n"
		"10: 00 00 00 e0 00 00 00 00 00 00 00 00 00 00 00 00\n"
		"20: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n"
		"30: 00 00 00 00 40 00 00 00 00 00 00 00 00 00 00 00\n"
		"40: 10 00 02 00 00 00 00 10 10 28 00 00 11 00 00 00\n";
	struct rb_pci_addr fn = rb_pci_addr_make(0, 0, 1, 0);
	struct rig rig;

	(void)state;
	rig_of(&rig, write_text(text), "");
	assert_int_equal(unlink(path), 0);

	assert_int_equal(rig.m->ops->reset(rig.m, fn), 0);
	assert_int_equal(rb_mock_advance(rig.ctx, 100000000), 0);

	assert_int_equal(cfg_read(&rig, fn, 0x00, 4), 0x56781234);
	assert_int_equal(cfg_read(&rig, fn, 0x04, 2), 0);
	assert_int_equal(cfg_read(&rig, fn, 0x10, 4), 0);
	assert_int_equal(cfg_read(&rig, fn, 0x40, 4), 0x00020010);
	rig_close_clean(&rig);
}

/* --- files that are none ------------------------------------------------------------------- */

static void assert_text(const char *text, const char *part)
{
	struct rbi_dump *dump;
	int rc = rbi_dump_parse(text, strlen(text), &dump);

	if (rc != -EINVAL || !strstr(rb_last_error(), part))
		fail_msg("'%s' is answered %d: %s", text, rc, rb_last_error());
	assert_null(dump);
}

static void text_that_is_no_dump_is_refused_with_its_line(void **state)
{
	(void)state;
	assert_text("", "no PCI function");
	assert_text("# nothing\n\nlspci: Unable to load libkmod resources\n", "no PCI function");
	assert_text("Hello\n", "line 1: neither");
	assert_text("00:1f.2 x\n00: 1 2\n", "line 2: 16 bytes");
	assert_text("00:1f.2 x\n\n", "line 1: this function has 0 bytes");
	assert_text("00:1f.2 x\n" FIRST_LINE "00:1f.3\n", "line 1: this function has 16 bytes");
	assert_text("00:1f.2 x\n" FIRST_LINE FIRST_LINE, "line 3: the offset");
	assert_text("00:1f.2 x\n" FIRST_LINE "1000: 00\n", "line 3: neither");
	assert_text("00:20.2 x\n", "line 1: there are devices 00-1f");
	assert_text("00:1f.8 x\n", "line 1: there are devices 00-1f");
	assert_text(FIRST_LINE, "line 1: bytes come before");
	assert_text("00:1f.2 x\n00: 34 12 78 56 07 00 00 00 00 00 00 ff 00 00 00 00 00\n",
		    "line 2: something follows");
	assert_text("00:1f.2 x\n\tRegion 6: Memory at 0 [size=4K]\n", "line 2: there are regions");
	assert_text("00:1f.2 x\n\tRegion 0: Memory at 0 [size=K]\n", "line 2: '[size='");
	assert_text("00:1f.2 x\n\tRegion 0: Memory at 0 [size=4P]\n", "line 2: '[size='");
	assert_text("00:1f.2 x\n\tRegion 0: Memory at 0 [size=", "line 2: '[size='");
}

static void the_same_function_twice_is_refused(void **state)
{
	static const char once[] =
		"00:1f.2 x\n" FIRST_LINE "10: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n"
		REST_OF_HEADER;
	char twice[2 * sizeof(once)];
	struct rb_ctx *ctx;
	char machine[8192];

	(void)state;
	snprintf(twice, sizeof(twice), "%s%s", once, once);
	snprintf(machine, sizeof(machine), "mock:dump=%s", write_text(twice));

	assert_int_equal(rb_ctx_new(machine, &ctx), -EINVAL);

	assert_non_null(strstr(rb_last_error(), "line 6"));
	assert_int_equal(unlink(path), 0);
}

static void files_that_cannot_be_read_say_why(void **state)
{
	struct rb_ctx *ctx;

	(void)state;
	assert_int_equal(rb_ctx_new("mock:dump=/nonexistent/dump", &ctx), -ENOENT);
	assert_non_null(strstr(rb_last_error(), "/nonexistent/dump"));
	assert_int_equal(rb_ctx_new("mock:dump=/dev/null/dump", &ctx), -ENOENT);
	assert_int_equal(rb_ctx_new("mock:dump=", &ctx), -ENOENT);
	assert_int_equal(rb_ctx_new("mock:dump=/dev/zero", &ctx), -EINVAL);
	assert_int_equal(rb_ctx_new("mock:dump=/", &ctx), -EINVAL);
	assert_int_equal(rb_ctx_new("qemu:edu;dump=x", &ctx), -EINVAL);
	assert_null(ctx);
}

static void a_file_above_64_mib_is_refused(void **state)
{
	struct rb_ctx *ctx;
	char machine[8192];

	(void)state;
	snprintf(machine, sizeof(machine), "mock:dump=%s", write_text("#\n"));
	assert_int_equal(truncate(path, (off_t)RBI_DUMP_BYTES + 1), 0);

	assert_int_equal(rb_ctx_new(machine, &ctx), -EINVAL);

	assert_non_null(strstr(rb_last_error(), "64 MiB"));
	assert_int_equal(unlink(path), 0);
}

static void a_file_without_permission_is_eacces(void **state)
{
	struct rb_ctx *ctx;
	char machine[8192];
	int rc;

	(void)state;
	if (geteuid() == 0)
		skip(); /* root reads everything */
	snprintf(machine, sizeof(machine), "mock:dump=%s", write_text("#\n"));
	assert_int_equal(chmod(path, 0), 0);

	rc = rb_ctx_new(machine, &ctx);

	assert_int_equal(unlink(path), 0);
	assert_int_equal(rc, -EACCES);
}

static void no_memory_at_any_allocation_leaves_nothing_behind(void **state)
{
	static const char *const options[] = { "dump", NULL };
	char machine[8192];
	struct rbi_spec *spec;
	struct rbi_machine *m;
	unsigned long n;
	int rc = -ENOMEM;
	long live;

	(void)state;
	snprintf(machine, sizeof(machine), "mock:dump=%s", seed("q35.txt"));
	assert_int_equal(rbi_spec_parse(machine, options, &spec), 0);
	live = rbi_alloc_live();

	for (n = 1; rc != 0; n++) {
		rbi_alloc_fail_at(n);
		rc = rbi_mock_machine_new(spec, &m);
		if (rc != 0) {
			assert_int_equal(rc, -ENOMEM);
			assert_int_equal(rbi_alloc_live(), live);
		}
		assert_true(n < 100);
	}

	rbi_alloc_fail_at(0);
	m->ops->destroy(m, false);
	assert_int_equal(rbi_alloc_live(), live);
	rbi_spec_free(spec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_function_shows_the_bytes_of_the_text),
		cmocka_unit_test(a_driver_finds_and_opens_what_was_dumped),
		cmocka_unit_test(messages_can_be_enabled_and_other_bits_cannot_be_changed),
		cmocka_unit_test(a_register_is_a_violation_and_reads_0),
		cmocka_unit_test(sizes_of_the_text_are_taken_and_others_guessed),
		cmocka_unit_test(a_guess_ends_where_the_next_bar_begins),
		cmocka_unit_test(lines_of_lspci_v_tell_sizes_by_address),
		cmocka_unit_test(devices_of_the_string_come_besides),
		cmocka_unit_test(a_place_that_is_taken_is_refused),
		cmocka_unit_test(a_reset_leaves_what_nobody_has_written),
		cmocka_unit_test(text_that_is_no_dump_is_refused_with_its_line),
		cmocka_unit_test(the_same_function_twice_is_refused),
		cmocka_unit_test(files_that_cannot_be_read_say_why),
		cmocka_unit_test(a_file_above_64_mib_is_refused),
		cmocka_unit_test(a_file_without_permission_is_eacces),
		cmocka_unit_test(no_memory_at_any_allocation_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
