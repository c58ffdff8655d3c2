//! How long the SOP takes from the model to a PDF: the first one, which reads the
//! fonts, and those after it.
//!
//! `cargo run --release -p relais-pdf --example speed [FOLDER]`: with a folder,
//! also writes every document and every form there, in both languages.

use std::time::Instant;

use relais_documents::{build, form, list};
use relais_mechanism::{Lang, Mechanism};

fn main() -> std::io::Result<()> {
    let mechanism = Mechanism::embedded("cameroon").expect("the built-in mechanism is whole");
    let began = Instant::now();
    let sop = build(&mechanism, "DOC10", Lang::Fr).expect("the SOP is whole");
    println!("model of the SOP: {:.1?}", began.elapsed());
    let mut times = Vec::new();
    for n in 0..21 {
        let began = Instant::now();
        let file = relais_pdf::file(&sop);
        let took = began.elapsed();
        if n == 0 {
            println!("first PDF: {took:.1?}, {} KiB", file.len() / 1024);
        } else {
            times.push(took);
        }
    }
    times.sort_unstable();
    println!("warm, the middle of {}: {:.1?}", times.len(), times[times.len() / 2]);
    if let Some(folder) = std::env::args().nth(1) {
        for lang in [Lang::Fr, Lang::En] {
            let documents = list(&mechanism, lang)
                .into_iter()
                .map(|d| build(&mechanism, &d.code, lang));
            let forms = mechanism.forms().iter().map(|f| form(&mechanism, &f.code, lang));
            for document in documents.chain(forms) {
                let document = document.expect("the built-in documents are whole");
                let path = format!("{folder}/{}.{lang}.pdf", document.code);
                std::fs::write(path, relais_pdf::file(&document))?;
            }
        }
    }
    Ok(())
}
