# SPDX-License-Identifier: MIT
# Probes for flags that compilers and linkers disagree about.

# RB_CC_FLAG(VARIABLE, FLAG...)
# Append to VARIABLE each FLAG that the compiler takes without a warning.
AC_DEFUN([RB_CC_FLAG],
[m4_foreach_w([rb_flag], [$2],
  [AS_VAR_PUSHDEF([rb_cache], [rb_cv_cc_flag_]rb_flag)dnl
   AC_CACHE_CHECK([whether $CC takes ]rb_flag, [rb_cache],
     [rb_save_CFLAGS=$CFLAGS
      CFLAGS="$CFLAGS -Werror rb_flag"
      AC_COMPILE_IFELSE([AC_LANG_PROGRAM], [AS_VAR_SET([rb_cache], [yes])],
        [AS_VAR_SET([rb_cache], [no])])
      CFLAGS=$rb_save_CFLAGS])
   AS_VAR_IF([rb_cache], [yes], [$1="$$1 rb_flag"])
   AS_VAR_POPDEF([rb_cache])dnl
  ])])

# RB_SHARED_LINK(QUESTION, CACHE-VARIABLE, FLAGS)
# Can a shared object be linked with FLAGS, given the sanitizers in use?
AC_DEFUN([RB_SHARED_LINK],
[AC_CACHE_CHECK([$1], [$2],
  [rb_save_LDFLAGS=$LDFLAGS
   rb_save_CFLAGS=$CFLAGS
   CFLAGS="$CFLAGS $RB_SANITIZE_FLAGS -fPIC"
   LDFLAGS="$LDFLAGS -shared $3"
   AC_LINK_IFELSE([AC_LANG_SOURCE([[
     #include <stdlib.h>
     void *rb_probe(size_t n);
     void *rb_probe(size_t n) { char *p = malloc(n); if (p) p[0] = 0; return p; }
     ]])], [$2=yes], [$2=no])
   CFLAGS=$rb_save_CFLAGS
   LDFLAGS=$rb_save_LDFLAGS])])
