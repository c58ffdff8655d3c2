//! Workbooks as spreadsheets save them, and as nobody should.

mod book;

use book::{book, parts, texts, zip};
use chrono::NaiveDate;
use proptest::prelude::*;
use relais_interchange::manifest::{self, What};
use relais_interchange::table::{self, Limits};
use relais_interchange::{FileProblem, ReadAs};

fn refused(bytes: &[u8]) -> FileProblem {
    table::read(bytes, &Limits::MANIFEST).expect_err("refused")
}

#[test]
fn a_workbook_is_read_as_it_is_shown() {
    let strings = "<si><t>Nom</t></si><si><r><t xml:space=\"preserve\">Essai </t></r><r><t>Bi&amp;loa&#233;</t></r>\
                   <rPh><t>lu</t></rPh></si><si><t>Né le</t></si><si/><si><t>Tél</t></si><si><t>Observations</t></si>";
    let rows = "<row r=\"2\"><c r=\"A2\" t=\"s\"><v>0</v></c><c r=\"B2\" t=\"s\"><v>2</v></c><c r=\"C2\" t=\"s\"><v>4</v></c>\
                <c r=\"D2\" t=\"s\"><v>5</v></c></row><row r=\"3\"/>\
                <row r=\"5\"><c r=\"A5\" t=\"s\"><v>1</v></c><c r=\"B5\" s=\"1\"><v>35392</v></c><c r=\"C5\"><v>6.77123456E8</v></c>\
                <c r=\"D5\" t=\"str\"><f>HYPERLINK(\"http://x.example\")</f><v>clic</v></c></row>\
                <row r=\"6\"><c r=\"A6\" t=\"e\"><f>A1+</f><v>#REF!</v></c></row>\
                <row r=\"7\"><c r=\"A7\" t=\"inlineStr\"><is><t>=cmd|' /C calc'!A0</t></is></c></row>";
    let grid = table::read(&book(rows, strings), &Limits::MANIFEST).expect("readable");
    assert_eq!(grid.read_as, ReadAs::Xlsx);
    assert_eq!(
        grid.lines[1].cells,
        ["Essai Bi&loaé", "1996-11-23", "677123456", "clic"]
    );
    assert_eq!(grid.lines.iter().map(|l| l.number).collect::<Vec<_>>(), [2, 5, 6, 7]);
    let header = manifest::header(&grid);
    let on = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day");
    let reading = manifest::persons(&grid, header, &manifest::guess(&grid.lines[header]), on);
    assert_eq!(reading.persons.len(), 1);
    assert_eq!(reading.persons[0].age, Some(30));
    let problems: Vec<_> = reading.problems.iter().map(|p| (p.line, p.what)).collect();
    assert_eq!(problems, [(6, What::ErrorValue), (7, What::Formula)]);
}

#[test]
fn each_limit_holds_and_names_the_line() {
    let header = texts(1, &["Nom", "Sexe"]);
    let many: String = (2..=2_002).map(|n| texts(n, &["Essai", "F"])).collect();
    assert_eq!(
        refused(&book(&format!("{header}{many}"), "")),
        FileProblem::TooManyRows {
            limit: 2_000,
            line: 2_001
        }
    );
    // A million rows: stopped at the two-thousandth, or by the budget where they are empty.
    let million: String = (2..=1_000_000)
        .map(|n| format!("<row r=\"{n}\"><c t=\"str\"><v>E</v></c></row>"))
        .collect();
    assert_eq!(
        refused(&book(&format!("{header}{million}"), "")),
        FileProblem::TooManyRows {
            limit: 2_000,
            line: 2_001
        }
    );
    let hollow = "<row r=\"9\"><c/></row>".repeat(1_500_000);
    assert_eq!(
        refused(&book(&hollow, "")),
        FileProblem::TooMuchUnpacked { limit: 24 << 20 }
    );
    // One cell in the last corner costs one line, or is beyond the columns.
    let corner = "<row r=\"1048576\"><c r=\"A1048576\" t=\"str\"><v>Essai</v></c></row>";
    let grid = table::read(&book(&format!("{header}{corner}"), ""), &Limits::MANIFEST).expect("readable");
    assert_eq!((grid.lines.len(), grid.lines[1].number), (2, 1_048_576));
    let far = "<row r=\"9\"><c r=\"XFD9\" t=\"str\"><v>Essai</v></c></row>";
    assert_eq!(
        refused(&book(far, "")),
        FileProblem::TooManyColumns { limit: 60, line: 9 }
    );
    let strings = "<si><t>x</t></si>".repeat(60_001);
    assert_eq!(
        refused(&book(&header, &strings)),
        FileProblem::TooManyCells { limit: 60_000, line: 1 }
    );
    let beyond = "<row r=\"1048577\"><c t=\"str\"><v>Essai</v></c></row>";
    assert!(matches!(refused(&book(beyond, "")), FileProblem::Broken { .. }));
}

#[test]
fn a_bomb_is_refused_whatever_its_directory_says() {
    let huge = format!("<row r=\"2\"><c t=\"str\"><v>{}</v></c></row>", "A".repeat(200 << 20));
    for honest in [true, false] {
        let bytes = zip(&parts(&huge, ""), 0, honest);
        assert!(bytes.len() < 1 << 20, "{} bytes", bytes.len());
        assert_eq!(refused(&bytes), FileProblem::TooMuchUnpacked { limit: 24 << 20 });
    }
    // Spread over parts: one budget for all.
    let share = format!("<si><t>{}</t></si>", "B".repeat(15 << 20));
    let row = format!("<row r=\"2\"><c t=\"str\"><v>{}</v></c></row>", "A".repeat(15 << 20));
    assert_eq!(
        refused(&book(&row, &share)),
        FileProblem::TooMuchUnpacked { limit: 24 << 20 }
    );
    let mut entities = parts(&texts(1, &["Nom"]), "");
    entities[4].1 = b"<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><worksheet/>".to_vec();
    assert_eq!(
        refused(&zip(&entities, 0, true)),
        FileProblem::Broken { part: "sheet.xml" }
    );
}

#[test]
fn what_is_broken_or_no_workbook_says_so() {
    let sound = book(&texts(1, &["Nom"]), "");
    assert!(table::read(&sound, &Limits::MANIFEST).is_ok());
    assert_eq!(refused(&sound[..sound.len() / 2]), FileProblem::Broken { part: "zip" });
    assert_eq!(refused(&zip(&parts("", ""), 1, true)), FileProblem::OldSpreadsheet);
    assert_eq!(refused(&book("", "")), FileProblem::Empty);
    let document = [("word/document.xml", b"<w/>".to_vec(), true)];
    assert_eq!(refused(&zip(&document, 0, true)), FileProblem::NotATable);
    let mut cut = parts(&texts(1, &["Nom"]), "");
    let length = cut[4].1.len();
    cut[4].1.truncate(length - 20);
    assert_eq!(refused(&zip(&cut, 0, true)), FileProblem::Broken { part: "sheet.xml" });
    for gone in ["xl/_rels/workbook.xml.rels", "xl/worksheets/sheet2.xml"] {
        let kept: Vec<_> = parts(&texts(1, &["Nom"]), "")
            .into_iter()
            .filter(|p| p.0 != gone)
            .collect();
        assert!(
            matches!(refused(&zip(&kept, 0, true)), FileProblem::Broken { .. }),
            "{gone}"
        );
    }
    let mut hidden = parts(&texts(1, &["Nom"]), "");
    hidden[0].1 = String::from_utf8(hidden[0].1.clone())
        .expect("text")
        .replace("sheetId=\"2\"", "sheetId=\"2\" state=\"veryHidden\"")
        .into_bytes();
    assert_eq!(refused(&zip(&hidden, 0, true)), FileProblem::NoSheet);
    let longest = "x".repeat(5_000);
    let grid = table::read(&book(&texts(1, &["Nom", &longest]), ""), &Limits::MANIFEST).expect("readable");
    assert!(
        grid.lines[0].cells[1].len() < 4_200,
        "a cell is cut off where no name is so long"
    );
}

proptest! {
    /// A sound workbook with some bytes changed: read or refused, never worse.
    #[test]
    fn any_damage_ends_in_a_table_or_a_problem(
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let mut bytes = book(&texts(1, &["Nom", "Sexe"]), "<si><t>Nom</t></si>");
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = table::read(&bytes, &Limits::MANIFEST);
    }
}
