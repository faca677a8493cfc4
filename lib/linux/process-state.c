/* SPDX-License-Identifier: MIT */
/* What a process inherits; see process-state.h. */
#include "linux/process-state.h"

#include <fcntl.h>
#include <linux/ioprio.h>
#include <linux/keyctl.h>
#include <linux/mempolicy.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "linux/conventions.h"
#include "linux/file-limit.h"

#define STACK	       (8UL << 20)
#define TIMER_SLACK_NS 50000 /* of the kernel's first process */

/* ---- every program ---- */

/* Reading what can only be written fails with EBADF, as of what is closed; and the other way round. */
static void standard_streams(void)
{
	int fd;

	for (fd = 0; fd < 3; fd++) {
		if (fcntl(fd, F_GETFD) < 0 &&
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
			die("cannot open /dev/null: %s", strerror(errno));
	}
}

/* A soft limit is the caller's wish for programs that he does not know; it grows while we run. */
static void stack_room(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_STACK, &l) < 0 || l.rlim_cur >= STACK)
		return;
	l.rlim_cur = l.rlim_max < STACK ? l.rlim_max : STACK;
	(void)setrlimit(RLIMIT_STACK, &l);
}

void process_begin(void)
{
	sigset_t none;

	standard_streams();
	(void)signal(SIGCHLD, SIG_DFL); /* ignored: waitpid(2) would find nobody */
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	stack_room();
}

static int get_capabilities(struct __user_cap_data_struct data[2])
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};

	return syscall(SYS_capget, &head, data) < 0 ? -errno : 0;
}

int process_needs(const struct capability *needed, size_t n, struct diag *d)
{
	struct __user_cap_data_struct data[2];
	size_t i;

	if (get_capabilities(data) < 0)
		return 0;
	for (i = 0; i < n; i++)
		if (!(data[needed[i].number / 32].effective & 1U << needed[i].number % 32))
			return diag_set(d, -EPERM,
				"it needs the capability %s, which it was started without",
				needed[i].name);
	return 0;
}

/* ---- what outlives its caller ---- */

static void close_others(int keep)
{
	unsigned int first = STDERR_FILENO + 1;

	if (keep >= (int)first) {
		if (keep > (int)first)
			(void)close_range(first, (unsigned int)keep - 1, 0);
		first = (unsigned int)keep + 1;
	}
	(void)close_range(first, ~0U, 0);
}

static void default_signals(void)
{
	int sig;

	for (sig = 1; sig < NSIG; sig++)
		if (sig != SIGXFSZ)
			(void)signal(sig, SIG_DFL);
}

static void write_text(const char *path, const char *text)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd >= 0)
		(void)!write(fd, text, strlen(text));
}

static void set_limit(int which, rlim_t soft, rlim_t hard)
{
	struct rlimit l = {.rlim_cur = soft, .rlim_max = hard};

	if (setrlimit((__rlimit_resource_t)which, &l) == 0 ||
		getrlimit((__rlimit_resource_t)which, &l) < 0)
		return;
	if (hard < l.rlim_max)
		l.rlim_max = hard;
	l.rlim_cur = soft < l.rlim_max ? soft : l.rlim_max;
	(void)setrlimit((__rlimit_resource_t)which, &l);
}

/* These depend on the size of the machine. */
static void set_limit_as_first(int which)
{
	struct rlimit l;

	if (prlimit(1, (__rlimit_resource_t)which, NULL, &l) == 0)
		set_limit(which, l.rlim_cur, l.rlim_max);
}

void process_limits(void)
{
	static const struct {
		int which;
		rlim_t soft, hard;
	} usual[] = {
		{RLIMIT_AS, RLIM_INFINITY, RLIM_INFINITY},
		{RLIMIT_CORE, 0, RLIM_INFINITY},
		{RLIMIT_CPU, RLIM_INFINITY, RLIM_INFINITY},
		{RLIMIT_DATA, RLIM_INFINITY, RLIM_INFINITY},
		{RLIMIT_FSIZE, RLIM_INFINITY, RLIM_INFINITY},
		{RLIMIT_LOCKS, RLIM_INFINITY, RLIM_INFINITY},
		{RLIMIT_MEMLOCK, 8 << 20, 8 << 20},
		{RLIMIT_MSGQUEUE, 819200, 819200},
		{RLIMIT_NICE, 0, 0},
		{RLIMIT_NOFILE, 1 << 20, 1 << 20},
		{RLIMIT_RSS, RLIM_INFINITY, RLIM_INFINITY},
		{RLIMIT_RTPRIO, 0, 0},
		{RLIMIT_RTTIME, RLIM_INFINITY, RLIM_INFINITY},
		{RLIMIT_STACK, STACK, RLIM_INFINITY},
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(usual); i++)
		set_limit(usual[i].which, usual[i].soft, usual[i].hard);
	set_limit_as_first(RLIMIT_NPROC);
	set_limit_as_first(RLIMIT_SIGPENDING);
}

/* Rights that programs of ours would keep although they gave theirs up, as dlmgmtd does. */
static void nothing_to_inherit(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (get_capabilities(data) < 0)
		return;
	data[0].inheritable = data[1].inheritable = 0;
	(void)syscall(SYS_capset, &head, data);
}

/* The C library has already looked at the limit. */
static void usual_threads(void)
{
	pthread_attr_t attr;

	if (pthread_attr_init(&attr) != 0)
		return;
	if (pthread_attr_setstacksize(&attr, STACK) == 0)
		(void)pthread_setattr_default_np(&attr);
	(void)pthread_attr_destroy(&attr);
}

void process_calm(void)
{
	const struct sched_param lowest = {0};
	cpu_set_t cpus;

	(void)sched_setscheduler(0, SCHED_OTHER, &lowest);
	(void)setpriority(PRIO_PROCESS, 0, 0);
	if (sched_getaffinity(1, sizeof(cpus), &cpus) == 0)
		(void)sched_setaffinity(0, sizeof(cpus), &cpus);
	(void)syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, 0);
	(void)syscall(SYS_set_mempolicy, MPOL_DEFAULT, NULL, 0);
	(void)prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS, 0, 0, 0);
	(void)prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0);
	(void)personality(PER_LINUX);
	write_text("/proc/self/oom_score_adj", "0");
}

void process_settle(int keep)
{
	process_begin();
	default_signals();
	close_others(keep);
	(void)umask(022);
	if (chdir("/") < 0)
		die("cannot change to the directory /: %s", strerror(errno));
	if (getppid() == 1)
		return;
	process_calm();
	process_limits();
	file_limit_usual();
	usual_threads();
	nothing_to_inherit();
	/* Neither his keys nor his name in the records of audit(8). */
	(void)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	write_text("/proc/self/loginuid", "4294967295");
}
