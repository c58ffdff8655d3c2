//! Ways out of a case, drawn at random.

use relais_acts::commands::ConfirmStop;
use relais_acts::file::CaseFile;
use relais_acts::{Viewer, stops};
use relais_casework::visible::{StopSide, stop_side};
use relais_mechanism::Channel;
use relais_network::CaseId;
use relais_store::rows::stops::{self as rows, StopRequestRecord};
use relais_store::{StoreError, Tx};

use super::Play;

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

    /// How a viewer stands before a request: the oracle.
    pub fn stop_side(&self, file: &CaseFile, record: &StopRequestRecord, viewer: &Viewer) -> Option<StopSide> {
        let network = self.world.desk.network();
        stop_side(&file.facts(), record.recipient_id, &viewer.sight(&network), self.now)
    }
}
