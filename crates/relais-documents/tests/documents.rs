//! Every document of the built-in mechanism, in both languages; what is wrong
//! with a template; one source for every figure.

mod common;

use common::{cameroon, edited, rendered, text};
use relais_documents::model::Block;
use relais_documents::{Problem, build, check, docx, html, list};
use relais_mechanism::{Lang, Mechanism, Sources};

const LANGS: [Lang; 2] = [Lang::Fr, Lang::En];

#[test]
fn the_built_in_documents_have_nothing_wrong_with_them() {
    let findings = check(cameroon());
    let lines: Vec<String> = findings.iter().map(|f| f.line(Lang::En)).collect();
    assert!(findings.is_empty(), "{}", lines.join("\n"));
}

#[test]
fn every_document_renders_in_both_languages_with_something_under_each_heading() {
    let m = cameroon();
    for lang in LANGS {
        let listed = list(m, lang);
        assert!(listed.iter().any(|d| d.code == "DOC10"), "{listed:?}");
        assert!(listed.iter().any(|d| d.code == "DOC08"), "{listed:?}");
        for entry in listed {
            assert!(!entry.code.starts_with('_'), "a part is no document");
            let document = rendered(&entry.code, lang);
            assert_eq!(document.title, entry.title);
            let page = html::page(&document);
            assert!(page.contains(&format!("<html lang=\"{lang}\">")));
            for heading in document.headings() {
                assert!(page.contains(&format!("id=\"{}\"", heading.id)), "{}", heading.id);
            }
            assert!(docx::file(&document).starts_with(b"PK"));
        }
    }
}

#[test]
fn the_same_mechanism_gives_the_same_bytes() {
    let twice = || docx::file(&rendered("DOC10", Lang::Fr));
    assert!(twice() == twice());
}

#[test]
fn the_sop_is_a_whole_document() {
    for lang in LANGS {
        let sop = rendered("DOC10", lang);
        let words = text(&sop).split_whitespace().count();
        // Thirty pages of A4 hold some 350 words each.
        assert!(words > 10_500, "{lang}: {words}");
        let level = |n| sop.headings().filter(|h| h.level == n).count();
        assert!(level(2) >= 20 && level(3) >= 50, "{lang}: {} {}", level(2), level(3));
        let forms = ["F1E", "F1", "F2", "F3", "F4", "F5"];
        let all = text(&sop);
        for form in forms {
            let label = cameroon().form(form).expect("a form").label.get(lang);
            assert!(all.contains(&format!("{form} – ")), "{form} {label}");
        }
    }
}

#[test]
fn the_mou_has_the_sections_that_are_asked_of_it() {
    let headings = |lang| -> Vec<String> {
        let mou = rendered("DOC08", lang);
        mou.headings()
            .filter(|h| h.level == 2)
            .map(|h| format!("{} {}", h.number, relais_documents::model::plain(&h.text)))
            .collect()
    };
    let (fr, en) = (headings(Lang::Fr).join("\n"), headings(Lang::En).join("\n"));
    for wanted in [
        "Article\u{a0}1 Contexte et objectif",
        "Article\u{a0}2 Groupe cible",
        "Article\u{a0}4 Rôles et responsabilités",
        "Article\u{a0}5 Mécanismes de coordination",
        "Article\u{a0}6 Modalités de financement",
        "Article\u{a0}7 Confidentialité et partage des données",
        "Article\u{a0}9 Durée",
        "Annexe\u{a0}A Matrice de partage",
    ] {
        assert!(fr.contains(wanted), "{wanted}\n{fr}");
    }
    for wanted in ["Article\u{a0}2 Target group", "Annex\u{a0}A Data-sharing matrix"] {
        assert!(en.contains(wanted), "{wanted}\n{en}");
    }
    // A reference names the number that the heading has.
    assert!(text(&rendered("DOC08", Lang::Fr)).contains("l’article\u{a0}7"));
    assert!(text(&rendered("DOC08", Lang::Fr)).contains("’annexe\u{a0}A"));
}

/// Words that no French sentence has.
const ENGLISH: &[&str] = &[
    "the",
    "and",
    "with",
    "within",
    "this",
    "which",
    "shall",
    "must",
    "from",
    "whom",
    "when",
    "their",
    "they",
    "person’s",
    "referral",
    "provider",
    "sender",
    "days",
    "hours",
    "working",
    "who",
    "would",
    "should",
    "not",
    "each",
    "every",
];

#[test]
fn french_is_french_and_nothing_is_left_to_fill_in() {
    for entry in list(cameroon(), Lang::Fr) {
        let all = text(&rendered(&entry.code, Lang::Fr));
        for word in all.split(|c: char| !c.is_alphanumeric() && c != '’') {
            assert!(
                !ENGLISH.contains(&word.to_lowercase().as_str()),
                "{}: English in the French: {word}",
                entry.code
            );
        }
        for sign in [" :", " ;", " !", " ?", "« ", " »", "'", " %"] {
            assert!(!all.contains(sign), "{}: {sign:?} in {}", entry.code, near(&all, sign));
        }
    }
    for lang in LANGS {
        for entry in list(cameroon(), lang) {
            let all = text(&rendered(&entry.code, lang));
            for left in ["{{", "}}", "TODO", "TBD", "XXX", "Lorem", "[À ", "[to be"] {
                assert!(!all.contains(left), "{}: {left} in {}", entry.code, near(&all, left));
            }
        }
    }
}

fn near(all: &str, sign: &str) -> String {
    let at = all.find(sign).unwrap_or_default();
    let from = all[..at].char_indices().rev().nth(40).map_or(0, |(i, _)| i);
    all[from..].chars().take(80).collect()
}

#[test]
fn one_deadline_changed_is_changed_everywhere_and_the_old_one_is_nowhere() {
    // Limits that nothing else in the mechanism has, so that the old value can be looked for.
    let changed = edited(
        "regional/limits.toml",
        "first_contact = \"7 wd\"\nagree_date = \"7 wd\"",
        "first_contact = \"8 wd\"\nagree_date = \"8 wd\"",
    );
    for (lang, old, new) in [
        (Lang::Fr, "7\u{a0}jours ouvrables", "8\u{a0}jours ouvrables"),
        (Lang::En, "7\u{a0}working days", "8\u{a0}working days"),
    ] {
        for code in ["DOC10", "DOC08", "DOC11"] {
            let before = text(&rendered(code, lang));
            let after = text(&build(&changed, code, lang).expect("renders"));
            assert!(before.contains(old) && !before.contains(new), "{code} {lang}");
            assert!(after.contains(new) && !after.contains(old), "{code} {lang}");
        }
    }
    // A rule that stands in sentences.
    let changed = edited("regional/limits.toml", "grace_days = 90 ", "grace_days = 75 ");
    let after = text(&build(&changed, "DOC08", Lang::Fr).expect("renders"));
    assert!(after.contains("75\u{a0}jours") && !after.contains("90\u{a0}jours\u{202f};"));
}

#[test]
fn the_flowchart_stands_in_the_sop_and_alone() {
    for lang in LANGS {
        for code in ["DOC10", "DOC11"] {
            let document = rendered(code, lang);
            let figures: Vec<usize> = document
                .blocks
                .iter()
                .filter_map(|b| match b {
                    Block::Figure { number, .. } => Some(*number),
                    _ => None,
                })
                .collect();
            // The SOP has the states too.
            let drawn: &[usize] = if code == "DOC10" { &[1, 2] } else { &[1] };
            assert_eq!(figures, drawn, "{code} {lang}");
            let page = html::page(&document);
            for part in [
                "<figure>",
                "<svg ",
                "<figcaption>Figure\u{a0}1. ",
                "<details>",
                "</figure>",
            ] {
                let times = if part.contains('1') { 1 } else { drawn.len() };
                assert_eq!(page.matches(part).count(), times, "{code} {lang}: {part}");
            }
        }
        // Each state that waits on somebody, in words too, for a file without pictures.
        let all = text(&rendered("DOC11", lang));
        for state in cameroon().states().iter().filter(|s| s.waiting.is_some()) {
            assert!(all.contains(state.label.get(lang)), "{lang}: {}", state.code);
        }
    }
}

#[test]
fn a_country_has_its_own_text_of_a_shared_part() {
    let mut sources = Sources::embedded("cameroon");
    sources
        .files
        .insert("cameroon/documents/_legal.fr.md".into(), "Notre loi.".into());
    let own = Mechanism::load(&sources).expect("loads");
    assert!(text(&build(&own, "DOC10", Lang::Fr).expect("renders")).contains("Notre loi."));
    for lang in LANGS {
        sources.files.remove(&format!("cameroon/documents/_legal.{lang}.md"));
    }
    let regional = Mechanism::load(&sources).expect("loads");
    let all = text(&build(&regional, "DOC10", Lang::Fr).expect("the region’s part stands in"));
    assert!(!all.contains("2024/017"), "the region names no country’s law");
    assert_eq!(check(&regional), []);
}

#[test]
fn an_unknown_document_says_which_there_are() {
    let known = |code| match build(cameroon(), code, Lang::Fr) {
        Err(Problem::Unknown(known)) => known,
        other => panic!("{other:?}"),
    };
    assert!(known("DOC99").contains(&"DOC10".to_owned()));
    assert!(!known("_legal").contains(&"_legal".to_owned()), "a part is no document");
}

/// A small document in both languages, one of which is `fr`.
fn findings_of(fr: &str, en: &str) -> Vec<(String, usize, &'static str)> {
    let mut sources = Sources::embedded("cameroon");
    sources.files.retain(|path, _| !path.contains("/documents/"));
    for (lang, text) in [("fr", fr), ("en", en)] {
        if !text.is_empty() {
            sources
                .files
                .insert(format!("regional/documents/DOC99.{lang}.md"), text.to_owned());
        }
    }
    let mechanism = Mechanism::load(&sources).expect("the other files are whole");
    check(&mechanism)
        .into_iter()
        .map(|f| (f.at.file.to_string(), f.at.line, f.code))
        .collect()
}

#[test]
fn each_fault_is_found_with_its_line() {
    let fine = "# T\n\n## A {#a}\n\nTexte.\n";
    assert_eq!(findings_of(fine, fine), []);
    let cases: &[(&str, usize, &str)] = &[
        ("# T\n\n## A\n\n{{ deadlins }}\n", 5, "document_block"),
        ("# T\n\n## A\n\n{{ form }}\n", 5, "document_block"),
        ("# T\n\n## A\n\n{{ form F99 }}\n", 5, "document_form"),
        ("# T\n\n## A\n\n{{ notice autre }}\n", 5, "document_notice"),
        ("# T\n\n## A\n\n{{ signatures MINXYZ }}\n", 5, "document_body"),
        ("# T\n\n## A\n\n{{ include rien }}\n", 5, "document_include"),
        ("# T\n\n## A\n\nAvant\nou {{ limit P1 decid }}.\n", 5, "document_value"),
        ("# T\n\n## A\n\nSous {{ rule patience }}.\n", 5, "document_value"),
        ("# T\n\n## A\n\n{{ count moutons }} en tout.\n", 5, "document_value"),
        ("# T\n\n## A\n\nVoir [ici](#nulle-part).\n", 5, "document_reference"),
        ("# T\n\n## A\n\nUn.\n\n#### B\n\nDeux.\n", 7, "document_level"),
        ("# T\n\n## A\n\n## B\n\nTexte.\n", 3, "document_empty"),
        ("# T\n\n## A\n\nTexte.\n\n## B\n", 7, "document_empty"),
        ("## A\n\nTexte.\n", 1, "document_title"),
        ("# T\n\n## A\n\nTexte.\n\n# U\n\n## B\n\nTexte.\n", 7, "document_title"),
        ("# T\n\n## A\n\n<div>x</div>\n", 5, "document_markup"),
        ("# T\n\n## A\n\nUne ![image](x.png).\n", 5, "document_markup"),
    ];
    for (text, line, code) in cases {
        let found = findings_of(text, text);
        let wanted = |lang: &str| (format!("regional/documents/DOC99.{lang}.md"), *line, *code);
        assert!(found.contains(&wanted("fr")), "{text:?}: {found:?}");
        assert!(found.contains(&wanted("en")), "{text:?}: {found:?}");
        assert!(found.iter().all(|(_, _, c)| c == code), "{text:?}: {found:?}");
    }
}

#[test]
fn a_language_without_its_twin_and_twins_that_differ_are_found() {
    let fine = "# T\n\n## A\n\nTexte.\n";
    assert_eq!(
        findings_of(fine, ""),
        [("regional/documents/DOC99.fr.md".to_owned(), 0, "document_twin")]
    );
    assert_eq!(
        findings_of("", fine),
        [("regional/documents/DOC99.en.md".to_owned(), 0, "document_twin")]
    );
    let other = "# T\n\n## A\n\nTexte.\n\n{{ deadlines }}\n";
    assert_eq!(
        findings_of(fine, other),
        [("regional/documents/DOC99.en.md".to_owned(), 7, "document_twins")]
    );
}

#[test]
fn what_stands_in_a_document_is_text_and_never_markup() {
    let mut sources = Sources::embedded("cameroon");
    let title = "# A & B\n\n## C\n\nUn & deux \\<b>trois\\</b> \"quatre\".\n";
    for lang in LANGS {
        sources
            .files
            .insert(format!("regional/documents/DOC99.{lang}.md"), title.to_owned());
    }
    let mechanism = Mechanism::load(&sources).expect("loads");
    let document = build(&mechanism, "DOC99", Lang::En).expect("renders");
    let page = html::page(&document);
    assert!(page.contains("<h1>A &amp; B</h1>"));
    assert!(
        page.contains("Un &amp; deux &lt;b&gt;trois&lt;/b&gt; “quatre”."),
        "{page}"
    );
}
