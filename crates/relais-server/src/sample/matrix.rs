//! Who does what, where: as much as a country's directory may fill.

use relais_acts::coordination::Demand;
use relais_acts::directory::matrix::{
    CategoryLine, DemandLine, DemandView, EndingLine, GapLine, MatrixView, Named, OverlapLine, dimension_name,
};
use relais_acts::services::{Mapped, MappedRow};
use relais_casework::calendar::local_date;
use relais_mechanism::taxonomy::Dimension;
use relais_network::matrix::{Cell, GapKind, Line, Reading};
use relais_network::place::Point;

use super::*;

fn mechanism() -> Mechanism {
    Mechanism::embedded("cameroon").expect("Cameroon's mechanism")
}

fn named(code: &str, name: &str) -> Named {
    Named {
        code: code.to_owned(),
        name: name.to_owned(),
    }
}

fn cell(n: usize, full: bool) -> Cell {
    let n = if full { u32::try_from(n).expect("few") } else { 0 };
    Cell {
        entries: n,
        organisations: n / 2,
        doubtful: if n == 3 { 3 } else { n / 7 },
        confirmed: n / 2,
        per_month: u64::from(n) * 12,
        per_month_said: n / 3,
        free: 4,
        free_said: n / 5,
    }
}

fn line(areas: usize, row: usize, full: bool) -> Line {
    Line {
        // One in eleven is missing; the others run from few to hundreds.
        areas: (0..areas)
            .map(|at| cell((row * 7 + at) % 11 * (row * 31 + at * 17), full))
            .collect(),
        unplaced: cell(1, full),
        here: cell(row * 90, full),
        wide: cell(4, full),
        remote: cell(12, full),
        all: cell(row * 90 + 17, full),
    }
}

/// The matrix of the country, of a region, or of one category.
pub(crate) fn view(lang: Lang, region: bool, category: bool, target: bool, full: bool) -> MatrixView {
    let mechanism = mechanism();
    let place = |p: &relais_mechanism::places::Place| named(&p.code, p.name(lang));
    let regions: Vec<Named> = mechanism.regions().map(place).collect();
    let areas: Vec<Named> = if region {
        mechanism.departments(Some("CM002")).map(place).collect()
    } else {
        regions.clone()
    };
    let categories = mechanism.categories().iter().map(|c| named(&c.code, c.label.get(lang)));
    let categories: Vec<Named> = categories.take(if category { 1 } else { 17 }).collect();
    let group = |code: &str| named(code, mechanism.option_label("target", code, lang).unwrap_or(code));
    let gap = |category: &Named, kind, areas: &[Named]| GapLine {
        category: category.clone(),
        kind,
        areas: areas.to_vec(),
        remote: 2,
        wide: 0,
    };
    MatrixView {
        on: local_date(now()),
        by: Reading::Served,
        region: region.then(|| regions[1].clone()),
        target: target.then(|| group("women")),
        dimension: None,
        category: category.then(|| categories[0].clone()),
        lines: (1..)
            .zip(&categories)
            .map(|(n, category)| CategoryLine {
                category: category.clone(),
                line: line(areas.len(), n, full),
            })
            .collect(),
        sum: line(areas.len(), 30, full),
        gaps: if full {
            let kinds = [(GapKind::None, 6), (GapKind::Doubtful, 4)];
            let all = kinds
                .iter()
                .flat_map(|(kind, n)| categories.iter().map(move |c| (c, *kind, *n)));
            all.map(|(c, kind, n)| gap(c, kind, &areas[..n.min(areas.len())]))
                .collect()
        } else {
            Vec::new()
        },
        overlaps: if full {
            vec![
                OverlapLine {
                    category: categories[0].clone(),
                    target: group("uasc"),
                    area: named("CM002007003", "Yaoundé 3e"),
                    region: regions[1].clone(),
                    organisations: vec!["Association des jeunes de retour de Yaoundé".to_owned(); 9],
                };
                200
            ]
        } else {
            Vec::new()
        },
        overlaps_found: if full { 341 } else { 0 },
        ending: if full {
            let line = |region: &Named| EndingLine {
                region: region.clone(),
                services: 12,
                first: now().date_naive(),
            };
            regions.iter().map(line).collect()
        } else {
            Vec::new()
        },
        ending_days: 60,
        ratified: if full { 812 } else { 0 },
        demand: None,
        together: false,
        targets: mechanism
            .option_list("target")
            .map(|list| list.choices.iter().map(|c| group(&c.code)).collect())
            .unwrap_or_default(),
        dimensions: Dimension::ALL
            .iter()
            .map(|d| named(d.code(), dimension_name(*d, lang)))
            .collect(),
        areas,
        regions,
        now: now(),
    }
}

/// What was asked for, one count of it too small to be shown.
pub(crate) fn demand(lang: Lang) -> DemandView {
    let mechanism = mechanism();
    let one = |region: &str, group: &str, name: &str, unmet| DemandLine {
        demand: Demand {
            region: region.to_owned(),
            group: group.to_owned(),
            name: name.to_owned(),
            needs: Some(140),
            referrals: Some(96),
            unmet,
        },
        region_name: mechanism.place(region).map_or(region, |p| p.name(lang)).to_owned(),
        per_month: Some(80),
        free: None,
    };
    let restricted = match lang {
        Lang::Fr => "Besoin à accès restreint",
        Lang::En => "Restricted need",
    };
    let mut lines: Vec<DemandLine> = mechanism
        .categories()
        .iter()
        .map(|c| one("CM004", &c.code, c.label.get(lang), Some(31)))
        .collect();
    lines.insert(0, one("CM005", "restricted", restricted, None));
    DemandView {
        from: "2026-09".to_owned(),
        until: "2026-11".to_owned(),
        lines,
        smallest: 10,
    }
}

/// Results of a search, one of them remote.
pub(crate) fn mapped(rows: usize) -> Mapped {
    let row = |n: usize| {
        let step = f64::from(u32::try_from(n).expect("few"));
        MappedRow {
            name: format!("Consultation psychologique ou psychiatrique {n}"),
            organisation: "Hôpital régional de Maroua".to_owned(),
            place: "Maroua, Extrême-Nord".to_owned(),
            distance_km: Some(step * 3.5),
            remote: n == 1,
            point: Point::new(4.0 + step * 0.3, 9.6 + step * 0.2).filter(|_| n != 1),
        }
    };
    Mapped {
        rows: (0..rows).map(row).collect(),
        total: rows * 3,
        next: (rows > 0).then(|| "b".repeat(48)),
        country: "CM".to_owned(),
        regions: vec![("CM001".to_owned(), "Adamaoua".to_owned())],
        now: now(),
    }
}
