DROP TABLE request_count;
