//! The directory carried out and in.

use relais_acts::directory::imports::{ImportLine, ImportsView, PreviewView};
use relais_acts::directory::{RowReport, Wrong};
use relais_interchange::directory::plan::Figures;
use relais_mechanism::Label;

use super::*;

/// The page of exports and imports.
pub(crate) fn imports(lang: Lang, national: bool) -> ImportsView {
    let line = |n: u128, state: &str, updated| ImportLine {
        id: Uuid::from_u128(n),
        at: now() - TimeDelta::days(i64::try_from(n).unwrap_or(0)),
        source: "cartographie-2026".to_owned(),
        facilities: false,
        state: state.to_owned(),
        created: 12,
        updated,
        rejected: 2,
    };
    let name = |fr: &str, en: &str| Label::of(fr, en).get(lang).to_owned();
    ImportsView {
        now: now(),
        formats: Vec::new(),
        regions: vec![
            ("CM005".to_owned(), "Littoral".to_owned()),
            ("CM006".to_owned(), name("Nord", "North")),
        ],
        national,
        mappings: if national {
            vec!["ONG 4W".to_owned()]
        } else {
            Vec::new()
        },
        imports: if national {
            vec![line(1, "done", 640), line(2, "undone", 3), line(3, "partly_undone", 0)]
        } else {
            Vec::new()
        },
        undone: None,
    }
}

/// A file that is looked at.
pub(crate) fn import_preview(lang: Lang) -> PreviewView {
    let message = Label::of(
        "Lieu inconnu à cet endroit : écrivez le nom officiel, dans la région ou le département de la ligne.",
        "Unknown place there: write the official name, within the region or department of the line.",
    );
    let row = |line| RowReport {
        row: line,
        line,
        result: "rejected",
        name: "Formation en couture".to_owned(),
        repeats: None,
        problems: vec![Wrong {
            column: Label::of("Département", "Department").get(lang).to_owned(),
            value: "Wouri-Ouest".to_owned(),
            cause: "unknown_place".to_owned(),
            remedy: message.clone(),
        }],
        remarks: Vec::new(),
        held: Vec::new(),
    };
    PreviewView {
        now: now(),
        id: Uuid::nil(),
        figures: Figures {
            lines: 658,
            created: 3,
            updated: 41,
            unchanged: 590,
            rejected: 24,
            held: 3,
        },
        left_out: vec!["Budget".to_owned(), "Contact RH".to_owned()],
        wrong: (2..22).map(row).collect(),
        more: 4,
    }
}
