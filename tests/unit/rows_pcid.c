/* SPDX-License-Identifier: MIT */
/* rows_pcid.c - contract 4.1 to 4.3: names, paths, what opening does, framing. */
#include "rows.h"

#define P	"/scheme/pci"
#define CHANNEL "/channel"

#define DIRECTORY RBI_O_DIRECTORY
#define STAT	  RBI_O_STAT

static uint32_t command(struct world *w)
{
	return fake_get(w->fake, FAKE_EDU, 4) & 0xffff;
}

/* --- 4.1 names ------------------------------------------------------------------- */

static void names_are_short(struct world *w)
{
	char names[256];

	assert_int_equal(w_list(w, P, names, sizeof(names)), 0);
	assert_string_equal(names, "00-00--03.0 00-00--04.0 00-00--1f.2");
	row_opens(w, P "/0000--00--1f.2", DIRECTORY, -ENOENT);
}

static void names_are_wide(struct world *w)
{
	char names[256];

	assert_int_equal(w_list(w, P, names, sizeof(names)), 0);
	assert_string_equal(names, "0000--00--03.0 0000--00--04.0 0000--00--1f.2");
	row_opens(w, P "/00-00--1f.2", DIRECTORY, -ENOENT);
}

static void hex_has_any_width(struct world *w)
{
	bool wide = ((struct rbi_hosted *)w->sys)->profile.wide_names;

	row_opens(w, wide ? P "/0--0--1f.2" : P "/0-0--1f.2", DIRECTORY, 0);
	row_opens(w, wide ? P "/0--00--0001F.02" : P "/0-00--0001F.02", DIRECTORY, 0);
	row_opens(w, wide ? P "/0--0--.0" : P "/0-0--.0", DIRECTORY, -ENOENT);
}

/* --- 4.2 paths ------------------------------------------------------------------- */

static void the_top_lists_devices(struct world *w)
{
	char names[256];

	assert_int_equal(w_list(w, P, names, sizeof(names)), 0);
	assert_int_equal(command(w), 0); /* nothing was touched */
}

static void a_device_holds_its_channel(struct world *w)
{
	char names[256];

	assert_int_equal(w_list(w, row_pci(w, FAKE_EDU, ""), names, sizeof(names)), 0);
	assert_string_equal(names, "channel");
}

static void the_channel_is_exclusive(struct world *w)
{
	int fd = row_channel(w, FAKE_EDU);

	row_opens(w, row_pci(w, FAKE_EDU, CHANNEL), RDWR, -ENOLCK);
	row_opens(w, row_pci(w, FAKE_EDU, CHANNEL), STAT, -ENOLCK);
	w_close(w, fd);
	row_opens(w, row_pci(w, FAKE_EDU, CHANNEL), RDWR, 0);
}

static void access_is_there_and_not_listed(struct world *w)
{
	char names[256];

	row_opens(w, P "/access", RDWR, 0);
	assert_int_equal(w_list(w, P, names, sizeof(names)), 0);
	assert_null(strstr(names, "access"));
}

static void others_see_addresses_only(struct world *w)
{
	the_top_lists_devices(w);
	a_device_holds_its_channel(w);
	row_opens(w, P "/access", RDWR, -EACCES);
	row_opens(w, row_pci(w, FAKE_EDU, CHANNEL), RDWR, -EACCES);
	row_opens(w, P "/access", STAT, 0);
}

static void unknown_names_are_enoent(struct world *w)
{
	row_opens(w, P "/nonsense", RDWR, -ENOENT);
	row_opens(w, P "/00:00:04.0", DIRECTORY, -ENOENT);
	row_opens(w, row_pci(w, FAKE_BRIDGE, ""), DIRECTORY, -ENOENT);
	row_opens(w, row_pci(w, FAKE_EDU, "/nonsense"), RDWR, -ENOENT);
	row_opens(w, row_pci(w, FAKE_EDU, "/channel/x"), RDWR, -ENOENT);
	row_opens(w, row_pci(w, FAKE_EDU, "x"), DIRECTORY, -ENOENT);
}

static void names_past_an_address_panic(struct world *w)
{
	bool wide = ((struct rbi_hosted *)w->sys)->profile.wide_names;

	row_opens(w, wide ? P "/0000--00--20.0" : P "/00-00--20.0", DIRECTORY, -ENODEV);
	row_panicked(w, "pcid");
}

static void files_are_no_directories(struct world *w)
{
	row_opens(w, P "/access", DIRECTORY, -ENOTDIR);
	row_opens(w, row_pci(w, FAKE_EDU, CHANNEL), DIRECTORY, -ENOTDIR);
	row_opens(w, P "/access", DIRECTORY | STAT, 0);
	row_opens(w, P "/access/", RDWR, 0); /* relibc drops the slash (contract 16, 4.2) */
}

static void directories_are_no_files(struct world *w)
{
	row_opens(w, P, RDWR, -EISDIR);
	row_opens(w, row_pci(w, FAKE_EDU, ""), RDWR, -EISDIR);
	row_opens(w, P, STAT, 0);
	row_opens(w, row_pci(w, FAKE_EDU, ""), STAT, 0);
}

static void a_look_is_all_that_stat_allows(struct world *w)
{
	static const char *const paths[] = { P "/access", P };
	uint64_t meta[2] = { 1, 4u << 15 };
	char buf[8] = "";
	size_t i;
	int fd;

	for (i = 0; i < 3; i++) {
		fd = row_open(w, i < 2 ? paths[i] : row_pci(w, FAKE_EDU, CHANNEL), STAT);
		assert_int_equal(w_read(w, fd, buf, 4), -EBADF);
		assert_int_equal(w_write(w, fd, buf, 4), -EBADF);
		assert_int_equal(w_call(w, fd, buf, 4, meta, 2), -EBADF);
	}
}

static void the_wrong_kind_is_refused(struct world *w)
{
	int top = row_open(w, P, DIRECTORY);
	int access = row_open(w, P "/access", RDWR);
	char buf[8] = "";

	assert_int_equal(w_read(w, top, buf, 8), -EISDIR);
	assert_int_equal(w_write(w, top, buf, 8), -EBADF);
	assert_int_equal(w_read(w, access, buf, 8), -EBADF);
	assert_int_equal(w_write(w, access, buf, 8), -EBADF);
	assert_int_equal(w_list(w, P "/access", buf, sizeof(buf)), -ENOTDIR);
	assert_int_equal(w_call(w, row_channel(w, FAKE_EDU), buf, 4, NULL, 0), -EBADF);
}

static uint64_t size_of(struct world *w, int fd)
{
	uint64_t size = 99;

	assert_int_equal(w->sys->ops->size(w->sys, fd, &size), 0);
	return size;
}

static void sizes_are_counts_of_entries(struct world *w)
{
	assert_int_equal(size_of(w, row_open(w, P, DIRECTORY)), 3);
	assert_int_equal(size_of(w, row_open(w, row_pci(w, FAKE_EDU, ""), DIRECTORY)), 1);
	assert_int_equal(size_of(w, row_channel(w, FAKE_EDU)), 0);
	assert_int_equal(size_of(w, row_open(w, P "/access", RDWR)), 0);
}

static void a_channel_ignores_offsets_and_cannot_be_mapped(struct world *w)
{
	int fd = row_channel(w, FAKE_EDU);
	uint8_t buf[16];
	void *base;

	assert_int_equal(w_write(w, fd, "\0\0\0\0", 4), 4);
	assert_int_equal(row_pread(w, fd, buf, 16, 1000), 12);
	assert_int_equal(w_mmap(w, fd, 4096, RBI_MAP_SHARED, 0, &base), -EOPNOTSUPP);
}

/* --- 4.2 side effects ------------------------------------------------------------ */

static void opening_enables_and_silences(struct world *w)
{
	fake_put(w->fake, FAKE_EDU, 0x40, 0x01850005); /* MSI was left on */
	fake_put(w->fake, FAKE_NIC, 0xa0, 0x80047011);
	row_channel(w, FAKE_EDU);
	row_channel(w, FAKE_NIC);
	assert_int_equal(command(w), 7);
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x40) >> 16 & 1, 0);
	assert_int_equal(fake_get(w->fake, FAKE_NIC, 0xa0) >> 31, 0);
	assert_true(w->fake->fn[FAKE_EDU].claimed);
}

static void a_missing_line_becomes_9(struct world *w)
{
	int fd = row_channel(w, FAKE_EDU);

	fake_put(w->fake, FAKE_EDU, 0x3c, 0x1ff);
	w_close(w, fd);
	row_channel(w, FAKE_EDU);
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x3c), 0x109);
}

static void a_locked_one_is_not_enabled_again(struct world *w)
{
	row_channel(w, FAKE_EDU);
	fake_put(w->fake, FAKE_EDU, 4, 0);
	row_opens(w, row_pci(w, FAKE_EDU, CHANNEL), RDWR, -ENOLCK);
	assert_int_equal(command(w), 0);
}

static void a_failed_open_enables_and_locks(struct world *w)
{
	row_opens(w, row_pci(w, FAKE_EDU, CHANNEL), DIRECTORY, -ENOTDIR);
	assert_int_equal(command(w), 7);
	row_opens(w, row_pci(w, FAKE_EDU, CHANNEL), RDWR, -ENOLCK);
}

static void the_wrong_user_s_open_does_so_too(struct world *w)
{
	row_opens(w, row_pci(w, FAKE_EDU, CHANNEL), RDWR, -EACCES);
	assert_int_equal(command(w), 7);
	row_opens(w, row_pci(w, FAKE_EDU, CHANNEL), RDWR, -ENOLCK);
}

static void a_look_enables_and_unlocks(struct world *w)
{
	row_opens(w, row_pci(w, FAKE_EDU, CHANNEL), STAT, 0);
	assert_int_equal(command(w), 7);
	row_opens(w, row_pci(w, FAKE_EDU, CHANNEL), STAT, 0);
}

static void closing_unlocks_and_disables_nothing(struct world *w)
{
	int fd = row_channel(w, FAKE_EDU);
	int twin = w->sys->ops->dup(w->sys, fd);

	w_close(w, fd);
	row_opens(w, row_pci(w, FAKE_EDU, CHANNEL), RDWR, -ENOLCK);
	w_close(w, twin);
	assert_int_equal(command(w), 7);
	row_opens(w, row_pci(w, FAKE_EDU, CHANNEL), RDWR, 0);
}

/* --- 4.3 framing ----------------------------------------------------------------- */

static void one_write_is_one_request(struct world *w)
{
	int fd = row_channel(w, FAKE_EDU);
	char buf[16];

	assert_int_equal(w_write(w, fd, "\2\0\0", 3), -EINVAL);
	assert_int_equal(w_write(w, fd, "\7\0\0\0\4", 5), -EINVAL);
	assert_int_equal(w_write(w, fd, "\x09\0\0\0", 4), -EINVAL);
	assert_int_equal(w_write(w, fd, "", 0), -EINVAL);
	assert_int_equal(w_write(w, fd, "\0\0\0\0whatever", 12), 12); /* the rest is ignored */
	assert_int_equal(w_write(w, fd, "\0\0\0\0", 4), -EINVAL); /* an answer is pending */
	assert_int_equal(w_read(w, fd, buf, sizeof(buf)), 12);
}

static void a_split_request_is_two_requests(struct world *w)
{
	int fd = row_channel(w, FAKE_EDU);

	row_exchange(w, fd, "0 0 0 0",
		     "4 0 0 0 0 0 0 0 0 0 0 0"); /* the first half of nothing longer */
	assert_int_equal(w_write(w, fd, "\4\0", 2), -EINVAL);
}

static void answers_are_read_in_any_pieces(struct world *w)
{
	int fd = row_channel(w, FAKE_EDU);
	uint8_t got[12];
	int i;

	assert_int_equal(w_read(w, fd, got, 1), -EINVAL);
	assert_int_equal(w_write(w, fd, "\0\0\0\0", 4), 4);
	for (i = 0; i < 12; i += 3)
		assert_int_equal(w_read(w, fd, got + i, 3), 3);
	assert_memory_equal(got, "\4\0\0\0\0\0\0\0\0\0\0\0", 12);
	assert_int_equal(w_read(w, fd, got, 1), -EINVAL);
}

static void bools_and_options_are_0_or_1(struct world *w)
{
	int fd = row_channel(w, FAKE_NIC);

	assert_int_equal(w_write(w, fd, "\6\0\0\0\1\0\0\0\2\0", 10), -EINVAL);
	assert_int_equal(w_write(w, fd, "\6\0\0\0\1\0\0\0\1\2", 10), -EINVAL);
	row_exchange(w, fd, "6 0 0 0 1 0 0 0 1 1", "8 0 0 0 0 0 0 0 8 0 0 0 1 0 0 0");
}

static const struct row rows[] = {
	CONTRACT("4.1", "00-00--1f.2 (SS-BB--DD.F)", names_are_short, NULL, REDOX_2025 | BASE_2026),
	CONTRACT("4.1", "0000--00--1f.2 (SSSS--BB--DD.F)", names_are_wide, NULL, REDBEAR_2026),
	CONTRACT("4.1", "Server parsers split at the separators and take hex of any width",
		 hex_has_any_width, ROOT),
	CONTRACT("4.2", "| /scheme/pci | dir of devices | any", the_top_lists_devices, ROOT),
	CONTRACT("4.2", "| /scheme/pci/<dev> | dir, contents exactly channel",
		 a_device_holds_its_channel, ROOT),
	CONTRACT("4.2", "| /scheme/pci/<dev>/channel | request/response file, exclusive",
		 the_channel_is_exclusive, ROOT),
	CONTRACT("4.2", "| /scheme/pci/access | config-space access by call",
		 access_is_there_and_not_listed, ROOT),
	CONTRACT("4.2", "Enumeration by a non-root process sees only addresses",
		 others_see_addresses_only, "uid=1000", 0),
	CONTRACT("4.2", "| malformed or unknown device, unknown leaf | ENOENT",
		 unknown_names_are_enoent, ROOT),
	CONTRACT("4.2", "malformed or unknown device", names_past_an_address_panic, ROOT),
	CONTRACT("4.2", "| file opened with O_DIRECTORY or trailing / | ENOTDIR",
		 files_are_no_directories, ROOT),
	CONTRACT("4.2", "| directory opened without O_DIRECTORY | EISDIR", directories_are_no_files,
		 ROOT),
	CONTRACT("4.2", "| channel/access, uid ≠ 0 | EACCES", others_see_addresses_only, "uid=7",
		 0),
	CONTRACT("4.2", "| channel already open somewhere | ENOLCK (37)", the_channel_is_exclusive,
		 ROOT),
	CONTRACT("4.2", "| any I/O on an O_STAT handle | EBADF", a_look_is_all_that_stat_allows,
		 ROOT),
	CONTRACT("4.2", "| read/write/getdents of the wrong kind | EBADF / EISDIR / ENOTDIR",
		 the_wrong_kind_is_refused, ROOT),
	CONTRACT("4.2", "size = entry count; files CHR 0600, size 0", sizes_are_counts_of_entries,
		 ROOT),
	CONTRACT("4.2", "but the channel ignores offsets",
		 a_channel_ignores_offsets_and_cannot_be_mapped, ROOT),
	CONTRACT("4.2", "1. ENOLCK check", a_locked_one_is_not_enabled_again, ROOT),
	CONTRACT("4.2", "2. command register |= bus master, memory, I/O; MSI and MSI-X disabled",
		 opening_enables_and_silences, ROOT),
	CONTRACT("4.2", "interrupt-line register 0xFF → 9", a_missing_line_becomes_9, ROOT),
	CONTRACT("4.2", "enables the device and leaves it locked until pcid restarts",
		 a_failed_open_enables_and_locks, ROOT),
	CONTRACT("4.2", "So a merely failed open (EACCES", the_wrong_user_s_open_does_so_too,
		 "uid=1000", 0),
	CONTRACT("4.2", "enables it too, and unlocks at close", a_look_enables_and_unlocks,
		 "uid=1000", 0),
	CONTRACT("4.2", "Close of the last fd unlocks; the device is not disabled",
		 closing_unlocks_and_disables_nothing, ROOT),
	CONTRACT("4.3", "Undecodable → EINVAL. Trailing bytes are ignored",
		 one_write_is_one_request, ROOT),
	CONTRACT("4.3", "A request split over two writes is decoded separately",
		 a_split_request_is_two_requests, ROOT),
	CONTRACT("4.3", "Read in any chunking; a read with no response pending → EINVAL",
		 answers_are_read_in_any_pieces, ROOT),
	CONTRACT("4.3", "Strictly one outstanding request", one_write_is_one_request, ROOT),
	CONTRACT("4.3", "bool = u8 (must be 0/1)", bools_and_options_are_0_or_1, ROOT),
};

const struct row_table rows_pcid = ROW_TABLE(rows);
