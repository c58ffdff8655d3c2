//! The entries found, with the reasons for their order.

use super::ready::{Facets, Ready, target_bits};
use super::search::Found;
use super::today::age;
use super::understand::{Reading, Understood};
use super::{COUNTRY, DOUBTFUL, Directory, FacetCounts, Hit, Page, Query, REMOTE, Reason};

/// All that a page of the search shows.
#[derive(Debug, Clone)]
pub struct Look<'d> {
    /// The entries with their reasons.
    pub page: Page<Hit<'d>>,
    /// What there is of each kind.
    pub counts: FacetCounts<'d>,
    /// How the words were read.
    pub understood: Understood,
}

impl Directory {
    /// Searches, and says why each entry stands where it stands. The answer is
    /// the same for the same query and directory, and the same with and
    /// without confidential services.
    #[must_use]
    pub fn search(&self, query: &Query) -> Page<Hit<'_>> {
        let (page, reading) = self.find_and_read(query);
        self.explained(page, &reading)
    }

    /// Searches once, and says all that a page shows: what [`Self::search`],
    /// [`Self::facets`] and [`Self::understand`] say.
    #[must_use]
    pub fn look(&self, query: &Query) -> Look<'_> {
        let (page, reading, all) = self.find_all_and_read(query);
        let page = self.explained(page, &reading);
        let mut understood = if reading.untold {
            self.understood(query)
        } else {
            reading.understood
        };
        understood.loosened = page.loosened;
        Look {
            page,
            understood,
            counts: self.facets_of(query, all.as_ref()),
        }
    }

    fn explained(&self, page: Page<Found>, reading: &Reading<'_, '_>) -> Page<Hit<'_>> {
        let query = &*reading.query;
        let ready = self.compared(query);
        let asked = reading.names();
        let named = |entry| !asked.is_empty() && asked.iter().all(|word| word.in_name.contains(entry));
        let hits = page.hits.iter().map(|found| {
            #[expect(clippy::cast_possible_truncation, reason = "it was a number of an entry")]
            let entry = found.number as u32;
            self.hit(query, &ready, found, named(entry))
        });
        Page {
            hits: hits.collect(),
            total: page.total,
            next: page.next,
            unknown_words: page.unknown_words,
            loosened: page.loosened,
        }
    }

    /// The hit with its reasons, weightiest first.
    fn hit(&self, query: &Query, ready: &Ready<'_>, found: &Found, named: bool) -> Hit<'_> {
        let record = &self.records[found.number];
        let facets = Facets::of(record);
        let entry = self.entry_at(found.number);
        let mut reasons = Vec::with_capacity(6);
        if ready.urgent && facets.on_call {
            reasons.push(Reason::OnCall);
        }
        match ready.same_area(&facets) {
            3 => reasons.push(Reason::SameSubdivision),
            2 => reasons.push(Reason::SameDepartment),
            1 => reasons.push(Reason::SameRegion),
            _ => {}
        }
        let mut distance_points = 0;
        if let (Some(km), Some(chord)) = (found.distance_km, found.chord) {
            distance_points = ready.band(chord);
            reasons.push(Reason::Distance { km });
        }
        if named {
            reasons.push(Reason::Named);
        }
        if record.targets & ready.targets != 0
            && let Some(&target) = query.targets.iter().find(|t| record.targets & target_bits(&[**t]) != 0)
        {
            reasons.push(Reason::TargetFits { target });
        }
        #[expect(clippy::cast_possible_truncation, reason = "it was a number of an entry")]
        if self.speaks(ready, found.number as u32, &facets) {
            reasons.push(Reason::SpeaksLanguage);
        }
        // The entry itself lies far away in memory: it is asked only where the record says that it has an answer.
        if let Some(free) = self.capacity(record, ready.today)
            && let Some(on) = entry.service.capacity.assessed_on
        {
            let places = record.available;
            reasons.push(if free {
                Reason::CapacityFree { places, on }
            } else {
                Reason::Full { on }
            });
        }
        reasons.push(match age(record, ready.today) {
            None => Reason::NeverConfirmed,
            Some(days) => {
                let stale = days > i32::from(self.freshness.entry_days);
                let days = days.unsigned_abs();
                if stale {
                    Reason::Stale { days }
                } else {
                    Reason::Confirmed { days }
                }
            }
        });
        if record.is(DOUBTFUL)
            && let Some(doubt) = entry.service.doubt()
        {
            reasons.push(Reason::Doubtful {
                cause: doubt.cause,
                on: doubt.on,
            });
        }
        if record.is(COUNTRY) {
            reasons.push(Reason::ServesCountry);
        }
        if record.is(REMOTE) {
            reasons.push(Reason::Remote);
        }
        // A distance's points follow the rank's own measure, so that rounding
        // to 0.1 km at the edge of a band never contradicts the order.
        let weight = |r: &Reason| {
            if let Reason::Distance { .. } = r {
                distance_points
            } else {
                r.points()
            }
        };
        let points = reasons.iter().map(weight).sum();
        reasons.sort_by_key(|r| std::cmp::Reverse(weight(r)));
        Hit {
            number: found.number,
            entry,
            distance_km: found.distance_km,
            reasons,
            points,
        }
    }
}
