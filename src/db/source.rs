//! Which Postgres the product uses: the one that `DATABASE_URL` names, or a private cluster.

use crate::config::Config;
use crate::db::cluster::{self, Cluster, ClusterError, Durability};

/// A database that can be connected to.
#[derive(Debug)]
pub struct Source {
    url: String,
    cluster: Option<Cluster>,
}

impl Source {
    /// Takes `DATABASE_URL` as it is; without it, makes or starts the private cluster and waits for it.
    pub async fn open(config: &Config) -> Result<Self, ClusterError> {
        if let Some(url) = &config.database_url {
            return Ok(Self {
                url: url.expose().to_owned(),
                cluster: None,
            });
        }
        let (data, pg_bin) = (config.data.clone(), config.pg_bin.clone());
        let cluster =
            blocking(move || Cluster::start(&data, pg_bin.as_deref(), Durability::Full)).await?;
        Ok(Self {
            url: cluster.url(cluster::DATABASE),
            cluster: Some(cluster),
        })
    }

    /// The connection string, which may hold a password.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The private cluster, if it is one.
    pub fn cluster(&self) -> Option<&Cluster> {
        self.cluster.as_ref()
    }

    /// Stops the private cluster, if it is one and nobody else uses it.
    pub async fn close(self) -> Result<(), ClusterError> {
        match self.cluster {
            Some(cluster) => blocking(move || cluster.stop()).await,
            None => Ok(()),
        }
    }
}

/// Runs what waits for other programs off the async threads.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
