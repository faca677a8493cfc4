/* SPDX-License-Identifier: MIT */
/*
 * One call of a door with everything that can come back: a result in the
 * caller's buffer, descriptors in the caller's array, nothing left over.
 */
#pragma once

#include "linux/util.h"

struct exchange {
	const void *req;
	size_t req_size;
	const int *send_fds; /* copies are passed; ours stay open */
	unsigned int n_send;
	void *reply;
	size_t reply_max;
	size_t reply_size; /* out */
	int timeout_ms;	   /* 0: as long as it takes */
	uint64_t door_id;  /* of a door that is kept open; 0: not known */
	int *fds;	   /* room for the descriptors that come back, the caller closes them */
	unsigned int fds_max;
	unsigned int nfds; /* out */
};

/*
 * Calls the door. Returns 0, the negative errno of door_call(), or -EBADMSG when the
 * result is larger than reply_max or brings more descriptors than fds_max (they
 * are closed), -ETIMEDOUT when the server has not answered in time (it may still do
 * what was asked). Blocks until then.
 */
int exchange(int door, struct exchange *x);
