/* SPDX-License-Identifier: MIT */
/*
 * The rtnetlink socket: opening one in a given network namespace, one request
 * at a time with its acknowledgement, dumps, and listening for changes.
 *
 * libmnl builds and takes apart the messages. Its callback runner is not used:
 * it hides the kernel's extended acknowledgement, which is the sentence that an
 * operator needs ("Attribute failed policy validation" beats EINVAL).
 */
#include "linux/rtnl-impl.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>

int netns_self(void)
{
	/* thread-self: with setns in threads, self would name the wrong thread's */
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int netns_inode(int netns, uint64_t *ret)
{
	struct stat st;

	if (fstat(netns, &st) < 0)
		return -errno;
	*ret = st.st_ino;
	return 0;
}

int netns_socket(int netns, int domain, int type, int protocol)
{
	_cleanup_close_ int home = FD_NONE;
	int fd;

	if (netns >= 0) {
		home = netns_self();
		if (home < 0)
			return home;
		if (setns(netns, CLONE_NEWNET) < 0)
			return -errno;
	}
	fd = socket(domain, type | SOCK_CLOEXEC, protocol);
	if (fd < 0)
		fd = -errno;
	if (netns >= 0 && setns(home, CLONE_NEWNET) < 0)
		abort();
	return fd;
}

int nl_open(int netns, struct nl **ret)
{
	return nl_open_protocol(netns, NETLINK_ROUTE, ret);
}

int nl_open_protocol(int netns, int protocol, struct nl **ret)
{
	struct nl *nl;
	int fd, on = 1;

	fd = netns_socket(netns, AF_NETLINK, SOCK_RAW, protocol);
	if (fd < 0)
		return fd;
	nl = calloc(1, sizeof(*nl));
	if (!nl) {
		(void)fd_close(fd);
		return -ENOMEM;
	}
	nl->sock = mnl_socket_fdopen(fd);
	if (!nl->sock) {
		(void)fd_close(fd);
		free(nl);
		return -ENOMEM;
	}
	/* Either may be missing without harm: errors are then shorter. */
	(void)mnl_socket_setsockopt(nl->sock, NETLINK_EXT_ACK, &on, sizeof(on));
	(void)mnl_socket_setsockopt(nl->sock, NETLINK_CAP_ACK, &on, sizeof(on));
	if (mnl_socket_bind(nl->sock, 0, MNL_SOCKET_AUTOPID) < 0) {
		int r = -errno;

		(void)nl_close(nl);
		return r;
	}
	nl->portid = mnl_socket_get_portid(nl->sock);
	*ret = nl;
	return 0;
}

struct nl *nl_close(struct nl *nl)
{
	if (nl) {
		(void)mnl_socket_close(nl->sock);
		free(nl);
	}
	return NULL;
}

const char *nl_text(const struct nl *nl)
{
	return nl->text;
}

struct nlmsghdr *nl_request(struct nl *nl, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(nl->buf);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	nlh->nlmsg_seq = ++nl->seq;
	return nlh;
}

struct attr_table {
	const struct nlattr **tb;
	uint16_t max;
};

static int attr_store(const struct nlattr *attr, void *arg)
{
	struct attr_table *t = arg;
	uint16_t type = mnl_attr_get_type(attr);

	if (type <= t->max)
		t->tb[type] = attr;
	return MNL_CB_OK;
}

int nl_attrs(const struct nlmsghdr *nlh, size_t header, const struct nlattr **tb, uint16_t max)
{
	struct attr_table t = {tb, max};

	memset(tb, 0, sizeof(*tb) * (max + 1u));
	if (mnl_nlmsg_get_payload_len(nlh) < header)
		return -EBADMSG;
	return mnl_attr_parse(nlh, (unsigned int)header, attr_store, &t) < 0 ? -EBADMSG : 0;
}

int nl_attrs_nested(const struct nlattr *nest, const struct nlattr **tb, uint16_t max)
{
	struct attr_table t = {tb, max};

	memset(tb, 0, sizeof(*tb) * (max + 1u));
	return mnl_attr_parse_nested(nest, attr_store, &t) < 0 ? -EBADMSG : 0;
}

/* An NLMSG_ERROR or NLMSG_DONE: the errno, and the kernel's sentence into nl->text. */
static int ack_read(struct nl *nl, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[NLMSGERR_ATTR_MAX + 1];
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
	size_t header = nlh->nlmsg_type == NLMSG_DONE ? sizeof(int) : sizeof(*e);
	int r;

	if (mnl_nlmsg_get_payload_len(nlh) < header)
		return nlh->nlmsg_type == NLMSG_DONE ? 0 : -EBADMSG;
	r = e->error;
	if (r == 0)
		return 0;
	(void)snprintf(nl->text, sizeof(nl->text), "%s", strerror(-r));
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return r;
	/* A kernel that did not cap the acknowledgement puts the whole request before the text. */
	if (nlh->nlmsg_type == NLMSG_ERROR && !(nlh->nlmsg_flags & NLM_F_CAPPED) &&
		e->msg.nlmsg_len >= sizeof(e->msg))
		header += MNL_ALIGN(e->msg.nlmsg_len) - sizeof(e->msg);
	if (nl_attrs(nlh, header, tb, NLMSGERR_ATTR_MAX) == 0 && tb[NLMSGERR_ATTR_MSG] &&
		mnl_attr_validate(tb[NLMSGERR_ATTR_MSG], MNL_TYPE_NUL_STRING) >= 0)
		(void)snprintf(
			nl->text, sizeof(nl->text), "%s", mnl_attr_get_str(tb[NLMSGERR_ATTR_MSG]));
	return r;
}

/* A datagram of answers. Returns 1 to go on reading, else the request's result. */
static int answers_read(struct nl *nl, size_t size, int (*fn)(const struct nlmsghdr *, void *),
	void *arg, int *fn_result)
{
	const struct nlmsghdr *nlh = (const void *)nl->buf;
	int left = (int)size;

	for (; nl_message_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		if (nlh->nlmsg_seq != nl->seq || nlh->nlmsg_pid != nl->portid)
			continue;
		if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE)
			return ack_read(nl, nlh);
		if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
			*fn_result = *fn_result ? *fn_result : -EAGAIN;
		if (nlh->nlmsg_type >= NLMSG_MIN_TYPE && fn && *fn_result == 0)
			*fn_result = fn(nlh, arg);
	}
	return 1;
}

/* to_end: fn's result ends its calls, not the reading. */
static int talk(struct nl *nl, struct nlmsghdr *nlh, int (*fn)(const struct nlmsghdr *, void *),
	void *arg, bool to_end)
{
	int fn_result = 0, r;
	ssize_t n;

	nl->text[0] = '\0';
	if (mnl_socket_sendto(nl->sock, nlh, nlh->nlmsg_len) < 0) {
		r = -errno;
		(void)snprintf(nl->text, sizeof(nl->text), "%s", strerror(-r));
		return r;
	}
	for (;;) {
		n = mnl_socket_recvfrom(nl->sock, nl->buf, sizeof(nl->buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			r = -errno;
			(void)snprintf(nl->text, sizeof(nl->text), "%s", strerror(-r));
			return r;
		}
		r = answers_read(nl, (size_t)n, fn, arg, &fn_result);
		if (r <= 0)
			return r ? r : fn_result;
		if (fn_result && !to_end)
			return fn_result;
	}
}

int nl_talk(
	struct nl *nl, struct nlmsghdr *nlh, int (*fn)(const struct nlmsghdr *, void *), void *arg)
{
	return talk(nl, nlh, fn, arg, true);
}

int nl_talk_last(
	struct nl *nl, struct nlmsghdr *nlh, int (*fn)(const struct nlmsghdr *, void *), void *arg)
{
	return talk(nl, nlh, fn, arg, false);
}

int nl_listen(struct nl *nl)
{
	int group = RTNLGRP_LINK, size = 1 << 20;

	if (mnl_socket_setsockopt(nl->sock, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0)
		return -errno;
	/* A burst of devices; without the right to it the default size stays. */
	(void)setsockopt(
		mnl_socket_get_fd(nl->sock), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	return mnl_socket_get_fd(nl->sock);
}

int nl_read(struct nl *nl, void (*seen)(const struct nl_link *l, void *arg),
	void (*gone)(int ifindex, void *arg), void *arg)
{
	const struct nlmsghdr *nlh = (const void *)nl->buf;
	struct sockaddr_nl from = {0};
	socklen_t from_len = sizeof(from);
	struct nl_link l;
	ssize_t n;
	int left;

	n = recvfrom(mnl_socket_get_fd(nl->sock), nl->buf, sizeof(nl->buf),
		MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *)&from, &from_len);
	if (n < 0)
		return -errno;
	if ((size_t)n > sizeof(nl->buf))
		return -ENOBUFS;
	if (from.nl_pid != 0) /* only the kernel tells about devices */
		return 0;
	left = (int)n;
	for (; nl_message_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		if (nlh->nlmsg_type != RTM_NEWLINK && nlh->nlmsg_type != RTM_DELLINK)
			continue;
		if (nl_link_parse(nlh, &l) < 0)
			continue;
		if (nlh->nlmsg_type == RTM_NEWLINK)
			seen(&l, arg);
		else
			gone(l.ifindex, arg);
	}
	return 0;
}
