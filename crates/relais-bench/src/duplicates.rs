//! Looking for a person among a million: how long, with how much memory. The
//! persons are invented; names are as common and as rare as a country's, ages
//! are rounded as ages are, and the index lies on disk.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use relais_acts::duplicates;
use relais_acts::file::{Card, Contact, Identity, seal};
use relais_casework::duplicates::Verdict;
use relais_mechanism::Mechanism;
use relais_network::{CaseId, OrganisationId, PersonId, UserId};
use relais_store::rows::cases::{CaseRecord, PersonRecord};
use relais_store::{Keyring, Options, Store, StoreError, Tx, Unlock, ids};
use uuid::Uuid;

use crate::Failed;
use crate::seed::places;

/// Persons written in one unit of work.
const AT_ONCE: usize = 2_000;
/// Persons looked for.
const ASKED: usize = 1_000;
/// Within how many milliseconds a search is answered, for 99 of 100.
const FLOOR_MS: f64 = 20.0;

/// The same numbers in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n.max(1)
    }

    /// A rank below `n`, the first much oftener than the last: with the weight 1 / (3 + rank).
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "ranks are small"
    )]
    fn rank(&mut self, n: u64) -> u64 {
        let (least, most) = (3.0_f64.ln(), (3.0 + n as f64).ln());
        let at = self.below(1 << 30) as f64 / f64::from(1 << 30);
        ((least + at * (most - least)).exp() - 3.0).min(n as f64 - 1.0) as u64
    }
}

const COMMON_GIVEN: [&str; 40] = [
    "Mohamadou",
    "Aïssatou",
    "Ibrahim",
    "Fadimatou",
    "Oumarou",
    "Marie",
    "Jean",
    "Aminatou",
    "Abdoulaye",
    "Emmanuel",
    "Pierre",
    "Paul",
    "Hadja",
    "Ousmanou",
    "Joseph",
    "Christelle",
    "Moussa",
    "Mariamou",
    "Serge",
    "Alain",
    "Bouba",
    "Hawaou",
    "Issa",
    "Solange",
    "Souleymanou",
    "Brigitte",
    "Adamou",
    "Ramatou",
    "Hervé",
    "Carine",
    "Yaya",
    "Thierry",
    "Zénabou",
    "Patrick",
    "Sandrine",
    "Blaise",
    "Halimatou",
    "Estelle",
    "Rodrigue",
    "Mireille",
];
const COMMON_FAMILY: [&str; 30] = [
    "Bello", "Mbarga", "Ngono", "Oumarou", "Atangana", "Moussa", "Fotso", "Kamga", "Adamou", "Issa", "Essomba",
    "Owona", "Hamadou", "Sali", "Onana", "Manga", "Bouba", "Talla", "Simo", "Garba", "Nkeng", "Tabi", "Fru", "Ndi",
    "Djoda", "Aliou", "Yaya", "Abdou", "Eyenga", "Tamo",
];
const BEGIN: [&str; 30] = [
    "Ba", "Bi", "Da", "Dja", "E", "Fo", "Ga", "Ka", "Ki", "Ko", "Ma", "Mba", "Mbe", "Me", "Mo", "Na", "Nde", "Ndo",
    "Nga", "Nja", "Nko", "Nsa", "O", "Sa", "Ta", "Tcha", "Tchi", "Wa", "Ya", "Zo",
];
const MIDDLE: [&str; 15] = [
    "", "", "ba", "da", "go", "ka", "la", "lo", "ma", "mbi", "na", "ndo", "ra", "sso", "wo",
];
const END: [&str; 15] = [
    "bou", "dem", "fack", "gue", "kam", "la", "leu", "me", "nang", "ndi", "re", "seu", "ta", "wa", "zi",
];

struct Person {
    name: String,
    age: u8,
    sex: &'static str,
    telephone: Option<String>,
    destination: Option<String>,
}

/// A name made of syllables: as many as a country's rarer names.
fn made(rank: u64) -> String {
    let part = |list: &[&'static str], at: u64| {
        let n = list.len() as u64;
        usize::try_from(at % n)
            .ok()
            .and_then(|at| list.get(at))
            .copied()
            .unwrap_or_default()
    };
    let (a, b) = (rank / 7 + rank, rank / 31);
    format!("{}{}{}", part(&BEGIN, a), part(&MIDDLE, b), part(&END, rank))
}

fn draw(numbers: &mut Numbers, places: &[String]) -> Person {
    let given = match numbers.rank(400) {
        common if common < 40 => COMMON_GIVEN[usize::try_from(common).unwrap_or(0)].to_owned(),
        rank => made(50_000 + rank),
    };
    let family = match numbers.rank(6_000) {
        common if common < 30 => COMMON_FAMILY[usize::try_from(common).unwrap_or(0)].to_owned(),
        rank => made(rank),
    };
    let name = match numbers.below(10) {
        0 => given,
        1..=2 => format!("{family} {given} {}", made(numbers.rank(6_000) + 30)),
        _ => format!("{given} {family}"),
    };
    let mut age = 14 + u8::try_from(numbers.below(12) + numbers.below(14) + numbers.below(18)).unwrap_or(0);
    if numbers.below(10) < 3 {
        age = (age + 2) / 5 * 5;
    }
    let place = usize::try_from(numbers.below(places.len() as u64)).unwrap_or(0);
    Person {
        name,
        age,
        sex: if numbers.below(3) == 0 { "F" } else { "M" },
        telephone: (numbers.below(10) < 6).then(|| format!("+2376{:08}", numbers.below(100_000_000))),
        destination: (numbers.below(10) < 7).then(|| places[place].clone()),
    }
}

fn parts(person: &Person) -> (Identity, Contact, Card) {
    let identity = Identity {
        name: Some(person.name.clone()),
        ..Identity::default()
    };
    let contact = Contact {
        telephone: person.telephone.clone(),
        safe: Vec::new(),
        ..Contact::default()
    };
    let card = Card {
        age: Some(person.age),
        sex: Some(person.sex.to_owned()),
        destination: person.destination.clone(),
        ..Card::default()
    };
    (identity, contact, card)
}

/// Regions, departments and subdivisions.
fn codes() -> Result<Vec<String>, Failed> {
    let mechanism = Mechanism::embedded("cameroon").map_err(|e| format!("{e:?}"))?;
    Ok(mechanism.places().iter().map(|p| p.code.clone()).collect())
}

fn write(tx: &mut Tx<'_>, person: &Person, opened_at: DateTime<Utc>) -> Result<(), StoreError> {
    let (identity, contact, card) = parts(person);
    let (id, case) = (PersonId(ids::new_v7(opened_at)), CaseId(ids::new_v7(opened_at)));
    let (own, slot) = (tx.new_slot()?, tx.new_slot()?);
    let sealer = tx.sealer();
    PersonRecord {
        id,
        slot: own,
        identity: seal(&sealer, "person", "identity", id.0, own, &identity)?,
        contact: seal(&sealer, "person", "contact", id.0, own, &contact)?,
        created_at: opened_at,
        erased_at: None,
        version: 1,
    }
    .insert(tx)?;
    CaseRecord {
        id: case,
        person_id: id,
        slot,
        year: i64::from(opened_at.year()),
        region: "CM001".to_owned(),
        holder_id: OrganisationId(Uuid::from_u128(1)),
        assigned_user_id: None,
        regime: "ordinary".to_owned(),
        state: "open".to_owned(),
        mechanism_hash: String::new(),
        card: seal(&sealer, "case_file", "card", case.0, slot, &card)?,
        opened_at,
        closed_at: None,
        close_reason: None,
        created_by: UserId(Uuid::from_u128(1)),
        version: 1,
    }
    .insert(tx)?;
    duplicates::file_person(tx, id, own, &identity, &contact, &card, opened_at)
}

/// Makes a database of so many persons, with nothing else in it.
///
/// # Errors
/// When the store refuses.
pub fn seed(folder: &Path, persons: usize) -> Result<(), Failed> {
    let (location, keys) = places(folder, None);
    let keyring = Arc::new(Keyring::create(&keys, location.folder(), &Unlock::File, false)?);
    let store = Store::create(&location, keyring, Options::default(), false)?;
    let places = Arc::new(codes()?);
    let began = Instant::now();
    let from = store.read_blocking(|tx| -> Result<_, StoreError> { tx.now() })? - TimeDelta::days(600);
    for part in 0..persons.div_ceil(AT_ONCE) {
        let (places, many) = (Arc::clone(&places), AT_ONCE.min(persons - part * AT_ONCE));
        store.write_blocking(move |tx| -> Result<(), StoreError> {
            let mut numbers = Numbers(part as u64 + 1);
            for n in 0..many {
                let person = draw(&mut numbers, &places);
                let after = TimeDelta::milliseconds(i64::try_from((part * AT_ONCE + n) * 40).unwrap_or(0));
                write(tx, &person, from + after)?;
            }
            Ok(())
        })?;
        if (part + 1) % 25 == 0 {
            eprintln!(
                "{} persons in {:.0} s",
                (part + 1) * AT_ONCE,
                began.elapsed().as_secs_f32()
            );
        }
    }
    std::fs::write(folder.join("persons"), persons.to_string())?;
    Ok(())
}

/// A second file of a person, as another officer writes it.
fn again(person: &Person, numbers: &mut Numbers) -> Person {
    let mut words: Vec<&str> = person.name.split(' ').collect();
    words.reverse();
    let name = words
        .join(" ")
        .replace("ou", "u")
        .replace("tch", "ch")
        .replace('ï', "i");
    Person {
        name,
        // Twenty months later.
        age: person.age + 1 + u8::from(numbers.below(2) == 0),
        sex: person.sex,
        telephone: person.telephone.clone().filter(|_| numbers.below(2) == 0),
        destination: None,
    }
}

/// Kilobytes of memory, from the system's own account of this process.
fn memory(line: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let value = status.lines().find_map(|l| l.strip_prefix(line))?;
    value.trim_matches(|c: char| !c.is_ascii_digit()).parse().ok()
}

/// Looks for persons, half of whom are there, one after the other.
///
/// # Errors
/// When the store refuses.
#[expect(clippy::cast_precision_loss, reason = "figures for a table")]
pub fn measure(folder: &Path) -> Result<bool, Failed> {
    let persons: usize = std::fs::read_to_string(folder.join("persons"))?.trim().parse()?;
    let (location, keys) = places(folder, None);
    let keyring = Arc::new(Keyring::open(&keys, location.folder(), &Unlock::File, false)?);
    let store = Store::open(&location, keyring, Options::default())?;
    let places = codes()?;
    let before = memory("VmRSS:").unwrap_or(0);
    let mut numbers = Numbers(0xd0b1e);
    let (mut times, mut there, mut found_again, mut found, mut warned) =
        (Vec::new(), 0_usize, 0_usize, 0_usize, 0_usize);
    for n in 0..ASKED {
        let known = n % 2 == 0;
        let person = if known {
            // One who was written first in one of the units of work.
            let part = numbers.below((persons / AT_ONCE).max(1) as u64);
            again(&draw(&mut Numbers(part + 1), &places), &mut numbers)
        } else {
            draw(&mut numbers, &places)
        };
        let began = Instant::now();
        let list = store.read_blocking(move |tx| -> Result<_, StoreError> {
            let (identity, contact, card) = parts(&person);
            let known = duplicates::particulars(&identity, &contact, &card, tx.now()?);
            duplicates::look(tx, &known, PersonId(Uuid::nil()))
        })?;
        times.push(began.elapsed().as_secs_f64() * 1000.0);
        there += usize::from(known);
        found_again += usize::from(known && !list.is_empty());
        warned += usize::from(!known && !list.is_empty());
        found += list.iter().filter(|f| f.likeness.verdict >= Verdict::Perhaps).count();
    }
    let first = times[0];
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() as f64 * share) as usize).min(times.len() - 1)];
    let size = |name: &str| std::fs::metadata(folder.join("data").join(name)).map_or(0, |m| m.len() / 1_000_000);
    let index: u64 = store.read_blocking(|tx| -> Result<u64, StoreError> {
        let rows = tx.query_built("SELECT COUNT(*) AS n FROM bucket", &[])?;
        Ok(u64::try_from(rows.first().map_or(Ok(0), |r| r.get::<i64>("n"))?).unwrap_or(0))
    })?;
    let mut out = String::new();
    writeln!(
        out,
        "{persons} persons, {index} rows in buckets, database of {} MB, index on disk",
        size("relais.sqlite")
    )?;
    writeln!(
        out,
        "{ASKED} searches, one after the other: first {first:.1} ms, then p50 {:.1}, p95 {:.1}, p99 {:.1}, most {:.1} ms",
        at(0.5),
        at(0.95),
        at(0.99),
        at(1.0)
    )?;
    writeln!(
        out,
        "{found_again} of {there} who were there are found again, otherwise spelt; {warned} of {} new persons have a namesake; {:.1} files shown on average",
        ASKED - there,
        found as f64 / ASKED as f64
    )?;
    writeln!(
        out,
        "memory {} MB before, {} MB after, {} MB at most",
        before / 1000,
        memory("VmRSS:").unwrap_or(0) / 1000,
        memory("VmHWM:").unwrap_or(0) / 1000
    )?;
    let holds = at(0.99) <= FLOOR_MS;
    writeln!(
        out,
        "{} 99 of 100 searches within {FLOOR_MS} ms",
        if holds { "ok    " } else { "FAILED" }
    )?;
    print!("{out}");
    println!("{} passed, {} failed", u8::from(holds), u8::from(!holds));
    Ok(holds)
}
