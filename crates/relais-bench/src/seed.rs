//! The world that is measured: an invented network of ten thousand services,
//! twenty case managers, and their cases, made by the acts themselves, so that
//! every row is sealed, chained and granted as in use.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{NaiveDate, TimeDelta};
use relais_acts::accounts::{self, NewUser};
use relais_acts::agreements::{self, NewAgreement};
use relais_acts::commands::{
    AddNeed, ConsentLineDecision, RecordConsent, RegisterArrival, SendReferral, ServiceSearch,
};
use relais_acts::directory::{self, By, Entries};
use relais_acts::entries::safeguards::Paper;
use relais_acts::{ActError, Desk, Viewer, consents, needs, register, services};
use relais_mechanism::{ClassSet, Label, Lang, Mechanism, Priority, Purpose, Role, Sensitivity};
use relais_network::agreement::AgreementKind;
use relais_network::ids::derived;
use relais_network::organisation::{Organisation, OrganisationKind, PublicationStatus};
use relais_network::place::Place;
use relais_network::service::{Service, Target, Telephone};
use relais_network::{CaseId, OrganisationId, PlaceId, Safeguard, Safeguards, ServiceId};
use relais_store::{Keyring, Location, Options, Store, StoreError, Unlock, ids};
use uuid::Uuid;

use crate::Failed;

/// Case managers.
pub const VIEWERS: usize = 20;
/// Organisations that hold the cases.
pub const HOLDERS: usize = 5;
/// Services of each organisation that offers any.
const EACH: usize = 5;
/// Services in the directory.
pub const SERVICES: usize = 10_000;
/// The first providers have an agreement, an account and a service of the kind asked.
pub const TARGETS: usize = 50;
/// The kind of service that the needs ask for.
const ASKED: &str = "VTC.02";
/// Different searches.
pub const QUERIES: usize = 2_000;
/// Acts under way at once while seeding.
const AT_ONCE: usize = 48;

/// What the load generator and the hand-written statements need to know.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Seeded {
    /// A token of each case manager.
    pub tokens: Vec<String>,
    /// Needs that wait: (need, case, its manager's number, the manager).
    pub needs: Vec<(Uuid, Uuid, usize, Uuid)>,
    /// Services that may be asked.
    pub targets: Vec<Uuid>,
    /// Searches that fill a page.
    pub queries: Vec<String>,
    /// Ids for records to come, as their makers would make them.
    pub fresh: Vec<Uuid>,
}

/// The id of an entry of the invented network.
#[must_use]
pub fn id(kind: &str, n: usize) -> Uuid {
    derived("bench", kind, &n.to_string())
}

/// When the invented organisations signed what is asked before entries are published.
const SIGNED: NaiveDate = NaiveDate::from_ymd_opt(2026, 1, 5).expect("a day");

/// The same for an organisation that an act notes.
#[must_use]
pub fn papers() -> Vec<Paper> {
    Safeguard::ALL
        .iter()
        .map(|safeguard| Paper {
            safeguard: *safeguard,
            on: Some(SIGNED),
            until: None,
            withdrawn_on: None,
            paper: String::new(),
        })
        .collect()
}

fn label(text: &str) -> Label {
    Label {
        fr: text.to_owned(),
        en: text.to_owned(),
    }
}

/// Makes the database and everything in it.
///
/// # Errors
/// When the store or an act refuses.
pub fn prepare(folder: &Path, url: Option<&str>, cases: usize) -> Result<(Arc<Desk>, Seeded), Failed> {
    prepare_of(folder, url, cases, SERVICES)
}

/// The same, with so many services.
///
/// # Errors
/// As [`prepare`].
pub fn prepare_of(
    folder: &Path,
    url: Option<&str>,
    cases: usize,
    services: usize,
) -> Result<(Arc<Desk>, Seeded), Failed> {
    let (location, keys) = places(folder, url);
    let keyring = Arc::new(Keyring::create(&keys, location.folder(), &Unlock::File, false)?);
    let store = Store::create(&location, keyring, Options::default(), false)?;
    let mechanism = Mechanism::embedded("cameroon").map_err(|e| format!("{e:?}"))?;
    Desk::adopt(&store, &mechanism)?;
    directory::put(&store, entries(&mechanism, services), "bench", By::CommandLine)?;
    for n in 0..TARGETS {
        agreements::add(&store, undertaking(n), By::CommandLine)?;
    }
    let mut seeded = Seeded::default();
    for n in 0..VIEWERS {
        let login = manager(n);
        accounts::create(
            &store,
            user(&login, &holder(n % HOLDERS), Role::CaseManager),
            By::CommandLine,
        )?;
        let secret = ids::secret();
        let hash = relais_server::secret::hash(&secret);
        accounts::create_token(&store, &login, "bench", hash, None, By::CommandLine)?;
        seeded.tokens.push(relais_server::secret::text(&secret));
    }
    for n in 0..TARGETS {
        accounts::create(
            &store,
            user(&format!("focal-{n}"), &provider(n), Role::FocalPoint),
            By::CommandLine,
        )?;
    }
    let desk = Desk::open(store)?;
    seeded.targets = (0..TARGETS).map(|n| id("service", n)).collect();
    seeded.queries = queries(&desk)?;
    let now = desk.store().read_blocking(|tx| -> Result<_, StoreError> { tx.now() })?;
    // Made one after the other, as in life: ids lie in the order of their time.
    let from = now - TimeDelta::days(1);
    seeded.fresh = (0..4 * cases.max(1))
        .filter_map(|n| Some(ids::new_v7(from + TimeDelta::milliseconds(i64::try_from(n).ok()?))))
        .collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    seeded.needs = runtime.block_on(fill(&desk, cases, &mut seeded.fresh))?;
    Ok((desk, seeded))
}

/// Where data and keys lie.
#[must_use]
pub fn places(folder: &Path, url: Option<&str>) -> (Location, std::path::PathBuf) {
    let location = url.map_or_else(
        || Location::Sqlite {
            folder: folder.join("data"),
        },
        |url| Location::Postgres { url: url.to_owned() },
    );
    (location, folder.join("keys"))
}

/// Registers, records consent and a need, for each case: the acts, many at once.
async fn fill(desk: &Arc<Desk>, cases: usize, fresh: &mut Vec<Uuid>) -> Result<Vec<(Uuid, Uuid, usize, Uuid)>, Failed> {
    let viewers = (0..VIEWERS)
        .map(|n| viewer(desk, &manager(n)))
        .collect::<Result<Vec<_>, _>>()?;
    let viewers = Arc::new(viewers);
    let made: Arc<Vec<[Uuid; 3]>> = Arc::new(
        fresh
            .drain(..3 * cases)
            .collect::<Vec<_>>()
            .chunks_exact(3)
            .map(|c| [c[0], c[1], c[2]])
            .collect(),
    );
    let next = Arc::new(AtomicUsize::new(0));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..AT_ONCE {
        let (desk, viewers, made, next) = (
            Arc::clone(desk),
            Arc::clone(&viewers),
            Arc::clone(&made),
            Arc::clone(&next),
        );
        tasks.spawn(async move {
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                let Some(ids) = made.get(n) else { return Ok(()) };
                one(&desk, &viewers[n % VIEWERS], n, ids).await?;
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        let done: Result<(), ActError> = done.map_err(|e| e.to_string())?;
        done?;
    }
    Ok(made
        .iter()
        .enumerate()
        .map(|(n, [case, _, need])| (*need, *case, n % VIEWERS, viewers[n % VIEWERS].user.0))
        .collect())
}

async fn one(desk: &Arc<Desk>, viewer: &Viewer, n: usize, [case, consent, need]: &[Uuid; 3]) -> Result<(), ActError> {
    let age = u8::try_from(18 + n % 50).unwrap_or(30);
    let name = format!("{} {}", FIRST[n % FIRST.len()], LAST[n / FIRST.len() % LAST.len()]);
    let arrival = RegisterArrival {
        id: *case,
        answers: arrival(&name, age, n),
        happened_at: None,
    };
    register::register(desk, viewer, arrival).await?;
    let line = |line: &str, classes: ClassSet| ConsentLineDecision {
        line: line.to_owned(),
        decision: "granted".to_owned(),
        recipient: None,
        service: None,
        classes,
    };
    let consent = RecordConsent {
        id: *consent,
        answers: consent_answers(),
        lines: vec![
            line("C1", ClassSet::EMPTY),
            line("C2", ClassSet::EMPTY),
            line("C3", ClassSet::all()),
        ],
        never: ClassSet::EMPTY,
        happened_at: None,
    };
    consents::record(desk, viewer, CaseId(*case), consent).await?;
    let need = AddNeed {
        id: *need,
        service: ASKED.to_owned(),
        priority: Priority::P3,
        words: "Veut apprendre un métier et ouvrir un atelier.".to_owned(),
        happened_at: None,
    };
    needs::add(desk, viewer, CaseId(*case), need).await?;
    Ok(())
}

/// The command that sends a referral.
#[must_use]
pub fn sending(id: Uuid, service: Uuid) -> SendReferral {
    SendReferral {
        id,
        service,
        code: String::new(),
        words: "Disponible le matin, vient à pied.".to_owned(),
        person_informed: true,
        provider_called: false,
        access: Vec::new(),
        interim: String::new(),
        stays_with: String::new(),
        override_kind: None,
        override_reason: String::new(),
        instead_of: None,
        payment: None,
    }
}

/// A signed-in user.
///
/// # Errors
/// When there is no such account.
pub fn viewer(desk: &Arc<Desk>, login: &str) -> Result<Viewer, Failed> {
    let (network, login) = (desk.network(), login.to_owned());
    let mut viewer = desk
        .store()
        .read_blocking(move |tx| accounts::viewer_by_login(tx, &network, &login))?
        .ok_or("no such account")?;
    viewer.api = true;
    Ok(viewer)
}

/// Sign-in name of a case manager.
#[must_use]
pub fn manager(n: usize) -> String {
    format!("manager-{n}")
}

/// Code of an organisation that holds cases.
#[must_use]
pub fn holder(n: usize) -> String {
    format!("BENCH-H{n}")
}

/// Its id.
#[must_use]
pub fn holder_id(n: usize) -> Uuid {
    id("holder", n)
}

fn provider(n: usize) -> String {
    format!("BENCH-P{n}")
}

const FIRST: [&str; 10] = [
    "Zéla", "Orwen", "Mirsa", "Talou", "Ébira", "Yanko", "Sorèle", "Dimba", "Ousna", "Flavel",
];
const LAST: [&str; 10] = [
    "Kandolo",
    "Mvérisse",
    "Tazembo",
    "Nkolira",
    "Abouchet",
    "Zangoula",
    "Perdrisset",
    "Wamitou",
    "Essombrel",
    "Galimar",
];

fn one_of(code: &str, value: &str) -> (String, Vec<String>) {
    (code.to_owned(), vec![value.to_owned()])
}

fn arrival(name: &str, age: u8, n: usize) -> BTreeMap<String, Vec<String>> {
    BTreeMap::from([
        one_of("F1E.01", &format!("B-{n:05}")),
        one_of("F1E.02", "yes"),
        one_of("F1E.03", name),
        one_of("F1E.04", if n.is_multiple_of(2) { "F" } else { "M" }),
        one_of("F1E.05", &age.to_string()),
        one_of("F1E.06", "alone"),
        one_of("F1E.07", "centre"),
        one_of("F1E.08", "Garoua"),
        one_of("F1E.09", "CALL"),
        one_of("F1E.10", &format!("6771{n:05}")),
        one_of("F1E.11", "fra"),
    ])
}

fn consent_answers() -> BTreeMap<String, Vec<String>> {
    BTreeMap::from([
        one_of("F3.01", "fra"),
        one_of("F3.03", "yes"),
        one_of("F3.04", "yes"),
        one_of("F3.05", "yes"),
        one_of("F3.10", "SELF"),
        one_of("F3.40", "WRITTEN"),
        one_of("F3.41", "Signée sur papier"),
    ])
}

/// An account to be opened.
#[must_use]
pub fn user(login: &str, organisation: &str, role: Role) -> NewUser {
    NewUser {
        organisation: organisation.to_owned(),
        login: login.to_owned(),
        display_name: format!("Mesure {login}"),
        roles: vec![role],
        regions: Vec::new(),
        language: Lang::Fr,
        password_hash: "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$invalid".to_owned(),
        trained: false,
        demonstration: false,
    }
}

fn undertaking(n: usize) -> NewAgreement {
    NewAgreement {
        reference: format!("BENCH-ENG-{n}"),
        kind: AgreementKind::Eng,
        parties: NaiveDate::from_ymd_opt(2020, 1, 1)
            .map(|from| (provider(n), from))
            .into_iter()
            .collect(),
        classes: ClassSet::all(),
        purposes: BTreeSet::from([Purpose::Refer, Purpose::Deliver]),
        max_sensitivity: Sensitivity::S3,
        until: None,
    }
}

fn entries(mechanism: &Mechanism, services: usize) -> Entries {
    let providers = services / EACH;
    let places: Vec<_> = mechanism.places().iter().filter(|p| p.coordinates.is_some()).collect();
    let kinds: Vec<_> = mechanism
        .services()
        .iter()
        .filter(|s| !s.confidential && !s.is_restricted())
        .collect();
    let mut entries = Entries::default();
    let organisation = |code: String, name: String, kind: OrganisationKind, region: &str| Organisation {
        id: OrganisationId(id("organisation", usize::MAX)),
        code,
        name: label(&name),
        kind,
        parent: None,
        region: Some(region.to_owned()),
        department: None,
        telephone: Some("+237233000000".to_owned()),
        email: None,
        state_body: false,
        status: PublicationStatus::Published,
        origin: None,
        demonstration: false,
        safeguards: Safeguards::signed(SIGNED, "Banc"),
        merged_into: None,
    };
    for (n, last) in LAST.iter().enumerate().take(HOLDERS) {
        let mut holder = organisation(
            holder(n),
            format!("Accueil {last}"),
            OrganisationKind::NationalNgo,
            "CM005",
        );
        holder.id = OrganisationId(id("holder", n));
        entries.organisations.push((holder, None));
    }
    for n in 0..providers {
        let at = places[n % places.len()];
        let name = if services == SERVICES {
            format!(
                "Centre {} de {} {}",
                LAST[n % LAST.len()],
                at.name(Lang::Fr),
                n / places.len() + 1
            )
        } else {
            format!("Centre {} de {}", made_up(n), at.name(Lang::Fr))
        };
        let mut provider = organisation(provider(n), name, OrganisationKind::TrainingCentre, &at.region);
        provider.id = OrganisationId(id("organisation", n));
        entries.organisations.push((provider, None));
        let (lat, lon) = at.coordinates.unwrap_or((4.0, 9.7));
        let off = f64::from(u32::try_from(n % 97).unwrap_or(0)) * 0.001;
        entries.places.push(Place {
            id: PlaceId(id("place", n)),
            organisation: OrganisationId(id("organisation", n)),
            name: at.name(Lang::Fr).to_owned(),
            region: Some(at.region.clone()),
            department: None,
            department_estimated: false,
            subdivision: None,
            town: at.chief_town.clone(),
            lat: Some(lat + off),
            lon: Some(lon + off),
            confidential: false,
        });
    }
    for n in 0..services {
        let kind = if n < TARGETS {
            None
        } else {
            Some(kinds[n % kinds.len()])
        };
        let code = kind.map_or(ASKED, |k| k.code.as_str());
        let name = kind.map_or("Formation", |k| k.label.get(Lang::Fr));
        let at = places[n % providers % places.len()];
        let plain = Service {
            name: label(&format!("{name}, {}", FIRST[n / kinds.len() % FIRST.len()])),
            targets: vec![Target::Everyone],
            languages: vec!["fra".to_owned()],
            telephones: vec![Telephone {
                number: format!("+2372330{n:05}"),
                who: String::new(),
                hours: String::new(),
            }],
            how_to_refer: label("Sur envoi"),
            confirmed_on: NaiveDate::from_ymd_opt(2026, 6, 1),
            status: PublicationStatus::Published,
            ..Service::proposed(
                ServiceId(id("service", n)),
                OrganisationId(id("organisation", n % providers)),
                code.to_owned(),
                PlaceId(id("place", n % providers)),
            )
        };
        entries.services.push(if n < TARGETS {
            plain
        } else {
            crate::vary::varied(plain, n, at)
        });
    }
    entries
}

/// A name that hardly any other provider has: many entries have many words.
fn made_up(n: usize) -> String {
    const SYLLABLES: [&str; 16] = [
        "ba", "ndo", "ki", "mvu", "sé", "lan", "go", "ta", "wou", "ri", "mbé", "zo", "fa", "nkou", "li", "djo",
    ];
    let mut rest = n.wrapping_mul(0x9E37_79B1) % (1 << 20);
    let mut name = String::new();
    for _ in 0..5 {
        name.push_str(SYLLABLES[rest % SYLLABLES.len()]);
        rest /= SYLLABLES.len();
    }
    name
}

/// Different searches that each fill a page of twenty: words of names, kinds
/// and categories, regions, typed places and coordinates, in all mixtures.
fn queries(desk: &Arc<Desk>) -> Result<Vec<String>, Failed> {
    let mechanism = desk.mechanism();
    let now = desk.store().read_blocking(|tx| -> Result<_, StoreError> { tx.now() })?;
    let regions: Vec<_> = mechanism.regions().map(|r| r.code.clone()).collect();
    let towns: Vec<_> = mechanism.places().iter().filter(|p| p.coordinates.is_some()).collect();
    let categories: Vec<_> = mechanism.categories().iter().map(|c| c.code.clone()).collect();
    let words: Vec<String> = mechanism
        .services()
        .iter()
        .filter(|s| !s.confidential)
        .flat_map(|s| s.label.fr.split([' ', '’', ',']).map(str::to_owned).collect::<Vec<_>>())
        .chain(LAST.iter().chain(&FIRST).map(|w| (*w).to_owned()))
        .filter(|w| w.chars().count() > 3)
        .collect();
    let (mut seen, mut found) = (HashSet::new(), Vec::new());
    for n in 0..400_000_usize {
        // A plain mixing of the number: the same searches in every run.
        let mut mixed = (n as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut pick = |len: usize| {
            mixed ^= mixed >> 29;
            mixed = mixed.wrapping_mul(0xBF58_476D_1CE4_E5B9);
            usize::try_from(mixed >> 33).unwrap_or(0) % len
        };
        let mut asked = ServiceSearch::default();
        if pick(10) < 7 {
            asked.q.clone_from(&words[pick(words.len())]);
            if pick(4) == 0 {
                asked.q = format!("{} {}", asked.q, towns[pick(towns.len())].name(Lang::Fr));
            }
        }
        if pick(10) < 3 {
            asked.category = Some(categories[pick(categories.len())].clone());
        }
        match pick(4) {
            0 => asked.region = Some(regions[pick(regions.len())].clone()),
            1 => asked.place = Some(towns[pick(towns.len())].name(Lang::Fr).to_owned()),
            2 => {
                let (lat, lon) = towns[pick(towns.len())].coordinates.unwrap_or((4.0, 9.7));
                asked.near = Some(format!("{lat:.3},{lon:.3}"));
            }
            _ => {}
        }
        asked.limit = Some(20);
        let text = query_text(&asked);
        if seen.contains(&text) {
            continue;
        }
        let fills = services::search(desk, &asked, Lang::Fr, now, Vec::new()).is_ok_and(|page| page.rows == 20);
        if fills {
            seen.insert(text.clone());
            found.push(text);
            if found.len() == QUERIES {
                return Ok(found);
            }
        }
    }
    Err(format!("only {} searches fill a page", found.len()).into())
}

fn query_text(asked: &ServiceSearch) -> String {
    let mut text = form_urlencoded::Serializer::new(String::new());
    for (name, value) in [
        ("q", Some(asked.q.as_str()).filter(|q| !q.is_empty())),
        ("category", asked.category.as_deref()),
        ("region", asked.region.as_deref()),
        ("near", asked.near.as_deref()),
        ("place", asked.place.as_deref()),
    ] {
        if let Some(value) = value {
            text.append_pair(name, value);
        }
    }
    let mut text = text.finish();
    let _ = write!(text, "&limit=20");
    text
}

/// A search as its address says it.
///
/// # Errors
/// When the address has an unreadable number of rows.
pub fn read_query(text: &str) -> Result<ServiceSearch, Failed> {
    let mut asked = ServiceSearch::default();
    for (name, value) in form_urlencoded::parse(text.as_bytes()) {
        let value = value.into_owned();
        match &*name {
            "q" => asked.q = value,
            "category" => asked.category = Some(value),
            "region" => asked.region = Some(value),
            "near" => asked.near = Some(value),
            "place" => asked.place = Some(value),
            "limit" => asked.limit = Some(value.parse()?),
            other => return Err(format!("{other} is no part of a search").into()),
        }
    }
    Ok(asked)
}
