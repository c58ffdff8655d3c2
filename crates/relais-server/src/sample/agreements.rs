//! Agreements: one in each state, with as many lines as a page may have.

use relais_acts::agreements::{AgreementRow, AgreementView, AgreementsView, AnnexLine, NotedView, PartyView, ROWS};
use relais_mechanism::Sensitivity;
use relais_network::AgreementId;
use relais_network::agreement::{AgreementKind, CoverageState, RegisterStep, Scan};

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn row(lang: Lang, n: u128) -> AgreementRow {
    let state = CoverageState::ALL[usize::try_from(n % 5).unwrap_or(0)];
    let party = |code: &str, name: &str, left: bool| PartyView {
        organisation: OrganisationId(Uuid::from_u128(n)),
        code: code.to_owned(),
        name: name.to_owned(),
        from: day("2026-01-10"),
        denounced_on: left.then(|| day("2026-06-01")),
    };
    AgreementRow {
        id: AgreementId(Uuid::from_u128(n)),
        reference: format!("PA/2026/<i>{n}</i>"),
        kind: AgreementKind::Mou,
        kind_says: if lang == Lang::Fr {
            "Protocole d’accord"
        } else {
            "Memorandum of understanding"
        }
        .to_owned(),
        parties: vec![
            party("MIN-ESSAI", "Ministère d’essai", false),
            party("ASSO-ESSAI", "Association <b>d’essai</b>", n.is_multiple_of(2)),
        ],
        until: Some(day("2026-12-31")).filter(|_| !n.is_multiple_of(3)),
        grace_until: Some(day("2027-03-31")).filter(|_| !n.is_multiple_of(3)),
        denounced_on: (state == CoverageState::Denounced).then(|| day("2026-06-01")),
        state,
        classes: if lang == Lang::Fr {
            "Identité, Contact, Santé"
        } else {
            "Identity, Contact, Health"
        }
        .to_owned(),
        max_sensitivity: Sensitivity::S4,
    }
}

/// The list, full or empty.
pub(crate) fn list(lang: Lang, full: bool, office: bool) -> AgreementsView {
    let rows = if full { ROWS } else { 0 };
    AgreementsView {
        now: now(),
        rows: (1..).take(rows).map(|n| row(lang, n)).collect(),
        counts: CoverageState::ALL.iter().map(|s| (*s, rows)).collect(),
        state: (!full).then_some(CoverageState::InGrace),
        page: 1,
        more: full,
        regime: ("Ordinaire".to_owned(), "Un accord en vigueur est exigé.".to_owned()),
        grace_days: 90,
        may_add: office,
    }
}

/// One agreement, for the office or for anybody who is signed in.
pub(crate) fn one(lang: Lang, office: bool) -> AgreementView {
    let noted = |n: usize| NotedView {
        step: RegisterStep::ALL[n % 4],
        version: i64::try_from(n).unwrap_or(1),
        at: now(),
        by: "Exercice secrétariat".to_owned(),
        party: "Ministère d’essai".to_owned(),
        on: day("2026-01-10"),
        until: Some(day("2026-12-31")),
        function: "Secrétaire général".to_owned(),
        scan: Some(Scan {
            name: "accord <b>signé</b>.pdf".to_owned(),
            sha256: "ab".repeat(32),
        }),
        reason: if n % 4 == 3 {
            "Lettre du ministère".to_owned()
        } else {
            String::new()
        },
        mechanism: "cameroon 2026.1".to_owned(),
    };
    AgreementView {
        now: now(),
        row: row(lang, 10),
        annex: (0..16)
            .map(|n| AnnexLine {
                category: format!("Services d’essai {n}"),
                goes: "Identité, Contact".to_owned(),
                stays: if n % 2 == 0 {
                    "Santé mentale".to_owned()
                } else {
                    String::new()
                },
            })
            .collect(),
        purposes: vec!["Référer".to_owned(), "Suivre".to_owned()],
        register: if office {
            (1..=8).rev().map(noted).collect()
        } else {
            Vec::new()
        },
        referrals: office.then_some(41),
        notices: vec![day("2026-12-01"), day("2026-12-31")],
        grace_days: 90,
        may_keep: office,
        version: 8,
    }
}
