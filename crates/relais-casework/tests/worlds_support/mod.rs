//! Random worlds: who is in them, what happens, and the laws.

mod drawn;
mod laws;

pub use drawn::{Event, Setup, any_event, any_setup};
pub use laws::check_labels;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use relais_casework::consent::{Consent, Nature, Recipient, WithdrawEffect, withdraw};
use relais_casework::grant::{
    Closing, Grant, apply, on_acceptance, on_assignment, on_cosignature, on_denunciation, on_emergency, on_holding,
    on_override_end, on_referral_end, on_transfer, on_unassignment,
};
use relais_casework::sharing::{Cosignature, Override, OverrideScope, Request, plan};
use relais_casework::visible::{CaseFacts, CaseState, ReferralFacts, ReferralStage, Viewer};
use relais_mechanism::{ClassSet, DataClass, Priority, Purpose};
use relais_network::agreement::{
    Agreement, AgreementKind, Basis, GRACE_DAYS, OverrideGround, StandingRegime, coverages,
};
use relais_network::{AgreementId, CaseId, GrantId, OrganisationId, OverrideId, ReferralId, ServiceId};
use uuid::Uuid;

use drawn::{CaseSetup, UserSetup};

use super::sharing_support::{agreement, at, c3, exception, org, service, user};

/// Two holders (10 of the State, 13 not), two providers (11 of the State, 12
/// not), the secretariat 14 and the employers' body 15.
pub const ORGANISATIONS: [u128; 6] = [10, 11, 12, 13, 14, 15];

/// Whether an organisation is of the State.
pub fn is_state(organisation: OrganisationId) -> bool {
    [10, 11, 14].map(org).contains(&organisation)
}

/// A class that went to a recipient, and on what basis.
#[derive(Debug, Clone)]
pub struct Given {
    pub case: usize,
    pub referral: ReferralId,
    pub organisation: OrganisationId,
    pub service: ServiceId,
    pub class: DataClass,
    pub basis: Basis,
}

/// What happened how often.
#[derive(Debug, Default, Clone)]
pub struct Tally(pub BTreeMap<&'static str, u64>);

impl Tally {
    pub fn count(&mut self, what: &'static str) {
        *self.0.entry(what).or_default() += 1;
    }

    pub fn add(&mut self, other: &Self) {
        for (what, count) in &other.0 {
            *self.0.entry(what).or_default() += count;
        }
    }

    /// Every thing that must have happened, with its count.
    pub fn rows(&self) -> Vec<(&'static str, u64)> {
        [
            "class given by agreement",
            "class given as vital",
            "class given by override",
            "S4 class seen by a named person",
            "S4 class kept from an unnamed holder",
            "protected case hidden from a State viewer",
            "protected case hidden from the office",
            "grant closed by a withdrawal",
            "grant closed by a denunciation",
            "grant closed by a transfer",
            "provider sees an offer",
            "provider sees a file",
            "provider sees a file after the agreement expired",
            "provider sees nothing more thirty days after the end",
            "closed account of a holder sees nothing",
            "user who left sees nothing",
            "reporter reads received",
            "office sees a row",
            "ended case is frozen",
            "emergency access ran out",
            "override ended with its limit",
            "override co-signed late",
            "override refused",
            "send refused",
        ]
        .map(|what| (what, self.0.get(what).copied().unwrap_or(0)))
        .into()
    }
}

pub struct World {
    pub now: DateTime<Utc>,
    pub users: Vec<Viewer>,
    pub cases: Vec<CaseFacts>,
    pub consents: Vec<Vec<Consent>>,
    pub agreements: Vec<Agreement>,
    /// Everything that was ever given.
    pub given: Vec<Given>,
    /// What was given by the last event.
    pub fresh: Vec<Given>,
    /// When a referral was over.
    pub over: BTreeMap<ReferralId, DateTime<Utc>>,
    /// Whether a referral is urgent, by id.
    urgent: BTreeMap<ReferralId, bool>,
    /// When each agreement was denounced.
    pub denounced: BTreeMap<AgreementId, DateTime<Utc>>,
    /// Every override that was written.
    pub overrides: Vec<Override>,
    /// Users who moved away while they held a grant.
    pub left: BTreeSet<usize>,
    next: u128,
    pub tally: Tally,
}

impl World {
    pub fn new(setup: Setup) -> Self {
        let users = setup.users.iter().enumerate().map(|(n, u)| viewer(n, u)).collect();
        let mut agreements = Vec::new();
        for (n, term) in [11u128, 12].into_iter().zip(setup.terms) {
            let mut signed = agreement(n, AgreementKind::Mou);
            signed.until = Some(at(term).date_naive());
            agreements.push(signed);
        }
        let mut world = Self {
            now: at(0),
            users,
            cases: Vec::new(),
            consents: Vec::new(),
            agreements,
            given: Vec::new(),
            fresh: Vec::new(),
            over: BTreeMap::new(),
            urgent: BTreeMap::new(),
            denounced: BTreeMap::new(),
            overrides: Vec::new(),
            left: BTreeSet::new(),
            next: 10_000,
            tally: Tally::default(),
        };
        for (n, case) in setup.cases.iter().enumerate() {
            world.register(n, case);
        }
        world
    }

    fn register(&mut self, n: usize, setup: &CaseSetup) {
        let holder = org(if setup.ngo || setup.protected { 13 } else { 10 });
        let named = self
            .users
            .iter()
            .filter(|u| setup.s4_supervisor && u.organisation == holder)
            .map(|u| u.user)
            .collect();
        let case = CaseId(Uuid::from_u128(n as u128 + 1));
        let grant = on_holding(GrantId(self.id()), case, holder, named, self.now);
        self.cases.push(CaseFacts {
            case,
            holder,
            region: region(setup.region),
            protected: setup.protected,
            state: CaseState::Open,
            reporter: Some(self.users[setup.reporter].user),
            referrals: vec![],
            grants: vec![grant],
        });
        let consents = setup
            .consents
            .iter()
            .enumerate()
            .map(|(k, (who, classes))| c3((n * 100 + k) as u128, who.clone(), *classes, k as i64))
            .collect();
        self.consents.push(consents);
    }

    fn id(&mut self) -> Uuid {
        self.next += 1;
        Uuid::from_u128(self.next)
    }

    pub fn play(&mut self, event: Event) {
        self.now += TimeDelta::hours(1);
        match event {
            Event::Wait(days) => self.now += TimeDelta::days(days),
            Event::Send { case, ngo, urgent } => self.send(case, if ngo { 12 } else { 11 }, urgent),
            Event::Accept { case, overridden } => self.accept(case, overridden),
            Event::Decide { which, cosign } => self.decide(which, cosign),
            Event::Over { case } => self.end_referral(case),
            Event::Withdraw { case, which } => self.withdraw(case, which),
            Event::Denounce { ngo } => self.denounce(usize::from(ngo)),
            Event::Transfer { case } => self.transfer(case),
            Event::Assign { case, who, s4 } => {
                if self.users[who].organisation == self.cases[case].holder {
                    let (id, u) = (GrantId(self.id()), &self.users[who]);
                    let grant = on_assignment(id, self.cases[case].case, u.user, u.organisation, s4, self.now);
                    self.cases[case].grants.push(grant);
                }
            }
            Event::Unassign { case, who } => {
                let facts = &self.cases[case];
                let closings = on_unassignment(&facts.grants, facts.case, self.users[who].user, self.now);
                self.close(case, &closings);
            }
            Event::Emergency { case, who } => {
                let (id, exception) = (GrantId(self.id()), OverrideId(self.id()));
                let u = &self.users[who];
                let grant = on_emergency(
                    id,
                    self.cases[case].case,
                    u.user,
                    u.organisation,
                    ClassSet::all(),
                    exception,
                    self.now,
                );
                self.cases[case].grants.push(grant);
            }
            Event::CloseAccount { who } => self.users[who].account_open = false,
            Event::Move { who, to } => {
                self.users[who].organisation = org(ORGANISATIONS[to]);
                self.users[who].is_state = is_state(org(ORGANISATIONS[to]));
                self.left.insert(who);
            }
            Event::CloseCase { case } if self.cases[case].state == CaseState::Open => {
                self.cases[case].state = CaseState::Closed;
            }
            Event::CloseCase { .. } => {}
            Event::EndCase { case } => self.cases[case].state = CaseState::Ended,
        }
    }

    fn close(&mut self, case: usize, closings: &[Closing]) {
        apply(&mut self.cases[case].grants, closings);
    }

    /// The request for a referral, judged now, with what it needs.
    fn judge(
        &self,
        case: usize,
        to: u128,
        urgent: bool,
        referral: Option<ReferralId>,
        exception: Option<&Override>,
    ) -> relais_casework::sharing::Plan {
        let found = coverages(org(to), &[], &self.agreements, self.now.date_naive(), GRACE_DAYS);
        plan(&Request {
            purpose: Purpose::Refer,
            service: "MED.02",
            s4: true,
            needs: [DataClass::Health, DataClass::Family].into_iter().collect(),
            priority: if urgent { Priority::P1 } else { Priority::P3 },
            referral,
            recipient: org(to),
            nature: Nature::Service,
            recipient_is_state: is_state(org(to)),
            protected: self.cases[case].protected,
            child: false,
            seen_alone: true,
            best_interests_decided: false,
            standing: StandingRegime::Ordinary,
            coverages: &found,
            consents: &self.consents[case],
            exception,
            own_hand: false,
            s4_authorised: true,
            now: self.now,
        })
    }

    fn send(&mut self, case: usize, to: u128, urgent: bool) {
        if self.cases[case].state != CaseState::Open {
            return;
        }
        if self.judge(case, to, urgent, None, None).blocked.is_some() {
            self.tally.count("send refused");
            return;
        }
        let id = ReferralId(self.id());
        self.urgent.insert(id, urgent);
        self.cases[case].referrals.push(ReferralFacts {
            id,
            organisation: org(to),
            service: service(to),
            stage: ReferralStage::Offered,
        });
    }

    fn accept(&mut self, case: usize, overridden: bool) {
        let open = self.cases[case].state == CaseState::Open;
        let Some(at) = self.cases[case]
            .referrals
            .iter()
            .position(|r| open && r.stage == ReferralStage::Offered)
        else {
            return;
        };
        let ReferralFacts {
            id,
            organisation,
            service,
            ..
        } = self.cases[case].referrals[at];
        let to = if organisation == org(11) { 11 } else { 12 };
        let exception_id = OverrideId(self.id());
        let written = overridden.then(|| Override {
            id: exception_id,
            case: self.cases[case].case,
            made_at: self.now,
            classes: ClassSet::all(),
            ..exception(OverrideGround::Vital, OverrideScope::Referral { referral: id }, to)
        });
        let found = self.judge(case, to, self.urgent[&id], Some(id), written.as_ref());
        let mut next = self.next;
        let ids = || {
            next += 1;
            GrantId(Uuid::from_u128(next))
        };
        let facts = &mut self.cases[case];
        facts.referrals[at].stage = ReferralStage::Accepted;
        let grants = on_acceptance(
            ids,
            facts.case,
            id,
            organisation,
            service,
            &found.after,
            written.as_ref(),
            self.now,
        );
        facts.grants.extend(grants);
        self.next = next;
        self.overrides.extend(written);
        for (class, basis) in found.after {
            let given = Given {
                case,
                referral: id,
                organisation,
                service,
                class,
                basis,
            };
            self.given.push(given.clone());
            self.fresh.push(given);
        }
    }

    /// One of the overrides that wait is co-signed or refused, also late.
    fn decide(&mut self, which: usize, cosign: bool) {
        let now = self.now;
        let mut waiting: Vec<&mut Override> = self
            .overrides
            .iter_mut()
            .filter(|o| o.cosigned.is_none() && o.refused.is_none())
            .collect();
        let n = waiting.len().max(1);
        let Some(written) = waiting.get_mut(which % n) else {
            return;
        };
        let signed = Some(Cosignature { user: user(2), at: now });
        if cosign {
            written.cosigned = signed;
        } else {
            written.refused = signed;
        }
        let written = written.clone();
        let case = self
            .cases
            .iter()
            .position(|facts| facts.case == written.case)
            .expect("its case");
        if !cosign {
            let closings = on_override_end(&self.cases[case].grants, written.id, now);
            self.close(case, &closings);
            self.tally.count("override refused");
            return;
        }
        let mut next = self.next;
        let ids = || {
            next += 1;
            GrantId(Uuid::from_u128(next))
        };
        let over = |id: ReferralId| self.over.get(&id).copied();
        let (granted, closings) = on_cosignature(ids, &self.cases[case].grants, &written, over, now);
        self.next = next;
        if written.cosign_due() <= now && !granted.is_empty() {
            self.tally.count("override co-signed late");
        }
        self.close(case, &closings);
        self.cases[case].grants.extend(granted);
    }

    fn end_referral(&mut self, case: usize) {
        let facts = &mut self.cases[case];
        if let Some(referral) = facts.referrals.iter_mut().find(|r| r.stage == ReferralStage::Accepted) {
            referral.stage = ReferralStage::Over;
            let id = referral.id;
            let closings = on_referral_end(&facts.grants, id, self.now);
            self.over.insert(id, self.now);
            self.close(case, &closings);
        }
    }

    fn withdraw(&mut self, case: usize, which: usize) {
        // Mostly a consent that something rests on, else any.
        let relied: Vec<_> = self.live(case).flat_map(|g| g.consents.clone()).collect();
        let wanted = relied.get(which).copied();
        let now = self.now;
        let consent = self.consents[case]
            .iter_mut()
            .enumerate()
            .find(|(n, c)| c.withdrawn_at.is_none() && c.from <= now && wanted.map_or(*n == which, |id| c.id == id));
        let Some((_, consent)) = consent else { return };
        consent.withdrawn_at = Some(self.now);
        let gone = [consent.id];
        let result = withdraw(
            &gone,
            WithdrawEffect::StopSharing,
            &self.cases[case].grants,
            &[],
            &[],
            self.now,
        );
        for id in &result.closes {
            self.tally.count("grant closed by a withdrawal");
            self.close(
                case,
                &[Closing {
                    grant: *id,
                    until: self.now,
                }],
            );
        }
    }

    fn denounce(&mut self, which: usize) {
        if self.agreements[which].denounced_on.is_some() {
            return;
        }
        self.agreements[which].denounced_on = Some(self.now.date_naive());
        let id = self.agreements[which].id;
        self.denounced.insert(id, self.now);
        for case in 0..self.cases.len() {
            let closings = on_denunciation(&self.cases[case].grants, id, self.now);
            closings
                .iter()
                .for_each(|_| self.tally.count("grant closed by a denunciation"));
            self.close(case, &closings);
        }
    }

    /// The case goes from its holder to the other holder, with no more than
    /// its consents allow.
    fn transfer(&mut self, case: usize) {
        let from = self.cases[case].holder;
        let to = if from == org(10) { org(13) } else { org(10) };
        if self.cases[case].protected {
            return;
        }
        let after: Vec<(DataClass, Basis)> = self.consents[case]
            .iter()
            .filter(|c| c.withdrawn_at.is_none() && c.recipient == Recipient::AnyMember && c.from <= self.now)
            .filter(|c| self.now < c.ends_at())
            .take(1)
            .flat_map(|c| c.classes.iter().map(|class| (class, Basis::OwnHand { consent: c.id })))
            .collect();
        let mut next = self.next;
        let ids = || {
            next += 1;
            GrantId(Uuid::from_u128(next))
        };
        let facts = &self.cases[case];
        let (granted, closings) = on_transfer(ids, &facts.grants, facts.case, from, to, &after, self.now);
        self.next = next;
        closings
            .iter()
            .for_each(|_| self.tally.count("grant closed by a transfer"));
        self.close(case, &closings);
        self.cases[case].grants.extend(granted);
        self.cases[case].holder = to;
    }

    /// The grants of a case that give sight now.
    pub fn live(&self, case: usize) -> impl Iterator<Item = &Grant> {
        self.cases[case].grants.iter().filter(|g| g.in_force(self.now))
    }
}

fn region(first: bool) -> String {
    if first { "CM002" } else { "CM007" }.to_owned()
}

fn viewer(n: usize, setup: &UserSetup) -> Viewer {
    let organisation = org(ORGANISATIONS[setup.organisation]);
    Viewer {
        user: user(n as u128),
        organisation,
        is_state: is_state(organisation),
        roles: setup.roles.clone(),
        regions: BTreeSet::from([region(setup.region)]),
        // Half of the staff keep a service of an organisation that they may
        // move to or away from.
        services: BTreeMap::from([(service(if setup.region { 11 } else { 12 }), setup.s4)]),
        account_open: true,
    }
}
