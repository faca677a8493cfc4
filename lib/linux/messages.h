/* SPDX-License-Identifier: MIT */
/*
 * What users are told, in their language. The texts in the sources are English and are what the
 * translations in po/ are found by; diag_set() and its like, report_line() of zoneadmd and
 * complain() of the commands look theirs up themselves.
 */
#pragma once

#include <libintl.h>
#include <locale.h>

#include "linux/util.h"

/* At the start of a program: where the translations are, and, for a command, the user's language. */
void messages_init(bool of_user);

/* The translation of a format, which is never empty. What it is formatted with is the caller's to check. */
static inline const char *message(const char *text) __attribute__((format_arg(1)));
static inline const char *message(const char *text)
{
	return *text ? gettext(text) : text;
}

/* Marks a text that message() is given later. */
#define N_(text) text

/*
 * This thread speaks as a client with this locale does, until it is given what came back. For a
 * locale that is not known here, and for that of C, nothing changes.
 */
locale_t messages_as(const char *locale);
void messages_back(locale_t before);
