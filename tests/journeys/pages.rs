//! The pages that links in mails lead to: every link of every kind of mail opens one.

use chrono::Utc;
use mail_parser::MessageParser;
use mofang::id::{BookingId, GuestLinkId, MessageId, OrganisationId};
use mofang::language::Locale;
use mofang::message::account::{self, AccountFacts, AccountKind, AccountLetter};
use mofang::message::digest::{self, DigestFacts, DigestLetter, Item};
use mofang::message::mail::{self, Letter};
use mofang::message::{BookingFacts, MessageKind, Sender};
use mofang::span::Span;
use reqwest::Response;
use serde_json::json;
use uuid::Uuid;

use crate::support::World;
use crate::support::post::Post;

const HOME: &str = "http://localhost";

fn sender(world: &World) -> Sender {
    let sender = Sender::new("Mofang <mofang@venue.example>", HOME).unwrap();
    sender.with_seal(world.running.app.keys.seal().clone())
}

fn facts(guest_link: Option<GuestLinkId>) -> BookingFacts {
    let now = Utc::now();
    let names = || "x".to_owned();
    BookingFacts {
        booking_id: BookingId(Uuid::nil()),
        reference: "KM7D-4RWX".to_owned(),
        title: names(),
        event_type: "meeting".to_owned(),
        state: "confirmed".to_owned(),
        attendance: 8,
        venue_zh: names(),
        venue_en: names(),
        space_zh: names(),
        space_en: names(),
        layout_version_id: None,
        layout_zh: None,
        layout_en: None,
        time_zone: "Asia/Shanghai".to_owned(),
        during: Span::new(now, now + chrono::TimeDelta::hours(1)).unwrap(),
        contact_name: names(),
        organisation: None,
        sequence: 0,
        previously: None,
        reason: String::new(),
        decide_by: Some(now),
        offer: None,
        alternatives: Vec::new(),
        question: String::new(),
        answer_by: Some(now),
        guest_link,
        ready_at: Some(now),
    }
}

/// The addresses of the product in a mail's text.
fn links(raw: &[u8]) -> Vec<String> {
    let mail = MessageParser::default().parse(raw).unwrap();
    let text = mail.body_text(0).unwrap().into_owned();
    let html = mail.body_html(0).unwrap().into_owned();
    let found: Vec<String> = text
        .split_whitespace()
        .filter_map(|word| word.find(HOME).map(|at| word[at..].to_owned()))
        .collect();
    assert!(found.iter().all(|link| html.contains(link)), "{found:?}");
    found
}

/// Every mail that there is, with the link that a reader follows.
fn mails(world: &World) -> Vec<(String, Vec<u8>)> {
    let sender = sender(world);
    let (to, now) = ("reader@venue.example".to_owned(), Utc::now());
    let mut mails = Vec::new();
    for kind in MessageKind::ALL {
        for guest_link in [None, Some(GuestLinkId(Uuid::now_v7()))] {
            let letter = Letter {
                id: MessageId::new(),
                kind,
                locale: Locale::En,
                to: to.clone(),
                facts: facts(guest_link),
                written_at: now,
                picture: None,
            };
            let raw = mail::render(&letter, &sender).unwrap().formatted();
            mails.push((kind.as_str().to_owned(), raw));
        }
    }
    for kind in AccountKind::ALL {
        let letter = AccountLetter {
            id: MessageId::new(),
            kind: *kind,
            locale: Locale::En,
            to: to.clone(),
            facts: AccountFacts {
                link: Some(Uuid::now_v7()),
                organisation_id: Some(OrganisationId(Uuid::now_v7())),
                ..AccountFacts::default()
            },
            written_at: now,
        };
        let raw = account::render(&letter, &sender).unwrap().formatted();
        mails.push((kind.as_str().to_owned(), raw));
    }
    let letter = DigestLetter {
        id: MessageId::new(),
        locale: Locale::En,
        to,
        facts: DigestFacts {
            items: vec![Item {
                kind: MessageKind::RequestToDecide,
                facts: facts(None),
            }],
        },
        written_at: now,
    };
    let raw = digest::render(&letter, &sender).unwrap().formatted();
    mails.push(("decision_digest".to_owned(), raw));
    mails
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    let value = response.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn every_link_of_every_mail_opens_a_page_that_keeps_its_secret() {
    let world = World::new().await;
    for (kind, raw) in mails(&world) {
        let found = links(&raw);
        assert!(!found.is_empty(), "{kind} leads nowhere");
        for link in found {
            let (address, token) = link.split_once('#').unwrap_or((&link, ""));
            assert!(token.is_empty() || token.starts_with("token="), "{link}");
            let path = &address[HOME.len()..];
            assert!(
                !path.contains("token") && !path.contains('?'),
                "{kind}: {link}"
            );
            for method in ["GET", "HEAD"] {
                let request = world
                    .http
                    .request(method.parse().unwrap(), world.base() + path);
                let answer = request.send().await.unwrap();
                assert_eq!(answer.status(), 200, "{kind}: {method} {path}");
                assert_eq!(header(&answer, "content-type"), "text/html; charset=utf-8");
                assert_eq!(header(&answer, "cache-control"), "no-store");
                assert_eq!(header(&answer, "referrer-policy"), "no-referrer");
                assert_eq!(header(&answer, "x-frame-options"), "DENY");
                let policy = header(&answer, "content-security-policy");
                assert!(
                    policy.starts_with("default-src 'none'; script-src 'self';"),
                    "{policy}"
                );
                assert!(!policy.contains("unsafe"), "{policy}");
            }
        }
    }
    world.end().await;
}

#[tokio::test]
async fn pages_speak_the_readers_language_and_bring_nothing_but_their_own_files() {
    let world = World::new().await;
    let page = async |path: &str, accept: &str| {
        let request = world
            .http
            .get(world.base() + path)
            .header("accept-language", accept);
        request.send().await.unwrap().text().await.unwrap()
    };
    for (path, accept, lang, word) in [
        ("/verify-email", "en-GB", "en", "Confirm your address"),
        ("/verify-email", "zh", "zh-CN", "确认邮箱"),
        ("/verify-email?lang=en", "zh", "en", "Confirm your address"),
        ("/my-booking?lang=zh-CN", "en", "zh-CN", "您的预约"),
        ("/my-booking?lang=xx", "fr", "zh-CN", "您的预约"),
    ] {
        let html = page(path, accept).await;
        assert!(
            html.contains(&format!("<html lang=\"{lang}\">")),
            "{path} {accept}"
        );
        assert!(
            html.contains(&format!("<h1>{word}</h1>")),
            "{path} {accept}"
        );
        // the only script that stands in the page is its words, which are data
        assert_eq!(
            html.matches("<script").count() - html.matches("<script src=\"/pages/").count(),
            1
        );
        assert!(!html.contains(" style=") && !html.contains("https://"));
    }
    let html = page("/", "en").await;
    let files: Vec<&str> = html
        .split('"')
        .filter(|part| part.starts_with("/pages/"))
        .collect();
    assert!(files.len() >= 4, "{files:?}");
    for file in files {
        let answer = world.http.get(world.base() + file).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{file}");
        assert!(header(&answer, "cache-control").contains("immutable"));
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
    }
    // pages are read, not written to, and are no operations of the API
    let refused = world.http.post(world.base() + "/verify-email").send().await;
    assert_eq!(refused.unwrap().status(), 404);
    let document = page("/v1/openapi.json", "en").await;
    assert!(!document.contains("/verify-email"));
    world.end().await;
}

/// What the page of an invitation shows before anybody signs in; reading uses nothing up.
#[tokio::test]
async fn an_invitation_is_read_with_its_link_and_stays_good() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let (owner, admin, nobody) = (
        world.person("booker").await,
        world.person("admin").await,
        world.nobody(),
    );
    let organisation = owner.organisation.unwrap();
    let path = format!("/v1/organisations/{organisation}/invitations");
    let input = json!({"email": "lin@home.example", "role": "viewer"});
    let invitation = owner.post(&path, input).await.expect(201).id();
    let token = json!({"token": post.last("lin@home.example", 1).await.token()});
    for _ in 0..2 {
        let read = nobody
            .post("/v1/invitations/read", token.clone())
            .await
            .expect(200);
        assert_eq!(read.body["email"], "lin@home.example");
        assert_eq!(read.body["role"], "viewer");
        assert_eq!(read.body["invited_by"], "booker");
        assert!(read.body["organisation_name"].is_string());
    }
    // a link is good for one purpose
    let refused = nobody
        .post("/v1/staff-invitations/read", token.clone())
        .await
        .expect(422);
    assert_eq!(refused.codes(), ["token link_not_valid"]);
    owner
        .delete(&format!("{path}/{invitation}"))
        .await
        .expect(204);
    let gone = nobody.post("/v1/invitations/read", token).await.expect(422);
    assert_eq!(gone.codes(), ["token link_not_valid"]);

    let hall = world.space("huiju").await;
    let path = format!("/v1/venues/{}/staff-invitations", world.venue);
    let input = json!({"email": "mei@home.example", "role": "approver", "space_id": hall});
    admin.post(&path, input).await.expect(201);
    let token = json!({"token": post.last("mei@home.example", 1).await.token()});
    let read = nobody
        .post("/v1/staff-invitations/read", token)
        .await
        .expect(200);
    assert_eq!(
        (&read.body["role"], &read.body["invited_by"]),
        (&json!("approver"), &json!("admin"))
    );
    assert!(read.body["venue_name_zh"].is_string() && read.body["space_name_en"].is_string());
    drop(post);
    world.end().await;
}
