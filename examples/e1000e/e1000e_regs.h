/* SPDX-License-Identifier: MIT */
/*
 * e1000e_regs.h - registers and descriptors of Intel's 82574 (and 82540EM, which has the
 * same ones where it has them), named as in the 82574 data sheet, revision 3.4. Section
 * numbers are that document's. Only what the driver uses.
 */
#ifndef E1000E_REGS_H
#define E1000E_REGS_H

#include <stdint.h>

/* General (10.2.2). */
#define REG_CTRL	    0x0000
#define CTRL_MASTER_DISABLE 0x00000004u /* start no more bus transactions (3.1.3.10) */
#define CTRL_SLU	    0x00000040u /* let the PHY bring the link up */
#define CTRL_RST	    0x04000000u /* reset all but configuration space; clears itself */
#define REG_STATUS	    0x0008
#define STATUS_LU	    0x00000002u /* link up */
#define STATUS_SPEED(s)	    ((s) >> 6 & 3) /* 10, 100, 1000, 1000 Mb/s */
#define STATUS_MASTER	    0x00080000u /* bus transactions are under way, or may be */
#define REG_CTRL_EXT	    0x0018
#define CTRL_EXT_IAME	    0x08000000u /* reading ICR masks what IAM has: nothing. For QEMU:
					 * messages leave IMS alone */
#define CTRL_EXT_PBA	    0x80000000u /* MSI-X pending bits are supported */
#define REG_FCAL	    0x0028 /* flow control: addresses, type, timer; 0: none (10.2.2) */
#define REG_FCAH	    0x002c
#define REG_FCT		    0x0030
#define REG_FCTTV	    0x0170

/* Interrupts (10.2.4, 7.4). */
#define REG_ICR		 0x00c0 /* causes that have come; ones clear */
#define REG_ITR		 0x00c4 /* least time between interrupts of pin and MSI, in 256 ns */
#define REG_IMS		 0x00d0 /* ones let causes interrupt */
#define REG_IMC		 0x00d8 /* ones keep them from it */
#define REG_EIAC	 0x00dc /* causes that their MSI-X message clears */
#define REG_IVAR	 0x00e4 /* 4 bits for each MSI-X cause: vector | 8 */
#define REG_EITR(vector) (0x00e8 + 4 * (vector)) /* ITR of an MSI-X vector */

#define ICR_TXDW  0x00000001u /* a transmit descriptor was written back */
#define ICR_LSC	  0x00000004u /* the link has changed */
#define ICR_RXT0  0x00000080u /* a frame was received */
#define ICR_RXQ0  0x00100000u /* as RXT0, ... */
#define ICR_TXQ0  0x00400000u /* ... TXDW, ... */
#define ICR_OTHER 0x01000000u /* ... and all the rest, by MSI-X (7.4.2) */

#define IVAR_RXQ0(v)  ((8u | (v)) << 0)
#define IVAR_TXQ0(v)  ((8u | (v)) << 8)
#define IVAR_OTHER(v) ((8u | (v)) << 16)

/* Receive (10.2.5). */
#define REG_RCTL   0x0100
#define RCTL_EN	   0x00000002u
#define RCTL_UPE   0x00000008u /* all unicast frames */
#define RCTL_MPE   0x00000010u /* all multicast frames */
#define RCTL_LPE   0x00000020u /* frames above 1522 bytes, too */
#define RCTL_BAM   0x00008000u /* broadcasts; BSIZE and BSEX 0: buffers of 2048 bytes */
#define RCTL_SECRC 0x04000000u /* strip the checksum from frames */
#define REG_RDBAL  0x2800
#define REG_RDLEN  0x2808 /* bytes, a multiple of 128 */
#define REG_RDH	   0x2810
#define REG_RDT	   0x2818
#define REG_RDTR   0x2820
#define REG_MTA	   0x5200 /* 4096 bits: multicast addresses by hash */
#define MTA_DWORDS 128
#define REG_RAL	   0x5400 /* the address frames are received for */
#define REG_RAH	   0x5404
#define RAH_AV	   0x80000000u /* it is valid */

/* Transmit (10.2.6). */
#define REG_TCTL   0x0400
#define TCTL_EN	   0x00000002u
#define TCTL_PSP   0x00000008u /* pad short frames to 64 bytes */
#define TCTL_HALF  0x0003f0f0u /* half duplex: 15 collisions, slot of 63 byte times (CT, COLD) */
#define REG_TDBAL  0x3800
#define REG_TDLEN  0x3808
#define REG_TDH	   0x3810
#define REG_TDT	   0x3818
#define REG_TIDV   0x3820
#define REG_TXDCTL 0x3828
#define TXDCTL_ONE 0x01400000u /* thresholds count descriptors; bit 22 is to be 1 */

/* Statistics (10.2.7): 32 bits, cleared by reading, stop at all-ones. */
#define REG_CRCERRS 0x4000
#define REG_RXERRC  0x400c
#define REG_MPC	    0x4010 /* missed: no room in the device */
#define REG_ECOL    0x4018
#define REG_LATECOL 0x4020
#define REG_RLEC    0x4040
#define REG_GPRC    0x4074
#define REG_GPTC    0x4080
#define REG_GORCL   0x4088 /* 64 bits; reading the upper half clears both */
#define REG_GOTCL   0x4090
#define REG_RNBC    0x40a0 /* no descriptor was free */
#define REG_RUC	    0x40a4
#define REG_RFC	    0x40a8
#define REG_ROC	    0x40ac
#define REG_RJC	    0x40b0

#define BAR_SIZE 0x20000u

/*
 * Legacy descriptors (7.1.3, 7.2.10). Chosen over the extended ones because the 82540EM
 * has no others, because the device leaves the address alone when it writes one back, and
 * because what the extended ones add (checksums, RSS) nobody here uses.
 */
struct e1000e_rx_desc {
	uint64_t addr;
	uint32_t length; /* bits 0-15; the device's checksum above */
	uint32_t status; /* bits 0-7; errors in 8-15; VLAN tag above */
};

#define RXD_DD	   0x0001u /* the device is done with it */
#define RXD_EOP	   0x0002u /* the last one of a frame */
#define RXD_ERRORS 0x9700u /* CE, SE, SEQ, CXE, RXE: a broken frame. IPE and TCPE are no matter */

struct e1000e_tx_desc {
	uint64_t addr;
	uint32_t cmd; /* length in bits 0-15 */
	uint32_t status;
};

#define TXD_EOP	 0x01000000u /* the last one of a frame */
#define TXD_IFCS 0x02000000u /* append the checksum */
#define TXD_RS	 0x08000000u /* say when done: only then DD is written */
#define TXD_DD	 0x0001u

#endif
