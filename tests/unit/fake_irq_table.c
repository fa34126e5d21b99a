/* SPDX-License-Identifier: MIT */
/*
 * fake_irq_table.c - messages of the fake's device: the MSI-X table and pending bits in
 * its BARs, reached access by access, and what it sends.
 *
 * Steps of a driver leave a trace in f->steps, one letter each and none twice in a row:
 * F f the function masked, unmasked; E e MSI-X on, off; M m an entry; w words of an entry.
 */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_irq_private.h"

#define ENTRY 16u

void fake_note_step(struct fake *f, char step)
{
	if (f->step_count > 0 && f->steps[f->step_count - 1] == step)
		return;
	if (f->step_count + 1 < sizeof(f->steps)) {
		f->steps[f->step_count++] = step;
		f->steps[f->step_count] = '\0';
	}
}

/* --- sent -------------------------------------------------------------------------------------- */

/* One write to a local APIC. CPUs that are not there hear nothing. */
static void deliver(struct fake *f, uint64_t addr, uint32_t data)
{
	unsigned int cpu = (unsigned int)(addr >> 12 & 0xff);

	assert_int_equal(addr & ~(uint64_t)0xff000, 0xfee00000);
	assert_in_range(data, 48, 255);
	assert_true(fake_config_dword(f, 4) & 0x400); /* not the pin besides */
	if (cpu == f->boot_cpu || (cpu > 0 && cpu <= f->others))
		fake_count_interrupt(f, data - 32);
}

static bool msix_is_masked(struct fake *f, unsigned int i)
{
	return fake_config_dword(f, FAKE_MSIX_CAP) & 0x40000000 || f->msix.table[i][3] & 1;
}

static bool msix_is_on(struct fake *f)
{
	return f->msix.vectors > 0 && fake_config_dword(f, FAKE_MSIX_CAP) & 0x80000000;
}

static int send_msix(struct fake *f, unsigned int i)
{
	uint32_t *entry = f->msix.table[i];

	assert_true(i < f->msix.vectors);
	if (msix_is_masked(f, i)) {
		f->msix.pba[i / 32] |= 1u << i % 32;
		return 0;
	}
	deliver(f, (uint64_t)entry[1] << 32 | entry[0], entry[2]);
	return 1;
}

static int send_msi(struct fake *f, unsigned int i)
{
	uint32_t control = fake_config_dword(f, FAKE_MSI_CAP);
	unsigned int count = 1u << (control >> 20 & 7);
	uint32_t data = fake_config_dword(f, FAKE_MSI_CAP + 12) & 0xffff;

	i &= count - 1;
	if (control >> 24 & 1 && fake_config_dword(f, FAKE_MSI_CAP + 16) >> i & 1) {
		fake_set_config_dword(f, FAKE_MSI_CAP + 20,
				      fake_config_dword(f, FAKE_MSI_CAP + 20) | 1u << i);
		return 0;
	}
	assert_int_equal(data & (count - 1), 0); /* the device fills these bits */
	deliver(f, fake_config_dword(f, FAKE_MSI_CAP + 4), data | i);
	return 1;
}

void fake_send_pending(struct fake *f)
{
	uint32_t ready = fake_config_dword(f, FAKE_MSI_CAP + 20) &
			 ~fake_config_dword(f, FAKE_MSI_CAP + 16);
	unsigned int i;

	for (i = 0; i < f->msix.vectors && msix_is_on(f); i++) {
		if (!(f->msix.pba[i / 32] >> i % 32 & 1) || msix_is_masked(f, i))
			continue;
		f->msix.pba[i / 32] &= ~(1u << i % 32);
		send_msix(f, i);
	}
	for (i = 0; i < 32 && fake_msi_is_on(f); i++) {
		if (!(ready >> i & 1))
			continue;
		fake_set_config_dword(f, FAKE_MSI_CAP + 20,
				      fake_config_dword(f, FAKE_MSI_CAP + 20) & ~(1u << i));
		send_msi(f, i);
	}
}

int fake_send(struct fake *f, unsigned int i)
{
	int sent = 0;

	pthread_mutex_lock(&f->lock);
	if (msix_is_on(f))
		sent = send_msix(f, i);
	else if (fake_msi_is_on(f))
		sent = send_msi(f, i);
	pthread_mutex_unlock(&f->lock);
	return sent;
}

/* --- made and reset ----------------------------------------------------------------------------- */

static void reset_table(struct fake *f)
{
	unsigned int i;

	memset(f->msix.pba, 0, sizeof(f->msix.pba));
	for (i = 0; i < FAKE_VECTORS; i++) {
		memset(f->msix.table[i], 0, sizeof(f->msix.table[i]));
		f->msix.table[i][3] = 1;
	}
}

void fake_give_msi(struct fake *f, unsigned int log2, bool is_maskable)
{
	fake_set_config_dword(f, FAKE_MSI_CAP,
			      (fake_config_dword(f, FAKE_MSI_CAP) & 0xfe00ffff) | 0x00800000 |
				      log2 << 17 | (is_maskable ? 1u << 24 : 0));
}

void fake_give_msix(struct fake *f, unsigned int vectors, unsigned int bar, uint32_t off,
		    unsigned int pba_bar, uint32_t pba_off)
{
	f->msix.vectors = vectors;
	f->msix.bar = bar;
	f->msix.off = off;
	f->msix.pba_bar = pba_bar;
	f->msix.pba_off = pba_off;
	f->config[FAKE_MSI_CAP + 1] = FAKE_MSIX_CAP;
	fake_set_config_dword(f, FAKE_MSIX_CAP, 0x11u | (vectors - 1) << 16);
	fake_set_config_dword(f, FAKE_MSIX_CAP + 4, off | bar);
	fake_set_config_dword(f, FAKE_MSIX_CAP + 8, pba_off | pba_bar);
	reset_table(f);
}

void fake_reset(struct fake *f)
{
	unsigned int off;

	pthread_mutex_lock(&f->lock);
	fake_set_config_dword(f, FAKE_MSI_CAP, fake_config_dword(f, FAKE_MSI_CAP) & 0xff8effff);
	for (off = FAKE_MSI_CAP + 4; off < FAKE_MSI_CAP + 0x18; off += 4)
		fake_set_config_dword(f, off, 0);
	if (f->msix.vectors > 0)
		fake_set_config_dword(f, FAKE_MSIX_CAP,
				      fake_config_dword(f, FAKE_MSIX_CAP) & 0x3fffffff);
	fake_set_config_dword(f, 4, fake_config_dword(f, 4) & ~0x400u);
	reset_table(f);
	pthread_mutex_unlock(&f->lock);
}

uint32_t fake_config(struct fake *f, unsigned int off)
{
	return fake_config_dword(f, off);
}

/* --- reached ------------------------------------------------------------------------------------ */

/* The word at @phys, or NULL: none of ours. */
static uint32_t *word_at(struct fake *f, uint64_t phys)
{
	uint64_t table = FAKE_BAR_ADDR + f->msix.bar * 0x1000000ull + f->msix.off;
	uint64_t pba = FAKE_BAR_ADDR + f->msix.pba_bar * 0x1000000ull + f->msix.pba_off;

	if (phys >= table && phys - table < (uint64_t)f->msix.vectors * ENTRY)
		return &f->msix.table[(phys - table) / ENTRY][(phys - table) / 4 % 4];
	if (phys >= pba && phys - pba < (f->msix.vectors + 63) / 64 * 8)
		return &f->msix.pba[(phys - pba) / 4];
	f->msix.stray++;
	return NULL;
}

static bool is_control(struct fake *f, const uint32_t *word)
{
	return (word - f->msix.table[0]) % 4 == 3;
}

/* The rest of an entry is changed only while it cannot be sent (PCI 3.0, 6.8.2.9). */
static void write_word(struct fake *f, uint32_t *word, uint32_t val)
{
	unsigned int i = (unsigned int)((word - f->msix.table[0]) / 4);

	assert_true(word >= f->msix.table[0] && i < f->msix.vectors); /* not the pending bits */
	if (!is_control(f, word)) {
		assert_true(!msix_is_on(f) || msix_is_masked(f, i));
		*word = val;
		fake_note_step(f, 'w');
		return;
	}
	if ((*word ^ val) & 1)
		fake_note_step(f, val & 1 ? 'M' : 'm');
	*word = val;
	fake_send_pending(f);
}

int fake_io_read(struct rbi_sys *s, uint64_t route, uint64_t off, unsigned int width, uint64_t *val)
{
	struct fake *f = fake_of(s);
	uint32_t *word;
	int rc;

	pthread_mutex_lock(&f->lock);
	*val = UINT64_MAX;
	rc = fake_scripted(f, FAKE_ACCESS);
	assert_int_equal(width, 4);
	word = rc == 0 ? word_at(f, f->mapped[route - 1] + off) : NULL;
	if (word)
		*val = *word;
	pthread_mutex_unlock(&f->lock);
	return rc;
}

int fake_io_write(struct rbi_sys *s, uint64_t route, uint64_t off, unsigned int width, uint64_t val)
{
	struct fake *f = fake_of(s);
	uint32_t *word;
	int rc;

	pthread_mutex_lock(&f->lock);
	rc = fake_scripted(f, FAKE_ACCESS);
	assert_int_equal(width, 4);
	word = rc == 0 ? word_at(f, f->mapped[route - 1] + off) : NULL;
	if (word)
		write_word(f, word, (uint32_t)val);
	pthread_mutex_unlock(&f->lock);
	return rc;
}

/* A mapping is a name for accesses: its first byte is its index in f->mapped. */
int fake_mmap(struct rbi_sys *s, int fd, size_t len, unsigned int prot, unsigned int flags,
	      uint64_t off, void **base)
{
	struct fake *f = fake_of(s);
	uint8_t *bytes;
	int rc;
	uint8_t i;

	(void)fd;
	(void)prot;
	(void)flags;
	assert_int_equal(off % 4096, 0);
	pthread_mutex_lock(&f->lock);
	rc = fake_scripted(f, FAKE_MAP);
	for (i = 0; rc == 0 && f->mapped[i] != 0; i++)
		assert_true(i < 7);
	if (rc == 0) {
		bytes = calloc(1, len);
		assert_non_null(bytes);
		f->mapped[i] = off;
		bytes[0] = i;
		*base = bytes;
	}
	pthread_mutex_unlock(&f->lock);
	return rc;
}

int fake_munmap(struct rbi_sys *s, void *base, size_t len)
{
	struct fake *f = fake_of(s);

	(void)len;
	pthread_mutex_lock(&f->lock);
	f->mapped[*(uint8_t *)base] = 0;
	pthread_mutex_unlock(&f->lock);
	free(base);
	return 0;
}

void fake_window(struct rbi_sys *s, void *base, size_t len, struct rbi_window *out)
{
	(void)s;
	(void)len;
	*out = (struct rbi_window){ .route = *(uint8_t *)base + 1u };
}
