# SPDX-License-Identifier: MIT
# The libraries, made of what the rooms listed.

# Everything above lib/host is plain POSIX and C11, for it also runs on Redox; the few calls
# beyond are probed, and config.h makes them visible.
RB_POSIX = -D_POSIX_C_SOURCE=200809L

# Bytes on the wire: pure functions, in both libraries, exported by neither.
noinst_LTLIBRARIES += lib/librbdrv-wire.la
lib_librbdrv_wire_la_SOURCES = $(RBDRV_WIRE_SOURCES)
lib_librbdrv_wire_la_CPPFLAGS = $(AM_CPPFLAGS) $(RB_POSIX)
lib_librbdrv_wire_la_CFLAGS = $(AM_CFLAGS) $(RB_LIB_CFLAGS)

# Each object of librbdrv is compiled twice, with PIC defined for the shared library and without
# for the archive; core leaves the loading of librbdrv-host out of the latter.
lib_LTLIBRARIES += lib/librbdrv.la
lib_librbdrv_la_SOURCES = $(RBDRV_SOURCES)
lib_librbdrv_la_CPPFLAGS = $(AM_CPPFLAGS) $(RB_POSIX)
lib_librbdrv_la_CFLAGS = $(AM_CFLAGS) $(RB_LIB_CFLAGS)
lib_librbdrv_la_LIBADD = lib/librbdrv-wire.la
lib_librbdrv_la_LDFLAGS = $(AM_LDFLAGS) -no-undefined -version-info $(RBDRV_LT_VERSION) $(RB_DEFS_LDFLAGS)
EXTRA_lib_librbdrv_la_DEPENDENCIES = lib/rbdrv.map
if HAVE_VERSION_SCRIPT
lib_librbdrv_la_LDFLAGS += -Wl,--version-script=lib/rbdrv.map
else
lib_librbdrv_la_LDFLAGS += -export-symbols-regex '^rbi?_'
endif

# The loader looks up /usr/local/lib in a cache. A staged install leaves that to whoever unpacks it;
# without the right or the program for it nothing is lost but comfort.
install-exec-hook:
	@test -n '$(DESTDIR)' || PATH="$$PATH:/sbin:/usr/sbin" ldconfig >/dev/null 2>&1 || :

if HOST_LIB
# Each finds the other beside itself, installed or not.
RB_ORIGIN_LDFLAGS = -Wl,--enable-new-dtags -Wl,-rpath,'$$ORIGIN'
lib_librbdrv_la_LDFLAGS += $(RB_ORIGIN_LDFLAGS)

RB_HOST_CPPFLAGS = $(PCIACCESS_CFLAGS) $(JANSSON_CFLAGS)
RB_HOST_LIBS = $(PCIACCESS_LIBS) $(JANSSON_LIBS)

# Shared only, for librbdrv loads it by its soname; in lib/ too, so that one .libs serves runs from
# the build directory. It names librbdrv to the linker and not to libtool, which would give it
# the build directory as a place to search and link it a second time in make install.
lib_LTLIBRARIES += lib/librbdrv-host.la
lib_librbdrv_host_la_SOURCES = $(RBDRV_HOST_SOURCES)
lib_librbdrv_host_la_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE $(RB_HOST_CPPFLAGS)
lib_librbdrv_host_la_CFLAGS = $(AM_CFLAGS) $(RB_LIB_CFLAGS) -pthread
lib_librbdrv_host_la_LIBTOOLFLAGS = --tag=disable-static
lib_librbdrv_host_la_LIBADD = lib/librbdrv-wire.la $(RB_HOST_LIBS)
lib_librbdrv_host_la_LDFLAGS = $(AM_LDFLAGS) -no-undefined -version-info $(RBDRV_LT_VERSION) \
	$(RB_DEFS_LDFLAGS) -Wl,lib/.libs/librbdrv.so $(RB_ORIGIN_LDFLAGS) -pthread
EXTRA_lib_librbdrv_host_la_DEPENDENCIES = lib/librbdrv.la lib/host/rbdrv-host.map
if HAVE_VERSION_SCRIPT
lib_librbdrv_host_la_LDFLAGS += -Wl,--version-script=lib/host/rbdrv-host.map
else
lib_librbdrv_host_la_LDFLAGS += -export-symbols-regex '^rb_'
endif

# Both libraries in one archive, for unit tests: the host half is called instead of loaded.
check_LTLIBRARIES += lib/librbdrv-test.la
lib_librbdrv_test_la_SOURCES = $(RBDRV_WIRE_SOURCES) $(RBDRV_SOURCES) $(RBDRV_HOST_SOURCES)
lib_librbdrv_test_la_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE $(RB_HOST_CPPFLAGS) -DRBDRV_TEST_STATIC_HOST
lib_librbdrv_test_la_CFLAGS = $(AM_CFLAGS) $(RB_LIB_CFLAGS) -pthread
lib_librbdrv_test_la_LIBADD = $(RB_HOST_LIBS)
lib_librbdrv_test_la_LIBTOOLFLAGS = --tag=disable-shared
endif
