-- For `check`: a floor of 60 by 40 for the first space, 120 big blocks in its pool.
INSERT INTO block_type (id, venue_id, code, width, depth, height_mm, handle_s, loaded_s, salon_seats, anchors)
    SELECT '00000005-0000-7000-8000-000000000002', id, 'big', 2, 2, 600, 40, 2, 4, true FROM venue;
INSERT INTO pool_stock (pool_id, block_type_id, owned) SELECT pool_id, '00000005-0000-7000-8000-000000000002', 120 FROM space WHERE slug = 'floor-1';
INSERT INTO floor (space_id, width, height, rows, areas) SELECT id, 60, 40, ARRAY[{rows}], ARRAY[{areas}] FROM space WHERE slug = 'floor-1';
