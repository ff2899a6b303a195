//! A list of tenants as a spreadsheet saves it: CSV in UTF-8 or GB 18030, with a line of column names in Chinese or
//! English. Each line is right as a whole or refused with a reason; what the file as a whole lacks refuses it.

use std::collections::HashMap;

use crate::http::problem::{Arg, FieldError};
use crate::identity::account::is_email;
use crate::identity::credit_code::{CreditCode, CreditCodeError};

/// The most lines that are read.
pub const MOST_LINES: usize = 20_000;

/// A tenant as the list has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    pub name: String,
    pub credit_code: CreditCode,
    /// Who speaks for it, where the list says so.
    pub email: Option<String>,
}

/// A line of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its number in the file, the column names being line 1.
    pub number: u64,
    /// The name as it stands there, to find the line by.
    pub name: String,
    /// The code as it stands there.
    pub credit_code: String,
    /// What it says, or what is wrong with it.
    pub tenant: Result<Tenant, FieldError>,
}

const NAMES: &[&str] = &["name", "名称", "企业名称", "单位名称", "单位"];
const CODES: &[&str] = &["credit_code", "统一社会信用代码", "信用代码"];
const EMAILS: &[&str] = &["email", "邮箱", "电子邮箱"];

/// Reads a file.
///
/// # Errors
/// For the field `file`: `unreadable` (neither encoding), `columns_missing` (no column for name or code), `too_long`
/// (more than [`MOST_LINES`] lines).
pub fn read(bytes: &[u8]) -> Result<Vec<Line>, FieldError> {
    let text = decoded(bytes).ok_or_else(|| FieldError::new("file", "unreadable"))?;
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let unreadable = |_| FieldError::new("file", "unreadable");
    let header = reader.headers().map_err(unreadable)?.clone();
    let column = |names: &[&str]| {
        header
            .iter()
            .position(|column| names.iter().any(|name| name.eq_ignore_ascii_case(column)))
    };
    let missing = || FieldError::new("file", "columns_missing");
    let name = column(NAMES).ok_or_else(missing)?;
    let code = column(CODES).ok_or_else(missing)?;
    let email = column(EMAILS);
    let mut lines = Vec::new();
    let mut place = Place::default();
    let mut seen = HashMap::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        if lines.len() == MOST_LINES {
            let most = i64::try_from(MOST_LINES).unwrap_or(i64::MAX);
            return Err(FieldError::too_long("file", most));
        }
        let field = |at: usize| record.get(at).unwrap_or_default().to_owned();
        let number = place.line_of(&text, &record);
        let (name, credit_code) = (field(name), field(code));
        let email = email.map(field).filter(|email| !email.is_empty());
        let tenant = tenant(&name, &credit_code, email).and_then(|tenant| {
            match seen.insert(tenant.credit_code.clone(), number) {
                None => Ok(tenant),
                Some(first) => {
                    seen.insert(tenant.credit_code, first);
                    let first = Arg::Number(i64::try_from(first).unwrap_or(i64::MAX));
                    Err(FieldError::new("credit_code", "on_another_line").with("line", first))
                }
            }
        });
        lines.push(Line {
            number,
            name,
            credit_code,
            tenant,
        });
    }
    Ok(lines)
}

/// How far a file was read.
#[derive(Default)]
struct Place {
    byte: usize,
    /// Line ends before that.
    ends: u64,
}

impl Place {
    /// The number of the line on which the record begins. What the reader calls its position lies before the empty
    /// lines that it passes over.
    fn line_of(&mut self, text: &str, record: &csv::StringRecord) -> u64 {
        let from = record.position().map_or(0, csv::Position::byte);
        let from = usize::try_from(from).unwrap_or(usize::MAX).min(text.len());
        let rest = &text.as_bytes()[from..];
        let empty = rest
            .iter()
            .take_while(|byte| b"\r\n".contains(byte))
            .count();
        let begins = from + empty;
        let passed = &text.as_bytes()[self.byte.min(begins)..begins];
        self.ends += passed
            .iter()
            .filter(|byte| **byte == b'\n')
            .map(|_| 1)
            .sum::<u64>();
        self.byte = begins;
        self.ends + 1
    }
}

/// UTF-8, with or without a mark; else what spreadsheets in China save.
fn decoded(bytes: &[u8]) -> Option<String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::GB18030
            .decode_without_bom_handling_and_without_replacement(bytes)?
            .into_owned(),
    };
    (!text.contains('\0')).then_some(text)
}

fn tenant(name: &str, credit_code: &str, email: Option<String>) -> Result<Tenant, FieldError> {
    if name.is_empty() {
        return Err(FieldError::new("name", "required"));
    }
    if name.chars().count() > 200 {
        return Err(FieldError::too_long("name", 200));
    }
    if name.chars().any(char::is_control) {
        return Err(FieldError::new("name", "malformed"));
    }
    if let Some(email) = &email
        && !is_email(email)
    {
        return Err(FieldError::new("email", "malformed"));
    }
    Ok(Tenant {
        name: name.to_owned(),
        credit_code: CreditCode::parse(credit_code)
            .map_err(|error| refused("credit_code", error))?,
        email,
    })
}

/// What is wrong with a credit code, in the product's codes.
pub fn refused(field: &str, error: CreditCodeError) -> FieldError {
    let number = |number: usize| Arg::Number(i64::try_from(number).unwrap_or(i64::MAX));
    match error {
        CreditCodeError::Length(found) => {
            FieldError::new(field, "credit_code_length").with("found", number(found))
        }
        CreditCodeError::Alphabet { sign, place } => FieldError::new(field, "credit_code_alphabet")
            .with("sign", Arg::Text(sign.to_string()))
            .with("place", number(place)),
        CreditCodeError::CheckCharacter => FieldError::new(field, "credit_code_check"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(bytes: &[u8]) -> Vec<(u64, Result<String, &'static str>)> {
        read(bytes)
            .unwrap()
            .into_iter()
            .map(|line| {
                let tenant = line.tenant.map(|tenant| {
                    let email = tenant.email.unwrap_or_default();
                    format!("{}|{}|{email}", tenant.name, tenant.credit_code)
                });
                (line.number, tenant.map_err(|error| error.code))
            })
            .collect()
    }

    const LIST: &str = "企业名称,备注,统一社会信用代码,邮箱\n\
        矩阵机器人有限公司,x,91350100M000100Y43,lin@park.example\n\
        ,x,91110108551385082Q,\n\
        \"云图, 科技\",\"两\n行\",91110108551385082q\n\
        短,,9111\n\
        错,,91110108551385082R\n\
        字,,9111010855I385082Q\n\
        信,,91440300708461136T,nobody\n\
        \n\
        又一家,,91350100m000100y43,\n";

    #[test]
    fn each_line_is_taken_or_says_why_not() {
        let expected = [
            (
                2,
                Ok("矩阵机器人有限公司|91350100M000100Y43|lin@park.example".to_owned()),
            ),
            (3, Err("required")),
            (4, Ok("云图, 科技|91110108551385082Q|".to_owned())),
            (6, Err("credit_code_length")),
            (7, Err("credit_code_check")),
            (8, Err("credit_code_alphabet")),
            (9, Err("malformed")),
            (11, Err("on_another_line")),
        ];
        assert_eq!(told(LIST.as_bytes()), expected);
        assert_eq!(told(format!("\u{feff}{LIST}").as_bytes()), expected);
        let (gb, _, lossy) = encoding_rs::GB18030.encode(LIST);
        assert!(!lossy);
        assert_eq!(told(&gb), expected);
        assert_eq!(told(LIST.replace('\n', "\r\n").as_bytes()), expected);
    }

    #[test]
    fn a_file_that_is_no_list_is_refused() {
        let code = |bytes: &[u8]| read(bytes).unwrap_err().code;
        assert_eq!(code(b""), "columns_missing");
        assert_eq!(code("企业名称,邮箱\n甲,\n".as_bytes()), "columns_missing");
        assert_eq!(code(b"\xff\xff\xff"), "unreadable");
        assert_eq!(code(b"name,credit_code\n\0,\n"), "unreadable");
        let long = format!("name,credit_code\n{}", "a,b\n".repeat(MOST_LINES + 1));
        assert_eq!(code(long.as_bytes()), "too_long");
        assert_eq!(read(b"NAME , Credit_Code\n").unwrap(), Vec::new());
    }
}
