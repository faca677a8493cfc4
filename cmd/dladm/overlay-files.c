/* SPDX-License-Identifier: MIT */
/*
 * Reads the file of an overlay with search plugin "files"; see overlay-files.h:
 *
 *	{"2:8:20:0:0:1": {"ip": "10.0.0.2", "port": 4789, "arp": "10.9.0.2", "ndp": "fd00:9::2"}, ...}
 *
 * The kernel has the table then: where frames for the address go, and what it answers a vnic that asks
 * by ARP or neighbour discovery who has "arp" or "ndp". What is not in the table goes nowhere.
 *
 * Linux: there is no "dhcp-proxy", the kernel's table does not tell one broadcast from another.
 */
#include "overlay-files.h"

#include <arpa/inet.h>
#include <jansson.h>

static int bad(struct diag *d, const char *path, const char *entry, const char *why)
{
	return diag_set(d, -EINVAL, "%s: '%s': %s", path, entry, why);
}

static int read_address(json_t *value, int family, uint8_t *addr)
{
	const char *text = json_string_value(value);

	return text && inet_pton(family, text, addr) == 1 ? 0 : -EINVAL;
}

/* NULL, or what is wrong. */
static const char *read_field(const char *name, json_t *value, struct dld_target_req *t)
{
	json_int_t port = json_integer_value(value);

	if (streq(name, "ip")) {
		if (read_address(value, (int)t->family, t->address) < 0)
			return t->family == AF_INET6
				       ? "ip has to be an IPv6 address, as vxlan/listen_ip is"
				       : "ip has to be an IPv4 address, unless vxlan/listen_ip is an IPv6 one";
	} else if (streq(name, "port")) {
		if (!json_is_integer(value) || port < 1 || port > UINT16_MAX)
			return "port has to be a number from 1 to 65535";
		t->port = (uint16_t)port;
	} else if (streq(name, "arp")) {
		if (read_address(value, AF_INET, t->arp) < 0)
			return "arp has to be an IPv4 address";
	} else if (streq(name, "ndp")) {
		if (read_address(value, AF_INET6, t->ndp) < 0)
			return "ndp has to be an IPv6 address";
	} else if (streq(name, "dhcp-proxy")) {
		return "dhcp-proxy is not supported: the kernel does not send some broadcasts "
		       "elsewhere";
	} else {
		return "it has a member that is none of ip, port, arp and ndp";
	}
	return NULL;
}

static int read_entry(
	const char *path, const char *key, json_t *entry, struct dld_target_req *t, struct diag *d)
{
	const char *name, *why;
	json_t *value;

	if (dladm_str2mac(key, t->mac) != DLADM_MAC_LEN || (t->mac[0] & 1))
		return bad(d, path, key, "it is not the address of one station");
	if (!json_is_object(entry))
		return bad(d, path, key, "it is not an object");
	json_object_foreach(entry, name, value)
	{
		why = read_field(name, value, t);
		if (why)
			return bad(d, path, key, why);
	}
	if (!json_object_get(entry, "ip") || !json_object_get(entry, "port"))
		return bad(d, path, key, "it needs ip and port");
	return 0;
}

static bool known(const struct overlay_files *f, const uint8_t mac[DLADM_MAC_LEN])
{
	for (size_t i = 0; i < f->count; i++)
		if (memcmp(f->targets[i].mac, mac, DLADM_MAC_LEN) == 0)
			return true;
	return false;
}

static int read_entries(
	const char *path, json_t *root, uint32_t family, struct overlay_files *f, struct diag *d)
{
	const char *key;
	json_t *entry;

	if (!json_is_object(root))
		return diag_set(d, -EINVAL, "%s: it is not an object of addresses", path);
	f->targets = calloc(json_object_size(root) + 1, sizeof(*f->targets));
	if (!f->targets)
		return -ENOMEM;
	json_object_foreach(root, key, entry)
	{
		struct dld_target_req t = {.family = family};
		int r = read_entry(path, key, entry, &t, d);

		if (r < 0)
			return r;
		if (known(f, t.mac)) /* written in another way */
			return bad(d, path, key, "the address is there twice");
		f->targets[f->count++] = t;
	}
	return 0;
}

int overlay_files_read(const char *path, uint32_t family, struct overlay_files *ret, struct diag *d)
{
	struct overlay_files f = {0};
	json_error_t error;
	json_t *root;
	int r;

	if (path[0] != '/')
		return diag_set(d, -EINVAL, "files/config has to be an absolute path: '%s'", path);
	root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		return error.line < 0
			       ? diag_set(d, -ENOENT, "%s", error.text)
			       : diag_set(d, -EINVAL, "%s:%d: %s", path, error.line, error.text);
	r = read_entries(path, root, family, &f, d);
	json_decref(root);
	if (r < 0)
		overlay_files_free(&f);
	else
		*ret = f;
	return r;
}

void overlay_files_free(struct overlay_files *f)
{
	free(f->targets);
	*f = (struct overlay_files){0};
}

int overlay_files_apply(datalink_id_t link, const struct overlay_files *f, struct diag *d)
{
	int r = 0;

	for (size_t i = 0; i < f->count && r == 0; i++) {
		f->targets[i].linkid = link;
		r = dld_call_set_target(&f->targets[i], d);
	}
	return r;
}
