//! One source: a limit changed by a rule change is another limit wherever it
//! stood, and the redline between the two versions says that and nothing else.

mod common;

use common::{cameroon, edited, text};
use relais_documents::redline::between;
use relais_documents::{build, diagram};
use relais_mechanism::amend::amended;
use relais_mechanism::{Lang, Mechanism};

/// The time to reach somebody with a standard need: nothing else in the mechanism
/// takes seven working days, so that the old value can be looked for.
fn changed() -> Mechanism {
    let change = [("priority.P3.first_contact".to_owned(), "8 wd".to_owned())];
    // Under the name of the version in force: only the value differs.
    let version = cameroon().version().trim_start_matches("cm-");
    amended(cameroon(), &change, version).expect("a legal value")
}

/// What stands in the elements of this name.
fn inside<'a>(html: &'a str, tag: &str) -> Vec<&'a str> {
    html.split(&format!("<{tag}>"))
        .skip(1)
        .map(|rest| rest.split(&format!("</{tag}>")).next().unwrap_or_default())
        .collect()
}

#[test]
fn the_redline_of_one_limit_says_that_limit_and_nothing_else() {
    let changed = changed();
    for (lang, old, new) in [
        (Lang::Fr, "7\u{a0}jours", "8\u{a0}jours"),
        (Lang::En, "7\u{a0}working", "8\u{a0}working"),
    ] {
        let told = between(cameroon(), &changed, "DOC10", lang).expect("renders");
        let (gone, new_there) = (inside(&told.html, "del"), inside(&told.html, "ins"));
        assert!(gone.contains(&old) && new_there.contains(&new), "{lang}: {}", told.html);
        assert_eq!(gone.len(), new_there.len(), "{lang}: {}", told.html);
        for (a, b) in gone.iter().zip(&new_there) {
            assert_eq!(a.replacen('7', "8", 1), *b, "{lang}: {}", told.html);
        }
        assert!((1..=20).contains(&told.changes), "{lang}: {} places", told.changes);
        // Under its headings, with the row's name, and none of what did not change.
        assert!(
            told.html.starts_with("<h2>") && told.html.contains("<caption>"),
            "{lang}"
        );
        assert!(told.html.len() < 12_000, "{lang}: {} bytes", told.html.len());
    }
    let nothing = between(cameroon(), cameroon(), "DOC10", Lang::Fr).expect("renders");
    assert_eq!((nothing.changes, nothing.html.as_str()), (0, ""));
}

#[test]
fn the_new_limit_stands_where_the_old_one_stood_and_the_old_one_nowhere() {
    let changed = changed();
    for (lang, short, long) in [
        (Lang::Fr, "\u{a0}j.o.", "\u{a0}jours ouvrables"),
        (Lang::En, "\u{a0}wd", "\u{a0}working days"),
    ] {
        let everything = |m: &Mechanism| {
            let flow = diagram::flow(m, lang);
            [
                ("SOP", text(&build(m, "DOC10", lang).expect("renders"))),
                ("poster", text(&build(m, "DOC11", lang).expect("renders"))),
                ("MoU", text(&build(m, "DOC08", lang).expect("renders"))),
                ("SVG", diagram::svg(&flow, lang)),
                ("BPMN", diagram::bpmn(&flow, lang)),
            ]
        };
        for ((name, before), (_, after)) in everything(cameroon()).iter().zip(&everything(&changed)) {
            let count = |text: &str, n: u8| {
                [short, long]
                    .iter()
                    .map(|unit| text.matches(&format!("{n}{unit}")).count())
                    .sum::<usize>()
            };
            assert!(count(before, 7) > 0, "{name} {lang}");
            assert_eq!(
                (count(after, 7), count(after, 8) - count(before, 8)),
                (0, count(before, 7)),
                "{name} {lang}"
            );
        }
    }
}

#[test]
fn a_section_put_in_is_told_once_though_it_moves_every_number() {
    let path = "regional/documents/DOC10.fr.md";
    let template = &cameroon().document("DOC10", Lang::Fr).expect("the SOP").text;
    let first = template.find("\n## ").expect("a section") + 1;
    let heading = template[first..].lines().next().expect("its line");
    let longer = edited(
        path,
        heading,
        &format!("## Avant tout\n\nUn paragraphe neuf.\n\n{heading}"),
    );
    let told = between(cameroon(), &longer, "DOC10", Lang::Fr).expect("renders");
    assert!(inside(&told.html, "del").is_empty(), "{}", told.html);
    assert!(told.html.contains("<ins>Avant tout</ins></h2>"), "{}", told.html);
    assert!(
        told.html.contains("<p><ins>Un paragraphe neuf.</ins></p>"),
        "{}",
        told.html
    );
    let back = between(&longer, cameroon(), "DOC10", Lang::Fr).expect("renders");
    assert!(
        back.html.contains("<p><del>Un paragraphe neuf.</del></p>"),
        "{}",
        back.html
    );
}
