//! Workbooks of 2007 and later, as far as a list needs them: the first visible
//! sheet, values as they are shown, formulas never run.
//!
//! Written here on `flate2` (which packs the server's answers anyway) and
//! `quick-xml`, not on a crate that opens whole workbooks: such a crate keeps
//! every shared string and lays a sheet out from its first to its last cell, so
//! that a file of some kilobytes with one cell in the last corner takes
//! gigabytes. Here each part is unpacked as it is read, against one budget, and
//! only cells with text are kept.

mod archive;
mod sheet;
mod styles;
mod write;

use std::cell::Cell;
use std::collections::BTreeMap;

use archive::{Archive, Part};
use quick_xml::events::{BytesStart, Event};

pub use write::{Heading, TYPE, Workbook};

use crate::problem::FileProblem;
use crate::table::{Grid, Limits, ReadAs};

/// Longest text of a cell that is kept, in bytes; as in a CSV file.
const MAX_CELL: usize = relais_network::import::MAX_CELL;

/// Reads the first visible sheet.
///
/// # Errors
/// [`FileProblem`].
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<Grid, FileProblem> {
    let archive = Archive::open(bytes)?;
    if !archive.has("xl/workbook.xml") {
        // Packed, and no workbook: a text document, another maker's sheet, pictures.
        return Err(FileProblem::NotATable);
    }
    let left = Cell::new(limits.unpacked);
    let unpack = |name: &str, part| archive.part(name, part, &left, limits.unpacked);
    let book = workbook(&mut unpack("xl/workbook.xml", "workbook.xml")?)?;
    let targets = relations(&mut unpack("xl/_rels/workbook.xml.rels", "workbook.xml.rels")?)?;
    let sheet = book.sheet.and_then(|id| targets.get(&id)).ok_or(FileProblem::NoSheet)?;
    let of_kind = |kind: &str| {
        targets
            .values()
            .find(|t| t.kind.ends_with(kind))
            .map(|t| t.path.as_str())
    };
    let strings = match of_kind("/sharedStrings") {
        Some(path) if archive.has(path) => sheet::shared_strings(&mut unpack(path, "sharedStrings.xml")?, limits)?,
        _ => Vec::new(),
    };
    let dates = match of_kind("/styles") {
        Some(path) if archive.has(path) => styles::dates(&mut unpack(path, "styles.xml")?)?,
        _ => Vec::new(),
    };
    let lines = sheet::lines(
        &mut unpack(&sheet.path, "sheet.xml")?,
        &sheet::Book {
            strings: &strings,
            dates: &dates,
            since_1904: book.since_1904,
        },
        limits,
    )?;
    if lines.is_empty() {
        return Err(FileProblem::Empty);
    }
    Ok(Grid {
        read_as: ReadAs::Xlsx,
        lines,
        unread: Vec::new(),
    })
}

struct Contents {
    /// Relation of the first visible sheet.
    sheet: Option<String>,
    since_1904: bool,
}

/// An attribute by its name without prefix.
fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    element
        .attributes()
        .flatten()
        .find(|a| a.key.local_name().as_ref() == name)
        .and_then(|a| {
            a.normalized_value(quick_xml::XmlVersion::Implicit1_0)
                .ok()
                .map(std::borrow::Cow::into_owned)
        })
}

fn workbook(part: &mut Part<'_>) -> Result<Contents, FileProblem> {
    let mut book = Contents {
        sheet: None,
        since_1904: false,
    };
    part.each(|event| {
        if let Event::Start(e) | Event::Empty(e) = event {
            match e.local_name().as_ref() {
                "workbookPr" => {
                    book.since_1904 = matches!(attribute(e, "date1904").as_deref(), Some("1" | "true"));
                }
                "sheet" if book.sheet.is_none() && attribute(e, "state").is_none_or(|s| s == "visible") => {
                    book.sheet = attribute(e, "id");
                }
                _ => {}
            }
        }
        Ok(())
    })?;
    Ok(book)
}

struct Target {
    kind: String,
    path: String,
}

fn relations(part: &mut Part<'_>) -> Result<BTreeMap<String, Target>, FileProblem> {
    let mut targets = BTreeMap::new();
    part.each(|event| {
        if let Event::Start(e) | Event::Empty(e) = event
            && e.local_name().as_ref() == "Relationship"
            // What lies outside the file is not looked at.
            && attribute(e, "TargetMode").is_none_or(|m| m != "External")
            && let (Some(id), Some(kind), Some(target)) = (attribute(e, "Id"), attribute(e, "Type"), attribute(e, "Target"))
        {
            let path = match target.strip_prefix('/') {
                Some(whole) => whole.to_owned(),
                None => format!("xl/{target}"),
            };
            targets.insert(id, Target { kind, path });
        }
        Ok(())
    })?;
    Ok(targets)
}
