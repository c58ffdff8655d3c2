//! French and English typography, applied once to every text for people (the
//! server's sentences when they are built, documents, the few texts that come
//! from data), so that authors may type plain spaces and straight quotes.

/// No-break space: before `:` and inside « ».
const NBSP: char = '\u{a0}';
/// Narrow no-break space: before `; ! ?`.
const NNBSP: char = '\u{202f}';

/// French: spaces that do not break before `: ; ! ?` and inside « », and the
/// curly apostrophe.
#[must_use]
pub fn french(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len() + 8);
    let is_space = |c: char| matches!(c, ' ' | NBSP | NNBSP);
    for (i, &c) in chars.iter().enumerate() {
        let next = chars.get(i + 1).copied();
        match c {
            ';' | '!' | '?' | ':' | '»' => {
                let had_space = out.chars().next_back().is_some_and(is_space);
                // 08:40 and http:// are not French colons: only a space or the end makes one.
                let mark = c != ':' || had_space || next.is_none_or(char::is_whitespace);
                if mark && !out.is_empty() {
                    while out.chars().next_back().is_some_and(is_space) {
                        out.pop();
                    }
                    // "?!" and "…?" at the very start stay together.
                    if !out.ends_with(['?', '!']) && !out.is_empty() {
                        out.push(if matches!(c, ':' | '»') { NBSP } else { NNBSP });
                    }
                }
                out.push(c);
            }
            ' ' | NBSP | NNBSP if out.ends_with('«') => out.push(NBSP),
            '\'' => out.push('’'),
            _ => {
                if out.ends_with('«') {
                    out.push(NBSP);
                }
                out.push(c);
            }
        }
    }
    out
}

/// English: the curly apostrophe, and double quotes that open and close.
#[must_use]
pub fn english(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 4);
    for c in text.chars() {
        match c {
            '\'' => out.push('’'),
            '"' => {
                let opens = out.chars().next_back().is_none_or(|p| p.is_whitespace() || p == '(');
                out.push(if opens { '“' } else { '”' });
            }
            _ => out.push(c),
        }
    }
    out
}
