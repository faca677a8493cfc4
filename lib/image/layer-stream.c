/* SPDX-License-Identifier: MIT */
/* A layer's bytes, digested on their way from one reader of libarchive to another; see layer-stream.h. */
#include "image/layer-stream.h"

#include <archive_entry.h>

static int failed(struct archive *in, int err, const char *text)
{
	archive_set_error(in, err, "%s", text ? text : strerror(err));
	return ARCHIVE_FATAL;
}

static la_ssize_t read_piece(struct archive *in, void *arg, const void **ret)
{
	struct layer_stream *s = arg;
	la_int64_t offset;
	size_t size = 0;
	int r;

	/* A block may be empty, which libarchive would take for the end. */
	while (!s->ended && size == 0) {
		r = archive_read_data_block(s->packed, ret, &size, &offset);
		if (r < ARCHIVE_WARN)
			return failed(in, EBADMSG, archive_error_string(s->packed));
		s->ended = r == ARCHIVE_EOF;
	}
	if (s->ended)
		return 0;
	s->bytes += size;
	if (s->bytes > s->bytes_max)
		return failed(in, EFBIG, NULL);
	return digest_add(s->digest, *ret, size) < 0 ? failed(in, EIO, NULL) : (la_ssize_t)size;
}

int layer_stream_open(
	struct layer_stream *s, struct archive *packed, uint64_t bytes_max, struct archive *in)
{
	struct archive_entry *e;
	int r;

	*s = (struct layer_stream){
		.packed = packed, .bytes_max = bytes_max, .digest = digest_new()};
	if (!s->digest)
		return failed(in, ENOMEM, NULL);
	r = archive_read_next_header(packed, &e);
	if (r < ARCHIVE_WARN)
		return failed(in, EBADMSG, archive_error_string(packed));
	s->ended = r == ARCHIVE_EOF;
	return archive_read_open(in, s, NULL, read_piece, NULL);
}

void layer_stream_close(struct layer_stream *s)
{
	s->digest = digest_free(s->digest);
}

int layer_stream_end(struct layer_stream *s, struct archive *in, char ret[DIGEST_SIZE])
{
	const void *piece;
	la_ssize_t n;

	do
		n = read_piece(in, s, &piece);
	while (n > 0);
	if (n < 0)
		return (int)n;
	return digest_text(s->digest, ret) < 0 ? failed(in, EIO, NULL) : ARCHIVE_OK;
}
