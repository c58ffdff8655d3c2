//! Samples of who may be the same person.

use relais_acts::duplicates::{AskRow, AskedRow, AskedView, Checked, JoinedRow, Perhaps, PerhapsRow};

use super::*;

fn row(lang: Lang) -> PerhapsRow {
    PerhapsRow {
        case_id: CaseId(id(70)),
        code: "LT-000098-T".to_owned(),
        holder: "Accueil Douala".to_owned(),
        reasons: vec!["telephone".to_owned(), "name_alike".to_owned(), "birth_year".to_owned()],
        says: match lang {
            Lang::Fr => "même téléphone, nom ressemblant, âge proche",
            Lang::En => "same telephone, name alike, age close",
        }
        .to_owned(),
        can_join: true,
    }
}

/// What is perhaps known of a person: a file that is seen, one elsewhere, and
/// the answers to three questions.
pub(crate) fn perhaps(lang: Lang) -> Perhaps {
    let ask = |n: u128, state: &str, answer: Option<&str>| AskRow {
        id: SameAskId(id(n)),
        asked_at: now() - TimeDelta::days(2),
        clock: (state == "waiting").then(|| clock(DueKind::Confirm, 1440, 50)),
        state: state.to_owned(),
        answer: answer.map(str::to_owned),
        holder: (answer == Some("yes")).then(|| "Mairie de Douala 4e".to_owned()),
        telephone: (answer == Some("yes")).then(|| "+237233401122".to_owned()),
        code: (answer == Some("yes")).then(|| "LT-000041-B".to_owned()),
        join: (answer == Some("yes")).then(|| CaseId(id(71))),
    };
    Perhaps {
        checked_at: Some(now() - TimeDelta::hours(3)),
        seen: vec![row(lang)],
        elsewhere: true,
        asks: vec![ask(72, "waiting", None), ask(73, "answered", Some("yes"))],
        joined: vec![JoinedRow {
            code: "LT-000130-H".to_owned(),
            holder: "Accueil Douala".to_owned(),
            case_id: Some(CaseId(id(74))),
            at: now() - TimeDelta::days(3),
            undo_until: Some(now() + TimeDelta::days(27)),
            younger: CaseId(id(74)),
        }],
        into: None,
        into_id: None,
        left: 14,
    }
}

/// The answer of a name check.
pub(crate) fn checked(lang: Lang, found: bool) -> Checked {
    Checked {
        seen: if found { vec![row(lang)] } else { Vec::new() },
        elsewhere: found,
        left: 13,
    }
}

/// The page of a question.
pub(crate) fn asked(_lang: Lang) -> AskedView {
    AskedView {
        now: now(),
        row: AskedRow {
            id: SameAskId(id(75)),
            case_id: CaseId(id(10)),
            case_code: "LT-000123-K".to_owned(),
            asker: "Mairie de Douala 4e".to_owned(),
            telephone: Some("+237233401122".to_owned()),
            asked_at: now() - TimeDelta::days(1),
            clock: clock(DueKind::Confirm, 2 * 1440, 33),
            role: Role::CaseManager,
        },
        version: 1,
        state: "waiting".to_owned(),
        answer: None,
    }
}
