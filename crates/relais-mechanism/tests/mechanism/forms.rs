//! Reading what was typed: the arrival form above all.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate};
use proptest::prelude::*;
use relais_mechanism::form::{FieldKind, Raw, Required};
use relais_mechanism::{Answer, Answers, FieldErrorCode as C, Form, Lang, Purpose, Sensitivity};

use crate::cameroon;

fn form(code: &str) -> &'static Form {
    cameroon().form(code).expect("the form is there")
}

fn raw(values: &[(&str, &str)]) -> Raw {
    let mut raw = Raw::new();
    for (code, value) in values {
        raw.entry((*code).to_owned()).or_default().push((*value).to_owned());
    }
    raw
}

/// A whole arrival, with some answers put in place of others; an empty one is
/// left out.
fn arrival(changes: &[(&str, &str)]) -> Raw {
    let mut typed = raw(&[
        ("F1E.01", "B-017"),
        ("F1E.02", "yes"),
        ("F1E.03", "Awa Essai"),
        ("F1E.04", "F"),
        ("F1E.05", "27"),
        ("F1E.06", "alone"),
        ("F1E.07", "nowhere"),
        ("F1E.08", "Garoua"),
        ("F1E.09", "CALL"),
        ("F1E.10", "6 77 12 34 56"),
        ("F1E.11", "fra"),
        ("F1E.12", "nosleep"),
    ]);
    for (code, value) in changes {
        typed.remove(*code);
        if !value.is_empty() {
            typed.insert((*code).to_owned(), value.split('|').map(str::to_owned).collect());
        }
    }
    typed
}

/// The errors, as field and code.
fn errors(typed: &Raw) -> Vec<(String, C)> {
    match form("F1E").parse(typed) {
        Ok(answers) => panic!("nothing was wrong: {answers:?}"),
        Err(errors) => errors.into_iter().map(|e| (e.field, e.code)).collect(),
    }
}

#[test]
fn a_whole_arrival_is_read() {
    let answers = form("F1E").parse(&arrival(&[])).expect("nothing is wrong");
    let text = |t: &str| Answer::Text(t.to_owned());
    let one = |t: &str| Answer::One(t.to_owned());
    let expected: Answers = [
        ("F1E.01", text("B-017")),
        ("F1E.02", Answer::Bool(true)),
        ("F1E.03", text("Awa Essai")),
        ("F1E.04", one("F")),
        ("F1E.05", Answer::Int(27)),
        ("F1E.06", one("alone")),
        ("F1E.07", one("nowhere")),
        ("F1E.08", text("Garoua")),
        ("F1E.09", Answer::Many(vec!["CALL".into()])),
        ("F1E.10", text("+237677123456")),
        ("F1E.11", one("fra")),
        ("F1E.12", Answer::Many(vec!["nosleep".into()])),
    ]
    .map(|(code, answer)| (code.to_owned(), answer))
    .into();
    assert_eq!(answers, expected);
    let kept = serde_json::to_string(&answers).expect("answers are JSON");
    assert_eq!(
        serde_json::from_str::<Answers>(&kept).expect("JSON is answers"),
        answers
    );
    assert!(kept.contains("\"F1E.05\":{\"int\":27}"), "{kept}");
}

#[test]
fn each_wrong_answer_names_its_field() {
    for (change, code) in [
        (("F1E.01", ""), C::Required),
        (("F1E.02", ""), C::Required),
        (("F1E.05", ""), C::Required),
        (("F1E.09", ""), C::Required),
        (("F1E.01", "1234567890123456789012345"), C::TooLong),
        (("F1E.01", "a\u{7}b"), C::Characters),
        (("F1E.03", "two\nlines"), C::Characters),
        (("F1E.02", "maybe"), C::NotYesNo),
        (("F1E.04", "H"), C::UnknownOption),
        (("F1E.04", "F|M"), C::SeveralAnswers),
        (("F1E.05", "vingt"), C::NotAWholeNumber),
        (("F1E.05", "27,5"), C::NotAWholeNumber),
        (("F1E.05", "-1"), C::Constraint),
        (("F1E.05", "121"), C::Constraint),
        (("F1E.06", "adult"), C::Constraint),
        (("F1E.09", "CALL|FAX"), C::UnknownOption),
        (("F1E.09", "CALL|NONE"), C::Constraint),
        (("F1E.10", "6 77 12 34 5"), C::PhoneDigits),
        (("F1E.10", "777 12 34 56"), C::PhoneBeginning),
        (("F1E.10", "demain"), C::NotAPhone),
        (("F1E.13", "x"), C::FilledBySystem),
        (("F1E.99", "x"), C::UnknownField),
    ] {
        assert_eq!(errors(&arrival(&[change])), [(change.0.to_owned(), code)], "{change:?}");
    }
}

#[test]
fn bounds_of_the_age_are_allowed() {
    for age in ["0", "120", " 27 "] {
        assert!(form("F1E").parse(&arrival(&[("F1E.05", age)])).is_ok(), "{age}");
    }
    assert!(
        form("F1E")
            .parse(&arrival(&[("F1E.05", "20"), ("F1E.06", "adult")]))
            .is_ok(),
        "20 may be a child"
    );
}

#[test]
fn ten_errors_come_back_together_in_the_order_of_the_form() {
    let typed = arrival(&[
        ("F1E.01", ""),
        ("F1E.03", "a\u{1}"),
        ("F1E.04", "H"),
        ("F1E.05", "x"),
        ("F1E.06", "y"),
        ("F1E.07", ""),
        ("F1E.09", "FAX|CALL"),
        ("F1E.11", "zzz"),
        ("F1E.12", "other"),
        ("F1E.13", "me"),
    ]);
    let found = errors(&typed);
    let fields: Vec<&str> = found.iter().map(|(f, _)| f.as_str()).collect();
    // The telephone is not among them: whether it is asked is not known yet.
    assert_eq!(
        fields,
        [
            "F1E.01", "F1E.03", "F1E.04", "F1E.05", "F1E.06", "F1E.07", "F1E.09", "F1E.11", "F1E.12", "F1E.13"
        ]
    );
}

#[test]
fn the_telephone_is_asked_only_when_a_safe_contact_uses_it() {
    for (ways, asked) in [
        ("CALL", true),
        ("SMS", true),
        ("WA", true),
        ("THIRD", true),
        ("VISIT", false),
        ("NONE", false),
        ("VISIT|SMS", true),
    ] {
        let parsed = form("F1E").parse(&arrival(&[("F1E.09", ways)]));
        assert_eq!(parsed.is_ok(), asked, "{ways}");
        if !asked {
            assert_eq!(
                errors(&arrival(&[("F1E.09", ways)])),
                [("F1E.10".to_owned(), C::Irrelevant)]
            );
            assert!(
                form("F1E").parse(&arrival(&[("F1E.09", ways), ("F1E.10", "")])).is_ok(),
                "{ways}"
            );
        }
    }
}

#[test]
fn without_agreement_only_the_life_saving_need_is_kept() {
    let reading = form("F1E").read(&arrival(&[("F1E.02", "no")]), &Answers::new());
    assert_eq!(reading.errors, []);
    let kept: Vec<&str> = reading.answers.keys().map(String::as_str).collect();
    assert_eq!(kept, ["F1E.01", "F1E.02", "F1E.07", "F1E.12"]);
    let dropped: Vec<_> = reading.dropped.iter().map(|d| (d.field.as_str(), d.code)).collect();
    let irrelevant = |f| (f, C::Irrelevant);
    assert_eq!(
        dropped,
        [
            "F1E.03", "F1E.04", "F1E.05", "F1E.06", "F1E.08", "F1E.09", "F1E.10", "F1E.11"
        ]
        .map(irrelevant)
    );
    let bare = raw(&[
        ("F1E.01", "B-018"),
        ("F1E.02", "no"),
        ("F1E.07", "nowhere"),
        ("F1E.12", "danger"),
    ]);
    assert!(form("F1E").parse(&bare).is_ok(), "no identity is asked for");
    let asked: Vec<&str> = form("F1E")
        .relevant_fields(&reading.answers)
        .map(|f| f.code.as_str())
        .collect();
    assert_eq!(asked, ["F1E.01", "F1E.02", "F1E.07", "F1E.12", "F1E.13"]);
}

#[test]
fn keys_of_the_page_are_passed_over() {
    assert!(form("F1E").parse(&arrival(&[("csrf", "abc"), ("F1.05", "x")])).is_ok());
}

#[test]
fn every_error_has_a_sentence_and_a_remedy_in_both_languages() {
    let typed = arrival(&[
        ("F1E.05", "200"),
        ("F1E.10", "6 77 12 34 5"),
        ("F1E.01", &"x".repeat(30)),
    ]);
    let found = form("F1E").parse(&typed).expect_err("three things are wrong");
    let french: Vec<String> = found
        .iter()
        .map(|e| format!("{} {}", e.sentence(Lang::Fr), e.remedy(Lang::Fr)))
        .collect();
    assert_eq!(
        french[0],
        "Le texte a 30 caractères, 24 au plus sont gardés. Raccourcissez le texte."
    );
    assert_eq!(
        french[1],
        "Cette réponse sort des limites. Écrivez un âge entre 0 et 120 ans."
    );
    assert!(
        french[2].starts_with("Un numéro du pays a 9 chiffres, celui-ci en a 8."),
        "{}",
        french[2]
    );
    for code in C::ALL.iter().copied() {
        let mut error = found[0].clone();
        error.code = code;
        let (fr, en) = (error.sentence(Lang::Fr), error.sentence(Lang::En));
        assert!(fr != en && fr.ends_with('.') && en.ends_with('.'), "{code}");
        assert_ne!(error.remedy(Lang::Fr), error.remedy(Lang::En), "{code}");
    }
}

#[test]
fn the_consent_form_asks_for_a_guardian_and_a_child_s_assent() {
    let given = |age| Answers::from([("age".to_owned(), Answer::Int(age))]);
    let who = form("F3").part(&["who"]);
    let missing = |typed: &Raw, age| -> Vec<String> {
        who.read(typed, &given(age))
            .errors
            .into_iter()
            .map(|e| e.field)
            .collect()
    };
    assert_eq!(missing(&raw(&[("F3.10", "SELF")]), 30), Vec::<String>::new());
    assert_eq!(missing(&raw(&[("F3.10", "PARENT")]), 30), ["F3.11"]);
    assert_eq!(
        missing(&raw(&[("F3.10", "PARENT"), ("F3.11", "Mère, acte vu")]), 9),
        ["F3.10b", "F3.12", "F3.13"]
    );
    assert_eq!(
        missing(&raw(&[("F3.10", "SOCIAL"), ("F3.11", "Service social")]), 9),
        ["F3.12", "F3.13"],
        "the link is asked of a private adult only"
    );
    assert_eq!(missing(&Raw::new(), 30), ["F3.10"]);
}

#[test]
fn a_part_of_a_form_sees_what_the_rest_says() {
    let report = form("F5").part(&["delivery"]);
    let given = Answers::from([("service".to_owned(), Answer::One("RCP.06".into()))]);
    let typed = raw(&[("F5.10", "23/11/2026"), ("F5.11", "2026-11-20"), ("F5.13", "served")]);
    let found: Vec<_> = report
        .read(&typed, &given)
        .errors
        .into_iter()
        .map(|e| (e.field, e.code))
        .collect();
    assert_eq!(
        found,
        [("F5.11".to_owned(), C::Constraint), ("F5.18".to_owned(), C::Required)],
        "cash needs a receipt"
    );
    let typed = raw(&[
        ("F5.10", "20/11/2026"),
        ("F5.11", "2026-11-20"),
        ("F5.13", "served"),
        ("F5.15", "65 000,5"),
    ]);
    let reading = report.read(&typed, &Answers::new());
    assert_eq!(reading.errors, []);
    assert_eq!(
        reading.answers["F5.10"],
        Answer::Date(NaiveDate::from_ymd_opt(2026, 11, 20).expect("a day"))
    );
    assert_eq!(
        reading.answers["F5.15"],
        Answer::Decimal("65000.5".parse().expect("a number"))
    );
    let decision = form("F5").part(&["answer"]);
    let declined = decision.read(&raw(&[("F5.03", "decline")]), &Answers::new());
    assert_eq!(
        declined.errors.iter().map(|e| e.field.as_str()).collect::<Vec<_>>(),
        ["F5.04"]
    );
    let waiting = |days| decision.parse(&raw(&[("F5.03", "waitlist"), ("F5.07", days)])).is_ok();
    assert_eq!(
        [waiting("0"), waiting("1"), waiting("30"), waiting("31")],
        [false, true, true, false]
    );
}

#[test]
fn a_local_time_becomes_utc() {
    let decision = form("F5").part(&["answer"]);
    let answers = decision
        .parse(&raw(&[("F5.03", "accept"), ("F5.06", "2026-11-24T08:30")]))
        .expect("right");
    let expected: DateTime<chrono::Utc> = "2026-11-24T07:30:00Z".parse().expect("a moment");
    assert_eq!(answers["F5.06"], Answer::DateTime(expected));
}

#[test]
fn what_the_system_fills_is_kept_with_the_answers() {
    let referral = form("F4").part(&["support"]);
    let typed = raw(&[
        ("F4.32", "yes"),
        ("F4.33", "yes"),
        ("F4.34", "no"),
        ("F4.35", "d7"),
        ("F4.36", "attend"),
    ]);
    let missing = |given: &Answers| -> Vec<String> {
        referral
            .read(&typed, given)
            .errors
            .into_iter()
            .map(|e| e.field)
            .collect()
    };
    assert_eq!(missing(&Answers::new()), ["F4.31"], "neither consent line nor override");
    let consent = Answers::from([("F4.30".to_owned(), Answer::Text("C3-1".into()))]);
    assert_eq!(missing(&consent), Vec::<String>::new());
    assert_eq!(
        referral.read(&typed, &consent).answers["F4.30"],
        Answer::Text("C3-1".into())
    );
}

#[test]
fn an_emergency_is_not_held_up_by_payment() {
    let payment = form("F4").part(&["payment"]);
    let of = |p: &str| Answers::from([("F4.02".to_owned(), Answer::One(p.into()))]);
    assert_eq!(payment.read(&Raw::new(), &of("P1")).errors, []);
    assert_eq!(payment.read(&Raw::new(), &of("P3")).errors.len(), 3);
}

#[test]
fn every_field_has_class_sensitivity_and_purpose_that_fit() {
    for form in cameroon().forms() {
        for field in form.fields() {
            assert_eq!(
                field.class.is_restricted(),
                field.sensitivity == Sensitivity::S4,
                "{}",
                field.code
            );
            assert_eq!(field.options.is_some(), field.kind.has_options(), "{}", field.code);
        }
        assert!(form.sections.iter().all(|s| s.provisional), "{}", form.code);
    }
    let signs = form("F1E").field("F1E.12").expect("there");
    assert_eq!((signs.purpose, signs.kind), (Purpose::Protect, FieldKind::Many));
    assert!(matches!(
        form("F4").field("F4.40").map(|f| &f.required),
        Some(Required::When(_))
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever is typed, each value is kept, wrong or dropped: none vanishes.
    #[test]
    fn nothing_is_kept_or_lost_silently(
        typed in proptest::collection::btree_map(
            proptest::sample::select(form("F1E").fields().map(|f| f.code.clone()).collect::<Vec<_>>()),
            proptest::collection::vec(prop_oneof![
                any::<String>(),
                proptest::sample::select(vec!["yes", "no", "F", "27", "alone", "own", "CALL", "NONE", "fra", "danger", "677123456", ""]).prop_map(str::to_owned),
            ], 0..3),
            0..13,
        )
    ) {
        let reading = form("F1E").read(&typed, &Answers::new());
        let told: BTreeMap<&str, C> = reading.errors.iter().chain(&reading.dropped).map(|e| (e.field.as_str(), e.code)).collect();
        for (code, values) in &typed {
            if values.iter().any(|v| !v.trim().is_empty()) {
                prop_assert!(reading.answers.contains_key(code) || told.contains_key(code.as_str()), "{code} vanished");
            }
        }
        for code in reading.answers.keys() {
            prop_assert!(typed.contains_key(code), "{code} was not typed");
        }
        for dropped in &reading.dropped {
            prop_assert!(!reading.answers.contains_key(&dropped.field), "{} is dropped and kept", dropped.field);
        }
        prop_assert_eq!(form("F1E").parse(&typed).is_ok(), told.is_empty());
    }
}
