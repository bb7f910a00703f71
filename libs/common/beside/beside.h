/*
 * beside: what is installed in the folder of the running program, as the programs and libraries that it loads only when
 * they are needed. Thread safe.
 */
#ifndef AFTERCARE_BESIDE_H
#define AFTERCARE_BESIDE_H

#include <limits.h>
#include <stdbool.h>

/* The path of a file beside the program; false when it has none, or there is no such file. */
bool beside(char path[PATH_MAX], const char *name);

#endif
