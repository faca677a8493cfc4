/* SPDX-License-Identifier: MIT */
/*
 * Device resources: which nodes of the host's /dev the zone gets. zsched makes them in the zone's
 * /dev, owned by the zone's root; there is no other way to a device: mknod(2) is refused in a
 * user namespace, and every other mount of the zone is nodev. And if there were one: the zone's control group is
 * held to the same devices by their numbers (device-rules.c).
 */
#include "zoneadmd/device-rules.h"
#include "zoneadmd/stages.h"

#include <glob.h>
#include <sys/stat.h>

#include "zone/zsched-calls.h"

#define DEV "/dev/"

/* The path of a pattern; without a slash in front it is one below /dev already. */
static int pattern_of(const char *match, char *buf, size_t size)
{
	int n = snprintf(buf, size, "%s%s", *match == '/' ? "" : DEV, match);

	return n > 0 && (size_t)n < size ? 0 : -ENAMETOOLONG;
}

/* One node: 1, or 0 if the path is something else. The console is one that every zone has of its own. */
static int add_node(
	struct zsched_devices_req *req, const char *path, const char *name, struct diag *d)
{
	struct zsched_device *dev = &req->devices[req->count];
	struct stat st;

	if (stat(path, &st) < 0 || !(S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)))
		return 0;
	if (streq(name, "console"))
		return 1;
	if (req->count == ZSCHED_DEVICES_MAX)
		return diag_set(d, -E2BIG, "the zone has more than %d devices", ZSCHED_DEVICES_MAX);
	if (str_copy(dev->name, sizeof(dev->name), name) < 0)
		return diag_set(d, -ENAMETOOLONG, "the name of device '%s' is too long", name);
	dev->mode = st.st_mode;
	dev->rdev = st.st_rdev;
	req->count++;
	return 1;
}

static int add_matches(struct platform *p, const struct snapshot_device *device,
	struct zsched_devices_req *req, struct diag *d)
{
	bool any = false;
	char pattern[1024];
	glob_t found;
	size_t i;
	int r = pattern_of(device->match, pattern, sizeof(pattern));

	if (r == 0 && glob(pattern, 0, NULL, &found) == GLOB_NOSPACE)
		r = -ENOMEM;
	if (r < 0)
		return diag_errno(d, r, "device '%s'", device->match);
	for (i = 0; i < found.gl_pathc && r >= 0; i++) {
		r = add_node(req, found.gl_pathv[i],
			device->name[0] ? device->name : found.gl_pathv[i] + strlen(DEV), d);
		any |= r > 0;
	}
	globfree(&found);
	if (r >= 0 && !any)
		report_line(
			p->report, "WARNING: device match=%s: this host has none", device->match);
	return r < 0 ? r : 0;
}

/* The nodes have to do alone where the kernel does not hold a control group to devices. */
static int send_held(struct platform *p, struct zsched_devices_req *req, struct diag *d)
{
	_cleanup_close_ int rules = FD_NONE;
	int r = device_rules_attach(p->zone, req, &rules);

	if (r < 0)
		report_line(p->report,
			"WARNING: this host's kernel does not hold the zone to its devices by number: %s",
			strerror(-r));
	return zsched_call_devices(p->zone, req, rules, d);
}

int devices_send(struct platform *p, struct diag *d)
{
	_cleanup_free_ struct zsched_devices_req *req = NULL;
	size_t i, n = p->scratch ? 0 : p->snap.n_devices;
	int r = 0;

	req = calloc(1, sizeof(*req) + ZSCHED_DEVICES_MAX * sizeof(req->devices[0]));
	if (!req)
		return -ENOMEM;
	for (i = 0; i < n && r == 0; i++)
		r = add_matches(p, &p->snap.devices[i], req, d);
	return r < 0 ? r : send_held(p, req, d);
}
