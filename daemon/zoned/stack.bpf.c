/* SPDX-License-Identifier: MIT */
/*
 * What holds a zone with ip-type shared, which is on the host's network stack: programs that
 * the kernel runs for every socket of the zone's control group. zoned loads them once for all zones, attaches
 * them when a zone is made (stack.c), and its zsched holds that until it is gone. What they know of a
 * zone is stored with the control group that they run for, so one zone's cannot be taken for another's.
 *
 * Two layers. The hooks of bind, connect and sendmsg give the zone a stack that looks like its
 * own: a wildcard is its first address, a socket without an address gets one of the zone's,
 * 127.0.0.x is its own part of the loopback network. The filters of packets then let nothing
 * pass that is not from or to an address of the zone, whichever way it was asked for.
 *
 * Changing interfaces and routes, raw and packet sockets need no program: the kernel
 * asks for capabilities over the host's network namespace, which no zone has.
 */
#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "stack-conf.h"

#define AF_UNIX	       1
#define AF_INET	       2
#define AF_INET6       10
#define SOCK_STREAM    1
#define SOCK_DGRAM     2
#define IPPROTO_ICMP   1
#define IPPROTO_TCP    6
#define IPPROTO_UDP    17
#define IPPROTO_ICMPV6 58
#define EPERM	       1
#define EADDRNOTAVAIL  99
#define ENETUNREACH    101
#define ECONNREFUSED   111
#define ID_RANGE       65536
#define LOW_PORTS_OK   2 /* in the result of a bind program */
#define DENY	       0
#define ALLOW	       1
#define NET24	       bpf_htonl(0xffffff00)
#define NET8	       bpf_htonl(0xff000000)
#define LOCALHOST      bpf_htonl(0x7f000001)
#define MAPPED	       bpf_htonl(0xffff)
#define KERNEL_TYPE    __attribute__((preserve_access_index))

/* Ours, and compatible with the kernel's, which asks for that. */
char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* By the id of the group; one for all programs that are attached to it, all zero until zoned says more. */
struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_STORAGE);
	__type(key, __u64);
	__type(value, struct stack_conf);
} stack_conf SEC(".maps");

/* Sockets of zones: the first uid of the zone. */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
	__type(key, int);
	__type(value, __u32);
} stack_own SEC(".maps");

static const struct stack_conf *conf(void)
{
	return bpf_get_local_storage(&stack_conf, 0);
}

static int deny(int err)
{
	(void)bpf_set_retval(-err);
	return DENY;
}

/* ---- addresses ---- */

static bool is_loop(__u32 a)
{
	return (a & NET8) == (LOCALHOST & NET8);
}

/* 127.x.y.z of the zone, as it is on the host. */
static __u32 loop_of(const struct stack_conf *c, __u32 a)
{
	return c->loopback | (a & ~NET24);
}

static bool is_own_loop(const struct stack_conf *c, __u32 a)
{
	return (a & NET24) == c->loopback;
}

/* And back. */
static __u32 loop_inside(__u32 a)
{
	return (LOCALHOST & NET24) | (a & ~NET24);
}

static bool owns4(const struct stack_conf *c, __u32 a)
{
	for (int i = 0; i < STACK_ADDRS_MAX; i++)
		if (i < c->n4 && c->v4[i] == a)
			return true;
	return is_own_loop(c, a);
}

static bool owns6(const struct stack_conf *c, const __u32 a[4])
{
	for (int i = 0; i < STACK_ADDRS_MAX; i++)
		if (i < c->n6 && c->v6[i][0] == a[0] && c->v6[i][1] == a[1] &&
			c->v6[i][2] == a[2] && c->v6[i][3] == a[3])
			return true;
	return false;
}

static bool is_any6(const __u32 a[4])
{
	return !(a[0] | a[1] | a[2] | a[3]);
}

static bool is_loop6(const __u32 a[4])
{
	return !(a[0] | a[1] | a[2]) && a[3] == bpf_htonl(1);
}

static bool is_mapped(const __u32 a[4])
{
	return !(a[0] | a[1]) && a[2] == MAPPED;
}

/* What a wildcard is: the first address, or the loopback one of a zone that has none. */
static __u32 any4(const struct stack_conf *c)
{
	return c->n4 ? c->v4[0] : loop_of(c, LOCALHOST);
}

/* ---- sockets ---- */

static bool is_allowed(const struct bpf_sock *sk)
{
	if (sk->type == SOCK_STREAM)
		return sk->protocol == IPPROTO_TCP;
	return sk->type == SOCK_DGRAM &&
	       (sk->protocol == IPPROTO_UDP || sk->protocol == IPPROTO_ICMP ||
		       sk->protocol == IPPROTO_ICMPV6);
}

SEC("cgroup/sock_create")
int stack_socket(struct bpf_sock *sk)
{
	__u32 zone = conf()->uid_base;

	if (!is_allowed(sk))
		return DENY;
	return bpf_sk_storage_get(&stack_own, sk, &zone, BPF_SK_STORAGE_GET_F_CREATE) ? ALLOW
										      : DENY;
}

/* ---- bind ---- */

/* The address to bind to instead; 0: it is not the zone's. */
static __u32 bind4_to(const struct stack_conf *c, __u32 a)
{
	if (!a)
		return any4(c);
	if (is_loop(a))
		return loop_of(c, a);
	return owns4(c, a) ? a : 0;
}

/* The zone's root has the right in its own user namespace; the host's, which counts here, he has not. */
static int bound(const struct stack_conf *c)
{
	if ((c->flags & STACK_LOW_PORTS) && (__u32)bpf_get_current_uid_gid() == c->uid_base)
		return ALLOW | LOW_PORTS_OK;
	return ALLOW;
}

SEC("cgroup/bind4")
int stack_bind4(struct bpf_sock_addr *ctx)
{
	const struct stack_conf *c = conf();
	__u32 a = bind4_to(c, ctx->user_ip4);

	if (!a)
		return deny(EADDRNOTAVAIL);
	ctx->user_ip4 = a;
	return bound(c);
}

static void put6(struct bpf_sock_addr *ctx, const __u32 a[4])
{
	ctx->user_ip6[0] = a[0];
	ctx->user_ip6[1] = a[1];
	ctx->user_ip6[2] = a[2];
	ctx->user_ip6[3] = a[3];
}

static void get6(const struct bpf_sock_addr *ctx, __u32 a[4])
{
	a[0] = ctx->user_ip6[0];
	a[1] = ctx->user_ip6[1];
	a[2] = ctx->user_ip6[2];
	a[3] = ctx->user_ip6[3];
}

static void map4(__u32 a[4], __u32 v4)
{
	a[0] = a[1] = 0;
	a[2] = MAPPED;
	a[3] = v4;
}

/* Without an IPv6 address a wildcard is the IPv4 one, as it is for a socket of both. */
static bool bind6_to(const struct stack_conf *c, __u32 a[4])
{
	__u32 v4;

	if (is_any6(a)) {
		if (c->n6)
			__builtin_memcpy(a, c->v6[0], sizeof(c->v6[0]));
		else
			map4(a, any4(c));
		return true;
	}
	if (!is_mapped(a))
		return owns6(c, a);
	v4 = bind4_to(c, a[3]);
	a[3] = v4;
	return v4 != 0;
}

SEC("cgroup/bind6")
int stack_bind6(struct bpf_sock_addr *ctx)
{
	const struct stack_conf *c = conf();
	__u32 a[4];

	get6(ctx, a);
	if (!bind6_to(c, a))
		return deny(EADDRNOTAVAIL);
	put6(ctx, a);
	return bound(c);
}

/* ---- connect and sendmsg ---- */

/* Who has a port of an address of the zone: a socket of the host's may be bound to all addresses. */
enum found { NOBODY, OWN, FOREIGN };

static enum found holder(struct bpf_sock_addr *ctx, const struct stack_conf *c, __u32 a, __u16 port)
{
	struct bpf_sock_tuple t = {.ipv4 = {.daddr = a, .dport = port}};
	struct bpf_sock *sk;
	__u32 *zone;
	enum found f;

	if (ctx->protocol == IPPROTO_TCP)
		sk = bpf_sk_lookup_tcp(ctx, &t, sizeof(t.ipv4), BPF_F_CURRENT_NETNS, 0);
	else
		sk = bpf_sk_lookup_udp(ctx, &t, sizeof(t.ipv4), BPF_F_CURRENT_NETNS, 0);
	if (!sk)
		return NOBODY;
	zone = bpf_sk_storage_get(&stack_own, sk, NULL, 0);
	f = zone && *zone == c->uid_base ? OWN : FOREIGN;
	bpf_sk_release(sk);
	return f;
}

/*
 * Where a packet of the zone goes. To itself: the loopback address if somebody serves it there,
 * else its first address, where the wildcard servers are. *ret_err: nobody of the zone is there.
 */
static __u32 to4(struct bpf_sock_addr *ctx, const struct stack_conf *c, __u32 a, int *ret_err)
{
	__u16 port = ctx->user_port;
	enum found f;

	if (!a)
		a = LOCALHOST;
	if (!is_loop(a) && !owns4(c, a))
		return a;
	if (is_loop(a)) {
		a = loop_of(c, a);
		f = holder(ctx, c, a, port);
		if (f == OWN || !c->n4)
			goto out;
		a = c->v4[0];
	}
	f = holder(ctx, c, a, port);
out:
	if (f == FOREIGN)
		*ret_err = ECONNREFUSED;
	return a;
}

/* The address that packets to a have when the socket has none. 0: the zone has none. */
static __u32 from4(const struct stack_conf *c, __u32 to)
{
	return is_loop(to) ? loop_of(c, LOCALHOST) : c->n4 ? c->v4[0] : 0;
}

struct sockaddr_in4 {
	__u16 family, port;
	__u32 addr;
	__u8 zero[8];
};

struct sockaddr_in6 {
	__u16 family, port;
	__u32 flow, addr[4], scope;
};

/* Gives the socket a source address, unless it has one. */
static int take_source4(struct bpf_sock_addr *ctx, const struct stack_conf *c, __u32 to)
{
	struct sockaddr_in4 sin = {.family = AF_INET, .addr = from4(c, to)};
	struct bpf_sock *sk = ctx->sk;

	if (!sk || sk->src_port || sk->src_ip4)
		return ALLOW;
	if (!sin.addr)
		return deny(ENETUNREACH);
	return bpf_bind(ctx, (void *)&sin, sizeof(sin)) == 0 ? ALLOW : deny(EADDRNOTAVAIL);
}

SEC("cgroup/connect4")
int stack_connect4(struct bpf_sock_addr *ctx)
{
	const struct stack_conf *c = conf();
	int err = 0;
	__u32 a;

	a = to4(ctx, c, ctx->user_ip4, &err);
	if (err)
		return deny(err);
	ctx->user_ip4 = a;
	return take_source4(ctx, c, a);
}

SEC("cgroup/sendmsg4")
int stack_sendmsg4(struct bpf_sock_addr *ctx)
{
	const struct stack_conf *c = conf();
	__u32 a, from;
	int err = 0;

	a = to4(ctx, c, ctx->user_ip4, &err);
	if (err)
		return deny(err);
	from = ctx->msg_src_ip4 ? ctx->msg_src_ip4 : from4(c, a);
	if (!from || !owns4(c, from))
		return deny(EADDRNOTAVAIL);
	ctx->user_ip4 = a;
	ctx->msg_src_ip4 = from;
	return ALLOW;
}

/* ::1 is 127.0.0.1 of the zone: the loopback network of IPv6 has one address, which is the host's. */
static int to6(struct bpf_sock_addr *ctx, const struct stack_conf *c, __u32 a[4])
{
	int err = 0;

	if (is_loop6(a) || is_any6(a))
		map4(a, LOCALHOST);
	if (is_mapped(a))
		a[3] = to4(ctx, c, a[3], &err);
	return err;
}

static int take_source6(struct bpf_sock_addr *ctx, const struct stack_conf *c, const __u32 to[4])
{
	struct sockaddr_in6 sin6 = {.family = AF_INET6};
	struct bpf_sock *sk = ctx->sk;

	if (!sk || sk->src_port || sk->src_ip6[0] || sk->src_ip6[1] || sk->src_ip6[2] ||
		sk->src_ip6[3])
		return ALLOW;
	if (is_mapped(to))
		map4(sin6.addr, from4(c, to[3]));
	else if (c->n6)
		__builtin_memcpy(sin6.addr, c->v6[0], sizeof(sin6.addr));
	if (!sin6.addr[3] && !sin6.addr[0])
		return deny(ENETUNREACH);
	return bpf_bind(ctx, (void *)&sin6, sizeof(sin6)) == 0 ? ALLOW : deny(EADDRNOTAVAIL);
}

SEC("cgroup/connect6")
int stack_connect6(struct bpf_sock_addr *ctx)
{
	const struct stack_conf *c = conf();
	__u32 a[4];
	int err;

	get6(ctx, a);
	err = to6(ctx, c, a);
	if (err)
		return deny(err);
	put6(ctx, a);
	return take_source6(ctx, c, a);
}

SEC("cgroup/sendmsg6")
int stack_sendmsg6(struct bpf_sock_addr *ctx)
{
	const struct stack_conf *c = conf();
	__u32 a[4], from[4];
	int err;

	get6(ctx, a);
	err = to6(ctx, c, a);
	if (err)
		return deny(err);
	from[0] = ctx->msg_src_ip6[0];
	from[1] = ctx->msg_src_ip6[1];
	from[2] = ctx->msg_src_ip6[2];
	from[3] = ctx->msg_src_ip6[3];
	if (is_any6(from)) {
		if (is_mapped(a))
			map4(from, from4(c, a[3]));
		else if (c->n6)
			__builtin_memcpy(from, c->v6[0], sizeof(from));
	}
	if (is_mapped(from) ? !owns4(c, from[3]) : !owns6(c, from))
		return deny(EADDRNOTAVAIL);
	put6(ctx, a);
	ctx->msg_src_ip6[0] = from[0];
	ctx->msg_src_ip6[1] = from[1];
	ctx->msg_src_ip6[2] = from[2];
	ctx->msg_src_ip6[3] = from[3];
	return ALLOW;
}

/* ---- what the zone is told of addresses ---- */

static int show4(struct bpf_sock_addr *ctx)
{
	const struct stack_conf *c = conf();

	if (is_own_loop(c, ctx->user_ip4))
		ctx->user_ip4 = loop_inside(ctx->user_ip4);
	return ALLOW;
}

static int show6(struct bpf_sock_addr *ctx)
{
	const struct stack_conf *c = conf();
	__u32 a[4];

	get6(ctx, a);
	if (is_mapped(a) && is_own_loop(c, a[3]))
		ctx->user_ip6[3] = loop_inside(a[3]);
	return ALLOW;
}

SEC("cgroup/recvmsg4")
int stack_recvmsg4(struct bpf_sock_addr *ctx)
{
	return show4(ctx);
}

SEC("cgroup/recvmsg6")
int stack_recvmsg6(struct bpf_sock_addr *ctx)
{
	return show6(ctx);
}

SEC("cgroup/getpeername4")
int stack_peer4(struct bpf_sock_addr *ctx)
{
	return show4(ctx);
}

SEC("cgroup/getpeername6")
int stack_peer6(struct bpf_sock_addr *ctx)
{
	return show6(ctx);
}

SEC("cgroup/getsockname4")
int stack_name4(struct bpf_sock_addr *ctx)
{
	return show4(ctx);
}

SEC("cgroup/getsockname6")
int stack_name6(struct bpf_sock_addr *ctx)
{
	return show6(ctx);
}

/* ---- packets ---- */

#define V4_SOURCE 12
#define V4_DEST	  16
#define V6_SOURCE 8
#define V6_DEST	  24

static bool packet_own(struct __sk_buff *skb, const struct stack_conf *c, bool out)
{
	__u32 a[4];

	if (skb->protocol == bpf_htons(0x0800))
		return bpf_skb_load_bytes(skb, out ? V4_SOURCE : V4_DEST, a, 4) == 0 &&
		       owns4(c, a[0]);
	if (skb->protocol == bpf_htons(0x86dd))
		return bpf_skb_load_bytes(skb, out ? V6_SOURCE : V6_DEST, a, sizeof(a)) == 0 &&
		       owns6(c, a);
	return false;
}

/* The loopback addresses of the host and of other zones are nobody's here. */
static bool leads_out(struct __sk_buff *skb, const struct stack_conf *c)
{
	__u32 a;

	if (skb->protocol != bpf_htons(0x0800))
		return true;
	return bpf_skb_load_bytes(skb, V4_DEST, &a, sizeof(a)) == 0 &&
	       (!is_loop(a) || is_own_loop(c, a));
}

SEC("cgroup_skb/egress")
int stack_egress(struct __sk_buff *skb)
{
	const struct stack_conf *c = conf();

	return packet_own(skb, c, true) && leads_out(skb, c);
}

SEC("cgroup_skb/ingress")
int stack_ingress(struct __sk_buff *skb)
{
	const struct stack_conf *c = conf();

	return packet_own(skb, c, false);
}

/* ---- abstract sockets ---- */

/*
 * Their names are those of the host's stack. Two ways to keep a zone from them, of which zoned loads one:
 * the security hooks, which also know whose socket it is and see the zone take a name; or the
 * hooks for sockets of the family unix, which only see what address is asked for.
 */

typedef struct {
	unsigned int val;
} kuid_t;

struct sock_common {
	unsigned short skc_family;
} KERNEL_TYPE;

struct sock {
	struct sock_common __sk_common;
	kuid_t sk_uid;
} KERNEL_TYPE;

struct socket {
	struct sock *sk;
} KERNEL_TYPE;

struct sockaddr {
	unsigned short sa_family;
	char sa_data[14];
} KERNEL_TYPE;

struct unix_address {
	int len;
	struct sockaddr name[];
} KERNEL_TYPE;

struct unix_sock {
	struct unix_address *addr;
} KERNEL_TYPE;

struct bpf_sock_addr_kern {
	struct sockaddr *uaddr;
	__u32 uaddrlen;
} KERNEL_TYPE;

extern void *bpf_cast_to_kern_ctx(void *ctx) __ksym __weak;

/* A name, and one that does not begin as a path does. */
static bool is_abstract(const struct sockaddr *address, int len)
{
	char first;

	if (len <= (int)sizeof(address->sa_family))
		return false;
	return bpf_probe_read_kernel(&first, 1, &address->sa_data) < 0 || !first;
}

/* A program of the host would believe a name that it knows. */
SEC("lsm_cgroup/socket_bind")
int BPF_PROG(stack_lsm_bind, struct socket *sock, struct sockaddr *address, int len)
{
	if (sock->sk->__sk_common.skc_family == AF_UNIX && is_abstract(address, len))
		return deny(EPERM);
	return ALLOW;
}

/* A socket that is not of the zone's is not there. */
static int reach(struct sock *other)
{
	const struct stack_conf *c = conf();
	struct unix_address *addr = BPF_CORE_READ((struct unix_sock *)other, addr);

	if (!addr || !is_abstract(addr->name, BPF_CORE_READ(addr, len)) ||
		other->sk_uid.val - c->uid_base < ID_RANGE)
		return ALLOW;
	return deny(ECONNREFUSED);
}

SEC("lsm_cgroup/unix_stream_connect")
int BPF_PROG(stack_lsm_connect, struct sock *sock, struct sock *other, struct sock *newsk)
{
	return reach(other);
}

SEC("lsm_cgroup/unix_may_send")
int BPF_PROG(stack_lsm_send, struct socket *sock, struct socket *other)
{
	return reach(other->sk);
}

static int unix_address(struct bpf_sock_addr *ctx)
{
	struct bpf_sock_addr_kern *k = bpf_cast_to_kern_ctx(ctx);

	return is_abstract(k->uaddr, (int)k->uaddrlen) ? deny(ECONNREFUSED) : ALLOW;
}

/* The name of these sections is not known to older libbpf: zoned says which hook it is. */
SEC("cgroup/connect4")
int stack_unix_connect(struct bpf_sock_addr *ctx)
{
	return unix_address(ctx);
}

SEC("cgroup/connect4")
int stack_unix_send(struct bpf_sock_addr *ctx)
{
	return unix_address(ctx);
}
