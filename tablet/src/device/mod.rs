//! What the tablet is made of, a trait each; a real driver is one file beside its trait.

/// Every variant of a fault; one that is left out does not compile.
macro_rules! every {
    ($kind:ident: $($fault:ident),+ $(,)?) => {{
        const fn complete(fault: $kind) {
            match fault {
                $($kind::$fault => ()),+
            }
        }
        let _ = complete;
        [$($kind::$fault),+]
    }};
}

mod camera;
mod clock;
mod code;
mod daylight;
pub mod keystore;
mod picture;
mod power;
mod qr;
mod scanner;
mod settings;
mod speaker;
mod suspend;
mod voice;

pub use camera::{Camera, CameraFault, CameraStream, Facing, NoCamera};
pub use clock::{Clock, SystemClock};
pub use code::read_code;
pub use daylight::{BadDaylight, Daylight};
pub use keystore::{KeyName, KeyStore, KeyStoreError};
pub use picture::{MOST_SIDE, Picture, PictureError};
pub use power::{Battery, Power, SysfsPower};
pub use qr::{NoCode, QUIET_MODULES, QrCode, read_qr};
pub use scanner::{
    Cancel, CaptureRequest, Captured, NoScanner, Preview, Scanner, ScannerDescription, ScannerFault,
};
pub use settings::{Kept, Settings, SettingsFile, TEXT_PERCENTS, ThemeChoice};
pub use speaker::{NoSpeaker, Signal, Speaker, system_speaker};
pub use suspend::{
    NoSuspendWatch, SuspendWatch, Suspension, hold_suspend_signal, system_suspend_watch,
};
#[cfg(target_os = "linux")]
pub use voice::SpeechDispatcher;
pub use voice::{NoVoice, Voice, VoiceFault, system_voice};
