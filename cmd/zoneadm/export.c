/* SPDX-License-Identifier: MIT */
/*
 * zoneadm export; see transfer.h. What is written is the root as it is, or was at a snapshot: a
 * directory, a subvolume, or an overlay with the image below it, all the same in the end. The file gets its name
 * when it is whole and on the disk.
 */
#include "zoneadm/transfer.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "linux/instance.h"
#include "linux/interrupt.h"
#include "zoneadm/change.h"
#include "zoneadm/image-run.h"
#include "zoneadm/lock.h"
#include "zoneadm/root-part.h"
#include "zoneadm/snapshots.h"
#include "zoneadm/zonepath.h"
#include "zonecfg/zonecfg.h"

static int open_root(const struct request *req, const char *snapshot)
{
	_cleanup_close_ int zonepath = zonepath_open(req->entry.zonepath), dir = FD_NONE;
	struct diag d = {0};
	int r = zonepath;

	if (r < 0)
		(void)diag_errno(&d, r, "cannot open zonepath '%s'", req->entry.zonepath);
	else if (snapshot)
		r = dir = snapshot_open(zonepath, snapshot, &d);
	if (r >= 0)
		r = root_part_tree(snapshot ? dir : zonepath, &d);
	if (r < 0)
		(void)complain(req->zone, "%s", d.text);
	return r;
}

/* The configuration as a file without a name. */
static int open_config(const struct request *req)
{
	_cleanup_(zonecfg_freep) struct zonecfg *cfg = NULL;
	_cleanup_close_ int fd = memfd_create("configuration", MFD_CLOEXEC);
	char path[PATH_MAX];
	struct diag d = {0};
	int r = zonecfg_load(req->zone, &cfg, &d);

	if (!r && instance_path(path, sizeof(path), "/etc/zones/%s.xml", req->zone) == 0) {
		const struct copy_how how = {0};
		_cleanup_close_ int from = open(path, O_RDONLY | O_CLOEXEC);

		r = from < 0 || fd < 0 ? -errno : copy_data(from, fd, &how);
	}
	if (r) {
		(void)complain(req->zone, "%s", d.text[0] ? d.text : zonecfg_strerror(r));
		return -EIO;
	}
	return TAKE_FD(fd);
}

static int write_file(const struct request *req, int root, const char *file, const char *new)
{
	_cleanup_close_ int out = FD_NONE, config = open_config(req);
	const char *const words[] = {NULL, NULL, req->zone, NULL, req->entry.uuid};
	int r;

	if (config < 0)
		return EXIT_ERR;
	out = open(new, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0)
		return complain(req->zone, "cannot make '%s': %s", new, strerror(errno));
	r = image_run(req->zone, "export", words, ARRAY_SIZE(words), (int[]){root, out, config});
	if (r)
		return r;
	if (renameat2(AT_FDCWD, new, AT_FDCWD, file, RENAME_NOREPLACE) == 0)
		return EXIT_OK;
	return errno == EEXIST ? complain(req->zone, "'%s' is there already", file)
			       : complain(req->zone, "cannot rename '%s' to '%s': %s", new, file,
					 strerror(errno));
}

static int write_export(const struct request *req, const char *snapshot, const char *file)
{
	char new[PATH_MAX];
	_cleanup_close_ int root = FD_NONE;
	int r;

	if (file[0] != '/' || (size_t)snprintf(new, sizeof(new), "%s.new", file) >= sizeof(new))
		return complain(req->zone, "'%s' is not an absolute path", file);
	if (access(file, F_OK) == 0)
		return complain(req->zone, "'%s' is there already", file);
	root = open_root(req, snapshot);
	if (root < 0)
		return EXIT_ERR;
	r = write_file(req, root, file, new);
	if (r)
		(void)unlink(new);
	return r;
}

int export_run(struct request *req)
{
	bool of_snapshot = req->argc > 1 && streq(req->argv[1], "-s");
	int first = of_snapshot ? 3 : 1;
	_cleanup_lock_ int lock = FD_NONE;
	zone_state_t state;
	int r;

	if (req->argc != first + 1 || req->argv[first][0] == '-')
		return usage_of(req);
	interrupt_note();
	r = change_begin(req, &lock, &state);
	/* A snapshot of a live zone does not change. */
	if (!r && !(of_snapshot && state > ZONE_STATE_INSTALLED))
		r = change_check_state(req, state, ZONE_STATE_INSTALLED);
	return r ? r : write_export(req, of_snapshot ? req->argv[2] : NULL, req->argv[first]);
}
