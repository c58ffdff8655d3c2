//! Bytes to text. Lists come from many hands: UTF-8 with or without its mark,
//! UTF-16 as some spreadsheets save, and Windows-1252 (which holds Latin-1's
//! letters) from older ones. Nothing is guessed in silence: [`ReadAs`] is shown
//! beside the preview, and what fits no encoding whole is refused.

use std::borrow::Cow;

use crate::problem::FileProblem;
use crate::table::ReadAs;

/// What bytes 0x80 to 0x9F mean in Windows-1252; NUL where they mean nothing.
const WINDOWS: [char; 32] = [
    '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0', '‘', '’', '“', '”', '•',
    '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
];

/// The text of a file and how it was read.
///
/// # Errors
/// [`FileProblem::NotATable`] for bytes that are no text,
/// [`FileProblem::MixedEncoding`] where two encodings meet.
pub fn text(bytes: &[u8]) -> Result<(Cow<'_, str>, ReadAs), FileProblem> {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => match std::str::from_utf8(rest) {
            Ok(text) => Ok((printable(Cow::Borrowed(text))?, ReadAs::Utf8)),
            Err(error) => Err(mixed(rest, error.valid_up_to())),
        },
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes),
        // Latin text in UTF-16 without its mark: every other byte is NUL.
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => wide(bytes, u16::from_le_bytes),
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => wide(bytes, u16::from_be_bytes),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => Ok((printable(Cow::Borrowed(text))?, ReadAs::Utf8)),
            // Letters of several bytes that read well are no accident: the rest is another encoding.
            Err(error) if bytes[..error.valid_up_to()].iter().any(|b| *b >= 0x80) => {
                Err(mixed(bytes, error.valid_up_to()))
            }
            Err(_) => windows(bytes),
        },
    }
}

fn mixed(bytes: &[u8], at: usize) -> FileProblem {
    FileProblem::MixedEncoding {
        line: 1 + bytes[..at].iter().filter(|b| **b == b'\n').count(),
    }
}

/// Text holds no control signs but tab and line ends.
fn printable(text: Cow<'_, str>) -> Result<Cow<'_, str>, FileProblem> {
    let strange = |b: u8| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0b | 0x0c);
    if text.bytes().any(strange) {
        return Err(FileProblem::NotATable);
    }
    Ok(text)
}

fn wide(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<(Cow<'static, str>, ReadAs), FileProblem> {
    let pairs = bytes.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return Err(FileProblem::NotATable);
    }
    let text: String = char::decode_utf16(pairs.map(|p| unit([p[0], p[1]])))
        .collect::<Result<_, _>>()
        .map_err(|_| FileProblem::NotATable)?;
    Ok((printable(Cow::Owned(text))?, ReadAs::Utf16))
}

fn windows(bytes: &[u8]) -> Result<(Cow<'static, str>, ReadAs), FileProblem> {
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    for (at, byte) in bytes.iter().enumerate() {
        let sign = match byte {
            0x80..=0x9F => WINDOWS[usize::from(byte - 0x80)],
            other => char::from(*other),
        };
        if sign == '\0' {
            // A byte of no encoding that we read: a picture or a program has NULs, a text has slips.
            return Err(if *byte == 0 {
                FileProblem::NotATable
            } else {
                mixed(bytes, at)
            });
        }
        text.push(sign);
    }
    Ok((printable(Cow::Owned(text))?, ReadAs::Windows1252))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn utf16(text: &str, mark: bool, big: bool) -> Vec<u8> {
        let mut bytes = if mark { vec![0xFF, 0xFE] } else { Vec::new() };
        if big && mark {
            bytes = vec![0xFE, 0xFF];
        }
        for unit in text.encode_utf16() {
            bytes.extend(if big { unit.to_be_bytes() } else { unit.to_le_bytes() });
        }
        bytes
    }

    #[test]
    fn every_encoding_in_use_reads_alike() {
        let text = "Nom;Prénom\nBiloaéè;Zoë–Épreuve\n";
        let latin: Vec<u8> = text
            .chars()
            .map(|c| {
                if c == '–' {
                    0x96
                } else {
                    u8::try_from(u32::from(c)).expect("Latin")
                }
            })
            .collect();
        for (name, bytes, read_as) in [
            ("utf-8", text.as_bytes().to_vec(), ReadAs::Utf8),
            (
                "utf-8 with mark",
                [&[0xEF, 0xBB, 0xBF], text.as_bytes()].concat(),
                ReadAs::Utf8,
            ),
            ("utf-16 le", utf16(text, true, false), ReadAs::Utf16),
            ("utf-16 be", utf16(text, true, true), ReadAs::Utf16),
            ("utf-16 le, no mark", utf16(text, false, false), ReadAs::Utf16),
            ("utf-16 be, no mark", utf16(text, false, true), ReadAs::Utf16),
            ("windows-1252", latin, ReadAs::Windows1252),
        ] {
            let read = super::text(&bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!((read.0.as_ref(), read.1), (text, read_as), "{name}");
        }
    }

    #[test]
    fn what_is_no_text_or_two_texts_is_refused() {
        let mixed = ["Prénom\n".as_bytes(), b"Ren\xe9e\n"].concat();
        assert_eq!(text(&mixed), Err(FileProblem::MixedEncoding { line: 2 }));
        assert_eq!(text(b"a\xe9\x81\n"), Err(FileProblem::MixedEncoding { line: 1 }));
        assert_eq!(text(b"\x7fELF\x02\x01\x01\0\0\0"), Err(FileProblem::NotATable));
        assert_eq!(text(b"%PDF-1.7\n\x01\x02"), Err(FileProblem::NotATable));
        assert_eq!(text(&[0xFF, 0xFE, 0x41]), Err(FileProblem::NotATable));
    }

    proptest! {
        #[test]
        fn any_bytes_end_in_text_or_a_problem(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = text(&bytes);
        }
    }
}
