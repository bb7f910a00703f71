#include "beside.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool beside(char path[PATH_MAX], const char *name)
{
	ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
	char *slash;
	size_t room;

	if (length <= 0)
		return false;
	path[length] = '\0';
	slash = strrchr(path, '/');
	room = PATH_MAX - (size_t)(slash + 1 - path);
	return snprintf(slash + 1, room, "%s", name) < (int)room && access(path, R_OK) == 0;
}
