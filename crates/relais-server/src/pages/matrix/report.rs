//! The mapping report (*rapport de cartographie*): one document made for print,
//! in French or English, with its method and the limits of its data.

use axum::extract::State;
use axum::response::Response;
use relais_acts::directory::matrix::{MatrixAsked, MatrixView};
use relais_mechanism::words::Lang;
use serde::Deserialize;

use super::gaps::{Missing, Shared, Wanted, ending, wanted};
use super::{Figures, Square, Squares, kept, legend, map, reading, scope, tab};
use crate::AppState;
use crate::ask::Caller;
use crate::assets;
use crate::drawing::Drawing;
use crate::extract::Query;
use crate::frame::{self, Frame};
use crate::problem::Problem;
use crate::text::Text;

/// Overlaps told in the document.
const OVERLAPS: usize = 12;
/// Lines of what was asked for.
const WANTED: usize = 12;

/// A line of the table.
struct Row {
    name: String,
    squares: Vec<Square>,
    remote: u32,
    wide: u32,
}

/// The document.
#[derive(askama::Template)]
#[template(path = "pages/matrix/report.html")]
pub(crate) struct Report {
    f: Frame,
    t: Text,
    /// The sentences of the paper.
    p: Text,
    css: &'static str,
    /// The whole document; empty where this is it.
    whole: String,
    other: String,
    other_lang: &'static str,
    country: String,
    on: String,
    by: String,
    version: String,
    scope: String,
    reading: &'static str,
    source: String,
    ratified: String,
    heads: Vec<String>,
    rows: Vec<Row>,
    legend: Vec<(&'static str, String)>,
    map: Option<Drawing>,
    /// Title, first heading and lines: by region, by category.
    lists: Vec<(&'static str, &'static str, Vec<Figures>)>,
    missing: Vec<Missing>,
    overlaps: Vec<Shared>,
    more: String,
    ending: Vec<(String, usize, String)>,
    ending_days: u32,
    demand: Option<(String, Vec<Wanted>)>,
    stale: String,
}

/// What the document says of the deployment.
pub(crate) struct Of<'a> {
    /// Whoever makes it.
    pub by: &'a str,
    /// ISO code of the country.
    pub code: &'a str,
    /// Its name.
    pub country: &'a str,
    /// Version of the mechanism.
    pub version: &'a str,
}

impl Report {
    pub(crate) fn of(f: Frame, t: Text, view: &MatrixView, of: &Of<'_>, lang: Lang, whole: bool) -> Self {
        let p = Text(lang);
        let other = match lang {
            Lang::Fr => Lang::En,
            Lang::En => Lang::Fr,
        };
        let squares = Squares::of(p, view);
        let rows = view.lines.iter().map(|line| Row {
            name: line.category.name.clone(),
            squares: line
                .line
                .areas
                .iter()
                .map(|cell| squares.square(&line.category.code, "", cell))
                .collect(),
            remote: line.line.remote.entries,
            wide: line.line.wide.entries,
        });
        let all = view.sum.all;
        let most = view.sum.areas.iter().map(|c| c.entries).max().unwrap_or(0);
        let figures = |name: &str, cell| Figures::of(p, name, String::new(), cell, most);
        let regions = view.areas.iter().zip(&view.sum.areas);
        let regions = regions.map(|(area, cell)| figures(&area.name, cell));
        let categories = view.lines.iter();
        let categories = categories.map(|line| figures(&line.category.name, &line.line.all));
        let shown = view.overlaps.len().min(OVERLAPS);
        let stale = 100 - all.confirmed_percent().unwrap_or(100);
        Self {
            css: assets::href("matrix.css"),
            whole: if whole {
                String::new()
            } else {
                format!("/directory/report?whole=yes&lang={}{}", lang.code(), kept(view, '&'))
            },
            other: format!(
                "/directory/report?lang={}{}{}",
                other.code(),
                if whole { "&whole=yes" } else { "" },
                kept(view, '&')
            ),
            other_lang: other.code(),
            country: of.country.to_owned(),
            on: p.report_front_on(p.date(view.on)),
            by: p.report_front_by(of.by),
            version: p.report_front_version(of.version),
            scope: scope(p, view),
            reading: reading(p, view),
            source: p.report_method_source(all.entries, all.organisations),
            ratified: p.report_method_ratified(p.figure(view.ratified)),
            heads: view.areas.iter().map(|a| a.name.clone()).collect(),
            rows: rows.collect(),
            legend: legend(p, squares.most),
            map: map(p, of.code, &view.areas, &view.sum.areas),
            lists: vec![
                (p.report_regions(), p.matrix_region(), regions.collect()),
                (p.report_categories(), p.matrix_category(), categories.collect()),
            ],
            missing: view.gaps.iter().map(|g| Missing::of(p, g, view.areas.len())).collect(),
            overlaps: view.overlaps[..shown].iter().map(|o| Shared::of(p, o)).collect(),
            more: if view.overlaps_found > shown {
                p.gaps_overlaps_more(shown, view.overlaps_found)
            } else {
                String::new()
            },
            ending: ending(p, view),
            ending_days: view.ending_days,
            demand: view.demand.as_ref().map(|d| wanted(p, d, WANTED)),
            stale: if stale > 0 {
                p.report_limit_stale(stale)
            } else {
                String::new()
            },
            f,
            t,
            p,
        }
    }
}

/// The query of the document.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Said {
    /// The language of the document, where not the reader's.
    #[serde(default)]
    lang: Option<String>,
    /// The whole document, which is more than a weak line likes.
    #[serde(default)]
    whole: Option<String>,
    #[serde(default)]
    by: Option<String>,
    #[serde(default)]
    target: Option<String>,
}

/// `GET /directory/report`.
pub(crate) async fn report(
    State(app): State<AppState>,
    caller: Caller,
    Query(said): Query<Said>,
) -> Result<Response, Problem> {
    let lang = said.lang.as_deref().and_then(Lang::from_code).unwrap_or(caller.t.0);
    let asked = MatrixAsked {
        by: said.by,
        target: said.target,
        ..MatrixAsked::default()
    };
    let now = app.clock().await?;
    // The names in the document are in its language.
    let mut reader = (*caller.viewer).clone();
    reader.lang = lang;
    let view = app.acts().matrix(&reader, asked, now).await?;
    let mechanism = app.desk().mechanism();
    let by = app.desk().network().own_name(reader.organisation, lang);
    let of = Of {
        by: &by,
        code: &mechanism.country().code,
        country: mechanism.country().label.get(lang),
        version: mechanism.version(),
    };
    let t = caller.t;
    let f =
        Frame::of(&app, &caller, tab(&caller), t.report_title(), view.now).back("/directory/matrix", t.matrix_title());
    Ok(frame::ok(&Report::of(f, t, &view, &of, lang, said.whole.is_some())))
}
