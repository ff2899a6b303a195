//! What staff look at, and who sees which bookings.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::support::{Person, Wish, World, wednesday};

async fn ids(person: &Person, query: &str) -> Vec<String> {
    let answer = person
        .get(&format!("/v1/bookings{query}"))
        .await
        .expect(200);
    let list = answer.body.as_array().unwrap();
    list.iter()
        .map(|booking| booking["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn the_board_shows_the_day_to_staff_alone() {
    let world = World::new().await;
    let (booker, desk, crew) = (
        world.person("booker").await,
        world.person("desk").await,
        world.person("crew").await,
    );
    let (hall, roadshow) = (
        world.space("huiju").await,
        world.version("roadshow_main").await,
    );
    let id = booker
        .book(&Wish::new(hall, wednesday(14, 0), 120).layout(roadshow, "roadshow"))
        .await
        .expect(201)
        .id();
    let room = world.space("zhizao").await;
    booker
        .book(&Wish::new(room, wednesday(10, 0), 60))
        .await
        .expect(201);
    // the day after: not on this board
    booker
        .book(&Wish::new(room, wednesday(10, 0) + TimeDelta::days(1), 60))
        .await
        .expect(201);
    let closure = json!({"space_id": world.space("show").await, "start": wednesday(9, 0), "end": wednesday(12, 0), "reason": "检修"});
    let closure = desk.post("/v1/closures", closure).await.expect(201).id();
    let day = |venue: uuid::Uuid| {
        let (from, to) = (wednesday(0, 0), wednesday(23, 59));
        format!(
            "/v1/board?venue_id={venue}&from={}&to={}",
            from.to_rfc3339().replace('+', "%2B"),
            to.to_rfc3339().replace('+', "%2B")
        )
    };
    for staff in [&desk, &crew] {
        let board = staff.get(&day(world.venue)).await.expect(200).body;
        let count = |part: &str| board[part].as_array().unwrap().len();
        assert_eq!(
            ["spaces", "bookings", "changeovers", "closures"].map(count),
            [13, 2, 1, 1]
        );
        let shown = &board["bookings"][0];
        assert_eq!(
            (&shown["id"], &shown["space_id"], &shown["state"]),
            (&json!(id), &json!(hall), &json!("requested"))
        );
        assert_eq!(board["changeovers"][0]["booking_id"], json!(id));
        assert_eq!(board["changeovers"][0]["to_version_id"], json!(roadshow));
        assert_eq!(board["changeovers"][0]["start"], json!(wednesday(13, 35)));
        assert_eq!(board["closures"][0]["closure_id"], json!(closure));
        assert_eq!(board["closures"][0]["reason"], "检修");
    }
    let refused = booker.get(&day(world.venue)).await;
    assert!([403, 404].contains(&refused.status));
    world.nobody().get(&day(world.venue)).await.expect(401);
    desk.get(&day(uuid::Uuid::now_v7())).await.expect(404);
    let backwards = format!(
        "/v1/board?venue_id={}&from=2027-01-02T00:00:00Z&to=2027-01-01T00:00:00Z",
        world.venue
    );
    assert_eq!(desk.get(&backwards).await.expect(422).fields(), ["to"]);
    let long = format!(
        "/v1/board?venue_id={}&from=2027-01-01T00:00:00Z&to=2027-03-01T00:00:00Z",
        world.venue
    );
    assert_eq!(desk.get(&long).await.expect(422).fields(), ["to"]);
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn a_booking_of_three_days_is_seen_on_each_of_them() {
    let world = World::new().await;
    world.always_open().await;
    let (booker, desk) = (world.person("booker").await, world.person("desk").await);
    let room = world.space("zhizao").await;
    let day = |days: i64| wednesday(9, 0) + TimeDelta::days(days);
    let wish = Wish::new(room, day(0), 3 * 1440);
    let long = booker.book(&wish).await.expect(201).id();
    let short = booker
        .book(&wish.at(day(3)).lasting(60))
        .await
        .expect(201)
        .id();
    let seen = async |from: DateTime<Utc>| {
        let (from, to) = (from.to_rfc3339(), (from + TimeDelta::days(1)).to_rfc3339());
        let range = format!("?venue_id={}&from={from}&to={to}", world.venue).replace('+', "%2B");
        let board = desk
            .get(&format!("/v1/board{range}"))
            .await
            .expect(200)
            .body;
        let on_board = board["bookings"].as_array().unwrap().iter();
        let on_board: Vec<_> = on_board
            .map(|booking| booking["id"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(ids(&desk, &range).await, on_board);
        on_board
    };
    assert_eq!(seen(day(-1)).await, [""; 0]);
    for days in 0..3 {
        assert_eq!(seen(day(days)).await, [&*long], "day {days}");
    }
    assert_eq!(seen(day(3)).await, [&*short]);
    assert_eq!(seen(day(4)).await, [""; 0]);
    // either side of midnight
    let half = TimeDelta::hours(12);
    assert_eq!(seen(day(2) + half).await, [&*long, &*short]);
    assert_eq!(seen(day(3) + half).await, [""; 0]);
    world.end().await;
}

#[tokio::test]
async fn everybody_finds_their_own_and_their_organisations_bookings() {
    let world = World::new().await;
    let (booker, colleague, viewer, other, resident, desk) = (
        world.person("booker").await,
        world.person("colleague").await,
        world.person("viewer").await,
        world.person("booker2").await,
        world.person("resident").await,
        world.person("desk").await,
    );
    let room = world.space("zhizao").await;
    let mut ours = Vec::new();
    for (hour, person) in [(9, &booker), (10, &colleague), (11, &booker)] {
        ours.push(
            person
                .book(&Wish::new(room, wednesday(hour, 0), 60))
                .await
                .expect(201),
        );
    }
    let theirs = other
        .book(&Wish::new(room, wednesday(14, 0), 60))
        .await
        .expect(201);
    // their own, for no organisation: a resident's
    let own = booker
        .book(
            &Wish::new(room, wednesday(15, 0) - chrono::TimeDelta::days(14), 60)
                .with(json!({"organisation_id": null})),
        )
        .await
        .expect(201);
    let id_of =
        |list: &[crate::support::Answer]| list.iter().map(|answer| answer.id()).collect::<Vec<_>>();
    let (ours_ids, venue) = (id_of(&ours), world.venue);
    let mut with_own = ours_ids.clone();
    with_own.push(own.id());
    assert_eq!(ids(&booker, "").await, with_own);
    assert_eq!(ids(&booker, &format!("?venue_id={venue}")).await, with_own);
    assert_eq!(ids(&colleague, "").await, ours_ids);
    assert_eq!(ids(&viewer, "").await, ours_ids);
    assert_eq!(ids(&other, "").await, [theirs.id()]);
    assert_eq!(ids(&resident, "").await, [""; 0]);
    assert_eq!(ids(&desk, &format!("?venue_id={venue}")).await.len(), 5);
    assert_eq!(ids(&desk, "").await, [""; 0]);
    other
        .get(&format!("/v1/bookings/{}", ours_ids[0]))
        .await
        .expect(404);
    viewer
        .get(&format!("/v1/bookings/{}", own.id()))
        .await
        .expect(404);
    viewer
        .get(&format!("/v1/bookings/{}", ours_ids[0]))
        .await
        .expect(200);

    // filters
    assert_eq!(ids(&booker, "?state=requested").await, [own.id()]);
    assert_eq!(
        ids(
            &booker,
            &format!("?organisation_id={}", booker.organisation.unwrap())
        )
        .await,
        ours_ids
    );
    assert_eq!(
        ids(
            &booker,
            &format!("?organisation_id={}", other.organisation.unwrap())
        )
        .await,
        [""; 0]
    );
    assert_eq!(
        ids(&booker, &format!("?space_id={}", world.space("show").await)).await,
        [""; 0]
    );
    let time =
        |hour, minute| wednesday(hour, minute).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let range = format!("?from={}&to={}", time(10, 0), time(11, 0));
    assert_eq!(ids(&booker, &range).await, [ours_ids[1].clone()]);

    // a reference however it was typed
    let reference = ours[0].body["reference"].as_str().unwrap().to_owned();
    for typed in [
        reference.clone(),
        reference.to_lowercase(),
        reference.replace('-', ""),
        format!("%20{}%20", reference.to_lowercase().replace('-', "%20")),
    ] {
        assert_eq!(
            ids(&booker, &format!("?reference={typed}")).await,
            [ours_ids[0].clone()],
            "{typed}"
        );
        assert_eq!(
            ids(&desk, &format!("?venue_id={venue}&reference={typed}"))
                .await
                .len(),
            1
        );
        assert_eq!(ids(&other, &format!("?reference={typed}")).await, [""; 0]);
    }
    let misheard = reference.replace(
        &reference[..1],
        if &reference[..1] == "A" { "C" } else { "A" },
    );
    for (query, field) in [
        (format!("?reference={misheard}"), "reference"),
        ("?limit=0".to_owned(), "limit"),
        ("?limit=101".to_owned(), "limit"),
        ("?cursor=nonsense".to_owned(), "cursor"),
        ("?state=asleep".to_owned(), "state"),
        (format!("?from={}", time(10, 0)), "to"),
    ] {
        let refused = booker.get(&format!("/v1/bookings{query}")).await;
        assert_eq!(
            (refused.status, refused.fields()),
            (422, vec![field.to_owned()]),
            "{query}: {}",
            refused.body
        );
    }
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn a_long_list_is_read_page_by_page() {
    let world = World::new().await;
    let (booker, desk) = (world.person("booker").await, world.person("desk").await);
    let room = world.space("zhizao").await;
    let mut made = Vec::new();
    for hour in 9..16 {
        made.push(
            booker
                .book(&Wish::new(room, wednesday(hour, 0), 60))
                .await
                .expect(201)
                .id(),
        );
    }
    for (person, filter) in [
        (&booker, String::new()),
        (&desk, format!("&venue_id={}", world.venue)),
    ] {
        let (mut found, mut path) = (Vec::new(), format!("/v1/bookings?limit=3{filter}"));
        for page in 0.. {
            assert!(page < 4, "{found:?}");
            let answer = person.get(&path).await.expect(200);
            let list = answer.body.as_array().unwrap().clone();
            assert!(list.len() <= 3);
            found.extend(
                list.iter()
                    .map(|booking| booking["id"].as_str().unwrap().to_owned()),
            );
            let Some(link) = answer.headers.get("link") else {
                break;
            };
            let link = link.to_str().unwrap();
            assert!(link.ends_with(">; rel=\"next\""), "{link}");
            path = link[1..link.find('>').unwrap()].to_owned();
        }
        assert_eq!(found, made);
    }
    world.end().await;
}

#[tokio::test]
async fn a_mail_that_reaches_nobody_is_on_the_desks_list() {
    let world = World::new().await;
    let (desk, other) = (world.person("desk").await, world.person("approver").await);
    let wish = Wish::new(world.space("zhizao").await, wednesday(10, 0), 60)
        .with(json!({"contact": {"name": "王芳", "phone": "13800138000"}}));
    let id = desk.book(&wish).await.expect(201).id();
    let path = format!("/v1/tasks?venue_id={}", world.venue);
    let tasks = other.get(&path).await.expect(200).body;
    assert_eq!(
        (&tasks[0]["kind"], &tasks[0]["booking_id"]),
        (&json!("mail_undelivered"), &json!(id))
    );
    let task = tasks[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        other.act_on_task(&task).await.expect(200).body["done_by"],
        json!(other.id)
    );
    // done twice, by whoever was first
    assert_eq!(
        desk.act_on_task(&task).await.expect(200).body["done_by"],
        json!(other.id)
    );
    assert_eq!(
        desk.get(&path).await.expect(200).body,
        Value::Array(Vec::new())
    );
    desk.get(&format!("/v1/tasks?venue_id={}", uuid::Uuid::now_v7()))
        .await
        .expect(404);
    desk.act_on_task(&uuid::Uuid::now_v7().to_string())
        .await
        .expect(404);
    world.end().await;
}

#[tokio::test]
async fn blocks_that_break_open_a_task_for_each_booking_that_lacks_them() {
    let world = World::new().await;
    let (booker, approver, admin) = (
        world.person("booker").await,
        world.person("approver").await,
        world.person("admin").await,
    );
    let (hall, roadshow) = (
        world.space("huiju").await,
        world.version("roadshow_main").await,
    );
    // the first one is in what stands already: nothing is carried for it
    let rest = Wish::new(hall, wednesday(9, 0), 60).layout(world.version("rest").await, "rest");
    let first = booker.book(&rest).await.expect(201).id();
    let wish = Wish::new(hall, wednesday(13, 0), 60).layout(roadshow, "roadshow");
    let id = booker.book(&wish).await.expect(201).id();
    approver.act(&first, "approve").await.expect(200);
    approver.act(&id, "approve").await.expect(200);
    let pool = world
        .id("SELECT pool_id AS id FROM space WHERE slug = 'huiju'")
        .await;
    let owned = world
        .text("SELECT min(owned)::text AS name FROM pool_stock s JOIN block_type b ON b.id = s.block_type_id WHERE b.code = 'big'")
        .await;
    let path = format!("/v1/pools/{pool}/stock/big");
    let out: i32 = owned.parse().unwrap();
    for _ in 0..2 {
        let broken = json!({ "out_of_service": out });
        admin.call("PATCH", &path, broken).await.expect(200);
    }
    // once a booking, however often the stock changes; the booking itself stays
    let tasks = "SELECT t.kind AS name FROM task t JOIN booking b ON b.id = t.booking_id WHERE t.done_at IS NULL";
    assert_eq!(world.texts(tasks).await, ["stock_short", "stock_short"]);
    let about = "SELECT booking_id::text AS name FROM task WHERE kind = 'stock_short' ORDER BY id";
    assert_eq!(world.texts(about).await, [first, id.clone()]);
    assert_eq!(world.state(&id).await, "confirmed");
    world.end().await;
}
