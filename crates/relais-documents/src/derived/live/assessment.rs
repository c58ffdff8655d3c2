//! The maturity of the mechanism: the criteria of the grid with their level, their
//! evidence, and where they stood at the assessment before.

use relais_mechanism::Lang;
use relais_mechanism::options::Word;
use relais_mechanism::registers::{FieldKind, Register};

use super::super::{Made, cell, unknown};
use super::{Of, first_day, made, shown};
use crate::diagram::radar;
use crate::live::LiveLine;
use crate::model::{Block, Inline, Mark, Row};
use crate::template::Fault;

/// Highest level of a criterion.
const MOST: u8 = 4;

/// Weights in halves of the criteria that do not weigh two of them [P] (DOMAIN §4.1).
const WEIGHTS: &[(&str, u32)] = &[("M5", 3), ("M6", 3), ("M8", 3), ("M9", 3), ("M10", 3), ("M14", 1)];

/// What a score is called up to each percentage [P] (DOMAIN §4.1).
const STAGES: &[(u32, &str, &str)] = &[
    (20, "inexistant", "non-existent"),
    (40, "émergent", "emerging"),
    (60, "en construction", "under construction"),
    (80, "opérationnel", "operational"),
    (100, "consolidé", "consolidated"),
];

/// A criterion with its level now and before.
struct Criterion<'a> {
    word: &'a Word,
    now: Option<(u8, &'a LiveLine)>,
    before: Option<u8>,
}

fn level(line: &LiveLine) -> Option<u8> {
    line.raw
        .get("level")?
        .first()?
        .parse()
        .ok()
        .filter(|level| *level <= MOST)
}

/// The criteria of the grid as the assessment that the document is about scored
/// them.
fn criteria<'a>(of: &Of<'a>) -> Result<Vec<Criterion<'a>>, Fault> {
    let (assessments, scores) = (of.register("assessment")?, of.register("score")?);
    let words = match scores.field("criterion").map(|f| &f.kind) {
        Some(FieldKind::Choice(words)) => words,
        _ => return Err(unknown("criterion", "field", "score")),
    };
    let now = of.subject(assessments);
    let before = now.and_then(|now| before(of, assessments, now));
    let scored = |at: Option<&'a LiveLine>, word: &Word| {
        let assessment = &at?.id;
        of.lines(scores).iter().find(|line| {
            let says = |field: &str, text: &str| line.raw.get(field).is_some_and(|t| t.iter().any(|t| t == text));
            says("assessment", assessment) && says("criterion", &word.code)
        })
    };
    Ok(words
        .iter()
        .map(|word| Criterion {
            word,
            now: scored(now, word).and_then(|line| Some((level(line)?, line))),
            before: scored(before, word).and_then(level),
        })
        .collect())
}

/// The assessment before another.
fn before<'a>(of: &Of<'a>, register: &Register, now: &LiveLine) -> Option<&'a LiveLine> {
    let on = first_day(register, now)?;
    let earlier = of.lines(register).iter().filter(|l| l.id != now.id);
    earlier
        .filter(|l| first_day(register, l).is_some_and(|d| d < on))
        .max_by_key(|l| first_day(register, l))
}

/// The criteria as a drawing.
pub(super) fn radar(of: &Of<'_>) -> Made {
    let axes: Vec<radar::Axis> = criteria(of)?
        .iter()
        .filter_map(|c| {
            Some(radar::Axis {
                label: c.word.label.get(of.lang).to_owned(),
                now: c.now?.0,
                before: c.before,
            })
        })
        .collect();
    // A drawing of two axes is a line.
    if axes.len() < 3 {
        return Ok(of.nothing(of.register("score")?));
    }
    Ok(radar::figure(&axes, of.lang))
}

/// The criteria with level and evidence, and what they come to.
pub(super) fn table(of: &Of<'_>) -> Made {
    let criteria = criteria(of)?;
    if criteria.iter().all(|c| c.now.is_none()) {
        return Ok(of.nothing(of.register("score")?));
    }
    let rows = criteria
        .iter()
        .map(|c| {
            let (now, evidence) = match c.now {
                Some((level, line)) => (level.to_string(), shown(line, "evidence")),
                None => (
                    of.say("non noté", "not scored").to_owned(),
                    cell(of.say("aucune preuve réunie", "no evidence gathered")),
                ),
            };
            Row::Cells(vec![
                vec![Inline::Strong(cell(c.word.label.get(of.lang)))],
                cell(now),
                cell(c.before.map_or_else(|| "–".to_owned(), |level| level.to_string())),
                evidence,
            ])
        })
        .collect();
    let head = [
        of.say("Critère", "Criterion"),
        of.say("Niveau", "Level"),
        of.say("Avant", "Before"),
        of.say("Preuve", "Evidence"),
    ];
    let caption = of.say(
        "Niveau de chaque critère, de 0 à 4",
        "Level of each criterion, from 0 to 4",
    );
    Ok(vec![made(caption, &head, rows), says(of, &criteria)])
}

/// What the levels come to, over the criteria that were scored.
fn says(of: &Of<'_>, criteria: &[Criterion<'_>]) -> Block {
    let weight = |c: &Criterion<'_>| {
        let own = WEIGHTS.iter().find(|(code, _)| *code == c.word.code);
        own.map_or(2, |(_, weight)| *weight)
    };
    let scored = criteria.iter().filter_map(|c| Some((weight(c), u32::from(c.now?.0))));
    let (mut reached, mut most, mut counted) = (0, 0, 0);
    for (weight, level) in scored {
        reached += weight * level;
        most += weight * u32::from(MOST);
        counted += 1;
    }
    let percent = (reached * 100 + most / 2) / most.max(1);
    let stage = STAGES.iter().find(|(until, _, _)| percent <= *until);
    let stage = stage.map_or("", |(_, fr, en)| of.say(fr, en));
    let all = criteria.len();
    let text = match of.lang {
        Lang::Fr => format!("Score de maturité : {percent} %, sur {counted} critères notés de {all}. Stade : {stage}."),
        Lang::En => format!("Maturity score: {percent}%, over {counted} criteria scored out of {all}. Stage: {stage}."),
    };
    Block::Paragraph(vec![
        Inline::Strong(cell(text)),
        Inline::text("\u{a0}"),
        Inline::Mark(Mark::Proposed),
    ])
}
