//! Under what the data of a referral go, or went: the regime, the agreement as it
//! was then, the version of the mechanism. A renewal that came later changes
//! nothing of it.

use chrono::{DateTime, NaiveDate, Utc};
use relais_casework::calendar::local_date;
use relais_casework::visible::ReferralStage;
use relais_mechanism::country::Regime;
use relais_mechanism::{Lang, Mechanism};
use relais_network::AgreementId;
use relais_network::agreement::Basis;
use relais_store::rows::directory::AgreementRecord;
use relais_store::{StoreError, Tx};

use crate::agreements;
use crate::desk::Desk;
use crate::file::{CaseFile, OpenReferral};
use crate::network::Network;
use crate::problem::ActError;
use crate::say::say;
use crate::share;

/// The terms in one sentence; none where nothing went and nothing is to go.
///
/// # Errors
/// When the store fails or a sealed value does not open.
pub(super) fn terms(
    tx: &mut Tx<'_>,
    desk: &Desk,
    mechanism: &Mechanism,
    file: &CaseFile,
    network: &Network,
    referral: &OpenReferral,
    lang: Lang,
) -> Result<Option<String>, ActError> {
    let now = tx.now()?;
    let Some((bases, at)) = bases(tx, desk, mechanism, file, network, referral, now)? else {
        return Ok(None);
    };
    if bases.is_empty() {
        return Ok(None);
    }
    let vital = bases.iter().any(|b| matches!(b, Basis::Vital { .. }));
    let regime = if vital { Regime::Vital } else { mechanism.regime() };
    let name = mechanism
        .regime_rule(regime)
        .map_or(regime.code(), |rule| rule.label.get(lang));
    let mut parts = vec![match lang {
        Lang::Fr => format!("régime {}", name.to_lowercase()),
        Lang::En => format!("{} regime", name.to_lowercase()),
    }];
    let mut named: Vec<AgreementId> = Vec::new();
    for id in bases.iter().filter_map(|b| b.agreement()) {
        if named.contains(&id) {
            continue;
        }
        named.push(id);
        parts.extend(agreement(tx, network, (id, network.hides(referral)), at, lang)?);
    }
    if named.is_empty() {
        parts.push(say(lang, "sans accord", "no agreement").to_owned());
    }
    parts.push(match lang {
        Lang::Fr => format!("mécanisme {}", mechanism.version()),
        Lang::En => format!("mechanism {}", mechanism.version()),
    });
    Ok(Some(parts.join(" · ")))
}

/// On what classes go, and since when.
type Since = (Vec<Basis>, DateTime<Utc>);

/// On what the classes went when the provider accepted, and when; before that, on
/// what they would go now.
fn bases(
    tx: &mut Tx<'_>,
    desk: &Desk,
    mechanism: &Mechanism,
    file: &CaseFile,
    network: &Network,
    referral: &OpenReferral,
    now: DateTime<Utc>,
) -> Result<Option<Since>, ActError> {
    let id = referral.record.id;
    let told = file.disclosures(tx)?;
    let mut newest = told.iter().rev();
    if let Some(went) = newest.find(|d| d.referral_id == Some(id) && d.stage == "accepted") {
        let bases =
            serde_json::from_str(&went.basis).map_err(|e| StoreError::Schema(format!("disclosure.basis: {e}")))?;
        return Ok(Some((bases, went.at)));
    }
    if ReferralStage::of(referral.machine.state) != ReferralStage::Offered || referral.machine.state.is_terminal() {
        return Ok(None);
    }
    let (Some(service), Some(asked)) = (
        network.services.get(&referral.detail.service),
        mechanism.service_type(&referral.detail.service_type),
    ) else {
        return Ok(None);
    };
    let plan = share::plan(
        desk,
        mechanism,
        file,
        network,
        service,
        asked,
        referral.machine.priority,
        Some(id),
        None,
        now,
    )?;
    Ok(Some((plan.after.into_iter().map(|(_, basis)| basis).collect(), now)))
}

/// The agreement as it was at an instant: its number, its version and its last day.
/// Of a provider that is not named the number is not said either: by it the page of
/// the agreement would be found.
fn agreement(
    tx: &mut Tx<'_>,
    network: &Network,
    (id, hidden): (AgreementId, bool),
    at: DateTime<Utc>,
    lang: Lang,
) -> Result<Option<String>, ActError> {
    let Some(record) = AgreementRecord::find(tx, id)? else {
        return Ok(None);
    };
    let kept = agreements::opened(&record)?;
    let (version, until) = kept.terms_at(at);
    let word = say(lang, "accord", "agreement");
    let number = if hidden || !agreements::is_seen(network, &kept.agreement, None) {
        word.to_owned()
    } else {
        format!("{word} {}", kept.agreement.reference)
    };
    let grace = until.is_some_and(|until| local_date(at) > until);
    Ok(Some(format!("{number}, {}", term(version, until, grace, lang))))
}

fn term(version: i64, until: Option<NaiveDate>, grace: bool, lang: Lang) -> String {
    let mut text = match (lang, until) {
        (Lang::Fr, Some(until)) => format!("version {version}, jusqu’au {}", crate::say::date(until)),
        (Lang::En, Some(until)) => format!("version {version}, until {}", crate::say::date(until)),
        (Lang::Fr, None) => format!("version {version}, jusqu’à dénonciation"),
        (Lang::En, None) => format!("version {version}, until it is denounced"),
    };
    if grace {
        text.push_str(say(lang, ", en délai de grâce", ", in its grace"));
    }
    text
}
