//! Everything that staff may do, done once each: the audit has an entry for it.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use mofang::identity::Role;
use mofang::routes::{Operation, Who};
use serde_json::{Value, json};

use crate::support::{Answer, Person, Wish, World, wednesday};
use crate::tenants::import;

/// Everything that staff may do, each done once by whoever of them may.
struct Deeds {
    world: World,
    booker: Person,
    desk: Person,
    approver: Person,
    admin: Person,
    /// Bookings so far: each has its own day.
    booked: std::cell::Cell<i64>,
}

impl Deeds {
    fn free(&self) -> DateTime<Utc> {
        let booked = self.booked.get();
        self.booked.set(booked + 1);
        wednesday(10, 0) + TimeDelta::hours(2 * booked)
    }

    fn room(&self, room: uuid::Uuid) -> Wish {
        Wish::new(room, self.free(), 60)
    }

    async fn hall(&self) -> Wish {
        // what other deeds did to the shifts is no matter here
        self.world
            .run(
                "DELETE FROM crew_shift WHERE upper(during) > now() + interval '8 days'; \
                 INSERT INTO crew_shift (id, crew_id, during) \
                 SELECT gen_random_uuid(), id, tstzrange(now() + interval '10 days', now() + interval '60 days') FROM crew",
            )
            .await;
        let version = self.world.version("roadshow_main").await;
        let hall = self.world.space("huiju").await;
        Wish::new(hall, self.free(), 60).layout(version, "roadshow")
    }

    /// A request of the booker's that waits for a decision.
    async fn request(&self) -> String {
        self.booker.book(&self.hall().await).await.expect(201).id()
    }

    /// A booking that is about to begin.
    async fn now(&self, minutes: i64) -> String {
        let room = self.world.space("zhizao").await;
        let start = Utc::now().duration_trunc(TimeDelta::minutes(1)).unwrap();
        let wish = Wish::new(room, start, minutes).with(json!({
            "mode": "walk_in", "contact": {"name": "王芳", "phone": "13800138000"}}));
        self.desk.book(&wish).await.expect(201).id()
    }

    /// What stands in the room now is over.
    async fn clear(&self, id: &str) {
        self.world
            .run("SET session_replication_role = replica; DELETE FROM occupancy; UPDATE booking SET state = 'cancelled', released_at = NULL, expires_at = NULL WHERE state <> 'cancelled'")
            .await;
        assert_eq!(self.world.state(id).await, "cancelled");
    }

    async fn hold(&self) -> String {
        let room = self.world.space("zhizao").await;
        let wish = self.room(room).hold();
        self.desk.book(&wish).await.expect(201).id()
    }

    async fn change_request(&self) -> String {
        let id = self.request().await;
        self.approver.act(&id, "approve").await.expect(200);
        let body = json!({"start": self.free()});
        let filed = self.booker.act_with(&id, "change-requests", body).await;
        filed.expect(201).id()
    }

    async fn organisation(&self) -> String {
        let id = uuid::Uuid::now_v7();
        self.world
            .run(&format!(
                "INSERT INTO organisation (id, venue_id, kind, name) VALUES ('{id}', '{}', 'association', 'x'); \
                 INSERT INTO membership (organisation_id, user_id, role) SELECT '{id}', id, CASE name WHEN 'resident' THEN 'owner' ELSE 'viewer' END \
                 FROM \"user\" WHERE name IN ('resident', 'viewer')",
                self.world.venue
            ))
            .await;
        id.to_string()
    }

    async fn failed_mail(&self) -> String {
        let id = uuid::Uuid::now_v7();
        self.world
            .run(&format!(
                "INSERT INTO message (id, kind, venue_id, email, locale, payload, dedupe_key, state) \
                 VALUES ('{id}', 'organisation_to_verify', '{}', 'x@test.example', 'en', '{{}}', '{id}', 'failed')",
                self.world.venue
            ))
            .await;
        id.to_string()
    }

    /// A layout without a version.
    async fn layout(&self) -> Answer {
        let slug = format!("l-{}", uuid::Uuid::now_v7());
        let input = json!({"slug": slug, "purpose": "open", "name_zh": "x", "name_en": "x"});
        let path = format!("/v1/spaces/{}/layouts", self.world.space("huiju").await);
        self.admin.post(&path, input).await.expect(201)
    }

    async fn crew(&self) -> String {
        self.world
            .text("SELECT id::text AS name FROM crew ORDER BY name LIMIT 1")
            .await
    }

    /// Does it, as staff, and says who did.
    async fn act(&self, operation: Operation) -> (&Person, Answer) {
        use Operation as O;
        let (desk, approver, admin) = (&self.desk, &self.approver, &self.admin);
        let (world, venue) = (&self.world, self.world.venue);
        let because = json!({"reason": "x"});
        let next_year = |day: i64| {
            let date = Utc::now().date_naive() + TimeDelta::days(300 + day);
            (date, json!({"hours": [], "reason": "x"}))
        };
        let (day, closed) = next_year(0);
        let space = world.space("zhizao").await;
        match operation {
            O::CreateBooking => (desk, desk.book(&self.room(space)).await),
            O::EditBooking => {
                let id = self.request().await;
                let title = json!({"title": "y"});
                (desk, desk.patch(&format!("/v1/bookings/{id}"), title).await)
            }
            O::SubmitBooking => (desk, desk.act(&self.hold().await, "submit").await),
            O::ProlongBooking => (desk, desk.act(&self.hold().await, "prolong").await),
            O::ReleaseBooking => (desk, desk.act(&self.hold().await, "release").await),
            O::ApproveBooking => (
                approver,
                approver.act(&self.request().await, "approve").await,
            ),
            O::DeclineBooking => {
                let id = self.request().await;
                (approver, approver.act_with(&id, "decline", because).await)
            }
            O::CancelBooking => {
                let id = self.request().await;
                (desk, desk.act_with(&id, "cancel", because).await)
            }
            O::RescheduleBooking => {
                let id = self.request().await;
                let to = json!({"start": self.free(), "reason": "x"});
                (desk, desk.act_with(&id, "reschedule", to).await)
            }
            O::CheckInBooking
            | O::UndoCheckInBooking
            | O::NoShowBooking
            | O::CompleteBooking
            | O::ExpectLateBooking
            | O::ExtendBooking => {
                let id = self.now(60).await;
                let late = Utc::now() + TimeDelta::minutes(40);
                let longer = Utc::now().duration_trunc(TimeDelta::minutes(1)).unwrap()
                    + TimeDelta::minutes(90);
                if matches!(operation, O::UndoCheckInBooking | O::ExtendBooking) {
                    desk.act(&id, "check-in").await.expect(200);
                }
                let done = match operation {
                    O::CheckInBooking => desk.act(&id, "check-in").await,
                    O::UndoCheckInBooking => desk.act(&id, "undo-check-in").await,
                    O::ExpectLateBooking => {
                        desk.act_with(&id, "expect-late", json!({ "until": late }))
                            .await
                    }
                    O::ExtendBooking => {
                        desk.act_with(&id, "extend", json!({ "end": longer })).await
                    }
                    O::NoShowBooking => {
                        world.minutes_pass(30).await;
                        desk.act(&id, "no-show").await
                    }
                    _ => {
                        desk.act(&id, "check-in").await.expect(200);
                        world.minutes_pass(30).await;
                        desk.act(&id, "complete").await
                    }
                };
                (desk, done)
            }
            O::AcceptChangeRequest => {
                let id = self.change_request().await;
                let path = format!("/v1/change-requests/{id}/accept");
                (approver, approver.post(&path, Value::Null).await)
            }
            O::DeclineChangeRequest => {
                let id = self.change_request().await;
                let path = format!("/v1/change-requests/{id}/decline");
                (approver, approver.post(&path, because).await)
            }
            O::CreateClosure | O::LiftClosure => {
                let start = self.free();
                let body = json!({"space_id": world.space("show").await, "start": start, "end": start + TimeDelta::hours(1), "reason": "x"});
                let made = desk.post("/v1/closures", body).await.expect(201);
                if operation == O::CreateClosure {
                    return (desk, made);
                }
                let path = format!("/v1/closures/{}/lift", made.id());
                (desk, desk.post(&path, Value::Null).await)
            }
            O::ProposeSlot => {
                let id = self.request().await;
                let start = self.free();
                let slot = json!({"start": start, "end": start + TimeDelta::hours(1)});
                (approver, approver.act_with(&id, "propose", slot).await)
            }
            O::DisplaceBooking => {
                let id = self.request().await;
                approver.act(&id, "approve").await.expect(200);
                (approver, approver.act_with(&id, "displace", because).await)
            }
            O::AskQuestion | O::AnswerQuestion => {
                let id = self.request().await;
                let question = json!({"question": "x"});
                let asked = desk.act_with(&id, "questions", question).await.expect(201);
                if operation == O::AskQuestion {
                    return (desk, asked);
                }
                let path = format!("/v1/questions/{}/answer", asked.id());
                (desk, desk.post(&path, json!({"answer": "x"})).await)
            }
            O::GrantRole | O::TakeRoleBack => {
                let path = format!("/v1/venues/{venue}/staff");
                let role = if operation == O::GrantRole {
                    "crew"
                } else {
                    "approver"
                };
                let input = json!({"user_id": world.person("resident").await.id, "role": role});
                let given = admin.post(&path, input).await.expect(201);
                if operation == O::GrantRole {
                    return (admin, given);
                }
                (admin, admin.delete(&format!("{path}/{}", given.id())).await)
            }
            O::InviteStaff | O::RevokeStaffInvitation => {
                let path = format!("/v1/venues/{venue}/staff-invitations");
                let input = json!({"email": "new@staff.example", "role": "crew"});
                let sent = admin.post(&path, input).await.expect(201);
                if operation == O::InviteStaff {
                    return (admin, sent);
                }
                (admin, admin.delete(&format!("{path}/{}", sent.id())).await)
            }
            O::TakeTask | O::GiveTaskBack => {
                let id = uuid::Uuid::now_v7();
                world
                    .run(&format!("INSERT INTO task (id, venue_id, kind) VALUES ('{id}', '{venue}', 'shift_missing')"))
                    .await;
                let taken = desk
                    .post(&format!("/v1/tasks/{id}/take"), Value::Null)
                    .await;
                if operation == O::TakeTask {
                    return (desk, taken);
                }
                (
                    desk,
                    desk.post(&format!("/v1/tasks/{id}/give-back"), Value::Null)
                        .await,
                )
            }
            O::StartChangeover | O::FinishChangeover | O::UndoChangeover => {
                let id = self.request().await;
                approver.act(&id, "approve").await.expect(200);
                // its time has come, and its crew is at nothing else
                let begins = format!(
                    "SELECT ceil(extract(epoch FROM lower(during) - now()) / 60)::text AS name FROM occupancy WHERE kind = 'changeover' AND booking_id = '{id}'"
                );
                world
                    .minutes_pass(world.text(&begins).await.parse().unwrap())
                    .await;
                world
                    .run("DELETE FROM changeover_job WHERE finished_at IS NULL")
                    .await;
                let job = format!(
                    "SELECT id::text AS name FROM occupancy WHERE kind = 'changeover' AND booking_id = '{id}'"
                );
                let path = format!("/v1/changeovers/{}", world.text(&job).await);
                let say =
                    async |word: &str| desk.post(&format!("{path}/{word}"), Value::Null).await;
                let start = say("start").await.expect(200);
                let answer = match operation {
                    O::FinishChangeover => say("finish").await,
                    O::UndoChangeover => say("undo").await,
                    _ => start,
                };
                (desk, answer)
            }
            O::FinishTask => {
                let id = uuid::Uuid::now_v7();
                world
                    .run(&format!("INSERT INTO task (id, venue_id, kind) VALUES ('{id}', '{venue}', 'shift_missing')"))
                    .await;
                (desk, desk.act_on_task(&id.to_string()).await)
            }
            O::ResendMail => {
                let path = format!("/v1/mails/{}/resend", self.failed_mail().await);
                (desk, desk.post(&path, Value::Null).await)
            }
            O::NoteCall => {
                let path = format!("/v1/mails/{}/called", self.failed_mail().await);
                (desk, desk.post(&path, Value::Null).await)
            }
            O::SendTestMail => (
                admin,
                admin
                    .post("/v1/test-mails", json!({"venue_id": venue}))
                    .await,
            ),
            O::ChangeOrganisation => {
                let path = format!("/v1/organisations/{}", self.organisation().await);
                (admin, admin.patch(&path, json!({"name": "y"})).await)
            }
            O::VerifyOrganisation => {
                let path = format!("/v1/organisations/{}/verify", self.organisation().await);
                (approver, approver.post(&path, Value::Null).await)
            }
            O::RefuseOrganisation => {
                let path = format!("/v1/organisations/{}/refuse", self.organisation().await);
                (approver, approver.post(&path, because).await)
            }
            O::ChangeMember | O::RemoveMember => {
                let viewer = world.person("viewer").await.id;
                let path = format!(
                    "/v1/organisations/{}/members/{viewer}",
                    self.organisation().await
                );
                if operation == O::RemoveMember {
                    return (admin, admin.delete(&path).await);
                }
                (admin, admin.patch(&path, json!({"role": "booker"})).await)
            }
            O::ImportTenants => {
                let list = "name,credit_code\n一号湾机器人有限公司,91350100M000100Y43\n";
                (admin, import(admin, world, "", list).await)
            }
            O::DeleteTenant => {
                world
                    .run(&format!("INSERT INTO tenant (venue_id, credit_code, name) VALUES ('{venue}', 'gone', 'x')"))
                    .await;
                (
                    admin,
                    admin
                        .delete(&format!("/v1/venues/{venue}/tenants/gone"))
                        .await,
                )
            }
            O::CreateApiKey | O::RevokeApiKey => {
                let input = json!({"name": "x", "venue_id": venue, "scopes": ["desk:read"]});
                let made = admin.post("/v1/api-keys", input).await.expect(201);
                if operation == O::CreateApiKey {
                    return (admin, made);
                }
                (
                    admin,
                    admin.delete(&format!("/v1/api-keys/{}", made.id())).await,
                )
            }
            O::ChangeVenue => (
                admin,
                admin
                    .patch(&format!("/v1/venues/{venue}"), json!({"name_en": "Y"}))
                    .await,
            ),
            O::ImportCalendar => {
                let year = json!({"year": 2026, "days": [{"name": "元旦", "date": "2026-01-01", "isOffDay": true}]});
                (
                    admin,
                    admin
                        .put(&format!("/v1/venues/{venue}/calendar/2026"), year)
                        .await,
                )
            }
            O::SetVenueHours | O::UnsetVenueHours => {
                let path = format!("/v1/venues/{venue}/hours-exceptions/{day}");
                let set = admin.put(&path, closed).await;
                if operation == O::SetVenueHours {
                    return (admin, set);
                }
                (admin, admin.delete(&path).await)
            }
            O::SetSpaceHours | O::UnsetSpaceHours => {
                let path = format!("/v1/spaces/{space}/hours-exceptions/{day}");
                let set = admin.put(&path, closed).await;
                if operation == O::SetSpaceHours {
                    return (admin, set);
                }
                (admin, admin.delete(&path).await)
            }
            O::CreateSpace => {
                let input = json!({"venue_id": venue, "slug": "new", "kind": "room", "name_zh": "新", "name_en": "New", "people_cap": 5, "policy": {}, "areas": ["room"]});
                (admin, admin.post("/v1/spaces", input).await)
            }
            O::ChangeSpace => (
                admin,
                admin
                    .patch(&format!("/v1/spaces/{space}"), json!({"name_en": "Y"}))
                    .await,
            ),
            O::CreateArea => (
                admin,
                admin
                    .post(
                        &format!("/v1/spaces/{space}/areas"),
                        json!({"slug": "more"}),
                    )
                    .await,
            ),
            O::ChangeArea => {
                let area = world.areas(space).await[0];
                let path = format!("/v1/spaces/{space}/areas/{area}");
                (admin, admin.patch(&path, json!({"slug": "renamed"})).await)
            }
            O::CreatePool => {
                let input = json!({"slug": format!("p-{}", uuid::Uuid::now_v7()), "name": "附楼"});
                let path = format!("/v1/venues/{venue}/pools");
                (admin, admin.post(&path, input).await)
            }
            O::ChangeStock => {
                let pool = world
                    .text("SELECT id::text AS name FROM pool LIMIT 1")
                    .await;
                let path = format!("/v1/pools/{pool}/stock/big");
                (
                    admin,
                    admin.patch(&path, json!({"out_of_service": 1})).await,
                )
            }
            O::ChangeFloor => {
                let path = format!("/v1/spaces/{}/floor", world.space("huiju").await);
                let rows = admin.get(&path).await.expect(200).body["rows"].clone();
                (admin, admin.put(&path, json!({ "rows": rows })).await)
            }
            O::CreateBlockType | O::ChangeBlockType => {
                let code = format!("b-{}", uuid::Uuid::now_v7());
                let input = json!({"code": code, "width": 1, "depth": 1, "height_mm": 1, "handle_s": 1, "loaded_s": 1});
                let types = format!("/v1/venues/{venue}/block-types");
                let made = admin.post(&types, input).await.expect(201);
                if operation == O::CreateBlockType {
                    return (admin, made);
                }
                let path = format!("/v1/block-types/{}", made.id());
                (admin, admin.patch(&path, json!({"width": 2})).await)
            }
            O::CreateLayout | O::ChangeLayout | O::CreateDraft => {
                let made = self.layout().await;
                let path = format!("/v1/layouts/{}", made.id());
                let answer = match operation {
                    O::CreateLayout => made,
                    O::ChangeLayout => admin.patch(&path, json!({"name_en": "y"})).await,
                    _ => admin.post(&format!("{path}/versions"), Value::Null).await,
                };
                (admin, answer)
            }
            O::ChangeDraft
            | O::DeleteDraft
            | O::PublishVersion
            | O::RetireVersion
            | O::TakeOverBookings => {
                let versions = format!("/v1/layouts/{}/versions", self.layout().await.id());
                let draft = admin.post(&versions, Value::Null).await.expect(201).id();
                let path = format!("/v1/layout-versions/{draft}");
                let act = async |act: &str| admin.post(&format!("{path}/{act}"), Value::Null).await;
                let answer = match operation {
                    O::ChangeDraft => admin.put(&path, json!({})).await,
                    O::DeleteDraft => admin.delete(&path).await,
                    O::PublishVersion => act("publish").await,
                    O::RetireVersion => {
                        act("publish").await.expect(200);
                        act("retire").await
                    }
                    _ => {
                        act("publish").await.expect(200);
                        world.settle().await;
                        act("take-over").await
                    }
                };
                (admin, answer)
            }
            O::CreateCrew => {
                let pool = world
                    .text("SELECT id::text AS name FROM pool LIMIT 1")
                    .await;
                let input = json!({"name": "Z", "teams": 1, "weekly": []});
                (
                    admin,
                    admin.post(&format!("/v1/pools/{pool}/crews"), input).await,
                )
            }
            O::ChangeCrew => {
                let path = format!("/v1/crews/{}", self.crew().await);
                (admin, admin.patch(&path, json!({"teams": 2})).await)
            }
            O::CreateCrewShift | O::DeleteCrewShift => {
                let crew = self.crew().await;
                world.run(&format!("UPDATE crew SET weekly = '[]' WHERE id = '{crew}'; DELETE FROM crew_shift WHERE crew_id = '{crew}' AND lower(during) > now() + interval '1 day'")).await;
                let start = wednesday(10, 0) + TimeDelta::days(70);
                let shift = json!({"start": start, "end": start + TimeDelta::hours(1)});
                let made = admin
                    .post(&format!("/v1/crews/{crew}/shifts"), shift)
                    .await
                    .expect(201);
                if operation == O::CreateCrewShift {
                    return (admin, made);
                }
                (
                    admin,
                    admin
                        .delete(&format!("/v1/crews/{crew}/shifts/{}", made.id()))
                        .await,
                )
            }
            other => panic!(
                "{other:?} is an act of staff: do it here, so that its entry in the audit is seen"
            ),
        }
    }
}

#[tokio::test]
async fn every_act_of_staff_has_an_entry() {
    let world = World::new().await;
    world.always_open().await;
    let person = async |name| world.person(name).await;
    let (booker, desk) = (person("booker").await, person("desk").await);
    let (approver, admin) = (person("approver").await, person("admin").await);
    let deeds = Deeds {
        booker,
        desk,
        approver,
        admin,
        booked: 0.into(),
        world,
    };
    let by_staff = |operation: &&Operation| {
        operation.method() != "GET"
            && (**operation == Operation::CreateBooking
                || operation.allowed().iter().any(|who| {
                    matches!(
                        who,
                        Who::Staff(Role::Approver | Role::FrontDesk | Role::Admin)
                    )
                }))
    };
    let mut missing = Vec::new();
    for operation in Operation::ALL.iter().filter(by_staff) {
        let (actor, answer) = deeds.act(*operation).await;
        assert!(
            answer.status < 300,
            "{operation:?}: {} {}",
            answer.status,
            answer.body
        );
        let path = format!(
            "/v1/audit?venue_id={}&actor_id={}&from={}",
            deeds.world.venue,
            actor.id,
            answer.asked_at.format("%Y-%m-%dT%H:%M:%S%.6fZ")
        );
        let entries = deeds.admin.get(&path).await.expect(200).body;
        let acts = entries.as_array().unwrap().iter();
        if !acts.clone().any(|entry| entry["action"] != "read") {
            missing.push(format!("{operation:?}: {entries}"));
        }
        let of_booking = operation.path().starts_with("/v1/bookings/{id}/");
        if of_booking && answer.body["reference"].is_string() {
            deeds.clear(&answer.id()).await;
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    deeds.world.end().await;
}
