/* SPDX-License-Identifier: MIT */
/*
 * mock_e1000e.h - of Intel's 82574 what interrupts need, as a mock model "e1000e", so that
 * a scenario means the same device on mock and QEMU.
 */
#ifndef TESTS_CONTRACT_MOCK_E1000E_H
#define TESTS_CONTRACT_MOCK_E1000E_H

#define E1000E_VENDOR 0x8086
#define E1000E_DEVICE 0x10d3

/* Registers of BAR 0 (82574 data sheet, 10.2; qemu-notes 4). */
#define E1000E_CTRL	0x00
#define E1000E_STATUS	0x08
#define E1000E_CTRL_EXT 0x18
#define E1000E_ICR	0xc0 /* causes that have come; ones clear */
#define E1000E_ICS	0xc8 /* ones raise causes */
#define E1000E_IMS	0xd0 /* ones let causes interrupt */
#define E1000E_IMC	0xd8 /* ones keep them from it */
#define E1000E_EIAC	0xdc /* causes that their message clears */
#define E1000E_IVAR	0xe4 /* the vector of each cause: 4 bits */

#define E1000E_CTRL_EXT_EIAME 0x01000000u
#define E1000E_CTRL_EXT_IAME  0x08000000u
#define E1000E_CTRL_EXT_PBA   0x80000000u

/* Causes of MSI-X: receive and transmit queues 0 and 1, and all the rest. */
#define E1000E_CAUSE(i) (0x00100000u << (i))
#define E1000E_CAUSES	0x01f00000u
#define E1000E_VECTORS	5
#define E1000E_RXT0	0x80u /* a cause of the pin and of MSI */

#define E1000E_BAR_SIZE	 0x20000u
#define E1000E_MSIX_BAR	 3
#define E1000E_MSIX_SIZE 0x4000u
#define E1000E_PBA	 0x2000u

/* Make "e1000e" a model of the mock; once in a process is enough. */
void register_e1000e(void);

#endif
