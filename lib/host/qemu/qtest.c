/* SPDX-License-Identifier: MIT */
/* qtest.c - QEMU's qtest protocol, client side. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "core/bits.h"
#include "core/core.h"
#include "host/qemu/qtest.h"
#include "host/real_clock.h"

#define COMMAND_MAX 80 /* "writeq 0x%x 0x%x\n" with two 64-bit numbers is 45 */

/* --- life -------------------------------------------------------------------------------- */

int rbi_qtest_init(struct rbi_qtest *q)
{
	if (pthread_mutex_init(&q->lock, NULL) != 0)
		return rbi_no_memory("a lock");
	q->fd = -1;
	return 0;
}

int rbi_qtest_open(struct rbi_qtest *q, int fd, unsigned int timeout_ms)
{
	struct timeval tv = { timeout_ms / 1000, (long)(timeout_ms % 1000) * 1000 };

	/* The kernel keeps the time, so that an answer costs one system call. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)) < 0)
		return rbi_fail(-EIO, "QEMU's socket takes no time-out: errno %d", errno);

	q->fd = fd;
	q->timeout_ms = timeout_ms;
	return 0;
}

void rbi_qtest_destroy(struct rbi_qtest *q)
{
	pthread_mutex_destroy(&q->lock);
}

void rbi_qtest_lock(struct rbi_qtest *q)
{
	pthread_mutex_lock(&q->lock);
}

bool rbi_qtest_trylock(struct rbi_qtest *q)
{
	return pthread_mutex_trylock(&q->lock) == 0;
}

void rbi_qtest_unlock(struct rbi_qtest *q)
{
	pthread_mutex_unlock(&q->lock);
}

void rbi_qtest_die(struct rbi_qtest *q, enum rbi_qtest_state state, const char *why)
{
	if (rbi_qtest_dead(q))
		return;

	snprintf(q->why, sizeof(q->why), "%s", why);
	atomic_store_explicit(&q->state, state, memory_order_release);
	if (q->on_death)
		q->on_death(q->arg);
}

static int gone(struct rbi_qtest *q)
{
	return rbi_fail(-ENODEV, "QEMU is gone: %s", q->why);
}

static int die(struct rbi_qtest *q, enum rbi_qtest_state state, const char *why)
{
	rbi_qtest_die(q, state, why);
	return gone(q);
}

static int die_silent(struct rbi_qtest *q)
{
	char why[64];

	snprintf(why, sizeof(why), "it did not answer within %u ms", q->timeout_ms);
	return die(q, RBI_QTEST_SILENT, why);
}

/* --- lines that come in ------------------------------------------------------------------ */

/* Read some more bytes: 1; 0: none there now (only with MSG_DONTWAIT); -ENODEV. */
static int fill(struct rbi_qtest *q, int flags)
{
	ssize_t n;

	if (q->start > 0) {
		memmove(q->in, q->in + q->start, q->end - q->start);
		q->end -= q->start;
		q->start = 0;
	}
	if (q->end == sizeof(q->in))
		return die(q, RBI_QTEST_NONSENSE, "it sent a line without an end");

	n = recv(q->fd, q->in + q->end, sizeof(q->in) - q->end, flags);
	if (n > 0) {
		q->end += (size_t)n;
		return 1;
	}
	if (n < 0 && errno == EINTR)
		return 1; /* the caller looks at the clock and comes back */
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return flags & MSG_DONTWAIT ? 0 : die_silent(q);
	return die(q, RBI_QTEST_HUNG_UP, "it has ended");
}

/* The next whole line that is there, its newline replaced by a NUL, or NULL. */
static char *next_line(struct rbi_qtest *q)
{
	char *line = q->in + q->start;
	char *end = memchr(line, '\n', q->end - q->start);

	if (!end)
		return NULL;
	*end = '\0';
	q->start = (size_t)(end - q->in) + 1;
	return line;
}

/* "7" or "0x7f", nothing before or after. */
static bool parse_number(const char *s, uint64_t *val)
{
	unsigned int base = 10, digit;
	uint64_t v = 0;

	if (s[0] == '0' && s[1] == 'x') {
		base = 16;
		s += 2;
	}
	if (!*s)
		return false;
	for (; *s; s++) {
		if (*s >= '0' && *s <= '9')
			digit = (unsigned int)(*s - '0');
		else if (base == 16 && *s >= 'a' && *s <= 'f')
			digit = (unsigned int)(*s - 'a') + 10;
		else
			return false;
		if (v > (UINT64_MAX - digit) / base)
			return false;
		v = v * base + digit;
	}
	*val = v;
	return true;
}

/* Is @line about an interrupt? Then it is dealt with: 1, or -ENODEV. 0: it is not. */
static int take_irq_line(struct rbi_qtest *q, const char *line)
{
	uint64_t number;
	bool level;

	if (strncmp(line, "IRQ ", 4) != 0)
		return 0;

	level = strncmp(line + 4, "raise ", 6) == 0;
	if ((!level && strncmp(line + 4, "lower ", 6) != 0) || !parse_number(line + 10, &number) ||
	    number > 255)
		return die(q, RBI_QTEST_NONSENSE, "its interrupt report makes no sense");

	if (q->on_irq)
		q->on_irq(q->arg, (unsigned int)number, level);
	return 1;
}

/* Is @line the bare OK of a write? */
static int expect_ok(struct rbi_qtest *q, const char *line)
{
	if (strcmp(line, "OK") == 0)
		return 0;
	return die(q, RBI_QTEST_NONSENSE, "it refused a command or answered out of turn");
}

/* The next line that is no interrupt report. A peer that sends only reports, or
 * half a line, is silent all the same. */
static int answer(struct rbi_qtest *q, char **out)
{
	int64_t deadline = rbi_real_ms() + q->timeout_ms;
	bool waited = false;
	int rc;

	for (;;) {
		*out = next_line(q);
		if (!*out) {
			if (waited && rbi_real_ms() > deadline)
				return die_silent(q);
			waited = true;
			rc = fill(q, 0);
		} else {
			rc = take_irq_line(q, *out);
			if (rc == 0)
				return 0;
		}
		if (rc < 0)
			return rc;
	}
}

/* Reports that came in one piece with an answer: nothing more need arrive for a while,
 * so nobody would be woken to look at them. Only when no answer is outstanding. */
static int heed_reports(struct rbi_qtest *q)
{
	char *line;
	int rc;

	while ((line = next_line(q)) != NULL) {
		rc = take_irq_line(q, line);
		if (rc == 0)
			rc = die(q, RBI_QTEST_NONSENSE, "it spoke without being asked");
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int collect_posted(struct rbi_qtest *q, unsigned int left)
{
	char *line;
	int rc;

	while (q->posted > left) {
		rc = answer(q, &line);
		if (rc == 0)
			rc = expect_ok(q, line);
		if (rc < 0)
			return rc;
		q->posted--;
	}
	return 0;
}

int rbi_qtest_flush(struct rbi_qtest *q)
{
	int rc = rbi_qtest_dead(q) ? gone(q) : collect_posted(q, 0);

	return rc < 0 ? rc : heed_reports(q);
}

int rbi_qtest_drain(struct rbi_qtest *q)
{
	char *line;
	int rc;

	if (rbi_qtest_dead(q))
		return gone(q);

	for (;;) {
		line = next_line(q);
		if (!line) {
			rc = fill(q, MSG_DONTWAIT);
			if (rc <= 0)
				return rc;
			continue;
		}
		rc = take_irq_line(q, line);
		if (rc < 0)
			return rc;
		if (rc > 0)
			continue;
		if (q->posted == 0)
			return die(q, RBI_QTEST_NONSENSE, "it spoke without being asked");
		q->posted--;
		rc = expect_ok(q, line);
		if (rc < 0)
			return rc;
	}
}

/* --- commands that go out ---------------------------------------------------------------- */

static int send_command(struct rbi_qtest *q, const char *text, size_t len)
{
	ssize_t n;

	atomic_fetch_add_explicit(&q->commands, 1, memory_order_relaxed);
	while (len > 0) {
		n = send(q->fd, text, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return die_silent(q);
		if (n < 0)
			return die(q, RBI_QTEST_HUNG_UP, "it has ended");
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Send one command and wait for its line, behind those of the posted writes. */
static int ask(struct rbi_qtest *q, const char *text, int len, char **line)
{
	int rc;

	if (rbi_qtest_dead(q))
		return gone(q);

	rc = send_command(q, text, (size_t)len);
	if (rc == 0)
		rc = collect_posted(q, 0);
	if (rc == 0)
		rc = answer(q, line);
	if (rc == 0)
		rc = heed_reports(q); /* leaves *line as it is */
	return rc;
}

static int ask_ok(struct rbi_qtest *q, const char *text, int len)
{
	char *line;
	int rc = ask(q, text, len, &line);

	return rc < 0 ? rc : expect_ok(q, line);
}

static int ask_value(struct rbi_qtest *q, const char *text, int len, uint64_t *val)
{
	char *line;
	int rc = ask(q, text, len, &line);

	if (rc < 0)
		return rc;
	if (strncmp(line, "OK ", 3) != 0 || !parse_number(line + 3, val))
		return die(q, RBI_QTEST_NONSENSE, "it answered a read with something else");
	return 0;
}

static char letter(unsigned int width)
{
	return width == 1 ? 'b' : width == 2 ? 'w' : width == 4 ? 'l' : 'q';
}

int rbi_qtest_mem_read(struct rbi_qtest *q, uint64_t addr, unsigned int width, uint64_t *val)
{
	char text[COMMAND_MAX];
	int rc, len = snprintf(text, sizeof(text), "read%c 0x%llx\n", letter(width),
			       (unsigned long long)addr);

	rc = ask_value(q, text, len, val);
	*val = rc < 0 ? rbi_ones(width) : *val & rbi_ones(width);
	return rc;
}

static bool parse_hex(const char *s, uint8_t *to, size_t len)
{
	size_t i;
	int k, digit;

	for (i = 0; i < len; i++) {
		to[i] = 0;
		for (k = 0; k < 2; k++, s++) {
			if (*s >= '0' && *s <= '9')
				digit = *s - '0';
			else if (*s >= 'a' && *s <= 'f')
				digit = *s - 'a' + 10;
			else
				return false;
			to[i] = (uint8_t)(to[i] << 4 | digit);
		}
	}
	return *s == '\0';
}

int rbi_qtest_mem_read_block(struct rbi_qtest *q, uint64_t addr, void *buf, size_t len)
{
	char text[COMMAND_MAX], *line;
	int rc, n = snprintf(text, sizeof(text), "read 0x%llx 0x%zx\n", (unsigned long long)addr,
			     len);

	rc = ask(q, text, n, &line);
	if (rc == 0 && (strncmp(line, "OK 0x", 5) != 0 || !parse_hex(line + 5, buf, len)))
		rc = die(q, RBI_QTEST_NONSENSE, "it answered a read with something else");
	if (rc < 0)
		memset(buf, 0xff, len);
	return rc;
}

static int put_write(char *text, uint64_t addr, unsigned int width, uint64_t val)
{
	return snprintf(text, COMMAND_MAX, "write%c 0x%llx 0x%llx\n", letter(width),
			(unsigned long long)addr, (unsigned long long)(val & rbi_ones(width)));
}

int rbi_qtest_mem_write(struct rbi_qtest *q, uint64_t addr, unsigned int width, uint64_t val)
{
	char text[COMMAND_MAX];

	return ask_ok(q, text, put_write(text, addr, width, val));
}

int rbi_qtest_mem_post(struct rbi_qtest *q, uint64_t addr, unsigned int width, uint64_t val)
{
	char text[COMMAND_MAX];
	int rc;

	if (rbi_qtest_dead(q))
		return gone(q);

	rc = collect_posted(q, RBI_QTEST_POSTED - 1);
	if (rc == 0)
		rc = send_command(q, text, (size_t)put_write(text, addr, width, val));
	if (rc == 0)
		q->posted++;
	return rc;
}

int rbi_qtest_port_read(struct rbi_qtest *q, uint16_t port, unsigned int width, uint32_t *val)
{
	char text[COMMAND_MAX];
	uint64_t v = 0;
	int rc, len = snprintf(text, sizeof(text), "in%c 0x%x\n", letter(width), port);

	rc = ask_value(q, text, len, &v);
	*val = (uint32_t)(rc < 0 ? rbi_ones(width) : v & rbi_ones(width));
	return rc;
}

int rbi_qtest_port_write(struct rbi_qtest *q, uint16_t port, unsigned int width, uint32_t val)
{
	char text[COMMAND_MAX];
	int len = snprintf(text, sizeof(text), "out%c 0x%x 0x%llx\n", letter(width), port,
			   (unsigned long long)(val & rbi_ones(width)));

	return ask_ok(q, text, len);
}

int rbi_qtest_intercept_ioapic(struct rbi_qtest *q)
{
	static const char text[] = "irq_intercept_in ioapic\n";

	return ask_ok(q, text, sizeof(text) - 1);
}
