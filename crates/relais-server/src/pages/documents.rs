//! The documents of the mechanism in force, to take away: the procedures, the
//! memorandum of understanding and what goes with them.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use relais_acts::documents::{LiveAsked, workbook};
use relais_acts::versions::Version;
use relais_casework::visible::OFFICE;
use relais_documents::{Live, build_with, is_live, list};
use relais_interchange::xlsx;
use relais_mechanism::{Lang, Mechanism};
use serde::Deserialize;

use super::redline::VersionLine;
use super::share::site;
use crate::AppState;
use crate::ask::Caller;
use crate::frame::{self, Frame, Tab};
use crate::papers::Paper;
use crate::problem::{Problem, ProblemKind, set};
use crate::text::Text;

/// The document whose figures are a workbook too.
const SHEET: &str = "DOC17";

/// Versions that the page lists; each can be compared.
const VERSIONS: usize = 10;

/// One document.
struct Row {
    code: String,
    title: String,
    /// Where its workbook is, for whoever may take it away; empty for none.
    workbook: String,
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/documents.html")]
pub(super) struct Documents {
    f: Frame,
    t: Text,
    version: String,
    /// The language of the documents that are listed: those of both would make a heavy page.
    lang: Lang,
    /// Its name, and that of the other.
    language: &'static str,
    other: Lang,
    other_language: &'static str,
    rows: Vec<Row>,
    /// The forms: code, title.
    forms: Vec<(String, String)>,
    /// The versions that were ever in force, newest first.
    versions: Vec<VersionLine>,
}

impl Documents {
    /// The documents in a language.
    pub(super) fn of(f: Frame, mechanism: &Mechanism, lang: Lang) -> Self {
        let t = f.t;
        let name = |lang| match lang {
            Lang::Fr => t.documents_french(),
            Lang::En => t.documents_english(),
        };
        let other = match lang {
            Lang::Fr => Lang::En,
            Lang::En => Lang::Fr,
        };
        let row = |d: relais_documents::Listed| Row {
            workbook: String::new(),
            code: d.code,
            title: d.title,
        };
        Self {
            version: mechanism.version().to_owned(),
            lang,
            language: name(lang),
            other,
            other_language: name(other),
            rows: list(mechanism, lang).into_iter().map(row).collect(),
            forms: mechanism
                .forms()
                .iter()
                .map(|form| (form.code.clone(), set(form.label.get(t.0), t.0)))
                .collect(),
            versions: Vec::new(),
            t,
            f,
        }
    }

    /// With the way to the workbook of the monthly sheet.
    pub(super) fn with_workbook(mut self) -> Self {
        for row in self.rows.iter_mut().filter(|r| r.code == SHEET) {
            row.workbook = format!("/documents/{SHEET}.xlsx");
        }
        self
    }

    /// With the versions that were ever in force.
    pub(super) fn versions(mut self, versions: &[Version]) -> Self {
        self.versions = versions
            .iter()
            .take(VERSIONS)
            .map(|v| VersionLine::of(self.t, v))
            .collect();
        self
    }
}

/// In which language documents are listed.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    lang: Option<String>,
}

/// `GET /documents`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let lang = asked.lang.as_deref().and_then(Lang::from_code).unwrap_or(caller.t.0);
    let now = app.clock().await?;
    let f = Frame::of(&app, &caller, Tab::Services, caller.t.documents_title(), now)
        .back("/services", caller.t.services_title());
    let versions = app.acts().versions(&caller.viewer).await?;
    let page = Documents::of(f, &app.desk().mechanism(), lang).versions(&versions);
    let office = OFFICE.iter().any(|role| caller.viewer.is(*role));
    Ok(frame::ok(&if office { page.with_workbook() } else { page }))
}

/// Which document, in which language and form.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    /// The code; the first document where it is absent.
    code: Option<String>,
    lang: Option<String>,
    #[serde(rename = "as")]
    form: Option<String>,
    /// Id of the session, workshop or assessment that it is about; the last one where it is absent.
    of: Option<String>,
}

/// `GET /documents/file`.
pub(crate) async fn file(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let malformed = || Problem::new(ProblemKind::MalformedQuery);
    let lang = match wanted.lang.as_deref() {
        None => caller.t.0,
        Some(code) => Lang::from_code(code).ok_or_else(malformed)?,
    };
    let paper = Paper::named(wanted.form.as_deref().unwrap_or("docx")).ok_or_else(malformed)?;
    let of = match wanted.of.as_deref().filter(|of| !of.is_empty()) {
        None => None,
        Some(of) => Some(of.parse::<uuid::Uuid>().map_err(|_| malformed())?),
    };
    let mechanism = app.desk().mechanism();
    let first = || list(&mechanism, lang).into_iter().next().map(|d| d.code);
    let code = wanted.code.or_else(first);
    let code = code.ok_or_else(|| Problem::new(ProblemKind::NotFound))?;
    // What it says of the deployment may be another at any time, and for another reader.
    let live = if is_live(&mechanism, &code, lang) {
        let site = site(&app, &headers);
        let code = code.clone();
        let asked = LiveAsked { code, lang, of, site };
        Some(app.acts().live(&caller.viewer, asked).await?)
    } else {
        None
    };
    // Some tens of milliseconds: not on a thread that answers requests.
    let made = tokio::task::spawn_blocking(move || {
        let key = live.is_none().then(|| format!("{code} {lang} {}", paper.ending()));
        if let Some(kept) = key.as_ref().and_then(|key| app.papers().get(mechanism.hash(), key)) {
            return Some((code, kept));
        }
        let document = build_with(&mechanism, &live.unwrap_or_default(), &code, lang).ok()?;
        let bytes = paper.written(&document);
        if let Some(key) = key {
            app.papers().keep(mechanism.hash(), key, bytes.clone());
        }
        Some((code, bytes))
    });
    let made = made.await.map_err(|_| Problem::new(ProblemKind::Internal))?;
    let (code, bytes) = made.ok_or_else(|| Problem::new(ProblemKind::NotFound))?;
    Ok(paper.taken_away(&format!("{code}-{lang}"), bytes))
}

/// `GET /documents/DOC17.xlsx`: the figures of the monthly sheet, as a workbook.
pub(crate) async fn sheet(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    let lang = caller.t.0;
    let asked = LiveAsked {
        code: SHEET.to_owned(),
        lang,
        of: None,
        site: String::new(),
    };
    let live: Live = app.acts().live(&caller.viewer, asked).await?;
    let bytes = workbook(&live, &app.desk().mechanism(), lang);
    let name = format!("attachment; filename=\"{SHEET}-{lang}.xlsx\"");
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(xlsx::TYPE)),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("attachment")),
        ),
    ];
    Ok((headers, bytes).into_response())
}
