use mail_parser::MessageParser;

use super::*;
use crate::id::BookingId;
use crate::span::Span;

fn item(kind: MessageKind, title: &str) -> Item {
    let at = |text: &str| text.parse().unwrap();
    Item {
        kind,
        facts: BookingFacts {
            booking_id: BookingId::new(),
            reference: "7K3M9P".to_owned(),
            title: title.to_owned(),
            event_type: "roadshow".to_owned(),
            state: "requested".to_owned(),
            attendance: 80,
            venue_zh: "科创一号湾党群服务中心".to_owned(),
            venue_en: "Sci-Tech Bay One Community Service Centre".to_owned(),
            space_zh: "魔方大厅".to_owned(),
            space_en: "Cube Hall".to_owned(),
            layout_version_id: None,
            layout_zh: None,
            layout_en: None,
            time_zone: "Asia/Shanghai".to_owned(),
            during: Span::new(at("2026-12-01T06:00:00Z"), at("2026-12-01T08:00:00Z")).unwrap(),
            contact_name: "王敏".to_owned(),
            organisation: Some("一号湾机器人有限公司".to_owned()),
            sequence: 0,
            previously: None,
            reason: String::new(),
            decide_by: (title != "undated").then(|| at("2026-11-26T10:00:00Z")),
            offer: None,
            alternatives: Vec::new(),
            answer_by: None,
            guest_link: None,
            question: String::new(),
            ready_at: None,
        },
    }
}

#[test]
fn a_digest_names_every_request_in_both_languages_and_says_how_many_more_there_are() {
    let sender = Sender::new("mofang@park.example", "https://cube.example.org").unwrap();
    for locale in Locale::ALL {
        let kinds = [MessageKind::RequestToDecide, MessageKind::ChangeToDecide];
        let titles = ["dated", "undated"];
        let mut items: Vec<Item> = kinds
            .into_iter()
            .flat_map(|kind| titles.map(|title| item(kind, title)))
            .collect();
        items.extend((0..60).map(|n| item(kinds[0], &format!("number {n}"))));
        let letter = DigestLetter {
            id: MessageId::new(),
            locale,
            to: "approver@park.example".to_owned(),
            facts: DigestFacts { items },
            written_at: "2026-11-24T00:30:00Z".parse().unwrap(),
        };
        let raw = render(&letter, &sender).unwrap().formatted();
        let mail = MessageParser::default().parse(&raw).unwrap();
        let (text, html) = (mail.body_text(0).unwrap(), mail.body_html(0).unwrap());
        for body in [&text, &html] {
            assert!(
                body.contains("undated") && body.contains("number 45"),
                "{body}"
            );
            assert!(
                !body.contains("number 46") && !body.contains("{$"),
                "{body}"
            );
        }
        assert!(mail.subject().unwrap().contains("64"));
        assert!(text.contains("14"), "{text}");
    }
}
