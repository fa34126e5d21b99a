# SPDX-License-Identifier: MIT
# Reference pages and man pages, made by doxygen from the public headers. A public symbol without
# documentation is an error, and since all depends on the pages, one that stops the build.

EXTRA_DIST += doc/Doxyfile.in

if BUILD_DOC
man3dir = $(mandir)/man3

all-local: doc/doxygen.stamp

doc: doc/doxygen.stamp

# Doxygen makes one man page a header, named after it, and links from every name in it; man3 gets
# the pages as rbdrv-ctx.3 and the links of functions and structs.
doc/doxygen.stamp: doc/Doxyfile $(rbdrv_HEADERS) $(nodist_rbdrv_HEADERS)
	@rm -rf doc/html doc/man doc/man3
	$(AM_V_GEN)$(DOXYGEN) doc/Doxyfile
	@$(MKDIR_P) doc/man3
	@for page in doc/man/man3/*.h.3 doc/man/man3/rb_*.3; do \
		name=$${page##*/}; \
		case $$name in *.h.3) name=rbdrv-$${name%.h.3}.3 ;; esac; \
		$(SED) 's:^\.so man3/\(.*\)\.h\.3$$:.so man3/rbdrv-\1.3:' "$$page" >doc/man3/$$name || exit 1; \
	done
	@rm -rf doc/man
	@touch $@

install-data-local: doc/doxygen.stamp
	$(MKDIR_P) '$(DESTDIR)$(man3dir)'
	$(INSTALL_DATA) doc/man3/*.3 '$(DESTDIR)$(man3dir)'

install-html-local: doc/doxygen.stamp
	$(MKDIR_P) '$(DESTDIR)$(htmldir)'
	cp -R doc/html/. '$(DESTDIR)$(htmldir)'

uninstall-local:
	for page in doc/man3/*.3; do \
		rm -f '$(DESTDIR)$(man3dir)'/"$${page##*/}"; \
	done
	test ! -f '$(DESTDIR)$(htmldir)/index.html' || rm -rf '$(DESTDIR)$(htmldir)'

clean-local:
	rm -rf doc/html doc/man doc/man3 doc/doxygen.stamp
else
doc:
	@echo 'make doc: configure found no doxygen' >&2; exit 1
endif

.PHONY: doc
