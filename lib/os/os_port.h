/* SPDX-License-Identifier: MIT */
/*
 * os_port.h - port I/O, and the grant that each thread needs for it (contract 5).
 */
#ifndef RBI_OS_OS_PORT_H
#define RBI_OS_OS_PORT_H

#include "os/os.h"

/* A number that no other world of this process has had. */
uint64_t rbi_os_port_serial(void);

/*
 * See to it that the calling thread may use ports: 0, at once when it was asked for
 * before, or -ENOTSUP where there is no such thing, or folded as in os.h.
 */
int rbi_os_port_grant(struct rbi_os *os);

/*
 * One access by the calling thread, for which the grant is asked for if it must be.
 * 0; -EINVAL, -ERANGE, -ENODEV, -ENOTSUP as sys.h says; what the grant was refused with; every
 * other code is -EIO. Leaves the thread's detail alone. @port may lie past RBI_PORTS.
 */
int rbi_os_port_in(struct rbi_os *os, uint32_t port, unsigned int width, uint32_t *val);
int rbi_os_port_out(struct rbi_os *os, uint32_t port, unsigned int width, uint32_t val);

#endif
