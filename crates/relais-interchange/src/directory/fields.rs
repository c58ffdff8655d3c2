//! The fields of the directory's table: one line each, with its heading in
//! both languages. A workbook of ours is read back by these headings.

use relais_mechanism::{Lang, closed_enum};

closed_enum! {
    /// What a column of the table holds.
    Field {
        /// Code of the organisation.
        OrganisationCode = "organisation_code",
        /// Name of the organisation, French.
        OrganisationFr = "organisation_fr",
        /// Name of the organisation, English.
        OrganisationEn = "organisation_en",
        /// Type of organisation.
        Kind = "kind",
        /// Code of the supervising body.
        Parent = "parent",
        /// Category of the service; said, never read back.
        Category = "category",
        /// Code of the service type.
        ServiceType = "service_type",
        /// Name of the service type; read where there is no code.
        ServiceTypeName = "service_type_name",
        /// Name of the service, French.
        NameFr = "name_fr",
        /// Name of the service, English.
        NameEn = "name_en",
        /// Name of the place.
        Place = "place",
        /// Region of the place.
        Region = "region",
        /// Department of the place.
        Department = "department",
        /// Subdivision of the place.
        Subdivision = "subdivision",
        /// Town or quarter.
        Town = "town",
        /// Latitude.
        Latitude = "latitude",
        /// Longitude.
        Longitude = "longitude",
        /// Area served.
        Served = "served_area",
        /// How it is offered.
        Modes = "modes",
        /// For whom.
        Targets = "targets",
        /// What the person pays.
        Cost = "cost",
        /// Opening hours, in words.
        Hours = "opening_hours",
        /// Languages spoken.
        Languages = "languages",
        /// Somebody answers day and night.
        OnCall = "on_call",
        /// A telephone number; there are several columns of it.
        Telephone = "telephone",
        /// Who answers there.
        TelephoneWho = "telephone_who",
        /// When somebody answers there.
        TelephoneHours = "telephone_hours",
        /// How to refer, French.
        HowFr = "how_to_refer_fr",
        /// How to refer, English.
        HowEn = "how_to_refer_en",
        /// Persons a month.
        PerMonth = "capacity_per_month",
        /// Places free.
        Available = "places_available",
        /// When that was said.
        AssessedOn = "places_assessed_on",
        /// When the entry was last confirmed.
        ConfirmedOn = "confirmed_on",
        /// When the steering committee ratified it as it stands; said, never read
        /// back: no file ratifies anything.
        RatifiedOn = "ratified_on",
        /// Codes of the programmes that pay for it.
        Programmes = "programme",
        /// The last day of each of them.
        FundingUntil = "funding_until",
        /// Who gives the money of each.
        Donors = "programme_donors",
        /// Region of the organisation's seat.
        SeatRegion = "seat_region",
        /// Department of the organisation's seat.
        SeatDepartment = "seat_department",
        /// Switchboard of the organisation.
        OrganisationTelephone = "organisation_telephone",
        /// Its e-mail address.
        Email = "email",
        /// Whether it is an organ of the State.
        StateBody = "state_body",
        /// Whether the department was estimated.
        Estimated = "department_estimated",
        /// Whether the service was made for a demonstration.
        Demonstration = "demonstration",
        /// Whether the organisation was.
        OrganisationDemonstration = "organisation_demonstration",
        /// Name of each programme, French.
        ProgrammeFr = "programme_fr",
        /// Name of each programme, English.
        ProgrammeEn = "programme_en",
        /// Code of the organisation that carries each programme.
        ProgrammeCarrier = "programme_carrier",
        /// The first day of each programme.
        FundingFrom = "funding_from",
        /// Whether each programme was made for a demonstration.
        ProgrammeDemonstration = "programme_demonstration",
        /// Source of the organisation.
        OrganisationSource = "organisation_source",
        /// Its key there.
        OrganisationKey = "organisation_source_key",
        /// Source of the service.
        Source = "source",
        /// Its key there.
        SourceKey = "source_key",
        /// Id of the organisation.
        OrganisationId = "organisation_id",
        /// Id of the place.
        PlaceId = "place_id",
        /// Id of the service.
        ServiceId = "service_id",
    }
}

/// Of which entry a field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// The organisation.
    Organisation,
    /// The place.
    Place,
    /// The service.
    Service,
}

impl Field {
    /// The heading of its column.
    #[must_use]
    pub const fn heading(self, lang: Lang) -> &'static str {
        let (fr, en, _) = self.told();
        match lang {
            Lang::Fr => fr,
            Lang::En => en,
        }
    }

    /// Width of its column, in characters.
    #[must_use]
    pub const fn width(self) -> u16 {
        self.told().2
    }

    const fn told(self) -> (&'static str, &'static str, u16) {
        match self {
            Self::OrganisationCode => ("Code de l’organisation", "Organisation code", 16),
            Self::OrganisationFr => ("Organisation (français)", "Organisation (French)", 40),
            Self::OrganisationEn => ("Organisation (anglais)", "Organisation (English)", 40),
            Self::Kind => ("Type d’organisation", "Type of organisation", 26),
            Self::Parent => ("Code de la tutelle", "Code of the supervising body", 16),
            Self::Category => ("Catégorie", "Category", 26),
            Self::ServiceType => ("Code du service", "Service code", 11),
            Self::ServiceTypeName => ("Type de service", "Type of service", 34),
            Self::NameFr => ("Nom du service (français)", "Name of the service (French)", 40),
            Self::NameEn => ("Nom du service (anglais)", "Name of the service (English)", 40),
            Self::Place => ("Lieu", "Place", 34),
            Self::Region => ("Région", "Region", 16),
            Self::Department => ("Département", "Department", 18),
            Self::Subdivision => ("Arrondissement", "Subdivision", 18),
            Self::Town => ("Ville ou quartier", "Town or quarter", 20),
            Self::Latitude => ("Latitude", "Latitude", 11),
            Self::Longitude => ("Longitude", "Longitude", 11),
            Self::Served => ("Zone desservie", "Area served", 26),
            Self::Modes => ("Mode", "Mode", 16),
            Self::Targets => ("Public accueilli", "For whom", 26),
            Self::Cost => ("Coût pour la personne", "Cost to the person", 22),
            Self::Hours => ("Heures d’ouverture", "Opening hours", 24),
            Self::Languages => ("Langues", "Languages", 20),
            Self::OnCall => ("Astreinte jour et nuit", "On call day and night", 12),
            Self::Telephone => ("Téléphone", "Telephone", 20),
            Self::TelephoneWho => ("Qui répond", "Who answers", 24),
            Self::TelephoneHours => ("Quand", "When", 18),
            Self::HowFr => ("Comment référer (français)", "How to refer (French)", 40),
            Self::HowEn => ("Comment référer (anglais)", "How to refer (English)", 40),
            Self::PerMonth => ("Personnes par mois", "Persons a month", 11),
            Self::Available => ("Places libres", "Places free", 9),
            Self::AssessedOn => ("Places libres, dit le", "Places free, said on", 13),
            Self::ConfirmedOn => ("Fiche confirmée le", "Entry confirmed on", 13),
            Self::RatifiedOn => ("Ratifiée par le comité le", "Ratified by the committee on", 13),
            Self::Programmes => ("Programmes", "Programmes", 20),
            Self::FundingUntil => ("Financement jusqu’au", "Funded until", 13),
            Self::Donors => ("Bailleurs", "Donors", 26),
            Self::ProgrammeFr => ("Programmes (français)", "Programmes (French)", 30),
            Self::ProgrammeEn => ("Programmes (anglais)", "Programmes (English)", 30),
            Self::ProgrammeCarrier => ("Porteur du programme", "Carrier of the programme", 16),
            Self::FundingFrom => ("Financement depuis", "Funded from", 13),
            Self::ProgrammeDemonstration => ("Programme de démonstration", "Demonstration programme", 9),
            Self::SeatRegion => ("Région du siège", "Region of the seat", 16),
            Self::SeatDepartment => ("Département du siège", "Department of the seat", 18),
            Self::OrganisationTelephone => ("Standard de l’organisation", "Switchboard of the organisation", 20),
            Self::Email => ("Courriel de l’organisation", "E-mail of the organisation", 26),
            Self::StateBody => ("Organe de l’État", "Organ of the State", 9),
            Self::Estimated => ("Département estimé", "Department estimated", 9),
            Self::Demonstration => ("Démonstration", "Demonstration", 9),
            Self::OrganisationDemonstration => ("Organisation de démonstration", "Demonstration organisation", 9),
            Self::OrganisationSource => ("Source de l’organisation", "Source of the organisation", 16),
            Self::OrganisationKey => (
                "Clé de l’organisation dans la source",
                "Key of the organisation in the source",
                16,
            ),
            Self::Source => ("Source du service", "Source of the service", 16),
            Self::SourceKey => ("Clé du service dans la source", "Key of the service in the source", 16),
            Self::OrganisationId => ("Identifiant de l’organisation", "Id of the organisation", 12),
            Self::PlaceId => ("Identifiant du lieu", "Id of the place", 12),
            Self::ServiceId => ("Identifiant du service", "Id of the service", 12),
        }
    }

    /// Of which entry it is.
    #[must_use]
    pub const fn of(self) -> Of {
        match self {
            Self::OrganisationCode
            | Self::OrganisationFr
            | Self::OrganisationEn
            | Self::Kind
            | Self::Parent
            | Self::SeatRegion
            | Self::SeatDepartment
            | Self::OrganisationTelephone
            | Self::Email
            | Self::StateBody
            | Self::OrganisationDemonstration
            | Self::OrganisationSource
            | Self::OrganisationKey
            | Self::OrganisationId => Of::Organisation,
            Self::Place
            | Self::Region
            | Self::Department
            | Self::Subdivision
            | Self::Town
            | Self::Latitude
            | Self::Longitude
            | Self::Estimated
            | Self::PlaceId => Of::Place,
            _ => Of::Service,
        }
    }

    /// Whether there are several columns of it, one for each telephone.
    #[must_use]
    pub const fn repeats(self) -> bool {
        matches!(self, Self::Telephone | Self::TelephoneWho | Self::TelephoneHours)
    }
}

/// A column: a field, and which of its columns, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Column {
    /// What it holds.
    pub field: Field,
    /// Which one of a field that repeats, from 0.
    pub number: u8,
}

/// Most telephones of a service in a table.
pub const MOST_TELEPHONES: u8 = 9;

impl Column {
    /// The only column of a field.
    #[must_use]
    pub const fn of(field: Field) -> Self {
        Self { field, number: 0 }
    }

    /// The heading.
    #[must_use]
    pub fn heading(self, lang: Lang) -> String {
        let heading = self.field.heading(lang);
        if self.field.repeats() {
            format!("{heading} {}", self.number + 1)
        } else {
            heading.to_owned()
        }
    }

    /// The code, as a mapping names the column: "telephone_2".
    #[must_use]
    pub fn code(self) -> String {
        if self.field.repeats() {
            format!("{}_{}", self.field, self.number + 1)
        } else {
            self.field.code().to_owned()
        }
    }

    /// Every column of a table with so many telephones.
    #[must_use]
    pub fn all(telephones: u8) -> Vec<Self> {
        let mut columns = Vec::new();
        for field in Field::ALL {
            match field {
                Field::Telephone => {
                    for number in 0..telephones {
                        for field in [Field::Telephone, Field::TelephoneWho, Field::TelephoneHours] {
                            columns.push(Self { field, number });
                        }
                    }
                }
                Field::TelephoneWho | Field::TelephoneHours => {}
                field => columns.push(Self::of(*field)),
            }
        }
        columns
    }
}
