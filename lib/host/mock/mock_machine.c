/* SPDX-License-Identifier: MIT */
/*
 * mock_machine.c - machine "mock": its life, its options, its table.
 */
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "host/mock/mock_dump.h"
#include "host/mock/mock_machine.h"

void rbi_mock_lock(struct mock *mock)
{
	pthread_mutex_lock(&mock->lock);
	mock->depth++;
}

void rbi_mock_unlock(struct mock *mock)
{
	int fd = -1;

	if (--mock->depth == 0) {
		fd = mock->ringing;
		mock->ringing = -1;
	}
	pthread_mutex_unlock(&mock->lock);
	if (RB_UNLIKELY(fd >= 0))
		(void)eventfd_write(fd, 1);
}

static int mock_claim(struct rbi_machine *m, struct rb_pci_addr fn)
{
	struct mock *mock = mock_of(m);
	bool there;

	rbi_mock_lock(mock);
	there = rbi_mock_at(mock, fn) != NULL;
	rbi_mock_unlock(mock);

	return there ? 0 : rbi_fail(-ENODEV, "mock: no function at %#x", fn.sbdf);
}

static void mock_release(struct rbi_machine *m, struct rb_pci_addr fn)
{
	(void)m;
	(void)fn;
}

/* @forked: another thread of the parent may hold the lock for ever, and hooks are
 * the parent's business. */
static void mock_destroy(struct rbi_machine *m, bool forked)
{
	struct mock *mock = mock_of(m);
	struct rb_mock_dev *dev;

	rbi_mock_nets_stop(mock, forked);
	rbi_mock_time_free(mock, forked);

	for (dev = mock->devs; dev && !forked; dev = dev->next)
		rb_mock_remove(dev);

	while ((dev = mock->devs) != NULL) {
		mock->devs = dev->next;
		rbi_mock_free_dev(dev);
	}
	rbi_mock_nets_free(mock);
	rbi_mock_space_free(mock);
	rbi_mock_slots_free(mock);
	rbi_mock_dma_free(mock);
	rbi_mock_irq_free(mock);
	rbi_free(mock->events);
	if (!forked)
		pthread_mutex_destroy(&mock->lock);
	rbi_free(mock);
}

static const struct rbi_machine_ops mock_ops = {
	.functions = rbi_mock_op_functions,
	.cfg_read = rbi_mock_op_cfg_read,
	.cfg_write = rbi_mock_op_cfg_write,
	.cfg_size = rbi_mock_op_cfg_size,
	.claim = mock_claim,
	.release = mock_release,
	.reset = rbi_mock_op_reset,
	.plug = rbi_mock_op_plug,
	.unplug = rbi_mock_op_unplug,
	.net_fd = rbi_mock_op_net_fd,
	.net_link = rbi_mock_op_net_link,
	.is_ram = rbi_mock_op_is_ram,
	.map = rbi_mock_op_map,
	.unmap = rbi_mock_op_unmap,
	.mem_read = rbi_mock_op_mem_read,
	.mem_write = rbi_mock_op_mem_write,
	.port_read = rbi_mock_op_port_read,
	.port_write = rbi_mock_op_port_write,
	.ram = rbi_mock_op_ram,
	.ram_map = rbi_mock_op_ram_map,
	.ram_unmap = rbi_mock_op_ram_unmap,
	.dma_map = rbi_mock_op_dma_map,
	.dma_unmap = rbi_mock_op_dma_unmap,
	.dma_publish = rbi_mock_op_dma_publish,
	.dma_observe = rbi_mock_op_dma_observe,
	.dma_note = rbi_mock_op_dma_note,
	.irq_count = rbi_mock_op_irq_count,
	.intx = rbi_mock_op_intx,
	.irq_fd = rbi_mock_op_irq_fd,
	.irq_take = rbi_mock_op_irq_take,
	.irq_unmask = rbi_mock_op_irq_unmask,
	.msg_connect = rbi_mock_op_msg_connect,
	.msg_undo = rbi_mock_op_msg_undo,
	.clock = rbi_mock_op_clock,
	.wait = rbi_mock_op_wait,
	.delay = rbi_mock_op_delay,
	.violation = rbi_mock_op_violation,
	.destroy = mock_destroy,
};

struct mock *rbi_mock_of_ctx(struct rb_ctx *ctx, const char *call, int *rc)
{
	struct rbi_machine *machine;

	*rc = 0;
	if (!ctx)
		*rc = rbi_fail(-EINVAL, "%s: context is NULL", call);
	else if (ctx->pid != (long)getpid())
		*rc = rbi_fail(-ENODEV, "%s: the context belongs to process %ld", call, ctx->pid);
	if (*rc < 0)
		return NULL;

	machine = rbi_hosted_machine(ctx->sys);
	if (machine && machine->ops == &mock_ops)
		return mock_of(machine);
	*rc = rbi_fail(-EINVAL, "%s: the machine of '%s' is no mock", call, rb_ctx_machine(ctx));
	return NULL;
}

static int read_options(struct mock *mock, const struct rbi_spec *spec)
{
	const char *time = rbi_spec_option(spec, "time");
	int rc;

	mock->tick = MOCK_TICK_NS;
	mock->dog.limit = MOCK_WATCHDOG;
	mock->hang_ms = MOCK_HANG_MS;
	mock->seed = MOCK_SEED;

	rc = rbi_spec_number(spec, "tick", 0, MOCK_TICK_MAX_NS, &mock->tick);
	if (rc == 0)
		rc = rbi_spec_number(spec, "watchdog", 0, UINT32_MAX, &mock->dog.limit);
	if (rc == 0)
		rc = rbi_spec_number(spec, "hang", 0, UINT32_MAX, &mock->hang_ms);
	if (rc == 0)
		rc = rbi_spec_number(spec, "seed", 0, UINT64_MAX, &mock->seed);
	if (rc == 0)
		rc = rbi_mock_ram_init(mock, spec);
	if (rc < 0)
		return rc;

	if (time && strcmp(time, "real") == 0)
		mock->real = true;
	else if (time && strcmp(time, "virtual") != 0)
		return rbi_fail(-EINVAL, "mock: time=%s is neither 'virtual' nor 'real'", time);

	return 0;
}

static int plug_devices(struct mock *mock, const struct rbi_spec *spec)
{
	size_t i;
	int rc = 0;

	rbi_mock_lock(mock);
	for (i = 0; i < spec->ndevices && rc == 0; i++) {
		const struct rbi_spec_device *device = &spec->devices[i];
		rb_mock_build_fn build;
		void *arg;

		rc = rbi_mock_model_find(device->model, &build, &arg);
		if (rc == 0)
			rc = rbi_mock_plug(mock, device->model, device, build, arg, NULL);
	}
	rbi_mock_unlock(mock);
	return rc;
}

static int init_lock(struct mock *mock)
{
	pthread_mutexattr_t attr;
	int err;

	err = pthread_mutexattr_init(&attr);
	if (err == 0) {
		err = pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
		if (err == 0)
			err = pthread_mutex_init(&mock->lock, &attr);
		pthread_mutexattr_destroy(&attr);
	}
	return err == 0 ? 0 : rbi_no_memory("the mock's lock");
}

int rbi_mock_machine_new(const struct rbi_spec *spec, struct rbi_machine **out)
{
	struct mock *mock;
	int rc;

	*out = NULL;

	mock = rbi_alloc(1, sizeof(*mock));
	if (!mock)
		return rbi_no_memory("the mock");
	mock->machine.ops = &mock_ops;
	mock->ringing = -1;
	mock->machine.name = "mock";
	rbi_mock_pools_init(mock);
	mock->due = mock->alarm = INT64_MAX;
	mock->wake_fd = -1;
	rbi_mock_irq_init(mock);

	rc = init_lock(mock);
	if (rc < 0) {
		rbi_free(mock);
		return rc;
	}

	rc = read_options(mock, spec);
	if (rc == 0)
		rc = rbi_mock_events_init(mock);
	if (rc == 0)
		rc = rbi_mock_time_init(mock);
	if (rc == 0)
		rc = rbi_mock_nets_init(mock, spec);
	if (rc == 0 && rbi_spec_option(spec, "dump"))
		rc = rbi_mock_dump_load(mock, rbi_spec_option(spec, "dump"));
	if (rc == 0)
		rc = plug_devices(mock, spec);
	if (rc < 0) {
		mock_destroy(&mock->machine, false);
		return rc;
	}

	mock->started = true;
	*out = &mock->machine;
	return 0;
}
