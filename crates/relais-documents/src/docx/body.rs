//! The text of the file.

use std::fmt::Write as _;

use relais_interchange::zip::escaped;

use super::parts::{ANNEXES, BULLETS, FIRST_LIST};
use super::{field, run};
use crate::html::{SIGNS, version};
use crate::model::{Block, Document, Heading, Inline, Numbered, Row, Table, plain};
use crate::words::say;

/// Width of the text on A4, in twentieths of a point.
const WIDTH: usize = 9638;

/// The text, the addresses that it links to and how many numbered lists it has.
pub(super) struct Body {
    pub xml: String,
    pub links: Vec<String>,
    pub lists: usize,
}

struct Writer<'a> {
    document: &'a Document,
    out: String,
    links: Vec<String>,
    lists: usize,
    bookmarks: usize,
}

/// Writes the text.
pub(super) fn write(document: &Document) -> Body {
    let mut writer = Writer {
        document,
        out: String::with_capacity(400_000),
        links: Vec::new(),
        lists: 0,
        bookmarks: 0,
    };
    writer.out.push_str(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
         <w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
         xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><w:body>",
    );
    writer.cover();
    for block in &document.blocks {
        writer.block(block, "", 0);
    }
    writer.out.push_str(
        "<w:sectPr><w:headerReference w:type=\"default\" r:id=\"rId4\"/><w:headerReference w:type=\"first\" r:id=\"rId6\"/>\
         <w:footerReference w:type=\"default\" r:id=\"rId5\"/><w:footerReference w:type=\"first\" r:id=\"rId7\"/>\
         <w:pgSz w:w=\"11906\" w:h=\"16838\"/>\
         <w:pgMar w:top=\"1361\" w:right=\"1134\" w:bottom=\"1247\" w:left=\"1134\" w:header=\"624\" w:footer=\"567\" w:gutter=\"0\"/>\
         <w:titlePg/></w:sectPr></w:body></w:document>",
    );
    Body {
        xml: writer.out,
        links: writer.links,
        lists: writer.lists,
    }
}

/// A name that Word takes for a bookmark.
fn bookmark(id: &str) -> String {
    let name: String = id
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .take(36)
        .collect();
    format!("_h_{name}")
}

impl Writer<'_> {
    fn cover(&mut self) {
        let document = self.document;
        let rule = "<w:pBdr><w:top w:val=\"single\" w:sz=\"48\" w:space=\"12\" w:color=\"0B5048\"/></w:pBdr>";
        self.paragraph(
            &format!("<w:pStyle w:val=\"Subtitle\"/>{rule}"),
            &run(&document.mechanism, "<w:b/>"),
        );
        // A sheet goes on below its title; a document has a page for it.
        let before = if document.is_sheet() { 120 } else { 3600 };
        self.paragraph(
            &format!("<w:pStyle w:val=\"Subtitle\"/><w:spacing w:before=\"{before}\"/>"),
            &run(&document.code, ""),
        );
        self.paragraph("<w:pStyle w:val=\"Title\"/>", &run(&document.title, ""));
        self.paragraph("<w:pStyle w:val=\"Subtitle\"/>", &run(&version(document), ""));
        if !document.is_sheet() {
            self.page_break();
        }
    }

    fn page_break(&mut self) {
        self.out.push_str("<w:p><w:r><w:br w:type=\"page\"/></w:r></w:p>");
    }

    fn paragraph(&mut self, properties: &str, runs: &str) {
        write!(self.out, "<w:p><w:pPr>{properties}</w:pPr>{runs}</w:p>").expect("memory takes all");
    }

    /// A block; `around` are properties of the paragraphs of what holds it.
    fn block(&mut self, block: &Block, around: &str, depth: usize) {
        match block {
            Block::Heading(heading) => self.heading(heading),
            Block::Paragraph(inlines) => {
                let runs = self.inlines(inlines, "");
                self.paragraph(around, &runs);
            }
            Block::List { ordered, items } => self.list(*ordered, items, depth),
            Block::Table(table) => self.table(table),
            Block::Note(blocks) => {
                for block in blocks {
                    self.block(block, "<w:pStyle w:val=\"Note\"/>", depth);
                }
            }
            Block::Signatures(parties) => {
                for party in parties {
                    let name = crate::setting::set(&party.name, self.document.lang);
                    self.signature(&name);
                }
            }
            Block::Contents => self.contents(),
            Block::Figure {
                number,
                caption,
                alternative,
                ..
            } => self.figure(*number, caption, alternative, depth),
            Block::PageBreak => self.page_break(),
        }
    }

    fn heading(&mut self, heading: &Heading) {
        let level = usize::from(heading.level.clamp(2, 4)) - 1;
        let mut properties = format!("<w:pStyle w:val=\"Heading{level}\"/>");
        match heading.numbered {
            Numbered::Body => {}
            Numbered::Annex => {
                if level == 1 {
                    properties.push_str("<w:pageBreakBefore/>");
                }
                write!(
                    properties,
                    "<w:numPr><w:ilvl w:val=\"{}\"/><w:numId w:val=\"{ANNEXES}\"/></w:numPr>",
                    level - 1
                )
                .expect("memory takes all");
            }
            Numbered::No => properties.push_str("<w:numPr><w:numId w:val=\"0\"/></w:numPr>"),
        }
        let id = self.bookmarks;
        self.bookmarks += 1;
        let runs = self.inlines(&heading.text, "");
        let runs = format!(
            "<w:bookmarkStart w:id=\"{id}\" w:name=\"{}\"/>{runs}<w:bookmarkEnd w:id=\"{id}\"/>",
            bookmark(&heading.id)
        );
        self.paragraph(&properties, &runs);
    }

    fn list(&mut self, ordered: bool, items: &[Vec<Block>], depth: usize) {
        let number = if ordered {
            self.lists += 1;
            FIRST_LIST + self.lists - 1
        } else {
            BULLETS
        };
        for item in items {
            for (n, block) in item.iter().enumerate() {
                let properties = if n == 0 {
                    format!(
                        "<w:pStyle w:val=\"ListParagraph\"/><w:numPr><w:ilvl w:val=\"{}\"/><w:numId w:val=\"{number}\"/></w:numPr>",
                        depth.min(1)
                    )
                } else {
                    "<w:pStyle w:val=\"ListParagraph\"/><w:ind w:left=\"397\"/>".to_owned()
                };
                self.block(block, &properties, depth + 1);
            }
        }
    }

    /// What a table or a figure shows, with its number in the count of its kind.
    fn caption(&mut self, kind: &str, number: usize, text: &[Inline]) {
        let caption = self.inlines(text, "");
        let runs = format!(
            "{}{}{}{caption}",
            run(&format!("{kind}\u{a0}"), ""),
            field(&format!("SEQ {kind} \\* ARABIC"), &number.to_string(), ""),
            run(". ", "")
        );
        self.paragraph("<w:pStyle w:val=\"Caption\"/>", &runs);
    }

    /// A figure: its caption and what it says in words. The file holds no picture
    /// yet: Word takes an SVG only beside a picture of dots, which nothing here
    /// draws.
    fn figure(&mut self, number: usize, caption: &[Inline], alternative: &[Block], depth: usize) {
        self.caption("Figure", number, caption);
        for block in alternative {
            self.block(block, "", depth);
        }
    }

    fn table(&mut self, table: &Table) {
        if !table.caption.is_empty() {
            let kind = say(self.document.lang, "Tableau", "Table");
            self.caption(kind, table.number, &table.caption);
        }
        let widths: Vec<usize> = table.widths.iter().map(|w| usize::from(*w) * WIDTH / 100).collect();
        self.open_table(&widths);
        self.out.push_str("<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>");
        for (n, cell) in table.head.iter().enumerate() {
            let runs = self.inlines(cell, "<w:b/><w:color w:val=\"FFFFFF\"/>");
            self.cell(
                widths.get(n).copied(),
                "<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"0B5048\"/>",
                &runs,
            );
        }
        self.out.push_str("</w:tr>");
        for row in &table.rows {
            match row {
                Row::Band(cell) => {
                    let runs = self.inlines(cell, "");
                    let span = format!(
                        "<w:gridSpan w:val=\"{}\"/><w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"E3ECE9\"/>",
                        table.head.len()
                    );
                    self.out.push_str("<w:tr><w:trPr><w:cantSplit/></w:trPr>");
                    self.kept_cell(WIDTH, &span, &runs);
                    self.out.push_str("</w:tr>");
                }
                Row::Cells(cells) => {
                    self.out.push_str("<w:tr><w:trPr><w:cantSplit/></w:trPr>");
                    for (n, cell) in cells.iter().enumerate() {
                        let runs = self.inlines(cell, "");
                        self.cell(widths.get(n).copied(), "", &runs);
                    }
                    self.out.push_str("</w:tr>");
                }
            }
        }
        self.close_table();
    }

    fn open_table(&mut self, widths: &[usize]) {
        self.out.push_str(
            "<w:tbl><w:tblPr><w:tblStyle w:val=\"TableGrid\"/><w:tblW w:w=\"5000\" w:type=\"pct\"/>\
             <w:tblLayout w:type=\"fixed\"/><w:tblLook w:val=\"0420\" w:firstRow=\"1\" w:firstColumn=\"0\" w:noHBand=\"0\" w:noVBand=\"1\"/></w:tblPr><w:tblGrid>",
        );
        for width in widths {
            write!(self.out, "<w:gridCol w:w=\"{width}\"/>").expect("memory takes all");
        }
        self.out.push_str("</w:tblGrid>");
    }

    /// Two tables that touch would become one: a small paragraph stands between.
    fn close_table(&mut self) {
        self.out
            .push_str("</w:tbl><w:p><w:pPr><w:spacing w:before=\"0\" w:after=\"120\" w:line=\"120\" w:lineRule=\"exact\"/></w:pPr></w:p>");
    }

    fn cell(&mut self, width: Option<usize>, properties: &str, runs: &str) {
        let width = width.map_or_else(String::new, |w| format!("<w:tcW w:w=\"{w}\" w:type=\"dxa\"/>"));
        write!(
            self.out,
            "<w:tc><w:tcPr>{width}{properties}</w:tcPr><w:p><w:pPr><w:pStyle w:val=\"Cell\"/></w:pPr>{runs}</w:p></w:tc>"
        )
        .expect("memory takes all");
    }

    /// A cell that stays with the row after it.
    fn kept_cell(&mut self, width: usize, properties: &str, runs: &str) {
        write!(
            self.out,
            "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/>{properties}</w:tcPr>\
             <w:p><w:pPr><w:pStyle w:val=\"Cell\"/><w:keepNext/></w:pPr>{runs}</w:p></w:tc>"
        )
        .expect("memory takes all");
    }

    fn signature(&mut self, name: &str) {
        let lang = self.document.lang;
        let widths = [WIDTH * 30 / 100, WIDTH * 70 / 100];
        self.open_table(&widths);
        self.out.push_str("<w:tr><w:trPr><w:cantSplit/></w:trPr>");
        let shade = "<w:gridSpan w:val=\"2\"/><w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"E3ECE9\"/>";
        self.kept_cell(WIDTH, shade, &run(name, "<w:b/>"));
        self.out.push_str("</w:tr>");
        for (n, (fr, en)) in SIGNS.iter().enumerate() {
            let last = n + 1 == SIGNS.len();
            let height = if last { 1134 } else { 454 };
            write!(
                self.out,
                "<w:tr><w:trPr><w:cantSplit/><w:trHeight w:val=\"{height}\" w:hRule=\"atLeast\"/></w:trPr>"
            )
            .expect("memory takes all");
            let label = run(say(lang, fr, en), "");
            if last {
                self.cell(Some(widths[0]), "", &label);
            } else {
                self.kept_cell(widths[0], "", &label);
            }
            self.cell(Some(widths[1]), "", "");
            self.out.push_str("</w:tr>");
        }
        self.close_table();
    }

    /// The table of contents: a field that Word fills, with the headings in it
    /// for programs that do not.
    fn contents(&mut self) {
        let document = self.document;
        let title = say(document.lang, "Table des matières", "Contents");
        self.paragraph("<w:pStyle w:val=\"TOCHeading\"/>", &run(title, ""));
        let headings: Vec<&Heading> = document.headings().filter(|h| h.level <= 3).collect();
        for (n, heading) in headings.iter().enumerate() {
            let mut runs = String::new();
            if n == 0 {
                runs.push_str(
                    "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r>\
                     <w:r><w:instrText xml:space=\"preserve\"> TOC \\o \"1-2\" \\h \\z \\u </w:instrText></w:r>\
                     <w:r><w:fldChar w:fldCharType=\"separate\"/></w:r>",
                );
            }
            let mut text = plain(&heading.text);
            if !heading.number.is_empty() {
                text = format!("{} {text}", heading.number);
            }
            let name = bookmark(&heading.id);
            write!(
                runs,
                "<w:hyperlink w:anchor=\"{name}\" w:history=\"1\">{}<w:r><w:tab/></w:r>{}</w:hyperlink>",
                run(&text, ""),
                field(&format!("PAGEREF {name} \\h"), "", "")
            )
            .expect("memory takes all");
            if n + 1 == headings.len() {
                runs.push_str("<w:r><w:fldChar w:fldCharType=\"end\"/></w:r>");
            }
            self.paragraph(&format!("<w:pStyle w:val=\"TOC{}\"/>", heading.level - 1), &runs);
        }
        self.page_break();
    }

    fn inlines(&mut self, inlines: &[Inline], properties: &str) -> String {
        let mut out = String::new();
        for inline in inlines {
            match inline {
                Inline::Text(text) => out += &run(text, properties),
                Inline::Strong(inner) => out += &self.inlines(inner, &with("<w:b/>", properties)),
                Inline::Emphasis(inner) => out += &self.inlines(inner, &with("<w:i/>", properties)),
                Inline::Code(code) => out += &run(&code.replace('-', "\u{2011}"), properties),
                Inline::Link { to, text } => {
                    let n = self.links.iter().position(|l| l == to).unwrap_or_else(|| {
                        self.links.push(to.clone());
                        self.links.len() - 1
                    });
                    let inner = self.inlines(text, &with("<w:rStyle w:val=\"Hyperlink\"/>", properties));
                    write!(out, "<w:hyperlink r:id=\"link{n}\">{inner}</w:hyperlink>").expect("memory takes all");
                }
                Inline::Reference { id, text } => {
                    let inner = self.inlines(text, properties);
                    write!(
                        out,
                        "<w:hyperlink w:anchor=\"{}\" w:history=\"1\">{inner}</w:hyperlink>",
                        escaped(&bookmark(id))
                    )
                    .expect("memory takes all");
                }
                Inline::Mark(mark) => {
                    out += &run(
                        &format!("[{}]", mark.letter()),
                        &with_after(properties, "<w:color w:val=\"44534F\"/><w:sz w:val=\"15\"/>"),
                    );
                }
                Inline::Break => out += "<w:r><w:br/></w:r>",
            }
        }
        out
    }
}

/// Properties stand in the order that the schema asks for: style, bold,
/// italics, colour, size.
fn with(first: &str, properties: &str) -> String {
    let order = ["<w:rStyle", "<w:b/>", "<w:i/>", "<w:color", "<w:sz"];
    let rank = |p: &str| order.iter().position(|o| p.starts_with(o)).unwrap_or(order.len());
    let mut all: Vec<&str> = properties.split_inclusive("/>").chain([first]).collect();
    all.sort_by_key(|p| rank(p));
    all.dedup();
    all.concat()
}

/// The same, with the colour and size of what comes after in the place of its own.
fn with_after(properties: &str, after: &str) -> String {
    let kept: String = properties
        .split_inclusive("/>")
        .filter(|p| !p.starts_with("<w:color") && !p.starts_with("<w:sz"))
        .collect();
    format!("{kept}{after}")
}
