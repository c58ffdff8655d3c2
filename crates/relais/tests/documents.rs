//! `documents` and what `mechanism check` says of them, as they are run.

mod place;

use serde_json::Value;

use crate::place::Place;

impl Place {
    fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.path().join("m").join(file);
        let text = std::fs::read_to_string(&path).expect("reads");
        assert!(text.contains(from), "{file} does not hold {from:?}");
        std::fs::write(&path, text.replacen(from, to, 1)).expect("writes");
    }
}

#[test]
fn documents_are_listed_and_written_in_both_languages() {
    let place = Place::new();
    let (said, _) = place.said(0, &["documents", "list"]);
    assert!(
        said.contains("DOC10") && said.contains("Procédures opérationnelles standard"),
        "{said}"
    );
    let (said, _) = place.said(0, &["documents", "list", "--lang", "en", "--format", "json"]);
    let listed: Value = serde_json::from_str(&said).expect("JSON");
    let codes: Vec<&str> = listed["documents"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|d| d["code"].as_str())
        .collect();
    for code in [
        "DOC03", "DOC06", "DOC08", "DOC09", "DOC10", "DOC11", "DOC13", "DOC14", "DOC16", "DOC19",
    ] {
        assert!(codes.contains(&code), "{codes:?}");
    }
    // What is said of a deployment is said to be missing where there is none.
    place.said(0, &["documents", "render", "DOC15", "-o", "minutes.html"]);
    let minutes = std::fs::read_to_string(place.path().join("minutes.html")).expect("reads");
    assert!(minutes.contains("sans les données d’un déploiement"), "{minutes}");
    for (lang, title) in [
        ("fr", "Procédures opérationnelles standard"),
        ("en", "Standard operating procedures"),
    ] {
        let (html, docx) = (format!("{lang}.html"), format!("{lang}.docx"));
        place.said(0, &["documents", "render", "DOC10", "--lang", lang, "-o", &html]);
        place.said(0, &["documents", "render", "DOC10", "--lang", lang, "-o", &docx]);
        let page = std::fs::read_to_string(place.path().join(&html)).expect("reads");
        assert!(page.contains(&format!("<h1>{title}</h1>")), "{lang}");
        assert!(
            std::fs::read(place.path().join(&docx))
                .expect("reads")
                .starts_with(b"PK")
        );
    }
}

#[test]
fn a_document_and_an_empty_form_are_written_as_pdf_too() {
    let place = Place::new();
    for (code, lang) in [("DOC08", "fr"), ("F4", "en"), ("F1E", "fr")] {
        let file = format!("{code}.pdf");
        place.said(0, &["documents", "render", code, "--lang", lang, "-o", &file]);
        let bytes = std::fs::read(place.path().join(&file)).expect("reads");
        assert!(bytes.starts_with(b"%PDF-"), "{code}");
    }
    place.said(0, &["documents", "render", "F4", "--lang", "fr", "-o", "F4.html"]);
    let page = std::fs::read_to_string(place.path().join("F4.html")).expect("reads");
    assert!(page.contains("F4.01"), "its questions are there");
    assert!(page.contains("<svg ") && page.contains("cm-"), "code to scan, version");
    let listed = place.json(&["documents", "list"]);
    let forms = listed["forms"].as_array().expect("a list");
    assert!(forms.iter().any(|f| f["code"] == "F5"), "{forms:?}");
}

#[test]
fn what_cannot_be_written_says_why() {
    let place = Place::new();
    let (_, wrong) = place.said(1, &["documents", "render", "DOC99", "-o", "x.docx"]);
    assert!(
        ["DOC99", "DOC10", "F1E"].iter().all(|known| wrong.contains(known)),
        "{wrong}"
    );
    let (_, wrong) = place.said(2, &["documents", "render", "DOC10", "-o", "x.odt"]);
    assert!(wrong.contains("odt") && wrong.contains("docx, pdf"), "{wrong}");
    let (_, wrong) = place.said(1, &["documents", "render", "DOC10", "-o", "absent/x.docx"]);
    assert!(wrong.contains("absent/x.docx"), "{wrong}");
    std::fs::write(place.path().join("kept.html"), "mine").expect("writes");
    place.said(1, &["documents", "render", "DOC10", "-o", "kept.html"]);
    assert_eq!(
        std::fs::read_to_string(place.path().join("kept.html")).expect("reads"),
        "mine"
    );
    // Nothing is adopted here.
    place.said(1, &["documents", "list", "--adopted"]);
}

#[test]
fn the_check_finds_a_fault_of_a_template_by_file_and_line() {
    let place = Place::new();
    place.mechanisms("m");
    place.said(0, &["mechanism", "check", "--dir", "m"]);
    place.edit("regional/documents/DOC10.fr.md", "{{ deadlines }}", "{{ deadlins }}");
    let (said, _) = place.said(1, &["mechanism", "check", "--dir", "m"]);
    assert!(said.contains("regional/documents/DOC10.fr.md:"), "{said}");
    assert!(said.contains("deadlins") && said.contains("deadlines"), "{said}");
    let (_, wrong) = place.said(1, &["documents", "render", "DOC10", "--dir", "m", "-o", "x.html"]);
    assert!(wrong.contains("deadlins"), "{wrong}");
    assert!(!place.path().join("x.html").exists());
}

#[test]
fn a_limit_changed_in_the_files_is_changed_in_the_document() {
    let place = Place::new();
    place.mechanisms("m");
    place.edit(
        "regional/limits.toml",
        "first_contact = \"7 wd\"\nagree_date = \"7 wd\"",
        "first_contact = \"8 wd\"\nagree_date = \"8 wd\"",
    );
    place.said(0, &["documents", "render", "DOC10", "--dir", "m", "-o", "x.html"]);
    let page = std::fs::read_to_string(place.path().join("x.html")).expect("reads");
    assert!(page.contains("8\u{a0}jours ouvrables") && !page.contains("7\u{a0}jours ouvrables"));
    // And what parts the two, alone.
    let (said, _) = place.said(0, &["documents", "diff", "DOC10", "--from", "cm", "--to", "m:cameroon"]);
    assert!(
        said.contains("<del>7\u{a0}jours</del><ins>8\u{a0}jours</ins>"),
        "{said}"
    );
    assert!(!said.contains("<h2>Annexe"), "only what changed: {said}");
}

#[test]
fn the_pathway_is_drawn_in_both_languages_and_forms() {
    let place = Place::new();
    for (lang, word) in [("fr", "Liste d’attente"), ("en", "Waiting list")] {
        let (svg, bpmn) = (format!("{lang}.svg"), format!("{lang}.bpmn"));
        let (said, _) = place.said(0, &["documents", "draw", "--lang", lang, "-o", &svg]);
        assert!(said.contains("cm-"), "{said}");
        place.said(0, &["documents", "draw", "--as", "bpmn", "--lang", lang, "-o", &bpmn]);
        let read = |file: &str| std::fs::read_to_string(place.path().join(file)).expect("reads");
        let (drawing, model) = (read(&svg), read(&bpmn));
        assert!(drawing.starts_with("<svg ") && model.starts_with("<?xml "), "{lang}");
        assert!(model.contains(word), "{lang}");
        // Without a file: the same, as it is.
        let (said, _) = place.said(0, &["documents", "draw", "--as", "svg", "--lang", lang]);
        assert_eq!(said, drawing);
    }
    let (said, _) = place.said(
        0,
        &["documents", "draw", "--as", "svg", "--lang", "en", "--format", "json"],
    );
    let value: Value = serde_json::from_str(&said).expect("JSON");
    assert!(value["drawing"].as_str().is_some_and(|d| d.starts_with("<svg ")));
    let (_, wrong) = place.said(2, &["documents", "draw", "-o", "x.png"]);
    assert!(wrong.contains("png") && wrong.contains("bpmn"), "{wrong}");
    place.said(2, &["documents", "draw"]);
    // No file is replaced.
    place.said(1, &["documents", "draw", "-o", "fr.svg"]);
}
