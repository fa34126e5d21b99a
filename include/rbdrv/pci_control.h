/* SPDX-License-Identifier: MIT */
/**
 * @file pci_control.h
 * What an open function may do, how awake it is, and how to start it afresh.
 *
 * rb_pci_open() leaves a function with bus mastering, memory and I/O decoding on,
 * its pin allowed, its messages off (contract 4.2). The calls here change that: one
 * bit each, through the command register; the power state; a reset of this function
 * alone, after which its configuration is as it was; and copies of the configuration
 * for drivers with ways of their own to reset a device.
 *
 * Waits that the specifications ask for are made here, on the machine's clock:
 * nothing on the mock takes real time.
 *
 * @code
 * rc = rb_pci_reset(dev);
 * if (rc == -ENOTSUP)
 *         rc = reset_by_register(dev);
 * @endcode
 *
 * Threads: as each call says. Calls that change one bit may run beside anything;
 * rb_pci_set_power(), rb_pci_reset() and rb_pci_restore() leave the function's
 * registers unusable for a while, so a driver quiets its other threads first. What
 * comes from them nevertheless does no harm to the library: configuration access
 * waits until the function answers again, register windows read all-ones.
 */
#ifndef RBDRV_PCI_CONTROL_H
#define RBDRV_PCI_CONTROL_H

#include <rbdrv/pci.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Let the device master the bus, or forbid it. Off, its DMA and its messages
 * are dropped. On after rb_pci_open(), as Redox leaves it (contract 4.2).
 *
 * The library uses it too: when the last DMA buffer of a device is closed and its
 * messages (MSI, MSI-X) are not in use, it goes off before the memory goes back,
 * and on again with the next buffer or message. This call overrides that.
 *
 * Blocks for two round trips to the PCI server. Any thread.
 *
 * @param dev  the device
 * @param on   whether it may
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL
 * @retval -ENODEV  the device is gone
 * @retval -EPROTO  the PCI server's answer makes no sense, now or earlier
 * @retval -ENOMEM  out of memory
 * @retval -EIO     the system failed
 * @since 0.1
 */
RB_EXPORT int rb_pci_set_bus_master(struct rb_pci_dev *dev, bool on);

/** What a function answers on the bus: bits of rb_pci_set_decode(). */
enum rb_pci_decode {
	RB_PCI_DECODE_IO = 1u << 0,  /**< I/O BARs (command bit 0) */
	RB_PCI_DECODE_MEM = 1u << 1, /**< memory BARs (command bit 1) */
	RB_PCI_DECODE_ROM = 1u << 2  /**< the expansion ROM, with memory alone */
};

/**
 * Choose what the function answers on the bus. Memory and I/O are on after
 * rb_pci_open(), the ROM as the firmware left it, which is off.
 *
 * Register windows and ports of what is off read all-ones. A function may use one
 * address decoder for its ROM and its BARs, so while the ROM is on the driver
 * leaves the other BARs alone, and no interrupt handler touches them either
 * (PCI 3.0, 6.2.5.2); the ROM answers only together with RB_PCI_DECODE_MEM.
 *
 * Blocks for two round trips to the PCI server, four more with a ROM. Any thread.
 *
 * @param dev   the device
 * @param bits  RB_PCI_DECODE_IO, RB_PCI_DECODE_MEM, RB_PCI_DECODE_ROM: on; what is
 *              not named goes off
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL, an unknown bit, or the ROM without memory
 * @retval -ENOENT  RB_PCI_DECODE_ROM, and the function has no expansion ROM that
 *                  can be believed and has a place (rb_pci_bar_flaw())
 * @retval -ENODEV  the device is gone
 * @retval -EPROTO  the PCI server's answer makes no sense, now or earlier
 * @retval -ENOMEM  out of memory
 * @retval -EIO     the system failed
 * @since 0.1
 */
RB_EXPORT int rb_pci_set_decode(struct rb_pci_dev *dev, unsigned int bits);

/**
 * Let the function assert its interrupt pin, or forbid it (command bit 10). Devices
 * made before PCI 2.3 have no such bit and go on.
 *
 * The library uses it too: an interrupt set of kind INTx switches the pin on when it
 * opens and off when it closes, one of messages switches it off; this call
 * overrides that. Blocks for two round trips to the PCI server. Any thread.
 *
 * @param dev  the device
 * @param on   whether it may
 * @return 0, or a negative errno as for rb_pci_set_bus_master()
 * @since 0.1
 */
RB_EXPORT int rb_pci_set_intx(struct rb_pci_dev *dev, bool on);

/** Power states of a function (PCI Power Management 1.2, 5). */
enum rb_pci_power_state {
	RB_PCI_D0 = 0,	  /**< awake */
	RB_PCI_D1 = 1,	  /**< light sleep; few devices have it */
	RB_PCI_D2 = 2,	  /**< deeper sleep; few devices have it */
	RB_PCI_D3HOT = 3  /**< asleep: only configuration space answers */
};

/**
 * The power state a function is in. Blocks for some round trips to the PCI server.
 * Any thread.
 *
 * @param dev  the device
 * @return enum rb_pci_power_state: RB_PCI_D0 without a power management capability,
 *         and with the quirk RB_PCI_QUIRK_NO_PM; or a negative errno:
 * @retval -EINVAL  NULL
 * @retval -ENODEV  the device is gone
 * @retval -EPROTO  the PCI server's answer, or the capability list, makes no sense
 * @retval -ENOMEM  out of memory
 * @retval -EIO     the system failed
 * @since 0.1
 */
RB_EXPORT int rb_pci_power(struct rb_pci_dev *dev);

/**
 * Put a function to sleep or wake it.
 *
 * Before sleep the driver has quieted the device: no DMA, no interrupts. In a state
 * other than D0 only configuration space answers. Waits as long as the
 * specification asks (PCI Power Management 1.2, 5.6.1: 10 ms into and out of D3hot,
 * 200 us into and out of D2) and reads back whether the function has followed.
 *
 * A function may come back from D3hot as from a reset, unless it says
 * No_Soft_Reset: the quirk RB_PCI_QUIRK_RESET_DELAY_MS then adds 100 ms, and its
 * configuration is restored as rb_pci_reset() restores it; its registers are the
 * driver's business.
 *
 * Not while another call on the same device runs, as far as the driver can help it.
 *
 * @param dev    the device
 * @param state  the state wanted; the one it is in: nothing happens
 * @return 0, or a negative errno:
 * @retval -EINVAL   NULL, no such state, or from one sleep to a lighter one other
 *                   than D0
 * @retval -ENOTSUP  the function has no power management capability, not this state,
 *                   or the quirk RB_PCI_QUIRK_NO_PM, and @p state is not RB_PCI_D0
 * @retval -EIO      it did not follow, or the system failed
 * @retval -ENODEV   the device is gone
 * @retval -EPROTO   the PCI server's answer, or the capability list, makes no sense
 * @retval -ENOMEM   out of memory
 * @since 0.1
 */
RB_EXPORT int rb_pci_set_power(struct rb_pci_dev *dev, enum rb_pci_power_state state);

/**
 * Reset this function and no other: Function Level Reset by the PCI Express
 * (PCIe 6.0, 6.6.2) or the Advanced Features capability.
 *
 * Wakes the function when it sleeps, switches its bus mastering and decoding off,
 * waits for its pending transactions (200 ms at most, then resets it nevertheless),
 * resets, waits 100 ms, and then up to 1 s more until the function answers; the quirk
 * RB_PCI_QUIRK_RESET_DELAY_MS adds 100 ms. Then the configuration is written back as
 * rb_pci_save() would have copied it, and the function is in D0.
 *
 * An interrupt set stays open and works on afterwards, of kind MSI or INTx by itself.
 * The MSI-X table lies in a BAR and is part of what a reset may clear: entries that the
 * library filled are lost then, and rb_irq_set_restore() (irq.h) writes them again.
 * Register windows stay mapped; DMA buffers stay allocated, and the device knows nothing
 * of them any more.
 *
 * Blocks for 100 ms to some 1.5 s of the machine's clock. Not while another call on
 * the same device runs, as far as the driver can help it.
 *
 * @param dev  the device
 * @return 0, or a negative errno:
 * @retval -EINVAL     NULL
 * @retval -ENOTSUP    the function has no function-level reset
 * @retval -ETIMEDOUT  it was still busy with itself when the second was over
 * @retval -ENODEV     the device is gone, or never answered again
 * @retval -EPROTO     the PCI server's answer, or the capability list, makes no sense
 * @retval -ENOMEM     out of memory
 * @retval -EIO        the system failed
 * @since 0.1
 */
RB_EXPORT int rb_pci_reset(struct rb_pci_dev *dev);

/** A copy of what a function's configuration holds that a reset would lose. */
struct rb_pci_saved;

/**
 * Copy the configuration of a function: header registers that software sets,
 * including BARs, and the control registers of the PCI Express, power management, MSI
 * and MSI-X capabilities and, in extended space, of error reporting (AER), ACS, ATS,
 * page requests, PASID, latency tolerance, precision time, containment (DPC), L1
 * substates and resizable BARs. Not the power state: what is restored is awake. Not what
 * lies in BARs, such as the MSI-X table, nor virtual channels, TPH and SR-IOV. For drivers
 * that reset their device by a way of its own.
 *
 * Messages go back as they were: take the copy when the interrupt set is open that will
 * be open at the restore. One opened in between hears nothing afterwards, and one closed
 * in between would be sent to. Bus mastering is the driver's last word
 * (rb_pci_set_bus_master()); while the library holds it off for want of buffers, a
 * restore leaves it off until the next one.
 *
 * Blocks for some 40 to 100 round trips to the PCI server. Any thread.
 *
 * @param dev       the device
 * @param[out] out  the copy, owned by the caller until rb_pci_saved_close(); NULL on
 *                  failure. It keeps a reference on @p dev
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL
 * @retval -ENODEV  the device is gone
 * @retval -EPROTO  the PCI server's answer, or the capability list, makes no sense
 * @retval -ENOMEM  out of memory
 * @retval -EIO     the system failed
 * @since 0.1
 */
RB_EXPORT RB_CHECKED int rb_pci_save(struct rb_pci_dev *dev, struct rb_pci_saved **out);

/**
 * Write a copy back to the function it is of, the command register last, after waking
 * it if it sleeps. As often as wanted. Status bits stay as they are. Blocks for as many
 * round trips as rb_pci_save(). Not while another call on the same device runs, as far
 * as the driver can help it.
 *
 * @param dev    the device
 * @param saved  the copy
 * @return 0, or a negative errno:
 * @retval -EINVAL  NULL, or the copy is another device's
 * @retval -ENODEV  the device is gone
 * @retval -EPROTO  the PCI server's answer makes no sense, now or earlier
 * @retval -ENOMEM  out of memory
 * @retval -EIO     the system failed
 * @since 0.1
 */
RB_EXPORT int rb_pci_restore(struct rb_pci_dev *dev, const struct rb_pci_saved *saved);

/**
 * Free a copy. The function is left as it is.
 * @param saved  the copy; NULL does nothing
 * @since 0.1
 */
RB_EXPORT void rb_pci_saved_close(struct rb_pci_saved *saved);

#ifdef __cplusplus
}
#endif
#endif
