//! Services, what each may receive, and under which agreement.

use relais_mechanism::{ClassSet, DataClass, Lang, Mechanism, Priority, Purpose};

use super::{cell, code, marked, table, unknown};
use crate::model::{Block, Cell, Inline};
use crate::template::Fault;
use crate::words::say;

/// Names of classes, the restricted ones strong.
fn classes_of(set: ClassSet, m: &Mechanism, lang: Lang) -> Cell {
    let mut out: Cell = Vec::new();
    for class in set.iter() {
        if !out.is_empty() {
            out.push(Inline::text(", "));
        }
        let label = m.class(class).map_or("", |w| w.label.get(lang)).to_lowercase();
        out.push(if class.is_restricted() {
            Inline::Strong(cell(label))
        } else {
            Inline::text(label)
        });
    }
    out
}

/// Which classes a service may receive once it has accepted, by category; then
/// the services that have a list of their own.
pub(super) fn matrix(m: &Mechanism, lang: Lang) -> Vec<Block> {
    let base = ClassSet::EMPTY.with(DataClass::Identity).with(DataClass::Contact);
    let mut rows: Vec<Vec<Cell>> = m
        .categories()
        .iter()
        .map(|c| {
            let mark = c.provisional.then_some("P");
            vec![
                code(&c.code),
                marked(c.label.get(lang), mark),
                classes_of(c.needs.union(base), m, lang),
            ]
        })
        .collect();
    for service in m.services() {
        let category = m.category(&service.category).map(|c| c.needs.union(base));
        let own = service.needs.union(base);
        if category.is_some_and(|c| c != own) {
            rows.push(vec![
                code(&service.code),
                marked(service.label.get(lang), service.mark.as_deref()),
                classes_of(own, m, lang),
            ]);
        }
    }
    let mut made = table(
        lang,
        (
            "Données qu’un service peut recevoir après avoir accepté, avec le consentement pour chaque classe",
            "Data that a service may receive once it has accepted, with consent for each class",
        ),
        &[
            ("Code", "Code"),
            (
                "Catégorie, ou service qui a sa propre liste",
                "Category, or service with a list of its own",
            ),
            (
                "Classes de données (en gras : accès restreint)",
                "Data classes (bold: restricted access)",
            ),
        ],
        rows,
    );
    made.widths = vec![12, 38, 50];
    vec![Block::Table(made)]
}

/// The data classes and how sensitive they are.
pub(super) fn classes(m: &Mechanism, lang: Lang) -> Vec<Block> {
    let rows = DataClass::ALL
        .iter()
        .map(|class| {
            vec![
                cell(m.class(*class).map_or("", |w| w.label.get(lang))),
                code(m.class_sensitivity(*class).code()),
                cell(if class.is_restricted() {
                    say(
                        lang,
                        "accès restreint : personnes nommées seulement",
                        "restricted: named persons only",
                    )
                } else {
                    say(
                        lang,
                        "équipe du dossier ; service qui a accepté",
                        "case team; service that has accepted",
                    )
                }),
            ]
        })
        .collect();
    let mut made = table(
        lang,
        ("Classes de données", "Data classes"),
        &[
            ("Classe", "Class"),
            ("Sensibilité", "Sensitivity"),
            ("Qui la lit", "Who reads it"),
        ],
        rows,
    );
    made.widths = vec![42, 14, 44];
    vec![Block::Table(made)]
}

/// The purposes.
pub(super) fn purposes(m: &Mechanism, lang: Lang) -> Vec<Block> {
    let rows = Purpose::ALL
        .iter()
        .filter_map(|p| m.purpose(*p))
        .map(|w| {
            vec![
                vec![Inline::Strong(cell(w.label.get(lang)))],
                cell(w.about.as_ref().map_or("", |a| a.get(lang))),
            ]
        })
        .collect();
    let mut made = table(
        lang,
        ("Finalités du traitement", "Purposes of processing"),
        &[("Finalité", "Purpose"), ("Ce qu’elle couvre", "What it covers")],
        rows,
    );
    made.widths = vec![28, 72];
    vec![Block::Table(made)]
}

/// The regimes of sharing.
pub(super) fn regimes(m: &Mechanism, lang: Lang) -> Vec<Block> {
    use relais_mechanism::country::Regime;
    let list = |priorities: &[Priority]| priorities.iter().map(|p| p.code()).collect::<Vec<_>>().join(", ");
    let rows = Regime::ALL
        .iter()
        .filter_map(|r| m.regime_rule(*r))
        .map(|rule| {
            let mut about = rule.about.get(lang).to_owned();
            if !rule.priorities.is_empty() {
                about.push_str(&format!(
                    " {} {}",
                    say(lang, "Priorités :", "Priorities:"),
                    list(&rule.priorities)
                ));
                if !rule.categories.is_empty() {
                    about.push_str(&format!(
                        "{} {} {} {}",
                        say(lang, " ; et", "; and"),
                        list(&rule.priorities_in_categories),
                        say(lang, "dans les catégories", "in the categories"),
                        rule.categories.join(", ")
                    ));
                }
                about.push('.');
            }
            let now = rule.regime == m.regime();
            let mut name = vec![Inline::Strong(cell(rule.label.get(lang)))];
            if now {
                name.push(Inline::text(say(lang, " (en vigueur)", " (in force)")));
            }
            vec![name, cell(about), code(rule.up_to.code())]
        })
        .collect();
    let mut made = table(
        lang,
        ("Régimes de partage", "Regimes of sharing"),
        &[
            ("Régime", "Regime"),
            ("Ce qu’il exige", "What it asks for"),
            ("Jusqu’à", "Up to"),
        ],
        rows,
    );
    made.widths = vec![22, 66, 12];
    vec![Block::Table(made)]
}

/// The kinds of agreement.
pub(super) fn agreements(m: &Mechanism, lang: Lang) -> Vec<Block> {
    let items = m
        .agreement_kinds()
        .iter()
        .map(|k| vec![Block::Paragraph(cell(k.label.get(lang)))])
        .collect();
    vec![Block::List { ordered: false, items }]
}

/// The services, with a band over each category.
pub(super) fn services(m: &Mechanism, lang: Lang) -> Vec<Block> {
    use crate::model::Row;
    let mut made = table(
        lang,
        ("Services du mécanisme", "Services of the mechanism"),
        &[
            ("Code", "Code"),
            ("Service", "Service"),
            ("Libellé discret", "Discreet label"),
            ("Priorité", "Priority"),
            ("Sensibilité", "Sensitivity"),
        ],
        Vec::new(),
    );
    made.widths = vec![12, 42, 24, 10, 12];
    for category in m.categories() {
        made.rows.push(Row::Band(vec![Inline::Strong(cell(format!(
            "{} – {}",
            category.code,
            category.label.get(lang)
        )))]));
        for s in m.services().iter().filter(|s| s.category == category.code) {
            let discreet = if s.discreet == s.label {
                "–"
            } else {
                s.discreet.get(lang)
            };
            made.rows.push(Row::Cells(vec![
                code(&s.code),
                marked(s.label.get(lang), s.mark.as_deref()),
                cell(discreet),
                cell(s.priority.code()),
                cell(s.min_sensitivity.code()),
            ]));
        }
    }
    vec![Block::Table(made)]
}

/// The reasons for which a provider does not accept.
pub(super) fn declines(m: &Mechanism, lang: Lang) -> Result<Vec<Block>, Fault> {
    let list = m
        .option_list("decline_reason")
        .ok_or_else(|| unknown("declines", "bloc", "decline_reason"))?;
    let items = list
        .choices
        .iter()
        .map(|c| vec![Block::Paragraph(cell(c.label.get(lang)))])
        .collect();
    Ok(vec![Block::List { ordered: false, items }])
}
