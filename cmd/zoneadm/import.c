/* SPDX-License-Identifier: MIT */
/*
 * zoneadm import; see transfer.h.
 *
 * Order: the archive is unpacked in a jail, into a folder of the store of images that goes with whoever
 * made it, and its digests are checked; its configuration is verified; the zone is in the index as
 * incomplete; its root is made and gets its place by one rename; the index says installed. What fails or is
 * interrupted on the way leaves nothing; after a kill the zone is incomplete.
 *
 * Where no zone here has the uuid of the exported one it is that zone, which was moved or is put back: it keeps the
 * uuid and is the same machine. Else it is a copy, and another machine.
 *
 * Whoever made the archive may be hostile. A root is harmless to the host, but a configuration may ask for
 * parts of the host: it is then taken only with -F.
 */
#include "zoneadm/transfer.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "dladm/dlmgmt-calls.h"
#include "image/digest.h"
#include "image/store.h"
#include "linux/instance.h"
#include "linux/interrupt.h"
#include "linux/subvolume.h"
#include "zoneadm/change.h"
#include "zoneadm/image-run.h"
#include "zoneadm/install.h"
#include "zoneadm/lock.h"
#include "zoneadm/verify.h"
#include "zoneadm/zonepath.h"

#define NEW_ROOT "root.new"

struct import {
	struct request *req;
	const char *file, *zonepath; /* -p, NULL: that of the archive */
	bool force;		     /* -F */
	bool moved;		     /* no copy of a zone that is here */
	struct store store;
	char folder[IMAGE_NAMES]; /* in the store, for a while */
	int layout;
	struct zonecfg *cfg;
	char from[ZONENAME_MAX];  /* the zone that was exported */
	char uuid[ZONE_UUID_MAX]; /* of that, as the archive says; empty when it does not */
	char digest[DIGEST_SIZE]; /* of the archive's image */
	uint64_t size;		  /* of the archive */
};

static int parse(struct request *req, struct import *m)
{
	int i;

	for (i = 1; i < req->argc; i++) {
		if (streq(req->argv[i], "-F"))
			m->force = true;
		else if (streq(req->argv[i], "-p") && i + 1 < req->argc)
			m->zonepath = req->argv[++i];
		else if (req->argv[i][0] == '-' || m->file)
			return usage_of(req);
		else
			m->file = req->argv[i];
	}
	if (!m->file)
		return usage_of(req);
	return m->file[0] == '/' ? EXIT_OK
				 : complain(req->zone, "'%s' is not an absolute path", m->file);
}

static int open_archive(struct import *m, int *ret_fd)
{
	struct stat st;
	int fd = open(m->file, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return complain(m->req->zone, "cannot open '%s': %s", m->file, strerror(errno));
	*ret_fd = fd;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return complain(m->req->zone, "'%s' is not a file", m->file);
	m->size = (uint64_t)st.st_size;
	return EXIT_OK;
}

/* ---- the configuration ---- */

/* A NIC is the zone's alone when it boots; a vnic that somebody made here is meant for a zone. */
static bool is_nic(const char *link)
{
	struct dlmgmt_linkinfo info;

	return dlmgmt_call_getlinkid(link, ALL_ZONES, &info) == 0 &&
	       info.link_class == DATALINK_CLASS_PHYS;
}

static int check_reach_nets(const struct import *m)
{
	int r = EXIT_OK;
	size_t i;

	for (i = 0; i < m->cfg->n_nets; i++) {
		const struct zonecfg_net *net = &m->cfg->nets[i];

		if (!net->physical)
			continue;
		if (m->cfg->ip_type == ZS_SHARED)
			r = complain(m->req->zone,
				"its configuration asks for the address '%s' on the host's '%s'",
				net->address ? net->address : "", net->physical);
		else if (!net->global_nic && is_nic(net->physical))
			r = complain(m->req->zone, "its configuration asks for the host's NIC '%s'",
				net->physical);
	}
	return r;
}

/* What reaches into the host. */
static int check_reach(const struct import *m)
{
	const struct zonecfg *cfg = m->cfg;
	int r = check_reach_nets(m);
	size_t i;

	for (i = 0; i < cfg->n_fss; i++)
		r = complain(m->req->zone, "its configuration asks for the host's '%s' as fs '%s'",
			cfg->fss[i].special ? cfg->fss[i].special : "", cfg->fss[i].dir);
	for (i = 0; i < cfg->n_devices; i++)
		r = complain(m->req->zone, "its configuration asks for the host's devices '%s'",
			cfg->devices[i].match);
	for (i = 0; i < cfg->n_datasets; i++)
		r = complain(m->req->zone, "its configuration asks for the dataset '%s'",
			cfg->datasets[i].name);
	if (cfg->sched_class && streq(cfg->sched_class, "RT"))
		r = complain(m->req->zone,
			"its configuration asks for a class that goes before all else of the host, RT");
	if (cfg->limitpriv)
		r = complain(m->req->zone, "its configuration asks for the privileges '%s'",
			cfg->limitpriv);
	return r ? complain(m->req->zone, "not imported; import -F takes it nevertheless") : r;
}

static int check_config(struct import *m, struct zone_index_entry *e)
{
	int r;

	(void)str_copy(m->from, sizeof(m->from), m->cfg->name ? m->cfg->name : "");
	r = zonecfg_set_string(&m->cfg->name, m->req->zone);

	if (!r && m->zonepath)
		r = zonecfg_set_string(&m->cfg->zonepath, m->zonepath);
	if (r)
		return complain(m->req->zone, "%s", zonecfg_strerror(r));
	if (!m->cfg->zonepath || zonecfg_check_zonepath(m->cfg->zonepath) ||
		str_copy(e->zonepath, sizeof(e->zonepath), m->cfg->zonepath) < 0)
		return complain(m->req->zone, "'%s' is not a valid zonepath",
			m->cfg->zonepath ? m->cfg->zonepath : "");
	r = verify_config(m->cfg);
	if (!r && !m->force)
		r = check_reach(m);
	return r ? r : zonepath_check_overlap(e);
}

static int load_config(struct import *m, struct zone_index_entry *e)
{
	char path[PATH_MAX];
	struct diag d = {0};
	int r = instance_path(path, sizeof(path), STORE_PATH "/%s/config.xml", m->folder);

	if (r == 0)
		r = zonecfg_load_file(path, &m->cfg, &d);
	if (r)
		return complain(m->req->zone, "its configuration: %s",
			d.text[0] ? d.text : zonecfg_strerror(r));
	return check_config(m, e);
}

/* What is no uuid is none; zone_index_add() makes one. */
static void read_uuid(struct import *m, int fd)
{
	char *p;

	if (pread(fd, m->uuid, sizeof(m->uuid) - 1, 0) != (ssize_t)sizeof(m->uuid) - 1 ||
		zonecfg_check_uuid(m->uuid))
		m->uuid[0] = '\0';
	for (p = m->uuid; *p; p++)
		*p = (char)tolower((unsigned char)*p);
}

static int open_export(struct import *m, struct zone_index_entry *e)
{
	_cleanup_close_ int archive = FD_NONE, config = FD_NONE;
	_cleanup_close_ int uuid = memfd_create("uuid", MFD_CLOEXEC);
	_cleanup_close_ int digest = memfd_create("digest", MFD_CLOEXEC);
	const char *const words[] = {NULL, m->file, NULL, NULL, NULL, NULL};
	char name[IMAGE_NAMES + 16];
	struct diag d = {0};
	int r = open_archive(m, &archive);

	if (r)
		return r;
	if (store_begin(&m->store, m->folder, &m->layout, &d) < 0)
		return complain(m->req->zone, "%s", d.text);
	(void)snprintf(name, sizeof(name), "%s/config.xml", m->folder);
	config = openat(m->store.dir, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (config < 0 || uuid < 0 || digest < 0)
		return complain(m->req->zone, "cannot make a file for its configuration: %s",
			strerror(errno));
	r = image_run(m->req->zone, "open", words, ARRAY_SIZE(words),
		(int[]){archive, m->layout, config, uuid, digest});
	if (!r)
		read_uuid(m, uuid);
	if (!r && pread(digest, m->digest, sizeof(m->digest) - 1, 0) < 0)
		r = complain(m->req->zone, "cannot read its digest: %s", strerror(errno));
	return r ? r : load_config(m, e);
}

/* ---- the zone ---- */

/* image.json, as installations have it. */
static int record_origin(const struct import *m, int zonepath)
{
	json_t *about = origin_about(&(struct origin){
		.source = "export", .name = m->file, .digest = m->digest, .size = m->size});
	int r = origin_write(zonepath, about);

	json_decref(about);
	return r < 0 ? complain(m->req->zone, "cannot write %s", IMAGE_FILE) : EXIT_OK;
}

static int make_root(const struct import *m, int zonepath)
{
	_cleanup_close_ int root = FD_NONE;
	const char *const words[] = {NULL, NULL, m->from, m->req->zone};
	int r = subvolume_create(zonepath, NEW_ROOT);

	if (r == SUBVOLUME_NONE)
		r = mkdirat(zonepath, NEW_ROOT, 0755) < 0 ? -errno : 0;
	if (r == 0)
		r = root =
			openat(zonepath, NEW_ROOT, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (r < 0)
		return complain(m->req->zone, "cannot make its root: %s", strerror(errno));
	r = image_run(m->req->zone, "fill", words, ARRAY_SIZE(words), (int[]){m->layout, root});
	if (!r && !m->moved)
		r = image_run(m->req->zone, "another", words + 1, 3, (int[]){root});
	if (!r && interrupted())
		r = complain(m->req->zone, "interrupted");
	if (!r)
		r = record_origin(m, zonepath);
	if (!r && (syncfs(zonepath) < 0 || renameat(zonepath, NEW_ROOT, zonepath, "root") < 0 ||
			  fsync(zonepath) < 0))
		r = complain(m->req->zone, "cannot put its root in place: %s", strerror(errno));
	return r;
}

static int check_zonepath(const struct import *m, const struct zone_index_entry *e)
{
	_cleanup_close_ int fd = zonepath_open(e->zonepath);

	if (fd >= 0 && !zonepath_is_empty(fd))
		return complain(m->req->zone, "zonepath '%s' is not empty", e->zonepath);
	return zonepath_check(m->req->zone, e->zonepath, ZONEPATH_REPAIR | ZONEPATH_MAKE);
}

static int make_zone(const struct import *m, const struct zone_index_entry *e)
{
	_cleanup_close_ int zonepath = FD_NONE;
	int r = check_zonepath(m, e);

	if (r)
		return r;
	zonepath = zonepath_open(e->zonepath);
	r = zonepath < 0 ? complain(m->req->zone, "cannot open zonepath '%s': %s", e->zonepath,
				   strerror(-zonepath))
			 : make_root(m, zonepath);
	if (!r)
		r = index_state(m->req->zone, ZONE_STATE_INSTALLED);
	if (r)
		(void)zonepath_remove(e);
	return r;
}

/* Under the lock of configurations: nobody else imports the same meanwhile. */
static void settle_uuid(struct import *m, struct zone_index_entry *e)
{
	struct zone_index_entry other;

	m->moved = m->uuid[0] && zone_index_find_uuid(m->uuid, &other) == Z_NO_ZONE;
	if (m->moved)
		(void)str_copy(e->uuid, sizeof(e->uuid), m->uuid);
}

static int record(struct import *m, struct zone_index_entry *e)
{
	struct diag d = {0};
	_cleanup_close_ int lock = zonecfg_lock(&d);
	uint32_t did;
	int r = lock < 0 ? lock : zonecfg_settle_did(m->cfg, e->name, &did);

	if (!r)
		r = zone_index_facts(e, m->cfg->brand, m->cfg->ip_type == ZS_EXCLUSIVE, did);
	if (!r)
		r = zonecfg_save(m->cfg, &d);
	settle_uuid(m, e);
	if (!r)
		r = zone_index_add(e);
	return r ? complain(m->req->zone, "cannot record it: %s",
			   d.text[0] ? d.text : zonecfg_strerror(r))
		 : EXIT_OK;
}

static int import(struct import *m)
{
	struct zone_index_entry e = {.state = ZONE_STATE_INCOMPLETE};
	struct diag d = {0};
	int r;

	(void)str_copy(e.name, sizeof(e.name), m->req->zone);
	r = open_export(m, &e);
	if (r)
		return r;
	r = record(m, &e);
	if (!r)
		r = make_zone(m, &e);
	if (r) {
		(void)zone_index_delete(m->req->zone);
		(void)zonecfg_destroy(m->req->zone, &d);
		(void)complain(m->req->zone, "not imported; nothing is left to clean up");
	}
	return r;
}

static int check_new(const struct request *req)
{
	struct zone_index_entry e;
	int r = zonecfg_check_zonename(req->zone);

	if (r)
		return complain(req->zone, "%s", zonecfg_strerror(r));
	r = zone_index_find(req->zone, &e);
	if (r == Z_NO_ZONE)
		return EXIT_OK;
	return r ? complain(req->zone, "%s", zonecfg_strerror(r))
		 : complain(req->zone, "there is a zone of this name already");
}

int import_run(struct request *req)
{
	struct import m = {.req = req, .layout = FD_NONE};
	_cleanup_lock_ int lock = FD_NONE;
	struct diag d = {0};
	int r = parse(req, &m);

	if (!r)
		r = check_new(req);
	if (r)
		return r;
	req->acts = true;
	interrupt_note();
	r = lock_take(req->zone, &lock);
	if (r < 0)
		return complain(req->zone, "cannot lock it: %s", strerror(-r));
	r = check_new(req);
	if (!r && store_open(&m.store, &d) < 0)
		return complain(req->zone, "%s", d.text);
	if (r)
		return r;
	r = import(&m);
	if (!r)
		(void)printf("%s  %s\n", m.digest, m.file);
	m.layout = fd_close(m.layout);
	if (m.folder[0])
		store_abort(&m.store, m.folder);
	store_close(&m.store);
	m.cfg = zonecfg_free(m.cfg);
	return r;
}
