//! The packed file: its directory, and one part at a time, unpacked against a
//! budget. What the directory says of sizes is not believed.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{BufReader, Read};

use flate2::bufread::DeflateDecoder;
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::problem::FileProblem;

/// Parts that a directory may name; a workbook has a few dozen.
const MOST_PARTS: usize = 2_000;

const DIRECTORY: FileProblem = FileProblem::Broken { part: "zip" };

#[derive(Clone, Copy)]
struct Entry<'a> {
    /// The packed bytes.
    packed: &'a [u8],
    /// Stored or deflated.
    method: u16,
}

/// The parts by name.
pub(super) struct Archive<'a>(BTreeMap<&'a str, Entry<'a>>);

fn u16_at(bytes: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?)))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?)).ok()
}

impl<'a> Archive<'a> {
    /// Reads the directory at the end of the file.
    pub fn open(bytes: &'a [u8]) -> Result<Self, FileProblem> {
        // The last record is 22 bytes and a comment of at most 65,535.
        let first = bytes.len().saturating_sub(22 + 0xFFFF);
        let end = (first..bytes.len().saturating_sub(21))
            .rev()
            .find(|at| bytes[*at..].starts_with(b"PK\x05\x06"))
            .ok_or(DIRECTORY)?;
        let count = u16_at(bytes, end + 10).ok_or(DIRECTORY)?;
        let mut at = u32_at(bytes, end + 16).ok_or(DIRECTORY)?;
        if count > MOST_PARTS {
            return Err(DIRECTORY);
        }
        let mut parts = BTreeMap::new();
        for _ in 0..count {
            let (name, entry, next) = Self::entry(bytes, at)?;
            // Of two parts of one name the first counts, as for the makers of spreadsheets.
            parts.entry(name).or_insert(entry);
            at = next;
        }
        Ok(Self(parts))
    }

    fn entry(bytes: &'a [u8], at: usize) -> Result<(&'a str, Entry<'a>, usize), FileProblem> {
        let read = || -> Option<(usize, u16, usize, usize, &'a str, usize)> {
            if !bytes.get(at..)?.starts_with(b"PK\x01\x02") {
                return None;
            }
            let (flags, method) = (u16_at(bytes, at + 8)?, u16_at(bytes, at + 10)?);
            let (packed, local) = (u32_at(bytes, at + 20)?, u32_at(bytes, at + 42)?);
            let (name, extra, comment) = (
                u16_at(bytes, at + 28)?,
                u16_at(bytes, at + 30)?,
                u16_at(bytes, at + 32)?,
            );
            let text = std::str::from_utf8(bytes.get(at + 46..at + 46 + name)?).ok()?;
            let method = u16::try_from(method).ok()?;
            Some((flags, method, packed, local, text, at + 46 + name + extra + comment))
        };
        let (flags, method, packed, local, name, next) = read().ok_or(DIRECTORY)?;
        if flags & 1 == 1 {
            return Err(FileProblem::OldSpreadsheet);
        }
        let data = || -> Option<&'a [u8]> {
            if !bytes.get(local..)?.starts_with(b"PK\x03\x04") {
                return None;
            }
            let begin = local + 30 + u16_at(bytes, local + 26)? + u16_at(bytes, local + 28)?;
            bytes.get(begin..begin.checked_add(packed)?)
        };
        let packed = data().ok_or(DIRECTORY)?;
        Ok((name, Entry { packed, method }, next))
    }

    /// Whether there is a part of this name.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A part, unpacked as it is read; `left` is what may still be unpacked of
    /// all parts together, `of` the whole budget.
    pub fn part<'b>(
        &self,
        name: &str,
        part: &'static str,
        left: &'b Cell<u64>,
        of: u64,
    ) -> Result<Part<'b>, FileProblem>
    where
        'a: 'b,
    {
        let entry = *self.0.get(name).ok_or(FileProblem::Broken { part })?;
        let inner: Box<dyn Read + 'b> = match entry.method {
            0 => Box::new(entry.packed),
            8 => Box::new(DeflateDecoder::new(entry.packed)),
            _ => return Err(FileProblem::Broken { part }),
        };
        let mut xml = Reader::from_reader(BufReader::new(Metered { inner, left }));
        xml.config_mut().check_end_names = true;
        Ok(Part { xml, part, left, of })
    }
}

/// Counts what is unpacked, and stops at the budget.
struct Metered<'b> {
    inner: Box<dyn Read + 'b>,
    left: &'b Cell<u64>,
}

impl Read for Metered<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let got = self.inner.read(into)?;
        let left = self.left.get();
        let taken = u64::try_from(got).unwrap_or(u64::MAX);
        if taken > left {
            self.left.set(0);
            return Err(std::io::Error::other("beyond the budget"));
        }
        // One byte is kept, so that zero says that the budget was overrun.
        self.left.set((left - taken).max(1));
        Ok(got)
    }
}

/// One part, as events of XML. No entity but XML's own five is resolved, and
/// no document outside is read.
pub(super) struct Part<'b> {
    xml: Reader<BufReader<Metered<'b>>>,
    part: &'static str,
    left: &'b Cell<u64>,
    of: u64,
}

impl Part<'_> {
    /// What to say when the part does not read.
    pub const fn broken(&self) -> FileProblem {
        FileProblem::Broken { part: self.part }
    }

    /// Calls `each` with every event to the end of the part.
    pub fn each(&mut self, mut each: impl FnMut(&Event<'_>) -> Result<(), FileProblem>) -> Result<(), FileProblem> {
        let mut buffer = Vec::new();
        let mut depth = 0usize;
        loop {
            buffer.clear();
            let event = self.xml.read_event_into(&mut buffer).map_err(|_| {
                if self.left.get() == 0 {
                    FileProblem::TooMuchUnpacked { limit: self.of }
                } else {
                    FileProblem::Broken { part: self.part }
                }
            })?;
            match &event {
                Event::Eof if depth == 0 => return Ok(()),
                // Cut off in the middle.
                Event::Eof => return Err(self.broken()),
                // A workbook has no document type; entities that one declares could grow without end.
                Event::DocType(_) => return Err(self.broken()),
                Event::Start(_) => depth += 1,
                Event::End(_) => depth = depth.saturating_sub(1),
                _ => {}
            }
            each(&event)?;
        }
    }
}
