//! A central with invented people, a cable, and the data of one enrolled tablet.

use crate::cable::Cable;
use crate::{people, tablet_kit};
use central::people::portrait::FaceReader;
use central::{Admin, Central, Config, NewOfficer};
use protocol::Role;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tablet::worker::StartError;

/// Where `scripts/models` puts the model of faces, from the repository's root.
pub const FACE_MODEL: &str = "target/models/face_recognition_sface_2021dec.onnx";
/// The demo's officer; shown on the log-in page.
pub const LOGIN: &str = "namuna";
pub const PASSWORD: &str = "namuna-2026";
/// Another officer, for the shift after.
pub const OTHER_LOGIN: &str = "sinov";
pub const OTHER_PASSWORD: &str = "sinov-2026";

/// Why the demo's world could not be made. Each says what failed.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    #[error("central: {0}")]
    Central(String),
    #[error("the network: {0}")]
    Network(#[from] std::io::Error),
    #[error("the tablet: {0}")]
    Tablet(#[from] tablet_kit::KitError),
    #[error("the tablet's worker: {0}")]
    Worker(#[from] StartError),
}

fn central_error(error: impl std::fmt::Display) -> WorldError {
    WorldError::Central(error.to_string())
}

/// A running central, its cable, and where the tablet's data lies.
#[derive(Debug)]
pub struct World {
    pub central: Option<Central>,
    pub cable: Cable,
    config: Config,
    dir: PathBuf,
}

impl World {
    /// Starts a central in `dir` with `people` invented people, if it is not there yet, and two
    /// officers. Runs on the current runtime.
    ///
    /// # Errors
    /// A part cannot be made; says which.
    pub async fn start(dir: &Path, people: u64) -> Result<Self, WorldError> {
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut config = Config::new(dir.join("central"), listen);
        config.replica_dir = Some(dir.join("replica"));
        config.training = true;
        // Without it portraits are neither made nor searched.
        config.face_model = Some(PathBuf::from(FACE_MODEL)).filter(|model| model.exists());
        Self::start_with(dir, config, people).await
    }

    /// As [`World::start`], with a configuration of the caller's making.
    ///
    /// # Errors
    /// A part cannot be made; says which.
    pub async fn start_with(dir: &Path, config: Config, people: u64) -> Result<Self, WorldError> {
        Self::start_filled(dir, config, move |admin, config| {
            fill(admin, config, people)
        })
        .await
    }

    /// As [`World::start_with`], with people and officers of the caller's: `fill` is called at every
    /// start, before central runs.
    ///
    /// # Errors
    /// A part cannot be made, or `fill` fails; says which.
    pub async fn start_filled(
        dir: &Path,
        mut config: Config,
        fill: impl FnOnce(&Admin, &Config) -> Result<(), WorldError> + Send + 'static,
    ) -> Result<Self, WorldError> {
        let filling = config.clone();
        tokio::task::spawn_blocking(move || {
            Central::init(&filling).map_err(central_error)?;
            fill(&Admin::open(&filling).map_err(central_error)?, &filling)
        })
        .await
        .map_err(central_error)??;
        let central = Central::start(config.clone())
            .await
            .map_err(central_error)?;
        // Where it listens now, it listens again after a restart.
        config.listen = central.local_addr();
        let cable = lay_cable(&central, &dir.join("cable.port")).await?;
        Ok(Self {
            central: Some(central),
            cable,
            config,
            dir: dir.to_owned(),
        })
    }

    /// The address that the tablet is told.
    #[must_use]
    pub fn server_url(&self) -> String {
        format!("https://{}", self.cable.address())
    }

    /// Data of tablet `name`.
    #[must_use]
    pub fn tablet_dir(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Enrols tablet `name`, if it is not enrolled yet.
    ///
    /// # Errors
    /// Central or the tablet refuses.
    pub async fn enrol(&self, name: &str) -> Result<PathBuf, WorldError> {
        let data = self.tablet_dir(name);
        if data.join("vault").join("identity").exists() {
            return Ok(data);
        }
        let central = self
            .central
            .as_ref()
            .ok_or_else(|| WorldError::Central("is stopped".into()))?;
        let code = central
            .admin()
            .new_enrolment_code(name)
            .map_err(central_error)?;
        tablet_kit::enrol(&data, &self.server_url(), &central.ca_pem(), &code).await?;
        Ok(data)
    }

    /// Stops central; its port stays known.
    pub async fn stop_central(&mut self) {
        if let Some(central) = self.central.take() {
            central.shutdown().await;
        }
    }

    /// Starts central again on its port.
    ///
    /// # Errors
    /// Central does not start.
    pub async fn start_central(&mut self) -> Result<(), WorldError> {
        if self.central.is_none() {
            self.central = Some(
                Central::start(self.config.clone())
                    .await
                    .map_err(central_error)?,
            );
        }
        Ok(())
    }
}

/// A cable on the port of the run before, since that is where the enrolled tablet looks for
/// central; on any free one the first time.
async fn lay_cable(central: &Central, known: &Path) -> Result<Cable, WorldError> {
    let port = std::fs::read_to_string(known)
        .ok()
        .and_then(|p| p.trim().parse().ok());
    let cable = Cable::new(central.local_addr(), port.unwrap_or(0)).await?;
    std::fs::write(known, cable.address().port().to_string())?;
    Ok(cable)
}

/// People and officers, once.
fn fill(admin: &Admin, config: &Config, count: u64) -> Result<(), WorldError> {
    for (login, password, name, rank) in [
        (LOGIN, PASSWORD, "Намунаев Н. Н.", "Сержант"),
        (
            OTHER_LOGIN,
            OTHER_PASSWORD,
            "Синовов С. С.",
            "Катта сержант",
        ),
    ] {
        // A run before this one may have been stopped half-way.
        if admin.officer_by_login(login).is_ok() {
            continue;
        }
        admin
            .create_officer(NewOfficer {
                login: login.into(),
                password: password.into(),
                name: name.into(),
                rank: rank.into(),
                unit: "4-бўлим".into(),
                role: Role::Patrol,
            })
            .map_err(central_error)?;
    }
    if admin.people_count().map_err(central_error)? >= count {
        return Ok(());
    }
    let reader = config.embedder().map(|model| FaceReader::new(Some(&model)));
    let reader = reader.transpose().map_err(central_error)?;
    let invented = |n| match &reader {
        Some(reader) if n < people::WITH_PORTRAIT => people::with_portrait(n, reader),
        _ => people::person(n),
    };
    admin
        .import(&people::registers(), (0..count).map(invented))
        .map_err(central_error)?;
    Ok(())
}
