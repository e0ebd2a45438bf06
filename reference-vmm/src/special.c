/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "special.h"

#include <linux/magic.h>
#include <stddef.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#define CONFIGFS_MAGIC 0x62656570
#define FUSECTL_MAGIC 0x65735543
#define MQUEUE_MAGIC 0x19800202

static const unsigned special[] = {
	PROC_SUPER_MAGIC,    SYSFS_MAGIC,      DEBUGFS_MAGIC,
	TRACEFS_MAGIC,       SECURITYFS_MAGIC, CGROUP_SUPER_MAGIC,
	CGROUP2_SUPER_MAGIC, BPF_FS_MAGIC,     SELINUX_MAGIC,
	SMACK_MAGIC,         EFIVARFS_MAGIC,   DEVPTS_SUPER_MAGIC,
	BINFMTFS_MAGIC,      PSTOREFS_MAGIC,   NSFS_MAGIC,
	CONFIGFS_MAGIC,      FUSECTL_MAGIC,    MQUEUE_MAGIC};

bool special_filesystem(int fd)
{
	struct statfs fs;
	/* If the type is unknown, the file is not taken for ordinary. */
	if (fstatfs(fd, &fs) < 0)
		return true;
	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
		if ((unsigned)fs.f_type == special[i])
			return true;
	return false;
}

enum devices special_devices(int fd)
{
	struct statfs fs;
	if (fstatfs(fd, &fs) < 0)
		return DEVICES_LIKELY;
	/* Linux has the same values here as statvfs(3). */
	if (fs.f_flags & ST_NODEV)
		return DEVICES_NEVER;
	/* Either is what devtmpfs says that it is. */
	return fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC
		       ? DEVICES_LIKELY
		       : DEVICES_HARDLY;
}

bool special_file(mode_t mode)
{
	return S_ISCHR(mode) || S_ISBLK(mode) || S_ISSOCK(mode);
}
