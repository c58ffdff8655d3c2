//! Writes packed files: one part after another, each packed as it is written,
//! so that only the packed bytes are kept. Every time in it is the same, so
//! that the same content gives the same file.

use std::io::Write as _;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

/// 1 January 1980, the first day that the format can say.
const DAY: u16 = 0x21;
/// Version of the format that a reader needs for packed parts.
const NEEDS: u16 = 20;
/// Packed.
const DEFLATED: u16 = 8;
/// Names are in UTF-8.
const UTF8: u16 = 1 << 11;

/// A packed file under way.
#[derive(Debug, Default)]
pub struct Packer {
    out: Vec<u8>,
    directory: Vec<u8>,
    count: u16,
}

/// A part under way.
pub struct Part {
    name: String,
    packed: DeflateEncoder<Vec<u8>>,
    crc: Crc,
}

impl Part {
    /// A part of this name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            packed: DeflateEncoder::new(Vec::new(), Compression::default()),
            crc: Crc::new(),
        }
    }

    /// Adds text to it.
    ///
    /// # Panics
    /// Never: it is written to memory.
    pub fn push(&mut self, text: &str) {
        self.crc.update(text.as_bytes());
        self.packed.write_all(text.as_bytes()).expect("memory takes all");
    }
}

fn u32_of(n: usize) -> [u8; 4] {
    u32::try_from(n).expect("a file of less than 4 GB").to_le_bytes()
}

impl Packer {
    /// Ends a part and adds it.
    ///
    /// # Panics
    /// When the file comes to 4 GB, or a name to 64 kB: the format says no more.
    pub fn add(&mut self, part: Part) {
        let crc = part.crc;
        let packed = part.packed.finish().expect("memory takes all");
        let at = u32_of(self.out.len());
        let name = part.name.as_bytes();
        let length = u16::try_from(name.len()).expect("a short name").to_le_bytes();
        let mut head = Vec::with_capacity(26);
        for field in [NEEDS, UTF8, DEFLATED, 0, DAY] {
            head.extend(field.to_le_bytes());
        }
        head.extend(crc.sum().to_le_bytes());
        head.extend(u32_of(packed.len()));
        head.extend(crc.amount().to_le_bytes());
        head.extend(length);
        head.extend([0, 0]);
        self.out.extend(b"PK\x03\x04");
        self.out.extend(&head);
        self.out.extend(name);
        self.out.extend(&packed);
        self.directory.extend(b"PK\x01\x02");
        self.directory.extend(NEEDS.to_le_bytes());
        self.directory.extend(&head);
        // No comment, first disk, no attributes.
        self.directory.extend([0; 10]);
        self.directory.extend(at);
        self.directory.extend(name);
        self.count += 1;
    }

    /// The file.
    ///
    /// # Panics
    /// When the file comes to 4 GB.
    #[must_use]
    pub fn done(mut self) -> Vec<u8> {
        let (at, length) = (u32_of(self.out.len()), u32_of(self.directory.len()));
        self.out.append(&mut self.directory);
        self.out.extend(b"PK\x05\x06\0\0\0\0");
        self.out.extend(self.count.to_le_bytes());
        self.out.extend(self.count.to_le_bytes());
        self.out.extend(length);
        self.out.extend(at);
        self.out.extend([0, 0]);
        self.out
    }
}

/// Text as the XML of a part may hold it: signs that XML forbids are left out.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' => out.push(sign),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}
