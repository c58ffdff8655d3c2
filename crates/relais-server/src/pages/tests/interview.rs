//! The forms F1 and F2, section by section.

use relais_acts::views::Fact;

use super::*;

/// Every section with every question asked, the lists, what comes back, and what
/// is only read.
pub(super) fn sections(look: &Look<'_>) {
    let Look { app, lang, t, now } = *look;
    let caller = look.caller();
    let mechanism = app.desk().mechanism();
    for code in relais_acts::forms::FORMS {
        for writes in [true, false] {
            let view = sample::forms::form(&mechanism, code, lang, writes);
            let page = super::super::sections::FormPage::of(look.frame(Tab::Cases, "x"), t, &view, now);
            let name = if writes {
                format!("3-form-{code}")
            } else {
                format!("3-form-{code}-read")
            };
            let html = check(&name, lang, &page);
            assert_eq!(html.contains(t.forms_read_only()), !writes);
            assert_eq!(html.contains("id=\"profile\""), code == "F2");
            assert_eq!(html.contains(&format!("/cases/{}/child\"", view.case_id)), code == "F1");
        }
        for section in &mechanism.form(code).expect("the form").sections {
            if section.code == "child" {
                continue;
            }
            let view = sample::forms::section(&mechanism, code, &section.code, lang);
            let page = super::super::sections::SectionPage::of(app, &caller, &view, Uuid::nil(), None, &[], now);
            let html = check(&format!("3-section-{code}-{}", section.code), lang, &page);
            for field in &section.fields {
                assert!(
                    html.contains(&format!("name=\"{}\"", field.code)),
                    "{} is asked in {lang}",
                    field.code
                );
            }
            // Every mistake at once still fits.
            let codes: Vec<&str> = section.fields.iter().map(|f| f.code.as_str()).collect();
            let mut typed = Typed(view.answers.clone());
            typed.0.insert("version".to_owned(), vec!["3".to_owned()]);
            let page = super::super::sections::SectionPage::of(
                app,
                &caller,
                &view,
                Uuid::nil(),
                Some(&typed),
                &wrong(&codes),
                now,
            );
            let html = page.render().expect("the page renders");
            assert!(html.len() < 32 * 1024, "{}: {} bytes", section.code, html.len());
            assert!(html.contains("name=\"version\" value=\"3\""));
        }
    }
    on_paper(look);
    let mut read = sample::forms::section(&mechanism, "F2", "household", lang);
    read.may_write = false;
    read.facts = vec![Fact {
        label: "Exemple".to_owned(),
        value: Some("<b>risque 3</b>".to_owned()),
    }];
    let page = super::super::sections::SectionPage::of(app, &caller, &read, Uuid::nil(), None, &[], now);
    let html = check("3-section-read", lang, &page);
    assert!(!html.contains("<form method=\"post\" action=\"/cases") && html.contains("&#60;b&#62;risque 3"));
    // Nothing asked yet: the way to the frame.
    let mut waits = sample::forms::section(&mechanism, "F1", "journey", lang);
    waits.given.clear();
    waits.answers.clear();
    let page = super::super::sections::SectionPage::of(app, &caller, &waits, Uuid::nil(), None, &[], now);
    let html = check("3-section-waits", lang, &page);
    assert!(html.contains("/forms/F1/frame\"") && !html.contains("name=\"F1.50\""));
    // Who is not asked the frame is not led to it.
    waits.frame = false;
    let page = super::super::sections::SectionPage::of(app, &caller, &waits, Uuid::nil(), None, &[], now);
    assert!(!check("3-section-waits-alone", lang, &page).contains("/forms/F1/frame\""));
    ruled_out(look);
    // A flag begins with "not raised".
    let flags = sample::forms::section(&mechanism, "F1", "urgent", lang);
    let page = super::super::sections::SectionPage::of(app, &caller, &flags, Uuid::nil(), None, &[], now);
    let html = check("3-section-flags", lang, &page);
    assert_eq!(html.matches(" checked").count(), 5);
}

/// The forms on paper: the page of each empty one, and those of a case, which are as
/// long as the form and exempt from what a page on screen may weigh.
fn on_paper(look: &Look<'_>) {
    let Look { app, lang, t, .. } = *look;
    let mechanism = app.desk().mechanism();
    let site = "https://relais.example/documents/forms";
    for form in mechanism.forms() {
        let address = format!("{site}/{}", form.code);
        let page = form_paper::Empty::of(look.frame(Tab::Services, "x"), form, mechanism.version(), &address);
        let html = check(&format!("9-form-paper-{}", form.code), lang, &page);
        for ending in ["pdf", "html", "docx"] {
            let file = format!("/documents/forms/{}.{ending}?lang={lang}", form.code);
            assert!(html.contains(&file), "{file}");
        }
        assert!(html.contains("<path d=\"M") && html.contains(&address));
    }
    for code in relais_acts::forms::FORMS {
        let view = sample::forms::paper(&mechanism, code);
        let sheet = form_paper::sheet(&mechanism, &view, lang, &format!("{site}/{code}"));
        let page = form_paper::Filled::of(look.frame(Tab::Cases, "x"), &view, &sheet);
        let html = page.render().expect("the page renders");
        assert!(html.len() < 256 * 1024, "{code}: {} bytes", html.len());
        assert_eq!(html.matches("<h1>").count(), 1);
        assert!(!html.contains("style=\"") && !html.contains("<script"));
        assert!(html.contains('☑') && html.contains("&lt;b&gt;Exemple") && !html.contains("<b>Exemple"));
        assert!(html.contains("CM-MNR-2026-LT-000123-K") && html.contains(t.documents_form_of_case_pdf()));
        for field in mechanism.form(code).expect("the form").fields() {
            assert!(html.contains(&field.code), "{} is on paper", field.code);
        }
    }
}

/// A page that came back can take a pressed button back; what stands and is not
/// asked is read apart, and asked by no page that was only opened.
fn ruled_out(look: &Look<'_>) {
    let Look { app, lang, t, now } = *look;
    let caller = look.caller();
    let mechanism = app.desk().mechanism();
    let render = |view: &relais_acts::forms::SectionView, typed: Option<&Typed>, wrong: &[FieldProblem]| {
        let page = super::super::sections::SectionPage::of(app, &caller, view, Uuid::nil(), typed, wrong, now);
        check("3-section-ruled-out", lang, &page)
    };
    let mut view = sample::forms::section(&mechanism, "F1", "situation", lang);
    view.answers.insert("F1.75".to_owned(), vec!["no".to_owned()]);
    view.answers.insert("F1.75b".to_owned(), vec!["yes".to_owned()]);
    view.apart = vec![Fact {
        label: "Exemple".to_owned(),
        value: Some("Oui".to_owned()),
    }];
    let html = render(&view, None, &[]);
    assert!(!html.contains("name=\"F1.75b\"") && html.contains(t.forms_stands()));
    let mut problem = wrong(&["F1.75b"]);
    problem[0].code = "irrelevant".to_owned();
    let html = render(&view, Some(&Typed(view.answers.clone())), &problem);
    assert!(html.contains("name=\"F1.75b\""), "nothing typed is lost");
    assert_eq!(html.matches(t.forms_no_answer()).count(), 1);
    // An answer that may stay away can be taken back too.
    let mut view = sample::forms::section(&mechanism, "F1", "identity", lang);
    assert!(!render(&view, None, &[]).contains(t.forms_no_answer()));
    view.answers.insert("F1.38".to_owned(), vec!["SGL".to_owned()]);
    assert!(render(&view, None, &[]).contains(t.forms_no_answer()));
}
