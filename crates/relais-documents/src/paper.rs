//! A form alone on paper: empty, to be filled in by hand, or with what stands in a
//! case. At its head a code to scan says which form it is, of which version.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};
use relais_interchange::zip::escaped;
use relais_mechanism::form::Form;
use relais_mechanism::{DataClass, Lang, Mechanism};

use crate::derived::form::sheet_of;
use crate::model::{Block, Cell, Document, Inline, Row, Scheme, Table};
use crate::words::say;
use crate::{Problem, setting};

/// An answer that stands in a form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answered {
    /// Codes of the options chosen; "yes" or "no" for a question of yes or no.
    pub chosen: Vec<String>,
    /// The whole answer in words.
    pub words: String,
}

/// What stands in a form, by the codes of its questions; what is not there is printed
/// as room for an answer.
pub type FilledIn = BTreeMap<String, Answered>;

/// What is printed beside the questions.
#[derive(Debug, Clone, Copy, Default)]
pub struct Printed<'a> {
    /// The address of the form, for the code to scan; without it the code says which form
    /// and version it is.
    pub address: Option<&'a str>,
    /// Of which case the sheet is; empty for an empty form.
    pub case: &'a str,
}

/// The empty form.
///
/// # Errors
/// [`Problem::Unknown`] with the codes of the forms that there are.
pub fn form(mechanism: &Mechanism, code: &str, lang: Lang) -> Result<Document, Problem> {
    form_at(mechanism, code, lang, None)
}

/// The empty form, with the address under which it is found.
///
/// # Errors
/// As [`form`].
pub fn form_at(mechanism: &Mechanism, code: &str, lang: Lang, address: Option<&str>) -> Result<Document, Problem> {
    let form = mechanism.form(code).ok_or_else(|| {
        let known = mechanism.forms().iter().map(|f| f.code.clone());
        Problem::Unknown(known.collect())
    })?;
    let printed = Printed { address, case: "" };
    Ok(filled(mechanism, form, lang, &printed, &FilledIn::new()))
}

/// A form with what stands in it: the whole form, whoever reads it, so that a question
/// without an answer and one whose answer is not theirs look alike.
#[must_use]
pub fn filled(mechanism: &Mechanism, form: &Form, lang: Lang, printed: &Printed<'_>, answers: &FilledIn) -> Document {
    let mut blocks = vec![strip(mechanism, form, lang, printed)];
    blocks.extend(sheet_of(form, mechanism, lang, answers));
    blocks.push(legend(mechanism, form, lang));
    let mut document = Document {
        code: form.code.clone(),
        lang,
        title: form.label.get(lang).to_owned(),
        mechanism: mechanism.label().get(lang).to_owned(),
        country: mechanism.country().label.get(lang).to_owned(),
        version: mechanism.version().to_owned(),
        hash: mechanism.hash().chars().take(12).collect(),
        scheme: Scheme::default(),
        blocks,
    };
    setting::document(&mut document);
    document
}

/// Width and height of the strip at the head.
const STRIP: (usize, usize) = (900, 160);
/// White modules around the code, so that a telephone finds it.
const QUIET: usize = 4;

/// The strip at the head: the code to scan, and the same in words.
fn strip(m: &Mechanism, form: &Form, lang: Lang, printed: &Printed<'_>) -> Block {
    let which = format!("{} {}", form.code, m.version());
    let scanned = printed.address.unwrap_or(&which);
    let mut lines = vec![format!(
        "{} {}, {} {}",
        say(lang, "Fiche", "Form"),
        form.code,
        say(lang, "version", "version"),
        m.version()
    )];
    lines.extend((!printed.case.is_empty()).then(|| format!("{} {}", say(lang, "Dossier", "Case"), printed.case)));
    lines.extend(printed.address.map(str::to_owned));
    let words = lines.join(". ");
    let mut alternative = vec![Inline::text(format!("{}.", lines[0]))];
    if !printed.case.is_empty() {
        alternative.push(Inline::text(format!(" {}.", lines[1])));
    }
    if let Some(address) = printed.address {
        alternative.push(Inline::text(" "));
        alternative.push(Inline::Link {
            to: address.to_owned(),
            text: vec![Inline::Code(address.to_owned())],
        });
    }
    Block::Figure {
        number: 0,
        caption: vec![Inline::text(say(
            lang,
            "Code à lire avec un téléphone : quelle fiche, quelle version",
            "Code to read with a telephone: which form, which version",
        ))],
        svg: drawn(scanned, &lines, &words, lang),
        alternative: vec![Block::Paragraph(alternative)],
    }
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("memory takes all");
}

/// The strip as rectangles and words, which every writer draws.
fn drawn(scanned: &str, lines: &[String], words: &str, lang: Lang) -> String {
    let (width, height) = STRIP;
    let mut out = String::with_capacity(20_000);
    put(
        &mut out,
        format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" class=\"column\" \
             xml:lang=\"{lang}\" font-family=\"Liberation Sans, Arial, Helvetica, sans-serif\">\n<title>{0}</title>\n\
             <desc>{0}</desc>\n<rect x=\"0\" y=\"0\" width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n",
            escaped(words)
        ),
    );
    // An address that no code holds leaves the words alone.
    if let Ok(code) = QrCode::with_error_correction_level(scanned, EcLevel::M) {
        let side = code.width();
        let unit = (height / (side + 2 * QUIET)).max(1);
        for (row, colors) in code.to_colors().chunks(side).enumerate() {
            let mut at = 0;
            for run in colors.chunk_by(|a, b| a == b) {
                if run[0] == Color::Dark {
                    let (x, y) = ((at + QUIET) * unit, (row + QUIET) * unit);
                    let long = run.len() * unit;
                    put(
                        &mut out,
                        format_args!(
                            "<rect x=\"{x}\" y=\"{y}\" width=\"{long}\" height=\"{unit}\" fill=\"#14201e\"/>\n"
                        ),
                    );
                }
                at += run.len();
            }
        }
    }
    for (n, line) in lines.iter().enumerate() {
        let (size, weight) = if n == 0 { (24, " font-weight=\"700\"") } else { (18, "") };
        let y = 56 + 34 * n;
        put(
            &mut out,
            format_args!(
                "<text x=\"180\" y=\"{y}\" font-size=\"{size}\"{weight} fill=\"#14201e\">{}</text>\n",
                escaped(line)
            ),
        );
    }
    out.push_str("</svg>\n");
    out
}

/// What the data classes of the form mean: how sensitive, and who reads them.
fn legend(m: &Mechanism, form: &Form, lang: Lang) -> Block {
    let cell = |text: &str| -> Cell { vec![Inline::text(text)] };
    let of = |class: &DataClass| form.fields().any(|f| f.class == *class);
    let row = |class: &DataClass| {
        let reads = if class.is_restricted() {
            say(
                lang,
                "accès restreint : personnes nommées seulement",
                "restricted: named persons only",
            )
        } else {
            say(
                lang,
                "équipe du dossier ; service qui a accepté",
                "case team; service that has accepted",
            )
        };
        Row::Cells(vec![
            cell(m.class(*class).map_or("", |w| w.label.get(lang))),
            vec![Inline::Code(m.class_sensitivity(*class).code().to_owned())],
            cell(reads),
        ])
    };
    Block::Table(Table {
        number: 0,
        caption: cell(say(
            lang,
            "Les données de cette fiche : * réponse toujours demandée ; S0 publique à S4 la plus sensible",
            "The data of this form: * answer always asked; S0 public to S4 the most sensitive",
        )),
        widths: vec![42, 14, 44],
        head: vec![
            cell(say(lang, "Classe", "Class")),
            cell(say(lang, "Sensibilité", "Sensitivity")),
            cell(say(lang, "Qui la lit", "Who reads it")),
        ],
        rows: DataClass::ALL.iter().filter(|c| of(c)).map(row).collect(),
    })
}
