/* SPDX-License-Identifier: MIT */
/*
 * Doors: synchronous calls between processes, with the interface of illumos
 * (door_create(3C), door_call(3C), door_return(3C), door_info(3C),
 * door_revoke(3C), door_ucred(3C)). Calls return -1 and set errno, as there.
 *
 * Linux: what has no counterpart on illumos is in <door_linux.h>.
 */
#ifndef ZONES_DOOR_H
#define ZONES_DOOR_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <ucred.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef unsigned int uint_t;
typedef unsigned int door_attr_t;
typedef unsigned long long door_ptr_t;
typedef unsigned long long door_id_t;

/* Attributes of a door (door_create) */
#define DOOR_UNREF	     0x01u  /* one special call when references fall to one */
#define DOOR_PRIVATE	     0x02u  /* a server pool of its own (door_bind) */
#define DOOR_UNREF_MULTI     0x10u  /* the special call each time references fall to one */
#define DOOR_REFUSE_DESC     0x40u  /* callers may not pass descriptors */
#define DOOR_NO_CANCEL	     0x80u  /* a client that goes away does not cancel the server thread */
#define DOOR_NO_DEPLETION_CB 0x100u /* door_xcreate: ask for no more threads */
/* Read only, in door_info and on descriptors */
#define DOOR_LOCAL	  0x04u	 /* served by this process */
#define DOOR_REVOKED	  0x08u	 /* revoked, or its server is gone */
#define DOOR_IS_UNREF	  0x20u	 /* an unref condition holds */
#define DOOR_PRIVCREATE	  0x200u /* made by door_xcreate() */
#define DOOR_DEPLETION_CB 0x400u /* to its create function only: no thread is left */
/* Of a door_desc_t */
#define DOOR_DESCRIPTOR 0x10000u /* it holds a descriptor */
#define DOOR_RELEASE	0x40000u /* close the sender's copy after passing it */

#define DOOR_CREATE_MASK                                                                           \
	(DOOR_UNREF | DOOR_PRIVATE | DOOR_UNREF_MULTI | DOOR_REFUSE_DESC | DOOR_NO_CANCEL |        \
		DOOR_NO_DEPLETION_CB | DOOR_PRIVCREATE)
#define DOOR_ATTR_MASK (DOOR_CREATE_MASK | DOOR_LOCAL | DOOR_REVOKED | DOOR_IS_UNREF)

/* A descriptor of no door */
#define DOOR_INVAL (-1)

/* argp of the call that announces an unref condition */
#define DOOR_UNREF_DATA ((void *)1)

/* door_info() on the door that this thread is serving */
#define DOOR_QUERY (-2)

typedef struct door_desc {
	door_attr_t d_attributes; /* DOOR_DESCRIPTOR, with DOOR_RELEASE if wanted */
	union {
		struct {
			int d_descriptor;
			door_id_t d_id; /* unique id of a received door, else 0 */
		} d_desc;
		int d_resv[5];
	} d_data;
} door_desc_t;

/* All members are in/out parameters of door_call(). */
typedef struct door_arg {
	char *data_ptr;	       /* in: argument; out: start of the result */
	size_t data_size;      /* bytes */
	door_desc_t *desc_ptr; /* in: descriptors to pass; out: received descriptors */
	uint_t desc_num;
	char *rbuf;   /* in: buffer for results; out: where they are */
	size_t rsize; /* bytes of rbuf */
} door_arg_t;

typedef struct door_info {
	pid_t di_target;	   /* server process, -1 when it is gone */
	door_ptr_t di_proc;	   /* server procedure */
	door_ptr_t di_data;	   /* its cookie */
	door_attr_t di_attributes; /* of the door */
	door_id_t di_uniquifier;   /* never reused */
	int di_resv[4];
} door_info_t;

typedef void door_server_procedure_t(
	void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc);

/*
 * Makes a door served by proc(cookie, ...). Returns a close-on-exec descriptor.
 * The first door starts the server threads, which grow on demand and block all signals
 * (a program that a procedure spawns wants POSIX_SPAWN_SETSIGMASK). A procedure that returns
 * without door_return() has not answered: its caller gets EINTR.
 * Errors: EINVAL attributes, EMFILE, ENOMEM. Does not block.
 */
int door_create(door_server_procedure_t *proc, void *cookie, uint_t attributes);

/*
 * Calls the door and waits for door_return(). arg may be NULL: no argument, no
 * result. The argument is copied; the server never sees memory that the caller
 * can still change. A result that does not fit rbuf arrives in a new mapping,
 * which the caller munmaps (rbuf, rsize).
 * Errors: EBADF not a door, revoked, or server gone; EINTR signal caught, or the
 * server exited during the call; E2BIG (door_call(3)), EAGAIN, EINVAL, EMFILE, ENFILE, ENOTSUP
 * (descriptors to a DOOR_REFUSE_DESC door), ENOBUFS (door_setparam), EOVERFLOW. Blocks.
 */
int door_call(int fd, door_arg_t *arg);

/*
 * Ends the call that this thread serves and waits for the next one: does not
 * return on success. data and desc_ptr may point into the thread's stack.
 * A thread that serves no call discards the result, closes what DOOR_RELEASE says, and joins the
 * pool that it is bound to (door_bind), else the shared one.
 * Errors: E2BIG (RLIMIT_FSIZE), EFAULT, EINVAL (also: bound to a door that is gone, or no door was made
 * in this process), EMFILE (of the client), ENOMEM (joining).
 */
int door_return(char *data_ptr, size_t data_size, door_desc_t *desc_ptr, uint_t num_desc);

/* Describes a door. fd may be DOOR_QUERY. Errors: EBADF, EFAULT. Does not block. */
int door_info(int fd, door_info_t *info);

/*
 * Ends a door for good: later calls fail with EBADF, calls in progress finish;
 * the descriptor is closed. Errors: EBADF, EPERM not the creator.
 */
int door_revoke(int fd);

/*
 * Credentials of the caller whose request this thread serves, from the kernel,
 * never from the message. *info is allocated when NULL, else reused; free with
 * ucred_free(). Errors: EINVAL no caller, EAGAIN, ENOMEM, EFAULT.
 */
int door_ucred(ucred_t **info);

/* What door_cred() tells. */
typedef struct door_cred {
	uid_t dc_euid;
	gid_t dc_egid;
	uid_t dc_ruid;
	gid_t dc_rgid;
	pid_t dc_pid;
	int dc_resv[4];
} door_cred_t;

/*
 * The older form of door_ucred(): ids of the caller at the call, as this process's namespaces
 * show them. Errors: EINVAL no caller, EFAULT. Does not block.
 */
int door_cred(door_cred_t *info);

/* What a door lets its callers send (door_getparam) */
#define DOOR_PARAM_DESC_MAX 1 /* most descriptors; INT_MAX at first, 0 for DOOR_REFUSE_DESC */
#define DOOR_PARAM_DATA_MAX 2 /* most bytes of an argument; SIZE_MAX at first */
#define DOOR_PARAM_DATA_MIN 3 /* fewest bytes of an argument; 0 at first */

/*
 * Reads and sets a parameter. Calls outside of the bounds fail with ENOBUFS (bytes) or ENFILE
 * (descriptors) and do not reach the server procedure. Only the process that created the door
 * may set them. What one call can carry at all is in <door_linux.h>.
 * Errors: EBADF not a door, revoked, or server gone; EINVAL unknown parameter, or DATA_MIN above
 * DATA_MAX; EFAULT; EPERM not the creator; ERANGE above INT_MAX descriptors; ENOTSUP
 * descriptors for a DOOR_REFUSE_DESC door. door_getparam() of another process's door asks its
 * server and has the errors of door_call(), too. It blocks, door_setparam() does not.
 */
int door_getparam(int fd, int param, size_t *out);
int door_setparam(int fd, int param, size_t value);

/*
 * Pools of server threads. Without a call of door_server_create() the library makes the threads
 * of the shared pool. After one create_proc is called instead, in a server thread that
 * has taken a call when no other thread is left to wait (info NULL: the shared pool; else
 * the door whose private pool it is), and when a pool is first needed, in door_create(). It makes
 * a thread that calls door_return(NULL, 0, NULL, 0), after door_bind() for a private pool.
 * Calls wait for a thread as long as it takes. NULL gives the task back to the library.
 * Returns the former function. A private pool has only the threads that were bound to it.
 */
typedef void door_server_func_t(door_info_t *info);
door_server_func_t *door_server_create(door_server_func_t *create_proc);

/*
 * Binds the calling thread to the private pool of a door of this process, from its next
 * door_return() on; a thread is bound to one pool at most. door_unbind() returns it to
 * the shared pool. Errors: EBADF not a door, revoked (door_bind), not bound (door_unbind);
 * EINVAL not a private door of this process. Neither blocks.
 */
int door_bind(int fd);
int door_unbind(void);

/*
 * A door with a private pool that starts with n_threads threads. create(info, start, arg, cookie)
 * makes a thread that runs start(arg), and returns 1; 0 when it will not, -1 and errno when it
 * cannot. It is called again whenever no thread is left to wait, unless
 * DOOR_NO_DEPLETION_CB. setup(cookie) runs first in each thread; NULL: cancellation is disabled.
 * When the door is gone start() returns. Waits until the first threads have started.
 * Errors: those of door_create(); EINVAL no create, or n_threads below 1; EPIPE create returned 0,
 * its errno for -1 (EAGAIN without one).
 */
typedef int door_xcreate_server_func_t(
	door_info_t *info, void *(*start)(void *), void *arg, void *cookie);
typedef void door_xcreate_thrsetup_func_t(void *cookie);
int door_xcreate(door_server_procedure_t *proc, void *cookie, uint_t attributes,
	door_xcreate_server_func_t *create, door_xcreate_thrsetup_func_t *setup,
	void *create_cookie, int n_threads);

#ifdef __cplusplus
}
#endif
#endif
