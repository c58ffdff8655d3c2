//! Lines of the registers: as a table, by what they come from, one line whole,
//! members, what is late, the roadmap as a drawing.

use std::collections::{BTreeMap, BTreeSet};

use relais_mechanism::registers::{FieldKind, Register, RegisterField};
use relais_mechanism::{Label, Lang};

use super::super::{Made, cell, unknown};
use super::{Of, dashed, day, day_of, due, made, shown, state};
use crate::diagram::gantt;
use crate::live::LiveLine;
use crate::model::{Block, Cell, Inline, Row};
use crate::template::Fault;

/// The name of the column that says where a line stands.
const STATE: &str = "state";

/// A column of a table of lines.
enum Column<'r> {
    Field(&'r RegisterField),
    State,
}

/// The columns that are asked for; failing that, the title, the fields of its
/// list and the state.
fn columns<'r>(register: &'r Register, asked: &[&str]) -> Result<Vec<Column<'r>>, Fault> {
    if asked.is_empty() {
        let fields = register.fields.iter().filter(|f| f.title || f.list);
        return Ok(fields.map(Column::Field).chain([Column::State]).collect());
    }
    asked
        .iter()
        .map(|code| match (register.field(code), *code) {
            (Some(field), _) => Ok(Column::Field(field)),
            (None, STATE) => Ok(Column::State),
            (None, code) => {
                let known: Vec<&str> = register.fields.iter().map(|f| f.code.as_str()).collect();
                Err(unknown(code, "field", &format!("{}, {STATE}", known.join(", "))))
            }
        })
        .collect()
}

fn heads<'r>(of: &Of<'r>, columns: &[Column<'r>]) -> Vec<&'r str> {
    columns
        .iter()
        .map(|c| match c {
            Column::Field(field) => field.label.get(of.lang),
            Column::State => of.say("État", "State"),
        })
        .collect()
}

/// Where a line stands, in words, and whether it is late.
fn state_says(of: &Of<'_>, register: &Register, line: &LiveLine) -> Cell {
    let mut says = cell(state(register, line).map_or("", |s| s.label.get(of.lang)));
    if due(of, register, line).is_some_and(|(_, late)| late) {
        says.push(Inline::Break);
        says.push(Inline::Strong(cell(of.say("en retard", "late"))));
    }
    dashed(says)
}

fn row(of: &Of<'_>, register: &Register, columns: &[Column<'_>], line: &LiveLine) -> Row {
    let cells = columns.iter().map(|column| match column {
        Column::Field(field) if field.title => vec![Inline::Strong(shown(line, &field.code))],
        Column::Field(field) => shown(line, &field.code),
        Column::State => state_says(of, register, line),
    });
    Row::Cells(cells.collect())
}

/// The lines of a register.
pub(super) fn table(of: &Of<'_>, register: &str, fields: &[&str]) -> Made {
    let register = of.register(register)?;
    let columns = columns(register, fields)?;
    Ok(listed(of, register, &columns, of.lines(register).iter()))
}

fn listed<'l>(
    of: &Of<'_>,
    register: &Register,
    columns: &[Column<'_>],
    lines: impl Iterator<Item = &'l LiveLine>,
) -> Vec<Block> {
    let rows: Vec<Row> = lines.map(|l| row(of, register, columns, l)).collect();
    if rows.is_empty() {
        return of.nothing(register);
    }
    vec![made(register.label.get(of.lang), &heads(of, columns), rows)]
}

/// The lines of a register under the lines of another that they come from, however
/// many links lie between.
pub(super) fn grouped(of: &Of<'_>, register: &str, parent: &str, fields: &[&str]) -> Made {
    let (register, parent) = (of.register(register)?, of.register(parent)?);
    let columns = columns(register, fields)?;
    unless_linked(of, register, parent)?;
    let lines = of.lines(register);
    if lines.is_empty() {
        return Ok(of.nothing(register));
    }
    let all = by_id(of);
    let origins: Vec<BTreeSet<&str>> = lines.iter().map(|l| comes_from(&all, l)).collect();
    let mut left: BTreeSet<&str> = lines.iter().map(|l| l.id.as_str()).collect();
    let mut rows = Vec::new();
    for above in of.lines(parent) {
        let mine: Vec<&LiveLine> = lines
            .iter()
            .zip(&origins)
            .filter(|(_, origins)| origins.contains(above.id.as_str()))
            .map(|(line, _)| line)
            .collect();
        if mine.is_empty() {
            continue;
        }
        rows.push(Row::Band(cell(format!(
            "{} – {}",
            parent.one.get(of.lang),
            above.title
        ))));
        for line in mine {
            left.remove(line.id.as_str());
            rows.push(row(of, register, &columns, line));
        }
    }
    if !left.is_empty() {
        if !rows.is_empty() {
            rows.push(Row::Band(cell(of.say("Sans rattachement", "Linked to none"))));
        }
        let apart = lines.iter().filter(|l| left.contains(l.id.as_str()));
        rows.extend(apart.map(|l| row(of, register, &columns, l)));
    }
    Ok(vec![made(register.label.get(of.lang), &heads(of, &columns), rows)])
}

/// The lines of a register that come from the line that the document is about.
pub(super) fn under(of: &Of<'_>, parent: &str, register: &str, fields: &[&str]) -> Made {
    let (parent, register) = (of.register(parent)?, of.register(register)?);
    let columns = columns(register, fields)?;
    unless_linked(of, register, parent)?;
    let Some(subject) = of.subject(parent) else {
        return Ok(of.nothing(parent));
    };
    let all = by_id(of);
    let mine = |l: &&LiveLine| comes_from(&all, l).contains(subject.id.as_str());
    let mine = of.lines(register).iter().filter(mine);
    Ok(listed(of, register, &columns, mine))
}

/// The line that the document is about: field by field, or what one field says.
pub(super) fn chosen(of: &Of<'_>, register: &str, fields: &[&str]) -> Made {
    let register = of.register(register)?;
    let columns: Vec<Column<'_>> = if fields.is_empty() {
        let all = register.fields.iter().map(Column::Field);
        all.chain([Column::State]).collect()
    } else {
        columns(register, fields)?
    };
    let Some(line) = of.subject(register) else {
        return Ok(of.nothing(register));
    };
    if let [Column::Field(field)] = columns.as_slice() {
        return Ok(told(of, field, line));
    }
    let names = heads(of, &columns);
    let rows = names
        .into_iter()
        .zip(&columns)
        .map(|(name, column)| {
            let says = match column {
                Column::Field(field) => shown(line, &field.code),
                Column::State => state_says(of, register, line),
            };
            Row::Cells(vec![vec![Inline::Strong(cell(name))], says])
        })
        .collect();
    let head = [of.say("Rubrique", "Heading"), of.say("Contenu", "Content")];
    Ok(vec![made(register.one.get(of.lang), &head, rows)])
}

/// What a field says, as text of the document: a paragraph for each line.
fn told(of: &Of<'_>, field: &RegisterField, line: &LiveLine) -> Vec<Block> {
    let texts = line.values.get(&field.code).into_iter().flatten();
    let pieces = texts.flat_map(|t| t.lines()).map(str::trim).filter(|t| !t.is_empty());
    let told: Vec<Block> = pieces.map(|t| Block::Paragraph(cell(t))).collect();
    if !told.is_empty() {
        return told;
    }
    let name = field.label.get(of.lang);
    of.none_of(&match of.lang {
        Lang::Fr => format!("Rien n’est inscrit sous « {name} »"),
        Lang::En => format!("Nothing is entered under “{name}”"),
    })
}

/// How many lines under the one that the document is about say what, field by field.
pub(super) fn totals(of: &Of<'_>, parent: &str, register: &str, fields: &[&str]) -> Made {
    let (parent, register) = (of.register(parent)?, of.register(register)?);
    let columns = columns(register, fields)?;
    unless_linked(of, register, parent)?;
    let all = by_id(of);
    let mine: Vec<&LiveLine> = match of.subject(parent) {
        None => Vec::new(),
        Some(subject) => of
            .lines(register)
            .iter()
            .filter(|l| comes_from(&all, l).contains(subject.id.as_str()))
            .collect(),
    };
    if mine.is_empty() {
        return Ok(of.nothing(register));
    }
    let mut rows = Vec::new();
    for (name, column) in heads(of, &columns).into_iter().zip(&columns) {
        let mut counts: Vec<(Cell, usize)> = Vec::new();
        for line in &mine {
            let says = match column {
                Column::Field(field) => shown(line, &field.code),
                Column::State => cell(state(register, line).map_or("", |s| s.label.get(of.lang))),
            };
            match counts.iter_mut().find(|(known, _)| *known == says) {
                Some((_, n)) => *n += 1,
                None => counts.push((says, 1)),
            }
        }
        rows.push(Row::Band(cell(name)));
        rows.extend(
            counts
                .into_iter()
                .map(|(says, n)| Row::Cells(vec![says, cell(n.to_string())])),
        );
    }
    let head = [register.one.get(of.lang), of.say("Nombre", "Number")];
    Ok(vec![made(of.say("Totaux", "Totals"), &head, rows)])
}

/// The registers to which the lines of one link.
fn linked(register: &Register) -> impl Iterator<Item = &str> {
    register.fields.iter().filter_map(|f| match &f.kind {
        FieldKind::Link(to) | FieldKind::Links(to) => Some(to.as_str()),
        _ => None,
    })
}

/// A block that asks for lines by something that they cannot come from is a fault
/// of the template, also where no line is there yet.
fn unless_linked(of: &Of<'_>, register: &Register, parent: &Register) -> Result<(), Fault> {
    let mut seen = BTreeSet::from([register.code.as_str()]);
    let mut open = vec![register];
    while let Some(next) = open.pop() {
        for to in linked(next) {
            if to == parent.code {
                return Ok(());
            }
            if let Some(found) = of.m.register(to).filter(|r| seen.insert(r.code.as_str())) {
                open.push(found);
            }
        }
    }
    let (from, to) = (&register.code, &parent.code);
    Err(Fault {
        code: "document_register",
        cause: Label {
            fr: format!("aucun lien ne mène du registre « {from} » au registre « {to} »"),
            en: format!("no link leads from the register “{from}” to the register “{to}”"),
        },
        remedy: Label::of(
            "Nommez un registre vers lequel ses lignes renvoient, ou montrez-les toutes.",
            "Name a register to which its lines link, or show them all.",
        ),
    })
}

/// All lines by their id.
fn by_id<'a>(of: &Of<'a>) -> BTreeMap<&'a str, &'a LiveLine> {
    let lines = of.live.registers.values().flatten();
    lines.map(|l| (l.id.as_str(), l)).collect()
}

/// The lines to which a line links, itself or through others.
fn comes_from<'a>(all: &BTreeMap<&'a str, &'a LiveLine>, line: &'a LiveLine) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut open = vec![line];
    while let Some(next) = open.pop() {
        for to in next.links.values().flatten().map(String::as_str) {
            if seen.insert(to) {
                open.extend(all.get(to).copied());
            }
        }
    }
    seen
}

/// The members of the committee, sector by sector.
pub(super) fn members(of: &Of<'_>) -> Made {
    let register = of.register("member")?;
    let field = register
        .field("sector")
        .ok_or_else(|| unknown("sector", "field", "member"))?;
    let lines = of.lines(register);
    if lines.is_empty() {
        return Ok(of.nothing(register));
    }
    let columns: Vec<Column<'_>> = columns(register, &[])?
        .into_iter()
        .filter(|c| !matches!(c, Column::Field(f) if f.code == field.code))
        .collect();
    // In the order in which the members were entered, each sector once.
    let mut sectors: Vec<Cell> = Vec::new();
    for line in lines {
        let sector = shown(line, &field.code);
        if !sectors.contains(&sector) {
            sectors.push(sector);
        }
    }
    let mut rows = Vec::new();
    for sector in sectors {
        let mine: Vec<&LiveLine> = lines.iter().filter(|l| shown(l, &field.code) == sector).collect();
        let mut band = sector;
        band.push(Inline::Text(format!(" ({})", mine.len())));
        rows.push(Row::Band(band));
        rows.extend(mine.into_iter().map(|l| row(of, register, &columns, l)));
    }
    Ok(vec![made(register.label.get(of.lang), &heads(of, &columns), rows)])
}

/// Open lines of any register whose day has passed, the longest late first.
pub(super) fn late(of: &Of<'_>) -> Vec<Block> {
    let mut late: Vec<(i64, Row)> = Vec::new();
    for register in of.m.registers() {
        for line in of.lines(register) {
            let Some((until, true)) = due(of, register, line) else {
                continue;
            };
            let days = of.live.on.map_or(0, |on| (on - until).num_days());
            let cells = vec![
                cell(register.one.get(of.lang)),
                vec![Inline::Strong(cell(line.title.as_str()))],
                cell(day(until)),
                cell(days.to_string()),
            ];
            late.push((days, Row::Cells(cells)));
        }
    }
    if late.is_empty() {
        return of.none_of(of.say("Aucune ligne en retard", "No line is late"));
    }
    late.sort_by_key(|(days, _)| std::cmp::Reverse(*days));
    let head = [
        of.say("Registre", "Register"),
        of.say("Ligne", "Line"),
        of.say("Échéance", "Due"),
        of.say("Retard (jours)", "Days late"),
    ];
    let rows = late.into_iter().map(|(_, row)| row).collect();
    vec![made(
        of.say("Échéances passées", "Due days that have passed"),
        &head,
        rows,
    )]
}

/// The actions of the roadmap over time, with what each waits for.
pub(super) fn gantt(of: &Of<'_>) -> Made {
    let register = of.register("action")?;
    let dated: Vec<(&LiveLine, _, _)> = of
        .lines(register)
        .iter()
        .filter(|l| state(register, l).is_none_or(|s| s.tag != "no"))
        .filter_map(|l| Some((l, day_of(l, "from")?, due(of, register, l)?)))
        .collect();
    let Some(first) = dated.iter().map(|(_, from, _)| *from).min() else {
        return Ok(of.nothing(register));
    };
    let at = |id: &String| dated.iter().position(|(l, _, _)| l.id == *id);
    let bars: Vec<gantt::Bar> = dated
        .iter()
        .map(|(line, from, (until, late))| gantt::Bar {
            label: line.title.clone(),
            from: *from,
            until: *until,
            done: state(register, line).is_some_and(|s| !s.open),
            late: *late,
            after: line.links.get("depends").into_iter().flatten().filter_map(at).collect(),
        })
        .collect();
    Ok(gantt::figure(&bars, of.live.on.unwrap_or(first), of.lang))
}
