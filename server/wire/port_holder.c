#include "wire/port_holder.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* TCP_LISTEN, as /proc/net/tcp prints it. */
#define STATE_LISTEN 0x0A

/* The inode of the socket that listens on the port, from one of the kernel's tables; 0 when there is none. */
static unsigned long find_inode(const char *table, uint16_t port)
{
	FILE *file = fopen(table, "re");
	char line[512];
	unsigned long found = 0;

	if (!file)
		return 0;
	while (found == 0 && fgets(line, sizeof line, file)) {
		unsigned int local_port, state;
		unsigned long inode;

		if (sscanf(line, " %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s %*u %*u %lu", &local_port,
		           &state, &inode) == 3 &&
		    state == STATE_LISTEN && local_port == port)
			found = inode;
	}
	fclose(file);
	return found;
}

static bool has_socket(const char *pid, const char *wanted)
{
	char path[300];
	struct dirent *entry;
	bool found = false;
	DIR *folder;

	snprintf(path, sizeof path, "/proc/%s/fd", pid);
	folder = opendir(path);
	if (!folder)
		return false;
	while (!found && (entry = readdir(folder))) {
		char target[64];
		const ssize_t length = readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1);

		if (length <= 0)
			continue;
		target[length] = '\0';
		found = strcmp(target, wanted) == 0;
	}
	closedir(folder);
	return found;
}

static void read_name(const char *pid, struct port_holder *holder)
{
	char path[300];
	FILE *file;

	holder->pid = strtol(pid, NULL, 10);
	strcpy(holder->name, "a process");
	snprintf(path, sizeof path, "/proc/%s/comm", pid);
	file = fopen(path, "re");
	if (!file)
		return;
	if (fgets(holder->name, sizeof holder->name, file))
		holder->name[strcspn(holder->name, "\n")] = '\0';
	fclose(file);
}

bool port_holder_find(uint16_t port, struct port_holder *holder)
{
	unsigned long inode = find_inode("/proc/net/tcp", port);
	struct dirent *entry;
	bool found = false;
	char wanted[64];
	DIR *folder;

	if (inode == 0)
		inode = find_inode("/proc/net/tcp6", port);
	folder = inode != 0 ? opendir("/proc") : NULL;
	if (!folder)
		return false;
	snprintf(wanted, sizeof wanted, "socket:[%lu]", inode);
	while (!found && (entry = readdir(folder))) {
		if (!isdigit((unsigned char)entry->d_name[0]) || !has_socket(entry->d_name, wanted))
			continue;
		read_name(entry->d_name, holder);
		found = true;
	}
	closedir(folder);
	return found;
}
