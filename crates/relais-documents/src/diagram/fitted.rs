//! Words in the room that there is: wrapped by their measured width, and cut
//! with an ellipsis where they still do not fit. What is cut stands whole in
//! the table beside the drawing.

use super::layout::{width, wrap};

/// Words in at most `most` lines, none wider than `room`.
pub(super) fn fit(text: &str, room: i32, most: usize, size: i32, bold: bool) -> Vec<String> {
    let whole = wrap(text, room, size, bold);
    let mut lines: Vec<String> = whole.iter().flat_map(|l| broken(l, room, size, bold)).collect();
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            *last = cut(last, room, size, bold);
        }
    }
    lines
}

/// The width of the widest line.
pub(super) fn widest(lines: &[String], size: i32, bold: bool) -> i32 {
    lines.iter().map(|l| width(l, size, bold)).max().unwrap_or(0)
}

/// A word that is wider than the room, in pieces.
fn broken(line: &str, room: i32, size: i32, bold: bool) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for sign in line.chars() {
        let piece = pieces.last().map_or("", String::as_str);
        if !piece.is_empty() && width(&format!("{piece}{sign}"), size, bold) > room {
            pieces.push(String::new());
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(sign);
        }
    }
    pieces
}

/// A line that goes on, with its ellipsis.
fn cut(line: &str, room: i32, size: i32, bold: bool) -> String {
    let mut kept = line.to_owned();
    while !kept.is_empty() && width(&format!("{kept}…"), size, bold) > room {
        kept.pop();
    }
    format!("{}…", kept.trim_end_matches([' ', ',', ';', '.', '\u{a0}']))
}
