/* SPDX-License-Identifier: MIT */
/*
 * Loads stack.bpf.c, which is part of this program, and attaches it; see stack.h.
 *
 * The kernel checks the programs when they are loaded, which takes it longer than the rest of a boot: it is done
 * once, for the first zone that needs them, and kept until zoned ends. The next zoned loads its own;
 * zones that run go on with those that they have, which their zsched holds.
 *
 * Abstract sockets are kept away by the security hooks where BPF is among the kernel's security
 * modules, else by the hooks for sockets of the family unix (Linux 6.7). A kernel in which BPF is
 * not active as one takes the programs and never runs them, so it is asked first.
 */
#include "zoned/stack.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

/* Of Linux 6.7; older headers do not have them. */
#define CGROUP_UNIX_CONNECT 49
#define CGROUP_UNIX_SENDMSG 50

#define LSM_PREFIX  "stack_lsm_"
#define UNIX_PREFIX "stack_unix_"

enum way { WAY_LSM, WAY_UNIX };

/* The object file. */
static const unsigned char stack_object[] __attribute__((aligned(8))) = {
#include "stack-object.inc"
};

static bool starts_with(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

static bool lsm_active(void)
{
	_cleanup_close_ int fd = open("/sys/kernel/security/lsm", O_RDONLY | O_CLOEXEC);
	char text[256], *word, *rest = NULL;
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n < 0)
		return false;
	text[n] = '\0';
	for (word = strtok_r(text, ",\n", &rest); word; word = strtok_r(NULL, ",\n", &rest))
		if (streq(word, "bpf"))
			return true;
	return false;
}

static void choose(struct bpf_object *o, enum way way)
{
	const char *leave_out = way == WAY_LSM ? UNIX_PREFIX : LSM_PREFIX;
	struct bpf_program *p;

	bpf_object__for_each_program(p, o)
	{
		const char *name = bpf_program__name(p);

		if (starts_with(name, leave_out))
			(void)bpf_program__set_autoload(p, false);
		else if (streq(name, UNIX_PREFIX "connect"))
			(void)bpf_program__set_expected_attach_type(
				p, (enum bpf_attach_type)CGROUP_UNIX_CONNECT);
		else if (streq(name, UNIX_PREFIX "send"))
			(void)bpf_program__set_expected_attach_type(
				p, (enum bpf_attach_type)CGROUP_UNIX_SENDMSG);
	}
}

/* Loaded one way, or a negative errno. */
static int load(enum way way, struct bpf_object **ret)
{
	struct bpf_object *o = bpf_object__open_mem(stack_object, sizeof(stack_object), NULL);
	int r;

	if (!o)
		return -errno;
	choose(o, way);
	r = bpf_object__load(o);
	if (r < 0) {
		bpf_object__close(o);
		return r;
	}
	*ret = o;
	return 0;
}

static int load_either(struct bpf_object **ret, struct diag *d)
{
	int r = -EOPNOTSUPP;

	(void)libbpf_set_print(NULL); /* what it means that a kernel refuses is said once */
	if (lsm_active())
		r = load(WAY_LSM, ret);
	if (r < 0)
		r = load(WAY_UNIX, ret);
	if (r == -ENOMEM)
		return diag_errno(d, r, "ip-type shared");
	if (r < 0)
		return diag_set(d, -EOPNOTSUPP,
			"ip-type shared: this host's kernel cannot keep a zone to its addresses "
			"and from abstract sockets (it needs BPF programs for control groups and, "
			"with Linux before 6.7, BPF as a security module): %s",
			strerror(-r));
	return 0;
}

static pthread_mutex_t loaded_lock =
	PTHREAD_MUTEX_INITIALIZER; /* a leaf; held while they are loaded */
static struct bpf_object *loaded;

/* The programs, which never change once they are there. */
static int get_loaded(struct bpf_object **ret, struct diag *d)
{
	int r = 0;

	(void)pthread_mutex_lock(&loaded_lock);
	if (!loaded)
		r = load_either(&loaded, d);
	if (r == 0)
		*ret = loaded;
	(void)pthread_mutex_unlock(&loaded_lock);
	return r;
}

static int keep(struct stack_fds *set, int fd)
{
	if (fd < 0)
		return -errno;
	set->fds[set->count++] = fd;
	return 0;
}

static int attach_all(struct bpf_object *o, int group, struct stack_fds *set, struct diag *d)
{
	struct bpf_program *p;
	int r = 0;

	bpf_object__for_each_program(p, o)
	{
		if (!bpf_program__autoload(p))
			continue;
		if (set->count == STACK_FDS_MAX)
			return -E2BIG;
		r = keep(set, bpf_link_create(bpf_program__fd(p), group,
				      bpf_program__expected_attach_type(p), NULL));
		if (r < 0)
			return diag_set(d, -EOPNOTSUPP,
				"ip-type shared: this host's kernel does not attach %s: %s",
				bpf_program__name(p), strerror(-r));
	}
	return 0;
}

static int map_of(struct bpf_object *o, struct stack_fds *set)
{
	int fd = bpf_object__find_map_fd_by_name(o, "stack_conf");

	return keep(set, fd < 0 ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 3));
}

int stack_attach(int group, const struct stack_conf *conf, struct stack_fds *ret, struct diag *d)
{
	struct bpf_object *o;
	int r;

	ret->count = 0;
	r = get_loaded(&o, d);
	if (r < 0)
		return r;
	r = map_of(o, ret);
	if (r == 0)
		r = attach_all(o, group, ret, d);
	/* What is attached has its place for it now. Until it is there the group has no address. */
	if (r == 0)
		r = stack_set_conf(ret->fds[0], group, conf);
	if (r < 0)
		stack_fds_close(ret);
	return r < 0 && !d->text[0] ? diag_errno(d, r, "ip-type shared") : r;
}

void stack_fds_close(struct stack_fds *set)
{
	while (set->count)
		(void)fd_close(set->fds[--set->count]);
}

int stack_supported(struct diag *d)
{
	struct bpf_object *o;

	return get_loaded(&o, d);
}

/* The number of a group's directory is its id. */
static int id_of(int group, uint64_t *ret)
{
	struct stat st;

	if (fstat(group, &st) < 0)
		return -errno;
	*ret = st.st_ino;
	return 0;
}

int stack_set_conf(int map, int group, const struct stack_conf *conf)
{
	uint64_t id;
	int r = id_of(group, &id);

	if (r < 0)
		return r;
	return bpf_map_update_elem(map, &id, conf, BPF_EXIST) < 0 ? -errno : 0;
}

int stack_get_conf(int map, int group, struct stack_conf *ret)
{
	uint64_t id;
	int r = id_of(group, &id);

	if (r < 0)
		return r;
	return bpf_map_lookup_elem(map, &id, ret) < 0 ? -errno : 0;
}
