//! Samples of an arrival of many.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use relais_acts::commands::RawAnswers;
use relais_acts::groups::{
    Bracelets, Counts, GroupKind, GroupList, GroupRow, ListProblem, ListView, OfficerRow, Pace, QueueRow, QueueView,
    Relative, RowState, RowView,
};
use relais_interchange::ReadAs;
use relais_interchange::manifest::{Column, Listed, What};
use relais_mechanism::words::Lang;
use relais_network::{ExpectedId, GroupId};

use super::{id, now};

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day")
}

/// A charter under way.
pub(crate) fn group(state: &str) -> GroupRow {
    GroupRow {
        id: GroupId(id(60)),
        version: 7,
        number: 12,
        kind: GroupKind::Flight,
        label: "EX 120".to_owned(),
        place: "Aéroport international de Douala".to_owned(),
        on: day(),
        state: state.to_owned(),
        lead: "J. Ebongué".to_owned(),
        counts: if state == "draft" {
            Counts::default()
        } else {
            Counts {
                expected: 160,
                registered: 87,
                taken: 4,
                waiting: 66,
                absent: 3,
            }
        },
    }
}

/// The list of arrivals.
pub(crate) fn groups() -> GroupList {
    GroupList {
        rows: vec![group("open"), group("draft"), group("closed")],
        next: None,
    }
}

fn row(n: u32, state: RowState) -> QueueRow {
    QueueRow {
        id: ExpectedId(id(70 + u128::from(n))),
        bracelet: relais_acts::codes::bracelet(12, n),
        name: matches!(state, RowState::Waiting | RowState::Taken | RowState::Absent)
            .then(|| format!("Exemple-Ngo Bassong Épiphanie {n}")),
        age: Some(31),
        family: (n % 3 == 0).then_some(n / 3),
        state,
        officer: matches!(state, RowState::Taken | RowState::Registered).then(|| "J. Ebongué".to_owned()),
        yours: state == RowState::Taken,
        until: (state == RowState::Taken).then(|| now() + TimeDelta::minutes(7)),
        case_id: None,
    }
}

/// A page of the queue with as many rows as it may have.
pub(crate) fn queue(rows: u32) -> QueueView {
    QueueView {
        now: now(),
        group: group("open"),
        show: "waiting".to_owned(),
        rows: (1..=rows)
            .map(|n| row(n, if n < 5 { RowState::Taken } else { RowState::Waiting }))
            .collect(),
        next: (rows > 0).then(|| rows.to_string()),
        officers: (1..5)
            .map(|n| OfficerRow {
                name: format!("Exemple Agent {n}"),
                registered: 20 + n,
                has: Some(relais_acts::codes::bracelet(12, n)),
            })
            .collect(),
        pace: Some(Pace {
            last_quarter: 41,
            done_at: now() + TimeDelta::minutes(25),
        }),
        mine: None,
        erased_on: day() + TimeDelta::days(14),
    }
}

/// An uploaded list of this many columns.
pub(crate) fn list(columns: usize, lang: Lang) -> ListView {
    let listed = |n: usize| Listed {
        line: n + 3,
        name: format!("Exemple-Ngo Bassong Épiphanie {n}"),
        sex: Some("F".to_owned()),
        age: Some(31),
        telephone: "+237 6 77 00 00 00".to_owned(),
        language: String::new(),
        destination: "Garoua".to_owned(),
        family: Some(1),
    };
    ListView {
        group: group("draft"),
        read_as: Some(ReadAs::Windows1252),
        header: 3,
        headers: (1..=12)
            .map(|n| (n, "Numéro d’ordre · Nom de famille · Prénoms · Date".to_owned()))
            .collect(),
        columns: (0..columns)
            .map(|n| format!("Colonne numéro {n} de la liste"))
            .collect(),
        mapping: BTreeMap::from([(Column::Name, 1), (Column::Given, 2), (Column::Sex, 3)]),
        sample: (0..8).map(listed).collect(),
        persons: 158,
        families: 21,
        problems: [What::Formula, What::Twice, What::Age, What::Unread]
            .iter()
            .cycle()
            .take(15)
            .enumerate()
            .map(|(n, what)| ListProblem {
                line: n + 4,
                column: (n % 2 == 0).then_some(n),
                code: *what,
                message: what.message().get(lang).to_owned(),
                left_out: what.leaves_out(),
            })
            .collect(),
        left_out: 2,
        problem_count: 41,
    }
}

/// An arrival without a list yet.
pub(crate) fn no_list() -> ListView {
    ListView {
        group: group("draft"),
        read_as: None,
        header: 0,
        headers: Vec::new(),
        columns: Vec::new(),
        mapping: BTreeMap::new(),
        sample: Vec::new(),
        persons: 0,
        families: 0,
        problems: Vec::new(),
        left_out: 0,
        problem_count: 0,
    }
}

/// A row in this state; the viewer's when it is taken.
pub(crate) fn expected(state: RowState) -> RowView {
    RowView {
        now: now(),
        group: group("open"),
        row: row(3, state),
        yours: state == RowState::Taken,
        answers: RawAnswers::from([
            ("F1E.03".to_owned(), vec!["Exemple-Ngo Bassong Épiphanie".to_owned()]),
            ("F1E.04".to_owned(), vec!["F".to_owned()]),
            ("F1E.05".to_owned(), vec!["31".to_owned()]),
        ]),
        kept: true,
        relatives: (4..9)
            .map(|n| Relative {
                id: ExpectedId(id(70 + n)),
                bracelet: relais_acts::codes::bracelet(12, u32::try_from(n).unwrap_or(0)),
                state: RowState::Waiting,
            })
            .collect(),
    }
}

/// The bracelets of a charter.
pub(crate) fn bracelets() -> Bracelets {
    Bracelets {
        group: group("open"),
        numbers: (1..=176).map(|n| relais_acts::codes::bracelet(12, n)).collect(),
        spare: 16,
    }
}
