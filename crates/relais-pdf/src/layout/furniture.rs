//! What stands around the text: the cover, the table of contents, room to sign.

use std::num::NonZeroU16;

use krilla::tagging::Tag;
use relais_documents::model::{Party, plain};

use super::{Column, LEAD, Layout, Measure, area, baseline, named, say};
use crate::font::Face;
use crate::page::{Chunk, Piece, Rect, Sheet};
use crate::text::{ACT, Goal, INK, INK2, LINE, Style, Words};
use crate::tree::ROOT;

/// Between two boxes to sign in.
const GUTTER: f32 = 18.0;

impl Layout<'_> {
    pub(super) fn cover(&mut self) {
        let document = self.document;
        let body = Sheet::Upright.body();
        let sheet = document.is_sheet();
        let mut cover = Chunk::new(0.0, body.h);
        let bar = Rect {
            x: 0.0,
            y: 0.0,
            w: body.w,
            h: 6.0,
        };
        cover.pieces.push(area(bar, Some(ACT), None));
        let title = Some(named(&document.title, &document.code));
        let strong = |size| Style::new(Face::Strong, size, INK);
        let quiet = |size| Style::new(Face::Plain, size, INK2);
        let made = document.made_from();
        let above = if sheet {
            [8.0, 8.0, 2.0, 3.0]
        } else {
            [26.0, 180.0, 6.0, 16.0]
        };
        let (size, lead) = if sheet { (18.0, 23.0) } else { (27.0, 33.0) };
        let parts = [
            (document.mechanism.as_str(), strong(13.0), 17.0, false),
            (document.code.as_str(), quiet(12.0), 16.0, false),
            (document.title.as_str(), strong(size), lead, true),
            (made.as_str(), quiet(10.0), 14.0, false),
        ];
        let mut y = 0.0;
        for ((text, style, lead, is_title), before) in parts.into_iter().zip(above) {
            let under = if is_title {
                self.tree.branch(ROOT, Tag::Hn(NonZeroU16::MIN, title.clone()))
            } else {
                self.tree.branch(ROOT, Tag::P)
            };
            y += before;
            let words = Words::plain(text, style);
            for line in words.lines(body.w * 0.92) {
                let pieces = self.line(&words, line, (0.0, y + baseline(lead, style.size)), under);
                cover.pieces.extend(pieces);
                y += lead;
            }
        }
        if sheet {
            cover.height = y;
            self.after = 8.0;
        }
        self.breaks = !sheet;
        self.chunks.push(cover);
    }

    /// The table of contents, with the page of each heading.
    pub(super) fn contents(&mut self, column: Column) {
        let title = say(self.document.lang, "Table des matières", "Contents");
        let level = NonZeroU16::MIN.saturating_add(1);
        let under = self.tree.branch(column.under, Tag::Hn(level, Some(title.to_owned())));
        let style = Style::new(Face::Strong, 15.5, INK);
        let measure = Measure {
            before: 0.0,
            lead: 19.0,
            keep: true,
        };
        self.breaks = true;
        self.lines(
            &Words::plain(title, style),
            style.size,
            Column { under, ..column },
            measure,
        );
        self.after = 10.0;
        let list = self.tree.branch(column.under, Tag::TOC);
        let document = self.document;
        let mut headings = document.headings().filter(|h| h.level <= 3).peekable();
        while let Some(heading) = headings.next() {
            let section = heading.level == 2;
            let (face, indent, before) = if section {
                (Face::Strong, 0.0, 4.0)
            } else {
                (Face::Plain, 15.0, 0.0)
            };
            let goal = self.goals.len();
            self.goals.push(Goal::Heading(heading.id.clone()));
            let entry = self.tree.branch(list, Tag::TOCI);
            let reference = self.tree.branch(entry, Tag::Reference);
            let style = Style {
                goal: Some(goal),
                ..Style::new(face, 9.6, INK)
            };
            let mut words = Words::default();
            if !heading.number.is_empty() {
                words.push(&heading.number, style, true);
                words.push("\u{a0}\u{a0}", style, true);
            }
            words.push(&plain(&heading.text), style, false);
            let place = Column {
                x: column.x + indent,
                w: column.w - indent - 34.0,
                under: reference,
            };
            let from = self.chunks.len();
            let measure = Measure {
                before,
                lead: 12.4,
                // A section does not stand alone at the foot of a page.
                keep: section && headings.peek().is_some_and(|next| next.level == 3),
            };
            self.lines(&words, style.size, place, measure);
            let end = words
                .lines(place.w)
                .last()
                .map_or(0.0, |line| words.width(line.clone()));
            let link = self.links.get(&goal).copied();
            if let (Some(link), Some(chunk)) = (link, self.chunks[from..].last_mut()) {
                let (right, y) = (column.x + column.w, baseline(12.4, style.size));
                let x = place.x + end + 4.0;
                chunk.pieces.push(Piece::Dots {
                    x,
                    y: y - 1.0,
                    w: right - 24.0 - x,
                    color: LINE,
                });
                chunk.pieces.push(Piece::Number {
                    x: right,
                    y,
                    style: Style { goal: None, ..style },
                    id: heading.id.clone(),
                    leaf: self.tree.leaf(link),
                });
            }
        }
        self.breaks = true;
    }

    /// Room for signatures, two beside each other.
    pub(super) fn signatures(&mut self, parties: &[Party], column: Column) {
        let width = (column.w - GUTTER) / 2.0;
        let inner = width - 24.0;
        let name = Style::new(Face::Strong, 10.4, INK);
        let label = Style::new(Face::Plain, 9.2, INK2);
        for pair in parties.chunks(2) {
            let names: Vec<Words> = pair
                .iter()
                .map(|p| Words::plain(&p.words(self.document.lang), name))
                .collect();
            let lines = names.iter().map(|n| n.lines(inner).len()).max().unwrap_or(1);
            let above = 10.0 + LEAD * f32::from(u16::try_from(lines).unwrap_or(1));
            let signs: Vec<&str> = self.document.signs().collect();
            let rows: Vec<f32> = (0..signs.len())
                .map(|n| if n + 1 == signs.len() { 62.0 } else { 25.0 })
                .collect();
            let height = above + rows.iter().sum::<f32>() + 12.0;
            let mut chunk = Chunk::new(14.0, height);
            for (n, words) in names.iter().enumerate() {
                let x = column.x + if n == 0 { 0.0 } else { width + GUTTER };
                let rect = Rect {
                    x,
                    y: 0.0,
                    w: width,
                    h: height,
                };
                chunk.pieces.push(area(rect, None, Some((INK, 0.8))));
                let group = self.tree.branch(column.under, Tag::Div);
                let under = self.tree.branch(group, Tag::P);
                let x = x + 12.0;
                let mut y = 10.0;
                for line in words.lines(inner) {
                    let pieces = self.line(words, line, (x, y + baseline(LEAD, name.size)), under);
                    chunk.pieces.extend(pieces);
                    y += LEAD;
                }
                y = above;
                for (sign, row) in signs.iter().zip(&rows) {
                    y += row;
                    let words = Words::plain(sign, label);
                    let under = self.tree.branch(group, Tag::P);
                    let pieces = self.line(&words, words.whole(), (x, y - 2.0), under);
                    chunk.pieces.extend(pieces);
                    let begin = words.width(words.whole()) + 6.0;
                    let rule = Rect {
                        x: x + begin,
                        y: y - 0.3,
                        w: inner - begin,
                        h: 0.6,
                    };
                    chunk.pieces.push(area(rule, Some(INK), None));
                }
            }
            self.add(chunk);
        }
        self.after = 14.0;
    }
}
