//! The life of a layout: drawn, judged, published, timed, booked, followed by a newer version, retired.

use mofang::catalogue::{store, timing};
use serde_json::{Value, json};

use crate::support::{Answer, Person, Wish, World, wednesday};

/// The violations of an answer, in its order.
fn violations(value: &Value) -> Vec<&str> {
    let all = value["violations"].as_array().into_iter().flatten();
    all.map(|one| one["code"].as_str().unwrap()).collect()
}

/// The drawing of a version, with everything further south by so many modules.
fn moved_south(version: &Value, by: i64) -> Value {
    let moved = |list: &Value| -> Vec<Value> {
        let one = |item: &Value| {
            let mut item = item.clone();
            item["y"] = json!(item["y"].as_i64().unwrap() + by);
            item
        };
        list.as_array().unwrap().iter().map(one).collect()
    };
    json!({
        "placements": moved(&version["placements"]), "zones": moved(&version["zones"]),
        "gates": moved(&version["gates"]), "seats_required": version["seats_required"],
    })
}

struct Scene {
    world: World,
    admin: Person,
    hall: uuid::Uuid,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        let admin = world.person("admin").await;
        let hall = world.space("huiju").await;
        Self { world, admin, hall }
    }

    async fn read(&self, version: impl std::fmt::Display) -> Answer {
        let path = format!("/v1/layout-versions/{version}");
        self.admin.get(&path).await.expect(200)
    }

    /// A layout with a draft of this drawing.
    async fn draft(&self, slug: &str, purpose: &str, drawing: Value) -> Answer {
        let layout =
            json!({"slug": slug, "purpose": purpose, "name_zh": "新布局", "name_en": "New layout"});
        let path = format!("/v1/spaces/{}/layouts", self.hall);
        let layout = self.admin.post(&path, layout).await.expect(201).id();
        let path = format!("/v1/layouts/{layout}/versions");
        let draft = json!({ "drawing": drawing });
        self.admin.post(&path, draft).await.expect(201)
    }

    async fn publish(&self, version: &str) -> Answer {
        let path = format!("/v1/layout-versions/{version}/publish");
        self.admin.post(&path, Value::Null).await
    }

    async fn done(self) {
        self.world.check().await;
        self.world.end().await;
    }
}

#[tokio::test]
async fn a_layout_is_drafted_judged_published_timed_and_booked() {
    let scene = Scene::new().await;
    let (world, admin) = (&scene.world, &scene.admin);
    let main = scene.read(world.version("roadshow_main").await).await.body;

    // an empty one may be kept, and says what it lacks
    let draft = scene.draft("stage-south", "roadshow", json!({})).await;
    assert_eq!(
        violations(&draft.body["verdict"]),
        ["AUDIENCE_MISSING", "STAGE_MISSING"]
    );
    let id = draft.id();
    let path = format!("/v1/layout-versions/{id}");
    let refused = scene.publish(&id).await.expect(422);
    assert_eq!(refused.problem(), "layout-invalid");
    assert_eq!(
        violations(&refused.body),
        ["AUDIENCE_MISSING", "STAGE_MISSING"]
    );
    // nobody else sees it
    let booker = world.person("booker").await;
    booker.get(&path).await.expect(404);
    world.nobody().get(&path).await.expect(404);

    // drawn anew, by whoever saw the last revision
    let drawing = moved_south(&main, 1);
    let tagged = [("if-match", "\"1\"")];
    let put = |tag: &'static [(&'static str, &'static str); 1]| {
        admin.call_with("PUT", &path, drawing.clone(), tag)
    };
    let drawn = put(&[("if-match", "\"1\"")]).await.expect(200);
    assert_eq!(drawn.headers["etag"], "\"2\"");
    assert_eq!(put(&[("if-match", "\"1\"")]).await.status, 412);
    assert_eq!(violations(&drawn.body["verdict"]), Vec::<&str>::new());
    assert_eq!(drawn.body["verdict"]["capacity"], main["capacity"]);
    let publish = format!("{path}/publish");
    let stale = admin
        .call_with("POST", &publish, Value::Null, &tagged)
        .await;
    stale.expect(412);

    // published, and not yet bookable: neither over HTTP nor by hand
    let published = scene.publish(&id).await.expect(200).body;
    assert_eq!(published["state"], "published");
    assert_eq!(published["bookable"], false);
    assert_eq!(
        [&published["times_done"], &published["times_total"]],
        [0, 21]
    );
    let version = id.parse().unwrap();
    let wish = Wish::new(scene.hall, wednesday(14, 0), 120).layout(version, "roadshow");
    let refused = booker.book(&wish).await.expect(422);
    assert_eq!(refused.codes(), ["layout_version_id times_pending"]);
    let sought = format!(
        "/v1/spaces/{}/availability?from={}&minutes=60&layout_version_id={id}",
        scene.hall,
        wednesday(14, 0).date_naive()
    );
    let refused = booker.get(&sought).await.expect(422);
    assert_eq!(refused.codes(), ["layout_version_id times_pending"]);
    let by_hand = format!(
        "INSERT INTO booking (id, reference, space_id, state, during, layout_version_id, area_ids, holds_slot, event_type, title, attendance, contact_name, expires_at) \
         SELECT gen_random_uuid(), 'BYHAND', '{hall}', 'requested', tstzrange(now() + interval '9 days', now() + interval '10 days'), '{id}', ARRAY(SELECT id FROM area WHERE space_id = '{hall}'), \
         true, 'talk', 'x', 5, 'hand', now() + interval '1 day'",
        hall = scene.hall
    );
    assert_eq!(
        world.refused(&by_hand).await.as_deref(),
        Some("booking_layout_bookable")
    );
    let too_early = format!("UPDATE layout_version SET bookable_at = now() WHERE id = '{id}'");
    assert_eq!(
        world.refused(&too_early).await.as_deref(),
        Some("layout_version_times_known")
    );

    // others stay bookable meanwhile
    let other = wish.clone().layout(world.version("salon").await, "salon");
    booker.book(&other).await.expect(201);

    world.settle().await;
    let timed = scene.read(&id).await.body;
    assert_eq!(timed["bookable"], true);
    assert_eq!([&timed["times_done"], &timed["times_total"]], [21, 21]);
    let wish = wish.at(wednesday(18, 0));
    booker.book(&wish).await.expect(201);

    // what is published never changes; it is retired, and keeps its bookings
    let fixed = admin.put(&path, drawing).await.expect(409);
    assert_eq!(
        (fixed.problem(), fixed.state()),
        ("wrong-state", "published")
    );
    admin.delete(&path).await.expect(409);
    scene.publish(&id).await.expect(409);
    let retire = format!("{path}/retire");
    let retired = admin.post(&retire, Value::Null).await.expect(200);
    assert_eq!(
        (retired.state(), &retired.body["bookable"]),
        ("retired", &json!(false))
    );
    admin.post(&retire, Value::Null).await.expect(409);
    let refused = world
        .person("booker2")
        .await
        .book(&wish.at(wednesday(9, 30)))
        .await;
    assert_eq!(refused.codes(), ["layout_version_id not_published"]);
    scene.done().await;
}

#[tokio::test]
async fn a_drawing_is_judged_without_being_kept_and_a_draft_can_go() {
    let scene = Scene::new().await;
    let (world, admin) = (&scene.world, &scene.admin);
    let before = world
        .text("SELECT count(*)::text AS name FROM layout_version")
        .await;
    let check = |drawing: Value| {
        let mut case = json!({"space_id": scene.hall, "purpose": "open"});
        let fields = case.as_object_mut().unwrap();
        fields.extend(drawing.as_object().unwrap().clone());
        async move { admin.post("/v1/layouts/check", case).await }
    };
    let big = |x: i32, y: i32| json!({"t": "big", "x": x, "y": y});
    let verdict = check(json!({"placements": [big(20, 8), big(21, 9), big(39, 0)]})).await;
    let verdict = verdict.expect(200).body;
    assert_eq!(violations(&verdict), ["OUT_OF_FLOOR", "OVERLAP"]);
    assert_eq!(verdict["violations"][0]["blocks"], json!([2]));
    let cells = verdict["violations"][1]["cells"].as_array().unwrap();
    assert!(cells.contains(&json!([21, 9])), "{cells:?}");
    // a block before the exit in the south
    let verdict = check(json!({"placements": [big(17, 20), big(19, 20), big(16, 20)]})).await;
    assert!(verdict.expect(200).body["violations"][0]["detail"].is_string());
    let verdict = check(json!({"placements": [big(20, 8)]})).await.expect(200);
    assert_eq!(violations(&verdict.body), Vec::<&str>::new());
    assert_eq!(verdict.body["needs"][0]["count"], 1);
    // what means nothing is told by its field
    for (drawing, code) in [
        (
            json!({"placements": [{"t": "huge", "x": 0, "y": 0}]}),
            "placements.0.t unknown",
        ),
        (
            json!({"placements": [{"t": "big", "x": 0, "y": 0, "rot": 45}]}),
            "placements.0.rot unknown",
        ),
        (
            json!({"gates": [{"x": 0, "y": 0, "w": 0, "h": 1}]}),
            "gates.0.w too_small",
        ),
        (
            json!({"zones": [{"x": 0, "y": 0, "w": 1, "h": 1, "facing": "up"}]}),
            "zones.0.facing unknown",
        ),
        (
            json!({"placements": vec![big(20, 8); 501]}),
            "placements too_long",
        ),
        (json!({"seats_required": -1}), "seats_required too_small"),
    ] {
        assert_eq!(check(drawing).await.expect(422).codes(), [code]);
    }
    let mut nowhere = json!({"space_id": world.space("zhizao").await, "purpose": "open"});
    let refused = admin.post("/v1/layouts/check", nowhere.take()).await;
    assert_eq!(refused.expect(422).codes(), ["space_id no_floor"]);
    assert_eq!(
        world
            .text("SELECT count(*)::text AS name FROM layout_version")
            .await,
        before
    );

    let draft = scene.draft("gone", "open", json!({})).await;
    let versions = format!(
        "/v1/layouts/{}/versions",
        draft.body["layout"]["id"].as_str().unwrap()
    );
    assert_eq!(admin.get(&versions).await.body[0]["state"], "draft");
    assert_eq!(world.nobody().get(&versions).await.body, json!([]));
    let path = format!("/v1/layout-versions/{}", draft.id());
    admin.delete(&path).await.expect(204);
    admin.get(&path).await.expect(404);
    scene.done().await;
}

#[tokio::test]
async fn the_halls_minutes_come_from_the_engine() {
    const FILE: &str = include_str!("../fixtures/hall.json");
    let scene = Scene::new().await;
    let file: Value = serde_json::from_str(FILE).unwrap();
    let layouts = format!("/v1/spaces/{}/layouts", scene.hall);
    let layouts = scene.admin.get(&layouts).await.expect(200).body;
    let mut names = std::collections::BTreeMap::new();
    for layout in layouts.as_array().unwrap() {
        let (slug, version) = (layout["slug"].as_str().unwrap(), &layout["versions"][0]);
        names.insert(version["id"].as_str().unwrap().to_owned(), slug.to_owned());
        assert_eq!(version["bookable"], true, "{slug}");
        assert_eq!(version["capacity"], file["capacity"][slug], "{slug}");
        assert_eq!(version["seats"], file["seats"][slug], "{slug}");
    }
    let times = format!("/v1/spaces/{}/changeover-times", scene.hall);
    let times = scene.admin.get(&times).await.expect(200).body;
    assert_eq!(times.as_array().unwrap().len(), 100);
    for time in times.as_array().unwrap() {
        let name = |field: &str| names[time[field].as_str().unwrap()].as_str();
        let (from, to) = (name("from_version_id"), name("to_version_id"));
        let minutes = time["minutes"].as_i64().unwrap();
        let filed = file["changeover_minutes"][from][to].as_i64().unwrap();
        assert!(
            (minutes - filed).abs() <= 5,
            "{from} to {to}: {minutes}, the file has {filed}"
        );
    }
    scene.done().await;
}

/// Every time that is written, first or anew, leaves a line.
const WATCH: &str = "CREATE TABLE computed (area_id uuid, from_id uuid, to_id uuid, by_whom integer); \
    CREATE FUNCTION note_computed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
      INSERT INTO public.computed VALUES (NEW.area_id, NEW.from_version_id, NEW.to_version_id, pg_backend_pid()); RETURN NULL; END $$; \
    CREATE TRIGGER note_computed AFTER INSERT OR UPDATE ON changeover_time FOR EACH ROW EXECUTE FUNCTION note_computed()";

#[tokio::test]
async fn times_are_computed_once_whoever_computes_and_however_often_it_is_stopped() {
    let scene = Scene::new().await;
    let world = &scene.world;
    world.run(WATCH).await;
    for n in 0..3 {
        let block = json!({"placements": [{"t": "big", "x": 20 + n, "y": 8}]});
        let id = scene.draft(&format!("one-{n}"), "open", block).await.id();
        scene.publish(&id).await.expect(200);
    }
    let pending = "SELECT count(*)::text AS name FROM floor f, changeovers_of(f.space_id) c WHERE NOT (c.known AND c.fresh)";
    let missing = world.text(pending).await;
    assert_eq!(missing, (13 * 13 - 10 * 10).to_string());

    // while somebody has the floor, nobody else computes
    let floor = mofang::id::SpaceId(world.space("huiju").await);
    let tx = world.db.transaction().await.unwrap();
    tx.begin().await.unwrap();
    assert!(store::times::claim_floor(tx.conn(), floor).await.unwrap());
    let two = mofang::db::Db::new(&world.url, 4).unwrap();
    timing::settle(&two).await.unwrap();
    assert_eq!(world.text(pending).await, missing);
    tx.rollback().await.unwrap();

    // stopped wherever it happens to be
    for millis in [0, 5, 20, 60] {
        let settle = timing::settle(&world.db);
        let _ = tokio::time::timeout(std::time::Duration::from_millis(millis), settle).await;
    }
    let (one, two) = tokio::join!(timing::settle(&world.db), timing::settle(&two));
    one.unwrap();
    two.unwrap();
    // whoever came second left the floor to the first
    world.settle().await;
    assert_eq!(world.text(pending).await, "0");
    let computed = world
        .text("SELECT count(*) || ' of ' || count(DISTINCT (area_id, from_id, to_id)) AS name FROM computed")
        .await;
    assert_eq!(computed, format!("{missing} of {missing}"));
    let unready = "SELECT count(*)::text AS name FROM layout_version WHERE bookable_at IS NULL";
    assert_eq!(world.text(unready).await, "0");
    scene.done().await;
}

#[tokio::test]
async fn a_changeover_of_more_than_a_day_is_told_and_not_tried_again() {
    let scene = Scene::new().await;
    let (world, admin) = (&scene.world, &scene.admin);
    let types = format!("/v1/venues/{}/block-types", world.venue);
    let slow = json!({"code": "slab", "width": 2, "depth": 2, "height_mm": 450, "handle_s": 3600, "loaded_s": 600});
    let slab = admin.post(&types, slow).await.expect(201).id();
    let pool = world.text("SELECT id::text AS name FROM pool").await;
    let stock = format!("/v1/pools/{pool}/stock/slab");
    admin.patch(&stock, json!({"owned": 18})).await.expect(200);
    // eighteen, each more than four hours from the store
    let slabs = (0..18).map(|n| json!({"t": "slab", "x": 26 + 2 * (n % 6), "y": 2 * (n / 6)}));
    let drawing = json!({ "placements": slabs.collect::<Vec<_>>() });
    let id = scene.draft("slab", "open", drawing).await.id();
    let published = scene.publish(&id).await.expect(200).body;
    assert_eq!(published["times_state"], "computing");
    world.settle().await;
    let stuck = scene.read(&id).await.body;
    assert_eq!(
        [&stuck["bookable"], &stuck["times_state"]],
        [&json!(false), &json!("impossible")]
    );
    // that to itself is there
    let counts = ["times_done", "times_failed", "times_total"].map(|name| stuck[name].clone());
    assert_eq!(counts, [1, 20, 21]);
    let fault = &stuck["times_faults"][0];
    assert_eq!(fault["reason"], "too_slow");
    assert!([&fault["from_version_id"], &fault["to_version_id"]].contains(&&json!(id)));
    // the others are as they were
    let other = scene.read(world.version("salon").await).await.body;
    assert_eq!(other["bookable"], true);
    // nothing is left to be done, and nothing is tried again
    assert_eq!(
        store::times::spaces_pending(&world.db.conn().await.unwrap())
            .await
            .unwrap(),
        []
    );

    // lighter slabs: everything is tried anew
    let path = format!("/v1/block-types/{slab}");
    let lighter = json!({"handle_s": 40, "loaded_s": 2});
    admin.patch(&path, lighter).await.expect(200);
    let tried = scene.read(&id).await.body;
    assert_eq!(
        [&tried["times_state"], &tried["times_failed"]],
        [&json!("computing"), &json!(0)]
    );
    world.settle().await;
    let timed = scene.read(&id).await.body;
    assert_eq!(
        [&timed["bookable"], &timed["times_state"]],
        [&json!(true), &json!("known")]
    );
    assert_eq!(timed["times_faults"], json!([]));
    scene.done().await;
}

#[tokio::test]
async fn a_newer_version_takes_over_the_bookings_of_the_older() {
    let scene = Scene::new().await;
    let (world, admin) = (&scene.world, &scene.admin);
    let (booker, approver) = (world.person("booker").await, world.person("approver").await);
    let old = world.version("roadshow_main").await;
    let wish = |hour: u32, people: i32| {
        let wish = Wish::new(scene.hall, wednesday(hour, 0), 90);
        wish.layout(old, "roadshow").people(people)
    };
    let small = booker.book(&wish(10, 20)).await.expect(201).id();
    let asked = world
        .person("booker2")
        .await
        .book(&wish(13, 20))
        .await
        .expect(201)
        .id();
    let full = booker.book(&wish(16, 75)).await.expect(201).id();
    for id in [&small, &full] {
        approver.act(id, "approve").await.expect(200);
    }

    // the stage a module further south, and half the audience
    let main = scene.read(old).await.body;
    let layout = main["layout"]["id"].as_str().unwrap();
    let copy = json!({ "copy_of": old });
    let versions = format!("/v1/layouts/{layout}/versions");
    let draft = admin.post(&versions, copy).await.expect(201);
    assert_eq!(draft.body["number"], 2);
    assert_eq!(draft.body["placements"], main["placements"]);
    let mut drawing = moved_south(&main, 1);
    drawing["zones"][0]["h"] = json!(6);
    drawing["seats_required"] = json!(20);
    let new = draft.id();
    let path = format!("/v1/layout-versions/{new}");
    let drawn = admin.put(&path, drawing).await.expect(200).body;
    let capacity = drawn["capacity"].as_i64().unwrap();
    assert!((20..75).contains(&capacity), "{capacity}");
    scene.publish(&new).await.expect(200);
    let take_over = format!("{path}/take-over");
    let early = admin.post(&take_over, json!({})).await.expect(422);
    assert_eq!(early.codes(), ["id times_pending"]);
    world.settle().await;

    let older = format!("{path}/older-bookings");
    booker.get(&older).await.expect(403);
    booker.post(&take_over, json!({})).await.expect(403);
    let ids = |answer: &Answer| -> Vec<String> {
        let all = answer.body.as_array().unwrap().iter();
        all.map(|one| one["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        ids(&admin.get(&older).await),
        [small.as_str(), &asked, &full]
    );
    let told = world.told(&small).await.len();
    let report = admin
        .post(&take_over, json!({"reason": "舞台向南移一格"}))
        .await;
    let report = report.expect(200).body;
    assert_eq!([&report["moved"], &report["stayed"]], [2, 1]);
    let outcomes: Vec<_> = report["bookings"].as_array().unwrap().iter().collect();
    assert_eq!(outcomes[2]["id"], json!(full));
    assert_eq!(
        outcomes[2]["problem"]["errors"][0]["code"],
        "above_capacity"
    );
    assert_eq!(world.told(&small).await[told..], ["booking_changed booker"]);
    let version_of = async |id: &str| booker.get(&format!("/v1/bookings/{id}")).await.body;
    assert_eq!(version_of(&small).await["layout_version_id"], json!(new));
    assert_eq!(version_of(&full).await["layout_version_id"], json!(old));
    assert_eq!(world.state(&small).await, "confirmed");
    assert_eq!(ids(&admin.get(&older).await), [full.as_str()]);
    // again: only what is left is tried
    let named = json!({ "booking_ids": [full, small] });
    let again = admin.post(&take_over, named).await.expect(200).body;
    assert_eq!([&again["moved"], &again["stayed"]], [0, 1]);
    scene.done().await;
}

#[tokio::test]
async fn those_that_cannot_move_hide_none_that_can() {
    let scene = Scene::new().await;
    let (world, admin) = (&scene.world, &scene.admin);
    let old = world.version("roadshow_main").await;
    // 120 requests of a full house that compete, and hence hold nothing, all before the one that fits
    let rivals = format!(
        "UPDATE space SET policy = jsonb_set(policy, '{{requests}}', '\"compete\"') WHERE id = '{hall}'; \
         INSERT INTO booking (id, reference, space_id, state, during, layout_version_id, area_ids, holds_slot, event_type, title, attendance, contact_name, expires_at) \
         SELECT gen_random_uuid(), 'RIV' || lpad(n::text, 5, '0'), '{hall}', 'requested', tstzrange(now() + interval '9 days', now() + interval '9 days 1 hour'), '{old}', \
           ARRAY(SELECT id FROM area WHERE space_id = '{hall}'), false, 'roadshow', 'x', 75, 'hand', now() + interval '1 day' FROM generate_series(1, 120) n",
        hall = scene.hall
    );
    world.run(&rivals).await;
    let booker = world.person("booker").await;
    let start = wednesday(10, 0) + chrono::TimeDelta::days(7);
    let wish = Wish::new(scene.hall, start, 90)
        .layout(old, "roadshow")
        .people(20);
    let small = booker.book(&wish).await.expect(201).id();

    let main = scene.read(old).await.body;
    let versions = format!(
        "/v1/layouts/{}/versions",
        main["layout"]["id"].as_str().unwrap()
    );
    let new = admin
        .post(&versions, json!({ "copy_of": old }))
        .await
        .expect(201)
        .id();
    let path = format!("/v1/layout-versions/{new}");
    let mut drawing = moved_south(&main, 1);
    drawing["zones"][0]["h"] = json!(6);
    drawing["seats_required"] = json!(20);
    admin.put(&path, drawing).await.expect(200);
    scene.publish(&new).await.expect(200);
    world.settle().await;
    let report = admin
        .post(&format!("{path}/take-over"), json!({}))
        .await
        .expect(200)
        .body;
    assert_eq!([&report["moved"], &report["stayed"]], [1, 120]);
    let moved = booker.get(&format!("/v1/bookings/{small}")).await.body;
    assert_eq!(moved["layout_version_id"], json!(new));
    scene.world.end().await;
}
