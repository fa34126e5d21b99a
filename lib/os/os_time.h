/* SPDX-License-Identifier: MIT */
/*
 * os_time.h - the clock, and alarms that stand in an event queue.
 *
 * An alarm is a handle on the clock's file: an absolute time written to it posts one
 * entry when that time has come (contract 3.3). That works on every version of
 * Redox, unlike time-outs of the queue itself. There is no expired state to read,
 * and an alarm cannot be taken back: an early entry is normal, so look at the clock.
 */
#ifndef RBI_OS_OS_TIME_H
#define RBI_OS_OS_TIME_H

#include <stdint.h>

#include "os/os.h"

/* The monotonic clock in ns. May step back by milliseconds (probe 7). */
int64_t rbi_time_now(struct rbi_os *os);

/* A new handle for alarms: a descriptor for rbi_os_close(), or as rbi_os_open(). */
int rbi_alarm_open(struct rbi_os *os);
/* Post one entry wherever @fd is watched when the clock reaches @when ns. */
int rbi_alarm_arm(struct rbi_os *os, int fd, int64_t when);

#endif
