//! Whoever deletes their account while something of theirs is under way: either it is there first and in the way, or it does
//! not happen. Nothing is ever under an account that is gone.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::post::Post;
use crate::support::{Answer, Person, Wish, World, wednesday};

const PASSWORD: &str = "moonlight over the weir";

/// Bookings, memberships and roles of accounts that are gone.
const OF_THE_GONE: &str = "SELECT u.id::text AS name FROM \"user\" u WHERE u.disabled_at IS NOT NULL AND ( \
    EXISTS (SELECT FROM booking b WHERE b.requester_id = u.id AND (b.state IN ('requested', 'confirmed', 'checked_in') OR b.state = 'held' AND b.expires_at > now())) \
    OR EXISTS (SELECT FROM membership m WHERE m.user_id = u.id) OR EXISTS (SELECT FROM staff_role r WHERE r.user_id = u.id))";

/// Everybody has a password, and residents may book the workshop at once.
async fn world() -> World {
    let world = World::new().await;
    let hash = mofang::identity::password::hash(PASSWORD.to_owned()).await;
    world
        .run(&format!(
            "UPDATE \"user\" SET password_hash = '{}'",
            hash.unwrap()
        ))
        .await;
    world
        .run("UPDATE space SET policy = policy || '{\"who\": {\"anyone\": \"at once\"}, \"horizon_days\": {\"resident\": 60}}' WHERE slug = 'zhizao'")
        .await;
    world
}

async fn go(person: &Person) -> Answer {
    person
        .post("/v1/me/delete", json!({"password": PASSWORD}))
        .await
}

/// Two acts at once: the first is held up where it takes this table's lock, the second begins meanwhile and has to wait for
/// the first.
async fn in_turn<A, B>(
    world: &World,
    table: &str,
    first: impl Future<Output = A>,
    second: impl Future<Output = B>,
) -> (A, B) {
    use diesel_async::SimpleAsyncConnection;
    let mut holder = world.sql().await;
    let lock = format!("BEGIN; LOCK TABLE {table} IN SHARE MODE");
    holder.batch_execute(&lock).await.unwrap();
    let second = async {
        world.blocked(1).await;
        second.await
    };
    let release = async {
        world.blocked(2).await;
        holder.batch_execute("ROLLBACK").await.unwrap();
    };
    let (first, second, ()) = tokio::join!(first, second, release);
    (first, second)
}

#[tokio::test]
async fn a_booking_under_way_is_there_before_its_person_goes() {
    let world = world().await;
    let resident = world.person("resident").await;
    let wish = Wish::new(world.space("zhizao").await, wednesday(10, 0), 60);
    let (booked, gone) = in_turn(&world, "occupancy", resident.book(&wish), go(&resident)).await;
    let id = booked.expect(201).id();
    let gone = gone.expect(409);
    assert_eq!(
        (gone.reasons(), &gone.body["in_the_way"]),
        (vec!["bookings_ahead".to_owned()], &json!([id]))
    );
    resident.act(&id, "cancel").await.expect(200);
    go(&resident).await.expect(204);
    assert_eq!(world.texts(OF_THE_GONE).await, [""; 0]);
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn whoever_goes_first_books_nothing_any_more() {
    let world = world().await;
    let resident = world.person("resident").await;
    let wish = Wish::new(world.space("zhizao").await, wednesday(10, 0), 60);
    let (gone, booked) =
        in_turn(&world, "guest_request", go(&resident), resident.book(&wish)).await;
    gone.expect(204);
    assert_eq!(booked.expect(401).problem(), "not-signed-in");
    assert_eq!(world.texts(OF_THE_GONE).await, [""; 0]);
    // the last guard is the database
    let row = "INSERT INTO booking (id, reference, space_id, state, during, area_ids, holds_slot, event_type, title, attendance, contact_name, requester_id) \
        SELECT gen_random_uuid(), 'R1', s.id, 'cancelled', '[2030-01-01, 2030-01-02)', ARRAY[a.id], false, 'meeting', 't', 1, 'c', u.id \
        FROM space s JOIN area a ON a.space_id = s.id, \"user\" u WHERE s.slug = 'zhizao' AND u.disabled_at IS NOT NULL LIMIT 1";
    assert_eq!(
        world.refused(row).await.as_deref(),
        Some("booking_requester_stands")
    );
    let row = "INSERT INTO membership (organisation_id, user_id, role) SELECT o.id, u.id, 'viewer' FROM organisation o, \"user\" u WHERE u.disabled_at IS NOT NULL LIMIT 1";
    assert_eq!(
        world.refused(row).await.as_deref(),
        Some("membership_user_stands")
    );
    let row = "INSERT INTO staff_role (id, user_id, venue_id, role) SELECT gen_random_uuid(), u.id, v.id, 'crew' FROM venue v, \"user\" u WHERE u.disabled_at IS NOT NULL LIMIT 1";
    assert_eq!(
        world.refused(row).await.as_deref(),
        Some("staff_role_user_stands")
    );
    world.check().await;
    world.end().await;
}

/// A form that somebody fills in for an organisation stays the organisation's, and nobody sends it off in their name.
#[tokio::test]
async fn a_form_for_an_organisation_lapses_when_its_person_goes() {
    let world = world().await;
    let (owner, colleague) = (
        world.person("booker").await,
        world.person("colleague").await,
    );
    let wish = Wish::new(world.space("zhizao").await, wednesday(10, 0), 60).hold();
    let form = colleague.book(&wish).await.expect(201).id();
    let submit = colleague.act(&form, "submit");
    let (gone, sent) = in_turn(&world, "guest_request", go(&colleague), submit).await;
    gone.expect(204);
    sent.expect(401);
    assert_eq!(
        owner.act(&form, "submit").await.expect(409).state(),
        "released"
    );
    world.tick().await;
    assert_eq!(world.state(&form).await, "released");
    assert_eq!(world.texts(OF_THE_GONE).await, [""; 0]);
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn an_invitation_is_accepted_before_its_person_goes_or_not_at_all() {
    let world = world().await;
    let post = Post::of(&world).await;
    let (owner, resident) = (world.person("booker").await, world.person("resident").await);
    let admin = world.person("admin").await;
    let to = |role: &str| json!({"email": "resident@test.example", "role": role});
    let matrix = owner.organisation.unwrap();
    let path = format!("/v1/organisations/{matrix}/invitations");
    owner.post(&path, to("booker")).await.expect(201);
    let member = json!({"token": post.last("resident@test.example", 1).await.token()});
    let path = format!("/v1/venues/{}/staff-invitations", world.venue);
    admin.post(&path, to("crew")).await.expect(201);
    let staff = json!({"token": post.last("resident@test.example", 2).await.token()});
    let other = resident.clone();
    let (gone, accepted) = in_turn(&world, "guest_request", go(&resident), async {
        tokio::join!(
            other.post("/v1/invitations/accept", member),
            other.post("/v1/staff-invitations/accept", staff)
        )
    })
    .await;
    gone.expect(204);
    accepted.0.expect(401);
    accepted.1.expect(401);
    assert_eq!(world.texts(OF_THE_GONE).await, [""; 0]);
    world.end().await;
}

#[tokio::test]
async fn many_go_while_they_book_accept_and_confirm() {
    let world = world().await;
    let hash = mofang::identity::password::hash(PASSWORD.to_owned())
        .await
        .unwrap();
    let people = world.crowd(8).await;
    world
        .run(&format!("UPDATE \"user\" SET password_hash = '{hash}'"))
        .await;
    let room = world.space("zhizao").await;
    let own = json!({"organisation_id": Value::Null});
    let hours = [9, 10, 11, 12, 13, 14, 15, 16];
    let acts = people.iter().zip(hours).map(|(person, hour)| {
        let theirs = Wish::new(room, wednesday(hour, 0), 30).with(own.clone());
        let matrix = Wish::new(room, wednesday(hour, 30), 30).hold();
        async move {
            let (own, form, gone) =
                tokio::join!(person.book(&theirs), person.book(&matrix), go(person));
            assert!([201, 401, 409].contains(&own.status), "{}", own.body);
            assert!([201, 401, 409].contains(&form.status), "{}", form.body);
            assert!([204, 409].contains(&gone.status), "{}", gone.body);
            assert_eq!(
                gone.status == 409,
                own.status == 201,
                "{} {}",
                gone.body,
                own.body
            );
        }
    });
    join_all(acts).await;
    assert_eq!(world.texts(OF_THE_GONE).await, [""; 0]);
    world.check().await;
    world.end().await;
}
