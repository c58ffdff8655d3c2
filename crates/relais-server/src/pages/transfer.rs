//! The transfer of a case: chosen and looked at by its holder, answered by the
//! organisation asked, taken back.

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use relais_acts::commands::{ActOnTransfer, ProposeTransfer, TransferAsked};
use relais_acts::problem::{ActError, FieldProblem};
use relais_acts::views::{Fact, TransferDraft, TransferPreview, TransferView};
use relais_casework::transfer::{TransferDecline, TransferState};
use relais_network::{CaseId, OrganisationId, TransferId};
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use super::done::After;
use super::referral::missing;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Query, Typed};
use crate::format;
use crate::forms::{error_of, summary};
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Choice, Clock, Control, Field, Hand, Prio, Summary, Tag};
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;

impl Text {
    /// Why a transfer was not accepted, in words.
    fn transfer_decline(self, code: TransferDecline) -> &'static str {
        match code {
            TransferDecline::NoCapacity => self.decline_no_capacity(),
            TransferDecline::OutsideArea => self.decline_outside_area(),
            TransferDecline::NotMandated => self.transfer_not_mandated(),
            TransferDecline::NoConsent => self.transfer_no_consent(),
            TransferDecline::Other => self.decline_other(),
        }
    }

    /// The state of a transfer as a tag.
    fn transfer_state(self, state: &str) -> Tag {
        match TransferState::from_code(state) {
            Some(TransferState::Accepted) => Tag::plain("done", self.transfer_state_accepted()),
            Some(TransferState::Declined) => Tag::plain("no", self.transfer_state_declined()),
            Some(TransferState::Cancelled) => Tag::plain("end", self.transfer_state_cancelled()),
            Some(TransferState::Lapsed) => Tag::plain("no", self.transfer_state_lapsed()),
            Some(TransferState::Proposed) | None => Tag::plain("", self.transfer_state_proposed()),
        }
    }
}

/// What the chosen organisation would see and get.
struct Seen {
    to: Uuid,
    name: String,
    call: Option<(String, String)>,
    now: Vec<Fact>,
    after: Vec<String>,
    never: Vec<(String, String)>,
    basis: String,
    moves: String,
    by: String,
    /// (why, remedy, where to mend it).
    blocked: Option<(String, String, Option<String>)>,
    fields: Vec<Field>,
}

/// The page of the holder.
#[derive(askama::Template)]
#[template(path = "pages/transfer.html")]
pub(super) struct Propose {
    f: Frame,
    t: Text,
    id: Uuid,
    back: String,
    code: String,
    which: Option<Field>,
    seen: Option<Seen>,
    summary: Option<Summary>,
}

impl Seen {
    fn of(t: Text, case: CaseId, p: &TransferPreview, typed: &Typed, wrong: &[FieldProblem]) -> Self {
        let mut fields = vec![
            Field::line(t, "note", t.transfer_note())
                .hint(t.transfer_note_hint())
                .optional()
                .max(500)
                .value(typed.one("note"))
                .with(Control::Lines { rows: 3 }),
            Field::line(t, "person_informed", t.transfer_informed())
                .value(typed.one("person_informed"))
                .with(Control::Tick),
        ];
        for field in &mut fields {
            field.error = error_of(wrong, &field.name, t.0);
        }
        Self {
            to: p.id.0,
            name: p.name.clone(),
            call: p.telephone.as_deref().map(|n| (t.phone(n), format::tel(n))),
            now: p.now.clone(),
            after: p.after.clone(),
            never: p.never.clone(),
            basis: p.basis.clone(),
            moves: t.transfer_moves(p.needs, p.referrals),
            by: t.day_of(p.answer_by),
            blocked: p.blocked.as_ref().map(|(code, why, remedy)| {
                let mend =
                    (code == "transfer_consent_missing").then(|| format!("/cases/{case}/consent?recipient={}", p.id));
                (why.clone(), remedy.clone(), mend)
            }),
            fields,
        }
    }
}

impl Propose {
    pub(super) fn of(f: Frame, view: &TransferDraft, id: Uuid, typed: &Typed, wrong: &[FieldProblem]) -> Self {
        let t = f.t;
        let chosen = view.preview.as_ref().map(|p| p.id);
        let choices: Vec<Choice> = view
            .candidates
            .iter()
            .map(|c| {
                let agreed = if c.agreed { t.transfer_agreed() } else { "" };
                Choice {
                    value: c.id.to_string(),
                    label: [c.name.as_str(), c.region.as_str(), agreed]
                        .into_iter()
                        .filter(|s| !s.is_empty())
                        .collect::<Vec<_>>()
                        .join(" · "),
                    chosen: chosen == Some(c.id),
                }
            })
            .collect();
        let which = (!choices.is_empty()).then(|| {
            let control = if choices.len() > 8 {
                Control::List(choices)
            } else {
                Control::One(choices)
            };
            let mut field = Field::line(t, "to", t.transfer_which()).with(control);
            field.error = error_of(wrong, "to", t.0);
            field
        });
        let seen = view
            .preview
            .as_ref()
            .map(|p| Seen::of(t, view.case_id, p, typed, wrong));
        let shown: Vec<&Field> = which.iter().chain(seen.iter().flat_map(|s| &s.fields)).collect();
        let summary = summary(t, shown, wrong);
        let f = if summary.is_some() { f.with_error() } else { f };
        Self {
            f,
            t,
            id,
            back: format!("/cases/{}", view.case_id),
            code: view.case_code.clone(),
            which,
            seen,
            summary,
        }
    }
}

/// The query of the page.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Chosen {
    /// The organisation that is looked at.
    #[serde(default)]
    to: Option<Uuid>,
}

async fn propose_page(
    app: &AppState,
    caller: &Caller,
    case: Uuid,
    to: Option<Uuid>,
    id: Option<Uuid>,
    typed: &Typed,
    wrong: &[FieldProblem],
) -> Result<Propose, Problem> {
    let draft = app
        .acts()
        .transfer_draft(&caller.viewer, CaseId(case), to.map(OrganisationId))
        .await?;
    let now = app.now().await?;
    let f = Frame::of(app, caller, Tab::Cases, caller.t.transfer_title(), now)
        .back(format!("/cases/{case}"), draft.case_code.clone());
    Ok(Propose::of(
        f,
        &draft,
        id.unwrap_or_else(|| ids::new_v7(now)),
        typed,
        wrong,
    ))
}

/// `GET /cases/{id}/transfer`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Id(case): Id,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Problem> {
    let page = propose_page(&app, &caller, case, chosen.to, None, &Typed::default(), &[]).await?;
    Ok(frame::ok(&page))
}

/// `POST /cases/{id}/transfer`.
pub(crate) async fn propose(
    State(app): State<AppState>,
    caller: Caller,
    Id(case): Id,
    typed: Typed,
) -> Result<Response, Problem> {
    let id = typed.id()?;
    let to: Uuid = typed
        .one("to")
        .parse()
        .map_err(|_| Problem::new(ProblemKind::MalformedForm))?;
    let command = ProposeTransfer {
        id,
        to,
        note: typed.one("note").to_owned(),
        person_informed: typed.ticked("person_informed"),
    };
    match app.acts().propose_transfer(&caller.viewer, CaseId(case), command).await {
        Ok(_) => Ok(see(&format!("/transfers/{id}?done=transfer_proposed"))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let mut page = propose_page(&app, &caller, case, Some(to), Some(id), &typed, &back.wrong)
                .await
                .map_err(|unseen| back.unshown(unseen))?;
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}

/// One wait that moves with the case.
struct Wait {
    label: String,
    prio: Prio,
    state: String,
    with: String,
    clock: Option<Clock>,
}

/// The page of either side.
#[derive(askama::Template)]
#[template(path = "pages/transfer_answer.html")]
pub(super) struct Answer {
    f: Frame,
    t: Text,
    id: Uuid,
    version: String,
    action: String,
    code: String,
    lead: String,
    tag: Tag,
    clock: Option<Clock>,
    hand: Option<Hand>,
    facts: Vec<Fact>,
    opens: Vec<String>,
    waits: Vec<Wait>,
    words: Vec<(&'static str, String)>,
    call: Option<(String, String, String)>,
    may_answer: bool,
    may_cancel: bool,
    assign: Option<Field>,
    reasons: Vec<(String, &'static str)>,
    text: Field,
    tried: String,
    summary: Option<Summary>,
}

impl Answer {
    pub(super) fn of(
        f: Frame,
        view: &TransferView,
        id: Uuid,
        typed: &Typed,
        wrong: &[FieldProblem],
        now: DateTime<Utc>,
    ) -> Self {
        let t = f.t;
        let may = |command: &str| view.commands.iter().any(|c| c == command);
        let asked = view.side == "asked";
        let lead = match view.side.as_str() {
            "asked" => t.transfer_lead_asked(&view.from),
            "former" => t.transfer_lead_former(&view.to),
            _ => t.transfer_lead_holder(&view.to),
        };
        let mut words = Vec::new();
        words.extend(view.note.clone().map(|n| (t.transfer_note_label(), n)));
        let decline = view.decline.as_deref().and_then(TransferDecline::from_code);
        words.extend(decline.map(|d| (t.referral_reason(), t.transfer_decline(d).to_owned())));
        words.extend(view.answer.clone().map(|a| (t.transfer_answer_label(), a)));
        words.extend(view.ended_at.map(|at| (t.transfer_ended(), t.moment(at))));
        let chosen = typed.one("assign");
        let assign = (!view.staff.is_empty()).then(|| {
            let people = view
                .staff
                .iter()
                .map(|(user, name, own)| Choice {
                    value: user.to_string(),
                    label: if *own { t.transfer_me(name) } else { name.clone() },
                    chosen: chosen == user.to_string() || (chosen.is_empty() && *own),
                })
                .collect();
            let mut field = Field::line(t, "assign", t.transfer_assign())
                .hint(t.transfer_assign_hint())
                .optional()
                .with(Control::List(people));
            field.error = error_of(wrong, "to", t.0);
            field
        });
        let mut text = Field::line(t, "text", t.transfer_text())
            .optional()
            .max(500)
            .value(typed.one("text"));
        text.error = error_of(wrong, "text", t.0);
        let shown: Vec<&Field> = assign.iter().chain([&text]).collect();
        // Whom the case goes to inside is asked as "assign": its mistake stands there.
        let others: Vec<FieldProblem> = wrong.iter().filter(|w| w.field != "to").cloned().collect();
        let summary = summary(t, shown, &others);
        let f = if summary.is_some() { f.with_error() } else { f };
        let (name, number) = if asked {
            (&view.from, &view.from_telephone)
        } else {
            (&view.to, &view.to_telephone)
        };
        Self {
            t,
            id,
            version: if typed.one("version").is_empty() {
                view.version.to_string()
            } else {
                typed.one("version").to_owned()
            },
            action: format!("/transfers/{}", view.id),
            code: view.case_code.clone(),
            lead,
            tag: t.transfer_state(&view.state),
            clock: view.clock.as_ref().map(|c| Clock::running(t, c, now)),
            hand: view
                .hand
                .as_ref()
                .zip(view.clock.as_ref())
                .map(|(hand, c)| Hand::of(t, hand, t.work_limit(t.transfer_due(), t.short(c.due, now)))),
            facts: view.facts.clone(),
            opens: view.opens.clone(),
            waits: view
                .waits
                .iter()
                .map(|w| Wait {
                    label: w.label.clone(),
                    prio: Prio::short(t, w.priority),
                    state: w.state_label.clone(),
                    with: w.with.clone(),
                    clock: w.clock.as_ref().map(|c| Clock::running(t, c, now)),
                })
                .collect(),
            words,
            call: number.as_deref().map(|n| (name.clone(), t.phone(n), format::tel(n))),
            may_answer: may("accept"),
            may_cancel: may("cancel"),
            assign,
            reasons: TransferDecline::ALL
                .iter()
                .map(|c| (c.code().to_owned(), t.transfer_decline(*c)))
                .collect(),
            text,
            tried: typed.one("command").to_owned(),
            summary,
            f,
        }
    }
}

fn frame_of(app: &AppState, caller: &Caller, view: &TransferView, now: DateTime<Utc>) -> Frame {
    let t = caller.t;
    let f = Frame::of(
        app,
        caller,
        if view.case_id.is_some() { Tab::Cases } else { Tab::Day },
        t.transfer_title(),
        now,
    );
    match view.case_id {
        Some(case) => f.back(format!("/cases/{case}"), view.case_code.clone()),
        None => f.back("/day", t.day_title()),
    }
}

/// `GET /transfers/{id}`.
pub(crate) async fn read(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    Query(after): Query<After>,
) -> Result<Response, Problem> {
    let view = app.acts().transfer(&caller.viewer, TransferId(id)).await?;
    let now = app.now().await?;
    let mut f = frame_of(&app, &caller, &view, now);
    f.notice = after.done.map(|d| d.notice(caller.t, &view.case_code));
    Ok(frame::ok(&Answer::of(
        f,
        &view,
        ids::new_v7(now),
        &Typed::default(),
        &[],
        now,
    )))
}

fn command(typed: &Typed) -> Result<TransferAsked, FieldProblem> {
    Ok(match typed.one("command") {
        "accept" => TransferAsked::Accept {
            assign: typed.one("assign").parse().ok(),
        },
        "decline" => TransferAsked::Decline {
            code: TransferDecline::from_code(typed.one("code"))
                .ok_or_else(|| missing("code", Text::referral_missing))?,
            text: typed.one("text").to_owned(),
        },
        "cancel" => TransferAsked::Cancel,
        _ => return Err(missing("command", Text::referral_missing)),
    })
}

/// `POST /transfers/{id}`.
pub(crate) async fn act(
    State(app): State<AppState>,
    caller: Caller,
    Id(transfer): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let (id, version) = (typed.id()?, typed.version()?);
    let done = match command(&typed) {
        Ok(command) => {
            let word = match command {
                TransferAsked::Accept { .. } => "transfer_accepted",
                TransferAsked::Decline { .. } => "transfer_declined",
                TransferAsked::Cancel => "transfer_cancelled",
            };
            let act = ActOnTransfer { id, version, command };
            app.acts()
                .act_on_transfer(&caller.viewer, TransferId(transfer), act)
                .await
                .map(|_| word)
        }
        Err(mistake) => Err(ActError::Invalid(vec![mistake])),
    };
    match done {
        // Whoever took the case has it now, if they see the whole of it; else the page says what was answered.
        Ok(word) => {
            let view = app.acts().transfer(&caller.viewer, TransferId(transfer)).await;
            match view.ok().map(|v| v.case_id) {
                Some(Some(case)) => Ok(see(&format!("/cases/{case}?done={word}"))),
                Some(None) => Ok(see(&format!("/transfers/{transfer}?done={word}"))),
                None => Ok(see("/day")),
            }
        }
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let view = app
                .acts()
                .transfer(&caller.viewer, TransferId(transfer))
                .await
                .map_err(|e| back.unshown(e.into()))?;
            if back.stale {
                typed.0.remove("version");
            }
            let now = app.now().await?;
            let f = frame_of(&app, &caller, &view, now);
            let mut page = Answer::of(f, &view, id, &typed, &back.wrong, now);
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
