//! Instants in answers: RFC 3339 as chrono writes it, without its formatter. A
//! list has three instants in each row.

use chrono::{DateTime, Datelike, Timelike, Utc};
use serde::{Serialize, Serializer};

/// Longest text: `2026-11-24T14:08:09.123456789Z`.
const LONGEST: usize = 30;

/// Writes the instant; for `#[serde(serialize_with = "…")]`.
///
/// # Errors
/// What the serializer refuses.
pub fn write<S: Serializer>(at: &DateTime<Utc>, to: S) -> Result<S::Ok, S::Error> {
    let (year, nanos) = (at.year(), at.nanosecond());
    // Leap seconds and far years are chrono's business.
    if !(0..=9999).contains(&year) || nanos >= 1_000_000_000 {
        return at.serialize(to);
    }
    let mut text = *b"0000-00-00T00:00:00.000000000Z";
    let mut put = |at: usize, width: usize, mut value: u32| {
        for digit in text[at..at + width].iter_mut().rev() {
            *digit = b'0' + (value % 10) as u8;
            value /= 10;
        }
    };
    put(0, 4, year.unsigned_abs());
    put(5, 2, at.month());
    put(8, 2, at.day());
    put(11, 2, at.hour());
    put(14, 2, at.minute());
    put(17, 2, at.second());
    put(20, 9, nanos);
    // As few digits of the fraction as it needs: none, three, six or nine.
    let end = match nanos {
        0 => 19,
        n if n.is_multiple_of(1_000_000) => 23,
        n if n.is_multiple_of(1_000) => 26,
        _ => LONGEST - 1,
    };
    text[end] = b'Z';
    match std::str::from_utf8(&text[..=end]) {
        Ok(text) => to.serialize_str(text),
        Err(_) => at.serialize(to),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct One(#[serde(serialize_with = "write")] DateTime<Utc>);

    #[test]
    fn an_instant_reads_as_chrono_writes_it() {
        let day = 86_400_000_000;
        let mut instants: Vec<i64> = vec![
            0,
            1,
            999,
            1_000,
            999_000,
            1_000_000,
            -1,
            1_795_529_289_123_456,
            1_795_529_289_123_000,
            // 29 February, the end of a year, years 1, 9999 and beyond.
            951_782_400_000_000,
            1_798_761_599_999_999,
            -62_135_596_800_000_000,
            253_402_300_799_999_999,
            253_402_300_800_000_000,
            -62_200_000_000_000_000,
        ];
        instants.extend((0..4000).map(|n| n * (11 * day + 3_723_004_005)));
        for micros in instants {
            let at = DateTime::from_timestamp_micros(micros).expect("an instant");
            let ours = serde_json::to_string(&One(at)).expect("text");
            assert_eq!(ours, serde_json::to_string(&at).expect("text"), "{micros}");
        }
        for nanos in [1, 1_000_000_000, 1_500_000_000] {
            let at = DateTime::from_timestamp(59, nanos).expect("an instant");
            let ours = serde_json::to_string(&One(at)).expect("text");
            assert_eq!(ours, serde_json::to_string(&at).expect("text"), "{nanos}");
        }
    }
}
