//! The DOCX from outside: its parts are XML, its headings are headings, and
//! LibreOffice, where it is installed, opens it.

mod common;

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;
use std::process::Command;

use common::{cameroon, rendered};
use quick_xml::events::Event;
use relais_documents::model::{Block, plain};
use relais_documents::{docx, list};
use relais_mechanism::Lang;

/// The parts of a packed file, unpacked.
fn parts(file: &[u8]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut at = 0;
    let short = |at: usize| usize::from(u16::from_le_bytes([file[at], file[at + 1]]));
    let long = |at: usize| u32::from_le_bytes([file[at], file[at + 1], file[at + 2], file[at + 3]]) as usize;
    while file[at..].starts_with(b"PK\x03\x04") {
        let (packed, name, extra) = (long(at + 18), short(at + 26), short(at + 28));
        let start = at + 30 + name + extra;
        let mut text = String::new();
        flate2::read::DeflateDecoder::new(&file[start..start + packed])
            .read_to_string(&mut text)
            .expect("unpacks");
        assert_eq!(text.len(), long(at + 22));
        found.insert(
            String::from_utf8_lossy(&file[at + 30..at + 30 + name]).into_owned(),
            text,
        );
        at = start + packed;
    }
    found
}

#[test]
fn every_part_is_xml_and_every_reference_has_its_target() {
    for lang in [Lang::Fr, Lang::En] {
        for entry in list(cameroon(), lang) {
            let parts = parts(&docx::file(&rendered(&entry.code, lang)));
            for (name, text) in &parts {
                let mut reader = quick_xml::Reader::from_str(text);
                reader.config_mut().check_end_names = true;
                let mut depth = 0;
                loop {
                    match reader.read_event().unwrap_or_else(|e| panic!("{name}: {e}")) {
                        Event::Start(_) => depth += 1,
                        Event::End(_) => depth -= 1,
                        Event::Eof => break,
                        _ => {}
                    }
                }
                assert_eq!(depth, 0, "{name}");
            }
            let body = &parts["word/document.xml"];
            let named = |key: &str| -> Vec<&str> {
                body.split(key)
                    .skip(1)
                    .filter_map(|rest| rest.split('"').next())
                    .collect()
            };
            let bookmarks = named("w:name=\"");
            for anchor in named("w:anchor=\"") {
                assert!(bookmarks.contains(&anchor), "{}: {anchor}", entry.code);
            }
            let distinct: std::collections::BTreeSet<_> = bookmarks.iter().collect();
            assert_eq!(
                distinct.len(),
                bookmarks.len(),
                "{}: a bookmark stands twice",
                entry.code
            );
            for style in named("<w:pStyle w:val=\"") {
                assert!(
                    parts["word/styles.xml"].contains(&format!("w:styleId=\"{style}\"")),
                    "{style}"
                );
            }
            for number in named("<w:numId w:val=\"").into_iter().filter(|n| *n != "0") {
                assert!(
                    parts["word/numbering.xml"].contains(&format!("<w:num w:numId=\"{number}\"")),
                    "{number}"
                );
            }
        }
    }
}

#[test]
fn headings_headers_and_language_are_real() {
    let sop = rendered("DOC10", Lang::Fr);
    let parts = parts(&docx::file(&sop));
    let body = &parts["word/document.xml"];
    let count = |part: &str| body.matches(part).count();
    for (style, level) in [("Heading1", 2), ("Heading2", 3), ("Heading3", 4)] {
        let wanted = sop.headings().filter(|h| h.level == level).count();
        assert_eq!(count(&format!("<w:pStyle w:val=\"{style}\"/>")), wanted, "{style}");
    }
    let tables = sop.blocks.iter().filter(|b| matches!(b, Block::Table(_))).count();
    assert!(tables > 30, "{tables}");
    assert_eq!(count("<w:tblHeader/>"), tables, "each table repeats its header");
    assert_eq!(count("TOC \\o"), 1);
    assert!(parts["word/styles.xml"].contains("w:lang w:val=\"fr-FR\""));
    assert!(parts["word/header1.xml"].contains("DOC10"));
    let footer = &parts["word/footer1.xml"];
    assert!(footer.contains(" PAGE ") && footer.contains(" NUMPAGES ") && footer.contains("cm-"));
    assert!(parts["docProps/core.xml"].contains("Procédures opérationnelles standard"));
}

/// Whether a program is there.
fn installed(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok() || Command::new(program).arg("-v").output().is_ok()
}

/// The text of a DOCX as LibreOffice prints it, and how many pages it has.
fn printed(folder: &Path, file: &[u8], name: &str) -> (String, usize) {
    let path = folder.join(format!("{name}.docx"));
    std::fs::write(&path, file).expect("writes");
    let out = Command::new("soffice")
        .arg(format!("-env:UserInstallation=file://{}/profile", folder.display()))
        .args(["--headless", "--convert-to", "pdf", "--outdir"])
        .arg(folder)
        .arg(&path)
        .output()
        .expect("soffice runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let pdf = folder.join(format!("{name}.pdf"));
    let text = Command::new("pdftotext")
        .arg("-layout")
        .arg(&pdf)
        .arg("-")
        .output()
        .expect("pdftotext runs");
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    let pages = text.matches('\u{c}').count();
    (text, pages)
}

fn folded(text: &str) -> String {
    text.split(|c: char| c.is_whitespace())
        .filter(|w| !w.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn libreoffice_opens_the_sop_and_the_mou_with_their_headings_and_tables() {
    for program in ["soffice", "pdftotext"] {
        if !installed(program) {
            eprintln!(
                "skipped: libreoffice_opens_the_sop_and_the_mou_with_their_headings_and_tables ({program} is not installed)"
            );
            return;
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    for lang in [Lang::Fr, Lang::En] {
        for (code, least) in [("DOC10", 30), ("DOC08", 8)] {
            let document = rendered(code, lang);
            let (text, pages) = printed(folder.path(), &docx::file(&document), &format!("{code}-{lang}"));
            assert!(pages >= least, "{code} {lang}: {pages} pages");
            let whole = folded(&text);
            for heading in document.headings() {
                let words = folded(&plain(&heading.text));
                // A long heading breaks into lines that the layout keeps apart: its first words do.
                let first: String = words.chars().take(28).collect();
                assert!(whole.contains(first.trim_end()), "{code} {lang}: {words}");
            }
            let limit = cameroon().limits(relais_mechanism::Priority::P3, "");
            assert_eq!(limit.first_contact, relais_mechanism::Span::WorkingDays(7));
            assert!(whole.contains("MED") && whole.contains("SL1") || code == "DOC08");
            eprintln!("{code} {lang}: {pages} pages");
        }
    }
}
