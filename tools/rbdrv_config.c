/* SPDX-License-Identifier: MIT */
/*
 * rbdrv_config.c - rbdrv config: configuration space of one function, all of it or one register.
 * Reading opens nothing; a write needs the function claimed.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

/* OFF[.b|.w|.l][=VALUE] */
struct request {
	unsigned int off, width;
	bool write;
	uint32_t value;
};

/* Hexadecimal digits with or without 0x, to the end of the text. */
static bool parse_hex(const char *text, size_t length, uint32_t max, uint32_t *value)
{
	char digits[16], *end;
	unsigned long long number;

	if (length == 0 || length >= sizeof(digits))
		return false;
	memcpy(digits, text, length);
	digits[length] = '\0';
	if (!isxdigit((unsigned char)digits[0]))
		return false;
	errno = 0;
	number = strtoull(digits, &end, 16);
	if (*end || errno || number > max)
		return false;
	*value = (uint32_t)number;
	return true;
}

static unsigned int width_of(char suffix)
{
	return suffix == 'b' ? 1 : suffix == 'w' ? 2 : suffix == 'l' ? 4 : 0;
}

static int parse_request(const char *text, struct request *r)
{
	size_t length = strcspn(text, "=");
	const char *dot = memchr(text, '.', length);
	size_t digits = dot ? (size_t)(dot - text) : length;
	uint32_t off;

	if (!parse_hex(text, digits, 0xfff, &off))
		return term_misuse("no offset below 1000 (hexadecimal):", text);
	r->off = off;
	r->width = 4;
	if (dot)
		r->width = length - digits == 2 ? width_of(dot[1]) : 0;
	if (!r->width)
		return term_misuse("a width is .b, .w or .l:", text);
	if (r->off % r->width)
		return term_misuse("that offset is not a multiple of its width; .b and .w are "
				   "narrower:", text);
	r->write = text[length] == '=';
	if (r->write && !parse_hex(text + length + 1, strlen(text + length + 1),
				   0xffffffffu >> (32 - 8 * r->width), &r->value))
		return term_misuse("no hexadecimal value of that width:", text);
	return EXIT_OK;
}

static int read_view(struct rb_pci_view *view, const struct request *r, uint32_t *value)
{
	uint16_t value16;
	uint8_t value8;
	int rc;

	if (r->width == 4)
		return rb_pci_view_read32(view, r->off, value);
	if (r->width == 2) {
		rc = rb_pci_view_read16(view, r->off, &value16);
		*value = value16;
		return rc;
	}
	rc = rb_pci_view_read8(view, r->off, &value8);
	*value = value8;
	return rc;
}

static int write_dev(struct rb_pci_dev *dev, const struct request *r)
{
	if (r->width == 4)
		return rb_pci_config_write32(dev, r->off, r->value);
	if (r->width == 2)
		return rb_pci_config_write16(dev, r->off, (uint16_t)r->value);
	return rb_pci_config_write8(dev, r->off, (uint8_t)r->value);
}

static int show_register(struct rb_pci_view *view, const struct request *r)
{
	uint32_t value;
	int rc;

	rc = read_view(view, r, &value);
	if (rc < 0)
		return term_complain(rc);
	printf("%0*x\n", (int)r->width * 2, (unsigned int)value);
	return EXIT_OK;
}

/* Machine pci takes a write, and gives it back to whoever reads, but the host's function never
 * sees it. */
static bool is_host(const struct rb_ctx *ctx)
{
	const char *machine = rb_ctx_machine(ctx);

	return strcmp(machine, "pci") == 0 || strncmp(machine, "pci:", 4) == 0;
}

/* Write, read back, and say what the claim did to the function. */
static int change_register(struct rb_ctx *ctx, struct rb_pci_addr addr, const struct request *r)
{
	struct rb_pci_dev *dev;
	uint32_t before, after;
	int rc;

	if (is_host(ctx))
		return term_fail("machine pci is there to look at: nothing is written to the "
				 "host's functions");
	rc = rb_pci_open(ctx, addr, &dev);
	if (rc < 0)
		return term_complain(rc);
	fprintf(stderr, "rbdrv: the function is opened to write to it: Redox switches its "
			"decoding and bus mastering on, and bus mastering off afterwards\n");
	rc = read_view(rb_pci_view_dev(dev), r, &before);
	if (rc == 0)
		rc = write_dev(dev, r);
	if (rc == 0)
		rc = read_view(rb_pci_view_dev(dev), r, &after);
	if (rc == 0)
		printf("%0*x -> %0*x\n", (int)r->width * 2, (unsigned int)before,
		       (int)r->width * 2, (unsigned int)after);
	rb_pci_unref(dev);
	return rc < 0 ? term_complain(rc) : EXIT_OK;
}

void hex_print(const uint8_t *bytes, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (i % 16 == 0)
			printf("%02x:", (unsigned int)i);
		printf(" %02x", bytes[i]);
		if (i % 16 == 15 || i == count - 1)
			putchar('\n');
	}
}

static int show_all(struct rb_pci_view *view)
{
	uint8_t bytes[4096];
	int size = rb_pci_view_size(view), rc;

	if (size > (int)sizeof(bytes))
		size = sizeof(bytes);
	rc = size < 0 ? size : rb_pci_view_read(view, 0, bytes, (size_t)size);
	if (rc < 0)
		return term_complain(rc);
	hex_print(bytes, (size_t)size);
	return EXIT_OK;
}

int rbdrv_config(const struct tool_args *args)
{
	struct rb_pci_view *view = NULL;
	struct request request = { 0 };
	struct function fn;
	struct rb_ctx *ctx;
	int rc = 0, status;

	if (args->operands > 1) {
		status = parse_request(args->operand[1], &request);
		if (status != EXIT_OK)
			return status;
	}
	status = find_function(args, &ctx, &fn);
	if (status != EXIT_OK)
		return status;

	if (!request.write)
		rc = rb_pci_view_open(ctx, fn.addr, &view);
	if (rc < 0)
		status = term_complain(rc);
	else if (request.write)
		status = change_register(ctx, fn.addr, &request);
	else if (request.width)
		status = show_register(view, &request);
	else
		status = show_all(view);
	rb_pci_view_close(view);
	rb_ctx_unref(ctx);
	return term_finish(status);
}
