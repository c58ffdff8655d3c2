//! Accounts of members of staff: open, close, change the password, give and
//! take back tokens of the API. Passwords and secrets come in as hashes, made
//! outside the store's lanes; each act leaves an event in the account's stream.

use chrono::{DateTime, Utc};
use relais_mechanism::{Lang, Role};
use relais_network::UserId;
use relais_store::rows::accounts::{self, TokenRecord, UserRecord};
use relais_store::rows::directory;
use relais_store::{Store, Tx, ids};
use serde::Serialize;
use serde_json::json;

use crate::agreements::organisation;
use crate::desk::Viewer;
use crate::directory::{By, note};
use crate::network::Network;
use crate::problem::ActError;

/// Shortest password, in characters.
pub const SHORTEST_PASSWORD: usize = 12;

/// Longest password, in characters: a sentence, not a book.
const LONGEST_PASSWORD: usize = 200;

/// Different characters that a password must have at least.
const DIFFERENT: usize = 6;

/// What people type first; a password that is mostly this is none.
const COMMON: [&str; 14] = [
    "password",
    "motdepasse",
    "azerty",
    "qwerty",
    "123456",
    "abcdef",
    "relais",
    "cameroun",
    "cameroon",
    "douala",
    "yaounde",
    "bonjour",
    "welcome",
    "admin",
];

/// An account to be opened.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Code of the organisation.
    pub organisation: String,
    /// Sign-in name.
    pub login: String,
    /// Name on screen.
    pub display_name: String,
    /// Roles; at least one.
    pub roles: Vec<Role>,
    /// Regions of a regional focal point, by pcode.
    pub regions: Vec<String>,
    /// Language of the screens.
    pub language: Lang,
    /// Password, argon2id in PHC form.
    pub password_hash: String,
    /// Trained for restricted data.
    pub trained: bool,
    /// Marked as demonstration.
    pub demonstration: bool,
}

/// An account, without its password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    /// User.
    pub id: UserId,
    /// Sign-in name.
    pub login: String,
    /// Name on screen.
    pub display_name: String,
    /// Code of the organisation.
    pub organisation: String,
    /// Roles.
    pub roles: Vec<Role>,
    /// Regions.
    pub regions: Vec<String>,
    /// Whether it is open.
    pub active: bool,
    /// Marked as demonstration.
    pub demonstration: bool,
}

/// Whether a password is good enough for this login.
///
/// # Errors
/// [`ActError::Invalid`] with what to do.
pub fn check_password(password: &str, login: &str) -> Result<(), ActError> {
    let wrong = |code, message| Err(ActError::field("password", code, message));
    let length = password.chars().count();
    if length < SHORTEST_PASSWORD {
        return wrong(
            "too_short",
            (
                "Le mot de passe a moins de 12 caractères\u{a0}: prenez quatre mots sans lien.",
                "The password has fewer than 12 characters: take four unrelated words.",
            ),
        );
    }
    if length > LONGEST_PASSWORD {
        return wrong(
            "too_long",
            (
                "Le mot de passe dépasse 200 caractères\u{a0}: raccourcissez-le.",
                "The password exceeds 200 characters: shorten it.",
            ),
        );
    }
    let folded = relais_network::words::fold(password).replace(' ', "");
    let different = folded.chars().collect::<std::collections::BTreeSet<_>>().len();
    let names_login =
        login.chars().count() >= 4 && folded.contains(&relais_network::words::fold(login).replace(' ', ""));
    let common = COMMON
        .iter()
        .any(|word| folded.contains(word) && folded.chars().count() < word.len() + 8);
    if different < DIFFERENT || names_login || common {
        return wrong(
            "guessable",
            (
                "Ce mot de passe se devine\u{a0}: ni le nom de connexion, ni un mot courant, ni une répétition.",
                "This password can be guessed: no sign-in name, no common word, no repetition.",
            ),
        );
    }
    Ok(())
}

fn unknown(login: &str) -> ActError {
    ActError::refused(
        "unknown_user",
        (
            &format!("Aucun compte ne s’appelle {login}."),
            &format!("No account is called {login}."),
        ),
        (
            "« relais user list » donne les comptes.",
            "“relais user list” gives the accounts.",
        ),
    )
}

fn find(tx: &mut Tx<'_>, login: &str) -> Result<UserRecord, ActError> {
    accounts::user_by_login(tx, login)?.ok_or_else(|| unknown(login))
}

fn codes<T: std::fmt::Display>(list: &[T]) -> String {
    list.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

pub(crate) fn roles_of(text: &str) -> Vec<Role> {
    text.split(',').filter_map(Role::from_code).collect()
}

fn words(text: &str) -> Vec<String> {
    text.split(',').filter(|r| !r.is_empty()).map(str::to_owned).collect()
}

/// Opens an account.
///
/// # Errors
/// An unknown organisation, a login that is taken or malformed, no role.
pub fn create(store: &Store, new: NewUser, by: By) -> Result<UserId, ActError> {
    let login_sound = (2..=64).contains(&new.login.len())
        && new
            .login
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_@".contains(&b));
    if !login_sound {
        return Err(ActError::field(
            "login",
            "malformed",
            (
                "Le nom de connexion a 2 à 64 lettres minuscules, chiffres ou signes . - _ @, sans accent.",
                "The sign-in name has 2 to 64 lower-case letters, digits or signs . - _ @, without accents.",
            ),
        ));
    }
    if new.display_name.trim().is_empty() {
        return Err(ActError::field(
            "name",
            "missing",
            ("Donnez le nom à afficher.", "Give the name to show."),
        ));
    }
    if new.roles.is_empty() {
        return Err(ActError::field(
            "role",
            "missing",
            ("Donnez au moins un rôle.", "Give at least one role."),
        ));
    }
    store.write_blocking(move |tx| -> Result<UserId, ActError> {
        if new.demonstration && !tx.is_drill() {
            return Err(ActError::refused(
                "not_a_drill",
                (
                    "Un compte de démonstration n’existe que dans une base d’exercice.",
                    "An account of the demonstration exists in a drill database only.",
                ),
                (
                    "Ouvrez un compte ordinaire : « relais user add ».",
                    "Open an ordinary account: “relais user add”.",
                ),
            ));
        }
        let organisation_id = organisation(tx, &new.organisation)?;
        if accounts::user_by_login(tx, &new.login)?.is_some() {
            return Err(ActError::refused(
                "login_taken",
                (
                    &format!("Le nom de connexion {} est pris.", new.login),
                    &format!("The sign-in name {} is taken.", new.login),
                ),
                ("Choisissez-en un autre.", "Choose another one."),
            ));
        }
        let id = UserId(ids::new_v7(tx.now()?));
        UserRecord {
            id,
            organisation_id,
            login: new.login.clone(),
            display_name: new.display_name.clone(),
            roles: codes(&new.roles),
            regions: codes(&new.regions),
            language: new.language.code().to_owned(),
            password_hash: new.password_hash.clone(),
            trained: new.trained,
            active: true,
            demonstration: new.demonstration,
            version: 1,
        }
        .insert(tx)?;
        // Whether an organisation has an account is part of the network in memory.
        directory::directory_changed(tx)?;
        let facts = json!({ "roles": new.roles, "regions": new.regions, "trained": new.trained });
        note(tx, by, id.0, organisation_id.0, "account_opened", facts)?;
        Ok(id)
    })
}

/// Changes a password; every session of the account ends.
///
/// # Errors
/// When there is no such account.
pub fn set_password(store: &Store, login: &str, password_hash: String, by: By) -> Result<(), ActError> {
    let login = login.to_owned();
    store.write_blocking(move |tx| -> Result<(), ActError> {
        let mut user = find(tx, &login)?;
        user.password_hash.clone_from(&password_hash);
        user.version += 1;
        user.update(tx)?;
        accounts::sessions_end_of(tx, user.id)?;
        note(
            tx,
            by,
            user.id.0,
            user.organisation_id.0,
            "account_password_set",
            json!({}),
        )
    })
}

/// Closes an account; its sessions end and its tokens stop at once. What it
/// owned has other owners: an organisation and a role own work, never a user.
///
/// # Errors
/// When there is no such account or it is closed already.
pub fn close(store: &Store, login: &str, by: By) -> Result<(), ActError> {
    let login = login.to_owned();
    store.write_blocking(move |tx| -> Result<(), ActError> {
        let mut user = find(tx, &login)?;
        if !user.active {
            return Err(ActError::refused(
                "closed",
                ("Ce compte est déjà fermé.", "This account is closed already."),
                ("Rien n’est à faire.", "There is nothing to do."),
            ));
        }
        user.active = false;
        user.version += 1;
        user.update(tx)?;
        accounts::sessions_end_of(tx, user.id)?;
        directory::directory_changed(tx)?;
        note(tx, by, user.id.0, user.organisation_id.0, "account_closed", json!({}))
    })
}

/// Every account, by age.
///
/// # Errors
/// What the store refuses.
pub fn list(store: &Store) -> Result<Vec<Account>, ActError> {
    store.read_blocking(|tx| -> Result<Vec<Account>, ActError> {
        let organisations: std::collections::HashMap<_, _> = directory::all_organisations(tx)?
            .into_iter()
            .map(|o| (o.id, o.code))
            .collect();
        Ok(accounts::users_after(tx, 0, i64::MAX)?
            .into_iter()
            .map(|u| Account {
                id: u.id,
                organisation: organisations.get(&u.organisation_id).cloned().unwrap_or_default(),
                roles: roles_of(&u.roles),
                regions: words(&u.regions),
                login: u.login,
                display_name: u.display_name,
                active: u.active,
                demonstration: u.demonstration,
            })
            .collect())
    })
}

/// Gives an account a token of the API; only the hash of its secret is kept.
///
/// # Errors
/// When there is no such open account.
pub fn create_token(
    store: &Store,
    login: &str,
    label: &str,
    token_hash: Vec<u8>,
    expires_at: Option<DateTime<Utc>>,
    by: By,
) -> Result<(), ActError> {
    let (login, label) = (login.to_owned(), label.to_owned());
    store.write_blocking(move |tx| -> Result<(), ActError> {
        let user = find(tx, &login)?;
        if !user.active {
            return Err(unknown(&login));
        }
        let created_at = tx.now()?;
        TokenRecord {
            token_hash: token_hash.clone(),
            user_id: user.id,
            label: label.clone(),
            created_at,
            expires_at,
            revoked_at: None,
        }
        .insert(tx)?;
        let facts = json!({ "label": label, "expires_at": expires_at });
        note(tx, by, user.id.0, user.organisation_id.0, "token_given", facts)
    })
}

/// Takes a token back, by the hash of its secret.
///
/// # Errors
/// When there is no such token.
pub fn revoke_token(store: &Store, token_hash: Vec<u8>, by: By) -> Result<(), ActError> {
    store.write_blocking(move |tx| -> Result<(), ActError> {
        let now = tx.now()?;
        let mut token = TokenRecord::find(tx, token_hash.clone())?.ok_or_else(|| {
            ActError::refused(
                "unknown_token",
                ("Ce jeton n’existe pas.", "There is no such token."),
                (
                    "Donnez le jeton entier, tel qu’il fut affiché.",
                    "Give the whole token, as it was shown.",
                ),
            )
        })?;
        if token.revoked_at.is_some() {
            return Ok(());
        }
        token.revoked_at = Some(now);
        token.update(tx)?;
        let organisation = UserRecord::find(tx, token.user_id)?.map_or(token.user_id.0, |u| u.organisation_id.0);
        note(
            tx,
            by,
            token.user_id.0,
            organisation,
            "token_revoked",
            json!({ "label": token.label }),
        )
    })
}

/// The user as the acts see them; `api` when the request came with a token.
#[must_use]
pub fn viewer_of(network: &Network, user: &UserRecord, api: bool) -> Viewer {
    let lang = Lang::from_code(&user.language).unwrap_or(Lang::Fr);
    Viewer {
        user: user.id,
        organisation: user.organisation_id,
        organisation_name: network.own_name(user.organisation_id, lang).into(),
        display_name: user.display_name.as_str().into(),
        // A closed account has no role left: whatever was made of it sees and does nothing.
        roles: if user.active { roles_of(&user.roles) } else { Vec::new() }.into(),
        regions: words(&user.regions).into(),
        trained: user.trained,
        // Whoever is not known is taken for the State: the protected circuit stays shut.
        state_body: network
            .organisations
            .get(&user.organisation_id)
            .is_none_or(|o| o.state_body),
        lang,
        api,
        route: "",
        purpose: "account",
    }
}

/// The viewer behind a sign-in name, for the command line and the
/// demonstration; none when there is no such open account.
///
/// # Errors
/// What the store refuses.
pub fn viewer_by_login(tx: &mut Tx<'_>, network: &Network, login: &str) -> Result<Option<Viewer>, ActError> {
    let user = accounts::user_by_login(tx, login)?.filter(|u| u.active);
    Ok(user.map(|u| viewer_of(network, &u, false)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_long_varied_and_not_the_login() {
        assert!(check_password("trois lunes sur le wouri", "j.test").is_ok());
        assert!(check_password("court", "j.test").is_err());
        assert!(check_password("aaaaaaaaaaaaaaaa", "j.test").is_err());
        assert!(check_password("motdepasse123", "j.test").is_err());
        assert!(check_password("accueil.dla-9!x", "accueil.dla").is_err());
        assert!(check_password(&"é1ü2à3".repeat(40), "j.test").is_err());
    }
}
