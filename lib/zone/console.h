/* SPDX-License-Identifier: MIT */
/*
 * What goes over the two sockets of a zone's console. Both are SOCK_SEQPACKET, so that a message
 * is read as it was written; its first byte is its kind.
 *
 *	zone's tty -- zsched --[socket pair]-- zoneadmd --[console_sock]-- zlogin -C
 *
 * zsched reads the pty at all times, whether or not anybody listens, and keeps what zoneadmd has
 * not taken (CONSOLE_TAKEN). zoneadmd keeps the log and serves one client at a time. The client's
 * socket is <run>/NAME.console_sock, mode 0600; only root of the global zone is served.
 *
 * In a zone with the attribute zlog-mode the standard streams of init go the same way, and are told apart from the
 * console in one direction only: what comes from the zone is one stream, for the log and for either
 * client. Without "t" in the mode they are pipes that zsched holds; with it they are the console.
 *
 * Linux: on illumos the client's stream is bare bytes, and zoneadmd writes its notices into it,
 * in the client's language. Here they are messages of their own, put into words by zlogin.
 */
#pragma once

#include <zone.h>

#include "linux/util.h"

#define CONSOLE_SOCK_FMT    "/run/zones/%s.console_sock" /* below the prefix, %s the zone */
#define CONSOLE_PATIENCE_MS 1000 /* who takes nothing for so long holds nobody up any more */
#define CONSOLE_CHUNK	    8192 /* data bytes in a message, at most */

/* What zlog-mode says. */
#define STDIO_KNOWN  0x1u /* the zone is live */
#define STDIO_SERVED 0x2u /* it has the attribute */
#define STDIO_TTY    0x4u /* "t" */
#define STDIO_LOG    0x8u /* "g": what it says is in the log */

enum console_kind {
	/* Both ways on both sockets. */
	CONSOLE_DATA = 'D', /* struct console_data and bytes */
	/* Towards the zone. */
	CONSOLE_INPUT =
		'P', /* struct console_data and bytes, for init's standard input; zsched answers TAKEN */
	CONSOLE_EOF = 'E',   /* struct console_data: the end of that; likewise */
	CONSOLE_TAKEN = 'T', /* zoneadmd to zsched: the last CONSOLE_DATA is in the log */
	CONSOLE_SIZE = 'S',  /* struct console_size: the client's window */
	CONSOLE_IDENT = 'I', /* struct console_ident: a client's first message */
	/* Towards the client. */
	CONSOLE_OK = 'O',     /* he is the client now; the answer to IDENT, as BUSY is */
	CONSOLE_BUSY = 'B',   /* struct console_busy */
	CONSOLE_NOTICE = 'N', /* struct console_notice */
	CONSOLE_MODE = 'M',   /* struct console_mode, for who asked for the standard streams */
};

/* What the client is told. */
enum console_event {
	CONSOLE_BOOTING,
	CONSOLE_READIED,
	CONSOLE_REBOOTING,
	CONSOLE_HALTED,
	CONSOLE_BOOT_FAILED,
	CONSOLE_UNINSTALLING,
	CONSOLE_EVENT_COUNT,
};

struct console_data {
	uint8_t kind;
	uint8_t pad[3];
	uint32_t lost; /* bytes that were left out before these, since nobody took them in time */
};

struct console_message {
	struct console_data head;
	char data[CONSOLE_CHUNK];
};

struct console_size {
	uint8_t kind;
	uint8_t pad;
	uint16_t rows, columns;
};

struct console_ident {
	uint8_t kind;
	uint8_t disconnect; /* -d: the connection ends when the zone is halted or does not boot */
	uint8_t again; /* he had a connection, which broke: only what is new, not the last lines */
	uint8_t standalone; /* he wants the standard streams of init */
};

struct console_mode {
	uint8_t kind;
	uint8_t mode; /* STDIO_* */
};

struct console_busy {
	uint8_t kind;
	uint8_t pad[3];
	int32_t pid; /* of the client there is */
};

struct console_notice {
	uint8_t kind;
	uint8_t event;	/* enum console_event */
	uint8_t closes; /* the connection ends with it, on purpose */
	uint8_t pad;
	char bootargs[BOOTARGS_MAX]; /* of BOOTING and REBOOTING, terminated, may be empty */
};

/* The mode that an attribute's text means, "" for none. False: it means nothing. */
static inline bool zlog_mode_parse(const char *text, uint32_t *ret)
{
	*ret = 0;
	if (!*text)
		return true;
	if (strlen(text) < 3 || (text[0] != 'g' && text[0] != '-') ||
		(text[1] != 't' && text[1] != '-') || strspn(text + 2, "-") != strlen(text + 2))
		return false;
	*ret = STDIO_SERVED | (text[0] == 'g' ? STDIO_LOG : 0) | (text[1] == 't' ? STDIO_TTY : 0);
	return true;
}
