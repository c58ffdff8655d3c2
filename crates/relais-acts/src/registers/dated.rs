//! The days that the registers name: sessions and workshops, and the days by which
//! open lines should be done. What lies sealed is in no calendar, since a calendar is
//! read over people's shoulders.

use std::sync::Arc;

use chrono::NaiveDate;
use relais_casework::calendar::local_date;
use relais_mechanism::registers::Register;
use relais_store::Tx;
use uuid::Uuid;

use super::lines;
use super::words::{Words, due};
use crate::desk::{Desk, Viewer};
use crate::problem::ActError;

/// Registers of what people come to: their day stays once it has passed.
const GATHERINGS: [&str; 2] = ["session", "workshop"];

/// A day of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated {
    /// Line.
    pub id: Uuid,
    /// Code of its register.
    pub register: String,
    /// What one line of it is called.
    pub register_one: String,
    /// Title of the line.
    pub title: String,
    /// The day.
    pub on: NaiveDate,
}

/// Whether a line that stands there has its day in a calendar.
fn stands(register: &Register, state: &str) -> bool {
    let gathering = GATHERINGS.contains(&register.code.as_str());
    register
        .state(state)
        .is_some_and(|s| s.open || gathering && s.tag != "no")
}

/// The days of the registers that the viewer may read, the earliest first.
///
/// # Errors
/// When the store fails.
pub async fn dated(desk: &Arc<Desk>, viewer: &Viewer) -> Result<Vec<Dated>, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (now, mechanism) = (tx.now()?, desk_.mechanism());
        let words = Words::new(&mechanism, &viewer_, local_date(now));
        let mut all = Vec::new();
        let readable = |r: &&Register| !r.sealed && r.is_read_by(&viewer_.roles);
        for register in mechanism.registers().iter().filter(readable) {
            for line in lines(tx, &register.code)? {
                if let Some(on) = due(register, &line.values).filter(|_| stands(register, &line.state)) {
                    all.push(Dated {
                        id: line.id,
                        register: register.code.clone(),
                        register_one: register.one.get(viewer_.lang).to_owned(),
                        title: words.title(register, &line.values),
                        on,
                    });
                }
            }
        }
        all.sort_by_key(|d| (d.on, d.id));
        Ok((all, Vec::new()))
    })
    .await
}
