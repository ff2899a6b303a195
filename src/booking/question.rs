//! Staff ask the requester something, by mail; the answer comes back to whoever asked, and both are in the booking's
//! history.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::act::{self, Act, Done, Found};
use super::notice::{self, Says};
use super::occupancy::Asked;
use super::state::{Event, State};
use super::store;
use crate::db::Db;
use crate::http::etag::IfMatch;
use crate::http::problem::{FieldError, Kind, Problem};
use crate::id::{BookingId, QuestionId, UserId};
use crate::message::MessageKind;
use crate::routes::Operation;
use crate::schema;
use crate::span::Instant;

/// The longest question, in characters.
const MOST_QUESTION: usize = 1000;
/// The longest answer, in characters.
const MOST_ANSWER: usize = 2000;

/// A question about a booking, and its answer.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    Queryable,
    Selectable,
    Insertable,
    AsChangeset,
    utoipa::ToSchema,
)]
#[diesel(table_name = schema::question, treat_none_as_default_value = false, treat_none_as_null = true, check_for_backend(diesel::pg::Pg))]
pub struct Question {
    /// Its id.
    pub id: QuestionId,
    /// The booking.
    pub booking_id: BookingId,
    /// What was asked.
    #[diesel(column_name = asked)]
    #[schema(example = "是否需要投影？")]
    pub question: String,
    /// By whom.
    pub asked_by: UserId,
    /// When.
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T06:00:00Z")]
    pub asked_at: Instant,
    /// What was answered; nothing yet where there is none.
    #[schema(example = "需要，另请准备两支话筒。")]
    pub answer: Option<String>,
    /// By whom; nobody with an account where it was the booking's guest.
    pub answered_by: Option<UserId>,
    /// When.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-24T08:00:00Z")]
    pub answered_at: Option<Instant>,
}

/// What staff want to know.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Asking {
    /// The question.
    #[schema(example = "是否需要投影？", min_length = 1, max_length = 1000)]
    pub question: String,
}

/// What the requester says to it.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Answering {
    /// The answer.
    #[schema(
        example = "需要，另请准备两支话筒。",
        min_length = 1,
        max_length = 2000
    )]
    pub answer: String,
}

fn checked(field: &str, text: &str, most: usize) -> Result<String, Problem> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(Problem::field(field, "required")),
        count if count > most => {
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            Err(FieldError::too_long(field, most).into())
        }
        _ => Ok(text.to_owned()),
    }
}

/// Asks the requester.
pub async fn ask(
    db: &Db,
    asked: &Asked,
    id: BookingId,
    if_match: &IfMatch,
    input: &Asking,
) -> Result<Done, Problem> {
    let text = checked("question", &input.question, MOST_QUESTION)?;
    act::attempt(|| async {
        let mut act = match Act::open(db, asked, Operation::AskQuestion, id, if_match).await? {
            Found::Act(act) => *act,
            Found::Answered(done) => return Ok(done),
        };
        let from = act.transition(Event::Ask).await?;
        let asked_by = act.write.actor();
        let question = Question {
            id: QuestionId::new(),
            booking_id: id,
            question: text.clone(),
            asked_by: asked_by.ok_or_else(|| Problem::new(Kind::NotSignedIn))?,
            asked_at: act.write.now,
            answer: None,
            answered_by: None,
            answered_at: None,
        };
        let says = Says {
            question: text.clone(),
            ..Says::default()
        };
        act.tell(MessageKind::QuestionAsked, says).await?;
        act.write.changes.new_questions.push(question.clone());
        said(act, Event::Ask, from, &text, 201, &question).await
    })
    .await
}

/// Answers; whoever asked gets a mail.
pub async fn answer(
    db: &Db,
    asked: &Asked,
    id: QuestionId,
    input: &Answering,
) -> Result<Done, Problem> {
    let text = checked("answer", &input.answer, MOST_ANSWER)?;
    act::attempt(|| async {
        let booking = store::questions::question(&*db.conn().await?, id)
            .await?
            .booking_id;
        let operation = Operation::AnswerQuestion;
        let mut act = match Act::open(db, asked, operation, booking, &IfMatch::Absent).await? {
            Found::Act(act) => *act,
            Found::Answered(done) => return Ok(done),
        };
        // read again under the lock
        let mut question = store::questions::question(act.write.tx.conn(), id).await?;
        if question.answer.is_some() {
            return Err(Problem {
                state: Some("answered"),
                ..Problem::new(Kind::WrongState)
            }
            .into());
        }
        let from = act.transition(Event::Answer).await?;
        question.answer = Some(text.clone());
        question.answered_by = act.write.actor();
        question.answered_at = Some(act.write.now);
        let asker = store::questions::person(act.write.tx.conn(), question.asked_by).await?;
        let says = Says {
            question: question.question.clone(),
            reason: text.clone(),
            ..Says::default()
        };
        let names = act.names().await?;
        let mut drafts = notice::to_deciders(
            MessageKind::QuestionAnswered,
            &act.write.ground,
            &names,
            &act.booking,
            &says,
            asker.as_slice(),
        );
        for draft in &mut drafts {
            draft.dedupe_key = format!("{}:{id}", draft.dedupe_key);
        }
        act.write.changes.messages.extend(drafts);
        act.write.changes.questions.push(question.clone());
        said(act, Event::Answer, from, &text, 200, &question).await
    })
    .await
}

/// Writes the line of history and answers with the question.
async fn said(
    mut act: Act,
    event: Event,
    from: State,
    text: &str,
    status: u16,
    question: &Question,
) -> Result<Done, super::occupancy::Fail> {
    act.booking.revision += 1;
    let line = act.write.line(&act.booking, event, Some(from), text);
    act.write.changes.history.push(line);
    act.write.changes.updated.push(act.booking.clone());
    let body = serde_json::to_string(question).unwrap_or_default();
    let changed = act.write.changed();
    act.write
        .commit(status.try_into().unwrap_or(200), &body)
        .await?;
    Ok(Done {
        status,
        body,
        changed,
    })
}
