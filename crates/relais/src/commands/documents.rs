//! `documents list | render | draw | diff`: the mechanism on paper, from the model.

use std::io::Write as _;
use std::path::Path;

use relais_acts::Desk;
use relais_acts::documents::{LiveAsked, live_for_operator};
use relais_documents::{Document, Live, Problem, build_with, diagram, docx, form, html, is_live, list};
use relais_mechanism::{Lang, Mechanism};
use serde_json::json;

use crate::cli::{DocumentSource, Documents as Command, Draw, Render};
use crate::commands::mechanism;
use crate::deployment;
use crate::failure::Failure;
use crate::output::{Output, table};
use crate::settings::Settings;

/// Runs the command.
pub fn run(
    command: &Command,
    settings: impl FnOnce() -> Result<Settings, Failure>,
    output: &Output,
) -> Result<u8, Failure> {
    match command {
        Command::List(source) => {
            let mechanism = from(source, settings)?;
            shown(&mechanism, output);
            Ok(0)
        }
        Command::Render(asked) => {
            let form = Form::of(asked)?;
            let (mechanism, live) = held(asked, settings, output.lang)?;
            render(asked, form, (&mechanism, &live), output)
        }
        Command::Draw(asked) => {
            let drawing = Drawing::of(asked)?;
            let mechanism = from(&asked.source, settings)?;
            draw(asked, drawing, &mechanism, output)
        }
        Command::Diff(asked) => super::document_diff::run(asked, settings, output),
    }
}

/// The mechanism that the documents are made from: the files, or the version
/// that the deployment has adopted.
fn from(source: &DocumentSource, settings: impl FnOnce() -> Result<Settings, Failure>) -> Result<Mechanism, Failure> {
    if source.adopted {
        let store = deployment::open(&settings()?)?;
        return deployment::mechanism(&store);
    }
    let layer = &source.layer;
    mechanism::load(layer.dir.as_deref(), &layer.country)
}

/// The mechanism and, with the version that the deployment has adopted, what the
/// deployment holds: read only for a document that says something of it.
fn held(
    asked: &Render,
    settings: impl FnOnce() -> Result<Settings, Failure>,
    lang: Lang,
) -> Result<(Mechanism, Live), Failure> {
    if !asked.source.adopted {
        return Ok((from(&asked.source, settings)?, Live::default()));
    }
    let store = deployment::open(&settings()?)?;
    let mechanism = deployment::mechanism(&store)?;
    if !is_live(&mechanism, &asked.code, lang) {
        return Ok((mechanism, Live::default()));
    }
    let desk = Desk::open(store)?;
    let asked = LiveAsked {
        code: asked.code.clone(),
        lang,
        of: None,
        site: String::new(),
    };
    Ok((mechanism, live_for_operator(&desk, asked)?))
}

fn shown(mechanism: &Mechanism, output: &Output) {
    let listed = list(mechanism, output.lang);
    // The forms are printed alone too.
    let forms = || mechanism.forms().iter().map(|f| (&f.code, f.label.get(output.lang)));
    let value = json!({
        "version": mechanism.version(),
        "documents": listed.iter().map(|d| json!({ "code": d.code, "title": d.title })).collect::<Vec<_>>(),
        "forms": forms().map(|(code, title)| json!({ "code": code, "title": title })).collect::<Vec<_>>(),
    });
    output.answer(&value, || {
        let mut rows: Vec<Vec<String>> = listed.iter().map(|d| vec![d.code.clone(), d.title.clone()]).collect();
        rows.extend(forms().map(|(code, title)| vec![code.clone(), title.to_owned()]));
        table(&["CODE", output.say("TITRE", "TITLE")], &rows)
    });
}

/// A form in which documents are written.
#[derive(Debug, Clone, Copy)]
enum Form {
    Html,
    Docx,
    Pdf,
}

const FORMS: &str = "html, docx, pdf";

impl Form {
    /// What is asked for, or what the name of the file says.
    fn of(asked: &Render) -> Result<Self, Failure> {
        let ending = asked.file.extension().and_then(|e| e.to_str()).unwrap_or_default();
        let named = asked.form.as_deref().unwrap_or(ending);
        match named {
            "html" => Ok(Self::Html),
            "docx" => Ok(Self::Docx),
            "pdf" => Ok(Self::Pdf),
            _ => Err(Failure::value("--as", named, FORMS)),
        }
    }
}

/// The document, or the form alone.
fn made(mechanism: &Mechanism, live: &Live, code: &str, lang: Lang) -> Result<Document, Problem> {
    if mechanism.form(code).is_some() {
        return form(mechanism, code, lang);
    }
    build_with(mechanism, live, code, lang).map_err(|problem| match problem {
        Problem::Unknown(mut known) => {
            known.extend(mechanism.forms().iter().map(|f| f.code.clone()));
            Problem::Unknown(known)
        }
        broken @ Problem::Broken(_) => broken,
    })
}

fn render(asked: &Render, form: Form, (mechanism, live): (&Mechanism, &Live), output: &Output) -> Result<u8, Failure> {
    let document = made(mechanism, live, &asked.code, output.lang).map_err(|problem| refused(&asked.code, &problem))?;
    let bytes = match form {
        Form::Html => html::page(&document).into_bytes(),
        Form::Docx => docx::file(&document),
        Form::Pdf => relais_pdf::file(&document),
    };
    write(&asked.file, &bytes).map_err(|e| Failure::file(&asked.file, &e))?;
    let value = json!({
        "file": asked.file,
        "bytes": bytes.len(),
        "code": document.code,
        "title": document.title,
        "version": document.version,
    });
    output.answer(&value, || {
        format!("{} – {} ({})", document.code, document.title, document.version)
    });
    Ok(0)
}

/// A form in which the pathway is drawn.
#[derive(Debug, Clone, Copy)]
enum Drawing {
    Svg,
    Bpmn,
}

const DRAWINGS: &str = "svg, bpmn";

impl Drawing {
    /// What is asked for, or what the name of the file says.
    fn of(asked: &Draw) -> Result<Self, Failure> {
        let ending = asked.file.as_deref().and_then(Path::extension).and_then(|e| e.to_str());
        let named = asked.form.as_deref().or(ending).unwrap_or_default();
        match named {
            "svg" => Ok(Self::Svg),
            "bpmn" => Ok(Self::Bpmn),
            _ => Err(Failure::value("--as", named, DRAWINGS)),
        }
    }
}

fn draw(asked: &Draw, drawing: Drawing, mechanism: &Mechanism, output: &Output) -> Result<u8, Failure> {
    let flow = diagram::flow(mechanism, output.lang);
    let text = match drawing {
        Drawing::Svg => diagram::svg(&flow, output.lang),
        Drawing::Bpmn => diagram::bpmn(&flow, output.lang),
    };
    let mut value = json!({
        "bytes": text.len(),
        "title": flow.title,
        "version": mechanism.version(),
    });
    if let Some(file) = &asked.file {
        write(file, text.as_bytes()).map_err(|e| Failure::file(file, &e))?;
        value["file"] = json!(file);
        output.answer(&value, || format!("{} ({})", flow.title, mechanism.version()));
    } else if output.is_json() {
        value["drawing"] = json!(text);
        output.answer(&value, String::new);
    } else {
        // As it is: typography has no business in XML. Whoever closed the pipe has read enough.
        drop(std::io::stdout().lock().write_all(text.as_bytes()));
    }
    Ok(0)
}

/// Writes a new file; it takes the place of no other.
pub(super) fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::File::create_new(path)?.write_all(bytes)
}

pub(super) fn refused(code: &str, problem: &Problem) -> Failure {
    match problem {
        Problem::Unknown(known) => {
            let known = known.join(", ");
            Failure::new(
                (
                    &format!("Le mécanisme n’a ni document ni fiche « {code} » dans cette langue."),
                    &format!("The mechanism has no document or form “{code}” in this language."),
                ),
                (
                    &format!("Choisissez parmi : {known}."),
                    &format!("Choose among: {known}."),
                ),
            )
        }
        Problem::Broken(findings) => {
            let first = |lang| findings.first().map(|f| f.line(lang)).unwrap_or_default();
            Failure::new(
                (
                    &format!(
                        "Le modèle du document a {} défaut(s). Le premier : {}",
                        findings.len(),
                        first(Lang::Fr)
                    ),
                    &format!(
                        "The document’s template has {} finding(s). The first: {}",
                        findings.len(),
                        first(Lang::En)
                    ),
                ),
                (
                    "« relais mechanism check » les donne tous.",
                    "“relais mechanism check” gives them all.",
                ),
            )
        }
    }
}
