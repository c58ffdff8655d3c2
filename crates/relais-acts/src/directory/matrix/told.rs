//! The matrix in words: codes with their names, gaps by category, demand beside
//! capacity.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use relais_mechanism::taxonomy::Dimension;
use relais_mechanism::{Lang, Mechanism};
use relais_network::Target;
use relais_network::matrix::{Asked, Matrix, Overlap};

use super::{
    CategoryLine, DemandLine, DemandView, GapLine, MatrixView, Named, OVERLAPS, OverlapLine, Read, named, region_of,
};
use crate::coordination::Demand;
use crate::desk::Desk;
use crate::network::Network;
use crate::problem::ActError;
use crate::say::say;

/// What a dimension is called.
#[must_use]
pub const fn dimension_name(dimension: Dimension, lang: Lang) -> &'static str {
    match dimension {
        Dimension::Economic => say(lang, "Économique", "Economic"),
        Dimension::Social => say(lang, "Sociale", "Social"),
        Dimension::Psychosocial => say(lang, "Psychosociale", "Psychosocial"),
        Dimension::Protection => say(lang, "Protection", "Protection"),
    }
}

fn category(mechanism: &Mechanism, code: &str, lang: Lang) -> Named {
    let known = mechanism.category(code);
    Named {
        code: code.to_owned(),
        name: known.map_or(code, |c| c.label.get(lang)).to_owned(),
    }
}

fn group(mechanism: &Mechanism, target: Target, lang: Lang) -> Named {
    let known = mechanism.option_label("target", target.code(), lang);
    Named {
        code: target.code().to_owned(),
        name: known.unwrap_or(target.code()).to_owned(),
    }
}

fn dimension(dimension: Dimension, lang: Lang) -> Named {
    Named {
        code: dimension.code().to_owned(),
        name: dimension_name(dimension, lang).to_owned(),
    }
}

/// The matrix with its names.
pub(super) fn view(
    mechanism: &Mechanism,
    network: &Network,
    read: &Read,
    lang: Lang,
    now: DateTime<Utc>,
) -> Result<MatrixView, ActError> {
    let (ground, asked) = (network.ground(mechanism), &read.asked);
    let matrix = ground.matrix(asked).ok_or(ActError::NotFound)?;
    let overlaps = ground.overlaps(asked);
    let area = |code: &str| named(mechanism, code, lang);
    Ok(MatrixView {
        on: asked.today,
        by: asked.by,
        region: asked.region.as_deref().map(area),
        target: asked.target.map(|t| group(mechanism, t, lang)),
        dimension: read.dimension.map(|d| dimension(d, lang)),
        category: read.category.as_deref().map(|c| category(mechanism, c, lang)),
        areas: matrix.areas.iter().map(|code| area(code)).collect(),
        gaps: gaps(mechanism, &matrix, lang),
        overlaps_found: overlaps.len(),
        overlaps: overlaps
            .iter()
            .take(OVERLAPS)
            .map(|found| overlap(mechanism, network, found, lang))
            .collect(),
        lines: matrix
            .lines
            .into_iter()
            .map(|(code, line)| CategoryLine {
                category: category(mechanism, &code, lang),
                line,
            })
            .collect(),
        sum: matrix.sum,
        ending: super::beside::ending(network, mechanism, asked, lang),
        ending_days: mechanism.rules().funding_reminder_days,
        ratified: super::beside::ratified(network, asked),
        demand: None,
        together: read.together,
        // What is for everyone is for each group: there is nothing to choose.
        targets: Target::ALL
            .iter()
            .filter(|t| **t != Target::Everyone)
            .map(|t| group(mechanism, *t, lang))
            .collect(),
        dimensions: Dimension::ALL.iter().map(|d| dimension(*d, lang)).collect(),
        regions: mechanism.regions().map(|r| area(&r.code)).collect(),
        now,
    })
}

/// What is missing: of each category, the areas without any entry, then those
/// where all are in doubt.
pub(super) fn gaps(mechanism: &Mechanism, matrix: &Matrix, lang: Lang) -> Vec<GapLine> {
    let mut lines: Vec<GapLine> = Vec::new();
    for gap in matrix.gaps() {
        let area = named(mechanism, &gap.area, lang);
        let known = lines
            .iter_mut()
            .find(|line| line.category.code == gap.category && line.kind == gap.kind);
        match known {
            Some(line) => line.areas.push(area),
            None => lines.push(GapLine {
                category: category(mechanism, &gap.category, lang),
                kind: gap.kind,
                areas: vec![area],
                remote: gap.remote,
                wide: gap.wide,
            }),
        }
    }
    // Missing in the most areas first; the categories' own order stays among equals.
    lines.sort_by_key(|line| (line.kind, std::cmp::Reverse(line.areas.len())));
    lines
}

pub(super) fn overlap(mechanism: &Mechanism, network: &Network, found: &Overlap, lang: Lang) -> OverlapLine {
    let mut organisations: Vec<String> = found.organisations.iter().map(|id| network.name(*id, lang)).collect();
    organisations.sort_unstable();
    OverlapLine {
        category: category(mechanism, &found.category, lang),
        target: group(mechanism, found.target, lang),
        area: named(mechanism, &found.area, lang),
        region: named(mechanism, region_of(mechanism, &found.area), lang),
        organisations,
    }
}

/// What was asked for, beside what entries there say they take; of the region
/// and the categories that are looked at.
pub(super) fn demand(
    desk: &Desk,
    read: &Read,
    (from, until): (String, String),
    found: Vec<Demand>,
    lang: Lang,
) -> DemandView {
    let (mechanism, network) = (desk.mechanism(), desk.network());
    let asked = Asked {
        region: None,
        target: None,
        ..read.asked.clone()
    };
    let matrix = network.ground(&mechanism).matrix(&asked);
    let mut capacity = BTreeMap::new();
    for (category, line) in matrix.iter().flat_map(|m| &m.lines) {
        let areas = matrix.iter().flat_map(|m| &m.areas);
        for (area, cell) in areas.zip(&line.areas) {
            capacity.insert((area.as_str(), category.as_str()), *cell);
        }
    }
    let wanted = |d: &Demand| {
        let region = read.asked.region.as_ref().is_none_or(|r| *r == d.region);
        region && (asked.categories.is_empty() || asked.categories.contains(&d.group))
    };
    let lines = found.into_iter().filter(wanted).map(|demand| {
        let cell = capacity.get(&(demand.region.as_str(), demand.group.as_str()));
        DemandLine {
            region_name: crate::share::place_name(&mechanism, &demand.region, lang),
            per_month: cell.filter(|c| c.per_month_said > 0).map(|c| c.per_month),
            free: cell.filter(|c| c.free_said > 0).map(|c| c.free),
            demand,
        }
    });
    DemandView {
        from,
        until,
        lines: lines.collect(),
        smallest: mechanism.rules().smallest_count,
    }
}
