//! A changeover as a sheet to print: the plan with its numbered steps, the time line, and a list with boxes to tick.

use super::job::{Job, clock};
use super::steps::steps;
use super::svg::escaped;
use super::timeline::timeline;

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{margin:24px auto;max-width:900px;padding:0 16px;background:#FAF9F6;color:#1C2030;\
font:15px/1.5 system-ui,\"PingFang SC\",\"Noto Sans CJK SC\",\"Microsoft YaHei\",sans-serif}\
h1{font-size:24px;margin:0}p{margin:4px 0 16px;color:#5A6072}\
svg{width:100%;height:auto;display:block}\
table{width:100%;border-collapse:collapse;margin-top:16px;font-variant-numeric:tabular-nums}\
th{text-align:start;font-weight:600;border-bottom:2px solid #1C2030;padding:4px 8px}\
td{border-bottom:1px solid #D9D5CB;padding:5px 8px}\
td.box::before{content:\"\";display:inline-block;width:15px;height:15px;border:1.5px solid #1C2030;border-radius:2px;\
vertical-align:-3px}\
thead{display:table-header-group}tr{break-inside:avoid}\
@media screen and (prefers-color-scheme:dark){body{background:#14171F;color:#E9E7E1}p{color:#A3A8B8}\
th{border-color:#E9E7E1}td{border-color:#333848}td.box::before{border-color:#E9E7E1}}\
@media print{body{margin:0;max-width:none;padding:0;background:none;font-size:11pt}@page{size:A4;margin:12mm}}";

/// The sheet as an HTML page that needs nothing else.
pub fn sheet(job: &Job) -> String {
    let words = job.words;
    let mut rows = String::new();
    for (number, carry) in (1..).zip(job.carries) {
        let cells = [
            number.to_string(),
            words.blocks[carry.block].clone(),
            words.place(carry.from.as_ref()),
            words.place(carry.to.as_ref()),
            words.team_name(carry.team),
            clock(carry.start_s),
        ];
        let cells: String = cells.iter().map(|cell| tagged("td", cell)).collect();
        rows.push_str(&format!("<tr><td class=\"box\"></td>{cells}</tr>\n"));
    }
    let heads = [
        words.done.as_str(),
        "#",
        &words.block,
        &words.from,
        &words.to,
        &words.team,
        &words.start,
    ];
    let heads: String = heads.iter().map(|head| tagged("th", head)).collect();
    let (title, summary) = (tagged("title", &words.title), words.summary(job));
    let (heading, summary) = (tagged("h1", &words.title), tagged("p", &summary));
    let (language, steps, timeline) = (words.locale.tag(), steps(job), timeline(job));
    format!(
        "<!doctype html>\n<html lang=\"{language}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">{title}<style>{STYLE}</style></head>\n\
         <body>{heading}{summary}\n{steps}{timeline}\
         <table><thead><tr>{heads}</tr></thead>\n<tbody>{rows}</tbody></table></body></html>\n"
    )
}

fn tagged(tag: &str, text: &str) -> String {
    format!("<{tag}>{}</{tag}>", escaped(text))
}
