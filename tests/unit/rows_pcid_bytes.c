/* SPDX-License-Identifier: MIT */
/*
 * rows_pcid_bytes.c - the worked bytes of contract 4.7, typed a second time: client and
 * server of ours must not only agree with each other.
 */
#include "rows.h"

#define MSI_SET "8 0 0 0 0 0 0 0 8 0 0 0 0 0 0 0"

static void enable_device(struct world *w)
{
	row_exchange(w, row_channel(w, FAKE_E1000), "0 0 0 0", "4 0 0 0 0 0 0 0 0 0 0 0");
}

static void both_features(struct world *w)
{
	row_exchange(w, row_channel(w, FAKE_NIC), "2 0 0 0",
		     "14 0 0 0 0 0 0 0 2 0 0 0 2 0 0 0 0 0 0 0 1 0 0 0 0 0 0 0");
}

/* The same list with MSI first: the order is that of the capabilities. */
static void msi_first(struct world *w)
{
	fake_put(w->fake, FAKE_NIC, 0x34, 0x70);
	fake_put(w->fake, FAKE_NIC, 0x70, 0x0000a005);
	fake_put(w->fake, FAKE_NIC, 0xa0, 0x00040011);
	row_exchange(w, row_channel(w, FAKE_NIC), "2 0 0 0",
		     "14 0 0 0 0 0 0 0 2 0 0 0 2 0 0 0 0 0 0 0 0 0 0 0 1 0 0 0");
}

static void no_features(struct world *w)
{
	row_exchange(w, row_channel(w, FAKE_E1000), "2 0 0 0",
		     "0c 0 0 0 0 0 0 0 2 0 0 0 0 0 0 0 0 0 0 0");
}

static void vendor_capability(struct world *w)
{
	row_exchange(w, row_channel(w, FAKE_NIC), "3 0 0 0",
		     "21 0 0 0 0 0 0 0 3 0 0 0 1 0 0 0 0 0 0 0 0d 0 0 0 0 0 0 0 "
		     "a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 aa ab ac");
}

static void enable_msix(struct world *w)
{
	row_exchange(w, row_channel(w, FAKE_NIC), "4 0 0 0 1 0 0 0",
		     "8 0 0 0 0 0 0 0 4 0 0 0 1 0 0 0");
}

static void no_msi(struct world *w)
{
	row_exchange(w, row_channel(w, FAKE_E1000), "5 0 0 0 0 0 0 0",
		     "0c 0 0 0 0 0 0 0 6 0 0 0 0 0 0 0 0 0 0 0");
}

static void plain_msi(struct world *w)
{
	fake_put(w->fake, FAKE_EDU, 0x40, 0x00800005);
	row_exchange(w, row_channel(w, FAKE_EDU), "5 0 0 0 0 0 0 0",
		     "0f 0 0 0 0 0 0 0 7 0 0 0 0 0 0 0 0 0 0 0 0 1 0");
}

static void msix_table(struct world *w)
{
	row_exchange(w, row_channel(w, FAKE_NIC), "5 0 0 0 1 0 0 0",
		     "18 0 0 0 0 0 0 0 7 0 0 0 1 0 0 0 1 0 0 0 3 0 0 0 0 5 0 3 0 20 0 0");
}

static void set_message(struct world *w)
{
	row_exchange(w, row_channel(w, FAKE_EDU),
		     "6 0 0 0 0 0 0 0 1 0 1 0 0 e0 fe 0 0 0 0 32 0 0 0 0", MSI_SET);
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x4c), 0x32);
}

static void set_mask(struct world *w)
{
	row_exchange(w, row_channel(w, FAKE_EDU), "6 0 0 0 0 0 0 0 0 0 1 fe ff ff ff", MSI_SET);
	assert_int_equal(fake_get(w->fake, FAKE_EDU, 0x50), 0xfffffffe);
}

static void clear_function_mask(struct world *w)
{
	fake_put(w->fake, FAKE_NIC, 0xa0, 0x40047011);
	row_exchange(w, row_channel(w, FAKE_NIC), "6 0 0 0 1 0 0 0 1 0",
		     "8 0 0 0 0 0 0 0 8 0 0 0 1 0 0 0");
	assert_int_equal(fake_get(w->fake, FAKE_NIC, 0xa0), 0x00047011);
}

static void invalid_bits(struct world *w)
{
	row_exchange(w, row_channel(w, FAKE_EDU), "6 0 0 0 0 0 0 0 1 3 0 0",
		     "8 0 0 0 0 0 0 0 6 0 0 0 1 0 0 0");
}

static void read_command(struct world *w)
{
	row_exchange(w, row_channel(w, FAKE_E1000), "7 0 0 0 4 0",
		     "8 0 0 0 0 0 0 0 9 0 0 0 7 0 0 0");
}

static void read_ids(struct world *w)
{
	row_exchange(w, row_channel(w, FAKE_E1000), "7 0 0 0 0 0",
		     "8 0 0 0 0 0 0 0 9 0 0 0 86 80 e 10");
}

static void write_command(struct world *w)
{
	row_exchange(w, row_channel(w, FAKE_E1000), "8 0 0 0 4 0 7 4 10 0",
		     "4 0 0 0 0 0 0 0 0a 0 0 0");
	assert_int_equal(fake_get(w->fake, FAKE_E1000, 4) & 0xffff, 0x0407);
}

/* --- RequestConfig --------------------------------------------------------------- */

#define E1000_HEAD                                                                         \
	" 0 0 0 0 0 0 0 1 0 0 0 0 0 0 3 0 1 0 0 0 0 0 bc fe 0 0 2 0 3 0 0 0 0 c0 0 0 0 0 " \
	"0 0 0 0 0 0 0 0 0 0 0 0 "
#define E1000_TAIL "1 b 0 86 80 e 10 2 0 0 3"

static void config_of_2025(struct world *w)
{
	row_exchange(w, row_channel(w, FAKE_E1000), "1 0 0 0", "36" E1000_HEAD E1000_TAIL);
}

static void config_without_rom(struct world *w)
{
	row_exchange(w, row_channel(w, FAKE_E1000), "1 0 0 0", "37" E1000_HEAD "0 " E1000_TAIL);
}

static void config_with_rom(struct world *w)
{
	fake_put(w->fake, FAKE_E1000, 0x30, 0xfeb80000);
	memcpy(w->fake->fn[FAKE_E1000].writable + 0x30, "\1\0\xfc\xff", 4);
	row_exchange(w, row_channel(w, FAKE_E1000), "1 0 0 0",
		     "40" E1000_HEAD "1 0 0 b8 fe 0 0 4 0 0 " E1000_TAIL);
}

#define SINCE_2026 NULL, BASE_2026 | REDBEAR_2026

static const struct row rows[] = {
	CONTRACT("4.7", "| EnableDevice | 00 00 00 00", enable_device, ROOT),
	CONTRACT("4.7", "| RequestConfig | 01 00 00 00", config_without_rom, SINCE_2026),
	CONTRACT("4.7", "| RequestFeatures | 02 00 00 00", both_features, ROOT),
	CONTRACT("4.7", "| RequestVendorCapabilities | 03 00 00 00", vendor_capability, ROOT),
	CONTRACT("4.7", "| EnableFeature(MsiX) | 04 00 00 00 01 00 00 00", enable_msix, ROOT),
	CONTRACT("4.7", "| FeatureInfo(Msi) | 05 00 00 00 00 00 00 00", plain_msi, ROOT),
	CONTRACT("4.7",
		 "24 B | 06 00 00 00 00 00 00 00 01 00 01 00 00 e0 fe 00 00 00 00 32 00 00 00 00",
		 set_message, ROOT),
	CONTRACT("4.7", "15 B | 06 00 00 00 00 00 00 00 00 00 01 fe ff ff ff", set_mask, ROOT),
	CONTRACT("4.7", "10 B | 06 00 00 00 01 00 00 00 01 00", clear_function_mask, ROOT),
	CONTRACT("4.7", "| ReadConfig(4) | 07 00 00 00 04 00", read_command, ROOT),
	CONTRACT("4.7", "| WriteConfig(4, 0x00100407) | 08 00 00 00 04 00 07 04 10 00",
		 write_command, ROOT),
	CONTRACT("4.7", "| EnabledDevice | 04 00 00 00 00 00 00 00 00 00 00 00", enable_device,
		 ROOT),
	CONTRACT("4.7", "| AllFeatures[Msi, MsiX] | 14 00 00 00", msi_first, ROOT),
	CONTRACT("4.7", "| AllFeatures[] | 0c 00 00 00", no_features, ROOT),
	CONTRACT("4.7", "| VendorCapabilities, one of 13 bytes a0…ac", vendor_capability, ROOT),
	CONTRACT("4.7", "| FeatureEnabled(MsiX) | 08 00 00 00", enable_msix, ROOT),
	CONTRACT("4.7", "| Error(NonexistentFeature(Msi)) | 0c 00 00 00", no_msi, ROOT),
	CONTRACT("4.7", "| Error(InvalidBitPattern) | 08 00 00 00", invalid_bits, ROOT),
	CONTRACT("4.7", "| FeatureInfo(Msi: log2 0, 64-bit, no masking) | 0f 00", plain_msi, ROOT),
	CONTRACT("4.7", "| FeatureInfo(MsiX: BAR 3 +0, 5 entries, PBA BAR 3 +0x2000) | 18 00",
		 msix_table, ROOT),
	CONTRACT("4.7", "| SetFeatureInfo(Msi) | 08 00 00 00 00 00 00 00 08 00 00 00", set_mask,
		 ROOT),
	CONTRACT("4.7", "| ReadConfig(0x100E8086) | 08 00 00 00 00 00 00 00 09 00 00 00", read_ids,
		 ROOT),
	CONTRACT("4.7", "| WriteConfig | 04 00 00 00 00 00 00 00 0a 00 00 00", write_command, ROOT),
	CONTRACT("4.7", "D25 layout (54 B payload): 36 00", config_of_2025, NULL, REDOX_2025),
	CONTRACT("4.7", "B26/RB, no ROM (55 B, prefix 37 00…)", config_without_rom, SINCE_2026),
	CONTRACT("4.7", "ROM at FEB80000 size 40000 disabled (64 B, prefix 40 00…)",
		 config_with_rom, SINCE_2026),
};

const struct row_table rows_pcid_bytes = ROW_TABLE(rows);
