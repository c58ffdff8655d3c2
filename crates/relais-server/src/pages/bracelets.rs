//! The sheet of bracelets: a number, its code to scan, no name.

use axum::extract::State;
use axum::response::Response;
use qrcode::{Color, EcLevel, QrCode};
use relais_acts::groups::Bracelets as View;
use relais_network::GroupId;

use crate::AppState;
use crate::ask::Caller;
use crate::assets;
use crate::extract::{Id, Query};
use crate::frame::{self, Frame, Tab};
use crate::problem::Problem;
use crate::text::Text;

/// Bracelets on a sheet of A4: two columns of ten strips.
const SHEET: usize = 20;
/// White modules around the code.
const QUIET: usize = 4;

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

/// The dark modules of a bracelet's code, row by row as strokes: a third of
/// the bytes of single squares, so that a sheet fits a weak line.
fn strokes(text: &str) -> (String, usize) {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else {
        return (String::new(), 1);
    };
    let width = code.width();
    let colors = code.to_colors();
    let mut path = String::new();
    for (y, row) in colors.chunks(width).enumerate() {
        let (mut x, mut pen) = (0, None);
        while x < width {
            let run = row[x..].iter().take_while(|c| **c == Color::Dark).count();
            if run > 0 {
                match pen {
                    None => path.push_str(&format!("M{} {}.5h{run}", x + QUIET, y + QUIET)),
                    Some(at) => path.push_str(&format!("m{} 0h{run}", x - at)),
                }
                pen = Some(x + run);
            }
            x += run.max(1);
        }
    }
    (path, width + 2 * QUIET)
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
                let (qr, width) = strokes(number);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strokes_draw_the_same_modules_as_the_code() {
        let text = "12-0017-K";
        let (path, side) = strokes(text);
        assert_eq!(side, 29, "the smallest code, and white around");
        let code = QrCode::with_error_correction_level(text, EcLevel::M).expect("short");
        let mut drawn = vec![vec![false; side]; side];
        let (mut x, mut y) = (0usize, 0usize);
        for piece in path
            .split_inclusive(|c: char| c.is_ascii_digit())
            .collect::<String>()
            .replace('M', "\nM")
            .replace('m', "\nm")
            .lines()
        {
            if piece.is_empty() {
                continue;
            }
            let absolute = piece.starts_with('M');
            let (place, run) = piece[1..].split_once('h').expect("a move and a stroke");
            let (dx, dy) = place.split_once(' ').expect("two numbers");
            let dx: usize = dx.parse().expect("a number");
            if absolute {
                x = dx;
                y = dy
                    .strip_suffix(".5")
                    .expect("the middle of a row")
                    .parse()
                    .expect("a number");
            } else {
                x += dx;
            }
            for _ in 0..run.parse::<usize>().expect("a length") {
                drawn[y][x] = true;
                x += 1;
            }
        }
        for (at, color) in code.to_colors().iter().enumerate() {
            let (cx, cy) = (at % code.width() + QUIET, at / code.width() + QUIET);
            assert_eq!(drawn[cy][cx], *color == Color::Dark, "{cx} {cy}");
        }
        assert!(path.len() < 900, "{} bytes", path.len());
    }
}
