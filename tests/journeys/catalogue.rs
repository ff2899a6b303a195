//! What can be booked, over HTTP: anyone reads it, an administrator changes it, and what was changed is not undone by
//! the next start.

use chrono::{Datelike, NaiveDate};
use mofang::catalogue::{seed, store};
use mofang::db::Db;
use mofang::id::{SpaceId, VenueId};
use mofang::identity::demo::{Demo, DemoAccount, seed_demo};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support;

/// A venue, and what these journeys ask of it.
struct World {
    world: support::World,
    db: Db,
}

struct Answer {
    status: StatusCode,
    etag: Option<String>,
    link: Option<String>,
    json: Value,
}

impl World {
    async fn new() -> Self {
        let world = support::World::new().await;
        let db = world.db.clone();
        Self { world, db }
    }

    async fn token(&self, name: &str) -> String {
        self.world.person(name).await.token
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let url = format!("{}{path}", self.world.base());
        let mut request = self
            .world
            .http
            .request(method, url)
            .header("accept-language", "en");
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let header = |name| {
            let value = response.headers().get(name)?;
            Some(value.to_str().unwrap().to_owned())
        };
        let (etag, link, status) = (header("etag"), header("link"), response.status());
        let text = response.text().await.unwrap();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer {
            status,
            etag,
            link,
            json,
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, "", None, &[]).await
    }

    async fn space(&self, slug: &str) -> Value {
        let spaces = self.get("/v1/spaces").await.json;
        let found = spaces
            .as_array()
            .unwrap()
            .iter()
            .find(|space| space["slug"] == slug);
        found.unwrap().clone()
    }

    async fn end(self) {
        drop(self.db);
        self.world.end().await;
    }
}

fn codes(answer: &Answer) -> Vec<(String, String)> {
    answer.json["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| {
            let text = |name: &str| error[name].as_str().unwrap().to_owned();
            assert_ne!(
                text("detail"),
                format!("field-{}", text("code")),
                "a text is missing"
            );
            (text("field"), text("code"))
        })
        .collect()
}

fn error(field: &str, code: &str) -> (String, String) {
    (field.to_owned(), code.to_owned())
}

#[tokio::test]
async fn anyone_reads_the_catalogue() {
    let world = World::new().await;
    let venues = world.get("/v1/venues").await.json;
    let venue = &venues[0];
    assert_eq!(venue["time_zone"], "Asia/Shanghai");
    assert_eq!(venue["hours"][0]["days"], "mon-sun");
    let path = format!("/v1/venues/{}", venue["id"].as_str().unwrap());
    assert_eq!(world.get(&path).await.etag.as_deref(), Some("\"1\""));
    let calendar = world.get(&format!("{path}/calendar?year=2026")).await.json;
    assert_eq!(calendar["known"], true);
    assert_eq!(calendar["days"].as_array().unwrap().len(), 39);
    let unknown = world.get(&format!("{path}/calendar?year=2199")).await.json;
    assert_eq!(unknown["known"], false);

    // in pages of five
    let mut slugs = Vec::new();
    let mut next = Some("/v1/spaces?limit=5".to_owned());
    while let Some(path) = next {
        let page = world.get(&path).await;
        for space in page.json.as_array().unwrap() {
            slugs.push(space["slug"].as_str().unwrap().to_owned());
        }
        next = page
            .link
            .map(|link| link[1..link.find('>').unwrap()].to_owned());
    }
    assert_eq!(slugs.len(), 13);
    assert_eq!(
        (slugs[0].as_str(), slugs[12].as_str()),
        ("huiju", "station")
    );

    let hall = world.space("huiju").await;
    let path = format!("/v1/spaces/{}", hall["id"].as_str().unwrap());
    let areas = world.get(&format!("{path}/areas")).await.json;
    assert_eq!(areas.as_array().unwrap().len(), 1);
    let floor = world.get(&format!("{path}/floor")).await.json;
    assert_eq!(
        (floor["width"].as_i64(), floor["rows"][10].as_str()),
        (Some(40), Some("......................................KE"))
    );
    let layouts = world.get(&format!("{path}/layouts")).await.json;
    assert_eq!(layouts.as_array().unwrap().len(), 10);
    let initial = areas[0]["initial_layout_version_id"].as_str().unwrap();
    let rest = world.get(&format!("/v1/layout-versions/{initial}")).await;
    assert_eq!(rest.json["layout"]["slug"], "rest");
    assert_eq!(rest.json["needs"].as_array().unwrap().len(), 2);
    assert_eq!(rest.json["placements"].as_array().unwrap().len(), 24);
    let times = world.get(&format!("{path}/changeover-times")).await.json;
    assert_eq!(times.as_array().unwrap().len(), 100);
    let from = format!("{path}/changeover-times?from_version_id={initial}");
    assert_eq!(world.get(&from).await.json.as_array().unwrap().len(), 10);

    let reception = world.space("zhizao").await;
    let path = format!("/v1/spaces/{}", reception["id"].as_str().unwrap());
    let no_floor = world.get(&format!("{path}/floor")).await;
    assert_eq!(no_floor.status, StatusCode::NOT_FOUND);
    assert_eq!(world.get(&format!("{path}/layouts")).await.json, json!([]));
    assert_eq!(
        world.get(&format!("{path}/changeover-times")).await.json,
        json!([])
    );
    let pools = world.get("/v1/pools").await.json;
    assert_eq!(
        pools[0]["stock"],
        json!([
            { "block_type": "big", "owned": 48, "out_of_service": 0 },
            { "block_type": "small", "owned": 36, "out_of_service": 0 },
        ])
    );
    let crews = format!("/v1/pools/{}/crews", pools[0]["id"].as_str().unwrap());
    assert_eq!(world.get(&crews).await.status, StatusCode::UNAUTHORIZED);
    for path in [
        "/v1/spaces?colour=red",
        "/v1/spaces?venue_id=x",
        "/v1/venues?cursor=x",
    ] {
        let answer = world.get(path).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
    }
    world.end().await;
}

#[tokio::test]
async fn a_missing_year_is_warned_of_until_it_is_imported() {
    let world = World::new().await;
    world.world.run("DELETE FROM calendar_day").await;
    let admin = world.token("admin").await;
    let venue = world.get("/v1/venues").await.json[0].clone();
    let path = format!("/v1/venues/{}", venue["id"].as_str().unwrap());
    let warned = |answer: &Value| -> Vec<i64> {
        answer["warnings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|warning| warning["year"].as_i64().unwrap())
            .collect()
    };
    let missing = warned(&venue);
    assert!(!missing.is_empty(), "no year is known");
    let year = missing[0];
    assert!(
        venue["warnings"][0]["detail"]
            .as_str()
            .unwrap()
            .contains(&year.to_string())
    );
    assert_eq!(warned(&world.space("huiju").await), missing);

    let put = async |year: i64, body: Value| {
        world
            .ask(
                Method::PUT,
                &format!("{path}/calendar/{year}"),
                &admin,
                Some(body),
                &[],
            )
            .await
    };
    let day = |date: String, off: bool| json!({ "name": "春节", "date": date, "isOffDay": off });
    let broken = json!({ "year": year, "days": [
        day(format!("{year}-01-01"), true), day(format!("{year}-01-01"), false), day("2001-01-01".into(), true)] });
    let answer = put(year, broken).await;
    assert_eq!(
        codes(&answer),
        [
            error("days.1.date", "duplicate"),
            error("days.2.date", "another_year")
        ]
    );
    let file = json!({ "year": year, "days": [day(format!("{year}-01-01"), true)] });
    let other = put(year + 1, file.clone()).await;
    assert_eq!(codes(&other)[0], error("year", "another_year"));
    let answer = put(year, file).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json["known"], true);
    assert_eq!(warned(&world.space("huiju").await), missing[1..]);
    // an administrator's year is not overwritten by the next start
    seed::seed(&world.db).await.unwrap();
    let kept = world.get(&format!("{path}/calendar?year={year}")).await;
    assert_eq!(kept.json["days"].as_array().unwrap().len(), 1);
    let acts = "SELECT count(*)::text AS name FROM audit_entry WHERE action = 'import_calendar'";
    assert_eq!(world.world.text(acts).await, "1");
    world.end().await;
}

#[tokio::test]
async fn an_administrator_changes_a_space() {
    let world = World::new().await;
    let admin = world.token("admin").await;
    let booker = world.token("booker").await;
    let space = world.space("share").await;
    let path = format!("/v1/spaces/{}", space["id"].as_str().unwrap());
    let patch = async |token: &str, body: Value, headers: &[(&str, &str)]| {
        world
            .ask(Method::PATCH, &path, token, Some(body), headers)
            .await
    };
    let name = json!({ "name_en": "Reading room" });
    assert_eq!(
        patch("", name.clone(), &[]).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        patch(&booker, name.clone(), &[]).await.status,
        StatusCode::FORBIDDEN
    );
    let stale = patch(&admin, name.clone(), &[("if-match", "\"7\"")]).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
    let changed = patch(
        &admin,
        json!({
            "name_en": " Reading room ",
            "people_cap": 25,
            "bookable_hours": null,
            "hours": [{ "days": "workdays", "from": "20:00", "to": "02:00" }],
            "policy": { "who": { "anyone": "at once" }, "minutes": [60, 120] },
        }),
        &[("if-match", "\"1\"")],
    )
    .await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.json);
    assert_eq!(changed.etag.as_deref(), Some("\"2\""));
    assert_eq!(changed.json["name_en"], "Reading room");
    assert_eq!(changed.json["bookable_hours"], Value::Null);
    assert_eq!(changed.json["policy"]["minutes"], json!([60, 120]));
    let refused = patch(
        &admin,
        json!({
            "name_zh": "",
            "people_cap": 0,
            "hours": [{ "days": "monday", "from": "09:00", "to": "21:00" }],
            "policy": { "grid_min": 0 },
        }),
        &[],
    )
    .await;
    assert_eq!(
        codes(&refused),
        [
            error("name_zh", "too_short"),
            error("people_cap", "too_small"),
            error("hours.0.days", "malformed"),
            error("policy.grid_min", "too_small"),
        ]
    );
    for (body, field, code) in [
        (json!({ "slug": "x" }), "slug", "unknown_field"),
        (
            json!({ "policy": { "colour": 1 } }),
            "policy.colour",
            "unknown_field",
        ),
        (
            json!({ "policy": { "who": { "guest": "perhaps" } } }),
            "policy.who.guest",
            "malformed",
        ),
    ] {
        assert_eq!(codes(&patch(&admin, body, &[]).await), [error(field, code)]);
    }
    // the decision on a booking sees it at once
    let id: SpaceId = space["id"].as_str().unwrap().parse().unwrap();
    let conn = world.db.conn().await.unwrap();
    let ground = store::ground(&conn, id).await.unwrap().unwrap();
    drop(conn);
    assert_eq!(
        (ground.space.people_cap, ground.policy.max_minutes),
        (25, 120)
    );
    assert!(ground.bookable.is_none());
    // and the next start leaves it alone
    seed::seed(&world.db).await.unwrap();
    assert_eq!(world.space("share").await["people_cap"], 25);

    let hall = world.space("huiju").await;
    let path = format!("/v1/spaces/{}", hall["id"].as_str().unwrap());
    let body = Some(json!({ "turnaround_min": 20 }));
    let minutes = world.ask(Method::PATCH, &path, &admin, body, &[]).await;
    assert_eq!(codes(&minutes), [error("turnaround_min", "floor_minutes")]);
    world.end().await;
}

#[tokio::test]
async fn a_space_is_made_once_for_a_key() {
    let world = World::new().await;
    let admin = world.token("admin").await;
    let venue = world.get("/v1/venues").await.json[0]["id"].clone();
    let post = async |path: &str, body: Value, key: &str| {
        let headers = [("idempotency-key", key)];
        world
            .ask(Method::POST, path, &admin, Some(body), &headers)
            .await
    };
    let studio = json!({
        "venue_id": venue, "slug": "studio", "kind": "room", "name_zh": "录音室", "name_en": "Studio",
        "people_cap": 4, "areas": ["left", "right"],
    });
    let (one, two) = tokio::join!(
        post("/v1/spaces", studio.clone(), "k1"),
        post("/v1/spaces", studio.clone(), "k1")
    );
    assert_eq!(
        (one.status, two.status),
        (StatusCode::CREATED, StatusCode::CREATED)
    );
    assert_eq!(one.json, two.json);
    assert_eq!(
        codes(&post("/v1/spaces", studio.clone(), "k2").await),
        [error("slug", "taken")]
    );
    let mut wrong = studio.clone();
    wrong["kind"] = json!("reconfigurable");
    wrong["areas"] = json!(["a", "a"]);
    wrong["slug"] = json!("Studio");
    assert_eq!(
        codes(&post("/v1/spaces", wrong, "k3").await),
        [
            error("slug", "malformed"),
            error("pool_id", "floors_only"),
            error("areas.1", "duplicate")
        ]
    );
    let mut foreign = studio;
    foreign["venue_id"] = json!(Uuid::now_v7());
    assert_eq!(
        codes(&post("/v1/spaces", foreign, "k4").await),
        [error("venue_id", "unknown")]
    );
    let areas = format!(
        "/v1/spaces/{}/areas",
        one.json["space"]["id"].as_str().unwrap()
    );
    let third = post(&areas, json!({ "slug": "middle" }), "k5").await;
    assert_eq!(
        (third.status, third.json["position"].as_i64()),
        (StatusCode::CREATED, Some(3))
    );
    let renamed = format!("{areas}/{}", third.json["id"].as_str().unwrap());
    let rename = async |slug: &str| {
        let body = Some(json!({ "slug": slug }));
        world.ask(Method::PATCH, &renamed, &admin, body, &[]).await
    };
    assert_eq!(codes(&rename("left").await), [error("slug", "taken")]);
    assert_eq!(rename("centre").await.json["slug"], "centre");
    world.end().await;
}

#[tokio::test]
async fn dates_have_hours_of_their_own() {
    let world = World::new().await;
    let admin = world.token("admin").await;
    let space = world.space("zhizao").await;
    let venue = format!("/v1/venues/{}", space["venue_id"].as_str().unwrap());
    let path = format!("/v1/spaces/{}", space["id"].as_str().unwrap());
    let tomorrow = chrono::Utc::now().date_naive() + chrono::TimeDelta::days(2);
    let put = async |owner: &str, body: Value| {
        let path = format!("{owner}/hours-exceptions/{tomorrow}");
        world
            .ask(Method::PUT, &path, &admin, Some(body), &[])
            .await
            .status
    };
    let id: SpaceId = space["id"].as_str().unwrap().parse().unwrap();
    let open = async || {
        let conn = world.db.conn().await.unwrap();
        let ground = store::ground(&conn, id).await.unwrap().unwrap();
        ground.opening.spans_of(tomorrow)
    };
    let closed = json!({ "hours": [], "reason": "盘点" });
    assert_eq!(put(&venue, closed.clone()).await, StatusCode::CREATED);
    assert_eq!(put(&venue, closed).await, StatusCode::OK);
    assert_eq!(open().await, []);
    // the space's own replaces the venue's
    let some = json!({ "hours": [{ "from": "10:00", "to": "12:00" }, { "from": "12:00", "to": "13:00" }] });
    assert_eq!(put(&path, some).await, StatusCode::CREATED);
    let spans = open().await;
    assert_eq!((spans.len(), spans[0].length().num_hours()), (1, 3));
    let listed = format!("{path}/hours-exceptions?from={tomorrow}&to={tomorrow}");
    assert_eq!(
        world.get(&listed).await.json,
        json!([{ "date": tomorrow, "reason": "",
            "hours": [{ "from": "10:00", "to": "12:00" }, { "from": "12:00", "to": "13:00" }] }])
    );
    let own = format!("{path}/hours-exceptions/{tomorrow}");
    let gone = world.ask(Method::DELETE, &own, &admin, None, &[]).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    let again = world.ask(Method::DELETE, &own, &admin, None, &[]).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    assert_eq!(open().await, []);
    let too_long = format!("{path}/hours-exceptions?from=2026-01-01&to=2036-01-01");
    assert_eq!(
        codes(&world.get(&too_long).await),
        [error("to", "too_large")]
    );
    world.end().await;
}

#[tokio::test]
async fn crews_and_shifts_follow_their_pattern_and_the_hand() {
    let world = World::new().await;
    let admin = world.token("admin").await;
    let pool = world.get("/v1/pools").await.json[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let ask = async |method: Method, path: &str, body: Option<Value>| {
        world.ask(method, path, &admin, body, &[]).await
    };
    let crews = format!("/v1/pools/{pool}/crews");
    let crew = ask(Method::GET, &crews, None).await.json[0].clone();
    let path = format!("/v1/crews/{}", crew["id"].as_str().unwrap());
    let today = chrono::Utc::now().date_naive();
    let shifts = async |from: NaiveDate, to: NaiveDate| {
        let path = format!("{path}/shifts?from={from}&to={to}");
        ask(Method::GET, &path, None)
            .await
            .json
            .as_array()
            .unwrap()
            .clone()
    };
    let day = |n: i64| today + chrono::TimeDelta::days(n);
    assert_eq!(shifts(day(10), day(19)).await.len(), 10);

    // taken away by hand: neither the daily run nor a new pattern brings it back
    let doomed = shifts(day(12), day(12)).await[0].clone();
    let one = format!("{path}/shifts/{}", doomed["id"].as_str().unwrap());
    let gone = ask(Method::DELETE, &one, None).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    let conn = world.db.conn().await.unwrap();
    assert_eq!(store::extend_shifts(&conn, 400).await.unwrap(), 0);
    assert!(store::extend_shifts(&conn, 410).await.unwrap() >= 10);
    assert_eq!(store::extend_shifts(&conn, 410).await.unwrap(), 0);
    drop(conn);
    assert_eq!(shifts(day(10), day(19)).await.len(), 9);

    // one more by hand, which may not overlap
    let span = json!({ "start": doomed["start"], "end": doomed["end"] });
    let by_hand = format!("{path}/shifts");
    let made = ask(Method::POST, &by_hand, Some(span.clone())).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.json);
    assert_eq!(
        codes(&ask(Method::POST, &by_hand, Some(span)).await),
        [error("start", "overlaps")]
    );
    let backwards = json!({ "start": doomed["end"], "end": doomed["start"] });
    assert_eq!(
        codes(&ask(Method::POST, &by_hand, Some(backwards)).await),
        [error("end", "empty_range")]
    );

    // a new pattern from tomorrow on
    let workdays = json!({ "weekly": [{ "days": "mon-fri", "from": "08:00", "to": "22:00" }] });
    let changed = ask(Method::PATCH, &path, Some(workdays)).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.json);
    let left = shifts(day(10), day(23)).await;
    assert_eq!(left.len(), 10);
    assert!(left.iter().all(|shift| {
        let start = shift["start"].as_str().unwrap();
        let date: NaiveDate = start[..10].parse().unwrap();
        date.weekday().num_days_from_monday() < 5
    }));

    let second = json!({ "name": "B", "teams": 2, "weekly": [{ "days": "sat-sun", "from": "22:00", "to": "06:00" }] });
    let made = ask(Method::POST, &crews, Some(second.clone())).await;
    assert_eq!(made.status, StatusCode::CREATED);
    assert_eq!(
        codes(&ask(Method::POST, &crews, Some(second)).await),
        [error("name", "taken")]
    );
    let nights = format!(
        "/v1/crews/{}/shifts?from={}&to={}",
        made.json["id"].as_str().unwrap(),
        day(10),
        day(16)
    );
    let nights = ask(Method::GET, &nights, None).await.json;
    assert!((2..=3).contains(&nights.as_array().unwrap().len()));

    let stock = format!("/v1/pools/{pool}/stock/big");
    let broken = ask(Method::PATCH, &stock, Some(json!({ "out_of_service": 49 }))).await;
    assert_eq!(codes(&broken), [error("out_of_service", "too_large")]);
    let out = ask(Method::PATCH, &stock, Some(json!({ "out_of_service": 3 }))).await;
    assert_eq!(out.json["out_of_service"], 3);
    let few = ask(
        Method::PATCH,
        &stock,
        Some(json!({ "owned": 5, "out_of_service": 0 })),
    )
    .await;
    assert_eq!(
        few.status,
        StatusCode::CONFLICT,
        "the layout that stands needs six"
    );
    let unknown = format!("/v1/pools/{pool}/stock/huge");
    let body = Some(json!({ "owned": 1 }));
    assert_eq!(
        ask(Method::PATCH, &unknown, body).await.status,
        StatusCode::NOT_FOUND
    );
    world.end().await;
}

#[tokio::test]
async fn demonstration_accounts_are_made_once_and_can_get_new_passwords() {
    let world = World::new().await;
    let venue = VenueId(world.world.venue);
    let sign_in = async |account: &DemoAccount| {
        let body = Some(json!({ "email": account.email, "password": account.password }));
        world.ask(Method::POST, "/v1/sign-ins", "", body, &[]).await
    };
    let made = async |reset| match seed_demo(&world.db, venue, reset).await.unwrap() {
        Demo::Made(accounts) => accounts,
        Demo::There(emails) => panic!("there already: {emails:?}"),
    };
    let first = made(false).await;
    assert_eq!(first.len(), 5);
    let signed_in = sign_in(&first[0]).await;
    assert_eq!(signed_in.status, StatusCode::CREATED, "{}", signed_in.json);
    assert_eq!(
        signed_in.json["user"]["memberships"][0]["organisation_name"],
        "示例科技有限公司"
    );
    let again = seed_demo(&world.db, venue, false).await.unwrap();
    assert!(matches!(again, Demo::There(emails) if emails.len() == 5));
    let second = made(true).await;
    assert_eq!(sign_in(&first[0]).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(sign_in(&second[0]).await.status, StatusCode::CREATED);
    let token = signed_in.json["access_token"].as_str().unwrap();
    let me = world.ask(Method::GET, "/v1/me", token, None, &[]).await;
    assert_eq!(me.status, StatusCode::UNAUTHORIZED, "the old sign-in ended");
    world.end().await;
}
