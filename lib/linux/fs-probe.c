/* SPDX-License-Identifier: MIT */
/*
 * Formats by their first bytes; see fs-probe.h. The table has what people put into image files and what the
 * kernel mounts; libblkid knows more, but is one more library that reads what a zone may have written.
 */
#include "linux/fs-probe.h"

#include <endian.h>

#define EXT_SUPER      1024
#define EXT_JOURNAL    0x0004u /* of the compatible features */
#define EXT3_INCOMPAT  0x0016u /* file types, a journal to recover, meta groups */
#define EXT3_RO_COMPAT 0x0007u /* sparse super blocks, large files, indexed directories */
#define SIGNATURE_MAX  16

struct format {
	enum fs_found found;
	const char *name;
	off_t at;
	const char *bytes;
	size_t size;
};

#define FORMAT(found, name, at, bytes)                                                             \
	{                                                                                          \
		found, name, at, bytes, sizeof(bytes) - 1                                          \
	}

/* The first that fits: a boot sector ends like a table of partitions, so that is last. */
static const struct format formats[] = {
	FORMAT(FS_FOUND_FS, "ext4", EXT_SUPER + 56, "\x53\xef"),
	FORMAT(FS_FOUND_FS, "xfs", 0, "XFSB"),
	FORMAT(FS_FOUND_FS, "btrfs", 65536 + 64, "_BHRfS_M"),
	FORMAT(FS_FOUND_FS, "squashfs", 0, "hsqs"),
	FORMAT(FS_FOUND_FS, "erofs", 1024, "\xe2\xe1\xf5\xe0"),
	FORMAT(FS_FOUND_FS, "f2fs", 1024, "\x10\x20\xf5\xf2"),
	FORMAT(FS_FOUND_FS, "vfat", 82, "FAT32   "),
	FORMAT(FS_FOUND_FS, "vfat", 54, "FAT1"),
	FORMAT(FS_FOUND_FS, "exfat", 3, "EXFAT   "),
	FORMAT(FS_FOUND_FS, "ntfs3", 3, "NTFS    "),
	FORMAT(FS_FOUND_FS, "iso9660", 32769, "CD001"),
	FORMAT(FS_FOUND_FS, "udf", 32769, "BEA01"),
	FORMAT(FS_FOUND_OTHER, "swap", 4086, "SWAPSPACE2"),
	FORMAT(FS_FOUND_OTHER, "LUKS", 0, "LUKS\xba\xbe"),
	FORMAT(FS_FOUND_OTHER, "LVM2", 536, "LVM2 001"),
	FORMAT(FS_FOUND_OTHER, "md", 4096, "\xfc\x4e\x2b\xa9"),
	FORMAT(FS_FOUND_OTHER, "qcow2", 0, "QFI\xfb"),
	FORMAT(FS_FOUND_OTHER, "vmdk", 0, "KDMV"),
	FORMAT(FS_FOUND_OTHER, "vhdx", 0, "vhdxfile"),
	FORMAT(FS_FOUND_OTHER, "tar", 257, "ustar"),
	FORMAT(FS_FOUND_OTHER, "gzip", 0, "\x1f\x8b"),
	FORMAT(FS_FOUND_OTHER, "xz", 0,
		"\xfd"
		"7zXZ"),
	FORMAT(FS_FOUND_OTHER, "zstd", 0, "\x28\xb5\x2f\xfd"),
	FORMAT(FS_FOUND_OTHER, "bzip2", 0, "BZh"),
	FORMAT(FS_FOUND_PARTITIONS, "", 512, "EFI PART"),
	FORMAT(FS_FOUND_PARTITIONS, "", 510, "\x55\xaa"),
};

static bool fits(int fd, const struct format *f)
{
	char bytes[SIGNATURE_MAX];

	return pread(fd, bytes, f->size, f->at) == (ssize_t)f->size &&
	       memcmp(bytes, f->bytes, f->size) == 0;
}

/* One signature for three types: which of them it is, its features say. */
static const char *ext_name(int fd)
{
	uint32_t features[3];

	if (pread(fd, features, sizeof(features), EXT_SUPER + 92) != (ssize_t)sizeof(features) ||
		le32toh(features[1]) & ~EXT3_INCOMPAT || le32toh(features[2]) & ~EXT3_RO_COMPAT)
		return "ext4";
	return le32toh(features[0]) & EXT_JOURNAL ? "ext3" : "ext2";
}

enum fs_found fs_probe(int fd, const char **ret_name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(formats); i++) {
		if (!fits(fd, &formats[i]))
			continue;
		*ret_name = streq(formats[i].name, "ext4") ? ext_name(fd) : formats[i].name;
		return formats[i].found;
	}
	*ret_name = "";
	return FS_FOUND_NOTHING;
}

/* True when the driver of type mounts what is called name. */
static bool mounts(const char *type, const char *name)
{
	return streq(type, name) || (streq(type, "ext4") && strncmp(name, "ext", 3) == 0) ||
	       (streq(type, "msdos") && streq(name, "vfat")) ||
	       (streq(type, "ntfs") && streq(name, "ntfs3")) ||
	       /* some discs are both */
	       (streq(type, "udf") && streq(name, "iso9660"));
}

static bool is_known(const char *type)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(formats); i++)
		if (formats[i].found == FS_FOUND_FS && mounts(type, formats[i].name))
			return true;
	return streq(type, "ext2") || streq(type, "ext3");
}

int fs_probe_check(int fd, const char *type, struct diag *d)
{
	const char *name;

	switch (fs_probe(fd, &name)) {
	case FS_FOUND_FS:
		return mounts(type, name)
			       ? 0
			       : diag_set(d, -EINVAL,
					 "it holds a file system of type '%s', not '%s' (set type=%s)",
					 name, type, name);
	case FS_FOUND_PARTITIONS:
		return diag_set(d, -EINVAL,
			"it holds a table of partitions; special is one of them, a device of its own");
	case FS_FOUND_OTHER:
		return diag_set(d, -EINVAL, "it holds '%s', not a file system", name);
	case FS_FOUND_NOTHING:
		break;
	}
	return !is_known(type)
		       ? 0
		       : diag_set(d, -EINVAL,
				 "it holds no file system of type '%s', nor anything else that is known",
				 type);
}
