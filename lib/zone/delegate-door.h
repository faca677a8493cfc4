/* SPDX-License-Identifier: MIT */
/*
 * How an ordinary user of the global zone has something done that his right over a zone (the
 * admin resource, zonecfg(8)) lets him do.
 *
 *	zlogin, zoneadm --[zoned's door]--> zoned	"a delegate for me": a socket comes back
 *	       |                              |
 *	       |                         posix_spawn, with the uid that the kernel told
 *	       |				      v
 *	       +------[socket]------> zone-delegate	what is asked, checked against the rights
 *						      |
 *						  zlogin, zoneadm, as root
 *
 * The socket is SOCK_SEQPACKET. The first message is a struct delegate_request with three
 * descriptors, the streams of what is to run: each a pipe without a name or a terminal. Then the
 * client sends a struct delegate_signal for each signal that it gets. The answer is one struct
 * delegate_end. Who hangs up takes back what he asked for: it gets SIGHUP.
 */
#pragma once

#include <zone.h>

#define DELEGATE_WORDS_MAX 65536 /* bytes of all words */
#define DELEGATE_WORD_MAX  1024	 /* words */
#define DELEGATE_NAME_MAX  64

enum delegate_program {
	DELEGATE_ZONEADM = 1, /* words: the subcommand and what follows it */
	DELEGATE_ZLOGIN,      /* words: the utility and its arguments, may be none */
};

/* Options of zlogin. */
enum delegate_login {
	DELEGATE_CONSOLE = 1 << 0,
	DELEGATE_DISCONNECT = 1 << 1,
	DELEGATE_INTERACTIVE = 1 << 2,
	DELEGATE_NO_STDIN = 1 << 3,
	DELEGATE_QUIET = 1 << 4,
	DELEGATE_SAFE = 1 << 5,
	DELEGATE_PASSWORD = 1 << 6,
	DELEGATE_STANDALONE = 1 << 7,
	DELEGATE_NO_EOF = 1 << 8,
};

struct delegate_request {
	uint32_t program;
	uint32_t login; /* enum delegate_login */
	int32_t escape; /* of zlogin, -1: none */
	uint32_t n_words;
	uint32_t size; /* of words; each ends with its NUL, as the last byte does */
	char zone[ZONENAME_MAX];
	char user[DELEGATE_NAME_MAX];	/* zlogin -l */
	char term[DELEGATE_NAME_MAX];	/* $TERM, may be empty */
	char locale[DELEGATE_NAME_MAX]; /* of the client's messages, may be empty */
	char words[];
};

struct delegate_signal {
	int32_t sig;
};

struct delegate_end {
	int32_t code;	/* exit code of what ran; -1: it did not run */
	char text[508]; /* why it did not */
};
