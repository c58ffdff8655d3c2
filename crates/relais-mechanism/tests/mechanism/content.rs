//! What Cameroon's mechanism holds: counts of the domain pack, and the rules
//! that the design sets on it.

use relais_mechanism::country::{HolidayStatus, Regime};
use relais_mechanism::places::Level;
use relais_mechanism::{ClassSet, DataClass, Lang, Mechanism, Priority, Purpose, Role, Sensitivity, Sources, check};

use crate::{added, cameroon, replaced};

#[test]
fn the_built_in_mechanism_has_nothing_wrong_with_it() {
    assert_eq!(check(&Sources::embedded("cameroon")), []);
}

#[test]
fn the_whole_content_is_there() {
    let m = cameroon();
    assert_eq!((m.categories().len(), m.services().len()), (17, 101));
    let places = |level| m.places().iter().filter(|p| p.level == level).count();
    assert_eq!(
        [
            places(Level::Region),
            places(Level::Department),
            places(Level::Subdivision)
        ],
        [10, 58, 360]
    );
    assert_eq!(
        (m.bodies().len(), m.entry_points().len(), m.calendars().len()),
        (58, 21, 11)
    );
    let codes = |numbers: &[relais_mechanism::country::OnCallNumber]| -> Vec<String> {
        numbers.iter().map(|n| n.number.clone()).collect()
    };
    assert_eq!(codes(m.emergency_numbers()), ["117", "113", "118"]);
    assert_eq!(m.on_call("CM005").len(), 3, "no P1 goes to the others");
    assert_eq!(
        m.bridges().iter().map(|b| b.code.as_str()).collect::<Vec<_>>(),
        ["TRAITE", "VBG", "ENFANCE", "HCR", "SANTE"]
    );
    assert_eq!(m.categories().iter().filter(|c| c.door.is_some()).count(), 14);
    assert_eq!(m.on_call_entries().iter().filter(|n| n.region.is_some()).count(), 20);
    let fields: Vec<_> = m
        .forms()
        .iter()
        .map(|f| (f.code.as_str(), f.fields().count()))
        .collect();
    // Thirty-two factors of F2 ask three questions each.
    assert_eq!(
        fields,
        [("F1", 67), ("F1E", 13), ("F2", 104), ("F3", 30), ("F4", 33), ("F5", 20)]
    );
    assert_eq!(
        m.agreement_kinds().iter().map(|k| k.code.as_str()).collect::<Vec<_>>(),
        ["MOU", "ARRC", "ADH", "CONV", "ENG"]
    );
    assert_eq!(
        (m.version(), m.country().code.as_str(), m.regime()),
        ("cm-2026.1", "CM", Regime::Transitional)
    );
}

#[test]
fn the_mechanism_says_of_itself_what_its_documents_derive() {
    let m = cameroon();
    assert_eq!(
        (
            m.stages().len(),
            m.raci().len(),
            m.raci_actors().len(),
            m.indicators().len()
        ),
        (14, 11, 9, 52)
    );
    for line in m.raci() {
        assert_eq!(line.accountable.len(), 1, "one answers for {}", line.code);
        assert!(!line.responsible.is_empty(), "somebody does {}", line.code);
    }
    let silence = m.indicators().iter().find(|i| i.code == "R05").expect("R05");
    assert_eq!((silence.alert, silence.target), (Some(15), None));
    for lang in Lang::ALL.iter().copied() {
        assert!(
            m.document("DOC10", lang)
                .is_some_and(|t| t.path.starts_with("regional/"))
        );
        assert!(
            m.document("_legal", lang)
                .is_some_and(|t| t.path.starts_with("cameroon/"))
        );
        assert!(m.document("DOC99", lang).is_none());
    }
}

#[test]
fn every_closed_word_has_its_label() {
    let m = cameroon();
    assert!(Priority::ALL.iter().all(|p| m.priority(*p).is_some()));
    assert!(Role::ALL.iter().all(|r| m.role(*r).is_some()));
    assert!(Purpose::ALL.iter().all(|p| m.purpose(*p).is_some()));
    assert!(DataClass::ALL.iter().all(|c| m.class(*c).is_some()));
    for class in DataClass::ALL.iter().copied() {
        assert_eq!(
            m.class_sensitivity(class) == Sensitivity::S4,
            class.is_restricted(),
            "{class}"
        );
    }
}

#[test]
fn a_restricted_service_never_shows_its_plain_name() {
    let m = cameroon();
    for service in m.services().iter().filter(|s| s.is_restricted()) {
        for lang in Lang::ALL.iter().copied() {
            assert_ne!(service.discreet.get(lang), service.label.get(lang), "{}", service.code);
        }
        for word in [
            "viol",
            "traite",
            "VIH",
            "addiction",
            "rape",
            "traffick",
            "HIV",
            "psychi",
        ] {
            let discreet = format!("{} {}", service.discreet.fr, service.discreet.en);
            assert!(!discreet.contains(word), "{}: {discreet}", service.code);
        }
    }
    assert_eq!(m.discreet_label("GBV.01", Lang::Fr), Some("Consultation santé"));
    assert_eq!(m.discreet_label("VTC.02", Lang::En), Some("Vocational training"));
    assert_eq!(m.discreet_label("XXX.01", Lang::Fr), None);
}

#[test]
fn a_service_receives_the_classes_that_its_category_needs() {
    let set = |classes: &[DataClass]| classes.iter().copied().collect::<ClassSet>();
    use DataClass::{Contact, Family, Health, Identity, Skills, Violence};
    let m = cameroon();
    assert_eq!(m.classes_needed("MED.04"), set(&[Identity, Contact, Health]));
    assert_eq!(m.classes_needed("EMP.02"), set(&[Identity, Contact, Skills]));
    assert_eq!(
        m.classes_needed("GBV.03"),
        set(&[Identity, Contact, Violence, Family]),
        "the service's own list wins"
    );
    assert_eq!(
        m.classes_needed("XXX.01"),
        set(&[Identity, Contact]),
        "an unknown service gets nothing more"
    );
    assert!(m.categories().iter().all(|c| c.provisional));
}

#[test]
fn shelters_are_confidential_and_cash_is_marked() {
    let m = cameroon();
    let of = |wanted: fn(&relais_mechanism::taxonomy::ServiceType) -> bool| -> Vec<&str> {
        m.services()
            .iter()
            .filter(|s| wanted(s))
            .map(|s| s.code.as_str())
            .collect()
    };
    assert_eq!(of(|s| s.confidential), ["RCP.03", "GBV.03", "VOT.02"]);
    assert_eq!(of(|s| s.cash), ["RCP.06", "HOU.01", "ENT.02", "ENT.09"]);
}

#[test]
fn an_emergency_and_grave_urgent_needs_are_vital() {
    let m = cameroon();
    for service in ["RCP.04", "MED.01", "EMP.01", "XXX.01"] {
        assert!(m.is_vital(Priority::P1, service), "{service}");
    }
    for (service, vital) in [("MED.02", true), ("VOT.01", true), ("LEG.05", false), ("PSS.02", false)] {
        assert_eq!(m.is_vital(Priority::P2, service), vital, "{service}");
    }
    assert!(!m.is_vital(Priority::P3, "MED.03"));
}

#[test]
fn every_region_can_call_somebody_and_its_own_numbers_come_first() {
    let m = cameroon();
    for region in m.regions() {
        let numbers: Vec<_> = m.on_call(&region.code).iter().map(|n| n.number.as_str()).collect();
        assert_eq!(numbers, ["1503", "116", "119"], "{}", region.code);
    }
    assert_eq!(
        m.regions_without_on_call().len(),
        10,
        "the country has filled in none yet"
    );
    let filled = added(
        "[[on_call]]\nregion = \"CM005\"\nrank = 2\nreplaces = true\nnumber = \"+237222000002\"\nfr = \"Suppléante\"\nen = \"Alternate\"\n\
         [[on_call]]\nregion = \"CM005\"\nrank = 1\nreplaces = true\nnumber = \"+237222000001\"\nfr = \"Point focal\"\nen = \"Focal point\"\n",
    );
    let m = Mechanism::load(&filled).expect("a filled on-call list is right");
    let numbers: Vec<_> = m.on_call("CM005").iter().map(|n| n.number.as_str()).collect();
    assert_eq!(numbers, ["+237222000001", "+237222000002", "1503", "116", "119"]);
    assert_eq!(m.regions_without_on_call().len(), 9);
}

#[test]
fn holidays_are_in_order_and_say_how_sure_they_are() {
    let m = cameroon();
    assert!(m.holidays().windows(2).all(|w| w[0].date < w[1].date));
    let on = |date: &str| {
        m.holidays()
            .iter()
            .find(|h| h.date.to_string() == date)
            .map(|h| h.status)
    };
    assert_eq!(on("2026-05-20"), Some(HolidayStatus::Confirmed));
    assert_eq!(on("2026-03-20"), Some(HolidayStatus::Estimated));
    assert_eq!(on("2027-03-08"), Some(HolidayStatus::ByOrder));
    assert_eq!(on("2026-11-23"), None);
}

#[test]
fn a_version_is_reloaded_whole_from_its_bundle() {
    let m = cameroon();
    let again = Mechanism::from_bundle(m.bundle()).expect("a kept bundle loads");
    assert_eq!(&again, m);
    assert_eq!(m.hash().len(), 64);
    let changed = Mechanism::load(&replaced(
        "regional/limits.toml",
        "decide = \"48 h\"",
        "decide = \"36 h\"",
    ))
    .expect("a changed limit is right");
    assert_ne!(changed.hash(), m.hash(), "another content has another hash");
    for text in [
        "",
        "{}",
        "[]",
        "{\"country\":\"cameroon\",\"files\":{}}",
        "{\"country\":1}",
    ] {
        assert!(Mechanism::from_bundle(text).is_err(), "{text}");
    }
}

#[test]
fn notices_stand_in_both_languages_and_their_hash_follows_the_text() {
    let m = cameroon();
    for (name, lang, says) in [
        ("consent", Lang::Fr, "Refuser ne vous prive"),
        ("consent", Lang::En, "Refusing takes no"),
        ("oral", Lang::Fr, "gratuit"),
        ("oral", Lang::En, "free of charge"),
    ] {
        assert!(m.notice(name, lang).is_some_and(|t| t.contains(says)), "{name} {lang}");
    }
    assert_ne!(m.notice_hash("consent", Lang::Fr), m.notice_hash("consent", Lang::En));
    let mut sources = Sources::embedded("cameroon");
    sources
        .files
        .insert("cameroon/notices/oral.fr.md".into(), "Bonjour.".into());
    let own = Mechanism::load(&sources).expect("a country may have its own notice");
    assert_eq!(
        own.notice("oral", Lang::Fr),
        Some("Bonjour."),
        "the country's notice wins"
    );
    assert_eq!(own.notice("oral", Lang::En), m.notice("oral", Lang::En));
}

#[test]
fn a_directory_gives_the_same_mechanism_as_the_binary() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../mechanisms");
    let read = Sources::read_dir(std::path::Path::new(root), "cameroon").expect("the folder is there");
    assert_eq!(read, Sources::embedded("cameroon"));
    assert!(Sources::read_dir(std::path::Path::new(root), "atlantis").is_err());
}

#[test]
fn no_label_has_a_straight_apostrophe_or_a_loose_sign() {
    let m = cameroon();
    let mut labels: Vec<&str> = m
        .services()
        .iter()
        .flat_map(|s| [s.label.fr.as_str(), s.discreet.fr.as_str()])
        .collect();
    labels.extend(
        m.option_lists()
            .flat_map(|l| l.choices.iter().map(|c| c.label.fr.as_str())),
    );
    labels.extend(m.forms().iter().flat_map(|f| f.fields()).map(|f| f.label.fr.as_str()));
    labels.extend(m.states().iter().map(|s| s.label.fr.as_str()));
    for label in labels {
        assert!(!label.contains('\''), "{label}");
        for sign in [" :", " ;", " !", " ?", "« ", " »"] {
            assert!(!label.contains(sign), "{label:?} has an ordinary space at {sign:?}");
        }
    }
}

#[test]
fn papers_and_import_mappings_beside_the_content_are_no_part_of_a_version() {
    let sources = Sources::embedded("cameroon");
    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let beside = [
        file("cameroon/mappings/list.toml", "key = \"x\""),
        file("regional/mapping.md", "x"),
        file("gabon/places.toml", "[[region]]"),
        file("loose.toml", "x = 1"),
    ];
    let more = Sources::of("cameroon", sources.files.clone().into_iter().chain(beside));
    assert_eq!(more.bundle(), sources.bundle());
}
