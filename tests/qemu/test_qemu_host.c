/* SPDX-License-Identifier: MIT */
/* <rbdrv/host.h>: the process behind a context. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rbdrv/host.h>
#include <rbdrv/rbdrv.h>

/* A context on QEMU with edu's registers mapped, or nothing where QEMU is absent. */
struct bench {
	struct rb_ctx *ctx;
	struct rb_pci_dev *dev;
	struct rb_mmio *regs;
};

static bool power_up(struct bench *b)
{
	struct rb_pci_filter edu = RB_PCI_FILTER_INIT;
	struct rb_pci_list *list;
	int rc;

	memset(b, 0, sizeof(*b));
	rc = rb_ctx_new("qemu:edu;timeout_ms=3000", &b->ctx);
	if (rc == -ENOTSUP)
		return false;
	assert_int_equal(rc, 0);
	edu.vendor = 0x1234;
	edu.device = 0x11e8;
	assert_int_equal(rb_pci_scan(b->ctx, &edu, &list), 0);
	assert_int_equal(rb_pci_list_count(list), 1);
	assert_int_equal(rb_pci_open(b->ctx, rb_pci_info_addr(rb_pci_list_get(list, 0)), &b->dev),
			 0);
	rb_pci_list_close(list);
	assert_int_equal(rb_mmio_map(b->dev, 0, 0, 0, RB_MMIO_UC, &b->regs), 0);
	return true;
}

static void power_down(struct bench *b)
{
	rb_mmio_close(b->regs);
	rb_pci_unref(b->dev);
	rb_ctx_unref(b->ctx);
}

static void a_context_on_qemu_has_a_process(void **state)
{
	struct bench b;
	int pid;

	(void)state;
	if (!power_up(&b))
		skip();

	pid = rb_host_pid(b.ctx);

	assert_true(pid > 0);
	assert_int_equal(kill(pid, 0), 0);
	power_down(&b);
	assert_int_equal(kill(pid, 0), -1);
}

static void killing_it_is_the_loss_of_the_machine(void **state)
{
	struct bench b;
	uint32_t val;

	(void)state;
	if (!power_up(&b))
		skip();
	assert_int_equal(rb_mmio_read32(b.regs, 0), 0x010000ed);

	assert_int_equal(rb_host_kill(b.ctx), 0);

	assert_int_equal(rb_mmio_read32(b.regs, 0), 0xffffffff);
	assert_int_equal(rb_mmio_error(b.regs), -ENODEV);
	assert_int_equal(rb_pci_config_read32(b.dev, 0, &val), -ENODEV);
	power_down(&b);
}

static void a_stopped_process_is_a_lost_machine_too(void **state)
{
	struct bench b;

	(void)state;
	if (!power_up(&b))
		skip();

	assert_int_equal(kill(rb_host_pid(b.ctx), SIGSTOP), 0);

	assert_int_equal(rb_mmio_read32(b.regs, 0), 0xffffffff);
	assert_int_equal(rb_mmio_error(b.regs), -ENODEV);
	power_down(&b);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void the_process_can_be_lost_only_once(void **state)
{
	struct bench b;
	unsigned int tries = 1000;
	int rc;

	(void)state;
	if (!power_up(&b))
		skip();
	assert_int_equal(rb_host_kill(b.ctx), 0);

	do {
		rb_delay_us(b.ctx, 1000);
		rc = rb_host_pid(b.ctx);
	} while (rc > 0 && tries-- > 0);

	assert_int_equal(rc, -ENODEV);
	assert_int_equal(rb_host_kill(b.ctx), -ENODEV);
	power_down(&b);
}

static void a_child_of_fork_may_not_kill_its_parents_machine(void **state)
{
	struct bench b;
	int status;
	pid_t pid;

	(void)state;
	if (!power_up(&b))
		skip();

	pid = fork();
	if (pid == 0)
		_exit(rb_host_kill(b.ctx) == -ENODEV && rb_host_pid(b.ctx) == -ENODEV ? 0 : 1);

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(rb_mmio_read32(b.regs, 0), 0x010000ed);
	power_down(&b);
}

static void other_machines_have_no_process(void **state)
{
	struct rb_ctx *ctx;

	(void)state;
	assert_int_equal(rb_ctx_new("mock:edu", &ctx), 0);

	assert_int_equal(rb_host_pid(ctx), -ENOTSUP);
	assert_int_equal(rb_host_kill(ctx), -ENOTSUP);

	assert_int_equal(rb_host_pid(NULL), -EINVAL);
	assert_int_equal(rb_host_kill(NULL), -EINVAL);
	rb_ctx_unref(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_context_on_qemu_has_a_process),
		cmocka_unit_test(killing_it_is_the_loss_of_the_machine),
		cmocka_unit_test(a_stopped_process_is_a_lost_machine_too),
		cmocka_unit_test(the_process_can_be_lost_only_once),
		cmocka_unit_test(a_child_of_fork_may_not_kill_its_parents_machine),
		cmocka_unit_test(other_machines_have_no_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
