//! A transaction whose statements can be pipelined.
//!
//! `transaction()` of diesel-async spends a round trip each on BEGIN and COMMIT, and wants the connection for
//! itself. Here BEGIN travels with the first statements (`try_join!(tx.begin(), first, second)`) and the statements
//! of one step travel together. COMMIT is always a round trip of its own, after every result is known: sent as part
//! of a pipeline it could overtake a statement that is still being prepared, and after a failed statement it would
//! answer ROLLBACK without an error.

use std::time::Duration;

use diesel::QueryResult;
use diesel_async::pooled_connection::deadpool::Object;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use tokio_postgres::error::SqlState;

/// How long a rollback may take (it waits for the statement that was under way) before the connection is closed.
const PATIENCE: Duration = Duration::from_secs(5);

/// An open transaction. Dropped without [`Transaction::commit`] or [`Transaction::rollback`], as every refusal does, it is
/// rolled back by a task of its own; where that fails its connection is closed. Half of a transaction never reaches the
/// next borrower.
pub struct Transaction {
    connection: Option<Object<AsyncPgConnection>>,
}

impl Transaction {
    pub(super) fn on(connection: Object<AsyncPgConnection>) -> Self {
        Self {
            connection: Some(connection),
        }
    }

    /// The connection, shared: futures made from it are sent in the order in which they are first polled.
    #[allow(clippy::expect_used)]
    pub fn conn(&self) -> &AsyncPgConnection {
        self.connection
            .as_ref()
            .expect("a transaction that ended is gone")
    }

    /// Opens the transaction; must be the first future polled.
    pub async fn begin(&self) -> QueryResult<()> {
        let mut conn = self.conn();
        conn.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED")
            .await
    }

    /// Commits: the deferred constraints have their last word here.
    pub async fn commit(mut self) -> QueryResult<()> {
        let mut conn = self.conn();
        let done = conn.batch_execute("COMMIT").await;
        if !done.as_ref().is_err_and(broken) {
            self.give_back();
        }
        done
    }

    /// Ends the transaction without effect.
    pub async fn rollback(mut self) -> QueryResult<()> {
        let mut conn = self.conn();
        conn.batch_execute("ROLLBACK").await?;
        self.give_back();
        Ok(())
    }

    /// Gives up what was done and every lock; the connection stays, to read without a transaction.
    pub async fn abandon(&self) -> QueryResult<()> {
        let mut conn = self.conn();
        conn.batch_execute("ROLLBACK").await
    }

    fn give_back(&mut self) {
        drop(self.connection.take());
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else {
            return;
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(clean(connection))),
            Err(_) => drop(Object::take(connection)),
        }
    }
}

/// Rolls back and gives the connection back, or closes it.
async fn clean(connection: Object<AsyncPgConnection>) {
    let rolled_back = {
        let mut conn: &AsyncPgConnection = &connection;
        tokio::time::timeout(PATIENCE, conn.batch_execute("ROLLBACK")).await
    };
    match rolled_back {
        Ok(Ok(())) => drop(connection),
        _ => drop(Object::take(connection)),
    }
}

fn broken(error: &diesel::result::Error) -> bool {
    use diesel::result::{DatabaseErrorKind, Error};
    match error {
        Error::DatabaseError(DatabaseErrorKind::ClosedConnection, _) => true,
        Error::DatabaseError(_, info) => info.message().contains(SqlState::ADMIN_SHUTDOWN.code()),
        _ => true,
    }
}
