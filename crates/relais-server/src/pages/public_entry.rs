//! The sheet of one service for anybody, made to print on A5, with a code that
//! opens the entry of today.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::NaiveDate;
use relais_acts::directory::public::{EmergencyLine, PublicSheet};
use relais_network::ServiceId;
use uuid::Uuid;

use super::public::{Line, Reader, lines, or, truth, unsaid};
use super::share::site;
use crate::extract::Id;
use crate::frame::{self, Frame};
use crate::problem::Problem;
use crate::text::Text;
use crate::{AppState, assets, format, qr};

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/public_entry.html")]
pub(super) struct Sheet {
    f: Frame,
    t: Text,
    css: &'static str,
    sheet_css: &'static str,
    lines: Vec<Line>,
    name: String,
    organisation: String,
    place: String,
    truth: Vec<(&'static str, String)>,
    /// What is dialled, what is shown, when somebody answers.
    numbers: Vec<(String, String, String)>,
    facts: Vec<(&'static str, String)>,
    qr: String,
    qr_box: String,
    /// What else is offered there: id and name.
    beside: Vec<(Uuid, String)>,
    printed: String,
    free: String,
}

/// The address at which anybody reads an entry.
pub(super) fn address(site: &str, service: ServiceId) -> String {
    format!("{site}/public/services/{service}")
}

impl Sheet {
    pub(super) fn of(f: Frame, numbers: &[EmergencyLine], sheet: &PublicSheet, site: &str, on: NaiveDate) -> Self {
        let (t, entry) = (f.t, &sheet.entry);
        let (qr, side) = qr::strokes(&address(site, entry.id));
        let mut hours = or(&entry.hours, t.public_hours_unknown());
        if entry.on_call {
            hours = format!("{hours} · {}", t.public_always());
        }
        let mut facts = vec![
            (t.public_sheet_hours(), hours),
            (t.public_sheet_cost(), or(entry.cost, t.public_cost_unknown())),
            (
                t.public_sheet_for(),
                or(&entry.targets.join(", "), t.public_sheet_everybody()),
            ),
        ];
        let modes: Vec<&str> = entry.other_modes().collect();
        for (label, value) in [
            (t.public_sheet_come(), entry.how.clone()),
            (t.public_sheet_access(), modes.join(", ")),
            (t.public_sheet_area(), entry.area.clone()),
            (t.public_sheet_languages(), entry.languages.join(", ")),
        ] {
            if !value.is_empty() {
                facts.push((label, value));
            }
        }
        let host = site.split_once("://").map_or(site, |(_, host)| host);
        Self {
            t,
            css: assets::href("public.css"),
            sheet_css: assets::href("sheet.css"),
            lines: lines(t, numbers),
            name: entry.name.clone(),
            organisation: if entry.name.contains(&entry.organisation) {
                String::new()
            } else {
                entry.organisation.clone()
            },
            place: entry.place.clone(),
            truth: truth(t, entry),
            numbers: entry
                .numbers
                .iter()
                .map(|(n, hours)| (format::tel(n), t.phone(n), hours.clone()))
                .collect(),
            facts,
            qr,
            qr_box: format!("0 0 {side} {side}"),
            beside: sheet.beside.iter().map(|(id, name)| (id.0, name.clone())).collect(),
            printed: t.public_sheet_printed(t.date(on)),
            free: t.public_sheet_free(host),
            f,
        }
    }
}

/// `GET /public/services/{id}`.
pub(crate) async fn show(
    State(app): State<AppState>,
    reader: Reader,
    Id(id): Id,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let now = app.clock().await?;
    let t = reader.t;
    let sheet = app.acts().public_entry(ServiceId(id), t.0, now)?;
    let mut numbers = app.acts().emergency_lines(t.0).await?;
    numbers.truncate(3);
    let f = reader
        .frame(&app, t.public_sheet_title(), now)
        .back("/public", t.public_start());
    let on = format::local(now).date_naive();
    let page = Sheet::of(f, &numbers, &sheet, &site(&app, &headers), on);
    Ok(unsaid(frame::ok(&page)))
}
