/* SPDX-License-Identifier: MIT */
/* Reading and writing manifests; see manifest.h. */
#include "zoneadm/manifest.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "linux/instance.h"
#include "zoneadm/command.h"
#include "zoneadm/zonepath.h"

#define MANIFEST_MAX (4 * 1024 * 1024)

/* A file that is gone when it is closed by manifest_scratch_end(). */
struct scratch {
	char dir[32];
	char path[64];
};

static int scratch_begin(struct scratch *s)
{
	(void)str_copy(s->dir, sizeof(s->dir), "/tmp/zoneadm.XXXXXX");
	if (!mkdtemp(s->dir))
		return complain(NULL, "cannot make a directory in /tmp: %s", strerror(errno));
	(void)snprintf(s->path, sizeof(s->path), "%s/manifest", s->dir);
	return EXIT_OK;
}

static void scratch_end(struct scratch *s)
{
	(void)unlink(s->path);
	(void)rmdir(s->dir);
}

/* Everything from one to the other, up to MANIFEST_MAX bytes. 0 or a negative errno. */
static int copy_stream(FILE *from, FILE *to)
{
	char buf[4096];
	size_t n, total = 0;

	while ((n = fread(buf, 1, sizeof(buf), from)) > 0) {
		total += n;
		if (total > MANIFEST_MAX)
			return -EFBIG;
		if (fwrite(buf, 1, n, to) != n)
			return -errno;
	}
	return ferror(from) ? -EIO : fflush(to) == 0 ? 0 : -errno;
}

static int copy_file(const char *path, const char *mode, FILE *other)
{
	_cleanup_fclose_ FILE *f = fopen(path, mode);

	if (!f)
		return -errno;
	return mode[0] == 'r' ? copy_stream(f, other) : copy_stream(other, f);
}

int manifest_write(const struct zonecfg *cfg)
{
	struct diag d = {0};
	char path[PATH_MAX];
	int r = instance_path(path, sizeof(path), "%s/" MANIFEST_NAME, cfg->zonepath);

	if (r == 0)
		r = zonecfg_save_file(cfg, path, &d);
	return r ? complain(cfg->name, "%s", d.text[0] ? d.text : "its zonepath is too long")
		 : EXIT_OK;
}

int manifest_print(const struct zonecfg *cfg)
{
	struct diag d = {0};
	struct scratch s;
	int r = scratch_begin(&s);

	if (r)
		return r;
	if (zonecfg_save_file(cfg, s.path, &d))
		r = complain(cfg->name, "%s", d.text);
	else if (copy_file(s.path, "re", stdout) < 0)
		r = complain(cfg->name, "cannot print the manifest");
	scratch_end(&s);
	return r;
}

static int load(const char *zone, const char *path, struct zonecfg **ret_cfg)
{
	struct diag d = {0};
	int r = zonecfg_load_file(path, ret_cfg, &d);

	return r ? complain(zone, "manifest: %s", d.text[0] ? d.text : zonecfg_strerror(r))
		 : EXIT_OK;
}

int manifest_read(const char *zone, const char *path, struct zonecfg **ret_cfg)
{
	struct scratch s;
	int r;

	if (!streq(path, "-"))
		return load(zone, path, ret_cfg);
	r = scratch_begin(&s);
	if (r)
		return r;
	r = copy_file(s.path, "we", stdin);
	if (r < 0)
		r = complain(
			zone, "cannot read the manifest from standard input: %s", strerror(-r));
	else
		r = load(zone, s.path, ret_cfg);
	scratch_end(&s);
	return r;
}

int manifest_remove(const char *zone, const char *zonepath)
{
	_cleanup_close_ int dir = zonepath_open(zonepath);

	if (dir < 0 || (unlinkat(dir, MANIFEST_NAME, 0) < 0 && errno != ENOENT))
		return complain(zone, "cannot remove the manifest '%s/%s': %s", zonepath,
			MANIFEST_NAME, strerror(dir < 0 ? -dir : errno));
	return EXIT_OK;
}

bool manifest_exists(const char *zonepath)
{
	_cleanup_close_ int dir = zonepath_open(zonepath);
	struct stat st;

	return dir >= 0 && fstatat(dir, MANIFEST_NAME, &st, AT_SYMLINK_NOFOLLOW) == 0;
}
