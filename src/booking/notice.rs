//! What people are told about a booking: drafts of messages with the facts as they are in this transaction.

use super::record::Booking;
use super::store::{Names, Person};
use crate::catalogue::Ground;
use crate::id::MessageId;
use crate::language::Locale;
use crate::message::{BookingFacts, Draft, MessageKind, Offer};
use crate::span::{Instant, Span};

/// What a message says beside the booking itself.
#[derive(Debug, Clone, Default)]
pub struct Says {
    pub previously: Option<Span>,
    pub reason: String,
    pub decide_by: Option<Instant>,
    pub offer: Option<Offer>,
    pub alternatives: Vec<Span>,
    pub answer_by: Option<Instant>,
    /// What staff asked.
    pub question: String,
    pub ready_at: Option<Instant>,
}

/// The facts of the booking as they are now.
pub fn facts(ground: &Ground, names: &Names, booking: &Booking, says: Says) -> BookingFacts {
    BookingFacts {
        booking_id: booking.id,
        reference: booking.reference.clone(),
        title: booking.title.clone(),
        event_type: booking.event_type.to_string(),
        state: booking.state.to_string(),
        attendance: booking.attendance,
        venue_zh: ground.venue.name_zh.clone(),
        venue_en: ground.venue.name_en.clone(),
        space_zh: ground.space.name_zh.clone(),
        space_en: ground.space.name_en.clone(),
        layout_version_id: booking.layout_version_id,
        layout_zh: names.layout_zh.clone(),
        layout_en: names.layout_en.clone(),
        time_zone: ground.opening.tz.name().to_owned(),
        during: booking.during,
        contact_name: booking.contact_name.clone(),
        organisation: names.organisation.clone(),
        sequence: booking.sequence,
        previously: says.previously,
        reason: says.reason,
        decide_by: says.decide_by,
        offer: says.offer,
        alternatives: says.alternatives,
        answer_by: says.answer_by,
        guest_link: None,
        question: says.question,
        ready_at: says.ready_at,
    }
}

/// To whoever asked for the booking. The revision makes each change one message, however often it is written.
pub fn to_requester(
    kind: MessageKind,
    ground: &Ground,
    names: &Names,
    booking: &Booking,
    says: Says,
) -> Draft {
    Draft {
        id: MessageId::new(),
        kind,
        recipient_id: booking.requester_id,
        email: booking.contact_email.clone(),
        phone: booking.contact_phone.clone(),
        locale: Locale::from_tag(&booking.locale),
        dedupe_key: format!("{}:{}:{}", kind.as_str(), booking.id, booking.revision),
        facts: BookingFacts {
            // nobody but the guest gets the link
            guest_link: booking.guest_link,
            ..facts(ground, names, booking, says)
        },
    }
}

/// To each of those who decide in this space.
pub fn to_deciders(
    kind: MessageKind,
    ground: &Ground,
    names: &Names,
    booking: &Booking,
    says: &Says,
    deciders: &[Person],
) -> Vec<Draft> {
    deciders
        .iter()
        .map(|person| Draft {
            id: MessageId::new(),
            kind,
            recipient_id: Some(person.id),
            email: Some(person.email.clone()),
            phone: None,
            locale: Locale::from_tag(&person.locale),
            dedupe_key: format!(
                "{}:{}:{}:{}",
                kind.as_str(),
                booking.id,
                booking.revision,
                person.id
            ),
            facts: facts(ground, names, booking, says.clone()),
        })
        .collect()
}
