//! Entries that are perhaps the same.

use relais_acts::directory::merging::{
    DecisionView, DuplicatesView, FieldView, PairView, ReasonView, SideBySide, SideView, What,
};
use relais_mechanism::Label;
use relais_network::same::Reason;

use super::*;

fn side(lang: Lang, n: u128, what: What) -> SideView {
    let name = if n.is_multiple_of(2) {
        "Centre de santé intégré de Nkolmessi"
    } else {
        "Nkol Messi Integrated Health Centre"
    };
    SideView {
        id: Uuid::from_u128(n),
        name: name.to_owned(),
        organisation: if what == What::Services {
            "Délégation <b>d’essai</b>".to_owned()
        } else {
            String::new()
        },
        code: format!("FS-{n:012}"),
        kind: Label::of("Formation sanitaire", "Health facility").get(lang).to_owned(),
        place: "Nkolmessi, Mefou-et-Afamba, Centre".to_owned(),
        source: if n.is_multiple_of(2) {
            "cartographie-2026".to_owned()
        } else {
            String::new()
        },
    }
}

fn pair(lang: Lang, n: u128, what: What) -> PairView {
    let reasons = [
        Reason::NameSame,
        Reason::SortNear,
        Reason::Apart { metres: 640 },
        Reason::SaysMore {
            words: "urban".to_owned(),
        },
        Reason::NoPoint,
    ];
    PairView {
        what,
        score: 90,
        likely: n.is_multiple_of(2),
        sides: [side(lang, 2 * n, what), side(lang, 2 * n + 1, what)],
        reasons: reasons
            .into_iter()
            .map(|reason| ReasonView {
                speaks_for: reason.speaks_for(),
                says: reason.says().get(lang).to_owned(),
                reason,
            })
            .collect(),
    }
}

/// The list: a full page, or nothing.
pub(crate) fn duplicates(lang: Lang, rows: u128) -> DuplicatesView {
    let decision = |n: u128, merged, undone| DecisionView {
        id: Uuid::from_u128(100 + n),
        at: now() - TimeDelta::days(i64::try_from(n).unwrap_or(0)),
        merged,
        names: ["Hôpital de district d’Essai".to_owned(), "HD Essai".to_owned()],
        undone,
        until: (merged && !undone).then(|| now() + TimeDelta::days(20)),
        may_undo: !undone,
    };
    DuplicatesView {
        now: now(),
        rows: (0..rows)
            .map(|n| {
                pair(
                    lang,
                    n,
                    if n.is_multiple_of(3) {
                        What::Services
                    } else {
                        What::Organisations
                    },
                )
            })
            .collect(),
        total: 45,
        next: (rows > 0).then(|| "62-organisations-2-3".to_owned()),
        undo_days: 30,
        regions: vec![("CM005".to_owned(), "Littoral".to_owned())],
        decisions: if rows > 0 {
            (0..10)
                .map(|n| decision(n, n.is_multiple_of(2), n.is_multiple_of(3)))
                .collect()
        } else {
            Vec::new()
        },
    }
}

/// Two entries side by side; with `tied`, neither can go up in the other.
pub(crate) fn side_by_side(lang: Lang, what: What, tied: bool) -> SideBySide {
    let field = |field: &str, fr: &str, en: &str, values: [&str; 2]| FieldView {
        field: field.to_owned(),
        label: Label::of(fr, en).get(lang).to_owned(),
        same: values[0] == values[1],
        values: values.map(str::to_owned),
        proposed: usize::from(values[0].is_empty()),
    };
    let why = || {
        Label::of(
            "Cette organisation a des comptes : ses membres perdraient leurs fiches et leurs demandes.",
            "This organisation has accounts: its members would lose their entries and requests.",
        )
    };
    SideBySide {
        now: now(),
        pair: pair(lang, 1, what),
        found: !tied,
        versions: [3, 1],
        fields: vec![
            field("name", "Nom", "Name", ["CSI de Nkolmessi", "Nkol Messi IHC"]),
            field("kind", "Type", "Type", ["Formation sanitaire", "Formation sanitaire"]),
            field("telephone", "Téléphone", "Telephone", ["", "+237 6 77 00 00 01"]),
            field("email", "Adresse électronique", "E-mail", ["", ""]),
        ],
        offers: [
            vec!["Consultation".to_owned(), "Vaccination".to_owned()],
            vec!["Consultation".to_owned()],
        ],
        tied: if tied {
            [Some(why()), Some(why())]
        } else {
            [Some(why()), None]
        },
        stays: 0,
    }
}
