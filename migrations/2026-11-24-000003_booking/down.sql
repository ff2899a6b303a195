DROP TABLE idempotency, task, occupancy, closure, change_request, approval, booking_event, booking CASCADE;
