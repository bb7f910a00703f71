-- name: attachments_none
-- Of a row that may have them: their foreign key, as it were, which one table for the rows of all kinds can't have.
select base.must(not exists (select from attachment a where a.owner_id = $1::uuid), 'referenced',
	format('Still referred to by: %s.', 'attachment'))
