//! Identifiers of the procedure. Random (UUID version 4), made by whoever creates the thing.

/// Declares an identifier: a newtype of a random UUID, written as one.
#[macro_export]
macro_rules! random_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone,
            Copy,
            Debug,
            PartialEq,
            Eq,
            Hash,
            PartialOrd,
            Ord,
            ::serde::Serialize,
            ::serde::Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub ::uuid::Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = ::uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map($name)
            }
        }
    };
}

random_id! {
    /// One encounter between an officer and a citizen.
    EncounterId
}
random_id! {
    /// One question "who is this?" asked inside one encounter.
    QuestionId
}
random_id! {
    /// An officer, as central knows them.
    OfficerId
}
random_id! {
    /// One pause of a bodycam, from its request on (§20).
    PauseId
}
random_id! {
    /// One fault of a bodycam, from its report on (§21).
    FaultId
}
random_id! {
    /// One recording by other means than the bodycam (§32).
    MeansId
}
random_id! {
    /// One holding of a tablet, from its taking over on (§16).
    CustodyId
}
random_id! {
    /// One incident that is reported (§22).
    IncidentId
}
random_id! {
    /// A capture too large for an event (a photo, a recording): the name of its file.
    CaptureId
}
