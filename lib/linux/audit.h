/* SPDX-License-Identifier: MIT */
/*
 * Records for the audit system of the host: what was done to a zone, by whom, and whether it worked.
 * The kernel adds the process that sends the record, with the user who logged in for it.
 */
#pragma once

#include <sys/types.h>

#include "linux/util.h"

enum audit_kind {
	AUDIT_ZONE_STATE,  /* AUDIT_VIRT_CONTROL: a zone is booted, halted and so on */
	AUDIT_ZONE_LOGIN,  /* AUDIT_USER_LOGIN: somebody enters a zone */
	AUDIT_ZONE_CONFIG, /* AUDIT_VIRT_RESOURCE: what a zone may have is changed */
};

/*
 * One record: "op=OP zone=ZONE" and what fmt adds, which consists of words name=value without blanks
 * and quotes in them. Without an audit system there is none. Does not fail: what is asked for is done
 * all the same, and who must not lose records has the kernel see to it.
 */
void audit_record(enum audit_kind kind, const char *op, const char *zone, bool success,
	const char *fmt, ...) _printf_(5, 6);

/*
 * Between these a record finds its library loaded, which else takes longer than the record. One thread calls
 * them, another may make the record meanwhile; neither depends on the other. Nothing fails and nothing blocks
 * longer than the reading of a library does.
 */
void audit_prepare(void);
void audit_release(void);

/* The user who logged in for a process, (uid_t)-1 when nobody did or it cannot be known. */
uid_t audit_loginuid(pid_t pid);

/* From now on this process and those it starts work for that user, unless they did for one already. */
void audit_set_loginuid(uid_t uid);
