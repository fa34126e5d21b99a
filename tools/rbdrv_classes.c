/* SPDX-License-Identifier: MIT */
/*
 * rbdrv_classes.c - class codes in words (PCI Code and ID Assignment Specification 1.11, 1).
 * libpciaccess knows vendors and devices only. The words are ours and short; the code beside
 * them is what counts.
 */
#include "tool.h"

/* One class code: base << 16 | subclass << 8 | interface. In each table ascending. */
struct class_name {
	uint32_t code;
	const char *name;
};

static const struct class_name base_classes[] = {
	{ 0x000000, "Unclassified device" },
	{ 0x010000, "Mass storage controller" },
	{ 0x020000, "Network controller" },
	{ 0x030000, "Display controller" },
	{ 0x040000, "Multimedia device" },
	{ 0x050000, "Memory controller" },
	{ 0x060000, "Bridge" },
	{ 0x070000, "Communication controller" },
	{ 0x080000, "System peripheral" },
	{ 0x090000, "Input device" },
	{ 0x0a0000, "Docking station" },
	{ 0x0b0000, "Processor" },
	{ 0x0c0000, "Serial bus controller" },
	{ 0x0d0000, "Wireless controller" },
	{ 0x0e0000, "Intelligent controller" },
	{ 0x0f0000, "Satellite communication controller" },
	{ 0x100000, "Encryption controller" },
	{ 0x110000, "Signal processing controller" },
	{ 0x120000, "Processing accelerator" },
	{ 0x130000, "Non-essential instrumentation" },
	{ 0x400000, "Co-processor" },
	{ 0xff0000, "Device of no defined class" },
};

static const struct class_name subclasses[] = {
	{ 0x000000, "Device from before class codes" },
	{ 0x000100, "VGA device from before class codes" },
	{ 0x000500, "Image coprocessor" },
	{ 0x010000, "SCSI controller" },
	{ 0x010100, "IDE controller" },
	{ 0x010200, "Floppy controller" },
	{ 0x010300, "IPI controller" },
	{ 0x010400, "RAID controller" },
	{ 0x010500, "ATA controller" },
	{ 0x010600, "SATA controller" },
	{ 0x010700, "SAS controller" },
	{ 0x010800, "Non-volatile memory controller" },
	{ 0x010900, "Universal flash storage controller" },
	{ 0x020000, "Ethernet controller" },
	{ 0x020100, "Token ring controller" },
	{ 0x020200, "FDDI controller" },
	{ 0x020300, "ATM controller" },
	{ 0x020400, "ISDN controller" },
	{ 0x020500, "WorldFip controller" },
	{ 0x020600, "PICMG controller" },
	{ 0x020700, "InfiniBand controller" },
	{ 0x020800, "Fabric controller" },
	{ 0x030000, "VGA controller" },
	{ 0x030100, "XGA controller" },
	{ 0x030200, "3D controller" },
	{ 0x040000, "Video device" },
	{ 0x040100, "Audio device" },
	{ 0x040200, "Telephony device" },
	{ 0x040300, "High definition audio device" },
	{ 0x050000, "RAM controller" },
	{ 0x050100, "Flash memory controller" },
	{ 0x050200, "CXL memory device" },
	{ 0x060000, "Host bridge" },
	{ 0x060100, "ISA bridge" },
	{ 0x060200, "EISA bridge" },
	{ 0x060300, "MicroChannel bridge" },
	{ 0x060400, "PCI bridge" },
	{ 0x060500, "PCMCIA bridge" },
	{ 0x060600, "NuBus bridge" },
	{ 0x060700, "CardBus bridge" },
	{ 0x060800, "RACEway bridge" },
	{ 0x060900, "Semi-transparent PCI bridge" },
	{ 0x060a00, "InfiniBand to PCI host bridge" },
	{ 0x060b00, "Advanced Switching bridge" },
	{ 0x070000, "Serial port" },
	{ 0x070100, "Parallel port" },
	{ 0x070200, "Multiport serial controller" },
	{ 0x070300, "Modem" },
	{ 0x070400, "GPIB controller" },
	{ 0x070500, "Smart card controller" },
	{ 0x080000, "Interrupt controller" },
	{ 0x080100, "DMA controller" },
	{ 0x080200, "Timer" },
	{ 0x080300, "Real-time clock" },
	{ 0x080400, "PCI hot-plug controller" },
	{ 0x080500, "SD host controller" },
	{ 0x080600, "IOMMU" },
	{ 0x080700, "Root complex event collector" },
	{ 0x090000, "Keyboard controller" },
	{ 0x090100, "Digitizer" },
	{ 0x090200, "Mouse controller" },
	{ 0x090300, "Scanner controller" },
	{ 0x090400, "Gameport controller" },
	{ 0x0a0000, "Generic docking station" },
	{ 0x0b0000, "386 processor" },
	{ 0x0b0100, "486 processor" },
	{ 0x0b0200, "Pentium processor" },
	{ 0x0b1000, "Alpha processor" },
	{ 0x0b2000, "PowerPC processor" },
	{ 0x0b3000, "MIPS processor" },
	{ 0x0b4000, "Co-processor" },
	{ 0x0c0000, "FireWire controller" },
	{ 0x0c0100, "ACCESS bus controller" },
	{ 0x0c0200, "SSA controller" },
	{ 0x0c0300, "USB controller" },
	{ 0x0c0400, "Fibre Channel controller" },
	{ 0x0c0500, "SMBus controller" },
	{ 0x0c0600, "InfiniBand controller of before 02.07" },
	{ 0x0c0700, "IPMI controller" },
	{ 0x0c0800, "SERCOS controller" },
	{ 0x0c0900, "CAN bus controller" },
	{ 0x0c0a00, "I3C host controller" },
	{ 0x0d0000, "IrDA controller" },
	{ 0x0d0100, "Infrared controller" },
	{ 0x0d1000, "RF controller" },
	{ 0x0d1100, "Bluetooth controller" },
	{ 0x0d1200, "Broadband controller" },
	{ 0x0d2000, "802.11a controller" },
	{ 0x0d2100, "802.11b controller" },
	{ 0x0d4000, "Cellular modem" },
	{ 0x0d4100, "Cellular modem with Ethernet" },
	{ 0x0e0000, "I2O controller" },
	{ 0x0f0100, "Satellite TV controller" },
	{ 0x0f0200, "Satellite audio controller" },
	{ 0x0f0300, "Satellite voice controller" },
	{ 0x0f0400, "Satellite data controller" },
	{ 0x100000, "Network and computing encryption controller" },
	{ 0x101000, "Entertainment encryption controller" },
	{ 0x110000, "DPIO module" },
	{ 0x110100, "Performance counters" },
	{ 0x111000, "Communication synchronizer" },
	{ 0x112000, "Signal processing management card" },
};

static const struct class_name interfaces[] = {
	{ 0x010100, "ISA compatibility mode only" },
	{ 0x010105, "PCI native mode only" },
	{ 0x01010a, "ISA compatibility mode, switchable" },
	{ 0x01010f, "PCI native mode, switchable" },
	{ 0x010180, "ISA compatibility mode only, bus mastering" },
	{ 0x010185, "PCI native mode only, bus mastering" },
	{ 0x01018a, "ISA compatibility mode, switchable, bus mastering" },
	{ 0x01018f, "PCI native mode, switchable, bus mastering" },
	{ 0x010520, "single DMA" },
	{ 0x010530, "chained DMA" },
	{ 0x010600, "vendor's own" },
	{ 0x010601, "AHCI" },
	{ 0x010602, "serial storage bus" },
	{ 0x010700, "SAS" },
	{ 0x010701, "serial storage bus" },
	{ 0x010801, "NVMHCI" },
	{ 0x010802, "NVM Express" },
	{ 0x010803, "NVM Express administration" },
	{ 0x010900, "vendor's own" },
	{ 0x010901, "UFSHCI" },
	{ 0x030000, "VGA" },
	{ 0x030001, "8514" },
	{ 0x040300, "HDA" },
	{ 0x040380, "HDA with vendor's additions" },
	{ 0x050210, "CXL 2.0" },
	{ 0x060400, "positive decode" },
	{ 0x060401, "subtractive decode" },
	{ 0x060800, "transparent" },
	{ 0x060801, "end-point" },
	{ 0x060940, "primary side to the host" },
	{ 0x060980, "secondary side to the host" },
	{ 0x060b00, "custom" },
	{ 0x060b01, "ASI-SIG portal" },
	{ 0x070000, "8250" },
	{ 0x070001, "16450" },
	{ 0x070002, "16550" },
	{ 0x070003, "16650" },
	{ 0x070004, "16750" },
	{ 0x070005, "16850" },
	{ 0x070006, "16950" },
	{ 0x070100, "SPP" },
	{ 0x070101, "bidirectional" },
	{ 0x070102, "ECP" },
	{ 0x070103, "IEEE 1284" },
	{ 0x0701fe, "IEEE 1284 target" },
	{ 0x070300, "generic" },
	{ 0x070301, "Hayes with 16450" },
	{ 0x070302, "Hayes with 16550" },
	{ 0x070303, "Hayes with 16650" },
	{ 0x070304, "Hayes with 16750" },
	{ 0x080000, "8259" },
	{ 0x080001, "ISA PIC" },
	{ 0x080002, "EISA PIC" },
	{ 0x080010, "IO-APIC" },
	{ 0x080020, "IOx-APIC" },
	{ 0x080100, "8237" },
	{ 0x080101, "ISA DMA" },
	{ 0x080102, "EISA DMA" },
	{ 0x080200, "8254" },
	{ 0x080201, "ISA timer" },
	{ 0x080202, "EISA timers" },
	{ 0x080203, "HPET" },
	{ 0x080300, "generic" },
	{ 0x080301, "ISA RTC" },
	{ 0x080500, "without DMA" },
	{ 0x080501, "with DMA" },
	{ 0x090400, "generic" },
	{ 0x090410, "legacy" },
	{ 0x0c0000, "generic" },
	{ 0x0c0010, "OHCI" },
	{ 0x0c0300, "UHCI" },
	{ 0x0c0310, "OHCI" },
	{ 0x0c0320, "EHCI" },
	{ 0x0c0330, "xHCI" },
	{ 0x0c0340, "USB4" },
	{ 0x0c0380, "no specific interface" },
	{ 0x0c03fe, "USB device" },
	{ 0x0c0700, "SMIC" },
	{ 0x0c0701, "keyboard controller style" },
	{ 0x0c0702, "block transfer" },
	{ 0x0d0000, "consumer IR" },
	{ 0x0d0010, "UWB radio" },
};

static const char *look_up(const struct class_name *table, size_t count, uint32_t code)
{
	size_t low = 0, high = count, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (table[mid].code == code)
			return table[mid].name;
		if (table[mid].code < code)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

#define LOOK_UP(table, code) look_up(table, sizeof(table) / sizeof((table)[0]), code)

const char *class_base_name(uint32_t class_code)
{
	const char *name = LOOK_UP(base_classes, class_code & 0xff0000);

	return name ? name : "Device of a reserved class";
}

const char *class_name(uint32_t class_code)
{
	const char *name = LOOK_UP(subclasses, class_code & 0xffff00);

	return name ? name : class_base_name(class_code);
}

const char *class_interface_name(uint32_t class_code)
{
	return LOOK_UP(interfaces, class_code & 0xffffff);
}
