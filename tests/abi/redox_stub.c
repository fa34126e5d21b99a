/* SPDX-License-Identifier: MIT */
/*
 * Empty bodies of the redox_* calls that librbdrv makes, so that check-cross.sh
 * can link it with no symbol left open. On Redox they are part of libc
 * (contract 10.8). Never run.
 */
#include <stddef.h>
#include <stdint.h>

size_t redox_cur_thrfd_v0(void);
size_t redox_dup_v1(size_t fd, const void *name, size_t len);
size_t redox_sys_call_v0(size_t fd, void *payload, size_t len, size_t flags, const uint64_t *meta,
			 size_t nmeta);

size_t redox_cur_thrfd_v0(void)
{
	return 0;
}

size_t redox_dup_v1(size_t fd, const void *name, size_t len)
{
	(void)fd;
	(void)name;
	(void)len;
	return 0;
}

size_t redox_sys_call_v0(size_t fd, void *payload, size_t len, size_t flags, const uint64_t *meta,
			 size_t nmeta)
{
	(void)fd;
	(void)payload;
	(void)len;
	(void)flags;
	(void)meta;
	(void)nmeta;
	return 0;
}
