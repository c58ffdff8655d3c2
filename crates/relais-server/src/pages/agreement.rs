//! One agreement: parties, data annex, register; for the mechanism's office the
//! forms by which a further party signs, the term is prolonged, a party leaves.

use axum::extract::State;
use axum::response::Response;
use relais_acts::ActError;
use relais_acts::agreements::{AgreementView, DenounceAgreement, LONGEST, NotedView, RenewAgreement, SignAgreement};
use relais_acts::problem::FieldProblem;
use relais_acts::views::Made;
use relais_network::AgreementId;
use relais_network::agreement::RegisterStep;
use relais_store::ids;
use uuid::Uuid;

use super::agreements::{LIST, function, scan, scan_field, signature, signed, tab, tag, term};
use super::came_back::{Came, CameBack};
use super::done::{After, Done};
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Query, Typed};
use crate::forms::{day_if_any, mark};
use crate::frame::{self, Frame, see};
use crate::parts::{Choice, Control, Field, Summary, Tag};
use crate::problem::{Problem, set};
use crate::text::Text;
use crate::upload::Upload;

/// Which of the three forms came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Sign,
    Renew,
    Denounce,
}

/// A form of the page.
struct Panel {
    anchor: &'static str,
    action: String,
    title: &'static str,
    why: &'static str,
    button: &'static str,
    risk: bool,
    open: bool,
    /// A form with a scan is sent in parts.
    file: bool,
    id: Uuid,
    fields: Vec<Field>,
}

/// A signatory.
struct Party {
    name: String,
    code: String,
    says: Vec<String>,
}

/// A line of the register.
struct Noted {
    when: String,
    what: String,
    says: Vec<String>,
    /// Name and fingerprint of the scan.
    scan: Option<(String, String)>,
}

impl Noted {
    fn of(t: Text, line: &NotedView) -> Self {
        let on = t.date(line.on);
        let mut says = Vec::new();
        let what = match line.step {
            RegisterStep::Added => t.agreement_step_added(line.version),
            RegisterStep::Signed => t.agreement_step_signed(line.version),
            RegisterStep::Renewed => t.agreement_step_renewed(line.version),
            RegisterStep::Denounced => t.agreement_step_denounced(line.version),
        };
        if !line.party.is_empty() {
            says.push(line.party.clone());
        }
        if !line.function.is_empty() {
            says.push(t.agreement_signed_as(&line.function));
        }
        says.push(match line.step {
            RegisterStep::Added | RegisterStep::Signed => t.agreements_from(on),
            RegisterStep::Renewed => line.until.map_or_else(
                || t.agreements_open_end().to_owned(),
                |until| t.safeguards_term(t.date(until)),
            ),
            RegisterStep::Denounced => t.agreements_denounced_on(on),
        });
        if !line.reason.is_empty() {
            says.push(t.agreement_reason_is(&line.reason));
        }
        if !line.mechanism.is_empty() {
            says.push(t.agreement_under(&line.mechanism));
        }
        if !line.by.is_empty() {
            says.push(t.agreement_noted_by(&line.by));
        }
        Self {
            when: t.moment(line.at),
            what,
            says,
            scan: line.scan.as_ref().map(|s| (s.name.clone(), s.sha256.clone())),
        }
    }
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/agreement.html")]
pub(super) struct One {
    f: Frame,
    t: Text,
    reference: String,
    kind: String,
    tag: Tag,
    facts: Vec<(&'static str, String)>,
    parties: Vec<Party>,
    /// Category, what goes, what stays behind.
    annex: Vec<(String, String, String)>,
    version: String,
    panels: Vec<Panel>,
    summary: Option<Summary>,
    register: Vec<Noted>,
    inside: bool,
}

impl One {
    pub(super) fn of(f: Frame, t: Text, view: &AgreementView, came: Option<(Form, &Came<'_>)>) -> Self {
        let row = &view.row;
        let mut facts = vec![
            (t.agreements_until(), term(t, row)),
            (t.agreement_purposes(), set(&view.purposes.join(" · "), t.0)),
            (t.agreement_max(), row.max_sensitivity.to_string()),
        ];
        if let Some(n) = view.referrals {
            facts.push((t.agreement_referrals(), n.to_string()));
        }
        if !view.notices.is_empty() {
            let days: Vec<String> = view.notices.iter().map(|d| t.date(*d)).collect();
            facts.push((t.agreement_notices(), days.join(" · ")));
        }
        let parties = row.parties.iter().map(|p| {
            let mut says = vec![t.agreements_from(t.date(p.from))];
            says.extend(p.denounced_on.map(|on| t.agreements_denounced_on(t.date(on))));
            Party {
                name: p.name.clone(),
                code: p.code.clone(),
                says,
            }
        });
        let mut panels = if view.may_keep && row.denounced_on.is_none() {
            panels(t, view, came)
        } else {
            Vec::new()
        };
        let wrong = came.map_or(&[][..], |(_, c)| c.wrong);
        let shown = panels.iter_mut().filter(|p| p.open).flat_map(|p| &mut p.fields);
        let summary = mark(t, shown, wrong);
        Self {
            f: if summary.is_some() { f.with_error() } else { f },
            t,
            reference: row.reference.clone(),
            kind: set(&row.kind_says, t.0),
            tag: tag(t, row.state),
            facts,
            parties: parties.collect(),
            annex: view
                .annex
                .iter()
                .map(|a| (set(&a.category, t.0), set(&a.goes, t.0), set(&a.stays, t.0)))
                .collect(),
            version: match came.filter(|(_, c)| !c.stale) {
                Some((_, came)) => came.typed.version_or(view.version),
                None => view.version.to_string(),
            },
            panels,
            summary,
            register: view.register.iter().map(|line| Noted::of(t, line)).collect(),
            inside: view.referrals.is_some() || !view.register.is_empty() || view.may_keep,
        }
    }
}

/// The forms of the office, those that can be used now.
fn panels(t: Text, view: &AgreementView, came: Option<(Form, &Came<'_>)>) -> Vec<Panel> {
    let href = format!("{LIST}/{}", view.row.id);
    let nothing = Typed::default();
    let typed = |form: Form| came.filter(|(f, _)| *f == form).map_or(&nothing, |(_, c)| c.typed);
    let open = |form: Form| came.is_some_and(|(f, _)| f == form);
    let panel = |form: Form, fields: Vec<Field>| {
        let (anchor, title, why, button) = match form {
            Form::Sign => (
                "signatures",
                t.agreement_sign(),
                t.agreement_sign_why(),
                t.agreement_sign_button(),
            ),
            Form::Renew => (
                "renewal",
                t.agreement_renew(),
                t.agreement_renew_why(),
                t.agreement_renew_button(),
            ),
            Form::Denounce => (
                "denunciation",
                t.agreement_denounce(),
                t.agreement_denounce_why(),
                t.agreement_denounce_button(),
            ),
        };
        Panel {
            anchor,
            action: format!("{href}/{anchor}"),
            title,
            why,
            button,
            risk: form == Form::Denounce,
            open: open(form),
            file: form != Form::Denounce,
            id: ids::new_v7(view.now),
            fields: fields
                .into_iter()
                .map(|field| Field { scope: anchor, ..field })
                .collect(),
        }
    };
    let mut panels = vec![panel(Form::Sign, Vec::from(signature(t, typed(Form::Sign))))];
    if view.row.until.is_some() {
        let typed = typed(Form::Renew);
        let until = Field::day(t, "until", t.agreement_new_until())
            .hint(t.form_hint_date())
            .value(typed.one("until"));
        panels.push(panel(Form::Renew, vec![until, function(t, typed), scan_field(t)]));
    }
    let typed = typed(Form::Denounce);
    let whole = Choice {
        value: String::new(),
        label: t.agreement_whole().to_owned(),
        chosen: typed.one("party").is_empty(),
    };
    let party = |p: &relais_acts::agreements::PartyView| Choice {
        value: p.code.clone(),
        label: p.name.clone(),
        chosen: typed.one("party") == p.code,
    };
    let standing = view.row.parties.iter().filter(|p| p.denounced_on.is_none());
    let leaves = std::iter::once(whole).chain(standing.filter(|p| !p.code.is_empty()).map(party));
    panels.push(panel(
        Form::Denounce,
        vec![
            Field::line(t, "party", t.agreement_who_leaves()).with(Control::One(leaves.collect())),
            Field::day(t, "on", t.agreement_on())
                .hint(t.form_hint_date())
                .value(typed.one("on")),
            Field::line(t, "reason", t.agreement_reason())
                .at_most(LONGEST)
                .value(typed.one("reason"))
                .with(Control::Lines { rows: 2 }),
        ],
    ));
    panels
}

fn frame_of(app: &AppState, caller: &Caller, view: &AgreementView) -> Frame {
    let t = caller.t;
    Frame::of(app, caller, tab(caller), &view.row.reference, view.now).back(LIST, t.agreements_title())
}

/// `GET /agreements/{id}`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    Query(after): Query<After>,
) -> Result<Response, Problem> {
    let view = app.acts().agreement(&caller.viewer, AgreementId(id)).await?;
    let f = frame_of(&app, &caller, &view).notice(after.done.map(|d| d.notice(caller.t, "")));
    Ok(frame::ok(&One::of(f, caller.t, &view, None)))
}

/// Answers a form of the page: back to it, or with what was wrong.
async fn answer(
    app: &AppState,
    caller: &Caller,
    id: AgreementId,
    typed: &Typed,
    (form, said): (Form, Done),
    done: Result<Made, ActError>,
) -> Result<Response, Problem> {
    let error = match done {
        Ok(_) => return Ok(see(&format!("{LIST}/{id}?done={said}"))),
        Err(error) => error,
    };
    let back = CameBack::of(error, caller.t)?;
    let view = match app.acts().agreement(&caller.viewer, id).await {
        Ok(view) if view.may_keep => view,
        // Whoever may not keep it reads what there is of none.
        Ok(_) => return Err(back.unshown(ActError::NotFound.into())),
        Err(unseen) => return Err(back.unshown(unseen.into())),
    };
    let f = frame_of(app, caller, &view);
    let came = Came {
        typed,
        wrong: &back.wrong,
        stale: back.stale,
    };
    let mut page = One::of(f, caller.t, &view, Some((form, &came)));
    let status = back.onto(&mut page.f);
    Ok(frame::html(status, &page))
}

/// Unless the form was wrong before the act was asked.
fn unless_wrong(wrong: Vec<FieldProblem>) -> Result<(), ActError> {
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(ActError::Invalid(wrong))
    }
}

/// `POST /agreements/{id}/signatures`.
pub(crate) async fn sign(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    form: Upload,
) -> Result<Response, Problem> {
    let agreement = AgreementId(id);
    let mut wrong = Vec::new();
    let scan = scan(&form, &mut wrong).await?;
    let typed = &form.typed;
    let command = SignAgreement {
        id: typed.id()?,
        version: typed.version()?,
        signature: signed(typed, scan, &mut wrong),
    };
    let done = match unless_wrong(wrong) {
        Ok(()) => app.acts().sign_agreement(&caller.viewer, agreement, command).await,
        Err(error) => Err(error),
    };
    let said = (Form::Sign, Done::AgreementSigned);
    answer(&app, &caller, agreement, typed, said, done).await
}

/// `POST /agreements/{id}/renewal`.
pub(crate) async fn renew(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    form: Upload,
) -> Result<Response, Problem> {
    let agreement = AgreementId(id);
    let mut wrong = Vec::new();
    let scan = scan(&form, &mut wrong).await?;
    let typed = &form.typed;
    let command = RenewAgreement {
        id: typed.id()?,
        version: typed.version()?,
        until: day_if_any(typed, "until", &mut wrong),
        function: typed.one("function").to_owned(),
        scan,
    };
    let done = match unless_wrong(wrong) {
        Ok(()) => app.acts().renew_agreement(&caller.viewer, agreement, command).await,
        Err(error) => Err(error),
    };
    let said = (Form::Renew, Done::AgreementRenewed);
    answer(&app, &caller, agreement, typed, said, done).await
}

/// `POST /agreements/{id}/denunciation`.
pub(crate) async fn denounce(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    typed: Typed,
) -> Result<Response, Problem> {
    let agreement = AgreementId(id);
    let mut wrong = Vec::new();
    let command = DenounceAgreement {
        id: typed.id()?,
        version: typed.version()?,
        party: typed.one("party").to_owned(),
        on: day_if_any(&typed, "on", &mut wrong),
        reason: typed.one("reason").to_owned(),
    };
    let done = match unless_wrong(wrong) {
        Ok(()) => app.acts().denounce_agreement(&caller.viewer, agreement, command).await,
        Err(error) => Err(error),
    };
    let said = (Form::Denounce, Done::AgreementDenounced);
    answer(&app, &caller, agreement, &typed, said, done).await
}
