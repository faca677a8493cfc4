/* SPDX-License-Identifier: MIT */
/* The subcommands that a zone's daemon carries out: mount, unmount, ready, boot, halt, shutdown, reboot, apply. */
#pragma once

#include "zoneadm/command.h"

/* Each returns the exit code after printing what there is to say. They block until zoneadmd is done. */
int mount_run(struct request *req);
int unmount_run(struct request *req);
int ready_run(struct request *req);
int boot_run(struct request *req);
int halt_run(struct request *req);
int reboot_run(struct request *req);
int shutdown_run(struct request *req);
int apply_run(struct request *req);
int freeze_run(struct request *req);
int thaw_run(struct request *req);

/* Nothing in a frozen zone could answer. EXIT_OK, or EXIT_ERR after a message. */
int freeze_check(const struct request *req, zoneid_t id);

/*
 * The boot arguments argv[0..n) as one string with single spaces. 0, or
 * -E2BIG when it would not fit BOOTARGS_MAX with its NUL.
 */
int bootargs_join(int n, char *const *argv, char ret_args[BOOTARGS_MAX]);
