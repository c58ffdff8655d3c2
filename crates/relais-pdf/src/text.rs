//! Words into lines: what each sign takes, where a line may end, and the runs that
//! are drawn.

use std::ops::Range;

use relais_documents::model::Inline;

use crate::font::{Face, font};

/// A colour of the screen and of paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Color(pub u8, pub u8, pub u8);

pub(crate) const INK: Color = Color(0x14, 0x20, 0x1e);
pub(crate) const INK2: Color = Color(0x44, 0x53, 0x4f);
pub(crate) const LINE: Color = Color(0x9a, 0xa8, 0xa4);
pub(crate) const WASH: Color = Color(0xf0, 0xf5, 0xf3);
pub(crate) const ACT: Color = Color(0x0b, 0x50, 0x48);
pub(crate) const PAPER: Color = Color(0xff, 0xff, 0xff);

/// Codes up to this length stay on one line.
const BOUND: usize = 32;

/// How words look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Style {
    pub face: Face,
    pub size: f32,
    pub color: Color,
    /// Where the words lead, by its number among the goals.
    pub goal: Option<usize>,
}

impl Style {
    pub(crate) const fn new(face: Face, size: f32, color: Color) -> Self {
        Self {
            face,
            size,
            color,
            goal: None,
        }
    }
}

/// Where words lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Goal {
    /// To an address.
    Address(String),
    /// To a heading of the document.
    Heading(String),
}

struct Sign {
    sign: char,
    glyph: u16,
    /// In points, pulled towards the next sign where the font says so.
    advance: f32,
    style: usize,
    /// No line ends after it.
    bound: bool,
}

/// Words, measured.
#[derive(Default)]
pub(crate) struct Words {
    signs: Vec<Sign>,
    styles: Vec<Style>,
}

/// Signs of one look on one line.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub style: Style,
    pub text: String,
    /// For each sign of the text: its glyph and its advance in points.
    pub glyphs: Vec<(u16, f32)>,
    /// Where it begins on the line.
    pub x: f32,
    pub width: f32,
}

impl Words {
    /// The words of inlines.
    pub(crate) fn of(inlines: &[Inline], style: Style, goals: &mut Vec<Goal>) -> Self {
        let mut words = Self::default();
        words.inlines(inlines, style, goals);
        words
    }

    /// Plain words.
    pub(crate) fn plain(text: &str, style: Style) -> Self {
        let mut words = Self::default();
        words.push(text, style, false);
        words
    }

    pub(crate) fn inlines(&mut self, inlines: &[Inline], style: Style, goals: &mut Vec<Goal>) {
        for inline in inlines {
            match inline {
                Inline::Text(text) => self.push(text, style, false),
                Inline::Strong(inner) => self.inlines(
                    inner,
                    Style {
                        face: Face::Strong,
                        ..style
                    },
                    goals,
                ),
                Inline::Emphasis(inner) => {
                    let face = match style.face {
                        Face::Plain => Face::Stressed,
                        face => face,
                    };
                    self.inlines(inner, Style { face, ..style }, goals);
                }
                Inline::Code(code) => {
                    let size = style.size * 0.94;
                    self.push(code, Style { size, ..style }, code.len() <= BOUND);
                }
                Inline::Link { to, text } => {
                    let goal = goals.len();
                    goals.push(Goal::Address(to.clone()));
                    let style = Style {
                        goal: Some(goal),
                        color: if style.color == INK { ACT } else { style.color },
                        ..style
                    };
                    self.inlines(text, style, goals);
                }
                Inline::Reference { id, text } => {
                    let goal = goals.len();
                    goals.push(Goal::Heading(id.clone()));
                    let style = Style {
                        goal: Some(goal),
                        ..style
                    };
                    self.inlines(text, style, goals);
                }
                Inline::Mark(mark) => {
                    let color = if style.color == INK { INK2 } else { style.color };
                    let size = style.size * 0.82;
                    self.push(&format!("[{}]", mark.letter()), Style { size, color, ..style }, true);
                }
                Inline::Break => self.new_line(style),
            }
        }
    }

    /// Adds words; bound ones stay on one line.
    pub(crate) fn push(&mut self, text: &str, style: Style, bound: bool) {
        let font = font(style.face);
        let style_at = self.style(style);
        for sign in text.chars().filter_map(printable) {
            let glyph = font.glyph(sign);
            if let Some(last) = self.signs.last_mut()
                && last.style == style_at
            {
                last.advance += font.kern(last.sign, sign) * style.size;
            }
            self.signs.push(Sign {
                sign,
                glyph: glyph.id,
                advance: glyph.advance * style.size,
                style: style_at,
                bound,
            });
        }
        if let Some(last) = self.signs.last_mut() {
            last.bound = false;
        }
    }

    fn new_line(&mut self, style: Style) {
        let style = self.style(style);
        self.signs.push(Sign {
            sign: '\n',
            glyph: 0,
            advance: 0.0,
            style,
            bound: false,
        });
    }

    fn style(&mut self, style: Style) -> usize {
        if self.styles.last() != Some(&style) {
            self.styles.push(style);
        }
        self.styles.len() - 1
    }

    /// Whether there is anything to read.
    pub(crate) fn is_blank(&self) -> bool {
        self.signs.iter().all(|s| s.sign.is_whitespace())
    }

    /// Whether a line may end after this sign.
    fn ends(&self, n: usize) -> bool {
        let sign = &self.signs[n];
        if sign.bound {
            return false;
        }
        let letter = |at: Option<usize>| {
            at.and_then(|at| self.signs.get(at))
                .is_some_and(|s| s.sign.is_alphabetic())
        };
        match sign.sign {
            ' ' => true,
            // A compound, an address, two words for one; a number or a code keeps its hyphen.
            '-' | '/' => {
                letter(n.checked_sub(1)) && letter(n.checked_sub(2)) && letter(Some(n + 1)) && letter(Some(n + 2))
            }
            _ => false,
        }
    }

    /// The lines that fill this width.
    pub(crate) fn lines(&self, width: f32) -> Vec<Range<usize>> {
        // What rounding takes from a width that was measured of these words.
        let width = width + 0.01;
        let mut lines = Vec::new();
        let (mut start, mut x) = (0, 0.0f32);
        let mut end = None;
        for (n, sign) in self.signs.iter().enumerate() {
            if sign.sign == '\n' {
                lines.push(start..n);
                (start, x, end) = (n + 1, 0.0, None);
                continue;
            }
            x += sign.advance;
            if x > width && sign.sign != ' ' && n > start {
                let at = end.unwrap_or(n);
                lines.push(start..at);
                start = at;
                x = self.signs[start..=n].iter().map(|s| s.advance).sum();
                end = None;
            }
            if self.ends(n) {
                end = Some(n + 1);
            }
        }
        if start < self.signs.len() || lines.is_empty() {
            lines.push(start..self.signs.len());
        }
        lines
    }

    /// What a line takes, without the space that it ends with.
    pub(crate) fn width(&self, line: Range<usize>) -> f32 {
        let signs = &self.signs[line];
        let seen = signs.iter().rposition(|s| s.sign != ' ').map_or(0, |n| n + 1);
        signs[..seen].iter().map(|s| s.advance).sum()
    }

    /// All of it on one line.
    pub(crate) fn whole(&self) -> Range<usize> {
        0..self.signs.len()
    }

    /// The longest line, were none filled up.
    pub(crate) fn natural(&self) -> f32 {
        self.lines(f32::MAX)
            .into_iter()
            .map(|line| self.width(line))
            .fold(0.0, f32::max)
    }

    /// The longest piece that no line parts.
    pub(crate) fn narrowest(&self) -> f32 {
        let mut longest = 0.0f32;
        let mut start = 0;
        for n in 0..self.signs.len() {
            if self.signs[n].sign == '\n' || self.ends(n) || n + 1 == self.signs.len() {
                longest = longest.max(self.width(start..n + 1));
                start = n + 1;
            }
        }
        longest
    }

    /// The runs of a line.
    pub(crate) fn runs(&self, line: Range<usize>) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        let (mut x, mut last) = (0.0f32, None);
        for sign in &self.signs[line] {
            if last != Some(sign.style) {
                last = Some(sign.style);
                runs.push(Run {
                    style: self.styles[sign.style],
                    text: String::new(),
                    glyphs: Vec::new(),
                    x,
                    width: 0.0,
                });
            }
            if let Some(run) = runs.last_mut() {
                run.text.push(told(sign.sign));
                run.glyphs.push((sign.glyph, sign.advance));
                run.width += sign.advance;
            }
            x += sign.advance;
        }
        runs
    }
}

/// The sign as the file tells it. Where lines end is settled by now, and signs that share
/// a glyph with a plainer one are told as that one: told apart, each would need words of
/// its own in the file, behind which some readers lose the rest of the line.
const fn told(sign: char) -> char {
    match sign {
        '\u{a0}' => ' ',
        '\u{2010}' | '\u{2011}' => '-',
        sign => sign,
    }
}

/// The sign as a file that is kept may hold it: no control, nothing of private use.
fn printable(sign: char) -> Option<char> {
    match sign {
        '\t' | '\n' | '\r' => Some(' '),
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'.. | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => None,
        // Nothing is hyphenated.
        '\u{ad}' => None,
        sign if sign.is_control() => None,
        sign => Some(sign),
    }
}

/// Words that are not drawn, such as a title, as a file that is kept may hold them.
pub(crate) fn kept(text: &str) -> String {
    text.chars().filter_map(printable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: Style = Style::new(Face::Plain, 10.0, INK);

    fn lines(text: &str, width: f32) -> Vec<String> {
        let words = Words::plain(text, STYLE);
        let text = |line: Range<usize>| words.signs[line].iter().map(|s| s.sign).collect();
        words.lines(width).into_iter().map(text).collect()
    }

    #[test]
    fn lines_end_at_spaces_and_hyphens_and_nowhere_else() {
        let wide = |t: &str| Words::plain(t, STYLE).natural();
        for (text, width, expected) in [
            ("le service répond", wide("le service"), vec!["le service ", "répond"]),
            ("à la fois\u{a0}:", wide("à la fois"), vec!["à la ", "fois\u{a0}:"]),
            ("un rendez-vous", wide("un rendez-"), vec!["un rendez-", "vous"]),
            ("12-34 56", wide("12-34"), vec!["12-34 ", "56"]),
            ("12-34-56", wide("12-34"), vec!["12-34", "-56"]),
            ("", 10.0, vec![""]),
        ] {
            assert_eq!(lines(text, width), expected, "{text}");
        }
    }

    #[test]
    fn a_code_stays_on_one_line_and_a_break_ends_it() {
        let run = [
            Inline::text("voir "),
            Inline::Code("F1 bis".into()),
            Inline::Break,
            Inline::text("fin"),
        ];
        let words = Words::of(&run, STYLE, &mut Vec::new());
        let narrow = words.narrowest() + 1.0;
        assert_eq!(words.lines(narrow).len(), 3);
        assert_eq!(words.runs(words.lines(narrow)[1].clone())[0].text, "F1 bis");
        assert!(!words.is_blank() && Words::plain(" ", STYLE).is_blank());
    }

    #[test]
    fn what_a_kept_file_may_not_hold_is_left_out() {
        assert_eq!(kept("a\u{0}b\u{feff}c\u{e000}d\te"), "abcd e");
    }
}
