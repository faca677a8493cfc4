/* SPDX-License-Identifier: MIT */
/* What an image holds, by its first bytes, and what is said to somebody who wants another file system. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/mman.h>

#include "linux/fs-probe.h"

#define SIZE (1 << 20)

static int image(off_t at, const char *bytes, size_t n)
{
	int fd = memfd_create("image", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, SIZE), 0);
	assert_int_equal(pwrite(fd, bytes, n, at), n);
	return fd;
}

static void put(int fd, off_t at, uint32_t features)
{
	assert_int_equal(pwrite(fd, &features, sizeof(features), at), sizeof(features));
}

static void holds(int fd, enum fs_found found, const char *name)
{
	const char *said;

	assert_int_equal(fs_probe(fd, &said), found);
	assert_string_equal(said, name);
}

static void test_formats(void **state)
{
	_cleanup_close_ int xfs = image(0, "XFSB", 4), btrfs = image(65600, "_BHRfS_M", 8),
			    swap = image(4086, "SWAPSPACE2", 10), disk = image(510, "\x55\xaa", 2),
			    none = image(0, "text", 4);

	holds(xfs, FS_FOUND_FS, "xfs");
	holds(btrfs, FS_FOUND_FS, "btrfs");
	holds(swap, FS_FOUND_OTHER, "swap");
	holds(disk, FS_FOUND_PARTITIONS, "");
	/* its boot sector ends like that too */
	assert_int_equal(pwrite(disk, "FAT16   ", 8, 54), 8);
	holds(disk, FS_FOUND_FS, "vfat");
	holds(none, FS_FOUND_NOTHING, "");
	assert_int_equal(ftruncate(none, 0), 0);
	holds(none, FS_FOUND_NOTHING, "");
}

static void test_three_of_a_family(void **state)
{
	_cleanup_close_ int ext = image(1080, "\x53\xef", 2);

	holds(ext, FS_FOUND_FS, "ext2");
	put(ext, 1024 + 92, 0x3c); /* a journal, and what all have */
	put(ext, 1024 + 96, 0x02);
	holds(ext, FS_FOUND_FS, "ext3");
	put(ext, 1024 + 96, 0x2c2); /* extents, 64 bits, flexible groups */
	holds(ext, FS_FOUND_FS, "ext4");
	/* cut off behind its signature */
	assert_int_equal(ftruncate(ext, 1100), 0);
	holds(ext, FS_FOUND_FS, "ext4");
}

static void says(int fd, const char *type, const char *text)
{
	struct diag d = {0};

	assert_int_equal(fs_probe_check(fd, type, &d), *text ? -EINVAL : 0);
	assert_string_equal(d.text, text);
}

static void test_what_is_said(void **state)
{
	_cleanup_close_ int ext = image(1080, "\x53\xef", 2), gzip = image(0, "\x1f\x8b", 2),
			    none = image(0, "", 0);

	says(ext, "ext2", "");
	says(ext, "ext4", "");
	says(ext, "ext3", "it holds a file system of type 'ext2', not 'ext3' (set type=ext2)");
	says(ext, "minix", "it holds a file system of type 'ext2', not 'minix' (set type=ext2)");
	says(gzip, "ext4", "it holds 'gzip', not a file system");
	says(none, "ext4",
		"it holds no file system of type 'ext4', nor anything else that is known");
	/* One that is not in our table may be there. */
	says(none, "minix", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_three_of_a_family),
		cmocka_unit_test(test_what_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
