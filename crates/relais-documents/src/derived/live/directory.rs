//! The directory of providers on paper: by region and category, numbered, with an
//! index of the organisations.

use std::collections::BTreeMap;

use relais_mechanism::places::fold;

use super::super::cell;
use super::{Of, dashed, day, made};
use crate::live::LiveService;
use crate::model::{Block, Cell, Inline, Row};

/// A table for each region, then the index.
pub(super) fn by_region(of: &Of<'_>) -> Vec<Block> {
    let all = &of.live.directory;
    if all.is_empty() {
        return of.none_of(of.say(
            "Aucun service publié à l’annuaire",
            "No service is published in the directory",
        ));
    }
    // Whoever may not know the focal points has no columns for them either.
    let contacts = all.iter().any(|s| !s.focal_point.is_empty() || !s.alternate.is_empty());
    let mut head = vec![
        of.say("N°", "No."),
        of.say("Service", "Service"),
        of.say("Structure et lieu", "Organisation and place"),
        of.say("Téléphone", "Telephone"),
    ];
    if contacts {
        head.push(of.say("Point focal, suppléant", "Focal point, alternate"));
    }
    head.push(of.say("Vérifié le", "Verified on"));
    let mut index: BTreeMap<String, (&str, Vec<usize>)> = BTreeMap::new();
    let mut blocks = Vec::new();
    let mut at = 0;
    while at < all.len() {
        let region = all[at].region.as_str();
        let until = at + all[at..].iter().take_while(|s| s.region == region).count();
        let mut rows = Vec::new();
        let mut category = None;
        for (n, service) in (at..until).map(|n| (n + 1, &all[n])) {
            if category != Some(service.category.as_str()) {
                category = Some(service.category.as_str());
                rows.push(Row::Band(cell(service.category.as_str())));
            }
            rows.push(row(n, service, contacts));
            let line = index
                .entry(fold(&service.organisation))
                .or_insert_with(|| (service.organisation.as_str(), Vec::new()));
            line.1.push(n);
        }
        let caption = if region.is_empty() {
            of.say("Services sans région", "Services without a region")
        } else {
            region
        };
        blocks.push(made(caption, &head, rows));
        at = until;
    }
    blocks.push(Block::PageBreak);
    let rows = index.into_values().map(|(name, numbers)| {
        let numbers: Vec<String> = numbers.iter().map(usize::to_string).collect();
        Row::Cells(vec![cell(name), cell(numbers.join(", "))])
    });
    let head = [of.say("Structure", "Organisation"), of.say("Numéros", "Numbers")];
    let caption = of.say("Index des structures", "Index of the organisations");
    blocks.push(made(caption, &head, rows.collect()));
    blocks
}

fn row(n: usize, service: &LiveService, contacts: bool) -> Row {
    let mut who = cell(service.organisation.as_str());
    who.push(Inline::Break);
    who.push(Inline::text(service.place.as_str()));
    // Whoever reads it on a screen comes to the entry as it is today.
    let name = if service.address.is_empty() {
        Inline::Strong(cell(service.name.as_str()))
    } else {
        Inline::Link {
            to: service.address.clone(),
            text: cell(service.name.as_str()),
        }
    };
    let mut cells = vec![
        cell(n.to_string()),
        vec![name],
        who,
        dashed(cell(service.telephone.as_str())),
    ];
    if contacts {
        let mut both: Cell = cell(service.focal_point.as_str());
        if !service.alternate.is_empty() {
            both.push(Inline::Break);
            both.push(Inline::text(service.alternate.as_str()));
        }
        cells.push(dashed(both));
    }
    let confirmed = service.confirmed_on.map(day).unwrap_or_default();
    cells.push(dashed(cell(confirmed)));
    Row::Cells(cells)
}
