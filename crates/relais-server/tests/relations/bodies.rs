//! What is posted to each route.

use relais_server::Kind;
use relais_server::routes::Route;
use serde_json::json;
use uuid::Uuid;

/// A body of the right shape that changes nothing where it is let through:
/// a stale version, a service that is not there, nothing to withdraw.
/// `running` is a case with which another would be joined.
pub fn body(route: &Route, id: Uuid, running: Uuid) -> String {
    let stale = -7;
    if route.kind == Kind::Page {
        return match route.path {
            "/slip" => format!("id={id}&number=R-2026-000001-X&code=AAAABBBB&ticked=received&name=Essai"),
            "/link" => "code=000000&name=Essai&telephone=677000000".to_owned(),
            "/link/answer" => format!("id={id}&version={stale}&command=start"),
            "/sign-in" => "login=personne&password=rien".to_owned(),
            "/referrals/{id}" => format!("id={id}&version={stale}&command=start"),
            "/referrals/{id}/telephone" => format!(
                "id={id}&version={stale}&command=acknowledge&number=%2B237233000001&answered_by=Secr%C3%A9taire"
            ),
            "/referrals/{id}/confirm" => {
                format!("id={id}&version={stale}&command=confirm&confirmation=person_through_sender")
            }
            "/needs/{id}/refer" => format!("id={id}&service={}&person_informed=yes", Uuid::nil()),
            "/watch/answer" => format!("id={id}&decision=take"),
            "/on-call" | "/on-call/test" => format!("id={id}&version={stale}&region=CM005&rank=1"),
            "/referrals/{id}/calls" => format!("id={id}&version={stale}&with_person=Essai"),
            "/transfers/{id}" => format!("id={id}&version={stale}&command=cancel"),
            "/cases/{id}/transfer" => format!("id={id}&to={}&person_informed=yes", Uuid::nil()),
            "/entries/{id}" => format!("id={id}&version={stale}&opening_hours=Essai"),
            "/entries/{id}/capacity" => format!("id={id}&version={stale}&available=3"),
            "/entries/{id}/life" => format!("id={id}&version={stale}&step=archive&reason=Essai"),
            "/organisations/{id}/safeguards" => {
                format!("id={id}&version={stale}&conduct_and_psea_on=01%2F02%2F2026")
            }
            "/moderation/{id}" => format!("id={id}&version={stale}&decision=accept"),
            "/agreements/{id}/signatures" | "/agreements/{id}/renewal" | "/agreements/{id}/denunciation" => {
                format!("id={id}&version={stale}&party=ATELIER&function=Essai&reason=Essai")
            }
            "/directory/programmes" => format!("id={id}&code=&name_fr=Essai&organisation=ATELIER"),
            "/directory/programmes/{id}" => {
                format!("id={id}&version={stale}&name_fr=Essai&organisation=ATELIER")
            }
            "/directory/ratification" | "/registers/{register}/{id}" => format!("id={id}&version={stale}"),
            "/directory/ratification/session" => {
                format!("id={id}&version={stale}&held_on=23%2F11%2F2026&minutes=Essai")
            }
            "/directory/duplicates/undo" => format!("id={id}&decision={id}"),
            "/directory/duplicates/pair" => {
                let (one, other) = (relais_fixture::id("ATELIER"), relais_fixture::id("AUTRE"));
                format!(
                    "id={id}&what=organisations&one={one}&other={other}&version={stale}&other_version={stale}&stays=one&decision=merge"
                )
            }
            "/inbox/figures" => format!("id={id}&version={stale}&text=Essai"),
            "/needs/{id}/unmet" => format!("id={id}&version={stale}&reason=no_service"),
            "/cases/{id}/protection" => format!("id={id}&version={stale}&protected=yes&person_agrees=yes"),
            "/emergency" => format!("id={id}&code=CM-999999-A&reason=Essai&life_in_danger=yes"),
            "/complaint" => format!("id={id}&kind=delay&facts=Essai"),
            "/complaint/follow" => format!("number={id}&code=AAAABBBB"),
            "/complaints/{id}" => format!("id={id}&version={stale}&command=note&text=Essai"),
            "/referrals/{id}/payment" => format!("id={id}&version={stale}&payer=FREE"),
            "/cases/{id}/perhaps" => format!("id={id}&command=nothing"),
            "/cases/{id}/join" | "/cases/{id}/separate" => {
                format!("id={id}&other={}", running)
            }
            "/same/{id}" => format!("id={id}&version={stale}&answer=no"),
            "/cases/{id}/assign" => format!("id={id}&version={stale}&to={}", Uuid::nil()),
            "/stops/{id}" => format!("id={id}&version={stale}"),
            "/needs/{id}/override" => format!("id={id}&service={}&referral={id}&kind=LEGAL", Uuid::nil()),
            "/groups/{id}/queue" => format!("id={id}&version={stale}"),
            // No such bracelet, a form that lacks answers: nothing changes.
            "/groups/{id}/add" => format!("id={id}&family_of=1-0999-X"),
            "/overrides/{id}" => format!("id={id}&version={stale}&decision=cosign"),
            "/cases/{id}/child" | "/cases/{id}/forms/{form}/{section}" => format!("id={id}&version={stale}"),
            "/cases/{id}/end" => format!("id={id}&version={stale}&reason=left&on=01%2F11%2F2026&source=Essai"),
            "/cases/{id}/reopen" => format!("id={id}&version={stale}&reason=Essai"),
            "/cases/{id}/plan" => format!("id={id}&version={stale}"),
            "/cases/{id}/close" => format!("id={id}&version={stale}&reason=GOAL&interview=yes"),
            "/cases/{id}/close/answer" => format!("id={id}&version={stale}&answer=withdraw"),
            "/cases/{id}/follow-up" => format!("id={id}&version={stale}&result=reached"),
            _ => format!("id={id}"),
        };
    }
    let body = match route.path {
        "/api/v1/cases" => json!({ "id": id, "answers": {} }),
        "/api/v1/cases/{id}/child" | "/api/v1/cases/{id}/forms/{form}/{section}" => {
            json!({ "id": id, "version": stale, "answers": {} })
        }
        "/api/v1/cases/{id}/family/break" => json!({ "id": id }),
        "/api/v1/groups" => json!({ "id": id, "kind": "flight", "entry_point": "???", "on": "2026-11-23" }),
        "/api/v1/groups/{id}/list" => json!({ "id": id, "file": "" }),
        "/api/v1/groups/{id}/queue" => json!({ "id": id, "version": stale, "header": 0, "columns": {} }),
        "/api/v1/groups/{id}/rows" => json!({ "id": id, "family_of": "1-0999-X" }),
        "/api/v1/groups/{id}/next" | "/api/v1/groups/{id}/closure" => json!({}),
        "/api/v1/expected/{id}/acts" => json!({ "command": "take" }),
        "/api/v1/expected/{id}/answers" => json!({ "answers": {} }),
        "/api/v1/expected/{id}/registration" => json!({ "id": id, "answers": {} }),
        "/api/v1/cases/{id}/consents" => json!({ "id": id, "answers": {}, "lines": [] }),
        "/api/v1/cases/{id}/withdrawals" => json!({ "id": id, "lines": ["C5"], "effect": "both" }),
        "/api/v1/cases/{id}/transfers" => json!({ "id": id, "to": Uuid::nil(), "person_informed": true }),
        "/api/v1/cases/{id}/assignment" => json!({ "id": id, "version": stale, "to": Uuid::nil() }),
        "/api/v1/agreements" => json!({ "id": id, "reference": "", "kind": "MOU", "classes": [], "purposes": [],
            "max_sensitivity": "S3", "signature": { "party": "", "function": "" } }),
        "/api/v1/agreements/{id}/signatures" => {
            json!({ "id": id, "version": stale, "signature": { "party": "ATELIER", "function": "Essai" } })
        }
        "/api/v1/agreements/{id}/renewal" => json!({ "id": id, "version": stale, "function": "Essai" }),
        "/api/v1/agreements/{id}/denunciation" => json!({ "id": id, "version": stale, "reason": "Essai" }),
        "/api/v1/programmes" => json!({ "id": id, "code": "", "said": { "name": { "fr": "Essai", "en": "" },
            "organisation": "ATELIER" } }),
        "/api/v1/programmes/{id}/changes" => json!({ "id": id, "version": stale, "said": {
            "name": { "fr": "Essai", "en": "" }, "organisation": "ATELIER",
        } }),
        "/api/v1/ratifications" => json!({ "id": id, "version": stale }),
        "/api/v1/registers/{register}" => json!({ "id": id, "values": {} }),
        "/api/v1/registers/{register}/{id}/changes" => json!({ "id": id, "version": stale, "values": {} }),
        "/api/v1/ratifications/session" => {
            json!({ "id": id, "version": stale, "held_on": "2026-11-23", "minutes": "Essai" })
        }
        "/api/v1/entries/confirmation" => json!({ "id": id, "entries": [] }),
        "/api/v1/entries/{id}/changes" => json!({ "id": id, "version": stale, "opening_hours": "Essai" }),
        "/api/v1/entries/{id}/capacity" => json!({ "id": id, "version": stale, "available": 3 }),
        "/api/v1/entries/{id}/life" => json!({ "id": id, "version": stale, "step": "archive", "reason": "Essai" }),
        "/api/v1/organisations/{id}/safeguards" => json!({ "id": id, "version": stale, "papers": [] }),
        "/api/v1/organisations/{id}/publication" => json!({ "id": id }),
        "/api/v1/moderation/{id}/decision" => json!({ "id": id, "version": stale, "decision": "accept" }),
        "/api/v1/inbox/figures" => json!({ "id": id, "version": stale, "text": "Essai." }),
        "/api/v1/coordination/figures" => json!({ "id": id }),
        "/api/v1/late/{id}/calls" => json!({ "id": id, "channel": "essai", "answered_by": "Essai" }),
        "/api/v1/needs/{id}/settlement" => json!({ "id": id, "version": stale, "reason": "no_service" }),
        "/api/v1/cases/{id}/protection" => {
            json!({ "id": id, "version": stale, "protected": true, "person_agrees": true })
        }
        "/api/v1/emergencies" => {
            json!({ "id": id, "code": "CM-999999-A", "reason": "Essai.", "life_in_danger": true })
        }
        "/api/v1/complaints" => json!({ "id": id, "kind": "delay", "facts": "Essai" }),
        "/api/v1/complaints/follow" => json!({ "number": id, "code": "AAAABBBB" }),
        "/api/v1/complaints/{id}/steps" => json!({ "id": id, "version": stale, "act": "note", "text": "Essai" }),
        "/api/v1/name-checks" => json!({ "answers": {} }),
        "/api/v1/cases/{id}/perhaps" => json!({ "id": id, "command": "nothing" }),
        "/api/v1/cases/{id}/join" | "/api/v1/cases/{id}/separation" => {
            json!({ "id": id, "other": running })
        }
        "/api/v1/same/{id}/answer" => json!({ "id": id, "version": stale, "answer": "no" }),
        "/api/v1/referrals/{id}/payment" => {
            json!({ "id": id, "version": stale, "payment": { "payer": "FREE" } })
        }
        "/api/v1/cases/{id}/claim" => json!({ "id": id }),
        "/api/v1/transfers/{id}/acts" => json!({ "id": id, "version": stale, "command": "cancel" }),
        "/api/v1/stops/{id}/confirmation" => json!({ "id": id, "version": stale }),
        "/api/v1/cases/{id}/needs" => json!({ "id": id, "service": "XXX.99", "priority": "P3" }),
        "/api/v1/cases/{id}/end" => {
            json!({ "id": id, "version": stale, "reason": "left", "on": "2026-11-01", "source": "Essai" })
        }
        "/api/v1/cases/{id}/reopening" => json!({ "id": id, "version": stale, "reason": "Essai" }),
        "/api/v1/needs/{id}/services" => json!({ "code": "AAAA BBBB" }),
        "/api/v1/cases/{id}/plan" => json!({ "id": id, "version": stale, "plan": {
            "wish": "x", "goals": [], "status": "draft", "review_on": "2026-12-01", "agreed": false,
        } }),
        "/api/v1/cases/{id}/closure" => {
            json!({ "id": id, "version": stale, "closing": { "reason": "GOAL", "interview": true } })
        }
        "/api/v1/cases/{id}/closure/answer" => json!({ "id": id, "version": stale, "answer": "withdraw" }),
        "/api/v1/cases/{id}/follow-up" => json!({ "id": id, "version": stale, "result": "reached" }),
        "/api/v1/needs/{id}/referrals" => json!({ "id": id, "service": Uuid::nil(), "person_informed": true }),
        "/api/v1/handovers" => json!({ "id": id, "to": Uuid::nil(), "cases": [] }),
        "/api/v1/handovers/answers" => json!({ "id": id, "decision": "take" }),
        "/api/v1/on-call/lines" => {
            json!({ "id": id, "version": stale, "region": "CM005", "rank": 1, "who": "Essai", "number": "116" })
        }
        "/api/v1/on-call/tests" => {
            json!({ "id": id, "version": stale, "region": "CM005", "rank": 1, "answered": true })
        }
        "/api/v1/referrals/{id}/calls" => json!({ "id": id, "version": stale, "with_person": "Essai" }),
        "/api/v1/referrals/{id}/links" => json!({ "id": id }),
        "/api/v1/needs/{id}/overrides" => {
            json!({ "id": id, "service": Uuid::nil(), "kind": "LEGAL", "reason": "Essai." })
        }
        "/api/v1/overrides/{id}/decision" => json!({ "id": id, "version": stale, "decision": "cosign" }),
        "/api/v1/referrals/{id}/slip" => json!({ "id": id }),
        // Said already, or not in any slip: nothing changes.
        "/api/v1/referrals/{id}/slips" => json!({ "id": id, "ticked": "not_served", "name": "Essai" }),
        "/api/v1/referrals/{id}/acts" => json!({ "id": id, "version": stale, "command": "start" }),
        "/api/v1/webhooks" => json!({ "id": id, "url": "essai" }),
        "/api/v1/webhooks/{id}/test" | "/api/v1/webhooks/{id}/end" => json!({ "id": id }),
        other => panic!("no body is written for POST {other}: add one"),
    };
    body.to_string()
}
