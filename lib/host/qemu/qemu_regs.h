/* SPDX-License-Identifier: MIT */
/*
 * qemu_regs.h - configuration registers that the machine itself reads and writes.
 *
 * Sources: PCI 3.0, 6.1 and 6.7; PCI-to-PCI Bridge 1.2, 3.2; PCIe 6.0, 7.5.3.
 */
#ifndef RBI_HOST_QEMU_REGS_H
#define RBI_HOST_QEMU_REGS_H

#define CFG_ID		    0x00
#define CFG_COMMAND	    0x04
#define CFG_STATUS	    0x06
#define CFG_HEADER_TYPE	    0x0e
#define CFG_BAR0	    0x10
#define CFG_BUSES	    0x18
#define CFG_IO_WINDOW	    0x1c
#define CFG_MEM_WINDOW	    0x20
#define CFG_PREF_WINDOW	    0x24
#define CFG_PREF_BASE_HIGH  0x28
#define CFG_PREF_LIMIT_HIGH 0x2c
#define CFG_IO_HIGH	    0x30
#define CFG_HEADER_END	    0x3c /* of what concerns decoding */
#define CFG_CAPS	    0x34
#define CFG_ROM		    0x30
#define CFG_BRIDGE_ROM	    0x38
#define CFG_LINE	    0x3c
#define CFG_PIN		    0x3d
#define CFG_BRIDGE_CONTROL  0x3e

#define COMMAND_IO     1u
#define COMMAND_MEM    2u
#define COMMAND_MASTER 4u
#define STATUS_CAPS    0x10u
#define HEADER_MULTI   0x80u
#define HEADER_BRIDGE  1u
#define BRIDGE_RESET   0x40u
#define ROM_ENABLE     1u
#define ROM_ADDRESS    0xfffff800u

#define CAP_EXPRESS	    0x10
#define CAP_MSIX	    0x11
#define EXP_CAPS	    2 /* bits 4-7: kind of port */
#define EXP_DEVCAP	    4
#define EXP_DEVCTL	    8
#define EXP_SLOTCAP	    0x14
#define EXP_SLOTCTL	    0x18
#define EXP_SLOTSTA	    0x1a
#define EXP_KIND_ROOT	    4u
#define EXP_KIND_DOWNSTREAM 6u
#define EXP_CAPS_SLOT	    0x100u /* the port has a slot */
#define EXP_SLOTCAP_POWER   0x02u /* with a power controller */
#define EXP_SLOTCAP_HOTPLUG 0x40u
#define EXP_SLOTCTL_ON	    0x01c0u /* power, its indicator on, attention off */
#define EXP_SLOTCTL_OFF	    0x07c0u /* no power, indicators off */
#define EXP_SLOTSTA_EVENTS  0x011fu /* what has happened; cleared by ones */
#define EXP_SLOTSTA_PRESENT 0x40u
#define EXP_DEVCAP_FLR	    (1u << 28)
#define EXP_DEVCTL_FLR	    (1u << 15)

/* Of q35's host bridge (qemu-notes 2 and 3). */
#define HOST_BRIDGE_ID 0x29c08086u
#define CFG_PCIEXBAR   0x60

#endif
