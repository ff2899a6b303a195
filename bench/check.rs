//! What an editor asks on every drag: a 60×40 floor with 120 blocks judged over HTTP, against the same check without HTTP and
//! without a database.

use std::hint::black_box;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use mofang::layout::{BlockType, Floor, Layout, Placement, Purpose, Rules, Site, check as judged};

use crate::figures::median;
use crate::load::whole;
use crate::stage::{Service, Stage, id};

/// A floor for the first space, and blocks for it.
const GROUND: &str = include_str!("check.sql");
const WIDTH: usize = 60;
const HEIGHT: usize = 40;
/// Answers of one round, and rounds; of the rounds the median.
const ANSWERS: u32 = 300;
const ROUNDS: usize = 7;

/// A store in the north-west, an exit in the east and one in the south.
fn rows() -> Vec<String> {
    let mut rows = vec![vec!['.'; WIDTH]; HEIGHT];
    for row in &mut rows[..5] {
        row[..8].fill('S');
    }
    for row in &mut rows[16..20] {
        row[WIDTH - 1] = 'E';
    }
    rows[HEIGHT - 1][30..34].fill('E');
    rows.into_iter().map(String::from_iter).collect()
}

/// Thirty stands of four blocks.
fn corners() -> Vec<(i32, i32)> {
    let stands = (0..30).map(|stand| (11 + 8 * (stand % 6), 1 + 7 * (stand / 6)));
    let four = |(x, y)| [(0, 0), (2, 0), (0, 2), (2, 2)].map(|(dx, dy)| (x + dx, y + dy));
    stands.flat_map(four).collect()
}

/// Alternating rounds over HTTP, by one kept connection, and of the bare check.
pub fn compare(stage: &Stage) {
    let rows = rows();
    let floor = rows
        .iter()
        .map(|row| format!("'{row}'"))
        .collect::<Vec<_>>();
    let ground = GROUND.replace("{rows}", &floor.join(",")).replace(
        "{areas}",
        &vec![format!("'{}'", "A".repeat(WIDTH)); HEIGHT].join(","),
    );
    let service = stage.serve(&stage.product("bench_check", &ground));
    let mut editor = Editor::new(&service);
    let floor = Floor::parse(&rows).unwrap();
    let types = [BlockType::big()];
    let site = Site {
        floor: &floor,
        types: &types,
        inventory: &[Some(120)],
        rules: Rules::default(),
    };
    let placements = corners().into_iter();
    let layout = Layout {
        purpose: Purpose::Exhibition,
        placements: placements
            .map(|(x, y)| Placement::new(&types, 0, (x, y, 0), false))
            .collect(),
        zones: Vec::new(),
        gates: Vec::new(),
        seats_required: 0,
    };
    let (mut http, mut bare) = (Vec::new(), Vec::new());
    each(ANSWERS, || editor.ask());
    for _ in 0..ROUNDS {
        bare.push(each(ANSWERS, || {
            black_box(judged(black_box(&site), black_box(&layout)));
        }));
        http.push(each(ANSWERS, || editor.ask()));
    }
    let ratios: Vec<f64> = http
        .iter()
        .zip(&bare)
        .map(|(http, bare)| http / bare)
        .collect();
    println!(
        "check: {:.2} ms over HTTP, {:.2} ms without, {:.1} times as long",
        median(&http) * 1e3,
        median(&bare) * 1e3,
        median(&ratios)
    );
}

/// Seconds that one of so many takes.
fn each(count: u32, mut act: impl FnMut()) -> f64 {
    let began = Instant::now();
    (0..count).for_each(|_| act());
    let took: Duration = began.elapsed();
    took.as_secs_f64() / f64::from(count)
}

struct Editor {
    stream: TcpStream,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Editor {
    fn new(service: &Service) -> Self {
        let stream = TcpStream::connect(service.address).unwrap();
        stream.set_nodelay(true).unwrap();
        let block = |(x, y)| format!(r#"{{"t":"big","x":{x},"y":{y}}}"#);
        let blocks: Vec<String> = corners().into_iter().map(block).collect();
        let body = format!(
            r#"{{"space_id":"{}","purpose":"exhibition","placements":[{}]}}"#,
            id(3, 1),
            blocks.join(",")
        );
        let request = format!(
            "POST /v1/layouts/check HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            service.tokens[0],
            body.len()
        );
        Self {
            stream,
            request: request.into_bytes(),
            answer: vec![0; 1 << 20],
        }
    }

    fn ask(&mut self) {
        self.stream.write_all(&self.request).unwrap();
        let mut filled = 0;
        let mut wanted = None;
        while wanted.is_none_or(|wanted| filled < wanted) {
            let read = self.stream.read(&mut self.answer[filled..]).unwrap();
            assert!(read > 0, "the service hung up");
            filled += read;
            wanted = wanted.or_else(|| whole(&self.answer[..filled]));
        }
        let answer = String::from_utf8_lossy(&self.answer[..filled]);
        assert!(
            answer.starts_with("HTTP/1.1 200 ") && answer.contains(r#""violations":[]"#),
            "{answer}"
        );
    }
}
