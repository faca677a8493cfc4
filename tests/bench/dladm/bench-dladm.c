/* SPDX-License-Identifier: MIT */
/*
 * The stop watch of `make bench-dladm`: prints nanoseconds for one operation.
 *
 *	bench-dladm lookup PREFIX LINKS TIMES        name -> id -> name over dlmgmtd's door
 *	bench-dladm netlink PREFIX LINKS TIMES       RTM_GETLINK by name
 *	bench-dladm create PREFIX PID TIMES          persistent creates: wall and CPU of process PID
 */
#include "dladm/dladm.h"
#include "linux/instance.h"
#include "linux/rtnl.h"
#include "zone/zone-door.h"

#include <dirent.h>
#include <limits.h>
#include <time.h>

static void die(const char *what, int err)
{
	(void)fprintf(stderr, "bench-dladm: %s: %s\n", what, strerror(-err));
	exit(1);
}

static double now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void lookup(const char *name)
{
	struct dlmgmt_linkinfo link, again;
	int r = dlmgmt_call_getlinkid(name, ALL_ZONES, &link);

	if (r == 0)
		r = dlmgmt_call_getname(link.linkid, &again);
	if (r < 0)
		die(name, r);
}

static struct nl *nl;

static void netlink(const char *name)
{
	struct nl_link l;
	int r = nl_link_get_name(nl, name, &l);

	if (r < 0)
		die(name, r);
}

static int compare_double(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* The median of short series: a look-up that the scheduler held up counts in its series only. */
#define SERIES 50

static void look(void (*one)(const char *name), const char *prefix, int links, int times)
{
	int series = times / SERIES > 0 ? times / SERIES : 1;
	_cleanup_free_ double *took = calloc((size_t)series, sizeof(*took));
	char name[MAXLINKNAMELEN];
	unsigned int n = 0;
	double start;

	if (!took)
		die("memory", -ENOMEM);
	(void)snprintf(name, sizeof(name), "%s0", prefix);
	one(name); /* opens what is kept open */
	for (int s = 0; s < series; s++) {
		start = now_ns();
		for (int i = 0; i < SERIES; i++) {
			(void)snprintf(name, sizeof(name), "%s%u", prefix,
				n++ * 7919u % (unsigned int)links);
			one(name);
		}
		took[s] = (now_ns() - start) / SERIES;
	}
	qsort(took, (size_t)series, sizeof(*took), compare_double);
	(void)printf("%.0f\n", took[series / 2]);
}

static void create_one(const char *name)
{
	datalink_id_t id;
	uint32_t conf;
	int r;

	r = dlmgmt_call_create_linkid(
		name, false, DATALINK_CLASS_VNIC, DL_ETHER, DLMGMT_ACTIVE | DLMGMT_PERSIST, &id);
	if (r == 0)
		r = dlmgmt_call_createconf(name, id, DATALINK_CLASS_VNIC, DL_ETHER, &conf);
	if (r == 0)
		r = dlmgmt_call_setattr_str(conf, DLADM_ATTR_LINKOVER, "stub0");
	if (r == 0)
		r = dlmgmt_call_writeconf(conf);
	if (r == 0)
		r = dlmgmt_call_destroyconf(conf);
	if (r < 0)
		die(name, r);
}

/* Of all its threads. */
static double cpu_ns(const char *pid)
{
	char path[PATH_MAX];
	struct dirent *e;
	double sum = 0, one;
	DIR *dir;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%s/task", pid);
	dir = opendir(path);
	if (!dir)
		die(path, -errno);
	while ((e = readdir(dir))) {
		(void)snprintf(path, sizeof(path), "/proc/%s/task/%s/schedstat", pid, e->d_name);
		f = e->d_name[0] == '.' ? NULL : fopen(path, "re");
		if (f && fscanf(f, "%lf", &one) == 1)
			sum += one;
		if (f)
			(void)fclose(f);
	}
	(void)closedir(dir);
	return sum;
}

static void create(const char *prefix, const char *pid, int times)
{
	double start = now_ns(), cpu = cpu_ns(pid);
	char name[MAXLINKNAMELEN];
	int i;

	for (i = 0; i < times; i++) {
		(void)snprintf(name, sizeof(name), "%s%d", prefix, i);
		create_one(name);
	}
	(void)printf("%.0f %.0f\n", (now_ns() - start) / times, (cpu_ns(pid) - cpu) / times);
}

int main(int argc, char *argv[])
{
	int r, times = argc == 5 ? atoi(argv[4]) : 0;

	if (times <= 0)
		return 2;
	r = instance_init(NULL);
	if (r < 0)
		die("instance", r);
	if (streq(argv[1], "netlink")) {
		r = nl_open(-1, &nl);
		if (r < 0)
			die("rtnetlink", r);
		look(netlink, argv[2], atoi(argv[3]), times);
	} else if (streq(argv[1], "lookup")) {
		look(lookup, argv[2], atoi(argv[3]), times);
	} else if (streq(argv[1], "create")) {
		create(argv[2], argv[3], times);
	} else {
		return 2;
	}
	return 0;
}
