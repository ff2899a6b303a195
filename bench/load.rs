//! HTTP clients that cost as little as possible: a thread and a connection each, requests written as bytes.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use crate::stage::{Service, id};

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A booking.
    Create,
    /// The bookings of a day in 12 spaces.
    Day,
}

impl Kind {
    /// As the raw scripts are called.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Create => "create",
            Kind::Day => "day",
        }
    }
}

/// Bookings of one slot of four hours: so many floors are taken in each, so a floor is booked about every 20 hours.
const PER_SLOT: usize = 40;
/// Every slot lies within the shifts and the horizon.
const SLOTS: usize = 778 * 6;
/// In each slot any of five neighbouring floors.
const CHOICE: usize = 200 / PER_SLOT;

/// Runs against one service: slots never repeat among them.
pub struct Run<'a> {
    service: &'a Service,
    next: AtomicUsize,
    first: DateTime<Utc>,
}

impl<'a> Run<'a> {
    pub fn new(service: &'a Service) -> Self {
        let first = Utc::now().date_naive() + TimeDelta::days(1);
        Self {
            service,
            next: AtomicUsize::new(0),
            first: first.and_time(chrono::NaiveTime::MIN).and_utc(),
        }
    }

    /// Answers a second.
    pub fn go(&mut self, kind: Kind, connections: usize, seconds: u64) -> f64 {
        let began = Instant::now();
        let until = began + Duration::from_secs(seconds);
        let run = &*self;
        let answers: usize = std::thread::scope(|scope| {
            let clients: Vec<_> = (1..=connections)
                .map(|n| {
                    scope.spawn(move || Client::new(run, n).work(kind, || Instant::now() < until))
                })
                .collect();
            clients
                .into_iter()
                .map(|client| client.join().unwrap())
                .sum()
        });
        #[allow(clippy::cast_precision_loss)]
        let answers = answers as f64;
        answers / began.elapsed().as_secs_f64()
    }

    /// The floor and the start of a booking that no other has: near in time to those before it.
    fn slot(&self, dice: &mut Dice) -> (usize, DateTime<Utc>) {
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        let slot = n / PER_SLOT;
        assert!(slot < SLOTS, "every slot is taken: shorter or fewer runs");
        let floor = 1 + n % PER_SLOT * CHOICE + dice.throw() % CHOICE;
        (
            floor,
            self.first + TimeDelta::hours(i64::try_from(slot).unwrap() * 4 + 1),
        )
    }
}

/// So many bookings, one after the other.
pub fn bookings(service: &Service, count: usize) {
    static DONE: AtomicUsize = AtomicUsize::new(0);
    let run = Run {
        next: AtomicUsize::new(DONE.fetch_add(count, Ordering::Relaxed)),
        ..Run::new(service)
    };
    let mut left = count;
    Client::new(&run, 1).work(Kind::Create, || {
        left = left.wrapping_sub(1);
        left != usize::MAX
    });
}

/// Numbers that nobody needs to foresee (xorshift).
struct Dice(u64);

impl Dice {
    fn throw(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap()
    }
}

struct Client<'a> {
    run: &'a Run<'a>,
    number: usize,
    stream: TcpStream,
    dice: Dice,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl<'a> Client<'a> {
    fn new(run: &'a Run<'a>, number: usize) -> Self {
        let address: SocketAddr = run.service.address;
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        let seed = uuid::Uuid::now_v7().as_u128() ^ number as u128;
        #[allow(clippy::cast_possible_truncation)]
        let dice = Dice((seed ^ (seed >> 64)) as u64 | 1);
        Self {
            run,
            number,
            stream,
            dice,
            request: Vec::new(),
            answer: vec![0; 1 << 16],
        }
    }

    /// Asks as long as the condition holds; how often.
    fn work(mut self, kind: Kind, mut on: impl FnMut() -> bool) -> usize {
        let mut answers = 0;
        while on() {
            match kind {
                Kind::Create => {
                    self.booking();
                    self.ask(b"HTTP/1.1 201 ");
                }
                Kind::Day => {
                    self.day();
                    self.ask(b"HTTP/1.1 200 ");
                }
            }
            answers += 1;
        }
        answers
    }

    fn booking(&mut self) {
        let (floor, start) = self.run.slot(&mut self.dice);
        let version = floor + self.dice.throw() % 2 * 1000;
        let body = format!(
            r#"{{"space_id":"{}","layout_version_id":"{}","start":"{}","end":"{}","event_type":"roadshow","title":"a roadshow","attendance":80,"organisation_id":"{}"}}"#,
            id(3, floor),
            id(7, version),
            start.format("%FT%TZ"),
            (start + TimeDelta::hours(2)).format("%FT%TZ"),
            id(9, 1),
        );
        self.request.clear();
        write!(
            self.request,
            "POST /v1/bookings HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\nIdempotency-Key: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.run.service.tokens[self.number],
            uuid::Uuid::now_v7(),
            body.len(),
        )
        .unwrap();
    }

    fn day(&mut self) {
        let day = self.run.first + TimeDelta::days(i64::try_from(self.dice.throw() % 250).unwrap());
        self.request.clear();
        write!(
            self.request,
            "GET /v1/bookings?venue_id={}&from={}&to={}&limit=100 HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\n\r\n",
            id(1, 1),
            day.format("%FT%TZ"),
            (day + TimeDelta::days(1)).format("%FT%TZ"),
            self.run.service.tokens[0],
        )
        .unwrap();
    }

    fn ask(&mut self, status: &[u8]) {
        self.stream.write_all(&self.request).unwrap();
        let mut filled = 0;
        let mut wanted = None;
        while wanted.is_none_or(|wanted| filled < wanted) {
            let read = self.stream.read(&mut self.answer[filled..]).unwrap();
            assert!(read > 0, "the service hung up");
            filled += read;
            if wanted.is_none() {
                wanted = whole(&self.answer[..filled]);
            }
            if filled == self.answer.len() {
                self.answer.resize(filled * 2, 0);
            }
        }
        assert!(
            self.answer.starts_with(status),
            "{}",
            String::from_utf8_lossy(&self.answer[..filled])
        );
    }
}

/// How long the whole answer is, once its head is there.
pub fn whole(answer: &[u8]) -> Option<usize> {
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&answer[..head]).unwrap();
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse::<usize>().unwrap())
    });
    Some(head + 4 + length.expect("a content-length"))
}
