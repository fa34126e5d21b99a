/* SPDX-License-Identifier: MIT */
/* Machine qemu: what goes wrong at the start, and what a string may not say. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/qemu/qemu_args.h"
#include "rig.h"

#define NEEDS_QEMU()                 \
	do {                         \
		if (!rig_has_qemu()) \
			skip();      \
	} while (0)

static char fake[] = "/tmp/rbdrv-fake-qemu-XXXXXX";

static int make_fake(void **state)
{
	int fd = mkstemp(fake);

	(void)state;
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static int remove_fake(void **state)
{
	(void)state;
	unlink(fake);
	return 0;
}

/* Let a shell script play QEMU until the end of the test. */
static void write_fake(const char *script)
{
	int fd = open(fake, O_WRONLY | O_TRUNC | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, script, strlen(script)), strlen(script));
	close(fd);
	assert_int_equal(chmod(fake, 0700), 0);
	assert_int_equal(setenv("RBDRV_QEMU", fake, 1), 0);
}

static int forget_fake(void **state)
{
	(void)state;
	unsetenv("RBDRV_QEMU");
	return 0;
}

/* Start @text, which must fail with @code, say @words and leave nothing behind. */
static void refuse(const char *text, int code, const char *words)
{
	unsigned int fds = rig_count_fds(), threads = rig_count_threads();
	bool children = rig_has_children();
	struct rig rig;
	int rc = rig_try(&rig, text);

	rbi_spec_free(rig.spec);
	if (rc != code || !strstr(rb_last_error(), words))
		fail_msg("'%.60s': %d instead of %d; '%s' instead of '%s'", text, rc, code,
			 rb_last_error(), words);
	assert_null(rig.m);
	assert_int_equal(rig_count_fds(), fds);
	assert_int_equal(rig_count_threads(), threads);
	assert_int_equal(rig_has_children(), children);
}

/* --- QEMU's own refusals ----------------------------------------------------------------- */

static void an_unknown_model_is_not_found(void **state)
{
	(void)state;
	NEEDS_QEMU();

	refuse("qemu:no-such-thing", -ENOENT, "no-such-thing");
}

static void a_bad_property_is_refused_in_qemus_words(void **state)
{
	(void)state;
	NEEDS_QEMU();

	refuse("qemu:edu,foo=1", -EINVAL, "Property 'edu.foo' not found");
	refuse("qemu:edu,dma_mask=many", -EINVAL, "Parameter 'dma_mask' expects integer");
	refuse("qemu:edu;edu,addr=0x18", -EINVAL, "PCI: slot 24");
}

static void a_device_that_is_none_of_pci_is_refused(void **state)
{
	(void)state;
	NEEDS_QEMU();

	refuse("qemu:loader,addr=3", -EINVAL, "QEMU refuses device 'loader'");
	refuse("qemu:isa-serial", -EINVAL, "QEMU refuses device 'isa-serial'");
}

static void what_qemu_says_of_a_drive_is_passed_on(void **state)
{
	(void)state;
	NEEDS_QEMU();

	refuse("qemu:nvme,drive=d0;drive.d0=1", -EINVAL, "serial property not set");
	refuse("qemu:nvme,drive=d0,serial=a;nvme,drive=d0,serial=b;drive.d0=1", -EINVAL,
	       "QEMU refuses device 'nvme'");
	refuse("qemu:edu,drive=d0;drive.d0=1", -EINVAL, "'edu.drive' not found");
}

static void a_bar_that_fits_nowhere_is_refused(void **state)
{
	(void)state;
	NEEDS_QEMU();

	refuse("qemu:bochs-display,vgamem=256M;bochs-display,vgamem=256M;bochs-display,vgamem=256M;"
	       "bochs-display,vgamem=256M",
	       -EINVAL, "finds no place");
}

/* --- strings ----------------------------------------------------------------------------- */

static void options_are_checked(void **state)
{
	(void)state;

	refuse("qemu:edu;memory=15", -EINVAL, "memory");
	refuse("qemu:edu;memory=2049", -EINVAL, "memory");
	refuse("qemu:edu;memory=much", -EINVAL, "memory");
	refuse("qemu:edu;vectors=63", -EINVAL, "vectors");
	refuse("qemu:edu;vectors=257", -EINVAL, "vectors");
	refuse("qemu:edu;timeout_ms=0", -EINVAL, "timeout_ms");
	refuse("qemu:edu;icount=maybe", -EINVAL, "icount='maybe'");
	refuse("qemu:edu;net.n0=bridge", -EINVAL, "'n0'");
	refuse("qemu:edu;drive.d0=disk.img", -EINVAL, "drive.d0");
	refuse("qemu:edu;drive.d0=0", -EINVAL, "drive.d0");
	refuse("qemu:edu;drive.d0=1025", -EINVAL, "drive.d0");
	refuse("qemu:edu;drive.d0=1,readonly=on", -EINVAL, "drive.d0");
	refuse("qemu:edu;drive.0d=1", -EINVAL, "a drive's name");
	refuse("qemu:edu;drive.#block=1", -EINVAL, "a drive's name");
	refuse("qemu:edu;drive.a/b=1", -EINVAL, "a drive's name");
	refuse("qemu:edu;drive.a\\=b=1", -EINVAL, "a drive's name");
	refuse("qemu:edu;drive.a2345678901234567890123456789012=1", -EINVAL, "a drive's name");
	refuse("qemu:edu;drive.a=1;drive.b=1;drive.c=1;drive.d=1;drive.e=1;drive.f=1;drive.g=1;"
	       "drive.h=1;drive.i=1",
	       -EINVAL, "at most 8 drives");
	refuse("qemu:edu;drive.a=1;drive.a=2", -EINVAL, "twice");
}

static void nothing_of_the_host_can_be_given_to_qemu(void **state)
{
	(void)state;

	refuse("qemu:e1000e,romfile=/etc/passwd", -ENOTSUP, "romfile");
	refuse("qemu:nvme,drive=d0", -EINVAL, "there is no drive 'd0'");
	refuse("qemu:nvme,drive=;drive.d0=1", -EINVAL, "there is no drive ''");
	refuse("qemu:nvme,drive=/etc/passwd;drive.d0=1", -EINVAL, "there is no drive");
	refuse("qemu:e1000e,netdev=n0", -EINVAL, "'n0'");
	refuse("qemu:pci-serial,chardev=rbdrv.qtest", -ENOTSUP, "chardev");
	refuse("qemu:ivshmem-plain,memdev=ram0", -ENOTSUP, "memdev");
	refuse("qemu:vfio-pci,host=00:02.0", -ENOTSUP, "vfio-pci");
	refuse("qemu:vhost-vsock-pci,guest-cid=3", -ENOTSUP, "vhost-vsock-pci");
	refuse("qemu:virtio-net-pci,vhostfd=3", -ENOTSUP, "vhostfd");
	refuse("qemu:loader,file=/etc/passwd", -ENOTSUP, "file");
	refuse("qemu:usb-host,hostdevice=/dev/bus/usb/001/001", -ENOTSUP, "hostdevice");
	refuse("qemu:virtio-9p-pci,fsdev=f", -ENOTSUP, "fsdev");
}

static void names_are_names(void **state)
{
	(void)state;

	refuse("qemu:help", -EINVAL, "'help' is no name");
	refuse("qemu:?", -EINVAL, "'?' is no name");
	refuse("qemu:{\"driver\":\"edu\"}", -EINVAL, "is no name");
	refuse("qemu:edu,help", -EINVAL, "'help' is no name of a property");
	refuse("qemu:edu,?", -EINVAL, "'?' is no name of a property");
	refuse("qemu:edu\\,romfile\\=x", -EINVAL, "is no name of a device");
	refuse("qemu:edu,a b=1", -EINVAL, "'a b' is no name of a property");
}

static void a_value_with_commas_stays_one_value(void **state)
{
	(void)state;
	NEEDS_QEMU();

	refuse("qemu:edu,dma_mask=1\\,romfile\\=/etc/passwd", -EINVAL,
	       "Parameter 'dma_mask' expects integer");
}

/* A spec made by hand, for the parser lets no such bytes pass. */
static void refuse_device(const char *model, const char *key, const char *value)
{
	struct rbi_spec_arg arg = { (char *)key, (char *)value };
	struct rbi_spec_device dev = { (char *)model, &arg, 1 };
	struct rbi_spec spec = { .machine = (char *)"qemu", .devices = &dev, .ndevices = 1 };
	struct rbi_machine *m;

	assert_int_equal(rbi_qemu_machine_new(&spec, &m), -EINVAL);
	assert_null(m);
}

static void control_bytes_are_refused(void **state)
{
	(void)state;

	refuse_device("edu\nquit", "addr", "3");
	refuse_device("edu", "addr\n", "3");
	refuse_device("edu", "addr", "3\nwriteb 0 0");
	refuse_device("edu", "addr", "\x7f");
	refuse_device("", "addr", "3");
	refuse_device("edu", "", "3");
}

static void more_devices_than_root_ports_are_refused(void **state)
{
	char text[1024] = "qemu:edu";
	unsigned int i;

	(void)state;
	for (i = 0; i < RBI_QEMU_PORTS; i++)
		strcat(text, ";edu");

	refuse(text, -EINVAL, "65 devices want a root port");
}

static void as_many_devices_as_root_ports_start(void **state)
{
	struct rb_pci_addr fns[256];
	char text[1024] = "qemu:edu";
	struct rig rig;
	unsigned int i;

	(void)state;
	NEEDS_QEMU();
	for (i = 1; i < RBI_QEMU_PORTS; i++)
		strcat(text, ";edu");

	rig_start(&rig, text);

	assert_int_equal(rig.m->ops->functions(rig.m, fns, 256), 64 + 64 + 4 + 4);
	assert_int_equal(rig_read(&rig, 7, EDU_REG_ID), 0x010000ed);
	rig_stop(&rig);
}

static void a_command_line_beyond_the_systems_limit_is_refused(void **state)
{
	char *value = malloc(300000);
	struct rbi_spec_arg arg = { (char *)"serial", value };
	struct rbi_spec_device dev = { (char *)"edu", &arg, 1 };
	struct rbi_spec spec = { .machine = (char *)"qemu", .devices = &dev, .ndevices = 1 };
	struct rbi_machine *m;

	(void)state;
	NEEDS_QEMU();
	assert_non_null(value);
	memset(value, 'x', 299999);
	value[299999] = '\0';

	assert_int_equal(rbi_qemu_machine_new(&spec, &m), -EINVAL);

	assert_null(m);
	free(value);
}

/* --- other kinds of devices -------------------------------------------------------------- */

static void prefetchable_64_bit_bars_lie_above_4_gib(void **state)
{
	struct rb_pci_addr fns[64];
	struct rig rig;
	uint64_t bar = 0, val;
	int i, n;

	(void)state;
	NEEDS_QEMU();

	rig_start(&rig, "qemu:virtio-rng-pci,disable-legacy=on");

	n = rig.m->ops->functions(rig.m, fns, 64);
	for (i = 0; i < n; i++) {
		if (rig_cfg(&rig, fns[i], 0, 4) != 0x10441af4)
			continue;
		bar = (uint64_t)rig_cfg(&rig, fns[i], 0x24, 4) << 32 |
		      (rig_cfg(&rig, fns[i], 0x20, 4) & ~15u);
		rig_cfg_set(&rig, fns[i], CFG_COMMAND, 2, 2);
	}
	assert_true(bar >= UINT64_C(0x4000000000));
	assert_int_equal(rig.m->ops->mem_read(rig.m, bar, 4, &val), 0); /* feature select */
	assert_int_equal(val, 0);
	rig_stop(&rig);
}

static void a_device_may_be_placed_by_hand(void **state)
{
	struct rig rig;

	(void)state;
	NEEDS_QEMU();

	rig_start(&rig, "qemu:edu,addr=5;pcie-root-port,id=mine,addr=6;edu,bus=mine;"
			"pcie-pci-bridge,id=old,bus=pcie.0,addr=7");

	assert_int_equal(rig.count, 2);
	assert_int_equal(rig.edu[0].sbdf, 5 << 3);
	assert_int_equal(rb_pci_addr_bus(rig.edu[1]), 1);
	assert_int_equal(rig_read(&rig, 0, EDU_REG_ID), 0x010000ed);
	assert_int_equal(rig_read(&rig, 1, EDU_REG_ID), 0x010000ed);
	rig_stop(&rig);
}

static void the_number_of_vectors_can_be_chosen(void **state)
{
	struct rig rig;

	(void)state;
	NEEDS_QEMU();

	rig_start(&rig, "qemu:edu;vectors=256;memory=16");

	assert_int_equal(rig.m->ops->irq_count(rig.m), 224);
	assert_true(rig.m->ops->irq_fd(rig.m, 223) >= 0);
	rig_stop(&rig);
}

/* --- the program ------------------------------------------------------------------------- */

static void a_missing_program_is_not_supported(void **state)
{
	(void)state;

	setenv("RBDRV_QEMU", "/nonexistent/qemu", 1);
	refuse("qemu:edu", -ENOTSUP, "/nonexistent/qemu");
	setenv("RBDRV_QEMU", "no-such-qemu-on-path", 1);
	refuse("qemu:edu", -ENOTSUP, "no-such-qemu-on-path");
}

static void a_file_that_is_no_program_is_refused(void **state)
{
	(void)state;
	write_fake("rubbish");

	chmod(fake, 0600);
	refuse("qemu:edu", -EACCES, fake);
	chmod(fake, 0700);
	refuse("qemu:edu", -EIO, "cannot be run");
	write_fake("#!/nonexistent/interpreter\n");
	refuse("qemu:edu", -ENOTSUP, "interpreter");
	assert_int_equal(setenv("RBDRV_QEMU", "/tmp", 1), 0);
	refuse("qemu:edu", -EACCES, "'/tmp'");
}

static void a_program_that_ends_at_once_is_reported_with_its_last_words(void **state)
{
	(void)state;

	write_fake("#!/bin/sh\nexit 3\n");
	refuse("qemu:edu", -EIO, "exit status 3");
	write_fake("#!/bin/sh\necho out of luck >&2\nexit 1\n");
	refuse("qemu:edu", -EIO, "out of luck");
	write_fake("#!/bin/sh\nkill -SEGV $$\n");
	refuse("qemu:edu", -EIO, "signal 11");
}

/* What QEMU 7.2 says without libslirp, and older ones of dgram, which they do not know. */
static void a_qemu_without_a_kind_of_network_is_not_at_fault(void **state)
{
	(void)state;

	write_fake("#!/bin/sh\necho \"qemu: -netdev user,id=n0,restrict=off: network backend 'user' is "
		   "not compiled into this binary\" >&2\nexit 1\n");
	refuse("qemu:edu;net.n0=user", -ENOTSUP, "kind user");
	write_fake("#!/bin/sh\necho \"qemu: -netdev dgram,id=n1,local.type=fd,local.str=8: Parameter "
		   "'type' does not accept value 'dgram'\" >&2\nexit 1\n");
	refuse("qemu:edu;net.n0=user;net.n1=dgram", -ENOTSUP, "'n1'");
	write_fake("#!/bin/sh\necho \"qemu: -netdev user,id=n0,restrict=off: no such luck\" >&2\n"
		   "exit 1\n");
	refuse("qemu:edu;net.n0=user", -EINVAL, "refuses network 'n0': no such luck");
}

static void only_the_last_of_many_words_are_kept(void **state)
{
	(void)state;

	write_fake("#!/bin/sh\ni=0\nwhile [ $i -lt 3000 ]; do echo line $i of nonsense; "
		   "i=$((i+1)); done\necho the end\nexit 1\n");

	refuse("qemu:edu", -EIO, "the end");
}

static void a_silent_program_is_given_up(void **state)
{
	(void)state;

	write_fake("#!/bin/sh\necho still thinking\nexec sleep 60\n");

	refuse("qemu:edu;timeout_ms=150", -ETIMEDOUT, "still thinking");
}

static void a_program_that_talks_without_end_is_given_up(void **state)
{
	(void)state;

	write_fake("#!/bin/sh\nyes talk & exec yes talk\n");
	refuse("qemu:edu;timeout_ms=200", -ETIMEDOUT, "talk talk talk");
}

static void a_frugal_limit_of_descriptors_is_not_qemus(void **state)
{
	struct rlimit frugal, before;
	char words[64];

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	if (before.rlim_max == RLIM_INFINITY || before.rlim_max <= 300)
		skip();
	frugal = before;
	frugal.rlim_cur = 300;
	snprintf(words, sizeof(words), "limit %llu.", (unsigned long long)before.rlim_max);
	write_fake("#!/bin/sh\necho limit `ulimit -n`. >&2\nexit 1\n");

	assert_int_equal(setrlimit(RLIMIT_NOFILE, &frugal), 0);
	refuse("qemu:edu", -EIO, words);

	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

static void a_limit_of_file_sizes_ends_no_process(void **state)
{
	struct rlimit small, before;

	(void)state;
	NEEDS_QEMU();
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 1 << 20;

	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	refuse("qemu:edu", -ENOMEM, "files may have 1048576");

	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
}

static void a_program_that_talks_nonsense_is_given_up(void **state)
{
	(void)state;

	write_fake("#!/bin/sh\necho hello >&5\nexec sleep 60\n");
	refuse("qemu:edu;timeout_ms=2000", -EIO, "nonsense");
	write_fake("#!/bin/sh\necho IRQ raise potato >&5\nexec sleep 60\n");
	refuse("qemu:edu;timeout_ms=2000", -EIO, "nonsense");
	write_fake("#!/bin/sh\ncat /dev/zero >&5\nexec sleep 60\n");
	refuse("qemu:edu;timeout_ms=2000", -EIO, "a line without an end");
}

static void a_program_that_only_reports_interrupts_is_silent(void **state)
{
	(void)state;

	write_fake("#!/bin/sh\nwhile :; do echo IRQ raise 20; echo IRQ lower 20; done >&5\n");

	refuse("qemu:edu;timeout_ms=150", -ETIMEDOUT, "did not answer within 150 ms");
}

static void another_machine_is_not_taken_for_ours(void **state)
{
	(void)state;

	write_fake("#!/bin/sh\nwhile read c a b; do case $c in in*) echo OK 0x12378086 ;; "
		   "*) echo OK ;; esac; done <&5 >&5\n");

	refuse("qemu:edu;timeout_ms=2000", -EIO, "12378086");
}

static void a_program_inherits_what_is_meant_for_it_and_nothing_else(void **state)
{
	int leak = open("/dev/null", O_RDWR), high;

	(void)state;
	assert_true(leak >= 0);
	high = fcntl(leak, F_DUPFD, 200); /* not close-on-exec, as a careless program has it */
	assert_true(high >= 200);

	write_fake("#!/bin/sh\nfor f in /proc/$$/fd/*; do printf '<%s>' ${f##*/}; done\nexit 1\n");
	refuse("qemu:edu", -EIO, "<3><4><5><6><7>");

	assert_null(strstr(rb_last_error(), "<9>")); /* 8 is the shell's own look at the list */
	assert_null(strstr(rb_last_error(), "<200>"));
	close(high);
	close(leak);
}

static void a_start_without_memory_leaves_nothing(void **state)
{
	unsigned long n, made;
	struct rig rig;

	(void)state;
	NEEDS_QEMU();
	rbi_alloc_fail_at(0);
	rig_start(&rig, "qemu:edu,addr=3;edu;net.n=dgram;net.u=user");
	made = rbi_alloc_fail_at(0);
	rig_stop(&rig);

	for (n = 1; n <= made; n++) {
		rbi_alloc_fail_at(n);
		refuse("qemu:edu,addr=3;edu;net.n=dgram;net.u=user", -ENOMEM, "");
	}
	rbi_alloc_fail_at(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unknown_model_is_not_found),
		cmocka_unit_test(a_bad_property_is_refused_in_qemus_words),
		cmocka_unit_test(a_device_that_is_none_of_pci_is_refused),
		cmocka_unit_test(what_qemu_says_of_a_drive_is_passed_on),
		cmocka_unit_test(a_bar_that_fits_nowhere_is_refused),
		cmocka_unit_test(options_are_checked),
		cmocka_unit_test(nothing_of_the_host_can_be_given_to_qemu),
		cmocka_unit_test(names_are_names),
		cmocka_unit_test(a_value_with_commas_stays_one_value),
		cmocka_unit_test(control_bytes_are_refused),
		cmocka_unit_test(more_devices_than_root_ports_are_refused),
		cmocka_unit_test(as_many_devices_as_root_ports_start),
		cmocka_unit_test(a_command_line_beyond_the_systems_limit_is_refused),
		cmocka_unit_test(prefetchable_64_bit_bars_lie_above_4_gib),
		cmocka_unit_test(a_device_may_be_placed_by_hand),
		cmocka_unit_test(the_number_of_vectors_can_be_chosen),
		cmocka_unit_test_teardown(a_missing_program_is_not_supported, forget_fake),
		cmocka_unit_test_teardown(a_file_that_is_no_program_is_refused, forget_fake),
		cmocka_unit_test_teardown(
			a_program_that_ends_at_once_is_reported_with_its_last_words, forget_fake),
		cmocka_unit_test_teardown(a_qemu_without_a_kind_of_network_is_not_at_fault, forget_fake),
		cmocka_unit_test_teardown(only_the_last_of_many_words_are_kept, forget_fake),
		cmocka_unit_test_teardown(a_silent_program_is_given_up, forget_fake),
		cmocka_unit_test_teardown(a_program_that_talks_without_end_is_given_up,
					  forget_fake),
		cmocka_unit_test_teardown(a_frugal_limit_of_descriptors_is_not_qemus, forget_fake),
		cmocka_unit_test(a_limit_of_file_sizes_ends_no_process),
		cmocka_unit_test_teardown(a_program_that_talks_nonsense_is_given_up, forget_fake),
		cmocka_unit_test_teardown(a_program_that_only_reports_interrupts_is_silent,
					  forget_fake),
		cmocka_unit_test_teardown(another_machine_is_not_taken_for_ours, forget_fake),
		cmocka_unit_test_teardown(a_program_inherits_what_is_meant_for_it_and_nothing_else,
					  forget_fake),
		cmocka_unit_test(a_start_without_memory_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, make_fake, remove_fake);
}
