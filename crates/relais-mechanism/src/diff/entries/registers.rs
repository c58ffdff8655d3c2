//! The registers of the institution: which there are, what they ask.

use super::{all, entry, flag, maybe, text, words};
use crate::diff::{Entry, Kind};
use crate::mechanism::Mechanism;
use crate::registers::{FieldKind, Register, RegisterField};

pub(super) fn of(m: &Mechanism) -> Vec<Entry> {
    m.registers().iter().flat_map(register).collect()
}

fn register(r: &Register) -> Vec<Entry> {
    let mut list = vec![entry(
        Kind::Register,
        &r.code,
        words(&r.label),
        vec![
            ("one", words(&r.one)),
            ("lead", words(&r.lead)),
            ("chapter", text(r.chapter.code())),
            ("read", all(&r.read)),
            ("write", all(&r.write)),
            ("sealed", flag(r.sealed)),
            ("mark", maybe(r.mark.as_ref())),
        ],
    )];
    for f in &r.fields {
        let code = format!("{}/{}", r.code, f.code);
        if let FieldKind::Choice(options) = &f.kind {
            list.extend(options.iter().map(|o| {
                let code = format!("{code}/{}", o.code);
                entry(Kind::Choice, code, words(&o.label), Vec::new())
            }));
        }
        list.push(entry(
            Kind::RegisterField,
            code,
            words(&f.label),
            vec![
                ("hint", words(&f.hint)),
                ("type", text(kind(f))),
                ("required", flag(f.required)),
                ("title", flag(f.title)),
                ("list", flag(f.list)),
                ("due", flag(f.due)),
            ],
        ));
    }
    list.extend(r.states.iter().map(|s| {
        entry(
            Kind::RegisterState,
            format!("{}/{}", r.code, s.code),
            words(&s.label),
            vec![("tag", text(&s.tag)), ("open", flag(s.open))],
        )
    }));
    list
}

/// The kind with its bounds, or with the register to which it links.
fn kind(f: &RegisterField) -> String {
    let kind = f.kind.code();
    match &f.kind {
        FieldKind::Line { max } | FieldKind::Text { max } => format!("{kind} ≤ {max}"),
        FieldKind::Number { least, most } => format!("{kind} {least}–{most}"),
        FieldKind::Link(to) | FieldKind::Links(to) => format!("{kind} → {to}"),
        _ => kind.to_owned(),
    }
}
