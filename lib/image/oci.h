/* SPDX-License-Identifier: MIT */
/*
 * OCI image layouts: what an image consists of and what it runs. Everything that is read
 * is checked against the size and the digest that led to it.
 */
#pragma once

#include "image/digest.h"
#include "linux/diag.h"

#define OCI_MANIFEST	"application/vnd.oci.image.manifest.v1+json"
#define OCI_CONFIG	"application/vnd.oci.image.config.v1+json"
#define OCI_LAYER_TAR	"application/vnd.oci.image.layer.v1.tar"
#define OCI_REF_NAME	"org.opencontainers.image.ref.name"
#define OCI_ZONE_CONFIG "zones.config" /* of what zoneadm export made: the zone's XML */
#define OCI_ZONE_UUID	"zones.uuid"   /* and whose it was */

/* A blob as a descriptor of the image describes it. */
struct oci_blob {
	char digest[DIGEST_SIZE];
	uint64_t size; /* bytes */
};

/* What an application image runs; strings as the image has them. */
struct oci_program {
	char **argv; /* Entrypoint and Cmd, NULL-terminated; NULL: the image does not say */
	char **env;  /* NAME=value, NULL-terminated; never NULL */
	char *dir;   /* absolute */
	char *user;  /* user[:group], names or numbers; may be empty */
	int stop;    /* signal that asks it to end */
};

struct oci_image {
	int dir; /* the layout */
	struct oci_blob manifest;
	struct oci_blob *layers;       /* from the lowest */
	char (*diff_ids)[DIGEST_SIZE]; /* the layers' digests without compression */
	size_t n_layers;
	struct oci_program program;
	char *zone_config; /* OCI_ZONE_CONFIG, NULL when there is none */
	char *zone_uuid;   /* OCI_ZONE_UUID, the same */
};

/* The name that images have for this machine's architecture. */
const char *oci_architecture(void);

/*
 * Reads the image of a layout directory: tag (NULL: the only one, or the only one for this machine's
 * architecture). dir becomes the image's, also when it fails. 0 or a negative errno with a line in d:
 * -ENOENT no such image, -EBADMSG what lies or is damaged, -ENOTSUP what we do not know.
 */
int oci_open(struct oci_image *image, int dir, const char *tag, struct diag *d);
void oci_close(struct oci_image *image);

/* Opens a blob after its size and digest were found right. A descriptor or a negative errno with a line in d. */
int oci_blob_open(const struct oci_image *image, const struct oci_blob *blob, struct diag *d);

/* True when what the image runs is the init of a whole system, or when it does not say. */
bool oci_is_system(const struct oci_image *image);
