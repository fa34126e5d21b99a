/* SPDX-License-Identifier: MIT */
/*
 * mock_plug.c - devices come and go: built, put into their places, torn out.
 */
#include <stdio.h>
#include <string.h>

#include "host/mock/mock_machine.h"

/* Arguments that nobody asked for are mistakes of the machine string. */
static int check_args(const struct rb_mock_dev *dev)
{
	size_t i;

	for (i = 0; dev->spec && i < dev->spec->nargs; i++)
		if (i >= RBI_SPEC_ARGS || !dev->asked[i])
			return rbi_fail(-EINVAL, "mock: '%s' has no argument '%.64s'", dev->model,
					dev->spec->args[i].key);
	return 0;
}

/* "edu at 00:01.0"; a segment is worth its digits when there is one. */
static void name_device(struct rb_mock_dev *dev)
{
	char segment[8] = "";

	if (rb_pci_addr_segment(dev->fn) != 0)
		snprintf(segment, sizeof(segment), "%04x:", rb_pci_addr_segment(dev->fn));
	snprintf(dev->label, sizeof(dev->label), "%s at %s%02x:%02x.%x", dev->model, segment,
		 rb_pci_addr_bus(dev->fn), rb_pci_addr_device(dev->fn),
		 rb_pci_addr_function(dev->fn));
}

static int describe(struct rb_mock_dev *dev, const struct rb_pci_addr *place,
		    rb_mock_build_fn build, void *arg)
{
	int rc;

	rc = rbi_mock_choose_place(dev, place);
	if (rc < 0)
		return rc;
	name_device(dev);

	rc = build(dev, arg);
	if (rc >= 0)
		rc = dev->rc;
	else if (!rbi_code_is_ours(rc))
		rc = rbi_fail(-EIO, "mock: the build function of '%s' answered %d", dev->model, rc);
	if (rc < 0)
		return rc;

	if (!dev->has_ids)
		return rbi_fail(-EINVAL, "mock: '%s' was built without rb_mock_ids()", dev->model);
	rc = rbi_mock_msix_check(dev);
	if (rc == 0)
		rc = rbi_mock_faults_from_spec(dev);
	if (rc == 0)
		rc = check_args(dev);
	if (rc < 0)
		return rc;
	rbi_mock_reset_snapshot(dev);
	return rbi_mock_assign_bars(dev);
}

static void append(struct mock *mock, struct rb_mock_dev *dev)
{
	if (mock->devs_end)
		mock->devs_end->next = dev;
	else
		mock->devs = dev;
	mock->devs_end = dev;
	mock->ndevs++;
	rbi_mock_slot_take(dev);
	rbi_mock_bridge_plugged(dev);
	rbi_mock_decode_update(dev);
	rbi_mock_stir(mock);
}

/* The device acts no more, whether it was refused or removed. */
static void tear_out(struct rb_mock_dev *dev)
{
	unsigned int i;

	dev->gone = true;
	rbi_mock_gate_update(dev);
	rbi_mock_intx_update(dev);
	rbi_mock_forget_events(dev);
	rbi_mock_net_leave(dev);
	for (i = 0; i < MOCK_BARS; i++)
		if (dev->bars[i].flags & RB_MOCK_BAR_DIRECT)
			memset(dev->bars[i].ram, 0xff, dev->bars[i].size);
	if (dev->on_remove)
		dev->on_remove(dev, dev->on_remove_arg);
}

static int plug(struct mock *mock, const char *name, const struct rbi_spec_device *spec,
		const struct rb_pci_addr *place, rb_mock_build_fn build, void *arg,
		struct rb_mock_dev **out)
{
	struct rb_mock_dev *dev;
	int rc;

	if (mock->plugging)
		return rbi_fail(-EINVAL, "mock: '%s' is plugged in while another is built", name);
	rc = rbi_mock_space_grow(mock);
	if (rc < 0)
		return rc;
	dev = rbi_alloc(1, sizeof(*dev));
	if (!dev)
		return rbi_no_memory("a mock device");

	dev->mock = mock;
	snprintf(dev->model, sizeof(dev->model), "%s", name);
	dev->spec = spec;
	dev->cfg_size = MOCK_CFG;
	dev->building = mock->plugging = true;
	rbi_mock_cfg_reset(dev);
	rc = describe(dev, place, build, arg);
	dev->building = mock->plugging = false;
	dev->spec = NULL;
	if (rc < 0) {
		tear_out(dev);
		rbi_mock_free_dev(dev);
		return rc;
	}

	append(mock, dev);
	if (out)
		*out = dev;
	return 0;
}

int rbi_mock_plug(struct mock *mock, const char *name, const struct rbi_spec_device *spec,
		  rb_mock_build_fn build, void *arg, struct rb_mock_dev **out)
{
	return plug(mock, name, spec, NULL, build, arg, out);
}

int rbi_mock_plug_at(struct mock *mock, struct rb_pci_addr place, const char *name,
		     rb_mock_build_fn build, void *arg)
{
	return plug(mock, name, NULL, &place, build, arg, NULL);
}

void rbi_mock_free_dev(struct rb_mock_dev *dev)
{
	unsigned int i;

	for (i = 0; i <= MOCK_ROM; i++)
		rbi_mock_free_bar(&dev->bars[i]);
	rbi_free(dev->ext);
	rbi_mock_expect_free(dev);
	rbi_mock_msix_free(dev);
	rbi_mock_faults_free(dev);
	rbi_free(dev->plug);
	rbi_free(dev->state);
	rbi_free(dev);
}

int rb_mock_add(struct rb_ctx *ctx, const char *name, rb_mock_build_fn build, void *arg,
		struct rb_mock_dev **out)
{
	struct mock *mock;
	int rc;

	if (out)
		*out = NULL;
	if (!build || !rbi_mock_name_is_good(name))
		return rbi_fail(-EINVAL,
				"rb_mock_add: '%.64s' is no name for a device, or it "
				"cannot be built",
				name ? name : "(null)");
	mock = rbi_mock_of_ctx(ctx, "rb_mock_add", &rc);
	if (!mock)
		return rc;

	rbi_mock_lock(mock);
	rc = rbi_mock_plug(mock, name, NULL, build, arg, out);
	rbi_mock_unlock(mock);
	return rc;
}

struct rb_mock_dev *rb_mock_find(struct rb_ctx *ctx, const char *model, size_t index)
{
	struct rb_mock_dev *dev;
	struct mock *mock;
	int rc;

	mock = rbi_mock_of_ctx(ctx, "rb_mock_find", &rc);
	if (!mock)
		return NULL;
	rbi_mock_lock(mock);
	for (dev = mock->devs; dev; dev = dev->next)
		if ((!model || strcmp(dev->model, model) == 0) && index-- == 0)
			break;
	rbi_mock_unlock(mock);
	return dev;
}

struct rb_pci_addr rb_mock_addr(const struct rb_mock_dev *dev)
{
	struct rb_pci_addr none = { UINT32_MAX };

	return dev ? dev->fn : none;
}

void rb_mock_remove(struct rb_mock_dev *dev)
{
	struct mock *mock;

	if (!dev)
		return;
	mock = dev->mock;
	rbi_mock_lock(mock);
	if (!dev->gone && !dev->building) {
		rbi_mock_slot_leave(dev);
		tear_out(dev);
		rbi_mock_bridge_removed(dev);
		rbi_mock_stir(mock);
	}
	rbi_mock_unlock(mock);
}

/* --- the same, for <rbdrv/host.h> ---------------------------------------------------- */

int rbi_mock_op_plug(struct rbi_machine *m, const struct rbi_spec_device *device,
		     struct rb_pci_addr *fn)
{
	struct mock *mock = mock_of(m);
	struct rb_mock_dev *dev;
	rb_mock_build_fn build;
	void *arg;
	int rc;

	rc = rbi_mock_model_find(device->model, &build, &arg);
	if (rc < 0)
		return rc;
	rbi_mock_lock(mock);
	rc = rbi_mock_plug(mock, device->model, device, build, arg, &dev);
	if (rc == 0)
		*fn = dev->fn;
	rbi_mock_unlock(mock);
	return rc;
}

int rbi_mock_op_unplug(struct rbi_machine *m, struct rb_pci_addr fn)
{
	struct mock *mock = mock_of(m);
	struct rb_mock_dev *dev;

	rbi_mock_lock(mock);
	dev = rbi_mock_at(mock, fn);
	rb_mock_remove(dev);
	rbi_mock_unlock(mock);

	return dev ? 0 : rbi_fail(-ENOENT, "mock: no function at %#x", fn.sbdf);
}
