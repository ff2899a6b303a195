DROP TRIGGER pool_stock_check ON pool_stock;
DROP TRIGGER pool_stock_guard ON pool_stock;
DROP TRIGGER layout_guard ON layout;
DROP TRIGGER layout_need_guard ON layout_need;
DROP TRIGGER layout_version_area_guard ON layout_version_area;
DROP TRIGGER layout_version_guard ON layout_version;
DROP TRIGGER crew_guard ON crew;
DROP TRIGGER space_guard ON space;
DROP TRIGGER area_guard ON area;
DROP TRIGGER booking_check_update ON booking;
DROP TRIGGER booking_check_insert ON booking;
DROP TRIGGER booking_guard ON booking;
DROP TRIGGER occupancy_check ON occupancy;
ALTER TABLE crew_shift DROP CONSTRAINT crew_shift_range_finite;
ALTER TABLE closure DROP CONSTRAINT closure_range_finite;
ALTER TABLE change_request DROP CONSTRAINT change_request_range_finite;
ALTER TABLE booking DROP CONSTRAINT booking_range_finite;
DROP TRIGGER pool_stock_no_truncate ON pool_stock;
DROP TRIGGER layout_need_no_truncate ON layout_need;
DROP TRIGGER layout_version_area_no_truncate ON layout_version_area;
DROP TRIGGER idempotency_no_truncate ON idempotency;
DROP TRIGGER booking_no_truncate ON booking;
DROP TRIGGER occupancy_no_truncate ON occupancy;
DROP TRIGGER occupancy_guard ON occupancy;
DROP FUNCTION pool_stock_check, pool_stock_guard, layout_guard, layout_version_part_guard, layout_version_guard, crew_guard,
    space_guard, stock_shortage_with, area_guard, booking_check, booking_guard, occupancy_check, check_booking, booking_taken,
    booking_has_rows, check_stock, stock_shortage, blocks_needed, check_chain, refuse_truncate, occupancy_guard, lock_space,
    require_read_committed;
