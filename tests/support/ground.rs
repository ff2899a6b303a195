//! The database that journeys start from: one private cluster serves the whole run; a template is migrated and seeded
//! once, each test gets a copy of it.

use std::path::PathBuf;

use diesel::QueryableByName;
use diesel::sql_query;
use diesel::sql_types::Text;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use mofang::catalogue::seed::seed;
use mofang::catalogue::timing;
use mofang::db::Db;
use mofang::db::cluster::{Cluster, Durability};
use mofang::db::migrate;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::cast::people;

const TEMPLATE: &str = "mofang_template";

/// The venue's calendar knows the years that journeys book in, whenever they run.
const THIS_YEAR_AND_NEXT: &str = "INSERT INTO calendar_day (venue_id, date, name, is_off_day) \
    SELECT v.id, make_date(extract(year FROM now())::int + y, 1, 1), '元旦', true FROM venue v, generate_series(0, 1) y \
    ON CONFLICT DO NOTHING";

static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();

/// The cluster of this run, with the template in it.
async fn cluster() -> &'static Cluster {
    CLUSTER
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
            timing::settle(&db).await.unwrap();
            let mut conn = AsyncPgConnection::establish(&url).await.unwrap();
            conn.batch_execute(THIS_YEAR_AND_NEXT).await.unwrap();
            people(&mut conn).await;
            cluster
        })
        .await
}

/// A copy of the template: its name and its URL. One that a test leaves behind goes when the next run begins.
pub async fn database() -> (String, String) {
    let name = format!("journey_{}", Uuid::now_v7().simple());
    administer(&format!(
        "CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy"
    ))
    .await;
    let url = cluster().await.url(&name);
    (name, url)
}

/// Drops a copy, whoever is still connected to it.
pub(super) async fn drop_database(name: &str) {
    administer(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
}

async fn administer(sql: &str) {
    let url = cluster().await.url("postgres");
    let mut admin = AsyncPgConnection::establish(&url).await.unwrap();
    admin.batch_execute(sql).await.unwrap();
}

/// A row of one text.
#[derive(QueryableByName)]
pub(super) struct Name {
    #[diesel(sql_type = Text)]
    pub name: String,
}
