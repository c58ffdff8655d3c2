//! Whether a shelter can be found: every route that reads, and the searches,
//! pages, cursors and ids by which one might look for it, as every login but its
//! own staff, on two databases that differ by the shelters alone. Every answer
//! must be the same, byte for byte, and take the same way.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use relais_acts::commands::{ReferralCommand, SendReferral};
use relais_acts::coordination::{self, PutBefore};
use relais_acts::entries::ratification::{self, PrepareList};
use relais_acts::{day, refer, referral_view, work};
use relais_casework::referral::DeclineCode;
use relais_fixture::{Places, SHUT_OUT, World};
use relais_interchange::directory::hsds;
use relais_mechanism::Priority;
use relais_network::{NeedId, ReferralId, ServiceId, programme_id};
use relais_server::Kind;
use relais_server::routes::Verb;
use serde_json::json;
use uuid::Uuid;

#[allow(dead_code, reason = "each test file uses its part of this module")]
mod asking;
#[allow(dead_code, reason = "each test file uses its part of this module")]
mod life;
#[allow(dead_code, reason = "each test file uses its part of this module")]
mod subject;

use asking::Asker;
use life::{Team, life, need, person};
use subject::{Ids, Of, nowhere};

/// Everybody but the shelters' own staff.
const OTHERS: [&str; 15] = [
    "gestionnaire",
    "collegue",
    "superviseur",
    "hopital",
    "atelier",
    "autre",
    SHUT_OUT[0],
    SHUT_OUT[1],
    SHUT_OUT[2],
    SHUT_OUT[3],
    SHUT_OUT[4],
    SHUT_OUT[5],
    SHUT_OUT[6],
    SHUT_OUT[7],
    SHUT_OUT[8],
];

/// The services of the shelters, and one that there is nowhere.
const HIDDEN: [&str; 4] = ["S-ABRI", "S-ATELIER-ABRI", "S-MAISON", "S-CACHE"];
const NOWHERE: &str = "S-NULLE-PART";

struct Site {
    world: World,
    asker: Asker,
    /// A case of the association, its late need and the rest of its life.
    known: Ids,
    /// Its needs by type.
    needs: BTreeMap<&'static str, Uuid>,
    /// A referral that the workshop has not answered.
    open: Uuid,
}

impl Site {
    /// With `used`, the protected case is sent to the shelter, which keeps silent.
    async fn new(places: Places, used: bool) -> Self {
        let world = World::sqlite();
        world.add_state_body();
        world.add_places(places);
        let (of_state, manager) = (world.viewer("etat.gestion"), world.viewer("gestionnaire"));
        let state = Team {
            manager: of_state.clone(),
            colleague: world.viewer("etat.chef"),
            proposed: "ACCUEIL",
        };
        let association = Team {
            manager: manager.clone(),
            colleague: world.viewer("collegue"),
            proposed: "DELEGATION",
        };
        for (name, holder) in [("Essai Ordinaire", &manager), ("Essai Associatif", &of_state)] {
            let double = life::double(name);
            world.register(holder, &double, 41).await.expect("registered");
        }
        life(&world, &state, "Essai Ordinaire").await;
        let mut known = life(&world, &association, "Essai Associatif").await.ids;
        let (group, row) = subject::group(&world, &manager).await;
        known.extend([
            (Of::Group, group),
            (Of::Expected, row),
            (Of::Complaint, nowhere()[&Of::Complaint]),
            // What the organisation that hides two services offers to everybody.
            (Of::Entry, relais_fixture::id("S-PALMES")),
            (Of::Change, nowhere()[&Of::Change]),
            // The programme that pays for what is found and for what is not.
            (Of::Programme, programme_id("PALMES-1").0),
            (Of::Organisation, relais_fixture::id(relais_fixture::MIXED)),
            (Of::Line, nowhere()[&Of::Line]),
            // What the shelter signed together with two others.
            (Of::Agreement, subject::agreement(&world, "ACC-PALMES")),
        ]);
        let case = person(&world, &manager, "Essai Besoins").await;
        world
            .agree(&manager, case, relais_fixture::SHELTER)
            .await
            .expect("agreed");
        known.insert(Of::Case, case);
        let mut needs = BTreeMap::new();
        for (service, priority) in [
            ("VTC.02", Priority::P3),
            ("RCP.03", Priority::P1),
            ("GBV.03", Priority::P2),
            ("MED.03", Priority::P2),
        ] {
            needs.insert(service, need(&world, &manager, case, service, priority).await);
        }
        known.insert(Of::Need, needs["RCP.03"]);
        let asked = need(&world, &manager, case, "VTC.02", Priority::P4).await;
        let open = world.send(&manager, asked, "S-COUTURE").await.expect("sent").id;
        // A protected case with a need that only a shelter meets.
        let hidden = person(&world, &manager, "Essai Menacé").await;
        world.protect(&manager, hidden).await.expect("protected");
        let wanted = need(&world, &manager, hidden, "RCP.03", Priority::P1).await;
        if used {
            let command = SendReferral {
                code: world.shelter_code("S-ABRI"),
                ..relais_fixture::sending(world.new_id(), "S-ABRI")
            };
            refer::send(&world.desk, &manager, NeedId(wanted), command)
                .await
                .expect("sent to the shelter");
            // Its own staff find it in their inbox, beside the codes of what they offer.
            let inbox = day::inbox(&world.desk, &world.viewer("abri")).await.expect("its inbox");
            assert_eq!((inbox.to_answer.len(), inbox.codes.len()), (1, 2));
        }
        let now = relais_fixture::start() + TimeDelta::hours(1);
        for days in [1, 2, 7, 21] {
            world.at(now + TimeDelta::days(days));
            work::once(&world.desk).expect("worked");
            if days == 7 {
                let put = PutBefore { id: world.new_id() };
                coordination::put(&world.desk, &world.viewer("secretariat"), put)
                    .await
                    .expect("figures");
            }
        }
        // What goes before the steering committee, as the office drew it up.
        let list = PrepareList {
            id: world.new_id(),
            version: 0,
        };
        ratification::prepare(&world.desk, &world.viewer("secretariat"), list)
            .await
            .expect("a list for the committee");
        Self {
            asker: Asker::new(&world, &OTHERS),
            world,
            known,
            needs,
            open,
        }
    }

    /// Every address that reads, and those by which a shelter might be found.
    fn addresses(&self) -> Vec<(Kind, String)> {
        let mut all = asking::reading(&self.known);
        for query in [
            "q=tournesol",
            "q=sunflower",
            "q=refuge+palmes",
            "q=sikotiville",
            "q=ABRI-SIKOTI",
            "q=palmes",
            "q=cours",
            "near=4.055,9.705",
            "near=4.055,9.705&limit=3",
            "near=4.0210,9.7410&category=VTC.02",
            "place=Douala&category=VTC",
            "place=Sikotiville",
            "region=CM005",
            "region=CM005&limit=2",
            "category=RCP",
            "category=RCP.03",
            "category=GBV.03",
            "category=VTC.02&limit=1",
            "limit=100",
        ] {
            all.push((Kind::Api, format!("/api/v1/services?{query}")));
        }
        // With counts, with a slip, on the page.
        for query in ["q=tournesl", "q=palmes+zzyzx", "category=VTC", "q=hebergement+femme"] {
            all.push((Kind::Api, format!("/api/v1/services?{query}&facets=true")));
            all.push((Kind::Page, format!("/services?{query}")));
            all.push((Kind::Page, format!("/services/map?{query}")));
        }
        // The matrix: its cells, gaps, overlaps, maps and files, by either reading.
        for query in [
            "by=served",
            "by=place",
            "target=women",
            "dimension=ECO",
            "category=VTC",
            "category=RCP",
        ] {
            all.push((Kind::Api, format!("/api/v1/directory/matrix?{query}")));
            all.push((Kind::Api, format!("/api/v1/directory/matrix?{query}&region=CM005")));
            all.push((Kind::Page, format!("/directory/matrix?{query}")));
            all.push((Kind::Page, format!("/directory/matrix/CM005?{query}")));
            all.push((Kind::Page, format!("/directory/gaps?{query}")));
        }
        for format in ["xlsx", "csv"] {
            all.push((Kind::Page, format!("/directory/matrix/export?as={format}")));
            all.push((Kind::Page, format!("/directory/matrix/export?as={format}&by=place")));
        }
        for lang in ["fr", "en"] {
            all.push((Kind::Page, format!("/directory/report?whole=yes&lang={lang}")));
        }
        for query in [
            "region=CM005",
            "q=refuge+palmes",
            "place=Sikotiville",
            "near=4.055,9.705",
        ] {
            all.push((Kind::Page, format!("/services/map?{query}")));
        }
        // What anybody reads without an account, and what is printed.
        for query in [
            "q=tournesl",
            "q=refuge+palmes",
            "category=VTC",
            "q=cours&place=Douala",
            "place=Sikotiville",
        ] {
            all.push((Kind::Page, format!("/public/services?{query}")));
        }
        for service in HIDDEN.into_iter().chain([NOWHERE]) {
            all.push((Kind::Page, format!("/public/services/{}", relais_fixture::id(service))));
        }
        for query in ["region=CM005", "lang=en", "for=partners"] {
            all.push((Kind::Page, format!("/directory/booklet/print?{query}")));
        }
        for list in ["services", "organizations", "service_at_locations", "taxonomy_terms"] {
            all.push((Kind::Api, format!("/hsds/{list}?per_page=500")));
            all.push((Kind::Api, format!("/hsds/{list}?per_page=1&page=2")));
        }
        for list in ["services", "organizations", "service_at_locations"] {
            all.push((Kind::Api, format!("/hsds/{list}?per_page=500&full=true")));
        }
        let category = hsds::term_id(hsds::SERVICES, "RCP");
        all.push((Kind::Api, format!("/hsds/services?taxonomy_term_id={category}")));
        for service in HIDDEN.into_iter().chain([NOWHERE]) {
            let service = relais_fixture::id(service);
            let pair = hsds::service_at_location_id(ServiceId(service));
            all.push((Kind::Api, format!("/hsds/services/{service}")));
            all.push((Kind::Api, format!("/hsds/service_at_locations/{pair}")));
        }
        for code in [relais_fixture::SHELTER, relais_fixture::MIXED] {
            let organisation = relais_fixture::id(code);
            all.push((Kind::Api, format!("/hsds/organizations/{organisation}")));
            all.push((
                Kind::Api,
                format!("/hsds/services?organization_id={organisation}&full=true"),
            ));
        }
        // Who pays, and what hangs on it: one whom a shelter carries is not there.
        for query in ["state=soon", "state=running", "page=2"] {
            all.push((Kind::Page, format!("/directory/programmes?{query}")));
        }
        for code in ["PALMES-1", "ABRI-1", "ESSAI-1", "NULLE-PART"] {
            all.push((Kind::Page, format!("/directory/programmes/{}", programme_id(code))));
        }
        // What goes before the steering committee, on screen and on paper.
        for query in ["page=1", "page=2"] {
            all.push((Kind::Page, format!("/directory/ratification?{query}")));
            all.push((Kind::Api, format!("/api/v1/ratifications?{query}")));
        }
        all.push((Kind::Page, "/directory/ratification/sheet?lang=en".to_owned()));
        // What organisations signed, and which of their entries wait.
        for code in [relais_fixture::SHELTER, relais_fixture::MIXED, NOWHERE] {
            let organisation = relais_fixture::id(code);
            all.push((Kind::Page, format!("/organisations/{organisation}/safeguards")));
            all.push((Kind::Api, format!("/api/v1/organisations/{organisation}/safeguards")));
        }
        for format in ["xlsx", "csv", "geojson", "hsds"] {
            all.push((Kind::Page, format!("/directory/export?as={format}")));
            all.push((Kind::Page, format!("/directory/export?as={format}&region=CM005")));
        }
        for query in ["region=CM005", "what=services", "what=organisations&region=CM005"] {
            all.push((Kind::Page, format!("/directory/duplicates?{query}")));
            all.push((Kind::Api, format!("/api/v1/directory/duplicates?{query}")));
        }
        let beside = relais_fixture::id("AUTRE");
        for code in [relais_fixture::SHELTER, relais_fixture::MIXED] {
            let one = relais_fixture::id(code);
            let pair = format!("/directory/duplicates/pair?what=organisations&one={one}&other={beside}");
            all.push((Kind::Page, pair));
        }
        let beside = relais_fixture::id("S-COUTURE-2");
        for service in HIDDEN.into_iter().chain([NOWHERE]) {
            let one = relais_fixture::id(service);
            let pair = format!("/directory/duplicates/pair?what=services&one={one}&other={beside}");
            all.push((Kind::Page, pair));
        }
        for need in self.needs.values() {
            all.push((Kind::Page, format!("/needs/{need}/refer")));
            all.push((Kind::Api, format!("/api/v1/needs/{need}/services")));
            for service in HIDDEN.into_iter().chain([NOWHERE]) {
                let service = relais_fixture::id(service);
                all.push((Kind::Page, format!("/needs/{need}/refer?service={service}")));
                all.push((Kind::Api, format!("/api/v1/needs/{need}/services?service={service}")));
            }
        }
        let (case, to) = (self.known[&Of::Case], relais_fixture::id(relais_fixture::SHELTER));
        all.extend([
            (Kind::Page, format!("/cases/{case}/transfer?to={to}")),
            (Kind::Api, format!("/api/v1/cases/{case}/transfers?to={to}")),
            (Kind::Page, format!("/referrals/{}", self.open)),
            (Kind::Api, format!("/api/v1/referrals/{}", self.open)),
        ]);
        all
    }

    /// What a search answers, page after page.
    async fn pages(&self, query: &str) -> Vec<String> {
        let (mut pages, mut after) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/v1/services?{query}{after}");
            let said = self.asker.read(Kind::Api, &path, "gestionnaire").await;
            let body = said.lines().last().unwrap_or_default();
            let page: serde_json::Value = serde_json::from_str(body).expect("a page");
            pages.push(said.clone());
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return pages,
            }
            assert!(pages.len() < 40, "pages without an end");
        }
    }

    /// Acts that name a shelter without its code: who, address, body.
    async fn probes(&self) -> Vec<(Kind, String, String, &'static str)> {
        let mut all = Vec::new();
        let (page, api) = (Kind::Page, Kind::Api);
        for (service, need) in [
            ("S-ABRI", "RCP.03"),
            ("S-MAISON", "GBV.03"),
            ("S-CACHE", "VTC.02"),
            (NOWHERE, "RCP.03"),
        ] {
            let (need, service) = (self.needs[need], relais_fixture::id(service));
            let sending = json!({
                "id": self.world.new_id(), "service": service, "person_informed": true,
                "stays_with": "Essai", "interim": "Essai",
            });
            let aside = json!({ "id": self.world.new_id(), "service": service, "kind": "VITAL", "reason": "Essai" });
            let form = format!(
                "id={}&service={service}&person_informed=yes&stays_with=Essai&interim=Essai",
                self.world.new_id()
            );
            all.extend([
                (
                    api,
                    format!("/api/v1/needs/{need}/referrals"),
                    sending.to_string(),
                    "gestionnaire",
                ),
                (
                    api,
                    format!("/api/v1/needs/{need}/overrides"),
                    aside.to_string(),
                    "gestionnaire",
                ),
                (page, format!("/needs/{need}/refer"), form, "gestionnaire"),
            ]);
            // A wrong code for the right need, and for somebody who does not work on it.
            let guess = json!({ "code": "ABCD EFGH" }).to_string();
            let path = format!("/api/v1/needs/{need}/services");
            all.push((api, path.clone(), guess.clone(), "gestionnaire"));
            all.push((api, path, guess, "secretariat"));
            let viewer = self.world.viewer("atelier");
            let seen = referral_view::view(&self.world.desk, &viewer, ReferralId(self.open))
                .await
                .expect("the referral");
            let mut decline = serde_json::to_value(ReferralCommand::Decline {
                code: DeclineCode::Redirect,
                suggested: Some(service),
            })
            .expect("a command");
            decline["id"] = json!(self.world.new_id());
            decline["version"] = json!(seen.version);
            let path = format!("/api/v1/referrals/{}/acts", self.open);
            all.push((api, path, decline.to_string(), "atelier"));
        }
        let case = self.known[&Of::Case];
        let transfer = json!({
            "id": self.world.new_id(), "to": relais_fixture::id(relais_fixture::SHELTER), "person_informed": true,
        });
        let path = format!("/api/v1/cases/{case}/transfers");
        all.push((api, path, transfer.to_string(), "gestionnaire"));
        let figures = json!({ "id": self.world.new_id() }).to_string();
        all.push((api, "/api/v1/coordination/figures".to_owned(), figures, "secretariat"));
        all
    }
}

async fn differences(one: &Site, other: &Site, logins: &[&str]) -> (usize, Vec<String>) {
    let (here, there) = (one.addresses(), other.addresses());
    assert_eq!(here.len(), there.len());
    asking::differences((&one.asker, &here), (&other.asker, &there), logins).await
}

/// The whole index, part by part: maps come in an order of their own.
fn index(site: &Site) -> Vec<String> {
    let network = site.world.desk.network();
    let mut parts: Vec<String> = format!("{:?}", network.directory)
        .split(|c: char| !c.is_alphanumeric() && c != '-' && c != '.')
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect();
    parts.sort_unstable();
    parts
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_can_tell_that_a_shelter_exists() {
    let without = Site::new(Places::Ordinary, false).await;
    let with = Site::new(Places::Hidden, false).await;
    let open = Site::new(Places::Open, false).await;

    // The index holds nothing of them, nor of anything that depends on them.
    let entries = |site: &Site| -> Vec<String> {
        let network = site.world.desk.network();
        network.directory.entries().map(|e| format!("{e:?}")).collect()
    };
    // Who kept silent for three weeks is not offered any more; the others are.
    assert!(entries(&without).len() > 4, "an index of nothing");
    assert_eq!(entries(&without), entries(&with));
    assert_ne!(entries(&without), entries(&open));

    let (asked, told) = differences(&without, &with, &OTHERS).await;
    assert!(asked > 2_000, "only {asked} answers were compared");
    assert!(told.is_empty(), "a shelter shows:\n{}", told.join("\n"));

    // With nothing to hide they show: the comparison sees what is there.
    let (_, told) = differences(&without, &open, &OTHERS).await;
    for seen in [
        "/api/v1/services?q=tournesol for atelier",
        "/api/v1/services?near=4.055,9.705 for secretariat",
        "/api/v1/services?region=CM005 for autre",
        "/api/v1/services?place=Douala&category=VTC for gestionnaire",
        "/api/v1/services?category=VTC&facets=true for atelier",
        "/services?q=tournesl for gestionnaire",
        "/coordination for secretariat",
        "/public/services?category=VTC for atelier",
        "/public/services?q=cours&place=Douala for secretariat",
        "/directory/booklet for atelier",
        "/directory/booklet/print for autre",
        "/directory/booklet/print?region=CM005 for gestionnaire",
        "/directory/booklet/print?for=partners for secretariat",
        "/hsds/services?per_page=500&full=true for atelier",
        "/hsds/organizations?per_page=500&full=true for atelier",
        "/directory/export?as=csv for secretariat",
        "/directory/export?as=geojson for secretariat",
        "/directory/export?as=hsds&region=CM005 for secretariat",
        "/directory/export?as=xlsx for secretariat",
        "/api/v1/coordination for secretariat.chef",
        "/directory/programmes for atelier",
        "/agreements for gestionnaire",
        &format!("/agreements/{} for secretariat", without.known[&Of::Agreement]),
        "/directory/programmes?state=soon for gestionnaire",
        "/directory/gaps for autre",
        "/directory/ratification for secretariat",
        "/directory/ratification/sheet for secretariat.chef",
        "/directory/ratification/sheet?lang=en for secretariat",
        "/api/v1/ratifications for secretariat",
        &format!("/directory/programmes/{} for secretariat", programme_id("PALMES-1")),
        &format!("/needs/{}/refer for gestionnaire", without.needs["VTC.02"]),
        &format!("/cases/{} for gestionnaire", without.known[&Of::Case]),
        &format!("/referrals/{} for atelier", without.open),
    ] {
        assert!(told.iter().any(|t| t == seen), "{seen} does not differ: {told:#?}");
    }

    // Page after page, whatever is searched for.
    for query in [
        "limit=2",
        "category=VTC.02&limit=1",
        "near=4.0210,9.7410&limit=3",
        "q=palmes&limit=1",
    ] {
        let (one, other) = (without.pages(query).await, with.pages(query).await);
        assert!(one.concat().contains("Palmes"), "{query} finds nothing");
        assert_eq!(one, other, "{query}");
        assert_ne!(one, open.pages(query).await, "{query}");
    }

    // Who sends, sets aside, suggests or transfers to it without its code is answered
    // as for what does not exist.
    let (here, there) = (without.probes().await, with.probes().await);
    for ((kind, a, body, login), (_, b, same, _)) in here.iter().zip(&there) {
        let first = without.asker.ask(Verb::Post, *kind, a, login, body).await;
        let second = with.asker.ask(Verb::Post, *kind, b, login, same).await;
        let refused = ["403", "404", "409", "422"]
            .iter()
            .any(|status| first.starts_with(status));
        assert!(refused || a.ends_with("/figures"), "{a} {body}: {first}");
        assert!(login != &"atelier" || first.contains("suggested"), "{a}: {first}");
        assert_eq!(first, second, "POST {a} {body} for {login}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_the_state_nor_the_office_can_tell_that_a_shelter_is_asked() {
    let without = Site::new(Places::Ordinary, false).await;
    let used = Site::new(Places::Hidden, true).await;
    let (asked, told) = differences(&without, &used, &SHUT_OUT).await;
    assert!(asked > 1_000, "only {asked} answers were compared");
    assert!(told.is_empty(), "a shelter in use shows:\n{}", told.join("\n"));
}

/// The median times of two addresses, asked in turn.
async fn medians(one: (&Asker, &str), other: (&Asker, &str)) -> (Duration, Duration) {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for round in 0..120 {
        for (times, (asker, path)) in [(&mut first, one), (&mut second, other)] {
            let start = Instant::now();
            asker.read(Kind::Api, path, "gestionnaire").await;
            // The first rounds fill what is kept in memory.
            if round >= 20 {
                times.push(start.elapsed());
            }
        }
    }
    first.sort_unstable();
    second.sort_unstable();
    (first[first.len() / 2], second[second.len() / 2])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shelters_id_takes_the_same_way_as_one_that_does_not_exist() {
    let without = Site::new(Places::Ordinary, false).await;
    let with = Site::new(Places::Hidden, false).await;
    assert_eq!(index(&without), index(&with), "the index differs");

    let need = with.needs["VTC.02"];
    let ask = |service: &str| format!("/api/v1/needs/{need}/services?service={}", relais_fixture::id(service));
    let search = "/api/v1/services?near=4.055,9.705&category=VTC.02";
    let (hidden, nothing, listed) = (ask("S-CACHE"), ask(NOWHERE), ask("S-PALMES"));
    let here = &with.asker;
    for (what, one, other) in [
        ("its id", (here, hidden.as_str()), (here, nothing.as_str())),
        ("a search", (here, search), (&without.asker, search)),
    ] {
        let (one, other) = medians(one, other).await;
        let (least, most) = (one.min(other), one.max(other));
        assert!(
            most < least * 3 / 2 + Duration::from_micros(300),
            "{what} takes {one:?}, where there is none {other:?}"
        );
    }
    // A service that is found takes another way: its preview.
    let shown = here.read(Kind::Api, &listed, "gestionnaire").await;
    let hid = here.read(Kind::Api, &hidden, "gestionnaire").await;
    assert!(shown.contains("\"preview\":{") && hid.contains("\"preview\":null"));
}
