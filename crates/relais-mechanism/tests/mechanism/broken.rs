//! A broken mechanism: what the check finds, where, and that it goes on.

use relais_mechanism::{
    EdgeRule, Lang, Mechanism, PathwayRules, Priority, Sources, Span, StateRule, check, check_with,
};

use crate::{added, cameroon, codes, edited, only, replaced};

#[test]
fn each_fault_is_found_with_its_place() {
    let f1e = "regional/forms/f1e.toml";
    let limits = "regional/limits.toml";
    let words = "regional/search.toml";
    let cases: &[(&str, &str, &str, &str)] = &[
        (
            "regional/taxonomy.toml",
            "code = \"RCP.01\"",
            "code = \"RCQ.01\"",
            "unknown_reference",
        ),
        (
            "cameroon/bridges.toml",
            "owners = [\"SPM\", \"MINAS\"]",
            "owners = [\"SPM\", \"MINOS\"]",
            "unknown_reference",
        ),
        ("cameroon/bridges.toml", "owners = [\"HCR\"]", "owners = []", "missing"),
        (
            "regional/stages.toml",
            "forms = [\"F1E\"]",
            "forms = [\"F1X\"]",
            "unknown_reference",
        ),
        (
            "cameroon/raci.toml",
            "accountable = [\"MINREX\"]",
            "accountable = [\"MINREY\"]",
            "unknown_reference",
        ),
        (
            "regional/indicators.toml",
            "frequency = \"weekly\"",
            "frequency = \"often\"",
            "unknown_word",
        ),
        (
            "cameroon/bridges.toml",
            "services = [\"LEG.05\"]",
            "services = [\"LEG.99\"]",
            "unknown_reference",
        ),
        (
            "cameroon/on_call.toml",
            "fr = \"Pompiers\"\nen = \"Fire brigade\"\n",
            "",
            "missing",
        ),
        (
            "cameroon/on_call.toml",
            "note_en = \"Not reached from every network.\"\n",
            "",
            "missing",
        ),
        ("regional/taxonomy.toml", "door_en = \"See a doctor\"\n", "", "missing"),
        ("regional/taxonomy.toml", "fr = \"Repas et eau\"", "fr = \"\"", "empty"),
        ("regional/taxonomy.toml", "en = \"Meals and water\"\n", "", "missing"),
        (
            "regional/taxonomy.toml",
            "discreet_fr = \"Hébergement\"\ndiscreet_en = \"Accommodation\"\n",
            "",
            "discreet_label",
        ),
        (
            "regional/taxonomy.toml",
            "discreet_en = \"Accommodation\"\n",
            "",
            "missing",
        ),
        (
            "regional/taxonomy.toml",
            "needs = [\"health\"]",
            "needs = [\"helth\"]",
            "unknown_word",
        ),
        (
            "regional/taxonomy.toml",
            "min_sensitivity = \"S2\"",
            "min_sensitivity = \"S5\"",
            "unknown_word",
        ),
        (
            "regional/taxonomy.toml",
            "confidential = true",
            "confidentiel = true",
            "unknown_key",
        ),
        (
            words,
            "services = [\"RCP.04\"]",
            "services = [\"RCP.94\"]",
            "unknown_reference",
        ),
        (
            words,
            "services = [\"DOC\"]",
            "services = [\"DOK\"]",
            "unknown_reference",
        ),
        (
            words,
            "targets = [\"youth\"]",
            "targets = [\"yuth\"]",
            "unknown_reference",
        ),
        (words, "targets = [\"youth\"]\n", "", "no_meaning"),
        (words, "language = \"sgn\"", "language = \"xxx\"", "unknown_reference"),
        (words, "sense = \"free\"", "sense = \"fre\"", "unknown_word"),
        (words, "en = [\"francophone\"", "en = [\"…\"", "empty"),
        (words, "en = [\"sign language\"]\n", "", "empty"),
        (
            "cameroon/search.toml",
            "place = \"CM005004\"",
            "place = \"CM999\"",
            "unknown_reference",
        ),
        (limits, "decide = \"48 h\"", "decide = \"48 hours\"", "span"),
        (limits, "decide = \"48 h\"", "decide = \"agreed\"", "span"),
        (limits, "confirm = \"10 wd\"\n", "", "missing"),
        (limits, "waitlist_review = \"30 d\"\n", "", "no_limit"),
        (
            limits,
            "services = [\"MED.01\"]",
            "services = [\"MED.99\"]",
            "unknown_reference",
        ),
        (limits, "no_shows_max = 3", "no_shows_max = \"three\"", "wrong_kind"),
        (limits, "no_shows_max = 3", "no_shows_max = -3", "wrong_kind"),
        (limits, "expire_percent = 200", "expire_percent = 300", "ladder"),
        (limits, "acknowledge = \"2 h\"", "acknowledge = \"5 h\"", "limits_order"),
        ("regional/pathway.toml", "owner = \"sender\"\n", "", "missing"),
        (
            "regional/pathway.toml",
            "due = \"acknowledge\"",
            "due = \"someday\"",
            "unknown_word",
        ),
        (
            "regional/pathway.toml",
            "from = \"draft\", command = \"send\"",
            "from = \"drafft\", command = \"send\"",
            "unknown_reference",
        ),
        (
            "regional/pathway.toml",
            "command = \"send\", to",
            "command = \"sned\", to",
            "unknown_reference",
        ),
        ("regional/sharing.toml", "\"VOT\"", "\"VOX\"", "unknown_reference"),
        ("regional/sharing.toml", "priorities = [\"P1\"]\n", "", "vital"),
        (
            "regional/words.toml",
            "sensitivity = \"S4\"",
            "sensitivity = \"S3\"",
            "class_sensitivity",
        ),
        (f1e, "type = \"int\"", "type = \"integer\"", "unknown_word"),
        (f1e, "class = \"identity\"\n", "", "missing"),
        (f1e, "purpose = \"receive\"\n", "", "missing"),
        (f1e, "sensitivity = \"S1\"\n", "", "missing"),
        (f1e, "sensitivity = \"S1\"", "sensitivity = \"S4\"", "class_sensitivity"),
        (f1e, "options = \"sex\"", "options = \"sexe\"", "unknown_reference"),
        (f1e, "options = \"sex\"\n", "", "missing"),
        (f1e, "code = \"F1E.03\"", "code = \"F1E.01\"", "twice"),
        (f1e, "code = \"F1E.03\"", "code = \"F2E.03\"", "field_code"),
        (f1e, "required = \"always\"", "required = \"sometimes\"", "required"),
        (
            f1e,
            "relevant = \"not (${F1E.02} = 'no')\"",
            "relevant = \"not (${F1E.02} = 'no'\"",
            "expression",
        ),
        (
            f1e,
            "relevant = \"not (${F1E.02} = 'no')\"",
            "relevant = \"not (${F1E.22} = 'no')\"",
            "expression",
        ),
        (
            f1e,
            "relevant = \"not (${F1E.02} = 'no')\"",
            "relevant = \"not (${F1E.02} = 'nein')\"",
            "expression",
        ),
        (
            f1e,
            "relevant = \"not (${F1E.02} = 'no')\"",
            "relevant = \"${F1E.03} = 'x'\"",
            "expression",
        ),
        (
            f1e,
            "constraint_message_en = \"Write an age from 0 to 120.\"\n",
            "",
            "missing",
        ),
        (
            "cameroon/mechanism.toml",
            "regime = \"transitional\"",
            "regime = \"vital\"",
            "unknown_word",
        ),
        (
            "cameroon/mechanism.toml",
            "utc_offset_minutes = 60",
            "utc_offset_minutes = 6000",
            "offset",
        ),
        ("cameroon/places.toml", "lat = 7.32765\n", "", "coordinates"),
        (
            "cameroon/places.toml",
            "region = \"CM001\"",
            "region = \"CM0O1\"",
            "unknown_reference",
        ),
        (
            "cameroon/calendar.toml",
            "date = 2026-05-20",
            "date = \"20 May\"",
            "wrong_kind",
        ),
        ("cameroon/calendar.toml", "closes = \"15:30\"\n", "", "hours"),
        (
            "cameroon/calendar.toml",
            "scope = \"national\"\n",
            "scope = \"national\"\nparent = \"CM001\"\n",
            "circular",
        ),
        (
            "cameroon/bodies.toml",
            "type = \"GOV_C\"",
            "type = \"GOV\"",
            "unknown_reference",
        ),
    ];
    for (path, from, to, code) in cases {
        let sources = replaced(path, from, to);
        let found = check(&sources);
        let wanted = found.iter().find(|f| f.code == *code);
        let finding = wanted.unwrap_or_else(|| panic!("{path}: {from:?} → {to:?}: no {code} in {found:#?}"));
        for lang in Lang::ALL.iter().copied() {
            assert!(
                !finding.cause.get(lang).trim().is_empty() && !finding.remedy.get(lang).trim().is_empty(),
                "{finding:?}"
            );
        }
        assert_ne!(finding.cause.fr, finding.cause.en, "{finding:?}");
    }
}

#[test]
fn a_finding_names_file_line_and_column() {
    let sources = replaced("regional/forms/f1e.toml", "options = \"sex\"", "options = \"sexe\"");
    let finding = only(&sources);
    let text = &sources.files["regional/forms/f1e.toml"];
    let line = text
        .lines()
        .position(|l| l.contains("\"sexe\""))
        .expect("the line is there")
        + 1;
    assert_eq!(
        (&*finding.at.file, finding.at.line, finding.at.column),
        ("regional/forms/f1e.toml", line, 11)
    );
    let shown = finding.line(Lang::Fr);
    assert!(
        shown.starts_with(&format!("regional/forms/f1e.toml:{line}:11: ")) && shown.contains("Remède"),
        "{shown}"
    );
}

#[test]
fn all_faults_are_found_not_the_first() {
    let sources = edited("regional/limits.toml", |t| {
        t.replace("decide = \"48 h\"", "decide = 48")
            .replace("expire_percent = 200", "expire_percent = 300")
    });
    let mut sources = sources;
    sources.files.insert(
        "regional/taxonomy.toml".into(),
        "[[category]]\ncode = \"RCP\"\n= broken\n".into(),
    );
    sources.files.remove("regional/notices/oral.en.md");
    let found = codes(&sources);
    for code in [
        "toml",
        "wrong_kind",
        "ladder",
        "missing",
        "missing_notice",
        "unknown_reference",
    ] {
        assert!(found.contains(&code), "{code} in {found:?}");
    }
}

#[test]
fn a_region_without_anybody_to_call_fails() {
    let bare = edited("cameroon/on_call.toml", |t| {
        t.split("[[fallback]]").next().unwrap_or_default().to_owned()
    });
    assert_eq!(codes(&bare), ["no_on_call"; 10]);
    let empty = edited("cameroon/on_call.toml", |t| {
        t.replace("number = \"1503\"", "number = \"\"")
            .replace("number = \"116\"", "number = \" \"")
            .replace("number = \"119\"", "number = \"\"")
    });
    assert_eq!(codes(&empty), ["no_on_call"; 10], "an empty fallback is none");
}

#[test]
fn an_unknown_country_says_so() {
    let found = check(&Sources::embedded("atlantis"));
    assert!(
        found
            .iter()
            .any(|f| f.code == "missing_layer" && *f.at.file == *"atlantis/"),
        "{found:#?}"
    );
}

#[test]
fn an_overlay_adds_replaces_and_removes_by_code() {
    let m = Mechanism::load(&added(
        "[[service]]\ncode = \"COM.05\"\nfr = \"Radio locale\"\nen = \"Local radio\"\nmin_sensitivity = \"S1\"\n\
         [[service]]\ncode = \"COM.04\"\nremoves = true\n\
         [[service]]\ncode = \"COM.03\"\nreplaces = true\nfr = \"Sport\"\nen = \"Sport\"\n\
         [[list]]\ncode = \"sex\"\nreplaces = true\noptions = [{ code = \"X\", removes = true }, { code = \"U\", fr = \"Inconnu\", en = \"Unknown\" }]\n\
         [[form]]\ncode = \"F1E\"\nreplaces = true\n[[form.section]]\ncode = \"tonight\"\nreplaces = true\n[[form.section.field]]\ncode = \"F1E.08\"\nreplaces = true\nrequired = \"always\"\n",
    ))
    .expect("a right overlay");
    assert_eq!(m.services().len(), 101);
    assert_eq!(
        m.service_type("COM.05").map(|s| s.label.en.as_str()),
        Some("Local radio")
    );
    assert_eq!(m.service_type("COM.04"), None);
    let sport = m.service_type("COM.03").expect("replaced, not removed");
    assert_eq!(
        (sport.label.fr.as_str(), sport.min_sensitivity),
        ("Sport", relais_mechanism::Sensitivity::S1)
    );
    let sexes: Vec<_> = m
        .option_list("sex")
        .expect("there")
        .choices
        .iter()
        .map(|c| c.code.as_str())
        .collect();
    assert_eq!(sexes, ["F", "M", "U"]);
    assert_eq!(m.option_label("svc", "COM.05", Lang::Fr), Some("Radio locale"));
    let field = m.form("F1E").and_then(|f| f.field("F1E.08")).expect("there");
    assert_eq!(field.required, relais_mechanism::form::Required::Always);
    assert_eq!(
        field.label,
        cameroon()
            .form("F1E")
            .and_then(|f| f.field("F1E.08"))
            .expect("there")
            .label
    );
}

#[test]
fn what_stands_after_a_removed_entry_is_still_found_by_its_code() {
    let m = Mechanism::load(&added(
        "[[service]]\ncode = \"COM.03\"\nremoves = true\n\
         [[service]]\ncode = \"COM.04\"\nreplaces = true\nfr = \"Sport\"\nen = \"Sport\"\n\
         [[service]]\ncode = \"COM.03\"\nfr = \"Chorale\"\nen = \"Choir\"\nmin_sensitivity = \"S1\"\n",
    ))
    .expect("a right overlay");
    let name = |code: &str| m.service_type(code).map(|s| s.label.en.clone());
    assert_eq!(name("COM.04").as_deref(), Some("Sport"));
    assert_eq!(name("COM.03").as_deref(), Some("Choir"));
    assert_eq!(m.services().len(), cameroon().services().len());
    for before in cameroon().services().iter().filter(|s| !s.code.starts_with("COM.0")) {
        assert_eq!(name(&before.code).as_deref(), Some(before.label.en.as_str()));
    }
}

#[test]
fn an_overlay_that_does_not_fit_is_a_finding() {
    for (text, code) in [
        (
            "[[service]]\ncode = \"RCP.01\"\nfr = \"x\"\nen = \"y\"\nmin_sensitivity = \"S2\"\n",
            "code_exists",
        ),
        (
            "[[service]]\ncode = \"RCP.77\"\nreplaces = true\nfr = \"x\"\n",
            "nothing_to_replace",
        ),
        ("[[service]]\ncode = \"RCP.77\"\nremoves = true\n", "nothing_to_replace"),
        ("[[category]]\ncode = \"COM\"\nremoves = true\n", "unknown_reference"),
        ("[[sevrice]]\ncode = \"X\"\n", "unknown_table"),
        ("[rules]\ngrace_dais = 3\n", "unknown_key"),
        (
            "[[role]]\ncode = \"minister\"\nfr = \"Ministre\"\nen = \"Minister\"\n",
            "unknown_word",
        ),
        ("[[priority]]\ncode = \"P4\"\nremoves = true\n", "missing_word"),
        ("service = 3\n", "wrong_kind"),
        ("mechanism = 3\n", "twice"),
    ] {
        let found = codes(&added(text));
        assert!(found.contains(&code), "{text}: {found:?}");
    }
    let set = Mechanism::load(&added("[rules]\ngrace_days = 60\n")).expect("a country may set a count");
    assert_eq!(set.grace_days(), 60);
}

/// The files' own pathway, as rules that agree with it.
fn agreeing() -> PathwayRules {
    let m = cameroon();
    PathwayRules {
        states: m
            .states()
            .iter()
            .map(|s| StateRule {
                code: s.code.clone(),
                waiting: s.waiting.is_some(),
            })
            .collect(),
        edges: m
            .edges()
            .iter()
            .map(|e| EdgeRule {
                from: e.from.clone(),
                command: e.command.clone(),
                to: e.to.clone(),
            })
            .collect(),
    }
}

#[test]
fn the_pathway_is_compared_with_the_code_both_ways() {
    let sources = Sources::embedded("cameroon");
    assert_eq!(check_with(&sources, &agreeing()), []);
    let differing = |change: fn(&mut PathwayRules)| -> Vec<&'static str> {
        let mut rules = agreeing();
        change(&mut rules);
        check_with(&sources, &rules).iter().map(|f| f.code).collect()
    };
    let edge = || EdgeRule {
        from: "sent".into(),
        command: "leap".into(),
        to: "closed".into(),
    };
    assert_eq!(edge().command, "leap");
    assert_eq!(
        differing(|r| r.edges.push(EdgeRule {
            from: "sent".into(),
            command: "leap".into(),
            to: "closed".into()
        })),
        ["missing_edge"]
    );
    assert_eq!(differing(|r| drop(r.edges.remove(0))), ["unknown_edge"]);
    assert_eq!(
        differing(|r| r.states.push(StateRule {
            code: "limbo".into(),
            waiting: true
        })),
        ["missing_state"]
    );
    assert_eq!(differing(|r| drop(r.states.remove(17))), ["unknown_state"]);
    assert_eq!(differing(|r| r.states[1].waiting = false), ["waiting"]);
    assert_eq!(differing(|r| r.states[17].waiting = true), ["waiting"]);
}

#[test]
fn limits_of_a_broken_country_do_not_leak_into_a_right_one() {
    assert!(Mechanism::load(&replaced("regional/limits.toml", "decide = \"48 h\"", "decide = \"?\"")).is_err());
    assert_eq!(cameroon().limits(Priority::P2, "DOC.01").decide, Span::Minutes(48 * 60));
}
