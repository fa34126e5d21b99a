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
				      "drive.", NULL };

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
