/* gauges: what the metrics of every service show as it is when they are asked for. Called once, while a service starts. */
#ifndef AFTERCARE_SERVICE_GAUGES_H
#define AFTERCARE_SERVICE_GAUGES_H

struct app;
struct inbox;
struct server;
struct timers;

/* What is measured: borrowed, for as long as the metrics are asked. */
struct gauged {
	struct app *app;
	struct server *server;
	struct timers *timers;
	struct inbox *inbox; /* or NULL */
	struct inbox *feeds; /* what ERPs send; or NULL */
};

void gauges_register(const struct gauged *running);

#endif
