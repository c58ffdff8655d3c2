//! The writing half: referrals sent over HTTP, and the same statements written
//! by hand, on either database.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use relais_acts::Desk;
use relais_network::NeedId;
use uuid::Uuid;

use crate::baseline::{self, Plan, Ran};
use crate::load::{Served, work_of, wrk};
use crate::seed::{self, Seeded};
use crate::table::{Against, Check, Line, counted, middle, say};
use crate::{Failed, Size, count, lines, open};

/// Sendings to come: (lines for wrk, jobs for the hand-written statements).
struct Sendings {
    http: Vec<Vec<String>>,
    own: Vec<Vec<[Uuid; 4]>>,
    lanes: Vec<Vec<[Uuid; 4]>>,
}

/// Shares the needs among the rounds: half to HTTP, a quarter to each way by hand.
fn share(seeded: &mut Seeded, rounds: usize) -> Sendings {
    let needs = std::mem::take(&mut seeded.needs);
    let quarter = needs.len() / (4 * rounds);
    let mut needs = needs.into_iter();
    let mut sendings = Sendings {
        http: Vec::new(),
        own: Vec::new(),
        lanes: Vec::new(),
    };
    let mut fresh = std::mem::take(&mut seeded.fresh).into_iter();
    for _ in 0..rounds {
        let mut http = Vec::new();
        for (n, (need, _, manager, _)) in needs.by_ref().take(2 * quarter).enumerate() {
            let Some(id) = fresh.next() else { break };
            let target = seeded.targets[n % seeded.targets.len()];
            http.push(request(seeded, need, manager, id, target));
        }
        sendings.http.push(http);
        for jobs in [&mut sendings.own, &mut sendings.lanes] {
            jobs.push(
                needs
                    .by_ref()
                    .take(quarter)
                    .map(|(need, case, _, _)| {
                        // The referral's and the disclosure's ids; any different ones do.
                        [flip(need, 1), need, case, flip(need, 2)]
                    })
                    .collect(),
            );
        }
    }
    sendings
}

/// The request that sends one need to a service.
#[must_use]
pub fn request(seeded: &Seeded, need: Uuid, manager: usize, id: Uuid, service: Uuid) -> String {
    let body = serde_json::to_string(&seed::sending(id, service)).unwrap_or_default();
    format!(
        "POST\t/api/v1/needs/{need}/referrals\t{}\t{body}",
        seeded.tokens[manager]
    )
}

fn flip(id: Uuid, with: u8) -> Uuid {
    let mut bytes = *id.as_bytes();
    bytes[9] ^= with;
    Uuid::from_bytes(bytes)
}

/// One referral that is really sent, to be copied.
///
/// # Errors
/// When it is refused.
pub fn example(desk: &Arc<Desk>, seeded: &mut Seeded) -> Result<Plan, Failed> {
    let (need, _, manager, maker) = seeded.needs.pop().ok_or("no need")?;
    let id = seeded.fresh.pop().ok_or("no id")?;
    let viewer = seed::viewer(desk, &seed::manager(manager))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let command = seed::sending(id, seeded.targets[0]);
    runtime.block_on(relais_acts::refer::send(desk, &viewer, NeedId(need), command))?;
    Plan::of(desk.store(), id, need, maker)
}

/// The sending half of a run on one database, which was seeded before.
///
/// # Errors
/// When the folder is not seeded, the load generator fails or the database refuses.
pub fn alone(script: &Path, folder: &Path, url: Option<&str>, size: &Size) -> Result<bool, Failed> {
    let mut seeded: Seeded = serde_json::from_slice(&std::fs::read(folder.join("seeded.json"))?)?;
    let (mut table, mut checks) = (Vec::new(), Vec::new());
    let plan = Arc::new(example(&Desk::open(open(folder, url)?)?, &mut seeded)?);
    let served = Served::start(folder, url)?;
    let sender = Sender {
        script,
        folder,
        url,
        size,
        plan: &plan,
    };
    sender.sending(served, &mut seeded, &mut table, &mut checks)?;
    let (text, passed, failed) = say(&table, &checks);
    println!("{text}{passed} passed, {failed} failed");
    Ok(failed == 0)
}

/// Rates and work for one, round by round.
#[derive(Default)]
struct Hands(Vec<(f64, f64)>);

impl Hands {
    fn run(&mut self, work: impl FnOnce() -> Result<Ran, Failed>) -> Result<(), Failed> {
        let before = work_of(std::process::id())?;
        let ran = work()?;
        let took = work_of(std::process::id())?.saturating_sub(before);
        #[expect(clippy::cast_precision_loss, reason = "counts of one run")]
        let each = took as f64 / ran.done.max(1) as f64;
        self.0.push((ran.rate(), each));
        Ok(())
    }

    fn line(&self, what: &str, on: &'static str, statements: usize) -> Line {
        Line {
            what: what.to_owned(),
            on,
            rate: middle(self.0.iter().map(|r| r.0).collect()),
            times: None,
            work: middle(self.0.iter().map(|r| r.1).collect()),
            against: None,
            note: format!("{statements} statements"),
        }
    }
}

/// What sends.
pub struct Sender<'a> {
    /// Of wrk.
    pub script: &'a Path,
    /// Of the database.
    pub folder: &'a Path,
    /// Of the database, when it is PostgreSQL.
    pub url: Option<&'a str>,
    /// How much.
    pub size: &'a Size,
    /// The statements by hand.
    pub plan: &'a Arc<Plan>,
}

impl Sender<'_> {
    /// Sends referrals over HTTP, then runs the same statements by hand, round by
    /// round; the server's memory in the end and at most.
    ///
    /// # Errors
    /// When the load generator fails or the database refuses.
    pub fn sending(
        &self,
        mut served: Served,
        seeded: &mut Seeded,
        table: &mut Vec<Line>,
        checks: &mut Vec<Check>,
    ) -> Result<(f64, f64), Failed> {
        let (folder, url, size) = (self.folder, self.url, self.size);
        let on = if url.is_some() { "PostgreSQL" } else { "SQLite" };
        let sendings = share(seeded, size.sending_rounds);
        let (location, _) = seed::places(folder, url);
        let (mut sent, mut own, mut lanes) = (Vec::new(), Hands::default(), Hands::default());
        let (mut answered, mut rows) = (0, 0);
        let mut memory = (0.0, 0.0_f64);
        let long = Duration::from_secs(size.sending_seconds);
        for round in 0..size.sending_rounds {
            eprintln!("  sending on {on}, round {}", round + 1);
            let file = lines(folder, "sendings.txt", &sendings.http[round])?;
            let before = {
                let store = open(folder, url)?;
                count(&store, "referral")?
            };
            let load = wrk(self.script, &served, &served.app, &file, true, size.sending_seconds)?;
            if load.refused + load.broken > 0 {
                let (status, body) = served.ask(&sendings.http[round][0])?;
                eprintln!("  refused: {status} {body}");
            }
            let (now, most) = served.memory()?;
            memory = (now, memory.1.max(most));
            // The server ends, so that nothing but the hands is at work below.
            drop(served);
            let store = open(folder, url)?;
            answered += load.requests - load.refused;
            rows += count(&store, "referral")? - before;
            sent.push(load);
            own.run(|| baseline::own_connections(self.plan, &location, &sendings.own[round], long))?;
            lanes.run(|| baseline::in_lanes(self.plan, &store, &sendings.lanes[round], long))?;
            drop(store);
            served = Served::start(folder, url)?;
        }
        let refused: u64 = sent.iter().map(|l| l.refused + l.broken).sum();
        checks.push(Check {
            what: format!("sending on {on}: {refused} refused or broken"),
            holds: refused == 0,
        });
        checks.push(counted(
            &format!("referrals on {on}"),
            answered,
            rows,
            size.sending_rounds,
        ));
        let hands = [
            own.line(
                "the statements by hand, 8 connections, a commit each",
                on,
                self.plan.len(),
            ),
            lanes.line(
                "the statements by hand, 8 clients of the store’s lanes",
                on,
                self.plan.len(),
            ),
        ];
        // Against the faster way by hand, as it was in the same round.
        let faster = |round: usize| {
            if own.0[round].0 > lanes.0[round].0 {
                own.0[round]
            } else {
                lanes.0[round]
            }
        };
        let against = Against {
            rates: (0..).zip(&sent).map(|(n, l)| l.rate() / faster(n).0).collect(),
            work: middle((0..).zip(&sent).map(|(n, l)| faster(n).1 / l.work_each()).collect()),
            floor: 0.5,
        };
        table.extend(hands);
        let mut line = Line::of(
            "creating a referral over HTTP",
            &sent,
            Some(against),
            "the faster by hand",
        )?;
        line.on = on;
        table.push(line);
        Ok(memory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The statements by hand are found by their beginnings: this fails when
    /// an act writes other ones, long before somebody measures.
    #[test]
    fn by_hand_a_referral_is_written_as_the_act_writes_it() {
        let folder = std::env::temp_dir().join(format!("relais-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let (desk, mut seeded) = seed::prepare(&folder, None, 8).expect("a seeded deployment");
        let plan = example(&desk, &mut seeded).expect("a referral to copy");
        drop(desk);
        let jobs: Vec<[Uuid; 4]> = seeded
            .needs
            .iter()
            .map(|(need, case, _, _)| [flip(*need, 1), *need, *case, flip(*need, 2)])
            .collect();
        let (location, _) = seed::places(&folder, None);
        let ran = baseline::own_connections(&plan, &location, &jobs, Duration::from_secs(60)).expect("written by hand");
        std::fs::remove_dir_all(&folder).expect("the folder goes");
        assert!(ran.done >= 5, "only {} were written", ran.done);
    }
}
