/* SPDX-License-Identifier: MIT */
/*
 * mock_pm.c - power states and resets.
 *
 *   D0 --PMCSR 3--> D3hot --PMCSR 0--> (reset, unless No_Soft_Reset) --10 ms--> D0
 *   D0 --FLR bit--> (reset) --100 ms--> D0
 *
 * While a device recovers it must be left alone (PCI Power Management 1.2, 5.6.1;
 * PCIe 3.0, 6.6.2): here it does not even answer.
 */
#include <string.h>

#include "host/mock/mock_regs.h"

#define PMCSR	      4 /* from the capability */
#define STATE	      0x3u
#define STATE_D3HOT   0x3u
#define NO_SOFT_RESET 0x8u
#define D3HOT_NS      10000000u
#define DEVCAP	      4
#define DEVCAP_FLR    0x10000000u
#define DEVCTL_HIGH   9 /* the byte whose highest bit starts a reset */
#define FLR_NS	      100000000u

/* Of a dump nobody knows what a reset leaves where drivers write: zeros here. */
static void forget_writes(struct rb_mock_dev *dev)
{
	unsigned int i;

	for (i = 0; i < MOCK_CFG; i++)
		dev->initial[i] &= (uint8_t)~dev->writable[i];
	for (i = 0; dev->ext && i < sizeof(dev->ext->initial); i++)
		dev->ext->initial[i] &= (uint8_t)~dev->ext->writable[i];
}

/* The line register is the operating system's note and is lost like the rest. */
void rbi_mock_reset_snapshot(struct rb_mock_dev *dev)
{
	memcpy(dev->initial, dev->cfg, sizeof(dev->initial));
	dev->initial[MOCK_CFG_LINE] = 0;
	if (dev->ext)
		memcpy(dev->ext->initial, dev->ext->cfg, sizeof(dev->ext->initial));
	if (dev->passive)
		forget_writes(dev);
}

static void reset_registers(struct rb_mock_dev *dev)
{
	unsigned int i;

	memcpy(dev->cfg, dev->initial, sizeof(dev->cfg));
	if (dev->ext)
		memcpy(dev->ext->cfg, dev->ext->initial, sizeof(dev->ext->cfg));
	rbi_mock_msix_reset(dev);
	for (i = 0; i < MOCK_BARS; i++)
		if (dev->bars[i].map)
			rbi_mock_map_reset(dev, dev->bars[i].map);
}

/* RAM of BARs stays, and what the model keeps is the model's to reset. */
static void reset(struct rb_mock_dev *dev, const char *from, uint64_t recovery_ns)
{
	dev->asleep = false;
	dev->intx = false;
	rbi_mock_forget_events(dev);
	reset_registers(dev);
	rbi_mock_decode_update(dev);
	rbi_mock_intx_update(dev);
	dev->busy_until = rbi_deadline(rbi_mock_now(dev->mock), recovery_ns);
	dev->busy_from = from;
	rbi_mock_gate_update(dev);
	if (dev->on_reset)
		dev->on_reset(dev, dev->on_reset_arg);
	rbi_mock_stir(dev->mock);
}

bool rbi_mock_is_busy(struct rb_mock_dev *dev)
{
	if (!dev->busy_from)
		return false;
	if (rbi_mock_now(dev->mock) < dev->busy_until)
		return true;
	dev->busy_from = NULL;
	rbi_mock_gate_update(dev);
	return false;
}

/* --- power states ------------------------------------------------------------------------ */

static void wake_up(struct rb_mock_dev *dev)
{
	static const char from[] = "the way from D3hot to D0";

	if (!(dev->cfg[dev->pm + PMCSR] & NO_SOFT_RESET)) {
		reset(dev, from, D3HOT_NS);
		return;
	}
	dev->asleep = false;
	dev->busy_until = rbi_deadline(rbi_mock_now(dev->mock), D3HOT_NS);
	dev->busy_from = from;
	rbi_mock_gate_update(dev);
	rbi_mock_intx_update(dev);
}

static void fall_asleep(struct rb_mock_dev *dev)
{
	dev->asleep = true;
	rbi_mock_gate_update(dev);
	rbi_mock_intx_update(dev);
}

/* A state that the device does not have is not taken (PCI PM 1.2, 3.2.4). */
static void state_written(struct rb_mock_dev *dev)
{
	uint8_t *pmcsr = &dev->cfg[dev->pm + PMCSR];
	unsigned int state = *pmcsr & STATE;

	if (state != 0 && state != STATE_D3HOT)
		*pmcsr = (uint8_t)((*pmcsr & ~STATE) | (dev->asleep ? STATE_D3HOT : 0));
	else if (state == 0 && dev->asleep)
		wake_up(dev);
	else if (state != 0 && !dev->asleep)
		fall_asleep(dev);
}

/* --- function-level reset ------------------------------------------------------------------ */

static bool has_flr(const struct rb_mock_dev *dev)
{
	return dev->pcie != 0 && (rbi_mock_cfg_get(dev, dev->pcie + DEVCAP, 4) & DEVCAP_FLR);
}

/* Is @at one of the @width bytes at @off? */
static bool covers(unsigned int off, unsigned int width, unsigned int at)
{
	return at >= off && at - off < width;
}

void rbi_mock_pm_written(struct rb_mock_dev *dev, unsigned int off, unsigned int width,
			 uint32_t val)
{
	unsigned int at = dev->pcie + DEVCTL_HIGH;

	if (dev->pm != 0 && covers(off, width, dev->pm + PMCSR))
		state_written(dev);
	if (has_flr(dev) && covers(off, width, at) && (val >> (at - off) * 8 & 0x80))
		reset(dev, "a function-level reset", FLR_NS);
}

int rbi_mock_op_reset(struct rbi_machine *m, struct rb_pci_addr fn)
{
	struct mock *mock = mock_of(m);
	struct rb_mock_dev *dev;
	int rc = 0;

	rbi_mock_lock(mock);
	dev = rbi_mock_at(mock, fn);
	if (!dev)
		rc = rbi_fail(-ENODEV, "mock: no function at %#x", fn.sbdf);
	else if (!has_flr(dev))
		rc = rbi_fail(-ENOTSUP, "mock: %s has no function-level reset", dev->label);
	else
		reset(dev, "a function-level reset", FLR_NS);
	rbi_mock_unlock(mock);
	return rc;
}

int rb_mock_on_reset(struct rb_mock_dev *dev, rb_mock_event_fn fn, void *arg)
{
	int rc;

	rc = rbi_mock_building(dev, "rb_mock_on_reset");
	if (rc < 0)
		return rc;
	dev->on_reset = fn;
	dev->on_reset_arg = arg;
	return 0;
}
