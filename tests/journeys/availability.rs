//! What availability promises, a booking keeps; what it denies, a booking is refused.

use serde_json::{Value, json};

use crate::support::{Wish, World, wednesday};

#[tokio::test]
async fn every_start_that_works_can_be_booked_and_every_other_is_refused_for_its_reasons() {
    let world = World::new().await;
    let (booker, desk) = (world.person("booker").await, world.person("desk").await);
    let hall = world.space("huiju").await;
    let (roadshow, salon, islands) = (
        world.version("roadshow_main").await,
        world.version("salon").await,
        world.version("exhibition_islands").await,
    );
    for (hour, minutes, version, event_type) in [
        (10, 120, roadshow, "roadshow"),
        (13, 60, salon, "salon"),
        (19, 60, roadshow, "talk"),
    ] {
        desk.book(&Wish::new(hall, wednesday(hour, 0), minutes).layout(version, event_type))
            .await
            .expect(201);
    }
    let closure = json!({"space_id": hall, "start": wednesday(16, 0), "end": wednesday(17, 0), "reason": "x"});
    desk.post("/v1/closures", closure).await.expect(201);
    let date = wednesday(12, 0).date_naive();
    let (mut working, mut refused) = (0, 0);
    for (version, event_type) in [
        (roadshow, "roadshow"),
        (salon, "salon"),
        (islands, "exhibition"),
    ] {
        let path = format!(
            "/v1/spaces/{hall}/availability?from={date}&minutes=60&layout_version_id={version}&event_type={event_type}"
        );
        let starts = world.nobody().get(&path).await.expect(200);
        let starts = starts.body.as_array().unwrap();
        assert_eq!(starts.len(), 23);
        for start in starts {
            let at = serde_json::from_value(start["start"].clone()).unwrap();
            let answer = booker
                .book(&Wish::new(hall, at, 60).layout(version, event_type))
                .await;
            let denied: Vec<String> = start["reasons"]
                .as_array()
                .unwrap()
                .iter()
                .map(|reason| reason["code"].as_str().unwrap().to_owned())
                .collect();
            if start["works"] == true {
                assert_eq!(
                    (answer.status, denied.len()),
                    (201, 0),
                    "{start}: {}",
                    answer.body
                );
                booker.act(&answer.id(), "withdraw").await.expect(200);
                working += 1;
            } else {
                assert_eq!(
                    (answer.status, answer.reasons()),
                    (409, denied),
                    "{start}: {}",
                    answer.body
                );
                refused += 1;
            }
        }
    }
    assert!(working >= 10 && refused > 20, "{working} {refused}");
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn every_alternative_that_a_refusal_names_works() {
    let world = World::new().await;
    let (booker, other) = (world.person("booker").await, world.person("booker2").await);
    let (hall, roadshow) = (
        world.space("huiju").await,
        world.version("roadshow_main").await,
    );
    let wish = Wish::new(hall, wednesday(14, 0), 120).layout(roadshow, "roadshow");
    other.book(&wish).await.expect(201);
    let refused = booker.book(&wish).await.expect(409);
    let alternatives = refused.body["alternatives"].as_array().unwrap();
    assert_eq!(alternatives.len(), 4);
    let before = alternatives
        .iter()
        .filter(|found| {
            found["start"].as_str()
                < Some(
                    &wish
                        .start
                        .to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
                )
        })
        .count();
    assert_eq!(before, 2, "{alternatives:?}");
    for found in alternatives {
        let at = serde_json::from_value(found["start"].clone()).unwrap();
        let id = booker.book(&wish.clone().at(at)).await.expect(201).id();
        booker.act(&id, "withdraw").await.expect(200);
    }
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn reasons_are_in_the_callers_language_and_name_nobody() {
    let world = World::new().await;
    let (booker, nobody) = (world.person("booker").await, world.nobody());
    let room = world.space("zhizao").await;
    let id = booker
        .book(&Wish::new(room, wednesday(14, 0), 120))
        .await
        .expect(201)
        .id();
    let date = wednesday(12, 0).date_naive();
    let path = format!("/v1/spaces/{room}/availability?from={date}&minutes=60");
    let say = |language: &'static str| {
        let (nobody, path) = (nobody.clone(), path.clone());
        async move {
            let answer = nobody
                .call_with("GET", &path, Value::Null, &[("accept-language", language)])
                .await
                .expect(200);
            let text = answer.body.to_string();
            let taken = answer
                .body
                .as_array()
                .unwrap()
                .iter()
                .find(|start| start["start"] == json!(wednesday(14, 0)))
                .unwrap()
                .clone();
            assert_eq!(
                (&taken["works"], &taken["reasons"][0]["code"]),
                (&json!(false), &json!("taken"))
            );
            (
                text,
                taken["reasons"][0]["detail"].as_str().unwrap().to_owned(),
            )
        }
    };
    let ((zh_text, zh), (en_text, en)) = (say("zh-CN,zh;q=0.9").await, say("en").await);
    assert!(en.is_ascii() && !en.is_empty(), "{en}");
    assert!(!zh.is_ascii(), "{zh}");
    for text in [zh_text, en_text] {
        assert!(!text.contains(&id) && !text.contains("新产品路演") && !text.contains("矩阵"));
    }
    for (query, field) in [
        (format!("from={date}&to=2020-01-01&minutes=60"), "to"),
        (
            format!("from={date}&to={}&minutes=60", date + chrono::Days::new(31)),
            "to",
        ),
        (format!("from={date}&minutes=0"), "minutes"),
        (
            format!("from={date}&minutes=60&access_before_min=481"),
            "access_before_min",
        ),
        (
            format!("from={date}&minutes=60&area_id={}", uuid::Uuid::now_v7()),
            "area_id",
        ),
        (
            format!(
                "from={date}&minutes=60&layout_version_id={}",
                uuid::Uuid::now_v7()
            ),
            "layout_version_id",
        ),
    ] {
        let refused = nobody
            .get(&format!("/v1/spaces/{room}/availability?{query}"))
            .await;
        assert_eq!(
            (refused.status, refused.fields()),
            (422, vec![field.to_owned()]),
            "{query}"
        );
    }
    nobody
        .get(&format!(
            "/v1/spaces/{}/availability?from={date}&minutes=60",
            uuid::Uuid::now_v7()
        ))
        .await
        .expect(404);
    world.end().await;
}
