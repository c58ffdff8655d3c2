//! The parts of the file beside its text: types, relations, styles, numbers,
//! settings, header and footer.

use std::fmt::Write as _;

use relais_interchange::zip::escaped;
use relais_mechanism::Lang;

use super::{field, run};
use crate::model::{Document, Scheme};
use crate::words::say;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const W: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// Number of the numbering of headings; lists follow from [`FIRST_LIST`] on.
pub(super) const HEADINGS: usize = 1;
/// Number of the numbering of annexes.
pub(super) const ANNEXES: usize = 2;
/// Number of the bullets.
pub(super) const BULLETS: usize = 3;
/// Number of the first numbered list.
pub(super) const FIRST_LIST: usize = 4;

pub(super) const TYPES: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
    "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">",
    "<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>",
    "<Default Extension=\"xml\" ContentType=\"application/xml\"/>",
    "<Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/>",
    "<Override PartName=\"/word/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml\"/>",
    "<Override PartName=\"/word/numbering.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml\"/>",
    "<Override PartName=\"/word/settings.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml\"/>",
    "<Override PartName=\"/word/header1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml\"/>",
    "<Override PartName=\"/word/header2.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml\"/>",
    "<Override PartName=\"/word/footer1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml\"/>",
    "<Override PartName=\"/word/footer2.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml\"/>",
    "<Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/>",
    "</Types>"
);

pub(super) const RELATIONS: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">",
    "<Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"word/document.xml\"/>",
    "<Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/>",
    "</Relationships>"
);

/// Word fills the table of contents and the page numbers when it opens the file.
pub(super) const SETTINGS: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
    "<w:settings xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">",
    "<w:defaultTabStop w:val=\"567\"/><w:updateFields w:val=\"true\"/>",
    "<w:compat><w:compatSetting w:name=\"compatibilityMode\" w:uri=\"http://schemas.microsoft.com/office/word\" w:val=\"15\"/></w:compat>",
    "</w:settings>"
);

pub(super) const EMPTY_HEADER: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
    "<w:hdr xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:p/></w:hdr>"
);

pub(super) const EMPTY_FOOTER: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
    "<w:ftr xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:p/></w:ftr>"
);

/// The language that a speller takes.
fn spelling(lang: Lang) -> &'static str {
    say(lang, "fr-FR", "en-GB")
}

/// Title, code and language of the file.
pub(super) fn properties(document: &Document) -> String {
    format!(
        "{HEAD}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>{}</dc:title><dc:subject>{}</dc:subject>\
         <dc:identifier>{}</dc:identifier><dc:language>{}</dc:language><cp:version>{}</cp:version></cp:coreProperties>",
        escaped(&document.title),
        escaped(&document.mechanism),
        document.code,
        spelling(document.lang),
        escaped(&document.version)
    )
}

/// Relations of the text: its own parts, then the addresses that it names.
pub(super) fn links(links: &[String]) -> String {
    let mut out = format!(
        "{HEAD}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
         <Relationship Id=\"rId1\" Type=\"{OFFICE}/styles\" Target=\"styles.xml\"/>\
         <Relationship Id=\"rId2\" Type=\"{OFFICE}/numbering\" Target=\"numbering.xml\"/>\
         <Relationship Id=\"rId3\" Type=\"{OFFICE}/settings\" Target=\"settings.xml\"/>\
         <Relationship Id=\"rId4\" Type=\"{OFFICE}/header\" Target=\"header1.xml\"/>\
         <Relationship Id=\"rId5\" Type=\"{OFFICE}/footer\" Target=\"footer1.xml\"/>\
         <Relationship Id=\"rId6\" Type=\"{OFFICE}/header\" Target=\"header2.xml\"/>\
         <Relationship Id=\"rId7\" Type=\"{OFFICE}/footer\" Target=\"footer2.xml\"/>"
    );
    for (n, link) in links.iter().enumerate() {
        write!(
            out,
            "<Relationship Id=\"link{n}\" Type=\"{OFFICE}/hyperlink\" Target=\"{}\" TargetMode=\"External\"/>",
            escaped(link)
        )
        .expect("memory takes all");
    }
    out.push_str("</Relationships>");
    out
}

/// At the head of each page but the cover: the code and the title.
pub(super) fn header(document: &Document) -> String {
    format!(
        "{HEAD}<w:hdr {W}><w:p><w:pPr><w:pStyle w:val=\"Header\"/></w:pPr>{}</w:p></w:hdr>",
        run(&format!("{} – {}", document.code, document.title), "")
    )
}

/// At its foot: the version on the left, the page on the right.
pub(super) fn footer(document: &Document) -> String {
    format!(
        "{HEAD}<w:ftr {W}><w:p><w:pPr><w:pStyle w:val=\"Footer\"/></w:pPr>{}<w:r><w:tab/></w:r>{}{}{}</w:p></w:ftr>",
        run(&format!("{} · {}", document.mechanism, document.version), ""),
        field("PAGE", "1", ""),
        run(" / ", ""),
        field("NUMPAGES", "1", "")
    )
}

struct Style<'a> {
    id: &'a str,
    name: &'a str,
    based: &'a str,
    next: &'a str,
    paragraph: &'a str,
    run: &'a str,
}

impl Style<'_> {
    fn xml(&self) -> String {
        let based = if self.based.is_empty() {
            String::new()
        } else {
            format!("<w:basedOn w:val=\"{}\"/>", self.based)
        };
        let next = if self.next.is_empty() { self.id } else { self.next };
        let default = if self.id == "Normal" { " w:default=\"1\"" } else { "" };
        format!(
            "<w:style w:type=\"paragraph\"{default} w:styleId=\"{}\"><w:name w:val=\"{}\"/>{based}<w:next w:val=\"{next}\"/>\
             <w:qFormat/><w:pPr>{}</w:pPr><w:rPr>{}</w:rPr></w:style>",
            self.id, self.name, self.paragraph, self.run
        )
    }
}

const INK: &str = "<w:color w:val=\"14201E\"/>";

/// The styles: real headings, so that the outline and the contents work.
pub(super) fn styles(lang: Lang) -> String {
    let mut out = format!(
        "{HEAD}<w:styles {W}><w:docDefaults><w:rPrDefault><w:rPr>\
         <w:rFonts w:ascii=\"Arial\" w:hAnsi=\"Arial\" w:eastAsia=\"Arial\" w:cs=\"Arial\"/>\
         <w:sz w:val=\"20\"/><w:szCs w:val=\"20\"/><w:lang w:val=\"{}\" w:eastAsia=\"{0}\" w:bidi=\"ar-SA\"/></w:rPr></w:rPrDefault>\
         <w:pPrDefault><w:pPr><w:spacing w:after=\"120\" w:line=\"276\" w:lineRule=\"auto\"/></w:pPr></w:pPrDefault></w:docDefaults>",
        spelling(lang)
    );
    let heading = |level: usize, before: usize, size: usize, rule: &str| {
        (
            format!(
                "<w:keepNext/><w:keepLines/><w:numPr><w:ilvl w:val=\"{}\"/><w:numId w:val=\"{HEADINGS}\"/></w:numPr>{rule}\
                 <w:spacing w:before=\"{before}\" w:after=\"120\" w:line=\"240\" w:lineRule=\"auto\"/><w:outlineLvl w:val=\"{}\"/>",
                level - 1,
                level - 1
            ),
            format!("<w:b/>{INK}<w:sz w:val=\"{size}\"/>"),
        )
    };
    let rule = "<w:pBdr><w:top w:val=\"single\" w:sz=\"12\" w:space=\"6\" w:color=\"14201E\"/></w:pBdr>";
    let (p1, r1) = heading(1, 480, 30, rule);
    let (p2, r2) = heading(2, 280, 23, "");
    let (p3, r3) = heading(3, 200, 20, "");
    let toc = |indent: usize| {
        format!(
            "<w:tabs><w:tab w:val=\"right\" w:leader=\"dot\" w:pos=\"9638\"/></w:tabs>\
             <w:spacing w:before=\"0\" w:after=\"40\"/><w:ind w:left=\"{indent}\" w:right=\"567\"/>"
        )
    };
    let (toc1, toc2) = (toc(0), toc(340));
    let plain = [
        ("Normal", "Normal", "", "", "", INK),
        ("Heading1", "heading 1", "Normal", "Normal", p1.as_str(), r1.as_str()),
        ("Heading2", "heading 2", "Normal", "Normal", p2.as_str(), r2.as_str()),
        ("Heading3", "heading 3", "Normal", "Normal", p3.as_str(), r3.as_str()),
        (
            "Title",
            "Title",
            "Normal",
            "Normal",
            "<w:spacing w:before=\"240\" w:after=\"240\" w:line=\"240\" w:lineRule=\"auto\"/>",
            "<w:b/><w:color w:val=\"14201E\"/><w:sz w:val=\"52\"/>",
        ),
        (
            "Subtitle",
            "Subtitle",
            "Normal",
            "Normal",
            "<w:spacing w:before=\"0\" w:after=\"120\"/>",
            "<w:color w:val=\"44534F\"/><w:sz w:val=\"24\"/>",
        ),
        (
            "TOCHeading",
            "TOC Heading",
            "Normal",
            "Normal",
            "<w:keepNext/><w:spacing w:before=\"0\" w:after=\"200\"/>",
            "<w:b/><w:color w:val=\"14201E\"/><w:sz w:val=\"30\"/>",
        ),
        ("TOC1", "toc 1", "Normal", "Normal", toc1.as_str(), "<w:b/>"),
        ("TOC2", "toc 2", "Normal", "Normal", toc2.as_str(), ""),
        (
            "Caption",
            "caption",
            "Normal",
            "Normal",
            "<w:keepNext/><w:spacing w:before=\"240\" w:after=\"80\"/>",
            "<w:b/><w:sz w:val=\"18\"/>",
        ),
        (
            "Cell",
            "Cell",
            "Normal",
            "",
            "<w:spacing w:before=\"30\" w:after=\"30\" w:line=\"240\" w:lineRule=\"auto\"/>",
            "<w:sz w:val=\"17\"/>",
        ),
        (
            "Note",
            "Note",
            "Normal",
            "",
            "<w:keepLines/><w:pBdr><w:left w:val=\"single\" w:sz=\"24\" w:space=\"8\" w:color=\"0B5048\"/></w:pBdr>\
             <w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"F0F5F3\"/><w:spacing w:before=\"80\" w:after=\"80\"/><w:ind w:left=\"227\"/>",
            "",
        ),
        (
            "ListParagraph",
            "List Paragraph",
            "Normal",
            "",
            "<w:spacing w:before=\"0\" w:after=\"60\"/>",
            "",
        ),
        (
            "Header",
            "header",
            "Normal",
            "",
            "<w:pBdr><w:bottom w:val=\"single\" w:sz=\"4\" w:space=\"4\" w:color=\"9AA8A4\"/></w:pBdr><w:spacing w:after=\"0\"/>",
            "<w:color w:val=\"44534F\"/><w:sz w:val=\"16\"/>",
        ),
        (
            "Footer",
            "footer",
            "Normal",
            "",
            "<w:tabs><w:tab w:val=\"right\" w:pos=\"9638\"/></w:tabs><w:spacing w:after=\"0\"/>",
            "<w:color w:val=\"44534F\"/><w:sz w:val=\"16\"/>",
        ),
    ];
    for (id, name, based, next, paragraph, run) in plain {
        out.push_str(
            &Style {
                id,
                name,
                based,
                next,
                paragraph,
                run,
            }
            .xml(),
        );
    }
    out.push_str(
        "<w:style w:type=\"character\" w:styleId=\"Hyperlink\"><w:name w:val=\"Hyperlink\"/><w:rPr><w:color w:val=\"0B5048\"/></w:rPr></w:style>\
         <w:style w:type=\"table\" w:default=\"1\" w:styleId=\"TableNormal\"><w:name w:val=\"Normal Table\"/><w:tblPr><w:tblInd w:w=\"0\" w:type=\"dxa\"/>\
         <w:tblCellMar><w:top w:w=\"0\" w:type=\"dxa\"/><w:left w:w=\"85\" w:type=\"dxa\"/><w:bottom w:w=\"0\" w:type=\"dxa\"/><w:right w:w=\"85\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr></w:style>\
         <w:style w:type=\"table\" w:styleId=\"TableGrid\"><w:name w:val=\"Table Grid\"/><w:basedOn w:val=\"TableNormal\"/><w:tblPr><w:tblBorders>",
    );
    for side in ["top", "left", "bottom", "right", "insideH", "insideV"] {
        write!(
            out,
            "<w:{side} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"9AA8A4\"/>"
        )
        .expect("memory takes all");
    }
    out.push_str("</w:tblBorders></w:tblPr></w:style></w:styles>");
    out
}

/// One level of a numbering.
fn level(n: usize, format: &str, text: &str, style: &str, indent: (usize, usize)) -> String {
    let style = if style.is_empty() {
        String::new()
    } else {
        format!("<w:pStyle w:val=\"{style}\"/>")
    };
    format!(
        "<w:lvl w:ilvl=\"{n}\"><w:start w:val=\"1\"/><w:numFmt w:val=\"{format}\"/>{style}<w:suff w:val=\"{}\"/>\
         <w:lvlText w:val=\"{}\"/><w:lvlJc w:val=\"left\"/><w:pPr><w:ind w:left=\"{}\" w:hanging=\"{}\"/></w:pPr></w:lvl>",
        if indent.1 == 0 { "space" } else { "tab" },
        escaped(text),
        indent.0,
        indent.1
    )
}

/// Numbers of headings, annexes, bullets and of each numbered list.
pub(super) fn numbering(document: &Document, lists: usize) -> String {
    let first = match document.scheme {
        Scheme::Sections => "%1.",
        Scheme::Articles => "Article\u{a0}%1.",
    };
    let annex = format!("{}\u{a0}%1.", say(document.lang, "Annexe", "Annex"));
    let many = |id: usize, levels: &str| {
        format!(
            "<w:abstractNum w:abstractNumId=\"{id}\"><w:multiLevelType w:val=\"multilevel\"/>{levels}</w:abstractNum>"
        )
    };
    let mut out = format!("{HEAD}<w:numbering {W}>");
    let headings = level(0, "decimal", first, "Heading1", (0, 0))
        + &level(1, "decimal", "%1.%2", "Heading2", (0, 0))
        + &level(2, "decimal", "%1.%2.%3", "Heading3", (0, 0));
    out += &many(HEADINGS, &headings);
    let annexes = level(0, "upperLetter", &annex, "", (0, 0))
        + &level(1, "decimal", "%1.%2", "", (0, 0))
        + &level(2, "decimal", "%1.%2.%3", "", (0, 0));
    out += &many(ANNEXES, &annexes);
    out += &many(
        BULLETS,
        &(level(0, "bullet", "•", "", (340, 227)) + &level(1, "bullet", "–", "", (680, 227))),
    );
    out += &many(
        FIRST_LIST,
        &(level(0, "decimal", "%1.", "", (397, 397)) + &level(1, "lowerLetter", "%2)", "", (794, 397))),
    );
    for id in [HEADINGS, ANNEXES, BULLETS] {
        write!(out, "<w:num w:numId=\"{id}\"><w:abstractNumId w:val=\"{id}\"/></w:num>").expect("memory takes all");
    }
    for list in 0..lists {
        write!(
            out,
            "<w:num w:numId=\"{}\"><w:abstractNumId w:val=\"{FIRST_LIST}\"/><w:lvlOverride w:ilvl=\"0\"><w:startOverride w:val=\"1\"/></w:lvlOverride></w:num>",
            FIRST_LIST + list
        )
        .expect("memory takes all");
    }
    out.push_str("</w:numbering>");
    out
}
