//! The laws, told without the code of the rule.

use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use relais_casework::consent::{Consent, ConsentLine};
use relais_casework::grant::{Grant, GrantCause, Holder, S4Access};
use relais_casework::visible::{
    CaseFacts, CaseState, FileScope, NeedLabels, ReferralStage, Shown, View, ViewKind, Viewer, list_filter,
    restricted_need, visible, visible_need,
};
use relais_mechanism::{ClassSet, DataClass, Label, Role, Sensitivity};
use relais_network::agreement::Basis;

use super::{Given, World, is_state};

type Law = Result<(), TestCaseError>;

const OFFICE: [Role; 3] = [Role::Secretariat, Role::SecretariatSupervisor, Role::RegionalFocalPoint];

impl World {
    /// Every law, for every user and case.
    pub fn check(&mut self) -> Law {
        self.check_given()?;
        self.check_grants()?;
        for case in 0..self.cases.len() {
            for who in 0..self.users.len() {
                self.check_sight(case, who)?;
            }
        }
        Ok(())
    }

    /// No disclosure outside consent ∧ purpose ∧ agreement or vital need, or
    /// override. Judged in the moment of giving, so only once.
    fn check_given(&mut self) -> Law {
        let given = std::mem::take(&mut self.fresh);
        for Given {
            case,
            organisation,
            class,
            basis,
            ..
        } in given
        {
            let needed = [
                DataClass::Identity,
                DataClass::Contact,
                DataClass::Health,
                DataClass::Family,
            ];
            prop_assert!(needed.contains(&class), "{class} is not needed");
            prop_assert!(!(self.cases[case].protected && is_state(organisation)));
            let agreed = |id| {
                self.consents[case].iter().any(|c: &Consent| {
                    c.id == id
                        && c.line == ConsentLine::C3
                        && c.withdrawn_at.is_none()
                        && c.classes.contains(class)
                        && c.from <= self.now
                        && self.now < c.from + TimeDelta::days(366)
                        && c.recipient.matches(organisation, "MED.02")
                })
            };
            let today = self.now.date_naive();
            match basis {
                Basis::Agreement {
                    agreement,
                    consent,
                    in_grace,
                } => {
                    self.tally.count("class given by agreement");
                    let signed = self
                        .agreements
                        .iter()
                        .find(|a| a.id == agreement)
                        .expect("an agreement of this world");
                    let end = signed.until.expect("every agreement here has a term");
                    prop_assert!(agreed(consent));
                    prop_assert!(signed.parties.iter().any(|p| p.organisation == organisation));
                    prop_assert!(signed.denounced_on.is_none());
                    prop_assert!(today <= end + TimeDelta::days(90));
                    prop_assert_eq!(in_grace, today > end);
                }
                Basis::Vital { consent, .. } => {
                    self.tally.count("class given as vital");
                    prop_assert!(agreed(consent));
                }
                Basis::Override { .. } => self.tally.count("class given by override"),
                other => prop_assert!(false, "no such basis in this world: {:?}", other),
            }
        }
        Ok(())
    }

    /// Nothing in force rests on what is gone.
    fn check_grants(&mut self) -> Law {
        for case in 0..self.cases.len() {
            let mut ran_out = 0;
            for grant in self.live(case) {
                for consent in &grant.consents {
                    let consent = self.consents[case]
                        .iter()
                        .find(|c| c.id == *consent)
                        .expect("a consent of the case");
                    prop_assert!(consent.withdrawn_at.is_none(), "rests on a withdrawn consent");
                }
                if let Some(agreement) = grant.agreement {
                    prop_assert!(
                        !self.denounced.contains_key(&agreement),
                        "rests on a denounced agreement"
                    );
                }
                if let Some(over) = grant.referral.and_then(|r| self.over.get(&r)) {
                    prop_assert!(self.now < *over + TimeDelta::days(30), "thirty days are over");
                }
                if grant.cause == GrantCause::Emergency {
                    prop_assert!(self.now < grant.from + TimeDelta::hours(2));
                }
            }
            let facts = &self.cases[case];
            for grant in &facts.grants {
                ran_out += usize::from(grant.cause == GrantCause::Emergency && !grant.in_force(self.now));
            }
            if ran_out > 0 {
                self.tally.count("emergency access ran out");
            }
        }
        Ok(())
    }

    fn check_sight(&mut self, case: usize, who: usize) -> Law {
        let (facts, viewer) = (self.cases[case].clone(), self.users[who].clone());
        let view = visible(&facts, &viewer, self.now);
        prop_assert_eq!(
            list_filter(&viewer).kind(&facts, self.now),
            view.kind(),
            "lists and visible disagree"
        );

        self.check_closed_doors(&facts, &viewer, &view, who)?;
        self.check_s4(&facts, &viewer, &view)?;
        self.check_provider(case, &viewer, &view)?;

        match &view {
            View::Received => self.tally.count("reporter reads received"),
            View::Office => self.tally.count("office sees a row"),
            View::File { frozen, .. } => {
                prop_assert_eq!(*frozen, facts.state == CaseState::Ended);
                if *frozen {
                    self.tally.count("ended case is frozen");
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Who sees nothing, or no more than a row.
    fn check_closed_doors(&mut self, facts: &CaseFacts, viewer: &Viewer, view: &View, who: usize) -> Law {
        let office = OFFICE.iter().any(|r| viewer.is(*r));
        let reported = viewer.is(Role::Reporter) && facts.reporter == Some(viewer.user);
        let held_by_user = |g: &Grant| matches!(g.holder, Holder::User { user, .. } if user == viewer.user);
        let holds = facts.grants.iter().any(|g| g.in_force(self.now) && held_by_user(g));
        if !viewer.account_open {
            prop_assert_eq!(view, &View::Nothing);
            if holds {
                self.tally.count("closed account of a holder sees nothing");
            }
            return Ok(());
        }
        if facts.protected && (viewer.is_state || office) {
            let most = if reported { View::Received } else { View::Nothing };
            prop_assert_eq!(view, &most);
            self.tally.count(if office {
                "protected case hidden from the office"
            } else {
                "protected case hidden from a State viewer"
            });
            return Ok(());
        }
        let alone = |role| viewer.roles.iter().all(|r| *r == role);
        if alone(Role::Administrator) {
            prop_assert_eq!(view, &View::Nothing);
        }
        if alone(Role::DataProtectionOfficer) {
            prop_assert_eq!(view, &View::Logs);
        }
        if alone(Role::Reporter) {
            prop_assert_eq!(
                view.kind(),
                if reported {
                    ViewKind::Received
                } else {
                    ViewKind::Nothing
                }
            );
        }
        if alone(Role::RegionalFocalPoint) && !holds {
            let own = viewer.regions.contains(&facts.region) && facts.state != CaseState::Ended;
            prop_assert_eq!(view, if own { &View::Office } else { &View::Nothing });
        }
        // A case manager or supervisor of another organisation than the
        // holder's, without a grant to the person, is nobody; so is a case
        // manager of the holder who is off the case.
        let staff = viewer
            .roles
            .iter()
            .all(|r| matches!(r, Role::CaseManager | Role::Supervisor));
        let elsewhere = viewer.organisation != facts.holder || alone(Role::CaseManager);
        if staff && elsewhere && !holds {
            prop_assert_eq!(view, &View::Nothing);
        }
        let left = facts
            .grants
            .iter()
            .any(|g| g.in_force(self.now) && held_by_user(g) && g.holder.organisation() != viewer.organisation);
        let still = facts
            .grants
            .iter()
            .any(|g| g.in_force(self.now) && held_by_user(g) && g.holder.organisation() == viewer.organisation);
        if left && !still && staff && viewer.organisation != facts.holder && self.left.contains(&who) {
            prop_assert_eq!(view, &View::Nothing);
            self.tally.count("user who left sees nothing");
        }
        // The other way round: the holder's supervisor always has the file.
        if viewer.is(Role::Supervisor) && viewer.organisation == facts.holder {
            let holding = facts.grants.iter().any(|g| {
                g.in_force(self.now)
                    && g.holder
                        == Holder::Organisation {
                            organisation: facts.holder,
                        }
            });
            if holding {
                let whole = matches!(
                    view,
                    View::File {
                        scope: FileScope::Whole,
                        ..
                    }
                );
                prop_assert!(whole);
            }
        }
        Ok(())
    }

    /// S4 is for the named.
    fn check_s4(&mut self, facts: &CaseFacts, viewer: &Viewer, view: &View) -> Law {
        let s4: ClassSet = DataClass::ALL.iter().copied().filter(|c| c.is_restricted()).collect();
        let live = || facts.grants.iter().filter(|g| g.in_force(self.now));
        let named = live().any(|g| match &g.s4 {
            S4Access::Nobody => false,
            S4Access::Named(users) => users.contains(&viewer.user),
            S4Access::NamedFocalPoints => {
                viewer.is(Role::FocalPoint) && viewer.services.iter().any(|(s, named)| *named && g.holder.id() == s.0)
            }
        });
        let offered =
            live().any(|g| relais_casework::visible::holds(viewer, g) && !g.classes.intersection(s4).is_empty());
        if !view.classes().intersection(s4).is_empty() {
            prop_assert!(named, "S4 seen by an unnamed viewer");
            self.tally.count("S4 class seen by a named person");
        } else if offered && viewer.account_open {
            self.tally.count("S4 class kept from an unnamed holder");
        }
        if let View::File { restricted, .. } = view {
            prop_assert!(!restricted || named);
        }
        Ok(())
    }

    /// What a provider sees is what it was given and still has; before
    /// acceptance, an offer; without either, nothing.
    fn check_provider(&mut self, case: usize, viewer: &Viewer, view: &View) -> Law {
        let facts = &self.cases[case];
        let provider = viewer.account_open
            && viewer.roles.iter().all(|r| *r == Role::FocalPoint)
            && !(facts.protected && viewer.is_state);
        let by_name = self
            .live(case)
            .any(|g| matches!(g.holder, Holder::User { user, .. } if user == viewer.user));
        if !provider || by_name {
            return Ok(());
        }
        let own = |organisation, service| viewer.organisation == organisation && viewer.services.contains_key(&service);
        let mut had = false;
        let mut classes = ClassSet::EMPTY;
        let mut expired = false;
        for given in self
            .given
            .iter()
            .filter(|g| g.case == case && own(g.organisation, g.service))
        {
            let withdrawn = given.basis.consent().is_some_and(|id| {
                self.consents[case]
                    .iter()
                    .any(|c| c.id == id && c.withdrawn_at.is_some())
            });
            let denounced = given
                .basis
                .agreement()
                .is_some_and(|id| self.denounced.contains_key(&id));
            let over = self
                .over
                .get(&given.referral)
                .is_some_and(|at| *at + TimeDelta::days(30) <= self.now);
            // Without a co-signature an override carries a day; refused, nothing.
            let unsigned = given.basis.override_id().is_some_and(|id| {
                let written = self
                    .overrides
                    .iter()
                    .find(|o| o.id == id)
                    .expect("an override of this world");
                let lapsed = written.cosigned.is_none() && written.made_at + TimeDelta::hours(24) <= self.now;
                if lapsed && written.refused.is_none() {
                    self.tally.count("override ended with its limit");
                }
                lapsed || written.refused.is_some()
            });
            had |= over && !withdrawn && !denounced && !unsigned;
            if !withdrawn && !denounced && !over && !unsigned {
                let named = viewer.services.get(&given.service) == Some(&true);
                if named || !given.class.is_restricted() {
                    classes = classes.with(given.class);
                }
                expired |= given.basis.agreement().is_some_and(|id| {
                    let signed = self
                        .agreements
                        .iter()
                        .find(|a| a.id == id)
                        .expect("an agreement of this world");
                    signed
                        .until
                        .is_some_and(|end| end + TimeDelta::days(90) < self.now.date_naive())
                });
            }
        }
        prop_assert_eq!(view.classes(), classes);
        let offered = facts.state != CaseState::Ended
            && facts
                .referrals
                .iter()
                .any(|r| r.stage == ReferralStage::Offered && own(r.organisation, r.service));
        match view {
            View::File { .. } => {
                self.tally.count("provider sees a file");
                if expired {
                    self.tally.count("provider sees a file after the agreement expired");
                }
            }
            View::Offer { referrals } => {
                prop_assert!(offered);
                for r in &facts.referrals {
                    prop_assert_eq!(
                        referrals.contains(&r.id),
                        r.stage == ReferralStage::Offered && own(r.organisation, r.service)
                    );
                    prop_assert_eq!(view.shows_referral(r.id), referrals.contains(&r.id));
                }
                self.tally.count("provider sees an offer");
            }
            other => {
                prop_assert_eq!(other, &View::Nothing);
                prop_assert!(!offered && classes.is_empty());
                if had {
                    self.tally.count("provider sees nothing more thirty days after the end");
                }
            }
        }
        Ok(())
    }
}

/// An S4 need is read in plain words by named persons only, and never in a
/// list or outside.
pub fn check_labels(view: &View) -> Law {
    let label = |text: &str| Label {
        fr: text.into(),
        en: text.into(),
    };
    let need = |sensitivity| NeedLabels {
        sensitivity,
        plain: label("plain"),
        discreet: label("discreet"),
        category: label("category"),
    };
    for shown in Shown::ALL.iter().copied() {
        for (own, accepted) in [(true, true), (true, false), (false, false)] {
            let s4 = visible_need(&need(Sensitivity::S4), view, own, accepted, shown);
            let s3 = visible_need(&need(Sensitivity::S3), view, own, accepted, shown);
            let may_read = matches!(view, View::File { restricted: true, .. }) && shown == Shown::File;
            prop_assert!(s4 != Some(label("plain")) || (may_read && own && accepted));
            prop_assert!(s4 != Some(label("category")), "the category of an S4 need stays closed");
            let discreet_only = shown == Shown::Outside || matches!(view, View::Offer { .. });
            if discreet_only && view.kind() >= ViewKind::Offer && own {
                prop_assert_eq!(&s4, &Some(label("discreet")));
                prop_assert_eq!(&s3, &Some(label("discreet")));
            }
            if matches!(view, View::Office) {
                prop_assert_eq!((&s4, &s3), (&Some(restricted_need()), &Some(label("category"))));
            }
            if view.kind() < ViewKind::Office || (!own && view.kind() > ViewKind::Office) {
                prop_assert_eq!((s4, s3), (None, None));
            }
        }
    }
    Ok(())
}
