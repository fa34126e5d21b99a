/* SPDX-License-Identifier: MIT */
/* fake_irq_private.h - what the files of the fake share. All with its lock held, but for
 * the entries of the waist. */
#ifndef FAKE_IRQ_PRIVATE_H
#define FAKE_IRQ_PRIVATE_H

#include "fake_irq.h"

/* --- fake_irq.c: descriptors, events, interrupts, the clock ------------------------------- */

struct fake *fake_of(struct rbi_sys *s);
/* One call of a kind: 0, or the failure that the test has ordered. */
int fake_scripted(struct fake *f, enum fake_call call);
int fake_new_handle(struct fake *f, struct fake_file *file);
struct fake_file *fake_new_file(struct fake *f, enum fake_kind kind);
void fake_count_interrupt(struct fake *f, unsigned int n);
void fake_drive_line(struct fake *f, unsigned int n);

/* --- fake_irq_pci.c ------------------------------------------------------------------------- */

void fake_set_up_device(struct fake *f);
/* Opening its channel does: both kinds of messages go off (contract 4.2). */
void fake_enable_device(struct fake *f);
uint32_t fake_config_dword(const struct fake *f, unsigned int off);
void fake_set_config_dword(struct fake *f, unsigned int off, uint32_t val);
ssize_t fake_write_channel(struct fake *f, const void *buf, size_t len);
ssize_t fake_read_channel(struct fake *f, void *buf, size_t len);

/* --- fake_irq_table.c: the MSI-X table ---------------------------------------------------- */

/* Send what is pending and not masked any more. */
void fake_send_pending(struct fake *f);
/* In the order of things: one letter a step, none twice in a row. */
void fake_note_step(struct fake *f, char step);
int fake_mmap(struct rbi_sys *s, int fd, size_t len, unsigned int prot, unsigned int flags,
	      uint64_t off, void **base);
int fake_munmap(struct rbi_sys *s, void *base, size_t len);
void fake_window(struct rbi_sys *s, void *base, size_t len, struct rbi_window *out);
int fake_io_read(struct rbi_sys *s, uint64_t route, uint64_t off, unsigned int width,
		 uint64_t *val);
int fake_io_write(struct rbi_sys *s, uint64_t route, uint64_t off, unsigned int width,
		  uint64_t val);

/* --- fake_irq_paths.c --------------------------------------------------------------------- */

int fake_open(struct rbi_sys *s, const char *path, unsigned int flags);
int fake_opendir(struct rbi_sys *s, const char *path, void **out);
int fake_readdir(struct rbi_sys *s, void *handle, char *name, size_t size);
void fake_closedir(struct rbi_sys *s, void *dir);

#endif
