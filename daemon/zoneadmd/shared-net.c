/* SPDX-License-Identifier: MIT */
/*
 * Net resources of a zone with ip-type shared: each is an address on one of the host's interfaces. zoned puts
 * it there and takes it away.
 */
#include "zoneadmd/stages.h"

#include <arpa/inet.h>
#include <netdb.h>

/*
 * As illumos has it an address may be a name, of an IPv4 address; without a prefix length it is an address alone.
 */
static int numeric(const char *text, char *buf, size_t size, struct diag *d)
{
	const char *slash = strchr(text, '/');
	struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;
	char name[NI_MAXHOST], host[INET_ADDRSTRLEN];
	struct in6_addr any;
	int r;

	if (snprintf(name, sizeof(name), "%.*s", (int)strcspn(text, "/"), text) >=
		(int)sizeof(name))
		return diag_set(d, -ENAMETOOLONG, "the address '%s' is too long", text);
	if (inet_pton(AF_INET, name, &any) == 1 || inet_pton(AF_INET6, name, &any) == 1)
		return str_copy(buf, size, text);
	r = getaddrinfo(name, NULL, &hints, &found);
	if (r != 0)
		return diag_set(d, -EADDRNOTAVAIL, "the address of '%s' is not known: %s", name,
			gai_strerror(r));
	r = getnameinfo(
		found->ai_addr, found->ai_addrlen, host, sizeof(host), NULL, 0, NI_NUMERICHOST);
	freeaddrinfo(found);
	if (r != 0)
		return diag_set(d, -EADDRNOTAVAIL, "the address of '%s' is not known", name);
	return snprintf(buf, size, "%s%s", host, slash ? slash : "") < (int)size ? 0 : -E2BIG;
}

int shared_net_up(struct platform *p, const struct snapshot_net *net, struct diag *d)
{
	struct zone_net_data data = {.type = ZONE_NETWORK_SHARED};
	char address[INET6_ADDRSTRLEN + 8];
	int n, r;

	r = numeric(net->address, address, sizeof(address), d);
	if (r < 0)
		return r;
	n = snprintf(data.value, sizeof(data.value), "%s %s%s%.*s", net->physical, address,
		net->defrouter[0] ? " " : "", (int)strcspn(net->defrouter, "/"), net->defrouter);
	if (n < 0 || (size_t)n >= sizeof(data.value))
		return diag_set(d, -E2BIG, "net '%s': the address is too long", net->physical);
	r = zone_call_setattr(p->id, ZONE_ATTR_NETWORK, &data, sizeof(data), d);
	return r < 0 && !d->text[0]
		       ? diag_errno(d, r, "net '%s': cannot set the address", net->physical)
		       : r;
}
