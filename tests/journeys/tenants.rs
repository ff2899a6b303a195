//! The list of the park's tenants: each line taken or refused with a reason, and whoever is on it verified by it.

use chrono::Utc;
use serde_json::{Value, json};

use crate::support::post::Post;
use crate::support::{Answer, Person, World};

const LIST: &str = "企业名称,统一社会信用代码,邮箱\n\
    一号湾机器人有限公司,91350100M000100Y43,\n\
    云图,91110108551385082Q,yun@park.example\n\
    ,91440300708461136T,\n\
    错码,91440300708461136X,\n\
    重复,91350100m000100y43,\n";

/// Sends a list of tenants, as a person does from a file.
pub(crate) async fn import(
    person: &Person,
    world: &World,
    query: &str,
    list: impl Into<reqwest::Body>,
) -> Answer {
    let path = format!(
        "{}/v1/venues/{}/tenants/import{query}",
        world.base(),
        world.venue
    );
    let asked_at = Utc::now();
    let response = world
        .http
        .post(path)
        .header("authorization", format!("Bearer {}", person.token))
        .header("accept-language", "en")
        .header("content-type", "text/csv; charset=utf-8")
        .body(list)
        .send()
        .await
        .unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.json().await.unwrap_or(Value::Null);
    Answer {
        asked_at,
        status,
        headers,
        body,
    }
}

fn lines(report: &Value) -> Vec<(i64, &str, &str)> {
    report["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            (
                line["line"].as_i64().unwrap(),
                line["outcome"].as_str().unwrap(),
                line["code"].as_str().unwrap_or(""),
            )
        })
        .collect()
}

#[tokio::test]
async fn a_list_is_imported_line_by_line() {
    let world = World::new().await;
    let admin = world.person("admin").await;
    let expected = [
        (2, "added", ""),
        (3, "added", ""),
        (4, "refused", "required"),
        (5, "refused", "credit_code_check"),
        (6, "refused", "on_another_line"),
    ];
    let list = format!("/v1/venues/{}/tenants", world.venue);
    // a dry run says the same and does nothing
    let dry = import(&admin, &world, "?dry_run=true", LIST)
        .await
        .expect(200)
        .body;
    assert_eq!(lines(&dry), expected);
    assert_eq!(admin.get(&list).await.expect(200).body, json!([]));
    let report = import(&admin, &world, "", LIST).await.expect(200).body;
    assert_eq!(lines(&report), expected);
    assert_eq!(
        (&report["taken"], &report["refused"], &report["dry_run"]),
        (&json!(2), &json!(3), &json!(false))
    );
    assert_eq!(
        report["lines"][4]["detail"],
        "Line 2 has this code already."
    );
    let kept = admin.get(&list).await.expect(200).body;
    assert_eq!(kept.as_array().unwrap().len(), 2);
    // again, with one changed: the others stay as they were
    let (again, _, _) = encoding_rs::GB18030.encode(
        "名称,信用代码\n云图科技,91110108551385082Q\n一号湾机器人有限公司,91350100M000100Y43\n",
    );
    let report = import(&admin, &world, "", again.into_owned())
        .await
        .expect(200)
        .body;
    assert_eq!(lines(&report), [(2, "changed", ""), (3, "unchanged", "")]);
    // what is no list is refused as a whole
    for (file, code) in [
        ("", "file columns_missing"),
        ("a,b\n1,2\n", "file columns_missing"),
    ] {
        assert_eq!(
            import(&admin, &world, "", file).await.expect(422).codes(),
            [code]
        );
    }
    import(&admin, &world, "", vec![0xff; 100])
        .await
        .expect(422);
    import(&admin, &world, "", vec![b'x'; 1024 * 1024 + 1])
        .await
        .expect(413);
    admin
        .post(&format!("{list}/import"), json!({}))
        .await
        .expect(415);
    import(&world.person("desk").await, &world, "", LIST)
        .await
        .expect(403);
    admin
        .delete(&format!("{list}/91110108551385082Q"))
        .await
        .expect(204);
    admin
        .delete(&format!("{list}/91110108551385082Q"))
        .await
        .expect(404);
    assert_eq!(
        admin
            .get(&list)
            .await
            .expect(200)
            .body
            .as_array()
            .unwrap()
            .len(),
        1
    );
    world.end().await;
}

#[tokio::test]
async fn tenants_are_verified_by_the_list() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let admin = world.person("admin").await;
    let register = async |person: &Person, code: &str| {
        let input = json!({"venue_id": world.venue, "kind": "enterprise", "name": "一家", "credit_code": code});
        person.post("/v1/organisations", input).await.expect(201)
    };
    // who registered before waits, and is verified when the list comes
    let early = register(&world.person("resident").await, "91350100M000100Y43").await;
    assert_eq!(early.state(), "pending");
    // a code is public: alone it proves nothing
    let bare = import(&admin, &world, "", LIST).await.expect(200).body;
    assert_eq!(bare["verified"], json!(0));
    let list = LIST.replace("0100Y43,\n", "0100Y43,Resident@test.example\n");
    let dry = import(&admin, &world, "?dry_run=true", list.clone())
        .await
        .expect(200)
        .body;
    assert_eq!(dry["verified"], json!(1));
    let report = import(&admin, &world, "", list).await.expect(200).body;
    assert_eq!(report["verified"], json!(1));
    assert_eq!(
        post.last("resident@test.example", 1).await.subject,
        "一家已通过核验"
    );
    let now = world
        .person("resident")
        .await
        .get(&format!("/v1/organisations/{}", early.id()))
        .await;
    assert_eq!(
        (now.state(), &now.body["is_tenant"]),
        ("verified", &json!(true))
    );
    // where the list names an address, only that speaks for the tenant
    let thief = register(&world.person("booker2").await, "91110108551385082Q").await;
    assert_eq!(thief.state(), "pending");
    let refuse = format!("/v1/organisations/{}/refuse", thief.id());
    world
        .person("approver")
        .await
        .post(&refuse, json!({"reason": "冒名。"}))
        .await
        .expect(200);
    let yun = world
        .newcomer(&post, "Yun@park.example", "moonlight over the weir")
        .await;
    assert_eq!(
        register(&yun, "91110108551385082Q").await.state(),
        "verified"
    );
    // nobody else was asked about it
    let asked = world.texts("SELECT DISTINCT payload->>'by' AS name FROM message WHERE kind = 'organisation_to_verify' ORDER BY 1").await;
    assert_eq!(asked, ["booker2", "resident"]);
    world.end().await;
}
