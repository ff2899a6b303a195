//! What the journeys share: a venue in a database of its own, people, and a client that speaks HTTP.
//!
//! One private cluster serves the whole run; a template is migrated and seeded once, each test gets a copy of it.

pub mod post;

use std::path::PathBuf;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use diesel::QueryableByName;
use diesel::sql_query;
use diesel::sql_types::{Array, Text, Uuid as SqlUuid};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use mofang::catalogue::seed::seed;
use mofang::db::Db;
use mofang::db::cluster::{Cluster, Durability};
use mofang::db::migrate;
use mofang::http::server::{App, Running, Settings};
use mofang::identity::{AccessClaims, Keys};
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use uuid::Uuid;

/// The cluster of this run, and the name of the template.
struct Ground {
    cluster: Cluster,
}

const TEMPLATE: &str = "mofang_template";

static GROUND: OnceCell<Ground> = OnceCell::const_new();

async fn ground() -> &'static Ground {
    GROUND
        .get_or_init(|| async {
            let data = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("mofang");
            let pg_bin = std::env::var_os("MOFANG_PG_BIN").map(PathBuf::from);
            let cluster = tokio::task::spawn_blocking(move || {
                std::fs::create_dir_all(&data).unwrap();
                Cluster::start(&data, pg_bin.as_deref(), Durability::Off).unwrap()
            })
            .await
            .unwrap();
            let mut admin = AsyncPgConnection::establish(&cluster.url("postgres")).await.unwrap();
            // what an earlier run left
            let old: Vec<Name> = sql_query("SELECT datname::text AS name FROM pg_database WHERE datname LIKE 'journey%' OR datname = $1")
                .bind::<Text, _>(TEMPLATE)
                .load(&mut admin)
                .await
                .unwrap();
            for database in old {
                admin.batch_execute(&format!("DROP DATABASE \"{}\" WITH (FORCE)", database.name)).await.unwrap();
            }
            admin.batch_execute(&format!("CREATE DATABASE {TEMPLATE}")).await.unwrap();
            let url = cluster.url(TEMPLATE);
            migrate::run(AsyncPgConnection::establish(&url).await.unwrap()).await.unwrap();
            let db = Db::new(&url, 2).unwrap();
            seed(&db).await.unwrap();
            people(&mut AsyncPgConnection::establish(&url).await.unwrap()).await;
            Ground { cluster }
        })
        .await
}

/// A copy of the template: its name and its URL. One that a test leaves behind goes when the next run begins.
pub async fn database() -> (String, String) {
    let ground = ground().await;
    let name = format!("journey_{}", Uuid::now_v7().simple());
    let mut admin = AsyncPgConnection::establish(&ground.cluster.url("postgres"))
        .await
        .unwrap();
    admin
        .batch_execute(&format!(
            "CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy"
        ))
        .await
        .unwrap();
    let url = ground.cluster.url(&name);
    (name, url)
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Two enterprises with their people, a resident, and the staff. Nobody has a password: journeys about signing in give
/// themselves one.
async fn people(conn: &mut AsyncPgConnection) {
    conn.batch_execute(
        "INSERT INTO organisation (id, venue_id, kind, name, credit_code, state) \
           SELECT gen_random_uuid(), v.id, 'enterprise', n, c, 'verified' FROM venue v, (VALUES ('矩阵机器人', '91310115MA1DEM0A01'), ('云图科技', '91310115MA1DEM0A02')) x (n, c); \
         INSERT INTO \"user\" (id, email, name, phone, locale, password_hash, verified_at) \
           SELECT gen_random_uuid(), n || '@test.example', n, '+86 138 0000 0000', CASE WHEN n LIKE '%2' THEN 'en' ELSE 'zh-CN' END, 'none', now() \
           FROM unnest(ARRAY['booker', 'colleague', 'viewer', 'booker2', 'resident', 'approver', 'approver2', 'desk', 'crew', 'admin']) n; \
         INSERT INTO membership (organisation_id, user_id, role) \
           SELECT o.id, u.id, r FROM (VALUES ('矩阵机器人', 'booker', 'owner'), ('矩阵机器人', 'colleague', 'booker'), ('矩阵机器人', 'viewer', 'viewer'), ('云图科技', 'booker2', 'booker')) x (o, u, r) \
           JOIN organisation o ON o.name = x.o JOIN \"user\" u ON u.name = x.u; \
         INSERT INTO staff_role (id, user_id, venue_id, role) \
           SELECT gen_random_uuid(), u.id, v.id, r FROM venue v, (VALUES ('approver', 'approver'), ('approver2', 'approver'), ('desk', 'front_desk'), ('crew', 'crew'), ('admin', 'admin')) x (u, r) \
           JOIN \"user\" u ON u.name = x.u",
    )
    .await
    .unwrap();
}

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

/// Somebody who calls.
#[derive(Clone)]
pub struct Person {
    pub id: Uuid,
    pub name: String,
    pub organisation: Option<Uuid>,
    pub token: String,
    base: String,
    http: reqwest::Client,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
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
        let mut admin = AsyncPgConnection::establish(&ground().await.cluster.url("postgres"))
            .await
            .unwrap();
        admin
            .batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.database))
            .await
            .unwrap();
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

    /// Somebody of the cast, signed in.
    pub async fn person(&self, name: &str) -> Person {
        let id = self
            .id(&format!(
                "SELECT id AS id FROM \"user\" WHERE name = '{name}'"
            ))
            .await;
        let organisation = self
            .texts(&format!(
                "SELECT organisation_id::text AS name FROM membership WHERE user_id = '{id}'"
            ))
            .await;
        let organisation = organisation
            .into_iter()
            .next()
            .map(|text| text.parse().unwrap());
        let sign_in = Uuid::now_v7();
        self.run(&format!(
            "INSERT INTO sign_in (id, user_id) VALUES ('{sign_in}', '{id}')"
        ))
        .await;
        let claims = AccessClaims::new(
            mofang::id::UserId(id),
            mofang::id::SignInId(sign_in),
            Utc::now().timestamp() + 900,
        );
        let token = self.running.app.keys.sign(&claims).unwrap();
        Person {
            id,
            name: name.to_owned(),
            organisation,
            token,
            base: self.base(),
            http: self.http.clone(),
        }
    }

    /// As many fresh residents, signed in, as are wanted.
    pub async fn crowd(&self, count: usize) -> Vec<Person> {
        let ids: Vec<Uuid> = (0..count).map(|_| Uuid::now_v7()).collect();
        let sign_ins: Vec<Uuid> = (0..count).map(|_| Uuid::now_v7()).collect();
        let mut conn = self.sql().await;
        sql_query(
            "INSERT INTO \"user\" (id, email, name, password_hash, verified_at) SELECT i, i || '@test.example', 'one of many', 'none', now() FROM unnest($1) i",
        )
        .bind::<Array<SqlUuid>, _>(&ids)
        .execute(&mut conn)
        .await
        .unwrap();
        sql_query("INSERT INTO membership (organisation_id, user_id, role) SELECT o.id, i, 'booker' FROM unnest($1) i, organisation o WHERE o.name = '矩阵机器人'")
            .bind::<Array<SqlUuid>, _>(&ids)
            .execute(&mut conn)
            .await
            .unwrap();
        sql_query("INSERT INTO sign_in (id, user_id) SELECT * FROM unnest($1, $2)")
            .bind::<Array<SqlUuid>, _>(&sign_ins)
            .bind::<Array<SqlUuid>, _>(&ids)
            .execute(&mut conn)
            .await
            .unwrap();
        let organisation = Some(
            self.id("SELECT id AS id FROM organisation WHERE name = '矩阵机器人'")
                .await,
        );
        let expires = Utc::now().timestamp() + 900;
        ids.iter()
            .zip(&sign_ins)
            .map(|(id, sign_in)| {
                let claims = AccessClaims::new(
                    mofang::id::UserId(*id),
                    mofang::id::SignInId(*sign_in),
                    expires,
                );
                let token = self.running.app.keys.sign(&claims).unwrap();
                Person {
                    id: *id,
                    name: "one of many".to_owned(),
                    organisation,
                    token,
                    base: self.base(),
                    http: self.http.clone(),
                }
            })
            .collect()
    }

    /// Whoever these tokens were given to.
    pub fn signed_in(&self, answer: &Answer) -> Person {
        let user = &answer.body["user"];
        Person {
            id: user["id"].as_str().unwrap().parse().unwrap(),
            name: user["name"].as_str().unwrap().to_owned(),
            organisation: None,
            token: answer.body["access_token"].as_str().unwrap().to_owned(),
            base: self.base(),
            http: self.http.clone(),
        }
    }

    /// Makes an account over HTTP, by mail, and signs in.
    pub async fn newcomer(&self, post: &post::Post, email: &str, password: &str) -> Person {
        let nobody = self.nobody();
        let before = post.server.mails_to(email).len();
        let body =
            json!({"email": email, "password": password, "name": "新来的", "locale": "zh-CN"});
        nobody.post("/v1/accounts", body).await.expect(202);
        let token = post.last(email, before + 1).await.token();
        nobody
            .post("/v1/accounts/verify", json!({"token": token}))
            .await
            .expect(204);
        let signed_in = nobody.sign_in(email, password).await.expect(201);
        self.signed_in(&signed_in)
    }

    /// Somebody who is not signed in.
    pub fn nobody(&self) -> Person {
        Person {
            id: Uuid::nil(),
            name: "nobody".to_owned(),
            organisation: None,
            token: String::new(),
            base: self.base(),
            http: self.http.clone(),
        }
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
             UPDATE change_request SET {during}; UPDATE closure SET {during}; COMMIT",
            during = moved("during"),
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

    /// Opens everything around the clock and takes lead times away: for journeys whose time is now.
    pub async fn always_open(&self) {
        self.run(
            "UPDATE venue SET hours = '[{\"days\": \"mon-sun\", \"from\": \"00:00\", \"to\": \"24:00\"}]'; \
             UPDATE space SET hours = NULL, bookable_hours = NULL, policy = policy - 'lead_workdays' - 'lead_hours' || '{\"grid_min\": 1, \"minutes\": [1, 100000]}'; \
             INSERT INTO crew_shift (id, crew_id, during) SELECT gen_random_uuid(), c.id, r FROM crew c, \
               unnest(tstzmultirange(tstzrange(now() - interval '3 days', now() + interval '3 days')) - \
                 (SELECT range_agg(s.during) FROM crew_shift s)) r",
        )
        .await;
    }

    /// What the clock says to the worker, once.
    pub async fn tick(&self) {
        mofang::booking::clock::tick(&self.db, None).await.unwrap();
    }

    /// Returns when so many processes listen for changes.
    pub async fn listening(&self, processes: usize) {
        for _ in 0..1000 {
            let there = self
                .texts("SELECT pid::text AS name FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'LISTEN%' AND state = 'idle'")
                .await;
            if there.len() >= processes {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("nobody listens");
    }

    /// Every invariant holds.
    pub async fn check(&self) {
        let report = mofang::booking::check::run(&self.db).await.unwrap();
        assert!(report.is_clean(), "{report}");
    }
}

impl Person {
    /// A request with a JSON body (`Value::Null`: none).
    pub async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        self.call_with(method, path, body, &[]).await
    }

    /// The same person, at another process.
    pub fn served_at(&self, base: &str) -> Self {
        Self {
            base: base.to_owned(),
            ..self.clone()
        }
    }

    /// The same with more headers.
    pub async fn call_with(
        &self,
        method: &str,
        path: &str,
        body: Value,
        headers: &[(&str, &str)],
    ) -> Answer {
        let response = self.send(method, path, body, headers).await;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer {
            status,
            headers,
            body,
        }
    }

    /// The same, but for what is shown as the token.
    pub fn bearing(&self, token: &str) -> Self {
        Self {
            token: token.to_owned(),
            ..self.clone()
        }
    }

    /// The same, and the answer's body is not read.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        body: Value,
        headers: &[(&str, &str)],
    ) -> reqwest::Response {
        let mut request = self
            .http
            .request(method.parse().unwrap(), format!("{}{path}", self.base));
        if !self.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !headers.iter().any(|(name, _)| *name == "accept-language") {
            request = request.header("accept-language", "en");
        }
        if !body.is_null() {
            request = request.json(&body);
        }
        request.send().await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, Value::Null).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path, body).await
    }

    /// Signs in with address and password.
    pub async fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.post(
            "/v1/sign-ins",
            json!({"email": email, "password": password}),
        )
        .await
    }

    /// Asks for a booking.
    pub async fn book(&self, wish: &Wish) -> Answer {
        self.post("/v1/bookings", wish.body(self)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.call("PUT", path, body).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call("PATCH", path, body).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.call("DELETE", path, Value::Null).await
    }

    /// A task is done.
    pub async fn act_on_task(&self, task: &str) -> Answer {
        self.post(&format!("/v1/tasks/{task}/done"), Value::Null)
            .await
    }

    /// An act on a booking with particulars.
    pub async fn act_with(&self, booking: &str, act: &str, body: Value) -> Answer {
        self.post(&format!("/v1/bookings/{booking}/{act}"), body)
            .await
    }

    /// An act on a booking without particulars.
    pub async fn act(&self, booking: &str, act: &str) -> Answer {
        self.post(&format!("/v1/bookings/{booking}/{act}"), Value::Null)
            .await
    }
}

impl Answer {
    /// Fails the test unless the status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    /// The id of what was answered.
    pub fn id(&self) -> String {
        self.body["id"].as_str().unwrap().to_owned()
    }

    /// The state in the answer: the booking's, or the one that refused.
    pub fn state(&self) -> &str {
        self.body["state"].as_str().unwrap_or("none")
    }

    /// The kind of a problem, without its prefix.
    pub fn problem(&self) -> &str {
        let kind = self.body["type"].as_str().unwrap_or("none");
        kind.strip_prefix("/problems/").unwrap_or(kind)
    }

    /// The codes of the reasons of a refusal.
    pub fn reasons(&self) -> Vec<String> {
        self.body["reasons"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|reason| reason["code"].as_str().unwrap().to_owned())
            .collect()
    }

    /// What is wrong with the fields at fault, `field code`.
    pub fn codes(&self) -> Vec<String> {
        self.body["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|error| {
                let text = |name: &str| error[name].as_str().unwrap().to_owned();
                format!("{} {}", text("field"), text("code"))
            })
            .collect()
    }

    /// The fields at fault.
    pub fn fields(&self) -> Vec<String> {
        self.body["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|error| error["field"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// A wish for a booking, with sensible words.
#[derive(Debug, Clone)]
pub struct Wish {
    pub space: Uuid,
    pub version: Option<Uuid>,
    pub start: DateTime<Utc>,
    pub minutes: i64,
    pub event_type: &'static str,
    pub attendance: i32,
    pub more: Value,
}

impl Wish {
    /// For a space without a floor.
    pub fn new(space: Uuid, start: DateTime<Utc>, minutes: i64) -> Self {
        Self {
            space,
            version: None,
            start,
            minutes,
            event_type: "meeting",
            attendance: 5,
            more: json!({}),
        }
    }

    /// In a layout of a floor.
    pub fn layout(mut self, version: Uuid, event_type: &'static str) -> Self {
        self.version = Some(version);
        self.event_type = event_type;
        self
    }

    /// At another time.
    pub fn at(mut self, start: DateTime<Utc>) -> Self {
        self.start = start;
        self
    }

    /// For so many minutes.
    pub fn lasting(mut self, minutes: i64) -> Self {
        self.minutes = minutes;
        self
    }

    /// For so many people.
    pub fn people(mut self, attendance: i32) -> Self {
        self.attendance = attendance;
        self
    }

    /// As a hold.
    pub fn hold(self) -> Self {
        self.with(json!({"mode": "hold"}))
    }

    /// With more fields, or others.
    pub fn with(mut self, more: Value) -> Self {
        self.more
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        self
    }

    /// What goes over the wire, for this person and their organisation.
    pub fn body(&self, person: &Person) -> Value {
        let mut body = json!({
            "space_id": self.space,
            "start": self.start,
            "end": self.start + TimeDelta::minutes(self.minutes),
            "event_type": self.event_type,
            "title": "新产品路演",
            "attendance": self.attendance,
        });
        let fields = body.as_object_mut().unwrap();
        if let Some(version) = self.version {
            fields.insert("layout_version_id".to_owned(), json!(version));
        }
        if let Some(organisation) = person.organisation {
            fields.insert("organisation_id".to_owned(), json!(organisation));
        }
        fields.extend(self.more.as_object().unwrap().clone());
        body
    }
}

/// An instant some days from now at a wall time of Shanghai, on a Wednesday: never a weekend, far enough for every lead
/// time, near enough for every horizon of an enterprise.
pub fn wednesday(hour: u32, minute: u32) -> DateTime<Utc> {
    let today: NaiveDate = (Utc::now() + TimeDelta::hours(8)).date_naive();
    let mut date = today + TimeDelta::days(21);
    while date.weekday() != chrono::Weekday::Wed {
        date += TimeDelta::days(1);
    }
    date.and_hms_opt(hour, minute, 0).unwrap().and_utc() - TimeDelta::hours(8)
}
