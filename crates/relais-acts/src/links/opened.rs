//! A link in the provider's hand: opened with its code, read, answered once.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use relais_casework::referral::{Actor, Command, LinkState, Noted, State};
use relais_casework::visible::{self, View};
use relais_mechanism::{ActingFor, Channel, Lang, Role};
use relais_network::{CaseId, OrganisationId, ReferralId, UserId};
use relais_store::access::{self, Look};
use relais_store::rows::cases::{self, CaseRecord};
use relais_store::rows::links::{self, LinkRecord};
use relais_store::{StoreError, Tx};
use serde_json::json;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use super::{AnswerByLink, LinkView, OpenLink, Person, answerer, not_valid, rule};
use crate::codes::referral_code;
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, is_erased, open as unseal, seal};
use crate::network::Network;
use crate::problem::{ActError, FieldProblem};
use crate::referral_view::referral_view;
use crate::referrals::{self, WORDS, machine_command, words_of};
use crate::views::Made;
use crate::write::{self, Doer, Stream};

/// How long whoever opened a link may read and answer.
const SESSION: TimeDelta = TimeDelta::minutes(30);
/// Longest name or number, in characters.
const LONGEST: usize = 200;

/// Opens a link: its address is spent, and the one who opens it may read and
/// answer for half an hour. Opening says that the request arrived. A wrong code
/// counts against the link; everything that is wrong answers alike.
///
/// # Errors
/// [`not_valid`]; [`ActError::Invalid`] when name or telephone is missing, which
/// is said before anything is looked up.
pub async fn open(
    desk: &Arc<Desk>,
    command: OpenLink,
    route: &'static str,
    purpose: &'static str,
) -> Result<(), ActError> {
    check_person(&command)?;
    let desk_ = Arc::clone(desk);
    // What a wrong code changes must stay, so the refusal is an answer here.
    let opened = desk
        .store()
        .write(move |tx: &mut Tx<'_>| -> Result<bool, ActError> {
            let opened = open_in(tx, &desk_, &command)?;
            // Every attempt leaves its row, and takes a commit, whether there is a link or not.
            let (organisation, cases) = opened.map_or((None, Vec::new()), |(o, case)| (Some(o), vec![case]));
            let look = Look {
                user: None,
                organisation,
                route,
                purpose,
                cases: &cases,
            };
            access::log(tx, &look)?;
            Ok(opened.is_some())
        })
        .await?;
    if opened { Ok(()) } else { Err(not_valid()) }
}

fn check_person(command: &OpenLink) -> Result<(), ActError> {
    let mut wrong = Vec::new();
    if command.name.trim().is_empty() {
        wrong.push(FieldProblem::new(
            "name",
            "required",
            ("Écrivez le nom de qui répond.", "Write the name of who answers."),
        ));
    }
    if command.telephone.trim().is_empty() {
        wrong.push(FieldProblem::new(
            "telephone",
            "required",
            (
                "Écrivez le numéro où vous rappeler.",
                "Write the number to call you back.",
            ),
        ));
    }
    for (field, text) in [("name", &command.name), ("telephone", &command.telephone)] {
        wrong.extend(FieldProblem::too_long(field, text, LONGEST));
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(ActError::Invalid(wrong))
    }
}

/// The organisation and the case that were opened, or none.
fn open_in(tx: &mut Tx<'_>, desk: &Desk, command: &OpenLink) -> Result<Option<(OrganisationId, CaseId)>, ActError> {
    let now = tx.now()?;
    let found = links::by_secret(tx, &command.secret_hash)?.filter(|l| rule(l).may_open(now));
    let typed: String = command.code.chars().filter(char::is_ascii_digit).collect();
    let Some(record) = found else {
        return Ok(None);
    };
    // One writer at a time from here: tries are counted, never lost.
    cases::lock_case(tx, record.case_id)?;
    let Some(mut record) = LinkRecord::find(tx, record.id)?.filter(|l| rule(l).may_open(now)) else {
        return Ok(None);
    };
    let Some(case) = CaseRecord::find(tx, record.case_id)? else {
        return Ok(None);
    };
    let sealer = tx.sealer();
    let code: String = match unseal(&sealer, "link", "code", record.id, case.slot, &record.code) {
        Err(error) if is_erased(&error) => return Ok(None),
        code => code?,
    };
    if !bool::from(code.as_bytes().ct_eq(typed.as_bytes())) {
        record.tries += 1;
        record.update(tx)?;
        if rule(&record).state(now) == LinkState::Blocked {
            write::notice(
                tx,
                "link_blocked",
                Some(case.holder_id),
                Role::CaseManager,
                record.referral_id.0,
            )?;
        }
        return Ok(None);
    }
    let Some((mut file, network)) = before(tx, desk, &record)? else {
        return Ok(None);
    };
    let id = record.referral_id;
    let open = file.referral(id).ok_or(ActError::NotFound)?;
    let (provider, hash) = (open.record.provider_id, open.record.mechanism_hash.clone());
    let person = Person {
        name: command.name.trim().to_owned(),
        telephone: command.telephone.trim().to_owned(),
    };
    record.opened_at = Some(now);
    record.session_hash = Some(command.session_hash.clone());
    record.session_until = Some((now + SESSION).min(record.expires_at));
    record.answerer = Some(seal(&sealer, "link", "answerer", record.id, file.record.slot, &person)?);
    record.update(tx)?;
    let mut stream = Stream::lock(tx, file.record.id, file.record.slot, doer(provider), &hash)?;
    stream.add(tx, id.0, "link_opened", &json!({ "link": record.id }), now, "")?;
    if open.machine.state == State::Sent {
        // Whoever has opened it has it: nobody is reminded to say so.
        give(
            tx,
            desk,
            &mut file,
            &network,
            id,
            &Command::Acknowledge,
            &person,
            "",
            &mut stream,
        )?;
    }
    Ok(Some((provider, record.case_id)))
}

const fn doer(provider: OrganisationId) -> Doer {
    Doer {
        user: None,
        organisation: Some(provider),
        acting_for: ActingFor::Provider,
        channel: Channel::Link,
    }
}

#[expect(clippy::too_many_arguments, reason = "the parts of one unit of work")]
fn give(
    tx: &mut Tx<'_>,
    desk: &Desk,
    file: &mut CaseFile,
    network: &Network,
    id: ReferralId,
    command: &Command,
    person: &Person,
    words: &str,
    stream: &mut Stream<'_>,
) -> Result<(), ActError> {
    let provider = file.referral(id).ok_or(ActError::NotFound)?.record.provider_id;
    let actor = Actor {
        user: None,
        organisation: Some(provider),
        roles: vec![Role::FocalPoint],
        acting_for: ActingFor::Provider,
        channel: Channel::Link,
        noted: Some(Noted {
            number: person.telephone.clone(),
            answered_by: person.name.clone(),
        }),
    };
    let now = tx.now()?;
    referrals::give(tx, desk, file, network, id, command, &actor, now, words, stream)?;
    Ok(())
}

/// Whoever comes by a link, as the acts see them: of the organisation asked,
/// without a name.
fn viewer_of(network: &Network, provider: OrganisationId, lang: Lang) -> Viewer {
    Viewer {
        user: UserId(Uuid::nil()),
        organisation: provider,
        organisation_name: network.name(provider, lang).into(),
        display_name: "".into(),
        roles: [Role::FocalPoint].into(),
        regions: [].into(),
        trained: false,
        // Whoever is not known is taken for the State: the protected circuit stays shut.
        state_body: network.organisations.get(&provider).is_none_or(|o| o.state_body),
        lang,
        api: false,
        route: "",
        purpose: "",
    }
}

/// The case as far as a link opens it, or none where it opens nothing any more.
fn before(tx: &mut Tx<'_>, desk: &Desk, record: &LinkRecord) -> Result<Option<(CaseFile, Arc<Network>)>, ActError> {
    let Some(file) = CaseFile::load(tx, record.case_id)? else {
        return Ok(None);
    };
    let network = desk.network_now(tx)?;
    let now = tx.now()?;
    let sees = match file.referral(record.referral_id) {
        Some(open) => sight(&file, &network, record.referral_id, open.record.provider_id, now),
        None => View::Nothing,
    };
    Ok(sees.shows_referral(record.referral_id).then_some((file, network)))
}

/// What the link shows: the visibility rule on this one referral and the
/// grants that rest on it.
fn sight(
    file: &CaseFile,
    network: &Network,
    referral: ReferralId,
    provider: OrganisationId,
    now: DateTime<Utc>,
) -> View {
    let mut facts = file.facts();
    facts.referrals.retain(|r| r.id == referral);
    facts.grants.retain(|g| g.referral == Some(referral));
    visible::visible(&facts, &viewer_of(network, provider, Lang::Fr).sight(network), now)
}

/// The link of this session while it may be read, or none.
fn session(tx: &mut Tx<'_>, session_hash: &[u8]) -> Result<Option<LinkRecord>, StoreError> {
    let now = tx.now()?;
    Ok(links::by_session(tx, session_hash)?
        .filter(|l| rule(l).state(now) == LinkState::Opened && l.session_until.is_some_and(|until| now < until)))
}

/// What whoever opened a link sees, in their language.
///
/// # Errors
/// [`ActError::NotFound`] when the session is over or the link opens nothing
/// any more.
pub async fn view(
    desk: &Arc<Desk>,
    session_hash: Vec<u8>,
    lang: Lang,
    route: &'static str,
    purpose: &'static str,
) -> Result<LinkView, ActError> {
    let desk_ = Arc::clone(desk);
    desk.store()
        .read(move |tx: &mut Tx<'_>| -> Result<LinkView, ActError> {
            let record = session(tx, &session_hash)?.ok_or(ActError::NotFound)?;
            let (file, network) = before(tx, &desk_, &record)?.ok_or(ActError::NotFound)?;
            let id = record.referral_id;
            let provider = file.referral(id).ok_or(ActError::NotFound)?.record.provider_id;
            let now = tx.now()?;
            let sees = sight(&file, &network, id, provider, now);
            let viewer = viewer_of(&network, provider, lang);
            let mut referral = referral_view(tx, &desk_, &viewer, &file, &sees, &network, id)?;
            // What a link cannot do; who did what is for the two sides' own pages.
            referral
                .commands
                .retain(|c| !["acknowledge", "contest", "news"].contains(&c.as_str()));
            referral.history.clear();
            referral.history_more = false;
            if network.hides(file.referral(id).ok_or(ActError::NotFound)?) {
                // Whoever made the link could open it too, and was not told where it leads.
                crate::shelter::says(lang).clone_into(&mut referral.provider);
                referral.service.clear();
                referral.provider_telephones.clear();
            }
            let view = LinkView {
                referral,
                answerer: answerer(tx, file.record.slot, &record)?.ok_or(ActError::NotFound)?,
                until: record.session_until.unwrap_or(record.expires_at),
                expires_at: record.expires_at,
            };
            let look = Look {
                user: None,
                organisation: Some(provider),
                route,
                purpose,
                cases: &[record.case_id],
            };
            access::log(tx, &look)?;
            Ok(view)
        })
        .await
}

/// Answers by a link, once: the link is then spent, and what follows needs a
/// renewed one.
///
/// # Errors
/// [`ActError::NotFound`] when the session is over; [`ActError::Stale`]; the
/// machine's refusal.
pub async fn answer(desk: &Arc<Desk>, session_hash: Vec<u8>, command: AnswerByLink) -> Result<Made, ActError> {
    let desk_ = Arc::clone(desk);
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            let link = links::by_session(tx, &session_hash)?.ok_or(ActError::NotFound)?;
            write::once_by(tx, link.id, "link_act", command.id, &command, |tx| {
                answer_in(tx, &desk_, &session_hash, &link, &command)
            })
        })
        .await
}

fn answer_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    session_hash: &[u8],
    link: &LinkRecord,
    command: &AnswerByLink,
) -> Result<Made, ActError> {
    cases::lock_case(tx, link.case_id)?;
    let mut record = session(tx, session_hash)?.ok_or(ActError::NotFound)?;
    let (mut file, network) = before(tx, desk, &record)?.ok_or(ActError::NotFound)?;
    let id = record.referral_id;
    let open = file.referral(id).ok_or(ActError::NotFound)?;
    ActError::unless_current(command.version, open.machine.version)?;
    let words = words_of(&command.command).trim().to_owned();
    ActError::unless_within("text", &words, WORDS)?;
    let (provider, hash) = (open.record.provider_id, open.record.mechanism_hash.clone());
    let person = answerer(tx, file.record.slot, &record)?.ok_or(ActError::NotFound)?;
    let mut stream = Stream::lock(tx, file.record.id, file.record.slot, doer(provider), &hash)?;
    let machine = machine_command(&command.command);
    give(
        tx,
        desk,
        &mut file,
        &network,
        id,
        &machine,
        &person,
        &words,
        &mut stream,
    )?;
    let now = tx.now()?;
    record.answered_at = Some(now);
    record.session_until = None;
    record.update(tx)?;
    let open = file.referral(id).ok_or(ActError::NotFound)?;
    Ok(Made {
        id: id.0,
        code: referral_code(open.record.year, open.seq),
        version: open.machine.version,
    })
}
