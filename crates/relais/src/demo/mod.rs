//! `demo`: a drill database with a country's mechanism, a directory, accounts
//! and invented persons, made once and kept. Cameroon's is told by hand; another
//! country's follows from its mechanism.

mod cast;
mod directory;
mod elsewhere;
mod institution;
mod people;
mod programmes;
#[cfg(test)]
mod search;
mod staff;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use relais_acts::accounts::viewer_by_login;
use relais_acts::agreements::{self, NewAgreement};
use relais_acts::directory::{By, import, note_mechanism, put, put_bodies};
use relais_acts::entries::safeguards::{Paper, sign_by_code};
use relais_acts::{ActError, Desk, entries};
use relais_mechanism::{DataClass, Lang, Mechanism, Purpose, Sensitivity};
use relais_network::Safeguard;
use relais_network::service::Cost;
use relais_store::{Store, StoreError, clock};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::cli::{Demo, Global};
use crate::commands::{local, mechanism, now, read_mapping, runtime, serve_desk, zone};
use crate::deployment;
use crate::failure::Failure;
use crate::output::{Output, table};
use crate::settings::Settings;
use cast::{Cast, OnCall, Undertaking};
use staff::Account;

/// The password of every account of the demonstration; refused elsewhere.
pub const PASSWORD: &str = "une-demonstration-sans-secret";

/// Where the demonstration is made if nothing else is said.
const FOLDER: &str = "relais-demo";
/// The file that tells a demonstration's folder from any other.
const MARK: &str = "demonstration.json";
/// How the list of public health facilities is read.
const FACILITIES: &str = include_str!("../../../../mechanisms/cameroon/mappings/health-facilities.toml");

/// What the mark keeps: tokens are kept nowhere else, and here only because
/// nothing in a demonstration is secret.
#[derive(Debug, Serialize, Deserialize)]
struct Mark {
    /// Whether the demonstration was made to its end.
    complete: bool,
    /// Code of the country.
    #[serde(default)]
    country: String,
    /// The accounts.
    accounts: Vec<Account>,
}

/// Runs the command.
///
/// # Errors
/// When the folder is not a demonstration's, or something cannot be made.
pub fn run(demo: &Demo, global: &Global, output: &Output) -> Result<u8, Failure> {
    let folder = global.data.clone().unwrap_or_else(|| PathBuf::from(FOLDER));
    let settings = Settings {
        data: folder.join("data"),
        keys: folder.join("keys"),
        listen: demo.listen.clone(),
        ..Settings::default()
    };
    let known = read_mark(&folder)?;
    let (desk, accounts) = match known {
        Some(mark) if !demo.fresh && mark.complete => {
            of_the_country(&mark, demo)?;
            (deployment::desk(&settings)?, mark.accounts)
        }
        Some(_) if !demo.fresh => {
            return Err(Failure::new(
                (
                    "La démonstration n’a pas été faite jusqu’au bout.",
                    "The demonstration was not made to its end.",
                ),
                (
                    "Refaites-la : relais demo --fresh.",
                    "Make it anew: relais demo --fresh.",
                ),
            ));
        }
        known => {
            // A broken mechanism is said before anything is taken away or made.
            let mechanism = mechanism::load(demo.layer.dir.as_deref(), &demo.layer.country)?;
            if known.is_some() {
                std::fs::remove_dir_all(&folder).map_err(|e| Failure::file(&folder, &e))?;
            }
            make(&folder, &settings, demo, mechanism, output)?
        }
    };
    if demo.no_serve {
        say(&accounts, None, &folder, &desk, output)?;
        return Ok(0);
    }
    let told = Arc::clone(&desk);
    serve_desk(&desk, &settings, true, output, |address| {
        if let Err(failure) = say(&accounts, Some(address), &folder, &told, output) {
            output.failure(&failure);
        }
    })
}

/// Whoever asks for another mechanism is not served the demonstration that is there.
fn of_the_country(mark: &Mark, demo: &Demo) -> Result<(), Failure> {
    let layer = &demo.layer;
    if layer.dir.is_none() {
        return Ok(());
    }
    let asked = mechanism::load(layer.dir.as_deref(), &layer.country)?;
    let (there, asked) = (&mark.country, &asked.country().code);
    if there == asked {
        return Ok(());
    }
    Err(Failure::new(
        (
            &format!("La démonstration de ce dossier est celle du pays {there}, et non {asked}."),
            &format!("The demonstration in this folder is of the country {there}, not {asked}."),
        ),
        (
            "Donnez un autre dossier (--data DOSSIER), ou refaites-la (--fresh).",
            "Give another folder (--data FOLDER), or make it anew (--fresh).",
        ),
    ))
}

/// The mark of a folder; none when there is nothing yet.
fn read_mark(folder: &Path) -> Result<Option<Mark>, Failure> {
    match std::fs::read_to_string(folder.join(MARK)) {
        Ok(text) => serde_json::from_str(&text).map(Some).or_else(|_| {
            Ok(Some(Mark {
                complete: false,
                country: String::new(),
                accounts: Vec::new(),
            }))
        }),
        Err(_) => {
            let empty = match std::fs::read_dir(folder) {
                Ok(mut entries) => entries.next().is_none(),
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => true,
                Err(e) => return Err(Failure::file(folder, &e)),
            };
            if empty {
                return Ok(None);
            }
            let name = folder.display();
            Err(Failure::new(
                (
                    &format!("Le dossier {name} n’est pas une démonstration ; il n’est pas touché."),
                    &format!("The folder {name} is no demonstration; it is left alone."),
                ),
                (
                    "Donnez un autre dossier : --data DOSSIER.",
                    "Give another folder: --data FOLDER.",
                ),
            ))
        }
    }
}

fn write_mark(folder: &Path, mark: &Mark) -> Result<(), Failure> {
    let path = folder.join(MARK);
    let text = serde_json::to_string_pretty(mark).unwrap_or_default();
    std::fs::write(&path, text).map_err(|e| Failure::file(&path, &e))
}

fn make(
    folder: &Path,
    settings: &Settings,
    demo: &Demo,
    mechanism: Mechanism,
    output: &Output,
) -> Result<(Arc<Desk>, Vec<Account>), Failure> {
    let mechanism = Arc::new(mechanism);
    let country = mechanism.country().code.clone();
    if demo.facilities.is_some() && country != directory::CAMEROON {
        return Err(Failure::new(
            (
                "La liste des formations sanitaires est celle du Cameroun.",
                "The list of health facilities is Cameroon’s.",
            ),
            (
                "Retirez --facilities ; « relais directory import » lit la liste d’un autre pays, avec sa correspondance.",
                "Leave --facilities out; “relais directory import” reads another country’s list, with its mapping.",
            ),
        ));
    }
    let facilities = match &demo.facilities {
        Some(file) => Some(std::fs::read(file).map_err(|e| Failure::file(file, &e))?),
        None => None,
    };
    output.progress(output.say("Une démonstration se prépare…", "A demonstration is being made…"));
    std::fs::create_dir_all(folder).map_err(|e| Failure::file(folder, &e))?;
    write_mark(
        folder,
        &Mark {
            complete: false,
            country: String::new(),
            accounts: Vec::new(),
        },
    )?;
    let by = By::CommandLine;
    let store = deployment::create(settings, true)?;
    let now = now(&store)?;
    let today = now.with_timezone(&zone()).date_naive();
    begin_clock(&store, now - TimeDelta::days(people::DAYS as i64 + 1))?;
    Desk::adopt(&store, &mechanism)?;
    note_mechanism(&store, &mechanism, by)?;
    put_bodies(&store, &mechanism, by)?;
    let mut cast = Cast::of(&mechanism, today, facilities.is_none());
    sign_safeguards(&store, &mechanism, &cast, today)?;
    put(&store, std::mem::take(&mut cast.entries), directory::SOURCE, by)?;
    let mut hospital = "HR-CM006".to_owned();
    if let Some(bytes) = facilities {
        let imported = import(
            &store,
            &mechanism,
            &bytes,
            &read_mapping(FACILITIES)?,
            false,
            by,
            &mut |_, _| {},
        )?;
        output.progress(&format!(
            "{} {}",
            imported.figures.created,
            output.say("formations sanitaires importées", "health facilities imported")
        ));
        hospital = real_hospital(&store, &mechanism)?;
    }
    sign_agreements(&store, std::mem::take(&mut cast.undertakings), today)?;
    let accounts = staff::open(&store, &cast.staff, &hospital)?;
    let desk = Desk::open_having(store, Some(mechanism))?;
    on_call(&desk, std::mem::take(&mut cast.on_call))?;
    let runtime = runtime()?;
    let tally = people::live(&desk, &runtime, &cast.scene, demo.cases as usize, now)?;
    propose(&desk, &runtime, cast.proposer)?;
    institution::add(&desk, &runtime, today)?;
    tracing::info!(
        cases = tally.cases,
        acts = tally.acts,
        refused = tally.refused,
        "demonstration made"
    );
    relais_store::audit::checkpoint(desk.store())?;
    write_mark(
        folder,
        &Mark {
            complete: true,
            country,
            accounts: accounts.clone(),
        },
    )?;
    Ok((desk, accounts))
}

/// What the tutelles signed before entries under them are published; some let it run
/// out ten days ago.
fn sign_safeguards(store: &Store, mechanism: &Mechanism, cast: &Cast, today: NaiveDate) -> Result<(), Failure> {
    let papers = |until| -> Vec<Paper> {
        Safeguard::ALL
            .iter()
            .map(|safeguard| Paper {
                safeguard: *safeguard,
                on: Some(today - directory::SIGNED_AGO),
                until,
                withdrawn_on: None,
                paper: directory::PAPER.to_owned(),
            })
            .collect()
    };
    sign_by_code(store, mechanism, &cast.signed, &papers(None), false)?;
    let over = papers(Some(today - Days::new(10)));
    sign_by_code(store, mechanism, &cast.run_out, &over, false)?;
    Ok(())
}

/// A centre's focal point proposes a change, which waits for the coordination unit.
fn propose(desk: &Arc<Desk>, runtime: &tokio::runtime::Runtime, login: String) -> Result<(), Failure> {
    let network = desk.network();
    let viewer = desk
        .store()
        .read_blocking(move |tx| viewer_by_login(tx, &network, &login))?
        .ok_or(ActError::NotFound)?;
    let own = runtime.block_on(entries::list(desk, &viewer))?;
    let row = own
        .rows
        .iter()
        .find(|r| r.status.is_offered())
        .ok_or(ActError::NotFound)?;
    let command = entries::ChangeEntry {
        id: row.id.0,
        version: row.version,
        cost: Some(Cost::Subsidised),
        note: "Le projet qui payait a pris fin (démonstration).".to_owned(),
        ..entries::ChangeEntry::default()
    };
    runtime.block_on(entries::change(desk, &viewer, row.id, command))?;
    Ok(())
}

/// Somebody invented is on call in one or two regions; the others are still to be
/// filled in, as in a country that begins.
fn on_call(desk: &Desk, lines: Vec<OnCall>) -> Result<(), Failure> {
    let network = desk.network();
    desk.store().write_blocking(move |tx| -> Result<(), ActError> {
        let by = viewer_by_login(tx, &network, staff::OFFICE)?
            .ok_or(ActError::NotFound)?
            .user;
        for line in &lines {
            relais_acts::on_call::demonstrate(tx, by, &line.region, &line.who, &line.number)?;
        }
        Ok(())
    })?;
    Ok(())
}

/// Begins a drill's time in the past: allowed once, before it was ever set.
fn begin_clock(store: &Store, at: DateTime<Utc>) -> Result<(), Failure> {
    Ok(store.write_blocking(move |tx| -> Result<(), StoreError> {
        tx.execute_one(clock::MOVE_CLOCK, &relais_store::params![at])
    })?)
}

/// The code of the regional hospital of Garoua in the imported list.
fn real_hospital(store: &Store, mechanism: &Mechanism) -> Result<String, Failure> {
    let all = relais_acts::directory::list(store, mechanism, Lang::Fr)?;
    all.iter()
        .find(|l| l.region == "CM006" && l.name.contains("Garoua") && l.name.contains("gional") && !l.demonstration)
        .map(|l| l.organisation.clone())
        .ok_or_else(|| {
            Failure::new(
                (
                    "La liste n’a pas d’hôpital régional à Garoua.",
                    "The list has no regional hospital in Garoua.",
                ),
                (
                    "Donnez la liste des formations sanitaires de 2019, ou aucune.",
                    "Give the list of health facilities of 2019, or none.",
                ),
            )
        })
}

/// What was agreed on sharing.
fn sign_agreements(store: &Store, signed: Vec<Undertaking>, today: NaiveDate) -> Result<(), Failure> {
    let day = |offset: i64| today + TimeDelta::days(offset);
    for undertaking in signed {
        let from = day(undertaking.from);
        let new = NewAgreement {
            reference: undertaking.reference.to_owned(),
            kind: undertaking.kind,
            parties: undertaking.parties.into_iter().map(|code| (code, from)).collect(),
            classes: DataClass::ALL.iter().copied().filter(|c| !c.is_restricted()).collect(),
            purposes: Purpose::ALL.iter().copied().collect(),
            max_sensitivity: Sensitivity::S3,
            until: undertaking.until.map(day),
        };
        agreements::add(store, new, By::CommandLine)?;
    }
    Ok(())
}

/// Prints address, accounts and where things lie.
fn say(
    accounts: &[Account],
    address: Option<&str>,
    folder: &Path,
    desk: &Desk,
    output: &Output,
) -> Result<(), Failure> {
    let store = desk.store().clone();
    let at = store.read_blocking(|tx| -> Result<_, ActError> { Ok(tx.now()?) })?;
    let value = json!({ "address": address, "accounts": accounts });
    output.answer(&value, || {
        let rows: Vec<Vec<String>> = accounts
            .iter()
            .map(|a| vec![a.login.clone(), a.role.clone(), a.organisation.clone(), a.token.clone()])
            .collect();
        let headings = [output.say("CONNEXION", "SIGN-IN"), output.say("RÔLE", "ROLE"), "ORGANISATION", output.say("JETON DE L’API", "API TOKEN")];
        let (folder, clock) = (folder.display(), local(at));
        let served = address.map(|a| format!("\n{} {a}\n", output.say("Ouvrez", "Open"))).unwrap_or_default();
        let words = match output.lang {
            Lang::Fr => format!(
                "Mot de passe de tous : {PASSWORD}\n\n\
                 Tout ici est inventé. Les clés sont à côté des données ({folder}/keys) : dans une démonstration seulement.\n\
                 L’heure y est arrêtée au {clock} ; pour l’avancer :\n\
                 relais --data {folder}/data --keys {folder}/keys clock set +1d"
            ),
            Lang::En => format!(
                "Everybody’s password: {PASSWORD}\n\n\
                 Everything here is invented. The keys lie beside the data ({folder}/keys): in a demonstration only.\n\
                 Its time stands at {clock}; to move it forward:\n\
                 relais --data {folder}/data --keys {folder}/keys clock set +1d"
            ),
        };
        format!("{}\n{words}\n{served}", table(&headings, &rows))
    });
    Ok(())
}
