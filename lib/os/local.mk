# SPDX-License-Identifier: MIT
# The first waist and the schemes seen from below: part of librbdrv. Pure byte code, linked
# into both libraries, goes into RBDRV_WIRE_SOURCES.
# Add with: RBDRV_SOURCES += lib/os/NAME.c
RBDRV_SOURCES += lib/os/sys.h lib/os/sys_direct.c lib/os/sys_libredox.c lib/os/sys_redox.c
RBDRV_SOURCES += lib/os/os.c lib/os/os.h lib/os/os_memory.c lib/os/os_memory.h lib/os/pace.c lib/os/pace.h
RBDRV_SOURCES += lib/os/os_pcid.c lib/os/os_pcid.h lib/os/os_pcid_list.c
RBDRV_SOURCES += lib/os/os_pcid_request.c lib/os/os_pcid_request.h
RBDRV_WIRE_SOURCES += lib/os/wire.c lib/os/wire.h lib/os/wire_cursor.h lib/os/wire_function.c
RBDRV_SOURCES += lib/os/os_event.c lib/os/os_event.h lib/os/os_irq.c lib/os/os_irq.h
RBDRV_SOURCES += lib/os/os_port.c lib/os/os_port.h
RBDRV_SOURCES += lib/os/os_time.c lib/os/os_time.h lib/os/os_vector.c lib/os/os_vector.h lib/os/os_vector_pool.c
