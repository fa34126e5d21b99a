// SPDX-License-Identifier: MIT
// A driver in C++: the headers must serve it as they are.
#include <rbdrv/rbdrv.h>

#include <cstdio>

int main()
{
	struct rb_ctx *ctx = NULL;
	int rc = rb_ctx_new("no-such-machine", &ctx);

	if (rc != -ENOENT)
		return 1;
	std::printf("%s: %s\n", rb_strerror(rc), rb_last_error());
	rb_ctx_unref(ctx);
	return 0;
}
