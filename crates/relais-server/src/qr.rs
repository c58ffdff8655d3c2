//! QR codes as the strokes of an SVG path.

use qrcode::{Color, EcLevel, QrCode};

/// White modules around a code, so that a telephone finds it.
const QUIET: usize = 4;

/// The dark modules of a text's code, row by row as strokes of width 1, and the
/// side of the whole with the white around: a third of the bytes of single
/// squares, so that a sheet of many fits a weak line. Nothing where the text is
/// too long for a code.
pub(crate) fn strokes(text: &str) -> (String, usize) {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else {
        return (String::new(), 1);
    };
    let width = code.width();
    let colors = code.to_colors();
    let mut path = String::new();
    for (y, row) in colors.chunks(width).enumerate() {
        let (mut x, mut pen) = (0, None);
        while x < width {
            let run = row[x..].iter().take_while(|c| **c == Color::Dark).count();
            if run > 0 {
                match pen {
                    None => path.push_str(&format!("M{} {}.5h{run}", x + QUIET, y + QUIET)),
                    Some(at) => path.push_str(&format!("m{} 0h{run}", x - at)),
                }
                pen = Some(x + run);
            }
            x += run.max(1);
        }
    }
    (path, width + 2 * QUIET)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strokes_draw_the_same_modules_as_the_code() {
        let text = "12-0017-K";
        let (path, side) = strokes(text);
        assert_eq!(side, 29, "the smallest code, and white around");
        let code = QrCode::with_error_correction_level(text, EcLevel::M).expect("short");
        let mut drawn = vec![vec![false; side]; side];
        let (mut x, mut y) = (0usize, 0usize);
        for piece in path
            .split_inclusive(|c: char| c.is_ascii_digit())
            .collect::<String>()
            .replace('M', "\nM")
            .replace('m', "\nm")
            .lines()
        {
            if piece.is_empty() {
                continue;
            }
            let absolute = piece.starts_with('M');
            let (place, run) = piece[1..].split_once('h').expect("a move and a stroke");
            let (dx, dy) = place.split_once(' ').expect("two numbers");
            let dx: usize = dx.parse().expect("a number");
            if absolute {
                x = dx;
                y = dy
                    .strip_suffix(".5")
                    .expect("the middle of a row")
                    .parse()
                    .expect("a number");
            } else {
                x += dx;
            }
            for _ in 0..run.parse::<usize>().expect("a length") {
                drawn[y][x] = true;
                x += 1;
            }
        }
        for (at, color) in code.to_colors().iter().enumerate() {
            let (cx, cy) = (at % code.width() + QUIET, at / code.width() + QUIET);
            assert_eq!(drawn[cy][cx], *color == Color::Dark, "{cx} {cy}");
        }
        assert!(path.len() < 900, "{} bytes", path.len());
    }
}
