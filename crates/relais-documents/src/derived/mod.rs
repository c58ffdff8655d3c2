//! Derived blocks and values: what a template asks of the mechanism by name.
//! Nothing in here is a number or a rule of its own.

pub(crate) mod form;
mod institution;
mod live;
mod people;
mod rules;
mod sharing;
mod time;

use relais_mechanism::{Label, Lang, Mechanism, Priority};

use crate::live::Live;
use crate::model::{Block, Cell, Inline, Mark, Party, Row, Table, plain};
use crate::template::{self, Fault};
use crate::words::say;

/// Names of the blocks that stand on a line of their own, for the finding that
/// says which there are.
const BLOCKS: &[&str] = &[
    "agreements",
    "bodies",
    "bridges",
    "classes",
    "confirmations",
    "contents",
    "coordination.chart",
    "deadlines",
    "declines",
    "emergency_numbers",
    "entry_points",
    "form CODE",
    "holidays",
    "include NAME",
    "indicators",
    "ladder",
    "notice NAME",
    "on_call",
    "page",
    "pathway.closed",
    "pathway.flowchart",
    "pathway.states",
    "pathway.table",
    "priorities",
    "purposes",
    "raci",
    "regimes",
    "roles",
    "rules",
    "service_limits",
    "services",
    "sharing.matrix",
    "signatures CODE …",
    "stages",
    "triage",
];

/// Names of the values that stand inside a sentence.
const VALUES: &[&str] = &[
    "count KIND",
    "country",
    "form CODE",
    "limit PRIORITY NAME",
    "mechanism",
    "priority CODE",
    "regime",
    "rule NAME",
    "service CODE",
    "version",
];

type Made = Result<Vec<Block>, Fault>;

pub(crate) use live::is_live;

/// The names of all blocks.
fn names() -> impl Iterator<Item = &'static str> {
    BLOCKS.iter().chain(live::BLOCKS).copied()
}

fn named() -> String {
    names().collect::<Vec<_>>().join(", ")
}

/// The blocks of a derived block.
pub(crate) fn block(inside: &str, m: &Mechanism, live: &Live, lang: Lang) -> Made {
    let mut words = inside.split_whitespace();
    let name = words.next().unwrap_or_default();
    let arguments: Vec<&str> = words.collect();
    let takes = |n: usize| match arguments.len() {
        k if k == n => Ok(()),
        _ => Err(argument_fault(name)),
    };
    match name {
        "form" => {
            takes(1)?;
            let form = m
                .form(arguments[0])
                .ok_or_else(|| unknown(arguments[0], "form", &forms(m)))?;
            return Ok(form::sheet(form, m, lang));
        }
        "notice" => {
            takes(1)?;
            let text = m
                .notice(arguments[0], lang)
                .ok_or_else(|| unknown(arguments[0], "notice", "consent, oral"))?;
            return template::inserted(m, text, lang);
        }
        "signatures" => return signatures(&arguments, m, lang),
        name if is_live(name) => return live::block(name, &arguments, m, live, lang),
        _ => takes(0)?,
    }
    Ok(match name {
        "contents" => vec![Block::Contents],
        "page" => vec![Block::PageBreak],
        "pathway.table" => time::pathway(m, lang),
        "pathway.closed" => time::closed(m, lang),
        "pathway.flowchart" => crate::diagram::figure(m, lang),
        "pathway.states" => crate::diagram::states::figure(m, lang),
        "coordination.chart" => crate::diagram::organisation_chart::figure(m, lang),
        "deadlines" => time::deadlines(m, lang),
        "service_limits" => time::service_limits(m, lang),
        "ladder" => time::ladder(m, lang),
        "priorities" => time::priorities(m, lang),
        "rules" => rules::rules(m, lang),
        "confirmations" => rules::confirmations(m, lang),
        "holidays" => rules::holidays(m, lang),
        "triage" => time::triage(m, lang),
        "sharing.matrix" => sharing::matrix(m, lang),
        "classes" => sharing::classes(m, lang),
        "purposes" => sharing::purposes(m, lang),
        "regimes" => sharing::regimes(m, lang),
        "agreements" => sharing::agreements(m, lang),
        "services" => sharing::services(m, lang),
        "declines" => sharing::declines(m, lang)?,
        "roles" => people::roles(m, lang),
        "bodies" => people::bodies(m, lang),
        "bridges" => people::bridges(m, lang),
        "on_call" => people::on_call(m, lang),
        "emergency_numbers" => people::emergency(m, lang),
        "entry_points" => people::entry_points(m, lang),
        "raci" => institution::raci(m, lang),
        "stages" => institution::stages(m, lang),
        "indicators" => institution::indicators(m, lang),
        _ => return Err(unknown(name, "bloc", &named())),
    })
}

/// The words of a derived value.
pub(crate) fn value(inside: &str, m: &Mechanism, lang: Lang) -> Result<String, Fault> {
    let words: Vec<&str> = inside.split_whitespace().collect();
    Ok(match words.as_slice() {
        ["mechanism"] => m.label().get(lang).to_owned(),
        ["country"] => m.country().label.get(lang).to_owned(),
        ["version"] => m.version().to_owned(),
        ["regime"] => {
            let label = m.regime_rule(m.regime()).map(|r| r.label.get(lang).to_lowercase());
            label.unwrap_or_default()
        }
        ["limit", priority, name] => {
            let priority =
                Priority::from_code(priority).ok_or_else(|| unknown(priority, "priority", "P1, P2, P3, P4"))?;
            time::limit(m, priority, name, lang).ok_or_else(|| unknown(name, "limit", &time::limit_names()))?
        }
        ["rule", name] => rules::rule(m, name, lang).ok_or_else(|| unknown(name, "rule", &rules::rule_names()))?,
        ["priority", code] => Priority::from_code(code)
            .and_then(|p| m.priority(p))
            .map(|w| format!("{} ({})", w.code, w.label.get(lang).to_lowercase()))
            .ok_or_else(|| unknown(code, "priority", "P1, P2, P3, P4"))?,
        ["form", code] => m
            .form(code)
            .map(|f| f.label.get(lang).to_owned())
            .ok_or_else(|| unknown(code, "form", &forms(m)))?,
        ["service", code] => m
            .service_type(code)
            .map(|s| s.label.get(lang).to_owned())
            .ok_or_else(|| unknown(code, "service", "MED.01 …"))?,
        ["count", kind] => count(m, kind)
            .ok_or_else(|| unknown(kind, "count", COUNTS))?
            .to_string(),
        _ => return Err(unknown(inside, "valeur", &VALUES.join(", "))),
    })
}

const COUNTS: &str = "categories, services, regions, departments, bodies, forms, indicators, entry_points";

fn count(m: &Mechanism, kind: &str) -> Option<usize> {
    Some(match kind {
        "categories" => m.categories().len(),
        "services" => m.services().len(),
        "regions" => m.regions().count(),
        "departments" => m.departments(None).count(),
        "bodies" => m.bodies().len(),
        "forms" => m.forms().len(),
        "indicators" => m.indicators().len(),
        "entry_points" => m.entry_points().len(),
        _ => return None,
    })
}

fn forms(m: &Mechanism) -> String {
    m.forms().iter().map(|f| f.code.as_str()).collect::<Vec<_>>().join(", ")
}

/// A name that the mechanism does not know, and those that it does.
fn unknown(name: &str, kind: &str, known: &str) -> Fault {
    let (code, fr, en) = match kind {
        "form" => ("document_form", "aucune fiche ne s’appelle", "there is no form"),
        "notice" => ("document_notice", "aucune notice ne s’appelle", "there is no notice"),
        "body" => ("document_body", "aucune organisation ne s’appelle", "there is no body"),
        "register" => (
            "document_register",
            "aucun registre ne s’appelle",
            "there is no register",
        ),
        "field" => (
            "document_register",
            "ce registre n’a pas de champ",
            "this register has no field",
        ),
        "indicator" => (
            "document_indicator",
            "aucun indicateur ne s’appelle",
            "there is no indicator",
        ),
        "priority" => ("document_value", "aucune priorité ne s’appelle", "there is no priority"),
        "limit" => ("document_value", "aucun délai ne s’appelle", "there is no limit"),
        "rule" => ("document_value", "aucune règle ne s’appelle", "there is no rule"),
        "service" => ("document_value", "aucun service ne s’appelle", "there is no service"),
        "count" => (
            "document_value",
            "rien ne se compte sous le nom",
            "nothing is counted as",
        ),
        "bloc" => ("document_block", "bloc inconnu :", "unknown block:"),
        _ => ("document_value", "valeur inconnue :", "unknown value:"),
    };
    Fault {
        code,
        cause: Label {
            fr: format!("{fr} « {name} »"),
            en: format!("{en} “{name}”"),
        },
        remedy: Label {
            fr: format!("Choisissez parmi : {known}."),
            en: format!("Choose among: {known}."),
        },
    }
}

fn argument_fault(name: &str) -> Fault {
    let Some(written) = names().find(|b| b.split(' ').next() == Some(name)) else {
        return unknown(name, "bloc", &named());
    };
    Fault {
        code: "document_block",
        cause: Label {
            fr: format!("« {name} » n’a pas ce qu’il lui faut"),
            en: format!("“{name}” does not have what it takes"),
        },
        remedy: Label {
            fr: format!("Écrivez {{{{ {written} }}}}."),
            en: format!("Write {{{{ {written} }}}}."),
        },
    }
}

fn signatures(codes: &[&str], m: &Mechanism, lang: Lang) -> Made {
    if codes.is_empty() {
        return Err(argument_fault("signatures"));
    }
    let party = |code: &&str| {
        let body = m.bodies().iter().find(|b| b.code == *code);
        let body = body.ok_or_else(|| unknown(code, "body", "MINAS, MINREX …"))?;
        Ok(Party {
            name: body.label.get(lang).to_owned(),
        })
    };
    let parties: Result<Vec<Party>, Fault> = codes.iter().map(party).collect();
    Ok(vec![Block::Signatures(parties?)])
}

// ---- what the tables are made of ----

/// A cell of plain words.
fn cell(text: impl Into<String>) -> Cell {
    let text = text.into();
    if text.is_empty() {
        return Vec::new();
    }
    vec![Inline::Text(text)]
}

/// A cell with a code.
fn code(text: &str) -> Cell {
    vec![Inline::Code(text.to_owned())]
}

/// Words with the mark of the line, if it has one.
fn marked(text: impl Into<String>, mark: Option<&str>) -> Cell {
    let mut cell = cell(text);
    if let Some(mark) = mark.and_then(Mark::of) {
        cell.push(Inline::text("\u{a0}"));
        cell.push(Inline::Mark(mark));
    }
    cell
}

/// A table with a caption; head in both languages.
fn table(lang: Lang, caption: (&str, &str), head: &[(&str, &str)], rows: Vec<Vec<Cell>>) -> Table {
    let head: Vec<Cell> = head.iter().map(|(fr, en)| cell(say(lang, fr, en))).collect();
    let widths = widths(&head, &rows);
    Table {
        number: 0,
        caption: cell(say(lang, caption.0, caption.1)),
        widths,
        head,
        rows: rows.into_iter().map(Row::Cells).collect(),
    }
}

/// Shares of the width by what stands in the columns: the longest words set a
/// floor, the mean length the rest.
pub(crate) fn widths(head: &[Cell], rows: &[Vec<Cell>]) -> Vec<u8> {
    let length = |cell: &Cell| plain(cell).chars().count();
    let longest_word = |cell: &Cell| plain(cell).split(' ').map(|w| w.chars().count()).max().unwrap_or(0);
    let weights: Vec<usize> = (0..head.len())
        .map(|n| {
            let cells = || rows.iter().filter_map(move |r| r.get(n)).chain(head.get(n));
            let mean = cells().map(length).sum::<usize>() / cells().count().max(1);
            let word = cells().map(longest_word).max().unwrap_or(0).min(16);
            (mean.min(70) + 2 * word).max(6)
        })
        .collect();
    let whole: usize = weights.iter().sum::<usize>().max(1);
    let mut shares: Vec<u8> = weights
        .iter()
        .map(|w| u8::try_from(w * 100 / whole).unwrap_or(100).max(4))
        .collect();
    let sum: u32 = shares.iter().map(|s| u32::from(*s)).sum();
    if let (Some(widest), Ok(left)) = (shares.iter_mut().max(), i16::try_from(sum)) {
        *widest = u8::try_from(i16::from(*widest) + 100 - left).unwrap_or(*widest);
    }
    shares
}
