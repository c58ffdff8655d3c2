//! What is missing, what overlaps, and, for the mechanism's office, what was
//! asked for beside what can be taken.

use axum::extract::State;
use axum::response::Response;
use relais_acts::directory::matrix::{DemandView, EndingLine, GapLine, MatrixAsked, MatrixView, OverlapLine};
use relais_network::matrix::GapKind;

use super::{kept, reading, scope, tab};
use crate::AppState;
use crate::ask::Caller;
use crate::assets;
use crate::extract::Query;
use crate::frame::{self, Frame};
use crate::problem::Problem;
use crate::text::Text;

/// A category that is missing.
pub(super) struct Missing {
    pub(super) category: String,
    pub(super) what: &'static str,
    pub(super) areas: String,
    pub(super) left: String,
}

impl Missing {
    pub(super) fn of(t: Text, gap: &GapLine, areas: usize) -> Self {
        let names: Vec<&str> = gap.areas.iter().map(|a| a.name.as_str()).collect();
        let mut left = Vec::new();
        if gap.remote > 0 {
            left.push(t.gaps_left_remote(gap.remote));
        }
        if gap.wide > 0 {
            left.push(t.gaps_left_wide(gap.wide));
        }
        Self {
            category: gap.category.name.clone(),
            what: match gap.kind {
                GapKind::None => t.gaps_none(),
                GapKind::Doubtful => t.gaps_doubtful(),
            },
            areas: if names.len() == areas {
                t.gaps_everywhere().to_owned()
            } else {
                names.join(", ")
            },
            left: if left.is_empty() {
                t.gaps_left_nothing().to_owned()
            } else {
                left.join(", ")
            },
        }
    }
}

/// Several organisations that offer the same.
pub(super) struct Shared {
    pub(super) category: String,
    pub(super) target: String,
    pub(super) place: String,
    pub(super) count: usize,
    pub(super) names: String,
}

/// Names told of one overlap.
const NAMES: usize = 4;

impl Shared {
    pub(super) fn of(t: Text, overlap: &OverlapLine) -> Self {
        let all = &overlap.organisations;
        let mut place = overlap.area.name.clone();
        if overlap.region.name != place {
            place = format!("{place}, {}", overlap.region.name);
        }
        // One more name is no longer than "and one other".
        let names = if all.len() > NAMES + 1 {
            t.gaps_and_more(all[..NAMES].join(", "), all.len() - NAMES)
        } else {
            all.join(", ")
        };
        Self {
            category: overlap.category.name.clone(),
            target: overlap.target.name.clone(),
            place,
            count: all.len(),
            names,
        }
    }
}

/// What was asked for of one category in one region.
pub(super) struct Wanted {
    pub(super) region: String,
    pub(super) category: String,
    pub(super) needs: String,
    pub(super) referrals: String,
    pub(super) unmet: String,
    pub(super) per_month: String,
    pub(super) free: String,
}

/// What was asked for, and its caption.
pub(super) fn wanted(t: Text, demand: &DemandView, most: usize) -> (String, Vec<Wanted>) {
    let count = |n: Option<u32>| n.map_or_else(|| t.gaps_hidden(demand.smallest), |n| n.to_string());
    let stated = |n: Option<u64>| n.map_or_else(|| "–".to_owned(), |n| n.to_string());
    let lines = demand.lines.iter().take(most).map(|line| Wanted {
        region: line.region_name.clone(),
        category: line.demand.name.clone(),
        needs: count(line.demand.needs),
        referrals: count(line.demand.referrals),
        unmet: count(line.demand.unmet),
        per_month: stated(line.per_month),
        free: stated(line.free),
    });
    let caption = t.gaps_demand_caption(&demand.from, &demand.until, demand.smallest);
    (caption, lines.collect())
}

/// Services whose money ends soon: region, how many, the first last day.
pub(super) fn ending(t: Text, view: &MatrixView) -> Vec<(String, usize, String)> {
    let line = |l: &EndingLine| (l.region.name.clone(), l.services, t.date(l.first));
    view.ending.iter().map(line).collect()
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/matrix/gaps.html")]
pub(crate) struct Gaps {
    f: Frame,
    t: Text,
    css: &'static str,
    scope: String,
    reading: &'static str,
    missing: Vec<Missing>,
    overlaps: Vec<Shared>,
    more: String,
    ending: Vec<(String, usize, String)>,
    ending_days: u32,
    demand: Option<(String, Vec<Wanted>)>,
}

/// Overlaps on the page: the file has them all.
const SHOWN: usize = 12;
/// Lines of what was asked for on the page: the API has them all.
const WANTED: usize = 15;

impl Gaps {
    pub(crate) fn of(f: Frame, t: Text, view: &MatrixView) -> Self {
        let shown = view.overlaps.len().min(SHOWN);
        Self {
            css: assets::href("matrix.css"),
            scope: match &view.region {
                Some(region) => format!("{} · {}", region.name, scope(t, view)),
                None => scope(t, view),
            },
            reading: reading(t, view),
            missing: view.gaps.iter().map(|g| Missing::of(t, g, view.areas.len())).collect(),
            overlaps: view.overlaps[..shown].iter().map(|o| Shared::of(t, o)).collect(),
            more: if view.overlaps_found > shown {
                t.gaps_overlaps_more(shown, view.overlaps_found)
            } else {
                String::new()
            },
            ending: ending(t, view),
            ending_days: view.ending_days,
            demand: view.demand.as_ref().map(|d| wanted(t, d, WANTED)),
            f,
            t,
        }
    }
}

/// `GET /directory/gaps`.
pub(crate) async fn gaps(
    State(app): State<AppState>,
    caller: Caller,
    Query(asked): Query<MatrixAsked>,
) -> Result<Response, Problem> {
    let asked = MatrixAsked {
        category: None,
        ..asked
    };
    let now = app.clock().await?;
    let view = app.acts().matrix(&caller.viewer, asked, now).await?;
    let t = caller.t;
    let f = Frame::of(&app, &caller, tab(&caller), t.gaps_title(), view.now);
    let f = match &view.region {
        Some(region) => f.back(
            format!("/directory/matrix/{}{}", region.code, kept(&view, '?')),
            t.matrix_title_region(&region.name),
        ),
        None => f.back(format!("/directory/matrix{}", kept(&view, '?')), t.matrix_title()),
    };
    Ok(frame::ok(&Gaps::of(f, t, &view)))
}
