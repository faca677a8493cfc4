/* SPDX-License-Identifier: MIT */
/*
 * Listens at the devices of links that may learn addresses, and lets the packet filter pass what
 * they learned for as long as they may have it (protect.c). What was learned is in the kernel alone,
 * with its time, so a zoned that was killed has nothing to find again but where to listen.
 *
 * One packet socket for each link, at the device where the link's frames go through, with a filter
 * that wakes nobody for other traffic. One thread reads them all. A zone that floods it with such
 * frames loses its own: some are read each time, and between two times there is a pause.
 *
 * Lock: learn_lock, the list of listeners; over it only that of the packet filter is taken.
 */
#include "zoned/learn.h"

#include "linux/log.h"

#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

#define FRAME_MAX   2048
#define READ_AT_ONE 32		       /* frames of a link */
#define PAUSE_NS    (20 * 1000 * 1000) /* between two times */

struct listener {
	struct listener *next;
	datalink_id_t id;
	int ifindex;
	bool port;
	uint8_t mac[6];
	unsigned int methods;
	int fd;
	struct learn_state state;
};

static pthread_mutex_t learn_lock = PTHREAD_MUTEX_INITIALIZER;
static struct listener *listeners;
static int poller = -1; /* epoll; the thread runs when it is there */

/* ---- the list; learn_lock is held ---- */

static struct listener **find(datalink_id_t id)
{
	struct listener **at;

	for (at = &listeners; *at && (*at)->id != id; at = &(*at)->next)
		;
	return at;
}

static void end(datalink_id_t id)
{
	struct listener **at = find(id), *l = *at;

	if (!l)
		return;
	*at = l->next;
	(void)fd_close(l->fd);
	free(l);
}

/* ---- what is heard ---- */

static void tell(const struct listener *l, const struct learned *x)
{
	int r = protect_learned(l->id, x->family, x->addr, x->seconds);

	if (r < 0)
		log_line(LOG_WARNING, "link=%u: Cannot let an address pass: %s", l->id,
			strerror(-r));
}

static void read_frames(struct listener *l)
{
	struct learned found[LEARN_MAX];
	uint8_t frame[FRAME_MAX];

	for (int i = 0; i < READ_AT_ONE; i++) {
		struct sockaddr_ll from;
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(
			l->fd, frame, sizeof(frame), MSG_DONTWAIT, (struct sockaddr *)&from, &len);
		size_t count;

		if (n < 0)
			return;
		/* What the link sends comes in at a port, and goes out at a device of its own. */
		count = learn_packet(&l->state, l->methods, l->mac,
			(from.sll_pkttype == PACKET_OUTGOING) != l->port, frame, (size_t)n, found);
		for (size_t k = 0; k < count; k++)
			tell(l, &found[k]);
	}
}

static void *listen_thread(void *arg)
{
	const struct timespec pause = {0, PAUSE_NS};
	struct epoll_event events[16];

	for (;;) {
		int n = epoll_wait(poller, events, ARRAY_SIZE(events), -1);

		for (int i = 0; i < n; i++) {
			struct listener *l;

			(void)pthread_mutex_lock(&learn_lock);
			l = *find(events[i].data.u32);
			if (l)
				read_frames(l);
			(void)pthread_mutex_unlock(&learn_lock);
		}
		(void)nanosleep(&pause, NULL);
	}
	return arg;
}

static int start(void)
{
	pthread_t thread;
	int fd, r;

	if (poller >= 0)
		return 0;
	fd = epoll_create1(EPOLL_CLOEXEC);
	if (fd < 0)
		return -errno;
	poller = fd;
	r = pthread_create(&thread, NULL, listen_thread, NULL);
	if (r) {
		poller = -1;
		(void)fd_close(fd);
		return -r;
	}
	(void)pthread_detach(thread);
	return 0;
}

/* ---- where ---- */

#define LD(width, at)	     BPF_STMT(BPF_LD | (width) | BPF_ABS, (at))
#define IS(value, yes, no)   BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (yes), (no))
#define BITS(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (value), (yes), (no))
#define ANSWER(n)	     BPF_STMT(BPF_RET | BPF_K, (n))

/* UDP to 67, 68, 546, 547, and advertisements of routers. learn_packet() looks closely. */
static const struct sock_filter wanted[] = {
	LD(BPF_H, 12), /* type of the frame */
	IS(ETH_P_IP, 0, 8),
	LD(BPF_B, 23), /* protocol */
	IS(17, 0, 15),
	LD(BPF_H, 20), /* no fragment */
	BITS(0x3fff, 13, 0),
	BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 14),
	BPF_STMT(BPF_LD | BPF_H | BPF_IND, 16), /* destination port */
	IS(67, 11, 0),
	IS(68, 10, 9),
	IS(ETH_P_IPV6, 0, 8),
	LD(BPF_B, 20),
	IS(17, 0, 3),
	LD(BPF_H, 56),
	IS(546, 5, 0),
	IS(547, 4, 3),
	IS(58, 0, 2),
	LD(BPF_B, 54),
	IS(134, 1, 0),
	ANSWER(0),
	ANSWER(FRAME_MAX),
};

static int open_at(int ifindex, int *ret)
{
	const struct sock_fprog program = {
		ARRAY_SIZE(wanted), (struct sock_filter *)(uintptr_t)wanted};
	const struct sockaddr_ll where = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = ifindex};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	/* the filter first: nothing else is ever in the queue */
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0 ||
		bind(fd, (const struct sockaddr *)&where, sizeof(where)) < 0) {
		int r = -errno;

		(void)fd_close(fd);
		return r;
	}
	*ret = fd;
	return 0;
}

static int begin(const struct link_point *at, const struct link_wish *w)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = at->linkid};
	struct listener *l = calloc(1, sizeof(*l));
	int r = l ? start() : -ENOMEM;

	if (r == 0)
		r = open_at(at->ifindex, &l->fd);
	if (r < 0) {
		free(l);
		return r;
	}
	l->id = at->linkid;
	l->ifindex = at->ifindex;
	l->port = at->port;
	l->methods = w->dynamic;
	memcpy(l->mac, w->macs[0], sizeof(l->mac));
	l->next = listeners;
	listeners = l;
	if (epoll_ctl(poller, EPOLL_CTL_ADD, l->fd, &event) == 0)
		return 0;
	r = -errno;
	end(at->linkid);
	return r;
}

static bool listens(
	const struct listener *l, const struct link_point *at, const struct link_wish *w)
{
	return l && l->ifindex == at->ifindex && l->port == at->port && l->methods == w->dynamic &&
	       memcmp(l->mac, w->macs[0], sizeof(l->mac)) == 0;
}

int learn_follow(const struct link_point *at, const struct link_wish *w, struct diag *d)
{
	int r = 0;

	(void)pthread_mutex_lock(&learn_lock);
	if (!at->ifindex || !w->dynamic) {
		end(at->linkid);
	} else if (!listens(*find(at->linkid), at, w)) {
		end(at->linkid);
		r = begin(at, w);
	}
	(void)pthread_mutex_unlock(&learn_lock);
	return r < 0 ? diag_errno(d, r, "cannot listen for addresses at '%s'", at->device) : 0;
}

void learn_forget(datalink_id_t id)
{
	(void)pthread_mutex_lock(&learn_lock);
	end(id);
	(void)pthread_mutex_unlock(&learn_lock);
}
