//! Reads a template: Markdown whose lines `{{ name argument }}` stand for what
//! the mechanism holds. Everything that is wrong is gathered with its line.

use std::collections::BTreeSet;
use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use relais_mechanism::finding::Location;
use relais_mechanism::institution::Template;
use relais_mechanism::places::fold;
use relais_mechanism::{Finding, Label, Lang, Mechanism};

use crate::derived;
use crate::live::{self, Live};
use crate::model::{Block, Cell, Heading, Inline, Mark, Numbered, Row, Scheme, Table, plain};

/// What is wrong with a derived block: code, cause and remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub code: &'static str,
    pub cause: Label,
    pub remedy: Label,
}

/// A template, read.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub title: String,
    pub scheme: Scheme,
    pub blocks: Vec<Block>,
    pub findings: Vec<Finding>,
    /// Its shape, which its twin in the other language shares: levels of the
    /// headings and names of the derived blocks, each with its line.
    pub shape: Vec<(String, usize)>,
}

fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_HEADING_ATTRIBUTES
}

/// The title of a template: its first heading.
pub(crate) fn title(text: &str) -> Option<String> {
    text.lines()
        .find_map(|line| line.strip_prefix("# "))
        .map(|line| line.split(" {").next().unwrap_or(line).trim().to_owned())
        .filter(|t| !t.is_empty())
}

/// The names of the blocks by which a template, itself or in a part, asks for what a
/// deployment holds.
pub(crate) fn live_blocks<'m>(mechanism: &'m Mechanism, text: &'m str, lang: Lang) -> BTreeSet<&'m str> {
    let mut names = BTreeSet::new();
    for inside in text.lines().filter_map(directive) {
        let mut words = inside.split_whitespace();
        match (words.next(), words.next()) {
            // A part holds no other.
            (Some("include"), Some(part)) => {
                let part = mechanism.document(&format!("_{part}"), lang);
                let inside = part.into_iter().flat_map(|p| p.text.lines().filter_map(directive));
                names.extend(inside.filter_map(|i| i.split_whitespace().next()));
            }
            (Some(name), _) => {
                names.insert(name);
            }
            (None, _) => {}
        }
    }
    names.retain(|name| derived::is_live(name));
    names
}

/// Reads a template of the mechanism, as if no deployment held anything.
pub(crate) fn read(mechanism: &Mechanism, template: &Template, lang: Lang) -> Read {
    read_with(mechanism, template, &live::NONE, lang)
}

/// Reads a template of the mechanism, with what a deployment holds.
pub(crate) fn read_with(mechanism: &Mechanism, template: &Template, live: &Live, lang: Lang) -> Read {
    let mut reader = Reader::new(mechanism, template, live, lang);
    let blocks = reader.blocks(None);
    reader.read.blocks = blocks;
    reader.whole();
    reader.read
}

/// Reads a text of the mechanism that stands inside a document, such as a
/// notice: its headings become strong lines outside the count.
///
/// # Errors
/// The first thing in it that is not understood.
pub(crate) fn inserted(mechanism: &Mechanism, text: &str, lang: Lang) -> Result<Vec<Block>, Fault> {
    let template = Template {
        path: String::new(),
        text: text.to_owned(),
    };
    let mut reader = Reader::new(mechanism, &template, &live::NONE, lang);
    let blocks = reader.blocks(None);
    if let Some(finding) = reader.read.findings.into_iter().find(|f| f.code == "document_markup") {
        return Err(Fault {
            code: finding.code,
            cause: finding.cause,
            remedy: finding.remedy,
        });
    }
    let strong = |block| match block {
        Block::Heading(heading) => Block::Paragraph(vec![Inline::Strong(heading.text)]),
        other => other,
    };
    Ok(blocks.into_iter().map(strong).collect())
}

/// The shape of a part that documents include.
pub(crate) fn part(mechanism: &Mechanism, template: &Template, lang: Lang) -> Read {
    let mut reader = Reader::new(mechanism, template, &live::NONE, lang);
    reader.level = 2;
    reader.blocks(None);
    reader.read.findings.clear(); // each stands among those of the documents that include the part
    reader.read
}

struct Reader<'a> {
    mechanism: &'a Mechanism,
    template: &'a Template,
    live: &'a Live,
    lang: Lang,
    events: Vec<(Event<'a>, Range<usize>)>,
    next: usize,
    read: Read,
    level: u8,
    /// Line and words of the last heading, while nothing has followed it.
    open: Option<(u8, usize)>,
    ids: BTreeSet<String>,
    references: Vec<(String, usize)>,
}

impl<'a> Reader<'a> {
    fn new(mechanism: &'a Mechanism, template: &'a Template, live: &'a Live, lang: Lang) -> Self {
        Self {
            mechanism,
            template,
            live,
            lang,
            events: Parser::new_ext(&template.text, options()).into_offset_iter().collect(),
            next: 0,
            read: Read::default(),
            level: 0,
            open: None,
            ids: BTreeSet::new(),
            references: Vec::new(),
        }
    }

    fn line(&self, at: usize) -> usize {
        1 + self.template.text[..at].bytes().filter(|b| *b == b'\n').count()
    }

    fn find(&mut self, line: usize, fault: Fault) {
        self.read.findings.push(Finding {
            at: Location {
                file: self.template.path.as_str().into(),
                line,
                column: 1,
            },
            code: fault.code,
            cause: fault.cause,
            remedy: fault.remedy,
        });
    }

    fn take(&mut self) -> Option<(Event<'a>, Range<usize>)> {
        let event = self.events.get(self.next).cloned();
        self.next += 1;
        event
    }

    /// Blocks up to the end of what holds them.
    fn blocks(&mut self, end: Option<TagEnd>) -> Vec<Block> {
        let mut blocks = Vec::new();
        // Words that stand in an item of a tight list without a paragraph around them.
        let mut loose: Vec<Inline> = Vec::new();
        while let Some((event, at)) = self.events.get(self.next).cloned() {
            let inline = matches!(
                event,
                Event::Text(_)
                    | Event::Code(_)
                    | Event::SoftBreak
                    | Event::HardBreak
                    | Event::Start(Tag::Emphasis | Tag::Strong | Tag::Link { .. })
            );
            if inline {
                loose.extend(self.inlines(None));
                continue;
            }
            if !loose.is_empty() {
                blocks.push(Block::Paragraph(std::mem::take(&mut loose)));
            }
            self.next += 1;
            match event {
                Event::End(tag) if Some(tag) == end => break,
                Event::Start(tag) => self.block(tag, at, &mut blocks),
                _ => self.not_understood(at.start),
            }
        }
        if !loose.is_empty() {
            blocks.push(Block::Paragraph(loose));
        }
        blocks
    }

    fn not_understood(&mut self, at: usize) {
        let line = self.line(at);
        self.find(
            line,
            Fault {
                code: "document_markup",
                cause: Label::of(
                    "ce passage n’est pas du Markdown que les documents comprennent",
                    "this passage is no Markdown that documents understand",
                ),
                remedy: Label::of(
                    "Gardez titres, paragraphes, listes, tableaux, citations, gras, italique, code et liens ; ni HTML ni image.",
                    "Keep headings, paragraphs, lists, tables, quotes, bold, italics, code and links; neither HTML nor image.",
                ),
            },
        );
    }

    fn block(&mut self, tag: Tag<'a>, at: Range<usize>, blocks: &mut Vec<Block>) {
        match tag {
            Tag::Heading { level, id, classes, .. } => {
                let classes: Vec<&str> = classes.iter().map(|c| &**c).collect();
                let id = id.map(|i| i.to_string());
                let text = self.inlines(Some(TagEnd::Heading(level)));
                self.heading(level, id, &classes, text, at.start, blocks);
                return;
            }
            Tag::Paragraph => {
                if let Some(inside) = directive(&self.template.text[at.clone()]) {
                    while let Some((event, _)) = self.take() {
                        if event == Event::End(TagEnd::Paragraph) {
                            break;
                        }
                    }
                    self.derived(inside, at.start, blocks);
                } else {
                    let run = self.inlines(Some(TagEnd::Paragraph));
                    blocks.push(Block::Paragraph(run));
                }
            }
            Tag::List(first) => {
                let mut items = Vec::new();
                while let Some((event, _)) = self.take() {
                    match event {
                        Event::Start(Tag::Item) => items.push(self.blocks(Some(TagEnd::Item))),
                        _ => break,
                    }
                }
                blocks.push(Block::List {
                    ordered: first.is_some(),
                    items,
                });
            }
            Tag::BlockQuote(kind) => {
                let inside = self.blocks(Some(TagEnd::BlockQuote(kind)));
                blocks.push(Block::Note(inside));
            }
            Tag::Table(_) => blocks.push(Block::Table(self.table())),
            _ => self.not_understood(at.start),
        }
        self.open = None;
    }

    fn table(&mut self) -> Table {
        let mut lines: Vec<Vec<Cell>> = Vec::new();
        while let Some((event, _)) = self.take() {
            match event {
                Event::Start(Tag::TableHead | Tag::TableRow) => lines.push(Vec::new()),
                Event::Start(Tag::TableCell) => {
                    let cell = self.inlines(Some(TagEnd::TableCell));
                    if let Some(line) = lines.last_mut() {
                        line.push(cell);
                    }
                }
                Event::End(TagEnd::Table) => break,
                _ => {}
            }
        }
        let mut lines = lines.into_iter();
        let head = lines.next().unwrap_or_default();
        let rows: Vec<Vec<Cell>> = lines.collect();
        let widths = derived::widths(&head, &rows);
        Table {
            number: 0,
            caption: Vec::new(),
            widths,
            head,
            rows: rows.into_iter().map(Row::Cells).collect(),
        }
    }

    /// Inlines up to the end of what holds them; without one, up to the next
    /// block.
    fn inlines(&mut self, end: Option<TagEnd>) -> Vec<Inline> {
        let mut out = Vec::new();
        let mut words = String::new();
        let mut from = None;
        while let Some((event, at)) = self.events.get(self.next).cloned() {
            match event {
                Event::Text(text) => {
                    from.get_or_insert(at.start);
                    words.push_str(&text);
                }
                Event::SoftBreak => words.push(' '),
                other => {
                    self.words(&mut words, &mut from, &mut out);
                    match other {
                        Event::Code(code) => out.push(Inline::Code(code.to_string())),
                        Event::HardBreak => out.push(Inline::Break),
                        Event::Start(Tag::Strong) => {
                            self.next += 1;
                            out.push(Inline::Strong(self.inlines(Some(TagEnd::Strong))));
                            continue;
                        }
                        Event::Start(Tag::Emphasis) => {
                            self.next += 1;
                            out.push(Inline::Emphasis(self.inlines(Some(TagEnd::Emphasis))));
                            continue;
                        }
                        Event::Start(Tag::Link { dest_url, .. }) => {
                            self.next += 1;
                            let text = self.inlines(Some(TagEnd::Link));
                            let line = self.line(at.start);
                            out.push(match dest_url.strip_prefix('#') {
                                Some(id) => {
                                    self.references.push((id.to_owned(), line));
                                    Inline::Reference {
                                        id: id.to_owned(),
                                        text,
                                    }
                                }
                                None => Inline::Link {
                                    to: dest_url.to_string(),
                                    text,
                                },
                            });
                            continue;
                        }
                        Event::End(tag) if Some(tag) == end => {
                            self.next += 1;
                            return out;
                        }
                        _ if end.is_none() => return out,
                        _ => self.not_understood(at.start),
                    }
                }
            }
            self.next += 1;
        }
        self.words(&mut words, &mut from, &mut out);
        out
    }

    /// Words with their marks and derived values.
    fn words(&mut self, words: &mut String, from: &mut Option<usize>, out: &mut Vec<Inline>) {
        let text = std::mem::take(words);
        let at = from.take().unwrap_or_default();
        let mut rest = text.as_str();
        let mut plain = String::new();
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix("{{")
                && let Some((inside, after)) = after.split_once("}}")
            {
                match derived::value(inside.trim(), self.mechanism, self.lang) {
                    Ok(value) => plain.push_str(&value),
                    Err(fault) => {
                        let line = self.line(at);
                        self.find(line, fault);
                    }
                }
                rest = after;
            } else if let Some(mark) = rest.get(..3).and_then(mark) {
                if !plain.is_empty() {
                    out.push(Inline::Text(std::mem::take(&mut plain)));
                }
                out.push(Inline::Mark(mark));
                rest = &rest[3..];
            } else {
                let sign = rest.chars().next().unwrap_or_default();
                plain.push(sign);
                rest = &rest[sign.len_utf8()..];
            }
        }
        if !plain.is_empty() {
            out.push(Inline::Text(plain));
        }
    }

    fn derived(&mut self, inside: &str, at: usize, blocks: &mut Vec<Block>) {
        let line = self.line(at);
        if let Some(name) = inside.strip_prefix("include ") {
            self.read.shape.push((format!("{{{{ {inside} }}}}"), line));
            self.include(name.trim(), line, blocks);
            return;
        }
        self.read.shape.push((format!("{{{{ {inside} }}}}"), line));
        match derived::block(inside, self.mechanism, self.live, self.lang) {
            Ok(made) => blocks.extend(made),
            Err(fault) => self.find(line, fault),
        }
    }

    /// Puts a part in that several documents share (`documents/_NAME.LANG.md`),
    /// of which a country may have its own.
    fn include(&mut self, name: &str, line: usize, blocks: &mut Vec<Block>) {
        let Some(part) = self.mechanism.document(&format!("_{name}"), self.lang) else {
            let (fr, en) = (
                format!("la partie « {name} » n’existe pas dans cette langue"),
                format!("there is no part “{name}” in this language"),
            );
            let fault = Fault {
                code: "document_include",
                cause: Label { fr, en },
                remedy: Label {
                    fr: format!("Ajoutez documents/_{name}.{}.md, ou corrigez le nom.", self.lang),
                    en: format!("Add documents/_{name}.{}.md, or correct the name.", self.lang),
                },
            };
            self.find(line, fault);
            return;
        };
        if part.path == self.template.path || part.text.contains("{{ include") {
            self.find(
                line,
                Fault {
                    code: "document_include",
                    cause: Label::of(
                        "une partie ne peut pas en contenir une autre",
                        "a part cannot hold another part",
                    ),
                    remedy: Label::of(
                        "Écrivez le texte dans la partie, ou incluez les deux l’une après l’autre.",
                        "Write the text in the part, or include both one after the other.",
                    ),
                },
            );
            return;
        }
        let mut reader = Reader::new(self.mechanism, part, self.live, self.lang);
        reader.level = self.level;
        reader.ids = std::mem::take(&mut self.ids);
        blocks.extend(reader.blocks(None));
        reader.empty(0);
        self.ids = reader.ids;
        self.read.findings.append(&mut reader.read.findings);
    }

    fn heading(
        &mut self,
        level: HeadingLevel,
        id: Option<String>,
        classes: &[&str],
        text: Vec<Inline>,
        at: usize,
        blocks: &mut Vec<Block>,
    ) {
        let line = self.line(at);
        let level = level as u8;
        self.read.shape.push((format!("{level}"), line));
        self.empty(level);
        if level == 1 {
            if self.level != 0 {
                self.find(line, title_fault());
            }
            self.read.title = plain(&text);
            if classes.contains(&"articles") {
                self.read.scheme = Scheme::Articles;
            }
        } else {
            if self.level == 0 {
                self.find(line, title_fault());
            } else if level > self.level + 1 || level > 4 {
                self.find(line, level_fault(self.level, level));
            }
            self.open = Some((level, line));
            let id = self.name(id, &text);
            blocks.push(Block::Heading(Heading {
                level,
                id,
                numbered: if classes.contains(&"annex") {
                    Numbered::Annex
                } else if classes.contains(&"plain") {
                    Numbered::No
                } else {
                    Numbered::Body
                },
                number: String::new(),
                text,
            }));
        }
        self.level = level;
    }

    /// A name that no other heading has.
    fn name(&mut self, id: Option<String>, text: &[Inline]) -> String {
        let base = id.unwrap_or_else(|| slug(&plain(text)));
        let mut name = base.clone();
        let mut n = 1;
        while !self.ids.insert(name.clone()) {
            n += 1;
            name = format!("{base}-{n}");
        }
        name
    }

    /// A section that ends before anything stood in it.
    fn empty(&mut self, next: u8) {
        if let Some((level, line)) = self.open.take()
            && next <= level
        {
            self.find(
                line,
                Fault {
                    code: "document_empty",
                    cause: Label::of("cette section est vide", "this section is empty"),
                    remedy: Label::of("Écrivez-la, ou ôtez son titre.", "Write it, or take its heading out."),
                },
            );
        }
    }

    /// What concerns the whole template.
    fn whole(&mut self) {
        self.empty(0);
        if self.read.title.is_empty() {
            self.find(1, title_fault());
        }
        for (id, line) in std::mem::take(&mut self.references) {
            if !self.ids.contains(&id) {
                self.find(
                    line,
                    Fault {
                        code: "document_reference",
                        cause: Label {
                            fr: format!("« #{id} » ne désigne aucun titre de ce document"),
                            en: format!("“#{id}” names no heading of this document"),
                        },
                        remedy: Label::of(
                            "Corrigez le nom, ou donnez-le à un titre : ## Titre {#nom}.",
                            "Correct the name, or give it to a heading: ## Heading {#name}.",
                        ),
                    },
                );
            }
        }
        self.read.findings.sort_by_key(|f| f.at.line);
    }
}

/// What stands between the braces of a line that is a derived block.
fn directive(text: &str) -> Option<&str> {
    let inside = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    (!inside.contains("{{")).then(|| inside.trim())
}

fn mark(text: &str) -> Option<Mark> {
    Mark::of(text.strip_prefix('[')?.strip_suffix(']')?)
}

fn title_fault() -> Fault {
    Fault {
        code: "document_title",
        cause: Label::of(
            "le document n’a pas, en tête, un titre et un seul",
            "the document does not begin with one title and one only",
        ),
        remedy: Label::of(
            "Commencez le fichier par « # Titre » ; les sections prennent « ## ».",
            "Begin the file with “# Title”; sections take “##”.",
        ),
    }
}

fn level_fault(from: u8, to: u8) -> Fault {
    Fault {
        code: "document_level",
        cause: Label {
            fr: format!("le titre passe du niveau {from} au niveau {to}"),
            en: format!("the heading goes from level {from} to level {to}"),
        },
        remedy: Label::of(
            "Descendez d’un niveau à la fois, jusqu’au quatrième.",
            "Go down one level at a time, to the fourth.",
        ),
    }
}

/// Letters and digits of a heading, for its name.
fn slug(text: &str) -> String {
    fold(text).replace(' ', "-")
}
