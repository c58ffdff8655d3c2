//! What several stories ask of their world.

use chrono::{DateTime, Utc};
use relais_acts::commands::ReferralCommand;
use relais_acts::file::CaseFile;
use relais_fixture::World;
use relais_network::CaseId;
use relais_store::{StoreError, Tx};
use uuid::Uuid;

/// The time by the world's clock.
pub fn now(world: &World) -> DateTime<Utc> {
    world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| tx.now())
        .expect("a clock")
}

/// A provider with an account takes the referral.
pub fn accept() -> ReferralCommand {
    ReferralCommand::Accept { by_name: String::new() }
}

/// A case as the store has it.
pub fn file(world: &World, case: Uuid) -> CaseFile {
    world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<_, StoreError> { CaseFile::load(tx, CaseId(case)) })
        .expect("readable")
        .expect("a case")
}
