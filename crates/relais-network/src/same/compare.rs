//! How sure it is that two entries are one, in points of a hundred, and why.
//!
//! All figures stand here; `tests/same/` holds what they find in a real list, judged by hand.

use super::lexicon::{Kinship, PARTS, is_of_health, is_one_of_a_town, kinship};
use super::name::{self, Frequency, Name};
use super::reason::Reason;
use crate::organisation::Organisation;
use crate::place::{Place, Point};
use crate::service::{Service, Target};
use crate::words::fold;

/// From so many points on a pair is proposed.
pub const PROPOSED: u8 = 60;
/// From so many points on it is very likely one entry.
pub const LIKELY: u8 = 80;

/// What lies nearer than this speaks for one entry.
pub(super) const NEAR_METRES: u32 = 2_000;

/// Naming words less alike than this, in thousandths, are two names.
const NAMES: u32 = 600;

/// An organisation, made ready for comparing.
pub(super) struct Candidate<'d> {
    pub organisation: &'d Organisation,
    pub names: Vec<Name>,
    pub acronyms: Vec<String>,
    pub points: Vec<Point>,
    /// Stated, never estimated.
    pub departments: Vec<&'d str>,
    pub regions: Vec<&'d str>,
    pub towns: Vec<String>,
    pub telephones: Vec<String>,
    pub email: Option<String>,
}

/// The last nine digits of a number: Cameroon's own, with the country's code
/// or without.
pub(super) fn number(typed: &str) -> Option<String> {
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    (digits.len() >= 8).then(|| digits[digits.len().saturating_sub(9)..].to_owned())
}

fn once<T: Ord>(mut all: Vec<T>) -> Vec<T> {
    all.sort();
    all.dedup();
    all
}

impl<'d> Candidate<'d> {
    pub fn of(organisation: &'d Organisation, offers: &[(&'d Service, &'d Place)]) -> Self {
        let (mut names, mut acronyms) = (Vec::new(), Vec::new());
        acronyms.extend(name::acronym(&organisation.code));
        for text in [&organisation.name.fr, &organisation.name.en] {
            let (of_text, beside) = name::parts(text);
            for name in of_text {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            acronyms.extend(beside);
        }
        let places = || offers.iter().map(|(_, place)| *place);
        let mut points: Vec<Point> = Vec::new();
        for point in places().filter_map(Place::point) {
            if !points.contains(&point) {
                points.push(point);
            }
        }
        let own = organisation.telephone.iter();
        let offered = offers.iter().flat_map(|(s, _)| s.telephones.iter().map(|t| &t.number));
        Self {
            organisation,
            names,
            acronyms: once(acronyms),
            points,
            departments: once(
                places()
                    .filter(|p| !p.department_estimated)
                    .filter_map(|p| p.department.as_deref())
                    .chain(organisation.department.as_deref())
                    .collect(),
            ),
            regions: once(
                places()
                    .filter_map(|p| p.region.as_deref())
                    .chain(organisation.region.as_deref())
                    .collect(),
            ),
            towns: once(
                places()
                    .filter_map(|p| p.town.as_deref())
                    .map(fold)
                    .filter(|t| !t.is_empty())
                    .collect(),
            ),
            telephones: once(own.chain(offered).filter_map(|n| number(n)).collect()),
            email: organisation.email.as_deref().map(|e| e.trim().to_lowercase()),
        }
    }
}

/// Points and reasons, added up.
#[derive(Default)]
pub(super) struct Sum {
    points: i32,
    pub reasons: Vec<Reason>,
}

impl Sum {
    fn add(&mut self, points: i32, reason: Reason) {
        self.points += points;
        self.reasons.push(reason);
    }

    /// Of a hundred.
    pub fn score(&self) -> u8 {
        u8::try_from(self.points.clamp(0, 100)).unwrap_or(0)
    }
}

/// What two names say: the points of the naming words, of the sort of house,
/// of what only one of them says. None where they are the names of two houses.
fn names(a: &Name, b: &Name, frequency: &Frequency) -> Option<Sum> {
    let mut sum = Sum::default();
    match name::cores_alike(a, b, frequency) {
        Some(1000) => sum.add(60, Reason::NameSame),
        Some(alike) if alike >= NAMES => {
            let missing = i32::try_from(1000 - alike).unwrap_or(0);
            let reason = if alike >= 800 {
                Reason::NameAlike
            } else {
                Reason::NamePart
            };
            sum.add((60 - missing * 15 / 100).max(20), reason);
        }
        Some(_) => return None,
        None if a.core.is_empty() && b.core.is_empty() && a.class.is_some() => sum.add(30, Reason::NameGeneric),
        None => return None,
    }
    match kinship(a.class, b.class) {
        Kinship::Same => sum.add(8, Reason::SortSame),
        Kinship::Near => sum.add(4, Reason::SortNear),
        Kinship::Risen => sum.add(-22, Reason::SortRisen),
        Kinship::Unsaid => sum.points -= 8,
        Kinship::Neither => {}
        Kinship::Apart => return None,
    }
    let only = |one: &Name, other: &Name| -> Vec<(&'static str, String)> {
        let has = |mark: &str| other.marks.iter().any(|(m, _)| *m == mark);
        one.marks.iter().filter(|(m, _)| !has(m)).cloned().collect()
    };
    let (of_a, of_b) = (only(a, b), only(b, a));
    match (of_a.is_empty(), of_b.is_empty()) {
        (true, true) if a.marks.is_empty() => {}
        (true, true) => sum.points += 6,
        (false, false) => return None,
        _ => {
            let more = [of_a, of_b].concat();
            let parts = more.iter().all(|(mark, _)| PARTS.contains(mark));
            let points = if parts { -24 } else { -36 };
            let words: Vec<String> = more.into_iter().map(|(_, word)| word).collect();
            let words = words.join(", ");
            sum.add(points, Reason::SaysMore { words });
        }
    }
    match (&a.numbers[..], &b.numbers[..]) {
        ([], []) => {}
        (one, other) if one == other => sum.points += 4,
        ([], more) | (more, []) => sum.add(-34, Reason::SaysMore { words: more.join(", ") }),
        _ => return None,
    }
    Some(sum)
}

/// What an acronym is worth that stands for a name.
const ACRONYM: i32 = 58;

/// Whether an acronym of one stands for a name of the other, or is the other's too.
fn acronym_of(a: &Candidate<'_>, b: &Candidate<'_>) -> Option<String> {
    let shared = a.acronyms.iter().find(|x| b.acronyms.contains(x));
    let stands = |x: &Candidate<'_>, y: &Candidate<'_>| {
        let has_one = |n: &&Name| !n.class.is_some_and(is_of_health);
        let fits = |short: &&String| {
            let mut names = y.names.iter().filter(has_one);
            names.any(|n| name::stands_for(short, &n.content))
        };
        // One that stands for its own long name is nobody else's.
        let own = |short: &&String| x.names.iter().any(|n| name::stands_for(short, &n.content));
        x.acronyms.iter().filter(|short| !own(short)).find(fits).cloned()
    };
    shared
        .cloned()
        .or_else(|| stands(a, b))
        .or_else(|| stands(b, a))
        .map(|s| s.to_uppercase())
}

/// The distance between the nearest of their points, in metres.
fn metres(a: &[Point], b: &[Point]) -> Option<u32> {
    let mut least = f64::INFINITY;
    for x in a {
        for y in b {
            least = least.min(x.distance_km(*y));
        }
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most 20,016 km, never below zero"
    )]
    least.is_finite().then(|| (least * 1000.0).round() as u32)
}

/// What a distance says. Of hospitals there is one to a town, so that two of one
/// name some way apart are rather one with wrong coordinates.
fn distance(sum: &mut Sum, metres: u32, one_of_a_town: bool) {
    let points = match metres {
        0..=150 => 22,
        151..=500 => 20,
        501..=1_000 => 16,
        1_001..=2_000 => 10,
        2_001..=5_000 => 4,
        5_001..=10_000 => -8,
        10_001..=20_000 if one_of_a_town => -8,
        10_001..=20_000 => -14,
        _ => -45,
    };
    sum.add(points, Reason::Apart { metres });
}

/// Whether an organisation is a hospital by all its names.
fn hospitals(candidate: &Candidate<'_>) -> bool {
    candidate.names.iter().all(|n| n.class.is_some_and(is_one_of_a_town))
}

/// What regions, departments and towns say where no distance is known.
fn areas(sum: &mut Sum, a: &Candidate<'_>, b: &Candidate<'_>) {
    let shares = |x: &[&str], y: &[&str]| x.iter().any(|one| y.contains(one));
    if !a.points.is_empty() || !b.points.is_empty() {
        sum.add(0, Reason::NoPoint);
    }
    if !a.regions.is_empty() && !b.regions.is_empty() && !shares(&a.regions, &b.regions) {
        sum.add(-45, Reason::OtherRegion);
        return;
    }
    if a.regions.is_empty() != b.regions.is_empty() {
        sum.points -= 4;
    }
    if !a.departments.is_empty() && !b.departments.is_empty() && !shares(&a.departments, &b.departments) {
        sum.points -= 20;
    }
    if a.towns.iter().any(|t| b.towns.contains(t)) {
        sum.add(8, Reason::SameTown);
    }
}

/// How often a telephone stands in the directory: a switchboard of many tells nothing.
pub(super) type Rings<'r> = &'r dyn Fn(&str) -> usize;
/// More than so many organisations with one number share a switchboard.
const SWITCHBOARD: usize = 4;

fn same_telephone(a: &[String], b: &[String], rings: Rings<'_>) -> bool {
    a.iter().any(|n| b.contains(n) && rings(n) <= SWITCHBOARD)
}

/// Compares two organisations; none where they cannot be one.
pub(super) fn organisations(
    a: &Candidate<'_>,
    b: &Candidate<'_>,
    frequency: &Frequency,
    rings: Rings<'_>,
) -> Option<Sum> {
    let (x, y) = (a.organisation, b.organisation);
    // Two services of the State below two ministries are two, whatever they share of a name.
    if x.state_body && y.state_body && x.parent.is_some() && y.parent.is_some() && x.parent != y.parent {
        return None;
    }
    // The one that stands above the other is another.
    if x.id == y.id || x.parent == Some(y.id) || y.parent == Some(x.id) {
        return None;
    }
    let by_name = a
        .names
        .iter()
        .flat_map(|n| b.names.iter().filter_map(|m| names(n, m, frequency)))
        .max_by_key(|s| s.points);
    let telephone = same_telephone(&a.telephones, &b.telephones, rings);
    let email = a.email.is_some() && a.email == b.email;
    let acronym = acronym_of(a, b);
    let mut sum = match (by_name, acronym) {
        (Some(sum), _) if sum.points >= ACRONYM => sum,
        (_, Some(acronym)) => {
            let mut sum = Sum::default();
            sum.add(ACRONYM, Reason::Acronym { acronym });
            sum
        }
        (Some(sum), None) => sum,
        // Under another name, with the same number: perhaps renamed.
        (None, None) if telephone || email => {
            let apart = a.names.iter().any(|n| {
                let other = |m: &Name| kinship(n.class, m.class) == Kinship::Apart || n.numbers != m.numbers;
                b.names.iter().any(other)
            });
            if apart {
                return None;
            }
            let mut sum = Sum::default();
            sum.add(14, Reason::NameOther);
            sum
        }
        (None, None) => return None,
    };
    if x.kind == y.kind {
        sum.points += 4;
    } else {
        sum.add(-4, Reason::OtherKind);
    }
    match metres(&a.points, &b.points) {
        Some(metres) => distance(&mut sum, metres, hospitals(a) && hospitals(b)),
        None => areas(&mut sum, a, b),
    }
    if telephone {
        sum.add(28, Reason::SameTelephone);
    }
    if email {
        sum.add(22, Reason::SameEmail);
    }
    Some(sum)
}

/// A service, made ready for comparing.
pub(super) struct Offered<'d> {
    pub service: &'d Service,
    pub place: &'d Place,
    pub organisation: usize,
    /// None where its name is that of its type.
    pub name: Option<Name>,
    pub telephones: Vec<String>,
}

fn meant_for_others(a: &Service, b: &Service) -> bool {
    let anybody = |s: &Service| s.targets.is_empty() || s.targets.contains(&Target::Everyone);
    !anybody(a) && !anybody(b) && !a.targets.iter().any(|t| b.targets.contains(t))
}

/// Compares two services of one type; none where they cannot be one.
pub(super) fn services(
    a: &Offered<'_>,
    b: &Offered<'_>,
    all: &[Candidate<'_>],
    frequency: &Frequency,
    rings: Rings<'_>,
) -> Option<Sum> {
    if a.service.id == b.service.id
        || a.service.service_type != b.service.service_type
        || meant_for_others(a.service, b.service)
    {
        return None;
    }
    let mut sum = Sum::default();
    sum.add(0, Reason::SameService);
    match (&a.name, &b.name) {
        (None, None) => sum.points += 28,
        (Some(n), Some(m)) => {
            let of_names = names(n, m, frequency)?;
            sum.points += of_names.points * 3 / 4;
            sum.reasons.extend(of_names.reasons);
        }
        _ => sum.points += 20,
    }
    let own = a.organisation == b.organisation;
    if own {
        sum.add(22, Reason::SameOrganisation);
    } else {
        let (x, y) = (&all[a.organisation], &all[b.organisation]);
        let mut pairs = x.names.iter().flat_map(|n| y.names.iter().map(move |m| (n, m)));
        let alike = |(n, m): (&Name, &Name)| {
            kinship(n.class, m.class) != Kinship::Apart && name::cores_alike(n, m, frequency).unwrap_or(0) >= 800
        };
        sum.points += if pairs.any(alike) { 12 } else { -6 };
    }
    let points = |p: &Place| p.point().into_iter().collect::<Vec<_>>();
    if a.place.id == b.place.id {
        sum.add(24, Reason::SamePlace);
    } else {
        match metres(&points(a.place), &points(b.place)) {
            Some(metres) if metres > 5_000 => return None,
            Some(metres) => distance(&mut sum, metres, false),
            None if a.place.region.is_some() && b.place.region.is_some() && a.place.region != b.place.region => {
                return None;
            }
            None => {
                let town = |p: &Place| p.town.as_deref().map(fold).filter(|t| !t.is_empty());
                if town(a.place).is_some() && town(a.place) == town(b.place) {
                    sum.add(10, Reason::SameTown);
                } else {
                    sum.add(0, Reason::NoPoint);
                }
            }
        }
    }
    if same_telephone(&a.telephones, &b.telephones, rings) {
        sum.add(if own { 10 } else { 28 }, Reason::SameTelephone);
    }
    Some(sum)
}
