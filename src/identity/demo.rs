//! Demonstration accounts: an enterprise's booker, and one member of staff of each kind. Their passwords are made at
//! random and told once, to whoever starts the product in that mode; the database knows their hashes only.

use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::future::try_join_all;

use super::token::readable;
use super::{Role, password, store};
use crate::db::{Db, DbError};
use crate::id::{OrganisationId, UserId, VenueId};
use crate::schema::{membership, organisation, staff_role, user};

/// The demonstration enterprise; its code satisfies GB 32100-2015 and belongs to nobody.
const ENTERPRISE: (&str, &str) = ("示例科技有限公司", "91310115MA1DEM0X7B");

/// Address, name, and what the account is to the venue; the one without a role books for the enterprise.
const ACCOUNTS: [(&str, &str, Option<Role>); 5] = [
    ("booker@demo.example", "林雨", None),
    ("approver@demo.example", "周明", Some(Role::Approver)),
    ("desk@demo.example", "陈静", Some(Role::FrontDesk)),
    ("crew@demo.example", "王强", Some(Role::Crew)),
    ("admin@demo.example", "赵敏", Some(Role::Admin)),
];

/// An account with its password, to be shown once.
#[derive(Clone, PartialEq, Eq)]
pub struct DemoAccount {
    /// What it is for: `booker` or a staff role.
    pub part: &'static str,
    /// What one signs in with.
    pub email: &'static str,
    /// Never stored, never logged.
    pub password: String,
}

/// What there is after the demonstration accounts were asked for.
#[derive(Clone, PartialEq, Eq)]
pub enum Demo {
    /// They were made, or got new passwords.
    Made(Vec<DemoAccount>),
    /// They are there from before, and so their passwords were told before.
    There(Vec<&'static str>),
}

/// Why the demonstration accounts could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A password could not be hashed.
    #[error(transparent)]
    Hash(#[from] password::HashError),
    /// The database said no.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<diesel::result::Error> for DemoError {
    fn from(error: diesel::result::Error) -> Self {
        DemoError::Db(error.into())
    }
}

/// Makes the demonstration accounts in this venue, all of them in one transaction, unless they are there. With `reset`
/// they all get new passwords, and whoever was signed in with the old ones no longer is.
pub async fn seed_demo(db: &Db, venue_id: VenueId, reset: bool) -> Result<Demo, DemoError> {
    let there = there(&*db.conn().await?).await?;
    if there.len() == ACCOUNTS.len() && !reset {
        return Ok(Demo::There(there));
    }
    // who is there keeps the password, unless new ones are asked for
    let wanted = |email: &str| reset || !there.contains(&email);
    let accounts: Vec<_> = ACCOUNTS
        .iter()
        .filter(|(email, ..)| wanted(email))
        .map(|(email, _, role)| DemoAccount {
            part: role.map_or("booker", Role::name),
            email,
            password: readable(),
        })
        .collect();
    let hashes = try_join_all(
        accounts
            .iter()
            .map(|account| password::hash(account.password.clone())),
    )
    .await?;
    let tx = db.transaction().await?;
    tx.begin().await?;
    for (account, hash) in accounts.iter().zip(&hashes) {
        write(tx.conn(), venue_id, account.email, hash).await?;
    }
    tx.commit().await?;
    Ok(Demo::Made(accounts))
}

/// The demonstration accounts that there are.
async fn there(conn: &AsyncPgConnection) -> QueryResult<Vec<&'static str>> {
    let mut conn = conn;
    let found: Vec<String> = user::table
        .filter(user::email.eq_any(ACCOUNTS.map(|(email, ..)| email)))
        .select(user::email)
        .load(&mut conn)
        .await?;
    Ok(ACCOUNTS
        .iter()
        .map(|(email, ..)| *email)
        .filter(|email| found.iter().any(|found| found == email))
        .collect())
}

async fn write(
    conn: &AsyncPgConnection,
    venue_id: VenueId,
    email: &str,
    hash: &str,
) -> QueryResult<()> {
    let Some((_, name, role)) = ACCOUNTS.iter().find(|(known, ..)| *known == email) else {
        return Ok(());
    };
    let mut writer = conn;
    diesel::insert_into(user::table)
        .values((
            user::id.eq(UserId::new()),
            user::email.eq(email),
            user::name.eq(name),
            user::password_hash.eq(hash),
            user::verified_at.eq(diesel::dsl::now),
        ))
        .on_conflict_do_nothing()
        .execute(&mut writer)
        .await?;
    let id: UserId = diesel::update(user::table.filter(user::email.eq(email)))
        .set(user::password_hash.eq(hash))
        .returning(user::id)
        .get_result(&mut writer)
        .await?;
    store::sign_out(conn, id, None, "password_changed").await?;
    match role {
        Some(role) => grant(conn, venue_id, id, *role).await,
        None => join_enterprise(conn, venue_id, id).await,
    }
}

async fn grant(
    conn: &AsyncPgConnection,
    venue_id: VenueId,
    user_id: UserId,
    role: Role,
) -> QueryResult<()> {
    let mut conn = conn;
    diesel::insert_into(staff_role::table)
        .values((
            staff_role::id.eq(uuid::Uuid::now_v7()),
            staff_role::user_id.eq(user_id),
            staff_role::venue_id.eq(venue_id),
            staff_role::role.eq(role.name()),
        ))
        .on_conflict_do_nothing()
        .execute(&mut conn)
        .await
        .map(drop)
}

async fn join_enterprise(
    conn: &AsyncPgConnection,
    venue_id: VenueId,
    user_id: UserId,
) -> QueryResult<()> {
    let mut conn = conn;
    let (name, code) = ENTERPRISE;
    let id: OrganisationId = diesel::insert_into(organisation::table)
        .values((
            organisation::id.eq(OrganisationId::new()),
            organisation::venue_id.eq(venue_id),
            organisation::kind.eq("enterprise"),
            organisation::name.eq(name),
            organisation::credit_code.eq(code),
            organisation::state.eq("verified"),
        ))
        .on_conflict(organisation::credit_code)
        // the words of the partial index: a bound value would not name it
        .filter_target(diesel::dsl::sql::<diesel::sql_types::Bool>(
            "state <> 'refused'",
        ))
        .do_update()
        .set(organisation::credit_code.eq(excluded(organisation::credit_code)))
        .returning(organisation::id)
        .get_result(&mut conn)
        .await?;
    diesel::insert_into(membership::table)
        .values((
            membership::organisation_id.eq(id),
            membership::user_id.eq(user_id),
            membership::role.eq("booker"),
        ))
        .on_conflict_do_nothing()
        .execute(&mut conn)
        .await
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::credit_code::CreditCode;

    #[test]
    fn the_enterprises_code_is_right_by_the_standard() {
        assert!(CreditCode::parse(ENTERPRISE.1).is_ok());
    }

    #[test]
    fn passwords_are_taken_and_never_the_same() {
        let (one, two) = (readable(), readable());
        assert_ne!(one, two);
        for (email, name, _) in ACCOUNTS {
            assert!(password::accept("password", &one, email, name).is_ok());
        }
    }
}
