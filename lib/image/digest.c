/* SPDX-License-Identifier: MIT */
/* SHA-256 by libcrypto; see digest.h. */
#include "image/digest.h"

#include <openssl/evp.h>

struct digest {
	EVP_MD_CTX *ctx;
};

struct digest *digest_free(struct digest *g)
{
	if (g)
		EVP_MD_CTX_free(g->ctx);
	free(g);
	return NULL;
}

struct digest *digest_new(void)
{
	struct digest *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->ctx = EVP_MD_CTX_new();
	if (!g->ctx || EVP_DigestInit_ex(g->ctx, EVP_sha256(), NULL) != 1)
		return digest_free(g);
	return g;
}

int digest_add(struct digest *g, const void *data, size_t size)
{
	return EVP_DigestUpdate(g->ctx, data, size) == 1 ? 0 : -EIO;
}

int digest_text(struct digest *g, char ret[DIGEST_SIZE])
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned int size, i;

	if (EVP_DigestFinal_ex(g->ctx, sum, &size) != 1 || size != 32)
		return -EIO;
	memcpy(ret, "sha256:", 8);
	for (i = 0; i < size; i++)
		(void)snprintf(ret + 7 + (size_t)2 * i, 3, "%02x", sum[i]);
	return 0;
}
