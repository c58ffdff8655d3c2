//! How long the SOP takes from the model to a PDF: the first one, which reads the
//! fonts, and those after it; the same as DOCX, and what two hundred of both leave
//! in memory.
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
    let began = Instant::now();
    let file = relais_documents::docx::file(&sop);
    println!("DOCX: {:.1?}, {} KiB", began.elapsed(), file.len() / 1024);
    // Each time the model too, as a page does it.
    let mut kept = Vec::new();
    for n in 1..=200 {
        let sop = build(&mechanism, "DOC10", Lang::Fr).expect("the SOP is whole");
        std::hint::black_box((relais_pdf::file(&sop), relais_documents::docx::file(&sop)));
        if n % 50 == 0 {
            kept.push(format!("{n}: {} MB", resident()? / 1024));
        }
    }
    println!("memory after so many renders: {}", kept.join(", "));
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

/// Memory of this process, in KiB; 0 where the system does not tell.
fn resident() -> std::io::Result<u64> {
    let told = std::fs::read_to_string("/proc/self/status")?;
    let line = told.lines().find_map(|l| l.strip_prefix("VmRSS:"));
    Ok(line
        .and_then(|l| l.split_whitespace().next()?.parse().ok())
        .unwrap_or(0))
}
