//! Rule changes and adoptions: what was adopted is what runs.
//!
//! A line of the register `rule_change` names a figure of the mechanism and its new
//! value. How deep it goes says who decides: a parameter the secretariat, who may
//! put it in force at once; a procedure needs a contribution that was accepted, or a
//! decision; a principle a decision of the steering committee. When an adoption is
//! put in force, the changes that it links are written into the mechanism in the
//! same unit of work, which makes a new version: it rules what is new from then on,
//! and what runs keeps the version under which it began.

use std::collections::BTreeSet;
use std::sync::Arc;

use relais_mechanism::amend::{self, Layer, Parameter};
use relais_mechanism::registers::{Register, Values};
use relais_mechanism::{Finding, Lang, Mechanism, typography};
use relais_network::UserId;
use relais_store::rows::directory::{current_mechanism, mechanism_versions};
use relais_store::rows::registers::RegisterLineRecord;
use relais_store::{Store, StoreError, Tx, chain, ids};
use serde_json::json;
use uuid::Uuid;

use super::kept::{find, opened};
use super::{Line, lines, write};
use crate::desk::Desk;
use crate::directory::{By, mechanism_stream, note};
use crate::problem::ActError;

/// The register of rule changes.
const RULE_CHANGE: &str = "rule_change";
/// The register of adoptions.
const ADOPTION: &str = "adoption";
const PROPOSED: &str = "proposed";
const ACCEPTED: &str = "accepted";
const IN_FORCE: &str = "in_force";
const SUPERSEDED: &str = "superseded";

/// The figures that a rule change may name, with their value in force and how deep
/// a change of each goes.
#[must_use]
pub fn parameters(desk: &Desk) -> Vec<Parameter> {
    amend::parameters(&desk.mechanism())
}

/// The same as a form offers them: path, and what it is with its value now.
pub(super) fn options(mechanism: &Mechanism, lang: Lang) -> Vec<(String, String)> {
    let colon = match lang {
        Lang::Fr => "\u{a0}: ",
        Lang::En => ": ",
    };
    let said = |p: Parameter| {
        let words = format!(
            "{}{colon}{} ({})",
            p.label.get(lang),
            p.in_words(lang),
            layer_words(p.layer, lang)
        );
        (p.path, words)
    };
    amend::parameters(mechanism).into_iter().map(said).collect()
}

const fn layer_words(layer: Layer, lang: Lang) -> &'static str {
    match (layer, lang) {
        (Layer::Parameter, Lang::Fr) => "paramètre",
        (Layer::Parameter, Lang::En) => "parameter",
        (Layer::Procedure, Lang::Fr) => "procédure",
        (Layer::Procedure, Lang::En) => "procedure",
        (Layer::Principle, Lang::Fr) => "principe",
        (Layer::Principle, Lang::En) => "principle",
    }
}

fn one<'v>(values: &'v Values, field: &str) -> &'v str {
    values.get(field).and_then(|v| v.first()).map_or("", String::as_str)
}

/// Refuses a rule change whose figure, value or layer is wrong; other registers
/// have nothing of the kind. Before the line is written.
pub(super) fn check(mechanism: &Mechanism, register: &str, values: &Values) -> Result<(), ActError> {
    if register != RULE_CHANGE {
        return Ok(());
    }
    let path = one(values, "parameter");
    let Some(parameter) = amend::parameter(mechanism, path) else {
        return Err(ActError::field(
            "parameter",
            "unknown_parameter",
            ("Choisissez une règle de la liste.", "Choose a rule of the list."),
        ));
    };
    if one(values, "layer") != parameter.layer.code() {
        let (fr, en) = (
            layer_words(parameter.layer, Lang::Fr),
            layer_words(parameter.layer, Lang::En),
        );
        return Err(ActError::field(
            "layer",
            "layer",
            (
                &format!("La couche de cette règle est «\u{a0}{fr}\u{a0}»\u{a0}: choisissez-la."),
                &format!("The layer of this rule is “{en}”: choose it."),
            ),
        ));
    }
    let change = (path.to_owned(), one(values, "value").to_owned());
    match amend::amended(mechanism, &[change], &amend::next_version(mechanism)) {
        Ok(_) => Ok(()),
        Err(findings) => Err(wrong_value(&findings)),
    }
}

/// What is wrong with a value, beside its field.
fn wrong_value(findings: &[Finding]) -> ActError {
    let code = findings.first().map_or("value", |f| f.code);
    let told = |lang| {
        let first = findings.first();
        first.map_or_else(String::new, |f| {
            format!("{} {}", sentence(f.cause.get(lang)), f.remedy.get(lang))
        })
    };
    let (fr, en) = (typography::french(&told(Lang::Fr)), told(Lang::En));
    ActError::field("value", code, (&fr, &en))
}

fn sentence(text: &str) -> String {
    if text.ends_with('.') {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// What a line of these registers must have to stand where it was put, and what
/// follows from it; after the line was written, in its unit of work. `was` is the
/// line before; `None` for a new one.
pub(super) fn follow(
    tx: &mut Tx<'_>,
    desk: &Desk,
    by: UserId,
    (register, id): (&str, Uuid),
    was: Option<&Line>,
) -> Result<(), ActError> {
    if ![RULE_CHANGE, ADOPTION].contains(&register) {
        return Ok(());
    }
    let line = find(tx, register, id)?;
    if register == ADOPTION {
        adoption(tx, desk, by, &line, was)
    } else {
        rule_change(tx, desk, by, &line, was)
    }
}

/// After the unit of work was committed: this process takes up the mechanism that is
/// now in force; the others do so by themselves within a moment.
pub(super) async fn settle(desk: &Arc<Desk>, register: &str) -> Result<(), ActError> {
    if ![RULE_CHANGE, ADOPTION].contains(&register) {
        return Ok(());
    }
    let desk = Arc::clone(desk);
    let refreshed = tokio::task::spawn_blocking(move || desk.refresh()).await;
    refreshed.map_err(|e| StoreError::Schema(format!("mechanism: {e}")))?
}

fn rule_change(tx: &mut Tx<'_>, desk: &Desk, by: UserId, line: &Line, was: Option<&Line>) -> Result<(), ActError> {
    if let Some(was) = was.filter(|w| w.state == IN_FORCE) {
        return if was.values == line.values && line.state == IN_FORCE {
            Ok(())
        } else {
            Err(already_in_force())
        };
    }
    match line.state.as_str() {
        ACCEPTED => supported(tx, desk, line),
        IN_FORCE if one(&line.values, "layer") == Layer::Parameter.code() => {
            apply(tx, desk, by, std::slice::from_ref(line), line.id)
        }
        IN_FORCE => Err(ActError::refused(
            "by_adoption",
            (
                "Un changement de procédure ou de principe entre en vigueur avec le texte adopté.",
                "A change of a procedure or principle comes into force with the text that is adopted.",
            ),
            (
                "Liez-le à une adoption, et mettez celle-ci en vigueur.",
                "Link it to an adoption, and put that in force.",
            ),
        )),
        _ => Ok(()),
    }
}

fn adoption(tx: &mut Tx<'_>, desk: &Desk, by: UserId, line: &Line, was: Option<&Line>) -> Result<(), ActError> {
    let mechanism = desk.mechanism();
    let linked = |line: &Line| links(&mechanism, line, RULE_CHANGE);
    if let Some(was) = was.filter(|w| [IN_FORCE, SUPERSEDED].contains(&w.state.as_str())) {
        let on = line.state == was.state || (was.state == IN_FORCE && line.state == SUPERSEDED);
        return if on && linked(was) == linked(line) {
            Ok(())
        } else {
            Err(already_in_force())
        };
    }
    if line.state != IN_FORCE {
        return Ok(());
    }
    let mut changes = Vec::new();
    for id in linked(line) {
        let change = read(tx, id)?.ok_or(ActError::NotFound)?;
        match change.state.as_str() {
            IN_FORCE => {}
            ACCEPTED => {
                supported(tx, desk, &change)?;
                changes.push(change);
            }
            _ => return Err(not_accepted(&mechanism, &change)),
        }
    }
    let mut named = BTreeSet::new();
    if let Some(twice) = changes.iter().find(|c| !named.insert(one(&c.values, "parameter"))) {
        let (fr, en) = (title(&mechanism, twice, Lang::Fr), title(&mechanism, twice, Lang::En));
        return Err(ActError::refused(
            "changed_twice",
            (
                &format!("Deux changements liés portent sur la même règle\u{a0}: {fr}."),
                &format!("Two linked changes are about the same rule: {en}."),
            ),
            ("N’en liez qu’un.", "Link only one of them."),
        ));
    }
    if changes.is_empty() {
        return Ok(());
    }
    apply(tx, desk, by, &changes, line.id)
}

/// Writes changes into the mechanism in force: a new version. `cause` is the line by
/// which they come into force, which is written already.
fn apply(tx: &mut Tx<'_>, desk: &Desk, by: UserId, changes: &[Line], cause: Uuid) -> Result<(), ActError> {
    // Whoever else changes the mechanism waits here, and then finds the version made now.
    chain::lock(tx, mechanism_stream())?;
    let record = current_mechanism(tx)?.ok_or(ActError::NotFound)?;
    let base = desk.version(tx, &record.hash)?;
    let pairs: Vec<(String, String)> = changes
        .iter()
        .map(|c| {
            (
                one(&c.values, "parameter").to_owned(),
                one(&c.values, "value").to_owned(),
            )
        })
        .collect();
    let after = amend::amended(&base, &pairs, &amend::next_version(&base)).map_err(|f| no_longer_fits(&f))?;
    let register = base.register(RULE_CHANGE).ok_or(ActError::NotFound)?;
    for change in changes.iter().filter(|c| c.id != cause) {
        in_force(tx, desk, by, register, change)?;
    }
    Desk::adopt_in(tx, &after)?;
    let facts = json!({
        "hash": after.hash(),
        "version": after.version(),
        "before": base.hash(),
        "cause": cause,
        "changes": changes.iter().map(|c| c.id).collect::<Vec<_>>(),
    });
    let subject = ids::new_v7(tx.now()?);
    note(
        tx,
        By::User(by),
        mechanism_stream(),
        subject,
        "mechanism_adopted",
        facts,
    )
}

fn in_force(tx: &mut Tx<'_>, desk: &Desk, by: UserId, register: &Register, change: &Line) -> Result<(), ActError> {
    let values = change.values.clone();
    write(
        tx,
        desk,
        by,
        register,
        change.id,
        IN_FORCE,
        values,
        "",
        Some(change.version),
    )?;
    Ok(())
}

/// Refuses a rule change that nothing carries: each layer asks for something.
fn supported(tx: &mut Tx<'_>, desk: &Desk, line: &Line) -> Result<(), ActError> {
    let mechanism = desk.mechanism();
    let layer = amend::parameter(&mechanism, one(&line.values, "parameter")).map(|p| p.layer);
    match layer {
        Some(Layer::Parameter) => Ok(()),
        Some(Layer::Procedure) => {
            for id in links(&mechanism, line, "contribution") {
                let accepted = read(tx, id)?.is_some_and(|c| [ACCEPTED, "adapted"].contains(&c.state.as_str()));
                if accepted {
                    return Ok(());
                }
            }
            for id in links(&mechanism, line, "decision") {
                if read(tx, id)?.is_some_and(|d| stands(&d)) {
                    return Ok(());
                }
            }
            Err(ActError::refused(
                "not_supported",
                (
                    "Un changement de procédure repose sur une contribution retenue ou sur une décision.",
                    "A change of a procedure rests on a contribution that was accepted or on a decision.",
                ),
                ("Liez l’une des deux.", "Link one of the two."),
            ))
        }
        Some(Layer::Principle) | None => {
            for id in links(&mechanism, line, "decision") {
                if let Some(decision) = read(tx, id)?.filter(stands)
                    && of_committee(tx, &mechanism, &decision)?
                {
                    return Ok(());
                }
            }
            Err(ActError::refused(
                "not_supported",
                (
                    "Un changement de principe repose sur une décision du comité de pilotage, prise en session.",
                    "A change of a principle rests on a decision of the steering committee, taken in session.",
                ),
                (
                    "Liez la décision, et elle son point de l’ordre du jour.",
                    "Link the decision, and that its agenda item.",
                ),
            ))
        }
    }
}

fn stands(decision: &Line) -> bool {
    ["open", "done"].contains(&decision.state.as_str())
}

/// Whether a decision was taken on an item of a session of the steering committee.
fn of_committee(tx: &mut Tx<'_>, mechanism: &Mechanism, decision: &Line) -> Result<bool, ActError> {
    let mut here = vec![decision.clone()];
    for next in ["agenda", "session", "body"] {
        let mut there = Vec::new();
        for id in here.iter().flat_map(|line| links(mechanism, line, next)) {
            there.extend(read(tx, id)?);
        }
        here = there;
    }
    Ok(here.iter().any(|body| one(&body.values, "kind") == "committee"))
}

/// The lines of a register to which a line links.
fn links(mechanism: &Mechanism, line: &Line, target: &str) -> Vec<Uuid> {
    let Some(register) = mechanism.register(&line.register) else {
        return Vec::new();
    };
    let fields = register.fields.iter().filter(|f| f.kind.target() == Some(target));
    fields
        .filter_map(|f| line.values.get(&f.code))
        .flatten()
        .filter_map(|id| id.parse().ok())
        .collect()
}

/// A line of whatever register.
fn read(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<Line>, ActError> {
    let record = RegisterLineRecord::find(tx, id)?;
    let sealer = tx.sealer();
    record.map(|record| opened(&sealer, record)).transpose()
}

/// A mechanism that is about to be adopted from files, with the figures that rule
/// changes put in force kept as they are in force now: what was adopted outlives a
/// newer edition of the files. With how many were kept against the files.
///
/// # Errors
/// When such a figure does not fit the new mechanism, and when the store fails.
pub fn carried(store: &Store, mechanism: &Mechanism) -> Result<(Mechanism, usize), ActError> {
    let new = mechanism.clone();
    store.read_blocking(move |tx: &mut Tx<'_>| -> Result<_, ActError> {
        let changes = lines(tx, RULE_CHANGE)?;
        let named: BTreeSet<&str> = changes
            .iter()
            .filter(|c| c.state == IN_FORCE)
            .map(|c| one(&c.values, "parameter"))
            .collect();
        let Some(record) = current_mechanism(tx)?.filter(|_| !named.is_empty()) else {
            return Ok((new.clone(), 0));
        };
        let now = Mechanism::from_bundle(&record.bundle).map_err(|b| StoreError::Schema(b.to_string()))?;
        let kept = |path: &str| {
            let (was, is) = (amend::parameter(&new, path)?, amend::parameter(&now, path)?);
            (was.value != is.value).then(|| (path.to_owned(), is.value))
        };
        let pairs: Vec<(String, String)> = named.into_iter().filter_map(kept).collect();
        if pairs.is_empty() {
            return Ok((new.clone(), 0));
        }
        let laid = |version: &str| amend::amended(&new, &pairs, version).map_err(|f| no_longer_fits(&f));
        let same = laid(&amend::version_written(&now))?;
        if same.hash() == now.hash() {
            return Ok((same, pairs.len()));
        }
        // A name that no version has yet; what came of an earlier edition has its own.
        let taken = mechanism_versions(tx)?.iter().any(|v| v.label == new.version());
        let version = if taken {
            amend::next_version(&now)
        } else {
            amend::version_written(&new)
        };
        Ok((laid(&version)?, pairs.len()))
    })
}

/// What a rule change is about, in words.
fn title(mechanism: &Mechanism, line: &Line, lang: Lang) -> String {
    let path = one(&line.values, "parameter");
    amend::parameter(mechanism, path).map_or_else(|| path.to_owned(), |p| p.label.get(lang).to_owned())
}

fn not_accepted(mechanism: &Mechanism, change: &Line) -> ActError {
    let (fr, en) = (title(mechanism, change, Lang::Fr), title(mechanism, change, Lang::En));
    let (why_fr, why_en) = if change.state == PROPOSED {
        ("n’est encore que proposé", "is only proposed as yet")
    } else {
        ("n’a pas été accepté", "was not accepted")
    };
    ActError::refused(
        "not_accepted",
        (
            &format!("Un changement lié {why_fr}\u{a0}: {fr}."),
            &format!("A linked change {why_en}: {en}."),
        ),
        (
            "Acceptez-le d’abord, ou ôtez-le de l’adoption.",
            "Accept it first, or take it out of the adoption.",
        ),
    )
}

fn already_in_force() -> ActError {
    ActError::refused(
        "in_force",
        (
            "Ce qui est en vigueur ne se récrit pas\u{a0}: la version du mécanisme est faite.",
            "What is in force is not rewritten: the version of the mechanism is made.",
        ),
        (
            "Proposez un nouveau changement de règle.",
            "Propose another rule change.",
        ),
    )
}

/// The mechanism changed since the change was accepted, and the two do not go together.
fn no_longer_fits(findings: &[Finding]) -> ActError {
    let told = |lang| {
        let first = findings.first();
        first.map_or_else(String::new, |f| sentence(f.cause.get(lang)))
    };
    ActError::refused(
        "does_not_fit",
        (&typography::french(&told(Lang::Fr)), &told(Lang::En)),
        (
            "Corrigez la valeur d’un changement lié.",
            "Correct the value of a linked change.",
        ),
    )
}
