//! Many cases from a few: the rows of a case that the acts made, written again
//! for another person and another member of staff, every sealed value opened
//! once and sealed for its new place with a key of its own. A million cases
//! made by the acts one by one would take the day.

use std::path::Path;

use relais_store::{Cell, Sealer};
use rusqlite::Connection;
use rusqlite::types::Value;
use uuid::Uuid;

use crate::Failed;

/// The tables that hold a case, and by which ids its rows are found.
const TABLES: [(&str, &str, By); 14] = [
    ("person", "id", By::Person),
    ("case_file", "id", By::Case),
    ("form_answers", "case_id", By::Case),
    ("consent", "case_id", By::Case),
    ("need", "case_id", By::Case),
    ("referral", "case_id", By::Case),
    ("grant_row", "case_id", By::Case),
    ("disclosure", "case_id", By::Case),
    ("link", "case_id", By::Case),
    ("case_closure", "case_id", By::Case),
    ("stream_head", "stream", By::Case),
    ("event", "stream", By::Case),
    ("due_work", "subject", By::Any),
    ("outbox", "subject", By::Any),
];

/// The sealed columns of these tables.
const SEALED: [(&str, &str); 13] = [
    ("person", "identity"),
    ("person", "contact"),
    ("case_file", "card"),
    ("form_answers", "answers"),
    ("consent", "detail"),
    ("need", "detail"),
    ("referral", "detail"),
    ("grant_row", "restricted"),
    ("disclosure", "restricted"),
    ("link", "code"),
    ("link", "answerer"),
    ("case_closure", "detail"),
    ("event", "sealed"),
];

#[derive(Clone, Copy)]
enum By {
    Person,
    Case,
    Any,
}

/// A value of the template, and what of it is another in each copy.
enum Part {
    Same(Value),
    /// A slot: the person's, or the case's.
    Slot(bool),
    /// An id, by its number.
    Id(usize),
    /// A time that moves with the copy.
    Time(i64),
    /// A text with ids in it: where, and which.
    Text(String, Vec<(usize, usize)>),
    /// What was sealed, with ids in it.
    Sealed {
        table: &'static str,
        column: &'static str,
        words: Vec<u8>,
        ids: Vec<(usize, usize)>,
        person: bool,
    },
}

/// A table, its columns, the rows of the template.
type Raw = (&'static str, Vec<String>, Vec<Vec<Value>>);

struct Rows {
    insert: String,
    rows: Vec<Vec<Part>>,
    /// The column of the row's own id, or of its stream, and of its number there.
    id: Option<usize>,
    number: Option<usize>,
}

/// A case to be copied.
pub struct Template {
    tables: Vec<Rows>,
    /// How many ids a copy makes anew; those that it is told follow them.
    own: usize,
    /// Numbers of the case's id and of its needs' ids.
    case: usize,
    needs: Vec<usize>,
}

/// Whose a copy is, and how far its times move.
pub struct Copy<'a> {
    /// What stands for the ids that the template was told, in their order.
    pub told: &'a [Uuid],
    /// Microseconds by which due times move.
    pub due: i64,
    /// Microseconds by which all other times move.
    pub past: i64,
}

fn ids_in(bytes: &[u8], ids: &[Uuid]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (number, id) in ids.iter().enumerate() {
        let text = id.to_string();
        let (wanted, mut from) = (text.as_bytes(), 0);
        while let Some(at) = bytes[from..].windows(wanted.len()).position(|w| w == wanted) {
            found.push((from + at, number));
            from += at + wanted.len();
        }
    }
    found
}

impl Template {
    /// Reads a case. `told` are ids that each copy names for itself: the
    /// member of staff, the organisations, the service.
    ///
    /// # Errors
    /// When a row cannot be read or a value does not open.
    pub fn read(connection: &Connection, sealer: &Sealer, case: Uuid, told: &[Uuid]) -> Result<Self, Failed> {
        let (person, slot, person_slot): (Vec<u8>, i64, i64) = connection.query_row(
            "SELECT c.person_id, c.slot, p.slot FROM case_file c JOIN person p ON p.id = c.person_id WHERE c.id = ?1",
            [case.as_bytes().as_slice()],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        let person = Uuid::from_slice(&person)?;
        let mut raw: Vec<Raw> = Vec::new();
        let mut ids = vec![case, person];
        for (table, key, by) in TABLES {
            let keys: Vec<Uuid> = match by {
                By::Person => vec![person],
                By::Case => vec![case],
                By::Any => ids.clone(),
            };
            let mut columns = Vec::new();
            let mut rows = Vec::new();
            for key_id in keys {
                let mut statement = connection.prepare(&format!("SELECT * FROM {table} WHERE {key} = ?1"))?;
                columns = statement.column_names().map(str::to_owned).collect();
                let width = columns.len();
                let found = statement.query_map([key_id.as_bytes().as_slice()], |row| {
                    (0..width)
                        .map(|n| row.get::<_, Value>(n))
                        .collect::<Result<Vec<_>, _>>()
                })?;
                rows.extend(found.collect::<Result<Vec<_>, _>>()?);
            }
            if let Some(at) = columns.iter().position(|c| c == "id") {
                for row in &rows {
                    if let Value::Blob(bytes) = &row[at]
                        && let Ok(id) = Uuid::from_slice(bytes)
                        && !ids.contains(&id)
                    {
                        ids.push(id);
                    }
                }
            }
            raw.push((table, columns, rows));
        }
        let own = ids.len();
        ids.extend_from_slice(told);
        let number = |id: Uuid| ids.iter().position(|known| *known == id);
        let mut needs = Vec::new();
        let mut tables = Vec::new();
        for (table, columns, rows) in raw {
            // The sequence of the server is given anew, but for streams, whose number is their own.
            let anew = |column: &str| column == "seq" && !["event", "stream_head"].contains(&table);
            let kept: Vec<usize> = (0..columns.len()).filter(|n| !anew(&columns[*n])).collect();
            let names: Vec<&str> = kept.iter().map(|n| columns[*n].as_str()).collect();
            let at = |name: &str| names.iter().position(|c| *c == name);
            let mut out = Vec::new();
            for row in rows {
                let mut parts = Vec::new();
                for n in &kept {
                    let (column, value) = (columns[*n].as_str(), row[*n].clone());
                    let sealed = SEALED.iter().find(|(t, c)| (*t, *c) == (table, column));
                    parts.push(match (sealed, value) {
                        (_, Value::Null) => Part::Same(Value::Null),
                        (Some((table, column)), Value::Blob(bytes)) => {
                            let of = |name: &str| -> Result<Uuid, Failed> {
                                let at = columns.iter().position(|c| c == name).ok_or("no column")?;
                                match &row[at] {
                                    Value::Blob(bytes) => Ok(Uuid::from_slice(bytes)?),
                                    _ => Err("no id".into()),
                                }
                            };
                            let seq = columns.iter().position(|c| c == "seq").map(|at| row[at].clone());
                            let cell = match (*table, seq) {
                                ("event", Some(Value::Integer(seq))) => {
                                    Cell::numbered("event", "sealed", of("stream")?, seq, "words")
                                }
                                ("case_closure", _) => Cell::new(table, column, of("case_id")?, column),
                                _ => Cell::new(table, column, of("id")?, column),
                            };
                            let by_person = *table == "person";
                            let slot = if by_person { person_slot } else { slot };
                            let words = sealer.open(&cell, slot, &bytes)?.to_vec();
                            Part::Sealed {
                                table,
                                column,
                                ids: ids_in(&words, &ids),
                                words,
                                person: by_person,
                            }
                        }
                        (None, Value::Integer(_)) if column == "slot" => Part::Slot(table == "person"),
                        (None, Value::Integer(n)) if n > 1_000_000_000_000_000 => Part::Time(n),
                        (None, Value::Blob(bytes)) => match Uuid::from_slice(&bytes).ok().and_then(number) {
                            Some(id) => Part::Id(id),
                            None => Part::Same(Value::Blob(bytes)),
                        },
                        (None, Value::Text(text)) => {
                            let found = ids_in(text.as_bytes(), &ids);
                            Part::Text(text, found)
                        }
                        (_, other) => Part::Same(other),
                    });
                }
                if let ("need", Some(at)) = (table, at("id"))
                    && let Part::Id(id) = parts[at]
                {
                    needs.push(id);
                }
                out.push(parts);
            }
            let places: Vec<String> = (1..=names.len()).map(|n| format!("?{n}")).collect();
            tables.push(Rows {
                insert: format!(
                    "INSERT INTO {table} ({}) VALUES ({})",
                    names.join(", "),
                    places.join(", ")
                ),
                rows: out,
                id: at("id").or_else(|| at("stream")).or_else(|| at("case_id")),
                number: (table == "event").then(|| at("seq")).flatten(),
            });
        }
        Ok(Self {
            tables,
            own,
            case: 0,
            needs,
        })
    }

    /// Writes one copy; its case and its needs.
    ///
    /// # Errors
    /// When a row is refused or the keyring cannot be extended.
    pub fn write(
        &self,
        connection: &Connection,
        sealer: &Sealer,
        copy: &Copy<'_>,
        next_id: &mut dyn FnMut() -> Uuid,
    ) -> Result<(Uuid, Vec<Uuid>), Failed> {
        let keyring = sealer.keyring();
        let (person_slot, slot) = (keyring.new_slot()?, keyring.new_slot()?);
        let mut ids: Vec<Uuid> = (0..self.own).map(|_| next_id()).collect();
        ids.extend_from_slice(copy.told);
        let put = |bytes: &mut [u8], found: &[(usize, usize)]| {
            for (at, id) in found {
                let mut text = [0; 36];
                ids[*id].hyphenated().encode_lower(&mut text);
                bytes[*at..at + 36].copy_from_slice(&text);
            }
        };
        for table in &self.tables {
            let mut statement = connection.prepare_cached(&table.insert)?;
            for row in &table.rows {
                let own = table.id.and_then(|at| match row[at] {
                    Part::Id(id) => Some(ids[id]),
                    _ => None,
                });
                let number = table.number.and_then(|at| match row[at] {
                    Part::Same(Value::Integer(n)) => Some(n),
                    _ => None,
                });
                for (n, part) in row.iter().enumerate() {
                    let value = match part {
                        Part::Same(value) => value.clone(),
                        Part::Slot(true) => Value::Integer(person_slot),
                        Part::Slot(false) => Value::Integer(slot),
                        Part::Id(id) => Value::Blob(ids[*id].as_bytes().to_vec()),
                        Part::Time(at) => Value::Integer(at + copy.past),
                        Part::Text(text, found) => {
                            let mut bytes = text.clone().into_bytes();
                            put(&mut bytes, found);
                            Value::Text(String::from_utf8(bytes)?)
                        }
                        Part::Sealed {
                            table,
                            column,
                            words,
                            ids: found,
                            person,
                        } => {
                            let mut words = words.clone();
                            put(&mut words, found);
                            let own = own.ok_or("a sealed value in a row without an id")?;
                            let cell = match number {
                                Some(number) => Cell::numbered(table, column, own, number, "words"),
                                None => Cell::new(table, column, own, column),
                            };
                            let slot = if *person { person_slot } else { slot };
                            Value::Blob(sealer.seal(&cell, slot, &words)?)
                        }
                    };
                    statement.raw_bind_parameter(n + 1, value)?;
                }
                statement.raw_execute()?;
            }
        }
        if copy.due != 0 {
            let case = ids[self.case].as_bytes().to_vec();
            for table in ["need", "referral"] {
                connection
                    .prepare_cached(&format!(
                        "UPDATE {table} SET due_at = due_at + ?2 WHERE case_id = ?1 AND due_at IS NOT NULL"
                    ))?
                    .execute(rusqlite::params![case, copy.due])?;
            }
        }
        Ok((ids[self.case], self.needs.iter().map(|n| ids[*n]).collect()))
    }
}

/// Makes the database fast to fill: without its secondary indexes, whose
/// statements are given back.
///
/// # Errors
/// What the database refuses.
pub fn begin(file: &Path) -> Result<(Connection, Vec<String>), Failed> {
    let connection = Connection::open(file)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.execute_batch(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; \
         PRAGMA cache_size = -500000; PRAGMA temp_store = FILE;",
    )?;
    let indexes: Vec<(String, String)> = connection
        .prepare("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND name NOT IN ('need_case', 'referral_case')")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (name, _) in &indexes {
        connection.execute_batch(&format!("DROP INDEX {name}"))?;
    }
    Ok((connection, indexes.into_iter().map(|(_, sql)| sql).collect()))
}

/// Makes the indexes again and the database as the server expects it, and lets
/// go of it.
///
/// # Errors
/// What the database refuses.
pub fn end(connection: Connection, indexes: &[String]) -> Result<(), Failed> {
    for sql in indexes {
        connection.execute_batch(sql)?;
    }
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_checkpoint(TRUNCATE);")?;
    connection.close().map_err(|(_, error)| error.into())
}
