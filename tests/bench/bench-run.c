/* SPDX-License-Identifier: MIT */
/*
 * bench-run: runs one command and prints how many nanoseconds it took.
 *
 *	bench-run [-w PID]... [-v FILE] COMMAND [ARGUMENT]...
 *
 *	-w PID   the time ends when this process, too, has ended
 *	-v FILE  within the time: makes a network namespace, binds it to FILE, makes a veth
 *	         pair with one end in it, and takes both away after the command
 *
 * The time goes to descriptor 3, so that the command keeps its output. With -v
 * a container runtime that joins a namespace by path gets what a zone has: a
 * network of its own whose link was moved in and is taken away afterwards, at
 * the price of three netlink messages and no process.
 *
 * Exit status: the command's, or 125 when the measurement itself failed.
 */
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define VETH_HOST "bench-host"
#define VETH_PEER "bench-peer"
#define WAIT_MAX  8

static void die(const char *what)
{
	fprintf(stderr, "bench-run: %s: %s\n", what, strerror(errno));
	exit(125);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* Sends one request to the kernel and waits for its acknowledgement. */
static void talk(struct nlmsghdr *nlh)
{
	char buf[8192];
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	ssize_t n;

	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		die("netlink");
	nlh->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	nlh->nlmsg_seq = 1;
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		die("netlink send");
	n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
	if (n < 0 || mnl_cb_run(buf, (size_t)n, 1, mnl_socket_get_portid(nl), NULL, NULL) < 0)
		die("netlink answer");
	(void)mnl_socket_close(nl);
}

static void veth_create(int netns)
{
	char buf[8192];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nlattr *info;
	struct nlattr *data;
	struct nlattr *peer;

	nlh->nlmsg_type = RTM_NEWLINK;
	nlh->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
	(void)mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, VETH_HOST);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(nlh, VETH_INFO_PEER);
	(void)mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, VETH_PEER);
	mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, (uint32_t)netns);
	mnl_attr_nest_end(nlh, peer);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	talk(nlh);
}

static void veth_delete(void)
{
	char buf[8192];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	nlh->nlmsg_type = RTM_DELLINK;
	(void)mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, VETH_HOST);
	talk(nlh);
}

static void network_up(const char *file)
{
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int there;

	if (here < 0 || unshare(CLONE_NEWNET) < 0)
		die("network namespace");
	there = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (there < 0 || mount("/proc/self/ns/net", file, NULL, MS_BIND, NULL) < 0)
		die(file);
	if (setns(here, CLONE_NEWNET) < 0)
		die("setns");
	veth_create(there);
	(void)close(there);
	(void)close(here);
}

static void network_down(const char *file)
{
	veth_delete();
	if (umount2(file, MNT_DETACH) < 0)
		die(file);
}

static int run(char **argv)
{
	pid_t pid;
	int status;
	int r;

	r = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);
	if (r) {
		errno = r;
		die(argv[0]);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Waits until the process behind each descriptor has ended; ten seconds at most. */
static void wait_ended(const int *pidfds, int count)
{
	int i;

	for (i = 0; i < count; i++) {
		struct pollfd p = {.fd = pidfds[i], .events = POLLIN};

		if (poll(&p, 1, 10000) != 1) {
			errno = ETIMEDOUT;
			die("a process did not end");
		}
	}
}

int main(int argc, char **argv)
{
	const char *network = NULL;
	int pidfds[WAIT_MAX];
	int waits = 0;
	uint64_t begin;
	int status;
	int opt;

	while ((opt = getopt(argc, argv, "+w:v:")) != -1) {
		if (opt == 'v') {
			network = optarg;
		} else if (opt == 'w' && waits < WAIT_MAX) {
			pidfds[waits] =
				(int)syscall(SYS_pidfd_open, (pid_t)strtol(optarg, NULL, 10), 0);
			if (pidfds[waits++] < 0)
				die(optarg);
		} else {
			return 125;
		}
	}
	if (optind == argc)
		return 125;

	begin = now_ns();
	if (network)
		network_up(network);
	status = run(argv + optind);
	if (network)
		network_down(network);
	wait_ended(pidfds, waits);
	(void)dprintf(3, "%llu\n", (unsigned long long)(now_ns() - begin));
	return status;
}
