//! A run of words: cut into pieces that are compared, and written with what went
//! struck out and what came underlined.

use relais_interchange::zip::escaped;

use super::align::{Change, changes};
use crate::model::{Inline, plain};

/// How a piece looks. A link is told by its words alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Look {
    strong: bool,
    stressed: bool,
    code: bool,
}

/// A word, a blank, a new line, or a reference.
#[derive(Debug, Clone)]
struct Piece {
    text: String,
    /// To what a reference refers: its number may move while it stays the same.
    to: Option<String>,
    look: Look,
}

impl PartialEq for Piece {
    fn eq(&self, other: &Self) -> bool {
        let what = |piece: &Self| piece.to.clone().unwrap_or_else(|| piece.text.clone());
        self.look == other.look && self.to.is_some() == other.to.is_some() && what(self) == what(other)
    }
}

fn pieces(run: &[Inline], look: Look, out: &mut Vec<Piece>) {
    for inline in run {
        match inline {
            Inline::Text(text) => cut(text, look, out),
            Inline::Code(text) => cut(text, Look { code: true, ..look }, out),
            Inline::Mark(mark) => cut(&format!("[{}]", mark.letter()), look, out),
            Inline::Break => cut("\n", look, out),
            Inline::Strong(inner) => pieces(inner, Look { strong: true, ..look }, out),
            Inline::Emphasis(inner) => pieces(inner, Look { stressed: true, ..look }, out),
            Inline::Link { text, .. } => pieces(text, look, out),
            Inline::Reference { id, text } => {
                let text = plain(text);
                // "section 3.2": the number is not what it says.
                let noun = text.split('\u{a0}').next().unwrap_or_default();
                out.push(Piece {
                    to: Some(format!("{id} {noun}")),
                    text,
                    look,
                });
            }
        }
    }
}

/// Cuts a text only at plain blanks: a figure stays with its unit.
fn cut(text: &str, look: Look, out: &mut Vec<Piece>) {
    for part in text.split_inclusive(' ') {
        let word = part.trim_end_matches(' ');
        for text in [word, &part[word.len()..]] {
            if !text.is_empty() {
                out.push(Piece {
                    text: text.to_owned(),
                    to: None,
                    look,
                });
            }
        }
    }
}

fn all(run: &[Inline]) -> Vec<Piece> {
    let mut out = Vec::new();
    pieces(run, Look::default(), &mut out);
    out
}

/// Whether two runs say the same.
pub(super) fn same(was: &[Inline], is: &[Inline]) -> bool {
    was == is || all(was) == all(is)
}

/// Whether one run is the other, changed: at least a third of its words stayed.
pub(super) fn kin(was: &[Inline], is: &[Inline]) -> bool {
    let words = |run: &[Inline]| -> Vec<Piece> { all(run).into_iter().filter(|p| p.text != " ").collect() };
    let (was, is) = (words(was), words(is));
    let steps = changes(&was, &is, |a, b| a == b, |_, _| false);
    let stayed = steps.iter().filter(|s| matches!(s, Change::Same(..))).count();
    stayed * 3 >= was.len().max(is.len())
}

/// The run as it is.
pub(super) fn plain_run(out: &mut String, run: &[Inline]) {
    write(out, &all(run).iter().collect::<Vec<_>>());
}

/// The run that went (`del`) or came (`ins`).
pub(super) fn whole(out: &mut String, run: &[Inline], tag: &str) {
    tagged(out, &all(run).iter().collect::<Vec<_>>(), tag);
}

/// The run with what changed in it.
pub(super) fn changed(out: &mut String, was: &[Inline], is: &[Inline]) {
    let (was, is) = (all(was), all(is));
    let (mut stayed, mut gone, mut new) = (Vec::new(), Vec::new(), Vec::new());
    for change in changes(&was, &is, |a, b| a == b, |_, _| false) {
        match change {
            Change::Same(_, piece) => {
                if !(gone.is_empty() && new.is_empty()) {
                    told(out, &mut stayed, &mut gone, &mut new);
                }
                stayed.push(piece);
            }
            Change::Gone(piece) => gone.push(piece),
            Change::New(piece) => new.push(piece),
            Change::Changed(..) => {}
        }
    }
    told(out, &mut stayed, &mut gone, &mut new);
}

/// What stayed, then what went and what came after it.
fn told(out: &mut String, stayed: &mut Vec<&Piece>, gone: &mut Vec<&Piece>, new: &mut Vec<&Piece>) {
    write(out, stayed);
    tagged(out, gone, "del");
    tagged(out, new, "ins");
    stayed.clear();
    gone.clear();
    new.clear();
}

fn tagged(out: &mut String, pieces: &[&Piece], tag: &str) {
    if pieces.is_empty() {
        return;
    }
    out.push_str(&format!("<{tag}>"));
    write(out, pieces);
    out.push_str(&format!("</{tag}>"));
}

/// Pieces that look alike in one element.
fn write(out: &mut String, pieces: &[&Piece]) {
    for group in pieces.chunk_by(|a, b| a.look == b.look) {
        let look = group.first().map(|p| p.look).unwrap_or_default();
        let tags: Vec<&str> = [(look.strong, "b"), (look.stressed, "i"), (look.code, "code")]
            .into_iter()
            .filter_map(|(on, tag)| on.then_some(tag))
            .collect();
        for tag in &tags {
            out.push_str(&format!("<{tag}>"));
        }
        for piece in group {
            if piece.text == "\n" {
                out.push_str("<br>");
            } else {
                out.push_str(&escaped(&piece.text));
            }
        }
        for tag in tags.iter().rev() {
            out.push_str(&format!("</{tag}>"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_figure_is_struck_out_with_its_unit_and_the_rest_stays() {
        let run = |text: &str| vec![Inline::Strong(vec![Inline::text("Décider")]), Inline::text(text)];
        let mut out = String::new();
        changed(
            &mut out,
            &run(" : 5\u{a0}jours ouvrables <b>"),
            &run(" : 4\u{a0}jours ouvrables <b>"),
        );
        assert_eq!(
            out,
            "<b>Décider</b> : <del>5\u{a0}jours</del><ins>4\u{a0}jours</ins> ouvrables &lt;b&gt;"
        );
        assert!(kin(&run(" sous 5 jours"), &run(" sous 4 jours")));
        assert!(!kin(
            &[Inline::text("un deux trois")],
            &[Inline::text("quatre cinq six")]
        ));
    }
}
