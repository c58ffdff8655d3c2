//! What a hostile file costs at most, measured in a process of its own: the
//! test binary calls itself, and the child tells its own peak.

#![cfg(target_os = "linux")]

mod book;

use std::process::Command;

use book::{book, parts, texts, zip};
use relais_interchange::table::{self, Limits};

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
