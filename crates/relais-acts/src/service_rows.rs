//! The rows of the service search as JSON, written once for each language and
//! change of an entry: it reads the same in every answer, but for the distance.

use std::sync::Arc;

use relais_mechanism::Lang;
use relais_network::directory::{Directory, Entry, Found};

use crate::network::Network;
use crate::views::{ServiceHit, ServicePage};

/// What stands before a distance; in a text a quotation mark is escaped, so
/// this stands nowhere else.
const DISTANCE: &str = ",\"distance_km\":";
/// The distance that rows are written with, before it is taken out.
const ZERO: &str = "0.0";

/// Above one byte in so many that no row stands in any more, all are laid out anew.
const SPARE: usize = 8;

/// Where a row stands.
#[derive(Debug, Clone, Copy, Default)]
struct Cut {
    start: usize,
    /// From the start to where a distance goes.
    distance: u32,
    length: u32,
}

/// One row for each entry of the directory, by its number.
pub struct ServiceRows {
    /// The rows as they were written first.
    text: Arc<[u8]>,
    /// Rows that changed since; they stand after those, as if it were one text.
    more: Vec<u8>,
    /// Where each row stands.
    cuts: Vec<Cut>,
}

impl ServiceRows {
    /// Writes all rows.
    #[must_use]
    pub fn of(network: &Network, lang: Lang) -> Self {
        let directory: &Directory = &network.directory;
        let mut rows = Self {
            text: Arc::default(),
            more: Vec::new(),
            cuts: vec![Cut::default(); directory.numbers()],
        };
        for (number, entry) in directory.numbered() {
            rows.write(number, &hit(network, &entry, lang));
        }
        rows.text = std::mem::take(&mut rows.more).into();
        rows
    }

    /// The same, with the rows of these numbers as they read in a network that
    /// comes from the one of these rows.
    #[must_use]
    pub fn with(&self, network: &Network, numbers: &[usize], lang: Lang) -> Self {
        let mut next = Self {
            text: Arc::clone(&self.text),
            more: self.more.clone(),
            cuts: self.cuts.clone(),
        };
        for &number in numbers {
            next.cuts[number] = Cut::default();
            if let Some(entry) = network.directory.numbered_as(number) {
                next.write(number, &hit(network, &entry, lang));
            }
        }
        if next.more.len() * SPARE > next.text.len() {
            next.lay_out();
        }
        next
    }

    fn write(&mut self, number: usize, hit: &ServiceHit) {
        let row = serde_json::to_string(hit).expect("texts, numbers and a list of texts");
        let distance = row.find(DISTANCE).expect("a row has its distance");
        let (before, after) = row.split_at(distance);
        let start = self.text.len() + self.more.len();
        for part in [before, &after[DISTANCE.len() + ZERO.len()..]] {
            self.more.extend_from_slice(part.as_bytes());
        }
        let short = |length: usize| u32::try_from(length).expect("a row is no book");
        self.cuts[number] = Cut {
            start,
            distance: short(distance),
            length: short(self.text.len() + self.more.len() - start),
        };
    }

    /// Puts all rows into one text again.
    fn lay_out(&mut self) {
        let mut text = Vec::with_capacity(self.text.len() + self.more.len());
        let mut cuts = self.cuts.clone();
        for (number, cut) in cuts.iter_mut().enumerate() {
            cut.start = text.len();
            text.extend_from_slice(self.row(number).0);
        }
        (self.text, self.more, self.cuts) = (text.into(), Vec::new(), cuts);
    }

    /// A row, and where a distance goes in it.
    #[inline]
    fn row(&self, number: usize) -> (&[u8], usize) {
        let Cut {
            start,
            distance,
            length,
        } = self.cuts[number];
        let from = match start.checked_sub(self.text.len()) {
            None => &self.text[start..],
            Some(start) => &self.more[start..],
        };
        (&from[..length as usize], distance as usize)
    }

    /// Reads a byte of every cache line of these rows. The rows lie far apart in a text that is longer than the caches
    /// near the processor; asked for together they come together, and the copies that follow wait for none.
    fn fetch(&self, found: &[Found]) {
        const LINE: usize = 64;
        let lines = found.iter().flat_map(|f| self.row(f.number).0.iter().step_by(LINE));
        std::hint::black_box(lines.fold(0, |sum, byte| sum ^ byte));
    }

    /// A page of entries found, written into room that is empty.
    #[must_use]
    pub fn page(&self, found: &[Found], next: Option<&str>, room: Vec<u8>) -> ServicePage {
        /// More than is written beside a row's text, and beside all rows.
        const BESIDE: usize = 32;
        const AROUND: usize = 96;
        let length = |f: &Found| self.cuts[f.number].length as usize + BESIDE;
        let mut json = room;
        json.reserve(AROUND + found.iter().map(length).sum::<usize>());
        self.fetch(found);
        json.extend_from_slice(b"{\"rows\":[");
        for (n, found) in found.iter().enumerate() {
            if n > 0 {
                json.push(b',');
            }
            let (row, distance) = self.row(found.number);
            match found.distance_km {
                Some(km) => {
                    json.extend_from_slice(&row[..distance]);
                    json.extend_from_slice(DISTANCE.as_bytes());
                    push_tenths(&mut json, km);
                    json.extend_from_slice(&row[distance..]);
                }
                None => json.extend_from_slice(row),
            }
        }
        json.extend_from_slice(b"],\"next\":");
        match next {
            // Hexadecimal digits: nothing to escape.
            Some(next) => ["\"", next, "\"}"]
                .iter()
                .for_each(|part| json.extend_from_slice(part.as_bytes())),
            None => json.extend_from_slice(b"null}"),
        }
        ServicePage {
            rows: found.len(),
            json,
        }
    }
}

/// Kilometres to 0.1, as JSON has them: "12.0", "0.4".
fn push_tenths(json: &mut Vec<u8>, km: f64) {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a distance on Earth is at most 20,040 km, and none is below 0"
    )]
    let mut rest = (km * 10.0).round() as u32;
    let mut text = *b"0000000000.0";
    let mut from = text.len();
    while rest > 0 || from > text.len() - 3 {
        from -= 1;
        if text[from] == b'.' {
            continue;
        }
        text[from] = b"0123456789"[rest as usize % 10];
        rest /= 10;
    }
    json.extend_from_slice(&text[from..]);
}

fn hit(network: &Network, entry: &Entry<'_>, lang: Lang) -> ServiceHit {
    ServiceHit {
        id: entry.service.id,
        service_type: entry.service.service_type.clone(),
        name: entry.service.name.get(lang).to_owned(),
        organisation: entry.organisation.name.get(lang).to_owned(),
        region: entry.place.region.clone(),
        place: network.said(entry.place.id, lang).to_owned(),
        distance_km: Some(0.0),
        telephones: entry.service.telephones.iter().map(|t| t.number.clone()).collect(),
        confirmed_on: entry.service.confirmed_on,
        programmes: network.seen_paying(entry.service).map(|p| p.code.clone()).collect(),
        paid_until: network.paid_until(entry.service),
        status: entry.service.status,
        demonstration: entry.service.demonstration,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_is_written_as_any_number_is() {
        for tenths in (0..2000).chain([9_999, 10_000, 99_999, 100_000, 200_399]) {
            let km = f64::from(tenths) / 10.0;
            let mut written = Vec::new();
            push_tenths(&mut written, km);
            assert_eq!(written, serde_json::to_vec(&km).expect("a number"));
        }
    }
}
