/* SPDX-License-Identifier: MIT */
/*
 * What travels between a caller and a server, and how one message is sent and
 * received. Nothing here blocks.
 *
 * A call is one message on the handle: struct door_request, the argument, and as
 * descriptors first the server's end of a reply socket that the caller has just
 * made, then the descriptors that the caller passes. The kernel adds who sent it.
 * The answer is one message on the reply socket: struct door_answer, the result,
 * descriptors. An argument or result above DOOR_DATA_LIMIT is not in the message but in sealed
 * memory (bulk.h), which is the first of the descriptors that are not the reply socket.
 */
#pragma once

#include "linux/util.h"

#include <door_linux.h>
#include <sys/socket.h>

#define DOOR_MAGIC   0x726f6f64u
#define DOOR_VERSION 1u

/* In place of a size: it is that of the sealed memory that comes along. */
#define DOOR_SIZE_BULK UINT32_MAX

enum door_command {
	DOOR_COMMAND_CALL = 1,
	DOOR_COMMAND_PARAMS = 2, /* no argument; the result is struct door_params */
	/* On a connection to a door over a file, with a descriptor of the file: */
	DOOR_COMMAND_OPEN = 3,	 /* the answer brings a handle, as door_open() gets it */
	DOOR_COMMAND_DETACH = 4, /* fdetach(3C) */
	/* With a pidfd of the calling thread; the answer brings the memory of a channel: */
	DOOR_COMMAND_CHANNEL = 5,
	DOOR_COMMAND_PROVE = 6, /* on the socket of a channel: who is calling now */
};

struct door_request {
	uint32_t magic;
	uint16_t version;
	uint16_t command;
	uint32_t size;	 /* bytes of the argument, which follows, or DOOR_SIZE_BULK */
	uint32_t n_desc; /* descriptors that are passed */
};

struct door_answer {
	uint32_t magic;
	uint16_t version;
	uint16_t reserved;
	int32_t error; /* 0, or the errno of door_call(); then nothing follows */
	uint32_t size;
	uint32_t n_desc;
};

/* What a door lets its callers send. */
struct door_params {
	uint64_t data_min, data_max; /* bytes */
	uint32_t desc_max;
	uint32_t reserved;
};

/* The reply socket, sealed memory, and what the caller passes. */
#define WIRE_FDS (DOOR_DESC_LIMIT + 2u)

struct wire_received {
	size_t size;	     /* bytes put into the buffers */
	bool end;	     /* the other side is gone; nothing was received */
	bool cut;	     /* the message was larger than the buffers */
	bool lost;	     /* some descriptors did not arrive */
	bool has_sender;     /* sender is filled */
	struct ucred sender; /* pid and real ids of the sender, from the kernel */
	size_t n_fds;
	int fds[WIRE_FDS]; /* owned by the caller; close-on-exec */
};

/*
 * Sends one message with descriptors (borrowed). Returns 0, -EAGAIN when there is no
 * room now, -EPIPE when nobody is left at the other end, -EMSGSIZE, -EBADF for a
 * descriptor, -ETOOMANYREFS, -ENOTSOCK, ...
 */
int wire_send(int sock, const struct iovec *iov, size_t n_iov, const int *fds, size_t n_fds);

/* Receives one message. Returns 0, -EAGAIN when there is none, -ECONNRESET, ... */
int wire_receive(int sock, struct iovec *iov, size_t n_iov, struct wire_received *ret);

/* Closes an array of descriptors. */
void wire_close(const int *fds, size_t n);
