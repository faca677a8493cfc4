/* SPDX-License-Identifier: MIT */
/*
 * Devices over a device; see uppers.h. What is mounted at /sys may show another network namespace, so
 * this is a mount of our own, which nobody else sees, made anew when the namespace is another one.
 *
 * Locks: mount_lock, for the descriptor and whose it is; tunnels_lock, for what is known of tunnels. Both are leaves.
 */
#include "linux/uppers.h"

#include "linux/rtnl.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mount.h>
#include <sys/stat.h>

static pthread_mutex_t mount_lock = PTHREAD_MUTEX_INITIALIZER;
static int class_net = FD_NONE;
static ino_t namespace;

static int open_class_net(void)
{
	_cleanup_close_ int fs = FD_NONE, mount = FD_NONE;

	fs = fsopen("sysfs", FSOPEN_CLOEXEC);
	if (fs < 0 || fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -EOPNOTSUPP;
	mount = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	if (mount < 0)
		return -EOPNOTSUPP;
	return openat(mount, "class/net", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* A descriptor of the device's directory, or a negative number. */
static int open_device(const char *name)
{
	struct stat st;
	int fd = -EOPNOTSUPP;

	if (stat("/proc/thread-self/ns/net", &st) < 0)
		return fd;
	(void)pthread_mutex_lock(&mount_lock);
	if (class_net < 0 || namespace != st.st_ino) {
		class_net = fd_close(class_net);
		class_net = open_class_net();
		namespace = st.st_ino;
	}
	if (class_net >= 0)
		fd = openat(class_net, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	(void)pthread_mutex_unlock(&mount_lock);
	return fd;
}

static bool is_device(int dir, int ifindex)
{
	_cleanup_close_ int fd = openat(dir, "ifindex", O_RDONLY | O_CLOEXEC);
	char text[16] = "";

	return fd >= 0 && read(fd, text, sizeof(text) - 1) > 0 && atoi(text) == ifindex;
}

/* ---- tunnels, which the kernel does not count as over what they are bound to ---- */

static const char *const tunnel_kinds[] = {"sit", "ipip", "gre", "gretap", "erspan", "vti",
	"ip6tnl", "ip6gre", "ip6gretap", "ip6erspan", "vti6", "xfrm"};

/*
 * A dozen questions for each device, of which the kernel answers each by a walk over all. So it is listened to: its
 * messages are there before whoever made a tunnel has his answer, and as long as none tells of one, there is none.
 */
static pthread_mutex_t tunnels_lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	struct nl *ear; /* NULL: nobody listens */
	ino_t namespace;
	bool none; /* of any of the kinds, and the ear heard of none since */
} tunnels;

static bool is_tunnel(const struct nl_link *l)
{
	for (size_t i = 0; i < ARRAY_SIZE(tunnel_kinds); i++)
		if (streq(l->kind, tunnel_kinds[i]))
			return true;
	return false;
}

static void heard(const struct nl_link *l, void *arg)
{
	if (is_tunnel(l))
		tunnels.none = false;
}

static void heard_gone(int ifindex, void *arg)
{
}

/* In the namespace of the caller; it knows nothing yet. */
static void listen_anew(ino_t namespace)
{
	tunnels.none = false;
	tunnels.namespace = namespace;
	tunnels.ear = nl_close(tunnels.ear);
	if (nl_open(FD_NONE, &tunnels.ear) == 0 && nl_listen(tunnels.ear) < 0)
		tunnels.ear = nl_close(tunnels.ear);
}

/* Whatever else it says than that there is no more, it cannot be relied on. */
static void listen_to_all(void)
{
	int r;

	do {
		r = nl_read(tunnels.ear, heard, heard_gone, NULL);
		if (r == -ENOBUFS)
			tunnels.none = false;
	} while (r == 0 || r == -ENOBUFS || r == -EINTR);
	if (r != -EAGAIN)
		tunnels.ear = nl_close(tunnels.ear);
}

/* With tunnels_lock. */
static bool known_to_have_none(void)
{
	struct stat st;

	if (stat("/proc/thread-self/ns/net", &st) < 0)
		return false;
	if (!tunnels.ear || tunnels.namespace != st.st_ino)
		listen_anew(st.st_ino);
	if (tunnels.ear)
		listen_to_all();
	return tunnels.ear && tunnels.none;
}

struct search {
	int ifindex;
	bool any;
};

static int is_bound(const struct nl_link *l, void *arg)
{
	struct search *s = arg;

	s->any = true;
	return l->link == s->ifindex && l->link_nsid == -1;
}

/* What comes while the kernel is asked is heard next time. */
static int ask_for_tunnels(int ifindex)
{
	struct search s = {.ifindex = ifindex};
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(tunnel_kinds) && r == 0; i++) {
		r = nl_link_each_of_kind(tunnel_kinds[i], is_bound, &s);
		if (r == -EOPNOTSUPP)
			r = 0;
	}
	tunnels.none = r == 0 && !s.any;
	return r;
}

static int has_tunnels(int ifindex)
{
	int r;

	(void)pthread_mutex_lock(&tunnels_lock);
	r = known_to_have_none() ? 0 : ask_for_tunnels(ifindex);
	(void)pthread_mutex_unlock(&tunnels_lock);
	return r;
}

/* ---- all ---- */

static int has_uppers(const char *name, int ifindex)
{
	_cleanup_close_ int fd = FD_NONE;
	const struct dirent *e;
	bool found = false;
	DIR *dir;

	fd = open_device(name);
	if (fd < 0 || !is_device(fd, ifindex))
		return -EOPNOTSUPP;
	dir = fdopendir(fd);
	if (!dir)
		return -errno;
	(void)TAKE_FD(fd); /* the stream's now */
	while (!found && (e = readdir(dir)))
		found = strncmp(e->d_name, "upper_", 6) == 0;
	(void)closedir(dir);
	return found;
}

int device_has_uppers(const char *name, int ifindex, bool *ret)
{
	int r = has_uppers(name, ifindex);

	if (r == 0)
		r = has_tunnels(ifindex);
	if (r < 0)
		return r;
	*ret = r > 0;
	return 0;
}
