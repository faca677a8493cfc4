/* SPDX-License-Identifier: MIT */
/*
 * zoneadm export and import: a zone as one file, an OCI image archive with the zone's configuration in
 * its manifest (lib/image/layout-write.h). Everything in it is led to by digests.
 */
#pragma once

#include "zoneadm/command.h"

int export_run(struct request *req);
int import_run(struct request *req);
