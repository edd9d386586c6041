//! A training put together: a central of its own, one tablet with emulated devices, and the guide between
//! its worker and its screen.

use crate::cast::{self, Trainee};
use crate::guide::{self, Ends};
use crate::outside::Outside;
use crate::place::{Place, PlaceError};
use crate::scenario::ScenarioError;
use crate::words::Words;
use central::Config;
use demo::emulator::{EmulatedCamera, EmulatedScanner};
use demo::stage::StageError;
use demo::tablet_kit::{self, KitError};
use demo::world::{FACE_MODEL, World, WorldError};
use regulation::Edition;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tablet::device::SystemClock;
use tablet::pages::Stamp;
use tablet::worker::{self, Command, Update};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

/// Why there is no training, or why a run of it is no success.
#[derive(Debug, thiserror::Error)]
pub enum TrainingError {
    #[error(transparent)]
    Place(#[from] PlaceError),
    #[error("a situation: {0}")]
    Scenario(#[from] ScenarioError),
    #[error("the sentences: {0}")]
    Words(#[from] toml::de::Error),
    #[error(transparent)]
    World(#[from] WorldError),
    #[error(transparent)]
    Tablet(#[from] KitError),
    #[error(transparent)]
    Edition(#[from] regulation::edition::EditionError),
    #[error("central is stopped")]
    NoCentral,
    #[error(transparent)]
    Stage(#[from] StageError),
    #[error("the machine: {0}")]
    Io(#[from] std::io::Error),
    #[error("{situation}: {what}")]
    Play { situation: String, what: String },
}

/// A central of invented people and the parts of one tablet, not running yet.
pub struct Training {
    /// Central stops with it.
    pub world: World,
    pub tablet: worker::Parts,
    pub guide: guide::Parts,
}

impl std::fmt::Debug for Training {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Training(..)")
    }
}

/// Which course, and for whom.
#[derive(Clone, Debug)]
pub struct Options {
    pub trainee: Trainee,
    /// A course of one's own; `None`: the ten that the program brings.
    pub scenarios: Option<std::path::PathBuf>,
}

impl Training {
    /// Central in `root`, filled if it is new, and its tablet, enrolled if it is new. Runs on the current
    /// runtime.
    ///
    /// # Errors
    /// A part cannot be made, or `root` holds something that is no training.
    pub async fn compose(root: &Path, options: &Options) -> Result<Self, TrainingError> {
        let place = Place::open(root)?;
        let edition = Arc::new(Edition::shipped()?);
        let scenarios = match &options.scenarios {
            Some(dir) => crate::scenario::read(dir, &edition)?,
            None => crate::scenario::shipped(&edition)?,
        };
        let world = start(&place, &options.trainee).await?;
        let central = world.central.as_ref().ok_or(TrainingError::NoCentral)?;
        // Nobody is told "not found" because the gallery is still being read.
        central.gallery_ready().await;
        let archive = central.admin().archive();
        let data = world.enrol("tablet").await?;
        let (scanner, panel) = EmulatedScanner::new();
        let (camera, outside) = EmulatedCamera::new();
        let mut tablet = tablet_kit::parts(&data, scanner.clone())?;
        tablet.camera = camera;
        let guide = guide::Parts {
            scenarios: scenarios.into(),
            edition,
            words: Arc::new(Words::shipped()?),
            outside: Outside {
                cable: world.cable.clone(),
                scanner,
                panel,
                camera: outside,
            },
            archive,
            clock: Arc::new(SystemClock::new()),
            results: place.results(),
        };
        Ok(Self {
            world,
            tablet,
            guide,
        })
    }
}

/// Starts the worker behind a guide; returns its thread.
///
/// # Errors
/// The operating system gives no thread.
pub fn start_behind_guide(
    runtime: &tokio::runtime::Handle,
    guide: guide::Parts,
    tablet: worker::Parts,
    commands: UnboundedReceiver<(Stamp, Command)>,
    updates: UnboundedSender<Update>,
) -> Result<std::thread::JoinHandle<()>, worker::StartError> {
    let _inside = runtime.enter();
    let (commands, updates): Ends = guide::between(guide, commands, updates);
    worker::Worker::spawn(tablet, commands, updates)
}

async fn start(place: &Place, trainee: &Trainee) -> Result<World, WorldError> {
    let dir = place.world();
    let mut config = Config::new(dir.join("central"), SocketAddr::from(([127, 0, 0, 1], 0)));
    config.replica_dir = Some(dir.join("replica"));
    config.training = true;
    // Without it portraits are neither made nor searched.
    config.face_model = Some(FACE_MODEL.into()).filter(|model: &std::path::PathBuf| model.exists());
    let trainee = trainee.clone();
    World::start_filled(&dir, config, move |admin, config| {
        cast::fill(admin, config, &trainee)
    })
    .await
}
