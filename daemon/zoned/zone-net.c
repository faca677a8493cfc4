/* SPDX-License-Identifier: MIT */
/*
 * Network data of a link of a running zone: what the zone is to have changes in its record,
 * then the link is made to have it. When that fails both are as they were.
 *
 * Lock: the zone's life_lock over all of it, so that it is not shut down meanwhile.
 */
#include "zoned/zone-impl.h"

/* One link's data. */
struct net {
	char address[sizeof(((struct zone_net_data *)0)->value)];
	char router[sizeof(((struct zone_net_data *)0)->value)];
};

static struct zone_dl *find_locked(struct zone *z, datalink_id_t link)
{
	struct zone_dl *dl;

	for (dl = z->links; dl && dl->id != link; dl = dl->next)
		;
	return dl;
}

static void put(struct zone *z, datalink_id_t link, const struct net *net)
{
	struct zone_dl *dl;

	(void)pthread_mutex_lock(&z->lock);
	dl = find_locked(z, link);
	if (dl) {
		memcpy(dl->address, net->address, sizeof(dl->address));
		memcpy(dl->router, net->router, sizeof(dl->router));
	}
	(void)pthread_mutex_unlock(&z->lock);
}

static int get(struct zone *z, datalink_id_t link, struct net *ret, struct diag *d)
{
	const struct zone_dl *dl;

	(void)pthread_mutex_lock(&z->lock);
	dl = find_locked(z, link);
	if (dl) {
		memcpy(ret->address, dl->address, sizeof(ret->address));
		memcpy(ret->router, dl->router, sizeof(ret->router));
	}
	(void)pthread_mutex_unlock(&z->lock);
	return dl ? 0 : diag_set(d, -ENXIO, "Zone '%s' does not have link %u", z->name, link);
}

static int edit(struct net *net, const struct zone_net_data *data, struct diag *d)
{
	switch (data->type) {
	case ZONE_NETWORK_ADDRESS:
		return str_copy(net->address, sizeof(net->address), data->value);
	case ZONE_NETWORK_DEFROUTER:
		return str_copy(net->router, sizeof(net->router), data->value);
	case ZONE_NETWORK_DOWN:
		if (data->value[0])
			break;
		*net = (struct net){0};
		return 0;
	default:
		break;
	}
	return diag_set(d, -EINVAL, "Unknown type of network data");
}

/* Gives the link what the record says now. */
static int follow(
	struct zone *z, const struct zone_net_data *data, const struct net *was, struct diag *d)
{
	struct dls_zone_net net = {.linkid = data->linkid,
		.down = data->type == ZONE_NETWORK_DOWN,
		.address = was->address,
		.router = was->router};
	_cleanup_close_ int netns = FD_NONE;
	int r = zone_netns_dup(z, &netns);

	return r < 0 ? diag_errno(d, r, "The network namespace of zone '%s' is gone", z->name)
		     : dls_zone_change(z->id, netns, &net, d);
}

static int change(struct zone *z, const struct zone_net_data *data, struct diag *d)
{
	struct zone_net_data back = {.type = ZONE_NETWORK_ADDRESS, .linkid = data->linkid};
	struct net old, new;
	int r;

	if (zone_status_get(z) != ZONE_IS_RUNNING)
		return diag_set(d, -EINVAL, "Zone '%s' is going down", z->name);
	r = get(z, data->linkid, &old, d);
	new = old;
	if (r == 0)
		r = edit(&new, data, d);
	if (r < 0)
		return r;
	put(z, data->linkid, &new);
	r = follow(z, data, &old, d);
	if (r == 0)
		r = zone_save(z, d);
	if (r < 0) {
		put(z, data->linkid, &old);
		(void)follow(z, &back, &new, NULL);
	}
	return r;
}

int zone_network_change(struct zone *z, const struct zone_setattr_req *req, struct diag *d)
{
	struct zone_net_data data;
	int r;

	if (req->size != sizeof(data))
		return -EINVAL;
	memcpy(&data, req->data, sizeof(data));
	if (!str_terminated(data.value, sizeof(data.value)))
		return -EINVAL;
	(void)pthread_mutex_lock(&z->life_lock);
	r = change(z, &data, d);
	(void)pthread_mutex_unlock(&z->life_lock);
	return r;
}
