/* SPDX-License-Identifier: MIT */
/*
 * When the kernel is asked for tunnels over a device, and when it is known that there is none. Kernels without any
 * kind of tunnel run this, too: what it answers and what it tells of can be put into its mouth.
 */
#include "linux/uppers.h"
#include "linux/rtnl.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define KINDS 12

static const uint8_t mac_a[6] = {0x02, 0x08, 0x20, 1, 2, 3};

static struct {
	int asked;		     /* how often, since the last look() */
	int answer;		     /* an error in the place of the kernel's answer */
	const struct nl_link *has;   /* there is this tunnel */
	const struct nl_link *tells; /* and of this it tells, once */
} kernel;

int __real_nl_link_each_of_kind(
	const char *kind, int (*fn)(const struct nl_link *l, void *arg), void *arg);
int __wrap_nl_link_each_of_kind(
	const char *kind, int (*fn)(const struct nl_link *l, void *arg), void *arg);
int __wrap_nl_link_each_of_kind(
	const char *kind, int (*fn)(const struct nl_link *l, void *arg), void *arg)
{
	kernel.asked++;
	if (kernel.answer)
		return kernel.answer;
	if (kernel.has && streq(kernel.has->kind, kind))
		return fn(kernel.has, arg);
	return __real_nl_link_each_of_kind(kind, fn, arg);
}

int __real_nl_read(struct nl *nl, void (*seen)(const struct nl_link *l, void *arg),
	void (*gone)(int ifindex, void *arg), void *arg);
int __wrap_nl_read(struct nl *nl, void (*seen)(const struct nl_link *l, void *arg),
	void (*gone)(int ifindex, void *arg), void *arg);
int __wrap_nl_read(struct nl *nl, void (*seen)(const struct nl_link *l, void *arg),
	void (*gone)(int ifindex, void *arg), void *arg)
{
	if (kernel.tells) {
		seen(kernel.tells, arg);
		kernel.tells = NULL;
	}
	return __real_nl_read(nl, seen, gone, arg);
}

static struct nl *home;
static int device;

static int enter(void **state)
{
	if (unshare(CLONE_NEWNET) < 0)
		return -1;
	kernel.answer = 0;
	kernel.has = kernel.tells = NULL;
	assert_int_equal(nl_open(FD_NONE, &home), 0);
	assert_int_equal(nl_bridge_create(home, "stub0", mac_a, &device), 0);
	return 0;
}

static int leave(void **state)
{
	home = nl_close(home);
	return 0;
}

/* What is over the device, and how often the kernel was asked for it. */
static void look(int result, bool found, int asked)
{
	bool is = false;

	kernel.asked = 0;
	assert_int_equal(device_has_uppers("stub0", device, &is), result);
	assert_int_equal(is, found);
	assert_int_equal(kernel.asked, asked);
}

static void asked_once(void **state)
{
	int other;

	look(0, false, KINDS);
	look(0, false, 0);
	assert_int_equal(nl_bridge_create(home, "stub1", mac_a, &other), 0);
	assert_int_equal(nl_link_delete(home, other), 0);
	look(0, false, 0);
}

static void asked_again_elsewhere(void **state)
{
	look(0, false, KINDS);
	(void)leave(state);
	assert_int_equal(enter(state), 0);
	look(0, false, KINDS);
	look(0, false, 0);
}

static void a_tunnel_is_heard_of(void **state)
{
	struct nl_link tunnel = {.kind = "sit", .link = device, .link_nsid = -1};

	look(0, false, KINDS);
	kernel.has = kernel.tells = &tunnel;
	look(0, true, 1);
	look(0, true, 1); /* as long as there is one */
	tunnel.link = device + 1000;
	look(0, false, KINDS);
	look(0, false, KINDS); /* it may be bound anew */
	kernel.has = NULL;
	look(0, false, KINDS);
	look(0, false, 0);
}

static void a_tunnel_was_there(void **state)
{
	struct nl_link tunnel = {.kind = "xfrm", .link = device, .link_nsid = -1};

	kernel.has = &tunnel;
	look(0, true, KINDS);
	kernel.has = NULL;
	look(0, false, KINDS);
	look(0, false, 0);
}

static void an_answer_that_fails(void **state)
{
	look(0, false, KINDS);
	kernel.tells = &(const struct nl_link){.kind = "gre"};
	kernel.answer = -EPERM;
	look(-EPERM, false, 1);
	kernel.answer = 0;
	look(0, false, KINDS);
	look(0, false, 0);
}

/* More than the socket takes is told of: what was lost may have been a tunnel. */
static void messages_are_lost(void **state)
{
	uint32_t i;

	look(0, false, KINDS);
	for (i = 0; i < 8000; i++)
		assert_int_equal(nl_link_set_mtu(home, device, 1400 + i % 2), 0);
	look(0, false, KINDS);
	look(0, false, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(asked_once, enter, leave),
		cmocka_unit_test_setup_teardown(asked_again_elsewhere, enter, leave),
		cmocka_unit_test_setup_teardown(a_tunnel_is_heard_of, enter, leave),
		cmocka_unit_test_setup_teardown(a_tunnel_was_there, enter, leave),
		cmocka_unit_test_setup_teardown(an_answer_that_fails, enter, leave),
		cmocka_unit_test_setup_teardown(messages_are_lost, enter, leave),
	};

	if (unshare(CLONE_NEWNET) < 0)
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
