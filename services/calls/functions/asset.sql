-- Whether machines of several articles have a serial.
create or replace function calls.serial_shared(named text) returns boolean language plpgsql stable as $$
begin
	return (select count(*) > 1 from calls.asset a where a.serial_key = base.fold(named) and a.active);
end $$;

-- The stubs that give way to assets: of the same machine, for the serial is the same and the article is, or the stub named none.
-- Where two of the assets are the same machine, the first takes it.
create or replace function calls.stubs_of(assets uuid[]) returns table (id uuid, asset_id uuid) language sql stable as $$
	select distinct on (s.id) s.id, a.id
	from calls.asset a join calls.asset s on s.stub and s.serial_key = a.serial_key
		and (s.article_code is null or s.article_code = a.article_code)
	where a.id = any (assets)
	order by s.id, a.id
$$;
