/* SPDX-License-Identifier: MIT */
/*
 * irq_stats.c - how often interrupts came, and how long things took.
 *
 * One thread writes the counters of a vector, any may read them: plain relaxed loads
 * and stores do, and a reader may see one counter a moment ahead of another.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "irq/irq_set.h"

/* What is said of one vector: a line of counters, and two histograms of RB_IRQ_BUCKETS
 * entries with at most 31 characters each (", 512 ms: " and 20 digits). */
#define VECTOR_TEXT (256 + 2 * (16 + RB_IRQ_BUCKETS * 31))

void rbi_irq_count(struct rbi_vector *v, enum rbi_irq_count what, uint64_t n)
{
	_Atomic uint64_t *count = &v->times.counts[what];

	atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + n,
			      memory_order_relaxed);
}

/* Bucket i counts [2^i, 2^(i+1)) nanoseconds; the first also what took none. */
void rbi_irq_note_time(_Atomic uint64_t *buckets, int64_t ns)
{
	unsigned int i = 0;

	while (ns > 1 && i < RB_IRQ_BUCKETS - 1) {
		ns >>= 1;
		i++;
	}
	atomic_store_explicit(&buckets[i],
			      atomic_load_explicit(&buckets[i], memory_order_relaxed) + 1,
			      memory_order_relaxed);
}

static void collect(const struct rbi_vector *v, struct rb_irq_stats *stats)
{
	uint64_t *counts[RBI_IRQ_COUNTS] = {
		[RBI_IRQ_INTERRUPTS] = &stats->interrupts,
		[RBI_IRQ_TAKES] = &stats->takes,
		[RBI_IRQ_EMPTY_TAKES] = &stats->empty_takes,
		[RBI_IRQ_WAITS] = &stats->waits,
		[RBI_IRQ_SLEEPS] = &stats->sleeps,
		[RBI_IRQ_SPINS] = &stats->spins,
		[RBI_IRQ_TIMEOUTS] = &stats->timeouts,
	};
	unsigned int i;

	for (i = 0; i < RBI_IRQ_COUNTS; i++)
		*counts[i] = atomic_load_explicit(&v->times.counts[i], memory_order_relaxed);
	for (i = 0; i < RB_IRQ_BUCKETS; i++) {
		stats->wait_ns[i] = atomic_load_explicit(&v->times.wait[i], memory_order_relaxed);
		stats->service_ns[i] =
			atomic_load_explicit(&v->times.service[i], memory_order_relaxed);
	}
}

int rb_irq_stats_read(const struct rb_irq_set *set, unsigned int vector, struct rb_irq_stats *stats)
{
	struct rb_irq_stats full = RB_IRQ_STATS_INIT;
	int rc;

	if (!stats || stats->size < sizeof(stats->size))
		return rbi_fail(-EINVAL, "rb_irq_stats_read: no struct, or one without a size");
	rc = rbi_irq_check(set, vector, "rb_irq_stats_read");
	if (rc < 0)
		return rc;
	collect(&set->vectors[vector], &full);
	full.size = stats->size;
	memcpy(stats, &full, stats->size < sizeof(full) ? stats->size : sizeof(full));
	return 0;
}

/* --- for people --------------------------------------------------------------------------- */

/* A text that grows into a buffer which may be too small. */
struct text {
	char *buf;
	size_t size, len;
};

static void add(struct text *t, const char *fmt, ...) RBI_PRINTF(2, 3);

static void add(struct text *t, const char *fmt, ...)
{
	char line[256];
	size_t room = t->len < t->size ? t->size - t->len : 0;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if ((size_t)n >= sizeof(line))
		n = sizeof(line) - 1;
	if (room > 1)
		memcpy(t->buf + t->len, line, (size_t)n < room - 1 ? (size_t)n : room - 1);
	t->len += (size_t)n;
	if (t->size > 0)
		t->buf[t->len < t->size ? t->len : t->size - 1] = '\0';
}

/* "  2 us: 17, 4 us: 3", the lower bounds of the buckets that hold something. */
static void add_histogram(struct text *t, const char *what, const uint64_t *buckets)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	const char *before = "";
	unsigned int i;

	for (i = 0; i < RB_IRQ_BUCKETS; i++) {
		if (buckets[i] == 0)
			continue;
		if (*before == '\0')
			add(t, "    %s:", what);
		add(t, "%s %u %s: %llu", before, 1u << i % 10, units[i / 10 < 3 ? i / 10 : 3],
		    (unsigned long long)buckets[i]);
		before = ",";
	}
	if (*before != '\0')
		add(t, "\n");
}

static void add_vector(struct text *t, unsigned int index, const struct rb_irq_stats *s)
{
	add(t, "  vector %u: %llu interrupts, %llu takes (%llu empty), %llu waits (%llu slept, "
	       "%llu spun, %llu timed out)\n",
	    index, (unsigned long long)s->interrupts, (unsigned long long)s->takes,
	    (unsigned long long)s->empty_takes, (unsigned long long)s->waits,
	    (unsigned long long)s->sleeps, (unsigned long long)s->spins,
	    (unsigned long long)s->timeouts);
	add_histogram(t, "waited", s->wait_ns);
	add_histogram(t, "served", s->service_ns);
}

static const char *kind_name(enum rb_irq_kind kind)
{
	return kind == RB_IRQ_MSIX ? "MSI-X" : kind == RB_IRQ_MSI ? "MSI" : "INTx";
}

static void add_title(struct text *t, const struct rb_irq_set *set)
{
	add(t, "%s: %u of %s\n", rbi_pci_name(set->dev), set->count, kind_name(set->kind));
}

size_t rb_irq_summary(const struct rb_irq_set *set, char *buf, size_t size)
{
	struct text t = { .buf = buf, .size = buf ? size : 0 };
	struct rb_irq_stats stats = RB_IRQ_STATS_INIT;
	unsigned int i;

	if (t.size > 0)
		*buf = '\0';
	if (!set || !rbi_ctx_is_ours(set->ctx))
		return 0;
	add_title(&t, set);
	for (i = 0; i < set->count; i++) {
		collect(&set->vectors[i], &stats);
		add_vector(&t, i, &stats);
	}
	return t.len;
}

static void log_lines(const struct rb_irq_set *set, const char *text)
{
	const char *end;

	for (; (end = strchr(text, '\n')) != NULL; text = end + 1)
		rbi_log(set->ctx, RB_LOG_INFO, "%.*s", (int)(end - text), text);
}

/* One vector at a time, for a set may have two hundred and closing takes no memory. */
void rbi_irq_log_summary(const struct rb_irq_set *set)
{
	struct rb_irq_stats stats = RB_IRQ_STATS_INIT;
	char lines[VECTOR_TEXT];
	struct text t = { .buf = lines, .size = sizeof(lines) };
	unsigned int i;

	add_title(&t, set);
	log_lines(set, lines);
	for (i = 0; i < set->count; i++) {
		t.len = 0;
		collect(&set->vectors[i], &stats);
		add_vector(&t, i, &stats);
		log_lines(set, lines);
	}
}
