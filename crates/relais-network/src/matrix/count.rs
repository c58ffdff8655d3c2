//! Counting: one walk over the entries, organisation by organisation.

use serde::Serialize;

use super::{Asked, Ground, Number, Row};

/// What is counted of the entries of a category in an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Cell {
    /// Entries.
    pub entries: u32,
    /// Organisations that offer them.
    pub organisations: u32,
    /// Entries in doubt.
    pub doubtful: u32,
    /// Entries whose confirmation holds and that are not in doubt.
    pub confirmed: u32,
    /// Persons a month, of those that say so.
    pub per_month: u64,
    /// Entries that say how many they take in a month.
    pub per_month_said: u32,
    /// Free places, of those that said so not long ago.
    pub free: u64,
    /// Entries that said not long ago how many places are free.
    pub free_said: u32,
}

impl Cell {
    /// Share of the entries whose confirmation holds, in percent, rounded down:
    /// 100 means all; none where there is no entry.
    #[must_use]
    pub fn confirmed_percent(&self) -> Option<u32> {
        (self.confirmed * 100).checked_div(self.entries)
    }

    /// Whether it has entries, and every one of them is in doubt.
    #[must_use]
    pub const fn is_only_doubtful(&self) -> bool {
        self.entries > 0 && self.doubtful == self.entries
    }

    fn add(&mut self, row: &Row, asked: &Asked, first_of_organisation: bool) {
        self.entries += 1;
        self.organisations += u32::from(first_of_organisation);
        self.doubtful += u32::from(row.doubtful);
        let holds = row.confirmed_until.is_some_and(|until| until >= asked.today);
        self.confirmed += u32::from(holds && !row.doubtful);
        if let Some(n) = row.per_month {
            self.per_month += u64::from(n);
            self.per_month_said += 1;
        }
        if let Some((n, _)) = row.free.filter(|(_, until)| *until >= asked.today) {
            self.free += u64::from(n);
            self.free_said += 1;
        }
    }
}

/// A line: one category, or all of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Line {
    /// The areas, in their order.
    pub areas: Vec<Cell>,
    /// Those laid to an area of another level: on the page of a region, to the
    /// region and none of its departments; else to no known region.
    pub unplaced: Cell,
    /// All on site that are laid to one of the areas, or to none: no entry twice.
    pub here: Cell,
    /// Those on site that serve more than one area of this level, also those from
    /// elsewhere in the country. They count in `areas` too, where their door stands.
    pub wide: Cell,
    /// Those that are offered by telephone or online, in the whole country. They
    /// count in `areas` too where they are offered on site as well.
    pub remote: Cell,
    /// All that stand in the line anywhere, no entry twice.
    pub all: Cell,
}

/// The matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    /// What was asked.
    pub asked: Asked,
    /// Codes of the areas, in the order of the columns.
    pub areas: Vec<String>,
    /// Code of each category that is asked for, and its line.
    pub lines: Vec<(String, Line)>,
    /// All of them together; an organisation counts once in it.
    pub sum: Line,
}

/// A cell with the organisation that was last counted in it: rows come by
/// organisation, so another one is a new one.
#[derive(Clone, Copy, Default)]
struct Counting {
    cell: Cell,
    last: Option<u32>,
}

impl Counting {
    fn add(&mut self, row: &Row, asked: &Asked) {
        self.cell.add(row, asked, self.last != Some(row.organisation));
        self.last = Some(row.organisation);
    }
}

/// Where an entry is laid, on the table that is asked for.
#[derive(Clone, Copy)]
enum Laid {
    /// To the area of this column.
    To(usize),
    /// To no column, but to the region or country of the table.
    Unplaced,
    /// To another region.
    Elsewhere,
}

/// A line being counted: the areas, then unplaced, here, wide, remote, all.
struct Slots(Vec<Counting>);

const BESIDE: usize = 5;

impl Slots {
    fn new(areas: usize) -> Self {
        Self(vec![Counting::default(); areas + BESIDE])
    }

    fn add(&mut self, row: &Row, asked: &Asked, laid: Laid) {
        let areas = self.0.len() - BESIDE;
        let mut add = |counts: bool, at: usize| {
            if counts {
                self.0[at].add(row, asked);
            }
            counts
        };
        let at = match laid {
            Laid::To(column) => Some(column),
            Laid::Unplaced => Some(areas),
            Laid::Elsewhere => None,
        };
        let here = row.on_site && at.is_some();
        add(here, at.unwrap_or(areas));
        add(here, areas + 1);
        // From elsewhere comes only what serves the whole country.
        let wide = row.is_wide(asked.region.is_some() && at.is_some());
        let wide = add(row.on_site && wide, areas + 2);
        let remote = add(row.remote, areas + 3);
        add(here || wide || remote, areas + 4);
    }

    fn done(self) -> Line {
        let areas = self.0.len() - BESIDE;
        let cell = |at: usize| self.0[areas + at].cell;
        Line {
            areas: self.0[..areas].iter().map(|s| s.cell).collect(),
            unplaced: cell(0),
            here: cell(1),
            wide: cell(2),
            remote: cell(3),
            all: cell(4),
        }
    }
}

impl Ground {
    /// Counts; `None` where the region is none of the country's.
    #[must_use]
    pub fn matrix(&self, asked: &Asked) -> Option<Matrix> {
        let region = match &asked.region {
            Some(code) => Some(self.region(code)?),
            None => None,
        };
        let (areas, columns) = self.columns(region);
        let lay = |row: &Row| {
            let (at_region, at_department) = row.laid(asked.by);
            let at = match region {
                None => at_region,
                Some(_) if at_region == region => at_department,
                Some(_) => return Laid::Elsewhere,
            };
            at.and_then(|n| columns[usize::from(n)])
                .map_or(Laid::Unplaced, Laid::To)
        };
        let mut lines: Vec<Slots> = self.categories.iter().map(|_| Slots::new(areas.len())).collect();
        let mut sum = Slots::new(areas.len());
        let wanted = self.wanted(asked);
        let asked_for = |row: &&Row| wanted[usize::from(row.category)] && row.is_for(asked.target);
        for row in self.rows.iter().filter(asked_for) {
            let laid = lay(row);
            lines[usize::from(row.category)].add(row, asked, laid);
            sum.add(row, asked, laid);
        }
        let lines = self.categories.iter().cloned().zip(lines.into_iter().map(Slots::done));
        let lines = lines.zip(&wanted).filter(|(_, wanted)| **wanted);
        Some(Matrix {
            asked: asked.clone(),
            areas,
            lines: lines.map(|(line, _)| line).collect(),
            sum: sum.done(),
        })
    }

    /// The codes of the columns, and the column of each region or, of a region,
    /// of each department by its number.
    fn columns(&self, region: Option<Number>) -> (Vec<String>, Vec<Option<usize>>) {
        let Some(region) = region else {
            return (self.regions.clone(), (0..self.regions.len()).map(Some).collect());
        };
        let mut codes = Vec::new();
        let mut columns = Vec::with_capacity(self.departments.len());
        for (code, above) in &self.departments {
            columns.push((*above == region).then_some(codes.len()));
            if *above == region {
                codes.push(code.clone());
            }
        }
        (codes, columns)
    }
}
