//! What is missing: a category that no entry offers in an area, or none that
//! can be relied on.

use relais_mechanism::closed_enum;

use super::Matrix;

closed_enum! {
    /// How a category is missing.
    GapKind {
        /// There is no entry.
        None = "none",
        /// Every entry is in doubt.
        Doubtful = "doubtful",
    }
}

/// A category that is missing in an area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Code of the category.
    pub category: String,
    /// Code of the area.
    pub area: String,
    /// How.
    pub kind: GapKind,
    /// Entries of the category by telephone or online: what is left to offer.
    pub remote: u32,
    /// Entries of the category elsewhere that serve this area too.
    pub wide: u32,
}

impl Matrix {
    /// What is missing, category by category, in the order of lines and columns.
    #[must_use]
    pub fn gaps(&self) -> Vec<Gap> {
        let mut gaps = Vec::new();
        for (category, line) in &self.lines {
            for (area, cell) in self.areas.iter().zip(&line.areas) {
                let kind = match cell.entries {
                    0 => GapKind::None,
                    _ if cell.is_only_doubtful() => GapKind::Doubtful,
                    _ => continue,
                };
                gaps.push(Gap {
                    category: category.clone(),
                    area: area.clone(),
                    kind,
                    remote: line.remote.entries,
                    wide: line.wide.entries,
                });
            }
        }
        gaps
    }
}
