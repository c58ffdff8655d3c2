//! Import planning: the real list, and every way in which a row can be broken.

use std::collections::HashMap;
use std::path::PathBuf;

use relais_mechanism::Label;
use relais_network::import::{Action, Cause, ContentHash, FileError, Mapping, MappingError, Plan, Remark, parse, plan};
use relais_network::{
    Area, AreaLevel, BodyEntry, Catalogue, Category, FieldProblem, Geography, Point, ServiceType, bodies_plan, body_id,
};

const REAL_MAPPING: &str = include_str!("../../../mechanisms/cameroon/mappings/health-facilities.toml");

const HEADER: &str = "Country,Admin1,Facility name,Facility type,Ownership,Lat,Long,LL source\n";

fn label(fr: &str, en: &str) -> Label {
    Label {
        fr: fr.into(),
        en: en.into(),
    }
}

fn catalogue() -> Catalogue {
    let types = (1..=9).map(|n| ServiceType {
        code: format!("MED.{n:02}"),
        category: "MED".into(),
        name: label(&format!("Soin {n}"), &format!("Care {n}")),
        confidential: false,
    });
    let shelter = ServiceType {
        code: "RCP.03".into(),
        category: "RCP".into(),
        name: label("Abri", "Shelter"),
        confidential: true,
    };
    Catalogue::new(
        [Category {
            code: "MED".into(),
            name: label("Santé physique", "Physical health"),
        }],
        types.chain([shelter]),
    )
}

fn geography() -> Geography {
    let regions = [
        ("Adamaoua", "Adamawa"),
        ("Centre", "Centre"),
        ("Est", "East"),
        ("Extrême-Nord", "Far North"),
        ("Littoral", "Littoral"),
        ("Nord", "North"),
        ("Nord-Ouest", "North-West"),
        ("Ouest", "West"),
        ("Sud", "South"),
        ("Sud-Ouest", "South-West"),
    ];
    let mut areas = Vec::new();
    for (i, (fr, en)) in regions.into_iter().enumerate() {
        let pcode = format!("CM{:03}", i + 1);
        areas.push(Area {
            pcode,
            parent: None,
            level: AreaLevel::Region,
            name: label(fr, en),
            chief_town: None,
        });
    }
    for (pcode, name, lat, lon) in [
        ("CM006001", "Bénoué", 9.30, 13.40),
        ("CM006004", "Mayo-Rey", 8.39, 14.17),
    ] {
        areas.push(Area {
            pcode: pcode.into(),
            parent: Some("CM006".into()),
            level: AreaLevel::Department,
            name: label(name, name),
            chief_town: Point::new(lat, lon),
        });
    }
    Geography::new(areas)
}

fn mapping() -> Mapping {
    Mapping::from_toml(REAL_MAPPING).expect("our own mapping")
}

fn run(bytes: &[u8], mapping: &Mapping, known: &HashMap<String, ContentHash>) -> Plan {
    let rows = parse(bytes, mapping, &geography(), &catalogue()).expect("a file");
    let plan = plan(rows, &mapping.source, |source, key| {
        assert_eq!(source, mapping.source);
        known.get(key).copied()
    });
    assert!(plan.report().adds_up(), "{:?}", plan.report());
    plan
}

/// One row under the usual header.
fn one(row: impl AsRef<[u8]>) -> Plan {
    let mut bytes = HEADER.as_bytes().to_vec();
    bytes.extend_from_slice(row.as_ref());
    run(&bytes, &mapping(), &HashMap::new())
}

/// The single problem of a single row: column, value, cause.
#[track_caller]
fn rejected(row: impl AsRef<[u8]>) -> (String, String, Cause) {
    let plan = one(row);
    assert_eq!(plan.rows.len(), 1);
    match &plan.rows[0].action {
        Action::Reject(problems) => {
            assert_eq!(problems.len(), 1, "{problems:?}");
            let remedy = problems[0].cause.remedy();
            assert!(!remedy.fr.is_empty() && !remedy.en.is_empty());
            (
                problems[0].column.clone(),
                problems[0].value.clone(),
                problems[0].cause.clone(),
            )
        }
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn created(plan: &Plan) -> &relais_network::import::Facility {
    match &plan.rows[0].action {
        Action::Create(facility) => facility,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_sound_row() {
    let plan = one("Cameroon,North,Garoua Hôpital\u{a0}Régional,Hôpital Régional,MoH,9.30,13.39,Other");
    let facility = created(&plan);
    assert_eq!(facility.organisation.name.fr, "Garoua Hôpital Régional");
    assert_eq!(facility.organisation.parent, Some(body_id("MINSANTE")));
    assert!(facility.organisation.state_body);
    assert_eq!(facility.place.region.as_deref(), Some("CM006"));
    assert_eq!(facility.place.department.as_deref(), Some("CM006001"));
    assert!(facility.place.department_estimated);
    assert_eq!(facility.services.len(), 6);
    assert!(
        facility
            .services
            .iter()
            .all(|s| s.check().is_empty() && s.confirmed_on.is_none())
    );
    assert!(matches!(plan.rows[0].remarks[..], [Remark::DepartmentEstimated { .. }]));
    assert_eq!((plan.rows[0].row, plan.rows[0].line), (1, 2));
}

#[test]
fn broken_cells_are_named_with_column_value_and_cause() {
    let field = |column: &str, value: &str, cause| (column.to_owned(), value.to_owned(), cause);
    assert_eq!(
        rejected("Cameroon,North,\u{a0} ,Clinic,MoH,9,13,x"),
        field("Facility name", "\u{a0} ", Cause::Missing)
    );
    assert_eq!(
        rejected("Cameroon,North,A,Clinic,MoH,95,13,x"),
        field("Lat", "95", Cause::OutOfRange { limit: 90 })
    );
    assert_eq!(
        rejected("Cameroon,North,A,Clinic,MoH,abc,13,x"),
        field("Lat", "abc", Cause::NotANumber)
    );
    assert_eq!(
        rejected("Cameroon,North,A,Clinic,MoH,9,NaN,x"),
        field("Long", "NaN", Cause::NotANumber)
    );
    assert_eq!(
        rejected("Cameroon,North,A,Clinic,MoH,9,inf,x"),
        field("Long", "inf", Cause::NotANumber)
    );
    assert_eq!(
        rejected("Cameroon,North,A,Clinic,MoH,9,,x"),
        field("Long", "", Cause::HalfAPoint)
    );
    assert_eq!(rejected("Cameroon,North,A,Clinic,MoH,13.4,9.3,x").2, Cause::Swapped);
    assert_eq!(rejected("Cameroon,North,A,Clinic,MoH,0,0,x").2, Cause::OutsideBounds);
    let (column, value, cause) = rejected("Cameroon,Northe,A,Clinic,MoH,9,13,x");
    assert_eq!((column.as_str(), value.as_str()), ("Admin1", "Northe"));
    assert!(matches!(cause, Cause::UnknownRegion { known } if known.contains(&"Extreme North".to_owned())));
    let (column, _, cause) = rejected("Cameroon,North,A,Spa,MoH,9,13,x");
    assert_eq!(column, "Facility type");
    assert!(matches!(cause, Cause::UnknownType { known } if known.contains(&"Clinic".to_owned())));
    assert_eq!(
        rejected("Cameroon,North,A,Clinic").2,
        Cause::Cells { found: 4, expected: 8 }
    );
    assert_eq!(
        rejected("Cameroon,North,A,B,Clinic,MoH,9,13,x").2,
        Cause::Cells { found: 9, expected: 8 }
    );
    let control = Cause::Field(FieldProblem::ControlCharacter);
    assert_eq!(
        rejected("Cameroon,North,A\0B,Clinic,MoH,9,13,x"),
        field("Facility name", "A␀B", control)
    );
    let long = format!("Cameroon,North,{},Clinic,MoH,9,13,x", "a".repeat(400));
    assert_eq!(rejected(long).2, Cause::Field(FieldProblem::TooLong(300)));
    let huge = format!("Cameroon,North,{},Clinic,MoH,9,13,x", "a".repeat(100_000));
    assert_eq!(rejected(&huge).2, Cause::Huge);
    assert_eq!(rejected(huge.replace("North,", "North,\"")).2, Cause::Huge);
}

#[test]
fn every_problem_of_a_row_is_said_at_once() {
    let plan = one("Cameroon,Nowhere,,Spa,MoH,95,13,x");
    let Action::Reject(problems) = &plan.rows[0].action else {
        panic!("{plan:?}")
    };
    let columns: Vec<_> = problems.iter().map(|p| p.column.as_str()).collect();
    assert_eq!(columns, ["Facility name", "Facility type", "Admin1", "Lat"]);
}

#[test]
fn an_unclosed_quote_rejects_its_row_and_no_other() {
    let plan = one(
        "Cameroon,North,\"A,Clinic,MoH,9,13,x\nCameroon,North,B,Clinic,MoH,9,13,x\nCameroon,North,\"C, D\",Clinic,MoH,9,13,x\n",
    );
    assert_eq!(plan.rows.len(), 3);
    assert!(matches!(&plan.rows[0].action, Action::Reject(p) if p[0].cause == Cause::Quotes));
    assert_eq!(plan.report().created, 2);
    assert_eq!(plan.rows[2].line, 4);
}

#[test]
fn encodings() {
    let mut row = b"Cameroon,North,H\xf4pital de l\x92Espoir,Clinic,MoH,9,13,x".to_vec();
    let plan = one(&row);
    assert_eq!(created(&plan).organisation.name.fr, "Hôpital de l’Espoir");
    assert!(plan.rows[0].remarks.contains(&Remark::Windows1252));

    let strict = Mapping::from_toml(&REAL_MAPPING.replace("utf8-or-windows1252", "utf8")).expect("sound");
    let mut bytes = HEADER.as_bytes().to_vec();
    bytes.append(&mut row);
    let plan = run(&bytes, &strict, &HashMap::new());
    assert!(matches!(&plan.rows[0].action, Action::Reject(p)
        if p[0].cause == Cause::Encoding && p[0].column == "Facility name" && p[0].value == "H\u{fffd}pital de l\u{fffd}Espoir"));

    let sixteen = [0xff, 0xfe, b'a', 0];
    assert_eq!(
        parse(&sixteen, &strict, &geography(), &catalogue()),
        Err(FileError::Utf16)
    );
}

#[test]
fn marks_line_ends_commas_and_formulas_are_taken_as_meant() {
    let text = format!("\u{feff}{}", HEADER.replace('\n', "\r\n"))
        + "Cameroon,North,=cmd|'/c calc'!A1,Clinic,MoH,\"9,25\",\"13,4\",x\r\n\r\nCameroon,NORTH,+B,clinic,MoH,,,\r\n";
    let plan = run(text.as_bytes(), &mapping(), &HashMap::new());
    assert_eq!((plan.report().created, plan.report().region_only), (2, 1));
    let facility = created(&plan);
    assert_eq!(facility.organisation.name.fr, "=cmd|'/c calc'!A1");
    assert_eq!(facility.place.point(), Point::new(9.25, 13.4));
    assert!(plan.rows[0].remarks.contains(&Remark::DecimalComma));
    assert_eq!(plan.rows[1].remarks, [Remark::RegionOnly]);
    assert_eq!(plan.rows[1].line, 4);
}

#[test]
fn files_that_cannot_be_read_say_why() {
    let read = |bytes: &str| parse(bytes.as_bytes(), &mapping(), &geography(), &catalogue());
    assert_eq!(read(""), Err(FileError::Empty));
    assert_eq!(read("\u{feff}\r\n\n"), Err(FileError::Empty));
    assert_eq!(read(HEADER), Ok(vec![]));
    let Err(FileError::MissingColumn { column, found }) = read(&HEADER.replace("Lat,", "Latitude,")) else {
        panic!("a column is missing");
    };
    assert_eq!(column, "Lat");
    assert!(found.contains(&"Latitude".to_owned()));
    assert_eq!(
        read(&HEADER.replace("LL source", "Lat")),
        Err(FileError::ColumnTwice { column: "Lat".into() })
    );
    assert_eq!(read("\"Country,Admin1\n1,2\n"), Err(FileError::BadHeader));
    for error in [FileError::Empty, FileError::BadHeader, FileError::Utf16] {
        assert!(!error.remedy().fr.is_empty() && !error.remedy().en.is_empty());
    }
}

#[test]
fn same_name_is_not_same_facility_and_same_row_is() {
    let text = format!(
        "{HEADER}C,North,A,Clinic,MoH,9,13,x\nC,North,A,Clinic,MoH,9.5,13,x\nC,North,A,Clinic,MoH,9,13,other source\nC,North,A,Dispensaire,MoH,9,13,x\n"
    );
    let plan = run(text.as_bytes(), &mapping(), &HashMap::new());
    let report = plan.report();
    assert_eq!((report.created, report.skipped, report.rejected), (2, 1, 1));
    assert_eq!(plan.rows[2].action, Action::Duplicate { of_row: 1 });
    assert!(matches!(&plan.rows[3].action, Action::Reject(p) if p[0].cause == Cause::KeyTwice { row: 1 }));
}

#[test]
fn a_second_run_changes_nothing_and_a_changed_row_is_updated_in_place() {
    let text = format!("{HEADER}C,North,A,Clinic,MoH,9,13,x\nC,North,B,Clinic,MoH,9,13,x\n");
    let first = run(text.as_bytes(), &mapping(), &HashMap::new());
    let known: HashMap<_, _> = first.writes().map(|f| (f.key.clone(), f.hash)).collect();
    let second = run(text.as_bytes(), &mapping(), &known);
    assert_eq!((second.report().unchanged, second.writes().count()), (2, 0));
    let changed = text.replace("B,Clinic", "B,Hôpital de District");
    let third = run(changed.as_bytes(), &mapping(), &known);
    assert_eq!((third.report().unchanged, third.report().updated), (1, 1));
    let ids = |p: &Plan, name: &str| {
        p.writes()
            .find(|f| f.place.name == name)
            .map(|f| (f.organisation.id, f.place.id))
    };
    assert_eq!(ids(&first, "B"), ids(&third, "B"));
    assert!(ids(&first, "B").is_some());
}

#[test]
fn mappings_that_cannot_be_used() {
    let with = |from: &str, to: &str| Mapping::from_toml(&REAL_MAPPING.replace(from, to));
    assert!(matches!(with("[columns]", "[columns]\nnmae = \"x\""), Err(MappingError::Form(m)) if m.contains("nmae")));
    assert!(matches!(with("\"HOSP\"", "\"HOPS\""), Err(MappingError::Form(_))));
    assert_eq!(
        with("delimiter = \",\"", "delimiter = \"é\""),
        Err(MappingError::Delimiter('é'))
    );
    assert_eq!(
        with("\"Dispensaire\"", "\"CLINIC\""),
        Err(MappingError::TypeTwice("CLINIC".into()))
    );
    assert_eq!(mapping().check(&catalogue(), &geography()), []);
    let wrong = with("[\"MED.03\"]", "[\"MED.99\", \"RCP.03\"]").expect("form is sound");
    assert_eq!(
        wrong.check(&catalogue(), &geography()),
        [
            MappingError::UnknownServiceType("MED.99".into()),
            MappingError::ConfidentialServiceType("RCP.03".into())
        ]
    );
    // A shelter is imported where the rule says that it is one, and is one.
    let shelter = with("[\"MED.03\"]", "[\"RCP.03\"]\nconfidential = true").expect("form is sound");
    assert_eq!(shelter.check(&catalogue(), &geography()), []);
    let text = format!("{HEADER}C,North,A,Dispensaire,MoH,9,13,x\n");
    let made = run(text.as_bytes(), &shelter, &HashMap::new());
    let made = made.writes().next().expect("a row");
    assert!(made.place.confidential && made.services.iter().all(|s| s.confidential) && !made.services.is_empty());
    let wrong = with("\"CM010\"", "\"CM011\"").expect("form is sound");
    assert_eq!(wrong.check(&catalogue(), &geography()).len(), 1);
}

#[test]
fn bodies_become_organisations_with_lasting_ids() {
    let body = |code: &str, kind: &str| BodyEntry {
        code: code.into(),
        name: label(code, code),
        kind: kind.into(),
    };
    let made = bodies_plan(&[body("MINAS", "GOV_C"), body("OIM", "UN"), body("CDHC", "PARA")]).expect("known kinds");
    assert_eq!(
        made.iter().map(|o| o.state_body).collect::<Vec<_>>(),
        [true, false, true]
    );
    assert_eq!(made[0].id, body_id("MINAS"));
    assert!(made.iter().all(|o| o.check().is_empty()));
    assert_eq!(
        made,
        bodies_plan(&[body("MINAS", "GOV"), body("OIM", "UN"), body("CDHC", "PARA")]).expect("known kinds")
    );
    assert!(bodies_plan(&[body("X", "CLUB")]).is_err());
}

/// Where the data beside the project lie.
fn real_list() -> Option<Vec<u8>> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("RELAIS_SHARED").map_or_else(beside, |shared| {
        let shared = PathBuf::from(shared);
        let data = shared.join("data");
        if data.is_dir() { data } else { shared }
    });
    std::fs::read(folder.join("cameroon-health-facilities.csv")).ok()
}

#[test]
fn the_real_list_is_accounted_for_row_by_row() {
    let Some(bytes) = real_list() else {
        println!("skipped: the_real_list_is_accounted_for_row_by_row (cameroon-health-facilities.csv is not there)");
        return;
    };
    let first = run(&bytes, &mapping(), &HashMap::new());
    let report = first.report();
    println!("{report:?}");
    for row in &first.rows {
        if !matches!(row.action, Action::Create(_)) {
            println!("row {} (line {}): {:?}", row.row, row.line, row.action);
        }
    }
    assert_eq!(report.rows, 3_061);
    assert_eq!(report.region_only, 42);
    let known: HashMap<_, _> = first.writes().map(|f| (f.key.clone(), f.hash)).collect();
    assert_eq!(known.len(), report.created);
    let mut ids: Vec<_> = first.writes().flat_map(|f| f.services.iter().map(|s| s.id)).collect();
    let services = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), services);
    let second = run(&bytes, &mapping(), &known);
    assert_eq!(
        (second.report().unchanged, second.writes().count()),
        (report.created, 0)
    );
    assert!(second.report().rejected == report.rejected && second.report().skipped == report.skipped);
}
