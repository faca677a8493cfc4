/* SPDX-License-Identifier: MIT */
/*
 * Install program of brand linux: install ZONE ZONEPATH and the options of
 * "zoneadm install".
 *
 * The tree is made in ZONEPATH/root.new, written to the disk, and renamed: a root is
 * always a whole one, and an interrupt leaves nothing. ZONEPATH/image.json says where it came
 * from. What an archive holds is handled by children that see nothing but the new
 * root (jail.h).
 *
 * Exit status: 0 done; 253 wrong arguments; 254 failed, and nothing is left.
 */
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

#include "jail.h"
#include "linux/openat2.h"
#include "linux/remove-tree.h"
#include "linux/subvolume.h"
#include "settle.h"
#include "source.h"

#define EXIT_WRONG  253
#define EXIT_UNDONE 254
#define NEW_ROOT    "root.new"
#define IMAGE_FILE  "image.json"

static volatile sig_atomic_t signalled;

static void on_signal(int sig)
{
	signalled = sig;
}

bool cancelled(void)
{
	return signalled != 0;
}

static int usage(const char *complaint, const char *about)
{
	if (complaint)
		(void)fprintf(stderr, "brand linux: %s%s%s\n", complaint, about ? " " : "",
			about ? about : "");
	(void)fputs("usage: zoneadm -z zone install -a archive [-x sha256:digest]\n"
		    "       zoneadm -z zone install -d directory\n"
		    "       zoneadm -z zone install -i image[:tag]\n"
		    "       zoneadm -z zone install -b suite [-m mirror]\n",
		stderr);
	return EXIT_WRONG;
}

static const char *one_source(struct source *s, enum source_kind kind, const char *path)
{
	if (s->kind != SOURCE_NONE)
		return "only one of -a, -b, -d and -i can be given";
	s->kind = kind;
	s->path = path;
	/* debootstrap would take it for an option */
	if (kind == SOURCE_MIRROR && *path == '-')
		return "a suite does not begin with '-'";
	return *path ? NULL : "an empty name";
}

static int parse(int argc, char **argv, struct source *s)
{
	const char *wrong = NULL;
	int c;

	opterr = 0;
	while (!wrong && (c = getopt(argc, argv, ":a:b:d:i:m:t:x:h")) != -1) {
		if (c == 'a' || c == 't') /* -t as brand lx of SmartOS has it */
			wrong = one_source(s, SOURCE_ARCHIVE, optarg);
		else if (c == 'b')
			wrong = one_source(s, SOURCE_MIRROR, optarg);
		else if (c == 'd')
			wrong = one_source(s, SOURCE_DIRECTORY, optarg);
		else if (c == 'i')
			wrong = one_source(s, SOURCE_IMAGE, optarg);
		else if (c == 'm')
			s->mirror = optarg;
		else if (c == 'x')
			s->expected = optarg;
		else
			return usage(c == 'h' || optopt == '?' ? NULL
				     : c == ':'		       ? "this option needs a value:"
							       : "no such option:",
				c == 'h' || optopt == '?' ? NULL : argv[optind - 1]);
	}
	if (wrong)
		return usage(wrong, NULL);
	if (optind < argc)
		return usage("one word too many:", argv[optind]);
	if (s->kind == SOURCE_NONE)
		return usage("what is to be installed? Give -a, -b, -d or -i", NULL);
	if (s->expected && (s->kind != SOURCE_ARCHIVE || !digest_valid(s->expected)))
		return usage("-x takes sha256: and 64 hexadecimal digits, for an archive", NULL);
	if (s->mirror && (s->kind != SOURCE_MIRROR || *s->mirror == '-'))
		return usage("-m goes with -b and takes the address of a mirror", NULL);
	return 0;
}

/* ---- the new root ---- */

static int remove_new(int zonepath, struct diag *d)
{
	int r = 0,
	    dir = openat(zonepath, NEW_ROOT, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (dir < 0)
		return errno == ENOENT ? 0 : diag_errno(d, -errno, "cannot open " NEW_ROOT);
	if (subvolume_destroy(zonepath, NEW_ROOT) == 0) {
		(void)close(dir);
		return 0;
	}
	r = remove_contents(dir, d);
	(void)close(dir);
	if (r == 0 && unlinkat(zonepath, NEW_ROOT, AT_REMOVEDIR) < 0)
		r = diag_errno(d, -errno, "cannot remove " NEW_ROOT);
	return r;
}

static int make_new(int zonepath, int *ret_root, struct diag *d)
{
	int r = remove_new(zonepath, d);

	if (r < 0)
		return r;
	/* On btrfs a subvolume, so that clones and snapshots take no time. */
	r = subvolume_create(zonepath, NEW_ROOT);
	if (r == SUBVOLUME_NONE)
		r = mkdirat(zonepath, NEW_ROOT, 0755) < 0 ? -errno : 0;
	if (r < 0)
		return diag_errno(d, r, "cannot make " NEW_ROOT);
	*ret_root = openat(zonepath, NEW_ROOT, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return *ret_root < 0 ? diag_errno(d, -errno, "cannot open " NEW_ROOT) : 0;
}

static int fill(struct source *s, int zonepath, int root, struct diag *d)
{
	switch (s->kind) {
	case SOURCE_ARCHIVE:
		return source_archive(s, root, d);
	case SOURCE_DIRECTORY:
		return source_directory(s, root, d);
	case SOURCE_IMAGE:
		return source_image(s, zonepath, root, d);
	case SOURCE_MIRROR:
		return source_mirror(s, root, d);
	default:
		return -EINVAL;
	}
}

/* ---- what it came from ---- */

static json_t *image_of(const struct source *s)
{
	static const char *const kinds[] = {[SOURCE_IMAGE] = "image",
		[SOURCE_ARCHIVE] = "archive",
		[SOURCE_DIRECTORY] = "directory",
		[SOURCE_MIRROR] = "mirror"};
	time_t now = time(NULL);
	char when[32];
	struct tm tm;
	json_t *o;

	(void)strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	o = json_pack(
		"{s:s, s:s, s:s}", "source", kinds[s->kind], "name", s->path, "installed", when);
	if (o && s->digest[0])
		(void)json_object_update_new(o,
			json_pack("{s:s, s:I}", "digest", s->digest, "size", (json_int_t)s->size));
	if (o && s->mirror)
		(void)json_object_set_new(o, "mirror", json_string(s->mirror));
	return o;
}

static int record(const struct source *s, int zonepath, struct diag *d)
{
	_cleanup_close_ int fd = openat(
		zonepath, IMAGE_FILE, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	json_t *o = image_of(s);
	int r = fd >= 0 && o && json_dumpfd(o, fd, JSON_INDENT(2)) == 0 &&
				write(fd, "\n", 1) == 1 && fsync(fd) == 0
			? 0
			: diag_set(d, -EIO, "cannot write " IMAGE_FILE);

	json_decref(o);
	return r;
}

/* ---- all of it ---- */

static int install(struct source *s, const char *zone, int zonepath, int root, struct diag *d)
{
	struct settle settle = {.zone = zone};
	int r = fill(s, zonepath, root, d);

	if (s->kind == SOURCE_IMAGE && r == 0 && !oci_is_system(&s->image))
		settle.program = &s->image.program;
	if (r == 0)
		r = jail_run(root, settle_run, &settle, d);
	if (r == 0 && cancelled())
		r = diag_set(d, -ECANCELED, "interrupted");
	if (r == 0 && syncfs(root) < 0)
		r = diag_errno(d, -errno, "cannot write the new root to the disk");
	if (r == 0)
		r = record(s, zonepath, d);
	if (r == 0 && renameat(zonepath, NEW_ROOT, zonepath, "root") < 0)
		r = diag_errno(d, -errno, "cannot put the new root in place");
	if (r == 0 && fsync(zonepath) < 0)
		r = diag_errno(d, -errno, "cannot write the zonepath to the disk");
	return r;
}

static void undo(int zonepath)
{
	struct diag d = {0};

	(void)unlinkat(zonepath, IMAGE_FILE, 0);
	if (remove_new(zonepath, &d) < 0)
		(void)fprintf(stderr, "brand linux: %s\n", d.text);
}

int main(int argc, char **argv)
{
	const struct sigaction act = {.sa_handler = on_signal};
	_cleanup_close_ int zonepath = FD_NONE, root = FD_NONE;
	struct source s = {.kind = SOURCE_NONE, .image.dir = FD_NONE};
	struct diag d = {0};
	int r;

	if (argc < 3)
		return usage(NULL, NULL);
	(void)sigaction(SIGINT, &act, NULL);
	(void)sigaction(SIGTERM, &act, NULL);
	(void)sigaction(SIGHUP, &act, NULL);
	(void)umask(022);
	r = parse(argc - 2, argv + 2, &s);
	if (r)
		return r;
	zonepath = openat2_fd(AT_FDCWD, argv[2], O_RDONLY | O_DIRECTORY, 0, RESOLVE_NO_MAGICLINKS);
	r = zonepath < 0 ? diag_errno(&d, zonepath, "cannot open '%s'", argv[2])
			 : make_new(zonepath, &root, &d);
	if (r == 0)
		r = install(&s, argv[1], zonepath, root, &d);
	oci_close(&s.image);
	if (r == 0) {
		if (s.digest[0])
			(void)printf("%s  %s\n", s.digest, s.path);
		return 0;
	}
	(void)fprintf(stderr, "brand linux: %s\n", d.text[0] ? d.text : strerror(-r));
	if (zonepath >= 0)
		undo(zonepath);
	return EXIT_UNDONE;
}
