//! What is done about a referral: sending it and every act upon it.

use relais_acts::commands::{ActOnReferral, ReferralCommand};
use relais_acts::file::CaseFile;
use relais_acts::{refer, referrals};
use relais_casework::visible::{FileScope, View};
use relais_mechanism::{Channel, Priority, Role};
use relais_network::{CaseId, OrganisationId, ReferralId};
use relais_store::Tx;
use relais_store::rows::cases;

use super::{Play, command};

impl Play {
    pub(super) async fn send(&mut self, who: u8, need: u8, service: u8, exception: u8) {
        let n = self.needs.len();
        if n == 0 {
            return;
        }
        let (need, manager, offered) = self.needs[usize::from(need) % n];
        let Some(viewer) = self.viewer(Self::someone(who, manager)) else {
            return;
        };
        let mut asked = offered[usize::from(service) % offered.len()];
        let mut id = self.world.new_id();
        // What was kept for an override goes under its id, now and then.
        if exception >= 128
            && let Some(at) = self.reserved.iter().position(|(n, ..)| *n == need)
        {
            (_, asked, id) = self.reserved.swap_remove(at);
        }
        let mut command = relais_fixture::sending(id, asked);
        if exception.is_multiple_of(4) && exception > 0 {
            command.override_kind = Some(["VITAL", "CHILD", "LEGAL"][usize::from(exception / 4) % 3].to_owned());
            "Vie en danger.".clone_into(&mut command.override_reason);
        }
        let result = refer::send(&self.world.desk, &viewer, need, command).await;
        if let Some(made) = self.note("send", result) {
            self.referrals.push(ReferralId(made.id));
            let case = self.case_of(ReferralId(made.id));
            let file = self.file(case);
            self.must_be_team("send", &viewer, &self.view(&file, &viewer), &file);
        }
    }

    fn case_of(&self, referral: ReferralId) -> CaseId {
        self.world
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| cases::ReferralRecord::find(tx, referral))
            .expect("readable")
            .expect("a referral")
            .case_id
    }

    pub(super) async fn act(&mut self, who: u8, referral: u8, command: u8, detail: u8) {
        let n = self.referrals.len();
        if n == 0 {
            return;
        }
        // What waits first; now and then one that is over.
        let files: Vec<CaseFile> = self.cases.iter().map(|k| self.file(k.id)).collect();
        let all = || files.iter().flat_map(|f| f.referrals.iter().map(move |r| (f, r)));
        let waiting: Vec<_> = all().filter(|(_, r)| !r.machine.state.is_terminal()).collect();
        let among = if waiting.is_empty() || referral >= 240 {
            all().collect()
        } else {
            waiting
        };
        let (file, open) = among[usize::from(referral) % among.len()];
        let (id, file) = (open.record.id, file.clone());
        let open = file.referral(id).expect("in its case").clone();
        let manager = self
            .cases
            .iter()
            .find(|k| k.id == file.record.id)
            .map_or(0, |k| k.manager);
        let provider = open.record.provider_id;
        let focal = self
            .people_of(provider)
            .into_iter()
            .find(|at| !self.closed.contains(at))
            .unwrap_or(3);
        let by_phone = detail % 8 == 7;
        let command = command::draw(self.now, command, detail, &open);
        let senders = matches!(
            command,
            ReferralCommand::Answer { .. }
                | ReferralCommand::Cancel { .. }
                | ReferralCommand::Confirm { .. }
                | ReferralCommand::Dispute { .. }
                | ReferralCommand::Void { .. }
        );
        let right = if matches!(command, ReferralCommand::Settle { .. }) {
            6
        } else if senders || by_phone {
            manager
        } else {
            focal
        };
        let Some(viewer) = self.viewer(Self::someone(who, right)) else {
            return;
        };
        let settles = matches!(command, ReferralCommand::Settle { .. });
        let accepts = matches!(command, ReferralCommand::Accept { .. });
        let asked = ActOnReferral {
            id: self.world.new_id(),
            version: open.machine.version - i64::from(detail % 16 == 3),
            command,
            channel: by_phone.then_some(Channel::Telephone),
            number: if by_phone {
                "+237233000001".to_owned()
            } else {
                String::new()
            },
            answered_by: if by_phone {
                "Secrétaire".to_owned()
            } else {
                String::new()
            },
            happened_at: None,
        };
        let before = self.view(&file, &viewer);
        let result = referrals::act(&self.world.desk, &viewer, id, asked).await;
        if self.note("act", result).is_none() {
            return;
        }
        let reached = self
            .file(file.record.id)
            .referral(id)
            .expect("of the case")
            .machine
            .state;
        self.tally.reached.insert(reached.code());
        let team = file.record.holder_id == viewer.organisation
            && matches!(
                before,
                View::File {
                    scope: FileScope::Whole,
                    ..
                }
            );
        let served = provider == viewer.organisation && before.shows_referral(id);
        let office = settles && matches!(before, View::Office);
        assert!(
            team || served || office,
            "{} acted on a referral of which they see {before:?}",
            viewer.display_name
        );
        if accepts {
            let after = self.file(file.record.id);
            if let Some(focal) = self.viewer(focal).filter(|v| v.is(Role::FocalPoint)) {
                let view = self.view(&after, &focal);
                assert!(
                    view.shows_referral(id)
                        || after.consents.iter().all(|c| c.standing(self.now).code() != "granted")
                        || open.machine.priority <= Priority::P2,
                    "whoever accepted holds a wait that they cannot open: {view:?}"
                );
            }
        }
    }

    /// The accounts of an organisation that answer for its services.
    pub(super) fn people_of(&self, organisation: OrganisationId) -> Vec<usize> {
        let of = |code: &str| OrganisationId(relais_fixture::id(code)) == organisation;
        if of("HOPITAL") {
            vec![10, 3]
        } else if of("ATELIER") {
            vec![4]
        } else if of("AUTRE") {
            vec![5]
        } else {
            vec![14]
        }
    }
}
