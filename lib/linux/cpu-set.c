/* SPDX-License-Identifier: MIT */
/* Sets of CPUs; see cpu-set.h. */
#include "linux/cpu-set.h"

#include <ctype.h>

static int parse_number(const char **p, unsigned int *ret)
{
	unsigned int v = 0;

	if (!isdigit((unsigned char)**p))
		return -EINVAL;
	for (; isdigit((unsigned char)**p); (*p)++) {
		v = v * 10 + (unsigned int)(**p - '0');
		if (v >= CPU_SET_MAX)
			return -EINVAL;
	}
	*ret = v;
	return 0;
}

int cpu_set_parse(const char *text, struct cpu_set *ret)
{
	struct cpu_set s = {0};
	unsigned int from, to;

	while (*text && *text != '\n') {
		if (parse_number(&text, &from) < 0)
			return -EINVAL;
		to = from;
		if (*text == '-') {
			text++;
			if (parse_number(&text, &to) < 0 || to < from)
				return -EINVAL;
		}
		for (; from <= to; from++)
			s.bits[from / 64] |= UINT64_C(1) << from % 64;
		if (*text == ',')
			text++;
		else if (*text && *text != '\n')
			return -EINVAL;
	}
	*ret = s;
	return 0;
}

bool cpu_set_has(const struct cpu_set *s, unsigned int cpu)
{
	return cpu < CPU_SET_MAX && (s->bits[cpu / 64] >> cpu % 64 & 1);
}

unsigned int cpu_set_count(const struct cpu_set *s)
{
	unsigned int i, n = 0;

	for (i = 0; i < ARRAY_SIZE(s->bits); i++)
		n += (unsigned int)__builtin_popcountll(s->bits[i]);
	return n;
}

void cpu_set_intersect(struct cpu_set *s, const struct cpu_set *other)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(s->bits); i++)
		s->bits[i] &= other->bits[i];
}

void cpu_set_add(struct cpu_set *s, const struct cpu_set *other)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(s->bits); i++)
		s->bits[i] |= other->bits[i];
}

void cpu_set_remove(struct cpu_set *s, const struct cpu_set *other)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(s->bits); i++)
		s->bits[i] &= ~other->bits[i];
}

bool cpu_set_equal(const struct cpu_set *s, const struct cpu_set *other)
{
	return memcmp(s->bits, other->bits, sizeof(s->bits)) == 0;
}

void cpu_set_last(struct cpu_set *s, unsigned int n)
{
	struct cpu_set first = *s;
	unsigned int count = cpu_set_count(s);

	if (n >= count)
		return;
	cpu_set_first(&first, count - n);
	cpu_set_remove(s, &first);
}

void cpu_set_first(struct cpu_set *s, unsigned int n)
{
	unsigned int cpu;

	for (cpu = 0; cpu < CPU_SET_MAX; cpu++) {
		if (!cpu_set_has(s, cpu))
			continue;
		if (n > 0)
			n--;
		else
			s->bits[cpu / 64] &= ~(UINT64_C(1) << cpu % 64);
	}
}

void cpu_set_print(const struct cpu_set *s, FILE *out)
{
	unsigned int cpu, last;
	const char *comma = "";

	for (cpu = 0; cpu < CPU_SET_MAX; cpu = last + 1) {
		last = cpu;
		if (!cpu_set_has(s, cpu))
			continue;
		while (cpu_set_has(s, last + 1))
			last++;
		(void)fprintf(out, last > cpu ? "%s%u-%u" : "%s%u", comma, cpu, last);
		comma = ",";
	}
}
