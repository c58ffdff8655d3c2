//! Codes that people read aloud: they name nobody, and a slip of the finger
//! in a case's code is found by its check letter.

use relais_mechanism::Mechanism;

/// Letters that are not taken for figures or for each other.
const LETTERS: &[u8; 23] = b"ABCDEFGHJKLMNPQRSTVWXYZ";

/// Fields of the forms that the acts read by name, because a core column or a
/// rule stands on them.
pub mod field {
    /// Oral agreement after short information.
    pub const AGREED: &str = "F1E.02";
    /// Name or alias.
    pub const NAME: &str = "F1E.03";
    /// Sex.
    pub const SEX: &str = "F1E.04";
    /// Stated or estimated age.
    pub const AGE: &str = "F1E.05";
    /// Travels with.
    pub const TRAVELS_WITH: &str = "F1E.06";
    /// Where the person sleeps tonight.
    pub const SLEEPS: &str = "F1E.07";
    /// Intended destination.
    pub const DESTINATION: &str = "F1E.08";
    /// Safe contact.
    pub const SAFE_CONTACT: &str = "F1E.09";
    /// Telephone.
    pub const TELEPHONE: &str = "F1E.10";
    /// Language.
    pub const LANGUAGE: &str = "F1E.11";
}

fn check_letter(digits: &str) -> char {
    let sum: usize = digits
        .bytes()
        .filter(u8::is_ascii_digit)
        .enumerate()
        .map(|(i, d)| (i + 2) * usize::from(d - b'0'))
        .sum();
    char::from(LETTERS[sum % LETTERS.len()])
}

/// Code of a case: `CM-000123-K`.
#[must_use]
pub fn case_code(mechanism: &Mechanism, seq: i64) -> String {
    let mut code = format!("{}-{seq:06}-", mechanism.country().code);
    code.push(check_letter(&code));
    code
}

/// Code of a referral: `R-2026-004421`.
#[must_use]
pub fn referral_code(year: i64, seq: i64) -> String {
    format!("R-{year}-{seq:06}")
}

/// Number of a referral with its check letter, as it stands on a slip and in
/// its QR code: `R-2026-004421-K`.
#[must_use]
pub fn slip_number(year: i64, seq: i64) -> String {
    let code = referral_code(year, seq);
    let letter = check_letter(&code);
    format!("{code}-{letter}")
}

/// Number of a bracelet with its check letter, as it stands there and in its
/// QR code: the arrival, then the row, `12-0017-K`.
#[must_use]
pub fn bracelet(group: i64, number: u32) -> String {
    let digits = format!("{group}-{number:04}");
    format!("{digits}-{}", check_letter(&digits))
}

/// Arrival and row in a typed or scanned bracelet, in any capitals, with or
/// without its dashes; none when the check letter does not fit.
#[must_use]
pub fn parse_bracelet(typed: &str) -> Option<(i64, u32)> {
    let signs: String = typed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let (digits, letter) = signs.split_at_checked(signs.len().checked_sub(1)?)?;
    if digits.len() < 5 || digits.len() > 20 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (group, number) = digits.split_at(digits.len() - 4);
    let fits = letter.starts_with(check_letter(digits));
    fits.then(|| Some((group.parse().ok()?, number.parse().ok()?)))?
}

/// Year and server sequence in a typed slip number, in any capitals, with or
/// without its dashes; none when the check letter does not fit.
#[must_use]
pub fn parse_slip_number(typed: &str) -> Option<(i64, i64)> {
    let signs: String = typed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let body = signs.strip_prefix('R').unwrap_or(&signs);
    let (digits, letter) = body.split_at_checked(body.len().checked_sub(1)?)?;
    if digits.len() < 10 || digits.len() > 22 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (year, seq) = (digits[..4].parse().ok()?, digits[4..].parse().ok()?);
    letter.starts_with(check_letter(digits)).then_some((year, seq))
}

/// The server sequence in a typed case code, in any capitals and with or
/// without its prefix; none when the check letter does not fit.
#[must_use]
pub fn parse_case_code(typed: &str) -> Option<i64> {
    let typed = typed.trim().to_ascii_uppercase();
    let mut parts = typed.rsplit('-');
    let letter = parts.next()?;
    let digits = parts.next()?;
    if digits.len() < 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    (letter.len() == 1 && letter.starts_with(check_letter(digits))).then(|| digits.parse().ok())?
}

/// Initials of a name, two at most: "S. T.".
#[must_use]
pub fn initials(name: &str) -> String {
    let letters: Vec<String> = name
        .split(|c: char| c.is_whitespace() || c == '-')
        .filter_map(|part| part.chars().find(|c| c.is_alphabetic()))
        .take(2)
        .map(|c| format!("{}.", c.to_uppercase()))
        .collect();
    if letters.is_empty() {
        "–".to_owned()
    } else {
        letters.join("\u{a0}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_in_a_code_is_found() {
        let code = format!("CM-000123-{}", check_letter("000123"));
        assert_eq!(parse_case_code(&code), Some(123));
        assert_eq!(parse_case_code(&code.to_lowercase()), Some(123));
        let wrong = code.replace("000123", "000132");
        assert_eq!(parse_case_code(&wrong), None);
        assert_eq!(parse_case_code("CM-12-K"), None);
        assert_eq!(parse_case_code(""), None);
    }

    #[test]
    fn a_slips_number_reads_as_people_write_it() {
        let number = slip_number(2026, 4421);
        assert!(number.starts_with("R-2026-004421-"), "{number}");
        for typed in [
            number.clone(),
            number.to_lowercase(),
            number.replace('-', ""),
            number.replace('-', " "),
            number[2..].to_owned(),
        ] {
            assert_eq!(parse_slip_number(&typed), Some((2026, 4421)), "{typed}");
        }
        for typed in [
            number.replace("4421", "4412"),
            number.replace("2026", "2025"),
            number[..13].to_owned(),
            "R-2026-4421-K".to_owned(),
            String::new(),
            "é".to_owned(),
        ] {
            assert_eq!(parse_slip_number(&typed), None, "{typed}");
        }
    }

    #[test]
    fn a_bracelet_reads_as_it_is_scanned_and_finds_a_slip() {
        let number = bracelet(12, 17);
        assert!(number.starts_with("12-0017-"), "{number}");
        for typed in [
            number.clone(),
            number.to_lowercase(),
            number.replace('-', ""),
            format!(" {number}\n"),
        ] {
            assert_eq!(parse_bracelet(&typed), Some((12, 17)), "{typed}");
        }
        assert_eq!(parse_bracelet(&bracelet(3, 1999)), Some((3, 1999)));
        for typed in [
            number.replace("17", "71"),
            number[..7].to_owned(),
            "17".to_owned(),
            String::new(),
            "é".to_owned(),
        ] {
            assert_eq!(parse_bracelet(&typed), None, "{typed}");
        }
        // Every single wrong figure is found, and any two neighbours exchanged.
        let digits: Vec<char> = "120017".chars().collect();
        let letter = number.chars().last().expect("a letter");
        for at in 0..digits.len() {
            for other in ('0'..='9').filter(|d| *d != digits[at]) {
                let mut wrong = digits.clone();
                wrong[at] = other;
                assert_eq!(
                    parse_bracelet(&format!("{}{letter}", wrong.iter().collect::<String>())),
                    None
                );
            }
            if at > 0 && digits[at] != digits[at - 1] {
                let mut wrong = digits.clone();
                wrong.swap(at, at - 1);
                assert_eq!(
                    parse_bracelet(&format!("{}{letter}", wrong.iter().collect::<String>())),
                    None
                );
            }
        }
    }

    #[test]
    fn initials_name_nobody() {
        assert_eq!(initials("Salomé Tchinda Biloa"), "S.\u{a0}T.");
        assert_eq!(initials("  "), "–");
        assert_eq!(initials("Ève"), "È.");
    }
}
