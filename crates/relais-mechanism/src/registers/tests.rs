use super::*;
use crate::finding::Finding;
use crate::{Sources, check};

fn cameroon() -> Mechanism {
    Mechanism::embedded("cameroon").expect("the built-in mechanism is whole")
}

/// The built-in files with registers of the country beside them.
fn with(text: &str) -> Sources {
    let mut sources = Sources::embedded("cameroon");
    sources
        .files
        .insert("cameroon/zz-test.toml".to_owned(), text.to_owned());
    sources
}

/// A register of one field and one state, with something else in their place.
fn register(fields: &str, states: &str, more: &str) -> String {
    format!(
        "[[register]]\ncode = \"trial\"\nchapter = \"committee\"\nfr = \"Essais\"\nen = \"Trials\"\none_fr = \"Essai\"\n\
         one_en = \"Trial\"\nlead_fr = \"Pour voir.\"\nlead_en = \"To see.\"\n{more}\nfields = [ {fields} ]\n\
         states = [ {states} ]\n"
    )
}

const TITLE: &str =
    "{ code = \"a\", kind = \"line\", max = 10, title = true, required = true, fr = \"A\", en = \"A\" }";
const STATE: &str = "{ code = \"new\", fr = \"nouveau\", en = \"new\", tag = \"ask\", open = true }";
const WRITE: &str = "write = [\"secretariat\"]";

fn found(text: &str) -> Vec<Finding> {
    check(&with(text))
}

fn values(pairs: &[(&str, &[&str])]) -> Values {
    pairs
        .iter()
        .map(|(field, texts)| {
            let texts = texts.iter().map(|t| (*t).to_owned()).collect();
            ((*field).to_owned(), texts)
        })
        .collect()
}

#[test]
fn the_region_holds_every_register_of_the_institution() {
    let m = cameroon();
    let codes: Vec<&str> = m.registers().iter().map(|r| r.code.as_str()).collect();
    assert_eq!(codes.len(), 21, "{codes:?}");
    for chapter in Chapter::ALL.iter().copied() {
        assert!(m.registers().iter().any(|r| r.chapter == chapter), "{chapter} is empty");
    }
    // The thread: indicator, agenda item, decision, action, contribution, rule change, adoption.
    let links = |from: &str, field: &str| {
        let field = m.register(from).and_then(|r| r.field(field));
        field.and_then(|f| f.kind.target()).map(str::to_owned)
    };
    for (from, to) in [
        ("agenda", "session"),
        ("decision", "agenda"),
        ("action", "decision"),
        ("contribution", "action"),
        ("rule_change", "contribution"),
        ("rule_change", "decision"),
        ("adoption", "rule_change"),
        ("recommendation", "finding"),
        ("action", "recommendation"),
    ] {
        assert_eq!(links(from, to).as_deref(), Some(to), "{from} comes from {to}");
    }
    let agenda = m.register("agenda").expect("agenda");
    assert!(agenda.fields.iter().any(|f| f.kind == FieldKind::Indicator));
    let score = m.register("score").expect("score");
    let FieldKind::Choice(criteria) = &score.title_field().kind else {
        panic!("a score is named by its criterion");
    };
    assert_eq!(criteria.len(), 14);
    assert_eq!(
        score.field("level").expect("level").kind,
        FieldKind::Number { least: 0, most: 4 }
    );
    let sealed: Vec<&str> = m
        .registers()
        .iter()
        .filter(|r| r.sealed)
        .map(|r| r.code.as_str())
        .collect();
    assert_eq!(sealed, ["interview"]);
}

#[test]
fn a_mechanism_without_the_file_has_no_register_and_loads() {
    let mut sources = Sources::embedded("cameroon");
    sources.files.remove("regional/registers.toml").expect("the file");
    let m = Mechanism::load(&sources).expect("registers are optional");
    assert!(m.registers().is_empty() && m.register("decision").is_none());
}

#[test]
fn what_is_wrong_with_a_register_is_found_where_it_stands() {
    assert_eq!(
        found(&register(TITLE, STATE, WRITE)),
        [],
        "the register of the trials is whole"
    );
    let choice = "{ code = \"b\", kind = \"choice\", fr = \"B\", en = \"B\" }";
    let link = |to: &str| format!("{{ code = \"b\", kind = \"link\", to = \"{to}\", fr = \"B\", en = \"B\" }}");
    let cases: &[(String, &str)] = &[
        (
            register(&format!("{TITLE}, {}", link("desicion")), STATE, WRITE),
            "unknown_reference",
        ),
        (
            register(&format!("{TITLE}, {}", link("interview")), STATE, WRITE),
            "link_to_sealed",
        ),
        (register(&format!("{TITLE}, {choice}"), STATE, WRITE), "no_options"),
        (
            register(&format!("{TITLE}, {TITLE}").replacen("\"a\"", "\"b\"", 1), STATE, WRITE),
            "two_titles",
        ),
        (register(&TITLE.replace("title = true, ", ""), STATE, WRITE), "no_title"),
        (
            register(&TITLE.replace("required = true, ", ""), STATE, WRITE),
            "title_optional",
        ),
        (
            register(&TITLE.replace("\"line\", max = 10", "\"day\""), STATE, WRITE),
            "title_kind",
        ),
        (
            register(
                &TITLE.replace("en = \"A\"", "hint_fr = \"H\", hint_en = \"\", en = \"A\""),
                STATE,
                WRITE,
            ),
            "empty",
        ),
        (register(&TITLE.replace(", en = \"A\"", ""), STATE, WRITE), "missing"),
        (
            register(&TITLE.replace("max = 10", "due = true"), STATE, WRITE),
            "due_kind",
        ),
        (register(&TITLE.replace("max = 10", "max = 0"), STATE, WRITE), "max"),
        (
            register(&TITLE.replace("\"line\", max = 10", "\"word\""), STATE, WRITE),
            "unknown_word",
        ),
        (
            register(
                &format!("{TITLE}, {{ code = \"n\", kind = \"number\", fr = \"N\", en = \"N\" }}"),
                STATE,
                WRITE,
            ),
            "bounds",
        ),
        (register(TITLE, "", WRITE), "no_state"),
        (register(TITLE, &STATE.replace("ask", "red"), WRITE), "unknown_word"),
        (register(TITLE, &format!("{STATE}, {STATE}"), WRITE), "twice"),
        (register(TITLE, STATE, ""), "nobody_writes"),
        (
            register(TITLE, STATE, "write = [\"secretariat\"]\nsealed = true"),
            "sealed_read",
        ),
        (register(TITLE, STATE, "write = [\"minister\"]"), "unknown_word"),
    ];
    for (text, code) in cases {
        let found = found(text);
        let one = found.iter().find(|f| f.code == *code);
        let one = one.unwrap_or_else(|| panic!("no {code} in {found:#?}\n{text}"));
        assert_eq!(&*one.at.file, "cameroon/zz-test.toml", "{code}");
        assert!(
            one.at.line > 0 && !one.remedy.fr.is_empty() && !one.remedy.en.is_empty(),
            "{code}"
        );
    }
}

#[test]
fn a_country_replaces_states_adds_fields_and_takes_registers_away() {
    let text = "[[register]]\ncode = \"negotiation\"\nremoves = true\n\n[[register]]\ncode = \"decision\"\nreplaces = true\n\
                fields = [ { code = \"budget\", kind = \"number\", most = 9, fr = \"Budget\", en = \"Budget\" } ]\n\
                states = [ { code = \"open\", replaces = true, fr = \"à faire\" } ]\n";
    let m = Mechanism::load(&with(text)).expect("a right overlay");
    assert!(m.register("negotiation").is_none());
    let decision = m.register("decision").expect("decision");
    assert!(decision.field("budget").is_some() && decision.field("agenda").is_some());
    let open = decision.first_state();
    assert_eq!(
        (open.label.fr.as_str(), open.label.en.as_str()),
        ("à faire", "to be carried out")
    );
    let changes = crate::diff::diff(&cameroon(), &m);
    let told: Vec<&str> = changes.iter().map(|c| c.code.as_str()).collect();
    assert!(
        told.contains(&"decision/budget") && told.contains(&"decision/open"),
        "{told:?}"
    );
    assert!(told.contains(&"negotiation"), "{told:?}");
}

#[test]
fn what_is_typed_is_read_and_what_is_kept_is_read_again_as_itself() {
    let m = cameroon();
    let (decision, action) = (
        m.register("decision").expect("decision"),
        m.register("action").expect("action"),
    );
    let id = "0198C0DE-0000-7000-8000-00000000ABCD";
    let typed = values(&[
        ("agenda", &[id]),
        ("text", &["  Relever   le délai\nde réponse "]),
        ("owner", &["Secrétariat"]),
        ("due", &["05/03/2027"]),
        ("outcome", &["Première ligne \r\n\r\nDeuxième\u{7}\r\n"]),
    ]);
    let read = decision.read(&typed, &m).expect("all is right");
    assert_eq!(read["agenda"], [id.to_ascii_lowercase()]);
    assert_eq!(decision.title(&read), "Relever le délai de réponse");
    assert_eq!(read["due"], ["2027-03-05"]);
    assert_eq!(read["outcome"], ["Première ligne\n\nDeuxième"]);
    assert_eq!(decision.read(&read, &m), Ok(read));
    let typed = values(&[
        ("title", &["Former"]),
        ("owner", &["Comité"]),
        ("cost", &["12\u{202f}000 000"]),
        ("depends", &[id, &id.to_ascii_lowercase(), ""]),
        ("indicator", &["N05"]),
        ("funding", &["  "]),
    ]);
    let read = action.read(&typed, &m).expect("all is right");
    assert_eq!(
        (read["cost"].as_slice(), read["depends"].len()),
        (["12000000".to_owned()].as_slice(), 1)
    );
    assert!(!read.contains_key("funding"), "nothing said is nothing kept");
}

#[test]
fn every_mistake_is_told_beside_its_field() {
    let m = cameroon();
    let long = "é".repeat(301);
    let cases: &[(&str, &str, &[&str], &str)] = &[
        ("decision", "text", &[], "required"),
        ("decision", "owner", &["a", "b"], "one_only"),
        ("action", "title", &[long.as_str()], "too_long"),
        ("decision", "due", &["31/02/2027"], "date"),
        ("decision", "agenda", &["DEC-1"], "link"),
        ("decision", "colour", &["red"], "unknown_field"),
        ("score", "level", &["5"], "number"),
        ("score", "level", &["deux"], "number"),
        ("score", "criterion", &["M15"], "unknown_option"),
        ("agenda", "indicator", &["Z99"], "unknown_option"),
        ("workshop", "region", &["CM999"], "unknown_option"),
        ("adoption", "document", &["_legal"], "unknown_option"),
        ("adoption", "document", &["DOC99"], "unknown_option"),
        ("rule_change", "parameter", &["a\u{0}b"], "parameter"),
    ];
    for (register, field, texts, code) in cases {
        let register = m.register(register).expect("the register");
        let wrong = register.read(&values(&[(*field, *texts)]), &m).expect_err(code);
        let told: Vec<&WrongValue> = wrong.iter().filter(|w| w.field == *field).collect();
        assert_eq!(told.iter().map(|w| w.code).collect::<Vec<_>>(), [*code], "{field}");
        assert!(!told[0].fr.is_empty() && !told[0].en.is_empty() && told[0].fr != told[0].en);
    }
    let many: Vec<String> = (0..=MOST_LINKS)
        .map(|n| format!("0198c0de-0000-7000-8000-{n:012x}"))
        .collect();
    let typed = Values::from([("depends".to_owned(), many)]);
    let wrong = m
        .register("action")
        .expect("action")
        .read(&typed, &m)
        .expect_err("too many");
    assert!(wrong.iter().any(|w| w.code == "too_many"));
}
