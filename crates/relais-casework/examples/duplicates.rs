//! Compares persons from files, for `tests/duplicates/run`.
//!
//! ```text
//! duplicates pairs FILE        one line for each pair of FILE: verdict, bits, whether a key is shared, reasons
//! duplicates link A B          "a b verdict bits" for every person of A and B who share a key
//! duplicates link-all A B      the same, every person of A compared with every person of B
//! ```
//! A person is `id,name,birth,age,on,sex,places,telephone,reference`: birth a date or year, age on a day, places parted
//! by `|`; in a file of pairs the second person's columns follow the first's.
#![expect(clippy::unwrap_used, reason = "a tool of a test: it stops at a bad line")]

use std::collections::{HashMap, HashSet};
use std::io::Write;

use chrono::NaiveDate;
use relais_casework::duplicates::{Birth, Particulars, Place, Reason, Verdict, compare, keys};

const COLUMNS: usize = 9;

fn person(row: &[&str]) -> (String, Particulars) {
    let [id, name, birth, age, on, sex, places, telephone, reference] = row else {
        panic!("nine columns: {row:?}")
    };
    let mut out = Particulars {
        birth: match (birth.len(), *age) {
            (10, _) => Some(Birth::Date(birth.parse().unwrap())),
            (4, _) => Some(Birth::Year(birth.parse().unwrap())),
            (_, "") => None,
            (_, age) => Some(Birth::Age {
                years: age.parse().unwrap(),
                on: on.parse::<NaiveDate>().unwrap(),
            }),
        },
        sex: Some((*sex).to_owned()).filter(|s| !s.is_empty()),
        places: places.split('|').map(Place::new).collect(),
        ..Particulars::default()
    };
    out.add_names(name);
    out.add_telephone(telephone);
    out.add_reference(reference);
    ((*id).to_owned(), out)
}

fn rows(path: &str) -> Vec<Vec<String>> {
    csv::Reader::from_path(path)
        .unwrap()
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect()
}

fn persons(path: &str) -> Vec<(String, Particulars)> {
    let cells = |row: &Vec<String>| person(&row.iter().map(String::as_str).collect::<Vec<_>>());
    rows(path).iter().map(cells).collect()
}

fn shares_a_key(a: &Particulars, b: &Particulars) -> bool {
    let filed: HashSet<String> = keys::filed(a).into_iter().collect();
    keys::probed(b).iter().any(|k| filed.contains(k))
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["pairs", path] => {
            for row in rows(path) {
                let cells: Vec<&str> = row.iter().map(String::as_str).collect();
                let (a, b) = (person(&cells[..COLUMNS]).1, person(&cells[COLUMNS..2 * COLUMNS]).1);
                let found = compare(&a, &b);
                let reasons: Vec<&str> = found.reasons.iter().copied().map(Reason::code).collect();
                let key = shares_a_key(&a, &b);
                writeln!(
                    out,
                    "{} {:.1} {key} {}",
                    found.verdict.code(),
                    found.bits,
                    reasons.join(",")
                )
                .unwrap();
            }
        }
        [how @ ("link" | "link-all"), one, other] => {
            let (one, other) = (persons(one), persons(other));
            let mut filed: HashMap<String, Vec<usize>> = HashMap::new();
            for (at, (_, p)) in one.iter().enumerate() {
                for key in keys::filed(p) {
                    filed.entry(key).or_default().push(at);
                }
            }
            let everybody: Vec<usize> = (0..one.len()).collect();
            let mut compared = 0_usize;
            for (id, p) in &other {
                let candidates = if how == "link-all" {
                    everybody.clone()
                } else {
                    let mut found: Vec<usize> = keys::probed(p)
                        .iter()
                        .filter_map(|k| filed.get(k))
                        .flatten()
                        .copied()
                        .collect();
                    found.sort_unstable();
                    found.dedup();
                    found
                };
                compared += candidates.len();
                for at in candidates {
                    let found = compare(&one[at].1, p);
                    if found.verdict != Verdict::No || found.bits > 0.0 {
                        writeln!(out, "{} {id} {} {:.1}", one[at].0, found.verdict.code(), found.bits).unwrap();
                    }
                }
            }
            eprintln!("{compared} pairs compared");
        }
        _ => panic!("pairs FILE | link A B | link-all A B"),
    }
}
