//! An entry as a command would have it: what was typed is read, all mistakes
//! together.

use std::collections::BTreeMap;

use relais_mechanism::places::Level;
use relais_mechanism::{Label, Mechanism};
use relais_network::service::{ServedArea, Service, Telephone};
use relais_network::{ProgrammeId, programme_id};

use super::{ChangeEntry, LONGEST, MOST_TELEPHONES};
use crate::network::Network;
use crate::problem::{ActError, FieldProblem};

/// The entry as the command would have it, all mistakes together.
pub(super) fn corrected(
    mechanism: &Mechanism,
    network: &Network,
    service: &Service,
    command: &ChangeEntry,
) -> Result<Service, ActError> {
    let mut wrong: Vec<FieldProblem> = FieldProblem::too_long("note", command.note.trim(), LONGEST)
        .into_iter()
        .collect();
    let mut new = service.clone();
    if let Some(numbers) = &command.telephones {
        new.telephones = telephones(mechanism, &service.telephones, numbers, &mut wrong);
    }
    if let Some(hours) = &command.opening_hours {
        new.opening_hours = hours.trim().to_owned();
    }
    if let Some(languages) = &command.languages {
        let known = |code: &String| {
            mechanism
                .option_label("lang", code, relais_mechanism::Lang::Fr)
                .is_some()
        };
        if languages.iter().all(known) {
            new.languages.clone_from(languages);
        } else {
            wrong.push(unknown("languages"));
        }
    }
    if command.cost.is_some() {
        new.cost = command.cost;
    }
    if let Some(area) = &command.served_area {
        match served(mechanism, area) {
            Some(area) => new.served_area = area,
            None => wrong.push(FieldProblem::new(
                "served_area",
                "unknown_place",
                (
                    "Lieu inconnu : écrivez une région, un département, un arrondissement, ou « tout le pays ».",
                    "Unknown place: write a region, a department, a subdivision, or “the whole country”.",
                ),
            )),
        }
    }
    if let Some(targets) = &command.targets {
        new.targets.clone_from(targets);
    }
    if let Some(how) = &command.how_to_refer {
        new.how_to_refer = trimmed(how);
    }
    if let Some(name) = &command.name {
        new.name = trimmed(name);
    }
    if let Some(codes) = &command.programmes {
        match programmes(network, service, codes) {
            Some(programmes) => new.programmes = programmes,
            None => wrong.push(unknown_programme()),
        }
    }
    let names = [("how_to_refer", &new.how_to_refer), ("name", &new.name)];
    for (field, label) in names {
        wrong.extend(
            [&label.fr, &label.en]
                .into_iter()
                .find_map(|text| FieldProblem::too_long(field, text, LONGEST)),
        );
    }
    let mut own: BTreeMap<&str, FieldProblem> = BTreeMap::new();
    for error in new.check() {
        if !wrong.iter().any(|w| w.field == error.field) {
            own.entry(error.field).or_insert_with(|| FieldProblem {
                field: error.field.to_owned(),
                code: error.problem.to_string(),
                message: error.problem.remedy(),
            });
        }
    }
    wrong.extend(own.into_values());
    if wrong.is_empty() {
        Ok(new)
    } else {
        Err(ActError::Invalid(wrong))
    }
}

fn unknown(field: &str) -> FieldProblem {
    FieldProblem::new(
        field,
        "unknown_option",
        ("Choisissez dans la liste.", "Choose from the list."),
    )
}

fn unknown_programme() -> FieldProblem {
    FieldProblem::new(
        "programmes",
        "unknown_programme",
        (
            "Aucun programme ne porte ce code : voyez la liste des programmes, un code par ligne.",
            "No programme bears this code: see the list of programmes, one code a line.",
        ),
    )
}

/// The programmes that the codes mean, in their order; none where one means
/// nothing. What the viewer could not see stays: nobody has said anything of it.
fn programmes(network: &Network, service: &Service, codes: &[String]) -> Option<Vec<ProgrammeId>> {
    let mut found = Vec::new();
    for code in codes.iter().map(|c| c.trim()).filter(|c| !c.is_empty()) {
        let meant = [code.to_owned(), code.to_uppercase()];
        let programme = meant.iter().find_map(|code| network.programme(programme_id(code)))?;
        if !found.contains(&programme.id) {
            found.push(programme.id);
        }
    }
    let unseen = service.programmes.iter().filter(|id| network.programme(**id).is_none());
    found.extend(unseen);
    // In the order in which they stand, where they are the same.
    let same = found.len() == service.programmes.len() && found.iter().all(|id| service.programmes.contains(id));
    Some(if same { service.programmes.clone() } else { found })
}

pub(super) fn trimmed(label: &Label) -> Label {
    Label {
        fr: label.fr.trim().to_owned(),
        en: label.en.trim().to_owned(),
    }
}

/// The numbers as dialled; who answers and when stays with a number that stays.
fn telephones(
    mechanism: &Mechanism,
    known: &[Telephone],
    typed: &[String],
    wrong: &mut Vec<FieldProblem>,
) -> Vec<Telephone> {
    let plan = &mechanism.country().phone;
    let standing = |number: &str| {
        let read = plan.normalise(number).ok();
        let same = |t: &&Telephone| t.number == number || (read.is_some() && plan.normalise(&t.number).ok() == read);
        known.iter().find(same).cloned()
    };
    let typed: Vec<&str> = typed.iter().map(|t| t.trim()).filter(|t| !t.is_empty()).collect();
    let mut malformed = typed.len() > MOST_TELEPHONES;
    let mut numbers = Vec::new();
    for number in typed {
        let short = (3..=4).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
        match (standing(number), plan.normalise(number)) {
            (Some(same), _) => numbers.push(same),
            (None, _) if short => numbers.push(plain(number)),
            (None, Ok(number)) => numbers.push(plain(&number)),
            (None, Err(_)) => malformed = true,
        }
    }
    if malformed {
        wrong.push(FieldProblem::new(
            "telephones",
            "not_a_telephone",
            (
                "Un numéro par ligne, cinq au plus : 9 chiffres, ou un numéro court.",
                "One number a line, five at most: 9 digits, or a short number.",
            ),
        ));
    }
    numbers
}

fn plain(number: &str) -> Telephone {
    Telephone {
        number: number.to_owned(),
        who: String::new(),
        hours: String::new(),
    }
}

/// The area that a code or a typed name means.
fn served(mechanism: &Mechanism, typed: &str) -> Option<ServedArea> {
    let typed = typed.trim();
    let folded = relais_network::words::fold(typed);
    if ["country", "tout le pays", "the whole country", "whole country"].contains(&folded.as_str()) {
        return Some(ServedArea::Country);
    }
    let place = match mechanism.place(typed) {
        Some(place) => place,
        None => mechanism.find_place(typed).first().map(|m| m.place)?,
    };
    Some(match place.level {
        Level::Region => ServedArea::Region(place.code.clone()),
        Level::Department => ServedArea::Department(place.code.clone()),
        Level::Subdivision => ServedArea::Subdivision(place.code.clone()),
    })
}
