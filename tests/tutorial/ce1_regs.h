/* SPDX-License-Identifier: MIT */
/* ce1_regs.h - the CE-1's data sheet, for the driver and for its model. */
#ifndef CE1_REGS_H
#define CE1_REGS_H

#define CE1_VENDOR 0x1234
#define CE1_DEVICE 0x00ce

#define CE1_ID	   0x00
#define CE1_CTRL   0x04
#define CE1_STATUS 0x08
#define CE1_CAUSE  0x0c
#define CE1_SRC	   0x10
#define CE1_LEN	   0x18
#define CE1_BELL   0x1c
#define CE1_SUM	   0x20

#define CE1_MAGIC	0x00ce0001
#define CE1_CTRL_IRQ	0x1u
#define CE1_CTRL_RESET	0x2u
#define CE1_STATUS_BUSY 0x1u
#define CE1_STATUS_ERR	0x2u
#define CE1_CAUSE_DONE	0x1u

#endif
