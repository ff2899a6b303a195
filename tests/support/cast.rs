//! Who there is in a world: the cast, crowds, newcomers.

use chrono::Utc;
use diesel::sql_query;
use diesel::sql_types::{Array, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use mofang::id::{GuestLinkId, SignInId, UserId};
use mofang::identity::{AccessClaims, guest};
use serde_json::{Value, json};
use uuid::Uuid;

use super::post::Post;
use super::{Answer, Person, World};

/// Two enterprises with their people, a resident, and the staff. Nobody has a password: journeys about signing in give
/// themselves one.
pub(super) async fn people(conn: &mut AsyncPgConnection) {
    conn.batch_execute(
        "INSERT INTO organisation (id, venue_id, kind, name, credit_code, state) \
           SELECT gen_random_uuid(), v.id, 'enterprise', n, c, 'verified' FROM venue v, (VALUES ('矩阵机器人', '91310115MA1DEM0A01'), ('云图科技', '91310115MA1DEM0A02')) x (n, c); \
         INSERT INTO \"user\" (id, email, name, phone, locale, password_hash, verified_at) \
           SELECT gen_random_uuid(), n || '@test.example', n, '+86 138 0000 0000', CASE WHEN n LIKE '%2' THEN 'en' ELSE 'zh-CN' END, 'none', now() \
           FROM unnest(ARRAY['booker', 'colleague', 'viewer', 'booker2', 'resident', 'approver', 'approver2', 'desk', 'crew', 'admin']) n; \
         INSERT INTO membership (organisation_id, user_id, role) \
           SELECT o.id, u.id, r FROM (VALUES ('矩阵机器人', 'booker', 'owner'), ('矩阵机器人', 'colleague', 'booker'), ('矩阵机器人', 'viewer', 'viewer'), ('云图科技', 'booker2', 'booker')) x (o, u, r) \
           JOIN organisation o ON o.name = x.o JOIN \"user\" u ON u.name = x.u; \
         INSERT INTO staff_role (id, user_id, venue_id, role) \
           SELECT gen_random_uuid(), u.id, v.id, r FROM venue v, (VALUES ('approver', 'approver'), ('approver2', 'approver'), ('desk', 'front_desk'), ('crew', 'crew'), ('admin', 'admin')) x (u, r) \
           JOIN \"user\" u ON u.name = x.u",
    )
    .await
    .unwrap();
}

impl World {
    /// Somebody of the cast, signed in.
    pub async fn person(&self, name: &str) -> Person {
        let id = self
            .id(&format!(
                "SELECT id AS id FROM \"user\" WHERE name = '{name}'"
            ))
            .await;
        let organisation = self
            .texts(&format!(
                "SELECT organisation_id::text AS name FROM membership WHERE user_id = '{id}'"
            ))
            .await;
        let organisation = organisation
            .into_iter()
            .next()
            .map(|text| text.parse().unwrap());
        let sign_in = Uuid::now_v7();
        self.run(&format!(
            "INSERT INTO sign_in (id, user_id) VALUES ('{sign_in}', '{id}')"
        ))
        .await;
        let token = self.token(id, sign_in);
        Person::of(self, id, name, organisation, token)
    }

    /// A fresh access token of this sign-in.
    fn token(&self, user: Uuid, sign_in: Uuid) -> String {
        let expires = Utc::now().timestamp() + 900;
        let claims = AccessClaims::new(UserId(user), SignInId(sign_in), expires);
        self.running.app.keys.sign(&claims).unwrap()
    }

    /// As many fresh residents, signed in, as are wanted.
    pub async fn crowd(&self, count: usize) -> Vec<Person> {
        let ids: Vec<Uuid> = (0..count).map(|_| Uuid::now_v7()).collect();
        let sign_ins: Vec<Uuid> = (0..count).map(|_| Uuid::now_v7()).collect();
        let mut conn = self.sql().await;
        sql_query(
            "INSERT INTO \"user\" (id, email, name, password_hash, verified_at) SELECT i, i || '@test.example', 'one of many', 'none', now() FROM unnest($1) i",
        )
        .bind::<Array<SqlUuid>, _>(&ids)
        .execute(&mut conn)
        .await
        .unwrap();
        sql_query("INSERT INTO membership (organisation_id, user_id, role) SELECT o.id, i, 'booker' FROM unnest($1) i, organisation o WHERE o.name = '矩阵机器人'")
            .bind::<Array<SqlUuid>, _>(&ids)
            .execute(&mut conn)
            .await
            .unwrap();
        sql_query("INSERT INTO sign_in (id, user_id) SELECT * FROM unnest($1, $2)")
            .bind::<Array<SqlUuid>, _>(&sign_ins)
            .bind::<Array<SqlUuid>, _>(&ids)
            .execute(&mut conn)
            .await
            .unwrap();
        let organisation = Some(
            self.id("SELECT id AS id FROM organisation WHERE name = '矩阵机器人'")
                .await,
        );
        ids.iter()
            .zip(&sign_ins)
            .map(|(id, sign_in)| {
                let token = self.token(*id, *sign_in);
                Person::of(self, *id, "one of many", organisation, token)
            })
            .collect()
    }

    /// Whoever these tokens were given to.
    pub fn signed_in(&self, answer: &Answer) -> Person {
        let user = &answer.body["user"];
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Person::of(
            self,
            text(&user["id"]).parse().unwrap(),
            &text(&user["name"]),
            None,
            text(&answer.body["access_token"]),
        )
    }

    /// Makes an account over HTTP, by mail, and signs in.
    pub async fn newcomer(&self, post: &Post, email: &str, password: &str) -> Person {
        let nobody = self.nobody();
        let before = post.server.mails_to(email).len();
        let body =
            json!({"email": email, "password": password, "name": "新来的", "locale": "zh-CN"});
        nobody.post("/v1/accounts", body).await.expect(202);
        let token = post.last(email, before + 1).await.token();
        nobody
            .post("/v1/accounts/verify", json!({"token": token}))
            .await
            .expect(204);
        let signed_in = nobody.sign_in(email, password).await.expect(201);
        self.signed_in(&signed_in)
    }

    /// The guest of a booking, with the link that stands in their mails.
    pub async fn guest(&self, booking: &str) -> Person {
        let link = self
            .id(&format!(
                "SELECT guest_link AS id FROM booking WHERE id = '{booking}'"
            ))
            .await;
        let token = guest::token(self.running.app.keys.seal(), GuestLinkId(link));
        Person::of(self, Uuid::nil(), "guest", None, token)
    }

    /// Somebody who is not signed in.
    pub fn nobody(&self) -> Person {
        Person::of(self, Uuid::nil(), "nobody", None, String::new())
    }
}
