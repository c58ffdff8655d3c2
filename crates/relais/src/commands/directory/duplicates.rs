//! `directory duplicates`: what is perhaps the same, on the screen or as a table.

use std::io::Write as _;
use std::path::Path;

use relais_acts::directory::merging::{self, PairView};
use relais_interchange::csv::Writer;
use relais_interchange::directory::table::Cell;
use relais_mechanism::Lang;

use crate::deployment;
use crate::failure::Failure;
use crate::output::{Output, table};
use crate::settings::Settings;

/// Pairs that are shown on the screen; the file has them all.
const SHOWN: usize = 20;

/// Lists the pairs; decisions are taken on the page, where both are seen.
pub fn list(file: Option<&Path>, settings: &Settings, output: &Output) -> Result<u8, Failure> {
    let store = deployment::open(settings)?;
    let mechanism = deployment::mechanism(&store)?;
    let pairs = merging::all(&store, &mechanism, output.lang)?;
    if let Some(path) = file {
        let mut to = std::fs::File::create_new(path).map_err(|e| Failure::file(path, &e))?;
        to.write_all(&as_table(&pairs, output.lang))
            .map_err(|e| Failure::file(path, &e))?;
    }
    output.answer(&pairs, || words(&pairs, output));
    Ok(0)
}

fn reasons(pair: &PairView, speaks_for: bool) -> String {
    let told = pair.reasons.iter().filter(|r| r.speaks_for == speaks_for);
    told.map(|r| r.says.as_str()).collect::<Vec<_>>().join(", ")
}

fn words(pairs: &[PairView], output: &Output) -> String {
    let rows: Vec<Vec<String>> = pairs
        .iter()
        .take(SHOWN)
        .map(|pair| {
            let [one, other] = &pair.sides;
            vec![
                pair.score.to_string(),
                one.name.clone(),
                other.name.clone(),
                one.place.clone(),
                reasons(pair, true),
            ]
        })
        .collect();
    let headings = [
        output.say("INDICE", "INDEX"),
        output.say("UNE FICHE", "ONE ENTRY"),
        output.say("L’AUTRE", "THE OTHER"),
        output.say("LIEU", "PLACE"),
        output.say("POURQUOI", "WHY"),
    ];
    let all = pairs.len();
    let total = match output.lang {
        Lang::Fr => format!("{all} paires. La liste entière : --csv FICHIER.csv"),
        Lang::En => format!("{all} pairs. The whole list: --csv FILE.csv"),
    };
    format!("{}{total}", table(&headings, &rows))
}

fn as_table(pairs: &[PairView], lang: Lang) -> Vec<u8> {
    let text = |text: &str| Cell::Text(text.to_owned());
    let headings: [(&str, &str); 11] = [
        ("Indice", "Index"),
        ("Quoi", "What"),
        ("Code 1", "Code 1"),
        ("Nom 1", "Name 1"),
        ("Lieu 1", "Place 1"),
        ("Code 2", "Code 2"),
        ("Nom 2", "Name 2"),
        ("Lieu 2", "Place 2"),
        ("Pour", "For"),
        ("Contre", "Against"),
        ("Identifiants", "Ids"),
    ];
    let mut out = Writer::new(lang);
    out.line(headings.map(|(fr, en)| text(if lang == Lang::Fr { fr } else { en })));
    for pair in pairs {
        let [one, other] = &pair.sides;
        out.line([
            Cell::Number(f64::from(pair.score)),
            text(pair.what.code()),
            text(&one.code),
            text(&one.name),
            text(&one.place),
            text(&other.code),
            text(&other.name),
            text(&other.place),
            text(&reasons(pair, true)),
            text(&reasons(pair, false)),
            text(&format!("{} {}", one.id, other.id)),
        ]);
    }
    out.done()
}
