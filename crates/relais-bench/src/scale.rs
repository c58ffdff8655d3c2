//! Ten thousand cases against a million: what each thing that people do takes
//! on either, in the same minutes on the same machine.
//!
//! The population: twenty case managers hold a fifth of the cases, others the
//! rest. Of each of the twenty the newest hundred are under way, of the others
//! the newest tenth; all else is closed. So a hundred times the cases is also
//! a hundred times what the whole mechanism has under way and late, and the
//! work of one person stays what one person can do.

mod copy;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use copy::{Copy, Template};
use relais_acts::accounts;
use relais_acts::closing::{self, CloseCase};
use relais_acts::commands::{ActOnReferral, ReferralCommand};
use relais_acts::directory::By;
use relais_acts::{Desk, case, referral_view, referrals};
use relais_casework::closing::Closing;
use relais_casework::referral::{Confirmation, Outcome};
use relais_mechanism::Role;
use relais_network::{CaseId, NeedId, ReferralId};
use relais_store::{StoreError, ids};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::load::{Load, Served, wrk};
use crate::seed::{self, Seeded, TARGETS, VIEWERS};
use crate::table::middle;
use crate::{Failed, lines, open, search, sending};

/// Cases on either side.
const SIDES: [(&str, usize); 2] = [("small", 10_000), ("large", 1_000_000)];
/// Rounds, and the seconds of each part of one.
const ROUNDS: usize = 5;
const SECONDS: u64 = 2;
/// How many times as long anything may take among the many.
const MOST: f64 = 1.5;
/// Cases under way of each of the twenty, and how many of them were sent.
const UNDER_WAY: usize = 100;
const SENT: usize = 20;
/// Cases that are opened by id, for each of the twenty.
const OPENED: usize = 100;

/// What the load needs to know of a side.
#[derive(Serialize, Deserialize)]
struct Side {
    seeded: Seeded,
    /// Tokens of the secretariat and of a few providers.
    office: String,
    providers: Vec<String>,
    /// (case, number of its manager).
    cases: Vec<(Uuid, usize)>,
}

/// Makes both sides in the folder, unless they are there, and compares.
///
/// # Errors
/// When a side cannot be made or the load generator fails.
pub fn run(script: &Path, folder: &Path) -> Result<bool, Failed> {
    let mut sides = Vec::new();
    for (name, cases) in SIDES {
        let at = folder.join(name);
        let told = at.join("side.json");
        if !told.exists() {
            drop(std::fs::remove_dir_all(&at));
            std::fs::create_dir_all(&at)?;
            let side = make(&at, cases)?;
            std::fs::write(&told, serde_json::to_vec(&side)?)?;
        }
        let side: Side = serde_json::from_slice(&std::fs::read(told)?)?;
        let requests = requests(&side)?;
        sides.push((at.clone(), requests, Served::start(&at, None)?));
    }
    let operations = sides[0].1.len();
    println!("| what | small a second | large a second | times | small work µs | large work µs | times | most | |");
    println!("|---|---:|---:|---:|---:|---:|---:|---:|---|");
    let (mut passed, mut failed) = (0, 0);
    for operation in 0..operations {
        let what = sides[0].1[operation].0;
        let once = what.starts_with("send");
        let mut loads: [Vec<Load>; 2] = Default::default();
        for round in 0..=ROUNDS {
            for ((at, requests, served), loads) in sides.iter().zip(&mut loads) {
                let all = &requests[operation].1;
                let share = all.len() / (ROUNDS + 1);
                let these = if once {
                    &all[round * share..(round + 1) * share]
                } else {
                    &all[..]
                };
                let file = lines(at, "requests.txt", these)?;
                let load = wrk(script, served, &served.app, &file, once, SECONDS)?;
                if load.refused + load.broken > 0 {
                    let (status, body) = served.ask(&these[0])?;
                    return Err(format!("{what}: {} refused: {status} {body:.300}", load.refused + load.broken).into());
                }
                // The first fills the caches of both.
                if round > 0 {
                    loads.push(load);
                }
            }
        }
        let rate = |n: usize| middle(loads[n].iter().map(Load::rate).collect());
        let work = |n: usize| middle(loads[n].iter().map(Load::work_each).collect());
        let pairs = || loads[0].iter().zip(&loads[1]);
        let slower = middle(pairs().map(|(s, l)| s.rate() / l.rate()).collect());
        let more = middle(pairs().map(|(s, l)| l.work_each() / s.work_each()).collect());
        let holds = slower <= MOST;
        if holds {
            passed += 1
        } else {
            failed += 1
        }
        println!(
            "| {what} | {:.0} | {:.0} | {slower:.2} | {:.0} | {:.0} | {more:.2} | {MOST} | {} |",
            rate(0),
            rate(1),
            work(0),
            work(1),
            if holds { "holds" } else { "FAILS" }
        );
    }
    for (_, _, served) in &sides {
        let (now, most) = served.memory()?;
        println!("- memory: {now:.0} MB, {most:.0} MB at most");
    }
    println!("{passed} passed, {failed} failed");
    Ok(failed == 0)
}

/// What is measured, and the requests of each.
fn requests(side: &Side) -> Result<Vec<(&'static str, Vec<String>)>, Failed> {
    let get = |path: &str, token: &str| format!("GET\t{path}\t{token}");
    let tokens = &side.seeded.tokens;
    let of_all = |path: &str| tokens.iter().map(|t| get(path, t)).collect::<Vec<_>>();
    let opened = side
        .cases
        .iter()
        .map(|(case, manager)| get(&format!("/api/v1/cases/{case}"), &tokens[*manager]))
        .collect();
    let mut fresh = side.seeded.fresh.iter();
    let sent = side
        .seeded
        .needs
        .iter()
        .enumerate()
        .map(|(n, (need, _, manager, _))| {
            let id = *fresh.next().ok_or("no id")?;
            let target = side.seeded.targets[n % side.seeded.targets.len()];
            Ok(sending::request(&side.seeded, *need, *manager, id, target))
        })
        .collect::<Result<Vec<_>, Failed>>()?;
    Ok(vec![
        ("list of cases", of_all("/api/v1/cases")),
        ("open a case", opened),
        ("my day", of_all("/api/v1/day")),
        ("late list", vec![get("/api/v1/late", &side.office)]),
        (
            "inbox",
            side.providers.iter().map(|t| get("/api/v1/inbox", t)).collect(),
        ),
        ("search", search::requests(&side.seeded.queries, tokens)),
        ("send a referral", sent),
    ])
}

/// A side: a few cases by the acts, the rest as copies of them.
fn make(folder: &Path, cases: usize) -> Result<Side, Failed> {
    let start = Instant::now();
    let (desk, mut seeded) = seed::prepare(folder, None, 3)?;
    let store = desk.store().clone();
    let token = |login: &str| -> Result<String, Failed> {
        let secret = ids::secret();
        accounts::create_token(
            &store,
            login,
            "bench",
            relais_server::secret::hash(&secret),
            None,
            By::CommandLine,
        )?;
        Ok(relais_server::secret::text(&secret))
    };
    let office = seed::user("office", &seed::holder(0), Role::Secretariat);
    accounts::create(&store, office, By::CommandLine)?;
    let office = token("office")?;
    let providers = (0..10)
        .map(|n| token(&format!("focal-{n}")))
        .collect::<Result<_, _>>()?;
    let made = seeded.needs.clone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // The second is sent, the third is brought to its end.
    runtime.block_on(bring(&desk, &seeded, &made))?;
    let managers = (0..VIEWERS)
        .map(|n| Ok(seed::viewer(&desk, &seed::manager(n))?.user.0))
        .collect::<Result<Vec<Uuid>, Failed>>()?;
    let sealer = store.sealer();
    drop((desk, store));

    let (location, _) = seed::places(folder, None);
    let data = location
        .folder()
        .ok_or("no folder")?
        .join(relais_store::schema::SQLITE_FILE);
    let (connection, indexes) = copy::begin(&data)?;
    let told = |n: usize, provider: usize, manager: Uuid| {
        [
            manager,
            seed::holder_id(n % seed::HOLDERS),
            seed::id("organisation", provider),
            seed::id("service", provider),
        ]
    };
    let templates = (0..3)
        .map(|n| {
            Template::read(
                &connection,
                &sealer,
                made[n].1,
                &told(made[n].2, 0, managers[made[n].2]),
            )
        })
        .collect::<Result<Vec<_>, _>>()?;
    // Ids lie in the order of their time, as their makers make them.
    let mut clock = 1_700_000_000_000_u64;
    let mut mixed = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next_id = || {
        clock += 1;
        mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) ^ clock;
        let mut bytes = [0; 16];
        bytes[..6].copy_from_slice(&clock.to_be_bytes()[2..]);
        bytes[6..8].copy_from_slice(&(0x7000 | ((mixed >> 52) as u16 & 0x0FFF)).to_be_bytes());
        bytes[8..].copy_from_slice(&((mixed & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000).to_be_bytes());
        Uuid::from_bytes(bytes)
    };
    let day = 86_400_000_000_i64;
    let (mut needs, mut opened) = (Vec::new(), Vec::new());
    let of_each = cases / 5 / VIEWERS;
    connection.execute_batch("BEGIN")?;
    for n in 0..cases {
        let spread = i64::try_from(n.wrapping_mul(2_654_435_761) % 1_000)?;
        let (turn, mine) = (n / 5 / VIEWERS, n.is_multiple_of(5));
        let manager = n / 5 % VIEWERS;
        let (user, holder, age) = if mine {
            (managers[manager], manager, of_each - turn.min(of_each))
        } else {
            (seed::id("other", n % (cases / 500).max(1)), n, 0)
        };
        let template = match (mine, age) {
            (true, 1..=SENT) => 1,
            (true, 1..=UNDER_WAY) => 0,
            (true, _) => 2,
            (false, _) if n >= cases / 10 * 9 => n % 2,
            (false, _) => 2,
        };
        let copy = Copy {
            told: &told(holder, n % TARGETS, user),
            due: if template == 2 { 0 } else { (spread - 500) * day / 50 },
            past: if template == 2 { -(1 + spread) * day / 2 } else { 0 },
        };
        let (case, its_needs) = templates[template].write(&connection, &sealer, &copy, &mut next_id)?;
        if mine && template == 0 {
            needs.extend(its_needs.into_iter().map(|need| (need, case, manager, user)));
        }
        if mine && turn % (of_each / OPENED).max(1) == 0 {
            opened.push((case, manager));
        }
        if n % 100_000 == 99_999 {
            eprintln!("  {} of {cases} cases, {:.0} s", n + 1, start.elapsed().as_secs_f64());
        }
    }
    connection.execute_batch("COMMIT")?;
    copy::end(connection, &indexes)?;
    let now = ids::new_v7(chrono::DateTime::from_timestamp_millis(1_795_000_000_000).ok_or("no time")?);
    seeded.fresh = (0..needs.len())
        .map(|n| {
            let mut bytes = *now.as_bytes();
            bytes[12..].copy_from_slice(&u32::try_from(n).unwrap_or(0).to_be_bytes());
            Uuid::from_bytes(bytes)
        })
        .collect();
    seeded.needs = needs;
    eprintln!("  {cases} cases made in {:.0} s", start.elapsed().as_secs_f64());
    // It opens as in use.
    drop(open(folder, None)?);
    Ok(Side {
        seeded,
        office,
        providers,
        cases: opened,
    })
}

/// Sends the second need; sends the third, brings it to its end and closes its case.
async fn bring(desk: &Arc<Desk>, seeded: &Seeded, made: &[(Uuid, Uuid, usize, Uuid)]) -> Result<(), Failed> {
    let provider = seed::viewer(desk, "focal-0")?;
    for (n, (need, case, manager, _)) in made.iter().enumerate().skip(1) {
        let manager = seed::viewer(desk, &seed::manager(*manager))?;
        let now = desk.store().read_blocking(|tx| -> Result<_, StoreError> { tx.now() })?;
        let id = || ids::new_v7(now);
        let referral = id();
        let command = seed::sending(referral, seeded.targets[0]);
        relais_acts::refer::send(desk, &manager, NeedId(*need), command).await?;
        if n == 1 {
            continue;
        }
        let accept = ReferralCommand::Accept { by_name: String::new() };
        let report = ReferralCommand::Report {
            outcome: Outcome::Served,
            text: "Formation suivie.".to_owned(),
        };
        let confirm = ReferralCommand::Confirm {
            confirmation: Confirmation::PersonThroughSender,
        };
        for (who, command) in [
            (&provider, accept),
            (&provider, ReferralCommand::Start),
            (&provider, report),
            (&manager, confirm),
        ] {
            let seen = referral_view::view(desk, who, ReferralId(referral)).await?;
            let command = ActOnReferral {
                id: id(),
                version: seen.version,
                command,
                channel: None,
                number: String::new(),
                answered_by: String::new(),
                happened_at: None,
            };
            referrals::act(desk, who, ReferralId(referral), command).await?;
        }
        let seen = case::view(desk, &manager, CaseId(*case)).await?;
        // Nobody supervises here: it closes at once.
        let close = CloseCase {
            id: id(),
            version: seen.version,
            closing: Closing::heard("GOAL"),
        };
        closing::propose(desk, &manager, CaseId(*case), close).await?;
    }
    Ok(())
}
