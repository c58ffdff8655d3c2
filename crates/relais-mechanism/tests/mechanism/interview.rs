//! The forms F1 and F2, and the triage table: what the rest of the program
//! rests on.

use std::collections::BTreeSet;

use relais_mechanism::form::{FactorPart, FieldKind, Level, Raw, Required};
use relais_mechanism::{Answer, Answers, DataClass, FieldErrorCode as C, Form, Sensitivity, check};

use crate::{cameroon, codes, only, replaced};

fn form(code: &str) -> &'static Form {
    cameroon().form(code).expect("the form is there")
}

fn yes(code: &str, answer: bool) -> (String, Answer) {
    (code.to_owned(), Answer::Bool(answer))
}

fn typed(code: &str, value: &str) -> Raw {
    Raw::from([(code.to_owned(), vec![value.to_owned()])])
}

/// Whether a field is asked, given these answers.
fn asked(form_: &Form, code: &str, answers: &Answers) -> bool {
    form_.relevant_fields(answers).any(|f| f.code == code)
}

#[test]
fn a_section_is_all_restricted_or_not_at_all() {
    for section in [form("F1"), form("F2")].iter().flat_map(|f| &f.sections) {
        let levels: BTreeSet<bool> = section
            .fields
            .iter()
            .map(|f| f.sensitivity == Sensitivity::S4)
            .collect();
        assert!(levels.len() == 1 || section.code == "child", "{}", section.code);
    }
}

#[test]
fn what_bears_the_name_of_a_restricted_class_is_of_it() {
    let m = cameroon();
    let restricted = DataClass::ALL.iter().filter(|c| c.is_restricted());
    let names: BTreeSet<String> = restricted
        .filter_map(|c| m.class(*c))
        .map(|w| w.label.fr.to_lowercase())
        .collect();
    assert_eq!(names.len(), 4);
    for form_ in [form("F1"), form("F2")] {
        for field in form_.fields().filter(|f| f.sensitivity != Sensitivity::S4) {
            let label = field.factor.as_ref().map_or(&field.label, |of| &of.label);
            assert!(!names.contains(&label.fr.to_lowercase()), "{} is open", field.code);
        }
    }
    assert_eq!(form("F2").field("F2.19e").map(|f| f.class), Some(DataClass::Legal));
}

#[test]
fn no_open_question_tells_what_was_answered_to_a_restricted_one() {
    for form_ in [form("F1"), form("F2")] {
        for field in form_.fields().filter(|f| f.sensitivity != Sensitivity::S4) {
            let rests_on = field.relevant.iter().flat_map(|r| r.fields());
            let required = match &field.required {
                Required::When(condition) => condition.fields(),
                _ => Vec::new(),
            };
            for code in rests_on.chain(required) {
                let restricted = form_.field(code).is_some_and(|f| f.sensitivity == Sensitivity::S4);
                assert!(!restricted, "{} rests on {code}", field.code);
            }
        }
    }
}

#[test]
fn without_privacy_nothing_sensitive_is_asked_and_signs_always_are() {
    let f1 = form("F1");
    let frame = |private: bool, free: bool, informed: bool, agreed: bool| {
        Answers::from([
            yes("F1.09", private),
            yes("F1.10", free),
            yes("F1.11", informed),
            yes("F1.12", agreed),
            ("sex".to_owned(), Answer::One("F".to_owned())),
            yes("non_state", true),
        ])
    };
    let sensitive = ["F1.64", "F1.65", "F1.66", "F1.67", "F1.68a", "F1.68b", "F1.71", "F1.74"];
    let always = ["F1.60", "F1.61", "F1.62", "F1.58", "F1.69", "F1.70"];
    for (private, free, informed, agreed) in [
        (true, true, true, true),
        (false, true, true, true),
        (true, false, true, true),
        (true, true, true, false),
        (true, true, false, true),
    ] {
        let answers = frame(private, free, informed, agreed);
        let all = private && free && informed && agreed;
        for code in sensitive {
            assert_eq!(asked(f1, code, &answers), all, "{code}: {answers:?}");
        }
        for code in always {
            assert_eq!(asked(f1, code, &answers), informed, "{code}: {answers:?}");
        }
        assert_eq!(asked(f1, "F1.50", &answers), informed && agreed);
    }
    // Before the frame is filled in, signs can be noted and nothing else is asked.
    let nothing = Answers::new();
    assert!(always.iter().all(|code| asked(f1, code, &nothing)));
    assert!(!asked(f1, "F1.27", &nothing) && !asked(f1, "F1.66", &nothing));
    // A State body never asks whom the person fears.
    let mut state = frame(true, true, true, true);
    state.insert("non_state".to_owned(), Answer::Bool(false));
    assert!(!asked(f1, "F1.68b", &state));
    assert!(!f1.field("F1.68b").expect("there").kept, "its answer is not kept");
    assert_eq!(f1.fields().filter(|f| !f.kept).count(), 1);
}

#[test]
fn a_factor_is_two_numbers_and_what_shows_them() {
    let f2 = form("F2");
    let factors: BTreeSet<&str> = f2
        .fields()
        .filter_map(|f| f.factor.as_ref())
        .map(|f| f.code.as_str())
        .collect();
    assert_eq!(factors.len(), 32);
    let risk = f2.field("F2.11r").expect("there");
    let factor = risk.factor.as_ref().expect("a factor");
    assert_eq!(
        (factor.part, factor.level, risk.kind),
        (FactorPart::Risk, Level::Individual, FieldKind::One)
    );
    assert!(risk.label.fr.ends_with("\u{a0}: risque") && risk.label.en.ends_with(": risk"));
    let words = f2.field("F2.11e").expect("there");
    assert_eq!(
        (words.kind, words.required == Required::Optional),
        (FieldKind::Text, true)
    );
    let level = |code: &str| f2.field(code).and_then(|f| f.factor.as_ref()).map(|f| f.level);
    assert_eq!(
        level("F2.32r"),
        Some(Level::Household),
        "violence at home counts to the household"
    );
    assert_eq!(level("F2.54p"), Some(Level::Structural));
    // Substance use and harmful norms may stay open.
    assert!(f2.field("F2.20r").is_some_and(|f| f.required == Required::Optional));
    let broken = replaced("regional/forms/f2.toml", "level = \"community\"\n", "");
    assert!(codes(&broken).contains(&"level"));
}

#[test]
fn a_country_is_written_in_words() {
    let journey = form("F1").part(&["journey"]);
    let open = Answers::from([yes("F1.11", true), yes("F1.12", true)]);
    for (words, code) in [
        ("Niger", "NE"),
        ("cote d'ivoire", "CI"),
        ("LY", "LY"),
        ("germany", "DE"),
    ] {
        let reading = journey.read(&typed("F1.52", words), &open);
        assert_eq!(
            reading.answers.get("F1.52"),
            Some(&Answer::One(code.to_owned())),
            "{words}"
        );
    }
    let reading = journey.read(&typed("F1.53", "Niger, Algérie ; Libye\nMali"), &open);
    let Some(Answer::Many(crossed)) = reading.answers.get("F1.53") else {
        panic!("{reading:?}");
    };
    assert_eq!(
        crossed.iter().map(String::as_str).collect::<BTreeSet<_>>(),
        BTreeSet::from(["NE", "DZ", "LY", "ML"])
    );
    let wrong = journey.read(&typed("F1.53", "Niger, Atlantide"), &open);
    assert!(
        wrong
            .errors
            .iter()
            .any(|e| e.field == "F1.53" && e.code == C::UnknownOption)
    );
    // Every country is found by each of its labels.
    let list = cameroon().option_list("country").expect("the list");
    assert_eq!(list.choices.len(), 249);
    for choice in &list.choices {
        for label in [&choice.label.fr, &choice.label.en] {
            assert_eq!(list.meant(label).map(|c| &c.code), Some(&choice.code), "{label}");
        }
    }
}

#[test]
fn a_reason_says_something() {
    let outcome = form("F2").part(&["outcome"]);
    let reading = outcome.read(&typed("F2.62", "Trop court."), &Answers::new());
    let error = reading.errors.iter().find(|e| e.field == "F2.62").expect("an error");
    assert_eq!((error.code, error.detail), (C::TooShort, [11, 30]));
}

#[test]
fn the_triage_table_names_what_is_there() {
    let m = cameroon();
    assert_eq!(m.triage().len(), 28);
    for rule in m.triage() {
        assert!(!rule.services.is_empty() && !rule.classes.is_empty(), "{}", rule.code);
        assert!(rule.mark.is_some(), "{} says how sure it is", rule.code);
    }
    let broken = replaced(
        "regional/triage.toml",
        "services = [\"MED.01\"]",
        "services = [\"MED.99\"]",
    );
    assert_eq!(only(&broken).code, "unknown_reference");
    let broken = replaced("regional/triage.toml", "${F1.61} = 'yes'", "${F1.61} = 'oui'");
    assert_eq!(only(&broken).code, "expression");
}

#[test]
fn the_restricted_classes_are_off_until_a_basis_is_written() {
    assert_eq!(cameroon().s4_basis(), None);
    let with = replaced(
        "cameroon/mechanism.toml",
        "regime = \"transitional\"",
        "regime = \"transitional\"\ns4_basis = \"Décision d’essai\"",
    );
    assert_eq!(check(&with), []);
    let m = relais_mechanism::Mechanism::load(&with).expect("right");
    assert_eq!(m.s4_basis(), Some("Décision d’essai"));
}
