//! Writes a document as one HTML page that stands alone: for reading on a
//! screen of any width, and for paper (A4, with its own print rules).

use std::fmt::Write as _;

use relais_interchange::zip::escaped;

use crate::model::{Block, Document, Inline, Numbered, Row, Table, plain};
use crate::words::say;

/// The look: no font, no address, nothing that is fetched.
pub(crate) const STYLE: &str = include_str!("document.css");

/// The page.
#[must_use]
pub fn page(document: &Document) -> String {
    let mut out = String::with_capacity(200_000);
    let lang = document.lang;
    let title = escaped(&document.title);
    push(
        &mut out,
        format_args!(
            "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
             <title>{} – {title}</title>\n<style>\n{STYLE}\n",
            document.code
        ),
    );
    // What a page of paper says at its foot; strings of CSS take no quotes from the title.
    push(
        &mut out,
        format_args!(
            "@media print{{@page{{@bottom-left{{content:\"{} · {}\"}}}}}}\n</style>\n</head>\n<body>\n<main>\n",
            document.code, document.version
        ),
    );
    push(
        &mut out,
        format_args!(
            "<header class=\"cover{}\">\n<p class=\"of\">{}</p>\n<p class=\"code\">{}</p>\n<h1>{title}</h1>\n\
             <p class=\"version\">{}</p>\n</header>\n",
            if document.is_sheet() { " sheet" } else { "" },
            escaped(&document.mechanism),
            document.code,
            escaped(&version(document)),
        ),
    );
    for block in &document.blocks {
        write_block(&mut out, block, document);
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

/// What stands in the document, without page, style or title: for a page that has its
/// own.
#[must_use]
pub fn body(document: &Document) -> String {
    let mut out = String::with_capacity(100_000);
    for block in &document.blocks {
        write_block(&mut out, block, document);
    }
    out
}

/// Which version of the mechanism the document was made from, in words.
pub(crate) fn version(document: &Document) -> String {
    let lang = document.lang;
    crate::setting::set(
        &format!(
            "{} {} ({} {})",
            say(
                lang,
                "Produit du mécanisme, version",
                "Made from the mechanism, version"
            ),
            document.version,
            say(lang, "empreinte", "hash"),
            document.hash
        ),
        lang,
    )
}

fn push(out: &mut String, words: std::fmt::Arguments<'_>) {
    out.write_fmt(words).expect("memory takes all");
}

fn write_block(out: &mut String, block: &Block, document: &Document) {
    match block {
        Block::Heading(heading) => {
            let class = match heading.numbered {
                Numbered::Annex if heading.level == 2 => " class=\"annex\"",
                _ => "",
            };
            push(
                out,
                format_args!("<h{} id=\"{}\"{class}>", heading.level, escaped(&heading.id)),
            );
            if !heading.number.is_empty() {
                push(
                    out,
                    format_args!("<span class=\"no\">{}</span> ", escaped(&heading.number)),
                );
            }
            inlines(out, &heading.text);
            push(out, format_args!("</h{}>\n", heading.level));
        }
        Block::Paragraph(run) => {
            out.push_str("<p>");
            inlines(out, run);
            out.push_str("</p>\n");
        }
        Block::List { ordered, items } => {
            let tag = if *ordered { "ol" } else { "ul" };
            push(out, format_args!("<{tag}>\n"));
            for item in items {
                out.push_str("<li>");
                match item.as_slice() {
                    [Block::Paragraph(run)] => inlines(out, run),
                    blocks => blocks.iter().for_each(|b| write_block(out, b, document)),
                }
                out.push_str("</li>\n");
            }
            push(out, format_args!("</{tag}>\n"));
        }
        Block::Table(table) => write_table(out, table, document),
        Block::Note(blocks) => {
            out.push_str("<div class=\"note\" role=\"note\">\n");
            blocks.iter().for_each(|b| write_block(out, b, document));
            out.push_str("</div>\n");
        }
        Block::Signatures(parties) => {
            out.push_str("<div class=\"signatures\">\n");
            for party in parties {
                push(
                    out,
                    format_args!(
                        "<section class=\"party\"><p><b>{}</b></p><dl>",
                        escaped(&crate::setting::set(&party.name, document.lang))
                    ),
                );
                for (fr, en) in SIGNS {
                    push(
                        out,
                        format_args!("<div><dt>{}</dt><dd></dd></div>", say(document.lang, fr, en)),
                    );
                }
                out.push_str("</dl></section>\n");
            }
            out.push_str("</div>\n");
        }
        Block::Contents => contents(out, document),
        Block::Figure {
            number,
            caption,
            svg,
            alternative,
        } => {
            // Wider than a telephone, as tables are. The drawing is ours: its words are escaped where it is made.
            push(
                out,
                format_args!(
                    "<figure>\n<div class=\"drawing\" role=\"group\" tabindex=\"0\" aria-label=\"{}\">\n{svg}</div>\n",
                    escaped(&plain(caption))
                ),
            );
            push(out, format_args!("<figcaption>Figure\u{a0}{number}. "));
            inlines(out, caption);
            let words = say(document.lang, "La figure en mots", "The figure in words");
            push(
                out,
                format_args!("</figcaption>\n<details>\n<summary>{words}</summary>\n"),
            );
            alternative.iter().for_each(|b| write_block(out, b, document));
            out.push_str("</details>\n</figure>\n");
        }
        Block::PageBreak => out.push_str("<div class=\"page\"></div>\n"),
    }
}

/// What each party fills in where it signs.
pub(crate) const SIGNS: &[(&str, &str)] = &[
    ("Nom et prénom", "Full name"),
    ("Qualité", "Capacity"),
    ("Lieu et date", "Place and date"),
    ("Signature et cachet", "Signature and stamp"),
];

fn contents(out: &mut String, document: &Document) {
    let title = say(document.lang, "Table des matières", "Contents");
    push(
        out,
        format_args!("<nav class=\"contents\" aria-labelledby=\"contents\">\n<h2 id=\"contents\">{title}</h2>\n<ol>\n"),
    );
    for heading in document.headings().filter(|h| h.level <= 3) {
        let number = if heading.number.is_empty() {
            String::new()
        } else {
            format!("<span class=\"no\">{}</span> ", escaped(&heading.number))
        };
        push(
            out,
            format_args!(
                "<li class=\"l{}\"><a href=\"#{}\">{number}{}</a></li>\n",
                heading.level,
                escaped(&heading.id),
                escaped(&plain(&heading.text))
            ),
        );
    }
    out.push_str("</ol>\n</nav>\n");
}

fn write_table(out: &mut String, table: &Table, document: &Document) {
    // Too wide for a telephone: the table moves sideways in its frame, and the keyboard reaches it.
    let name = if table.caption.is_empty() {
        say(document.lang, "Tableau", "Table").to_owned()
    } else {
        plain(&table.caption)
    };
    push(
        out,
        format_args!(
            "<div class=\"table\" role=\"group\" tabindex=\"0\" aria-label=\"{}\">\n<table>\n",
            escaped(&name)
        ),
    );
    if !table.caption.is_empty() {
        push(
            out,
            format_args!(
                "<caption>{}\u{a0}{}. ",
                say(document.lang, "Tableau", "Table"),
                table.number
            ),
        );
        inlines(out, &table.caption);
        out.push_str("</caption>\n");
    }
    out.push_str("<thead><tr>");
    for (n, cell) in table.head.iter().enumerate() {
        let wide = table.widths.get(n).copied().unwrap_or_default() / 5 * 5;
        push(out, format_args!("<th scope=\"col\" class=\"w{wide}\">"));
        inlines(out, cell);
        out.push_str("</th>");
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        match row {
            Row::Band(cell) => {
                push(
                    out,
                    format_args!(
                        "<tr class=\"band\"><th scope=\"rowgroup\" colspan=\"{}\">",
                        table.head.len()
                    ),
                );
                inlines(out, cell);
                out.push_str("</th></tr>\n");
            }
            Row::Cells(cells) => {
                out.push_str("<tr>");
                for (n, cell) in cells.iter().enumerate() {
                    let (open, close) = if n == 0 {
                        ("<th scope=\"row\">", "</th>")
                    } else {
                        ("<td>", "</td>")
                    };
                    out.push_str(open);
                    inlines(out, cell);
                    out.push_str(close);
                }
                out.push_str("</tr>\n");
            }
        }
    }
    out.push_str("</tbody>\n</table>\n</div>\n");
}

fn inlines(out: &mut String, run: &[Inline]) {
    for inline in run {
        match inline {
            Inline::Text(text) => out.push_str(&escaped(text)),
            Inline::Strong(inner) => wrapped(out, "b", inner),
            Inline::Emphasis(inner) => wrapped(out, "i", inner),
            Inline::Code(code) => push(out, format_args!("<code>{}</code>", escaped(code))),
            Inline::Link { to, text } => {
                push(out, format_args!("<a href=\"{}\">", escaped(to)));
                inlines(out, text);
                out.push_str("</a>");
            }
            Inline::Reference { id, text } => {
                push(out, format_args!("<a href=\"#{}\">", escaped(id)));
                inlines(out, text);
                out.push_str("</a>");
            }
            Inline::Mark(mark) => push(out, format_args!("<small class=\"mark\">[{}]</small>", mark.letter())),
            Inline::Break => out.push_str("<br>"),
        }
    }
}

fn wrapped(out: &mut String, tag: &str, inner: &[Inline]) {
    push(out, format_args!("<{tag}>"));
    inlines(out, inner);
    push(out, format_args!("</{tag}>"));
}
