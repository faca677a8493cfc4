/* SPDX-License-Identifier: MIT */
/* The usage of dladm's and flowadm's subcommands, and what in the arguments is not like it. */
#pragma once

/*
 * Says in one line on standard error what is missing or too much in the arguments that getopt(3) was
 * at, against text, such as "[-t] -l link vnic-link": an option that it does not know or that lacks
 * its argument (optopt and opterr are to be 0 before getopt(3) is called), an option or operand that
 * is not in brackets there, or one operand more than it has. Says nothing where it is not that simple.
 */
void usage_why(
	const char *program, const char *name, const char *text, int argc, char *const *argv);
