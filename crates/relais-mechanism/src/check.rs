//! The check of a mechanism: everything that is wrong with it, each finding
//! with its place, cause and remedy. What stands in one entry is checked while
//! it is read; here is what concerns several.

use std::collections::BTreeSet;

use crate::country::Regime;
use crate::finding::{Finding, Findings, Location, both};
use crate::limits::Span;
use crate::load::{self, Draft};
use crate::pathway::{EdgeRule, PathwayRules};
use crate::source::Sources;
use crate::words::{Lang, Sensitivity};

/// Notices that every mechanism must have, in both languages.
const NOTICES: &[&str] = &["consent", "oral"];

/// Everything that is wrong with the files, but for the comparison of the
/// pathway with the code (see [`check_with`]). Empty when they can be used.
#[must_use]
pub fn check(sources: &Sources) -> Vec<Finding> {
    let (draft_, mut findings) = load::read(sources);
    draft(&draft_, &mut findings);
    findings.into_vec()
}

/// Everything that is wrong with the files, the pathway compared with the
/// states and edges of the code: `relais_casework::referral::pathway_rules()`.
#[must_use]
pub fn check_with(sources: &Sources, rules: &PathwayRules) -> Vec<Finding> {
    let (draft_, mut findings) = load::read(sources);
    draft(&draft_, &mut findings);
    pathway(&draft_, rules, &mut findings);
    findings.into_vec()
}

/// The finding for a text that is no bundle.
pub(crate) fn not_a_bundle() -> Finding {
    Finding {
        at: Location::default(),
        code: "bundle",
        cause: both(
            "le texte conservé n’est pas un mécanisme",
            "the kept text is no mechanism",
        ),
        remedy: both(
            "Restaurez la base depuis une sauvegarde.",
            "Restore the database from a backup.",
        ),
    }
}

/// What concerns several entries of a mechanism.
pub(crate) fn draft(draft: &Draft, findings: &mut Findings) {
    waiting_states(draft, findings);
    on_call(draft, findings);
    classes(draft, findings);
    notices(draft, findings);
    ladder(draft, findings);
    vital(draft, findings);
}

/// Every waiting state has a limit for each of its priorities.
fn waiting_states(draft: &Draft, findings: &mut Findings) {
    let mechanism = &draft.mechanism;
    for state in mechanism.states() {
        let Some(waiting) = state.waiting else { continue };
        for priority in &state.priorities {
            let Some(limits) = mechanism.limits.get(priority) else {
                continue;
            };
            if limits.due(waiting.due).is_none() {
                findings.add(
                    draft.priorities.get(priority.code()).cloned().unwrap_or_default(),
                    "no_limit",
                    both(
                        format!(
                            "l’état « {} » n’a pas de délai « {} » pour {priority}",
                            state.code, waiting.due
                        ),
                        format!(
                            "the state “{}” has no limit “{}” for {priority}",
                            state.code, waiting.due
                        ),
                    ),
                    both(
                        format!("Donnez ce délai à {priority}, ou ôtez {priority} des priorities de l’état."),
                        format!("Give {priority} this limit, or take {priority} out of the state’s priorities."),
                    ),
                );
            }
        }
    }
    if mechanism.states().is_empty() {
        findings.add(
            Location::default(),
            "missing",
            both(
                "aucun [[state]] : le parcours manque",
                "no [[state]]: the pathway is missing",
            ),
            both(
                "Ajoutez les états et les arêtes du parcours.",
                "Add the states and edges of the pathway.",
            ),
        );
    }
}

/// Every region has somebody to call, or the country declares a fallback.
fn on_call(draft: &Draft, findings: &mut Findings) {
    for (region, at) in &draft.regions {
        if draft.mechanism.on_call(region).is_empty() {
            findings.add(
                at.clone(),
                "no_on_call",
                both(
                    format!("la région {region} n’a ni astreinte ni repli national"),
                    format!("the region {region} has neither on-call entry nor national fallback"),
                ),
                both(
                    "Remplissez un numéro dans [[on_call]] pour la région, ou déclarez un [[fallback]] national.",
                    "Fill in a number in [[on_call]] for the region, or declare a national [[fallback]].",
                ),
            );
        }
    }
    if draft.regions.is_empty() {
        findings.add(
            Location::default(),
            "missing",
            both("le pays n’a aucune [[region]]", "the country has no [[region]]"),
            both("Ajoutez les régions du pays.", "Add the country’s regions."),
        );
    }
}

/// Restricted classes are S4, and they alone.
fn classes(draft: &Draft, findings: &mut Findings) {
    for (class, (_, sensitivity)) in &draft.mechanism.classes {
        if class.is_restricted() != (*sensitivity == Sensitivity::S4) {
            findings.add(
                Location::default(),
                "class_sensitivity",
                both(
                    format!("[[data_class]] {class} : la sensibilité {sensitivity} ne convient pas"),
                    format!("[[data_class]] {class}: the sensitivity {sensitivity} does not fit"),
                ),
                both(
                    "Les classes health, mental_health, violence et legal sont S4, et elles seules.",
                    "The classes health, mental_health, violence and legal are S4, and they alone.",
                ),
            );
        }
    }
}

fn notices(draft: &Draft, findings: &mut Findings) {
    let names: BTreeSet<&str> = draft
        .notices
        .iter()
        .map(String::as_str)
        .chain(NOTICES.iter().copied())
        .collect();
    for name in names {
        for lang in Lang::ALL.iter().copied() {
            if draft
                .mechanism
                .notice(name, lang)
                .is_none_or(|text| text.trim().is_empty())
            {
                findings.add(
                    Location {
                        file: format!("regional/notices/{name}.{lang}.md").into(),
                        ..Location::default()
                    },
                    "missing_notice",
                    both(
                        format!("la notice « {name} » manque en « {lang} »"),
                        format!("the notice “{name}” is missing in “{lang}”"),
                    ),
                    both("Ajoutez le fichier avec son texte.", "Add the file with its text."),
                );
            }
        }
    }
}

/// The ladder rises to the percent at which a referral expires.
fn ladder(draft: &Draft, findings: &mut Findings) {
    let mechanism = &draft.mechanism;
    let top = mechanism.ladder().last().map_or(0, |s| s.percent);
    if top != mechanism.rules().expire_percent {
        findings.add(
            Location::default(),
            "ladder",
            both(
                format!(
                    "l’échelle finit à {top} %, mais l’échéance est à {} %",
                    mechanism.rules().expire_percent
                ),
                format!(
                    "the ladder ends at {top} %, but expiry is at {} %",
                    mechanism.rules().expire_percent
                ),
            ),
            both(
                "Accordez [[ladder]] et rules.expire_percent.",
                "Make [[ladder]] and rules.expire_percent agree.",
            ),
        );
    }
    for (priority, limits) in &mechanism.limits {
        let longer = |a: Span, b: Span| b.is_tighter_than(a);
        if longer(limits.acknowledge, limits.decide) {
            findings.add(
                draft.priorities.get(priority.code()).cloned().unwrap_or_default(),
                "limits_order",
                both(
                    format!("{priority} : l’accusé de réception est dû après la décision"),
                    format!("{priority}: the acknowledgement is due after the decision"),
                ),
                both(
                    "Raccourcissez acknowledge, ou allongez decide.",
                    "Shorten acknowledge, or lengthen decide.",
                ),
            );
        }
    }
}

/// The vital regime always covers an emergency: no rule of paper keeps a
/// person from help that saves life.
fn vital(draft: &Draft, findings: &mut Findings) {
    let covers = |rule: &crate::country::RegimeRule| rule.priorities.contains(&crate::words::Priority::P1);
    if !draft.mechanism.regime_rule(Regime::Vital).is_some_and(covers) {
        findings.add(
            Location::default(),
            "vital",
            both("le régime vital ne couvre pas P1", "the vital regime does not cover P1"),
            both(
                "Écrivez priorities = [\"P1\"] dans [[regime]] vital.",
                "Write priorities = [\"P1\"] in [[regime]] vital.",
            ),
        );
    }
}

/// The files' pathway is the code's pathway.
fn pathway(draft: &Draft, rules: &PathwayRules, findings: &mut Findings) {
    let mechanism = &draft.mechanism;
    for rule in &rules.states {
        match mechanism.state(&rule.code) {
            None => findings.add(
                Location {
                    file: "regional/pathway.toml".into(),
                    ..Location::default()
                },
                "missing_state",
                both(
                    format!("l’état « {} » manque", rule.code),
                    format!("the state “{}” is missing", rule.code),
                ),
                both(
                    "Ajoutez [[state]] avec son propriétaire et son délai.",
                    "Add [[state]] with its owner and limit.",
                ),
            ),
            Some(state) if state.waiting.is_some() != rule.waiting => findings.add(
                draft.states.get(&rule.code).cloned().unwrap_or_default(),
                "waiting",
                if rule.waiting {
                    both(
                        format!(
                            "l’état « {} » attend quelqu’un, mais n’a pas de propriétaire",
                            rule.code
                        ),
                        format!("the state “{}” waits on somebody, but has no owner", rule.code),
                    )
                } else {
                    both(
                        format!("l’état « {} » n’attend personne, mais a un propriétaire", rule.code),
                        format!("the state “{}” waits on nobody, but has an owner", rule.code),
                    )
                },
                both(
                    format!("Écrivez waiting = {} et ce qui va avec.", rule.waiting),
                    format!("Write waiting = {} and what goes with it.", rule.waiting),
                ),
            ),
            Some(_) => {}
        }
    }
    for state in mechanism
        .states()
        .iter()
        .filter(|s| !rules.states.iter().any(|r| r.code == s.code))
    {
        findings.add(
            draft.states.get(&state.code).cloned().unwrap_or_default(),
            "unknown_state",
            both(
                format!("le programme ne connaît pas l’état « {} »", state.code),
                format!("the program does not know the state “{}”", state.code),
            ),
            both(
                "Effacez-le : un mécanisme n’ajoute pas d’état.",
                "Erase it: a mechanism adds no state.",
            ),
        );
    }
    let written: BTreeSet<EdgeRule> = mechanism
        .edges()
        .iter()
        .map(|e| EdgeRule {
            from: e.from.clone(),
            command: e.command.clone(),
            to: e.to.clone(),
        })
        .collect();
    let coded: BTreeSet<EdgeRule> = rules.edges.iter().cloned().collect();
    let shown = |e: &EdgeRule| format!("{} –{}→ {}", e.from, e.command, e.to);
    for edge in coded.difference(&written) {
        findings.add(
            Location {
                file: "regional/pathway.toml".into(),
                ..Location::default()
            },
            "missing_edge",
            both(
                format!("l’arête {} manque", shown(edge)),
                format!("the edge {} is missing", shown(edge)),
            ),
            both(
                "Ajoutez [[edge]] avec from, command, to, by et ses libellés.",
                "Add [[edge]] with from, command, to, by and its labels.",
            ),
        );
    }
    for (edge, at) in mechanism.edges().iter().zip(&draft.edges) {
        let rule = EdgeRule {
            from: edge.from.clone(),
            command: edge.command.clone(),
            to: edge.to.clone(),
        };
        if !coded.contains(&rule) {
            findings.add(
                at.clone(),
                "unknown_edge",
                both(
                    format!("le programme ne connaît pas l’arête {}", shown(&rule)),
                    format!("the program does not know the edge {}", shown(&rule)),
                ),
                both(
                    "Effacez-la : un mécanisme n’ajoute pas d’arête.",
                    "Erase it: a mechanism adds no edge.",
                ),
            );
        }
    }
}
