//! A file of a country's folder, written line by line so that people can go on
//! with it.

use toml::{Table, Value};

/// Keys that come first in an entry, whatever else it holds.
const FIRST: &[&str] = &["code", "date", "region", "rank", "name", "fr", "en"];

/// A file that is being written.
#[derive(Debug, Clone, Default)]
pub struct Page {
    text: String,
    /// Whether anything but the comment at its head is in it.
    filled: bool,
}

impl Page {
    /// A file that begins with comments.
    pub fn new(comments: &[&str]) -> Self {
        let mut text = String::new();
        for comment in comments {
            text.push_str("# ");
            text.push_str(comment);
            text.push('\n');
        }
        Self { text, filled: false }
    }

    /// Begins a table, such as "[country]" or "[[region]]".
    pub fn head(&mut self, head: &str) {
        self.filled = true;
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(head);
        self.text.push('\n');
    }

    /// A key with its value.
    pub fn key(&mut self, key: &str, value: impl Into<Value>) {
        self.text.push_str(&format!("{key} = {}\n", value.into()));
    }

    /// A key with its value, marked as proposed where nobody gave it.
    pub fn given(&mut self, key: &str, value: impl Into<Value>, given: bool) {
        let mark = if given { "" } else { "    # [P]" };
        self.text.push_str(&format!("{key} = {}{mark}\n", value.into()));
    }

    /// A key whose value may be absent.
    pub fn maybe(&mut self, key: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.key(key, value);
        }
    }

    /// The keys of a table, what names the entry first.
    pub fn keys(&mut self, table: &Table) {
        for key in FIRST {
            self.maybe(key, table.get(*key).cloned());
        }
        for (key, value) in table.iter().filter(|(key, _)| !FIRST.contains(&key.as_str())) {
            self.key(key, value.clone());
        }
    }

    /// Entries of a kind, copied as they are.
    pub fn entries(&mut self, kind: &str, entries: &[Table]) {
        for entry in entries {
            self.head(&format!("[[{kind}]]"));
            self.keys(entry);
        }
    }

    /// The text of the file; `None` where nothing is in it.
    pub fn finish(self) -> Option<String> {
        self.filled.then_some(self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_back_as_it_was_written() {
        let entry: Table = "fr = \"L’« été »\"\nen = \"a \\\"b\\\" \\\\ c\"\ndate = 2026-04-04\nrank = 1\nlat = 14.0\n\
                            subdivisions = [{ code = \"X1\", name = \"Un\" }]\n"
            .parse()
            .expect("TOML");
        let mut page = Page::new(&["A comment."]);
        page.entries("holiday", std::slice::from_ref(&entry));
        let text = page.finish().expect("filled");
        assert!(
            text.starts_with("# A comment.\n\n[[holiday]]\ndate = 2026-04-04\n"),
            "{text}"
        );
        let read: Table = text.parse().expect("TOML again");
        assert_eq!(read["holiday"][0].as_table(), Some(&entry), "{text}");
    }

    #[test]
    fn an_empty_page_is_no_file() {
        assert_eq!(Page::new(&["Nothing."]).finish(), None);
    }
}
