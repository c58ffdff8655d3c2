//! Stages, responsibilities, indicators.

use relais_mechanism::{Lang, Mechanism};

use super::{cell, code, marked, table};
use crate::model::{Block, Cell, Inline};
use crate::words::{self, say};

/// The stages of the work with one person.
pub(super) fn stages(m: &Mechanism, lang: Lang) -> Vec<Block> {
    let rows = m
        .stages()
        .iter()
        .map(|s| {
            let mut name = vec![Inline::Strong(cell(s.label.get(lang)))];
            if !s.forms.is_empty() {
                name.push(Inline::text(format!(" ({})", s.forms.join(", "))));
            }
            vec![
                name,
                cell(s.actors.get(lang)),
                cell(s.input.get(lang)),
                cell(s.output.get(lang)),
                marked(s.deadline.get(lang), s.mark.as_deref()),
            ]
        })
        .collect();
    let mut made = table(
        lang,
        ("Étapes du parcours", "Stages of the pathway"),
        &[
            ("Étape (fiches)", "Stage (forms)"),
            ("Qui agit", "Who acts"),
            ("Entrée", "Input"),
            ("Résultat", "Result"),
            ("Délai", "Time limit"),
        ],
        rows,
    );
    made.widths = vec![17, 24, 20, 20, 19];
    vec![Block::Table(made)]
}

/// Who does what.
pub(super) fn raci(m: &Mechanism, lang: Lang) -> Vec<Block> {
    let letters = |line: &relais_mechanism::institution::RaciLine, actor: &String| -> Cell {
        let holds = [
            (&line.accountable, "A"),
            (&line.responsible, "R"),
            (&line.consulted, "C"),
            (&line.informed, "I"),
        ];
        let held: Vec<&str> = holds
            .iter()
            .filter(|(who, _)| who.contains(actor))
            .map(|(_, letter)| *letter)
            .collect();
        cell(if held.is_empty() {
            "–".to_owned()
        } else {
            held.join("/")
        })
    };
    let rows = m
        .raci()
        .iter()
        .map(|line| {
            let mut row = vec![marked(line.label.get(lang), line.mark.as_deref())];
            row.extend(m.raci_actors().iter().map(|a| letters(line, &a.code)));
            row
        })
        .collect();
    let mut head = vec![say(lang, "Travail", "Work")];
    head.extend(m.raci_actors().iter().map(|a| a.label.get(lang)));
    let heads: Vec<(&str, &str)> = head.iter().map(|h| (*h, *h)).collect();
    let mut made = table(
        lang,
        (
            "Responsabilités : R fait, A répond, C consulté, I informé",
            "Responsibilities: R does, A answers for it, C consulted, I informed",
        ),
        &heads,
        rows,
    );
    let actors = m.raci_actors().len();
    let share = u8::try_from(74 / actors.max(1)).unwrap_or(74);
    made.widths = std::iter::once(26).chain(std::iter::repeat_n(share, actors)).collect();
    vec![Block::Table(made)]
}

/// The indicators.
pub(super) fn indicators(m: &Mechanism, lang: Lang) -> Vec<Block> {
    let percent = |i: &relais_mechanism::institution::Indicator| match i.unit {
        relais_mechanism::institution::Unit::Percent => " %",
        _ => "",
    };
    let rows = m
        .indicators()
        .iter()
        .map(|i| {
            let target = match (i.target, i.alert) {
                (Some(target), _) => format!("≥ {target}{}", percent(i)),
                (None, Some(alert)) => format!("{} > {alert}{}", say(lang, "alerte", "alert"), percent(i)),
                (None, None) => "–".to_owned(),
            };
            vec![
                code(&i.code),
                cell(i.label.get(lang)),
                cell(words::unit(i.unit, lang)),
                cell(target),
                cell(words::frequency(i.frequency, lang)),
            ]
        })
        .collect();
    let mut made = table(
        lang,
        ("Indicateurs du mécanisme", "Indicators of the mechanism"),
        &[
            ("Code", "Code"),
            ("Indicateur", "Indicator"),
            ("Unité", "Unit"),
            ("Cible ou alerte [P]", "Target or alert [P]"),
            ("Fréquence", "Frequency"),
        ],
        rows,
    );
    made.widths = vec![9, 45, 13, 16, 17];
    vec![Block::Table(made)]
}
