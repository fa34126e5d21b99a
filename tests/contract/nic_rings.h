/* SPDX-License-Identifier: MIT */
/*
 * nic_rings.h - what a driver of an 82574's rings needs to know, and where the mock's model
 * comes from (82574 data sheet, 10.2).
 */
#ifndef TESTS_CONTRACT_NIC_RINGS_H
#define TESTS_CONTRACT_NIC_RINGS_H

#define NIC_CTRL   0x0000
#define NIC_STATUS 0x0008
#define NIC_RCTL   0x0100
#define NIC_TCTL   0x0400
#define NIC_RDBAL  0x2800 /* base low, high, length, -, head, -, tail */
#define NIC_RDT	   0x2818
#define NIC_TDBAL  0x3800
#define NIC_TDH	   0x3810
#define NIC_TDT	   0x3818

#define NIC_CTRL_SLU 0x40u

/* Make "e1000e" a model of the mock (tests/net); once in a process is enough. */
void register_nic82574(void);

#endif
