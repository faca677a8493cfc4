/* SPDX-License-Identifier: MIT */
/*
 * zone-probe: one call of zoned or zsched from a script.
 *
 *	zone-probe create NAME ROOT [did=N] [RCTL=LIMIT]...  its id
 *	zone-probe build NAME ROOT                      ROOT becomes the zone's root
 *	zone-probe mount NAME DIRECTORY TARGET          the directory comes into the zone
 *	zone-probe boot|shutdown|destroy ID
 *	zone-probe host-down
 *	zone-probe enter ID                             number of descriptors, and the group
 *	zone-probe list | self
 *	zone-probe run ID WITH COMMAND                  in the zone by zone_enter(), with a descriptor 9:
 *	                                                none, pipe, socket, netns, event, memfd or a path; or
 *	                                                with shared memory, to write to: anon, segment,
 *	                                                map=FILE; or only to read: look=FILE
 *	zone-probe list-into ROOM                       how many there are, and the first ROOM of them
 *	zone-probe name-into ROOM ID                    the length of its name, and what fits of it
 *	zone-probe lookup NAME
 *	zone-probe walk [ID]                            all zones, or the links of one
 *	zone-probe any-path PATH                        whose file it is, zonepaths too
 *	zone-probe get ID ATTRIBUTE                     root, name, uniqid, ...
 *	zone-probe size ID ATTRIBUTE ROOM               the size of its value, asked for with so much room; no
 *	                                                room is no buffer
 *	zone-probe set ID ATTRIBUTE VALUE
 *	zone-probe set-bytes ID ATTRIBUTE N             N bytes, all of them 0
 *	zone-probe net ID LINK TYPE [VALUE]             gets, or sets with VALUE
 *	zone-probe add|del|check ID LINK                ID -1: whoever has it
 *	zone-probe links ID
 *	zone-probe events AFTER                         position; then zone id, number, name, states
 *	zone-probe subscribe COUNT [wait]               so many times at once; and until the last one ends
 *
 * Prints "ok" and what the call returned, or the errno's name and the server's line.
 * Exit status 0, 1 when the call failed, 2 for usage.
 */
#include "linux/mountfd.h"
#include "zone/zone-calls.h"
#include "zone/zsched-calls.h"

#include <fcntl.h>
#include <inttypes.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

struct probe {
	char **argv; /* after the verb */
	int argc;
	struct diag diag;
};

static const struct attribute {
	const char *name;
	enum zone_attr attr;
	enum { STRING, U32, U64 } kind;
} attributes[] = {
	{"root", ZONE_ATTR_ROOT, STRING},
	{"name", ZONE_ATTR_NAME, STRING},
	{"status", ZONE_ATTR_STATUS, U32},
	{"privset", ZONE_ATTR_PRIVSET, U64},
	{"uniqid", ZONE_ATTR_UNIQID, U64},
	{"initpid", ZONE_ATTR_INITPID, U32},
	{"initname", ZONE_ATTR_INITNAME, STRING},
	{"bootargs", ZONE_ATTR_BOOTARGS, STRING},
	{"brand", ZONE_ATTR_BRAND, STRING},
	{"flags", ZONE_ATTR_FLAGS, U32},
	{"hostid", ZONE_ATTR_HOSTID, U32},
	{"fs-allowed", ZONE_ATTR_FS_ALLOWED, STRING},
	{"norestart", ZONE_ATTR_INITNORESTART, U32},
	{"restart0", ZONE_ATTR_INITRESTART0, U32},
	{"initreboot", ZONE_ATTR_INITREBOOT, U32},
	{"poolid", ZONE_ATTR_POOLID, STRING},
	{"sched-class", ZONE_ATTR_SCHED_CLASS, STRING},
	{"secflags", ZONE_ATTR_SECFLAGS, U32},
	{"network", ZONE_ATTR_NETWORK, U64},
	{"did", ZONE_ATTR_DID, U32},
	{"app-svc-ct", ZONE_ATTR_APP_SVC_CT, U32},
	{"fixedhi", ZONE_ATTR_SCHED_FIXEDHI, U32},
	{"label", ZONE_ATTR_SLBL, U64},
};

static const struct attribute *find_attribute(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(attributes); i++)
		if (streq(attributes[i].name, name))
			return &attributes[i];
	(void)fprintf(stderr, "zone-probe: no attribute '%s'\n", name);
	exit(2);
}

static zoneid_t id_of(const struct probe *p)
{
	return p->argc > 0 ? atoi(p->argv[0]) : -1;
}

static datalink_id_t link_of(const struct probe *p)
{
	return p->argc > 1 ? (datalink_id_t)strtoul(p->argv[1], NULL, 0) : 0;
}

/* ---- life ---- */

static int do_create(struct probe *p)
{
	struct zone_create_req *req =
		calloc(1, sizeof(*req) + ZONE_RCTLS_MAX * sizeof(req->rctls[0]));
	struct zone_create_reply reply = {0};
	size_t len;
	int i, r;

	if (!req || p->argc < 2)
		return -EINVAL;
	req->flags = ZF_NET_EXCL;
	len = strlen(p->argv[0]); /* a name that is too long fills the field */
	memcpy(req->name, p->argv[0], len < sizeof(req->name) ? len : sizeof(req->name));
	(void)snprintf(req->root, sizeof(req->root), "%s", p->argv[1]);
	for (i = 2; i < p->argc && req->nrctls < ZONE_RCTLS_MAX; i++) {
		struct zone_rctl_value *v = &req->rctls[req->nrctls];
		char *eq = strchr(p->argv[i], '=');

		if (!eq)
			return -EINVAL;
		if (sscanf(p->argv[i], "did=%d", &req->did) == 1)
			continue;
		req->nrctls++;
		(void)snprintf(
			v->name, sizeof(v->name), "%.*s", (int)(eq - p->argv[i]), p->argv[i]);
		v->limit = strtoull(eq + 1, NULL, 0);
		v->priv = ZRCTL_PRIVILEGED;
		v->action = streq(v->name, "zone.cpu-shares") ? ZRCTL_NONE : ZRCTL_DENY;
	}
	r = zone_call_create(req, &reply, &p->diag);
	free(req);
	if (r == 0)
		(void)printf("ok %d\n", reply.zoneid);
	else if (reply.exterr)
		(void)printf("exterr %d\n", reply.exterr);
	return r;
}

static int do_build(struct probe *p)
{
	_cleanup_free_ struct zsched_build_req *req =
		calloc(1, sizeof(*req) + sizeof(req->mounts[0]));
	int userns, fd, r;

	if (!req || p->argc < 2)
		return -EINVAL;
	r = zsched_call_getfds(p->argv[0], ZSCHED_FD_USER, &userns, &p->diag);
	if (r == 0)
		r = mountfd_clone(AT_FDCWD, p->argv[1], &fd, &p->diag);
	if (r == 0)
		r = mountfd_idmap(fd, userns, p->argv[1], &p->diag);
	if (r < 0)
		return r;
	req->count = 1;
	(void)snprintf(req->nodename, sizeof(req->nodename), "%s", p->argv[0]);
	(void)strcpy(req->mounts[0].target, "/");
	r = zsched_call_build(p->argv[0], req, &fd, &p->diag);
	if (r == 0)
		(void)printf("ok\n");
	return r;
}

static int plain(int r)
{
	if (r == 0)
		(void)printf("ok\n");
	return r;
}

static int do_mount(struct probe *p)
{
	struct zsched_fs_req req = {.make = 1};
	struct stat st;
	int fd, r;

	if (p->argc < 3 || str_copy(req.target, sizeof(req.target), p->argv[2]) < 0)
		return -EINVAL;
	if (stat(p->argv[1], &st) < 0)
		return -errno;
	req.dev = st.st_dev;
	req.ino = st.st_ino;
	r = mountfd_clone(AT_FDCWD, p->argv[1], &fd, &p->diag);
	return r < 0 ? r : plain(zsched_call_mount(p->argv[0], &req, fd, &p->diag));
}

static int do_boot(struct probe *p)
{
	return plain(zone_call_boot(id_of(p), &p->diag));
}

static int do_shutdown(struct probe *p)
{
	return plain(zone_call_shutdown(id_of(p), &p->diag));
}

static int do_destroy(struct probe *p)
{
	return plain(zone_call_destroy(id_of(p), &p->diag));
}

static int do_host_down(struct probe *p)
{
	return plain(zone_call_host_down());
}

static int do_enter(struct probe *p)
{
	struct zone_enter_reply reply;
	int fds[ZONE_ENTER_COUNT], i, n = 0;
	int r = zone_call_enter(id_of(p), &reply, fds, &p->diag);

	if (r < 0)
		return r;
	for (i = 0; i < ZONE_ENTER_COUNT; i++)
		n += fcntl(fds[i], F_GETFD) == FD_CLOEXEC;
	(void)printf("ok %d %s %s\n", n, reply.name, reply.cgroup);
	return 0;
}

/* ---- questions ---- */

static int print_id(int r, zoneid_t id)
{
	if (r == 0)
		(void)printf("ok %d\n", id);
	return r;
}

/* Shared memory; false when it is to be none. */
static bool map_as(const char *what)
{
	const char *file = strchr(what, '=');
	int look = strncmp(what, "look=", 5) == 0, fd = FD_NONE, id;
	void *p = MAP_FAILED;

	if (streq(what, "segment")) {
		id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
		p = shmat(id, NULL, 0);
		(void)shmctl(id, IPC_RMID, NULL);
	} else if (streq(what, "anon") || look || strncmp(what, "map=", 4) == 0) {
		if (file)
			fd = open(file + 1, look ? O_RDONLY : O_RDWR);
		p = mmap(NULL, 4096, look ? PROT_READ : PROT_READ | PROT_WRITE,
			MAP_SHARED | (file ? 0 : MAP_ANONYMOUS), fd, 0);
		(void)fd_close(fd);
	} else {
		return false;
	}
	if (p == MAP_FAILED) {
		perror(what);
		exit(2);
	}
	return true;
}

/* A way in that fails late, after a signal for who waits outside; both functions in the place of the C library's. */
static bool interrupted;

static void ignore(int sig)
{
}

/* The last call before the child is made. */
int pipe2(int ends[2], int flags)
{
	const struct itimerval soon = {.it_value = {.tv_usec = 100000}};
	const struct sigaction sa = {.sa_handler = ignore}; /* no call goes on by itself */

	if (interrupted) {
		(void)sigaction(SIGALRM, &sa, NULL);
		(void)setitimer(ITIMER_REAL, &soon, NULL);
	}
	return (int)syscall(SYS_pipe2, ends, flags);
}

/* One of the child's last. */
int setgroups(size_t n, const gid_t *list)
{
	if (!interrupted)
		return (int)syscall(SYS_setgroups, n, list);
	(void)usleep(300000);
	errno = EPERM;
	return -1;
}

/* As descriptor 9, which a program that is executed has; FD_NONE for none. */
static int open_as(const char *what)
{
	int ends[2], fd;

	if (map_as(what))
		return FD_NONE;
	if (streq(what, "interrupted")) {
		interrupted = true;
		return FD_NONE;
	}
	if (streq(what, "none"))
		return FD_NONE;
	if (streq(what, "pipe"))
		fd = pipe(ends) < 0 ? -1 : ends[1];
	else if (streq(what, "socket"))
		fd = socket(AF_UNIX, SOCK_STREAM, 0);
	else if (streq(what, "netns"))
		fd = open("/proc/self/ns/net", O_RDONLY);
	else if (streq(what, "event"))
		fd = eventfd(0, 0);
	else if (streq(what, "memfd"))
		fd = memfd_create("probe", 0);
	else
		fd = open(what, O_RDONLY);
	if (fd >= 0 && streq(what, "pipe"))
		(void)close(ends[0]);
	if (fd < 0 || dup2(fd, 9) < 0) {
		perror(what);
		exit(2);
	}
	if (fd != 9)
		(void)close(fd);
	return 9;
}

static int run_command(void *arg)
{
	const char *command = arg;

	(void)execl("/bin/sh", "sh", "-c", command, NULL);
	return 127;
}

static int do_run(struct probe *p)
{
	int fd, status;
	pid_t pid;

	if (p->argc < 3)
		return -EINVAL;
	fd = open_as(p->argv[1]);
	pid = zone_enter(id_of(p), run_command, p->argv[2]);
	if (pid < 0)
		return -errno;
	if (waitpid(pid, &status, 0) != pid)
		return -ECHILD;
	(void)fd_close(fd);
	printf("ok %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return 0;
}

static int do_list(struct probe *p)
{
	_cleanup_free_ zoneid_t *ids = NULL;
	uint32_t i, n;
	int r = zone_call_list(&ids, &n);

	if (r < 0)
		return r;
	(void)printf("ok");
	for (i = 0; i < n; i++)
		(void)printf(" %d", ids[i]);
	(void)printf("\n");
	return 0;
}

static int do_list_into(struct probe *p)
{
	unsigned int i, room = p->argc ? (unsigned int)atoi(p->argv[0]) : 0, n = room;
	zoneid_t ids[MAX_ZONES];

	if (room > MAX_ZONES)
		return -EINVAL;
	memset(ids, -1, sizeof(ids));
	if (zone_list(room ? ids : NULL, &n) < 0)
		return -errno;
	(void)printf("ok %u", n);
	for (i = 0; i < MAX_ZONES && ids[i] >= 0; i++) /* also those that were not asked for */
		(void)printf(" %d", ids[i]);
	(void)printf("\n");
	return 0;
}

static int do_name_into(struct probe *p)
{
	char buf[2 * ZONENAME_MAX] = "";
	size_t room = p->argc ? strtoul(p->argv[0], NULL, 0) : 0;
	ssize_t n;

	if (p->argc < 2 || room > sizeof(buf))
		return -EINVAL;
	n = getzonenamebyid(atoi(p->argv[1]), buf, room);
	if (n < 0)
		return -errno;
	(void)printf("ok %zd %s\n", n, buf);
	return 0;
}

static int do_self(struct probe *p)
{
	zoneid_t id = -1;
	int r = zone_call_self(&id);

	return print_id(r, id);
}

static int do_lookup(struct probe *p)
{
	zoneid_t id = -1;
	int r = p->argc ? zone_call_lookup(p->argv[0], &id) : -EINVAL;

	return print_id(r, id);
}

static int add_zone(zoneid_t id, void *arg)
{
	return fprintf(arg, " %d", id) < 0;
}

static int add_link(uint32_t link, void *arg)
{
	return fprintf(arg, " %u", link) < 0;
}

static int do_walk(struct probe *p)
{
	char text[4096] = "";
	FILE *f = fmemopen(text, sizeof(text), "w");
	int r = p->argc ? zone_datalink_walk(id_of(p), add_link, f) : zone_walk(add_zone, f);
	int err = errno;

	(void)fclose(f);
	if (r < 0)
		return -err;
	(void)printf("ok%s\n", text);
	return 0;
}

static int do_get(struct probe *p)
{
	const struct attribute *a;
	char buf[ZONE_DATA_MAX];
	size_t size;
	uint64_t v = 0;
	int r;

	if (p->argc != 2)
		return -EINVAL;
	a = find_attribute(p->argv[1]);
	size = a->kind == STRING ? sizeof(buf) : a->kind == U32 ? sizeof(uint32_t) : sizeof(v);
	r = zone_call_getattr(id_of(p), a->attr, buf, size, &size);
	if (r < 0)
		return r;
	memcpy(&v, buf, size < sizeof(v) ? size : sizeof(v));
	if (a->kind == STRING)
		(void)printf("ok %s\n", buf);
	else if (size == (a->kind == U32 ? sizeof(uint32_t) : sizeof(uint64_t)))
		(void)printf("ok %" PRIu64 "\n", v);
	else
		r = -EBADMSG;
	return r;
}

static int do_size(struct probe *p)
{
	const struct attribute *a;
	char buf[ZONE_DATA_MAX];
	size_t room;
	ssize_t n;

	if (p->argc != 3)
		return -EINVAL;
	a = find_attribute(p->argv[1]);
	room = strtoul(p->argv[2], NULL, 0);
	memset(buf, '#', sizeof(buf));
	n = zone_getattr(id_of(p), (int)a->attr, room ? buf : NULL, room);
	if (n < 0)
		return -errno;
	if (a->kind == STRING && room)
		(void)printf("ok %zd %s\n", n, buf);
	else
		(void)printf("ok %zd\n", n);
	return buf[room] == '#' ? 0 : -EOVERFLOW;
}

static int do_any_path(struct probe *p)
{
	zoneid_t id = p->argc ? zone_find_by_any_path(p->argv[0]) : -1;

	return id < 0 ? -errno : print_id(0, id);
}

static int do_set(struct probe *p)
{
	const struct attribute *a;
	uint32_t v;

	if (p->argc != 3)
		return -EINVAL;
	a = find_attribute(p->argv[1]);
	if (a->kind == STRING)
		return plain(zone_call_setattr(
			id_of(p), a->attr, p->argv[2], strlen(p->argv[2]) + 1, &p->diag));
	v = (uint32_t)strtoul(p->argv[2], NULL, 0);
	return plain(zone_call_setattr(id_of(p), a->attr, &v, sizeof(v), &p->diag));
}

static int do_set_bytes(struct probe *p)
{
	static const char zeros[ZONE_DATA_MAX];

	if (p->argc != 3)
		return -EINVAL;
	return plain(zone_call_setattr(id_of(p), find_attribute(p->argv[1])->attr, zeros,
		strtoul(p->argv[2], NULL, 0), &p->diag));
}

/* ---- links ---- */

static int do_net(struct probe *p)
{
	struct zone_net_data data = {.linkid = link_of(p)};
	int r;

	if (p->argc < 3)
		return -EINVAL;
	data.type = (uint32_t)strtoul(p->argv[2], NULL, 0);
	if (p->argc == 4) {
		(void)snprintf(data.value, sizeof(data.value), "%s", p->argv[3]);
		return plain(zone_call_setattr(
			id_of(p), ZONE_ATTR_NETWORK, &data, sizeof(data), &p->diag));
	}
	r = zone_call_getnet(id_of(p), data.linkid, (enum zone_net_type)data.type, &data);
	if (r == 0)
		(void)printf("ok %s\n", data.value);
	return r;
}

static int do_add(struct probe *p)
{
	return plain(zone_call_add_datalink(id_of(p), link_of(p)));
}

static int do_del(struct probe *p)
{
	return plain(zone_call_del_datalink(id_of(p), link_of(p)));
}

static int do_check(struct probe *p)
{
	zoneid_t id = id_of(p);
	int r = zone_call_check_datalink(&id, link_of(p));

	return print_id(r, id);
}

static int do_links(struct probe *p)
{
	_cleanup_free_ datalink_id_t *ids = NULL;
	uint32_t i, n;
	int r = zone_call_list_datalink(id_of(p), &ids, &n);

	if (r < 0)
		return r;
	(void)printf("ok");
	for (i = 0; i < n; i++)
		(void)printf(" %u", ids[i]);
	(void)printf("\n");
	return 0;
}

/* ---- events ---- */

static int do_events(struct probe *p)
{
	_cleanup_free_ struct zone_events_read_reply *reply =
		calloc(1, sizeof(*reply) + ZONE_EVENTS_MAX * sizeof(reply->events[0]));
	uint64_t after = p->argc ? strtoull(p->argv[0], NULL, 0) : 0;
	uint32_t i;
	int r;

	if (!reply)
		return -ENOMEM;
	r = zone_call_events_read(after, ZONE_EVENTS_MAX, reply);
	if (r < 0)
		return r;
	(void)printf("ok %" PRIu64 "\n", reply->position);
	for (i = 0; i < reply->count; i++) {
		const struct zone_event *e = &reply->events[i];

		(void)printf("%d %" PRIu64 " %s %u %u\n", e->zoneid, e->seq, e->zonename,
			e->oldstate, e->newstate);
	}
	return 0;
}

static int do_subscribe(struct probe *p)
{
	int i, fd, r = 0, n = p->argc ? atoi(p->argv[0]) : 1;

	for (i = 0; i < n && r == 0; i++)
		r = zone_call_events_subscribe(&fd, &p->diag);
	if (r == 0 && p->argc > 1) {
		struct pollfd end = {.fd = fd, .events = 0};

		(void)printf("subscribed\n");
		(void)fflush(stdout);
		(void)poll(&end, 1, -1);
	}
	return plain(r);
}

static const struct {
	const char *name;
	int (*fn)(struct probe *p);
} verbs[] = {
	{"create", do_create},
	{"build", do_build},
	{"mount", do_mount},
	{"boot", do_boot},
	{"shutdown", do_shutdown},
	{"destroy", do_destroy},
	{"host-down", do_host_down},
	{"enter", do_enter},
	{"run", do_run},
	{"list", do_list},
	{"list-into", do_list_into},
	{"name-into", do_name_into},
	{"self", do_self},
	{"lookup", do_lookup},
	{"walk", do_walk},
	{"get", do_get},
	{"size", do_size},
	{"any-path", do_any_path},
	{"set", do_set},
	{"set-bytes", do_set_bytes},
	{"net", do_net},
	{"add", do_add},
	{"del", do_del},
	{"check", do_check},
	{"links", do_links},
	{"events", do_events},
	{"subscribe", do_subscribe},
};

int main(int argc, char **argv)
{
	struct probe p = {.argv = argv + 2, .argc = argc - 2};
	size_t i;
	int r;

	for (i = 0; argc >= 2 && i < ARRAY_SIZE(verbs); i++) {
		if (!streq(verbs[i].name, argv[1]))
			continue;
		r = verbs[i].fn(&p);
		if (r < 0)
			(void)printf("%s%s%s\n", strerrorname_np(-r), p.diag.text[0] ? " " : "",
				p.diag.text);
		return r < 0;
	}
	(void)fprintf(stderr, "usage: zone-probe VERB [ARGUMENT]...\n");
	return 2;
}
