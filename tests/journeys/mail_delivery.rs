//! Every promised mail arrives, or the front desk sees that it did not: over real SMTP, from a real outbox.

use std::sync::Arc;
use std::time::Duration;

use diesel::sql_types::{Integer, Nullable, Text};
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use mail_parser::MessageParser;
use mofang::db::Db;
use mofang::id::{BookingId, MessageId};
use mofang::language::Locale;
use mofang::message::care::FailureReason;
use mofang::message::worker::Worker;
use mofang::message::{BookingFacts, Draft, MessageKind, Sender, Transport, store};
use mofang::span::Span;
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use crate::smtp::{Behaviour, PASSWORD, SmtpServer, USER};

/// A database of its own with one booking.
struct World {
    url: String,
    db: Db,
    booking: BookingId,
}

impl World {
    async fn new() -> Self {
        let (_, url) = crate::support::database().await;
        let mut conn = AsyncPgConnection::establish(&url).await.unwrap();
        let booking = BookingId::new();
        conn.batch_execute(&format!(
            "INSERT INTO venue (id, slug, name_zh, name_en, time_zone, hours) VALUES ('{venue}', 'v', '馆', 'V', 'Asia/Shanghai', '[]'); \
             INSERT INTO space (id, venue_id, slug, position, kind, name_zh, name_en, people_cap) VALUES ('{space}', '{venue}', 's', 1, 'room', '室', 'S', 10); \
             INSERT INTO area (id, space_id, slug, position) VALUES ('{space}', '{space}', 'a', 1); \
             INSERT INTO booking (id, reference, space_id, state, during, area_ids, holds_slot, event_type, title, attendance, contact_name) \
             VALUES ('{booking}', 'R1', '{space}', 'cancelled', '[2026-11-24 06:00Z, 2026-11-24 08:00Z)', ARRAY['{space}'::uuid], false, 'meeting', 't', 5, 'c')",
            venue = Uuid::now_v7(),
            space = Uuid::now_v7(),
        ))
        .await
        .unwrap();
        let db = Db::new(&url, 8).unwrap();
        Self { url, db, booking }
    }

    fn draft(&self, email: Option<&str>, key: &str, kind: MessageKind) -> Draft {
        let at = |text: &str| text.parse().unwrap();
        Draft {
            id: MessageId::new(),
            kind,
            recipient_id: None,
            email: email.map(str::to_owned),
            phone: None,
            locale: Locale::ZhCn,
            facts: BookingFacts {
                booking_id: self.booking,
                reference: "R1".to_owned(),
                title: ".一行以点开头的标题".to_owned(),
                event_type: "meeting".to_owned(),
                state: "confirmed".to_owned(),
                attendance: 5,
                venue_zh: "馆".to_owned(),
                venue_en: "V".to_owned(),
                space_zh: "室".to_owned(),
                space_en: "S".to_owned(),
                layout_version_id: None,
                layout_zh: None,
                layout_en: None,
                time_zone: "Asia/Shanghai".to_owned(),
                during: Span::new(at("2026-11-24T06:00:00Z"), at("2026-11-24T08:00:00Z")).unwrap(),
                contact_name: "c".to_owned(),
                organisation: None,
                sequence: 0,
                previously: None,
                reason: String::new(),
                decide_by: None,
                offer: None,
                alternatives: Vec::new(),
                answer_by: None,
                guest_link: None,
                question: String::new(),
                ready_at: None,
            },
            dedupe_key: key.to_owned(),
        }
    }

    async fn write(&self, drafts: &[Draft]) {
        let conn = self.db.conn().await.unwrap();
        store::insert(&conn, drafts).await.unwrap();
    }

    async fn conn(&self) -> AsyncPgConnection {
        AsyncPgConnection::establish(&self.url).await.unwrap()
    }

    async fn sql(&self, sql: &str) {
        self.conn().await.batch_execute(sql).await.unwrap();
    }

    async fn row(&self, key: &str) -> Row {
        sql_query("SELECT state, tries, last_error FROM message WHERE dedupe_key = $1")
            .bind::<Text, _>(key)
            .get_result(&mut self.conn().await)
            .await
            .unwrap()
    }

    async fn wait_for(&self, key: &str, state: &str) -> Row {
        for _ in 0..1000 {
            let row = self.row(key).await;
            if row.state == state {
                return row;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{key} is {:?}, not {state}", self.row(key).await);
    }

    async fn tasks(&self) -> Vec<String> {
        #[derive(QueryableByName)]
        struct Task {
            #[diesel(sql_type = Text)]
            reason: String,
        }
        let tasks: Vec<Task> = sql_query(
            "SELECT detail->>'reason' AS reason FROM task WHERE kind = 'mail_undelivered' AND done_at IS NULL ORDER BY id",
        )
        .load(&mut self.conn().await)
        .await
        .unwrap();
        tasks.into_iter().map(|task| task.reason).collect()
    }

    /// As if the wait were over.
    async fn skip_waits(&self) {
        self.sql("UPDATE message SET next_try_at = now() WHERE state = 'queued'")
            .await;
    }

    fn start(&self, url: &str, server: &SmtpServer) -> Running {
        let wake = Arc::new(Notify::new());
        let (stop, stopped) = watch::channel(false);
        let worker = Worker {
            db: self.db.clone(),
            transport: Arc::new(Transport::smtp(url, Some(server.authority())).unwrap()),
            sender: Arc::new(
                Sender::new(
                    "魔方 <booking@cube.example.org>",
                    "https://cube.example.org",
                )
                .unwrap(),
            ),
            wake: wake.clone(),
        };
        Running {
            wake,
            stop,
            handle: worker.spawn(stopped),
        }
    }
}

#[derive(Debug, PartialEq, QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Integer)]
    tries: i32,
    #[diesel(sql_type = Nullable<Text>)]
    last_error: Option<String>,
}

struct Running {
    wake: Arc<Notify>,
    stop: watch::Sender<bool>,
    handle: tokio::task::JoinHandle<()>,
}

impl Running {
    async fn end(self) {
        self.stop.send(true).unwrap();
        tokio::time::timeout(Duration::from_secs(15), self.handle)
            .await
            .unwrap()
            .unwrap();
    }
}

fn message_id(raw: &[u8]) -> String {
    let mail = MessageParser::default().parse(raw).unwrap();
    mail.message_id().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_are_sent_in_order_over_kept_connections() {
    let (world, server) = (World::new().await, SmtpServer::start().await);
    let running = world.start(&server.url(), &server);
    let kinds = [
        MessageKind::BookingReceived,
        MessageKind::BookingConfirmed,
        MessageKind::BookingChanged,
    ];
    let drafts: Vec<_> = kinds
        .iter()
        .map(|kind| world.draft(Some("a@example.org"), kind.as_str(), *kind))
        .chain([world.draft(Some("b@example.org"), "other", MessageKind::RequestToDecide)])
        .collect();
    world.write(&drafts).await;
    world.write(&drafts).await; // told twice, sent once
    running.wake.notify_one();
    let mails = server.wait_for("a@example.org", 3).await;
    let ids: Vec<_> = mails.iter().map(|mail| message_id(&mail.raw)).collect();
    let expected: Vec<_> = drafts
        .iter()
        .take(3)
        .map(|draft| format!("{}@cube.example.org", draft.id))
        .collect();
    assert_eq!(ids, expected);
    server.wait_for("b@example.org", 1).await;
    for key in [
        "booking_received",
        "booking_confirmed",
        "booking_changed",
        "other",
    ] {
        world.wait_for(key, "sent").await;
    }
    assert_eq!(server.mails().len(), 4);
    assert!(server.connections() <= 2, "{}", server.connections());
    assert_eq!(mails[0].from, "booking@cube.example.org");
    let mail = MessageParser::default()
        .parse(mails[1].raw.as_slice())
        .unwrap();
    assert_eq!(
        mail.subject().unwrap(),
        "预约已确认：.一行以点开头的标题，11月24日（周二）14:00–16:00"
    );
    assert!(
        mail.body_text(0)
            .unwrap()
            .contains("活动：.一行以点开头的标题")
    );
    running.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_stop_and_faults_come_again() {
    let (world, server) = (World::new().await, SmtpServer::start().await);
    server.script("no@example.org", &[Behaviour::Refuse]);
    server.script("spam@example.org", &[Behaviour::RefuseMail]);
    server.script(
        "later@example.org",
        &[Behaviour::Later, Behaviour::DropInMail, Behaviour::Accept],
    );
    server.script(
        "twice@example.org",
        &[Behaviour::DropAfterMail, Behaviour::Accept],
    );
    let kind = MessageKind::BookingConfirmed;
    world
        .write(&[
            world.draft(Some("no@example.org"), "no", kind),
            world.draft(Some("no@example.org"), "no again", kind),
            world.draft(Some("spam@example.org"), "spam", kind),
            world.draft(Some("later@example.org"), "later", kind),
            world.draft(Some("twice@example.org"), "twice", kind),
            world.draft(Some("nobody"), "nobody", kind),
            world.draft(None, "caller", kind),
        ])
        .await;
    assert_eq!(
        world.row("caller").await.last_error.as_deref(),
        Some(store::NO_ADDRESS)
    );
    assert_eq!(world.tasks().await, [store::NO_ADDRESS]);
    let running = world.start(&server.url(), &server);
    let row = world.wait_for("no again", "failed").await;
    assert_eq!(row.tries, 1);
    assert!(row.last_error.unwrap().contains("no such person"));
    world.wait_for("spam", "failed").await;
    world.wait_for("nobody", "failed").await;
    // one task a reader, however many mails they miss; it says why, and quotes nobody's address
    let mut reasons = world.tasks().await;
    reasons.sort();
    let expected = ["address_refused", "address_refused", "mail_refused"];
    assert_eq!(reasons[..3], expected);
    assert_eq!(reasons[3..], [store::NO_ADDRESS]);

    for tries in 1..=2 {
        while world.row("later").await.tries < tries
            || world.row("later").await.last_error.is_none()
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(world.row("later").await.state, "queued");
        world.skip_waits().await;
        running.wake.notify_one();
    }
    assert_eq!(
        world.wait_for("later", "sent").await,
        Row {
            state: "sent".to_owned(),
            tries: 3,
            last_error: None
        }
    );
    world.wait_for("twice", "sent").await;
    let twice = server.mails_to("twice@example.org");
    assert_eq!(twice.len(), 2);
    assert_eq!(twice[0].raw, twice[1].raw);
    running.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_hangs_holds_up_nobody_else() {
    let (world, server) = (World::new().await, SmtpServer::start().await);
    server.script("hang@example.org", &[Behaviour::Hang]);
    let kind = MessageKind::BookingConfirmed;
    world
        .write(&[world.draft(Some("hang@example.org"), "hang", kind)])
        .await;
    let running = world.start(&server.url(), &server);
    while world.row("hang").await.tries == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let drafts: Vec<_> = (0..20)
        .map(|n| world.draft(Some(&format!("{n}@example.org")), &format!("{n}"), kind))
        .collect();
    world.write(&drafts).await;
    running.wake.notify_one();
    for n in 0..20 {
        world.wait_for(&format!("{n}"), "sent").await;
    }
    assert_eq!(world.row("hang").await.state, "queued");
    running.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_workers_send_each_mail_once_and_what_a_dead_one_held_is_sent_later() {
    let (world, server) = (World::new().await, SmtpServer::start().await);
    let kind = MessageKind::BookingConfirmed;
    let drafts: Vec<_> = (0..40)
        .map(|n| world.draft(Some(&format!("{n}@example.org")), &format!("{n}"), kind))
        .collect();
    world.write(&drafts).await;
    // a worker that died with a claim in its hands
    let conn = world.conn().await;
    let held = store::claim(&conn, 5, Duration::from_secs(1))
        .await
        .unwrap();
    assert_eq!(held.len(), 5);
    let workers: Vec<_> = (0..3)
        .map(|_| world.start(&server.url(), &server))
        .collect();
    for n in 0..40 {
        world.wait_for(&format!("{n}"), "sent").await;
    }
    assert_eq!(server.mails().len(), 40);
    // its word comes too late
    store::failed(&conn, &held[0], FailureReason::MailRefused, "too late")
        .await
        .unwrap();
    store::retry(&conn, &held[1], Duration::ZERO, "too late")
        .await
        .unwrap();
    assert!(world.tasks().await.is_empty());
    for worker in workers {
        worker.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_at_fault_fail_no_message_for_good() {
    let (world, server) = (World::new().await, SmtpServer::start().await);
    world
        .write(&[world.draft(Some("a@example.org"), "a", MessageKind::BookingConfirmed)])
        .await;
    let running = world.start(&server.url_as(USER, "wrong"), &server);
    while world.row("a").await.last_error.is_none() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let row = world.row("a").await;
    assert_eq!(row.state, "queued");
    assert!(row.last_error.unwrap().contains("535"));
    running.end().await;
    assert!(server.mails().is_empty());

    // a server whose certificate nobody vouches for gets neither password nor mail
    let stranger = SmtpServer::start().await;
    world.skip_waits().await;
    world.sql("UPDATE message SET last_error = NULL").await;
    let running = world.start(&stranger.url_as(USER, PASSWORD), &server);
    while world.row("a").await.last_error.is_none() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(world.row("a").await.state, "queued");
    assert!(stranger.mails().is_empty());
    running.end().await;
}
