/* SPDX-License-Identifier: MIT */
/*
 * rows_pcid_requests.c - contract 4.4 to 4.6 and 4.8 to 4.12: what requests do and answer,
 * what makes pcid panic, and the files besides the channel. The worked bytes of 4.7 are in
 * rows_pcid_bytes.c.
 */
#include "rows.h"

#define P "/scheme/pci"

/* Complete answers. */
#define ENABLED	      "4 0 0 0 0 0 0 0 0 0 0 0"
#define WRITTEN	      "4 0 0 0 0 0 0 0 a 0 0 0"
#define MSI_ON	      "8 0 0 0 0 0 0 0 4 0 0 0 0 0 0 0"
#define MSIX_ON	      "8 0 0 0 0 0 0 0 4 0 0 0 1 0 0 0"
#define MSI_SET	      "8 0 0 0 0 0 0 0 8 0 0 0 0 0 0 0"
#define MSIX_SET      "8 0 0 0 0 0 0 0 8 0 0 0 1 0 0 0"
#define NO_MSI	      "c 0 0 0 0 0 0 0 6 0 0 0 0 0 0 0 0 0 0 0"
#define NO_MSIX	      "c 0 0 0 0 0 0 0 6 0 0 0 0 0 0 0 1 0 0 0"
#define INVALID_BITS  "8 0 0 0 0 0 0 0 6 0 0 0 1 0 0 0"
#define READ_COMMAND  "7 0 0 0 4 0"
#define MESSAGE_TO_32 "6 0 0 0 0 0 0 0 0 1 0 0 e0 fe 0 0 0 0 32 0 0 0 0"

static uint32_t command(struct world *w)
{
	return fake_get(w->fake, FAKE_EDU, 4) & 0xffff;
}

static bool msi_is_on(struct world *w, unsigned int fn, unsigned int cap)
{
	return fake_get(w->fake, fn, cap) >> 16 & 1;
}

static bool msix_is_on(struct world *w)
{
	return fake_get(w->fake, FAKE_NIC, 0xa0) >> 31;
}

/* --- 4.4, 4.5 requests and what comes back --------------------------------------- */

static void enable_device(struct world *w)
{
	int fd = row_channel(w, FAKE_EDU);

	fake_put(w->fake, FAKE_EDU, 4, 0);
	row_exchange(w, fd, "4 0 0 0 0 0 0 0", MSI_ON);
	row_exchange(w, fd, "0 0 0 0", ENABLED);
	assert_int_equal(command(w), 7);
	assert_false(msi_is_on(w, FAKE_EDU, 0x40)); /* disabled again */
}

static void features_in_the_list_s_order(struct world *w)
{
	row_exchange(w, row_channel(w, FAKE_NIC), "2 0 0 0",
		     "14 0 0 0 0 0 0 0 2 0 0 0 2 0 0 0 0 0 0 0 1 0 0 0 0 0 0 0");
	row_exchange(w, row_channel(w, FAKE_EDU), "2 0 0 0",
		     "10 0 0 0 0 0 0 0 2 0 0 0 1 0 0 0 0 0 0 0 0 0 0 0");
}

static void vendor_capabilities(struct world *w)
{
	int fd = row_channel(w, FAKE_NIC);

	row_exchange(w, fd, "3 0 0 0",
		     "21 0 0 0 0 0 0 0 3 0 0 0 1 0 0 0 0 0 0 0 d 0 0 0 0 0 0 0 "
		     "a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 aa ab ac");
	fake_put(w->fake, FAKE_NIC, 0x50, 0xa0000009); /* length 0 */
	row_exchange(w, fd, "3 0 0 0", "14 0 0 0 0 0 0 0 3 0 0 0 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0");
}

static void a_short_vendor_capability_panics(struct world *w)
{
	fake_put(w->fake, FAKE_NIC, 0x50, 0xa0030009);
	row_kills(w, row_channel(w, FAKE_NIC), "3 0 0 0");
}

static void an_odd_vendor_capability_panics(struct world *w)
{
	fake_put(w->fake, FAKE_NIC, 0x50, 0xa00e0009);
	row_kills(w, row_channel(w, FAKE_NIC), "3 0 0 0");
}

static void enable_msi(struct world *w)
{
	int fd = row_channel(w, FAKE_NIC);

	row_exchange(w, fd, "4 0 0 0 1 0 0 0", MSIX_ON);
	assert_true(msix_is_on(w));
	row_exchange(w, fd, "4 0 0 0 0 0 0 0", MSI_ON);
	assert_false(msix_is_on(w));
	assert_true(msi_is_on(w, FAKE_NIC, 0x70));
	row_exchange(w, row_channel(w, FAKE_E1000), "4 0 0 0 0 0 0 0", NO_MSI);
}

static void enable_msix(struct world *w)
{
	int edu = row_channel(w, FAKE_EDU);
	int nic = row_channel(w, FAKE_NIC);

	row_exchange(w, edu, "4 0 0 0 0 0 0 0", MSI_ON);
	row_exchange(w, edu, "4 0 0 0 1 0 0 0", NO_MSIX);
	assert_false(msi_is_on(w, FAKE_EDU, 0x40)); /* off all the same */
	row_exchange(w, nic, "4 0 0 0 0 0 0 0", MSI_ON);
	row_exchange(w, nic, "4 0 0 0 1 0 0 0", MSIX_ON);
	assert_false(msi_is_on(w, FAKE_NIC, 0x70));
	row_exchange(w, nic, "0 0 0 0", ENABLED); /* the only way off */
	assert_false(msix_is_on(w));
}

static void feature_info(struct world *w)
{
	row_exchange(w, row_channel(w, FAKE_EDU), "5 0 0 0 0 0 0 0",
		     "f 0 0 0 0 0 0 0 7 0 0 0 0 0 0 0 0 0 0 0 2 1 1");
	row_exchange(w, row_channel(w, FAKE_NIC), "5 0 0 0 1 0 0 0",
		     "18 0 0 0 0 0 0 0 7 0 0 0 1 0 0 0 1 0 0 0 3 0 0 0 0 5 0 3 0 20 0 0");
	row_exchange(w, row_channel(w, FAKE_E1000), "5 0 0 0 1 0 0 0", NO_MSIX);
}

static void set_msi(struct world *w)
{
	int fd = row_channel(w, FAKE_EDU);

	row_exchange(w, fd, "6 0 0 0 0 0 0 0 1 2 1 0 0 e0 fe 0 0 0 0 33 0 0 0 1 6 0 0 0", MSI_SET);
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x44), FAKE_DOORBELL);
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x4c), 0x33);
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x50), 6);
	/* contract 16: the count is checked and not written */
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x40), 0x01840005);
	row_exchange(w, row_channel(w, FAKE_E1000), MESSAGE_TO_32, NO_MSI);
}

static void bits_that_are_refused(struct world *w)
{
	int fd = row_channel(w, FAKE_EDU);

	row_exchange(w, fd, "6 0 0 0 0 0 0 0 1 3 0 0", INVALID_BITS);
	row_exchange(w, fd, "6 0 0 0 0 0 0 0 1 6 0 0", INVALID_BITS);
	row_exchange(w, fd, "6 0 0 0 0 0 0 0 0 1 2 0 e0 fe 0 0 0 0 32 0 0 0 1 5 0 0 0",
		     INVALID_BITS);
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x50), 0); /* it ended there */
	row_unharmed(w);
}

static void wide_data_panics(struct world *w)
{
	row_kills(w, row_channel(w, FAKE_EDU), "6 0 0 0 0 0 0 0 0 1 0 0 e0 fe 0 0 0 0 0 0 1 0 0");
}

static void short_capabilities_take_what_fits(struct world *w)
{
	int fd = row_channel(w, FAKE_NIC); /* 32 bits, no masking */

	row_exchange(w, fd, "6 0 0 0 0 0 0 0 0 1 0 0 e0 fe 9 0 0 0 40 0 0 0 1 fe ff ff ff",
		     MSI_SET);
	assert_int_equal(fake_get(w->fake, FAKE_NIC, 0x74), FAKE_DOORBELL);
	assert_int_equal(fake_get(w->fake, FAKE_NIC, 0x78), 0x40);
	assert_int_equal(fake_get(w->fake, FAKE_NIC, 0x80), 0);
}

static void set_msix(struct world *w)
{
	int fd = row_channel(w, FAKE_NIC);

	row_exchange(w, fd, "6 0 0 0 1 0 0 0 1 1", MSIX_SET);
	assert_int_equal(fake_get(w->fake, FAKE_NIC, 0xa0) >> 30, 1);
	row_exchange(w, fd, "6 0 0 0 1 0 0 0 0", MSIX_SET);
	assert_int_equal(fake_get(w->fake, FAKE_NIC, 0xa0) >> 30, 1);
	row_exchange(w, fd, "6 0 0 0 1 0 0 0 1 0", MSIX_SET);
	assert_int_equal(fake_get(w->fake, FAKE_NIC, 0xa0) >> 30, 0);
}

static void config_dwords(struct world *w)
{
	int fd = row_channel(w, FAKE_E1000);

	row_exchange(w, fd, "7 0 0 0 0 0", "8 0 0 0 0 0 0 0 9 0 0 0 86 80 e 10");
	row_exchange(w, fd, "8 0 0 0 4 0 7 4 0 0", WRITTEN);
	row_exchange(w, fd, READ_COMMAND, "8 0 0 0 0 0 0 0 9 0 0 0 7 4 0 0");
	row_exchange(w, fd, "7 0 0 0 fc f", "8 0 0 0 0 0 0 0 9 0 0 0 0 0 0 0");
	row_unharmed(w);
}

static void a_crooked_read_panics(struct world *w)
{
	row_kills(w, row_channel(w, FAKE_EDU), "7 0 0 0 6 0");
}

static void a_read_past_the_end_panics(struct world *w)
{
	row_kills(w, row_channel(w, FAKE_EDU), "7 0 0 0 0 10");
}

static void a_crooked_write_panics(struct world *w)
{
	row_kills(w, row_channel(w, FAKE_EDU), "8 0 0 0 1 0 0 0 0 0");
}

static void a_write_past_the_end_panics(struct world *w)
{
	row_kills(w, row_channel(w, FAKE_EDU), "8 0 0 0 0 10 0 0 0 0");
}

static void whole_dwords_hit_status_bits(struct world *w)
{
	int fd = row_channel(w, FAKE_EDU);

	memset(w->fake->fn[FAKE_EDU].writable + 6, 0xff, 2);
	row_exchange(w, fd, "8 0 0 0 4 0 7 0 0 f9", WRITTEN); /* the upper half arrives too */
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 4), 0xf9000007);
}

/* --- 4.6, 4.8 RequestConfig ------------------------------------------------------ */

static size_t config_length(struct world *w, int fd)
{
	uint8_t got[128];

	assert_int_equal(w_write(w, fd, "\1\0\0\0", 4), 4);
	return (size_t)w_read(w, fd, got, sizeof(got));
}

static void config_has_the_profile_s_layout(struct world *w)
{
	bool rom = ((struct rbi_hosted *)w->sys)->profile.rom_field;

	assert_int_equal(config_length(w, row_channel(w, FAKE_E1000)), 8 + (rom ? 55 : 54));
	assert_int_equal(config_length(w, row_channel(w, FAKE_NIC)), 8 + (rom ? 68 : 58));
}

static void wide_bars_take_two_slots(struct world *w)
{
	uint8_t got[128];
	int fd = row_channel(w, FAKE_NIC);

	assert_int_equal(w_write(w, fd, "\1\0\0\0", 4), 4);
	assert_true(w_read(w, fd, got, sizeof(got)) > 41);
	assert_memory_equal(got + 12, "\0\0\0\x1f\2", 5);
	/* at 8_0000_0000, 32 GiB; the slot after it is none */
	assert_memory_equal(got + 17, "\2\0\0\0\0\0\0\0\x8\0\0\0\0\0\0\0\x8\0\0\0\0\0\0\0", 24);
}

static void config_is_static(struct world *w)
{
	int fd = row_channel(w, FAKE_E1000);
	uint8_t before[128], after[128];
	ssize_t n;

	assert_int_equal(w_write(w, fd, "\1\0\0\0", 4), 4);
	n = w_read(w, fd, before, sizeof(before));
	fake_put(w->fake, FAKE_E1000, 0x10, 0xfe000000);
	fake_put(w->fake, FAKE_E1000, 0x3c, 0x00000105);
	row_exchange(w, fd, "0 0 0 0", ENABLED); /* whose line is not remembered */
	assert_int_equal(w_write(w, fd, "\1\0\0\0", 4), 4);
	assert_int_equal(w_read(w, fd, after, sizeof(after)), n);
	assert_memory_equal(before, after, (size_t)n);
}

static void a_function_without_pin_has_no_line(struct world *w)
{
	size_t with = config_length(w, row_channel(w, FAKE_E1000));

	assert_int_equal(fake_get(w->fake, FAKE_NIC, 0x3c) >> 8 & 0xff, 0);
	w_close(w, row_channel(w, FAKE_EDU));
	fake_put(w->fake, FAKE_EDU, 0x3c, 0x0000050b); /* pin 5 is none either */
	/* EDU has one BAR (12 and 5 * 4 bytes), E1000 two (12, 6 and 4 * 4); no line: 1, not 3 */
	assert_int_equal(config_length(w, row_channel(w, FAKE_EDU)), with - 2 - 2);
}

/* --- 4.9 the config file --------------------------------------------------------- */

static void builds_without_the_patches_have_no_such_files(struct world *w)
{
	static const char *const leaves[] = { "/config", "/bind", "/uevent", "/aer/cor_mask" };
	size_t i;

	for (i = 0; i < 4; i++)
		row_opens(w, row_pci(w, FAKE_EDU, leaves[i]), RDWR, -ENOENT);
	row_opens(w, P "/uevent", RDWR, -ENOENT);
}

static void config_moves_parts_of_a_dword(struct world *w)
{
	int fd = row_open(w, row_pci(w, FAKE_EDU, "/config"), RDWR);
	uint8_t buf[16];
	char names[32];
	uint64_t size;

	row_open(w, row_pci(w, FAKE_EDU, "/config"), RDWR); /* no exclusivity */
	assert_int_equal(command(w), 0);
	assert_int_equal(w->sys->ops->size(w->sys, fd, &size), 0);
	assert_int_equal(size, 256);
	assert_int_equal(row_pread(w, fd, buf, 16, 3), 1);
	assert_int_equal(w_read(w, fd, buf, 16), 4);
	assert_memory_equal(buf, "\x34\x12\xe8\x11", 4);
	assert_int_equal(w_write(w, fd, "\7\0\0\0\x55", 5), 5); /* the fifth is lost */
	assert_int_equal(command(w), 7);
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 8), 0x00ff0010);
	/* the position is past all five: 9 */
	assert_int_equal(w_read(w, fd, buf, 16), 3);
	assert_int_equal(w_list(w, row_pci(w, FAKE_EDU, ""), names, sizeof(names)), 0);
	assert_string_equal(names, "channel"); /* it is not listed */
}

static void config_has_no_end(struct world *w)
{
	int fd = row_open(w, row_pci(w, FAKE_EDU, "/config"), RDWR);
	uint8_t buf[4];

	assert_int_equal(row_pread(w, fd, buf, 4, 4092), 4);
	assert_int_equal(row_pread(w, fd, buf, 4, 4096), -ENODEV);
	row_panicked(w, "pcid");
}

static void config_is_for_root(struct world *w)
{
	row_opens(w, row_pci(w, FAKE_EDU, "/config"), RDWR, -EACCES);
	assert_int_equal(command(w), 0);
}

/* --- 4.10 access ----------------------------------------------------------------- */

static void access_reads(struct world *w)
{
	int fd = row_open(w, P "/access", RDWR);
	uint64_t meta[2] = { 1, 4u << 15 | 1 };
	uint8_t buf[8];

	row_channel(w, FAKE_EDU); /* somebody else owns it */
	assert_int_equal(w_call(w, fd, buf, 3, meta, 2), 3);
	assert_memory_equal(buf, "\x12\xe8\x11", 3);
}

static void access_checks_its_metadata(struct world *w)
{
	int fd = row_open(w, P "/access", RDWR);
	uint64_t meta[2] = { 3, 4u << 15 };
	static uint8_t big[65536];

	assert_int_equal(w_call(w, fd, big, 4, meta, 2), -EINVAL);
	meta[0] = 1;
	assert_int_equal(w_call(w, fd, big, 4, meta, 1), -EINVAL);
	assert_int_equal(w_call(w, fd, big, sizeof(big), meta, 2), -EINVAL);
	assert_int_equal(command(w), 0); /* and enables nothing */
}

static void access_writes_too_far(struct world *w)
{
	int fd = row_open(w, P "/access", RDWR);
	uint64_t meta[2] = { 2, 4u << 15 | 0x0c };
	uint32_t val = 0xfeb00000;

	assert_int_equal(w_call(w, fd, &val, 4, meta, 2), 4);
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x0c), 0);
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x10), 0xfeb00000);
}

static void access_past_the_space_panics(struct world *w)
{
	int fd = row_open(w, P "/access", RDWR);
	uint64_t meta[2] = { 1, 4u << 15 | 0xffc };
	uint8_t buf[8];

	assert_int_equal(w_call(w, fd, buf, 8, meta, 2), -ENODEV);
	row_panicked(w, "pcid");
}

static void access_to_other_segments_panics(struct world *w)
{
	int fd = row_open(w, P "/access", RDWR);
	uint64_t meta[2] = { 1, 1ull << 28 };
	uint8_t buf[4];

	assert_int_equal(w_call(w, fd, buf, 4, meta, 2), -ENODEV);
	row_panicked(w, "segment");
}

/* --- 4.12 the client that is wrong ----------------------------------------------- */

static void a_length_prefix_enables_msi(struct world *w)
{
	row_exchange(w, row_channel(w, FAKE_EDU), "4 0 0 0 0 0 0 0", MSI_ON);
	assert_true(msi_is_on(w, FAKE_EDU, 0x40));
}

/* --- 4.8, 4.11 what a driver does with it ---------------------------------------- */

static void a_bar_is_mapped(struct world *w)
{
	struct rbi_window win;
	uint8_t got[64];
	uint32_t bar[2];
	uint64_t val;
	void *base;
	int fd = row_channel(w, FAKE_E1000);

	assert_int_equal(w_write(w, fd, "\1\0\0\0", 4), 4);
	assert_true(w_read(w, fd, got, sizeof(got)) >= 62);
	memcpy(bar, got + 21, sizeof(bar)); /* address and size */
	assert_int_equal(
		row_map(w, "/scheme/memory/physical@uc", bar[1], RBI_MAP_SHARED, bar[0], &base), 0);
	w->sys->ops->window(w->sys, base, bar[1], &win);
	assert_int_equal(w->sys->ops->io_read(w->sys, win.route, bar[1] - 4, 4, &val), 0);
	assert_int_equal(w->fake->last_phys, 0xfebc0000 + 0x20000 - 4);
}

static void an_open_channel_is_handed_on(struct world *w)
{
	int fd = row_channel(w, FAKE_EDU); /* by the spawner */

	assert_int_equal(w->sys->ops->set_cloexec(w->sys, fd), 0);
	assert_true(config_length(w, fd) > 8);
}

static const struct row rows[] = {
	CONTRACT("4.4", "| 0 | EnableDevice", enable_device, ROOT),
	CONTRACT("4.4", "| 1 | RequestConfig", config_has_the_profile_s_layout, ROOT),
	CONTRACT("4.4", "| 2 | RequestFeatures", features_in_the_list_s_order, ROOT),
	CONTRACT("4.4", "| 3 | RequestVendorCapabilities", vendor_capabilities, ROOT),
	CONTRACT("4.4", "| 4 | EnableFeature | u32 PciFeature", enable_msi, ROOT),
	CONTRACT("4.4", "| 7 | ReadConfig | u16 offset", config_dwords, ROOT),
	CONTRACT("4.4", "| 8 | WriteConfig | u16 offset, u32 value", config_dwords, ROOT),
	CONTRACT("4.4", "PciFeature: 0 Msi, 1 MsiX", feature_info, ROOT),
	CONTRACT("4.4", "0 Msi: Option<u8> multi_message_enable (log2)", set_msi, ROOT),
	CONTRACT("4.4", "1 MsiX: Option<bool> function_mask", set_msix, ROOT),
	CONTRACT("4.5", "| 0 | EnabledDevice", enable_device, ROOT),
	CONTRACT("4.5", "| 1 | Config | PciFunction", config_has_the_profile_s_layout, ROOT),
	CONTRACT("4.5", "| 2 | AllFeatures | Vec<u32 PciFeature>, in capability-list order",
		 features_in_the_list_s_order, ROOT),
	CONTRACT("4.5", "| 3 | VendorCapabilities", vendor_capabilities, ROOT),
	CONTRACT("4.5", "| 4 | FeatureEnabled | u32 PciFeature", enable_msix, ROOT),
	CONTRACT("4.5", "| 7 | FeatureInfo | u32 PciFeature, u32 kind", feature_info, ROOT),
	CONTRACT("4.5", "| 8 | SetFeatureInfo | u32 PciFeature", set_msi, ROOT),
	CONTRACT("4.5", "| 9 | ReadConfig | u32 value", config_dwords, ROOT),
	CONTRACT("4.5", "| 10 | WriteConfig", config_dwords, ROOT),
	CONTRACT("4.5", "table_size is the number of entries (already +1)", feature_info, ROOT),
	CONTRACT("4.6", "| address | u16 segment, u8 bus, u8 device, u8 function",
		 wide_bars_take_two_slots, ROOT),
	CONTRACT("4.6", "| bars, exactly 6", wide_bars_take_two_slots, ROOT),
	CONTRACT("4.6", "rom — B26 and RB only, absent in D25", config_has_the_profile_s_layout,
		 ROOT),
	CONTRACT("4.6", "| legacy_interrupt_line", a_function_without_pin_has_no_line, ROOT),
	CONTRACT("4.6", "A 64-bit BAR takes two slots; the second is None",
		 wide_bars_take_two_slots, ROOT),
	CONTRACT("4.6", "so the total length decides", config_has_the_profile_s_layout, ROOT),
	CONTRACT("4.6", "legacy line is None if the interrupt pin is 0 or invalid",
		 a_function_without_pin_has_no_line, ROOT),
	CONTRACT("4.6", "A mock should be able to serve both layouts",
		 config_has_the_profile_s_layout, ROOT),
	CONTRACT("4.8", "| EnableDevice | repeats step 2 of section 4.2", enable_device, ROOT),
	CONTRACT("4.8", "The new legacy line is not remembered", config_is_static, ROOT),
	CONTRACT("4.8", "| RequestConfig | static; BARs as probed at pcid start", config_is_static,
		 ROOT),
	CONTRACT("4.8", "| EnableFeature(Msi) | first clears MSI-X enable", enable_msi, ROOT),
	CONTRACT("4.8", "| EnableFeature(MsiX) | mirror image. There is no disable request",
		 enable_msix, ROOT),
	CONTRACT("4.8", "| FeatureInfo | absent → NonexistentFeature", feature_info, ROOT),
	CONTRACT("4.8", "(> capable or > 5 → InvalidBitPattern)", bits_that_are_refused, ROOT),
	CONTRACT("4.8", "data > 0xFFFF makes pcid panic", wide_data_panics, ROOT),
	CONTRACT("4.8", "high address written only on 64-bit capable",
		 short_capabilities_take_what_fits, ROOT),
	CONTRACT("4.8", "sets/clears the function mask bit; None = no-op", set_msix, ROOT),
	CONTRACT("4.8", "| ReadConfig / WriteConfig | one dword", config_dwords, ROOT),
	CONTRACT("4.8", "offset must be a multiple of 4", a_crooked_read_panics, ROOT),
	CONTRACT("4.8", "a multiple of 4 and < 4096", a_read_past_the_end_panics, ROOT),
	CONTRACT("4.8", "Anything else panics pcid", a_crooked_write_panics, ROOT),
	CONTRACT("4.8", "all PCI drivers of the machine lose their server",
		 a_write_past_the_end_panics, ROOT),
	CONTRACT("4.8", "other segments panic", access_to_other_segments_panics, ROOT),
	CONTRACT("4.8", "data = capability bytes from offset 3 on", vendor_capabilities, ROOT),
	CONTRACT("4.8", "a length ≤ 3", a_short_vendor_capability_panics, ROOT),
	CONTRACT("4.8", "not a multiple of 4 panics pcid", an_odd_vendor_capability_panics, ROOT),
	CONTRACT("4.8", "Beware RW1C status bits when touching dword 0x04",
		 whole_dwords_hit_status_bits, ROOT),
	CONTRACT("4.8", "MAP_SHARED, address and size from Config", a_bar_is_mapped, ROOT),
	CONTRACT("4.9", "Upstream has no config file",
		 builds_without_the_patches_have_no_such_files, ROOT),
	CONTRACT("4.9", "Each read returns at most the rest of one dword",
		 config_moves_parts_of_a_dword, "config=on", 0),
	CONTRACT("4.9", "there is no EOF: reading at 4096 (256 in fallback) panics pcid",
		 config_has_no_end, "config=on", 0),
	CONTRACT("4.9", "| <dev>/config | root only", config_is_for_root, "config=on;uid=7", 0),
	CONTRACT("4.10", "Unaligned reads work", access_reads, ROOT),
	CONTRACT("4.10", "Does not take the channel lock, does not enable anything", access_reads,
		 ROOT),
	CONTRACT("4.10", "Bad metadata EINVAL; read()/write() EBADF", access_checks_its_metadata,
		 ROOT),
	CONTRACT("4.10", "Write is broken", access_writes_too_far, ROOT),
	CONTRACT("4.10", "Reads past the function's space panic pcid", access_past_the_space_panics,
		 ROOT),
	CONTRACT("4.11",
		 "parse it, unset it, set FD_CLOEXEC (value 0x0100_0000), send RequestConfig",
		 an_open_channel_is_handed_on, ROOT),
	CONTRACT("4.12", "is itself decoded as EnableFeature(Msi)!", a_length_prefix_enables_msi,
		 ROOT),
};

const struct row_table rows_pcid_requests = ROW_TABLE(rows);
