# SPDX-License-Identifier: MIT
# RB_HOST_PACKAGE(VARIABLE, MODULE, WANTED, DEBIAN-PACKAGE)
# A library that pkg-config knows, WANTED being yes, no or auto. Sets VARIABLE_CFLAGS, VARIABLE_LIBS,
# rb_sum_VARIABLE for the summary, the conditional WITH_VARIABLE and, in config.h, RBDRV_WITH_VARIABLE.
AC_DEFUN([RB_HOST_PACKAGE], [
AS_IF([test "x$3" = xno], [rb_have_$1=no; rb_sum_$1="no (--without-$2)"],
  [PKG_CHECK_MODULES([$1], [$2], [rb_have_$1=yes; rb_sum_$1=yes],
    [rb_have_$1=no; rb_sum_$1="no (not found; Debian: $4)"])])
AS_IF([test "x$3" = xyes && test $rb_have_$1 = no],
  [AC_MSG_ERROR([--with-$2: $2 not found (Debian: $4)])])
AM_CONDITIONAL([WITH_$1], [test $rb_have_$1 = yes])
AS_IF([test $rb_have_$1 = yes],
  [AC_DEFINE([RBDRV_WITH_$1], [1], [Define to 1 if lib$2 is used.])])
])
