//! Overrides: written apart, co-signed and refused.

use chrono::TimeDelta;
use relais_acts::commands::{DecideOverride, WriteOverride};
use relais_acts::file::CaseFile;
use relais_acts::overrides::{self, OpenOverride};
use relais_casework::sharing::OverrideState;
use relais_mechanism::Role;
use relais_network::{CaseId, OrganisationId};
use relais_store::{StoreError, Tx};

use super::Play;

impl Play {
    /// An override written before anything is sent: for one referral, whose id
    /// the next sending may take, or for two hours.
    pub(super) async fn write_apart(&mut self, who: u8, need: u8, kind: u8) {
        let n = self.needs.len();
        if n == 0 {
            return;
        }
        let (need, manager, offered) = self.needs[usize::from(need) % n];
        let Some(viewer) = self.viewer(Self::someone(who, manager)) else {
            return;
        };
        let service = offered[usize::from(kind) % offered.len()];
        let referral = (!kind.is_multiple_of(4)).then(|| self.world.new_id());
        let command = WriteOverride {
            id: self.world.new_id(),
            service: relais_fixture::id(service),
            code: String::new(),
            kind: ["LEGAL", "VITAL", "CHILD"][usize::from(kind) % 3].to_owned(),
            reason: "Raison d’essai.".to_owned(),
            referral,
        };
        let result = overrides::write_apart(&self.world.desk, &viewer, need, command).await;
        if self.note("write apart", result).is_some() {
            self.reserved.extend(referral.map(|id| (need, service, id)));
        }
    }

    /// One of the overrides that wait, mostly by a supervisor of its author.
    pub(super) async fn cosign(&mut self, who: u8, which: u8, sign: bool) {
        let waiting: Vec<OpenOverride> = self
            .overrides()
            .into_iter()
            .filter(|(_, o)| o.detail.exception.state() == OverrideState::Waiting)
            .map(|(_, o)| o)
            .collect();
        let Some(open) = waiting.get(usize::from(which) % waiting.len().max(1)) else {
            return;
        };
        let exception = &open.detail.exception;
        let home = self.overseer_of(exception.organisation);
        let Some(viewer) = self.viewer(Self::someone(who, home)) else {
            return;
        };
        let command = DecideOverride {
            id: self.world.new_id(),
            version: open.record.version - i64::from(which % 16 == 3),
            decision: if sign { "cosign" } else { "refuse" }.to_owned(),
            reason: "Relu.".to_owned(),
        };
        let protected = self.file(exception.case).is_protected();
        let result = overrides::decide(&self.world.desk, &viewer, exception.id, command).await;
        let what = if sign { "cosign" } else { "refuse to cosign" };
        if self.note(what, result).is_some() {
            assert_ne!(viewer.user, exception.author, "co-signed by its author");
            let at_home = viewer.organisation == exception.organisation && viewer.is(Role::Supervisor);
            let came_up = viewer.is(Role::SecretariatSupervisor)
                && !protected
                && (exception.alone || exception.made_at + TimeDelta::hours(24) <= self.now);
            assert!(at_home || came_up, "{} co-signed {exception:?}", viewer.display_name);
        }
    }

    /// Who co-signs for an organisation, as an index of the accounts.
    fn overseer_of(&self, organisation: OrganisationId) -> usize {
        if organisation == OrganisationId(relais_fixture::id("ACCUEIL")) {
            2
        } else if self.closed.contains(&12) {
            13
        } else {
            12
        }
    }

    /// Every override of every case, each with its case.
    pub fn overrides(&self) -> Vec<(CaseId, OpenOverride)> {
        let ids: Vec<CaseId> = self.cases.iter().map(|k| k.id).collect();
        self.world
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| -> Result<_, StoreError> {
                let mut all = Vec::new();
                for id in &ids {
                    let file = CaseFile::load(tx, *id)?.expect("a case");
                    all.extend(overrides::of_case(tx, &file)?.into_iter().map(|o| (*id, o)));
                }
                Ok(all)
            })
            .expect("readable")
    }
}
