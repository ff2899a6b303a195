use mail_parser::{MessageParser, MimeHeaders};

use super::*;
use crate::id::BookingId;
use crate::message::Offer;
use crate::span::Span;

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn span(start: &str, end: &str) -> Span {
    Span::new(at(start), at(end)).unwrap()
}

fn sender() -> Sender {
    Sender::new(
        "魔方 <booking@cube.example.org>",
        "https://cube.example.org",
    )
    .unwrap()
}

fn facts(kind: MessageKind) -> BookingFacts {
    let mut facts = BookingFacts {
        booking_id: BookingId(uuid::Uuid::from_u128(
            0x0199_c0de_7a11_7000_8000_0000_0000_0001,
        )),
        reference: "7K3M9P".to_owned(),
        title: "新品路演".to_owned(),
        event_type: "roadshow".to_owned(),
        state: "requested".to_owned(),
        attendance: 80,
        venue_zh: "科创一号湾党群服务中心".to_owned(),
        venue_en: "Sci-Tech Bay One Community Service Centre".to_owned(),
        space_zh: "魔方大厅".to_owned(),
        space_en: "Cube Hall".to_owned(),
        layout_version_id: None,
        layout_zh: Some("路演·八十座".to_owned()),
        layout_en: Some("Roadshow, 80 seats".to_owned()),
        time_zone: "Asia/Shanghai".to_owned(),
        during: span("2026-11-24T06:00:00Z", "2026-11-24T08:00:00Z"),
        contact_name: "王敏".to_owned(),
        organisation: Some("一号湾机器人有限公司".to_owned()),
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
    };
    let others = || {
        vec![
            span("2026-11-25T06:00:00Z", "2026-11-25T08:00:00Z"),
            span("2026-11-26T01:00:00Z", "2026-11-26T03:00:00Z"),
        ]
    };
    match kind {
        MessageKind::RequestToConfirm => {
            facts.state = "held".to_owned();
            facts.organisation = None;
            facts.answer_by = Some(at("2026-11-18T03:00:00Z"));
        }
        MessageKind::BookingReceived | MessageKind::RequestToDecide => {
            facts.decide_by = Some(at("2026-11-20T10:00:00Z"));
        }
        MessageKind::BookingConfirmed | MessageKind::BookingReminder => {
            facts.state = "confirmed".to_owned()
        }
        MessageKind::BookingDeclined => {
            facts.state = "declined".to_owned();
            facts.reason = "当天大厅有全馆活动。\n请改用下面的时段。".to_owned();
            facts.offer = Some(Offer {
                reference: "9PX4TQ".to_owned(),
                during: span("2026-11-25T06:00:00Z", "2026-11-25T08:00:00Z"),
                answer_by: at("2026-11-20T10:00:00Z"),
                guest_link: None,
            });
        }
        MessageKind::BookingWithdrawn => facts.state = "withdrawn".to_owned(),
        MessageKind::BookingChanged => {
            facts.state = "confirmed".to_owned();
            facts.sequence = 1;
            facts.previously = Some(span("2026-11-23T06:00:00Z", "2026-11-23T08:00:00Z"));
        }
        MessageKind::BookingCancelled => {
            facts.state = "cancelled".to_owned();
            facts.sequence = 2;
            facts.reason = "设备检修。".to_owned();
        }
        MessageKind::BookingDisplaced => {
            facts.state = "cancelled".to_owned();
            facts.sequence = 2;
            facts.reason = "消防演练，全馆暂停开放。".to_owned();
            facts.alternatives = others();
        }
        MessageKind::BookingNoLongerPossible => facts.alternatives = others(),
        MessageKind::BookingExpired => facts.state = "expired".to_owned(),
        MessageKind::ChangeToDecide => {
            facts.state = "confirmed".to_owned();
            facts.previously = Some(span("2026-11-23T06:00:00Z", "2026-11-23T08:00:00Z"));
            facts.decide_by = Some(at("2026-11-20T10:00:00Z"));
        }
        MessageKind::SlotProposed => {
            facts.reason = "当天下午大厅有全馆活动。".to_owned();
            facts.offer = Some(Offer {
                reference: "9PX4TQ".to_owned(),
                during: span("2026-11-25T06:00:00Z", "2026-11-25T08:00:00Z"),
                answer_by: at("2026-11-20T10:00:00Z"),
                guest_link: None,
            });
        }
        MessageKind::QuestionAsked => {
            facts.question = "是否需要投影？\n请告知话筒数量。".to_owned()
        }
        MessageKind::QuestionAnswered => {
            facts.question = "是否需要投影？".to_owned();
            facts.reason = "需要。\n另请准备两支话筒。".to_owned();
        }
        MessageKind::ChangeDeclined => {
            facts.state = "confirmed".to_owned();
            facts.reason = "新时段来不及换场。".to_owned();
        }
        MessageKind::SetupDelayed => {
            facts.state = "confirmed".to_owned();
            facts.ready_at = Some(at("2026-11-24T06:20:00Z"));
        }
    }
    facts
}

fn letter(kind: MessageKind, locale: Locale) -> Letter {
    Letter {
        id: MessageId(uuid::Uuid::from_u128(
            0x0199_c0de_7a11_7000_8000_0000_0000_0002,
        )),
        kind,
        locale,
        to: "wang.min@robots.example.com".to_owned(),
        facts: facts(kind),
        written_at: at("2026-11-18T02:30:00Z"),
        picture: None,
    }
}

/// What a mail program sees: headers, text, and the calendar part, unfolded where it matters.
fn seen(raw: &[u8]) -> (String, String, Option<String>) {
    let mail = MessageParser::default().parse(raw).unwrap();
    let headers = format!(
        "Subject: {}\nMessage-ID: {}\nDate: {}\n",
        mail.subject().unwrap(),
        mail.message_id().unwrap(),
        mail.date().unwrap().to_rfc3339(),
    );
    let calendar = mail
        .parts
        .iter()
        .find(|part| part.is_content_type("text", "calendar"))
        .map(|part| {
            let method = part.content_type().unwrap().attribute("method").unwrap();
            let text = String::from_utf8(part.contents().to_vec()).unwrap();
            assert!(text.contains(&format!("\r\nMETHOD:{method}\r\n")));
            text.replace("\r\n", "\n")
        });
    (
        headers,
        mail.body_text(0).unwrap().replace("\r\n", "\n"),
        calendar,
    )
}

#[test]
fn every_kind_in_both_languages() {
    for kind in MessageKind::ALL {
        for locale in Locale::ALL {
            let raw = render(&letter(kind, locale), &sender())
                .unwrap()
                .formatted();
            let (headers, text, calendar) = seen(&raw);
            let calendar =
                calendar.map_or(String::new(), |it| format!("\n==== calendar ====\n{it}"));
            let name = format!("{}-{}", kind.as_str(), locale.tag());
            insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
                insta::assert_snapshot!(name, format!("{headers}\n{text}{calendar}"));
            });
            for text in [&headers, &text] {
                assert!(!text.contains("mail-") && !text.contains('{'), "{text}");
            }
        }
    }
}

#[test]
fn names_of_kinds_are_those_of_the_wire() {
    for kind in MessageKind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        assert_eq!(MessageKind::from_name(kind.as_str()), Some(kind));
    }
}

#[test]
fn the_calendar_says_what_the_kind_means() {
    let of = |kind| {
        let raw = render(&letter(kind, Locale::En), &sender())
            .unwrap()
            .formatted();
        let calendar = seen(&raw).2?;
        let value = |name: &str| {
            let line = calendar
                .lines()
                .find(|line| line.starts_with(name))
                .unwrap();
            line.split_once(':').unwrap().1.to_owned()
        };
        Some(format!("{} {}", value("METHOD"), value("STATUS")))
    };
    let tentative = Some("REQUEST TENTATIVE".to_owned());
    let confirmed = Some("REQUEST CONFIRMED".to_owned());
    let cancelled = Some("CANCEL CANCELLED".to_owned());
    for kind in MessageKind::ALL {
        let expected = match kind {
            MessageKind::BookingReceived => &tentative,
            MessageKind::BookingConfirmed | MessageKind::BookingChanged => &confirmed,
            MessageKind::BookingReminder
            | MessageKind::RequestToConfirm
            | MessageKind::RequestToDecide
            | MessageKind::ChangeToDecide
            | MessageKind::ChangeDeclined
            | MessageKind::SlotProposed
            | MessageKind::QuestionAsked
            | MessageKind::QuestionAnswered
            | MessageKind::SetupDelayed => &None,
            _ => &cancelled,
        };
        assert_eq!(&of(kind), expected, "{kind:?}");
    }
}

#[test]
fn a_change_of_layout_alone_is_no_move() {
    let mut letter = letter(MessageKind::BookingChanged, Locale::En);
    letter.facts.previously = Some(letter.facts.during);
    let text = seen(&render(&letter, &sender()).unwrap().formatted()).1;
    assert!(!text.contains("rescheduled:") && !text.contains("Previously"));
}

#[test]
fn a_second_try_is_the_same_mail_to_the_octet() {
    let letter = letter(MessageKind::BookingConfirmed, Locale::ZhCn);
    let first = render(&letter, &sender()).unwrap().formatted();
    assert_eq!(first, render(&letter, &sender()).unwrap().formatted());
    assert!(String::from_utf8_lossy(&first).contains("Auto-Submitted: auto-generated\r\n"));
}

#[test]
fn a_picture_stands_inside_the_mail_and_says_what_it_shows() {
    for locale in Locale::ALL {
        let mut letter = letter(MessageKind::BookingConfirmed, locale);
        letter.picture = Some(Picture {
            png: vec![0x89, b'P', b'N', b'G', 0, 1, 2],
            alt: "路演：\"10\" <块>\nBcc: x".to_owned(),
        });
        let raw = render(&letter, &sender()).unwrap().formatted();
        assert_eq!(raw, render(&letter, &sender()).unwrap().formatted());
        let mail = MessageParser::default().parse(&raw).unwrap();
        let html = mail.body_html(0).unwrap();
        assert!(html.contains("src=\"cid:layout\""), "{html}");
        assert!(!html.contains("<块>") && html.contains("路演"), "{html}");
        let image = mail
            .parts
            .iter()
            .find(|part| part.content_id() == Some("layout"));
        let image = image.unwrap();
        assert!(image.is_content_type("image", "png"));
        assert_eq!(image.contents(), letter.picture.unwrap().png);
        // readable without it
        assert!(mail.body_text(0).unwrap().contains("7K3M9P"));
        assert!(seen(&raw).2.is_some());
    }
}

#[test]
fn nothing_that_people_write_becomes_a_header_a_line_or_markup() {
    let evil =
        "x\r\nBcc: all@example.org\r\n\r\n<img src=x onerror=alert(1)>\"&{{7*7}}\u{2028}END:VEVENT";
    for locale in Locale::ALL {
        for kind in MessageKind::ALL {
            let mut letter = letter(kind, locale);
            let facts = &mut letter.facts;
            for field in [
                &mut facts.title,
                &mut facts.reason,
                &mut facts.contact_name,
                &mut facts.space_zh,
                &mut facts.space_en,
                &mut facts.venue_zh,
                &mut facts.venue_en,
                &mut facts.event_type,
            ] {
                *field = evil.to_owned();
            }
            facts.organisation = Some(evil.to_owned());
            facts.layout_zh = Some(evil.to_owned());
            facts.layout_en = Some(evil.to_owned());
            let raw = render(&letter, &sender()).unwrap().formatted();
            let mail = MessageParser::default().parse(raw.as_slice()).unwrap();
            assert!(mail.bcc().is_none());
            assert!(mail.subject().unwrap().contains("Bcc: all@example.org"));
            let html = mail.body_html(0).unwrap();
            assert!(!html.contains("<img"), "{html}");
            assert!(
                html.contains("&#60;img src=x onerror=alert(1)&#62;") || html.contains("&lt;img"),
                "{html}"
            );
            if let Some(calendar) = seen(&raw).2 {
                let unfolded = calendar.replace("\n ", "");
                assert_eq!(unfolded.matches("\nEND:VEVENT").count(), 1);
                assert!(!unfolded.contains("\nBcc"));
            }
        }
    }
}

#[test]
fn an_address_that_is_none_is_not_tried_again() {
    for to in [
        "nobody",
        "a@b.example\r\nBcc: c@d.example",
        "a@b.example, c@d.example",
        "",
    ] {
        let mut letter = letter(MessageKind::BookingConfirmed, Locale::En);
        letter.to = to.to_owned();
        assert!(
            matches!(render(&letter, &sender()), Err(Unwritable::Address)),
            "{to}"
        );
    }
}

#[test]
fn an_independent_reader_understands_the_calendar() {
    for kind in MessageKind::ALL {
        let raw = render(&letter(kind, Locale::ZhCn), &sender())
            .unwrap()
            .formatted();
        let Some(calendar) = seen(&raw).2 else {
            continue;
        };
        let calendar: icalendar::Calendar = calendar.replace('\n', "\r\n").parse().unwrap();
        let events: Vec<_> = calendar
            .components
            .iter()
            .filter_map(|it| it.as_event())
            .collect();
        assert_eq!(events.len(), 1);
        use icalendar::Component;
        assert_eq!(events[0].get_summary(), Some("新品路演"));
        assert_eq!(
            events[0].get_uid(),
            Some("0199c0de-7a11-7000-8000-000000000001@cube.example.org")
        );
    }
}
