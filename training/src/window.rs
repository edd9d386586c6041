//! A training in one window, as on one tablet.

use crate::compose::{Options, Training, TrainingError, start_behind_guide};
use demo::stage::StageError;
use e_patrul::app::{App, AppOptions};
use std::path::Path;
use tokio::sync::mpsc::unbounded_channel;

/// Runs until the window is closed.
///
/// # Errors
/// A part cannot be made, or there is no display.
pub fn run(
    runtime: &tokio::runtime::Runtime,
    dir: &Path,
    options: &Options,
    night: bool,
) -> Result<(), TrainingError> {
    let training = runtime.block_on(Training::compose(dir, options))?;
    let (commands, commands_rx) = unbounded_channel();
    let (updates_tx, updates) = unbounded_channel();
    let trainee = &options.trainee;
    let shown = AppOptions {
        night,
        demo_credentials: Some((trainee.login.clone(), trainee.password.clone())),
    };
    let app = App::new(commands, shown).map_err(StageError::from)?;
    app.spawn_updates(updates).map_err(StageError::from)?;
    let Training {
        world,
        tablet,
        guide,
    } = training;
    let worker = start_behind_guide(runtime.handle(), guide, tablet, commands_rx, updates_tx);
    let worker = worker.map_err(StageError::from)?;
    // Its end tells the worker to stop, through the guide.
    app.run().map_err(StageError::from)?;
    // The worker ends by its loop.
    let _ = worker.join();
    drop(world);
    Ok(())
}
