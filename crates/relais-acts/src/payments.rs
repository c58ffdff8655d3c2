//! Who pays for a service (DOMAIN §3): the payer, a voucher with its ceiling
//! and its last day, the transport, the cost that was announced. All of it
//! lies sealed in the referral; amounts are read on the referral's own page by
//! the case's team and by the provider that accepted, nowhere else: in no list,
//! title, message, event or log.

use std::sync::Arc;

use chrono::NaiveDate;
use relais_casework::calendar::local_date;
use relais_casework::referral::State;
use relais_casework::visible::ReferralStage;
use relais_mechanism::{ActingFor, Lang, Mechanism, Sensitivity};
use relais_network::ReferralId;
use relais_store::Tx;
use relais_store::rows::cases::{self, ReferralRecord};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::desk::{Desk, Viewer};
use crate::file::OpenReferral;
use crate::needs::may_write;
use crate::problem::{ActError, FieldProblem};
use crate::referrals;
use crate::views::Made;
use crate::write::{self, Doer, Stream};

/// The list of payers in the mechanism.
pub const PAYERS: &str = "payer";
/// Longest number of a voucher, in characters.
const NUMBER: usize = 60;
/// Longest words on the transport, in characters.
const TRANSPORT: usize = 200;
/// The highest amount that is believed, in francs.
const HIGHEST: u64 = 1_000_000_000;

/// Who pays, as it is typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payment {
    /// Option of the list "payer".
    pub payer: String,
    /// Number of the voucher (bon de prise en charge).
    #[serde(default)]
    pub voucher: String,
    /// Highest amount that the voucher covers, in francs.
    #[serde(default)]
    pub ceiling: Option<u64>,
    /// Last day on which the voucher is good.
    #[serde(default)]
    pub until: Option<NaiveDate>,
    /// Who pays the transport, and how.
    #[serde(default)]
    pub transport: String,
    /// Cost announced to the person, in francs; 0: nothing to pay.
    #[serde(default)]
    pub announced: Option<u64>,
}

/// Write or change who pays.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WritePayment {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version of what is written there that the maker saw; 0 when nothing is.
    pub version: i64,
    /// Who pays.
    pub payment: Payment,
}

/// Who pays, as it lies in a referral.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KeptPayment {
    /// What was written last.
    pub payment: Payment,
    /// How often it was written.
    pub version: i64,
}

/// Who pays, as one viewer may read it.
#[derive(Debug, Clone, Serialize)]
pub struct PaymentView {
    /// Payer, in words; empty where nothing is written yet.
    pub payer_label: String,
    /// The rest, for the case's team and the provider that accepted.
    pub payment: Option<Payment>,
    /// Version.
    pub version: i64,
    /// Whether the viewer may write it now.
    pub may_write: bool,
    /// Whether the voucher's last day is past.
    pub expired: bool,
}

/// Checks what was typed.
///
/// # Errors
/// [`ActError::Invalid`] with every wrong field; `field` names each as it is
/// called where it was typed.
pub fn check(
    mechanism: &Mechanism,
    payment: &Payment,
    today: NaiveDate,
    field: impl Fn(&str) -> String,
) -> Result<(), ActError> {
    let mut wrong = Vec::new();
    let mut say = |name: &str, code: &str, words: (&str, &str)| {
        wrong.push(FieldProblem::new(&field(name), code, words));
    };
    if mechanism.option_label(PAYERS, &payment.payer, Lang::Fr).is_none() {
        say(
            "payer",
            "unknown_option",
            ("Choisissez qui paie dans la liste.", "Choose who pays from the list."),
        );
    }
    if payment.voucher.chars().count() > NUMBER {
        say(
            "voucher",
            "too_long",
            (
                "60 signes au plus : raccourcissez.",
                "60 characters at most: make it shorter.",
            ),
        );
    }
    if payment.transport.chars().count() > TRANSPORT {
        say(
            "transport",
            "too_long",
            (
                "200 signes au plus : raccourcissez.",
                "200 characters at most: make it shorter.",
            ),
        );
    }
    for (name, amount) in [("ceiling", payment.ceiling), ("announced", payment.announced)] {
        if amount.is_some_and(|amount| amount > HIGHEST) {
            say(
                name,
                "too_high",
                (
                    "Ce montant est trop grand : vérifiez les zéros.",
                    "This amount is too large: check the zeros.",
                ),
            );
        }
    }
    if payment.until.is_some_and(|until| until < today) {
        say(
            "until",
            "in_the_past",
            (
                "Ce bon n’est plus valable : demandez-en un nouveau, ou corrigez la date.",
                "This voucher is no longer good: ask for a new one, or correct the date.",
            ),
        );
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(ActError::Invalid(wrong))
    }
}

/// What is kept of what was typed: without the blanks around words.
#[must_use]
pub fn tidy(payment: &Payment) -> Payment {
    Payment {
        voucher: payment.voucher.trim().to_owned(),
        transport: payment.transport.trim().to_owned(),
        ..payment.clone()
    }
}

/// What the viewer reads of it. `opened`: the provider has accepted, and the
/// viewer sees the file by it; before, the provider reads who pays and no
/// amount, and for a need above S3 nothing at all.
#[must_use]
#[expect(clippy::too_many_arguments, reason = "the facts of one section")]
pub fn shown(
    mechanism: &Mechanism,
    referral: &OpenReferral,
    sender_side: bool,
    provider_side: bool,
    opened: bool,
    may_write: bool,
    today: NaiveDate,
    lang: Lang,
) -> Option<PaymentView> {
    let restricted = mechanism
        .service_type(&referral.detail.service_type)
        .is_none_or(|s| s.min_sensitivity == Sensitivity::S4);
    let reads = sender_side || (provider_side && opened);
    let reads_payer = reads || (provider_side && !restricted);
    let writes = may_write && sender_side && !referral.machine.state.is_terminal();
    let kept = referral.detail.payment.as_ref();
    if !reads_payer || (kept.is_none() && !writes) {
        return None;
    }
    Some(PaymentView {
        payer_label: kept
            .and_then(|k| mechanism.option_label(PAYERS, &k.payment.payer, lang))
            .unwrap_or_default()
            .to_owned(),
        payment: kept.filter(|_| reads).map(|k| k.payment.clone()),
        version: kept.map_or(0, |k| k.version),
        may_write: writes,
        expired: reads && kept.and_then(|k| k.payment.until).is_some_and(|until| until < today),
    })
}

/// Whether a referral in this state has opened the file to its provider.
#[must_use]
pub const fn is_open(state: State) -> bool {
    matches!(ReferralStage::of(state), ReferralStage::Accepted | ReferralStage::Over)
}

/// The case's team writes who pays, or changes it.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Invalid`], [`ActError::Stale`],
/// [`ActError::Refused`] once the referral is over.
pub async fn write(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    referral: ReferralId,
    command: WritePayment,
) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "payment", command.id, &(referral, &command), |tx| {
                write_in(tx, &desk_, &viewer, referral, &command)
            })
        })
        .await
}

fn write_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    id: ReferralId,
    command: &WritePayment,
) -> Result<Made, ActError> {
    let case = ReferralRecord::find(tx, id)?.ok_or(ActError::NotFound)?.case_id;
    cases::lock_case(tx, case)?;
    let (mut file, view, _) = referrals::load_for(tx, desk, viewer, id)?;
    if matches!(may_write(&view, &file, viewer), Err(ActError::Forbidden { .. })) {
        return Err(ActError::NotFound);
    }
    let now = tx.now()?;
    let (holder, slot) = (file.record.holder_id, file.record.slot);
    let open = file
        .referrals
        .iter_mut()
        .find(|r| r.record.id == id)
        .ok_or(ActError::NotFound)?;
    if open.machine.state.is_terminal() {
        return Err(ActError::refused(
            "payment_over",
            ("Ce référencement est terminé.", "This referral is over."),
            (
                "Écrivez qui paie dans le nouveau référencement.",
                "Write who pays in the new referral.",
            ),
        ));
    }
    let current = open.detail.payment.as_ref().map_or(0, |k| k.version);
    ActError::unless_current(command.version, current)?;
    let mechanism = desk.version(tx, &open.record.mechanism_hash)?;
    check(&mechanism, &command.payment, local_date(now), str::to_owned)?;
    open.detail.payment = Some(KeptPayment {
        payment: tidy(&command.payment),
        version: current + 1,
    });
    write::save_referral(tx, open, slot, holder, now)?;
    // That it was written, and nothing of what.
    let mut stream = Stream::lock(tx, case, slot, Doer::of(viewer, ActingFor::Sender), mechanism.hash())?;
    stream.add(tx, id.0, "payment_written", &json!({}), now, "")?;
    Ok(Made {
        id: id.0,
        code: String::new(),
        version: current + 1,
    })
}
