//! Writes a document as DOCX (Office Open XML): real heading styles with their
//! own numbers, a table of contents, tables whose header is repeated, header
//! and footer with code, version and page, both for Word and LibreOffice.
//!
//! The same document gives the same bytes: nothing in it tells the hour.

mod body;
mod parts;

use relais_interchange::zip::{Packer, Part, escaped};

use crate::model::Document;

/// The file.
#[must_use]
pub fn file(document: &Document) -> Vec<u8> {
    let body = body::write(document);
    let mut packer = Packer::default();
    let mut add = |name: &str, text: &str| {
        let mut part = Part::new(name);
        part.push(text);
        packer.add(part);
    };
    add("[Content_Types].xml", parts::TYPES);
    add("_rels/.rels", parts::RELATIONS);
    add("docProps/core.xml", &parts::properties(document));
    add("word/document.xml", &body.xml);
    add("word/_rels/document.xml.rels", &parts::links(&body.links));
    add("word/styles.xml", &parts::styles(document.lang));
    add("word/numbering.xml", &parts::numbering(document, body.lists));
    add("word/settings.xml", parts::SETTINGS);
    add("word/header1.xml", &parts::header(document));
    add("word/footer1.xml", &parts::footer(document));
    add("word/header2.xml", parts::EMPTY_HEADER);
    add("word/footer2.xml", parts::EMPTY_FOOTER);
    packer.done()
}

/// A run of words.
fn run(text: &str, properties: &str) -> String {
    format!(
        "<w:r>{}<w:t xml:space=\"preserve\">{}</w:t></w:r>",
        wrap(properties),
        escaped(text)
    )
}

/// A field that Word works out, with what stands there until it does.
fn field(code: &str, shown: &str, properties: &str) -> String {
    let properties = wrap(properties);
    format!(
        "<w:r>{properties}<w:fldChar w:fldCharType=\"begin\"/></w:r>\
         <w:r>{properties}<w:instrText xml:space=\"preserve\"> {code} </w:instrText></w:r>\
         <w:r>{properties}<w:fldChar w:fldCharType=\"separate\"/></w:r>\
         <w:r>{properties}<w:t>{shown}</w:t></w:r>\
         <w:r>{properties}<w:fldChar w:fldCharType=\"end\"/></w:r>"
    )
}

fn wrap(properties: &str) -> String {
    if properties.is_empty() {
        String::new()
    } else {
        format!("<w:rPr>{properties}</w:rPr>")
    }
}
