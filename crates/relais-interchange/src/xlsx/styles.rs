//! Which cell styles show a number as a date.

use std::collections::BTreeSet;

use quick_xml::events::Event;

use super::archive::Part;
use super::attribute;
use crate::problem::FileProblem;

/// Cell styles that are counted at most: a number per style, no more.
const MOST: usize = 65_536;

/// For each cell style, whether it shows a date.
pub(super) fn dates(part: &mut Part<'_>) -> Result<Vec<bool>, FileProblem> {
    let mut own: BTreeSet<u32> = BTreeSet::new();
    let mut styles = Vec::new();
    let mut within = false;
    part.each(|event| {
        match event {
            Event::Start(e) | Event::Empty(e) => match e.local_name().as_ref() {
                "cellXfs" => within = matches!(event, Event::Start(_)),
                "numFmt" if own.len() < MOST => {
                    if let (Some(id), Some(code)) = (attribute(e, "numFmtId"), attribute(e, "formatCode"))
                        && let Ok(id) = id.parse()
                        && shows_date(&code)
                    {
                        own.insert(id);
                    }
                }
                "xf" if within && styles.len() < MOST => {
                    let format = attribute(e, "numFmtId").and_then(|id| id.parse().ok()).unwrap_or(0);
                    styles.push(matches!(format, 14..=17 | 22 | 27..=36 | 50..=58) || own.contains(&format));
                }
                _ => {}
            },
            Event::End(e) if e.local_name().as_ref() == "cellXfs" => within = false,
            _ => {}
        }
        Ok(())
    })?;
    Ok(styles)
}

/// Whether a number format shows day or year; what stands in quotes or
/// brackets is no format.
fn shows_date(code: &str) -> bool {
    let (mut quoted, mut bracket) = (false, false);
    let mut signs = code.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '\\' | '_' | '*' => {
                signs.next();
            }
            '"' => quoted = !quoted,
            '[' if !quoted => bracket = true,
            ']' => bracket = false,
            'y' | 'Y' | 'd' | 'D' | 'a' | 'j' if !quoted && !bracket => return !code.eq_ignore_ascii_case("standard"),
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::shows_date;

    #[test]
    fn dates_are_told_from_numbers() {
        for code in ["dd/mm/yyyy", "yyyy-mm-dd;@", "[$-40C]d mmmm yyyy", "d"] {
            assert!(shows_date(code), "{code}");
        }
        for code in ["0.00", "#,##0\\ \"day\"", "General", "[Red]0", "@", "0%", "Standard"] {
            assert!(!shows_date(code), "{code}");
        }
    }
}
