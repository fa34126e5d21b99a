/* SPDX-License-Identifier: MIT */
/*
 * nic82574.h - Intel's 82574L for the mock: model "e1000e", as machine "qemu" calls its own.
 *
 *   nic82574.c        reset, NVM, PHY, link       nic82574_irq.c  causes, throttling, messages
 *   nic82574_regs.c   the map of registers        nic82574_rx.c   filters, receive ring
 *                                                 nic82574_tx.c   transmit ring
 *
 * Time is the device's: a PHY access takes 20 us, an NVM word 10, the NVM's automatic read
 * after a reset 1 ms, negotiation half a second, a frame its time on a wire of 1 Gbit/s. What the
 * device leaves undefined (MTA, VFTA after a reset; of a descriptor that ends no frame all but
 * length and DD) is noise. What a driver must not do is a violation: registers touched within a
 * reset, reserved bits, rings that are missing, moved under way or left by their tail, causes
 * let through to no vector. Where this model is stricter than QEMU's: no frame leaves without a
 * link, frames that come while the receiver is off are lost, the link is down at first, a reset
 * resets.
 * Not modelled, and a violation when it is asked for: offloads (checksums, segmentation),
 * packet split, the second queues, wake-up, management.
 * Source: 82574 data sheet: 4.6 (start), 7.1 (receive), 7.2 (transmit), 7.4 (interrupts), 10.2
 * (registers). It does not tell all; Linux' drivers, and what they found on the chip, tell the
 * rest, and so does QEMU's device, with which test_nic82574_twin.c compares this one.
 */
#ifndef NIC82574_H
#define NIC82574_H

#include <stdbool.h>
#include <stdint.h>

#include <rbdrv/mock.h>

enum {
	NIC_CTRL = 0x0000, NIC_STATUS = 0x0008, NIC_EECD = 0x0010, NIC_EERD = 0x0014,
	NIC_CTRL_EXT = 0x0018, NIC_MDIC = 0x0020,
	NIC_ICR = 0x00c0, NIC_ITR = 0x00c4, NIC_ICS = 0x00c8, NIC_IMS = 0x00d0, NIC_IMC = 0x00d8,
	NIC_EIAC = 0x00dc, NIC_IAM = 0x00e0, NIC_IVAR = 0x00e4, NIC_EITR = 0x00e8,
	NIC_RCTL = 0x0100, NIC_TCTL = 0x0400,
	NIC_RDBAL = 0x2800, NIC_RDBAH = 0x2804, NIC_RDLEN = 0x2808, NIC_RDH = 0x2810,
	NIC_RDT = 0x2818, NIC_RDTR = 0x2820,
	NIC_TDBAL = 0x3800, NIC_TDBAH = 0x3804, NIC_TDLEN = 0x3808, NIC_TDH = 0x3810,
	NIC_TDT = 0x3818, NIC_TIDV = 0x3820,
	NIC_MPC = 0x4010, NIC_GPRC = 0x4074, NIC_BPRC = 0x4078, NIC_MPRC = 0x407c,
	NIC_GPTC = 0x4080, NIC_GORCL = 0x4088, NIC_GOTCL = 0x4090, NIC_RNBC = 0x40a0,
	NIC_RUC = 0x40a4, NIC_ROC = 0x40ac, NIC_TORL = 0x40c0, NIC_TOTL = 0x40c8,
	NIC_TPR = 0x40d0, NIC_TPT = 0x40d4, NIC_MPTC = 0x40f0, NIC_BPTC = 0x40f4,
	NIC_RFCTL = 0x5008, NIC_MTA = 0x5200, NIC_RAL = 0x5400, NIC_RAH = 0x5404,
	NIC_VFTA = 0x5600
};

/* Causes of interrupts: bits of ICR, ICS, IMS, IMC. */
#define NIC_TXDW   0x00000001u
#define NIC_TXQE   0x00000002u
#define NIC_LSC	   0x00000004u
#define NIC_RXDMT0 0x00000010u
#define NIC_RXO	   0x00000040u
#define NIC_RXT0   0x00000080u
#define NIC_MDAC   0x00000200u
#define NIC_SRPD   0x00010000u
#define NIC_ACK	   0x00020000u
#define NIC_MNG	   0x00040000u
#define NIC_RXQ0   0x00100000u
#define NIC_TXQ0   0x00400000u
#define NIC_OTHER  0x01000000u

#define NIC_CTRL_GIO_OFF 0x00000004u /* no new request as bus master */
#define NIC_CTRL_SLU	 0x00000040u
#define NIC_CTRL_RST	 0x04000000u
#define NIC_CTRL_PHY_RST 0x80000000u
#define NIC_CTRL_EXT_EIAME 0x01000000u
#define NIC_CTRL_EXT_IAME  0x08000000u
#define NIC_ON	  0x00000002u /* of RCTL and TCTL */
#define NIC_VECTORS 5
#define NIC_MSIX_BAR 3

struct nic {
	uint8_t mac[6];
	uint16_t nvm[64], phy[32];
	unsigned int vectors; /* of MSI-X */
	bool cable, link; /* the PHY's */
	bool up; /* what STATUS.LU said last */
	bool resetting, loading; /* CTRL.RST is at work; the NVM is being read */
	bool rx_on, tx_on; /* RCTL.EN and TCTL.EN, as written last */
	bool hung; /* the transmitter; a test's doing, ended by a reset */
	bool master_off;
	uint32_t icr, ims, told;
	uint64_t next_ns[NIC_VECTORS]; /* before that a vector is silent; 0 is that of pin and MSI */
	bool waiting[NIC_VECTORS]; /* until then */
	bool refused; /* a frame waits for descriptors */
	bool sending;
	uint32_t out_len; /* bytes of the frame that is being put together */
	uint8_t out[16384], in[16384];
};

/* Make "e1000e" a model of the mock; once in a process is enough. Arguments: mac=;
 * vectors= of MSI-X, which the device takes from its NVM: 1 to 5, 0: it has no MSI-X. */
void register_nic82574(void);
/* The same with a function-level reset, which the 82574L has not, for tests that want one. */
void register_nic82574_flr(void);
/* Stop the transmitter as a hardware hang does, until the driver resets the device. */
void nic82574_hang(struct rb_mock_dev *dev);
/* The link partner goes away for a moment: half a second later they have negotiated again. An
 * event for rb_mock_after(). */
void nic82574_drop_link(struct rb_mock_dev *dev, void *arg);

/* nic82574.c */
uint32_t nic_get(struct rb_mock_dev *dev, uint64_t off);
void nic_count(struct rb_mock_dev *dev, uint64_t off, uint32_t n);
/* A 64-bit counter: its low register. */
void nic_count64(struct rb_mock_dev *dev, uint64_t off, uint32_t n);
/* STATUS.LU: PHY and MAC agree. */
bool nic_link(struct rb_mock_dev *dev, const struct nic *nic);
uint64_t nic_status(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width);
void nic_ctrl(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width, uint64_t val);
void nic_eerd(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width, uint64_t val);
void nic_mdic(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width, uint64_t val);
/* A register as it is; is the device there already? */
uint64_t nic_read(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width);
/* The upper half of a counter: clears the lower one. */
uint64_t nic_high(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width);
/* For writes that do nothing else: is the device there already? */
void nic_plain(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width, uint64_t val);

/* nic82574_regs.c */
extern const struct rb_mock_reg nic_regs[];

/* nic82574_irq.c */
void nic_raise(struct rb_mock_dev *dev, struct nic *nic, uint32_t causes);
void nic_irq_reset(struct rb_mock_dev *dev, struct nic *nic);
uint64_t nic_icr_read(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width);
uint64_t nic_ims_read(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width);
void nic_irq_write(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
		   uint64_t val);

/* nic82574_rx.c */
bool nic_frame(struct rb_mock_dev *dev, void *arg, const void *frame, size_t len);
void nic_rx_write(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
		  uint64_t val);

/* nic82574_tx.c */
void nic_tx_write(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
		  uint64_t val);
/* There may be something to send. */
void nic_tx_go(struct rb_mock_dev *dev, struct nic *nic);

#endif
