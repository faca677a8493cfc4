/* SPDX-License-Identifier: MIT */
/*
 * dladm: administers data links, with the subcommands, columns and messages of
 * illumos dladm(8).
 *
 * A link lives in two places that do not know of each other's part: dlmgmtd has its
 * name, id and configuration, zoned has the device. This program leads a change through
 * both, in the order of libdladm, and undoes what was done when a later step fails.
 */
#include "dladm-cmd.h"
#include "dladm/usage.h"
#include "linux/instance.h"
#include "zone/zone-calls.h"

#include <stdarg.h>

static const struct subcommand {
	const char *name;
	int (*run)(int argc, char *argv[]);
	const char *usage; /* behind the name; NULL: not shown */
} subcommands[] = {
	{"show-link", do_show_link,
		"[-P|-s [-i seconds[,count]]] [-z zone] [[-p|-j] -o field[,...]] [link]"},
	{"rename-link", do_rename_link, "[-z zone] old-link new-link"},
	{"check", do_check, ""},
	{"export", do_export, "[-f file]"},
	{"import", do_import, "[-f file]"},
	{"show-phys", do_show_phys, "[-m|-H|-P] [-z zone] [[-p|-j] -o field[,...]] [link]"},
	{"show-ether", do_show_ether, "[-x] [[-p|-j] -o field[,...]] [link]"},
	{"delete-phys", do_delete_phys, "link"},
	{"create-etherstub", do_create_etherstub, "[-t] etherstub-link"},
	{"delete-etherstub", do_delete_etherstub, "[-t] etherstub-link"},
	{"show-etherstub", do_show_etherstub, "[-t|-P] [[-p|-j] -o field[,...]] [etherstub-link]"},
	{"create-vnic", do_create_vnic,
		"[-t] -l link [-m auto|random [-r prefix]|vrrp -V vrid -A inet|inet6|address] "
		"[-v vid [-f]] [-p prop=value[,...]] vnic-link"},
	{"delete-vnic", do_delete_vnic, "[-t] [-z zone] vnic-link"},
	{"show-vnic", do_show_vnic,
		"[-P|-s [-i seconds[,count]]] [-l link] [-z zone] [[-p|-j] -o field[,...]] [vnic-link]"},
	{"create-vlan", do_create_vlan, "[-ft] -l link -v vid [vlan-link]"},
	{"delete-vlan", do_delete_vlan, "[-t] vlan-link"},
	{"show-vlan", do_show_vlan, "[-P] [-z zone] [[-p|-j] -o field[,...]] [vlan-link]"},
	{"create-aggr", do_create_aggr,
		"[-t] [-P policy] [-L off|active|passive] [-T short|long] [-u address] -l link... "
		"aggr-link"},
	{"modify-aggr", do_modify_aggr,
		"[-t] [-P policy] [-L off|active|passive] [-T short|long] aggr-link"},
	{"delete-aggr", do_delete_aggr, "[-t] aggr-link"},
	{"add-aggr", do_add_aggr, "[-t] -l link... aggr-link"},
	{"remove-aggr", do_remove_aggr, "[-t] -l link... aggr-link"},
	{"show-aggr", do_show_aggr,
		"[-P|-L|-x|-s [-i seconds[,count]]] [[-p|-j] -o field[,...]] [aggr-link]"},
	{"create-bridge", do_create_bridge,
		"[-P stp] [-p priority] [-m max-age] [-h hello-time] [-d forward-delay] "
		"[-f force-protocol] [-l link]... bridge"},
	{"modify-bridge", do_modify_bridge,
		"[-P stp] [-p priority] [-m max-age] [-h hello-time] [-d forward-delay] "
		"[-f force-protocol] bridge"},
	{"delete-bridge", do_delete_bridge, "bridge"},
	{"add-bridge", do_add_bridge, "-l link... bridge"},
	{"remove-bridge", do_remove_bridge, "-l link... bridge"},
	{"show-bridge", do_show_bridge,
		"[-l|-f] [-s [-i seconds[,count]]] [[-p|-j] -o field[,...]] [bridge]"},
	{"create-iptun", do_create_iptun,
		"[-t] -T ipv4|ipv6|6to4 [-a local=address,remote=address] tunnel-link"},
	{"modify-iptun", do_modify_iptun, "[-t] -a local=address,remote=address tunnel-link"},
	{"delete-iptun", do_delete_iptun, "[-t] tunnel-link"},
	{"show-iptun", do_show_iptun, "[-P] [-z zone] [[-p|-j] -o field[,...]] [tunnel-link]"},
	{"create-overlay", do_create_overlay,
		"[-t] -e vxlan|geneve -s direct|files -v vnetid [-p prop=value[,...]] overlay"},
	{"modify-overlay", do_modify_overlay, "-d mac | -f | -s mac=ip[:port] overlay"},
	{"delete-overlay", do_delete_overlay, "[-t] overlay"},
	{"show-overlay", do_show_overlay, "[-f|-t] [[-p|-j] -o field[,...]] [overlay]"},
	{"show-linkprop", do_show_linkprop,
		"[-P] [-z zone] [[-c|-j] -o field[,...]] [-p prop[,...]] [link]"},
	{"set-linkprop", do_set_linkprop, "[-t] [-z zone] -p prop=value[,...] link"},
	{"reset-linkprop", do_reset_linkprop, "[-t] [-z zone] [-p prop[,...]] link"},
	{"show-linkmap", do_show_linkmap, NULL},
	{"up-etherstub", do_up_etherstub, NULL},
	{"up-vlan", do_up_vlan, NULL},
	{"up-aggr", do_up_aggr, NULL},
	{"up-bridge", do_up_bridge, NULL},
	{"up-iptun", do_up_iptun, NULL},
	{"down-iptun", do_down_iptun, NULL},
	{"up-overlay", do_up_overlay, NULL},
	{"create-simnet", do_create_simnet, NULL},
	{"modify-simnet", do_modify_simnet, NULL},
	{"delete-simnet", do_delete_simnet, NULL},
	{"show-simnet", do_show_simnet, NULL},
	{"up-simnet", do_up_simnet, NULL},
	{"up-vnic", do_up_vnic, NULL},
};

/* Those of illumos that have nothing to do here, and why. */
static const struct {
	const char *name, *why;
} missing[] = {
	{"show-usage", "links do not log what they count; zonemetrics(8) tells it"},
	{"init-phys", "zoned finds NICs itself"},
	{"init-linkprop", "zoned loads properties itself"},
	{"scan-wifi", "wireless links are not managed"},
	{"show-wifi", "wireless links are not managed"},
	{"connect-wifi", "wireless links are not managed"},
	{"disconnect-wifi", "wireless links are not managed"},
	{"create-secobj", "keys of wireless links are not kept"},
	{"delete-secobj", "keys of wireless links are not kept"},
	{"show-secobj", "keys of wireless links are not kept"},
	{"init-secobj", "keys of wireless links are not kept"},
	{"create-part", "InfiniBand links are not managed"},
	{"delete-part", "InfiniBand links are not managed"},
	{"show-part", "InfiniBand links are not managed"},
	{"up-part", "InfiniBand links are not managed"},
	{"show-ib", "InfiniBand links are not managed"},
};

void die_status(dladm_status_t status, const struct diag *d, const char *fmt, ...)
{
	va_list ap;

	(void)fprintf(stderr, "dladm: ");
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fprintf(stderr, ": %s", dladm_status2str(status));
	if (d && d->text[0])
		(void)fprintf(stderr, " (%s)", d->text);
	(void)fputc('\n', stderr);
	exit(1);
}

/* The arguments of the subcommand, for usage(). */
static int given_argc;
static char **given_argv;

void usage(const char *name)
{
	bool first = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(subcommands); i++) {
		if (!subcommands[i].usage || (name && !streq(name, subcommands[i].name)))
			continue;
		if (name)
			usage_why("dladm", name, subcommands[i].usage, given_argc, given_argv);
		(void)fprintf(usage_to(), "%s dladm %-16s %s\n", first ? "usage:" : "      ",
			subcommands[i].name, subcommands[i].usage);
		first = false;
	}
	if (first) /* one that is not shown */
		die("%s: these are not its arguments", name);
	exit(usage_status(1));
}

zoneid_t zone_option(const char *name)
{
	zoneid_t zoneid = GLOBAL_ZONEID;

	if (!name)
		return ALL_ZONES;
	if (!streq(name, GLOBAL_ZONENAME) && zone_call_lookup(name, &zoneid) < 0)
		die("zone '%s': no such zone is ready or running", name);
	return zoneid;
}

void link_name_check(const char *name)
{
	if (!dladm_valid_linkname(name))
		die("invalid link name '%s': up to %d letters, digits, '_' and '.', no digit first, "
		    "a number without leading zeros last",
			name, MAXLINKNAMELEN - 1);
}

void link_hold(const char *name, zoneid_t zoneid)
{
	struct dlmgmt_linkinfo link;
	struct diag d = {0};
	datalink_id_t id;
	int fd, r;

	if (!dladm_implicit_iptun(name) || zoneid != ALL_ZONES ||
		dlmgmt_call_getlinkid(name, zoneid, &link) != -ENOENT)
		return;
	r = dld_call_hold(name, &id, &fd, &d); /* until this program ends */
	if (r < 0)
		die_status(dladm_errno2status(r), &d, "cannot make %s", name);
}

void link_lookup(const char *name, zoneid_t zoneid, struct dlmgmt_linkinfo *ret)
{
	int r;

	link_name_check(name);
	r = dlmgmt_call_getlinkid(name, zoneid, ret);
	if (r < 0)
		die_status(dladm_errno2status(r), NULL, "link %s is not valid", name);
}

bool link_attr_str(datalink_id_t linkid, const char *attr, char *buf, size_t size)
{
	struct dlmgmt_attrval value;

	return dlmgmt_call_dls_getattr(linkid, attr, &value) == 0 && value.type == DLADM_TYPE_STR &&
	       str_copy(buf, size, value.str) == 0;
}

bool link_attr_u64(datalink_id_t linkid, const char *attr, uint64_t *ret)
{
	struct dlmgmt_attrval value;

	if (dlmgmt_call_dls_getattr(linkid, attr, &value) < 0 || value.type != DLADM_TYPE_UINT64)
		return false;
	*ret = value.u64;
	return true;
}

/* The global zone sees what it lent; whether a link is in the zone of -z, the name look-up tells. */
static bool link_in_zone(const struct dlmgmt_linkinfo *link, zoneid_t zoneid)
{
	struct dlmgmt_linkinfo there;

	return zoneid == ALL_ZONES || (dlmgmt_call_getlinkid(link->name, zoneid, &there) == 0 &&
					      there.linkid == link->linkid);
}

void links_walk(
	const char *name, zoneid_t zoneid, uint32_t classes, uint32_t flags, link_fn *fn, void *arg)
{
	struct dlmgmt_linkinfo link = {0};
	int r;

	if (name) {
		link_lookup(name, zoneid, &link);
		if (!(link.link_class & classes) || !(link.flags & flags))
			die_status(DLADM_STATUS_NOTFOUND, NULL, "link %s is not valid", name);
		fn(&link, arg);
		return;
	}
	for (;;) {
		r = dlmgmt_call_getnext(link.linkid, classes, flags, DATALINK_ANY_MEDIATYPE, &link);
		if (r == -ENOENT)
			return;
		if (r < 0)
			die_status(dladm_errno2status(r), NULL, "cannot list the links");
		if (link_in_zone(&link, zoneid))
			fn(&link, arg);
	}
}

/* Takes "-R root" out of the arguments; NULL: there is none. */
static const char *root_option(int *argc, char *argv[])
{
	const char *root = NULL;
	int i;

	for (i = 2; i < *argc && !streq(argv[i], "--"); i++) {
		if (!streq(argv[i], "-R"))
			continue;
		if (i + 1 == *argc)
			die("an argument is missing behind -R");
		root = argv[i + 1];
		memmove(argv + i, argv + i + 2, (size_t)(*argc - i - 1) * sizeof(*argv));
		*argc -= 2;
		break;
	}
	return root;
}

__attribute__((noreturn)) static void unknown(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(missing); i++)
		if (streq(name, missing[i].name))
			die("%s is not supported: %s", name, missing[i].why);
	die("unknown subcommand '%s'; 'dladm --help' lists them", name);
}

int main(int argc, char *argv[])
{
	const char *root;
	size_t i;
	int r;

	if (argc < 2 || help_asked(argc, argv))
		usage(NULL);
	for (i = 0; i < ARRAY_SIZE(subcommands); i++)
		if (streq(argv[1], subcommands[i].name))
			break;
	if (i == ARRAY_SIZE(subcommands))
		unknown(argv[1]);
	root = root_option(&argc, argv);
	r = instance_init(root);
	if (r < 0)
		die("root '%s': %s", root ? root : getenv("ZONES_ROOT"), strerror(-r));
	r = dlmgmt_call_open();
	if (r < 0)
		die("%s", daemon_error("dlmgmtd", r));
	optopt = opterr = 0; /* usage() says it */
	given_argc = argc - 1;
	given_argv = argv + 1;
	return stdout_done(subcommands[i].run(given_argc, given_argv), 1);
}
