//! Every document and every form of the built-in mechanism as a PDF, in both
//! languages. What a file looks like to another's program, `tests/pdf/run` checks.

use relais_documents::model::{Block, Inline, Row, Scheme, Table};
use relais_documents::{Document, build, form, list};
use relais_mechanism::{Lang, Mechanism};
use relais_pdf::file;

const LANGS: [Lang; 2] = [Lang::Fr, Lang::En];

fn cameroon() -> Mechanism {
    Mechanism::embedded("cameroon").expect("the built-in mechanism is whole")
}

/// How often these bytes stand in the file, outside of what is compressed.
fn count(file: &[u8], what: &str) -> usize {
    file.windows(what.len()).filter(|w| *w == what.as_bytes()).count()
}

/// The pages that the file says it has: its page objects, and not the node above them.
fn pages(file: &[u8]) -> usize {
    count(file, "/Type/Page/")
}

fn whole(file: &[u8], lang: Lang, name: &str) {
    assert!(file.starts_with(b"%PDF-1.7"), "{name}");
    assert!(pages(file) >= 1, "{name}");
    for part in ["/StructTreeRoot", "/Marked true", "/ParentTree", "/Outlines", "/S/H1"] {
        assert!(count(file, part) > 0, "{name}: {part}");
    }
    assert!(count(file, &format!("/Lang({lang})")) > 0, "{name}");
    // What the file claims to keep: both, or it would not say so.
    assert!(
        count(file, "pdfaid:part") > 0 && count(file, "pdfuaid:part") > 0,
        "{name}"
    );
}

#[test]
fn every_document_and_form_is_a_tagged_file_in_its_language() {
    let m = cameroon();
    for lang in LANGS {
        let listed = list(&m, lang);
        assert!(listed.iter().any(|d| d.code == "DOC10"));
        for entry in listed {
            let document = build(&m, &entry.code, lang).expect("whole");
            let file = file(&document);
            whole(&file, lang, &entry.code);
            if entry.code == "DOC10" {
                assert!(pages(&file) >= 30, "{lang}: {}", pages(&file));
                assert!(count(&file, "/S/Table") >= 20 && count(&file, "/S/LI") >= 100);
                assert!(count(&file, "/S/Figure") >= 1 && count(&file, "/S/TOCI") >= 50);
            }
        }
        for asked in m.forms() {
            let document = form(&m, &asked.code, lang).expect("a form");
            whole(&file(&document), lang, &asked.code);
        }
    }
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    let mou = build(&cameroon(), "DOC08", Lang::Fr).expect("whole");
    assert!(file(&mou) == file(&mou.clone()));
}

fn made(blocks: Vec<Block>) -> Document {
    Document {
        code: "X".into(),
        lang: Lang::En,
        title: String::new(),
        mechanism: String::new(),
        country: String::new(),
        version: "x".into(),
        hash: String::new(),
        scheme: Scheme::Sections,
        blocks,
    }
}

#[test]
fn odd_words_and_long_rows_are_printed_and_nothing_panics() {
    let words = |text: &str| vec![Inline::text(text)];
    let table = |cell: String, rows| {
        Block::Table(Table {
            number: 0,
            caption: Vec::new(),
            widths: vec![20, 80],
            head: vec![words("a"), Vec::new()],
            rows: vec![Row::Cells(vec![words("b"), words(&cell)]); rows],
        })
    };
    let long = "word ".repeat(9_000);
    let unbroken = "w".repeat(900);
    let blocks = vec![
        Block::Paragraph(words("\u{feff}\u{e000}\u{0}漢字 🙂")),
        Block::Paragraph(Vec::new()),
        Block::List {
            ordered: true,
            items: vec![vec![], vec![Block::Paragraph(words(&unbroken))]],
        },
        Block::Note(vec![Block::Paragraph(words(&long))]),
        Block::Note(Vec::new()),
        table(long, 1),
        table(unbroken, 80),
        Block::Signatures(Vec::new()),
        Block::Contents,
        Block::Figure {
            number: 1,
            caption: Vec::new(),
            svg: "no drawing".into(),
            alternative: Vec::new(),
        },
        Block::Paragraph(vec![Inline::Reference {
            id: "nowhere".into(),
            text: words("there"),
        }]),
    ];
    let file = file(&made(blocks));
    // A row that no page takes goes on on the next ones; no year in the version, so no claim of an archive.
    assert!(pages(&file) > 20, "{}", pages(&file));
    assert_eq!(
        (count(&file, "pdfaid:part"), count(&file, "pdfuaid:part") > 0),
        (0, true)
    );
    assert!(pages(&relais_pdf::file(&made(Vec::new()))) == 1);
}
