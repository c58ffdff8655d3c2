//! Messages out of the system: a notice of the outbox becomes one e-mail or one
//! text message, in the recipient's language, with a neutral sentence and an
//! address. Nothing in it speaks of a person, a need or a case (DESIGN §6).
//!
//! A notice is taken for a while, sent outside any transaction, and marked. Any
//! number of processes may do this: each takes another one.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use relais_casework::referral::{Link, MOST_TRIES};
use relais_mechanism::{ActingFor, Channel, Lang, Role};
use relais_network::{OrganisationId, ReferralId};
use relais_store::outbox::{self, Notice};
use relais_store::rows::cases::{self, ReferralRecord};
use relais_store::rows::links;
use relais_store::{Tx, ids};
use serde_json::json;

use crate::agreements;
use crate::complaints;
use crate::desk::Desk;
use crate::entries;
use crate::file::CaseFile;
use crate::links::{draw, language, until};
use crate::network::Network;
use crate::problem::ActError;
use crate::say::say;
use crate::webhooks;
use crate::write::{Doer, Stream};

/// The kind of the notice that tells a provider without an account of a new
/// request.
pub const LINK: &str = "link";

/// How long a notice is taken: a process that died meanwhile gives it back.
const TAKEN: TimeDelta = TimeDelta::minutes(10);
/// How old a notice may be to be worth sending: what was written while nothing
/// was sent does not come all at once.
const FRESH: TimeDelta = TimeDelta::hours(48);
/// After each failure, how long until the next try; then none.
const AGAIN: [TimeDelta; 7] = [
    TimeDelta::minutes(1),
    TimeDelta::minutes(5),
    TimeDelta::minutes(15),
    TimeDelta::hours(1),
    TimeDelta::hours(3),
    TimeDelta::hours(8),
    TimeDelta::hours(16),
];

/// Which ways out there are.
#[derive(Debug, Clone, Default)]
pub struct Ways {
    /// E-mail.
    pub mail: bool,
    /// Text messages.
    pub sms: bool,
    /// E-mail address of the secretariat's office.
    pub secretariat: Option<String>,
    /// Address of the pages, without a slash at its end.
    pub site: String,
}

/// The secret of a link that may be needed: its hash, and its path in French
/// and in English. It is drawn for one message and kept nowhere.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// Hash of the secret.
    pub hash: Vec<u8>,
    /// Path for a French-speaking recipient.
    pub fr: String,
    /// Path for an English-speaking recipient.
    pub en: String,
}

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// An e-mail address.
    Mail(String),
    /// A mobile telephone, E.164.
    Sms(String),
}

/// One message, ready to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Server sequence of its notice: the same message has the same.
    pub seq: i64,
    /// Where it goes.
    pub to: To,
    /// Subject of an e-mail.
    pub subject: String,
    /// Text.
    pub text: String,
}

/// What was taken from the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// A message to send.
    Message(Message),
    /// A notice that nobody waits for any more, or that reaches nobody.
    Dropped,
    /// Nothing is due.
    Nothing,
}

/// Takes the next notice that is due.
///
/// # Errors
/// When the store fails.
pub fn take(desk: &Arc<Desk>, ways: &Ways, drawn: Drawn) -> Result<Taken, ActError> {
    let (desk_, ways) = (Arc::clone(desk), ways.clone());
    desk.store().write_blocking(move |tx: &mut Tx<'_>| {
        let now = tx.now()?;
        let Some(notice) = outbox::take(tx, now, now + TAKEN)? else {
            return Ok(Taken::Nothing);
        };
        match message(tx, &desk_, &ways, &notice, &drawn, now)? {
            Some(message) => Ok(Taken::Message(message)),
            None => {
                outbox::give_up(tx, notice.seq)?;
                Ok(Taken::Dropped)
            }
        }
    })
}

/// Notes that a message went out; whether this was the first to say so.
///
/// # Errors
/// When the store fails.
pub fn sent(desk: &Arc<Desk>, seq: i64) -> Result<bool, ActError> {
    Ok(desk
        .store()
        .write_blocking(move |tx: &mut Tx<'_>| outbox::mark_sent(tx, seq))?)
}

/// Notes that a message did not go out: it is tried again later, in the end no
/// more. Whether it will be tried again.
///
/// # Errors
/// When the store fails.
pub fn failed(desk: &Arc<Desk>, seq: i64) -> Result<bool, ActError> {
    Ok(desk.store().write_blocking(move |tx: &mut Tx<'_>| {
        let now = tx.now()?;
        let tries = usize::try_from(outbox::tries(tx, seq)?).unwrap_or(usize::MAX);
        match tries.checked_sub(1).and_then(|n| AGAIN.get(n)) {
            Some(after) => outbox::put_off(tx, seq, now + *after).map(|()| true),
            None => outbox::give_up(tx, seq).map(|()| false),
        }
    })?)
}

/// Where a notice goes; none where it reaches nobody.
fn address(desk: &Desk, network: &Network, ways: &Ways, organisation: Option<OrganisationId>) -> Option<To> {
    let Some(organisation) = organisation else {
        return ways.secretariat.clone().filter(|_| ways.mail).map(To::Mail);
    };
    let entry = network.organisations.get(&organisation)?;
    if let Some(mail) = entry.email.clone().filter(|_| ways.mail) {
        return Some(To::Mail(mail));
    }
    let mechanism = desk.mechanism();
    let plan = &mechanism.country().phone;
    entry
        .telephone
        .as_deref()
        .filter(|_| ways.sms)
        .and_then(|n| plan.normalise(n).ok())
        .filter(|n| plan.is_mobile(n))
        .map(To::Sms)
}

fn message(
    tx: &mut Tx<'_>,
    desk: &Desk,
    ways: &Ways,
    notice: &Notice,
    drawn: &Drawn,
    now: DateTime<Utc>,
) -> Result<Option<Message>, ActError> {
    // An account has no address of its own, and an office's is read by whoever sits
    // there: of a complaint nobody is written to, whatever it is about, so that not
    // even what was sent tells one from another. Its readers find it in their list.
    if notice.kind == complaints::NOTICE || now - notice.at > FRESH {
        return Ok(None);
    }
    let network = desk.network_now(tx)?;
    let Some(to) = address(desk, &network, ways, notice.organisation) else {
        return Ok(None);
    };
    let lang = notice
        .organisation
        .map_or(Lang::Fr, |organisation| language(desk, &network, organisation));
    let unsigned = notice
        .organisation
        .filter(|o| notice.role == Some(Role::FocalPoint) && !network.with_account.contains(o));
    let words = match unsigned {
        Some(_) => match link(tx, desk, &network, notice, drawn, now)? {
            Some(address) => request(lang, &address, &ways.site, &to),
            None => return Ok(None),
        },
        None if notice.kind == webhooks::STOPPED_NOTICE => stopped(lang),
        None if notice.kind.starts_with("entry_") => directory(lang, &notice.kind, notice.role, &ways.site),
        None if notice.kind == agreements::NOTICE => agreement_ends(lang, &ways.site),
        None => news(lang, notice.role, &ways.site),
    };
    Ok(Some(Message {
        seq: notice.seq,
        to,
        subject: words.0,
        text: words.1,
    }))
}

/// What a provider without an account is told.
enum Address {
    /// A new link's path.
    Path([String; 2]),
    /// The sender has given a link already.
    Given,
}

/// A link for a provider without an account, drawn for this message; none where
/// nothing waits for the provider any more. A link that the sender has made and
/// that may still be opened is left alone.
fn link(
    tx: &mut Tx<'_>,
    desk: &Desk,
    network: &Network,
    notice: &Notice,
    drawn: &Drawn,
    now: DateTime<Utc>,
) -> Result<Option<Address>, ActError> {
    let id = ReferralId(notice.subject);
    let Some(record) = ReferralRecord::find(tx, id)? else {
        return Ok(None);
    };
    cases::lock_case(tx, record.case_id)?;
    let Some(file) = CaseFile::load(tx, record.case_id)? else {
        return Ok(None);
    };
    let Ok(until) = until(desk, tx, &file, network, id, now)? else {
        return Ok(None);
    };
    let live = links::last_of(tx, id)?.filter(|l| {
        Link {
            expires_at: l.expires_at,
            tries: u32::try_from(l.tries).unwrap_or(MOST_TRIES),
            opened_at: l.opened_at,
            answered_at: l.answered_at,
            replaced_at: l.replaced_at,
        }
        .may_open(now)
    });
    match live {
        Some(own) if own.made_by.is_some() => return Ok((notice.kind != LINK).then_some(Address::Given)),
        // The code may have been said already: it stays, only the address is new.
        Some(mut own) => {
            own.secret_hash = Some(drawn.hash.clone());
            own.update(tx)?;
        }
        None => {
            let link = ids::new_v7(now);
            draw(tx, &file, id, link, None, Some(&drawn.hash), until)?;
            let doer = Doer {
                user: None,
                organisation: None,
                acting_for: ActingFor::System,
                channel: Channel::Clock,
            };
            let mut stream = Stream::lock(tx, file.record.id, file.record.slot, doer, &record.mechanism_hash)?;
            let facts = json!({ "link": link, "until": until });
            stream.add(tx, id.0, "link_made", &facts, now, "")?;
        }
    }
    Ok(Some(Address::Path([drawn.fr.clone(), drawn.en.clone()])))
}

/// Subject and text for a provider without an account.
fn request(lang: Lang, address: &Address, site: &str, to: &To) -> (String, String) {
    let subject = say(
        lang,
        "Relais\u{a0}: une demande attend votre réponse",
        "Relais: a request awaits your answer",
    );
    let text = match address {
        Address::Path([fr, en]) => {
            let path = if lang == Lang::Fr { fr } else { en };
            let told = say(
                lang,
                "Ouvrez ce lien\u{202f}; le code vous est dit par téléphone.",
                "Open this link; the code is told to you by telephone.",
            );
            format!("{subject}. {told} {site}{path}")
        }
        Address::Given => {
            let told = say(
                lang,
                "Ouvrez le lien déjà reçu, ou appelez l’organisation qui vous l’a envoyé.",
                "Open the link you have received, or call the organisation that sent it.",
            );
            format!("{subject}. {told}")
        }
    };
    (subject.to_owned(), signed(lang, text, to))
}

/// Subject and text for whoever has an account.
fn news(lang: Lang, role: Option<Role>, site: &str) -> (String, String) {
    let (subject, path) = match role {
        Some(Role::FocalPoint) => (
            say(
                lang,
                "Relais\u{a0}: une demande attend votre réponse",
                "Relais: a request awaits your answer",
            ),
            "/inbox",
        ),
        Some(Role::Secretariat | Role::SecretariatSupervisor | Role::RegionalFocalPoint) => (
            say(
                lang,
                "Relais\u{a0}: une demande est en retard",
                "Relais: a request is overdue",
            ),
            "/late",
        ),
        _ => (
            say(
                lang,
                "Relais\u{a0}: du nouveau vous attend",
                "Relais: there is news for you",
            ),
            "/day",
        ),
    };
    (subject.to_owned(), format!("{subject}. {site}{path}"))
}

/// Subject and text about entries of the directory.
fn directory(lang: Lang, kind: &str, role: Option<Role>, site: &str) -> (String, String) {
    let own = role == Some(Role::FocalPoint);
    let subject = match kind {
        entries::PROPOSED_NOTICE => say(
            lang,
            "Relais\u{a0}: un changement de l’annuaire attend votre décision",
            "Relais: a change of the directory awaits your decision",
        ),
        entries::WITHHELD_NOTICE if own => say(
            lang,
            "Relais\u{a0}: des demandes sont restées sans réponse, vos services ne sont plus proposés",
            "Relais: requests were left unanswered, your services are no longer offered",
        ),
        entries::WITHHELD_NOTICE => say(
            lang,
            "Relais\u{a0}: un prestataire ne répond plus et n’est plus proposé",
            "Relais: a provider does not answer any more and is no longer offered",
        ),
        entries::FUNDING_NOTICE if own => say(
            lang,
            "Relais\u{a0}: le financement de services à vous prend fin bientôt",
            "Relais: the funding of services of yours ends soon",
        ),
        entries::FUNDING_NOTICE => say(
            lang,
            "Relais\u{a0}: un programme qui paie des services prend fin bientôt",
            "Relais: a programme that pays for services ends soon",
        ),
        entries::DECIDED_NOTICE => say(
            lang,
            "Relais\u{a0}: l’unité de coordination a décidé sur une de vos fiches",
            "Relais: the coordination unit has decided on one of your entries",
        ),
        _ => say(
            lang,
            "Relais\u{a0}: vos fiches de l’annuaire sont à confirmer",
            "Relais: your entries of the directory are to be confirmed",
        ),
    };
    let path = match kind {
        _ if own => "/entries",
        entries::FUNDING_NOTICE => "/directory/programmes?state=soon",
        _ => "/moderation",
    };
    (subject.to_owned(), format!("{subject}. {site}{path}"))
}

/// Subject and text about an agreement whose end comes near.
fn agreement_ends(lang: Lang, site: &str) -> (String, String) {
    let subject = say(
        lang,
        "Relais\u{a0}: un accord de partage arrive à son terme",
        "Relais: a sharing agreement comes to its end",
    );
    (subject.to_owned(), format!("{subject}. {site}/agreements"))
}

/// Subject and text for an organisation whose system is told nothing any more.
fn stopped(lang: Lang) -> (String, String) {
    let subject = say(
        lang,
        "Relais\u{a0}: votre système n’est plus prévenu",
        "Relais: your system is told nothing any more",
    );
    let told = say(
        lang,
        "Il ne prend plus ce que Relais lui annonce (webhook). Une fois réparé, demandez un essai par l’API.",
        "It does not take what Relais tells it (webhook). Once it is mended, ask for a test by the API.",
    );
    (subject.to_owned(), format!("{subject}. {told}"))
}

/// An e-mail says why it came; a text message has no room for it.
fn signed(lang: Lang, text: String, to: &To) -> String {
    match to {
        To::Sms(_) => text,
        To::Mail(_) => {
            let why = say(
                lang,
                "Ce message ne porte aucune donnée sur une personne. Vous le recevez parce que votre organisation figure au répertoire du mécanisme de référencement.",
                "This message carries nothing about any person. You get it because your organisation is in the directory of the referral mechanism.",
            );
            format!("{text}\n\n{why}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_message_fits_into_one() {
        let path = || format!("/link/fr/{}", "A".repeat(43));
        let to = To::Sms("+237677000000".to_owned());
        for lang in Lang::ALL {
            let address = Address::Path([path(), path()]);
            let (_, text) = request(*lang, &address, "https://relais.example.cm", &to);
            // Two parts of 67 signs at most where a sign is outside the short alphabet.
            assert!(text.chars().count() <= 3 * 67, "{} signs: {text}", text.chars().count());
            assert!(text.ends_with(&path()));
            let (_, text) = stopped(*lang);
            assert!(text.chars().count() <= 3 * 67, "{} signs: {text}", text.chars().count());
        }
    }

    #[test]
    fn each_wait_is_longer_than_the_one_before() {
        assert!(AGAIN.windows(2).all(|w| w[0] < w[1]));
        assert!(
            AGAIN.iter().sum::<TimeDelta>() < FRESH,
            "tried to the end while still fresh"
        );
    }
}
