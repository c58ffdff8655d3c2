//! From rows to organisations, places and services.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::NaiveDate;
use relais_mechanism::Label;
use sha2::{Digest, Sha256};

use super::mapping::{Encoding, Mapping, Reach, TypeRule};
use super::problem::{Cause, FileError, Remark, RowProblem};
use super::table::{Fault, MOST_CELLS, Rows};
use crate::bodies::body_id;
use crate::catalogue::{AreaLevel, Catalogue, Geography};
use crate::check::FieldProblem;
use crate::gate::Safeguards;
use crate::ids::derived;
use crate::organisation::{Organisation, Origin};
use crate::place::{Place, Point};
use crate::service::{ServedArea, Service};
use crate::{OrganisationId, PlaceId, ServiceId, words};

/// SHA-256 of what a row says, mapped: equal hashes, nothing to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContentHash(pub [u8; 32]);

impl std::fmt::Display for ContentHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// What one row makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Facility {
    /// The row's key in its source.
    pub key: String,
    /// The organisation.
    pub organisation: Organisation,
    /// Its place.
    pub place: Place,
    /// What it offers there.
    pub services: Vec<Service>,
    /// Hash of the three.
    pub hash: ContentHash,
}

/// A row read: what it makes, or every reason why it makes nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct RowOutcome {
    /// Number of the row, the first after the header is 1.
    pub row: usize,
    /// Line of the file where it begins, the header's is 1.
    pub line: usize,
    /// The facility, or the problems.
    pub result: Result<Box<Facility>, Vec<RowProblem>>,
    /// What there is to say about it all the same.
    pub remarks: Vec<Remark>,
}

/// Reads a whole file. Every row comes out once, sound or not.
///
/// # Errors
/// [`FileError`] when the file as a whole cannot be read: empty, UTF-16, or a
/// header without a column of the mapping.
pub fn parse(
    bytes: &[u8],
    mapping: &Mapping,
    geography: &Geography,
    catalogue: &Catalogue,
) -> Result<Vec<RowOutcome>, FileError> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(FileError::Utf16);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut rows = Rows::new(bytes, mapping.delimiter as u8);
    let header = rows
        .next()
        .ok_or(FileError::Empty)?
        .cells
        .map_err(|_| FileError::BadHeader)?;
    let header: Vec<String> = header
        .iter()
        .map(|c| String::from_utf8_lossy(c).trim().to_owned())
        .collect();
    rows.expect_width(header.len());
    let reader = Reader::new(mapping, geography, catalogue, &header)?;
    Ok(rows
        .enumerate()
        .map(|(i, raw)| {
            let mut remarks = Vec::new();
            let result = match raw.cells {
                Ok(cells) => reader.row(&cells, &mut remarks).map(Box::new),
                Err((fault, beginning)) => {
                    let beginning = String::from_utf8_lossy(beginning);
                    Err(vec![match fault {
                        Fault::Quotes => RowProblem::new("", &beginning, Cause::Quotes),
                        Fault::Wide => RowProblem::new(
                            "",
                            &beginning,
                            Cause::Cells {
                                found: MOST_CELLS,
                                expected: header.len(),
                            },
                        ),
                        Fault::Huge { column } => {
                            let name = header.get(column).map_or("", String::as_str);
                            RowProblem::new(name, &beginning, Cause::Huge)
                        }
                    }])
                }
            };
            RowOutcome {
                row: i + 1,
                line: raw.line,
                result,
                remarks,
            }
        })
        .collect())
}

/// The mapping, made ready for one file.
struct Reader<'m> {
    mapping: &'m Mapping,
    geography: &'m Geography,
    catalogue: &'m Catalogue,
    header: &'m [String],
    key: Vec<usize>,
    name: usize,
    kind: Option<usize>,
    region: usize,
    latitude: Option<usize>,
    longitude: Option<usize>,
    town: Option<usize>,
    telephone: Option<usize>,
    email: Option<usize>,
    types: HashMap<String, &'m TypeRule>,
    regions: HashMap<String, &'m str>,
    parent: Option<OrganisationId>,
}

/// The cells of a row as text, with what went wrong on the way.
struct Cells<'r> {
    header: &'r [String],
    text: Vec<Cow<'r, str>>,
    problems: Vec<RowProblem>,
}

impl Cells<'_> {
    fn problem(&mut self, column: usize, cause: Cause) {
        let value = self.text.get(column).map_or("", |t| t);
        self.problems.push(RowProblem::new(&self.header[column], value, cause));
    }
}

impl<'m> Reader<'m> {
    fn new(
        mapping: &'m Mapping,
        geography: &'m Geography,
        catalogue: &'m Catalogue,
        header: &'m [String],
    ) -> Result<Self, FileError> {
        let find = |name: &String| {
            let mut at = header.iter().enumerate().filter(|(_, h)| *h == name).map(|(i, _)| i);
            match (at.next(), at.next()) {
                (Some(i), None) => Ok(i),
                (Some(_), Some(_)) => Err(FileError::ColumnTwice { column: name.clone() }),
                (None, _) => Err(FileError::MissingColumn {
                    column: name.clone(),
                    found: header.to_vec(),
                }),
            }
        };
        let find_opt = |name: &Option<String>| name.as_ref().map(find).transpose();
        let columns = &mapping.columns;
        Ok(Self {
            mapping,
            geography,
            catalogue,
            header,
            key: mapping.key.iter().map(find).collect::<Result<_, _>>()?,
            name: find(&columns.name)?,
            kind: find_opt(&columns.r#type)?,
            region: find(&columns.region)?,
            latitude: find_opt(&columns.latitude)?,
            longitude: find_opt(&columns.longitude)?,
            town: find_opt(&columns.town)?,
            telephone: find_opt(&columns.telephone)?,
            email: find_opt(&columns.email)?,
            types: mapping
                .types
                .iter()
                .flat_map(|t| t.values.iter().map(move |v| (words::fold(v), t)))
                .collect(),
            regions: mapping
                .regions
                .iter()
                .map(|(name, pcode)| (words::fold(name), pcode.as_str()))
                .collect(),
            parent: mapping.constants.parent.as_deref().map(body_id),
        })
    }

    fn row(&self, raw: &[Cow<'_, [u8]>], remarks: &mut Vec<Remark>) -> Result<Facility, Vec<RowProblem>> {
        if raw.len() != self.header.len() {
            let cause = Cause::Cells {
                found: raw.len(),
                expected: self.header.len(),
            };
            let beginning = raw.first().map(|c| String::from_utf8_lossy(c)).unwrap_or_default();
            return Err(vec![RowProblem::new("", &beginning, cause)]);
        }
        let mut cells = self.decode(raw, remarks);
        for column in self.used() {
            if cells.text[column].chars().any(|c| c.is_control() && !c.is_whitespace()) {
                cells.problem(column, Cause::Field(FieldProblem::ControlCharacter));
            }
        }
        let name = tidy(&cells.text[self.name]);
        if self.absent(&name) {
            cells.problem(self.name, Cause::Missing);
        }
        let rule = self.rule(&mut cells);
        let region = self.region(&mut cells);
        let point = self.point(&mut cells, remarks);
        // The rest makes sense only for a row that has stood so far.
        let (Some(rule), Some(region), Ok(point), true) = (rule, region, point, cells.problems.is_empty()) else {
            return Err(cells.problems);
        };
        let facility = self.facility(&cells, name, rule, region, point, remarks);
        self.check(&mut cells, &facility);
        if cells.problems.is_empty() {
            Ok(facility)
        } else {
            Err(cells.problems)
        }
    }

    /// Columns that the mapping reads, each once.
    fn used(&self) -> Vec<usize> {
        let one = [
            Some(self.name),
            self.kind,
            Some(self.region),
            self.latitude,
            self.longitude,
            self.town,
            self.telephone,
            self.email,
        ];
        let mut used: Vec<usize> = one.into_iter().flatten().chain(self.key.iter().copied()).collect();
        used.sort_unstable();
        used.dedup();
        used
    }

    fn decode<'r>(&'r self, raw: &'r [Cow<'r, [u8]>], remarks: &mut Vec<Remark>) -> Cells<'r> {
        let mut cells = Cells {
            header: self.header,
            text: Vec::with_capacity(raw.len()),
            problems: Vec::new(),
        };
        for (column, bytes) in raw.iter().enumerate() {
            match (std::str::from_utf8(bytes), self.mapping.encoding) {
                (Ok(text), _) => cells.text.push(Cow::Borrowed(text)),
                (Err(_), Encoding::Utf8OrWindows1252) => {
                    cells
                        .text
                        .push(Cow::Owned(bytes.iter().copied().map(windows_1252).collect()));
                    if !remarks.contains(&Remark::Windows1252) {
                        remarks.push(Remark::Windows1252);
                    }
                }
                (Err(_), Encoding::Utf8) => {
                    cells.text.push(String::from_utf8_lossy(bytes));
                    cells.problem(column, Cause::Encoding);
                }
            }
        }
        cells
    }

    fn absent(&self, text: &str) -> bool {
        text.is_empty() || self.mapping.nothing.iter().any(|n| n == text)
    }

    /// The cell, trimmed; `None` when it says nothing.
    fn optional(&self, cells: &Cells<'_>, column: Option<usize>) -> Option<String> {
        let text = tidy(&cells.text[column?]);
        (!self.absent(&text)).then_some(text)
    }

    fn rule(&self, cells: &mut Cells<'_>) -> Option<&'m TypeRule> {
        let Some(column) = self.kind else {
            return self.mapping.types.first();
        };
        let text = tidy(&cells.text[column]);
        let found = self.types.get(&words::fold(&text)).copied();
        if self.absent(&text) {
            cells.problem(column, Cause::Missing);
        } else if found.is_none() {
            let known = self
                .mapping
                .types
                .iter()
                .flat_map(|t| t.values.iter().cloned())
                .collect();
            cells.problem(column, Cause::UnknownType { known });
        }
        found
    }

    fn region(&self, cells: &mut Cells<'_>) -> Option<&'m str> {
        let text = tidy(&cells.text[self.region]);
        if self.absent(&text) {
            cells.problem(self.region, Cause::Missing);
            return None;
        }
        let mapped = self
            .regions
            .get(&words::fold(&text))
            .and_then(|pcode| self.geography.area(pcode));
        let by_code = || self.geography.area(&text).filter(|a| a.level == AreaLevel::Region);
        let found = mapped.or_else(|| self.geography.region_named(&text)).or_else(by_code);
        if found.is_none() {
            let own = self.geography.areas().iter().filter(|a| a.level == AreaLevel::Region);
            let known = self
                .mapping
                .regions
                .keys()
                .cloned()
                .chain(own.map(|a| a.name.fr.clone()))
                .collect();
            cells.problem(self.region, Cause::UnknownRegion { known });
        }
        found.map(|a| a.pcode.as_str())
    }

    /// The point; `Err` when a cell is wrong, `Ok(None)` when both are empty.
    fn point(&self, cells: &mut Cells<'_>, remarks: &mut Vec<Remark>) -> Result<Option<Point>, ()> {
        let (Some(lat_column), Some(lon_column)) = (self.latitude, self.longitude) else {
            remarks.push(Remark::RegionOnly);
            return Ok(None);
        };
        let lat = self.coordinate(cells, lat_column, 90, remarks)?;
        let lon = self.coordinate(cells, lon_column, 180, remarks)?;
        match (lat, lon) {
            (None, None) => {
                remarks.push(Remark::RegionOnly);
                Ok(None)
            }
            (Some(_), None) => {
                cells.problem(lon_column, Cause::HalfAPoint);
                Err(())
            }
            (None, Some(_)) => {
                cells.problem(lat_column, Cause::HalfAPoint);
                Err(())
            }
            (Some(lat), Some(lon)) => match self.mapping.bounds {
                Some(bounds) if !bounds.contain(lat, lon) => {
                    let swapped = bounds.contain(lon, lat);
                    cells.problem(lat_column, if swapped { Cause::Swapped } else { Cause::OutsideBounds });
                    Err(())
                }
                _ => Ok(Point::new(lat, lon)),
            },
        }
    }

    fn coordinate(
        &self,
        cells: &mut Cells<'_>,
        column: usize,
        limit: u16,
        remarks: &mut Vec<Remark>,
    ) -> Result<Option<f64>, ()> {
        let Some(text) = self.optional(cells, Some(column)) else {
            return Ok(None);
        };
        // Digits, one sign, one mark: what Rust reads beside that ("inf",
        // "NaN", exponents) is no coordinate that a person wrote.
        let comma = text.matches(',').count() == 1 && !text.contains('.');
        let plain = if comma { text.replace(',', ".") } else { text };
        let digits = plain.strip_prefix(['-', '+', '−']).unwrap_or(&plain);
        let sound = !digits.is_empty()
            && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            && digits.bytes().any(|b| b.is_ascii_digit());
        let value = if sound {
            plain.replace('−', "-").parse::<f64>().ok()
        } else {
            None
        };
        match value {
            None => {
                cells.problem(column, Cause::NotANumber);
                Err(())
            }
            Some(value) if value.abs() > f64::from(limit) => {
                cells.problem(column, Cause::OutOfRange { limit });
                Err(())
            }
            Some(value) => {
                if comma && !remarks.contains(&Remark::DecimalComma) {
                    remarks.push(Remark::DecimalComma);
                }
                Ok(Some(value))
            }
        }
    }

    fn facility(
        &self,
        cells: &Cells<'_>,
        name: String,
        rule: &TypeRule,
        region: &str,
        point: Option<Point>,
        remarks: &mut Vec<Remark>,
    ) -> Facility {
        let source = self.mapping.source.as_str();
        let constants = &self.mapping.constants;
        let key = self
            .key
            .iter()
            .map(|&c| tidy(&cells.text[c]))
            .collect::<Vec<_>>()
            .join(" | ");
        let id = OrganisationId(derived("organisation", source, &key));
        let place_id = PlaceId(derived("place", source, &key));
        let origin = |key: String| {
            Some(Origin {
                source: source.to_owned(),
                key,
            })
        };
        let estimated = point
            .filter(|_| constants.estimate_department)
            .and_then(|p| self.geography.nearest_department(region, p))
            .map(|(area, km)| {
                remarks.push(Remark::DepartmentEstimated {
                    pcode: area.pcode.clone(),
                    km,
                });
                area.pcode.clone()
            });
        let organisation = Organisation {
            id,
            code: format!("{}-{}", constants.code_prefix, &id.0.simple().to_string()[..12]),
            name: Label {
                fr: name.clone(),
                en: name.clone(),
            },
            kind: rule.kind,
            parent: self.parent,
            region: Some(region.to_owned()),
            department: None,
            telephone: self.optional(cells, self.telephone),
            email: self.optional(cells, self.email),
            state_body: constants.state_body,
            status: constants.status,
            origin: origin(key.clone()),
            demonstration: constants.demonstration,
            safeguards: Safeguards::default(),
            merged_into: None,
        };
        let place = Place {
            id: place_id,
            organisation: id,
            name,
            region: Some(region.to_owned()),
            department_estimated: estimated.is_some(),
            department: estimated,
            subdivision: None,
            town: self.optional(cells, self.town),
            lat: point.map(|p| p.lat),
            lon: point.map(|p| p.lon),
            confidential: rule.confidential,
        };
        let services = rule
            .services
            .iter()
            .filter_map(|code| self.catalogue.service_type(code))
            .map(|kind| {
                let key = format!("{key} | {}", kind.code);
                let service = ServiceId(derived("service", source, &key));
                Service {
                    name: kind.name.clone(),
                    served_area: match rule.serves {
                        Reach::Region => ServedArea::Region(region.to_owned()),
                        Reach::Country => ServedArea::Country,
                    },
                    modes: constants.modes.clone(),
                    targets: constants.targets.clone(),
                    cost: constants.cost,
                    // A list says that a facility stood there once; nobody has
                    // confirmed the entry.
                    confirmed_on: None::<NaiveDate>,
                    status: constants.status,
                    confidential: kind.confidential || rule.confidential,
                    origin: origin(key),
                    demonstration: constants.demonstration,
                    ..Service::proposed(service, id, kind.code.clone(), place_id)
                }
            })
            .collect();
        let hash = content_hash(&organisation, &place, &services);
        Facility {
            key,
            organisation,
            place,
            services,
            hash,
        }
    }

    /// The rules of the records themselves, brought back to the columns.
    fn check(&self, cells: &mut Cells<'_>, facility: &Facility) {
        let mut errors = facility.organisation.check();
        errors.extend(facility.place.check());
        errors.extend(facility.services.iter().flat_map(Service::check));
        for error in errors {
            let column = match error.field {
                "telephone" => self.telephone,
                "email" => self.email,
                "town" => self.town,
                "lat" => self.latitude,
                "lon" => self.longitude,
                "region" | "department" => Some(self.region),
                _ => Some(self.name),
            };
            let column = column.unwrap_or(self.name);
            let cause = Cause::Field(error.problem);
            if !cells
                .problems
                .iter()
                .any(|p| p.column == self.header[column] && p.cause == cause)
            {
                cells.problem(column, cause);
            }
        }
    }
}

fn content_hash(organisation: &Organisation, place: &Place, services: &Vec<Service>) -> ContentHash {
    let text = serde_json::to_vec(&(organisation, place, services))
        .expect("records of text, finite numbers and lists always have a JSON form");
    ContentHash(Sha256::digest(&text).into())
}

/// White space as single spaces; also what a spreadsheet leaves of line ends
/// and non-breaking spaces within a name.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// A byte as Windows-1252 has it; the five empty places are their control
/// signs, as browsers read them.
fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}
