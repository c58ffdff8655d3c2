//! Overrides to co-sign: the list, and one of them with its decision.

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use relais_acts::commands::DecideOverride;
use relais_acts::problem::FieldProblem;
use relais_acts::views::{CosignList, CosignRow, OverrideNote, OverrideView, VitalRow};
use relais_casework::referral::DueKind;
use relais_network::OverrideId;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use super::done::After;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Query, Typed};
use crate::forms::{error_of, summary};
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Clock, Control, Field, Hand, Link, Row, Summary, Tag};
use crate::problem::Problem;
use crate::text::Text;

/// A ground in words.
pub(crate) fn ground(t: Text, code: &str) -> &'static str {
    match code {
        "VITAL" => t.ground_vital(),
        "CHILD" => t.ground_child(),
        _ => t.ground_legal(),
    }
}

/// With a capital, where a ground stands alone.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The tag of an override's state.
pub(crate) fn tag(t: Text, state: &str, late: bool) -> Tag {
    match state {
        "cosigned" => Tag::plain("done", t.cosign_cosigned()),
        "refused" => Tag::plain("no", t.cosign_refused()),
        _ if late => Tag::plain("no", t.cosign_late()),
        _ => Tag::plain("ask", t.cosign_waiting()),
    }
}

/// One override that waits, as a row of work.
pub(crate) fn row(t: Text, work: &CosignRow, now: DateTime<Utc>) -> Row {
    let name = ground(t, &work.ground);
    let href = format!("/overrides/{}", work.id);
    let mut meta = vec![work.author.clone()];
    if !work.emergency {
        meta.push(t.cosign_to(&work.recipient));
    }
    if !work.hand.yours {
        meta.insert(1, work.organisation.clone());
        meta.extend(work.telephone.as_deref().map(|n| t.phone(n)));
    }
    let clock = relais_acts::case::clock(DueKind::Need, work.from, work.due, now);
    Row {
        title: if work.emergency {
            t.emergency_row().to_owned()
        } else if work.hand.yours {
            t.cosign_row(name)
        } else {
            t.cosign_own_row(name)
        },
        late: work.late,
        prio: None,
        code: work.case_code.clone(),
        meta,
        hand: Some(Hand::of(t, &work.hand, t.cosign_limit(t.short(work.due, now)))),
        clock: Some(Clock::running(t, &clock, now)),
        tag: None,
        action: Some(Link {
            href: href.clone(),
            text: t.cosign_read().to_owned(),
        }),
        href,
        relay: None,
    }
}

/// One line of the overrides of a case.
pub(crate) struct Line {
    pub ground: String,
    /// Of emergency access: by whom, when and why.
    pub why: String,
    pub recipient: String,
    pub tag: Tag,
    pub by: String,
    pub answer: String,
}

impl Line {
    pub(crate) fn of(t: Text, note: &OverrideNote) -> Self {
        let by = match (&note.decided_by, note.decided_at) {
            (Some(who), Some(at)) => format!("{who}, {}", t.moment(at)),
            _ => t.cosign_by_before(&note.owner, t.moment(note.due)),
        };
        let (ground, why) = match &note.emergency {
            Some(e) => (
                t.emergency_title().to_owned(),
                t.emergency_by(&e.author, t.moment(e.at), &e.text),
            ),
            None => (capital(ground(t, &note.ground)), String::new()),
        };
        Self {
            ground,
            why,
            recipient: note.recipient.clone(),
            tag: tag(t, &note.state, note.late),
            by,
            answer: note.answer.clone(),
        }
    }
}

/// What went without an agreement, as a line to read.
struct Vital {
    /// The referral's page; empty where it is not the reader's to open.
    href: String,
    code: String,
    case: String,
    organisation: String,
    recipient: String,
    ground: String,
    when: String,
}

impl Vital {
    fn of(t: Text, row: &VitalRow) -> Self {
        Self {
            href: row.referral_id.map(|id| format!("/referrals/{id}")).unwrap_or_default(),
            code: row.referral_code.clone(),
            case: row.case_code.clone(),
            organisation: row.organisation.clone(),
            recipient: row.recipient.clone(),
            ground: capital(ground(t, &row.ground)),
            when: t.moment(row.at),
        }
    }
}

/// The list.
#[derive(askama::Template)]
#[template(path = "pages/cosign.html")]
pub(super) struct Cosign {
    f: Frame,
    t: Text,
    rows: Vec<Row>,
    vital: Vec<Vital>,
}

impl Cosign {
    pub(super) fn of(f: Frame, t: Text, list: &CosignList) -> Self {
        Self {
            f,
            t,
            rows: list.rows.iter().map(|w| row(t, w, list.now)).collect(),
            vital: list.vital.iter().map(|v| Vital::of(t, v)).collect(),
        }
    }
}

/// `GET /cosign`.
pub(crate) async fn list(
    State(app): State<AppState>,
    caller: Caller,
    Query(after): Query<After>,
) -> Result<Response, Problem> {
    let list = app.acts().cosign_list(&caller.viewer).await?;
    let t = caller.t;
    let f =
        Frame::of(&app, &caller, Tab::Cosign, t.cosign_title(), list.now).notice(after.done.map(|d| d.notice(t, "")));
    Ok(frame::ok(&Cosign::of(f, t, &list)))
}

/// One override.
#[derive(askama::Template)]
#[template(path = "pages/override.html")]
pub(super) struct Judged {
    f: Frame,
    t: Text,
    id: Uuid,
    version: String,
    action: String,
    heading: String,
    code: String,
    tag: Tag,
    clock: Option<Clock>,
    late: bool,
    text: String,
    facts: Vec<(&'static str, String)>,
    links: Vec<Link>,
    legal: bool,
    emergency: bool,
    may_decide: bool,
    why_not: Option<(String, String)>,
    reason: Field,
    refusing: bool,
    summary: Option<Summary>,
}

impl Judged {
    pub(super) fn of(f: Frame, t: Text, view: &OverrideView, id: Uuid, typed: &Typed, wrong: &[FieldProblem]) -> Self {
        let row = &view.row;
        let emergency = row.emergency;
        let scope = view.until.filter(|_| !emergency).map_or_else(
            || t.cosign_one_referral().to_owned(),
            |until| t.cosign_two_hours(t.moment(until)),
        );
        let scope = view
            .until
            .filter(|_| emergency)
            .map_or(scope, |until| t.emergency_scope(t.moment(until)));
        let mut facts = vec![
            (t.cosign_author(), format!("{}, {}", row.author, row.organisation)),
            (t.cosign_written(), t.moment(view.made_at)),
            (
                t.cosign_recipient(),
                if emergency {
                    String::new()
                } else {
                    row.recipient.clone()
                },
            ),
            (t.cosign_need(), view.label.clone()),
            (t.cosign_classes(), view.classes.clone()),
            (t.cosign_scope(), scope),
        ];
        if view.state == "waiting" {
            facts.push((t.cosign_owner(), row.hand.organisation.clone()));
            facts.push((t.cosign_due(), t.moment(row.due)));
            if !row.hand.yours
                && let Some(number) = &row.telephone
            {
                facts.push((t.cosign_telephone(), t.phone(number)));
            }
        }
        if let (Some(who), Some(at)) = (&view.decided_by, view.decided_at) {
            facts.push((t.cosign_decided(), format!("{who}, {}", t.moment(at))));
        }
        if !view.answer.is_empty() {
            facts.push((t.cosign_answer(), view.answer.clone()));
        }
        facts.retain(|(_, value)| !value.is_empty());
        let mut links = Vec::new();
        if let Some(case) = view.case_id {
            links.push(Link {
                href: format!("/cases/{case}"),
                text: t.cosign_see_case().to_owned(),
            });
        }
        if let Some(referral) = view.referral_id {
            links.push(Link {
                href: format!("/referrals/{referral}"),
                text: format!("{} {}", t.cosign_see_referral(), view.referral_code),
            });
        }
        let mut reason = Field::line(t, "reason", t.cosign_why_refuse())
            .hint(t.cosign_why_hint())
            .max(500)
            .value(typed.one("reason"))
            .with(Control::Lines { rows: 2 });
        reason.error = error_of(wrong, "reason", t.0);
        let summary = summary(t, [&reason], wrong);
        let clock = relais_acts::case::clock(DueKind::Need, row.from, row.due, view.now);
        let version = typed.one("version");
        Self {
            f: if summary.is_some() { f.with_error() } else { f },
            t,
            id,
            version: if version.is_empty() {
                view.version.to_string()
            } else {
                version.to_owned()
            },
            action: format!("/overrides/{}", row.id),
            heading: heading(t, row),
            emergency,
            code: row.case_code.clone(),
            tag: tag(t, &view.state, row.late),
            clock: (view.state == "waiting").then(|| Clock::running(t, &clock, view.now)),
            late: row.late && row.ground != "LEGAL" && !emergency,
            text: view.text.clone(),
            facts,
            links,
            legal: row.ground == "LEGAL",
            may_decide: view.may_decide,
            why_not: view.why_not.clone(),
            refusing: typed.one("decision") == "refuse",
            reason,
            summary,
        }
    }
}

/// The title of one override.
fn heading(t: Text, row: &CosignRow) -> String {
    if row.emergency {
        t.emergency_title().to_owned()
    } else {
        t.cosign_heading(ground(t, &row.ground))
    }
}

fn frame_of(app: &AppState, caller: &Caller, view: &OverrideView) -> Frame {
    let title = heading(caller.t, &view.row);
    Frame::of(app, caller, Tab::Cosign, title, view.now).back("/cosign", caller.t.cosign_title())
}

/// `GET /overrides/{id}`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    Query(after): Query<After>,
) -> Result<Response, Problem> {
    let view = app.acts().exception(&caller.viewer, OverrideId(id)).await?;
    let t = caller.t;
    let f = frame_of(&app, &caller, &view).notice(after.done.map(|d| d.notice(t, &view.row.case_code)));
    let typed = Typed::default();
    Ok(frame::ok(&Judged::of(f, t, &view, ids::new_v7(view.now), &typed, &[])))
}

/// `POST /overrides/{id}`.
pub(crate) async fn decide(
    State(app): State<AppState>,
    caller: Caller,
    Id(exception): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    // Whoever does not see it has nothing to decide, whatever was sent.
    app.acts().exception(&caller.viewer, OverrideId(exception)).await?;
    let (id, version) = (typed.id()?, typed.version()?);
    let decision = typed.one("decision").to_owned();
    let done = if decision == "cosign" {
        "cosigned"
    } else {
        "cosign_refused"
    };
    let command = DecideOverride {
        id,
        version,
        decision,
        reason: typed.one("reason").to_owned(),
    };
    let decided = app
        .acts()
        .decide_override(&caller.viewer, OverrideId(exception), command)
        .await;
    match decided {
        Ok(_) => Ok(see(&format!("/overrides/{exception}?done={done}"))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let view = app
                .acts()
                .exception(&caller.viewer, OverrideId(exception))
                .await
                .map_err(|unseen| back.unshown(unseen.into()))?;
            if back.stale {
                typed.0.remove("version");
            }
            let f = frame_of(&app, &caller, &view);
            let mut page = Judged::of(f, caller.t, &view, id, &typed, &back.wrong);
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
