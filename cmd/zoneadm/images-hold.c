/* SPDX-License-Identifier: MIT */
/* Who uses an image: what zoneadm does when a zone comes to be, comes here, or moves; see images.h. */
#include "zoneadm/images.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "image/store.h"
#include "linux/copy-tree.h"
#include "zoneadm/zonepath.h"

static int hold(const char *digest, const char *zonepath, bool needed, struct diag *d)
{
	struct store store;
	int r = store_open(&store, d);

	if (r < 0)
		return r;
	if (store_has(&store, digest))
		r = store_hold(&store, digest, zonepath, d);
	else if (needed)
		r = diag_set(d, -ENOENT,
			"the image that its root is made of is not kept on this host: %s", digest);
	store_close(&store);
	return r;
}

int images_check(const char *zone, const char *zonepath)
{
	_cleanup_close_ int dir = zonepath_open(zonepath), overlay = FD_NONE, image = FD_NONE;
	char digest[DIGEST_SIZE];
	struct diag d = {0};
	int r = dir < 0 ? dir : overlay_open(dir, &overlay, digest, &d);

	if (r == 0) {
		image = overlay_image(digest, &d);
		r = image < 0 ? image : 0;
	}
	/* Neither a root of another kind nor a zonepath that is not there is for us to complain about. */
	return r < 0 && d.text[0] ? complain(zone, "%s", d.text) : EXIT_OK;
}

int images_hold(const char *zone, const char *zonepath)
{
	_cleanup_close_ int dir = zonepath_open(zonepath), overlay = FD_NONE;
	char digest[DIGEST_SIZE];
	struct diag d = {0};
	int r;

	if (dir < 0)
		return complain(zone, "cannot open zonepath '%s': %s", zonepath, strerror(-dir));
	r = overlay_open(dir, &overlay, digest, &d);
	if (r == 0)
		r = hold(digest, zonepath, true, &d);
	else if (r == -ENOENT)
		r = store_image_of(dir, digest) ? hold(digest, zonepath, false, &d) : 0;
	return r < 0 ? complain(zone, "%s", d.text) : EXIT_OK;
}

int images_copy_record(int from, int to, struct diag *d)
{
	const struct copy_how how = {0};
	_cleanup_close_ int in = openat(from, IMAGE_FILE, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	_cleanup_close_ int out = FD_NONE;
	int r;

	if (in < 0)
		return errno == ENOENT ? 0 : diag_errno(d, -errno, "cannot open %s", IMAGE_FILE);
	out = openat(to, IMAGE_FILE, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	r = out < 0 ? -errno : copy_data(in, out, &how);
	return r < 0 ? diag_errno(d, r, "cannot copy %s", IMAGE_FILE) : 0;
}
