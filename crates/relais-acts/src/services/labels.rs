//! What the choices beside a search are called, in one language: some sixty labels
//! that every search says again.

use std::sync::Arc;

use hashbrown::HashMap;
use relais_mechanism::options::OptionList;
use relais_mechanism::{Lang, Mechanism};
use relais_network::service::Cost;

use super::asked::cost_label;
use crate::views::{Choice, Choosable};

/// Choices by code.
type ByCode = HashMap<Arc<str>, Arc<Choice>>;

/// The labels of one mechanism in one language.
pub struct Labels {
    pub(super) categories: ByCode,
    pub(super) regions: ByCode,
    pub(super) languages: ByCode,
    pub(super) targets: ByCode,
    pub(super) costs: ByCode,
}

impl Labels {
    /// All of them.
    pub(crate) fn of(mechanism: &Mechanism, lang: Lang) -> Self {
        let options = |list: &str| {
            let choices = mechanism
                .option_list(list)
                .map_or(&[][..], |l: &OptionList| l.choices.as_slice());
            by_code(choices.iter().map(|c| (c.code.as_str(), c.label.get(lang))))
        };
        Self {
            categories: by_code(
                mechanism
                    .categories()
                    .iter()
                    .map(|c| (c.code.as_str(), c.label.get(lang))),
            ),
            regions: by_code(mechanism.regions().map(|p| (p.code.as_str(), p.name(lang)))),
            languages: options("lang"),
            targets: options("target"),
            costs: Cost::ALL
                .iter()
                .map(|c| {
                    (
                        c.code().into(),
                        Arc::new(Choice::of(c.code(), cost_label(*c).get(lang))),
                    )
                })
                .collect(),
        }
    }
}

fn by_code<'m>(labels: impl Iterator<Item = (&'m str, &'m str)>) -> ByCode {
    labels
        .map(|(code, label)| (code.into(), Arc::new(Choice::of(code, label))))
        .collect()
}

/// Each with its label; what has none is called by its code.
pub(super) fn labelled<'c>(counts: impl Iterator<Item = (&'c str, usize)>, labels: &ByCode) -> Vec<Choosable> {
    let with_label = |(code, n)| {
        let known = labels.get(code).map(Arc::clone);
        (known.unwrap_or_else(|| Arc::new(Choice::of(code, code))), n)
    };
    counts.map(with_label).collect()
}
