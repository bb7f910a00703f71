/*
 * snapshots: replays the present state of a service's data as NAME.snapshot events, for consumers that start from
 * nothing: POST /v1/services/SERVICE/snapshots makes a job, a thread works on it.
 *
 * The events take the way of all changes, through the change log, in pieces of SNAPSHOT_PIECE rows, each row after its
 * root's lock: so they stand in order among the live ones, and their revision tells which is newer. A job belongs to
 * whichever replica gets to its next piece first; its place is kept with the piece, so that none is sent twice or
 * left out when a replica dies. Internal to service.
 */
#ifndef AFTERCARE_SERVICE_SNAPSHOTS_H
#define AFTERCARE_SERVICE_SNAPSHOTS_H

#include "service.h"

#define SNAPSHOT_PIECE   100  /* rows of one transaction */
#define SNAPSHOT_POLL_MS 1000 /* how late a new job may be noticed */
#define SNAPSHOT_TRIES   5    /* of a piece, then the job has failed */

struct snapshots;

/* The jobs as a resource: POST names the resources to replay, all when none is named. */
const struct resource *snapshot_resource(struct arena *arena, const struct service *service);

/* Starts the thread. app is borrowed until snapshots_stop; its relay is woken after each piece. */
struct snapshots *snapshots_start(struct app *app, const struct pg_options *database);

/* Ends the thread after the piece it is at. NULL is fine. */
void snapshots_stop(struct snapshots *snapshots);

#endif
