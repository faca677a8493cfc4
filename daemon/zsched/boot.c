/* SPDX-License-Identifier: MIT */
/*
 * Starting the zone's init.
 *
 * Three children take part. The *entrant* leaves the host's user namespace,
 * enters the zone's namespaces and makes init with clone3(): a new pid namespace
 * that belongs to the zone's user namespace (so that reboot(2) works there),
 * born into the zone's leaf group, and CLONE_PARENT, so that zsched is its
 * parent. *Init* waits at the gate. The *proc helper*, with the host's
 * credentials but inside the new pid namespace, makes /proc with its masks in a
 * private copy of the host-owned mount namespace and moves the whole tree into
 * the real one, from where it reaches the zone as one locked piece: the zone's
 * root can take /proc away, never a mask. Then zsched opens the gate and init
 * drops what is left of its rights and executes the program.
 *
 * The paths that init opens belong to the zone, and a link there may lead to
 * /proc/self/fd: what zsched had open is closed before the first of them is used.
 *
 * zsched answers nobody meanwhile: a few milliseconds, and BOOT_TIMEOUT at most.
 */
#include "linux/cgroup-join.h"
#include "linux/file-limit.h"
#include "linux/openat2.h"
#include "linux/pidfd.h"
#include "linux/process-state.h"
#include "zone/confine.h"
#include "zone/init-tell.h"
#include "zsched/mounts.h"

#include <ctype.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/keyctl.h>
#include <linux/magic.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#define BOOT_TIMEOUT   30000 /* ms until init must have been executed */
#define LAUNCH_TIMEOUT 10000 /* ms more for a launcher to become init; then it counts as one */
#define INIT_ARGS_MAX  64

struct boot {
	struct zsched *z;
	const struct zsched_boot_req *req;
	struct zone_start start;
	int gate;    /* zsched's end of init's gate */
	int tell[2]; /* a launcher's to zsched: zsched's end and the other */
	pid_t pid;   /* init, as zsched sees it */
	int pidfd;
};

/* ---- init, before it is init ---- */

static void __attribute__((noreturn)) init_fail(int gate, const char *what)
{
	struct init_error e = {.err = -errno};

	(void)snprintf(e.what, sizeof(e.what), "%s", what);
	(void)send(gate, &e, sizeof(e), MSG_NOSIGNAL);
	_exit(127);
}

/* Stays open over one exec. */
static int tell_open(int fd)
{
	return fd == INIT_TELL_FD ? fcntl(fd, F_SETFD, 0) : dup2(fd, INIT_TELL_FD);
}

/* The last of what zsched had open; the gate closes when init is executed, a launcher's socket when it has become init. */
static int init_close_all(const struct boot *b, int gate)
{
	unsigned int first = INIT_TELL_FD;
	int above = fcntl(gate, F_DUPFD_CLOEXEC, INIT_TELL_FD + 1);

	if (above < 0)
		init_fail(gate, "Cannot copy a descriptor");
	gate = above;
	if (b->tell[1] >= 0 && tell_open(b->tell[1]) < 0)
		init_fail(gate, "Cannot open the launcher's socket");
	if (b->tell[1] >= 0)
		first++;
	if ((gate > (int)first && close_range(first, (unsigned int)gate - 1, 0) < 0) ||
		close_range((unsigned int)gate + 1, ~0U, 0) < 0)
		init_fail(gate, "Cannot close the descriptors of zsched");
	return gate;
}

/* The descriptors of its pipes are zsched's, and go with them when all is closed. */
static void init_pipes(const struct stdio_pipes *s, int gate)
{
	if (dup2(s->in_read, 0) < 0 || dup2(s->out_write, 1) < 0 || dup2(s->out_write, 2) < 0)
		init_fail(gate, "Cannot make the pipes init's standard streams");
}

static void init_console(int gate)
{
	int fd = openat2_fd(AT_FDCWD, "/dev/console", O_RDWR | O_NOCTTY | O_NONBLOCK, 0,
		RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
	struct statfs fs;

	errno = fd < 0 ? -fd : ENOTTY;
	if (fd < 0 || fstatfs(fd, &fs) < 0 || fs.f_type != DEVPTS_SUPER_MAGIC)
		init_fail(gate, "Cannot open /dev/console");
	if (fcntl(fd, F_SETFL, 0) < 0 || dup2(fd, 0) < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
		init_fail(gate, "Cannot make the console init's standard input");
	if (fd > 2)
		(void)close(fd);
}

static void init_signals(void)
{
	sigset_t none;
	int sig;

	for (sig = 1; sig < NSIG; sig++)
		(void)signal(sig, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void init_identity(const struct boot *b, int gate)
{
	if (setns(b->z->cgroup, CLONE_NEWCGROUP) < 0)
		init_fail(gate, "Cannot enter the cgroup namespace");
	if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		init_fail(gate, "Cannot become root of the zone");
	/* Not the keys of whoever started zoned. A kernel without keys has none. */
	(void)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
}

static void init_confine(const struct boot *b, int gate)
{
	int r;

	/* The filter first: a zone's capabilities need not suffice to set it. */
	r = zone_confine_syscalls(b->req->caps);
	if (r == 0)
		r = zone_confine_caps(b->req->caps);
	if (r < 0) {
		errno = -r;
		init_fail(gate, "Cannot confine init");
	}
}

/* Splits at white space, in place. */
static void init_args(char *initname, char *bootargs, char **argv)
{
	char *save = NULL, *word;
	size_t n = 0;

	argv[n++] = initname;
	for (word = strtok_r(bootargs, " \t\n", &save); word && n < INIT_ARGS_MAX - 1;
		word = strtok_r(NULL, " \t\n", &save))
		argv[n++] = word;
	argv[n] = NULL;
}

static void init_env(char *env, size_t size, char **envp)
{
	size_t n = 0, at = 0;

	while (at < size && n < INIT_ARGS_MAX - 1) {
		envp[n++] = env + at;
		at += strlen(env + at) + 1;
	}
	envp[n] = NULL;
}

/* Who am I: pid 1 of the new pid namespace, in all the zone's namespaces but cgroup, full capabilities there. */
static void __attribute__((noreturn)) init_stub(const struct boot *b, int gate)
{
	static struct zsched_boot_req req; /* strtok writes */
	char *argv[INIT_ARGS_MAX], *envp[INIT_ARGS_MAX];
	char byte;

	if (recv(gate, &byte, 1, 0) != 1)
		_exit(127); /* zsched gave up */
	req = *b->req;
	(void)setsid();
	(void)umask(022);
	init_identity(b, gate);
	if (b->z->pipes.in_read >= 0)
		init_pipes(&b->z->pipes, gate);
	gate = init_close_all(b, gate);
	if (chdir("/") < 0)
		init_fail(gate, "Cannot enter the zone's root");
	if (b->z->pipes.in_read < 0)
		init_console(gate);
	init_signals();
	file_limit_usual();
	init_confine(b, gate);
	init_args(req.initname, req.bootargs, argv);
	init_env(req.env, req.envsize, envp);
	(void)execve(argv[0], argv, envp);
	init_fail(gate, "Cannot execute init");
}

/* ---- the entrant ---- */

static int enter_zone(const struct zsched *z, struct diag *d)
{
	/*
	 * The network namespace may be the host's, which only the host's root enters. The rights that the
	 * others ask for come with the user namespace.
	 */
	if (setns(z->net, CLONE_NEWNET) < 0 || setns(z->user, CLONE_NEWUSER) < 0 ||
		setns(z->mnt, CLONE_NEWNS) < 0 || setns(z->ipc, CLONE_NEWIPC) < 0 ||
		setns(z->uts, CLONE_NEWUTS) < 0)
		return diag_errno(d, -errno, "Cannot enter the zone's namespaces");
	return 0;
}

static int entrant_child(void *arg, int sock, struct diag *d)
{
	const struct boot *b = arg;
	_cleanup_close_ int group = cgroup_open_v2(b->z->leaf), offsets = FD_NONE;
	struct clone_args args = {
		.flags = CLONE_NEWPID | CLONE_PARENT | CLONE_INTO_CGROUP,
		.cgroup = (uint64_t)group,
	};
	int gate[2], r;
	pid_t pid;

	if (group < 0)
		return diag_errno(d, group, "Cannot open the control group %s", b->z->leaf);
	r = cgroup_join_v1(b->z->leaf);
	if (r < 0)
		return diag_errno(d, r, "Cannot join the control group %s", b->z->leaf);
	r = time_open_offsets(b->z, &offsets);
	if (r < 0)
		return diag_errno(d, r, "Cannot open the settings of its time namespace");
	process_calm(); /* zoned may be nice, or on some processors only */
	r = zone_start_as(b->req->start);
	if (r < 0)
		return diag_errno(d, r, "This host cannot hold the scheduling-class%s",
			b->req->start & ZONE_START_RT
				? " RT (have its control groups realtime to give?)"
				: "");
	r = enter_zone(b->z, d);
	if (r < 0)
		return r;
	r = time_enter(b->z, offsets, &b->start);
	if (r < 0)
		return diag_errno(d, r, "Cannot enter the zone's time namespace");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, gate) < 0)
		return diag_errno(d, -errno, "Cannot make a socket pair");
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0)
		return diag_errno(d, -errno, "Cannot make the zone's first process");
	if (pid == 0) {
		(void)close(gate[0]);
		(void)close(sock);
		init_stub(b, gate[1]);
	}
	r = child_send_int(sock, (int)pid);
	return r < 0 ? r : child_send_fd(sock, gate[0]);
}

static int entrant_parent(void *arg, pid_t pid, int sock, struct diag *d)
{
	struct boot *b = arg;
	int init, r;

	r = child_recv_int(sock, &init);
	if (r < 0)
		return r;
	b->pid = (pid_t)init;
	return child_recv_fd(sock, &b->gate);
}

/* ---- the proc helper ---- */

/* Who am I: host's credentials, inside the zone's pid namespace, in a private copy of the host-owned mounts. */
static int proc_inner(void *arg, int sock, struct diag *d)
{
	const struct boot *b = arg;
	_cleanup_close_ int tree = FD_NONE;
	int view[VIEW_FILE_COUNT], i, r = 0;

	for (i = 0; i < VIEW_FILE_COUNT; i++)
		view[i] = FD_NONE;
	if (b->z->view >= 0)
		r = mounts_view_open(view, d);
	if (r == 0)
		r = mounts_proc(d);
	if (r == 0)
		r = mounts_view_attach(view, d);
	for (i = 0; i < VIEW_FILE_COUNT; i++)
		(void)fd_close(view[i]);
	if (r < 0)
		return r;
	tree = open_tree(AT_FDCWD, "proc", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	if (tree < 0)
		return diag_errno(d, -errno, "Cannot copy the mounts of /proc");
	if (setns(b->z->hostmnt, CLONE_NEWNS) < 0)
		return diag_errno(d, -errno, "Cannot enter the host's side of the zone's mounts");
	return mounts_attach(tree, "proc", d);
}

static int proc_child(void *arg, int sock, struct diag *d)
{
	const struct boot *b = arg;

	if (setns(b->z->hostmnt, CLONE_NEWNS) < 0)
		return diag_errno(d, -errno, "Cannot enter the host's side of the zone's mounts");
	if (b->z->init_ended) /* that of the pid namespace that is gone */
		(void)umount2("/proc", MNT_DETACH | UMOUNT_NOFOLLOW);
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return diag_errno(d, -errno, "Cannot copy the zone's mounts");
	if (setns(b->pidfd, CLONE_NEWPID) < 0)
		return diag_errno(d, -errno, "Cannot enter the zone's pid namespace");
	return child_run(proc_inner, NULL, arg, d);
}

/* ---- zsched ---- */

static void printable(char *s, size_t size)
{
	s[size - 1] = '\0';
	for (; *s; s++)
		if (!isprint((unsigned char)*s))
			*s = '?';
}

static int say_error(const struct boot *b, struct init_error *e, struct diag *d)
{
	printable(e->what, sizeof(e->what));
	printable(e->about, sizeof(e->about));
	return diag_errno(d, e->err < 0 ? e->err : -EIO, "%s '%s'", e->what,
		e->about[0] ? e->about : b->req->initname);
}

/* The gate closes when init has been executed; what it says before is an error. */
static int wait_for_exec(const struct boot *b, struct diag *d)
{
	struct pollfd p = {.fd = b->gate, .events = POLLIN};
	struct init_error e;
	ssize_t n;
	int r;

	if (send(b->gate, "", 1, MSG_NOSIGNAL) != 1)
		return diag_set(d, -EIO, "The zone's first process died before it was init");
	do {
		r = poll(&p, 1, BOOT_TIMEOUT);
	} while (r < 0 && errno == EINTR);
	if (r == 0)
		return diag_set(d, -ETIMEDOUT, "Init could not be executed within %d seconds",
			BOOT_TIMEOUT / 1000);
	n = recv(b->gate, &e, sizeof(e), MSG_DONTWAIT);
	return n == (ssize_t)sizeof(e) ? say_error(b, &e, d) : 0;
}

/* Its file was written by whoever made the zone's root. */
static int wait_for_launch(struct boot *b, struct diag *d)
{
	struct pollfd p = {.fd = b->tell[0], .events = POLLIN};
	struct init_error e;
	int r;

	if (b->tell[0] < 0)
		return 0;
	b->tell[1] = fd_close(b->tell[1]);
	do {
		r = poll(&p, 1, LAUNCH_TIMEOUT);
	} while (r < 0 && errno == EINTR);
	if (recv(b->tell[0], &e, sizeof(e), MSG_DONTWAIT) != (ssize_t)sizeof(e))
		return 0;
	return say_error(b, &e, d);
}

/* What may be the program that becomes init. */
static int tell_begin(struct boot *b)
{
	if (!streq(b->req->initname, INIT_LAUNCHER))
		return 0;
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, b->tell) < 0 ? -errno : 0;
}

static void abandon(const struct boot *b)
{
	if (b->pid <= 0)
		return;
	(void)kill(b->pid, SIGKILL);
	while (waitpid(b->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

int boot_init(struct zsched *z, const struct zsched_boot_req *req, struct diag *d)
{
	struct boot b = {
		.z = z, .req = req, .gate = FD_NONE, .tell = {FD_NONE, FD_NONE}, .pidfd = FD_NONE};
	int r;

	time_look(&b.start);
	r = stdio_begin(&z->pipes);
	if (r < 0)
		return diag_errno(d, r, "Cannot open init's standard input again");
	r = tell_begin(&b);
	if (r < 0)
		return diag_errno(d, r, "Cannot make a socket pair");
	r = child_run(entrant_child, entrant_parent, &b, d);
	if (r == 0) {
		time_keep(z, b.pid, &b.start);
		b.pidfd = pidfd_of(b.pid);
		if (b.pidfd < 0)
			r = diag_errno(d, b.pidfd, "Cannot open the zone's first process");
	}
	if (r == 0)
		r = child_run(proc_child, NULL, &b, d);
	if (r == 0)
		r = wait_for_exec(&b, d);
	if (r == 0)
		r = wait_for_launch(&b, d);
	b.gate = fd_close(b.gate);
	b.tell[0] = fd_close(b.tell[0]);
	b.tell[1] = fd_close(b.tell[1]);
	if (r < 0) {
		abandon(&b);
		(void)fd_close(b.pidfd);
		return r;
	}
	z->init_pid = b.pid;
	z->init_pidfd = b.pidfd;
	return 0;
}
