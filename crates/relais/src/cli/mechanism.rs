//! What can be typed of mechanisms and of their documents.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `mechanism …`
#[derive(Debug, Subcommand)]
pub enum Mechanism {
    /// Vérifier les fichiers / check the files
    Check(Layer),
    /// Montrer le contenu / show the content
    Show(Layer),
    /// Adopter cette version : elle régit ce qui est nouveau / adopt this version: it rules what is new
    Adopt(Layer),
    /// Dire ce qui diffère entre deux mécanismes / say what differs between two mechanisms
    Diff(MechanismDiff),
    /// Commencer le mécanisme d’un autre pays / start the mechanism of another country
    New(Box<MechanismNew>),
}

/// `mechanism diff`
#[derive(Debug, Args)]
pub struct MechanismDiff {
    /// L’un : un pays du programme (« cm ») ou DOSSIER:PAYS / one: a country of the program ("cm") or DIR:COUNTRY
    #[arg(value_name = "A")]
    pub old: String,
    /// L’autre, de même / the other, in the same way
    #[arg(value_name = "B")]
    pub new: String,
    /// Tout montrer, sans rien abréger / show everything, nothing shortened
    #[arg(long)]
    pub all: bool,
}

/// `mechanism new`
#[derive(Debug, Args)]
pub struct MechanismNew {
    /// Nom du dossier du pays, en minuscules : sn / name of the country's folder, in small letters: sn
    pub code: String,
    /// Dossier de mécanismes où écrire / folder of mechanisms to write in
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// Nom du pays en français ; sinon celui des faits / the country's name in French; else that of the facts
    #[arg(long, value_name = "NOM")]
    pub name_fr: Option<String>,
    /// Nom du pays en anglais / the country's name in English
    #[arg(long, value_name = "NAME")]
    pub name_en: Option<String>,
    /// Code ISO 3166-1 du pays ; sinon le nom du dossier, s’il a deux lettres / ISO 3166-1 code; else the folder's name, if it has two letters
    #[arg(long, value_name = "CODE")]
    pub country_code: Option<String>,
    /// Modèle régional à copier : celui du programme, ou un dossier de mécanismes / regional model to copy: the program's, or a folder of mechanisms
    #[arg(long, value_name = "regional|DIR")]
    pub from: Option<String>,
    /// Ce que le pays a en propre (TOML) / what the country has of its own (TOML)
    #[arg(long, value_name = "FILE")]
    pub facts: Option<PathBuf>,
    /// Fuseau horaire : Africa/Dakar / time zone: Africa/Dakar
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// Minutes à l’est de Greenwich, toute l’année / minutes east of Greenwich, all year
    #[arg(long, value_name = "MINUTES", allow_hyphen_values = true)]
    pub utc_offset: Option<i32>,
    /// Code ISO 4217 de la monnaie / ISO 4217 code of the currency
    #[arg(long, value_name = "CODE")]
    pub currency: Option<String>,
    /// Indicatif du pays, sans + / country calling code, without +
    #[arg(long, value_name = "DIGITS")]
    pub phone_country: Option<String>,
    /// Numéro national où l’on répond à une urgence / national number where an emergency is answered
    #[arg(long, value_name = "NUMBER")]
    pub fallback: Option<String>,
}

/// `documents …`
#[derive(Debug, Subcommand)]
pub enum Documents {
    /// Lister les documents et les fiches / list the documents and the forms
    List(DocumentSource),
    /// Écrire un document ou une fiche vide, dans la langue de --lang / write a document or an empty form, in the language of --lang
    Render(Render),
    /// Dessiner le parcours d’un référencement / draw the pathway of a referral
    Draw(Draw),
    /// Dire ce qui diffère dans un document entre deux versions / say what differs in a document between two versions
    Diff(DocumentDiff),
}

/// Which mechanism documents are made from.
#[derive(Debug, Clone, Args)]
pub struct DocumentSource {
    /// La version adoptée par ce déploiement, au lieu des fichiers ; un document dit alors ce que le déploiement contient
    /// / the version that this deployment has adopted, instead of the files; a document then says what it holds
    #[arg(long, conflicts_with = "dir")]
    pub adopted: bool,
    /// The files.
    #[command(flatten)]
    pub layer: Layer,
}

/// `documents render`
#[derive(Debug, Args)]
pub struct Render {
    /// Le code, comme « list » le donne / the code, as "list" gives it
    pub code: String,
    /// Le fichier à écrire ; il ne remplace aucun autre / the file to write; it replaces no other
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub file: PathBuf,
    /// Format : html, docx, pdf ; sinon d’après le nom du fichier / else by the name of the file
    #[arg(long = "as", value_name = "FORMAT")]
    pub form: Option<String>,
    /// The mechanism.
    #[command(flatten)]
    pub source: DocumentSource,
}

/// `documents draw`
#[derive(Debug, Args)]
pub struct Draw {
    /// Le fichier à écrire ; il ne remplace aucun autre ; sans lui, la sortie standard / the file to write; it replaces
    /// no other; without it, standard output
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Format : svg (affiche A3), bpmn ; sinon d’après le nom du fichier / svg (A3 poster), bpmn; else by the name of
    /// the file
    #[arg(long = "as", value_name = "FORMAT")]
    pub form: Option<String>,
    /// The mechanism.
    #[command(flatten)]
    pub source: DocumentSource,
}

/// `documents diff`
#[derive(Debug, Args)]
pub struct DocumentDiff {
    /// Le code, comme « list » le donne / the code, as "list" gives it
    pub code: String,
    /// De : le début de l’empreinte d’une version adoptée, un pays du programme ou DOSSIER:PAYS / from: the beginning of
    /// the hash of an adopted version, a country of the program or DIR:COUNTRY
    #[arg(long, value_name = "VERSION")]
    pub from: String,
    /// À, de même / to, in the same way
    #[arg(long, value_name = "VERSION")]
    pub to: String,
    /// Le fichier à écrire (HTML) ; il ne remplace aucun autre ; sans lui, la sortie standard / the file to write (HTML);
    /// it replaces no other; without it, standard output
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// Where a mechanism comes from.
#[derive(Debug, Clone, Args)]
pub struct Layer {
    /// Dossier de mécanismes, au lieu de celui du programme / folder of mechanisms instead of the built-in one
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Pays / country
    #[arg(long, default_value = "cameroon")]
    pub country: String,
}
