/* SPDX-License-Identifier: MIT */
/*
 * What the fuzz targets share. An input is a row of messages, each with four bytes before it
 * that say which descriptors go with it and how long it is; so an input can be made of real
 * messages, and a mutation of it is still a row of messages.
 *
 *	first   which descriptor comes first: enum fuzz_first in the low bits, FUZZ_ flags above, and
 *	        in the two highest bits of which kind the next one is
 *	more    how many descriptors follow
 *	length  of the bytes that follow, little endian; more than there are means a message
 *	        larger than anything that can be received
 *
 * Every target sends with system calls of its own to the real functions over real sockets.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FUZZ_FIRST_MASK 7u
#define FUZZ_FLAG_1	8u
#define FUZZ_FLAG_2	16u
#define FUZZ_FLAG_3	32u
#define FUZZ_KIND	64u /* 0: not sealed memory, 1: sealed, 2, 3: sockets */
#define FUZZ_HEAD	4u
#define FUZZ_FDS	72u /* more than a message may carry */
#define FUZZ_HUGE	70000u
#define FUZZ_BULK	65700u /* bytes of the sealed memory, all FUZZ_BULK_BYTE */
#define FUZZ_BULK_BYTE	2

struct fuzz_input {
	const uint8_t *at;
	size_t left;
};

struct fuzz_message {
	uint8_t how; /* the first byte */
	int fds[FUZZ_FDS + 1];
	size_t n_fds;
	uint8_t *bytes; /* until the next message */
	size_t size;
};

/* To be defined by each target. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* Calls fuzz_seed() with inputs made of real messages. */
void fuzz_seeds(void);

/* Of each file of a corpus so many beginnings are run as well; fewer where each takes long. */
extern unsigned int fuzz_beginnings;

/* One byte of the input, 0 at its end. */
uint8_t fuzz_byte(struct fuzz_input *in);

/* Sealed memory as the library sends what is large; kept open. */
int fuzz_bulk(void);

/*
 * The next message. first: what enum fuzz_first of the target means for this message, as
 * descriptors; FD_NONE there leaves it out. The other descriptors are of all kinds. Nothing is
 * to be closed. Returns false at the end of the input.
 */
bool fuzz_next(struct fuzz_input *in, const int first[FUZZ_FIRST_MASK + 1], struct fuzz_message *m);

/* Sends a message. Returns false when the kernel does not take it. Does not block. */
bool fuzz_send(int sock, const struct fuzz_message *m);

/* Receives a real message and puts it after what is in buf. Closes what came with it but ret_fd. */
size_t fuzz_capture(int sock, uint8_t *buf, size_t used, size_t room, uint8_t how, int *ret_fd);
/* Puts a message that nobody sends after what is in buf. Returns what is in it then. */
size_t fuzz_put(
	uint8_t *buf, size_t used, uint8_t how, uint8_t more, const void *bytes, size_t size);
void fuzz_seed(const char *name, const uint8_t *data, size_t size);
extern const char *fuzz_seed_folder; /* where they go */

/* After an input: ends with an error when there are more descriptors than before it, or fewer. */
void fuzz_check_descriptors(void);

/*
 * The same where threads of the library close them in their own time: waits, and allows for a few
 * that are not always there. What an input leaves open adds up.
 */
void fuzz_settle_descriptors(void);

/* A folder of this process for names, removed when it ends. */
const char *fuzz_folder(void);

/* Ends with an error when something is not as it must be. */
void fuzz_assert(bool good, const char *what);
