//! What is done on a case: arrival, consent, needs, closure.

use relais_acts::closing::{self, AnswerClosure, CloseCase, ClosureAnswer};
use relais_acts::commands::{
    ConsentLineDecision, RecordChild, RecordConsent, RegisterArrival, SetProtection, WithdrawConsent,
};
use relais_acts::{child, consents, protection, register, withdrawals};
use relais_casework::closing::{Closing, Reached};
use relais_mechanism::{ClassSet, DataClass, Priority};
use relais_network::{CaseId, NeedId};

use super::{Known, Play};

/// Services of the taxonomy that a need may ask for, and who offers them.
const ASKED: [(&str, &[&str]); 4] = [
    ("MED.03", &["S-SOINS"]),
    ("MED.01", &["S-URGENCES"]),
    ("VTC.02", &["S-COUTURE", "S-METIERS", "S-COUTURE-2"]),
    ("GBV.02", &["S-ECOUTE"]),
];

impl Play {
    pub(super) async fn register(&mut self, who: u8, age: u8) {
        if self.cases.len() >= 7 {
            return;
        }
        let who = Self::someone(who, [0, 1, 5][usize::from(age) % 3]);
        let Some(viewer) = self.viewer(who) else { return };
        let n = self.cases.len();
        let name = format!("Nomsecret{n} Zédémo{n}");
        let telephone = format!("6771200{n}{n}");
        let mut answers = relais_fixture::arrival(&name, 1 + age % 70);
        answers.insert("F1E.10".to_owned(), vec![telephone.clone()]);
        let command = RegisterArrival {
            id: self.world.new_id(),
            answers,
            happened_at: None,
        };
        let result = register::register(&self.world.desk, &viewer, command).await;
        if let Some(made) = self.note("register", result) {
            let id = CaseId(made.id);
            let national = telephone.clone();
            self.cases.push(Known {
                id,
                name,
                telephone: format!("+237{telephone}"),
                national,
                manager: who,
            });
            // Most children are seen alone at the door; some are not, and wait.
            if 1 + age % 70 < 18 && !age.is_multiple_of(4) {
                let command = RecordChild {
                    id: self.world.new_id(),
                    version: self.file(id).record.version,
                    answers: [("F1.25b", "no"), ("F1.63c", "yes")]
                        .map(|(code, value)| (code.to_owned(), vec![value.to_owned()]))
                        .into(),
                    happened_at: None,
                };
                let result = child::record(&self.world.desk, &viewer, id, command).await;
                self.note("child", result);
            }
        }
    }

    pub(super) async fn consent(&mut self, who: u8, case: u8, kind: u8) {
        let Some((_, known)) = self.case(case) else { return };
        let who = Self::someone(who, known.manager);
        let Some(viewer) = self.viewer(who) else { return };
        let line = |line: &str, decision: &str, classes: ClassSet| ConsentLineDecision {
            line: line.to_owned(),
            decision: decision.to_owned(),
            recipient: None,
            service: None,
            classes,
        };
        let some: ClassSet = [DataClass::Skills, DataClass::Plan, DataClass::Health]
            .into_iter()
            .collect();
        let mut third = match kind % 8 {
            5 => line("C3", "refused", some),
            1 | 6 => line("C3", "granted", some),
            _ => line("C3", "granted", ClassSet::all()),
        };
        match kind % 8 {
            2 => third.recipient = Some(relais_fixture::id("HOPITAL")),
            3 => third.service = Some("VTC".to_owned()),
            4 => (third.recipient, third.service) = (Some(relais_fixture::id("ATELIER")), Some("VTC.02".to_owned())),
            _ => {}
        }
        let command = RecordConsent {
            id: self.world.new_id(),
            answers: relais_fixture::consent_answers(),
            lines: vec![
                line("C1", "granted", ClassSet::EMPTY),
                line("C2", "granted", ClassSet::EMPTY),
                line("C8", "granted", ClassSet::EMPTY),
                third,
            ],
            never: match kind % 8 {
                6 => ClassSet::EMPTY.with(DataClass::Identity),
                7 => ClassSet::EMPTY.with(DataClass::Skills),
                _ => ClassSet::EMPTY,
            },
            happened_at: None,
        };
        let file = self.file(known.id);
        let before = self.view(&file, &viewer);
        let result = consents::record(&self.world.desk, &viewer, known.id, command).await;
        if self.note("consent", result).is_some() {
            self.must_be_team("consent", &viewer, &before, &file);
        }
    }

    pub(super) async fn withdraw(&mut self, who: u8, case: u8, lines: u8, effect: u8) {
        let Some((_, known)) = self.case(case) else { return };
        let Some(viewer) = self.viewer(Self::someone(who, known.manager)) else {
            return;
        };
        let lines = match lines % 3 {
            0 => vec![],
            1 => vec!["C3".to_owned()],
            _ => vec!["C8".to_owned()],
        };
        let effect = ["stop_sharing", "stop_service", "both"][usize::from(effect) % 3].to_owned();
        let command = WithdrawConsent {
            id: self.world.new_id(),
            lines,
            consents: Vec::new(),
            effect,
            words: "Elle ne veut plus.".to_owned(),
            happened_at: None,
        };
        let file = self.file(known.id);
        let before = self.view(&file, &viewer);
        let only_statistics = command.lines == ["C8"];
        let result = withdrawals::withdraw(&self.world.desk, &viewer, known.id, command).await;
        if self.note("withdraw", result).is_some() {
            self.must_be_team("withdraw", &viewer, &before, &file);
            if only_statistics {
                let after = self.file(known.id);
                for (was, is) in file.referrals.iter().zip(&after.referrals) {
                    assert_eq!(
                        was.machine.state, is.machine.state,
                        "statistics withdrawn moved a referral that rests on another line"
                    );
                }
            }
        }
    }

    pub(super) async fn need(&mut self, who: u8, case: u8, service: u8, priority: u8) {
        let Some((_, known)) = self.case(case) else { return };
        if self.needs.len() >= 20 {
            return;
        }
        let who = Self::someone(who, known.manager);
        let Some(viewer) = self.viewer(who) else { return };
        let (asked, offered) = ASKED[usize::from(service) % ASKED.len()];
        let priority = Priority::ALL[usize::from(priority) % Priority::ALL.len()];
        let file = self.file(known.id);
        let before = self.view(&file, &viewer);
        let result = self.world.need(&viewer, known.id.0, asked, priority).await;
        if let Some(made) = self.note("need", result) {
            self.must_be_team("need", &viewer, &before, &file);
            self.needs.push((NeedId(made.id), known.manager, offered));
        }
    }

    pub(super) async fn close(&mut self, who: u8, case: u8) {
        let Some((_, known)) = self.case(case) else { return };
        let Some(viewer) = self.viewer(Self::someone(who, known.manager)) else {
            return;
        };
        let file = self.file(known.id);
        let before = self.view(&file, &viewer);
        let (desk, id) = (&self.world.desk, self.world.new_id());
        // A proposal is answered, else one is made.
        let standing = self.closure(known.id).filter(|c| c.state == "proposed");
        let result = if let Some(closure) = standing {
            let answer = [ClosureAnswer::Confirm, ClosureAnswer::Return, ClosureAnswer::Withdraw][usize::from(who) % 3];
            let command = AnswerClosure {
                id,
                version: closure.version,
                answer,
                reason: "Il manque une réponse".to_owned(),
            };
            closing::answer(desk, &viewer, known.id, command).await
        } else {
            let seen = closing::view(desk, &viewer, known.id).await;
            let explained = seen.iter().flat_map(|seen| &seen.needs).filter(|n| n.explain);
            let reached = explained.map(|n| Reached {
                need: n.id,
                words: "Personne n’avait de place".to_owned(),
            });
            let closing = Closing {
                reached: reached.collect(),
                ..relais_fixture::closing()
            };
            let version = file.record.version;
            closing::propose(desk, &viewer, known.id, CloseCase { id, version, closing }).await
        };
        if self.note("close", result).is_some() {
            self.must_be_team("close", &viewer, &before, &file);
        }
    }

    /// Puts a case into the protected circuit, or takes it out.
    pub(super) async fn protect(&mut self, who: u8, case: u8) {
        let Some((_, known)) = self.case(case) else { return };
        let Some(viewer) = self.viewer(Self::someone(who, known.manager)) else {
            return;
        };
        let file = self.file(known.id);
        let before = self.view(&file, &viewer);
        let command = SetProtection {
            id: self.world.new_id(),
            version: file.record.version,
            protected: !file.is_protected(),
            person_agrees: true,
        };
        let result = protection::set(&self.world.desk, &viewer, known.id, command).await;
        if self.note("protect", result).is_some() {
            self.must_be_team("protect", &viewer, &before, &file);
        }
    }
}
