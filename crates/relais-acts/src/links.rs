//! One-time links: a provider without an account opens one referral with the
//! secret of its address and a code said by telephone, reads what it may see,
//! and answers once (DESIGN §5).
//!
//! Whoever comes by a link is seen as a focal point of the organisation asked,
//! named for nothing, before this one referral and no other: the same
//! visibility rule, the same disclosure rows, the same machine.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::referral::{Link, LinkRefusal, LinkState, MOST_TRIES, link_until};
use relais_mechanism::{ActingFor, Lang};
use relais_network::{OrganisationId, ReferralId, UserId};
use relais_store::rows::accounts::UserRecord;
use relais_store::rows::cases::{self, ReferralRecord};
use relais_store::rows::links::{self, LinkRecord};
use relais_store::{Tx, ids};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::codes::referral_code;
use crate::commands::ReferralCommand;
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, open as unseal, seal};
use crate::needs::{limit_facts, may_write};
use crate::network::Network;
use crate::problem::ActError;
use crate::referrals;
use crate::rules::Rulebook;
use crate::shelter::Names;
use crate::views::{Made, ReferralView};
use crate::write::{self, Doer, Stream};

mod opened;

pub use opened::{answer, open, view};

/// Make a link for a referral.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MakeLink {
    /// Id of the link, made by its maker.
    pub id: Uuid,
}

/// Open a link with its code.
#[derive(Debug, Clone)]
pub struct OpenLink {
    /// Hash of the secret in the address.
    pub secret_hash: Vec<u8>,
    /// The code as it was typed.
    pub code: String,
    /// Who answers.
    pub name: String,
    /// The telephone of who answers.
    pub telephone: String,
    /// Hash of the secret that the one who opens gets in a cookie.
    pub session_hash: Vec<u8>,
}

/// One answer by a link.
#[derive(Debug, Clone, Serialize)]
pub struct AnswerByLink {
    /// Id of the act, made when the page was shown.
    pub id: Uuid,
    /// Version of the referral that was shown.
    pub version: i64,
    /// The command.
    pub command: ReferralCommand,
}

/// Who answers without an account, sealed under the case's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Name.
    pub name: String,
    /// Telephone.
    pub telephone: String,
}

/// A link as its maker sees it; its address is shown when it is made and
/// never again.
#[derive(Debug, Clone, Serialize)]
pub struct LinkRow {
    /// Link.
    pub id: Uuid,
    /// What has become of it.
    pub state: LinkState,
    /// The code to say by telephone, while it may be opened.
    pub code: Option<String>,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// By whom; none when the sending made it.
    pub made_by: Option<String>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// When it was opened.
    pub opened_at: Option<DateTime<Utc>>,
    /// When an answer came by it.
    pub answered_at: Option<DateTime<Utc>>,
    /// Who opened it.
    pub answerer: Option<Person>,
}

/// What a sender may do about a link.
#[derive(Debug, Clone, Serialize)]
pub struct LinkStatus {
    /// Referral.
    pub referral: ReferralId,
    /// Its code.
    pub code: String,
    /// Provider.
    pub provider: String,
    /// Its telephones, in the order to call.
    pub telephones: Vec<String>,
    /// The language in which it is written to.
    pub language: Lang,
    /// Why no link can be made now: code, reason and remedy.
    pub refused: Option<(String, String, String)>,
    /// The newest link.
    pub last: Option<LinkRow>,
}

/// What whoever opened a link sees.
#[derive(Debug, Clone)]
pub struct LinkView {
    /// The referral, as the provider may see it.
    pub referral: ReferralView,
    /// Who opened it.
    pub answerer: Person,
    /// Until when it may be read and answered.
    pub until: DateTime<Utc>,
    /// When the link itself ends.
    pub expires_at: DateTime<Utc>,
}

/// A link that does not open, for whatever reason: nobody learns which.
#[must_use]
pub fn not_valid() -> ActError {
    ActError::refused(
        "link_not_valid",
        (
            "Ce lien et ce code n’ouvrent rien, ou plus rien.",
            "This link and this code open nothing, or nothing any more.",
        ),
        (
            "Vérifiez le code avec la personne qui vous a envoyé le lien, ou demandez-lui un nouveau lien.",
            "Check the code with the person who sent you the link, or ask them for a new link.",
        ),
    )
}

fn rule(record: &LinkRecord) -> Link {
    Link {
        expires_at: record.expires_at,
        tries: u32::try_from(record.tries).unwrap_or(MOST_TRIES),
        opened_at: record.opened_at,
        answered_at: record.answered_at,
        replaced_at: record.replaced_at,
    }
}

fn refused(refusal: LinkRefusal) -> ActError {
    ActError::Refused {
        code: refusal.code().to_owned(),
        why: refusal.message(),
        remedy: refusal.remedy(),
    }
}

/// Whether a link can be made for the referral, and until when it would live.
pub(crate) fn until(
    desk: &Desk,
    tx: &mut Tx<'_>,
    file: &CaseFile,
    network: &Network,
    referral: ReferralId,
    now: DateTime<Utc>,
) -> Result<Result<DateTime<Utc>, LinkRefusal>, ActError> {
    let open = file.referral(referral).ok_or(ActError::NotFound)?;
    let mechanism = desk.version(tx, &open.record.mechanism_hash)?;
    let rulebook = Rulebook::new(
        desk,
        mechanism,
        open.machine.priority,
        &open.detail.service_type,
        &open.record.region,
        open.machine.on_call,
        limit_facts(file),
    )?;
    let has_account = network.with_account.contains(&open.record.provider_id);
    Ok(link_until(&open.machine, has_account, &rulebook.times, now))
}

/// Makes a link; every older one of the referral ends. The secret of its
/// address is in the caller's hands alone: only its hash comes in here.
///
/// # Errors
/// [`ActError::NotFound`], a refusal when the provider has an account or need
/// not move; when the same request was made before, since its address cannot be
/// shown again.
pub async fn make(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    referral: ReferralId,
    command: MakeLink,
    secret_hash: Vec<u8>,
) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            let made = write::once(tx, &viewer, "link", command.id, &(referral, &command), |tx| {
                make_in(tx, &desk_, &viewer, referral, &command, &secret_hash)
            })?;
            let same = LinkRecord::find(tx, command.id)?.is_some_and(|l| l.secret_hash.as_ref() == Some(&secret_hash));
            if same { Ok(made) } else { Err(shown_once()) }
        })
        .await
}

fn shown_once() -> ActError {
    ActError::refused(
        "link_shown_once",
        (
            "Ce lien est déjà fait ; son adresse ne se montre qu’une fois.",
            "This link is made already; its address is shown only once.",
        ),
        ("Faites-en un nouveau.", "Make a new one."),
    )
}

fn make_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    id: ReferralId,
    command: &MakeLink,
    secret_hash: &[u8],
) -> Result<Made, ActError> {
    let record = ReferralRecord::find(tx, id)?.ok_or(ActError::NotFound)?;
    cases::lock_case(tx, record.case_id)?;
    let (file, view, network) = referrals::load_for_sender(tx, desk, viewer, id)?;
    may_write(&view, &file, viewer)?;
    let now = tx.now()?;
    let expires_at = until(desk, tx, &file, &network, id, now)?.map_err(refused)?;
    let open = file.referral(id).ok_or(ActError::NotFound)?;
    draw(
        tx,
        &file,
        id,
        command.id,
        Some(viewer.user),
        Some(secret_hash),
        expires_at,
    )?;
    let doer = Doer::of(viewer, ActingFor::Sender);
    let mut stream = Stream::lock(tx, file.record.id, file.record.slot, doer, &open.record.mechanism_hash)?;
    let facts = json!({ "link": command.id, "until": expires_at });
    stream.add(tx, id.0, "link_made", &facts, now, "")?;
    Ok(Made {
        id: command.id,
        code: referral_code(open.record.year, open.seq),
        version: open.machine.version,
    })
}

/// Writes a new link in place of every older one of the referral.
pub(crate) fn draw(
    tx: &mut Tx<'_>,
    file: &CaseFile,
    referral: ReferralId,
    id: Uuid,
    made_by: Option<UserId>,
    secret_hash: Option<&[u8]>,
    expires_at: DateTime<Utc>,
) -> Result<(), ActError> {
    let now = tx.now()?;
    links::replace(tx, referral, now)?;
    let sealer = tx.sealer();
    let code = seal(&sealer, "link", "code", id, file.record.slot, &ids::six_digits())?;
    LinkRecord {
        id,
        referral_id: referral,
        case_id: file.record.id,
        secret_hash: secret_hash.map(<[u8]>::to_vec),
        code,
        made_by,
        made_at: now,
        expires_at,
        tries: 0,
        opened_at: None,
        session_hash: None,
        session_until: None,
        answerer: None,
        answered_at: None,
        replaced_at: None,
    }
    .insert(tx)?;
    Ok(())
}

/// The newest link of a referral, and whether one can be made.
///
/// # Errors
/// [`ActError::NotFound`] for whoever is not on the sender's side.
pub async fn status(desk: &Arc<Desk>, viewer: &Viewer, referral: ReferralId) -> Result<LinkStatus, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (file, _, network) = referrals::load_for_sender(tx, &desk_, &viewer_, referral)?;
        let (now, lang) = (tx.now()?, viewer_.lang);
        let refused = until(&desk_, tx, &file, &network, referral, now)?.err();
        let open = file.referral(referral).ok_or(ActError::NotFound)?;
        let provider = open.record.provider_id;
        let (names, mechanism) = (Names::new(&network, &viewer_), desk_.mechanism());
        let last = match links::last_of(tx, referral)? {
            Some(record) => {
                let mut row = row(tx, &file, &record, now)?;
                if names.hides_provider(open) {
                    // Who answered there, and from which number, would tell where it is.
                    row.answerer = row.answerer.map(|_| Person {
                        name: names.word().to_owned(),
                        telephone: String::new(),
                    });
                }
                Some(row)
            }
            None => None,
        };
        let status = LinkStatus {
            referral,
            code: referral_code(open.record.year, open.seq),
            provider: names.provider(open),
            telephones: names.telephones(tx, &mechanism, &file, open)?,
            language: if names.hides_provider(open) {
                lang
            } else {
                language(&desk_, &network, provider)
            },
            refused: refused.map(|r| {
                (
                    r.code().to_owned(),
                    r.message().get(lang).to_owned(),
                    r.remedy().get(lang).to_owned(),
                )
            }),
            last,
        };
        Ok((status, vec![file.record.id]))
    })
    .await
}

/// The language in which an organisation is written to.
#[must_use]
pub fn language(desk: &Desk, network: &Network, organisation: OrganisationId) -> Lang {
    let region = network
        .organisations
        .get(&organisation)
        .and_then(|o| o.region.as_deref());
    desk.mechanism().language_of(region)
}

fn row(tx: &mut Tx<'_>, file: &CaseFile, record: &LinkRecord, now: DateTime<Utc>) -> Result<LinkRow, ActError> {
    let state = rule(record).state(now);
    let (sealer, slot) = (tx.sealer(), file.record.slot);
    let made_by = match record.made_by {
        Some(user) => UserRecord::find(tx, user)?.map(|u| u.display_name),
        None => None,
    };
    Ok(LinkRow {
        id: record.id,
        state,
        code: if state == LinkState::Waiting {
            Some(unseal(&sealer, "link", "code", record.id, slot, &record.code)?)
        } else {
            None
        },
        made_at: record.made_at,
        made_by,
        expires_at: record.expires_at,
        opened_at: record.opened_at,
        answered_at: record.answered_at,
        answerer: answerer(tx, slot, record)?,
    })
}

fn answerer(tx: &mut Tx<'_>, slot: i64, record: &LinkRecord) -> Result<Option<Person>, ActError> {
    let sealer = tx.sealer();
    Ok(match &record.answerer {
        Some(sealed) => Some(unseal(&sealer, "link", "answerer", record.id, slot, sealed)?),
        None => None,
    })
}
