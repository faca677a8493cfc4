/* SPDX-License-Identifier: MIT */
/* Attempts: sockets that no network namespace holds, and those of the host. */
#include "attack.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define SOCKET(name, family, type, protocol)                                                       \
	static int name(void)                                                                      \
	{                                                                                          \
		return tried(socket(family, type, protocol));                                      \
	}

SOCKET(vsock, 40, SOCK_STREAM, 0)
SOCKET(kernel_crypto, 38, SOCK_SEQPACKET, 0)
SOCKET(bluetooth, 31, SOCK_RAW, 1)
SOCKET(tipc, 30, SOCK_SEQPACKET, 0)
SOCKET(rds, 21, SOCK_SEQPACKET, 0)
SOCKET(can, 29, SOCK_RAW, 1)
SOCKET(express_data_path, 44, SOCK_RAW, 0)
SOCKET(qualcomm_router, 42, SOCK_DGRAM, 0)
SOCKET(key_management, 15, SOCK_RAW, 2)
SOCKET(near_field, 39, SOCK_RAW, 0)
SOCKET(smc, 43, SOCK_STREAM, 0)

static int connects(const char *name, size_t size)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd < 0)
		return -errno;
	memcpy(addr.sun_path, name, size);
	return tried(connect(fd, (struct sockaddr *)&addr,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + size)));
}

/* The name of an abstract socket begins with a NUL. */
static int abstract_socket(void)
{
	char name[100] = "";
	size_t n = strlen(outside.socket);

	memcpy(name + 1, outside.socket, n);
	return connects(name, n + 1);
}

/* What netlink answers to a message that asks for it: 0 or a negative errno. */
static int netlink(int protocol, void *message, size_t size)
{
	struct {
		struct nlmsghdr h;
		struct nlmsgerr e;
		char rest[256];
	} answer;
	int fd = socket(AF_NETLINK, SOCK_RAW, protocol);

	if (fd < 0 || send(fd, message, size, 0) < 0 || recv(fd, &answer, sizeof(answer), 0) < 0)
		return -errno;
	return answer.h.nlmsg_type == NLMSG_ERROR ? answer.e.error : 0;
}

/* A line in the host's audit log; and its state. */
static int audits(uint16_t type)
{
	struct {
		struct nlmsghdr h;
		char data[64];
	} m = {.h = {.nlmsg_len = sizeof(m),
		       .nlmsg_type = type,
		       .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK}};

	return netlink(NETLINK_AUDIT, &m, sizeof(m));
}

static int audit_state(void)
{
	return audits(1001);
}

static int audit_message(void)
{
	return audits(1105);
}

/* A forged event of a device, to the host's device manager. */
static int forged_uevent(void)
{
	struct sockaddr_nl to = {.nl_family = AF_NETLINK, .nl_groups = 1};
	static const char event[] = "add@/devices/x\0ACTION=add\0DEVPATH=/devices/x\0SUBSYSTEM=x";
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT);

	if (fd < 0)
		return -errno;
	/* It stays in the zone's network namespace, where the host's does not listen. */
	if (sendto(fd, event, sizeof(event), 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		return -errno;
	return -ECONNREFUSED;
}

/* ip link set LINK netns PID, by the number of a process of the host. */
static int link_to_host(void)
{
	struct {
		struct nlmsghdr h;
		struct ifinfomsg i;
		struct rtattr a;
		uint32_t pid;
	} m = {.h = {.nlmsg_len = sizeof(m),
		       .nlmsg_type = RTM_SETLINK,
		       .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
		.a = {.rta_len = RTA_LENGTH(4), .rta_type = 19 /* IFLA_NET_NS_PID */},
		.pid = (uint32_t)outside.pid};

	m.i.ifi_index = 2;
	return netlink(NETLINK_ROUTE, &m, sizeof(m));
}

/* Devices of the host by number and by name. */
static int link_of_host(void)
{
	return if_nametoindex("eth0") || if_nametoindex("atk_h0") ? 0 : -ENODEV;
}

/* Frames of a link of the host, by its number: every number that is none of the zone's own links. */
static int packets_of_other_links(void)
{
	int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)), i, last = -ENODEV;

	if (fd < 0)
		return -errno;
	for (i = 1; i < 512; i++) {
		const struct sockaddr_ll at = {.sll_family = AF_PACKET,
			.sll_protocol = htons(ETH_P_ALL),
			.sll_ifindex = i};
		char name[IF_NAMESIZE];

		if (if_indextoname((unsigned int)i, name))
			continue;
		if (bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0)
			return 0;
		last = -errno;
	}
	return last;
}

/* Raw IP packets out of the host's etherstub, by its name. */
static int raw_packets_by_name(void)
{
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);

	return fd < 0 ? -errno
		      : tried(setsockopt(
				fd, SOL_SOCKET, SO_BINDTODEVICE, "atks0", sizeof("atks0")));
}

#define ATTEMPT(fn)                                                                                \
	{                                                                                          \
#fn, fn                                                                            \
	}

const struct attempt attempts_network[] = {ATTEMPT(vsock), ATTEMPT(kernel_crypto),
	ATTEMPT(bluetooth), ATTEMPT(tipc), ATTEMPT(rds), ATTEMPT(can), ATTEMPT(express_data_path),
	ATTEMPT(qualcomm_router), ATTEMPT(key_management), ATTEMPT(near_field), ATTEMPT(smc),
	ATTEMPT(abstract_socket), ATTEMPT(audit_state), ATTEMPT(audit_message),
	ATTEMPT(forged_uevent), ATTEMPT(link_to_host), ATTEMPT(link_of_host),
	ATTEMPT(packets_of_other_links), ATTEMPT(raw_packets_by_name), {NULL, NULL}};
