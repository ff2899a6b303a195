//! `mofang check`: proves the invariants of 2-model.md on a live database and names every row that breaks one.

use std::fmt;

use diesel::sql_types::Text;
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;

use crate::db::{Db, DbError};

/// A row that breaks an invariant, or (apart from these) one that the catalogue has since overtaken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which invariant, by its number in 2-model.md, and in words.
    pub rule: &'static str,
    /// The row and what is wrong with it.
    pub row: String,
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows that break an invariant.
    pub offences: Vec<Finding>,
    /// Rows that were right when they were written and that the catalogue has overtaken.
    pub overtaken: Vec<Finding>,
}

impl Report {
    /// Whether every invariant holds.
    pub fn is_clean(&self) -> bool {
        self.offences.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.offences {
            writeln!(f, "offence  {}: {}", finding.rule, finding.row)?;
        }
        for finding in &self.overtaken {
            writeln!(f, "overtaken  {}: {}", finding.rule, finding.row)?;
        }
        writeln!(
            f,
            "{} offences, {} overtaken by the catalogue",
            self.offences.len(),
            self.overtaken.len()
        )
    }
}

#[derive(QueryableByName)]
struct RowRead {
    #[diesel(sql_type = Text)]
    row: String,
}

/// Runs every check in one snapshot.
pub async fn run(db: &Db) -> Result<Report, DbError> {
    let mut report = Report::default();
    let tx = db.transaction().await?;
    tx.begin().await?;
    sql_query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        .execute(&mut tx.conn())
        .await?;
    for (list, rule, sql) in CHECKS {
        let rows: Vec<RowRead> = sql_query(*sql).load(&mut tx.conn()).await?;
        let found = rows.into_iter().map(|read| Finding {
            rule,
            row: read.row,
        });
        match list {
            List::Offence => report.offences.extend(found),
            List::Overtaken => report.overtaken.extend(found),
        }
    }
    tx.rollback().await?;
    Ok(report)
}

enum List {
    Offence,
    Overtaken,
}

const CHECKS: &[(List, &str, &str)] = &[
    (
        List::Offence,
        "1 no area is taken twice",
        "SELECT 'occupancy ' || o.id || ' and ' || p.id || ' in area ' || o.area_id AS row \
         FROM occupancy o JOIN occupancy p ON p.area_id = o.area_id AND p.id > o.id AND p.during && o.during",
    ),
    (
        List::Offence,
        "2 the chain",
        "SELECT 'occupancy ' || id || ' (' || kind || ') does not follow from what stands in area ' || area_id AS row FROM ( \
           SELECT o.*, coalesce(lag(coalesce(o.layout_version_id, o.to_version_id)) OVER w, a.initial_layout_version_id) AS standing, \
             lag(o.kind) OVER w AS before \
           FROM occupancy o JOIN area a ON a.id = o.area_id JOIN space s ON s.id = a.space_id \
           WHERE s.pool_id IS NOT NULL AND o.kind <> 'closure' WINDOW w AS (PARTITION BY o.area_id ORDER BY lower(o.during))) x \
         WHERE (kind = 'changeover' AND from_version_id IS DISTINCT FROM standing) \
           OR (kind = 'event' AND (layout_version_id IS DISTINCT FROM standing OR before = 'event'))",
    ),
    (
        List::Offence,
        "2 a changeover lasts as long as it must",
        "SELECT 'occupancy ' || id || ' is shorter than ' || coalesce(required_min::text, 'unknown') || ' minutes' AS row FROM occupancy \
         WHERE kind = 'changeover' AND (upper(during) - lower(during) >= make_interval(mins => required_min)) IS NOT TRUE",
    ),
    (
        List::Offence,
        "2 only a floor has changeovers and layouts",
        "SELECT 'occupancy ' || o.id || ' (' || o.kind || ') in area ' || o.area_id AS row \
         FROM occupancy o JOIN area a ON a.id = o.area_id JOIN space s ON s.id = a.space_id \
         WHERE (s.pool_id IS NULL AND (o.kind = 'changeover' OR o.layout_version_id IS NOT NULL)) \
           OR (s.pool_id IS NOT NULL AND o.kind = 'event' AND o.layout_version_id IS NULL)",
    ),
    (
        List::Offence,
        "2 a crew of its own pool",
        "SELECT 'occupancy ' || o.id || ' has crew ' || o.crew_id || ' of another pool' AS row \
         FROM occupancy o JOIN area a ON a.id = o.area_id JOIN space s ON s.id = a.space_id JOIN crew c ON c.id = o.crew_id \
         WHERE c.pool_id IS DISTINCT FROM s.pool_id",
    ),
    (
        List::Offence,
        "2 what its crew started has begun",
        "SELECT 'changeover ' || j.changeover_id || ' was started ' || j.started_at || ' and lies ' || o.during AS row \
         FROM changeover_job j LEFT JOIN occupancy o ON o.id = j.changeover_id \
         WHERE (o.kind = 'changeover' AND lower(o.during) <= j.started_at AND o.crew_id = j.crew_id AND coalesce(j.finished_at >= j.started_at, true)) IS NOT TRUE",
    ),
    (
        List::Offence,
        "3 a crew is in one place",
        "SELECT 'occupancy ' || o.id || ' and ' || p.id || ' of crew ' || o.crew_id AS row \
         FROM occupancy o JOIN occupancy p ON p.crew_id = o.crew_id AND p.id > o.id AND p.during && o.during",
    ),
    (
        List::Offence,
        "4 stock",
        "SELECT 'pool ' || p.id || ' needs ' || x.needed || ' of ' || x.owned || ' blocks ' || x.block_type_id || ' at ' || x.at AS row \
         FROM pool p, LATERAL stock_shortage(p.id, clock_timestamp(), 'infinity') x",
    ),
    (
        List::Overtaken,
        "4 stock in service",
        "SELECT 'pool ' || p.pool_id || ' has ' || p.out_of_service || ' blocks ' || p.block_type_id || ' out of service; booking ' || b.reference || ' needs ' || n.count AS row \
         FROM pool_stock p JOIN layout_need n ON n.block_type_id = p.block_type_id AND n.count > p.owned - p.out_of_service \
         JOIN area a ON a.id = n.area_id JOIN space s ON s.id = a.space_id AND s.pool_id = p.pool_id \
         JOIN occupancy o ON o.area_id = a.id AND o.kind = 'event' AND o.layout_version_id = n.layout_version_id AND upper(o.during) > clock_timestamp() \
         JOIN booking b ON b.id = o.booking_id",
    ),
    (
        List::Offence,
        "5 rows and bookings agree",
        "SELECT 'booking ' || b.reference || ' (' || b.state || ') has ' || count(o.id) || ' event rows' AS row \
         FROM booking b LEFT JOIN occupancy o ON o.booking_id = b.id AND o.kind = 'event' \
         GROUP BY b.id HAVING count(o.id) <> CASE WHEN booking_has_rows(b.state, b.holds_slot) THEN cardinality(b.area_ids) ELSE 0 END \
           OR count(o.id) FILTER (WHERE NOT (o.area_id = ANY (b.area_ids) AND o.during = booking_taken(b) \
             AND o.layout_version_id IS NOT DISTINCT FROM b.layout_version_id)) > 0 \
         UNION ALL SELECT 'occupancy ' || o.id || ' is of no booking' FROM occupancy o \
         WHERE o.kind <> 'closure' AND NOT EXISTS (SELECT 1 FROM booking b WHERE b.id = o.booking_id)",
    ),
    (
        List::Offence,
        "6 what rows rest on",
        "SELECT 'occupancy ' || o.id || ' is in a layout version that is a draft' AS row \
         FROM occupancy o JOIN layout_version v ON v.id IN (o.layout_version_id, o.from_version_id, o.to_version_id) WHERE v.state = 'draft' \
         UNION ALL SELECT 'booking ' || b.reference || ' takes an area of another space' \
         FROM booking b JOIN area a ON a.id = ANY (b.area_ids) WHERE a.space_id <> b.space_id \
         UNION ALL SELECT 'booking ' || b.reference || ' takes an area that is gone' \
         FROM booking b, unnest(b.area_ids) n (id) WHERE NOT EXISTS (SELECT 1 FROM area a WHERE a.id = n.id) \
         UNION ALL SELECT 'booking ' || b.reference || ' takes other areas than its layout version claims' \
         FROM booking b WHERE b.layout_version_id IS NOT NULL AND b.area_ids IS DISTINCT FROM (SELECT array_agg(c.area_id ORDER BY c.area_id) \
           FROM layout_version_area c JOIN area a ON a.id = c.area_id WHERE c.layout_version_id = b.layout_version_id AND a.space_id = b.space_id) \
         UNION ALL SELECT 'area ' || a.id || ' begins with a layout version that is a draft or does not claim it' \
         FROM area a WHERE a.initial_layout_version_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM layout_version_area c \
           JOIN layout_version v ON v.id = c.layout_version_id WHERE v.id = a.initial_layout_version_id AND c.area_id = a.id AND v.state <> 'draft')",
    ),
    (
        List::Offence,
        "8 one effect for one request",
        "SELECT 'key of caller ' || caller || ' stands ' || count(*) || ' times' AS row FROM idempotency GROUP BY caller, key HAVING count(*) > 1",
    ),
    (
        List::Offence,
        "9 a transition and its messages",
        // each such line of a booking's history was written with a message of that kind
        "SELECT 'booking ' || b.reference || ' was promised ' || count(*) || ' ' || p.kind || ' and has ' || \
           (SELECT count(*) FROM message m WHERE m.booking_id = b.id AND m.kind = p.kind) AS row \
         FROM (VALUES ('request', 'requested', 'booking_received'), ('confirm', 'confirmed', 'booking_confirmed'), \
             ('decline', 'declined', 'booking_declined'), ('withdraw', 'withdrawn', 'booking_withdrawn'), \
             ('cancel', 'cancelled', 'booking_cancelled'), ('expire', 'expired', 'booking_expired'), \
             ('displace', 'cancelled', 'booking_displaced'), ('reschedule', 'requested', 'booking_changed'), \
             ('reschedule', 'confirmed', 'booking_changed')) p (event, to_state, kind) \
         JOIN booking_event e ON e.event = p.event AND e.to_state = p.to_state JOIN booking b ON b.id = e.booking_id \
         GROUP BY b.id, p.kind HAVING count(*) > (SELECT count(*) FROM message m WHERE m.booking_id = b.id AND m.kind = p.kind)",
    ),
    (
        List::Overtaken,
        "2 inside one shift",
        "SELECT 'occupancy ' || o.id || ' lies in no shift of its crew any more' AS row FROM occupancy o \
         WHERE o.kind = 'changeover' AND upper(o.during) > clock_timestamp() \
           AND NOT EXISTS (SELECT 1 FROM crew_shift s WHERE s.crew_id = o.crew_id AND s.during @> o.during)",
    ),
    (
        List::Overtaken,
        "2 measured minutes",
        "SELECT 'occupancy ' || o.id || ' lasts less than the ' || t.minutes || ' minutes that are known now' AS row \
         FROM occupancy o JOIN changeover_time t ON t.area_id = o.area_id AND t.from_version_id = o.from_version_id AND t.to_version_id = o.to_version_id \
         WHERE o.kind = 'changeover' AND lower(o.during) > clock_timestamp() AND upper(o.during) - lower(o.during) < make_interval(mins => t.minutes)",
    ),
];
