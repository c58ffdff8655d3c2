//! The slip that the person carries: one A5 sheet without a name, in the
//! provider's language, with boxes to tick and a QR code of its number.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, Utc};
use qrcode::{Color, EcLevel, QrCode};
use relais_acts::slips::{MakeSlip, SlipView};
use relais_acts::views::Fact;
use relais_casework::referral::REASONS;
use relais_mechanism::words::Priority;
use relais_network::ReferralId;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use super::share::site;
use crate::ask::Caller;
use crate::assets;
use crate::extract::{Id, Typed};
use crate::frame::{self, Frame, Tab, see};
use crate::problem::Problem;
use crate::text::Text;
use crate::{AppState, problem};

/// White modules around the code, so that a telephone finds it.
const QUIET: usize = 4;

/// The page.
#[derive(Template)]
#[template(path = "pages/slip.html")]
pub(super) struct Slip {
    f: Frame,
    t: Text,
    /// The sentences of the paper, in the provider's language.
    p: Text,
    css: &'static str,
    id: Uuid,
    back: String,
    refused: Option<(String, String)>,
    number: String,
    code: String,
    qr: String,
    qr_box: String,
    priority: Priority,
    due: String,
    to: Option<String>,
    to_numbers: Vec<String>,
    from: String,
    from_number: String,
    label: String,
    facts: Vec<Fact>,
    reasons: Vec<&'static str>,
    complaints: Vec<(String, String)>,
    site: String,
}

/// The dark modules of a text's QR code as one path, and its view box; nothing
/// where the text is too long for one.
pub(super) fn qr(text: &str) -> (String, String) {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::Q) else {
        return (String::new(), "0 0 1 1".to_owned());
    };
    let width = code.width();
    let mut path = String::new();
    for (at, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            path.push_str(&format!("M{} {}h1v1h-1z", at % width + QUIET, at / width + QUIET));
        }
    }
    let side = width + 2 * QUIET;
    (path, format!("0 0 {side} {side}"))
}

impl Slip {
    pub(super) fn of(f: Frame, t: Text, view: &SlipView, id: Uuid, site: &str) -> Self {
        let p = Text(view.language);
        let (qr, qr_box) = qr(&view.number);
        let code = view.code.as_deref().map(|c| match c.split_at_checked(4) {
            Some((first, last)) => format!("{first}-{last}"),
            None => c.to_owned(),
        });
        Self {
            f,
            t,
            p,
            css: assets::href("slip.css"),
            id,
            back: format!("/referrals/{}", view.referral),
            refused: view
                .refused
                .as_ref()
                .map(|(why, remedy)| (problem::set(why, t.0), problem::set(remedy, t.0))),
            number: view.number.clone(),
            code: code.filter(|_| view.refused.is_none()).unwrap_or_default(),
            qr,
            qr_box,
            priority: view.priority,
            due: view.due.map(|at| p.day_of(at)).unwrap_or_default(),
            to: view.to.clone(),
            to_numbers: view.to_telephones.iter().map(|n| p.phone(n)).collect(),
            from: view.from.clone(),
            from_number: view.from_telephone.as_deref().map(|n| p.phone(n)).unwrap_or_default(),
            label: view.label.clone(),
            facts: view.facts.clone(),
            reasons: REASONS.iter().map(|r| p.outcome(*r)).collect(),
            complaints: view.complaints.clone(),
            site: site.split_once("://").map_or(site, |(_, host)| host).to_owned(),
        }
    }
}

fn frame_of(app: &AppState, caller: &Caller, code: &str, referral: Uuid, now: DateTime<Utc>) -> Frame {
    Frame::of(app, caller, Tab::Cases, caller.t.slip_title(), now).back(format!("/referrals/{referral}"), code)
}

/// `GET /referrals/{id}/slip`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let view = app.acts().slip(&caller.viewer, ReferralId(id)).await?;
    let now = app.now().await?;
    let f = frame_of(&app, &caller, &view.number, id, now);
    let site = site(&app, &headers);
    Ok(frame::ok(&Slip::of(f, caller.t, &view, ids::new_v7(now), &site)))
}

/// `POST /referrals/{id}/slip`.
pub(crate) async fn make(
    State(app): State<AppState>,
    caller: Caller,
    Id(referral): Id,
    headers: HeaderMap,
    typed: Typed,
) -> Result<Response, Problem> {
    let command = MakeSlip { id: typed.id()? };
    match app
        .acts()
        .make_slip(&caller.viewer, ReferralId(referral), command)
        .await
    {
        Ok(_) => Ok(see(&format!("/referrals/{referral}/slip"))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let view = app.acts().slip(&caller.viewer, ReferralId(referral)).await?;
            let now = app.now().await?;
            let f = frame_of(&app, &caller, &view.number, referral, now);
            let mut page = Slip::of(f, caller.t, &view, ids::new_v7(now), &site(&app, &headers));
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_fits_into_a_small_code() {
        let (path, view_box) = qr("R-2026-004421-K");
        // The smallest code (21 modules), a quarter of which may be stained, and white around.
        assert_eq!(view_box, "0 0 29 29");
        assert!(
            path.starts_with("M4 4h1v1h-1z") && path.len() < 5000,
            "{} bytes",
            path.len()
        );
    }
}
