//! What left a case: on which consent, agreement or override it rests, and who was told when that ended.

use super::*;

/// Whether the consent stood when something went: withdrawn in the same
/// instant counts as after it, since the clock of a drill stands still.
pub(super) fn stood(consent: &Consent, at: chrono::DateTime<chrono::Utc>) -> bool {
    consent.decision == ConsentDecision::Granted
        && consent.from <= at
        && at < consent.ends_at()
        && consent.withdrawn_at.is_none_or(|gone| gone >= at)
}

/// Consent ∧ purpose ∧ agreement regime, or an override: looked up again for
/// every disclosure, at its time.
pub(super) fn disclosures_rest_on_something(play: &Play, files: &[CaseFile]) {
    let network = play.world.desk.network();
    let mechanism = play.world.desk.mechanism();
    for disclosure in play.disclosures() {
        let file = files
            .iter()
            .find(|f| f.record.id == disclosure.case_id)
            .expect("its case");
        if disclosure.stage == "transfer" {
            transfer_rests_on_the_persons_word(play, file, &disclosure);
            continue;
        }
        let referral = file
            .referral(disclosure.referral_id.expect("a referral"))
            .expect("of the case");
        let bases: Vec<Basis> = serde_json::from_str(&disclosure.basis).expect("bases");
        let (at, to, service) = (disclosure.at, disclosure.recipient_id, &referral.detail.service_type);
        assert_eq!(to, referral.record.provider_id, "to whom it was asked");
        if disclosure.stage == "offer" {
            assert!(
                disclosure.classes.is_empty() && bases.is_empty(),
                "an offer carries no class"
            );
            continue;
        }
        let asked = mechanism.service_type(service).expect("in the taxonomy");
        let needed = asked.needs.with(DataClass::Identity).with(DataClass::Contact);
        let overrides = {
            let file = file.clone();
            play.world
                .store()
                .read_blocking(move |tx: &mut Tx<'_>| -> Result<_, StoreError> { share::overrides(tx, &file) })
                .expect("readable")
        };
        let state_body = network.organisations[&to].state_body;
        assert!(
            !(file.record.regime == "protected" && state_body) || disclosure.classes.is_empty(),
            "protected circuit"
        );
        // S4 is not open in this deployment: what saves life alone carries it.
        let (mut covered, mut saving) = (ClassSet::EMPTY, ClassSet::EMPTY);
        for basis in &bases {
            let mut classes = ClassSet::EMPTY;
            if let Some(id) = basis.consent() {
                let consent = file.consents.iter().find(|c| c.id == id).expect("the consent");
                assert!(
                    stood(consent, at),
                    "rests on a consent that did not stand: {consent:?} at {at}"
                );
                assert_eq!(consent.line.code(), "C3", "only C3 shares with a service");
                assert_eq!(consent.purpose, Purpose::Refer);
                assert!(
                    consent.recipient.matches(to, service),
                    "{:?} is not {to}",
                    consent.recipient
                );
                classes = consent.classes;
            }
            if let Some(id) = basis.agreement() {
                let mut agreement = network
                    .agreements
                    .iter()
                    .find(|a| a.id == id)
                    .expect("the agreement")
                    .clone();
                if play
                    .ended
                    .get(&agreement.reference)
                    .is_some_and(|made| made.contains(&disclosure.id))
                {
                    agreement.denounced_on = None;
                    agreement.parties.iter_mut().for_each(|p| p.denounced_on = None);
                }
                let cover = agreement
                    .covers(to, &network.parents(to), local_date(at), mechanism.grace_days())
                    .expect("it covers the recipient");
                assert!(
                    cover.state.carries(),
                    "{} is {:?} at {at}",
                    agreement.reference,
                    cover.state
                );
                assert!(cover.purposes.contains(&Purpose::Refer));
                classes = classes.iter().filter(|c| cover.classes.contains(*c)).collect();
            }
            match basis {
                Basis::Vital { .. } => assert!(is_vital(referral.machine.priority, category_of(service))),
                Basis::Override { id, .. } => {
                    let mut exception = overrides.iter().find(|o| o.id == *id).expect("the override").clone();
                    // What was refused later, or in the same instant, stood when it carried.
                    exception.refused = exception.refused.filter(|refused| refused.at < at);
                    assert!(
                        exception.carries(Some(referral.record.id), to, at),
                        "{exception:?} at {at}"
                    );
                    classes = exception.classes;
                }
                Basis::OwnHand { .. } => panic!("nothing here goes in the person’s own hand"),
                _ => {}
            }
            covered = covered.union(classes);
            if let Basis::Vital { ground, .. } | Basis::Override { ground, .. } = basis
                && *ground != OverrideGround::Legal
            {
                saving = saving.union(classes);
            }
        }
        for class in disclosure.classes.iter() {
            assert!(covered.contains(class), "{class} rests on nothing: {bases:?}");
            assert!(needed.contains(class), "{class} is not needed for {service}");
            assert!(
                !class.is_restricted() || saving.contains(class),
                "{class} saves no life here: {bases:?}"
            );
            let denied = file
                .consents
                .iter()
                .filter(|c| c.from < at)
                .flat_map(|c| &c.deny)
                .any(|d| d.classes.contains(class) && d.recipient.as_ref().is_none_or(|r| r.matches(to, service)));
            assert!(
                !denied || bases.iter().any(|b| b.override_id().is_some()),
                "{class} is never to be shared"
            );
        }
    }
    // And what is open to a provider was disclosed to it.
    for file in files {
        let told: Vec<_> = play
            .disclosures()
            .into_iter()
            .filter(|d| d.case_id == file.record.id)
            .collect();
        for grant in &file.grants {
            if grant.cause == GrantCause::Transfer {
                let classes = told
                    .iter()
                    .filter(|d| d.recipient_id == grant.holder.organisation() && d.stage == "transfer")
                    .fold(ClassSet::EMPTY, |all, d| all.union(d.classes));
                assert!(
                    grant.classes.minus(classes).is_empty(),
                    "granted by a transfer and not written down: {grant:?}"
                );
            }
            if let Holder::ServiceFocalPoints { organisation, .. } = grant.holder {
                let classes = told
                    .iter()
                    .filter(|d| d.recipient_id == organisation && d.referral_id == grant.referral)
                    .fold(ClassSet::EMPTY, |all, d| all.union(d.classes));
                assert!(
                    grant.classes.minus(classes).is_empty(),
                    "granted and not written down: {grant:?}"
                );
            }
        }
    }
}

/// What a transfer disclosed: only to whom the person named, only the classes
/// of such a consent that stood, and under an agreement that carries.
pub(super) fn transfer_rests_on_the_persons_word(play: &Play, file: &CaseFile, disclosure: &DisclosureRecord) {
    let (at, to) = (disclosure.at, disclosure.recipient_id);
    let named: ClassSet = file
        .consents
        .iter()
        .filter(|c| c.line.code() == "C3" && stood(c, at))
        .filter(|c| c.recipient == Recipient::Organisation { organisation: to })
        .fold(ClassSet::EMPTY, |all, c| all.union(c.classes));
    assert!(
        disclosure.classes.minus(named).is_empty(),
        "{:?} went to {to}, who was named for {named:?}",
        disclosure.classes
    );
    let accepted = |t: &TransferRecord| {
        t.case_id == disclosure.case_id && t.to_id == to && t.state == "accepted" && t.ended_at == Some(at)
    };
    assert!(
        play.transfers().iter().any(accepted),
        "no transfer was accepted at {at}"
    );
    let bases: Vec<Basis> = serde_json::from_str(&disclosure.basis).expect("bases");
    assert!(
        bases.iter().all(|b| b.consent().is_some() && b.agreement().is_some()),
        "{bases:?}"
    );
}

/// Who held a case at an instant; of several at that instant, all.
pub(super) fn holders_at(play: &Play, file: &CaseFile, at: chrono::DateTime<chrono::Utc>) -> BTreeSet<OrganisationId> {
    let mut moves: Vec<TransferRecord> = play.transfers();
    moves.retain(|t| t.case_id == file.record.id && t.state == "accepted");
    moves.sort_by_key(|t| t.ended_at);
    let mut holders: BTreeSet<OrganisationId> = BTreeSet::new();
    let mut holder = moves.first().map_or(file.record.holder_id, |t| t.from_id);
    for t in &moves {
        let when = t.ended_at.expect("accepted");
        if when > at {
            break;
        }
        if when == at {
            holders.insert(holder);
        }
        holder = t.to_id;
    }
    holders.insert(holder);
    holders
}

/// Whoever received under a consent that was withdrawn since was asked to stop
/// using it, and is asked until it confirms.
pub(super) fn past_recipients_were_told(play: &Play, files: &[CaseFile]) {
    let asked = play.stops();
    for disclosure in play.disclosures() {
        let file = files
            .iter()
            .find(|f| f.record.id == disclosure.case_id)
            .expect("its case");
        let bases: Vec<Basis> = serde_json::from_str(&disclosure.basis).expect("bases");
        for gone in bases
            .iter()
            .filter_map(|b| b.consent())
            .filter_map(|id| file.consents.iter().find(|c| c.id == id))
            .filter_map(|c| c.withdrawn_at)
            .filter(|gone| *gone >= disclosure.at)
            // The organisation that holds the case hears it itself.
            .filter(|gone| !holders_at(play, file, *gone).contains(&disclosure.recipient_id))
        {
            assert!(
                asked.iter().any(|s| s.case_id == disclosure.case_id
                    && s.recipient_id == disclosure.recipient_id
                    && s.asked_at == gone
                    && disclosure.classes.minus(s.classes).is_empty()),
                "{} was not told: {asked:?}",
                disclosure.recipient_id
            );
        }
    }
}
