//! The monthly sheet as a workbook: a line for each indicator with what it was counted
//! from, the same by region, and how to read it.

use relais_documents::Live;
use relais_interchange::directory::table::Cell;
use relais_interchange::xlsx::{Heading, Workbook};
use relais_mechanism::{Lang, Mechanism};

use crate::say::{self, say};

fn heads(lang: Lang, columns: &[(&'static str, &'static str, u16)]) -> Vec<Heading> {
    columns
        .iter()
        .map(|(fr, en, width)| Heading {
            text: say(lang, fr, en).to_owned(),
            width: *width,
        })
        .collect()
}

fn number(n: Option<u32>, lang: Lang) -> Cell {
    n.map_or_else(
        || Cell::Text(say(lang, "trop petit pour être montré", "too small to be shown").to_owned()),
        |n| Cell::Number(f64::from(n)),
    )
}

/// The workbook.
#[must_use]
pub fn workbook(live: &Live, mechanism: &Mechanism, lang: Lang) -> Vec<u8> {
    let label = |code: &str| {
        let indicator = mechanism.indicators().iter().find(|i| i.code == code);
        Cell::Text(indicator.map_or("", |i| i.label.get(lang)).to_owned())
    };
    let text = |text: &str| Cell::Text(text.to_owned());
    let mut book = Workbook::new(lang);
    let lines = live.figures.iter().map(|f| {
        // A share has two numbers; of a count the second is not missing but none.
        let is_share = f.denominator.is_some() || f.numerator.is_none() && f.split.is_empty();
        vec![
            text(&f.indicator),
            label(&f.indicator),
            text(&f.value),
            number(f.numerator, lang),
            if is_share {
                number(f.denominator, lang)
            } else {
                Cell::Empty
            },
            text(&f.target),
            text(&f.source),
        ]
    });
    let columns = [
        ("Code", "Code", 8),
        ("Indicateur", "Indicator", 44),
        ("Valeur", "Value", 14),
        ("Numérateur", "Numerator", 14),
        ("Dénominateur", "Denominator", 14),
        ("Cible ou alerte", "Target or alert", 16),
        ("Source", "Source", 60),
    ];
    book.list(say(lang, "Indicateurs", "Indicators"), heads(lang, &columns), lines);
    let parts = live.figures.iter().flat_map(|f| {
        f.split
            .iter()
            .map(move |(name, n)| vec![text(&f.indicator), label(&f.indicator), text(name), number(*n, lang)])
    });
    let columns = [
        ("Code", "Code", 8),
        ("Indicateur", "Indicator", 44),
        ("Région", "Region", 28),
        ("Nombre", "Number", 24),
    ];
    book.list(say(lang, "Par région", "By region"), heads(lang, &columns), parts);
    book.notes(say(lang, "Lire", "Read me"), &notes(live, mechanism, lang));
    book.done()
}

/// What the file is, line by line: a word and what it says.
fn notes(live: &Live, mechanism: &Mechanism, lang: Lang) -> Vec<(String, String)> {
    let line = |fr: &'static str, en: &'static str, text: String| (say(lang, fr, en).to_owned(), text);
    vec![
        line(
            "Fiche mensuelle",
            "Monthly sheet",
            mechanism.label().get(lang).to_owned(),
        ),
        line("Arrêtée le", "As of", live.on.map(say::date).unwrap_or_default()),
        line(
            "Petits nombres",
            "Small numbers",
            say(
                lang,
                "Un nombre de personnes inférieur à cinq n’est pas montré, ni celui d’une autre région qui le ferait deviner.",
                "A number of persons below five is not shown, nor that of another region from which it could be told.",
            )
            .to_owned(),
        ),
        line(
            "Absent",
            "Absent",
            say(
                lang,
                "Le circuit protégé et les besoins à accès restreint ne sont comptés nulle part.",
                "The protected circuit and restricted needs are counted nowhere.",
            )
            .to_owned(),
        ),
        line(
            "Version du mécanisme",
            "Version of the mechanism",
            mechanism.version().to_owned(),
        ),
    ]
}
