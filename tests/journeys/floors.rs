//! Floors and block types, drawn and changed by administrators, under the layouts that stand on them.

use serde_json::{Value, json};

use crate::support::{Person, Wish, World, wednesday};

async fn scene() -> (World, Person, String) {
    let world = World::new().await;
    let admin = world.person("admin").await;
    let floor = format!("/v1/spaces/{}/floor", world.space("huiju").await);
    (world, admin, floor)
}

/// The floor's rows with other letters in some cells.
fn with_cells(rows: &Value, letter: &str, cells: &[(usize, usize)]) -> Value {
    let mut rows: Vec<String> = serde_json::from_value(rows.clone()).unwrap();
    for (x, y) in cells {
        rows[*y].replace_range(x..&(x + 1), letter);
    }
    json!(rows)
}

#[tokio::test]
async fn a_floor_that_would_break_layouts_is_refused_or_retires_them() {
    let (world, admin, path) = scene().await;
    let before = admin.get(&path).await.expect(200);
    assert_eq!(before.headers["etag"], "\"1\"");
    let rows = &before.body["rows"];

    // a column where a block of the exhibition stands: no way
    let column = with_cells(rows, "#", &[(12, 1)]);
    let refused = admin.put(&path, json!({ "rows": column })).await;
    assert_eq!(refused.expect(409).reasons(), ["layouts_stand"]);
    let refused = admin
        .put(&path, json!({ "rows": column, "retire": true }))
        .await;
    let refused = refused.expect(409);
    assert_eq!(refused.reasons(), ["layouts_stand"]);
    let islands = world.version("exhibition_islands").await.to_string();
    assert!(
        refused.body["in_the_way"]
            .as_array()
            .unwrap()
            .contains(&json!(islands))
    );
    assert!(
        refused.body["violations"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| {
                one["layout_version_id"] == json!(islands) && one["code"] == "ON_FORBIDDEN"
            })
    );

    // a corner that stays free: some hold fewer people then
    let corner: Vec<_> = (0..8).flat_map(|x| [(x, 22), (x, 23)]).collect();
    let corner = with_cells(rows, "K", &corner);
    let refused = admin
        .put(&path, json!({ "rows": corner }))
        .await
        .expect(409);
    assert_eq!(refused.reasons(), ["layouts_in_the_way"]);
    let in_the_way = refused.body["in_the_way"].as_array().unwrap().len();
    assert!((1..10).contains(&in_the_way), "{in_the_way}");
    let stale = [("if-match", "\"7\"")];
    let body = json!({ "rows": corner, "retire": true });
    admin
        .call_with("PUT", &path, body.clone(), &stale)
        .await
        .expect(412);
    let after = admin.put(&path, body).await.expect(200);
    assert_eq!(after.headers["etag"], "\"2\"");
    let retired = "SELECT count(*)::text AS name FROM layout_version WHERE state = 'retired'";
    assert_eq!(world.text(retired).await, in_the_way.to_string());

    // what stays can be booked all the while; its times are computed anew
    let stale = "SELECT count(*)::text AS name FROM floor f, changeovers_of(f.space_id) c WHERE NOT c.fresh";
    assert_ne!(world.text(stale).await, "0");
    let main = world.version("roadshow_main").await;
    let version = admin.get(&format!("/v1/layout-versions/{main}")).await.body;
    assert_eq!(
        [&version["bookable"], &version["times_done"]],
        [&json!(true), &json!(0)]
    );
    world.settle().await;
    assert_eq!(world.text(stale).await, "0");
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn what_is_no_floor_is_told_by_its_rows() {
    let (world, admin, path) = scene().await;
    for (floor, codes) in [
        (json!({"rows": []}), vec!["rows too_short"]),
        (json!({"rows": ["..", "."]}), vec!["rows.1 uneven"]),
        (json!({"rows": [".x"]}), vec!["rows.0 cell_letter"]),
        (
            json!({"rows": [".."], "areas": ["AB"]}),
            vec!["areas.0 area_letter"],
        ),
        (
            json!({"rows": [".."], "areas": ["A"]}),
            vec!["areas.0 uneven"],
        ),
        (json!({"rows": [".."], "areas": []}), vec!["areas uneven"]),
        (
            json!({"rows": ["."], "module_mm": 5}),
            vec!["module_mm too_small"],
        ),
        (json!({"rows": [".".repeat(201)]}), vec!["rows.0 too_long"]),
    ] {
        assert_eq!(admin.put(&path, floor).await.expect(422).codes(), codes);
    }
    let room = format!("/v1/spaces/{}/floor", world.space("zhizao").await);
    let refused = admin.put(&room, json!({"rows": [".."]})).await.expect(422);
    assert_eq!(refused.codes(), ["rows no_floor"]);
    // an area that has no cells yet is drawn before anything else is
    let areas = path.replace("/floor", "/areas");
    admin
        .post(&areas, json!({"slug": "annex"}))
        .await
        .expect(201);
    let rows = admin.get(&path).await.body["rows"].clone();
    let refused = admin.put(&path, json!({ "rows": rows })).await.expect(422);
    assert_eq!(refused.codes(), ["areas area_without_cells"]);
    for (sql, constraint) in [
        ("UPDATE floor SET rows[1] = 'x'", "floor_rows_are_grid"),
        ("UPDATE floor SET areas[1] = 'a'", "floor_areas_are_grid"),
        (
            "UPDATE block_type SET code = 'large' WHERE code = 'big'",
            "block_type_keeps_code",
        ),
        (
            "UPDATE block_type SET width = 3 WHERE code = 'big'",
            "block_type_rests",
        ),
    ] {
        assert_eq!(
            world.refused(sql).await.as_deref(),
            Some(constraint),
            "{sql}"
        );
    }
    world.end().await;
}

#[tokio::test]
async fn block_types_are_made_stocked_and_changed() {
    let (world, admin, _) = scene().await;
    let types = format!("/v1/venues/{}/block-types", world.venue);
    let plank = json!({"code": "plank", "width": 3, "depth": 1, "height_mm": 450, "handle_s": 30, "loaded_s": 2});
    let made = admin.post(&types, plank.clone()).await.expect(201);
    assert_eq!(made.body["max_z"], 1);
    let twice = admin.post(&types, plank).await.expect(422);
    assert_eq!(twice.codes(), ["code taken"]);
    let codes: Vec<Value> = admin
        .get(&types)
        .await
        .expect(200)
        .body
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["code"].clone())
        .collect();
    assert_eq!(codes, ["big", "plank", "small"]);

    // none is there until the stock says so
    let hall = world.space("huiju").await;
    let drawing = json!({"space_id": hall, "purpose": "open", "placements": [{"t": "plank", "x": 20, "y": 8, "rot": 90}]});
    let check = async || {
        let verdict = admin.post("/v1/layouts/check", drawing.clone()).await;
        verdict.expect(200).body["violations"].clone()
    };
    assert_eq!(check().await[0]["code"], "INVENTORY");
    let pool = world.text("SELECT id::text AS name FROM pool").await;
    let stock = |code: &str| format!("/v1/pools/{pool}/stock/{code}");
    admin
        .patch(&stock("plank"), json!({"owned": 4}))
        .await
        .expect(200);
    admin
        .patch(&stock("nothing"), json!({"owned": 4}))
        .await
        .expect(404);
    assert_eq!(check().await, json!([]));

    let path = format!("/v1/block-types/{}", made.id());
    let wider = admin.patch(&path, json!({"width": 4})).await.expect(200);
    assert_eq!(wider.body["width"], 4);
    let big = world
        .text("SELECT id::text AS name FROM block_type WHERE code = 'big'")
        .await;
    let big = format!("/v1/block-types/{big}");
    let refused = admin.patch(&big, json!({"width": 3})).await.expect(409);
    assert_eq!(refused.reasons(), ["block_type_rests"]);
    // heavier blocks: every time is computed anew, the old ones hold until then
    let longest = "SELECT max(minutes)::text AS name FROM changeover_time";
    let before: i32 = world.text(longest).await.parse().unwrap();
    admin
        .patch(&big, json!({"handle_s": 120}))
        .await
        .expect(200);
    assert_eq!(world.text(longest).await, before.to_string());
    world.settle().await;
    let after: i32 = world.text(longest).await.parse().unwrap();
    assert!(after > before, "{after} after {before}");
    world.check().await;
    world.end().await;
}

/// A small floor with stores at both ends and a way out in the south.
const ANNEX: [&str; 6] = [
    "SS......SS",
    "SS......SS",
    "..........",
    "..........",
    "..........",
    "...EE.....",
];

#[tokio::test]
async fn a_new_pool_carries_for_a_new_floor_that_begins_empty_and_grows() {
    let (world, admin, _) = scene().await;
    let pools = format!("/v1/venues/{}/pools", world.venue);
    let input = json!({"slug": "annex", "name": "附楼方块"});
    let pool = admin.post(&pools, input.clone()).await.expect(201);
    assert_eq!(pool.body["stock"], json!([]));
    assert_eq!(
        admin.post(&pools, input).await.expect(422).codes(),
        ["slug taken"]
    );
    let blank = admin.post(&pools, json!({"slug": "", "name": " "})).await;
    assert_eq!(
        blank.expect(422).codes(),
        ["slug malformed", "name too_short"]
    );
    let desk = world.person("desk").await;
    desk.post(&pools, json!({"slug": "desk", "name": "x"}))
        .await
        .expect(403);
    let pool = pool.id();
    let of_pool = |path: &str| format!("/v1/pools/{pool}/{path}");
    admin
        .patch(&of_pool("stock/big"), json!({"owned": 6}))
        .await
        .expect(200);
    let weekly = json!([{"days": "mon-sun", "from": "00:00", "to": "24:00"}]);
    let crew = json!({"name": "甲", "teams": 2, "weekly": weekly});
    admin.post(&of_pool("crews"), crew).await.expect(201);

    let space = json!({
        "venue_id": world.venue, "slug": "annex", "kind": "reconfigurable", "name_zh": "附楼", "name_en": "Annex",
        "people_cap": 60, "turnaround_min": 10, "pool_id": pool, "areas": ["main"],
        "policy": {"who": {"enterprise": "approval"}, "lead_workdays": 3, "grid_min": 30, "minutes": [30, 720], "horizon_days": {"enterprise": 60}},
    });
    let space = admin.post("/v1/spaces", space).await.expect(201).body;
    let (main, space) = (
        space["areas"][0]["id"].clone(),
        space["space"]["id"].as_str().unwrap().to_owned(),
    );
    let of_space = |path: &str| format!("/v1/spaces/{space}/{path}");
    admin
        .put(&of_space("floor"), json!({ "rows": ANNEX }))
        .await
        .expect(200);
    let publish = async |slug: &str, drawing: Value| {
        let layout = json!({"slug": slug, "purpose": "open", "name_zh": "布局", "name_en": slug});
        let layout = admin
            .post(&of_space("layouts"), layout)
            .await
            .expect(201)
            .id();
        let versions = format!("/v1/layouts/{layout}/versions");
        let draft = admin
            .post(&versions, json!({ "drawing": drawing }))
            .await
            .expect(201)
            .id();
        let publish = format!("/v1/layout-versions/{draft}/publish");
        admin.post(&publish, Value::Null).await.expect(200);
        draft
    };
    let empty = publish("empty", json!({})).await;
    let one = publish("one", json!({"placements": [{"t": "big", "x": 4, "y": 2}]})).await;
    world.settle().await;

    // to and from the empty floor there are times as between any two
    let times = admin
        .get(&of_space("changeover-times"))
        .await
        .expect(200)
        .body;
    let times = times.as_array().unwrap();
    assert_eq!(times.len(), 4);
    for (from, to) in [(&empty, &one), (&one, &empty)] {
        let time = times.iter().find(|time| {
            time["from_version_id"] == json!(from) && time["to_version_id"] == json!(to)
        });
        assert!(time.unwrap()["work_s"].as_i64().unwrap() > 40);
    }
    let stands = json!({ "initial_layout_version_id": empty });
    let area = of_space(&format!("areas/{}", main.as_str().unwrap()));
    admin.patch(&area, stands).await.expect(200);
    let wish = Wish::new(space.parse().unwrap(), wednesday(10, 0), 60)
        .layout(one.parse().unwrap(), "talk");
    let booking = world
        .person("booker")
        .await
        .book(&wish.people(5))
        .await
        .expect(201)
        .id();
    let carried = format!(
        "SELECT (from_version_id = '{empty}' AND to_version_id = '{one}')::text AS name FROM occupancy \
         WHERE booking_id = '{booking}' AND kind = 'changeover'"
    );
    assert_eq!(world.text(&carried).await, "true");

    // an area is added: what is empty stays in the area that it has, and is not in the way
    admin
        .post(&of_space("areas"), json!({"slug": "side"}))
        .await
        .expect(201);
    let rows: Vec<String> = ANNEX.iter().map(|row| format!("{row}#....E")).collect();
    let areas = vec![format!("{}{}", "A".repeat(10), "B".repeat(6)); rows.len()];
    let grown = json!({ "rows": rows, "areas": areas });
    admin.put(&of_space("floor"), grown).await.expect(200);
    let version = admin
        .get(&format!("/v1/layout-versions/{empty}"))
        .await
        .body;
    assert_eq!(
        (version["state"].as_str(), &version["area_ids"]),
        (Some("published"), &json!([main]))
    );
    world.settle().await;
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn a_floor_has_values_of_rules_of_its_own() {
    let (world, admin, path) = scene().await;
    let before = admin.get(&path).await.expect(200).body;
    assert_eq!(
        [&before["rules"]["egress_k"], &before["rules"]["pocket_max"]],
        [2, 12]
    );
    for (rules, code) in [
        (json!({"egress_k": 0}), "rules.egress_k too_small"),
        (
            json!({"stage_rect": [6, 20000]}),
            "rules.stage_rect too_large",
        ),
    ] {
        let floor = json!({"rows": before["rows"], "rules": rules});
        assert_eq!(admin.put(&path, floor).await.expect(422).codes(), [code]);
    }
    admin
        .put(
            &path,
            json!({"rows": before["rows"], "rules": {"doors": 1}}),
        )
        .await
        .expect(422);
    // wider ways out: a layout with narrow ones is in the way, and a drawing is judged by them
    let drawing = json!({"space_id": world.space("huiju").await, "purpose": "open", "placements": [
        {"t": "big", "x": 20, "y": 8}, {"t": "big", "x": 24, "y": 8}]});
    let cells = async || {
        let verdict = admin
            .post("/v1/layouts/check", drawing.clone())
            .await
            .expect(200);
        verdict.body["escape_cells"].as_u64().unwrap()
    };
    let two = cells().await;
    let wide = json!({"rows": before["rows"], "rules": {"egress_k": 3}, "retire": true});
    let after = admin.put(&path, wide).await.expect(200).body;
    assert_eq!(
        [&after["rules"]["egress_k"], &after["rules"]["pocket_max"]],
        [3, 12]
    );
    assert!(cells().await < two);
    let stale = "SELECT count(*)::text AS name FROM floor f, changeovers_of(f.space_id) c WHERE NOT c.fresh";
    assert_eq!(world.text(stale).await, "0");
    world.check().await;
    world.end().await;
}
