/* SPDX-License-Identifier: MIT */
/* os_pcid_request.h - one exchange on a channel; only os_pcid*.c use this. */
#ifndef RBI_OS_PCID_REQUEST_H
#define RBI_OS_PCID_REQUEST_H

#include "os/os_pcid.h"

/*
 * Send @req and read the answer that belongs to it: 0, -ENOENT when the function has
 * not the feature asked about, -EINVAL when it cannot be set so, -EPROTO, -ENODEV,
 * -EACCES, -ENOMEM, -EIO. Views in @rsp are good until the channel's next request.
 */
int rbi_pcid_request(struct rbi_pcid *ch, const struct rbi_wire_req *req,
		     struct rbi_wire_rsp *rsp);

/* What pcid lists the function as: for sentences. */
const char *rbi_pcid_name(const struct rbi_pcid *ch);

#endif
