//! Figures: indicators with what they are counted from, and what one provider
//! contributed.

use relais_mechanism::institution::Unit;

use super::super::{Made, cell, code, unknown};
use super::{Of, day, made};
use crate::diagram::bars;
use crate::live::LiveFigure;
use crate::model::{Block, Cell, Inline, Row};

/// Indicators by their codes: those that were counted, and those that were not.
pub(super) fn table(of: &Of<'_>, codes: &[&str]) -> Made {
    let mut rows = Vec::new();
    for wanted in codes {
        let indicator = of.m.indicators().iter().find(|i| i.code == *wanted).ok_or_else(|| {
            let known: Vec<&str> = of.m.indicators().iter().map(|i| i.code.as_str()).collect();
            unknown(wanted, "indicator", &known.join(", "))
        })?;
        let mut name = code(&indicator.code);
        name.push(Inline::text(" "));
        name.push(Inline::text(indicator.label.get(of.lang)));
        let counted = of.live.figures.iter().find(|f| f.indicator == indicator.code);
        let mut row = vec![name];
        match counted {
            Some(figure) => row.extend([
                vec![Inline::Strong(cell(figure.value.as_str()))],
                cell(parts(figure)),
                cell(if figure.target.is_empty() {
                    "–"
                } else {
                    figure.target.as_str()
                }),
                cell(figure.source.as_str()),
            ]),
            None => row.extend([
                cell(of.say("non compté", "not counted")),
                cell("–"),
                cell("–"),
                cell(of.say(
                    "relevé à la main par le secrétariat technique",
                    "counted by hand by the technical secretariat",
                )),
            ]),
        }
        rows.push(Row::Cells(row));
    }
    if of.live.figures.is_empty() {
        return Ok(none(of));
    }
    let head = [
        of.say("Indicateur", "Indicator"),
        of.say("Valeur", "Value"),
        of.say("Compté sur", "Counted over"),
        of.say("Cible ou alerte", "Target or alert"),
        of.say("Source", "Source"),
    ];
    Ok(vec![made(of.say("Indicateurs", "Indicators"), &head, rows)])
}

fn none(of: &Of<'_>) -> Vec<Block> {
    of.none_of(of.say(
        "Aucun chiffre n’est montré ici au lecteur",
        "No figure is shown to the reader here",
    ))
}

/// "12 / 40": what was counted, of how many.
fn parts(figure: &LiveFigure) -> String {
    // Where it is too small to be shown, the value says so.
    let numerator = figure.numerator.map_or_else(|| figure.value.clone(), |n| n.to_string());
    figure
        .denominator
        .map_or_else(|| numerator.clone(), |of_all| format!("{numerator} / {of_all}"))
}

/// The shares among the figures, side by side.
pub(super) fn bars(of: &Of<'_>) -> Vec<Block> {
    let bars: Vec<bars::Bar> = of
        .live
        .figures
        .iter()
        .filter_map(|figure| {
            let indicator = of.m.indicators().iter().find(|i| i.code == figure.indicator)?;
            let (numerator, denominator) = (figure.numerator?, figure.denominator.filter(|d| *d > 0)?);
            (indicator.unit == Unit::Percent).then(|| bars::Bar {
                label: format!("{} {}", indicator.code, indicator.label.get(of.lang)),
                value: f64::from(numerator) * 100.0 / f64::from(denominator),
                most: 100.0,
                says: figure.value.clone(),
            })
        })
        .collect();
    if bars.is_empty() {
        return of.none_of(of.say("Aucune part à montrer", "No share to show"));
    }
    bars::figure(&bars, of.lang)
}

/// The figures in parts.
pub(super) fn split(of: &Of<'_>) -> Vec<Block> {
    let mut rows = Vec::new();
    for figure in of.live.figures.iter().filter(|f| !f.split.is_empty()) {
        let label = of.m.indicators().iter().find(|i| i.code == figure.indicator);
        let label = label.map_or("", |i| i.label.get(of.lang));
        rows.push(Row::Band(cell(format!("{} {label}", figure.indicator))));
        rows.extend(figure.split.iter().map(|(name, n)| {
            let hidden = || {
                of.say("trop petit pour être montré", "too small to be shown")
                    .to_owned()
            };
            Row::Cells(vec![
                cell(name.as_str()),
                cell(n.map_or_else(hidden, |n| n.to_string())),
            ])
        }));
    }
    if rows.is_empty() {
        return none(of);
    }
    let head = [of.say("Région", "Region"), of.say("Nombre", "Number")];
    vec![made(of.say("Chiffres par région", "Figures by region"), &head, rows)]
}

/// What the reader's organisation contributed.
pub(super) fn contribution(of: &Of<'_>) -> Vec<Block> {
    let Some(own) = &of.live.contribution else {
        return of.none_of(of.say(
            "Aucune contribution à relever pour la structure du lecteur",
            "No contribution to state for the reader’s organisation",
        ));
    };
    let share = |n: u32| {
        let percent = (n * 100 + own.received / 2) / own.received.max(1);
        cell(match own.received {
            0 => "–".to_owned(),
            _ => format!("{percent} %"),
        })
    };
    let line = |name: &'static str, n: u32, share: Cell| {
        Row::Cells(vec![vec![Inline::Strong(cell(name))], cell(n.to_string()), share])
    };
    let mut rows = vec![
        line(
            of.say("Référencements reçus", "Referrals received"),
            own.received,
            cell("–"),
        ),
        line(of.say("Répondus", "Answered"), own.answered, share(own.answered)),
        line(
            of.say("Répondus dans le délai", "Answered in time"),
            own.in_time,
            share(own.in_time),
        ),
        line(
            of.say(
                "Personnes servies, en tout ou en partie",
                "Persons served, in whole or in part",
            ),
            own.served,
            share(own.served),
        ),
        line(
            of.say(
                "Non acceptés, faute de place ou de moyens",
                "Declined for want of room or means",
            ),
            own.without_means,
            share(own.without_means),
        ),
    ];
    if !own.regions.is_empty() {
        rows.push(Row::Band(cell(of.say("Reçus, par région", "Received, by region"))));
        rows.extend(
            own.regions
                .iter()
                .map(|(name, n)| Row::Cells(vec![cell(name.as_str()), cell(n.to_string()), share(*n)])),
        );
    }
    let head = [
        of.say("Relevé", "Statement"),
        of.say("Nombre", "Number"),
        of.say("Part", "Share"),
    ];
    let caption = format!("{}, {} – {}", own.organisation, day(own.from), day(own.until));
    let mut blocks = vec![made(&caption, &head, rows)];
    let reply = match own.reply_until {
        None => of
            .say(
                "Ces chiffres ne vous ont pas encore été soumis : personne d’autre ne les lit sous votre nom.",
                "These figures have not been put before you yet: nobody else reads them under your name.",
            )
            .to_owned(),
        Some(until) => format!(
            "{} {}.",
            of.say("Chiffres contestables jusqu’au", "Figures may be contested until"),
            day(until)
        ),
    };
    blocks.push(Block::Paragraph(cell(reply)));
    if !own.reply.is_empty() {
        let mut says = vec![Inline::Strong(cell(
            of.say("Réponse de la structure : ", "Reply of the organisation: "),
        ))];
        says.push(Inline::text(own.reply.as_str()));
        blocks.push(Block::Note(vec![Block::Paragraph(says)]));
    }
    blocks
}
