//! The check of the documents, which `relais mechanism check` adds to the check
//! of the other files.

use relais_mechanism::finding::Location;
use relais_mechanism::institution::Template;
use relais_mechanism::{Finding, Label, Lang, Mechanism};

use crate::template::{self, Read};

/// Everything that is wrong with the templates of the mechanism: an unknown
/// block or value, a form or reference that is not there, a heading that jumps
/// a level, an empty section, a language without its twin, twins that do not
/// have the same shape.
///
/// It needs the mechanism whole: its own check comes first.
#[must_use]
pub fn check(mechanism: &Mechanism) -> Vec<Finding> {
    let mut findings = Vec::new();
    for code in mechanism.document_codes() {
        let read: fn(&Mechanism, &Template, Lang) -> Read = if code.starts_with('_') {
            template::part
        } else {
            template::read
        };
        let of = |lang| mechanism.document(code, lang).map(|t| (t, read(mechanism, t, lang)));
        let (fr, en) = (of(Lang::Fr), of(Lang::En));
        match (&fr, &en) {
            // What is wrong inside is mended first: it is what parts the two.
            (Some(fr), Some(en)) if fr.1.findings.is_empty() && en.1.findings.is_empty() => {
                findings.extend(twins(fr, en));
            }
            (Some(_), Some(_)) => {}
            (Some((template, _)), None) => findings.push(alone(template, Lang::En)),
            (None, Some((template, _))) => findings.push(alone(template, Lang::Fr)),
            (None, None) => {}
        }
        findings.extend([fr, en].into_iter().flatten().flat_map(|(_, read)| read.findings));
    }
    findings.sort_by(|a, b| a.at.cmp(&b.at));
    findings.dedup();
    findings
}

fn alone(template: &Template, missing: Lang) -> Finding {
    let name = template.path.rsplit('/').next().unwrap_or_default();
    let twin = match missing {
        Lang::Fr => name.replace(".en.md", ".fr.md"),
        Lang::En => name.replace(".fr.md", ".en.md"),
    };
    Finding {
        at: Location {
            file: template.path.as_str().into(),
            ..Location::default()
        },
        code: "document_twin",
        cause: Label {
            fr: format!("le document n’a pas son texte dans l’autre langue ({twin})"),
            en: format!("the document lacks its text in the other language ({twin})"),
        },
        remedy: Label {
            fr: format!("Ajoutez {twin} à côté."),
            en: format!("Add {twin} beside it."),
        },
    }
}

/// Where the two languages part ways: the first heading or block that differs.
fn twins(fr: &(&Template, Read), en: &(&Template, Read)) -> Option<Finding> {
    let (french, english) = (&fr.1.shape, &en.1.shape);
    let same = french.iter().zip(english).take_while(|(a, b)| a.0 == b.0).count();
    if same == french.len() && same == english.len() {
        return None;
    }
    let at = english.get(same).map_or(0, |(_, line)| *line);
    let other = french.get(same).map_or(0, |(_, line)| *line);
    Some(Finding {
        at: Location {
            file: en.0.path.as_str().into(),
            line: at,
            column: 0,
        },
        code: "document_twins",
        cause: Label {
            fr: format!(
                "à partir d’ici, l’anglais n’a plus les mêmes titres et blocs que {} (ligne {other})",
                fr.0.path
            ),
            en: format!(
                "from here on, the English no longer has the headings and blocks of {} (line {other})",
                fr.0.path
            ),
        },
        remedy: Label::of(
            "Donnez aux deux textes les mêmes titres et les mêmes blocs, dans le même ordre.",
            "Give both texts the same headings and blocks, in the same order.",
        ),
    })
}
