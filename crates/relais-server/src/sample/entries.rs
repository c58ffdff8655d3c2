//! Entries of the directory: a provider's, one of them, and what the
//! coordination unit keeps.

use chrono::{NaiveDate, TimeDelta};
use relais_acts::entries::ratification::EntryRatification;
use relais_acts::entries::safeguards::{Above, DataAgreement, PaperView, SafeguardsView, Unsigned};
use relais_acts::entries::{
    Author, ChangeState, ChangeView, Counts, DoubtView, EntryRow, EntryValues, EntryView, LineView, Moderation,
    OwnEntries, ValueView, Withheld,
};
use relais_mechanism::words::{Label, Lang};
use relais_network::agreement::{AgreementKind, CoverageState};
use relais_network::gate::Lack;
use relais_network::life::{DoubtCause, LifeAct, Line, Standing};
use relais_network::service::Cost;
use relais_network::{
    EntryChangeId, Missing, OrganisationId, PublicationStatus, Ratification, Safeguard, ServiceId, Signed,
};

use super::{id, now};

fn day(d: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(2026, 11, d)
}

fn row(lang: Lang, n: u128) -> EntryRow {
    let fr = lang == Lang::Fr;
    let standings = Standing::ALL;
    let statuses = PublicationStatus::ALL;
    let status = statuses[usize::try_from(n).unwrap_or(0) % statuses.len()];
    let doubtful = status == PublicationStatus::Doubtful;
    EntryRow {
        id: ServiceId(id(500 + n)),
        name: if fr {
            "Formation en couture, cours du soir pour adultes"
        } else {
            "Sewing course, evening classes for adults"
        }
        .to_owned(),
        organisation: if fr {
            "Atelier Fil d’Or"
        } else {
            "Golden Thread Workshop"
        }
        .to_owned(),
        telephone: Some("+237699000003".to_owned()),
        place: "Douala, Littoral".to_owned(),
        status,
        standing: standings[usize::try_from(n).unwrap_or(0) % standings.len()],
        confirmed_on: day(1),
        until: day(30),
        doubts: if doubtful {
            vec![DoubtView {
                cause: DoubtCause::NoCapacity,
                line: Some(Line::Capacity),
                on: day(12).unwrap_or_default(),
                says: relais_acts::services::doubt_says(DoubtCause::NoCapacity, lang).to_owned(),
            }]
        } else {
            Vec::new()
        },
        missing: if n % 3 == 1 {
            vec![Missing::ConductUnsigned, Missing::ChildEnded]
        } else {
            Vec::new()
        },
        waits: n % 4 == 1,
        available: Some(3),
        assessed_on: day(2),
        says: vec![
            "+237 6 99 00 00 03".to_owned(),
            if fr {
                "lun.–ven. 08 h – 16 h"
            } else {
                "Mon–Fri 08:00–16:00"
            }
            .to_owned(),
            "Littoral".to_owned(),
            if fr { "gratuit" } else { "free of charge" }.to_owned(),
        ],
        version: 3,
    }
}

/// A provider's entries: eleven, or none.
pub(crate) fn own(lang: Lang, rows: u128, silent: bool) -> OwnEntries {
    OwnEntries {
        now: now(),
        rows: (0..rows).map(|n| row(lang, n)).collect(),
        withheld: silent.then(|| withheld(lang)),
    }
}

fn withheld(lang: Lang) -> Withheld {
    Withheld {
        organisation_id: OrganisationId(id(2)),
        organisation: if lang == Lang::Fr {
            "Atelier Fil d’Or"
        } else {
            "Golden Thread Workshop"
        }
        .to_owned(),
        telephone: Some("+237699000003".to_owned()),
        unanswered: 3,
        since: now() - TimeDelta::days(2),
    }
}

fn change(lang: Lang, n: u128, state: ChangeState, kind: &str) -> ChangeView {
    let fr = lang == Lang::Fr;
    ChangeView {
        id: EntryChangeId(id(600 + n)),
        service: Some(ServiceId(id(500))),
        name: row(lang, 0).name,
        organisation: row(lang, 0).organisation,
        kind: kind.to_owned(),
        state,
        by: Author::Provider,
        by_name: "A. Atelier Essai".to_owned(),
        at: now() - TimeDelta::days(1),
        decided_by: if state == ChangeState::Refused {
            "C. Unité Essai".to_owned()
        } else {
            String::new()
        },
        decided_at: None,
        note: if fr {
            "Le projet a changé."
        } else {
            "The project changed."
        }
        .to_owned(),
        reason: String::new(),
        values: vec![ValueView {
            field: "cost".to_owned(),
            label: if fr {
                "Coût pour la personne"
            } else {
                "Cost to the person"
            }
            .to_owned(),
            old: if fr { "gratuit" } else { "free of charge" }.to_owned(),
            new: if fr { "payant" } else { "to be paid" }.to_owned(),
        }],
        version: 1,
    }
}

/// One entry, its provider's or the coordination unit's.
pub(crate) fn one(lang: Lang, own: bool, status: PublicationStatus) -> EntryView {
    let fr = lang == Lang::Fr;
    let place = PublicationStatus::ALL.iter().position(|s| *s == status).unwrap_or(0);
    let row = row(lang, place as u128);
    let steps = match (own, status) {
        (true, _) => Vec::new(),
        (_, PublicationStatus::Proposed) => vec![LifeAct::Check, LifeAct::Archive],
        (_, PublicationStatus::Checked) => vec![LifeAct::Publish, LifeAct::Archive],
        (_, PublicationStatus::Archived) => vec![LifeAct::Restore],
        _ => vec![LifeAct::Doubt, LifeAct::Archive],
    };
    EntryView {
        now: now(),
        lines: Line::ALL
            .iter()
            .map(|line| LineView {
                line: *line,
                says: if *line == Line::HowToRefer {
                    String::new()
                } else {
                    "Littoral".to_owned()
                },
                doubtful: row.doubts.iter().any(|d| d.line == Some(*line)),
                proposed: (*line == Line::Cost).then(|| if fr { "payant" } else { "to be paid" }.to_owned()),
                at_once: line.is_the_providers(),
            })
            .collect(),
        values: EntryValues {
            telephones: vec!["+237699000003".to_owned()],
            opening_hours: "08:00–16:00".to_owned(),
            languages: vec!["fra".to_owned()],
            cost: Some(Cost::Free),
            served_area: "CM005".to_owned(),
            served_area_says: "Littoral".to_owned(),
            how_to_refer: Label::of("Sur envoi", "On referral"),
            per_month: Some(20),
            programmes: vec!["PIRD-1".to_owned()],
            paid_until: NaiveDate::from_ymd_opt(2026, 12, 31),
        },
        confirmed_by: "A. Atelier Essai".to_owned(),
        checked: Some(("C. Unité Essai".to_owned(), now() - TimeDelta::days(40))),
        ratification: match status {
            PublicationStatus::Published if own => Some(ratification(Ratification::Changed)),
            PublicationStatus::Published => Some(ratification(Ratification::Ratified)),
            PublicationStatus::Doubtful => Some(ratification(Ratification::SetApart)),
            _ => None,
        },
        organisation_id: OrganisationId(id(2)),
        own,
        confidential: false,
        steps,
        history: ChangeState::ALL
            .iter()
            .zip(0..)
            .map(|(state, n)| change(lang, n, *state, "change"))
            .chain([change(
                lang,
                10,
                ChangeState::Done,
                relais_acts::entries::ratification::RATIFIED,
            )])
            .chain(
                LifeAct::ALL
                    .iter()
                    .zip(20..)
                    .map(|(act, n)| change(lang, n, ChangeState::Done, act.code())),
            )
            .collect(),
        row,
    }
}

fn ratification(standing: Ratification) -> EntryRatification {
    EntryRatification {
        standing,
        on: day(20),
        minutes: "2026/02".to_owned(),
        changed: if standing == Ratification::Changed {
            vec![Line::ServedArea, Line::Targets]
        } else {
            Vec::new()
        },
    }
}

fn unsigned(lang: Lang, n: u128) -> Unsigned {
    Unsigned {
        organisation: OrganisationId(id(700 + n)),
        name: if lang == Lang::Fr {
            "Ministère de la Santé publique"
        } else {
            "Ministry of Public Health"
        }
        .to_owned(),
        missing: Missing::ALL.iter().take(2).copied().collect(),
        waiting: 3061,
        exposed: 4,
    }
}

/// What an organisation signed: nothing, or a paper of its own and one by its tutelle.
pub(crate) fn safeguards(lang: Lang, signed: bool) -> SafeguardsView {
    let of = |n| unsigned(lang, n);
    let paper = |safeguard: Safeguard| PaperView {
        safeguard,
        name: safeguard.label().get(lang).to_owned(),
        own: (signed && safeguard == Safeguard::ConductAndPsea).then(|| Signed {
            on: day(1).unwrap_or_default(),
            until: day(30),
            withdrawn_on: day(12),
            paper: "Lettre n° 0142/SG".to_owned(),
            noted_by: None,
            noted_on: day(2).unwrap_or_default(),
        }),
        noted_by: "C. Unité Essai".to_owned(),
        lack: match (signed, safeguard) {
            (true, Safeguard::ConductAndPsea) => Some(Lack::Withdrawn),
            (true, _) => None,
            (false, _) => Some(Lack::Unsigned),
        },
        through: (signed && safeguard == Safeguard::ChildSafeguarding).then(|| of(1).name),
    };
    let rows: u128 = if signed { 1 } else { 20 };
    SafeguardsView {
        now: now(),
        organisation: OrganisationId(id(2)),
        name: row(lang, 0).organisation,
        tutelles: (0..2)
            .map(|n| Above {
                id: of(n).organisation,
                name: of(n).name,
            })
            .collect(),
        papers: Safeguard::ALL.iter().copied().map(paper).collect(),
        agreement: DataAgreement {
            state: if signed {
                CoverageState::InGrace
            } else {
                CoverageState::None
            },
            reference: if signed {
                "MOU-2026-004".to_owned()
            } else {
                String::new()
            },
            kind: signed.then_some(AgreementKind::Mou),
            through: signed.then(|| of(1).name),
            until: day(20).filter(|_| signed),
        },
        may_note: true,
        waiting: if signed { 0 } else { 3061 },
        ready: if signed { 12 } else { 0 },
        exposed: usize::try_from(rows).unwrap_or(0),
        waiting_rows: (0..20).filter(|_| !signed).map(|n| row(lang, 3 * n + 1)).collect(),
        exposed_rows: (0..rows).map(|n| row(lang, 3 * n + 1)).collect(),
        history: vec![ChangeView {
            values: vec![ValueView {
                field: "safeguards.conduct_and_psea".to_owned(),
                label: Safeguard::ConductAndPsea.label().get(lang).to_owned(),
                old: String::new(),
                new: "01/11/2026".to_owned(),
            }],
            ..change(lang, 0, ChangeState::Done, "change")
        }],
        version: 3,
    }
}

/// What the coordination unit keeps.
pub(crate) fn moderation(lang: Lang, rows: u128) -> Moderation {
    let count = usize::try_from(rows).unwrap_or(0);
    let list = |first: u128| (first..first + rows).map(|n| row(lang, n)).collect::<Vec<_>>();
    Moderation {
        now: now(),
        waiting: (0..rows)
            .map(|n| change(lang, n, ChangeState::Waiting, "change"))
            .collect(),
        doubtful: list(0),
        overdue: list(100),
        unpublished: list(200),
        unsigned: (0..rows).map(|n| unsigned(lang, n)).collect(),
        unratified: (rows > 0).then_some(3061),
        withheld: if rows > 0 { vec![withheld(lang)] } else { Vec::new() },
        counts: Counts {
            doubtful: count,
            overdue: count,
            unpublished: count,
            never: 3061,
            waiting: count,
            unsigned: count,
            exposed: count,
        },
    }
}
