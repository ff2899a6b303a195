//! Brings a database to the state this binary expects.

use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::sql_query;
use diesel_async::{AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!();

/// Why the database is not in the state that was asked for.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The lock that lets one process migrate at a time could not be had.
    #[error("the database could not be locked for migration: {0}")]
    Lock(#[from] diesel::result::Error),
    /// A migration failed; those before it were applied, it was rolled back.
    #[error("migration failed: {0}")]
    Step(Box<dyn std::error::Error + Send + Sync>),
    /// The thread that ran the migrations is gone.
    #[error("migration was interrupted: {0}")]
    Interrupted(#[from] tokio::task::JoinError),
}

/// Applies what is missing, each step in a transaction of its own, and returns the names of what was applied.
///
/// Any number of processes may call this at once: one applies, the others wait and find nothing to do.
/// The connection is used up, and the lock ends with it, whatever happens.
pub async fn run(mut connection: AsyncPgConnection) -> Result<Vec<String>, MigrateError> {
    // The number is arbitrary ("mofang" in ASCII), but must stay: older and newer binaries meet at it.
    sql_query("SELECT pg_advisory_lock(x'6d6f66616e67'::bigint)")
        .execute(&mut connection)
        .await?;
    tokio::task::spawn_blocking(move || {
        let mut harness = AsyncMigrationHarness::new(connection);
        let applied = harness
            .run_pending_migrations(MIGRATIONS)
            .map_err(MigrateError::Step)?;
        Ok(applied.iter().map(ToString::to_string).collect())
    })
    .await?
}

/// The version of the newest step that this binary knows, as the database writes it down.
pub fn latest() -> Option<String> {
    let steps: Vec<Box<dyn Migration<Pg>>> = MIGRATIONS.migrations().ok()?;
    steps
        .iter()
        .map(|step| step.name().version().to_string())
        .max()
}
