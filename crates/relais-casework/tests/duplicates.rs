//! Duplicates, as tables: names in many spellings, births, and what is told of
//! them. How often the whole is right, `tests/duplicates/run` measures.
#![expect(clippy::unwrap_used, reason = "tests stop at a bad line of their own tables")]

use chrono::NaiveDate;
use proptest::prelude::*;
use relais_casework::duplicates::name::{sound, spell, split_aliases};
use relais_casework::duplicates::{Birth, Name, Particulars, Place, Reason, Side, Verdict, birth, compare, keys};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// `1990-05-14`, `1990`, or `24@2026-03-01` (an age on a day).
fn born(text: &str) -> Option<Birth> {
    match text.split_once('@') {
        _ if text.is_empty() => None,
        Some((years, on)) => Some(Birth::Age {
            years: years.parse().unwrap(),
            on: day(on),
        }),
        None if text.len() == 4 => Some(Birth::Year(text.parse().unwrap())),
        None => Some(Birth::Date(day(text))),
    }
}

/// `name; birth; sex; origin; telephone`
fn person(text: &str) -> Particulars {
    let mut parts = text.split(';').map(str::trim);
    let mut next = || parts.next().unwrap_or_default();
    let mut out = Particulars::default();
    out.add_names(next());
    out.birth = born(next());
    out.sex = Some(next().to_owned()).filter(|s| !s.is_empty());
    out.places = vec![Place::new(next())];
    out.add_telephone(next());
    out
}

#[test]
fn spellings_that_are_one() {
    for (one, other) in [
        ("oumarou", "umaru"),
        ("youssoufa", "yusufa"),
        ("djibrilla", "jibrilla"),
        ("tchatchouang", "chatchuang"),
        ("koudjou", "kujou"),
        ("philippe", "filipe"),
        ("nyamsi", "gniamsi"),
        ("ousmane", "usman"),
        ("cecile", "sesile"),
        ("quentin", "kentin"),
        ("ekwalla", "ekouala"),
        ("souleymane", "suleiman"),
        ("guidado", "gidado"),
    ] {
        let (a, b) = (spell(one), spell(other));
        assert!(a == b || sound(&a) == sound(&b), "{one} {a} / {other} {b}");
    }
    for (one, other) in [
        ("mbarga", "mballa"),
        ("tamo", "talla"),
        ("hamidou", "adamou"),
        ("fotso", "kamga"),
    ] {
        assert_ne!(sound(&spell(one)), sound(&spell(other)), "{one} {other}");
    }
}

#[test]
fn words_and_aliases() {
    let words = |text: &str| -> Vec<String> { Name::new(text).unwrap().words.into_iter().map(|w| w.plain).collect() };
    assert_eq!(words("N’Gono  BIKÉLÉ-Zoa"), ["ngono", "bikele", "zoa"]);
    assert_eq!(words("Œuvré Ɓii Ŋgo"), ["oeuvre", "bii", "nggo"]);
    assert_eq!(words("a b c d e f g h").len(), Name::MOST);
    assert_eq!(Name::new(" — ’ "), None);
    assert_eq!(split_aliases("Ndzana, Crescence"), [" Ndzana Crescence"]);
    assert_eq!(split_aliases("Bouba dit Petit / Abou"), [" Bouba", " Petit", " Abou"]);
    assert_eq!(split_aliases("dit"), [""; 0]);
}

#[test]
fn births_as_a_table() {
    use Reason::{BirthDate as Same, BirthNearly as Nearly, BirthOther as Other, BirthYear as Year};
    for (a, b, least, most, reason) in [
        ("1990-05-14", "1990-05-14", 12.0, 14.0, Some(Same)),
        ("1990-01-01", "1990-01-01", 4.5, 8.0, Some(Year)),
        ("1990-05-04", "1990-04-05", 9.0, 12.0, Some(Nearly)),
        ("1990-05-14", "1990-05-17", 6.0, 8.0, Some(Nearly)),
        ("1990-05-14", "1909-05-14", 6.0, 8.0, Some(Nearly)),
        ("1990-05-14", "1990-09-28", -4.0, 0.0, None),
        ("1990-01-01", "1990-09-28", 4.0, 5.0, Some(Year)),
        ("1990", "1990-09-28", 4.0, 5.0, Some(Year)),
        ("1990", "1991", 0.0, 2.0, Some(Year)),
        ("1990", "1997", -12.0, -6.0, Some(Other)),
        ("24@2026-03-01", "2001-07-09", 3.0, 5.0, Some(Year)),
        ("24@2026-03-01", "23@2026-03-01", 2.0, 4.0, Some(Year)),
        ("24@2026-03-01", "28@2026-03-01", -5.0, -3.0, Some(Other)),
        ("25@2026-03-01", "28@2026-03-01", 0.0, 2.0, Some(Year)),
        ("30@2026-03-01", "44@2026-03-01", -12.0, -9.0, Some(Other)),
        // The same person, the same age, told two years apart, is another age.
        ("24@2026-03-01", "26@2028-03-01", 3.0, 5.0, Some(Year)),
        ("24@2026-03-01", "24@2036-03-01", -12.0, -9.0, Some(Other)),
    ] {
        let (x, y) = (born(a).unwrap(), born(b).unwrap());
        let (bits, why) = birth::compare(x, y);
        assert!(
            (least..=most).contains(&bits) && why == reason,
            "{a} {b}: {bits} {why:?}"
        );
        assert_eq!(birth::compare(y, x), (bits, why), "{a} {b}");
    }
}

#[test]
fn verdicts_and_their_reasons() {
    use Reason::{
        BirthDate, BirthOther, BirthYear, NameAlike, NameOther, NamePart, NameSame, PlaceOther, PlaceSame, SexOther,
        SexSame, Telephone,
    };
    use Verdict::{Likely, No, Perhaps};
    for (a, b, verdict, reasons) in [
        (
            "M’barga Alphonse; 1991-05-14; M; CM002",
            "MBARGA Alphonse; 1991-05-14; M; CM002007",
            Likely,
            vec![NameSame, BirthDate, SexSame, PlaceSame],
        ),
        (
            "Hermine Ngobassong; 32@2026-03-08; F",
            "Ngo Bassong Hermine; 32@2026-02-01; F",
            Likely,
            vec![NameAlike, BirthYear, SexSame],
        ),
        (
            "Mohamadou Djoulde; 25@2026-02-14; M",
            "Muhammadu Julde; 26@2026-03-14; M",
            Perhaps,
            vec![NameAlike, BirthYear, SexSame],
        ),
        (
            "Tchana Willy Martial; 1994-10-14; M",
            "Willy Tchana; 1994-10-14; M",
            Likely,
            vec![NamePart, BirthDate, SexSame],
        ),
        // Siblings who share a telephone.
        (
            "Kalbassou Bouba; 22@2026-02-16; M; CM004; 677 00 00 11",
            "Kalbassou Issa; 24@2026-02-16; M; CM004; +677000011",
            No,
            vec![Telephone, NamePart, BirthYear, SexSame, PlaceSame],
        ),
        // Twins.
        (
            "Biyiha Pauline; 1998-04-17; F; CM002",
            "Biyiha Paulin; 1998-04-17; M; CM002",
            Perhaps,
            vec![NameAlike, BirthDate, SexOther, PlaceSame],
        ),
        // Namesakes.
        (
            "Mohamadou Bello; 25@2026-02-01; M",
            "Mohamadou Bello; 38@2026-02-01; M",
            No,
            vec![NameSame, BirthOther, SexSame],
        ),
        (
            "Moussa Issa; 1995-01-01; M; CM004",
            "Moussa Issa; 1991-01-01; M; CM001",
            No,
            vec![NameSame, BirthOther, SexSame, PlaceOther],
        ),
        (
            "Fotso Alain; 1990-05-14; M",
            "Kamga Serge; 1990-05-14; M",
            No,
            vec![NameOther, BirthDate, SexSame],
        ),
        // Nothing is known of either.
        ("", "", No, vec![]),
    ] {
        let found = compare(&person(a), &person(b));
        assert_eq!(
            (found.verdict, &found.reasons),
            (verdict, &reasons),
            "{a} / {b}: {}",
            found.bits
        );
    }
}

#[test]
fn an_alias_and_a_number_are_enough() {
    let (mut a, mut b) = (
        person("Petit Bongo; ; M"),
        person("Essola Paul alias Petit Bongo; 30@2026-01-01; M"),
    );
    assert_eq!(compare(&a, &b).reasons[0], Reason::NameSame);
    a.add_reference("avrr-2026/0042");
    b.add_reference("AVRR 2026 0042");
    assert_eq!(compare(&a, &b).verdict, Verdict::Likely);
    assert_eq!(compare(&a, &b).reasons[0], Reason::Reference);
    let mut c = Particulars::default();
    c.add_reference("X-1");
    c.add_telephone("1503");
    assert_eq!(c, Particulars::default(), "too short to tell anything");
}

#[test]
fn every_reason_has_one_code_and_one_side() {
    let codes: std::collections::BTreeSet<_> = Reason::ALL.iter().map(|r| r.code()).collect();
    assert_eq!(codes.len(), Reason::ALL.len());
    for reason in Reason::ALL {
        assert_eq!(reason.code().ends_with("_other"), reason.side() == Side::Differs);
        assert_eq!(serde_json::to_value(reason).unwrap(), reason.code());
    }
}

#[test]
fn keys_bring_spellings_together_and_keep_persons_apart() {
    let meet = |a: &str, b: &str| {
        let filed = keys::filed(&person(a));
        keys::probed(&person(b)).iter().any(|k| filed.contains(k))
    };
    for (a, b) in [
        (
            "Ngo Bassong Hermine; 32@2026-02-01",
            "Hermine Ngobassong; 32@2026-03-08",
        ),
        ("Abdoul Karim Wassili; 1990-01-01", "Abdoulkarim Wassili; 1990-01-01"),
        ("Bouba Issa; 22@2026-02-16", "Aboubakar Issa; 24@2026-02-16"),
        ("Fotsing Aurélien; 26@2026-02-05", "Fosting Orélien; 27@2026-02-15"),
        ("Wassa; 1990-05-14", "Quite Another; 1990-05-14"),
        ("Awa; ; ; ; 677000011", "Eva; 1990; ; ; 677000011"),
        ("Mbarga Zoa", "Zoa Mbarga"),
    ] {
        assert!(meet(a, b) && meet(b, a), "{a} / {b}: {:?}", keys::filed(&person(a)));
    }
    for (a, b) in [
        ("Mohamadou Bello; 25@2026-02-01", "Mohamadou Oumarou; 25@2026-02-01"),
        ("Tsafack Jean; 1990", "Tsafack Jean; 1975"),
    ] {
        assert!(!meet(a, b), "{a} / {b}");
    }
    let many = person("a1 b2 c3 dit d4 e5 f6 dit g7 h8 i9 dit j10 k11; 1990; ; CM001001; 677000011");
    assert_eq!(keys::filed(&many).len(), keys::MOST);
    assert!(keys::filed(&many)[0].contains("677000011"), "numbers come first");
}

fn any_person() -> impl Strategy<Value = Particulars> {
    let birth = prop_oneof![
        Just(None),
        (1900_i32..2030).prop_map(|y| Some(Birth::Year(y))),
        (0_i64..40_000).prop_map(|d| Some(Birth::Date(day("1920-01-01") + chrono::Days::new(d.unsigned_abs())))),
        (0_u8..=120).prop_map(|years| Some(Birth::Age {
            years,
            on: day("2026-03-01")
        })),
    ];
    let word = prop_oneof!["(Mohamadou|Ngo|Bassong|Marie|J|Mbarga|Abdou|Rahman|el)", "\\PC{0,8}"];
    (
        proptest::collection::vec(word, 0..8),
        birth,
        "(F|M|)",
        "(CM00[12](00[1-3]){0,2}|\\PC{0,6})",
        "[0-9]{0,10}",
    )
        .prop_map(|(words, birth, sex, place, telephone)| {
            let mut out = Particulars {
                birth,
                sex: Some(sex).filter(|s| !s.is_empty()),
                places: vec![Place::new(&place)],
                ..Particulars::default()
            };
            out.add_names(&words.join(" "));
            out.add_telephone(&telephone);
            out
        })
}

proptest! {
    #[test]
    fn any_two_persons_compare_the_same_both_ways(a in any_person(), b in any_person()) {
        let (one, other) = (compare(&a, &b), compare(&b, &a));
        prop_assert!((one.bits - other.bits).abs() < 0.01, "{} {}", one.bits, other.bits);
        prop_assert_eq!(one.verdict, other.verdict);
        prop_assert!(keys::filed(&a).len() <= keys::MOST);
        let probed = keys::probed(&a);
        prop_assert!(keys::filed(&a).iter().all(|k| probed.contains(k)));
    }

    #[test]
    fn a_person_is_like_himself(a in any_person()) {
        let found = compare(&a, &a);
        prop_assert!(found.bits >= 0.0);
        prop_assert!(found.reasons.iter().all(|r| r.side() == Side::Agrees), "{:?}", found.reasons);
    }
}

/// Names made to have very many matchings take no longer than others.
#[test]
fn a_name_of_alike_words_is_compared_at_once() {
    let (a, b) = (person("Aba Aba Abaa Aba Aba Abaa"), person("Aba Abaa Aba Aba Aba Aba"));
    let began = std::time::Instant::now();
    for _ in 0..100 {
        assert!(compare(&a, &b).bits > 0.0);
    }
    assert!(began.elapsed().as_secs_f32() < 3.0, "{:?} for 100", began.elapsed());
}
