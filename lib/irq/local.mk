# SPDX-License-Identifier: MIT
# Interrupt sets and rb_poll: part of librbdrv.
# Add with: RBDRV_SOURCES += lib/irq/NAME.c
RBDRV_SOURCES += lib/irq/irq_set.h lib/irq/irq_set.c lib/irq/irq_kind.c lib/irq/irq_intx.c
RBDRV_SOURCES += lib/irq/irq_msi.c lib/irq/irq_msix.c lib/irq/irq_stats.c lib/irq/irq_take.c
RBDRV_SOURCES += lib/irq/irq_wait.c lib/irq/irq_waiter.c lib/irq/irq_poll.c
