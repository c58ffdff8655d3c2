//! What a short plan must hold, field by field.

use chrono::{Days, NaiveDate};
use relais_casework::plan::{Dimension, GOALS, Goal, Plan, PlanProblem, PlanStatus, REVIEW_DAYS, WISH, WORDS};
use relais_network::NeedId;
use uuid::Uuid;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 23).expect("a date")
}

fn goal(n: u128) -> Goal {
    Goal {
        goal: "Reprendre la couture".to_owned(),
        dimension: Dimension::Economic,
        step: "S’inscrire à l’atelier".to_owned(),
        who: "La personne et J. Ebongué".to_owned(),
        by: today() + Days::new(20),
        need: Some(NeedId(Uuid::from_u128(n))),
        done: false,
    }
}

fn plan() -> Plan {
    Plan {
        wish: "Un atelier à moi".to_owned(),
        goals: vec![goal(1)],
        status: PlanStatus::Agreed,
        review_on: today() + Days::new(REVIEW_DAYS),
        agreed: true,
    }
}

fn wrong(plan: &Plan) -> Vec<(String, PlanProblem)> {
    plan.problems(&[NeedId(Uuid::from_u128(1))], today())
}

#[test]
fn a_whole_plan_has_nothing_wrong() {
    assert!(wrong(&plan()).is_empty());
    let draft = Plan {
        status: PlanStatus::Draft,
        agreed: false,
        ..plan()
    };
    assert!(wrong(&draft).is_empty(), "a draft may wait for the person");
}

#[test]
fn each_gap_is_named_by_its_field() {
    type Change = fn(&mut Plan);
    let table: [(&str, PlanProblem, Change); 12] = [
        ("wish", PlanProblem::Missing, |p| p.wish = "  ".to_owned()),
        ("wish", PlanProblem::TooLong, |p| p.wish = "é".repeat(WISH + 1)),
        ("goals.0.goal", PlanProblem::Missing, |p| p.goals.clear()),
        ("goals", PlanProblem::TooMany, |p| p.goals = vec![goal(1); GOALS + 1]),
        ("goals.1.goal", PlanProblem::Missing, |p| {
            p.goals.push(Goal {
                goal: String::new(),
                ..goal(1)
            });
        }),
        ("goals.0.step", PlanProblem::TooLong, |p| {
            p.goals[0].step = "é".repeat(WORDS + 1)
        }),
        ("goals.0.who", PlanProblem::Missing, |p| p.goals[0].who.clear()),
        ("goals.0.need", PlanProblem::UnknownNeed, |p| {
            p.goals[0].need = Some(NeedId(Uuid::from_u128(2)))
        }),
        ("review_on", PlanProblem::ReviewDay, |p| p.review_on = today()),
        ("review_on", PlanProblem::ReviewDay, |p| {
            p.review_on = today() + Days::new(REVIEW_DAYS + 1)
        }),
        ("agreed", PlanProblem::NotAgreed, |p| p.agreed = false),
        ("agreed", PlanProblem::NotAgreed, |p| {
            (p.agreed, p.status) = (false, PlanStatus::Achieved);
        }),
    ];
    for (field, problem, change) in table {
        let mut changed = plan();
        change(&mut changed);
        assert_eq!(wrong(&changed), [(field.to_owned(), problem)], "{field}");
    }
}

#[test]
fn what_is_over_is_not_looked_at_again() {
    for status in PlanStatus::ALL {
        let late = Plan {
            status: *status,
            review_on: today(),
            ..plan()
        };
        assert_eq!(wrong(&late).is_empty(), !status.is_reviewed(), "{status}");
    }
}
