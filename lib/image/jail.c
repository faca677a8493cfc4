/* SPDX-License-Identifier: MIT */
/*
 * A child that sees one tree; see jail.h.
 *
 * The tree is mounted in the child's own namespace with noexec, so that not even a
 * library that the C library would load by itself (a character set, a name
 * service) can come out of it, with nodev and with nosuid; then it becomes the root
 * and what was the root before is unmounted. The system calls that zones may not use are refused to
 * the child too.
 */
#include "image/jail.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "linux/interrupt.h"
#include "linux/mountfd.h"
#include "zone/confine.h"

#define WAIT_MS	  200 /* a signal that comes just before a wait is seen after so long */
#define CAP(name) (UINT64_C(1) << CAP_##name)

/* What files of others need; nothing that reaches further than the tree. */
#define CAPS                                                                                       \
	(CAP(CHOWN) | CAP(DAC_OVERRIDE) | CAP(DAC_READ_SEARCH) | CAP(FOWNER) | CAP(FSETID) |       \
		CAP(SETFCAP))

struct jail_end {
	int err;
	char text[sizeof(((struct diag *)0)->text)];
};

/* The tree becomes the only mount of this process's own namespace. */
static int enter(int root, struct diag *d)
{
	_cleanup_close_ int tree = FD_NONE;
	int r;

	/* Cloned first: root is a mount of the namespace that is about to be left. */
	r = mountfd_clone(root, "", &tree, d);
	if (r == 0)
		r = mountfd_set(tree, MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID, d);
	if (r < 0)
		return r;
	if (unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC) < 0 ||
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return diag_errno(d, -errno, "cannot make namespaces for the installation");
	if (move_mount(tree, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0 || fchdir(tree) < 0 ||
		syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 ||
		chdir("/") < 0)
		return diag_errno(d, -errno, "cannot enter the new root");
	return 0;
}

static int confine(struct diag *d)
{
	int r = zone_confine_syscalls(zone_caps_default());

	if (r == 0)
		r = zone_confine_caps(CAPS);
	if (r < 0)
		return diag_errno(d, r, "cannot confine the installation");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return diag_errno(d, -errno, "cannot confine the installation");
	return 0;
}

static void __attribute__((noreturn)) child(int sock, int root, jail_fn *fn, void *arg)
{
	struct diag d = {0};
	struct jail_end end = {0};

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGHUP, SIG_DFL);
	end.err = enter(root, &d);
	(void)close(root);
	if (end.err == 0)
		end.err = confine(&d);
	if (end.err == 0)
		end.err = fn(arg, &d);
	(void)str_copy(end.text, sizeof(end.text), d.text);
	(void)send(sock, &end, sizeof(end), MSG_NOSIGNAL);
	_exit(end.err < 0);
}

int jail_start(struct jail *jail, int root, jail_fn *fn, void *arg, struct diag *d)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return diag_errno(d, -errno, "cannot make a socket pair");
	pid = fork();
	if (pid == 0) {
		(void)close(pair[0]);
		child(pair[1], root, fn, arg);
	}
	(void)close(pair[1]);
	if (pid < 0) {
		(void)close(pair[0]);
		return diag_errno(d, -errno, "cannot make a process");
	}
	*jail = (struct jail){.pid = pid, .sock = pair[0]};
	return 0;
}

static void reap(struct jail *jail)
{
	while (waitpid(jail->pid, NULL, 0) < 0 && errno == EINTR)
		;
	jail->sock = fd_close(jail->sock);
	jail->pid = 0;
}

int jail_wait(struct jail *jail, int ms, struct diag *d)
{
	struct pollfd p = {.fd = jail->sock, .events = POLLIN};
	struct jail_end end;
	ssize_t n;
	int r = poll(&p, 1, ms);

	if (r == 0 || (r < 0 && errno == EINTR))
		return 1;
	n = recv(jail->sock, &end, sizeof(end), 0);
	reap(jail);
	if (n != (ssize_t)sizeof(end))
		return diag_set(d, -EIO, "the process that makes the root was ended");
	if (end.err < 0)
		(void)diag_set(d, end.err, "%s", end.text);
	return end.err;
}

void jail_kill(struct jail *jail)
{
	if (jail->pid <= 0)
		return;
	(void)kill(jail->pid, SIGKILL);
	reap(jail);
}

int jail_run_shown(
	int root, jail_fn *fn, void *arg, void (*tick)(void *), void *tick_arg, struct diag *d)
{
	struct jail jail;
	int r = jail_start(&jail, root, fn, arg, d);

	if (r < 0)
		return r;
	while ((r = jail_wait(&jail, WAIT_MS, d)) > 0 && !interrupted())
		tick(tick_arg);
	jail_kill(&jail);
	return r > 0 ? diag_set(d, -ECANCELED, "interrupted") : r;
}

static void nothing(void *arg)
{
	(void)arg;
}

int jail_run(int root, jail_fn *fn, void *arg, struct diag *d)
{
	return jail_run_shown(root, fn, arg, nothing, NULL, d);
}
