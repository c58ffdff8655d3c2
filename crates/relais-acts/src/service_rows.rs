//! The rows of the service search as JSON, written once for each directory and
//! language: an entry reads the same in every answer, but for the distance.

use relais_mechanism::Lang;
use relais_network::directory::{Directory, Entry, Found};

use crate::network::Network;
use crate::views::{ServiceHit, ServicePage};

/// What stands before a distance; in a text a quotation mark is escaped, so
/// this stands nowhere else.
const DISTANCE: &str = ",\"distance_km\":";
/// The distance that rows are written with, before it is taken out.
const ZERO: &str = "0.0";

/// One row for each entry of the directory, in its order.
pub struct ServiceRows {
    text: Vec<u8>,
    /// Where each row begins, where a distance goes, and, last, where the text
    /// ends.
    cuts: Vec<[usize; 2]>,
}

impl ServiceRows {
    /// Writes all rows.
    #[must_use]
    pub fn of(network: &Network, lang: Lang) -> Self {
        let directory: &Directory = &network.directory;
        let mut rows = Self {
            text: Vec::new(),
            cuts: Vec::with_capacity(directory.len() + 1),
        };
        for entry in directory.entries() {
            let row = serde_json::to_string(&hit(network, &entry, lang)).expect("texts, numbers and a list of texts");
            let distance = row.find(DISTANCE).expect("a row has its distance");
            let start = rows.text.len();
            rows.cuts.push([start, start + distance]);
            let (before, after) = row.split_at(distance);
            for part in [before, &after[DISTANCE.len() + ZERO.len()..]] {
                rows.text.extend_from_slice(part.as_bytes());
            }
        }
        rows.cuts.push([rows.text.len(); 2]);
        rows.text.shrink_to_fit();
        rows
    }

    /// Reads a byte of every cache line of these rows. The rows lie far apart in a text that is longer than the caches
    /// near the processor; asked for together they come together, and the copies that follow wait for none.
    fn fetch(&self, found: &[Found]) {
        const LINE: usize = 64;
        let row = |f: &Found| &self.text[self.cuts[f.number][0]..self.cuts[f.number + 1][0]];
        let lines = found.iter().flat_map(|f| row(f).iter().step_by(LINE));
        std::hint::black_box(lines.fold(0, |sum, byte| sum ^ byte));
    }

    /// A page of entries found.
    #[must_use]
    pub fn page(&self, found: &[Found], next: Option<&str>) -> ServicePage {
        /// More than is written beside a row's text, and beside all rows.
        const BESIDE: usize = 32;
        const AROUND: usize = 96;
        let length = |f: &Found| self.cuts[f.number + 1][0] - self.cuts[f.number][0] + BESIDE;
        let mut json = Vec::with_capacity(AROUND + found.iter().map(length).sum::<usize>());
        self.fetch(found);
        json.extend_from_slice(b"{\"rows\":[");
        for (n, found) in found.iter().enumerate() {
            if n > 0 {
                json.push(b',');
            }
            let [start, distance] = self.cuts[found.number];
            let end = self.cuts[found.number + 1][0];
            match found.distance_km {
                Some(km) => {
                    json.extend_from_slice(&self.text[start..distance]);
                    json.extend_from_slice(DISTANCE.as_bytes());
                    push_tenths(&mut json, km);
                    json.extend_from_slice(&self.text[distance..end]);
                }
                None => json.extend_from_slice(&self.text[start..end]),
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
