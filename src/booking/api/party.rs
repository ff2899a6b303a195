//! Who looks at a booking: somebody with an account, a program, or the guest whose it is.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use diesel_async::AsyncPgConnection;
use futures_util::future::LocalBoxFuture;
use futures_util::try_join;

use super::lists::person;
use crate::audit::reading::Read;
use crate::booking::record::Booking;
use crate::booking::{store, view};
use crate::catalogue::{self, Grounds};
use crate::http::App;
use crate::http::caller::{app, operation};
use crate::http::problem::{Kind, Problem};
use crate::id::BookingId;
use crate::identity::guest::Guest;
use crate::identity::{Caller, Claims};
use crate::routes::Operation;

/// Whoever may look at some booking.
#[derive(Debug, Clone)]
pub enum Party {
    /// A person with an account, or a program.
    Caller(Box<Caller>),
    /// Whoever shows the link of a booking.
    Guest(Guest),
}

impl FromRequest for Party {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let claims = Claims::from_request(&request, payload);
        Box::pin(async move {
            match claims.await? {
                Claims::Guest(link) => {
                    let conn = app(&request)?.db.conn().await?;
                    let guest = store::guest(&conn, link).await?;
                    let guest = guest.ok_or_else(|| Problem::new(Kind::GuestLinkNotValid))?;
                    // from here on answers can be in the guest's own language
                    request.extensions_mut().insert(guest.locale);
                    operation(&request)
                        .ok_or_else(|| Problem::new(Kind::Forbidden))?
                        .admit_guest(&guest, guest.booking_id)?;
                    Ok(Self::Guest(guest))
                }
                _ => {
                    let caller = Caller::extract(&request).await?;
                    Ok(Self::Caller(Box::new(caller)))
                }
            }
        })
    }
}

impl Party {
    /// The booking, where they may do that with it; that staff have read it is noted.
    pub async fn sees(
        &self,
        app: &App,
        conn: &AsyncPgConnection,
        operation: Operation,
        id: BookingId,
    ) -> Result<Booking, Problem> {
        let (booking, revision) =
            try_join!(store::booking(conn, id), catalogue::store::revision(conn))?;
        match self {
            Party::Guest(guest) => operation.admit_guest(guest, id)?,
            Party::Caller(caller) => {
                let ground = app
                    .db
                    .remembered::<Grounds>()
                    .at(conn, booking.space_id, revision)
                    .await?
                    .ok_or_else(|| Problem::new(Kind::NotFound))?;
                let object = view::object(&ground, &booking);
                operation.admit_to(caller, &object)?;
                let own = booking.organisation_id.and_then(|id| caller.member_of(id));
                if own.is_none() {
                    let read = Read::new(caller, operation, object.venue_id);
                    app.readings.note(read.of([person(&booking)]));
                }
            }
        }
        Ok(booking)
    }
}
