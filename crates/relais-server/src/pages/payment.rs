//! Who pays: a page to write it, the fields on the page "refer", and the
//! section on the referral's page. Amounts stand nowhere else.

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, NaiveDate, Utc};
use relais_acts::payments::{PAYERS, Payment, PaymentView, WritePayment};
use relais_acts::problem::{ActError, FieldProblem};
use relais_acts::views::ReferralView;
use relais_mechanism::Mechanism;
use relais_mechanism::answers::parse_date;
use relais_network::ReferralId;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Typed};
use crate::forms::{error_of, summary};
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Choice, Control, Field, Summary};
use crate::problem::{Problem, ProblemKind, set};
use crate::text::Text;
use crate::text::both;

/// The names of the fields.
const NAMES: [&str; 6] = ["payer", "voucher", "ceiling", "until", "transport", "announced"];

/// An amount in groups of three: "25 000 FCFA".
pub(super) fn amount(t: Text, francs: u64) -> String {
    let digits = francs.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    t.pay_amount(out)
}

/// The fields, with what was typed or what is written already.
pub(super) fn fields(
    t: Text,
    mechanism: &Mechanism,
    written: Option<&Payment>,
    typed: &Typed,
    wrong: &[FieldProblem],
) -> Vec<Field> {
    let plain = |amount: Option<u64>| amount.map(|a| a.to_string()).unwrap_or_default();
    let known = |name: &str| -> String {
        if NAMES.iter().any(|n| !typed.one(n).is_empty()) {
            return typed.one(name).to_owned();
        }
        let Some(p) = written else { return String::new() };
        match name {
            "payer" => p.payer.clone(),
            "voucher" => p.voucher.clone(),
            "ceiling" => plain(p.ceiling),
            "until" => p.until.map(|d| t.date(d)).unwrap_or_default(),
            "transport" => p.transport.clone(),
            _ => plain(p.announced),
        }
    };
    let payer = known("payer");
    let mut choices = vec![Choice {
        value: String::new(),
        label: t.pay_payer_later().to_owned(),
        chosen: payer.is_empty(),
    }];
    if let Some(list) = mechanism.option_list(PAYERS) {
        choices.extend(list.choices.iter().map(|c| Choice {
            value: c.code.clone(),
            label: set(c.label.get(t.0), t.0),
            chosen: payer == c.code,
        }));
    }
    let figures = || Control::Line {
        kind: "text",
        mode: "numeric",
        size: "w10",
    };
    let line = |name: &str, label: &str| Field::line(t, name, label).optional().value(known(name));
    let mut fields = vec![
        Field::line(t, "payer", t.pay_payer()).with(Control::List(choices)),
        line("voucher", t.pay_voucher()).max(60),
        line("ceiling", t.pay_ceiling()).max(20).with(figures()),
        line("until", t.pay_until())
            .hint(t.form_hint_date())
            .max(10)
            .with(Control::Line {
                kind: "text",
                mode: "",
                size: "w10",
            }),
        line("transport", t.pay_transport())
            .hint(t.pay_transport_hint())
            .max(200),
        line("announced", t.pay_announced())
            .hint(t.pay_announced_hint())
            .max(20)
            .with(figures()),
    ];
    for field in &mut fields {
        field.error = error_of(wrong, &field.name, t.0);
    }
    fields
}

/// What was typed; nothing where no payer was chosen and nothing written.
pub(super) fn read(typed: &Typed) -> Result<Option<Payment>, Vec<FieldProblem>> {
    if NAMES.iter().all(|name| typed.one(name).is_empty()) {
        return Ok(None);
    }
    let mut wrong = Vec::new();
    let mut say = |field: &str, code: &str, sentence: fn(Text) -> &'static str| {
        wrong.push(FieldProblem {
            field: field.to_owned(),
            code: code.to_owned(),
            message: both(sentence),
        });
    };
    let mut francs = |name: &str| -> Option<u64> {
        let digits: String = typed.one(name).chars().filter(|c| !c.is_whitespace()).collect();
        let digits = digits.trim_end_matches("FCFA").trim_end_matches("XAF");
        if digits.is_empty() {
            return None;
        }
        let amount = digits.parse().ok();
        if amount.is_none() {
            say(name, "not_a_number", Text::pay_wrong_amount);
        }
        amount
    };
    let (ceiling, announced) = (francs("ceiling"), francs("announced"));
    let until: Option<NaiveDate> = match typed.one("until") {
        "" => None,
        words => {
            let date = parse_date(words);
            if date.is_none() {
                say("until", "not_a_date", Text::form_no_date);
            }
            date
        }
    };
    if !wrong.is_empty() {
        return Err(wrong);
    }
    Ok(Some(Payment {
        payer: typed.one("payer").to_owned(),
        voucher: typed.one("voucher").to_owned(),
        ceiling,
        until,
        transport: typed.one("transport").to_owned(),
        announced,
    }))
}

/// The section on the referral's page.
#[derive(askama::Template)]
#[template(path = "parts/pay.html")]
pub(super) struct Part {
    t: Text,
    facts: Vec<(&'static str, String)>,
    warning: Option<String>,
    before: bool,
    href: Option<String>,
    written: bool,
}

impl Part {
    pub(super) fn of(t: Text, referral: ReferralId, view: &PaymentView) -> Self {
        let mut facts = Vec::new();
        if !view.payer_label.is_empty() {
            facts.push((t.pay_payer(), view.payer_label.clone()));
        }
        let mut warning = None;
        if let Some(p) = &view.payment {
            let words = [(t.pay_voucher(), &p.voucher), (t.pay_transport(), &p.transport)];
            facts.extend(
                words
                    .into_iter()
                    .filter(|(_, w)| !w.is_empty())
                    .map(|(l, w)| (l, w.clone())),
            );
            if let Some(ceiling) = p.ceiling {
                facts.push((t.pay_ceiling(), amount(t, ceiling)));
            }
            if let Some(until) = p.until {
                facts.push((t.pay_until(), t.date(until)));
                if view.expired {
                    warning = Some(t.pay_expired(t.date(until)));
                }
            }
            if let Some(announced) = p.announced {
                let says = if announced == 0 {
                    t.pay_nothing().to_owned()
                } else {
                    amount(t, announced)
                };
                facts.push((t.pay_announced(), says));
            }
            if p.payer == "SELF" && view.may_write {
                warning.get_or_insert_with(|| t.pay_self_warning().to_owned());
            }
        }
        Self {
            t,
            facts,
            warning,
            before: view.payment.is_none() && !view.payer_label.is_empty(),
            href: view.may_write.then(|| format!("/referrals/{referral}/payment")),
            written: view.version > 0,
        }
    }
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/payment.html")]
pub(super) struct Page {
    f: Frame,
    t: Text,
    id: Uuid,
    version: String,
    action: String,
    fields: Vec<Field>,
    summary: Option<Summary>,
}

impl Page {
    pub(super) fn of(
        f: Frame,
        mechanism: &Mechanism,
        view: &ReferralView,
        id: Uuid,
        typed: &Typed,
        wrong: &[FieldProblem],
    ) -> Self {
        let t = f.t;
        let written = view.payment.as_ref();
        let fields = fields(t, mechanism, written.and_then(|w| w.payment.as_ref()), typed, wrong);
        let summary = summary(t, &fields, wrong);
        let f = if summary.is_some() { f.with_error() } else { f };
        Self {
            t,
            id,
            version: if typed.one("version").is_empty() {
                written.map_or(0, |w| w.version).to_string()
            } else {
                typed.one("version").to_owned()
            },
            action: format!("/referrals/{}/payment", view.id),
            fields,
            summary,
            f,
        }
    }
}

/// The referral, for the case's team alone.
async fn sent(app: &AppState, caller: &Caller, id: Uuid) -> Result<ReferralView, Problem> {
    let view = app.acts().referral(&caller.viewer, ReferralId(id)).await?;
    if !view.sender_side {
        Err(Problem::new(ProblemKind::NotFound))
    } else if view.erased.is_some() {
        Err(Problem::new(ProblemKind::Erased))
    } else {
        Ok(view)
    }
}

fn frame_of(app: &AppState, caller: &Caller, view: &ReferralView, now: DateTime<Utc>) -> Frame {
    let t = caller.t;
    Frame::of(app, caller, Tab::Cases, t.pay_title(), now).back(format!("/referrals/{}", view.id), view.code.clone())
}

/// `GET /referrals/{id}/payment`.
pub(crate) async fn show(State(app): State<AppState>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    let view = sent(&app, &caller, id).await?;
    let now = app.now().await?;
    let f = frame_of(&app, &caller, &view, now);
    let mechanism = app.desk().mechanism();
    Ok(frame::ok(&Page::of(
        f,
        &mechanism,
        &view,
        ids::new_v7(now),
        &Typed::default(),
        &[],
    )))
}

/// `POST /referrals/{id}/payment`.
pub(crate) async fn write(
    State(app): State<AppState>,
    caller: Caller,
    Id(referral): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let (id, version) = (typed.id()?, typed.version()?);
    let done = match read(&typed) {
        Err(wrong) => Err(ActError::Invalid(wrong)),
        Ok(payment) => {
            let payment = payment.unwrap_or_default();
            let command = WritePayment { id, version, payment };
            app.acts()
                .write_payment(&caller.viewer, ReferralId(referral), command)
                .await
        }
    };
    match done {
        Ok(_) => Ok(see(&format!("/referrals/{referral}?done=payment"))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let view = sent(&app, &caller, referral).await.map_err(|e| back.unshown(e))?;
            if back.stale {
                typed.0.remove("version");
            }
            let now = app.now().await?;
            let f = frame_of(&app, &caller, &view, now);
            let mechanism = app.desk().mechanism();
            let mut page = Page::of(f, &mechanism, &view, id, &typed, &back.wrong);
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
