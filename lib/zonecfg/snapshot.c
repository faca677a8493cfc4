/* SPDX-License-Identifier: MIT */
/*
 * The flat form of a configuration (snapshot.h): its tables, memory, and the
 * writer. The reader is in snapshot-read.c, so that a program which only reads
 * gets nothing else.
 */
#include "zonecfg/snapshot.h"

#include "zonecfg/file.h"
#include "zonecfg/list.h"
#include "zonecfg/snapshot-fields.h"

#define STRING(s, key, member)                                                                     \
	{                                                                                          \
		key, SNAPSHOT_STRING, false, offsetof(struct s, member)                            \
	}
#define REQUIRED(s, key, member)                                                                   \
	{                                                                                          \
		key, SNAPSHOT_STRING, true, offsetof(struct s, member)                             \
	}
#define BOOLEAN(s, key, member)                                                                    \
	{                                                                                          \
		key, SNAPSHOT_BOOL, false, offsetof(struct s, member)                              \
	}
#define NUMBER(s, key, member)                                                                     \
	{                                                                                          \
		key, SNAPSHOT_U64, false, offsetof(struct s, member)                               \
	}

static const struct snapshot_field zone_fields[] = {
	REQUIRED(zone_snapshot, "name", name),
	REQUIRED(zone_snapshot, "zonepath", zonepath),
	STRING(zone_snapshot, "uuid", uuid),
	REQUIRED(zone_snapshot, "brand", brand),
	BOOLEAN(zone_snapshot, "autoboot", autoboot),
	STRING(zone_snapshot, "bootargs", bootargs),
	STRING(zone_snapshot, "pool", pool),
	STRING(zone_snapshot, "dedicated-cpu", dedicated_cpu),
	STRING(zone_snapshot, "limitpriv", limitpriv),
	STRING(zone_snapshot, "scheduling-class", sched_class),
	BOOLEAN(zone_snapshot, "exclusive-ip", exclusive_ip),
	STRING(zone_snapshot, "hostid", hostid),
	STRING(zone_snapshot, "fs-allowed", fs_allowed),
	STRING(zone_snapshot, "security-flags", secflags),
	STRING(zone_snapshot, "debugid", debugid),
	NUMBER(zone_snapshot, "physcap", physcap),
	REQUIRED(zone_snapshot, "brand-dir", brand_dir),
	STRING(zone_snapshot, "modname", modname),
	REQUIRED(zone_snapshot, "initname", initname),
	STRING(zone_snapshot, "login-cmd", login_cmd),
	STRING(zone_snapshot, "forcedlogin-cmd", forcedlogin_cmd),
	STRING(zone_snapshot, "user-cmd", user_cmd),
	STRING(zone_snapshot, "restartinit", restartinit),
	STRING(zone_snapshot, "boot", boot),
	STRING(zone_snapshot, "sysboot", sysboot),
	STRING(zone_snapshot, "halt", halt),
	STRING(zone_snapshot, "shutdown", shutdown),
	STRING(zone_snapshot, "query", query),
	STRING(zone_snapshot, "prestatechange", prestatechange),
	STRING(zone_snapshot, "poststatechange", poststatechange),
};

static const struct snapshot_field net_fields[] = {
	REQUIRED(snapshot_net, "physical", physical),
	STRING(snapshot_net, "address", address),
	STRING(snapshot_net, "allowed-address", allowed_address),
	STRING(snapshot_net, "defrouter", defrouter),
	STRING(snapshot_net, "global-nic", global_nic),
	STRING(snapshot_net, "mac-addr", mac_addr),
	STRING(snapshot_net, "vlan-id", vlan_id),
};

static const struct snapshot_field fs_fields[] = {
	REQUIRED(snapshot_fs, "dir", dir),
	REQUIRED(snapshot_fs, "special", special),
	STRING(snapshot_fs, "raw", raw),
	REQUIRED(snapshot_fs, "type", type),
};

static const struct snapshot_field rctl_fields[] = {
	REQUIRED(snapshot_rctl, "name", name),
};

static const struct snapshot_field attr_fields[] = {
	REQUIRED(snapshot_attr, "name", name),
	REQUIRED(snapshot_attr, "type", type),
	STRING(snapshot_attr, "value", value),
};

static const struct snapshot_field mount_fields[] = {
	BOOLEAN(snapshot_mount, "global", global),
	STRING(snapshot_mount, "special", special),
	REQUIRED(snapshot_mount, "dir", dir),
	REQUIRED(snapshot_mount, "type", type),
	STRING(snapshot_mount, "opt", opt),
};

static const struct snapshot_field device_fields[] = {
	REQUIRED(snapshot_device, "match", match),
	STRING(snapshot_device, "name", name),
	BOOLEAN(snapshot_device, "configured", configured),
};

static const struct snapshot_field dataset_fields[] = {
	REQUIRED(snapshot_dataset, "name", name),
};

static const struct snapshot_field symlink_fields[] = {
	REQUIRED(snapshot_symlink, "source", source),
	REQUIRED(snapshot_symlink, "target", target),
};

static const struct snapshot_field privilege_fields[] = {
	REQUIRED(snapshot_privilege, "set", set),
	REQUIRED(snapshot_privilege, "name", name),
};

#define SECTION(section, sub, type, list)                                                          \
	{                                                                                          \
#section, section##_fields, ARRAY_SIZE(section##_fields), sub,                     \
			sizeof(struct snapshot_##type), offsetof(struct zone_snapshot, list),      \
			offsetof(struct zone_snapshot, n_##list)                                   \
	}

const struct snapshot_section snapshot_sections[] = {
	{"", zone_fields, ARRAY_SIZE(zone_fields), SNAPSHOT_NO_SUBLIST, 0, 0, 0},
	SECTION(net, SNAPSHOT_PROPS, net, nets),
	SECTION(fs, SNAPSHOT_OPTIONS, fs, fss),
	SECTION(rctl, SNAPSHOT_VALUES, rctl, rctls),
	SECTION(attr, SNAPSHOT_NO_SUBLIST, attr, attrs),
	SECTION(mount, SNAPSHOT_NO_SUBLIST, mount, mounts),
	SECTION(device, SNAPSHOT_NO_SUBLIST, device, devices),
	SECTION(dataset, SNAPSHOT_NO_SUBLIST, dataset, datasets),
	SECTION(symlink, SNAPSHOT_NO_SUBLIST, symlink, symlinks),
	SECTION(privilege, SNAPSHOT_NO_SUBLIST, privilege, privileges),
};
const size_t snapshot_section_count = ARRAY_SIZE(snapshot_sections);

/* Points every string of a structure to "". */
static void empty_strings(void *base, const struct snapshot_section *sec)
{
	const char **text;
	size_t i;

	for (i = 0; i < sec->n_fields; i++) {
		text = member_at(base, sec->fields[i].offset);
		if (sec->fields[i].type == SNAPSHOT_STRING)
			*text = "";
	}
}

void zone_snapshot_init(struct zone_snapshot *s)
{
	memset(s, 0, sizeof(*s));
	empty_strings(s, &snapshot_sections[0]);
}

void zone_snapshot_fini(struct zone_snapshot *s)
{
	size_t i;

	for (i = 0; i < s->n_nets; i++)
		free(s->nets[i].props);
	for (i = 0; i < s->n_fss; i++)
		free(s->fss[i].options);
	for (i = 0; i < s->n_rctls; i++)
		free(s->rctls[i].values);
	for (i = 1; i < snapshot_section_count; i++)
		free(snapshot_list(s, &snapshot_sections[i]));
	free(s->text);
	zone_snapshot_init(s);
}

int snapshot_add(struct zone_snapshot *s, const struct snapshot_section *sec, void **ret_elem)
{
	void *list = member_at(s, sec->list_offset);
	size_t *count = member_at(s, sec->count_offset);
	int r = list_grow(list, count, sec->elem_size);

	if (r < 0)
		return r;
	*ret_elem = (char *)snapshot_list(s, sec) + (*count - 1) * sec->elem_size;
	empty_strings(*ret_elem, sec);
	return 0;
}

/* Writes a value with its escapes. */
static void put_value(FILE *out, const char *key, const char *value)
{
	const unsigned char *p;

	(void)fprintf(out, "%s=", key);
	for (p = (const unsigned char *)value; *p; p++) {
		if (*p == '\\')
			(void)fputs("\\\\", out);
		else if (*p == '\n')
			(void)fputs("\\n", out);
		else if (*p < 0x20 || *p == 0x7f)
			(void)fprintf(out, "\\x%02x", *p);
		else
			(void)fputc(*p, out);
	}
	(void)fputc('\n', out);
}

static void put_field(FILE *out, const void *base, const struct snapshot_field *f)
{
	const void *p = member_at(base, f->offset);
	const char *text;

	switch (f->type) {
	case SNAPSHOT_STRING:
		text = *(const char *const *)p;
		if (*text)
			put_value(out, f->key, text);
		return;
	case SNAPSHOT_BOOL:
		put_value(out, f->key, *(const bool *)p ? "true" : "false");
		return;
	case SNAPSHOT_U64:
		(void)fprintf(out, "%s=%llu\n", f->key, (unsigned long long)*(const uint64_t *)p);
		return;
	}
}

static void put_sublist(FILE *out, const void *elem, enum snapshot_sublist sublist)
{
	const struct snapshot_net *net = elem;
	const struct snapshot_fs *fs = elem;
	const struct snapshot_rctl *rctl = elem;
	size_t i;

	switch (sublist) {
	case SNAPSHOT_NO_SUBLIST:
		return;
	case SNAPSHOT_PROPS:
		for (i = 0; i < net->n_props; i++) {
			put_value(out, "property-name", net->props[i].name);
			put_value(out, "property-value", net->props[i].value);
		}
		return;
	case SNAPSHOT_OPTIONS:
		for (i = 0; i < fs->n_options; i++)
			put_value(out, "option", fs->options[i]);
		return;
	case SNAPSHOT_VALUES:
		for (i = 0; i < rctl->n_values; i++)
			(void)fprintf(out, "value=%s,%llu,%s\n",
				rctl->values[i].privileged ? "privileged" : "basic",
				(unsigned long long)rctl->values[i].limit,
				rctl->values[i].deny ? "deny" : "none");
		return;
	}
}

static void put_section(
	FILE *out, const struct zone_snapshot *s, const struct snapshot_section *sec)
{
	const char *elem = snapshot_list(s, sec);
	size_t i, k;

	for (i = 0; i < snapshot_count(s, sec); i++, elem += sec->elem_size) {
		(void)fprintf(out, "[%s]\n", sec->name);
		for (k = 0; k < sec->n_fields; k++)
			put_field(out, elem, &sec->fields[k]);
		put_sublist(out, elem, sec->sublist);
	}
}

int zone_snapshot_format(const struct zone_snapshot *s, char **ret_text, size_t *ret_size)
{
	_cleanup_free_ char *text = NULL;
	size_t size, i;
	FILE *out;

	out = open_memstream(&text, &size);
	if (!out)
		return -errno;
	(void)fputs(SNAPSHOT_MAGIC "\n", out);
	for (i = 0; i < snapshot_sections[0].n_fields; i++)
		put_field(out, s, &snapshot_sections[0].fields[i]);
	for (i = 1; i < snapshot_section_count; i++)
		put_section(out, s, &snapshot_sections[i]);
	(void)fputs(SNAPSHOT_END "\n", out);
	if (fclose(out) == EOF)
		return -ENOMEM;
	if (size > SNAPSHOT_FILE_MAX)
		return -EFBIG;
	*ret_text = TAKE_PTR(text);
	*ret_size = size;
	return 0;
}

int zone_snapshot_write(const char *path, const struct zone_snapshot *s, struct diag *d)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	int r;

	r = zone_snapshot_format(s, &text, &size);
	if (!r)
		r = file_replace_volatile(path, 0600, text, size);
	return r ? diag_errno(d, r, "cannot write %s", path) : 0;
}
