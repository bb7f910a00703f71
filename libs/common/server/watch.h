/* watch: which connections are open and since when each is at what; cuts the too slow ones. Internal to server. */
#ifndef AFTERCARE_SERVER_WATCH_H
#define AFTERCARE_SERVER_WATCH_H

#include <stdbool.h>
#include <stdint.h>

struct watch;
struct watched;

enum watched_state { WATCHED_IDLE, WATCHED_READING, WATCHED_HANDLING };

struct watch *watch_start(int request_seconds, int idle_seconds);
void watch_stop(struct watch *watch);

struct watched *watch_add(struct watch *watch, int socket);
void watch_remove(struct watch *watch, struct watched *watched);
void watch_mark(struct watch *watch, struct watched *watched, enum watched_state state);
void watch_load(struct watch *watch, int *connections, int *requests);

#endif
