//! A form on paper: empty for everybody, and of a case what its reader may see.

use axum::http::StatusCode;
use relais_acts::commands::ReferralCommand;
use relais_acts::forms::{self, FillSection};
use relais_mechanism::{DataClass, Priority};
use relais_network::CaseId;
use uuid::Uuid;

use crate::support::Site;

/// The case manager writes a section of F1.
async fn fill(site: &Site, case: Uuid, section: &str, typed: &[(&str, &str)]) {
    let (desk, who) = (&site.world.desk, site.world.viewer("gestionnaire"));
    let (form, section) = ("F1".to_owned(), section.to_owned());
    let seen = forms::section(desk, &who, CaseId(case), form.clone(), section.clone()).await;
    let command = FillSection {
        id: site.world.new_id(),
        version: seen.expect("seen").version,
        answers: typed
            .iter()
            .map(|(code, value)| ((*code).to_owned(), vec![(*value).to_owned()]))
            .collect(),
        happened_at: None,
    };
    forms::fill(desk, &who, CaseId(case), form, section, command)
        .await
        .expect("kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_given_a_class_sees_the_blank_and_not_the_answer() {
    let site = Site::new();
    let (world, who) = (&site.world, site.world.viewer("gestionnaire"));
    let case = world.register(&who, "Essai Papier", 30).await.expect("registered").id;
    let frame = [
        ("F1.03", "Garoua"),
        ("F1.04", "POE"),
        ("F1.07", "no"),
        ("F1.09", "yes"),
        ("F1.10", "yes"),
        ("F1.11", "yes"),
        ("F1.12", "yes"),
    ];
    fill(&site, case, "frame", &frame).await;
    // The marital status is of a class that the workshop is not given.
    fill(&site, case, "identity", &[("F1.38", "SGL"), ("F1.39", "PRIM")]).await;
    world
        .consent(&who, case, &[DataClass::Skills])
        .await
        .expect("consented");
    let need = world.need(&who, case, "VTC.02", Priority::P3).await.expect("a need").id;
    let referral = world.send(&who, need, "S-COUTURE").await.expect("sent").id;
    let paper = format!("/cases/{case}/forms/F1/print");
    let mut workshop = site.browser("atelier").await;
    assert_eq!(
        workshop.get(&paper).await.status,
        StatusCode::NOT_FOUND,
        "not accepted yet"
    );
    let accept = ReferralCommand::Accept { by_name: String::new() };
    world
        .give(&world.viewer("atelier"), referral, accept)
        .await
        .expect("accepted");

    let mut manager = site.browser("gestionnaire").await;
    let whole = manager.get(&paper).await;
    assert_eq!(whole.status, StatusCode::OK, "{}", whole.text);
    let ticked = |page: &str, option: &str| page.contains(&format!("☑\u{a0}{option}"));
    assert!(ticked(&whole.text, "Célibataire") && ticked(&whole.text, "Primaire"));
    assert!(whole.text.contains("Garoua") && whole.text.contains("/documents/forms/F1"));

    let part = workshop.get(&paper).await;
    assert_eq!(part.status, StatusCode::OK);
    assert!(ticked(&part.text, "Primaire"), "its class was given");
    assert!(part.text.contains("☐\u{a0}Célibataire") && !ticked(&part.text, "Célibataire"));
    // The question stands there as on the empty form, and so does that of the frame.
    assert!(part.text.contains("F1.38") && part.text.contains("F1.03") && !part.text.contains("Garoua"));

    for browser in [&mut manager, &mut workshop] {
        let pdf = browser.get(&format!("{paper}?as=pdf")).await;
        assert!(pdf.text.starts_with("%PDF-"), "{}", pdf.status);
        assert_eq!(pdf.header("content-type"), "application/pdf");
        assert!(pdf.header("content-disposition").contains("F1-CM"));
    }
    let list = manager.get(&format!("/cases/{case}/forms/F1")).await;
    assert!(list.text.contains(&paper), "the form leads to its paper");
    for nowhere in ["F9", "F1E"] {
        let page = manager.get(&format!("/cases/{case}/forms/{nowhere}/print")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{nowhere}");
    }
    let odd = manager.get(&format!("{paper}?as=odt")).await;
    assert_eq!(odd.status, StatusCode::BAD_REQUEST);
    let other = site.browser("autre").await.get(&paper).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_is_there_empty_in_three_forms_and_two_languages() {
    let site = Site::new();
    let mut browser = site.browser("atelier").await;
    let listed = browser.get("/documents").await;
    let mechanism = site.world.desk.mechanism();
    for form in mechanism.forms() {
        let at = format!("/documents/forms/{}", form.code);
        assert!(listed.text.contains(&format!("\"{at}\"")), "{at} is not listed");
        let page = browser.get(&at).await;
        assert_eq!(page.status, StatusCode::OK, "{at}");
        assert!(page.text.contains(mechanism.version()) && page.text.contains("<path d=\"M"));
        assert!(page.text.contains(&format!("{at}.pdf?lang=en")), "{at}");
    }
    for (ending, kind, begins) in [
        ("pdf", "application/pdf", "%PDF-"),
        ("html", "text/html; charset=utf-8", "<!doctype html>"),
        ("docx", "application/vnd.openxmlformats", "PK"),
    ] {
        let mut files = Vec::new();
        for lang in ["fr", "en", "fr"] {
            let file = browser.get(&format!("/documents/forms/F4.{ending}?lang={lang}")).await;
            assert_eq!(file.status, StatusCode::OK, "{ending}");
            assert!(file.text.starts_with(begins) && file.header("content-type").starts_with(kind));
            assert!(
                file.header("content-disposition")
                    .contains(&format!("F4-{lang}.{ending}"))
            );
            files.push(file.text);
        }
        assert!(files[0] == files[2] && files[0] != files[1], "{ending}");
    }
    for (path, status) in [
        ("/documents/forms/F99", StatusCode::NOT_FOUND),
        ("/documents/forms/F99.pdf", StatusCode::NOT_FOUND),
        ("/documents/forms/F4.odt", StatusCode::NOT_FOUND),
        ("/documents/forms/F4.pdf?lang=de", StatusCode::BAD_REQUEST),
        ("/documents/file?code=DOC08&as=odt", StatusCode::BAD_REQUEST),
        ("/documents/file?code=DOC99&as=pdf", StatusCode::NOT_FOUND),
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.text.contains("<h1>"), "{path}: a page that says what to do");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_there_as_pdf_and_kept_as_it_was_made() {
    let site = Site::new();
    let mut browser = site.browser("secretariat").await;
    let mut files = Vec::new();
    for _ in 0..2 {
        let file = browser.get("/documents/file?code=DOC08&lang=fr&as=pdf").await;
        assert_eq!(
            (file.status, file.header("content-type")),
            (StatusCode::OK, "application/pdf")
        );
        assert!(file.text.starts_with("%PDF-"));
        files.push(file.text);
    }
    assert!(files[0] == files[1]);
}
