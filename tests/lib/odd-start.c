/* SPDX-License-Identifier: MIT */
/*
 * Starts a program as nobody would wish to be started.
 *
 *	odd-start ODDITY[=VALUE]... -- PROGRAM [ARGUMENT]...
 *
 * What a program inherits is what its parent happened to have. Each oddity is one of these things.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define IOPRIO_IDLE (3 << 13)

static const char *empty_name; /* "": argv[0] of the program; and */
static int no_arguments;       /* it gets none at all */

static void check(long r, const char *what)
{
	if (r < 0)
		err(125, "%s", what);
}

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		err(125, "%s", path);
	(void)close(fd);
}

/* A signal's number, or "all" that can be. */
static void odd_ignore(const char *v)
{
	int sig, one = atoi(v);

	for (sig = 1; sig < NSIG; sig++)
		if (!one || sig == one)
			(void)signal(sig, SIG_IGN);
}

static void odd_block(const char *v)
{
	sigset_t set;

	(void)sigfillset(&set);
	check(sigprocmask(SIG_BLOCK, &set, NULL), "sigprocmask");
}

/* NUMBER:SOFT[:HARD], in the numbers of the kernel; -1 is none. */
static void odd_limit(const char *v)
{
	int which;
	long long soft, hard;
	int n = sscanf(v, "%d:%lld:%lld", &which, &soft, &hard);
	struct rlimit l;

	if (n < 2)
		errx(125, "limit=%s", v);
	check(getrlimit((unsigned int)which, &l), v);
	l.rlim_cur = (rlim_t)soft;
	if (n == 3)
		l.rlim_max = (rlim_t)hard;
	check(setrlimit((unsigned int)which, &l), v);
}

static void odd_umask(const char *v)
{
	(void)umask((mode_t)strtol(v, NULL, 8));
}

/* A directory that is not there any more. */
static void odd_nowhere(const char *v)
{
	char path[] = "/tmp/odd-start.XXXXXX";

	if (!mkdtemp(path) || chdir(path) < 0 || rmdir(path) < 0)
		err(125, "%s", path);
}

static void odd_cwd(const char *v)
{
	check(chdir(v), v);
}

/* Up to this number all descriptors are open: on the root directory, a way out of any zone. */
static void odd_open(const char *v)
{
	int last = atoi(v), fd;

	do
		fd = open("/", O_RDONLY | O_DIRECTORY);
	while (fd >= 0 && fd < last);
	check(fd, "open");
}

/* Digits. */
static void odd_close(const char *v)
{
	for (; *v; v++)
		(void)close(*v - '0');
}

static void odd_session(const char *v)
{
	(void)setsid();
}

static void odd_nice(const char *v)
{
	check(setpriority(PRIO_PROCESS, 0, atoi(v)), "nice");
}

/* The number of a policy. */
static void odd_sched(const char *v)
{
	int policy = atoi(v);
	struct sched_param p = {
		.sched_priority = policy == SCHED_FIFO || policy == SCHED_RR ? 1 : 0};

	/* A host may have no realtime to give. */
	(void)sched_setscheduler(0, policy, &p);
}

/* Only the first processor that there is. */
static void odd_cpu(const char *v)
{
	cpu_set_t set;
	int cpu = 0;

	check(sched_getaffinity(0, sizeof(set), &set), "sched_getaffinity");
	while (!CPU_ISSET(cpu, &set))
		cpu++;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	check(sched_setaffinity(0, sizeof(set), &set), "sched_setaffinity");
}

static void odd_ioprio(const char *v)
{
	check(syscall(SYS_ioprio_set, 1, 0, IOPRIO_IDLE), "ioprio_set");
}

static void odd_oom(const char *v)
{
	write_text("/proc/self/oom_score_adj", v);
}

static void odd_slack(const char *v)
{
	check(prctl(PR_SET_TIMERSLACK, atol(v), 0, 0, 0), "timer slack");
}

static void odd_personality(const char *v)
{
	check(personality(strtoul(v, NULL, 16)), "personality");
}

/* Where audit lets it be set. */
static void odd_login(const char *v)
{
	int fd = open("/proc/self/loginuid", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)!write(fd, v, strlen(v));
	(void)close(fd);
}

static void odd_keyring(const char *v)
{
	(void)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, "odd");
}

static void odd_nonewprivs(const char *v)
{
	check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
}

/* System calls of some number fail with ENOSYS. */
static void odd_seccomp(const char *v)
{
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)atoi(v), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 38),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog p = {.len = sizeof(f) / sizeof(f[0]), .filter = f};

	check(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p, 0, 0), "seccomp");
}

/* A capability that is gone for good. */
static void odd_without(const char *v)
{
	check(prctl(PR_CAPBSET_DROP, atoi(v), 0, 0, 0), "capability");
}

/* All capabilities are ambient and inheritable. */
static void odd_ambient(const char *v)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];
	int cap;

	check(syscall(SYS_capget, &head, data), "capget");
	data[0].inheritable = data[0].permitted;
	data[1].inheritable = data[1].permitted;
	check(syscall(SYS_capset, &head, data), "capset");
	for (cap = 0; cap < 64; cap++)
		(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0);
}

static void odd_securebits(const char *v)
{
	check(prctl(PR_SET_SECUREBITS, strtoul(v, NULL, 16), 0, 0, 0), "securebits");
}

static void odd_chroot(const char *v)
{
	if (chroot(v) < 0 || chdir("/") < 0)
		err(125, "%s", v);
}

/* NAME=VALUE */
static void odd_env(const char *v)
{
	(void)putenv((char *)v);
}

static void odd_noenv(const char *v)
{
	(void)clearenv();
}

static void odd_name(const char *v)
{
	empty_name = v;
}

static void odd_argc(const char *v)
{
	no_arguments = 1;
}

static const struct {
	const char *name;
	void (*make)(const char *value);
} oddities[] = {
	{"ignore", odd_ignore},
	{"block", odd_block},
	{"limit", odd_limit},
	{"umask", odd_umask},
	{"nowhere", odd_nowhere},
	{"cwd", odd_cwd},
	{"open", odd_open},
	{"close", odd_close},
	{"session", odd_session},
	{"nice", odd_nice},
	{"sched", odd_sched},
	{"cpu", odd_cpu},
	{"ioprio", odd_ioprio},
	{"oom", odd_oom},
	{"slack", odd_slack},
	{"personality", odd_personality},
	{"login", odd_login},
	{"keyring", odd_keyring},
	{"nonewprivs", odd_nonewprivs},
	{"seccomp", odd_seccomp},
	{"without", odd_without},
	{"ambient", odd_ambient},
	{"securebits", odd_securebits},
	{"chroot", odd_chroot},
	{"env", odd_env},
	{"noenv", odd_noenv},
	{"name", odd_name},
	{"argc", odd_argc},
};

static void make(char *word)
{
	char *value = strchr(word, '=');
	size_t i;

	if (value)
		*value++ = '\0';
	for (i = 0; i < sizeof(oddities) / sizeof(oddities[0]); i++) {
		if (strcmp(oddities[i].name, word) == 0) {
			oddities[i].make(value ? value : "");
			return;
		}
	}
	errx(125, "unknown oddity '%s'", word);
}

/* It is found as here, whatever PATH it gets. */
static const char *find_program(const char *name)
{
	static char file[4096];
	char *path = getenv("PATH"), *dir, *rest = path ? strdup(path) : NULL;

	while (!strchr(name, '/') && (dir = strsep(&rest, ":"))) {
		(void)snprintf(file, sizeof(file), "%s/%s", dir, name);
		if (access(file, X_OK) == 0)
			return file;
	}
	return name;
}

int main(int argc, char **argv)
{
	char *none[] = {NULL};
	const char *program;
	int i, end = 1;

	while (end < argc && strcmp(argv[end], "--") != 0)
		end++;
	if (end + 1 >= argc)
		errx(125, "no program");
	program = find_program(argv[end + 1]);
	for (i = 1; i < end; i++)
		make(argv[i]);
	if (empty_name)
		argv[end + 1] = (char *)empty_name;
	(void)execv(program, no_arguments ? none : argv + end + 1);
	(void)dprintf(2, "odd-start: %s: %s\n", program, strerror(errno));
	return 126;
}
