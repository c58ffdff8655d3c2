//! One text, two databases: every statement is prepared against the real schema.

use std::path::Path;

use crate::sql;
use crate::testing::on_both;
use crate::tx::Dialect;

#[test]
fn every_statement_prepares_on_both() {
    on_both("statements", |world| {
        let mut wrong = Vec::new();
        let all = sql::all();
        assert!(all.len() > 60, "only {} statements", all.len());
        for (name, text) in all {
            let other = match world.dialect() {
                Dialect::Sqlite => "_POSTGRES",
                Dialect::Postgres => "_SQLITE",
            };
            if name.ends_with(other) {
                continue;
            }
            if let Err(error) = world.check(text) {
                wrong.push(format!("{name}: {error}"));
            }
        }
        assert!(wrong.is_empty(), "{:?}:\n{}", world.dialect(), wrong.join("\n"));
    });
}

#[test]
fn a_misspelt_column_is_found_on_both() {
    on_both("misspelt", |world| {
        assert!(world.check("SELECT happend_at FROM event WHERE seq = $1").is_err());
        assert!(world.check("SELECT happened_at FROM event WHERE seq = $1").is_ok());
    });
}

#[test]
fn every_file_with_statements_is_listed() {
    fn walk(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, found);
            } else if std::fs::read_to_string(&path).is_ok_and(|t| t.lines().any(|l| l.trim() == "crate::sql! {")) {
                found.push(path.file_name().unwrap().to_string_lossy().into_owned());
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.len() >= 10);
    for file in found {
        assert!(
            sql::LISTS.iter().any(|s| s.file.ends_with(&file)),
            "{file} is missing in sql::LISTS"
        );
    }
}

#[test]
#[cfg(debug_assertions)]
fn a_statement_outside_the_lists_is_refused() {
    on_both("unregistered", |world| {
        let refused = world.store().write_blocking(|tx| tx.execute("DELETE FROM outbox", &[]));
        assert!(
            matches!(refused, Err(crate::StoreError::Unregistered(_))),
            "{refused:?}"
        );
    });
}
