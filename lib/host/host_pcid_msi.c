/* SPDX-License-Identifier: MIT */
/*
 * host_pcid_msi.c - configuration space, dword by dword, with MSI messages
 * exchanged on the way.
 *
 * A driver composes the message of Redox on x86: an address in a local APIC. The
 * device of a hosted machine must be given what makes the machine's interrupt
 * fire instead. Nothing is remembered here: what the device holds is read back,
 * undone, changed and exchanged again, so a reset of the device resets it all.
 */
#include "config.h"

#include "host/host_pcid.h"

#define MSI_ENABLE	 (1u << 16) /* in the dword that begins the capability */
#define MSI_MULTI(dword) ((dword) >> 20 & 7u)

uint32_t rbi_hosted_pcid_cfg_read(struct rbi_hosted *h, struct rb_pci_addr addr, unsigned int off)
{
	uint32_t val = UINT32_MAX;

	int rc = h->machine->ops->cfg_read(h->machine, addr, off, 4, &val);

	if (rc == -EACCES && h->pcid)
		h->pcid->hidden = true;
	return rc < 0 ? UINT32_MAX : val;
}

void rbi_hosted_pcid_cfg_write(struct rbi_hosted *h, struct rb_pci_addr addr, unsigned int off,
			       uint32_t val)
{
	/* pcid cannot tell either whether anybody took it */
	(void)h->machine->ops->cfg_write(h->machine, addr, off, 4, val);
}

/* --- the parts of a message ---------------------------------------------------------- */

static unsigned int data_off(const struct rbi_server_msi *msi)
{
	return msi->off + (msi->is_64bit ? 12 : 8);
}

static bool is_message(const struct rbi_server_msi *msi, unsigned int off)
{
	return msi->off != 0 && off > msi->off && off <= data_off(msi);
}

/* What the device holds, as the driver wrote it; *upper keeps the half dword above
 * the data. */
static void get_message(struct rbi_hosted *h, const struct rbi_server_func *fn, struct rbi_msg *msg,
			uint32_t *upper)
{
	struct rb_pci_addr addr = fn->config.addr;
	struct rbi_msg hw;
	uint32_t data;

	hw.addr = rbi_hosted_pcid_cfg_read(h, addr, fn->msi.off + 4);
	if (fn->msi.is_64bit)
		hw.addr |= (uint64_t)rbi_hosted_pcid_cfg_read(h, addr, fn->msi.off + 8) << 32;
	data = rbi_hosted_pcid_cfg_read(h, addr, data_off(&fn->msi));
	hw.data = data & 0xffff;
	*upper = data & 0xffff0000;

	*msg = hw;
	if (hw.addr != 0)
		h->machine->ops->msg_undo(h->machine, addr, &hw, msg);
}

static void put_message(struct rbi_hosted *h, const struct rbi_server_func *fn,
			const struct rbi_msg *msg, uint32_t upper)
{
	struct rb_pci_addr addr = fn->config.addr;
	uint32_t control = rbi_hosted_pcid_cfg_read(h, addr, fn->msi.off);
	struct rbi_msg hw = *msg;
	int rc;

	rc = h->machine->ops->msg_connect(h->machine, addr, 0, 1u << MSI_MULTI(control), msg, &hw);
	if (rc < 0) {
		/* half a message so far, or one that leads nowhere: the device gets it
		 * as it is, as on Redox, and no interrupt will come of it */
		rbi_log(h->sys.ctx, RB_LOG_DEBUG, "MSI message %#llx = %#x is not connected: %d",
			(unsigned long long)msg->addr, msg->data, rc);
		hw = *msg;
	}
	if (msg->addr == 0)
		hw = *msg;

	rbi_hosted_pcid_cfg_write(h, addr, fn->msi.off + 4, (uint32_t)hw.addr);
	if (fn->msi.is_64bit)
		rbi_hosted_pcid_cfg_write(h, addr, fn->msi.off + 8, (uint32_t)(hw.addr >> 32));
	rbi_hosted_pcid_cfg_write(h, addr, data_off(&fn->msi), upper | (hw.data & 0xffff));
}

/* The half dword above the data is cleared with it. */
void rbi_hosted_pcid_set_message(struct rbi_hosted *h, const struct rbi_server_func *fn,
				 const struct rbi_msg *msg)
{
	struct rbi_msg written = *msg;

	if (!fn->msi.is_64bit)
		written.addr &= UINT32_MAX; /* there is no place for the rest */
	put_message(h, fn, &written, 0);
}

/* --- dwords -------------------------------------------------------------------------- */

uint32_t rbi_hosted_pcid_read(struct rbi_hosted *h, const struct rbi_server_func *fn,
			      unsigned int off)
{
	struct rbi_msg msg;
	uint32_t upper;

	if (!is_message(&fn->msi, off) || rbi_hosted_pcid_cfg_read(h, fn->config.addr, 0) ==
						  UINT32_MAX) /* gone: nothing to undo */
		return rbi_hosted_pcid_cfg_read(h, fn->config.addr, off);

	get_message(h, fn, &msg, &upper);
	if (off == data_off(&fn->msi))
		return upper | msg.data;
	return (uint32_t)(off == fn->msi.off + 4 ? msg.addr : msg.addr >> 32);
}

static void write_message(struct rbi_hosted *h, const struct rbi_server_func *fn, unsigned int off,
			  uint32_t val)
{
	struct rbi_msg msg;
	uint32_t upper;

	get_message(h, fn, &msg, &upper);
	if (off == data_off(&fn->msi)) {
		msg.data = val & 0xffff;
		upper = val & 0xffff0000;
	} else if (off == fn->msi.off + 4) {
		msg.addr = (msg.addr & ~(uint64_t)UINT32_MAX) | val;
	} else {
		msg.addr = (msg.addr & UINT32_MAX) | (uint64_t)val << 32;
	}
	put_message(h, fn, &msg, upper);
}

/* Enabling, or another number of messages: the machine must know. */
static void write_control(struct rbi_hosted *h, const struct rbi_server_func *fn, uint32_t val)
{
	struct rb_pci_addr addr = fn->config.addr;
	struct rbi_msg msg;
	uint32_t upper;

	rbi_hosted_pcid_cfg_write(h, addr, fn->msi.off, val & ~MSI_ENABLE);
	if (!(val & MSI_ENABLE))
		return;
	get_message(h, fn, &msg, &upper);
	put_message(h, fn, &msg, upper);
	rbi_hosted_pcid_cfg_write(h, addr, fn->msi.off, val);
}

void rbi_hosted_pcid_write(struct rbi_hosted *h, const struct rbi_server_func *fn, unsigned int off,
			   uint32_t val)
{
	if (is_message(&fn->msi, off))
		write_message(h, fn, off, val);
	else if (fn->msi.off != 0 && off == fn->msi.off)
		write_control(h, fn, val);
	else
		rbi_hosted_pcid_cfg_write(h, fn->config.addr, off, val);
}
