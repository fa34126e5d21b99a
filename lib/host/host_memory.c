/* SPDX-License-Identifier: MIT */
/*
 * host_memory.c - /scheme/memory: what can be opened, and what mmap makes of it
 * (contract 1, probe 1 and 2).
 *
 * The mappings themselves live in host_map.c.
 */
#include "config.h"

#include <string.h>

#include "host/host_frames.h"
#include "host/host_map.h"
#include "host/hosted.h"

#define REST_MAX   64 /* bytes of a path in this scheme */
#define PHYS_END   ((uint64_t)1 << 52) /* contract 1.4 */
#define LENGTH_MAX ((uint64_t)1 << 40) /* the kernel loops for minutes above (probe 1) */

enum what { ZEROED, PHYSICAL, TRANSLATION, ROOT };

struct memory_file {
	struct rbi_file f; /* first */
	enum what what;
	bool contiguous;
};

/* --- mmap ---------------------------------------------------------------------------- */

static int map_physical(struct rbi_hosted *h, uint64_t phys, uint64_t len, unsigned int prot,
			void **base)
{
	if (phys % RBI_PAGE != 0 || len > PHYS_END || phys > PHYS_END - len)
		return -EINVAL;
	if (phys == 0)
		return rbi_hosted_panic(h, "physical address 0 is mapped: the kernel panics");
	if (len > LENGTH_MAX) {
		rbi_hosted_violation(
			h, "%#llx bytes are mapped at %#llx: the kernel loops for minutes",
			(unsigned long long)len, (unsigned long long)phys);
		return -ENOMEM;
	}
	if (h->machine->ops->is_ram(h->machine, phys, len))
		return -EPERM;
	return rbi_hosted_map_physical(h, phys, len, prot, base);
}

static int map_contiguous(struct rbi_hosted *h, uint64_t len, unsigned int prot, unsigned int flags,
			  void **base)
{
	if (flags & RBI_MAP_SHARED)
		return -EOPNOTSUPP;
	/* nothing that its devices could reach, and so nothing that would ever be free */
	if (rbi_hosted_frames_none(h->frames))
		return -EOPNOTSUPP;
	/* the bytes are the machine's to fill: it needs them writable, and so hosted
	 * Redox refuses what the real one would take */
	if (prot != (RBI_PROT_READ | RBI_PROT_WRITE))
		return -EOPNOTSUPP;
	return rbi_hosted_map_block(h, len, flags, base);
}

static int memory_mmap(struct rbi_hosted *h, struct rbi_file *f, size_t len, unsigned int prot,
		       unsigned int flags, uint64_t off, void **base)
{
	struct memory_file *mf = (struct memory_file *)f;

	switch (mf->what) {
	case PHYSICAL:
		return map_physical(h, off, len, prot, base);
	case ZEROED:
		if (mf->contiguous)
			return map_contiguous(h, len, prot, flags, base);
		return rbi_hosted_map_plain(h, len, prot, flags, base);
	case TRANSLATION:
		return -EOPNOTSUPP;
	default:
		return -EBADF;
	}
}

/* --- translation (contract 1.6) ------------------------------------------------------ */

static ssize_t memory_call(struct rbi_hosted *h, struct rbi_file *f, void *payload, size_t len,
			   unsigned int flags, const uint64_t *meta, size_t nmeta)
{
	struct memory_file *mf = (struct memory_file *)f;
	uint64_t addr;
	int rc;

	(void)flags;
	(void)meta;
	(void)nmeta;
	if (mf->what == ROOT)
		return -EBADF;
	if (mf->what != TRANSLATION)
		return -EOPNOTSUPP;
	if (len < sizeof(addr))
		return -EINVAL;
	if (!payload)
		return -EFAULT;

	memcpy(&addr, payload, sizeof(addr));
	rc = rbi_hosted_map_translate(h, addr, &addr);
	if (rc == 0)
		memcpy(payload, &addr, sizeof(addr));
	return rc;
}

/* --- open (contract 1.1, 1.2) -------------------------------------------------------- */

static const struct rbi_file_ops memory_ops = {
	.read = rbi_hosted_file_read_ebadf,
	.write = rbi_hosted_file_write_ebadf,
	.size = rbi_hosted_file_size_ebadf,
	.list = rbi_hosted_file_list_espipe,
	.mmap = memory_mmap,
	.call = memory_call,
	.descriptor = rbi_hosted_file_descriptor,
	.release = rbi_hosted_file_release,
};

static bool is(const char *s, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(s, word, len) == 0;
}

static int parse_name(const char *s, size_t len, enum what *what)
{
	if (len == 0 || is(s, len, "zeroed"))
		*what = ZEROED;
	else if (is(s, len, "physical"))
		*what = PHYSICAL;
	else if (is(s, len, "translation"))
		*what = TRANSLATION;
	else
		return -ENOENT;
	return 0;
}

/* "wb" and "" are the default type, which anybody may have. */
static int parse_type(const char *s, size_t len, bool *is_default)
{
	*is_default = len == 0 || is(s, len, "wb");
	if (*is_default || is(s, len, "uc") || is(s, len, "wc") || is(s, len, "dev"))
		return 0;
	return -ENOENT;
}

static int parse_flags(const char *s, size_t len, bool *contiguous)
{
	size_t n;

	*contiguous = false;
	for (;; s += n + 1, len -= n + 1) {
		for (n = 0; n < len && s[n] != ','; n++)
			;
		if (is(s, n, "phys_contiguous"))
			*contiguous = true;
		else if (n > 0)
			return -ENOENT;
		if (n == len)
			return 0;
	}
}

/* NAME[@TYPE[?FLAGS]]; flags stand behind a type only (probe 1). */
static int parse(const char *s, size_t len, struct memory_file *mf, bool *is_default)
{
	const char *at = memchr(s, '@', len);
	const char *type = at ? at + 1 : s + len;
	const char *mark = memchr(type, '?', (size_t)(s + len - type));
	const char *flags = mark ? mark + 1 : s + len;
	int rc;

	rc = parse_name(s, (size_t)((at ? at : s + len) - s), &mf->what);
	if (rc == 0)
		rc = parse_type(type, (size_t)((mark ? mark : s + len) - type), is_default);
	if (rc == 0)
		rc = parse_flags(flags, (size_t)(s + len - flags), &mf->contiguous);
	return rc;
}

/* Nothing is asked of who wants the root, nor of what stands behind its name. */
static bool is_root(const char *rest, size_t len)
{
	const char *at = memchr(rest, '@', len);

	return is(rest, at ? (size_t)(at - rest) : len, "scheme-root");
}

static int check_open(struct rbi_hosted *h, const char *rest, struct memory_file *mf)
{
	size_t len;
	bool is_default;
	int rc;

	while (*rest == '/')
		rest++;
	len = strlen(rest);
	while (len > 0 && rest[len - 1] == '/') /* relibc drops it (probe 1) */
		len--;
	if (len > REST_MAX)
		return -ENOENT;

	if (is_root(rest, len)) {
		mf->what = ROOT;
		return 0;
	}
	rc = parse(rest, len, mf, &is_default);
	if (rc == 0 && h->uid != 0 && (mf->what != ZEROED || mf->contiguous || !is_default))
		rc = -EACCES;
	return rc;
}

int rbi_hosted_memory_open(struct rbi_hosted *h, const char *rest, unsigned int flags)
{
	struct memory_file *mf = rbi_alloc(1, sizeof(*mf));
	int rc;

	if (!mf)
		return -ENOMEM;
	mf->f.ops = &memory_ops;
	rc = check_open(h, rest, mf);
	if (rc < 0) {
		rbi_free(mf);
		return rc;
	}
	return rbi_hosted_handle_open(h, &mf->f, flags);
}
