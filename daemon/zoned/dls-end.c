/* SPDX-License-Identifier: MIT */
/*
 * The end of a link: somebody deletes it, its namespace goes, or its device went away by itself. Nobody finds a
 * condemned link any more; a device that cannot be removed puts it back.
 */
#include "zoned/flow.h"
#include "zoned/mac.h"
#include "zoned/prop.h"

#include "linux/log.h"

/*
 * The link below one that goes, which its upper's hold kept in the table. When that has lost its
 * own device meanwhile, it goes with its last upper.
 */
static void lower_rele(datalink_id_t over, uint32_t vid)
{
	_cleanup_nl_ struct nl *home = NULL;
	struct devnet *lower;

	if (over == DATALINK_INVALID_LINKID || dls_devnet_hold_tmp(over, &lower) < 0)
		return;
	dls_devnet_rele(lower);
	if (dls_perim_enter(lower) == 0) {
		if (vid && dls_nl_open(lower->dd_at.zone, &home) == 0)
			mac_tag_reap(lower, vid, home);
		if (lower->dd_at.zone == GLOBAL_ZONEID && !lower->dd_at.ifindex) {
			dls_link_vanished(lower); /* leaves and releases */
			return;
		}
		dls_perim_exit(lower);
	}
	dls_devnet_rele_tmp(lower);
}

static int delete_in_perim(struct devnet *dd, struct diag *d)
{
	_cleanup_nl_ struct nl *home = NULL;
	int r;

	if (!dd->dd_ops->destroy)
		return diag_set(d, -ENOTSUP, "'%s' is a physical link", dd->dd_linkname);
	if (!dls_at_home(dd))
		return diag_set(d, -EBUSY, "'%s' is lent to a zone", dd->dd_linkname);
	r = dls_link_busy(dd, d);
	if (r == 0 && !dd->dd_transient && dls_flow_any(dd->dd_linkid))
		r = diag_set(d, -EBUSY, "'%s' still has flows", dd->dd_linkname);
	if (r == 0)
		r = dls_nl_open(dd->dd_owner_zid, &home);
	if (r < 0)
		return r;
	r = dls_devnet_condemn(dd);
	if (r < 0)
		return diag_set(d, r, "'%s' has links over it", dd->dd_linkname);
	r = dd->dd_ops->destroy(dd, home);
	if (r < 0) {
		diag_set(d, r, "cannot remove '%s': %s", dd->dd_linkname, nl_text(home));
		dls_devnet_restore(dd);
	} else if (dd->dd_ops->ended) {
		dd->dd_ops->ended(dd, home);
	}
	return r;
}

/* What follows a condemned link's device; the caller had one temporary hold and the perimeter. */
static void finish_condemned(struct devnet *dd)
{
	datalink_id_t over = dd->dd_over, id = dd->dd_linkid;

	dls_perim_exit(dd);
	dls_prop_forget(id);
	dls_devnet_rele_tmp(dd);
	lower_rele(over, dd->dd_class == DATALINK_CLASS_VNIC ? dd->dd_spec.vid : 0);
	dls_stat_forget(dd->dd_linkid);
	dls_flow_detach(dd->dd_linkid);
	dls_devnet_free(dd);
	(void)dls_state_save(id);
}

int dls_link_delete(datalink_id_t id, struct diag *d)
{
	struct devnet *dd;
	int r;

	r = dls_devnet_hold_tmp(id, &dd);
	if (r < 0)
		return r;
	r = dls_perim_enter(dd);
	if (r < 0) {
		dls_devnet_rele_tmp(dd);
		return r;
	}
	r = delete_in_perim(dd, d);
	if (r < 0) {
		dls_perim_exit(dd);
		dls_devnet_rele_tmp(dd);
		return r;
	}
	finish_condemned(dd);
	return 0;
}

int dls_link_end_own(struct devnet *dd)
{
	int r = dls_devnet_condemn(dd);

	if (r == 0)
		finish_condemned(dd);
	return r;
}

/* Its other end is not ours to see, but it is there: the host's root took it elsewhere. */
static bool taken_elsewhere(const struct devnet *dd)
{
	_cleanup_nl_ struct nl *home = NULL;
	struct nl_link port;

	return dd->dd_port && nl_open(FD_NONE, &home) == 0 &&
	       nl_link_get(home, dd->dd_port, &port) == 0;
}

/* In the perimeter; leaves it and releases the caller's temporary hold. */
void dls_link_vanished(struct devnet *dd)
{
	_cleanup_nl_ struct nl *home = NULL;
	datalink_id_t id = dd->dd_linkid;

	log_line(LOG_NOTICE, "link=%s: Device %s is gone", dd->dd_linkname, dd->dd_device);
	if (taken_elsewhere(dd) || dls_devnet_condemn(dd) < 0) { /* known, without a device */
		struct dls_place nowhere = dd->dd_at;

		nowhere.ifindex = 0;
		dls_devnet_set_place(dd, nowhere);
		dls_perim_exit(dd);
		dls_devnet_rele_tmp(dd);
		(void)dls_state_save(id);
		return;
	}
	if (dd->dd_ops->ended && nl_open(FD_NONE, &home) == 0)
		dd->dd_ops->ended(dd, home);
	finish_condemned(dd);
	if (id != DATALINK_INVALID_LINKID)
		(void)dls_mgmt_destroy(id, false);
}
