//! What the mechanism's office for the whole country notes of agreements: a new one
//! with its first signature, the signature of a further party, a longer term, the
//! end. Each comes with the function of whoever signed and the fingerprint of the
//! scan; the paper stays with whoever keeps the originals.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;
use relais_casework::calendar::local_date;
use relais_mechanism::{ClassSet, Purpose, Sensitivity};
use relais_network::agreement::{AgreementKind, Kept, Party, RegisterStep, Scan};
use relais_network::{AgreementId, OrganisationId};
use relais_store::Tx;
use relais_store::rows::directory::{self, AgreementRecord};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Line, NewAgreement, agreement_of, ended, is_seen, noted, opened, put, wrong};
use crate::desk::{Desk, Viewer};
use crate::directory::By;
use crate::entries::programmes::by_code;
use crate::entries::{once, unless_national};
use crate::network::Network;
use crate::problem::{ActError, FieldProblem};
use crate::views::Made;

/// Longest number, function, name of a file or reason, in characters.
pub const LONGEST: usize = 200;

/// What whoever may not is refused.
const REFUSAL: &str = "agreements";

/// The signature of one organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signing {
    /// Code of the organisation that signs; what is under it is covered too.
    pub party: String,
    /// The day from which it is bound.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Function of whoever signed for it; never a name.
    pub function: String,
    /// The scan of what was signed.
    #[serde(default)]
    pub scan: Option<Scan>,
}

/// Write down an agreement with its first signature.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddAgreement {
    /// Id of the act and of the agreement, made by its maker.
    pub id: Uuid,
    /// Number on the paper.
    pub reference: String,
    /// What kind of paper.
    pub kind: AgreementKind,
    /// Data annex: classes that may go.
    pub classes: ClassSet,
    /// Data annex: purposes.
    pub purposes: BTreeSet<Purpose>,
    /// Data annex: highest sensitivity.
    pub max_sensitivity: Sensitivity,
    /// Last day of the term; none runs until it is denounced.
    #[serde(default)]
    pub until: Option<NaiveDate>,
    /// The first signature.
    pub signature: Signing,
}

/// Note the signature of a further party.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignAgreement {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version that the maker saw.
    pub version: i64,
    /// The signature.
    pub signature: Signing,
}

/// Note that the term was prolonged.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RenewAgreement {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version that the maker saw.
    pub version: i64,
    /// The new last day.
    #[serde(default)]
    pub until: Option<NaiveDate>,
    /// Function of whoever signed the renewal; never a name.
    pub function: String,
    /// The scan of what was signed.
    #[serde(default)]
    pub scan: Option<Scan>,
}

/// Note that a party left, or that the agreement was ended as a whole.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DenounceAgreement {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version that the maker saw.
    pub version: i64,
    /// Code of the party that leaves; empty: the agreement as a whole.
    #[serde(default)]
    pub party: String,
    /// The day from which it counts.
    #[serde(default)]
    pub on: Option<NaiveDate>,
    /// Why.
    pub reason: String,
}

fn required(field: &str, words: (&str, &str)) -> FieldProblem {
    FieldProblem::new(field, "required", words)
}

/// A text that must be there, trimmed; what is wrong with it beside its field.
fn text(field: &str, typed: &str, words: (&str, &str), mistakes: &mut Vec<FieldProblem>) -> String {
    let typed = typed.trim();
    if typed.is_empty() {
        mistakes.push(required(field, words));
    }
    mistakes.extend(FieldProblem::too_long(field, typed, LONGEST));
    typed.to_owned()
}

fn function(typed: &str, mistakes: &mut Vec<FieldProblem>) -> String {
    let missing = (
        "Écrivez la fonction de la personne qui a signé, sans son nom.",
        "Write the function of whoever signed, without their name.",
    );
    text("function", typed, missing, mistakes)
}

fn scan(given: Option<&Scan>, mistakes: &mut Vec<FieldProblem>) -> Option<Scan> {
    let given = given?;
    let name = given.name.trim();
    mistakes.extend(FieldProblem::too_long("scan", name, LONGEST));
    if name.is_empty() || !Scan::is_fingerprint(&given.sha256) {
        mistakes.push(FieldProblem::new(
            "scan",
            "not_a_fingerprint",
            (
                "Donnez le nom du fichier et son empreinte SHA-256, 64 chiffres hexadécimaux.",
                "Give the name of the file and its SHA-256 fingerprint, 64 hexadecimal digits.",
            ),
        ));
    }
    Some(Scan {
        name: name.to_owned(),
        sha256: given.sha256.to_ascii_lowercase(),
    })
}

/// The organisation with this code, of those that the office may know.
fn party(network: &Network, code: &str, mistakes: &mut Vec<FieldProblem>) -> Option<OrganisationId> {
    let found = by_code(network, code.trim());
    if found.is_none() {
        mistakes.push(FieldProblem::new(
            "party",
            "unknown_organisation",
            (
                "Aucune organisation de l’annuaire ne porte ce code.",
                "No organisation of the directory bears this code.",
            ),
        ));
    }
    found
}

/// Who signs, from which day, and the line of the register.
fn signing(
    network: &Network,
    said: &Signing,
    mistakes: &mut Vec<FieldProblem>,
) -> (Option<OrganisationId>, Option<NaiveDate>, Line) {
    let organisation = party(network, &said.party, mistakes);
    if said.from.is_none() {
        let missing = (
            "Écrivez le jour à partir duquel elle est liée.",
            "Write the day from which it is bound.",
        );
        mistakes.push(required("from", missing));
    }
    let line = Line {
        party: organisation,
        function: function(&said.function, mistakes),
        scan: scan(said.scan.as_ref(), mistakes),
        reason: String::new(),
    };
    (organisation, said.from, line)
}

/// Writes down an agreement with its first signature.
///
/// # Errors
/// [`ActError::Forbidden`] for whoever is not of the office for the whole country;
/// [`ActError::Invalid`], also for a number that another agreement bears.
pub async fn write_down(desk: &Arc<Desk>, viewer: &Viewer, command: AddAgreement) -> Result<Made, ActError> {
    unless_national(viewer, REFUSAL)?;
    once(desk, viewer, ("agreement_add", command.id), command, write_down_in).await
}

fn write_down_in(tx: &mut Tx<'_>, desk: &Desk, viewer: &Viewer, command: &AddAgreement) -> Result<Made, ActError> {
    let network = desk.network_now(tx)?;
    let mut mistakes = Vec::new();
    let missing = (
        "Écrivez le numéro qui est sur le papier.",
        "Write the number on the paper.",
    );
    let reference = text("reference", &command.reference, missing, &mut mistakes);
    if directory::agreement_by_reference(tx, &reference)?.is_some() {
        mistakes.push(FieldProblem::new(
            "reference",
            "reference_taken",
            (
                "Un autre accord porte ce numéro.",
                "Another agreement bears this number.",
            ),
        ));
    }
    let annex = [
        ("classes", command.classes.is_empty()),
        ("purposes", command.purposes.is_empty()),
    ];
    for (field, _) in annex.iter().filter(|(_, empty)| *empty) {
        let missing = ("Cochez ce que l’annexe prévoit.", "Tick what the annex names.");
        mistakes.push(required(field, missing));
    }
    let (organisation, from, line) = signing(&network, &command.signature, &mut mistakes);
    if let (Some(from), Some(until)) = (from, command.until)
        && from > until
    {
        mistakes.push(FieldProblem::new(
            "until",
            "before_from",
            (
                "La fin précède la signature\u{a0}: corrigez une des deux dates.",
                "The term ends before the signature: correct one of the two dates.",
            ),
        ));
    }
    let (Some(organisation), Some(from), true) = (organisation, from, mistakes.is_empty()) else {
        return Err(ActError::Invalid(mistakes));
    };
    let new = NewAgreement {
        reference,
        kind: command.kind,
        parties: Vec::new(),
        classes: command.classes,
        purposes: command.purposes.clone(),
        max_sensitivity: command.max_sensitivity,
        until: command.until,
    };
    let parties = vec![Party {
        organisation,
        from,
        denounced_on: None,
    }];
    let agreement = agreement_of(AgreementId(command.id), &new, parties);
    let version = put(tx, agreement, line, By::User(viewer.user))?;
    Ok(Made {
        id: command.id,
        code: new.reference,
        version,
    })
}

/// The agreement as it is now, for the office, at the version that the maker saw.
fn at_version(
    tx: &mut Tx<'_>,
    network: &Network,
    viewer: &Viewer,
    id: AgreementId,
    version: i64,
) -> Result<(AgreementRecord, Kept), ActError> {
    let record = AgreementRecord::find(tx, id)?.ok_or(ActError::NotFound)?;
    let kept = opened(&record)?;
    if !is_seen(network, &kept.agreement, Some(viewer.organisation)) {
        return Err(ActError::NotFound);
    }
    ActError::unless_current(version, record.version)?;
    Ok((record, kept))
}

fn made(record: AgreementRecord, version: i64) -> Made {
    Made {
        id: record.id.0,
        code: record.reference,
        version,
    }
}

/// Notes the signature of a further party; what is under it is covered from that
/// day on.
///
/// # Errors
/// [`ActError::NotFound`], also for whoever is not of the office;
/// [`ActError::Stale`], [`ActError::Invalid`], [`ActError::Refused`].
pub async fn sign(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    agreement: AgreementId,
    command: SignAgreement,
) -> Result<Made, ActError> {
    // Whoever may not learns nothing of it by trying.
    unless_national(viewer, REFUSAL).map_err(|_| ActError::NotFound)?;
    let id = command.id;
    once(desk, viewer, ("agreement_sign", id), (agreement, command), sign_in).await
}

fn sign_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    (id, command): &(AgreementId, SignAgreement),
) -> Result<Made, ActError> {
    let network = desk.network_now(tx)?;
    let (record, mut kept) = at_version(tx, &network, viewer, *id, command.version)?;
    let mut mistakes = Vec::new();
    let (organisation, from, line) = signing(&network, &command.signature, &mut mistakes);
    let (Some(organisation), Some(from), true) = (organisation, from, mistakes.is_empty()) else {
        return Err(ActError::Invalid(mistakes));
    };
    kept.agreement = kept.agreement.signed(organisation, from).map_err(wrong)?;
    let by = By::User(viewer.user);
    let version = noted(tx, Some(record.version), kept, (RegisterStep::Signed, from), line, by)?;
    Ok(made(record, version))
}

/// Notes that the term was prolonged, also once it has ended.
///
/// # Errors
/// As [`sign`].
pub async fn renew(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    agreement: AgreementId,
    command: RenewAgreement,
) -> Result<Made, ActError> {
    unless_national(viewer, REFUSAL).map_err(|_| ActError::NotFound)?;
    let id = command.id;
    once(desk, viewer, ("agreement_renew", id), (agreement, command), renew_in).await
}

fn renew_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    (id, command): &(AgreementId, RenewAgreement),
) -> Result<Made, ActError> {
    let network = desk.network_now(tx)?;
    let (record, mut kept) = at_version(tx, &network, viewer, *id, command.version)?;
    let mut mistakes = Vec::new();
    if command.until.is_none() {
        let missing = ("Écrivez le nouveau dernier jour.", "Write the new last day.");
        mistakes.push(required("until", missing));
    }
    let line = Line {
        party: None,
        function: function(&command.function, &mut mistakes),
        scan: scan(command.scan.as_ref(), &mut mistakes),
        reason: String::new(),
    };
    let (Some(until), true) = (command.until, mistakes.is_empty()) else {
        return Err(ActError::Invalid(mistakes));
    };
    let today = local_date(tx.now()?);
    kept.agreement = kept.agreement.renewed(until, today).map_err(wrong)?;
    let by = By::User(viewer.user);
    let version = noted(tx, Some(record.version), kept, (RegisterStep::Renewed, today), line, by)?;
    Ok(made(record, version))
}

/// Notes that a party left, or that the agreement was ended as a whole: what rests
/// on it closes on that day.
///
/// # Errors
/// As [`sign`].
pub async fn denounce(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    agreement: AgreementId,
    command: DenounceAgreement,
) -> Result<Made, ActError> {
    unless_national(viewer, REFUSAL).map_err(|_| ActError::NotFound)?;
    let id = command.id;
    once(
        desk,
        viewer,
        ("agreement_denounce", id),
        (agreement, command),
        denounce_in,
    )
    .await
}

fn denounce_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    (id, command): &(AgreementId, DenounceAgreement),
) -> Result<Made, ActError> {
    let network = desk.network_now(tx)?;
    let (record, mut kept) = at_version(tx, &network, viewer, *id, command.version)?;
    let mut mistakes = Vec::new();
    let leaves = if command.party.trim().is_empty() {
        None
    } else {
        party(&network, &command.party, &mut mistakes)
    };
    if command.on.is_none() {
        let missing = (
            "Écrivez le jour à partir duquel la dénonciation compte.",
            "Write the day from which the denunciation counts.",
        );
        mistakes.push(required("on", missing));
    }
    let missing = ("Écrivez pourquoi.", "Write why.");
    let reason = text("reason", &command.reason, missing, &mut mistakes);
    let (Some(on), true) = (command.on, mistakes.is_empty()) else {
        return Err(ActError::Invalid(mistakes));
    };
    kept.agreement = kept.agreement.denounced(leaves, on).map_err(wrong)?;
    let line = Line {
        party: leaves,
        reason,
        ..Line::default()
    };
    let version = ended(tx, record.version, kept, on, line, By::User(viewer.user))?;
    Ok(made(record, version))
}
