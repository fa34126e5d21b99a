/* SPDX-License-Identifier: MIT */
/*
 * qemu_args.h - from a machine string to QEMU's command line.
 *
 * What a string may say is a device: a model and its properties. Commas are
 * doubled, so a value stays a value; properties that would hand QEMU a file, a
 * descriptor or another resource of this host are refused, but for drives that the
 * string itself makes.
 */
#ifndef RBI_HOST_QEMU_ARGS_H
#define RBI_HOST_QEMU_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/net_items.h"
#include "host/spec.h"

/* The descriptors a QEMU of ours inherits, beside 0, 1 and 2; and no others. */
enum {
	RBI_QEMU_FD_RAM = 3,
	RBI_QEMU_FD_BIOS,
	RBI_QEMU_FD_QTEST,
	RBI_QEMU_FD_IVSHMEM,
	RBI_QEMU_FD_QMP,
	RBI_QEMU_FD_END /* here drives begin, and behind them networks */
};

#define RBI_QEMU_PORTS	      64 /* root ports that the machine makes by itself */
#define RBI_QEMU_PORT_SLOT    24 /* they begin here on bus 0 and go down, 8 slots */
#define RBI_QEMU_SLOTS	      8 /* most empty ports for devices to come */
#define RBI_QEMU_SLOT	      0x1c /* bus 0 place of these, one function each */
#define RBI_QEMU_IVSHMEM_SLOT 0x1d /* bus 0 place of the message doorbell */

#define RBI_QEMU_DRIVES	      8
#define RBI_QEMU_DRIVE_MIB    1024 /* most of one drive */

struct rbi_qemu_drive {
	char name[RBI_SPEC_NAME]; /* as QEMU bounds them, too */
	uint64_t size; /* bytes */
};

struct rbi_qemu_options {
	uint64_t memory; /* bytes of RAM */
	unsigned int timeout_ms;
	unsigned int vectors; /* IDT vectors that messages may use, from 0 */
	unsigned int slots; /* empty ports */
	unsigned int ndrives;
	struct rbi_qemu_drive drives[RBI_QEMU_DRIVES];
	struct rbi_nets nets;
	bool icount; /* virtual time jumps to the next timer while the CPU idles */
};

/* The options of a machine string. -EINVAL. */
int rbi_qemu_options(const struct rbi_spec *spec, struct rbi_qemu_options *out);

/* Refuse devices that QEMU must not be given. -EINVAL, -ENOTSUP. */
int rbi_qemu_check_devices(const struct rbi_spec *spec, const struct rbi_qemu_options *opt);

/* The same for one device that is to be plugged in. */
int rbi_qemu_check_device(const struct rbi_spec_device *dev, const struct rbi_qemu_options *opt);

/* qemu_drive.c. The drives of a machine string; part of rbi_qemu_options(). -EINVAL. */
int rbi_qemu_drives(const struct rbi_spec *spec, struct rbi_qemu_options *opt);
/* Is @name a drive of this machine? Device @model wants it. -EINVAL. */
int rbi_qemu_check_drive(const struct rbi_qemu_options *opt, const char *model, const char *name);
/* The arguments of -add-fd and -blockdev for drive @i; NULL: no memory. */
char *rbi_qemu_drive_set(unsigned int i);
char *rbi_qemu_drive_text(const struct rbi_qemu_options *opt, unsigned int i);

/* qemu_net.c. The number that QEMU's end of network @i has in QEMU; -1: it has none. */
int rbi_qemu_net_number(const struct rbi_qemu_options *opt, unsigned int i);
/* How many descriptors are handed down. */
unsigned int rbi_qemu_count_fds(const struct rbi_qemu_options *opt);
/* The argument of -netdev for network @i; NULL: no memory. */
char *rbi_qemu_net_text(const struct rbi_qemu_options *opt, unsigned int i);

/* Must the machine say that it has no option ROM? */
bool rbi_qemu_wants_no_rom(const struct rbi_spec_device *dev);

/* How many ports the machine makes for its devices, empty ones not counted. */
size_t rbi_qemu_count_ports(const struct rbi_spec *spec);
/* Where on bus 0 port @i is, of all the ports that the machine makes: first those for its
 * @ports devices, then the empty ones; and its name, "rbdrv.port7", for @name of
 * RBI_QEMU_PORT_NAME bytes. */
#define RBI_QEMU_PORT_NAME 24
unsigned int rbi_qemu_port_place(size_t i, size_t ports);
void rbi_qemu_port_name(size_t i, char *name);

/* "model,key=value" as QEMU reads it, without what the machine adds; NULL: no memory. */
char *rbi_qemu_device_text(const struct rbi_spec_device *dev);

/* The whole command line, argv[0] being @program, NULL at the end. -ENOMEM, -EINVAL. */
int rbi_qemu_argv(const char *program, const struct rbi_spec *spec,
		  const struct rbi_qemu_options *opt, char ***out);
void rbi_qemu_argv_free(char **argv);

#endif
