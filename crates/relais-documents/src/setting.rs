//! Numbers headings, tables and figures, fills references, and sets the type: French
//! and English typography over every run of words, once, for all writers.

use std::collections::BTreeMap;

use relais_mechanism::{Lang, typography};

use crate::model::{Block, Document, Inline, Numbered, Row, Scheme};
use crate::words::say;

/// Stands between two pieces of a run while it is set.
const SEAM: char = '\u{e000}';
/// Stands for a piece whose signs are not touched.
const PIECE: char = '\u{e001}';

/// Numbers and sets a document.
pub(crate) fn document(document: &mut Document) {
    number(document);
    let lang = document.lang;
    let names: BTreeMap<String, String> = document
        .headings()
        .map(|h| (h.id.clone(), reference(h.numbered, &h.number, document.scheme, lang)))
        .collect();
    document.title = set(&document.title, lang);
    document.mechanism = set(&document.mechanism, lang);
    let (mut tables, mut figures) = (0, 0);
    for block in &mut document.blocks {
        count(block, &mut tables, &mut figures);
        runs(block, &mut |run: &mut Vec<Inline>| {
            refer(run, &names);
            set_run(run, lang);
        });
    }
}

/// The number of a heading as a sentence names it: "section 3.2".
fn reference(numbered: Numbered, number: &str, scheme: Scheme, lang: Lang) -> String {
    match (numbered, scheme) {
        (Numbered::Annex, _) if number.starts_with(say(lang, "Annexe", "Annex")) => number.replacen(['A'], "a", 1),
        (Numbered::Body, Scheme::Articles) if number.starts_with("Article") => number.replacen('A', "a", 1),
        _ => format!("section\u{a0}{number}"),
    }
}

fn number(document: &mut Document) {
    let (scheme, lang) = (document.scheme, document.lang);
    let mut counts = [0usize; 3];
    let mut annex = false;
    let mut annexes = 0;
    let mut silent = false;
    for block in &mut document.blocks {
        let Block::Heading(heading) = block else { continue };
        let depth = usize::from(heading.level.clamp(2, 4) - 2);
        if depth == 0 {
            silent = heading.numbered == Numbered::No;
            annex = heading.numbered == Numbered::Annex;
        } else if silent {
            heading.numbered = Numbered::No;
        } else if annex && heading.numbered == Numbered::Body {
            heading.numbered = Numbered::Annex;
        }
        if heading.numbered == Numbered::No {
            continue;
        }
        if depth == 0 && annex {
            annexes += 1;
        } else {
            counts[depth] += 1;
        }
        counts[depth + 1..].fill(0);
        let first = if annex { letter(annexes) } else { counts[0].to_string() };
        heading.number = match depth {
            0 if annex => format!("{}\u{a0}{first}", say(lang, "Annexe", "Annex")),
            0 if scheme == Scheme::Articles => format!("Article\u{a0}{first}"),
            0 => first,
            1 => format!("{first}.{}", counts[1]),
            _ => format!("{first}.{}.{}", counts[1], counts[2]),
        };
    }
}

/// A, B, … Z; after that the number.
fn letter(n: usize) -> String {
    u8::try_from(n)
        .ok()
        .filter(|n| (1..=26).contains(n))
        .map_or_else(|| n.to_string(), |n| char::from(b'A' + n - 1).to_string())
}

/// Numbers tables and figures, each in a count of its own.
fn count(block: &mut Block, tables: &mut usize, figures: &mut usize) {
    match block {
        Block::Table(table) if !table.caption.is_empty() => {
            *tables += 1;
            table.number = *tables;
        }
        Block::Figure { number, .. } => {
            *figures += 1;
            *number = *figures;
        }
        Block::Note(blocks) => blocks.iter_mut().for_each(|b| count(b, tables, figures)),
        _ => {}
    }
}

/// Gives every run of words of a block to `each`.
pub(crate) fn runs(block: &mut Block, each: &mut dyn FnMut(&mut Vec<Inline>)) {
    match block {
        Block::Heading(heading) => each(&mut heading.text),
        Block::Paragraph(run) => each(run),
        Block::List { items, .. } => items.iter_mut().flatten().for_each(|b| runs(b, each)),
        Block::Note(blocks) => blocks.iter_mut().for_each(|b| runs(b, each)),
        Block::Table(table) => {
            each(&mut table.caption);
            table.head.iter_mut().for_each(&mut *each);
            for row in &mut table.rows {
                match row {
                    Row::Cells(cells) => cells.iter_mut().for_each(&mut *each),
                    Row::Band(cell) => each(cell),
                }
            }
        }
        Block::Figure {
            caption, alternative, ..
        } => {
            each(caption);
            alternative.iter_mut().for_each(|b| runs(b, each));
        }
        Block::Signatures(_) | Block::Contents | Block::PageBreak => {}
    }
}

/// Puts the number of the heading into references without words.
fn refer(run: &mut [Inline], names: &BTreeMap<String, String>) {
    for inline in run {
        match inline {
            Inline::Reference { id, text } if text.is_empty() => {
                text.push(Inline::Text(names.get(id).cloned().unwrap_or_default()));
            }
            Inline::Strong(inner) | Inline::Emphasis(inner) => refer(inner, names),
            _ => {}
        }
    }
}

/// Sets words that stand alone.
pub(crate) fn set(text: &str, lang: Lang) -> String {
    match lang {
        Lang::Fr => typography::french(text)
            .replace(" %", "\u{a0}%")
            .replace(" h ", "\u{a0}h ")
            .replace("n° ", "n°\u{a0}")
            .replace("art. ", "art.\u{a0}"),
        Lang::En => typography::english(text),
    }
}

/// Sets a run as one text, so that a sign after strong words knows what stands
/// before it, and gives each piece its part.
fn set_run(run: &mut [Inline], lang: Lang) {
    let mut whole = String::new();
    gather(run, &mut whole);
    let whole = set(&whole, lang);
    let mut parts = whole.split(SEAM);
    scatter(run, &mut parts);
}

fn gather(run: &[Inline], out: &mut String) {
    for inline in run {
        match inline {
            Inline::Text(text) => {
                out.push_str(text);
                out.push(SEAM);
            }
            Inline::Strong(inner)
            | Inline::Emphasis(inner)
            | Inline::Link { text: inner, .. }
            | Inline::Reference { text: inner, .. } => gather(inner, out),
            Inline::Code(_) | Inline::Mark(_) => out.push(PIECE),
            Inline::Break => {}
        }
    }
}

fn scatter<'a>(run: &mut [Inline], parts: &mut impl Iterator<Item = &'a str>) {
    for inline in run {
        match inline {
            Inline::Text(text) => *text = parts.next().unwrap_or_default().replace(PIECE, ""),
            Inline::Strong(inner)
            | Inline::Emphasis(inner)
            | Inline::Link { text: inner, .. }
            | Inline::Reference { text: inner, .. } => scatter(inner, parts),
            Inline::Code(_) | Inline::Mark(_) | Inline::Break => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::plain;

    fn french(mut run: Vec<Inline>) -> Vec<Inline> {
        set_run(&mut run, Lang::Fr);
        run
    }

    #[test]
    fn a_sign_after_strong_words_keeps_its_space() {
        let run = french(vec![
            Inline::Strong(vec![Inline::text("Urgence")]),
            Inline::text(" : appeler « "),
            Inline::Emphasis(vec![Inline::text("l'astreinte")]),
            Inline::text(" » ; puis "),
            Inline::Code("P1".into()),
            Inline::text(" !"),
        ]);
        assert_eq!(
            plain(&run),
            "Urgence\u{a0}: appeler «\u{a0}l’astreinte\u{a0}»\u{202f}; puis P1\u{202f}!"
        );
        assert_eq!(run[0], Inline::Strong(vec![Inline::text("Urgence")]));
    }

    #[test]
    fn a_percent_sign_stays_with_its_number() {
        assert_eq!(set("à 50 % du délai", Lang::Fr), "à 50\u{a0}% du délai");
        assert_eq!(set("the person's \"yes\"", Lang::En), "the person’s “yes”");
    }

    #[test]
    fn annexes_are_lettered() {
        assert_eq!([letter(1), letter(26), letter(27)], ["A", "Z", "27"]);
        assert_eq!(
            reference(Numbered::Annex, "Annexe\u{a0}C", Scheme::Sections, Lang::Fr),
            "annexe\u{a0}C"
        );
        assert_eq!(
            reference(Numbered::Body, "Article\u{a0}7", Scheme::Articles, Lang::En),
            "article\u{a0}7"
        );
        assert_eq!(
            reference(Numbered::Body, "3.2", Scheme::Sections, Lang::En),
            "section\u{a0}3.2"
        );
    }
}
