/* SPDX-License-Identifier: MIT */
/*
 * The serving side, shared by its files: doors.c (which doors and endpoints there
 * are), serve.c (one event of an endpoint, one call), pool.c and thread.c (server
 * threads), unthreaded.c (the caller's event loop), attach.c (names).
 *
 * Locks, in the order they are taken:
 *   fork_guard (fork.c)  held for reading while a reply socket has two ends in this process
 *   doors_lock           doors, their parameters, endpoints, names, calls in progress
 *   pool lock (pool.c)   counts of threads
 * None is held over a system call that can wait, or over a server procedure.
 */
#pragma once

#include "door/handle.h"
#include "door/stat.h"
#include "door/wire.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <sys/queue.h>
#include <sys/stat.h>

/* A set of endpoints that are waited for together: that of the threads, or that of the loop. */
struct poll_set {
	int epoll; /* FD_NONE until the first door */
};

enum endpoint_kind {
	ENDPOINT_OWN,	   /* server's end of the handle that door_create() returned */
	ENDPOINT_HANDLE,   /* server's end of a handle that was given away */
	ENDPOINT_LISTENER, /* a name in the file system */
	ENDPOINT_OPENER,   /* connection to a door over a file, which has to prove itself */
	ENDPOINT_CALLER,   /* reply socket of a call that is to be cancelled with its client */
};

struct endpoint {
	LIST_ENTRY(endpoint) link; /* of the door */
	LIST_ENTRY(endpoint) hash; /* by key */
	enum endpoint_kind kind;
	struct door *door;	  /* holds a reference */
	struct poll_set *set;	  /* where it is waited for */
	struct served_call *call; /* ENDPOINT_CALLER: NULL once it has ended */
	uid_t user;		  /* ENDPOINT_HANDLE, OPENER: who opened it; 0 when passed */
	bool removed;
	int fd;		   /* closed with the last reference; borrowed when ENDPOINT_CALLER */
	unsigned int refs; /* the table's, and of threads that handle an event */
	uint64_t key;	   /* never used again, so that a late event finds nothing */
	dev_t dev;	   /* ENDPOINT_LISTENER: the file */
	ino_t ino;
	int file;	/* LISTENER: the file that the door is over, kept open, or FD_NONE */
	dev_t file_dev; /* LISTENER, OPENER */
	ino_t file_ino;
	atomic_bool detached; /* ENDPOINT_LISTENER: to be ended at the next event */
};

struct door {
	LIST_ENTRY(door) link;
	LIST_HEAD(, endpoint) endpoints;
	struct handle_name name;
	struct door_params params;
	struct stat_door *stat; /* what doorstat(8) sees, never NULL */
	door_server_procedure_t *proc;
	void *cookie;
	struct poll_set *set; /* for its calls */
	struct pool *pool;    /* a private one, holds a reference; NULL: shared, or no threads */
	unsigned int refs;    /* endpoints and calls in progress */
	unsigned int others;  /* endpoints beside ENDPOINT_OWN: what unref counts */
	bool revoked;
	bool unref_done; /* DOOR_UNREF has been delivered */
	bool is_unref;
};

/* A call in progress. Lives on the stack of the thread that serves it. */
struct served_call {
	LIST_ENTRY(served_call) link; /* doors_lock */
	struct served_call *outer;    /* call that was current before */
	struct door *door;	      /* holds a reference; NULL: no call */
	struct endpoint *watch;	      /* notices that the client goes away */
	int reply;		      /* FD_NONE: nobody waits for an answer */
	bool unref;		      /* announcement, not a call */
	bool threaded;
	int cancel_state; /* of the thread, for the procedure */
	bool cancelled;	  /* doors_lock; the thread ends after this call */
	pthread_t thread;
	struct ucred sender; /* of the message: pid, real ids */
	struct ucred peer;   /* of the reply socket: pid, effective ids */
	jmp_buf again;	     /* base of a server thread */
	size_t size;
	uint_t n_desc;
	door_desc_t desc[DOOR_DESC_LIMIT];
	struct door_request request;
	struct door_params params; /* asked for */
	struct stat_call stat;
	char data[DOOR_DATA_LIMIT] __attribute__((aligned(16)));
};

enum took {
	TOOK_NOTHING,
	TOOK_CALL, /* the call is filled and has to be run */
};

/* The call that this thread serves, NULL when none. */
extern _Thread_local struct served_call *served_call_current;

extern pthread_mutex_t doors_lock;

/* --- doors.c. Functions ending in _locked want doors_lock held. --- */

/* May a door be created with these attributes? */
bool door_attributes_valid(door_attr_t attributes);

int poll_set_init(struct poll_set *set);
/* Takes over a reference to pool (may be NULL), also on failure. */
int door_new(struct poll_set *set, struct pool *pool, door_server_procedure_t *proc, void *cookie,
	door_attr_t attributes, int *ret_fd);
/* Fills info with what door_info(3C) tells of a door of this process. Takes doors_lock. */
void door_describe(const struct door *d, door_info_t *info);

/* The door that the client's end fd belongs to, NULL when this process does not serve it. */
struct door *door_find_locked(int fd, const struct handle_name *name);

void door_unref_locked(struct door *d);

/*
 * Adds an endpoint and begins to wait for it. Takes over fd, also on failure (but not
 * that of ENDPOINT_CALLER). Returns 0 or a negative errno.
 */
int endpoint_add_locked(struct door *d, enum endpoint_kind kind, int fd, struct endpoint **ret);

/*
 * Makes one more handle of a door of this process, counted for user (0: for nobody).
 * Returns 0 or a negative errno.
 */
int door_give_locked(struct door *d, uid_t user, int *ret_fd);

/*
 * What one user may hold of a server, so that it cannot use up what others need: handles,
 * and calls at the same time. Root and the server's own user are not limited. All limited
 * users together leave a quarter of the descriptors.
 */
#define HANDLES_PER_USER 64u
#define HANDLES_PER_ZONE 256u	/* all users of a zone together */
#define ACCOUNT_UIDS	 65536u /* ids of a zone */
#define CALLS_PER_USER	 64u
bool limit_handles_locked(uid_t user);
bool limit_calls_locked(uid_t user);

/* The endpoint of an event, with a reference, or NULL when it is gone by now. */
struct endpoint *endpoint_get(uint64_t key);
void endpoint_put(struct endpoint *e);
/* Waits for the next event of the endpoint. */
void endpoint_rearm(struct endpoint *e);
/* Takes the endpoint away. Returns true when that makes its door unreferenced (DOOR_UNREF). */
bool endpoint_remove_locked(struct endpoint *e);

/* The name that is this file, or that is for the door over this file. Returns 0 or -EINVAL. */
int endpoint_find_name_locked(dev_t dev, ino_t ino, struct endpoint **ret);
int endpoint_find_file_locked(dev_t dev, ino_t ino, struct endpoint **ret);

/* --- attach.c --- */

/*
 * Names a door of this process, below a directory. file (borrowed, FD_NONE for none) and st: the
 * file that the door is to be over. Returns 0 or a negative errno.
 */
int name_attach(int dir, const char *name, int fd, mode_t mode, int file, const struct stat *st);
/* Ends the name of the door over a file. Returns false when this process has none. */
bool name_detach_file(dev_t dev, ino_t ino);

/* --- fattach.c --- */

/* Removes the name that this process's user has for a file. */
void fattach_remove_name(dev_t dev, ino_t ino);

/* Calls in progress, so that fork and revoke find them. */
void call_begin_locked(struct served_call *c, struct door *d);
void call_end(struct served_call *c);
/* From now on the client may go without cancelling the thread. */
void call_unwatch(struct served_call *c);

/* In the child of fork: closes the server's side of everything. */
void doors_forget(void);

/* --- serve.c --- */

/* Handles one event. Returns TOOK_CALL when c has to be run. Does not block. */
enum took serve_event(uint64_t key, struct served_call *c);

/* Runs the server procedure of a call that was taken. */
void serve_run(struct served_call *c);

/* Answers the call of this thread. Returns 0 or a negative errno, -EINVAL without a call. */
int serve_answer(
	struct served_call *c, const void *data, size_t size, const door_desc_t *desc, uint_t n);

/* Answers with an error and drops what was passed. */
void serve_refuse(struct served_call *c, int error);

/* --- param.c --- */

void params_init(struct door_params *p, door_attr_t attributes);
/* Does a request keep to the parameters? Returns 0, -ENOBUFS, -ENFILE. */
int params_check(const struct door_params *p, const struct door_request *q);
/* Parameters of any door. Returns 0, -EBADF, or an errno of door_call(3C). Blocks. */
int params_ask(int fd, struct door_params *ret);

/* --- desc.c: descriptors on their way out and in --- */

struct desc_out {
	size_t n;
	int fds[WIRE_FDS];
	bool own[WIRE_FDS]; /* made for this message; closed by desc_out_end() */
};

/*
 * Adds what is to be passed. A door of this process goes out as a handle of its
 * own, so that its receivers neither disturb each other nor escape the count of
 * references. Returns 0, -ENFILE too many, -EINVAL not a descriptor, -EMFILE.
 */
int desc_out_add(struct desc_out *out, const door_desc_t *desc, uint_t n);
void desc_out_end(struct desc_out *out);
/* Closes what DOOR_RELEASE gives away. */
void desc_release(const door_desc_t *desc, uint_t n);
/* Closes descriptors that were received and are not wanted. */
void desc_close(const door_desc_t *desc, uint_t n);
/* Describes received descriptors. */
void desc_describe(door_desc_t *desc, const int *fds, size_t n);

/* --- pool.c; more in pool.h --- */

/* Makes sure that the shared pool, or the keeper's, can serve. Returns 0 or a negative errno. */
int pool_start(void);
int pool_start_keeper(void);
/* A private door has been made. */
void pool_created(const door_info_t *info);
/* Where connections and clients that go away are waited for. */
struct poll_set *pool_control_set(void);
/* The door of a private pool is gone: its threads come back from door_return(3C). */
void pool_close(struct pool *p);
/* Where to show how many threads a private pool has. */
void pool_show(struct pool *p, struct stat_door *stat);
void pool_get(struct pool *p);
void pool_put(struct pool *p); /* may be NULL */
/* In the child of fork: drops a private pool (may be NULL) whose threads are the parent's. */
void pool_abandon(struct pool *p);
void pool_forget(void);
void pool_lock_for_fork(void);
void pool_unlock_after_fork(void);

/* --- unthreaded.c --- */

extern struct poll_set loop_set;

/* --- fork.c --- */

/* Between these two a fork() in another thread waits. */
void fork_guard_enter(void);
void fork_guard_leave(void);
