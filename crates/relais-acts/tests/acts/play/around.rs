//! What happens around the cases: time, accounts, agreements.

use std::collections::HashSet;

use super::{AGREEMENTS, LOGINS, Play};

use chrono::{DateTime, Utc};
use relais_acts::accounts;
use relais_acts::agreements;
use relais_acts::directory::By;
use relais_acts::work;
use relais_network::DisclosureId;

impl Play {
    /// Moves the clock, and lets the work be done that fell due.
    pub fn at(&mut self, time: DateTime<Utc>) {
        if time <= self.now {
            return;
        }
        self.world.at(time);
        self.now = time;
        work::once(&self.world.desk).expect("worked");
        assert_eq!(
            work::once(&self.world.desk).expect("idle").taken,
            0,
            "nothing is done twice"
        );
        *self.tally.done.entry("wait").or_default() += 1;
    }

    /// To the very instant at which something falls due.
    pub(super) fn until_due(&mut self, which: u8) {
        let mut dues: Vec<DateTime<Utc>> = self
            .cases
            .iter()
            .flat_map(|k| {
                let file = self.file(k.id);
                let referrals: Vec<_> = file.referrals.iter().filter_map(|r| r.record.due_at).collect();
                file.needs
                    .iter()
                    .filter_map(|n| n.record.due_at)
                    .chain(referrals)
                    .collect::<Vec<_>>()
            })
            .filter(|due| *due > self.now)
            .collect();
        dues.sort_unstable();
        if let Some(due) = dues.get(usize::from(which) % dues.len().clamp(1, 3)) {
            self.at(*due);
        }
    }

    pub(super) fn close_account(&mut self, who: u8) {
        let who = usize::from(who) % LOGINS.len();
        let result = accounts::close(self.world.store(), LOGINS[who], By::CommandLine);
        if self.note("close account", result).is_some() {
            self.closed.insert(who);
            self.world.desk.refresh().expect("refreshed");
        }
    }

    pub(super) fn end_agreement(&mut self, which: u8, party: bool) {
        let reference = AGREEMENTS[usize::from(which) % AGREEMENTS.len()];
        let party = party.then(|| ["HOPITAL", "ATELIER", "AUTRE"][usize::from(which) % AGREEMENTS.len()]);
        let made: HashSet<DisclosureId> = self.disclosures().into_iter().map(|d| d.id).collect();
        let today = relais_casework::calendar::local_date(self.now);
        let result = agreements::end(self.world.store(), reference, party, today, By::CommandLine);
        if self.note("end agreement", result).is_some() {
            self.ended.insert(reference.to_owned(), made);
            self.world.desk.refresh().expect("refreshed");
        }
    }
}
