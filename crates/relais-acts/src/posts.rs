//! Shared posts (postes partagés): an organisation's computer that several
//! people use in a shift. The computer is tied to the post by a code typed
//! once; each person opens it with a personal PIN. Every act is the person's,
//! never the post's (DESIGN §6). Hashes come in, made outside the store's lanes.

use chrono::{DateTime, TimeDelta, Utc};
use relais_network::{OrganisationId, PostId, UserId};
use relais_store::rows::accounts::{SessionRecord, UserRecord};
use relais_store::rows::posts::{self as rows, HeldRecord, PinRecord, PostRecord};
use relais_store::{Store, StoreError, Tx, ids};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::agreements::organisation;
use crate::directory::{By, note};
use crate::file::{open_unless_erased, seal};
use crate::problem::ActError;

/// Wrong PINs in a row after which none is looked at for a while.
pub const MOST_TRIES: u32 = 5;
/// For how long: a person who forgot it signs in with the password meanwhile.
pub const LOCKED: TimeDelta = TimeDelta::minutes(5);
/// How long the code that ties a computer to a post may be typed.
const CODE: TimeDelta = TimeDelta::hours(24);
/// Minutes without a touch after which the PIN is asked again.
pub const IDLE: u32 = 5;
/// Digits of a PIN.
const DIGITS: std::ops::RangeInclusive<usize> = 6..=10;

/// A post, as the command line shows it.
#[derive(Debug, Clone, Serialize)]
pub struct Post {
    /// Post.
    pub id: PostId,
    /// Name.
    pub name: String,
    /// Code of the organisation.
    pub organisation: String,
    /// Whether a computer is tied to it.
    pub tied: bool,
    /// Open.
    pub active: bool,
    /// Minutes after which the PIN is asked again.
    pub idle_minutes: u32,
}

/// Whether a PIN is good enough: six digits that are neither one digit, nor a
/// row, nor a pair repeated.
///
/// # Errors
/// [`ActError::Invalid`] with what to do.
pub fn check_pin(pin: &str) -> Result<(), ActError> {
    let digits: Vec<u8> = pin.bytes().collect();
    if !DIGITS.contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
        return Err(ActError::field(
            "pin",
            "not_a_pin",
            (
                "Le code personnel a 6 à 10 chiffres.",
                "The personal PIN has 6 to 10 digits.",
            ),
        ));
    }
    let steps = |by: i16| digits.windows(2).all(|w| i16::from(w[1]) - i16::from(w[0]) == by);
    let repeats = |n: usize| digits.iter().zip(digits.iter().skip(n)).all(|(a, b)| a == b);
    if steps(0) || steps(1) || steps(-1) || repeats(2) || repeats(3) {
        return Err(ActError::field(
            "pin",
            "guessable",
            (
                "Ce code se devine : ni suite, ni répétition.",
                "This PIN can be guessed: no row, no repetition.",
            ),
        ));
    }
    Ok(())
}

fn unknown_post(name: &str) -> ActError {
    ActError::refused(
        "unknown_post",
        (
            &format!("Aucun poste ouvert ne s’appelle {name}."),
            &format!("No open post is called {name}."),
        ),
        (
            "« relais post list » donne les postes.",
            "“relais post list” gives the posts.",
        ),
    )
}

fn by_name(tx: &mut Tx<'_>, organisation: OrganisationId, name: &str) -> Result<Option<PostRecord>, StoreError> {
    Ok(rows::all(tx)?
        .into_iter()
        .find(|p| p.active && p.organisation_id == organisation && p.name == name))
}

/// Opens a post of an organisation, or gives a known one a new code: the
/// computer tied to it before is tied no more.
///
/// # Errors
/// An unknown organisation, an empty name, minutes out of range.
pub fn open(
    store: &Store,
    code: &str,
    name: &str,
    idle_minutes: u32,
    code_hash: Vec<u8>,
    by: By,
) -> Result<PostId, ActError> {
    let (code, name) = (code.to_owned(), name.trim().to_owned());
    if name.is_empty() || name.chars().count() > 60 || !(1..=60).contains(&idle_minutes) {
        return Err(ActError::field(
            "name",
            "malformed",
            (
                "Donnez un nom de 60 signes au plus, et 1 à 60 minutes.",
                "Give a name of 60 characters at most, and 1 to 60 minutes.",
            ),
        ));
    }
    store.write_blocking(move |tx| -> Result<PostId, ActError> {
        let organisation_id = organisation(tx, &code)?;
        let now = tx.now()?;
        let known = by_name(tx, organisation_id, &name)?;
        let record = PostRecord {
            id: known.as_ref().map_or_else(|| PostId(ids::new_v7(now)), |p| p.id),
            organisation_id,
            name: name.clone(),
            code_hash: Some(code_hash.clone()),
            code_until: Some(now + CODE),
            secret_hash: None,
            idle_minutes,
            active: true,
            created_at: known.as_ref().map_or(now, |p| p.created_at),
            version: known.as_ref().map_or(1, |p| p.version + 1),
        };
        if known.is_some() {
            rows::sessions_end(tx, record.id)?;
            record.update(tx)?;
        } else {
            record.insert(tx)?;
        }
        let facts = json!({ "idle_minutes": idle_minutes });
        note(tx, by, record.id.0, organisation_id.0, "post_opened", facts)?;
        Ok(record.id)
    })
}

/// Closes a post: its computer opens nothing any more.
///
/// # Errors
/// When there is no such open post.
pub fn close(store: &Store, code: &str, name: &str, by: By) -> Result<(), ActError> {
    let (code, name) = (code.to_owned(), name.trim().to_owned());
    store.write_blocking(move |tx| -> Result<(), ActError> {
        let organisation_id = organisation(tx, &code)?;
        let mut post = by_name(tx, organisation_id, &name)?.ok_or_else(|| unknown_post(&name))?;
        post.active = false;
        (post.code_hash, post.code_until, post.secret_hash) = (None, None, None);
        post.version += 1;
        post.update(tx)?;
        rows::sessions_end(tx, post.id)?;
        note(tx, by, post.id.0, organisation_id.0, "post_closed", json!({}))
    })
}

/// Every post, by age.
///
/// # Errors
/// What the store refuses.
pub fn list(store: &Store) -> Result<Vec<Post>, ActError> {
    store.read_blocking(|tx| -> Result<Vec<Post>, ActError> {
        let organisations: std::collections::HashMap<_, _> = relais_store::rows::directory::all_organisations(tx)?
            .into_iter()
            .map(|o| (o.id, o.code))
            .collect();
        Ok(rows::all(tx)?
            .into_iter()
            .map(|p| Post {
                id: p.id,
                organisation: organisations.get(&p.organisation_id).cloned().unwrap_or_default(),
                name: p.name,
                tied: p.secret_hash.is_some(),
                active: p.active,
                idle_minutes: p.idle_minutes,
            })
            .collect())
    })
}

/// Ties a computer to the post of this code, which is then spent.
///
/// # Errors
/// A refusal, the same for whatever is wrong with the code.
pub async fn tie(store: &Store, code_hash: Vec<u8>, secret_hash: Vec<u8>) -> Result<PostRecord, ActError> {
    store
        .write(move |tx: &mut Tx<'_>| -> Result<PostRecord, ActError> {
            let now = tx.now()?;
            let found = rows::by_code(tx, &code_hash)?.filter(|p| p.active && p.code_until.is_some_and(|at| now < at));
            let Some(mut post) = found else {
                return Err(ActError::refused(
                    "post_code",
                    (
                        "Ce code n’ouvre aucun poste, ou plus.",
                        "This code opens no post, or no longer does.",
                    ),
                    (
                        "Demandez un nouveau code à l’administrateur.",
                        "Ask the administrator for a new code.",
                    ),
                ));
            };
            (post.code_hash, post.code_until) = (None, None);
            post.secret_hash = Some(secret_hash.clone());
            post.version += 1;
            post.update(tx)?;
            let by = By::Post(post.id);
            note(tx, by, post.id.0, post.organisation_id.0, "post_tied", json!({}))?;
            Ok(post)
        })
        .await
}

/// The open post of a computer's secret, and who has a PIN there.
///
/// # Errors
/// When the store fails.
pub async fn at(store: &Store, secret_hash: Vec<u8>) -> Result<Option<(PostRecord, Vec<(UserId, String)>)>, ActError> {
    store
        .read(move |tx: &mut Tx<'_>| -> Result<_, ActError> {
            let Some(post) = rows::by_secret(tx, &secret_hash)?.filter(|p| p.active) else {
                return Ok(None);
            };
            let people = rows::with_pin(tx, post.organisation_id)?;
            Ok(Some((post, people)))
        })
        .await
}

/// Sets a person's PIN; a lock ends with it.
///
/// # Errors
/// When there is no such open account.
pub fn put_pin(tx: &mut Tx<'_>, user: UserId, pin_hash: &str, by: By) -> Result<(), ActError> {
    let account = UserRecord::find(tx, user)?
        .filter(|u| u.active)
        .ok_or(ActError::NotFound)?;
    let now = tx.now()?;
    let known = PinRecord::find(tx, user)?;
    let record = PinRecord {
        user_id: user,
        pin_hash: pin_hash.to_owned(),
        set_at: now,
        tries: 0,
        locked_until: None,
        version: known.as_ref().map_or(1, |p| p.version + 1),
    };
    if known.is_some() {
        record.update(tx)?;
    } else {
        record.insert(tx)?;
    }
    note(tx, by, user.0, account.organisation_id.0, "pin_set", json!({}))
}

/// Sets a person's PIN from the command line.
///
/// # Errors
/// When there is no such open account.
pub fn set_pin(store: &Store, login: &str, pin_hash: String, by: By) -> Result<(), ActError> {
    let login = login.to_owned();
    store.write_blocking(move |tx| -> Result<(), ActError> {
        let user = relais_store::rows::accounts::user_by_login(tx, &login)?
            .filter(|u| u.active)
            .ok_or_else(|| {
                ActError::refused(
                    "unknown_user",
                    (
                        &format!("Aucun compte ouvert ne s’appelle {login}."),
                        &format!("No open account is called {login}."),
                    ),
                    (
                        "« relais user list » donne les comptes.",
                        "“relais user list” gives the accounts.",
                    ),
                )
            })?;
        put_pin(tx, user.id, &pin_hash, by)
    })
}

/// The PIN's hash to look at, where the person belongs to the post's
/// organisation and is not locked out; none otherwise, which the caller checks
/// against nobody's hash, in the same time.
///
/// # Errors
/// When the store fails.
pub async fn pin_of(store: &Store, post: OrganisationId, user: UserId) -> Result<(Option<String>, bool), ActError> {
    store
        .read(move |tx: &mut Tx<'_>| -> Result<_, ActError> {
            let now = tx.now()?;
            let there = UserRecord::find(tx, user)?.is_some_and(|u| u.active && u.organisation_id == post);
            let pin = PinRecord::find(tx, user)?.filter(|_| there);
            let locked = pin.as_ref().and_then(|p| p.locked_until).is_some_and(|at| now < at);
            Ok((pin.filter(|_| !locked).map(|p| p.pin_hash), locked))
        })
        .await
}

/// Counts a PIN that was right or wrong. After five wrong ones in a row none
/// is looked at for five minutes, by whichever process. Whether it is locked.
/// Who typed it is not known: the event names the post.
///
/// # Errors
/// When the store fails.
pub async fn tried(store: &Store, post: PostId, user: UserId, right: bool) -> Result<bool, ActError> {
    store
        .write(move |tx: &mut Tx<'_>| -> Result<bool, ActError> {
            let now: DateTime<Utc> = tx.now()?;
            let Some(mut pin) = PinRecord::find(tx, user)? else {
                return Ok(false);
            };
            if right && pin.tries == 0 && pin.locked_until.is_none() {
                return Ok(false);
            }
            pin.tries = if right { 0 } else { pin.tries + 1 };
            pin.locked_until = None;
            if pin.tries >= MOST_TRIES {
                pin.tries = 0;
                pin.locked_until = Some(now + LOCKED);
            }
            pin.version += 1;
            pin.update(tx)?;
            if pin.locked_until.is_some()
                && let Some(account) = UserRecord::find(tx, user)?
            {
                let by = By::Post(post);
                note(tx, by, user.0, account.organisation_id.0, "pin_locked", json!({}))?;
            }
            Ok(pin.locked_until.is_some())
        })
        .await
}

/// A form that a person was filling in when the session at the post ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Held {
    /// Where it was to go.
    pub path: String,
    /// What was typed: name and value, in order.
    pub pairs: Vec<(String, String)>,
}

/// How long it is kept: one shift.
const KEPT: TimeDelta = TimeDelta::hours(12);

/// Drops, with their keys, the forms that nobody took up again in time.
///
/// # Errors
/// When the store or the keyring fails.
pub fn held_expire(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let now = tx.now()?;
    rows::held_expire(tx, now - KEPT)
}

/// Keeps what the person of an ended session had typed, sealed, for this
/// person alone. Nothing is kept where the session is not known any more;
/// whether it was.
///
/// # Errors
/// When the store fails.
pub async fn hold(store: &Store, session_hash: Vec<u8>, held: Held) -> Result<bool, ActError> {
    store
        .write(move |tx: &mut Tx<'_>| -> Result<bool, ActError> {
            let now = tx.now()?;
            held_expire(tx)?;
            let Some(session) = SessionRecord::find(tx, session_hash.clone())? else {
                return Ok(false);
            };
            let slot = tx.new_slot()?;
            let sealer = tx.sealer();
            let user = session.user_id;
            rows::held_end(tx, user)?;
            HeldRecord {
                user_id: user,
                slot,
                body: seal(&sealer, "held_form", "body", user.0, slot, &held)?,
                at: now,
            }
            .insert(tx)?;
            Ok(true)
        })
        .await
}

/// What a person had typed, or nothing.
///
/// # Errors
/// When the store fails.
pub async fn held(store: &Store, user: UserId) -> Result<Option<Held>, ActError> {
    store
        .read(move |tx: &mut Tx<'_>| -> Result<_, ActError> {
            let now = tx.now()?;
            let Some(record) = HeldRecord::find(tx, user)?.filter(|h| now < h.at + KEPT) else {
                return Ok(None);
            };
            let sealer = tx.sealer();
            // Of a restored database the row may be there and its key gone.
            Ok(open_unless_erased(
                &sealer,
                "held_form",
                "body",
                user.0,
                record.slot,
                &record.body,
            )?)
        })
        .await
}

/// Drops what a person had typed: it was sent, or is not wanted.
///
/// # Errors
/// When the store fails.
pub async fn drop_held(store: &Store, user: UserId) -> Result<(), ActError> {
    Ok(store.write(move |tx: &mut Tx<'_>| rows::held_end(tx, user)).await?)
}

#[cfg(test)]
mod tests {
    use super::check_pin;

    #[test]
    fn a_pin_is_six_digits_that_are_no_row_and_no_repetition() {
        for pin in ["482913", "907142", "1029384756"] {
            assert!(check_pin(pin).is_ok(), "{pin}");
        }
        for pin in [
            "",
            "12345",
            "12345678901",
            "48291x",
            "123456",
            "654321",
            "000000",
            "121212",
            "123123",
            "４８２９１３",
        ] {
            assert!(check_pin(pin).is_err(), "{pin}");
        }
    }
}
