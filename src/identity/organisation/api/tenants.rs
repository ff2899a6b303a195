//! The list of the park's tenants: imported, read, corrected.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::web::Data;
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};

use crate::audit;
use crate::db::text_enum;
use crate::http::csv::Csv;
use crate::http::language::locale;
use crate::http::once::change;
use crate::http::problem::{FieldError, Kind, Problem};
use crate::http::{App, Path, Query};
use crate::id::VenueId;
use crate::identity::Caller;
use crate::identity::mails::tell;
use crate::identity::organisation::import::{self, Line, Tenant};
use crate::identity::organisation::store::{self, tenants};
use crate::language::Locale;
use crate::message::account::{AccountFacts, AccountKind};
use crate::routes::{Object, Operation};
use crate::span::Instant;

/// A tenant on the list.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Tenant)]
pub struct TenantBody {
    /// Its unified social credit code.
    #[schema(example = "91350100M000100Y43")]
    pub credit_code: String,
    /// Its name.
    #[schema(example = "矩阵机器人有限公司")]
    pub name: String,
    /// The address of whoever speaks for it, where it is known.
    #[schema(example = "lin@park.example")]
    pub email: Option<String>,
    /// When the list last said so.
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T06:00:00Z")]
    pub imported_at: Instant,
}

text_enum! {
    /// What became of a line.
    Outcome {
        /// It is on the list now.
        Added = "added",
        /// It was on the list, and is now as the file says.
        Changed = "changed",
        /// It was on the list just so.
        Unchanged = "unchanged",
        /// Nothing of it was taken.
        Refused = "refused",
    }
}

/// A line of the file, and what became of it.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ImportLine {
    /// Its number in the file; the column names are line 1.
    #[schema(example = 2)]
    pub line: u64,
    /// The name that stands there.
    #[schema(example = "矩阵机器人有限公司")]
    pub name: String,
    /// The code that stands there.
    #[schema(example = "91350100M000100Y43")]
    pub credit_code: String,
    /// What became of it.
    #[schema(example = "added")]
    pub outcome: Outcome,
    /// Which column was at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "credit_code")]
    pub field: Option<String>,
    /// What was wrong with it: stable, for programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "credit_code_check")]
    pub code: Option<String>,
    /// The same for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(
        example = "The check character (the last sign) does not fit: at least one sign is mistyped."
    )]
    pub detail: Option<String>,
}

/// What an import came to.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ImportReport {
    /// Nothing was written: this is what would become of the file.
    #[schema(example = false)]
    pub dry_run: bool,
    /// Lines that are on the list now, as they stand in the file.
    #[schema(example = 428)]
    pub taken: usize,
    /// Lines of which nothing was taken.
    #[schema(example = 2)]
    pub refused: usize,
    /// Organisations that had waited and are verified by the list.
    #[schema(example = 17)]
    pub verified: usize,
    /// Every line.
    pub lines: Vec<ImportLine>,
}

/// How to import.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct How {
    /// Only say what would become of the file.
    #[serde(default)]
    #[param(example = false, required = false)]
    dry_run: bool,
}

/// Import tenants
///
/// A CSV file of at most 1 MiB and 20,000 lines, in UTF-8 or GB 18030, whose first line names the columns: `name`
/// (企业名称), `credit_code` (统一社会信用代码) and, if wanted, `email` (邮箱: who speaks for the tenant). Each line is taken as a whole or refused with a reason, all in one transaction; tenants that
/// the file does not have stay. Organisations that wait with one of the codes, and whose owner has the
/// address that the list names with it, are verified and told: a code alone is public. Importing again
/// changes nothing, so no idempotency key is taken.
#[utoipa::path(post, path = "/v1/venues/{id}/tenants/import", tag = "organisations",
    request_body(content = String, content_type = "text/csv", example = "企业名称,统一社会信用代码,邮箱\n矩阵机器人有限公司,91350100M000100Y43,lin@park.example\n"),
    params(("id" = VenueId, Path, description = "The venue"), How),
    responses((status = 200, description = "What became of each line", body = ImportReport)))]
pub async fn import(
    request: actix_web::HttpRequest,
    app: Data<App>,
    caller: Caller,
    id: Path<VenueId>,
    how: Query<How>,
    file: Csv,
) -> Result<HttpResponse, Problem> {
    Operation::ImportTenants.admit_to(&caller, &Object::of_venue(*id))?;
    let lines = import::read(&file.0)?;
    let tx = app.db.transaction().await?;
    tx.begin().await?;
    let report = write(tx.conn(), &caller, *id, lines, locale(&request)).await?;
    if how.dry_run {
        tx.rollback().await?;
    } else {
        tx.commit().await?;
    }
    Ok(HttpResponse::Ok().json(ImportReport {
        dry_run: how.dry_run,
        ..report
    }))
}

async fn write(
    conn: &AsyncPgConnection,
    caller: &Caller,
    venue_id: VenueId,
    lines: Vec<Line>,
    locale: Locale,
) -> Result<ImportReport, Problem> {
    let taken: Vec<&Tenant> = lines
        .iter()
        .filter_map(|line| line.tenant.as_ref().ok())
        .collect();
    let written = tenants::put(conn, venue_id, &taken).await?;
    let written: HashMap<&str, bool> = written
        .iter()
        .map(|written| (written.credit_code.as_str(), written.added))
        .collect();
    let verified = store::verify_tenants(conn, venue_id, None).await?;
    let mut mails = Vec::new();
    for id in &verified {
        let named = store::organisation(conn, *id).await?.named();
        for owner in store::owners(conn, *id).await? {
            let kind = AccountKind::OrganisationVerified;
            let about = uuid::Uuid::now_v7();
            mails.push(named.told(&owner.reader, kind, AccountFacts::default(), about));
        }
    }
    tell(conn, Some(venue_id), mails).await?;
    let actor = Some(caller.user_id);
    audit::store::record(
        conn,
        actor,
        Some(venue_id),
        "import",
        "tenant",
        venue_id.0,
        &[],
    )
    .await?;
    Ok(ImportReport {
        dry_run: false,
        taken: taken.len(),
        refused: lines.len() - taken.len(),
        verified: verified.len(),
        lines: lines
            .iter()
            .map(|line| report(line, &written, locale))
            .collect(),
    })
}

fn report(line: &Line, written: &HashMap<&str, bool>, locale: Locale) -> ImportLine {
    let outcome = match &line.tenant {
        Err(_) => Outcome::Refused,
        Ok(tenant) => match written.get(tenant.credit_code.as_str()) {
            Some(true) => Outcome::Added,
            Some(false) => Outcome::Changed,
            None => Outcome::Unchanged,
        },
    };
    let error = line.tenant.as_ref().err();
    ImportLine {
        line: line.number,
        name: line.name.clone(),
        credit_code: line.credit_code.clone(),
        outcome,
        field: error.map(|error| error.field.clone()),
        code: error.map(|error| error.code.to_owned()),
        detail: error.map(|error: &FieldError| error.say(locale)),
    }
}

/// Tenants
///
/// All that are on the list, by code.
#[utoipa::path(get, path = "/v1/venues/{id}/tenants", tag = "organisations",
    params(("id" = VenueId, Path, description = "The venue")),
    responses((status = 200, description = "The list", body = Vec<TenantBody>)))]
pub async fn list(
    app: Data<App>,
    caller: Caller,
    id: Path<VenueId>,
) -> Result<HttpResponse, Problem> {
    Operation::ListTenants.admit_to(&caller, &Object::of_venue(*id))?;
    let conn = app.db.conn().await?;
    let rows = tenants::all(&conn, *id).await?;
    let items: Vec<_> = rows
        .into_iter()
        .map(|row| TenantBody {
            credit_code: row.credit_code,
            name: row.name,
            email: row.email,
            imported_at: row.imported_at,
        })
        .collect();
    Ok(HttpResponse::Ok().json(items))
}

/// Take a tenant off the list
///
/// It has left the park. An organisation that was verified stays so until staff refuse it.
#[utoipa::path(delete, path = "/v1/venues/{id}/tenants/{credit_code}", tag = "organisations",
    params(("id" = VenueId, Path, description = "The venue"), ("credit_code" = String, Path, description = "Its unified social credit code")),
    responses((status = 204, description = "Off the list")))]
pub async fn delete(
    app: Data<App>,
    caller: Caller,
    path: Path<(VenueId, String)>,
) -> Result<HttpResponse, Problem> {
    let (venue_id, credit_code) = path.0;
    Operation::DeleteTenant.admit_to(&caller, &Object::of_venue(venue_id))?;
    change(&app, async |conn| {
        if tenants::delete(conn, venue_id, &credit_code).await? == 0 {
            return Err(Problem::new(Kind::NotFound));
        }
        let actor = Some(caller.user_id);
        Ok(audit::store::record(
            conn,
            actor,
            Some(venue_id),
            "delete",
            "tenant",
            venue_id.0,
            &[],
        )
        .await?)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
