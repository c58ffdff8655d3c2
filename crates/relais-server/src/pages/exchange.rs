//! The directory carried out and in, by the mechanism's office: a file in four
//! formats; a file looked at, carried out, undone.

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use relais_acts::directory::imports::{self, Brings, ImportLine, ImportState, ImportsView, PreviewView, Undone};
use relais_acts::directory::{self, Export, Exported, Format};
use relais_acts::problem::{ActError, FieldProblem};
use relais_acts::{Desk, Viewer};
use relais_casework::calendar::local_date;
use relais_interchange::directory::plan::Figures;
use relais_store::ids;
use serde::Deserialize;
use std::sync::Arc;
use uuid::Uuid;

use super::came_back::CameBack;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Query, Typed};
use crate::forms::error_of;
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Choice, Control, Field, Notice, Summary};
use crate::problem::{Problem, ProblemKind};
use crate::text::{Text, both};
use crate::upload::{self, Upload};

/// One import of the list.
struct Line {
    id: Uuid,
    when: String,
    source: String,
    created: u64,
    updated: u64,
    rejected: u64,
    state: &'static str,
    may_undo: bool,
}

impl Line {
    fn of(t: Text, import: &ImportLine) -> Self {
        let state = ImportState::from_code(&import.state).unwrap_or(ImportState::Running);
        Self {
            id: import.id,
            when: t.moment(import.at),
            source: import.source.clone(),
            created: import.created,
            updated: import.updated,
            rejected: import.rejected,
            state: match state {
                ImportState::Previewed | ImportState::Running => t.exchange_running(),
                ImportState::Done => t.exchange_done(),
                ImportState::Undone => t.exchange_undone(),
                ImportState::PartlyUndone => t.exchange_partly(),
            },
            may_undo: state != ImportState::Undone,
        }
    }
}

/// The page of exports and imports.
#[derive(askama::Template)]
#[template(path = "pages/exchange.html")]
pub(super) struct Page {
    f: Frame,
    t: Text,
    id: Uuid,
    national: bool,
    export: Vec<Field>,
    import: Vec<Field>,
    file_error: Option<String>,
    summary: Option<Summary>,
    imports: Vec<Line>,
    /// Entries that an undoing left: name and reason.
    kept: Vec<(String, String)>,
}

fn choice(value: &str, label: &str, chosen: &str) -> Choice {
    Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        chosen: value == chosen,
    }
}

impl Page {
    pub(super) fn of(
        mut f: Frame,
        t: Text,
        view: &ImportsView,
        id: Uuid,
        typed: &Typed,
        wrong: &[FieldProblem],
    ) -> Self {
        let formats = [
            (Format::Xlsx, t.exchange_xlsx()),
            (Format::Csv, t.exchange_csv()),
            (Format::GeoJson, t.exchange_geojson()),
            (Format::Hsds, t.exchange_hsds()),
        ];
        let formats = formats
            .iter()
            .map(|(f, label)| choice(f.code(), label, Format::Xlsx.code()))
            .collect();
        let mut regions = vec![choice("", t.exchange_all(), "")];
        regions.extend(view.regions.iter().map(|(code, name)| choice(code, name, "")));
        let export = vec![
            Field::line(t, "as", t.exchange_format()).with(Control::One(formats)),
            Field::line(t, "region", t.exchange_region()).with(Control::List(regions)),
        ];
        let mut kept = vec![choice("", t.exchange_mapping_own(), typed.one("mapping"))];
        kept.extend(
            view.mappings
                .iter()
                .map(|name| choice(name, name, typed.one("mapping"))),
        );
        let mut import = Vec::new();
        if kept.len() > 1 {
            let mut field = Field::line(t, "mapping", t.exchange_mapping())
                .hint(t.exchange_mapping_hint())
                .with(Control::List(kept));
            field.error = error_of(wrong, "mapping", t.0);
            import.push(field);
        }
        let file_error = error_of(wrong, "file", t.0);
        let mut summary = Summary::of(t, &import);
        if let Some(error) = &file_error {
            let nothing = || Summary {
                t,
                mistakes: Vec::new(),
            };
            let all = summary.get_or_insert_with(nothing);
            all.mistakes.push(("file".to_owned(), error.clone()));
        }
        if summary.is_some() {
            f = f.with_error();
        }
        let undone = view.undone.as_ref();
        Self {
            f,
            t,
            id,
            national: view.national,
            export,
            import,
            file_error,
            summary,
            imports: view.imports.iter().map(|i| Line::of(t, i)).collect(),
            kept: undone
                .iter()
                .flat_map(|u| &u.kept)
                .map(|k| (imports::shown_name(&k.name, t.0), k.why.get(t.0).to_owned()))
                .collect(),
        }
    }
}

/// A wrong line.
struct Wrong {
    line: usize,
    column: String,
    value: String,
    what: String,
}

/// What a file would change.
#[derive(askama::Template)]
#[template(path = "pages/exchange_look.html")]
pub(super) struct Look {
    f: Frame,
    t: Text,
    id: Uuid,
    figures: Figures,
    nothing: bool,
    left_out: String,
    wrong: Vec<Wrong>,
    more: Option<String>,
}

impl Look {
    pub(super) fn of(f: Frame, t: Text, view: &PreviewView) -> Self {
        let wrong = view.wrong.iter().flat_map(|row| {
            row.problems.iter().map(|p| Wrong {
                line: row.line,
                column: p.column.clone(),
                value: p.value.clone(),
                what: p.remedy.get(t.0).to_owned(),
            })
        });
        Self {
            f,
            t,
            id: view.id,
            figures: view.figures,
            nothing: view.figures.created + view.figures.updated == 0,
            left_out: if view.left_out.is_empty() {
                String::new()
            } else {
                t.exchange_left_out(view.left_out.join(", "))
            },
            wrong: wrong.collect(),
            more: (view.more > 0).then(|| t.exchange_more(view.more)),
        }
    }
}

/// Does work that blocks, few at a time, apart from the requests' own threads.
pub(crate) async fn apart<T: Send + 'static>(
    app: &AppState,
    caller: &Caller,
    work: impl FnOnce(&Arc<Desk>, &Viewer) -> Result<T, ActError> + Send + 'static,
) -> Result<Result<T, ActError>, Problem> {
    let _turn = upload::turn().await?;
    let (desk, viewer) = (Arc::clone(app.desk()), Arc::clone(&caller.viewer));
    tokio::task::spawn_blocking(move || work(&desk, &viewer))
        .await
        .map_err(|_| Problem::new(ProblemKind::Internal))
}

/// The query of the page.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Said {
    /// An import was just carried out.
    #[serde(default)]
    done: Option<String>,
}

fn frame_of(app: &AppState, caller: &Caller, view: &ImportsView) -> Frame {
    let t = caller.t;
    Frame::of(app, caller, Tab::Coordination, t.exchange_title(), view.now)
        .back("/coordination", t.coordination_title())
}

/// `GET /directory/exchange`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Query(said): Query<Said>,
) -> Result<Response, Problem> {
    let view = app.acts().imports(&caller.viewer).await?;
    let t = caller.t;
    let done = |_| Notice::done(t.exchange_said_done(), t.exchange_said_done_text());
    let f = frame_of(&app, &caller, &view).notice(said.done.map(done));
    let id = ids::new_v7(view.now);
    Ok(frame::ok(&Page::of(f, t, &view, id, &Typed::default(), &[])))
}

/// What of the directory is asked for.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    /// Format.
    #[serde(rename = "as")]
    format: Option<String>,
    /// Region; empty for all that the viewer sees.
    region: Option<String>,
}

/// A file as an answer: to be kept, never shown.
fn download(file: Exported, format: Format) -> Response {
    let name = format!("attachment; filename=\"{}\"", file.name);
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.media_type())),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("attachment")),
        ),
    ];
    (headers, file.bytes).into_response()
}

/// `GET /directory/export`.
pub(crate) async fn export(
    State(app): State<AppState>,
    caller: Caller,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let format = Format::from_code(wanted.format.as_deref().unwrap_or(Format::Xlsx.code()))
        .ok_or_else(|| Problem::new(ProblemKind::MalformedQuery))?;
    let on = local_date(app.clock().await?);
    let asked = Export {
        format,
        lang: caller.t.0,
        region: wanted.region.filter(|r| !r.is_empty()),
    };
    let file = apart(&app, &caller, move |desk, viewer| {
        directory::export(desk, viewer, &asked, on)
    });
    Ok(download(file.await??, format))
}

/// `POST /directory/import`.
pub(crate) async fn preview(State(app): State<AppState>, caller: Caller, form: Upload) -> Result<Response, Problem> {
    let typed = form.typed;
    let id = typed.id()?;
    let looked = match form.file {
        None => Err(ActError::Invalid(vec![FieldProblem {
            field: "file".to_owned(),
            code: "required".to_owned(),
            message: both(Text::exchange_no_file),
        }])),
        Some(file) => {
            let brings = Brings {
                id,
                bytes: file.to_vec(),
                mapping: typed.one("mapping").to_owned(),
            };
            apart(&app, &caller, move |desk, viewer| {
                imports::preview(desk, viewer, &brings)
            })
            .await?
        }
    };
    match looked {
        Ok(()) => Ok(see(&format!("/directory/import?import={id}"))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let view = app.acts().imports(&caller.viewer).await?;
            let f = frame_of(&app, &caller, &view);
            let id = ids::new_v7(view.now);
            let mut page = Page::of(f, caller.t, &view, id, &typed, &back.wrong);
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}

/// Which import is looked at.
#[derive(Debug, Deserialize)]
pub(crate) struct Which {
    import: Option<Uuid>,
}

/// `GET /directory/import`.
pub(crate) async fn look(
    State(app): State<AppState>,
    caller: Caller,
    Query(which): Query<Which>,
) -> Result<Response, Problem> {
    let Some(import) = which.import else {
        return Ok(see("/directory/exchange"));
    };
    let view = apart(&app, &caller, move |desk, viewer| {
        imports::previewed(desk, viewer, import)
    });
    let view = match view.await? {
        // Carried out already, or a day old.
        Err(ActError::NotFound) => return Ok(see("/directory/exchange")),
        other => other?,
    };
    let t = caller.t;
    let f = Frame::of(&app, &caller, Tab::Coordination, t.exchange_preview(), view.now)
        .back("/directory/exchange", t.exchange_title());
    Ok(frame::ok(&Look::of(f, t, &view)))
}

/// `POST /directory/import/carry-out`.
pub(crate) async fn carry_out(State(app): State<AppState>, caller: Caller, typed: Typed) -> Result<Response, Problem> {
    let id = typed.id()?;
    let done = apart(&app, &caller, move |desk, viewer| {
        imports::carry_out_previewed(desk, viewer, id)
    });
    match done.await? {
        // Sent twice, or a day old: the list says what was done.
        Err(ActError::NotFound | ActError::IdTaken) => Ok(see("/directory/exchange#imports")),
        other => {
            other?;
            Ok(see("/directory/exchange?done=yes#imports"))
        }
    }
}

/// `POST /directory/import/undo`.
pub(crate) async fn undo(State(app): State<AppState>, caller: Caller, typed: Typed) -> Result<Response, Problem> {
    let import = typed.id()?;
    let undone: Result<Undone, ActError> = apart(&app, &caller, move |desk, viewer| {
        imports::undo_for(desk, viewer, import)
    })
    .await?;
    let t = caller.t;
    let (notice, undone) = match undone {
        Ok(undone) => {
            let text = t.exchange_said_undone_text(undone.restored, undone.archived);
            let notice = if undone.kept.is_empty() {
                Notice::done(t.exchange_said_undone(), text)
            } else {
                Notice::warn(t.exchange_said_kept(), text)
            };
            (Some(notice), Some(undone))
        }
        // Undone already, or none: the list says what is.
        Err(ActError::NotFound | ActError::Refused { .. }) => (None, None),
        Err(other) => return Err(other.into()),
    };
    let mut view = app.acts().imports(&caller.viewer).await?;
    view.undone = undone;
    let f = frame_of(&app, &caller, &view).notice(notice);
    let id = ids::new_v7(view.now);
    Ok(frame::ok(&Page::of(f, t, &view, id, &Typed::default(), &[])))
}
