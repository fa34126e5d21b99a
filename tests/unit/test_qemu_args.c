/* SPDX-License-Identifier: MIT */
/* From a machine string to QEMU's command line, and the handshake of the doorbell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/core.h"
#include "host/qemu/ivshmem.h"
#include "host/qemu/qemu_args.h"

static const char *const known[] = { "memory", "timeout_ms", "vectors", "icount", "slots",
				      "drive.", "net.",	      NULL };

static struct rbi_spec *parse(const char *text)
{
	struct rbi_spec *spec;

	assert_int_equal(rbi_spec_parse(text, known, &spec), 0);
	return spec;
}

static char **argv_of(const char *text)
{
	struct rbi_spec *spec = parse(text);
	struct rbi_qemu_options opt;
	char **argv;

	assert_int_equal(rbi_qemu_options(spec, &opt), 0);
	assert_int_equal(rbi_qemu_check_devices(spec, &opt), 0);
	assert_int_equal(rbi_qemu_argv("/bin/qemu", spec, &opt, &argv), 0);
	rbi_spec_free(spec);
	return argv;
}

/* The @n-th argument of -device, from 0. */
static const char *device(char **argv, unsigned int n)
{
	for (; *argv; argv++) {
		if (strcmp(*argv, "-device") == 0 && n-- == 0)
			return argv[1];
	}
	fail();
	return NULL;
}

static const char *after(char **argv, const char *option)
{
	for (; *argv; argv++) {
		if (strcmp(*argv, option) == 0)
			return argv[1];
	}
	return NULL;
}

static void options_have_defaults(void **state)
{
	struct rbi_spec *spec = parse("qemu:edu");
	struct rbi_qemu_options opt;

	(void)state;

	assert_int_equal(rbi_qemu_options(spec, &opt), 0);

	assert_int_equal(opt.memory, 64 << 20);
	assert_int_equal(opt.timeout_ms, 5000);
	assert_int_equal(opt.vectors, 128);
	assert_false(opt.icount);
	rbi_spec_free(spec);
}

static void a_drive_is_an_inherited_descriptor(void **state)
{
	char **argv = argv_of("qemu:nvme,drive=d.1,serial=a\\,b;drive.d.1=3");

	(void)state;

	assert_string_equal(after(argv, "-add-fd"), "fd=8,set=0");
	assert_string_equal(after(argv, "-blockdev"),
			    "driver=file,node-name=d.1,filename=/dev/fdset/0,locking=off");
	assert_non_null(strstr(device(argv, 2), "nvme,drive=d.1,serial=a,,b,"));
	rbi_qemu_argv_free(argv);
}

/* What is wrong with @text: options or devices. */
static void refused(const char *text, int code, const char *words)
{
	struct rbi_spec *spec = parse(text);
	struct rbi_qemu_options opt;
	int rc = rbi_qemu_options(spec, &opt);

	rc = rc ? rc : rbi_qemu_check_devices(spec, &opt);

	if (rc != code || !strstr(rb_last_error(), words))
		fail_msg("'%s': %d, '%s' and not '%s'", text, rc, rb_last_error(), words);
	rbi_spec_free(spec);
}

static void a_network_is_an_inherited_socket_or_qemus_own(void **state)
{
	char **argv = argv_of("qemu:nvme,drive=d,serial=x;net.u-1=user;drive.d=1;"
			      "e1000e,netdev=n_0;net.n_0=dgram;net.z=dgram");
	const char *const texts[] = { "user,id=u-1,restrict=off",
				      "dgram,id=n_0,local.type=fd,local.str=9",
				      "dgram,id=z,local.type=fd,local.str=10" };
	unsigned int i, n = 0;

	(void)state;

	for (i = 0; argv[i]; i++) {
		if (strcmp(argv[i], "-netdev") == 0) {
			assert_true(n < 3);
			assert_string_equal(argv[i + 1], texts[n++]);
		}
	}
	assert_int_equal(n, 3);
	assert_string_equal(device(argv, 4), "e1000e,netdev=n_0,romfile=,bus=rbdrv.port1");
	rbi_qemu_argv_free(argv);
}

static void qemus_own_network_takes_two_arguments(void **state)
{
	char **argv = argv_of("qemu:net.n=user,net=10.1.2.0/24,restrict=on");

	(void)state;

	assert_string_equal(after(argv, "-netdev"), "user,id=n,restrict=on,net=10.1.2.0/24");
	rbi_qemu_argv_free(argv);
}

static void a_network_may_say_nothing_else(void **state)
{
	(void)state;

	refused("qemu:net.n=", -EINVAL, "kind ''");
	refused("qemu:net.n=tap", -EINVAL, "kind 'tap'");
	refused("qemu:net.n=USER", -EINVAL, "kind 'USER'");
	refused("qemu:net.n=users", -EINVAL, "kind 'users'");
	refused("qemu:net.n=user,", -EINVAL, "network 'n': ''");
	refused("qemu:net.n=user,restrict=maybe", -EINVAL, "'restrict=maybe'");
	refused("qemu:net.n=user,restrict=on2", -EINVAL, "'restrict=on2'");
	refused("qemu:net.n=user,hostfwd=tcp::1-:2", -EINVAL, "'hostfwd=tcp::1-:2'");
	refused("qemu:net.n=user,smb=/", -EINVAL, "'smb=/'");
	refused("qemu:net.n=user,net=", -EINVAL, "'net='");
	refused("qemu:net.n=user,net=10.0.0.0", -EINVAL, "'net=10.0.0.0'");
	refused("qemu:net.n=user,net=10.0.0.0/8/8", -EINVAL, "'net=10.0.0.0/8/8'");
	refused("qemu:net.n=user,net=10.0.0.x/8", -EINVAL, "'net=10.0.0.x/8'");
	refused("qemu:net.n=user,net=1000000.0000000.00000.0/8", -EINVAL, "'net=1000000.");
	refused("qemu:net.n=user,net=10.0.2.0/24\\,smb=/", -EINVAL, "'smb=/'");
	refused("qemu:net.n=dgram,local.str=0", -EINVAL, "dgram takes no 'local.str=0'");
}

static void a_networks_name_needs_no_quoting(void **state)
{
	(void)state;

	refused("qemu:net.n\\,restrict=dgram", -EINVAL, "'net.n,restrict'");
	refused("qemu:net.e1000e.0=dgram", -EINVAL, "'net.e1000e.0'");
	refused("qemu:net.0=dgram", -EINVAL, "'net.0'");
	refused("qemu:net.-=dgram", -EINVAL, "'net.-'");
	refused("qemu:net.a b=dgram", -EINVAL, "'net.a b'");
	refused("qemu:net.a\\=b=dgram", -EINVAL, "'net.a=b'");
	refused("qemu:net.abcdefghijabcdefghijabcdefghij12=dgram", -EINVAL, "a letter and up to");
	refused("qemu:net.a=dgram;net.b=dgram;net.c=dgram;net.d=dgram;net.e=dgram;net.f=dgram;"
		"net.g=dgram;net.h=dgram;net.i=dgram", -EINVAL, "'net.i': there are at most 8");
}

static void a_device_joins_a_network_that_there_is(void **state)
{
	(void)state;

	refused("qemu:e1000e,netdev=n1;net.n0=dgram", -EINVAL, "no network 'n1'");
	refused("qemu:e1000e,netdev", -EINVAL, "no network ''");
	refused("qemu:e1000e,netdev=n0\\,mac=1;net.n0=dgram", -EINVAL, "no network 'n0,mac=1'");
	refused("qemu:e1000e,id=n0,netdev=n0;net.n0=dgram", -EINVAL, "id 'n0' is the name");
	refused("qemu:e1000e,vhostdev=n0;net.n0=dgram", -ENOTSUP, "'vhostdev'");
}

static void all_that_may_be_inherited_has_a_number(void **state)
{
	struct rbi_spec *spec = parse("qemu:drive.a=1;drive.b=1;drive.c=1;drive.d=1;drive.e=1;"
				      "drive.f=1;drive.g=1;drive.h=1;net.a=dgram;net.b=dgram;"
				      "net.c=dgram;net.d=dgram;net.e=dgram;net.f=dgram;"
				      "net.g=dgram;net.h=dgram");
	struct rbi_qemu_options opt;

	(void)state;
	assert_int_equal(rbi_qemu_options(spec, &opt), 0);

	assert_int_equal(rbi_qemu_count_fds(&opt), 21);
	assert_int_equal(rbi_qemu_net_number(&opt, 0), 16);
	assert_int_equal(rbi_qemu_net_number(&opt, 7), 23);
	rbi_spec_free(spec);
}

static void a_device_gets_a_root_port_and_no_option_rom(void **state)
{
	char **argv = argv_of("qemu:edu,dma_mask=0xffffffff");

	(void)state;

	assert_string_equal(argv[0], "/bin/qemu");
	assert_non_null(strstr(device(argv, 0), "ivshmem-doorbell,"));
	assert_string_equal(device(argv, 1), "pcie-root-port,id=rbdrv.port0,bus=pcie.0,addr=0x18.0,"
					     "multifunction=off,chassis=255,slot=0,romfile=");
	assert_string_equal(device(argv, 2), "edu,dma_mask=0xffffffff,romfile=,bus=rbdrv.port0");
	rbi_qemu_argv_free(argv);
}

static void ports_are_spread_over_slots_first(void **state)
{
	char **argv = argv_of("qemu:edu;edu;edu;edu;edu;edu;edu;edu;edu");

	(void)state;

	assert_non_null(strstr(device(argv, 2), "port1,bus=pcie.0,addr=0x17.0,multifunction=on"));
	assert_non_null(strstr(device(argv, 9), "port8,bus=pcie.0,addr=0x18.1,multifunction=on"));
	rbi_qemu_argv_free(argv);
}

static void a_device_with_an_address_goes_to_bus_0(void **state)
{
	char **argv = argv_of("qemu:edu,addr=5;edu,bus=mine;edu,romfile=");

	(void)state;

	assert_string_equal(device(argv, 2), "edu,addr=5,romfile=,bus=pcie.0");
	assert_string_equal(device(argv, 3), "edu,bus=mine,romfile=");
	assert_string_equal(device(argv, 4), "edu,romfile=,bus=rbdrv.port0");
	rbi_qemu_argv_free(argv);
}

static void commas_of_a_value_are_doubled(void **state)
{
	char **argv = argv_of("qemu:edu,serial=a\\,b\\=c\\,\\,");

	(void)state;

	assert_string_equal(device(argv, 2), "edu,serial=a,,b=c,,,,,romfile=,bus=rbdrv.port0");
	rbi_qemu_argv_free(argv);
}

static void a_property_without_a_value_is_given_an_empty_one(void **state)
{
	char **argv = argv_of("qemu:edu,flag");

	(void)state;

	assert_non_null(strstr(device(argv, 2), "edu,flag=,"));
	rbi_qemu_argv_free(argv);
}

static void accelerator_memory_and_clock_are_what_the_options_say(void **state)
{
	char **argv = argv_of("qemu:edu;memory=32;icount=on;vectors=200"), **plain;

	(void)state;
	plain = argv_of("qemu:edu");

	assert_non_null(strstr(after(argv, "-machine"), "q35,accel=tcg,"));
	assert_string_equal(after(argv, "-m"), "32M");
	assert_string_equal(after(argv, "-icount"), "shift=0,sleep=off");
	assert_non_null(strstr(device(argv, 0), ",vectors=200,"));
	assert_null(after(plain, "-icount"));
	assert_string_equal(after(plain, "-m"), "64M");
	rbi_qemu_argv_free(argv);
	rbi_qemu_argv_free(plain);
}

/* --- the handshake ----------------------------------------------------------------------- */

/* One message of the server: its number, and whether a descriptor came along. */
static int64_t receive(int sock, bool *fd)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	unsigned char wire[8];
	struct iovec iov = { wire, sizeof(wire) };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control.bytes,
			      .msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *head;
	uint64_t v = 0;
	int got, i;

	assert_int_equal(recvmsg(sock, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC), 8);
	head = CMSG_FIRSTHDR(&msg);
	*fd = head != NULL;
	if (head) {
		memcpy(&got, CMSG_DATA(head), sizeof(got));
		close(got);
	}
	for (i = 7; i >= 0; i--)
		v = v << 8 | wire[i];
	return (int64_t)v;
}

static void the_doorbell_is_told_its_vectors_in_order(void **state)
{
	int pair[2], fds[2] = { eventfd(0, EFD_CLOEXEC), eventfd(0, EFD_CLOEXEC) };
	struct rbi_ivshmem s = { .vectors = fds, .nvectors = 2 };
	char more;
	bool fd;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	s.fd = pair[0];
	s.shm_fd = fds[0];

	assert_int_equal(rbi_ivshmem_feed(&s), 1);

	assert_int_equal(receive(pair[1], &fd), 0);
	assert_false(fd);
	assert_int_equal(receive(pair[1], &fd), 1);
	assert_false(fd);
	assert_int_equal(receive(pair[1], &fd), -1);
	assert_true(fd);
	assert_int_equal(receive(pair[1], &fd), 0);
	assert_true(fd);
	assert_int_equal(receive(pair[1], &fd), 0);
	assert_true(fd);
	assert_int_equal(recv(pair[1], &more, 1, MSG_DONTWAIT), -1);
	close(pair[0]);
	close(pair[1]);
	close(fds[0]);
	close(fds[1]);
}

static void a_full_socket_is_fed_later(void **state)
{
	enum { VECTORS = 2000 };
	static int fds[VECTORS];
	struct rbi_ivshmem s = { .vectors = fds, .nvectors = VECTORS };
	unsigned int i, rounds = 0, taken = 0;
	int pair[2], fd = eventfd(0, EFD_CLOEXEC);
	bool with;

	(void)state;
	for (i = 0; i < VECTORS; i++)
		fds[i] = fd;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	s.fd = pair[0];
	s.shm_fd = fd;

	while (rbi_ivshmem_feed(&s) == 0) {
		rounds++;
		while (taken < s.sent) {
			receive(pair[1], &with);
			taken++;
		}
	}

	assert_true(rounds > 0);
	assert_int_equal(s.sent, VECTORS + 3);
	close(pair[0]);
	close(pair[1]);
	close(fd);
}

static void a_doorbell_that_hung_up_is_an_error(void **state)
{
	int pair[2], fd = eventfd(0, EFD_CLOEXEC);
	struct rbi_ivshmem s = { .vectors = &fd, .nvectors = 1, .shm_fd = fd };

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	s.fd = pair[0];
	close(pair[1]);

	assert_int_equal(rbi_ivshmem_feed(&s), -EIO);

	close(pair[0]);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_have_defaults),
		cmocka_unit_test(a_drive_is_an_inherited_descriptor),
		cmocka_unit_test(a_network_is_an_inherited_socket_or_qemus_own),
		cmocka_unit_test(qemus_own_network_takes_two_arguments),
		cmocka_unit_test(a_network_may_say_nothing_else),
		cmocka_unit_test(a_networks_name_needs_no_quoting),
		cmocka_unit_test(a_device_joins_a_network_that_there_is),
		cmocka_unit_test(all_that_may_be_inherited_has_a_number),
		cmocka_unit_test(a_device_gets_a_root_port_and_no_option_rom),
		cmocka_unit_test(ports_are_spread_over_slots_first),
		cmocka_unit_test(a_device_with_an_address_goes_to_bus_0),
		cmocka_unit_test(commas_of_a_value_are_doubled),
		cmocka_unit_test(a_property_without_a_value_is_given_an_empty_one),
		cmocka_unit_test(accelerator_memory_and_clock_are_what_the_options_say),
		cmocka_unit_test(the_doorbell_is_told_its_vectors_in_order),
		cmocka_unit_test(a_full_socket_is_fed_later),
		cmocka_unit_test(a_doorbell_that_hung_up_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
