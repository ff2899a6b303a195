//! Layouts and changeovers as pictures, by route.

use mail_parser::{MessageParser, MimeHeaders};
use serde_json::Value;

use crate::support::post::Post;
use crate::support::{Wish, World, wednesday};

#[tokio::test]
async fn a_version_is_a_picture_in_the_callers_language() {
    let world = World::new().await;
    let nobody = world.nobody();
    let version = world.version("roadshow_main").await;
    for view in ["plan.svg", "isometric.svg"] {
        let path = format!("/v1/layout-versions/{version}/{view}");
        let get = async |headers: &[(&str, &str)]| {
            nobody.call_with("GET", &path, Value::Null, headers).await
        };
        let english = get(&[("accept-language", "en")]).await.expect(200);
        let chinese = get(&[("accept-language", "zh-CN")]).await.expect(200);
        let header = |answer: &crate::support::Answer, name: &str| {
            answer.headers[name].to_str().unwrap().to_owned()
        };
        let text = english.body.as_str().unwrap();
        assert!(text.starts_with("<svg ") && text.contains("<title>Roadshow (main stage)</title>"));
        assert!(
            chinese
                .body
                .as_str()
                .unwrap()
                .contains("<title>园区路演(主舞台)</title>")
        );
        assert_eq!(header(&english, "content-type"), "image/svg+xml");
        assert_eq!(header(&chinese, "content-language"), "zh-CN");
        assert!(header(&english, "cache-control").starts_with("public, max-age="));
        let policy = header(&english, "content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; style-src 'sha256-"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"));
        // once seen it is not sent again; another language is another picture
        let tag = header(&english, "etag");
        assert!(tag.starts_with('"') && tag != header(&chinese, "etag"));
        let again = get(&[("accept-language", "en"), ("if-none-match", &tag)])
            .await
            .expect(304);
        assert_eq!(
            (header(&again, "etag"), again.body),
            (tag.clone(), Value::String(String::new()))
        );
        get(&[("accept-language", "zh-CN"), ("if-none-match", &tag)])
            .await
            .expect(200);
    }
    let nowhere = format!("/v1/layout-versions/{}/plan.svg", uuid::Uuid::now_v7());
    nobody.get(&nowhere).await.expect(404);
    world.end().await;
}

#[tokio::test]
async fn a_changeover_between_versions_is_steps_a_time_line_and_a_sheet() {
    let world = World::new().await;
    let nobody = world.nobody();
    let (from, to) = (
        world.version("rest").await,
        world.version("exhibition_rows").await,
    );
    let base = format!("/v1/layout-versions/{from}/to/{to}");
    let text = async |path: &str| {
        let answer = nobody.get(path).await.expect(200);
        answer.body.as_str().unwrap().to_owned()
    };
    for view in ["steps.svg", "timeline.svg"] {
        let svg = text(&format!("{base}/{view}")).await;
        assert!(
            svg.starts_with("<svg ") && svg.contains("<title>Rest"),
            "{}",
            &svg[..300]
        );
    }
    let sheet = text(&format!("{base}/sheet.html?teams=3")).await;
    assert!(sheet.starts_with("<!doctype html>") && sheet.contains("Team 3"));
    assert!(!sheet.contains("<script") && !sheet.contains("style=\""));
    let refused = nobody
        .get(&format!("{base}/steps.svg?teams=0"))
        .await
        .expect(422);
    assert_eq!(refused.fields(), ["teams"]);
    let nowhere = format!(
        "/v1/layout-versions/{from}/to/{}/steps.svg",
        uuid::Uuid::now_v7()
    );
    nobody.get(&nowhere).await.expect(404);
    world.end().await;
}

#[tokio::test]
async fn mails_about_a_layout_show_it_and_every_mail_shows_the_same() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let (booker, approver) = (world.person("booker").await, world.person("approver").await);
    let version = world.version("roadshow_main").await;
    let hall = world.space("huiju").await;
    for hour in [10, 14] {
        let wish = Wish::new(hall, wednesday(hour, 0), 60).layout(version, "roadshow");
        let id = booker.book(&wish).await.expect(201).id();
        approver.act(&id, "approve").await.expect(200);
    }
    // received and confirmed, twice
    let mails = post.server.wait_for("booker@test.example", 4).await;
    let mut pictures = std::collections::BTreeSet::new();
    for mail in &mails {
        let mail = MessageParser::default().parse(&mail.raw).unwrap();
        let html = mail.body_html(0).unwrap();
        assert!(
            html.contains("src=\"cid:layout\"") && html.contains("alt=\"园区路演"),
            "{html}"
        );
        let image = mail
            .parts
            .iter()
            .find(|part| part.content_id() == Some("layout"))
            .unwrap();
        assert!(image.contents().starts_with(b"\x89PNG\r\n"));
        pictures.insert(image.contents().to_vec());
        assert!(mail.body_text(0).unwrap().contains("园区路演"));
    }
    assert_eq!(pictures.len(), 1);
    assert_eq!(
        world
            .text("SELECT count(*)::text AS name FROM layout_picture")
            .await,
        "1"
    );
    world.check().await;
    world.end().await;
}
