//! The HTTP server: what its handlers share, how it is put together, how it starts and stops.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{HttpServer, web};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use super::events::Hub;
use super::notifier::Notifier;
use super::rate::{Limits, Rates};
use super::{envelope, health};
use crate::audit::reading::Readings;
use crate::db::Db;
use crate::identity::{Keys, password};
use crate::message;
use crate::pages;
use crate::routes;

/// A request's head must have arrived after this: a slow client holds no worker.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections that one process keeps open, streams of events included.
const CONNECTIONS: usize = 10_000;

/// What the HTTP side needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What links begin with, without a slash at the end.
    pub base_url: String,
    /// Whether the public address is https: secure cookies, HSTS.
    pub https: bool,
    /// Whether a proxy of ours stands in front, whose last entry in `X-Forwarded-For` is the client's address.
    pub behind_proxy: bool,
    /// How many requests a caller may make in a minute.
    pub rates: Limits,
    /// The version of the newest migration, as diesel writes it down; `None` where readiness need not look.
    pub latest_migration: Option<String>,
    /// Worker threads; as many as cores where nothing is said, but no more than have two connections each.
    pub workers: Option<usize>,
    /// Connections to the database that the workers share out.
    pub pool: usize,
    /// Where mails are kept instead of being sent: shown on a page, for development.
    pub mail_folder: Option<PathBuf>,
    /// How long requests keep coming in after readiness went down, so that a balancer notices.
    pub drain: Duration,
    /// How long the last requests may take after that.
    pub grace: Duration,
}

impl Settings {
    /// The defaults for this public address.
    pub fn new(base_url: &str) -> Self {
        Self {
            base_url: base_url.trim_end_matches('/').to_owned(),
            https: base_url.starts_with("https://"),
            behind_proxy: false,
            rates: Limits::ASSUMED,
            latest_migration: None,
            workers: None,
            pool: 16,
            mail_folder: None,
            drain: Duration::ZERO,
            grace: Duration::from_secs(30),
        }
    }
}

/// What all handlers share: cheap to clone; as `web::Data<App>` in handlers.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub db: Db,
    /// What signs and verifies access tokens.
    pub keys: Keys,
    /// Addresses and limits.
    pub settings: Arc<Settings>,
    /// Fans live events out.
    pub hub: Hub,
    /// Announces changes, after their commit.
    pub notifier: Notifier,
    /// Counts requests, with all other processes.
    pub rates: Rates,
    /// Notes whose personal data staff read.
    pub readings: Readings,
    stopping: Arc<watch::Sender<bool>>,
}

impl App {
    /// Puts the shared state together and starts its tasks, on the current tokio runtime. `database_url` is that of
    /// `db`: live events have a connection of their own.
    pub fn new(db: Db, database_url: &str, keys: Keys, settings: Settings) -> Self {
        let (stopping, draining) = watch::channel(false);
        health::recorder();
        password::prepare();
        Self {
            hub: Hub::start(database_url.to_owned(), draining),
            notifier: Notifier::start(db.clone()),
            rates: Rates::start(db.clone(), settings.rates),
            readings: Readings::start(db.clone()),
            db,
            keys,
            settings: Arc::new(settings),
            stopping: Arc::new(stopping),
        }
    }

    /// Turns true when the process begins to stop.
    pub fn draining(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    /// Begins to stop: readiness goes down, streams of events end.
    pub fn drain(&self) {
        self.stopping.send_replace(true);
    }
}

fn build(app: &App, listener: TcpListener) -> io::Result<Server> {
    let settings = &app.settings;
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let workers = settings.workers.unwrap_or(cores);
    let workers = workers.clamp(1, (settings.pool / 2).max(1));
    let share = (settings.pool / workers).max(1);
    let (shared, mails) = (app.clone(), settings.mail_folder.clone());
    // run once by each worker, on its thread
    let factory = move || {
        let mut app = shared.clone();
        match app.db.own_pool(share) {
            Ok(db) => app.db = db,
            Err(error) => tracing::error!(%error, "a worker shares the connections of others"),
        }
        let mails = mails.clone();
        actix_web::App::new()
            .app_data(web::Data::new(app))
            .configure(routes::mount)
            .configure(pages::mount)
            .configure(|config| {
                if let Some(folder) = mails {
                    message::page::mount(config, folder);
                }
            })
            .default_service(web::to(envelope::nowhere))
            .wrap(Compress::default())
            .wrap(from_fn(envelope::envelope))
    };
    let server = HttpServer::new(factory)
        .workers(workers)
        .disable_signals()
        .client_request_timeout(HEAD_TIMEOUT)
        .client_disconnect_timeout(Duration::from_secs(5))
        .keep_alive(Duration::from_secs(75))
        .max_connections(CONNECTIONS)
        .shutdown_timeout(app.settings.grace.as_secs().max(1));
    Ok(server.listen(listener)?.run())
}

/// Serves until `shutdown` is done, then drains: readiness goes down and streams end, requests are still taken for the
/// drain time, what is being answered is finished within the grace time.
pub async fn serve(
    app: App,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let server = build(&app, listener)?;
    let handle = server.handle();
    let mut running = tokio::spawn(server);
    let upkeep = tokio::spawn(async {
        loop {
            tokio::time::sleep(Duration::from_secs(5)).await;
            health::recorder().run_upkeep();
        }
    });
    let done = tokio::select! {
        done = &mut running => done,
        () = shutdown => {
            app.drain();
            tokio::time::sleep(app.settings.drain).await;
            handle.stop(true).await;
            running.await
        }
    };
    upkeep.abort();
    done.map_err(io::Error::other)?
}

/// A server that runs beside its caller.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// What its handlers share.
    pub app: App,
    stop: oneshot::Sender<()>,
    task: JoinHandle<io::Result<()>>,
}

impl Running {
    /// Starts a server on a free port of this machine.
    pub async fn start(app: App) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let shared = app.clone();
        let task = tokio::spawn(serve(shared, listener, async move {
            let _ = stopped.await;
        }));
        Ok(Self {
            address,
            app,
            stop,
            task,
        })
    }

    /// Stops it and waits until it has.
    pub async fn stop(self) -> io::Result<()> {
        let _ = self.stop.send(());
        self.task.await.map_err(io::Error::other)?
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::{ALLOW, CONTENT_TYPE};
    use reqwest::{Client, Method, Response};

    use super::*;

    /// A server whose database does not exist: what it answers without one.
    async fn without_database() -> Running {
        let data = std::env::temp_dir().join(format!("mofang-http-{}", uuid::Uuid::now_v7()));
        let url = "postgres://nobody@127.0.0.1:1/nowhere";
        let keys = Keys::load(&data).unwrap();
        std::fs::remove_dir_all(data).unwrap();
        let app = App::new(
            Db::new(url, 1).unwrap(),
            url,
            keys,
            Settings::new("https://mofang.example"),
        );
        Running::start(app).await.unwrap()
    }

    async fn problem(response: Response, status: u16, slug: &str) -> serde_json::Value {
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        for header in [
            "x-request-id",
            "content-security-policy",
            "strict-transport-security",
        ] {
            assert!(response.headers().contains_key(header), "{header}");
        }
        let body: serde_json::Value = response.json().await.unwrap();
        assert_eq!(body["type"], format!("/problems/{slug}"));
        body
    }

    #[tokio::test]
    async fn every_error_is_a_problem_in_the_callers_language() {
        let server = without_database().await;
        let client = Client::new();
        let url = |path: &str| format!("http://{}{path}", server.address);
        let get = |path: &str| client.get(url(path)).send();
        let post = |kind: &'static str, body: Vec<u8>| {
            let request = client.post(url("/v1/sign-ins")).header(CONTENT_TYPE, kind);
            request.header("accept-language", "en").body(body).send()
        };

        let body = problem(get("/v1/nothing").await.unwrap(), 404, "not-found").await;
        assert_eq!(body["title"], "没有找到");
        let put = client
            .request(Method::PUT, url("/v1/sign-ins"))
            .send()
            .await
            .unwrap();
        assert_eq!(put.headers()[ALLOW], "DELETE, GET, HEAD, POST");
        problem(put, 405, "method-not-allowed").await;
        problem(get("/v1/me").await.unwrap(), 401, "not-signed-in").await;
        let body = problem(get("/v1/me?a=1").await.unwrap(), 422, "invalid-input").await;
        assert_eq!(body["errors"][0]["field"], "a");
        problem(
            post("text/plain", b"{}".to_vec()).await.unwrap(),
            415,
            "unsupported-media-type",
        )
        .await;
        let large = post(
            "application/json",
            vec![b' '; super::super::json::LIMIT + 1],
        );
        problem(large.await.unwrap(), 413, "too-large").await;
        let broken = post("application/json; charset=utf-8", b"{".to_vec())
            .await
            .unwrap();
        let body = problem(broken, 400, "bad-request").await;
        assert_eq!(body["title"], "The request cannot be read");
        let body = problem(
            post("application/json", b"{}".to_vec()).await.unwrap(),
            422,
            "invalid-input",
        )
        .await;
        assert_eq!(body["errors"][0]["code"], "required");
        assert_eq!(get("/health/live").await.unwrap().status(), 200);
        problem(get("/health/ready").await.unwrap(), 503, "unavailable").await;
        let head = client.head(url("/v1/openapi.json")).send().await.unwrap();
        assert_eq!(head.status(), 200);
        let page = get("/v1/docs").await.unwrap();
        let policy = page.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .to_owned();
        assert!(policy.contains("script-src 'self';"));
        server.stop().await.unwrap();
    }
}
