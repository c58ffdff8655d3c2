//! The dates of the registers as a calendar file (RFC 5545), for whichever calendar
//! somebody keeps: sessions, workshops, the days by which open lines should be done.

use std::fmt::Write as _;

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use relais_acts::registers::dated::Dated;

use super::place;
use crate::AppState;
use crate::ask::Caller;
use crate::problem::{Problem, set};
use crate::text::Text;

/// Most octets of a line, without its end.
const OCTETS: usize = 75;

/// A file that is being written.
struct File(String);

impl File {
    /// A line of the file: folded, and ended as the standard wants it.
    fn line(&mut self, text: &str) {
        let mut octets = 0;
        for c in text.chars() {
            if octets + c.len_utf8() > OCTETS {
                self.0.push_str("\r\n ");
                // The space counts.
                octets = 1;
            }
            self.0.push(c);
            octets += c.len_utf8();
        }
        self.0.push_str("\r\n");
    }

    /// A property that is text.
    fn text(&mut self, name: &str, text: &str) {
        self.line(&format!("{name}:{}", escaped(text)));
    }
}

/// What stands for itself in a text; what a text may not hold is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => {
                let _ = write!(out, "\\{c}");
            }
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// What a day of a line is called: "Décision : Publier les chiffres".
fn summary(t: Text, dated: &Dated) -> String {
    t.registers_dated(set(&dated.register_one, t.0), &dated.title)
}

/// The calendar; `address` is where people reach the server, if that is known.
fn calendar(t: Text, all: &[Dated], now: DateTime<Utc>, address: Option<&str>) -> String {
    let mut file = File(String::new());
    file.line("BEGIN:VCALENDAR");
    file.line("VERSION:2.0");
    file.line(&format!("PRODID:-//Relais//Institution//{}", t.lang().to_uppercase()));
    file.line("CALSCALE:GREGORIAN");
    file.text("X-WR-CALNAME", &format!("Relais – {}", t.registers_title()));
    // A calendar holds one component at least, also where nothing has a date.
    for line in [
        "BEGIN:VTIMEZONE",
        "TZID:Africa/Douala",
        "BEGIN:STANDARD",
        "DTSTART:19700101T000000",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0100",
        "END:STANDARD",
        "END:VTIMEZONE",
    ] {
        file.line(line);
    }
    let stamp = now.format("DTSTAMP:%Y%m%dT%H%M%SZ").to_string();
    for dated in all {
        file.line("BEGIN:VEVENT");
        // The same for as long as the line stands, whatever becomes of its day.
        file.line(&format!("UID:{}@relais", dated.id));
        file.line(&stamp);
        file.line(&dated.on.format("DTSTART;VALUE=DATE:%Y%m%d").to_string());
        file.text("SUMMARY", &summary(t, dated));
        if let Some(address) = address {
            let address = address.trim_end_matches('/');
            file.line(&format!("URL:{address}{}", place(&dated.register, dated.id)));
        }
        file.line("TRANSP:TRANSPARENT");
        file.line("END:VEVENT");
    }
    file.line("END:VCALENDAR");
    file.0
}

/// `GET /registers/calendar.ics`.
pub(crate) async fn file(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    let all = app.acts().dated(&caller.viewer).await?;
    let now = app.clock().await?;
    let text = calendar(caller.t, &all, now, app.settings().address.as_deref());
    let headers: [(HeaderName, HeaderValue); 2] = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/calendar; charset=utf-8"),
        ),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"institution.ics\""),
        ),
    ];
    Ok((headers, text).into_response())
}

#[cfg(test)]
mod tests {
    use relais_mechanism::words::Lang;
    use uuid::Uuid;

    use super::*;

    fn dated(title: &str) -> Dated {
        Dated {
            id: Uuid::from_u128(7),
            register: "session".to_owned(),
            register_one: "Session".to_owned(),
            title: title.to_owned(),
            on: "2026-12-05".parse().expect("a day"),
        }
    }

    /// Lines as a reader unfolds them.
    fn read(file: &str) -> Vec<String> {
        assert!(file.ends_with("\r\n") && !file.replace("\r\n", "").contains(['\r', '\n']));
        for line in file.split("\r\n") {
            assert!(line.len() <= OCTETS, "{} octets: {line}", line.len());
        }
        file.replace("\r\n ", "").lines().map(str::to_owned).collect()
    }

    #[test]
    fn days_are_whole_texts_escaped_and_lines_folded_between_letters() {
        let long = format!("Réviser, puis adopter ; délais\\seuils\n{}", "é".repeat(90));
        let all = [dated(&long), dated("Forum d'essai")];
        let file = calendar(
            Text(Lang::Fr),
            &all,
            crate::sample::now(),
            Some("https://relais.invalid/"),
        );
        let lines = read(&file);
        let has = |line: &str| assert!(lines.iter().any(|l| l == line), "{line}: {file}");
        has(&format!(
            "SUMMARY:Session\u{a0}: Réviser\\, puis adopter \\; délais\\\\seuils\\n{}",
            "é".repeat(90)
        ));
        has("SUMMARY:Session\u{a0}: Forum d'essai");
        has("DTSTART;VALUE=DATE:20261205");
        has("DTSTAMP:20261123T074000Z");
        has("UID:00000000-0000-0000-0000-000000000007@relais");
        has("URL:https://relais.invalid/registers/session/00000000-0000-0000-0000-000000000007");
        for begun in ["VCALENDAR", "VTIMEZONE", "STANDARD", "VEVENT"] {
            let count = |mark: &str| lines.iter().filter(|l| **l == format!("{mark}:{begun}")).count();
            assert!(count("BEGIN") > 0 && count("BEGIN") == count("END"), "{begun}");
        }
    }

    #[test]
    fn a_calendar_without_a_date_is_one_all_the_same() {
        let lines = read(&calendar(Text(Lang::En), &[], crate::sample::now(), None));
        assert_eq!(lines.first().map(String::as_str), Some("BEGIN:VCALENDAR"));
        assert!(lines.iter().any(|l| l == "BEGIN:VTIMEZONE") && !lines.iter().any(|l| l.contains("VEVENT")));
        assert!(lines.iter().any(|l| l == "PRODID:-//Relais//Institution//EN"));
    }
}
