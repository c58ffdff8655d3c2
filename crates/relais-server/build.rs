//! Turns `texts/*.toml` into the typed methods of `Text`, and `static/*` into
//! files whose address carries the hash of their content.
//!
//! The build fails, naming file and key, when a sentence lacks one of its two
//! languages, when the two languages do not name the same arguments, or when
//! two files declare the same key: a missing translation is never found by a
//! user (DESIGN §7).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use sha2::{Digest, Sha256};

#[path = "../relais-mechanism/src/typography.rs"]
mod typography;

/// One sentence in both languages, typography already applied.
struct Sentence {
    fr: String,
    en: String,
    /// Arguments, in the order in which the French sentence names them.
    args: Vec<String>,
    file: String,
}

fn main() {
    for watched in [
        "build.rs",
        "../relais-mechanism/src/typography.rs",
        "texts",
        "static",
        "templates",
    ] {
        println!("cargo:rerun-if-changed={watched}");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR for build scripts"));
    let mut complaints = Vec::new();
    let sentences = read_texts(&mut complaints);
    assert!(complaints.is_empty(), "texts:\n  {}", complaints.join("\n  "));
    fs::write(out.join("text.rs"), text_source(&sentences)).expect("OUT_DIR is writable");
    fs::write(out.join("assets.rs"), assets_source()).expect("OUT_DIR is writable");
}

/// The files of a folder, by name.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap_or_else(|e| panic!("{folder}: {e}"))
        .map(|entry| entry.expect("a readable folder entry").path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    files
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn read_texts(complaints: &mut Vec<String>) -> BTreeMap<String, Sentence> {
    let mut sentences: BTreeMap<String, Sentence> = BTreeMap::new();
    for path in files("texts") {
        let file = file_name(&path);
        let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{file}: {e}"));
        // The parser itself refuses a key that stands twice in one table.
        let table: toml::Table = match text.parse() {
            Ok(table) => table,
            Err(error) => {
                complaints.push(format!("{file}: {error}"));
                continue;
            }
        };
        for (section, keys) in table {
            let Some(keys) = keys.as_table() else {
                complaints.push(format!("{file}: [{section}] is not a table of sentences"));
                continue;
            };
            for (key, value) in keys {
                let name = format!("{section}_{key}");
                match sentence(&file, &name, value) {
                    Ok(sentence) => {
                        if let Some(first) = sentences.get(&name) {
                            complaints.push(format!("{file}: {name} is already declared in {}", first.file));
                        } else {
                            sentences.insert(name, sentence);
                        }
                    }
                    Err(complaint) => complaints.push(complaint),
                }
            }
        }
    }
    sentences
}

fn sentence(file: &str, name: &str, value: &toml::Value) -> Result<Sentence, String> {
    if !name
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    {
        return Err(format!("{file}: {name}: use lower-case letters, digits and _ in keys"));
    }
    let table = value
        .as_table()
        .ok_or_else(|| format!("{file}: {name}: write {{ fr = \"…\", en = \"…\" }}"))?;
    if let Some(other) = table.keys().find(|k| !matches!(k.as_str(), "fr" | "en")) {
        return Err(format!("{file}: {name}: unknown language {other:?}"));
    }
    let language = |lang: &str| match table.get(lang).and_then(toml::Value::as_str) {
        Some(text) if !text.trim().is_empty() => Ok(text.to_owned()),
        _ => Err(format!("{file}: {name}: {lang} is missing or empty")),
    };
    let (fr, en) = (language("fr")?, language("en")?);
    let args = placeholders(&fr).map_err(|e| format!("{file}: {name} (fr): {e}"))?;
    let others = placeholders(&en).map_err(|e| format!("{file}: {name} (en): {e}"))?;
    let set = |names: &[String]| names.iter().cloned().collect::<BTreeSet<_>>();
    if set(&args) != set(&others) {
        return Err(format!("{file}: {name}: fr names {args:?}, en names {others:?}"));
    }
    Ok(Sentence {
        fr: typography::french(&fr),
        en: typography::english(&en),
        args,
        file: file.to_owned(),
    })
}

/// The `{names}` in a sentence, each once, in order.
fn placeholders(text: &str) -> Result<Vec<String>, String> {
    let mut names: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find(['{', '}']) {
        if rest[open..].starts_with('}') {
            return Err("a } without its {".to_owned());
        }
        let close = rest[open..].find('}').ok_or("a { without its }")? + open;
        let name = &rest[open + 1..close];
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
            return Err(format!("{{{name}}} is not a name"));
        }
        if !names.iter().any(|n| n == name) {
            names.push(name.to_owned());
        }
        rest = &rest[close + 1..];
    }
    Ok(names)
}

/// One method for each key; `x_one` with `x_many` also gives `x(n, …)`.
fn text_source(sentences: &BTreeMap<String, Sentence>) -> String {
    let mut out = String::from("impl Text {\n");
    for (name, s) in sentences {
        let doc = s.en.replace('\n', " ");
        writeln!(out, "    /// “{doc}”\n    #[must_use]").expect("writing to a string");
        if s.args.is_empty() {
            writeln!(
                out,
                "    pub fn {name}(self) -> &'static str {{ match self.0 {{ Lang::Fr => {:?}, Lang::En => {:?} }} }}",
                s.fr, s.en
            )
            .expect("writing to a string");
        } else {
            let args: Vec<String> = s.args.iter().map(|a| format!("{a}: impl std::fmt::Display")).collect();
            writeln!(
                out,
                "    pub fn {name}(self, {}) -> String {{ match self.0 {{ Lang::Fr => format!({:?}), Lang::En => format!({:?}) }} }}",
                args.join(", "),
                s.fr,
                s.en
            )
            .expect("writing to a string");
        }
    }
    for (name, one) in sentences {
        let Some(stem) = name.strip_suffix("_one") else {
            continue;
        };
        let Some(many) = sentences.get(&format!("{stem}_many")) else {
            continue;
        };
        let mut others: Vec<&String> = many.args.iter().filter(|a| *a != "n").collect();
        others.extend(one.args.iter().filter(|a| *a != "n" && !many.args.contains(a)));
        let declared: String = others
            .iter()
            .map(|a| format!(", {a}: impl std::fmt::Display"))
            .collect();
        let call = |form: &Sentence, suffix: &str| {
            let args: Vec<&str> = form.args.iter().map(String::as_str).collect();
            let call = format!("self.{stem}_{suffix}({})", args.join(", "));
            if args.is_empty() {
                format!("{call}.to_owned()")
            } else {
                call
            }
        };
        writeln!(
            out,
            "    /// “{}” or “{}”, by the count.\n    #[must_use]\n    pub fn {stem}(self, n: impl Into<Count>{declared}) -> String {{ let n = n.into().0; if self.singular(n) {{ {} }} else {{ {} }} }}",
            one.en,
            many.en,
            call(one, "one"),
            call(many, "many"),
        )
        .expect("writing to a string");
    }
    out.push_str("}\n");
    out
}

/// A constant table of the files under `static/`, each with its hashed name.
fn assets_source() -> String {
    let mut out = String::from("pub(crate) static ASSETS: &[Asset] = &[\n");
    for path in files("static") {
        let name = file_name(&path);
        let bytes = fs::read(&path).unwrap_or_else(|e| panic!("{name}: {e}"));
        let (stem, extension) = name
            .split_once('.')
            .unwrap_or_else(|| panic!("static/{name} has no extension"));
        let kind = match extension {
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "svg" => "image/svg+xml",
            other => panic!("static/{name}: no media type is known for .{other}"),
        };
        let hash = hex::encode(&Sha256::digest(&bytes)[..6]);
        let full = fs::canonicalize(&path).unwrap_or_else(|e| panic!("{name}: {e}"));
        writeln!(
            out,
            "    Asset {{ name: {name:?}, href: {:?}, kind: {kind:?}, bytes: include_bytes!({full:?}) }},",
            format!("/static/{stem}.{hash}.{extension}"),
        )
        .expect("writing to a string");
    }
    out.push_str("];\n");
    out
}
