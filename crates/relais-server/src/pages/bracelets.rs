//! The sheet of bracelets: a number, its code to scan, no name.

use axum::extract::State;
use axum::response::Response;
use relais_acts::groups::Bracelets as View;
use relais_network::GroupId;

use crate::AppState;
use crate::ask::Caller;
use crate::assets;
use crate::extract::{Id, Query};
use crate::frame::{self, Frame, Tab};
use crate::problem::Problem;
use crate::qr;
use crate::text::Text;

/// Bracelets on a sheet of A4: two columns of ten strips.
const SHEET: usize = 20;

/// One bracelet.
struct Strip {
    number: String,
    qr: String,
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/bracelets.html")]
pub(super) struct Bracelets {
    f: Frame,
    t: Text,
    css: &'static str,
    base: String,
    title: String,
    lead: String,
    view_box: String,
    strips: Vec<Strip>,
    /// The sheets: address, number; none for the one that is shown.
    sheets: Vec<(String, usize)>,
    page: usize,
    all: bool,
}

impl Bracelets {
    /// One sheet, or all of them.
    pub(super) fn of(f: Frame, t: Text, view: &View, page: usize, all: bool) -> Self {
        let base = format!("/groups/{}", view.group.id);
        let pages = view.numbers.len().div_ceil(SHEET).max(1);
        let page = page.clamp(1, pages);
        let shown = if all {
            &view.numbers[..]
        } else {
            let from = (page - 1) * SHEET;
            &view.numbers[from..view.numbers.len().min(from + SHEET)]
        };
        let mut side = 1;
        let strips = shown
            .iter()
            .map(|number| {
                let (qr, width) = qr::strokes(number);
                side = side.max(width);
                Strip {
                    number: number.clone(),
                    qr,
                }
            })
            .collect();
        Self {
            css: assets::href("bracelets.css"),
            title: t.group_called(&view.group),
            lead: t.group_sheet_lead(view.spare),
            view_box: format!("0 0 {side} {side}"),
            strips,
            sheets: (1..=pages)
                .map(|n| {
                    let href = if n == page && !all {
                        String::new()
                    } else {
                        format!("{base}/bracelets?page={n}")
                    };
                    (href, n)
                })
                .collect(),
            page,
            all,
            f: f.back(base.clone(), t.group_called(&view.group)),
            t,
            base,
        }
    }
}

/// Which sheet.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    page: Option<usize>,
    #[serde(default)]
    all: Option<u8>,
}

/// `GET /groups/{id}/bracelets`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    Query(query): Query<Wanted>,
) -> Result<Response, Problem> {
    let view = app.acts().bracelets(&caller.viewer, GroupId(id)).await?;
    let now = app.now().await?;
    let f = Frame::of(&app, &caller, Tab::New, caller.t.group_sheet_title(), now);
    let page = Bracelets::of(f, caller.t, &view, query.page.unwrap_or(1), query.all == Some(1));
    Ok(frame::ok(&page))
}
