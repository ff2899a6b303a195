//! The pool of connections and the meaning of database errors.

use std::sync::Arc;
use std::time::Duration;

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel::{ConnectionError, ConnectionResult};
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::Transaction;
use super::remembered::Remembered;

/// How long a request waits for a connection before it is told to come again: long enough for a crowd that wants one
/// slot, each after the other, to be told that it is taken.
const WAIT: Duration = Duration::from_secs(20);
/// How long a new connection may take.
const CONNECT: Duration = Duration::from_secs(5);

/// The database, as the features see it: cheap to clone.
#[derive(Clone)]
pub struct Db {
    url: Arc<str>,
    pool: Pool<AsyncPgConnection>,
    remembered: Arc<Remembered>,
}

impl Db {
    /// At most `size` connections to `url`; connects when first asked. `sslmode=require` in the URL means TLS with the
    /// server's certificate verified.
    pub fn new(url: &str, size: usize) -> Result<Self, DbError> {
        Ok(Self {
            url: url.into(),
            pool: pool(url, size)?,
            remembered: Arc::default(),
        })
    }

    /// The same database with connections of its own: for a thread with a runtime of its own, which would otherwise
    /// wait for another thread to read every answer.
    pub fn own_pool(&self, size: usize) -> Result<Self, DbError> {
        Ok(Self {
            pool: pool(&self.url, size)?,
            ..self.clone()
        })
    }

    /// A connection for statements that need no transaction.
    pub async fn conn(&self) -> Result<Object<AsyncPgConnection>, DbError> {
        self.pool.get().await.map_err(|error| {
            tracing::warn!(%error, "no database connection");
            DbError::Unavailable
        })
    }

    /// What this process remembers of it, of a feature's type.
    pub fn remembered<T: std::any::Any + Send + Sync + Default>(&self) -> Arc<T> {
        self.remembered.get()
    }

    /// A transaction that is not yet open: see [`Transaction::begin`].
    pub async fn transaction(&self) -> Result<Transaction, DbError> {
        Ok(Transaction::on(self.conn().await?))
    }
}

fn pool(url: &str, size: usize) -> Result<Pool<AsyncPgConnection>, DbError> {
    let mut config = ManagerConfig::default();
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(establish);
    let manager = AsyncDieselConnectionManager::new_with_config(url, config);
    let pool = Pool::builder(manager)
        .max_size(size)
        // the connection used last has every statement prepared: it is the next one
        .queue_mode(deadpool::managed::QueueMode::Lifo)
        .wait_timeout(Some(WAIT))
        .create_timeout(Some(CONNECT))
        .runtime(deadpool::Runtime::Tokio1)
        .build()
        .map_err(|_| DbError::Unavailable)?;
    Ok(pool)
}

/// Connects for the pool. Our statements are look-ups by keys and ranges, whose plan does not depend on the values:
/// planning them again with each execution, as Postgres does at first, costs more than running them. They are planned
/// once, perhaps while the tables are still empty, and so never for reading a table from end to end.
fn establish(url: &str) -> BoxFuture<'_, ConnectionResult<AsyncPgConnection>> {
    async move {
        let mut connection = connect(url).await?;
        connection
            .batch_execute(
                "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET jit = off",
            )
            .await
            .map_err(ConnectionError::CouldntSetupConfiguration)?;
        Ok(connection)
    }
    .boxed()
}

/// Connects with or without TLS, as the URL says.
pub async fn connect(url: &str) -> ConnectionResult<AsyncPgConnection> {
    let config: tokio_postgres::Config = url.parse().map_err(|error: tokio_postgres::Error| {
        ConnectionError::InvalidConnectionUrl(error.to_string())
    })?;
    let bad = |error: tokio_postgres::Error| ConnectionError::BadConnection(error.to_string());
    if config.get_ssl_mode() == tokio_postgres::config::SslMode::Require {
        let roots =
            rustls::RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        let tls = rustls::ClientConfig::builder()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let (client, connection) = config
            .connect(tokio_postgres_rustls::MakeRustlsConnect::new(tls))
            .await
            .map_err(bad)?;
        AsyncPgConnection::try_from_client_and_connection(client, connection).await
    } else {
        let (client, connection) = config.connect(tokio_postgres::NoTls).await.map_err(bad)?;
        AsyncPgConnection::try_from_client_and_connection(client, connection).await
    }
}

/// What went wrong in the database, in the product's words.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// No connection within the wait, or it broke: nothing was done, or it is unknown whether it was.
    #[error("the database cannot be reached")]
    Unavailable,
    /// Postgres asks to try the transaction again (40001, 40P01).
    #[error("the transaction has to be tried again")]
    Retry,
    /// A constraint of ours said no; its name tells which promise was at stake.
    #[error("constraint {0}")]
    Constraint(String),
    /// What was looked for by id is not there.
    #[error("not found")]
    NotFound,
    /// Anything else is a fault of ours.
    #[error(transparent)]
    Fault(DieselError),
}

impl From<DieselError> for DbError {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::NotFound => DbError::NotFound,
            DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, _) => {
                DbError::Unavailable
            }
            DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => {
                DbError::Retry
            }
            DieselError::DatabaseError(_, ref info) => match info.constraint_name() {
                Some(name) => DbError::Constraint(name.to_owned()),
                None if info.message().contains("deadlock detected") => DbError::Retry,
                None => DbError::Fault(error),
            },
            other => DbError::Fault(other),
        }
    }
}
