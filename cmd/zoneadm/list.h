/* SPDX-License-Identifier: MIT */
/* zoneadm list. */
#pragma once

#include "zoneadm/command.h"

int list_run(struct request *req);

/*
 * The brand's verify_adm hook sees each subcommand with -z, this one too. EXIT_OK when there is none or it exits 0,
 * EXIT_ERR after a message. In a zone (list-native.c) there are no brands.
 */
int list_ask_brand(const struct request *req, const char *name);
