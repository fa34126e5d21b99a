/* SPDX-License-Identifier: MIT */
/*
 * test_hosted_pcid.c - /scheme/pci, row by row and byte by byte (contract 4).
 *
 * Bytes are those of contract 4.7, typed here a second time: client and server of
 * ours must not only agree with each other.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hosted_fake.h"

#define P     "/scheme/pci"
#define EDU   P "/00-00--04.0"
#define E1000 P "/00-00--03.0"
#define NIC   P "/00-00--1f.2"
#define RDWR  RBI_O_RDWR

static int open_channel(struct world *w, const char *path)
{
	int fd = w_open(w, path, RDWR);

	assert_true(fd >= 0);
	return fd;
}

/* Bytes from text such as "00 01 fe". */
static size_t bytes(const char *hex, uint8_t *out)
{
	size_t n = 0;
	char *end;

	for (; *hex != '\0'; hex = *end == ' ' ? end + 1 : end)
		out[n++] = (uint8_t)strtoul(hex, &end, 16);
	return n;
}

/* Write the request and read the whole answer: both as hex text. */
static void exchange(struct world *w, int fd, const char *request, const char *answer)
{
	uint8_t out[64], want[256], got[256];
	size_t n = bytes(request, out);
	size_t m = bytes(answer, want);

	assert_int_equal(w_write(w, fd, out, n), n);
	assert_int_equal(w_read(w, fd, got, 8), 8);
	assert_int_equal(w_read(w, fd, got + 8, sizeof(got) - 8), m - 8);
	assert_memory_equal(got, want, m);
	assert_int_equal(w_read(w, fd, got, 1), -EINVAL); /* nothing pending */
}

/* --- paths (contract 4.1, 4.2) -------------------------------------------------- */

static void names_are_those_of_the_profile(void **state)
{
	static const char *const rows[][2] = {
		{ "profile=redox-2025", "00-00--03.0 00-00--04.0 00-00--1f.2" },
		{ "profile=base-2026", "00-00--03.0 00-00--04.0 00-00--1f.2" },
		{ "profile=redbear-2026", "0000--00--03.0 0000--00--04.0 0000--00--1f.2" },
	};
	char names[256];
	struct world *w;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		w = world_new(rows[i][0]);
		assert_int_equal(w_list(w, P, names, sizeof(names)), 0);
		assert_string_equal(names, rows[i][1]);
		world_free(w);
	}
}

static void a_name_of_the_other_style_is_unknown(void **state)
{
	struct world *w = world_new("profile=redbear-2026");

	assert_int_equal(w_open(w, P "/00-00--04.0/channel", RDWR), -ENOENT);
	assert_true(w_open(w, P "/0--0--4.0/channel", RDWR) >= 0); /* any width of hex */
	world_free(w);
	w = *state;
	assert_int_equal(w_open(w, P "/0000--00--04.0/channel", RDWR), -ENOENT);
}

static void paths_open_or_refuse_as_pcid_does(void **state)
{
	static const struct {
		const char *path;
		unsigned int flags;
		int rc; /* 0: opens */
	} rows[] = {
		{ P, RDWR, -EISDIR },
		{ P, RBI_O_DIRECTORY, 0 },
		{ P "/", RDWR, -EISDIR }, /* probe 1: "trailing '/' is dropped", by relibc */
		{ P, RBI_O_STAT, 0 },
		{ EDU, RDWR, -EISDIR },
		{ EDU, RBI_O_DIRECTORY, 0 },
		{ EDU "/", RDWR, -EISDIR },
		{ EDU "/", RBI_O_DIRECTORY, 0 },
		{ EDU "/bogus", RDWR, -ENOENT },
		{ EDU "/config", RDWR, -ENOENT },
		{ EDU "/bind", RDWR, -ENOENT },
		{ EDU "/uevent", RDWR, -ENOENT },
		{ EDU "x", RDWR, -ENOENT },
		{ P "/00-00--02.0", RBI_O_DIRECTORY, -ENOENT }, /* a bridge */
		{ P "/00-00--05.0", RBI_O_DIRECTORY, -ENOENT },
		{ P "/00-00--104.0", RBI_O_DIRECTORY, -ENOENT },
		{ P "/00-00-04.0", RBI_O_DIRECTORY, -ENOENT },
		{ P "/nonsense", RDWR, -ENOENT },
		{ P "/access", RDWR, 0 },
		{ P "/access/", RDWR, 0 },
		{ P "/access", RBI_O_DIRECTORY, -ENOTDIR },
		{ EDU "/channel", RDWR, 0 },
		{ EDU "/channel/", RDWR, 0 }, /* closed meanwhile */
	};
	struct world *w = *state;
	size_t i;
	int fd;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fd = w_open(w, rows[i].path, rows[i].flags);
		if (rows[i].rc == 0)
			assert_true(fd >= 0);
		else
			assert_int_equal(fd, rows[i].rc);
		if (fd >= 0)
			w_close(w, fd);
	}
}

static void listing_is_for_everybody_and_touches_nothing(void **state)
{
	struct world *w = world_new("uid=1000");
	char names[256];
	uint64_t size;
	int fd;

	(void)state;
	assert_int_equal(w_list(w, EDU, names, sizeof(names)), 0);
	assert_string_equal(names, "channel");
	fd = w_open(w, P, RBI_O_DIRECTORY);
	assert_int_equal(w->sys->ops->size(w->sys, fd, &size), 0);
	assert_int_equal(size, 3);
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 4) & 7, 0);
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x10), 0xfea00000); /* sized and restored */
	assert_int_equal(w_open(w, P "/access", RDWR), -EACCES);
	world_free(w);
}

static void io_of_the_wrong_kind_is_refused(void **state)
{
	struct world *w = *state;
	int top = w_open(w, P, RBI_O_DIRECTORY);
	int access = w_open(w, P "/access", RDWR);
	int channel = open_channel(w, EDU "/channel");
	uint64_t meta[2] = { 1, 0 };
	uint64_t size;
	char buf[8];

	assert_int_equal(w_read(w, top, buf, 8), -EISDIR);
	assert_int_equal(w_write(w, top, buf, 8), -EBADF);
	assert_int_equal(w_read(w, access, buf, 8), -EBADF);
	assert_int_equal(w_write(w, access, buf, 8), -EBADF);
	assert_int_equal(w_call(w, channel, buf, 4, meta, 2), -EBADF);
	assert_int_equal(w->sys->ops->size(w->sys, channel, &size), 0);
	assert_int_equal(size, 0);
	assert_int_equal(w_list(w, EDU "/channel", buf, sizeof(buf)), -ENOLCK);
}

/* --- side effects of opening (contract 4.2) ------------------------------------- */

static void opening_a_channel_enables_and_locks(void **state)
{
	struct world *w = *state;
	int fd;

	fake_put(w->fake, FAKE_EDU, 0x40, 0x01850005); /* a driver before us left MSI on */
	fd = open_channel(w, EDU "/channel");

	assert_int_equal(fake_get(w->fake, FAKE_EDU, 4) & 7, 7);
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x40) >> 16 & 1, 0);
	assert_true(w->fake->fn[FAKE_EDU].claimed);
	assert_int_equal(w_open(w, EDU "/channel", RDWR), -ENOLCK);

	w_close(w, fd);
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 4) & 7, 7); /* still enabled */
	assert_false(w->fake->fn[FAKE_EDU].claimed);
	assert_true(w_open(w, EDU "/channel", RDWR) >= 0);
}

static void a_second_descriptor_keeps_the_lock(void **state)
{
	struct world *w = *state;
	int fd = open_channel(w, EDU "/channel");
	int twin = w->sys->ops->dup(w->sys, fd);

	w_close(w, fd);
	assert_int_equal(w_open(w, EDU "/channel", RDWR), -ENOLCK);
	w_close(w, twin);
	assert_true(w_open(w, EDU "/channel", RDWR) >= 0);
}

static void an_open_that_fails_enables_and_locks_for_ever(void **state)
{
	struct world *w = world_new("uid=1000");

	assert_int_equal(w_open(w, EDU "/channel", RDWR), -EACCES);
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 4) & 7, 7);
	assert_int_equal(w_open(w, EDU "/channel", RDWR), -ENOLCK);
	world_free(w);

	w = *state;
	assert_int_equal(w_open(w, EDU "/channel", RDWR | RBI_O_DIRECTORY), -ENOTDIR);
	assert_int_equal(w_open(w, EDU "/channel", RDWR), -ENOLCK);
}

static void an_open_to_look_enables_too_and_unlocks_at_close(void **state)
{
	struct world *w = world_new("uid=1000");
	char buf[8];
	int fd;

	(void)state;
	fd = w_open(w, EDU "/channel", RBI_O_STAT);
	assert_true(fd >= 0);
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 4) & 7, 7);
	assert_int_equal(w_read(w, fd, buf, 8), -EBADF);
	assert_int_equal(w_write(w, fd, buf, 8), -EBADF);
	w_close(w, fd);
	fd = w_open(w, EDU "/channel", RBI_O_STAT);
	assert_true(fd >= 0);
	world_free(w);
}

/* --- framing (contract 4.3) ----------------------------------------------------- */

static void a_channel_answers_one_request_at_a_time(void **state)
{
	struct world *w = *state;
	int fd = open_channel(w, EDU "/channel");
	uint8_t config[4] = { 1, 0, 0, 0 };
	uint8_t length[8], byte;
	int i;

	assert_int_equal(w_read(w, fd, &byte, 1), -EINVAL);
	assert_int_equal(w_write(w, fd, config, 3), -EINVAL); /* half a message */
	assert_int_equal(w_write(w, fd, "\x09\0\0\0", 4), -EINVAL); /* no such request */
	assert_int_equal(w_write(w, fd, config, 4), 4);
	assert_int_equal(w_write(w, fd, config, 4), -EINVAL); /* an answer is pending */
	for (i = 0; i < 8; i++)
		assert_int_equal(w_read(w, fd, &length[i], 1), 1);
	for (i = 0; i < length[0]; i++)
		assert_int_equal(w_read(w, fd, &byte, 1), 1);
	assert_int_equal(w_read(w, fd, &byte, 1), -EINVAL);
	assert_int_equal(w_write(w, fd, "\0\0\0\0trailing", 12), 12);
}

/* --- requests (contract 4.7, 4.8) ----------------------------------------------- */

static void config_of_the_e1000_has_the_bytes_of_each_layout(void **state)
{
	static const char *const rows[][2] = {
		{ "profile=redox-2025",
		  "36 0 0 0 0 0 0 0 1 0 0 0 0 0 0 3 0 1 0 0 0 0 0 bc fe 0 0 2 0 3 0 0 0 0 c0 "
		  "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 b 0 86 80 e 10 2 0 0 3" },
		{ "profile=base-2026",
		  "37 0 0 0 0 0 0 0 1 0 0 0 0 0 0 3 0 1 0 0 0 0 0 bc fe 0 0 2 0 3 0 0 0 0 c0 "
		  "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 b 0 86 80 e 10 2 0 0 3" },
	};
	struct world *w;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		w = world_new(rows[i][0]);
		exchange(w, open_channel(w, E1000 "/channel"), "1 0 0 0", rows[i][1]);
		world_free(w);
	}
}

static void config_tells_the_rom_and_wide_bars(void **state)
{
	struct world *w = *state;

	/* BAR0 64 bit at 0x8_0000_0000, 32 GiB; ROM feb80000, 40000 bytes, off; no pin */
	exchange(w, open_channel(w, NIC "/channel"), "1 0 0 0",
		 "44 0 0 0 0 0 0 0 1 0 0 0 0 0 0 1f 2 "
		 "2 0 0 0 0 0 0 0 8 0 0 0 0 0 0 0 8 0 0 0 "
		 "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 "
		 "1 0 0 b8 fe 0 0 4 0 0 0 86 80 d3 10 2 0 0 0");
}

static void a_line_that_firmware_left_out_becomes_9(void **state)
{
	struct world *w = *state;
	int fd;

	fd = open_channel(w, EDU "/channel"); /* the fake's firmware says 11 */
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x3c) & 0xff, 11);
	fake_put(w->fake, FAKE_EDU, 0x3c, 0x1ff);
	exchange(w, fd, "0 0 0 0", "4 0 0 0 0 0 0 0 0 0 0 0");
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x3c) & 0xff, 9);
}

static void features_come_in_the_order_of_their_list(void **state)
{
	struct world *w = *state;

	exchange(w, open_channel(w, NIC "/channel"), "2 0 0 0",
		 "14 0 0 0 0 0 0 0 2 0 0 0 2 0 0 0 0 0 0 0 1 0 0 0 0 0 0 0");
	exchange(w, open_channel(w, EDU "/channel"), "2 0 0 0",
		 "10 0 0 0 0 0 0 0 2 0 0 0 1 0 0 0 0 0 0 0 0 0 0 0");
	exchange(w, open_channel(w, E1000 "/channel"), "2 0 0 0",
		 "c 0 0 0 0 0 0 0 2 0 0 0 0 0 0 0 0 0 0 0");
}

static void vendor_capabilities_begin_after_their_length(void **state)
{
	struct world *w = *state;

	exchange(w, open_channel(w, NIC "/channel"), "3 0 0 0",
		 "21 0 0 0 0 0 0 0 3 0 0 0 1 0 0 0 0 0 0 0 d 0 0 0 0 0 0 0 "
		 "a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 aa ab ac");
}

static void an_empty_vendor_capability_has_no_data(void **state)
{
	struct world *w = *state;

	fake_put(w->fake, FAKE_NIC, 0x50, 0xa0000009);
	exchange(w, open_channel(w, NIC "/channel"), "3 0 0 0",
		 "14 0 0 0 0 0 0 0 3 0 0 0 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0");
}

static void feature_info_tells_what_the_capabilities_say(void **state)
{
	struct world *w = *state;
	int nic = open_channel(w, NIC "/channel");

	exchange(w, nic, "5 0 0 0 1 0 0 0",
		 "18 0 0 0 0 0 0 0 7 0 0 0 1 0 0 0 1 0 0 0 3 0 0 0 0 5 0 3 0 20 0 0");
	exchange(w, nic, "5 0 0 0 0 0 0 0", "f 0 0 0 0 0 0 0 7 0 0 0 0 0 0 0 0 0 0 0 0 0 0");
	exchange(w, open_channel(w, EDU "/channel"), "5 0 0 0 0 0 0 0",
		 "f 0 0 0 0 0 0 0 7 0 0 0 0 0 0 0 0 0 0 0 2 1 1");
	exchange(w, open_channel(w, E1000 "/channel"), "5 0 0 0 0 0 0 0",
		 "c 0 0 0 0 0 0 0 6 0 0 0 0 0 0 0 0 0 0 0");
}

static void enabling_one_feature_disables_the_other_first(void **state)
{
	struct world *w = *state;
	int nic = open_channel(w, NIC "/channel");
	int edu = open_channel(w, EDU "/channel");

	exchange(w, nic, "4 0 0 0 1 0 0 0", "8 0 0 0 0 0 0 0 4 0 0 0 1 0 0 0");
	assert_int_equal(fake_get(w->fake, FAKE_NIC, 0xa0) >> 31, 1);
	exchange(w, nic, "4 0 0 0 0 0 0 0", "8 0 0 0 0 0 0 0 4 0 0 0 0 0 0 0");
	assert_int_equal(fake_get(w->fake, FAKE_NIC, 0xa0) >> 31, 0);
	assert_int_equal(fake_get(w->fake, FAKE_NIC, 0x70) >> 16 & 1, 1);

	exchange(w, edu, "4 0 0 0 0 0 0 0", "8 0 0 0 0 0 0 0 4 0 0 0 0 0 0 0");
	exchange(w, edu, "4 0 0 0 1 0 0 0", "c 0 0 0 0 0 0 0 6 0 0 0 0 0 0 0 1 0 0 0");
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x40) >> 16 & 1, 0); /* off all the same */
	/* there is no disable request, but EnableDevice is one */
	exchange(w, edu, "4 0 0 0 0 0 0 0", "8 0 0 0 0 0 0 0 4 0 0 0 0 0 0 0");
	exchange(w, edu, "0 0 0 0", "4 0 0 0 0 0 0 0 0 0 0 0");
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x40) >> 16 & 1, 0);
}

static void a_message_is_exchanged_on_its_way_and_undone_on_its_way_back(void **state)
{
	struct world *w = *state;
	int fd = open_channel(w, EDU "/channel");
	uint64_t meta[2] = { 1, 4u << 15 | 0x44 };
	int access = w_open(w, P "/access", RDWR);
	uint32_t dwords[3];

	exchange(w, fd, "6 0 0 0 0 0 0 0 1 0 1 0 0 e0 fe 0 0 0 0 32 0 0 0 0",
		 "8 0 0 0 0 0 0 0 8 0 0 0 0 0 0 0");

	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x44), FAKE_DOORBELL);
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x4c), 0x32);
	exchange(w, fd, "7 0 0 0 44 0", "8 0 0 0 0 0 0 0 9 0 0 0 0 0 e0 fe");
	exchange(w, fd, "7 0 0 0 48 0", "8 0 0 0 0 0 0 0 9 0 0 0 0 0 0 0");
	exchange(w, fd, "7 0 0 0 4c 0", "8 0 0 0 0 0 0 0 9 0 0 0 32 0 0 0");
	assert_int_equal(w_call(w, access, dwords, 12, meta, 2), 12);
	assert_int_equal(dwords[0], 0xfee00000);
	assert_int_equal(dwords[2], 0x32);
}

static void a_message_written_dword_by_dword_is_exchanged_too(void **state)
{
	struct world *w = *state;
	int fd = open_channel(w, EDU "/channel");
	static const char done[] = "4 0 0 0 0 0 0 0 a 0 0 0";

	exchange(w, fd, "8 0 0 0 44 0 0 0 e0 fe", done);
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x44), 0xfee00000); /* half a message */
	exchange(w, fd, "8 0 0 0 48 0 0 0 0 0", done);
	exchange(w, fd, "8 0 0 0 4c 0 33 0 0 0", done);
	exchange(w, fd, "8 0 0 0 40 0 5 0 81 1", done);

	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x44), FAKE_DOORBELL);
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x4c), 0x33);
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x40) >> 16 & 1, 1);
	exchange(w, fd, "7 0 0 0 44 0", "8 0 0 0 0 0 0 0 9 0 0 0 0 0 e0 fe");
	exchange(w, fd, "8 0 0 0 44 0 0 0 0 0", done); /* taken back */
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x44), 0);
}

static void a_32_bit_message_has_no_upper_half(void **state)
{
	struct world *w = *state;
	int fd = open_channel(w, NIC "/channel");

	exchange(w, fd, "6 0 0 0 0 0 0 0 0 1 0 0 e0 fe 9 0 0 0 40 0 0 0 0",
		 "8 0 0 0 0 0 0 0 8 0 0 0 0 0 0 0");

	assert_int_equal(fake_get(w->fake, FAKE_NIC, 0x74), FAKE_DOORBELL);
	assert_int_equal(fake_get(w->fake, FAKE_NIC, 0x78), 0x40);
	exchange(w, fd, "7 0 0 0 78 0", "8 0 0 0 0 0 0 0 9 0 0 0 40 0 0 0");
}

static void bit_patterns_that_pcid_refuses(void **state)
{
	static const char invalid[] = "8 0 0 0 0 0 0 0 6 0 0 0 1 0 0 0";
	struct world *w = *state;
	int fd = open_channel(w, EDU "/channel");

	/* more messages than the function can send */
	exchange(w, fd, "6 0 0 0 0 0 0 0 1 3 0 0", invalid);
	/* an address that is no multiple of 4 */
	exchange(w, fd, "6 0 0 0 0 0 0 0 0 1 2 0 e0 fe 0 0 0 0 32 0 0 0 0", invalid);
	assert_int_equal(w->fake->violations, 0);
}

/*
 * Contract 4.8 has it that the count is written and that low bits of the data are then
 * refused. pci_types 0.10.0 (and 0.10.1) looks for the count in bits 4 to 6 of the whole
 * dword, set_bits(4..7), where the id of the capability stands: neither happens.
 */
static void the_count_of_messages_is_checked_and_never_written(void **state)
{
	static const char done[] = "8 0 0 0 0 0 0 0 8 0 0 0 0 0 0 0";
	struct world *w = *state;
	int fd = open_channel(w, EDU "/channel");

	exchange(w, fd, "6 0 0 0 0 0 0 0 1 2 1 0 0 e0 fe 0 0 0 0 33 0 0 0 0", done);
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x40), 0x01840005);
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x4c), 0x33);

	fake_put(w->fake, FAKE_EDU, 0x40, 0x01a40005); /* somebody before us: 4 messages */
	exchange(w, fd, "6 0 0 0 0 0 0 0 1 0 0 0", done);
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x40), 0x01a40005);
	/* so who wants another count writes it himself */
	exchange(w, fd, "8 0 0 0 40 0 5 0 84 1", "4 0 0 0 0 0 0 0 a 0 0 0");
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x40), 0x01840005);
}

/* pci_types writes the dword that the data stands in: what is above goes to 0. */
static void setting_a_message_clears_the_half_dword_above_its_data(void **state)
{
	struct world *w = *state;
	int fd = open_channel(w, EDU "/channel");

	memset(w->fake->fn[FAKE_EDU].writable + 0x4c, 0xff, 4); /* extended message data */
	fake_put(w->fake, FAKE_EDU, 0x4c, 0xabcd0000);
	exchange(w, fd, "6 0 0 0 0 0 0 0 0 1 0 0 e0 fe 0 0 0 0 32 0 0 0 0",
		 "8 0 0 0 0 0 0 0 8 0 0 0 0 0 0 0");
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x4c), 0x32);
}

static void mask_bits_are_written_where_they_exist(void **state)
{
	static const char done[] = "8 0 0 0 0 0 0 0 8 0 0 0 0 0 0 0";
	static const char mask[] = "6 0 0 0 0 0 0 0 0 0 1 fe ff ff ff";
	struct world *w = *state;
	uint32_t before = fake_get(w->fake, FAKE_NIC, 0x80);

	exchange(w, open_channel(w, EDU "/channel"), mask, done);
	exchange(w, open_channel(w, NIC "/channel"), mask, done);

	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x50), 0xfffffffe);
	assert_int_equal(fake_get(w->fake, FAKE_NIC, 0x80), before);
}

static void the_function_mask_of_msix_is_set_and_cleared(void **state)
{
	static const char done[] = "8 0 0 0 0 0 0 0 8 0 0 0 1 0 0 0";
	struct world *w = *state;
	int nic = open_channel(w, NIC "/channel");

	exchange(w, nic, "6 0 0 0 1 0 0 0 1 1", done);
	assert_int_equal(fake_get(w->fake, FAKE_NIC, 0xa0) >> 30 & 1, 1);
	exchange(w, nic, "6 0 0 0 1 0 0 0 0", done);
	assert_int_equal(fake_get(w->fake, FAKE_NIC, 0xa0) >> 30 & 1, 1);
	exchange(w, nic, "6 0 0 0 1 0 0 0 1 0", done);
	assert_int_equal(fake_get(w->fake, FAKE_NIC, 0xa0) >> 30 & 1, 0);
	exchange(w, open_channel(w, EDU "/channel"), "6 0 0 0 1 0 0 0 1 0",
		 "c 0 0 0 0 0 0 0 6 0 0 0 0 0 0 0 1 0 0 0");
}

static void dwords_of_configuration_space_are_read_and_written(void **state)
{
	struct world *w = *state;
	int fd = open_channel(w, E1000 "/channel");

	exchange(w, fd, "7 0 0 0 0 0", "8 0 0 0 0 0 0 0 9 0 0 0 86 80 e 10");
	exchange(w, fd, "8 0 0 0 4 0 7 4 10 0", "4 0 0 0 0 0 0 0 a 0 0 0");
	assert_int_equal(fake_get(w->fake, FAKE_E1000, 4) & 0xffff, 0x0407);
	exchange(w, fd, "7 0 0 0 fc f", "8 0 0 0 0 0 0 0 9 0 0 0 0 0 0 0");
}

static void a_function_that_is_gone_reads_all_ones(void **state)
{
	struct world *w = *state;
	int fd = open_channel(w, EDU "/channel");

	w->fake->fn[FAKE_EDU].present = false;

	exchange(w, fd, "7 0 0 0 0 0", "8 0 0 0 0 0 0 0 9 0 0 0 ff ff ff ff");
	exchange(w, fd, "7 0 0 0 44 0", "8 0 0 0 0 0 0 0 9 0 0 0 ff ff ff ff");
}

/* What pcid learned when it started stays (contract 4.8), and it looks at nothing when
 * a channel is opened (4.2). */
static void pcid_does_not_notice_that_a_function_is_gone(void **state)
{
	struct world *w = *state;
	int fd;

	w_close(w, w_open(w, P, RBI_O_DIRECTORY)); /* pcid starts */
	w->fake->fn[FAKE_NIC].present = false;

	fd = open_channel(w, NIC "/channel");
	exchange(w, fd, "2 0 0 0", "14 0 0 0 0 0 0 0 2 0 0 0 2 0 0 0 0 0 0 0 1 0 0 0 0 0 0 0");
	exchange(w, fd, "5 0 0 0 1 0 0 0",
		 "18 0 0 0 0 0 0 0 7 0 0 0 1 0 0 0 1 0 0 0 3 0 0 0 0 5 0 3 0 20 0 0");
	exchange(w, fd, "7 0 0 0 0 0", "8 0 0 0 0 0 0 0 9 0 0 0 ff ff ff ff");
	assert_int_equal(w_open(w, NIC "/channel", RDWR), -ENOLCK);
	w_close(w, fd);
}

/* pci_types, bar(): the last slot cannot hold half of one. */
static void a_wide_bar_in_the_last_slot_is_none(void **state)
{
	struct world *w = *state;

	fake_put(w->fake, FAKE_E1000, 0x24, 0xfd000004);
	memset(w->fake->fn[FAKE_E1000].writable + 0x26, 0xff, 2);
	exchange(w, open_channel(w, E1000 "/channel"), "1 0 0 0",
		 "37 0 0 0 0 0 0 0 1 0 0 0 0 0 0 3 0 1 0 0 0 0 0 bc fe 0 0 2 0 3 0 0 0 0 c0 "
		 "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 b 0 86 80 e 10 2 0 0 3");
}

/* --- what makes pcid panic (contract 4.8, 14) ----------------------------------- */

static void requests_that_panic_pcid_take_the_scheme_away(void **state)
{
	static const struct {
		const char *path;
		const char *request;
	} rows[] = {
		{ EDU "/channel", "7 0 0 0 2 0" },
		{ EDU "/channel", "7 0 0 0 0 10" },
		{ EDU "/channel", "8 0 0 0 1 0 0 0 0 0" },
		{ EDU "/channel", "6 0 0 0 0 0 0 0 0 1 0 0 e0 fe 0 0 0 0 0 0 1 0 0" },
		{ NIC "/channel", "3 0 0 0" },
	};
	uint8_t request[32];
	struct world *w;
	char names[8];
	size_t i, n;
	int fd;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		w = world_new("");
		fake_put(w->fake, FAKE_NIC, 0x50, 0xa0060009); /* length 6 */
		fd = open_channel(w, rows[i].path);
		n = bytes(rows[i].request, request);
		assert_int_equal(w_write(w, fd, request, n), -ENODEV);
		assert_non_null(strstr(w->fake->violation, "pcid panics"));
		assert_int_equal(w_write(w, fd, "\1\0\0\0", 4), -ENODEV);
		assert_int_equal(w_list(w, P, names, sizeof(names)), -ENODEV);
		assert_int_equal(w_open(w, P "/access", RDWR), -ENODEV);
		assert_true(w_open(w, "/scheme/irq/5", RDWR) >= 0); /* the kernel lives */
		world_free(w);
	}
}

/* pci_types, PciAddress::new: "value does not fit into bit range". Of anybody who asks. */
static void names_that_no_address_has_room_for_panic_pcid(void **state)
{
	static const char *const names[] = { P "/00-00--04.8", P "/00-00--20.0/channel",
					     P "/00-00--ff.ff" };
	struct world *w;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		w = world_new("uid=1000");
		assert_int_equal(w_open(w, names[i], RBI_O_DIRECTORY), -ENODEV);
		assert_non_null(strstr(w->fake->violation, "pcid panics"));
		assert_int_equal(w_open(w, P, RBI_O_DIRECTORY), -ENODEV);
		world_free(w);
	}
}

/* --- hotplug=, which is ours ----------------------------------------------------- */

#define THREE "00-00--03.0 00-00--04.0 00-00--1f.2"

static void what_comes_and_goes_changes_no_listing_of_redox(void **state)
{
	struct world *w = world_new("");
	char names[256];

	(void)state;
	w->fake->fn[FAKE_NIC].present = false;
	assert_int_equal(w_list(w, P, names, sizeof(names)), 0);
	assert_string_equal(names, "00-00--03.0 00-00--04.0");

	w->fake->fn[FAKE_NIC].present = true;
	w->fake->fn[FAKE_EDU].present = false;

	assert_int_equal(w_list(w, P, names, sizeof(names)), 0);
	assert_string_equal(names, "00-00--03.0 00-00--04.0");
	assert_int_equal(w_open(w, NIC "/channel", RDWR), -ENOENT);
	world_free(w);
}

static void with_hotplug_every_listing_looks_again(void **state)
{
	struct world *w = world_new("hotplug=on");
	char names[256];

	(void)state;
	w->fake->fn[FAKE_NIC].present = false;
	assert_int_equal(w_list(w, P, names, sizeof(names)), 0);
	assert_string_equal(names, "00-00--03.0 00-00--04.0");

	w->fake->fn[FAKE_NIC].present = true;
	w->fake->fn[FAKE_EDU].present = false;
	assert_int_equal(w_open(w, NIC "/channel", RDWR), -ENOENT); /* not listed so far */
	assert_int_equal(w_list(w, P, names, sizeof(names)), 0);

	assert_string_equal(names, "00-00--03.0 00-00--1f.2");
	assert_int_equal(w_open(w, EDU "/channel", RDWR), -ENOENT);
	w_close(w, open_channel(w, NIC "/channel"));
	world_free(w);
}

static void with_hotplug_a_locked_function_stays_until_it_is_let_go(void **state)
{
	struct world *w = world_new("hotplug=on");
	char names[256];
	int fd = open_channel(w, EDU "/channel");

	(void)state;
	w->fake->fn[FAKE_EDU].present = false;
	assert_int_equal(w_list(w, P, names, sizeof(names)), 0);
	assert_string_equal(names, THREE);
	exchange(w, fd, "7 0 0 0 0 0", "8 0 0 0 0 0 0 0 9 0 0 0 ff ff ff ff");

	w_close(w, fd);
	assert_int_equal(w_list(w, P, names, sizeof(names)), 0);

	assert_string_equal(names, "00-00--03.0 00-00--1f.2");
	world_free(w);
}

static void with_hotplug_a_directory_outlives_what_it_stood_for(void **state)
{
	struct world *w = world_new("hotplug=on;config=on");
	int dir = w_open(w, EDU, RBI_O_DIRECTORY), config = w_open(w, EDU "/config", RDWR);
	char names[256];
	uint32_t id = 0;

	(void)state;
	assert_true(dir >= 0 && config >= 0);
	w->fake->fn[FAKE_EDU].present = false;
	assert_int_equal(w_list(w, P, names, sizeof(names)), 0);
	assert_string_equal(names, "00-00--03.0 00-00--1f.2");

	assert_int_equal(w_read(w, config, &id, sizeof(id)), sizeof(id));

	assert_int_equal(id, UINT32_MAX);
	w_close(w, dir);
	world_free(w); /* the other descriptor ends with it */
}

static void with_hotplug_a_function_in_the_place_of_another_is_looked_at(void **state)
{
	struct world *w = world_new("hotplug=on");
	char names[256];
	int fd;

	(void)state;
	assert_int_equal(w_list(w, P, names, sizeof(names)), 0);
	fake_put(w->fake, FAKE_EDU, 0x34, 0); /* a successor without capabilities */
	fake_put(w->fake, FAKE_EDU, 0x04, 0);
	assert_int_equal(w_list(w, P, names, sizeof(names)), 0);
	fd = open_channel(w, EDU "/channel");

	exchange(w, fd, "2 0 0 0", "c 0 0 0 0 0 0 0 2 0 0 0 0 0 0 0 0 0 0 0");

	world_free(w);
}

/* --- access (contract 4.10) ----------------------------------------------------- */

static void access_reads_any_bytes_of_any_function(void **state)
{
	struct world *w = *state;
	int fd = w_open(w, P "/access", RDWR);
	uint64_t edu[2] = { 1, 4u << 15 };
	uint64_t odd[2] = { 1, 4u << 15 | 1 };
	uint64_t bridge[2] = { 1, 2u << 15 };
	uint64_t none[2] = { 1, 5u << 15 };
	uint8_t buf[8];

	assert_int_equal(w_call(w, fd, buf, 4, edu, 2), 4);
	assert_memory_equal(buf, "\x34\x12\xe8\x11", 4);
	assert_int_equal(w_call(w, fd, buf, 2, odd, 2), 2);
	assert_memory_equal(buf, "\x12\xe8", 2);
	assert_int_equal(w_call(w, fd, buf, 2, bridge, 2), 2);
	assert_memory_equal(buf, "\x36\x1b", 2);
	assert_int_equal(w_call(w, fd, buf, 4, none, 2), 4);
	assert_memory_equal(buf, "\xff\xff\xff\xff", 4);
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 4) & 7, 0);
}

static void access_refuses_bad_metadata_and_needs_no_lock(void **state)
{
	struct world *w = *state;
	int fd = w_open(w, P "/access", RDWR);
	uint64_t what[2] = { 3, 0 };
	uint64_t read[2] = { 1, 4u << 15 };
	static uint8_t big[65536];

	open_channel(w, EDU "/channel");
	assert_int_equal(w_call(w, fd, big, 4, what, 2), -EINVAL);
	assert_int_equal(w_call(w, fd, big, 4, read, 1), -EINVAL);
	assert_int_equal(w_call(w, fd, big, 4, NULL, 0), -EINVAL);
	assert_int_equal(w_call(w, fd, big, sizeof(big), read, 2), -EINVAL);
	assert_int_equal(w_call(w, fd, big, 4096, read, 2), 4096);
	assert_int_equal(w_call(w, fd, big, 4097, read, 2), -ENODEV); /* pcid panics */
	assert_int_equal(w->fake->violations, 1);
}

/* Contract 4.8: "only segment 0", "other segments panic". */
static void access_to_another_segment_panics_pcid(void **state)
{
	struct world *w = *state;
	int fd = w_open(w, P "/access", RDWR);
	uint64_t meta[2] = { 1, 1ull << 28 };
	uint32_t val;

	assert_int_equal(w_call(w, fd, &val, 0, meta, 2), 0);
	assert_int_equal(w_call(w, fd, &val, 4, meta, 2), -ENODEV);
	assert_int_equal(w->fake->violations, 1);
}

static void access_writes_land_one_dword_too_far(void **state)
{
	struct world *w = *state;
	int fd = w_open(w, P "/access", RDWR);
	uint64_t meta[2] = { 2, 4u << 15 | 0x0c };
	uint32_t val = 0xfeb00000;

	assert_int_equal(w_call(w, fd, &val, 4, meta, 2), 4);

	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x0c), 0);
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x10), 0xfeb00000);
}

/* --- config, where a build has it (contract 4.9) -------------------------------- */

static void config_moves_the_rest_of_one_dword(void **state)
{
	struct world *w = world_new("config=on");
	uint8_t buf[16];
	uint64_t size;
	int fd;

	(void)state;
	fd = w_open(w, EDU "/config", RDWR);
	assert_true(fd >= 0);
	assert_true(w_open(w, EDU "/config", RDWR) >= 0); /* no exclusivity */
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 4) & 7, 0);
	assert_int_equal(w->sys->ops->size(w->sys, fd, &size), 0);
	assert_int_equal(size, 256);

	assert_int_equal(w->sys->ops->pread(w->sys, fd, buf, 16, 2), 2);
	assert_memory_equal(buf, "\xe8\x11", 2);
	assert_int_equal(w_read(w, fd, buf, 16), 4);
	assert_memory_equal(buf, "\x34\x12\xe8\x11", 4);
	/* the file position is 4: the command register; four bytes are silently lost */
	assert_int_equal(w_write(w, fd, "\x03\0\0\0\x55\x55\x55\x55", 8), 8);
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 4) & 0xffff, 3);
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 8), 0x00ff0010);
	assert_int_equal(w->sys->ops->pread(w->sys, fd, buf, 1, 4096), -ENODEV);
	assert_int_equal(w->fake->violations, 1);
	world_free(w);
}

static void config_is_for_root(void **state)
{
	struct world *w = world_new("config=on;uid=7");

	(void)state;
	assert_int_equal(w_open(w, EDU "/config", RDWR), -EACCES);
	world_free(w);
}

/* --- hostile hardware, no memory ------------------------------------------------ */

static void a_capability_list_in_a_circle_ends(void **state)
{
	struct world *w = *state;

	fake_put(w->fake, FAKE_NIC, 0x50, 0xa010a009); /* back to MSI-X */
	exchange(w, open_channel(w, NIC "/channel"), "2 0 0 0",
		 "14 0 0 0 0 0 0 0 2 0 0 0 2 0 0 0 0 0 0 0 1 0 0 0 0 0 0 0");
}

static void every_allocation_may_fail(void **state)
{
	struct world *w;
	unsigned long n;
	uint8_t buf[64];
	ssize_t rc = 0;
	int fd;

	(void)state;
	for (n = 1; n < 100 && rc != 4; n++) {
		w = world_new("");
		rbi_alloc_fail_at(n);
		fd = w_open(w, NIC "/channel", RDWR);
		rc = fd < 0 ? fd : w_write(w, fd, "\3\0\0\0", 4);
		if (rc != 4)
			assert_int_equal(rc, -ENOMEM);
		else
			assert_int_equal(w_read(w, fd, buf, sizeof(buf)), 0x21 + 8);
		rbi_alloc_fail_at(0);
		w_close(w, fd);
		/* nothing of it lasts: the channel opens again */
		assert_true(w_open(w, NIC "/channel", RDWR) >= 0);
		world_free(w);
	}
	assert_in_range(n, 7, 99);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_those_of_the_profile),
		TEST(a_name_of_the_other_style_is_unknown),
		TEST(paths_open_or_refuse_as_pcid_does),
		cmocka_unit_test(listing_is_for_everybody_and_touches_nothing),
		TEST(io_of_the_wrong_kind_is_refused),
		TEST(opening_a_channel_enables_and_locks),
		TEST(a_second_descriptor_keeps_the_lock),
		TEST(an_open_that_fails_enables_and_locks_for_ever),
		cmocka_unit_test(an_open_to_look_enables_too_and_unlocks_at_close),
		TEST(a_channel_answers_one_request_at_a_time),
		cmocka_unit_test(config_of_the_e1000_has_the_bytes_of_each_layout),
		TEST(config_tells_the_rom_and_wide_bars),
		TEST(a_line_that_firmware_left_out_becomes_9),
		TEST(features_come_in_the_order_of_their_list),
		TEST(vendor_capabilities_begin_after_their_length),
		TEST(an_empty_vendor_capability_has_no_data),
		TEST(feature_info_tells_what_the_capabilities_say),
		TEST(enabling_one_feature_disables_the_other_first),
		TEST(a_message_is_exchanged_on_its_way_and_undone_on_its_way_back),
		TEST(a_message_written_dword_by_dword_is_exchanged_too),
		TEST(a_32_bit_message_has_no_upper_half),
		TEST(bit_patterns_that_pcid_refuses),
		TEST(the_count_of_messages_is_checked_and_never_written),
		TEST(setting_a_message_clears_the_half_dword_above_its_data),
		TEST(mask_bits_are_written_where_they_exist),
		TEST(the_function_mask_of_msix_is_set_and_cleared),
		TEST(dwords_of_configuration_space_are_read_and_written),
		TEST(a_function_that_is_gone_reads_all_ones),
		TEST(pcid_does_not_notice_that_a_function_is_gone),
		TEST(a_wide_bar_in_the_last_slot_is_none),
		cmocka_unit_test(requests_that_panic_pcid_take_the_scheme_away),
		cmocka_unit_test(names_that_no_address_has_room_for_panic_pcid),
		cmocka_unit_test(what_comes_and_goes_changes_no_listing_of_redox),
		cmocka_unit_test(with_hotplug_every_listing_looks_again),
		cmocka_unit_test(with_hotplug_a_locked_function_stays_until_it_is_let_go),
		cmocka_unit_test(with_hotplug_a_directory_outlives_what_it_stood_for),
		cmocka_unit_test(with_hotplug_a_function_in_the_place_of_another_is_looked_at),
		TEST(access_reads_any_bytes_of_any_function),
		TEST(access_refuses_bad_metadata_and_needs_no_lock),
		TEST(access_to_another_segment_panics_pcid),
		TEST(access_writes_land_one_dword_too_far),
		cmocka_unit_test(config_moves_the_rest_of_one_dword),
		cmocka_unit_test(config_is_for_root),
		TEST(a_capability_list_in_a_circle_ends),
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
