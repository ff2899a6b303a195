//! A sign-in whose password was right: the second factor has its say, then the sign-in is made, in one transaction.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use diesel_async::AsyncPgConnection;
use uuid::Uuid;

use super::Seal;
use super::account::store::Known;
use super::api::{address, device, wait};
use super::mails::tell;
use super::second_factor::Typed;
use super::second_factor::store::{self as factors, Spent};
use super::store::{self, Stands};
use super::throttle::{Count, FREE_CODES, Subjects};
use super::token::{digest, secret};
use crate::http::App;
use crate::http::once::change;
use crate::http::problem::{Kind, Problem};
use crate::message::account::{AccountFacts, AccountKind};

/// A sign-in with the right password.
pub(super) struct Attempt<'a> {
    pub account: &'a Known,
    pub subjects: &'a Subjects,
    pub counts: &'a [Count],
    /// What was typed as the second factor.
    pub code: Option<Typed>,
}

impl Attempt<'_> {
    /// Makes it, if the second factor agrees, too. The inner problem is the answer to the client, after its delay.
    pub async fn make(
        &self,
        request: &HttpRequest,
        app: &App,
    ) -> Result<Result<(Stands, String), Problem>, Problem> {
        if let (Some(Typed::Code(_)), Some(seconds)) =
            (&self.code, self.subjects.codes_wait_s(self.counts))
        {
            return Ok(Err(wait(seconds)));
        }
        let token = secret();
        let made = change(app, async |conn| {
            let from = store::From {
                device: device(request),
                address: address(request, app).map_or_else(String::new, |ip| ip.to_string()),
            };
            let (hash, cleared) = (digest(&token), self.subjects.cleared());
            let made = store::sign_in(conn, self.account, &from, hash, cleared).await?;
            let stands = made.ok_or_else(|| Problem::new(Kind::SignInFailed))?;
            // read after the account was locked: one that was set up meanwhile counts
            self.second_factor(conn, app.keys.seal()).await?;
            Ok(stands)
        })
        .await;
        match made {
            Ok(stands) => Ok(Ok((stands, token))),
            Err(problem) if problem.kind == Kind::SecondFactorFailed => {
                self.record_wrong_code(app).await?;
                Ok(Err(problem))
            }
            Err(problem) if problem.kind.status() == StatusCode::UNAUTHORIZED => Ok(Err(problem)),
            Err(problem) => Err(problem),
        }
    }

    async fn second_factor(&self, conn: &AsyncPgConnection, seal: &Seal) -> Result<(), Problem> {
        let user = self.account.id;
        let factor = factors::factor(conn, user).await?;
        let Some(factor) = factor.filter(|factor| factor.confirmed) else {
            return Ok(());
        };
        let Some(typed) = &self.code else {
            return Err(Problem::new(Kind::SecondFactorNeeded));
        };
        match factors::spend(conn, seal, user, &factor, typed).await? {
            Spent::No => Err(Problem::new(Kind::SecondFactorFailed)),
            Spent::Code => Ok(()),
            Spent::Recovery { left } => {
                let facts = AccountFacts {
                    left: Some(left),
                    ..AccountFacts::default()
                };
                let kind = AccountKind::RecoveryCodeUsed;
                let reader = self.account.reader();
                let mail = reader.told(kind, facts, Uuid::now_v7());
                Ok(tell(conn, None, vec![mail]).await?)
            }
        }
    }

    /// Counts a wrong code. At the one after which codes wait the owner is told that somebody knows the password.
    async fn record_wrong_code(&self, app: &App) -> Result<(), Problem> {
        change(app, async |conn| {
            let mut subjects = self.subjects.all();
            subjects.push(self.subjects.codes());
            subjects.sort();
            store::record_failure(conn, subjects).await?;
            if self.subjects.wrong_codes(self.counts) + 1 == FREE_CODES {
                let facts = AccountFacts::default();
                let reader = self.account.reader();
                let mail = reader.told(AccountKind::CodesGuessed, facts, Uuid::now_v7());
                tell(conn, None, vec![mail]).await?;
            }
            Ok(())
        })
        .await
    }
}
