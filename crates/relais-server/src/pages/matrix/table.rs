//! The table: categories by region, by the departments of one region, or one
//! category by region.

use axum::extract::{Path, State};
use axum::response::Response;
use relais_acts::directory::matrix::{self, CategoryLine, MatrixAsked, MatrixView, Named};
use relais_network::matrix::{Cell, Line, Reading};

use super::{Figures, Square, Squares, kept, legend, map, reading, scope, tab, to_cell};
use crate::AppState;
use crate::ask::Caller;
use crate::assets;
use crate::drawing::Drawing;
use crate::extract::Query;
use crate::frame::{self, Frame};
use crate::parts::{Choice, Control, Field};
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;

/// One line of the table.
struct Row {
    name: String,
    href: String,
    squares: Vec<Square>,
    remote: u32,
    wide: u32,
    all: u32,
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/matrix/table.html")]
pub(crate) struct Table {
    f: Frame,
    t: Text,
    css: &'static str,
    title: String,
    scope: String,
    reading: &'static str,
    /// Where the filters lead.
    action: String,
    fields: Vec<Field>,
    refined: bool,
    /// Empty: the directory has no entry.
    any: bool,
    /// The departments of a region, not regions.
    departments: bool,
    /// One category, by region.
    one: bool,
    /// Name and address of each column.
    heads: Vec<(String, String)>,
    rows: Vec<Row>,
    sum: Option<Row>,
    figures: Vec<Figures>,
    legend: Vec<(&'static str, String)>,
    map: Option<Drawing>,
    /// What is missing here.
    gaps: String,
    /// All categories together, on the map; empty where that is this page.
    together: String,
    /// The filters, for links that have a query already.
    along: String,
    query: String,
}

/// What the page is called.
fn title(t: Text, view: &MatrixView) -> String {
    match (&view.region, &view.category) {
        (Some(region), _) => t.matrix_title_region(&region.name),
        (None, Some(category)) => t.matrix_title_category(&category.name),
        (None, None) if view.together => t.matrix_title_together().to_owned(),
        (None, None) => t.matrix_title().to_owned(),
    }
}

/// A list to choose one of.
fn choose(t: Text, name: &str, label: &str, all: &[Named], chosen: Option<&Named>) -> Field {
    let choices = all.iter().map(|c| Choice {
        value: c.code.clone(),
        label: c.name.clone(),
        chosen: chosen == Some(c),
    });
    Field::line(t, name, label).with(Control::List(choices.collect()))
}

fn fields(t: Text, view: &MatrixView) -> Vec<Field> {
    let readings = [
        (Reading::Served, t.matrix_by_served()),
        (Reading::Place, t.matrix_by_place()),
    ];
    let readings = readings.map(|(by, label)| Choice {
        value: by.code().to_owned(),
        label: label.to_owned(),
        chosen: view.by == by,
    });
    let mut fields = vec![choose(
        t,
        "target",
        t.matrix_target(),
        &view.targets,
        view.target.as_ref(),
    )];
    if view.category.is_none() {
        let dimension = view.dimension.as_ref();
        fields.push(choose(
            t,
            "dimension",
            t.matrix_dimension(),
            &view.dimensions,
            dimension,
        ));
    }
    fields.push(Field::line(t, "by", t.matrix_by()).with(Control::One(readings.into())));
    fields
}

impl Table {
    pub(crate) fn of(f: Frame, t: Text, view: &MatrixView, country: &str) -> Self {
        let squares = Squares::of(t, view);
        let (departments, one) = (view.region.is_some(), view.category.is_some() || view.together);
        let row = |name: &str, href: String, squares: Vec<Square>, line: &Line| Row {
            name: name.to_owned(),
            href,
            squares,
            remote: line.remote.entries,
            wide: line.wide.entries,
            all: line.all.entries,
        };
        let rows = view.lines.iter().map(|line| {
            let code = &line.category.code;
            let areas = view.areas.iter().zip(&line.line.areas);
            let cells = areas.map(|(area, cell)| squares.square(code, &area.code, cell));
            let href = format!("/directory/matrix?category={code}{}", kept(view, '&'));
            row(&line.category.name, href, cells.collect(), &line.line)
        });
        let plain = |n: u32| Square {
            class: "",
            href: String::new(),
            text: n.to_string(),
        };
        let together = format!("/directory/matrix?category=all{}", kept(view, '&'));
        let sum = row(
            t.matrix_all(),
            together.clone(),
            view.sum.areas.iter().map(|c| plain(c.entries)).collect(),
            &view.sum,
        );
        let title = title(t, view);
        let (along, query) = (kept(view, '&'), kept(view, '?'));
        let gaps = match &view.region {
            Some(region) => format!("/directory/gaps?region={}{along}", region.code),
            None => format!("/directory/gaps{query}"),
        };
        Self {
            css: assets::href("matrix.css"),
            scope: scope(t, view),
            reading: reading(t, view),
            action: match &view.region {
                Some(region) => format!("/directory/matrix/{}", region.code),
                None => "/directory/matrix".to_owned(),
            },
            fields: fields(t, view),
            refined: view.target.is_some() || view.dimension.is_some() || view.by == Reading::Place,
            any: view.sum.all.entries > 0,
            departments,
            one,
            heads: view
                .areas
                .iter()
                .map(|area| {
                    let href = if departments {
                        String::new()
                    } else {
                        format!("/directory/matrix/{}{query}", area.code)
                    };
                    (area.name.clone(), href)
                })
                .collect(),
            rows: if one { Vec::new() } else { rows.collect() },
            sum: (view.lines.len() > 1).then_some(sum),
            figures: figures(t, view),
            legend: legend(
                t,
                if one {
                    view.sum.areas.iter().map(|c| c.entries).max().unwrap_or(0)
                } else {
                    squares.most
                },
            ),
            map: if one && !departments {
                map(t, country, &view.areas, &view.sum.areas)
            } else {
                None
            },
            title,
            gaps,
            together: if one || departments { String::new() } else { together },
            along,
            query,
            f,
            t,
        }
    }
}

/// What the entries say: of a region by category; of one category, or of all
/// together, by region.
fn figures(t: Text, view: &MatrixView) -> Vec<Figures> {
    let most = |cells: &mut dyn Iterator<Item = &Cell>| cells.map(|c| c.entries).max().unwrap_or(0);
    if let Some(region) = &view.region {
        let most = most(&mut view.lines.iter().map(|l| &l.line.here));
        let of = |line: &CategoryLine| {
            let href = to_cell(view, &region.code, &line.category.code);
            Figures::of(t, &line.category.name, href, &line.line.here, most)
        };
        return view.lines.iter().map(of).collect();
    }
    if view.category.is_none() && !view.together {
        return Vec::new();
    }
    // Of one category the sum is its own line.
    let line = &view.sum;
    let most = most(&mut line.areas.iter());
    let of = |(area, cell): (&Named, _)| {
        let href = match &view.category {
            Some(category) => to_cell(view, &area.code, &category.code),
            None => format!("/directory/matrix/{}{}", area.code, kept(view, '?')),
        };
        Figures::of(t, &area.name, href, cell, most)
    };
    let beside = [(t.matrix_wide(), line.wide), (t.matrix_remote(), line.remote)];
    let beside = beside.map(|(name, cell)| Figures::of(t, name, String::new(), &cell, 0));
    view.areas.iter().zip(&line.areas).map(of).chain(beside).collect()
}

fn shown(app: &AppState, caller: &Caller, view: &MatrixView) -> Response {
    let t = caller.t;
    let country = app.desk().mechanism().country().code.clone();
    let mut f = Frame::of(app, caller, tab(caller), title(t, view), view.now);
    if view.region.is_some() || view.category.is_some() || view.together {
        f = f.back(format!("/directory/matrix{}", kept(view, '?')), t.matrix_title());
    }
    frame::ok(&Table::of(f, t, view, &country))
}

async fn answer(app: &AppState, caller: &Caller, asked: &MatrixAsked) -> Result<Response, Problem> {
    let now = app.clock().await?;
    let view = matrix::view(app.desk(), caller.viewer.lang, asked, now)?;
    Ok(shown(app, caller, &view))
}

/// `GET /directory/matrix`.
pub(crate) async fn category_table(
    State(app): State<AppState>,
    caller: Caller,
    Query(asked): Query<MatrixAsked>,
) -> Result<Response, Problem> {
    answer(&app, &caller, &asked).await
}

/// `GET /directory/matrix/{region}`.
pub(crate) async fn region(
    State(app): State<AppState>,
    caller: Caller,
    Path(region): Path<String>,
    Query(asked): Query<MatrixAsked>,
) -> Result<Response, Problem> {
    if region.is_empty() {
        return Err(Problem::new(ProblemKind::NotFound));
    }
    let asked = MatrixAsked {
        region: Some(region),
        category: None,
        ..asked
    };
    answer(&app, &caller, &asked).await
}
