/* caller: who asked for a job, kept with it, so that it runs with his rights and his sight. Internal to job. */
#ifndef AFTERCARE_JOB_CALLER_H
#define AFTERCARE_JOB_CALLER_H

#include "request.h"

/* JSON of who calls, without his token. */
const char *caller_keep(struct request *request);

/* Makes a request out of what was kept: it writes to the database as the first one would. Strings live in the arena. */
void caller_restore(struct request *request, struct arena *arena, const json_t *kept);

#endif
