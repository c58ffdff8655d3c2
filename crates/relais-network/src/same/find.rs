//! Which pairs are compared: those that share a key. A key that very many
//! share tells nothing and is passed over; the words of a name are filed by
//! region and by neighbourhood, so that what many bear is still compared with
//! what lies near.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::compare::{self, Candidate, Offered};
use super::lexicon::is_of_health;
use super::name::{Frequency, Name, stands_for};
use super::{Pair, Proposal};
use crate::organisation::Organisation;
use crate::place::{Place, Point};
use crate::service::Service;
use crate::spelling::sound;
use crate::words::fold;
use relais_mechanism::Label;

/// Most entries under a key that are compared with each other.
const MOST: usize = 64;

/// Acronyms and long names are compared by their first letter, each with each:
/// more acronyms than this are no acronyms.
const MOST_ACRONYMS: usize = 5_000;

/// Entries by key, numbered; the pairs that share one.
#[derive(Default)]
struct Buckets(HashMap<String, Vec<u32>>);

impl Buckets {
    fn file(&mut self, key: String, number: u32) {
        let bucket = self.0.entry(key).or_default();
        if bucket.last() != Some(&number) && bucket.len() <= MOST {
            bucket.push(number);
        }
    }

    fn pairs(self, mut pairs: HashSet<(u32, u32)>) -> Vec<(u32, u32)> {
        for bucket in self.0.into_values().filter(|b| b.len() <= MOST) {
            for (at, one) in bucket.iter().enumerate() {
                pairs.extend(bucket[at + 1..].iter().map(|other| (*one.min(other), *one.max(other))));
            }
        }
        let mut pairs: Vec<(u32, u32)> = pairs.into_iter().collect();
        pairs.sort_unstable();
        pairs
    }
}

/// Cells of a degree's fraction: 1/50° is some 2.2 km, 1/4° some 28 km.
#[expect(clippy::cast_possible_truncation, reason = "at most 180 times 50")]
fn cell(point: Point, of_a_degree: f64) -> (i32, i32) {
    (
        (point.lat * of_a_degree).floor() as i32,
        (point.lon * of_a_degree).floor() as i32,
    )
}

/// The cell of a point and the half of its neighbours that lie north and east:
/// of two neighbours one has the other's.
fn around((lat, lon): (i32, i32)) -> [(i32, i32); 5] {
    [
        (lat, lon),
        (lat + 1, lon - 1),
        (lat + 1, lon),
        (lat + 1, lon + 1),
        (lat, lon + 1),
    ]
}

fn keys_of_name(name: &Name, candidate: &Candidate<'_>, frequency: &Frequency, file: &mut dyn FnMut(String)) {
    let whole = name.sound();
    if whole.is_empty() {
        return;
    }
    for region in candidate.regions.iter().copied().chain([""]) {
        file(format!("a{whole}|{region}"));
        for word in name.core.iter().filter(|w| frequency.is_rare(w)) {
            file(format!("w{}|{region}", sound(&word.spelt)));
        }
    }
    for point in &candidate.points {
        for (lat, lon) in around(cell(*point, 4.0)) {
            for word in &name.core {
                file(format!("n{}|{lat}|{lon}", sound(&word.spelt)));
            }
        }
    }
}

/// The letters with which the naming words begin, in one orthography.
fn firsts(candidate: &Candidate<'_>) -> BTreeSet<char> {
    let words = candidate.names.iter().flat_map(|n| &n.core);
    words.filter_map(|w| w.spelt.chars().next()).collect()
}

fn numbered(at: usize) -> u32 {
    u32::try_from(at).expect("fewer entries than four thousand million")
}

fn candidate_pairs(all: &[Candidate<'_>], frequency: &Frequency) -> Vec<(u32, u32)> {
    let mut buckets = Buckets::default();
    let mut acronyms: Vec<(&str, u32)> = Vec::new();
    for (at, candidate) in all.iter().enumerate() {
        let number = numbered(at);
        let mut file = |key: String| buckets.file(key, number);
        for name in &candidate.names {
            keys_of_name(name, candidate, frequency, &mut file);
        }
        for telephone in &candidate.telephones {
            file(format!("t{telephone}"));
        }
        if let Some(email) = &candidate.email {
            file(format!("e{email}"));
        }
        for point in &candidate.points {
            for (lat, lon) in around(cell(*point, 50.0)) {
                for letter in firsts(candidate) {
                    file(format!("c{letter}|{lat}|{lon}"));
                }
            }
        }
        for acronym in &candidate.acronyms {
            file(format!("s{acronym}"));
            acronyms.push((acronym, number));
        }
    }
    let mut pairs = HashSet::new();
    if acronyms.len() <= MOST_ACRONYMS {
        for (at, candidate) in all.iter().enumerate() {
            let long = |n: &&Name| n.content.len() > 1 && !n.class.is_some_and(is_of_health);
            for words in candidate.names.iter().filter(long).map(|n| &n.content) {
                for (acronym, other) in &acronyms {
                    let first = acronym.as_bytes()[0] == words[0].as_bytes()[0];
                    if first && *other != numbered(at) && stands_for(acronym, words) {
                        pairs.insert((numbered(at).min(*other), numbered(at).max(*other)));
                    }
                }
            }
        }
    }
    buckets.pairs(pairs)
}

/// Finds the organisations and services that are perhaps the same, from `least`
/// points on, the surest first. `offers` are services with their places, of the
/// organisations given; `type_name` is what a service of the taxonomy is called.
///
/// Services of two organisations that are proposed as one are not proposed
/// beside: they are brought together with them.
#[must_use]
pub fn find<'d>(
    organisations: &[&'d Organisation],
    offers: &[(&'d Service, &'d Place)],
    type_name: impl Fn(&str) -> Option<Label>,
    least: u8,
) -> Vec<Proposal> {
    let mut by_organisation: HashMap<_, Vec<(&Service, &Place)>> = HashMap::new();
    for offer in offers {
        by_organisation.entry(offer.0.organisation).or_default().push(*offer);
    }
    let all: Vec<Candidate<'d>> = organisations
        .iter()
        .map(|o| Candidate::of(o, by_organisation.get(&o.id).map_or(&[], Vec::as_slice)))
        .collect();
    let (mut frequency, mut rings) = (Frequency::default(), HashMap::<&str, usize>::new());
    for candidate in &all {
        if let Some(name) = candidate.names.first() {
            frequency.add(name);
        }
        for telephone in &candidate.telephones {
            *rings.entry(telephone).or_default() += 1;
        }
    }
    let rings = |number: &str| rings.get(number).copied().unwrap_or(0);
    let mut found = Vec::new();
    let mut as_one: HashSet<(usize, usize)> = HashSet::new();
    for (one, other) in candidate_pairs(&all, &frequency) {
        let (a, b) = (&all[one as usize], &all[other as usize]);
        let Some(sum) = compare::organisations(a, b, &frequency, &rings) else {
            continue;
        };
        let score = sum.score();
        if score >= least {
            if score >= compare::PROPOSED {
                as_one.insert((one as usize, other as usize));
            }
            let pair = Pair::of_organisations(a.organisation.id, b.organisation.id);
            found.push(Proposal {
                pair,
                score,
                reasons: sum.reasons,
            });
        }
    }
    found.extend(services(&all, offers, type_name, least, &as_one, &frequency, &rings));
    found.sort_by_key(Proposal::key);
    found
}

fn services<'d>(
    all: &[Candidate<'d>],
    offers: &[(&'d Service, &'d Place)],
    type_name: impl Fn(&str) -> Option<Label>,
    least: u8,
    as_one: &HashSet<(usize, usize)>,
    frequency: &Frequency,
    rings: compare::Rings<'_>,
) -> Vec<Proposal> {
    let numbers: HashMap<_, usize> = all.iter().enumerate().map(|(at, c)| (c.organisation.id, at)).collect();
    let generic = |service: &Service| {
        let named = type_name(&service.service_type);
        named.is_some_and(|n| fold(&n.fr) == fold(&service.name.fr) || fold(&n.en) == fold(&service.name.en))
    };
    let offered: Vec<Offered<'d>> = offers
        .iter()
        .filter_map(|(service, place)| {
            Some(Offered {
                service,
                place,
                organisation: *numbers.get(&service.organisation)?,
                name: if generic(service) {
                    None
                } else {
                    Name::new(&service.name.fr)
                },
                telephones: service
                    .telephones
                    .iter()
                    .filter_map(|t| compare::number(&t.number))
                    .collect(),
            })
        })
        .collect();
    let mut buckets = Buckets::default();
    for (at, offer) in offered.iter().enumerate() {
        let kind = &offer.service.service_type;
        let mut file = |key: String| buckets.file(key, numbered(at));
        file(format!("o{}|{kind}", offer.organisation));
        for telephone in &offer.telephones {
            file(format!("t{telephone}|{kind}"));
        }
        if let Some(name) = offer.name.as_ref().map(Name::sound).filter(|s| !s.is_empty()) {
            file(format!(
                "n{name}|{kind}|{}",
                offer.place.region.as_deref().unwrap_or("")
            ));
        }
    }
    let mut found = Vec::new();
    for (one, other) in buckets.pairs(HashSet::new()) {
        let (a, b) = (&offered[one as usize], &offered[other as usize]);
        let organisations = (a.organisation.min(b.organisation), a.organisation.max(b.organisation));
        if as_one.contains(&organisations) {
            continue;
        }
        if let Some(sum) = compare::services(a, b, all, frequency, rings)
            && sum.score() >= least
        {
            found.push(Proposal {
                pair: Pair::of_services(a.service.id, b.service.id),
                score: sum.score(),
                reasons: sum.reasons,
            });
        }
    }
    found
}
