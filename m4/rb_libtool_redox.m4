# SPDX-License-Identifier: MIT
# Upstream libtool knows no Redox: it would set can_build_shared=no and build static archives
# only, without a word (doc/redox-contract.md, 11.4).
#
# Redox has ELF, GNU binutils, sonames and a loader that looks for them, so every answer libtool
# gives for GNU/Linux holds. RB_LT_INIT therefore lets libtool's tests see linux-gnu, then gives
# the true name back and corrects the two answers that libtool would take from the build machine.
# With Redox's own fork of libtool, which has a case for it, the outcome is the same.

# RB_LT_INIT_BEGIN, LT_INIT, RB_LT_INIT_END: in this order, at the top level of configure.ac,
# for libtool's required tests are expanded between the three and not inside a macro.
AC_DEFUN([RB_LT_INIT_BEGIN],
[AC_REQUIRE([AC_CANONICAL_HOST])dnl
rb_host_os=$host_os
AS_CASE([$host_os], [redox*], [host_os=linux-gnu])
])

AC_DEFUN([RB_LT_INIT_END],
[host_os=$rb_host_os
AS_CASE([$host_os],
  [redox*],
    [dynamic_linker='Redox ld.so'
     # Not the build machine's /etc/ld.so.conf.
     sys_lib_dlsearch_path_spec='/lib /usr/lib'
     sys_lib_search_path_spec='/lib /usr/lib'])
])
