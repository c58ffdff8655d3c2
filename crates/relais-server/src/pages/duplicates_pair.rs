//! Two entries side by side: one of them made of both, or both kept.

use axum::extract::State;
use axum::response::Response;
use relais_acts::directory::merging::{self, KeepApart, MergeEntries, SideBySide, SideView, What};
use relais_store::ids;
use serde::Deserialize;
use uuid::Uuid;

use super::came_back::CameBack;
use super::duplicates::tag;
use super::exchange::apart;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Query, Typed};
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Choice, Control, Field, Tag};
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;

/// What the two sides are called in the form.
const SIDES: [&str; 2] = ["one", "other"];

/// The name of a choice in the form: fields of the entry, and nothing else of it.
fn name_of(field: &str) -> String {
    format!("take_{field}")
}

/// One entry.
struct Side {
    title: &'static str,
    name: String,
    facts: Vec<(&'static str, String)>,
}

/// One value to choose.
struct Value {
    side: &'static str,
    column: &'static str,
    says: String,
    chosen: bool,
}

/// A field of which the entries say different things.
struct Line {
    label: String,
    name: String,
    values: Vec<Value>,
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/duplicates_pair.html")]
pub(super) struct Page {
    pub(super) f: Frame,
    t: Text,
    tag: Tag,
    score: String,
    what: &'static str,
    ids: [Uuid; 2],
    versions: [i64; 2],
    merge_id: Uuid,
    apart_id: Uuid,
    sides: Vec<Side>,
    reasons: Vec<(&'static str, String)>,
    tied: Vec<String>,
    may_merge: bool,
    stays: Field,
    fields: Vec<Line>,
    same: Vec<(String, String)>,
}

fn side(t: Text, title: &'static str, view: &SideView, offers: &[String]) -> Side {
    let source = if view.source.is_empty() {
        t.merging_typed()
    } else {
        &view.source
    };
    let all = [
        (t.line_service_type(), view.kind.clone(), !view.organisation.is_empty()),
        (t.merging_what_organisations(), view.organisation.clone(), true),
        (t.line_place(), view.place.clone(), true),
        (t.merging_code(), view.code.clone(), true),
        (t.merging_source(), source.to_owned(), true),
        (t.merging_offers(), offers.join(", "), true),
    ];
    Side {
        title,
        name: view.name.clone(),
        facts: all
            .into_iter()
            .filter(|(_, value, told)| *told && !value.is_empty())
            .map(|(label, value, _)| (label, value))
            .collect(),
    }
}

impl Page {
    /// Lays the pair out; what was chosen stays chosen where the form came back.
    pub(super) fn of(f: Frame, t: Text, view: &SideBySide, typed: &Typed) -> Self {
        let chosen = |name: &str, otherwise: usize| match typed.one(name) {
            "one" => 0,
            "other" => 1,
            _ => otherwise,
        };
        let stays = chosen("stays", view.stays);
        let columns = [t.merging_first(), t.merging_second()];
        let choices = SIDES.iter().zip(0..).map(|(code, at)| Choice {
            value: (*code).to_owned(),
            label: format!(
                "{}\u{a0}– {}, {}",
                columns[at], view.pair.sides[at].name, view.pair.sides[at].code
            ),
            chosen: at == stays,
        });
        let hint = match view.pair.what {
            What::Organisations => t.merging_stays_hint(),
            What::Services => t.merging_stays_service(),
        };
        let (differ, same): (Vec<_>, Vec<_>) = view.fields.iter().partition(|f| !f.same);
        Self {
            f,
            t,
            tag: tag(t, &view.pair),
            score: if view.found {
                t.merging_score(view.pair.score)
            } else {
                String::new()
            },
            what: view.pair.what.code(),
            ids: [view.pair.sides[0].id, view.pair.sides[1].id],
            versions: view.versions,
            merge_id: ids::new_v7(view.now),
            apart_id: ids::new_v7(view.now),
            sides: columns
                .iter()
                .zip(&view.pair.sides)
                .zip(&view.offers)
                .map(|((title, entry), offers)| side(t, title, entry, offers))
                .collect(),
            reasons: view
                .pair
                .reasons
                .iter()
                .map(|r| (if r.speaks_for { "" } else { "x" }, r.says.clone()))
                .collect(),
            tied: view
                .tied
                .iter()
                .zip(columns)
                .filter_map(|(why, column)| why.as_ref().map(|w| t.merging_tied(column, w.get(t.0))))
                .collect(),
            may_merge: view.tied.iter().any(Option::is_none),
            stays: Field::line(t, "stays", t.merging_stays())
                .hint(hint)
                .with(Control::One(choices.collect())),
            fields: differ
                .into_iter()
                .map(|field| {
                    let name = name_of(&field.field);
                    let taken = chosen(&name, field.proposed);
                    Line {
                        label: field.label.clone(),
                        values: SIDES
                            .iter()
                            .zip(columns)
                            .zip(&field.values)
                            .zip(0..)
                            .map(|(((side, column), says), at)| Value {
                                side,
                                column,
                                says: says.clone(),
                                chosen: at == taken,
                            })
                            .collect(),
                        name,
                    }
                })
                .collect(),
            same: same
                .into_iter()
                .filter(|f| !f.values[0].is_empty())
                .map(|f| (f.label.clone(), f.values[0].clone()))
                .collect(),
        }
    }
}

/// Which pair.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Which {
    #[serde(default)]
    what: String,
    one: Option<Uuid>,
    other: Option<Uuid>,
}

fn title(app: &AppState, caller: &Caller, view: &SideBySide) -> Frame {
    let t = caller.t;
    Frame::of(app, caller, Tab::Moderation, t.merging_pair(), view.now).back("/directory/duplicates", t.merging_title())
}

/// `GET /directory/duplicates/pair`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Query(which): Query<Which>,
) -> Result<Response, Problem> {
    let (Some(what), Some(one), Some(other)) = (What::from_code(&which.what), which.one, which.other) else {
        return Ok(see("/directory/duplicates"));
    };
    let view = apart(&app, &caller, move |desk, viewer| {
        merging::pair(desk, viewer, what, one, other)
    })
    .await??;
    let f = title(&app, &caller, &view);
    Ok(frame::ok(&Page::of(f, caller.t, &view, &Typed::default())))
}

/// What the form says: the entry that stays, and the fields taken from the other.
fn command(typed: &Typed, what: What, ids: [Uuid; 2]) -> Result<MergeEntries, Problem> {
    let malformed = || Problem::new(ProblemKind::MalformedForm);
    let stays = SIDES
        .iter()
        .position(|s| *s == typed.one("stays"))
        .ok_or_else(malformed)?;
    let versions = [
        typed.version()?,
        typed.one("other_version").parse().map_err(|_| malformed())?,
    ];
    let others = SIDES[1 - stays];
    Ok(MergeEntries {
        id: typed.id()?,
        what,
        stays: ids[stays],
        stays_version: versions[stays],
        goes: ids[1 - stays],
        goes_version: versions[1 - stays],
        taken: typed
            .0
            .keys()
            .filter_map(|name| name.strip_prefix("take_").filter(|_| typed.one(name) == others))
            .map(str::to_owned)
            .collect(),
    })
}

/// `POST /directory/duplicates/pair`: makes one entry, or keeps both.
pub(crate) async fn decide(State(app): State<AppState>, caller: Caller, typed: Typed) -> Result<Response, Problem> {
    let malformed = || Problem::new(ProblemKind::MalformedForm);
    let what = What::from_code(typed.one("what")).ok_or_else(malformed)?;
    let id = |name: &str| typed.one(name).parse::<Uuid>().map_err(|_| malformed());
    let (one, other) = (id("one")?, id("other")?);
    let (done, decided) = match typed.one("decision") {
        "apart" => {
            let command = KeepApart {
                id: typed.id()?,
                what,
                one,
                other,
            };
            ("apart", app.acts().keep_apart(&caller.viewer, command).await)
        }
        "merge" => {
            let command = command(&typed, what, [one, other])?;
            ("merged", app.acts().merge_entries(&caller.viewer, command).await)
        }
        _ => return Err(malformed()),
    };
    match decided {
        Ok(_) => Ok(see(&format!("/directory/duplicates?done={done}"))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let shown = apart(&app, &caller, move |desk, viewer| {
                merging::pair(desk, viewer, what, one, other)
            })
            .await?;
            let view = match shown {
                Ok(view) => view,
                Err(unseen) => return Err(back.unshown(unseen.into())),
            };
            let f = title(&app, &caller, &view);
            let mut page = Page::of(f, caller.t, &view, &typed);
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
