//! A page to read the mail folder. Development only, and it says so; mounted only where mails go to a folder.

use std::path::{Path, PathBuf};

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpResponse, Responder, ResponseError};
use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mail_parser::{Message, MessageParser, MimeHeaders};

use crate::http::problem::{Kind, Problem};

/// How many mails the list shows.
const SHOWN: usize = 200;
/// Larger files are none of ours.
const LARGEST: u64 = 4 * 1024 * 1024;

/// A mail's styles are inline, so styles are allowed; nothing is run, fetched, sent or framed.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

struct Mailbox(PathBuf);

#[derive(Template)]
#[template(path = "mailbox.html")]
struct Page {
    entries: Vec<Entry>,
    cut: bool,
    open: Option<Mail>,
}

struct Entry {
    name: String,
    subject: String,
    to: String,
    date: String,
}

struct Mail {
    subject: String,
    headers: Vec<(String, String)>,
    text: String,
    html: String,
    /// Name and type of each attachment, and its text where it is text.
    parts: Vec<(String, String)>,
    raw: String,
}

/// `GET /mail` and `GET /mail/{name}` over this folder.
pub fn mount(cfg: &mut ServiceConfig, folder: PathBuf) {
    cfg.service(
        web::scope("/mail")
            .app_data(Data::new(Mailbox(folder)))
            .route("", web::get().to(list))
            .route("/{name}", web::get().to(show)),
    );
}

async fn list(mailbox: Data<Mailbox>) -> Result<impl Responder, Problem> {
    let entries = off_thread(move || entries(&mailbox.0)).await?;
    let cut = entries.len() == SHOWN;
    Ok(page(Page {
        entries,
        cut,
        open: None,
    }))
}

async fn show(mailbox: Data<Mailbox>, name: web::Path<String>) -> Result<impl Responder, Problem> {
    let name = name.into_inner();
    let mail = off_thread(move || read(&mailbox.0, &name).as_deref().and_then(opened)).await?;
    let mail = mail.ok_or_else(|| Problem::new(Kind::NotFound))?;
    Ok(page(Page {
        entries: Vec::new(),
        cut: false,
        open: Some(mail),
    }))
}

fn page(page: Page) -> HttpResponse {
    match page.render() {
        Ok(html) => HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .insert_header((CONTENT_SECURITY_POLICY, POLICY))
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(html),
        Err(error) => {
            tracing::error!(%error, "the mail folder's page");
            Problem::new(Kind::Internal).error_response()
        }
    }
}

async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    web::block(work)
        .await
        .map_err(|_| Problem::new(Kind::Unavailable))
}

/// Whether a name is one that the folder gives out: no path, nothing hidden.
fn is_ours(name: &str) -> bool {
    name.strip_suffix(".eml").is_some_and(|stem| {
        !stem.is_empty() && stem.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    })
}

fn read(folder: &Path, name: &str) -> Option<Vec<u8>> {
    let path = is_ours(name).then(|| folder.join(name))?;
    // not a link to elsewhere either
    let about = std::fs::symlink_metadata(&path).ok()?;
    (about.is_file() && about.len() <= LARGEST).then(|| std::fs::read(&path).ok())?
}

fn entries(folder: &Path) -> Vec<Entry> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|file| file.ok()?.file_name().into_string().ok())
        .filter(|name| is_ours(name))
        .collect();
    // names begin with the time
    names.sort_unstable_by(|a, b| b.cmp(a));
    names.truncate(SHOWN);
    names
        .into_iter()
        .filter_map(|name| {
            let raw = read(folder, &name)?;
            let mail = MessageParser::default().parse_headers(raw.as_slice())?;
            Some(Entry {
                subject: subject(&mail),
                to: header(&mail, "To"),
                date: header(&mail, "Date"),
                name,
            })
        })
        .collect()
}

fn opened(raw: &[u8]) -> Option<Mail> {
    let mail = MessageParser::default().parse(raw)?;
    let names = ["From", "To", "Date", "Subject", "Message-ID"];
    let mut headers: Vec<_> = names
        .map(|name| (name.to_owned(), header(&mail, name)))
        .into();
    if let Some(row) = headers.get_mut(3) {
        row.1 = subject(&mail);
    }
    Some(Mail {
        subject: subject(&mail),
        headers,
        text: mail.body_text(0).unwrap_or_default().into_owned(),
        html: with_pictures(&mail),
        parts: mail
            .attachments()
            .map(|part| {
                let kind = part
                    .content_type()
                    .map(|it| format!("{}/{}", it.ctype(), it.subtype().unwrap_or_default()));
                let name = part.attachment_name().unwrap_or_default();
                let label = format!(
                    "{name} {} ({} B)",
                    kind.unwrap_or_default(),
                    part.contents().len()
                );
                (
                    label.trim_start().to_owned(),
                    match part.is_text() {
                        true => String::from_utf8_lossy(part.contents()).into_owned(),
                        false => String::new(),
                    },
                )
            })
            .collect(),
        raw: String::from_utf8_lossy(raw).into_owned(),
    })
}

/// The mail's page with the pictures that it brings along put into it.
fn with_pictures(mail: &Message<'_>) -> String {
    let mut html = mail.body_html(0).unwrap_or_default().into_owned();
    for part in mail.attachments() {
        if let (Some(name), true) = (part.content_id(), part.is_content_type("image", "png")) {
            let data = STANDARD.encode(part.contents());
            html = html.replace(
                &format!("cid:{name}"),
                &format!("data:image/png;base64,{data}"),
            );
        }
    }
    html
}

fn subject(mail: &Message<'_>) -> String {
    mail.subject().unwrap_or("–").to_owned()
}

fn header(mail: &Message<'_>, name: &str) -> String {
    mail.header_raw(name).unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
