/* SPDX-License-Identifier: MIT */
/* The images that zones share (lib/image/store.h): zoneadm list-images and vacuum, and what other commands do for them. */
#pragma once

#include "linux/diag.h"
#include "zoneadm/command.h"

int list_images_run(struct request *req);
int vacuum_run(struct request *req);

/*
 * Notes that the zone with that zonepath is made of an image, if its record says so. An overlay whose image
 * is not kept here is refused. EXIT_OK, or EXIT_ERR after a message.
 */
int images_hold(const char *zone, const char *zonepath);

/* A root that is an overlay has its image here. EXIT_OK, or EXIT_ERR after a message. */
int images_check(const char *zone, const char *zonepath);

/* Gives a clone the record of its source, if there is one: zonepaths. 0 or a negative errno with a line in d. */
int images_copy_record(int from, int to, struct diag *d);
