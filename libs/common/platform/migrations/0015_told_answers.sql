-- The answer of a POST that made no single row: what it needs to be given again.
select {service}_data.add_columns('idempotency', 'add column told json');
