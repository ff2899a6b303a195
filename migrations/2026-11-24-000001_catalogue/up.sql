-- What can be booked: venues, spaces and their areas, hours, layouts, blocks, crews.
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE venue (
    id uuid PRIMARY KEY,
    slug text NOT NULL UNIQUE,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    time_zone text NOT NULL,
    -- weekly opening hours: [{"days": "mon-sun", "from": "09:00", "to": "21:00"}]
    hours jsonb NOT NULL,
    -- defaults that a space's own policy replaces field by field
    policy jsonb NOT NULL DEFAULT '{}',
    revision integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE calendar_day (
    venue_id uuid NOT NULL REFERENCES venue,
    date date NOT NULL,
    name text NOT NULL,
    -- true: a public holiday; false: a make-up workday
    is_off_day boolean NOT NULL,
    PRIMARY KEY (venue_id, date)
);

CREATE TABLE pool (
    id uuid PRIMARY KEY,
    venue_id uuid NOT NULL REFERENCES venue,
    slug text NOT NULL,
    name text NOT NULL,
    UNIQUE (venue_id, slug)
);

CREATE TABLE space (
    id uuid PRIMARY KEY,
    venue_id uuid NOT NULL REFERENCES venue,
    slug text NOT NULL,
    position integer NOT NULL,
    kind text NOT NULL CHECK (kind IN ('reconfigurable', 'room', 'sessions', 'counter', 'station')),
    name_zh text NOT NULL,
    name_en text NOT NULL,
    description text NOT NULL DEFAULT '',
    area_m2 integer,
    people_cap integer NOT NULL CHECK (people_cap > 0),
    turnaround_min integer NOT NULL DEFAULT 0 CHECK (turnaround_min BETWEEN 0 AND 1440),
    pool_id uuid REFERENCES pool,
    -- own weekly hours, where they differ from the venue's
    hours jsonb,
    -- narrower hours in which an exclusive booking is possible
    bookable_hours jsonb,
    policy jsonb NOT NULL DEFAULT '{}',
    active boolean NOT NULL DEFAULT true,
    revision integer NOT NULL DEFAULT 1,
    UNIQUE (venue_id, slug),
    CONSTRAINT space_floor_has_pool CHECK ((kind = 'reconfigurable') = (pool_id IS NOT NULL))
);
CREATE INDEX space_pool ON space (pool_id) WHERE pool_id IS NOT NULL;

CREATE TABLE hours_exception (
    id uuid PRIMARY KEY,
    venue_id uuid NOT NULL REFERENCES venue,
    -- null: the whole venue
    space_id uuid REFERENCES space,
    date date NOT NULL,
    -- [{"from": "10:00", "to": "16:00"}]; empty: closed
    hours jsonb NOT NULL,
    reason text NOT NULL DEFAULT '',
    UNIQUE NULLS NOT DISTINCT (venue_id, space_id, date)
);

CREATE TABLE floor (
    space_id uuid PRIMARY KEY REFERENCES space,
    width integer NOT NULL CHECK (width > 0),
    height integer NOT NULL CHECK (height > 0),
    module_mm integer NOT NULL DEFAULT 600 CHECK (module_mm > 0),
    rows text[] NOT NULL,
    CONSTRAINT floor_rows_match_height CHECK (cardinality(rows) = height)
);

CREATE TABLE block_type (
    id uuid PRIMARY KEY,
    venue_id uuid NOT NULL REFERENCES venue,
    code text NOT NULL,
    width integer NOT NULL CHECK (width > 0),
    depth integer NOT NULL CHECK (depth > 0),
    height_mm integer NOT NULL CHECK (height_mm > 0),
    max_z integer NOT NULL DEFAULT 1 CHECK (max_z >= 0),
    handle_s integer NOT NULL CHECK (handle_s >= 0),
    loaded_s integer NOT NULL CHECK (loaded_s >= 0),
    salon_seats integer NOT NULL DEFAULT 1 CHECK (salon_seats >= 0),
    anchors boolean NOT NULL DEFAULT false,
    UNIQUE (venue_id, code)
);

CREATE TABLE pool_stock (
    pool_id uuid NOT NULL REFERENCES pool,
    block_type_id uuid NOT NULL REFERENCES block_type,
    owned integer NOT NULL CHECK (owned >= 0),
    out_of_service integer NOT NULL DEFAULT 0,
    PRIMARY KEY (pool_id, block_type_id),
    CONSTRAINT pool_stock_out_of_service CHECK (out_of_service BETWEEN 0 AND owned)
);

CREATE TABLE layout (
    id uuid PRIMARY KEY,
    space_id uuid NOT NULL REFERENCES space,
    slug text NOT NULL,
    purpose text NOT NULL CHECK (purpose IN ('roadshow', 'exhibition', 'robot_contest', 'salon', 'open')),
    name_zh text NOT NULL,
    name_en text NOT NULL,
    UNIQUE (space_id, slug)
);

CREATE TABLE layout_version (
    id uuid PRIMARY KEY,
    layout_id uuid NOT NULL REFERENCES layout,
    number integer NOT NULL CHECK (number > 0),
    state text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'published', 'retired')),
    placements jsonb NOT NULL,
    zones jsonb NOT NULL DEFAULT '[]',
    gates jsonb NOT NULL DEFAULT '[]',
    seats_required integer NOT NULL DEFAULT 0,
    capacity integer NOT NULL CHECK (capacity >= 0),
    seats integer NOT NULL DEFAULT 0 CHECK (seats >= 0),
    published_at timestamptz,
    UNIQUE (layout_id, number),
    CONSTRAINT layout_version_published_at CHECK ((state = 'draft') = (published_at IS NULL))
);

CREATE TABLE area (
    id uuid PRIMARY KEY,
    space_id uuid NOT NULL REFERENCES space,
    slug text NOT NULL,
    position integer NOT NULL,
    -- what stands before the first booking; only where the space has a floor
    initial_layout_version_id uuid REFERENCES layout_version,
    UNIQUE (space_id, slug)
);

-- Derived when a version is published: the areas it claims and the blocks that stand in each.
CREATE TABLE layout_version_area (
    layout_version_id uuid NOT NULL REFERENCES layout_version,
    area_id uuid NOT NULL REFERENCES area,
    PRIMARY KEY (layout_version_id, area_id)
);

CREATE TABLE layout_need (
    layout_version_id uuid NOT NULL,
    area_id uuid NOT NULL,
    block_type_id uuid NOT NULL REFERENCES block_type,
    count integer NOT NULL CHECK (count > 0),
    PRIMARY KEY (layout_version_id, area_id, block_type_id),
    FOREIGN KEY (layout_version_id, area_id) REFERENCES layout_version_area
);

CREATE TABLE changeover_time (
    area_id uuid NOT NULL REFERENCES area,
    from_version_id uuid NOT NULL REFERENCES layout_version,
    to_version_id uuid NOT NULL REFERENCES layout_version,
    minutes integer NOT NULL CHECK (minutes BETWEEN 0 AND 1440),
    -- seconds of crew work; null until it is computed from the geometry
    work_s integer,
    moves jsonb,
    PRIMARY KEY (area_id, from_version_id, to_version_id)
);

CREATE TABLE crew (
    id uuid PRIMARY KEY,
    pool_id uuid NOT NULL REFERENCES pool,
    name text NOT NULL,
    teams integer NOT NULL CHECK (teams > 0),
    -- the weekly pattern from which shifts are made, as opening hours are written
    weekly jsonb NOT NULL DEFAULT '[]',
    UNIQUE (pool_id, name)
);

CREATE TABLE crew_shift (
    id uuid PRIMARY KEY,
    crew_id uuid NOT NULL REFERENCES crew,
    during tstzrange NOT NULL,
    CONSTRAINT crew_shift_range CHECK (NOT isempty(during) AND lower(during) IS NOT NULL AND upper(during) IS NOT NULL AND lower_inc(during) AND NOT upper_inc(during)),
    CONSTRAINT crew_shift_once EXCLUDE USING gist (crew_id WITH =, during WITH &&)
);
