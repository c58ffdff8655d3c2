//! What a hostile file costs at most, measured in a process of its own: the
//! test binary calls itself, and the child tells its own peak.

#![cfg(target_os = "linux")]

mod book;

use std::process::Command;

use book::{book, parts, texts, zip};
use relais_interchange::directory::{Column, Mapping, incoming};
use relais_interchange::table::{self, Limits};
use relais_mechanism::Lang;

/// The stated limit: a list costs less than this beside the file itself.
const MOST: usize = 100 << 20;
const CHILD: &str = "RELAIS_MEMORY_FILE";

/// A line of /proc/self/status, in bytes.
fn status(name: &str) -> usize {
    let text = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = text.lines().find(|l| l.starts_with(name)).expect("a line");
    let kilobytes: usize = line
        .split_whitespace()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .expect("a number");
    kilobytes << 10
}

#[test]
fn a_hostile_file_costs_less_than_a_hundred_megabytes() {
    if let Some(path) = std::env::var_os(CHILD) {
        let bytes = std::fs::read(path).expect("the file");
        let before = status("VmRSS:");
        let read = table::read(&bytes, &Limits::MANIFEST);
        let code = read.map_or_else(
            |problem| problem.code().to_owned(),
            |grid| format!("{} lines", grid.lines.len()),
        );
        println!("\nmeasured {} {code}", status("VmHWM:").saturating_sub(before));
        return;
    }
    let folder = std::env::temp_dir().join(format!("relais-memory-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let header = texts(1, &["Nom"]);
    let wide: String = (1..=1_000).map(|n| texts(n, &["x"; 60])).collect();
    let files = [
        ("large.csv", "Nom;Sexe\n".repeat(460_000).into_bytes()),
        ("quotes.csv", "\"".repeat(4 << 20).into_bytes()),
        ("wide.csv", ";".repeat(4 << 20).into_bytes()),
        ("wide-lines.csv", "\"\n\";".repeat(1 << 20).into_bytes()),
        ("utf16.csv", [&[0xFF, 0xFE][..], &[b'a', 0].repeat(2_000_000)].concat()),
        ("full.xlsx", book(&wide, "")),
        (
            "million.xlsx",
            book(&"<row><c t=\"str\"><v>E</v></c></row>".repeat(700_000), ""),
        ),
        ("hollow.xlsx", book(&"<row r=\"9\"><c/></row>".repeat(1_500_000), "")),
        (
            "corner.xlsx",
            book(
                &format!("{header}<row r=\"1048576\"><c r=\"XFD1048576\" t=\"str\"><v>E</v></c></row>"),
                "",
            ),
        ),
        ("repeated.xlsx", {
            // One long text that every cell names.
            let line = |n: usize| format!("<row r=\"{n}\">{}</row>", "<c t=\"s\"><v>0</v></c>".repeat(60));
            let rows: String = (1..=1_000).map(line).collect();
            book(&rows, &format!("<si><t>{}</t></si>", "A".repeat(4_096)))
        }),
        ("strings.xlsx", book(&header, &"<si/>".repeat(4_000_000))),
        ("styles.xlsx", {
            let mut parts = parts(&header, "");
            parts[3].1 = format!(
                "<styleSheet><cellXfs>{}</cellXfs></styleSheet>",
                "<xf/>".repeat(4_000_000)
            )
            .into_bytes();
            zip(&parts, 0, false)
        }),
        ("bomb.xlsx", {
            let cell = format!("<row r=\"2\"><c t=\"str\"><v>{}</v></c></row>", "A".repeat(300 << 20));
            zip(&parts(&cell, ""), 0, false)
        }),
        ("attribute.xlsx", {
            let cell = format!("<row r=\"{}\"/>", "1".repeat(300 << 20));
            zip(&parts(&cell, ""), 0, false)
        }),
    ];
    let mut told = Vec::new();
    for (name, bytes) in files {
        let path = folder.join(name);
        std::fs::write(&path, &bytes).expect("written");
        let done = Command::new(std::env::current_exe().expect("this program"))
            .args([
                "--exact",
                "a_hostile_file_costs_less_than_a_hundred_megabytes",
                "--nocapture",
            ])
            .env(CHILD, &path)
            .output()
            .expect("run");
        let text = String::from_utf8_lossy(&done.stdout).into_owned();
        let line = text
            .lines()
            .find_map(|l| l.strip_prefix("measured "))
            .unwrap_or_else(|| panic!("{name}: {text}"));
        let (cost, code) = line.split_once(' ').expect("two words");
        let cost: usize = cost.parse().expect("a number");
        told.push(format!("{name}: {} MB, {code}", cost >> 20));
        assert!(cost < MOST, "{name} costs {} MB ({code})", cost >> 20);
    }
    std::fs::remove_dir_all(&folder).expect("removed");
    println!("{}", told.join("\n"));
}

/// The stated limits of a directory beside the file itself: on the command line, and on a page.
const WHOLE: usize = 700 << 20;
const PAGE: usize = 150 << 20;
const DIRECTORY: &str = "RELAIS_MEMORY_DIRECTORY";

#[test]
fn a_hostile_directory_costs_less_than_what_is_stated() {
    if let Some(path) = std::env::var_os(DIRECTORY) {
        let bytes = std::fs::read(path).expect("the file");
        let mechanism = relais_mechanism::Mechanism::embedded("cameroon").expect("the built-in one");
        let limits = match std::env::var("RELAIS_MEMORY_PAGE") {
            Ok(_) => Limits::DIRECTORY_PAGE,
            Err(_) => Limits::DIRECTORY,
        };
        let before = status("VmRSS:");
        let read = incoming::read(&bytes, &Mapping::default(), &mechanism, &limits);
        let code = match read {
            Ok(read) => format!("{} lines, {} unread", read.lines.len(), read.unread.len()),
            Err(problem) => {
                let (message, remedy) = (problem.message(), problem.remedy());
                assert!(!message.fr.is_empty() && !remedy.en.is_empty(), "{}", problem.code());
                problem.code().to_owned()
            }
        };
        println!("\nmeasured {} {code}", status("VmHWM:").saturating_sub(before));
        return;
    }
    let folder = std::env::temp_dir().join(format!("relais-directory-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let columns = Column::all(3);
    let headings: Vec<String> = columns.iter().map(|c| c.heading(Lang::Fr)).collect();
    let head = headings.join(";");
    // Codes and names, a place, a service: what a line of fifty columns holds where it is filled.
    let line = |n: usize| format!("ORG-{n};{}{n}", "Essai 1234;".repeat(columns.len() - 2));
    // Just under the five million cells that a file may have.
    let most = 4_990_000 / columns.len();
    let full: String = (0..most).map(|n| format!("{}\n", line(n))).collect();
    let all_read = format!("{most} lines, 0 unread");
    let latin: Vec<u8> = format!("{head}\nORG-1;Hôpital;;HOSP\n")
        .chars()
        .map(|c| {
            if c == '’' {
                0x92
            } else {
                u8::try_from(u32::from(c)).unwrap_or(b'?')
            }
        })
        .collect();
    let wide = |text: &str| -> Vec<u8> {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        [0xFF, 0xFE].into_iter().chain(units).collect()
    };
    let row = "<row><c t=\"str\"><v>E</v></c><c t=\"str\"><v>F</v></c></row>";
    let files: Vec<(&str, Vec<u8>, &str)> = vec![
        (
            "200-mb.xlsx",
            [&b"PK\x03\x04"[..], &vec![7; 200 << 20]].concat(),
            "file_too_large",
        ),
        (
            "bomb.xlsx",
            {
                let cell = format!("<row r=\"2\"><c t=\"str\"><v>{}</v></c></row>", "A".repeat(540 << 20));
                zip(&parts(&cell, ""), 0, false)
            },
            "file_unpacks_too_large",
        ),
        (
            "million.csv",
            format!("{head}\n{}", "ORG-1;Essai\n".repeat(1_000_000)).into_bytes(),
            "file_too_many_rows",
        ),
        ("million.xlsx", book(&row.repeat(1_000_000), ""), "file_too_many_rows"),
        ("full.csv", format!("{head}\n{full}").into_bytes(), &all_read),
        (
            "one-column.csv",
            b"Code du service\nMED.01\n".to_vec(),
            "file_no_headings",
        ),
        (
            "missing.csv",
            b"Ville ou quartier;Latitude;Longitude\nDouala;4;9\n".to_vec(),
            "file_missing_columns",
        ),
        ("latin.csv", latin, "1 lines, 0 unread"),
        (
            "utf16.csv",
            wide(&format!("{head}\nORG-1;Hôpital;;HOSP\n")),
            "1 lines, 0 unread",
        ),
        (
            "empty-objects.json",
            format!("[{}{{}}]", "{},".repeat(20_000_000)).into_bytes(),
            "file_too_many_rows",
        ),
        (
            "telephones.json",
            format!("{{\"services\":[{{\"phones\":[{}{{}}]}}]}}", "{},".repeat(20_000_000)).into_bytes(),
            "file_not_hsds",
        ),
        ("deep.json", "[".repeat(30 << 20).into_bytes(), "file_not_hsds"),
        (
            "long.json",
            format!("{{\"id\":\"x\",\"name\":\"{}\"}}", "A".repeat(60 << 20)).into_bytes(),
            "0 lines, 1 unread",
        ),
    ];
    let mut told = Vec::new();
    for (name, bytes, expected) in files {
        let path = folder.join(name);
        std::fs::write(&path, &bytes).expect("written");
        for (page, most) in [(false, WHOLE), (true, PAGE)] {
            let mut child = Command::new(std::env::current_exe().expect("this program"));
            child
                .args([
                    "--exact",
                    "a_hostile_directory_costs_less_than_what_is_stated",
                    "--nocapture",
                ])
                .env(DIRECTORY, &path);
            if page {
                child.env("RELAIS_MEMORY_PAGE", "1");
            }
            let done = child.output().expect("run");
            let text = String::from_utf8_lossy(&done.stdout).into_owned();
            let said = text.lines().find_map(|l| l.strip_prefix("measured "));
            let said = said.unwrap_or_else(|| panic!("{name}: {text}"));
            let (cost, code) = said.split_once(' ').expect("two words");
            let cost: usize = cost.parse().expect("a number");
            told.push(format!(
                "{name}{}: {} MB, {code}",
                if page { " on a page" } else { "" },
                cost >> 20
            ));
            assert!(cost < most, "{name} costs {} MB ({code})", cost >> 20);
            assert!(
                code == expected || page && code.starts_with("file_too"),
                "{name}: {code}, not {expected}"
            );
        }
    }
    std::fs::remove_dir_all(&folder).expect("removed");
    println!("{}", told.join("\n"));
}
