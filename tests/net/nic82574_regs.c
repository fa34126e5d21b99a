/* SPDX-License-Identifier: MIT */
/*
 * nic82574_regs.c - the registers of the 82574L that drivers know (data sheet 10.2). Bits that
 * are to be zero are in no mask: to write them is a violation. Reset values are those of
 * QEMU's device, too, but where test_nic82574_twin.c says why not.
 */
#include "nic82574.h"

#define ALL 0xffffffffu
#define RO(n, at, value, bits) { .name = n, .offset = at, .width = 4, .reset = value, .ro = bits }
#define RW(n, at, value, bits) \
	{ .name = n, .offset = at, .width = 4, .reset = value, .rw = bits, .on_write = nic_plain }
#define RING(n, at, bits, fn) \
	{ .name = n, .offset = at, .width = 4, .rw = bits, .on_write = fn }
#define COUNTERS(n, at, many) \
	{ .name = n, .offset = at, .width = 4, .count = many, .rc = ALL }
/* 64 bits that reading the upper half clears (10.2.7). */
#define COUNTER64(n, at)                                                                     \
	{ .name = n "L", .offset = at, .width = 4, .ro = ALL }, {                             \
		.name = n "H", .offset = (at) + 4, .width = 4, .rc = ALL, .on_read = nic_high \
	}

const struct rb_mock_reg nic_regs[] = {
	{ .name = "CTRL", .offset = NIC_CTRL, .width = 4, .reset = 0x00100209, .rw = 0xdc101b4d,
	  .on_read = nic_read, .on_write = nic_ctrl },
	{ .name = "STATUS", .offset = NIC_STATUS, .width = 4, .reset = 0x00080281,
	  .ro = 0x000807df, .on_read = nic_status },
	{ .name = "EECD", .offset = NIC_EECD, .width = 4, .reset = 0x00000100, .rw = 0x0000004f,
	  .ro = 0x00000780, .on_read = nic_read },
	{ .name = "EERD", .offset = NIC_EERD, .width = 4, .reset = 2, .rw = 0x0000fffd,
	  .ro = 0xffff0002, .on_write = nic_eerd },
	RW("CTRL_EXT", NIC_CTRL_EXT, 0, 0xb9fab000),
	{ .name = "MDIC", .offset = NIC_MDIC, .width = 4, .rw = 0x2fffffff,
	  .ro = 0x50000000, .on_write = nic_mdic },
	RW("FCAL", 0x0028, 0, ALL),
	RW("FCAH", 0x002c, 0, 0x0000ffff),
	RW("FCT", 0x0030, 0, 0x0000ffff),
	RW("VET", 0x0038, 0x00008100, 0x0000ffff),
	/* ones that mean nothing may be written here: everybody clears and masks with all-ones */
	{ .name = "ICR", .offset = NIC_ICR, .width = 4, .w1c = ALL, .on_read = nic_icr_read,
	  .on_write = nic_irq_write },
	RW("ITR", NIC_ITR, 0, 0x0000ffff),
	{ .name = "ICS", .offset = NIC_ICS, .width = 4, .wo = 0x01f782d7, .on_write = nic_irq_write },
	{ .name = "IMS", .offset = NIC_IMS, .width = 4, .rw = 0x01f782d7, .on_read = nic_ims_read,
	  .on_write = nic_irq_write },
	{ .name = "IMC", .offset = NIC_IMC, .width = 4, .wo = ALL, .on_write = nic_irq_write },
	{ .name = "EIAC", .offset = NIC_EIAC, .width = 4, .rw = 0x01f00000,
	  .on_write = nic_irq_write },
	{ .name = "IAM", .offset = NIC_IAM, .width = 4, .rw = ALL, .on_write = nic_irq_write },
	{ .name = "IVAR", .offset = NIC_IVAR, .width = 4, .rw = 0x800fffff,
	  .on_write = nic_irq_write },
	{ .name = "EITR", .offset = NIC_EITR, .width = 4, .count = NIC_VECTORS, .rw = 0x0000ffff,
	  .on_write = nic_plain },
	RING("RCTL", NIC_RCTL, 0x7edfbffe, nic_rx_write),
	RW("FCTTV", 0x0170, 0, 0x0000ffff),
	{ .name = "TCTL", .offset = NIC_TCTL, .width = 4, .reset = 0x3003f0f8, .rw = 0x71fffffa,
	  .on_write = nic_tx_write },
	RW("TIPG", 0x0410, 0x00602008, 0x3fffffff),
	RW("AIT", 0x0458, 0, 0x0000ffff),
	RW("LEDCTL", 0x0e00, 0x00068302, 0x00cfcfef),
	RW("EXTCNF_CTRL", 0x0f00, 8, 0x0fff00ef),
	RW("PBA", 0x1000, 0x00140014, 0x003f003f),
	RW("FCRTL", 0x2160, 0, 0x8000fff8),
	RW("FCRTH", 0x2168, 0, 0x0000fff8),
	RW("PSRCTL", 0x2170, 0x00040402, 0x3f3f3f7f),
	RING("RDBAL", NIC_RDBAL, 0xfffffff0, nic_rx_write),
	RING("RDBAH", NIC_RDBAH, ALL, nic_rx_write),
	RING("RDLEN", NIC_RDLEN, 0x000fff80, nic_rx_write),
	RING("RDH", NIC_RDH, 0x0000ffff, nic_rx_write),
	RING("RDT", NIC_RDT, 0x0000ffff, nic_rx_write),
	RW("RDTR", NIC_RDTR, 0, 0x8000ffff),
	RW("RXDCTL", 0x2828, 0x00010000, 0x013f3f3f),
	RW("RADV", 0x282c, 0, 0x0000ffff),
	RW("RSRPD", 0x2c00, 0, 0x00000fff),
	RING("TDBAL", NIC_TDBAL, 0xfffffff0, nic_tx_write),
	RING("TDBAH", NIC_TDBAH, ALL, nic_tx_write),
	RING("TDLEN", NIC_TDLEN, 0x000fff80, nic_tx_write),
	RING("TDH", NIC_TDH, 0x0000ffff, nic_tx_write),
	RING("TDT", NIC_TDT, 0x0000ffff, nic_tx_write),
	RW("TIDV", NIC_TIDV, 0, 0x8000ffff),
	RW("TXDCTL", 0x3828, 0, 0xff7f3f3f),
	RW("TADV", 0x382c, 0, 0x0000ffff),
	RW("TARC", 0x3840, 0x00000403, 0x2f5fffff),
	COUNTERS("CRCERRS+", 0x4000, 9),
	COUNTERS("COLC", 0x4028, 1),
	COUNTERS("DC+", 0x4030, 5),
	COUNTERS("XONRXC+", 0x4048, 15),
	COUNTER64("GORC", NIC_GORCL),
	COUNTER64("GOTC", NIC_GOTCL),
	COUNTERS("RNBC+", NIC_RNBC, 8),
	COUNTER64("TOR", NIC_TORL),
	COUNTER64("TOT", NIC_TOTL),
	COUNTERS("TPR+", NIC_TPR, 12),
	COUNTERS("IAC+", 0x4100, 5),
	COUNTERS("ICTXQEC+", 0x4118, 4),
	RW("RXCSUM", 0x5000, 0x00000300, 0x000033ff),
	RW("RFCTL", NIC_RFCTL, 0, 0x0003ffff),
	{ .name = "MTA", .offset = NIC_MTA, .width = 4, .count = 128, .rw = ALL,
	  .on_write = nic_plain },
	{ .name = "RAL", .offset = NIC_RAL, .width = 4, .count = 16, .stride = 8, .rw = ALL,
	  .on_read = nic_read, .on_write = nic_plain },
	{ .name = "RAH", .offset = NIC_RAH, .width = 4, .count = 16, .stride = 8,
	  .rw = 0x8003ffff, .on_read = nic_read, .on_write = nic_plain },
	{ .name = "VFTA", .offset = NIC_VFTA, .width = 4, .count = 128, .rw = ALL,
	  .on_write = nic_plain },
	RW("WUC", 0x5800, 0, 0x0000001f),
	RW("WUFC", 0x5808, 0, 0x000f00ff),
	RW("MRQC", 0x5818, 0, 0xffff0003),
	RW("MANC", 0x5820, 0x10000000, ALL),
	RW("GCR", 0x5b00, 0x06800200, ALL),
	RO("FACTPS", 0x5b30, 0x20000004, 0x20000007),
	RW("SWSM", 0x5b50, 1, 0x0000000b),
	RO("FWSM", 0x5b54, 0, ALL),
	RB_MOCK_REG_END
};
