//! Reads stages, responsibilities, indicators and the templates of documents.

use std::collections::BTreeMap;

use crate::institution::{Frequency, Indicator, RaciActor, RaciLine, Stage, Template, Unit};
use crate::load::{Loading, Reference, mark};
use crate::read::Reader;
use crate::source::{REGIONAL, Sources};
use crate::words::Lang;

/// What this module reads.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Institution {
    pub stages: Vec<Stage>,
    pub actors: Vec<RaciActor>,
    pub raci: Vec<RaciLine>,
    pub indicators: Vec<Indicator>,
    pub templates: BTreeMap<(String, Lang), Template>,
}

pub(super) fn read(loading: &mut Loading, sources: &Sources) -> Institution {
    Institution {
        stages: loading.each("stage", stage),
        actors: loading.each("raci_actor", |r, _| RaciActor {
            code: r.text("code"),
            label: r.label(""),
        }),
        raci: loading.each("raci", line),
        indicators: loading.each("indicator", |r, _| Indicator {
            code: r.text("code"),
            label: r.label(""),
            unit: r.word("unit", Unit::ALL, Unit::code).unwrap_or(Unit::Number),
            target: r.number_opt("target"),
            alert: r.number_opt("alert"),
            frequency: r
                .word("frequency", Frequency::ALL, Frequency::code)
                .unwrap_or(Frequency::Monthly),
        }),
        templates: templates(sources),
    }
}

fn codes(r: &mut Reader<'_>, key: &str, kind: &'static str, references: &mut Vec<Reference>) -> Vec<String> {
    let texts = r.texts(key);
    texts
        .into_iter()
        .map(|(code, at)| {
            references.push(Reference {
                at,
                kind,
                code: code.clone(),
            });
            code
        })
        .collect()
}

fn stage(r: &mut Reader<'_>, references: &mut Vec<Reference>) -> Stage {
    Stage {
        code: r.text("code"),
        label: r.label(""),
        actors: r.label("actors"),
        input: r.label("input"),
        output: r.label("output"),
        forms: codes(r, "forms", "form", references),
        deadline: r.label("deadline"),
        mark: mark(r),
    }
}

fn line(r: &mut Reader<'_>, references: &mut Vec<Reference>) -> RaciLine {
    let mut of = |r: &mut Reader<'_>, key: &str| codes(r, key, "raci_actor", references);
    RaciLine {
        responsible: of(r, "responsible"),
        accountable: of(r, "accountable"),
        consulted: of(r, "consulted"),
        informed: of(r, "informed"),
        code: r.text("code"),
        label: r.label(""),
        mark: mark(r),
    }
}

/// The templates (`documents/CODE.LANG.md`); the country's file of the same
/// name takes the place of the region's.
fn templates(sources: &Sources) -> BTreeMap<(String, Lang), Template> {
    let mut found = BTreeMap::new();
    for layer in [REGIONAL, sources.country.as_str()] {
        let folder = format!("{layer}/documents/");
        for (path, text) in &sources.files {
            let Some(file) = path.strip_prefix(&folder) else {
                continue;
            };
            for lang in Lang::ALL.iter().copied() {
                if let Some(code) = file.strip_suffix(&format!(".{lang}.md")) {
                    let template = Template {
                        path: path.clone(),
                        text: text.clone(),
                    };
                    found.insert((code.to_owned(), lang), template);
                }
            }
        }
    }
    found
}
