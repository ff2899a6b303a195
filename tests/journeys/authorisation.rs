//! The authorisation table, walked: every operation, by everybody, on their own and on foreign objects.

use mofang::identity::Role;
use mofang::routes::{Operation, Who};
use serde_json::{Value, json};

use crate::support::{Person, Wish, World, wednesday};

/// The cast, and what they are: their relation to what the matrix enterprise's booker made and to what the other
/// enterprise's booker made, to a guest's booking, and their role in the venue.
const CAST: [(&str, [&str; 3], Option<Role>); 12] = [
    ("nobody", ["foreign", "foreign", "foreign"], None),
    ("guest", ["foreign", "foreign", "guest"], None),
    ("resident", ["foreign", "foreign", "foreign"], None),
    ("stranger", ["foreign", "foreign", "foreign"], None),
    ("viewer", ["viewer", "foreign", "foreign"], None),
    ("colleague", ["own", "foreign", "foreign"], None),
    ("booker", ["owner", "foreign", "foreign"], None),
    ("booker2", ["foreign", "owner", "foreign"], None),
    ("crew", ["foreign", "foreign", "foreign"], Some(Role::Crew)),
    (
        "approver",
        ["foreign", "foreign", "foreign"],
        Some(Role::Approver),
    ),
    (
        "desk",
        ["foreign", "foreign", "foreign"],
        Some(Role::FrontDesk),
    ),
    (
        "admin",
        ["foreign", "foreign", "foreign"],
        Some(Role::Admin),
    ),
];

/// An id that nothing has.
const NOWHERE: &str = "00000000-0000-0000-0000-000000000000";

/// What the table says, in other words than the product's.
fn expected(operation: Operation, name: &str, relation: &str, role: Option<Role>) -> bool {
    operation.allowed().iter().any(|who| match who {
        Who::Anyone => true,
        Who::SignedIn => name != "nobody" && name != "guest",
        Who::Own => relation.starts_with("own"),
        Who::Owner => relation == "owner",
        Who::Member => !["foreign", "guest"].contains(&relation),
        // of a link there is only ever its own booking
        Who::Guest => {
            relation == "guest" || name == "guest" && operation == Operation::GuestBooking
        }
        Who::Staff(wanted) => role == Some(*wanted),
    })
}

/// What the paths name.
#[derive(Clone)]
pub(crate) struct Objects {
    booking: String,
    change_request: String,
    question: String,
    changeover: String,
    closure: String,
    task: String,
    venue: String,
    space: String,
    area: String,
    version: String,
    other_version: String,
    pool: String,
    block_type: String,
    block_type_id: String,
    layout: String,
    crew: String,
    shift: String,
    organisation: String,
    /// Its only owner.
    owner: String,
    invitation: String,
    staff_invitation: String,
    /// The last administrator's, which nobody takes back.
    role: String,
    key: String,
    tenant: String,
    /// One that did not arrive.
    mail: String,
}

/// A confirmed booking by somebody of the cast, and a wish to change it.
async fn booked(world: &World, person: &Person, hour: u32) -> (String, String) {
    let wish = Wish::new(world.space("huiju").await, wednesday(hour, 0), 60)
        .layout(world.version("roadshow_main").await, "roadshow");
    let booking = person.book(&wish).await.expect(201).id();
    confirmed(world, person, booking, wednesday(18, 0)).await
}

/// The same by a guest.
async fn booked_by_guest(world: &World) -> (String, String) {
    let soon = |hour| wednesday(hour, 0) - chrono::TimeDelta::days(14);
    let wish = json!({"name": "guest", "email": "guest@home.example", "space_id": world.space("zhisi").await, "start": soon(10),
        "end": soon(11), "event_type": "meeting", "title": "x", "attendance": 1});
    let asked = world.nobody().post("/v1/guest-bookings", wish).await;
    let booking = asked.expect(201).id();
    let guest = world.guest(&booking).await;
    guest.act(&booking, "submit").await.expect(200);
    confirmed(world, &guest, booking, soon(14)).await
}

async fn confirmed(
    world: &World,
    person: &Person,
    booking: String,
    later: chrono::DateTime<chrono::Utc>,
) -> (String, String) {
    let approver = world.person("approver").await;
    approver.act(&booking, "approve").await.expect(200);
    let wish = json!({"start": later});
    let filed = person.act_with(&booking, "change-requests", wish).await;
    (booking, filed.expect(201).id())
}

/// A question that staff asked about it.
async fn asked(world: &World, booking: &str) -> String {
    let desk = world.person("desk").await;
    let question = json!({"question": "x"});
    desk.act_with(booking, "questions", question)
        .await
        .expect(201)
        .id()
}

/// A changeover: the job of a booking of theirs that nobody moves, on a day of its own.
async fn carried(world: &World, by: &str) -> String {
    let day = match by {
        "booker" => wednesday(10, 0),
        _ => wednesday(14, 0),
    } + chrono::TimeDelta::days(1);
    let wish = Wish::new(world.space("huiju").await, day, 60)
        .layout(world.version("roadshow_main").await, "roadshow");
    let booking = world.person(by).await.book(&wish).await.expect(201).id();
    let approver = world.person("approver").await;
    approver.act(&booking, "approve").await.expect(200);
    let changeover = format!(
        "SELECT id::text AS name FROM occupancy WHERE kind = 'changeover' AND booking_id = '{booking}'"
    );
    world.text(&changeover).await
}

/// Somebody's objects, with a booking of their own.
pub(crate) async fn objects(world: &World, by: &str) -> Objects {
    let hour = if by == "booker" { 10 } else { 14 };
    let (booking, wish) = booked(world, &world.person(by).await, hour).await;
    with_booking(world, by, booking, wish).await
}

async fn with_booking(world: &World, by: &str, booking: String, change_request: String) -> Objects {
    let (person, desk) = (world.person(by).await, world.person("desk").await);
    let hall = world.space("huiju").await;
    let hour = if by == "booker" { 10 } else { 14 };
    let closure = json!({"space_id": world.space("show").await, "start": wednesday(hour, 0), "end": wednesday(hour + 1, 0), "reason": "x"});
    let closure = desk.post("/v1/closures", closure).await.expect(201).id();
    let task = uuid::Uuid::now_v7();
    world
        .run(&format!(
            "INSERT INTO task (id, venue_id, kind) VALUES ('{task}', '{}', 'shift_missing')",
            world.venue
        ))
        .await;
    let organisation = person.organisation.unwrap();
    let invite =
        json!({"email": format!("{}@guest.example", uuid::Uuid::now_v7()), "role": "viewer"});
    let invitations = format!("/v1/organisations/{organisation}/invitations");
    let invitation = person.post(&invitations, invite).await.expect(201).id();
    let invite =
        json!({"email": format!("{}@guest.example", uuid::Uuid::now_v7()), "role": "crew"});
    let invitations = format!("/v1/venues/{}/staff-invitations", world.venue);
    let admin = world.person("admin").await;
    let staff_invitation = admin.post(&invitations, invite).await.expect(201).id();
    let key = json!({"name": "x", "organisation_id": organisation, "scopes": ["bookings:read"]});
    let key = person.post("/v1/api-keys", key).await.expect(201).id();
    let tenant = uuid::Uuid::now_v7().to_string();
    world
        .run(&format!(
            "INSERT INTO tenant (venue_id, credit_code, name) VALUES ('{}', '{tenant}', 'x')",
            world.venue
        ))
        .await;
    let mail = uuid::Uuid::now_v7();
    world
        .run(&format!(
            "INSERT INTO message (id, kind, booking_id, email, locale, payload, dedupe_key, state) \
             VALUES ('{mail}', 'booking_confirmed', '{booking}', 'nobody@test.example', 'en', '{{}}', '{mail}', 'failed')"
        ))
        .await;
    let one = |sql: &'static str| async move { world.text(sql).await };
    let changeover = carried(world, by).await;
    Objects {
        question: asked(world, &booking).await,
        booking,
        change_request,
        changeover,
        closure,
        task: task.to_string(),
        venue: world.venue.to_string(),
        space: hall.to_string(),
        area: world.areas(hall).await[0].to_string(),
        version: world.version("salon").await.to_string(),
        other_version: world.version("rest").await.to_string(),
        pool: one("SELECT id::text AS name FROM pool ORDER BY id LIMIT 1").await,
        block_type: one("SELECT code AS name FROM block_type ORDER BY code LIMIT 1").await,
        block_type_id: one("SELECT id::text AS name FROM block_type ORDER BY code LIMIT 1").await,
        layout: one("SELECT id::text AS name FROM layout WHERE slug = 'salon'").await,
        crew: one("SELECT id::text AS name FROM crew WHERE name = 'A'").await,
        shift: one("SELECT id::text AS name FROM crew_shift ORDER BY lower(during) DESC LIMIT 1")
            .await,
        organisation: organisation.to_string(),
        owner: person.id.to_string(),
        invitation,
        staff_invitation,
        role: one("SELECT r.id::text AS name FROM staff_role r JOIN \"user\" u ON u.id = r.user_id WHERE u.name = 'admin'").await,
        key,
        tenant,
        mail: mail.to_string(),
    }
}

/// A request that nothing but authorisation refuses, or that comes to nothing after it.
pub(crate) fn request(operation: Operation, objects: &Objects) -> (String, Value) {
    let path = operation.path();
    let id = match path.split('/').nth(2).unwrap_or_default() {
        "bookings" => &objects.booking,
        "change-requests" => &objects.change_request,
        "changeovers" => &objects.changeover,
        "closures" => &objects.closure,
        "tasks" => &objects.task,
        "questions" => &objects.question,
        "venues" => &objects.venue,
        "spaces" => &objects.space,
        "layout-versions" => &objects.version,
        "layouts" => &objects.layout,
        "block-types" => &objects.block_type_id,
        "pools" => &objects.pool,
        "crews" => &objects.crew,
        "organisations" => &objects.organisation,
        "sign-ins" => NOWHERE,
        "api-keys" => &objects.key,
        "mails" => &objects.mail,
        _ => "",
    };
    let mut path = path.to_owned();
    for (name, value) in [
        ("{id}", id),
        ("{to_id}", &objects.other_version),
        ("{area_id}", &objects.area),
        ("{shift_id}", &objects.shift),
        ("{block_type}", &objects.block_type),
        ("{user_id}", &objects.owner),
        (
            "{invitation_id}",
            match operation {
                Operation::RevokeStaffInvitation => &objects.staff_invitation,
                _ => &objects.invitation,
            },
        ),
        ("{role_id}", &objects.role),
        ("{credit_code}", &objects.tenant),
        ("{date}", "2027-02-03"),
        ("{year}", "2026"),
        ("{file}", "swagger-ui.css"),
    ] {
        path = path.replace(name, value);
    }
    let venue = &objects.venue;
    let query = match operation {
        Operation::Board => {
            format!("?venue_id={venue}&from=2027-01-01T00:00:00Z&to=2027-01-02T00:00:00Z")
        }
        Operation::ListChangeovers => format!("?venue_id={venue}&date=2027-01-01"),
        Operation::ListTasks
        | Operation::ListOrganisations
        | Operation::ListMails
        | Operation::ListAudit => format!("?venue_id={venue}"),
        Operation::FindBookings => format!("?venue_id={venue}&q=xx"),
        Operation::ListApiKeys => format!("?organisation_id={}", objects.organisation),
        Operation::ListClosures => format!("?space_id={}", objects.space),
        Operation::Availability => format!(
            "?from=2027-01-01&minutes=60&layout_version_id={}",
            objects.version
        ),
        Operation::ReadCalendar => "?year=2026".to_owned(),
        Operation::ListVenueHours | Operation::ListSpaceHours => {
            "?from=2027-01-01&to=2027-02-01".to_owned()
        }
        Operation::ListCrewShifts => "?from=2027-01-01&to=2027-01-07".to_owned(),
        _ => String::new(),
    };
    let (start, end) = ("2027-02-01T00:00:00Z", "2027-02-01T01:00:00Z");
    let body = match operation {
        Operation::SignIn => {
            json!({"email": "nobody@test.example", "password": "wrong wrong wrong"})
        }
        Operation::RefreshSignIn => json!({"refresh_token": "none"}),
        // of the last owner nothing can be taken, and nobody is handed anything who is no member
        Operation::ChangeMember => json!({"role": "owner"}),
        Operation::HandOverOrganisation => json!({"user_id": uuid::Uuid::nil()}),
        Operation::RefuseOrganisation => json!({"reason": "x"}),
        Operation::InviteMember => json!({"email": "another@guest.example", "role": "viewer"}),
        Operation::ReadInvitation
        | Operation::AcceptInvitation
        | Operation::ReadStaffInvitation
        | Operation::AcceptStaffInvitation => json!({"token": "none"}),
        Operation::InviteStaff => json!({"email": "another@staff.example", "role": "crew"}),
        Operation::GrantRole => json!({"user_id": uuid::Uuid::nil(), "role": "crew"}),
        // nobody here has a password, so nobody goes
        Operation::DeleteAccount => json!({"password": "wrong wrong wrong"}),
        Operation::SendTestMail => json!({"venue_id": venue}),
        Operation::ChangeNotifications => json!({"digest_at": null, "off": []}),
        Operation::ImportTenants => json!("no list"),
        Operation::CreateApiKey => {
            json!({"name": "x", "organisation_id": objects.organisation, "scopes": ["bookings:read"]})
        }
        Operation::CreateGuestBooking => json!({}),
        Operation::CreateBooking => {
            json!({"space_id": objects.space, "start": start, "end": end, "event_type": "talk", "title": "x", "attendance": 1})
        }
        Operation::CreateClosure => {
            json!({"space_id": objects.space, "start": "2020-01-01T00:00:00Z", "end": "2020-01-02T00:00:00Z", "reason": "x"})
        }
        Operation::DeclineBooking
        | Operation::DeclineChangeRequest
        | Operation::DisplaceBooking => json!({"reason": "x"}),
        Operation::AskQuestion => json!({"question": "x"}),
        Operation::AnswerQuestion => json!({"answer": "x"}),
        Operation::ProposeSlot => json!({"start": start, "end": end}),
        Operation::ExpectLateBooking => json!({"until": end}),
        Operation::ExtendBooking => json!({"end": end}),
        Operation::ImportCalendar => {
            json!({"year": 2026, "days": [{"name": "元旦", "date": "2026-01-01", "isOffDay": true}]})
        }
        Operation::SetVenueHours | Operation::SetSpaceHours => json!({"hours": [], "reason": "x"}),
        Operation::CreateSpace => {
            json!({"venue_id": venue, "slug": "new", "kind": "room", "name_zh": "新", "name_en": "New", "people_cap": 5, "policy": {}, "areas": ["room"]})
        }
        Operation::CreateArea | Operation::ChangeArea => json!({"slug": "another"}),
        Operation::CreateLayout => {
            json!({"slug": "new", "purpose": "open", "name_zh": "新", "name_en": "New"})
        }
        Operation::CheckLayout => json!({"space_id": objects.space, "purpose": "open"}),
        Operation::ChangeDraft => json!({}),
        Operation::ChangeFloor => json!({"rows": ["."]}),
        Operation::CreateBlockType => {
            json!({"code": "new", "width": 1, "depth": 1, "height_mm": 1, "handle_s": 1, "loaded_s": 1})
        }
        Operation::CreatePool => json!({"slug": "new", "name": "x"}),
        Operation::CreateCrew => json!({"name": "Z", "teams": 1, "weekly": []}),
        Operation::CreateCrewShift => json!({"start": start, "end": end}),
        Operation::RescheduleBooking | Operation::CreateChangeRequest => {
            json!({"start": wednesday(18, 0)})
        }
        _ if operation.method() == "PATCH" => json!({}),
        _ => Value::Null,
    };
    (format!("{path}{query}"), body)
}

/// Whether the answer says that the caller may not.
async fn denied(person: &Person, operation: Operation, objects: &Objects) -> (bool, String) {
    let (path, body) = request(operation, objects);
    // a change of a booking, a version or a floor stops at its entity tag, right after authorisation
    let headers: &[(&str, &str)] = if ["/v1/bookings/", "/v1/layout-versions/"]
        .iter()
        .any(|kind| path.starts_with(kind))
        && operation.method() != "GET"
        || operation == Operation::ChangeFloor
    {
        &[("if-match", "\"999\"")]
    } else if operation == Operation::ImportTenants {
        &[("content-type", "text/csv")]
    } else {
        &[]
    };
    let response = person
        .send(operation.method().as_str(), &path, body, headers)
        .await;
    let status = response.status().as_u16();
    if operation == Operation::Events {
        return (status != 200, String::new());
    }
    let text = response.text().await.unwrap_or_default();
    assert!(status < 500, "{operation:?} by {}: {text}", person.name);
    // somebody else's venue is none that a space could be made in
    let unknown =
        status == 422 && operation == Operation::CreateSpace && text.contains("\"venue_id\"");
    // a sign-in that fails, or one that is not there, is no question of who may try
    let open = matches!(operation, Operation::SignIn | Operation::RefreshSignIn)
        || operation == Operation::EndSignIn && status == 404;
    (
        (unknown || [401, 403, 404].contains(&status)) && !open,
        format!("{status} {}", text.chars().take(200).collect::<String>()),
    )
}

/// Takes back what an operation cannot but do.
async fn undo(world: &World, operation: Operation) {
    match operation {
        Operation::RefuseOrganisation => {
            world
                .run("UPDATE organisation SET state = 'verified', refusal = ''")
                .await;
        }
        Operation::ResendMail | Operation::NoteCall => {
            world
                .run("UPDATE message SET state = 'failed', called_at = NULL, called_by = NULL WHERE email = 'nobody@test.example'")
                .await;
        }
        Operation::LeaveOrganisation => {
            world
                .run(
                    "INSERT INTO membership (organisation_id, user_id, role) SELECT o.id, u.id, x.r FROM (VALUES ('viewer', 'viewer'), ('colleague', 'booker')) x (u, r) \
                     JOIN \"user\" u ON u.name = x.u JOIN organisation o ON o.name = '矩阵机器人' ON CONFLICT DO NOTHING",
                )
                .await;
        }
        _ => {}
    }
}

#[tokio::test]
async fn everybody_may_do_what_the_table_says_and_nothing_else() {
    let world = World::new().await;
    // an administrator, of another venue
    world
        .run(
            "INSERT INTO venue (id, slug, name_zh, name_en, time_zone, hours) VALUES (gen_random_uuid(), 'elsewhere', '别处', 'Elsewhere', 'Asia/Shanghai', '[]'); \
             INSERT INTO \"user\" (id, email, name, password_hash, verified_at) VALUES (gen_random_uuid(), 'stranger@test.example', 'stranger', 'none', now()); \
             INSERT INTO staff_role (id, user_id, venue_id, role) SELECT gen_random_uuid(), u.id, v.id, 'admin' FROM \"user\" u, venue v WHERE u.name = 'stranger' AND v.slug = 'elsewhere'",
        )
        .await;
    world
        .run("UPDATE membership m SET role = 'owner' FROM \"user\" u WHERE u.id = m.user_id AND u.name = 'booker2'")
        .await;
    let of_guest = booked_by_guest(&world).await;
    let mut people = Vec::new();
    for (name, ..) in CAST {
        people.push(match name {
            "nobody" => world.nobody(),
            "guest" => world.guest(&of_guest.0).await,
            _ => world.person(name).await,
        });
    }
    let mut wrong = Vec::new();
    let mut walked: Option<Objects> = None;
    for (whose, by) in ["booker", "booker2", "guest"].into_iter().enumerate() {
        let objects = match &walked {
            // a guest has nothing but a booking
            Some(others) if by == "guest" => Objects {
                booking: of_guest.0.clone(),
                change_request: of_guest.1.clone(),
                question: asked(&world, &of_guest.0).await,
                ..others.clone()
            },
            _ => objects(&world, by).await,
        };
        let of_booking = |path: &str| {
            ["booking", "change-request", "question"]
                .iter()
                .any(|part| path.contains(part))
        };
        for operation in Operation::ALL {
            if by == "guest" && !of_booking(operation.path()) {
                continue;
            }
            for ((name, relations, role), person) in CAST.iter().zip(&people) {
                let leaves = *name != "guest"
                    && matches!(operation, Operation::SignOut | Operation::SignOutEverywhere);
                let guest;
                let person = match leaves {
                    true if *name != "nobody" => {
                        guest = world.crowd(1).await.remove(0);
                        &guest
                    }
                    _ => person,
                };
                let may = expected(*operation, name, relations[whose], *role);
                let (denied, answer) = denied(person, *operation, &objects).await;
                undo(&world, *operation).await;
                if denied == may {
                    wrong.push(format!(
                        "{operation:?} of {by} by {name}: may {may}, got {answer}"
                    ));
                }
            }
        }
        walked = Some(objects);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    world.check().await;
    world.end().await;
}
