//! Consent: the mechanism's form F3, with its lines as decisions.

use axum::extract::State;
use axum::response::Response;
use relais_acts::commands::{ConsentLineDecision, RawAnswers, RecordConsent};
use relais_acts::problem::{ActError, FieldProblem};
use relais_acts::views::CaseView;
use relais_mechanism::Mechanism;
use relais_mechanism::words::{ClassSet, DataClass};
use relais_network::{CaseId, OrganisationId};
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Query, Typed};
use crate::forms;
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Choice, Control, Field, Group, Summary};
use crate::problem::{Problem, set};
use crate::text::Text;
use crate::text::both;

/// The consent form.
const FORM: &str = "F3";
/// Which field of the form is which line (DOMAIN §2.6, F3.20–F3.31).
const LINES: &[(&str, &str)] = &[
    ("F3.20", "C1"),
    ("F3.21", "C2"),
    ("F3.22", "C3"),
    ("F3.24", "C4"),
    ("F3.25", "C5"),
    ("F3.26", "C6"),
    ("F3.27", "C7"),
    ("F3.28", "C8"),
    ("F3.29", "C9"),
    ("F3.30", "C10"),
    ("F3.31", "C11"),
];
/// Fields that the page lays out itself: the lines and what is never shared.
const OURS: &[&str] = &[
    "F3.20", "F3.21", "F3.22", "F3.23", "F3.24", "F3.25", "F3.26", "F3.27", "F3.28", "F3.29", "F3.30", "F3.31",
    "F3.42", "F3.43", "F3.50", "F3.51", "F3.52",
];
/// For C3: the service or category, the classes.
const SERVICE: &str = "c3_service";
const CLASSES: &str = "c3_classes";
/// For C3: the one organisation that is to receive, where one was named.
const RECIPIENT: &str = "c3_recipient";
/// Classes never shared.
const NEVER: &str = "never";

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/consent.html")]
pub(super) struct Consent {
    f: Frame,
    t: Text,
    id: Uuid,
    back: String,
    action: String,
    recipient: Option<(String, String)>,
    before: Vec<Group>,
    lines: Vec<Field>,
    share: Vec<Field>,
    never: Field,
    after: Vec<Group>,
    summary: Option<Summary>,
}

/// The choices of one line; silence is "not asked".
fn decisions(t: Text, chosen: &str) -> Vec<Choice> {
    [
        ("granted", t.consent_granted()),
        ("refused", t.consent_refused()),
        ("not_asked", t.consent_not_asked()),
    ]
    .into_iter()
    .map(|(value, label)| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        chosen: chosen == value,
    })
    .collect()
}

/// The data classes as boxes to tick.
fn classes(t: Text, mechanism: &Mechanism, typed: &RawAnswers, name: &str) -> Control {
    let ticked = typed.get(name).map_or(&[][..], Vec::as_slice);
    let choices = DataClass::ALL.iter().map(|class| Choice {
        value: class.code().to_owned(),
        label: mechanism
            .class(*class)
            .map_or_else(|| class.code().to_owned(), |w| set(w.label.get(t.0), t.0)),
        chosen: ticked.iter().any(|v| v == class.code()),
    });
    Control::Many(choices.collect())
}

impl Consent {
    pub(super) fn of(
        app: &AppState,
        caller: &Caller,
        case: &CaseView,
        id: Uuid,
        typed: &RawAnswers,
        wrong: &[FieldProblem],
        now: chrono::DateTime<chrono::Utc>,
    ) -> Result<Self, Problem> {
        let t = caller.t;
        let mechanism = app.desk().mechanism();
        let form = mechanism.form(FORM).ok_or(ActError::NotFound)?;
        let mut before = forms::groups(t, &mechanism, form, OURS, typed, wrong);
        // Information and who consents come before the lines, the proof after them.
        let proof = form
            .sections
            .iter()
            .position(|s| s.fields.iter().any(|q| q.code == "F3.40"));
        let proof_title = proof
            .and_then(|n| form.sections.get(n))
            .map(|s| set(s.label.get(t.0), t.0));
        let at = before
            .iter()
            .position(|g| Some(&g.title) == proof_title.as_ref())
            .unwrap_or(before.len());
        let after = before.split_off(at);
        let one = |name: &str| typed.get(name).and_then(|v| v.first()).map_or("", String::as_str);
        let line = |code: &str| {
            let question = form.field(code);
            let chosen = if one(code).is_empty() && typed.keys().all(|name| name == RECIPIENT) {
                "not_asked"
            } else {
                one(code)
            };
            let label = question.map_or_else(|| code.to_owned(), |q| set(q.label.get(t.0), t.0));
            let mut field = Field::line(t, code, label).with(Control::One(decisions(t, chosen)));
            field.error = forms::error_of(wrong, code, t.0);
            field
        };
        let lines: Vec<Field> = LINES
            .iter()
            .filter(|(code, _)| *code != "F3.22")
            .map(|(code, _)| line(code))
            .collect();
        let mut services = vec![Choice {
            value: "any".to_owned(),
            label: t.consent_share_any().to_owned(),
            chosen: matches!(one(SERVICE), "" | "any"),
        }];
        services.extend(mechanism.categories().iter().map(|c| Choice {
            value: c.code.clone(),
            label: set(c.label.get(t.0), t.0),
            chosen: one(SERVICE) == c.code,
        }));
        let mut what = Field::line(t, CLASSES, t.consent_share_classes()).with(classes(t, &mechanism, typed, CLASSES));
        what.error = forms::error_of(wrong, CLASSES, t.0);
        let recipient = one(RECIPIENT).parse::<Uuid>().ok().map(OrganisationId).and_then(|id| {
            let network = app.desk().network();
            network
                .organisations
                .get(&id)
                .map(|o| (id.to_string(), o.name.get(t.0).to_owned()))
        });
        let mut share = vec![line("F3.22")];
        if recipient.is_none() {
            share.push(Field::line(t, SERVICE, t.consent_share_service()).with(Control::List(services)));
        }
        share.push(what);
        let never = Field::line(t, NEVER, t.consent_never())
            .optional()
            .with(classes(t, &mechanism, typed, NEVER));
        let shown: Vec<&Field> = before
            .iter()
            .flat_map(|g| &g.fields)
            .chain(&lines)
            .chain(&share)
            .chain([&never])
            .chain(after.iter().flat_map(|g| &g.fields))
            .collect();
        let summary = forms::summary(t, shown, wrong);
        let action = format!("/cases/{}/consent", case.id);
        let mut f = Frame::of(app, caller, Tab::Cases, t.consent_title(), now)
            .back(format!("/cases/{}", case.id), case.code.clone());
        if summary.is_some() {
            f = f.with_error();
        }
        Ok(Self {
            f,
            t,
            id,
            back: format!("/cases/{}", case.id),
            action,
            recipient,
            before,
            lines,
            share,
            never,
            after,
            summary,
        })
    }
}

/// The query of the page.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Named {
    /// The one organisation that is to receive: a new holder of the case.
    #[serde(default)]
    recipient: Option<Uuid>,
}

/// `GET /cases/{id}/consent`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Id(case): Id,
    Query(named): Query<Named>,
) -> Result<Response, Problem> {
    let case = writable(&app, &caller, case).await?;
    let now = app.now().await?;
    let mut typed = RawAnswers::new();
    if let Some(recipient) = named.recipient {
        typed.insert(RECIPIENT.to_owned(), vec![recipient.to_string()]);
    }
    let page = Consent::of(&app, &caller, &case, ids::new_v7(now), &typed, &[], now)?;
    Ok(frame::ok(&page))
}

/// The case, for a viewer who works on it; for others it is not there.
pub(super) async fn writable(app: &AppState, caller: &Caller, case: Uuid) -> Result<CaseView, Problem> {
    let case = app.acts().case(&caller.viewer, CaseId(case)).await?;
    if case.may_write {
        Ok(case)
    } else if case.erased.is_some_and(|e| e.team) {
        Err(ActError::Erased.into())
    } else {
        Err(ActError::NotFound.into())
    }
}

/// The classes ticked.
fn ticked(typed: &Typed, name: &str) -> ClassSet {
    typed
        .all(name)
        .iter()
        .filter_map(|code| DataClass::from_code(code))
        .collect()
}

/// What the page asks of the acts.
fn command(typed: &Typed, id: Uuid) -> Result<RecordConsent, FieldProblem> {
    let mut lines = Vec::new();
    for (field, line) in LINES {
        let decision = typed.one(field);
        if decision.is_empty() {
            continue;
        }
        let (mut service, mut shared, mut recipient) = (None, ClassSet::EMPTY, None);
        if *line == "C3" {
            recipient = typed.one(RECIPIENT).parse().ok();
            service = Some(typed.one(SERVICE))
                .filter(|s| !matches!(*s, "" | "any"))
                .map(str::to_owned);
            shared = ticked(typed, CLASSES);
            if decision == "granted" && shared.is_empty() {
                return Err(FieldProblem {
                    field: CLASSES.to_owned(),
                    code: "required".to_owned(),
                    message: both(Text::consent_share_classes_missing),
                });
            }
        }
        lines.push(ConsentLineDecision {
            line: (*line).to_owned(),
            decision: decision.to_owned(),
            recipient,
            service,
            classes: shared,
        });
    }
    let mut answers = typed.0.clone();
    answers.retain(|name, values| {
        name.starts_with("F3.") && !OURS.contains(&name.as_str()) && values.iter().any(|v| !v.trim().is_empty())
    });
    Ok(RecordConsent {
        id,
        answers,
        lines,
        never: ticked(typed, NEVER),
        happened_at: None,
    })
}

/// `POST /cases/{id}/consent`.
pub(crate) async fn record(
    State(app): State<AppState>,
    caller: Caller,
    Id(case_id): Id,
    typed: Typed,
) -> Result<Response, Problem> {
    let id = typed.id()?;
    let made = match command(&typed, id) {
        Ok(command) => {
            app.acts()
                .record_consent(&caller.viewer, CaseId(case_id), command)
                .await
        }
        Err(mistake) => Err(ActError::Invalid(vec![mistake])),
    };
    match made {
        Ok(_) => match typed.one(RECIPIENT).parse::<Uuid>() {
            // It was asked for a transfer: back to it.
            Ok(to) => Ok(see(&format!("/cases/{case_id}/transfer?to={to}#sees"))),
            Err(_) => Ok(see(&format!("/cases/{case_id}?done=consent"))),
        },
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let case = writable(&app, &caller, case_id)
                .await
                .map_err(|unseen| back.unshown(unseen))?;
            let now = app.now().await?;
            let mut page = Consent::of(&app, &caller, &case, id, &typed.0, &back.wrong, now)?;
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
