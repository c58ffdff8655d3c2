//! The rows of the triage table (DOMAIN §1.4), one line each: what is answered,
//! what is proposed.

use std::collections::BTreeSet;

use relais_casework::triage::proposals;
use relais_casework::visible::restricted_classes;
use relais_mechanism::{Answer, Answers, ClassSet, DataClass, Mechanism, Priority};

/// Answers from "F1.66=yes", "child=yes", "F1E.12=danger+medical".
fn answers(typed: &[&str]) -> Answers {
    typed
        .iter()
        .map(|line| {
            let (code, value) = line.split_once('=').expect("code=value");
            let answer = match code {
                "child" => Answer::Bool(value == "yes"),
                "F1E.12" | "F1.28" => Answer::Many(value.split('+').map(str::to_owned).collect()),
                _ => Answer::One(value.to_owned()),
            };
            (code.to_owned(), answer)
        })
        .collect()
}

fn proposed(typed: &[&str], seen: ClassSet, handled: &[&str]) -> Vec<String> {
    let mechanism = Mechanism::embedded("cameroon").expect("the built-in mechanism");
    let handled: BTreeSet<String> = handled.iter().map(|s| (*s).to_owned()).collect();
    proposals(mechanism.triage(), &answers(typed), seen, &handled)
        .into_iter()
        .map(|p| format!("{} {}", p.priority, p.service))
        .collect()
}

#[test]
fn each_row_proposes_what_the_field_set() {
    let table: &[(&[&str], &[&str])] = &[
        (&[], &[]),
        (&["F1.60=yes"], &["P1 LEG.07"]),
        (&["F1.60=no"], &[]),
        (&["F1.60=not_raised"], &[]),
        (&["F1.60=unknown"], &[]),
        (&["F1.61=yes"], &["P1 MED.01"]),
        (&["F1.62=yes"], &["P1 PSS.01", "P1 PSS.04"]),
        (&["child=yes", "F1.63=yes"], &["P1 CHP.01", "P1 CHP.02"]),
        (&["child=yes", "F1E.06=alone"], &["P1 CHP.01", "P1 CHP.02"]),
        (&["child=no", "F1E.06=alone"], &[]),
        (
            &["F1E.12=danger+medical+distress+child+nosleep"],
            &["P1 LEG.07", "P1 MED.01", "P1 PSS.01", "P1 CHP.01", "P1 RCP.02"],
        ),
        (&["F1.69=yes"], &["P1 RCP.02"]),
        (&["F1E.07=nowhere"], &["P1 RCP.02"]),
        (&["F1E.07=nowhere", "F1.69=no"], &[]),
        (&["F1.70=yes"], &["P2 RCP.04"]),
        (&["F1.64=yes"], &["P1 GBV.01"]),
        (&["F1.65=yes"], &["P2 MED.02", "P2 GBV.02"]),
        (&["F1.66=yes"], &["P2 VOT.01"]),
        (&["F1.66=yes", "child=yes"], &["P1 CHP.01", "P1 VOT.01"]),
        (&["F1.66=yes", "F1.66b=yes"], &["P1 VOT.02", "P1 VOT.01"]),
        (&["F1.66=yes", "F1.66b=no"], &["P2 VOT.01"]),
        (&["F1.66=yes", "F1.69=yes"], &["P1 RCP.02", "P1 VOT.02", "P1 VOT.01"]),
        (&["F1.67=yes"], &["P2 RCP.03"]),
        (&["F1.75b=yes"], &["P2 RCP.03"]),
        (&["F1.67=yes", "F1.75b=yes"], &["P2 RCP.03"]),
        (&["F1.58=yes"], &["P2 LEG.02"]),
        (&["F1.58=yes", "child=yes"], &["P1 LEG.02"]),
        (&["F1.58=yes", "F1.61=yes"], &["P1 MED.01", "P1 LEG.02"]),
        (&["F1.71=yes"], &["P2 MED.06"]),
        (&["F1.74=yes"], &["P2 MED.05"]),
        (&["F1.68a=yes"], &["P2 LEG.05"]),
        (&["F1.77a=2", "F1.77f=1"], &[]),
        (&["F1.77d=3"], &["P3 MED.07"]),
        (&["F1.28=CNI"], &[]),
        (&["F1.28=NONE"], &["P3 DOC.01"]),
        (
            &["F1.28=NONE", "F1.65=yes", "F1.60=yes"],
            &["P1 LEG.07", "P2 MED.02", "P2 GBV.02", "P3 DOC.01"],
        ),
    ];
    for (typed, expected) in table {
        assert_eq!(proposed(typed, ClassSet::all(), &[]), *expected, "{typed:?}");
    }
}

#[test]
fn whoever_does_not_see_what_a_row_rests_on_is_proposed_nothing_by_it() {
    let all = [
        "F1.66=yes",
        "F1.66b=yes",
        "F1.65=yes",
        "F1.64=yes",
        "F1.69=yes",
        "F1.28=NONE",
    ];
    let open = ClassSet::all().minus(restricted_classes());
    assert_eq!(proposed(&all, open, &[]), ["P1 RCP.02", "P3 DOC.01"]);
    // A row that rests on two classes wants both.
    let violence = ClassSet::EMPTY.with(DataClass::Violence);
    let seen = proposed(&["F1.66=yes", "F1.69=yes"], violence, &[]);
    assert_eq!(seen, ["P2 VOT.01"], "no place tonight is a matter of the plan");
    assert_eq!(proposed(&all, ClassSet::EMPTY, &[]), Vec::<String>::new());
}

#[test]
fn nothing_is_proposed_twice_and_each_says_why() {
    assert_eq!(proposed(&["F1.62=yes"], ClassSet::all(), &["PSS.01"]), ["P1 PSS.04"]);
    assert_eq!(
        proposed(&["F1.61=yes"], ClassSet::all(), &["MED.01"]),
        Vec::<String>::new()
    );
    let mechanism = Mechanism::embedded("cameroon").expect("the built-in mechanism");
    let both = answers(&["F1.61=yes", "F1E.12=medical", "F1.67=yes", "F1.75b=yes", "F1.64=yes"]);
    let found = proposals(mechanism.triage(), &both, ClassSet::all(), &BTreeSet::new());
    let of = |service: &str| found.iter().find(|p| p.service == service).expect("proposed");
    assert_eq!(of("MED.01").reasons.len(), 1, "the same reason stands once");
    assert_eq!(of("RCP.03").reasons.len(), 2, "two reasons for one service");
    assert_eq!(of("RCP.03").notes.len(), 1);
    assert_eq!(of("GBV.01").priority, Priority::P1);
    assert!(of("GBV.01").notes[0].en.contains("72"));
    assert_eq!(of("MED.01").mark.as_deref(), Some("K"));
}
