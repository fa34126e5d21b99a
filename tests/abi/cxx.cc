// SPDX-License-Identifier: MIT
// A driver in C++: the headers must serve it as they are.
#include <rbdrv/rbdrv.h>

#include <cstdio>

// An id table is complete at compile time, and its entries keep their size.
static const struct rb_pci_match table[] = {
	RB_PCI_MATCH_DEVICE(0x1234, 0x11e8),
	RB_PCI_MATCH_DEVICE_DATA(0x1234, 0x11e9, 1),
	RB_PCI_MATCH_SUBSYSTEM(0x1234, 0x1111, 0x1af4, 0x1100),
	RB_PCI_MATCH_CLASS(0x0c0330, 0xffffff),
	RB_PCI_MATCH(0x8086, RB_PCI_ANY_ID, RB_PCI_ANY_ID, RB_PCI_ANY_ID, 0x020000, 0xff0000, 2),
	RB_PCI_MATCH_END,
};
static_assert(sizeof(table) == 6 * 64, "entries of an id table are 64 bytes");

int main()
{
	struct rb_ctx *ctx = NULL;
	int rc = rb_ctx_new("no-such-machine", &ctx);

	if (rc != -ENOENT || rb_pci_match_find(table, NULL))
		return 1;
	std::printf("%s: %s\n", rb_strerror(rc), rb_last_error());
	rb_ctx_unref(ctx);
	return 0;
}
