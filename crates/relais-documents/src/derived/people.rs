//! Roles, organisations that the mechanism names, numbers to call, bridges.

use relais_mechanism::country::OnCallNumber;
use relais_mechanism::{Lang, Mechanism, Role};

use super::{cell, code, marked, table};
use crate::model::{Block, Inline};
use crate::words::say;

/// The roles and what they do.
pub(super) fn roles(m: &Mechanism, lang: Lang) -> Vec<Block> {
    let rows = Role::ALL
        .iter()
        .filter_map(|r| m.role(*r))
        .map(|w| {
            vec![
                vec![Inline::Strong(marked(w.label.get(lang), w.mark.as_deref()))],
                cell(w.about.as_ref().map_or("", |a| a.get(lang))),
            ]
        })
        .collect();
    let mut made = table(
        lang,
        ("Rôles", "Roles"),
        &[("Rôle", "Role"), ("Ce qu’il fait", "What it does")],
        rows,
    );
    made.widths = vec![32, 68];
    vec![Block::Table(made)]
}

/// The organisations that the country's mechanism names.
pub(super) fn bodies(m: &Mechanism, lang: Lang) -> Vec<Block> {
    let rows = m
        .bodies()
        .iter()
        .map(|b| {
            vec![
                code(&b.code),
                marked(b.label.get(lang), b.mark.as_deref()),
                cell(b.role.get(lang)),
            ]
        })
        .collect();
    let mut made = table(
        lang,
        ("Acteurs nommés par le mécanisme", "Actors that the mechanism names"),
        &[("Sigle", "Acronym"), ("Nom", "Name"), ("Rôle", "Role")],
        rows,
    );
    made.widths = vec![14, 43, 43];
    vec![Block::Table(made)]
}

/// The country's other referral mechanisms.
pub(super) fn bridges(m: &Mechanism, lang: Lang) -> Vec<Block> {
    let rows = m
        .bridges()
        .iter()
        .map(|b| {
            let contact = if b.number.is_empty() {
                b.contact.get(lang).to_owned()
            } else {
                format!("{} ({})", b.contact.get(lang), b.number)
            };
            vec![
                vec![
                    Inline::Strong(marked(b.label.get(lang), b.mark.as_deref())),
                    Inline::Break,
                    Inline::text(b.owners.join(", ")),
                ],
                cell(contact),
                marked(b.rule.get(lang), b.rule_mark.as_deref()),
            ]
        })
        .collect();
    let mut made = table(
        lang,
        (
            "Passerelles avec les autres mécanismes",
            "Bridges to the other mechanisms",
        ),
        &[
            ("Mécanisme (tenu par)", "Mechanism (run by)"),
            ("Qui appeler", "Whom to call"),
            ("Règle de passage", "Rule of hand-over"),
        ],
        rows,
    );
    made.widths = vec![24, 20, 56];
    vec![Block::Table(made)]
}

fn line(number: &OnCallNumber, place: &str, lang: Lang) -> Vec<crate::model::Cell> {
    let mut who = marked(number.label.get(lang), number.mark.as_deref());
    let note = number.note.get(lang);
    if !note.is_empty() {
        who.push(Inline::Break);
        who.push(Inline::text(note));
    }
    let state = if number.state_line {
        say(
            lang,
            "oui : jamais pour le circuit protégé",
            "yes: never for the protected circuit",
        )
    } else {
        say(lang, "non", "no")
    };
    vec![
        vec![Inline::Strong(cell(number.number.as_str()))],
        who,
        cell(place),
        cell(if number.hours.is_empty() {
            "–"
        } else {
            number.hours.as_str()
        }),
        cell(state),
    ]
}

const NUMBERS: &[(&str, &str)] = &[
    ("Numéro", "Number"),
    ("Qui répond", "Who answers"),
    ("Où", "Where"),
    ("Heures", "Hours"),
    ("Ligne de l’État", "Line of the State"),
];

/// The on-call list: what the regions have filled in, then the fallback.
pub(super) fn on_call(m: &Mechanism, lang: Lang) -> Vec<Block> {
    let country = say(lang, "tout le pays", "whole country");
    let place = |number: &OnCallNumber| {
        let of = number.region.as_deref().and_then(|r| m.place(r));
        of.map_or(country.to_owned(), |p| p.name.get(lang).to_owned())
    };
    let rows = m
        .on_call_entries()
        .iter()
        .filter(|n| n.is_filled())
        .map(|n| line(n, &place(n), lang))
        .collect();
    let mut made = table(
        lang,
        (
            "Numéros d’astreinte, dans l’ordre d’appel",
            "On-call numbers, in the order of calling",
        ),
        NUMBERS,
        rows,
    );
    made.widths = vec![12, 38, 16, 10, 24];
    let mut blocks = vec![Block::Table(made)];
    let without: Vec<&str> = m
        .regions()
        .filter(|r| m.regions_without_on_call().contains(r.code.as_str()))
        .map(|r| r.name.get(lang))
        .collect();
    if !without.is_empty() {
        blocks.push(Block::Note(vec![Block::Paragraph(cell(format!(
            "{} {}. {}",
            say(
                lang,
                "Ces régions n’ont pas encore d’astreinte propre et recourent aux numéros nationaux :",
                "These regions have no on-call of their own yet and use the national numbers:"
            ),
            without.join(", "),
            say(
                lang,
                "Le secrétariat technique en tient la liste et la complète ; c’est un paramètre, qui change sans attendre une session.",
                "The technical secretariat keeps the list and completes it; it is a parameter, which changes without waiting for a session."
            ),
        )))]));
    }
    blocks
}

/// Emergency numbers that anybody may call.
pub(super) fn emergency(m: &Mechanism, lang: Lang) -> Vec<Block> {
    let country = say(lang, "tout le pays", "whole country");
    let fallback = m
        .on_call_entries()
        .iter()
        .filter(|n| n.region.is_none() && n.is_filled());
    let rows = fallback
        .chain(m.emergency_numbers())
        .map(|n| line(n, country, lang))
        .collect();
    let mut made = table(lang, ("Numéros d’urgence", "Emergency numbers"), NUMBERS, rows);
    made.widths = vec![12, 38, 16, 10, 24];
    vec![Block::Table(made)]
}

/// Where returning people arrive.
pub(super) fn entry_points(m: &Mechanism, lang: Lang) -> Vec<Block> {
    let rows = m
        .entry_points()
        .iter()
        .map(|e| {
            let region = m.place(&e.region).map_or("", |p| p.name.get(lang));
            vec![
                code(&e.code),
                marked(e.label.get(lang), e.mark.as_deref()),
                cell(region),
            ]
        })
        .collect();
    let mut made = table(
        lang,
        ("Points d’entrée", "Entry points"),
        &[("Code", "Code"), ("Lieu", "Place"), ("Région", "Region")],
        rows,
    );
    made.widths = vec![12, 60, 28];
    vec![Block::Table(made)]
}
