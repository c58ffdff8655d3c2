//! The list of an arrival: sent, looked at, corrected, made into the queue.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use relais_acts::groups::{GroupKind, ListView, MakeGroup, MakeQueue};
use relais_acts::problem::{ActError, FieldProblem};
use relais_interchange::ReadAs;
use relais_interchange::manifest::Column;
use relais_mechanism::answers::parse_date;
use relais_network::GroupId;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Typed, pairs};
use crate::forms::{elsewhere, error_of};
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Choice, Control, Field, Summary};
use crate::problem::{Problem, set};
use crate::text::Text;
use crate::text::both;
use crate::upload::{self, Upload};

/// Columns of a file that are offered by name; beyond, by letter alone.
const NAMED: usize = 16;
/// Columns of a file that are offered at all: a page has its budget, and no list has its names further right.
const OFFERED: usize = 40;

/// The letter of a column, as spreadsheets write it: A, B … Z, AA.
fn letter(column: usize) -> String {
    let last = char::from(b'A' + u8::try_from(column % 26).unwrap_or(0));
    match column / 26 {
        0 => last.to_string(),
        more => format!("{}{last}", letter(more - 1)),
    }
}

/// The form that prepares an arrival.
#[derive(askama::Template)]
#[template(path = "pages/group_new.html")]
pub(super) struct New {
    f: Frame,
    t: Text,
    id: Uuid,
    fields: Vec<Field>,
    file_error: Option<String>,
    summary: Option<Summary>,
}

impl New {
    pub(super) fn of(
        app: &AppState,
        caller: &Caller,
        id: Uuid,
        typed: &Typed,
        wrong: &[FieldProblem],
        now: DateTime<Utc>,
    ) -> Self {
        let t = caller.t;
        let choice = |value: &str, label: &str, chosen: &str| Choice {
            value: value.to_owned(),
            label: label.to_owned(),
            chosen: value == chosen,
        };
        let kinds = [
            ("flight", t.group_flight()),
            ("bus", t.group_bus()),
            ("boat", t.group_boat()),
            ("other", t.group_other()),
        ]
        .into_iter()
        .map(|(code, label)| choice(code, label, typed.one("kind")))
        .collect();
        let mechanism = app.desk().mechanism();
        let places = mechanism
            .entry_points()
            .iter()
            .map(|e| choice(&e.code, &set(e.label.get(t.0), t.0), typed.one("entry_point")))
            .collect();
        let today = t.day_of(now);
        let on = if typed.0.contains_key("on") {
            typed.one("on").to_owned()
        } else {
            today
        };
        let mut fields = vec![
            Field::line(t, "kind", t.group_kind()).with(Control::One(kinds)),
            Field::line(t, "label", t.group_label())
                .hint(t.group_label_hint())
                .optional()
                .max(40)
                .value(typed.one("label")),
            Field::line(t, "entry_point", t.group_where()).with(Control::List(places)),
            Field::line(t, "on", t.group_on())
                .hint(t.form_hint_date())
                .max(10)
                .with(Control::Line {
                    kind: "text",
                    mode: "",
                    size: "w10",
                })
                .value(on),
        ];
        for field in &mut fields {
            field.error = error_of(wrong, &field.name, t.0);
        }
        let mut file_error = error_of(wrong, "list", t.0);
        let mut summary = Summary::of(t, &fields);
        if let Some(error) = &file_error {
            summary
                .get_or_insert_with(|| Summary {
                    t,
                    mistakes: Vec::new(),
                })
                .mistakes
                .push(("list".to_owned(), error.clone()));
        } else if !wrong.is_empty() {
            file_error = Some(t.group_file_again().to_owned());
        }
        let mut f = Frame::of(app, caller, Tab::New, t.group_new(), now).back("/groups", t.group_title());
        if summary.is_some() {
            f = f.with_error();
        }
        Self {
            f,
            t,
            id,
            fields,
            file_error,
            summary,
        }
    }
}

/// `GET /groups/new`.
pub(crate) async fn new(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    let now = app.now().await?;
    let page = New::of(&app, &caller, ids::new_v7(now), &Typed::default(), &[], now);
    Ok(frame::ok(&page))
}

/// `POST /groups/new`.
pub(crate) async fn make(State(app): State<AppState>, caller: Caller, form: Upload) -> Result<Response, Problem> {
    let typed = form.typed;
    let id = typed.id()?;
    let mut wrong = Vec::new();
    let required = |field: &str, sentence: fn(Text) -> &'static str| FieldProblem {
        field: field.to_owned(),
        code: "required".to_owned(),
        message: both(sentence),
    };
    let kind = GroupKind::from_code(typed.one("kind"));
    if kind.is_none() {
        wrong.push(required("kind", Text::group_choose_kind));
    }
    let on = parse_date(typed.one("on"));
    if on.is_none() {
        wrong.push(required("on", Text::form_no_date));
    }
    let list = match form.file {
        None => None,
        Some(file) => match upload::list(file).await? {
            Ok(grid) => Some(grid),
            Err(ActError::Invalid(fields)) => {
                wrong.extend(fields);
                None
            }
            Err(other) => return Err(other.into()),
        },
    };
    let made = match (kind, on) {
        (Some(kind), Some(on)) if wrong.is_empty() => {
            let command = MakeGroup {
                id,
                kind,
                label: typed.one("label").to_owned(),
                entry_point: typed.one("entry_point").to_owned(),
                on,
            };
            app.acts().make_group(&caller.viewer, command, list).await
        }
        _ => Err(ActError::Invalid(wrong)),
    };
    match made {
        Ok(made) => Ok(see(&format!("/groups/{}/list", made.id))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let now = app.now().await?;
            let mut page = New::of(&app, &caller, id, &typed, &back.wrong, now);
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}

/// One column of the form, and where it stands in the file.
struct Asked {
    name: &'static str,
    label: &'static str,
    options: Vec<(usize, String, bool)>,
}

/// One problem of the list.
struct Told {
    at: String,
    what: String,
}

/// The list, to be checked.
#[derive(askama::Template)]
#[template(path = "pages/group_list.html")]
pub(super) struct List {
    f: Frame,
    t: Text,
    base: String,
    id: Uuid,
    version: i64,
    title: String,
    read_as: Option<&'static str>,
    headers: Vec<(usize, String, bool)>,
    asked: Vec<Asked>,
    found: String,
    sample: Vec<Vec<String>>,
    sample_heads: Vec<&'static str>,
    problems: Vec<Told>,
    problem_count: usize,
    more: bool,
    file_error: Option<String>,
    summary: Option<Summary>,
}

fn column_label(t: Text, column: Column) -> &'static str {
    match column {
        Column::Name => t.group_column_name(),
        Column::Given => t.group_column_given(),
        Column::Sex => t.group_column_sex(),
        Column::Age => t.group_column_age(),
        Column::Birth => t.group_column_birth(),
        Column::Telephone => t.group_column_telephone(),
        Column::Language => t.group_column_language(),
        Column::Destination => t.group_column_destination(),
        Column::Family => t.group_column_family(),
    }
}

impl List {
    pub(super) fn of(f: Frame, t: Text, view: &ListView, id: Uuid, wrong: &[FieldProblem]) -> Self {
        let option = |n: usize| match view.columns.get(n) {
            Some(head) if !head.is_empty() && view.columns.len() <= NAMED => format!("{} · {head}", letter(n)),
            _ => letter(n),
        };
        let asked = Column::ALL
            .iter()
            .map(|column| Asked {
                name: column.code(),
                label: column_label(t, *column),
                options: (0..view.columns.len().min(OFFERED))
                    .map(|n| (n, option(n), view.mapping.get(column) == Some(&n)))
                    .collect(),
            })
            .collect();
        let cell = |value: &str| {
            if value.is_empty() {
                "–".to_owned()
            } else {
                value.to_owned()
            }
        };
        let fields: Vec<Field> = Vec::new();
        let rest = elsewhere(wrong, &fields, t.0);
        let summary = (!rest.is_empty()).then(|| Summary {
            t,
            mistakes: rest
                .into_iter()
                .zip(wrong)
                .map(|((_, sentence), problem)| {
                    let anchor = if problem.field == "list" { "list" } else { "c-name" };
                    (anchor.to_owned(), sentence)
                })
                .collect(),
        });
        Self {
            base: format!("/groups/{}", view.group.id),
            id,
            version: view.group.version,
            title: t.group_called(&view.group),
            read_as: view.read_as.map(|read_as| match read_as {
                ReadAs::Utf8 => t.group_read_utf8(),
                ReadAs::Utf16 => t.group_read_utf16(),
                ReadAs::Windows1252 => t.group_read_windows(),
                ReadAs::Xlsx => t.group_read_xlsx(),
            }),
            headers: view
                .headers
                .iter()
                .map(|(line, cells)| (*line, t.group_header_line(line, cells), *line == view.header))
                .collect(),
            asked,
            found: t.group_found(view.persons, view.families, view.left_out),
            sample: view
                .sample
                .iter()
                .map(|p| {
                    vec![
                        cell(&p.name),
                        cell(p.sex.as_deref().unwrap_or_default()),
                        p.age.map_or_else(|| "–".to_owned(), |a| a.to_string()),
                        cell(&p.telephone),
                        cell(&p.destination),
                        p.family.map_or_else(|| "–".to_owned(), |n| n.to_string()),
                    ]
                })
                .collect(),
            sample_heads: vec![
                t.group_column_name(),
                t.group_column_sex(),
                t.group_column_age(),
                t.group_column_telephone(),
                t.group_column_destination(),
                t.group_row_family(),
            ],
            problems: view
                .problems
                .iter()
                .map(|p| Told {
                    at: match p.column {
                        Some(column) => t.group_problem_at(p.line, letter(column)),
                        None => t.group_problem_line(p.line),
                    },
                    what: set(&p.message, t.0),
                })
                .collect(),
            problem_count: view.problem_count,
            more: view.problem_count > view.problems.len(),
            file_error: error_of(wrong, "list", t.0),
            summary,
            f: f.back("/groups", t.group_title()),
            t,
        }
    }
}

/// What the form says of the columns: the line of the header, and for each
/// column of the form the place in the file.
fn chosen(typed: &Typed) -> (Option<usize>, Option<BTreeMap<Column, usize>>) {
    let header = typed.one("header").parse().ok();
    let columns: BTreeMap<Column, usize> = Column::ALL
        .iter()
        .filter_map(|column| Some((*column, typed.one(column.code()).parse().ok()?)))
        .collect();
    // The columns were asked when their fields came along, filled or not.
    let asked = typed.0.contains_key(Column::Name.code());
    (header, asked.then_some(columns))
}

async fn page(
    app: &AppState,
    caller: &Caller,
    group: Uuid,
    typed: &Typed,
    back: Option<CameBack>,
) -> Result<Response, Problem> {
    let t = caller.t;
    let (header, columns) = chosen(typed);
    let view = app
        .acts()
        .group_list(&caller.viewer, GroupId(group), header, columns)
        .await?;
    if view.group.state != "draft" {
        return Ok(see(&format!("/groups/{group}")));
    }
    let now = app.now().await?;
    let f = Frame::of(app, caller, Tab::New, t.group_look(), now);
    let wrong = back.as_ref().map(|b| b.wrong.clone()).unwrap_or_default();
    let id = typed.id().unwrap_or_else(|_| ids::new_v7(now));
    let mut page = List::of(f, t, &view, id, &wrong);
    let status = match back {
        Some(back) => back.onto(&mut page.f),
        None => axum::http::StatusCode::OK,
    };
    Ok(frame::html(status, &page))
}

/// `GET /groups/{id}/list`: with the columns as the query says, or guessed.
pub(crate) async fn look(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    axum::extract::RawQuery(query): axum::extract::RawQuery,
) -> Result<Response, Problem> {
    let mut typed = Typed(pairs(query.unwrap_or_default().as_bytes()));
    // Every look has its own id: making the queue from another look is another request.
    typed.0.remove("id");
    page(&app, &caller, id, &typed, None).await
}

/// `POST /groups/{id}/list`: another file.
pub(crate) async fn upload(
    State(app): State<AppState>,
    caller: Caller,
    Id(group): Id,
    form: Upload,
) -> Result<Response, Problem> {
    // What is not for this caller is answered before any file is read.
    app.acts()
        .group_list(&caller.viewer, GroupId(group), None, None)
        .await?;
    let id = form.typed.id()?;
    let list = match form.file {
        None => Err(ActError::Invalid(vec![FieldProblem {
            field: "list".to_owned(),
            code: "required".to_owned(),
            message: both(Text::group_no_file),
        }])),
        Some(file) => upload::list(file).await?,
    };
    let done = match list {
        Ok(list) => app.acts().upload_list(&caller.viewer, GroupId(group), id, list).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(_) => Ok(see(&format!("/groups/{group}/list"))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            page(&app, &caller, group, &Typed::default(), Some(back)).await
        }
    }
}

/// `POST /groups/{id}/queue`.
pub(crate) async fn queue(
    State(app): State<AppState>,
    caller: Caller,
    Id(group): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let (header, columns) = chosen(&typed);
    let command = MakeQueue {
        id: typed.id()?,
        version: typed.version()?,
        header: header.unwrap_or(0),
        columns: columns.unwrap_or_default(),
    };
    match app.acts().make_queue(&caller.viewer, GroupId(group), command).await {
        Ok(_) => Ok(see(&format!("/groups/{group}?done=queue"))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            typed.0.remove("id");
            page(&app, &caller, group, &typed, Some(back)).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_a_spreadsheets_letters() {
        for (column, expected) in [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ")] {
            assert_eq!(letter(column), expected);
        }
    }

    #[test]
    fn what_was_not_asked_is_guessed() {
        let typed = |query: &str| Typed(pairs(query.as_bytes()));
        assert_eq!(chosen(&typed("")), (None, None));
        let (header, columns) = chosen(&typed("header=3&name=&given=1&sex=x"));
        assert_eq!((header, columns), (Some(3), Some(BTreeMap::from([(Column::Given, 1)]))));
    }
}
