//! What the answers propose on the page of a case.

use std::collections::BTreeSet;

use relais_casework::interview::Asking;
use relais_casework::triage;
use relais_mechanism::{Lang, Mechanism};

use super::{Notebook, ProposalRow};
use crate::file::CaseFile;

/// The services that a need was recorded for since the last answer, or whose
/// need is open; and child protection where the page says already that it comes
/// first.
fn handled(file: &CaseFile, notebook: &Notebook) -> BTreeSet<String> {
    let since = |at| notebook.last.is_some_and(|last| at >= last);
    file.needs
        .iter()
        .filter(|n| n.detail.machine.state.is_live() || since(n.record.recorded_at))
        .map(|n| n.detail.service.clone())
        .chain(file.card.adult_in_doubt().then(|| crate::child::FIRST.to_owned()))
        .collect()
}

/// More than are ever proposed at once: the taxonomy has 101 services.
const MOST: usize = 1000;

/// What is proposed to a viewer who sees these classes; the system proposes, a
/// person records the need.
pub(super) fn proposals(
    mechanism: &Mechanism,
    file: &CaseFile,
    notebook: &Notebook,
    asking: Asking,
    lang: Lang,
) -> Vec<ProposalRow> {
    let all = notebook.everything(file);
    let found = triage::proposals(mechanism.triage(), &all, asking.classes, &handled(file, notebook));
    let version = usize::try_from(file.record.version).unwrap_or_default();
    found
        .into_iter()
        .enumerate()
        .filter_map(|(place, p)| {
            let service = mechanism.service_type(&p.service)?;
            let words = |labels: &[relais_mechanism::Label]| -> Vec<String> {
                labels.iter().map(|l| l.get(lang).to_owned()).collect()
            };
            Some(ProposalRow {
                number: version * MOST + place,
                label: service.label.get(lang).to_owned(),
                priority: p.priority,
                reasons: words(&p.reasons),
                notes: words(&p.notes),
                mark: p.mark.clone(),
                service: p.service,
            })
        })
        .collect()
}
