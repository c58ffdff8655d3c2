//! What the tests of documents share.

#![allow(dead_code, reason = "each test file takes what it needs of it")]

use std::sync::OnceLock;

use relais_documents::model::{Block, Row, plain};
use relais_documents::{Document, build};
use relais_mechanism::{Lang, Mechanism, Sources};

/// Cameroon's mechanism as it is built in.
pub fn cameroon() -> &'static Mechanism {
    static LOADED: OnceLock<Mechanism> = OnceLock::new();
    LOADED.get_or_init(|| Mechanism::embedded("cameroon").expect("the built-in mechanism is whole"))
}

/// The mechanism with `from` replaced in a file; it must be there.
pub fn edited(path: &str, from: &str, to: &str) -> Mechanism {
    let mut sources = Sources::embedded("cameroon");
    let text = sources.files.get_mut(path).unwrap_or_else(|| panic!("no file {path}"));
    assert!(text.contains(from), "{path} does not hold {from:?}");
    *text = text.replacen(from, to, 1);
    Mechanism::load(&sources).expect("still whole")
}

/// A document of the built-in mechanism.
pub fn rendered(code: &str, lang: Lang) -> Document {
    build(cameroon(), code, lang).unwrap_or_else(|problem| panic!("{code} {lang}: {problem:?}"))
}

/// Its words, a line for each paragraph and each row.
pub fn text(document: &Document) -> String {
    let mut out = document.title.clone();
    document.blocks.iter().for_each(|b| words(b, &mut out));
    out
}

fn words(block: &Block, out: &mut String) {
    let mut line = |text: String| {
        out.push('\n');
        out.push_str(&text);
    };
    match block {
        Block::Heading(heading) => line(format!("{} {}", heading.number, plain(&heading.text))),
        Block::Paragraph(run) => line(plain(run)),
        Block::List { items, .. } => items.iter().flatten().for_each(|b| words(b, out)),
        Block::Note(blocks) => blocks.iter().for_each(|b| words(b, out)),
        Block::Table(table) => {
            line(plain(&table.caption));
            let cells =
                |cells: &[relais_documents::model::Cell]| cells.iter().map(|c| plain(c)).collect::<Vec<_>>().join("\t");
            line(cells(&table.head));
            for row in &table.rows {
                match row {
                    Row::Cells(row) => line(cells(row)),
                    Row::Band(cell) => line(plain(cell)),
                }
            }
        }
        Block::Signatures(parties) => parties.iter().for_each(|p| line(p.name.clone())),
        Block::Figure {
            caption, alternative, ..
        } => {
            line(plain(caption));
            alternative.iter().for_each(|b| words(b, out));
        }
        Block::Contents | Block::PageBreak => {}
    }
}
