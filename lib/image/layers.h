/* SPDX-License-Identifier: MIT */
/* Unpacking the layers of an image. */
#pragma once

#include "image/oci.h"

/*
 * What may be unpacked below root: nine tenths of what is free, so that a bomb does not fill the
 * disk. 0 or a negative errno with a line in d.
 */
int layers_limits(int root, uint64_t *ret_bytes, uint64_t *ret_files, struct diag *d);

struct unpack;

/*
 * Unpacks the archive u->fd, size bytes of it, below root, an empty directory, within layers_limits() and with a
 * bar: an archive of a layout, which is nobody's root yet. 0 or a negative errno with a line in d, as
 * unpack_run() has them.
 */
int layers_fetch(struct unpack *u, uint64_t size, int root, struct diag *d);

/*
 * Applies all layers to root, an empty directory, in a jail, each checked against its digest. Blocks as long as
 * that takes. 0 or a negative errno with a line in d.
 */
int layers_apply(const struct oci_image *image, int root, struct diag *d);
