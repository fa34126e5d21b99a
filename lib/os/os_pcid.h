/* SPDX-License-Identifier: MIT */
/*
 * os_pcid.h - the PCI server: its list of functions, its channels, its side door.
 *
 * A *channel* is the exclusive request and response file of one function.
 * Opening one locks the function and enables it (contract 4.2), so it is never
 * opened to have a look; the *access* endpoint is for looking. There are no
 * request ids: a channel carries one request at a time, under a lock of its own,
 * and all functions here may be called from any thread.
 *
 * pcid is one process for the whole machine and panics at some requests (contract
 * 4.8). Those are refused here, before they are sent, with -EINVAL or -ERANGE.
 *
 * After an answer that makes no sense, or half an exchange, nobody knows what the
 * next bytes belong to: the channel is broken for good and every later call is
 * -EPROTO. A channel that has answered ENODEV stays -ENODEV.
 */
#ifndef RBI_OS_PCID_H
#define RBI_OS_PCID_H

#include <stdbool.h>
#include <stdint.h>

#include "os/os.h"
#include "os/wire.h"

#define RBI_PCID_NAME_MAX 16	     /* bytes of a device's name with its NUL (contract 4.1) */
#define RBI_PCID_CONFIG_SIZE 256u    /* configuration space that every function has */
#define RBI_PCID_EXTENDED_SIZE 4096u /* with extended space (PCIe 6.0, 7.2.2) */
/* Why a dword is -EACCES. Redox never says that; a host that is only looked at does. */
#define RBI_PCID_HIDDEN "the host shows only 64 bytes to users that are not root"

struct rbi_pcid;

/* --- the list ---------------------------------------------------------------------- */

/* Read an address from a name of either style, "00-00--1f.2" or "0000--00--1f.2". */
bool rbi_pcid_parse_name(const char *name, struct rb_pci_addr *addr);

/*
 * Every function that pcid lists, in its order; names of no known style are
 * passed over. @each's first non-zero answer ends the walk and is returned. Opens
 * and enables nothing. -ENOTSUP without a PCI server, -EPROTO for an endless list.
 */
int rbi_pcid_list(struct rbi_os *os,
		  int (*each)(void *arg, struct rb_pci_addr addr, const char *name), void *arg);

/* --- channels ---------------------------------------------------------------------- */

/*
 * Open the channel of the function listed as @name, which locks and enables it.
 * -EACCES without touching the function when this process may not; -EBUSY when
 * somebody holds it; -ENOENT, -ENODEV, -ENOMEM, -EIO.
 */
int rbi_pcid_open(struct rbi_os *os, const char *name, struct rbi_pcid **out);

/* The channel this process inherited (contract 4.11), owned by @os; *out is NULL
 * when there is none. -ENOMEM. */
int rbi_pcid_client(struct rbi_os *os, struct rbi_pcid **out);
/* Take the inherited channel for a driver: -EBUSY when it is taken already. */
int rbi_pcid_client_claim(struct rbi_pcid *ch);
/* For rbi_os_free(): frees the state, not the descriptor. */
void rbi_pcid_client_free(struct rbi_os *os);

/* Close a channel, or hand the inherited one back to @os. @forked: in a child of
 * fork() only memory is freed. NULL does nothing. */
void rbi_pcid_close(struct rbi_pcid *ch, bool forked);

/* --- requests (contract 4.8); each blocks for one round trip ----------------------- */

/* Common answers: -EPROTO, -ENODEV, -EIO, -ENOMEM. Others are named. */

/* Enables decoding and bus mastering again and *disables MSI and MSI-X*. */
int rbi_pcid_enable_device(struct rbi_pcid *ch);
int rbi_pcid_config(struct rbi_pcid *ch, struct rbi_wire_function *function);
/* *features: 1 << enum rbi_wire_feature, or-ed. */
int rbi_pcid_features(struct rbi_pcid *ch, unsigned int *features);
/* -ENOENT when the function has no such capability. */
int rbi_pcid_msi_info(struct rbi_pcid *ch, struct rbi_wire_msi_info *info);
int rbi_pcid_msix_info(struct rbi_pcid *ch, struct rbi_wire_msix_info *info);
/* -EINVAL for data above 0xffff, an address that is no multiple of 4, more than 32
 * messages, or bits the function has not; -ENOENT without the capability. When it
 * fails, earlier parts (multi, message, mask) may have been applied. */
int rbi_pcid_set_msi(struct rbi_pcid *ch, const struct rbi_wire_set_msi *msi);
int rbi_pcid_set_msix_mask(struct rbi_pcid *ch, bool masked);
/* Enabling one disables the other, even when it is absent: -ENOENT. */
int rbi_pcid_enable_feature(struct rbi_pcid *ch, enum rbi_wire_feature feature);

/* One dword of configuration space. -EINVAL when @off is no multiple of 4, -ERANGE
 * past 256 bytes, or 4096 once rbi_pcid_allow_extended() was called. */
int rbi_pcid_read_config(struct rbi_pcid *ch, unsigned int off, uint32_t *val);
int rbi_pcid_write_config(struct rbi_pcid *ch, unsigned int off, uint32_t val);
/* The caller knows that the function has extended space and that pcid can reach it. */
void rbi_pcid_allow_extended(struct rbi_pcid *ch);
bool rbi_pcid_is_extended(struct rbi_pcid *ch);

/* --- the access endpoint (contract 4.10) -------------------------------------------- */

/* Opens and locks no function. A descriptor for rbi_os_close(), or -EACCES when this
 * process may not, -ENOENT when this pcid has none, and as rbi_os_open(). */
int rbi_pcid_access_open(struct rbi_os *os);
/* One dword of any function, @off a multiple of 4 below @size: 256, or 4096 when the
 * caller knows that pcid reaches so far. */
int rbi_pcid_access_read(struct rbi_os *os, int fd, struct rb_pci_addr addr, unsigned int size,
			 unsigned int off, uint32_t *val);

/* --- a function's config file, where a build has one (contract 4.9) ----------------- */

/* Opens and locks no function. @name as listed. A descriptor for rbi_os_close(), or
 * -ENOENT when this pcid has no such file, and as rbi_os_open(). */
int rbi_pcid_file_open(struct rbi_os *os, const char *name);
/* As rbi_pcid_access_read(). The file has no end: pcid panics there. */
int rbi_pcid_file_read(struct rbi_os *os, int fd, unsigned int size, unsigned int off,
		       uint32_t *val);

#endif
