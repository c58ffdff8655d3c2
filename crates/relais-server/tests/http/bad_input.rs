//! What comes in broken: each gets a typed answer that names the place and says what to
//! do, in both languages, and nothing else stops.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use relais_mechanism::{Finding, Lang, Mechanism, Sources};
use serde_json::json;

use crate::support::Site;

/// Everything that `relais mechanism check` finds in the built-in files after a change.
fn found(change: impl Fn(&mut Sources)) -> Vec<Finding> {
    let mut sources = Sources::embedded("cameroon");
    change(&mut sources);
    let mut found = relais_mechanism::check(&sources);
    if let Ok(mechanism) = Mechanism::load(&sources) {
        found.extend(relais_documents::check(&mechanism));
    }
    found
}

fn replace(sources: &mut Sources, path: &str, from: &str, to: &str) {
    let text = sources.files.get_mut(path).unwrap_or_else(|| panic!("no file {path}"));
    assert!(text.contains(from), "{path} does not hold {from:?}");
    *text = text.replacen(from, to, 1);
}

#[test]
fn a_broken_mechanism_is_told_by_file_line_and_remedy() {
    let form = "regional/forms/f4.toml";
    let calendar = "cameroon/calendar.toml";
    let template = "regional/documents/DOC10.fr.md";
    let cases: [(&str, &str, Vec<Finding>); 4] = [
        (
            "document_block",
            template,
            found(|s| replace(s, template, "{{ deadlines }}", "{{ deadlins }}")),
        ),
        (
            "missing",
            form,
            found(|s| {
                let purpose = s.files[form]
                    .lines()
                    .find(|l| l.starts_with("purpose = "))
                    .map(str::to_owned);
                replace(s, form, &format!("{}\n", purpose.expect("a purpose")), "");
            }),
        ),
        (
            "circular",
            calendar,
            found(|s| {
                replace(
                    s,
                    calendar,
                    "scope = \"national\"\n",
                    "scope = \"national\"\nparent = \"CM001\"\n",
                )
            }),
        ),
        (
            "document_include",
            "regional/documents/DOC99.fr.md",
            found(|s| {
                for lang in Lang::ALL {
                    let mut put = |name: &str, text: &str| {
                        let path = format!("regional/documents/{name}.{lang}.md");
                        s.files.insert(path, text.to_owned());
                    };
                    put("_un", "{{ include deux }}\n");
                    put("_deux", "{{ include un }}\n");
                    put("DOC99", "# T\n\n## A\n\n{{ include un }}\n");
                }
            }),
        ),
    ];
    for (code, file, found) in cases {
        let finding = found.iter().find(|f| f.code == code && &*f.at.file == file);
        let finding = finding.unwrap_or_else(|| panic!("no {code} in {file}: {found:#?}"));
        assert!(finding.at.line > 0, "{finding:?}");
        for lang in Lang::ALL.iter().copied() {
            let line = finding.line(lang);
            assert!(line.contains(file), "{line}");
            assert!(!finding.remedy.get(lang).trim().is_empty(), "{finding:?}");
        }
        assert_ne!(finding.cause.fr, finding.cause.en);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_of_five_megabytes_is_refused_with_what_to_do_and_a_long_one_beside_its_field() {
    let site = Site::new();
    let mut browser = site.browser("gestionnaire").await;
    let page = browser.get("/arrivals/new").await;
    let id = page.hidden("id");
    let answers = |name: &str| {
        let pairs = [
            ("id", id.as_str()),
            ("F1E.01", "EX-5"),
            ("F1E.02", "yes"),
            ("F1E.03", name),
        ];
        pairs.map(|(k, v)| (k.to_owned(), v.to_owned()))
    };
    for (length, status, says) in [
        (5 << 20, StatusCode::PAYLOAD_TOO_LARGE, "256"),
        (50_000, StatusCode::UNPROCESSABLE_ENTITY, "F1E-03-e"),
    ] {
        let typed = answers(&"a".repeat(length));
        let pairs: Vec<(&str, &str)> = typed.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let back = browser.post("/arrivals/new", &pairs).await;
        assert_eq!(back.status, status, "{length}");
        assert!(back.text.contains("<h1>") && back.text.contains(says), "{length}");
    }
    // Nothing was registered, and the server answers on.
    assert_eq!(browser.get("/arrivals/new").await.status, StatusCode::OK);
    let program = site.program("gestionnaire");
    let cases = program.get("/api/v1/cases").await.json();
    assert_eq!(cases["rows"], json!([]));
    let body = json!({"id": site.world.new_id(), "answers": {"F1E.03": ["a".repeat(5 << 20)]}});
    let problem = program.post("/api/v1/cases", body).await;
    assert_eq!(problem.status, StatusCode::PAYLOAD_TOO_LARGE);
    let problem = problem.json();
    assert_eq!(problem["code"], "too_large");
    assert!(
        problem["remedy"].as_str().is_some_and(|r| r.contains("256")),
        "{problem}"
    );
}

/// The head of a picture that says it is 60 000 dots wide and high, 10 GB once it is
/// unpacked, and a little of it.
fn picture() -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR".to_vec();
    png.extend(60_000_u32.to_be_bytes());
    png.extend(60_000_u32.to_be_bytes());
    png.extend([8, 6, 0, 0, 0, 0, 0, 0, 0]);
    png.extend(4_096_u32.to_be_bytes());
    png.extend(b"IDAT\x78\xda");
    png.extend([0; 4_094]);
    png
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_would_unpack_to_ten_gigabytes_is_never_unpacked() {
    let site = Site::new();
    let mut browser = site.browser("gestionnaire").await;
    let id = browser.get("/groups/new").await.hidden("id");
    let pairs = [
        ("id", id.as_str()),
        ("kind", "bus"),
        ("entry_point", "DLA"),
        ("on", "23/11/2026"),
    ];
    let back = browser.upload("/groups/new", &pairs, "liste.csv", &picture()).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        back.text.contains("ni un CSV") && back.text.contains("name=\"list\""),
        "{}",
        back.text
    );

    let program = site.program("gestionnaire");
    let group = site.world.new_id();
    let make = json!({ "id": group, "kind": "bus", "entry_point": "DLA", "on": "2026-11-23" });
    assert_eq!(program.post("/api/v1/groups", make).await.status, StatusCode::CREATED);
    let list = json!({ "id": site.world.new_id(), "file": STANDARD.encode(picture()) });
    let refused = program.post(&format!("/api/v1/groups/{group}/list"), list).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let field = &refused.json()["fields"][0];
    assert_eq!(field["code"], "file_not_a_table");
    assert!(field["message"].as_str().is_some_and(|m| !m.is_empty()), "{field}");
}
