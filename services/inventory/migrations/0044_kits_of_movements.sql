-- A movement of a component says as what kit's it went out, as the promise of one does.
select inventory_data.add_columns('movement', 'add column kit_id uuid');
select inventory_data.filter_indexes('movement', 'at', '{}', '{kit_id}');
