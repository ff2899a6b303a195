//! A slow wire to the database, on which round trips can be counted: whatever is sent before an answer comes back is one.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::stage::Stage;

/// Longer than anybody needs to send what belongs together.
const DELAY: Duration = Duration::from_millis(25);

/// Counts, on each connection, the trips from BEGIN up to COMMIT.
pub struct Proxy {
    port: u16,
    database: String,
    trips: Arc<Mutex<Vec<f64>>>,
}

impl Proxy {
    pub fn start(stage: &Stage, url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let trips = Arc::new(Mutex::new(Vec::new()));
        let (socket, counted) = (stage.socket(), trips.clone());
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let server = UnixStream::connect(&socket).unwrap();
                join(client.unwrap(), server, counted.clone());
            }
        });
        let database = url.rsplit('/').next().unwrap().to_owned();
        Self {
            port,
            database,
            trips,
        }
    }

    /// The database, by way of the proxy.
    pub fn url(&self) -> String {
        format!(
            "postgresql://mofang@127.0.0.1:{}/{}",
            self.port, self.database
        )
    }

    pub fn forget(&self) {
        self.trips.lock().unwrap().clear();
    }

    /// Of each transaction since.
    pub fn trips(&self) -> Vec<f64> {
        self.trips.lock().unwrap().clone()
    }
}

fn join(client: TcpStream, server: UnixStream, trips: Arc<Mutex<Vec<f64>>>) {
    client.set_nodelay(true).unwrap();
    let answered = Arc::new(AtomicBool::new(true));
    let (mut from_client, mut to_server) =
        (client.try_clone().unwrap(), server.try_clone().unwrap());
    let (mut from_server, mut to_client) = (server, client);
    let answers = answered.clone();
    std::thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        let mut count = None;
        while let Ok(read @ 1..) = from_client.read(&mut buffer) {
            let sent = &buffer[..read];
            let has = |word: &[u8]| sent.windows(word.len()).any(|part| part == word);
            let next = answered.swap(false, Ordering::SeqCst);
            if has(b"BEGIN ISOLATION") {
                count = Some(1.0);
            } else if has(b"COMMIT\0") {
                trips.lock().unwrap().extend(count.take());
            } else if next {
                count = count.map(|count| count + 1.0);
            }
            if to_server.write_all(sent).is_err() {
                break;
            }
        }
        let _ = to_server.shutdown(Shutdown::Both);
    });
    std::thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(read @ 1..) = from_server.read(&mut buffer) {
            std::thread::sleep(DELAY);
            answers.store(true, Ordering::SeqCst);
            if to_client.write_all(&buffer[..read]).is_err() {
                break;
            }
        }
        let _ = to_client.shutdown(Shutdown::Both);
    });
}
