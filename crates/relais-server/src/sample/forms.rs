//! Samples of the forms F1 and F2: invented answers.

use std::sync::Arc;

use chrono::TimeDelta;
use relais_acts::commands::RawAnswers;
use relais_acts::forms::{FormLine, FormView, LevelRow, PaperAnswer, PaperView, ProposalRow, SectionRow, SectionView};
use relais_casework::interview::{Asking, SectionState};
use relais_mechanism::words::{Lang, Priority};
use relais_mechanism::{Answer, Answers, ClassSet, Mechanism};
use relais_network::CaseId;

use super::{id, now};

fn say(lang: Lang, fr: &str, en: &str) -> String {
    if lang == Lang::Fr { fr } else { en }.to_owned()
}

/// The forms on the page of a case.
pub(crate) fn lines(lang: Lang) -> Vec<FormLine> {
    let line = |form: &str, label: String, state, complete, of| FormLine {
        form: form.to_owned(),
        label,
        complete,
        of,
        state,
        due_from: Some(now() - TimeDelta::hours(40)),
        due_at: Some(now() + TimeDelta::hours(32)),
    };
    vec![
        line(
            "F1",
            say(
                lang,
                "Fiche d’identification et de présélection",
                "Identification and screening form",
            ),
            SectionState::Begun,
            3,
            10,
        ),
        line(
            "F2",
            say(lang, "Évaluation de la vulnérabilité", "Vulnerability assessment"),
            SectionState::NotBegun,
            0,
            8,
        ),
    ]
}

/// What the answers propose.
pub(crate) fn proposals(lang: Lang) -> Vec<ProposalRow> {
    vec![ProposalRow {
        number: 5,
        service: "RCP.02".to_owned(),
        label: say(
            lang,
            "Hébergement temporaire de transit (≤ 72 h)",
            "Temporary transit accommodation (≤ 72 h)",
        ),
        priority: Priority::P1,
        reasons: vec![say(lang, "sans lieu sûr ce soir", "no safe place tonight")],
        notes: vec![say(lang, "Un lit avant 20 h.", "A bed before 20:00.")],
        mark: Some("P".to_owned()),
    }]
}

/// A form under way.
pub(crate) fn form(mechanism: &Mechanism, code: &str, lang: Lang, writes: bool) -> FormView {
    let form = mechanism.form(code).expect("the form");
    let states = [
        SectionState::Complete,
        SectionState::Begun,
        SectionState::NotBegun,
        SectionState::NothingAsked,
    ];
    FormView {
        case_id: CaseId(id(10)),
        case_code: "CM-MNR-2026-LT-000123-K".to_owned(),
        form: code.to_owned(),
        label: form.label.get(lang).to_owned(),
        who: form.who.get(lang).to_owned(),
        when: form.when.get(lang).to_owned(),
        may_write: writes,
        consent_first: writes && code == "F2",
        restricted_off: writes,
        sections: form
            .sections
            .iter()
            .zip(states.iter().cycle())
            .map(|(section, state)| SectionRow {
                section: section.code.clone(),
                label: section.label.get(lang).to_owned(),
                state: *state,
                missing: usize::from(*state == SectionState::Begun) * 2,
                by: (*state == SectionState::Complete).then(|| "J. Ebongué".to_owned()),
                at: (*state == SectionState::Complete).then(|| now() - TimeDelta::hours(5)),
            })
            .collect(),
        profile: if code == "F2" {
            ["individual", "household", "community", "structural"]
                .into_iter()
                .map(|level| LevelRow {
                    level: level.to_owned(),
                    risk: Some(18),
                    protection: Some(23),
                    net: Some(-5),
                    rated: 4,
                    of: 7,
                })
                .collect()
        } else {
            Vec::new()
        },
    }
}

/// A form for paper, with an answer in the first question of each section.
pub(crate) fn paper(mechanism: &Arc<Mechanism>, code: &str) -> PaperView {
    let form = mechanism.form(code).expect("the form").clone();
    let first = form.sections.iter().filter_map(|s| s.fields.first());
    PaperView {
        case_id: CaseId(id(10)),
        case_code: "CM-MNR-2026-LT-000123-K".to_owned(),
        answers: first
            .map(|field| {
                let list = field.options.as_ref();
                let chosen = list.and_then(|l| l.choices.first()).map(|c| c.code.clone());
                let answer = PaperAnswer {
                    chosen: vec![chosen.unwrap_or_else(|| "yes".to_owned())],
                    words: "<b>Exemple</b>".to_owned(),
                };
                (field.code.clone(), answer)
            })
            .collect(),
        mechanism: Arc::clone(mechanism),
        form,
    }
}

/// A section in which everything is asked, as the writer sees it.
pub(crate) fn section(mechanism: &Mechanism, form: &str, section: &str, lang: Lang) -> SectionView {
    let whole = mechanism.form(form).expect("the form");
    let everything = Asking {
        classes: ClassSet::all(),
        s4: true,
    };
    let yes = |code: &str| (code.to_owned(), Answer::Bool(true));
    let mut given = Answers::from([
        yes("F1.07"),
        yes("F1.09"),
        yes("F1.10"),
        yes("F1.11"),
        yes("F1.12"),
        yes("F2.04"),
        yes("non_state"),
        ("sex".to_owned(), Answer::One("F".to_owned())),
        ("age".to_owned(), Answer::Int(64)),
        ("F1.66".to_owned(), Answer::One("yes".to_owned())),
        ("F1.75".to_owned(), Answer::One("yes".to_owned())),
    ]);
    let child = section == "urgent";
    given.insert("child".to_owned(), Answer::Bool(child));
    given.insert("proposed".to_owned(), Answer::One("P1".to_owned()));
    let part = everything.part(whole, section).expect("the section asks something");
    // What leads to every question of the section.
    let mut answers: RawAnswers = given
        .iter()
        .filter(|(code, _)| part.field(code).is_some())
        .map(|(code, _)| (code.clone(), vec!["yes".to_owned()]))
        .collect();
    for (code, value) in [("F1.28", "CNI"), ("F1.91", "P3")] {
        if part.field(code).is_some() {
            answers.insert(code.to_owned(), vec![value.to_owned()]);
        }
    }
    SectionView {
        case_id: CaseId(id(10)),
        case_code: "CM-MNR-2026-LT-000123-K".to_owned(),
        version: 4,
        form: form.to_owned(),
        form_label: whole.label.get(lang).to_owned(),
        section: section.to_owned(),
        label: whole.section(section).expect("the section").label.get(lang).to_owned(),
        state: SectionState::NotBegun,
        may_write: true,
        consent_first: false,
        state_body: true,
        asked: Vec::new(),
        missing: Vec::new(),
        answers,
        facts: Vec::new(),
        apart: Vec::new(),
        frame: true,
        part,
        given,
    }
}
