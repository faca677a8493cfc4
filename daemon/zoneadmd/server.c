/* SPDX-License-Identifier: MIT */
/*
 * The door server; see server.h. Runs on libdoor's threads.
 *
 * A request is looked at in this order: its size, then the caller, then its
 * fields, and only then the lock is taken and the zone's state looked up, fresh
 * for each command. zsched is the "kernel caller": its request counts only while
 * the zone that it speaks of is still the live one, its messages go to the log, and
 * its reply is empty.
 *
 * What no client has to wait for is the main thread's: it loads the library of the audit
 * record while a command works; when the command is over it looks whether the zone still
 * needs us, and a moment later gives memory back.
 *
 * The end: the main thread sets `dying` when the zone is installed after a command, still is
 * some seconds after the start, or is when the last client of its console has left. From then
 * on callers get an empty reply, which tells them to start another zoneadmd. The main thread
 * takes the name away and waits for the door to be unreferenced, so that the last reply is out
 * before the process is gone.
 */
#include "zoneadmd/server.h"

#include <linux/capability.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <time.h>

#include "linux/audit.h"
#include "linux/instance.h"
#include "linux/log.h"
#include "linux/messages.h"
#include "zoneadmd/apply.h"
#include "zoneadmd/command.h"
#include "zoneadmd/console.h"
#include "zoneadmd/init-status.h"
#include "zoneadmd/platform.h"
#include "zoneadmd/shutdown.h"
#include "zoneadmd/state.h"
#include "zoneadmd/trim.h"

#define LINGER_SECONDS 1
#define CLIENT_MS      5000
#define REST_MS	       300

static pthread_mutex_t command_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static sem_t look;	  /* posted for the main thread when a command begins, or it may leave */
static bool dying;	  /* command_lock */
static bool unreferenced; /* command_lock */
static bool shutting;	  /* command_lock: somebody waits for the zone to shut itself down */

static const char *zone_name;
static char door_path[4096];

enum caller {
	CALLER_NOBODY,
	CALLER_ROOT,   /* global root */
	CALLER_ZSCHED, /* this zone's */
};

/* Who calls, as the kernel says. */
struct who {
	enum caller kind;
	pid_t pid;
	uid_t uid;
	uid_t login; /* audit_loginuid() */
};

/* ---- what the actions do ---- */

static int boot_or_halt(struct platform *p, enum zone_state state)
{
	int r = platform_boot(p, state);

	if (r < 0) {
		(void)platform_halt(p, state);
		console_notice(CONSOLE_BOOT_FAILED, NULL);
	}
	return r;
}

static int ready_and_boot(struct platform *p, enum zone_state state)
{
	int r = platform_ready(p, state);

	if (r < 0)
		return r;
	console_notice(CONSOLE_BOOTING, p->bootargs);
	return boot_or_halt(p, state);
}

/* On a platform that is there; one that was left half way is made again. */
static int boot(struct platform *p, enum zone_state state)
{
	int r;

	if (!platform_complete(p)) {
		report_line(p->report, "the zone was left half ready; making it ready again");
		r = platform_halt(p, state);
		return r < 0 ? r : ready_and_boot(p, state);
	}
	console_notice(CONSOLE_BOOTING, p->bootargs);
	return boot_or_halt(p, state);
}

static int ready(struct platform *p, enum zone_state state)
{
	int r = platform_ready(p, state);

	if (r == 0)
		console_notice(CONSOLE_READIED, NULL);
	return r;
}

static int mount(struct platform *p, enum zone_state state)
{
	int r = platform_mount(p, state);

	if (r == 0)
		console_notice(CONSOLE_READIED, NULL);
	return r;
}

static int halt(struct platform *p, enum zone_state state)
{
	int r = platform_halt(p, state);

	if (r == 0)
		console_notice(CONSOLE_HALTED, NULL);
	return r;
}

/* The console is told how it ends: ready, or halted and no more. */
static int halt_and_ready(struct platform *p, enum zone_state state)
{
	int r = platform_halt(p, state);

	if (r < 0)
		return r;
	r = ready(p, state);
	if (r < 0)
		console_notice(CONSOLE_HALTED, NULL);
	return r;
}

static int already_ready(struct platform *p, enum zone_state state)
{
	if (platform_complete(p)) {
		report_line(p->report, "zone is already ready");
		return 0;
	}
	return halt_and_ready(p, state);
}

static int reboot(struct platform *p, enum zone_state state)
{
	int r;

	console_notice(CONSOLE_REBOOTING, p->bootargs);
	r = platform_halt(p, state);
	if (r == 0)
		r = platform_ready(p, state);
	if (r == 0)
		return boot_or_halt(p, state);
	console_notice(CONSOLE_BOOT_FAILED, NULL);
	return r;
}

static int say(struct platform *p, const char *text)
{
	report_line(p->report, "%s", message(text));
	return 0;
}

/* Under the lock. */
static void leave(void)
{
	dying = true;
	unreferenced = false;
	(void)pthread_cond_broadcast(&changed);
	(void)sem_post(&look);
}

/* Enters and leaves with the lock. A halt wakes it by `changed`; else it looks every second. */
static int wait_for_shutdown(struct shutdown *s, struct report *report)
{
	struct timespec until;
	int r;

	while ((r = shutdown_check(s, report)) == SHUTDOWN_WAIT) {
		(void)clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec++;
		(void)pthread_cond_clockwait(&changed, &command_lock, CLOCK_MONOTONIC, &until);
	}
	return r;
}

/*
 * The lock is dropped while the zone is asked and waited for: it goes down by a Z_HALT of zsched,
 * and an operator who does not want to wait may halt it himself.
 */
static int shut_down(struct platform *p, const struct zone_now *now)
{
	struct shutdown s;
	int r;

	if (shutting) {
		report_line(p->report, "shutdown is already in progress");
		return -EALREADY;
	}
	r = shutdown_begin(&s, p, now->uniqid);
	if (r < 0)
		return r;
	shutting = true;
	if (now->state == ZONE_STATE_RUNNING) {
		(void)pthread_mutex_unlock(&command_lock);
		shutdown_ask(&s, p);
		(void)pthread_mutex_lock(&command_lock);
	}
	r = wait_for_shutdown(&s, p->report);
	shutting = false;
	(void)sem_post(&look); /* that of the command was taken while the lock was free */
	return r;
}

static int refuse(struct platform *p, int32_t cmd, enum zone_state state)
{
	report_line(p->report, "%s operation is invalid for zones in state '%s'", command_name(cmd),
		zone_state_str(state));
	return -EINVAL;
}

/* zoned takes down what is its own of a zone whose zsched dies; the rest is left for us. */
static int already_halted(struct platform *p)
{
	int r = platform_remains(p) ? platform_halt(p, ZONE_STATE_DOWN) : 0;

	return r < 0 ? r : say(p, N_("zone is already halted"));
}

static int perform(struct platform *p, const struct zone_now *now, int32_t cmd)
{
	enum command_action action = command_action(now->state, (enum zoneadmd_cmd)cmd);

	switch (action) {
	case ACTION_INVALID:
		return refuse(p, cmd, now->state);
	case ACTION_READY:
		return ready(p, now->state);
	case ACTION_READY_BOOT:
		return ready_and_boot(p, now->state);
	case ACTION_BOOT:
		return boot(p, now->state);
	case ACTION_MOUNT:
		return mount(p, now->state);
	case ACTION_HALT:
		return halt(p, now->state);
	case ACTION_HALT_READY:
		return halt_and_ready(p, now->state);
	case ACTION_REBOOT:
		return reboot(p, now->state);
	case ACTION_SHUTDOWN:
		return shut_down(p, now);
	case ACTION_APPLY:
		return apply_changes(p);
	case ACTION_APPLY_SHOW:
		return apply_show(p);
	case ACTION_UNINSTALLING:
		console_notice(CONSOLE_UNINSTALLING, NULL);
		leave();
		return 0;
	case ACTION_ALREADY_READY:
		return already_ready(p, now->state);
	case ACTION_ALREADY_BOOTED:
		return say(p, N_("zone is already booted"));
	case ACTION_ALREADY_HALTED:
		return already_halted(p);
	case ACTION_ALREADY_UNMOUNTED:
		return say(p, N_("zone is already unmounted"));
	}
	return -EINVAL;
}

/* ---- one command, under the lock ---- */

/* Why zsched calls. */
static void note_init_status(struct report *report, int status)
{
	char text[128];

	init_status_text(status, text, sizeof(text));
	report_note(report, text);
}

/* What changes the zone, or was to: who did it, and did it work? */
static void audit(const struct who *who, int32_t cmd, int result)
{
	if (cmd == Z_APPLY_SHOW || cmd == Z_NOTE_UNINSTALLING)
		return;
	audit_record(AUDIT_ZONE_STATE, command_name(cmd), zone_name, result == 0,
		"caller-pid=%d caller-uid=%u caller-auid=%u", (int)who->pid, who->uid, who->login);
}

static int command_run(const struct zone_cmd_arg *arg, const struct zone_now *now,
	const struct who *who, struct report *report)
{
	struct platform p;
	int32_t cmd;
	int path, r;

	platform_init(&p, zone_name, now->id, report);
	p.bootargs = arg->bootbuf;
	p.debug = arg->debug != 0;
	if (zonepath_open_quick(now->entry.zonepath, &path) == 0) {
		report_open_platform_log(report, path);
		(void)fd_close(path);
	}
	if (who->kind == CALLER_ZSCHED)
		note_init_status(report, arg->status);
	/* the end of its process 1 is that of what it was mounted for */
	cmd = who->kind == CALLER_ZSCHED && now->state == ZONE_STATE_MOUNTED ? Z_UNMOUNT : arg->cmd;
	report_stage(report, command_name(cmd), zone_state_str(now->state));
	r = perform(&p, now, cmd);
	audit(who, cmd, r);
	platform_fini(&p);
	return r;
}

/* Of zsched: only about the zone that lives now, and only while it has processes to speak for. */
static bool upcall_valid(const struct zone_cmd_arg *arg, const struct zone_now *now)
{
	return now->id >= 0 && now->uniqid == arg->uniqid && now->state != ZONE_STATE_READY;
}

static int command_locked(
	const struct zone_cmd_arg *arg, const struct who *who, struct report *report)
{
	struct diag d = {0};
	struct zone_now now;
	int r;

	r = zone_now_get(zone_name, &now, &d);
	if (r < 0)
		return report_diag(report, &d, r, "cannot determine the state of the zone");
	if (who->kind == CALLER_ZSCHED && !upcall_valid(arg, &now)) {
		log_line(LOG_NOTICE, "zone '%s': dropped a late %s of zsched", zone_name,
			command_name(arg->cmd));
		return -ESTALE;
	}
	return command_run(arg, &now, who, report);
}

/* False: the daemon is going away and the caller must start another one. */
static bool command_serve(
	const struct zone_cmd_arg *arg, const struct who *who, struct zone_cmd_rval *ret)
{
	struct report report;
	locale_t before;
	bool served;

	if (who->kind == CALLER_ZSCHED)
		report_init(&report, NULL, 0);
	else
		report_init(&report, ret->errbuf, sizeof(ret->errbuf));
	(void)pthread_mutex_lock(&command_lock);
	served = !dying;
	(void)sem_post(&look);
	before = messages_as(arg->locale);
	if (served)
		ret->rval = command_locked(arg, who, &report) < 0 ? -1 : 0;
	messages_back(before);
	(void)pthread_mutex_unlock(&command_lock);
	report_fini(&report);
	trim_stack();
	return served;
}

/* ---- the door ---- */

static void identify(struct who *ret)
{
	ucred_t *cred = NULL;

	*ret = (struct who){.kind = CALLER_NOBODY};
	if (door_ucred(&cred) < 0)
		return;
	if (ucred_is_zsched(cred, zone_name))
		ret->kind = CALLER_ZSCHED;
	else if (ucred_getzoneid(cred) == GLOBAL_ZONEID && ucred_has_cap(cred, CAP_SYS_ADMIN))
		ret->kind = CALLER_ROOT;
	ret->pid = ucred_getpid(cred);
	ret->uid = ucred_geteuid(cred);
	ret->login = audit_loginuid(ret->pid);
	ucred_free(cred);
}

static bool request_valid(const struct zone_cmd_arg *arg, enum caller caller)
{
	if (!str_terminated(arg->locale, sizeof(arg->locale)) ||
		!str_terminated(arg->bootbuf, sizeof(arg->bootbuf)) || !command_known(arg->cmd))
		return false;
	return caller == CALLER_ROOT || arg->cmd == Z_HALT || arg->cmd == Z_REBOOT;
}

static const struct zone_cmd_rval *refuse_request(struct zone_cmd_rval *ret, const char *why)
{
	ret->rval = -1;
	(void)snprintf(ret->errbuf, sizeof(ret->errbuf), "%s\n", why);
	log_line(LOG_WARNING, "zone '%s': %s", zone_name, why);
	return ret;
}

static void unref(void)
{
	(void)pthread_mutex_lock(&command_lock);
	unreferenced = true;
	(void)pthread_cond_broadcast(&changed);
	(void)pthread_mutex_unlock(&command_lock);
}

/* The reply, or NULL for an empty one. */
static const struct zone_cmd_rval *decide(
	const struct zone_cmd_arg *arg, size_t size, struct zone_cmd_rval *ret)
{
	struct who who;

	if (!arg) /* is anybody there? */
		return NULL;
	if (size != sizeof(*arg))
		return refuse_request(ret, "a request of the wrong size was refused");
	identify(&who);
	if (who.kind == CALLER_NOBODY)
		return refuse_request(ret, "insufficient privileges");
	if (!request_valid(arg, who.kind)) {
		(void)refuse_request(ret, "an invalid request was refused");
		return who.kind == CALLER_ZSCHED ? NULL : ret;
	}
	if (!command_serve(arg, &who, ret) || who.kind == CALLER_ZSCHED)
		return NULL;
	return ret;
}

static void serve(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n_desc)
{
	const struct zone_cmd_rval *answer = NULL;
	struct zone_cmd_rval ret;

	memset(&ret, 0, sizeof(ret));
	if (argp == DOOR_UNREF_DATA)
		unref();
	else
		answer = decide((const void *)argp, size, &ret);
	(void)door_return((char *)answer, answer ? sizeof(*answer) : 0, NULL, 0);
}

/* The thread of the console must not wait for a command. */
static void console_left(void)
{
	(void)sem_post(&look);
}

int server_start(const char *zone, struct diag *d)
{
	int fd, r;

	zone_name = zone;
	(void)sem_init(&look, 0, 0);
	r = console_start(zone, console_left, d);
	if (r < 0)
		return r;
	r = instance_path(door_path, sizeof(door_path), ZONEADMD_DOOR_FMT, zone);
	if (r < 0)
		return diag_errno(d, r, "cannot name the door");
	fd = door_create(serve, NULL, DOOR_UNREF_MULTI | DOOR_REFUSE_DESC | DOOR_NO_CANCEL);
	if (fd < 0)
		return diag_errno(d, -errno, "cannot create a door");
	if (door_attach(fd, door_path, 0600) < 0) {
		r = -errno;
		(void)door_revoke(fd);
		return diag_errno(d, r, "cannot attach the door at '%s'", door_path);
	}
	return 0;
}

/* When there is no zoned to ask, one of which something is there may be live. */
static bool is_live(void)
{
	const struct platform p = {.zone = zone_name};
	zoneid_t id;
	int r = zone_call_lookup(zone_name, &id);

	return r == 0 || (r != -EINVAL && platform_remains(&p));
}

/* A zone that is not live, and whose console nobody looks at, needs no zoneadmd. */
static void leave_if_idle(void)
{
	if (!dying && !console_in_use() && !is_live())
		leave();
}

/*
 * Woken by `look`. Of a command that has just begun there is the end to wait for, which the lock does. Returns
 * whether to leave.
 */
static bool look_around(void)
{
	bool end;

	audit_prepare();
	(void)pthread_mutex_lock(&command_lock);
	leave_if_idle();
	end = dying;
	(void)pthread_mutex_unlock(&command_lock);
	return end;
}

/* False: the time is over. */
static bool wait_ms(long ms)
{
	struct timespec until;
	int r;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	do
		r = sem_clockwait(&look, CLOCK_MONOTONIC, &until);
	while (r < 0 && errno == EINTR);
	return r == 0;
}

/* For `look`. What the last command needed is given back when nobody wants the CPU for it any more. */
static void rest(void)
{
	if (wait_ms(REST_MS))
		return;
	audit_release();
	trim_heap_and_code();
	while (sem_wait(&look) < 0 && errno == EINTR)
		;
}

void server_wait(void)
{
	struct timespec until;

	/*
	 * A client of a zone that is installed either makes a command or takes the console, or is gone soon:
	 * whoever started us may have died before he called.
	 */
	(void)wait_ms(CLIENT_MS);
	while (!look_around()) /* until a command, or the last client of the console, leaves nothing to do */
		rest();
	(void)door_detach(door_path);
	console_stop();
	(void)pthread_mutex_lock(&command_lock);
	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += LINGER_SECONDS;
	while (!unreferenced) {
		if (pthread_cond_clockwait(&changed, &command_lock, CLOCK_MONOTONIC, &until))
			break;
	}
	(void)pthread_mutex_unlock(&command_lock);
}
