//! Lists as they come, and lists that nobody should send.

use chrono::NaiveDate;
use proptest::prelude::*;
use relais_interchange::manifest::{self, Column, Listed, Reading, What};
use relais_interchange::table::{self, Limits};
use relais_interchange::{FileProblem, Grid, ReadAs};

fn on() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day")
}

fn grid(text: &str) -> Grid {
    table::read(text.as_bytes(), &Limits::MANIFEST).expect("readable")
}

fn read(text: &str) -> Reading {
    let grid = grid(text);
    let header = manifest::header(&grid);
    let mapping = manifest::guess(&grid.lines[header]);
    manifest::persons(&grid, header, &mapping, on())
}

fn refused(bytes: &[u8]) -> FileProblem {
    table::read(bytes, &Limits::MANIFEST).expect_err("refused")
}

#[test]
fn a_list_with_titles_two_headers_and_families_is_read() {
    let reading = read(
        "LISTE DES PASSAGERS;;;;;;\nVol essai du 23/11/2026;;;;;;\nIdentité;;;;Contact;;\n\
         N°;Nom;Prénoms;Sexe;Date de naissance;Téléphone;N° famille;Observations\n\
         1;Essai Biloa;Zoë;F;23/11/1996;677 12 34 56;A;malade\n\
         2;Essai Biloa;Petit;M;01/03/2021;;A;\n\
         N°;Nom;Prénoms;Sexe;Date de naissance;Téléphone;N° famille;Observations\n\
         3;Essai Ngo;Paul;?;1980;+237 6 99 00 00 00;B;\n\
         ;TOTAL 3;;;;;;\n",
    );
    assert_eq!(
        reading.persons,
        [
            Listed {
                line: 5,
                name: "Essai Biloa Zoë".to_owned(),
                sex: Some("F".to_owned()),
                age: Some(30),
                telephone: "677 12 34 56".to_owned(),
                family: Some(1),
                ..Listed::default()
            },
            Listed {
                line: 6,
                name: "Essai Biloa Petit".to_owned(),
                sex: Some("M".to_owned()),
                age: Some(5),
                family: Some(1),
                ..Listed::default()
            },
            // A family of one is no family.
            Listed {
                line: 8,
                name: "Essai Ngo Paul".to_owned(),
                sex: None,
                age: Some(46),
                telephone: "+237 6 99 00 00 00".to_owned(),
                ..Listed::default()
            },
        ]
    );
    let problems: Vec<_> = reading.problems.iter().map(|p| (p.line, p.column, p.what)).collect();
    assert_eq!(problems, [(8, Some(3), What::Sex), (9, None, What::Total)]);
}

#[test]
fn english_headers_and_the_first_of_two_equal_ones() {
    let grid = grid("Name,Given names,Gender,Age,Name,Phone number,Household ID\nA,B,F,3,C,1,2\n");
    let mapping = manifest::guess(&grid.lines[0]);
    let pairs: Vec<_> = mapping.pairs().collect();
    assert_eq!(
        pairs,
        [
            (Column::Name, 0),
            (Column::Given, 1),
            (Column::Sex, 2),
            (Column::Age, 3),
            (Column::Telephone, 5),
            (Column::Family, 6)
        ]
    );
}

#[test]
fn an_unknown_header_maps_nothing_and_can_be_said_by_hand() {
    let grid = grid("Liste\nx1;x2\nEssai Un;F\n");
    let header = manifest::header(&grid);
    assert_eq!(header, 1);
    let mut mapping = manifest::guess(&grid.lines[header]);
    assert!(!mapping.has_name());
    mapping.set(Column::Name, 0);
    mapping.set(Column::Sex, 1);
    let reading = manifest::persons(&grid, header, &mapping, on());
    assert_eq!(
        (reading.persons[0].name.as_str(), reading.persons[0].sex.as_deref()),
        ("Essai Un", Some("F"))
    );
}

#[test]
fn hostile_cells_cost_their_own_line_and_are_named() {
    let long = "x".repeat(200);
    let reading = read(&format!(
        "Nom;Sexe;Âge;Remarque\n=HYPERLINK(\"http://x.example\");F;3;\n@SUM(A1);F;3;\n#REF!;F;3;\n{long};F;3;\n;F;3;\n\
         Essai Bon;F;3;=cmd|' /C calc'!A0\nEssai Bon;F;3;\n\"Essai Ouvert;F;3;\nEssai Dernier;Z;vieux;\n"
    ));
    let names: Vec<_> = reading.persons.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(
        names,
        ["Essai Bon", "Essai Bon", "Essai Dernier"],
        "a formula in a column that is not kept is nothing"
    );
    let problems: Vec<_> = reading.problems.iter().map(|p| (p.line, p.column, p.what)).collect();
    assert_eq!(
        problems,
        [
            (2, Some(0), What::Formula),
            (3, Some(0), What::Formula),
            (4, Some(0), What::ErrorValue),
            (5, Some(0), What::TooLong),
            (6, Some(0), What::NoName),
            (8, None, What::Twice),
            (9, None, What::Unread),
            (10, Some(1), What::Sex),
            (10, Some(2), What::Age),
        ]
    );
    for problem in &reading.problems {
        assert!(
            !problem.what.message().fr.contains("Essai"),
            "a problem repeats no cell"
        );
    }
}

#[test]
fn each_limit_has_a_problem_that_names_the_place() {
    let header = "Nom;Sexe\n";
    let rows = |n: usize| format!("{header}{}", "Essai;F\n".repeat(n));
    assert_eq!(
        refused(&vec![b'a'; (4 << 20) + 1]),
        FileProblem::TooManyBytes { limit: 4 << 20 }
    );
    assert_eq!(
        refused(rows(2_000).as_bytes()),
        FileProblem::TooManyRows {
            limit: 2_000,
            line: 2_001
        }
    );
    assert_eq!(grid(&rows(1_999)).lines.len(), 2_000);
    assert_eq!(
        refused(format!("Nom\n{}x\n", "x;".repeat(60)).as_bytes()),
        FileProblem::TooManyColumns { limit: 60, line: 2 }
    );
    let wide = format!("{}\n", "x;".repeat(50));
    assert_eq!(
        refused(wide.repeat(1_300).as_bytes()),
        FileProblem::TooManyCells {
            limit: 60_000,
            line: 1_201
        }
    );
    assert_eq!(refused(b""), FileProblem::Empty);
    assert_eq!(refused(b"\n\r\n;;\n"), FileProblem::Empty);
    assert_eq!(refused(b"%PDF-1.4 \n"), FileProblem::NotATable);
    assert_eq!(
        refused(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"),
        FileProblem::OldSpreadsheet
    );
    let messages: std::collections::BTreeSet<_> = [
        FileProblem::TooManyRows {
            limit: 2_000,
            line: 2_001,
        },
        FileProblem::TooManyCells {
            limit: 60_000,
            line: 1_201,
        },
    ]
    .iter()
    .map(|p| p.message().fr)
    .collect();
    assert!(messages.iter().any(|m| m.contains("2001")) && messages.iter().any(|m| m.contains("1201")));
}

#[test]
fn a_delimiter_is_found_or_told() {
    for text in [
        "Nom;Sexe\nEssai, Un;F\n",
        "Nom\tSexe\nEssai, Un\tF\n",
        "sep=|\r\nNom|Sexe\r\nEssai, Un|F\r\n",
        "Nom,Sexe\n\"Essai, Un\",F\n",
    ] {
        let reading = read(text);
        assert_eq!(reading.persons.len(), 1, "{text}");
        assert_eq!(reading.persons[0].name, "Essai, Un", "{text}");
    }
    assert_eq!(grid("Nom;Sexe\nEssai;F\n").read_as, ReadAs::Utf8);
}

proptest! {
    /// Whatever comes: it ends, within the limits, and a plan can be made.
    #[test]
    fn any_text_is_read_or_refused(text in "[a-zé;,\"=\\n\\r \\t#@+0-9]{0,400}") {
        if let Ok(grid) = table::read(text.as_bytes(), &Limits::MANIFEST) {
            let header = manifest::header(&grid);
            let mut mapping = manifest::guess(&grid.lines[header]);
            mapping.set(Column::Name, 0);
            let reading = manifest::persons(&grid, header, &mapping, on());
            prop_assert!(reading.persons.len() < grid.lines.len().max(1));
            let left_out = reading.problems.iter().filter(|p| p.what.leaves_out()).count();
            prop_assert!(reading.persons.len() + left_out <= grid.lines.len() + grid.unread.len());
        }
    }
}
