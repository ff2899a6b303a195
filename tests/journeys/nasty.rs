//! Five hundred nasty strings through every text field, in a process of its own: what people write stays words, in mails, in
//! calendars, in the log.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mail_parser::{MessageParser, MimeHeaders};
use mofang::identity::password;
use serde_json::{Value, json};

use crate::smtp::SmtpServer;
use crate::support::{Answer, Person, Wish, World, wednesday};

/// In every string: what the log must never hold.
const MARK: &str = "ZQXJ";

const PAYLOADS: [&str; 25] = [
    "\r\nBcc: victim@evil.example",
    "\nSubject: another",
    "\r\n\r\n<script>alert(1)</script>",
    "END:VEVENT\r\nEND:VCALENDAR\r\nBEGIN:VCALENDAR",
    "\nATTENDEE:mailto:victim@evil.example",
    "\\nDTSTART:19700101T000000Z\\n;,:\"^n^'",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "</mj-text><mj-raw><b>x</b></mj-raw>",
    "<!-- --><![CDATA[ x ]]>&amp;&#0;&nbsp;",
    "{{ words.link }} {% for %} { $title } { venue }",
    "=?utf-8?B?QmNjOiB2aWN0aW0=?=",
    "=0D=0ABcc: victim@evil.example",
    "\u{2028}\u{2029}\u{85}\u{b}\u{c}Bcc: x@y.example",
    "\u{202e}gnorw\u{2066}\u{2069}\u{200e}\u{feff}",
    "👩‍👩‍👧‍👦🏳️‍🌈é\u{301}\u{301}\u{301}ﷺ",
    "'; DROP TABLE booking; --",
    "=cmd|' /C calc'!A0",
    "..\r\n.\r\nQUIT\r\n",
    "\u{1b}[31m\u{7}\u{8}\u{7f}",
    "%0d%0aSet-Cookie: x=y %s %n ${jndi:ldap://x}",
    "../../etc/passwd\\..\\",
    "{\"level\":\"ERROR\",\"message\":\"forged\"}\n{\"x\":1}",
    "\u{0}nul",
    "𝕏𠮷𡘙\u{10ffff}\u{fffd}",
];

fn strings() -> Vec<String> {
    let around: [fn(&str, usize) -> String; 20] = [
        |p, n| format!("{p}{MARK}{n}"),
        |p, n| format!("{MARK}{n}{p}"),
        |p, n| format!("新品 {p} {MARK}{n} 路演"),
        |p, n| format!("{p}{p}{p}{MARK}{n}"),
        |p, n| format!(" \t{p}{MARK}{n}\t "),
        |p, n| format!("{MARK}{n}{}{p}", "长".repeat(60)),
        |p, n| format!("\"{p}\"{MARK}{n}"),
        |p, n| format!("'{p}'{MARK}{n}"),
        |p, n| format!("<{p}>{MARK}{n}"),
        |p, n| format!("[{p}]{MARK}{n}"),
        |p, n| format!("({p}){MARK}{n}"),
        |p, n| format!("\\{p}\\{MARK}{n}"),
        |p, n| format!("{p};{MARK}{n},"),
        |p, n| format!("{p}:{MARK}{n}="),
        |p, n| format!(".{p}\n.{MARK}{n}"),
        |p, n| format!("{MARK}{n} {}", p.to_uppercase()),
        |p, n| format!("{MARK}{n} {}", p.chars().rev().collect::<String>()),
        |p, n| format!("{}{MARK}{n}", p.replace(['\r', '\n'], "\r")),
        |p, n| format!("{MARK}{n}{}", p.replace(' ', "\u{a0}")),
        |p, n| format!("{MARK}{n}{p}{}", "é".repeat(80)),
    ];
    (0..PAYLOADS.len() * around.len())
        .map(|n| around[n / PAYLOADS.len()](PAYLOADS[n % PAYLOADS.len()], n))
        .collect()
}

/// `mofang serve` as it runs anywhere, with what it logs.
struct Process {
    child: Child,
    base: String,
    log: Arc<Mutex<Vec<String>>>,
}

impl Process {
    async fn start(world: &World, smtp: &SmtpServer) -> Self {
        let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let mut child = Command::new(env!("CARGO_BIN_EXE_mofang"))
            .arg("serve")
            .env("MOFANG_LISTEN", address.to_string())
            .env("MOFANG_DATA", world.keys().parent().unwrap())
            .env("DATABASE_URL", &world.url)
            .env("SMTP_URL", smtp.url())
            .env("MOFANG_SMTP_CA", smtp.authority())
            .env("MOFANG_LOG", "debug")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let stderr = child.stderr.take();
        let base = format!("http://{address}");
        let process = Self { child, base, log };
        let lines = process.log.clone();
        std::thread::spawn(move || {
            let lines_read = BufReader::new(stderr.unwrap()).split(b'\n');
            for line in lines_read.map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).into_owned();
                lines.lock().unwrap().push(line);
            }
        });
        for _ in 0..3000 {
            let ready = format!("{}/health/ready", process.base);
            let ready = world.http.get(ready).send().await;
            if ready.is_ok_and(|answer| answer.status() == 200) {
                return process;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("not ready: {:?}", process.log.lock().unwrap());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Taken, or refused with the field named; never a fault.
fn taken(answer: &Answer, text: &str) -> bool {
    if answer.status < 300 {
        return true;
    }
    assert_eq!(answer.status, 422, "{text:?}: {}", answer.body);
    assert!(!answer.fields().is_empty(), "{text:?}: {}", answer.body);
    false
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

struct Fields {
    booker: Person,
    resident: Person,
    staff: Person,
    wish: Wish,
    venue: uuid::Uuid,
}

impl Fields {
    /// One string through every field; how many of them took it.
    async fn fill(&self, n: usize, text: &str) -> usize {
        let (booking, own) = tokio::join!(self.booking(n, text), self.own(text));
        booking + own
    }

    async fn booking(&self, n: usize, text: &str) -> usize {
        let wish = self.wish.clone().with(json!({
            "title": cut(text, 200), "needs": text,
            "contact": {"name": cut(text, 100), "email": format!("n{n}@nasty.example"), "phone": "13800138000"}}));
        let asked = self.booker.book(&wish).await;
        let mut count = usize::from(taken(&asked, text));
        let plain = self.wish.clone().with(json!({
            "contact": {"name": "王芳", "email": format!("n{n}@nasty.example"), "phone": "13800138000"}}));
        let id = match count {
            1 => asked.id(),
            _ => self.booker.book(&plain).await.expect(201).id(),
        };
        let edit = json!({"title": cut(text, 200), "needs": text});
        let edited = self.booker.patch(&format!("/v1/bookings/{id}"), edit).await;
        count += usize::from(taken(&edited, text));
        let reason = json!({ "reason": text });
        let declined = self.staff.act_with(&id, "decline", reason).await;
        if taken(&declined, text) {
            return count + 1;
        }
        let reason = json!({"reason": "x"});
        self.staff
            .act_with(&id, "decline", reason)
            .await
            .expect(200);
        count
    }

    async fn own(&self, text: &str) -> usize {
        let mut count = 0;
        let name = json!({ "name": cut(text, 200) });
        count += usize::from(taken(&self.staff.patch("/v1/me", name.clone()).await, text));
        let test = json!({"venue_id": self.venue});
        self.staff.post("/v1/test-mails", test).await.expect(201);
        let new = json!({"venue_id": self.venue, "kind": "association", "name": cut(text, 200)});
        let made = self.resident.post("/v1/organisations", new).await;
        count += usize::from(taken(&made, text));
        if made.status == 201 {
            let refuse = format!("/v1/organisations/{}/refuse", made.id());
            let reason = json!({ "reason": text });
            count += usize::from(taken(&self.staff.post(&refuse, reason).await, text));
        }
        let sign_in = json!({"email": cut(text, 200), "password": cut(text, 100)});
        let answer = self
            .resident
            .call_with("POST", "/v1/sign-ins", sign_in, &[("x-forwarded-for", "x")])
            .await;
        assert!(
            [401, 422, 429].contains(&answer.status),
            "{text:?}: {}",
            answer.body
        );
        let headers = [("if-match", "\"x\""), ("idempotency-key", MARK)];
        let path = format!("/v1/bookings?reference={MARK}");
        let found = self.staff.call_with("GET", &path, Value::Null, &headers);
        assert_eq!(found.await.status, 422);
        count
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_nasty_strings_stay_words() {
    let (world, smtp) = (World::new().await, SmtpServer::start().await);
    // one member of staff, who wants no mail about each of five hundred requests
    let hash = password::hash("moonlight over the weir".to_owned())
        .await
        .unwrap();
    world
        .run(&format!(
            "INSERT INTO staff_role (id, user_id, venue_id, role) SELECT gen_random_uuid(), u.id, v.id, 'admin' FROM \"user\" u, venue v WHERE u.name = 'approver'; \
             DELETE FROM staff_role WHERE user_id <> (SELECT id FROM \"user\" WHERE name = 'approver'); \
             INSERT INTO notification_setting (user_id, digest_at) SELECT id, '00:00' FROM \"user\" WHERE name = 'approver'; \
             UPDATE \"user\" SET password_hash = '{hash}', email = 'staff@nasty.example' WHERE name = 'approver'; \
             UPDATE \"user\" SET email = 'resident@nasty.example' WHERE name = 'resident'"
        ))
        .await;
    let process = Process::start(&world, &smtp).await;
    let at = |person: Person| person.served_at(&process.base);
    let fields = Fields {
        booker: at(world.person("booker").await),
        resident: at(world.person("resident").await),
        staff: at(world.person("approver").await),
        wish: Wish::new(world.space("huiju").await, wednesday(10, 0), 60)
            .layout(world.version("roadshow_main").await, "roadshow"),
        venue: world.venue,
    };
    let strings = strings();
    assert_eq!(strings.iter().collect::<BTreeSet<_>>().len(), 500);
    let mut taken = 0;
    for (n, text) in strings.iter().enumerate() {
        taken += fields.fill(n, text).await;
    }
    // most of it is somebody's words and is taken
    assert!(taken > 1500, "{taken}");

    let queued =
        "SELECT count(*)::text AS name FROM message WHERE state = 'queued' AND waits_for IS NULL";
    for _ in 0..6000 {
        if world.text(queued).await == "0" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let states = "SELECT DISTINCT state AS name FROM message WHERE waits_for IS NULL ORDER BY 1";
    assert_eq!(world.texts(states).await, ["sent"]);
    let mails = smtp.mails();
    assert!(mails.len() > 1500, "{}", mails.len());
    for mail in &mails {
        assert_eq!(mail.to.len(), 1);
        assert!(mail.to[0].ends_with("@nasty.example"), "{:?}", mail.to);
        is_one_mail(&mail.raw);
    }
    let calendars = mails
        .iter()
        .filter(|mail| holds(&mail.raw, "text/calendar"));
    assert!(calendars.count() > 900);

    let log = process.log.clone();
    drop(process);
    let log = std::mem::take(&mut *log.lock().unwrap());
    assert!(log.len() > 2000, "{}", log.len());
    for line in log.iter() {
        let parsed: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line:?}"));
        assert!(
            parsed["fields"].is_object() && parsed["level"].is_string(),
            "{line}"
        );
        for word in [MARK, "nasty.example", "13800138000", "moonlight"] {
            assert!(!line.contains(word), "{line}");
        }
    }
    world.check().await;
    world.end().await;
}

fn holds(raw: &[u8], kind: &str) -> bool {
    String::from_utf8_lossy(raw).contains(kind)
}

/// One mail with the headers that we write, and no markup or calendar line that we do not.
fn is_one_mail(raw: &[u8]) {
    let text = std::str::from_utf8(raw).expect("our mails are text");
    let shown = || text.chars().take(3000).collect::<String>();
    for line in text.split("\r\n") {
        assert!(
            line.len() <= 998 && !line.contains(['\r', '\n', '\0']),
            "{line:?} in {}",
            shown()
        );
    }
    let (head, _) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.is_ascii(), "{head}");
    let mut names: Vec<_> = head
        .split("\r\n")
        .filter(|line| !line.starts_with([' ', '\t']))
        .map(|line| line.split_once(':').unwrap().0)
        .collect();
    names.sort_unstable();
    let ours = [
        "Auto-Submitted",
        "Content-Type",
        "Date",
        "From",
        "MIME-Version",
        "Message-ID",
        "Subject",
        "To",
    ];
    assert_eq!(names, ours, "{head}");
    let mail = MessageParser::default().parse(raw).unwrap();
    assert!(
        !mail.subject().unwrap().chars().any(char::is_control),
        "{:?}",
        mail.subject()
    );
    let html = mail.body_html(0).unwrap();
    let tags = html.split('<').skip(1).map(|rest| {
        let name = rest
            .trim_start_matches('/')
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '!' && c != '-' && c != '[');
        name.into_iter()
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
    });
    const TAGS: [&str; 27] = [
        "noscript",
        "xml",
        "!doctype",
        "!--",
        "!--[if",
        "![endif]--",
        "html",
        "head",
        "title",
        "meta",
        "style",
        "body",
        "div",
        "table",
        "tbody",
        "tr",
        "td",
        "th",
        "h1",
        "strong",
        "br",
        "a",
        "img",
        "p",
        "ul",
        "li",
        "o",
    ];
    for tag in tags {
        assert!(
            TAGS.contains(&tag.as_str()) || tag.starts_with('!'),
            "<{tag}> in {html}"
        );
    }
    // pictures come with the mail, from nowhere else
    let pictures = |from: &str| html.matches(from).count();
    assert_eq!(pictures("src=\""), pictures("src=\"cid:"), "{html}");
    for part in &mail.parts {
        let calendar = part
            .content_type()
            .is_some_and(|kind| kind.subtype() == Some("calendar"));
        if calendar {
            is_one_entry(part.text_contents().unwrap());
        }
    }
}

fn is_one_entry(text: &str) {
    const NAMES: [&str; 28] = [
        "BEGIN",
        "END",
        "PRODID",
        "VERSION",
        "CALSCALE",
        "METHOD",
        "TZID",
        "TZNAME",
        "TZOFFSETFROM",
        "TZOFFSETTO",
        "DTSTART",
        "DTEND",
        "DTSTAMP",
        "UID",
        "SEQUENCE",
        "STATUS",
        "SUMMARY",
        "DESCRIPTION",
        "LOCATION",
        "ORGANIZER",
        "ATTENDEE",
        "CREATED",
        "LAST-MODIFIED",
        "TRANSP",
        "CLASS",
        "URL",
        "RRULE",
        "PRIORITY",
    ];
    let unfolded = text.replace("\r\n ", "").replace("\r\n\t", "");
    let mut begins = Vec::new();
    for line in unfolded.split("\r\n").filter(|line| !line.is_empty()) {
        assert!(!line.contains(['\r', '\n']), "{line:?}");
        let name = line.split([':', ';']).next().unwrap();
        assert!(NAMES.contains(&name), "{line}");
        if name == "ATTENDEE" {
            assert!(!line.contains("victim"), "{line}");
        }
        if name == "BEGIN" {
            begins.push(line.split_once(':').unwrap().1.to_owned());
        }
    }
    begins.retain(|begun| begun != "STANDARD" && begun != "DAYLIGHT");
    assert_eq!(begins, ["VCALENDAR", "VTIMEZONE", "VEVENT"], "{text}");
    let calendar: icalendar::Calendar = text.parse().unwrap();
    let events = calendar
        .components
        .iter()
        .filter(|it| it.as_event().is_some());
    assert_eq!(events.count(), 1, "{text}");
}
