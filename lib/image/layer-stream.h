/* SPDX-License-Identifier: MIT */
/*
 * The bytes of a layer as they are without compression, digested while libarchive reads an
 * archive from them: the configuration of an image has that digest as the layer's diff_id.
 */
#pragma once

#include <archive.h>

#include "image/digest.h"

struct layer_stream {
	struct archive *packed; /* takes the compression away; not ours to free */
	struct digest *digest;
	uint64_t bytes, bytes_max;
	bool ended;
};

/*
 * Makes in read what packed, which is opened as one raw file, has in it: at most bytes_max bytes.
 * The stream is closed after in. ARCHIVE_OK, or ARCHIVE_FATAL with in's error set.
 */
int layer_stream_open(
	struct layer_stream *s, struct archive *packed, uint64_t bytes_max, struct archive *in);
void layer_stream_close(struct layer_stream *s);

/* Reads what is behind the end of the archive too, and gives the digest of all. As layer_stream_open(). */
int layer_stream_end(struct layer_stream *s, struct archive *in, char ret[DIGEST_SIZE]);
