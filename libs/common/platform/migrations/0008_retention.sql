-- What goes when it is old: the relay's tidying (tidy.h) removes it.
grant delete on {service}_data.change_sent, {service}_data.dead_letter to {service}_worker;
create index dead_letter__old on {service}_data.dead_letter (failed_at);
