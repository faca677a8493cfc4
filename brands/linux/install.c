/* SPDX-License-Identifier: MIT */
/*
 * Install program of brand linux: install ZONE ZONEPATH and the options of
 * "zoneadm install".
 *
 * The root is made beside its place, written to the disk, and renamed (root.c): it is always a
 * whole one, and an interrupt leaves nothing. ZONEPATH/image.json says where it came from.
 *
 * Exit status: 0 done; 253 wrong arguments; 254 failed, and nothing is left.
 */
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "linux/instance.h"
#include "linux/interrupt.h"
#include "linux/openat2.h"
#include "linux/process-state.h"
#include "root.h"
#include "source.h"

#define EXIT_WRONG  253
#define EXIT_UNDONE 254

/* Without a complaint it is what somebody asked for. */
static int usage(const char *complaint, const char *about)
{
	if (complaint)
		(void)fprintf(stderr, "brand linux: %s%s%s\n", complaint, about ? " " : "",
			about ? about : "");
	(void)fputs("usage: zoneadm -z zone install -a archive [-x sha256:digest] [-s]\n"
		    "       zoneadm -z zone install -d directory\n"
		    "       zoneadm -z zone install -i image[:tag] [-c]\n"
		    "       zoneadm -z zone install -i sha256:digest\n"
		    "       zoneadm -z zone install -b suite [-m mirror]\n",
		complaint ? stderr : stdout);
	return EXIT_WRONG;
}

struct options {
	bool shared, own; /* -s, -c */
};

static const char *one_source(struct source *s, enum source_kind kind, const char *path)
{
	if (s->kind != SOURCE_NONE)
		return "only one of -a, -b, -d and -i can be given";
	s->kind = kind;
	s->path = path;
	/* debootstrap would take it for an option */
	if (kind == SOURCE_MIRROR && *path == '-')
		return "a suite does not begin with '-'";
	if (kind == SOURCE_IMAGE && digest_valid(path)) {
		s->kind = SOURCE_STORED;
		(void)str_copy(s->digest, sizeof(s->digest), path);
	}
	return *path ? NULL : "an empty name";
}

static int check(struct source *s, const struct options *o)
{
	if (s->kind == SOURCE_NONE)
		return usage("what is to be installed? Give -a, -b, -d or -i", NULL);
	if (s->expected && (s->kind != SOURCE_ARCHIVE || !digest_valid(s->expected)))
		return usage("-x takes sha256: and 64 hexadecimal digits, for an archive", NULL);
	if (s->mirror && (s->kind != SOURCE_MIRROR || *s->mirror == '-'))
		return usage("-m goes with -b and takes the address of a mirror", NULL);
	if (o->shared && s->kind != SOURCE_ARCHIVE)
		return usage("-s goes with -a; an image (-i) is shared without it", NULL);
	/* zoneadm and what it runs are in /, so it would be looked for there. */
	if ((s->kind == SOURCE_ARCHIVE || s->kind == SOURCE_DIRECTORY) && s->path[0] != '/') {
		(void)fprintf(stderr, "brand linux: '%s' is not an absolute path\n", s->path);
		return EXIT_UNDONE;
	}
	if (o->own && s->kind != SOURCE_IMAGE)
		return usage("-c goes with -i and an image that is not kept yet", NULL);
	s->shared = o->shared || s->kind == SOURCE_STORED || (s->kind == SOURCE_IMAGE && !o->own);
	return 0;
}

static int parse(int argc, char **argv, struct source *s)
{
	struct options o = {0};
	const char *wrong = NULL;
	int c;

	opterr = 0;
	while (!wrong && (c = getopt(argc, argv, ":a:b:cd:i:m:st:x:h")) != -1) {
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
		else if (c == 's')
			o.shared = true;
		else if (c == 'c')
			o.own = true;
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
	return check(s, &o);
}

/* What is mounted here, by us or by debootstrap, ends with this program. */
static int own_namespace(struct diag *d)
{
	return unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0
		       ? diag_errno(d, -errno, "cannot make a mount namespace")
		       : 0;
}

/* Opened after own_namespace(): what is mounted below it must be of that namespace. */
static int open_zonepath(struct new_zone *z, const char *path, struct diag *d)
{
	const char *root = instance_root();
	size_t n = strlen(root);

	z->path = strncmp(path, root, n) == 0 && path[n] == '/' ? path + n : path;
	z->zonepath = openat2_fd(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0, RESOLVE_NO_MAGICLINKS);
	return z->zonepath < 0 ? diag_errno(d, z->zonepath, "cannot open '%s'", path) : 0;
}

static int install(struct new_zone *z, struct source *s, const char *path, struct diag *d)
{
	int r = own_namespace(d);

	if (r == 0)
		r = open_zonepath(z, path, d);
	if (r == 0 && s->kind == SOURCE_IMAGE)
		r = source_image_open(s, z->zonepath, d);
	if (r == 0)
		r = root_make(z, s, d);
	if (s->kind == SOURCE_IMAGE && z->zonepath >= 0)
		source_image_close(s, z->zonepath);
	if (r < 0 && z->zonepath >= 0)
		root_undo(z);
	return r;
}

int main(int argc, char **argv)
{
	struct new_zone z = {.zonepath = FD_NONE};
	struct source s = {.kind = SOURCE_NONE, .image.dir = FD_NONE};
	struct diag d = {0};
	int r;

	process_begin();
	if (argc < 3)
		return usage(NULL, NULL);
	interrupt_note();
	(void)umask(022);
	r = parse(argc - 2, argv + 2, &s);
	if (r)
		return r;
	z.name = argv[1];
	r = install(&z, &s, argv[2], &d);
	z.zonepath = fd_close(z.zonepath);
	if (r == 0) {
		if (s.digest[0])
			(void)printf("%s  %s\n", s.digest, s.path);
		return 0;
	}
	(void)fprintf(stderr, "brand linux: %s\n", d.text[0] ? d.text : strerror(-r));
	return EXIT_UNDONE;
}
