//! `docs/data-map.md`: for every column, whether it lies clear or sealed, and
//! why; made from the schema's own comments, so that the two cannot disagree.

use crate::schema;

/// What was decided about a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It lies clear.
    Clear,
    /// It is encrypted under a subject key.
    Sealed,
    /// It is a keyed or one-way digest.
    Token,
}

/// A column with its decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Table.
    pub table: String,
    /// Column.
    pub name: String,
    /// Type in the schema.
    pub kind: String,
    /// What was decided.
    pub decision: Decision,
    /// Why, or which class.
    pub why: String,
}

/// Reads the columns of the schema.
///
/// # Errors
/// The lines whose column carries no decision or no reason, or cannot hold it.
pub fn columns(text: &str) -> Result<Vec<Column>, Vec<String>> {
    let (mut table, mut columns, mut wrong) = (None::<String>, Vec::new(), Vec::new());
    for (at, line) in text.lines().enumerate() {
        let (code, comment) = line.split_once("--").unwrap_or((line, ""));
        let mut words = code.split_whitespace();
        let first = words.next().unwrap_or_default();
        if code.trim_start().starts_with("CREATE TABLE") {
            table = code.split_whitespace().nth(2).map(str::to_owned);
            continue;
        }
        if first.starts_with(')') {
            table = None;
        }
        let Some(of) = &table else { continue };
        if first.is_empty() || ["PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "CONSTRAINT"].contains(&first) {
            continue;
        }
        let kind = words.next().unwrap_or_default().trim_end_matches(',').to_owned();
        let decided = comment.trim().split_once(':').and_then(|(decision, why)| {
            let decision = match decision.trim() {
                "clear" => Decision::Clear,
                "sealed" => Decision::Sealed,
                "token" => Decision::Token,
                _ => return None,
            };
            let why = why.trim();
            (!why.is_empty()).then(|| (decision, why.to_owned()))
        });
        match decided {
            Some((Decision::Sealed, _)) if kind != "BLOB" => {
                wrong.push(format!("line {}: {of}.{first} is sealed, so it must be a BLOB", at + 1));
            }
            Some((decision, why)) => {
                columns.push(Column {
                    table: of.clone(),
                    name: first.to_owned(),
                    kind,
                    decision,
                    why,
                });
            }
            None => wrong.push(format!(
                "line {}: {of}.{first} has no decision (`-- clear: why`, `-- sealed: class`, `-- token: kind`)",
                at + 1
            )),
        }
    }
    if wrong.is_empty() { Ok(columns) } else { Err(wrong) }
}

/// The page.
///
/// # Errors
/// As [`columns`].
pub fn markdown() -> Result<String, Vec<String>> {
    let columns = columns(schema::TEXT)?;
    let mut page = String::from(
        "# Data map\n\n\
         What lies clear in the database, what is sealed, and why: column by column.\n\
         Made from `crates/relais-store/schema/schema.sql`; do not edit it here. After a change of the schema:\n\
         `RELAIS_REGENERATE=1 cargo test -p relais-store data_map`.\n\n\
         - **clear**: readable by whoever has the file.\n\
         - **sealed**: encrypted (XChaCha20-Poly1305) under the key of one person, case, complaint or organisation, which lies in the\n  \
         keyring, outside the database and its backups; bound to table, column, row, class and slot.\n\
         - **token**: a keyed or one-way digest.\n\n\
         A stolen file shows who worked with whom on which code and when; no identity, no need above S3.\n",
    );
    let count = |decision| columns.iter().filter(|c| c.decision == decision).count();
    page.push_str(&format!(
        "\n{} columns: {} clear, {} sealed, {} tokens.\n",
        columns.len(),
        count(Decision::Clear),
        count(Decision::Sealed),
        count(Decision::Token)
    ));
    let mut table = "";
    for column in &columns {
        if column.table != table {
            table = &column.table;
            page.push_str(&format!(
                "\n## {table}\n\n| column | decision | what or why |\n| --- | --- | --- |\n"
            ));
        }
        let decision = match column.decision {
            Decision::Clear => "clear",
            Decision::Sealed => "**sealed**",
            Decision::Token => "token",
        };
        page.push_str(&format!("| `{}` | {decision} | {} |\n", column.name, column.why));
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_in_the_repository_is_the_schema_s() {
        let page = markdown().expect("every column carries its decision");
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/data-map.md");
        if std::env::var_os("RELAIS_REGENERATE").is_some() {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, &page).unwrap();
        }
        let kept = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            kept == page,
            "docs/data-map.md is stale: RELAIS_REGENERATE=1 cargo test -p relais-store data_map"
        );
    }

    #[test]
    fn column_without_decision_is_found() {
        let text = "CREATE TABLE t (\n  a TEXT NOT NULL, -- clear: code\n  b TEXT,\n  c BLOB, -- sealed:\n  d TEXT, -- sealed: health\n  PRIMARY KEY (a)\n) STRICT;\n";
        let wrong = columns(text).unwrap_err();
        assert_eq!(wrong.len(), 3, "{wrong:?}");
        assert!(wrong[0].contains("t.b") && wrong[1].contains("t.c") && wrong[2].contains("must be a BLOB"));
    }

    #[test]
    fn every_column_of_the_database_is_in_the_map() {
        crate::testing::on_both("data_map", |world| {
            let map = columns(schema::TEXT).unwrap();
            let found = world.columns();
            assert!(found.len() > 100, "the database says its columns");
            for (table, column) in &found {
                assert!(
                    map.iter().any(|c| c.table == *table && c.name == *column),
                    "{table}.{column} is not in the map"
                );
            }
            assert_eq!(found.len(), map.len());
        });
    }
}
