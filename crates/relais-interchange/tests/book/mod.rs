//! Workbooks made by hand, sound and hostile.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// A part: name, content, whether it is packed.
pub type Part<'a> = (&'a str, Vec<u8>, bool);

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("in memory");
    encoder.finish().expect("in memory")
}

/// A packed file of these parts. Sizes and checksums in its directory are
/// lies where `honest` is not set.
pub fn zip(parts: &[Part<'_>], flags: u16, honest: bool) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content, deflate) in parts {
        let data = if *deflate { packed(content) } else { content.clone() };
        let method: u16 = if *deflate { 8 } else { 0 };
        let size = u32::try_from(if honest { content.len() } else { 7 }).expect("small");
        let length = u32::try_from(data.len()).expect("small");
        let offset = u32::try_from(out.len()).expect("small");
        let name_length = u16::try_from(name.len()).expect("short");
        let mut head = Vec::new();
        head.extend(20u16.to_le_bytes());
        head.extend(flags.to_le_bytes());
        head.extend(method.to_le_bytes());
        head.extend([0; 8]);
        head.extend(length.to_le_bytes());
        head.extend(size.to_le_bytes());
        head.extend(name_length.to_le_bytes());
        head.extend(0u16.to_le_bytes());
        out.extend(b"PK\x03\x04");
        out.extend(&head);
        out.extend(name.as_bytes());
        out.extend(&data);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&head);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let at = u32::try_from(out.len()).expect("small");
    let count = u16::try_from(parts.len()).expect("few");
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(u32::try_from(directory.len()).expect("small").to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend(0u16.to_le_bytes());
    out
}

const SPACE: &str = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
                     xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";

/// The parts of a workbook with a hidden sheet before the visible one.
pub fn parts<'a>(rows: &str, strings: &str) -> Vec<Part<'a>> {
    let kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
    vec![
        (
            "xl/workbook.xml",
            format!(
                "{head}<workbook {SPACE}><sheets><sheet name=\"caché\" sheetId=\"1\" state=\"hidden\" r:id=\"rId9\"/>\
                 <sheet name=\"Liste\" sheetId=\"2\" r:id=\"rId1\"/></sheets></workbook>"
            )
            .into_bytes(),
            true,
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "{head}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
                 <Relationship Id=\"rId1\" Type=\"{kind}/worksheet\" Target=\"worksheets/sheet2.xml\"/>\
                 <Relationship Id=\"rId2\" Type=\"{kind}/sharedStrings\" Target=\"sharedStrings.xml\"/>\
                 <Relationship Id=\"rId3\" Type=\"{kind}/styles\" Target=\"/xl/styles.xml\"/></Relationships>"
            )
            .into_bytes(),
            false,
        ),
        (
            "xl/sharedStrings.xml",
            format!("{head}<sst {SPACE}>{strings}</sst>").into_bytes(),
            true,
        ),
        (
            "xl/styles.xml",
            format!(
                "{head}<styleSheet {SPACE}><numFmts><numFmt numFmtId=\"164\" formatCode=\"dd/mm/yyyy;@\"/></numFmts>\
                 <cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs>\
                 <cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"164\"/></cellXfs></styleSheet>"
            )
            .into_bytes(),
            true,
        ),
        (
            "xl/worksheets/sheet2.xml",
            format!("{head}<worksheet {SPACE}><sheetData>{rows}</sheetData></worksheet>").into_bytes(),
            true,
        ),
    ]
}

/// A workbook with these rows.
pub fn book(rows: &str, strings: &str) -> Vec<u8> {
    zip(&parts(rows, strings), 0, true)
}

/// A row of texts.
pub fn texts(number: usize, cells: &[&str]) -> String {
    let cells: String = cells
        .iter()
        .map(|text| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>"))
        .collect();
    format!("<row r=\"{number}\">{cells}</row>")
}
