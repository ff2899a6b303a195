-- How many requests each caller has made in a minute, over all processes. Nothing here must survive a crash.
CREATE UNLOGGED TABLE request_count (
    -- "address:…", "act:…", "user:…", "keys:…"
    subject text NOT NULL,
    -- minutes since 1970
    minute bigint NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (subject, minute)
);
CREATE INDEX request_count_minute ON request_count (minute);
