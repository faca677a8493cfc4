/* SPDX-License-Identifier: MIT */
/*
 * What an application zone runs: PROGRAM_FILE in its root, which /native/init reads. Lines of a
 * word, a space and a value, in which a backslash begins \\, \n and nothing else:
 *
 *	user UID GID [GID]...	who it is, with its other groups
 *	dir PATH		where it starts
 *	stop SIGNAL		the number of the signal that asks it to end
 *	env NAME=VALUE		any number
 *	arg TEXT		any number; the first is the program
 *
 * The zone's root may edit it.
 */
#pragma once

#define PROGRAM_FILE "/etc/zone-program"

struct oci_program;
struct diag;

/* Writes the file; for what runs in the jail. 0 or a negative errno with a line in d. */
int program_write(const struct oci_program *program, struct diag *d);
