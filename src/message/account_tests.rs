use mail_parser::MessageParser;

use super::*;
use crate::identity::Keys;
use crate::language::try_text;

fn letter(kind: AccountKind, locale: Locale) -> AccountLetter {
    AccountLetter {
        id: MessageId::new(),
        kind,
        locale,
        to: "lin@park.example".to_owned(),
        facts: AccountFacts {
            venue_zh: Some("科创一号湾党群服务中心".to_owned()),
            venue_en: Some("Sci-Tech Bay One Community Service Centre".to_owned()),
            link: matches!(
                kind,
                AccountKind::VerifyAddress
                    | AccountKind::ResetPassword
                    | AccountKind::ConfirmAddress
                    | AccountKind::MemberInvited
                    | AccountKind::StaffInvited
            )
            .then(Uuid::now_v7),
            address: Some("new@park.example".to_owned()),
            organisation: Some("一号湾机器人有限公司".to_owned()),
            organisation_id: Some(OrganisationId(Uuid::nil())),
            by: Some("王敏".to_owned()),
            by_id: None,
            role: (!kind.as_str().starts_with("staff")).then(|| "booker".to_owned()),
            staff_role: kind
                .as_str()
                .starts_with("staff")
                .then(|| "front_desk".to_owned()),
            space_zh: Some("慧聚".to_owned()),
            space_en: Some("Huiju".to_owned()),
            left: Some(7),
            reason: match kind {
                AccountKind::OrganisationRefused => "不在园区。".to_owned(),
                _ => String::new(),
            },
        },
        written_at: "2026-11-24T06:00:00Z".parse().unwrap(),
    }
}

#[test]
fn every_kind_has_its_words_and_no_value_is_missing() {
    let keys = tempfile::tempdir().unwrap();
    let seal = Keys::load(keys.path()).unwrap().seal().clone();
    let sender = Sender::new("mofang@park.example", "https://cube.example.org").unwrap();
    let sealed = sender.clone().with_seal(seal.clone());
    for locale in Locale::ALL {
        for kind in AccountKind::ALL {
            for part in ["subject", "heading", "what", "next", "link"] {
                let key = format!("mail-{}-{part}", kind.as_str());
                assert!(try_text(locale, &key, &[]).is_some(), "{key}");
            }
            let letter = letter(*kind, locale);
            let raw = render(&letter, &sealed).unwrap().formatted();
            assert_eq!(raw, render(&letter, &sealed).unwrap().formatted());
            let mail = MessageParser::default().parse(&raw).unwrap();
            let (text, html) = (mail.body_text(0).unwrap(), mail.body_html(0).unwrap());
            for body in [&text, &html] {
                assert!(!body.contains("{$") && !body.contains("{ $"), "{body}");
            }
            let Some(id) = letter.facts.link else {
                assert!(!text.contains("token="));
                continue;
            };
            let token = seal.token(crate::identity::seal::Use::Link, id);
            assert!(
                text.contains(&format!("{}#token={token}\n", kind.page(&letter.facts)))
                    || text.contains(&format!("{}#token={token}\r\n", kind.page(&letter.facts))),
                "{text}"
            );
            assert!(html.contains(&token), "{html}");
            // without the key nothing goes out that would lead nowhere
            assert!(matches!(
                render(&letter, &sender),
                Err(Unwritable::Fault(_))
            ));
        }
    }
}

#[test]
fn the_mail_to_confirm_an_address() {
    let keys = tempfile::tempdir().unwrap();
    let sender = Sender::new("mofang@park.example", "https://cube.example.org")
        .unwrap()
        .with_seal(Keys::load(keys.path()).unwrap().seal().clone());
    for locale in Locale::ALL {
        let raw = render(&letter(AccountKind::VerifyAddress, locale), &sender)
            .unwrap()
            .formatted();
        let mail = MessageParser::default().parse(&raw).unwrap();
        let text = mail.body_text(0).unwrap().replace("\r\n", "\n");
        let (before, rest) = text.split_once("#token=").unwrap();
        let (_, after) = rest.split_once('\n').unwrap();
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(
                format!("verify_address-{}", locale.tag()),
                format!("{}\n\n{before}#token=…\n{after}", mail.subject().unwrap())
            );
        });
    }
}
