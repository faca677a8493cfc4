/* SPDX-License-Identifier: MIT */
/* The table of zones: names, roots, ids, references; the status machine. */
#include "zoned/zone-impl.h"

#include "linux/clock.h"
#include "linux/log.h"

#include <door.h>
#include <fcntl.h>
#include <sched.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/wait.h>

#include <cmocka.h>

static struct zone *new_zone(const char *name, const char *root)
{
	struct zone *z;

	assert_int_equal(zone_new(&z), 0);
	(void)str_copy(z->name, sizeof(z->name), name);
	(void)str_copy(z->root, sizeof(z->root), root);
	return z;
}

static struct zone *add_zone(const char *name, const char *root)
{
	struct zone *z = new_zone(name, root);

	assert_int_equal(zone_table_add(z, NULL), 0);
	return z;
}

static int try_add(const char *name, const char *root)
{
	struct zone *z = new_zone(name, root);
	int r = zone_table_add(z, NULL);

	if (r == 0)
		(void)zone_table_remove(z);
	else
		zone_free(z);
	return r;
}

static struct zone *held;

/* ---- the log ---- */

static bool table_waited; /* a call had to wait while something was logged */

void __real_log_line(int priority, const char *fmt, ...);
void __wrap_log_line(int priority, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void *look_into_table(void *arg)
{
	zone_rele(
		zone_hold_by_id(GLOBAL_ZONEID, ZONE_IS_UNINITIALIZED, ZONE_IS_FREE, ZONE_REF_CALL),
		ZONE_REF_CALL);
	(void)sem_post(arg);
	return NULL;
}

/* A log that is slow: it goes on when a call of another thread is done, or does not come to it. */
void __wrap_log_line(int priority, const char *fmt, ...)
{
	static sem_t done;
	struct timespec end = clock_in_ms(5000);
	char line[512];
	pthread_t thread;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	(void)sem_init(&done, 0, 0);
	assert_int_equal(pthread_create(&thread, NULL, look_into_table, &done), 0);
	if (sem_clockwait(&done, CLOCK_MONOTONIC, &end) < 0)
		table_waited = true;
	(void)pthread_detach(thread);
	__real_log_line(priority, "%s", line);
}

static int set_up(void **state)
{
	zone_status_init();
	return zone_table_init();
}

static void test_global_zone(void **state)
{
	struct zone *z =
		zone_hold_by_id(GLOBAL_ZONEID, ZONE_IS_RUNNING, ZONE_IS_RUNNING, ZONE_REF_CALL);

	assert_non_null(z);
	assert_string_equal(z->name, "global");
	zone_rele(z, ZONE_REF_CALL);
	assert_int_equal(try_add("global", "/x"), -EEXIST);
}

static void test_names_and_roots(void **state)
{
	struct zone *web = add_zone("web", "/zones/web/root");

	assert_int_equal(try_add("web", "/zones/other"), -EBUSY); /* uninitialized */
	assert_true(zone_status_advance(web, ZONE_IS_READY));
	assert_int_equal(try_add("web", "/zones/other"), -EEXIST);
	assert_true(zone_status_advance(web, ZONE_IS_DYING));
	assert_int_equal(try_add("web", "/zones/other"), -EBUSY);
	assert_int_equal(try_add("db", "/zones/web/root"), -EBUSY);
	assert_int_equal(try_add("db", "/zones/web/root/inner"), -EBUSY);
	assert_int_equal(try_add("db", "/zones/web"), -EBUSY);
	assert_int_equal(try_add("db", "/zones"), -EBUSY);
	assert_int_equal(try_add("db", "/zones/web/root2"), 0);
	assert_int_equal(try_add("db", "/zones/we"), 0);
	(void)zone_table_remove(web);
	assert_int_equal(try_add("web", "/zones/web/root"), 0);
}

static void test_ids(void **state)
{
	struct zone *a = add_zone("a", "/a"), *b = add_zone("b", "/b"), *c;
	zoneid_t id = a->id;
	uint64_t uniqid = b->uniqid;
	int i;

	assert_int_equal(b->id, a->id + 1);
	assert_true(b->uniqid > a->uniqid);
	assert_int_equal(b->uid_base, 0x50000000u + (uint32_t)b->id * 65536u);
	(void)zone_table_remove(a);
	c = add_zone("c", "/c");
	assert_int_equal(c->id, b->id + 1);
	assert_true(c->uniqid > uniqid);
	(void)zone_table_remove(c);
	/* All the way round: everything but b's id comes once, the first one only at the end. */
	for (i = 1; i < MAX_ZONEID; i++) {
		c = add_zone("c", "/c");
		assert_true(c->id > 0 && c->id <= MAX_ZONEID && c->id != b->id);
		if (i < MAX_ZONEID - 2)
			assert_int_not_equal(c->id, id);
		(void)zone_table_remove(c);
	}
	(void)zone_table_remove(b);
}

/* As many as there can be, and one more; ids only, no processes. */
static void test_the_most_zones(void **state)
{
	static struct zone *all[MAX_ZONES];
	char name[ZONENAME_MAX], root[ZONEROOT_MAX];
	int i;

	for (i = 1; i < MAX_ZONES; i++) {
		(void)snprintf(name, sizeof(name), "z%d", i);
		(void)snprintf(root, sizeof(root), "/z%d", i);
		all[i] = add_zone(name, root);
	}
	assert_int_equal(try_add("more", "/more"), -ENOMEM);
	i = all[4711]->id;
	(void)zone_table_remove(all[4711]);
	all[4711] = add_zone("more", "/more"); /* the only id that is free */
	assert_int_equal(all[4711]->id, i);
	assert_int_equal(try_add("again", "/again"), -ENOMEM);
	for (i = 1; i < MAX_ZONES; i++)
		(void)zone_table_remove(all[i]);
}

/* A user namespace of a process that waits. */
static pid_t start_namespace(int *ret_fd)
{
	char path[64], byte;
	int ready[2];
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWUSER) < 0 || write(ready[1], "", 1) != 1)
			_exit(1);
		(void)pause();
		_exit(0);
	}
	(void)close(ready[1]);
	if (read(ready[0], &byte, 1) == 1) {
		(void)snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
		*ret_fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	(void)close(ready[0]);
	return pid;
}

static void end_namespace(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

static void test_ids_rest(void **state)
{
	struct zone *a = add_zone("a", "/a"), *b;
	int userns = -1, i;
	zoneid_t id = a->id;
	pid_t pid = start_namespace(&userns);

	if (userns >= 0)
		zone_ids_take(a, userns);
	(void)zone_table_remove(a);
	(void)fd_close(userns);
	if (!zone_ids_rest(id)) {
		end_namespace(pid);
		skip(); /* no user namespaces, or no handles of them */
	}
	/* All the way round, and never that one; the one time that is logged. */
	for (i = 0; i < MAX_ZONEID; i++) {
		b = add_zone("b", "/b");
		assert_int_not_equal(b->id, id);
		(void)zone_table_remove(b);
	}
	assert_false(table_waited);
	end_namespace(pid);
	for (i = 0; zone_ids_rest(id) && i < 10000; i++)
		(void)usleep(1000);
	assert_false(zone_ids_rest(id));
}

/* Nothing is free where every id has a namespace that lives; that is no lack of room for zones. */
static void test_all_ids_rest(void **state)
{
	int userns = -1;
	pid_t pid = start_namespace(&userns);
	struct zone *z = new_zone("gone", "/gone");

	if (userns < 0)
		skip();
	for (z->id = 1; z->id <= MAX_ZONEID; z->id++)
		zone_ids_take(z, userns);
	zone_free(z);
	(void)fd_close(userns);
	if (!zone_ids_rest(1)) {
		end_namespace(pid);
		skip(); /* a kernel that does not tell */
	}
	assert_int_equal(try_add("web", "/z/web"), -ENFILE);
	end_namespace(pid);
	while (zone_ids_rest(MAX_ZONEID) || zone_ids_rest(1))
		(void)usleep(1000);
	assert_int_equal(try_add("web", "/z/web"), 0);
}

static void count_dead(const struct zone_dead *dead, void *arg)
{
	struct zone_dead *last = arg;

	*last = *dead;
}

/* A zone that is gone while somebody has credentials of it; they hold up nothing but the id. */
static void test_deathrow(void **state)
{
	struct zone *z = add_zone("web", "/web");
	struct zone_dead dead = {0};
	uint64_t uniqid = z->uniqid;
	zoneid_t id = z->id;

	zone_cred_hold(id);
	zone_cred_hold(id);
	zone_ids_take(z, FD_NONE);
	zone_deathrow_walk(count_dead, &dead);
	assert_int_equal(dead.id, 0); /* it lives */
	assert_int_equal(zone_table_remove(z), 0);
	zone_deathrow_walk(count_dead, &dead);
	assert_int_equal(dead.id, id);
	assert_true(dead.uniqid == uniqid && dead.destroyed > 0 && !dead.userns);
	assert_int_equal(dead.creds, 2);
	assert_string_equal(dead.name, "web");
	assert_true(zone_ids_rest(id));
	zone_cred_rele(id);
	assert_true(zone_ids_rest(id));
	zone_cred_rele(id);
	assert_false(zone_ids_rest(id));
	dead.id = 0;
	zone_deathrow_walk(count_dead, &dead);
	assert_int_equal(dead.id, 0);
	zone_cred_hold(GLOBAL_ZONEID); /* not counted; nor is one that nobody knows */
	zone_cred_hold(-1);
	zone_cred_hold(MAX_ZONEID + 1);
	assert_int_equal(zone_cred_count(GLOBAL_ZONEID) + zone_cred_count(-1), 0);
}

static void test_restore(void **state)
{
	struct zone *z = new_zone("old", "/old"), *twin = new_zone("old", "/elsewhere"), *next;

	z->id = 300;
	z->uniqid = UINT64_MAX - 10; /* of a clock that was set back since */
	z->status = ZONE_IS_RUNNING;
	assert_int_equal(zone_table_restore(z), 0);
	twin->id = 301;
	assert_int_equal(zone_table_restore(twin), -EEXIST);
	(void)str_copy(twin->name, sizeof(twin->name), "new");
	twin->id = 300;
	assert_int_equal(zone_table_restore(twin), -EEXIST);
	zone_free(twin);
	next = add_zone("next", "/next");
	assert_true(next->uniqid > z->uniqid);
	(void)zone_table_remove(next);
	(void)zone_table_remove(z);
}

static void test_holds(void **state)
{
	struct zone *z = add_zone("web", "/web");

	assert_null(zone_hold_by_name("web", ZONE_IS_READY, ZONE_IS_DOWN));
	(void)zone_status_advance(z, ZONE_IS_READY);
	assert_ptr_equal(zone_hold_by_name("web", ZONE_IS_READY, ZONE_IS_DOWN), z);
	assert_ptr_equal(zone_hold_by_id(z->id, ZONE_IS_READY, ZONE_IS_READY, ZONE_REF_DLS), z);
	assert_int_equal(z->refs, 2);
	assert_int_equal(z->subsys_refs[ZONE_REF_DLS], 1);
	zone_rele(z, ZONE_REF_DLS);
	zone_rele(z, ZONE_REF_CALL);
	assert_null(zone_hold_by_name("none", ZONE_IS_UNINITIALIZED, ZONE_IS_DEAD));
	assert_null(zone_hold_by_id(-1, ZONE_IS_UNINITIALIZED, ZONE_IS_DEAD, ZONE_REF_CALL));
	(void)zone_table_remove(z);
}

static void *let_go_later(void *arg)
{
	(void)usleep(50000);
	zone_rele(arg, ZONE_REF_DLS);
	return NULL;
}

static void test_remove_waits_for_holders(void **state)
{
	struct zone *z = add_zone("web", "/web");
	pthread_t thread;

	zone_hold(z, ZONE_REF_DLS);
	assert_int_equal(pthread_create(&thread, NULL, let_go_later, z), 0);
	(void)zone_table_remove(z);
	(void)pthread_join(thread, NULL);
	assert_int_equal(try_add("web", "/web"), 0);
}

/* ---- a caller that goes away ---- */

static struct {
	int entered[2];
	int done[2];
} gone;

static void serve_remove(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	int r;

	(void)!write(gone.entered[1], "", 1);
	r = zone_table_remove(held);
	(void)!write(gone.done[1], &r, sizeof(r));
	(void)door_return(NULL, 0, NULL, 0);
}

static void *wait_removed(void *arg)
{
	const struct zone *z = arg;

	return (void *)(intptr_t)zone_table_wait_removed(z->id, z->uniqid);
}

/* Who waits for holders does so no longer than his caller; the zone goes with the last of them. */
static void test_a_caller_who_does_not_wait(void **state)
{
	char byte;
	void *other = (void *)(intptr_t)-1;
	pthread_t thread;
	pid_t pid;
	int door, r = 0;

	held = add_zone("web", "/web");
	zone_hold(held, ZONE_REF_DLS);
	zone_hold(held, ZONE_REF_KSTAT);
	assert_int_equal(pipe(gone.entered) | pipe(gone.done), 0);
	door = door_create(serve_remove, NULL, DOOR_NO_CANCEL);
	assert_true(door >= 0);
	pid = fork();
	if (pid == 0) {
		door_arg_t arg = {0};

		(void)door_call(door, &arg);
		_exit(0);
	}
	assert_int_equal(read(gone.entered[0], &byte, 1), 1);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	assert_int_equal(read(gone.done[0], &r, sizeof(r)), sizeof(r));
	assert_int_equal(r, -EINTR);
	assert_int_equal(try_add("web", "/web"), -EBUSY); /* it is there */
	assert_int_equal(pthread_create(&thread, NULL, wait_removed, held), 0);
	(void)usleep(20000);
	zone_rele(held, ZONE_REF_DLS);
	assert_int_equal(try_add("web", "/web"), -EBUSY);
	zone_rele(held, ZONE_REF_KSTAT);
	(void)pthread_join(thread, &other);
	assert_null(other);
	assert_int_equal(try_add("web", "/web"), 0);
	(void)door_revoke(door);
}

static void *let_go_when_told(void *arg)
{
	char line[256] = "";
	ssize_t n, used = 0;
	int *log = arg;

	/* The line that says who holds on, and only then. */
	while (!strchr(line, '\n') &&
		(n = read(log[0], line + used, sizeof(line) - 1 - (size_t)used)) > 0)
		used += n;
	zone_rele(held, ZONE_REF_DLS);
	zone_rele(held, ZONE_REF_KSTAT);
	zone_rele(held, ZONE_REF_KSTAT);
	return strdup(line);
}

static void test_who_holds_on_is_logged(void **state)
{
	int log[2], err = dup(STDERR_FILENO);
	zoneid_t id;
	pthread_t thread;
	void *line;

	held = add_zone("web", "/web");
	zone_hold(held, ZONE_REF_DLS);
	zone_hold(held, ZONE_REF_KSTAT);
	zone_hold(held, ZONE_REF_KSTAT);
	zone_cred_hold(held->id);
	assert_int_equal(pipe(log), 0);
	assert_int_equal(pthread_create(&thread, NULL, let_go_when_told, log), 0);
	(void)dup2(log[1], STDERR_FILENO);
	zone_refs_log_ms = 10;
	id = held->id;
	(void)zone_table_remove(held);
	zone_cred_rele(id);
	zone_refs_log_ms = 60000;
	(void)dup2(err, STDERR_FILENO);
	(void)pthread_join(thread, &line);
	assert_non_null(strstr(line,
		"zone=web Destroyed, but still held 3 times [dls: 1, kstat: 2] and by 1 credentials"));
	assert_false(table_waited);
	free(line);
	(void)close(err);
	(void)close(log[0]);
	(void)close(log[1]);
}

static void test_status_moves_one_way(void **state)
{
	struct zone *z = add_zone("web", "/web");

	assert_true(zone_status_advance(z, ZONE_IS_READY));
	assert_false(zone_status_advance(z, ZONE_IS_READY));
	assert_false(zone_status_advance(z, ZONE_IS_INITIALIZED));
	assert_false(zone_status_move(z, ZONE_IS_BOOTING, ZONE_IS_RUNNING));
	assert_true(zone_status_move(z, ZONE_IS_READY, ZONE_IS_BOOTING));
	assert_true(zone_status_advance(z, ZONE_IS_SHUTTING_DOWN));
	assert_false(zone_status_move(z, ZONE_IS_BOOTING, ZONE_IS_RUNNING));
	assert_int_equal(zone_status_get(z), ZONE_IS_SHUTTING_DOWN);
	assert_string_equal(zone_status_name(ZONE_IS_SHUTTING_DOWN), "shutting down");
	(void)zone_table_remove(z);
}

/* The last: the global zone does not come back. */
static void test_the_host_goes_down(void **state)
{
	struct zone *z = add_zone("web", "/web"), *late = add_zone("late", "/late");
	struct zone *global =
		zone_hold_by_id(GLOBAL_ZONEID, ZONE_IS_RUNNING, ZONE_IS_RUNNING, ZONE_REF_CALL);

	assert_false(zone_status_run(z)); /* it is not booting */
	(void)zone_status_advance(z, ZONE_IS_BOOTING);
	(void)zone_status_advance(late, ZONE_IS_BOOTING);
	assert_true(zone_status_run(z));
	assert_false(zone_status_global_down());
	(void)zone_status_advance(global, ZONE_IS_SHUTTING_DOWN);
	assert_true(zone_status_global_down());
	assert_int_equal(zone_status_get(z), ZONE_IS_RUNNING); /* goes on */
	assert_false(zone_status_run(late));
	assert_int_equal(zone_status_get(late), ZONE_IS_SHUTTING_DOWN);
	zone_rele(global, ZONE_REF_CALL);
	(void)zone_table_remove(late);
	(void)zone_table_remove(z);
}

static void *advance_later(void *arg)
{
	(void)usleep(50000);
	(void)zone_status_advance(arg, ZONE_IS_RUNNING);
	return NULL;
}

static void test_status_wait(void **state)
{
	struct zone *z = add_zone("web", "/web");
	pthread_t thread;

	assert_true(zone_status_wait(z, ZONE_IS_UNINITIALIZED, 0));
	assert_false(zone_status_wait(z, ZONE_IS_READY, 20));
	assert_int_equal(pthread_create(&thread, NULL, advance_later, z), 0);
	assert_true(zone_status_wait(z, ZONE_IS_BOOTING, 5000));
	(void)pthread_join(thread, NULL);
	(void)zone_table_remove(z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_global_zone),
		cmocka_unit_test(test_names_and_roots),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_the_most_zones),
		cmocka_unit_test(test_ids_rest),
		cmocka_unit_test(test_all_ids_rest),
		cmocka_unit_test(test_deathrow),
		cmocka_unit_test(test_restore),
		cmocka_unit_test(test_holds),
		cmocka_unit_test(test_remove_waits_for_holders),
		cmocka_unit_test(test_a_caller_who_does_not_wait),
		cmocka_unit_test(test_who_holds_on_is_logged),
		cmocka_unit_test(test_status_moves_one_way),
		cmocka_unit_test(test_status_wait),
		cmocka_unit_test(test_the_host_goes_down),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
