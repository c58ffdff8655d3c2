//! What can be typed.

mod mechanism;

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand, ValueEnum};
use relais_casework::erasure::ErasureReason;
use relais_mechanism::{Lang, Role};
use uuid::Uuid;

pub use mechanism::{
    DocumentDiff, DocumentSource, Documents, Draw, Layer, Mechanism, MechanismDiff, MechanismNew, Render,
};

/// Relais : mécanisme de référencement / referral mechanism.
#[derive(Debug, Parser)]
#[command(name = "relais", version, propagate_version = true, arg_required_else_help = true)]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// How a program reads the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// Words for people.
    #[default]
    Text,
    /// JSON for programs.
    Json,
}

/// Settings that any command takes; they are stronger than the environment,
/// which is stronger than the file.
#[derive(Debug, Clone, Default, Args)]
pub struct Global {
    /// Fichier de réglages (TOML) / settings file (TOML)
    #[arg(long, global = true, env = "RELAIS_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Dossier des données (SQLite) / data folder (SQLite) [RELAIS_DATA]
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Dossier des clés, hors du dossier des données / folder of the keys, outside the data folder [RELAIS_KEYS]
    #[arg(long, global = true, value_name = "DIR")]
    pub keys: Option<PathBuf>,
    /// PostgreSQL au lieu de SQLite / PostgreSQL instead of SQLite [RELAIS_DATABASE_URL]
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// Langue des messages / language of messages: fr, en [RELAIS_LANG, LANG]
    #[arg(long, global = true, value_name = "LANG", value_parser = lang)]
    pub lang: Option<Lang>,
    /// Forme de la réponse / form of the answer
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Créer la base et les clés, adopter le mécanisme / make database and keys, adopt the mechanism
    Init(Init),
    /// Servir les pages et l’API / serve pages and API
    Serve(Serve),
    /// Faire ce qui est échu / do what is due
    Work(Work),
    /// Monter et servir une démonstration dans ./relais-demo (ou --data) / make and serve a demonstration
    Demo(Demo),
    /// Comptes / accounts
    #[command(subcommand)]
    User(User),
    /// Postes partagés / shared posts
    #[command(subcommand)]
    Post(Post),
    /// Jetons de l’API / tokens of the API
    #[command(subcommand)]
    Token(Token),
    /// Webhooks : systèmes prévenus des événements / systems that are told of events
    #[command(subcommand)]
    Webhook(Webhook),
    /// L’heure du déploiement / the deployment's clock
    #[command(subcommand)]
    Clock(Clock),
    /// Vérifier le journal / verify the log
    #[command(subcommand)]
    Audit(Audit),
    /// Annuaire / directory
    #[command(subcommand)]
    Directory(Directory),
    /// Accords / agreements
    #[command(subcommand)]
    Agreement(Agreement),
    /// Ce que les organisations ont signé avant publication / what organisations signed before publication
    #[command(subcommand)]
    Organisation(Organisation),
    /// Dossiers / cases
    #[command(subcommand)]
    Case(Case),
    /// Plaintes / complaints
    #[command(subcommand)]
    Complaint(Complaint),
    /// Documents du mécanisme : procédures, protocole d’accord / documents of the mechanism: SOP, MoU
    #[command(subcommand)]
    Documents(Documents),
    /// Le mécanisme comme données / the mechanism as data
    #[command(subcommand)]
    Mechanism(Mechanism),
}

/// `init`
#[derive(Debug, Args)]
pub struct Init {
    /// Base d’exercice : son heure se règle / a drill: its clock can be set
    #[arg(long)]
    pub drill: bool,
    /// Dossier de mécanismes, au lieu de celui du programme / folder of mechanisms instead of the built-in one
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Pays / country
    #[arg(long, default_value = "cameroon")]
    pub country: String,
}

/// `serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// Adresse d’écoute / address to listen on [RELAIS_LISTEN]
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<String>,
    /// Ne pas faire les travaux échus ici / leave due work to `relais work`
    #[arg(long)]
    pub no_work: bool,
}

/// `work`
#[derive(Debug, Args)]
pub struct Work {
    /// Une fois, puis finir / once, then end
    #[arg(long)]
    pub once: bool,
}

/// `demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// Refaire la démonstration / make it anew
    #[arg(long)]
    pub fresh: bool,
    /// Adresse d’écoute / address to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub listen: String,
    /// Nombre de dossiers / number of cases
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(0..=2000))]
    pub cases: u32,
    /// Liste de formations sanitaires (CSV) à importer / list of health facilities (CSV) to import
    #[arg(long, value_name = "FILE")]
    pub facilities: Option<PathBuf>,
    /// Préparer sans servir / prepare without serving
    #[arg(long)]
    pub no_serve: bool,
    /// The mechanism: another country's, its demonstration follows from it.
    #[command(flatten)]
    pub layer: Layer,
}

/// `user …`
#[derive(Debug, Subcommand)]
pub enum User {
    /// Ouvrir un compte / open an account
    Add(UserAdd),
    /// Lister les comptes / list accounts
    List,
    /// Fermer un compte / close an account
    Close {
        /// Nom de connexion / sign-in name
        login: String,
    },
    /// Donner un code personnel pour les postes partagés, lu sur l’entrée standard / set a PIN for shared posts, read
    /// from standard input
    Pin {
        /// Nom de connexion / sign-in name
        login: String,
    },
    /// Changer un mot de passe / change a password
    Password {
        /// Nom de connexion / sign-in name
        login: String,
        /// Lire le mot de passe sur l’entrée standard / read it from standard input
        #[arg(long)]
        password_stdin: bool,
    },
}

/// `post …`
#[derive(Debug, Subcommand)]
pub enum Post {
    /// Ouvrir un poste, ou lui donner un nouveau code / open a post, or give it a new code
    Add {
        /// Nom du poste / the post's name
        name: String,
        /// Code de l’organisation / the organisation's code
        #[arg(long, value_name = "CODE")]
        organisation: String,
        /// Minutes sans usage avant de redemander le code personnel / minutes unused before the PIN is asked again
        #[arg(long, default_value_t = relais_acts::posts::IDLE, value_parser = clap::value_parser!(u32).range(1..=60))]
        idle: u32,
    },
    /// Lister les postes / list posts
    List,
    /// Fermer un poste / close a post
    Close {
        /// Nom du poste / the post's name
        name: String,
        /// Code de l’organisation / the organisation's code
        #[arg(long, value_name = "CODE")]
        organisation: String,
    },
}

/// `user add`
#[derive(Debug, Args)]
pub struct UserAdd {
    /// Nom de connexion / sign-in name
    pub login: String,
    /// Code de l’organisation / the organisation's code
    #[arg(long, value_name = "CODE")]
    pub organisation: String,
    /// Nom à afficher / name to show
    #[arg(long)]
    pub name: String,
    /// Rôles / roles
    #[arg(long = "role", required = true, value_parser = role, value_delimiter = ',')]
    pub roles: Vec<Role>,
    /// Régions d’un point focal régional / regions of a regional focal point
    #[arg(long = "region", value_delimiter = ',')]
    pub regions: Vec<String>,
    /// Langue des écrans / language of the screens
    #[arg(long, default_value = "fr", value_parser = lang)]
    pub language: Lang,
    /// Formé aux données à accès restreint / trained for restricted data
    #[arg(long)]
    pub trained: bool,
    /// Lire le mot de passe sur l’entrée standard, sinon il est tiré au sort et affiché une fois / read the password
    /// from standard input; otherwise one is made and shown once
    #[arg(long)]
    pub password_stdin: bool,
}

/// `token …`
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Donner un jeton, affiché une fois / give a token, shown once
    Add {
        /// Nom de connexion / sign-in name
        login: String,
        /// À quoi il sert / what it is for
        #[arg(long)]
        label: String,
        /// Jours de validité / days that it is valid
        #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
        days: Option<u16>,
    },
    /// Reprendre un jeton, lu sur l’entrée standard / take back a token, read from standard input
    Revoke,
}

/// `webhook …`
#[derive(Debug, Subcommand)]
pub enum Webhook {
    /// Prévenir un système des événements des référencements de son organisation ; le secret est affiché une fois / tell
    /// a system of the events of its organisation's referrals; the secret is shown once
    Add {
        /// Adresse du système, en https / the system's address, by https
        url: String,
        /// Code de l’organisation / the organisation's code
        #[arg(long, value_name = "CODE")]
        organisation: String,
    },
    /// Lister les webhooks, leur état et la dernière réponse / list webhooks, their state and the last answer
    List,
    /// Mettre fin à un webhook / end a webhook
    End {
        /// Son numéro, comme « list » le donne / its id, as "list" gives it
        id: uuid::Uuid,
    },
}

/// `clock …`
#[derive(Debug, Subcommand)]
pub enum Clock {
    /// Montrer l’heure / show the time
    Show,
    /// Avancer l’heure d’un exercice / move a drill's clock forward
    Set {
        /// « 2026-11-25 14:30 » (heure locale / local), RFC 3339, ou / or +2d, +3h, +20m
        #[arg(allow_hyphen_values = true)]
        time: String,
    },
}

/// `audit …`
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Chaque événement tient-il, n’en manque-t-il aucun ? / does every event stand, and is none missing?
    Verify,
}

/// `directory …`
#[derive(Debug, Subcommand)]
pub enum Directory {
    /// Importer un classeur, un CSV ou du JSON HSDS / import a workbook, a CSV or HSDS JSON
    Import {
        /// Le fichier / the file
        file: PathBuf,
        /// Correspondance : un fichier .json, un nom gardé, ou les règles .toml d’une liste de formations /
        /// mapping: a .json file, a kept name, or the .toml rules of a list of facilities
        #[arg(long, value_name = "FILE|NAME")]
        mapping: Option<PathBuf>,
        /// Garder la correspondance .json sous ce nom / keep the .json mapping under this name
        #[arg(long, value_name = "NAME", requires = "mapping")]
        save_mapping: Option<String>,
        /// Ne rien écrire / write nothing
        #[arg(long)]
        dry_run: bool,
        /// Rapport de chaque ligne, .csv ou .json / report of every row, .csv or .json
        #[arg(long, value_name = "FILE")]
        report: Option<PathBuf>,
    },
    /// Exporter ce qui est public, dans la langue de --lang / export what is public, in the language of --lang
    Export {
        /// Le fichier à écrire ; il ne remplace aucun autre / the file to write; it replaces no other
        file: PathBuf,
        /// Format: xlsx, csv, geojson, hsds ; sinon d’après le nom du fichier / else by the name of the file
        #[arg(long = "as", value_name = "FORMAT")]
        form: Option<String>,
        /// Une seule région, par son code / one region only, by its code
        #[arg(long, value_name = "CODE")]
        region: Option<String>,
    },
    /// Les derniers imports / the last imports
    Imports,
    /// Annuler tout un import : chaque fiche redevient ce qu’elle était / undo a whole import
    Undo {
        /// L’import, par son identifiant / the import, by its id
        import: Uuid,
    },
    /// Lister les services / list services
    List,
    /// Les fiches qui sont peut-être la même, les plus sûres d’abord / entries that are perhaps the same, the surest first
    Duplicates {
        /// Écrire la liste dans ce fichier .csv ; il n’en remplace aucun autre / write the list into this .csv file; it replaces no other
        #[arg(long, value_name = "FILE")]
        csv: Option<PathBuf>,
    },
    /// Les services confidentiels et leurs codes, pour l’astreinte seule / confidential services and their codes, for the on-call desk only
    Confidential {
        /// Remplacer ce code, qui a fui / replace this code, which has leaked
        #[arg(long, value_name = "CODE")]
        renew: Option<String>,
    },
}

/// `agreement …`
#[derive(Debug, Subcommand)]
pub enum Agreement {
    /// Inscrire un accord signé / write down a signed agreement
    Add(AgreementAdd),
    /// Dénoncer un accord / end an agreement
    End {
        /// Numéro / number
        reference: String,
        /// Une seule partie / one party only
        #[arg(long, value_name = "CODE")]
        party: Option<String>,
        /// À partir du ; aujourd’hui par défaut / from; today by default
        #[arg(long, value_name = "DATE")]
        on: Option<NaiveDate>,
    },
    /// Lister les accords / list agreements
    List,
}

/// `agreement add`
#[derive(Debug, Args)]
pub struct AgreementAdd {
    /// Numéro / number
    #[arg(long)]
    pub reference: String,
    /// MOU, ARRC, ADH, CONV, ENG
    #[arg(long, default_value = "MOU")]
    pub kind: String,
    /// Signataire, avec sa date si elle diffère : CODE ou CODE=2026-01-31 / signatory, with its own date if another
    #[arg(long = "party", required = true, value_name = "CODE[=DATE]")]
    pub parties: Vec<String>,
    /// Date de signature ; aujourd’hui par défaut / date of signature; today by default
    #[arg(long, value_name = "DATE")]
    pub from: Option<NaiveDate>,
    /// Dernier jour / last day
    #[arg(long, value_name = "DATE")]
    pub until: Option<NaiveDate>,
    /// Classes de données, ou « all » / data classes, or "all"
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "identity,contact,family,journey,plan,skills"
    )]
    pub classes: Vec<String>,
    /// Finalités, ou « all » / purposes, or "all"
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "receive,protect,assess,refer,deliver,follow_up"
    )]
    pub purposes: Vec<String>,
    /// Sensibilité la plus haute / highest sensitivity
    #[arg(long, default_value = "S3")]
    pub max: String,
}

/// `organisation …`
#[derive(Debug, Subcommand)]
pub enum Organisation {
    /// Noter ce que des organisations ont signé / note what organisations signed
    Safeguards(OrganisationSafeguards),
    /// Lister qui doit signer, et ce qui attend / list who is to sign, and what waits
    List,
}

/// `organisation safeguards`
#[derive(Debug, Args)]
pub struct OrganisationSafeguards {
    /// Codes des organisations ; la signature d’une tutelle couvre ce qui est sous elle / codes of the organisations; a
    /// tutelle’s signature covers what is under it
    #[arg(required = true, value_name = "CODE")]
    pub codes: Vec<String>,
    /// Code de conduite et PEAS signés le / code of conduct and PSEA signed on
    #[arg(long, value_name = "DATE", required_unless_present = "child")]
    pub conduct: Option<NaiveDate>,
    /// Procédure de protection de l’enfance signée le / child-safeguarding procedure signed on
    #[arg(long, value_name = "DATE")]
    pub child: Option<NaiveDate>,
    /// Dernier jour / last day
    #[arg(long, value_name = "DATE")]
    pub until: Option<NaiveDate>,
    /// Retirés le / withdrawn on
    #[arg(long, value_name = "DATE")]
    pub withdrawn: Option<NaiveDate>,
    /// Référence du papier / reference of the paper
    #[arg(long, value_name = "TEXTE", default_value = "")]
    pub paper: String,
    /// Publier les fiches d’une liste qui n’attendaient que cela / publish the entries of a list that waited for nothing else
    #[arg(long)]
    pub publish: bool,
}

/// `case …`
#[derive(Debug, Subcommand)]
pub enum Case {
    /// Effacer la personne d’un dossier, dans tous ses dossiers, pour toujours / erase the person of a case, in all their
    /// cases, for ever
    Erase {
        /// Code d’un de ses dossiers / code of one of their cases: CM-000123-K
        code: String,
        /// Motif / reason: request, consent_withdrawn, retention, unlawful, order
        #[arg(long, value_name = "CODE", value_parser = erasure_reason)]
        reason: ErasureReason,
        /// Ce qu’il faut en savoir, sans nommer la personne : date et numéro d’une lettre / what to know of it without naming
        /// the person: date and number of a letter
        #[arg(long, default_value = "")]
        words: String,
        /// Qui efface : délégué à la protection des données ou administrateur / who erases: data-protection officer or
        /// administrator
        #[arg(long, value_name = "LOGIN")]
        by: String,
        /// Dire ce qui partirait, ne rien effacer / say what would go, erase nothing
        #[arg(long)]
        dry_run: bool,
    },
}

/// `complaint …`
#[derive(Debug, Subcommand)]
pub enum Complaint {
    /// Destinataires hors du secrétariat / recipients outside the secretariat
    #[command(subcommand)]
    Recipients(Recipients),
}

/// `complaint recipients …`
#[derive(Debug, Subcommand)]
pub enum Recipients {
    /// Les nommer, à la place de ceux d’avant / name them, in place of those before
    Set {
        /// Exploitation et abus sexuels : deux comptes ou plus, d’organisations différentes / sexual exploitation and
        /// abuse: two accounts or more, of different organisations
        #[arg(long, required = true, value_delimiter = ',', value_name = "LOGIN")]
        outside: Vec<String>,
        /// Plaintes contre le secrétariat, désignés par le comité / complaints about the secretariat, designated by
        /// the committee
        #[arg(long, value_delimiter = ',', value_name = "LOGIN")]
        committee: Vec<String>,
    },
    /// Les lister / list them
    List,
}

fn lang(text: &str) -> Result<Lang, String> {
    Lang::from_code(text).ok_or_else(|| "fr, en".to_owned())
}

fn erasure_reason(text: &str) -> Result<ErasureReason, String> {
    ErasureReason::from_code(text).ok_or_else(|| {
        ErasureReason::ALL
            .iter()
            .map(|r| r.code())
            .collect::<Vec<_>>()
            .join(", ")
    })
}

fn role(text: &str) -> Result<Role, String> {
    Role::from_code(text).ok_or_else(|| Role::ALL.iter().map(|r| r.code()).collect::<Vec<_>>().join(", "))
}
