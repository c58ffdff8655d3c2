//! Arrivals of many, and the family link of a case.

use serde_json::{Value, json};

use super::{Operation, none, op, paging};
use crate::routes::Verb;

fn in_queue() -> Vec<(&'static str, Value, &'static str)> {
    let mut query = paging();
    query.extend([
        (
            "show",
            json!({"type": "string", "enum": ["waiting", "registered", "absent"]}),
            "Which rows; those that wait by default.",
        ),
        (
            "q",
            json!({"type": "string", "maxLength": 200}),
            "A bracelet, or words of a name.",
        ),
    ]);
    query
}

/// One line for each endpoint.
pub(super) static OPERATIONS: &[Operation] = &[
    op(
        Verb::Post,
        "/api/v1/cases/{id}/family/break",
        "breakFamily",
        "Break the family links of a case; the other files are told nothing.",
        Some("BreakFamily"),
        "Made",
        none,
    ),
    op(
        Verb::Get,
        "/api/v1/groups",
        "listGroups",
        "Arrivals of many that the user's organisation receives, newest first.",
        None,
        "Page",
        paging,
    ),
    op(
        Verb::Post,
        "/api/v1/groups",
        "makeGroup",
        "Prepare an arrival of many.",
        Some("MakeGroup"),
        "Made",
        none,
    ),
    op(
        Verb::Get,
        "/api/v1/groups/{id}",
        "readGroup",
        "The queue of an arrival: counts, rows, officers, pace; or what a search finds in it.",
        None,
        "Object",
        in_queue,
    ),
    op(
        Verb::Get,
        "/api/v1/groups/{id}/list",
        "lookAtList",
        "The uploaded list: columns as guessed, the first persons, what is wrong with which line.",
        None,
        "Object",
        none,
    ),
    op(
        Verb::Post,
        "/api/v1/groups/{id}/list",
        "uploadList",
        "Upload the list, a CSV file or an .xlsx workbook in base64: 4 MB, 2,000 lines, 60 columns and 60,000 cells at most.",
        Some("UploadList"),
        "Made",
        none,
    ),
    op(
        Verb::Post,
        "/api/v1/groups/{id}/queue",
        "makeQueue",
        "Make the queue of the list, or an empty one. The list is erased.",
        Some("MakeQueue"),
        "Made",
        none,
    ),
    op(
        Verb::Post,
        "/api/v1/groups/{id}/next",
        "takeNext",
        "Take the next person, or go on with the one that the user has: two officers never get the same one.",
        Some("Nothing"),
        "Made",
        none,
    ),
    op(
        Verb::Post,
        "/api/v1/groups/{id}/rows",
        "addExpected",
        "Add somebody who is not on the list, with the next bracelet.",
        Some("AddExpected"),
        "Made",
        none,
    ),
    op(
        Verb::Post,
        "/api/v1/groups/{id}/closure",
        "closeGroup",
        "Close the arrival: whoever waits has not come.",
        Some("Nothing"),
        "Made",
        none,
    ),
    op(
        Verb::Get,
        "/api/v1/groups/{id}/bracelets",
        "readBracelets",
        "The numbers of the bracelets, spare ones last.",
        None,
        "Object",
        none,
    ),
    op(
        Verb::Get,
        "/api/v1/expected/{id}",
        "readExpected",
        "An expected person: the answers to begin with, from the list or as they were kept.",
        None,
        "Object",
        none,
    ),
    op(
        Verb::Post,
        "/api/v1/expected/{id}/acts",
        "actOnExpected",
        "Take the row, give it back, or say that the person has not come.",
        Some("ActOnRow"),
        "Made",
        none,
    ),
    op(
        Verb::Post,
        "/api/v1/expected/{id}/answers",
        "keepAnswers",
        "Keep what is typed so far; the row stays the user's for ten more minutes.",
        Some("KeepAnswers"),
        "Made",
        none,
    ),
    op(
        Verb::Post,
        "/api/v1/expected/{id}/registration",
        "registerExpected",
        "Register the person: a case of their own.",
        Some("RegisterExpected"),
        "Made",
        none,
    ),
];
