//! The recipients' pages: their own complaints, and one of them.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use relais_acts::complaints::{ActOnComplaint, ComplaintList, ComplaintRow, ComplaintView};
use relais_acts::problem::{ActError, FieldProblem};
use relais_casework::complaint::{Circle, ComplaintAct, ComplaintState};
use relais_mechanism::words::Lang;
use relais_network::ComplaintId;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use super::referral::Act;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Query, Typed};
use crate::forms::{elsewhere, error_of};
use crate::frame::{self, Frame, Tab, encode, see};
use crate::parts::{Clock, Control, Field, Notice, Row, Summary, Tag};
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;

/// The list.
#[derive(Template)]
#[template(path = "pages/complaints.html")]
pub(super) struct Complaints {
    f: Frame,
    t: Text,
    rows: Vec<Row>,
    next: Option<String>,
}

fn tag(t: Text, row: &ComplaintRow) -> Tag {
    match row.state {
        ComplaintState::Received if !row.opened => Tag::plain("ask", t.complaints_new()),
        ComplaintState::Decided => Tag::plain("done", t.complaint_state(row.state)),
        ComplaintState::Closed => Tag::plain("end", t.complaint_state(row.state)),
        state => Tag::plain("", t.complaint_state(state)),
    }
}

impl Complaints {
    pub(super) fn of(f: Frame, list: &ComplaintList) -> Self {
        let t = f.t;
        let row = |r: &ComplaintRow| {
            let mut meta = vec![t.complaints_on(t.moment(r.received_at))];
            if r.stepped_in {
                meta.push(t.complaints_stepped_in().to_owned());
            }
            Row {
                href: format!("/complaints/{}", r.id),
                title: t.complaint_kind_of(r.kind).to_owned(),
                late: r.clock.as_ref().is_some_and(|c| c.late),
                prio: None,
                code: r.number.clone(),
                meta,
                hand: None,
                clock: r.clock.as_ref().map(|c| Clock::running(t, c, list.now)),
                tag: Some(tag(t, r)),
                action: None,
                relay: None,
            }
        };
        Self {
            t,
            rows: list.rows.iter().map(row).collect(),
            next: list.next.as_deref().map(|c| format!("/complaints?after={}", encode(c))),
            f,
        }
    }
}

/// One complaint.
#[derive(Template)]
#[template(path = "pages/complaint_one.html")]
pub(super) struct OneComplaint {
    f: Frame,
    t: Text,
    heading: String,
    tag: Tag,
    clock: Option<Clock>,
    facts: Vec<(&'static str, String)>,
    told: String,
    safe_only: bool,
    readers: Vec<(String, String)>,
    said: Vec<(String, String)>,
    acts: Vec<Act>,
    action: String,
    id: Uuid,
    version: i64,
    summary: Option<Summary>,
}

impl OneComplaint {
    pub(super) fn of(f: Frame, view: &ComplaintView, id: Uuid, typed: &Typed, wrong: &[FieldProblem]) -> Self {
        let t = f.t;
        let mut acts: Vec<Act> = view.acts.iter().map(|a| one_act(t, *a, typed, wrong)).collect();
        // What the state asks for stands open already, unless something came back.
        if typed.0.is_empty()
            && let Some(first) = acts.first_mut()
        {
            first.open = first.command != ComplaintAct::Note.code();
        }
        let mistakes: Vec<(String, String)> = acts
            .iter()
            .flat_map(|a| a.fields.iter().filter_map(|x| x.error.clone().map(|e| (x.anchor(), e))))
            .chain(elsewhere(wrong, acts.iter().flat_map(|a| &a.fields), t.0))
            .collect();
        let summary = (!mistakes.is_empty()).then_some(Summary { t, mistakes });
        let f = if summary.is_some() { f.with_error() } else { f };
        Self {
            t,
            heading: t.complaints_heading(&view.row.number),
            tag: tag(t, &view.row),
            clock: view.row.clock.as_ref().map(|c| Clock::running(t, c, view.now)),
            facts: facts(t, view),
            told: view.facts.clone(),
            safe_only: view.contact.is_some(),
            readers: readers(t, view),
            said: said(t, view),
            acts,
            action: format!("/complaints/{}", view.row.id),
            id,
            version: view.version,
            summary,
            f,
        }
    }
}

fn facts(t: Text, view: &ComplaintView) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        (t.complaints_kind(), t.complaint_kind_of(view.row.kind).to_owned()),
        (t.complaints_received(), t.moment(view.row.received_at)),
    ];
    let mut about = view.organisation.clone();
    if view.about_office {
        if !about.is_empty() {
            about.push_str(", ");
        }
        about.push_str(t.complaints_office());
    }
    if !about.is_empty() {
        facts.push((t.complaints_organisation(), about));
    }
    if !view.referral.is_empty() {
        facts.push((t.complaints_referral(), view.referral.clone()));
    }
    let contact = view
        .contact
        .clone()
        .unwrap_or_else(|| t.complaints_anonymous().to_owned());
    facts.push((t.complaints_contact(), contact));
    facts.extend(view.safe_contact.clone().map(|way| (t.complaints_safe(), way)));
    let language = match view.language {
        Lang::Fr => t.complaints_language_fr(),
        Lang::En => t.complaints_language_en(),
    };
    facts.push((t.complaints_language(), language.to_owned()));
    facts
}

fn readers(t: Text, view: &ComplaintView) -> Vec<(String, String)> {
    let mut readers = Vec::new();
    if view.circle == Circle::Office {
        readers.push((t.complaints_readers_office().to_owned(), String::new()));
    }
    for (name, reached, opened) in &view.recipients {
        let opened = opened.map_or_else(
            || t.complaints_unopened().to_owned(),
            |at| t.complaints_opened(t.moment(at)),
        );
        readers.push((
            name.clone(),
            format!("{}, {opened}", t.complaints_reached(t.moment(*reached))),
        ));
    }
    if view.officer {
        readers.push((t.complaints_readers_officer().to_owned(), String::new()));
    }
    readers
}

fn said(t: Text, view: &ComplaintView) -> Vec<(String, String)> {
    let word = |act| match act {
        ComplaintAct::Acknowledge => t.complaints_act_acknowledge(),
        ComplaintAct::Reply => t.complaints_act_reply(),
        ComplaintAct::Note => t.complaints_act_note(),
        ComplaintAct::Decide => t.complaints_act_decide(),
        ComplaintAct::Close => t.complaints_act_close(),
    };
    view.said
        .iter()
        .map(|s| {
            let head = match (&s.by, s.act) {
                (Some(who), Some(act)) => t.complaints_by(who, t.moment(s.at), word(act)),
                _ => t.complaints_by_complainant(t.moment(s.at)),
            };
            (head, s.text.clone())
        })
        .collect()
}

fn one_act(t: Text, act: ComplaintAct, typed: &Typed, wrong: &[FieldProblem]) -> Act {
    let back = typed.one("command") == act.code();
    let (title, why, words) = match act {
        ComplaintAct::Acknowledge => (t.complaints_acknowledge(), t.complaints_acknowledge_why(), false),
        ComplaintAct::Reply => (t.complaints_reply(), t.complaints_reply_why(), true),
        ComplaintAct::Note => (t.complaints_note(), "", true),
        ComplaintAct::Decide => (t.complaints_decide(), t.complaints_decide_why(), true),
        ComplaintAct::Close => (t.complaints_close(), t.complaints_close_why(), false),
    };
    let mut fields = Vec::new();
    if words {
        let mut field = Field::line(t, "text", t.complaints_text())
            .max(2000)
            .value(if back { typed.one("text") } else { "" })
            .with(Control::Lines { rows: 4 });
        field.scope = act.code();
        field.error = error_of(wrong, "text", t.0).filter(|_| back);
        fields.push(field);
    }
    let button = match act {
        ComplaintAct::Note => t.complaints_save(),
        ComplaintAct::Reply | ComplaintAct::Decide => t.complaints_send(),
        ComplaintAct::Acknowledge | ComplaintAct::Close => t.frame_yes(),
    };
    Act {
        command: act.code(),
        title,
        why,
        fields,
        buttons: vec![("go", "yes".to_owned(), button.to_owned())],
        risk: false,
        open: back,
    }
}

/// The query of the two pages.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    after: Option<String>,
    #[serde(default)]
    done: String,
}

fn frame_of(app: &AppState, caller: &Caller, view: &ComplaintView) -> Frame {
    let t = caller.t;
    Frame::of(
        app,
        caller,
        Tab::Complaints,
        t.complaints_heading(&view.row.number),
        view.now,
    )
    .back("/complaints", t.complaints_title())
}

/// `GET /complaints`.
pub(crate) async fn list(
    State(app): State<AppState>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let list = app.acts().complaints(&caller.viewer, asked.after).await?;
    let f = Frame::of(&app, &caller, Tab::Complaints, caller.t.complaints_title(), list.now);
    Ok(frame::ok(&Complaints::of(f, &list)))
}

/// `GET /complaints/{id}`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let view = app.acts().complaint(&caller.viewer, ComplaintId(id)).await?;
    let mut f = frame_of(&app, &caller, &view);
    if asked.done == "yes" {
        f = f.notice(Some(Notice::done(
            caller.t.complaints_done(),
            caller.t.complaints_done_text(),
        )));
    }
    let page = OneComplaint::of(f, &view, ids::new_v7(view.now), &Typed::default(), &[]);
    Ok(frame::ok(&page))
}

/// `POST /complaints/{id}`.
pub(crate) async fn act(
    State(app): State<AppState>,
    caller: Caller,
    Id(complaint): Id,
    typed: Typed,
) -> Result<Response, Problem> {
    let (id, version) = (typed.id()?, typed.version()?);
    let act = ComplaintAct::from_code(typed.one("command")).ok_or_else(|| Problem::new(ProblemKind::MalformedForm))?;
    let command = ActOnComplaint {
        id,
        version,
        act,
        text: typed.one("text").to_owned(),
    };
    let complaint = ComplaintId(complaint);
    match app.acts().act_on_complaint(&caller.viewer, complaint, command).await {
        Ok(_) => Ok(see(&format!("/complaints/{complaint}?done=yes"))),
        Err(ActError::NotFound) => Err(Problem::new(ProblemKind::NotFound)),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let view = app
                .acts()
                .complaint(&caller.viewer, complaint)
                .await
                .map_err(|e| back.unshown(e.into()))?;
            let f = frame_of(&app, &caller, &view);
            let mut page = OneComplaint::of(f, &view, id, &typed, &back.wrong);
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
