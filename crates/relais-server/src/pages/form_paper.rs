//! A form on paper: empty, for whoever has no screen; or with what the viewer may read
//! of a case.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use relais_acts::forms::PaperView;
use relais_documents::{Answered, Document, FilledIn, Printed, filled, form_at, html};
use relais_mechanism::{Form, Lang, Mechanism};
use relais_network::CaseId;
use serde::Deserialize;

use super::share::site;
use crate::AppState;
use crate::ask::Caller;
use crate::assets;
use crate::extract::{FormAt, Query};
use crate::frame::{self, Frame, Tab};
use crate::papers::Paper;
use crate::problem::{Problem, ProblemKind, set};
use crate::qr;
use crate::text::Text;

/// The page of an empty form.
#[derive(Template)]
#[template(path = "pages/form_paper.html")]
pub(super) struct Empty {
    f: Frame,
    t: Text,
    code: String,
    title: String,
    /// Who fills it in, and when.
    about: String,
    version: String,
    qr: String,
    view_box: String,
    address: String,
}

impl Empty {
    pub(super) fn of(f: Frame, form: &Form, version: &str, address: &str) -> Self {
        let t = f.t;
        let (qr, side) = qr::strokes(address);
        Self {
            code: form.code.clone(),
            title: set(form.label.get(t.0), t.0),
            about: set(&format!("{}. {}.", form.who.get(t.0), form.when.get(t.0)), t.0),
            version: version.to_owned(),
            qr,
            view_box: format!("0 0 {side} {side}"),
            address: address.to_owned(),
            t,
            f,
        }
    }
}

/// The language and the form of a file.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    lang: Option<String>,
    #[serde(default, rename = "as")]
    form: Option<String>,
}

impl Wanted {
    fn lang(&self, caller: &Caller) -> Result<Lang, Problem> {
        match self.lang.as_deref() {
            None => Ok(caller.t.0),
            Some(code) => Lang::from_code(code).ok_or_else(|| Problem::new(ProblemKind::MalformedQuery)),
        }
    }
}

/// The address of an empty form.
fn address(app: &AppState, headers: &HeaderMap, code: &str) -> String {
    format!("{}/documents/forms/{code}", site(app, headers))
}

/// `GET /documents/forms/{form}`: the page of the form; with an ending (".pdf", ".docx",
/// ".html") the form itself.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Path(named): Path<String>,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let nowhere = || Problem::new(ProblemKind::NotFound);
    let mechanism = app.desk().mechanism();
    let Some((code, ending)) = named.split_once('.') else {
        let form = mechanism.form(&named).ok_or_else(nowhere)?;
        let now = app.clock().await?;
        let t = caller.t;
        let title = format!("{} · {}", form.code, set(form.label.get(t.0), t.0));
        let f = Frame::of(&app, &caller, Tab::Services, title, now).back("/documents", t.documents_title());
        let address = address(&app, &headers, &form.code);
        return Ok(frame::ok(&Empty::of(f, form, mechanism.version(), &address)));
    };
    let paper = Paper::named(ending).ok_or_else(nowhere)?;
    let lang = wanted.lang(&caller)?;
    let address = address(&app, &headers, code);
    let code = code.to_owned();
    // Some tens of milliseconds: not on a thread that answers requests.
    let made = tokio::task::spawn_blocking(move || {
        let key = format!("{code} {lang} {} {address}", paper.ending());
        if let Some(kept) = app.papers().get(mechanism.hash(), &key) {
            return Some((code, kept));
        }
        let document = form_at(&mechanism, &code, lang, Some(&address)).ok()?;
        let bytes = paper.written(&document);
        app.papers().keep(mechanism.hash(), key, bytes.clone());
        Some((code, bytes))
    });
    let made = made.await.map_err(|_| Problem::new(ProblemKind::Internal))?;
    let (code, bytes) = made.ok_or_else(nowhere)?;
    Ok(paper.taken_away(&format!("{code}-{lang}"), bytes))
}

/// The page of a form of a case, made for a printer.
#[derive(Template)]
#[template(path = "pages/form_printed.html")]
pub(super) struct Filled {
    f: Frame,
    t: Text,
    css: &'static str,
    title: String,
    back: String,
    empty: String,
    version: String,
    sheet: String,
}

impl Filled {
    pub(super) fn of(f: Frame, view: &PaperView, sheet: &Document) -> Self {
        let t = f.t;
        let back = format!("/cases/{}/forms/{}", view.case_id, view.form.code);
        Self {
            css: assets::href("form.css"),
            title: format!("{} · {}", view.form.code, set(view.form.label.get(t.0), t.0)),
            back,
            empty: format!("/documents/forms/{}", view.form.code),
            version: sheet.version.clone(),
            sheet: html::body(sheet),
            t,
            f,
        }
    }
}

/// The sheet of a form of a case.
pub(super) fn sheet(mechanism: &Mechanism, view: &PaperView, lang: Lang, address: &str) -> Document {
    let answer = |(code, answer): (&String, &relais_acts::forms::PaperAnswer)| {
        let answered = Answered {
            chosen: answer.chosen.clone(),
            words: answer.words.clone(),
        };
        (code.clone(), answered)
    };
    let answers: FilledIn = view.answers.iter().map(answer).collect();
    let printed = Printed {
        address: Some(address),
        case: &view.case_code,
    };
    filled(mechanism, &view.form, lang, &printed, &answers)
}

/// `GET /cases/{id}/forms/{form}/print`.
pub(crate) async fn print(
    State(app): State<AppState>,
    caller: Caller,
    at: FormAt,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let pdf = match wanted.form.as_deref() {
        None => false,
        Some("pdf") => true,
        Some(_) => return Err(Problem::new(ProblemKind::MalformedQuery)),
    };
    let view = app.acts().form_paper(&caller.viewer, CaseId(at.case), at.form).await?;
    // Of the version under which the case is asked: that form, those words.
    let mechanism = std::sync::Arc::clone(&view.mechanism);
    let lang = caller.t.0;
    let address = address(&app, &headers, &view.form.code);
    if pdf {
        let name = format!("{}-{}", view.form.code, view.case_code);
        let made = tokio::task::spawn_blocking(move || Paper::Pdf.written(&sheet(&mechanism, &view, lang, &address)));
        let bytes = made.await.map_err(|_| Problem::new(ProblemKind::Internal))?;
        return Ok(Paper::Pdf.taken_away(&name, bytes));
    }
    let now = app.now().await?;
    let title = set(view.form.label.get(lang), lang);
    let f = Frame::of(&app, &caller, Tab::Cases, title, now).back(
        format!("/cases/{}/forms/{}", view.case_id, view.form.code),
        view.case_code.clone(),
    );
    let sheet = sheet(&mechanism, &view, lang, &address);
    Ok(frame::ok(&Filled::of(f, &view, &sheet)))
}
