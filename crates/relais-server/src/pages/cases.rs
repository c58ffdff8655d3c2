//! The list of cases, and one case.

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use relais_acts::ending::Ending;
use relais_acts::families::BreakFamily;
use relais_acts::problem::ActError;
use relais_acts::views::{CaseList, CaseView, ChildView, Erasure, Fact, HistoryRow};
use relais_casework::closing::ClosureState;
use relais_mechanism::words::Priority;
use relais_network::CaseId;

use super::done::After;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Query, Typed};
use crate::frame::{self, Frame, Tab, encode, see};
use crate::parts::{Clock, Hand, Notice, Prio, Row, Tag};
use crate::problem::{Problem, set};
use crate::text::Text;
use crate::work::{self, For};

/// One row of the list.
struct Line {
    href: String,
    code: String,
    person: String,
    region: String,
    needs: u32,
    clock: Option<Clock>,
    state: Option<Tag>,
    opened: String,
}

/// The list.
#[derive(askama::Template)]
#[template(path = "pages/cases.html")]
pub(super) struct Cases {
    f: Frame,
    t: Text,
    lines: Vec<Line>,
    next: Option<String>,
}

impl Cases {
    pub(super) fn of(f: Frame, t: Text, list: &CaseList, now: DateTime<Utc>) -> Self {
        let lines = list
            .rows
            .iter()
            .map(|row| Line {
                href: format!("/cases/{}", row.id),
                code: row.code.clone(),
                person: if row.erased {
                    t.cases_erased().to_owned()
                } else {
                    [row.initials.as_str(), row.sex.as_str(), row.age_band.as_str()]
                        .into_iter()
                        .filter(|s| !s.is_empty())
                        .collect::<Vec<_>>()
                        .join(" · ")
                },
                region: row.region.clone(),
                needs: row.open_needs,
                clock: row.clock.as_ref().map(|c| Clock::running(t, c, now)),
                state: match row.state.as_str() {
                    _ if row.erased => Some(Tag::plain("end", t.cases_state_erased())),
                    "closed" => Some(Tag::plain("end", t.cases_state_closed())),
                    "ended" => Some(Tag::plain("end", t.cases_state_ended())),
                    _ => None,
                },
                opened: t.day_of(row.opened_at),
            })
            .collect();
        Self {
            f,
            t,
            lines,
            next: list.next.as_deref().map(|c| format!("/cases?after={}", encode(c))),
        }
    }
}

/// The query of the list.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Wanted {
    /// Cursor of the list.
    #[serde(default)]
    after: Option<String>,
    /// A code typed into the search.
    #[serde(default)]
    code: Option<String>,
}

/// `GET /cases`.
pub(crate) async fn list(
    State(app): State<AppState>,
    caller: Caller,
    Query(query): Query<Wanted>,
) -> Result<Response, Problem> {
    let mut notice = None;
    if let Some(code) = query.code.filter(|c| !c.trim().is_empty()) {
        match app.acts().case_by_code(&caller.viewer, code).await {
            Ok(id) => return Ok(see(&format!("/cases/{id}"))),
            Err(ActError::NotFound) => {
                notice = Some(Notice::warn(caller.t.cases_not_found(), caller.t.cases_not_found_do()))
            }
            Err(other) => return Err(other.into()),
        }
    }
    let list = app.acts().cases(&caller.viewer, query.after).await?;
    let now = app.now().await?;
    let t = caller.t;
    let f = Frame::of(&app, &caller, Tab::Cases, t.cases_title(), now).notice(notice);
    Ok(frame::ok(&Cases::of(f, t, &list, now)))
}

/// A consent on the page.
struct Consent {
    label: String,
    classes: String,
    tag: Tag,
    until: String,
    proof: String,
}

/// A need on the page.
struct Need {
    label: String,
    words: String,
    prio: Prio,
    state: String,
    met: bool,
    hand: Hand,
    clock: Option<Clock>,
    refer: Option<String>,
}

/// A recipient that was told of a withdrawal.
struct Told {
    href: String,
    recipient: String,
    classes: String,
    asked: String,
    tag: Option<Tag>,
    clock: Option<Clock>,
}

/// A disclosure on the page.
struct Seen {
    when: String,
    who: String,
    what: String,
    basis: String,
}

/// A line of the history.
pub(super) struct Past {
    pub when: String,
    pub what: String,
    pub who: String,
    pub typed: String,
}

/// The history, with the time of typing where it differs.
pub(super) fn past(t: Text, rows: &[HistoryRow], now: DateTime<Utc>) -> Vec<Past> {
    rows.iter()
        .map(|h| Past {
            when: t.short(h.at, now),
            what: h.what.clone(),
            who: h.who.clone(),
            typed: if (h.typed_at - h.at).num_hours() >= 1 {
                t.case_typed_later(t.short(h.typed_at, now))
            } else {
                String::new()
            },
        })
        .collect()
}

/// One case.
#[derive(askama::Template)]
#[template(path = "pages/case.html")]
pub(super) struct Case {
    f: Frame,
    t: Text,
    base: String,
    title: String,
    code: String,
    state: Tag,
    prio: Option<Prio>,
    safe_contact: Option<String>,
    no_contact: bool,
    emergency: Option<String>,
    protected: bool,
    child: Option<ChildView>,
    proposed: Vec<super::sections::Proposed>,
    forms: Vec<super::sections::Line>,
    ask_consent: bool,
    referrals: Vec<Row>,
    needs: Vec<Need>,
    consents: Vec<Consent>,
    told: Vec<Told>,
    withdraw: bool,
    seen: Vec<Seen>,
    overrides: Vec<super::cosign::Line>,
    perhaps: Option<super::perhaps::Part>,
    looked: Option<super::perhaps::Looked>,
    facts: Vec<Fact>,
    holder: String,
    assigned: Option<String>,
    handover: Option<(String, String, String)>,
    transfer: Option<(String, String, Clock)>,
    recent: Vec<Past>,
    older: Vec<Past>,
    history_more: bool,
    may_write: bool,
    may_close: bool,
    close_blocked: Option<String>,
    open: bool,
    /// The closure that waits: (what it says, until when).
    closure: Option<(String, Clock)>,
    /// Whether a closure can be read.
    closed: bool,
    /// The contact that the person wanted after it.
    follow_up: Option<String>,
    /// Where the plan stands, and when it is looked at again; for whoever may read it.
    plan: Option<(String, String)>,
    may_end: bool,
    may_reopen: bool,
    kin: bool,
    /// The family's other members, code and address, where the person has a link.
    family: Option<Vec<(String, String)>>,
    /// The id under which the link would be broken.
    family_id: uuid::Uuid,
    erased: bool,
}

/// What stands on top of the page of somebody who was erased.
pub(super) fn erased_notice(t: Text, erased: &Erasure) -> Notice {
    let title = erased
        .at
        .map_or_else(|| t.case_erased().to_owned(), |at| t.case_erased_on(t.day_of(at)));
    let text = if erased.reason.is_empty() {
        t.case_erased_text().to_owned()
    } else {
        t.case_erased_why(&erased.reason)
    };
    Notice::warn(title, text)
}

/// What stands on top of the page of a case that has ended.
pub(super) fn ended_notice(t: Text, case: &CaseView) -> Option<Notice> {
    if case.state != "ended" {
        return None;
    }
    Some(case.ending.as_ref().map_or_else(
        || Notice::warn(case.state_label.clone(), t.end_notice_other()),
        |e| {
            Notice::warn(
                t.end_notice(t.day_of(e.at)),
                t.end_notice_text(&e.reason_label, t.date(e.on)),
            )
        },
    ))
}

/// How the end is known, for the case's team.
fn ending_facts(t: Text, ending: &Ending) -> Vec<Fact> {
    let fact = |label: &str, value: Option<String>| Fact {
        label: label.to_owned(),
        value,
    };
    let mut facts = vec![fact(t.end_told_by(), Some(ending.source.clone()))];
    if let Some(by) = &ending.by {
        facts.push(fact(t.end_by(), Some(by.clone())));
    }
    facts
}

impl Case {
    pub(super) fn of(f: Frame, t: Text, case: &CaseView, now: DateTime<Utc>) -> Self {
        let base = format!("/cases/{}", case.id);
        let mut recent = past(t, &case.history, now);
        let older = recent.split_off(recent.len().min(8));
        let (perhaps, looked) = case
            .perhaps
            .as_ref()
            .map(|p| super::perhaps::Part::of(t, &base, p, case.may_write, now))
            .map_or((None, None), |(part, looked)| (Some(part), looked));
        Self {
            f,
            t,
            title: match (&case.erased, &case.name) {
                (Some(_), _) => t.case_erased().to_owned(),
                (None, Some(name)) => name.clone(),
                (None, None) => t.case_no_name().to_owned(),
            },
            code: case.code.clone(),
            state: Tag::plain(
                if case.state == "open" && case.erased.is_none() {
                    "go"
                } else {
                    "end"
                },
                case.state_label.clone(),
            ),
            prio: case.priority.map(|p| Prio::long(t, p)),
            safe_contact: case.safe_contact.clone().filter(|_| !case.no_contact),
            no_contact: case.no_contact,
            emergency: case.emergency_until.map(|until| t.short(until, now)),
            protected: case.protected,
            child: case.child.clone(),
            proposed: case
                .proposals
                .iter()
                .map(|row| super::sections::Proposed::of(t, &base, row))
                .collect(),
            forms: case
                .forms
                .iter()
                .map(|line| super::sections::Line::of(t, &base, line, now))
                .collect(),
            ask_consent: !case.consent_ready && case.state == "open",
            referrals: case.referrals.iter().map(|w| work::row(t, w, For::Case, now)).collect(),
            needs: case
                .needs
                .iter()
                .map(|n| Need {
                    label: n.label.clone(),
                    words: n.words.clone().unwrap_or_default(),
                    prio: if n.priority == Priority::P1 {
                        Prio::long(t, n.priority)
                    } else {
                        Prio::short(t, n.priority)
                    },
                    state: n.state_label.clone(),
                    met: n.clock.is_none(),
                    hand: Hand::of(t, &n.hand, n.state_label.clone()),
                    clock: n.clock.as_ref().map(|c| Clock::running(t, c, now)),
                    refer: n.can_refer.then(|| format!("/needs/{}/refer", n.id)),
                })
                .collect(),
            consents: case
                .consents
                .iter()
                .map(|c| {
                    let (family, word) = match c.decision.as_str() {
                        "granted" => ("done", t.consent_granted()),
                        "refused" => ("no", t.consent_refused()),
                        "withdrawn" => ("end", t.case_withdrawn()),
                        "expired" => ("end", t.case_expired()),
                        "void" => ("no", t.child_void()),
                        _ => ("draft", t.consent_not_asked()),
                    };
                    let label = if c.recipient.is_empty() {
                        c.label.clone()
                    } else {
                        format!("{} · {}", c.label, c.recipient)
                    };
                    Consent {
                        label,
                        classes: c.classes.clone(),
                        tag: Tag::plain(family, word),
                        until: c
                            .until
                            .filter(|_| c.decision == "granted")
                            .map(|d| {
                                let until = t.case_until(t.date(d));
                                if c.urgent_only {
                                    format!("{until}, {}", t.child_urgent_only())
                                } else {
                                    until
                                }
                            })
                            .unwrap_or_default(),
                        proof: format!("{}, {}", c.proof, t.date(c.given_on)),
                    }
                })
                .collect(),
            told: case
                .stops
                .iter()
                .map(|s| Told {
                    href: format!("/stops/{}", s.id),
                    recipient: s.recipient.clone(),
                    classes: s.classes.clone(),
                    asked: t.day_of(s.asked_at),
                    tag: s.confirmed_on.map(|on| {
                        let text = if s.noted {
                            t.stop_noted_on(t.date(on))
                        } else {
                            t.stop_confirmed_on(t.date(on))
                        };
                        Tag::plain("done", text)
                    }),
                    clock: s.clock.as_ref().map(|c| Clock::running(t, c, now)),
                })
                .collect(),
            withdraw: case.consents.iter().any(|c| c.decision == "granted"),
            seen: case
                .disclosures
                .iter()
                .map(|d| Seen {
                    when: t.moment(d.at),
                    who: d.recipient.clone(),
                    what: d.what.clone(),
                    basis: d.basis.clone(),
                })
                .collect(),
            overrides: case
                .overrides
                .iter()
                .map(|note| super::cosign::Line::of(t, note))
                .collect(),
            perhaps,
            looked,
            facts: case
                .erased
                .iter()
                .filter_map(|e| {
                    e.note.clone().map(|note| Fact {
                        label: t.case_erased_note().to_owned(),
                        value: Some(note),
                    })
                })
                .chain(case.ending.iter().flat_map(|e| ending_facts(t, e)))
                .chain(case.facts.iter().filter(|f| f.value.is_some()).cloned())
                .collect(),
            holder: case.holder.clone(),
            assigned: case.assigned.clone(),
            handover: case
                .handover
                .as_ref()
                .map(|h| (t.moment(h.at), h.who.clone(), h.note.clone())),
            transfer: case.transfer.as_ref().and_then(|x| {
                let clock = Clock::running(t, x.clock.as_ref()?, now);
                Some((
                    format!("/transfers/{}", x.id),
                    t.transfer_waiting(&x.organisation),
                    clock,
                ))
            }),
            recent,
            older,
            history_more: case.history_more,
            may_write: case.may_write,
            may_close: case.may_close,
            close_blocked: case.close_blocked.clone(),
            open: case.state == "open" && case.erased.is_none(),
            closure: case.closing.as_ref().and_then(|c| {
                let who = c.by.clone().unwrap_or_default();
                let says = match c.state {
                    ClosureState::Proposed => t.close_banner_proposed(&who),
                    _ => t.close_banner_returned(&who),
                };
                Some((says, Clock::running(t, c.clock.as_ref()?, now)))
            }),
            closed: case.closing.as_ref().is_some_and(|c| c.state == ClosureState::Closed),
            follow_up: case
                .closing
                .as_ref()
                .and_then(|c| c.follow_up_at)
                .map(|at| t.follow_planned(t.day_of(at))),
            plan: case.plan.as_ref().map(|plan| {
                let status = plan.status.clone().unwrap_or_else(|| t.plan_not_yet().to_owned());
                let review = plan.review_at.filter(|_| case.state == "open");
                (
                    set(&status, t.0),
                    review.map_or_else(String::new, |at| t.plan_next(t.day_of(at))),
                )
            }),
            may_end: case.may_end,
            may_reopen: case.may_reopen,
            kin: case.ending.as_ref().is_some_and(|e| e.kin),
            family: case.family.as_ref().map(|members| {
                members
                    .iter()
                    .map(|m| (format!("/cases/{}", m.case_id), m.case_code.clone()))
                    .collect()
            }),
            family_id: relais_store::ids::new_v7(now),
            erased: case.erased.is_some(),
            base,
        }
    }
}

/// `POST /cases/{id}/family`: breaks the family link.
pub(crate) async fn family(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    typed: Typed,
) -> Result<Response, Problem> {
    let command = BreakFamily { id: typed.id()? };
    app.acts().break_family(&caller.viewer, CaseId(id), command).await?;
    Ok(see(&format!("/cases/{id}?done=family_broken")))
}

impl Case {
    /// The frame, for what comes back refused.
    pub(super) fn frame(&mut self) -> &mut Frame {
        &mut self.f
    }
}

/// `GET /cases/{id}`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    Query(after): Query<After>,
) -> Result<Response, Problem> {
    let case = app.acts().case(&caller.viewer, CaseId(id)).await?;
    let now = app.now().await?;
    let t = caller.t;
    let f = Frame::of(&app, &caller, Tab::Cases, &case.code, now)
        .back("/cases", t.cases_title())
        .notice(match &case.erased {
            Some(erased) => Some(erased_notice(t, erased)),
            None => after
                .done
                .map(|d| d.notice(t, &case.code))
                .or_else(|| ended_notice(t, &case)),
        });
    Ok(frame::ok(&Case::of(f, t, &case, now)))
}
