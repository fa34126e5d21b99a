/* SPDX-License-Identifier: MIT */
/* fake_irq_pci.c - the fake's one PCI function, as its server shows it. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_irq_private.h"
#include "os/wire.h"

uint32_t fake_config_dword(const struct fake *f, unsigned int off)
{
	return (uint32_t)f->config[off] | (uint32_t)f->config[off + 1] << 8 |
	       (uint32_t)f->config[off + 2] << 16 | (uint32_t)f->config[off + 3] << 24;
}

void fake_set_config_dword(struct fake *f, unsigned int off, uint32_t val)
{
	int i;

	for (i = 0; i < 4; i++)
		f->config[off + (unsigned int)i] = (uint8_t)(val >> 8 * i);
}

uint16_t fake_command(struct fake *f)
{
	return (uint16_t)fake_config_dword(f, 4);
}

bool fake_msi_is_on(struct fake *f)
{
	return fake_config_dword(f, FAKE_MSI_CAP) >> 16 & 1;
}

void fake_send_message(struct fake *f)
{
	assert_true(fake_msi_is_on(f));
	assert_true(fake_command(f) & 0x400); /* not both */
	assert_int_equal(fake_config_dword(f, FAKE_MSI_CAP + 4), 0xfee00000);
	fake_raise(f, (fake_config_dword(f, FAKE_MSI_CAP + 12) & 0xff) - 32);
}

void fake_pin(struct fake *f, bool is_asserted)
{
	pthread_mutex_lock(&f->lock);
	f->is_asserted[f->line] = is_asserted && !(fake_command(f) & 0x400);
	fake_drive_line(f, f->line);
	pthread_mutex_unlock(&f->lock);
}

/* Which bits of a dword can be written. */
static uint32_t writable(struct fake *f, unsigned int off)
{
	uint32_t messages = 1u << (fake_config_dword(f, FAKE_MSI_CAP) >> 17 & 7);

	if (off == 4)
		return 0xffff;
	if (off == FAKE_MSI_CAP)
		return 0x00710000;
	if (off == FAKE_MSI_CAP + 0x10) /* a mask register, or nothing */
		return fake_config_dword(f, FAKE_MSI_CAP) >> 24 & 1 ?
			       (uint32_t)((UINT64_C(1) << messages) - 1) : 0;
	if (off == FAKE_MSI_CAP + 0x14)
		return 0;
	if (f->msix.vectors > 0 && off == FAKE_MSIX_CAP)
		return 0xc0000000;
	if (f->msix.vectors > 0 && (off == FAKE_MSIX_CAP + 4 || off == FAKE_MSIX_CAP + 8))
		return 0;
	return UINT32_MAX;
}

static void note_control(struct fake *f, unsigned int off, uint32_t before, uint32_t now)
{
	if (off != FAKE_MSIX_CAP || f->msix.vectors == 0)
		return;
	if ((before ^ now) & 0x40000000)
		fake_note_step(f, now & 0x40000000 ? 'F' : 'f');
	if ((before ^ now) & 0x80000000)
		fake_note_step(f, now & 0x80000000 ? 'E' : 'e');
}

static void write_config(struct fake *f, unsigned int off, uint32_t val)
{
	uint32_t bits = writable(f, off), before = fake_config_dword(f, off);

	val = (val & bits) | (before & ~bits);
	fake_set_config_dword(f, off, val);
	if (off == 4 && (val & 0x400) && f->line < 16)
		f->is_asserted[f->line] = false;
	note_control(f, off, before, val);
	fake_send_pending(f);
}

static void answer_bars(struct fake *f, struct rbi_wire_function *fn)
{
	unsigned int i;

	for (i = 0; i < FAKE_BARS && f->msix.vectors > 0 && !f->has_no_bars; i++) {
		fn->bars[i].kind = f->bar_is_io[i] ? RBI_WIRE_BAR_PORT : RBI_WIRE_BAR_MEM32;
		fn->bars[i].addr = f->bar_is_io[i] ? 0xc000 : FAKE_BAR_ADDR + i * 0x1000000;
		fn->bars[i].size = f->bar_is_io[i] ? 0 : FAKE_BAR_SIZE;
		if (f->bars_have_no_address)
			fn->bars[i].addr = 0;
	}
	fn->has_rom = f->has_rom;
	fn->rom.addr = 0xd0000000;
	fn->rom.size = FAKE_BAR_SIZE;
	fn->rom.enabled = true;
}

static void answer_config(struct fake *f, struct rbi_wire_rsp *rsp)
{
	struct rbi_wire_function *fn = &rsp->u.function;

	rsp->kind = RBI_WIRE_CONFIG;
	fn->addr = rb_pci_addr_make(0, 0, 3, 0);
	fn->rom_field = true;
	answer_bars(f, fn);
	fn->has_irq = f->has_pin;
	fn->irq.irq = f->line;
	fn->irq.has_phandle = f->has_phandle;
	fn->irq.cells = f->has_phandle ? 3 : 0;
	fn->vendor = 0x1234;
	fn->device = 0x11e8;
	fn->class_code = 0xff;
}

static void refuse(struct rbi_wire_rsp *rsp, enum rbi_wire_error error)
{
	rsp->kind = RBI_WIRE_ERROR;
	rsp->u.error = error;
}

static void set_msi(struct fake *f, const struct rbi_wire_req *req, struct rbi_wire_rsp *rsp)
{
	rsp->kind = RBI_WIRE_FEATURE_INFO_SET;
	rsp->feature = req->feature;
	if (f->msi_is_refused) {
		refuse(rsp, RBI_WIRE_INVALID_BITS);
		return;
	}
	/* pcid checks the number of messages and does not write it (contract 16) */
	assert_true(req->msi.has_multi);
	assert_int_equal(req->msi.multi, fake_config_dword(f, FAKE_MSI_CAP) >> 20 & 7);
	assert_true(req->msi.has_message);
	assert_false(fake_msi_is_on(f)); /* programmed first, then enabled */
	fake_set_config_dword(f, FAKE_MSI_CAP + 4, (uint32_t)req->msi.addr);
	fake_set_config_dword(f, FAKE_MSI_CAP + 8, (uint32_t)(req->msi.addr >> 32));
	fake_set_config_dword(f, FAKE_MSI_CAP + 12, req->msi.data);
}

static void set_msix(struct fake *f, const struct rbi_wire_req *req, struct rbi_wire_rsp *rsp)
{
	uint32_t control = fake_config_dword(f, FAKE_MSIX_CAP) & ~0x40000000u;

	rsp->kind = RBI_WIRE_FEATURE_INFO_SET;
	rsp->feature = req->feature;
	if (f->msix_is_refused || f->msix.vectors == 0) {
		refuse(rsp, RBI_WIRE_INVALID_BITS);
		return;
	}
	assert_true(req->msix.has_function_mask);
	write_config(f, FAKE_MSIX_CAP, control | (req->msix.function_mask ? 0x40000000u : 0));
}

static void answer_msix(struct fake *f, const struct rbi_wire_req *req, struct rbi_wire_rsp *rsp)
{
	struct rbi_wire_msix_info *info = &rsp->u.msix;

	if (req->feature != RBI_WIRE_MSIX || f->msix.vectors == 0) {
		refuse(rsp, RBI_WIRE_NO_FEATURE);
		return;
	}
	rsp->kind = RBI_WIRE_FEATURE_INFO_IS;
	rsp->feature = req->feature;
	info->table_size = (uint16_t)f->msix.vectors;
	info->table_bar = (uint8_t)f->msix.bar;
	info->table_offset = f->msix.off;
	info->pba_bar = (uint8_t)f->msix.pba_bar;
	info->pba_offset = f->msix.pba_off;
}

/* pcid switches the other kind off (contract 4.8). */
static void enable_feature(struct fake *f, enum rbi_wire_feature feature)
{
	bool is_msix = feature == RBI_WIRE_MSIX;
	uint32_t msi = fake_config_dword(f, FAKE_MSI_CAP) & ~(1u << 16);

	write_config(f, FAKE_MSI_CAP, is_msix ? msi : msi | 1u << 16);
	if (f->msix.vectors > 0)
		write_config(f, FAKE_MSIX_CAP,
			     (fake_config_dword(f, FAKE_MSIX_CAP) & 0x7fffffff) |
				     (is_msix ? 0x80000000 : 0));
}

void fake_enable_device(struct fake *f)
{
	write_config(f, FAKE_MSI_CAP, fake_config_dword(f, FAKE_MSI_CAP) & ~(1u << 16));
	if (f->msix.vectors > 0)
		write_config(f, FAKE_MSIX_CAP, fake_config_dword(f, FAKE_MSIX_CAP) & 0x7fffffff);
}

static void answer_features(struct fake *f, struct rbi_wire_rsp *rsp)
{
	size_t n = 0;

	rsp->kind = RBI_WIRE_ALL_FEATURES;
	if (f->has_msi)
		rsp->u.features.list[n++] = RBI_WIRE_MSI;
	if (f->msix.vectors > 0)
		rsp->u.features.list[n++] = RBI_WIRE_MSIX;
	rsp->u.features.count = n;
}

static void answer(struct fake *f, const struct rbi_wire_req *req, struct rbi_wire_rsp *rsp)
{
	switch (req->kind) {
	case RBI_WIRE_ENABLE_DEVICE:
		rsp->kind = RBI_WIRE_ENABLED_DEVICE;
		break;
	case RBI_WIRE_REQUEST_CONFIG:
		answer_config(f, rsp);
		break;
	case RBI_WIRE_REQUEST_FEATURES:
		answer_features(f, rsp);
		break;
	case RBI_WIRE_FEATURE_INFO:
		answer_msix(f, req, rsp);
		break;
	case RBI_WIRE_ENABLE_FEATURE:
		rsp->kind = RBI_WIRE_FEATURE_ENABLED;
		rsp->feature = req->feature;
		enable_feature(f, req->feature);
		break;
	case RBI_WIRE_SET_FEATURE_INFO:
		if (req->feature == RBI_WIRE_MSIX)
			set_msix(f, req, rsp);
		else
			set_msi(f, req, rsp);
		break;
	case RBI_WIRE_READ_CONFIG:
		rsp->kind = RBI_WIRE_CONFIG_VALUE;
		rsp->u.value = fake_config_dword(f, req->offset);
		break;
	case RBI_WIRE_WRITE_CONFIG:
		rsp->kind = RBI_WIRE_CONFIG_WRITTEN;
		write_config(f, req->offset, req->value);
		break;
	default:
		refuse(rsp, RBI_WIRE_NO_FEATURE);
	}
}

ssize_t fake_write_channel(struct fake *f, const void *buf, size_t len)
{
	struct rbi_wire_req req;
	struct rbi_wire_rsp rsp;
	int rc;

	memset(&rsp, 0, sizeof(rsp));
	if (rbi_wire_decode_request(buf, len, &req) < 0)
		return -EINVAL;
	answer(f, &req, &rsp);
	rc = rbi_wire_encode_response(&rsp, f->answer, sizeof(f->answer));
	assert_true(rc > 0);
	f->answer_len = (size_t)rc;
	f->answer_pos = 0;
	return (ssize_t)len;
}

ssize_t fake_read_channel(struct fake *f, void *buf, size_t len)
{
	size_t left = f->answer_len - f->answer_pos;

	if (left == 0)
		return -EINVAL;
	if (len > left)
		len = left;
	memcpy(buf, f->answer + f->answer_pos, len);
	f->answer_pos += len;
	return (ssize_t)len;
}

void fake_set_up_device(struct fake *f)
{
	f->has_pin = true;
	f->has_msi = true;
	f->line = FAKE_LINE;
	fake_set_config_dword(f, 0x00, 0x11e81234);
	fake_set_config_dword(f, 0x04, 0x00100007); /* capabilities; enabled, as pcid leaves it */
	fake_set_config_dword(f, 0x08, 0xff000000);
	fake_set_config_dword(f, 0x34, FAKE_MSI_CAP);
	fake_set_config_dword(f, FAKE_MSI_CAP, 0x00800005); /* MSI, 64-bit, last */
}

