//! The documents that say what a deployment holds: all nineteen, in both languages,
//! with everything in the registers and with nothing; what is wrong with their blocks.

mod common;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use common::{cameroon, text};
use relais_documents::live::{Live, LiveContribution, LiveFigure, LiveLine, LiveService};
use relais_documents::model::{Block, Row, plain};
use relais_documents::{Document, build_with, check, docx, html, is_live, list};
use relais_mechanism::registers::{FieldKind, Register};
use relais_mechanism::{Lang, Mechanism, Sources};

const LANGS: [Lang; 2] = [Lang::Fr, Lang::En];

/// The documents that say something of the deployment.
const LIVE: &[&str] = &[
    "DOC01", "DOC02", "DOC04", "DOC05", "DOC07", "DOC12", "DOC15", "DOC17", "DOC18",
];

fn say(lang: Lang, fr: &str, en: &str) -> String {
    match lang {
        Lang::Fr => fr.to_owned(),
        Lang::En => en.to_owned(),
    }
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day")
}

/// The nth line of a register: something in each field, earlier days for later lines,
/// links to the first line of the other register.
fn line(register: &Register, n: usize, lang: Lang) -> LiveLine {
    let mut line = LiveLine {
        id: format!("{}-{n}", register.code),
        state: register.states[n % register.states.len()].code.clone(),
        title: format!("{} {n}", register.one.get(lang)),
        ..LiveLine::default()
    };
    for field in &register.fields {
        let mut linked = None;
        let (raw, shown) = match &field.kind {
            FieldKind::Line { .. } | FieldKind::Text { .. } => {
                let words = format!("{} {n}\n{n}", say(lang, "Texte d’essai", "Sample text"));
                (words.clone(), words)
            }
            FieldKind::Day => {
                let day = NaiveDate::from_ymd_opt(2026, 10, 28 - u32::try_from(n).expect("few")).expect("a day");
                (day.to_string(), day.format("%d/%m/%Y").to_string())
            }
            FieldKind::Number { least, most } => {
                let number = (least + i64::try_from(n % 5).expect("few")).min(*most).to_string();
                (number.clone(), number)
            }
            FieldKind::Choice(words) => {
                let word = &words[n % words.len()];
                (word.code.clone(), word.label.get(lang).to_owned())
            }
            FieldKind::Link(to) | FieldKind::Links(to) => {
                let id = format!("{to}-0");
                linked = Some(id.clone());
                (id, say(lang, "Ligne liée", "Linked line"))
            }
            FieldKind::Indicator => ("R05".to_owned(), "R05".to_owned()),
            FieldKind::Region => ("CM005".to_owned(), "Littoral".to_owned()),
            FieldKind::Document => ("DOC10".to_owned(), "DOC10".to_owned()),
            FieldKind::Parameter => ("rule.grace_days".to_owned(), "90".to_owned()),
        };
        // A line does not come from itself.
        if let Some(id) = linked.filter(|id| *id != line.id) {
            line.links.insert(field.code.clone(), vec![id]);
        }
        line.raw.insert(field.code.clone(), vec![raw]);
        line.values.insert(field.code.clone(), vec![shown]);
    }
    line
}

/// Everything that a deployment may hold.
fn filled(m: &Mechanism, lang: Lang) -> Live {
    let lines = |register: &Register| {
        let many = if register.code == "score" { 14 } else { 4 };
        (0..many).map(|n| line(register, n, lang)).collect()
    };
    let service = |region: &str, name: &str| LiveService {
        region: region.to_owned(),
        category: say(lang, "Santé", "Health"),
        organisation: say(lang, "Structure d’essai", "Sample organisation"),
        name: name.to_owned(),
        place: "Douala".to_owned(),
        telephone: "+237 2 00 00 00 01".to_owned(),
        focal_point: say(lang, "Point focal", "Focal point"),
        alternate: say(lang, "Suppléant", "Alternate"),
        confirmed_on: Some(today()),
        address: "https://relais.example/public/services/1".to_owned(),
    };
    Live {
        on: Some(today()),
        registers: m.registers().iter().map(|r| (r.code.clone(), lines(r))).collect(),
        figures: m
            .indicators()
            .iter()
            .map(|i| LiveFigure {
                indicator: i.code.clone(),
                numerator: Some(12),
                denominator: Some(40),
                value: "30 %".to_owned(),
                target: "≥ 90 %".to_owned(),
                source: say(lang, "compté par l’essai", "counted by the sample"),
                split: vec![("Littoral".to_owned(), Some(12)), ("Nord".to_owned(), None)],
            })
            .collect(),
        directory: vec![
            service("Littoral", "Consultation"),
            service("Littoral", "Orientation"),
            service("Nord", "Consultation"),
        ],
        contribution: Some(LiveContribution {
            organisation: say(lang, "Structure d’essai", "Sample organisation"),
            from: today(),
            until: today(),
            received: 40,
            answered: 30,
            in_time: 25,
            served: 20,
            without_means: 3,
            regions: vec![("Littoral".to_owned(), 40)],
            reply_until: Some(today()),
            reply: say(lang, "Réponse d’essai.", "Sample reply."),
        }),
        chosen: None,
    }
}

fn made(live: &Live, code: &str, lang: Lang) -> Document {
    build_with(cameroon(), live, code, lang).unwrap_or_else(|problem| panic!("{code} {lang}: {problem:?}"))
}

/// Headings after which nothing stands before the next of the same level or above.
fn empty_sections(document: &Document) -> Vec<String> {
    let mut empty = Vec::new();
    let mut open: Option<(u8, String)> = None;
    for block in &document.blocks {
        if let Block::Heading(heading) = block {
            if let Some((level, text)) = open.take().filter(|(level, _)| heading.level <= *level) {
                empty.push(format!("{level} {text}"));
            }
            open = Some((heading.level, plain(&heading.text)));
        } else {
            open = None;
        }
    }
    empty.extend(open.map(|(level, text)| format!("{level} {text}")));
    empty
}

/// Tables without a row, and cells that say nothing but that something is left out.
fn hollow(document: &Document) -> Vec<String> {
    let mut hollow = Vec::new();
    for block in &document.blocks {
        let Block::Table(table) = block else { continue };
        if table.rows.is_empty() {
            hollow.push(plain(&table.caption));
        }
        for row in &table.rows {
            if let Row::Cells(cells) = row {
                assert_eq!(
                    cells.len(),
                    table.head.len(),
                    "{}: {}",
                    document.code,
                    plain(&table.caption)
                );
                hollow.extend(cells.iter().map(|c| plain(c)).filter(|c| c == "…" || c == "..."));
            }
        }
    }
    hollow
}

#[test]
fn all_nineteen_are_whole_with_everything_and_with_nothing() {
    let m = cameroon();
    for lang in LANGS {
        let codes: Vec<String> = list(m, lang).into_iter().map(|d| d.code).collect();
        let wanted: Vec<String> = (1..=19).map(|n| format!("DOC{n:02}")).collect();
        assert_eq!(codes, wanted, "{lang}");
        let without = Live {
            on: Some(today()),
            registers: m.registers().iter().map(|r| (r.code.clone(), Vec::new())).collect(),
            ..Live::default()
        };
        for live in [Live::default(), without, filled(m, lang)] {
            for code in &codes {
                let document = made(&live, code, lang);
                assert_eq!(empty_sections(&document), [""; 0], "{code} {lang}");
                assert_eq!(hollow(&document), [""; 0], "{code} {lang}");
                let all = text(&document);
                for left in ["{{", "}}", "TODO", "TBD", "XXX", "Lorem", "[À ", "[to be"] {
                    assert!(!all.contains(left), "{code} {lang}: {left}");
                }
                assert!(html::page(&document).contains("</main>"));
                assert!(docx::file(&document).starts_with(b"PK"));
            }
        }
    }
}

#[test]
fn those_that_say_something_of_the_deployment_are_known_as_such() {
    for lang in LANGS {
        let live: Vec<String> = list(cameroon(), lang)
            .into_iter()
            .map(|d| d.code)
            .filter(|code| is_live(cameroon(), code, lang))
            .collect();
        assert_eq!(live, LIVE, "{lang}");
        for code in LIVE {
            let (full, none) = (
                made(&filled(cameroon(), lang), code, lang),
                made(&Live::default(), code, lang),
            );
            let word = say(lang, "essai", "ample");
            assert!(text(&full).contains(&word), "{code} {lang}");
            let day = "23/11/2026";
            assert!(text(&full).contains(day) && !text(&none).contains(day), "{code} {lang}");
        }
    }
}

/// Words that no sentence of the other language has.
const ENGLISH: &[&str] = &[
    "the", "and", "with", "within", "this", "which", "shall", "must", "from", "whom", "when", "their", "they", "who",
    "would", "should", "not", "each", "every", "days", "hours",
];
const FRENCH: &[&str] = &[
    "les", "des", "une", "est", "dans", "pour", "avec", "sont", "cette", "aux", "qui", "sur", "par", "jours",
];

#[test]
fn each_language_keeps_to_itself() {
    let m = cameroon();
    let words = |text: &str| -> Vec<String> {
        let split = text.split(|c: char| !c.is_alphanumeric() && c != '’');
        split.map(str::to_lowercase).collect()
    };
    for code in LIVE {
        let all = text(&made(&filled(m, Lang::Fr), code, Lang::Fr));
        let strange: Vec<String> = words(&all)
            .into_iter()
            .filter(|w| ENGLISH.contains(&w.as_str()))
            .collect();
        assert_eq!(strange, [""; 0], "{code}");
        for sign in [" :", " ;", " !", " ?", "« ", " »", "'", " %"] {
            assert!(!all.contains(sign), "{code}: {sign:?}");
        }
        // Names of bodies and places stay French in English: the text alone is looked at.
        let template = &m.document(code, Lang::En).expect("a template").text;
        let strange: Vec<String> = words(template)
            .into_iter()
            .filter(|w| FRENCH.contains(&w.as_str()))
            .collect();
        assert_eq!(strange, [""; 0], "{code}");
    }
}

#[test]
fn an_empty_register_says_so_and_one_that_is_closed_to_the_reader_too() {
    let mut live = filled(cameroon(), Lang::Fr);
    live.registers.insert("decision".to_owned(), Vec::new());
    live.registers.remove("member");
    let minutes = text(&made(&live, "DOC15", Lang::Fr));
    assert!(
        minutes.contains("Aucune ligne au registre «\u{a0}Décisions\u{a0}» à la date du 23/11/2026."),
        "{minutes}"
    );
    assert!(
        minutes.contains("Le registre «\u{a0}Membres\u{a0}» n’est pas ouvert au lecteur de ce tirage."),
        "{minutes}"
    );
    let alone = text(&made(&Live::default(), "DOC15", Lang::En));
    assert!(
        alone.contains("this document was made without the data of a deployment."),
        "{alone}"
    );
}

/// A line with these days and links.
fn told(id: &str, state: &str, title: &str, facts: &[(&str, &str)], links: &[(&str, &str)]) -> LiveLine {
    let one = |(field, text): &(&str, &str)| ((*field).to_owned(), vec![(*text).to_owned()]);
    let raw: BTreeMap<String, Vec<String>> = facts.iter().map(one).collect();
    LiveLine {
        id: id.to_owned(),
        state: state.to_owned(),
        title: title.to_owned(),
        values: raw.clone(),
        raw,
        links: links.iter().map(one).collect(),
    }
}

#[test]
fn the_minutes_are_those_of_the_last_session_held_or_of_the_one_that_is_chosen() {
    let session = |id, state, title, date| told(id, state, title, &[("title", title), ("date", date)], &[]);
    let mut live = Live {
        on: Some(today()),
        ..Live::default()
    };
    live.registers.insert(
        "session".to_owned(),
        vec![
            session("s1", "held", "Première", "2026-03-02"),
            session("s2", "held", "Deuxième", "2026-09-07"),
            session("s3", "cancelled", "Annulée", "2026-10-05"),
            session("s4", "planned", "Prochaine", "2027-03-01"),
        ],
    );
    let item = |id, subject, of| told(id, "examined", subject, &[("subject", subject)], &[("session", of)]);
    live.registers.insert(
        "agenda".to_owned(),
        vec![item("a1", "Objet ancien", "s1"), item("a2", "Objet récent", "s2")],
    );
    let decision = |id, words, due, of| told(id, "open", words, &[("text", words), ("due", due)], &[("agenda", of)]);
    live.registers.insert(
        "decision".to_owned(),
        vec![
            decision("d1", "Décision ancienne", "2026-11-13", "a1"),
            decision("d2", "Décision récente", "2027-01-01", "a2"),
        ],
    );
    let section = |live: &Live, from: &str, until: &str| {
        let all = text(&made(live, "DOC15", Lang::Fr));
        let at = all.find(from).unwrap_or_else(|| panic!("no {from}"));
        all[at..].split(until).next().unwrap_or_default().to_owned()
    };
    let taken = section(&live, "Décisions prises", "Approbation");
    assert!(
        taken.contains("Décision récente") && !taken.contains("Décision ancienne"),
        "{taken}"
    );
    let log = section(&live, "Toutes les décisions, par session", "Échéances passées");
    let at = |words: &str| log.find(words).unwrap_or_else(|| panic!("no {words}: {log}"));
    assert!(at("Session – Première") < at("Décision ancienne"));
    assert!(at("Décision ancienne") < at("Session – Deuxième"));
    assert!(at("Session – Deuxième") < at("Décision récente"));
    // The first is ten days late; the session that was cancelled and the next one are not.
    let late = section(&live, "Échéances passées", "De la décision");
    assert!(late.contains("Décision ancienne\t13/11/2026\t10"), "{late}");
    assert!(
        !late.contains("Décision récente") && !late.contains("Prochaine"),
        "{late}"
    );
    live.chosen = Some("s1".to_owned());
    let taken = section(&live, "Décisions prises", "Approbation");
    assert!(
        taken.contains("Décision ancienne") && !taken.contains("Décision récente"),
        "{taken}"
    );
}

#[test]
fn the_maturity_score_weighs_the_criteria_that_were_scored() {
    let m = cameroon();
    let mut live = Live {
        on: Some(today()),
        ..Live::default()
    };
    live.registers.insert(
        "assessment".to_owned(),
        vec![
            told("v1", "validated", "Avant", &[("date", "2025-10-01")], &[]),
            told("v2", "running", "Maintenant", &[("date", "2026-10-01")], &[]),
        ],
    );
    let score = |of: &str, criterion: &str, level: &str| {
        let id = format!("{of} {criterion}");
        let facts = [("assessment", of), ("criterion", criterion), ("level", level)];
        told(&id, "confirmed", criterion, &facts, &[("assessment", of)])
    };
    let scores = vec![
        score("v1", "M1", "1"),
        score("v2", "M1", "2"),
        score("v2", "M5", "4"),
        score("v2", "M14", "0"),
    ];
    live.registers.insert("score".to_owned(), scores);
    let all = text(&build_with(m, &live, "DOC02", Lang::En).expect("renders"));
    // Halves: 2×2 + 3×4 + 1×0 of (2 + 3 + 1)×4.
    assert!(
        all.contains("Maturity score: 67%, over 3 criteria scored out of 14. Stage: operational."),
        "{all}"
    );
    assert!(
        all.contains("Scope and basis\t2\t1"),
        "the level before stands beside it"
    );
    assert!(all.contains("Financing\tnot scored"), "what was not scored is no zero");
}

#[test]
fn each_fault_of_a_block_is_found_with_its_line() {
    let findings = |block: &str| -> Vec<(usize, &'static str)> {
        let mut sources = Sources::embedded("cameroon");
        sources.files.retain(|path, _| !path.contains("/documents/"));
        for lang in LANGS {
            let text = format!("# T\n\n## A\n\n{{{{ {block} }}}}\n");
            sources
                .files
                .insert(format!("regional/documents/DOC99.{lang}.md"), text);
        }
        let mechanism = Mechanism::load(&sources).expect("the other files are whole");
        let mut found: Vec<_> = check(&mechanism).into_iter().map(|f| (f.at.line, f.code)).collect();
        found.dedup();
        found
    };
    for (block, code) in [
        ("register", "document_block"),
        ("register moutons", "document_register"),
        ("register decision couleur", "document_register"),
        ("register decision of", "document_register"),
        ("register decision of moutons", "document_register"),
        ("register member of decision", "document_register"),
        ("under session", "document_block"),
        ("under moutons decision", "document_register"),
        ("chosen moutons", "document_register"),
        ("totals workshop member", "document_register"),
        ("members", "document_block"),
        ("figures", "document_block"),
        ("figures A01 Z99", "document_indicator"),
        ("directory", "document_block"),
        ("late today", "document_block"),
    ] {
        assert_eq!(findings(block), [(5, code)], "{block}");
    }
    assert_eq!(findings("register decision of session text state"), []);
}
