-- What others made of a document and is still open; of a return its head, not its lines.
create view {service}.derived_open as
select v.id, v.source_id, v.made, v.number, v.taken_at from {service}.derived v where v.open and v.head_id is null;
grant select on {service}.derived_open to {service};
