/* SPDX-License-Identifier: MIT */
/* Words of mount options; see mountfd.h. What configurations may say is known before anything is mounted. */
#include "linux/mountfd.h"

#include <sys/stat.h>

#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif

#define MODE_BITS 07777u

bool mountfd_flag(const char *word, uint64_t *attrs)
{
	static const struct {
		const char *set, *clear;
		uint64_t attr;
	} flags[] = {
		{"ro", "rw", MOUNT_ATTR_RDONLY},
		{"nosuid", "suid", MOUNT_ATTR_NOSUID},
		{"nodev", "dev", MOUNT_ATTR_NODEV},
		{"nodevices", "devices", MOUNT_ATTR_NODEV},
		{"noexec", "exec", MOUNT_ATTR_NOEXEC},
		{"noatime", "relatime", MOUNT_ATTR_NOATIME},
		{"nodiratime", "diratime", MOUNT_ATTR_NODIRATIME},
		{"nosymfollow", "symfollow", MOUNT_ATTR_NOSYMFOLLOW},
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		if (streq(word, flags[i].set)) {
			*attrs |= flags[i].attr;
			return true;
		}
		if (streq(word, flags[i].clear)) {
			*attrs &= ~flags[i].attr;
			return true;
		}
	}
	return false;
}

bool mountfd_is_bind(const char *type)
{
	return streq(type, "lofs") || streq(type, "bind") || streq(type, "none");
}

/* As the kernel's memparse() has it; '%' only where it is a part of the memory. */
static bool is_amount(const char *value, bool percent)
{
	char *end;

	if (!is_digit(*value))
		return false;
	errno = 0;
	(void)strtoull(value, &end, 0);
	if (errno != 0)
		return false;
	if (*end && strchr("kKmMgGtTpPeE", *end))
		end++;
	if (percent && *end == '%')
		end++;
	return *end == '\0';
}

static bool is_mode(const char *value)
{
	char *end;

	return is_digit(*value) && strtoul(value, &end, 8) <= MODE_BITS && *end == '\0';
}

int mountfd_tmpfs_option(const char *word)
{
	static const struct {
		const char *name;
		bool mode, percent;
	} options[] = {
		{"size", .percent = true}, {"nr_blocks"}, {"nr_inodes"}, {"mode", .mode = true}};
	size_t i, n = strcspn(word, "=");

	for (i = 0; i < ARRAY_SIZE(options); i++) {
		if (strncmp(word, options[i].name, n) != 0 || options[i].name[n] || !word[n])
			continue;
		if (options[i].mode ? is_mode(word + n + 1)
				    : is_amount(word + n + 1, options[i].percent))
			return 0;
		return MOUNTFD_VALUE;
	}
	return MOUNTFD_UNKNOWN;
}

int mountfd_option(const char *type, const char *word)
{
	uint64_t attrs = 0;

	if (!*word || streq(word, "bind") || mountfd_flag(word, &attrs))
		return 0;
	if (mountfd_is_bind(type))
		return MOUNTFD_UNKNOWN;
	return streq(type, "tmpfs") ? mountfd_tmpfs_option(word) : 0;
}
