//! Blocks that say what one deployment holds: its registers, figures, directory.
//! Each says so where there is nothing, since a document is also made before the
//! first line is written.

mod assessment;
mod directory;
mod figures;
mod lines;

use chrono::NaiveDate;
use relais_mechanism::registers::{Register, RegisterState};
use relais_mechanism::{Lang, Mechanism};

use super::{Made, argument_fault, cell, unknown, widths};
use crate::live::{Live, LiveLine};
use crate::model::{Block, Cell, Inline, Row, Table};
use crate::template::Fault;
use crate::words::say;

/// Names of the blocks.
pub(super) const BLOCKS: &[&str] = &[
    "as_of",
    "assessment.radar",
    "assessment.table",
    "chosen REGISTER FIELD …",
    "contribution.table",
    "directory by region",
    "figures INDICATOR …",
    "figures.bars",
    "figures.split",
    "late",
    "members by sector",
    "register REGISTER FIELD …",
    "register REGISTER of REGISTER FIELD …",
    "roadmap.gantt",
    "totals REGISTER REGISTER FIELD …",
    "under REGISTER REGISTER FIELD …",
];

/// Whether a block of this name says what a deployment holds.
pub(crate) fn is_live(name: &str) -> bool {
    BLOCKS.iter().any(|b| b.split(' ').next() == Some(name))
}

/// The blocks of one of them.
pub(super) fn block(name: &str, arguments: &[&str], m: &Mechanism, live: &Live, lang: Lang) -> Made {
    let of = Of { m, live, lang };
    match (name, arguments) {
        ("as_of", []) => Ok(of.as_of()),
        ("register", [register, "of", parent, fields @ ..]) => lines::grouped(&of, register, parent, fields),
        ("register", [register, fields @ ..]) => lines::table(&of, register, fields),
        ("under", [parent, register, fields @ ..]) => lines::under(&of, parent, register, fields),
        ("totals", [parent, register, fields @ ..]) => lines::totals(&of, parent, register, fields),
        ("chosen", [register, fields @ ..]) => lines::chosen(&of, register, fields),
        ("members", ["by", "sector"]) => lines::members(&of),
        ("late", []) => Ok(lines::late(&of)),
        ("roadmap.gantt", []) => lines::gantt(&of),
        ("assessment.radar", []) => assessment::radar(&of),
        ("assessment.table", []) => assessment::table(&of),
        ("figures", [_, ..]) => figures::table(&of, arguments),
        ("figures.bars", []) => Ok(figures::bars(&of)),
        ("figures.split", []) => Ok(figures::split(&of)),
        ("contribution.table", []) => Ok(figures::contribution(&of)),
        ("directory", ["by", "region"]) => Ok(directory::by_region(&of)),
        _ => Err(argument_fault(name)),
    }
}

/// What a block is made of.
struct Of<'a> {
    m: &'a Mechanism,
    live: &'a Live,
    lang: Lang,
}

impl<'a> Of<'a> {
    fn say(&self, fr: &'static str, en: &'static str) -> &'static str {
        say(self.lang, fr, en)
    }

    fn register(&self, code: &str) -> Result<&'a Register, Fault> {
        self.m.register(code).ok_or_else(|| {
            let known: Vec<&str> = self.m.registers().iter().map(|r| r.code.as_str()).collect();
            unknown(code, "register", &known.join(", "))
        })
    }

    fn lines(&self, register: &Register) -> &'a [LiveLine] {
        self.live
            .registers
            .get(&register.code)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// The line of a register that the document is about: the one that was chosen,
    /// else the last whose day has come, else the last.
    fn subject(&self, register: &Register) -> Option<&'a LiveLine> {
        let lines = self.lines(register);
        let chosen = self.live.chosen.as_ref();
        if let Some(line) = lines.iter().find(|l| Some(&l.id) == chosen) {
            return Some(line);
        }
        let took_place = |l: &&LiveLine| state(register, l).is_none_or(|s| s.tag != "no");
        lines.iter().filter(took_place).max_by_key(|l| {
            let day = first_day(register, l);
            (day.is_some() && day <= self.live.on, day)
        })
    }

    /// On which day the data was read, or that there is none.
    fn as_of(&self) -> Vec<Block> {
        let text = match self.live.on {
            Some(on) => format!(
                "{} {}{}",
                self.say("Registres et chiffres tels qu’ils étaient le", "Registers and figures as they stood on"),
                day(on),
                self.say(
                    ". Ce qui change ensuite se lit dans Relais ; un nouveau tirage le reprend.",
                    ". What changes afterwards is read in Relais; a new print takes it up."
                ),
            ),
            None => self
                .say(
                    "Document fait du mécanisme seul, sans les registres d’un déploiement : les tableaux qui en viennent disent qu’ils sont vides.",
                    "Made from the mechanism alone, without the registers of a deployment: the tables that come from them say that they are empty.",
                )
                .to_owned(),
        };
        vec![Block::Note(vec![Block::Paragraph(cell(text))])]
    }

    /// That a register has no line to show, or none for this reader.
    fn nothing(&self, register: &Register) -> Vec<Block> {
        let name = register.label.get(self.lang);
        if self.live.on.is_some() && !self.live.registers.contains_key(&register.code) {
            let text = match self.lang {
                Lang::Fr => format!("Le registre « {name} » n’est pas ouvert au lecteur de ce tirage."),
                Lang::En => format!("The register “{name}” is not open to the reader of this print."),
            };
            return vec![Block::Paragraph(vec![Inline::Emphasis(cell(text))])];
        }
        self.none_of(&match self.lang {
            Lang::Fr => format!("Aucune ligne au registre « {name} »"),
            Lang::En => format!("No line in the register “{name}”"),
        })
    }

    /// A sentence that says that there is nothing, with the day.
    fn none_of(&self, what: &str) -> Vec<Block> {
        let when = match (self.live.on, self.lang) {
            (Some(on), Lang::Fr) => format!("{what} à la date du {}.", day(on)),
            (Some(on), Lang::En) => format!("{what} as of {}.", day(on)),
            (None, Lang::Fr) => format!("{what} : ce document a été fait sans les données d’un déploiement."),
            (None, Lang::En) => format!("{what}: this document was made without the data of a deployment."),
        };
        vec![Block::Paragraph(vec![Inline::Emphasis(cell(when))])]
    }
}

/// A day as it is written.
fn day(on: NaiveDate) -> String {
    on.format("%d/%m/%Y").to_string()
}

/// The state of a line.
fn state<'r>(register: &'r Register, line: &LiveLine) -> Option<&'r RegisterState> {
    register.state(&line.state)
}

/// The day that a field of a line says.
fn day_of(line: &LiveLine, field: &str) -> Option<NaiveDate> {
    line.raw.get(field)?.first()?.parse().ok()
}

/// The first day that a line says.
fn first_day(register: &Register, line: &LiveLine) -> Option<NaiveDate> {
    register.fields.iter().find_map(|f| day_of(line, &f.code))
}

/// The day by which an open line should be done, and whether it has passed.
fn due(of: &Of<'_>, register: &Register, line: &LiveLine) -> Option<(NaiveDate, bool)> {
    let field = register.fields.iter().find(|f| f.due)?;
    let due = day_of(line, &field.code)?;
    let open = state(register, line).is_some_and(|s| s.open);
    Some((due, open && of.live.on.is_some_and(|on| due < on)))
}

/// What a field of a line says, one line of the cell for each text.
fn shown(line: &LiveLine, field: &str) -> Cell {
    let texts = line.values.get(field).map(Vec::as_slice).unwrap_or_default();
    let mut out = Vec::new();
    let pieces = texts
        .iter()
        .flat_map(|t| t.lines())
        .map(str::trim)
        .filter(|t| !t.is_empty());
    for piece in pieces {
        if !out.is_empty() {
            out.push(Inline::Break);
        }
        out.push(Inline::text(piece));
    }
    dashed(out)
}

/// A cell that says that it is empty.
fn dashed(cell: Cell) -> Cell {
    if cell.is_empty() {
        vec![Inline::text("–")]
    } else {
        cell
    }
}

/// A table whose heads are words of the deployment or of the mechanism.
fn made(caption: &str, head: &[&str], rows: Vec<Row>) -> Block {
    let head: Vec<Cell> = head.iter().map(|h| cell(*h)).collect();
    let cells: Vec<Vec<Cell>> = rows
        .iter()
        .filter_map(|row| match row {
            Row::Cells(cells) => Some(cells.clone()),
            Row::Band(_) => None,
        })
        .collect();
    Block::Table(Table {
        number: 0,
        caption: cell(caption),
        widths: widths(&head, &cells),
        head,
        rows,
    })
}
