/* SPDX-License-Identifier: MIT */
/**
 * @file rbdrv.h
 * Everything a driver needs, in one include.
 *
 * The test side (mock.h, host.h) is not part of it: a driver that includes
 * this file alone builds for Redox as it is.
 */
#ifndef RBDRV_RBDRV_H
#define RBDRV_RBDRV_H

#include <rbdrv/addr.h>
#include <rbdrv/ctx.h>
#include <rbdrv/dma.h>
#include <rbdrv/dma_map.h>
#include <rbdrv/dma_pool.h>
#include <rbdrv/dma_ring.h>
#include <rbdrv/error.h>
#include <rbdrv/irq.h>
#include <rbdrv/mmio.h>
#include <rbdrv/pci.h>
#include <rbdrv/pci_caps.h>
#include <rbdrv/pci_control.h>
#include <rbdrv/pci_match.h>
#include <rbdrv/pio.h>
#include <rbdrv/version.h>

#endif
