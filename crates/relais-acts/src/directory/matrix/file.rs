//! The matrix as a file: a workbook with the table, a line for each cell, gaps
//! and overlaps; or the cells as CSV.

use chrono::NaiveDate;
use relais_interchange::directory::matrix::{CellLine, Gap, MatrixFile, Overlap, Told};
use relais_interchange::xlsx;
use relais_mechanism::{Lang, Mechanism, closed_enum};
use relais_network::matrix::{Asked, Matrix};

use super::{MatrixAsked, Named, Read, named, told};
use crate::desk::{Desk, Viewer};
use crate::directory::Exported;
use crate::network::Network;
use crate::problem::ActError;

closed_enum! {
    /// A format of the matrix.
    MatrixFormat {
        /// A workbook.
        Xlsx = "xlsx",
        /// A table as text.
        Csv = "csv",
    }
}

impl MatrixFormat {
    /// What it is served as.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Xlsx => xlsx::TYPE,
            Self::Csv => "text/csv; charset=utf-8",
        }
    }
}

/// The matrix as a file: regions and departments, whatever is looked at, within
/// the reading, group and categories that are asked for. Nothing of cases.
///
/// # Errors
/// [`ActError::Invalid`] naming the parameter that cannot be read.
pub fn export(
    desk: &Desk,
    viewer: &Viewer,
    asked: &MatrixAsked,
    format: MatrixFormat,
    on: NaiveDate,
) -> Result<Exported, ActError> {
    let (mechanism, network) = (desk.mechanism(), desk.network());
    let mut read = asked.read(&mechanism, on)?;
    read.asked.region = None;
    let lang = viewer.lang;
    let file = gathered(&mechanism, &network, &read, lang, &viewer.organisation_name)?;
    let bytes = match format {
        MatrixFormat::Xlsx => file.xlsx(lang),
        MatrixFormat::Csv => file.csv(lang),
    };
    let stem = match lang {
        Lang::Fr => "matrice",
        Lang::En => "matrix",
    };
    Ok(Exported {
        name: format!("{stem}-{on}.{}", format.code()),
        bytes,
        services: network.ground(&mechanism).len(),
        organisations: network.shown_organisations(&mechanism).ordered.len(),
    })
}

fn gathered(
    mechanism: &Mechanism,
    network: &Network,
    read: &Read,
    lang: Lang,
    from: &str,
) -> Result<MatrixFile, ActError> {
    let ground = network.ground(mechanism);
    let matrix = |asked: &Asked| ground.matrix(asked).ok_or(ActError::NotFound);
    let country = matrix(&read.asked)?;
    let mut file = MatrixFile {
        regions: Vec::new(),
        cells: Vec::new(),
        remote: Vec::new(),
        gaps: Vec::new(),
        overlaps: Vec::new(),
        told: Told {
            made_on: read.asked.today,
            from: from.to_owned(),
            by: read.asked.by,
            target: read.asked.target.map(|t| {
                let label = mechanism.option_label("target", t.code(), lang);
                label.unwrap_or(t.code()).to_owned()
            }),
            version: mechanism.version().to_owned(),
            country: mechanism.country().label.get(lang).to_owned(),
        },
    };
    file.regions = country
        .areas
        .iter()
        .map(|code| named(mechanism, code, lang).name)
        .collect();
    for (code, line) in &country.lines {
        let category = mechanism.category(code).map_or(code.as_str(), |c| c.label.get(lang));
        file.remote.push((category.to_owned(), line.remote, line.wide));
    }
    add(&mut file, mechanism, &country, None, lang);
    for region in &country.areas {
        let asked = Asked {
            region: Some(region.clone()),
            ..read.asked.clone()
        };
        let region = named(mechanism, region, lang);
        add(&mut file, mechanism, &matrix(&asked)?, Some(&region), lang);
    }
    file.overlaps = ground
        .overlaps(&read.asked)
        .iter()
        .map(|found| {
            let line = told::overlap(mechanism, network, found, lang);
            Overlap {
                region: line.region.name,
                area: line.area.name,
                category: line.category.name,
                target: line.target.name,
                organisations: line.organisations,
            }
        })
        .collect();
    Ok(file)
}

/// Adds the cells of a table, and what is missing in it.
fn add(file: &mut MatrixFile, mechanism: &Mechanism, matrix: &Matrix, region: Option<&Named>, lang: Lang) {
    let area = |code: &str| {
        let own = named(mechanism, code, lang);
        match region {
            None => (own.name, own.code, None),
            Some(region) => (region.name.clone(), own.code, Some(own.name)),
        }
    };
    for (code, line) in &matrix.lines {
        let category = mechanism.category(code).map_or(code.as_str(), |c| c.label.get(lang));
        for (at, cell) in matrix.areas.iter().zip(&line.areas) {
            let (region, pcode, department) = area(at);
            file.cells.push(CellLine {
                region,
                department,
                pcode,
                category: category.to_owned(),
                code: code.clone(),
                cell: *cell,
            });
        }
    }
    for gap in told::gaps(mechanism, matrix, lang) {
        for missing in &gap.areas {
            let (region, _, department) = area(&missing.code);
            file.gaps.push(Gap {
                region,
                department,
                category: gap.category.name.clone(),
                kind: gap.kind,
                remote: gap.remote,
                wide: gap.wide,
            });
        }
    }
}
