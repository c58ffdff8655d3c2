//! What differs in a document between two versions of the mechanism that were in
//! force: for whoever must know what a rule change changed.

use axum::extract::{Path, State};
use axum::response::Response;
use relais_acts::versions::Version;
use relais_documents::redline::{Redline, between};
use serde::Deserialize;

use crate::AppState;
use crate::ask::Caller;
use crate::extract::Query;
use crate::frame::{self, Frame, Tab};
use crate::parts::{Choice, Control, Field};
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;

/// A version of the list, in words.
pub(super) struct VersionLine {
    pub(super) label: String,
    pub(super) since: String,
    /// The first characters of its hash, as documents give it.
    pub(super) hash: String,
}

impl VersionLine {
    pub(super) fn of(t: Text, version: &Version) -> Self {
        Self {
            label: version.label.clone(),
            since: t.moment(version.adopted_at),
            hash: version.hash.chars().take(12).collect(),
        }
    }
}

/// Which two versions are asked for: the one in force and the one before it where
/// nothing is said.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    from: Option<String>,
    to: Option<String>,
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/redline.html")]
pub(super) struct Page {
    f: Frame,
    t: Text,
    code: String,
    title: String,
    /// From which version to which; empty where there is only one.
    between: String,
    fields: Vec<Field>,
    /// How many places differ.
    says: String,
    html: String,
}

impl Page {
    /// The page of what differs; of nothing where there is only one version.
    pub(super) fn of(
        f: Frame,
        t: Text,
        code: &str,
        versions: &[Version],
        chosen: Option<(&Version, &Version)>,
        found: &Redline,
    ) -> Self {
        let choices = |now: &str| -> Vec<Choice> {
            let choice = |v: &Version| Choice {
                value: v.hash.clone(),
                label: t.redline_version(&v.label, t.moment(v.adopted_at)),
                chosen: v.hash == now,
            };
            versions.iter().map(choice).collect()
        };
        let field = |name: &str, label: &str, now: &str| Field::line(t, name, label).with(Control::List(choices(now)));
        Self {
            code: code.to_owned(),
            title: found.title.clone(),
            between: chosen.map_or_else(String::new, |(from, to)| t.redline_between(&from.label, &to.label)),
            fields: chosen.map_or_else(Vec::new, |(from, to)| {
                vec![
                    field("from", t.redline_from(), &from.hash),
                    field("to", t.redline_to(), &to.hash),
                ]
            }),
            says: match (chosen, found.changes) {
                (None, _) => t.redline_one_version().to_owned(),
                (Some(_), 0) => t.redline_none().to_owned(),
                (Some(_), n) => t.redline_places(n, t.figure(n)),
            },
            html: found.html.clone(),
            t,
            f,
        }
    }
}

/// The two versions that are asked for.
fn chosen<'v>(versions: &'v [Version], asked: &Asked) -> Result<Option<(&'v Version, &'v Version)>, Problem> {
    let find = |hash: &Option<String>, otherwise: Option<&'v Version>| match hash.as_deref() {
        None | Some("") => Ok(otherwise),
        Some(hash) => versions
            .iter()
            .find(|v| v.hash == hash)
            .map(Some)
            .ok_or_else(|| Problem::new(ProblemKind::NotFound)),
    };
    let (from, to) = (find(&asked.from, versions.get(1))?, find(&asked.to, versions.first())?);
    Ok(from.zip(to))
}

/// `GET /documents/{document}/redline`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Path(code): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let (now, t) = (app.clock().await?, caller.t);
    let versions = app.acts().versions(&caller.viewer).await?;
    let chosen = chosen(&versions, &asked)?;
    let nowhere = || Problem::new(ProblemKind::NotFound);
    let (is, was) = match chosen {
        Some((from, to)) => {
            let to = app.acts().version(&caller.viewer, to.hash.clone()).await?;
            (to, app.acts().version(&caller.viewer, from.hash.clone()).await?)
        }
        None => (app.desk().mechanism(), app.desk().mechanism()),
    };
    let (lang, wanted) = (t.0, code.clone());
    // Some tens of milliseconds: not on a thread that answers requests.
    let made = tokio::task::spawn_blocking(move || between(&was, &is, &wanted, lang).ok());
    let made = made.await.map_err(|_| Problem::new(ProblemKind::Internal))?;
    let found = made.ok_or_else(nowhere)?;
    let f = Frame::of(&app, &caller, Tab::Services, t.redline_title(), now).back("/documents", t.documents_title());
    Ok(frame::ok(&Page::of(f, t, &code, &versions, chosen, &found)))
}
