//! One floor of two areas: layouts side by side, one over both, each area's own changeovers, and every invariant.

use chrono::TimeDelta;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Person, Wish, World, wednesday};

/// Two halves of twelve columns, each with a store, an exit at its end and one in the south.
const ROWS: [&str; 14] = [
    "SS....................SS",
    "SS....................SS",
    "........................",
    "........................",
    "........................",
    "........................",
    "E......................E",
    "E......................E",
    "E......................E",
    "E......................E",
    "........................",
    "........................",
    "........................",
    "....EEE..........EEE....",
];

struct Scene {
    world: World,
    admin: Person,
    space: Uuid,
    west: Uuid,
    east: Uuid,
}

fn big(x: i32, y: i32) -> Value {
    json!({"t": "big", "x": x, "y": y})
}

fn small(x: i32, y: i32) -> Value {
    json!({"t": "small", "x": x, "y": y})
}

/// What is drawn: nothing in either half, a salon in the west, an exhibition in the east, blocks in both.
fn drawings() -> [(&'static str, &'static str, Value); 5] {
    let half = |x: i32| json!({"zones": [{"x": x, "y": 2, "w": 1, "h": 1, "facing": "N"}]});
    let salon = [
        big(3, 3),
        small(5, 3),
        big(8, 3),
        small(10, 3),
        big(4, 9),
        small(6, 9),
    ];
    [
        ("bare-west", "open", half(5)),
        ("bare-east", "open", half(17)),
        (
            "salon",
            "salon",
            json!({ "placements": salon, "seats_required": 10 }),
        ),
        (
            "stands",
            "exhibition",
            json!({ "placements": [big(14, 4), big(19, 4)] }),
        ),
        (
            "both",
            "open",
            json!({ "placements": [big(5, 5), big(17, 5), big(17, 7)] }),
        ),
    ]
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        let admin = world.person("admin").await;
        let pool = world.text("SELECT id::text AS name FROM pool").await;
        let space = json!({
            "venue_id": world.venue, "slug": "twin", "kind": "reconfigurable", "name_zh": "双厅", "name_en": "Twin hall",
            "people_cap": 150, "turnaround_min": 10, "pool_id": pool, "areas": ["west", "east"],
            "policy": {"who": {"enterprise": "approval"}, "lead_workdays": 3, "grid_min": 30, "minutes": [30, 720], "horizon_days": {"enterprise": 60}},
        });
        let space = admin.post("/v1/spaces", space).await.expect(201).body;
        let id = |value: &Value| value["id"].as_str().unwrap().parse::<Uuid>().unwrap();
        let scene = Self {
            space: id(&space["space"]),
            west: id(&space["areas"][0]),
            east: id(&space["areas"][1]),
            world,
            admin,
        };
        let areas = vec![format!("{}{}", "A".repeat(12), "B".repeat(12)); ROWS.len()];
        let floor = json!({"rows": ROWS, "areas": areas});
        let path = format!("/v1/spaces/{}/floor", scene.space);
        scene.admin.put(&path, floor).await.expect(200);
        for (slug, purpose, drawing) in drawings() {
            scene.publish(slug, purpose, drawing).await;
        }
        for (area, slug) in [(scene.west, "bare-west"), (scene.east, "bare-east")] {
            let path = format!("/v1/spaces/{}/areas/{area}", scene.space);
            let stands = json!({ "initial_layout_version_id": scene.version(slug).await });
            scene.admin.patch(&path, stands).await.expect(200);
        }
        scene.world.settle().await;
        scene
    }

    async fn publish(&self, slug: &str, purpose: &str, drawing: Value) {
        let layout = json!({"slug": slug, "purpose": purpose, "name_zh": slug, "name_en": slug});
        let path = format!("/v1/spaces/{}/layouts", self.space);
        let layout = self.admin.post(&path, layout).await.expect(201).id();
        let path = format!("/v1/layouts/{layout}/versions");
        let draft = self.admin.post(&path, json!({ "drawing": drawing })).await;
        let path = format!("/v1/layout-versions/{}/publish", draft.expect(201).id());
        self.admin.post(&path, Value::Null).await.expect(200);
    }

    async fn version(&self, slug: &str) -> Uuid {
        let sql = format!(
            "SELECT v.id AS id FROM layout_version v JOIN layout l ON l.id = v.layout_id WHERE l.space_id = '{}' AND l.slug = '{slug}'",
            self.space
        );
        self.world.id(&sql).await
    }

    async fn wish(&self, slug: &str, event: &'static str, hour: u32) -> Wish {
        let version = self.version(slug).await;
        Wish::new(self.space, wednesday(hour, 0), 60).layout(version, event)
    }

    /// What is taken in an area: `kind start minutes`.
    async fn rows(&self, area: Uuid) -> Vec<String> {
        let sql = format!(
            "SELECT kind || ' ' || to_char(lower(during) AT TIME ZONE 'Asia/Shanghai', 'HH24:MI') || ' ' || round(extract(epoch FROM upper(during) - lower(during)) / 60) AS name \
             FROM occupancy WHERE area_id = '{area}' ORDER BY lower(during)"
        );
        self.world.texts(&sql).await
    }

    async fn done(self) {
        self.world.check().await;
        self.world.end().await;
    }
}

#[tokio::test]
async fn layouts_claim_the_areas_that_they_are_drawn_in() {
    let scene = Scene::new().await;
    let areas_of = async |slug: &str| {
        let path = format!("/v1/layout-versions/{}", scene.version(slug).await);
        let mut body = scene.admin.get(&path).await.expect(200).body;
        assert_eq!(body["bookable"], true, "{slug}");
        serde_json::from_value::<Vec<Uuid>>(body["area_ids"].take()).unwrap()
    };
    for slug in ["bare-west", "salon"] {
        assert_eq!(areas_of(slug).await, [scene.west], "{slug}");
    }
    for slug in ["bare-east", "stands"] {
        assert_eq!(areas_of(slug).await, [scene.east], "{slug}");
    }
    let mut both = [scene.west, scene.east];
    both.sort();
    assert_eq!(areas_of("both").await, both);

    // three versions in each half
    let path = format!("/v1/spaces/{}/changeover-times", scene.space);
    let times = scene.admin.get(&path).await.expect(200).body;
    assert_eq!(times.as_array().unwrap().len(), 9 + 9);
    let check = async |purpose: &str, placements: Value| {
        let case = json!({"space_id": scene.space, "purpose": purpose, "placements": placements});
        let verdict = scene.admin.post("/v1/layouts/check", case).await;
        let verdict = verdict.expect(200).body;
        let codes = verdict["violations"].as_array().unwrap().iter();
        codes
            .map(|one| one["code"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(check("open", json!([big(11, 5)])).await, ["ACROSS_AREAS"]);
    // a wall across the west leaves people there by the east's exits only: each area has to do by itself
    let wall: Vec<Value> = (0..12).map(|x| small(x, 5)).chain([big(20, 2)]).collect();
    assert!(
        check("open", json!(wall))
            .await
            .contains(&"POCKET".to_owned())
    );
    scene.done().await;
}

#[tokio::test]
async fn bookings_lie_side_by_side_and_over_both() {
    let scene = Scene::new().await;
    let (booker, other) = (
        scene.world.person("booker").await,
        scene.world.person("booker2").await,
    );
    let salon = scene.wish("salon", "salon", 11).await;
    let stands = scene.wish("stands", "exhibition", 11).await;
    let both = scene.wish("both", "meeting", 15).await;
    booker.book(&salon).await.expect(201);
    other.book(&stands).await.expect(201);
    let over_both = booker.book(&both).await.expect(201).id();
    // the crew does one changeover at a time: the east's before the west's
    let minutes = |rows: &[String]| -> Vec<String> {
        let starts = rows
            .iter()
            .map(|row| row[..row.rfind(' ').unwrap()].to_owned());
        starts.collect()
    };
    let (west, east) = (scene.rows(scene.west).await, scene.rows(scene.east).await);
    assert_eq!(west.len(), 4, "{west:?}");
    assert_eq!(east.len(), 4, "{east:?}");
    for rows in [&west, &east] {
        let rows = minutes(rows);
        assert!(
            rows.contains(&"event 11:00".to_owned()) && rows.contains(&"event 15:00".to_owned())
        );
    }
    // neither half is free while both are taken, nor both while one is
    let late = scene.wish("salon", "salon", 15).await;
    let taken = other.book(&late).await.expect(409);
    assert_eq!(taken.reasons(), ["taken"]);
    let early = both.clone().at(wednesday(11, 30));
    assert_eq!(other.book(&early).await.expect(409).reasons(), ["taken"]);
    // it moves as one, and goes as one
    let moved = json!({"start": wednesday(17, 0)});
    booker
        .act_with(&over_both, "reschedule", moved)
        .await
        .expect(200);
    assert!(minutes(&scene.rows(scene.west).await).contains(&"event 17:00".to_owned()));
    assert!(minutes(&scene.rows(scene.east).await).contains(&"event 17:00".to_owned()));
    scene.world.check().await;
    booker.act(&over_both, "withdraw").await.expect(200);
    assert_eq!(scene.rows(scene.east).await.len(), 2);
    scene.done().await;
}

#[tokio::test]
async fn sql_by_hand_breaks_neither_area() {
    let scene = Scene::new().await;
    let booker = scene.world.person("booker").await;
    let both = booker.book(&scene.wish("both", "meeting", 14).await).await;
    let both = both.expect(201).id();
    let salon = booker.book(&scene.wish("salon", "salon", 10).await).await;
    let salon = salon.expect(201).id();
    let (west, east) = (scene.west, scene.east);
    let stands = scene.version("stands").await;
    let attacks = [
        (
            "one half is given up",
            "occupancy_agrees_with_booking",
            format!(
                "DELETE FROM occupancy WHERE booking_id = '{both}' AND area_id = '{east}' AND kind = 'event'"
            ),
        ),
        (
            "one half moves",
            "occupancy_agrees_with_booking",
            format!(
                "UPDATE occupancy SET during = tstzrange(lower(during) + interval '5 minutes', upper(during)) WHERE booking_id = '{both}' AND area_id = '{west}' AND kind = 'event'"
            ),
        ),
        (
            "a half is claimed by the other's layout",
            "booking_areas",
            format!("UPDATE booking SET layout_version_id = '{stands}' WHERE id = '{salon}'"),
        ),
        (
            "both by one half's layout",
            "booking_areas",
            format!(
                "UPDATE booking SET area_ids = (SELECT area_ids FROM booking WHERE id = '{both}') WHERE id = '{salon}'"
            ),
        ),
        (
            "one half is not changed over",
            "occupancy_chain",
            format!(
                "DELETE FROM occupancy WHERE booking_id = '{both}' AND area_id = '{east}' AND kind = 'changeover'"
            ),
        ),
        (
            "one half starts from what never stood there",
            "occupancy_changeover_time_known",
            format!(
                "UPDATE occupancy SET from_version_id = '{stands}' WHERE booking_id = '{both}' AND area_id = '{west}' AND kind = 'changeover'"
            ),
        ),
        (
            "the crew is in both halves at once",
            "occupancy_crew_once",
            format!(
                "UPDATE occupancy o SET during = p.during FROM occupancy p WHERE o.booking_id = '{both}' AND p.booking_id = '{both}' AND o.area_id = '{east}' AND p.area_id = '{west}' AND o.kind = 'changeover' AND p.kind = 'changeover'"
            ),
        ),
    ];
    let mut wrong = Vec::new();
    for (what, constraint, sql) in attacks {
        let refused = scene.world.refused(&sql).await;
        if refused.as_deref() != Some(constraint) {
            wrong.push(format!("{what}: {refused:?}, not {constraint}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    scene.done().await;
}

/// A history that anybody can repeat: numbers that look random and are not.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

#[tokio::test]
async fn random_histories_keep_every_invariant() {
    let scene = Scene::new().await;
    let mut people = Vec::new();
    for name in ["booker", "booker2", "approver", "admin"] {
        people.push(scene.world.person(name).await);
    }
    let kinds = [
        (scene.version("salon").await, "salon"),
        (scene.version("stands").await, "exhibition"),
        (scene.version("both").await, "meeting"),
        (scene.version("bare-west").await, "meeting"),
    ];
    let mut dice = Dice(20_261_124);
    let mut bookings: Vec<String> = Vec::new();
    let (mut made, mut refused) = (0, 0);
    for step in 1..=120 {
        let start = wednesday(9, 0) + TimeDelta::minutes(30 * dice.roll(22) as i64);
        let answer = match (dice.roll(8), bookings.is_empty()) {
            (0..=3, _) | (_, true) => {
                let (version, event) = kinds[dice.roll(kinds.len())];
                let wish = Wish::new(scene.space, start, 30 * (1 + dice.roll(4)) as i64);
                let answer = people[dice.roll(2)]
                    .book(&wish.layout(version, event))
                    .await;
                if answer.status == 201 {
                    bookings.push(answer.id());
                }
                answer
            }
            (4, _) => {
                people[2]
                    .act(&bookings[dice.roll(bookings.len())], "approve")
                    .await
            }
            (5, _) => {
                let reason = json!({"reason": "x"});
                let id = &bookings[dice.roll(bookings.len())];
                people[3].act_with(id, "cancel", reason).await
            }
            (6, _) => {
                let body = json!({"start": start, "reason": "x"});
                let id = &bookings[dice.roll(bookings.len())];
                people[3].act_with(id, "reschedule", body).await
            }
            _ => {
                let body =
                    json!({"layout_version_id": kinds[dice.roll(kinds.len())].0, "reason": "x"});
                let id = &bookings[dice.roll(bookings.len())];
                people[3].act_with(id, "reschedule", body).await
            }
        };
        assert!(answer.status < 500, "{}", answer.body);
        match answer.status {
            200 | 201 => made += 1,
            _ => refused += 1,
        }
        if step % 20 == 0 {
            scene.world.check().await;
        }
    }
    assert!(made > 20 && refused > 10, "{made} done, {refused} refused");
    scene.done().await;
}
