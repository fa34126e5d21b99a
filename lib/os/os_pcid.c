/* SPDX-License-Identifier: MIT */
/*
 * os_pcid.c - channels: one request, one answer, under a lock (contract 4.3).
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "core/detail.h"
#include "os/os_pcid_request.h"

#define EINTR_MAX 1000 /* interruptions in a row before a call counts as broken */

struct rbi_pcid {
	struct rbi_os *os;
	int fd;
	bool is_client; /* inherited: belongs to os, which closes the descriptor */
	atomic_bool claimed; /* of the inherited one: by a driver */
	atomic_bool extended; /* configuration space may be read past 256 bytes */
	char name[RBI_PCID_NAME_MAX];

	pthread_mutex_t lock; /* one exchange at a time; guards what follows */
	int dead; /* 0, or the code of every later request */
	uint8_t answer[RBI_WIRE_RESPONSE_MAX];
};

/* --- opening and closing ----------------------------------------------------------- */

static struct rbi_pcid *channel_alloc(struct rbi_os *os, int fd, const char *name)
{
	struct rbi_pcid *ch = rbi_alloc(1, sizeof(*ch));

	if (!ch)
		return NULL;
	if (pthread_mutex_init(&ch->lock, NULL) != 0) {
		rbi_free(ch);
		return NULL;
	}
	ch->os = os;
	ch->fd = fd;
	snprintf(ch->name, sizeof(ch->name), "%s", name);
	atomic_init(&ch->claimed, false);
	atomic_init(&ch->extended, false);
	return ch;
}

static void channel_free(struct rbi_pcid *ch)
{
	pthread_mutex_destroy(&ch->lock);
	rbi_free(ch);
}

/*
 * May this process open channels at all? pcid enables and locks a function before
 * it looks who is asking, and never undoes it (contract 4.2), so one must not try.
 * The access endpoint asks for the same right and touches nothing.
 */
static int may_open(struct rbi_os *os, const char *name)
{
	struct rbi_detail detail;
	int fd;

	rbi_detail_keep(&detail);
	fd = rbi_pcid_access_open(os);
	if (fd == -EACCES)
		return rbi_fail(-EACCES, "PCI function %s: this process may not claim devices",
				name);
	if (fd < 0 && fd != -ENOENT) /* a server without the endpoint cannot be asked */
		return fd;
	rbi_detail_restore(&detail);
	rbi_os_close(os, fd);
	return 0;
}

int rbi_pcid_open(struct rbi_os *os, const char *name, struct rbi_pcid **out)
{
	char rest[RBI_PCID_NAME_MAX + sizeof("/channel")];
	struct rbi_pcid *ch;
	int rc;

	*out = NULL;
	rc = may_open(os, name);
	if (rc < 0)
		return rc;

	/* memory first: once open, the function is enabled and locked */
	ch = channel_alloc(os, -1, name);
	if (!ch)
		return rbi_no_memory("a PCI channel");

	snprintf(rest, sizeof(rest), "%s/channel", ch->name);
	rc = rbi_os_open(os, "pci", rest, RBI_O_RDWR);
	if (rc < 0) {
		channel_free(ch);
		if (rc == -EBUSY)
			return rbi_fail(-EBUSY, "PCI function %s is claimed already", name);
		if (rc == -ENOTSUP) /* ENODEV, but not of the scheme: may_open() saw it */
			return rbi_fail(-ENODEV, "PCI function %s is gone", name);
		return rc;
	}
	ch->fd = rc;
	*out = ch;
	return 0;
}

int rbi_pcid_client(struct rbi_os *os, struct rbi_pcid **out)
{
	struct rbi_pcid *other = NULL;
	struct rbi_pcid *ch;

	*out = NULL;
	if (os->client_channel < 0)
		return 0;
	ch = atomic_load(&os->client);
	if (!ch) {
		ch = channel_alloc(os, os->client_channel, "(inherited)");
		if (!ch)
			return rbi_no_memory("a PCI channel");
		ch->is_client = true;
		if (!atomic_compare_exchange_strong(&os->client, &other, ch)) {
			channel_free(ch); /* another thread was first */
			ch = other;
		}
	}
	*out = ch;
	return 0;
}

int rbi_pcid_client_claim(struct rbi_pcid *ch)
{
	if (atomic_exchange(&ch->claimed, true))
		return rbi_fail(-EBUSY, "the inherited PCI function is claimed already");
	return 0;
}

void rbi_pcid_client_free(struct rbi_os *os)
{
	struct rbi_pcid *ch = atomic_exchange(&os->client, NULL);

	if (ch)
		channel_free(ch);
}

void rbi_pcid_close(struct rbi_pcid *ch, bool forked)
{
	if (!ch)
		return;
	if (ch->is_client) {
		atomic_store(&ch->claimed, false);
		return;
	}
	if (!forked)
		rbi_os_close(ch->os, ch->fd);
	channel_free(ch);
}

const char *rbi_pcid_name(const struct rbi_pcid *ch)
{
	return ch->name;
}

/* --- one exchange ------------------------------------------------------------------ */

/* A code of the system, within what a request may answer; the detail stays. */
static int fold(int rc)
{
	if (rc == -EINVAL) /* pcid: not decodable, or nothing asked (contract 4.3) */
		return -EPROTO;
	if (rc == -EPROTO || rc == -ENODEV || rc == -ENOMEM || rc == -EACCES)
		return rc;
	return -EIO;
}

/* Read exactly @len bytes, in as many pieces as pcid likes. */
static int read_all(struct rbi_pcid *ch, uint8_t *buf, size_t len)
{
	unsigned int tries = 0;
	size_t used = 0;
	ssize_t rc;

	while (used < len) {
		rc = ch->os->sys->ops->read(ch->os->sys, ch->fd, buf + used, len - used);
		if (rc == -EINTR && ++tries < EINTR_MAX)
			continue;
		if (rc < 0)
			return rbi_os_fail((int)rc, "PCI function %s: reading an answer", ch->name);
		if (rc == 0 || (size_t)rc > len - used)
			return rbi_fail(-EPROTO,
					"PCI function %s: an answer of %zu bytes ends after %zu",
					ch->name, len, used);
		used += (size_t)rc;
	}
	return 0;
}

static int read_answer(struct rbi_pcid *ch, struct rbi_wire_rsp *rsp)
{
	size_t len = 0;
	int rc;

	rc = read_all(ch, ch->answer, RBI_WIRE_LEN_BYTES);
	if (rc == 0)
		rc = rbi_wire_decode_length(ch->answer, &len);
	if (rc < 0)
		return rc;
	if (len > sizeof(ch->answer))
		return rbi_fail(-EPROTO, "PCI function %s: an answer of %zu bytes", ch->name, len);
	rc = read_all(ch, ch->answer, len);
	if (rc < 0)
		return rc;
	return rbi_wire_decode_response(ch->answer, len, rsp);
}

/* Which answer belongs to a request (contract 4.8). */
static enum rbi_wire_response_kind answer_to(enum rbi_wire_request_kind kind)
{
	switch (kind) {
	case RBI_WIRE_ENABLE_DEVICE:
		return RBI_WIRE_ENABLED_DEVICE;
	case RBI_WIRE_REQUEST_CONFIG:
		return RBI_WIRE_CONFIG;
	case RBI_WIRE_REQUEST_FEATURES:
		return RBI_WIRE_ALL_FEATURES;
	case RBI_WIRE_REQUEST_VENDOR_CAPS:
		return RBI_WIRE_VENDOR_CAPS;
	case RBI_WIRE_ENABLE_FEATURE:
		return RBI_WIRE_FEATURE_ENABLED;
	case RBI_WIRE_FEATURE_INFO:
		return RBI_WIRE_FEATURE_INFO_IS;
	case RBI_WIRE_SET_FEATURE_INFO:
		return RBI_WIRE_FEATURE_INFO_SET;
	case RBI_WIRE_READ_CONFIG:
		return RBI_WIRE_CONFIG_VALUE;
	case RBI_WIRE_WRITE_CONFIG:
		break;
	}
	return RBI_WIRE_CONFIG_WRITTEN;
}

static bool is_about_feature(enum rbi_wire_request_kind kind)
{
	return kind == RBI_WIRE_ENABLE_FEATURE || kind == RBI_WIRE_FEATURE_INFO ||
	       kind == RBI_WIRE_SET_FEATURE_INFO;
}

static const char *feature_name(enum rbi_wire_feature feature)
{
	return feature == RBI_WIRE_MSI ? "MSI" : "MSI-X";
}

/* Does the answer fit the question? *@sane is false when the channel is lost. */
static int judge(const struct rbi_pcid *ch, const struct rbi_wire_req *req,
		 const struct rbi_wire_rsp *rsp, bool *sane)
{
	bool same_feature = is_about_feature(req->kind) && rsp->feature == req->feature;

	*sane = true;
	if (rsp->kind == answer_to(req->kind) && (same_feature || !is_about_feature(req->kind)))
		return 0;
	if (rsp->kind == RBI_WIRE_ERROR && rsp->u.error == RBI_WIRE_NO_FEATURE && same_feature)
		return rbi_fail(-ENOENT, "PCI function %s has no %s", ch->name,
				feature_name(req->feature));
	if (rsp->kind == RBI_WIRE_ERROR && rsp->u.error == RBI_WIRE_INVALID_BITS &&
	    req->kind == RBI_WIRE_SET_FEATURE_INFO)
		return rbi_fail(-EINVAL, "PCI function %s: %s cannot be set so", ch->name,
				feature_name(req->feature));
	*sane = false;
	return rbi_fail(-EPROTO, "PCI function %s: %s answered by %s", ch->name,
			rbi_wire_request_name(req->kind), rbi_wire_response_name(rsp->kind));
}

/* With the lock held. */
static int exchange(struct rbi_pcid *ch, const struct rbi_wire_req *req, struct rbi_wire_rsp *rsp)
{
	uint8_t bytes[RBI_WIRE_REQUEST_MAX];
	bool sane;
	int len, rc;

	len = rbi_wire_encode_request(req, bytes, sizeof(bytes));
	if (len < 0)
		return len;

	rc = rbi_os_write_exact(ch->os, ch->fd, bytes, (size_t)len, "a request to the PCI server");
	if (rc == -EACCES)
		return rbi_fail(rc, "PCI function %s: " RBI_PCID_HIDDEN, ch->name);
	if (rc < 0) {
		rc = fold(rc);
		/* refused outright leaves nothing pending; these two do not */
		if (rc == -EPROTO || rc == -ENODEV)
			ch->dead = rc;
		return rc;
	}

	rc = read_answer(ch, rsp);
	if (rc < 0) {
		rc = fold(rc);
		ch->dead = rc == -ENODEV ? -ENODEV : -EPROTO;
		return rc;
	}

	rc = judge(ch, req, rsp, &sane);
	if (!sane)
		ch->dead = -EPROTO;
	return rc;
}

int rbi_pcid_request(struct rbi_pcid *ch, const struct rbi_wire_req *req, struct rbi_wire_rsp *rsp)
{
	int rc;

	pthread_mutex_lock(&ch->lock);
	if (ch->dead == -ENODEV)
		rc = rbi_fail(-ENODEV, "PCI function %s is gone", ch->name);
	else if (ch->dead != 0)
		rc = rbi_fail(-EPROTO, "PCI function %s: its channel broke earlier", ch->name);
	else
		rc = exchange(ch, req, rsp);
	pthread_mutex_unlock(&ch->lock);
	return rc;
}

/* --- how far configuration space goes ----------------------------------------------------- */

void rbi_pcid_allow_extended(struct rbi_pcid *ch)
{
	atomic_store(&ch->extended, true);
}

bool rbi_pcid_is_extended(struct rbi_pcid *ch)
{
	return atomic_load(&ch->extended);
}
