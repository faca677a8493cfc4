/* SPDX-License-Identifier: MIT */
/*
 * The images of an instance, each kept once, below STORE_PATH of its prefix:
 *
 *	HEX/root	the tree; HEX is the sha256 of the archive, or of an OCI image's manifest
 *	HEX/image.json	where it came from, how large it is
 *	HEX/users/N	the zonepath of a zone that was made of it
 *	new.N		one that is being made
 *	lock		shared by those who use images, exclusive for those who remove some
 *
 * A finished image is never changed. Who uses one is not counted but looked up: a zonepath in
 * users that does not say so itself (its image.json) is of nobody any more, so a crash
 * leaves no wrong count.
 *
 * 0 or a negative errno with a line in d, unless it says otherwise. The caller is root.
 */
#pragma once

#include "image/origin.h"
#include "image/overlay-root.h"

#define IMAGE_NAMES 32 /* bytes of a folder's name while it is being made */

struct store {
	int dir;
	int lock;
};

/* Makes the store when there is none, takes the lock, and removes what killed programs left. */
int store_open(struct store *s, struct diag *d);
/* To remove images: -EBUSY when somebody uses the store right now, -ENOENT without a line when there is none. */
int store_open_alone(struct store *s, struct diag *d);
/* To look only: without a lock. -ENOENT without a line when there is none. */
int store_open_to_read(struct store *s, struct diag *d);
void store_close(struct store *s);

/* True when the store has it. */
bool store_has(const struct store *s, const char *digest);
/* True when there is an image whose archive had so many bytes. */
bool store_find_size(const struct store *s, uint64_t size);

/* A new image: name is its folder, ret_root its empty tree. */
int store_begin(const struct store *s, char name[IMAGE_NAMES], int *ret_root, struct diag *d);
/* Makes it one of the store. about: what image.json says; has "digest". When the store has it already the new one goes. */
int store_commit(const struct store *s, const char *name, const json_t *about, struct diag *d);
/* Removes what was begun; also what is not there. */
void store_abort(const struct store *s, const char *name);

/* Notes that the zone with that zonepath (without the prefix) is made of it. */
int store_hold(const struct store *s, const char *digest, const char *zonepath, struct diag *d);
/* The image that a zonepath (a descriptor) says it is made of. False when of none. */
bool store_image_of(int zonepath, char ret_digest[DIGEST_SIZE]);

/* An image as a listing shows it; valid during the call. */
struct store_image {
	const char *digest;
	const json_t *about;	  /* image.json */
	const char *const *users; /* zonepaths, NULL-terminated */
	size_t n_users;
	int64_t used; /* seconds since 1970, when a zone was last made of it */
};
/* Calls fn for each, in the order of their names; a value other than 0 ends it and is returned. */
int store_each(const struct store *s, int (*fn)(const struct store_image *image, void *arg),
	void *arg, struct diag *d);
/* Removes an image whoever uses it; the store was opened alone. */
int store_remove(const struct store *s, const char *digest, struct diag *d);
