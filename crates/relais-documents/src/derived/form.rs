//! A form of the mechanism, on paper: what is asked, with room for the answer.

use relais_mechanism::form::{Field, FieldKind, Form, Required};
use relais_mechanism::options::OptionList;
use relais_mechanism::{Lang, Mechanism};

use super::{cell, code, marked};
use crate::model::{Block, Cell, Inline, Row, Table};
use crate::paper::{Answered, FilledIn};
use crate::words::{self, say};

/// Answers that are printed as boxes to tick; a longer list is written in words.
const BOXES: usize = 16;

/// The empty form: who fills it in and when, then a table with a band over each part.
pub(super) fn sheet(form: &Form, m: &Mechanism, lang: Lang) -> Vec<Block> {
    sheet_of(form, m, lang, &FilledIn::new())
}

/// The form with what stands in it.
pub(crate) fn sheet_of(form: &Form, m: &Mechanism, lang: Lang, filled: &FilledIn) -> Vec<Block> {
    let mut rows = Vec::new();
    for section in &form.sections {
        let mut band = vec![Inline::Strong(cell(section.label.get(lang)))];
        let class = m.class(section.class).map_or("", |w| w.label.get(lang));
        let purpose = m.purpose(section.purpose).map_or("", |w| w.label.get(lang));
        band.push(Inline::text(format!(
            " – {} {} ; {} {}",
            say(lang, "données :", "data:"),
            class.to_lowercase(),
            say(lang, "finalité :", "purpose:"),
            purpose.to_lowercase(),
        )));
        if lang == Lang::En {
            for inline in &mut band {
                if let Inline::Text(text) = inline {
                    *text = text.replace(" ;", ";");
                }
            }
        }
        rows.push(Row::Band(band));
        let mut factor = None;
        for field in &section.fields {
            // The three questions of a factor stand under its name.
            let of = field.factor.as_ref().map(|f| f.code.as_str());
            if let Some(now) = &field.factor
                && factor != of
            {
                rows.push(Row::Band(vec![Inline::Emphasis(cell(now.label.get(lang)))]));
            }
            factor = of;
            rows.push(Row::Cells(vec![
                code(&field.code),
                question(field, lang),
                answer(field, lang, filled.get(&field.code)),
            ]));
        }
    }
    let caption = format!("{} – {}", form.code, form.label.get(lang));
    let about = vec![
        Inline::Strong(cell(say(lang, "Qui la remplit : ", "Who fills it in: "))),
        Inline::text(form.who.get(lang).to_owned()),
        Inline::text(". "),
        Inline::Strong(cell(say(lang, "Quand : ", "When: "))),
        Inline::text(form.when.get(lang).to_owned()),
        Inline::text("."),
    ];
    let mut blocks = vec![Block::Paragraph(about)];
    let due = |span| words::span(span, lang);
    if let Some(limit) = form.due {
        let urgent = form.due_urgent.map(due);
        let mut text = format!(
            "{} {}",
            say(
                lang,
                "Délai depuis l’ouverture du dossier :",
                "Limit from the opening of the case:"
            ),
            due(limit)
        );
        if let Some(urgent) = urgent {
            text.push_str(&format!(
                "{} {urgent}",
                say(
                    lang,
                    " ; pour une urgence ou un cas urgent :",
                    "; for an emergency or an urgent case:"
                )
            ));
        }
        text.push('.');
        blocks.push(Block::Paragraph(cell(text)));
    }
    blocks.push(Block::Table(Table {
        number: 0,
        caption: cell(caption),
        widths: vec![12, 44, 44],
        head: vec![
            cell("Code"),
            cell(say(lang, "Question", "Question")),
            cell(say(lang, "Réponse", "Answer")),
        ],
        rows,
    }));
    blocks
}

fn question(field: &Field, lang: Lang) -> Cell {
    let mut cell = marked(field.label.get(lang), field.mark.as_deref());
    if field.required == Required::Always {
        cell.push(Inline::text("\u{a0}*"));
    }
    cell.push(Inline::text(format!(" ({})", field.sensitivity)));
    if let Some(hint) = &field.hint {
        cell.push(Inline::Break);
        cell.push(Inline::Emphasis(vec![Inline::text(hint.get(lang))]));
    }
    cell
}

/// A box, ticked where this option was chosen.
fn tick(given: Option<&Answered>, option: &str) -> char {
    if given.is_some_and(|g| g.chosen.iter().any(|c| c == option)) {
        '☑'
    } else {
        '☐'
    }
}

/// Room for the answer, or the answer that stands there: boxes are ticked, words written.
fn answer(field: &Field, lang: Lang, given: Option<&Answered>) -> Cell {
    let words = |fr, en| cell(say(lang, fr, en));
    let few = |l: &&OptionList| !l.typed && l.choices.len() <= BOXES;
    match (field.kind, field.options.as_deref().filter(few), given) {
        (FieldKind::Bool, ..) => {
            let (yes, no) = (tick(given, "yes"), tick(given, "no"));
            match lang {
                Lang::Fr => cell(format!("{yes} Oui   {no} Non")),
                Lang::En => cell(format!("{yes} Yes   {no} No")),
            }
        }
        (FieldKind::One | FieldKind::Many, Some(list), _) => boxes(list, lang, given),
        (_, _, Some(given)) => written(&given.words),
        (FieldKind::Date, ..) => words("__ / __ / ____", "__ / __ / ____"),
        (FieldKind::DateTime, ..) => words("__ / __ / ____ à __ h __", "__ / __ / ____ at __:__"),
        (FieldKind::LongText | FieldKind::Rows, ..) => vec![Inline::Break, Inline::Break],
        (FieldKind::Reference | FieldKind::Computed, ..) => vec![Inline::Emphasis(words(
            "rempli par le système ou le secrétariat",
            "filled in by the system or the secretariat",
        ))],
        (FieldKind::File, ..) => vec![Inline::Emphasis(words("pièce jointe", "attached paper"))],
        (FieldKind::Signature, ..) => vec![Inline::Emphasis(words(
            "signature, nom ou empreinte",
            "signature, name or thumbprint",
        ))],
        (
            FieldKind::One
            | FieldKind::Many
            | FieldKind::Text
            | FieldKind::Int
            | FieldKind::Decimal
            | FieldKind::Place
            | FieldKind::Phone,
            ..,
        ) => Vec::new(),
    }
}

/// Words as they were typed, line by line.
fn written(text: &str) -> Cell {
    let mut out = Vec::new();
    for line in text.lines() {
        if !out.is_empty() {
            out.push(Inline::Break);
        }
        out.push(Inline::text(line));
    }
    out
}

fn boxes(list: &OptionList, lang: Lang, given: Option<&Answered>) -> Cell {
    let mut out = Vec::new();
    for choice in &list.choices {
        if !out.is_empty() {
            out.push(Inline::Break);
        }
        let tick = tick(given, &choice.code);
        out.push(Inline::text(format!("{tick}\u{a0}{}", choice.label.get(lang))));
    }
    out
}
