/* SPDX-License-Identifier: MIT */
/* qmp.c - QEMU's monitor protocol, client side. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "core/core.h"
#include "host/qemu/qmp.h"
#include "host/real_clock.h"

#define ROOM_MIN 4096

void rbi_qmp_open(struct rbi_qmp *q, int fd, int end_fd, unsigned int timeout_ms)
{
	q->fd = fd;
	q->end_fd = end_fd;
	q->timeout_ms = timeout_ms;
}

void rbi_qmp_close(struct rbi_qmp *q)
{
	rbi_free(q->in);
	q->in = NULL;
	q->start = q->end = q->room = 0;
}

/* The peer cannot be trusted with another command: what it says may answer an old one. */
static int give_up(struct rbi_qmp *q, int code, const char *why)
{
	q->failed = code;
	return rbi_fail(code, "QEMU's monitor: %s", why);
}

/* --- bytes ------------------------------------------------------------------------------- */

/* Wait for @events, at most until @deadline. The end of QEMU shows on the connection, too,
 * unless some child of this process holds a copy of its other end. */
static int await(struct rbi_qmp *q, short events, int64_t deadline)
{
	struct pollfd fds[2] = { { q->fd, events, 0 }, { q->end_fd, POLLIN, 0 } };
	int64_t left;
	int rc;

	do {
		left = deadline - rbi_real_ms();
		rc = left > 0 ? poll(fds, 2, (int)left) : 0;
	} while (rc < 0 && errno == EINTR);

	if (rc < 0)
		return rbi_fail(-ENOMEM, "QEMU's monitor: poll failed: errno %d", errno);
	if (rc == 0)
		return give_up(q, -ETIMEDOUT, "no answer in time");
	if (fds[0].revents)
		return 0;
	return give_up(q, -ENODEV, "QEMU has ended");
}

/* More bytes, or room for them. */
static int make_room(struct rbi_qmp *q)
{
	size_t room;
	char *in;

	if (q->start > 0) {
		memmove(q->in, q->in + q->start, q->end - q->start);
		q->end -= q->start;
		q->start = 0;
	}
	if (q->end < q->room)
		return 0;
	if (q->room >= RBI_QMP_LINE)
		return give_up(q, -EPROTO, "a line without an end");
	room = q->room ? q->room * 2 : ROOM_MIN;
	in = rbi_realloc(q->in, room, 1);
	if (!in) {
		q->failed = -ENOMEM; /* half a line is nobody's answer */
		return rbi_no_memory("an answer of QEMU");
	}
	q->in = in;
	q->room = room;
	return 0;
}

static int fill(struct rbi_qmp *q, int64_t deadline)
{
	ssize_t n;
	int rc = make_room(q);

	rc = rc ? rc : await(q, POLLIN, deadline);
	if (rc < 0)
		return rc;
	n = recv(q->fd, q->in + q->end, q->room - q->end, MSG_DONTWAIT);
	if (n > 0)
		q->end += (size_t)n;
	else if (n == 0 || (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK))
		return give_up(q, -ENODEV, "QEMU has ended");
	return 0;
}

static int send_all(struct rbi_qmp *q, const char *text, size_t len, int64_t deadline)
{
	ssize_t n;
	int rc;

	while (len > 0) {
		n = send(q->fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n >= 0) {
			text += n;
			len -= (size_t)n;
			continue;
		}
		if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK)
			return give_up(q, -ENODEV, "QEMU has ended");
		rc = await(q, POLLOUT, deadline);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* --- lines ------------------------------------------------------------------------------- */

/* The next object that comes. */
static int next_object(struct rbi_qmp *q, int64_t deadline, json_t **out)
{
	char *line = NULL, *end = NULL;
	json_error_t error;
	int rc = 0;

	*out = NULL;
	while (rc == 0) {
		if (q->end > q->start) { /* before the first bytes there is no buffer */
			line = q->in + q->start;
			end = memchr(line, '\n', q->end - q->start);
		}
		if (end)
			break;
		rc = fill(q, deadline);
	}
	if (rc < 0)
		return rc;

	q->start += (size_t)(end - line) + 1;
	*out = json_loadb(line, (size_t)(end - line), JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(*out)) {
		json_decref(*out);
		*out = NULL;
		return give_up(q, -EPROTO, "a line is no JSON object");
	}
	return 0;
}

/* The answer to command @serial; events before it are dropped. Events without end are
 * stopped by the deadline, which is looked at here because they may come without a pause. */
static int answer(struct rbi_qmp *q, unsigned long serial, int64_t deadline, json_t **out)
{
	json_t *id;
	int rc;

	for (;;) {
		rc = next_object(q, deadline, out);
		if (rc < 0)
			return rc;
		if (!json_object_get(*out, "event"))
			break;
		json_decref(*out);
		*out = NULL;
		if (rbi_real_ms() > deadline)
			return give_up(q, -ETIMEDOUT, "events, and no answer in time");
	}
	id = json_object_get(*out, "id");
	if (json_is_integer(id) && json_integer_value(id) == (json_int_t)serial)
		return 0;
	json_decref(*out);
	*out = NULL;
	return give_up(q, -EPROTO, "an answer to what nobody asked");
}

/* A refusal: QEMU's words on one line, without control bytes. */
static int refused(struct rbi_qmp *q, const char *command, json_t *error)
{
	const char *class = json_string_value(json_object_get(error, "class"));
	const char *desc = json_string_value(json_object_get(error, "desc"));
	char words[300];
	size_t i;

	if (!class || !desc)
		return give_up(q, -EPROTO, "an error without its words");
	for (i = 0; i + 1 < sizeof(words) && desc[i]; i++)
		words[i] = (unsigned char)desc[i] < 0x20 || desc[i] == 0x7f ? ' ' : desc[i];
	words[i] = '\0';
	return rbi_fail(strcmp(class, "DeviceNotFound") == 0 ? -ENOENT : -EINVAL,
			"QEMU refuses %s: %s", command, words);
}

static int take_answer(struct rbi_qmp *q, const char *command, json_t *object, json_t **ret)
{
	json_t *error = json_object_get(object, "error");
	json_t *value = json_object_get(object, "return");

	if (error)
		return refused(q, command, error);
	if (!value)
		return give_up(q, -EPROTO, "an answer that is neither yes nor no");
	if (ret)
		*ret = json_incref(value);
	return 0;
}

/* --- commands ---------------------------------------------------------------------------- */

/* @object as one line: its bytes, and how many in *@len; NULL: no memory. */
static char *line_of(const json_t *object, size_t *len)
{
	size_t size = object ? json_dumpb(object, NULL, 0, JSON_COMPACT) : 0;
	char *text = size > 0 ? rbi_alloc(size + 1, 1) : NULL;

	if (!text)
		return NULL;
	*len = json_dumpb(object, text, size, JSON_COMPACT);
	text[size] = '\n';
	if ((*len)++ == size)
		return text;
	rbi_free(text);
	return NULL;
}

static int send_command(struct rbi_qmp *q, const char *command, json_t *args, int64_t deadline)
{
	json_t *object = json_pack("{s:s, s:I}", "execute", command, "id",
				   (json_int_t)++q->serial);
	char *text = NULL;
	size_t len;
	int rc;

	if (object && (!args || json_object_set(object, "arguments", args) == 0))
		text = line_of(object, &len);
	json_decref(object);
	if (!text)
		return rbi_no_memory("a command to QEMU");
	rc = send_all(q, text, len, deadline);
	rbi_free(text);
	return rc;
}

static int run(struct rbi_qmp *q, const char *command, json_t *args, json_t **ret)
{
	int64_t deadline = rbi_real_ms() + q->timeout_ms;
	json_t *object;
	int rc = send_command(q, command, args, deadline);

	rc = rc ? rc : answer(q, q->serial, deadline, &object);
	if (rc < 0)
		return rc;
	rc = take_answer(q, command, object, ret);
	json_decref(object);
	return rc;
}

static int greet(struct rbi_qmp *q)
{
	json_t *greeting;
	int rc = next_object(q, rbi_real_ms() + q->timeout_ms, &greeting);

	if (rc < 0)
		return rc;
	if (!json_is_object(json_object_get(greeting, "QMP")))
		rc = give_up(q, -EPROTO, "no greeting");
	json_decref(greeting);
	rc = rc ? rc : run(q, "qmp_capabilities", NULL, NULL);
	q->greeted = rc == 0;
	return rc;
}

int rbi_qmp_command(struct rbi_qmp *q, const char *command, json_t *args, json_t **ret)
{
	int rc = 0;

	if (ret)
		*ret = NULL;
	if (q->failed)
		rc = rbi_fail(q->failed, "QEMU's monitor has failed before");
	if (rc == 0 && !q->greeted)
		rc = greet(q);
	if (rc == 0)
		rc = run(q, command, args, ret);
	json_decref(args);
	return rc;
}
