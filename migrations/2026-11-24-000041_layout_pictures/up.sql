-- The picture of a layout version as it goes into mails: drawn once, so that every try of a mail is the same to the octet,
-- whoever sends it. With what it says to those who cannot see it.
CREATE TABLE layout_picture (
    layout_version_id uuid PRIMARY KEY REFERENCES layout_version,
    png bytea NOT NULL,
    alt_zh text NOT NULL,
    alt_en text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
