//! Services that differ as a directory's do.

use chrono::{Days, NaiveDate};
use relais_mechanism::places::{Level, Place as Area};
use relais_network::service::{Capacity, ServedArea, Service, ServiceMode, Target};

/// Services of one date, area, mode and public would all have the same points,
/// and a search among them would be done with the first it finds. These differ
/// as a directory's do, each trait with a step of its own.
#[must_use]
pub fn varied(mut service: Service, n: usize, at: &Area) -> Service {
    // A plain mixing of the number, so that the traits do not go hand in hand.
    let mut mixed = (n as u64 + 1).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    let mut pick = |of: u64| {
        mixed ^= mixed >> 32;
        mixed = mixed.wrapping_mul(0xD6E8_FEB8_6659_FD93);
        (mixed >> 40) % of
    };
    service.served_area = match (pick(10), at.level) {
        (0..4, _) => ServedArea::Country,
        (4..8, _) => ServedArea::Region(at.region.clone()),
        (_, Level::Region) => ServedArea::Region(at.code.clone()),
        (_, Level::Department) => ServedArea::Department(at.code.clone()),
        (_, Level::Subdivision) => ServedArea::Subdivision(at.code.clone()),
    };
    service.modes = match pick(10) {
        0 => vec![ServiceMode::Remote],
        1 => vec![ServiceMode::Mobile],
        2 => vec![ServiceMode::OnSite, ServiceMode::Remote],
        3 => vec![ServiceMode::OnSite, ServiceMode::Mobile],
        _ => vec![ServiceMode::OnSite],
    };
    service.targets = match pick(8) {
        0 => vec![Target::Women],
        1 => vec![Target::Children, Target::SeparatedChildren],
        2 => vec![Target::Youth],
        3 => vec![Target::Families, Target::Women],
        _ => vec![Target::Everyone],
    };
    let languages: &[&str] = match pick(6) {
        0 => &["eng"],
        1 => &["fra", "eng"],
        2 => &["fra", "fub"],
        _ => &["fra"],
    };
    service.languages = languages.iter().map(|l| (*l).to_owned()).collect();
    service.on_call = pick(20) == 0;
    let newest = NaiveDate::from_ymd_opt(2026, 11, 20);
    // From yesterday to four years ago; one in twelve was never confirmed.
    let old = pick(12).pow(3) + pick(30);
    service.confirmed_on = newest.filter(|_| pick(12) > 0).map(|day| day - Days::new(old));
    let persons = u32::try_from(pick(40)).unwrap_or(0);
    service.capacity = Capacity {
        per_month: (persons > 10).then_some(persons),
        available: (persons > 20).then_some(persons / 4),
        assessed_on: newest.filter(|_| persons > 20).map(|day| day - Days::new(pick(60))),
    };
    service
}
