//! Ways out of a case, drawn at random.

use relais_acts::commands::{
    ActOnTransfer, AssignCase, ClaimCase, ConfirmStop, ConsentLineDecision, ProposeTransfer, RecordConsent,
    TransferAsked,
};
use relais_acts::ending::{self, EndCase};
use relais_acts::file::CaseFile;
use relais_acts::{Viewer, assignment, consents, stops, transfers};
use relais_casework::referral::EndReason;
use relais_casework::transfer::TransferDecline;
use relais_casework::visible::{StopSide, stop_side};
use relais_mechanism::{Channel, ClassSet};
use relais_network::{CaseId, UserId};
use relais_store::rows::accounts::UserRecord;
use relais_store::rows::stops::{self as rows, StopRequestRecord};
use relais_store::rows::transfers::{self as transfer_rows, TransferRecord};
use relais_store::{StoreError, Tx, params};

use super::{LOGINS, Play};

/// Whatever of a case something may be due of or said about.
const DUE: &str = "SELECT COUNT(*) AS n FROM due_work WHERE subject = $1 OR subject IN (SELECT id FROM need WHERE case_id = $1 UNION ALL SELECT id FROM referral WHERE case_id = $1 UNION ALL SELECT id FROM override_row WHERE case_id = $1 UNION ALL SELECT id FROM stop_request WHERE case_id = $1 UNION ALL SELECT id FROM call_round WHERE case_id = $1 UNION ALL SELECT id FROM case_transfer WHERE case_id = $1)";
const UNSENT: &str = "SELECT COUNT(*) AS n FROM outbox WHERE sent_at IS NULL AND kind <> 'ended' AND (subject = $1 OR subject IN (SELECT id FROM need WHERE case_id = $1 UNION ALL SELECT id FROM referral WHERE case_id = $1 UNION ALL SELECT id FROM override_row WHERE case_id = $1 UNION ALL SELECT id FROM stop_request WHERE case_id = $1 UNION ALL SELECT id FROM call_round WHERE case_id = $1))";

impl Play {
    /// Every request to stop using what was received, by case.
    pub fn stops(&self) -> Vec<StopRequestRecord> {
        let ids: Vec<CaseId> = self.cases.iter().map(|k| k.id).collect();
        self.world
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| -> Result<_, StoreError> {
                let mut all = Vec::new();
                for id in &ids {
                    all.extend(rows::of_case(tx, *id)?.into_iter().map(|l| l.stop));
                }
                Ok(all)
            })
            .expect("readable")
    }

    pub(super) async fn stopped(&mut self, who: u8, which: u8, by_phone: bool) {
        let all = self.stops();
        let open: Vec<&StopRequestRecord> = all.iter().filter(|s| s.confirmed_at.is_none()).collect();
        let among = if open.is_empty() { all.iter().collect() } else { open };
        if among.is_empty() {
            return;
        }
        let record = among[usize::from(which) % among.len()].clone();
        let manager = self
            .cases
            .iter()
            .find(|k| k.id == record.case_id)
            .map_or(0, |k| k.manager);
        let right = if by_phone {
            manager
        } else {
            self.people_of(record.recipient_id).first().copied().unwrap_or(3)
        };
        let Some(viewer) = self.viewer(Self::someone(who, right)) else {
            return;
        };
        let file = self.file(record.case_id);
        let side = self.stop_side(&file, &record, &viewer);
        let command = ConfirmStop {
            id: self.world.new_id(),
            version: record.version,
            channel: by_phone.then_some(Channel::Telephone),
            number: "+237233000001".to_owned(),
            answered_by: "Secrétaire".to_owned(),
            happened_at: None,
        };
        let result = stops::confirm(&self.world.desk, &viewer, record.id, command).await;
        if self.note("stop", result).is_some() {
            assert!(side.is_some(), "{} confirmed what they do not see", viewer.display_name);
            assert!(record.confirmed_at.is_none(), "confirmed twice");
        }
    }

    /// The case ends, by a supervisor of whoever holds it.
    pub(super) async fn end(&mut self, case: u8) {
        let Some((_, known)) = self.case(case) else { return };
        let file = self.file(known.id);
        let holders = (0..LOGINS.len()).filter_map(|who| self.viewer(who));
        let mut supervisors =
            holders.filter(|v| v.organisation == file.record.holder_id && v.is(relais_mechanism::Role::Supervisor));
        let Some(viewer) = supervisors.next() else { return };
        let command = EndCase {
            id: self.world.new_id(),
            version: file.record.version,
            reason: EndReason::Deceased,
            on: self.now.date_naive(),
            source: "Acte de décès".to_owned(),
        };
        let result = ending::end(&self.world.desk, &viewer, known.id, command).await;
        self.note("end", result);
    }

    /// What is due of a case, and what is to be sent about it beside the word
    /// to its providers that it has ended.
    pub fn noise(&self, case: CaseId) -> (i64, i64) {
        let count = move |tx: &mut Tx<'_>, sql| -> Result<i64, StoreError> {
            tx.query_built(sql, &params![case])?.first().expect("one row").get("n")
        };
        self.world
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| -> Result<_, StoreError> {
                Ok((count(tx, DUE)?, count(tx, UNSENT)?))
            })
            .expect("readable")
    }

    /// How a viewer stands before a request: the oracle.
    pub fn stop_side(&self, file: &CaseFile, record: &StopRequestRecord, viewer: &Viewer) -> Option<StopSide> {
        let network = self.world.desk.network();
        stop_side(&file.facts(), record.recipient_id, &viewer.sight(&network), self.now)
    }

    /// Every transfer, by case.
    pub fn transfers(&self) -> Vec<TransferRecord> {
        let ids: Vec<CaseId> = self.cases.iter().map(|k| k.id).collect();
        self.world
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| -> Result<_, StoreError> {
                let mut all = Vec::new();
                for id in &ids {
                    all.extend(transfer_rows::of_case(tx, *id)?.into_iter().map(|l| l.transfer));
                }
                Ok(all)
            })
            .expect("readable")
    }

    /// The account that works on a case, as a number; the first of its holder
    /// that could, where nobody does.
    pub fn worker(&self, file: &CaseFile) -> usize {
        let assigned = file.record.assigned_user_id;
        let login = assigned.and_then(|user: UserId| {
            self.world
                .store()
                .read_blocking(move |tx: &mut Tx<'_>| UserRecord::find(tx, user))
                .expect("readable")
                .map(|u| u.login)
        });
        let named = login.and_then(|login| LOGINS.iter().position(|l| *l == login));
        named.unwrap_or(if file.record.holder_id.0 == relais_fixture::id("AUTRE") {
            12
        } else {
            2
        })
    }

    /// The person agrees to the other organisation by name, mostly; then the
    /// case is proposed to it.
    pub(super) async fn transfer(&mut self, who: u8, case: u8, asked: u8) {
        let Some((at, known)) = self.case(case) else { return };
        let file = self.file(known.id);
        let here = file.record.holder_id.0 == relais_fixture::id("ACCUEIL");
        let to = match asked % 16 {
            14 => relais_fixture::id("HOPITAL"),
            15 => file.record.holder_id.0,
            _ if here => relais_fixture::id("AUTRE"),
            _ => relais_fixture::id("ACCUEIL"),
        };
        let right = self.worker(&file);
        let Some(viewer) = self.viewer(Self::someone(who, right)) else {
            return;
        };
        if asked % 16 < 13 {
            let classes = if asked.is_multiple_of(2) {
                ClassSet::all()
            } else {
                ClassSet::EMPTY.with(relais_mechanism::DataClass::Skills)
            };
            let command = RecordConsent {
                id: self.world.new_id(),
                answers: relais_fixture::consent_answers(),
                lines: vec![ConsentLineDecision {
                    line: "C3".to_owned(),
                    decision: "granted".to_owned(),
                    recipient: Some(to),
                    service: None,
                    classes,
                }],
                never: ClassSet::EMPTY,
                happened_at: None,
            };
            let result = consents::record(&self.world.desk, &viewer, known.id, command).await;
            self.note("consent", result);
        }
        let command = ProposeTransfer {
            id: self.world.new_id(),
            to,
            note: "Déménage à Douala.".to_owned(),
            person_informed: true,
        };
        let before = self.view(&file, &viewer);
        let result = transfers::propose(&self.world.desk, &viewer, known.id, command).await;
        if self.note("propose", result).is_some() {
            self.must_be_team("propose", &viewer, &before, &file);
            let after = self.file(known.id);
            assert_eq!(
                after.record.holder_id, file.record.holder_id,
                "a proposal moves nothing"
            );
            self.cases[at].manager = right;
        }
    }

    pub(super) async fn answer(&mut self, who: u8, which: u8, how: u8) {
        let all = self.transfers();
        let open: Vec<&TransferRecord> = all.iter().filter(|t| t.state == "proposed").collect();
        let among = if open.is_empty() { all.iter().collect() } else { open };
        if among.is_empty() {
            return;
        }
        let record = among[usize::from(which) % among.len()].clone();
        let before = self.file(record.case_id);
        let asked = |code: &str| record.to_id.0 == relais_fixture::id(code);
        let right = match how % 8 {
            7 => self.worker(&before),
            _ if asked("AUTRE") => [12, 5][usize::from(how / 8) % 2],
            _ => [2, 0, 1][usize::from(how / 8) % 3],
        };
        let Some(viewer) = self.viewer(Self::someone(who, right)) else {
            return;
        };
        let command = match how % 8 {
            7 => TransferAsked::Cancel,
            5 | 6 => TransferAsked::Decline {
                code: TransferDecline::OutsideArea,
                text: "Trop loin.".to_owned(),
            },
            _ => TransferAsked::Accept { assign: None },
        };
        let accepts = matches!(command, TransferAsked::Accept { .. });
        let asked = ActOnTransfer {
            id: self.world.new_id(),
            version: record.version,
            command,
        };
        let result = transfers::act(&self.world.desk, &viewer, record.id, asked).await;
        let what = if accepts { "accept transfer" } else { "end transfer" };
        if self.note(what, result).is_none() {
            return;
        }
        let after = self.file(record.case_id);
        if !accepts {
            assert_eq!(after.record.holder_id, before.record.holder_id);
            return;
        }
        assert_eq!(after.record.holder_id, record.to_id, "the case moved");
        let live = |f: &CaseFile| f.referrals.iter().filter(|r| !r.machine.state.is_terminal()).count();
        assert_eq!(live(&before), live(&after), "every wait moved, none was lost");
        for (was, is) in before.referrals.iter().zip(&after.referrals) {
            assert_eq!(
                was.machine, is.machine,
                "a transfer changes whose wait it is, not the wait"
            );
            assert_eq!(was.record.due_at, is.record.due_at);
        }
        // The old holder sees nothing of the file any more, unless it serves the person.
        for at in 0..LOGINS.len() {
            let Some(theirs) = self.viewer(at).filter(|v| v.organisation == record.from_id) else {
                continue;
            };
            let view = self.view(&after, &theirs);
            assert!(
                !matches!(
                    view,
                    relais_casework::visible::View::File {
                        scope: relais_casework::visible::FileScope::Whole,
                        ..
                    }
                ),
                "{} still sees {view:?}",
                theirs.display_name
            );
        }
        let worker = self.worker(&after);
        if let Some(known) = self.cases.iter_mut().find(|k| k.id == record.case_id) {
            known.manager = worker;
        }
        for (need, manager, _) in &mut self.needs {
            if after.need(*need).is_some() {
                *manager = worker;
            }
        }
    }

    pub(super) async fn assign(&mut self, who: u8, case: u8, to: u8) {
        let Some((at, known)) = self.case(case) else { return };
        let file = self.file(known.id);
        let right = self.worker(&file);
        let Some(viewer) = self.viewer(Self::someone(who, right)) else {
            return;
        };
        let to = [0, 1, 2, 5, 12, 3][usize::from(to) % 6];
        let Some(colleague) = self.viewer(to) else { return };
        let command = AssignCase {
            id: self.world.new_id(),
            version: file.record.version,
            to: colleague.user.0,
            note: "Rappeler lundi.".to_owned(),
        };
        let before = self.view(&file, &viewer);
        let result = assignment::assign(&self.world.desk, &viewer, known.id, command).await;
        if self.note("assign", result).is_some() {
            self.must_be_team("assign", &viewer, &before, &file);
            assert_eq!(colleague.organisation, file.record.holder_id);
            let after = self.file(known.id);
            assert_eq!(after.record.assigned_user_id, Some(colleague.user));
            self.cases[at].manager = to;
        }
    }

    pub(super) async fn claim(&mut self, who: u8, case: u8) {
        let Some((at, known)) = self.case(case) else { return };
        let file = self.file(known.id);
        let right = if file.record.holder_id.0 == relais_fixture::id("AUTRE") {
            [5, 12][usize::from(who) % 2]
        } else {
            [0, 1][usize::from(who) % 2]
        };
        let Some(viewer) = self.viewer(Self::someone(who, right)) else {
            return;
        };
        let command = ClaimCase {
            id: self.world.new_id(),
        };
        let worked_on = self.worked_on(&file);
        let result = assignment::claim(&self.world.desk, &viewer, known.id, command).await;
        if self.note("claim", result).is_some() {
            assert!(!worked_on, "taken from somebody who works on it");
            assert_eq!(viewer.organisation, file.record.holder_id);
            self.cases[at].manager = LOGINS
                .iter()
                .position(|l| viewer.display_name.ends_with(l))
                .expect("an account");
        }
    }

    /// Whether an open account of the holder is on the case.
    pub fn worked_on(&self, file: &CaseFile) -> bool {
        let Some(user) = file.record.assigned_user_id else {
            return false;
        };
        let found = self
            .world
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| UserRecord::find(tx, user))
            .expect("readable");
        found.is_some_and(|u| u.active && u.organisation_id == file.record.holder_id)
    }
}
