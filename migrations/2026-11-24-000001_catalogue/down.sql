DROP TABLE crew_shift, crew, changeover_time, layout_need, layout_version_area, area, layout_version, layout, pool_stock, block_type, floor, hours_exception, space, pool, calendar_day, venue CASCADE;
