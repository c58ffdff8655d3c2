//! A folder of its own in which a test runs the binary.
#![allow(dead_code, reason = "each test takes what it needs of it")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

pub struct Place(tempfile::TempDir);

impl Place {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_relais"));
        // Nothing of the machine's own settings reaches the test.
        command.env_clear().current_dir(self.path()).args(arguments);
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the binary runs")
    }

    /// Runs what ends with this code; what it says on both streams.
    pub fn said(&self, code: i32, arguments: &[&str]) -> (String, String) {
        let out = self.run(arguments);
        let (said, wrong) = (
            String::from_utf8_lossy(&out.stdout).into_owned(),
            String::from_utf8_lossy(&out.stderr).into_owned(),
        );
        assert_eq!(out.status.code(), Some(code), "{arguments:?}: {said}{wrong}");
        (said, wrong)
    }

    /// Runs what must succeed; its JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let (said, _) = self.said(0, &[arguments, &["--format", "json"]].concat());
        serde_json::from_str(&said).expect("one JSON value")
    }

    /// A copy of the mechanism's files in this folder, to be changed.
    pub fn mechanisms(&self, folder: &str) {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../mechanisms");
        copy(&source, &self.path().join(folder));
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copies");
        }
    }
}
