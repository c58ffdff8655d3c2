//! Refer a need: services with reasons, exactly what the provider will see,
//! the limits, send.

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use relais_acts::commands::{SendReferral, WriteOverride};
use relais_acts::problem::{ActError, FieldProblem};
use relais_acts::views::{Excluded, Fact, OverrideNote, Preview, ReferView};
use relais_mechanism::words::Priority;
use relais_network::{NeedId, ReferralId, ServiceId};
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use super::cosign::{capital, ground};
use super::done::Done;
use super::service_card::Card;
use super::shelter::{Shelter, again, by_code};
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Query, Typed};
use crate::format;
use crate::forms::error_of;
use crate::frame::{self, Frame, Tab, encode, see};
use crate::parts::{Choice, Control, Field, Notice, Prio, Summary, Tag};
use crate::problem::{Problem, set};
use crate::text::Text;
use crate::work;

/// What the chosen service will see, and what sending needs.
struct Seen {
    service: Uuid,
    provider: String,
    now: Vec<Fact>,
    after: Vec<Fact>,
    basis: String,
    never: Vec<(String, String)>,
    blocked: Option<(String, String)>,
    limits: Vec<(&'static str, String)>,
    /// The same service for the same person: address, code, words.
    repeats: Vec<(String, String, String)>,
    calls: Vec<(String, String, String)>,
    minutes: u32,
    urgent: bool,
    /// The consent is missing: the page leads to where it is asked.
    ask_consent: bool,
    /// What was written before.
    note: Option<Notice>,
    /// Nothing goes before a co-signature.
    waits: bool,
    /// The form that writes an override apart.
    aside: Option<Aside>,
    fields: Vec<Field>,
    /// Who pays, which may follow; open where something of it came back.
    pay: Vec<Field>,
    pay_open: bool,
}

/// The form that writes an override before anything is sent.
struct Aside {
    fields: Vec<Field>,
    open: bool,
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/refer.html")]
pub(super) struct Refer {
    pub(super) f: Frame,
    t: Text,
    id: Uuid,
    /// The id under which the referral goes.
    referral: Uuid,
    /// The id kept for a referral that is co-signed first.
    fresh: Uuid,
    case: String,
    action: String,
    aside_action: String,
    label: String,
    prio: Prio,
    place: String,
    code: String,
    initials: String,
    cards: Vec<Card>,
    excluded: Vec<Excluded>,
    /// The page on which the need is given up.
    unmet: String,
    /// Earlier referrals: address, service asked, state.
    earlier: Vec<(String, String, Tag)>,
    shelter: Shelter,
    seen: Option<Seen>,
    /// An emergency: the page opens on the numbers to call.
    urgent: bool,
    more: Option<String>,
    summary: Option<Summary>,
}

impl Seen {
    fn of(t: Text, app: &AppState, view: &ReferView, preview: &Preview, typed: &Typed, wrong: &[FieldProblem]) -> Self {
        let urgent = view.need.priority == Priority::P1;
        let mechanism = app.desk().mechanism();
        let mut fields = vec![
            Field::line(t, "words", t.refer_words())
                .hint(t.refer_words_hint())
                .optional()
                .max(200)
                .value(typed.one("words"))
                .with(Control::Lines { rows: 2 }),
        ];
        if let Some(list) = mechanism.option_list("special") {
            let choices = list
                .choices
                .iter()
                .map(|c| Choice {
                    value: c.code.clone(),
                    label: set(c.label.get(t.0), t.0),
                    chosen: typed.all("access").contains(&c.code),
                })
                .collect();
            fields.push(
                Field::line(t, "access", t.refer_access())
                    .optional()
                    .with(Control::Many(choices)),
            );
        }
        if urgent {
            fields.push(
                Field::line(t, "stays_with", t.refer_stays())
                    .hint(t.refer_stays_hint())
                    .max(200)
                    .value(typed.one("stays_with")),
            );
        }
        if preview.needs_interim {
            fields.push(
                Field::line(t, "interim", t.refer_interim())
                    .hint(t.refer_interim_hint())
                    .max(500)
                    .value(typed.one("interim"))
                    .with(Control::Lines { rows: 2 }),
            );
        }
        let at_once: Vec<&String> = preview.overrides.iter().filter(|code| *code != "LEGAL").collect();
        if !at_once.is_empty() {
            let chosen = typed.one("override_kind");
            let mut choices = vec![Choice {
                value: String::new(),
                label: t.refer_override_none().to_owned(),
                chosen: chosen.is_empty(),
            }];
            choices.extend(at_once.into_iter().map(|code| Choice {
                value: code.clone(),
                label: capital(ground(t, code)),
                chosen: chosen == code,
            }));
            fields.push(Field::line(t, "override_kind", t.refer_override()).with(Control::One(choices)));
            fields.push(
                Field::line(t, "override_reason", t.refer_override_reason())
                    .hint(t.refer_override_hint())
                    .optional()
                    .max(500)
                    .value(typed.one("override_reason"))
                    .with(Control::Lines { rows: 2 }),
            );
        }
        for (name, label) in [
            ("person_informed", t.refer_informed()),
            ("provider_called", t.refer_called()),
        ] {
            let mut tick = Field::line(t, name, label).value(typed.one(name)).with(Control::Tick);
            if name == "provider_called" && !urgent {
                tick = tick.optional();
            }
            fields.push(tick);
        }
        if let Some(earlier) = &view.takes_back {
            let value = earlier.referral.to_string();
            let tick = Choice {
                chosen: typed.one("instead_of") == value,
                value,
                label: t.exit_take_back(&earlier.code, &earlier.provider),
            };
            fields.push(
                Field::line(t, "instead_of", t.exit_again_silence())
                    .hint(t.exit_take_back_hint())
                    .with(Control::Many(vec![tick])),
            );
        }
        for field in &mut fields {
            field.error = error_of(wrong, &field.name, t.0);
        }
        let pay = super::payment::fields(t, &mechanism, None, typed, wrong);
        Self {
            service: preview.service.id.0,
            provider: preview.service.name.clone(),
            now: preview.now.clone(),
            after: preview.after.clone(),
            basis: preview.basis.clone(),
            never: preview.never.clone(),
            blocked: preview.blocked.clone(),
            repeats: preview
                .repeats
                .iter()
                .map(|r| {
                    let mut words = vec![r.organisation.clone(), r.state_label.clone(), t.day_of(r.at)];
                    if r.joined {
                        words.push(t.repeat_joined().to_owned());
                    }
                    (
                        format!("/referrals/{}", r.referral_id),
                        r.code.clone(),
                        words.join(" · "),
                    )
                })
                .collect(),
            limits: preview
                .limits
                .iter()
                .map(|(kind, at)| {
                    (
                        t.due_kind(*kind),
                        at.map_or_else(|| t.refer_to_agree().to_owned(), |at| t.moment(at)),
                    )
                })
                .collect(),
            calls: preview
                .calls
                .iter()
                .map(|(who, n)| (who.clone(), t.phone(n), format::tel(n)))
                .collect(),
            minutes: preview.minutes,
            urgent,
            ask_consent: preview.ask_consent,
            note: preview.exception.as_ref().map(|note| said(t, note)),
            waits: preview.blocked.is_some() && preview.exception.as_ref().is_some_and(|e| e.state == "waiting"),
            aside: Aside::of(t, preview, typed, wrong),
            pay_open: pay.iter().any(|f| f.error.is_some() || !typed.one(&f.name).is_empty()),
            pay,
            fields,
        }
    }
}

/// What the page says of an override that was written for this service.
fn said(t: Text, note: &OverrideNote) -> Notice {
    let name = ground(t, &note.ground);
    let who = note.decided_by.as_deref().unwrap_or_default();
    match note.state.as_str() {
        "refused" => Notice::stop(t.override_refused(who, name), t.override_refused_do(&note.answer)),
        "cosigned" => Notice::done(t.override_stands(name, who), t.override_stands_do()),
        _ => {
            let title = t.override_waits(name, &note.owner, t.moment(note.due));
            let text = note.until.map_or_else(
                || t.override_waits_legal().to_owned(),
                |at| t.override_waits_hours(t.moment(at)),
            );
            Notice::warn(title, text)
        }
    }
}

impl Aside {
    fn of(t: Text, preview: &Preview, typed: &Typed, wrong: &[FieldProblem]) -> Option<Self> {
        if preview.overrides.is_empty() {
            return None;
        }
        let choices = |name: &str, list: Vec<(String, String)>| {
            let chosen = typed.one(name);
            let all = list.into_iter().map(|(value, label)| Choice {
                chosen: chosen == value,
                value,
                label,
            });
            Control::One(all.collect())
        };
        let grounds = preview
            .overrides
            .iter()
            .map(|code| (code.clone(), capital(ground(t, code))))
            .collect();
        let scopes = vec![
            ("referral".to_owned(), t.override_scope_referral().to_owned()),
            ("two_hours".to_owned(), t.override_scope_two_hours().to_owned()),
        ];
        let mut fields = vec![Field::line(t, "kind", t.override_ground()).with(choices("kind", grounds))];
        // A legal duty holds for one referral: where it is the only ground there is nothing to choose.
        if preview.overrides.iter().any(|code| code != "LEGAL") {
            fields.push(Field::line(t, "scope", t.override_scope()).with(choices("scope", scopes)));
        }
        fields.push(
            Field::line(t, "reason", t.override_reason())
                .hint(t.override_reason_hint())
                .max(500)
                .value(typed.one("reason"))
                .with(Control::Lines { rows: 2 }),
        );
        for field in &mut fields {
            field.scope = "aside";
            field.error = error_of(wrong, &field.name, t.0);
        }
        Some(Self {
            open: fields.iter().any(|f| f.error.is_some()) || !typed.one("reason").is_empty(),
            fields,
        })
    }
}

impl Refer {
    pub(super) fn of(
        f: Frame,
        app: &AppState,
        view: &ReferView,
        id: Uuid,
        typed: &Typed,
        wrong: &[FieldProblem],
        now: DateTime<Utc>,
    ) -> Self {
        let t = f.t;
        let chosen = view.preview.as_ref().map(|p| p.service.id.0);
        let seen = view.preview.as_ref().map(|p| Seen::of(t, app, view, p, typed, wrong));
        let shelter = Shelter::of(t, view, typed, wrong);
        let fields = || {
            let told = seen.iter().flat_map(|s| {
                s.fields
                    .iter()
                    .chain(&s.pay)
                    .chain(s.aside.iter().flat_map(|a| &a.fields))
            });
            std::iter::once(&shelter.field).chain(told)
        };
        let summary = crate::forms::summary(t, fields(), wrong);
        let action = format!("/needs/{}/refer", view.need.id);
        let mut cards: Vec<Card> = view.proposals.iter().map(|p| Card::of(t, p, chosen, now)).collect();
        if let Some(preview) = &view.preview
            && !cards.iter().any(|c| c.chosen)
            // Found by its code, it is chosen by its code alone.
            && shelter.given.is_empty()
        {
            // Chosen on a further page of the list: still shown, first.
            cards.insert(0, Card::of(t, &preview.service, chosen, now));
        }
        Self {
            f,
            t,
            id,
            referral: view.preview.as_ref().and_then(|p| p.referral).map_or(id, |r| r.0),
            fresh: typed.one("referral").parse().unwrap_or_else(|_| ids::new_v7(now)),
            case: format!("/cases/{}", view.case_id),
            unmet: format!("/needs/{}/unmet", view.need.id),
            aside_action: format!("/needs/{}/override", view.need.id),
            label: view.need.label.clone(),
            prio: Prio::long(t, view.need.priority),
            place: view.place.clone(),
            code: view.case_code.clone(),
            initials: view.initials.clone(),
            cards,
            excluded: view.excluded.clone(),
            earlier: view
                .earlier
                .iter()
                .filter_map(|w| {
                    let (id, state) = (w.referral_id?, w.state?);
                    Some((format!("/referrals/{id}"), w.organisation.clone(), work::tag(state, w)))
                })
                .collect(),
            shelter,
            seen,
            urgent: view.need.priority == Priority::P1,
            more: view.next.as_deref().map(|c| format!("{action}?after={}", encode(c))),
            action,
            summary,
        }
    }
}

/// The query of the page.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Chosen {
    /// The service whose preview is asked for.
    #[serde(default)]
    service: Option<Uuid>,
    /// Cursor for more services.
    #[serde(default)]
    after: Option<String>,
    /// What was just done.
    #[serde(default)]
    done: Option<Done>,
}

pub(super) fn page(
    app: &AppState,
    caller: &Caller,
    view: &ReferView,
    id: Uuid,
    typed: &Typed,
    wrong: &[FieldProblem],
    now: DateTime<Utc>,
) -> Refer {
    let t = caller.t;
    let mut f = Frame::of(app, caller, Tab::Cases, t.refer_title(), now)
        .back(format!("/cases/{}", view.case_id), view.case_code.clone());
    if !wrong.is_empty() {
        f = f.with_error();
    }
    Refer::of(f, app, view, id, typed, wrong, now)
}

/// `GET /needs/{id}/refer`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Id(need): Id,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Problem> {
    let view = app
        .acts()
        .refer_view(
            &caller.viewer,
            NeedId(need),
            chosen.service.map(ServiceId),
            chosen.after,
        )
        .await?;
    let now = app.now().await?;
    let mut page = page(&app, &caller, &view, ids::new_v7(now), &Typed::default(), &[], now);
    if let Some(done) = chosen.done {
        page.f.notice = Some(done.notice(caller.t, &view.case_code));
    }
    Ok(frame::ok(&page))
}

/// `POST /needs/{id}/refer`.
pub(crate) async fn send(
    State(app): State<AppState>,
    caller: Caller,
    Id(need): Id,
    typed: Typed,
) -> Result<Response, Problem> {
    if typed.one("look") == "code" {
        return by_code(&app, &caller, need, &typed).await;
    }
    let id = typed.id()?;
    let service: Uuid = typed
        .one("service")
        .parse()
        .map_err(|_| Problem::new(crate::problem::ProblemKind::MalformedForm))?;
    let payment = super::payment::read(&typed);
    let command = SendReferral {
        payment: payment.clone().unwrap_or_default(),
        id,
        service,
        code: typed.one("code").to_owned(),
        words: typed.one("words").to_owned(),
        person_informed: typed.ticked("person_informed"),
        provider_called: typed.ticked("provider_called"),
        access: typed.all("access").to_vec(),
        interim: typed.one("interim").to_owned(),
        stays_with: typed.one("stays_with").to_owned(),
        override_kind: Some(typed.one("override_kind"))
            .filter(|k| !k.is_empty())
            .map(str::to_owned),
        override_reason: typed.one("override_reason").to_owned(),
        instead_of: typed.one("instead_of").parse().ok(),
    };
    let sent = match payment {
        Ok(_) => app.acts().send_referral(&caller.viewer, NeedId(need), command).await,
        Err(wrong) => Err(ActError::Invalid(wrong)),
    };
    match sent {
        // An emergency goes by telephone first: the calls are the next page.
        Ok(made) => {
            let view = app.acts().referral(&caller.viewer, ReferralId(made.id)).await?;
            let next = if view.priority == Priority::P1 {
                format!("/referrals/{}/calls?done=emergency", made.id)
            } else {
                format!("/referrals/{}?done=sent", made.id)
            };
            Ok(see(&next))
        }
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let view = again(&app, &caller, need, Some(service), &typed, Some(&back)).await?;
            let now = app.now().await?;
            let mut page = page(&app, &caller, &view, id, &typed, &back.wrong, now);
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}

/// `POST /needs/{id}/override`.
pub(crate) async fn set_aside(
    State(app): State<AppState>,
    caller: Caller,
    Id(need): Id,
    typed: Typed,
) -> Result<Response, Problem> {
    let id = typed.id()?;
    let malformed = || Problem::new(crate::problem::ProblemKind::MalformedForm);
    let service: Uuid = typed.one("service").parse().map_err(|_| malformed())?;
    let referral: Uuid = typed.one("referral").parse().map_err(|_| malformed())?;
    let command = WriteOverride {
        id,
        service,
        code: typed.one("code").to_owned(),
        kind: typed.one("kind").to_owned(),
        reason: typed.one("reason").to_owned(),
        referral: (typed.one("scope") != "two_hours").then_some(referral),
    };
    match app.acts().write_override(&caller.viewer, NeedId(need), command).await {
        // No address leads to a service that is asked by its code.
        Ok(_) if !typed.one("code").trim().is_empty() => {
            let view = again(&app, &caller, need, None, &typed, None).await?;
            let now = app.now().await?;
            let kept = Typed(std::iter::once(("code".to_owned(), vec![typed.one("code").to_owned()])).collect());
            let mut page = page(&app, &caller, &view, ids::new_v7(now), &kept, &[], now);
            page.f.notice = Some(Done::Override.notice(caller.t, &view.case_code));
            Ok(frame::ok(&page))
        }
        Ok(_) => Ok(see(&format!(
            "/needs/{need}/refer?service={service}&done=override#sees"
        ))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let view = again(&app, &caller, need, Some(service), &typed, Some(&back)).await?;
            let now = app.now().await?;
            let mut page = page(&app, &caller, &view, id, &typed, &back.wrong, now);
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
