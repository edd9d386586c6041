//! One edition of the Regulation as data: its texts in four languages, its choices and its limits.

use crate::custody::{CheckKind, Level};
use crate::encounter::Language;
use crate::law::Law;
use crate::say::{self, SayCard};
use serde::Deserialize;

/// The edition shipped with the program: Resolution No. 399 of 22 July 2022.
const RESOLUTION_399: &str = include_str!("../editions/399-2022-07-22.toml");
/// … and the text of the Regulation annexed to it.
const RESOLUTION_399_TEXT: &str = include_str!("../editions/399-2022-07-22.text.toml");

/// Characters of [`ReceiptWords::complain`], and of a ground's title: both stand in the citizen's
/// receipt, which is one code on a screen.
pub const COMPLAIN_CHARS: usize = 160;
pub const GROUND_TITLE_CHARS: usize = 80;

/// An edition of the Regulation. Texts are the Regulation's own words and their renderings; limits
/// are the ministry's where the text is silent.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edition {
    /// e.g. `399-2022-07-22`; stamped on every event.
    pub id: String,
    pub title: Text,
    /// The whole text, from a file of its own; empty until [`Edition::with_law`].
    #[serde(skip)]
    pub law: Law,
    pub limits: Limits,
    /// §8: the grounds on which a person may be stopped, in the order of the text.
    pub grounds: Vec<Choice>,
    /// §12: why a fingerprint may be impossible.
    pub no_fingerprint_reasons: Vec<NoFingerprintReason>,
    /// §9: the cases in which a citizen without documents is taken to the station.
    pub station_cases: Vec<StationCase>,
    /// §12: what the officer says to introduce themselves. `{rank}`, `{name}`, `{unit}` stand for
    /// the officer's own.
    pub words_introduce: Text,
    /// §8: what the officer says to explain. `{ground}` stands for the ground's plain words.
    pub words_explain: Text,
    /// What else is said to the person, after these.
    pub say: Vec<SayCard>,
    /// §12: short reminders, by the step they belong to.
    pub reminders: Vec<Reminder>,
    /// What the citizen's receipt of a stop says, in the citizen's language.
    pub receipt: ReceiptWords,
    /// §20: what the bodycam may be paused for.
    pub pause_reasons: Vec<Named>,
    /// §21: what may be wrong with a bodycam.
    pub camera_faults: Vec<Named>,
    /// How full its battery may be said to be, the fullest first.
    pub camera_battery: Vec<BatteryStep>,
    /// §32: what may record in its stead.
    pub recording_devices: Vec<Named>,
    /// §32: those of [`Edition::recording_devices`] that may be somebody's own.
    pub private_devices: Vec<String>,
    /// §17: how it is worn, to be confirmed.
    pub camera_worn: Text,
    pub camera_labels: CameraLabels,
    /// §22: what is reported, in the order of the text.
    pub incident_kinds: Vec<Named>,
    /// §22, §26: kinds of offence, by which reports and recordings are told apart.
    pub offence_classes: Vec<Named>,
}

/// The citizen's receipt of a stop: its heading, what its lines are called, and how to complain.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptWords {
    pub title: Text,
    /// Who stopped.
    pub officer: Text,
    pub unit: Text,
    pub place: Text,
    pub time: Text,
    pub ground: Text,
    /// By which a complaint names the stop.
    pub number: Text,
    pub complaint: Text,
    /// Where and how; at most [`COMPLAIN_CHARS`].
    pub complain: Text,
}

impl ReceiptWords {
    fn texts(&self) -> [&Text; 9] {
        [
            &self.title,
            &self.officer,
            &self.unit,
            &self.place,
            &self.time,
            &self.ground,
            &self.number,
            &self.complaint,
            &self.complain,
        ]
    }
}

/// §17: what stands on a bodycam, in the text's own words.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CameraLabels {
    /// In the state language.
    pub uz: String,
    pub ru: String,
    pub en: String,
}

/// One thing to choose from, by a few words.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    pub id: String,
    pub title: Text,
}

/// How full a battery is, in a word: from so many percent up to the step before.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatteryStep {
    pub id: String,
    pub from_percent: u8,
    pub title: Text,
}

/// One text in the four languages of the product.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    #[serde(rename = "uz-Cyrl")]
    pub uz_cyrl: String,
    #[serde(rename = "uz-Latn")]
    pub uz_latn: String,
    pub ru: String,
    pub en: String,
}

impl Text {
    /// The text in one language.
    #[must_use]
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::UzbekCyrillic => &self.uz_cyrl,
            Language::UzbekLatin => &self.uz_latn,
            Language::Russian => &self.ru,
            Language::English => &self.en,
        }
    }
}

/// One thing to choose from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    pub id: String,
    /// A few words, for a card's heading.
    pub title: Text,
    /// The Regulation's words.
    pub detail: Text,
}

/// §12: why a fingerprint is not possible; opens the way to the face.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoFingerprintReason {
    pub id: String,
    pub title: Text,
    /// Marked for review by a leader (a refusal: the text speaks of impossibility).
    #[serde(default)]
    pub review: bool,
    /// What the encounter must show for the reason to fit.
    #[serde(default)]
    pub needs: ReasonNeeds,
    /// When the page chooses it by itself; the officer may choose another.
    #[serde(default)]
    pub proposed: Option<Proposed>,
}

/// When a reason for no fingerprint shows by itself (§12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proposed {
    /// All fingers are noted as missing or injured.
    NoFingerLeft,
    /// So many captures failed, or for so long, that [`ReasonNeeds::FailedAttempts`] holds.
    CapturesFailed,
}

/// What the encounter must show for a reason to fit; one that does not fit is flagged (§12).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonNeeds {
    #[default]
    Nothing,
    /// As many failed attempts as [`Limits::fingerprint_attempts`], or failed ones for as long as
    /// [`Limits::fingerprint_seconds`]; a print that central could not use is one.
    FailedAttempts,
    /// A fingerprint question whose whole gallery answered and that still established nobody.
    NoMatch,
    /// A note that says what the reason is.
    Note,
}

/// §9: a case in which a citizen without documents is taken to the station.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StationCase {
    pub id: String,
    pub title: Text,
    pub detail: Text,
    pub fits: CaseFits,
}

/// What the encounter must show for a case of §9.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseFits {
    CannotIdentify,
    WantedOrMissing,
    Resisted,
    CaughtOffending,
}

/// §12: a short reminder.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reminder {
    /// Page it belongs to: `introduce`, `ground`, `document`, `fingerprint`.
    pub step: String,
    pub text: Text,
}

/// Numbers of the edition; the edition file says of each whether the text or the ministry sets it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// §9: seconds after which a pending question may be called "cannot identify".
    pub pending_limit_seconds: u64,
    /// Seconds after which an unanswered question is no longer looked up.
    pub question_expires_seconds: u64,
    /// §12: failed captures after which "quality" is a reason for no fingerprint.
    pub fingerprint_attempts: u32,
    /// §12: captures of one finger that fail before another one is proposed.
    pub fingerprint_same_finger: u32,
    /// §5, §12: seconds from the first failed capture after which going on is proposed.
    pub fingerprint_seconds: u64,
    /// Seconds that the scanner waits for a finger.
    pub capture_timeout_seconds: u64,
    /// Lowest quality (0..=100) that is sent without asking.
    pub fingerprint_quality: u8,
    /// Characters of a text that the officer types.
    pub text_chars: usize,
    /// Days for which central keeps a probe after its answer (§3; the text is silent).
    pub probe_retention_days: u32,
    /// Offset of local time from UTC, minutes.
    pub utc_offset_minutes: i32,
    /// §20: longest pause, minutes.
    pub pause_minutes: u16,
    /// §18, §19: minutes from switching off to handing back that are no gap yet.
    pub camera_off_minutes: u64,
    /// Lowest battery of a bodycam to be issued, percent.
    pub camera_battery_percent: u8,
    /// §18: hours for which a bodycam that is still held is carried over into another session.
    pub camera_carried_hours: u64,
    /// §19: minutes that the dock may lack of what was on by the log, or have beyond it.
    pub dock_minutes: u64,
    /// §32: days within which a recording by other means is to be handed over.
    pub other_means_days: u64,
    /// §22: characters of an incident report's text.
    pub report_chars: usize,
    /// §22: minutes before an incident whose recordings are held with it.
    pub incident_before_minutes: u64,
    /// Minutes after which a desk is told that a tablet on duty is not heard of, or that something it
    /// recorded does not come.
    pub tablet_silent_minutes: u64,
    /// §31: photos of a tablet's condition, from one hand-over to the next.
    pub condition_photos: usize,
    /// §22: photos of an incident, of its report and of what is added together.
    pub incident_photos: usize,
    /// Longer side of a photo, pixels, and the quality of its JPEG, 1 to 100.
    pub photo_side: u32,
    pub photo_quality: u8,
    /// §13: when a tablet is fit for duty.
    pub readiness: ReadinessLimits,
}

/// §13: numbers beyond which a check of a tablet wants attention, and is not ready.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadinessLimits {
    /// Percent of the tablet's battery; less is worse.
    pub battery_percent: Bound,
    /// MiB free; less is worse.
    pub storage_mib: Bound,
    /// Seconds between the tablet's clock and central's; more is worse.
    pub clock_seconds: Bound,
    /// Days that the certificate holds; less is worse.
    pub certificate_days: Bound,
    /// Minutes that the lease holds; less is worse.
    pub lease_minutes: Bound,
    /// Events that wait; more is worse.
    pub queue_events: Bound,
    /// Of a tablet that has no camera, and of one whose camera gives no picture.
    pub no_camera: Level,
    pub camera_fault: Level,
}

/// Where a number begins to want attention, and where it is not ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    pub attention: i64,
    pub not_ready: i64,
}

impl ReadinessLimits {
    /// The level of `value`; of a kind that has no numbers, ready.
    #[must_use]
    pub fn level(&self, kind: CheckKind, value: i64) -> Level {
        let (bound, more_is_worse) = match kind {
            CheckKind::Battery => (self.battery_percent, false),
            CheckKind::Storage => (self.storage_mib, false),
            CheckKind::Clock => (self.clock_seconds, true),
            CheckKind::Certificate => (self.certificate_days, false),
            CheckKind::Lease => (self.lease_minutes, false),
            CheckKind::Queue => (self.queue_events, true),
            CheckKind::Scanner
            | CheckKind::Camera
            | CheckKind::Connection
            | CheckKind::Version
            | CheckKind::Other => return Level::Ready,
        };
        let beyond = |limit: i64| {
            if more_is_worse {
                value > limit
            } else {
                value < limit
            }
        };
        if beyond(bound.not_ready) {
            Level::NotReady
        } else if beyond(bound.attention) {
            Level::Attention
        } else {
            Level::Ready
        }
    }

    /// What is not ready wants attention as well.
    fn is_sound(&self) -> bool {
        let less = [
            self.battery_percent,
            self.storage_mib,
            self.certificate_days,
            self.lease_minutes,
        ];
        let more = [self.clock_seconds, self.queue_events];
        less.iter().all(|b| b.not_ready <= b.attention)
            && more.iter().all(|b| b.not_ready >= b.attention)
    }
}

impl Limits {
    /// [`Limits::pending_limit_seconds`] in milliseconds (§9).
    #[must_use]
    pub fn pending_limit_ms(&self) -> u64 {
        self.pending_limit_seconds.saturating_mul(1000)
    }

    /// Whether a typed text is no longer than [`Limits::text_chars`].
    #[must_use]
    pub fn hold(&self, text: &str) -> bool {
        text.chars().count() <= self.text_chars
    }

    /// A limit of nothing would switch off what it limits: no waiting (§9), no attempt (§12).
    fn check(&self) -> Result<(), EditionError> {
        let sound = self.pending_limit_seconds > 0
            && self.question_expires_seconds >= self.pending_limit_seconds
            && self.fingerprint_attempts > 0
            && self.fingerprint_same_finger > 0
            && self.fingerprint_seconds > 0
            && self.capture_timeout_seconds > 0
            && self.fingerprint_quality <= 100
            && self.text_chars > 0
            && self.utc_offset_minutes.abs() <= 14 * 60
            && self.pause_minutes > 0
            && self.camera_battery_percent <= 100
            && self.camera_carried_hours > 0
            && self.dock_minutes > 0
            && self.other_means_days > 0
            && self.report_chars > 0
            && self.tablet_silent_minutes > 0
            && (640..=4096).contains(&self.photo_side)
            && (1..=100).contains(&self.photo_quality)
            && self.readiness.is_sound();
        if sound {
            Ok(())
        } else {
            Err(EditionError::Incomplete("a limit makes no sense"))
        }
    }
}

/// Why an edition file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum EditionError {
    #[error("the edition file cannot be read: {0}")]
    Unreadable(#[from] toml::de::Error),
    #[error("the edition file is incomplete: {0}")]
    Incomplete(&'static str),
}

impl Edition {
    /// The edition shipped with the program.
    ///
    /// # Errors
    /// None for the shipped files; a test parses them.
    pub fn shipped() -> Result<Self, EditionError> {
        Self::parse(RESOLUTION_399)?.with_law(RESOLUTION_399_TEXT)
    }

    /// The same, with the text of its paragraphs out of its own file (TOML).
    ///
    /// # Errors
    /// As [`Law::parse`]; or it is the text of another edition.
    pub fn with_law(mut self, text: &str) -> Result<Self, EditionError> {
        let law = Law::parse(text)?;
        if law.edition != self.id {
            return Err(EditionError::Incomplete("the text is of another edition"));
        }
        self.law = law;
        Ok(self)
    }

    /// Reads and checks an edition file (TOML).
    ///
    /// # Errors
    /// The file is malformed, a list or text is empty, an id stands twice, words to say lack a
    /// placeholder, or a limit makes no sense.
    pub fn parse(text: &str) -> Result<Self, EditionError> {
        let edition: Self = toml::from_str(text)?;
        edition.check()?;
        Ok(edition)
    }

    fn check(&self) -> Result<(), EditionError> {
        if self.grounds.is_empty()
            || self.no_fingerprint_reasons.is_empty()
            || self.station_cases.is_empty()
            || self.named().any(<[Named]>::is_empty)
        {
            return Err(EditionError::Incomplete("a list is empty"));
        }
        for ids in [
            self.grounds
                .iter()
                .map(|c| c.id.as_str())
                .collect::<Vec<_>>(),
            self.no_fingerprint_reasons
                .iter()
                .map(|c| c.id.as_str())
                .collect(),
            self.station_cases.iter().map(|c| c.id.as_str()).collect(),
            self.camera_battery.iter().map(|b| b.id.as_str()).collect(),
        ]
        .into_iter()
        .chain(
            self.named()
                .map(|list| list.iter().map(|n| n.id.as_str()).collect()),
        ) {
            let unique: std::collections::BTreeSet<_> = ids.iter().collect();
            if unique.len() != ids.len() {
                return Err(EditionError::Incomplete("an id stands twice"));
            }
        }
        let texts = self
            .grounds
            .iter()
            .flat_map(|c| [&c.title, &c.detail])
            .chain(self.no_fingerprint_reasons.iter().map(|r| &r.title))
            .chain(
                self.station_cases
                    .iter()
                    .flat_map(|c| [&c.title, &c.detail]),
            )
            .chain(self.reminders.iter().map(|r| &r.text))
            .chain(self.camera_battery.iter().map(|b| &b.title))
            .chain(self.named().flatten().map(|n| &n.title))
            .chain(self.receipt.texts())
            .chain([
                &self.title,
                &self.words_introduce,
                &self.words_explain,
                &self.camera_worn,
            ]);
        for text in texts {
            if Language::ALL.iter().any(|l| text.get(*l).trim().is_empty()) {
                return Err(EditionError::Incomplete("a text is empty"));
            }
        }
        say::check(&self.say)?;
        self.check_battery()?;
        self.check_receipt()?;
        if !self
            .private_devices
            .iter()
            .all(|id| self.recording_device(id).is_some())
        {
            return Err(EditionError::Incomplete("a private device is none"));
        }
        let words = [
            (
                &self.words_introduce,
                ["{rank}", "{name}", "{unit}"].as_slice(),
            ),
            (&self.words_explain, ["{ground}"].as_slice()),
        ];
        for (text, placeholders) in words {
            let lacks = |l: &Language| placeholders.iter().any(|p| !text.get(*l).contains(p));
            if Language::ALL.iter().any(lacks) {
                return Err(EditionError::Incomplete("words to say lack a placeholder"));
            }
        }
        let labels = &self.camera_labels;
        if [&labels.uz, &labels.ru, &labels.en]
            .into_iter()
            .any(|label| label.trim().is_empty())
        {
            return Err(EditionError::Incomplete("a text is empty"));
        }
        self.limits.check()
    }

    /// What a receipt says of the edition fits into it.
    fn check_receipt(&self) -> Result<(), EditionError> {
        let within = |text: &Text, most: usize| {
            Language::ALL
                .iter()
                .all(|l| text.get(*l).chars().count() <= most)
        };
        let titles = self.grounds.iter().map(|ground| &ground.title);
        if within(&self.receipt.complain, COMPLAIN_CHARS)
            && titles
                .into_iter()
                .all(|title| within(title, GROUND_TITLE_CHARS))
        {
            Ok(())
        } else {
            Err(EditionError::Incomplete("a text is too long for a receipt"))
        }
    }

    /// The fullest step is good enough to be issued, and the last one is down to nothing.
    fn check_battery(&self) -> Result<(), EditionError> {
        let steps = &self.camera_battery;
        let falls = steps
            .iter()
            .zip(steps.iter().skip(1))
            .all(|(fuller, next)| fuller.from_percent > next.from_percent);
        let issued = self.limits.camera_battery_percent..=100;
        let full = steps
            .first()
            .is_some_and(|s| issued.contains(&s.from_percent));
        let empty = steps.last().is_some_and(|step| step.from_percent == 0);
        if falls && full && empty {
            Ok(())
        } else {
            Err(EditionError::Incomplete("steps of a battery make no sense"))
        }
    }

    fn named(&self) -> impl Iterator<Item = &[Named]> {
        [
            &self.pause_reasons,
            &self.camera_faults,
            &self.recording_devices,
            &self.incident_kinds,
            &self.offence_classes,
        ]
        .into_iter()
        .map(Vec::as_slice)
    }

    /// §20: the reason with this id.
    #[must_use]
    pub fn pause_reason(&self, id: &str) -> Option<&Named> {
        self.pause_reasons.iter().find(|r| r.id == id)
    }

    /// §21: the fault with this id.
    #[must_use]
    pub fn camera_fault(&self, id: &str) -> Option<&Named> {
        self.camera_faults.iter().find(|f| f.id == id)
    }

    /// The step of a bodycam's battery with this id.
    #[must_use]
    pub fn camera_battery_step(&self, id: &str) -> Option<&BatteryStep> {
        self.camera_battery.iter().find(|step| step.id == id)
    }

    /// §32: whether a recording of this device, of this owner, lies on something private, from which
    /// it is to be deleted once it is handed over.
    #[must_use]
    pub fn is_private(&self, device: &str, owner: crate::bodycam::DeviceOwner) -> bool {
        owner != crate::bodycam::DeviceOwner::Service
            && self.private_devices.iter().any(|id| id == device)
    }

    /// §32: the device with this id.
    #[must_use]
    pub fn recording_device(&self, id: &str) -> Option<&Named> {
        self.recording_devices.iter().find(|d| d.id == id)
    }

    /// §22: the kind of incident with this id.
    #[must_use]
    pub fn incident_kind(&self, id: &str) -> Option<&Named> {
        self.incident_kinds.iter().find(|k| k.id == id)
    }

    /// §22: the kind of offence with this id.
    #[must_use]
    pub fn offence_class(&self, id: &str) -> Option<&Named> {
        self.offence_classes.iter().find(|c| c.id == id)
    }

    /// §8: the ground with this id.
    #[must_use]
    pub fn ground(&self, id: &str) -> Option<&Choice> {
        self.grounds.iter().find(|g| g.id == id)
    }

    /// §12: the reason with this id.
    #[must_use]
    pub fn no_fingerprint_reason(&self, id: &str) -> Option<&NoFingerprintReason> {
        self.no_fingerprint_reasons.iter().find(|r| r.id == id)
    }

    /// §9: the case with this id.
    #[must_use]
    pub fn station_case(&self, id: &str) -> Option<&StationCase> {
        self.station_cases.iter().find(|c| c.id == id)
    }
}
