/* SPDX-License-Identifier: MIT */
/* What classes, media and status codes are called, with the numbers and in the order of illumos. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dladm/dladm.h"
#include "linux/util.h"

struct word {
	uint32_t number;
	const char *text;
};

static void classes(void **state)
{
	static const struct word table[] = {
		{0x1, "phys"}, {0x2, "vlan"}, {0x4, "aggr"}, {0x8, "vnic"}, {0x10, "etherstub"},
		{0x20, "simnet"}, {0x40, "bridge"}, {0x80, "iptun"}, {0x100, "part"},
		{0x200, "overlay"}, {0, "unknown"}, {0x3, "unknown"}, /* two are none */
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		assert_string_equal(dladm_class2str(table[i].number), table[i].text);
}

static void media(void **state)
{
	static const struct word table[] = {
		{0x0, "CSMA/CD"},
		{0x2, "TokenRing"},
		{0x4, "Ethernet"},
		{0x8, "FDDI"},
		{0x9, "Other"},
		{0x11, "ATM"},
		{0x1a, "Infiniband"},
		{0x80000001u, "IPv4Tunnel"},
		{0x80000002u, "IPv6Tunnel"},
		{0x80000004u, "WiFi"},
		{0x80000007u, "6to4Tunnel"},
		{0x77, "unknown"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		assert_string_equal(dladm_media2str(table[i].number), table[i].text);
}

static void statuses_in_their_order(void **state)
{
	static const char *const texts[] = {"ok", "invalid argument", "operation failed",
		"buffer size too small", "operation not supported", "object not found",
		"invalid value", "insufficient memory", "object already exists", "invalid link",
		"read-only property", "invalid number of values", "database not found",
		"permission denied", "I/O error", "change cannot be persistent",
		"operation timed out", "already connected", "not connected",
		"invalid configuration repository", "invalid MAC address", "invalid key",
		"invalid MAC address length", "invalid MAC address type", "link busy",
		"invalid VLAN identifier", "link notification is not supported", "try again later",
		"invalid IP tunnel type", "IP tunnel type required",
		"invalid local IP tunnel address", "invalid remote IP tunnel address",
		"address already in use", "MAC address is already in use",
		"invalid MAC prefix value", "invalid MAC prefix length", "invalid property",
		"minimum value for maxbw is 1200K",
		"can't create persistent object on top of temporary object",
		"MTU outside the device's range"};

	assert_int_equal(DLADM_STATUS_COUNT, ARRAY_SIZE(texts));
	for (unsigned int i = 0; i < ARRAY_SIZE(texts); i++)
		assert_string_equal(dladm_status2str((dladm_status_t)i), texts[i]);
	assert_string_equal(dladm_status2str(DLADM_STATUS_COUNT), "unknown error");
}

static void statuses_of_errors(void **state)
{
	static const struct {
		int error;
		dladm_status_t status;
	} table[] = {
		{0, DLADM_STATUS_OK}, {EINVAL, DLADM_STATUS_BADARG}, {EEXIST, DLADM_STATUS_EXIST},
		{ENOENT, DLADM_STATUS_NOTFOUND}, {ENOSPC, DLADM_STATUS_TOOSMALL},
		{ENOMEM, DLADM_STATUS_NOMEM}, {ENOTSUP, DLADM_STATUS_NOTSUP},
		{EACCES, DLADM_STATUS_DENIED}, {EPERM, DLADM_STATUS_DENIED},
		{EIO, DLADM_STATUS_IOERR}, {EBUSY, DLADM_STATUS_LINKBUSY},
		{EAGAIN, DLADM_STATUS_TRYAGAIN}, {ENOTDIR, DLADM_STATUS_FAILED}, /* any other */
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		assert_int_equal(dladm_errno2status(table[i].error), table[i].status);
		assert_int_equal(dladm_errno2status(-table[i].error), table[i].status);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes),
		cmocka_unit_test(media),
		cmocka_unit_test(statuses_in_their_order),
		cmocka_unit_test(statuses_of_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
