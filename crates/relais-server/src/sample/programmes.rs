//! Programmes: one in each state, with as much as may hang on it.

use relais_acts::entries::programmes::{
    PaidService, ProgrammeRow, ProgrammeValues, ProgrammeView, ProgrammesView, ROWS, SERVICES,
};
use relais_mechanism::Label;
use relais_network::programme::Paying;
use relais_network::{ProgrammeId, PublicationStatus};

use super::*;

fn day(text: &str) -> Option<NaiveDate> {
    text.parse().ok()
}

fn row(lang: Lang, n: u128) -> ProgrammeRow {
    let state = Paying::ALL[usize::try_from(n % 4).unwrap_or(0)];
    let name = Label::of(
        "Projet <b>d’essai</b> de réintégration économique des personnes de retour",
        "<b>Trial</b> project of economic reintegration of returned persons",
    );
    ProgrammeRow {
        id: ProgrammeId(Uuid::from_u128(n)),
        code: format!("PIRD-{n}"),
        name: name.get(lang).to_owned(),
        carrier: "Organisation internationale d’essai".to_owned(),
        donors: if n.is_multiple_of(3) {
            Vec::new()
        } else {
            vec!["Fonds d’essai".to_owned(), "Coopération d’essai".to_owned()]
        },
        from: day("2025-01-01"),
        until: day("2026-12-31").filter(|_| state != Paying::Running),
        state,
        services: usize::try_from(n % 5).unwrap_or(0) * 30,
        alone: usize::try_from(n % 2).unwrap_or(0) * 30,
        demonstration: true,
    }
}

/// The list, full or empty.
pub(crate) fn list(lang: Lang, full: bool, office: bool) -> ProgrammesView {
    let rows = if full { ROWS } else { 0 };
    ProgrammesView {
        now: now(),
        rows: (1..).take(rows).map(|n| row(lang, n)).collect(),
        counts: Paying::ALL.iter().map(|s| (*s, rows)).collect(),
        state: (!full).then_some(Paying::Ended),
        page: 1,
        more: full,
        days: 60,
        may_add: office,
    }
}

/// One programme, for the office or for anybody who is signed in.
pub(crate) fn one(lang: Lang, office: bool, services: bool) -> ProgrammeView {
    let paid = |n: u128| PaidService {
        id: ServiceId(Uuid::from_u128(n)),
        name: "Appui au projet individuel de réintégration".to_owned(),
        organisation: "Association <i>d’essai</i>".to_owned(),
        place: "Douala, Littoral".to_owned(),
        paid_until: day("2026-12-31").filter(|_| n.is_multiple_of(2)),
        state: Paying::ALL[usize::try_from(n % 4).unwrap_or(0)],
        opens: office,
    };
    let row = ProgrammeRow {
        services: if services { 2 * SERVICES } else { 0 },
        ..row(lang, 7)
    };
    ProgrammeView {
        now: now(),
        services: (1..).take(if services { SERVICES } else { 0 }).map(paid).collect(),
        days: 60,
        values: office.then(|| ProgrammeValues {
            name: Label::of("Projet d’essai", "Trial project"),
            organisation: "OIM".to_owned(),
            donors: vec!["DUE".to_owned(), "Fonds d’essai".to_owned()],
            from: row.from,
            until: row.until,
        }),
        history: if office {
            super::entries::one(lang, false, PublicationStatus::Published).history
        } else {
            Vec::new()
        },
        row,
        version: 3,
    }
}
