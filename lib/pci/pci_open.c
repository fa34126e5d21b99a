/* SPDX-License-Identifier: MIT */
/* pci_open.c - claiming a function and giving it back. */
#include "config.h"

#include <stdio.h>

#include <rbdrv/pci_match.h>

#include "core/detail.h"
#include "pci/pci_private.h"

/* --- finding its channel --------------------------------------------------------------- */

static int compare(void *arg, struct rb_pci_addr addr, const char *name)
{
	struct rbi_pci_search *search = arg;

	if (addr.sbdf != search->addr.sbdf)
		return 0;
	snprintf(search->name, sizeof(search->name), "%s", name);
	return 1;
}

int rbi_pci_find_name(struct rbi_os *os, struct rbi_pci_search *search)
{
	char text[RB_PCI_ADDR_LEN];
	int rc;

	rc = rbi_pcid_list(os, compare, search);
	if (rc == 0)
		return rbi_fail(-ENOENT, "there is no PCI function %s",
				rb_pci_addr_format(search->addr, text));
	return rc < 0 ? rc : 0;
}

static int open_by_path(struct rb_pci_dev *dev)
{
	struct rbi_pci_search search = { .addr = dev->info.addr };
	int rc;

	rc = rbi_pci_find_name(dev->ctx->os, &search);
	if (rc < 0)
		return rc;
	return rbi_pcid_open(dev->ctx->os, search.name, &dev->channel);
}

int rbi_pci_find_inherited(struct rbi_os *os, struct rb_pci_addr addr, struct rbi_pcid **out)
{
	struct rbi_wire_function fn;
	int rc;

	rc = rbi_pcid_client(os, out);
	if (rc < 0 || !*out)
		return rc;
	rc = rbi_pcid_config(*out, &fn);
	return rc < 0 ? rc : fn.addr.sbdf == addr.sbdf;
}

/* The inherited channel if it is this function's: 1; 0 when it is not. */
static int open_inherited(struct rb_pci_dev *dev)
{
	struct rbi_pcid *channel;
	int rc;

	rc = rbi_pci_find_inherited(dev->ctx->os, dev->info.addr, &channel);
	if (rc <= 0)
		return rc;
	rc = rbi_pcid_client_claim(channel);
	if (rc < 0)
		return rc;
	dev->channel = channel;
	/* what opening by path would have done; an earlier owner may have left it off */
	rc = rbi_pcid_enable_device(channel);
	return rc < 0 ? rc : 1;
}

/* --- open -------------------------------------------------------------------------- */

static int learn(struct rb_pci_dev *dev)
{
	struct rbi_wire_function fn;
	int rc;

	rc = rbi_pcid_config(dev->channel, &fn);
	if (rc < 0)
		return rc;
	if (fn.addr.sbdf != dev->info.addr.sbdf)
		return rbi_fail(-EPROTO, "the channel of PCI function %s answers for %08x",
				dev->name, fn.addr.sbdf);
	rc = rbi_pci_check_alive(dev);
	if (rc == 0)
		rc = rbi_pci_learn_function(dev->channel, &fn, &dev->info);
	if (rc < 0)
		return rc;
	atomic_store(&dev->quirks, rb_pci_quirks_of(&dev->info));
	rbi_pci_master_is_on(dev); /* since the channel was opened */
	rbi_pci_settle_master(dev);
	rc = rbi_pci_take_bars(dev, &fn);
	if (rc < 0)
		return rc;
	dev->has_irq = fn.has_irq;
	dev->irq = fn.irq;
	return 0;
}

/*
 * Switch bus mastering off. A channel that broke leads nowhere, but whoever has closed
 * his gets another (contract 4.2): one more try, for a device that goes on writing to
 * memory is the worst that a driver can leave behind.
 */
static int quiet(struct rb_pci_dev *dev)
{
	int rc;

	rc = rb_pci_set_bus_master(dev, false);
	if (rc == 0 || rb_pci_is_gone(dev))
		return rc;
	rbi_pcid_close(dev->channel, false);
	dev->channel = NULL;
	rc = open_by_path(dev);
	return rc < 0 ? rc : rb_pci_set_bus_master(dev, false);
}

/* Bus mastering off first: what it points the device at is about to be someone else's. */
static void dev_free(struct rb_pci_dev *dev)
{
	struct rb_ctx *ctx = dev->ctx;
	bool forked = !rbi_ctx_is_ours(ctx);
	struct rbi_detail detail;

	rbi_detail_keep(&detail);
	if (dev->channel && !forked && !rb_pci_is_gone(dev) && quiet(dev) < 0)
		rbi_log(ctx, RB_LOG_WARN, "%s: bus mastering could not be switched off: %s",
			dev->name, rb_last_error());
	rbi_detail_restore(&detail);
	rbi_pci_dma_free(dev);
	rbi_pcid_close(dev->channel, forked);
	pthread_mutex_destroy(&dev->gone_lock);
	pthread_mutex_destroy(&dev->lock);
	rbi_pci_view_free_dev(dev->view);
	rbi_free(dev);
	rb_ctx_unref(ctx);
}

static struct rb_pci_dev *dev_alloc(struct rb_ctx *ctx, struct rb_pci_addr addr)
{
	struct rb_pci_dev *dev = rbi_alloc(1, sizeof(*dev));

	if (!dev)
		return NULL;
	if (pthread_mutex_init(&dev->lock, NULL) != 0) {
		rbi_free(dev);
		return NULL;
	}
	if (pthread_mutex_init(&dev->gone_lock, NULL) != 0) {
		pthread_mutex_destroy(&dev->lock);
		rbi_free(dev);
		return NULL;
	}
	atomic_init(&dev->refs, 1);
	atomic_init(&dev->presence, RBI_PCI_PRESENT);
	atomic_init(&dev->irq_claimed, false);
	atomic_init(&dev->recovering, false);
	atomic_init(&dev->asking, 0);
	atomic_init(&dev->quirks, 0);
	atomic_init(&dev->dma_state, NULL);
	atomic_init(&dev->dma_keeps, false);
	atomic_init(&dev->master_ready_ns, 0);
	dev->ctx = rb_ctx_ref(ctx);
	dev->info.addr = addr;
	rb_pci_addr_format(addr, dev->name);
	dev->view = rbi_pci_view_new_dev(dev);
	if (!dev->view) {
		dev_free(dev);
		return NULL;
	}
	return dev;
}

int rb_pci_open(struct rb_ctx *ctx, struct rb_pci_addr addr, struct rb_pci_dev **out)
{
	struct rb_pci_dev *dev;
	int rc;

	if (!out)
		return rbi_fail(-EINVAL, "rb_pci_open: NULL");
	*out = NULL;
	rc = rbi_ctx_check(ctx, "rb_pci_open");
	if (rc < 0)
		return rc;

	dev = dev_alloc(ctx, addr);
	if (!dev)
		return rbi_no_memory("a PCI device");
	rc = open_inherited(dev);
	if (rc == 0)
		rc = open_by_path(dev);
	if (rc >= 0)
		rc = learn(dev);
	if (rc < 0) {
		dev_free(dev);
		return rc;
	}

	rbi_live_add(ctx, &dev->live, "PCI device", "%s", dev->name);
	*out = dev;
	return 0;
}

struct rb_pci_dev *rb_pci_ref(struct rb_pci_dev *dev)
{
	if (dev)
		atomic_fetch_add_explicit(&dev->refs, 1, memory_order_relaxed);
	return dev;
}

void rb_pci_unref(struct rb_pci_dev *dev)
{
	if (!dev || atomic_fetch_sub_explicit(&dev->refs, 1, memory_order_acq_rel) != 1)
		return;
	rbi_live_del(dev->ctx, &dev->live);
	dev_free(dev);
}

/* --- what other rooms ask ---------------------------------------------------------------- */

const struct rb_pci_info *rb_pci_info(const struct rb_pci_dev *dev)
{
	return dev ? &dev->info : NULL;
}

struct rb_ctx *rbi_pci_ctx(const struct rb_pci_dev *dev)
{
	return dev ? dev->ctx : NULL;
}

const char *rbi_pci_name(const struct rb_pci_dev *dev)
{
	return dev->name;
}

struct rbi_pcid *rbi_pci_channel(const struct rb_pci_dev *dev)
{
	return dev->channel;
}

bool rbi_pci_legacy_irq(const struct rb_pci_dev *dev, struct rbi_wire_irq *irq)
{
	if (dev->has_irq)
		*irq = dev->irq;
	return dev->has_irq;
}
