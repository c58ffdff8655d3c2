//! A form alone, on paper: each of the mechanism in both languages, empty and filled in.

mod common;

use common::{cameroon, text};
use relais_documents::model::Block;
use relais_documents::{Answered, FilledIn, Printed, Problem, docx, filled, form, form_at, html};
use relais_mechanism::{Lang, typography};

const ADDRESS: &str = "https://relais.example/documents/forms/F1";

fn answered(chosen: &[&str], words: &str) -> Answered {
    Answered {
        chosen: chosen.iter().map(|c| (*c).to_owned()).collect(),
        words: words.to_owned(),
    }
}

#[test]
fn every_form_is_printed_with_its_code_version_classes_and_code_to_scan() {
    let m = cameroon();
    for lang in [Lang::Fr, Lang::En] {
        for known in m.forms() {
            let sheet = form_at(m, &known.code, lang, Some(ADDRESS)).expect("a form of the mechanism");
            assert!(sheet.is_sheet() && sheet.code == known.code && sheet.version == m.version());
            let said = text(&sheet);
            for field in known.fields() {
                assert!(said.contains(&field.code), "{}", field.code);
                let class = m.class(field.class).expect("a class").label.get(lang);
                let class = match lang {
                    Lang::Fr => typography::french(class),
                    Lang::En => typography::english(class),
                };
                assert!(said.contains(&class), "{} is not in the legend", field.code);
            }
            assert!(said.contains(ADDRESS) && !said.contains('☑'), "{}", known.code);
            let Some(Block::Figure { svg, .. }) = sheet.blocks.first() else {
                panic!("no strip at the head");
            };
            assert!(svg.matches("<rect").count() > 100 && svg.contains(m.version()));
            let page = html::page(&sheet);
            assert!(page.contains("class=\"cover sheet\"") && page.contains(ADDRESS));
            assert!(docx::file(&sheet).starts_with(b"PK"));
        }
    }
}

#[test]
fn the_code_to_scan_says_the_address_or_else_which_form_it_is() {
    let drawn = |address: Option<&str>| match form_at(cameroon(), "F4", Lang::Fr, address)
        .expect("a form")
        .blocks
        .swap_remove(0)
    {
        Block::Figure { svg, .. } => svg,
        other => panic!("{other:?}"),
    };
    let (without, with, longer) = (drawn(None), drawn(Some(ADDRESS)), drawn(Some(&ADDRESS.repeat(200))));
    assert_ne!(without, with);
    // What no code holds leaves the words: the sheet is printed all the same.
    assert_eq!(longer.matches("<rect").count(), 1);
}

#[test]
fn what_stands_in_a_case_is_ticked_and_written_and_the_rest_is_room() {
    let m = cameroon();
    let f1e = m.form("F1E").expect("the arrival sheet");
    let answers = FilledIn::from([
        ("F1E.02".to_owned(), answered(&["yes"], "Oui")),
        ("F1E.03".to_owned(), answered(&[], "<b>Démo</b> Exemple\nseconde ligne")),
        ("F1E.04".to_owned(), answered(&["F"], "Femme")),
    ]);
    let printed = Printed {
        address: None,
        case: "CM-MNR-2026-LT-000123-K",
    };
    let sheet = filled(m, f1e, Lang::Fr, &printed, &answers);
    let said = text(&sheet);
    assert!(
        said.contains("☑ Oui") && said.contains("CM-MNR-2026-LT-000123-K"),
        "{said}"
    );
    assert_eq!(said.matches('☑').count(), 2, "{said}");
    let page = html::body(&sheet);
    assert!(
        page.contains("&lt;b&gt;Démo&lt;/b&gt; Exemple<br>seconde ligne"),
        "never read as HTML"
    );
    let empty = filled(m, f1e, Lang::Fr, &printed, &FilledIn::new());
    assert!(!text(&empty).contains('☑'));
}

#[test]
fn a_form_that_is_none_names_those_there_are() {
    let Err(Problem::Unknown(known)) = form(cameroon(), "F99", Lang::En) else {
        panic!("F99 is no form");
    };
    assert!(
        known.contains(&"F4".to_owned()) && !known.contains(&"DOC10".to_owned()),
        "{known:?}"
    );
}
