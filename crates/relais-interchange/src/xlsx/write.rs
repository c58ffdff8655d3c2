//! Writes workbooks: a list with a frozen heading, filters and widths, and a
//! sheet of notes. Lines go into the packed part as they come, so that a list of
//! a hundred thousand lines costs its packed bytes, not its cells (decision
//! 0015). Text is text: no formula is ever written.

use std::fmt::Write as _;

use chrono::NaiveDate;
use relais_mechanism::Lang;

use crate::directory::table::Cell;
use crate::zip::{Packer, Part, escaped};

/// What a workbook is served as.
pub const TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";

/// Cell styles, by their number in `styles.xml`.
const HEADING: u8 = 1;
const TEXT: u8 = 2;
const DAY: u8 = 3;
const LABEL: u8 = 4;
const WRAPPED: u8 = 5;

/// The heading of a column.
#[derive(Debug, Clone)]
pub struct Heading {
    /// What it says.
    pub text: String,
    /// Width, in characters.
    pub width: u16,
}

/// A workbook under way.
#[derive(Debug)]
pub struct Workbook {
    packer: Packer,
    /// Names of the sheets, in order.
    sheets: Vec<String>,
    /// Named ranges: the filter of a list and the lines repeated on each printed page.
    ranges: String,
    lang: Lang,
}

/// Letters of a column, from 0.
fn letters(mut column: usize) -> String {
    let mut found = Vec::new();
    loop {
        found.push(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"[column % 26]);
        match column / 26 {
            0 => break,
            n => column = n - 1,
        }
    }
    found.iter().rev().map(|l| char::from(*l)).collect()
}

/// Days since the first that spreadsheets count from.
fn serial(day: NaiveDate) -> i64 {
    let first = NaiveDate::from_ymd_opt(1899, 12, 30).expect("a day");
    day.signed_duration_since(first).num_days()
}

fn push_text(xml: &mut String, address: &str, style: u8, text: &str) {
    let _ = write!(
        xml,
        "<c r=\"{address}\" s=\"{style}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>",
        escaped(text)
    );
}

fn push_cell(xml: &mut String, address: &str, cell: &Cell) {
    match cell {
        Cell::Empty => {}
        Cell::Text(text) => push_text(xml, address, TEXT, text),
        Cell::Number(number) => {
            let _ = write!(xml, "<c r=\"{address}\"><v>{number}</v></c>");
        }
        Cell::Day(day) => {
            let _ = write!(xml, "<c r=\"{address}\" s=\"{DAY}\"><v>{}</v></c>", serial(*day));
        }
    }
}

impl Workbook {
    /// A workbook without a sheet.
    #[must_use]
    pub fn new(lang: Lang) -> Self {
        Self {
            packer: Packer::default(),
            sheets: Vec::new(),
            ranges: String::new(),
            lang,
        }
    }

    /// Adds a list; the first one is what the file opens with.
    pub fn list(&mut self, name: &str, headings: Vec<Heading>, lines: impl Iterator<Item = Vec<Cell>>) {
        let before = self.sheets.len();
        let first = if before == 0 { " tabSelected=\"1\"" } else { "" };
        let mut part = Part::new(&format!("xl/worksheets/sheet{}.xml", before + 1));
        let mut xml = format!(
            "{HEAD}<worksheet xmlns=\"{MAIN}\"><sheetPr><pageSetUpPr fitToPage=\"1\"/></sheetPr><sheetViews>\
             <sheetView{first} workbookViewId=\"0\"><pane ySplit=\"1\" topLeftCell=\"A2\" \
             activePane=\"bottomLeft\" state=\"frozen\"/><selection pane=\"bottomLeft\" activeCell=\"A2\" \
             sqref=\"A2\"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight=\"15\"/><cols>"
        );
        for (n, heading) in headings.iter().enumerate() {
            let (at, width) = (n + 1, heading.width);
            let _ = write!(
                xml,
                "<col min=\"{at}\" max=\"{at}\" width=\"{width}\" customWidth=\"1\"/>"
            );
        }
        xml.push_str("</cols><sheetData><row r=\"1\" ht=\"45\" customHeight=\"1\">");
        let columns: Vec<String> = (0..headings.len()).map(letters).collect();
        for (letters, heading) in columns.iter().zip(&headings) {
            push_text(&mut xml, &format!("{letters}1"), HEADING, &heading.text);
        }
        xml.push_str("</row>");
        let mut row = 1;
        for line in lines {
            row += 1;
            let _ = write!(xml, "<row r=\"{row}\">");
            for (letters, cell) in columns.iter().zip(&line) {
                push_cell(&mut xml, &format!("{letters}{row}"), cell);
            }
            xml.push_str("</row>");
            part.push(&xml);
            xml.clear();
        }
        let last = columns.last().map_or("A", String::as_str);
        let _ = write!(
            xml,
            "</sheetData><autoFilter ref=\"A1:{last}{row}\"/><pageMargins left=\"0.4\" right=\"0.4\" top=\"0.5\" \
             bottom=\"0.5\" header=\"0.3\" footer=\"0.3\"/><pageSetup paperSize=\"9\" orientation=\"landscape\" \
             fitToHeight=\"0\"/></worksheet>"
        );
        part.push(&xml);
        self.packer.add(part);
        let _ = write!(
            self.ranges,
            "<definedName name=\"_xlnm._FilterDatabase\" localSheetId=\"{before}\" hidden=\"1\">'{name}'!$A$1:${last}${row}\
             </definedName><definedName name=\"_xlnm.Print_Titles\" localSheetId=\"{before}\">'{name}'!$1:$1</definedName>"
        );
        self.sheets.push(name.to_owned());
    }

    /// Adds a sheet of notes: a word and what it says, line by line.
    pub fn notes(&mut self, name: &str, lines: &[(String, String)]) {
        let mut part = Part::new(&format!("xl/worksheets/sheet{}.xml", self.sheets.len() + 1));
        let mut xml = format!(
            "{HEAD}<worksheet xmlns=\"{MAIN}\"><sheetViews><sheetView workbookViewId=\"0\"/></sheetViews>\
             <sheetFormatPr defaultRowHeight=\"15\"/><cols><col min=\"1\" max=\"1\" width=\"30\" customWidth=\"1\"/>\
             <col min=\"2\" max=\"2\" width=\"80\" customWidth=\"1\"/></cols><sheetData>"
        );
        for (n, (label, text)) in lines.iter().enumerate() {
            let row = n + 1;
            let _ = write!(xml, "<row r=\"{row}\">");
            push_text(&mut xml, &format!("A{row}"), LABEL, label);
            push_text(&mut xml, &format!("B{row}"), WRAPPED, text);
            xml.push_str("</row>");
        }
        xml.push_str("</sheetData></worksheet>");
        part.push(&xml);
        self.packer.add(part);
        self.sheets.push(name.to_owned());
    }

    /// The file.
    #[must_use]
    pub fn done(mut self) -> Vec<u8> {
        let (mut sheets, mut relations, mut types) = (String::new(), String::new(), String::new());
        for (n, name) in self.sheets.iter().enumerate() {
            let at = n + 1;
            let _ = write!(
                sheets,
                "<sheet name=\"{}\" sheetId=\"{at}\" r:id=\"rId{at}\"/>",
                escaped(name)
            );
            let _ = write!(
                relations,
                "<Relationship Id=\"rId{at}\" Type=\"{RELATIONS}/worksheet\" Target=\"worksheets/sheet{at}.xml\"/>"
            );
            let _ = write!(
                types,
                "<Override PartName=\"/xl/worksheets/sheet{at}.xml\" \
                 ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>"
            );
        }
        let ranges = &self.ranges;
        let parts = [
            (
                "[Content_Types].xml",
                format!(
                    "{HEAD}<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" \
                     ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default \
                     Extension=\"xml\" ContentType=\"application/xml\"/><Override PartName=\"/xl/workbook.xml\" \
                     ContentType=\"{TYPE}.main+xml\"/><Override PartName=\"/xl/styles.xml\" \
                     ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml\"/>{types}\
                     </Types>"
                ),
            ),
            (
                "_rels/.rels",
                format!(
                    "{HEAD}<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"rId1\" \
                     Type=\"{RELATIONS}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
                ),
            ),
            (
                "xl/workbook.xml",
                format!(
                    "{HEAD}<workbook xmlns=\"{MAIN}\" xmlns:r=\"{RELATIONS}\"><bookViews><workbookView/></bookViews>\
                     <sheets>{sheets}</sheets><definedNames>{ranges}</definedNames></workbook>"
                ),
            ),
            (
                "xl/_rels/workbook.xml.rels",
                format!(
                    "{HEAD}<Relationships xmlns=\"{PACKAGE}/relationships\">{relations}<Relationship Id=\"rId9\" \
                     Type=\"{RELATIONS}/styles\" Target=\"styles.xml\"/></Relationships>"
                ),
            ),
            ("xl/styles.xml", styles(self.lang)),
        ];
        for (name, text) in parts {
            let mut part = Part::new(name);
            part.push(&text);
            self.packer.add(part);
        }
        self.packer.done()
    }
}

/// The styles: what a heading looks like, how a day is shown in the language.
fn styles(lang: Lang) -> String {
    let day = match lang {
        Lang::Fr => "dd/mm/yyyy",
        Lang::En => "yyyy-mm-dd",
    };
    format!(
        "{HEAD}<styleSheet xmlns=\"{MAIN}\"><numFmts count=\"1\"><numFmt numFmtId=\"164\" formatCode=\"{day}\"/>\
         </numFmts><fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font><font><b/><sz val=\"11\"/>\
         <name val=\"Calibri\"/></font></fonts><fills count=\"3\"><fill><patternFill patternType=\"none\"/></fill>\
         <fill><patternFill patternType=\"gray125\"/></fill><fill><patternFill patternType=\"solid\"><fgColor \
         rgb=\"FFDCE6EE\"/><bgColor indexed=\"64\"/></patternFill></fill></fills><borders count=\"1\"><border><left/>\
         <right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count=\"1\"><xf numFmtId=\"0\" \
         fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs><cellXfs count=\"6\"><xf numFmtId=\"0\" \
         fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/><xf numFmtId=\"49\" fontId=\"1\" fillId=\"2\" \
         borderId=\"0\" xfId=\"0\" applyFont=\"1\" applyFill=\"1\" applyAlignment=\"1\"><alignment vertical=\"top\" \
         wrapText=\"1\"/></xf><xf numFmtId=\"49\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" \
         applyNumberFormat=\"1\"/><xf numFmtId=\"164\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" \
         applyNumberFormat=\"1\"/><xf numFmtId=\"49\" fontId=\"1\" fillId=\"0\" borderId=\"0\" xfId=\"0\" \
         applyFont=\"1\" applyAlignment=\"1\"><alignment vertical=\"top\" wrapText=\"1\"/></xf><xf numFmtId=\"49\" \
         fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyAlignment=\"1\"><alignment vertical=\"top\" \
         wrapText=\"1\"/></xf></cellXfs><cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" \
         builtinId=\"0\"/></cellStyles></styleSheet>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{Limits, read};

    #[test]
    fn columns_are_lettered() {
        let found = [0, 25, 26, 51, 701, 702].map(letters);
        assert_eq!(found, ["A", "Z", "AA", "AZ", "ZZ", "AAA"]);
    }

    #[test]
    fn each_sheet_is_a_part_of_its_own_with_its_own_filter() {
        let heading = || {
            vec![Heading {
                text: "A".to_owned(),
                width: 9,
            }]
        };
        let mut book = Workbook::new(Lang::En);
        for (name, lines) in [("One", 1), ("Two", 2)] {
            book.list(name, heading(), (0..lines).map(|n| vec![Cell::Number(f64::from(n))]));
        }
        book.notes("Read me", &[("a".to_owned(), "b".to_owned())]);
        assert_eq!(book.sheets, ["One", "Two", "Read me"]);
        for expected in [
            "localSheetId=\"0\" hidden=\"1\">'One'!$A$1:$A$2<",
            "localSheetId=\"1\" hidden=\"1\">'Two'!$A$1:$A$3<",
        ] {
            assert!(book.ranges.contains(expected), "{}", book.ranges);
        }
        let file = book.done();
        for part in ["sheet1.xml", "sheet2.xml", "sheet3.xml"] {
            let name = format!("xl/worksheets/{part}");
            // Once before the part, once in the directory of parts.
            assert_eq!(
                file.windows(name.len()).filter(|w| *w == name.as_bytes()).count(),
                2,
                "{part}"
            );
        }
    }

    #[test]
    fn what_is_written_is_read_back_and_nothing_of_it_runs() {
        let mut book = Workbook::new(Lang::Fr);
        let day = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day");
        let heading = |text: &str| Heading {
            text: text.to_owned(),
            width: 12,
        };
        let line = vec![
            Cell::Text("=HYPERLINK(\"x\") <&>".to_owned()),
            Cell::Number(4.0511),
            Cell::Empty,
            Cell::Day(day),
        ];
        book.list(
            "Annuaire",
            ["Nom", "Lat", "Rien", "Jour"].map(heading).into(),
            vec![line].into_iter(),
        );
        book.notes("Lire", &[("Date".to_owned(), "23/11/2026".to_owned())]);
        let bytes = book.done();
        let grid = read(&bytes, &Limits::MANIFEST).expect("a workbook");
        assert_eq!(grid.lines[0].cells, ["Nom", "Lat", "Rien", "Jour"]);
        assert_eq!(
            grid.lines[1].cells,
            ["=HYPERLINK(\"x\") <&>", "4.0511", "", "2026-11-23"]
        );
        assert_eq!(grid.lines.len(), 2, "the notes are no part of the list");
    }
}
