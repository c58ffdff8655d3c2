use super::*;
use crate::diff::{Kind, diff};

fn cameroon() -> Mechanism {
    Mechanism::embedded("cameroon").expect("the built-in mechanism is whole")
}

fn one(path: &str, value: &str) -> Vec<(String, String)> {
    vec![(path.to_owned(), value.to_owned())]
}

/// Another value that the parameter may have.
fn another(value: &str) -> String {
    match (Span::parse(value), value) {
        (Some(Span::AgreedDate), _) => "9 wd".to_owned(),
        (Some(Span::WorkingDays(n)), _) => Span::WorkingDays(n + 1).written(),
        (Some(Span::Minutes(n)), _) if n >= 4 * 1440 => Span::Minutes(n + 1440).written(),
        (Some(Span::Minutes(n)), _) => Span::Minutes(n + 60).written(),
        (None, "true") => "false".to_owned(),
        (None, "false") => "true".to_owned(),
        (None, "none") => "declared_or_interim".to_owned(),
        (None, "required" | "declared_or_interim") => "none".to_owned(),
        (None, "90, 30, 0") => "60, 7".to_owned(),
        (None, number) => (number.parse::<u32>().expect("a number") + 1).to_string(),
    }
}

#[test]
fn every_parameter_can_be_changed_and_reads_back() {
    let before = cameroon();
    let listed = parameters(&before);
    assert!(listed.len() > 80, "{}", listed.len());
    let changes: Vec<(String, String)> = listed.iter().map(|p| (p.path.clone(), another(&p.value))).collect();
    let after = amended(&before, &changes, "all").expect("each is legal");
    for (path, value) in &changes {
        assert_eq!(
            parameter(&after, path).map(|p| p.value).as_deref(),
            Some(value.as_str()),
            "{path}"
        );
    }
    let told = diff(&before, &after);
    assert_eq!(told.len(), changes.len() + 1, "each change once, and the version");
    assert!(
        told[1..].iter().all(|c| matches!(c.what, Kind::Deadline | Kind::Rule)),
        "{told:#?}"
    );
}

#[test]
fn one_change_is_one_line_of_the_files_and_of_the_difference() {
    let before = cameroon();
    let version = next_version(&before);
    assert_eq!(version, "2026.2");
    for (path, value, code, written) in [
        ("priority.P3.decide", "4 jours ouvrables", "P3 decide", "4 wd"),
        ("priority.P4.first_contact", "8 wd", "P4 first_contact", "8 wd"),
        ("priority.P2.answer_pauses", "non", "P2 answer_pauses", "no"),
        ("rule.notice_days", "60 7", "notice_days", "60, 7"),
        ("rule.directory_stale_days", "150", "directory_stale_days", "150"),
    ] {
        let after = amended(&before, &one(path, value), &version).expect("legal");
        assert_eq!(after.version(), "cm-2026.2");
        let told = diff(&before, &after);
        assert_eq!(told.len(), 2, "{told:#?}");
        assert_eq!(told[0].code, "mechanism version");
        assert_eq!((told[1].code.as_str(), told[1].new.as_deref()), (code, Some(written)));
        let (old, new) = (files(&before), files(&after));
        let moved: Vec<_> = old.iter().zip(&new).filter(|(a, b)| a != b).collect();
        assert_eq!((moved.len(), old.len()), (2, new.len()), "{path}: {moved:#?}");
        assert!(
            moved
                .iter()
                .all(|(a, b)| a.find('#').map(|at| &a[at..]) == b.find('#').map(|at| &b[at..])),
            "comments stay: {moved:#?}"
        );
    }
}

/// Every line of every file.
fn files(m: &Mechanism) -> Vec<String> {
    let sources = Sources::from_bundle(m.bundle()).expect("a bundle");
    let texts = sources.files.into_values();
    texts
        .flat_map(|t| t.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

#[test]
fn the_countrys_own_figure_is_the_one_that_changes() {
    let mut sources = Sources::embedded("cameroon");
    let own = "[[priority]]\ncode = \"P3\"\nreplaces = true\ndecide = \"6 wd\" # ours\n";
    sources.files.insert("cameroon/zz-test.toml".to_owned(), own.to_owned());
    let before = Mechanism::load(&sources).expect("a right overlay");
    let after = amended(&before, &one("priority.P3.decide", "3 wd"), "x").expect("legal");
    assert_eq!(parameter(&after, "priority.P3.decide").expect("there").value, "3 wd");
    let kept = Sources::from_bundle(after.bundle()).expect("a bundle");
    assert_eq!(kept.files["cameroon/zz-test.toml"], own.replace("6 wd", "3 wd"));
    assert_eq!(
        kept.files["regional/limits.toml"],
        sources.files["regional/limits.toml"]
    );
}

#[test]
fn a_wrong_value_is_a_finding_that_names_the_parameter() {
    let m = cameroon();
    for (path, value, code, named) in [
        ("priority.P3.decide", "bientôt", "span", "decide"),
        ("priority.P3.decide", "4", "span", "decide"),
        ("priority.P3.decide", "agreed", "span", "decide"),
        ("priority.P3.decide", "0 wd", "zero", "P3"),
        ("priority.P3.decide", "4000000 wd", "too_long", "P3"),
        ("priority.P3.decide", "1 wd", "limits_order", "P3"),
        ("priority.P3.on_call", "always", "unknown_word", "always"),
        ("priority.P3.answer_pauses", "perhaps", "wrong_kind", "answer_pauses"),
        (
            "rule.directory_stale_days",
            "3\n[[service]]",
            "wrong_kind",
            "directory_stale_days",
        ),
        ("rule.directory_stale_days", "-3", "wrong_kind", "directory_stale_days"),
        ("rule.notice_days", "soon", "missing", "notice_days"),
        ("rule.smallest_count", "0", "zero", "smallest count"),
        ("rule.expire_percent", "300", "unknown_parameter", "rule.expire_percent"),
        ("priority.P3.code", "P9", "unknown_parameter", "priority.P3.code"),
    ] {
        let found = amended(&m, &one(path, value), "x").expect_err(value);
        assert_eq!(found[0].code, code, "{path} {value}: {found:#?}");
        let named_there = found.iter().all(|f| f.cause.en.contains(named));
        assert!(named_there, "{path} {value}: {found:#?}");
    }
}

#[test]
fn each_parameter_has_its_layer() {
    let m = cameroon();
    let of = |path: &str| parameter(&m, path).map(|p| p.layer);
    for (path, layer) in [
        ("priority.P1.decide", Layer::Principle),
        ("priority.P2.decide", Layer::Procedure),
        ("priority.P3.decide", Layer::Procedure),
        ("rule.consent_days", Layer::Principle),
        ("rule.minutes_per_number", Layer::Principle),
        ("rule.confirmation_reminder_days", Layer::Parameter),
        ("rule.directory_stale_days", Layer::Parameter),
        ("rule.transfer_answer", Layer::Procedure),
    ] {
        assert_eq!(of(path), Some(layer), "{path}");
    }
    assert_eq!(
        of("priority.P1.waitlist_review"),
        None,
        "an emergency has no waiting list"
    );
    assert_eq!(
        of("priority.P1.answer_pauses"),
        None,
        "a question never stops its clock"
    );
    let words = parameter(&m, "priority.P3.decide").expect("there");
    assert_eq!(words.label.fr, "P3 – décider");
    assert_eq!(words.in_words(Lang::Fr), "5 jours ouvrables");
}
