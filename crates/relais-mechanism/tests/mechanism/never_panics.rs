//! Mutated files: the check always ends with findings or a mechanism that can
//! be used, and never panics.

use proptest::prelude::*;
use relais_mechanism::expression::Expression;
use relais_mechanism::{Answers, Lang, Mechanism, Priority, Sources, check};

/// One change of a file: cut, doubled, replaced or swapped text.
#[derive(Debug, Clone)]
enum Change {
    Cut(f64, usize),
    Insert(f64, String),
    DropLine(f64),
    DoubleLine(f64),
    SwapLines(f64, f64),
}

fn change() -> impl Strategy<Value = Change> {
    let junk = prop_oneof![
        any::<String>(),
        proptest::sample::select(vec![
            "\"",
            "'",
            "[",
            "]]",
            "=",
            "\n",
            "code = 3\n",
            "[[form]]\n",
            "${",
            "true",
            "-1",
            "99999999999999999999",
            "replaces = true\n",
            "removes = true\n",
            "\u{0}",
            "é",
            "{ code = \"x\" }",
            "nan",
            "1e400",
            "2026-02-30",
        ])
        .prop_map(str::to_owned),
    ];
    prop_oneof![
        (0.0..1.0, 1..60_usize).prop_map(|(at, n)| Change::Cut(at, n)),
        (0.0..1.0, junk).prop_map(|(at, text)| Change::Insert(at, text)),
        (0.0..1.0).prop_map(Change::DropLine),
        (0.0..1.0).prop_map(Change::DoubleLine),
        (0.0..1.0, 0.0..1.0).prop_map(|(a, b)| Change::SwapLines(a, b)),
    ]
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place in a short text"
)]
fn place(of: usize, at: f64) -> usize {
    ((of as f64) * at) as usize
}

fn apply(text: &str, change: &Change) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    match change {
        Change::Cut(at, n) => {
            let from = place(chars.len(), *at);
            let to = (from + n).min(chars.len());
            chars[..from].iter().chain(&chars[to..]).collect()
        }
        Change::Insert(at, junk) => {
            let from = place(chars.len(), *at);
            chars[..from]
                .iter()
                .copied()
                .chain(junk.chars())
                .chain(chars[from..].iter().copied())
                .collect()
        }
        _ if lines.is_empty() => String::new(),
        Change::DropLine(at) => {
            lines.remove(place(lines.len(), *at));
            lines.concat()
        }
        Change::DoubleLine(at) => {
            let at = place(lines.len(), *at);
            lines.insert(at, lines[at]);
            lines.concat()
        }
        Change::SwapLines(a, b) => {
            let (a, b) = (place(lines.len(), *a), place(lines.len(), *b));
            lines.swap(a, b);
            lines.concat()
        }
    }
}

/// Uses a mechanism that was found right, as its callers do.
fn use_it(m: &Mechanism) {
    for service in m.services() {
        for priority in Priority::ALL.iter().copied() {
            let _ = m.limits(priority, &service.code);
        }
    }
    for form in m.forms() {
        let raw = form.fields().map(|f| (f.code.clone(), vec!["1".to_owned()])).collect();
        let _ = form.read(&raw, &Answers::new());
    }
    let _ = m.find_place("garoua");
    let _ = m.country().phone.display("+237677123456");
}

proptest! {
    // Each case parses every file of the mechanism.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn mutated_files_give_findings_or_a_usable_mechanism(
        file in any::<proptest::sample::Index>(),
        changes in proptest::collection::vec(change(), 1..5),
    ) {
        let mut sources = Sources::embedded("cameroon");
        let paths: Vec<String> = sources.files.keys().filter(|p| p.ends_with(".toml")).cloned().collect();
        let path = file.get(&paths);
        let mutated = changes.iter().fold(sources.files[path].clone(), |text, c| apply(&text, c));
        sources.files.insert(path.clone(), mutated);
        match Mechanism::load(&sources) {
            Ok(m) => use_it(&m),
            Err(broken) => {
                prop_assert!(!broken.findings.is_empty());
                for finding in &broken.findings {
                    prop_assert!(!finding.line(Lang::Fr).is_empty() && !finding.line(Lang::En).is_empty());
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_text_is_an_expression_or_an_error(
        text in prop_oneof![any::<String>(), "(\\$\\{[a-z.]{0,3}\\}|and|or|not|selected|[()',.<>=!0-9 a-z-]){0,24}"]
    ) {
        match Expression::parse(&text) {
            Ok(expression) => { let _ = expression.eval(&Answers::new(), None); }
            Err(error) => prop_assert!(error.at <= text.len()),
        }
    }

    #[test]
    fn any_text_as_the_only_file_is_checked(text in any::<String>()) {
        let files = [("regional/a.toml".to_owned(), text.clone()), ("x/b.toml".to_owned(), text)];
        prop_assert!(!check(&Sources::of("x", files)).is_empty());
    }
}
