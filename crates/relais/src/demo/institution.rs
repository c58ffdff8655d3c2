//! The demonstration's institution: a committee that sits, an assessment, a roadmap, a
//! workshop and what the mission delivers, so that each document of the mechanism has
//! something to say. All of it is plainly invented: seats by function, no name of a
//! person, no place of a country.

mod lines;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use relais_acts::accounts::viewer_by_login;
use relais_acts::registers::{self, AddLine};
use relais_acts::{ActError, Desk, Viewer};
use relais_mechanism::{Mechanism, Values};
use relais_store::ids;
use tokio::runtime::Runtime;
use uuid::Uuid;

use super::staff::OFFICE;
use crate::failure::Failure;

/// What a field says.
#[derive(Debug, Clone, Copy)]
enum Says {
    /// These words, or this code.
    Text(&'static str),
    /// So many days from today.
    Day(i64),
    /// The line with this key.
    Line(&'static str),
}

/// A line: the key by which others link to it, its register, its state, its fields.
#[derive(Debug, Clone)]
struct Invented {
    key: String,
    register: &'static str,
    state: &'static str,
    says: Vec<(&'static str, Says)>,
}

/// Fills the registers that the mechanism has, as the secretariat would.
///
/// # Errors
/// When an act refuses a line.
pub fn add(desk: &Arc<Desk>, runtime: &Runtime, today: NaiveDate) -> Result<(), Failure> {
    let network = desk.network();
    let viewer = desk
        .store()
        .read_blocking(move |tx| viewer_by_login(tx, &network, OFFICE))?
        .ok_or(ActError::NotFound)?;
    let mechanism = desk.mechanism();
    let mut known = BTreeMap::new();
    for line in lines::all() {
        if let Some(values) = values(&line, &mechanism, &known, today) {
            let id = put(desk, runtime, &viewer, (&line, values))?;
            known.insert(line.key, id);
        }
    }
    Ok(())
}

fn put(
    desk: &Arc<Desk>,
    runtime: &Runtime,
    viewer: &Viewer,
    (line, values): (&Invented, Values),
) -> Result<Uuid, Failure> {
    let now = desk
        .store()
        .read_blocking(|tx| -> Result<_, ActError> { Ok(tx.now()?) })?;
    let command = AddLine {
        id: ids::new_v7(now),
        values,
        state: Some(line.state.to_owned()),
    };
    let made = runtime.block_on(registers::add(desk, viewer, line.register.to_owned(), command))?;
    Ok(made.id)
}

/// What a line says in this mechanism; none where a country has no such register. A
/// field that it took away, or that links to a line that is not there, says nothing.
fn values(line: &Invented, mechanism: &Mechanism, known: &BTreeMap<String, Uuid>, today: NaiveDate) -> Option<Values> {
    let register = mechanism.register(line.register)?;
    let mut values = Values::new();
    for (field, says) in line.says.iter().filter(|(field, _)| register.field(field).is_some()) {
        let text = match says {
            Says::Text(text) => Some((*text).to_owned()),
            Says::Day(days) => Some((today + TimeDelta::days(*days)).to_string()),
            Says::Line(key) => known.get(*key).map(Uuid::to_string),
        };
        if let Some(text) = text {
            values.entry((*field).to_owned()).or_default().push(text);
        }
    }
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_what_its_register_asks_and_every_register_has_one() {
        let mechanism = Mechanism::embedded("cameroon").expect("built in");
        let today = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day");
        let mut known = BTreeMap::new();
        let mut register_of: BTreeMap<String, &str> = BTreeMap::new();
        for line in lines::all() {
            let register = mechanism.register(line.register).expect("a register");
            assert!(register.state(line.state).is_some(), "{}: {}", line.key, line.state);
            for (field, says) in &line.says {
                let kind = &register
                    .field(field)
                    .unwrap_or_else(|| panic!("{}: no field {field}", line.key))
                    .kind;
                if let Says::Line(key) = says {
                    assert_eq!(kind.target(), register_of.get(*key).copied(), "{}: {key}", line.key);
                }
            }
            let said = values(&line, &mechanism, &known, today).expect("a register");
            if let Err(wrong) = register.read(&said, &mechanism) {
                panic!("{}: {wrong:?}", line.key);
            }
            register_of.insert(line.key.clone(), line.register);
            let twice = known.insert(line.key, Uuid::from_u128(known.len() as u128 + 1));
            assert_eq!(twice, None);
        }
        for register in mechanism.registers() {
            assert!(
                register_of.values().any(|r| *r == register.code),
                "{} is empty",
                register.code
            );
        }
    }
}
