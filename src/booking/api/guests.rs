//! Guests over HTTP: asking without an account, the booking of a link, and taking bookings over with an account.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::party::Party;
use super::{answer, only_once};
use crate::booking::new_booking::{Mode, NewBooking};
use crate::booking::occupancy::{Asked, Asker};
use crate::booking::request::{self, Visit};
use crate::booking::store;
use crate::booking::view::{BookingView, Contact};
use crate::catalogue::EventType;
use crate::http::caller::address;
use crate::http::checks::Checks;
use crate::http::language::locale;
use crate::http::once::change;
use crate::http::problem::{Kind, Problem};
use crate::http::{App, Body, ETag, IdempotencyKey};
use crate::id::{AreaId, BookingId, LayoutVersionId, SpaceId, UserId};
use crate::identity::account::{checked_email, checked_name, checked_phone};
use crate::identity::{Caller, throttle};
use crate::language::Locale;
use crate::routes::Operation;
use crate::span::Instant;

type Answer = Result<HttpResponse, Problem>;

/// A wish for a booking by somebody without an account.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GuestBooking {
    /// Who asks: the name that the booking is for.
    #[schema(example = "王芳", min_length = 1, max_length = 100)]
    name: String,
    /// Where the link to confirm goes, and every mail after it.
    #[schema(example = "wangfang@example.com", max_length = 254)]
    email: String,
    /// A number to call.
    #[serde(default)]
    #[schema(example = "+86 138 0013 8000", max_length = 40)]
    phone: Option<String>,
    /// The language of the mails; that of the request where it is left out.
    #[serde(default)]
    locale: Option<Locale>,
    /// The space.
    space_id: SpaceId,
    /// The layout version, where the space has a floor.
    #[serde(default)]
    layout_version_id: Option<LayoutVersionId>,
    /// Areas of a space without a floor; all of them where none are named.
    #[serde(default)]
    #[schema(max_items = 100, example = json!(["0199c0de-7a11-7000-8000-000000000001"]))]
    area_ids: Option<Vec<AreaId>>,
    /// When the event starts.
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T06:00:00Z")]
    start: Instant,
    /// When it ends.
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T08:00:00Z")]
    end: Instant,
    /// What people do there.
    #[schema(example = "meeting")]
    event_type: EventType,
    /// What it is called.
    #[schema(example = "读书会", min_length = 1, max_length = 200)]
    title: String,
    /// Whether the title may be shown in public.
    #[serde(default)]
    #[schema(example = false)]
    title_public: bool,
    /// How many people are expected.
    #[schema(example = 8, minimum = 1, maximum = 100000)]
    attendance: i32,
    /// What staff should know, in words.
    #[serde(default)]
    #[schema(example = "", max_length = 2000)]
    needs: String,
}

impl GuestBooking {
    fn wish(self, contact: Contact) -> NewBooking {
        NewBooking {
            space_id: self.space_id,
            layout_version_id: self.layout_version_id,
            area_ids: self.area_ids,
            start: self.start,
            end: self.end,
            access_before_min: 0,
            access_after_min: 0,
            event_type: self.event_type,
            title: self.title,
            title_public: self.title_public,
            attendance: self.attendance,
            needs: self.needs,
            organisation_id: None,
            contact: Some(contact),
            locale: self.locale,
            mode: Mode::Hold,
            displace_reason: None,
            override_reason: None,
        }
    }
}

/// Ask for a slot without an account
///
/// Where the space's policy lets guests ask. The slot is kept for 30 minutes, and a mail with a link goes to the address:
/// whoever uses it (`POST /v1/bookings/{id}/submit` with the link's token as `Authorization: Bearer mfg_…`) confirms the
/// address and so the request; nobody who does not leaves anything behind. With the same token the guest sees, changes,
/// withdraws and cancels this one booking. A second request with the same address in the same space takes the place of
/// one that is not confirmed yet. Nothing here depends on whether the address has an account; at most five requests an
/// hour go to an address.
#[utoipa::path(post, path = "/v1/guest-bookings", tag = "guests", request_body = GuestBooking, params(IdempotencyKey),
    responses((status = 201, description = "Kept until the address is confirmed", body = BookingView)))]
pub async fn create(
    request: HttpRequest,
    app: Data<App>,
    key: IdempotencyKey,
    body: Body<GuestBooking>,
) -> Answer {
    let input = body.value;
    let mut checks = Checks::default();
    let contact = Contact {
        name: checked_name(&mut checks, "name", &input.name),
        email: Some(checked_email(&mut checks, "email", &input.email)),
        phone: (input.phone.as_deref())
            .filter(|typed| !typed.trim().is_empty())
            .map(|typed| checked_phone(&mut checks, "phone", typed)),
    };
    checks.done()?;
    let visit = Visit {
        locale: input.locale.unwrap_or_else(|| locale(&request)),
        network: address(&request, &app).map_or_else(|| "unknown".to_owned(), throttle::network),
    };
    let asked = Asked {
        by: Asker::Visitor(visitor(&input.email)),
        only_once: only_once(key, body.fingerprint),
    };
    answer(
        &app,
        request::create_for_guest(&app.db, &asked, &input.wish(contact), &visit).await,
    )
}

/// What the idempotency keys of somebody without an account are counted by: nobody finds another's answer without knowing
/// their address.
fn visitor(email: &str) -> UserId {
    let hash = Sha256::digest(email.trim().to_lowercase().as_bytes());
    let mut id = [0; 16];
    id.copy_from_slice(&hash[..16]);
    UserId(uuid::Uuid::from_bytes(id))
}

/// The booking of a guest's link
///
/// With the token of the mail's link as `Authorization: Bearer mfg_…`. What can be done with it has the routes of every
/// booking.
#[utoipa::path(get, path = "/v1/guest-booking", tag = "guests",
    responses((status = 200, description = "As it is now", body = BookingView)))]
pub async fn own(app: Data<App>, party: Party) -> Answer {
    let Party::Guest(guest) = &party else {
        return Err(Problem::new(Kind::Forbidden));
    };
    let conn = app.db.conn().await?;
    let booking = party
        .sees(&app, &conn, Operation::GuestBooking, guest.booking_id)
        .await?;
    Ok(HttpResponse::Ok()
        .insert_header(ETag(booking.revision.into()).header())
        .json(BookingView::new(booking, Vec::new())))
}

/// Bookings that are somebody's own from now on.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Claimed {
    /// Which.
    #[schema(example = json!(["0199c0de-7a11-7000-8000-000000000001"]))]
    booking_ids: Vec<BookingId>,
}

/// Take over what was booked with one's address
///
/// Bookings that were made without an account for the address of this account, confirmed, are the account's own from now
/// on; the links in earlier mails open them no more. The same happens by itself when an account is made or gets another
/// address.
#[utoipa::path(post, path = "/v1/me/claim-bookings", tag = "guests",
    responses((status = 200, description = "What was taken over; nothing where there was nothing", body = Claimed)))]
pub async fn claim(app: Data<App>, caller: Caller) -> Answer {
    if caller.sign_in().is_err() || !caller.verified {
        return Err(Problem::new(Kind::Forbidden));
    }
    let booking_ids = change(&app, async |conn| {
        Ok(store::guests::claim(conn, caller.user_id, &caller.email).await?)
    })
    .await?;
    Ok(HttpResponse::Ok().json(Claimed { booking_ids }))
}
