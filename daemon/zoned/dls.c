/* SPDX-License-Identifier: MIT */
/*
 * The dls half of zoned: what the kernel's data-link side is in illumos. It
 * finds NICs, makes and destroys etherstubs and vnics, lends links to zones and
 * brings them home, and keeps the table of all that.
 *
 *   dls-commands  the door commands          dls-devnet   the table
 *   dls-link      making                     dls-move     between namespaces
 *   dls-device    its device                 dls-twin     the device a zone gets of a vnic
 *   dls-address   its MAC address            dls-rename   another name
 *   dls-end       the end of it              dls-implicit tunnels by their name
 *   dls-zone      a zone boots, a zone ends  dls-watch    NICs come and go
 *   dls-restart   the table after a restart  dls-state    its file
 *   dls-derive    that without the file      dls-upcall   calls to dlmgmtd
 *   mac-*         one kind of device each
 *
 * Where state lives: names, ids and configuration at dlmgmtd; the devices in the
 * kernel; which device is which link in the state file; the table is rebuilt from these.
 */
#include "zoned/dls-impl.h"

static int home_fd = FD_NONE;
static uint64_t home_inode;

int dls_home(void)
{
	return home_fd;
}

uint64_t dls_home_inode(void)
{
	return home_inode;
}

int dls_nl_open(zoneid_t zone, struct nl **ret)
{
	_cleanup_close_ int netns = FD_NONE;
	int r;

	if (zone != GLOBAL_ZONEID) {
		r = zone_netns_fd(zone, &netns);
		if (r < 0)
			return r;
	}
	return nl_open(netns, ret);
}

uint64_t dls_inode_of(zoneid_t zone)
{
	_cleanup_close_ int netns = FD_NONE;
	uint64_t inode;

	if (zone == GLOBAL_ZONEID)
		return home_inode;
	return zone_netns_fd(zone, &netns) == 0 && netns_inode(netns, &inode) == 0 ? inode : 0;
}

int dls_init(void)
{
	int r;

	home_fd = netns_self();
	if (home_fd < 0)
		return home_fd;
	r = netns_inode(home_fd, &home_inode);
	if (r < 0)
		return r;
	r = dls_watch_open();
	if (r < 0)
		return r;
	r = dls_restart();
	if (r < 0)
		return r;
	return dls_watch_start();
}
