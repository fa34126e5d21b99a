/* SPDX-License-Identifier: MIT */
/* messages.c - contract 4.7 as tables, and the messages it describes in words. */
#include "messages.h"

#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* clang-format off */

const struct request_case request_cases[] = {
	{ "EnableDevice", "00 00 00 00", { .kind = RBI_WIRE_ENABLE_DEVICE } },
	{ "RequestConfig", "01 00 00 00", { .kind = RBI_WIRE_REQUEST_CONFIG } },
	{ "RequestFeatures", "02 00 00 00", { .kind = RBI_WIRE_REQUEST_FEATURES } },
	{ "RequestVendorCapabilities", "03 00 00 00", { .kind = RBI_WIRE_REQUEST_VENDOR_CAPS } },
	{ "EnableFeature(MsiX)", "04 00 00 00 01 00 00 00",
	  { .kind = RBI_WIRE_ENABLE_FEATURE, .feature = RBI_WIRE_MSIX } },
	{ "FeatureInfo(Msi)", "05 00 00 00 00 00 00 00",
	  { .kind = RBI_WIRE_FEATURE_INFO, .feature = RBI_WIRE_MSI } },
	{ "SetFeatureInfo(Msi: one message, FEE00000, 0x32)",
	  "06 00 00 00 00 00 00 00 01 00 01 00 00 e0 fe 00 00 00 00 32 00 00 00 00",
	  { .kind = RBI_WIRE_SET_FEATURE_INFO, .feature = RBI_WIRE_MSI,
	    .msi = { .has_multi = true, .multi = 0,
		     .has_message = true, .addr = 0xfee00000, .data = 0x32 } } },
	{ "SetFeatureInfo(Msi: mask FFFFFFFE)",
	  "06 00 00 00 00 00 00 00 00 00 01 fe ff ff ff",
	  { .kind = RBI_WIRE_SET_FEATURE_INFO, .feature = RBI_WIRE_MSI,
	    .msi = { .has_mask = true, .mask = 0xfffffffe } } },
	{ "SetFeatureInfo(Msi: everything)",
	  "06 00 00 00 00 00 00 00 01 05 01 88 77 66 55 44 33 22 11 cd ab 00 00 01 0d f0 ad de",
	  { .kind = RBI_WIRE_SET_FEATURE_INFO, .feature = RBI_WIRE_MSI,
	    .msi = { .has_multi = true, .multi = 5,
		     .has_message = true, .addr = 0x1122334455667788, .data = 0xabcd,
		     .has_mask = true, .mask = 0xdeadf00d } } },
	{ "SetFeatureInfo(MsiX: function mask false)",
	  "06 00 00 00 01 00 00 00 01 00",
	  { .kind = RBI_WIRE_SET_FEATURE_INFO, .feature = RBI_WIRE_MSIX,
	    .msix = { .has_function_mask = true, .function_mask = false } } },
	{ "SetFeatureInfo(MsiX: nothing)", "06 00 00 00 01 00 00 00 00",
	  { .kind = RBI_WIRE_SET_FEATURE_INFO, .feature = RBI_WIRE_MSIX } },
	{ "ReadConfig(4)", "07 00 00 00 04 00",
	  { .kind = RBI_WIRE_READ_CONFIG, .offset = 4 } },
	{ "WriteConfig(4, 0x00100407)", "08 00 00 00 04 00 07 04 10 00",
	  { .kind = RBI_WIRE_WRITE_CONFIG, .offset = 4, .value = 0x00100407 } },
};
const size_t request_case_count = COUNT(request_cases);

static const uint8_t vendor_bytes[13] = {
	0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xab, 0xac
};

/* An 8086:100E rev 3 at 00:03.0 with interrupt line 11. */
#define E1000_BARS \
	.addr = { 3u << 3 }, \
	.bars = { { RBI_WIRE_BAR_MEM32, 0xfebc0000, 0x20000 }, { RBI_WIRE_BAR_PORT, 0xc000, 0 } }
#define E1000_IDS \
	.vendor = 0x8086, .device = 0x100e, .class_code = 2, .revision = 3
#define E1000_HEX_HEAD \
	"01 00 00 00 00 00 00 03 00 01 00 00 00 00 00 bc fe 00 00 02 00 03 00 00 00 00 c0 " \
	"00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
#define E1000_HEX_IDS "86 80 0e 10 02 00 00 03"
#define TREE_HEX \
	"01 0b 01 03 80 00 00 00 00 00 00 24 00 00 00 04 00 00 00 03 00 00 00 00 00 00 00 "
#define TREE_IRQ \
	.has_irq = true, \
	.irq = { .irq = 11, .has_phandle = true, .phandle = 0x8003, .words = { 0, 0x24, 4 }, \
		 .cells = 3 }

const struct response_case response_cases[] = {
	{ "EnabledDevice", "04 00 00 00 00 00 00 00 00 00 00 00",
	  { .kind = RBI_WIRE_ENABLED_DEVICE } },
	{ "AllFeatures[Msi, MsiX]",
	  "14 00 00 00 00 00 00 00 02 00 00 00 02 00 00 00 00 00 00 00 00 00 00 00 01 00 00 00",
	  { .kind = RBI_WIRE_ALL_FEATURES,
	    .u.features = { .count = 2, .list = { RBI_WIRE_MSI, RBI_WIRE_MSIX } } } },
	{ "AllFeatures[]",
	  "0c 00 00 00 00 00 00 00 02 00 00 00 00 00 00 00 00 00 00 00",
	  { .kind = RBI_WIRE_ALL_FEATURES } },
	{ "VendorCapabilities, one of 13 bytes",
	  "21 00 00 00 00 00 00 00 03 00 00 00 01 00 00 00 00 00 00 00 0d 00 00 00 00 00 00 00 "
	  "a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 aa ab ac",
	  { .kind = RBI_WIRE_VENDOR_CAPS,
	    .u.vendor = { .count = 1, .list = { { vendor_bytes, 13 } } } } },
	{ "VendorCapabilities, an empty one",
	  "14 00 00 00 00 00 00 00 03 00 00 00 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
	  { .kind = RBI_WIRE_VENDOR_CAPS, .u.vendor = { .count = 1 } } },
	{ "FeatureEnabled(MsiX)", "08 00 00 00 00 00 00 00 04 00 00 00 01 00 00 00",
	  { .kind = RBI_WIRE_FEATURE_ENABLED, .feature = RBI_WIRE_MSIX } },
	{ "FeatureStatus(Msi, disabled)",
	  "0c 00 00 00 00 00 00 00 05 00 00 00 00 00 00 00 01 00 00 00",
	  { .kind = RBI_WIRE_FEATURE_STATUS, .feature = RBI_WIRE_MSI, .u.disabled = true } },
	{ "Error(NonexistentFeature(Msi))",
	  "0c 00 00 00 00 00 00 00 06 00 00 00 00 00 00 00 00 00 00 00",
	  { .kind = RBI_WIRE_ERROR, .feature = RBI_WIRE_MSI, .u.error = RBI_WIRE_NO_FEATURE } },
	{ "Error(InvalidBitPattern)", "08 00 00 00 00 00 00 00 06 00 00 00 01 00 00 00",
	  { .kind = RBI_WIRE_ERROR, .u.error = RBI_WIRE_INVALID_BITS } },
	{ "FeatureInfo(Msi: log2 0, 64-bit, no masking)",
	  "0f 00 00 00 00 00 00 00 07 00 00 00 00 00 00 00 00 00 00 00 00 01 00",
	  { .kind = RBI_WIRE_FEATURE_INFO_IS, .feature = RBI_WIRE_MSI,
	    .u.msi = { .log2_capable = 0, .is_64bit = true, .has_masking = false } } },
	{ "FeatureInfo(MsiX: BAR 3 +0, 5 entries, PBA BAR 3 +0x2000)",
	  "18 00 00 00 00 00 00 00 07 00 00 00 01 00 00 00 01 00 00 00 03 00 00 00 00 05 00 03 "
	  "00 20 00 00",
	  { .kind = RBI_WIRE_FEATURE_INFO_IS, .feature = RBI_WIRE_MSIX,
	    .u.msix = { .table_bar = 3, .table_offset = 0, .table_size = 5, .pba_bar = 3,
			.pba_offset = 0x2000 } } },
	{ "SetFeatureInfo(Msi)", "08 00 00 00 00 00 00 00 08 00 00 00 00 00 00 00",
	  { .kind = RBI_WIRE_FEATURE_INFO_SET, .feature = RBI_WIRE_MSI } },
	{ "ReadConfig(0x100E8086)", "08 00 00 00 00 00 00 00 09 00 00 00 86 80 0e 10",
	  { .kind = RBI_WIRE_CONFIG_VALUE, .u.value = 0x100e8086 } },
	{ "WriteConfig", "04 00 00 00 00 00 00 00 0a 00 00 00",
	  { .kind = RBI_WIRE_CONFIG_WRITTEN } },
	{ "Config of 2025",
	  "36 00 00 00 00 00 00 00 " E1000_HEX_HEAD "01 0b 00 " E1000_HEX_IDS,
	  { .kind = RBI_WIRE_CONFIG,
	    .u.function = { E1000_BARS, .has_irq = true, .irq = { .irq = 11 }, E1000_IDS } } },
	{ "Config of 2025, no interrupt line",
	  "34 00 00 00 00 00 00 00 " E1000_HEX_HEAD "00 " E1000_HEX_IDS,
	  { .kind = RBI_WIRE_CONFIG, .u.function = { E1000_BARS, E1000_IDS } } },
	{ "Config of 2025, device-tree interrupt",
	  "4e 00 00 00 00 00 00 00 " E1000_HEX_HEAD TREE_HEX E1000_HEX_IDS,
	  { .kind = RBI_WIRE_CONFIG, .u.function = { E1000_BARS, TREE_IRQ, E1000_IDS } } },
	{ "Config of 2026, no ROM",
	  "37 00 00 00 00 00 00 00 " E1000_HEX_HEAD "00 01 0b 00 " E1000_HEX_IDS,
	  { .kind = RBI_WIRE_CONFIG,
	    .u.function = { E1000_BARS, .rom_field = true, .has_irq = true, .irq = { .irq = 11 },
			    E1000_IDS } } },
	{ "Config of 2026, ROM at FEB80000",
	  "40 00 00 00 00 00 00 00 " E1000_HEX_HEAD
	  "01 00 00 b8 fe 00 00 04 00 00 01 0b 00 " E1000_HEX_IDS,
	  { .kind = RBI_WIRE_CONFIG,
	    .u.function = { E1000_BARS, .rom_field = true, .has_rom = true,
			    .rom = { 0xfeb80000, 0x40000, false }, .has_irq = true,
			    .irq = { .irq = 11 }, E1000_IDS } } },
	{ "Config of 2026, no ROM, no interrupt line",
	  "35 00 00 00 00 00 00 00 " E1000_HEX_HEAD "00 00 " E1000_HEX_IDS,
	  { .kind = RBI_WIRE_CONFIG,
	    .u.function = { E1000_BARS, .rom_field = true, E1000_IDS } } },
	{ "Config of 2026, ROM, no interrupt line",
	  "3e 00 00 00 00 00 00 00 " E1000_HEX_HEAD
	  "01 00 00 b8 fe 00 00 04 00 01 00 " E1000_HEX_IDS,
	  { .kind = RBI_WIRE_CONFIG,
	    .u.function = { E1000_BARS, .rom_field = true, .has_rom = true,
			    .rom = { 0xfeb80000, 0x40000, true }, E1000_IDS } } },
	{ "Config of 2026, no ROM, device-tree interrupt",
	  "4f 00 00 00 00 00 00 00 " E1000_HEX_HEAD "00 " TREE_HEX E1000_HEX_IDS,
	  { .kind = RBI_WIRE_CONFIG,
	    .u.function = { E1000_BARS, .rom_field = true, TREE_IRQ, E1000_IDS } } },
	{ "Config of 2026, ROM and device-tree interrupt",
	  "58 00 00 00 00 00 00 00 " E1000_HEX_HEAD "01 00 00 b8 fe 00 00 04 00 00 " TREE_HEX
	  E1000_HEX_IDS,
	  { .kind = RBI_WIRE_CONFIG,
	    .u.function = { E1000_BARS, .rom_field = true, .has_rom = true,
			    .rom = { 0xfeb80000, 0x40000, false }, TREE_IRQ, E1000_IDS } } },
	{ "Config with a 64-bit BAR, at ab1f:c0:1f.7",
	  "3b 00 00 00 00 00 00 00 01 00 00 00 1f ab c0 1f 07 00 00 00 00 "
	  "02 00 00 00 00 00 00 c0 08 00 00 00 00 00 00 40 00 00 00 00 00 00 00 00 "
	  "00 00 00 00 00 00 00 00 00 00 00 00 00 00 34 12 78 56 03 80 01 ff",
	  { .kind = RBI_WIRE_CONFIG,
	    .u.function = { .addr = { 0xab1fc0ff }, .rom_field = true,
			    .bars = { [1] = { RBI_WIRE_BAR_MEM64, 0x8c0000000, 0x40000000 } },
			    .vendor = 0x1234, .device = 0x5678, .class_code = 3, .subclass = 0x80,
			    .interface = 1, .revision = 0xff } } },
};
const size_t response_case_count = COUNT(response_cases);

/* clang-format on */

size_t unhex(const char *hex, uint8_t *bytes, size_t size)
{
	size_t used = 0;
	char *end;

	for (;;) {
		unsigned long byte = strtoul(hex, &end, 16);

		if (end == hex || byte > 0xff || used == size)
			break;
		bytes[used++] = (uint8_t)byte;
		hex = end;
	}
	return used;
}
