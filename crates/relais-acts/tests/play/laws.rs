//! What must hold in every world (DESIGN §4, §6, §9).

use std::collections::BTreeSet;
use std::fmt::Debug;

use chrono::{Days, TimeDelta};
use relais_acts::file::CaseFile;
use relais_acts::views::{MyDay, StopRow, WorkRow};
use relais_acts::{ActError, Viewer, accounts, case, day, referral_view, share, transfers};
use relais_casework::calendar::local_date;
use relais_casework::consent::{Consent, ConsentDecision, Recipient, category_of};
use relais_casework::grant::{GrantCause, Holder};
use relais_casework::need::NeedState;
use relais_casework::sharing::OverrideState;
use relais_casework::transfer::TransferState;
use relais_casework::visible::{
    FileScope, ReferralStage, Shown, StopSide, TransferSide, View, may_claim, transfer_side, visible_need,
};
use relais_mechanism::{ClassSet, DataClass, Purpose, Role};
use relais_network::agreement::{Basis, OverrideGround, is_vital};
use relais_network::{CaseId, OrganisationId, ReferralId, StopRequestId, TransferId};
use relais_store::rows::cases::DisclosureRecord;
use relais_store::rows::transfers::TransferRecord;
use relais_store::rows::{accounts as users, lists};
use relais_store::{StoreError, Tx};
use uuid::Uuid;

use super::{LOGINS, Play};

/// After every step: nothing waits on nobody, by the store's own count and by
/// looking at every need and referral.
pub fn nobody_waits_on_nobody(play: &Play) {
    let waiting = play
        .world
        .store()
        .read_blocking(lists::waiting_on_nobody)
        .expect("readable");
    assert_eq!(waiting, (0, 0), "a need or a referral without owner or due time");
    for known in &play.cases {
        let file = play.file(known.id);
        for need in &file.needs {
            let live = need.detail.machine.state.is_live();
            assert_eq!(need.record.due_at.is_some(), live, "{:?}", need.record);
            if live {
                assert_eq!(need.record.owner_id, file.record.holder_id, "the holder has the need");
                assert_eq!(need.record.owner_role, Role::CaseManager.code());
            }
            let open: BTreeSet<ReferralId> = file
                .referrals
                .iter()
                .filter(|r| r.record.need_id == need.record.id && !r.machine.state.is_terminal())
                .map(|r| r.record.id)
                .collect();
            let listed: BTreeSet<ReferralId> = need.detail.machine.open.iter().copied().collect();
            assert_eq!(open, listed, "the need knows what is open for it");
            match need.detail.machine.state {
                NeedState::Referred => assert!(!open.is_empty(), "referred to nobody"),
                NeedState::Open => {}
                _ => assert!(open.is_empty(), "answered, and still asked about"),
            }
        }
        for referral in &file.referrals {
            let (record, machine) = (&referral.record, &referral.machine);
            assert_eq!(machine.wait.is_some(), !machine.state.is_terminal());
            assert_eq!(record.ended_at.is_some(), machine.state.is_terminal());
            let Some(wait) = &machine.wait else { continue };
            assert_eq!(record.due_at, Some(wait.due.at));
            assert_eq!(record.owner_role.as_deref(), Some(wait.owner.role.code()));
            assert_eq!(
                record.owner_id,
                wait.owner.organisation(file.record.holder_id, record.provider_id)
            );
        }
        if file.record.state == "closed" {
            assert!(
                file.needs.iter().all(|n| !n.detail.machine.state.is_live()),
                "closed over a waiting need"
            );
        }
    }
}

/// After every step: whatever moved in a case moved its version. An act that
/// read the file ahead of its unit of work rests on that.
pub fn what_moves_moves_the_version(play: &mut Play) {
    let ids: Vec<CaseId> = play.cases.iter().map(|k| k.id).collect();
    for id in ids {
        let mut file = play.file(id);
        let version = std::mem::take(&mut file.record.version);
        let looks = format!("{file:?}");
        if let Some((at, looked)) = play.looked.insert(id, (version, looks.clone())) {
            assert!(
                looked == looks || version > at,
                "the case moved and its version {at} did not:\n{looked}\n{looks}"
            );
        }
    }
}

/// Of a case that has ended nothing is due, nothing is to be sent but that it
/// has ended, and no need is alive. How many such cases there are.
pub fn ended_cases_are_silent(play: &Play) -> usize {
    let mut ended = 0;
    for known in &play.cases {
        let file = play.file(known.id);
        if file.record.state != "ended" {
            continue;
        }
        ended += 1;
        assert_eq!(play.noise(known.id), (0, 0), "due, unsent: {file:?}");
        assert!(file.needs.iter().all(|n| !n.detail.machine.state.is_live()));
        assert!(file.referrals.iter().all(|r| r.machine.state.is_terminal()));
    }
    ended
}

/// At the end of a world: every list, every page, every disclosure.
pub async fn all(play: &Play) {
    let files: Vec<CaseFile> = play.cases.iter().map(|k| play.file(k.id)).collect();
    for who in 0..LOGINS.len() {
        match play.viewer(who) {
            Some(viewer) => {
                assert!(!play.closed.contains(&who), "a closed account acts");
                seen_by(play, &files, &viewer).await;
            }
            None => closed_sees_nothing(play, &files, who),
        }
    }
    overrides_are_owned_and_bounded(play, &files);
    disclosures_rest_on_something(play, &files);
    past_recipients_were_told(play, &files);
    withdrawn_consents_carry_nothing(&files);
    relais_store::audit::checkpoint(play.world.store()).expect("a checkpoint");
    let report = relais_store::audit::verify(play.world.store()).expect("verified");
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}

/// Even a viewer that was made of a closed account sees nothing.
fn closed_sees_nothing(play: &Play, files: &[CaseFile], who: usize) {
    assert!(play.closed.contains(&who), "{} is open", LOGINS[who]);
    let network = play.world.desk.network();
    let user = play
        .world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| users::user_by_login(tx, LOGINS[who]))
        .expect("readable")
        .expect("the account stays on record");
    let viewer = accounts::viewer_of(&network, &user, false);
    for file in files {
        assert_eq!(play.view(file, &viewer), View::Nothing, "{} is closed", LOGINS[who]);
    }
}

fn forbidden<T: Debug>(what: &str, viewer: &Viewer, got: Result<T, ActError>) {
    assert!(
        matches!(got, Err(ActError::Forbidden { .. })),
        "{what} for {}: {got:?}",
        viewer.display_name
    );
}

/// Every list and page of one viewer against the oracle.
async fn seen_by(play: &Play, files: &[CaseFile], viewer: &Viewer) {
    let desk = &play.world.desk;
    let views: Vec<View> = files.iter().map(|f| play.view(f, viewer)).collect();
    let whole = |view: &View| {
        matches!(
            view,
            View::File {
                scope: FileScope::Whole,
                ..
            }
        )
    };
    let works = viewer.is(Role::CaseManager) || viewer.is(Role::Supervisor);
    let mut text = String::new();

    // The list of cases: whose whole file the viewer sees.
    let list = case::list(desk, viewer, None).await;
    if works {
        let list = list.expect("the list of cases");
        let shown: Vec<CaseId> = list.rows.iter().map(|r| r.id).collect();
        let mut granted: Vec<CaseId> = files
            .iter()
            .zip(&views)
            .filter(|(_, v)| whole(v))
            .map(|(f, _)| f.record.id)
            .collect();
        granted.reverse();
        assert_eq!(shown, granted, "cases of {}", viewer.display_name);
        for row in &list.rows {
            let at = files.iter().position(|f| f.record.id == row.id).expect("a case");
            assert!(row.initials.is_empty() || views[at].classes().contains(DataClass::Identity));
        }
        text += &format!("{list:?}");
    } else {
        forbidden("the list of cases", viewer, list);
    }

    let today = day::my_day(desk, viewer).await.expect("a day");
    to_cosign_equals_oracle(play, files, viewer, &today);
    day_equals_oracle(play, files, &views, viewer, &today, works);
    transfers_equal_oracle(play, files, viewer, &today);
    if works {
        stops_equal_oracle(play, files, viewer, StopSide::Holder, &today.stops, false);
    } else {
        assert!(today.stops.is_empty());
    }
    text += &format!("{today:?}");

    let inbox = day::inbox(desk, viewer).await;
    if viewer.is(Role::FocalPoint) {
        let inbox = inbox.expect("an inbox");
        inbox_equals_oracle(play, files, &views, viewer, &inbox);
        stops_equal_oracle(play, files, viewer, StopSide::Recipient, &inbox.stops, true);
        text += &format!("{inbox:?}");
    } else {
        forbidden("the inbox", viewer, inbox);
    }

    let office = [Role::Secretariat, Role::SecretariatSupervisor, Role::RegionalFocalPoint];
    let late = day::late(desk, viewer, None).await;
    if office.into_iter().any(|r| viewer.is(r)) {
        let late = late.expect("the late list");
        late_equals_oracle(play, files, &views, viewer, &late);
        text += &format!("{late:?}");
    } else {
        forbidden("the late list", viewer, late);
    }

    for (file, view) in files.iter().zip(&views) {
        let page = case::view(desk, viewer, file.record.id).await;
        match view {
            View::File { .. } => text += &format!("{:?}", page.expect("the file opens")),
            _ => assert!(matches!(page, Err(ActError::NotFound)), "{view:?} opens {page:?}"),
        }
        for t in play.transfers().iter().filter(|t| t.case_id == file.record.id) {
            let page = transfers::view(desk, viewer, t.id).await;
            let network = desk.network();
            let state = TransferState::from_code(&t.state).expect("a state");
            let sight = viewer.sight(&network);
            match transfer_side(&file.facts(), t.from_id, t.to_id, state, &sight, play.now) {
                Some(_) => text += &format!("{:?}", page.expect("the transfer opens")),
                None => assert!(matches!(page, Err(ActError::NotFound)), "{page:?}"),
            }
        }
        for referral in &file.referrals {
            let page = referral_view::view(desk, viewer, referral.record.id).await;
            // The whole office: the secretariat, its supervisor, the region's focal point.
            let office = matches!(view, View::Office);
            if view.shows_referral(referral.record.id) || office {
                text += &format!("{:?}", page.expect("the referral opens"));
            } else {
                assert!(matches!(page, Err(ActError::NotFound)), "{view:?} opens {page:?}");
            }
        }
    }
    // Names and telephones: only where the class is granted, however a
    // telephone's digits are grouped.
    let bare: String = text
        .replace("\\u{a0}", "")
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    for (known, view) in play.cases.iter().zip(&views) {
        let classes = view.classes();
        for (class, words) in [
            (DataClass::Identity, &known.name),
            (DataClass::Contact, &known.telephone),
            (DataClass::Contact, &known.national),
        ] {
            assert!(
                classes.contains(class) || !(text.contains(words.as_str()) || bare.contains(words.as_str())),
                "{} reads {words} with {view:?}",
                viewer.display_name
            );
        }
    }
}

/// An override waits on an owner with a limit and due work, is told in the
/// owner's day, and carries nothing once refused or beyond its limit unsigned.
fn overrides_are_owned_and_bounded(play: &Play, files: &[CaseFile]) {
    for (case, open) in play.overrides() {
        let file = files.iter().find(|f| f.record.id == case).expect("its case");
        let (record, exception) = (&open.record, &open.detail.exception);
        let waiting = exception.state() == OverrideState::Waiting;
        assert_eq!(exception.cosign_due(), exception.made_at + TimeDelta::hours(24));
        assert_eq!(record.cosign_due_at, exception.cosign_due());
        let due = play
            .world
            .store()
            .read_blocking({
                let subject = record.id.0;
                move |tx: &mut Tx<'_>| relais_store::due::of(tx, subject)
            })
            .expect("readable");
        let told_out = exception.made_at + TimeDelta::hours(36) <= play.now;
        let runs = waiting && !told_out && file.record.state != "ended";
        assert_eq!(!due.is_empty(), runs, "{record:?}: {due:?}");
        assert!(
            !file.is_protected() || record.owner_id.is_some(),
            "the secretariat owns nothing protected"
        );
        let owner = (record.owner_id, record.owner_role.as_str());
        let expected = if record.owner_id.is_none() {
            (None, "secretariat_supervisor")
        } else {
            (Some(exception.organisation), "supervisor")
        };
        assert_eq!(owner, expected);
        let carries = match exception.state() {
            OverrideState::Cosigned => true,
            OverrideState::Refused => false,
            OverrideState::Waiting => play.now < exception.cosign_due(),
        };
        for grant in file.grants.iter().filter(|g| g.exception == Some(exception.id)) {
            assert!(
                carries || !grant.in_force(play.now),
                "{exception:?} still gives {grant:?}"
            );
        }
    }
}

fn rows(day: &MyDay) -> impl Iterator<Item = &WorkRow> {
    day.late
        .iter()
        .chain(&day.yours)
        .chain(&day.answers)
        .chain(&day.appointments)
        .chain(&day.others)
}

/// To co-sign: what waits for the viewer as supervisor at home, or came up to
/// the secretariat's; nothing of what nobody of theirs may see.
fn to_cosign_equals_oracle(play: &Play, files: &[CaseFile], viewer: &Viewer, day: &MyDay) {
    let mut expected = BTreeSet::new();
    for (case, open) in play.overrides() {
        let file = files.iter().find(|f| f.record.id == case).expect("its case");
        let exception = &open.detail.exception;
        let at_home = viewer.is(Role::Supervisor) && viewer.organisation == exception.organisation;
        let came_up = viewer.is(Role::SecretariatSupervisor)
            && !file.is_protected()
            && (open.record.owner_id.is_none() || exception.cosign_due() <= play.now);
        let owned = at_home && open.record.owner_id.is_some();
        if exception.state() == OverrideState::Waiting && (owned || came_up) {
            expected.insert(open.record.id);
        }
    }
    let shown: Vec<_> = day.cosign.iter().map(|r| r.id).collect();
    assert_eq!(
        shown.iter().copied().collect::<BTreeSet<_>>(),
        expected,
        "to co-sign by {}",
        viewer.display_name
    );
    assert_eq!(shown.len(), expected.len(), "shown once");
}

/// A day: every wait of the cases whose whole file the viewer sees, once.
fn day_equals_oracle(play: &Play, files: &[CaseFile], views: &[View], viewer: &Viewer, day: &MyDay, works: bool) {
    let mut expected: BTreeSet<Uuid> = BTreeSet::new();
    if works {
        for (file, _) in files.iter().zip(views).filter(|(_, v)| {
            matches!(
                v,
                View::File {
                    scope: FileScope::Whole,
                    ..
                }
            )
        }) {
            let waiting = file.referrals.iter().filter(|r| !r.machine.state.is_terminal());
            expected.extend(waiting.map(|r| r.record.id.0));
            let open = file.needs.iter().filter(|n| n.detail.machine.state == NeedState::Open);
            expected.extend(open.map(|n| n.record.id.0));
            if file.needs.is_empty() && file.record.state == "open" {
                expected.insert(file.record.id.0);
            }
        }
    }
    let mut shown: BTreeSet<Uuid> = BTreeSet::new();
    for row in rows(day) {
        let state = row.state.filter(|s| !s.is_terminal());
        // An answer that gave the need back stands for the need.
        let id = match (row.referral_id, state, row.need_id) {
            (Some(referral), Some(_), _) => referral.0,
            (_, None, Some(need)) => need.0,
            _ => row.case_id.0,
        };
        assert!(shown.insert(id), "shown twice to {}: {row:?}", viewer.display_name);
        let late = row.clock.as_ref().is_some_and(|c| c.late);
        let at = files.iter().position(|f| f.record.id == row.case_id).expect("a case");
        assert!(
            row.initials.is_empty() || views[at].classes().contains(DataClass::Identity),
            "initials with {:?}",
            views[at]
        );
        assert_eq!(row.clock.as_ref().map(|c| c.due <= play.now).unwrap_or_default(), late);
    }
    assert_eq!(shown, expected, "the day of {}", viewer.display_name);
    assert!(day.late.iter().all(|r| r.clock.as_ref().is_some_and(|c| c.late)));
}

/// An inbox: the referrals to the viewer's services that `visible` shows.
fn inbox_equals_oracle(
    play: &Play,
    files: &[CaseFile],
    views: &[View],
    viewer: &Viewer,
    inbox: &relais_acts::views::Inbox,
) {
    let since = play.now.checked_sub_days(Days::new(30)).expect("a time");
    let mechanism = play.world.desk.mechanism();
    let mut expected = BTreeSet::new();
    for (file, view) in files.iter().zip(views) {
        for r in &file.referrals {
            if r.record.provider_id == viewer.organisation
                && r.record.sent_at.is_some()
                && view.shows_referral(r.record.id)
                && r.record.ended_at.is_none_or(|at| at > since)
            {
                expected.insert(r.record.id);
            }
        }
    }
    let all = || inbox.to_answer.iter().chain(&inbox.under_way).chain(&inbox.ended);
    let shown: Vec<ReferralId> = all().filter_map(|r| r.referral_id).collect();
    assert_eq!(shown.len(), all().count());
    assert_eq!(
        shown.iter().copied().collect::<BTreeSet<_>>(),
        expected,
        "the inbox of {}",
        viewer.display_name
    );
    assert_eq!(shown.len(), expected.len(), "shown once");
    for row in all() {
        let at = files.iter().position(|f| f.record.id == row.case_id).expect("a case");
        let (file, view) = (&files[at], &views[at]);
        let referral = file
            .referral(row.referral_id.expect("a referral"))
            .expect("of the case");
        let labels = share::labels(&mechanism, &referral.detail.service_type);
        assert_eq!(row.label, labels.discreet.get(viewer.lang), "discreet always");
        let accepted = ReferralStage::of(referral.machine.state) == ReferralStage::Accepted;
        if !row.initials.is_empty() {
            assert!(
                accepted && view.classes().contains(DataClass::Identity),
                "initials with {view:?}: {row:?}"
            );
        }
        assert!(row.case_code.is_empty() && row.telephone.is_none());
    }
}

/// The late list: of the cases that the office sees, what is past its time.
fn late_equals_oracle(
    play: &Play,
    files: &[CaseFile],
    views: &[View],
    viewer: &Viewer,
    late: &relais_acts::views::LateList,
) {
    let mechanism = play.world.desk.mechanism();
    let mut expected: BTreeSet<Uuid> = BTreeSet::new();
    for (file, _) in files.iter().zip(views).filter(|(_, v)| **v == View::Office) {
        let due = |at: Option<chrono::DateTime<chrono::Utc>>| at.is_some_and(|at| at <= play.now);
        expected.extend(
            file.referrals
                .iter()
                .filter(|r| due(r.record.due_at))
                .map(|r| r.record.id.0),
        );
        let needs = file
            .needs
            .iter()
            .filter(|n| n.detail.machine.state == NeedState::Open && due(n.record.due_at));
        expected.extend(needs.map(|n| n.record.id.0));
    }
    let shown: Vec<Uuid> = late
        .rows
        .iter()
        .map(|r| r.referral_id.map_or_else(|| r.need_id.expect("a need").0, |r| r.0))
        .collect();
    assert_eq!(
        shown.iter().copied().collect::<BTreeSet<_>>(),
        expected,
        "the late list of {}",
        viewer.display_name
    );
    assert_eq!(shown.len(), expected.len(), "shown once");
    for row in &late.rows {
        assert!(
            row.initials.is_empty() && row.clock.as_ref().is_some_and(|c| c.late),
            "{row:?}"
        );
        let file = files.iter().find(|f| f.record.id == row.case_id).expect("a case");
        let service = row.referral_id.map_or_else(
            || {
                file.need(row.need_id.expect("a need"))
                    .expect("of the case")
                    .detail
                    .service
                    .clone()
            },
            |r| file.referral(r).expect("of the case").detail.service_type.clone(),
        );
        let words = visible_need(
            &share::labels(&mechanism, &service),
            &View::Office,
            true,
            false,
            Shown::List,
        );
        assert_eq!(
            Some(row.label.as_str()),
            words.as_ref().map(|l| l.get(viewer.lang)),
            "the category at most"
        );
    }
}

/// Whether the consent stood when something went: withdrawn in the same
/// instant counts as after it, since the clock of a drill stands still.
fn stood(consent: &Consent, at: chrono::DateTime<chrono::Utc>) -> bool {
    consent.decision == ConsentDecision::Granted
        && consent.from <= at
        && at < consent.ends_at()
        && consent.withdrawn_at.is_none_or(|gone| gone >= at)
}

/// Consent ∧ purpose ∧ agreement regime, or an override: looked up again for
/// every disclosure, at its time.
fn disclosures_rest_on_something(play: &Play, files: &[CaseFile]) {
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
fn transfer_rests_on_the_persons_word(play: &Play, file: &CaseFile, disclosure: &DisclosureRecord) {
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
fn holders_at(play: &Play, file: &CaseFile, at: chrono::DateTime<chrono::Utc>) -> BTreeSet<OrganisationId> {
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
fn past_recipients_were_told(play: &Play, files: &[CaseFile]) {
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

/// Transfers and unclaimed cases of a day, and each transfer's page.
fn transfers_equal_oracle(play: &Play, files: &[CaseFile], viewer: &Viewer, day: &MyDay) {
    let network = play.world.desk.network();
    let sight = viewer.sight(&network);
    let since = play.now.checked_sub_days(Days::new(7)).expect("a time");
    let mut expected: BTreeSet<TransferId> = BTreeSet::new();
    for t in play.transfers() {
        let file = files.iter().find(|f| f.record.id == t.case_id).expect("its case");
        let state = TransferState::from_code(&t.state).expect("a state");
        let side = transfer_side(&file.facts(), t.from_id, t.to_id, state, &sight, play.now);
        let listed = match side {
            Some(TransferSide::Asked) => state == TransferState::Proposed,
            Some(TransferSide::Former) => t.ended_at.is_some_and(|at| at > since),
            _ => false,
        };
        if listed {
            expected.insert(t.id);
        }
    }
    let shown: BTreeSet<TransferId> = day.transfers.iter().map(|t| t.id).collect();
    assert_eq!(shown, expected, "transfers in the day of {}", viewer.display_name);
    let claimable: BTreeSet<CaseId> = files
        .iter()
        .filter(|f| may_claim(&f.facts(), play.worked_on(f), &sight))
        .map(|f| f.record.id)
        .collect();
    let listed: BTreeSet<CaseId> = day.unclaimed.iter().map(|c| c.id).collect();
    assert_eq!(listed, claimable, "unclaimed in the day of {}", viewer.display_name);
}

/// The requests to stop using what was received, where each viewer finds them.
fn stops_equal_oracle(
    play: &Play,
    files: &[CaseFile],
    viewer: &Viewer,
    side: StopSide,
    shown: &[StopRow],
    recent: bool,
) {
    let since = play.now.checked_sub_days(Days::new(30)).expect("a time");
    let expected: BTreeSet<StopRequestId> = play
        .stops()
        .iter()
        .filter(|s| s.confirmed_at.is_none_or(|at| recent && at > since))
        .filter(|s| {
            let file = files.iter().find(|f| f.record.id == s.case_id).expect("its case");
            let own = s.recipient_id == viewer.organisation;
            match play.stop_side(file, s, viewer) {
                Some(found) => found == side || (side == StopSide::Recipient && own),
                None => false,
            }
        })
        .map(|s| s.id)
        .collect();
    let ids: BTreeSet<StopRequestId> = shown.iter().map(|r| r.id).collect();
    assert_eq!(ids, expected, "{side} rows of {}", viewer.display_name);
    assert_eq!(ids.len(), shown.len(), "shown once");
    for row in shown {
        assert_eq!(row.case_id.is_some(), side == StopSide::Holder, "{row:?}");
        assert_eq!(row.case_code.is_empty(), side == StopSide::Recipient, "{row:?}");
        assert_eq!(row.clock.is_some(), row.confirmed_on.is_none(), "{row:?}");
    }
}

/// A withdrawal closed every grant that rests on it; a referral that ended
/// keeps its grants thirty days at most.
fn withdrawn_consents_carry_nothing(files: &[CaseFile]) {
    for file in files {
        for consent in &file.consents {
            let Some(gone) = consent.withdrawn_at else { continue };
            for grant in file.grants.iter().filter(|g| g.consents.contains(&consent.id)) {
                assert!(
                    grant.until.is_some_and(|until| until <= gone),
                    "{grant:?} outlives {gone}"
                );
            }
        }
        for referral in &file.referrals {
            let Some(ended) = referral.record.ended_at else {
                continue;
            };
            for grant in file.grants.iter().filter(|g| g.referral == Some(referral.record.id)) {
                assert!(
                    grant.until.is_some_and(|until| until <= ended + TimeDelta::days(30)),
                    "{grant:?}"
                );
            }
        }
    }
}
