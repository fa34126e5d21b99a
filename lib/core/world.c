/* SPDX-License-Identifier: MIT */
/*
 * world.c - load librbdrv-host on demand.
 *
 * The library links this one through a version node that carries the exact
 * version, so a stranger's librbdrv-host is refused by the loader itself. It
 * stays loaded: its models may be referenced by contexts anywhere. In a static
 * librbdrv there is nothing to load into, and hosted machines are -ENOTSUP.
 */
#include "config.h"

#include "core/core.h"
#include "core/world.h"

#if defined(RBDRV_TEST_STATIC_HOST)

int rbi_world_open_hosted(const char *machine, struct rbi_sys **out)
{
	return rbi_host_open(machine, out);
}

#elif defined(PIC) && !defined(__redox__)

#include <dlfcn.h>

int rbi_world_open_hosted(const char *machine, struct rbi_sys **out)
{
	int (*open_hosted)(const char *, struct rbi_sys **);
	void *lib;

	lib = dlopen(RBDRV_HOST_SONAME, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (!lib)
		return rbi_fail(-ENOTSUP, "machine '%s' needs librbdrv-host: %s", machine,
				dlerror());
	/* POSIX lets a data pointer carry a function's address here */
	*(void **)&open_hosted = dlsym(lib, "rbi_host_open");
	if (!open_hosted) {
		dlclose(lib);
		return rbi_fail(-ENOTSUP, "machine '%s': %s is not ours", machine,
				RBDRV_HOST_SONAME);
	}
	return open_hosted(machine, out);
}

#else

int rbi_world_open_hosted(const char *machine, struct rbi_sys **out)
{
	*out = NULL;
	return rbi_fail(-ENOTSUP, "machine '%s': this build of librbdrv has no hosted machines",
			machine);
}

#endif
