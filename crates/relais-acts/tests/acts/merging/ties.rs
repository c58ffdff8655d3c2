//! What ties an entry so that it does not go up in another, and services of two
//! organisations.

use chrono::TimeDelta;
use relais_acts::agreements::{self, NewAgreement};
use relais_acts::commands::ReferralCommand;
use relais_acts::directory::merging::{self, MergeEntries, What};
use relais_acts::directory::{By, Entries, put};
use relais_acts::problem::ActError;
use relais_acts::{entries, referral_view};
use relais_fixture::{World, id};
use relais_mechanism::{ClassSet, Priority, Purpose, Sensitivity};
use relais_network::agreement::AgreementKind;
use relais_network::{
    Organisation, OrganisationId, Origin, PlaceId, PublicationStatus, ReferralId, ServiceId, body_id,
};
use uuid::Uuid;

use super::{code, double, merge, side_by_side, undo};

/// A person's need of this type, sent to the organisation's service with their
/// agreement: the referral.
async fn sent(world: &World, name: &str, organisation: &str, (kind, service): (&str, &str)) -> Uuid {
    let manager = world.viewer("gestionnaire");
    let case = world.register(&manager, name, 30).await.expect("registered").id;
    world.agree(&manager, case, organisation).await.expect("agreed");
    let need = world.need(&manager, case, kind, Priority::P3).await.expect("a need").id;
    world.send(&manager, need, service).await.expect("sent").id
}

/// An entry with which something is under way does not go; it may stay.
pub(super) async fn tied(world: &World) {
    let (office, manager) = (world.viewer("secretariat"), world.viewer("gestionnaire"));
    for (of, name, offer) in [
        ("ATELIER", "Atelier Aiguille-Claire", ("D1", "VTC.02")),
        ("SANSCOMPTE", "Menuiserie Nkolo", ("D2", "VTC.03")),
        ("SANSACCORD", "Centre Sanaga Métier", ("D3", "VTC.02")),
    ] {
        double(world, of, &format!("{of}-2"), name, &[offer]);
    }
    let organisations = What::Organisations;
    let of = |goes: &'static str, stays: &'static str| merge(world, &office, organisations, (stays, goes), &[]);
    assert_eq!(code(of("ATELIER", "ATELIER-2").await), "merge_accounts");
    // The page says so beforehand, and proposes the other way round.
    let view = side_by_side(world, &office, organisations, "ATELIER-2", "ATELIER").expect("shown");
    assert!(view.tied[0].is_none() && view.tied[1].is_some() && view.stays == 1);
    of("ATELIER-2", "ATELIER").await.expect("the other way round");

    // Agreed, sent by telephone: a provider without an account.
    let sent = sent(world, "Essai Menuisier", "SANSCOMPTE", ("VTC.03", "S-BOIS")).await;
    assert_eq!(code(of("SANSCOMPTE", "SANSCOMPTE-2").await), "merge_referrals");
    world.at(relais_fixture::start() + TimeDelta::hours(3));
    let joined = of("SANSCOMPTE-2", "SANSCOMPTE").await.expect("the other way round");
    let seen = referral_view::view(&world.desk, &manager, ReferralId(sent))
        .await
        .expect("seen");
    assert!(seen.provider.contains("Menuiserie"), "{}", seen.provider);
    undo(world, &office, joined).await.expect("nothing was sent since");

    let party = NewAgreement {
        reference: "ENG-DOUBLE".to_owned(),
        kind: AgreementKind::Eng,
        parties: vec![(
            "SANSACCORD-2".to_owned(),
            chrono::NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day"),
        )],
        classes: ClassSet::all(),
        purposes: std::collections::BTreeSet::from([Purpose::Refer]),
        max_sensitivity: Sensitivity::S3,
        until: None,
    };
    agreements::add(world.store(), party, By::CommandLine).expect("signed");
    world.desk.refresh().expect("refreshed");
    assert_eq!(code(of("SANSACCORD-2", "SANSACCORD").await), "merge_agreements");

    // What the mechanism names comes back with every start.
    let named = Organisation {
        id: body_id("CORPS"),
        code: "CORPS".to_owned(),
        origin: Some(Origin {
            source: "mechanism".to_owned(),
            key: "CORPS".to_owned(),
        }),
        ..world.desk.network().organisations[&OrganisationId(id("SANSACCORD"))].clone()
    };
    let mut place = world.desk.network().places[&PlaceId(id("P-SANSACCORD"))].clone();
    (place.id, place.organisation) = (PlaceId(id("P-CORPS")), named.id);
    let mut service = world.desk.network().services[&ServiceId(id("S-METIERS"))].clone();
    (service.id, service.organisation, service.place) = (ServiceId(id("S-CORPS")), named.id, place.id);
    let body = named.id.0;
    let all = Entries {
        organisations: vec![(named, None)],
        places: vec![place],
        services: vec![service],
        ..Entries::default()
    };
    put(world.store(), all, "essai", By::CommandLine).expect("put");
    world.desk.refresh().expect("refreshed");
    let view = merging::pair(&world.desk, &office, organisations, id("SANSACCORD"), body).expect("shown");
    let command = MergeEntries {
        id: world.new_id(),
        what: organisations,
        stays: id("SANSACCORD"),
        stays_version: view.versions[0],
        goes: body,
        goes_version: view.versions[1],
        taken: Vec::new(),
    };
    let refused = merging::merge(&world.desk, &office, command.clone()).await;
    assert_eq!(code(refused), "merge_body");
    // Somebody changed one of them meanwhile.
    let stale = MergeEntries {
        id: world.new_id(),
        stays: body,
        goes: id("SANSACCORD"),
        stays_version: 7,
        goes_version: view.versions[0],
        ..command
    };
    assert_eq!(code(merging::merge(&world.desk, &office, stale).await), "stale");
}

/// Services: of two organisations, with a referral under way; a choice of lines.
pub(super) async fn services(world: &World) {
    let (office, manager) = (world.viewer("secretariat"), world.viewer("gestionnaire"));
    let sent = sent(world, "Essai Couture", "ATELIER", ("VTC.02", "S-COUTURE")).await;
    let wrong = merge(world, &office, What::Services, ("S-BOIS", "S-COUTURE"), &[]).await;
    assert_eq!(code(wrong), "merge_types");
    let there = merge(world, &office, What::Services, ("S-COUTURE-2", "S-COUTURE"), &["place"]).await;
    assert_eq!(code(there), "merge_place");
    let unknown = merge(
        world,
        &office,
        What::Services,
        ("S-COUTURE-2", "S-COUTURE"),
        &["organisation"],
    )
    .await;
    assert!(matches!(unknown, Err(ActError::Invalid(_))), "{unknown:?}");
    let merged = merge(
        world,
        &office,
        What::Services,
        ("S-COUTURE-2", "S-COUTURE"),
        &["name", "telephones"],
    )
    .await
    .expect("merged");
    let network = world.desk.network();
    let (one, gone) = (
        &network.services[&ServiceId(id("S-COUTURE-2"))],
        &network.services[&ServiceId(id("S-COUTURE"))],
    );
    assert_eq!(
        (one.name.fr.as_str(), gone.merged_into),
        ("Formation en couture", Some(one.id))
    );
    // Its provider answers what was asked of it.
    world
        .give(
            &world.viewer("atelier"),
            sent,
            ReferralCommand::Accept { by_name: String::new() },
        )
        .await
        .expect("the provider goes on");
    let seen = referral_view::view(&world.desk, &manager, ReferralId(sent))
        .await
        .expect("seen");
    assert!(seen.provider.contains("Aiguille"), "{}", seen.provider);

    // What was changed since is not undone over somebody's head.
    let view = entries::view(&world.desk, &office, one.id).await.expect("seen");
    let change = entries::ChangeEntry {
        id: world.new_id(),
        version: view.row.version,
        opening_hours: Some("sam. 9 h–12 h".to_owned()),
        ..entries::ChangeEntry::default()
    };
    entries::change(&world.desk, &office, one.id, change)
        .await
        .expect("changed");
    assert_eq!(code(undo(world, &office, merged).await), "merge_since");
    assert_eq!(
        world.desk.network().services[&ServiceId(id("S-COUTURE"))].status,
        PublicationStatus::Archived,
        "whole or not at all"
    );
}
