//! The front desk finds a booking by what somebody says over the phone.

use serde_json::json;

use crate::support::{Person, Wish, World, wednesday};

async fn found(world: &World, by: &Person, typed: &str) -> Vec<String> {
    let url = format!("/v1/desk/bookings?venue_id={}", world.venue);
    let path = reqwest::Url::parse_with_params(&format!("http://x{url}"), [("q", typed)]).unwrap();
    let path = format!("{}?{}", path.path(), path.query().unwrap());
    let answer = by.get(&path).await.expect(200);
    let list = answer.body.as_array().unwrap().iter();
    list.map(|it| it["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn by_reference_phone_name_and_organisation() {
    let world = World::new().await;
    let (desk, booker) = (world.person("desk").await, world.person("booker").await);
    let room = world.space("zhisi").await;
    let caller = |name: &str, phone: &str| json!({"contact": {"name": name, "phone": phone}});
    let wish = Wish::new(room, wednesday(10, 0), 60);
    let of_company = booker.book(&wish).await.expect(201);
    let wang = wish
        .clone()
        .at(wednesday(12, 0))
        .with(caller("王芳", "+86 139 1234 5678"));
    let wang = desk.book(&wang).await.expect(201);
    let lei = wish
        .clone()
        .at(wednesday(14, 0))
        .with(caller("Li Lei", "021-5555 0100"));
    let lei = desk.book(&lei).await.expect(201);
    let reference = wang.body["reference"]
        .as_str()
        .unwrap()
        .to_lowercase()
        .replace('-', " ");
    for (typed, expected) in [
        (reference.as_str(), &wang),
        ("5678", &wang),
        ("13912345678", &wang),
        ("0086 139-1234-5678", &wang),
        ("王芳", &wang),
        ("55550100", &lei),
        ("li l", &lei),
        ("机器人", &of_company),
    ] {
        assert_eq!(
            found(&world, &desk, typed).await,
            [expected.id()],
            "{typed}"
        );
    }
    for typed in ["赵", "王芳芳", "99999999", "%%", "_i lei", "KM7D-4RWX"] {
        if typed.chars().count() < 2 {
            let url = format!("/v1/desk/bookings?venue_id={}&q=x", world.venue);
            assert_eq!(desk.get(&url).await.expect(422).codes(), ["q too_short"]);
        } else {
            assert_eq!(found(&world, &desk, typed).await, [""; 0], "{typed}");
        }
    }
    // a role in another space finds nothing, the public may not look
    let resident = world.person("resident").await;
    let path = format!("/v1/desk/bookings?venue_id={}&q=5678", world.venue);
    resident.get(&path).await.expect(403);
    world
        .run(&format!(
            "INSERT INTO staff_role (id, user_id, venue_id, space_id, role) SELECT gen_random_uuid(), '{}', venue_id, id, 'front_desk' FROM space WHERE slug = 'show'",
            resident.id
        ))
        .await;
    assert_eq!(found(&world, &resident, "5678").await, [""; 0]);
    world.end().await;
}
