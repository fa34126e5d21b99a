/* SPDX-License-Identifier: MIT */
/**
 * @file addr.h
 * The kinds of address, each with a type of its own.
 *
 * One byte of memory has up to three addresses, and they need not be the same number:
 *
 *  - the CPU pointer, with which this process reaches it: a C pointer;
 *  - the physical address, with which the processor's bus reaches it:
 *    struct rb_phys_addr;
 *  - the bus address, with which a device reaches it: struct rb_bus_addr. An IOMMU or
 *    a bridge may translate, and then it differs from the physical one.
 *
 * None converts into another, not by assignment, argument, comparison, arithmetic or
 * initialization, in C and in C++: what is mixed up does not compile. The number inside is
 * .value, so whoever takes one kind for another must write that down.
 *
 * I/O ports are another space altogether, of 16 bits: they are plain numbers.
 */
#ifndef RBDRV_ADDR_H
#define RBDRV_ADDR_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** An address as a device sees it. Put .value into descriptors and registers. */
struct rb_bus_addr {
	uint64_t value; /**< the address; little-endian conversion is the caller's */
};

/** An address as the processor's bus sees it. Never what a device is given. */
struct rb_phys_addr {
	uint64_t value; /**< the address */
};

#ifdef __cplusplus
}
#endif
#endif
