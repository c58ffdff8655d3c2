use super::*;
use crate::Sources;

/// Cameroon's mechanism with `from` replaced once in a file; it must be there.
fn changed(path: &str, from: &str, to: &str) -> Mechanism {
    let mut sources = Sources::embedded("cameroon");
    let text = &sources.files[path];
    assert!(text.contains(from), "{path} does not hold {from:?}");
    let text = text.replacen(from, to, 1);
    sources.files.insert(path.to_owned(), text);
    Mechanism::load(&sources).expect("still whole")
}

/// Cameroon's mechanism with a file added to the country.
fn added(text: &str) -> Mechanism {
    let mut sources = Sources::embedded("cameroon");
    sources
        .files
        .insert("cameroon/zz-test.toml".to_owned(), text.to_owned());
    Mechanism::load(&sources).expect("a right overlay")
}

fn cameroon() -> Mechanism {
    Mechanism::embedded("cameroon").expect("the built-in mechanism is whole")
}

fn change(what: Kind, code: &str, old: Option<&str>, new: Option<&str>) -> Change {
    Change {
        what,
        code: code.to_owned(),
        old: old.map(str::to_owned),
        new: new.map(str::to_owned),
    }
}

#[test]
fn a_mechanism_does_not_differ_from_itself() {
    let found = diff(&cameroon(), &cameroon());
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_comment_and_the_order_of_entries_change_nothing() {
    let commented = changed("regional/limits.toml", "[[ladder]]", "# A comment.\n[[ladder]]");
    let found = diff(&cameroon(), &commented);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn one_changed_deadline_is_the_one_change() {
    let other = changed(
        "regional/limits.toml",
        "acknowledge = \"2 wd\"",
        "acknowledge = \"4 wd\"",
    );
    let found = diff(&cameroon(), &other);
    let expected = change(Kind::Deadline, "P3 acknowledge", Some("2 wd"), Some("4 wd"));
    assert_eq!(found, [expected]);
    let told = &found[0];
    assert_eq!(told.name(Lang::Fr), "P3 – accuser réception");
    assert_eq!(told.old_words(Lang::Fr).as_deref(), Some("2 jours ouvrables"));
    assert_eq!(told.new_words(Lang::En).as_deref(), Some("4 working days"));
    // And the other way round.
    let back = diff(&other, &cameroon());
    assert_eq!(
        back,
        [change(Kind::Deadline, "P3 acknowledge", Some("4 wd"), Some("2 wd"))]
    );
}

#[test]
fn what_tightens_every_service_is_told_once() {
    // SL6 tightens the news of a P1 to the very length that P1 has.
    let other = changed(
        "regional/limits.toml",
        "of = \"news\"\nlimit = \"24 h\"",
        "of = \"news\"\nlimit = \"12 h\"",
    );
    assert_eq!(
        diff(&cameroon(), &other),
        [change(Kind::ServiceLimit, "SL6 limit", Some("24 h"), Some("12 h"))]
    );
}

#[test]
fn rules_services_and_fields_are_told_by_code() {
    let other = added(
        "[rules]\ngrace_days = 60\n\
         [[service]]\ncode = \"COM.05\"\nfr = \"Radio locale\"\nen = \"Local radio\"\nmin_sensitivity = \"S1\"\n\
         [[service]]\ncode = \"COM.04\"\nremoves = true\n\
         [[service]]\ncode = \"COM.03\"\nreplaces = true\nfr = \"Jeux\"\n\
         [[form]]\ncode = \"F1E\"\nreplaces = true\n[[form.section]]\ncode = \"tonight\"\nreplaces = true\n\
         [[form.section.field]]\ncode = \"F1E.08\"\nreplaces = true\nrequired = \"always\"\n",
    );
    let from = cameroon();
    let found = diff(&from, &other);
    let label = |m: &Mechanism, code: &str| m.service_type(code).expect("there").label.clone();
    let whole = |l: &Label| format!("{} / {}", l.fr, l.en);
    assert!(
        found.contains(&change(Kind::Rule, "grace_days", Some("90"), Some("60"))),
        "{found:#?}"
    );
    assert!(
        found.contains(&change(
            Kind::Service,
            "COM.05",
            None,
            Some("Radio locale / Local radio")
        )),
        "{found:#?}"
    );
    let gone = whole(&label(&from, "COM.04"));
    assert!(
        found.contains(&change(Kind::Service, "COM.04", Some(gone.as_str()), None)),
        "{found:#?}"
    );
    // Only the French was given another word.
    let was = label(&from, "COM.03").fr;
    assert!(
        found.contains(&change(Kind::Service, "COM.03", Some(was.as_str()), Some("Jeux"))),
        "{found:#?}"
    );
    assert!(
        found.contains(&change(
            Kind::Field,
            "F1E.08 required",
            Some("optional"),
            Some("always")
        )),
        "{found:#?}"
    );
    let kinds: BTreeSet<Kind> = found.iter().map(|c| c.what).collect();
    assert!(
        kinds.iter().all(|k| matches!(
            k,
            Kind::Rule | Kind::Category | Kind::Service | Kind::Sharing | Kind::Field
        )),
        "{found:#?}"
    );
    // The order of kinds is the order of the telling.
    assert!(found.is_sorted_by_key(|c| c.what));
}

#[test]
fn a_cell_of_the_sharing_matrix_is_told_once_for_its_category() {
    let needs = "needs = [\"health\"]";
    let other = changed("regional/taxonomy.toml", needs, "needs = [\"health\", \"family\"]");
    let found = diff(&cameroon(), &other);
    assert_eq!(found.len(), 1, "{found:#?}");
    let cell = &found[0];
    assert_eq!((cell.what, cell.old.as_deref()), (Kind::Sharing, None));
    assert!(cell.code.ends_with(" family"), "{cell:?}");
    assert!(!cell.name(Lang::Fr).contains("family"), "{cell:?}");
}

#[test]
fn a_changed_template_is_told_by_its_code() {
    let mut sources = Sources::embedded("cameroon");
    let text = sources
        .files
        .get_mut("regional/documents/_principles.fr.md")
        .expect("the principles");
    text.push('\n');
    let other = Mechanism::load(&sources).expect("whole");
    let found = diff(&cameroon(), &other);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(
        (found[0].what, found[0].code.as_str()),
        (Kind::Document, "_principles text_fr")
    );
}

#[test]
fn every_kind_and_aspect_has_words_in_both_languages() {
    for kind in Kind::ALL.iter().copied() {
        assert!(
            !kind.label(Lang::Fr).is_empty() && !kind.label(Lang::En).is_empty(),
            "{kind}"
        );
    }
    for entry in entries::of(&cameroon()) {
        let aspects = entry.more.iter().map(|(name, _)| *name);
        let own = (entry.what == Kind::Rule).then_some(entry.code.as_str());
        for aspect in aspects.chain(own) {
            assert!(words::aspect(aspect, Lang::Fr).is_some(), "{} {aspect}", entry.what);
        }
    }
}

#[test]
fn no_code_holds_a_blank_that_would_part_it_from_what_changed() {
    for entry in entries::of(&cameroon()) {
        assert!(!entry.code.contains(' '), "{} {}", entry.what, entry.code);
    }
}
