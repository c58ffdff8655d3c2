//! Expressions: a table of texts, answers and results.

use chrono::NaiveDate;
use relais_mechanism::expression::{Expression, Scope, Type};
use relais_mechanism::{Answer, Answers};

struct Fields;

impl Scope for Fields {
    fn field(&self, code: &str) -> Option<Type> {
        Some(match code {
            "age" | "years" => Type::Number,
            "sex" => Type::One,
            "ways" => Type::Many,
            "agreed" => Type::Bool,
            "name" => Type::Text,
            "day" | "other_day" => Type::Date,
            "at" => Type::DateTime,
            _ => return None,
        })
    }

    fn own(&self) -> Option<Type> {
        Some(Type::Number)
    }

    fn has_option(&self, field: Option<&str>, code: &str) -> bool {
        match field {
            Some("sex") => ["F", "M", "X"].contains(&code),
            Some("ways") => ["CALL", "SMS", "NONE"].contains(&code),
            _ => false,
        }
    }
}

fn answers() -> Answers {
    let day = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day");
    [
        ("age", Answer::Int(17)),
        ("years", Answer::Decimal("17.5".parse().expect("a number"))),
        ("sex", Answer::One("F".into())),
        ("ways", Answer::Many(vec!["CALL".into(), "SMS".into()])),
        ("agreed", Answer::Bool(true)),
        ("name", Answer::Text("Awa Essai".into())),
        ("day", Answer::Date(day)),
    ]
    .map(|(code, answer)| (code.to_owned(), answer))
    .into()
}

#[test]
fn expressions_hold_or_not() {
    for (text, expected) in [
        ("${age} < 18", true),
        ("${age} >= 18", false),
        ("18 > ${age}", true),
        ("${age} = 17 and ${sex} = 'F'", true),
        ("${age} = 17 and not ${sex} = 'F'", false),
        ("not (${age} = 17) or ${sex} = \"F\"", true),
        ("${age} = 1 or ${age} = 2 and ${age} = 17", false),
        ("(${age} = 17 or ${age} = 2) and ${age} != 3", true),
        ("${years} > 17 and ${years} < 17.6", true),
        ("${age} < ${years}", true),
        ("selected(${ways}, 'SMS')", true),
        ("selected(${ways}, 'NONE')", false),
        ("selected(${sex}, 'F')", true),
        ("${agreed}", true),
        ("not ${agreed}", false),
        ("${agreed} = 'yes'", true),
        ("${agreed} = 'no'", false),
        ("${agreed} = true", true),
        ("true and not false", true),
        ("${name} = 'Awa Essai'", true),
        ("${day} = '2026-11-23'", true),
        ("${day} > '2026-11-22' and ${day} < '2026-12-01'", true),
        // Missing answers: no comparison holds, whatever the sign.
        ("${other_day} = '2026-11-23'", false),
        ("${other_day} != '2026-11-23'", false),
        ("${day} >= ${other_day}", false),
        ("${other_day} = ''", true),
        ("${other_day} != ''", false),
        ("${day} != '' and ${day} = ''", false),
        ("'' = ${ways}", false),
        (". >= 0 and . <= 120", true),
        (". > 42", false),
    ] {
        let expression = Expression::parse(text).unwrap_or_else(|e| panic!("{text}: {e:?}"));
        assert_eq!(expression.check(&Fields), [], "{text}");
        assert_eq!(expression.eval(&answers(), Some(&Answer::Int(42))), expected, "{text}");
    }
}

#[test]
fn a_missing_answer_satisfies_no_comparison() {
    for text in [
        "${age} < 18",
        "${age} >= 18",
        "${sex} = 'F'",
        "${sex} != 'F'",
        "selected(${ways}, 'SMS')",
        "${agreed}",
        ". = 1",
        ". != 1",
    ] {
        let expression = Expression::parse(text).expect(text);
        assert!(!expression.eval(&Answers::new(), None), "{text}");
    }
}

#[test]
fn broken_expressions_say_where() {
    for (text, at) in [
        ("", 0),
        ("${age", 0),
        ("${} = 1", 0),
        ("${age} <", 8),
        ("${age} < 18 18", 12),
        ("(${age} < 18", 12),
        ("age < 18", 0),
        ("${name} = 'open", 10),
        ("selected(${ways})", 16),
        ("selected(${ways}, 3)", 0),
        ("${age} & 3", 7),
        ("${age} ! 3", 7),
        ("1.2.3 = ${age}", 0),
        ("and", 0),
    ] {
        assert_eq!(Expression::parse(text).map_err(|e| e.at), Err(at), "{text}");
    }
    let deep = format!("{}${{agreed}}{}", "(".repeat(5000), ")".repeat(5000));
    assert!(Expression::parse(&deep).is_err(), "depth is bounded");
    assert!(Expression::parse(&"not ".repeat(5000)).is_err());
}

#[test]
fn wrong_types_are_found_before_anybody_answers() {
    for text in [
        "${unknown} = 1",
        "${age} = 'F'",
        "${age} = '18'",
        "${sex} = 'Z'",
        "${sex} > 'F'",
        "${sex} = 1",
        "${ways} = 'SMS'",
        "selected(${ways}, 'FAX')",
        "selected(${age}, '1')",
        "selected('F', 'F')",
        "${agreed} = 'maybe'",
        "${agreed} > 'no'",
        "${day} = 'tomorrow'",
        "${day} < ${age}",
        "${name} < 'B'",
        "${at} = '2026-11-23'",
        "${age}",
        "1 = 1",
        "'' = ''",
        "${age} > ''",
    ] {
        let expression = Expression::parse(text).unwrap_or_else(|e| panic!("{text}: {e:?}"));
        assert_ne!(expression.check(&Fields), [], "{text}");
    }
}
