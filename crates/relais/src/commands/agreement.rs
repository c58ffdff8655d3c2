//! `agreement add | end | list`.

use std::str::FromStr as _;

use chrono::NaiveDate;
use relais_acts::agreements::{self, NewAgreement};
use relais_acts::directory::By;
use relais_mechanism::{DataClass, Purpose, Sensitivity};
use relais_network::agreement::AgreementKind;
use serde_json::json;

use super::clock::zone;
use super::token::now;
use crate::cli::{Agreement, AgreementAdd};
use crate::deployment;
use crate::failure::Failure;
use crate::output::{Output, table};
use crate::settings::Settings;

/// Runs the command.
pub fn run(agreement: &Agreement, settings: &Settings, output: &Output) -> Result<u8, Failure> {
    let store = deployment::open(settings)?;
    let today = now(&store)?.with_timezone(&zone()).date_naive();
    match agreement {
        Agreement::Add(add) => {
            let id = agreements::add(&store, read(add, today)?, By::CommandLine)?;
            output.answer(&json!({ "id": id, "reference": add.reference }), || {
                format!(
                    "{} {}",
                    output.say("Accord inscrit :", "Agreement written down:"),
                    add.reference
                )
            });
        }
        Agreement::End { reference, party, on } => {
            let on = on.unwrap_or(today);
            agreements::end(&store, reference, party.as_deref(), on, By::CommandLine)?;
            output.answer(&json!({ "reference": reference, "party": party, "on": on }), || {
                format!(
                    "{} {reference}, {}",
                    output.say("Accord dénoncé :", "Agreement ended:"),
                    on.format("%d/%m/%Y")
                )
            });
        }
        Agreement::List => {
            let all = agreements::list(&store)?;
            output.answer(&all, || {
                let rows: Vec<Vec<String>> = all
                    .iter()
                    .map(|a| {
                        let day = |d: NaiveDate| d.format("%d/%m/%Y").to_string();
                        let parties: Vec<&str> = a.parties.iter().map(|(code, _)| code.as_str()).collect();
                        let end = match (a.denounced_on, a.until) {
                            (Some(on), _) => format!("{} {}", output.say("dénoncé", "ended"), day(on)),
                            (None, Some(until)) => day(until),
                            (None, None) => "–".to_owned(),
                        };
                        vec![
                            a.reference.clone(),
                            a.kind.clone(),
                            parties.join(","),
                            a.max_sensitivity.to_string(),
                            end,
                        ]
                    })
                    .collect();
                let headings = [
                    output.say("NUMÉRO", "NUMBER"),
                    output.say("SORTE", "KIND"),
                    output.say("PARTIES", "PARTIES"),
                    "MAX",
                    output.say("JUSQU’AU", "UNTIL"),
                ];
                table(&headings, &rows)
            });
        }
    }
    Ok(0)
}

fn known<T: Copy + 'static>(all: &[T], code: fn(T) -> &'static str) -> String {
    all.iter().map(|t| code(*t)).collect::<Vec<_>>().join(", ")
}

fn read(add: &AgreementAdd, today: NaiveDate) -> Result<NewAgreement, Failure> {
    let from = add.from.unwrap_or(today);
    let kind = AgreementKind::from_code(&add.kind)
        .ok_or_else(|| Failure::value("--kind", &add.kind, &known(AgreementKind::ALL, AgreementKind::code)))?;
    let max_sensitivity = Sensitivity::from_code(&add.max)
        .ok_or_else(|| Failure::value("--max", &add.max, &known(Sensitivity::ALL, Sensitivity::code)))?;
    let list = |words: &[String]| -> Option<Vec<String>> { (words != ["all"]).then(|| words.to_vec()) };
    let classes = match list(&add.classes) {
        None => DataClass::ALL.to_vec(),
        Some(words) => words
            .iter()
            .map(|w| {
                DataClass::from_code(w)
                    .ok_or_else(|| Failure::value("--classes", w, &known(DataClass::ALL, DataClass::code)))
            })
            .collect::<Result<_, _>>()?,
    };
    let purposes = match list(&add.purposes) {
        None => Purpose::ALL.to_vec(),
        Some(words) => words
            .iter()
            .map(|w| {
                Purpose::from_code(w)
                    .ok_or_else(|| Failure::value("--purposes", w, &known(Purpose::ALL, Purpose::code)))
            })
            .collect::<Result<_, _>>()?,
    };
    let parties = add
        .parties
        .iter()
        .map(|party| match party.split_once('=') {
            None => Ok((party.clone(), from)),
            Some((code, day)) => NaiveDate::from_str(day)
                .map(|day| (code.to_owned(), day))
                .map_err(|_| Failure::value("--party", party, "CODE, CODE=2026-01-31")),
        })
        .collect::<Result<_, _>>()?;
    Ok(NewAgreement {
        reference: add.reference.clone(),
        kind,
        parties,
        classes: classes.into_iter().collect(),
        purposes: purposes.into_iter().collect(),
        max_sensitivity,
        until: add.until,
    })
}
