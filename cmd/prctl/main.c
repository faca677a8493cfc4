/* SPDX-License-Identifier: MIT */
/*
 * prctl: shows and changes the resource controls of live zones.
 *
 * Linux: there are the controls of zones only. A process is looked at by the zone it is in;
 * tasks and projects do not exist.
 */
#include "prctl/prctl.h"
#include "linux/cgroup.h"
#include "linux/conventions.h"
#include "linux/instance.h"
#include "zone/rctl-calls.h"
#include "zone/rctl-text.h"
#include "zone/zone-calls.h"

#include <zone.h>

enum idtype { ID_PROCESS, ID_ZONE };

int complain(const char *fmt, ...)
{
	va_list ap;

	(void)fputs("prctl: ", stderr);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
	return 1;
}

static void __attribute__((noreturn)) usage(void)
{
	(void)fprintf(usage_to(),
		"usage: prctl [-P | -j] [-t basic|privileged|system] [-n name] [-i zone|process] id...\n"
		"       prctl -n name -r|-s -v value [-t privileged] [-e|-d all|none|deny] "
		"[-i zone|process] id...\n"
		"       prctl -n name -x [-v value] [-t privileged] [-i zone|process] id...\n"
		"       prctl -n name -e|-d all|none|deny [-v value] [-i zone|process] id...\n");
	exit(usage_status(2));
}

/* ---- options ---- */

static enum idtype parse_idtype(const char *s)
{
	if (streq(s, "zone") || streq(s, "zoneid"))
		return ID_ZONE;
	if (streq(s, "process") || streq(s, "pid"))
		return ID_PROCESS;
	(void)complain("there are no %ss here; use zone or process", s);
	usage();
}

static uint32_t parse_privilege(const char *s)
{
	if (streq(s, "basic"))
		return ZRCTL_BASIC;
	if (streq(s, "privileged"))
		return ZRCTL_PRIVILEGED;
	if (streq(s, "system"))
		return LEVEL_SYSTEM;
	(void)complain("'%s' is not a privilege level; use basic, privileged or system", s);
	usage();
}

/* -e deny and -d all are the two that make sense; "-d deny" is "-d all". */
static uint32_t parse_action(const char *s, bool enable)
{
	if (strncmp(s, "signal", 6) == 0)
		exit(complain("a control of zones sends no signals"));
	if (enable && streq(s, "deny"))
		return ZRCTL_DENY;
	if (streq(s, "none") || (!enable && (streq(s, "all") || streq(s, "deny"))))
		return ZRCTL_NONE;
	(void)complain("'%s' is not an action to %s", s, enable ? "enable" : "disable");
	usage();
}

static void set_op(struct options *o, int op)
{
	if (o->op != OP_GET)
		usage();
	o->op = op;
}

static int parse_options(int argc, char **argv, struct options *o, enum idtype *ret_idtype)
{
	int c;

	*o = (struct options){.action = ZRCTL_ANY};
	*ret_idtype = ID_PROCESS;
	while ((c = getopt(argc, argv, "Pjt:n:v:srxe:d:i:")) != -1) {
		switch (c) {
		case 'P':
			o->parsable = true;
			break;
		case 'j':
			o->json = true;
			break;
		case 't':
			o->priv = parse_privilege(optarg);
			break;
		case 'n':
			o->name = optarg;
			break;
		case 'v':
			o->value = optarg;
			break;
		case 's':
			set_op(o, OP_SET);
			break;
		case 'r':
			set_op(o, OP_REPLACE);
			break;
		case 'x':
			set_op(o, OP_DELETE);
			break;
		case 'e':
		case 'd':
			o->action = parse_action(optarg, c == 'e');
			break;
		case 'i':
			*ret_idtype = parse_idtype(optarg);
			break;
		default:
			usage();
		}
	}
	return optind;
}

static bool changes(const struct options *o)
{
	return o->op != OP_GET || o->action != ZRCTL_ANY;
}

static void check_options(const struct options *o)
{
	enum zone_rctl_id id;

	if ((changes(o) && (!o->name || o->json)) || (o->json && o->parsable))
		usage();
	if ((o->op == OP_SET || o->op == OP_REPLACE) && !o->value)
		usage();
	if ((!changes(o) && o->value) || (o->op == OP_DELETE && o->action != ZRCTL_ANY))
		usage();
	if (o->name && zone_rctl_find(o->name, &id) < 0)
		exit(complain("there is no resource control '%s'", o->name));
	if (changes(o) && o->priv == LEVEL_SYSTEM)
		exit(complain("%s: the system value cannot be changed", o->name));
}

/* ---- ids ---- */

static int zone_of_name(const char *s, zoneid_t *ret)
{
	char *end;
	long n = strtol(s, &end, 10);
	int r = zone_call_lookup(s, ret);

	if (r != -EINVAL)
		return r;
	if (end == s || *end || n < 0 || n > MAX_ZONEID)
		return -EINVAL;
	*ret = (zoneid_t)n;
	return 0;
}

/* The pid may be another process's a moment later; so may the answer. */
static int zone_of_pid(const char *s, zoneid_t *ret)
{
	char group[4096], name[ZONENAME_MAX], *end;
	const char *rest;
	long pid = strtol(s, &end, 10);
	int r;

	if (end == s || *end || pid <= 0 || pid > INT32_MAX)
		return -EINVAL;
	r = cgroup_of_pid((pid_t)pid, group, sizeof(group));
	if (r < 0)
		return r;
	if (!cgroup_zone_of(group, name, sizeof(name), &rest))
		return zone_call_self(ret); /* ours, which is the only one it can be */
	return zone_call_lookup(name, ret);
}

static int find_target(enum idtype type, const char *s, struct target *t)
{
	int r = type == ID_ZONE ? zone_of_name(s, &t->zoneid) : zone_of_pid(s, &t->zoneid);

	if (r == -EBADF)
		return complain("%s", daemon_error("zoned", r));
	if (r < 0 || getzonenamebyid(t->zoneid, t->name, sizeof(t->name)) < 0)
		return type == ID_ZONE ? complain("zone '%s': no such zone is ready or running", s)
				       : complain("%s: no such process", s);
	if (t->zoneid == GLOBAL_ZONEID)
		return complain("%s: the global zone has no resource controls", s);
	if (type == ID_ZONE)
		(void)snprintf(t->title, sizeof(t->title), "zone: %d: %s", t->zoneid, t->name);
	else
		(void)snprintf(t->title, sizeof(t->title), "process: %.20s: zone: %d: %s", s,
			t->zoneid, t->name);
	return 0;
}

/* ---- changing ---- */

static uint32_t op_of(const struct options *o)
{
	switch (o->op) {
	case OP_SET:
		return ZRCTL_OP_SET;
	case OP_REPLACE:
		return ZRCTL_OP_REPLACE;
	case OP_DELETE:
		return ZRCTL_OP_DELETE;
	case OP_GET:
		break;
	}
	return ZRCTL_OP_ACTION;
}

static int change(const struct options *o, const struct target *t)
{
	struct zone_rctl_set_req req = {.zoneid = t->zoneid, .op = op_of(o)};
	struct diag d = {0};
	enum zone_rctl_id id;
	int r;

	(void)str_copy(req.value.name, sizeof(req.value.name), o->name);
	(void)zone_rctl_find(o->name, &id);
	req.value.priv = o->priv ? o->priv : ZRCTL_PRIVILEGED;
	req.value.action = o->action;
	if (o->value) {
		r = zone_rctl_parse(&zone_rctls[id], o->value, &req.value.limit);
		if (r < 0)
			return complain(
				"%s: '%s' is not a value of this control", o->name, o->value);
		req.has_limit = 1;
	}
	r = zone_call_rctl_set(&req, &d);
	if (r == 0)
		return 0;
	if (r == -EPERM)
		return complain("%s: only root of the global zone can change it", t->title);
	return complain("%s: %s", t->title, d.text[0] ? d.text : strerror(-r));
}

/* All of them or, after a message, none: half a document is of no use. */
static int list_json(const struct options *o, enum idtype type, char **ids)
{
	_cleanup_free_ char *text = NULL;
	const char *sep = "[";
	struct target t;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int r = out ? 0 : complain("%s", strerror(errno));

	for (; r == 0 && *ids; ids++) {
		r = find_target(type, *ids, &t);
		if (r == 0) {
			(void)fputs(sep, out);
			r = show_json(out, o, &t);
		}
		sep = ",\n";
	}
	if (out && fclose(out) != 0)
		r = complain("%s", strerror(ENOMEM));
	if (r == 0)
		(void)printf("%s]\n", text);
	return r;
}

int main(int argc, char **argv)
{
	struct options o;
	struct target t;
	enum idtype type;
	int i, r, failed = 0;

	if (help_asked(argc, argv))
		usage();
	i = parse_options(argc, argv, &o, &type);
	if (i == argc)
		usage();
	check_options(&o);
	r = instance_init(NULL);
	if (r < 0)
		return complain("cannot use the root '%s': %s", getenv("ZONES_ROOT"), strerror(-r));
	if (o.json)
		return stdout_done(list_json(&o, type, argv + i), 1);
	for (; i < argc; i++) {
		r = find_target(type, argv[i], &t);
		if (r == 0)
			r = changes(&o) ? change(&o, &t) : show(&o, &t);
		failed |= r;
	}
	return stdout_done(failed, 1);
}
