//! What staff and requesters talk about: questions, other slots, and a place that is needed for something else.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::post::Post;
use crate::support::{Person, Wish, World, wednesday};

/// A request for a room, 10:00 to 11:00, and those whom it concerns.
struct Scene {
    world: World,
    booker: Person,
    approver: Person,
    wish: Wish,
    id: String,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        let (booker, approver) = (world.person("booker").await, world.person("approver").await);
        let wish = Wish::new(world.space("zhisi").await, wednesday(10, 0), 60);
        let id = booker.book(&wish).await.expect(201).id();
        Self {
            world,
            booker,
            approver,
            wish,
            id,
        }
    }

    fn slot(&self, hour: u32) -> Value {
        json!({"start": wednesday(hour, 0), "end": wednesday(hour + 1, 0), "reason": "全馆活动"})
    }

    /// Another slot, held for the booker.
    async fn proposed(&self, hour: u32) -> String {
        self.approver
            .act_with(&self.id, "propose", self.slot(hour))
            .await
            .expect(200);
        self.world
            .text(&format!(
                "SELECT id::text AS name FROM booking WHERE offer_for = '{}' AND state = 'held'",
                self.id
            ))
            .await
    }

    async fn events(&self) -> Vec<String> {
        self.world
            .texts(&format!(
                "SELECT event AS name FROM booking_event WHERE booking_id = '{}' ORDER BY at, id",
                self.id
            ))
            .await
    }

    async fn start(&self, booking: &str) -> Value {
        self.approver
            .get(&format!("/v1/bookings/{booking}"))
            .await
            .expect(200)
            .body["start"]
            .clone()
    }

    async fn done(self) {
        self.world.check().await;
        self.world.end().await;
    }
}

#[tokio::test]
async fn a_question_goes_out_by_mail_and_its_answer_comes_back() {
    let scene = Scene::new().await;
    let (world, post) = (&scene.world, Post::of(&scene.world).await);
    let desk = world.person("desk").await;
    let question = json!({"question": "是否需要投影？\n请告知人数。"});
    let asked = desk
        .act_with(&scene.id, "questions", question)
        .await
        .expect(201);
    assert_eq!(
        (&asked.body["answer"], &asked.body["asked_by"]),
        (&Value::Null, &json!(desk.id))
    );
    let mail = post.last("booker@test.example", 2).await;
    assert!(
        mail.subject.starts_with("关于预约的询问") && mail.text.contains("请告知人数。"),
        "{}",
        mail.text
    );
    let answer = format!("/v1/questions/{}/answer", asked.id());
    let other = world.person("booker2").await;
    other
        .post(&answer, json!({"answer": "x"}))
        .await
        .expect(404);
    world
        .person("viewer")
        .await
        .post(&answer, json!({"answer": "x"}))
        .await
        .expect(404);
    for (text, code) in [
        (" ".to_owned(), "required"),
        ("长".repeat(2001), "too_long"),
    ] {
        let refused = scene
            .booker
            .post(&answer, json!({"answer": text}))
            .await
            .expect(422);
        assert_eq!(refused.codes(), [format!("answer {code}")]);
    }
    // at once it is answered once
    let colleague = world.person("colleague").await;
    let both = futures_util::join!(
        scene.booker.post(&answer, json!({"answer": "需要。"})),
        colleague.post(&answer, json!({"answer": "不需要。"}))
    );
    let mut statuses = [both.0.status, both.1.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let told = post.last("desk@test.example", 1).await;
    assert!(
        told.subject.starts_with("已回复") && told.text.contains("需要。"),
        "{}",
        told.text
    );
    let listed = scene
        .booker
        .get(&format!("/v1/bookings/{}/questions", scene.id))
        .await
        .expect(200);
    assert_eq!(listed.body[0]["question"], "是否需要投影？\n请告知人数。");
    assert!(listed.body[0]["answered_at"].is_string());
    let history = scene
        .booker
        .get(&format!("/v1/bookings/{}/history", scene.id))
        .await
        .expect(200);
    let lines = history.body.as_array().unwrap();
    assert_eq!(lines[1]["reason"], "是否需要投影？\n请告知人数。");
    assert_eq!(
        (&lines[2]["event"], &lines[2]["to_state"]),
        (&json!("answer"), &json!("requested"))
    );
    // of what is over nothing is asked
    scene.booker.act(&scene.id, "withdraw").await.expect(200);
    desk.act_with(&scene.id, "questions", json!({"question": "x"}))
        .await
        .expect(409);
    drop(post);
    scene.done().await;
}

#[tokio::test]
async fn a_guest_answers_and_accepts_by_link() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let soon = |hour| wednesday(hour, 0) - TimeDelta::days(14);
    let wish = json!({"name": "Ann", "email": "ann@home.example", "space_id": world.space("zhisi").await, "start": soon(10),
        "end": soon(11), "event_type": "meeting", "title": "Book club", "attendance": 8, "locale": "en"});
    let id = world
        .nobody()
        .post("/v1/guest-bookings", wish)
        .await
        .expect(201)
        .id();
    let guest = post.guest(&world, &post.last("ann@home.example", 1).await);
    guest.act(&id, "submit").await.expect(200);
    post.to("ann@home.example", 2).await;
    let approver = world.person("approver").await;
    let question = json!({"question": "Do you need a projector?"});
    let asked = approver
        .act_with(&id, "questions", question)
        .await
        .expect(201)
        .id();
    let mail = post.last("ann@home.example", 3).await;
    assert_eq!(mail.token(), guest.token);
    let answered = guest
        .post(
            &format!("/v1/questions/{asked}/answer"),
            json!({"answer": "No."}),
        )
        .await
        .expect(200);
    assert_eq!(
        (&answered.body["answer"], &answered.body["answered_by"]),
        (&json!("No."), &Value::Null)
    );

    let slot = json!({"start": soon(14), "end": soon(15)});
    approver.act_with(&id, "propose", slot).await.expect(200);
    let mail = post.last("ann@home.example", 4).await;
    assert!(
        mail.subject.starts_with("Another slot for you"),
        "{}",
        mail.subject
    );
    // the offer has a link of its own
    let offered = post.guest(&world, &mail);
    let hold = offered.get("/v1/guest-booking").await.expect(200).id();
    guest.act(&hold, "submit").await.expect(404);
    let moved = offered.act(&hold, "submit").await.expect(200);
    assert_eq!((moved.id(), moved.state()), (id.clone(), "confirmed"));
    assert_eq!(
        guest.get("/v1/guest-booking").await.expect(200).body["start"],
        json!(soon(14))
    );
    assert_eq!(post.last("ann@home.example", 5).await.token(), guest.token);
    drop(post);
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn a_proposed_slot_is_held_and_accepting_it_moves_the_booking() {
    let scene = Scene::new().await;
    let world = &scene.world;
    scene
        .booker
        .act_with(&scene.id, "propose", scene.slot(14))
        .await
        .expect(404);
    let own = scene
        .approver
        .act_with(
            &scene.id,
            "propose",
            json!({"start": wednesday(10, 30), "end": wednesday(11, 30)}),
        )
        .await;
    assert_eq!(own.expect(422).codes(), ["start overlaps_own"]);
    let closed = scene
        .approver
        .act_with(&scene.id, "propose", scene.slot(2))
        .await
        .expect(422);
    assert_eq!(closed.codes(), ["start closed_then"]);
    let hold = scene.proposed(14).await;
    let second = scene
        .approver
        .act_with(&scene.id, "propose", scene.slot(16))
        .await
        .expect(409);
    assert_eq!(second.reasons(), ["offer_open"]);
    // both places are kept
    let other = world.person("booker2").await;
    for hour in [10, 14] {
        other
            .book(&scene.wish.clone().at(wednesday(hour, 0)))
            .await
            .expect(409);
    }
    assert_eq!(world.state(&scene.id).await, "requested");
    let told = world.told(&scene.id).await;
    assert_eq!(told.last().unwrap(), "slot_proposed booker");
    other.act(&hold, "submit").await.expect(404);
    let moved = scene.booker.act(&hold, "submit").await.expect(200);
    assert_eq!((moved.id(), moved.state()), (scene.id.clone(), "confirmed"));
    assert_eq!(moved.body["start"], json!(wednesday(14, 0)));
    assert_eq!(world.state(&hold).await, "released");
    assert_eq!(
        world.told(&scene.id).await.last().unwrap(),
        "booking_confirmed booker"
    );
    assert_eq!(scene.events().await, ["request", "propose", "accept_offer"]);
    other.book(&scene.wish).await.expect(201);
    scene.booker.act(&hold, "submit").await.expect(409);
    scene.done().await;
}

#[tokio::test]
async fn a_proposal_that_is_refused_or_forgotten_leaves_the_booking_where_it_is() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let hold = scene.proposed(14).await;
    scene.booker.act(&hold, "release").await.expect(200);
    assert_eq!(scene.events().await, ["request", "propose", "refuse_offer"]);
    let hold = scene.proposed(15).await;
    world.lapse(&hold).await;
    scene.booker.act(&hold, "submit").await.expect(409);
    world.tick().await;
    assert_eq!(world.state(&hold).await, "released");
    assert_eq!(world.told(&hold).await, ["booking_expired booker"]);
    assert_eq!(scene.start(&scene.id).await, json!(wednesday(10, 0)));
    // also of a confirmed booking; what was approved meanwhile moves, too
    let hold = scene.proposed(16).await;
    scene.approver.act(&scene.id, "approve").await.expect(200);
    scene.booker.act(&hold, "submit").await.expect(200);
    assert_eq!(scene.start(&scene.id).await, json!(wednesday(16, 0)));
    assert_eq!(
        world.told(&scene.id).await.last().unwrap(),
        "booking_changed booker"
    );
    scene.done().await;
}

/// A slot is kept for a booking, and goes with it: given up by its requester, by staff, or by time, in the same moment.
#[tokio::test]
async fn a_proposed_slot_goes_with_the_booking_that_it_is_for() {
    let scene = Scene::new().await;
    let (world, other) = (&scene.world, scene.world.person("booker2").await);
    let booked = async |hour: u32| {
        let wish = scene.wish.clone().at(wednesday(hour, 0));
        scene.booker.book(&wish).await.expect(201).id()
    };
    let proposed = async |id: &str| {
        let slot = json!({"start": wednesday(18, 0), "end": wednesday(19, 0)});
        scene
            .approver
            .act_with(id, "propose", slot)
            .await
            .expect(200);
        let hold = format!("SELECT id::text AS name FROM booking WHERE offer_for = '{id}'");
        world.text(&hold).await
    };
    let free = async |hold: &str| {
        assert_eq!(world.state(hold).await, "released");
        scene.booker.act(hold, "submit").await.expect(409);
        let line = format!(
            "SELECT event || ' ' || from_state AS name FROM booking_event WHERE booking_id = '{hold}' ORDER BY at DESC, id DESC LIMIT 1"
        );
        assert_eq!(world.text(&line).await, "release held");
        let taken = other.book(&scene.wish.clone().at(wednesday(18, 0))).await;
        other
            .act(&taken.expect(201).id(), "withdraw")
            .await
            .expect(200);
    };

    let hold = proposed(&scene.id).await;
    scene.booker.act(&scene.id, "withdraw").await.expect(200);
    free(&hold).await;

    let id = booked(10).await;
    let hold = proposed(&id).await;
    scene.approver.act(&id, "approve").await.expect(200);
    scene.booker.act(&id, "cancel").await.expect(200);
    free(&hold).await;

    let id = booked(11).await;
    let hold = proposed(&id).await;
    let reason = json!({"reason": "场地检修"});
    scene
        .approver
        .act_with(&id, "cancel", reason)
        .await
        .expect(200);
    free(&hold).await;

    // undecided: the worker comes by
    let id = booked(12).await;
    let hold = proposed(&id).await;
    world.lapse(&id).await;
    world.tick().await;
    assert_eq!(world.state(&id).await, "expired");
    free(&hold).await;
    // or somebody wants its place before; and where the slot has lapsed as well, both go
    for both in [false, true] {
        let id = booked(13).await;
        let hold = proposed(&id).await;
        world.lapse(&id).await;
        if both {
            world.lapse(&hold).await;
        }
        let mine = other.book(&scene.wish.clone().at(wednesday(13, 0))).await;
        assert_eq!(world.state(&id).await, "expired");
        free(&hold).await;
        other
            .act(&mine.expect(201).id(), "withdraw")
            .await
            .expect(200);
    }

    // what is offered with a decline, or to whoever was displaced, is all that they have: it stays
    let id = booked(14).await;
    let hold = proposed(&id).await;
    scene.approver.act(&id, "approve").await.expect(200);
    let reason = json!({"reason": "市级活动征用"});
    scene
        .approver
        .act_with(&id, "displace", reason)
        .await
        .expect(200);
    let own = scene.booker.act(&hold, "submit").await.expect(200);
    assert_eq!((own.id(), own.state()), (hold, "confirmed"));
    scene.done().await;
}

/// In the hall the places that go leave gaps behind, which are planned as one.
#[tokio::test]
async fn a_proposed_slot_in_the_hall_goes_with_its_booking_and_what_was_to_be_carried_for_it() {
    let world = World::new().await;
    let (booker, approver) = (world.person("booker").await, world.person("approver").await);
    let hall = world.space("huiju").await;
    let wish = Wish::new(hall, wednesday(10, 0), 60)
        .layout(world.version("roadshow_main").await, "roadshow");
    let id = booker.book(&wish).await.expect(201).id();
    let slot = json!({"start": wednesday(15, 0), "end": wednesday(16, 0)});
    approver.act_with(&id, "propose", slot).await.expect(200);
    assert!(world.rows(hall).await.len() >= 3);
    booker.act(&id, "withdraw").await.expect(200);
    assert_eq!(world.rows(hall).await, [""; 0]);
    world.check().await;
    world.end().await;
}

/// In the hall, where places depend on changeovers: acceptance, refusal and others' bookings at once.
#[tokio::test]
async fn accepting_races_with_everybody_else_and_nothing_is_taken_twice() {
    let world = World::new().await;
    let (booker, approver) = (world.person("booker").await, world.person("approver").await);
    let (hall, layout) = (
        world.space("huiju").await,
        world.version("roadshow_main").await,
    );
    let wish = Wish::new(hall, wednesday(10, 0), 60).layout(layout, "roadshow");
    let id = booker.book(&wish).await.expect(201).id();
    let slot = json!({"start": wednesday(15, 0), "end": wednesday(16, 0)});
    approver.act_with(&id, "propose", slot).await.expect(200);
    let hold = world
        .text(&format!(
            "SELECT id::text AS name FROM booking WHERE offer_for = '{id}'"
        ))
        .await;
    let others = world.crowd(6).await;
    let rivals = others.iter().enumerate().map(|(n, other)| {
        let hour = if n % 2 == 0 { 10 } else { 15 };
        let wish = wish.clone().at(wednesday(hour, 0));
        async move { other.book(&wish).await.status }
    });
    let accepts = (0..3).map(|_| booker.act(&hold, "submit"));
    let (accepted, approved, refused, made) = futures_util::join!(
        futures_util::future::join_all(accepts),
        approver.act(&id, "approve"),
        booker.act(&hold, "release"),
        futures_util::future::join_all(rivals)
    );
    let accepted = accepted
        .iter()
        .filter(|answer| answer.status == 200)
        .count();
    assert_eq!(accepted + usize::from(refused.status == 200), 1);
    assert!([200, 409].contains(&approved.status), "{}", approved.body);
    assert!(
        made.iter().all(|status| [201, 409].contains(status)),
        "{made:?}"
    );
    assert_eq!(world.state(&hold).await, "released");
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn a_confirmed_booking_is_displaced_for_a_reason_with_alternatives() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let displace = |reason: &str| {
        scene
            .approver
            .act_with(&scene.id, "displace", json!({"reason": reason}))
    };
    displace("x").await.expect(409);
    scene.approver.act(&scene.id, "approve").await.expect(200);
    assert_eq!(displace(" ").await.expect(422).codes(), ["reason required"]);
    world
        .person("desk")
        .await
        .act_with(&scene.id, "displace", json!({"reason": "x"}))
        .await
        .expect(404);
    assert_eq!(
        displace("市级活动征用").await.expect(200).state(),
        "cancelled"
    );
    assert_eq!(
        world.told(&scene.id).await.last().unwrap(),
        "booking_displaced booker"
    );
    let payload = world
        .text("SELECT payload->>'reason' || ' ' || jsonb_array_length(payload->'alternatives') AS name FROM message WHERE kind = 'booking_displaced'")
        .await;
    assert_eq!(payload, "市级活动征用 4");
    assert_eq!(scene.events().await.last().unwrap(), "displace");
    scene.done().await;
}

#[tokio::test]
async fn a_more_important_booking_takes_the_place_of_others_in_one_act() {
    let world = World::new().await;
    let (booker, other) = (world.person("booker").await, world.person("booker2").await);
    let (approver, desk) = (world.person("approver").await, world.person("desk").await);
    let (hall, layout) = (
        world.space("huiju").await,
        world.version("roadshow_main").await,
    );
    let wish = Wish::new(hall, wednesday(10, 0), 60).layout(layout, "roadshow");
    let first = booker.book(&wish).await.expect(201).id();
    approver.act(&first, "approve").await.expect(200);
    let second = other
        .book(&wish.clone().at(wednesday(13, 0)))
        .await
        .expect(201)
        .id();
    let later = other
        .book(&wish.clone().at(wednesday(17, 0)))
        .await
        .expect(201)
        .id();

    let urgent = wish.clone().lasting(240);
    assert_eq!(
        approver.book(&urgent).await.expect(409).reasons(),
        ["taken"]
    );
    let urgent = urgent.with(json!({"displace_reason": "市级活动征用"}));
    for person in [&desk, &booker] {
        let refused = person.book(&urgent).await.expect(422);
        assert_eq!(refused.codes(), ["displace_reason approvers_only"]);
    }
    let made = approver.book(&urgent).await.expect(201);
    assert_eq!(made.state(), "confirmed");
    for (id, whose) in [(&first, "booker"), (&second, "booker2")] {
        assert_eq!(world.state(id).await, "cancelled");
        assert_eq!(
            world.told(id).await.last().unwrap(),
            &format!("booking_displaced {whose}")
        );
    }
    assert_eq!(world.state(&later).await, "requested");
    let overlapping = world
        .text(&format!(
            "SELECT count(*)::text AS name FROM message m, jsonb_array_elements(m.payload->'alternatives') a, booking b \
             WHERE m.kind = 'booking_displaced' AND b.id = '{}' AND tstzrange((a->>'start')::timestamptz, (a->>'end')::timestamptz) && b.during",
            made.id()
        ))
        .await;
    assert_eq!(overlapping, "0");
    // never over people who are there
    world
        .run(&format!(
            "UPDATE booking SET state = 'checked_in' WHERE id = '{}'",
            made.id()
        ))
        .await;
    let refused = approver
        .book(&urgent.at(wednesday(12, 0)))
        .await
        .expect(409);
    assert_eq!(refused.reasons(), ["running"]);
    world.check().await;
    world.end().await;
}
