//! The documents of the mechanism in force, to take away: the procedures, the
//! memorandum of understanding and what goes with them.

use axum::extract::{Query, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use relais_documents::{build, docx, html, list};
use relais_mechanism::{Lang, Mechanism};
use serde::Deserialize;

use crate::AppState;
use crate::ask::Caller;
use crate::frame::{self, Frame, Tab};
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;

/// One document.
struct Row {
    code: String,
    title: String,
    /// Whether its text exists in each language.
    langs: Vec<Lang>,
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/documents.html")]
pub(super) struct Documents {
    f: Frame,
    t: Text,
    version: String,
    rows: Vec<Row>,
}

impl Documents {
    pub(super) fn of(f: Frame, mechanism: &Mechanism) -> Self {
        let t = f.t;
        let row = |d: relais_documents::Listed| Row {
            langs: Lang::ALL
                .iter()
                .copied()
                .filter(|l| mechanism.document(&d.code, *l).is_some())
                .collect(),
            code: d.code,
            title: d.title,
        };
        Self {
            version: mechanism.version().to_owned(),
            rows: list(mechanism, t.0).into_iter().map(row).collect(),
            t,
            f,
        }
    }
}

/// `GET /documents`.
pub(crate) async fn show(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    let now = app.clock().await?;
    let f = Frame::of(&app, &caller, Tab::Services, caller.t.documents_title(), now)
        .back("/services", caller.t.services_title());
    Ok(frame::ok(&Documents::of(f, &app.desk().mechanism())))
}

/// Which document, in which language and form.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    /// The code; the first document where it is absent.
    code: Option<String>,
    lang: Option<String>,
    #[serde(rename = "as")]
    form: Option<String>,
}

/// `GET /documents/file`.
pub(crate) async fn file(
    State(app): State<AppState>,
    caller: Caller,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let malformed = || Problem::new(ProblemKind::MalformedQuery);
    let lang = match wanted.lang.as_deref() {
        None => caller.t.0,
        Some(code) => Lang::from_code(code).ok_or_else(malformed)?,
    };
    let word = match wanted.form.as_deref() {
        None | Some("docx") => true,
        Some("html") => false,
        Some(_) => return Err(malformed()),
    };
    let mechanism = app.desk().mechanism();
    // Some tens of milliseconds: not on a thread that answers requests.
    let made = tokio::task::spawn_blocking(move || {
        let first = || list(&mechanism, lang).into_iter().next().map(|d| d.code);
        let code = wanted.code.or_else(first)?;
        let document = build(&mechanism, &code, lang).ok()?;
        let bytes = if word {
            docx::file(&document)
        } else {
            html::page(&document).into_bytes()
        };
        Some((document.code, bytes))
    });
    let made = made.await.map_err(|_| Problem::new(ProblemKind::Internal))?;
    let (code, bytes) = made.ok_or_else(|| Problem::new(ProblemKind::NotFound))?;
    let (ending, kind) = if word {
        (
            "docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        )
    } else {
        ("html", "text/html; charset=utf-8")
    };
    let name = format!("attachment; filename=\"{code}-{lang}.{ending}\"");
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("attachment")),
        ),
    ];
    Ok((headers, bytes).into_response())
}
