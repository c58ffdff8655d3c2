//! The profile of a vulnerability assessment: for each level the mean risk, the
//! mean protection and what is left of one after the other. It indicates; it
//! decides nothing and excludes nobody (DOMAIN F2.60).

use relais_mechanism::form::{FactorPart, Field, Level};
use relais_mechanism::{Answers, Form};

/// One level of the profile; means in tenths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LevelProfile {
    /// Which.
    pub level: Level,
    /// Mean risk of the factors that were rated.
    pub risk: Option<i64>,
    /// Mean protection.
    pub protection: Option<i64>,
    /// Factors of which both numbers are there.
    pub rated: usize,
    /// Factors that the viewer sees.
    pub of: usize,
}

impl LevelProfile {
    /// Risk less protection, in tenths; below zero, protection prevails.
    #[must_use]
    pub fn net(&self) -> Option<i64> {
        Some(self.risk? - self.protection?)
    }
}

/// A number from 0 to 3; "not assessed" is none.
fn rated(answers: &Answers, code: &str) -> Option<i64> {
    let chosen = answers.get(code)?.as_text()?;
    chosen.parse().ok().filter(|n| (0..=3).contains(n))
}

/// The mean in tenths, rounded half up.
fn mean(numbers: &[i64]) -> Option<i64> {
    let count = i64::try_from(numbers.len()).ok().filter(|n| *n > 0)?;
    Some((numbers.iter().sum::<i64>() * 20 + count) / (count * 2))
}

/// The profile over the factors that `reads` lets the viewer read: nobody
/// learns from a mean what they may not read.
#[must_use]
pub fn profile(form: &Form, answers: &Answers, reads: impl Fn(&Field) -> bool) -> Vec<LevelProfile> {
    Level::ALL
        .iter()
        .map(|level| {
            let numbers = |part: FactorPart| -> Vec<(String, Option<i64>)> {
                form.fields()
                    .filter(|field| reads(field))
                    .filter_map(|field| {
                        let factor = field.factor.as_ref()?;
                        (factor.level == *level && factor.part == part)
                            .then(|| (factor.code.clone(), rated(answers, &field.code)))
                    })
                    .collect()
            };
            let (risks, protections) = (numbers(FactorPart::Risk), numbers(FactorPart::Protection));
            let given = |all: &[(String, Option<i64>)]| all.iter().filter_map(|(_, n)| *n).collect::<Vec<_>>();
            LevelProfile {
                level: *level,
                risk: mean(&given(&risks)),
                protection: mean(&given(&protections)),
                rated: risks
                    .iter()
                    .filter(|(code, n)| n.is_some() && protections.iter().any(|(c, p)| c == code && p.is_some()))
                    .count(),
                of: risks.len(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use relais_mechanism::{Answer, Mechanism, Sensitivity};

    use super::*;

    #[test]
    fn a_level_is_the_mean_of_what_was_rated_and_may_be_read() {
        let mechanism = Mechanism::embedded("cameroon").expect("the built-in mechanism");
        let form = mechanism.form("F2").expect("the form");
        let answers: Answers = [
            ("F2.30r", "3"),
            ("F2.30p", "1"),
            ("F2.31r", "2"),
            ("F2.31p", "0"),
            ("F2.34r", "9"),
            ("F2.34p", "2"),
            // Violence at home: restricted.
            ("F2.32r", "3"),
            ("F2.32p", "0"),
        ]
        .into_iter()
        .map(|(code, n)| (code.to_owned(), Answer::One(n.to_owned())))
        .collect();
        let household = |all: Vec<LevelProfile>| {
            all.into_iter()
                .find(|l| l.level == Level::Household)
                .expect("every level")
        };
        let named = household(profile(form, &answers, |_| true));
        assert_eq!((named.risk, named.protection), (Some(27), Some(8)));
        assert_eq!((named.net(), named.rated, named.of), (Some(19), 3, 8));
        let other = household(profile(form, &answers, |f| f.sensitivity != Sensitivity::S4));
        assert_eq!((other.risk, other.protection), (Some(25), Some(10)));
        assert_eq!((other.rated, other.of), (2, 7));
        let empty = household(profile(form, &Answers::new(), |_| true));
        assert_eq!((empty.risk, empty.net(), empty.rated), (None, None, 0));
    }
}
