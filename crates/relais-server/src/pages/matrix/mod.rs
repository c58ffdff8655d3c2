//! Who does what, where, and what is missing: the table by region or by
//! department, a category by region, what is missing, and the report.

pub(super) mod gaps;
pub(super) mod report;
pub(super) mod table;

use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use relais_acts::directory::matrix::{MatrixAsked, MatrixFormat, MatrixView, Named};
use relais_casework::calendar::local_date;
use relais_casework::visible::OFFICE;
use relais_network::matrix::{Cell, Reading};
use serde::Deserialize;

use crate::AppState;
use crate::ask::Caller;
use crate::drawing::{Drawing, SHADES, Shown, border, shade};
use crate::extract::Query;
use crate::frame::{Tab, encode, see};
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;

pub(crate) use gaps::gaps;
pub(crate) use report::report;
pub(crate) use table::{category_table, region};

/// One cell of a table.
struct Square {
    class: &'static str,
    /// Empty where nothing is to be found.
    href: String,
    text: String,
}

/// Where the numbers of a table lead, and how they are shaded.
struct Squares<'a> {
    t: Text,
    most: u32,
    view: &'a MatrixView,
}

impl<'a> Squares<'a> {
    fn of(t: Text, view: &'a MatrixView) -> Self {
        let cells = view.lines.iter().flat_map(|line| &line.line.areas);
        Self {
            t,
            most: cells.map(|c| c.entries).max().unwrap_or(0),
            view,
        }
    }

    fn square(&self, category: &str, area: &str, cell: &Cell) -> Square {
        Square {
            class: shade(cell.entries, self.most),
            href: if cell.entries == 0 {
                String::new()
            } else {
                to_cell(self.view, area, category)
            },
            text: if cell.is_only_doubtful() {
                self.t.matrix_doubt(cell.entries)
            } else {
                cell.entries.to_string()
            },
        }
    }
}

/// The way from a cell to its entries, from the page that it stands on: shorter
/// in each of two hundred cells than a whole address. All of it are codes, which
/// no attribute misreads: the template takes it as it is.
fn to_cell(view: &MatrixView, area: &str, category: &str) -> String {
    let page = if view.region.is_some() { "" } else { "matrix/" };
    format!("{page}{area}/{category}{}", kept(view, '?'))
}

/// The filters that go along with a link.
fn kept(view: &MatrixView, sign: char) -> String {
    let mut query = String::new();
    let mut add = |name: &str, value: &str| {
        query.push(if query.is_empty() { sign } else { '&' });
        query.push_str(name);
        query.push('=');
        query.push_str(value);
    };
    if view.by != Reading::Served {
        add("by", view.by.code());
    }
    if let Some(target) = &view.target {
        add("target", &target.code);
    }
    query
}

/// The map of the regions by the number of entries in each, with how they are
/// shaded: none where they are not regions, or the country is not drawn.
fn map(t: Text, country: &str, areas: &[Named], cells: &[Cell]) -> Option<Drawing> {
    let most = cells.iter().map(|c| c.entries).max().unwrap_or(0);
    let shown = |code: &str| {
        let at = areas.iter().position(|a| a.code == code)?;
        let (area, cell) = (&areas[at], cells.get(at)?);
        Some(Shown {
            class: shade(cell.entries, most),
            sign: cell.entries.to_string(),
            title: t.matrix_map_region(&area.name, cell.entries),
        })
    };
    Drawing::of_regions(
        country,
        t.matrix_map_title().to_owned(),
        t.matrix_map_about().to_owned(),
        shown,
    )
}

/// The shades with what each means; none where all are one.
fn legend(t: Text, most: u32) -> Vec<(&'static str, String)> {
    let mut steps = vec![(SHADES[0], t.matrix_legend_none().to_owned())];
    let mut from = 1;
    for (step, class) in (1u8..).zip(&SHADES[1..]) {
        let to = if step == 4 { most } else { border(step, most) };
        if to >= from {
            let text = if to == from {
                to.to_string()
            } else {
                t.matrix_legend_step(from, to)
            };
            steps.push((class, text));
            from = to + 1;
        }
    }
    steps
}

/// A line of figures.
struct Figures {
    name: String,
    href: String,
    class: &'static str,
    entries: String,
    organisations: u32,
    confirmed: String,
    per_month: String,
    free: String,
}

impl Figures {
    fn of(t: Text, name: &str, href: String, cell: &Cell, most: u32) -> Self {
        let said = |n: u64, said: u32| if said == 0 { "–".to_owned() } else { n.to_string() };
        Self {
            name: name.to_owned(),
            href: if cell.entries == 0 { String::new() } else { href },
            class: shade(cell.entries, most),
            entries: if cell.is_only_doubtful() {
                t.matrix_doubt(cell.entries)
            } else {
                cell.entries.to_string()
            },
            organisations: cell.organisations,
            confirmed: cell
                .confirmed_percent()
                .map_or_else(|| "–".to_owned(), |n| t.matrix_percent(n)),
            per_month: said(cell.per_month, cell.per_month_said),
            free: said(cell.free, cell.free_said),
        }
    }
}

impl Text {
    /// The headings of a line of figures.
    fn figures_head(self) -> [&'static str; 5] {
        [
            self.matrix_entries(),
            self.matrix_organisations(),
            self.matrix_confirmed(),
            self.matrix_per_month(),
            self.matrix_free(),
        ]
    }
}

/// Which list of the navigation leads here.
fn tab(caller: &Caller) -> Tab {
    if OFFICE.iter().any(|role| caller.viewer.is(*role)) {
        Tab::Coordination
    } else {
        Tab::Services
    }
}

/// What the page says of the day, the group and the dimension.
fn scope(t: Text, view: &MatrixView) -> String {
    let mut said = vec![t.matrix_on(t.date(view.on))];
    said.extend(view.target.as_ref().map(|g| t.matrix_for_target(&g.name)));
    said.extend(view.dimension.as_ref().map(|d| t.matrix_of_dimension(&d.name)));
    said.join(" · ")
}

/// By what entries are laid to areas, in words.
fn reading(t: Text, view: &MatrixView) -> &'static str {
    match (view.by, view.region.is_some()) {
        (Reading::Place, _) => t.matrix_place(),
        (Reading::Served, false) => t.matrix_served(),
        (Reading::Served, true) => t.matrix_served_region(),
    }
}

/// `GET /directory/matrix/{region}/{category}`: the entries of a cell. The
/// search is asked by the area's name where entries are laid to what they serve,
/// since then whoever does not serve it is left out.
pub(crate) async fn cell(
    State(app): State<AppState>,
    Path((area, category)): Path<(String, String)>,
    Query(asked): Query<MatrixAsked>,
) -> Result<Response, Problem> {
    let mechanism = app.desk().mechanism();
    let nowhere = || Problem::new(ProblemKind::NotFound);
    let place = mechanism.place(&area).ok_or_else(nowhere)?;
    mechanism.category(&category).ok_or_else(nowhere)?;
    let network = app.desk().network();
    let by_name = network
        .area_named(&place.name.fr)
        .is_some_and(|known| known.code == area);
    let served = asked.by.as_deref() != Some(Reading::Place.code());
    let mut href = if served && by_name {
        format!("/services?category={category}&place={}", encode(&place.name.fr))
    } else {
        format!("/services?category={category}&region={area}")
    };
    if let Some(target) = asked.target.as_deref().filter(|t| !t.is_empty()) {
        href.push_str("&target=");
        href.push_str(&encode(target));
    }
    Ok(see(&href))
}

/// What of the matrix is asked for as a file.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    /// Format.
    #[serde(rename = "as")]
    format: Option<String>,
    by: Option<String>,
    target: Option<String>,
    dimension: Option<String>,
}

/// `GET /directory/matrix/export`.
pub(crate) async fn export(
    State(app): State<AppState>,
    caller: Caller,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let format = MatrixFormat::from_code(wanted.format.as_deref().unwrap_or(MatrixFormat::Xlsx.code()))
        .ok_or_else(|| Problem::new(ProblemKind::MalformedQuery))?;
    let on = local_date(app.clock().await?);
    let asked = MatrixAsked {
        by: wanted.by,
        target: wanted.target,
        dimension: wanted.dimension,
        ..MatrixAsked::default()
    };
    let file = relais_acts::directory::matrix::export(app.desk(), &caller.viewer, &asked, format, on)?;
    let name = format!("attachment; filename=\"{}\"", file.name);
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.media_type())),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("attachment")),
        ),
    ];
    Ok((headers, file.bytes).into_response())
}
