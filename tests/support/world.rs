//! A venue in a database of its own, and what can be asked of it or done to it behind the product's back.

use std::path::PathBuf;

use diesel::QueryableByName;
use diesel::sql_query;
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use mofang::db::Db;
use mofang::db::migrate;
use mofang::http::server::{App, Running, Settings};
use mofang::identity::Keys;
use uuid::Uuid;

use super::ground::{Name, database, drop_database};

/// A venue of its own, served over HTTP.
pub struct World {
    pub running: Running,
    pub db: Db,
    pub url: String,
    pub venue: Uuid,
    pub http: reqwest::Client,
    database: String,
    keys_folder: PathBuf,
}

impl World {
    /// A fresh copy of the venue, served on a free port.
    pub async fn new() -> Self {
        let (database, url) = database().await;
        let db = Db::new(&url, 16).unwrap();
        let keys_folder = std::env::temp_dir().join(&database);
        std::fs::create_dir_all(&keys_folder).unwrap();
        let keys = Keys::load(&keys_folder).unwrap();
        let mut settings = Settings::new("http://localhost");
        settings.workers = Some(1);
        settings.latest_migration = migrate::latest();
        let app = App::new(db.clone(), &url, keys, settings);
        let running = Running::start(app).await.unwrap();
        let mut world = Self {
            running,
            db,
            url,
            venue: Uuid::nil(),
            http: reqwest::Client::new(),
            database,
            keys_folder,
        };
        world.venue = world.id("SELECT id AS id FROM venue").await;
        world
    }

    /// Stops the server and drops the database.
    pub async fn end(self) {
        self.running.stop().await.unwrap();
        drop(self.db);
        drop_database(&self.database).await;
        let _ = std::fs::remove_dir_all(self.keys_folder);
    }

    /// Where the server answers.
    pub fn base(&self) -> String {
        format!("http://{}", self.running.address)
    }

    /// Where its keys are.
    pub fn keys(&self) -> PathBuf {
        self.keys_folder.join("keys")
    }

    /// A connection of its own, for SQL by hand.
    pub async fn sql(&self) -> AsyncPgConnection {
        AsyncPgConnection::establish(&self.url).await.unwrap()
    }

    /// Runs SQL that must succeed.
    pub async fn run(&self, sql: &str) {
        self.sql()
            .await
            .batch_execute(sql)
            .await
            .unwrap_or_else(|error| panic!("{error}: {sql}"));
    }

    /// Runs SQL in one transaction and gives the name of the constraint that refused it, or its message.
    pub async fn refused(&self, sql: &str) -> Option<String> {
        use diesel::result::Error::DatabaseError;
        let mut conn = self.sql().await;
        let done = conn.batch_execute(&format!("BEGIN; {sql}; COMMIT")).await;
        match done {
            Ok(()) => None,
            Err(DatabaseError(_, info)) => {
                Some(info.constraint_name().unwrap_or(info.message()).to_owned())
            }
            Err(other) => Some(other.to_string()),
        }
    }

    /// The one id that the query (`SELECT … AS id`) gives.
    pub async fn id(&self, sql: &str) -> Uuid {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = SqlUuid)]
            id: Uuid,
        }
        let row: Row = sql_query(sql)
            .get_result(&mut self.sql().await)
            .await
            .unwrap_or_else(|error| panic!("{error}: {sql}"));
        row.id
    }

    /// The texts that the query (`SELECT …::text AS name`) gives.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let rows: Vec<Name> = sql_query(sql)
            .load(&mut self.sql().await)
            .await
            .unwrap_or_else(|error| panic!("{error}: {sql}"));
        rows.into_iter().map(|row| row.name).collect()
    }

    /// The one text that the query (`SELECT …::text AS name`) gives.
    pub async fn text(&self, sql: &str) -> String {
        let texts = self.texts(sql).await;
        assert_eq!(texts.len(), 1, "{sql}: {texts:?}");
        texts.into_iter().next().unwrap()
    }

    /// Where the booking stands, as the table says.
    pub async fn state(&self, booking: &str) -> String {
        self.text(&format!(
            "SELECT state AS name FROM booking WHERE id = '{booking}'"
        ))
        .await
    }

    /// What people were told about the booking, `kind address`, in the order in which it was written.
    pub async fn told(&self, booking: &str) -> Vec<String> {
        self.texts(&format!(
            "SELECT kind || ' ' || split_part(coalesce(email, phone, '-'), '@', 1) AS name FROM message WHERE booking_id = '{booking}' ORDER BY id"
        ))
        .await
    }

    /// What is taken in a space, in the order of time: `kind start minutes`, the start in the venue's wall time.
    pub async fn rows(&self, space: Uuid) -> Vec<String> {
        self.texts(&format!(
            "SELECT o.kind || ' ' || to_char(lower(o.during) AT TIME ZONE v.time_zone, 'HH24:MI') || ' ' || round(extract(epoch FROM upper(o.during) - lower(o.during)) / 60) AS name \
             FROM occupancy o JOIN area a ON a.id = o.area_id JOIN space s ON s.id = a.space_id JOIN venue v ON v.id = s.venue_id \
             WHERE s.id = '{space}' ORDER BY lower(o.during), a.position"
        ))
        .await
    }

    /// The areas of a space, in their order.
    pub async fn areas(&self, space: Uuid) -> Vec<Uuid> {
        self.texts(&format!(
            "SELECT id::text AS name FROM area WHERE space_id = '{space}' ORDER BY position"
        ))
        .await
        .iter()
        .map(|id| id.parse().unwrap())
        .collect()
    }

    /// Lets the hold or request lapse, as if its time had come.
    pub async fn lapse(&self, booking: &str) {
        self.run(&format!(
            "UPDATE booking SET expires_at = now() - interval '1 minute' WHERE id = '{booking}'"
        ))
        .await;
    }

    /// Moves everything that is booked, closed or carried by so many minutes into the past, as if they had gone by.
    pub async fn minutes_pass(&self, minutes: i64) {
        let by = format!("interval '{minutes} minutes'");
        let moved = |column: &str| {
            format!("{column} = tstzrange(lower({column}) - {by}, upper({column}) - {by})")
        };
        self.run(&format!(
            "BEGIN; SET LOCAL session_replication_role = replica; \
             UPDATE booking SET {during}, expires_at = expires_at - {by}, arrive_by = arrive_by - {by}, released_at = released_at - {by}, created_at = created_at - {by}; \
             CREATE TEMP TABLE moved ON COMMIT DROP AS SELECT * FROM occupancy; DELETE FROM occupancy; UPDATE moved SET {during}, written_at = written_at - {by}; INSERT INTO occupancy SELECT * FROM moved; \
             UPDATE changeover_job SET {planned}, started_at = started_at - {by}, finished_at = finished_at - {by}; \
             UPDATE change_request SET {during}; UPDATE closure SET {during}; COMMIT",
            during = moved("during"),
            planned = moved("planned"),
        ))
        .await;
    }

    /// A space by its slug.
    pub async fn space(&self, slug: &str) -> Uuid {
        self.id(&format!("SELECT id AS id FROM space WHERE slug = '{slug}'"))
            .await
    }

    /// The published version of a layout of the hall.
    pub async fn version(&self, slug: &str) -> Uuid {
        self.id(&format!("SELECT v.id AS id FROM layout_version v JOIN layout l ON l.id = v.layout_id WHERE l.slug = '{slug}'")).await
    }

    /// Opens everything around the clock, with one shift of days, and takes lead times away: for journeys whose time is now,
    /// whatever the hour they run at.
    pub async fn always_open(&self) {
        self.run(
            "UPDATE venue SET hours = '[{\"days\": \"mon-sun\", \"from\": \"00:00\", \"to\": \"24:00\"}]'; \
             UPDATE space SET hours = NULL, bookable_hours = NULL, policy = policy - 'lead_workdays' - 'lead_hours' || '{\"grid_min\": 1, \"minutes\": [1, 100000]}'; \
             DELETE FROM crew_shift; \
             INSERT INTO crew_shift (id, crew_id, during) SELECT gen_random_uuid(), id, tstzrange(now() - interval '7 days', now() + interval '7 days') FROM crew",
        )
        .await;
    }

    /// What the clock says to the worker, once.
    pub async fn tick(&self) {
        mofang::booking::clock::tick(&self.db, None).await.unwrap();
        let crews = mofang::crew::watch::tick(&self.db, None);
        crews.await.unwrap();
    }

    /// What the worker computes of changeovers, at once.
    pub async fn settle(&self) {
        mofang::catalogue::timing::settle(&self.db).await.unwrap();
    }

    /// Returns when so many statements wait for a lock.
    pub async fn blocked(&self, statements: usize) {
        self.connections(
            statements,
            "wait_event_type = 'Lock' AND state = 'active'",
            "nobody waits",
        )
        .await;
    }

    /// Returns when so many processes listen for changes.
    pub async fn listening(&self, processes: usize) {
        self.connections(
            processes,
            "query ILIKE 'LISTEN%' AND state = 'idle'",
            "nobody listens",
        )
        .await;
    }

    /// Returns when there are so many connections like this.
    async fn connections(&self, count: usize, like: &str, otherwise: &str) {
        let sql = format!(
            "SELECT pid::text AS name FROM pg_stat_activity WHERE datname = current_database() AND {like}"
        );
        for _ in 0..1000 {
            if self.texts(&sql).await.len() >= count {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("{otherwise}");
    }

    /// Every invariant holds.
    pub async fn check(&self) {
        let report = mofang::booking::check::run(&self.db).await.unwrap();
        assert!(report.is_clean(), "{report}");
    }
}
