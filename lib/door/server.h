/* SPDX-License-Identifier: MIT */
/*
 * The serving side, shared by its files: doors.c (which doors and endpoints there
 * are), serve.c (one event of an endpoint, one call), pool.c and thread.c (server
 * threads), channel-serve.c (calls through shared memory), account.c (limits), unthreaded.c (the caller's event loop), attach.c (names).
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
#include "linux/pidfd.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <sys/queue.h>
#include <sys/stat.h>

/* A set of endpoints that are waited for together: that of the threads, or that of the loop. */
struct poll_set {
	int epoll; /* FD_NONE until the first door */
};

struct account;
struct cred_process;
struct desc_out;
struct served_channel;

enum endpoint_kind {
	ENDPOINT_OWN,	   /* server's end of the handle that door_create() returned */
	ENDPOINT_HANDLE,   /* server's end of a handle that was given away */
	ENDPOINT_LISTENER, /* a name in the file system */
	ENDPOINT_OPENER,   /* connection to a door over a file, which has to prove itself */
	ENDPOINT_CALLER,   /* reply socket of a call that is to be cancelled with its client */
	ENDPOINT_CHANNEL,  /* socket of a channel */
};

struct endpoint {
	LIST_ENTRY(endpoint) link; /* of the door */
	LIST_ENTRY(endpoint) hash; /* by key */
	enum endpoint_kind kind;
	struct door *door;	  /* holds a reference */
	struct poll_set *set;	  /* where it is waited for */
	struct served_call *call; /* ENDPOINT_CALLER: NULL once it has ended */
	uid_t user;		  /* ENDPOINT_OPENER: who opened it */
	struct account *account;  /* HANDLE, OPENER, CHANNEL: whom it is counted for, may be NULL */
	struct served_channel *channel; /* ENDPOINT_CHANNEL, owned */
	LIST_HEAD(, endpoint) channels; /* OWN, HANDLE: those that were opened through it */
	LIST_ENTRY(endpoint) sibling;	/* CHANNEL: in that list, until the handle goes */
	bool removed;
	int fd;		   /* closed with the last reference; borrowed when ENDPOINT_CALLER */
	unsigned int refs; /* the table's, and of threads that handle an event */
	uint64_t key;	   /* never used again, so that a late event finds nothing */
	dev_t dev;	   /* ENDPOINT_LISTENER: the file */
	ino_t ino;
	bool named; /* and it is found by it, through: */
	LIST_ENTRY(endpoint) by_name;
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
	struct poll_set *set;	/* for its calls */
	struct pool *pool;	/* a private one, holds a reference; NULL: shared, or no threads */
	unsigned int refs;	/* endpoints and calls in progress */
	unsigned int others;	/* endpoints beside ENDPOINT_OWN: what unref counts */
	atomic_bool revoked;	/* written with doors_lock */
	atomic_bool has_params; /* params are not what they were at first */
	bool unref_done;	/* DOOR_UNREF has been delivered */
	bool is_unref;
};

/* A call in progress. Lives on the stack of the thread that serves it. */
struct served_call {
	LIST_ENTRY(served_call) link; /* doors_lock */
	struct served_call *outer;    /* call that was current before */
	struct door *door;	      /* holds a reference; NULL: no call */
	struct endpoint *watch;	      /* notices that the client goes away */
	struct endpoint *channel;     /* where it came through, with a reference; NULL: a socket */
	struct account *account;      /* of the client; counts the call while it has begun */
	bool counted;
	bool checked; /* channel: ids are those of now, and of the caller */
	struct pidfd_ids ids;
	int proof;  /* socket that the client of a channel made during the call */
	int reply;  /* FD_NONE: nobody waits for an answer */
	bool unref; /* announcement, not a call */
	bool threaded;
	int cancel_state; /* of the thread, for the procedure */
	bool cancelled;	  /* doors_lock; the thread ends after this call */
	pthread_t thread;
	struct ucred sender; /* of the message: pid, real ids */
	struct ucred peer;   /* of the reply socket: pid, effective ids */
	jmp_buf again;	     /* base of a server thread */
	char *bulk;	     /* a large argument, owned; NULL: it is in data */
	size_t counted_bulk;
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
 * Makes one more handle of a door of this process, counted for an account (takes the
 * reference over, also on failure; NULL: for nobody). Returns 0 or a negative errno.
 */
int door_give_locked(struct door *d, struct account *account, int *ret_fd);

/* The endpoint of an event, with a reference, or NULL when it is gone by now. */
struct endpoint *endpoint_get(uint64_t key);
void endpoint_put(struct endpoint *e);
/* Waits for the next event of the endpoint. */
void endpoint_rearm(struct endpoint *e);
/* Takes the endpoint away. Returns true when that makes its door unreferenced (DOOR_UNREF). */
bool endpoint_remove_locked(struct endpoint *e);

/* Says which file the name of a new ENDPOINT_LISTENER is. */
void endpoint_name_locked(struct endpoint *e, dev_t dev, ino_t ino);

/* The name that is this file, or that is for the door over this file. Returns 0 or -EINVAL. */
int endpoint_find_name_locked(dev_t dev, ino_t ino, struct endpoint **ret);
int endpoint_find_file_locked(dev_t dev, ino_t ino, struct endpoint **ret);

/*
 * --- account.c: what one user may hold of a server ---
 *
 * So that it cannot use up what others need: handles, channels, calls at the same time and the memory
 * of their arguments. Root and the server's own user are not limited and have no account (NULL,
 * which all of these take). All limited users together leave a quarter of the descriptors, and
 * three quarters of the memory.
 */
#define HANDLES_PER_USER  64u
#define HANDLES_PER_ZONE  256u /* all users of a zone together */
#define CHANNELS_PER_USER 64u
#define CHANNELS_PER_ZONE 128u
#define ACCOUNT_UIDS	  65536u /* ids of a zone */
#define CALLS_PER_USER	  64u
#define BULK_PER_USER	  (128ul << 20) /* bytes of large arguments of all users of a zone */
/* The account of a user, with a reference. Returns 0 or -ENOMEM. */
int account_get_locked(uid_t user, struct account **ret);
struct account *account_ref_locked(struct account *a);
void account_put_locked(struct account *a);
/* May this user open one more? */
bool account_may_open_locked(const struct account *a);
/* What the account has: handles and connections, channels. */
void account_handles_locked(struct account *a, int n);
/* One more channel, for the user and the server. Returns false when there are too many. */
bool account_add_channel_locked(struct account *a);
void account_drop_channel_locked(struct account *a);
/* A call begins, unless there are too many, and ends. Want a reference but no lock. */
bool account_begin_call(struct account *a);
void account_end_call(struct account *a);
/* The same for the memory of a large argument. */
bool account_begin_bulk(struct account *a, size_t size);
void account_end_bulk(struct account *a, size_t size);
/* In the child of fork. */
void account_forget(void);

/* --- channel-serve.c --- */

/* Makes a channel for the sender of a request; pidfd: of its thread, taken over. 0 or an errno. */
int served_channel_open(struct endpoint *handle, struct served_call *c, int pidfd);
/* One event of its socket. Like serve_event(). */
enum took served_channel_event(struct endpoint *e, struct served_call *c);
/* No call is taken any more; one in progress finishes. */
void served_channel_void_locked(struct endpoint *e);
/* The same for all that were opened through a handle, which goes. */
void served_channels_of_handle_locked(struct endpoint *handle);
/* The handle does not know the channel any more. */
void served_channel_unlist_locked(struct endpoint *e);
void served_channel_free(struct served_channel *ch);
/* The same in the child of fork, which does not have the memory. */
void served_channel_forget(struct served_channel *ch);
/* Answers the call of c, which came through a channel. Returns 0 or a negative errno. */
int served_channel_answer(struct served_call *c, const void *data, size_t size,
	const struct desc_out *out, int error);
/* From now on the client may go without cancelling the thread. */
void served_channel_unwatch(struct served_call *c);
/* The procedure is over, whether it has answered or not. */
void served_channel_over(struct served_call *c);
/*
 * Waits for the next call: awake for a moment, then asleep for us microseconds, or as long as the
 * channel is in use when the thread is ours. Returns true when c is filled with it.
 */
bool served_channel_next(struct served_call *c, unsigned int us, bool ours);

/* --- channel-stay.c --- */

/* Key of the event that wants this: sends threads away that stay in vain. */
#define KEY_LOOK UINT64_MAX
void served_channels_look(void);
/* In the child of fork. */
void served_channels_forget(void);

/* The thread leaves the channel. Returns true when a call had come in between: c is filled. */
bool served_channel_leave(struct served_call *c);
/* The thread leaves it for good, in the middle of a call perhaps: the channel ends. */
void served_channel_abandon(struct served_call *c);
/*
 * Finds out who calls now: c->checked and c->ids, or c->proof, sender and peer. Returns 0, -EINVAL
 * without a call, -EAGAIN.
 */
int served_channel_identify(struct served_call *c);
struct cred_process *served_channel_process(const struct served_call *c);

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

/*
 * Calls in progress, so that fork finds them; for a thread at a channel that stands from its first
 * call to when it leaves.
 */
void call_begin_locked(struct served_call *c, struct door *d);
void call_end(struct served_call *c);
void call_end_locked(struct served_call *c);
/* The channels that threads are at. */
void calls_each_channel_locked(void (*look)(struct served_channel *ch));
/* It does not count for its account any more, nor does its argument. */
void call_uncount(struct served_call *c);
/* From now on the client may go without cancelling the thread. */
void call_unwatch(struct served_call *c);

/* In the child of fork: closes the server's side of everything. */
void doors_forget(void);

/* --- serve.c --- */

/* Handles one event. Returns TOOK_CALL when c has to be run. Does not block. */
enum took serve_event(uint64_t key, struct served_call *c);

/* Was the first received socket made by the sender? Fills sender and peer of c. */
bool sender_made(struct served_call *c, const struct wire_received *in);

/* Sends a result: data, unless it is in out already, and descriptors. Returns like wire_send(). */
int answer_send(int sock, const void *data, size_t size, const struct desc_out *out);

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
int params_check(const struct door_params *p, size_t size, uint_t n_desc);
/* Parameters of any door. Returns 0, -EBADF, or an errno of door_call(3C). Blocks. */
int params_ask(int fd, struct door_params *ret);

/* The same for a door; takes doors_lock only when there is something to check. */
int params_check_door(struct door *d, size_t size, uint_t n_desc);

/* --- desc.c: descriptors on their way out and in --- */

struct desc_out {
	size_t n;
	int fds[WIRE_FDS];
	bool own[WIRE_FDS]; /* made for this message; closed by desc_out_end() */
	bool bulk;	    /* one of them is the argument or result */
};

/*
 * Makes sealed memory of data that is too large for a message, and adds it. Before what is to be
 * passed. Returns 0, also when there is nothing to do, or an error of bulk_new().
 */
int desc_out_add_bulk(struct desc_out *out, const void *data, size_t size);

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

/*
 * Makes sure that the shared pool can be joined, with threads: that it has one or the program was
 * asked for one; or that the keeper's can serve. Returns 0 or a negative errno.
 */
int pool_start(bool threads);
int pool_start_keeper(void);
/* A private door has been made. */
void pool_created(const door_info_t *info);
/* Where connections and clients that go away are waited for. */
struct poll_set *pool_control_set(void);
/* Where the shared pool waits, NULL when there is none. */
struct poll_set *pool_shared_set(void);
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
