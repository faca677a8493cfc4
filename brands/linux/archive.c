/* SPDX-License-Identifier: MIT */
/*
 * A root from an archive: a child in a jail unpacks, this process computes the digest of the
 * same file meanwhile and shows how far the child is, whose position in the file it
 * shares. A file that changes while it is read, or whose digest is not the one asked for, is refused.
 */
#include "source.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "image/jail.h"
#include "image/layers.h"
#include "image/progress.h"
#include "linux/interrupt.h"
#include "image/unpack.h"

#define PIECE	(1024 * 1024)
#define WAIT_MS 100

struct reading {
	struct source *source;
	int fd;	   /* shared with the child: where it is */
	int again; /* the same file, opened once more, for the digest */
	struct stat st;
	struct jail jail;
	struct progress progress;
	char *piece; /* PIECE bytes */
};

static int open_archive(struct reading *r, struct diag *d)
{
	char self[64];

	r->fd = open(r->source->path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (r->fd < 0 || fstat(r->fd, &r->st) < 0)
		return diag_errno(d, -errno, "cannot open '%s'", r->source->path);
	if (!S_ISREG(r->st.st_mode))
		return diag_set(d, -EINVAL, "'%s' is not a file%s", r->source->path,
			S_ISDIR(r->st.st_mode) ? "; a directory is given with -d" : "");
	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", r->fd);
	r->again = open(self, O_RDONLY | O_CLOEXEC);
	if (r->again < 0)
		return diag_errno(d, -errno, "cannot open '%s'", r->source->path);
	r->source->size = (uint64_t)r->st.st_size;
	return 0;
}

static int child_goes_on(struct reading *r, int ms, struct diag *d)
{
	off_t at = lseek(r->fd, 0, SEEK_CUR);

	if (interrupted())
		return diag_set(d, -ECANCELED, "interrupted");
	progress_show(&r->progress, at > 0 ? (uint64_t)at : 0);
	return jail_wait(&r->jail, ms, d);
}

/* The whole file, while the child unpacks. *ret_ended: the child is done already, well. */
static int add_all(struct reading *r, struct digest *g, bool *ret_ended, struct diag *d)
{
	ssize_t n;
	int err;

	while ((n = read(r->again, r->piece, PIECE)) > 0) {
		err = digest_add(g, r->piece, (size_t)n);
		if (err < 0)
			return diag_errno(
				d, err, "cannot compute the digest of '%s'", r->source->path);
		if (interrupted())
			return diag_set(d, -ECANCELED, "interrupted");
		if (*ret_ended)
			continue;
		err = child_goes_on(r, 0, d);
		if (err < 0)
			return err;
		*ret_ended = err == 0;
	}
	return n < 0 ? diag_errno(d, -errno, "cannot read '%s'", r->source->path) : 0;
}

static int check_unchanged(const struct reading *r, struct diag *d)
{
	struct stat now;

	if (fstat(r->again, &now) < 0 || now.st_size != r->st.st_size ||
		now.st_mtim.tv_sec != r->st.st_mtim.tv_sec ||
		now.st_mtim.tv_nsec != r->st.st_mtim.tv_nsec)
		return diag_set(d, -EBUSY, "'%s' was changed while it was read", r->source->path);
	return 0;
}

static int compare(const struct source *s, struct diag *d)
{
	if (s->expected && !streq(s->expected, s->digest))
		return diag_set(d, -EBADMSG, "'%s' has the digest %s, not %s", s->path, s->digest,
			s->expected);
	return 0;
}

static int digest_and_wait(struct reading *r, struct diag *d)
{
	_cleanup_(digest_freep) struct digest *g = digest_new();
	bool ended = false;
	int err;

	if (!g)
		return diag_errno(d, -ENOMEM, "cannot compute a digest");
	err = add_all(r, g, &ended, d);
	while (err == 0 && !ended) {
		err = child_goes_on(r, WAIT_MS, d);
		ended = err == 0;
		err = err > 0 ? 0 : err;
	}
	if (err == 0)
		err = digest_text(g, r->source->digest);
	if (err == 0)
		err = check_unchanged(r, d);
	return err < 0 ? err : compare(r->source, d);
}

int source_archive(struct source *s, int root, struct diag *d)
{
	struct reading r = {.source = s, .fd = FD_NONE, .again = FD_NONE};
	struct unpack u = {.name = s->path};
	int err;

	err = open_archive(&r, d);
	if (err == 0)
		err = layers_limits(root, &u.bytes_max, &u.entries_max, d);
	u.fd = r.fd;
	r.piece = malloc(PIECE);
	if (err == 0 && !r.piece)
		err = diag_errno(d, -ENOMEM, "cannot read '%s'", s->path);
	if (err == 0)
		err = jail_start(&r.jail, root, unpack_run, &u, d);
	if (err == 0) {
		progress_begin(&r.progress, "Unpacking", s->size);
		err = digest_and_wait(&r, d);
		progress_end(&r.progress);
	}
	jail_kill(&r.jail);
	free(r.piece);
	r.fd = fd_close(r.fd);
	r.again = fd_close(r.again);
	return err;
}

/* As digest_and_wait(), for nobody unpacks. */
static int digest_alone(struct reading *r, struct diag *d)
{
	_cleanup_(digest_freep) struct digest *g = digest_new();
	bool ended = true;
	int err;

	if (!g)
		return diag_errno(d, -ENOMEM, "cannot compute a digest");
	err = add_all(r, g, &ended, d);
	if (err == 0)
		err = digest_text(g, r->source->digest);
	if (err == 0)
		err = check_unchanged(r, d);
	return err < 0 ? err : compare(r->source, d);
}

int source_archive_digest(struct source *s, struct diag *d)
{
	struct reading r = {.source = s, .fd = FD_NONE, .again = FD_NONE};
	int err = open_archive(&r, d);

	r.piece = malloc(PIECE);
	if (err == 0 && !r.piece)
		err = diag_errno(d, -ENOMEM, "cannot read '%s'", s->path);
	if (err == 0)
		err = digest_alone(&r, d);
	free(r.piece);
	r.fd = fd_close(r.fd);
	r.again = fd_close(r.again);
	return err;
}
